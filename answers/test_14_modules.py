"""Modules and optimizers: where parameters live, and what moves them.

A module holds parameters, and the computation that uses them. An optimizer is given the same
parameters, and changes them by their gradients. Neither is part of autograd: parameters are
leaf tensors that require grad, and all that passes between backward() and the optimizer is
what lies in .grad.

optimizer = torch.optim.SGD([w], lr=0.25) makes an optimizer that holds w. Its step() does
w -= lr * w.grad, as in chapter 9, and its zero_grad() clears w.grad. nn.Sequential applies its
layers one after the other. state_dict() returns a dict from names to tensors, and
load_state_dict() reads one back.

Most mistakes here raise nothing: a parameter that the module doesn't list, one that the
optimizer doesn't hold, a frozen one that moves all the same.

By the end you can say which parameters a step will change, freeze a part of a model, set and
keep its weights, and read "Neural Network Training with Modules" in PyTorch's note Modules.
"""

import contextlib
import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def test_the_shapes_of_the_gradients():
    """parameters() lists weights and biases, layer by layer. What is in shapes? Give a list."""
    layers = [nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), nn.Sigmoid()]
    model = nn.Sequential(*layers)
    model(torch.ones(2)).sum().backward()
    shapes = [list(p.grad.shape) for p in model.parameters()]
    assert shapes == __(
        [[3, 2], [3], [1, 3], [1]],
        wrong={
            "[[2, 3], [3], [3, 1], [1]]": "nn.Linear(2, 3) has 2 inputs and 3 outputs. But its "
            "weight has a row for each output.",
            "[[3, 2], [1, 3]]": "A linear layer has a bias, too, unless you say bias=False.",
            "[[2, 3], [3, 1]]": "A linear layer has a bias, too. And its weight has a row for "
            "each output.",
            "[[3, 2], [3], [], [1, 3], [1], []]": "ReLU and Sigmoid have no parameters: there "
            "is nothing in them to learn.",
            "[[2], [3], [3], [1]]": "These are the sizes of inputs and outputs. A weight "
            "connects each input with each output.",
            "[[3], [3], [1], [1]]": "A weight connects each input with each output, so it has "
            "two dimensions.",
            "[[3], [3, 2], [1], [1, 3]]": "In each layer the weight comes before the bias.",
            "[None, None, None, None]": "The backward pass has reached all of them. A gradient "
            "has the shape of its parameter.",
            "[[1], [1], [1], [1]]": "A gradient has a number for each number of its parameter.",
        },
        hints=[
            "A gradient has the shape of its parameter. Which of the four layers have any?",
            "The bias has an element for each output. The weight has a row for each output.",
        ],
        why="nn has layers such as nn.Linear and convolutions, and losses such as nn.MSELoss "
        "and nn.CrossEntropyLoss; torch.optim has SGD, Adam and more. Before the first "
        "backward pass each .grad is None, so test for that before you use one. And gradients "
        "may be all zeros: in about one of eight such models all three ReLUs give 0 for this "
        "input, and then only the last bias learns from it.",
        numbers={"2": "4"},
        core=True,
    )


def test_the_gradient_of_a_weight():
    """Write the gradient of a layer's weight, from its input x and the gradient of its bias."""

    def gradient_of_weight(gradient_of_bias, x):
        return __(
            torch.outer(gradient_of_bias, x),
            wrong={
                "gradient_of_bias * x": "There are 3 outputs and 2 inputs, so these two don't "
                "broadcast. Each output meets each input.",
                "gradient_of_bias @ x": "@ would sum over pairs, and the lengths are 3 and 2. "
                "Nothing is summed here: the weight has 6 numbers.",
                (
                    "torch.outer(x, gradient_of_bias)",
                    "gradient_of_bias * x.unsqueeze(1)",
                    "x.unsqueeze(1) * gradient_of_bias",
                    "x[:, None] * gradient_of_bias",
                ): "The numbers are right, but rows and columns are exchanged: a weight has a "
                "row for each output.",
                "x": "x is what each output changes by when a weight does. It is multiplied by "
                "something, and there is a row for each output.",
                ("x.expand(3, 2)", "x.repeat(3, 1)"): "That would be right if the upstream "
                "gradient were 1 for each output.",
                "gradient_of_bias": "That is the upstream gradient of the layer. Each weight "
                "is multiplied by an input, too.",
                (
                    "gradient_of_bias.unsqueeze(1).expand(3, 2)",
                    "gradient_of_bias[:, None].expand(3, 2)",
                ): "That would be right if each input were 1, as it is for the bias.",
                "gradient_of_bias.sum() * x": "Each output has a row of its own in the weight. "
                "Nothing is summed.",
            },
            hints=[
                "The gradient of the bias is the upstream gradient: a number for each output.",
                "So there is a product for each output and each input: an outer product.",
            ],
            why="The bias is a weight whose input is always 1, so its gradient is the upstream "
            "gradient itself. A weight whose input is 0 gets a gradient of 0 from that "
            "example: for x = [1, 0] the second column is 0 (it may print as -0., which equals "
            "0.), and the mean of weight.grad is half the mean of bias.grad.",
        )

    for values in [[1.0, 0.0], [3.0, -0.5]]:
        layer = nn.Linear(2, 3)
        x = torch.tensor(values)
        (torch.tensor([1.0, -2.0, 4.0]) * layer(x)).sum().backward()
        expected = layer.weight.grad.tolist()
        layer.weight.grad = None
        assert gradient_of_weight(layer.bias.grad, x).tolist() == expected


