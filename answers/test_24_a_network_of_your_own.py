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
    assert x.grad == __(
        60.0,
        wrong={
            "30.0": "That is torch's. In torch only leaf tensors accumulate. Here the Value "
            "between x and y does so, too.",
            "10.0": "That is the gradient of one pass. Does anything clear x.grad?",
            "100.0": "y begins each pass with 1 again, since its grad is set. Only two of the "
            "three Values of this chain accumulate.",
            "70.0": "In each pass the same is added to the grad of 2 * x. It grows by as much "
            "each time, and doesn't double.",
            "1000.0": "Gradients of several passes are added.",
            "40.0": "2 * x has a grad of 5, then 10, then 15. Each time it passes all of it "
            "on.",
            "15.0": "That is how far the Value between x and y has come.",
            "0.0": "backward() adds to x.grad in each pass.",
        },
        hints=[
            "Which grad has two * x after the first pass, the second, the third?",
            "x gets twice that in each pass, on top of what it has.",
        ],
        why="A common mistake of small engines, which is seen only when two backward passes go "
        "through the same Value. In torch the gradient of a tensor between is passed on and "
        "forgotten; .grad is kept on leaf tensors, and where retain_grad() was called.",
    )


def test_what_is_cleared():
    """A second pass should give the same gradients. Which Values have to be cleared?"""

    def zero_grad(result):
        for value in __(
            in_order(result),
            wrong={
                "[result]": "The grad of the result is set anyway, as the pass begins.",
                "result.parents": "These are the nearest ones. What about those behind them?",
                "result": "A Value can't be iterated over.",
                "[]": "Then nothing is cleared.",
                "in_order(result)[-1:]": "That is the result alone.",
                ("[x, two, five]", "[x, two, five, y]"): "The Value between, two * x, is not "
                "among them. What does its grad do to the next pass?",
                "in_order(result)[:1]": "One of them. But the Value between keeps its grad, "
                "and passes it on again.",
                "[v for v in in_order(result) if not v.parents]": "The leaves, as in torch. "
                "But here the Values between accumulate as well.",
            },
            hints=[
                "In this engine every Value accumulates.",
                "There is a function at the head that lists them all.",
            ],
            why="torch keeps no gradients between the result and the leaves unless it is asked "
            "to, so there is nothing to clear. An optimizer's zero_grad() clears the "
            "gradients of the parameters that it was given, and no others.",
            part=True,
        ):
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
        return __(
            a + b * Value(-1.0),
            wrong={
                "a - b": "Python asks the class of a, and Value has no __sub__.",
                "Value(a.data - b.data)": "The number is right. But it doesn't know where it "
                "came from.",
                "Value(a.data - b.data, (a, b))": "It has its parents, but no local "
                "derivatives. With + and * you need none of your own.",
                (
                    "a + b * -1.0",
                    "a + -1 * b",
                ): "A plain number has no data: make a Value of it.",
                "a + b": "That is the sum.",
                "a * Value(-1.0) + b": "That is b - a.",
                (
                    "a + Value(-b.data)",
                    "a + Value(-1.0 * b.data)",
                ): "Only b's number is used, so no gradient gets to b.",
                "a.data - b.data": "That is a plain number, which has no parents.",
            },
            hints=[
                "A difference is a sum with the opposite of b.",
                "The opposite of b is a product of two Values.",
            ],
            why="New operations can be made of those there are, and need no rule of their own: "
            "the chain rule puts the rules together. torch has rules for hundreds of "
            "operations, for speed and for numerical stability.",
            part=True,
        )

    for a, b in [(Value(3.0), Value(5.0)), (Value(0.5), Value(-2.0))]:
        y = subtract(a, b)
        backward(y)
        assert [y.data, a.grad, b.grad] == [a.data - b.data, 1.0, -1.0]


