"""Gradient descent by hand: what happens between two backward passes.

A backward pass computes gradients, and moves nothing. What moves a parameter is the update:
new value = old value - learning rate * gradient. It has to change the leaf tensor itself,
and it must not be recorded, since it is not part of the loss. So it is written inside a with
block whose head, a context manager, switches recording off.

This chapter shows how the update is written, which ways of writing it fail, with an error or
without one, and how the learning rate decides where it all leads.

By the end you can write a training step by hand, tell a new tensor from an
updated one, judge a learning rate, and read "PyTorch: Tensors and autograd" in PyTorch's
tutorial Learning PyTorch with Examples.
"""

import pytest
import torch
import torch.nn.functional as F

from sensei import __  # noqa: F401 - stays when no blank is left


def test_one_step():
    """Inside this with block nothing is recorded. What are w and loss at the end?"""
    w = torch.tensor(7.0, requires_grad=True)
    loss = (w - 3) ** 2
    loss.backward()
    with torch.no_grad():
        w -= w.grad / 4
    assert [w.item(), loss.item()] == __(
        [5.0, 16.0],
        wrong={
            "[5.0, 4.0]": "That would be the loss at the new w. But loss was computed before "
            "the step, and nothing has computed it again.",
            "[7.0, 16.0]": "backward() moves nothing. But the line inside the block does.",
            "[9.0, 16.0]": "9 is one step uphill. The update subtracts.",
            "[-1.0, 16.0]": "That is w minus its whole gradient. How much of it is taken here?",
            "[3.0, 16.0]": "3 is where the loss is smallest. One step need not go all the way.",
            "[3.0, 0.0]": "This is where the loss is smallest. One step need not go all the "
            "way.",
            "[6.0, 16.0]": "The derivative of a square brings a factor of 2.",
            "[5.0, 8.0]": "8 is the gradient of w. The blank asks for the loss.",
        },
        hints=[
            "What is the derivative of the loss at 7? How much of it is subtracted?",
            "Which of the two was computed before the step, and which is changed by it?",
        ],
        why="This is one step of gradient descent with a learning rate of 1/4. -= writes into "
        "the tensor that is there, so w is still the same leaf tensor. Tensors computed "
        "earlier keep their values: the loss at the new w takes another forward pass.",
        numbers={
            "7.0": "10.0",
            "3": "2",
            "4": "8",
            "5.0": "8.0",
            "16.0": "64.0",
            "4.0": "36.0",
            "9.0": "12.0",
            "1.0": "6.0",
            "3.0": "2.0",
            "6.0": "9.0",
            "8.0": "16.0",
            "9": "12",
            "8": "16",
            "7": "10",
        },
        core=True,
    )


def test_a_step_in_the_open():
    """Written like this, a step raises, and w stays -1. What belongs after the last with?"""
    w = leaf = torch.tensor(-1.0, requires_grad=True)
    ((w - 3) ** 2).backward()
    told = "a leaf Variable that requires grad"
    with pytest.raises(RuntimeError, match=told):
        w -= w.grad / 4
    assert w == -1.0
    with __(
        torch.no_grad(),
        wrong={
            "torch.no_grad": "This names it without calling it.",
            "no_grad()": "Python knows it only by its full name. Where does it come from?",
            "torch.enable_grad()": "That switches recording on. Here it is on already.",
            "torch.set_grad_enabled(True)": "That switches recording on. It is on, and this is "
            "why the step raises.",
            "pytest.raises(RuntimeError)": "That waits for the error. Nothing moves w.",
            "w.no_grad()": "A tensor has no such method: recording is switched off for a whole "
            "block of code.",
            "w.detach()": "A tensor is not a context manager, so with can't enter it.",
            "w.requires_grad_(False)": "This changes the flag for good, and returns a tensor, "
            "which with can't enter.",
            "torch.grad()": "There is no torch.grad. What should not happen inside the block?",
            "torch.no_grad(w)": "It takes no argument: it is about all operations in the "
            "block.",
        },
        hints=[
            "The change would be recorded. For a leaf that requires grad, torch refuses that.",
            "The koan before this one has such a block.",
        ],
        why="Recorded, the step would make w the result of an operation, and so no longer a "
        "leaf. Torch refuses at once, before anything is written. Courses often warn that "
        "without no_grad() this line builds a giant graph over all steps; it cannot.",
        core=True,
    ):
        w -= w.grad / 4
    assert w is leaf and w == 1.0
    assert w.requires_grad