def test_layers_in_a_list():
    """The layers in the comment are not among the parameters. Write a better self.layers."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            # It was: self.layers = [nn.Linear(1, 1), nn.Linear(1, 1)]
            self.layers = __(
                nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)]),
                wrong={
                    "[nn.Linear(1, 1), nn.Linear(1, 1)]": "That is as it was. A module looks "
                    "for parameters in its attributes, but not inside a plain list.",
                    (
                        "(nn.Linear(1, 1), nn.Linear(1, 1))",
                        "tuple([nn.Linear(1, 1), nn.Linear(1, 1)])",
                    ): "A module doesn't look inside a tuple, either.",
                    "{'a': nn.Linear(1, 1), 'b': nn.Linear(1, 1)}": "A module doesn't look "
                    "inside a plain dict, either.",
                    "nn.Linear(1, 1)": "That is one layer. There should be two.",
                    "nn.Linear(2, 1)": "That is one layer with two inputs.",
                    "nn.Parameter([nn.Linear(1, 1), nn.Linear(1, 1)])": "A Parameter is a "
                    "tensor. Layers are modules.",
                    "nn.Module([nn.Linear(1, 1), nn.Linear(1, 1)])": "nn.Module itself takes "
                    "no layers. Torch has modules that are lists.",
                    "nn.Sequential([nn.Linear(1, 1), nn.Linear(1, 1)])": "nn.Sequential wants "
                    "the layers themselves, not a list of them.",
                    "nn.ModuleList(nn.Linear(1, 1), nn.Linear(1, 1))": "That wants one list, "
                    "not the layers one by one.",
                },
                hints=[
                    "A module finds attributes that are Parameters or modules. A list isn't.",
                    "nn has a list for modules, which is a module itself.",
                ],
                why="parameters() goes through attributes that are a Parameter or a module; a "
                "list of layers is neither, nor is a plain tensor that requires grad. The "
                "model still computes with them, and backward() fills their gradients, but an "
                "optimizer built from parameters() never hears of them, nor does state_dict(). "
                "nn.Sequential, nn.ModuleDict and nn.ParameterList help in the same way.",
                core=True,
            )

    assert len(list(Net().parameters())) == 4


def test_what_a_step_leaves():
    """The optimizer holds g alone. What do step() and zero_grad() leave? Give four values.

    They are g and g.grad after step(), then g.grad and d.grad after zero_grad().
    """
    g = nn.Parameter(torch.tensor(2.0))
    d = nn.Parameter(torch.tensor(3.0))
    optimizer = torch.optim.SGD([g], lr=0.25)
    (d * g).backward()
    optimizer.step()
    after_step = [g.item(), g.grad.item()]
    optimizer.zero_grad()
    assert [*after_step, g.grad, d.grad] == __(
        [1.25, 3.0, None, 2.0],
        wrong={
            "[1.25, 3.0, None, None]": "The optimizer clears the gradients of what it holds. "
            "Was it given d?",
            "[1.25, 3.0, 0.0, 2.0]": "0 is what zero_() would leave. What does zero_grad() do "
            "to .grad by default?",
            "[1.25, 3.0, 0.0, 0.0]": "The optimizer was not given d. And what does zero_grad() "
            "do to .grad by default?",
            "[1.25, None, None, 2.0]": "step() uses a gradient. Does it clear it, too?",
            "[1.25, None, None, None]": "step() uses a gradient. Does it clear it, too? And "
            "does this optimizer know d?",
            "[2.75, 3.0, None, 2.0]": "The step goes against the gradient.",
            "[-1.0, 3.0, None, 2.0]": "The gradient is multiplied by the learning rate.",
            "[1.25, 3.0, None, 1.25]": "The gradient of d was computed in the backward pass, "
            "with g as it was then.",
            "[1.5, 2.0, None, 3.0]": "The derivative of d * g with respect to g is d.",
            "[1.25, 3.0, 3.0, 2.0]": "The third number is read after zero_grad().",
            "[1.25, 3.0, None, 0.0]": "d took part in the backward pass. What has cleared its "
            "gradient?",
        },
        hints=[
            "step() changes parameters by their gradients. Nothing else.",
            "zero_grad() sets .grad to None, but of which parameters?",
        ],
        why="step() keeps the gradients, and zero_grad() clears those that the optimizer "
        "holds; between backward() and step() it would throw away what the step needs, and "
        "nothing would move. When two models are trained against each other, the loss of the "
        "generator also fills the gradients of the discriminator, and only the other "
        "optimizer, or the module's own zero_grad(), clears them.",
        numbers={
            "2.0": "3.0",
            "3.0": "8.0",
            "1.25": "1.0",
            "2.75": "5.0",
            "1.0": "5.0",
            "1.5": "2.25",
        },
        core=True,
    )


def test_a_frozen_layer_in_the_middle():
    """Write the line that freezes model[1]. Which layers get a gradient then? Give a list."""
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(3)))
    __(
        model[1].requires_grad_(False),
        wrong={
            "model[1].requires_grad = False": "A module has no such flag. Python makes a new "
            "attribute, which nobody reads, and raises nothing.",
            (
                "model[1].eval()",
                "model[1].train(False)",
            ): "That changes what layers like dropout do. It switches no gradient off.",
            (
                "model[1].weight.requires_grad_(False)",
                "model[1].weight.requires_grad = False",
            ): "The layer has another parameter, too.",
            "model.requires_grad_(False)": "This freezes all three, and then backward() has no "
            "graph.",
            (
                "model[1].requires_grad_()",
                "model[1].requires_grad_(True)",
            ): "This sets the flag, which is set already.",
            ("model[1].zero_grad()", "model.zero_grad()"): "There is nothing to clear yet. "
            "Freezing is about the flag.",
            (
                "model[1].detach()",
                "model[1].freeze()",
            ): "A module has no such method. Which method sets the flag of a tensor?",
            (
                "model[0].requires_grad_(False)",
                "model[2].requires_grad_(False)",
            ): "The method is right. Which of the three is model[1]?",
            "torch.no_grad()": "This only makes an object. And under no_grad nothing would be "
            "recorded at all.",
        },
    )
    assert not any(p.requires_grad for p in model[1].parameters())
    model(torch.ones(1)).sum().backward()
    given = [i for i, m in enumerate(model) if m.weight.grad is not None]
    assert given == __(
        [0, 2],
        wrong={
            "[2]": "A frozen layer gets no gradient for its own parameters. But does it still "
            "pass one on?",
            "[0]": "The frozen layer is the one in the middle. What about the last one?",
            "[0, 1, 2]": "The parameters of model[1] no longer require grad.",
            "[1]": "That is the frozen one.",
            "[]": "Two layers are not frozen, so something was recorded.",
            "[True, False, True]": "These flags say which. But given holds numbers of layers.",
            "['0', '2']": "The numbers are right, but they are not text.",
            "[1, 3]": "Python counts from 0.",
        },
        hints=[
            "A tensor has a method that sets its flag. A module has the same method.",
            "Does the output of the frozen layer still depend on model[0]?",
        ],
        why="The output of a frozen layer still requires grad if its input does, so gradients "
        "go through it. To stop them, use detach() on its input or output: then nothing before "
        "gets a gradient, frozen or not. For fine-tuning, layers are usually frozen from the "
        "first one on, and the backward pass ends where nothing further back requires grad. A "
        "frozen BatchNorm still updates its running statistics, until eval().",
        core=True,
    )


def test_what_a_step_looks_at():
    """weight_decay=0.5 adds half of a weight to its gradient. What are a, b, c? Give a list."""
    a = nn.Parameter(torch.tensor(4.0))
    b = nn.Parameter(torch.tensor(4.0))
    c = nn.Parameter(torch.tensor(4.0))
    b.grad = torch.tensor(0.0)
    c.grad = torch.tensor(2.0)
    c.requires_grad_(False)
    torch.optim.SGD([a, b, c], lr=0.25, weight_decay=0.5).step()
    assert [a.item(), b.item(), c.item()] == __(
        [4.0, 3.5, 3.0],
        wrong={
            "[4.0, 3.5, 4.0]": "c is frozen now. But an old gradient is still in c.grad, and "
            "step() reads .grad, not the flag.",
            "[4.0, 4.0, 4.0]": "Nothing moves a parameter whose .grad is None. But two of the "
            "three have one, and weight_decay adds to it.",
            "[3.5, 3.5, 3.0]": "weight_decay adds to a gradient. What does a step do if there "
            "is none?",
            "[3.5, 3.5, 3.5]": "weight_decay adds to a gradient, and the three differ in it.",
            "[4.0, 4.0, 3.5]": "3.5 is the step with the old gradient alone. weight_decay adds "
            "to each gradient that is there, also to 0.",
            "[4.0, 3.5, 3.5]": "c has a gradient of its own, and weight_decay adds to it.",
            "[3.5, 3.5, 4.0]": "a has no gradient to add to. And c has one, although it is "
            "frozen.",
            "[4.0, 2.0, 0.0]": "The gradient is multiplied by the learning rate.",
            "[4.0, 4.0, 3.0]": "b.grad is 0, and 0 is a gradient like any other: half of b is "
            "added to it.",
            "[4.0, 4.5, 5.0]": "A step goes against the gradient.",
        },
        hints=[
            "A step skips a parameter whose .grad is None. Does it look at requires_grad?",
            "b: the gradient becomes 0 + 0.5 * 4, and the step is 0.25 times that.",
        ],
        why="None is skipped, 0 is not: decay and momentum move a weight with a gradient of 0, "
        "so setting gradients to 0 is no way to freeze it. Nor is the flag alone, once there "
        "is a gradient: set .grad to None, too, or give the optimizer only what it should "
        "train.",
        numbers={
            "4.0": "8.0",
            "3.5": "7.0",
            "3.0": "6.0",
            "2.0": "4.0",
            "4.5": "9.0",
            "5.0": "10.0",
            "4": "8",
        },
    )


def test_a_copy_of_the_best_weights():
    """The line in the comment should keep the weights as they are now. Write one that does."""
    for value in [4.0, -2.0]:
        model = nn.Linear(1, 1, bias=False)
        nn.init.constant_(model.weight, value)
        # It was: best = model.state_dict()
        best = __(
            copy.deepcopy(model.state_dict()),
            wrong={
                "model.state_dict()": "That is as it was: a new dict, whose tensors share "
                "their memory with the parameters.",
                (
                    "model.state_dict().copy()",
                    "dict(model.state_dict())",
                    "copy.copy(model.state_dict())",
                    "{**model.state_dict()}",
                ): "This copies the dict, but not the tensors in it.",
                "model.state_dict().clone()": "A dict has no clone(). What has to be copied "
                "are the tensors in it.",
                "model": "That is a second name for the same model.",
                "copy.deepcopy(model)": "This does copy the weights. But load_state_dict wants "
                "a dict.",
                (
                    "model.weight",
                    "model.weight.clone()",
                ): "load_state_dict wants a dict: names, and a tensor for each.",
                "list(model.parameters())": "load_state_dict wants names, too. And these are "
                "the parameters themselves.",
                ("{'weight': model.weight}", "{'weight': model.weight.detach()}"): "The right "
                "form. But this tensor shares its memory with the parameter.",
                "{'weight': torch.tensor([[4.0]])}": "That is right for one of the two values. "
                "Keep whatever is there.",
            },
            hints=[
                "Two things could be copied: the dict, and the tensors in it. Which matter?",
                "Python's module copy has a function that copies what is inside, too.",
            ],
            why="state_dict() detaches its tensors but doesn't copy them: that is enough for "
            "saving to a file at once. With early stopping, a best that was kept this way is "
            "silently the last state. load_state_dict does copy, by default, into the "
            "parameters that are there.",
        )
        with torch.no_grad():
            model.weight.sub_(1.0)
        model.load_state_dict(best)
        assert model.weight.item() == value


def test_set_a_weight():
    """With the line in the comment, step() no longer moves the weight. Write a better line."""
    model = nn.Linear(1, 1, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    # It was: model.weight = nn.Parameter(torch.tensor([[3.0]]))
    __(
        nn.init.constant_(model.weight, 3.0),
        wrong={
            "model.weight = nn.Parameter(torch.tensor([[3.0]]))": "That is as it was: a new "
            "parameter for the model, while the optimizer holds the old one.",
            (
                "model.weight = torch.tensor([[3.0]])",
                "model.weight = 3.0",
            ): "Where a module has a parameter, it accepts only another Parameter.",
            (
                "model.weight.fill_(3.0)",
                "model.weight[:] = 3.0",
                "model.weight[0, 0] = 3.0",
                "model.weight.copy_(torch.tensor([[3.0]]))",
            ): "The right idea, but torch refuses it for a leaf tensor that requires grad "
            "while it is recording.",
            "model.load_state_dict({'weight': torch.tensor([[3.0]])}, assign=True)": "With "
            "assign=True the model is given new parameters, and the optimizer still holds the "
            "old ones.",
            "model.weight.clone().fill_(3.0)": "This fills a copy.",
            "model = nn.Linear(1, 1, bias=False)": "That is a new model, and the optimizer "
            "doesn't hold its weight.",
            "model.weight.requires_grad_(False).fill_(3.0)": "Now the weight is frozen, so "
            "that backward() has no graph.",
            "optimizer.step()": "A step changes the weight by its gradient, and there is none "
            "yet.",
        },
        hints=[
            "The optimizer holds the parameter itself, so only its number may change.",
            "An earlier koan of this chapter sets a weight. Or write into it under no_grad.",
        ],
        why="The functions of nn.init write into a parameter, under no_grad; so does "
        "load_state_dict, unless assign=True. If a parameter has to be replaced, by another "
        "last layer say, do it before the optimizer is made. Afterwards nothing raises: the "
        "new parameter gets its gradients, but no step moves it.",
    )
    assert model.weight.item() == 3.0
    model(torch.ones(1)).sum().backward()
    optimizer.step()
    assert model.weight.item() == 2.5


def test_weight_decay_in_three_optimizers():
    """Only weight decay moves p here. Which optimizers scale both numbers by the same factor?

    Adam divides each gradient by its recent size, SGD does not. Both add the decay to the
    gradient; AdamW subtracts it from p directly. Give the names, as text.
    """
    names = []
    for kind in [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW]:
        p = nn.Parameter(torch.tensor([8.0, 1.0]))
        p.grad = torch.zeros(2)
        kind([p], lr=0.25, weight_decay=0.25).step()
        large, small = p.tolist()
        assert large < 8.0
        if large == pytest.approx(8 * small):
            names.append(kind.__name__)
    assert names == __(
        ["SGD", "AdamW"],
        wrong={
            '["SGD", "Adam", "AdamW"]': "Adam divides each gradient by its recent size before "
            "it steps. What does that do to a decay that was added to the gradient?",
            '["AdamW"]': "AdamW keeps decay apart from the gradient. But does it make a "
            "difference to SGD whether it is added first?",
            '["SGD"]': "SGD takes a step in proportion to what is added. But one of the other "
            "two keeps decay away from its division.",
            '["Adam"]': "Adam's first step has the same size for each number, whatever its "
            "gradient.",
            '["SGD", "Adam"]': "Both add decay to the gradient. But one of them then divides "
            "by the size of the gradient.",
            '["Adam", "AdamW"]': "These two treat decay differently: that is why there are "
            "two.",
            "[]": "For some, decay is a multiple of the number itself.",
            "[True, False, True]": "These flags say which. But names holds names.",
        },
        hints=[
            "SGD: the gradient becomes 0 + 0.25 * p, and the step is 0.25 times that.",
            "Adam divides a gradient by its own size, so its first step is about lr each.",
            "AdamW subtracts lr * weight_decay * p, before it looks at the gradient.",
        ],
        why="In Adam, decay goes through the division, and a large weight shrinks no more than "
        "a small one: here both lose 0.25. AdamW shrinks each by a sixteenth of itself: "
        "decoupled weight decay. For plain SGD the two ways are the same.",
    )


def test_dropout_and_eval():
    """Dropout should be off after eval(), but isn't. Write what forward should return."""

    class Net(nn.Module):
        def forward(self, x):
            # It was: return F.dropout(x, 0.5)
            return __(
                F.dropout(x, 0.5, self.training),
                wrong={
                    (
                        "F.dropout(x, 0.5)",
                        "F.dropout(x, 0.5, True)",
                    ): "A function doesn't know in which mode the module is: F.dropout drops "
                    "unless it is told not to.",
                    (
                        "F.dropout(x, 0.5, False)",
                        "F.dropout(x, 0.5, training=False)",
                    ): "Then it is off in training, too.",
                    "nn.Dropout(0.5)(x)": "This makes a new module in each forward pass, and a "
                    "new module is in training mode.",
                    "nn.Dropout(0.5)": "That is a module, not what it makes of x.",
                    "self.dropout(x)": "This module has no such attribute. It would be made in "
                    "__init__.",
                    ("x", "F.dropout(x, 0.0)"): "Then nothing is dropped in training, either.",
                    "F.dropout(x, 0.5, not self.training)": "This drops in evaluation, and is "
                    "off in training.",
                    (
                        "F.dropout(x, 0.5, self.eval)",
                        "F.dropout(x, 0.5, self.train)",
                    ): "That is a method, and a method counts as true.",
                    "F.dropout(x, 0.5, training)": "There is no variable of this name. Where "
                    "does the module keep its mode?",
                    "F.dropout(x, 0.5).eval()": "A tensor has no eval(). The mode belongs to "
                    "the module.",
                },
                hints=[
                    "eval() sets a flag on the module, and on all modules in it.",
                    "F.dropout has an argument called training. A module has an attribute.",
                ],
                why="eval() only sets self.training to False; each module has to read it. "
                "nn.Dropout as an attribute does so by itself. And eval() doesn't stop "
                "recording: to evaluate, use both, model.eval() for what modules do, and "
                "torch.no_grad() for memory and time. Before training goes on, call "
                "model.train().",
            )

    net, x = Net(), torch.ones(1000)
    assert set(net(x).tolist()) == {0.0, 2.0}
    net.eval()
    assert set(net(x).tolist()) == {1.0}


