"""One graph, one backward pass.

A training loop often raises in its second round: Trying to backward through the graph a second
time. Something in the loss is left over from the first round, and the backward pass runs into
a graph that has been used up. The usual advice, retain_graph=True, removes the message. It
seldom removes the mistake.

This chapter shows what a backward pass uses up, how results can share a part of a graph, what
is carried over from one round to the next, and what should be cut.

By the end you can say what a pass frees, share a graph between two losses, cut one that
grows, and read "Saved tensors" in PyTorch's note Autograd mechanics.
"""

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_which_pairs_work():
    """Each pair gives retain_graph for two passes. Which pairs work? Give them in a list."""
    pairs = [(False, False), (False, True), (True, False), (True, True)]
    worked = []
    for first, second in pairs:
        x = torch.tensor(3.0, requires_grad=True)
        y = x**2
        y.backward(retain_graph=first)
        try:
            y.backward(retain_graph=second)
        except RuntimeError:
            continue
        worked.append((first, second))
    assert worked == __(
        [(True, False), (True, True)],
        wrong={
            "[(False, True), (True, True)]": "Here the second pass is asked to retain the "
            "graph. By then the first one has freed what the second one needs.",
            "[(True, True)]": "No pass follows the second one, so it doesn't have to keep "
            "anything.",
            "[(True, False)]": "Retaining a graph that is not used again costs memory. But "
            "does it raise?",
            "[(False, True), (True, False), (True, True)]": "retain_graph=True keeps what is "
            "still there. It can't bring back what an earlier pass has freed.",
            "[(False, False), (False, True), (True, False), (True, True)]": "In chapter 3 the "
            "second pass through a square raised. It was called as in the first pair.",
            "[]": "A second pass through the same graph is possible, if the saved tensors are "
            "still there.",
            "[(False, False)]": "With False twice, the first pass frees what the second one "
            "needs.",
        },
        hints=[
            "retain_graph=True tells a pass not to free the saved tensors.",
            "Which of the two passes decides what the second one finds?",
        ],
        why="The message says: Specify retain_graph=True. It means an earlier call, not the "
        "one that raises; pasted there, it comes too late. And where both passes run, their "
        "gradients accumulate as usual: x.grad is then 12, not 6.",
        core=True,
    )


def test_three_passes_and_no_more():
    """Three passes should work, a fourth one should raise. Write when to retain the graph."""
    x = torch.tensor(2.0, requires_grad=True)
    y = x**3
    for number in [1, 2, 3]:
        retain = __(
            number < 3,
            wrong={
                "True": "With this, the third pass keeps the saved tensors as well, and a "
                "fourth one works.",
                "False": "With this, the first pass frees the saved tensors, and the second "
                "one raises.",
                "number == 3": "This is False in the first pass, which then frees the saved "
                "tensors.",
                "number <= 3": "This is True in all three passes, so nothing is ever freed.",
                "number < 2": "With this, the second pass frees what the third one needs.",
                "number > 1": "This is False in the first pass, and the second one raises.",
                "number": "Every number but 0 counts as true, so nothing is ever freed.",
                "x.grad is None": "That is true before the first pass only. The second one "
                "would free what the third one needs.",
                "None": "That is the default of the argument: nothing is retained.",
            },
            hints=[
                "After which of the three passes are the saved tensors still needed?",
                "Write a comparison that is true in the first two rounds.",
            ],
            why="Retain a graph for as long as a later pass needs it, and no longer. "
            "retain_graph=True in the last pass is no error, but the saved tensors stay in "
            "memory until the graph itself is gone. In a large model they often take more "
            "memory than the parameters do.",
        )
        y.backward(retain_graph=retain)
    assert x.grad == 36.0
    told = "Trying to backward through the graph a second time"
    with pytest.raises(RuntimeError, match=told):
        y.backward()


