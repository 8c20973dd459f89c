"""Corners, ties and NaN: what autograd does where there is no derivative.

At 0, relu has a corner: to the left the derivative is 0, to the right it is 1, and at 0
itself there is none. Where two elements tie for the maximum, there is none either. Torch
still gives a number there, by a convention of each operation.

Other places are worse. A derivative can be infinite (math.inf in Python), and infinity times
0 is NaN, "not a number" (math.nan). One NaN in a gradient is enough: after one step the
weight is NaN, and soon the whole model. Often the loss shows nothing of it beforehand.

By the end you can say what to expect at corners and ties, find out where a NaN comes from,
write functions whose gradients stay finite, and read "Gradients for non-differentiable
functions" in PyTorch's note Autograd mechanics.
"""

import math

import pytest
import torch
import torch.nn.functional as F

from sensei import __  # noqa: F401 - stays when no blank is left


def test_three_corners():
    """Each of these functions has a corner at 0. What are the gradients there? Give a list."""
    zero = torch.tensor(0.0)
    functions = [torch.relu, torch.abs, lambda v: torch.maximum(v, zero)]
    gradients = []
    for f in functions:
        x = torch.tensor(0.0, requires_grad=True)
        f(x).backward()
        gradients.append(x.grad.item())
    assert gradients == __


def test_a_tie_without_sharing():
    """x.max() shares its gradient among ties. Write a maximum that gives it to the first."""
    shared = torch.tensor([1.0, 6.0, 6.0, 2.0], requires_grad=True)
    shared.max().backward()
    assert shared.grad.tolist() == [0.0, 0.5, 0.5, 0.0]
    for values, gradient in [
        ([1.0, 6.0, 6.0, 2.0], [0.0, 1.0, 0.0, 0.0]),
        ([5.0, 3.0, 5.0, 5.0], [1.0, 0.0, 0.0, 0.0]),
    ]:
        x = torch.tensor(values, requires_grad=True)
        top = __
        assert top.item() == max(values)
        top.backward()
        assert x.grad.tolist() == gradient


def test_where_a_derivative_is_infinite():
    """What are log(0), and the gradients of log and of sqrt at 0? Give all three, in a list."""
    x = torch.tensor(0.0, requires_grad=True)
    z = torch.tensor(0.0, requires_grad=True)
    y = torch.log(x)
    y.backward()
    torch.sqrt(z).backward()
    assert [y.item(), x.grad.item(), z.grad.item()] == __


def test_a_clamp_before_the_log():
    """A clamp keeps the log finite. What is in p.grad? Give a list."""
    p = torch.tensor([0.0, 0.5, 0.25], requires_grad=True)
    safe = p.clamp(min=0.125)
    assert safe.tolist() == [0.125, 0.5, 0.25]
    loss = -torch.log(safe).sum()
    assert math.isfinite(loss)
    loss.backward()
    assert p.grad.tolist() == __


def test_infinity_times_zero():
    """Infinity times 0 is NaN. Which of these have a NaN gradient at 0? Give their letters."""
    functions = {"a": torch.abs, "b": lambda v: (v**2).sqrt()}
    functions |= {"c": torch.sqrt, "d": lambda v: 0 * v.sqrt()}
    names = []
    for name, f in functions.items():
        x = torch.tensor(0.0, requires_grad=True)
        f(x).backward()
        if math.isnan(x.grad):
            names.append(name)
    assert names == __


def test_is_it_nan():
    """Some of these gradients are not finite. Write a condition that holds for NaN alone."""
    w = torch.tensor([0.0, 0.0, 0.0, 4.0, 4.0], requires_grad=True)
    factors = torch.tensor([0.0, 1.0, -1.0, 4.0, 0.0])
    (factors * w.sqrt()).sum().backward()
    found = []
    for g in w.grad.tolist():
        is_nan = __
        found.append(bool(is_nan))
    assert found == [True, False, False, False, False]


