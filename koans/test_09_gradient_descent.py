"""Gradient descent by hand: what happens between two backward passes.

A backward pass computes gradients, and moves nothing. What moves a parameter is the update:
new value = old value - learning rate * gradient. It has to change the leaf tensor itself,
and it must not be recorded, since it is not part of the loss. So it is written inside a with
block whose head, a context manager, switches recording off.

This chapter shows how the update is written, which ways of writing it fail, with an error or
without one, and how the learning rate decides where it all leads.

By the end you can write a training step by hand, tell a new tensor from an
updated one, judge a learning rate, and read "PyTorch: Tensors and autograd" in PyTorch's
tutorial Learning PyTorch with Examples.
"""

import pytest
import torch
import torch.nn.functional as F

from sensei import __  # noqa: F401 - stays when no blank is left


def test_one_step():
    """Inside this with block nothing is recorded. What are w and loss at the end?"""
    w = torch.tensor(7.0, requires_grad=True)
    loss = (w - 3) ** 2
    loss.backward()
    with torch.no_grad():
        w -= w.grad / 4
    assert [w.item(), loss.item()] == __


def test_a_step_in_the_open():
    """Written like this, a step raises, and w stays -1. What belongs after the last with?"""
    w = leaf = torch.tensor(-1.0, requires_grad=True)
    ((w - 3) ** 2).backward()
    told = "a leaf Variable that requires grad"
    with pytest.raises(RuntimeError, match=told):
        w -= w.grad / 4
    assert w == -1.0
    with __:
        w -= w.grad / 4
    assert w is leaf and w == 1.0
    assert w.requires_grad


def test_a_new_w():
    """This step raises nothing, although it is recorded. What are the three values at the end?

    Give a list of two numbers and True or False.
    """
    start = torch.tensor(7.0, requires_grad=True)
    w = start
    ((w - 3) ** 2).backward()
    w = w - w.grad / 4
    ((w - 3) ** 2).backward()
    assert [w.item(), start.grad.item(), w.is_leaf] == __


def test_steps_without_recording():
    """Four ways to write a step. Which of these names stand for tensors that require grad?

    Give them in a list, as text.
    """
    a, b, c, d = (torch.tensor(8.0, requires_grad=True) for _ in range(4))
    (a**2 + b**2 + c**2 + d**2).backward()
    with torch.no_grad():
        a -= a.grad / 4
        b = b - b.grad / 4
        c.sub_(c.grad / 4)
        d = d.sub(d.grad / 4)
    tensors = {"a": a, "b": b, "c": c, "d": d}
    names = [name for name, t in tensors.items() if t.requires_grad]
    assert names == __


def test_a_step_for_each_parameter():
    """Every parameter should move by a quarter of its gradient. Which line does it?"""
    x = torch.tensor([[1.0, 2.0], [3.0, 0.0]])
    w = torch.tensor([1.0, 1.0], requires_grad=True)
    b = torch.tensor(1.5, requires_grad=True)
    (x @ w + b).sum().backward()
    for p in [w, b]:
        with torch.no_grad():
            __
    assert [w.tolist(), b.item()] == [[0.0, 0.5], 1.0]
    assert w.requires_grad and b.requires_grad


def test_both_weights_at_once():
    """The update by hand. As it was written, new_v was wrong. What should it be?"""
    for u, v in [(1.0, 2.0), (3.0, 1.0)]:
        error = u * v - 4
        new_u = u - 2 * error * v / 8
        # as it was: new_v = v - 2 * error * new_u / 8
        new_v = __
        a, b = (torch.tensor(n, requires_grad=True) for n in [u, v])
        ((a * b - 4) ** 2).backward()
        with torch.no_grad():
            a -= a.grad / 8
            b -= b.grad / 8
        assert [new_u, new_v] == [a.item(), b.item()]


def test_until_it_is_close():
    """The loss is smallest at 3. How many steps does it take to get closer than 0.1?"""
    w = torch.tensor(7.0, requires_grad=True)
    steps = 0
    while abs(w.item() - 3) >= 0.1:
        ((w - 3) ** 2).backward()
        with torch.no_grad():
            w -= w.grad / 4
        w.grad = None
        steps += 1
    assert steps == __


def test_four_learning_rates():
    """One loss, and four learning rates. Where does each w end up? Give a list of four."""
    ends = []
    for lr in [0.125, 0.375, 0.5, 0.75]:
        w = torch.tensor(8.0, requires_grad=True)
        for _ in range(3):
            (2 * w**2).backward()
            with torch.no_grad():
                w -= lr * w.grad
            w.grad = None
        ends.append(w.item())
    assert ends == __


def test_the_factor_of_a_step():
    """The loss is c * w**2. By which factor does a step multiply w? Write it with c and lr."""

    def factor(c, lr):
        return __

    for c, lr in [(1.0, 0.25), (2.0, 0.75), (0.5, 0.25)]:
        predicted = factor(c, lr)
        w = torch.tensor(8.0, requires_grad=True)
        (c * w**2).backward()
        with torch.no_grad():
            w -= lr * w.grad
        assert w == 8.0 * predicted


def test_steps_that_never_clear():
    """Nothing clears w.grad in this loop. What is w after each step? Give a list."""
    w = torch.tensor(8.0, requires_grad=True)
    path = []
    for _ in range(3):
        (2 * w**2).backward()
        with torch.no_grad():
            w -= w.grad / 8
        path.append(w.item())
    assert path == __


def test_two_loops_over_one_loss():
    """Two loops, of which the second clears w.grad. How many passes does each get through?"""

    def passes(clear):
        w = torch.tensor(8.0, requires_grad=True)
        loss = 2 * w**2
        for done in range(3):
            try:
                loss.backward()
            except RuntimeError:
                return done
            w.grad = None if clear else w.grad
        return 3

    assert [passes(clear=False), passes(clear=True)] == __


def test_a_rate_for_the_mean():
    """A look back at chapter 6. lr is the rate for a sum. Write the one that a mean needs.

    Both should make the same step.
    """

    def rate(lr, rows, columns):
        return __

    for rows in [2, 4]:
        a = torch.full((rows, 2), 4.0, requires_grad=True)
        b = torch.full((rows, 2), 4.0, requires_grad=True)
        (a**2).sum().backward()
        (b**2).mean().backward()
        with torch.no_grad():
            a -= 0.125 * a.grad
            b -= rate(0.125, rows, 2) * b.grad
        assert torch.equal(a, b)


def test_a_step_behind_an_activation():
    """A look back at chapter 8. What are a and b after the step? Give both, in a list."""
    a = torch.tensor(-2.0, requires_grad=True)
    b = torch.tensor(-2.0, requires_grad=True)
    losses = [F.relu(a) - 3.5, F.leaky_relu(b, 0.25) - 3.5]
    (losses[0] ** 2 + losses[1] ** 2).backward()
    with torch.no_grad():
        a -= a.grad / 2
        b -= b.grad / 2
    assert [a.item(), b.item()] == __
