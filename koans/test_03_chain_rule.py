"""The chain rule and the computation graph.

When you compute with tensors that require grad, torch records the operations that it runs.
This record is the computation graph. Each recorded operation is a node, and y.grad_fn is the
node of the operation that made y. Edges lead from a node to the nodes of those inputs that
require grad. The backward pass starts at the result and runs one node after another, until it
reaches the leaf tensors.

Autograd never builds a formula. Each node applies the derivative rule of its own operation to
numbers: to what the operation saved when it ran, and to the gradient that comes in from the
side of the result, the upstream gradient.

By the end you can follow a graph from its result to its leaf tensors, work out a gradient
over several paths, find the line where a graph was cut, and read "How autograd encodes the
history" in PyTorch's note Autograd mechanics.
"""

import math

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_local_derivatives():
    """Three operations, each by itself. What are the derivatives? Give all three, in a list."""
    x = torch.tensor(3.0, requires_grad=True)
    h = torch.tensor(9.0, requires_grad=True)
    g = torch.tensor(10.0, requires_grad=True)
    (x**2).backward()
    (h + 1).backward()
    (g**2).backward()
    derivatives = [x.grad.item(), h.grad.item(), g.grad.item()]
    assert derivatives == __


def test_a_chain_of_three():
    """Now the same three in a row. What is the derivative of f with respect to x?"""
    x = torch.tensor(3.0, requires_grad=True)
    h = x**2
    g = h + 1
    f = g**2
    f.backward()
    assert x.grad == __


def test_one_backward_pass_fills_every_leaf():
    """w * x + b is 7, but should be 10. What are the gradients? Give all three, in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    w = torch.tensor(3.0, requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    loss = (w * x + b - 10) ** 2
    loss.backward()
    gradients = [x.grad.item(), w.grad.item(), b.grad.item()]
    assert gradients == __


def test_the_derivative_with_respect_to_w():
    """The same loss, (w * x + b - 10) ** 2. Write its derivative with respect to w."""

    def derivative(w, x, b):
        return __

    for w, x, b in [(3.0, 2.0, 1.0), (-1.0, 4.0, 0.5), (2.0, 0.0, 1.0)]:
        predicted = derivative(w, x, b)
        weight = torch.tensor(w, requires_grad=True)
        ((weight * x + b - 10) ** 2).backward()
        assert weight.grad == predicted


def test_used_twice():
    """x is both factors of this product. What is its gradient?"""
    x = torch.tensor(5.0, requires_grad=True)
    y = x * x
    y.backward()
    assert x.grad == __


def test_two_paths():
    """y depends on x through a and through b. What is the gradient of x?"""
    x = torch.tensor(4.0, requires_grad=True)
    a = x**2
    b = 3 * x
    y = a * b
    y.backward()
    assert x.grad == __


def test_how_often_a_node_runs():
    """A hook on a node is a function that torch calls each time the node has run.

    Here the hook ignores its arguments, and adds an element to runs. What is len(runs)?
    """
    x = torch.tensor(1.0, requires_grad=True)
    runs = []
    y = x
    for _ in range(30):
        y = y + y
        y.grad_fn.register_hook(lambda *_: runs.append(1))
    y.backward()
    assert x.grad == 2.0**30
    assert len(runs) == __


def test_a_hook_on_a_leaf():
    """A hook on a tensor is called with its gradient. What is in seen? Give a list."""
    x = torch.tensor(5.0, requires_grad=True)
    seen = []
    x.register_hook(lambda grad: seen.append(grad.item()))
    (x * x).backward()
    assert seen == __


def test_tensors_without_grad_fn():
    """Which of these tensors have no grad_fn? Give their names, as text, in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    c = torch.tensor(1.0)
    y = x**2
    d = c + 1
    z = y * d
    tensors = {"x": x, "c": c, "y": y, "d": d, "z": z}
    without = [name for name, t in tensors.items() if t.grad_fn is None]
    assert without == __


