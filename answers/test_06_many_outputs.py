"""Many outputs and the vector-Jacobian product.

From here on a tensor may hold many numbers. An operation like x**2 works on each element, and
x.grad has the shape of x, with a derivative for each element. But which derivative, if the
result has many elements as well? There is one for each pair of a result and an input: the
table of them all is the Jacobian, with a row for each result.

backward() does not compute this table. It wants one number to start from, or a factor for
each result: the upstream gradient. With these factors it adds up the rows of the Jacobian.
This weighted sum is the vector-Jacobian product, and each node of a graph computes one.

By the end you can predict what sum(), mean() and gradient= do to x.grad, ask for the
gradients that you want and no others, and read "Optional Reading: Tensor Gradients and
Jacobian Products" in PyTorch's tutorial Automatic Differentiation with torch.autograd.
"""

import contextlib

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_the_gradient_of_a_sum():
    """x**2 squares each element, sum() adds them up. What is in x.grad, as a list?"""
    x = torch.tensor([1.0, 5.0, -3.0], requires_grad=True)
    y = (x**2).sum()
    y.backward()
    assert x.grad.tolist() == __(
        [2.0, 10.0, -6.0],
        wrong={
            "[1.0, 25.0, 9.0]": "These are the squares. The blank asks for derivatives.",
            "6.0": "6 is the sum of the three derivatives. But x.grad has the shape of x.",
            "[6.0, 6.0, 6.0]": "6 is the sum of the three derivatives. How fast does y grow if "
            "only one element of x grows?",
            "[1.0, 1.0, 1.0]": "1 is how fast y grows with each square. How fast does a square "
            "grow?",
            "[2.0, 10.0, 6.0]": "The sizes are right. What happens to a square if its negative "
            "number grows?",
            "35.0": "35 is the value of y. x.grad has an element for each element of x.",
            "[35.0, 35.0, 35.0]": "35 is the value of y. The blank asks for derivatives.",
            "[2.0, 2.0, 2.0]": "The derivative of a square depends on what is squared.",
            "[3.0, 3.0, 3.0]": "3 is the sum of x. Which derivative belongs to each of its "
            "elements?",
        },
        hints=[
            "Change one element of x and keep the other two. How fast does y change?",
            "Each element of x has an influence on its own square only.",
        ],
        why="The gradient of one number with respect to a tensor is a tensor of the same "
        "shape: each element says how fast the result grows if that element alone grows. sum() "
        "passes its upstream gradient on to every element, unchanged.",
        numbers={
            "5.0": "7.0",
            "3.0": "4.0",
            "10.0": "14.0",
            "6.0": "8.0",
            "25.0": "49.0",
            "9.0": "16.0",
            "35.0": "66.0",
            "6": "8",
            "35": "66",
            "3": "4",
        },
        core=True,
    )


def test_the_gradient_of_a_mean():
    """v is one of n elements of x. Write the derivative of (x**2).mean() with respect to v."""

    def derivative(v, n):
        return __(
            2 * v / n,
            wrong={
                "2 * v": "That would be right for sum(). What does mean() do after it?",
                "v / n": "The derivative of a square has a factor of its own.",
                "2 / n": "The derivative of a square depends on what is squared.",
                "v**2 / n": "That is what v adds to the mean. How fast does this grow with v?",
                "2 * v * n": "Does a mean of many elements grow faster with one of them than "
                "their sum, or slower?",
                "2 * v / 2": "That is right for two elements alone.",
                "1 / n": "That is how fast the mean grows with one of the squares. How fast "
                "does this square grow with v?",
            },
            hints=[
                "Work it out for sum() first.",
                "Dividing a result by n divides its derivative by the same number.",
            ],
            why="For [1.0, 2.0, 3.0] the gradient is about [0.67, 1.33, 2.0]. Losses are "
            "usually means over a batch, so that a gradient does not grow with the size of the "
            "batch, as it would with sum().",
        )

    for values in [[1.0, 3.0], [4.0, -2.0, 8.0, 1.0]]:
        x = torch.tensor(values, requires_grad=True)
        (x**2).mean().backward()
        predicted = [derivative(v, len(values)) for v in values]
        assert x.grad.tolist() == predicted