def test_two_passes_without_retaining():
    """Each result gets two passes, and nothing is retained. What is in twice at the end?"""
    x = torch.tensor(3.0, requires_grad=True)
    results = {"a": x + 1, "b": x * x, "c": x.exp(), "d": x + x}
    results["e"] = (x + 1) ** 2
    twice = []
    for name, y in results.items():
        y.backward()
        try:
            y.backward()
        except RuntimeError:
            continue
        twice.append(name)
    assert twice == __(
        ["a", "d"],
        wrong={
            "[]": "A second pass raises only where it needs a saved tensor. Not every "
            "derivative needs one.",
            '["a", "b", "c", "d", "e"]': "b is a product. Its derivative depends on its "
            "factors, so they were saved, and then freed.",
            '["a"]': "a is not the only sum. What does the derivative of d depend on?",
            '["d"]': "The derivative of x + 1 is 1, whatever x is. So what would have to be "
            "saved?",
            '["a", "c", "d"]': "exp is its own derivative. So the pass needs its result, which "
            "was saved.",
            '["a", "d", "e"]': "e begins with a sum, but it ends with a square.",
            '["a", "b", "d"]': "b is a product. Its derivative depends on its factors.",
            '["b", "c", "e"]': "These are the ones that raise. A name is added to twice only "
            "after both passes.",
            "[True, False, False, True, False]": "These flags say which. But the blank asks "
            "for names.",
        },
        hints=[
            "Write down the five derivatives. Which of them contain an x?",
            "A derivative that is the same for every x needs no saved tensor.",
        ],
        why="The graph itself is not freed: y.grad_fn and its edges are still there. What is "
        "freed are the saved tensors, and a sum has none. But what an operation saves is an "
        "implementation detail, so don't rely on it: retain the graph, or build a new one.",
    )


def test_two_heads():
    """After the line in the comment, b.backward() raises. Write the line so that it works."""
    for place in [3.0, 2.0]:
        x = torch.tensor(place, requires_grad=True)
        trunk = x**2
        a, b = 5 * trunk, trunk + 7
        seen = []
        trunk.register_hook(seen.append)
        # It was: a.backward()
        __(
            a.backward(retain_graph=True),
            wrong={
                "a.backward()": "That is the line as it was. The path from b to x leads "
                "through the same square, whose saved x is then freed.",
                "b.backward(retain_graph=True)": "Then b has two passes, and a has none.",
                "(a + b).backward()": "One pass for both is a good idea. But b.backward() "
                "still follows, and by then the saved x is freed.",
                "(a + b).backward(retain_graph=True)": "With this, the gradient of b is in "
                "x.grad twice at the end.",
                "a.detach().backward()": "a.detach() has no graph, so there is nothing to go "
                "back through.",
                "a.clone().backward()": "The clone is computed from a, so its pass frees the "
                "same saved tensors.",
                "trunk.backward(retain_graph=True)": "This pass starts at trunk, so the factor "
                "5 is missing.",
                "a.retain_grad()": "retain_grad() is for the .grad of a non-leaf tensor. It "
                "starts no pass.",
                "torch.autograd.grad(a, x)": "This returns the gradient of a, and leaves "
                "x.grad alone. And it frees the saved tensors, too.",
                "a.backward(retain_grad=True)": "The argument has another name. retain_grad() "
                "is a method, for the .grad of a non-leaf tensor.",
            },
            hints=[
                "The sum that made b saved nothing. What else lies between b and x?",
                "The first koans of this chapter are about the argument that is needed.",
            ],
            why="For b this is the first pass, but for the square it is the second. What "
            "counts is which nodes run, not on which tensor backward() is called. Where both "
            "losses are known at the same time, (a + b).backward() is simpler and cheaper: the "
            "nodes of the trunk run once.",
            core=True,
        )
        b.backward()
        assert seen == [5.0, 1.0] and x.grad == 12 * place


def test_a_penalty_from_before_the_loop():
    """Each loss is new, and yet the second pass raised. Write what to add to w * x."""
    w = torch.tensor(3.0, requires_grad=True)
    penalty = w**2 / 2
    (w + penalty).backward()
    told = "Trying to backward through the graph a second time"
    with pytest.raises(RuntimeError, match=told):
        (4 * w + penalty).backward()
    w.grad = None
    for x in [1.0, 4.0]:
        loss = w * x + __(
            w**2 / 2,
            wrong={
                "penalty": "That is the same tensor again, and its graph has been used up.",
                ("penalty.clone()", "penalty * 1", "penalty + 0"): "This is computed from "
                "penalty, so the pass still runs into the old graph.",
                (
                    "penalty.detach()",
                    "penalty.item()",
                    "penalty.data",
                ): "With this, nothing is raised. But it is a constant to autograd, so the "
                "penalty has no part in w.grad.",
                "penalty.detach().requires_grad_()": "This is a new leaf tensor: it would get "
                "a gradient of its own, and the penalty has no part in w.grad.",
                "w.detach()**2 / 2": "To autograd this is a constant. The penalty should have "
                "a part in w.grad.",
                "w**2": "The penalty is half of that.",
                "w": "w is the derivative of the penalty. The loss needs the penalty itself.",
                "0": "Then the loss has no penalty any more.",
                "penalty.retain_grad()": "retain_grad() is about .grad, and it returns None.",
            },
            hints=[
                "Every loss is new. Is everything new that it is computed from?",
                "In which line was the graph built that the second pass ran into?",
            ],
            why="Each forward pass builds its graph anew, but only from the operations that "
            "run again. What was computed from parameters before the loop is shared by all "
            "rounds: a penalty, a table of embeddings, a normalized weight. retain_graph=True "
            "would hide that until w is updated. From then on the penalty belongs to the old "
            "w, and an update in place makes the next pass raise.",
        )
        loss.backward()
    assert [loss.item(), w.grad.item()] == [16.5, 11.0]