def test_a_new_w():
    """This step raises nothing, although it is recorded. What are the three values at the end?

    Give a list of two numbers and True or False.
    """
    start = torch.tensor(7.0, requires_grad=True)
    w = start
    ((w - 3) ** 2).backward()
    w = w - w.grad / 4
    ((w - 3) ** 2).backward()
    assert [w.item(), start.grad.item(), w.is_leaf] == __(
        [5.0, 12.0, False],
        wrong={
            "[5.0, 12.0, True]": "w is now the result of a subtraction that was recorded. What "
            "is a leaf?",
            "[5.0, 8.0, False]": "8 comes from the first pass. Where does the second pass end, "
            "if w is not a leaf?",
            "[5.0, 8.0, True]": "Which tensor is w after the subtraction, and was it recorded?",
            "[5.0, 4.0, False]": "4 is what the second pass brings. Nothing was cleared.",
            "[5.0, 4.0, True]": "4 is what the second pass brings. Nothing was cleared, and w "
            "was computed.",
            "[7.0, 12.0, False]": "7 is still in start. But w is the name of another tensor by "
            "now.",
            "[7.0, 16.0, True]": "The name w does not stay with the first tensor. What does w "
            "= ... do in Python?",
            "[5.0, 16.0, False]": "16 is twice the gradient at 7. The second pass is over the "
            "loss at the new w.",
        },
        hints=[
            "w = ... gives the name w to another tensor. start is still the first one.",
            "The new w is start minus a constant. Follow the second pass through it to start.",
        ],
        why="The new w is not a leaf tensor: its gradient passes through and ends in start. "
        "The new w.grad stays None, so the next w - w.grad / 4 raises a TypeError. With "
        "torch.autograd.grad(), which also serves non-leaf tensors, such steps do build a "
        "graph that grows; meta-learning does this on purpose.",
    )


def test_steps_without_recording():
    """Four ways to write a step. Which of these names stand for tensors that require grad?

    Give them in a list, as text.
    """
    a, b, c, d = (torch.tensor(8.0, requires_grad=True) for _ in range(4))
    (a**2 + b**2 + c**2 + d**2).backward()
    with torch.no_grad():
        a -= a.grad / 4
        b = b - b.grad / 4
        c.sub_(c.grad / 4)
        d = d.sub(d.grad / 4)
    tensors = {"a": a, "b": b, "c": c, "d": d}
    names = [name for name, t in tensors.items() if t.requires_grad]
    assert names == __(
        ["a", "c"],
        wrong={
            '["a", "b", "c", "d"]': "All four did at first. But two of the lines make a new "
            "tensor, and here nothing is recorded.",
            '["a"]': "Another line changes its tensor in place, too. What does the name of its "
            "method end in?",
            '["c"]': "sub_() changes its tensor in place. What does -= do to a tensor?",
            '["a", "b"]': "To a tensor, b = b - ... and -= are not the same. Which of the two "
            "makes a new tensor?",
            '["a", "b", "c"]': "b - ... makes a new tensor. Was that recorded here?",
            '["c", "d"]': "sub() and sub_() differ by more than an underscore. And what does "
            "-= do?",
            '["a", "c", "d"]': "Without the underscore, sub() makes a new tensor.",
            '["b", "d"]': "These two are new tensors, computed while nothing was recorded.",
            "[]": "no_grad() leaves the flags of tensors alone. It is about results.",
            '["b", "c", "d"]': "-= changes the tensor that is there. Does it lose its flag?",
        },
        hints=[
            "Which lines change the tensor that is there, and which make a new one?",
            "What is requires_grad of a result for which nothing was recorded?",
        ],
        why="The value is right in all four, and nothing is raised here. But the new b and d "
        "are plain data: the next backward pass raises if nothing else in the loss requires "
        "grad, and otherwise it leaves their .grad None, so that the next such step raises a "
        "TypeError. Inside no_grad(), write updates in place.",
    )


