"""Which tensors require grad, and which keep a gradient.

Autograd records an operation only if one of its inputs requires grad. This chapter is about
the flag for this, requires_grad: which tensors have it, which get it from others, which cannot
have it, and what happens where it is missing.

A leaf tensor, or leaf, is one that no recorded operation made: a parameter, or data. backward()
writes gradients into .grad of the leaves that require grad.

By the end you can say which tensors require grad and which cannot, why a .grad is missing,
where in a model to set requires_grad, and read "Setting requires_grad" in PyTorch's note
Autograd mechanics.
"""

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_the_flag_of_a_new_tensor():
    """Two tensors are made in two ways. Give the requires_grad of each, in a list."""
    a = torch.tensor(3.0)
    b = torch.tensor(3.0, requires_grad=True)
    assert [a.requires_grad, b.requires_grad] == __


def test_results_that_require_grad():
    """Only b requires grad. Which of the sums do? Give True or False for each, in a list."""
    a = torch.tensor(1.0)
    b = torch.tensor(2.0, requires_grad=True)
    sums = [a + a, a + b, b + b]
    assert [s.requires_grad for s in sums] == __


def test_the_grad_of_data():
    """w requires grad, x doesn't. What is in x.grad after the backward pass?"""
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    (w * x).backward()
    assert w.grad == 2.0
    assert x.grad == __


def test_leaves():
    """Which of these tensors are leaves? Give True or False for each, in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    c = torch.tensor(1.0)
    tensors = [x, 2 * x, c, 2 * c]
    assert [tensor.is_leaf for tensor in tensors] == __


def test_the_grad_of_a_result():
    """y is computed on the way from x to z. If you read y.grad, torch warns.

    Does y require grad, and what is in y.grad? Give both, in a list.
    """
    x = torch.tensor(3.0, requires_grad=True)
    y = 2 * x
    z = y**2
    z.backward()
    with pytest.warns(UserWarning, match="not a leaf"):
        kept = y.grad
    assert [y.requires_grad, kept] == __


def test_the_flag_of_a_gradient():
    """What is requires_grad for x and its gradient? Give both, in a list."""
    x = torch.tensor(3.0, requires_grad=True)
    (x**2).backward()
    assert [x.requires_grad, x.grad.requires_grad] == __


def test_make_it_require_grad():
    """backward() raises: no tensor here requires grad. Which line changes that for x?"""
    x = torch.tensor(3.0)
    elsewhere = [x]
    with pytest.raises(RuntimeError, match="does not require grad"):
        (x**2).backward()
    __
    (x**2).backward()
    assert elsewhere[0].grad == 6.0


def test_computed_before_the_flag():
    """y is computed before x requires grad, z after that. What is in x.grad?"""
    x = torch.tensor(5.0)
    y = x**2
    x.requires_grad_()
    z = x * y
    z.backward()
    assert x.grad == __


def test_the_flag_in_the_backward_pass():
    """y is recorded while w requires grad; then the flag is cleared. What is in w.grad?"""
    w = torch.tensor(3.0, requires_grad=True)
    y = w**2
    w.requires_grad = False
    y.backward()
    assert w.grad == __


def test_why_no_gradient_was_written():
    """As before, but the flag is set again later. Why was w.grad None at first?

    a: y had lost its graph. b: y no longer required grad. c: the backward pass reads the flag
    of w when it reaches w. Which are true? Give the letters, as text, in a list.
    """
    w = torch.tensor(3.0, requires_grad=True)
    y, z = w**2, w**3
    w.requires_grad = False
    reasons = {"a": y.grad_fn is None, "b": not y.requires_grad}
    y.backward()
    assert w.grad is None
    w.requires_grad = True
    z.backward()
    reasons["c"] = w.grad == 27.0
    assert [letter for letter, holds in reasons.items() if holds] == __


def test_integers_cannot_require_grad():
    """A dtype is the kind of number in a tensor. Which dtype lets this tensor require grad?"""
    with pytest.raises(RuntimeError, match="floating point and complex"):
        torch.tensor([1, 2], dtype=torch.int64, requires_grad=True)
    dtype = __
    x = torch.tensor([1, 2], dtype=dtype, requires_grad=True)
    assert x.requires_grad


def test_casts_and_comparisons():
    """Which of these results require grad? Give their names, as text, in a list."""
    x = torch.tensor(2.5, requires_grad=True)
    whole = x.long()
    results = {"compared": x > 1, "cast": whole, "back": whole.float()}
    results["rounded"] = x.round()
    names = [name for name, r in results.items() if r.requires_grad]
    assert names == __


def test_a_layer():
    """torch.nn.Linear is a layer: it multiplies data by a weight and adds a bias.

    Which of its weight, its bias, the data and the output require grad? Give a list of True
    and False.
    """
    layer = torch.nn.Linear(2, 1)
    data = torch.ones(2)
    tensors = [layer.weight, layer.bias, data, layer(data)]
    assert [tensor.requires_grad for tensor in tensors] == __


def test_the_dtype_of_a_gradient():
    """x.double() is x as float64. Which dtypes do y and x.grad have? Give both, in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    y = x.double() ** 2
    y.backward()
    assert x.dtype == torch.float32
    assert [y.dtype, x.grad.dtype] == __


def test_what_should_require_grad():
    """A weight, a bias, and data. Which should require grad? Give a list of the tensors."""
    weight = torch.tensor(3.0)
    bias = torch.tensor(1.0)
    data = torch.tensor(2.0)
    learned = __
    for tensor in learned:
        tensor.requires_grad_()
    (weight * data + bias).backward()
    assert [weight.grad, bias.grad] == [2.0, 1.0]
    assert data.grad is None
    assert all(tensor.grad is not None for tensor in learned)
