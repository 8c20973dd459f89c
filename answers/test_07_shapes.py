"""Shapes, broadcasting, indexing.

A gradient has the shape of its tensor. But a bias of two numbers may be added to a thousand
rows, and one row of a table may be read three times. So the backward pass has to bring many
numbers back to few places: each place gets the sum over all its uses, and a place that was
not used gets 0.

Two shapes that do not fit raise an error. Two shapes that fit in a way that you did not mean
raise nothing, and the model learns something else.

Shapes are compared from the right. Two sizes fit if they are equal, or if one of them is 1; a
dimension that is missing counts as 1. Where a 1 meets a larger size, it is stretched: this is
broadcasting. reshape(), squeeze(n) and unsqueeze(n) change a shape and no number, and sum(n)
adds up along dimension n. x @ w is the product of two matrices, and x.T is x with its rows and
columns exchanged.

By the end you can say where each number of a gradient comes from, write the rules of a
matrix product and of a broadcast, notice a broadcast that nobody meant, and read "General
semantics" in PyTorch's note Broadcasting semantics.
"""

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_the_shapes_of_a_layer():
    """A batch of 5 examples goes through a layer. What are the three shapes? Give tuples."""
    x = torch.ones(5, 3)
    w = torch.ones(3, 2, requires_grad=True)
    b = torch.zeros(2, requires_grad=True)
    y = x @ w + b
    y.sum().backward()
    shapes = [tuple(t.shape) for t in [y, w.grad, b.grad]]
    assert shapes == __(
        [(5, 2), (3, 2), (2,)],
        wrong={
            "[(5, 2), (3, 2), (5, 2)]": "b is used in each of the 5 rows. But a step has to "
            "subtract b.grad from b.",
            "[(5, 2), (5, 2), (5, 2)]": "(5, 2) is the shape of y. A gradient has the shape of "
            "the tensor that it belongs to.",
            "[(5, 2), (3, 2), (1, 2)]": "b.grad has as many numbers as that. How many "
            "dimensions does b have?",
            "[(5, 2), (5, 3), (2,)]": "(5, 3) is the shape of x. To which tensor does the "
            "second gradient belong?",
            "[(5, 2), (2, 3), (2,)]": "(2, 3) is w with its rows and columns exchanged. Can "
            "that be subtracted from w?",
            "[(5, 2), (5, 3, 2), (5, 2)]": "That would be one gradient for each example. "
            "backward() brings their sum.",
            "[(3, 3), (3, 2), (2,)]": "A product of two matrices has the rows of the first and "
            "the columns of the second.",
            "[(2, 5), (3, 2), (2,)]": "y has a row for each example.",
            "[(5, 2), (3, 2), 2]": "(2) is only the number 2 in brackets. How does Python "
            "write a tuple with one element?",
            "[[5, 2], [3, 2], [2]]": "The numbers are right. But tuple(...) makes tuples, and "
            "a tuple is written with round brackets.",
        },
        hints=[
            "The columns of x meet the rows of w. What is left of the two shapes?",
            "A step subtracts a gradient from its tensor, number by number.",
        ],
        why="However large the batch, the gradient of a parameter has the shape of the "
        "parameter. The loss, y.sum(), has the shape (): no dimension, one number. y.shape is "
        "a torch.Size, which is a tuple with a name of its own.",
        core=True,
    )


