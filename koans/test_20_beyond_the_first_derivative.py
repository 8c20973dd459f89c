"""Beyond the first derivative: second derivatives, Jacobians, forward mode and torch.func.

A gradient is the result of a computation. It can be differentiated as well, if the backward
pass that computed it was recorded: create_graph=True asks for that. It is off by default,
because the recorded pass takes memory, and few programs need it. The matrix of all second
derivatives of a number is called the Hessian.

The Jacobian has a row for each output and a column for each input. A backward pass multiplies
it by a vector from the left: that is the vector-Jacobian product of chapter 6, or vjp. Forward
mode is the other way to differentiate. While the function runs, each tensor carries its
tangent along: how fast it changes as the input moves in some direction. This multiplies the
Jacobian by that direction from the right: a Jacobian-vector product, or jvp.

torch.func has transforms: they take a function, and return another one or its results. grad(f)
is a function that returns the gradient of f, and vmap(f) is one that applies f to each element
or row of a batch. In this chapter grad() is that of torch.func; the other one is written
torch.autograd.grad().

By the end you can differentiate a gradient, choose the mode that takes fewer passes, get a
gradient for each example of a batch, and read "What are the transforms?" in PyTorch's
torch.func Whirlwind Tour.
"""

import pytest
import torch
import torch.autograd.forward_ad as fw
from torch import nn
from torch.func import functional_call, grad, jvp, vjp, vmap

from sensei import __  # noqa: F401 - stays when no blank is left


def test_one_derivative_after_another():
    """x**4 is differentiated three times, at -1. What is in found? Give a list."""
    x = torch.tensor(-1.0, requires_grad=True)
    y = x**4
    found = []
    for _ in range(3):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        found.append(y.item())
    assert found == __