def test_a_step_for_each_parameter():
    """Every parameter should move by a quarter of its gradient. Which line does it?"""
    x = torch.tensor([[1.0, 2.0], [3.0, 0.0]])
    w = torch.tensor([1.0, 1.0], requires_grad=True)
    b = torch.tensor(1.5, requires_grad=True)
    (x @ w + b).sum().backward()
    for p in [w, b]:
        with torch.no_grad():
            __(
                p.sub_(p.grad / 4),
                wrong={
                    "p = p - p.grad / 4": "That gives the name p to a new tensor. w and b stay "
                    "as they are.",
                    "p - p.grad / 4": "That computes the right numbers, and drops them.",
                    "p.sub(p.grad / 4)": "Without an underscore at the end, the method makes a "
                    "new tensor, and nothing keeps it.",
                    "p -= p.grad": "The direction is right. How much of the gradient should it "
                    "be?",
                    "p += p.grad / 4": "That moves uphill.",
                    "p -= p / 4": "That takes a quarter of the parameter, not of its gradient.",
                    "w -= w.grad / 4": "The loop runs twice: so w moves twice, and b never.",
                    "p.grad -= p.grad / 4": "That changes the gradient. What should move?",
                    "w, b = w - w.grad / 4, b - b.grad / 4": "These are new tensors that do "
                    "not require grad.",
                    "p -= 4 * p.grad": "A quarter of it, not four times it.",
                    "p.step()": "Optimizers have a step(), tensors don't.",
                    "p.backward()": "The backward pass has run. Now its result is used.",
                },
                hints=[
                    "p is a name for w, then for b. What changes a tensor, what only a name?",
                    "Change the tensor in place.",
                ],
                why="p -= ... or p.sub_(...): for a tensor these are the same. p = p - ... "
                "would leave w and b untouched, and nothing would be raised: the loss would "
                "just never fall. x has no gradient and takes no step: it is data.",
                core=True,
            )
    assert [w.tolist(), b.item()] == [[0.0, 0.5], 1.0]
    assert w.requires_grad and b.requires_grad


def test_both_weights_at_once():
    """The update by hand. As it was written, new_v was wrong. What should it be?"""
    for u, v in [(1.0, 2.0), (3.0, 1.0)]:
        error = u * v - 4
        new_u = u - 2 * error * v / 8
        # as it was: new_v = v - 2 * error * new_u / 8
        new_v = __(
            v - 2 * error * u / 8,
            wrong={
                "v - 2 * error * new_u / 8": "That is how it was written. At which weights was "
                "the error computed?",
                "v - 2 * error * v / 8": "The derivative with respect to one factor is the "
                "other factor.",
                "v + 2 * error * u / 8": "That moves v uphill.",
                "v - error * u / 8": "The derivative of the square brings a factor.",
                "v - 2 * error * u": "That is the whole gradient. The learning rate is 1/8.",
                "v - 2 * (new_u * v - 4) * new_u / 8": "That is a step with the error of the "
                "half-updated model. Autograd takes both gradients at the same place.",
                "u - 2 * error * v / 8": "That is new_u. The blank asks for the other weight.",
                "v - 2 * error / 8": "How fast does u * v change with v?",
                "2 * error * u / 8": "That is the length of the step. Where does it start?",
                "v - v.grad / 8": "v is a Python number here. Work out its gradient.",
                "v - 2 * error * a.item() / 8": "In the first round there is no a yet. Which u "
                "was used for the error?",
            },
            hints=[
                "One backward pass computes both gradients, before anything is moved.",
                "Which value of u was in the forward pass?",
            ],
            why="All gradients of a pass belong to the weights of its forward pass. If you "
            "write backpropagation by hand, and update one layer before the next gradient is "
            "computed, you mix the old network with the new one. Both kinds of step can go "
            "downhill, so the mistake hides well.",
        )
        a, b = (torch.tensor(n, requires_grad=True) for n in [u, v])
        ((a * b - 4) ** 2).backward()
        with torch.no_grad():
            a -= a.grad / 8
            b -= b.grad / 8
        assert [new_u, new_v] == [a.item(), b.item()]


