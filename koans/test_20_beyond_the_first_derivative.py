"""Beyond the first derivative: second derivatives, Jacobians, and functions of functions.

A gradient is a result like any other. With create_graph=True the backward pass is recorded,
too, and the gradient can be differentiated again. It is off by default, because it keeps the
graph of the backward pass in memory, and hardly anybody needs it.

The derivatives of several outputs with respect to several inputs are a matrix, the Jacobian: a
row for each output, a column for each input. A backward pass multiplies it from the left, and
so gives a row, or a sum of rows. Forward mode carries a tangent along with each number, and
multiplies from the right: it gives a column. The Hessian is the matrix of second derivatives.

torch.func takes a function and returns another one, which computes its derivative. Tensors need
no requires_grad for it. vmap() applies a function to each row of a batch.

By the end you can differentiate a gradient, choose between rows and columns, get a gradient for
each example of a batch, and read "What is torch.func?" in PyTorch's torch.func Whirlwind Tour.
"""

import pytest
import torch
import torch.autograd.forward_ad as fw
from torch.func import grad, jacrev, jvp, vjp, vmap

from sensei import __  # noqa: F401 - stays when no blank is left


def test_again_and_again():
    """x**3 is differentiated three times, at 2. What are the three derivatives? Give a list."""
    x = torch.tensor(2.0, requires_grad=True)
    found = []
    y = x**3
    for _ in range(3):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        found.append(y.item())
    assert found == __


def test_first_and_second_in_one_place():
    """backward() accumulates derivatives of every order. What is x.grad after both passes?"""
    x = torch.tensor(2.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    x.grad.backward()
    assert x.grad == __


def test_what_can_be_differentiated_again():
    """Which of these first derivatives have a graph of their own? Give three flags."""
    functions = [lambda x: 2 * x, lambda x: x**2, torch.relu]
    flags = []
    for f in functions:
        x = torch.tensor(3.0, requires_grad=True)
        (first,) = torch.autograd.grad(f(x), x, create_graph=True)
        flags.append(first.requires_grad)
    assert flags == __


def test_a_penalty_on_a_gradient():
    """The loss is the square of a gradient. For it to train w, what has first to be?"""
    for place in [2.0, -1.0]:
        w = torch.tensor(3.0, requires_grad=True)
        x = torch.tensor(place, requires_grad=True)
        first = __
        (first**2).backward()
        assert w.grad == 8 * w.detach() * x.detach() ** 2


def test_a_step_of_newton():
    """Newton's method divides by how fast the slope changes. What is its step?"""
    x = torch.tensor(4.5)
    for _ in range(8):
        x = x.detach().requires_grad_()
        y = x**4 / 4 - 8 * x
        (first,) = torch.autograd.grad(y, x, create_graph=True)
        (second,) = torch.autograd.grad(first, x)
        x = x - __
    assert x.item() == pytest.approx(2.0, rel=1e-5)


def test_a_product_with_the_hessian():
    """H is the Hessian of f. H @ v is wanted, and H is too large. What is differentiated?"""

    def f(x):
        return x[0] ** 2 * x[1] + x[1] ** 3

    for v in [torch.tensor([1.0, 0.0]), torch.tensor([0.5, -2.0])]:
        x = torch.tensor([2.0, 3.0], requires_grad=True)
        (g,) = torch.autograd.grad(f(x), x, create_graph=True)
        (found,) = torch.autograd.grad(
            __,
            x,
        )
        H = jacrev(grad(f))(x.detach())
        assert found.tolist() == (H @ v).tolist()


def test_a_row_and_a_column():
    """vjp() multiplies the Jacobian from the left, jvp() from the right. What comes out?"""

    def f(x):
        return torch.stack([x[0] * x[1], x[0] ** 2])

    x, v = torch.tensor([2.0, 3.0]), torch.tensor([1.0, 0.0])
    left = vjp(f, x)[1](v)[0]
    right = jvp(f, (x,), (v,))[1]
    assert [left.tolist(), right.tolist()] == __


def test_how_many_backward_passes():
    """jacobian() makes the Jacobian row by row. How many passes run for each of the shapes?"""
    passes = []
    for outputs, inputs in [(2, 50), (50, 2)]:
        matrix, log = torch.ones(outputs, inputs), []

        def f(x, matrix=matrix, log=log):
            h = 1 * x
            h.register_hook(log.append)
            return matrix @ h

        torch.autograd.functional.jacobian(f, torch.ones(inputs))
        passes.append(len(log))
    assert passes == __


def test_a_function_of_a_function():
    """grad() of torch.func returns a function: the derivative. Write the second derivative."""

    def f(x):
        return x**4 + x

    second = __
    found = [second(torch.tensor(x)).item() for x in [1.0, -2.0, 0.5]]
    assert found == [12.0, 48.0, 3.0]


def test_what_func_grad_needs_and_leaves():
    """Give g and x.grad, and the flags of x and of g. What does grad() need, and leave?"""
    x = torch.tensor(3.0)
    g = grad(lambda v: v**2)(x)
    assert [g.item(), x.grad, x.requires_grad, g.requires_grad] == __


def test_a_gradient_for_each_example():
    """The gradient of a batch is a sum. Write a function that gives a row for each example."""

    def loss(w, x, y):
        return (w @ x - y) ** 2

    of_each = __
    w = torch.tensor([1.0, 2.0])
    X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    rows = of_each(w, X, torch.tensor([0.0, 0.0, 1.0]))
    assert rows.tolist() == [[2.0, 0.0], [0.0, 4.0], [4.0, 4.0]]


def test_a_tangent_under_no_grad():
    """c * x is 3 * x**2, at 2. What do the backward pass, and a tangent of 1, make of c?"""
    x = torch.tensor(2.0, requires_grad=True)
    with torch.no_grad():
        c = 3 * x
    (c * x).backward()
    with fw.dual_level():
        x_dual = fw.make_dual(torch.tensor(2.0), torch.tensor(1.0))
        with torch.no_grad():
            c = 3 * x_dual
        tangent = fw.unpack_dual(c * x_dual).tangent
    assert [x.grad.item(), tangent.item()] == __
