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
    assert derivatives == __(
        [6.0, 1.0, 20.0],
        wrong={
            "[9.0, 10.0, 100.0]": "These are the three results. The blank asks for their "
            "derivatives.",
            "[6.0, 0.0, 20.0]": "0 is the derivative of the constant. But h + 1 changes when h "
            "does.",
            "[6.0, 9.0, 20.0]": "9 is h itself. If h grows by 0.5, by how much does h + 1 "
            "grow?",
            "[6.0, 18.0, 20.0]": "18 would be the derivative of h**2. Here h is not squared.",
            "[120.0, 20.0, 20.0]": "These would be right if g were computed from h, and h from "
            "x. Here all three are leaf tensors.",
            "[2.0, 1.0, 2.0]": "2 is the exponent. The derivative of a square also depends on "
            "the number that is squared.",
        },
        hints=[
            "The derivative of a square is twice the number that is squared.",
            "Adding a constant does not change how fast something grows.",
        ],
        why="These are local derivatives: each belongs to one operation, and working it out "
        "takes only the rule of that operation and the numbers that it was given, not the rest "
        "of the model.",
        core=True,
    )


def test_a_chain_of_three():
    """Now the same three in a row. What is the derivative of f with respect to x?"""
    x = torch.tensor(3.0, requires_grad=True)
    h = x**2
    g = h + 1
    f = g**2
    f.backward()
    assert x.grad == __(
        120.0,
        wrong={
            "20.0": "20 is the derivative of f with respect to g. Go on to h, and then to x.",
            "27.0": "27 is the sum of the three local derivatives. If h grows 6 times as fast "
            "as x, and f grows 20 times as fast as h, how fast does f grow?",
            "60.0": "A factor of 2 is missing: each of the two squares brings one.",
            "6.0": "6 is the derivative of h with respect to x. That is the first operation "
            "alone.",
            "100.0": "100 is the value of f. The blank asks for its derivative.",
            "26.0": "26 is 6 + 20. In a chain of operations, local derivatives are not added.",
        },
        hints=[
            "Work out the three local derivatives first, as in the koan before this one.",
            "If x grows by a little, h grows 6 times as much, and g as much as h. And f?",
        ],
        why="20 * 1 * 6: the chain rule. backward() starts with 1, the derivative of f with "
        "respect to itself. Here each node multiplies the upstream gradient by its local "
        "derivative, and passes the product on to the next node.",
        numbers={
            "3.0": "2.0",
            "120.0": "40.0",
            "20.0": "10.0",
            "27.0": "15.0",
            "60.0": "20.0",
            "6.0": "4.0",
            "100.0": "25.0",
            "26.0": "14.0",
            "20": "10",
            "27": "15",
            "6": "4",
            "100": "25",
            "26": "14",
        },
        core=True,
    )