def test_until_it_is_close():
    """The loss is smallest at 3. How many steps does it take to get closer than 0.1?"""
    w = torch.tensor(7.0, requires_grad=True)
    steps = 0
    while abs(w.item() - 3) >= 0.1:
        ((w - 3) ** 2).backward()
        with torch.no_grad():
            w -= w.grad / 4
        w.grad = None
        steps += 1
    assert steps == __(
        6,
        wrong={
            "5": "After 5 steps the distance is 0.125. That is close, but not close enough.",
            "7": "7 is one too many: the loop ends as soon as the distance is below 0.1.",
            "2": "The first step is 2 long, and two of that length would do. But the gradient "
            "shrinks on the way.",
            "1": "One step in chapter 1 went all the way, with a learning rate made for it. "
            "Here the first step goes half of the way.",
            "4": "After 4 steps the distance is 0.25.",
            "3": "3 is where the loss is smallest. The blank asks for a number of steps.",
            "40": "Each step is as long as the gradient makes it, not 0.1.",
            'float("inf")': "On paper w never gets to 3 exactly. But it gets close.",
        },
        hints=[
            "The distance is 4 at first. What is it after one step, and after two?",
            "By which factor does each step shrink the distance?",
        ],
        why="The closer w is, the smaller the gradient, and the shorter the step: here each "
        "step halves the distance. On a parabola the factor is the same in every step, so that "
        "each further digit costs the same number of steps. Hence a training loop stops at a "
        "tolerance, or after a number of steps.",
        numbers={"0.1": "0.05", "6": "7", "5": "6", "7": "8", "0.125": "0.0625", "40": "80"},
    )


def test_four_learning_rates():
    """One loss, and four learning rates. Where does each w end up? Give a list of four."""
    ends = []
    for lr in [0.125, 0.375, 0.5, 0.75]:
        w = torch.tensor(8.0, requires_grad=True)
        for _ in range(3):
            (2 * w**2).backward()
            with torch.no_grad():
                w -= lr * w.grad
            w.grad = None
        ends.append(w.item())
    assert ends == __(
        [1.0, -1.0, -8.0, -64.0],
        wrong={
            "[1.0, 1.0, 8.0, 64.0]": "The sizes are right. On which side of 0 does each step "
            "land?",
            "[4.0, -4.0, -8.0, -16.0]": "This is right after one step. The loop makes three.",
            "[2.0, 2.0, 8.0, 32.0]": "This is right after two steps.",
            "[1.0, 0.0, 0.0, 0.0]": "Nothing stops a step at the minimum: it can land on the "
            "other side.",
            "[1.0, -1.0, 8.0, -64.0]": "With 0.5 each step leads to the opposite number. How "
            "many steps are there?",
            "[1.0, -1.0, 8.0, 64.0]": "With 0.5 and with 0.75, too, each step crosses 0. An "
            "odd number of crossings leads where?",
            "[3.375, 0.125, 0.0, -1.0]": "The derivative of 2 * w**2 is 4 * w.",
            "[0.0, 0.0, 0.0, 0.0]": "0 is the minimum. After three steps none of the four is "
            "there.",
            "[1.0, -1.0, 0.0, 0.0]": "A gradient is right only where it was taken. What if the "
            "step is too long?",
        },
        hints=[
            "The gradient is 4 * w. Write one step as w times something.",
            "For 0.125 a step is w - 0.5 * w. How much is subtracted for the other three?",
        ],
        why="The gradients are right in all four runs, yet one w approaches the minimum from "
        "its side, one crosses it and still settles, one bounces for ever, and one diverges. "
        "With far smaller rates w would hardly move at all. When a loss grows or oscillates, "
        "suspect the learning rate before the derivatives.",
        core=True,
    )


