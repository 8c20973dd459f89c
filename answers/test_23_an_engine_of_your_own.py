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
    assert [y.data, parents, y.local] == __(
        [8.0, [3.0, 4.0], [4.0, 2.0]],
        wrong={
            "[8.0, [3.0, 4.0], [2.0, 4.0]]": "The local derivatives come in the order of the "
            "parents. How much does y change with a?",
            "[8.0, [3.0, 4.0], [4.0, 3.0]]": "That would be right for a * b alone. b is "
            "subtracted as well.",
            "[8.0, [3.0, 4.0], [1.0, 1.0]]": "That would be right for a sum.",
            "[8.0, [3.0, 4.0], [0.0, 0.0]]": "A grad begins with 0. A local derivative is "
            "known as soon as the number is.",
            "[8.0, [4.0, 3.0], [4.0, 2.0]]": "The parents come in the order in which they are "
            "given.",
            "[9.0, [3.0, 4.0], [4.0, 2.0]]": "b is subtracted, and b is 4.",
            "[8.0, [], []]": "Only a Value that was not computed from others has no parents.",
        },
        hints=[
            "3 * 4 - 4. The parents are a and b.",
            "y is a * b - b. Keep b, and move a a little; then keep a, and move b.",
        ],
        why="That is all a backward pass has to know of an operation: what it was computed "
        "from, and how fast the result changes with each of these. In torch the parents are "
        "next_functions, and in place of numbers it saves tensors from which the node can "
        "compute a vector-Jacobian product.",
        numbers={
            "3.0": "5.0",
            "4.0": "3.0",
            "8.0": "12.0",
            "2.0": "4.0",
            "9.0": "10.0",
            "3": "5",
            "4": "3",
        },
    )


def test_the_rule_of_a_sum():
    """How much does a sum change with each of its parts? Give the local derivatives."""

    def add(a, b):
        local = __(
            (1.0, 1.0),
            wrong={
                "(a.data, b.data)": "These are the numbers. How much does a sum change "
                "when one of its parts changes?",
                "(b.data, a.data)": "That is the rule of a product.",
                ("1.0", "(1.0,)"): "One for each parent.",
                "(1.0, -1.0)": "That is the rule of a difference.",
                "(0.0, 0.0)": "Then a sum would not change with its parts.",
                "(0.5, 0.5)": "A sum doesn't share out its gradient: each part moves it by "
                "as much as it moves itself.",
                "(a.grad, b.grad)": "The gradients come in the backward pass. The rule is "
                "known before it.",
                "(a, b)": "These are the parents. Value() is given them as well, just before "
                "local.",
            },
            hints=[
                "a moves by 1. By how much does a + b move?",
                "The same for b. Two numbers, in a tuple.",
            ],
            why="A sum copies the upstream gradient to each of its parts. So where a layer's "
            "input is added to its output, a gradient gets past the layer unchanged, and a "
            "bias has the gradient of its sum. Nothing of the inputs has to be kept for it.",
            part=True,
        )
        return Value(a.data + b.data, (a, b), local)

    for a, b in [(2.0, 5.0), (-1.0, 0.5)]:
        y = add(Value(a), Value(b))
        assert y.data == a + b
        assert list(y.local) == slopes(torch.add, a, b)


def test_the_rule_of_a_product():
    """How much does a product change with each of its factors? Give the local derivatives."""

    def multiply(a, b):
        local = __(
            (b.data, a.data),
            wrong={
                "(a.data, b.data)": "They are swapped. When a grows by 1, the product changes "
                "by the other factor.",
                "(1.0, 1.0)": "That is the rule of a sum.",
                "(a.data * b.data, a.data * b.data)": "That is the product itself.",
                "(b, a)": "These are Values. A local derivative is a number: the data.",
                "(b.grad, a.grad)": "The gradients come in the backward pass. The rule is "
                "known before it.",
                ("b.data", "(b.data,)"): "One for each parent.",
            },
            hints=[
                "a moves by 1. By how much does a * b move?",
                "Each has the other one's number.",
            ],
            why="The rule for each factor needs the other one. Where both require grad, "
            "autograd saves both. Saved tensors are often most of the memory that training "
            "takes, and a write in place to one of them makes the backward pass an error.",
            part=True,
        )
        return Value(a.data * b.data, (a, b), local)

    for a, b in [(2.0, 5.0), (-1.5, 0.5)]:
        y = multiply(Value(a), Value(b))
        assert y.data == a * b
        assert list(y.local) == slopes(torch.mul, a, b)


