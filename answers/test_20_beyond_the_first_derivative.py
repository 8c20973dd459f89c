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
    assert found == __(
        [-4.0, 12.0, -24.0],
        wrong={
            "[-4.0, 0.0, 0.0]": "The first is the number -4. But it was computed from x, and "
            "with create_graph=True that is recorded.",
            "[-4.0, 8.0, -16.0]": "torch.autograd.grad() returns each derivative by itself. "
            "Nothing accumulates.",
            "[1.0, -4.0, 12.0]": "1 is x**4 itself. The loop differentiates before it appends.",
            "[-4.0, -12.0, -24.0]": "The second derivative has x**2 in it. What sign does a "
            "square have?",
            "[4.0, 12.0, 24.0]": "The first and the third have an odd power of x in them, and "
            "x is negative.",
            "[-4.0, 16.0, -64.0]": "These are powers of the first derivative. Each round "
            "differentiates.",
            "[-4.0, 12.0, 0.0]": "The second derivative still changes with x. How fast?",
            "[-4.0, -4.0, -4.0]": "In each round y is the derivative from the round before, "
            "not x**4.",
            "[-4.0, None, None]": "Here each backward pass is recorded, so each derivative "
            "leads back to x.",
        },
        hints=[
            "Use the power rule three times, each time on the last result.",
            "Then put -1 in for x in each of the three.",
        ],
        why="Each round records its backward pass, and the next round goes back through it. "
        "Without create_graph=True, y would have no graph after the first round, and the "
        "second one would raise. For a deep function every round builds a larger graph, so "
        "that high orders soon become costly.",
    )


