"""Depth: gradients that vanish, and gradients that explode.

A deep model is a long chain, and by the chain rule its gradient is a product with a factor
for each layer. If most factors are below 1, little is left of it at the first layers: they
hardly learn. If most are above 1, a single step throws the weights far away.

This chapter shows both, what in a model brings them about, and what is done against them:
other activations, connections around a layer, a good start, and clipping.

By the end you can tell why a deep model does not learn, make it start well, clip its
gradients at the right place, and read "torch.nn.utils.clip_grad_norm_" in PyTorch's reference.

This is a whole, and a good place to stop: you know what happens when a model is trained. What
lies beyond is for who wants to know more: hooks, functions of your own, derivatives of
derivatives, the engine room, broken programs to mend, and an engine that you build yourself.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def test_a_chain_of_two_hundred():
    """Two hundred products in a row, in float32. What are the three gradients? Give a list."""
    gradients = []
    for factor in [0.5, 1.0, 2.0]:
        x = torch.tensor(1.0, requires_grad=True)
        y = x
        for _ in range(200):
            y = factor * y
        y.backward()
        gradients.append(x.grad.item())
    assert gradients == __


def test_nine_sigmoid_neurons():
    """Nine sigmoid neurons in a row. With weight 1, x.grad is 0.25**9. Which weight gives 1?"""
    x = torch.tensor(0.0, requires_grad=True)
    h = x
    weight = __
    for _ in range(9):
        h = torch.sigmoid(weight * h) - 0.5
    h.backward()
    assert x.grad == 1.0


def test_the_activations_that_let_it_through():
    """One activation twenty times. Which ones keep the gradient above 0.5? Give their names."""
    activations = [torch.sigmoid, torch.tanh, torch.relu, F.leaky_relu]
    kept = []
    for f in activations:
        x = torch.tensor(1.0, requires_grad=True)
        h = x
        for _ in range(20):
            h = f(h)
        h.backward()
        if x.grad > 0.5:
            kept.append(f.__name__)
    assert kept == __


def test_around_the_layer():
    """Here f is a layer. Write the new h so that the gradient has a path around f, too."""

    def f(h):
        return h**2 / 8

    for depth, gradient in [(1, 1.25), (2, 1.6015625)]:
        x = torch.tensor(1.0, requires_grad=True)
        h = x
        for _ in range(depth):
            # It was: h = f(h)
            h = __
        h.backward()
        assert x.grad == gradient


def test_a_small_weight_behind():
    """v is small, and multiplies a sigmoid. What are the gradients? Give both, in a list."""
    w = torch.tensor(0.0, requires_grad=True)
    v = torch.tensor(0.03125, requires_grad=True)
    y = v * torch.sigmoid(2 * w)
    y.backward()
    assert [w.grad.item(), v.grad.item()] == __


def test_all_zero():
    """Every parameter starts at 0. Which get a gradient that is not 0? Give their names.

    A name such as "0.weight" has the number of the layer, counted from 0, before the dot.
    """
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    for p in model.parameters():
        nn.init.zeros_(p)
    model(torch.ones(4, 2)).sum().backward()
    names = []
    for name, p in model.named_parameters():
        if p.grad.any():
            names.append(name)
    assert names == __


def test_three_equal_units():
    """Three equal units stay equal, however long they are trained. Which line changes that?"""
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    for p in model.parameters():
        nn.init.constant_(p, 0.25)
    __
    for _ in range(5):
        model.zero_grad()
        (model(torch.tensor([[1.0, 2.0]])) - 2).square().sum().backward()
        with torch.no_grad():
            for p in model.parameters():
                p.sub_(0.25 * p.grad)
    assert not torch.allclose(model[0].weight[0], model[0].weight[1])


def test_one_norm_for_all():
    """clip_grad_norm_ brings the norm of all gradients to at most max_norm. What are the three?

    Give the norm that is returned, p.grad and q.grad, in a list.
    """
    p = nn.Parameter(torch.tensor(0.0))
    q = nn.Parameter(torch.tensor(0.0))
    p.grad, q.grad = torch.tensor(6.0), torch.tensor(8.0)
    norm = nn.utils.clip_grad_norm_([p, q], max_norm=5.0)
    values = [norm, p.grad, q.grad]
    assert [round(value.item(), 4) for value in values] == __


def test_clipping_by_hand():
    """Write what clip_grad_norm_ makes of a gradient, from its norm and max_norm."""

    def clipped(grad, norm, max_norm):
        return __

    for size in [3.0, 0.25]:
        p = nn.Parameter(torch.zeros(2))
        p.grad = torch.tensor([4.0, -3.0]) * size
        predicted = clipped(p.grad, p.grad.norm(), 2.0).tolist()
        nn.utils.clip_grad_norm_([p], 2.0)
        assert p.grad.tolist() == pytest.approx(predicted, abs=1e-4)


def test_two_ways_to_clip():
    """p is clipped by the norm, q by the value. What are the gradients? Give a list of lists.

    clip_grad_value_ limits each element of a gradient by itself.
    """
    p = nn.Parameter(torch.zeros(2))
    q = nn.Parameter(torch.zeros(2))
    p.grad, q.grad = torch.tensor([6.0, -8.0]), torch.tensor([6.0, -8.0])
    nn.utils.clip_grad_norm_([p], 5.0)
    nn.utils.clip_grad_value_([q], 5.0)
    gradients = [[round(v, 4) for v in t.grad.tolist()] for t in [p, q]]
    assert gradients == __


def test_where_clipping_belongs():
    """Two steps with clipped gradients. In which order? Give the four names, in a list.

    An old gradient is still there. It should have no part in the steps.
    """
    w = nn.Parameter(torch.tensor(0.0))
    w.grad = torch.tensor(-100.0)
    optimizer = torch.optim.SGD([w], lr=1.0)

    def backward():
        (8 * w).backward()

    calls = {"step": optimizer.step, "zero_grad": optimizer.zero_grad}
    calls["backward"] = backward
    calls["clip"] = lambda: nn.utils.clip_grad_norm_([w], 2.0)
    order = __
    for name in order * 2:
        calls[name]()
    assert w.item() == pytest.approx(-4.0, abs=1e-4)


def test_a_huge_step():
    """A look back at chapter 13. Here w ends as NaN. Write a line with which it ends at 3.5."""
    w = nn.Parameter(torch.tensor(4.0))
    for _ in range(4):
        w.grad = None
        loss = (w**20 - 1) ** 2
        loss.backward()
        __
        with torch.no_grad():
            w -= 0.125 * w.grad
    assert w.item() == pytest.approx(3.5, abs=1e-4)


def test_layer_by_layer():
    """A look back at chapter 5. Each output keeps its gradient. What is in gradients?"""
    h = torch.tensor(0.0, requires_grad=True)
    outputs = []
    for _ in range(4):
        h = torch.sigmoid(h) - 0.5
        h.retain_grad()
        outputs.append(h)
    h.backward()
    gradients = [output.grad.item() for output in outputs]
    assert gradients == __