def test_a_state_carried_on():
    """h is carried from step to step. A hook counts the nodes that ran. What is len(runs)?"""
    w = torch.tensor(1.0, requires_grad=True)
    h = torch.tensor(1.0)
    runs = []
    for _ in range(10):
        h = w * h
        h.grad_fn.register_hook(lambda *_: runs.append(1))
        h.backward(retain_graph=True)
    assert len(runs) == __(
        55,
        wrong={
            "10": "There are 10 products. But each step has a backward pass: how far does the "
            "second one go back?",
            "100": "100 is 10 passes through 10 products. When the first pass runs, how many "
            "are there?",
            "1": "Each of the products has a node with a hook.",
            "19": "19 would be right if each pass went back two steps at most.",
            "20": "The graph of a step does not end at the step before. It goes on.",
            "45": "45 is 1 + 2 + ... + 9. One pass is missing.",
            "11": "w has a node, too, but no hook was put on it. And how often does each of "
            "the others run?",
            "1024": "The paths do not double here: each product leads to one product before "
            "it.",
        },
        hints=[
            "The first pass runs one product, the second runs two.",
            "Add up what all the passes run.",
        ],
        why="Each pass goes back to the very first step. So every step costs more than the one "
        "before, and nothing can be freed: a loop that becomes slower and slower, until memory "
        "is full, often has such a state. Without retain_graph=True the second step would have "
        "raised.",
        numbers={
            "10": "6",
            "55": "21",
            "100": "36",
            "19": "11",
            "20": "12",
            "45": "15",
            "9": "5",
            "11": "7",
            "1024": "64",
        },
        core=True,
    )


def test_cut_the_past():
    """Each pass should go back through one step only. Write what the next one starts from."""
    gradients = []
    for value in [3.0, 2.0]:
        w = torch.tensor(value, requires_grad=True)
        h = torch.tensor(1.0)
        for _ in range(3):
            h = w * h
            h.backward()
            h = __(
                h.detach(),
                wrong={
                    "h": "Then h still has the graph that has just been used up.",
                    "h.clone()": "The clone is computed from h, so its graph leads on to the "
                    "steps before.",
                    "torch.tensor(1.0)": "That cuts the past, but it throws the state away, "
                    "too. The value of h should be kept.",
                    "h.detach": "This names the method, but does not call it.",
                    "w.detach()": "That is w. It is h that should be carried on.",
                    "h.requires_grad_(False)": "h is not a leaf tensor, so its flag can't be "
                    "cleared.",
                    "h.grad": "h is not a leaf tensor, so it keeps no .grad. And it is the "
                    "value that should be carried on.",
                    "w * h.detach()": "This is one product too many: the next step multiplies "
                    "by w itself.",
                    "h.retain_grad()": "retain_grad() returns None. And it is for the .grad of "
                    "h, not for its graph.",
                },
                hints=[
                    "The value of h is needed in the next step. Its graph is not.",
                    "Chapter 10 has a method that leaves the graph behind.",
                ],
                why="This is called truncated backpropagation through time: the value is "
                "carried on, the history is not. w.grad lacks the paths through earlier steps: "
                "it is 1 + w + w**2, and not 1 + 2 * w + 3 * w**2. In practice a long sequence "
                "is cut into pieces of many steps, with a backward pass for each piece, and "
                "usually an update as well.",
                core=True,
            )
        gradients.append(w.grad.item())
        assert h == value**3
    assert gradients == [13.0, 7.0]


