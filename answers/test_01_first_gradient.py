"""One number in, one number out.

Make a tensor with requires_grad=True, compute something from it, and call backward() on the
result: the derivative is then in the .grad of the tensor you began with. This chapter needs
no more than that.

A tensor is torch's container of numbers, and torch.tensor(3.0) holds a single one. With
requires_grad=True you say that you will want the derivative with respect to it; the tensor
then requires grad. The backward pass is what backward() does: it goes back from the result to
the tensors that went into it, applies the derivative rule of each operation to numbers, and
writes a gradient into .grad. No formula is built, and nothing is approximated by small steps.
In training, the result is the loss, which says how wrong a model is, and the tensors that
require grad are the model's parameters.

By the end you can say what backward() writes and what it leaves alone, work out by hand what
autograd computes, take one step of gradient descent, and read "torch.Tensor.grad" in PyTorch's
reference.
"""

import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_backward_fills_grad():
    """The derivative of x**2 is 2*x. backward() evaluates it at this x. What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    y.backward()
    assert x.grad == __(
        6.0,
        wrong={
            "9.0": "9 is y itself; the blank asks for the derivative.",
            "2.0": "2 is only the exponent. The derivative also depends on x.",
            "3.0": "3 is x. The derivative is a multiple of it.",
            "None": "None is what x.grad holds before the backward pass. That pass has run by "
            "now.",
        },
        hints=["What number is in x?", "Put that number in place of x in 2*x."],
        why="backward() applied the rule for x**2 to the number in x, and wrote the result "
        "into x.grad. What backward() writes is a number, for this x, and never a formula.",
        numbers={"3.0": "5.0", "6.0": "10.0", "9.0": "25.0", "3": "5", "9": "25"},
        core=True,
    )


def test_grad_before_backward():
    """y is computed, but nobody has called backward(). What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    assert y == 9.0
    assert x.grad == __(
        None,
        wrong={
            "0.0": "0 would mean a flat curve here. Has any gradient been computed yet?",
            "6.0": "6 is what backward() would write. Computing y computes no gradient.",
            "9.0": "9 is y. Computing y writes nothing into x.grad.",
            "False": "x.grad isn't a flag. Python has an object that means that there's no "
            "value.",
        },
        hints=[
            "Computing y only records how y was computed.",
            "Python has one object that stands for the absence of a value.",
        ],
        why="The forward computation records what was done; a gradient exists only once "
        "backward() has run. None says that there is no gradient; 0.0 is a gradient, and says "
        "that the curve is flat here.",
        core=True,
    )


