"""One number in, one number out.

Make a tensor with requires_grad=True, compute something from it, call backward() on the
result, and the slope is in .grad of the tensor you began with. This chapter needs no more
than that. Read a koan, predict what torch will do, write it over the blank.

Some words: a tensor is torch's container of numbers, and torch.tensor(3.0) holds a single one.
One that requires grad is watched; its slope is what torch calls the gradient; the backward
pass, from the result to where it came from, is a walk back. In training the result is the
loss, which says how wrong a model is, and the watched tensors are the model's parameters.

At its end you can say what backward() leaves in .grad and what it leaves alone, work out by
hand what torch works out for you, and take one step downhill.
"""

import torch

from sensei import __


def test_before_backward():
    """x is watched and y is computed, but nobody has called backward(). What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    assert y == 9.0
    assert x.grad == __(
        None,
        wrong={
            "0.0": "A slope of zero would be a finding. Has anything been worked out yet?",
            "6.0": "You are a step ahead: computing y does not compute a slope.",
            "9.0": "That is y. And nothing has asked for a slope yet.",
            "False": "It is not a flag. Python has a value for: there is nothing here.",
        },
        hints=[
            "Computing y only takes notes for later. Who would have filled x.grad?",
            "Python has one object that stands for the absence of a value.",
        ],
        why="Computing y only records how y came about. A gradient exists from the first "
        "backward() on; until then .grad is None, which is not the same as a slope of 0.",
    )


def test_backward_fills_grad():
    """backward() works out how fast y moves with x, and leaves it in x.grad. How fast?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    y.backward()
    assert x.grad == __(
        6.0,
        wrong={
            "9.0": "That is y itself. The blank asks how fast y moves when x does.",
            "2.0": "The exponent is only half of it: the slope of x**2 also depends on x.",
            "3.0": "That is x. The slope of x**2 grows with x, but it is not x.",
            "y.grad": "The slope went to x. Nothing is left in y.grad.",
            "None": "That was before. By now backward() has run.",
        },
        hints=[
            "Calculus: the derivative of x**n is n * x**(n-1).",
            "The derivative of x**2 is 2*x. Where does x stand?",
        ],
        why="backward() applied the derivative of x**2 at the x it was given, and stored the "
        "result. You never write the derivative yourself.",
        numbers={"3.0": "5.0", "6.0": "10.0", "9.0": "25.0"},
    )


