"""Leaves and non-leaves: which tensors keep their gradient.

You make a weight that requires grad, call backward(), and find None in its .grad. Nothing was
raised, but the weight doesn't learn. Very often its name stands for a non-leaf: a tensor that
a recorded operation made from the leaf tensor that you had in mind.

Two questions are easily run together. Is a gradient computed for a tensor? For that it has to
require grad, and a path has to lead to it from the result. And is this gradient kept in .grad
after the backward pass? That depends on whether the tensor is a leaf.

By the end you can tell where a gradient is computed and where it is kept, keep that of a
non-leaf, make and freeze weights that stay leaf tensors, and read "Leaf vs. non-leaf tensors"
in PyTorch's tutorial Understanding requires_grad, retain_grad, Leaf, and Non-leaf Tensors.
"""

import contextlib

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_computed_and_kept():
    """Each tensor's hook writes its name into computed. In which order are they called?

    And which of the tensors keep their gradient in .grad? Give the names, as text, in a list.
    (name=name fixes the name for this one hook.)
    """
    w = torch.tensor(3.0, requires_grad=True)
    h = 2 * w
    loss = h**2
    tensors = {"w": w, "h": h, "loss": loss}
    computed = []
    for name, t in tensors.items():
        t.register_hook(lambda _, name=name: computed.append(name))
    loss.backward()
    assert computed == __(
        ["loss", "h", "w"],
        wrong={
            '["w", "h", "loss"]': "That is the order of the computation. At which end does the "
            "backward pass start?",
            '["w"]': "w is the only leaf tensor. But the pass has to come to w from somewhere.",
            '["h", "w"]': "The pass starts with a gradient, too: the derivative of the result "
            "with respect to itself.",
            '["loss", "w"]': "Another tensor lies between the two. Its gradient is needed to "
            "compute that of the leaf tensor.",
            '["w", "loss", "h"]': "The hooks are called as their gradients become known. Which "
            "is known first?",
            "[]": "A hook on a tensor is called when its gradient is known, and a backward "
            "pass has run.",
        },
    )
    with pytest.warns(UserWarning, match="not a leaf"):
        kept = [name for name, t in tensors.items() if t.grad is not None]
    assert kept == __(
        ["w"],
        wrong={
            ('["w", "h", "loss"]', '["loss", "h", "w"]'): "All three require grad, so each "
            "gradient was computed. But backward() writes only into some of them.",
            ('["w", "h"]', '["h", "w"]'): "h was needed on the way. What was done with its "
            "gradient after that?",
            '["loss"]': "backward() was called on loss. But where does it write?",
            '["h", "loss"]': "These two are results. Torch warns when their .grad is read.",
            '["h"]': "h is a result. Torch warns when its .grad is read.",
            '["w", "loss"]': "backward() was called on loss. But an operation made loss.",
            "[]": "One of the three is a leaf tensor that requires grad.",
        },
        hints=[
            "The backward pass follows the graph from the result to the leaf tensor.",
            "Which of the three tensors did no recorded operation make?",
        ],
        why="One call of backward() computes the gradients of all three, but only that of the "
        "leaf tensor is kept. The others are dropped as soon as they have been used, to save "
        "memory: in a network they would take as much as all activations. Torch warns when the "
        ".grad of a non-leaf is read; where warnings are errors, as in some test suites, that "
        "raises.",
    )


