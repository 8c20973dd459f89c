"""Depth: gradients that vanish, and gradients that explode.

A deep model is a long chain, and by the chain rule its gradient is a product with a factor
for each layer. If most factors are below 1, little is left of it at the first layers: they
hardly learn. If most are above 1, a single step throws the weights far away.

This chapter shows both, what in a model brings them about, and what is done against them:
other activations, connections around a layer, a good start, and clipping.

By the end you can tell why a deep model does not learn, make it start well, clip its
gradients at the right place, and read "torch.nn.utils.clip_grad_norm_" in PyTorch's reference.

This is a whole, and a good place to stop: you know what happens when a model is trained. What
lies beyond is for who wants to know more: hooks, functions of your own, derivatives of
derivatives, the engine room, broken programs to mend, and an engine that you build yourself.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def test_a_chain_of_two_hundred():
    """Two hundred products in a row, in float32. What are the three gradients? Give a list."""
    gradients = []
    for factor in [0.5, 1.0, 2.0]:
        x = torch.tensor(1.0, requires_grad=True)
        y = x
        for _ in range(200):
            y = factor * y
        y.backward()
        gradients.append(x.grad.item())
    assert gradients == __(
        [0.0, 1.0, math.inf],
        wrong={
            "[0.5**200, 1.0, 2.0**200]": "On paper that is right. But the smallest float32 "
            "above 0 is about 1e-45, and the largest is about 3e38.",
            "[0.5**200, 1.0, math.inf]": "The smallest float32 above 0 is about 1e-45. "
            "0.5**200 is about 6e-61.",
            "[0.0, 1.0, 2.0**200]": "The largest float32 is about 3e38. 2**200 is about 2e60.",
            "[100.0, 200.0, 400.0]": "These are sums of two hundred local derivatives. In a "
            "chain they are multiplied.",
            "[0.5, 1.0, 2.0]": "That is the local derivative of one product. There are two "
            "hundred in a row.",
            "[0.0, 1.0, math.nan]": "NaN comes for example from infinity minus infinity, or "
            "from 0 times infinity. In a product of twos there is neither.",
            "[math.inf, 1.0, 0.0]": "They are swapped. Does a product of halves grow or "
            "shrink?",
            "[0.0, 0.0, 0.0]": "Only one of the factors is below 1.",
        },
        hints=[
            "In a chain the local derivatives are multiplied. Write each product as a power.",
            "float32 has a smallest and a largest number. Are these powers between the two?",
        ],
        why="Underflow to 0 and overflow to infinity; nothing is raised. With a factor of 0.9 "
        "two hundred links still leave 7e-10 of a gradient, and 1.1 makes it 190 million: a "
        "deep model has to keep its factors close to 1.",
        core=True,
    )


def test_nine_sigmoid_neurons():
    """Nine sigmoid neurons in a row. With weight 1, x.grad is 0.25**9. Which weight gives 1?"""
    x = torch.tensor(0.0, requires_grad=True)
    h = x
    weight = __(
        4.0,
        wrong={
            "1.0": "Then each neuron has a derivative of 0.25, and nine of them have 0.25**9.",
            "0.25": "That is the derivative of the sigmoid at 0, and the weight is a factor "
            "beside it.",
            "2.0": "Then each neuron has a derivative of 0.5. Which one is needed?",
            "9.0": "9 is the number of neurons. Each one by itself should keep the gradient.",
            "36.0": "Each neuron has a weight of its own. It is enough if each one keeps the "
            "gradient.",
            "-4.0": "The size is right. What is the product of nine negative factors?",
            "0.0": "Then no neuron depends on the one before it.",
            "8.0": "Then each neuron doubles the gradient. Which factor keeps it?",
        },
        hints=[
            "At 0 the derivative of the sigmoid is 0.25. The weight is another factor.",
            "Which factor keeps a product as it is?",
        ],
        why="0.25 is the most that a sigmoid lets through, and only at 0: away from it the "
        "gradient shrinks in spite of such a weight. Each neuron here is a logistic regression "
        "on the output of the one before; a deep network of sigmoids is a stack of them, and "
        "its first layers learn slowly.",
    )
    for _ in range(9):
        h = torch.sigmoid(weight * h) - 0.5
    h.backward()
    assert x.grad == 1.0


def test_the_activations_that_let_it_through():
    """One activation twenty times. Which ones keep the gradient above 0.5? Give their names."""
    activations = [torch.sigmoid, torch.tanh, torch.relu, F.leaky_relu]
    kept = []
    for f in activations:
        x = torch.tensor(1.0, requires_grad=True)
        h = x
        for _ in range(20):
            h = f(h)
        h.backward()
        if x.grad > 0.5:
            kept.append(f.__name__)
    assert kept == __(
        ["relu", "leaky_relu"],
        wrong={
            '["tanh", "relu", "leaky_relu"]': "tanh has a derivative of 1 at 0 alone. On the "
            "way from 1.0 it has twenty smaller ones.",
            '["relu"]': "leaky_relu differs from relu only where its input is negative.",
            '["leaky_relu"]': "relu lets nothing through where its input is negative. Is the "
            "input negative here?",
            '["sigmoid", "tanh"]': "These two saturate. The blank asks for those that keep the "
            "gradient.",
            '["sigmoid", "tanh", "relu", "leaky_relu"]': "The derivative of the sigmoid is at "
            "most 0.25.",
            '["tanh"]': "The derivative of tanh is 1 at 0 alone. Which activations have 1 on a "
            "whole half of the line?",
            "[]": "Twenty factors below 1 leave little. But two of these have a derivative of "
            "exactly 1 here.",
            '["torch.relu", "F.leaky_relu"]': "The right ones. But f.__name__ is a name "
            "without its module.",
            '["leaky_relu", "relu"]': "The right ones. They come in the order of the list.",
            '["tanh", "leaky_relu"]': "Here every input is positive. What is the derivative of "
            "relu there?",
        },
        hints=[
            "What is the derivative of each one at a positive number?",
            "For tanh the first factor is 0.42, and all the others are below 1 as well.",
        ],
        why="relu lets the gradient through unchanged where its input is positive, whatever "
        "the depth: that is one reason why deep models have it, or a relative of it, in their "
        "hidden layers. tanh is centered on 0, but it saturates as well: 0.016 is left of the "
        "gradient, and of the sigmoid's less than 1e-13.",
        core=True,
    )


def test_around_the_layer():
    """Here f is a layer. Write the new h so that the gradient has a path around f, too."""

    def f(h):
        return h**2 / 8

    for depth, gradient in [(1, 1.25), (2, 1.6015625)]:
        x = torch.tensor(1.0, requires_grad=True)
        h = x
        for _ in range(depth):
            # It was: h = f(h)
            h = __(
                h + f(h),
                wrong={
                    "f(h)": "That is the line as it was: every path leads through f.",
                    "h": "Now every path leads around f, and f has no part in it.",
                    "x + f(h)": "That is a path around all layers at once. Each layer should "
                    "have one of its own.",
                    "h * f(h)": "In a product, a small f(h) makes both factors of the gradient "
                    "small. What has a local derivative of 1?",
                    "h.detach() + f(h)": "detach() cuts the path that was to lead around f.",
                    "h + f(h).detach()": "detach() cuts the path through f, so f could not "
                    "learn.",
                    "f(h + h)": "Both paths still lead through f.",
                    "h + f(x)": "f should be given what the layer before it made.",
                    "f(f(h))": "That makes the chain longer. The path should lead around f.",
                    "h - f(h)": "There are two paths now. But the second one should not "
                    "subtract.",
                    "f(h) + 1": "The derivative of a constant is 0. The path has to begin at "
                    "h.",
                    "2 * f(h)": "That is f twice. A path around it does not pass through f.",
                },
                hints=[
                    "A path around f begins at h, and ends at the new h.",
                    "Which operation passes the gradient to both of its inputs unchanged?",
                ],
                why="A residual connection: each layer contributes 1 + f'(h), where f alone "
                "contributes f'(h). However small that is, the path around it keeps a factor "
                "of 1. This is what the skip connections of a ResNet and of a transformer are "
                "for.",
                core=True,
            )
        h.backward()
        assert x.grad == gradient


def test_a_small_weight_behind():
    """v is small, and multiplies a sigmoid. What are the gradients? Give both, in a list."""
    w = torch.tensor(0.0, requires_grad=True)
    v = torch.tensor(0.03125, requires_grad=True)
    y = v * torch.sigmoid(2 * w)
    y.backward()
    assert [w.grad.item(), v.grad.item()] == __(
        [0.015625, 0.5],
        wrong={
            "[0.5, 0.5]": "The path to w leads through the product. What is the local "
            "derivative of a product with respect to its second factor?",
            "[0.015625, 0.015625]": "One of them is right. But how fast does a product change "
            "with its small factor?",
            "[0.5, 0.015625]": "They are swapped: w comes first. Which path leads through the "
            "small factor?",
            "[0.0078125, 0.5]": "0.25 is the derivative of the sigmoid at 0. What is w "
            "multiplied by?",
            "[0.03125, 0.5]": "0.03125 comes out of the product. The sigmoid and the factor of "
            "2 are still to come.",
            "[0.0, 0.5]": "w is 0. But its gradient is the derivative at that place.",
            "[0.015625, 0.03125]": "0.03125 is v itself. The derivative with respect to one "
            "factor is the other factor.",
            "[0.015625, 0.0]": "sigmoid(0) is not 0.",
        },
        hints=[
            "sigmoid(0) is 0.5, and its derivative there is 0.25.",
            "For each of the two: which path leads to it, and what is it multiplied by there?",
        ],
        why="Small weights in a late layer starve the layers before it: their gradients come "
        "through these weights. The late layer itself gets a gradient of full size. So how "
        "large the first weights are matters: nn.Linear draws them from a range that depends "
        "on the number of its inputs, and nn.init has functions for other choices.",
        numbers={"0.03125": "0.0625", "0.015625": "0.03125", "0.0078125": "0.015625"},
    )


def test_all_zero():
    """Every parameter starts at 0. Which get a gradient that is not 0? Give their names.

    A name such as "0.weight" has the number of the layer, counted from 0, before the dot.
    """
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    for p in model.parameters():
        nn.init.zeros_(p)
    model(torch.ones(4, 2)).sum().backward()
    names = []
    for name, p in model.named_parameters():
        if p.grad.any():
            names.append(name)
    assert names == __(
        ["2.bias"],
        wrong={
            "[]": "If one of them grows, the output grows at once, whatever the others are. "
            "Which one is it?",
            '["0.weight", "0.bias", "2.weight", "2.bias"]': "The path to the first layer leads "
            "through the weights of the last one. What are these?",
            '["2.weight", "2.bias"]': "The gradient of the last weights is what goes into the "
            "last layer. What is tanh(0)?",
            '["0.bias", "2.bias"]': "The path to the first bias leads through the weights of "
            "the last layer. What are these?",
            '["0.weight", "0.bias"]': "The path to the first layer leads through the last "
            "weights, which are 0.",
            '["2.weight"]': "The gradient of the last weights is what goes into the last "
            "layer. What did tanh make of 0?",
            '["0.weight"]': "The inputs are ones. But the path from the output leads through "
            "the last weights.",
            '["0.bias"]': "A bias is only added. But what is the output of this layer "
            "multiplied by, after tanh?",
            "[2.0]": "The names are text: a number for the layer, a dot, and weight or bias.",
        },
        hints=[
            "Follow the path backward from the output. What is it multiplied by at each layer?",
            "Weights that are 0 stop what should pass through them; so do inputs that are 0.",
        ],
        why="Only the last bias learns, and no step ever changes that: after each step the "
        "last weights are still 0, and so is what tanh makes. A single layer may start at "
        "zero; two in a row may not.",
    )


def test_three_equal_units():
    """Three equal units stay equal, however long they are trained. Which line changes that?"""
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    for p in model.parameters():
        nn.init.constant_(p, 0.25)
    __(
        nn.init.normal_(model[0].weight),
        wrong={
            "nn.init.ones_(model[0].weight)": "Then the three units are equal again, with "
            "another number.",
            "nn.init.zeros_(model[0].weight)": "Then the three units are equal again: all "
            "their weights are 0.",
            (
                "nn.init.constant_(model[0].weight, 0.5)",
                "nn.init.constant_(model[2].weight, 1.0)",
            ): "One constant for all units: they stay equal.",
            "nn.init.normal_": "This names a function, but does not call it.",
            "nn.init.normal_(model.weight)": "model is a Sequential, and has no weight. Its "
            "layers have.",
            "nn.init.normal_(model[0])": "A layer is not a tensor. Which tensor of it?",
            "nn.init.normal_(model.parameters())": "This takes one tensor at a time.",
            "nn.init.normal_(model[1].weight)": "model[1] is the Tanh, which has no weight.",
            "nn.init.normal_(model[2].bias)": "The last layer has one bias for all units, so "
            "it can't tell them apart.",
            "torch.manual_seed(0)": "A seed decides which random numbers come. But here none "
            "are drawn.",
            "model[0].weight.normal_()": "Torch refuses that for a leaf tensor that requires "
            "grad. The functions of nn.init switch recording off.",
            "model[0].weight = torch.randn(3, 2)": "A module takes only an nn.Parameter, or "
            "None, in this place.",
            "model.train()": "That is the mode that the model is in already.",
            "pass": "Then equal units get equal gradients, step after step.",
        },
        hints=[
            "Equal weights and equal gradients give equal weights again.",
            "Some functions of nn.init fill a tensor at random. model[0] is the first layer.",
        ],
        why="Equal units compute the same and get the same gradient, so no step can tell them "
        "apart: three of them are worth one. It takes a random start to break this symmetry, "
        "and one random layer is enough; nn.Linear does so by itself. Biases may start at 0.",
    )
    for _ in range(5):
        model.zero_grad()
        (model(torch.tensor([[1.0, 2.0]])) - 2).square().sum().backward()
        with torch.no_grad():
            for p in model.parameters():
                p.sub_(0.25 * p.grad)
    assert not torch.allclose(model[0].weight[0], model[0].weight[1])


def test_one_norm_for_all():
    """clip_grad_norm_ brings the norm of all gradients to at most max_norm. What are the three?

    Give the norm that is returned, p.grad and q.grad, in a list.
    """
    p = nn.Parameter(torch.tensor(0.0))
    q = nn.Parameter(torch.tensor(0.0))
    p.grad, q.grad = torch.tensor(6.0), torch.tensor(8.0)
    norm = nn.utils.clip_grad_norm_([p, q], max_norm=5.0)
    values = [norm, p.grad, q.grad]
    assert [round(value.item(), 4) for value in values] == __(
        [10.0, 3.0, 4.0],
        wrong={
            "[5.0, 3.0, 4.0]": "5 is the norm after clipping. The function returns what it has "
            "found.",
            "[10.0, 5.0, 5.0]": "That would be so if each gradient were clipped by itself. "
            "There is one norm for all.",
            "[5.0, 5.0, 5.0]": "Each gradient isn't clipped by itself: there is one norm for "
            "all, and it is taken before clipping.",
            "[14.0, 2.1429, 2.8571]": "14 is the sum of the two. The norm is the root of the "
            "sum of their squares.",
            "[10.0, 0.6, 0.8]": "This has a norm of 1. Which norm is allowed here?",
            "[10.0, 6.0, 8.0]": "The name ends in an underscore: the gradients are changed in "
            "place.",
            "[10.0, 5.0, 8.0]": "Both gradients are scaled, and by one factor.",
            "[None, 3.0, 4.0]": "The gradients are changed in place, but something is "
            "returned, too.",
            "[10.0, 4.0, 3.0]": "They are swapped: p comes first.",
            "[100.0, 3.0, 4.0]": "The norm is the root of the sum of the squares.",
        },
        hints=[
            "The norm of two numbers is the length of the arrow that they describe.",
            "Both gradients are multiplied by one factor, so that this length becomes 5.",
        ],
        why="All gradients are taken as one long vector, so its direction is kept. The norm "
        "before clipping is worth logging: it shows when training becomes unstable. One NaN "
        "makes the norm NaN, and then the factor, and so every gradient; An argument makes it "
        "raise instead.",
        numbers={
            "6.0": "12.0",
            "8.0": "16.0",
            "5.0": "10.0",
            "10.0": "20.0",
            "3.0": "6.0",
            "4.0": "8.0",
            "14.0": "28.0",
            "14": "28",
            "5": "10",
            "2.1429": "4.2857",
            "2.8571": "5.7143",
            "100.0": "400.0",
        },
        core=True,
    )


def test_clipping_by_hand():
    """Write what clip_grad_norm_ makes of a gradient, from its norm and max_norm."""

    def clipped(grad, norm, max_norm):
        return __(
            grad * min(1.0, max_norm / norm),
            wrong={
                "grad * max_norm / norm": "That is right for the long gradient. But a short "
                "one would become longer.",
                "grad / norm": "Then every gradient has a norm of 1. Where does max_norm come "
                "in?",
                "grad.clamp(-max_norm, max_norm)": "That clips each element by itself. Here "
                "all of them keep their proportions.",
                "min(grad, max_norm)": "A tensor of several elements can't be compared like "
                "that. One number scales all of them.",
                "grad * min(1.0, norm / max_norm)": "That makes the short gradient shorter, "
                "and leaves the long one as it is.",
                "grad * max(1.0, max_norm / norm)": "That makes the short gradient longer, and "
                "leaves the long one as it is.",
                "grad / max(norm, max_norm)": "Divided by its norm, the long gradient gets a "
                "norm of 1. Which one is allowed?",
                "grad": "That is right for the short gradient. The long one is longer than "
                "max_norm.",
                "max_norm": "That is the length. Where is the direction?",
                "grad * max_norm": "Which factor gives a gradient of length norm the length "
                "max_norm?",
                "grad - (norm - max_norm)": "That would change its direction. Scaling keeps "
                "it.",
            },
            hints=[
                "Which factor turns a length of norm into a length of max_norm?",
                "Clipping never makes a gradient longer. What is the factor at most?",
            ],
            why="A short gradient is left alone. (Torch adds 1e-6 to the norm, which hardly "
            "shows.) Nothing checks max_norm: a negative one turns the gradients around, and "
            "the loss climbs.",
        )

    for size in [3.0, 0.25]:
        p = nn.Parameter(torch.zeros(2))
        p.grad = torch.tensor([4.0, -3.0]) * size
        predicted = clipped(p.grad, p.grad.norm(), 2.0).tolist()
        nn.utils.clip_grad_norm_([p], 2.0)
        assert p.grad.tolist() == pytest.approx(predicted, abs=1e-4)


def test_two_ways_to_clip():
    """p is clipped by the norm, q by the value. What are the gradients? Give a list of lists.

    clip_grad_value_ limits each element of a gradient by itself.
    """
    p = nn.Parameter(torch.zeros(2))
    q = nn.Parameter(torch.zeros(2))
    p.grad, q.grad = torch.tensor([6.0, -8.0]), torch.tensor([6.0, -8.0])
    nn.utils.clip_grad_norm_([p], 5.0)
    nn.utils.clip_grad_value_([q], 5.0)
    gradients = [[round(v, 4) for v in t.grad.tolist()] for t in [p, q]]
    assert gradients == __(
        [[3.0, -4.0], [5.0, -5.0]],
        wrong={
            "[[3.0, -4.0], [3.0, -4.0]]": "The norm of both is 10. But does clipping by value "
            "look at the norm?",
            "[[5.0, -5.0], [5.0, -5.0]]": "That limits each element. By the norm, all elements "
            "are scaled by one factor.",
            "[[5.0, -5.0], [3.0, -4.0]]": "These are swapped: p is clipped by the norm.",
            "[[3.0, -4.0], [5.0, -8.0]]": "The limit holds in both directions.",
            "[[3.0, 4.0], [5.0, 5.0]]": "The sizes are right. Signs are kept.",
            "[[6.0, -8.0], [5.0, -5.0]]": "The norm of [6, -8] is 10, and that is more than 5.",
            "[[6.0, -8.0], [6.0, -8.0]]": "The names end in an underscore: gradients are "
            "changed in place.",
            "[[2.1429, -2.8571], [5.0, -5.0]]": "14 is the sum of the sizes. The norm is the "
            "root of the sum of the squares.",
            "[[3.0, -4.0], [0.0, 0.0]]": "What is beyond the limit is set to the limit, not to "
            "0.",
        },
        hints=[
            "The norm is 10, and should be 5: what is the factor?",
            "For the other one: which elements are beyond 5, in either direction?",
        ],
        why="Clipping by value has changed the ratio of the two, so the step no longer goes in "
        "the direction of steepest descent. Clipping by the norm keeps the direction, which is "
        "why it is the more common of the two. Both are for gradients that explode; neither "
        "helps one that has vanished.",
        numbers={
            "6.0": "8.0",
            "8.0": "6.0",
            "5.0": "2.5",
            "3.0": "2.0",
            "4.0": "1.5",
            "2.1429": "1.4286",
            "2.8571": "1.0714",
            "6": "8",
            "8": "6",
            "5": "2.5",
        },
    )


def test_where_clipping_belongs():
    """Two steps with clipped gradients. In which order? Give the four names, in a list.

    An old gradient is still there. It should have no part in the steps.
    """
    w = nn.Parameter(torch.tensor(0.0))
    w.grad = torch.tensor(-100.0)
    optimizer = torch.optim.SGD([w], lr=1.0)

    def backward():
        (8 * w).backward()

    calls = {"step": optimizer.step, "zero_grad": optimizer.zero_grad}
    calls["backward"] = backward
    calls["clip"] = lambda: nn.utils.clip_grad_norm_([w], 2.0)
    order = __(
        ["zero_grad", "backward", "clip", "step"],
        wrong={
            '["backward", "clip", "step", "zero_grad"]': "The first step still sees what was "
            "in w.grad before.",
            '["zero_grad", "backward", "step", "clip"]': "Here the step is taken before the "
            "gradient is clipped.",
            '["zero_grad", "clip", "backward", "step"]': "Here clip finds no gradient, and "
            "backward then brings the whole of it.",
            '["clip", "zero_grad", "backward", "step"]': "Here clip changes an old gradient, "
            "and that is cleared at once.",
            '["clip", "backward", "step", "zero_grad"]': "Here clip changes what is left from "
            "before, and backward adds the whole gradient to it.",
            '["backward", "step", "clip", "zero_grad"]': "Here the gradient is clipped after "
            "the step that should use it.",
            '["backward", "clip", "zero_grad", "step"]': "Here the gradient is cleared before "
            "the step.",
            '["zero_grad", "backward", "step"]': "Without clip, each step follows the whole "
            "gradient.",
            '["step", "zero_grad", "backward", "clip"]': "The first step comes before any "
            "backward pass, and follows what was left from before.",
            '["backward", "clip", "step"]': "Nothing clears the gradient.",
        },
        hints=[
            "clip can only change a gradient that is there, and step uses what it finds.",
            "The old gradient has to be gone before the first backward pass.",
        ],
        why="Clipping stands between backward() and step(). Anywhere else it does no good, and "
        "nothing is raised: if there is no gradient, the norm is 0. With gradient accumulation "
        "it comes once, after the last backward pass before the step.",
    )
    for name in order * 2:
        calls[name]()
    assert w.item() == pytest.approx(-4.0, abs=1e-4)


def test_a_huge_step():
    """A look back at chapter 13. Here w ends as NaN. Write a line with which it ends at 3.5."""
    w = nn.Parameter(torch.tensor(4.0))
    for _ in range(4):
        w.grad = None
        loss = (w**20 - 1) ** 2
        loss.backward()
        __(
            nn.utils.clip_grad_norm_([w], 1.0),
            wrong={
                "w.grad.zero_()": "Then no step moves w. It should go from 4 to 3.5.",
                "loss.clamp(max=1.0)": "The backward pass has run already. And a loss that is "
                "clamped passes no gradient on.",
                "loss = loss.clamp(max=1.0)": "The backward pass has run already: w.grad is "
                "what it is.",
                "nn.utils.clip_grad_norm_(w.grad, 1.0)": "The function wants parameters, and "
                "looks for the .grad of each. w.grad itself has none.",
                (
                    "w.grad.nan_to_num_()",
                    "torch.nan_to_num(w.grad)",
                ): "NaN comes only at the end. The first gradient is finite, but far too "
                "large.",
                "nn.utils.clip_grad_norm_([w], 10.0)": "The right function. w moves by 0.125 "
                "times the norm: how large may that be?",
                "nn.utils.clip_grad_norm_([w], 0.125)": "The learning rate is still a factor "
                "of the step.",
                "nn.utils.clip_grad_norm_([w])": "Which norm is allowed?",
                "w.clamp_(-4.0, 4.0)": "Torch refuses that for a leaf tensor that requires "
                "grad. And it is the step that is too long.",
                "w.data.clamp_(-4.0, 4.0)": "w is clamped before the step, and the step is "
                "still too long.",
                "pass": "Then the first step moves w to -1.5e24.",
            },
            hints=[
                "The first gradient is about 1e25. What should become of it?",
                "From 4 to 3.5 in four steps of 0.125: how large is the gradient in each?",
            ],
            why="Without clipping, from finite to NaN in three steps: w jumps to -1.5e24, "
            "w**20 overflows to infinity, w becomes infinite, and then infinity minus infinity "
            "is NaN. The first gradient was right, but the step was far too long. Clipping "
            "bounds the step, not the loss, which is still above 1e21 here; a smaller learning "
            "rate and a better start help as well.",
        )
        with torch.no_grad():
            w -= 0.125 * w.grad
    assert w.item() == pytest.approx(3.5, abs=1e-4)


def test_layer_by_layer():
    """A look back at chapter 5. Each output keeps its gradient. What is in gradients?"""
    h = torch.tensor(0.0, requires_grad=True)
    outputs = []
    for _ in range(4):
        h = torch.sigmoid(h) - 0.5
        h.retain_grad()
        outputs.append(h)
    h.backward()
    gradients = [output.grad.item() for output in outputs]
    assert gradients == __(
        [0.015625, 0.0625, 0.25, 1.0],
        wrong={
            "[1.0, 0.25, 0.0625, 0.015625]": "The right numbers, from the other end. On which "
            "output is backward() called?",
            "[0.25, 0.25, 0.25, 0.25]": "That is the local derivative of each layer. How fast "
            "does the last output change?",
            "[0.00390625, 0.015625, 0.0625, 0.25]": "The last output is the result itself. How "
            "fast does it change with itself?",
            "[0.0, 0.0, 0.0, 0.0]": "These are the outputs. The blank asks for gradients.",
            ("[None, None, None, 1.0]", "[None, None, None, None]"): "They are no leaf "
            "tensors. But each was told to keep its gradient.",
            "[0.25, 0.5, 0.75, 1.0]": "Along a chain, local derivatives are multiplied.",
            "[0.125, 0.25, 0.5, 1.0]": "The derivative of the sigmoid at 0 is not 0.5.",
        },
        hints=[
            "Begin with the last output: what is its gradient, if backward() is called on it?",
            "Each step back multiplies by the derivative of the sigmoid at 0.",
        ],
        why="Read from the end, each layer keeps a quarter: this is how a vanishing gradient "
        "looks. In a model of layers, the gradients of each weight and bias are computed from "
        "the one at the output of their layer, so they vanish with it. The norms of the "
        "weights' gradients, printed layer by layer, show the same.",
    )
