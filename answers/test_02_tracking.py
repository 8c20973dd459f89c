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


def test_two_tensors():
    """Two tensors with the same number in them. Which of them is watched?"""
    plain = torch.tensor(3.0)
    asked = torch.tensor(3.0, requires_grad=True)
    assert [plain.requires_grad, asked.requires_grad] == __(
        [False, True],
        wrong={
            "[True, True]": "Watching costs memory and time. Would torch watch everything?",
            "[False, False]": "What was the second one made with?",
            "[True, False]": "Then the argument would switch watching off. What does it say?",
        },
        hints=[
            "Most tensors in a program are data: images, labels, masks.",
            "What is the argument in the second line for?",
        ],
        why="Tensors are data unless you say otherwise: requires_grad is False by default, on "
        "for parameters, off for inputs and targets.",
    )


def test_three_sums():
    """a is plain, b is watched. Which of the three sums are watched?"""
    a = torch.tensor(1.0)
    b = torch.tensor(2.0, requires_grad=True)
    sums = [a + a, a + b, b + b]
    assert [s.requires_grad for s in sums] == __(
        [False, True, True],
        wrong={
            "[False, False, True]": "Does a + b move when b moves? Then torch must note how.",
            "[False, False, False]": "Nobody asked for the sums. But can b get a slope through "
            "them if nothing is noted?",
            "[True, True, True]": "Nothing in a + a could ever receive a slope.",
            "[True, False, False]": "It is b that is watched. Which of the sums is it in?",
            "[True, False, True]": "Nothing in a + a is watched, and one of the two in a + b "
            "is.",
        },
        hints=[
            "Ask of each sum: is there anything in it that wants a slope?",
            "It takes one watched input, not all of them.",
        ],
        why="The result of a differentiable operation requires grad if any of its inputs does, "
        "unless recording is switched off. So a network's output requires grad although its "
        "images do not.",
    )


def test_the_gradient_of_data():
    """Both took part in the product, one of them is watched. What is in x.grad?"""
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    (w * x).backward()
    assert w.grad == 2.0
    assert x.grad == __(
        None,
        wrong={
            "3.0": "It would be, had x been watched.",
            "0.0": "The product does move with x. But who was to write the slope down?",
            "2.0": "That is the slope in w. What about x?",
            "6.0": "That is the product.",
        },
        hints=[
            "Taking part is one thing. What else does it take?",
            "Which of the two lines that make tensors asks for watching?",
        ],
        why="backward() stores slopes only where they were asked for. For plain data it does "
        "not even work them out, which saves time and memory.",
    )


def test_backward_with_nothing_watched():
    """Somebody forgot requires_grad=True. What does backward() do about it?"""
    x = torch.tensor(3.0)
    y = x**2
    with pytest.raises(Exception) as caught:
        y.backward()
    assert caught.type is __(
        RuntimeError,
        wrong={
            "None": "It would be convenient if nothing happened. Something is raised.",
            "AttributeError": "Every tensor has a backward(). This one cannot do its work.",
            "TypeError": "Nothing here has a wrong type. Something is missing.",
            "ValueError": "The value of y is fine, there is just nothing to walk back over.",
            "Exception": "That is the whole family. Which member is it?",
        },
        hints=[
            "Torch raises the same type for most things that go wrong inside of it.",
            "No type is wrong, no value, no name. What is left for: it cannot be done?",
        ],
        why="The message is worth knowing by heart: element 0 of tensors does not require grad "
        "and does not have a grad_fn. It means: no record leads from here to anything that "
        "requires grad. If only one of several tensors was forgotten, nothing is raised: its "
        ".grad stays None.",
    )