def test_the_gradient_of_a_bias():
    """b is added to each row of x. What is in b.grad? Give a list."""
    x = torch.zeros(3, 2)
    b = torch.tensor([1.0, 1.0], requires_grad=True)
    factors = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])
    y = (x + b) * factors
    y.sum().backward()
    assert b.grad.tolist() == __(
        [9.0, 13.0],
        wrong={
            "[1.0, 1.0]": "1 would be right for one row and no factors. b was used in three "
            "rows.",
            "[3.0, 3.0]": "3 counts the rows. But what comes back through each row is not 1.",
            "[3.0, 7.0, 12.0]": "These are sums along the rows. b has two numbers, one for "
            "each column.",
            "[22.0, 22.0]": "22 is the sum of all six. Which of the six are computed with "
            "b[0]?",
            "[5.0, 7.0]": "This is what the last row brings. The other rows used b, too.",
            "[1.0, 2.0]": "This is what the first row brings. The other rows used b, too.",
            "[13.0, 9.0]": "The two are swapped. b[0] is added in the first column.",
            "[3.0, 13 / 3]": "These are means. Several uses of one number are not averaged, "
            "unless the loss does it.",
            "[[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]": "These six numbers reach the sum x + b. b "
            "itself has only two places.",
        },
        hints=[
            "x + b has six numbers. Which number comes back to each of them?",
            "b[0] was used in three rows. Chapter 3 says what several paths bring.",
        ],
        why="Broadcasting uses b once for each row, so each row is a path back to it, and "
        "gradients of several paths are summed. A plain sum such as y.sum() does not split its "
        "upstream gradient either: every summand gets the whole of it.",
        numbers={
            "4.0": "5.0",
            "7.0": "8.0",
            "12.0": "13.0",
            "13.0": "15.0",
            "22.0": "24.0",
            "13": "15",
            "22": "24",
        },
        core=True,
    )


