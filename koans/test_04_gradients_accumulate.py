"""Gradients accumulate: each backward pass adds to what is already in .grad.

This is not the sum that you know from chapter 3. Within one backward pass, the gradients of
all paths are summed before they reach a leaf tensor. What a pass brings to the leaf is then
added to what earlier passes left in .grad: that is accumulation. backward() never clears
.grad.

This chapter shows how .grad is cleared, what happens if it is not, and what accumulation is
good for.

By the end you can predict .grad after any number of backward passes, clear it at the right
moment, accumulate gradients on purpose, and read "torch.Tensor.backward" in PyTorch's
reference.
"""

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_two_backward_passes():
    """Two backward passes, one after the other. What is in x.grad after each of them?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    assert x.grad == __
    (x**3).backward()
    assert x.grad == __


def test_what_zero_clears():
    """What is in x and in x.grad after zero_()? Give both, in a list."""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    x.grad.zero_()
    assert [x.item(), x.grad.item()] == __


def test_a_third_pass_after_clearing():
    """Two passes, then zero_(), then a third pass. What is in x.grad at the end?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    (x**3).backward()
    x.grad.zero_()
    (x**2).backward()
    assert x.grad == __


def test_two_ways_to_clear():
    """a.grad and b.grad are cleared in two ways. What is in them then? Give both, in a list."""
    a = torch.tensor(5.0, requires_grad=True)
    b = torch.tensor(5.0, requires_grad=True)
    (a**2 + b**2).backward()
    a.grad.zero_()
    b.grad = None
    assert [a.grad, b.grad] == __


def test_a_second_name_for_the_gradient():
    """After the first pass, x.grad is kept as first. What is in first after the second pass?"""
    x = torch.tensor(4.0, requires_grad=True)
    (x**2).backward()
    first = x.grad
    (x**3).backward()
    assert first == __


def test_keep_the_first_gradient():
    """Write first so that it keeps the gradient of the first pass, whatever comes later."""
    kept = []
    for power in [2, 3]:
        x = torch.tensor(5.0, requires_grad=True)
        (x**power).backward()
        first = __
        (x**3).backward()
        kept.append([float(first), x.grad.item()])
    assert kept == [[10.0, 85.0], [75.0, 150.0]]


def test_a_gradient_set_by_hand():
    """.grad may also be set by hand, before any backward pass. What is in x.grad at the end?"""
    x = torch.tensor(5.0, requires_grad=True)
    x.grad = torch.tensor(100.0)
    (x**2).backward()
    assert x.grad == __


def test_one_backward_pass_for_two_losses():
    """There are two losses. Write one that gives in a single pass what they give in two."""
    for place in [2.0, 1.0]:
        x = torch.tensor(place, requires_grad=True)
        first = x**2
        second = x**3
        loss = __
        loss.backward()
        assert x.grad == 2 * place + 3 * place**2


def test_a_factor_of_zero():
    """x is multiplied by 0; z is unused. What are z.grad and x.grad? Give both in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    z = torch.tensor(1.0, requires_grad=True)
    (0 * x).backward()
    assert [z.grad, x.grad] == __


def test_ten_passes_in_bfloat16():
    """bfloat16 rounds to 8 significant binary digits. What is in w.grad after ten passes?"""
    w = torch.tensor(1.0, dtype=torch.bfloat16, requires_grad=True)
    w.grad = torch.tensor(250.0, dtype=torch.bfloat16)
    for _ in range(10):
        (w * 1).backward()
    assert w.grad.item() == __


def test_clear_in_a_loop():
    """Each step should see only its own gradient. Which line belongs at the end of the loop?"""
    x = parameter = torch.tensor(5.0, requires_grad=True)
    gradients = []
    for factor in [1, 2, 3]:
        (factor * x**2).backward()
        gradients.append(x.grad.item())
        __
    assert gradients == [10.0, 20.0, 30.0]
    assert x is parameter and x == 5.0
    assert not x.grad
    assert x.grad is None or x.grad.is_leaf


def test_the_order_of_a_step():
    """In which order do the three steps work twice in a row? Give their names, in a list.

    An old gradient is still there.
    """
    x = torch.tensor(5.0, requires_grad=True)
    x.grad = torch.tensor(100.0)
    used = []
    order = __
    for name in order * 2:
        if name == "use":
            used.append(x.grad.item())
        elif name == "clear":
            x.grad.zero_()
        elif name == "backward":
            (x**2).backward()
    assert used == [10.0, 10.0]


def test_clear_before_the_first_pass():
    """zero_() raises while there is no gradient. Write the condition for calling it."""
    x = torch.tensor(2.0, requires_grad=True)
    told = "'NoneType' object has no attribute 'zero_'"
    with pytest.raises(AttributeError, match=told):
        x.grad.zero_()
    gradients = []
    for sign in [1, -1, 1]:
        if __:
            x.grad.zero_()
        (sign * x**2).backward()
        gradients.append(x.grad.item())
    assert gradients == [4.0, -4.0, 4.0]


def test_accumulation_on_purpose():
    """Each of four examples gets a backward pass, its loss divided by 4. What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    for target in [1.0, 2.0, 3.0, 10.0]:
        loss = (x - target) ** 2
        (loss / 4).backward()
    assert x.grad == __


def test_a_spare_weight():
    """A look back at chapter 2. Which tensors have a gradient? Give their names, in a list."""
    w = torch.tensor(3.0, requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    spare = torch.tensor(4.0, requires_grad=True)
    x = torch.tensor(2.0)
    for _ in range(2):
        ((w * x + b - 10) ** 2).backward()
    tensors = {"w": w, "b": b, "spare": spare, "x": x}
    given = [name for name, t in tensors.items() if t.grad is not None]
    assert given == __


def test_a_hook_over_two_passes():
    """A look back at chapter 3. A hook on x, and two passes. What is in seen? Give a list."""
    x = torch.tensor(3.0, requires_grad=True)
    seen = []
    x.register_hook(lambda grad: seen.append(grad.item()))
    (x * x).backward()
    (x + x).backward()
    assert x.grad == 8.0
    assert seen == __