def test_ask_for_it_to_be_kept():
    """h is not a leaf tensor. Which line makes backward() keep the gradient of h as well?"""
    kept = []
    for power in [2, 3]:
        x = torch.tensor(2.0, requires_grad=True)
        h = x**2
        __(
            h.retain_grad(),
            wrong={
                ("h.requires_grad_()", "h.requires_grad_(True)"): "h requires grad already, "
                "since x does. So its gradient is computed. But is it kept?",
                "h.retain_grad": "This names the method, but does not call it.",
                "x.retain_grad()": "x is a leaf tensor that requires grad, and keeps its "
                "gradient anyway: this call does nothing.",
                "h.retains_grad = True": "retains_grad tells whether the gradient is kept. It "
                "can only be read; a method sets it.",
                "h.is_leaf = True": "is_leaf can only be read: it tells how h was made.",
                "h = h.detach().requires_grad_()": "Now h is a leaf tensor, and keeps its "
                "gradient. But the graph ends there, so that x gets none.",
                "h = torch.tensor(4.0, requires_grad=True)": "This h is a leaf tensor, but no "
                "path leads on from it to x.",
                "h.grad = torch.tensor(0.0)": "That puts a number there by hand. The backward "
                "pass still writes nothing into h.grad.",
                "h.retain_graph = True": "Python makes a new attribute of that name, which "
                "torch ignores. And the graph is not what should be kept.",
                "h.retain_grad = True": "That overwrites a method of h. How is a method "
                "called?",
                "h.requires_grad = True": "Torch refuses to set the flag of a result. And h "
                "requires grad already.",
                "h.backward(retain_graph=True)": "retain_graph=True keeps the saved tensors of "
                "the graph for another pass. It keeps no gradient.",
            },
            hints=[
                "It is a method of h, and it is called before the backward pass.",
                "Its name is made of two words: to keep, and what is kept.",
            ],
            why="It is meant for looking into a network. Each retained gradient takes as much "
            "memory as its tensor, so don't call it everywhere; a hook can look at a gradient "
            "without keeping it. h.retains_grad tells whether the gradient will be kept.",
            core=True,
        )
        (h**power).backward()
        kept.append([h.grad.item(), x.grad.item()])
    assert kept == [[8.0, 32.0], [48.0, 192.0]]


