"""Hooks: listening to the backward pass, and changing it.

A hook is a function that you hand to torch, and that torch calls at a certain moment. A hook
that you register with x.register_hook() is called in each backward pass, as soon as the
gradient of x is known, and is given this gradient. If it returns None, as a Python function
without return does, the gradient stays as it is. register_hook() returns a handle, and
handle.remove() takes the hook away.

Other hooks are called at other moments: once the gradient has been written into .grad, before
or after a node runs, after the forward pass of a layer. Which one you need depends on what
should be known by then, and on whether you only listen or want to change something.

By the end you can clip or scale a gradient on its way, log the gradients of layers, take a step
inside the backward pass, tell which hook is called when, and read "Backward Hooks execution" in
PyTorch's note Autograd mechanics.
"""

import pytest
import torch
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


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
    """Only the gradient of a should be clipped, to between -1 and 1. Write the hook.

    With the hook in the comment, the gradient of b was clipped as well.
    """
    for values in [[4.0, -0.5], [0.25, -3.0]]:
        a = torch.zeros(2, requires_grad=True)
        b = torch.zeros(2, requires_grad=True)
        upstream = torch.tensor(values)
        # It was: a.register_hook(lambda grad: grad.clamp_(-1, 1))
        a.register_hook(
            __
        )
        (a + b).backward(upstream)
        assert a.grad.tolist() == [max(-1.0, min(1.0, v)) for v in values]
        assert b.grad.tolist() == upstream.tolist() == values


def test_two_hooks_on_one_result():
    """y keeps its gradient, and has two hooks. What are y.grad and x.grad? Give a list."""
    x = torch.tensor(2.0, requires_grad=True)
    y = x**2
    y.retain_grad()
    y.register_hook(lambda grad: grad + 1)
    y.register_hook(lambda grad: 10 * grad)
    (3 * y).backward()
    assert [y.grad.item(), x.grad.item()] == __


def test_a_row_that_rests():
    """Row 0 should rest in the first step only. Write the hook, and the line that ends it."""
    weight = torch.ones(2, 2, requires_grad=True)
    handle = weight.register_hook(
        __
    )
    optimizer = torch.optim.SGD([weight], lr=0.25)
    steps = []
    for factor in [2.0, 4.0]:
        optimizer.zero_grad()
        (factor * weight.sum()).backward()
        optimizer.step()
        steps.append(weight.tolist())
        __
    assert steps[0] == [[1.0, 1.0], [0.5, 0.5]]
    assert steps[1] == [[0.0, 0.0], [-0.5, -0.5]]


def test_before_and_after_accumulating():
    """The second kind of hook is called when x.grad has been written, and is given x itself.

    What is in seen? Give a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    seen = []
    x.register_hook(lambda grad: seen.append(grad.item()))
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.item()))
    (x**2).backward()
    torch.autograd.grad(x**3, x)
    (5 * x).backward()
    assert seen == __


def test_a_step_inside_the_pass():
    """Each parameter should move by a quarter of its gradient, during the pass. Which line?"""
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
    """A node has hooks, too, called before and after it runs. What is in log? Give a list."""
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
    """A module's hook is given tuples: the gradients of its inputs, and of its outputs.

    Write the norm of the gradient of each layer's output.
    """
    layers = [nn.Linear(1, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False)]
    layers[0].weight = nn.Parameter(torch.tensor([[1.0], [-1.0]]))
    layers[2].weight = nn.Parameter(torch.tensor([[3.0, 4.0]]))
    norms = []

    def hook(module, grad_input, grad_output):
        norms.append(
            __
        )

    for layer in layers:
        layer.register_full_backward_hook(hook)
    (2 * nn.Sequential(*layers)(torch.ones(1))).sum().backward()
    assert norms == [2.0, 10.0, 6.0]


def test_a_module_and_its_weight():
    """The input requires no grad, so the module's hook waits for the gradient of its output.

    A second hook waits for the weight. What is in log? Give a list.
    """
    layer = nn.Linear(1, 1, bias=False)
    log = []
    layer.register_full_backward_hook(lambda *_: log.append(layer.weight.grad))
    layer.weight.register_post_accumulate_grad_hook(lambda p: log.append(p.grad.item()))
    (2 * layer(torch.tensor([4.0]))).sum().backward()
    assert log == __


def test_a_hooked_layer_and_a_write():
    """With a hook on the layer, the model raises. Write an activation that doesn't write to h.

    y should be what it would have been.
    """
    layer, seen = nn.Linear(1, 1, bias=False), []
    nn.init.ones_(layer.weight)
    layer.register_full_backward_hook(lambda _, i, o: seen.append(o[0].item()))
    with pytest.raises(RuntimeError, match="is being modified inplace"):
        nn.Sequential(layer, nn.ReLU(inplace=True))(torch.ones(1))
    for value in [8.0, -2.0]:
        h = layer(torch.tensor([value]))
        # It was: y = nn.ReLU(inplace=True)(h)
        y = __
        y.sum().backward()
        assert y == max(value, 0.0)
    assert seen == [1.0, 0.0]


def test_an_activation_and_its_gradient():
    """A forward hook is given what its module has computed.

    Write the line after which the gradient of each output in kept can be read.
    """
    kept = []

    def hook(module, args, output):
        kept.append(output)
        __

    for value in [2.0, 3.0]:
        layer = nn.Linear(1, 1, bias=False)
        nn.init.ones_(layer.weight)
        layer.register_forward_hook(hook)
        (layer(torch.tensor([value])) ** 2).sum().backward()
        assert [kept[-1].grad, layer.weight.grad] == [2 * value, 2 * value**2]


def test_one_of_two_uses():
    """A look back at chapter 3. The hook should turn the gradient of the second use alone.

    With the line in the comment it turned both. Write a branch with the value of trunk.
    """
    for place in [2.0, 3.0]:
        x = torch.tensor(place, requires_grad=True)
        trunk = x**2
        # It was: branch = trunk
        branch = __
        branch.register_hook(lambda grad: -grad)
        assert branch == trunk
        (5 * trunk + 3 * branch).backward()
        assert x.grad == 5 * 2 * place - 3 * 2 * place
