"""Who is watched.

Autograd takes notes only of what it was told to watch, and of what is computed from that.
This chapter is about the flag that says so, requires_grad: who has it, who gets it from
others, who cannot have it, and what happens where it is missing.

At its end you can say which tensors autograd watches and which it cannot, why a .grad is
missing, and where in a model to ask for watching.
"""

import pytest
import torch

from sensei import __


def test_watching_is_asked_for():
    """Two tensors with the same number in them. Which of them is watched?"""
    plain = torch.tensor(3.0)
    asked = torch.tensor(3.0, requires_grad=True)
    assert [plain.requires_grad, asked.requires_grad] == __


def test_one_watched_input_is_enough():
    """a is plain, b is watched. Which of the three sums are watched?"""
    a = torch.tensor(1.0)
    b = torch.tensor(2.0, requires_grad=True)
    sums = [a + a, a + b, b + b]
    assert [s.requires_grad for s in sums] == __


def test_data_gets_no_gradient():
    """Both took part in the product, one of them is watched. What is in x.grad?"""
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    (w * x).backward()
    assert w.grad == 2.0
    assert x.grad is __


def test_backward_with_nothing_watched():
    """Somebody forgot requires_grad=True. What does backward() do about it?"""
    x = torch.tensor(3.0)
    y = x**2
    with pytest.raises(Exception) as caught:
        y.backward()
    assert caught.type is __


def test_watch_it_afterwards():
    """x exists already, and is not watched. Which line changes that?"""
    x = torch.tensor(3.0)
    __
    (x**2).backward()
    assert x.grad == 6.0


def test_nothing_is_noted_in_hindsight():
    """y was computed first, and only then was x watched. How does z move with x?"""
    x = torch.tensor(5.0)
    y = x**2
    x.requires_grad_()
    z = x * y
    z.backward()
    assert x.grad == __


def test_only_what_can_move_a_little():
    """torch.tensor([1, 2], requires_grad=True) raises. With which dtype would it work?"""
    dtype = __
    x = torch.tensor([1, 2], dtype=dtype, requires_grad=True)
    assert x.requires_grad


def test_some_results_leave_the_graph():
    """A comparison, a cast to whole numbers, a rounding. Which results are watched?"""
    x = torch.tensor(2.5, requires_grad=True)
    results = [x > 1, x.long(), x.round()]
    watched = [result.requires_grad for result in results]
    assert watched == __


def test_a_layer_watches_its_parameters():
    """A linear layer computes weight @ data + bias. Which of the four are watched?"""
    layer = torch.nn.Linear(2, 1)
    data = torch.ones(2)
    four = [layer.weight, layer.bias, data, layer(data)]
    watched = [tensor.requires_grad for tensor in four]
    assert watched == __


def test_a_gradient_has_the_dtype_of_its_tensor():
    """x is float32, the computation runs in float64. Which dtypes do y and x.grad have?"""
    x = torch.tensor(2.0, requires_grad=True)
    y = x.double() ** 2
    y.backward()
    assert x.dtype == torch.float32
    assert [y.dtype, x.grad.dtype] == __


def test_watch_what_should_learn():
    """A small model: a weight, a bias, and data that is given. Who is to be watched?"""
    weight = torch.tensor(3.0)
    bias = torch.tensor(1.0)
    data = torch.tensor(2.0)
    learned = __
    for tensor in learned:
        tensor.requires_grad_()
    (weight * data + bias).backward()
    assert [weight.grad, bias.grad] == [2.0, 1.0]
    assert data.grad is None
