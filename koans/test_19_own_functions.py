"""Functions of your own: torch.autograd.Function and gradcheck.

Autograd has derivative rules for the operations of torch. With a subclass of
torch.autograd.Function you add an operation, and write its rule yourself. Its forward()
computes the result. Its backward() is given the upstream gradient, and returns the gradient
of each input. Both are static methods, and their first argument is ctx, the context: what
forward() leaves there, backward() finds. MyFunction.apply(x) runs it, and makes a node for it.

ctx.save_for_backward() saves inputs and results, and ctx.saved_tensors gives them back as a
tuple. Torch believes what backward() returns. To test it there is gradcheck: it compares
gradients with finite differences, and raises, or returns False, where they differ.

By the end you can write both halves of a Function, save what it needs in the right way,
say what gradcheck can see and what it can't, and read "How to use" in PyTorch's note
Extending PyTorch.
"""

import numpy as np
import pytest
import torch
from torch.autograd import Function, gradcheck

from sensei import __  # noqa: F401 - stays when no blank is left


def gradient(function, value, upstream):
    """Return the gradient of a leaf tensor, where the upstream gradient is given by hand."""
    x = torch.tensor(value, requires_grad=True)
    (function.apply(x) * torch.tensor(upstream)).sum().backward()
    return x.grad.tolist()


def gradient_after_a_write(function):
    """Return the gradient at 3, where the input is written to before the backward pass."""
    x = torch.tensor(3.0, requires_grad=True)
    h = x * 1
    y = function.apply(h)
    h.mul_(10)
    y.backward()
    return x.grad.item()


def second_derivative(function):
    """Differentiate x * function(x) twice, at 3."""
    x = torch.tensor(3.0, requires_grad=True)
    y = x * function.apply(x)
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    first.backward()
    return x.grad.item()


def test_a_cube_root_from_numpy():
    """Torch can't see into NumPy. y is the cube root of x. Write what backward() returns."""

    class CubeRoot(Function):
        @staticmethod
        def forward(ctx, x):
            y = torch.from_numpy(np.cbrt(x.detach().numpy()))
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, grad):
            (y,) = ctx.saved_tensors
            return __

    found = gradient(CubeRoot, [8.0, -64.0], [12.0, 96.0])
    assert found == pytest.approx([1.0, 2.0], rel=1e-4)


def test_what_a_function_records():
    """Forward computes five tensors, and returns four. Which of the five require grad?

    mark_non_differentiable() says that a result has no derivative. Give five flags, in a list.
    """
    inside = []

    class Split(Function):
        @staticmethod
        def forward(ctx, x):
            inside.append(2 * x)
            results = 2 * x, torch.ones(2), x > 0, x.sign()
            ctx.mark_non_differentiable(results[3])
            return results

    x = torch.tensor([3.0, -4.0], requires_grad=True)
    results = Split.apply(x)
    assert [t.requires_grad for t in [*inside, *results]] == __


def test_a_gradient_turned_round():
    """Forward, nothing changes. Backward, the gradient should be multiplied by -factor.

    With return -ctx.factor * grad the error spoke of an incorrect number of gradients. Write
    what backward() should return.
    """

    class Reverse(Function):
        @staticmethod
        def forward(ctx, x, factor):
            ctx.factor = factor
            return x.clone()

        @staticmethod
        def backward(ctx, grad):
            return __

    for factor in [1.0, 0.25]:
        x = torch.tensor([3.0, 5.0], requires_grad=True)
        (8 * Reverse.apply(x, factor)[0]).backward()
        assert x.grad.tolist() == [-8.0 * factor, 0.0]


def test_a_check_in_float32():
    """gradcheck works out finite differences, with steps of 1e-6. What is numeric(x) here?

    With raise_exception=False it returns False where it would raise. Write an x at 64 for
    which the check passes.
    """

    def numeric(x, eps=1e-6):
        return ((x + eps) ** 2 - (x - eps) ** 2) / (2 * eps)

    x = torch.tensor(64.0, requires_grad=True)
    assert numeric(x) == __
    assert not gradcheck(torch.square, (x,), raise_exception=False)
    x = __
    assert gradcheck(torch.square, (x,)) and x.item() == 64.0