def test_the_rule_of_a_power():
    """Raise a Value to n, a plain number. Give its one local derivative, in a tuple."""

    def power(a, n):
        local = __(
            (n * a.data ** (n - 1),),
            wrong={
                "n * a.data ** (n - 1)": "That is the number. There is one for each "
                "parent: a tuple, of one number here.",
                "(n * a.data**n,)": "The exponent falls by one.",
                "((n - 1) * a.data**n,)": "The factor is the old exponent, and the new "
                "exponent is one less. Here it is the other way round.",
                "(a.data ** (n - 1),)": "The exponent comes down as a factor.",
                "(n * a.data ** n - 1,)": "Python takes the power first, and then "
                "subtracts. Put the new exponent into parentheses.",
                (
                    "(2 * a.data,)",
                    "(n * a.data,)",
                ): "That is right for a square. n may be another number.",
                "(n * a.data ** (n - 1), a.data**n)": "n is a plain number, and no parent.",
                "(n * a ** (n - 1),)": "a is a Value. Its number is its data.",
            },
            hints=[
                "The derivative of x**n is n times x to the power of n - 1.",
                "A tuple of one number has a comma: (3.0,).",
            ],
            why="With a sum, a product and a power there is a quotient as well: it is a "
            "product with a power of -1. An engine needs few rules, since the chain rule "
            "puts them together.",
            part=True,
        )
        return Value(a.data**n, (a,), local)

    for a, n in [(3.0, 2), (2.0, 3), (2.0, -1)]:
        y = power(Value(a), n)
        assert y.data == a**n
        assert list(y.local) == slopes(lambda x, n=n: x**n, a)


def test_a_rule_from_the_result():
    """A rule may use the result. Write the local derivative of tanh with its result, t."""

    def tanh(a):
        t = math.tanh(a.data)
        local = __(
            (1 - t**2,),
            wrong={
                "1 - t**2": "That is the number. There is one for each parent: a tuple, of "
                "one number here.",
                "(1 - a.data**2,)": "The rule is about the result, t, and not about the input.",
                "(t * (1 - t),)": "That is the rule of the sigmoid.",
                "(1 - t,)": "The square is missing.",
                "(1 + t**2,)": "The curve is flattest where t is near 1 or -1. There the "
                "derivative has to be small.",
                "(t,)": "That is the result. How fast does it change with the input?",
                "(t**2,)": "At 0 the result is 0. But there the curve is steepest.",
                "(t**2 - 1,)": "tanh grows everywhere, so its derivative is positive.",
                "(1 / (1 + t**2),)": "That is the form of another rule, the one for the arc "
                "tangent.",
                "(1 - math.tanh(t) ** 2,)": "t is the tanh of the input already.",
            },
            hints=[
                "In chapter 8 the derivative of tanh was written with its result.",
                "The derivative is 1 where t is 0, and goes to 0 as t goes to 1 or -1.",
            ],
            why="For a rule that needs only the result, the input needn't be kept. For tanh, "
            "sigmoid, exp and sqrt torch saves the result.",
            part=True,
        )
        return Value(t, (a,), local)

    for a in [0.0, 0.5, -2.0]:
        y, wanted = tanh(Value(a)), slopes(torch.tanh, a)
        assert list(y.local) == pytest.approx(wanted, rel=1e-4)


def test_to_the_parents():
    """pass_on() passes a Value's gradient on to its parents. What is a parent's new grad?"""

    def pass_on(value):
        for parent, local in value.edges():
            parent.grad = __(
                parent.grad + value.grad * local,
                wrong={
                    "value.grad * local": "A Value may be used twice. What came first is lost "
                    "then.",
                    "parent.grad + local": "The chain rule is missing: the upstream gradient "
                    "is value.grad.",
                    "parent.grad + value.grad": "The local derivative is missing.",
                    "parent.grad * value.grad * local": "Along a path, derivatives are "
                    "multiplied. What comes by another path is added.",
                    "value.grad": "What came first is lost then, and the local derivative is "
                    "missing.",
                    "value.grad + local": "Along a path, derivatives are multiplied. And what "
                    "came first is lost.",
                    "parent.grad + value.grad * parent.data": "How much a Value changes with "
                    "a parent is its local derivative, not the parent's number.",
                    "parent.grad + value.grad + local": "Along a path, derivatives are "
                    "multiplied.",
                    "value.grad + parent.grad * local": "The two are swapped: the gradient "
                    "comes from the Value, and goes to its parent.",
                    "parent.grad + value.data * local": "What is multiplied is the gradient "
                    "that has come to the Value, and not its number.",
                    "local": "That is right only for a first use, and at the result itself.",
                },
                hints=[
                    "The chain rule: the upstream gradient times the local derivative.",
                    "In made_by(torch.mul, a, a) both parents are a.",
                ],
                why="These are the two rules of the backward pass in one line: a product along "
                "a path, a sum where paths meet. In torch the engine makes that sum in memory "
                "of its own, and adds only the total to the .grad of a leaf tensor.",
                part=True,
            )

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
    assert [h.grad, x.grad] == __(
        [4.0, 2.0],
        wrong={
            "[4.0, 8.0]": "That is so in the right order. Here h passes its gradient on when "
            "only y has added to it.",
            "[1.0, 2.0]": "The first is too small: after a it has its whole gradient. It is "
            "only too late to pass it on.",
            "[4.0, 6.0]": "When its turn comes, which part of its gradient does h have: the "
            "one from y, or the one from a?",
            "[3.0, 2.0]": "Two paths lead to h, and both of them arrive in the end.",
            "[4.0, 0.0]": "Something had come to h before its turn.",
            "[4.0, 4.0]": "h passes on what it has, times its local derivative, 2.",
            "[1.0, 8.0]": "These don't go together: x gets twice what h has at its turn.",
        },
        hints=[
            "Go through it by hand: y gives 1 to h and 1 to a. Then it is h's turn.",
            "Then it is a's turn, and it gives 3 to h. Does h have another turn?",
        ],
        why="A Value may pass its gradient on only after all Values of the graph that were "
        "computed from it have passed on theirs. An order in which this is so is called a "
        "topological order. torch's engine counts for each node how many edges still have to "
        "bring a gradient, and makes it ready to run when there are none.",
    )


