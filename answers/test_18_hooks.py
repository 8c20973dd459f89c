"""Hooks: listening to the backward pass, and changing it.

A hook is a function that you hand to torch, and that torch calls at a certain moment. A hook
that you register with x.register_hook() is called in each backward pass, as soon as the
gradient of x is known, and is given this gradient. If it returns None, as a Python function
without return does, the gradient stays as it is. register_hook() returns a handle, and
handle.remove() takes the hook away.

Other hooks are called at other moments: once the gradient has been written into .grad, before
or after a node runs, after the forward pass of a layer. Which one you need depends on what
should be known by then, and on whether you only listen or want to change something.

By the end you can clip or scale a gradient on its way, log the gradients of layers, take a step
inside the backward pass, tell which hook is called when, and read "Backward Hooks execution" in
PyTorch's note Autograd mechanics.
"""

import pytest
import torch
from torch import nn

from sensei import __  # noqa: F401 - stays when no blank is left


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
            "[3.0, 3.0]": "These are the gradients without the hook. What it returns is used.",
            "[30.0, 30.0]": "w.grad is a sum over two paths. Does the other path go through "
            "y, too?",
            "[20.0, 30.0]": "20 comes to w through y. There is another path.",
            "[21.0, 3.0]": "Everything behind y in the backward pass is computed from what the "
            "hook returns: x comes after y, too.",
            "[3.0, 30.0]": "The hook sits on y, and y depends on w as much as on x.",
            "[31.0, 20.0]": "The derivative of w * x with respect to w is x, and the other way "
            "round.",
            "[61.0, 60.0]": "60 is ten times the value of y. A hook is given a gradient.",
            "[12.0, 13.0]": "The hook multiplies the gradient of y. It doesn't add.",
            "[0.3, 0.3]": "The hook multiplies by 10. What it returns goes on to both factors.",
        },
        hints=[
            "The gradient of y is 1. What does the hook make of it?",
            "Then go on: w * x is differentiated as always. And w has a second path.",
        ],
        why="In the backward pass, everything behind y sees only what the hook returned; what "
        "comes along other paths is untouched. So a hook can scale, clip or block what flows "
        "through one tensor. It returns a tensor of the same shape, or None, which changes "
        "nothing. register_hook() raises if the tensor doesn't require grad: there would be no "
        "gradient to wait for.",
    )


def test_a_hook_that_clips():
    """Only the gradient of a should be clipped, to between -1 and 1. Write the hook.

    With the hook in the comment, the gradient of b was clipped as well.
    """
    for values in [[4.0, -0.5], [0.25, -3.0]]:
        a = torch.zeros(2, requires_grad=True)
        b = torch.zeros(2, requires_grad=True)
        upstream = torch.tensor(values)
        # It was: a.register_hook(lambda grad: grad.clamp_(-1, 1))
        a.register_hook(
            __(
                lambda grad: grad.clamp(-1, 1),
                wrong={
                    (
                        "lambda grad: grad.clamp_(-1, 1)",
                        "lambda grad: torch.clamp_(grad, -1, 1)",
                    ): "That is as it was: the hook writes into the tensor that it is given. "
                    "Who else is given this tensor?",
                    "lambda grad: grad.clamp(max=1)": "A gradient may be negative, and too "
                    "large all the same.",
                    "lambda grad: None": "A hook that returns None changes nothing.",
                    "lambda grad: grad / grad.norm()": "This scales every gradient to the norm "
                    "1, small ones as well. Clipping leaves alone what is within the limits.",
                    "grad.clamp(-1, 1)": "A hook is a function. Torch calls it later, with the "
                    "gradient.",
                    "lambda: a.grad.clamp(-1, 1)": "Torch calls the hook with an argument: the "
                    "gradient.",
                    "lambda grad: a.grad.clamp(-1, 1)": "When the hook is called, nothing has "
                    "been written into a.grad yet. The gradient is the argument.",
                    "lambda grad: grad.sign()": "That is -1 or 1 for each element. Clipping "
                    "leaves alone what is within the limits.",
                    "lambda grad: nn.utils.clip_grad_value_([a], 1.0)": "This clips what is in "
                    "a.grad. When the hook is called, there is nothing in it yet.",
                },
                hints=[
                    "A sum passes one and the same tensor on to a and to b.",
                    "How do names of methods end that write into their tensor?",
                ],
                why="A hook should not write into its argument: torch doesn't copy gradients "
                "where it can share them, so others may see the write. Here even upstream was "
                "changed. Whether anybody else is hit depends on the graph, so such a hook may "
                "work for a long time. Clipping by a hook on each state of a recurrent network "
                "keeps a gradient from exploding on its way back; clip_grad_norm_ only comes "
                "after the pass.",
            )
        )
        (a + b).backward(upstream)
        assert a.grad.tolist() == [max(-1.0, min(1.0, v)) for v in values]
        assert b.grad.tolist() == upstream.tolist() == values


