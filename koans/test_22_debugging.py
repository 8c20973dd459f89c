"""Debugging: from the symptom to the line.

A program that trains a model badly seldom raises. What you see is a symptom: a loss that stays
where it is or turns into NaN, a weight that never moves, another one that moves although it
is frozen. The fault may stand in quite another line.

Make the program small before you search: few numbers, and a single batch, which a sound model
can learn by heart. Then ask the tensors. Which parameters were reached by the backward pass?
Where does the graph begin? Is a gradient the slope that a finite difference shows? Are all
the numbers finite? Each question has a short piece of code, and halves what is left to read.

In many of these koans a comment shows a line as it was written. A repair is right if the
symptom is gone, and nothing else has changed.

By the end you can tell which weights of a model learn, find the line behind a symptom, repair
it without harm, and read "Debugging and anomaly detection" in PyTorch's reference of
torch.autograd.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def run(steps, t):
    """Apply the steps to t, one after the other."""
    for step in steps.values():
        t = step(t)
    return t


def descend(loss, p):
    """Take a step down the loss with an optimizer that holds p alone."""
    optimizer = torch.optim.SGD([p], lr=0.25)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def test_a_checklist():
    """A list for every new model: which weights should learn, but got no gradient at all?

    Write the condition under which a name goes on the list.
    """

    def unreached(model):
        names = []
        for name, p in model.named_parameters():
            if __:
                names.append(name)
        return names

    for used, expected in [("bad", ["c"]), ("cd", ["a", "b"])]:
        model = nn.ParameterDict({n: torch.ones(2) for n in "abcd"})
        model["d"].requires_grad_(False)
        sum(k * model[n].sum() for k, n in enumerate(used)).backward()
        assert unreached(model) == expected


def test_half_of_a_model():
    """v learns, but w never moves. Give the name of the step at fault, as text, and mend it."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    v = torch.tensor([3.0, 4.0], requires_grad=True)
    steps = {
        "scale": lambda t: 3 * t,
        "bend": lambda t: torch.relu(t - 1),
        "pool": lambda t: torch.tensor([t.sum(), t.max()]),
        "weigh": lambda t: t * v,
    }
    fault = __
    steps[fault] = lambda t: __
    run(steps, w).sum().backward()
    assert [w.grad.tolist(), v.grad.tolist()] == [[9.0, 21.0], [7.0, 5.0]]


def test_five_terms():
    """A loss has five terms, and training ends in the wrong place. So each is tested at 2.

    For which of them is the gradient not the slope? Give their names, as text, in a list.
    """
    terms = {"fit": lambda v: v**2 - v, "cap": lambda v: v.clamp(max=1)}
    terms |= {"steps": torch.round, "decay": lambda v: v.item() * v}
    terms["ratio"] = lambda v: v / v.detach()
    suspects = []
    for name, f in terms.items():
        w = torch.tensor(2.0, requires_grad=True)
        f(w).backward()
        slope = (f(w + 0.25) - f(w - 0.25)) / 0.5
        if w.grad != slope:
            suspects.append(name)
    assert suspects == __


def test_a_new_last_layer():
    """The new last layer gets gradients, but it never moves. lost should name such parameters.

    Write the condition under which no step of the optimizer will ever move p.
    """
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    old = torch.optim.SGD(model.parameters(), lr=0.25)
    model[1] = copy.deepcopy(model[1])
    new = torch.optim.SGD(model.parameters(), lr=0.25)
    lost = []
    for optimizer in [old, new]:
        held = [p for g in optimizer.param_groups for p in g["params"]]
        for name, p in model.named_parameters():
            if __:
                lost.append(name)
    assert lost == ["1.weight", "1.bias"]


def test_three_layers_that_stay_equal():
    """Whatever their start, and however long they are trained, three layers stay equal.

    Write a better stack.
    """
    # It was: stack = [nn.Linear(1, 1)] * 3
    stack = __
    model = nn.Sequential(*stack)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    (model(torch.ones(1)) - 4).square().sum().backward()
    optimizer.step()
    assert len({layer.weight.item() for layer in stack}) == 3
    assert len(list(model.parameters())) == 6


def test_a_batch_by_heart():
    """A batch of two sentences, of four words each, should be learned by heart.

    The loss falls as it should, but the answers stay wrong. cross_entropy() wants scores of
    the shape (batch, classes, words). Write them.
    """
    targets = torch.tensor([[0, 1, 2, 2], [1, 0, 2, 1]])
    logits = torch.zeros(2, 4, 3, requires_grad=True)
    for _ in range(20):
        # It was: scores = logits.view(2, 3, 4)
        scores = __
        loss = F.cross_entropy(scores, targets)
        loss.backward()
        with torch.no_grad():
            logits -= 8 * logits.grad
        logits.grad = None
    assert round(loss.item(), 3) == 0.036
    assert logits.argmax(2).equal(targets)