def test_a_neuron():
    """A neuron is tanh of its bias plus each input times its weight. How does total grow?"""

    def neuron(weights, bias, inputs):
        total = bias
        for w, x in zip(weights, inputs, strict=True):
            total = __(
                total + w * x,
                wrong={
                    "w * x": "Then nothing of what came before is left, and no bias.",
                    "total + bias + w * x": "total has the bias from the start. It comes once.",
                    "total + w.data * x.data": "A Value is added to a Value. These two "
                    "numbers make a plain number.",
                    "total + w + x": "Each input is multiplied by its weight.",
                    "total * w * x": "The products are added up.",
                    "bias + w * x": "Of the products only the last one would be left.",
                    "total + w": "The input is missing.",
                    "total + tanh(w * x)": "The curve comes once, at the end.",
                    "total + Value(w.data * x.data)": "The number is right. But it doesn't "
                    "know where it came from.",
                },
                hints=[
                    "What is added for each pair of a weight and an input?",
                    "The bias is where the sum begins.",
                ],
                why="A dot product, a bias and a curve: a network of this kind is made of many "
                "such neurons. Nobody had to write its derivatives down.",
                part=True,
            )
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
        return __(
            [neuron(weights, bias, inputs) for weights, bias in neurons],
            wrong={
                (
                    "neuron(neurons, inputs)",
                    "neuron(*neurons, inputs)",
                ): "neuron() is about one "
                "neuron, with its weights and its bias. A layer has several.",
                "[neuron(weights, bias, inputs[0]) for weights, bias in neurons]": "A neuron "
                "gets all inputs, and not one of them.",
                "[neuron(w, b, inputs) for w in neurons for b in neurons]": "Each neuron has "
                "its own bias, which comes with its weights.",
                "sum(neuron(weights, bias, inputs) for weights, bias in neurons)": "A layer "
                "gives a result for each of its neurons.",
                "[inputs for _ in neurons]": "Nothing is computed.",
                "[neuron(n, inputs) for n in neurons]": "n is a pair of weights and a bias. "
                "neuron() takes them one by one.",
                "neuron(neurons[0][0], neurons[0][1], inputs)": "That is the first one alone.",
                "[neuron(bias, weights, inputs) for weights, bias in neurons]": "Weights and "
                "bias are swapped.",
            },
            hints=[
                "The result is a list, with a Value for each neuron.",
                "A comprehension over neurons takes each pair of weights and a bias apart.",
            ],
            why="One list of inputs, many neurons: with the weights in a matrix, that is one "
            "product in place of many. Each input is used by every neuron, so its gradient is "
            "a sum over all of them.",
            part=True,
        )

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
            p.data = __(
                p.data - rate * p.grad,
                wrong={
                    "p.data + rate * p.grad": "That is uphill.",
                    "p.data - p.grad": "How far a step goes is what rate says.",
                    "p.data - rate": "The step is longer where the curve is steeper.",
                    (
                        "rate * p.grad",
                        "-rate * p.grad",
                    ): "That is the step. It is taken from where p is.",
                    "p - rate * p.grad": "p is a Value. What is changed is its number.",
                    "p.grad - rate * p.data": "The two are swapped.",
                    "p.data * (1 - rate)": "That takes p nearer to 0, whatever the loss is.",
                },
                hints=[
                    "A new parameter is the old one less the rate times its gradient.",
                    "data and grad are plain numbers.",
                ],
                why="The step is no part of any graph: it changes numbers, and makes no Value. "
                "In torch that takes no_grad(), because there a tensor's own arithmetic is "
                "recorded.",
                part=True,
            )

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
        __(
            backward(loss),
            wrong={
                "backward(d)": "That is the error of the last point alone, and without a "
                "square.",
                "loss.backward()": "Here backward() is a function, and no method.",
                "backward(w)": "It begins at the loss, and goes back to w.",
                "backward(loss.data)": "That is a plain number, which doesn't know where it "
                "came from.",
                "backward(d * d)": "That is the error of the last point alone.",
                "loss.grad = 1.0": "So the pass begins. But then it has to go on to w and b.",
                "pass": "Then w.grad and b.grad stay 0.",
                "w.grad, b.grad = 1.0, 1.0": "These are the same in each round, wherever w and "
                "b are. They have to come from the loss.",
                "in_order(loss)": "That lists the Values. Which function accumulates?",
            },
            hints=[
                "Each round makes a new graph. What has to happen before w and b are changed?",
                "w.grad and b.grad are used in the step. Which function computes them?",
            ],
            why="The five parts of the usual training loop: forward, loss, backward, step, "
            "clear. With pictures as data and a network in place of the line they are the "
            "same.",
        )
        for p in [w, b]:
            p.data, p.grad = p.data - 0.125 * p.grad, 0.0
    assert [w.data, b.data] == pytest.approx([2.0, 1.0], rel=1e-3)