def test_y_before_and_after():
    """item() reads the Python number in a tensor. What is y before, and afterwards?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2
    before = y.item()
    y.backward()
    after = y.item()
    assert [before, after] == __(
        [9.0, 9.0],
        wrong={
            "[9.0, 6.0]": "The slope is in x.grad. Does y have to make room for it?",
            "[6.0, 6.0]": "That is the slope, twice. item() reads the value of y.",
            "[9.0, 0.0]": "The walk begins at y. Is y used up by it?",
            "[9.0, None]": "y is still a tensor, and item() reads the number in it.",
        },
        hints=[
            "Work out y from x. Which number is in it?",
            "backward() writes to .grad of x. Does it write anywhere else?",
        ],
        why="Forward computes values, backward computes slopes, and the two do not mix: "
        "backward() changes no value. It fills .grad, and lets go of what it no longer needs.",
    )


def test_you_start_the_walk():
    """Nothing happens to x.grad until you say so. Which line puts the slope there?"""
    slopes = []
    for f in [lambda v: v**2, lambda v: 3 * v]:
        x = torch.tensor(5.0, requires_grad=True)
        y = f(x)
        __(
            y.backward(),
            wrong={
                "y.backward": "This names the method, but does not call it.",
                "x.backward()": "That walks back from x, and asks how x moves with itself. "
                "Start where the computation ended.",
                "y.backward(x)": "It needs nothing in the brackets here.",
                "x.grad = y.backward()": "backward() hands nothing back. It writes by itself.",
                "y.grad": "Reading .grad computes nothing, and no slope goes to y.",
                "x.grad": "Reading .grad computes nothing.",
                "y.grad()": ".grad is a place, not something to call.",
                "x.grad = 10.0": "Torch should find the slope. And .grad holds only tensors.",
                "x.grad = torch.tensor(10.0)": "That is one slope, put there by hand. Torch "
                "should find it, whatever f is.",
                "break": "Then the loop is over before any slope is worked out.",
                "loss.backward()": "Here the result has another name.",
                "backward()": "It is a method. Of which tensor?",
            },
            hints=[
                "You have seen it in the koans before this one.",
                "It is a method of the result, not of x.",
            ],
            why="You call backward() on the result, and it fills .grad of the tensors that you "
            "asked torch to watch and that went into it. In training you call it on the loss, "
            "once a step.",
        )
        slopes.append(x.grad.item())
    assert slopes == [10.0, 3.0]


def test_a_sum_of_terms():
    """A polynomial: each term has a slope of its own. What is the slope of the whole?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x**2 + 2 * x + 1
    y.backward()
    assert x.grad == __(
        8.0,
        wrong={
            "16.0": "That is the value of y. What is its derivative?",
            "6.0": "That is what x**2 brings. The term 2*x moves, too.",
            "9.0": "Nearly: but the last term stays 1 wherever x goes.",
            "2.0": "That is what 2*x brings. There is more that moves.",
        },
        hints=[
            "Take the terms one by one, and add what each of them brings.",
            "The terms bring 2*x, then 2, then nothing.",
        ],
        why="The derivative of a sum is the sum of the derivatives: 2*x + 2, which is 8 at x = "
        "3.",
    )


def test_a_curve_lifted():
    """The second curve lies 100 above the first. What are the two slopes?"""
    a = torch.tensor(2.5, requires_grad=True)
    b = torch.tensor(2.5, requires_grad=True)
    (a**2).backward()
    (b**2 + 100).backward()
    assert [a.grad.item(), b.grad.item()] == __(
        [5.0, 5.0],
        wrong={
            "[5.0, 105.0]": "Lifting a curve does not make it steeper.",
            "[5.0, 106.25]": "The second one is a value. What is its slope?",
            "[6.25, 106.25]": "These are the two values. What are the slopes?",
            "[5.0, 0.0]": "The 100 has slope 0. What about b**2, which is still there?",
            "[5.0, 100.0]": "100 is how far the curve was lifted, not how steep it is.",
        },
        hints=[
            "Picture both curves. One stands higher. Is it steeper?",
            "When b moves, by how much does the 100 move?",
        ],
        why="A constant has slope 0, so a shift never shows in a gradient. You may add to a "
        "loss whatever does not depend on the parameters; training stays the same.",
    )


def test_a_cube():
    """A cube this time. What is its slope at 5?"""
    x = torch.tensor(5.0, requires_grad=True)
    y = x**3
    y.backward()
    assert x.grad == __(
        75.0,
        wrong={
            "125.0": "That is x**3 itself.",
            "10.0": "2*x is the slope of x**2. Here the exponent is another one.",
            "15.0": "3*x: but the exponent goes down by one, not down to one.",
            "25.0": "x**2 is there. What became of the 3 that came down?",
            "3.0": "The 3 came down. What is left of the power behind it?",
            "30.0": "Here the power came down twice. Once is enough.",
        },
        hints=[
            "The exponent comes down as a factor, and is one less where it was.",
            "3 times x squared. What is x squared at 5?",
        ],
        why="3 * x**2. Torch has such a formula for nearly every operation that has a slope, "
        "and autograd puts them together.",
    )