def test_watch_it_afterwards():
    """x exists already, and is not watched. Which line changes that?"""
    x = torch.tensor(3.0)
    elsewhere = [x]
    __(
        x.requires_grad_(),
        wrong={
            "x.requires_grad": "This reads the flag. How is it set?",
            "x.requires_grad == True": "Two = signs compare. How does Python assign?",
            "x.requires_grad_ = True": "This puts True where x has a method. The name of the "
            "flag has no underscore at its end.",
            "x.detach().requires_grad_()": "detach() makes a new tensor. The flag went to that "
            "one.",
            "x.requires_grad_": "This names the method, but does not call it.",
            "x.requires_grad()": "requires_grad is the flag, not a method. Methods of torch "
            "that change a tensor in place have names that end in a special way.",
            "x.backward()": "That is for later. First x has to require grad.",
            "torch.tensor(3.0, requires_grad=True)": "A new tensor, but nobody keeps it: x is "
            "still the old one.",
            "x = torch.tensor(3.0, requires_grad=True)": "A new x. Others may hold the old "
            "one: it is that tensor that should be watched.",
            "x.require_grad = True": "Python makes a new attribute of that name, and torch "
            "never looks at it. Compare the spelling.",
            "x.data.requires_grad = True": "x.data is a new tensor each time. The flag went to "
            "that one.",
            "torch.enable_grad()": "By itself this does nothing: it belongs behind with. And "
            "it is about recording, not about the flag of x.",
            "x.watch()": "Watching is the word of this path. Torch has another one.",
            "x.requires_grad(True)": "requires_grad is the flag, not a method. How does Python "
            "set an attribute?",
            "requires_grad = True": "A variable of your own. The flag belongs to x.",
        },
        hints=[
            "The flag is x.requires_grad. You may assign to it, or use a method.",
            "Methods that change a tensor in place end in an underscore.",
        ],
        why="x.requires_grad_() and x.requires_grad = True do the same. The underscore at the "
        "end is torch's sign for: changes this tensor, and returns it.",
    )
    (x**2).backward()
    assert elsewhere[0].grad == 6.0


def test_watched_too_late():
    """y was computed first, and only then was x watched. How does z move with x?"""
    x = torch.tensor(5.0)
    y = x**2
    x.requires_grad_()
    z = x * y
    z.backward()
    assert x.grad == __(
        25.0,
        wrong={
            "75.0": "z is x**3, but torch was not watching when x**2 was computed.",
            "10.0": "That is the slope of y. Does torch know how y came about?",
            "50.0": "For torch y did not come from x at all. What is y to it?",
            "5.0": "The slope of x * y in x is the other factor.",
            "None": "x was watched by the time z was computed.",
            "125.0": "That is z. How fast does it move with x?",
        },
        hints=[
            "Torch begins to take notes when x is watched. What does it know about y?",
            "To torch y is a plain number. The slope of x times a number is that number.",
        ],
        why="The graph is recorded while you compute, never afterwards. What was computed "
        "before the watching began is a constant.",
    )


def test_which_dtypes_are_watched():
    """A dtype says what numbers a tensor holds: torch.int64, torch.bool, and others.

    torch.tensor([1, 2], requires_grad=True) raises. With which dtype would it work?
    """
    dtype = __(
        torch.float32,
        wrong={
            "torch.int64": "This is what torch picks for 1 and 2 by itself, and it raises.",
            "None": "Then torch chooses by itself, and for 1 and 2 it chooses whole numbers.",
            "torch.int32": "Fewer bits, but still whole numbers. What lies between 1 and 2?",
            "torch.bool": "From False to True it is a jump. A slope needs small steps.",
            "bool": "For torch that is torch.bool. From False to True it is a jump.",
            "int": "Whole numbers cannot move by a little.",
            "torch.real": "That is a function. The name of a dtype says how many bits it has.",
        },
        hints=[
            "A slope asks: what if this number were a tiny bit larger?",
            "Between two neighbouring whole numbers there is no other one.",
        ],
        why="Only floating point and complex tensors can require grad; for others torch raises "
        "a RuntimeError that says so. That is why so many examples write 1.0.",
    )
    x = torch.tensor([1, 2], dtype=dtype, requires_grad=True)
    assert x.requires_grad


