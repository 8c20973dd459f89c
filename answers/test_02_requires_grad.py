"""Which tensors require grad, and which keep a gradient.

Autograd records an operation only if one of its inputs requires grad. This chapter is about
the flag for this, requires_grad: which tensors have it, which get it from others, which cannot
have it, and what happens where it is missing.

A leaf tensor, or leaf, is one that no recorded operation made: a parameter, or data. backward()
writes gradients into .grad of the leaves that require grad.

By the end you can say which tensors require grad and which cannot, why a .grad is missing,
where in a model to set requires_grad, and read "Setting requires_grad" in PyTorch's note
Autograd mechanics.
"""

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_the_flag_of_a_new_tensor():
    """Two tensors are made in two ways. Give the requires_grad of each, in a list."""
    a = torch.tensor(3.0)
    b = torch.tensor(3.0, requires_grad=True)
    assert [a.requires_grad, b.requires_grad] == __(
        [False, True],
        wrong={
            "[True, True]": "Recording costs memory and time, so torch waits to be asked.",
            "[False, False]": "What does the argument in the second line ask for?",
            "[True, False]": "Then the argument would switch the flag off. What does it say?",
        },
        hints=[
            "Most tensors in a program are data: images, labels, masks.",
            "What is the argument in the second line for?",
        ],
        why="requires_grad is False unless you set it. Parameters of a model have it; inputs "
        "and targets usually don't need it.",
        core=True,
    )


def test_results_that_require_grad():
    """Only b requires grad. Which of the sums do? Give True or False for each, in a list."""
    a = torch.tensor(1.0)
    b = torch.tensor(2.0, requires_grad=True)
    sums = [a + a, a + b, b + b]
    assert [s.requires_grad for s in sums] == __(
        [False, True, True],
        wrong={
            "[False, False, True]": "For a + b, one input that requires grad is enough: the "
            "sum changes when b does.",
            "[False, False, False]": "Nobody set the flag of the sums. But the gradient of b "
            "has to come through them.",
            "[True, True, True]": "Nothing in a + a requires grad.",
            "[True, False, False]": "It is b that requires grad. Which of the sums is it in?",
            "[True, False, True]": "Nothing in a + a requires grad, and b is in a + b.",
        },
        hints=[
            "Which inputs does each sum have?",
            "One input that requires grad is enough.",
        ],
        why="The result of a differentiable operation requires grad if any of its inputs does, "
        "unless recording is switched off. So the output of a network requires grad although "
        "its images don't.",
        core=True,
    )


def test_the_grad_of_data():
    """w requires grad, x doesn't. What is in x.grad after the backward pass?"""
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    (w * x).backward()
    assert w.grad == 2.0
    assert x.grad == __(
        None,
        wrong={
            "3.0": "3 is the derivative with respect to x. Did anything ask for it?",
            "0.0": "The product does depend on x; but nothing asked for that derivative.",
            "2.0": "2 is the gradient of w.",
            "6.0": "6 is the product itself.",
        },
        hints=[
            "backward() writes into .grad only where it was asked to.",
            "Which of the two tensors was made with requires_grad=True?",
        ],
        why="backward() computes only what tensors that require grad need, and writes nowhere "
        "else. If one of several parameters is forgotten, no error says so: its .grad stays "
        "None.",
    )


