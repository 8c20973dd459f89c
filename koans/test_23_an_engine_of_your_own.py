"""An engine of your own: autograd on numbers, line by line.

The core of what torch does when it differentiates fits into thirty lines. In this chapter and
in the next one you write them. Each koan asks for one part. The parts, put together, are an
engine that works.

A Value is a number that knows where it came from. It has its data, the number itself; its
parents, which are the Values that it was computed from; for each parent the local derivative;
and a grad, which the backward pass accumulates into. Its edges() are the pairs of a parent
and a local derivative. In four koans you write local derivatives yourself. In the others,
made_by() gets them from torch.

By the end you can write the backward pass down from memory, say what it needs of each
operation, and read "How autograd encodes the history" in PyTorch's note Autograd mechanics.
"""

import math

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


class Value:
    """A number that knows where it came from."""

    def __init__(self, data, parents=(), local=()):
        self.data = data
        self.parents = parents
        self.local = local
        self.grad = 0.0

    def edges(self):
        """Return the pairs of a parent and the local derivative that belongs to it."""
        return zip(self.parents, self.local, strict=True)


def made_by(function, *parents):
    """Return the Value that a function of torch makes, with torch's local derivatives."""
    inputs = [torch.tensor(parent.data, requires_grad=True) for parent in parents]
    result = function(*inputs)
    local = torch.autograd.grad(result, inputs)
    return Value(result.item(), parents, [each.item() for each in local])


def slopes(function, *numbers):
    """Return torch's derivatives of a function with respect to each of some numbers."""
    return made_by(function, *map(Value, numbers)).local


def test_what_a_value_knows():
    """y is made of a and b. What are its data, its parents' data, and its local derivatives?"""
    a, b = Value(3.0), Value(4.0)
    y = made_by(lambda a, b: a * b - b, a, b)
    parents = [parent.data for parent in y.parents]
    assert [y.data, parents, y.local] == __


def test_the_rule_of_a_sum():
    """How much does a sum change with each of its parts? Give the local derivatives."""

    def add(a, b):
        local = __
        return Value(a.data + b.data, (a, b), local)

    for a, b in [(2.0, 5.0), (-1.0, 0.5)]:
        y = add(Value(a), Value(b))
        assert y.data == a + b
        assert list(y.local) == slopes(torch.add, a, b)


def test_the_rule_of_a_product():
    """How much does a product change with each of its factors? Give the local derivatives."""

    def multiply(a, b):
        local = __
        return Value(a.data * b.data, (a, b), local)

    for a, b in [(2.0, 5.0), (-1.5, 0.5)]:
        y = multiply(Value(a), Value(b))
        assert y.data == a * b
        assert list(y.local) == slopes(torch.mul, a, b)


def test_the_rule_of_a_power():
    """Raise a Value to n, a plain number. Give its one local derivative, in a tuple."""

    def power(a, n):
        local = __
        return Value(a.data**n, (a,), local)

    for a, n in [(3.0, 2), (2.0, 3), (2.0, -1)]:
        y = power(Value(a), n)
        assert y.data == a**n
        assert list(y.local) == slopes(lambda x, n=n: x**n, a)


def test_a_rule_from_the_result():
    """A rule may use the result. Write the local derivative of tanh with its result, t."""

    def tanh(a):
        t = math.tanh(a.data)
        local = __
        return Value(t, (a,), local)

    for a in [0.0, 0.5, -2.0]:
        y, wanted = tanh(Value(a)), slopes(torch.tanh, a)
        assert list(y.local) == pytest.approx(wanted, rel=1e-4)


def test_to_the_parents():
    """pass_on() passes a Value's gradient on to its parents. What is a parent's new grad?"""

    def pass_on(value):
        for parent, local in value.edges():
            parent.grad = __

    a, b = Value(3.0), Value(5.0)
    square, product = made_by(torch.mul, a, a), made_by(torch.mul, a, b)
    square.grad, product.grad = 1.0, 2.0
    pass_on(square)
    pass_on(product)
    assert [a.grad, b.grad] == [3.0 + 3.0 + 2.0 * 5.0, 2.0 * 3.0]


def test_passed_on_too_early():
    """y = h + 3 * h, and h = 2 * x. In the right order x.grad is 8. What do they get here?"""
    x = Value(1.0)
    h = made_by(lambda x: 2 * x, x)
    a = made_by(lambda h: 3 * h, h)
    y = made_by(torch.add, h, a)
    y.grad = 1.0
    for value in [y, h, a]:
        for parent, local in value.edges():
            parent.grad += value.grad * local
    assert [h.grad, x.grad] == __


def test_parents_first():
    """in_order() lists a result and all Values behind it, parents first. Write the line."""

    def in_order(result):
        order = []

        def visit(value):
            if value not in order:
                for parent in value.parents:
                    visit(parent)
                __

        visit(result)
        return order

    x = Value(3.0)
    y = made_by(torch.add, made_by(torch.neg, x), x)
    assert [value.data for value in in_order(y)] == [3.0, -3.0, 0.0]


def test_the_backward_pass():
    """order is a list, parents first. What is the first grad? Which way does the loop go?"""

    def backward(order):
        order[-1].grad = __
        for value in __:
            for parent, local in value.edges():
                parent.grad += value.grad * local

    x, w = Value(3.0), Value(-2.0)
    h = made_by(lambda x, w: w * x + x, x, w)
    backward([x, w, h, made_by(torch.mul, h, h)])
    wanted = slopes(lambda x, w: (w * x + x) ** 2, 3.0, -2.0)
    assert [x.grad, w.grad] == wanted
