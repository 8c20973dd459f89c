"""Training loops.

All the parts are known: the forward pass, the loss, backward(), the update, and clearing the
gradients. A training loop only repeats them, in the right order. But most mistakes in it raise
nothing: the loop runs, and learns badly, or not at all.

Here a line is fitted, a single neuron is trained by hand, and a small network tells a disc
from the ring around it. Then the model is evaluated, and a batch is cut into uneven pieces.

By the end you can write a training loop, tell from a symptom what is wrong with one, evaluate
a model, cut a batch into pieces of any size, and read "Full Implementation" in PyTorch's
tutorial Optimizing Model Parameters.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def around(n):
    """Return n points on a circle around 0, of radius 1: one point a row."""
    angle = torch.arange(n) * (2 * math.pi / n)
    return torch.stack([angle.cos(), angle.sin()], dim=1)


def disc_and_ring():
    """Return 16 points, and their labels: 0 in the disc, 1 in the ring around it."""
    X = torch.cat([around(8), 4 * around(8)])
    y = torch.cat([torch.zeros(8, 1), torch.ones(8, 1)])
    return X, y


def update(*parameters):
    """Take a step of gradient descent by hand, and clear the gradients."""
    for p in parameters:
        with torch.no_grad():
            p.sub_(0.5 * p.grad)
        p.grad = None


def test_the_five_steps():
    """Two rounds of training, five steps each. In which order? Give five names, in a list."""
    w, outputs, losses = torch.tensor(1.0, requires_grad=True), [], []
    optimizer = torch.optim.SGD([w], lr=0.0625)
    steps = {
        "clear": optimizer.zero_grad,
        "update": optimizer.step,
        "backward": lambda: losses.pop().backward(),
        "loss": lambda: losses.append((outputs.pop() - 6) ** 2),
        "forward": lambda: outputs.append(3 * w),
    }
    for name in 2 * __:
        steps[name]()
    assert w == 1.984375


def test_a_hundred_epochs():
    """An epoch is one round over all the data. What is w after a hundred? Give one decimal."""
    x = torch.tensor([-1.0, 1.0])
    y = 2.0 * x + 1.0
    w = torch.tensor(0.0, requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    for _ in range(100):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
            b -= 0.01 * b.grad
        w.grad = b.grad = None
    assert round(w.item(), 1) == __


def test_a_noisy_line():
    """The targets are 2 * x + 1 plus noise. Where do w and b end? Give both, in a list."""
    x = torch.tensor([-1.0, -1.0, 1.0, 1.0])
    y = 2 * x + 1 + torch.tensor([0.5, 0.0, 0.0, 1.5])
    w = torch.tensor(0.0, requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    for _ in range(20):
        F.mse_loss(w * x + b, y).backward()
        update(w, b)  # takes half of the gradient
    assert [w.item(), b.item()] == __


def test_a_neuron_forward():
    """One sigmoid neuron with target 1. What are z, a and loss? Give all three, in a list."""
    x = torch.tensor([2.0, 0.0])
    w = torch.tensor([1.0, 3.0])
    b = torch.tensor(-2.0)
    z = w @ x + b
    a = torch.sigmoid(z)
    loss = 0.5 * (a - 1) ** 2
    assert [z.item(), a.item(), loss.item()] == __


def test_a_neuron_backward():
    """The same neuron. What are the gradients of a, z, w and b? Give all four, in a list."""
    x = torch.tensor([2.0, 0.0])
    w = torch.tensor([1.0, 3.0], requires_grad=True)
    b = torch.tensor(-2.0, requires_grad=True)
    z = w @ x + b
    a = torch.sigmoid(z)
    z.retain_grad()
    a.retain_grad()
    loss = 0.5 * (a - 1) ** 2
    loss.backward()
    gradients = [t.grad.tolist() for t in [a, z, w, b]]
    assert gradients == __


def test_five_epochs_by_hand():
    """Five epochs for each of two targets, without autograd. Write the derivative dloss/dz."""
    losses = []
    for y in [0.0, 1.0]:
        w, b = 0.0, 0.0
        for _ in range(5):
            z = w * 2 + b
            a = 1 / (1 + math.exp(-z))
            losses.append(0.5 * (a - y) ** 2)
            dz = __
            w, b = w - 0.5 * dz * 2, b - 0.5 * dz
    falling = [0.125, 0.08926, 0.06523, 0.0495, 0.03899]
    assert losses == pytest.approx(2 * falling, abs=0.0001)


def test_a_line_between_disc_and_ring():
    """From a disc (0) and a ring (1) a linear model learns nothing. Why is w.grad 0 here?

    a: for each point by itself the gradient is 0. b: the sigmoid is saturated. c: the
    gradients of opposite points cancel. Which are true? Give the letters, as text, in a list.
    """
    X = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 4.0], [0.0, -4.0]])
    y = torch.tensor([0.0, 0.0, 1.0, 1.0])
    w = torch.zeros(2, requires_grad=True)
    p = torch.sigmoid(X @ w)
    F.binary_cross_entropy(p, y).backward()
    assert w.grad.tolist() == [0.0, 0.0]
    each = (p - y)[:, None] * X
    reasons = {"a": not each.any(), "b": (p * (1 - p) < 0.01).all()}
    reasons["c"] = each[0].equal(-each[1]) and each[2].equal(-each[3])
    assert [letter for letter, holds in reasons.items() if holds] == __


def test_a_hidden_layer():
    """W1, a ReLU and W2, plus b at the end: write the logits z of this network."""
    X, y = disc_and_ring()
    W1 = around(8).T.requires_grad_()
    W2 = torch.full((8, 1), 0.25, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(20):
        z = __
        loss = F.binary_cross_entropy_with_logits(z, y)
        loss.backward()
        update(W1, W2, b)
    assert ((z > 0).float() == y).float().mean() == 1.0
    assert loss.item() == pytest.approx(0.2695, abs=0.001)


def test_weights_at_half_their_size():
    """A look back at chapter 5. As it was, W1.grad was None. Write W1 as it was meant."""
    X, _ = disc_and_ring()
    # It was: W1 = around(8).T.requires_grad_() * 0.5
    W1 = __
    assert torch.equal(W1, around(8).T * 0.5)
    (X @ W1).square().mean().backward()
    update(W1)
    assert W1.is_leaf and not torch.equal(W1, around(8).T * 0.5)


def test_an_evaluation():
    """Evaluate without dropout and without a graph. Write a line, and a context manager."""
    model = nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.5))
    nn.init.ones_(model[0].weight)
    nn.init.zeros_(model[0].bias)
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    __
    with __:
        output = model(X)
    model.train()
    assert not output.requires_grad
    assert output.tolist() == [[3.0], [7.0]]
    assert model(X).tolist() != [[3.0], [7.0]]


def test_uneven_pieces():
    """Six examples in pieces of 4 and 2. Write the factor that makes both ways agree."""
    x = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    y = torch.tensor([3.0, 2.0, 5.0, 4.0, 1.0, 5.0])
    w = torch.tensor(1.0, requires_grad=True)
    F.mse_loss(w * x, y).backward()
    whole, w.grad = w.grad.item(), None
    for xs, ys in zip(x.split(4), y.split(4), strict=True):
        loss = F.mse_loss(w * xs, ys)
        factor = __
        (loss * factor).backward()
    assert w.grad.item() == pytest.approx(whole, abs=0.0001)


def test_a_neuron_on_logits():
    """A look back at chapter 15. What are w.grad and b.grad? Give both, in a list."""
    x, y = torch.tensor(4.0), torch.tensor(0.0)
    w = torch.tensor(1.5, requires_grad=True)
    b = torch.tensor(-6.0, requires_grad=True)
    z = w * x + b
    F.binary_cross_entropy_with_logits(z, y).backward()
    assert [w.grad.item(), b.grad.item()] == __


def test_a_loss_from_before_the_loop():
    """A look back at chapter 11. The loss is computed once. What is in seen? Give a list."""
    w = torch.tensor(1.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.0625)
    loss = (3 * w - 6) ** 2
    seen = []
    for _ in range(3):
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        optimizer.step()
        seen.append(w.item())
    assert seen == __
