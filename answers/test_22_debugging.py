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
            if __(
                p.requires_grad and p.grad is None,
                wrong={
                    "p.grad is None": "d has no gradient, either. But d is "
                    "frozen, so that is what was wanted.",
                    "not p.grad": "This is true for None. But a tensor of several numbers is "
                    "neither true nor false, so that Python raises.",
                    "p.requires_grad and not p.grad.any()": "Where no path leads, p.grad is no "
                    "tensor, and has no any(). And a gradient of 0 has come along a path.",
                    "p.requires_grad and p.grad == 0": "A gradient of 0 has come along a path. "
                    "What is in p.grad where none leads?",
                    "not p.requires_grad": "That lists the frozen weights.",
                    "p.requires_grad": "That lists all weights that should learn. Which of "
                    "them has the pass not reached?",
                    "p.requires_grad and p.grad is not None": "That lists the weights that "
                    "the pass has reached.",
                    "p.grad is None or not p.requires_grad": "With or, each frozen weight is "
                    "on the list as well.",
                    "p.requires_grad and p.grad_fn is None": "A parameter is a leaf tensor. "
                    "None of them has a grad_fn.",
                },
                hints=[
                    "Which of the four weights should not learn? It has no place on the list.",
                    "Two questions about p, joined by and. One of them is about p.grad.",
                ],
                why="Run it once after the first backward pass of a new model. It finds a "
                "layer that forward() forgot, and everything behind a cut in the graph. A "
                "gradient of 0 is another finding: there is a path, and something on it is "
                "flat. Training on several machines depends on it, too: "
                "DistributedDataParallel waits for each gradient, and unless it is told that "
                "some may be missing, it raises in the next forward pass.",
            ):
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
    fault = __(
        "pool",
        wrong={
            '"scale"': "A product with a constant is recorded, and its derivative is the "
            "constant.",
            '"bend"': "relu blocks negative numbers. But here it is given 2 and 5.",
            '"weigh"': "This is the step with v, and v learns. What is t when it comes here?",
            '"w"': "w is where the path should end. Which step cuts it?",
            '"t"': "That is what each step is given. Give the name of a step.",
        },
    )
    steps[fault] = lambda t: __(
        torch.stack([t.sum(), t.max()]),
        wrong={
            "torch.tensor([t.sum(), t.max()])": "That is the step as it was: torch.tensor() "
            "copies the numbers, and makes a leaf tensor of them.",
            "torch.tensor([t.sum(), t.max()], requires_grad=True)": "This asks for a gradient "
            "of the new tensor. But it is a leaf tensor, and no path leads from it to w.",
            "torch.as_tensor([t.sum(), t.max()])": "A list is copied here, too, number by "
            "number.",
            "torch.cat([t.sum(), t.max()])": "The right kind of operation. But cat() joins "
            "tensors along a dimension, and these two have none.",
            "torch.stack(t.sum(), t.max())": "It takes one list of tensors.",
            "[t.sum(), t.max()]": "A list can't be multiplied by a tensor.",
            "nn.Parameter(torch.tensor([t.sum(), t.max()]))": "A Parameter is a leaf tensor: "
            "it has no path to w.",
            "torch.tensor([t.sum(), t.max()]).clone()": "clone() is recorded, but the path was "
            "cut before it.",
            "torch.tensor([t.sum().item(), t.max().item()])": "item() makes it quite plain: "
            "these are Python numbers.",
            "t": "The right shape, by chance. But the step should give the sum and the "
            "maximum.",
            "t.sum() + t.max()": "The step should give both numbers, in one tensor.",
            "torch.stack([t.max(), t.sum()])": "These are exchanged: the sum comes first.",
        },
        hints=[
            "Go through the steps: the result of which one has no grad_fn?",
            "Which operation makes one tensor out of several, and is recorded?",
        ],
        why="torch.tensor() makes new data out of whatever it is given. Recent versions of "
        "PyTorch warn about it, once; older ones say nothing. To find such a line, look at "
        "grad_fn after each step: the cut is in the first step whose result has none. Or go "
        "backward from the loss, by next_functions.",
    )
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
    assert suspects == __(
        ["decay", "ratio"],
        wrong={
            '["decay"]': "In decay one of two factors is a constant. Does another term hold a "
            "constant that should move with v?",
            '["ratio"]': "ratio divides by a constant, so its gradient isn't 0. Does another "
            "term hold a constant that should move with v?",
            '["cap", "decay", "ratio"]': "Beyond its bound a clamp is flat. So its gradient is "
            "0, and so is the slope.",
            '["steps", "decay", "ratio"]': "From 1.75 to 2.25 round() gives the same number. "
            "So the slope is 0. And the gradient?",
            '["cap", "steps"]': "Both are flat at 2, and both gradients are 0: that fits.",
            '["cap", "steps", "decay", "ratio"]': "A gradient of 0 is right where a function "
            "is flat.",
            '["fit"]': "For a square, a difference taken to both sides is exact: 3, as the "
            "gradient.",
            '["fit", "cap", "steps", "decay", "ratio"]': "A slope is only close to the "
            "derivative, in general. But for these five it is exact.",
            '["cap", "steps", "ratio"]': "decay is v times v. Which derivative does autograd "
            "see?",
            "[]": "Two of these terms hold a number that has left the graph, and that changes "
            "with v.",
        },
        hints=[
            "For each term: by how much does it change from 1.75 to 2.25?",
            "And what is its derivative if item() and detach() stand for a constant?",
        ],
        why="Half of the gradient of decay is missing, and ratio, which is always 1, pushes w "
        "all the same. Nothing is raised, and no .grad is None, so a finite difference is the "
        "only witness. It is a witness of the values alone: where a gradient differs on "
        "purpose, as with a target that is held constant, it will report that, too.",
    )


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
            if __(
                not any(p is other for other in held),
                wrong={
                    "p not in held": "in compares with == as well, so numbers count. A copy "
                    "has the same numbers.",
                    "not any(p == other for other in held)": "This compares numbers, and a "
                    "copy has the same ones.",
                    "not any(torch.equal(p, other) for other in held)": "torch.equal() "
                    "compares numbers. A copy has the same ones.",
                    "any(p is other for other in held)": "That is so for the parameters that "
                    "will move.",
                    "not all(p is other for other in held)": "p is one tensor. It can't be all "
                    "that are held.",
                    "p.grad is None": "No pass has run yet. And a gradient alone doesn't make "
                    "a parameter move: who reads it?",
                    "not p.requires_grad": "All of them require grad.",
                    "p not in optimizer.param_groups": "Each group is a dict. held is made "
                    "from these dicts.",
                    "p not in optimizer.state": "SGD without momentum keeps no state for any "
                    "parameter.",
                    'name.startswith("1")': "That is right for one of the two optimizers.",
                },
                hints=[
                    "held lists the parameters that the optimizer will move. Is p one of them?",
                    "Numbers don't tell a copy from its original. Python has a word that does.",
                ],
                why="An optimizer holds the tensors that it was given. Whatever replaces one "
                "of them later is unknown to it: a new layer, nn.Parameter(...) assigned to a "
                "name, load_state_dict with assign=True. id(p) in a set of ids asks the same, "
                "and so does a set of the tensors themselves, because a tensor is hashed by "
                "its identity. With a list, in compares numbers, or raises where there are "
                "several.",
            ):
                lost.append(name)
    assert lost == ["1.weight", "1.bias"]


