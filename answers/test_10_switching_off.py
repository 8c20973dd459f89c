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
    assert names == __(
        ["b", "p", "e"],
        wrong={
            '["b", "e"]': "no_grad() is about results of operations. p is not one: it is a new "
            "leaf tensor. What decides about its flag?",
            '["e"]': "enable_grad() works inside no_grad(), too. And p is a new leaf tensor.",
            '["p", "e"]': "b was computed while recording was switched on again.",
            '["b", "c", "p", "e"]': "b and x require grad. But was c computed while recording "
            "was on?",
            '["b", "p", "d", "e"]': "d is computed outside. But what does it come from?",
            '["b", "p"]': "The block has ended when e is computed. And x still requires grad.",
            '["b", "c", "e"]': "c was computed after the inner block, when recording was off "
            "again. And p is a new leaf tensor.",
            '["d", "e"]': "d comes from a, which is plain data by then. What about the inner "
            "block, and about p?",
            "[]": "Outside the block everything is recorded as before.",
            '["a", "b", "c", "p", "d", "e"]': "x requires grad. But inside no_grad() nothing "
            "is recorded.",
            '["b"]': "p is a new leaf tensor, and e is computed after the block. What are "
            "their flags?",
        },
        hints=[
            "For each result: was recording on at that line, and did an input require grad?",
            "The flag of a leaf tensor is not decided by recording: it is set.",
        ],
        why="The mode counts while an operation runs, and the innermost block wins; afterwards "
        "all is as before, even if an exception ended the block. torch.tensor(..., "
        "requires_grad=True) and nn.Parameter set the flag themselves, so a model built inside "
        "no_grad() is still trainable.",
        core=True,
    )


def test_a_target_that_is_constant():
    """The target is computed from w itself, but not recorded. What is in w.grad?"""
    w = torch.tensor(3.0, requires_grad=True)
    with torch.no_grad():
        target = 4 * w
    loss = (w - target) ** 2
    loss.backward()
    assert w.grad == __(
        -18.0,
        wrong={
            "54.0": "54 is the derivative of (w - 4 * w)**2. But to autograd, the target is a "
            "constant.",
            "81.0": "81 is the loss. The blank asks for a gradient.",
            "18.0": "The size is right. Is w above its target, or below it?",
            "None": "The target was not recorded. But w - target was.",
            "-9.0": "The derivative of the square brings a factor.",
            "72.0": "72 is what the path through the target would bring. Is there such a path?",
            "0.0": "w is in the loss beside the target, and that was recorded.",
            "12.0": "12 is the target. The blank asks for a gradient.",
        },
        hints=[
            "The value of the target is 12. What is the derivative of (w - 12)**2?",
            "Only one of the two ways in which the loss depends on w was recorded.",
        ],
        why="With the target recorded, the gradient would have the other sign: the loss falls "
        "as w shrinks, because the target shrinks with it. Reinforcement learning and many "
        "self-supervised losses want a target that counts as a constant; the term to search "
        "for is stop-gradient.",
        numbers={
            "3.0": "4.0",
            "18.0": "24.0",
            "54.0": "72.0",
            "81.0": "144.0",
            "9.0": "12.0",
            "72.0": "96.0",
            "12.0": "16.0",
            "54": "72",
            "81": "144",
            "72": "96",
            "12": "16",
        },
        core=True,
    )