def test_leaves():
    """Which of these tensors are leaves? Give True or False for each, in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    c = torch.tensor(1.0)
    tensors = [x, 2 * x, c, 2 * c]
    assert [tensor.is_leaf for tensor in tensors] == __(
        [True, False, True, True],
        wrong={
            "[True, False, True, False]": "2 * c was computed, but was that recorded? Nothing "
            "in it requires grad.",
            "[True, False, False, False]": "Did a recorded operation make c? A leaf need not "
            "require grad.",
            "[True, False, False, True]": "A leaf need not require grad. Did a recorded "
            "operation make c?",
            "[True, True, True, True]": "The operation that made 2 * x was recorded, since x "
            "requires grad.",
            ("[False, True, False, True]", "[False, True, False, False]"): "A leaf is where a "
            "computation begins, not where it ends.",
        },
        hints=[
            "An operation is recorded if one of its inputs requires grad.",
            "Which of the four came out of a recorded operation? The others are leaves.",
        ],
        why="Every tensor that doesn't require grad counts as a leaf, however it was made. The "
        "leaves that matter are those that require grad: backward() writes into their .grad.",
        core=True,
    )


def test_the_grad_of_a_result():
    """y is computed on the way from x to z. If you read y.grad, torch warns.

    Does y require grad, and what is in y.grad? Give both, in a list.
    """
    x = torch.tensor(3.0, requires_grad=True)
    y = 2 * x
    z = y**2
    z.backward()
    with pytest.warns(UserWarning, match="not a leaf"):
        kept = y.grad
    assert [y.requires_grad, kept] == __(
        [True, None],
        wrong={
            "[True, 12.0]": "12 is the derivative of z with respect to y. backward() needed it "
            "on the way to x; was it kept in y?",
            "[False, None]": "y was computed from x, which requires grad.",
            "[True, 24.0]": "24 is the gradient of x; y isn't a leaf.",
            "[True, 0.0]": "0 would be a gradient. Into which tensors does backward() write "
            "one?",
            "[False, 12.0]": "y was computed from x, which requires grad; y isn't a leaf.",
        },
        hints=[
            "y was computed from a tensor that requires grad.",
            "backward() writes into .grad of leaves. Is y one?",
        ],
        why="backward() does compute the derivative with respect to y, uses it, and drops it, "
        "to save memory. y.retain_grad() before the backward pass keeps it in y.grad.",
        numbers={"3.0": "5.0", "12.0": "20.0", "24.0": "40.0", "12": "20", "24": "40"},
        core=True,
    )


def test_the_flag_of_a_gradient():
    """What is requires_grad for x and its gradient? Give both, in a list."""
    x = torch.tensor(3.0, requires_grad=True)
    (x**2).backward()
    assert [x.requires_grad, x.grad.requires_grad] == __(
        [True, False],
        wrong={
            "[True, True]": "Then the backward pass would have been recorded, too. It isn't, "
            "unless you ask for it.",
            "[False, False]": "backward() does not switch off the flag of x.",
            "[False, True]": "x was made with the flag, and x.grad is only a number.",
        },
        hints=[
            "Does backward() change the flag of x?",
            "Did anything ask for derivatives with respect to x.grad?",
        ],
        why="The backward pass is not recorded unless you pass create_graph=True. So x.grad is "
        "plain data, and a step of gradient descent can use it as a number.",
    )


def test_make_it_require_grad():
    """backward() raises: no tensor here requires grad. Which line changes that for x?"""
    x = torch.tensor(3.0)
    elsewhere = [x]
    with pytest.raises(RuntimeError, match="does not require grad"):
        (x**2).backward()
    __(
        x.requires_grad_(),
        wrong={
            "x.requires_grad": "That reads the flag. How is an attribute set?",
            "x.requires_grad == True": "Two = signs compare; one assigns.",
            "x.requires_grad_ = True": "That puts True in the place of a method. The flag has "
            "no underscore at the end of its name.",
            "x.detach().requires_grad_()": "detach() makes a new tensor; that one now requires "
            "grad, but x doesn't.",
            "x.requires_grad_": "That names the method without calling it.",
            "x.requires_grad()": "requires_grad is the flag, not a method. Methods that change "
            "a tensor in place have an underscore at the end of their name.",
            "x.backward()": "x has to require grad before any backward pass.",
            "torch.tensor(3.0, requires_grad=True)": "That makes a new tensor, and nothing "
            "keeps it.",
            "x = torch.tensor(3.0, requires_grad=True)": "That makes a new tensor and calls it "
            "x. The one in the list is still the old one.",
            "x.require_grad = True": "Python makes a new attribute of that name, which torch "
            "ignores. Compare the spelling.",
            "x.data.requires_grad = True": "x.data makes a new tensor each time, and only it "
            "got the flag.",
            "torch.enable_grad()": "That is about recording in general. It does nothing alone; "
            "it belongs in a with statement.",
            "x.requires_grad(True)": "requires_grad is the flag, not a method. How is an "
            "attribute set?",
            "requires_grad = True": "That is a separate variable; the flag is an attribute of "
            "x.",
        },
        hints=[
            "The flag is x.requires_grad. You may assign to it, or call a method.",
            "Methods that change a tensor in place have an underscore at the end.",
        ],
        why="x.requires_grad_() and x.requires_grad = True do the same. The error is worth "
        "knowing: 'element 0 of tensors does not require grad and does not have a grad_fn'. It "
        "means that nothing was recorded for the tensor you called backward() on, and that it "
        "isn't a leaf that requires grad.",
        core=True,
    )
    (x**2).backward()
    assert elsewhere[0].grad == 6.0


def test_computed_before_the_flag():
    """y is computed before x requires grad, z after that. What is in x.grad?"""
    x = torch.tensor(5.0)
    y = x**2
    x.requires_grad_()
    z = x * y
    z.backward()
    assert x.grad == __(
        25.0,
        wrong={
            "75.0": "75 is the derivative of x**3. But x**2 was computed before anything was "
            "recorded.",
            "10.0": "10 is the derivative of x**2, which was not recorded.",
            "50.0": "To autograd, y is a constant: it has no record of how y was computed.",
            "5.0": "5 is the derivative with respect to y. x is multiplied by the other "
            "factor.",
            "None": "x requires grad when z is computed.",
            "125.0": "125 is z itself; the blank asks for a gradient.",
        },
        hints=[
            "Was y = x**2 recorded?",
            "To autograd, z is x times a number. Which number?",
        ],
        why="Operations are recorded while they run, and never afterwards. What was computed "
        "before is a constant to autograd, although mathematics says 75.",
        numbers={
            "5.0": "4.0",
            "25.0": "16.0",
            "75.0": "48.0",
            "10.0": "8.0",
            "50.0": "32.0",
            "125.0": "64.0",
            "75": "48",
            "10": "8",
            "5": "4",
            "125": "64",
        },
    )


def test_the_flag_in_the_backward_pass():
    """y is recorded while w requires grad; then the flag is cleared. What is in w.grad?"""
    w = torch.tensor(3.0, requires_grad=True)
    y = w**2
    w.requires_grad = False
    y.backward()
    assert w.grad == __(
        None,
        wrong={
            "6.0": "6 would be right if the flag counted only while y was computed. It is read "
            "again in the backward pass.",
            "0.0": "0 would be a gradient that was written. Was one?",
            "9.0": "9 is y itself.",
        },
        hints=[
            "y still has its graph. Does w still ask for a gradient?",
            "The flag of a leaf is read once more before a gradient is written.",
        ],
        why="The flag of a leaf is read twice: when an operation is recorded, and again in the "
        "backward pass. To freeze a layer of a model, clear the flag of its parameters.",
    )


def test_why_no_gradient_was_written():
    """As before, but the flag is set again later. Why was w.grad None at first?

    a: y had lost its graph. b: y no longer required grad. c: the backward pass reads the flag
    of w when it reaches w. Which are true? Give the letters, as text, in a list.
    """
    w = torch.tensor(3.0, requires_grad=True)
    y, z = w**2, w**3
    w.requires_grad = False
    reasons = {"a": y.grad_fn is None, "b": not y.requires_grad}
    y.backward()
    assert w.grad is None
    w.requires_grad = True
    z.backward()
    reasons["c"] = w.grad == 27.0
    assert [letter for letter, holds in reasons.items() if holds] == __(
        ["c"],
        wrong={
            ("['a']", "['a', 'b', 'c']", "['a', 'c']", "['a', 'b']"): "A graph that was "
            "recorded stays, whatever happens to a flag later. y.grad_fn is still there.",
            (
                "['b']",
                "['b', 'c']",
            ): "y got its flag when it was computed. The flag of w is separate.",
            "[]": "One of them is true. What is different when z.backward() runs?",
        },
        hints=[
            "Which of the three holds for y.backward() but not for z.backward()?",
            "y and z were both recorded before the flag of w was cleared.",
        ],
        why="The graph and the flags of results stay as they were recorded. Only the last "
        "step, writing into w.grad, reads the flag of w at that moment.",
    )


def test_integers_cannot_require_grad():
    """A dtype is the kind of number in a tensor. Which dtype lets this tensor require grad?"""
    with pytest.raises(RuntimeError, match="floating point and complex"):
        torch.tensor([1, 2], dtype=torch.int64, requires_grad=True)
    dtype = __(
        torch.float32,
        wrong={
            "torch.int64": "That is the dtype that raises.",
            "None": "With None torch chooses a dtype; for 1 and 2 it chooses int64.",
            "torch.int32": "int32 holds integers, too, just with fewer bits.",
            "torch.bool": "There is nothing between False and True; a derivative needs small "
            "steps.",
            "bool": "bool stands for torch.bool, which has nothing between False and True.",
            "int": "int stands for torch.int64.",
            "torch.real": "torch.real is a function. The name you want ends in a number of "
            "bits.",
        },
        hints=[
            "The words of the message are in the koan.",
            "The name is torch, a dot, a kind of number, and a number of bits.",
        ],
        why="A derivative asks what happens when a number changes by a little; an integer "
        "cannot. That is why examples write 1.0 instead of 1.",
    )
    x = torch.tensor([1, 2], dtype=dtype, requires_grad=True)
    assert x.requires_grad


def test_casts_and_comparisons():
    """Which of these results require grad? Give their names, as text, in a list."""
    x = torch.tensor(2.5, requires_grad=True)
    whole = x.long()
    results = {"compared": x > 1, "cast": whole, "back": whole.float()}
    results["rounded"] = x.round()
    names = [name for name, r in results.items() if r.requires_grad]
    assert names == __(
        ["rounded"],
        wrong={
            "[]": "Rounding is flat almost everywhere: its derivative there is 0. Torch has a "
            "rule for it.",
            "['back', 'rounded']": "back is a float again, but it was computed from integers, "
            "which don't require grad.",
            "['back']": "back is computed from integers, which don't require grad.",
            "['compared', 'cast', 'back', 'rounded']": "Booleans and integers cannot require "
            "grad.",
            "['cast', 'back', 'rounded']": "cast and back are not in the graph: long() makes "
            "integers, which cannot require grad.",
            "['compared']": "A comparison gives Booleans, which cannot require grad.",
        },
        hints=[
            "What dtypes do the four results have? And the tensors that they come from?",
            "Where a result cannot require grad, nothing computed from it does.",
        ],
        why="Booleans and integers leave the graph for good: no gradient passes back through "
        "them, and no error says so. round() stays in the graph, with derivative 0.",
    )


def test_a_layer():
    """torch.nn.Linear is a layer: it multiplies data by a weight and adds a bias.

    Which of its weight, its bias, the data and the output require grad? Give a list of True
    and False.
    """
    layer = torch.nn.Linear(2, 1)
    data = torch.ones(2)
    tensors = [layer.weight, layer.bias, data, layer(data)]
    assert [tensor.requires_grad for tensor in tensors] == __(
        [True, True, False, True],
        wrong={
            "[False, False, False, False]": "Nobody wrote requires_grad here. But a layer is "
            "made to be trained.",
            "[True, True, True, True]": "data is a tensor that you made, without the flag.",
            "[True, True, False, False]": "The output is computed from the weight and the "
            "bias.",
            "[False, False, False, True]": "If none of the others required grad, the output "
            "couldn't.",
            "[True, False, False, True]": "A bias is trained like a weight.",
        },
        hints=[
            "The parameters of a layer are made to be trained.",
            "The output is computed from the other three.",
        ],
        why="The weight and the bias are of type torch.nn.Parameter: a tensor that requires "
        "grad by default, and that a module lists among its parameters().",
    )


def test_the_dtype_of_a_gradient():
    """x.double() is x as float64. Which dtypes do y and x.grad have? Give both, in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    y = x.double() ** 2
    y.backward()
    assert x.dtype == torch.float32
    assert [y.dtype, x.grad.dtype] == __(
        [torch.float64, torch.float32],
        wrong={
            "[torch.float64, torch.float64]": "y is right. But x.grad belongs to x, and the "
            "backward pass goes through the cast, too.",
            "[torch.float32, torch.float32]": "x.double() is float64, and a square keeps the "
            "dtype.",
            "[torch.float32, torch.float64]": "y comes after the cast; x.grad belongs to x.",
        },
        hints=[
            "The cast is a recorded operation, and the backward pass undoes it.",
            "Which dtype should x.grad have, so that x - 0.1 * x.grad keeps x's dtype?",
        ],
        why="A gradient has the shape, the device and, by default, the dtype of its tensor. "
        "Mixed precision relies on it: it computes in few bits, but keeps parameters and "
        "gradients in more.",
    )