def test_the_factor_of_a_step():
    """The loss is c * w**2. By which factor does a step multiply w? Write it with c and lr."""

    def factor(c, lr):
        return __(
            1 - 2 * c * lr,
            wrong={
                "1 - lr": "That would be right if the gradient were w itself.",
                "1 - c * lr": "The derivative of a square brings a factor.",
                "1 - 2 * lr": "c is a factor of the loss. So it is one of the gradient, too.",
                "2 * c * lr": "That is the part of w that is subtracted. What is left of w?",
                "1 + 2 * c * lr": "That is a step uphill.",
                "2 * c * lr - 1": "The size is right. Which sign does w have after a very "
                "short step?",
                "1 - 2 * c * lr * w": "The step is in proportion to w. So the factor does not "
                "depend on w.",
                "w - lr * w.grad": "That is the new w. By what was the old one multiplied?",
                "lr * c": "With lr = 0 nothing moves. Which factor would that be?",
                "abs(1 - 2 * c * lr)": "A step that is too long crosses 0. Then the sign of w "
                "changes.",
                "1 - 2 * c**2 * lr": "The derivative of c * w**2 has c in it only once.",
            },
            hints=[
                "Write the new w as w - lr * gradient, with the gradient as a formula.",
                "Then divide by w.",
            ],
            why="2 * c is the second derivative, the curvature. The factor is below 1 in size "
            "as long as lr is less than 2 divided by the curvature. In a network the direction "
            "with the largest curvature sets this bound for all the others, and those with "
            "little curvature then crawl; momentum, Adam and normalization layers are answers "
            "to that.",
        )

    for c, lr in [(1.0, 0.25), (2.0, 0.75), (0.5, 0.25)]:
        predicted = factor(c, lr)
        w = torch.tensor(8.0, requires_grad=True)
        (c * w**2).backward()
        with torch.no_grad():
            w -= lr * w.grad
        assert w == 8.0 * predicted


def test_steps_that_never_clear():
    """Nothing clears w.grad in this loop. What is w after each step? Give a list."""
    w = torch.tensor(8.0, requires_grad=True)
    path = []
    for _ in range(3):
        (2 * w**2).backward()
        with torch.no_grad():
            w -= w.grad / 8
        path.append(w.item())
    assert path == __(
        [4.0, -2.0, -7.0],
        wrong={
            "[4.0, 2.0, 1.0]": "This is right if w.grad is cleared after each step. What does "
            "the second step see?",
            "[4.0, 0.0, -4.0]": "These steps all follow the first gradient. But each pass adds "
            "one of its own.",
            "[4.0, -2.0, -1.0]": "The second step is right. The third follows the sum of all "
            "three gradients.",
            "[4.0, -2.0, -8.0]": "The third gradient is negative. It takes something away from "
            "the sum.",
            "[4.0, -2.0, -9.0]": "The third gradient is taken at a negative w. Which sign "
            "does it have?",
            "[32.0, 48.0, 40.0]": "This is what w.grad holds in each step. The blank asks for "
            "w.",
            "[4.0, -2.0, 1.0]": "Which gradients are in w.grad before the third step?",
            "[4.0, 2.0, -1.0]": "The second step follows the sum of two gradients already.",
        },
        hints=[
            "Keep two columns: what is in w.grad after each pass, and w after each step.",
            "w.grad is 32 in the first step. The second pass brings 16 more.",
        ],
        why="The old gradients push on after w has passed the minimum at 0: it overshoots, "
        "oscillates, and nothing is raised. The loss looks erratic, and people look for the "
        "fault in the model. A step is: forward, loss, backward, update under no_grad(), "
        "clear.",
        numbers={
            "8.0": "16.0",
            "4.0": "8.0",
            "2.0": "4.0",
            "7.0": "14.0",
            "1.0": "2.0",
            "9.0": "18.0",
            "32.0": "64.0",
            "48.0": "96.0",
            "40.0": "80.0",
            "32": "64",
            "16": "32",
        },
        core=True,
    )


def test_two_loops_over_one_loss():
    """Two loops, of which the second clears w.grad. How many passes does each get through?"""

    def passes(clear):
        w = torch.tensor(8.0, requires_grad=True)
        loss = 2 * w**2
        for done in range(3):
            try:
                loss.backward()
            except RuntimeError:
                return done
            w.grad = None if clear else w.grad
        return 3

    assert [passes(clear=False), passes(clear=True)] == __(
        [1, 1],
        wrong={
            "[3, 3]": "Where is loss computed? What has the first pass done to what its graph "
            "saved?",
            "[1, 3]": "Clearing w.grad concerns the leaf tensor. What does the second pass "
            "need that is gone?",
            "[3, 1]": "Clearing w.grad does not disturb a backward pass. Does the rest of the "
            "loop differ?",
            "[0, 0]": "The first pass finds everything that it needs.",
            "[2, 2]": "What does a second pass over the same graph find?",
            "[0, 1]": "Before the first pass there is no difference between the two loops.",
        },
        hints=[
            "Which lines are inside the for loop, and which are before it?",
            "Remember what a backward pass frees.",
        ],
        why="'Trying to backward through the graph a second time', in both. Courses show such "
        "loops, the first as wrong because gradients accumulate, the second as its cure. But "
        "what is missing is the forward pass: the loss has to be computed in every step.",
    )