def test_detached_and_written():
    """z is written to. What is in x, and is z the same object as x? Give both, in a list."""
    x = torch.tensor([3.0, 5.0], requires_grad=True)
    z = x.detach()
    z[0] = 64.0
    assert not z.requires_grad
    assert [x.tolist(), z is x] == __(
        [[64.0, 5.0], False],
        wrong={
            "[[3.0, 5.0], False]": "z is a new tensor. But is its memory new, too?",
            "[[64.0, 5.0], True]": "z does not require grad, but x still does. Can they be one "
            "object?",
            "[[3.0, 5.0], True]": "If they were one object, x would change with z.",
            "[[64.0, 64.0], False]": "Only one element was written to.",
            "[[3.0, 64.0], False]": "Indices begin with 0.",
            "[64.0, 5.0]": "These are the numbers. The blank asks for another value, too.",
        },
        hints=[
            "detach() makes a new tensor without a graph. What does it copy?",
            "Compare their flags: is it one object with two names, or are there two?",
        ],
        why="Tutorials call the result of detach() a copy. It is a tensor of its own with a "
        "flag of its own, but on the same memory, and so is nn.Parameter(x.detach()). A "
        "snapshot that later updates can't reach is x.detach().clone().",
    )


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
    assert gradients == __(
        [[9.0, None], [9.0, 30.0]],
        wrong={
            "[[9.0, 0.0], [9.0, 30.0]]": "0 would be a gradient that was computed. Does any "
            "path lead to g?",
            "[[9.0, 30.0], [9.0, None]]": "These are swapped. In the first round fake is "
            "detached.",
            "[[None, None], [9.0, 30.0]]": "Only one factor is detached. The path to d is "
            "still there.",
            "[[9.0, 30.0], [9.0, 30.0]]": "detach() gives a tensor without a graph. How would "
            "a pass get from there to g?",
            "[[9.0, None], [9.0, None]]": "backward() serves every leaf tensor in the graph, "
            "whichever of them is being trained.",
            "[[9.0, None], [9.0, 6.0]]": "6 is the derivative of fake. How fast does the loss "
            "change with fake?",
            "[[5.0, None], [5.0, 30.0]]": "5 is d. The derivative with respect to one factor "
            "is the other factor.",
            "[[0.0, None], [9.0, 30.0]]": "A detached tensor keeps its value.",
            "[[9.0, None], [9.0, 45.0]]": "45 is the loss. The blank asks for gradients.",
        },
        hints=[
            "The derivative with respect to d is the other factor, detached or not.",
            "Which paths lead from the loss to g, with detach() and without?",
        ],
        why="Two networks are trained against each other in this way: a generator, and a "
        "discriminator that judges what it makes. d learns the same either way. Without "
        "detach(), g gets a gradient of d's loss, too, and it stays in g.grad until it is "
        "cleared. To train g, a pass has to go through d: then d.grad has to be cleared. A "
        "batch of real data has no graph, so there is nothing to detach.",
        numbers={
            "3.0": "4.0",
            "5.0": "3.0",
            "9.0": "16.0",
            "30.0": "24.0",
            "6.0": "8.0",
            "45.0": "48.0",
            "6": "8",
            "5": "3",
            "45": "48",
        },
    )


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
    assert [w.grad, loss.grad] == __(
        [None, 1.0],
        wrong={
            "[-6.0, 1.0]": "-6 is the derivative of the loss with respect to w. But which path "
            "leads from the loss to w?",
            "[-6.0, None]": "This is what an uncut loss would bring. Does the flag bring back "
            "what was not recorded?",
            "[0.0, 1.0]": "0 would be a gradient that was computed. Has any reached w?",
            "[None, None]": "The loss is now a leaf tensor that requires grad, and backward() "
            "is called on it. You met that in chapter 1.",
            "[None, 9.0]": "9 is the loss itself. What is its derivative with respect to "
            "itself?",
            "[None, -6.0]": "-6 would be the derivative of the loss with respect to w. What is "
            "it with respect to the loss itself?",
            "[None, 0.0]": "If the loss grows by 1, by how much does the loss grow?",
        },
        hints=[
            "What does requires_grad_() change: the graph, or a flag?",
            "The loss has no grad_fn. What is a tensor that requires grad and has none?",
        ],
        why="The error was the helpful one: it said that nothing was recorded. The flag only "
        "makes the loss a leaf tensor of its own; backward() then works, nothing learns, and "
        "nothing is raised. Look for the cut instead: a detach(), item(), numpy() or "
        "torch.tensor(...) on something that gradients should flow through, a no_grad() around "
        "it, a comparison or an argmax().",
    )