def test_what_should_require_grad():
    """A weight, a bias, and data. Which should require grad? Give a list of the tensors."""
    weight = torch.tensor(3.0)
    bias = torch.tensor(1.0)
    data = torch.tensor(2.0)
    learned = __(
        [weight, bias],
        wrong={
            "[weight, bias, data]": "data is given, not learned. Its gradient would be "
            "computed for nothing, and the koan checks that it isn't.",
            "[weight]": "The bias is learned, too.",
            "[bias]": "The weight is learned, too.",
            "[data]": "data is given. What can training change?",
            "[weight, data]": "data is given, and the bias is learned, too.",
            "[True, True, False]": "The tensors themselves belong here, not flags.",
            "['weight', 'bias']": "The tensors themselves belong here, not their names as "
            "text.",
            "[]": "Then nothing requires grad, and backward() raises.",
        },
        hints=[
            "Which of the three may training change?",
            "Write a list of variables.",
        ],
        why="Set the flag for what is learned, not for what is given. The gradient of a batch "
        "of images would be as large as the batch, at every step.",
        core=True,
    )
    for tensor in learned:
        tensor.requires_grad_()
    (weight * data + bias).backward()
    assert [weight.grad, bias.grad] == [2.0, 1.0]
    assert data.grad is None
    assert all(tensor.grad is not None for tensor in learned)
