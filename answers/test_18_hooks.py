"""Hooks: listening to the backward pass, and changing it.

A hook is a function that you hand to torch, and that torch calls at a certain moment. A hook
that you register with x.register_hook() is called in each backward pass that computes the
gradient of x, as soon as it is known, and is given this gradient. If the hook returns None,
as a Python function without return does, the gradient stays as it is. register_hook() returns
a handle, and handle.remove() takes the hook away.

Other hooks are called at other moments: when a gradient has been written into .grad, before or
after a node runs, after the forward pass of a module. Which one you need depends on what has
to be known by then, and on whether you only listen or change something.

By the end you can clip or scale a gradient on its way, log the gradients of layers, take a
step inside the backward pass, say which hook is called when, and read "Backward Hooks
execution" in PyTorch's note Autograd mechanics.
"""

import pytest
import torch
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


def linear(weight):
    """Return a linear layer that has this weight, and no bias."""
    layer = nn.Linear(len(weight[0]), len(weight), bias=False)
    layer.weight = nn.Parameter(torch.tensor(weight))
    return layer


def test_what_a_hook_returns():
    """What a hook returns takes the place of the gradient. What are w.grad and x.grad?

    Give both, in a list.
    """
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0, requires_grad=True)
    y = w * x
    y.register_hook(lambda grad: 10 * grad)
    (y + w).backward()
    assert [w.grad.item(), x.grad.item()] == __(
        [21.0, 30.0],
        wrong={
            "[3.0, 3.0]": "These are the gradients without the hook. But this hook returns "
            "something.",
            "[30.0, 30.0]": "w.grad is a sum over two paths. Does each of them go through y?",
            "[20.0, 30.0]": "20 comes to w through y. There is another path to w.",
            "[21.0, 3.0]": "The hook is on y, and y depends on x as much as on w.",
            "[3.0, 30.0]": "The hook is on y, and y depends on w as much as on x.",
            "[31.0, 20.0]": "What is the derivative of w * x with respect to w: w or x?",
            "[10.0, 10.0]": "10 is what goes back from y. Then comes the product.",
            "[23.0, 33.0]": "The hook multiplies what it is given. It doesn't add.",
            "[61.0, 60.0]": "A hook is given a gradient, not the value of its tensor.",
        },
        hints=[
            "The gradient of y is 1. What does the hook make of it?",
            "From there on the product is differentiated as always. And w has a second path.",
        ],
        why="Whatever is computed from the gradient of y is computed from what the hook "
        "returned. What comes along other paths is untouched. So a hook can scale, clip or "
        "stop what flows through one tensor, and the values of the forward pass stay as they "
        "are. register_hook() raises if the tensor doesn't require grad: no gradient would "
        "ever come.",
        numbers={
            "3.0": "5.0",
            "2.0": "4.0",
            "21.0": "41.0",
            "30.0": "50.0",
            "20.0": "40.0",
            "31.0": "51.0",
            "23.0": "45.0",
            "33.0": "55.0",
            "61.0": "201.0",
            "60.0": "200.0",
            "20": "40",
        },
    )