def test_two_orders_in_one_place():
    """The second backward pass starts from x.grad. What is in x.grad at the end?"""
    x = torch.tensor(3.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    x.grad.backward()
    assert x.grad == __(
        45.0,
        wrong={
            "27.0": "27 is what the first pass leaves. Then a second one runs.",
            "18.0": "18 is what the second pass brings. What was in x.grad before it?",
            "6.0": "6 is the third derivative.",
            "54.0": "The second pass starts from x.grad, so it brings the derivative of a "
            "derivative.",
            "486.0": "That is the product of the two derivatives. What does backward() do with "
            "what is in .grad already?",
            "36.0": "The second pass brings the right number. But the first derivative is 3 * "
            "x**2.",
            "0.0": "x.grad has a graph here, so its derivative isn't 0. And nothing clears "
            "x.grad.",
            "None": "x is a leaf tensor that requires grad, and two passes have reached it.",
        },
        hints=[
            "What is in x.grad after the first pass? What does the second one bring?",
            "backward() doesn't clear x.grad, whatever the order of the derivative.",
        ],
        why="The sum of a first and a second derivative is of hardly any use, and nothing is "
        "raised. For the second one alone, give x.grad another name, set x.grad to None, and "
        "call backward() on what you have kept; or use torch.autograd.grad(), which "
        "accumulates nothing. And x.grad has a graph now that leads back to x: the two keep "
        "each other in memory until x.grad is cleared. Torch warns of this reference cycle.",
        numbers={
            "3.0": "4.0",
            "45.0": "72.0",
            "27.0": "48.0",
            "27": "48",
            "18.0": "24.0",
            "18": "24",
            "54.0": "96.0",
            "486.0": "1152.0",
            "36.0": "56.0",
        },
    )


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
    assert seconds == __(
        [None, 2.0, 0.0],
        wrong={
            "[0.0, 2.0, 0.0]": "On paper, yes. But does the backward pass of 2 * x compute "
            "anything from x?",
            "[0.0, 2.0, 1.0]": "1 is the first derivative of relu at 3. And does the backward "
            "pass of 2 * x compute anything from x?",
            "[None, 2.0, None]": "relu's derivative is 0 or 1. But its backward pass reads "
            "this off a saved tensor which depends on x, and that is recorded.",
            "[0.0, 2.0, None]": "Which of the two backward passes, that of 2 * x or that of "
            "relu, needs something saved?",
            "[None, 2.0, 1.0]": "1 is the first derivative of relu at 3. Does it change if x "
            "moves a little?",
            "[None, None, 0.0]": "The derivative of x**2 is 2 * x. Is it computed from x?",
            "[None, 6.0, 0.0]": "6 is the first derivative of x**2 at 3.",
            "[2.0, 6.0, 1.0]": "These are the first derivatives.",
            "[2.0, 2.0, 0.0]": "2 is the first derivative of 2 * x. Does it depend on x?",
            "[None, None, None]": "create_graph=True has the backward pass recorded. Which of "
            "them compute with something that depends on x?",
        },
        hints=[
            "A first derivative requires grad if it was computed from a tensor that does.",
            "Which two of these backward passes use something that was saved?",
        ],
        why="To differentiate the first derivative of 2 * x again would raise: it does not "
        "require grad. torch.func gives 0 there. relu's second derivative is 0, and recorded "
        "as such. So in a network of linear layers and relu, all second derivatives with "
        "respect to the input are 0 wherever they exist: a loss made of them alone can't train "
        "it. Where such a loss is needed, as for some differential equations, take tanh or "
        "another smooth activation.",
    )


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
        g = __(
            torch.autograd.grad(scores.sum(), x, create_graph=True)[0],
            wrong={
                "torch.autograd.grad(scores.sum(), x)[0]": "The numbers are right. But the "
                "backward pass was not recorded, so no path leads from g to w.",
                "torch.autograd.grad(scores.sum(), x, retain_graph=True)[0]": "That keeps the "
                "graph of the forward pass. Here the backward pass has to be recorded.",
                "torch.autograd.grad(scores, x, create_graph=True)[0]": "scores has two "
                "elements. Without further arguments a backward pass starts from a single one.",
                "torch.autograd.grad(scores, x, torch.ones(2))[0]": "The factors bring the "
                "right numbers. But the backward pass was not recorded.",
                "torch.autograd.grad(scores.sum(), x)[0].requires_grad_()": "With the flag g "
                "is a leaf tensor, and no path leads from it to w.",
                "torch.autograd.grad(scores.mean(), x, create_graph=True)[0]": "mean() divides "
                "each gradient by the number of rows.",
                "torch.autograd.grad(scores[0], x, create_graph=True)[0]": "Then the second "
                "row gets a gradient of 0. It has a score, too.",
                "torch.autograd.grad(scores.sum(), w, create_graph=True)[0]": "That is the "
                "gradient of w. The penalty is on the gradients of x.",
                "torch.autograd.grad(scores.sum(), x, create_graph=True)": "That is a tuple. "
                "The gradient is in it.",
                "scores.sum().backward(create_graph=True)": "This writes into x.grad and "
                "w.grad, and returns None.",
                "2 * w * x": "That is right for the first scores alone.",
                "x.grad": "No backward pass has filled it with these gradients.",
            },
            hints=[
                "No score depends on another row. So a pass from their sum serves all rows.",
                "And the pass has to be recorded, so that (g**2).sum() leads to w.",
            ],
            why="The sum is right because no score depends on another row; batch norm would "
            "mix them. WGAN-GP has such a penalty, and the losses of physics-informed networks "
            "and of learned force fields are made in the same way. create_graph=True also "
            "keeps the graph of the forward pass, since the second pass needs both. And as x "
            "requires grad, that pass also fills x.grad; backward(inputs=[w]) would not.",
        )
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
        return __(
            x - first / second,
            wrong={
                "x - first": "That is a step of gradient descent, with a learning rate of 1.",
                "x - 0.25 * first": "That is gradient descent. This learning rate suits the "
                "first function, but not the others.",
                "x + first / second": "The length is right, but not the direction.",
                "first / second": "That is how far x has to move. newton() returns a place.",
                "x - second / first": "Where the slope changes fast, the step should be short. "
                "Here it is the other way round.",
                "x - first * second": "Where the slope changes fast, the step should be short.",
                "x - first / second.abs()": "So the step goes downhill. But at the top of a "
                "hill the slope is 0, too, and there this step doesn't lead.",
                "x - f(x) / first": "That is Newton's method for a place where f is 0. Here "
                "the slope should become 0.",
                "x - second": "Where the slope is 0, the step should be 0.",
                "x - first.sign()": "How far is it to the place where the slope is 0?",
            },
            hints=[
                "The slope is first, and it changes by second for each 1 that x moves.",
                "How far does x have to move for the slope to become 0?",
            ],
            why="The second derivative sets the length of the step, so there is no learning "
            "rate. The method heads for any place where the slope is 0: for the top of a hill "
            "as well, and for a saddle. With n weights, second is the Hessian, with n * n "
            "elements, and dividing by it means solving n equations. That is why deep learning "
            "mostly stays with first derivatives.",
        )

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
    assert gradients == __(
        [-1.0, -2.0],
        wrong={
            "[-1.0, -1.0]": "Without create_graph=True, g is a constant to the outer loss. "
            "What is the derivative of stepped with respect to w then?",
            "[-2.0, -2.0]": "With create_graph=True, g leads to w as well. That changes the "
            "derivative of stepped with respect to w.",
            "[-2.0, -1.0]": "They are swapped. In which round does the path through g count?",
            "[-1.0, None]": "In the second round no path leads through g. But another one "
            "leads from stepped to w.",
            "[-1.0, 0.0]": "In the second round g is a constant. But w itself is in stepped, "
            "too.",
            "[1.0, 2.0]": "The sizes are right. Is stepped above 2 or below it?",
            "[4.0, 4.0]": "4 is g, the gradient of the inner loss. The blank asks for those of "
            "the outer one.",
            "[1.0, 1.0]": "1 is the outer loss. The blank asks for its gradients.",
            "[-0.5, -1.0]": "The derivative of a square has a factor of 2.",
            "[-3.0, -2.0]": "The path through g counts with a minus: a step is taken off w.",
        },
        hints=[
            "In both rounds g is 4 and stepped is 1. Which paths lead from there to w?",
            "If g was recorded, stepped is 0.5 * w. If not, it is w minus a constant.",
        ],
        why="This is learning to learn, as in MAML: the loss is taken after a step, and "
        "differentiated through the step. With create_graph=False it is first-order MAML: "
        "cheaper, and another gradient. Note that nothing is raised. Wherever a loss reaches "
        "the weights by one path directly and by another through a gradient, forgetting "
        "create_graph loses a term in silence. The step is written by hand since "
        "optimizer.step() is not recorded by default.",
    )


def test_the_tangent_of_a_product():
    """In forward mode a and b carry their tangents along, da and db.

    make_dual() puts a number and its tangent together. Write the tangent of a * b.
    """

    def tangent_of_product(a, da, b, db):
        return __(
            a * db + da * b,
            wrong={
                "da * db": "The derivative of a product is not the product of the derivatives.",
                "da + db": "That is the tangent of a sum.",
                "a * da + b * db": "If only a changes, how fast does the product change? It "
                "depends on the other factor.",
                "a * db": "That would be right if a were a constant.",
                ("da * b", "b * da"): "That would be right if b were a constant.",
                "a * db - da * b": "If both grow, the two changes don't work against each "
                "other.",
                "(a + da) * (b + db)": "That is the product after a whole step. The tangent is "
                "how fast it changes.",
                "a * b": "That is the number. Its tangent is asked for.",
                "fw.make_dual(a, da) * fw.make_dual(b, db)": "That is the number with "
                "its tangent. Write the tangent alone, as a formula of a, da, b and db.",
                "a * db + da * b + da * db": "The last term belongs to a step of finite size. "
                "A derivative doesn't have it.",
            },
            hints=[
                "Let only a change, then only b. What does each bring?",
                "Together it is the product rule, with a tangent in each term.",
            ],
            why="A number and its tangent are a dual number. Most operations have a rule for "
            "tangents, as they have one for the backward pass. Number and tangent go through a "
            "function together, from the input to the output, and nothing is saved for later: "
            "forward mode needs no graph. Dual numbers live inside dual_level(), and lose "
            "their tangents when it ends.",
        )

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
    assert [left.tolist(), right.tolist()] == __(
        [[5.0, 2.0], [5.0, 4.0]],
        wrong={
            "[[5.0, 4.0], [5.0, 2.0]]": "They are swapped. A row belongs to an output, a "
            "column to an input.",
            "[[5.0, 2.0], [5.0, 2.0]]": "From the right v picks a column: how both outputs "
            "change with x[0].",
            "[[5.0, 4.0], [5.0, 4.0]]": "From the left v picks a row: how the first output "
            "changes with both inputs.",
            "[[5.0, 2.0], [4.0, 0.0]]": "That is the whole Jacobian.",
            "[[10.0, 4.0], [10.0, 4.0]]": "These are the outputs of f. The products are made "
            "of derivatives.",
            "[[5.0, 0.0], [5.0, 0.0]]": "The 0 in v leaves a whole row or column out, not an "
            "element of what is picked.",
            "[[2.0, 5.0], [2.0, 4.0]]": "The derivatives of x[0] * x[1] are swapped: with "
            "respect to a factor it is the other factor.",
            "[5.0, 5.0]": "Each product has two elements.",
        },
        hints=[
            "The rows of the Jacobian belong to x[0] * x[1] and x[0] ** 2.",
            "From the left v has a factor for each row, from the right for each column.",
        ],
        why="vjp(f, x) runs f, and returns its output and a function. That function runs a "
        "backward pass for each vector that it is given, and returns a tuple, with a gradient "
        "for each argument of f. jvp(f, (x,), (v,)) runs f with v as the tangent of x, and "
        "returns the output and its tangent. It takes tuples because f may have several "
        "arguments.",
    )


def test_a_jacobian_pass_by_pass():
    """J is the Jacobian of f. Each pass takes a vector with a single 1.

    How many calls of pull(), and how many of jvp(), bring all of J? Give a list.
    """
    A = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x = torch.tensor([1.0, -2.0, 0.5])

    def f(x):
        return A @ x**2

    _, pull = vjp(f, x)
    pulls, jvps = __(
        [2, 3],
        wrong={
            "[3, 2]": "They are swapped. Which of the two brings a row, and how many rows has "
            "J?",
            "[1, 1]": "A call of pull() brings one row, or a sum of rows. Is that all of J?",
            "[6, 6]": "No call brings a single element: each brings a row or a column.",
            "[2, 2]": "jvp() brings a column each time. How many has J?",
            "[3, 3]": "pull() brings a row each time. How many has J?",
            "[1, 3]": "One call of pull() brings one row, or a sum of rows.",
            "[1, 2]": "One call of pull() brings one row. And jvp() brings columns.",
            "[2, 1]": "One call of jvp() brings one column, or a sum of columns.",
            "[5, 5]": "It is either the rows or the columns. Each has all of J in it.",
        },
        hints=[
            "J has a row for each output and a column for each input. What shape has it here?",
            "pull() multiplies J from the left: with a single 1 it picks a row.",
        ],
        why="Rows take a backward pass for each output, columns a forward-mode pass for each "
        "input. A loss is one number with millions of inputs, so reverse mode needs one pass "
        "for its gradient, and forward mode millions: that is why training uses backward(). "
        "For few inputs and many outputs it is the other way round. jacrev and jacfwd in "
        "torch.func do this with all vectors at once, and so does torch.autograd.grad() with "
        "is_grads_batched=True for rows.",
    )
    rows = [pull(u)[0] for u in torch.eye(pulls)]
    columns = [jvp(f, (x,), (v,))[1] for v in torch.eye(jvps)]
    J = 2 * x * A
    assert torch.equal(torch.stack(rows), J)
    assert torch.equal(torch.stack(columns, dim=1), J)


def test_a_function_of_a_function():
    """grad(f) is a function: the derivative of f. Write the second derivative."""

    def f(x):
        return x**4 + x

    second = __(
        grad(grad(f)),
        wrong={
            "grad(f)": "That is the first derivative.",
            (
                "grad(f) ** 2",
                "lambda x: grad(f)(x) ** 2",
                "lambda x: grad(f)(x) * grad(f)(x)",
            ): "The square of the first derivative is not the second derivative.",
            "lambda x: grad(f)(grad(f)(x))": "That is the slope of f at another place: where "
            "x is the first derivative.",
            (
                "grad(grad)(f)",
                "grad(grad, f)",
            ): "grad() takes a function that returns a number, and grad itself returns a "
            "function.",
            (
                "grad(f)(grad(f))",
                "grad(f(grad(f)))",
            ): "f and its derivative take numbers. Here each would get a function.",
            "lambda x: grad(grad(f))": "This returns a function where a number is wanted. What "
            "grad() returns is a function of x already.",
            "lambda x: grad(grad(f)(x))": "grad(f)(x) is a number, and "
            "grad() takes a function.",
            "grad(f, 2)": "The second argument of grad() says with respect to which argument "
            "of f.",
            "grad(f, create_graph=True)": "The grad() of torch.func has no such argument, and "
            "needs none. Where does the second derivative come from?",
            "grad(f)(f)": "The derivative takes a number. What is wanted is the derivative of "
            "the derivative.",
            "torch.autograd.grad(torch.autograd.grad(f))": "torch.autograd.grad() takes a "
            "result and inputs. The grad() of torch.func takes a function.",
        },
        hints=[
            "grad(f) is a function of x, and so it can be given to grad().",
            "No x is needed here, and nothing is called but grad().",
        ],
        why="Nobody has to ask for a recorded backward pass: transforms nest by themselves. In "
        "torch.autograd.functional, which is older, they don't. A Jacobian that is made there "
        "without create_graph=True has no graph, and its own Jacobian is 0 in silence; "
        "strict=True in the outer call makes that an error.",
    )
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
    assert [gradient.item(), tangent.item(), x.grad] == __(
        [4.0, 12.0, None],
        wrong={
            "[12.0, 12.0, None]": "What stands in f counts for grad(): c is computed, but not "
            "recorded.",
            "[4.0, 4.0, None]": "no_grad() switches recording off. Does forward mode record "
            "anything?",
            "[0.0, 12.0, None]": "grad() records what f does, also where it is called under "
            "no_grad(). Only what is inside f counts.",
            "[0.0, 0.0, None]": "no_grad() around the calls doesn't reach into what grad() and "
            "jvp() do with f.",
            "[12.0, 4.0, None]": "They are swapped. Which of the two modes needs a record?",
            "[4.0, 12.0, 4.0]": "grad() returns the gradient. Does it write anything into "
            "x.grad?",
            "[4.0, 12.0, 0.0]": "No backward() has run on x. What is in .grad then?",
            "[4.0, 0.0, None]": "v carries a tangent of 1, whatever is recorded.",
            "[4.0, 8.0, None]": "8 comes through c. The factor v has a tangent as well.",
            "[12.0, 12.0, 12.0]": "c is not recorded, and to one of the modes that matters. "
            "And does grad() write anything into x.grad?",
            "[8.0, 12.0, None]": "8 comes through c, which is not recorded here. What comes "
            "through v?",
        },
        hints=[
            "If c is a constant, f is 4 * v here. If not, it is v**3.",
            "grad() minds what f does inside. And does a tangent need a record?",
        ],
        why="grad(f) builds a graph of its own: its input needs no requires_grad, and its "
        "result is returned and written nowhere. no_grad() is for what gets recorded, and a "
        "tangent is not: to cut a tangent off, use detach(). So for code that uses no_grad() "
        "to make a constant, the two modes give different derivatives.",
    )


def test_a_model_with_other_parameters():
    """functional_call() runs a model with parameters from a dict instead of its own.

    Write the call, so that loss() is a function of params.
    """
    model = nn.Linear(2, 1)
    x = torch.tensor([[1.0, 3.0]])

    def loss(params):
        out = __(
            functional_call(model, params, (x,)),
            wrong={
                "model(x)": "That uses the model's own parameters. params has no part in it, "
                "so its gradients are 0.",
                (
                    "model(params, x)",
                    "model(x, params)",
                    "model(**params)",
                ): "A model takes inputs. Its parameters are no argument of it: that is what "
                "functional_call() is for.",
                (
                    "functional_call(model, x, params)",
                    "functional_call(model, (x,), params)",
                ): "The dict comes before the inputs.",
                "functional_call(params, model, x)": "The model comes first.",
                "functional_call(model, params)": "The model also needs its input.",
                "functional_call(model, x)": "And with which parameters should the model run?",
                "functional_call(params, x)": "Which model is to be run?",
                "functional_call(model, (params, x))": "The parameters and the input are two "
                "arguments. Only the input may stand in a tuple.",
                "functional_call(model, **params)": "The dict is given as a whole. And the "
                "model also needs its input.",
                "functional_call(model, params)(x)": "functional_call() runs the model at "
                "once, so it needs the input itself.",
                (
                    "functional_call(model, params['weight'], (x,))",
                    "functional_call(model, params['weight'], x)",
                ): "All of params is wanted: the bias, too, and the names.",
                (
                    "functional_call(loss, params, (x,))",
                    "functional_call(loss, params, x)",
                ): "loss() is the function that is being "
                "written here. What should be run is the model.",
                "functional_call(model(x), params, (x,))": "The first argument is the model "
                "itself, not its output.",
                "functional_call(nn.Linear, params, (x,))": "nn.Linear is a class. The model "
                "is one of its objects.",
                "functional_call(model, dict(model.named_parameters()), (x,))": "These are the "
                "model's own parameters again.",
                "model.load_state_dict(params)": "That copies the numbers into the model. What "
                "should be returned is an output that leads to params.",
                "x @ params['weight'] + params['bias']": "The weight has a row for each "
                "output, so the shapes don't fit. And functional_call() suits any model.",
            },
            hints=[
                "It takes three things: what is run, the parameters, and the input.",
                "The input may stand in a tuple, since a model may have several.",
            ],
            why="Now the parameters are an argument, and any transform can be applied: "
            "gradients, Hessians, or vmap() over a whole set of models. The model itself is "
            "left as it was: its parameters keep their numbers, and their .grad stays None. A "
            "parameter that the dict leaves out is taken from the model; with strict=True that "
            "is an error.",
        )
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
        start = __(
            g @ v,
            wrong={
                "g": "g has two elements. A backward pass starts from a single number here.",
                "g * v": "That has two elements. They still have to become one number.",
                "g.sum()": "That brings H times a vector of ones.",
                "g[0]": "That brings the first row of H.",
                "(g + v).sum()": "v is a constant here. Adding it changes no derivative.",
                ("g @ g", "g @ x"): "v has no part in this.",
                "v @ x": "The gradient of that is v itself.",
                "v": "v is a constant. No path leads from it to x.",
                "f(x)": "That brings the first derivatives again.",
                "f(x) @ v": "f(x) is a single number. Which vector has the second derivatives "
                "for its derivatives?",
                "f(x) * v.sum()": "That brings first derivatives, multiplied by a number.",
                "g.detach() @ v": "detach() cuts the path from g to x.",
            },
            hints=[
                "g[0] would bring the first row of H. Which number brings a sum of rows?",
                "H is symmetric, so H @ v is the sum of its rows with the factors in v.",
            ],
            why="With a million weights H has 10**12 elements, but H @ v has a million, and it "
            "costs only a few times as much as a gradient. Two backward passes are reverse "
            "over reverse. jvp() of grad(f) is forward over reverse, since H is the Jacobian "
            "of the gradient. It is usually the cheaper one, if all operations have a rule "
            "for tangents. Methods that use curvature, such as conjugate gradients, or a "
            "search for the largest eigenvalue of H, need no more than such products.",
        )
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
        return __(
            torch.where(v > 0, v**2, v / 4),
            wrong={
                "v**2 if v > 0 else v / 4": "That is the if again.",
                "kink(v)": "The if is in kink().",
                "max(v**2, v / 4)": "Python's max() has to know which one is larger: that is "
                "an if, too.",
                "torch.maximum(v**2, v / 4)": "At -2 the larger one is not the one that is "
                "wanted.",
                "v > 0 and v**2 or v / 4": "and and or ask whether something is true. That is "
                "an if in other words.",
                "v**2 if v.item() > 0 else v / 4": "Under vmap() v stands for a whole batch. "
                "item() is refused, too.",
                "torch.where(v > 0, v / 4, v**2)": "The condition is right. The two results "
                "are swapped.",
                "torch.where(v < 0, v**2, v / 4)": "kink() takes the square where v is "
                "positive. Here it is the other way round.",
                "torch.where(v > 0, v**2)": "And what should be taken where v is not above 0?",
                "torch.where(v > 0, v**2, v / 4).item()": "Under vmap() the result stands for "
                "a whole batch, so item() is refused.",
                "torch.where(v, v**2, v / 4)": "The first argument is a condition.",
                "(v > 0) * v**2": "That is 0 where v is negative.",
                "torch.relu(v) ** 2": "Where v is negative, that is flat.",
                "v**2": "That is right for one of the two numbers.",
            },
            hints=[
                "Compute both results. What chooses between two tensors?",
                "Chapter 13 has it: it takes a condition and two tensors.",
            ],
            why="vmap() runs the function once, and in it v stands for the whole batch: the if "
            "would have to go both ways. torch.where computes both results, so what chapter 13 "
            "says of the branch that was not taken holds here, too. item() is refused by "
            "vmap() as well. grad() does let it pass, but the derivative of what becomes a "
            "plain number is lost in silence. A function for torch.func should be pure: it "
            "returns all that it computes, and writes to nothing outside.",
        )

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

    of_each = __(
        vmap(grad(loss), in_dims=(None, 0, 0)),
        wrong={
            "grad(loss)": "That takes the batch as a whole, and brings the sum.",
            (
                "vmap(grad(loss))",
                "vmap(grad(loss), in_dims=(0, 0, 0))",
                "vmap(grad(loss), in_dims=0)",
            ): "That takes the parameters for a batch, too. They are the same for all "
            "examples.",
            "vmap(loss)": "That takes the parameters for a batch, too. And without grad() it "
            "brings losses.",
            "vmap(loss, in_dims=(None, 0, 0))": "That brings a loss for each example. Their "
            "gradients are wanted.",
            "grad(vmap(loss, in_dims=(None, 0, 0)))": "Here vmap() returns a loss for each "
            "example, and grad() takes a function that returns one number.",
            "vmap(grad(loss), in_dims=(None, 1, 0))": "The examples are the rows of X. Which "
            "dimension counts the rows?",
            "vmap(grad(loss), in_dims=(None, 0, None))": "Each example has its own y.",
            "vmap(grad(loss, argnums=1), in_dims=(None, 0, 0))": "argnums=1 stands for x. The "
            "gradients of the parameters are wanted.",
            "vmap(grad(loss)(params, X, Y), in_dims=(None, 0, 0))": "vmap() takes a function, "
            "and this gives it gradients.",
            (
                "vmap(grad(loss), in_dims=(None, 0, 0))(params, X, Y)",
                "vmap(grad(loss))(params, X, Y)",
            ): "of_each is the function itself. It is called further down.",
            "vmap(grad, in_dims=(None, 0, 0))(loss)": "vmap() should get the function that "
            "returns a gradient. grad() only makes it.",
        },
        hints=[
            "First a function for one example. Then vmap() applies it to a batch.",
            "params is the same for all examples. X and Y hold one in each row.",
        ],
        why="One call, and no loop. The sum over the examples is what a backward pass from the "
        "summed loss brings, unless examples influence each other, as they do in batch norm. "
        "Differential privacy clips each of these gradients before they are summed; their "
        "variance tells how noisy the gradient of a batch is. In the same way vmap() over "
        "jacrev of torch.func makes a Jacobian for each example. Applied to 5 examples at "
        "once, with 2 inputs and 3 outputs each, jacrev makes a tensor of shape (5, 3, 5, 2) "
        "that is mostly 0.",
    )
    each = of_each(params, X, Y)["weight"]
    assert each.tolist() == [[[4.0, 0.0]], [[0.0, 6.0]], [[6.0, 6.0]]]
    of_batch = grad(loss)(params, X, Y)["weight"]
    assert torch.equal(each.sum(dim=0), of_batch)