def test_the_name_of_a_grad_fn():
    """What is y.grad_fn called? Give the name, as text."""
    x = torch.tensor(2.0, requires_grad=True)
    y = (x + 1) * (x + 2)
    assert (x + 1).grad_fn.name() == "AddBackward0"
    assert (x * 1).grad_fn.name() == "MulBackward0"
    assert (x**2).grad_fn.name() == "PowBackward0"
    assert y.grad_fn.name() == __


def test_one_step_back():
    """next_functions holds a pair for each factor: the node of the factor, and a number.

    The number is not needed here. What are the two nodes called? Give both names, in a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    y = (x + 1) * x**2
    before = [node.name() for node, _ in y.grad_fn.next_functions]
    assert before == __


def test_the_edges_of_a_product():
    """next_functions has a pair for each factor. What is in names? Give a list."""
    w = torch.tensor(3.0, requires_grad=True)
    c = torch.tensor(2.0)
    y = (w + 1) * (c + 1)
    pairs = y.grad_fn.next_functions
    names = [node.name() if node else None for node, _ in pairs]
    assert names == __


def test_where_the_graph_ends():
    """The last node of a path holds a tensor. Which one? Give its name, without quotes."""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    end = y.grad_fn.next_functions[0][0]
    assert end.name() == "torch::autograd::AccumulateGrad"
    assert end.variable is __


def test_the_branch_that_ran():
    """An if is not an operation of torch, so it is not recorded. What is the gradient of x?"""

    def f(v):
        return v**2 if v > 0 else 3 * v

    x = torch.tensor(-2.0, requires_grad=True)
    f(x).backward()
    assert x.grad == __


def test_a_loop():
    """This loop runs until y is large enough. What is the gradient of x?"""
    x = torch.tensor(1.75, requires_grad=True)
    y = x
    while y < 10:
        y = y * 2
    y.backward()
    assert x.grad == __


def test_the_sine_of_a_square():
    """Write the derivative of sin(v**2). v is a Python number, so use functions from math."""

    def derivative(v):
        return __

    for place in [4.0, 1.0, -0.5]:
        predicted = derivative(place)
        x = torch.tensor(place, requires_grad=True)
        torch.sin(x**2).backward()
        assert x.grad.item() == pytest.approx(float(predicted), abs=1e-5)


def test_a_second_time_through_a_graph():
    """A second y.backward() raises. What should y be for it to work again?"""
    x = torch.tensor(5.0, requires_grad=True)
    y = x**2
    y.backward()
    told = "Trying to backward through the graph a second time"
    with pytest.raises(RuntimeError, match=told):
        y.backward()
    x.grad = None
    y = __
    y.backward()
    assert [y.item(), x.grad.item()] == [25.0, 10.0]


def test_item_on_the_way():
    """item() returns the number in a tensor. What is the type of f?"""
    x = torch.tensor(2.0, requires_grad=True)
    h = (x**2).item() + 3
    f = h**2
    assert type(f) is __
    with pytest.raises(AttributeError, match="no attribute 'backward'"):
        f.backward()


def test_mend_the_cut():
    """The line in the comment gives wrong gradients, 12.0 and 4.0. Write what h should be."""
    for place, gradient in [(2.0, 60.0), (1.0, 12.0)]:
        x = torch.tensor(place, requires_grad=True)
        # It was: h = (x**2).item()
        h = __
        f = (h + x) ** 2
        f.backward()
        assert x.grad == gradient


def test_where_the_loss_is_lowest():
    """A look back at chapter 1. For which w is the gradient of this loss 0?"""
    place = __
    w = torch.tensor(float(place), requires_grad=True)
    loss = (3 * w - 12) ** 2 + 50
    loss.backward()
    assert w.grad == 0.0


def test_the_flag_between_two_lines():
    """A look back at chapter 2. What is in w.grad at the end?"""
    w = torch.tensor(3.0)
    first = w**2
    w.requires_grad_()
    second = 5 * w
    (first + second).backward()
    assert w.grad == __