def test_a_hook_that_clips():
    """The hook should clip the gradient of a, and only that. Write what it returns.

    The limits are -1 and 1. With the line in the comment, b.grad was clipped as well.
    """

    def hook(grad):
        # It was: return grad.clamp_(-1, 1)
        return __(
            grad.clamp(-1, 1),
            wrong={
                ("grad.clamp_(-1, 1)", "torch.clamp_(grad, -1, 1)"): "That is as it was: the "
                "hook writes into the tensor that it is given. Who else is given this tensor?",
                "grad.clamp(max=1)": "A gradient may be too large in the other direction, too.",
                "grad.clamp(0, 1)": "A gradient may be negative.",
                "None": "A hook that returns None leaves the gradient as it is.",
                "grad / grad.norm()": "This gives every gradient the norm 1, small ones as "
                "well. Clipping leaves alone what is within the limits.",
                "grad.sign()": "This is 1 or -1 for each element. Clipping leaves alone what "
                "is within the limits.",
                "a.grad.clamp(-1, 1)": "When the hook is called, nothing has been written into "
                "a.grad yet. And the hook is given the gradient.",
                (
                    "nn.utils.clip_grad_value_([a], 1.0)",
                    "torch.nn.utils.clip_grad_value_([a], 1.0)",
                ): "This clips what is in a.grad. When the hook is called, nothing is in it.",
                "grad.data.clamp_(-1, 1)": ".data has the memory of grad, so this writes into "
                "it as well.",
                "grad": "That is what the hook was given.",
            },
            hints=[
                "A sum passes one and the same tensor on to a and to b.",
                "How do the names of methods end that write into their tensor?",
            ],
            why="A hook must not write into its argument. Torch doesn't copy a gradient where "
            "it can share it, so others may see the write: here b, and even upstream itself. "
            "Where nobody shares it, such a hook seems to work. In a recurrent network, a hook "
            "on the state of each step clips the gradient on its way back, while clipping as "
            "in chapter 17 comes when the pass is over.",
        )

    for values in [[4.0, -0.5], [0.25, -3.0]]:
        a = torch.zeros(2, requires_grad=True)
        b = torch.zeros(2, requires_grad=True)
        upstream = torch.tensor(values)
        a.register_hook(hook)
        (a + b).backward(upstream)
        assert a.grad.tolist() == [max(-1.0, min(1.0, v)) for v in values]
        assert b.grad.tolist() == upstream.tolist() == values