def test_one_backward_pass_fills_every_leaf():
    """w * x + b is 7, but should be 10. What are the gradients? Give all three, in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    w = torch.tensor(3.0, requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    loss = (w * x + b - 10) ** 2
    loss.backward()
    gradients = [x.grad.item(), w.grad.item(), b.grad.item()]
    assert gradients == __(
        [-18.0, -12.0, -6.0],
        wrong={
            "[18.0, 12.0, 6.0]": "The sizes are right. w * x + b is below 10: if b grows, does "
            "the loss grow, or does it shrink?",
            "[-12.0, -18.0, -6.0]": "The first two are swapped. If x grows by 1, by how much "
            "does w * x grow?",
            "[3.0, 2.0, 1.0]": "These are the derivatives of w * x + b. The loss is a square.",
            "[-6.0, -6.0, -6.0]": "-6 is the derivative of the loss with respect to w * x + b. "
            "How fast does w * x + b change with each of the three?",
            "[-18.0, -12.0, 0.0]": "b is a leaf tensor like the others: if b changes, w * x + "
            "b changes with it.",
            "[-9.0, -6.0, -3.0]": "A factor is missing: the derivative of a square has one.",
        },
        hints=[
            "First the square: its derivative is twice what is squared. Mind the sign.",
            "Then w * x + b: its derivative with respect to one factor is the other factor.",
        ],
        why="The pass computes what the three gradients have in common, 2 * (7 - 10), once, "
        "and then branches. So a gradient for a million parameters costs about as much as a "
        "few forward passes, not as much as a million.",
        numbers={
            "3.0": "4.0",
            "18.0": "32.0",
            "12.0": "16.0",
            "6.0": "8.0",
            "9.0": "16.0",
            "10": "13",
            "7": "9",
            "6": "8",
        },
        core=True,
    )


def test_the_derivative_with_respect_to_w():
    """The same loss, (w * x + b - 10) ** 2. Write its derivative with respect to w."""

    def derivative(w, x, b):
        return __(
            2 * (w * x + b - 10) * x,
            wrong={
                "2 * (w * x + b - 10)": "That is the derivative of the square with respect to "
                "what is squared. How fast does that change with w?",
                "2 * (w * x + b - 10) * w": "The derivative of w * x with respect to w is the "
                "other factor.",
                "(w * x + b - 10) * x": "The derivative of a square brings a factor of its "
                "own.",
                "2 * (w * x + b) * x": "The 10 is squared with the rest: it belongs inside.",
                "2 * (w * x + b - 10) * b": "b is added. What is w multiplied by?",
                "2 * x": "The derivative of a square depends on what is squared.",
                "w * x + b - 10": "That is what is squared. What is the derivative of the "
                "square?",
                "2 * x * (w + b - 10)": "What is squared is w * x + b - 10.",
                "(w * x + b - 10) ** 2 * x": "The square itself is still in it. What is the "
                "derivative of a square?",
            },
            hints=[
                "The derivative of the square, times the derivative of what is squared.",
                "What is the derivative of w * x with respect to w?",
            ],
            why="Twice the error, times the input. For a real network such a formula would be "
            "very long. Autograd never builds it: it doesn't differentiate symbolically, and "
            "it doesn't take finite differences either. Each node computes with numbers.",
        )

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
    assert x.grad == __(
        10.0,
        wrong={
            "5.0": "5 comes through one of the two factors. x is the other factor, too.",
            "25.0": "25 is y, and it is the product of the two local derivatives. But the two "
            "paths run side by side, not one after the other.",
            "20.0": "20 counts each factor twice. Only two paths lead from y to x.",
            "1.0": "1 is the derivative of x with respect to x. How fast does x * x grow?",
            "2.0": "2 would be right for x + x. In a product, the local derivative with "
            "respect to one factor is the other factor.",
        },
        hints=[
            "Keep one factor fixed and change the other one. Then do it the other way round.",
            "Two paths lead from y to x, and each of them brings 5.",
        ],
        why="Where paths meet, their gradients are summed. x * x is no special case: the "
        "product has a local derivative for its left factor and one for its right factor, and "
        "here both belong to x.",
        numbers={
            "5.0": "6.0",
            "10.0": "12.0",
            "25.0": "36.0",
            "20.0": "24.0",
            "5": "6",
            "25": "36",
            "20": "24",
        },
    )


def test_two_paths():
    """y depends on x through a and through b. What is the gradient of x?"""
    x = torch.tensor(4.0, requires_grad=True)
    a = x**2
    b = 3 * x
    y = a * b
    y.backward()
    assert x.grad == __(
        144.0,
        wrong={
            "8.0": "8 is the derivative of a with respect to x. How fast does y change with a?",
            "3.0": "3 is the derivative of b with respect to x. How fast does y change with b?",
            "96.0": "96 comes along the path through a. What comes along the other one?",
            "48.0": "48 comes along the path through b. What comes along the other one?",
            "192.0": "192 is the value of y. The blank asks for a gradient.",
            "4608.0": "4608 is the product of what comes along the two paths. But the paths "
            "run side by side.",
            "24.0": "24 is the product of the derivatives of a and b. How fast does y change "
            "with a, and how fast with b?",
            "11.0": "11 is the sum of the derivatives of a and b. How fast does y change with "
            "a, and how fast with b?",
        },
        hints=[
            "Work out each path by itself, with the chain rule.",
            "Through a: dy/da is b, and da/dx is 2 * x. Then the path through b.",
        ],
        why="b * 2x + a * 3 is 96 + 48. Within one backward pass, the gradients of all paths "
        "are summed at the node where the paths meet. This node then runs once, with the sum.",
        numbers={
            "4.0": "10.0",
            "144.0": "900.0",
            "8.0": "20.0",
            "96.0": "600.0",
            "48.0": "300.0",
            "192.0": "3000.0",
            "4608.0": "180000.0",
            "24.0": "60.0",
            "11.0": "23.0",
            "8": "20",
            "96": "600",
            "48": "300",
            "192": "3000",
            "4608": "180000",
            "24": "60",
            "11": "23",
        },
        core=True,
    )


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
    assert len(runs) == __(
        30,
        wrong={
            "2**30": "2**30 is the number of paths from y to x. Does a node run for each path, "
            "or does it wait until the gradients of all paths have been summed?",
            "2**30 - 1": "That would be right if a node ran again for every path that reaches "
            "it.",
            "60": "60 is the number of edges: each sum has two. How often does a node run if "
            "two edges lead to it?",
            "31": "x has a node as well. But no hook was put on it.",
            "1": "There is one backward pass. How many nodes does it run?",
            "2": "Two edges lead from each node to the next. How many nodes with a hook are "
            "there?",
            "0": "backward() is called, and it runs nodes. A hook is called after its node.",
        },
        hints=[
            "How many operations does the loop run? Each of them has a node.",
            "A node has to know its whole upstream gradient before it can run.",
        ],
        why="A node waits until the gradients along all edges that lead to it have been "
        "summed, and runs once. Here more than a billion paths lead from y to x; the cost of a "
        "backward pass grows with the number of nodes and edges, not with the number of paths.",
    )


def test_a_hook_on_a_leaf():
    """A hook on a tensor is called with its gradient. What is in seen? Give a list."""
    x = torch.tensor(5.0, requires_grad=True)
    seen = []
    x.register_hook(lambda grad: seen.append(grad.item()))
    (x * x).backward()
    assert seen == __(
        [10.0],
        wrong={
            "[5.0, 5.0]": "5 comes through each of the two factors. Is the hook called before "
            "or after they are summed?",
            "[5.0]": "5 comes through one of the two factors. What about the other one?",
            "[25.0]": "25 is the value of x * x. A hook is given a gradient.",
            "[5.0, 10.0]": "That would be a running total. Does the hook see the sum grow?",
            "[]": "A hook on x is called when the gradient of x is known. x requires grad, so "
            "there is one.",
            "[None]": "At this moment x.grad is still None. But the hook is given the gradient "
            "itself.",
        },
        hints=[
            "How many times does a node run in one backward pass? And the hook?",
            "You know from an earlier koan what the gradient of x * x is at 5.",
        ],
        why="Within one backward pass gradients are summed before they reach the leaf tensor. "
        "So x.grad is written to once in each backward pass, however often x was used. What "
        "several passes do to x.grad is another matter: the next chapter is about that.",
    )


def test_tensors_without_grad_fn():
    """Which of these tensors have no grad_fn? Give their names, as text, in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    c = torch.tensor(1.0)
    y = x**2
    d = c + 1
    z = y * d
    tensors = {"x": x, "c": c, "y": y, "d": d, "z": z}
    without = [name for name, t in tensors.items() if t.grad_fn is None]
    assert without == __(
        ["x", "c", "d"],
        wrong={
            '["x", "c"]': "d was computed, too. But did any of its inputs require grad?",
            '["c", "d"]': "x requires grad. But which operation made x?",
            '["c"]': "No operation made c, so it has none. Is that true of another tensor, "
            "too?",
            '["y", "z"]': "These have a grad_fn. The blank asks for tensors without one.",
            '["y", "d", "z"]': "These were computed. The blank asks for tensors without a "
            "grad_fn.",
            '["x", "c", "d", "z"]': "d is one factor of z. What about the other one?",
            '["d"]': "d has none. But what about tensors that no operation made?",
            '["x"]': "x has none. What about the tensors that do not require grad?",
            '["x", "c", "y"]': "y was computed from x. And was anything recorded for d?",
            "[True, True, False, True, False]": "These flags say which. But the blank asks for "
            "names.",
            '["x", "c", "y", "d", "z"]': "Some of them were computed from a tensor that "
            "requires grad.",
            "[]": "A grad_fn is the node of a recorded operation. Was there one for each of "
            "them?",
        },
        hints=[
            "x and c were not made by an operation.",
            "An operation is recorded only if at least one of its inputs requires grad.",
        ],
        why="A tensor without a grad_fn is a leaf tensor, d included: nothing was recorded for "
        "c + 1. Of the leaf tensors only those that require grad get a gradient; y, which is "
        "not a leaf, keeps none unless you call y.retain_grad(). print(y) shows its grad_fn.",
    )