def test_values_and_the_backward_pass():
    """item() returns the number in a tensor. What is in y before and after backward()?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    before = y.item()
    y.backward()
    after = y.item()
    assert [before, after] == __(
        [9.0, 9.0],
        wrong={
            "[9.0, 6.0]": "The gradient is written into x.grad, not into y.",
            "[6.0, 6.0]": "6 is the gradient; item() returns the value of y.",
            "[9.0, 0.0]": "The backward pass starts at y. It doesn't use the value up.",
            "[9.0, None]": "y is still a tensor, and item() returns the number in it.",
        },
        hints=["Work out y from x.", "backward() writes into x.grad. Does it write into y?"],
        why="backward() reads the values that the forward computation saved, but changes none. "
        "It writes into .grad, and frees the saved values on its way.",
    )


def test_call_backward():
    """f is each of the two functions in turn. Which line writes the gradient into x.grad?"""
    gradients = []
    for f in [lambda v: v**2, lambda v: 3 * v]:
        x = torch.tensor(5.0, requires_grad=True)
        y = f(x)
        __(
            y.backward(),
            wrong={
                "y.backward": "That names the method without calling it.",
                "x.backward()": "That starts at x, and differentiates x with respect to "
                "itself. Start at the result.",
                "y.backward(x)": "Here backward() needs no argument.",
                "x.grad = y.backward()": "backward() returns None; it writes into x.grad by "
                "itself.",
                "y.grad": "Reading .grad computes nothing, and the gradient goes to x.",
                "x.grad": "Reading .grad computes nothing.",
                "y.grad()": ".grad is an attribute, not a method.",
                "x.grad = 10.0": ".grad accepts only a tensor or None, and autograd should "
                "find the number.",
                "x.grad = torch.tensor(10.0)": "That is one of the two gradients, written by "
                "hand. Autograd should find it, whatever f is.",
                "loss.backward()": "Nothing here is called loss. What is the result called?",
                "backward()": "backward() is a method of a tensor. Of which one?",
            },
            hints=[
                "The koans before this one use it.",
                "It is a method of the result, not of x.",
            ],
            why="You call backward() on the result, and it writes into the .grad of every "
            "tensor with requires_grad=True that the result comes from. In training the result "
            "is the loss.",
            core=True,
        )
        gradients.append(x.grad.item())
    assert gradients == [10.0, 3.0]


def test_the_sign_of_a_gradient():
    """y is a parabola raised by 100, and x lies to the left of its lowest point.

    What is in x.grad?
    """
    x = torch.tensor(-3.0, requires_grad=True)
    y = x**2 + 100
    y.backward()
    assert x.grad == __(
        -6.0,
        wrong={
            "6.0": "The size is right. To the left of the lowest point, does y rise or fall as "
            "x grows?",
            "94.0": "Adding 100 raises the curve everywhere by the same amount; it gets no "
            "steeper.",
            "109.0": "109 is y itself; the blank asks for the derivative.",
            "-106.0": "A constant has derivative 0, whatever its size.",
            "9.0": "9 is x**2; the blank asks for the derivative.",
            "-3.0": "-3 is x. The derivative of x**2 is a multiple of it.",
        },
        hints=[
            "The derivative of a constant is 0.",
            "Go from x = -3 a little to the right: is y larger or smaller there?",
        ],
        why="The sign says in which direction y grows: here raising x lowers y. And adding a "
        "constant to a loss changes no gradient, so it doesn't affect training either.",
        numbers={
            "3.0": "5.0",
            "6.0": "10.0",
            "94.0": "90.0",
            "109.0": "125.0",
            "109": "125",
            "106.0": "110.0",
            "9.0": "25.0",
            "9": "25",
            "3": "5",
        },
    )


def test_the_gradient_of_a_factor():
    """Only w requires grad; x is plain data. What is in w.grad?"""
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    y = w * x
    y.backward()
    assert w.grad == __(
        2.0,
        wrong={
            "6.0": "6 is the product. If w grows by 1, by how much does the product grow?",
            "3.0": "3 is w itself. Work out the product for w = 3 and for w = 4.",
            "1.0": "1 would be the derivative of w alone; here w is multiplied.",
            "5.0": "5 is w + x. If w grows by 1, by how much does the product grow?",
        },
        hints=[
            "Work out the product for w = 3 and for w = 4. What is the difference?",
            "With respect to one factor, the derivative of a product is the other factor.",
        ],
        why="The gradient of a weight is proportional to the input it is multiplied by. Where "
        "the input is 0, so is the gradient.",
        numbers={
            "3.0": "5.0",
            "2.0": "4.0",
            "6.0": "20.0",
            "5.0": "9.0",
            "6": "20",
            "3": "5",
            "4": "6",
            "5": "9",
        },
        core=True,
    )


def test_backward_on_x_itself():
    """Nothing is computed: backward() is called on x. What is in x.grad?"""
    x = torch.tensor(5.0, requires_grad=True)
    x.backward()
    assert x.grad == __(
        1.0,
        wrong={
            "5.0": "5 is x. What is the derivative of x with respect to x?",
            "0.0": "0 would mean that changing x doesn't change x.",
            "None": "backward() did run, and x requires grad.",
        },
        hints=[
            "If x grows by a quarter, by how much does x grow?",
            "In calculus it is dx/dx.",
        ],
        why="backward() begins with this 1, the derivative of the result with respect to "
        "itself (unless you pass it another number), and multiplies by one derivative after "
        "another on its way back.",
    )


def test_a_finite_difference():
    """Without autograd, write the average slope of f between 3 - h and 3 + h.

    A function inside a function is fine in Python. The blank is what it returns.
    """

    def average_slope(f, h):
        return __(
            (f(3 + h) - f(3 - h)) / (2 * h),
            wrong={
                "f(3 + h) - f(3 - h)": "That is how far f rises. Over what distance?",
                "(f(3 + h) - f(3 - h)) / h": "The distance from 3 - h to 3 + h is more than h.",
                "(f(3 + h) - f(3 - h)) / 2 * h": "Python divides by 2 and then multiplies by "
                "h; h belongs in the divisor.",
                "f(3 + h) - f(3 - h) / (2 * h)": "Python divides before it subtracts; the "
                "whole difference should be divided.",
                "(f(4) - f(2)) / 2": "That is right for h = 1. Write it for any h.",
                "(f(3 + h) - f(3)) / h": "That is the average slope only to the right of 3.",
                "(f(3) - f(3 - h)) / h": "That is the average slope only to the left of 3.",
                "f(3 + h) / h": "A slope compares two values of f.",
                "f(3)": "f(3) is one value; a slope compares two.",
                "6.0": "6 is the slope of the first f only.",
                "f(3 + h) - f(3)": "That is how far f rises on one side. Over what distance?",
            },
            hints=[
                "A slope is rise over run. Where does the run begin and end?",
                "The rise is the difference of two values of f. The run is h on either side.",
            ],
            why="This is a finite difference. Its error, 0 for a parabola and 0.25 for v**3 "
            "and h = 0.5, shrinks with h until rounding takes over. Autograd makes only "
            "rounding errors. torch.autograd.gradcheck compares the two to test an operation.",
        )

    for f, h in [(lambda v: v**2, 0.25), (lambda v: v**2 - 4 * v, 0.5)]:
        measured = average_slope(f, h)
        x = torch.tensor(3.0, requires_grad=True)
        f(x).backward()
        assert x.grad == measured
    cubes = [average_slope(lambda v: v**3, h) for h in [0.5, 1.0]]
    assert cubes == [27.25, 28.0]


def test_a_derivative_by_hand():
    """Without autograd you would do this yourself: write the derivative of v**3 - 4*v."""

    def derivative(v):
        return __(
            3 * v**2 - 4,
            wrong={
                "3 * v**2 - 4 * v": "The derivative of 4*v is the number in front of v.",
                "3 * v**2": "The second term has a derivative, too.",
                "6 * v": "That is the second derivative.",
                "v**2 - 4": "The exponent is one less now; the old one becomes a factor.",
                "3 * v**2 + 4": "One of the two signs is not right.",
                "3 * v - 4": "The exponent 3 goes down by one; that leaves a square.",
                "v**3 - 4 * v": "That is the function. Write its derivative.",
            },
            hints=[
                "Differentiate term by term.",
                "For the cube, the exponent becomes a factor and then drops by one.",
            ],
            why="By hand you derive one formula for all v. Autograd derives none: it applies "
            "the rule of each operation that ran (cube, product, difference) to the numbers of "
            "this run.",
            core=True,
        )

    for place in [-1.0, 0.0, 2.5]:
        predicted = derivative(place)
        x = torch.tensor(place, requires_grad=True)
        (x**3 - 4 * x).backward()
        assert x.grad == predicted


def test_a_small_loss():
    """A model with one weight predicts 2*w, and 5 is the target. What is in w.grad?"""
    w = torch.tensor(1.0, requires_grad=True)
    loss = (2 * w - 5) ** 2
    assert loss == 9.0
    loss.backward()
    assert w.grad == __(
        -12.0,
        wrong={
            "-6.0": "-6 is the derivative with respect to 2*w - 5, which changes twice as fast "
            "as w.",
            "12.0": "The size is right. 2*w is below 5: does raising w raise or lower the "
            "loss?",
            "9.0": "9 is the loss itself; the blank asks for its derivative.",
            "6.0": "2*w - 5 is negative here, and it changes twice as fast as w.",
            "-3.0": "-3 is 2*w - 5, the error itself.",
            "18.0": "18 is twice the loss. The derivative begins with twice the error.",
        },
        hints=[
            "Two steps: from w to the error 2*w - 5, and from there to its square.",
            "Twice the error, times the derivative of the error with respect to w.",
        ],
        why="The square gives 2 * -3, and what is inside gives a factor of 2: -12. The "
        "sign says that raising w lowers the loss; the size says how fast.",
        numbers={
            "1.0": "2.0",
            "5": "9",
            "9.0": "25.0",
            "12.0": "20.0",
            "6.0": "10.0",
            "3.0": "5.0",
            "18.0": "50.0",
            "6": "10",
            "9": "25",
            "3": "5",
            "18": "50",
            "12": "20",
        },
    )


def test_a_step_of_gradient_descent():
    """Move w against its gradient, by an eighth of the gradient. Write the new w."""

    def step(w, gradient):
        return __(
            w - gradient / 8,
            wrong={
                "start - gradient / 8": "start belongs to the loop below. The last line calls "
                "step() with another w.",
                "w + gradient / 8": "This moves w to where the loss grows.",
                "gradient / 8": "That is the length of the step. Write the new w.",
                "-gradient / 8": "That is the step by itself. Where does it start?",
                "w - gradient": "The direction is right; the step is eight times too long.",
                "w - 8 * gradient": "Take an eighth of it, not eight times it.",
                "w - 0.1 * gradient": "The direction is right; that is a tenth, not an eighth.",
                "w - 1 / 8": "The length of the step depends on the gradient.",
                "(w - gradient) / 8": "With brackets, w is divided by 8, too.",
                "2.5": "At 2.5 the first loss is 0; the others have their minimum elsewhere.",
                "target / 2": "That is the minimum itself. In a real model nobody knows where "
                "it is; use w and gradient.",
            },
            hints=[
                "The new w is the old w plus a step.",
                "The gradient points to where the loss grows. Go the other way.",
            ],
            why="This is gradient descent: new w = old w - learning rate * gradient. Reaching "
            "the minimum in one step is special to this parabola and 1/8; usually it takes "
            "many steps.",
            core=True,
        )

    for start, target in [(1.0, 5.0), (3.0, 5.0), (4.5, 1.0)]:
        w = torch.tensor(start, requires_grad=True)
        ((2 * w - target) ** 2).backward()
        there = step(start, w.grad.item())
        assert (2 * there - target) ** 2 == 0.0
    assert step(10.0, 16.0) == 8.0
