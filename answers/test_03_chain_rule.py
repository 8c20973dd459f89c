"""The chain rule, and the graph it runs on.

While you compute with something that requires grad, torch writes down which operation made
each result, and from what. This record is the graph. backward() walks it from the result
to the leaves, where no recorded operation leads further back. What it does with the slopes on
its way, along a road and where roads meet, is what you will find out.

By the end you can read a graph from its result to its leaves, work out a slope along roads
that fork and meet, and find the place where one was cut.
"""

import math

import pytest
import torch

from sensei import __


def test_local_slopes():
    """Three steps, each by itself: a square, a sum, a square. What is the slope of each?"""
    x = torch.tensor(3.0, requires_grad=True)
    h = torch.tensor(9.0, requires_grad=True)
    g = torch.tensor(10.0, requires_grad=True)
    (x**2).backward()
    (h + 1).backward()
    (g**2).backward()
    slopes = [x.grad.item(), h.grad.item(), g.grad.item()]
    assert slopes == __(
        [6.0, 1.0, 20.0],
        wrong={
            "[9.0, 10.0, 100.0]": "These are the values. How fast does each of them move?",
            "[6.0, 0.0, 20.0]": "The 1 stands still, but h + 1 moves with h.",
            "[6.0, 9.0, 20.0]": "Move h by a half: how far does h + 1 move?",
            "[6.0, 18.0, 20.0]": "h is not squared here. Its sum with 1 moves as it does.",
            "[120.0, 20.0, 20.0]": "Here each step stands by itself: h and g do not come from "
            "x.",
            "[2.0, 1.0, 2.0]": "The slope of a square depends on the place.",
        },
        hints=[
            "Slope of a square: twice what is squared.",
            "What is added does not change a slope. h moves, and h + 1 moves as much.",
        ],
        why="This is the local derivative: an operation needs only its own formula and the "
        "numbers it saved in the forward pass, not the rest of the model.",
    )


def test_three_steps_in_a_row():
    """Now the three steps in a row. How fast does f move with x?"""
    x = torch.tensor(3.0, requires_grad=True)
    h = x**2
    g = h + 1
    f = g**2
    f.backward()
    assert x.grad == __(
        120.0,
        wrong={
            "20.0": "That is how f moves with g. Keep going, back to x.",
            "27.0": "You added the three slopes. If h moves six times as fast as x, and f "
            "moves with h, what becomes of the 6?",
            "60.0": "Each of the two squares brings a 2. One got lost.",
            "6.0": "That is the first step alone.",
            "100.0": "That is f, not how it moves.",
            "26.0": "You added. On one road slopes multiply.",
        },
        hints=[
            "You know the three slopes from the koan before this one.",
            "If x moves by a little, h moves 6 times that. g moves as h does. And f?",
        ],
        why="20 * 1 * 6. backward() starts with 1 at f and multiplies one local slope after "
        "the other: the chain rule, walked from the end.",
    )