def test_left_of_zero():
    """The square again, but now x stands to the left of zero. What is the slope there?"""
    x = torch.tensor(-3.0, requires_grad=True)
    y = x**2
    y.backward()
    assert x.grad == __(
        -6.0,
        wrong={
            "6.0": "The steepness is right. On this side, does y rise or fall as x grows?",
            "9.0": "That is y. The blank asks for its slope.",
            "-9.0": "The sign is a good thought, but 9 is the value of y.",
            "-3.0": "That is x. The slope is in proportion to it, but not the same.",
            "2.0": "The 2 is right. Where does x come in?",
        },
        hints=[
            "The derivative is still 2*x.",
            "Walk on the curve from -3 a little to the right: up or down?",
        ],
        why="A gradient is about one place. Its sign says which way is up: here raising x "
        "lowers y. Training walks against the sign.",
    )


def test_the_other_factor():
    """Only w is watched; x is plain data. How fast does their product move with w?"""
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    y = w * x
    y.backward()
    assert w.grad == __(
        2.0,
        wrong={
            "6.0": "That is the product. Raise w by a little: how much does the product rise?",
            "3.0": "That is w itself. Hold x still and move w by 1: how far does y move?",
            "1.0": "That would be the slope if y were w alone. It is multiplied on the way.",
            "5.0": "That is w + x. How far does the product rise when w rises by 1?",
        },
        hints=[
            "Work out the product for w = 3 and for w = 4. By how much do they differ?",
            "A product changes with one factor as fast as the other one is large.",
        ],
        why="The slope of w * x in w is x, the other factor. So a weight learns fast from "
        "large inputs, and nothing at all from an input of 0.",
    )


def test_backward_on_x_itself():
    """No computation at all, just backward() on x itself. What is its slope?"""
    x = torch.tensor(5.0, requires_grad=True)
    x.backward()
    assert x.grad == __(
        1.0,
        wrong={
            "5.0": "That is x. How fast does x move when x moves?",
            "0.0": "Zero would mean that x stands still while x moves.",
            "None": "backward() did run, and x is watched. There is a slope.",
        },
        hints=[
            "If x goes up by a quarter, how far does x go up?",
            "Calculus calls it dx/dx.",
        ],
        why="Unless you hand it another one, backward() from a single number begins with this "
        "1, the slope of the result in itself, and multiplies its way back from there.",
    )


def test_a_finite_difference():
    """Without torch: write the average slope of f from 3 - h to 3 + h."""

    def measured(f, h):
        return __(
            (f(3 + h) - f(3 - h)) / (2 * h),
            wrong={
                "f(3 + h) - f(3 - h)": "That is how far f rises. Over what distance?",
                "(f(3 + h) - f(3 - h)) / h": "From 3 - h to 3 + h it is further than h.",
                "(f(3 + h) - f(3 - h)) / 2 * h": "Python divides by 2, then multiplies by h. "
                "By what should it divide?",
                "f(3 + h) - f(3 - h) / (2 * h)": "Python divides first, and subtracts then. "
                "What should be divided?",
                "(f(4) - f(2)) / 2": "That is right for a step of 1. Write it for any h.",
                "(f(3 + h) - f(3)) / h": "A curve bends. From one side only, this is about the "
                "slope half a step further on.",
                "(f(3) - f(3 - h)) / h": "A curve bends. From one side only, this is about the "
                "slope half a step back.",
                "f(3 + h) / h": "A slope compares two values of f.",
                "f(3)": "That is a value. A slope compares two of them.",
                "6.0": "That is the slope of the first f. Measure it, whatever f is.",
                "f(3 + h) - f(3)": "That is how far f rises on one side. Over what distance?",
            },
            hints=[
                "Rise over run. Where does the run begin, where does it end?",
                "The rise is what f gains on the way. The run is a step on either side.",
            ],
            why="Central differences are exact for a parabola, and close for all that is "
            "smooth: the slope of v**3 at 3 is 27. torch.autograd.gradcheck tests operations "
            "like this.",
        )

    for f, h in [(lambda v: v**2, 0.25), (lambda v: v**2 - 4 * v, 0.5)]:
        predicted = measured(f, h)
        x = torch.tensor(3.0, requires_grad=True)
        f(x).backward()
        assert x.grad == predicted
    assert [measured(lambda v: v**3, h) for h in [0.5, 1]] == [27.25, 28]