def test_asking_after_the_pass():
    """retain_grad() comes between two passes. What is in h.grad before and after the second?

    retain_graph=True only keeps the graph for the second pass. Give both, in a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    h = x**2
    (3 * h).backward(retain_graph=True)
    h.retain_grad()
    before = h.grad
    (5 * h).backward()
    assert [before, h.grad] == __(
        [None, 5.0],
        wrong={
            "[3.0, 8.0]": "3 was computed in the first pass. Was it still there when "
            "retain_grad() was called?",
            "[3.0, 5.0]": "3 was computed in the first pass, and used for x. Then nothing held "
            "it any more.",
            "[None, 8.0]": "8 counts the first pass as well. What that pass computed for h was "
            "dropped before anyone asked for it.",
            "[None, None]": "retain_grad() comes too late for the first pass. Does it come too "
            "late for the second one?",
            "[0.0, 5.0]": "0 would be a gradient. Had anything been written into h.grad?",
            "[None, 20.0]": "20 is what the second pass brings to x. The blank asks about h.",
            "[None, 32.0]": "32 is in x.grad after both passes. The blank asks about h.",
            "[None, 3.0]": "3 is what the first pass computed for h. It was dropped.",
        },
        hints=[
            "retain_grad() computes nothing. From when on does it keep something?",
            "Work out the derivative of each of the two results with respect to h.",
        ],
        why="retain_grad() cannot bring back what was dropped; it holds for the passes that "
        "come after it. And it belongs to one tensor: the next forward pass computes a new h, "
        "for which you have to call it again.",
        numbers={
            "2.0": "3.0",
            "3": "4",
            "3.0": "4.0",
            "5": "10",
            "5.0": "10.0",
            "8.0": "14.0",
            "8": "14",
            "20.0": "60.0",
            "20": "60",
            "32.0": "84.0",
            "32": "84",
        },
    )


def test_a_number_put_into_a_result():
    """h.grad is set by hand, then h is told to keep its gradient. What are h.grad and x.grad?

    Give both, in a list.
    """
    x = torch.tensor(5.0, requires_grad=True)
    h = 2 * x
    h.grad = torch.tensor(100.0)
    h.retain_grad()
    (3 * h).backward()
    assert [h.grad.item(), x.grad.item()] == __(
        [103.0, 6.0],
        wrong={
            "[3.0, 6.0]": "3 is what this pass computes for h. Does it replace what it finds "
            "in .grad?",
            "[103.0, 206.0]": "The backward pass does not start from what is in h.grad. What "
            "does it compute for h, and pass on?",
            "[100.0, 6.0]": "retain_grad() was called before the pass, so the pass brings "
            "something to h.grad, too.",
            "[103.0, 106.0]": "The 100 was put into h.grad. x.grad is another tensor.",
            "[103.0, 3.0]": "3 is what the pass brings to h. How fast does h grow with x?",
            "[300.0, 6.0]": "300 is the product. Accumulating is not multiplying.",
            "[103.0, 2.0]": "2 is the derivative of h with respect to x. The result is 3 * h.",
            "[6.0, 103.0]": "They are swapped. Into which .grad was the 100 put?",
        },
        hints=[
            "What does the pass bring to h? And what does backward() do with what it finds?",
            "The pass never reads h.grad to compute something.",
        ],
        why="A retained gradient accumulates, like that of a leaf tensor. But .grad is only a "
        "place where gradients are put down: what flows on to x is computed anew in each pass. "
        "To change what flows, a hook can return another gradient.",
        numbers={
            "2": "4",
            "3": "5",
            "103.0": "105.0",
            "6.0": "20.0",
            "3.0": "5.0",
            "206.0": "420.0",
            "106.0": "120.0",
            "300.0": "500.0",
            "300": "500",
            "2.0": "4.0",
            "5.0": "8.0",
        },
    )


def test_a_weight_scaled_down():
    """A weight should start small. Does it require grad, is it a leaf, and what is its .grad?

    Give all three, in a list.
    """
    w = torch.tensor(4.0, requires_grad=True) * 0.5
    loss = (3 * w - 10) ** 2
    loss.backward()
    with pytest.warns(UserWarning, match="is being accessed"):
        gradient = w.grad
    assert [w.requires_grad, w.is_leaf, gradient] == __(
        [True, False, None],
        wrong={
            "[True, True, -24.0]": "-24 is the derivative of the loss with respect to w. But "
            "which operation made w?",
            "[True, False, -24.0]": "-24 was computed on the way. But is it kept in a tensor "
            "that an operation made?",
            "[True, True, None]": "A leaf tensor that requires grad and took part would have a "
            "gradient. Which operation made w?",
            "[False, False, None]": "w was computed from a tensor that requires grad. So what "
            "about w itself?",
            "[False, True, None]": "The product was recorded, since one of its factors "
            "requires grad.",
            "[True, False, 0.0]": "0 would be a gradient. Into which tensors does backward() "
            "write one?",
            "[True, True, -12.0]": "-12 belongs to the tensor with the 4. Is that what w "
            "stands for?",
            "[True, False, -12.0]": "-12 is kept, but by the tensor with the 4. Is that what w "
            "stands for?",
        },
        hints=[
            "Read the first line in the order in which Python computes it.",
            "For which tensor does w stand: the one with the 4, or the product?",
        ],
        why="The leaf tensor is the one with the 4, which has no name: it gets -12. A "
        "published exercise makes its weights this way, torch.randn(2, 8, requires_grad=True) "
        "* 0.5, and stops at its first update with a TypeError: 0.1 can't be multiplied by "
        "None.",
        core=True,
    )


def test_mend_the_weight():
    """w should start at half of start, and learn. Write what w should be."""
    for start, gradient in [(4.0, -24.0), (8.0, 12.0)]:
        # It was: torch.tensor(start, requires_grad=True) * 0.5
        w = __(
            (torch.tensor(start) * 0.5).requires_grad_(),
            wrong={
                "torch.tensor(start, requires_grad=True) * 0.5": "That is w as it was: the "
                "product of a leaf tensor and a number is not a leaf.",
                "(torch.tensor(start, requires_grad=True) * 0.5).requires_grad_()": "The "
                "product was recorded, and requires grad already. Setting its flag again does "
                "not make it a leaf tensor.",
                (
                    "torch.tensor(start).requires_grad_() * 0.5",
                    "torch.nn.Parameter(torch.tensor(start)) * 0.5",
                ): "Now the flag is set before the product is computed, so that the product is "
                "recorded.",
                "torch.tensor(start) * 0.5": "This is a leaf tensor. But it does not require "
                "grad.",
                "torch.tensor(start * 0.5)": "This is a leaf tensor, and starts at the right "
                "number. But it does not require grad.",
                "torch.tensor(start, requires_grad=True)": "This is a leaf tensor that "
                "requires grad. But it starts at the whole number.",
                "(torch.tensor(start, requires_grad=True) * 0.5).detach()": "detach() makes a "
                "leaf tensor. But it does not require grad.",
                "torch.tensor(start, requires_grad=True) / 2": "Dividing is an operation, too, "
                "so the result is not a leaf.",
                (
                    "torch.tensor(start) * torch.tensor(0.5, requires_grad=True)",
                    "start * torch.tensor(0.5, requires_grad=True)",
                    "torch.tensor(0.5, requires_grad=True) * start",
                ): "One factor that requires grad is enough: the product is recorded.",
                "torch.tensor(start, requires_grad=True).mul_(0.5)": "mul_() changes a tensor "
                "in place. Torch refuses that for a leaf tensor that requires grad.",
                "(torch.tensor(start, requires_grad=True) * 0.5).retain_grad()": "The right "
                "thought for looking at a gradient. But retain_grad() returns None, and a "
                "weight should be a leaf tensor.",
                "torch.tensor(2.0, requires_grad=True)": "That is right for the first start "
                "alone.",
            },
            hints=[
                "Nothing should be recorded while w is made. When may the flag be set?",
                "Compute the number first, and set the flag of what comes out.",
            ],
            why="First compute the number, with nothing recorded, and then set the flag. "
            "torch.tensor(start * 0.5, requires_grad=True) does the same. "
            "torch.nn.Parameter(...) makes a leaf tensor of the numbers that it is given: that "
            "is how modules make their weights.",
            core=True,
        )
        ((3 * w - 10) ** 2).backward()
        assert w.is_leaf
        assert [w.item(), w.grad] == [start / 2, gradient]


def test_leaves_after_a_conversion():
    """detach() makes a tensor with the same number, but without a graph. Which are leaves?

    Give their names, as text, in a list.
    """
    x = torch.tensor(3.0, requires_grad=True)
    z = x.detach()
    tensors = {"double": x.double(), "float": x.float(), "times 1": x * 1}
    tensors |= {"clone": x.clone(), "z": z, "square": z**2}
    leaves = [name for name, t in tensors.items() if t.is_leaf]
    assert leaves == __(
        ["float", "z", "square"],
        wrong={
            '["z", "square"]': "x is float32 already. What can x.float() return without "
            "computing anything?",
            '["z"]': "Was the square of z recorded? And what can x.float() return, if x is "
            "float32 already?",
            '["float", "z"]': "Does z require grad? Then was its square recorded?",
            '["double", "float", "times 1", "clone", "z", "square"]': "Some of these were made "
            "by a recorded operation.",
            '["double", "float", "clone", "z", "square"]': "double() and clone() are "
            "operations, and x requires grad.",
            '["double", "float", "z", "square"]': "double() makes a new tensor out of x. Is "
            "that recorded?",
            '["float", "clone", "z", "square"]': "A clone has the same number. But clone() is "
            "recorded, like any operation.",
            '["float", "times 1", "z", "square"]': "Multiplying by 1 changes no number, but it "
            "is an operation, and makes a new tensor.",
            '["float"]': "Every tensor that does not require grad is a leaf. Are there any "
            "here?",
            '["float", "square"]': "detach() gives z without a graph. So did a recorded "
            "operation make z?",
            '["double", "times 1", "clone"]': "These are the ones that a recorded operation "
            "made. The blank asks for the others.",
        },
        hints=[
            "For each of the six: was an operation recorded when it was made?",
            "x.float() has nothing to convert: x.float() is x.",
        ],
        why="A conversion with nothing to do returns the same tensor. So a weight made with "
        "torch.tensor(3.0, requires_grad=True).to(device) is a leaf tensor on the CPU, but a "
        "result on a GPU, where its .grad stays None. Give device= to torch.tensor(), or "
        "convert first and set the flag afterwards.",
    )


def test_where_the_gradient_is():
    """After the pass, one tensor has a gradient. Write an expression that reads it."""
    found = []
    for scale in [1.0, 2.0]:
        first = x = torch.tensor(3.0, requires_grad=True)
        x = scale * x
        (x**2).backward()
        gradient = __(
            first.grad,
            wrong={
                "x.grad": "By now x is the name of the product, which is not a leaf. Nothing "
                "is kept there, not even if the scale is 1.",
                "first": "That is the tensor. Where is its gradient?",
                "x": "That is the product of scale and the leaf tensor. Where is a gradient?",
                "x.grad_fn": "That is the node of the product. It passes a gradient on, but "
                "keeps none.",
                "first.grad_fn": "No operation made this tensor, so it has no grad_fn.",
                "scale * first.grad": "The gradient there is complete. The factor scale is in "
                "it already.",
                "2 * x": "That is the derivative with respect to x, which now is the product.",
                "6.0": "That is right for the first scale alone.",
                "x.retain_grad()": "Now it is too late to ask, and retain_grad() returns None.",
                "2 * first": "That is right only if the scale is 1.",
            },
            hints=[
                "Which tensor is the leaf? Which names does it have at the end?",
                "x = scale * x makes a new tensor, and gives the name x to it.",
            ],
            why="A name is not a tensor. After x = x * 1, x = x.view(1), or an x = "
            "x.to(device) that has to copy, the name stands for a result, while an optimizer "
            "that was given the first tensor still holds that one. Use another name for the "
            "result. And a new leaf tensor under the old name begins with None in its .grad.",
        )
        found.append(gradient)
    assert found == [6.0, 24.0]


def test_the_flag_of_a_result():
    """x is a leaf tensor, h a result. Which calls are accepted? Give their names, in a list.

    If the block raises a RuntimeError, suppress() skips the rest of the block.
    """
    x = torch.tensor(3.0, requires_grad=True)
    h = 2 * x
    calls = [("x off", x, False), ("x on", x, True)]
    calls += [("h off", h, False), ("h on", h, True)]
    accepted = []
    for name, t, flag in calls:
        with contextlib.suppress(RuntimeError):
            t.requires_grad_(flag)
            accepted.append(name)
    assert accepted == __(
        ["x off", "x on", "h on"],
        wrong={
            '["x off", "x on", "h off", "h on"]': "A tutorial says so, too: on a result, the "
            "call does nothing. But that is true for one of the two flags only.",
            '["x off", "x on"]': "h requires grad already. Why should a call that asks for "
            "just that raise?",
            '["x on", "h on"]': "The flag of a leaf tensor may be cleared at any time.",
            '["x on"]': "x is a leaf tensor: its flag may be cleared, too. And one of the "
            "calls on h asks for what is already the case.",
            '["h off"]': "That is the one that raises. Which are accepted?",
            '["x off", "x on", "h off"]': "One of the calls on h is accepted. Which one asks "
            "for what is already the case?",
            '["x off", "h off"]': "Both require grad already, so switching the flag on asks "
            "for what is already the case.",
            "[True, True, False, True]": "These flags say which. But the blank asks for names.",
        },
        hints=[
            "h requires grad because x does. Which call contradicts that?",
            "A call that asks for what is already the case has no reason to raise.",
        ],
        why="A non-leaf requires grad by definition: it has a graph behind it. Assigning to "
        "the flag of a result, as in h.requires_grad = True, is stricter: that raises whatever "
        "you assign.",
    )


def test_a_constant_from_x():
    """The flag of h, a result, cannot be cleared. Which line makes the new h a constant?"""
    x = torch.tensor(3.0, requires_grad=True)
    w = torch.tensor(5.0, requires_grad=True)
    h = x**2
    with pytest.raises(RuntimeError, match="flags of leaf variables"):
        h.requires_grad = False
    __(
        x.requires_grad_(False),
        wrong={
            "h.requires_grad_(False)": "This h is a result as well, so the call raises, too. "
            "Which tensor's flag may be cleared?",
            ("h = h.detach()", "h = x.detach() ** 2", "h.detach_()", "h = x.detach()"): "That "
            "is a constant. But the next line computes a new h.",
            ("w.requires_grad_(False)", "w.requires_grad = False"): "w should get a gradient. "
            "Which tensor should not?",
            "x.requires_grad_()": "Without an argument, this sets the flag. It should be "
            "cleared.",
            "x.requires_grad(False)": "requires_grad is the flag, not a method. Methods that "
            "change a tensor in place have an underscore at the end of their name.",
            "x.requires_grad == False": "Two = signs compare. How does Python assign?",
            "x.detach()": "That makes a new tensor, and nothing keeps it. x is as before.",
            "x.grad = None": "It is None already. The backward pass will write into it, as "
            "long as x requires grad.",
            "x.is_leaf = False": "is_leaf can only be read. And x may stay a leaf tensor.",
            "torch.no_grad()": "Alone it does nothing: it belongs in a with statement.",
            "x.retain_grad()": "That is about keeping a gradient. There should be none.",
            "pass": "Then h requires grad, since it is computed from x, which does.",
        },
        hints=[
            "Why does h require grad? From which tensor does it get that?",
            "The flag of a leaf tensor may be cleared. Do it before h is computed.",
        ],
        why="The flag is set and cleared at the leaf tensors; results follow. To freeze a part "
        "of a network, clear the flags of its parameters before the forward pass. If x itself "
        "should go on learning, h.detach() gives the constant: the message says so, too.",
    )
    h = x**2
    (w * h).backward()
    assert [h.requires_grad, w.grad, x.grad] == [False, 9.0, None]


def test_a_frozen_leaf():
    """x is frozen for a while. What are x.is_leaf and x.grad then? Give both, in a list.

    And what is in x.grad at the end?
    """
    x = torch.tensor(3.0, requires_grad=True)
    (x**2).backward()
    x.requires_grad = False
    assert [x.is_leaf, x.grad] == __(
        [True, 6.0],
        wrong={
            "[False, 6.0]": "A leaf is a tensor that no recorded operation made. Has that "
            "changed?",
            "[False, None]": "Clearing a flag is not a recorded operation, and writes nothing "
            "into x.grad.",
            "[True, None]": "The first pass has left a gradient. Which line would have removed "
            "it?",
            "[True, 0.0]": "The first pass has left a gradient. Which line would have written "
            "a 0?",
            "[False, 0.0]": "Clearing a flag changes nothing but the flag.",
            "[True, 9.0]": "9 is the value of x**2. x.grad holds its gradient.",
        },
    )
    x.requires_grad = True
    (x**3).backward()
    assert x.grad == __(
        33.0,
        wrong={
            "27.0": "27 is what the last pass brings. What was in x.grad before it?",
            "6.0": "6 is what the first pass left. Freezing is not for good: x requires grad "
            "again when the last pass runs.",
            "None": "x.grad still holds a gradient, and x requires grad again.",
            "162.0": "162 is the product. Accumulating is not multiplying.",
            "0.0": "Nothing has cleared x.grad, and another pass has run.",
            "36.0": "36 is the sum of the two values, x**2 and x**3. x.grad holds gradients.",
        },
        hints=[
            "How was x made? Does clearing a flag change that?",
            "Which of the lines writes into x.grad, or clears it?",
            "The last pass adds its own gradient, 3 * x**2, to what is there.",
        ],
        why="Some tutorials say that this stops gradients forever, that x is no longer a leaf, "
        "and that backward() then fails. None of it is so: it clears a flag, and backward() "
        "fails only if nothing in the loss requires grad. x keeps its old gradient, too, and "
        "an optimizer would still use it. So set x.grad = None when you freeze a parameter.",
        numbers={
            "3.0": "4.0",
            "6.0": "8.0",
            "6": "8",
            "9.0": "16.0",
            "9": "16",
            "33.0": "56.0",
            "27.0": "48.0",
            "27": "48",
            "162.0": "384.0",
            "162": "384",
            "36.0": "80.0",
            "36": "80",
        },
        core=True,
    )


def test_what_a_result_passes_on():
    """A look back at chapter 4: there are two passes. What are seen, h.grad and x.grad?

    retain_graph=True keeps the graph for the second one. Give all three, in a list.
    """
    x = torch.tensor(1.0, requires_grad=True)
    h = 3 * x
    h.retain_grad()
    seen = []
    h.register_hook(lambda grad: seen.append(grad.item()))
    y = 4 * h
    y.backward(retain_graph=True)
    y.backward()
    assert [seen, h.grad.item(), x.grad.item()] == __(
        [[4.0, 4.0], 8.0, 24.0],
        wrong={
            "[[4.0, 8.0], 8.0, 36.0]": "Then the second pass would pass on what the first one "
            "left in h. Does a pass read .grad?",
            "[[4.0, 8.0], 8.0, 24.0]": "The hook is called with what this pass computes for h. "
            "Is that different in the second pass?",
            "[[4.0, 4.0], 4.0, 24.0]": "h.grad was retained. Does the second pass replace what "
            "it finds there?",
            "[[4.0, 4.0], 8.0, 12.0]": "12 is what one pass brings to x. Nothing clears x.grad "
            "in between.",
            "[[4.0, 4.0], 4.0, 12.0]": "That would be right if each pass replaced what it "
            "finds in .grad.",
            "[[4.0], 4.0, 12.0]": "That is one pass. There are two.",
            "[[4.0, 4.0], 8.0, 36.0]": "36 is 12 from the first pass, and 24 from the second. "
            "But both passes bring the same to x.",
            "[[4.0], 8.0, 24.0]": "The hook stays on h, and there are two passes.",
            "[[8.0], 8.0, 24.0]": "Separate passes are not summed before a hook is called.",
        },
        hints=[
            "The second pass is exactly like the first one. What does the hook see?",
            "Then ask of each .grad: what has it accumulated after two passes?",
        ],
        why="What a node passes on is computed afresh in each pass; only .grad accumulates, at "
        "the leaf tensors and where retain_grad() was called. A home-made engine that "
        "accumulates in each intermediate result, and passes that on, would bring 36 to x.",
        numbers={
            "3": "5",
            "24.0": "40.0",
            "12.0": "20.0",
            "36.0": "60.0",
            "12": "20",
            "24": "40",
            "36": "60",
        },
    )


def test_from_the_result_to_x():
    """A look back at chapter 3. upstream is the gradient of h = x**2. Write that of x."""

    def passed_on(upstream, x):
        return __(
            upstream * 2 * x,
            wrong={
                "upstream": "That is the gradient of h. How fast does h change with x?",
                "2 * x": "That is the local derivative alone. It does not know how fast the "
                "result changes with h.",
                "upstream + 2 * x": "In a chain of operations, derivatives are not added.",
                "upstream * x**2": "x**2 is the value of h. What is its derivative?",
                "upstream * x": "The derivative of a square has a factor of its own.",
                "2 * upstream": "The derivative of a square also depends on what is squared.",
                "upstream**2": "It is x that is squared on the way from x to h.",
                "2 * upstream * x**2": "One x too many: x**2 is the value of h.",
                "h.grad": "That is the gradient of h, which is given as upstream.",
                "x.grad": "Here x is a plain number, and has no .grad.",
            },
            hints=[
                "Two factors: what comes in, and the local derivative of the square.",
                "The rule for x**2 takes what comes in, times twice the number.",
            ],
            why="What a retained h.grad shows is what came in at the node of x**2: the "
            "upstream gradient. The node multiplies it by its local derivative, 2 * x, and "
            "passes the product on. For single numbers every rule of autograd has this form; "
            "the next chapter is about many numbers.",
        )

    for place, power in [(3.0, 2), (-1.0, 3), (0.5, 1)]:
        leaf = torch.tensor(place, requires_grad=True)
        h = leaf**2
        h.retain_grad()
        (h**power).backward()
        gradient, leaf.grad = leaf.grad, None
        assert gradient == passed_on(h.grad.item(), place)