def test_two_results():
    """y has two elements, and y.backward() raises.

    Which line gives each element of x its own derivative?
    """
    gradients = []
    for power in [2, 3]:
        x = torch.tensor([1.0, -3.0], requires_grad=True)
        y = x**power
        with pytest.raises(RuntimeError, match="only for scalar outputs"):
            y.backward()
        __(
            y.sum().backward(),
            wrong={
                "y.backward()": "That is the line that raises: from which of the two should it "
                "start?",
                "y.mean().backward()": "That runs. But each derivative is then divided by the "
                "number of elements.",
                "y.backward(torch.tensor(1.0))": "A factor for a single number. It has to have "
                "the shape of y.",
                "y.backward(1.0)": "The argument has to be a tensor, and to have the shape of "
                "y.",
                "y[0].backward()": "Then only the first element of x gets its derivative.",
                "x.sum().backward()": "That leaves y out. The sum of x grows as fast as each "
                "of its elements.",
                "x.backward()": "x has two elements, too. And y should be differentiated.",
                "y.item().backward()": "item() wants a single element, and returns a number "
                "without a graph.",
                "y.sum()": "That makes the two numbers into one. But nothing starts a backward "
                "pass.",
                "y.backward(retain_graph=True)": "retain_graph=True is about a second pass. "
                "The first one still has two results to start from.",
                "y.backward(y)": "That runs. But each derivative is multiplied by its element "
                "of y.",
                "y.max().backward()": "Then only the largest element is differentiated.",
                "torch.autograd.backward(y)": "That is what y.backward() does, so it raises as "
                "well.",
            },
            hints=[
                "Make y into one number, in such a way that each derivative stays what it is.",
                "The koans before this one show two ways. Which of them divides nothing?",
            ],
            why="A scalar is a single number. y.backward(torch.ones(2)) does the same: each "
            "result counts once. Some say that backward() works best on a scalar, but without "
            "an argument it works on nothing else. A loss is a scalar for this reason: sum() "
            "or mean() turns the losses of all examples into one number.",
            core=True,
        )
        gradients.append(x.grad.tolist())
    assert gradients == [[2.0, -6.0], [3.0, 27.0]]


def test_numbers_in_brackets():
    """Brackets give a tensor more dimensions. What is in gradients at the end?

    If the block raises a RuntimeError, suppress() skips the rest of the block.
    """
    gradients = []
    for numbers in [3.0, [3.0], [[3.0]], [3.0, 3.0]]:
        w = torch.tensor(numbers, requires_grad=True)
        loss = (2 * w - 5) ** 2
        with contextlib.suppress(RuntimeError):
            loss.backward()
            gradients.append(w.grad.tolist())
    assert gradients == __(
        [4.0, [4.0], [[4.0]]],
        wrong={
            "[4.0]": "That would be right if backward() asked for a tensor without dimensions. "
            "What does it need: no dimensions, or one number to start from?",
            "[4.0, [4.0]]": "One more pair of brackets adds a dimension. Does it add an "
            "element?",
            "[4.0, [4.0], [[4.0]], [4.0, 4.0]]": "One of the four raises. Which of them has "
            "more than one number to start from?",
            "[4.0, 4.0, 4.0]": "The numbers are right. Which shape does the gradient of [3.0] "
            "have?",
            "[2.0, [2.0], [[2.0]]]": "That is 2 * (2 * w - 5). How fast does 2 * w grow with "
            "w?",
            "[1.0, [1.0], [[1.0]]]": "1 is the loss. What is its derivative with respect to w?",
            "[3.0, [3.0], [[3.0]]]": "3 is w. The blank asks for gradients.",
            "[4.0, 4.0, 4.0, 4.0]": "One of the four raises. And a gradient has the shape of "
            "its tensor.",
            "[[4.0], [4.0], [4.0]]": "A gradient has the shape of its tensor. These are three "
            "different shapes.",
        },
        hints=[
            "From how many numbers would backward() have to start, in each of the four?",
            "A gradient has as many brackets as its tensor.",
        ],
        why="What counts is one element, whatever the shape: torch's message says scalar, and "
        "means one element. So the loss of [3.0] needs no sum(), although it is printed in "
        "brackets, as tensor([1.], grad_fn=<PowBackward0>). And a gradient always has the "
        "shape of its tensor.",
        numbers={"3.0": "4.0", "4.0": "12.0", "2.0": "6.0", "1.0": "9.0", "1": "9", "3": "4"},
    )