def test_two_hooks_on_one_result():
    """y should keep its gradient, and has two hooks. What are y.grad and x.grad?

    Give both, in a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    y = x**2
    y.retain_grad()
    y.register_hook(lambda grad: grad + 1)
    y.register_hook(lambda grad: 10 * grad)
    (3 * y).backward()
    assert [y.grad.item(), x.grad.item()] == __(
        [40.0, 160.0],
        wrong={
            "[3.0, 160.0]": "3 is the gradient of y before the hooks. Is that the one that "
            "retain_grad() keeps?",
            "[31.0, 124.0]": "That would be right if the hook registered last were called "
            "first.",
            "[3.0, 12.0]": "These are the gradients without the hooks.",
            "[30.0, 120.0]": "The second hook is given what the first one returned.",
            "[34.0, 136.0]": "The hooks are called one after the other. Their results are not "
            "summed.",
            "[4.0, 16.0]": "That is what the first hook makes of it. There is another one.",
            "[40.0, 12.0]": "The gradient of x is computed from what the hooks of y returned.",
            "[40.0, 40.0]": "Between y and x there is still the derivative of x**2.",
            "[3.0, 124.0]": "In which order are the hooks called? And which gradient does "
            "retain_grad() keep: the one before them?",
        },
        hints=[
            "Hooks of a tensor are called in the order in which they were registered.",
            "What retain_grad() keeps is what the hooks have made of the gradient.",
        ],
        why="Each hook is given what the one before it returned, and retain_grad() comes after "
        "all hooks of its tensor, even if it was called before they were registered. So y.grad "
        "need not be a derivative of the result any more. To see the gradient as it "
        "came, register a hook before the others that writes it down and returns None.",
        numbers={
            "2.0": "5.0",
            "3": "4",
            "3.0": "4.0",
            "40.0": "50.0",
            "160.0": "500.0",
            "31.0": "41.0",
            "124.0": "410.0",
            "12.0": "40.0",
            "30.0": "40.0",
            "120.0": "400.0",
            "34.0": "45.0",
            "136.0": "450.0",
            "4.0": "5.0",
            "16.0": "50.0",
        },
    )


def test_a_row_that_rests():
    """In the first two passes, but not in the third, row 0 should get a gradient of 0.

    Write what the hook returns, and the line that ends it.
    """
    weight = torch.ones(2, 2, requires_grad=True)

    def hook(grad):
        return __(
            grad * torch.tensor([[0.0], [1.0]]),
            wrong={
                (
                    "grad * torch.tensor([0.0, 1.0])",
                    "torch.tensor([0.0, 1.0]) * grad",
                ): "These factors are used in each row, so it is a column that becomes 0.",
                (
                    "grad * torch.tensor([[1.0], [0.0]])",
                    "torch.tensor([[1.0], [0.0]]) * grad",
                ): "Rows are counted from 0.",
                (
                    "grad[1]",
                    "grad[1:]",
                ): "What a hook returns must have the shape of the gradient.",
                ("0 * grad", "torch.zeros_like(grad)"): "Then both rows get a gradient of 0.",
                "None": "A hook that returns None leaves the gradient as it is.",
                (
                    "grad[0].zero_()",
                    "grad.mul_(torch.tensor([[0.0], [1.0]]))",
                ): "A hook must not write into its argument. Here torch refuses it: the "
                "elements of this gradient share one number in memory.",
                "torch.tensor([[0.0], [1.0]])": "The shape doesn't fit. And what has become of "
                "the gradient?",
                "torch.tensor([[0.0, 0.0], [1.0, 1.0]])": "This forgets the gradient, which "
                "is not 1 here.",
                "weight.grad[0].zero_()": "When this hook is called, the gradient is not in "
                ".grad yet.",
                "weight[0].requires_grad_(False)": "weight[0] is a result, and the flag of a "
                "result can't be cleared.",
            },
        )

    handle = weight.register_hook(hook)
    (2 * weight.sum()).backward()
    assert weight.grad.tolist() == [[0.0, 0.0], [2.0, 2.0]]
    (3 * weight.sum()).backward()
    __(
        handle.remove(),
        wrong={
            ("handle = None", "del handle"): "The hook doesn't depend on this name. Torch "
            "still calls it.",
            ("hook = None", "del hook"): "Torch has the function by now, and doesn't need "
            "its name.",
            "handle.remove": "This names the method, but does not call it.",
            "weight.grad = None": "This clears the gradient. The hook is still there.",
            ("weight.remove_hook(handle)", "weight.remove_hook(hook)"): "A tensor has no "
            "such method. The handle has one.",
            "weight.register_hook(lambda grad: grad)": "A further hook doesn't replace the "
            "first one. Both are called.",
            ("weight.requires_grad_()", "weight.requires_grad_(True)"): "weight requires "
            "grad already.",
            "weight.detach_()": "Then weight no longer requires grad. The third pass raises.",
            "handle.close()": "A handle has another method for this.",
            "hook(weight.grad)": "This calls the hook, and drops what it returns.",
        },
        hints=[
            "The hook can multiply: one row by 0, the other one by 1.",
            "A factor for each row has to lie in a column, to broadcast along the row.",
            "The opening of this chapter names what the handle is for.",
        ],
        why="requires_grad belongs to a whole tensor, so part of one is frozen by a hook. "
        "Plain SGD doesn't move a parameter whose gradient is 0; weight decay and momentum "
        "may. An embedding takes the number of such a row as an argument, its padding "
        "index. A hook stays until it is removed: one that is registered in each round of "
        "a loop is there a hundred times in the hundredth round.",
    )
    (4 * weight.sum()).backward()
    assert weight.grad.tolist() == [[4.0, 4.0], [9.0, 9.0]]


def test_before_and_after_accumulating():
    """The second hook is called when x.grad has been written, and is given x itself.

    What is in seen at the end? Give a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    seen = []

    def after(t):
        seen.append(t.grad.item())

    x.register_hook(lambda grad: seen.append(grad.item()))
    x.register_post_accumulate_grad_hook(after)
    (x**2).backward()
    torch.autograd.grad(x**3, x)
    (5 * x).backward()
    assert seen == __(
        [4.0, 4.0, 12.0, 5.0, 9.0],
        wrong={
            "[4.0, 4.0, 12.0, 16.0, 5.0, 21.0]": "torch.autograd.grad returns the gradient. "
            "Does it write it into x.grad?",
            "[4.0, 4.0, 12.0, 4.0, 5.0, 9.0]": "The second hook is called when x.grad has been "
            "written. In which of the three calls?",
            "[4.0, 4.0, 5.0, 9.0]": "torch.autograd.grad computes a gradient of x, too. Which "
            "of the hooks waits for just that?",
            "[4.0, 4.0, 12.0, 12.0, 5.0, 5.0]": "The second hook reads x.grad. When is "
            "something written into it, and does that replace what was there?",
            "[4.0, 4.0, 12.0, 5.0, 5.0]": "The second hook reads x.grad. What was in it before "
            "the last pass?",
            "[4.0, 4.0, 12.0, 5.0, 21.0]": "Only two of the three calls accumulate.",
            "[4.0, 4.0, 12.0, 9.0, 9.0]": "The first hook is given what this pass brings, "
            "before it is accumulated.",
            "[4.0, 2.0, 12.0, 5.0, 2.0]": "The second hook is given x. But what does it read?",
            "[4.0, 12.0, 5.0]": "There are two hooks, and x.grad is written to as well.",
        },
        hints=[
            "Which of the three calls write into x.grad?",
            "And what was in x.grad before the last pass?",
        ],
        why="A tensor's hook sees what one pass brings, this one what has accumulated. Only a "
        "leaf tensor can have it; elsewhere registering it raises. Its argument is the tensor, "
        "not the gradient, and it must return None. Libraries that train on several machines "
        "need this moment: from now on, the gradient of this parameter is final in this pass.",
        numbers={
            "2.0": "3.0",
            "4.0": "6.0",
            "12.0": "27.0",
            "9.0": "11.0",
            "16.0": "33.0",
            "21.0": "38.0",
        },
    )