def test_three_layers_that_stay_equal():
    """Whatever their start, and however long they are trained, three layers stay equal.

    Write a better stack.
    """
    # It was: stack = [nn.Linear(1, 1)] * 3
    stack = __(
        [nn.Linear(1, 1) for _ in range(3)],
        wrong={
            ("[nn.Linear(1, 1)] * 3", "3 * [nn.Linear(1, 1)]"): "That is as it was. How often "
            "is nn.Linear called?",
            "nn.ModuleList([nn.Linear(1, 1)] * 3)": "Now it is a module. But how often is "
            "nn.Linear called?",
            "[copy.copy(nn.Linear(1, 1))] * 3": "copy.copy() is called once, and the list has "
            "its result three times.",
            "[nn.Linear(1, 1)]": "There should be three.",
            "(nn.Linear(1, 1) for _ in range(3))": "One can go through a generator only once, "
            "and stack is needed twice.",
            "nn.Linear(3, 3)": "That is one layer. There should be three.",
            "[nn.Linear(1, 1, bias=False) for _ in range(3)]": "Each layer should keep its "
            "bias.",
            "[nn.Linear(1, 1).requires_grad_()] * 3": "The flag was set already. How often is "
            "nn.Linear called?",
            "[nn.Linear] * 3": "This is the class, three times. No layer has been made.",
        },
        hints=[
            "Equal units need another start. But these are equal in whatever way they start.",
            "What does * do with a list: does it copy what is in it?",
        ],
        why="A list times 3 holds the same object three times. So the model is one layer, used "
        "three times: tied weights, which nobody meant. It trains, after a fashion. What gives "
        "it away is the number of parameters, 2 and not 6: count them, as you would check a "
        "shape. Deep copies of one layer would do as well: each has tensors of its own.",
    )
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
        scores = __(
            logits.transpose(1, 2),
            wrong={
                ("logits.view(2, 3, 4)", "logits.reshape(2, 3, 4)"): "The shape is right. But "
                "the numbers are only dealt out again in their old order: a word gets scores "
                "that belong to others.",
                "logits": "This has the classes in the last dimension. Torch expects them in "
                "dimension 1.",
                "logits.transpose(0, 1)": "That exchanges batch and words. Which two "
                "dimensions should be exchanged?",
                "logits.permute(1, 2, 0)": "Now the batch is last. It should stay first.",
                "logits.T": "For three dimensions that reverses all of them. The batch should "
                "stay first.",
                "logits.permute(2, 0, 1).reshape(2, 3, 4)": "A view in another order, and then "
                "the numbers are dealt out again.",
                "logits.argmax(2)": "These are answers, integers without a gradient. The loss "
                "wants a score for each class.",
                "logits.transpose(1, 2).softmax(1)": "Classes and words are right. But "
                "cross_entropy() applies a softmax itself.",
                "logits.flatten(0, 1)": "Then targets would have to be flattened as well.",
                "logits.transpose(1, 2).detach()": "Then no gradient comes to logits.",
            },
            hints=[
                "To which word and class should scores[0, 2, 1] belong?",
                "view() doesn't move any number. Which operation exchanges two dimensions?",
            ],
            why="The loss was given a scrambled table. Here each score can move by itself, so "
            "that this task can be learned, too, and the loss looks sound; in a real model it "
            "often stays near chance. Learn one batch by heart, and read the answers back in "
            "the way in which the model will be used: that shows it within seconds. view() "
            "and reshape() join or split dimensions that lie side by side; to exchange two, "
            "take transpose() or permute().",
        )
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
        loss = __(
            (error**2 * mask).sum() / mask.sum().clamp(min=1),
            wrong={
                "(error**2 * mask).sum() / mask.sum()": "That is the line as it was. What does "
                "it do with the last batch?",
                "torch.nan_to_num((error**2 * mask).sum() / mask.sum())": "This mends the "
                "value. On the way back, 0 still meets the division by 0.",
                "torch.where(mask.sum() > 0, (error**2 * mask).sum() / mask.sum(), 0.0)": "The "
                "value is mended. But the branch that was not taken is in the graph, and "
                "passes NaN back.",
                "(error**2 * mask).mean()": "This divides by the number of all places, the "
                "padded ones as well.",
                "(error**2 * mask).sum() / len(mask)": "Padded places should not count.",
                "(error**2)[mask > 0].mean()": "The mean of no elements is NaN, too.",
                "(error**2 * mask).sum()": "The sum is finite. But the loss should be a mean.",
                "(error**2 * mask).sum() / (mask.sum() + 1)": "Nothing is divided by 0 now. "
                "But each mean has become smaller.",
                "(error**2 * mask).sum() / 2": "That is right for two of the three batches.",
                "((error**2 * mask).sum() / mask.sum()).clamp(max=100.0)": "A clamp lets NaN "
                "through.",
            },
            hints=[
                "How many places of the last batch are not padded?",
                "Repair the input of the division. Which divisor changes nothing elsewhere?",
            ],
            why="0 / 0 is the NaN of the loss. On the way back 1 / 0 is inf, and inf * 0 in "
            "the product with mask is the first NaN, so that is what anomaly mode names: "
            "where a NaN first appears in the backward pass, and not where the fault is. "
            "Counts, sums of weights, norms and standard deviations are divisors of this kind. "
            "When a loss is NaN, keep the batch, and the weights of the step before it.",
        )
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
        gradient = __(
            torch.autograd.grad(score, x)[0],
            wrong={
                "torch.autograd.grad(score, x)": "The right function. It returns a tuple, with "
                "a gradient for each tensor that was asked for.",
                "torch.autograd.grad(score, w)[0]": "That tells how the score depends on w.",
                "torch.autograd.grad(score, [w, x])[0]": "The first of the two belongs to w.",
                "score.backward(inputs=[x])": "This leaves w.grad alone. But backward() "
                "returns None.",
                "score.backward()": "backward() returns None. And it fills w.grad as well: "
                "that is the fault.",
                "x.grad": "No pass has filled it.",
                "w.detach()": "That is the gradient of w @ x. The score is its square.",
                "torch.autograd.grad(score.detach(), x)[0]": "Without a graph there is nothing "
                "to differentiate.",
                "torch.autograd.grad(score, x.detach())[0]": "x.detach() is another tensor, "
                "and no part of the graph.",
            },
            hints=[
                "backward() fills the .grad of every leaf of the graph. Which are they here?",
                "Chapter 6 has a function that returns gradients, and fills no .grad.",
            ],
            why="The gradient of the score was left in w.grad, so the next backward pass "
            "accumulated on top of it. Saliency maps, attacks on the input and gradient "
            "penalties all ask for the gradient of an input, and in all of them the parameters "
            "are leaves of the same graph. score.backward(inputs=[x]) would leave w.grad "
            "alone, too; x.grad would accumulate from round to round.",
        )
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
        __(
            body.eval(),
            wrong={
                "model.eval()": "Then the dropout in head is off as well, and it should be on "
                "in training.",
                "head.eval()": "head is what should be trained.",
                "body.train()": "That is the mode which body is in now.",
                "body.requires_grad_(False)": "None of its parameters requires grad, anyway. "
                "What drifts is no parameter.",
                "body.zero_grad()": "There is no gradient in body. What drifts is no "
                "parameter.",
                "body.running_mean.zero_()": "The mean is set back, and then the forward pass "
                "moves it again.",
                "body.momentum = 0.0": "The mean stays where it is. But body still normalizes "
                "by the mean of the batch.",
                "torch.no_grad()": "As a line of its own, that does nothing. And a running "
                "mean is not moved by gradients.",
                "body.eval": "This names the method, but does not call it.",
                "model.train(False)": "That sets the mode of all modules. head should be in "
                "training mode.",
                "body.track_running_stats = False": "Then body normalizes by the mean of the "
                "batch, and not by its own.",
            },
            hints=[
                "BatchNorm keeps a running mean. What moves it: gradients, or forward passes?",
                "What does the first line of the loop do to the modules in the model?",
            ],
            why="train() sets the mode of a module and of all modules in it, in whatever mode "
            "they were. Neither requires_grad_(False) nor no_grad() reaches a running "
            "mean: it is a buffer, moved by each forward pass in training mode. Many "
            "programs override train() in the frozen part, so that it stays in eval mode. A "
            "validation that calls model.train() at its end has the same effect.",
        )
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
        __(
            optimizer.zero_grad(),
            wrong={
                "optimizer.zero_grad(set_to_none=False)": "That is the line as it was. It "
                "leaves a 0 in body.grad, and to an optimizer a 0 is a gradient.",
                "body.grad = None": "That keeps body where it is. But nothing clears the "
                "gradient of head now.",
                "head.grad = None": "Then the gradient of the first step stays in body.grad, "
                "and moves it further.",
                "body.requires_grad_(False)": "This freezes body before the first step, in "
                "which it should learn. And nothing is cleared.",
                "head.requires_grad_(False)": "head should go on learning.",
                "body.grad.zero_()": "In the first round there is no gradient yet. Later this "
                "would leave a 0.",
                "optimizer.step()": "A second step in each round. Nothing is cleared.",
                "pass": "Then the gradients of all rounds accumulate.",
                "body.detach_()": "That clears the flag of body before the first step, in "
                "which it should learn.",
                "optimizer.zero_grad": "This names the method, but does not call it.",
                'optimizer.param_groups[0]["weight_decay"] = 0.0': "Then head doesn't decay, "
                "either. And nothing clears the gradients.",
            },
            hints=[
                "What does a step skip: a gradient of 0, or one that isn't there?",
                "After the flag is cleared, which value in body.grad keeps body in its place?",
            ],
            why="The flag stops backward() from writing into body.grad. It does not take out "
            "what is there, and to an optimizer a 0 is a gradient: weight decay is added to "
            "it, and momentum goes on. That None is skipped is the reason why it has been the "
            "default of zero_grad() since PyTorch 2.0. Safest is to give the optimizer only "
            "what it should train.",
        )
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
        size = __(
            grad.abs().max().item(),
            wrong={
                "grad.abs_().max().item()": "That is the line as it was. Which of these "
                "methods writes?",
                (
                    "grad.detach().abs_().max().item()",
                    "grad.data.abs_().max().item()",
                ): "This has the memory of grad, so the write goes into grad as well.",
                "grad.abs_().max().clone().item()": "The copy comes too late: by then grad has "
                "been written to.",
                "grad.max().item()": "A negative number can be the largest in size.",
                "abs(grad.max().item())": "First the size of each element, then the largest.",
                ("grad.norm().item()", "grad.abs().sum().item()"): "That is a size of the "
                "whole gradient. The largest element is wanted.",
                "w.grad.abs().max().item()": "When the hook is called, nothing has been "
                "written into w.grad yet.",
                "grad.abs().max": "This names the method, but does not call it.",
                "grad.abs().argmax().item()": "That is the place of the largest element.",
            },
            hints=[
                "The hook returns nothing, and yet the gradient is another one afterwards.",
                "Look at the ends of the names of methods.",
            ],
            why="A hook is given the very tensor that goes on to the next node, not a copy. "
            "Whoever only looks must not write: abs_() has turned -5 into 5, so that w climbs "
            "where it should descend. The same holds for hooks of modules, and for each "
            "function that is handed a gradient to plot it.",
        )
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
        loss = __(
            -d * fake,
            wrong={
                "-d * fake.detach()": "That is the line as it was: no path leads from it to g.",
                "-d.detach() * fake.detach()": "Now no path leads to d, either.",
                "(-d * fake).detach()": "This cuts the graph at its end.",
                (
                    "-d * fake.detach().requires_grad_()",
                    "-d * fake.detach().clone().requires_grad_()",
                ): "This makes a new leaf tensor. The gradient ends in it, and not in g.",
                "-d * fake.item()": "item() leaves the graph.",
                "d * fake": "This loss falls when the mark gets worse.",
                "-fake": "Then g doesn't hear what d says: the mark is d * fake.",
                "-d * g": "d judges fake, which is twice g.",
                "-(d * fake.detach() - d * 8)": "That is the loss of d with another sign, and "
                "still no path to g.",
                "torch.tensor(-d * fake, requires_grad=True)": "torch.tensor() copies the "
                "number, and leaves the graph.",
                "(-d * fake.detach()).requires_grad_()": "It requires grad already, because of "
                "d. A flag brings back no path.",
            },
            hints=[
                "The first line with descend is right: there g should be a constant.",
                "descend moves p alone. So which of the two has to be a constant in the loss?",
            ],
            why="In the step of the discriminator detach() is right, since it spares the pass "
            "through the generator. Copied into the other step, it does harm in silence: the "
            "loss still requires grad, because of d, and an optimizer skips whatever has no "
            "gradient. In a real program this pass fills the gradients of the discriminator as "
            "well. Clear them before its next step; don't cut them off, since the path to g "
            "leads through the discriminator.",
        )
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
        factor = __(
            (ys != -100).sum() / (y != -100).sum(),
            wrong={
                ("0.5", "len(ys) / len(y)"): "Both halves have three rows. But what "
                "does the mean of each half divide by?",
                "1.0": "Then two means are added.",
                "1 / (y != -100).sum()": "loss is a mean already: it was divided by the number "
                "of rows that count in its half.",
                "1 / (ys != -100).sum()": "loss has been divided by that number before.",
                "(ys != -100).sum() / len(y)": "The mean over the whole batch ignores some "
                "rows, too.",
                "(ys != -100).sum()": "That turns the mean into a sum. What does the mean over "
                "all divide by?",
                "(ys != -100).sum() / len(ys)": "That is the share within one half. What does "
                "the mean over all divide by?",
                "(y != -100).sum() / (ys != -100).sum()": "That gives the half with fewer rows "
                "the larger factor.",
                "(ys == -100).sum() / (y == -100).sum()": "These count the rows that are "
                "ignored.",
            },
        )
        (loss * factor).backward()
        # It was: total += loss
        total += __(
            loss.item(),
            wrong={
                "loss": "That is the line as it was. total requires grad then, and keeps every "
                "graph alive.",
                "loss.clone()": "A clone is recorded, too.",
                "loss.detach": "This names the method, but does not call it.",
                "loss.backward()": "backward() returns None. And this graph has had its pass.",
                "loss.requires_grad_(False)": "torch refuses that for a result: only a leaf "
                "tensor can change its flag.",
                "loss.detach().requires_grad_()": "This asks for recording once more.",
                ("loss * 0", "1"): "total should still be the sum of both losses.",
                "loss.item() / 2": "total should be the sum of both losses as they are.",
            },
            hints=[
                "Each loss is a mean over the rows of its half that aren't ignored.",
                "In how many of the six rows is y not -100, and in how many of each half?",
                "total is only read. It needs numbers.",
            ],
            why="The half with one such row counted as much as the half with three, so that "
            "this row weighed three times as much as any other: what has to be counted is what "
            "the loss divides by. The second fault is invisible in the results. So: compare a "
            "small case with what it should equal, as with whole here, and ask each tensor "
            "that outlives a round whether it requires grad.",
        )
    assert torch.allclose(z.grad, whole)
    assert not getattr(total, "requires_grad", False)
    assert round(float(total), 3) == 1.133
