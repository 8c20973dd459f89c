"""Training loops.

All the parts are known: the forward pass, the loss, backward(), the update, and clearing the
gradients. A training loop only repeats them, in the right order. But most mistakes in it raise
nothing: the loop runs, and learns badly, or not at all.

Here a line is fitted, a single neuron is trained by hand, and a small network tells a disc
from the ring around it. Then the model is evaluated, and a batch is cut into uneven pieces.

By the end you can write a training loop, tell from a symptom what is wrong with one, evaluate
a model, cut a batch into pieces of any size, and read "Full Implementation" in PyTorch's
tutorial Optimizing Model Parameters.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def around(n):
    """Return n points on a circle around 0, of radius 1: one point a row."""
    angle = torch.arange(n) * (2 * math.pi / n)
    return torch.stack([angle.cos(), angle.sin()], dim=1)


def disc_and_ring():
    """Return 16 points, and their labels: 0 in the disc, 1 in the ring around it."""
    X = torch.cat([around(8), 4 * around(8)])
    y = torch.cat([torch.zeros(8, 1), torch.ones(8, 1)])
    return X, y


def update(*parameters):
    """Take a step of gradient descent by hand, and clear the gradients."""
    for p in parameters:
        with torch.no_grad():
            p.sub_(0.5 * p.grad)
        p.grad = None


def test_the_five_steps():
    """Two rounds of training, five steps each. In which order? Give five names, in a list."""
    w, outputs, losses = torch.tensor(1.0, requires_grad=True), [], []
    optimizer = torch.optim.SGD([w], lr=0.0625)
    steps = {
        "clear": optimizer.zero_grad,
        "update": optimizer.step,
        "backward": lambda: losses.pop().backward(),
        "loss": lambda: losses.append((outputs.pop() - 6) ** 2),
        "forward": lambda: outputs.append(3 * w),
    }
    for name in 2 * __(
        ["forward", "loss", "backward", "update", "clear"],
        wrong={
            '["forward", "loss", "backward", "clear", "update"]': "Here each gradient is "
            "cleared before it is used, so w never moves. Nothing is raised.",
            '["clear", "update", "backward", "loss", "forward"]': "That is how they stand in "
            "the dict. What does backward() start from?",
            '["forward", "loss", "backward", "update"]': "Without clearing, the second update "
            "uses the sum of two gradients.",
            '["forward", "backward", "loss", "update", "clear"]': "backward() starts at the "
            "loss. In the first round there is none yet.",
            '["loss", "forward", "backward", "update", "clear"]': "The loss compares the "
            "output with the target. In the first round there is no output yet.",
            '["forward", "loss", "update", "backward", "clear"]': "Here the gradient is "
            "cleared right after the backward pass, so no update ever sees it.",
            '["update", "clear", "forward", "loss", "backward"]': "The first update has no "
            "gradient, and the last gradient is never used.",
        },
        hints=[
            "What does each step need that another one has to leave behind?",
            "The update needs a gradient that has been computed and not cleared yet.",
        ],
        why="Predict, compare, compute the gradients, move the parameters, clear. Clearing may "
        "also come first, as in many of PyTorch's own examples: anywhere but between "
        "backward() and step(). Some courses call the fourth step updating the gradients; what "
        "it updates are the parameters.",
        core=True,
    ):
        steps[name]()
    assert w == 1.984375


def test_a_hundred_epochs():
    """An epoch is one round over all the data. What is w after a hundred? Give one decimal."""
    x = torch.tensor([-1.0, 1.0])
    y = 2.0 * x + 1.0
    w = torch.tensor(0.0, requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    for _ in range(100):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
            b -= 0.01 * b.grad
        w.grad = b.grad = None
    assert round(w.item(), 1) == __(
        1.7,
        wrong={
            "2.0": "The data lie on a line of slope 2.0. But are a hundred epochs enough to "
            "get there, with steps of a hundredth of the gradient?",
            "4.0": "A hundred times the first step would be 4. But the gradient shrinks as w "
            "gets closer.",
            "1.0": "That is the b behind the data.",
            "1.3": "That is where w is after half of the epochs.",
            "0.0": "That is where w starts.",
            "1.9": "That is where w is after some 150 epochs.",
            "0.04": "That is the first step.",
            "3.0": "w never gets past the line behind the data: the steps are too short.",
        },
        hints=[
            "For these two points the gradient of w is 2 * (w - 2.0), whatever b is.",
            "Each epoch leaves 98 % of the distance to 2.0. And 0.98**100 is about 0.13.",
        ],
        why="A hundred epochs sounds like a lot, and courses print such a w beside its target "
        "as if it had arrived. With a rate of 0.25 the distance halves in each epoch instead, "
        "and after 25 epochs w is within a millionth of 2.0. A number of epochs says nothing "
        "without the learning rate. x and y are data; only w and b require grad.",
        numbers={
            "2.0": "4.0",
            "1.7": "3.5",
            "4.0": "8.0",
            "4": "8",
            "1.3": "2.5",
            "1.9": "3.8",
            "0.04": "0.08",
            "3.0": "6.0",
        },
        core=True,
    )


def test_a_noisy_line():
    """The targets are 2 * x + 1 plus noise. Where do w and b end? Give both, in a list."""
    x = torch.tensor([-1.0, -1.0, 1.0, 1.0])
    y = 2 * x + 1 + torch.tensor([0.5, 0.0, 0.0, 1.5])
    w = torch.tensor(0.0, requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    for _ in range(20):
        F.mse_loss(w * x + b, y).backward()
        update(w, b)  # takes half of the gradient
    assert [w.item(), b.item()] == __(
        [2.25, 1.5],
        wrong={
            "[2.0, 1.0]": "These are the numbers that the data were made with. The loop sees "
            "only the targets, with the noise.",
            "[2.0, 1.5]": "b takes up the mean of the noise. But the noise is larger at x = 1 "
            "than at x = -1.",
            "[2.25, 1.0]": "w is right. And what does the noise do to the height of the line?",
            "[2.5, 1.5]": "At x = 1 the noise is larger by 0.5 than at x = -1. But these two "
            "lie 2 apart.",
            "[0.0, 0.0]": "That is where the loop begins. Each update moves both.",
            "[1.5, 2.25]": "These are swapped: w comes first.",
            "[2.0, 2.0]": "The noise is positive, on average. But its mean is not 1.",
        },
        hints=[
            "There are two targets at x = -1. At which height does the best line pass there?",
            "The mean target is -0.75 at x = -1, and 3.75 at x = 1.",
        ],
        why="The loss is lowest at the least squares line through the data, and this is not "
        "the line behind the data: more epochs don't help, more data do. With other noise, the "
        "numbers differ. So what a course prints from random data or weights can't be "
        "reproduced, unless it sets a seed; and even then not always on another version.",
    )


def test_a_neuron_forward():
    """One sigmoid neuron with target 1. What are z, a and loss? Give all three, in a list."""
    x = torch.tensor([2.0, 0.0])
    w = torch.tensor([1.0, 3.0])
    b = torch.tensor(-2.0)
    z = w @ x + b
    a = torch.sigmoid(z)
    loss = 0.5 * (a - 1) ** 2
    assert [z.item(), a.item(), loss.item()] == __(
        [0.0, 0.5, 0.125],
        wrong={
            "[0.0, 0.0, 0.5]": "A small z doesn't make a small a: a is near 0 only where z is "
            "far below 0.",
            "[0.0, 0.5, 0.25]": "z and a are right. The loss is half the squared error.",
            "[0.0, 0.5, 0.5]": "z and a are right. The error of a is squared, and then halved.",
            "[0.0, 0.5, -0.125]": "The error is negative. But what is its square?",
            "[2.0, 0.8808, 0.0071]": "b is missing from this z.",
            "[3.0, 0.9526, 0.0011]": "The second weight is 3. But what is it multiplied by?",
            "[0.0, 1.0, 0.0]": "a reaches 1 for no finite z; it is near 1 where z is far above "
            "0.",
            "[0.0, 0.5, 0.0]": "The loss is 0 only where a is at its target.",
        },
        hints=[
            "w @ x is the sum of the two products. b shifts it.",
            "sigmoid(z) is 1 / (1 + exp(-z)).",
        ],
        why="z is called the pre-activation; where a sigmoid follows, also the logit. a may be "
        "read as a probability. x[1] is 0: so w[1] has no effect on z, and soon you will see "
        "what that means for its gradient.",
        core=True,
    )


def test_a_neuron_backward():
    """The same neuron. What are the gradients of a, z, w and b? Give all four, in a list."""
    x = torch.tensor([2.0, 0.0])
    w = torch.tensor([1.0, 3.0], requires_grad=True)
    b = torch.tensor(-2.0, requires_grad=True)
    z = w @ x + b
    a = torch.sigmoid(z)
    z.retain_grad()
    a.retain_grad()
    loss = 0.5 * (a - 1) ** 2
    loss.backward()
    gradients = [t.grad.tolist() for t in [a, z, w, b]]
    assert gradients == __(
        [-0.5, -0.125, [-0.25, 0.0], -0.125],
        wrong={
            "[-0.5, 0.25, [2.0, 0.0], 1.0]": "These are the local derivatives. Each gradient "
            "is a local derivative times the upstream gradient.",
            "[0.5, 0.125, [0.25, 0.0], 0.125]": "The sizes are right. a is below its target: "
            "if a grows, does the loss grow?",
            "[-1.0, -0.25, [-0.5, 0.0], -0.25]": "These are twice too large. What does the "
            "factor of 0.5 do to the derivative of the square?",
            "[-0.5, -0.125, [-0.25, -0.25], -0.125]": "Each weight is multiplied by an input "
            "of its own.",
            "[-0.5, -0.125, [-0.125, -0.375], -0.125]": "The derivative of w @ x with respect "
            "to w is not w.",
            "[-0.5, -0.125, [-0.25, 0.0], 0.25]": "b is added to z. So what is its local "
            "derivative?",
            "[-0.5, -0.125, [-0.25, None], -0.125]": "A gradient is a tensor of the shape of "
            "its leaf; it holds numbers only.",
            "[-0.5, 0.0, [0.0, 0.0], 0.0]": "The derivative of a sigmoid is a * (1 - a). The a "
            "in it is the output, not z.",
            "[-0.5, -0.5, [-1.0, 0.0], -0.5]": "The sigmoid lies between a and z. How fast "
            "does a change with z?",
        },
        hints=[
            "dloss/da is a - 1. Then da/dz is a * (1 - a).",
            "dz/dw is x, and dz/db is 1.",
        ],
        why="The sign of a - 1 says whether a is too big or too small, and an input of 0 gives "
        "its weight a gradient of 0. x does not require grad, so no dloss/dx is computed, "
        "although some diagrams show one. pytest --graph shows what autograd recorded in a "
        "koan.",
        core=True,
    )


def test_five_epochs_by_hand():
    """Five epochs for each of two targets, without autograd. Write the derivative dloss/dz."""
    losses = []
    for y in [0.0, 1.0]:
        w, b = 0.0, 0.0
        for _ in range(5):
            z = w * 2 + b
            a = 1 / (1 + math.exp(-z))
            losses.append(0.5 * (a - y) ** 2)
            dz = __(
                (a - y) * a * (1 - a),
                wrong={
                    "a - y": "That is dloss/da. It would be dloss/dz for binary cross-entropy, "
                    "where the derivative of the sigmoid cancels.",
                    "a * (1 - a)": "That is da/dz. How fast does the loss change with a?",
                    "2 * (a - y) * a * (1 - a)": "That is right for the squared error without "
                    "the half, as nn.MSELoss computes it for one example.",
                    "(a - y) * 2": "The 2 is the input. It enters later, in the update of w.",
                    "(a - y) * a * (1 - a) * 2": "That is dloss/dw. The update multiplies by "
                    "the input once more.",
                    "(y - a) * a * (1 - a)": "With this sign the updates raise the loss.",
                    "0.5 * (a - y) ** 2 * a * (1 - a)": "The loss itself is in it. What is its "
                    "derivative with respect to a?",
                    "(a - y) * a": "The derivative of a sigmoid has a second factor.",
                    "(a - y) * 0.25": "0.25 is da/dz in the first epoch. Later a is no longer "
                    "0.5.",
                    "-0.125": "That is right for target 1, in the first epoch only.",
                },
                hints=[
                    "The chain rule: dloss/da, times da/dz.",
                    "da/dz is the derivative of the sigmoid. It can be computed from a alone.",
                ],
                why="The loss falls in every epoch, and each step is smaller than the one "
                "before: the error shrinks, and so does a * (1 - a). For target 1 w and b go "
                "up, for 0 down: the sign decides. Autograd computes the same numbers, up to "
                "rounding, and you need not derive anything; by hand, one slip is enough.",
            )
            w, b = w - 0.5 * dz * 2, b - 0.5 * dz
    falling = [0.125, 0.08926, 0.06523, 0.0495, 0.03899]
    assert losses == pytest.approx(2 * falling, abs=0.0001)


def test_a_line_between_disc_and_ring():
    """From a disc (0) and a ring (1) a linear model learns nothing. Why is w.grad 0 here?

    a: for each point by itself the gradient is 0. b: the sigmoid is saturated. c: the
    gradients of opposite points cancel. Which are true? Give the letters, as text, in a list.
    """
    X = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 4.0], [0.0, -4.0]])
    y = torch.tensor([0.0, 0.0, 1.0, 1.0])
    w = torch.zeros(2, requires_grad=True)
    p = torch.sigmoid(X @ w)
    F.binary_cross_entropy(p, y).backward()
    assert w.grad.tolist() == [0.0, 0.0]
    each = (p - y)[:, None] * X
    reasons = {"a": not each.any(), "b": (p * (1 - p) < 0.01).all()}
    reasons["c"] = each[0].equal(-each[1]) and each[2].equal(-each[3])
    assert [letter for letter, holds in reasons.items() if holds] == __(
        ["c"],
        wrong={
            (
                "['a']",
                "['a', 'c']",
            ): "p is 0.5 for each point, and no target is 0.5. So each point by itself has a "
            "gradient that is not 0.",
            ("['b']", "['b', 'c']"): "X @ w is 0 for each point. There a sigmoid is steepest.",
            ("['a', 'b']", "['a', 'b', 'c']"): "a would follow from b. But X @ w is 0 for each "
            "point, and there a sigmoid is steepest.",
            "[]": "One of them is true. What does each of the first two points contribute?",
        },
        hints=[
            "Where is a sigmoid saturated? And what is X @ w here?",
            "For binary cross-entropy a point brings (p - y) times its row of X, divided by 4.",
        ],
        why="Opposite points have the same label, and pull w in opposite directions. No "
        "learning rate and no number of epochs helps, since no straight line has the disc on "
        "one side and the ring on the other. What helps is a hidden layer, with a function "
        "behind it that isn't linear. (Such data is sometimes called a spiral. It isn't one.)",
    )


def test_a_hidden_layer():
    """W1, a ReLU and W2, plus b at the end: write the logits z of this network."""
    X, y = disc_and_ring()
    W1 = around(8).T.requires_grad_()
    W2 = torch.full((8, 1), 0.25, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(20):
        z = __(
            torch.relu(X @ W1) @ W2 + b,
            wrong={
                "X @ W1 @ W2 + b": "Without the ReLU two layers are one linear layer, and the "
                "loss stays at log(2).",
                "torch.sigmoid(torch.relu(X @ W1) @ W2 + b)": "These are probabilities. The "
                "loss takes logits, and applies a sigmoid itself.",
                "torch.relu(X @ W1 @ W2 + b)": "This ReLU comes after both layers, and none is "
                "left between them.",
                "torch.relu(torch.relu(X @ W1) @ W2 + b)": "With a ReLU at the end no logit "
                "can be negative.",
                "torch.relu(X @ W1) @ W2": "b is missing, so b.grad stays None, and the update "
                "raises. Without b all logits would be positive at first.",
                "torch.relu(X @ W1 + b) @ W2": "b belongs at the end: it shifts the logit.",
                "torch.sigmoid(X @ W1) @ W2 + b": "The network should have a ReLU between its "
                "layers.",
                "torch.relu(X) @ W1 @ W2 + b": "The ReLU belongs after the first layer, not "
                "before it.",
                "nn.ReLU(X @ W1) @ W2 + b": "nn.ReLU is a module: it is built first, and then "
                "called on the tensor.",
                "torch.relu(W1 @ X) @ W2 + b": "Each row of X is a point. Which of the two "
                "matrices has to come first?",
            },
            hints=[
                "X has the shape (16, 2), W1 (2, 8), W2 (8, 1).",
                "From the inside out: the first layer, the ReLU, the second layer, b.",
            ],
            why="All points are told apart: the eight hidden units look in eight directions, "
            "and together they measure how far from the center a point lies. Accuracy counts "
            "logits above 0, that is probabilities above 0.5. A hand-written log(p + 1e-8) "
            "instead of a loss on logits sends back almost no gradient where the model is "
            "sure, and wrong.",
        )
        loss = F.binary_cross_entropy_with_logits(z, y)
        loss.backward()
        update(W1, W2, b)
    assert ((z > 0).float() == y).float().mean() == 1.0
    assert loss.item() == pytest.approx(0.2695, abs=0.001)


def test_weights_at_half_their_size():
    """A look back at chapter 5. As it was, W1.grad was None. Write W1 as it was meant."""
    X, _ = disc_and_ring()
    # It was: W1 = around(8).T.requires_grad_() * 0.5
    W1 = __(
        (around(8).T * 0.5).requires_grad_(),
        wrong={
            (
                "around(8).T.requires_grad_() * 0.5",
                "0.5 * around(8).T.requires_grad_()",
            ): "That is the line in the comment: W1 is the result of a product, not a leaf "
            "tensor.",
            "around(8).T.requires_grad_()": "This is a leaf tensor. But the weights were to "
            "start at half the size.",
            "(around(8).T.requires_grad_() * 0.5).detach()": "This is a leaf tensor, but it "
            "doesn't require grad.",
            "around(8).T * 0.5": "The values are right. But nothing asks for a gradient.",
            "(around(8).T.requires_grad_() * 0.5).requires_grad_()": "The product requires "
            "grad already, and it is still not a leaf tensor.",
            "(around(8).T.requires_grad_() * 0.5).retain_grad()": "retain_grad() returns None. "
            "And a W1 with a retained gradient would still not be a leaf tensor.",
            "around(8).T.requires_grad_().mul_(0.5)": "A leaf tensor that requires grad can't "
            "be changed in place, unless recording is off.",
            "(around(8).T.requires_grad_() * 0.5).clone()": "A clone is recorded as well: it "
            "isn't a leaf tensor, either.",
        },
        hints=[
            "Which tensor is the leaf in the comment, and does it have a name?",
            "Compute the values first. Only then should recording begin.",
        ],
        why="W1 = torch.randn(2, 8, requires_grad=True) * 0.5 stands in many first networks. "
        "The leaf is the tensor before the product: it has no name, and it is the one that "
        "gets the gradient. So W1.grad is None, and an update by hand raises a TypeError; an "
        "optimizer refuses W1 when it is made. nn.Parameter(around(8).T * 0.5) would do, too.",
    )
    assert torch.equal(W1, around(8).T * 0.5)
    (X @ W1).square().mean().backward()
    update(W1)
    assert W1.is_leaf and not torch.equal(W1, around(8).T * 0.5)


def test_an_evaluation():
    """Evaluate without dropout and without a graph. Write a line, and a context manager."""
    model = nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.5))
    nn.init.ones_(model[0].weight)
    nn.init.zeros_(model[0].bias)
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    __(
        model.eval(),
        wrong={
            "model.eval": "This names the method, but does not call it.",
            "model.training = False": "That sets the flag of the Sequential alone. The dropout "
            "in it has a flag of its own.",
            "model.train()": "That is the mode in which dropout drops. The model is in it "
            "already.",
            "model.requires_grad_(False)": "That freezes the parameters. Dropout has none, and "
            "goes on.",
            "torch.no_grad()": "As a line of its own, without with, that does nothing.",
            "model.zero_grad()": "That clears the gradients. What does dropout depend on?",
            "model[1].p = 0.0": "That stops dropout for good: train() does not bring it back.",
            "torch.manual_seed(0)": "That makes dropout repeatable. It still drops.",
        },
    )
    with __(
        torch.no_grad(),
        wrong={
            "torch.no_grad": "The brackets are missing: with needs the object that the call "
            "returns.",
            "model.eval()": "eval() returns the model, which is no context manager. And it "
            "does not stop recording.",
            "torch.enable_grad()": "That switches recording on.",
            "torch.set_grad_enabled(True)": "With True it switches recording on.",
            "torch.autograd.detect_anomaly()": "That looks for NaN in a backward pass. "
            "Recording goes on.",
            "X.detach()": "X doesn't require grad anyway. Which tensors here do?",
        },
        hints=[
            "Two switches, for two things: what some modules do, and what autograd does.",
            "One is a method of the model, the other is in torch.",
        ],
        why="Neither does the work of the other. If you forget no_grad(), it costs memory and "
        "time. If you forget eval(), the numbers are wrong wherever there is dropout or "
        "BatchNorm. And if you forget train() before the next epoch, dropout stays off from "
        "then on.",
        core=True,
    ):
        output = model(X)
    model.train()
    assert not output.requires_grad
    assert output.tolist() == [[3.0], [7.0]]
    assert model(X).tolist() != [[3.0], [7.0]]


def test_uneven_pieces():
    """Six examples in pieces of 4 and 2. Write the factor that makes both ways agree."""
    x = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    y = torch.tensor([3.0, 2.0, 5.0, 4.0, 1.0, 5.0])
    w = torch.tensor(1.0, requires_grad=True)
    F.mse_loss(w * x, y).backward()
    whole, w.grad = w.grad.item(), None
    for xs, ys in zip(x.split(4), y.split(4), strict=True):
        loss = F.mse_loss(w * xs, ys)
        factor = __(
            len(xs) / len(x),
            wrong={
                "1 / 2": "That is the mean of two means: each of the last two examples then "
                "counts twice as much as each of the first four.",
                "1": "Then two means are added.",
                (
                    "1 / len(x)",
                    "1 / 6",
                ): "loss is a mean already: it was divided by the size of its piece.",
                "1 / len(xs)": "mse_loss has divided by the size of the piece before.",
                "len(xs)": "That turns each mean back into a sum. What should the sum of all "
                "six be divided by?",
                "len(x) / len(xs)": "That gives the smaller piece the larger factor.",
                "4 / 6": "That is right for the first piece. The second one is smaller.",
                "len(xs) / 4": "4 is the size of the first piece. How many examples are there "
                "in all?",
            },
            hints=[
                "Turn the mean of a piece into its sum. What does the mean over all divide by?",
                "Both sizes enter: that of the piece, and that of the whole batch.",
            ],
            why="Or take the sum in each piece, and divide by the size of the whole batch. "
            "Dividing by the number of pieces is right only for equal pieces. In language "
            "models the whole is the number of tokens; widely used code had this wrong until "
            "2024. The same goes for the mean loss of test batches, if the last one is small.",
        )
        (loss * factor).backward()
    assert w.grad.item() == pytest.approx(whole, abs=0.0001)


def test_a_neuron_on_logits():
    """A look back at chapter 15. What are w.grad and b.grad? Give both, in a list."""
    x, y = torch.tensor(4.0), torch.tensor(0.0)
    w = torch.tensor(1.5, requires_grad=True)
    b = torch.tensor(-6.0, requires_grad=True)
    z = w * x + b
    F.binary_cross_entropy_with_logits(z, y).backward()
    assert [w.grad.item(), b.grad.item()] == __(
        [2.0, 0.5],
        wrong={
            "[0.5, 0.125]": "That is right for half the squared error, which brings the "
            "derivative of the sigmoid. What does binary cross-entropy do with it?",
            "[-2.0, -0.5]": "That is right for the target 1. Here it is 0.",
            "[0.0, 0.0]": "z is 0. But the sigmoid of 0 is not at the target.",
            "[0.5, 0.5]": "b is right. How fast does z change with w?",
            "[2.0, 1.0]": "w is right. What is w.grad divided by x?",
            "[0.5, 2.0]": "These are swapped: w comes first.",
            "[1.0, 0.25]": "0.25 is the derivative of the sigmoid. In dloss/dz it cancels.",
            "[-0.5, -0.5]": "If z grows, the sigmoid moves away from the target 0: then the "
            "loss grows. And w is multiplied by x.",
            "[4.0, 1.0]": "These are dz/dw and dz/db. How fast does the loss change with z?",
        },
        hints=[
            "What is z? And what is its sigmoid?",
            "For binary cross-entropy dloss/dz is p - y, where p is the sigmoid of z.",
        ],
        why="By hand (p - y) * x, by autograd the same. With x = 6.7, w = 1, b = 0 and target "
        "0 the logit is 6.7, the model is sure and wrong, and the gradients are 6.6918 and "
        "0.9988. Half the squared error would give w only 0.008 there.",
    )


def test_a_loss_from_before_the_loop():
    """A look back at chapter 11. The loss is computed once. What is in seen? Give a list."""
    w = torch.tensor(1.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.0625)
    loss = (3 * w - 6) ** 2
    seen = []
    for _ in range(3):
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        optimizer.step()
        seen.append(w.item())
    assert seen == __(
        [2.125, 3.25, 4.375],
        wrong={
            "[2.125, 1.984375, 2.001953125]": "That is right if the loss is computed anew in "
            "each round. At which w was this one computed?",
            "[2.125, 2.125, 2.125]": "Each pass brings a gradient, and each step moves w.",
            "[2.125, 4.375, 7.75]": "That would be right without zero_grad(): then gradients "
            "accumulate.",
            "[2.125, 2.0, 2.0]": "Nothing in this loop knows when w has arrived.",
            "[-0.125, -1.25, -2.375]": "A step goes against the gradient. Is it positive or "
            "negative?",
            "[1.375, 1.75, 2.125]": "The derivative of 3 * w brings a factor.",
            "[1.5625, 2.125, 2.6875]": "The derivative of a square brings a factor of 2.",
            "RuntimeError": "retain_graph=True keeps the saved tensors, and none of them is w.",
        },
        hints=[
            "Work out the first step: the gradient is 2 * (3 * w - 6) * 3.",
            "In the second round, the saved tensors are those of the first forward pass.",
        ],
        why="Each step is the first one again, and nothing is raised: the loss belongs to the "
        "old w. Without retain_graph=True the second pass raises, whether the gradients are "
        "cleared or not. Had the graph saved w itself, the version counter would notice the "
        "step. So equal steps are a symptom: the forward pass belongs inside the loop.",
        numbers={
            "6": "9",
            "2.125": "3.25",
            "3.25": "5.5",
            "4.375": "7.75",
            "7.75": "14.5",
            "0.125": "1.25",
            "1.25": "3.5",
            "2.375": "5.75",
            "1.375": "1.75",
            "1.75": "2.5",
            "1.5625": "2.125",
            "2.6875": "4.375",
            "1.984375": "2.96875",
            "2.001953125": "3.00390625",
            "2.0": "3.0",
        },
    )