def test_shapes_that_do_not_fit():
    """w holds a factor for each row of x. Write w in a shape that fits the rows."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])
    w = torch.tensor([1.0, 10.0, 100.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="must match the size"):
        x * w
    y = x * __(
        w.unsqueeze(1),
        wrong={
            "w": "That raises: shapes are compared from the right, and the rows of x have 2 "
            "numbers, not 3.",
            "w.unsqueeze(0)": "That is one row of three numbers, and it meets rows of two.",
            "w[None]": "None in front makes one row of three numbers. Where should the new "
            "dimension be?",
            "w.reshape(1, 3)": "That is one row of three numbers. You need three rows.",
            "w.reshape(3)": "That is the shape which w has already.",
            "w[:2]": "That fits. But it leaves out the last factor, and puts a factor on each "
            "column.",
            "w.sum()": "That fits anything: it is a single number. Each row has its own "
            "factor.",
            "w.expand(3, 2)": "expand() compares from the right as well, and there w has 3 "
            "numbers, not 2.",
            "w.repeat(2).reshape(3, 2)": "The shape is that of x. But the factors are in the "
            "wrong places: the first row gets 1 and 10.",
            "w.detach().unsqueeze(1)": "The shape is right. But detach() leaves the graph, so "
            "no gradient reaches w.",
            "w.unsqueeze(-2)": "That puts the new dimension in front.",
        },
        hints=[
            "Shapes are compared from the right: two sizes fit if they are equal, or one is 1.",
            "unsqueeze(n) inserts a dimension of size 1 at place n; reshape() sets all sizes.",
        ],
        why="w[:, None] and w.reshape(3, 1) do the same. Here torch refused. Had x been 3 by "
        "3, x * w would have run, with a factor on each column instead of each row, and "
        "nothing would have been raised.",
    )
    y.sum().backward()
    assert y.tolist() == [[1.0, 2.0], [30.0, 40.0], [500.0, 700.0]]
    assert w.grad.tolist() == [3.0, 7.0, 12.0]


def test_perfect_predictions():
    """The predictions p are perfect: they equal the targets y. Then p makes one step.

    What is the shape of the error, and what is in moved? Give a tuple, and a list.
    """
    y = torch.tensor([1.0, 2.0, 3.0, 6.0])
    p = torch.tensor([[1.0], [2.0], [3.0], [6.0]], requires_grad=True)
    error = p - y
    assert tuple(error.shape) == __(
        (4, 4),
        wrong={
            "(4, 1)": "(4, 1) is the shape of p. Compare it with that of y, from the right.",
            "(4,)": "(4,) is the shape of y. p has two dimensions.",
            "(1, 4)": "p has four rows.",
            "(16,)": "There are that many numbers. But p has two dimensions.",
            "(4, 2)": "p and y are not put side by side.",
            "[4, 4]": "tuple(...) makes a tuple. It is written with round brackets.",
        },
    )
    (error**2).mean().backward()
    moved = p - 2 * p.grad
    assert moved.flatten().tolist() == __(
        [3.0, 3.0, 3.0, 3.0],
        wrong={
            "[1.0, 2.0, 3.0, 6.0]": "They would stay where they are if each prediction were "
            "compared with its own target alone.",
            "[0.0, 0.0, 0.0, 0.0]": "0 would be the gradient if each prediction were compared "
            "with its own target. moved is not a gradient.",
            "[-1.0, -0.5, 0.0, 1.5]": "This is p.grad. What is p - 2 * p.grad?",
            "[2.0, 2.5, 3.0, 4.5]": "This is half of the step: p - p.grad.",
            "[-1.0, 1.0, 3.0, 9.0]": "This is a step with the gradient. moved goes against it.",
            "[[3.0], [3.0], [3.0], [3.0]]": "flatten() leaves one dimension.",
            "3.0": "moved has as many numbers as p.",
            "[33.0, 18.0, 3.0, -42.0]": "This would be right for the sum of the squares. But "
            "the loss is their mean.",
        },
        hints=[
            "Compare the two shapes from the right. Where a 1 meets a number, it is stretched.",
            "Each prediction is compared with every target. What suits them all best?",
            "p[0] has an error for each target. Its gradient is 2/16 of their sum.",
        ],
        why="The loss of perfect predictions is 7 here, and training pulls all of them to the "
        "mean of the targets: a model that learns nothing but the mean may well have this bug. "
        "Nothing is raised. torch.nn.functional.mse_loss warns if its shapes differ; a minus "
        "sign does not.",
        numbers={
            "1.0": "2.0",
            "2.0": "4.0",
            "3.0": "6.0",
            "6.0": "12.0",
            "0.5": "1.0",
            "1.5": "3.0",
            "2.5": "5.0",
            "4.5": "9.0",
            "9.0": "18.0",
            "33.0": "66.0",
            "18.0": "36.0",
            "42.0": "84.0",
            "7": "28",
        },
        core=True,
    )


def test_mend_the_error():
    """The line in the comment is the one from before. Write the error that was meant."""
    y = torch.tensor([1.0, 2.0, 3.0, 6.0])
    for start in [[1.0, 2.0, 3.0, 6.0], [2.0, 4.0, 1.0, 6.0]]:
        p = torch.tensor([[v] for v in start], requires_grad=True)
        # It was: error = p - y
        error = __(
            p.squeeze(1) - y,
            wrong={
                "p - y": "Like the line in the comment, that compares each prediction with all "
                "the targets.",
                "y - p": "The order of the two does not matter for a square. The error still "
                "has 16 numbers.",
                "p - y.unsqueeze(0)": "A new dimension in front is what broadcasting assumes "
                "anyway. Nothing changes.",
                "p - y.T": "y has one dimension only, and nothing to exchange.",
                "(p - y).squeeze()": "The damage is done before squeeze(): p - y has 16 "
                "numbers already.",
                "(p - y).flatten()": "Now 16 numbers stand in a row. There should be as many "
                "as there are targets.",
                "(p - y).mean(1)": "The shape is right. But each of the four is the mean over "
                "all the targets.",
                "(p - y)[:, 0]": "The shape is right. But each prediction is now compared with "
                "the first target.",
                "p[0] - y": "That is the first prediction against all the targets.",
                "p.mean() - y": "That is the mean of the predictions against each target.",
                "p.detach().squeeze(1) - y": "The shapes are right. But detach() leaves the "
                "graph.",
                "p * 0": "Then nothing is learned: the loss no longer depends on the targets.",
            },
            hints=[
                "Both sides of the minus sign need the same shape, before it is applied.",
                "squeeze(n) takes out a dimension of size 1, unsqueeze(n) inserts one.",
            ],
            why="y[:, None] on the other side would do as well. A layer with one output gives "
            "(n, 1), and targets read from a file are often (n,), so this bug is common. An "
            "assert that the two shapes are equal costs one line.",
            core=True,
        )
        (error**2).mean().backward()
        moved = p - 2 * p.grad
        assert moved.flatten().tolist() == y.tolist()


def test_the_gradient_of_a_column():
    """c is a column, g the upstream gradient of c * m. Write the gradient of c."""

    def gradient(m, g):
        return __(
            (g * m).sum(1, keepdim=True),
            wrong={
                "g * m": "That has the shape of m. What is summed where c was stretched?",
                "(g * m).sum(1)": "The numbers are right. But c has two dimensions, and the "
                "sum took one away.",
                "(g * m).sum()": "That sums everything to one number. Each row belongs to "
                "another number of c.",
                "(g * m).sum(0)": "That sums down the columns. Along which direction was c "
                "stretched?",
                "(g * m).sum(0, keepdim=True)": "That is a row. c is a column.",
                "(g * m).mean(1, keepdim=True)": "Several uses of one number are summed, not "
                "averaged.",
                "g.sum(1, keepdim=True)": "That would be right for c + m. What is the "
                "derivative of a product?",
                "m.sum(1, keepdim=True)": "That would be right for the sum of all results. "
                "Here an upstream gradient comes in.",
                "g.sum(1, keepdim=True) * m.sum(1, keepdim=True)": "The product of two sums is "
                "not the sum of the products.",
                "g @ m": "That is a product of matrices. c * m multiplies number by number.",
                "c.grad": "No backward pass has run yet, so there is nothing to read. Write it "
                "with m and g.",
                "g * m.sum(1, keepdim=True)": "That still has the shape of m. Multiply first, "
                "then sum.",
            },
            hints=[
                "First as if c had the shape of m: upstream gradient times the other factor.",
                "Then bring the result to the shape of c. What is summed, and along what?",
                "sum(n) loses dimension n. The argument keepdim keeps it, with size 1.",
            ],
            why="That is the rule of every broadcast: the gradient is summed along each "
            "dimension that was stretched, or put in front as for a bias. If you write an "
            "autograd engine for tensors, you have to program this sum yourself, and it is "
            "easily forgotten.",
        )

    for data in [[[1, 2], [3, 5]], [[1, 0, 2], [4, 7, 1]]]:
        m = torch.tensor(data, dtype=torch.float32)
        g = m + 10
        predicted = gradient(m, g)
        c = torch.ones(2, 1, requires_grad=True)
        (c * m * g).sum().backward()
        assert predicted.tolist() == c.grad.tolist()


def test_rows_of_a_table():
    """Each index picks a row of the table. What is in column 0 of its gradient? Give a list."""
    table = torch.zeros(4, 2, requires_grad=True)
    rows = table[[1, 3, 1]]
    factors = torch.tensor([[1.0], [10.0], [100.0]])
    (rows * factors).sum().backward()
    assert table.grad[:, 0].tolist() == __(
        [0.0, 101.0, 0.0, 10.0],
        wrong={
            "[0.0, 100.0, 0.0, 10.0]": "The last use of row 1 doesn't overwrite the first.",
            "[0.0, 1.0, 0.0, 10.0]": "1 comes from the first use of row 1. It was picked "
            "again.",
            "[1.0, 10.0, 100.0]": "These belong to the three rows that were picked. table.grad "
            "has the shape of the table.",
            "[1.0, 10.0, 100.0, 0.0]": "The first pick was not row 0. Which row was it?",
            "[None, 101.0, None, 10.0]": "A tensor holds only numbers. What stands for no use "
            "at all?",
            "[0.0, 2.0, 0.0, 1.0]": "These count how often each row was picked. What comes "
            "back through each pick?",
            "[0.0, 50.5, 0.0, 10.0]": "Several uses of one row are summed, not averaged.",
            "[101.0, 0.0, 10.0, 0.0]": "Indices begin with 0.",
            "[101.0, 10.0]": "Rows that were not picked have their place in table.grad, too.",
        },
        hints=[
            "table.grad has four rows. Which of them were never picked?",
            "Row 1 was picked first and last. Through each pick a path leads back to it.",
        ],
        why="This is what an embedding does: torch.nn.Embedding is such a table, and its "
        "inputs are indices. In each step the rows of words that do not occur get a gradient "
        "of 0, and a word that occurs often gets the sum over its uses. By default the whole "
        "gradient is stored, zeros and all.",
        numbers={"10.0": "5.0", "100.0": "7.0", "101.0": "8.0", "50.5": "4.0"},
    )


def test_two_values_for_one_place():
    """Two of the values go to place 0, and should be added there. Which line does it?

    out.index_copy_(0, places, v) would write the values to their places.
    """
    places = torch.tensor([0, 0, 2])
    for values in [[1.0, 10.0, 100.0], [4.0, 20.0, 7.0]]:
        v = torch.tensor(values, requires_grad=True)
        out = torch.zeros(3)
        __(
            out.index_add_(0, places, v),
            wrong={
                "out[places] = v": "For place 0 there are two values, and only one of them is "
                "kept.",
                "out[places] += v": "That reads, adds, and then writes. Both sums for place 0 "
                "start from 0, and only one is kept.",
                "out.index_add(0, places, v)": "That makes a new tensor, and throws it away. "
                "How do names of methods that change their tensor in place end?",
                "out += v": "That adds number by number: the second value goes to place 1.",
                "out.add_(v)": "That adds number by number, and never looks at places.",
                (
                    "out = v[places]",
                    "out += v[places]",
                ): "That reads from the places. Here they say where to write.",
                "out.index_copy_(0, places, v)": "A copy overwrites what is there. The two "
                "values should be added.",
                "out.index_put_((places,), v)": "That is the same as an assignment: only one "
                "of two values is kept. It has an argument that changes this.",
                "out.scatter_(0, places, v)": "That overwrites what is there. It has a "
                "relative that adds.",
                "out.index_add_(0, v, places)": "The indices come before the values.",
                "out.index_add_(places, v)": "The first argument says along which dimension.",
            },
            hints=[
                "Tensors have methods called index_fill, index_copy, and so on.",
                "The arguments are the dimension (there is only one), the indices, the values.",
            ],
            why="Reading an index twice and adding to it twice mirror each other: the backward "
            "pass of the one is the forward pass of the other. out[places] = v runs, too. "
            "Which value is then kept is not defined, and its gradient can't be trusted: "
            "v.grad may well say that both took part.",
        )
        (out * torch.tensor([2.0, 3.0, 5.0])).sum().backward()
        assert out.tolist() == [values[0] + values[1], 0.0, values[2]]
        assert v.grad.tolist() == [2.0, 2.0, 5.0]


def test_the_gradient_of_a_matrix_product():
    """g is the upstream gradient of x @ w. Write the gradient of w."""

    def gradient(x, g):
        return __(
            x.T @ g,
            wrong={
                "x": "That is the local derivative of a product of single numbers. Where is "
                "the upstream gradient?",
                "x.T": "That has the shape of w. But the upstream gradient is missing.",
                "x @ g": "The sizes don't fit: x has 3 columns, and g has 2 rows.",
                "g @ x": "That has the shape (2, 3). w has the shape (3, 2).",
                ("(g @ x).T", "x.T @ g.T"): "The shape is that of w. But g is transposed: an "
                "example in x meets the gradient of another one.",
                "g.T @ x": "These are the right numbers, with rows and columns exchanged.",
                "x * g": "Number by number, the sizes don't fit. x @ w is a product of "
                "matrices, and so is the gradient.",
                "x.T * g": "Number by number, 3 rows and 2 rows don't fit. And the examples "
                "have to be summed.",
                "x.reshape(3, 2) @ g": "The shape is that of w. But reshape() keeps the order "
                "of the numbers, and scrambles the rows: it doesn't transpose.",
                "g @ x.T": "The sizes don't fit: g has 2 columns, and x.T has 3 rows.",
                "w.grad": "No backward pass has run yet, so there is nothing to read. Write it "
                "with x and g.",
                "x.sum(0)": "That would be right for a single output and the sum of all its "
                "values.",
            },
            hints=[
                "w[0, 1] meets x[:, 0], and g[:, 1] comes back. Sum over the rows.",
                "x is (2, 3), g is (2, 2), and w is (3, 2). Which product has the shape of w?",
            ],
            why="The examples are summed here as well: that is the product's inner dimension. "
            "The gradient of x is g @ w.T. torch.nn.Linear keeps its weight as (outputs, "
            "inputs), so its forward pass has to transpose it. Forget that with a weight of "
            "your own, and you read: mat1 and mat2 shapes cannot be multiplied. Or nothing at "
            "all, if the weight is square.",
        )

    g = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    for data in [[[1, 2, 3], [4, 5, 6]], [[0, 1, 2], [3, -1, 7]]]:
        x = torch.tensor(data, dtype=torch.float32)
        predicted = gradient(x, g)
        w = torch.ones(3, 2, requires_grad=True)
        ((x @ w) * g).sum().backward()
        assert predicted.tolist() == w.grad.tolist()


def test_the_largest_of_two_lists():
    """cat puts a and b in one row. What are a.grad and b.grad? Give two lists in a list."""
    a = torch.tensor([1.0, 5.0], requires_grad=True)
    b = torch.tensor([2.0, 7.0, 4.0], requires_grad=True)
    joined = torch.cat([a, b])
    (10 * joined.max()).backward()
    assert [a.grad.tolist(), b.grad.tolist()] == __(
        [[0.0, 0.0], [0.0, 10.0, 0.0]],
        wrong={
            "[[0.0, 10.0], [0.0, 10.0, 0.0]]": "5 is the largest in a. But max() is taken over "
            "all five.",
            "[[0.0, 0.0], [0.0, 1.0, 0.0]]": "The place is right. The maximum is multiplied "
            "before backward() is called.",
            "[[10.0, 10.0], [10.0, 10.0, 10.0]]": "That would be right for the sum. If a[0] "
            "grows a little, does the maximum change?",
            "[[2.0, 2.0], [2.0, 2.0, 2.0]]": "That would be right for the mean. If a[0] grows "
            "a little, does the maximum change?",
            "[None, [0.0, 10.0, 0.0]]": "A path leads to a, through cat. What does it bring?",
            "[[0.0, 0.0], [0.0, 70.0, 0.0]]": "70 is the value of the result. The blank asks "
            "for gradients.",
            "[[0.0, 0.0], [0.0, 7.0, 0.0]]": "7 is the maximum itself. By how much does the "
            "result grow if it grows by 1?",
            (
                "[0.0, 0.0, 0.0, 10.0, 0.0]",
                "[[0.0, 0.0, 0.0, 10.0, 0.0]]",
            ): "That is the gradient of joined. Each of the two gets its own share.",
        },
        hints=[
            "Which of the five numbers would change the result if it grew a little?",
            "On the way back, the gradient of joined is cut where the two were put together.",
        ],
        why="Some operations only say what goes where. The backward pass of cat hands each "
        "tensor its share, that of reshape() gives back the old shape, and that of max() sends "
        "all of it to the winner, if there is only one: in max pooling the other pixels get 0. "
        "argmax() gives an index, a whole number, and no gradient at all.",
    )


def test_running_sums():
    """cumsum(0) gives running sums. Which factors bring x.grad to [9, 7, 4]? Give a list."""
    x = torch.tensor([5.0, 4.0, 1.0], requires_grad=True)
    factors = __(
        [2.0, 3.0, 4.0],
        wrong={
            "[9.0, 7.0, 4.0]": "These would be right without cumsum(0). With it, x[0] is in "
            "each of the three sums.",
            "[4.0, 3.0, 2.0]": "These are the right factors, the other way round. In which "
            "sums is x[0], and in which is x[2]?",
            "[9.0, -2.0, -3.0]": "With these, x[2] would have to be in all three sums. It is "
            "only in the last.",
            "[3.0, 3.5, 4.0]": "These divide by the number of sums. But each sum has its own "
            "factor.",
            "[2.0, 5.0, 9.0]": "With these, x[0] would get 2 + 5 + 9, which is not 9.",
            "[9.0, 16.0, 20.0]": "These are running sums of the gradient.",
            "[1.0, 1.0, 1.0]": "With these, x.grad counts the sums that each number is in.",
            "[5.0, 9.0, 10.0]": "These are the running sums of x. The blank asks for the "
            "factors.",
            "[3.0, 2.0, 1.0]": "These count in how many sums each number of x is.",
        },
        hints=[
            "The running sums are x[0], x[0] + x[1], and x[0] + x[1] + x[2].",
            "x[2] is only in the last sum. So which factor does that sum have?",
        ],
        why="x[0] gets all three factors, x[2] only the last one: the gradient is a running "
        "sum from the other end. In a sequence, an early number has a part in all that comes "
        "after it, so its gradient comes from all of that.",
    )
    (x.cumsum(0) * torch.tensor(factors)).sum().backward()
    assert x.grad.tolist() == [9.0, 7.0, 4.0]


def test_what_the_mean_is_over():
    """A look back at chapter 6. What is in the gradient of c? Give a list."""
    c = torch.tensor([[1.0], [2.0]], requires_grad=True)
    r = torch.tensor([0.0, 1.0, 1.0, 4.0])
    loss = ((c + r) ** 2).mean()
    loss.backward()
    assert c.grad.flatten().tolist() == __(
        [2.5, 3.5],
        wrong={
            "[20.0, 28.0]": "These are the gradients of the sum. What does the mean divide by?",
            "[10.0, 14.0]": "These are divided by 2, the number of elements of c. Which tensor "
            "is the mean over?",
            "[5.0, 7.0]": "These are divided by 4, the number of elements of r. Which tensor "
            "is the mean over?",
            "[1.25, 1.75]": "A factor is missing: the derivative of a square has one.",
            "[0.25, 0.5]": "These would be right for one element in a row, r[0]. c[0] is used "
            "in four.",
            "[2.0, 4.0]": "These would be right for the sum over c**2. r is added before the "
            "square.",
            "[[2.5], [3.5]]": "flatten() leaves one dimension.",
            "[3.5, 2.5]": "These two are swapped.",
        },
        hints=[
            "How many elements does c + r have?",
            "c[0] is used four times: it is added to each number of r, then squared.",
        ],
        why="The mean is over all 8 elements of c + r, after broadcasting: each gets an "
        "eighth. mean() is a sum and a division, so if a shape goes wrong, the size of all "
        "gradients changes with it.",
        numbers={
            "1.0": "2.0",
            "2.0": "4.0",
            "4.0": "8.0",
            "2.5": "5.0",
            "3.5": "7.0",
            "20.0": "40.0",
            "28.0": "56.0",
            "10.0": "20.0",
            "14.0": "28.0",
            "5.0": "10.0",
            "7.0": "14.0",
            "1.25": "2.5",
            "1.75": "3.5",
            "0.25": "0.5",
            "0.5": "1.0",
        },
    )


def test_a_product_with_a_zero():
    """A look back at chapter 3: local derivatives of a product. What is in x.grad?"""
    x = torch.tensor([5.0, 0.0, 2.0], requires_grad=True)
    x.prod().backward()
    assert x.grad.tolist() == __(
        [0.0, 10.0, 0.0],
        wrong={
            "[0.0, 0.0, 0.0]": "The product is 0. But if x[1] grows from 0 to 1, does it stay "
            "0?",
            (
                "[0.0, float('nan'), 0.0]",
                "[float('nan'), float('nan'), float('nan')]",
            ): "That would come from product / x, which is 0 / 0 at x[1]. Nothing has to be "
            "divided here.",
            "[1.0, 1.0, 1.0]": "That would be right for the sum.",
            "[5.0, 0.0, 2.0]": "This is x itself. The derivative with respect to one factor is "
            "the product of the others.",
            "[10.0, 10.0, 10.0]": "10 is the product without x[1]. For x[0], which factors are "
            "the others?",
            "[0.0, 7.0, 0.0]": "7 is the sum of the other two. In a product, they are "
            "multiplied.",
            "[2.0, 10.0, 5.0]": "For x[0], two other factors are left. One of them is 0.",
        },
        hints=[
            "The derivative with respect to one factor is the product of all the others.",
            "For which of the three is 0 not among the others?",
        ],
        why="On paper the product of the others is the product divided by x, and that formula "
        "breaks at 0. torch handles zeros separately. It is something to look for: a formula "
        "may be right on paper, and still divide 0 by 0 in a program.",
        numbers={
            "5.0": "6.0",
            "2.0": "3.0",
            "10.0": "18.0",
            "10": "18",
            "7.0": "9.0",
            "7": "9",
        },
    )
