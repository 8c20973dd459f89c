"""In place: what happens when a tensor is written to.

An operation in place writes into the memory of its tensor: x.add_(1), x += 1, x[0] = 5. That
memory may hold what a recorded operation has saved, and what the backward pass will need. For
this reason each tensor has a version counter, and the backward pass raises if what it needs has
been written to since it was saved.

Several tensors can share one memory. x[0], x[:2] and x.view(2) are views of x: tensors without
memory of their own. x is their base. x.clone() copies.

So most of these mistakes are loud. Some are silent: the counter sees no write, or nothing that
was saved is overwritten, and the gradient belongs to another model than the one you meant.

By the end you can find the write behind the error, write without harm, name writes that
nobody notices, and read "In-place correctness checks" in PyTorch's note Autograd mechanics.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sensei import __  # noqa: F401 - stays when no blank is left


def test_what_counts_as_a_write():
    """Here each write to the memory of a adds 1 to a._version. Give the versions in a list."""
    a = torch.zeros(3)
    view = a[:2]
    copy = a.clone()
    more = a.add(1)
    a.add_(1)
    view[0] = 5.0
    a.detach().mul_(2)
    copy.zero_()
    assert [a._version, view._version, copy._version] == __


def test_a_result_written_to():
    """After y += 1 the backward pass raises. Write a z that is 1 more than y, and works."""
    for place, result in [(0.0, 2.0), (1.0, 3.718)]:
        x = torch.tensor(place, requires_grad=True)
        y = x.exp()
        y += 1
        told = "has been modified by an inplace operation"
        with pytest.raises(RuntimeError, match=told):
            y.backward()
        y = x.exp()
        z = __
        z.backward()
        assert z.item() == pytest.approx(result, abs=1e-3)
        assert x.grad.item() == pytest.approx(result - 1, abs=1e-3)


def test_four_results_written_to():
    """Each result is written to before its backward pass. What is in raised at the end?"""
    x = torch.tensor(3.0, requires_grad=True)
    results = {"a": x**2, "b": x + 1, "c": x.exp(), "d": x * x}
    raised = []
    for name, y in results.items():
        y.add_(1)
        try:
            y.backward()
        except RuntimeError:
            raised.append(name)
    assert raised == __


def test_when_to_update():
    """Two losses share w. In which order do the steps work? Give their names, in a list."""
    w = torch.tensor(3.0, requires_grad=True)
    square = w**2
    losses = {"first": 5 * square, "second": square + w}
    order = __
    for name in order:
        if name == "update":
            with torch.no_grad():
                w -= w.grad
        else:
            losses[name].backward(retain_graph=name == "first")
    assert w == -34.0


def test_a_write_through_data():
    """w.data is w without a graph, on the same memory. What is in w.grad after a write to it?

    Then write the 5 in a line that torch notices in the backward pass.
    """
    w = torch.tensor(2.0, requires_grad=True)
    y = w**2
    w.data.fill_(5.0)
    y.backward()
    assert w.grad == __
    w = torch.tensor(2.0, requires_grad=True)
    y = w**2
    __
    assert w == 5.0
    with pytest.raises(RuntimeError, match="modified by an inplace"):
        y.backward()


def test_an_array_to_write_to():
    """With the line in the comment w.grad is 20.0. Write an array that leaves w alone."""
    for value in [3.0, 4.0]:
        w = torch.tensor([value], requires_grad=True)
        y = w**2
        # It was: array = w.detach().numpy()
        array = __
        assert array.tolist() == [value]
        array[0] = 10.0
        y.backward()
        assert [w.item(), w.grad.item()] == [value, 2 * value]
        assert isinstance(array, np.ndarray)


def test_a_constant_in_one_element():
    """One element of y is overwritten before y is used. What is in x.grad? Give a list."""
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = 5 * x
    y[1] = 7.0
    (y**2).sum().backward()
    assert x.grad.tolist() == __


def test_a_write_into_a_leaf():
    """x refuses the write. Write a y that accepts it, and still gives x a gradient."""
    told = "a view of a leaf Variable that requires grad"
    for value in [1.0, 4.0]:
        x = torch.tensor([value, 2.0], requires_grad=True)
        with pytest.raises(RuntimeError, match=told):
            x[0] = 7.0
        y = __
        y[0] = 7.0
        (y**2).sum().backward()
        assert x.tolist() == [value, 2.0]
        assert x.grad.tolist() == [0.0, 4.0]


def test_an_element_taken_earlier():
    """first is taken before y is written to. What are first and x.grad? Give both in a list."""
    x = torch.tensor([2.0, 5.0], requires_grad=True)
    y = x * 1
    first = y[0]
    y.mul_(3)
    first.backward()
    assert [first.item(), x.grad.tolist()] == __


def test_plain_tensors_written_to():
    """All five begin as plain zeros. Which require grad at the end? Give a list of names."""
    w = torch.tensor(3.0, requires_grad=True)
    tensors = {name: torch.zeros(2) for name in "abcde"}
    tensors["a"][0] = w**2
    tensors["b"][0] = (w**2).item()
    tensors["c"][0] = (w**2).detach()
    tensors["d"].copy_(w**2)
    with torch.no_grad():
        tensors["e"][0] = w**2
    names = [name for name, t in tensors.items() if t.requires_grad]
    assert names == __


def test_a_row_that_builds_on_itself():
    """The line in the comment makes backward() raise. Write what w should be multiplied by."""
    for value, gradient in [(2.0, 17.0), (3.0, 34.0)]:
        w = torch.tensor(value, requires_grad=True)
        row = torch.zeros(4)
        row[0] = 1.0
        for i in [1, 2, 3]:
            # It was: row[i] = row[i - 1] * w
            factor = __
            row[i] = factor * w
        row.sum().backward()
        assert w.grad == gradient


def test_a_hook_and_a_retained_gradient():
    """A look back at chapters 3 and 5, with a write. What is in seen, and in y.grad?

    A hook belongs to a node, retain_grad() to a tensor. Give one list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    y = x * 1
    seen = []
    y.register_hook(lambda grad: seen.append(grad.item()))
    y.retain_grad()
    y.mul_(10)
    (3 * y).backward()
    assert x.grad == 30.0
    assert [*seen, y.grad.item()] == __


def test_relu_in_three_places():
    """A look back at chapter 8. With inplace=True, relu writes into h. What is in gradients?"""
    functions = [
        F.relu,
        lambda h: F.relu(h) + h,
        lambda h: F.relu(h, inplace=True) + h,
    ]
    gradients = []
    for f in functions:
        x = torch.tensor([-1.0, 2.0], requires_grad=True)
        h = x * 1
        f(h).sum().backward()
        gradients.append(x.grad.tolist())
    assert gradients == __
