"""Losses, and the gradients that they send back.

A model is trained by the gradient of its loss, so a loss has to do two things: be low where
the model is right, and push hard enough where it is wrong. This chapter takes the three
common losses, squared error, binary cross-entropy and cross-entropy, and looks at what each
sends back to the output of the model.

On paper, several formulas are the same loss. In float32 they are not: a probability rounds
to 0 or 1, a logarithm becomes infinite, and the examples that the model gets most wrong no
longer teach it anything.

By the end you can work out the gradient of each of these losses, choose the form that stays
right in float32, and read "torch.nn.CrossEntropyLoss" in PyTorch's reference.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def test_half_a_square():
    """Half a squared error, and nn.MSELoss. What are the gradients? Give both, in a list."""
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(2.0, requires_grad=True)
    target = torch.tensor(5.0)
    half = (a - target) ** 2 / 2
    mse = nn.MSELoss()(b, target)
    (half + mse).backward()
    assert [a.grad.item(), b.grad.item()] == __


def test_an_example_that_counts_twice():
    """With reduction="none" losses stay apart. Write a loss in which the first counts double.

    The others count once, and nothing is divided.
    """
    for rows in [2, 4]:
        target = torch.zeros(rows)
        v = torch.tensor([3.0, 1.0, -2.0, 4.0])[:rows].requires_grad_()
        each = F.mse_loss(v, target, reduction="none")
        loss = __
        loss.backward()
        assert v.grad.tolist() == [12.0, 2.0, -4.0, 8.0][:rows]


def test_binary_cross_entropy_by_hand():
    """For y = 1 the loss is -log(p), for y = 0 it is -log(1 - p). Write both as one formula."""

    def loss(p, y):
        return __

    for p, y in [(0.25, 1.0), (0.25, 0.0), (0.875, 1.0)]:
        tensors = torch.tensor(p), torch.tensor(y)
        expected = F.binary_cross_entropy(*tensors).item()
        assert float(loss(p, y)) == pytest.approx(expected, abs=1e-5)


def test_wrong_and_sure_of_it():
    """The model is sure, and wrong: p is almost 0, but y is 1. What are the two gradients of z?

    z is called a logit. Give both gradients in a list, rounded to three places.
    """
    gradients = []
    y = torch.tensor(1.0)
    for loss in [F.binary_cross_entropy, F.mse_loss]:
        z = torch.tensor(-12.0, requires_grad=True)
        p = torch.sigmoid(z)
        loss(p, y).backward()
        gradients.append(round(z.grad.item(), 3))
    assert gradients == __


def test_clamped_in_float32():
    """p rounds to 1, so it is clamped. Which eps leave the loss infinite? Give a list."""
    p = torch.sigmoid(torch.tensor(20.0))
    assert p == 1.0 and p.dtype == torch.float32
    infinite = []
    for eps in [1e-5, 1e-7, 1e-8, 1e-9]:
        clamped = p.clamp(eps, 1 - eps)
        loss = -torch.log(1 - clamped)
        if loss == math.inf:
            infinite.append(eps)
    assert infinite == __


def test_a_loss_that_still_pushes():
    """At 20 and -50 the loss in the comment gives z a gradient of almost 0. Write a better one.

    Both are mistakes that the model is sure of, and its gradient should correct them.
    """
    losses, gradients = [], []
    for logit, label in [(20.0, 0.0), (-50.0, 1.0), (0.0, 1.0)]:
        z = torch.tensor(logit, requires_grad=True)
        y, p = torch.tensor(label), torch.sigmoid(z)
        # For y = 1 it was -torch.log(p + 1e-8),
        # and for y = 0 it was -torch.log(1 - p + 1e-8).
        loss = __
        loss.backward()
        losses.append(loss.item())
        gradients.append(z.grad.item())
    assert losses == pytest.approx([20.0, 50.0, 0.6931], abs=1e-4)
    assert gradients == pytest.approx([1.0, -1.0, -0.5], abs=1e-4)


def test_the_gradient_of_a_logit():
    """Binary cross-entropy, where p is sigmoid(w * x). Write its derivative with respect to w.

    It is the product of (p - y) / (p * (1 - p)) for the loss, p * (1 - p) for the sigmoid, and
    a third factor for w * x. It has to hold where p rounds to 1, too.
    """

    def derivative(p, y, x):
        return __

    for x, y in [(2.0, 1.0), (-4.0, 1.0), (20.0, 0.0)]:
        w = torch.tensor(1.0, requires_grad=True)
        z = w * x
        (F.softplus(z) - y * z).backward()
        predicted = derivative(torch.sigmoid(z).detach(), y, x)
        assert w.grad.item() == pytest.approx(float(predicted), abs=1e-5)


def test_the_gradient_of_cross_entropy():
    """one_hot has a 1 at each target, and 0 elsewhere. Write the gradient of the logits."""
    for rows in [1, 2]:
        numbers = [[2.0, 0.0, -1.0], [0.0, 1.0, 3.0]]
        logits = torch.tensor(numbers[:rows], requires_grad=True)
        target = torch.tensor([0, 1])[:rows]
        p = logits.detach().softmax(1)
        one_hot = F.one_hot(target, 3)
        gradient = __
        F.cross_entropy(logits, target).backward()
        assert torch.allclose(logits.grad, gradient)


def test_an_ignored_row():
    """A row whose target is ignore_index is ignored. What is in logits.grad? Give a list."""
    logits = torch.zeros(3, 2, requires_grad=True)
    target = torch.tensor([0, -100, 1])
    loss = F.cross_entropy(logits, target, ignore_index=-100)
    loss.backward()
    assert logits.grad.tolist() == __


def test_a_softmax_before_the_loss():
    """sure is already a softmax: 1, 0, 0. What are the losses, to 4 places? Give a list."""
    sure = torch.tensor([[40.0, 0.0, 0.0]]).softmax(1)
    right = F.cross_entropy(sure, torch.tensor([0]))
    wrong = F.cross_entropy(sure, torch.tensor([1]))
    losses = [round(right.item(), 4), round(wrong.item(), 4)]
    assert losses == __


def test_what_the_model_should_return():
    """With the line in the comment a confident mistake gets no gradient. Write a better one."""
    for score in [1.0, 200.0]:
        logits = torch.tensor([[0.0, score, 0.0]], requires_grad=True)
        # It was: output = logits.softmax(1)
        output = __
        loss = F.cross_entropy(output, torch.tensor([0]))
        loss.backward()
        expected = logits.detach().softmax(1)[0, 0].item() - 1
        gradient = logits.grad[0, 0].item()
        assert gradient == pytest.approx(expected, abs=1e-5)


def test_the_logarithm_of_a_softmax():
    """A look back at chapter 13. What are the loss and w.grad? Give both, in a list."""
    w = torch.tensor(1.0, requires_grad=True)
    scores = w * torch.tensor([160.0, 0.0])
    p = scores.softmax(0)
    assert p.tolist() == [1.0, 0.0]
    loss = -torch.log(p)[1]
    loss.backward()
    assert [loss.item(), w.grad.item()] == pytest.approx(
        __,
        nan_ok=True,
    )


def test_a_target_of_another_shape():
    """A look back at chapter 7. The loss should be 3, but torch warns. Write another target."""
    prediction = torch.tensor([[1.0], [2.0], [6.0]], requires_grad=True)
    target = torch.tensor([1.0, 2.0, 9.0])
    with pytest.warns(UserWarning, match="Using a target size"):
        loss = F.mse_loss(prediction, target)
    assert loss.item() == pytest.approx(18.3333, abs=1e-4)
    target = __
    assert F.mse_loss(prediction, target) == 3.0