def test_parents_first():
    """in_order() lists a result and all Values behind it, parents first. Write the line."""

    def in_order(result):
        order = []

        def visit(value):
            if value not in order:
                for parent in value.parents:
                    visit(parent)
                __(
                    order.append(value),
                    wrong={
                        "order.insert(0, value)": "Then the result comes first, and the "
                        "parents after it.",
                        "order.append(value.data)": "The list is one of Values, not of their "
                        "numbers.",
                        "order.append(parent)": "parent is the last of the parents, and a "
                        "Value without parents has none. Whose turn is it?",
                        "order.append(result)": "result is the same Value all the time. Which "
                        "one is visited?",
                        "order.extend(value.parents)": "Then the result itself is missing, and "
                        "a parent of two is there twice.",
                        (
                            "order += [value]",
                            "order = order + [value]",
                        ): "Inside a function this makes order a name of that function's own.",
                        "visit(value)": "It calls itself again and again, and nothing is ever "
                        "listed.",
                        "return value": "What visit() returns is not used.",
                    },
                    hints=[
                        "When this line is reached, all that value was made from is listed.",
                        "So it is value's own turn, at the end of the list.",
                    ],
                    why="Read from its end, the list has every Value before its parents, as "
                    "the backward pass needs it. Each Value is listed once, however many "
                    "paths lead to it. After two hundred times y = y + y there are 2**200 "
                    "paths, but 201 Values.",
                    part=True,
                )

        visit(result)
        return order

    x = Value(3.0)
    y = made_by(torch.add, made_by(torch.neg, x), x)
    assert [value.data for value in in_order(y)] == [3.0, -3.0, 0.0]


def test_the_backward_pass():
    """order is a list, parents first. What is the first grad? Which way does the loop go?"""

    def backward(order):
        order[-1].grad = __(
            1.0,
            wrong={
                "0.0": "Then all that is multiplied by it is 0 as well.",
                "order[-1].data": "That is the number of the result. How much does it change "
                "with itself?",
                "None": "It is multiplied by local derivatives, so it has to be a number.",
                "Value(1.0)": "A grad is a plain number.",
            },
        )
        for value in __(
            reversed(order),
            wrong={
                "order": "In this order the parents come first, and nothing has come to them "
                "yet.",
                ("order[:-1]", "reversed(order[:-1])", "order[::-1][1:]"): "The result is the "
                "one that has a gradient to pass on.",
                ("order[-1:]", "[order[-1]]"): "That is the result alone. Its parents have "
                "parents, too.",
                "order[-1].parents": "The result comes first: its gradient is there already. "
                "And the parents have parents, too.",
                (
                    "in_order(order)",
                    "in_order(order[-1])",
                ): "in_order() belongs to its own koan. And order is such a list already.",
                "range(len(order))": "These are places in the list. The loop needs the Values.",
                "sorted(order)": "Values can't be sorted, and needn't: they are in an order.",
                "order.reverse()": "That turns the list round in place, and returns None.",
            },
            hints=[
                "The derivative of the result with respect to itself.",
                "Every Value has to come before its parents. How do they stand in the list?",
            ],
            why="Begin with 1, go backwards, and at each node multiply and add: this is the "
            "core of torch's engine, too. Around it torch has tensors in place of numbers, "
            "rules for hundreds of operations, hooks, devices, and a backward pass that can be "
            "recorded itself.",
            part=True,
        ):
            for parent, local in value.edges():
                parent.grad += value.grad * local

    x, w = Value(3.0), Value(-2.0)
    h = made_by(lambda x, w: w * x + x, x, w)
    backward([x, w, h, made_by(torch.mul, h, h)])
    wanted = slopes(lambda x, w: (w * x + x) ** 2, 3.0, -2.0)
    assert [x.grad, w.grad] == wanted