def test_the_rule_of_a_sine():
    """Now a is an Array. A rule gets a tensor g, the upstream gradient. What does it return?"""

    def sine(a):
        def rule(g):
            return __(
                g * a.data.cos(),
                wrong={
                    "a.data.cos()": "The upstream gradient is missing.",
                    "g * a.data.sin()": "That is the function. What is its derivative?",
                    "g @ a.data.cos()": "That would be one number. Each element has a "
                    "gradient of its own.",
                    "g + a.data.cos()": "Along a path, derivatives are multiplied.",
                    "-g * a.data.cos()": "The sign is wrong: where a sine grows, its "
                    "cosine is positive.",
                    "(g * a.data.cos()).sum()": "Each element has a gradient of its own.",
                    "g * a.cos()": "a is an Array. Its tensor is its data.",
                    "g.cos()": "The derivative is taken where the forward pass was: at a.",
                },
                hints=[
                    "Element by element: the upstream gradient times the local derivative.",
                    "The derivative of the sine is the cosine, of the same input.",
                ],
                why="The Jacobian of this operation is diagonal. Multiplying by it is a "
                "product element by element: the matrix itself is never made.",
                part=True,
            )

        return Array(a.data.sin(), (a,), [rule])

    upstream = torch.tensor([1.0, -2.0, 0.5])
    y = sine(Array(torch.tensor([0.0, 1.0, -2.0])))
    assert agrees(torch.sin, y, upstream)


def test_the_rule_of_a_total():
    """A sum makes one number of many. What does its rule return, for the upstream g?"""

    def total(a):
        def rule(g):
            return __(
                g.expand(a.data.shape),
                wrong={
                    "g": "That is one number. The gradient has the shape of the parent.",
                    "g * a.data": "That would be right if each element were squared and "
                    "halved. In a sum all elements count alike.",
                    "g / a.data.numel()": "That is a mean's, and it is one number. The "
                    "gradient has the shape of the parent.",
                    "torch.ones_like(a.data)": "The upstream gradient is missing.",
                    "g * a.data.sum()": "How much does a sum change when one of its "
                    "elements does?",
                    "g.sum()": "g is one number already. What shape has the gradient of "
                    "the parent?",
                    "torch.full_like(a.data, 1 / g.item())": "It is multiplied by g, and "
                    "not divided.",
                    "g.expand(a.data.shape) / a.data.numel()": "That is the rule of a mean.",
                },
                hints=[
                    "Each element moves the sum by as much as it moves itself.",
                    "So each gets g: g, in the shape of a.data.",
                ],
                why="A sum forward is a copy backward. expand() makes it without new memory: "
                "all elements of its result share one number. ones_like(a.data) * g is "
                "right, too.",
                part=True,
            )

        return Array(a.data.sum(), (a,), [rule])

    y = total(Array(torch.tensor([[1.0, 2.0, -3.0], [4.0, 0.5, 8.0]])))
    assert agrees(torch.sum, y, torch.tensor(3.0))


