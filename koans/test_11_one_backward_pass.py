"""One graph, one backward pass.

A training loop often raises in its second round: Trying to backward through the graph a second
time. Something in the loss is left over from the first round, and the backward pass runs into
a graph that has been used up. The usual advice, retain_graph=True, removes the message. It
seldom removes the mistake.

This chapter shows what a backward pass uses up, how results can share a part of a graph, what
is carried over from one round to the next, and what should be cut.

By the end you can say what a pass frees, share a graph between two losses, cut one that
grows, and read "Saved tensors" in PyTorch's note Autograd mechanics.
"""

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_which_pairs_work():
    """Each pair gives retain_graph for two passes. Which pairs work? Give them in a list."""
    pairs = [(False, False), (False, True), (True, False), (True, True)]
    worked = []
    for first, second in pairs:
        x = torch.tensor(3.0, requires_grad=True)
        y = x**2
        y.backward(retain_graph=first)
        try:
            y.backward(retain_graph=second)
        except RuntimeError:
            continue
        worked.append((first, second))
    assert worked == __


def test_three_passes_and_no_more():
    """Three passes should work, a fourth one should raise. Write when to retain the graph."""
    x = torch.tensor(2.0, requires_grad=True)
    y = x**3
    for number in [1, 2, 3]:
        retain = __
        y.backward(retain_graph=retain)
    assert x.grad == 36.0
    told = "Trying to backward through the graph a second time"
    with pytest.raises(RuntimeError, match=told):
        y.backward()


def test_two_passes_without_retaining():
    """Each result gets two passes, and nothing is retained. What is in twice at the end?"""
    x = torch.tensor(3.0, requires_grad=True)
    results = {"a": x + 1, "b": x * x, "c": x.exp(), "d": x + x}
    results["e"] = (x + 1) ** 2
    twice = []
    for name, y in results.items():
        y.backward()
        try:
            y.backward()
        except RuntimeError:
            continue
        twice.append(name)
    assert twice == __


def test_two_heads():
    """After the line in the comment, b.backward() raises. Write the line so that it works."""
    for place in [3.0, 2.0]:
        x = torch.tensor(place, requires_grad=True)
        trunk = x**2
        a, b = 5 * trunk, trunk + 7
        seen = []
        trunk.register_hook(seen.append)
        # It was: a.backward()
        __
        b.backward()
        assert seen == [5.0, 1.0] and x.grad == 12 * place


def test_a_penalty_from_before_the_loop():
    """Each loss is new, and yet the second pass raised. Write what to add to w * x."""
    w = torch.tensor(3.0, requires_grad=True)
    penalty = w**2 / 2
    (w + penalty).backward()
    told = "Trying to backward through the graph a second time"
    with pytest.raises(RuntimeError, match=told):
        (4 * w + penalty).backward()
    w.grad = None
    for x in [1.0, 4.0]:
        loss = w * x + __
        loss.backward()
    assert [loss.item(), w.grad.item()] == [16.5, 11.0]


def test_a_state_carried_on():
    """h is carried from step to step. A hook counts the nodes that ran. What is len(runs)?"""
    w = torch.tensor(1.0, requires_grad=True)
    h = torch.tensor(1.0)
    runs = []
    for _ in range(10):
        h = w * h
        h.grad_fn.register_hook(lambda *_: runs.append(1))
        h.backward(retain_graph=True)
    assert len(runs) == __


def test_cut_the_past():
    """Each pass should go back through one step only. Write what the next one starts from."""
    gradients = []
    for value in [3.0, 2.0]:
        w = torch.tensor(value, requires_grad=True)
        h = torch.tensor(1.0)
        for _ in range(3):
            h = w * h
            h.backward()
            h = __
        gradients.append(w.grad.item())
        assert h == value**3
    assert gradients == [13.0, 7.0]


def test_a_growing_total():
    """In each round a loss is added to total, and total gets a pass. What is in w.grad?"""
    w = torch.tensor(1.0, requires_grad=True)
    total = 0.0
    for x in [1.0, 10.0, 100.0]:
        total = total + w * x
        total.backward(retain_graph=True)
    assert w.grad == __


def test_a_total_for_the_log():
    """total is only for the log. With total += loss it keeps every graph. Write what to add."""
    for value in [1.0, 3.0]:
        w = torch.tensor(value, requires_grad=True)
        total = 0.0
        for x in [1.0, 2.0, 4.0]:
            loss = (w * x) ** 2
            loss.backward()
            total += __
        assert total == 21 * value**2
        assert torch.as_tensor(total).grad_fn is None


def test_one_pass_through_the_trunk():
    """Both losses start at cut, a leaf. Write the line that carries their gradients on to x."""
    for place in [3.0, 1.0]:
        x = torch.tensor(place, requires_grad=True)
        trunk = x**2
        cut = trunk.detach().requires_grad_()
        (5 * cut).backward()
        (cut**2).backward()
        passes = []
        trunk.register_hook(passes.append)
        __
        assert len(passes) == 1
        assert x.grad == (5 + 2 * place**2) * 2 * place


def test_first_grad_then_backward():
    """A look back at chapter 6. Write a call that returns (dy/dx,) and keeps the graph."""
    for place in [2.0, 5.0]:
        x = torch.tensor(place, requires_grad=True)
        y = x**3
        passes = []
        y.register_hook(passes.append)
        (slope,) = __
        assert slope == 3 * place**2 and x.grad is None
        y.backward()
        assert x.grad == 3 * place**2 and len(passes) == 2


def test_a_retained_gradient_cleared():
    """A look back at chapter 5. Between the passes h.grad is cleared. What is in both .grad?

    Give h.grad and x.grad, in a list.
    """
    x = torch.tensor(3.0, requires_grad=True)
    h = x**2
    h.retain_grad()
    (2 * h).backward(retain_graph=True)
    h.grad.zero_()
    (5 * h).backward()
    assert [h.grad.item(), x.grad.item()] == __