def test_two_hooks_on_one_result():
    """y keeps its gradient, and has two hooks. What are y.grad and x.grad? Give a list."""
    x = torch.tensor(2.0, requires_grad=True)
    y = x**2
    y.retain_grad()
    y.register_hook(lambda grad: grad + 1)
    y.register_hook(lambda grad: 10 * grad)
    (3 * y).backward()
    assert [y.grad.item(), x.grad.item()] == __(
        [40.0, 160.0],
        wrong={
            "[3.0, 160.0]": "3 is the gradient of y before the hooks. retain_grad() keeps what "
            "y passes on.",
            "[31.0, 124.0]": "This is right if the hooks are called in the other order.",
            "[3.0, 12.0]": "These are the gradients without the hooks.",
            "[30.0, 120.0]": "The second hook is given what the first one returned.",
            "[34.0, 136.0]": "The hooks are called one after the other: their results are not "
            "summed.",
            "[4.0, 16.0]": "That is what the first hook makes of it. There is another one.",
            "[40.0, 12.0]": "What is behind y starts from what the hooks returned.",
            "[40.0, 40.0]": "40 is the gradient of y. How fast does y grow with x?",
            "[3.0, 124.0]": "In which order are the hooks called? And what does retain_grad() "
            "keep: what y is given, or what y passes on?",
        },
        hints=[
            "Hooks on one tensor are called in the order in which they were registered.",
            "y.grad is the gradient that goes on to the node of y.",
        ],
        why="retain_grad() comes after all hooks of its tensor, whenever it was called. So "
        "y.grad is what the rest of the backward pass was computed from. To see a gradient as "
        "it was before the hooks, register one before the others that writes it down.",
    )