def test_a_factor_for_each_result():
    """gradient= gives backward() a factor for each element of y. Give x.grad, as a list."""
    x = torch.tensor([1.0, 5.0, -3.0], requires_grad=True)
    y = x**2
    y.backward(gradient=torch.tensor([1.0, 0.0, 10.0]))
    assert x.grad.tolist() == __(
        [2.0, 0.0, -60.0],
        wrong={
            "[2.0, 10.0, -6.0]": "That would be right if all the factors were 1.",
            "[1.0, 0.0, 10.0]": "These are the factors. What is each multiplied by on its way "
            "to x?",
            "[1.0, 0.0, 90.0]": "The factors times the values of y. What does the node of a "
            "square multiply them by?",
            "[1.0, 0.0, -30.0]": "The factors times x. The derivative of a square has a factor "
            "of its own.",
            "[2.0, 10.0, -60.0]": "What does a factor of 0 do to the second element?",
            "[2.0, None, -60.0]": "A gradient is a tensor of numbers. None can stand for a "
            "whole .grad, but not for one element.",
            "[-58.0, -58.0, -58.0]": "-58 is the sum. But each element of x has an influence "
            "on its own square only.",
            "[2.0, 0.0, 60.0]": "The sizes are right. What is the derivative of the last "
            "square?",
            "[2.0, 0.0, -6.0]": "The last factor is not 1.",
            "[3.0, 10.0, 4.0]": "These are sums. A factor is multiplied by the derivative.",
        },
        hints=[
            "Each element by itself: the derivative of its square, times its factor.",
            "You know this rule from single numbers: upstream gradient times local derivative.",
        ],
        why="The argument is the upstream gradient with which the pass starts. It has to have "
        "the shape of y, or backward() raises. Without it, a pass over a single number starts "
        "with 1. A later part of a program, or another machine, can hand in the gradient of "
        "its loss with respect to y this way.",
        numbers={
            "5.0": "10.0",
            "10.0": "20.0",
            "60.0": "120.0",
            "90.0": "180.0",
            "30.0": "60.0",
            "58.0": "118.0",
            "58": "118",
            "4.0": "14.0",
        },
        core=True,
    )


def test_a_loss_instead_of_factors():
    """Write a loss that brings to x what y.backward(gradient=v) would bring."""
    for factors in [[1.0, 0.0, 10.0], [-2.0, 3.0, 1.0]]:
        v = torch.tensor(factors)
        x = torch.tensor([1.0, 5.0, -3.0], requires_grad=True)
        y = x**2
        loss = __(
            (v * y).sum(),
            wrong={
                "y.sum()": "Here each element of y counts once. It should count as v says.",
                "v * y": "The factors are in it. But this has three elements, and backward() "
                "gets no argument.",
                "v.sum() * y.sum()": "Then each element of y counts as often as all of v "
                "together.",
                "(v + y).sum()": "v is only added, so the derivatives do not depend on it.",
                "(v * y).mean()": "The factors are in it. But then all is divided by 3.",
                "(v * x).sum()": "This is v times x. Where are the squares?",
                "(v * 2 * x).sum()": "That is the derivative, added up. Write the loss, and "
                "leave the derivative to backward().",
                "(v * x.grad).sum()": "x.grad is None until a backward pass has run.",
                "y.sum() * v": "This still has three elements. And each should have a factor "
                "of its own.",
                "y.backward(gradient=v)": "That runs a backward pass, and returns None. Write "
                "a loss.",
                "(v * x) ** 2": "Then v is squared, too. And this has three elements.",
                "((v * x) ** 2).sum()": "Then v is squared, too.",
            },
            hints=[
                "It should be one number in which each element of y counts as v says.",
                "First put in the factors, then turn the three numbers into one.",
            ],
            why="backward(gradient=v) computes the gradient of the sum of v * y, with v a "
            "constant. And the other way round: whatever comes after y, one factor for each "
            "element of y is all that the nodes before y need to know of it.",
        )
        loss.backward()
        found = x.grad
        x.grad = None
        (x**2).backward(gradient=v)
        assert found.tolist() == x.grad.tolist()


