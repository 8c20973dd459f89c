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
    assert x.grad.tolist() == __


def test_the_gradient_of_a_mean():
    """v is one of n elements of x. Write the derivative of (x**2).mean() with respect to v."""

    def derivative(v, n):
        return __

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
        __
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
    assert gradients == __


def test_a_factor_for_each_result():
    """gradient= gives backward() a factor for each element of y. Give x.grad, as a list."""
    x = torch.tensor([1.0, 5.0, -3.0], requires_grad=True)
    y = x**2
    y.backward(gradient=torch.tensor([1.0, 0.0, 10.0]))
    assert x.grad.tolist() == __


def test_a_loss_instead_of_factors():
    """Write a loss that brings to x what y.backward(gradient=v) would bring."""
    for factors in [[1.0, 0.0, 10.0], [-2.0, 3.0, 1.0]]:
        v = torch.tensor(factors)
        x = torch.tensor([1.0, 5.0, -3.0], requires_grad=True)
        y = x**2
        loss = __
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
    factors = __
    y.backward(gradient=torch.tensor(factors))
    assert [a.grad, b.grad] == [4.0, 0.0]


def test_a_weighted_sum_of_rows():
    """Work out the rows of the Jacobian first. What are a.grad and b.grad? Give a list."""
    a = torch.tensor(3.0, requires_grad=True)
    b = torch.tensor(4.0, requires_grad=True)
    y = torch.stack([a * b, a + b, b**2])
    y.backward(gradient=torch.tensor([1.0, 10.0, 100.0]))
    assert [a.grad, b.grad] == __


def test_a_gradient_that_is_returned():
    """torch.autograd.grad is told what to differentiate, and with respect to what.

    What is type(returned), and what is in x.grad after the call? Give both, in a list.
    """
    x = torch.tensor(5.0, requires_grad=True)
    x.grad = torch.tensor(100.0)
    returned = torch.autograd.grad(x**2, x)
    assert [type(returned), x.grad] == __


def test_an_input_that_is_not_used():
    """z is not in the graph of y, so a plain call raises. Write one that returns None for z."""
    x = torch.tensor(5.0, requires_grad=True)
    z = torch.tensor(1.0, requires_grad=True)
    found = []
    for inputs in [[x, z], [z, x]]:
        with pytest.raises(RuntimeError, match="not have been used"):
            torch.autograd.grad(x**2, inputs)
        y = x**2
        gradients = __
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
        __
        found.append([w.grad.item(), x.grad])
    assert found == [[120.0, None], [160.0, None]]


def test_a_sum_then_a_mean():
    """A look back at chapter 4, with four elements. What is in x.grad, as a list?"""
    x = torch.tensor([2.0, 4.0, 6.0, -8.0], requires_grad=True)
    (x**2).sum().backward()
    (x**2).mean().backward()
    assert x.grad.tolist() == __


def test_the_gradient_of_a_result():
    """A look back at chapter 5. h is not a leaf. Write an expression for the gradient of h."""
    found = []
    for f in [lambda t: (t**2).sum(), lambda t: (t**3).mean()]:
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        h = 2 * x
        loss = f(h)
        gradient = __
        found.append(gradient.tolist())
    assert found == [[4.0, 8.0], [6.0, 24.0]]