def test_one_function_for_both():
    """The same lines serve for training and for validation, that is, measuring on other data.

    Write what belongs after with, so that operations are recorded in training only.
    """
    w = torch.tensor(2.0, requires_grad=True)
    flags = []
    for training in [True, False, True]:
        with __(
            torch.set_grad_enabled(training),
            wrong={
                (
                    "torch.no_grad()",
                    "torch.set_grad_enabled(False)",
                ): "That switches recording off in training as well.",
                "torch.enable_grad()": "That switches recording on in validation as well.",
                "torch.no_grad(training)": "no_grad() takes no condition. Another one does.",
                "torch.enable_grad(training)": "enable_grad() takes no condition. Another one "
                "does.",
                "torch.set_grad_enabled": "That names it, but does not call it.",
                "torch.set_grad_enabled(True)": "That is right in training. And in validation?",
                "torch.set_grad_enabled(not training)": "That is the wrong way round.",
                "torch.inference_mode(training)": "The right idea the wrong way round: this "
                "one switches recording off if its argument is True.",
                "torch.is_grad_enabled()": "That asks whether recording is on, and answers "
                "with a bool.",
                "training": "A bool is not a context manager. Which one takes a bool?",
                "w.requires_grad_(training)": "This returns a tensor, which with can't enter. "
                "And w should keep its flag.",
                "torch.train(training)": "There is no torch.train. Modules have a train() "
                "method, but that is no context manager, and it is about something else.",
            },
            hints=[
                "You need a context manager that takes True or False.",
                "It belongs to torch, and its name begins with set.",
            ],
            why="Training records; validation and prediction need not, and updates by hand "
            "must not. Without a switch their numbers are right, but graphs are built that "
            "nobody uses, and these can fill the memory. All such switches work as decorators, "
            "too: @torch.no_grad() above a function. Beware of a set_grad_enabled() without "
            "with: it holds from then on.",
        ):
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
    assert found == __(
        [[0.0, 4.0], [1.0]],
        wrong={
            "[[0.0, 1.0], [1.0]]": "Most elements are dropped. What is kept is also scaled, so "
            "that the mean stays.",
            "[[0.0, 4.0], [0.0]]": "After eval() dropout passes x on as it is. How fast does "
            "the sum change with it?",
            "[[0.0, 4.0], []]": "eval() tells modules how to behave. Does it keep a backward "
            "pass from bringing gradients?",
            "[[0.0, 4.0], [None]]": "eval() tells modules how to behave. Does it switch "
            "recording off?",
            "[[0.0, 4.0], [4.0]]": "After eval() nothing is dropped. Is anything scaled then?",
            "[[0.0, 1.0], [0.25]]": "PyTorch scales in training, so that nothing is left to do "
            "in evaluation.",
            "[[4.0], [1.0]]": "What of the elements that are dropped?",
            "[[0.0, 0.25], [1.0]]": "0.25 is the share that is kept. By what must it be "
            "multiplied, so that the mean stays?",
            "[[1.0], [1.0]]": "Dropout multiplies by 0 or by a factor. The derivative does the "
            "same.",
            "[[0.0, 0.75], [1.0]]": "0.75 is the share that is dropped. What is done to the "
            "rest, so that the mean stays?",
        },
        hints=[
            "Each element is multiplied by 0, or by a number that keeps the mean.",
            "If 1 of 4 is kept, how many times larger must it be?",
        ],
        why="The backward pass multiplies by the same mask as the forward pass. eval() sets a "
        "flag that Dropout, BatchNorm and a few others read, and nothing else: recording goes "
        "on, with its cost in memory. So evaluation wants both: model.eval() for the right "
        "numbers, no_grad() for memory and time.",
        numbers={"0.75": "0.875", "4.0": "8.0", "0.25": "0.125", "4": "8"},
        core=True,
    )


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
    assert seen == __(
        [[False, 4.0], [True, 4.0]],
        wrong={
            "[[False, 0.0], [True, 0.0]]": "The running mean is not moved by gradients, but by "
            "the forward pass. Does no_grad() stop that?",
            "[[False, 0.0], [True, 4.0]]": "The two switches are swapped: which of them tells "
            "a module how to behave?",
            "[[False, 0.0], [False, 0.0]]": "Of the two switches, one is about recording, the "
            "other about what a module does.",
            "[[False, 4.0], [False, 4.0]]": "The running mean is right. Does eval() switch "
            "recording off?",
            "[[False, 4.0], [True, 6.0]]": "In the second run the module is in evaluation "
            "mode. Does it still move its mean?",
            "[[True, 4.0], [True, 4.0]]": "The first run is inside no_grad().",
            "[[True, 4.0], [False, 4.0]]": "The two flags are swapped.",
            "[[False, 8.0], [True, 8.0]]": "8 is the mean of the batch. The running mean moves "
            "only half the way there, from 0.",
            "[[False, 4.0], [False, 6.0]]": "Which of the two switches is about recording, and "
            "which about what a module does?",
        },
        hints=[
            "The running mean begins at 0. It is no parameter, and gradients don't move it.",
            "no_grad() is about recording. eval() is about what modules do.",
        ],
        why="The two are independent. Validation under no_grad() without eval() changes the "
        "running mean, and so the model, by looking at validation data; nothing is raised. "
        "Freezing the parameters of such a module does not stop it, either.",
        numbers={"14.0": "22.0", "4.0": "6.0", "6.0": "9.0", "8.0": "12.0", "8": "12"},
    )


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
        y = w * __(
            scale.clone(),
            wrong={
                "scale": "That is the tensor that raised.",
                "scale.detach()": "The graph is not the trouble: there is none. This is still "
                "an inference tensor.",
                "scale.data": "This shares the memory, and is still an inference tensor.",
                "scale.item()": "There are two numbers in it.",
                "scale.requires_grad_()": "Outside its mode, torch refuses this for an "
                "inference tensor. And the factor should be a constant.",
                "w * 4": "Here that would be recorded, and bring a gradient of its own.",
                "4": "scale is more than this factor: it was computed from w.",
                "scale.tolist()": "A tensor can't be multiplied by a list.",
                "scale.float()": "It has this dtype already, so torch returns the tensor "
                "itself.",
                "scale.view(2)": "A view shares memory with it, and is an inference tensor, "
                "too.",
                "scale.copy()": "NumPy's method is called copy(). Torch's has another name.",
            },
            hints=[
                "You need an ordinary tensor with the same numbers, made outside the mode.",
                "You have met the method that makes a copy in chapter 4.",
            ],
            why="What no_grad() makes can be used later as a constant; what inference_mode() "
            "makes can't be part of anything recorded that has to save it. In return, it is a "
            "little cheaper. Courses use one name for both, but they are two modes: no_grad() "
            "is the safe choice, inference_mode() the faster one where nothing is trained with "
            "the results.",
        )
        y.sum().backward()
        assert w.grad.tolist() == [4.0 * start, 8.0]