def test_the_name_of_a_grad_fn():
    """What is y.grad_fn called? Give the name, as text."""
    x = torch.tensor(2.0, requires_grad=True)
    y = (x + 1) * (x + 2)
    assert (x + 1).grad_fn.name() == "AddBackward0"
    assert (x * 1).grad_fn.name() == "MulBackward0"
    assert (x**2).grad_fn.name() == "PowBackward0"
    assert y.grad_fn.name() == __(
        "MulBackward0",
        wrong={
            '"AddBackward0"': "Both sums are computed first. Which operation made y?",
            '"PowBackward0"': "Expanded, it would contain a square. Torch doesn't rearrange "
            "formulas: which operations did it run?",
            '["AddBackward0", "MulBackward0"]': "A grad_fn is the node of one operation, the "
            "one that made y.",
            '"MulBackward1"': "The operation is right. Which digit is used above?",
            '"Mul"': "The operation is right. Its name is built like the names above.",
        },
        hints=[
            "In which order does Python compute this line?",
            "A product of two sums: which operation has to run last?",
        ],
        why="The graph holds the operations that torch ran, which may differ from what was "
        "written: 1 / x gives a ReciprocalBackward0 and a MulBackward0, and 2 - x gives a "
        "RsubBackward1. The digit tells the variants of one operation apart. The names are "
        "meant for reading; code should not depend on them.",
        core=True,
    )