def test_a_row_that_rests():
    """Row 0 should rest in the first step only. Write the hook, and the line that ends it."""
    weight = torch.ones(2, 2, requires_grad=True)
    handle = weight.register_hook(
        __(
            lambda grad: grad * torch.tensor([[0.0], [1.0]]),
            wrong={
                (
                    "lambda grad: grad * torch.tensor([0.0, 1.0])",
                    "lambda grad: torch.tensor([0.0, 1.0]) * grad",
                ): "This broadcasts along the rows, so it is a column that rests.",
                (
                    "lambda grad: grad * torch.tensor([[1.0], [0.0]])",
                    "lambda grad: torch.tensor([[1.0], [0.0]]) * grad",
                ): "With this, the other row rests.",
                ("lambda grad: grad[1]", "lambda grad: grad[1:]"): "What a hook returns must "
                "have the shape of the gradient.",
                ("lambda grad: 0 * grad", "torch.zeros_like"): "Then both rows rest.",
                "lambda grad: None": "A hook that returns None changes nothing.",
                (
                    "lambda grad: grad[0].zero_()",
                    "lambda grad: grad.mul_(torch.tensor([[0.0], [1.0]]))",
                ): "A hook should not write into its argument. Here torch refuses it: the four "
                "numbers of this gradient are one number in memory.",
                "lambda grad: torch.tensor([[0.0], [1.0]])": "The shape doesn't fit. And what "
                "has become of the gradient?",
                "lambda grad: torch.tensor([[0.0, 0.0], [1.0, 1.0]])": "This forgets what the "
                "gradient was. It is not always 1.",
                "lambda grad: weight.grad[0].zero_()": "When this hook is called, the gradient "
                "has not been written into .grad yet.",
                "weight[0].requires_grad_(False)": "weight[0] is a new tensor, made by "
                "indexing. A flag belongs to a whole tensor, not to a row.",
            },
        )
    )
    optimizer = torch.optim.SGD([weight], lr=0.25)
    steps = []
    for factor in [2.0, 4.0]:
        optimizer.zero_grad()
        (factor * weight.sum()).backward()
        optimizer.step()
        steps.append(weight.tolist())
        __(
            handle.remove(),
            wrong={
                ("handle = None", "del handle"): "The hook doesn't need this name. Torch "
                "still holds it.",
                "handle.remove": "This names the method, but does not call it.",
                "weight.grad = None": "This clears the gradient. The hook stays.",
                "weight.remove_hook(handle)": "A tensor has no such method. The handle has one.",
                "weight.register_hook(lambda grad: grad)": "A further hook doesn't replace the "
                "first one. Both are called.",
                "weight.requires_grad_()": "weight requires grad already.",
                "optimizer.zero_grad()": "This clears the gradient. Is the hook gone?",
                "weight = weight.detach().requires_grad_()": "This is a new tensor, and it has "
                "no hook. But the optimizer still holds the old one.",
                "handle.close()": "The idea is right. What is the method called?",
            },
            hints=[
                "The hook should multiply: one row by 0, the other one by 1.",
                "The factors need a shape that broadcasts along each row.",
                "The opening of this chapter names the method of a handle.",
            ],
            why="requires_grad is one flag for a whole tensor, so a part of one is frozen by a "
            "hook. A gradient of 0 is enough for plain SGD; weight decay and momentum can move "
            "the row all the same. For the row of an embedding there is padding_idx. Hooks "
            "stay until they are removed: one that is registered in each round of a loop is "
            "called once in the first round, and a hundred times in the hundredth.",
        )
    assert steps[0] == [[1.0, 1.0], [0.5, 0.5]]
    assert steps[1] == [[0.0, 0.0], [-0.5, -0.5]]


