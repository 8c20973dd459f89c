"""A network of your own: training, and vectors.

The engine of the last chapter, with + and * for Values, is at the head of this one. On it you
build neurons, a layer and a training loop. Then numbers become tensors.

For tensors a local derivative would be a whole Jacobian. A backward pass doesn't make one. An
operation has a rule for each parent instead, a function that is given the upstream gradient
and returns the gradient for the parent: a vector-Jacobian product. An Array has a tensor as
its data, and it knows its parents and the rules for them.

By the end you can build and train a network on an engine that you have written, and read
"Extending torch.autograd" in PyTorch's note Extending PyTorch.
"""

import math

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


class Value:
    """A number that knows where it came from, and with what local derivatives."""

    def __init__(self, data, parents=(), local=()):
        self.data = data
        self.parents = parents
        self.local = local
        self.grad = 0.0

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))


def tanh(a):
    """Return the tanh of a Value."""
    t = math.tanh(a.data)
    return Value(t, (a,), (1 - t**2,))


def in_order(result):
    """Return a result and all Values behind it, parents first."""
    order, seen = [], set()

    def visit(value):
        if value not in seen:
            seen.add(value)
            for parent in value.parents:
                visit(parent)
            order.append(value)

    visit(result)
    return order


def backward(result):
    """Accumulate into every grad the derivative of a result."""
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, local in zip(value.parents, value.local, strict=True):
            parent.grad += value.grad * local


class Array:
    """A tensor that knows where it came from, with a rule for each parent."""

    def __init__(self, data, parents=(), rules=()):
        self.data = data
        self.parents = parents
        self.rules = rules


def agrees(function, array, upstream):
    """Return whether an Array's value and its rules are those of a function of torch."""
    inputs = [p.data.clone().requires_grad_() for p in array.parents]
    result = function(*inputs)
    wanted = torch.autograd.grad(result, inputs, upstream)
    given = [rule(upstream) for rule in array.rules]
    same = [g.shape == w.shape and g.allclose(w) for g, w in zip(given, wanted, strict=True)]
    return array.data.equal(result) and all(same)


def clear_grads(parameters):
    """Clear the gradients of some Values."""
    for p in parameters:
        p.grad = 0.0


#: Two neurons and one behind them: for each of them two weights and a bias.
START = [0.5, -1.0, 0.25, 1.0, 0.75, -0.5, 1.0, -0.5, 0.125]
EXAMPLES = [((0.0, 0.0), -1.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), -1.0)]


def xor_loss(p, number, curve):
    """Return the squared error of the network with parameters p, of Values or of tensors."""
    loss = number(0.0)
    for (first, second), target in EXAMPLES:
        a, b = number(first), number(second)
        h = curve(p[0] * a + p[1] * b + p[2])
        k = curve(p[3] * a + p[4] * b + p[5])
        d = curve(p[6] * h + p[7] * k + p[8]) + number(-target)
        loss = loss + d * d
    return loss


def trained_by_torch(steps, rate):
    """Return the parameters that torch comes to, up to rounding."""
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(xor_loss(p, torch.tensor, torch.tanh), p)
        p = (p - rate * gradient).detach().requires_grad_()
    return pytest.approx(p.tolist(), rel=1e-4)


def test_three_passes_over_one_graph():
    """y = 5 * (2 * x), and three backward passes. torch's x.grad would be 30. What is ours?"""
    x, two, five = Value(1.0), Value(2.0), Value(5.0)
    y = five * (two * x)
    for _ in range(3):
        backward(y)
    assert x.grad == __


def test_what_is_cleared():
    """A second pass should give the same gradients. Which Values have to be cleared?"""

    def zero_grad(result):
        for value in __:
            value.grad = 0.0

    x, two, five = Value(1.0), Value(2.0), Value(5.0)
    y = five * (two * x)
    backward(y)
    zero_grad(y)
    backward(y)
    assert [x.grad, two.grad, five.grad] == [10.0, 5.0, 2.0]


def test_a_difference():
    """There are + and *, and no rule for -. Write a - b with what there is."""

    def subtract(a, b):
        return __

    for a, b in [(Value(3.0), Value(5.0)), (Value(0.5), Value(-2.0))]:
        y = subtract(a, b)
        backward(y)
        assert [y.data, a.grad, b.grad] == [a.data - b.data, 1.0, -1.0]