def test_a_row_of_the_jacobian():
    """torch.stack makes one tensor of three. The Jacobian of y has a row for each of them.

    A row holds the derivatives with respect to a and b. Write the list of factors that brings
    the second row.
    """
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(5.0, requires_grad=True)
    y = torch.stack([a * b, a**2, 3 * b])
    factors = __(
        [0.0, 1.0, 0.0],
        wrong={
            "[1.0, 1.0, 1.0]": "With these factors all rows are added up.",
            "[1.0, 0.0, 0.0]": "That brings the first row, the derivatives of a * b.",
            "[0.0, 0.0, 1.0]": "That brings the last row, the derivatives of 3 * b.",
            "[4.0, 0.0]": "That is the row itself. The pass computes it; what it needs is a "
            "factor for each element of y.",
            "[0.0, 1.0]": "Two numbers, as for a and b. But the factors belong to the results, "
            "and of these there are three.",
            "[1.0, 0.0]": "Two numbers, as for a and b. But the factors belong to the results.",
            "[0.0, 4.0, 0.0]": "The 4 is computed by the pass. Which factor leaves a row as it "
            "is?",
            "[0.0, 2.0, 0.0]": "The right row, but twice. Which factor leaves a row as it is?",
            "1.0": "One number can't say which row is meant. There is a factor for each "
            "element of y.",
            "[1.0]": "The argument has to have the shape of y: a factor for each element.",
            "[4.0, 0.0, 0.0]": "The factors belong to the rows. This brings four times the "
            "first row.",
        },
        hints=[
            "Two of the three results should not count at all.",
            "A list with three numbers, one for each result.",
        ],
        why="One backward pass brings one row. This way a whole Jacobian takes as many passes "
        "as there are results, here three. PyTorch has functions that do this for you, such as "
        "jacrev in torch.func.",
        core=True,
    )
    y.backward(gradient=torch.tensor(factors))
    assert [a.grad, b.grad] == [4.0, 0.0]