def test_two_orders_in_one_place():
    """The second backward pass starts from x.grad. What is in x.grad at the end?"""
    x = torch.tensor(3.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    x.grad.backward()
    assert x.grad == __


def test_what_has_a_second_derivative():
    """Each first derivative is differentiated again if it requires grad.

    What is in seconds at the end? Give a list.
    """
    seconds = []
    for f in [lambda x: 2 * x, lambda x: x**2, torch.relu]:
        x = torch.tensor(3.0, requires_grad=True)
        (first,) = torch.autograd.grad(f(x), x, create_graph=True)
        second = None
        if first.requires_grad:
            second = torch.autograd.grad(first, x)[0].item()
        seconds.append(second)
    assert seconds == __


def test_a_penalty_on_gradients():
    """A penalty on gradients is a loss made of gradients. Here it should train w.

    scores holds a score for each row of x. Write g: the gradient of each score with respect
    to its own row.
    """
    w = torch.tensor([1.0, 0.5], requires_grad=True)
    x = torch.tensor([[2.0, 1.0], [-1.0, 4.0]], requires_grad=True)
    found = []
    for scores in [(w * x**2).sum(dim=1), (w * x.relu()).sum(dim=1)]:
        w.grad = None
        g = __
        (g**2).sum().backward()
        found.append(w.grad.tolist())
    assert found == [[40.0, 68.0], [2.0, 2.0]]


def test_a_step_of_newton():
    """Newton's method treats the slope as a straight line, and goes to where that line is 0.

    So for a parabola one step is enough. Write the place where the step ends.
    """

    def newton(f, place):
        x = torch.tensor(place, requires_grad=True)
        (first,) = torch.autograd.grad(f(x), x, create_graph=True)
        (second,) = torch.autograd.grad(first, x)
        return __

    assert newton(lambda x: 2 * (x - 3) ** 2, 5.0) == 3.0
    assert newton(lambda x: -((x - 1) ** 2), 4.0) == 1.0
    assert newton(lambda x: x**4, 3.0) == 2.0


def test_a_loss_after_a_step():
    """stepped is w after a step on the loss w**2. The outer loss asks how good it is.

    What is in gradients at the end? Give a list.
    """
    gradients = []
    for keep in [True, False]:
        w = torch.tensor(2.0, requires_grad=True)
        (g,) = torch.autograd.grad(w**2, w, create_graph=keep)
        stepped = w - 0.25 * g
        outer = (stepped - 2) ** 2
        outer.backward()
        gradients.append(w.grad.item())
    assert gradients == __


def test_the_tangent_of_a_product():
    """In forward mode a and b carry their tangents along, da and db.

    make_dual() puts a number and its tangent together. Write the tangent of a * b.
    """

    def tangent_of_product(a, da, b, db):
        return __

    with fw.dual_level():
        for numbers in [(3.0, 1.0, 5.0, 0.0), (2.0, 0.5, -4.0, 3.0)]:
            a, da, b, db = torch.tensor(numbers)
            product = fw.make_dual(a, da) * fw.make_dual(b, db)
            expected = fw.unpack_dual(product).tangent
            assert tangent_of_product(a, da, b, db) == expected


def test_from_the_left_and_from_the_right():
    """pull() multiplies the Jacobian of f by v from the left, jvp() from the right.

    What are the two products? Give a list of two lists.
    """

    def f(x):
        return torch.stack([x[0] * x[1], x[0] ** 2])

    x, v = torch.tensor([2.0, 5.0]), torch.tensor([1.0, 0.0])
    _, pull = vjp(f, x)
    (left,) = pull(v)
    _, right = jvp(f, (x,), (v,))
    assert [left.tolist(), right.tolist()] == __


def test_a_jacobian_pass_by_pass():
    """J is the Jacobian of f. Each pass takes a vector with a single 1.

    How many calls of pull(), and how many of jvp(), bring all of J? Give a list.
    """
    A = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x = torch.tensor([1.0, -2.0, 0.5])

    def f(x):
        return A @ x**2

    _, pull = vjp(f, x)
    pulls, jvps = __
    rows = [pull(u)[0] for u in torch.eye(pulls)]
    columns = [jvp(f, (x,), (v,))[1] for v in torch.eye(jvps)]
    J = 2 * x * A
    assert torch.equal(torch.stack(rows), J)
    assert torch.equal(torch.stack(columns, dim=1), J)


def test_a_function_of_a_function():
    """grad(f) is a function: the derivative of f. Write the second derivative."""

    def f(x):
        return x**4 + x

    second = __
    found = [second(torch.tensor(x)).item() for x in [1.0, -2.0, 0.5]]
    assert found == [12.0, 48.0, 3.0]


def test_no_grad_outside_and_inside():
    """no_grad() stands around the calls, and in f as well.

    What are gradient, tangent and x.grad? Give a list.
    """

    def f(v):
        with torch.no_grad():
            c = v * v
        return c * v

    x = torch.tensor(2.0)
    with torch.no_grad():
        gradient = grad(f)(x)
        _, tangent = jvp(f, (x,), (torch.tensor(1.0),))
    assert [gradient.item(), tangent.item(), x.grad] == __


def test_a_model_with_other_parameters():
    """functional_call() runs a model with parameters from a dict instead of its own.

    Write the call, so that loss() is a function of params.
    """
    model = nn.Linear(2, 1)
    x = torch.tensor([[1.0, 3.0]])

    def loss(params):
        out = __
        return (out**2).sum()

    for weight, slope in [([2.0, 0.0], 6.0), ([1.0, -1.0], -2.0)]:
        params = {"weight": torch.tensor([weight]), "bias": torch.ones(1)}
        found = grad(loss)(params)
        assert found["bias"].tolist() == [slope]
        assert found["weight"].tolist() == [[slope, 3 * slope]]


def test_a_product_with_the_hessian():
    """H is the Hessian of f. A second backward pass brings H @ v without H, and so does jvp().

    What does the second backward pass start from?
    """

    def f(x):
        return x[0] * x[0] * x[1]

    for values in [[1.0, 0.0], [0.5, -2.0]]:
        v = torch.tensor(values)
        x = torch.tensor([2.0, 3.0], requires_grad=True)
        (g,) = torch.autograd.grad(f(x), x, create_graph=True)
        start = __
        (reverse,) = torch.autograd.grad(start, x)
        _, forward = jvp(grad(f), (x.detach(),), (v,))
        H = torch.autograd.functional.hessian(f, x.detach())
        assert reverse.tolist() == forward.tolist() == (H @ v).tolist()


def test_a_condition_under_vmap():
    """grad() accepts the if in kink(), but vmap() refuses it.

    Write the result without an if.
    """
    x = torch.tensor([-2.0, 3.0])

    def kink(v):
        return v**2 if v > 0 else v / 4

    assert [grad(kink)(v).item() for v in x] == [0.25, 6.0]
    with pytest.raises(RuntimeError, match="data-dependent control flow"):
        vmap(grad(kink))(x)

    def same(v):
        return __

    assert [same(v).item() for v in x] == [-0.5, 9.0]
    assert vmap(grad(same))(x).tolist() == [0.25, 6.0]


def test_a_gradient_for_each_example():
    """backward() sums the gradients of a batch. Write a function that returns one for each row.

    vmap() has an argument for what is a batch. With in_dims = (0, 1) it is the rows of the
    function's first argument, and the columns of the second. None stands for an argument that
    is the same for all examples.
    """
    model = nn.Linear(2, 1)
    params = {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.ones(1)}
    X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    Y = torch.tensor([[0.0], [0.0], [1.0]])

    def loss(params, x, y):
        return ((functional_call(model, params, (x,)) - y) ** 2).sum()

    of_each = __
    each = of_each(params, X, Y)["weight"]
    assert each.tolist() == [[[4.0, 0.0]], [[0.0, 6.0]], [[6.0, 6.0]]]
    of_batch = grad(loss)(params, X, Y)["weight"]
    assert torch.equal(each.sum(dim=0), of_batch)
