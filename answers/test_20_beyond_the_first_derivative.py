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
    assert found == __(
        [12.0, 12.0, 6.0],
        wrong={
            "[12.0, 6.0, 0.0]": "The first is 3 * x**2, which is 12 at 2. What is the "
            "derivative of that, at 2?",
            "[12.0, 24.0, 30.0]": "grad() returns each derivative by itself. Nothing "
            "accumulates.",
            "[8.0, 12.0, 12.0]": "8 is x**3 itself. The first entry is its first derivative.",
            "[12.0, 12.0, 12.0]": "The third is the derivative of 6 * x.",
            "[12.0, 0.0, 0.0]": "12 is what 3 * x**2 is at 2. It still depends on x.",
            "[12.0, None, None]": "That would be so without create_graph=True, and an error "
            "rather than None.",
            "[6.0, 6.0, 6.0]": "3 * x**2 at 2: the power comes first.",
        },
        hints=[
            "3 * x**2, then 6 * x, then 6.",
            "Put 2 in for x in each of them.",
        ],
        why="Each round records the backward pass that it runs, and the next one goes back "
        "through that. Rules for double backward belong to each operation: what a rule of "
        "yours computes with torch's operations can be differentiated, too.",
    )


def test_first_and_second_in_one_place():
    """backward() accumulates derivatives of every order. What is x.grad after both passes?"""
    x = torch.tensor(2.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    x.grad.backward()
    assert x.grad == __(
        24.0,
        wrong={
            "12.0": "Both derivatives of x**3 are 12 at 2. They go into the same .grad.",
            "6.0": "That is the third derivative.",
            "144.0": "What comes into .grad is added.",
            "36.0": "There are two passes.",
            "18.0": "The second derivative is 6 * x. How much is it at 2?",
            "None": "x is a leaf tensor, so its .grad is filled.",
            "0.0": "Nothing takes the first derivative away again.",
        },
        hints=[
            "What is in x.grad after the first line with backward()?",
            "The second line adds the second derivative to it.",
        ],
        why="The sum of a first and a second derivative is of no use to anybody. For higher "
        "orders use torch.autograd.grad(), which returns what it computes. And x.grad now "
        "holds a graph that leads back to x, in a circle that keeps both in memory until "
        "x.grad is cleared: torch warns of it.",
    )


def test_what_can_be_differentiated_again():
    """Which of these first derivatives have a graph of their own? Give three flags."""
    functions = [lambda x: 2 * x, lambda x: x**2, torch.relu]
    flags = []
    for f in functions:
        x = torch.tensor(3.0, requires_grad=True)
        (first,) = torch.autograd.grad(f(x), x, create_graph=True)
        flags.append(first.requires_grad)
    assert flags == __(
        [False, True, True],
        wrong={
            "[True, True, True]": "The derivative of 2 * x is 2, wherever x is. Does the "
            "number 2 depend on x?",
            "[False, True, False]": "relu's derivative is a constant on either side, too. But "
            "its node computes it with what it has saved of x, and that is recorded.",
            "[False, False, False]": "With create_graph=True a backward pass is recorded.",
            "[True, True, False]": "Which of these derivatives are computed from x, or from "
            "what was saved of it?",
            "[True, False, True]": "The derivative of x**2 is 2 * x.",
            "[False, False, True]": "Does the derivative of x**2, 2 * x, depend on x?",
        },
        hints=[
            "A result requires grad if one of the inputs that it is computed from does.",
            "What does each rule compute with? 2 * x multiplies by a plain number.",
        ],
        why="To differentiate the first one again raises: it does not require grad. relu's "
        "second derivative is 0, recorded as such. A network of linear layers and relu has "
        "second derivatives with respect to its inputs that are 0 wherever they exist: a "
        "penalty on them trains nothing.",
    )


def test_a_penalty_on_a_gradient():
    """The loss is the square of a gradient. For it to train w, what has first to be?"""
    for place in [2.0, -1.0]:
        w = torch.tensor(3.0, requires_grad=True)
        x = torch.tensor(place, requires_grad=True)
        first = __(
            torch.autograd.grad(w * x**2, x, create_graph=True)[0],
            wrong={
                "torch.autograd.grad(w * x**2, x)[0]": "That is the right number. But nothing "
                "was recorded, so there is no way from it to w.",
                "torch.autograd.grad(w * x**2, x, retain_graph=True)[0]": "That keeps the "
                "graph of the forward pass. The backward pass isn't recorded.",
                "torch.autograd.grad(w * x**2, w, create_graph=True)[0]": "That is the "
                "derivative with respect to w.",
                "torch.autograd.grad(w * x**2, x, create_graph=True)": "grad() returns a "
                "tuple.",
                "(w * x**2).backward(create_graph=True)": "backward() returns None.",
                "torch.tensor(2 * 3.0 * place, requires_grad=True)": "That is the right "
                "number, as a new leaf: w has no part in it.",
                "w * x**2": "That is the function, and not its derivative.",
            },
            hints=[
                "The derivative of w * x**2 with respect to x, as a tensor that leads to w.",
                "torch.autograd.grad() has an argument that has the backward pass recorded.",
            ],
            why="A gradient in the loss: gradient penalties of adversarial networks, physics "
            "in a network's loss, and learning to learn are all made so. Without create_graph "
            "the loss would raise, or, where w reaches it by another way as well, lose a term "
            "in silence.",
        )
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
        x = x - __(
            first / second,
            wrong={
                "first": "That is a step of gradient descent, with a rate of 1. Here it is far "
                "too long.",
                "0.125 * first": "That is gradient descent. Newton's method has no rate.",
                "second / first": "The other way round: where the curve bends much, the step "
                "is short.",
                "first * second": "Where the curve bends much, the step should be short.",
                "second": "Where the first derivative is 0, there should be no step.",
                "first / second**2": "Once is enough.",
                "y / first": "So Newton finds where y is 0. Here the place is sought where the "
                "first derivative is 0.",
                "first.sign()": "How long is the step?",
            },
            hints=[
                "Draw the slope as a straight line, with its own slope. Where is it 0?",
                "The slope is first. It changes by second for each 1 that x moves.",
            ],
            why="Eight steps, and x is exact to the last digit of float32. In many dimensions "
            "second is a matrix, the Hessian, and to divide is to solve a system of equations: "
            "for a million weights nobody can. That is why deep learning stays with first "
            "derivatives.",
        )
    assert x.item() == pytest.approx(2.0, rel=1e-5)


def test_a_product_with_the_hessian():
    """H is the Hessian of f. H @ v is wanted, and H is too large. What is differentiated?"""

    def f(x):
        return x[0] ** 2 * x[1] + x[1] ** 3

    for v in [torch.tensor([1.0, 0.0]), torch.tensor([0.5, -2.0])]:
        x = torch.tensor([2.0, 3.0], requires_grad=True)
        (g,) = torch.autograd.grad(f(x), x, create_graph=True)
        (found,) = torch.autograd.grad(
            __(
                g @ v,
                wrong={
                    "g": "g has two elements. A backward pass begins at a single number.",
                    "g.sum()": "That is H times a vector of ones.",
                    "g * v": "That has two elements. A backward pass begins at a single "
                    "number.",
                    "v @ x": "The gradient of that is v.",
                    "f(x) * v.sum()": "That brings a first derivative.",
                    "g @ g": "That brings H times g, doubled.",
                    "(g + v).sum()": "v is added here, so its derivative is 0.",
                },
                hints=[
                    "g[0] has the first row of H for its gradient. And which number has H @ v?",
                    "H is symmetric: H @ v is v @ H, a sum of rows with the weights in v.",
                ],
                why="One backward pass more, and no matrix: for a million weights H would "
                "have 10**12 elements, and its product with a vector has a million. Methods "
                "that need curvature are built on this.",
            ),
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
    assert [left.tolist(), right.tolist()] == __(
        [[3.0, 2.0], [3.0, 4.0]],
        wrong={
            "[[3.0, 4.0], [3.0, 2.0]]": "They are swapped. A row belongs to one output, a "
            "column to one input.",
            "[[3.0, 2.0], [3.0, 2.0]]": "The second is how both outputs change with x[0].",
            "[[3.0, 4.0], [3.0, 4.0]]": "The first is how the first output changes with both "
            "inputs.",
            "[[3.0, 2.0], [4.0, 0.0]]": "That is the whole Jacobian. Its rows are the outputs.",
            "[[6.0, 4.0], [6.0, 4.0]]": "6 and 4 are the outputs themselves.",
            "[[3.0, 0.0], [3.0, 0.0]]": "v chooses a row or a column, with all its elements.",
            "[[2.0, 3.0], [4.0, 3.0]]": "The first output is x[0] * x[1]. With x[0] it changes "
            "by x[1].",
        },
        hints=[
            "The Jacobian has the rows [x[1], x[0]] and [2 * x[0], 0].",
            "From the left v brings the first row here, from the right the first column.",
        ],
        why="A row says how one output changes with all inputs: that is what training wants, "
        "with one loss and millions of weights. A column says how all outputs change with one "
        "input: for few inputs and many outputs forward mode is cheaper.",
    )


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
    assert passes == __(
        [2, 50],
        wrong={
            "[50, 2]": "A backward pass starts at one output, and reaches all inputs.",
            "[1, 1]": "A backward pass starts at a single number. A Jacobian has a row for "
            "each.",
            "[100, 100]": "One pass brings a whole row.",
            "[2, 2]": "How many rows has the second Jacobian?",
            "[50, 50]": "How many rows has the first Jacobian?",
            "[52, 52]": "Nothing runs once for each input.",
        },
        hints=[
            "A row for each output.",
            "matrix has the shape (outputs, inputs), and so has the Jacobian.",
        ],
        why="Reverse mode costs as much for one output as for another, however many inputs "
        "there are: a loss with a million weights takes one pass. Forward mode makes a "
        "Jacobian column by column, with a pass for each input.",
    )


def test_a_function_of_a_function():
    """grad() of torch.func returns a function: the derivative. Write the second derivative."""

    def f(x):
        return x**4 + x

    second = __(
        grad(grad(f)),
        wrong={
            "grad(f)": "That is the first.",
            "grad(f) ** 2": "A function can't be squared, and the square of a derivative is no "
            "second derivative.",
            "grad(f(grad(f)))": "f is a function of numbers. It isn't called here.",
            "grad(f)(grad(f))": "What is wanted is the derivative of a derivative.",
            "lambda x: grad(f)(x) * grad(f)(x)": "That is the square of the first.",
            "grad(f, 2)": "The second argument of grad() says with respect to which input.",
            "torch.autograd.grad(torch.autograd.grad(f))": "That one takes a result and "
            "inputs. The grad() that is imported here takes a function.",
        },
        hints=[
            "grad(f) is a function of x, and so it can be given to grad().",
            "Nothing is called here but grad().",
        ],
        why="create_graph isn't asked for: transforms nest by themselves. They want functions "
        "that return what they compute, and leave everything else alone: an item() inside "
        "gives a plain number, whose derivative is 0, and nobody says so.",
    )
    found = [second(torch.tensor(x)).item() for x in [1.0, -2.0, 0.5]]
    assert found == [12.0, 48.0, 3.0]


def test_what_func_grad_needs_and_leaves():
    """Give g and x.grad, and the flags of x and of g. What does grad() need, and leave?"""
    x = torch.tensor(3.0)
    g = grad(lambda v: v**2)(x)
    assert [g.item(), x.grad, x.requires_grad, g.requires_grad] == __(
        [6.0, None, False, False],
        wrong={
            "[6.0, 6.0, True, False]": "torch.func works on a copy of its own. x stays as it "
            "is.",
            "[6.0, 6.0, False, False]": "Nothing is written to .grad: g is returned.",
            "[6.0, None, True, False]": "x was made without requires_grad, and nobody changes "
            "that.",
            "[6.0, None, False, True]": "Outside the transform nothing is recorded, since x "
            "does not require grad.",
            "[9.0, None, False, False]": "9 is the square itself.",
            ("[0.0, None, False, False]", "[None, None, False, False]"): "x does not require "
            "grad, but that is no condition here.",
        },
        hints=[
            "grad() returns the derivative, and x is an argument like any other.",
            "Does anything outside know that there was a backward pass?",
        ],
        why="A function in, a number out, and nothing left behind. Parameters of a model are "
        "arguments, too: there is a function that calls a model with the parameters it is "
        "given, so that a model's gradient can be taken in the same way.",
    )


def test_a_gradient_for_each_example():
    """The gradient of a batch is a sum. Write a function that gives a row for each example."""

    def loss(w, x, y):
        return (w @ x - y) ** 2

    of_each = __(
        vmap(grad(loss), in_dims=(None, 0, 0)),
        wrong={
            "grad(loss)": "That is for one example: w @ x has no meaning for a batch.",
            "vmap(grad(loss))": "So w is taken apart, too, as if it were a batch.",
            "vmap(loss, in_dims=(None, 0, 0))": "These are the losses, and not their "
            "gradients.",
            "grad(vmap(loss, in_dims=(None, 0, 0)))": "grad() wants a single number, and a "
            "batch has many losses.",
            "vmap(grad(loss), in_dims=(0, 0, 0))": "w is the same for all of them.",
            "vmap(grad(loss), in_dims=(None, 1, 0))": "The examples are the rows of X.",
            "vmap(grad(loss, argnums=1), in_dims=(None, 0, 0))": "That is with respect to x.",
            "vmap(grad(loss), in_dims=(None, 0, None))": "Each example has its own y.",
        },
        hints=[
            "First a function for one example: its gradient with respect to w.",
            "vmap() applies it to each row. None says of an argument that it is no batch.",
        ],
        why="One call for the whole batch, and no loop. Training with differential privacy "
        "clips the gradient of each example, and the variance between them says how large a "
        "batch has to be. Their sum is what backward() on the summed loss brings.",
    )
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
    assert [x.grad.item(), tangent.item()] == __(
        [6.0, 12.0],
        wrong={
            "[6.0, 6.0]": "The tangent of c is 3 all the same: it travels with the number, and "
            "needs no recording.",
            "[12.0, 12.0]": "For the backward pass c is a constant: it was made without "
            "recording.",
            "[12.0, 6.0]": "They are swapped: which of the two needs a record?",
            "[6.0, 0.0]": "x has a tangent of 1, so the product has one.",
            "[0.0, 12.0]": "c is a constant for the backward pass. x isn't.",
            "[6.0, 3.0]": "A product has two parts: the tangent of c times x, and c times "
            "that of x.",
        },
        hints=[
            "Backward: c is the number 6. What is the derivative of 6 * x?",
            "Forward: c is 6 with a tangent of 3, x is 2 with a tangent of 1. Product rule.",
        ],
        why="Forward mode records nothing, so there is nothing that no_grad() could turn off. "
        "detach() does cut a tangent off. A pair of a number and a tangent is called a dual "
        "number.",
    )
