"""One number in, one number out.

Make a tensor with requires_grad=True, compute something from it, call backward() on the
result, and the slope is in .grad of the tensor you began with. This chapter needs no more
than that. Read a koan, predict what torch will do, write it over the blank.

Some words: a tensor is torch's container of numbers, and torch.tensor(3.0) holds a single one.
One that requires grad is watched; its slope is what torch calls the gradient; the backward
pass, from the result to where it came from, is a walk back. In training the result is the
loss, which says how wrong a model is, and the watched tensors are the model's parameters.

At its end you can say what backward() leaves in .grad and what it leaves alone, work out by
hand what torch works out for you, and take one step downhill.
"""

import torch

from sensei import __


def test_before_backward():
    """x is watched and y is computed, but nobody has called backward(). What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    assert y == 9.0
    assert x.grad == __


def test_backward_fills_grad():
    """backward() works out how fast y moves with x, and leaves it in x.grad. How fast?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    y.backward()
    assert x.grad == __


def test_y_before_and_after():
    """item() reads the Python number in a tensor. What is y before, and afterwards?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    before = y.item()
    y.backward()
    after = y.item()
    assert [before, after] == __


def test_you_start_the_walk():
    """Nothing happens to x.grad until you say so. Which line puts the slope there?"""
    slopes = []
    for f in [lambda v: v**2, lambda v: 3 * v]:
        x = torch.tensor(5.0, requires_grad=True)
        y = f(x)
        __
        slopes.append(x.grad.item())
    assert slopes == [10.0, 3.0]


def test_a_sum_of_terms():
    """A polynomial: each term has a slope of its own. What is the slope of the whole?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2 + 2 * x + 1
    y.backward()
    assert x.grad == __


def test_a_curve_lifted():
    """The second curve lies 100 above the first. What are the two slopes?"""
    a = torch.tensor(2.5, requires_grad=True)
    b = torch.tensor(2.5, requires_grad=True)
    (a**2).backward()
    (b**2 + 100).backward()
    assert [a.grad.item(), b.grad.item()] == __


def test_a_cube():
    """A cube this time. What is its slope at 5?"""
    x = torch.tensor(5.0, requires_grad=True)
    y = x**3
    y.backward()
    assert x.grad == __


def test_left_of_zero():
    """The square again, but now x stands to the left of zero. What is the slope there?"""
    x = torch.tensor(-3.0, requires_grad=True)
    y = x**2
    y.backward()
    assert x.grad == __


def test_the_other_factor():
    """Only w is watched; x is plain data. How fast does their product move with w?"""
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    y = w * x
    y.backward()
    assert w.grad == __


def test_backward_on_x_itself():
    """No computation at all, just backward() on x itself. What is its slope?"""
    x = torch.tensor(5.0, requires_grad=True)
    x.backward()
    assert x.grad == __


def test_a_finite_difference():
    """Without torch: write the average slope of f from 3 - h to 3 + h."""

    def measured(f, h):
        return __

    for f, h in [(lambda v: v**2, 0.25), (lambda v: v**2 - 4 * v, 0.5)]:
        predicted = measured(f, h)
        x = torch.tensor(3.0, requires_grad=True)
        f(x).backward()
        assert x.grad == predicted
    assert measured(lambda v: v**3, 0.5) == 27.25


def test_the_slope_by_hand():
    """Here is what autograd spares you: write the derivative of v**3 - 4*v."""

    def slope(v):
        return __

    for place in [-1.0, 0.0, 2.5]:
        predicted = slope(place)
        x = torch.tensor(place, requires_grad=True)
        (x**3 - 4 * x).backward()
        assert x.grad == predicted


def test_a_small_loss():
    """How wrong is 2*w when 5 was wanted? The loss is 9. How does it move with w?"""
    w = torch.tensor(1.0, requires_grad=True)
    loss = (2 * w - 5) ** 2
    assert loss == 9.0
    loss.backward()
    assert w.grad == __


def test_a_step_downhill():
    """An eighth of the slope is the step to where this loss is 0. Write the new w."""

    def step(w, slope):
        return __

    for start, target in [(1.0, 5.0), (3.0, 5.0), (4.5, 1.0)]:
        w = torch.tensor(start, requires_grad=True)
        ((2 * w - target) ** 2).backward()
        there = step(start, w.grad.item())
        assert (2 * there - target) ** 2 == 0.0
    assert step(10.0, 16.0) == 8.0
