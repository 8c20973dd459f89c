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
    assert shapes == __


def test_the_gradient_of_a_bias():
    """b is added to each row of x. What is in b.grad? Give a list."""
    x = torch.zeros(3, 2)
    b = torch.tensor([1.0, 1.0], requires_grad=True)
    factors = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])
    y = (x + b) * factors
    y.sum().backward()
    assert b.grad.tolist() == __


def test_shapes_that_do_not_fit():
    """w holds a factor for each row of x. Write w in a shape that fits the rows."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])
    w = torch.tensor([1.0, 10.0, 100.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="must match the size"):
        x * w
    y = x * __
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
    assert tuple(error.shape) == __
    (error**2).mean().backward()
    moved = p - 2 * p.grad
    assert moved.flatten().tolist() == __


def test_mend_the_error():
    """The line in the comment is the one from before. Write the error that was meant."""
    y = torch.tensor([1.0, 2.0, 3.0, 6.0])
    for start in [[1.0, 2.0, 3.0, 6.0], [2.0, 4.0, 1.0, 6.0]]:
        p = torch.tensor([[v] for v in start], requires_grad=True)
        # It was: error = p - y
        error = __
        (error**2).mean().backward()
        moved = p - 2 * p.grad
        assert moved.flatten().tolist() == y.tolist()


def test_the_gradient_of_a_column():
    """c is a column, g the upstream gradient of c * m. Write the gradient of c."""

    def gradient(m, g):
        return __

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
    assert table.grad[:, 0].tolist() == __


def test_two_values_for_one_place():
    """Two of the values go to place 0, and should be added there. Which line does it?

    out.index_copy_(0, places, v) would write the values to their places.
    """
    places = torch.tensor([0, 0, 2])
    for values in [[1.0, 10.0, 100.0], [4.0, 20.0, 7.0]]:
        v = torch.tensor(values, requires_grad=True)
        out = torch.zeros(3)
        __
        (out * torch.tensor([2.0, 3.0, 5.0])).sum().backward()
        assert out.tolist() == [values[0] + values[1], 0.0, values[2]]
        assert v.grad.tolist() == [2.0, 2.0, 5.0]


def test_the_gradient_of_a_matrix_product():
    """g is the upstream gradient of x @ w. Write the gradient of w."""

    def gradient(x, g):
        return __

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
    assert [a.grad.tolist(), b.grad.tolist()] == __


def test_running_sums():
    """cumsum(0) gives running sums. Which factors bring x.grad to [9, 7, 4]? Give a list."""
    x = torch.tensor([5.0, 4.0, 1.0], requires_grad=True)
    factors = __
    (x.cumsum(0) * torch.tensor(factors)).sum().backward()
    assert x.grad.tolist() == [9.0, 7.0, 4.0]


def test_what_the_mean_is_over():
    """A look back at chapter 6. What is in the gradient of c? Give a list."""
    c = torch.tensor([[1.0], [2.0]], requires_grad=True)
    r = torch.tensor([0.0, 1.0, 1.0, 4.0])
    loss = ((c + r) ** 2).mean()
    loss.backward()
    assert c.grad.flatten().tolist() == __


def test_a_product_with_a_zero():
    """A look back at chapter 3: local derivatives of a product. What is in x.grad?"""
    x = torch.tensor([5.0, 0.0, 2.0], requires_grad=True)
    x.prod().backward()
    assert x.grad.tolist() == __
