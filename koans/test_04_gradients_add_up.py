"""Gradients add up.

What does backward() do where a slope lies already, from a walk before? This chapter is about
that, and about what follows: how .grad is cleared, what happens to one who forgets, and what
it is good for not to.

By the end you can predict .grad after any number of walks, clear it before it misleads you,
and let it gather on purpose what several walks bring.
"""

import pytest
import torch

from sensei import __


def test_two_walks():
    """Two walks, one after the other. What is in .grad after each of them?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    assert x.grad == __
    (x**3).backward()
    assert x.grad == __


def test_three_steps_without_clearing():
    """A loop that forgot to clear. x does not move; does its gradient?"""
    x = torch.tensor(5.0, requires_grad=True)
    for _ in range(3):
        (x**2).backward()
    assert x.grad == __


def test_one_walk_for_two_losses():
    """Two losses and one walk, which leaves what two walks would. Write the loss."""
    for place in [2.0, 1.0]:
        x = torch.tensor(place, requires_grad=True)
        first = x**2
        second = x**3
        loss = __
        loss.backward()
        assert x.grad == 2 * place + 3 * place**2


def test_what_zero_clears():
    """Is it the tensor or its gradient that x.grad.zero_() sets to zero?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    x.grad.zero_()
    assert [x.item(), x.grad.item()] == __


def test_a_fresh_start():
    """Two walks, a zero_(), a third walk. What is in .grad at the end?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    (x**3).backward()
    x.grad.zero_()
    (x**2).backward()
    assert x.grad == __


def test_two_ways_to_clear():
    """One gradient is set to zero, the other one is dropped. What is left of each?"""
    a = torch.tensor(5.0, requires_grad=True)
    b = torch.tensor(5.0, requires_grad=True)
    (a**2 + b**2).backward()
    a.grad.zero_()
    b.grad = None
    assert [a.grad, b.grad] == __


def test_clearing_what_is_not_there():
    """x is new, there was no backward() yet. What does clearing its gradient raise?"""
    x = torch.tensor(2.0, requires_grad=True)
    with pytest.raises(Exception) as caught:
        x.grad.zero_()
    assert caught.type is __


def test_a_saved_reference():
    """first is kept from the first walk. What is in it after the second?"""
    x = torch.tensor(4.0, requires_grad=True)
    (x**2).backward()
    first = x.grad
    (x**3).backward()
    assert first == __


def test_keep_the_first_gradient():
    """Now first should stay what it was, whatever the second walk does. Write it."""
    for power, slope in [(2, 10.0), (3, 75.0)]:
        x = torch.tensor(5.0, requires_grad=True)
        (x**power).backward()
        first = __
        (x**3).backward()
        assert first == slope
        assert x.grad == slope + 75.0


def test_whatever_is_there():
    """.grad may also be set by hand, before any walk. What becomes of the 100?"""
    x = torch.tensor(5.0, requires_grad=True)
    x.grad = torch.tensor(100.0)
    (x**2).backward()
    assert x.grad == __


def test_zero_and_none():
    """x takes part, times 0. z takes no part at all. What is in the two .grad?"""
    x = torch.tensor(2.0, requires_grad=True)
    z = torch.tensor(1.0, requires_grad=True)
    (0 * x).backward()
    assert [z.grad, x.grad] == __


def test_clear_in_a_loop():
    """Each step should see its own slope only. What belongs at the end of the loop?"""
    x = parameter = torch.tensor(5.0, requires_grad=True)
    slopes = []
    for factor in [1, 2, 3]:
        (factor * x**2).backward()
        slopes.append(x.grad.item())
        __
    assert slopes == [10.0, 20.0, 30.0]
    assert x is parameter and x == 5.0
    assert not x.grad
    assert x.grad is None or x.grad.is_leaf


def test_clear_before_the_first_walk():
    """Here the clearing comes first. On what condition may it be done?"""
    x = torch.tensor(2.0, requires_grad=True)
    slopes = []
    for sign in [1, -1, 1]:
        if __:
            x.grad.zero_()
        (sign * x**2).backward()
        slopes.append(x.grad.item())
    assert slopes == [4.0, -4.0, 4.0]


def test_adding_on_purpose():
    """Four examples, one walk each, every loss divided by 4. What has x.grad gathered?"""
    x = torch.tensor(3.0, requires_grad=True)
    for target in [1.0, 2.0, 3.0, 10.0]:
        loss = (x - target) ** 2
        (loss / 4).backward()
    assert x.grad == __