def test_a_neuron():
    """A neuron is tanh of its bias plus each input times its weight. How does total grow?"""

    def neuron(weights, bias, inputs):
        total = bias
        for w, x in zip(weights, inputs, strict=True):
            total = __
        return tanh(total)

    w, x = [Value(0.5), Value(-1.0)], [Value(2.0), Value(3.0)]
    b = Value(0.25)
    backward(neuron(w, b, x))
    slope = 1 - math.tanh(-1.75) ** 2
    grads = [v.grad / slope for v in (*w, *x, b)]
    assert grads == pytest.approx([2.0, 3.0, 0.5, -1.0, 1.0])


def test_a_layer_of_neurons():
    """A neuron is given as a pair, weights and bias. Each gets all inputs. Write layer()."""

    def neuron(weights, bias, inputs):
        products = (w * x for w, x in zip(weights, inputs, strict=True))
        return tanh(sum(products, bias))

    def layer(neurons, inputs):
        return __

    w, x = [Value(1.0), Value(-1.0)], [Value(0.5), Value(0.25)]
    first, second = layer([(w, Value(0.0)), (w[::-1], Value(1.0))], x)
    backward(first + second)
    data = [math.tanh(0.25), math.tanh(0.75)]
    assert [first.data, second.data] == pytest.approx(data)
    assert x[0].grad == pytest.approx(data[1] ** 2 - data[0] ** 2)


def test_a_step_down():
    """Gradient descent changes the parameters. Write the new number of each."""

    def step(parameters, rate):
        for p in parameters:
            p.data = __

    a, b = Value(3.0), Value(-1.0)
    backward(a * a * b)
    step([a, b], 0.125)
    assert [a.data, b.data] == [3.0 + 0.75, -1.0 - 1.125]


def test_a_line_to_learn():
    """The points lie on 2 * x + 1. One line of this loop is missing. Which one?"""
    w, b = Value(0.0), Value(0.0)
    for _ in range(40):
        loss = Value(0.0)
        for x, target in [(-1.0, -1.0), (0.0, 1.0), (1.0, 3.0)]:
            d = w * Value(x) + b + Value(-target)
            loss = loss + d * d
        __
        for p in [w, b]:
            p.data, p.grad = p.data - 0.125 * p.grad, 0.0
    assert [w.data, b.data] == pytest.approx([2.0, 1.0], rel=1e-3)


def test_the_rule_of_a_sine():
    """Now a is an Array. A rule gets a tensor g, the upstream gradient. What does it return?"""

    def sine(a):
        def rule(g):
            return __

        return Array(a.data.sin(), (a,), [rule])

    upstream = torch.tensor([1.0, -2.0, 0.5])
    y = sine(Array(torch.tensor([0.0, 1.0, -2.0])))
    assert agrees(torch.sin, y, upstream)


def test_the_rule_of_a_total():
    """A sum makes one number of many. What does its rule return, for the upstream g?"""

    def total(a):
        def rule(g):
            return __

        return Array(a.data.sum(), (a,), [rule])

    y = total(Array(torch.tensor([[1.0, 2.0, -3.0], [4.0, 0.5, 8.0]])))
    assert agrees(torch.sum, y, torch.tensor(3.0))


def test_the_rule_of_a_bias():
    """b is one row, added to each row of a. The rule for a is there. Write the one for b."""

    def add_bias(a, b):
        def rule_for_a(g):
            return g

        def rule_for_b(g):
            return __

        return Array(a.data + b.data, (a, b), [rule_for_a, rule_for_b])

    upstream = torch.tensor([[1.0, 0.0, 2.0], [-3.0, 0.5, 4.0]])
    y = add_bias(Array(torch.ones(2, 3)), Array(torch.arange(3.0)))
    assert agrees(torch.add, y, upstream)


def test_the_rules_of_a_matrix_product():
    """y = a @ b, for two matrices. Write the rule for a and the rule for b."""

    def product(a, b):
        def rule_for_a(g):
            return __

        def rule_for_b(g):
            return __

        return Array(a.data @ b.data, (a, b), [rule_for_a, rule_for_b])

    a = torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]])
    y = product(Array(a), Array(torch.arange(12.0).view(3, 4)))
    assert agrees(torch.matmul, y, torch.arange(-4.0, 4.0).view(2, 4))


def test_the_whole_loop():
    """A network learns exclusive or, on your engine and on torch's. Give the parts in order."""
    ours = [Value(number) for number in START]

    def differentiate():
        backward(xor_loss(ours, Value, tanh))

    def move():
        for p in ours:
            p.data -= 0.125 * p.grad

    def clear():
        clear_grads(ours)

    for _ in range(40):
        for part in __:
            part()
    assert [p.data for p in ours] == trained_by_torch(40, rate=0.125)
