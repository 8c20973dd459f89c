"""Leaves and non-leaves: which tensors keep their gradient.

You make a weight that requires grad, call backward(), and find None in its .grad. Nothing was
raised, but the weight doesn't learn. Very often its name stands for a non-leaf: a tensor that
a recorded operation made from the leaf tensor that you had in mind.

Two questions are easily run together. Is a gradient computed for a tensor? For that it has to
require grad, and a path has to lead to it from the result. And is this gradient kept in .grad
after the backward pass? That depends on whether the tensor is a leaf.

By the end you can tell where a gradient is computed and where it is kept, keep that of a
non-leaf, make and freeze weights that stay leaf tensors, and read "Leaf vs. non-leaf tensors"
in PyTorch's tutorial Understanding requires_grad, retain_grad, Leaf, and Non-leaf Tensors.
"""

import contextlib

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_computed_and_kept():
    """Each tensor's hook writes its name into computed. In which order are they called?

    And which of the tensors keep their gradient in .grad? Give the names, as text, in a list.
    (name=name fixes the name for this one hook.)
    """
    w = torch.tensor(3.0, requires_grad=True)
    h = 2 * w
    loss = h**2
    tensors = {"w": w, "h": h, "loss": loss}
    computed = []
    for name, t in tensors.items():
        t.register_hook(lambda _, name=name: computed.append(name))
    loss.backward()
    assert computed == __
    with pytest.warns(UserWarning, match="not a leaf"):
        kept = [name for name, t in tensors.items() if t.grad is not None]
    assert kept == __


def test_ask_for_it_to_be_kept():
    """h is not a leaf tensor. Which line makes backward() keep the gradient of h as well?"""
    kept = []
    for power in [2, 3]:
        x = torch.tensor(2.0, requires_grad=True)
        h = x**2
        __
        (h**power).backward()
        kept.append([h.grad.item(), x.grad.item()])
    assert kept == [[8.0, 32.0], [48.0, 192.0]]


def test_asking_after_the_pass():
    """retain_grad() comes between two passes. What is in h.grad before and after the second?

    retain_graph=True only keeps the graph for the second pass. Give both, in a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    h = x**2
    (3 * h).backward(retain_graph=True)
    h.retain_grad()
    before = h.grad
    (5 * h).backward()
    assert [before, h.grad] == __


def test_a_number_put_into_a_result():
    """h.grad is set by hand, then h is told to keep its gradient. What are h.grad and x.grad?

    Give both, in a list.
    """
    x = torch.tensor(5.0, requires_grad=True)
    h = 2 * x
    h.grad = torch.tensor(100.0)
    h.retain_grad()
    (3 * h).backward()
    assert [h.grad.item(), x.grad.item()] == __


def test_a_weight_scaled_down():
    """A weight should start small. Does it require grad, is it a leaf, and what is its .grad?

    Give all three, in a list.
    """
    w = torch.tensor(4.0, requires_grad=True) * 0.5
    loss = (3 * w - 10) ** 2
    loss.backward()
    with pytest.warns(UserWarning, match="is being accessed"):
        gradient = w.grad
    assert [w.requires_grad, w.is_leaf, gradient] == __


def test_mend_the_weight():
    """w should start at half of start, and learn. Write what w should be."""
    for start, gradient in [(4.0, -24.0), (8.0, 12.0)]:
        # It was: torch.tensor(start, requires_grad=True) * 0.5
        w = __
        ((3 * w - 10) ** 2).backward()
        assert w.is_leaf
        assert [w.item(), w.grad] == [start / 2, gradient]


def test_leaves_after_a_conversion():
    """detach() makes a tensor with the same number, but without a graph. Which are leaves?

    Give their names, as text, in a list.
    """
    x = torch.tensor(3.0, requires_grad=True)
    z = x.detach()
    tensors = {"double": x.double(), "float": x.float(), "times 1": x * 1}
    tensors |= {"clone": x.clone(), "z": z, "square": z**2}
    leaves = [name for name, t in tensors.items() if t.is_leaf]
    assert leaves == __


def test_where_the_gradient_is():
    """After the pass, one tensor has a gradient. Write an expression that reads it."""
    found = []
    for scale in [1.0, 2.0]:
        first = x = torch.tensor(3.0, requires_grad=True)
        x = scale * x
        (x**2).backward()
        gradient = __
        found.append(gradient)
    assert found == [6.0, 24.0]


def test_the_flag_of_a_result():
    """x is a leaf tensor, h a result. Which calls are accepted? Give their names, in a list.

    If the block raises a RuntimeError, suppress() skips the rest of the block.
    """
    x = torch.tensor(3.0, requires_grad=True)
    h = 2 * x
    calls = [("x off", x, False), ("x on", x, True)]
    calls += [("h off", h, False), ("h on", h, True)]
    accepted = []
    for name, t, flag in calls:
        with contextlib.suppress(RuntimeError):
            t.requires_grad_(flag)
            accepted.append(name)
    assert accepted == __


def test_a_constant_from_x():
    """The flag of h, a result, cannot be cleared. Which line makes the new h a constant?"""
    x = torch.tensor(3.0, requires_grad=True)
    w = torch.tensor(5.0, requires_grad=True)
    h = x**2
    with pytest.raises(RuntimeError, match="flags of leaf variables"):
        h.requires_grad = False
    __
    h = x**2
    (w * h).backward()
    assert [h.requires_grad, w.grad, x.grad] == [False, 9.0, None]


def test_a_frozen_leaf():
    """x is frozen for a while. What are x.is_leaf and x.grad then? Give both, in a list.

    And what is in x.grad at the end?
    """
    x = torch.tensor(3.0, requires_grad=True)
    (x**2).backward()
    x.requires_grad = False
    assert [x.is_leaf, x.grad] == __
    x.requires_grad = True
    (x**3).backward()
    assert x.grad == __


def test_what_a_result_passes_on():
    """A look back at chapter 4: there are two passes. What are seen, h.grad and x.grad?

    retain_graph=True keeps the graph for the second one. Give all three, in a list.
    """
    x = torch.tensor(1.0, requires_grad=True)
    h = 3 * x
    h.retain_grad()
    seen = []
    h.register_hook(lambda grad: seen.append(grad.item()))
    y = 4 * h
    y.backward(retain_graph=True)
    y.backward()
    assert [seen, h.grad.item(), x.grad.item()] == __


def test_from_the_result_to_x():
    """A look back at chapter 3. upstream is the gradient of h = x**2. Write that of x."""

    def passed_on(upstream, x):
        return __

    for place, power in [(3.0, 2), (-1.0, 3), (0.5, 1)]:
        leaf = torch.tensor(place, requires_grad=True)
        h = leaf**2
        h.retain_grad()
        (h**power).backward()
        gradient, leaf.grad = leaf.grad, None
        assert gradient == passed_on(h.grad.item(), place)
