"""Hooks: listening to the backward pass, and changing it.

A hook is a function that you hand to torch, and that torch calls at a certain moment. A hook
that you register with x.register_hook() is called in each backward pass that computes the
gradient of x, as soon as it is known, and is given this gradient. If the hook returns None,
as a Python function without return does, the gradient stays as it is. register_hook() returns
a handle, and handle.remove() takes the hook away.

Other hooks are called at other moments: when a gradient has been written into .grad, before or
after a node runs, after the forward pass of a module. Which one you need depends on what has
to be known by then, and on whether you only listen or change something.

By the end you can clip or scale a gradient on its way, log the gradients of layers, take a
step inside the backward pass, say which hook is called when, and read "Backward Hooks
execution" in PyTorch's note Autograd mechanics.
"""

import pytest
import torch
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def linear(weight):
    """Return a linear layer that has this weight, and no bias."""
    layer = nn.Linear(len(weight[0]), len(weight), bias=False)
    layer.weight = nn.Parameter(torch.tensor(weight))
    return layer


def test_what_a_hook_returns():
    """What a hook returns takes the place of the gradient. What are w.grad and x.grad?

    Give both, in a list.
    """
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0, requires_grad=True)
    y = w * x
    y.register_hook(lambda grad: 10 * grad)
    (y + w).backward()
    assert [w.grad.item(), x.grad.item()] == __


def test_a_hook_that_clips():
    """The hook should clip the gradient of a, and only that. Write what it returns.

    The limits are -1 and 1. With the line in the comment, b.grad was clipped as well.
    """

    def hook(grad):
        # It was: return grad.clamp_(-1, 1)
        return __

    for values in [[4.0, -0.5], [0.25, -3.0]]:
        a = torch.zeros(2, requires_grad=True)
        b = torch.zeros(2, requires_grad=True)
        upstream = torch.tensor(values)
        a.register_hook(hook)
        (a + b).backward(upstream)
        assert a.grad.tolist() == [max(-1.0, min(1.0, v)) for v in values]
        assert b.grad.tolist() == upstream.tolist() == values


def test_two_hooks_on_one_result():
    """y should keep its gradient, and has two hooks. What are y.grad and x.grad?

    Give both, in a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    y = x**2
    y.retain_grad()
    y.register_hook(lambda grad: grad + 1)
    y.register_hook(lambda grad: 10 * grad)
    (3 * y).backward()
    assert [y.grad.item(), x.grad.item()] == __


def test_a_row_that_rests():
    """In the first two passes, but not in the third, row 0 should get a gradient of 0.

    Write what the hook returns, and the line that ends it.
    """
    weight = torch.ones(2, 2, requires_grad=True)

    def hook(grad):
        return __

    handle = weight.register_hook(hook)
    (2 * weight.sum()).backward()
    assert weight.grad.tolist() == [[0.0, 0.0], [2.0, 2.0]]
    (3 * weight.sum()).backward()
    __
    (4 * weight.sum()).backward()
    assert weight.grad.tolist() == [[4.0, 4.0], [9.0, 9.0]]


def test_before_and_after_accumulating():
    """The second hook is called when x.grad has been written, and is given x itself.

    What is in seen at the end? Give a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    seen = []

    def after(t):
        seen.append(t.grad.item())

    x.register_hook(lambda grad: seen.append(grad.item()))
    x.register_post_accumulate_grad_hook(after)
    (x**2).backward()
    torch.autograd.grad(x**3, x)
    (5 * x).backward()
    assert seen == __


def test_a_step_inside_the_pass():
    """Each parameter should move by a quarter of its gradient, downhill, within the pass.

    step() is given the parameter, as in the koan before. Which line belongs there?
    """
    a = torch.tensor(4.0, requires_grad=True)
    b = torch.tensor(2.0, requires_grad=True)

    def step(p):
        __
        p.grad = None

    for parameter in [a, b]:
        parameter.register_post_accumulate_grad_hook(step)
    for _ in range(2):
        (a**2 + 3 * b).backward()
    assert [a.item(), b.item(), a.grad, b.grad] == [1.0, 0.5, None, None]


def test_the_hooks_of_a_node():
    """A node can have hooks that are called before and after it runs.

    Which hooks have been called at the end, and in which order? Give a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    h = x**2
    y = 3 * h
    log = []
    h.grad_fn.register_hook(lambda *_: log.append("after"))
    h.grad_fn.register_prehook(lambda *_: log.append("before"))
    h.register_hook(lambda _: log.append("h"))
    torch.autograd.grad(y, h, retain_graph=True)
    y.backward()
    assert log == __


def test_a_log_of_norms():
    """A module's hook is given two tuples: the gradients of its inputs, and of its outputs.

    For the log, write the norm of the gradient of a layer's output.
    """
    layers = [linear([[1.0], [-1.0]]), nn.ReLU(), linear([[3.0, 4.0]])]
    norms = []

    def hook(module, grad_input, grad_output):
        norm = __
        norms.append(norm)

    for layer in layers:
        layer.register_full_backward_hook(hook)
    (2 * nn.Sequential(*layers)(torch.ones(1))).sum().backward()
    assert norms == [2.0, 10.0, 6.0]


def test_a_module_and_its_weight():
    """Here no input requires grad, so the module's hook waits for the gradient of the output.

    The other hook is on the weight. What is in log? Give a list.
    """
    layer = linear([[1.0]])
    log = []

    def of_module(module, grad_input, grad_output):
        log.append(module.weight.grad)

    def of_weight(p):
        log.append(p.grad.item())

    layer.register_full_backward_hook(of_module)
    layer.weight.register_post_accumulate_grad_hook(of_weight)
    (2 * layer(torch.tensor([4.0]))).sum().backward()
    assert log == __


def test_a_hooked_layer_and_a_write():
    """With a hook on the layer, the model raises, and so does the line in the comment.

    Write a y with the values that it should have.
    """
    layer, seen = linear([[1.0]]), []
    layer.register_full_backward_hook(lambda m, i, o: seen.append(o[0]))
    with pytest.raises(RuntimeError, match="is being modified inplace"):
        nn.Sequential(layer, nn.ReLU(inplace=True))(torch.ones(1))
    for value in [8.0, -2.0]:
        h = layer(torch.tensor([value]))
        # It was: y = nn.ReLU(inplace=True)(h)
        y = __
        assert y == max(value, 0.0)
        y.sum().backward()
    assert seen == [1.0, 0.0]


def test_an_activation_and_its_gradient():
    """A forward hook is given what its module has just computed.

    Write the line that lets you read the gradient of each output in kept, after the pass.
    """
    kept = []

    def hook(module, args, output):
        kept.append(output)
        __

    for value in [2.0, 3.0]:
        layer = linear([[1.0]])
        layer.register_forward_hook(hook)
        (layer(torch.tensor([value])) ** 2).sum().backward()
        assert kept[-1].grad == 2 * value
        assert layer.weight.grad == 2 * value**2


def test_one_of_two_uses():
    """A look back at chapter 3. trunk is used twice, and both gradients had their sign turned.

    Only that of the second use should be turned. Write a branch with the value of trunk.
    """
    for place in [2.0, 3.0]:
        x = torch.tensor(place, requires_grad=True)
        trunk = x**2
        # It was: branch = trunk
        branch = __
        branch.register_hook(lambda grad: -grad)
        assert branch == trunk
        (5 * trunk + 3 * branch).backward()
        assert x.grad == (5 - 3) * 2 * place