def test_numbers_for_a_plot():
    """A plot should always show what x holds, even after an update. Write its array.

    x must still require grad.
    """
    x = torch.tensor([1.0, 3.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        x.numpy()
    array = __(
        x.detach().numpy(),
        wrong={
            "x.numpy()": "That raises, because x requires grad, and an array can't.",
            ("x.detach()", "x.data"): "That is still a tensor, but an array is asked for.",
            "x.detach().clone().numpy()": "That is right until the update. A clone has memory "
            "of its own.",
            "x.clone().detach().numpy()": "A clone has memory of its own, so the array misses "
            "the update.",
            "x.tolist()": "A list holds the numbers of this moment, and it is no array.",
            "x.requires_grad_(False).numpy()": "It raises nothing, but x no longer learns.",
            "x.clone().numpy()": "A clone of x requires grad, too.",
            "x.item()": "x holds two numbers.",
            "x.cpu().numpy()": "x is on the CPU already, and still requires grad.",
            "x.numpy().detach()": "The right calls in the wrong order.",
            "x.detach().numpy": "This names the last method without calling it.",
        },
        hints=[
            "What has to be left behind, before a tensor can become an array?",
            "Which methods share the memory, and which copy it?",
        ],
        why="A tensor that does not require grad needs only numpy(). Here the array shares its "
        "memory with x, so that writing to the array also changes x, and autograd can't see "
        "it. For a value that should stay, for instance in a log, add clone(), or use item().",
        core=True,
    )
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
            x = __(
                (x + x.grad.sign() / 4).detach().requires_grad_(),
                wrong={
                    "x + x.grad.sign() / 4": "The new x is then a result. Where does its "
                    "gradient go?",
                    "(x + x.grad.sign() / 4).detach()": "Now it is a leaf tensor. Does it "
                    "require grad?",
                    "x.detach() + x.grad.sign() / 4": "This is a leaf tensor. Does it require "
                    "grad?",
                    "(x + x.grad.sign() / 4).requires_grad_()": "The sum requires grad anyway. "
                    "That doesn't make it a leaf tensor.",
                    "(x - x.grad.sign() / 4).detach().requires_grad_()": "That goes downhill. "
                    "An attack makes the loss grow.",
                    "(x + x.grad / 4).detach().requires_grad_()": "Every element should move "
                    "by the same length.",
                    "(x + x.grad.sign()).detach().requires_grad_()": "This is four times too "
                    "far.",
                    "x.detach().requires_grad_() + x.grad.sign() / 4": "The right calls in the "
                    "wrong place: the sum makes a result again.",
                    "x.add_(x.grad.sign() / 4)": "In place, on a leaf tensor that requires "
                    "grad: torch refuses that.",
                    "x.detach().add_(x.grad.sign() / 4)": "The numbers are right. Does a "
                    "detached tensor require grad?",
                    (
                        "x.detach().requires_grad_()",
                        "x.clone().detach().requires_grad_()",
                    ): "That is a leaf tensor that requires grad. But nothing has moved it.",
                    "(x + x.grad.sign() / 4).clone()": "A clone is a result, too, and not a "
                    "leaf tensor.",
                },
                hints=[
                    "The new x should be a leaf tensor again, and require grad.",
                    "Leave the graph first, then set the flag.",
                ],
                why="sign() moves each element by the same length: the fast gradient sign "
                "method. A new tensor begins with .grad None, so there is nothing to clear. "
                "For a weight this would be wrong, since an optimizer would still hold the old "
                "tensor; there the update has to be in place.",
            )
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
        y = __(
            x + (x.round() - x).detach(),
            wrong={
                "x.round()": "The value is right. Its gradient is 0.",
                "x": "The gradient is right. But the value is that of x.",
                (
                    "x.detach().round()",
                    "x.round().detach()",
                ): "The value is right. But no path leads to x.",
                "x.round().detach().requires_grad_()": "Now it is a leaf tensor of its own. "
                "Its gradient does not go to x.",
                "x + x.round().detach()": "The gradient is right. The value has x in it once "
                "too often.",
                "x + x.round() - x": "The two x cancel in the gradient as well. Which part "
                "should autograd treat as a constant?",
                "(x + x.round() - x).detach()": "All of it is detached now. Which part should "
                "not be?",
                "x + (x - x.round()).detach()": "Nearly. Which sign makes the value come out?",
                "x.detach() + x.round() - x": "Which of the two x should carry the gradient, "
                "and which should be a constant?",
                "x * (x.round() / x).detach()": "The value is right. But the gradient is then "
                "the factor beside x.",
            },
            hints=[
                "Begin with x, which has the right gradient. What must be added for the value?",
                "What you add should be a constant to autograd.",
            ],
            why="This is the straight-through estimator: forward the staircase, backward a "
            "straight line. It is how networks with rounded weights or discrete codes are "
            "trained. The gradient is not the true one, which is 0, but a useful one.",
        )
        y.backward()
        assert y == x.round() and x.grad == 1.0