def test_a_step_inside_the_pass():
    """Each parameter should move by a quarter of its gradient, downhill, within the pass.

    step() is given the parameter, as in the koan before. Which line belongs there?
    """
    a = torch.tensor(4.0, requires_grad=True)
    b = torch.tensor(2.0, requires_grad=True)

    def step(p):
        __(
            p.sub_(0.25 * p.grad),
            wrong={
                (
                    "p - 0.25 * p.grad",
                    "p.sub(0.25 * p.grad)",
                ): "This computes a new tensor, which nobody keeps.",
                "p = p - 0.25 * p.grad": "This gives the name p to a new tensor. The parameter "
                "itself stays where it was.",
                "p.sub_(0.25 * p)": "p is the parameter. Where is its gradient?",
                "p.sub_(p.grad)": "Only a quarter of the gradient was asked for.",
                "p.add_(0.25 * p.grad)": "This goes uphill.",
                "p.grad.mul_(0.25)": "This scales the gradient. It is the parameter that "
                "should move.",
                "a.sub_(0.25 * a.grad)": "The hook is called for b, too.",
                "p.grad.sub_(0.25 * p)": "This writes into the gradient. It is the parameter "
                "that should move.",
                "return p - 0.25 * p.grad": "What this hook returns doesn't replace the "
                "parameter: torch raises if it is not None.",
                "optimizer.step()": "There is no optimizer here.",
            },
            hints=[
                "The gradient is in .grad by then.",
                "Write into p. Within this hook nothing is recorded.",
            ],
            why="No step follows the pass, and the gradients of all parameters need not exist "
            "at the same time: each is used and dropped once it is there. In a large model "
            "that saves much memory. Usually each parameter has an optimizer of its own then, "
            "whose step() the hook calls. Clipping by the norm of all gradients is not "
            "possible this way, nor is accumulating over several passes. Hooks run without "
            "recording, unless the pass was asked for create_graph=True.",
        )
        p.grad = None

    for parameter in [a, b]:
        parameter.register_post_accumulate_grad_hook(step)
    for _ in range(2):
        (a**2 + 3 * b).backward()
    assert [a.item(), b.item(), a.grad, b.grad] == [1.0, 0.5, None, None]