def test_before_and_after_accumulating():
    """The second kind of hook is called when x.grad has been written, and is given x itself.

    What is in seen? Give a list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    seen = []
    x.register_hook(lambda grad: seen.append(grad.item()))
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.item()))
    (x**2).backward()
    torch.autograd.grad(x**3, x)
    (5 * x).backward()
    assert seen == __(
        [4.0, 4.0, 12.0, 5.0, 9.0],
        wrong={
            "[4.0, 4.0, 12.0, 16.0, 5.0, 21.0]": "torch.autograd.grad returns the gradient. "
            "Does it write it into x.grad?",
            "[4.0, 4.0, 12.0, 4.0, 5.0, 9.0]": "The second hook is called when x.grad has been "
            "written. Is it, in each of the three calls?",
            "[4.0, 4.0, 5.0, 9.0]": "torch.autograd.grad computes a gradient for x, too. Which "
            "of the hooks waits for just that?",
            "[4.0, 4.0, 12.0, 12.0, 5.0, 5.0]": "The second hook reads what is in x.grad. Does "
            "it find there what one pass brings?",
            "[4.0, 4.0, 12.0, 5.0, 5.0]": "What does the last pass find in x.grad?",
            "[4.0, 4.0, 12.0, 5.0, 21.0]": "Only two of the three calls accumulate.",
            "[4.0, 4.0, 12.0, 9.0, 9.0]": "The first hook is given what this pass brings.",
            "[4.0, 4.0, 9.0, 9.0]": "The first hook is given what a pass brings, before "
            "x.grad is written. And it is called wherever a gradient of x is computed.",
            "[4.0, 2.0, 12.0, 5.0, 2.0]": "2 is x. The hook is given x, and reads its .grad.",
        },
        hints=[
            "Which of the three calls write into x.grad?",
            "Before the last pass, x.grad is 4.",
        ],
        why="Only a leaf tensor can have such a hook: elsewhere it raises. It is given the "
        "tensor, not the gradient. So it sees what has accumulated, while a tensor's hook sees "
        "what one pass brings. What it returns is not used. Code that shares gradients between "
        "machines, or offloads them, hangs on this moment: the gradient of this pass is final.",
    )


def test_a_step_inside_the_pass():
    """Each parameter should move by a quarter of its gradient, during the pass. Which line?"""
    a = torch.tensor(4.0, requires_grad=True)
    b = torch.tensor(2.0, requires_grad=True)

    def step(p):
        __(
            p.sub_(0.25 * p.grad),
            wrong={
                (
                    "p - 0.25 * p.grad",
                    "p.sub(0.25 * p.grad)",
                ): "This computes a new tensor, and drops it.",
                "p = p - 0.25 * p.grad": "This gives the name p to a new tensor. The parameter "
                "stays where it was, and the next line clears the gradient of the new one.",
                "p.sub_(0.25 * p)": "p is the parameter itself. Where is its gradient?",
                "p.sub_(p.grad)": "A quarter of the gradient was asked for.",
                "p.add_(0.25 * p.grad)": "This goes with the gradient, uphill.",
                "p.grad.mul_(0.25)": "This scales the gradient. The parameter should move.",
                "a.sub_(0.25 * a.grad)": "The hook is called for b, too, and then p is b.",
                "p.grad.sub_(0.25 * p)": "What should be written to is the parameter.",
                "return p - 0.25 * p.grad": "What this hook returns doesn't replace the "
                "parameter. It should write to it.",
                "p.backward()": "A backward pass is running already.",
            },
            hints=[
                "The hook is given the parameter, and its gradient is in .grad by then.",
                "Write into p. Inside the hook, nothing is recorded.",
            ],
            why="Here no optimizer comes after the pass, and the gradients never exist all at "
            "once: each is used and dropped as soon as it is there. That saves memory in large "
            "models, and each parameter often gets an optimizer of its own, whose step() the "
            "hook calls. What needs all gradients, such as clip_grad_norm_, comes too late "
            "then, and so does accumulating over several passes. Hooks run in no_grad mode, "
            "unless create_graph=True was given.",
        )
        p.grad = None

    for parameter in [a, b]:
        parameter.register_post_accumulate_grad_hook(step)
    for _ in range(2):
        (a**2 + 3 * b).backward()
    assert [a.item(), b.item(), a.grad, b.grad] == [1.0, 0.5, None, None]


def test_the_hooks_of_a_node():
    """A node has hooks, too, called before and after it runs. What is in log? Give a list."""
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
            '["h", "before", "after", "h", "before", "after"]': "The first call asks only for "
            "the gradient of h. Does the node of h have to run for that?",
            '["h", "before", "after"]': "Both calls compute the gradient of h. Which hook "
            "waits for that?",
            '["after", "before", "h"]': "This is the order in which they were registered. But "
            "they are of different kinds.",
            '["before", "after", "h", "before", "after", "h"]': "The gradient of h is what the "
            "node is given. So it is known before the node runs.",
            '["before", "after", "before", "after"]': "There is a third hook.",
            '["h", "h", "after", "before"]': "Hooks of one kind are called in the order of "
            "their registration. These two are of different kinds.",
            '["h", "before", "h", "before", "after"]': "If a node is not run, neither of its "
            "hooks is called.",
            '["h", "h", "before", "after", "x"]': "x has no hook here.",
            '["h", "before", "after", "h"]': "The two calls are mixed up. Which one has to go "
            "on to x?",
            '["before", "h", "after"]': "The first call logs something, too. And what is known "
            "first: the gradient of h, or that its node will run?",
        },
        hints=[
            "The node of h turns the gradient of h into the gradient of x.",
            "Which call needs the gradient of x?",
        ],
        why="For a tensor and its node the order is: hooks of the tensor, hooks before the "
        "node, retain_grad(), the node, hooks after it. A tensor's hook waits for a gradient, "
        "a node's for the node. A node's hook after the run is given two tuples, what the "
        "node passes on and what it was given, and may return another tuple to pass on. For "
        "the gradients of several tensors there is register_multi_grad_hook, in "
        "torch.autograd.graph.",
    )


def test_a_log_of_norms():
    """A module's hook is given tuples: the gradients of its inputs, and of its outputs.

    Write the norm of the gradient of each layer's output.
    """
    layers = [nn.Linear(1, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False)]
    layers[0].weight = nn.Parameter(torch.tensor([[1.0], [-1.0]]))
    layers[2].weight = nn.Parameter(torch.tensor([[3.0, 4.0]]))
    norms = []

    def hook(module, grad_input, grad_output):
        norms.append(
            __(
                grad_output[0].norm().item(),
                wrong={
                    "grad_output.norm().item()": "grad_output is a tuple: a module may have "
                    "several outputs.",
                    "grad_input[0].norm().item()": "This is for the inputs. And the first "
                    "layer's input doesn't require grad: there it is None.",
                    "module.weight.grad.norm().item()": "This is the gradient of a weight. And "
                    "ReLU has no weight.",
                    "grad_output[0].item()": "item() is for tensors with one element.",
                    "grad_output[0].sum().item()": "This is a sum, in which signs can cancel. "
                    "A norm is another number.",
                    "grad_output[0].abs().sum().item()": "This sums the sizes. The usual norm "
                    "is the root of the sum of the squares.",
                    "(grad_output[0] ** 2).sum().item()": "This is the square of the norm.",
                    "grad_output[0].mean().item()": "This is the mean of the elements.",
                    "grad_output[0].abs().max().item()": "This is the size of the largest "
                    "element. For the ReLU, two elements count.",
                    "module.grad.norm().item()": "A module has no .grad.",
                    "len(grad_output)": "This is how many outputs there are.",
                },
                hints=[
                    "Each of these layers has one output, so its gradient is the first element.",
                    "A tensor has a method for its norm; clipping used it, too.",
                ],
                why="The backward pass starts at the last layer, so its norm is logged first. "
                "A log like this shows where gradients vanish or explode, with no change to "
                "the model. The hook may return another gradient for the input, as a tuple. "
                "Use register_full_backward_hook: the older register_backward_hook can be "
                "given the wrong gradients.",
            )
        )

    for layer in layers:
        layer.register_full_backward_hook(hook)
    (2 * nn.Sequential(*layers)(torch.ones(1))).sum().backward()
    assert norms == [2.0, 10.0, 6.0]


def test_a_module_and_its_weight():
    """The input requires no grad, so the module's hook waits for the gradient of its output.

    A second hook waits for the weight. What is in log? Give a list.
    """
    layer = nn.Linear(1, 1, bias=False)
    log = []
    layer.register_full_backward_hook(lambda *_: log.append(layer.weight.grad))
    layer.weight.register_post_accumulate_grad_hook(lambda p: log.append(p.grad.item()))
    (2 * layer(torch.tensor([4.0]))).sum().backward()
    assert log == __(
        [None, 8.0],
        wrong={
            "[8.0, 8.0]": "The module's hook waits for the gradient of the output. Does it "
            "wait for that of the weight, too?",
            "[8.0, None]": "The second hook is called when the gradient of the weight is there.",
            "[8.0]": "Both hooks are called, although the input requires no grad.",
            "[0.0, 8.0]": "Before the first gradient is written there is no number in .grad.",
            "[None, None]": "The second hook is called when the gradient has been written.",
            "[2.0, 8.0]": "2 is the gradient of the output. What the first hook logs is read "
            "from the weight.",
            "[None, 2.0]": "2 is the gradient of the output. How fast does the output grow "
            "with the weight?",
            "[None, 4.0]": "The output is doubled.",
            "[None]": "There are two hooks, and the weight does get a gradient.",
        },
        hints=[
            "Which is computed first: the gradient of the output, or that of the weight?",
            "When the first hook is called, the node of the layer has not run yet.",
        ],
        why="The name promises more than the hook does: it waits for the gradients of the "
        "inputs, or of the outputs if no input requires grad, but never for those of the "
        "parameters. Don't read weight.grad in it. In the first layer of a model it would be "
        "None, or what an earlier pass has left. For parameters there are tensor hooks and "
        "post-accumulate hooks.",
    )


def test_a_hooked_layer_and_a_write():
    """With a hook on the layer, the model raises. Write an activation that doesn't write to h.

    y should be what it would have been.
    """
    layer, seen = nn.Linear(1, 1, bias=False), []
    nn.init.ones_(layer.weight)
    layer.register_full_backward_hook(lambda _, i, o: seen.append(o[0].item()))
    with pytest.raises(RuntimeError, match="is being modified inplace"):
        nn.Sequential(layer, nn.ReLU(inplace=True))(torch.ones(1))
    for value in [8.0, -2.0]:
        h = layer(torch.tensor([value]))
        # It was: y = nn.ReLU(inplace=True)(h)
        y = __(
            nn.ReLU()(h),
            wrong={
                "nn.ReLU(inplace=True)(h)": "That is as it was: it writes into h, which is a "
                "view here.",
                ("torch.relu_(h)", "h.relu_()", "h.clamp_(min=0)"): "The underscore says that "
                "it writes into h.",
                "h": "y should be 0 where h is negative.",
                "nn.LeakyReLU()(h)": "Where h is negative, y should be 0.",
                "nn.ReLU6()(h)": "This one doesn't go beyond 6.",
                "nn.Softplus()(h)": "This is the smooth one. Its values differ.",
                "nn.Sigmoid()(h)": "This is another activation, with other values.",
                "torch.relu(h.detach())": "The value is right. But there is no graph, so the "
                "hook is never called.",
                "nn.ReLU(h)": "This makes a module, and doesn't apply it.",
                "nn.ReLU(inplace=True)(h.detach())": "Writing into what detach() returns is "
                "writing into h. And the graph is cut.",
                "h.abs()": "Where h is negative, y should be 0.",
            },
            hints=[
                "A ReLU that makes a new tensor: what does inplace mean?",
                "inplace is False unless you say otherwise.",
            ],
            why="To be called with all inputs and all outputs, the hook needs a node of its "
            "own on either side of the layer. That is why the model's outputs become views, "
            "and why an operation in place on them is refused, as on the inputs. Many models "
            "use ReLU in place to save memory, so this error comes up when somebody adds a "
            "hook. A hook on the tensor h has no such limit.",
        )
        y.sum().backward()
        assert y == max(value, 0.0)
    assert seen == [1.0, 0.0]


def test_an_activation_and_its_gradient():
    """A forward hook is given what its module has computed.

    Write the line after which the gradient of each output in kept can be read.
    """
    kept = []

    def hook(module, args, output):
        kept.append(output)
        __(
            output.retain_grad(),
            wrong={
                "output.requires_grad_()": "output requires grad already. But it isn't a leaf, "
                "so its gradient is not kept.",
                "output = output.detach().requires_grad_()": "This gives the name output to "
                "another tensor. Nobody uses it.",
                "return output.detach()": "If a forward hook returns something, that takes the "
                "place of the output. And then the graph is cut there.",
                "return output.detach().requires_grad_()": "If a forward hook returns "
                "something, that takes the place of the output. So the weight is cut off, and "
                "what lies in kept is the old output.",
                "module.weight.retain_grad()": "The weight is a leaf: its gradient is kept "
                "anyway.",
                "args[0].retain_grad()": "args holds the inputs.",
                "output.retain_grad": "This names the method, but does not call it.",
                "output.register_hook(kept.append)": "Then gradients lie in kept, too. What "
                "should have a gradient is the output.",
                "output.clone().retain_grad()": "The clone is a new tensor, and no path from "
                "the result leads to it.",
                "kept[-1] = output.detach()": "The gradient of this one is never computed: it "
                "is outside the graph.",
                "output.backward()": "This starts a backward pass in the middle of the model.",
            },
            hints=[
                "The output is not a leaf. What did chapter 5 say about its gradient?",
                "It is a method of the output, and the pass comes later.",
            ],
            why="So you get at what is inside a model that somebody else wrote: its "
            "activations, and how the result depends on them. Methods that show where a model "
            "looks, such as Grad-CAM, weight the activations of a layer by their gradients. "
            "Each output in kept keeps its graph alive, so clear the list, and remove the "
            "hook. If only the values are needed, keep output.detach().",
        )

    for value in [2.0, 3.0]:
        layer = nn.Linear(1, 1, bias=False)
        nn.init.ones_(layer.weight)
        layer.register_forward_hook(hook)
        (layer(torch.tensor([value])) ** 2).sum().backward()
        assert [kept[-1].grad, layer.weight.grad] == [2 * value, 2 * value**2]


def test_one_of_two_uses():
    """A look back at chapter 3. The hook should turn the gradient of the second use alone.

    With the line in the comment it turned both. Write a branch with the value of trunk.
    """
    for place in [2.0, 3.0]:
        x = torch.tensor(place, requires_grad=True)
        trunk = x**2
        # It was: branch = trunk
        branch = __(
            trunk.clone(),
            wrong={
                "trunk": "That is as it was: two names for one tensor. Its hook is called "
                "with the sum over both uses.",
                "trunk.requires_grad_()": "This returns trunk itself.",
                "trunk.detach()": "This has no graph and does not require grad, so it can't "
                "have a hook.",
                "trunk.detach().requires_grad_()": "The hook is called. But the graph ends "
                "there, and nothing of the second use comes to x.",
                "trunk.data": "This does not require grad, so it can't have a hook.",
                "-trunk": "branch should have the value of trunk. Its gradient is turned by "
                "the hook.",
                "x": "branch should have the value of trunk.",
                "torch.tensor(trunk.item())": "This has the value of trunk, but it is not in "
                "the graph, and can't have a hook.",
                "trunk.retain_grad()": "This returns None.",
                "2 * trunk": "branch should have the value of trunk.",
                "trunk.item()": "That is a Python number. It has no register_hook().",
            },
            hints=[
                "A hook on a tensor sees the sum over all its uses.",
                "Make a new tensor for the second use: recorded, and with the same value.",
            ],
            why="A hook belongs to a tensor, not to one of its uses, and the gradients of all "
            "uses are summed before it is called. An operation that changes nothing gives one "
            "use a tensor of its own. This is a gradient reversal: the branch learns to tell "
            "where the data is from, while what comes before it learns to hide it (domain "
            "adaptation). A factor in the hook sets how strongly.",
        )
        branch.register_hook(lambda grad: -grad)
        assert branch == trunk
        (5 * trunk + 3 * branch).backward()
        assert x.grad == 5 * 2 * place - 3 * 2 * place