def test_tied_weights():
    """Two layers share one weight. What are count, the gradient and the weight? Give a list."""
    first = nn.Linear(1, 1, bias=False)
    second = nn.Linear(1, 1, bias=False)
    second.weight = first.weight
    nn.init.constant_(first.weight, 3.0)
    model = nn.Sequential(first, second)
    count = len(list(model.parameters()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    model(torch.ones(1)).sum().backward()
    optimizer.step()
    assert [count, first.weight.grad, second.weight] == __(
        [1, 6.0, 1.5],
        wrong={
            "[2, 6.0, 1.5]": "There are two layers. But how many tensors are learned?",
            "[2, 3.0, 2.25]": "These would be right for two weights of 3. Here there is one, "
            "used twice.",
            "[1, 3.0, 2.25]": "3 comes along one of the two uses. What about the other one?",
            "[2, 6.0, 0.0]": "0 would be right after two steps. Is one tensor listed twice?",
            "[1, 6.0, 0.0]": "0 would be right if each layer took a step. How often is this "
            "one tensor updated?",
            "[1, 9.0, 0.75]": "9 is the output of the model. Its derivative is asked for.",
            "[1, 6.0, 3.0]": "second.weight and first.weight are one tensor, and it was "
            "updated.",
            "[1, 6.0, -3.0]": "The gradient is multiplied by the learning rate.",
            "[1, 6.0, 4.5]": "A step goes against the gradient.",
            "[2, 3.0, 3.0]": "first.weight and second.weight are one tensor. So what happens "
            "to one happens to the other.",
        },
        hints=[
            "With the input 1, the model computes the square of the weight.",
            "parameters() lists each tensor once, however many names it has.",
        ],
        why="Two names are not two tensors: there is one .grad, in which both uses are summed, "
        "and one update for each step. Language models often tie the embedding to the last "
        "layer in this way. state_dict() does list both names.",
        numbers={
            "3.0": "4.0",
            "6.0": "8.0",
            "1.5": "2.0",
            "2.25": "3.0",
            "9.0": "16.0",
            "0.75": "0.0",
            "4.5": "6.0",
            "3": "4",
            "9": "16",
        },
    )


def test_what_an_optimizer_accepts():
    """A look back at chapter 5. Which of these does an optimizer accept? Give their names."""
    w = torch.tensor(2.0, requires_grad=True)
    half = w * 0.5
    tensors = {"a": torch.tensor(2.0), "b": w, "c": half}
    tensors |= {"d": half.detach(), "e": nn.Parameter(half)}
    accepted = []
    for name, tensor in tensors.items():
        with contextlib.suppress(ValueError):
            torch.optim.SGD([tensor], lr=0.25)
            accepted.append(name)
    assert accepted == __(
        ["a", "b", "d", "e"],
        wrong={
            '["b", "e"]': "Only these can be trained. But does an optimizer ask for the flag, "
            "or for something else?",
            '["e"]': "A Parameter is not required: any leaf tensor that requires grad can be "
            "trained. And does an optimizer ask for the flag?",
            '["b", "c", "e"]': "These require grad. But one of them is a result, and keeps no "
            ".grad.",
            '["a", "b", "c", "d", "e"]': "One of them has a grad_fn, so that no gradient is "
            "kept in its .grad.",
            '["b", "d", "e"]': "d and a are alike: both are leaf tensors that don't require "
            "grad.",
            '["a", "b", "e"]': "d comes from half, but it has no grad_fn. Is it a leaf tensor?",
            '["a", "b", "d"]': "A Parameter made from half is a new tensor. Is it a leaf "
            "tensor?",
            '["b"]': "b can be trained. So can a Parameter. And does an optimizer ask for the "
            "flag?",
            '["c"]': "This is the odd one out, but not because it is accepted.",
            '["c", "e"]': "half is a result. The Parameter made from it is a new tensor.",
            "[True, True, False, True, True]": "These flags say which. But the blank asks for "
            "names.",
        },
        hints=[
            "An optimizer wants leaf tensors. Which of these five is not one?",
            "Which of the five have a grad_fn? Is anything else checked?",
        ],
        why="A result is the loud mistake: an optimizer raises a ValueError, can't optimize a "
        "non-leaf Tensor. A leaf tensor that doesn't require grad is the silent one: its .grad "
        "stays None, so each step skips it, and it never learns.",
    )


def test_momentum_by_hand():
    """A look back at chapter 9. With momentum, a step follows a velocity. Write the new one.

    It is half of the old velocity plus the gradient.
    """
    a = nn.Parameter(torch.tensor(4.0))
    b = nn.Parameter(torch.tensor(4.0))
    optimizer = torch.optim.SGD([a], lr=0.25, momentum=0.5)
    velocity = torch.tensor(0.0)
    for power in [2, 3, 2]:
        a.grad = b.grad = None
        (a**power + b**power).backward()
        optimizer.step()
        velocity = __(
            velocity / 2 + b.grad,
            wrong={
                "b.grad": "That is plain SGD: the old velocity is forgotten.",
                "velocity + b.grad": "Then nothing of the old velocity fades, as if gradients "
                "accumulated.",
                (
                    "(velocity + b.grad) / 2",
                    "velocity / 2 + b.grad / 2",
                ): "Only the old velocity is halved.",
                "velocity + b.grad / 2": "It is the old velocity that is halved.",
                "velocity / 2 - b.grad": "The minus is in a line below.",
                "velocity / 2 + b": "The gradient belongs here, not b itself.",
                "velocity / 2 + 0.25 * b.grad": "The learning rate is in a line below.",
                "velocity": "Then b never moves.",
            },
            hints=[
                "Put the sentence about the velocity into code.",
                "The line below does the rest of the step.",
            ],
            why="One number is kept for each parameter: gradients of earlier steps go on "
            "working, half as much in each step. So steps that agree become longer, and steps "
            "that zigzag cancel. And a parameter with a gradient of 0 still moves. Adam keeps "
            "two such numbers; all of them learn of the loss through .grad alone.",
        )
        with torch.no_grad():
            b -= 0.25 * velocity
        assert b.item() == a.item()