def test_the_hooks_of_a_node():
    """A node can have hooks that are called before and after it runs.

    Which hooks have been called at the end, and in which order? Give a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    h = x**2
    y = 3 * h
    log = []
    h.grad_fn.register_hook(lambda *_: log.append("after"))
    h.grad_fn.register_prehook(lambda *_: log.append("before"))
    h.register_hook(lambda _: log.append("h"))
    torch.autograd.grad(y, h, retain_graph=True)
    y.backward()
    assert log == __(
        ["h", "h", "before", "after"],
        wrong={
            '["h", "before", "after", "h", "before", "after"]': "The first call wants the "
            "gradient of h, and nothing else. Does the node of h have to run for that?",
            '["h", "before", "after"]': "Both calls compute the gradient of h. Which of the "
            "hooks waits for that?",
            '["before", "after", "h"]': "What the node needs before it can run is the gradient "
            "of h. And the first call computes that, too.",
            '["after", "before", "h"]': "This is the order in which they were registered. But "
            "they are of different kinds.",
            '["before", "after", "h", "before", "after", "h"]': "What the node needs before it "
            "can run is the gradient of h.",
            '["before", "after", "before", "after"]': "There is a hook on h, too.",
            '["h", "h", "after", "before"]': "This is the order in which the two were "
            "registered. But one of them is called before the node runs.",
            '["h", "before", "h", "before", "after"]': "Where the node doesn't run, neither of "
            "its hooks is called.",
            '["h", "before", "after", "h"]': "Which of the two calls has to go on to x?",
            '["before", "after"]': "There is a hook on h, too. And both calls compute the "
            "gradient of h.",
        },
        hints=[
            "The node of h makes the gradient of x out of the gradient of h.",
            "Which of the two calls needs the gradient of x?",
        ],
        why="A hook on a tensor waits for a gradient, a hook on a node for the node. The order "
        "is: hooks of the tensor, hooks before its node, the node, hooks after it. For a leaf "
        "tensor, running the node means to write .grad, and post-accumulate hooks come right "
        "after that. A hook after a node is given two tuples, the gradients that it passes on "
        "and those that came in, and may return others to pass on.",
    )


def test_a_log_of_norms():
    """A module's hook is given two tuples: the gradients of its inputs, and of its outputs.

    For the log, write the norm of the gradient of a layer's output.
    """
    layers = [linear([[1.0], [-1.0]]), nn.ReLU(), linear([[3.0, 4.0]])]
    norms = []

    def hook(module, grad_input, grad_output):
        norm = __(
            grad_output[0].norm().item(),
            wrong={
                ("grad_output.norm().item()", "grad_output.norm()"): "grad_output is a tuple: "
                "a module may have several outputs.",
                ("grad_input[0].norm().item()", "grad_input[0].norm()"): "These are the "
                "gradients of inputs. And the first input here has none.",
                ("module.weight.grad.norm().item()", "module.weight.grad.norm()"): "This would "
                "be the gradient of a weight. And ReLU has no weight.",
                "grad_output[0].item()": "item() is for tensors with one element.",
                "grad_output[0].sum().item()": "Here positive and negative elements cancel. A "
                "norm is another number.",
                "grad_output[0].abs().sum().item()": "This sums the sizes. A norm squares "
                "them first, and takes the root at the end.",
                "(grad_output[0] ** 2).sum().item()": "This is the square of the norm.",
                "grad_output[0].mean().item()": "This is the mean of the elements.",
                "grad_output[0].abs().max().item()": "This is the size of the largest element "
                "alone.",
                ("module.grad.norm().item()", "module.grad.norm()"): "A module has no .grad.",
                "len(grad_output)": "This is the number of outputs.",
            },
            hints=[
                "Each of these layers has one output. So its gradient is the first of a tuple.",
                "Tensors have a method for their norm, with the obvious name.",
            ],
            why="The backward pass starts at the last layer, so its norm is logged first. Such "
            "a log shows where gradients vanish or explode, and the model stays as it is. This "
            "hook may also return a tuple: other gradients for the inputs. The older "
            "register_backward_hook is deprecated: for a module of several operations its "
            "grad_input may be incomplete.",
        )
        norms.append(norm)

    for layer in layers:
        layer.register_full_backward_hook(hook)
    (2 * nn.Sequential(*layers)(torch.ones(1))).sum().backward()
    assert norms == [2.0, 10.0, 6.0]


def test_a_module_and_its_weight():
    """Here no input requires grad, so the module's hook waits for the gradient of the output.

    The other hook is on the weight. What is in log? Give a list.
    """
    layer = linear([[1.0]])
    log = []

    def of_module(module, grad_input, grad_output):
        log.append(module.weight.grad)

    def of_weight(p):
        log.append(p.grad.item())

    layer.register_full_backward_hook(of_module)
    layer.weight.register_post_accumulate_grad_hook(of_weight)
    (2 * layer(torch.tensor([4.0]))).sum().backward()
    assert log == __(
        [None, 8.0],
        wrong={
            "[8.0, 8.0]": "The module's hook waits for the gradient of the output. Does it "
            "wait for that of the weight, too?",
            "[8.0, None]": "The hook on the weight is called when its .grad has been written.",
            "[8.0]": "Both hooks are called, although the input doesn't require grad.",
            "[0.0, 8.0]": "Nothing has written a number into .grad before this pass.",
            "[None, None]": "One of the hooks is called when .grad has been written.",
            "[2.0, 8.0]": "2 is the gradient of the output. But of_module reads that of the "
            "weight.",
            "[None, 2.0]": "2 is the gradient of the output. How fast does the output grow "
            "with the weight?",
            "[None, 4.0]": "The output is doubled before the sum.",
            "[None]": "There are two hooks, and the weight gets a gradient.",
            "[8.0, 16.0]": "There is one pass, and it writes into .grad of the weight once.",
        },
        hints=[
            "Which is known first: the gradient of the output, or that of the weight?",
            "When the module's hook is called, the node of its product has not run yet.",
        ],
        why="A module's backward hook doesn't mean that the module is done. It waits for the "
        "gradients of the inputs, or of the outputs if no input requires grad, but not for "
        "those of the parameters. So don't read weight.grad in it: at that moment it may be "
        "None, or left over from an earlier pass. Parameters are tensors, and have hooks of "
        "their own.",
        numbers={"4.0": "5.0", "8.0": "10.0", "16.0": "20.0"},
    )


def test_a_hooked_layer_and_a_write():
    """With a hook on the layer, the model raises, and so does the line in the comment.

    Write a y with the values that it should have.
    """
    layer, seen = linear([[1.0]]), []
    layer.register_full_backward_hook(lambda m, i, o: seen.append(o[0]))
    with pytest.raises(RuntimeError, match="is being modified inplace"):
        nn.Sequential(layer, nn.ReLU(inplace=True))(torch.ones(1))
    for value in [8.0, -2.0]:
        h = layer(torch.tensor([value]))
        # It was: y = nn.ReLU(inplace=True)(h)
        y = __(
            nn.ReLU()(h),
            wrong={
                (
                    "nn.ReLU(inplace=True)(h)",
                    "nn.ReLU(True)(h)",
                ): "That is as it was: it writes into h.",
                ("torch.relu_(h)", "h.relu_()", "h.clamp_(min=0)"): "The underscore tells that "
                "this writes into h.",
                "h": "Where h is negative, y should be 0.",
                "nn.LeakyReLU()(h)": "This one is not 0 where h is negative.",
                "nn.ReLU6()(h)": "This one doesn't go beyond 6.",
                "nn.Softplus()(h)": "This is the smooth one. Its values are a little larger.",
                ("nn.Sigmoid()(h)", "nn.Tanh()(h)"): "This is another activation, with other "
                "values.",
                (
                    "torch.relu(h.detach())",
                    "nn.ReLU()(h.detach())",
                    "h.detach().relu()",
                ): "The values are right. But y is cut off from the layer.",
                "nn.ReLU(h)": "This makes a module, and doesn't apply it.",
                "nn.ReLU(inplace=True)(h.detach())": "What detach() returns has the memory of "
                "h, and no graph.",
                "h.abs()": "This turns the sign of negative values. They should become 0.",
            },
            hints=[
                "Which word of the old line makes it write into h?",
                "A ReLU can make a new tensor, and does so unless it is told otherwise.",
            ],
            why="The hook has to see all inputs and all outputs of its module at once. For "
            "this, torch puts a node of its own before the module and one behind it, and what "
            "comes out of these are views that may not be written to. ReLU in place is "
            "frequent, since it saves memory, so a model that runs well may raise as soon as "
            "somebody adds such a hook. A hook on the tensor h needs no such nodes.",
        )
        assert y == max(value, 0.0)
        y.sum().backward()
    assert seen == [1.0, 0.0]


def test_an_activation_and_its_gradient():
    """A forward hook is given what its module has just computed.

    Write the line that lets you read the gradient of each output in kept, after the pass.
    """
    kept = []

    def hook(module, args, output):
        kept.append(output)
        __(
            output.retain_grad(),
            wrong={
                ("output.requires_grad_()", "output.requires_grad_(True)"): "output requires "
                "grad already. But it is no leaf tensor, so its gradient is not kept.",
                "output = output.detach().requires_grad_()": "This gives the name output to "
                "another tensor, which nobody uses.",
                "return output.detach()": "If a forward hook returns something, it takes the "
                "place of the output. Then there is no graph.",
                "return output.detach().requires_grad_()": "If a forward hook returns "
                "something, it takes the place of the output. Then no gradient comes to the "
                "weight, nor to what is in kept.",
                "module.weight.retain_grad()": "The weight is a leaf tensor, so its gradient "
                "is kept anyway.",
                "args[0].retain_grad()": "args holds the inputs.",
                "output.retain_grad": "This names the method, but does not call it.",
                "output.register_hook(kept.append)": "Then gradients are in kept, too, and "
                "outputs still have none in .grad.",
                "output.clone().retain_grad()": "The clone is a new tensor, and no path leads "
                "from the result to it.",
                "kept[-1] = output.detach()": "No gradient is computed for this one: it is "
                "outside the graph.",
                "output.backward()": "This starts a backward pass in the middle of the forward "
                "pass.",
            },
            hints=[
                "output is a result. What did chapter 5 say about the gradients of results?",
                "It is a method of output, and has to be called before the backward pass.",
            ],
            why="So you can look into a model that somebody else wrote: at its activations, "
            "and at how the result depends on them. Grad-CAM, for example, weights the "
            "activations of a layer by their gradients to show where a model looks. What is "
            "kept holds its graph in memory, so clear the list and remove the hook afterwards. "
            "Where only values are wanted, keep output.detach().",
        )

    for value in [2.0, 3.0]:
        layer = linear([[1.0]])
        layer.register_forward_hook(hook)
        (layer(torch.tensor([value])) ** 2).sum().backward()
        assert kept[-1].grad == 2 * value
        assert layer.weight.grad == 2 * value**2


def test_one_of_two_uses():
    """A look back at chapter 3. trunk is used twice, and both gradients had their sign turned.

    Only that of the second use should be turned. Write a branch with the value of trunk.
    """
    for place in [2.0, 3.0]:
        x = torch.tensor(place, requires_grad=True)
        trunk = x**2
        # It was: branch = trunk
        branch = __(
            trunk.clone(),
            wrong={
                "trunk": "That is as it was: two names for one tensor, whose hook is given the "
                "sum over both uses.",
                (
                    "trunk.requires_grad_()",
                    "+trunk",
                    "trunk.contiguous()",
                ): "This returns trunk itself.",
                "trunk.detach()": "This doesn't require grad, so it can't have a hook.",
                "trunk.detach().requires_grad_()": "The hook is called. But the graph ends "
                "here, and nothing of the second use comes to x.",
                "trunk.data": "It doesn't require grad, so no hook can be registered on it.",
                "-trunk": "The hook turns the sign of the gradient. The value should stay.",
                ("x", "x.clone()"): "This has the value of x. And the derivative of x**2 is "
                "missing then.",
                (
                    "torch.tensor(trunk.item())",
                    "torch.tensor(place**2)",
                ): "The value is right. But there is no graph.",
                "trunk.retain_grad()": "This returns None.",
                "2 * trunk": "branch should be no larger than trunk.",
                "trunk.item()": "A Python number can't have a hook.",
            },
            hints=[
                "A hook on a tensor is given the sum over all of its uses.",
                "So the second use needs a tensor of its own, recorded, with the same value.",
            ],
            why="A hook belongs to a tensor, not to one of its uses. An operation that changes "
            "no value gives one use a tensor of its own. What you built is gradient reversal: "
            "the second head learns to tell, for instance, which of two cameras took a "
            "picture, while the trunk learns to make that hard. It is used for domain "
            "adaptation; a factor in the hook says how strongly it acts.",
        )
        branch.register_hook(lambda grad: -grad)
        assert branch == trunk
        (5 * trunk + 3 * branch).backward()
        assert x.grad == (5 - 3) * 2 * place