def test_the_slope_by_hand():
    """Here is what autograd spares you: write the derivative of v**3 - 4*v."""

    def slope(v):
        return __(
            3 * v**2 - 4,
            wrong={
                "3 * v**2 - 4 * v": "4*v moves by 4 when v moves by 1, wherever v is.",
                "3 * v**2": "The second term moves as well.",
                "6 * v": "That is differentiated twice.",
                "v**2 - 4": "The exponent goes down, and where does it go?",
                "3 * v**2 + 4": "One of the signs is not right.",
                "3 * v - 4": "The exponent goes down by one. That leaves a square.",
                "v**3 - 4 * v": "That is the function. Its derivative is asked for.",
            },
            hints=[
                "Term by term. First the cube, then the straight line.",
                "The cube brings its exponent down; the line brings the number before v.",
            ],
            why="One formula for every place. By hand it is derived anew whenever the model "
            "changes; autograd does that on every run.",
        )

    for place in [-1.0, 0.0, 2.5]:
        predicted = slope(place)
        x = torch.tensor(place, requires_grad=True)
        (x**3 - 4 * x).backward()
        assert x.grad == predicted


def test_a_small_loss():
    """How wrong is 2*w when 5 was wanted? The loss is 9. How does it move with w?"""
    w = torch.tensor(1.0, requires_grad=True)
    loss = (2 * w - 5) ** 2
    assert loss == 9.0
    loss.backward()
    assert w.grad == __(
        -12.0,
        wrong={
            "-6.0": "That is how the square moves. But what is squared moves faster than w.",
            "12.0": "The size is right. 2*w is below 5: what does raising w do to the loss?",
            "9.0": "That is the loss. How does it move with w?",
            "6.0": "The square of something below zero falls as that something rises. And how "
            "fast does 2*w - 5 move with w?",
            "-3.0": "That is 2*w - 5, what is squared.",
            "18.0": "2 times what is squared, not 2 times the square.",
        },
        hints=[
            "Two steps: from w to 2*w - 5, and from there to its square.",
            "The square moves 2 * (2*w - 5) times as fast as what is squared.",
        ],
        why="2 * (2 - 5) for the square, times 2 for what is inside: -12. The minus says that "
        "raising w lowers the loss, its size says how steeply.",
    )


def test_a_step_downhill():
    """An eighth of the slope is the step to where this loss is 0. Write the new w."""

    def step(w, slope):
        return __(
            w - slope / 8,
            wrong={
                "w + slope / 8": "A slope points uphill. This walks away from the valley.",
                "slope / 8": "That is the length of the step. From where to where?",
                "-slope / 8": "That is the step. Where does it start?",
                "w - slope": "The direction is right, the step is eight times too long.",
                "w - 8 * slope": "An eighth of the slope, not eight of it.",
                "w - 0.1 * slope": "The direction is right. This step is a tenth of the slope.",
                "w - 1 / 8": "How far to go depends on the slope, too.",
                "(w - slope) / 8": "Only the slope is divided.",
                "2.5": "There the first of these losses is 0. Use what step() is given.",
                "target / 2": "That is where the loss is 0, but nobody knows that beforehand. "
                "Use w and the slope.",
            },
            hints=[
                "The new w is the old one and something more.",
                "The slope points to where the loss grows. Go the other way.",
            ],
            why="This is gradient descent: new w = old w - step size * slope. Landing at once "
            "is the luck of a parabola and of 1/8; other losses take many such steps.",
        )

    for start, target in [(1.0, 5.0), (3.0, 5.0), (4.5, 1.0)]:
        w = torch.tensor(start, requires_grad=True)
        ((2 * w - target) ** 2).backward()
        there = step(start, w.grad.item())
        assert (2 * there - target) ** 2 == 0.0
    assert step(10.0, 16.0) == 8.0