def test_a_growing_total():
    """In each round a loss is added to total, and total gets a pass. What is in w.grad?"""
    w = torch.tensor(1.0, requires_grad=True)
    total = 0.0
    for x in [1.0, 10.0, 100.0]:
        total = total + w * x
        total.backward(retain_graph=True)
    assert w.grad == __(
        123.0,
        wrong={
            "111.0": "111 has each loss once. But the second pass also goes through the loss "
            "of the first round.",
            "100.0": "100 is the gradient of the last loss. total has the other two in it.",
            "321.0": "The last loss is in one pass only. Which of them is in all three?",
            "333.0": "The loss of the last round is in one pass only, not in three.",
            "12.0": "12 comes from the first two rounds.",
            "122.0": "122 comes from the last two rounds. The first one had a pass, too.",
            "112.0": "112 has the first loss twice and the second one once. How many passes go "
            "through each?",
            "3.0": "3 is the number of passes. How large is the gradient of each?",
            "0.0": "total starts at 0, but then three losses are added.",
        },
        hints=[
            "Write down what total is in each round, as a multiple of w.",
            "Three passes, each over the total so far: their gradients accumulate.",
        ],
        why="The first loss counts three times, and nothing is raised: retain_graph=True has "
        "silenced the error that would have told you. When it comes up, first look for what is "
        "left over from an earlier round. Retaining is right only where one graph is meant to "
        "have several passes.",
        numbers={
            "1.0": "2.0",
            "10.0": "5.0",
            "100.0": "7.0",
            "123.0": "23.0",
            "111.0": "14.0",
            "321.0": "33.0",
            "333.0": "42.0",
            "12.0": "9.0",
            "122.0": "21.0",
            "112.0": "16.0",
            "111": "14",
            "100": "7",
            "12": "9",
            "122": "21",
            "112": "16",
        },
    )


def test_a_total_for_the_log():
    """total is only for the log. With total += loss it keeps every graph. Write what to add."""
    for value in [1.0, 3.0]:
        w = torch.tensor(value, requires_grad=True)
        total = 0.0
        for x in [1.0, 2.0, 4.0]:
            loss = (w * x) ** 2
            loss.backward()
            total += __(
                loss.item(),
                wrong={
                    "loss": "That is the line as it was. Then total has a grad_fn, from which "
                    "edges lead to the graphs of all losses.",
                    "loss.clone()": "The clone is computed from the loss, so the graph is kept "
                    "all the same.",
                    "loss.item": "This names the method, but does not call it.",
                    "loss.grad": "That would be a gradient. The log should add up the losses.",
                    "w.grad.item()": "That is the gradient that has accumulated so far. The "
                    "log should add up the losses.",
                    "loss.requires_grad_(False)": "The loss is not a leaf tensor, so its flag "
                    "can't be cleared.",
                    "loss.backward()": "backward() returns None. And the loss has had its "
                    "pass.",
                    "x**2": "That is the loss only if w is 1.",
                    "loss.retain_grad()": "retain_grad() returns None. And the log should keep "
                    "less, not more.",
                },
                hints=[
                    "A log needs numbers, not tensors with a history.",
                    "Which method returns the number in a tensor?",
                ],
                why="A tensor with a grad_fn keeps its whole graph alive. The backward passes "
                "have freed the saved tensors, but the nodes would remain; in an evaluation "
                "without torch.no_grad() the saved tensors would remain, too. loss.detach() is "
                "just as good; on a GPU it also saves waiting for the number.",
            )
        assert total == 21 * value**2
        assert torch.as_tensor(total).grad_fn is None


def test_one_pass_through_the_trunk():
    """Both losses start at cut, a leaf. Write the line that carries their gradients on to x."""
    for place in [3.0, 1.0]:
        x = torch.tensor(place, requires_grad=True)
        trunk = x**2
        cut = trunk.detach().requires_grad_()
        (5 * cut).backward()
        (cut**2).backward()
        passes = []
        trunk.register_hook(passes.append)
        __(
            trunk.backward(cut.grad),
            wrong={
                "trunk.backward()": "This pass starts with 1. It should start with what the "
                "losses have left at the cut.",
                "cut.backward()": "cut is a leaf tensor: no path leads from it to x.",
                "trunk.backward(cut)": "cut holds the value. The pass should start with a "
                "gradient.",
                "x.backward(cut.grad)": "This starts at x itself, so the derivative of the "
                "square is missing.",
                "x.grad = cut.grad * 2 * place": "The number is right. But no backward pass "
                "has run through the trunk, and in a network nobody would know this formula.",
                "x.grad = cut.grad": "That is the gradient with respect to trunk. A square "
                "lies between it and x.",
                "cut.grad.backward()": "cut.grad is a gradient without a graph of its own.",
                "trunk.backward(trunk.grad)": "trunk is not a leaf tensor, so its .grad is "
                "None. Which tensor has the gradient?",
                "trunk.backward(retain_graph=True)": "This is the first pass through this part "
                "of the graph, so nothing has to be retained. With what should it start?",
                "(5 * trunk).backward()": "That is the first loss alone, computed once more.",
            },
            hints=[
                "The upstream gradient of trunk has accumulated. In which tensor?",
                "Chapter 6: backward() takes an argument that says with what it starts.",
            ],
            why="Each loss has a pass of its own, and its graph can be freed before the next "
            "one is built. The trunk has a single pass, with the sum, and nothing is retained. "
            "A model that is split over several machines hands its gradients over in the same "
            "way.",
        )
        assert len(passes) == 1
        assert x.grad == (5 + 2 * place**2) * 2 * place


