"""Modules and optimizers: where parameters live, and what moves them.

A module holds parameters, and the computation that uses them. An optimizer is given the same
parameters, and changes them by their gradients. Neither is part of autograd: parameters are
leaf tensors that require grad, and all that passes between backward() and the optimizer is
what lies in .grad.

optimizer = torch.optim.SGD([w], lr=0.25) makes an optimizer that holds w. Its step() does
w -= lr * w.grad, as in chapter 9, and its zero_grad() clears w.grad. nn.Sequential applies its
layers one after the other. state_dict() returns a dict from names to tensors, and
load_state_dict() reads one back.

Most mistakes here raise nothing: a parameter that the module doesn't list, one that the
optimizer doesn't hold, a frozen one that moves all the same.

By the end you can say which parameters a step will change, freeze a part of a model, set and
keep its weights, and read "Neural Network Training with Modules" in PyTorch's note Modules.
"""

import contextlib
import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def test_the_shapes_of_the_gradients():
    """parameters() lists weights and biases, layer by layer. What is in shapes? Give a list."""
    layers = [nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), nn.Sigmoid()]
    model = nn.Sequential(*layers)
    model(torch.ones(2)).sum().backward()
    shapes = [list(p.grad.shape) for p in model.parameters()]
    assert shapes == __


def test_the_gradient_of_a_weight():
    """Write the gradient of a layer's weight, from its input x and the gradient of its bias."""

    def gradient_of_weight(gradient_of_bias, x):
        return __

    for values in [[1.0, 0.0], [3.0, -0.5]]:
        layer = nn.Linear(2, 3)
        x = torch.tensor(values)
        (torch.tensor([1.0, -2.0, 4.0]) * layer(x)).sum().backward()
        expected = layer.weight.grad.tolist()
        layer.weight.grad = None
        assert gradient_of_weight(layer.bias.grad, x).tolist() == expected


def test_layers_in_a_list():
    """The layers in the comment are not among the parameters. Write a better self.layers."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            # It was: self.layers = [nn.Linear(1, 1), nn.Linear(1, 1)]
            self.layers = __

    assert len(list(Net().parameters())) == 4


def test_what_a_step_leaves():
    """The optimizer holds g alone. What do step() and zero_grad() leave? Give four values.

    They are g and g.grad after step(), then g.grad and d.grad after zero_grad().
    """
    g = nn.Parameter(torch.tensor(2.0))
    d = nn.Parameter(torch.tensor(3.0))
    optimizer = torch.optim.SGD([g], lr=0.25)
    (d * g).backward()
    optimizer.step()
    after_step = [g.item(), g.grad.item()]
    optimizer.zero_grad()
    assert [*after_step, g.grad, d.grad] == __


def test_a_frozen_layer_in_the_middle():
    """Write the line that freezes model[1]. Which layers get a gradient then? Give a list."""
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(3)))
    __
    assert not any(p.requires_grad for p in model[1].parameters())
    model(torch.ones(1)).sum().backward()
    given = [i for i, m in enumerate(model) if m.weight.grad is not None]
    assert given == __


def test_what_a_step_looks_at():
    """weight_decay=0.5 adds half of a weight to its gradient. What are a, b, c? Give a list."""
    a = nn.Parameter(torch.tensor(4.0))
    b = nn.Parameter(torch.tensor(4.0))
    c = nn.Parameter(torch.tensor(4.0))
    b.grad = torch.tensor(0.0)
    c.grad = torch.tensor(2.0)
    c.requires_grad_(False)
    torch.optim.SGD([a, b, c], lr=0.25, weight_decay=0.5).step()
    assert [a.item(), b.item(), c.item()] == __


def test_a_copy_of_the_best_weights():
    """The line in the comment should keep the weights as they are now. Write one that does."""
    for value in [4.0, -2.0]:
        model = nn.Linear(1, 1, bias=False)
        nn.init.constant_(model.weight, value)
        # It was: best = model.state_dict()
        best = __
        with torch.no_grad():
            model.weight.sub_(1.0)
        model.load_state_dict(best)
        assert model.weight.item() == value


def test_set_a_weight():
    """With the line in the comment, step() no longer moves the weight. Write a better line."""
    model = nn.Linear(1, 1, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    # It was: model.weight = nn.Parameter(torch.tensor([[3.0]]))
    __
    assert model.weight.item() == 3.0
    model(torch.ones(1)).sum().backward()
    optimizer.step()
    assert model.weight.item() == 2.5


def test_weight_decay_in_three_optimizers():
    """Only weight decay moves p here. Which optimizers scale both numbers by the same factor?

    Adam divides each gradient by its recent size, SGD does not. Both add the decay to the
    gradient; AdamW subtracts it from p directly. Give the names, as text.
    """
    names = []
    for kind in [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW]:
        p = nn.Parameter(torch.tensor([8.0, 1.0]))
        p.grad = torch.zeros(2)
        kind([p], lr=0.25, weight_decay=0.25).step()
        large, small = p.tolist()
        assert large < 8.0
        if large == pytest.approx(8 * small):
            names.append(kind.__name__)
    assert names == __


def test_dropout_and_eval():
    """Dropout should be off after eval(), but isn't. Write what forward should return."""

    class Net(nn.Module):
        def forward(self, x):
            # It was: return F.dropout(x, 0.5)
            return __

    net, x = Net(), torch.ones(1000)
    assert set(net(x).tolist()) == {0.0, 2.0}
    net.eval()
    assert set(net(x).tolist()) == {1.0}


def test_tied_weights():
    """Two layers share one weight. What are count, the gradient and the weight? Give a list."""
    first = nn.Linear(1, 1, bias=False)
    second = nn.Linear(1, 1, bias=False)
    second.weight = first.weight
    nn.init.constant_(first.weight, 3.0)
    model = nn.Sequential(first, second)
    count = len(list(model.parameters()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    model(torch.ones(1)).sum().backward()
    optimizer.step()
    assert [count, first.weight.grad, second.weight] == __


def test_what_an_optimizer_accepts():
    """A look back at chapter 5. Which of these does an optimizer accept? Give their names."""
    w = torch.tensor(2.0, requires_grad=True)
    half = w * 0.5
    tensors = {"a": torch.tensor(2.0), "b": w, "c": half}
    tensors |= {"d": half.detach(), "e": nn.Parameter(half)}
    accepted = []
    for name, tensor in tensors.items():
        with contextlib.suppress(ValueError):
            torch.optim.SGD([tensor], lr=0.25)
            accepted.append(name)
    assert accepted == __


def test_momentum_by_hand():
    """A look back at chapter 9. With momentum, a step follows a velocity. Write the new one.

    It is half of the old velocity plus the gradient.
    """
    a = nn.Parameter(torch.tensor(4.0))
    b = nn.Parameter(torch.tensor(4.0))
    optimizer = torch.optim.SGD([a], lr=0.25, momentum=0.5)
    velocity = torch.tensor(0.0)
    for power in [2, 3, 2]:
        a.grad = b.grad = None
        (a**power + b**power).backward()
        optimizer.step()
        velocity = __
        with torch.no_grad():
            b -= 0.25 * velocity
        assert b.item() == a.item()