def test_the_rule_of_a_bias():
    """b is one row, added to each row of a. The rule for a is there. Write the one for b."""

    def add_bias(a, b):
        def rule_for_a(g):
            return g

        def rule_for_b(g):
            return __(
                g.sum(0),
                wrong={
                    "g": "It has the shape of a. The gradient of b has the shape of b.",
                    "g.sum(1)": "That is a number for each row. b has one for each column.",
                    "g.sum()": "b has several elements, and each a gradient of its own.",
                    "g.mean(0)": "Each row adds its part to the gradient. Nobody divides.",
                    "g[0]": "That is the part of the first row. b is in every row.",
                    "g.sum(0, keepdim=True)": "That has a row too many around it: b has "
                    "one dimension.",
                    "g * b.data": "b is added, and not multiplied.",
                },
                hints=[
                    "b is used once for each row. Gradients of several uses are added.",
                    "Sum over the axis along which b was copied.",
                ],
                why="A sum forward is a copy backward, and a copy forward is a sum backward. "
                "Broadcasting copies without a word, so its rule has to sum over the "
                "dimensions that it copied along. That a gradient has the shape of its "
                "tensor is the first thing to check in a rule of one's own.",
                part=True,
            )

        return Array(a.data + b.data, (a, b), [rule_for_a, rule_for_b])

    upstream = torch.tensor([[1.0, 0.0, 2.0], [-3.0, 0.5, 4.0]])
    y = add_bias(Array(torch.ones(2, 3)), Array(torch.arange(3.0)))
    assert agrees(torch.add, y, upstream)


def test_the_rules_of_a_matrix_product():
    """y = a @ b, for two matrices. Write the rule for a and the rule for b."""

    def product(a, b):
        def rule_for_a(g):
            return __(
                g @ b.data.T,
                wrong={
                    "g @ b.data": "The shapes don't fit: g is (2, 4) here, and b is (3, 4).",
                    "b.data.T @ g": "A matrix that stood on the right stays on the right.",
                    "g * b.data": "The forward pass was a matrix product, not a product "
                    "element by element.",
                    "b.data.T": "The upstream gradient is missing.",
                    "g @ a.data.T": "To a belongs what a was multiplied by.",
                    "b.data @ g.T": "That is its transpose: (3, 2), where a is (2, 3).",
                },
            )

        def rule_for_b(g):
            return __(
                a.data.T @ g,
                wrong={
                    "g @ a.data.T": "A matrix that stood on the left stays on the left.",
                    "a.data @ g": "The shapes don't fit: a is (2, 3) here, and g is (2, 4).",
                    "a.data.T": "The upstream gradient g belongs in it.",
                    "g.T @ a.data": "That is its transpose: (4, 3), where b is (3, 4).",
                    "b.data.T @ g": "To b belongs what b was multiplied by.",
                    "a.data.T * g": "The forward pass was a matrix product, and so is its "
                    "rule.",
                },
                hints=[
                    "For numbers it is g times b. Which product of the two has a's shape?",
                    "The other matrix is transposed, and stays on its side.",
                ],
                why="Here the shapes leave no other choice, so a forgotten rule can be found "
                "from them. There are two products backward for one forward. That is why "
                "a backward pass costs about twice as much as the forward pass.",
                part=True,
            )

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
        for part in __(
            [differentiate, move, clear],
            wrong={
                (
                    "[move, differentiate, clear]",
                    "[differentiate, clear, move]",
                    "[clear, move, differentiate]",
                ): "The gradients are cleared before they are used.",
                "[move, clear, differentiate]": "So the first step goes nowhere, and the last "
                "gradients are never used: one step is missing.",
                "[differentiate, move]": "Then the gradients of all rounds accumulate.",
                "[differentiate(), move(), clear()]": "The loop calls them. Give their names.",
                "[backward, move, clear]": "backward() needs a loss. One of the three has it.",
            },
            hints=[
                "What needs what? The step uses the gradients of this round.",
                "Two of the six orders give what torch gives.",
            ],
            why="After forty steps every parameter is torch's, up to rounding, by what you "
            "have written: local derivatives for each operation, an order, a sum at every "
            "Value, and a step. torch's engine is built on the same ideas.",
        ):
            part()
    assert [p.data for p in ours] == trained_by_torch(40, rate=0.125)