def test_a_weighted_sum_of_rows():
    """Work out the rows of the Jacobian first. What are a.grad and b.grad? Give a list."""
    a = torch.tensor(3.0, requires_grad=True)
    b = torch.tensor(4.0, requires_grad=True)
    y = torch.stack([a * b, a + b, b**2])
    y.backward(gradient=torch.tensor([1.0, 10.0, 100.0]))
    assert [a.grad, b.grad] == __(
        [14.0, 813.0],
        wrong={
            "[5.0, 12.0]": "These are the plain sums of the rows. Each row has a factor.",
            "[4.0, 3.0]": "That is the first row alone. The other two results have factors, "
            "too.",
            "[[4.0, 3.0], [10.0, 10.0], [0.0, 800.0]]": "These are the three rows with their "
            "factors. One tensor, one gradient: what is done with what comes along several "
            "paths?",
            "[14.0, 413.0]": "The derivative of b**2 with respect to b is not b.",
            "[13.0, 814.0]": "The derivatives of a * b are swapped: with respect to a factor "
            "it is the other factor.",
            "[555.0, 1332.0]": "111 is the sum of the factors. Each row has its own.",
            "[14.0, 13.0]": "The last row is missing. b is in the last result.",
            "[14.0, 1613.0]": "1600 is the factor times the value of b**2. The blank asks for "
            "derivatives.",
            "[813.0, 14.0]": "They are swapped: a comes first.",
        },
        hints=[
            "The rows: how fast do a * b, a + b and b**2 grow with a, and with b?",
            "Multiply each row by its factor. Then add up the column of a, and that of b.",
        ],
        why="This is the vector-Jacobian product, often called vjp: the factors are the "
        "vector. Each node computes one, out of its upstream gradient, and a backward pass "
        "never builds the table: with a million results and a million inputs it would have "
        "10**12 elements.",
        numbers={
            "3.0": "5.0",
            "4.0": "3.0",
            "14.0": "13.0",
            "813.0": "615.0",
            "5.0": "4.0",
            "800.0": "600.0",
            "413.0": "315.0",
            "13.0": "15.0",
            "814.0": "613.0",
            "555.0": "444.0",
            "1613.0": "915.0",
            "1600": "900",
        },
    )


def test_a_gradient_that_is_returned():
    """torch.autograd.grad is told what to differentiate, and with respect to what.

    What is type(returned), and what is in x.grad after the call? Give both, in a list.
    """
    x = torch.tensor(5.0, requires_grad=True)
    x.grad = torch.tensor(100.0)
    returned = torch.autograd.grad(x**2, x)
    assert [type(returned), x.grad] == __(
        [tuple, 100.0],
        wrong={
            "[torch.Tensor, 100.0]": "You can ask for the gradients of several tensors at "
            "once. What would torch return them in?",
            "[torch.Tensor, 110.0]": "That is what backward() does: it writes into .grad. This "
            "function returns what it computes.",
            "[tuple, 110.0]": "10 is what is returned. Is it also added to x.grad?",
            "[tuple, 10.0]": "10 is what is returned. Is it also written into x.grad?",
            "[tuple, None]": "x.grad was set by hand. Which line would have cleared it?",
            "[float, 100.0]": "Gradients are tensors. And you can ask for several at once.",
            "[list, 100.0]": "Several gradients can be asked for at once. But what holds them "
            "cannot be changed.",
            "[None, 110.0]": "backward() returns None, and writes into .grad. This function is "
            "asked for a result.",
            "[torch.Tensor, 10.0]": "10 is the gradient. But x.grad was set by hand: does this "
            "function write there?",
        },
        hints=[
            "You may ask for several gradients at once: the second argument can be a list.",
            "backward() writes. What does a function do that returns its result?",
        ],
        why="It returns a tuple with a tensor for each input, for one input as well: take "
        "returned[0]. And it leaves the .grad of all leaf tensors alone, so that it suits "
        "gradients which are not meant for a training step.",
        numbers={"5.0": "3.0", "100.0": "50.0", "110.0": "56.0", "10.0": "6.0", "10": "6"},
        core=True,
    )