def test_two_results_of_a_function():
    """This Function has two results, so its backward() is given two upstream gradients.

    Write what it should return.
    """

    class SumAndTriple(Function):
        @staticmethod
        def forward(ctx, x):
            return x.sum(), 3 * x

        @staticmethod
        def backward(ctx, grad_sum, grad_triple):
            return __

    x = torch.tensor([4.0, 6.0], requires_grad=True)
    total, triple = SumAndTriple.apply(x)
    (5 * total).backward()
    (7 * triple[1]).backward()
    assert x.grad.tolist() == [5.0, 26.0]


def test_where_the_check_notices_nothing():
    """This backward() is wrong, but nothing is raised. At 3 the gradient should be 6.

    At 0 gradcheck doesn't notice, since 0 is right there. Give another such place, a whole
    number from 1 to 8.
    """

    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.saved_tensors[0] ** 2

    assert gradient(Square, 3.0, 1.0) == 9.0
    place = __
    x = torch.tensor(place).double().requires_grad_()
    assert place in range(1, 9) and gradcheck(Square.apply, (x,))


def test_the_check_at_corners():
    """Each of these is checked at one place, with steps of 1e-6. Which pass? Give names."""
    cases = {
        "relu": (torch.relu, 0.0),
        "abs": (torch.abs, 0.0),
        "round": (torch.round, 1.25),
        "detached": (lambda x: 2 * x.detach(), 1.0),
    }
    passed = []
    for name, (f, place) in cases.items():
        x = torch.tensor(place).double().requires_grad_()
        if gradcheck(f, (x,), raise_exception=False):
            passed.append(name)
    assert passed == __


def test_three_numbers_for_one():
    """w is one number. But backward() returns three, one for each result. What is w.grad?"""
    data = torch.tensor([1.0, 3.0, -2.0])

    class Scale(Function):
        @staticmethod
        def forward(ctx, w):
            return w * data

        @staticmethod
        def backward(ctx, grad):
            return grad * data

    w = torch.tensor(4.0, requires_grad=True)
    (5 * Scale.apply(w)).sum().backward()
    assert w.grad.tolist() == __


def test_an_input_kept_on_ctx():
    """setup_context() runs after forward(); inputs is the tuple that apply() was given.

    With ctx.x = inputs[0] there, and ctx.x in backward(), an input that was written to gave a
    wrong gradient, and no error. Write the line with which torch notices.
    """

    class Square(Function):
        @staticmethod
        def forward(x):
            return x**2

        @staticmethod
        def setup_context(ctx, inputs, output):
            __

        @staticmethod
        def backward(ctx, grad):
            return grad * 2 * ctx.saved_tensors[0]

    with pytest.raises(RuntimeError, match="modified by an inplace"):
        gradient_after_a_write(Square)


def test_an_input_that_forward_writes_to():
    """Double writes into its input, so h is 6. But dh/dx came out as 1, and not as 2.

    Torch didn't know of the write. Write the line that tells it.
    """

    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            __
            return x.mul_(2)

        @staticmethod
        def backward(ctx, grad):
            return 2 * grad

    x = torch.tensor(3.0, requires_grad=True)
    h = x * 1
    Double.apply(h)
    assert torch.autograd.grad(h, x)[0] == 2.0 and h == 6.0


def test_a_pass_inside_backward():
    """This backward() computes the cube once more, and leaves its derivative to autograd.

    But y had no graph, and that raised. Write what belongs after with.
    """

    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, grad):
            x = ctx.saved_tensors[0].detach().requires_grad_()
            with __:
                y = grad * x**3
            return torch.autograd.grad(y, x)[0]

    assert gradient(Cube, 2.0, 5.0) == 60.0


def test_a_rule_for_one_pass():
    """ctx.slope has no graph, so it counts as a constant in a second derivative.

    That of x * Square(x) at 3 was 12, and not 18, and nothing was raised. A decorator in
    torch.autograd.function turns this into an error. Write it.
    """

    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.slope = 2 * x
            return x**2

        @staticmethod
        @__
        def backward(ctx, grad):
            return grad * ctx.slope

    with pytest.raises(RuntimeError, match="differentiate twice"):
        second_derivative(Square)


def test_a_sign_that_learns():
    """A look back at chapter 10. sign() is flat, so no gradient gets past it.

    Write a rule: the upstream gradient passes as it is where x is between -1 and 1, bounds
    included. Elsewhere it is 0.
    """

    class Sign(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.sign()

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return __

    found = gradient(Sign, [0.5, -1.0, 1.5, -3.0], [3.0, 0.5, 0.25, 6.0])
    assert found == [3.0, 0.5, 0.0, 0.0]