def test_one_step_back():
    """next_functions holds a pair for each factor: the node of the factor, and a number.

    The number is not needed here. What are the two nodes called? Give both names, in a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    y = (x + 1) * x**2
    before = [node.name() for node, _ in y.grad_fn.next_functions]
    assert before == __(
        ["AddBackward0", "PowBackward0"],
        wrong={
            '["PowBackward0", "AddBackward0"]': "The names are right. They come in the order "
            "of the factors, from left to right.",
            '["MulBackward0"]': "That is y.grad_fn itself. Which nodes are one step back?",
            '["torch::autograd::AccumulateGrad", "torch::autograd::AccumulateGrad"]': "These "
            "belong to x, two steps back. The blank asks for one step.",
            '["AddBackward0", "MulBackward0"]': "x**2 is not x * x to torch: a power is an "
            "operation of its own.",
            ('["AddBackward0"]', '["PowBackward0"]'): "A product has two inputs.",
            '["AddBackward0", "MulBackward0", "PowBackward0"]': "Only the inputs of the "
            "product are one step back.",
        },
        hints=[
            "Which two results were multiplied? Which operations made them?",
            "One was made by a sum, the other by a power. You have seen such names.",
        ],
        why="The edges of the graph lead backward: from each node to the nodes of its inputs. "
        "The backward pass follows them.",
    )


def test_the_edges_of_a_product():
    """next_functions has a pair for each factor. What is in names? Give a list."""
    w = torch.tensor(3.0, requires_grad=True)
    c = torch.tensor(2.0)
    y = (w + 1) * (c + 1)
    pairs = y.grad_fn.next_functions
    names = [node.name() if node else None for node, _ in pairs]
    assert names == __(
        ["AddBackward0", None],
        wrong={
            '["AddBackward0", "AddBackward0"]': "Both sums were computed. But were both "
            "recorded?",
            '[None, "AddBackward0"]': "The order is that of the factors. Which of the two "
            "depends on a tensor that requires grad?",
            "[None, None]": "Then w would get no gradient. One of the two sums was recorded.",
            '["AddBackward0"]': "There is a pair for each factor, whether it has a node or "
            "not.",
            '["AddBackward0", "torch::autograd::AccumulateGrad"]': "An AccumulateGrad belongs "
            "to a leaf tensor that requires grad.",
            '["AddBackward0", "None"]': "In quotes, None is text. A missing node is None "
            "itself.",
            '["MulBackward0", None]': "The first one is y.grad_fn itself. Which node is one "
            "step back?",
        },
        hints=[
            "Which of the two sums has a grad_fn?",
            "Is there anything behind c + 1 that should get a gradient?",
        ],
        why="The graph has no edge to c + 1: instead of a node, next_functions holds (None, "
        "0). What does not require grad is a constant to autograd, and no gradient is computed "
        "for it.",
    )


def test_where_the_graph_ends():
    """The last node of a path holds a tensor. Which one? Give its name, without quotes."""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    end = y.grad_fn.next_functions[0][0]
    assert end.name() == "torch::autograd::AccumulateGrad"
    assert end.variable is __(
        x,
        wrong={
            "y": "The backward pass starts at y. This node is at the other end.",
            "end": "end is the node itself. The blank asks for the tensor that it holds.",
            (
                "x.item()",
                "torch.tensor(3.0)",
            ): "The number is right. But this is a new object; the blank needs the very same "
            "one.",
            "None": "The name of the node says that it accumulates a gradient. It has to know "
            "for which tensor.",
            "x.grad": "x.grad is still None here. The node holds a tensor.",
        },
        hints=[
            "With which tensor did the computation of y begin?",
            "It is a leaf tensor, and it requires grad.",
        ],
        why="A leaf tensor that requires grad has an AccumulateGrad node. It holds the leaf "
        "itself, so that it can accumulate into the .grad of the leaf. The next chapter is "
        "about what that means.",
    )


def test_the_branch_that_ran():
    """An if is not an operation of torch, so it is not recorded. What is the gradient of x?"""

    def f(v):
        return v**2 if v > 0 else 3 * v

    x = torch.tensor(-2.0, requires_grad=True)
    f(x).backward()
    assert x.grad == __(
        3.0,
        wrong={
            "-4.0": "-4 is the derivative of the square. Which of the two branches ran?",
            "-6.0": "-6 is the value of f at -2. The blank asks for the gradient.",
            "4.0": "4 is the value of the square. But did the square run at all?",
            "None": "The comparison is not recorded. But the operation in the branch that ran "
            "is.",
            "0.0": "There is no derivative of an if. But there is one of the branch that ran.",
        },
        hints=[
            "Read it as Python does: which of the two is computed for -2?",
            "Autograd differentiates only what was computed.",
        ],
        why="Autograd sees the operations that ran, not the source code. So if, while and "
        "recursion need no special treatment. Nothing was recorded about the other branch.",
    )


def test_a_loop():
    """This loop runs until y is large enough. What is the gradient of x?"""
    x = torch.tensor(1.75, requires_grad=True)
    y = x
    while y < 10:
        y = y * 2
    y.backward()
    assert x.grad == __(
        8.0,
        wrong={
            "1.0": "1 is right before the loop. How many times does y = y * 2 run?",
            "14.0": "14 is the last y. The blank asks for its derivative with respect to x.",
            "2.0": "2 is the local derivative of one multiplication. How many were there?",
            "3.0": "3 is the number of multiplications. How do their local derivatives "
            "combine?",
            "6.0": "6 is the sum of the local derivatives. But the multiplications "
            "form a chain.",
            "4.0": "4 is right one multiplication earlier. But then y is still below 10.",
            "16.0": "16 is one multiplication too many. How large is y when the loop ends?",
            "10.0": "10 is the limit. How many times is y doubled?",
        },
        hints=[
            "Write down y after each multiplication, until it is no longer below 10.",
            "Each multiplication has a local derivative of 2. In a chain they multiply.",
        ],
        why="Each forward pass builds its graph anew: here it has 3 multiplications in a "
        "row, for another x perhaps one. No graph has to be declared in advance.",
        numbers={
            "1.75": "0.75",
            "10": "20",
            "8.0": "32.0",
            "14.0": "24.0",
            "14": "24",
            "3.0": "5.0",
            "3": "5",
            "6.0": "10.0",
            "6": "10",
            "4.0": "16.0",
            "4": "16",
            "16.0": "64.0",
            "16": "64",
            "10.0": "20.0",
        },
    )


def test_the_sine_of_a_square():
    """Write the derivative of sin(v**2). v is a Python number, so use functions from math."""

    def derivative(v):
        return __(
            2 * v * math.cos(v**2),
            wrong={
                "math.cos(v**2)": "That is the derivative of the sine. v**2 changes with v, "
                "too.",
                "math.cos(2 * v)": "The derivative of v**2 is a factor beside the cosine, not "
                "what is inside it.",
                "2 * math.cos(v**2)": "2 is only one factor of the derivative of v**2.",
                "math.cos(v**2) + 2 * v": "In a chain of operations, local derivatives are not "
                "added.",
                "2 * v * math.sin(v**2)": "The factor is right. What is the derivative of the "
                "sine?",
                "2 * v * math.cos(v)": "The factor is right. But it is the sine of v**2, so "
                "its derivative is taken there.",
                "torch.cos(v**2) * 2 * v": "torch.cos wants a tensor, and v is a Python "
                "number. Which module has functions for numbers?",
                "2 * math.sin(v) * math.cos(v)": "That is the derivative of the square of the "
                "sine.",
                "-2 * v * math.cos(v**2)": "The minus belongs to the derivative of the cosine.",
            },
            hints=[
                "The derivative of the sine is the cosine.",
                "The derivative of the sine, taken at v**2, times the derivative of v**2.",
            ],
            why="2v times cos(v**2). Torch has one rule for the sine and one for the power; "
            "the chain rule combines them, whatever is inside what.",
        )

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
    y = __(
        x**2,
        wrong={
            "y": "That is the same y, with the same graph. The first backward pass has freed "
            "what this graph had saved.",
            "y.clone()": "A clone of y is computed from y, so the backward pass still goes "
            "through the old graph.",
            "y * 1": "This is computed from y, so the backward pass still goes through the old "
            "graph.",
            "y.detach()": "detach() leaves the graph behind. Then no path leads to x.",
            "y.detach().requires_grad_()": "Now y is a leaf tensor: backward() works, but no "
            "path leads to x.",
            "torch.tensor(25.0, requires_grad=True)": "This y is a new leaf tensor: backward() "
            "works, but no path leads to x.",
            "25.0": "The value is right. But a float has no backward().",
            "y.backward(retain_graph=True)": "retain_graph=True would have to be in the first "
            "call. By now the saved tensors are freed.",
            "x": "With this, backward() works. But y should be 25 again.",
        },
        hints=[
            "The old graph can't be used any more. What builds a new one?",
            "How was y computed in the first place?",
        ],
        why="A graph is usually good for one backward pass, which frees the tensors that the "
        "operations saved: here x, which the rule for x**2 needs. An operation that saves "
        "nothing, such as +, does not raise. The nodes are still there. "
        "backward(retain_graph=True) keeps the saved tensors for another pass. Training loops "
        "usually don't need that: each forward pass builds a new graph.",
        core=True,
    )
    y.backward()
    assert [y.item(), x.grad.item()] == [25.0, 10.0]


def test_item_on_the_way():
    """item() returns the number in a tensor. What is the type of f?"""
    x = torch.tensor(2.0, requires_grad=True)
    h = (x**2).item() + 3
    f = h**2
    assert type(f) is __(
        float,
        wrong={
            "torch.Tensor": "Every tensor has a backward(), and f has none.",
            "int": "item() keeps the kind of number, and the 2.0 in x has a decimal point.",
            "None": "f has a value: it is the square of h.",
            "AttributeError": "That is what the last line raises. The blank asks about f "
            "itself.",
            "torch.float32": "A dtype is the kind of number in a tensor. Is f still a tensor?",
        },
        hints=[
            "What is (x**2).item()? What is it after 3 is added?",
            "What does Python call a number with a decimal point?",
        ],
        why="After item() you compute with Python numbers, and torch records nothing. If "
        "another path still leads from the result to x, nothing is raised: the gradient just "
        "lacks what would have come along this path.",
    )
    with pytest.raises(AttributeError, match="no attribute 'backward'"):
        f.backward()


def test_mend_the_cut():
    """The line in the comment gives wrong gradients, 12.0 and 4.0. Write what h should be."""
    for place, gradient in [(2.0, 60.0), (1.0, 12.0)]:
        x = torch.tensor(place, requires_grad=True)
        # It was: h = (x**2).item()
        h = __(
            x**2,
            wrong={
                "(x**2).item()": "That is the line as it was: item() cuts the graph.",
                "(x**2).data": ".data cuts the graph as well: it is a tensor without a "
                "grad_fn.",
                "(x**2).detach().requires_grad_()": "Now h requires grad, but it is a leaf "
                "tensor: the graph ends at h.",
                "(x**2).detach()": "detach() cuts the graph, just as item() does.",
                "float(x**2)": "float() makes a Python number, just as item() does.",
                "torch.tensor(x**2)": "torch.tensor() copies only the number. The new tensor "
                "has no grad_fn.",
                "torch.tensor((x**2).item())": "The number is in a tensor again, but this "
                "tensor has no grad_fn.",
                "torch.tensor((x**2).item(), requires_grad=True)": "Now h is a new leaf "
                "tensor, and the graph ends there. A path should lead on to x.",
                "x": "Now the graph is whole, but h should be the square of x.",
                "2 * x": "That is the derivative of the square. h should be the square itself.",
                "(x**2).grad": "This asks for a gradient. h should be the square itself.",
            },
            hints=[
                "Two paths should lead from f to x. One of them is cut.",
                "From x to f there should be nothing but tensors.",
            ],
            why="Stay with tensors until after backward(); item() is for printing and logging. "
            "A cut like this one is hard to find: the loss is right, nothing is raised, and "
            "the gradient is wrong.",
            core=True,
        )
        f = (h + x) ** 2
        f.backward()
        assert x.grad == gradient


def test_where_the_loss_is_lowest():
    """A look back at chapter 1. For which w is the gradient of this loss 0?"""
    place = __(
        4.0,
        wrong={
            "0.0": "At w = 0 you square -12, and the gradient is far from 0.",
            "12.0": "12 is what 3 * w should be. What is w then?",
            "-4.0": "The size is right. Which sign makes 3 * w - 12 zero?",
            "50.0": "50 lifts the whole curve. Does that move its lowest point?",
            "2.0": "At w = 2 you square -6, and the gradient is negative.",
            "36.0": "36 is 3 * 12. Which number times 3 is 12?",
        },
        hints=[
            "The gradient is negative where the loss falls, and positive where it rises.",
            "A square is lowest where it is 0, whatever is added to it.",
        ],
        why="Left of the lowest point the gradient is negative, right of it positive, and at "
        "the lowest point it is 0. The derivative of the 50 is 0: it shows in the loss, but "
        "not in the gradient.",
    )
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
    assert w.grad == __(
        5.0,
        wrong={
            "11.0": "11 counts both results. Was the square recorded when it was computed?",
            "6.0": "6 is the derivative of the square. At that line, did w require grad?",
            "None": "At the end w requires grad, and one of the two results was recorded.",
            "0.0": "0 would mean that w took part, but that it changes nothing.",
            "24.0": "24 is the value of first + second. The blank asks for the gradient.",
            "15.0": "15 is the value of second. The blank asks for the gradient.",
        },
        hints=[
            "Torch decides whether to record an operation at the moment it runs.",
            "Which of first and second has a grad_fn?",
        ],
        why="The flag counts from the moment it is set. To autograd, first is a constant: the "
        "graph has no edge to it. In mathematics the derivative would be 11; torch doesn't "
        "notice that anything is missing.",
    )