def test_one_walk_fills_every_leaf():
    """y = w*x + b is 7, and 10 was wanted. One backward(): what are the three slopes?"""
    x = torch.tensor(2.0, requires_grad=True)
    w = torch.tensor(3.0, requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    loss = (w * x + b - 10) ** 2
    loss.backward()
    slopes = [x.grad.item(), w.grad.item(), b.grad.item()]
    assert slopes == __(
        [-18.0, -12.0, -6.0],
        wrong={
            "[18.0, 12.0, 6.0]": "The sizes are right. y is below 10: does raising one of them "
            "raise the loss?",
            "[-12.0, -18.0, -6.0]": "Swapped: which of x and w is the other one's factor?",
            "[3.0, 2.0, 1.0]": "That is how y moves. The loss moves with y.",
            "[-6.0, -6.0, -6.0]": "That is how the loss moves with y. Each leaf moves y in its "
            "own way.",
            "[-18.0, -12.0, 0.0]": "b is a leaf like the others: if b moves, y moves with it.",
            "[-9.0, -6.0, -3.0]": "The square brings a factor of its own.",
        },
        hints=[
            "First how the loss moves with y: twice the error, and mind its sign.",
            "Then how y moves with each: each factor counts for the other one.",
        ],
        why="One walk shares what the three have in common, 2 * (7 - 10), and only then "
        "branches. So a gradient in a million parameters costs about as much as a few forward "
        "passes, not a million.",
    )


def test_what_you_would_write_by_hand():
    """The same loss, (w*x + b - 10) ** 2. Write its derivative in w."""

    def slope_in_w(w, x, b):
        return __(
            2 * (w * x + b - 10) * x,
            wrong={
                "2 * (w * x + b - 10)": "That is how the square moves with its "
                "inside. How does the inside move with w?",
                "2 * (w * x + b - 10) * w": "How fast the inside moves is set by the "
                "factor beside w.",
                "(w * x + b - 10) * x": "The square brings its exponent down.",
                "2 * (w * x + b) * x": "The 10 is inside, too.",
                "2 * (w * x + b - 10) * b": "b is added. What is w multiplied by?",
                "2 * x": "The slope of a square depends on what is squared.",
                "w * x + b - 10": "That is the error. How does its square move?",
                "2 * x * (w + b - 10)": "What is squared is w * x + b - 10.",
                "(w * x + b - 10) ** 2 * x": "The square itself is still there. What is its "
                "derivative?",
            },
            hints=[
                "The slope of the square, times the slope of what is inside.",
                "What is inside moves with w as fast as the factor beside w.",
            ],
            why="Twice the error, times the input. For real networks such formulas are long "
            "and go wrong easily. Autograd never forms one: it walks the graph with numbers.",
        )

    for w, x, b in [(3.0, 2.0, 1.0), (-1.0, 4.0, 0.5), (2.0, 0.0, 1.0)]:
        predicted = slope_in_w(w, x, b)
        weight = torch.tensor(w, requires_grad=True)
        ((weight * x + b - 10) ** 2).backward()
        assert weight.grad == predicted


def test_used_twice():
    """x is both factors of this product. How fast does y move?"""
    x = torch.tensor(5.0, requires_grad=True)
    y = x * x
    y.backward()
    assert x.grad == __(
        10.0,
        wrong={
            "5.0": "That is what comes back over one of the factors. There are two.",
            "25.0": "That is y; or the two slopes multiplied. What is done where roads meet?",
            "20.0": "There are two roads, not four.",
            "1.0": "That would be y = x.",
            "2.0": "That would be x + x. Here each road brings the other factor.",
        },
        hints=[
            "Hold one factor still and move the other. Then the other way round.",
            "Two roads lead from y back to x, and each brings 5.",
        ],
        why="Across roads slopes add. Nothing special happens for x * x: the slope in the left "
        "factor and the slope in the right one both arrive at x.",
    )


def test_where_roads_meet():
    """x goes two ways, through a and through b. How fast does y move with x?"""
    x = torch.tensor(4.0, requires_grad=True)
    a = x**2
    b = 3 * x
    y = a * b
    y.backward()
    assert x.grad == __(
        144.0,
        wrong={
            "8.0": "That is how a moves with x. On it goes, to y.",
            "3.0": "That is how b moves with x. On it goes, to y.",
            "96.0": "That came through a. What comes through b?",
            "48.0": "That came through b. What comes through a?",
            "192.0": "That is y.",
            "4608.0": "You multiplied the two roads. They are side by side, not in a row.",
            "24.0": "You multiplied how a and b move. How does y move with each of them?",
            "11.0": "You added how a and b move. How does y move with each of them?",
        },
        hints=[
            "Work out each road by itself: multiply along it.",
            "Through a: y moves with a as b is large, a moves with x by 2*x. Then through b.",
        ],
        why="Multiply along a road, add where roads meet: that is all of backpropagation. Here "
        "b * 2x + a * 3 = 96 + 48.",
    )


def test_who_has_a_grad_fn():
    """grad_fn is the node that walks back over what made a tensor. Whose is None?"""
    x = torch.tensor(2.0, requires_grad=True)
    c = torch.tensor(1.0)
    four = [x, x**2, c, c + 1]
    without = [tensor.grad_fn is None for tensor in four]
    assert without == __(
        [True, False, True, True],
        wrong={
            "[True, False, True, False]": "c + 1 was computed, but nothing in it is watched.",
            "[False, False, True, True]": "x is watched. But which operation made x?",
            "[False, True, False, False]": "That is who has one. The line asks who has none.",
            "[False, True, False, True]": "That is who was computed. The line asks who has no "
            "grad_fn; and is everything that is computed noted?",
            "[True, False, False, False]": "Nothing in c is watched. Is there an operation to "
            "walk back over?",
            "[True, True, True, True]": "One of them was computed from something watched.",
        },
        hints=[
            "You made x and c yourself. No operation to walk back over made them.",
            "Notes are taken only if one of the inputs is watched.",
        ],
        why="Torch calls a tensor without a grad_fn a leaf, even c + 1: the walk goes no "
        "further. Slopes are stored in leaves that require grad, so x**2 gets none unless you "
        "ask it to retain_grad(). print(x**2) shows its grad_fn.",
    )


def test_the_name_of_a_grad_fn():
    """grad_fn is the node of one operation, the last. What is the name of that of y?"""
    x = torch.tensor(2.0, requires_grad=True)
    y = (x + 1) * (x + 2)
    assert (x + 1).grad_fn.name() == "AddBackward0"
    assert (x * 1).grad_fn.name() == "MulBackward0"
    assert (x**2).grad_fn.name() == "PowBackward0"
    assert y.grad_fn.name() == __(
        "MulBackward0",
        wrong={
            '"AddBackward0"': "Both sums come before. What was done last?",
            '"PowBackward0"': "Multiplied out, there would be a square. Torch notes what you "
            "wrote.",
            '["AddBackward0", "MulBackward0"]': "One node is for one operation. Which one made "
            "y?",
            '"Mul"': "The operation is right. Its name is built like those above.",
        },
        hints=[
            "In which order does Python compute the line?",
            "A product of two sums: which of them can only be computed last?",
        ],
        why="The graph holds what you wrote, step by step; torch does not simplify it. The "
        "names are there for reading, do not let code depend on them.",
    )


def test_one_step_back():
    """next_functions leads back to what made the inputs, in order. What made these?"""
    x = torch.tensor(2.0, requires_grad=True)
    y = (x + 1) * x**2
    before = [node.name() for node, _ in y.grad_fn.next_functions]
    assert before == __(
        ["AddBackward0", "PowBackward0"],
        wrong={
            '["PowBackward0", "AddBackward0"]': "In the order of the factors, left to right.",
            '["MulBackward0"]': "That is y.grad_fn itself. What fed it?",
            '["AccumulateGrad", "AccumulateGrad"]': "That is two steps back. One is asked for.",
            '["AddBackward0", "MulBackward0"]': "A power is an operation of its own. Torch "
            "notes what you wrote.",
            ('["AddBackward0"]', '["PowBackward0"]'): "A product has two inputs.",
            '["AddBackward0", "MulBackward0", "PowBackward0"]': "One step back: only what fed "
            "the product.",
        },
        hints=[
            "Which two results were multiplied? Which operations made them?",
            "One was made by adding, the other by taking a power. Their names you know.",
        ],
        why="The graph points backwards: from each operation to those it got its inputs from. "
        "backward() follows these pointers.",
    )


def test_where_the_walk_ends():
    """The last node of a road is called AccumulateGrad, and holds a tensor. Which one?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    end = y.grad_fn.next_functions[0][0]
    assert end.name() == "torch::autograd::AccumulateGrad"
    assert end.variable is __(
        x,
        wrong={
            "y": "y is where the walk begins.",
            "end": "That is the node. Which tensor does it hold?",
            "x.item()": "Not the number: is means the very same object.",
            "torch.tensor(3.0)": "The same number. But is asks for the very same object.",
            "None": "It needs to know where to leave the slope.",
            "x.grad": "There it will leave something. But whose .grad is it?",
        },
        hints=[
            "What did the road begin with, when you walked it forward?",
            "It is a variable of this koan, and a leaf.",
        ],
        why="A road ends at a leaf. Its AccumulateGrad holds the leaf itself, to add what "
        "arrives to its .grad. Why it adds is the subject of the next chapter.",
    )


def test_the_branch_that_ran():
    """An if is no operation. What does torch know of this function, for x = -2?"""

    def f(v):
        return v**2 if v > 0 else 3 * v

    x = torch.tensor(-2.0, requires_grad=True)
    f(x).backward()
    assert x.grad == __(
        3.0,
        wrong={
            "-4.0": "That is the branch for v > 0. Which one ran?",
            "-6.0": "That is the value. How fast does it move?",
            "4.0": "The square did not run at all.",
            "None": "The comparison has no slope, but the branch behind it does.",
        },
        hints=[
            "Read it as Python does: which of the two is computed for x = -2?",
            "The slope of what was computed, and nothing of the rest.",
        ],
        why="Torch sees the operations that ran, not your source. So if, while and recursion "
        "just work; and of the other branch no slope is known.",
    )


def test_a_loop():
    """A loop that runs as often as it must. How fast does the last y move with x?"""
    x = torch.tensor(1.75, requires_grad=True)
    y = x
    while y < 10:
        y = y * 2
    y.backward()
    assert x.grad == __(
        8.0,
        wrong={
            "14.0": "That is the last y. How fast does it move with x?",
            "2.0": "That is one turn. How many were there?",
            "3.0": "That is how many turns there were. What does each do to the slope?",
            "6.0": "You added the turns. Along one road slopes multiply.",
            "4.0": "After two turns y is still below 10.",
            "16.0": "That is one turn too many.",
            "10.0": "The loop goes past 10; it does not stop on it.",
        },
        hints=[
            "Write down y, turn by turn, until it is no longer below 10.",
            "Each turn multiplies by 2, and along a road slopes multiply.",
        ],
        why="The graph is built anew by each forward pass: here three multiplications in a "
        "row, for another x maybe one. Nothing has to be declared in advance.",
    )


def test_an_outer_and_an_inner_slope():
    """The sine of a square. Write its derivative; v is a plain number, so use math."""

    def slope(v):
        return __(
            2 * v * math.cos(v**2),
            wrong={
                "math.cos(v**2)": "The outer slope is there. What is inside moves, too.",
                "math.cos(2 * v)": "The derivative of the inside goes beside the cosine, not "
                "into it.",
                "2 * math.cos(v**2)": "How fast does v**2 move?",
                "math.cos(v**2) + 2 * v": "Along a road slopes multiply.",
                "2 * v * math.sin(v**2)": "What is the derivative of a sine?",
                "2 * v * math.cos(v)": "The outer slope is taken where the sine stands: at v "
                "squared.",
                "torch.cos(v**2) * 2 * v": "torch.cos wants a tensor, and v is a number. Which "
                "module of Python's is for numbers?",
                "2 * math.sin(v) * math.cos(v)": "That is the slope of the square of the sine.",
                "-2 * v * math.cos(v**2)": "It is the cosine whose derivative has a minus.",
            },
            hints=[
                "The derivative of the sine is the cosine.",
                "The outer slope at the inside, times the slope of the inside.",
            ],
            why="cos(v**2) times 2v. Torch has the rules for the sine and for the square, and "
            "the chain rule makes the rest of them.",
        )

    for place in [4.0, 1.0, -0.5]:
        predicted = slope(place)
        x = torch.tensor(place, requires_grad=True)
        torch.sin(x**2).backward()
        assert x.grad.item() == pytest.approx(float(predicted), abs=1e-5)


def test_item_on_the_way():
    """item() turns a tensor into a Python number. What does a later backward() raise?"""
    x = torch.tensor(2.0, requires_grad=True)
    h = (x**2).item() + 3
    f = h**2
    with pytest.raises(Exception) as caught:
        f.backward()
    assert caught.type is __(
        AttributeError,
        wrong={
            "RuntimeError": "That is what a tensor says that nobody watches. But what is f?",
            "TypeError": "Nothing is called with a wrong type here. Something is looked up.",
            "NameError": "The variable is there. But what is it?",
            "Exception": "That is the whole family. Which member is it?",
        },
        hints=[
            "What is type(f)?",
            "What does Python raise if you ask a float for something that floats don't have?",
        ],
        why="'float' object has no attribute 'backward'. In the middle of a computation item() "
        "cuts the graph. Where another watched tensor still leads to the result nothing is "
        "raised: the gradient is just wrong.",
    )


def test_mend_the_cut():
    """Somebody wrote (x**2).item() for h, and x got no slope. Write a better h."""
    for place, slope in [(2.0, 56.0), (1.0, 16.0)]:
        x = torch.tensor(place, requires_grad=True)
        h = __(
            x**2,
            wrong={
                "(x**2).item()": "That is what cut the graph.",
                "(x**2).data": ".data cuts as well: it is the number without its past.",
                "(x**2).detach().requires_grad_()": "Now h is watched, but from here on only: "
                "the walk ends there.",
                "(x**2).detach()": "detach() leaves the graph behind, just as item() does.",
                "float(x**2)": "A float has no graph behind it, wherever it comes from.",
                "torch.tensor(x**2)": "torch.tensor() copies the number only. Where it came "
                "from is lost.",
                "torch.tensor((x**2).item())": "The number is back in a tensor, but where it "
                "came from is lost.",
                "torch.tensor((x**2).item(), requires_grad=True)": "Now h is a leaf of its "
                "own, and the walk ends there. It should go on to x.",
                "x": "A slope arrives, but h should be the square.",
                "2 * x": "That is the slope of the square. h should be the square itself.",
                "(x**2).grad": "That asks for a slope. h should be the square itself.",
            },
            hints=[
                "From x to f there should be tensors only.",
                "Leave out what made a number of the tensor.",
            ],
            why="Keep tensors until after backward(). Wrapping a number in torch.tensor() "
            "again does not mend the cut: it makes a new leaf without a past.",
        )
        f = (h + 3) ** 2
        f.backward()
        assert x.grad == slope