def test_a_length():
    """For a vector of zeros the length in the comment has NaN gradients. Write a better one."""
    for values, size in [([3.0, 4.0], 5.0), ([0.0, 0.0], 0.0)]:
        x = torch.tensor(values, requires_grad=True)
        # It was: length = (x**2).sum().sqrt()
        length = __
        assert length.item() == pytest.approx(size, abs=1e-3)
        length.backward()
        assert x.grad.tolist() == pytest.approx([v / 5 for v in values])


def test_the_branch_that_was_not_taken():
    """Where x > 0, torch.where takes the root, elsewhere 0. What is in x.grad? Give a list."""
    x = torch.tensor([0.0, 4.0], requires_grad=True)
    y = torch.where(x > 0, x.sqrt(), 0.0)
    assert y.tolist() == [0.0, 2.0]
    y.sum().backward()
    assert x.grad.tolist() == pytest.approx(
        __,
        nan_ok=True,
    )


def test_a_safe_input():
    """Here x may be negative, too. Write safe so that no gradient is NaN, and y is the same."""
    x = torch.tensor([-4.0, 0.0, 0.25, 16.0], requires_grad=True)
    # It was: safe = x
    safe = __
    safe.retain_grad()
    y = torch.where(x > 0, safe.sqrt(), 0.0)
    assert y.tolist() == [0.0, 0.0, 0.5, 4.0]
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 1.0, 0.125]
    assert safe.grad.isfinite().all()


def test_a_row_that_nobody_reads():
    """A mask of -inf takes scores out of a softmax. What is w.grad for each of the masks?

    Give both, in a list.
    """
    gradients = []
    for masked in [[0.0, -math.inf], [-math.inf, -math.inf]]:
        w = torch.tensor(0.0, requires_grad=True)
        scores = w * torch.tensor([[0.0, 6.0], [8.0, 8.0]])
        p = (scores + torch.tensor([[0.0, 0.0], masked])).softmax(1)
        assert p[0].tolist() == [0.5, 0.5]
        p[0, 1].backward()
        gradients.append(w.grad.item())
    assert gradients == pytest.approx(
        __,
        nan_ok=True,
    )


def test_what_anomaly_mode_names():
    """Anomaly mode checks what each node returns. Which nodes does it name? Give a list."""
    a = torch.tensor(-2.0, requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    c = torch.tensor(0.0, requires_grad=True)
    with torch.autograd.set_detect_anomaly(mode=True):
        loss = a.log() + b.reciprocal() + 0 * c.sqrt()
        with pytest.warns(UserWarning), pytest.raises(RuntimeError) as e:
            loss.backward()
    assert math.isnan(loss)
    message = str(e.value)
    kinds = ["Add", "Log", "Reciprocal", "Mul", "Sqrt"]
    named = [k for k in kinds if f"{k}Backward0" in message]
    assert named == __


def test_a_smooth_relu():
    """A look back at chapter 8. A smooth relu is log(1 + exp(x)). Write a better y.

    The y in the comment has a NaN gradient at 200.
    """
    x = torch.tensor([1.0, 200.0], requires_grad=True)
    # It was: y = torch.log(1 + torch.exp(x))
    y = __
    assert y.tolist() == pytest.approx([1.3133, 200.0], abs=1e-3)
    y.sum().backward()
    assert x.grad.tolist() == pytest.approx([0.7311, 1.0], abs=1e-3)


def test_the_gradient_of_accuracy():
    """A look back at chapter 2. What are good, more and good.requires_grad? Give a list."""
    x = torch.tensor([2.0, -1.0, 1.0, -2.0])
    target = torch.tensor([1.0, 0.0, 0.0, 0.0])
    w = torch.tensor(1.0, requires_grad=True)

    def accuracy(weight):
        return ((weight * x > 0) == target).float().mean()

    good, more = accuracy(w), accuracy(w + 0.25)
    assert [good.item(), more.item(), good.requires_grad] == __