def test_an_input_that_is_not_used():
    """z is not in the graph of y, so a plain call raises. Write one that returns None for z."""
    x = torch.tensor(5.0, requires_grad=True)
    z = torch.tensor(1.0, requires_grad=True)
    found = []
    for inputs in [[x, z], [z, x]]:
        with pytest.raises(RuntimeError, match="not have been used"):
            torch.autograd.grad(x**2, inputs)
        y = x**2
        gradients = __(
            torch.autograd.grad(y, inputs, allow_unused=True),
            wrong={
                "torch.autograd.grad(y, inputs)": "That is the call that raises. An argument "
                "says that an unused input is no mistake.",
                "torch.autograd.grad(y, inputs, materialize_grads=True)": "That does not "
                "raise. But it returns a tensor with 0 for z.",
                (
                    "torch.autograd.grad(y, x)",
                    "torch.autograd.grad(y, x, allow_unused=True)",
                ): "That does not raise. But it returns one gradient only; for z there should "
                "be None.",
                "torch.autograd.grad(y, [x])": "Then z is not asked for. There should be a "
                "None for it.",
                "torch.autograd.grad(y + 0 * z, inputs)": "Now z is in the graph, so that it "
                "gets a gradient of 0.",
                "torch.autograd.grad(y + z, inputs)": "Now z is in the graph, and has an "
                "influence on the result.",
                "torch.autograd.grad(inputs, y)": "Turned around: first what is "
                "differentiated, then with respect to what.",
                "torch.autograd.grad(y, inputs, retain_graph=True)": "That is about a second "
                "pass through the graph. z is not in it at all.",
                "torch.autograd.grad(y, inputs, allow_unused=False)": "That is the default. It "
                "raises.",
                "torch.autograd.grad(y, [x, z], allow_unused=True)": "The argument is right. "
                "But in the second round z comes first.",
                "y.backward()": "backward() returns None, and writes into .grad.",
                (
                    "(torch.autograd.grad(y, x)[0], None)",
                    "[torch.autograd.grad(y, x)[0], None]",
                ): "That would do where x comes first. In the second round it comes second.",
                "[x.grad, z.grad]": "Nothing has been written there: no backward() has run.",
                "torch.autograd.grad(y, inputs, strict=False)": "The right idea. But the "
                "argument of this function has another name.",
            },
            hints=[
                "Torch's message goes on, and names an argument for those who want just this.",
                "So the argument says that what is unused is allowed.",
            ],
            why="This is also what you meet if an input was copied after y was computed: "
            "x.clone() or x * 1 makes a new tensor, which is not in the graph of y. Then the "
            "cure is not the argument, but to ask for the tensor that was used.",
        )
        found.append(list(gradients))
    assert found == [[10.0, None], [None, 10.0]]


def test_only_one_leaf():
    """One call of backward() should add to w.grad, and leave x.grad alone. Which call?"""
    found = []
    for factor in [1.0, 3.0]:
        w = torch.tensor(2.0, requires_grad=True)
        x = torch.tensor(5.0, requires_grad=True)
        w.grad = torch.tensor(100.0)
        loss = factor * (w * x - 8) ** 2
        __(
            loss.backward(inputs=[w]),
            wrong={
                "loss.backward()": "That writes into the .grad of every leaf tensor in the "
                "graph.",
                "loss.backward(w)": "The first argument of backward() is the upstream "
                "gradient: w would be a factor.",
                "loss.backward([w])": "The first argument of backward() is the upstream "
                "gradient. The argument that you need has a name.",
                "loss.backward(inputs=[x])": "The right argument, but it is w that should get "
                "a gradient.",
                "loss.backward(inputs=[])": "The list should hold the tensors that get a "
                "gradient.",
                "torch.autograd.grad(loss, w)": "That returns the gradient, and nothing keeps "
                "it.",
                "w.grad = torch.autograd.grad(loss, w)": "That returns a tuple. .grad wants a "
                "tensor.",
                "w.grad = torch.autograd.grad(loss, w)[0]": "That replaces what was in w.grad. "
                "It should be added.",
                "w.backward()": "That is the derivative of w with respect to itself.",
                "x.requires_grad = False": "That is the right effect on x. But no backward "
                "pass has run.",
                "loss.backward(only=[w])": "The right idea, but the argument has another name.",
                "x.grad = None": "It is None already. And no backward pass has run.",
                "loss.backward(retain_graph=True)": "That is about a second pass. It writes "
                "into every .grad.",
            },
            hints=[
                "backward() has an argument for the tensors whose gradients you want.",
                "To torch.autograd.grad this is the second argument, and it has a name.",
            ],
            why="backward(inputs=...) accumulates into the .grad of these tensors and of no "
            "other leaf tensor. It works the other way round, too: if you want the gradient of "
            "an image, as for a saliency map, inputs= leaves the .grad of the weights alone.",
        )
        found.append([w.grad.item(), x.grad])
    assert found == [[120.0, None], [160.0, None]]