def test_whole_and_rounded():
    """A comparison, a cast to whole numbers, a rounding. Which results are watched?"""
    x = torch.tensor(2.5, requires_grad=True)
    results = [x > 1, x.long(), x.round()]
    watched = [result.requires_grad for result in results]
    assert watched == __(
        [False, False, True],
        wrong={
            "[True, True, True]": "Some of these results cannot be watched at all: look at "
            "their dtype.",
            "[False, False, False]": "None of them has a useful slope. But one of them is "
            "still a float, and torch goes by that.",
            "[False, True, True]": "What is the dtype of x.long()?",
            "[True, False, False]": "A comparison gives True or False. Can that move a little?",
        },
        hints=[
            "What are the dtypes of the three results?",
            "Where a result is a float, torch goes on watching, be the curve flat or not.",
        ],
        why="Booleans and integers are outside the graph: no slope gets through them. round() "
        "stays in it, with slope 0. Neither need raise an error: what lies before it just "
        "stops learning.",
    )


def test_a_layer():
    """A linear layer computes weight @ data + bias. Which of the four are watched?"""
    layer = torch.nn.Linear(2, 1)
    data = torch.ones(2)
    four = [layer.weight, layer.bias, data, layer(data)]
    watched = [tensor.requires_grad for tensor in four]
    assert watched == __(
        [True, True, False, True],
        wrong={
            "[False, False, False, False]": "Nobody wrote requires_grad here. But a layer is "
            "there to be trained.",
            "[True, True, True, True]": "The data was made by you, as a plain tensor.",
            "[True, True, False, False]": "The last one is computed from the first two.",
            "[False, False, False, True]": "If nothing in it were watched, how could the "
            "output be?",
            "[True, False, False, True]": "A bias is learned like a weight.",
        },
        hints=[
            "Parameters are watched without asking.",
            "And the last one is computed from the others: one watched input is enough.",
        ],
        why="torch.nn.Parameter is a tensor that requires grad by itself, and that a module "
        "finds again when you ask for its parameters().",
    )


def test_a_gradient_through_a_cast():
    """x is float32, the computation runs in float64. Which dtypes do y and x.grad have?"""
    x = torch.tensor(2.0, requires_grad=True)
    y = x.double() ** 2
    y.backward()
    assert x.dtype == torch.float32
    assert [y.dtype, x.grad.dtype] == __(
        [torch.float64, torch.float32],
        wrong={
            "[torch.float64, torch.float64]": "y is right. But x.grad belongs to x, and the "
            "walk back passes the cast.",
            "[torch.float32, torch.float32]": "double() is float64, and a square keeps it.",
            "[torch.float32, torch.float64]": "y comes after the cast, x.grad belongs to x.",
        },
        hints=[
            "Whose dtype would you want for x - 0.1 * x.grad?",
            "The cast is an operation like others, and backward() walks back over it, too.",
        ],
        why="A gradient has the shape, device and, unless you ask for another, the dtype of "
        "its tensor. torch.autocast relies on that: compute in few bits, keep parameters and "
        "their gradients in many.",
    )


def test_watch_what_should_learn():
    """A small model: a weight, a bias, and data that is given. Who is to be watched?"""
    weight = torch.tensor(3.0)
    bias = torch.tensor(1.0)
    data = torch.tensor(2.0)
    learned = __(
        [weight, bias],
        wrong={
            "[weight, bias, data]": "data is given. Watching it works out a slope that nobody "
            "uses, and the koan checks for that.",
            "[weight]": "A bias learns as well.",
            "[bias]": "A weight learns as well.",
            "[data]": "The data is what cannot be changed. What can?",
            "[weight, data]": "data is given, and bias is not.",
            "[True, True, False]": "The tensors themselves belong here, not flags.",
            "[]": "Then nothing is watched, and backward() has nowhere to go.",
        },
        hints=[
            "Watch what training may change.",
            "A list of those tensors that are the model's own.",
        ],
        why="On for what learns, off for what is given. A watched batch of images would cost a "
        "gradient as large as the batch, in every step.",
    )
    for tensor in learned:
        tensor.requires_grad_()
    (weight * data + bias).backward()
    assert [weight.grad, bias.grad] == [2.0, 1.0]
    assert data.grad is None
    assert all(tensor.grad is not None for tensor in learned)