def test_first_grad_then_backward():
    """A look back at chapter 6. Write a call that returns (dy/dx,) and keeps the graph."""
    for place in [2.0, 5.0]:
        x = torch.tensor(place, requires_grad=True)
        y = x**3
        passes = []
        y.register_hook(passes.append)
        (slope,) = __(
            torch.autograd.grad(y, x, retain_graph=True),
            wrong={
                "torch.autograd.grad(y, x)": "This frees the saved tensors, just as backward() "
                "does, so that y.backward() raises.",
                "torch.autograd.grad(x, y, retain_graph=True)": "The result comes first, and "
                "then the tensor with respect to which it is differentiated.",
                "y.backward(retain_graph=True)": "backward() returns None, and writes into "
                "x.grad.",
                "torch.grad(y, x, retain_graph=True)": "The function is in torch.autograd.",
                "torch.autograd.grad(x**3, x)": "This builds a second graph, for one pass. The "
                "pass should go through the graph of y.",
                "(3 * x**2,)": "That is the formula. There should be a backward pass over y "
                "that finds the number.",
                "(x.grad,)": "Nothing has been written into x.grad yet.",
                "(y.grad,)": "y is the result, and keeps no .grad.",
            },
            hints=[
                "Which function returns gradients, and leaves .grad alone?",
                "It is a backward pass, too. What does a pass usually free?",
            ],
            why="Whether a pass writes into .grad or returns what it has found, it frees the "
            "saved tensors at the nodes that it runs. The error message names both: backward() "
            "and autograd.grad().",
        )
        assert slope == 3 * place**2 and x.grad is None
        y.backward()
        assert x.grad == 3 * place**2 and len(passes) == 2


def test_a_retained_gradient_cleared():
    """A look back at chapter 5. Between the passes h.grad is cleared. What is in both .grad?

    Give h.grad and x.grad, in a list.
    """
    x = torch.tensor(3.0, requires_grad=True)
    h = x**2
    h.retain_grad()
    (2 * h).backward(retain_graph=True)
    h.grad.zero_()
    (5 * h).backward()
    assert [h.grad.item(), x.grad.item()] == __(
        [5.0, 42.0],
        wrong={
            "[7.0, 42.0]": "7 is the sum of both passes. But h.grad was cleared between them.",
            "[5.0, 30.0]": "30 is what the second pass brings. Does clearing h.grad take "
            "anything away from x.grad?",
            "[5.0, 12.0]": "12 is what the first pass brings. What does the second one bring, "
            "if it computes its gradients anew?",
            "[0.0, 12.0]": "0 is in h.grad before the second pass. That pass does not read it.",
            "[0.0, 42.0]": "The second pass brings something to h.grad, too.",
            "[None, 42.0]": "h is not a leaf tensor. But retain_grad() was called before the "
            "passes.",
            "[9.0, 42.0]": "9 is the value of h. The blank asks for its gradient.",
            "[5.0, 0.0]": "Only h.grad was cleared. x.grad is another tensor.",
            "[30.0, 42.0]": "The first one should be with respect to h, not to x.",
        },
        hints=[
            "Each pass by itself: how fast does its result change with h, and how fast with x?",
            "Both .grad accumulate, and one of them was cleared. Does a pass read either?",
        ],
        why="retain_grad() makes a non-leaf tensor keep its .grad, retain_graph keeps the "
        "saved tensors: two different things. A pass adds its results to what is in .grad, but "
        "computes nothing from it. A home-made engine that sends on what is in h.grad mixes "
        "the passes, unless every intermediate gradient is cleared in time.",
        numbers={
            "3.0": "2.0",
            "42.0": "28.0",
            "30.0": "20.0",
            "12.0": "8.0",
            "9.0": "4.0",
            "30": "20",
            "12": "8",
            "9": "4",
        },
    )
