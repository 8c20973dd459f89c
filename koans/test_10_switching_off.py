"""Switching gradients off.

Recording costs memory and time: the graph keeps what its backward pass will need. Where no
backward pass follows, as in evaluation, or where a value should count as a constant, it can
be switched off: for a block of code (no_grad(), set_grad_enabled(), inference_mode()), for
one result (detach()), or for a leaf tensor (requires_grad_(False)).

They differ in how long they hold, and in whether a result shares its memory. And eval(), which
is often taken for one of them, switches no recording off. A cut in the wrong place is often
silent: then something just doesn't learn.

By the end you can choose the right switch, keep a target out of a backward pass, find a graph
that was cut by accident, and read "Locally disabling gradient computation" in PyTorch's note
Autograd mechanics.
"""

import pytest
import torch
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def test_inside_and_outside():
    """nn.Parameter makes a parameter out of a tensor, like the weight of a layer.

    Which of the six tensors require grad at the end? Give their names in a list, as text.
    """
    x = torch.tensor(2.0, requires_grad=True)
    with torch.no_grad():
        a = x**2
        with torch.enable_grad():
            b = x**2
        c = b + x
        p = nn.Parameter(x + 1)
    d, e = a + 1, x + 1
    tensors = {"a": a, "b": b, "c": c, "p": p, "d": d, "e": e}
    names = [name for name, t in tensors.items() if t.requires_grad]
    assert names == __


def test_a_target_that_is_constant():
    """The target is computed from w itself, but not recorded. What is in w.grad?"""
    w = torch.tensor(3.0, requires_grad=True)
    with torch.no_grad():
        target = 4 * w
    loss = (w - target) ** 2
    loss.backward()
    assert w.grad == __


def test_detached_and_written():
    """z is written to. What is in x, and is z the same object as x? Give both, in a list."""
    x = torch.tensor([3.0, 5.0], requires_grad=True)
    z = x.detach()
    z[0] = 64.0
    assert not z.requires_grad
    assert [x.tolist(), z is x] == __


def test_a_generator_and_its_judge():
    """g makes fake, and d judges it. What are d.grad and g.grad, with detach() and without?

    Give a list of two lists.
    """
    gradients = []
    for cut in [True, False]:
        g = torch.tensor(3.0, requires_grad=True)
        d = torch.tensor(5.0, requires_grad=True)
        fake = g**2
        loss = d * (fake.detach() if cut else fake)
        loss.backward()
        gradients.append([d.grad, g.grad])
    assert gradients == __


def test_the_loss_that_was_cut():
    """With loss.requires_grad_() the error is gone. What is in w.grad and loss.grad then?

    Give both, in a list.
    """
    w = torch.tensor(2.0, requires_grad=True)
    loss = (w.detach() - 5) ** 2
    told = "does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=told):
        loss.backward()
    loss.requires_grad_()
    loss.backward()
    assert [w.grad, loss.grad] == __


def test_one_function_for_both():
    """The same lines serve for training and for validation, that is, measuring on other data.

    Write what belongs after with, so that operations are recorded in training only.
    """
    w = torch.tensor(2.0, requires_grad=True)
    flags = []
    for training in [True, False, True]:
        with __:
            flags.append((w * 3).requires_grad)
    assert flags == [True, False, True] and w.requires_grad
    assert (w * 3).requires_grad


def test_dropout_in_evaluation():
    """Dropout(0.75) zeroes elements with probability 0.75, but none after eval().

    eval() is short for train(False). Which numbers are in x.grad? Give a sorted list for each
    mode, in a list.
    """
    x = torch.ones(256, requires_grad=True)
    dropout = nn.Dropout(0.75)
    found = []
    for training in [True, False]:
        dropout.train(training)
        x.grad = None
        dropout(x).sum().backward()
        found.append(x.grad.unique().tolist())
    assert dropout.training is False
    assert found == __


def test_a_running_mean():
    """norm has a weight and a bias, and a running mean that starts at 0.

    In training mode it moves this mean halfway to the mean of a batch. Give y.requires_grad
    and the running mean, for both runs: a list of two lists.
    """
    norm = nn.BatchNorm1d(1, momentum=0.5)
    batch = torch.tensor([[2.0], [14.0]])
    seen = []
    with torch.no_grad():
        y = norm(batch)
    seen.append([y.requires_grad, norm.running_mean.item()])
    norm.eval()
    y = norm(batch)
    seen.append([y.requires_grad, norm.running_mean.item()])
    assert seen == __


def test_out_of_inference_mode():
    """A tensor made in inference mode can't be saved for a backward pass.

    Write a factor that has the same numbers as scale, and can be saved.
    """
    for start in [1.0, 3.0]:
        w = torch.tensor([start, 2.0], requires_grad=True)
        with torch.inference_mode():
            scale = w * 4
        told = "Inference tensors cannot be saved for backward"
        with pytest.raises(RuntimeError, match=told):
            w * scale
        y = w * __
        y.sum().backward()
        assert w.grad.tolist() == [4.0 * start, 8.0]


def test_numbers_for_a_plot():
    """A plot should always show what x holds, even after an update. Write its array.

    x must still require grad.
    """
    x = torch.tensor([1.0, 3.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        x.numpy()
    array = __
    with torch.no_grad():
        x *= 2
    assert type(array).__name__ == "ndarray" and x.requires_grad
    assert array.tolist() == [2.0, 6.0]


def test_steps_of_an_attack():
    """A look back at chapter 9. An attack moves the input so that the loss grows.

    As it was written, x.grad was None in the second round. sign() is -1, 0 or 1 for each
    element. Write the new x.
    """
    for rounds in [1, 3]:
        x = torch.tensor([1.0, -2.0], requires_grad=True)
        for _ in range(rounds):
            (x**2).sum().backward()
            # as it was: x = x + x.grad.sign() / 4
            x = __
        assert x.is_leaf and x.requires_grad
        assert x.tolist() == [1.0 + rounds / 4, -2.0 - rounds / 4]


def test_through_a_staircase():
    """A look back at chapter 2. round() is flat, so x.grad is 0 after it.

    Write y so that it has the value of x.round(), but passes gradients on as x itself would.
    """
    for place in [2.25, -0.75]:
        x = torch.tensor(place, requires_grad=True)
        x.round().backward()
        assert x.grad == 0.0
        y = __
        y.backward()
        assert y == x.round() and x.grad == 1.0
