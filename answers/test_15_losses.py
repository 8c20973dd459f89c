"""Losses, and the gradients that they send back.

A model is trained by the gradient of its loss, so a loss has to do two things: be low where
the model is right, and push hard enough where it is wrong. This chapter takes the three
common losses, squared error, binary cross-entropy and cross-entropy, and looks at what each
sends back to the output of the model.

On paper, several formulas are the same loss. In float32 they are not: a probability rounds
to 0 or 1, a logarithm becomes infinite, and the examples that the model gets most wrong no
longer teach it anything.

By the end you can work out the gradient of each of these losses, choose the form that stays
right in float32, and read "torch.nn.CrossEntropyLoss" in PyTorch's reference.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def test_half_a_square():
    """Half a squared error, and nn.MSELoss. What are the gradients? Give both, in a list."""
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(2.0, requires_grad=True)
    target = torch.tensor(5.0)
    half = (a - target) ** 2 / 2
    mse = nn.MSELoss()(b, target)
    (half + mse).backward()
    assert [a.grad.item(), b.grad.item()] == __(
        [-3.0, -6.0],
        wrong={
            "[-3.0, -3.0]": "These would be equal if nn.MSELoss had the factor 1/2 that many "
            "textbooks write. MSE stands for mean squared error, and for nothing else.",
            "[-6.0, -6.0]": "-6 is the derivative of the whole square. What does the division "
            "by 2 do to a.grad?",
            "[3.0, 6.0]": "The sizes are right. Both predictions are below the target: if they "
            "grow, does the loss grow, or does it shrink?",
            "[4.5, 9.0]": "These are the two losses. The blank asks for their gradients.",
            "[-6.0, -3.0]": "They are swapped. Which of the two losses is divided by 2?",
            "[-1.5, -3.0]": "The derivative of a square brings a factor of 2. Here it is "
            "missing in both.",
            "[-3.0, -1.5]": "nn.MSELoss takes a mean. But of how many squares?",
        },
        hints=[
            "The derivative of a square is twice what is squared.",
            "MSE stands for mean squared error. Here the mean is over a single square.",
        ],
        why="With the 1/2 the derivative is just prediction minus target: negative if the "
        "prediction is too low, positive if it is too high. That is why textbooks write it, "
        "and call it MSE all the same. nn.MSELoss has no 1/2, so with the same learning rate "
        "its steps are twice as long. F.mse_loss is the same loss as a function.",
        numbers={
            "2.0": "1.0",
            "3.0": "4.0",
            "6.0": "8.0",
            "4.5": "8.0",
            "9.0": "16.0",
            "1.5": "2.0",
            "6": "8",
        },
        core=True,
    )


def test_an_example_that_counts_twice():
    """With reduction="none" losses stay apart. Write a loss in which the first counts double.

    The others count once, and nothing is divided.
    """
    for rows in [2, 4]:
        target = torch.zeros(rows)
        v = torch.tensor([3.0, 1.0, -2.0, 4.0])[:rows].requires_grad_()
        each = F.mse_loss(v, target, reduction="none")
        loss = __(
            each.sum() + each[0],
            wrong={
                "each": "That is one loss for each example. backward() starts from a single "
                "number.",
                "each.sum()": "Here all count once.",
                "2 * each.sum()": "Here all count double.",
                "2 * each[0]": "That is the first example alone.",
                "each.mean() + each[0]": "mean() divides by the number of examples.",
                "each.sum() + 2 * each[0]": "Then the first one counts three times.",
                "each.sum() + each[1]": "Python counts from 0.",
                "2 * each[0] + each[1]": "That is right for two examples alone.",
                "each.sum().item() + each[0].item()": "item() leaves the graph.",
                "F.mse_loss(v, target) + each[0]": "The default reduction is a mean.",
                "each[0] + each": "That has a number for each example.",
                "2 * each[0] + each.sum()": "Then the first one counts three times: it is in "
                "the sum as well.",
            },
            hints=[
                "A sum in which one of the losses is there twice.",
                "each.sum() has every loss once. What is still missing?",
            ],
            why="The default is the mean over all elements, not over the rows, so it divides "
            "by their number. With the sum, gradients grow with the batch, and the learning "
            "rate "
            'has to shrink to match. reduction="none" leaves the choice to you: weights for '
            "rare classes, or a mask for padding, are a product before the sum.",
        )
        loss.backward()
        assert v.grad.tolist() == [12.0, 2.0, -4.0, 8.0][:rows]


def test_binary_cross_entropy_by_hand():
    """For y = 1 the loss is -log(p), for y = 0 it is -log(1 - p). Write both as one formula."""

    def loss(p, y):
        return __(
            -(y * math.log(p) + (1 - y) * math.log(1 - p)),
            wrong={
                "y * math.log(p) + (1 - y) * math.log(1 - p)": "A probability is at most 1, so "
                "its logarithm is not positive. What makes a loss of it?",
                "-y * math.log(p) + (1 - y) * math.log(1 - p)": "Here the minus belongs to the "
                "first term alone.",
                "-math.log(p)": "That is right for y = 1. Where does y come in?",
                "-math.log(1 - p)": "That is right for y = 0. Where does y come in?",
                "-math.log(p) - math.log(1 - p)": "Here both terms count at once. Each of them "
                "is for one value of y.",
                "-(y * math.log(p) + (1 - y) * math.log(p))": "Both terms have the same "
                "logarithm. What is the probability of class 0?",
                "-(y * math.log(1 - p) + (1 - y) * math.log(p))": "The two logarithms are "
                "swapped.",
                "-(p * math.log(y) + (1 - p) * math.log(1 - y))": "p and y are swapped: y can "
                "be 0, and 0 has no logarithm.",
                "-(y * torch.log(p) + (1 - y) * torch.log(1 - p))": "torch.log wants a tensor, "
                "and p is a Python number. Which module has a logarithm for numbers?",
                "F.binary_cross_entropy(p, y)": "That function wants tensors. Write the "
                "formula that it computes.",
                "(p - y) ** 2": "That is the squared error, another loss.",
                "-y * math.log(p)": "Then an example of class 0 has a loss of 0, whatever p "
                "is.",
            },
            hints=[
                "Multiply each logarithm by something that is 1 or 0, as y says.",
                "y itself is 1 for class 1, and 0 for class 0. What is 1 for class 0?",
            ],
            why="The loss is minus the logarithm of the probability that the model gives to "
            "the right class: 0 where it is certain and right, and growing without bound as "
            "that probability shrinks. The formula also takes a y in between, and so does "
            "F.binary_cross_entropy.",
        )

    for p, y in [(0.25, 1.0), (0.25, 0.0), (0.875, 1.0)]:
        tensors = torch.tensor(p), torch.tensor(y)
        expected = F.binary_cross_entropy(*tensors).item()
        assert float(loss(p, y)) == pytest.approx(expected, abs=1e-5)


def test_wrong_and_sure_of_it():
    """The model is sure, and wrong: p is almost 0, but y is 1. What are the two gradients of z?

    z is called a logit. Give both gradients in a list, rounded to three places.
    """
    gradients = []
    y = torch.tensor(1.0)
    for loss in [F.binary_cross_entropy, F.mse_loss]:
        z = torch.tensor(-12.0, requires_grad=True)
        p = torch.sigmoid(z)
        loss(p, y).backward()
        gradients.append(round(z.grad.item(), 3))
    assert gradients == __(
        [-1.0, 0.0],
        wrong={
            "[-1.0, -1.0]": "The derivative of the sigmoid is p * (1 - p), which is tiny here. "
            "One of the losses is steep enough to make up for it. Is the other one, too?",
            "[0.0, 0.0]": "The sigmoid is almost flat here. But the slope of one of the two "
            "losses is as steep as the sigmoid is flat.",
            "[-1.0, -2.0]": "-2 is the derivative of the squared error with respect to p. "
            "Multiply it by the derivative of the sigmoid.",
            "[1.0, 0.0]": "The sizes are right. If z grows, p comes closer to y: does the loss "
            "grow, or does it shrink?",
            "[0.0, -1.0]": "They are swapped. The derivative of log(p) is 1 / p, which is very "
            "large here.",
            "[12.0, 1.0]": "These are the two losses. The blank asks for their gradients.",
            "[-12.0, 0.0]": "-12 is the logit. The slope of -log(p), times that of the "
            "sigmoid, is something else.",
            "[0.5, 0.5]": "A small logit gives a p of 0.5. But -12 is not small: it is far "
            "below.",
        },
        hints=[
            "The derivative of the sigmoid is p * (1 - p). For a tiny p, that is about p.",
            "The derivative of -log(p) is -1 / p; that of (p - 1)**2 is 2 * (p - 1).",
        ],
        why="Wrong and sure of it: the cross-entropy pushes with full strength, the squared "
        "error with 0.00001. That is one reason why classifiers are trained with "
        "cross-entropy. p is near 0 where the logit is far below 0: a small logit, such as "
        "0.01, gives about 0.5.",
        core=True,
    )


def test_clamped_in_float32():
    """p rounds to 1, so it is clamped. Which eps leave the loss infinite? Give a list."""
    p = torch.sigmoid(torch.tensor(20.0))
    assert p == 1.0 and p.dtype == torch.float32
    infinite = []
    for eps in [1e-5, 1e-7, 1e-8, 1e-9]:
        clamped = p.clamp(eps, 1 - eps)
        loss = -torch.log(1 - clamped)
        if loss == math.inf:
            infinite.append(eps)
    assert infinite == __(
        [1e-8, 1e-9],
        wrong={
            "[]": "The clamp does set p to its upper bound. But is this bound below 1 in "
            "float32?",
            "[1e-9]": "float32 has 24 binary digits. Just below 1 its numbers lie about 6e-8 "
            "apart.",
            "[1e-5]": "The larger eps is, the farther the bound is from 1. Which bounds are "
            "too close to 1?",
            "[1e-5, 1e-7, 1e-8, 1e-9]": "p is 1, but it is clamped. 0.99999 is a number that "
            "float32 can tell from 1.",
            "[1e-7, 1e-8, 1e-9]": "float32 has 24 binary digits: the largest number below 1 is "
            "about 0.99999994. Which bounds round to 1?",
            "[1e-5, 1e-7]": "Those are the ones that help. The blank asks for the others.",
            "[1e-9, 1e-8]": "The right ones. They come in the order of the loop.",
        },
        hints=[
            "The bound, 1 - eps, is rounded to float32 as well.",
            "The largest float32 below 1 is about 1 - 6e-8. What is nearer to 1 than that?",
        ],
        why="clamp(p, 1e-8, 1 - 1e-8) is often copied to keep log(0) away. It works in "
        "float64. In float32 the upper bound is 1 itself, and log(1 - p) is minus infinity as "
        "before. Even an eps that works keeps only the loss finite: outside its bounds a clamp "
        "passes no gradient on.",
    )


def test_a_loss_that_still_pushes():
    """At 20 and -50 the loss in the comment gives z a gradient of almost 0. Write a better one.

    Both are mistakes that the model is sure of, and its gradient should correct them.
    """
    losses, gradients = [], []
    for logit, label in [(20.0, 0.0), (-50.0, 1.0), (0.0, 1.0)]:
        z = torch.tensor(logit, requires_grad=True)
        y, p = torch.tensor(label), torch.sigmoid(z)
        # For y = 1 it was -torch.log(p + 1e-8),
        # and for y = 0 it was -torch.log(1 - p + 1e-8).
        loss = __(
            F.binary_cross_entropy_with_logits(z, y),
            wrong={
                (
                    "F.binary_cross_entropy(p, y)",
                    "nn.BCELoss()(p, y)",
                    "F.binary_cross_entropy(torch.sigmoid(z), y)",
                ): "At 20 this loss is 100, since its logarithms are capped at -100, and "
                "z.grad is 0: p has rounded to 1. Is there one that is given z?",
                "F.binary_cross_entropy_with_logits(p, y)": "This one applies the sigmoid "
                "itself, and p has been through one already.",
                "F.binary_cross_entropy(z, y)": "This one wants probabilities, and 20 is none.",
                "F.mse_loss(p, y)": "Its gradient has the factor p * (1 - p), and that is "
                "almost 0 at 20 and at -50.",
                "F.mse_loss(z, y)": "z is a logit: it should go far above 1 where the model is "
                "sure.",
                "F.cross_entropy(z, y)": "That one is for several classes, and wants a score "
                "for each.",
                "-(y * torch.log(p + 1e-8) + (1 - y) * torch.log(1 - p + 1e-8))": "That is the "
                "loss as it was: at 20 it is 18.42, and z.grad is 0.",
                "-(y * torch.log(p) + (1 - y) * torch.log(1 - p))": "At 20, 1 - p is 0, and "
                "its logarithm is minus infinity.",
                ("-torch.log(p + 1e-8)", "-torch.log(1 - p + 1e-8)"): "That is the loss as it "
                "was, for one of the two labels.",
                "F.binary_cross_entropy_with_logits(y, z)": "The right loss. But its arguments "
                "are swapped: the prediction comes first.",
                "nn.BCEWithLogitsLoss(z, y)": "The right loss. But a class of torch.nn makes "
                "an object first, which is then called.",
                "F.binary_cross_entropy(p.clamp(1e-7, 1 - 1e-7), y)": "Now the loss is finite. "
                "But a clamp passes no gradient on outside its bounds.",
                "z": "At 20 that has the right slope. But it does not look at y.",
            },
            hints=[
                "Once p is rounded, no formula can get back what is lost. Start from z.",
                "torch.nn.functional has a second binary cross-entropy. Its name says: logits.",
            ],
            why="Given the logit, torch never takes the logarithm of a rounded p: for y = 0 it "
            "computes log(1 + exp(z)), in a form that doesn't overflow for a large z. "
            "nn.BCEWithLogitsLoss is the same as a module; the model then ends without a "
            "sigmoid. F.binary_cross_entropy, and nn.BCELoss, are for p: at p = 0 and y = 1 "
            "the loss is capped at 100, but its gradient for p is -1e12.",
            core=True,
        )
        loss.backward()
        losses.append(loss.item())
        gradients.append(z.grad.item())
    assert losses == pytest.approx([20.0, 50.0, 0.6931], abs=1e-4)
    assert gradients == pytest.approx([1.0, -1.0, -0.5], abs=1e-4)


def test_the_gradient_of_a_logit():
    """Binary cross-entropy, where p is sigmoid(w * x). Write its derivative with respect to w.

    It is the product of (p - y) / (p * (1 - p)) for the loss, p * (1 - p) for the sigmoid, and
    a third factor for w * x. It has to hold where p rounds to 1, too.
    """

    def derivative(p, y, x):
        return __(
            (p - y) * x,
            wrong={
                "p - y": "That is the derivative with respect to z. How fast does z change "
                "with w?",
                (
                    "(p - y) / (p * (1 - p)) * p * (1 - p) * x",
                    "(p - y) / (p * (1 - p)) * (p * (1 - p)) * x",
                ): "On paper that is right. But where p rounds to 1, it divides by 0, and "
                "infinity times 0 is NaN. What cancels?",
                "(p - y) / (p * (1 - p)) * p * (1 - p)": "These are the first two factors; the "
                "third is missing. And where p rounds to 1, the first one divides by 0.",
                "(p - y) / (p * (1 - p)) * x": "The derivative of p with respect to z is "
                "missing.",
                "(p - y) * p * (1 - p) * x": "That belongs to half the squared error. Here the "
                "loss brings p * (1 - p) as a divisor, too.",
                "(y - p) * x": "The size is right. If p is above y, should the derivative with "
                "respect to z be positive or negative?",
                "2 * (p - y) * x": "The 2 would come from a square. This loss is a logarithm.",
                "p * (1 - p) * x": "That is the derivative of p with respect to w. What about "
                "the loss?",
                "(p - y) * w": "The derivative of w * x with respect to w is the other factor.",
                "p - y * x": "Mind the brackets: x multiplies the whole error.",
            },
            hints=[
                "Multiply the three factors on paper, and see what cancels.",
                "z is w * x. How fast does it change with w?",
            ],
            why="The error times the input, for every p: the flat sigmoid cancels. For a bias, "
            "whose own derivative is 1, it is p - y. Multiplied out factor by factor it is NaN "
            "at p = 1; the loss of a logit computes p - y directly. (log(1 + exp(z)) - y * z "
            "is the same loss.)",
        )

    for x, y in [(2.0, 1.0), (-4.0, 1.0), (20.0, 0.0)]:
        w = torch.tensor(1.0, requires_grad=True)
        z = w * x
        (F.softplus(z) - y * z).backward()
        predicted = derivative(torch.sigmoid(z).detach(), y, x)
        assert w.grad.item() == pytest.approx(float(predicted), abs=1e-5)


def test_the_gradient_of_cross_entropy():
    """one_hot has a 1 at each target, and 0 elsewhere. Write the gradient of the logits."""
    for rows in [1, 2]:
        numbers = [[2.0, 0.0, -1.0], [0.0, 1.0, 3.0]]
        logits = torch.tensor(numbers[:rows], requires_grad=True)
        target = torch.tensor([0, 1])[:rows]
        p = logits.detach().softmax(1)
        one_hot = F.one_hot(target, 3)
        gradient = __(
            (p - one_hot) / len(p),
            wrong={
                "p - one_hot": "That is right for one row. Which reduction is the default?",
                "(one_hot - p) / len(p)": "The sizes are right. If the logit of the target "
                "grows, does the loss grow, or does it shrink?",
                "one_hot - p": "If the logit of the target grows, does the loss grow, or does "
                "it shrink? And which reduction is the default?",
                (
                    "(p - one_hot) / p.numel()",
                    "(p - one_hot) / 3",
                    "(p - one_hot) / logits.numel()",
                ): "There is one loss for each row, not one for each class.",
                "(p - one_hot) / 2": "That is right for two rows alone. Write it for any "
                "number of rows.",
                "p - one_hot / len(p)": "Mind the brackets: the mean divides the whole "
                "difference.",
                "p": "That is the softmax alone. Where do the targets come in?",
                "p / len(p)": "Then every logit would be pushed down, that of the target as "
                "well.",
                "(p - one_hot) * p * (1 - p)": "The derivative of the softmax is in p - "
                "one_hot already: it has cancelled, as that of the sigmoid did.",
                "(logits - one_hot) / len(p)": "A logit is not a probability yet.",
                "-one_hot / p / len(p)": "That is the gradient of p. The logits come before "
                "the softmax.",
                "-torch.log(p) * one_hot": "These are the losses of the rows. The blank asks "
                "for the gradient.",
                "(p - target) / len(p)": "target holds the numbers of the classes. Which "
                "tensor has one column for each class?",
                "logits.grad": "The backward pass has not run yet.",
            },
            hints=[
                "Behind a sigmoid and binary cross-entropy, it was probability minus label.",
                "The loss is the mean over the rows. What does that do to each row's gradient?",
            ],
            why="Softmax minus one-hot, divided by the batch. In each row it sums to 0: the "
            "target is pushed up by as much as the others are pushed down. F.cross_entropy is "
            "F.nll_loss of F.log_softmax, so it wants raw logits (nn.CrossEntropyLoss does, "
            "too); and its mean is over the rows, not over all elements as in F.mse_loss.",
            core=True,
        )
        F.cross_entropy(logits, target).backward()
        assert torch.allclose(logits.grad, gradient)


def test_an_ignored_row():
    """A row whose target is ignore_index is ignored. What is in logits.grad? Give a list."""
    logits = torch.zeros(3, 2, requires_grad=True)
    target = torch.tensor([0, -100, 1])
    loss = F.cross_entropy(logits, target, ignore_index=-100)
    loss.backward()
    assert logits.grad.tolist() == __(
        [[-0.25, 0.25], [0.0, 0.0], [0.25, -0.25]],
        wrong={
            (
                "[[-0.1667, 0.1667], [0.0, 0.0], [0.1667, -0.1667]]",
                "[[-0.5 / 3, 0.5 / 3], [0.0, 0.0], [0.5 / 3, -0.5 / 3]]",
            ): "This divides by the number of all rows. Does an ignored row count?",
            "[[-0.5, 0.5], [0.0, 0.0], [0.5, -0.5]]": "This is softmax minus one-hot. The loss "
            "is a mean over rows.",
            "[[0.25, -0.25], [0.0, 0.0], [-0.25, 0.25]]": "The sizes are right. The gradient "
            "of the target's logit is negative: the loss shrinks as it grows.",
            "[[-0.25, 0.25], [0.25, -0.25]]": "A gradient has the shape of its tensor. What "
            "stands in the row that is ignored?",
            "[[-0.25, 0.25], [None, None], [0.25, -0.25]]": "None is for a whole tensor. The "
            "elements of a gradient are numbers.",
            "[[-0.25, 0.25], [0.25, 0.25], [0.25, -0.25]]": "The second row has no target, but "
            "it has no loss, either.",
            "[[-0.25, 0.25], [0.0, 0.0], [-0.25, 0.25]]": "The target of the last row is its "
            "second class.",
            "[[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]": "This is the softmax of the logits. The "
            "blank asks for the gradient of the loss.",
        },
        hints=[
            "The softmax of two equal logits is 0.5 each. Subtract the one-hot target.",
            "The mean is over the rows that count. How many are there?",
        ],
        why="-100 is also the default of ignore_index; padding in a batch of sentences is "
        "often marked with it. The mean leaves the row out of the count as well. If every row "
        "is ignored, the mean is 0 / 0, and the loss is NaN.",
    )


def test_a_softmax_before_the_loss():
    """sure is already a softmax: 1, 0, 0. What are the losses, to 4 places? Give a list."""
    sure = torch.tensor([[40.0, 0.0, 0.0]]).softmax(1)
    right = F.cross_entropy(sure, torch.tensor([0]))
    wrong = F.cross_entropy(sure, torch.tensor([1]))
    losses = [round(right.item(), 4), round(wrong.item(), 4)]
    assert losses == __(
        [0.5514, 1.5514],
        wrong={
            "[0.0, 40.0]": "These are the losses of the logits. F.cross_entropy is given what "
            "is in sure, and takes it for logits.",
            "[0.0, math.inf]": "That is minus the logarithm of the probabilities. "
            "F.cross_entropy takes them for logits, and applies a softmax first.",
            "[0.0, 1.0]": "The difference is right. F.cross_entropy takes 1, 0, 0 for logits: "
            "what is the softmax of these?",
            "[-1.0, 0.0]": "That is what F.nll_loss would give. F.cross_entropy takes a "
            "softmax and a logarithm first.",
            "[1.5514, 0.5514]": "They are swapped. Which loss should be lower?",
            ("[1.0986, 1.0986]", "[math.log(3), math.log(3)]"): "log(3) is the loss of three "
            "equal logits. 1, 0, 0 are not equal.",
            "[0.5761, 0.2119]": "These are the probabilities. The loss is minus the logarithm.",
            "[0.0, 100.0]": "100 is where F.binary_cross_entropy stops. This is another loss.",
            "[0.0, 0.0]": "The second target is a class that the model thinks impossible.",
        },
        hints=[
            "F.cross_entropy applies a softmax to whatever it is given: here to 1, 0, 0.",
            "The loss is log(exp(1) + exp(0) + exp(0)), minus the logit of the target.",
        ],
        why="With three classes a model that is perfectly right can't get below log(1 + 2 / "
        "e), with ten classes not below 1.46. Taken as logits, probabilities are too close "
        "together: they differ by 1 at most. A loss that gets stuck near such a number is "
        "often how this mistake is found. It still trains somewhat, and nothing is raised.",
    )


def test_what_the_model_should_return():
    """With the line in the comment a confident mistake gets no gradient. Write a better one."""
    for score in [1.0, 200.0]:
        logits = torch.tensor([[0.0, score, 0.0]], requires_grad=True)
        # It was: output = logits.softmax(1)
        output = __(
            logits,
            wrong={
                "logits.softmax(1)": "That is the line as it was. F.cross_entropy then applies "
                "a second softmax.",
                (
                    "logits.softmax(1).log()",
                    "torch.log(logits.softmax(1))",
                ): "On paper that is right. But in float32 a softmax can round to 0, whose "
                "logarithm is minus infinity.",
                "logits.softmax(0)": "That compares the rows of the batch, and there is one "
                "row here.",
                (
                    "torch.sigmoid(logits)",
                    "logits.sigmoid()",
                ): "These numbers lie between 0 and 1 as well. As logits they are too close "
                "together.",
                "logits.argmax(1)": "That is the number of the best class. No gradient passes "
                "through it.",
                "logits.detach()": "detach() cuts the graph: no gradient reaches the logits.",
                "torch.relu(logits)": "relu passes no gradient where its input is 0 or "
                "negative. And a logit may be negative.",
                "10 * logits.softmax(1)": "These lie farther apart, but the second softmax is "
                "still there.",
                "F.one_hot(logits.argmax(1), 3)": "This is computed from a number that no "
                "gradient passes through.",
                "logits / 200": "Then a score of 200 counts as 1.",
                "logits.exp()": "F.cross_entropy takes exp of what it is given, as part of its "
                "softmax. That would be a second exp.",
            },
            hints=[
                "What does F.cross_entropy apply to its input, before the logarithm?",
                "The simplest output will do.",
            ],
            why="Through a softmax the gradient comes back multiplied by its derivative, "
            "almost 0 where the model is sure: its worst mistakes teach it nothing. Return the "
            "logits, and call softmax only where you need probabilities. A log_softmax as the "
            "last layer does no harm: a second one changes nothing.",
        )
        loss = F.cross_entropy(output, torch.tensor([0]))
        loss.backward()
        expected = logits.detach().softmax(1)[0, 0].item() - 1
        gradient = logits.grad[0, 0].item()
        assert gradient == pytest.approx(expected, abs=1e-5)


def test_the_logarithm_of_a_softmax():
    """A look back at chapter 13. What are the loss and w.grad? Give both, in a list."""
    w = torch.tensor(1.0, requires_grad=True)
    scores = w * torch.tensor([160.0, 0.0])
    p = scores.softmax(0)
    assert p.tolist() == [1.0, 0.0]
    loss = -torch.log(p)[1]
    loss.backward()
    assert [loss.item(), w.grad.item()] == pytest.approx(
        __(
            [math.inf, math.nan],
            wrong={
                "[160.0, 160.0]": "That is right on paper, and what log_softmax gives. Here "
                "the softmax has rounded to 0 before the logarithm is taken.",
                (
                    "[math.inf, math.inf]",
                    "[math.inf, -math.inf]",
                ): "The derivative of the logarithm is infinite there. But that of the softmax "
                "is 0. What is their product?",
                "[math.inf, 0.0]": "The derivative of the softmax is 0. But it is multiplied "
                "by that of the logarithm, which is infinite.",
                "[math.inf, 160.0]": "The gradient is a product of the derivatives at these "
                "numbers, and two of them are not ordinary.",
                "[math.nan, math.nan]": "The logarithm of 0 is not NaN. What is it?",
                "[-math.inf, math.nan]": "That is the logarithm. The loss has a minus.",
                "[100.0, 0.0]": "That would be the cap of F.binary_cross_entropy. torch.log "
                "has none.",
                "[0.0, 0.0]": "The loss is minus the logarithm of the second element of p.",
            },
            hints=[
                "What is the logarithm of 0? And its derivative, 1 / 0?",
                "Upstream there is infinity, and the softmax multiplies it by p, which is 0.",
            ],
            why="Infinity times 0 is NaN, and after one step so is every weight that it "
            "reaches. Nothing overflows here, but exp(-160) underflows: it is too small for "
            "float32. F.log_softmax subtracts the logarithm of the sum of the exponentials "
            "from the scores, so it gives a loss and a gradient of 160; F.cross_entropy does "
            "the same.",
        ),
        nan_ok=True,
    )


def test_a_target_of_another_shape():
    """A look back at chapter 7. The loss should be 3, but torch warns. Write another target."""
    prediction = torch.tensor([[1.0], [2.0], [6.0]], requires_grad=True)
    target = torch.tensor([1.0, 2.0, 9.0])
    with pytest.warns(UserWarning, match="Using a target size"):
        loss = F.mse_loss(prediction, target)
    assert loss.item() == pytest.approx(18.3333, abs=1e-4)
    target = __(
        target.unsqueeze(1),
        wrong={
            "target": "That is as it was: a column and a row of three broadcast to nine "
            "differences.",
            (
                "target.unsqueeze(0)",
                "target[None]",
                "target.reshape(1, 3)",
                "target.view(1, -1)",
            ): "That is one row of three, and the predictions are a column. They broadcast as "
            "before.",
            "target.expand(3, 3)": "Torch warns as before, and nine differences are still "
            "squared.",
            ("prediction", "prediction.detach()"): "Then the loss is 0, whatever the model "
            "predicts.",
            "target.squeeze()": "squeeze() removes dimensions of size 1. The target lacks one.",
            "target.flatten()": "The target is flat already. It lacks a dimension.",
            "prediction.squeeze(1)": "The right idea, but that is the prediction. Here the "
            "target has to change.",
            "target.mean()": "Then every prediction is compared with the mean of the targets.",
            "target.unsqueeze(2)": "A tensor with one dimension has a place for a new one at 0 "
            "and at 1.",
        },
        hints=[
            "What shape does the prediction have, and what shape the target?",
            "The target should be a column, too: shape (3, 1).",
        ],
        why="Three rows, nine differences: each prediction was compared with every target, and "
        "a model trained like that learns to predict their mean. F.mse_loss only warns; a "
        "difference that you write yourself is silent; F.binary_cross_entropy, with logits or "
        "without, raises. With F.cross_entropy the shapes do differ: one class number per row.",
    )
    assert F.mse_loss(prediction, target) == 3.0