def test_a_rate_for_the_mean():
    """A look back at chapter 6. lr is the rate for a sum. Write the one that a mean needs.

    Both should make the same step.
    """

    def rate(lr, rows, columns):
        return __(
            lr * rows * columns,
            wrong={
                "lr": "A mean is a sum, divided by something. So are its gradients.",
                "lr / (rows * columns)": "The gradients of the mean are the smaller ones. "
                "Which of the two needs the larger rate?",
                "lr * rows": "The mean is over all elements, not only over the rows.",
                "lr * columns": "The mean is over all elements, not over those of one row.",
                "lr * (rows + columns)": "How many elements do so many rows and columns have?",
                "rows * columns": "That is the number of elements. How large was the step of "
                "the sum?",
                "lr * 4": "That is right for the smaller tensor alone.",
                "lr * 8": "That is right for the larger tensor alone.",
                "lr * rows * columns / 2": "The derivative of the square is the same in both.",
            },
            hints=[
                "What is the gradient of a sum of squares? And that of their mean?",
                "How many times smaller is every gradient of the mean?",
            ],
            why="For 4 rows and 2 columns, the mean of b**2 has the gradient b / 4, the sum "
            "has 2 * b. So a learning rate belongs to a loss and its scale: with a sum over "
            "the batch, a larger batch means longer steps. With a mean they stay about the "
            "same, which is one reason why losses take the mean by default.",
        )

    for rows in [2, 4]:
        a = torch.full((rows, 2), 4.0, requires_grad=True)
        b = torch.full((rows, 2), 4.0, requires_grad=True)
        (a**2).sum().backward()
        (b**2).mean().backward()
        with torch.no_grad():
            a -= 0.125 * a.grad
            b -= rate(0.125, rows, 2) * b.grad
        assert torch.equal(a, b)


def test_a_step_behind_an_activation():
    """A look back at chapter 8. What are a and b after the step? Give both, in a list."""
    a = torch.tensor(-2.0, requires_grad=True)
    b = torch.tensor(-2.0, requires_grad=True)
    losses = [F.relu(a) - 3.5, F.leaky_relu(b, 0.25) - 3.5]
    (losses[0] ** 2 + losses[1] ** 2).backward()
    with torch.no_grad():
        a -= a.grad / 2
        b -= b.grad / 2
    assert [a.item(), b.item()] == __(
        [-2.0, -1.0],
        wrong={
            "[1.5, 2.0]": "For a positive input both would have the derivative 1. a and b are "
            "negative.",
            "[-2.0, -2.0]": "leaky_relu is not flat for negative inputs.",
            "[-2.0, 2.0]": "The derivative of leaky_relu for a negative input is not 1 here.",
            "[-2.0, -3.0]": "The size of the step is right. Is the output above 3.5, or below "
            "it?",
            "[-1.0, -1.0]": "One of the two activations is flat for negative inputs.",
            "[-2.0, 0.0]": "That is the whole gradient. Half of it is subtracted.",
            "[-2.0, -1.5]": "The derivative of the square brings a factor of 2.",
            "[3.5, 3.5]": "3.5 is the target of both. A single step need not reach it.",
            "[1.5, -1.0]": "relu passes nothing back for a negative input.",
            "[-2.0, -0.5]": "-0.5 is what leaky_relu returns. The blank asks for b.",
        },
        hints=[
            "What is the derivative of relu at a? And that of leaky_relu with 0.25 at b?",
            "What is the output of leaky_relu, and how far is it from 3.5?",
        ],
        why="Where the gradient is 0, no learning rate helps: a stays where it is, in every "
        "step. In the words of calculus: requires_grad names the variables, backward() takes "
        "the derivatives, the update is new = old - rate * derivative, and no_grad() says that "
        "the update itself is not differentiated.",
        numbers={
            "2.0": "4.0",
            "3.5": "7.0",
            "1.0": "2.0",
            "1.5": "3.0",
            "3.0": "6.0",
            "0.5": "1.0",
        },
    )
