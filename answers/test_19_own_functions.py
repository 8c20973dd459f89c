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
            return __(
                grad / (3 * y**2),
                wrong={
                    (
                        "1 / (3 * y**2)",
                        "1 / 3 / y**2",
                    ): "That is the derivative. But backward() is given an upstream gradient, "
                    "too. It is called grad here.",
                    "grad": "That would be right for y = x.",
                    (
                        "grad * 3 * y**2",
                        "3 * y**2 * grad",
                        "grad * (3 * y**2)",
                    ): "3 * y**2 is how fast x changes with y, since x is y**3. What is asked "
                    "is how fast y changes with x.",
                    "grad / 3 * y**2": "Python divides first, and then multiplies by y**2.",
                    "grad / 3 / y": "The power of y is another one. What is the derivative of "
                    "y**3?",
                    "grad / y**2": "A factor is missing: the derivative of y**3 has one.",
                    (
                        "grad / 3 * y ** (-2 / 3)",
                        "grad * y ** (-2 / 3) / 3",
                    ): "This exponent belongs to x. But x is not saved, and y**3 is x.",
                    "y / (3 * y**2)": "y is saved because the derivative needs it. What has "
                    "come from upstream is grad.",
                    "y.grad": "Nothing is written to y.grad here. The upstream gradient is an "
                    "argument of backward().",
                },
                hints=[
                    "x is y**3. How fast does x change with y? Then how fast does y with x?",
                    "Then the chain rule: the upstream gradient, times that derivative.",
                ],
                why="backward() is a vector-Jacobian product: it returns the upstream gradient "
                "times the derivative. Without grad the numbers would be right only where the "
                "upstream gradient is 1, as it is for a loss itself. The rule uses the saved "
                "result, since x ** (-2 / 3) is NaN for a negative x. Where torch's own "
                "operations will do, you need no Function: autograd has rules for them.",
            )

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
    assert [t.requires_grad for t in [*inside, *results]] == __(
        [False, True, True, False, False],
        wrong={
            "[True, True, False, False, True]": "That would be right for operations that are "
            "recorded one by one. Here torch sees a single one, whose rule is yours.",
            "[True, True, True, False, False]": "2 * x is computed twice, and the first one is "
            "not returned. Does anything have to be recorded inside forward()?",
            "[False, True, False, False, False]": "torch.ones(2) has nothing to do with x. But "
            "torch doesn't look into forward(), so how should it know?",
            "[True, True, False, False, False]": "Ask of the first: is anything recorded "
            "inside forward()? And of the third: does torch know that it is a constant?",
            "[False, True, True, True, False]": "x > 0 holds True and False. Can a tensor of "
            "that dtype require grad?",
            "[False, True, True, False, True]": "Which result does the line with ctx speak of?",
            "[False, False, False, False, False]": "Nothing is recorded inside forward(). But "
            "x requires grad, and apply() makes a node. Which results belong to it?",
            "[True, True, True, True, True]": "Two of the results can't, or should not, "
            "require grad. And what about the tensor that is not returned?",
            "[False, True, False, False, True]": "Two of the last four are wrong. Does torch "
            "know how a result was computed? And which one is marked?",
        },
        hints=[
            "You write the derivative rule. What would torch need a record of forward() for?",
            "Torch can't tell which results depend on x. It goes by their dtype, and by marks.",
        ],
        why="Inside forward() recording is off, as under no_grad(). To autograd a Function is "
        "one operation with one node, here called SplitBackward. Every result with a "
        "floating-point (or complex) dtype is connected to it, a constant as well, unless it "
        "is marked. backward() has an argument for each result all the same; for a marked one "
        "it is given zeros.",
    )


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
            return __(
                (-ctx.factor * grad, None),
                wrong={
                    "-ctx.factor * grad": "That is as it was: one value. How many arguments "
                    "has forward(), besides ctx?",
                    "(-ctx.factor * grad,)": "This is a tuple, but there is still one value in "
                    "it.",
                    "[-ctx.factor * grad, None]": "A list counts as one value. Several values "
                    "are returned as a tuple.",
                    (
                        "(-ctx.factor * grad, 0.0)",
                        "(-ctx.factor * grad, torch.zeros(()))",
                        "(-ctx.factor * grad, torch.tensor(0.0))",
                    ): "0 is a gradient like any other. But factor is a Python number, and "
                    "can't have one.",
                    "(-ctx.factor * grad, grad)": "The number of values is right. But factor "
                    "is a Python number: what gradient can it have?",
                    "(None, -ctx.factor * grad)": "They are swapped: the order is that of the "
                    "arguments of forward().",
                    ("None", "(None, None)"): "Then nothing comes back to x.",
                    "(-grad, None)": "The factor is missing.",
                    "(ctx.factor * grad, None)": "The sign is missing.",
                    "(-ctx.factor, None)": "The upstream gradient is missing.",
                },
                hints=[
                    "One value for each argument of forward() after ctx, in their order.",
                    "The second argument is a plain number. What stands for no gradient?",
                ],
                why="ctx itself doesn't count, and its attributes are the place for what is no "
                "tensor. None is also allowed for a tensor that needs no gradient; "
                "ctx.needs_input_grad tells, for each argument, whether it does, so that no "
                "work is wasted. This trick is called gradient reversal: what comes behind it "
                "learns to tell two kinds of data apart, and what comes before learns to hide "
                "the difference.",
            )

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
    assert numeric(x) == __(
        0.0,
        wrong={
            "128.0": "On paper, yes. But float32 has about seven digits. What is 64 + 1e-6, "
            "when it is rounded to seven?",
            "64.0": "That is x. And x + eps is not exactly what it should be, either.",
            "float('inf')": "2 * eps is small, but it is divided by, not added. What stands "
            "above it?",
            "float('nan')": "Nothing is divided by itself here, since 2 * eps is a small "
            "number.",
            "4096.0": "That is x**2. What is the difference of the two squares?",
            "1.0": "Round x + eps and x - eps to float32 first.",
            "1e-6": "That is the step. What remains of it when it is added to 64?",
        },
    )
    assert not gradcheck(torch.square, (x,), raise_exception=False)
    x = __(
        x.double(),
        wrong={
            "x": "That is the x from above.",
            (
                "x.detach().double()",
                "torch.tensor(64.0).double()",
                "torch.tensor(64.0, dtype=torch.float64)",
            ): "The dtype is good. But gradcheck needs an input that requires grad.",
            "x.float()": "x has this dtype already, and it is too coarse for such a step.",
            (
                "x.half()",
                "x.bfloat16()",
            ): "This dtype has fewer digits still.",
            "torch.tensor(64.0, requires_grad=True)": "That is a new tensor like the x from "
            "above. It has the same dtype.",
            "x.long()": "A tensor of integers can't require grad.",
            "64.0": "gradcheck wants tensors.",
        },
        hints=[
            "Above 64 the next float32 number is 64.0000076, below it is 63.9999962.",
            "Which dtype has more digits? And what must a tensor have, to be checked?",
        ],
        why="Both x + eps and x - eps are rounded to 64, so nothing is left of the step: the "
        "gradient is right, and the difference is useless. The steps and tolerances of "
        "gradcheck are made for float64, and it warns about float32. So a failed check in "
        "float32 says little. The model itself may stay in float32: only the check needs the "
        "digits. eps, atol and rtol can be set, if they have to be.",
    )
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
            return __(
                grad_sum + 3 * grad_triple,
                wrong={
                    "(grad_sum, 3 * grad_triple)": "That is a value for each result. But there "
                    "should be one for each input, and there is one input. What is done where "
                    "two paths lead to it?",
                    "3 * grad_triple": "A path leads through the sum, too.",
                    "grad_sum": "A path leads through 3 * x, too.",
                    "grad_sum + grad_triple": "One of the two results has a factor.",
                    (
                        "3 * (grad_sum + grad_triple)",
                        "3 * grad_sum + 3 * grad_triple",
                    ): "The factor belongs to one of the two results.",
                    "3 * grad_sum + grad_triple": "The factor belongs to the other one.",
                    (
                        "3 * grad_sum * grad_triple",
                        "grad_sum * 3 * grad_triple",
                    ): "Along a path factors are multiplied. These are two paths.",
                    "grad_sum + 3 * grad_triple.sum()": "Each element of 3 * x depends on one "
                    "element of x. Nothing has to be summed over elements.",
                    "grad_sum + 3": "The upstream gradient of the second result is not used.",
                },
                hints=[
                    "x is used in both results. What does each of them send back to x?",
                    "The gradients of several paths are summed. And one input, one value.",
                ],
                why="One argument for each result, one value for each input. Where a result is "
                "not used in the loss, torch passes zeros for it, so the same formula works. "
                "If you call ctx.set_materialize_grads(False) in forward(), None is passed "
                "instead: it saves work, but then backward() has to ask for it.",
            )

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
    place = __(
        2.0,
        wrong={
            "3.0": "There gradcheck finds 9 and 6, and says so.",
            "1.0": "There backward() returns 1. What would be right?",
            "4.0": "There backward() returns 16. What would be right?",
            "0.0": "That is the place which the question names. There is another one.",
            "0.5": "Where does x**2 equal the derivative? It is a whole number.",
            "-2.0": "The size is good. But the derivative is negative there, and x**2 is not.",
            "1.5": "There backward() returns 2.25. What would be right?",
            "6.0": "6 is what the gradient at 3 should be. The blank asks for a place.",
            "9.0": "9 is the gradient that backward() returns at 3. The blank asks for a "
            "place.",
        },
        hints=[
            "gradcheck compares what backward() returns with the true derivative, at this x.",
            "So where is x**2 the same as twice x?",
        ],
        why="The backward pass uses whatever backward() returns, right or wrong. gradcheck "
        "compares, but only at the inputs that it is given. So check with several random "
        "inputs, and not with 0, 1 and 2. If it fails, the error shows two tables, numerical "
        "and analytical: if they differ by the same factor everywhere, look for a factor in "
        "the formula. Rounding errors would scatter.",
    )
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
    assert passed == __(
        ["abs", "round"],
        wrong={
            '["relu", "abs", "round"]': "What is the average slope of relu between -1e-6 and "
            "1e-6? And which gradient does torch give at 0?",
            '["relu", "abs", "round", "detached"]': "All of these gradients are what torch "
            "means them to be. But does a finite difference agree with each?",
            '["round"]': "abs has a corner at 0. But what is its average slope between -1e-6 "
            "and 1e-6?",
            '["abs"]': "round is a staircase. But is there a step at 1.25?",
            '["relu", "round"]': "Work out the average slope between -1e-6 and 1e-6, for relu "
            "and for abs.",
            '["relu", "round", "detached"]': "One of these has a corner, and one changes with "
            "x although it has no gradient.",
            '["abs", "round", "detached"]': "A detached result has no gradient. But does it "
            "change when x does?",
            '["round", "detached"]': "abs has a corner at 0. But what does it do on average "
            "there? And does the detached result change with x?",
            "[]": "At some of these places the finite difference and the gradient agree.",
        },
        hints=[
            "For each: the average slope across the place, and the gradient that torch gives.",
            "A corner is harmless if the slopes on both sides cancel, as their mean does.",
        ],
        why="At its corner relu has an average slope of 0.5, while torch gives 0: the check "
        "fails, and no one is wrong. For abs both are 0. round is flat at 1.25, but at 0.5 it "
        "jumps, and there the difference is huge. So choose inputs away from corners and "
        "jumps, by much more than eps. A result that doesn't require grad should not change "
        "with x; if it does, as after detach(), the check fails, and rightly so.",
    )


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
    assert w.grad.tolist() == __(
        10.0,
        wrong={
            "[5.0, 15.0, -10.0]": "These are the three numbers that backward() returns. But a "
            "gradient has the shape of its tensor.",
            "RuntimeError": "So it would be, if there were no way to bring the three numbers "
            "to the shape of w. What does a broadcast do in the backward pass?",
            "2.0": "The upstream gradient is not 1 here.",
            "5.0": "The other two numbers are not thrown away.",
            "-10.0": "The last number doesn't overwrite the others.",
            (
                "10 / 3",
                "3.3333",
            ): "It is not their mean.",
            "15.0": "It is not the largest of them. All three count.",
            "40.0": "w itself has no part in its gradient: the result is linear in w.",
        },
        hints=[
            "Which three numbers does backward() return here?",
            "What would autograd do for w * data, where w meets three numbers?",
        ],
        why="Written out, the rule is (grad * data).sum(). If backward() returns more numbers "
        "than the input has, and the shape of the input could be broadcast to theirs, torch "
        "sums them. For a broadcast that is right. For a wrong formula it hides the mistake. "
        "If the shapes don't fit, as with too few numbers, torch raises, and speaks of an "
        "invalid gradient.",
        numbers={
            "1.0": "3.0",
            "3.0": "5.0",
            "2.0": "4.0",
            "5.0": "15.0",
            "15.0": "25.0",
            "10.0": "20.0",
            "10": "20",
            "3.3333": "6.6667",
            "40.0": "80.0",
        },
    )


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
            __(
                ctx.save_for_backward(inputs[0]),
                wrong={
                    "ctx.x = inputs[0]": "That is as it was. Nothing looks after attributes of "
                    "ctx, so the gradient at 3 was 60.",
                    "ctx.save_for_backward(inputs)": "It takes tensors, and inputs is a tuple "
                    "of them.",
                    "ctx.save_for_backward(output)": "The rule below needs what went in, and "
                    "not what came out.",
                    "ctx.save_for_backward(inputs[0].clone())": "With a copy the gradient is "
                    "right, whatever is written to the input. But that costs memory, and torch "
                    "was to notice.",
                    (
                        "ctx.saved_tensors = inputs",
                        "ctx.saved_tensors = (inputs[0],)",
                    ): "backward() reads this attribute. But it can't be set so.",
                    (
                        "ctx.save_for_backward(x)",
                        "ctx.x = x",
                    ): "x is the name inside forward(). Here the tensor is in inputs.",
                    "ctx.save_for_backward(inputs[0].detach().clone())": "A copy has another "
                    "version counter, so torch can't notice.",
                    "ctx.mark_dirty(inputs[0])": "forward() doesn't write to its input. That "
                    "is done later.",
                },
                hints=[
                    "backward() reads ctx.saved_tensors. Which method fills it?",
                    "The rule needs x. Where is it in inputs?",
                ],
                why="Torch compares versions only for what was saved by save_for_backward(). A "
                "result kept on ctx does another harm: the node holds it through ctx, and it "
                "holds its node. Such a cycle keeps memory until Python's garbage collector "
                "comes by. setup_context() is the newer way to write a Function; torch.func "
                "needs it.",
            )

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
            __(
                ctx.mark_dirty(x),
                wrong={
                    "ctx.save_for_backward(x)": "The rule needs no saved tensor. Torch should "
                    "be told of a write.",
                    "ctx.mark_non_differentiable(x)": "x is the result, too, and it has a "
                    "derivative.",
                    "x = x.clone()": "Then h stays 3: nothing is written to it.",
                    "ctx.mark_dirty": "This names the method, but doesn't call it.",
                    "ctx.mark_dirty()": "What was written to?",
                    (
                        "ctx.dirty = x",
                        "ctx.dirty = True",
                    ): "Torch doesn't look at attributes that you make up.",
                    "ctx.x = x": "Keeping the input says nothing about a write.",
                    "ctx.set_materialize_grads(False)": "That is about results which are not "
                    "used.",
                    "x.requires_grad_()": "h requires grad already. But h still has the node "
                    "from before.",
                },
                hints=[
                    "It is a method of ctx, and its name begins like one in this chapter.",
                    "Torch's word for a tensor that was written to is dirty.",
                ],
                why="Without it, h keeps its old node, MulBackward0, with a new value: the "
                "gradient belongs to another computation. With it, h gets the node "
                "DoubleBackward, and a leaf tensor that requires grad is refused, as in every "
                "operation in place. What is marked must be an input, and must be returned.",
            )
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
            with __(
                torch.enable_grad(),
                wrong={
                    "torch.no_grad()": "That switches recording off. And it is off already.",
                    "torch.enable_grad": "This names it. A with block wants the object that "
                    "calling it makes.",
                    (
                        "torch.set_grad_enabled(False)",
                        "torch.inference_mode()",
                    ): "This switches recording off. Which way round is it needed?",
                    (
                        "torch.autograd.set_detect_anomaly(True)",
                        "torch.autograd.detect_anomaly()",
                    ): "That checks a backward pass. It doesn't switch recording on.",
                    "x.requires_grad_()": "x requires grad already. But recording is off here.",
                    "torch.set_grad_enabled()": "It wants to be told whether.",
                    "torch.is_grad_enabled()": "This asks whether recording is on. It changes "
                    "nothing.",
                    "pytest.raises(RuntimeError)": "The with block itself raises nothing. What "
                    "raises is the pass, since y has no graph.",
                },
                hints=[
                    "x requires grad. Why is the next line not recorded all the same?",
                    "torch.no_grad() has an opposite.",
                ],
                why="By default a backward pass is not recorded, so inside backward() "
                "recording is off, as it is in forward(). What is done here is the idea of "
                "checkpointing: save only the input, throw away everything in between, and "
                "compute it again when the backward pass needs it. It costs time, and saves "
                "memory.",
            ):
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
        @__(
            torch.autograd.function.once_differentiable,
            wrong={
                "once_differentiable": "That is its name. But this chapter imports nothing by "
                "that name: say where it is.",
                "torch.autograd.function.once_differentiable()": "It is a decorator as it is: "
                "it wants the function below, and no brackets.",
                (
                    "torch.no_grad()",
                    "torch.no_grad",
                ): "Recording is then off in backward(), so something is missing in the second "
                "derivative. But nothing is raised.",
                "torch.enable_grad()": "The slope was computed in forward(), where nothing is "
                "recorded. This comes too late.",
                "torch.autograd.once_differentiable": "The name is good. It is in the module "
                "that the question names.",
                "torch.once_differentiable": "The name is good. Where is it?",
                "staticmethod": "It stands there already.",
                "torch.inference_mode()": "This switches recording off, and no error is "
                "raised.",
            },
            hints=[
                "Its name says how often the function can be differentiated.",
                "It begins with once, and it is written with its module.",
            ],
            why="With create_graph=True a backward pass is recorded, too, so that a gradient "
            "can be differentiated again. That goes well if backward() computes with torch's "
            "operations, from grad and from inputs or results that were saved by "
            "save_for_backward(). What forward() computed on the way has no graph. Either mend "
            "that (save x, and compute 2 * x in backward()), or forbid a second pass. "
            "gradcheck has a sibling for second derivatives, gradgradcheck.",
        )
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
            return __(
                grad * (x.abs() <= 1),
                wrong={
                    "grad": "This is the plain straight-through estimator: it passes the "
                    "gradient everywhere. Here it should stop where x is far from 0.",
                    (
                        "grad.clamp(-1, 1)",
                        "torch.clamp(grad, -1, 1)",
                    ): "That limits the gradient. The bounds are for x.",
                    "grad * (x <= 1)": "On the left there is a bound, too.",
                    "grad * (x.abs() < 1)": "The bounds themselves belong to it.",
                    "grad * (grad.abs() <= 1)": "The condition is about x.",
                    "x.abs() <= 1": "That is the condition. What passes where it holds?",
                    "grad * x.clamp(-1, 1)": "This multiplies by x. The gradient should pass "
                    "as it is.",
                    "grad * x.sign()": "This turns the gradient round where x is negative.",
                    "grad[x.abs() <= 1]": "This leaves elements out, so the shape is no longer "
                    "that of x.",
                    "0 * grad": "That is the true derivative, and nothing learns from it.",
                },
                hints=[
                    "A comparison gives True and False. What do you get if you multiply by it?",
                    "The distance of x from 0 is x.abs().",
                ],
                why="Networks whose weights or outputs are -1 and 1 are trained like this. The "
                "bounds keep an input from drifting ever further away while its sign doesn't "
                "change. Such a rule is not the derivative, so gradcheck fails, and should: it "
                "tests whether a rule is true, not whether it is useful. In chapter 10 "
                "detach() did it without a class, and without bounds.",
            )

    found = gradient(Sign, [0.5, -1.0, 1.5, -3.0], [3.0, 0.5, 0.25, 6.0])
    assert found == [3.0, 0.5, 0.0, 0.0]