def test_a_sum_then_a_mean():
    """A look back at chapter 4, with four elements. What is in x.grad, as a list?"""
    x = torch.tensor([2.0, 4.0, 6.0, -8.0], requires_grad=True)
    (x**2).sum().backward()
    (x**2).mean().backward()
    assert x.grad.tolist() == __(
        [5.0, 10.0, 15.0, -20.0],
        wrong={
            "[4.0, 8.0, 12.0, -16.0]": "That is what the first pass leaves. The second one "
            "adds to it.",
            "[1.0, 2.0, 3.0, -4.0]": "That is what the second pass brings. What was there "
            "before?",
            "[8.0, 16.0, 24.0, -32.0]": "mean() divides by the number of elements.",
            "[6.0, 12.0, 18.0, -24.0]": "mean() divides by the number of elements, and that is "
            "not 2.",
            "[4.0, 16.0, 36.0, 64.0]": "These are products. Accumulating is not multiplying.",
            "[5.0, 10.0, 15.0, 20.0]": "The sizes are right. What is the derivative of the "
            "last square?",
            "10.0": "10 is the sum of the four. But x.grad has the shape of x.",
            "[10.0, 10.0, 10.0, 10.0]": "10 is the sum of the four. Each element has its own "
            "gradient.",
            "[3.0, 6.0, 9.0, -12.0]": "One of the factors of 2 is missing.",
        },
        hints=[
            "Work out each pass by itself, element by element.",
            "x.grad accumulates, and each of its elements does so by itself.",
        ],
        why="In short: x.grad has an element for each element of x; sum() and mean() decide "
        "how much each result counts; and passes accumulate, element by element.",
    )


def test_the_gradient_of_a_result():
    """A look back at chapter 5. h is not a leaf. Write an expression for the gradient of h."""
    found = []
    for f in [lambda t: (t**2).sum(), lambda t: (t**3).mean()]:
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        h = 2 * x
        loss = f(h)
        gradient = __(
            torch.autograd.grad(loss, h)[0],
            wrong={
                "h.grad": "h is not a leaf, and nobody called retain_grad(). And no pass has "
                "run.",
                "x.grad": "x.grad is None: no backward pass has run. And it would be the "
                "gradient of x, not of h.",
                "torch.autograd.grad(loss, h)": "That is a tuple. The gradient is in it.",
                "torch.autograd.grad(loss, x)[0]": "That is the gradient of x. h is on the way "
                "to it.",
                "torch.autograd.grad(h, x)[0]": "That would differentiate h, which has two "
                "elements. The loss should be differentiated.",
                "torch.autograd.grad(loss, h.clone())[0]": "h.clone() is a new tensor, which "
                "is not in the graph of the loss.",
                "torch.autograd.grad(h, loss)[0]": "Turned around: first what is "
                "differentiated, then with respect to what.",
                "h.retain_grad()": "That asks for the gradient to be kept, and returns None. "
                "No pass has run.",
                "loss.backward()": "That returns None. And h.grad would still be None.",
                "h.backward()": "That would differentiate h, which has two elements.",
                "2 * h": "That is right for the first loss alone.",
                "loss.backward(inputs=[h])": "That writes into h.grad, but returns None.",
                "h.grad_fn": "That is the node of 2 * x. It keeps no gradient.",
            },
            hints=[
                "A function of this chapter returns gradients instead of writing them.",
                "It returns a tuple, even for one tensor.",
            ],
            why="It works for any tensor in the graph, leaf or not: what is asked for is "
            "returned, and nothing has to be kept. loss.backward(inputs=[h]) would write into "
            "h.grad, although h is not a leaf.",
        )
        found.append(gradient.tolist())
    assert found == [[4.0, 8.0], [6.0, 24.0]]
