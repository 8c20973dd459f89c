"""The chain rule, and the graph it runs on.

While you compute with something that requires grad, torch writes down which operation made
each result, and from what. This record is the graph. backward() walks it from the result
to the leaves, where no recorded operation leads further back. What it does with the slopes on
its way, along a road and where roads meet, is what you will find out.

By the end you can read a graph from its result to its leaves, work out a slope along roads
that fork and meet, and find the place where one was cut.
"""

import math

import pytest
import torch

from sensei import __


def test_local_slopes():
    """Three steps, each by itself: a square, a sum, a square. What is the slope of each?"""
    x = torch.tensor(3.0, requires_grad=True)
    h = torch.tensor(9.0, requires_grad=True)
    g = torch.tensor(10.0, requires_grad=True)
    (x**2).backward()
    (h + 1).backward()
    (g**2).backward()
    slopes = [x.grad.item(), h.grad.item(), g.grad.item()]
    assert slopes == __


def test_three_steps_in_a_row():
    """Now the three steps in a row. How fast does f move with x?"""
    x = torch.tensor(3.0, requires_grad=True)
    h = x**2
    g = h + 1
    f = g**2
    f.backward()
    assert x.grad == __


def test_one_walk_fills_every_leaf():
    """y = w*x + b is 7, and 10 was wanted. One backward(): what are the three slopes?"""
    x = torch.tensor(2.0, requires_grad=True)
    w = torch.tensor(3.0, requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    loss = (w * x + b - 10) ** 2
    loss.backward()
    slopes = [x.grad.item(), w.grad.item(), b.grad.item()]
    assert slopes == __


def test_what_you_would_write_by_hand():
    """The same loss, (w*x + b - 10) ** 2. Write its derivative in w."""

    def slope_in_w(w, x, b):
        return __

    for w, x, b in [(3.0, 2.0, 1.0), (-1.0, 4.0, 0.5), (2.0, 0.0, 1.0)]:
        predicted = slope_in_w(w, x, b)
        weight = torch.tensor(w, requires_grad=True)
        ((weight * x + b - 10) ** 2).backward()
        assert weight.grad == predicted


def test_used_twice():
    """x is both factors of this product. How fast does y move?"""
    x = torch.tensor(5.0, requires_grad=True)
    y = x * x
    y.backward()
    assert x.grad == __


def test_where_roads_meet():
    """x goes two ways, through a and through b. How fast does y move with x?"""
    x = torch.tensor(4.0, requires_grad=True)
    a = x**2
    b = 3 * x
    y = a * b
    y.backward()
    assert x.grad == __


def test_who_has_a_grad_fn():
    """grad_fn is the node that walks back over what made a tensor. Whose is None?"""
    x = torch.tensor(2.0, requires_grad=True)
    c = torch.tensor(1.0)
    four = [x, x**2, c, c + 1]
    without = [tensor.grad_fn is None for tensor in four]
    assert without == __


def test_the_name_of_a_grad_fn():
    """grad_fn is the node of one operation, the last. What is the name of that of y?"""
    x = torch.tensor(2.0, requires_grad=True)
    y = (x + 1) * (x + 2)
    assert (x + 1).grad_fn.name() == "AddBackward0"
    assert (x * 1).grad_fn.name() == "MulBackward0"
    assert (x**2).grad_fn.name() == "PowBackward0"
    assert y.grad_fn.name() == __


def test_one_step_back():
    """next_functions leads back to what made the inputs, in order. What made these?"""
    x = torch.tensor(2.0, requires_grad=True)
    y = (x + 1) * x**2
    before = [node.name() for node, _ in y.grad_fn.next_functions]
    assert before == __


def test_where_the_walk_ends():
    """The last node of a road is called AccumulateGrad, and holds a tensor. Which one?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    end = y.grad_fn.next_functions[0][0]
    assert end.name() == "torch::autograd::AccumulateGrad"
    assert end.variable is __


def test_the_branch_that_ran():
    """An if is no operation. What does torch know of this function, for x = -2?"""

    def f(v):
        return v**2 if v > 0 else 3 * v

    x = torch.tensor(-2.0, requires_grad=True)
    f(x).backward()
    assert x.grad == __


def test_a_loop():
    """A loop that runs as often as it must. How fast does the last y move with x?"""
    x = torch.tensor(1.75, requires_grad=True)
    y = x
    while y < 10:
        y = y * 2
    y.backward()
    assert x.grad == __


def test_an_outer_and_an_inner_slope():
    """The sine of a square. Write its derivative; v is a plain number, so use math."""

    def slope(v):
        return __

    for place in [4.0, 1.0, -0.5]:
        predicted = slope(place)
        x = torch.tensor(place, requires_grad=True)
        torch.sin(x**2).backward()
        assert x.grad.item() == pytest.approx(float(predicted), abs=1e-5)


def test_item_on_the_way():
    """item() turns a tensor into a Python number. What does a later backward() raise?"""
    x = torch.tensor(2.0, requires_grad=True)
    h = (x**2).item() + 3
    f = h**2
    with pytest.raises(Exception) as caught:
        f.backward()
    assert caught.type is __


def test_mend_the_cut():
    """Somebody wrote (x**2).item() for h, and x got no slope. Write a better h."""
    for place, slope in [(2.0, 56.0), (1.0, 16.0)]:
        x = torch.tensor(place, requires_grad=True)
        h = __
        f = (h + 3) ** 2
        f.backward()
        assert x.grad == slope
