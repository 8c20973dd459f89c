"""One number in, one number out.

Make a tensor with requires_grad=True, compute something from it, and call backward() on the
result: the derivative is then in the .grad of the tensor you began with. This chapter needs
no more than that.

A tensor is torch's container of numbers, and torch.tensor(3.0) holds a single one. With
requires_grad=True you say that you will want the derivative with respect to it; the tensor
then requires grad. The backward pass is what backward() does: it goes back from the result to
the tensors that went into it, applies the derivative rule of each operation to numbers, and
writes a gradient into .grad. No formula is built, and nothing is approximated by small steps.
In training, the result is the loss, which says how wrong a model is, and the tensors that
require grad are the model's parameters.

By the end you can say what backward() writes and what it leaves alone, work out by hand what
autograd computes, take one step of gradient descent, and read "torch.Tensor.grad" in PyTorch's
reference.
"""

import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_backward_fills_grad():
    """The derivative of x**2 is 2*x. backward() evaluates it at this x. What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    y.backward()
    assert x.grad == __


def test_grad_before_backward():
    """y is computed, but nobody has called backward(). What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    assert y == 9.0
    assert x.grad == __


def test_values_and_the_backward_pass():
    """item() returns the number in a tensor. What is in y before and after backward()?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    before = y.item()
    y.backward()
    after = y.item()
    assert [before, after] == __


def test_call_backward():
    """f is each of the two functions in turn. Which line writes the gradient into x.grad?"""
    gradients = []
    for f in [lambda v: v**2, lambda v: 3 * v]:
        x = torch.tensor(5.0, requires_grad=True)
        y = f(x)
        __
        gradients.append(x.grad.item())
    assert gradients == [10.0, 3.0]


def test_the_sign_of_a_gradient():
    """y is a parabola raised by 100, and x lies to the left of its lowest point.

    What is in x.grad?
    """
    x = torch.tensor(-3.0, requires_grad=True)
    y = x**2 + 100
    y.backward()
    assert x.grad == __


def test_the_gradient_of_a_factor():
    """Only w requires grad; x is plain data. What is in w.grad?"""
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    y = w * x
    y.backward()
    assert w.grad == __


def test_backward_on_x_itself():
    """Nothing is computed: backward() is called on x. What is in x.grad?"""
    x = torch.tensor(5.0, requires_grad=True)
    x.backward()
    assert x.grad == __


def test_a_finite_difference():
    """Without autograd, write the average slope of f between 3 - h and 3 + h.

    A function inside a function is fine in Python. The blank is what it returns.
    """

    def average_slope(f, h):
        return __

    for f, h in [(lambda v: v**2, 0.25), (lambda v: v**2 - 4 * v, 0.5)]:
        measured = average_slope(f, h)
        x = torch.tensor(3.0, requires_grad=True)
        f(x).backward()
        assert x.grad == measured
    cubes = [average_slope(lambda v: v**3, h) for h in [0.5, 1.0]]
    assert cubes == [27.25, 28.0]


def test_a_derivative_by_hand():
    """Without autograd you would do this yourself: write the derivative of v**3 - 4*v."""

    def derivative(v):
        return __

    for place in [-1.0, 0.0, 2.5]:
        predicted = derivative(place)
        x = torch.tensor(place, requires_grad=True)
        (x**3 - 4 * x).backward()
        assert x.grad == predicted


def test_a_small_loss():
    """A model with one weight predicts 2*w, and 5 is the target. What is in w.grad?"""
    w = torch.tensor(1.0, requires_grad=True)
    loss = (2 * w - 5) ** 2
    assert loss == 9.0
    loss.backward()
    assert w.grad == __


def test_a_step_of_gradient_descent():
    """Move w against its gradient, by an eighth of the gradient. Write the new w."""

    def step(w, gradient):
        return __

    for start, target in [(1.0, 5.0), (3.0, 5.0), (4.5, 1.0)]:
        w = torch.tensor(start, requires_grad=True)
        ((2 * w - target) ** 2).backward()
        there = step(start, w.grad.item())
        assert (2 * there - target) ** 2 == 0.0
    assert step(10.0, 16.0) == 8.0