def test_a_sudden_nan():
    """In the third hour, from one batch to the next, the loss is NaN. Write a better loss.

    mask is 0 where a batch is padded. Anomaly mode says: MulBackward0 returned NaN.
    """
    batches = [([1, 1, 0], [4.0, 4.0]), ([1, 0, 0], [4.0, -4.0])]
    for values, result in [*batches, ([0, 0, 0], [0.0, 0.0])]:
        w = torch.tensor(2.0, requires_grad=True)
        error = w * torch.tensor([1.0, 3.0, 5.0]) - 4
        mask = torch.tensor(values)
        # It was: loss = (error**2 * mask).sum() / mask.sum()
        loss = __
        loss.backward()
        assert [loss.item(), w.grad.item()] == result


def test_with_and_without_validation():
    """A validation after each step asks how the score depends on x. With it w ends elsewhere.

    It was, in two lines: score.backward() and gradient = x.grad. Write a better gradient.
    """
    w = nn.Parameter(torch.tensor([1.0, 1.0]))
    optimizer = torch.optim.SGD([w], lr=0.0625)
    x = torch.tensor([1.0, 3.0], requires_grad=True)
    got = []
    for _ in range(2):
        (2 * w[0] - 4).square().backward()
        optimizer.step()
        optimizer.zero_grad()
        score = (w @ x) ** 2
        gradient = __
        got.append(gradient.tolist())
    assert [*got, w.tolist()] == [[13.5, 9.0], [16.625, 9.5], [1.75, 1.0]]


def test_a_body_that_drifts():
    """body is frozen, and in eval mode. Yet what it returns drifts, epoch after epoch.

    One line is missing in the loop. Write it.
    """
    body = nn.BatchNorm1d(1).requires_grad_(False).eval()
    head = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
    model = nn.Sequential(body, head)
    x = torch.tensor([[1.0], [3.0]])
    for _ in range(2):
        model.train()
        __
        h = body(x)
        y = head(h)
        assert head[1].training and torch.allclose(h, x, atol=0.001)
        assert body.running_mean == 0.0
        model.eval()  # and then validate


def test_frozen_on_the_way():
    """body is frozen after the first of three steps, but goes on shrinking. Write the line."""
    body = nn.Parameter(torch.tensor(4.0))
    head = nn.Parameter(torch.tensor(4.0))
    optimizer = torch.optim.SGD([body, head], lr=0.25, weight_decay=0.5)
    for _ in range(3):
        # It was: optimizer.zero_grad(set_to_none=False)
        __
        (2 * body + 2 * head).backward()
        optimizer.step()
        body.requires_grad_(False)
    assert [body.item(), head.item()] == [3.0, 1.359375]


def test_since_sizes_are_logged():
    """Since log() is called with the gradient of h, w moves in the wrong direction.

    log() should keep the largest size, and leave all else alone. Write the size.
    """
    sizes = []

    def log(grad):
        # It was: size = grad.abs_().max().item()
        size = __
        sizes.append(size)

    for values in [[3.0, -5.0], [2.0, -1.0]]:
        w = torch.zeros(2, requires_grad=True)
        h = 2 * w
        h.register_hook(log)
        (h * torch.tensor(values)).sum().backward()
        assert w.grad.tolist() == [2 * v for v in values]
    assert sizes == [5.0, 2.0]


def test_a_generator_that_stands_still():
    """g makes fake, and d gives it a mark, d * fake. d learns, but g never moves.

    descend(loss, p) takes a step in p alone. Write the loss of g, which wants a better mark.
    """
    g = nn.Parameter(torch.tensor(2.0))
    d = nn.Parameter(torch.tensor(1.0))
    for _ in range(2):
        fake = 2 * g
        descend(d * fake.detach() - d * 8, d)
        # It was: loss = -d * fake.detach()
        loss = __
        descend(loss, g)
    assert [g.item(), d.item()] == [4.25, 2.5]


def test_two_faults_in_one_loop():
    """A batch goes through in two halves. Its gradient comes out wrong, and memory grows.

    As it was, factor was 0.5. Rows with the target -100 are ignored. Write both expressions.
    """
    z = torch.eye(6, 2, requires_grad=True)
    total, y = 0.0, torch.tensor([0, 1, 1, -100, -100, 1])
    whole = torch.autograd.grad(F.cross_entropy(z, y), z)[0]
    for zs, ys in zip(z.split(3), y.split(3), strict=True):
        loss = F.cross_entropy(zs, ys)
        factor = __
        (loss * factor).backward()
        # It was: total += loss
        total += __
    assert torch.allclose(z.grad, whole)
    assert not getattr(total, "requires_grad", False)
    assert round(float(total), 3) == 1.133
