"""The engine room: what is saved, recomputed, sampled, rounded, compiled, averaged.

Between the forward pass and the backward pass lie the saved tensors. In a large model they can
take most of the memory. Hooks for saved tensors let you count them, shrink them, or keep them
elsewhere. A checkpoint keeps only the input of a part of the model, and runs that part again
in the backward pass.

More goes on where the code doesn't show it. Each thread has its own grad mode, as the switch
for recording is called. A number that is drawn at random may have no path to the parameter it
was drawn with. In mixed precision some numbers have only 16 bits, and a gradient can round to
0. A complex number has its own kind of gradient. A tracer makes a graph of a function before
it is used. And where several processes, called ranks, train one model, gradients are averaged.

By the end you can save less, run a part again, get a gradient past a random draw, scale a
loss, average over ranks, and read "Hooks for saved tensors" in PyTorch's note Autograd
mechanics.
"""

from contextlib import suppress
from threading import Thread

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint

from sensei import __  # noqa: F401 - stays when no blank is left


def saved_by(model, x):
    """Return how many tensors are saved while a model runs on x."""
    saved = []
    with saved_tensors_hooks(saved.append, lambda t: t):
        model(x)
    return len(saved)


def block(v, runs):
    """Return v**3 + v, and note in runs whether recording was on."""
    runs.append(torch.is_grad_enabled())
    return v**3 + v


def in_order(names, calls):
    """Make the calls in the order of their names."""
    for name in names:
        calls[name]()


def scaled_pass(scaler, w, size):
    """Clear w.grad, scale the loss size * w, and run the backward pass."""
    w.grad = None
    scaler.scale(size * w).backward()


def test_a_slope_wherever_it_is_called():
    """slope() is called where nothing is recorded, but needs a graph of its own.

    The line with the @ above a function is its decorator. Write it.
    """

    @__(
        torch.enable_grad(),
        wrong={
            (
                "torch.no_grad()",
                "torch.set_grad_enabled(False)",
            ): "This is the mode that slope() is called in. It keeps x**3 from being recorded.",
            "torch.inference_mode()": "In this mode nothing is recorded, either.",
            "torch.set_grad_enabled": "It has to be told which way: True or False.",
            "torch.is_grad_enabled": "That asks which mode it is. It doesn't change it.",
            "torch.enable_grad(True)": "The right switch. But it has one direction only, and "
            "takes no argument.",
            "torch.no_grad(False)": "no_grad() has one direction only, and takes no such "
            "argument.",
            "staticmethod": "That is for functions in a class. It has nothing to do with "
            "recording.",
            "torch.func.grad": "That differentiates slope(), which is the derivative already.",
        },
        hints=[
            "In chapter 10 one context manager switched recording on inside a block.",
            "What works after with also works as a decorator.",
        ],
        why="As a decorator, a mode holds while the function runs; then the caller's mode is "
        "back. An attack or a penalty needs a gradient in the middle of an evaluation, and "
        "this is how it gets one. It works under torch.no_grad(), but not under "
        "torch.inference_mode(): what is computed there has no graph, and "
        "torch.enable_grad() does not change that.",
    )
    def slope(place):
        x = place.detach().requires_grad_()
        return torch.autograd.grad(x**3, x)[0]

    with torch.no_grad():
        found = [slope(torch.tensor(v)).item() for v in (2.0, -1.0)]
        assert not torch.is_grad_enabled()
    assert found == [12.0, 3.0]


def test_a_mode_and_a_thread():
    """A thread runs a function beside the main program; join() waits until it has finished.

    Here work() runs three times: it is called, it runs in a thread, and it runs in a thread
    with no_grad() as its decorator. What is in seen? Give a list.
    """
    w = torch.tensor(1.0, requires_grad=True)
    seen = []

    def work():
        seen.append((3 * w).requires_grad)

    with torch.no_grad():
        work()
        for function in [work, torch.no_grad()(work)]:
            thread = Thread(target=function)
            thread.start()
            thread.join()
    assert seen == __(
        [False, True, False],
        wrong={
            "[False, False, False]": "All three run while the block is open. But whose mode "
            "does the block change?",
            "[True, True, True]": "Neither the block nor the decorator has any effect then.",
            "[False, True, True]": "A decorator switches when its function is called, in the "
            "thread that calls it.",
            "[True, True, False]": "The first call is an ordinary one, inside the block.",
            "[False, False, True]": "The decorator can't switch recording on. And what does a "
            "new thread know of the block?",
            "[True, False, False]": "The first run is in the thread that has opened the block.",
            "[False, True]": "work() runs three times.",
            "[True, False, True]": "These are the other way round: True is for what was "
            "recorded.",
        },
        hints=[
            "The grad mode belongs to a thread.",
            "A new thread starts with the mode that a program starts with.",
        ],
        why="The grad mode is thread-local, and so are inference mode and the hooks for saved "
        "tensors. torch.no_grad() around a pool of threads is no switch for its workers: put "
        "it into the function. Backward passes may run in several threads at once. But if two "
        "of them write into one .grad, what is in it afterwards is not defined; "
        "torch.autograd.grad() returns its gradients, and avoids that.",
    )


def test_what_an_inference_tensor_allows():
    """s was made in inference mode, and is used outside. Which attempts raise nothing?

    suppress() skips the rest of its block if a RuntimeError is raised. The attempts are called
    a to e in their order. Give the letters, as text, in a list.
    """
    w = torch.tensor(2.0, requires_grad=True)
    with torch.inference_mode():
        s = torch.tensor(3.0) * 2
    attempts = [lambda: w + s, lambda: w * s, lambda: s.add_(1)]
    attempts += [lambda: s.clone().add_(1), s.requires_grad_]
    allowed = []
    for letter, attempt in zip("abcde", attempts, strict=True):
        with suppress(RuntimeError):
            attempt()
            allowed.append(letter)
    assert allowed == __(
        ["a", "d"],
        wrong={
            '["d"]': "Not every operation on s is refused. Which derivative needs no s?",
            '["a", "b", "d"]': "The product has to save s, for the gradient of w.",
            '["a", "c", "d"]': "c writes into s itself. For an inference tensor no version is "
            "counted, so torch refuses it outside the mode.",
            '["a", "b", "c", "d", "e"]': "If an inference tensor could do all this, it would "
            "be an ordinary one.",
            '["a", "d", "e"]': "e would make s require grad. Torch refuses this for an "
            "inference tensor outside the mode.",
            '["a"]': "A clone that is made outside the mode is an ordinary tensor.",
            '["b", "c", "e"]': "These are the attempts that raise.",
            "[]": "s can still be read.",
            '["c", "d"]': "The derivative of w + s needs no s. And is a write into s the same "
            "as a write into its clone?",
        },
        hints=[
            "What would have to be saved? What would be written to?",
            "s is read in some attempts, and changed in others.",
        ],
        why="In inference mode torch leaves out the version counter, and other things that "
        "recording needs. So an inference tensor may be read, but can't be saved for a "
        "backward pass, and outside the mode it can neither be written to nor be made to "
        "require grad. What comes out of torch.no_grad() has none of these limits.",
    )


def test_runs_that_save_nothing():
    """saved_by() counts the tensors that are saved while the model runs. Which runs save none?

    Give their names, as text, in a list.
    """
    model = nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.Linear(8, 1))
    x, counts = torch.ones(4, 2), {}
    counts["train"] = saved_by(model, x)
    model.eval()
    counts["eval"] = saved_by(model, x)
    with torch.no_grad():
        counts["no_grad"] = saved_by(model, x)
    model.requires_grad_(False)
    counts["frozen"] = saved_by(model, x)
    x.requires_grad_()
    counts["attack"] = saved_by(model, x)
    assert [name for name in counts if counts[name] == 0] == __(
        ["no_grad", "frozen"],
        wrong={
            '["eval", "no_grad"]': "eval() tells modules how to behave. Does it switch "
            "recording off? And what does a run record if no tensor in it requires grad?",
            '["no_grad"]': "There is another run in which no result requires grad.",
            '["eval", "no_grad", "frozen"]': "In the eval run all parameters require grad.",
            '["no_grad", "frozen", "attack"]': "In the attack the parameters are frozen. But "
            "what does the gradient of x need?",
            '["eval"]': "eval() tells modules how to behave, and nothing else.",
            '["frozen"]': "There is also a run in which recording is off.",
            "[]": "Without recording, what would a tensor be saved for?",
            '["frozen", "attack"]': "Both have frozen parameters. But in one of them x "
            "requires grad. And recording can be switched off.",
            '["train", "eval", "attack"]': "These are the runs that save something.",
        },
        hints=[
            "A tensor is saved only by an operation that is recorded.",
            "An operation is recorded if recording is on, and an input requires grad.",
        ],
        why="An evaluation with eval() alone keeps all its saved tensors as long as its result "
        "is alive. In an attack the weights are frozen, but the gradient of x needs them, so "
        "they are saved. How many tensors an operation saves is an implementation detail that "
        "changes with versions. A hook that counts tells you what yours does.",
    )


def test_saved_in_fewer_bits():
    """pack gets each tensor that is to be saved, and returns what is kept in its place.

    unpack turns that into a tensor again. Write a pack with which float16 is kept. Between
    2 and 4, float16 moves in steps of 2**-9. Then what is in x.grad?
    """
    x, kept = torch.tensor(2.0 + 2**-12, requires_grad=True), set()

    def unpack(t):
        kept.add(t.dtype)
        return t.float()

    pack = __(
        lambda t: t.half(),
        wrong={
            "lambda t: t": "This keeps the tensor as it is, in float32.",
            ("lambda t: t.half().float()", "lambda t: t.half().to(torch.float32)"): "This "
            "rounds, but what is kept has 32 bits again.",
            "lambda t: t.bfloat16()": "This has 16 bits, too. But float16 is asked for.",
            "lambda t: t / 2": "This halves the number, not the memory.",
            ("lambda t: t.half", "torch.Tensor.half()"): "half() has to be called on the "
            "tensor that pack is given.",
            "lambda t: t.double()": "This doubles the memory.",
            ("torch.half", "torch.float16"): "That is a dtype. pack is a function of a tensor.",
            "lambda: x.half()": "pack is called with the tensor to be saved, so it has to "
            "take one.",
        },
    )
    with saved_tensors_hooks(pack, unpack):
        y = x**2
    y.backward()
    assert kept == {torch.float16} and y.item() > 4.0
    assert x.grad.item() == __(
        4.0,
        wrong={
            "4.00048828125": "That is 2 * x. But the backward pass doesn't ask x. It uses what "
            "unpack returns.",
            "4.0009765625": "That is about the value of y. The blank asks for the gradient.",
            "2.0": "2.0 is what unpack returns. The derivative of a square is twice that.",
            "0.0": "The number that is kept is rounded, but not to 0.",
            "2.000244140625": "That is x. What is the derivative of a square?",
            "4.00390625": "This would be so if x were rounded up. Which number of float16 is "
            "the nearest?",
            "None": "x is a leaf tensor, and a path leads to it.",
        },
        hints=[
            "float16 is also called half precision, and a method of tensors after that.",
            "Which number of float16 is nearest to x?",
            "x**2 saves x. The backward pass multiplies what it finds by 2.",
        ],
        why="The value of y is what it would be without hooks: only what was saved was "
        "rounded. Torch believes what unpack returns. Whether the saved tensors of a model can "
        "be kept in fewer bits depends on how much error its gradients bear.",
        numbers={
            "2.0": "3.0",
            "4.0": "6.0",
            "4.00048828125": "6.00048828125",
            "4.0009765625": "9.00146484375",
            "2.000244140625": "3.000244140625",
            "4.00390625": "6.00390625",
        },
    )


def test_saved_on_a_shelf():
    """pack puts the numbers on a shelf, a plain list, and returns their place. Write unpack.

    There are two backward passes.
    """
    shelf = []

    def pack(t):
        shelf.append(t.tolist())
        return len(shelf) - 1

    unpack = __(
        lambda place: torch.tensor(shelf[place]),
        wrong={
            "lambda place: shelf[place]": "This finds the right numbers. But they are a list, "
            "and unpack should return a tensor.",
            "lambda place: torch.tensor(shelf.pop(place))": "This takes the numbers off the "
            "shelf. Then the places of others change, and the second pass finds nothing.",
            "lambda place: torch.tensor(shelf[-1])": "This takes what was saved last, each "
            "time.",
            "lambda t: t": "unpack gets what pack has returned, and that is a place.",
            "lambda place: torch.tensor(place)": "This makes a tensor of the place. What lies "
            "there?",
            "lambda place: x": "Not only x is saved here.",
            "lambda: torch.tensor(shelf.pop())": "unpack is called with what pack has "
            "returned, so it has to take one argument.",
            "shelf[place]": "unpack is a function. And place is what it is called with.",
            "torch.tensor(shelf)": "unpack is a function, which is called for each saved "
            "tensor.",
        },
        hints=[
            "unpack is called with a place. What lies at that place?",
            "It should return a tensor, and leave the shelf as it is.",
        ],
        why="pack is called once for each saved tensor, unpack whenever the tensor is needed. "
        "What pack returns may be anything: a place in a list, the name of a file, a tensor on "
        "another device. torch.autograd.graph.save_on_cpu() is such a pair of hooks: it keeps "
        "the saved tensors of a GPU in the memory of the computer.",
    )
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    with saved_tensors_hooks(pack, unpack):
        y = (x**2 * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [6.0, 24.0, 54.0]


def test_a_write_behind_a_hook():
    """Torch compares no versions where hooks are set, so the write to h goes unnoticed.

    Write a pack with which the gradient is right all the same: 18 times the value of x.
    """
    pack = __(
        lambda t: t.clone(),
        wrong={
            "lambda t: t": "This keeps the tensor itself. When the pass runs, its "
            "memory holds another number.",
            ("lambda t: t.detach()", "lambda t: t.data"): "This is a new tensor on the "
            "same memory.",
            (
                "lambda t: t.float()",
                "lambda t: t.contiguous()",
            ): "The tensor is like that already, so this returns the tensor itself.",
            "lambda t: t - 1": "pack is called before the write. At that time the "
            "number is right as it is.",
            "lambda t: 3 * t": "What pack is given is h, which is 3 * x already.",
            "lambda t: t.item()": "This keeps a number. But unpack, here, returns it "
            "as it is, and should return a tensor.",
            "lambda t: t.requires_grad_(False)": "This returns the same tensor.",
            ("torch.clone()", "lambda t: t.clone"): "What is passed to the hooks is a "
            "function that takes a tensor, and makes the copy when it is called.",
            "lambda t: t.view(())": "A view has the memory of its base.",
        },
        hints=[
            "The square saves h. After that h is written to.",
            "What is kept should have memory of its own.",
        ],
        why="Without hooks the backward pass would raise. Torch can't know what pack has made "
        "of a tensor, so with hooks it leaves the check out, and the gradient is "
        "silently wrong. torch.autograd.graph.allow_mutation_on_saved_tensors() is a "
        "context manager that makes a copy for you, but only when a saved tensor is "
        "about to be written to.",
    )
    for value in [2.0, 5.0]:
        x = torch.tensor(value, requires_grad=True)
        h = 3 * x
        with saved_tensors_hooks(pack, lambda t: t):
            y = h**2
        with torch.no_grad():
            h += 1
        y.backward()
        assert x.grad == 18 * value


def test_a_block_that_runs_again():
    """block() runs without recording, so it saves nothing. Its result h is a leaf tensor.

    Write the line that runs the block once more, and takes the gradient from h to x. The block
    notes in runs whether recording was on.
    """
    for place in [3.0, -2.0]:
        x = torch.tensor(place, requires_grad=True)
        runs = []
        with torch.no_grad():
            h = block(x, runs)
        h.requires_grad_()
        (h**2).backward()
        __(
            block(x, runs).backward(h.grad),
            wrong={
                "block(x, runs).backward()": "This pass starts with 1. With which gradient "
                "should it start?",
                "h.backward(h.grad)": "h is a leaf tensor: no path leads from it to x.",
                "block(x, runs).backward(h)": "h is the value. The pass should start with a "
                "gradient.",
                "block(h, runs).backward(h.grad)": "This runs the block on its own result.",
                "x.backward(h.grad)": "This starts at x, so the derivative of the block is "
                "missing.",
                "x.grad = h.grad": "The block lies between the two.",
                "block(x, runs)": "This runs the block, and records it. But there is no "
                "backward pass yet.",
                "block(x.detach(), runs).backward(h.grad)": "A detached tensor has no path to "
                "x, so nothing is recorded.",
                "h.grad.backward()": "A gradient has no graph of its own.",
                "x.grad = h.grad * (3 * place**2 + 1)": "The number is right. But the block "
                "should run a second time, and autograd should find its derivative.",
            },
            hints=[
                "The second run is recorded, since it is outside the block with no_grad().",
                "One backward pass has brought a gradient to h. The next one starts with it.",
            ],
            why="This is a checkpoint by hand; the term to search for is activation "
            "checkpointing. Until the second run only x and h are kept, and nothing that the "
            "block would save. The price is that run. Where a model is a row of such blocks, "
            "only one of them at a time has its saved tensors in memory.",
        )
        assert runs == [False, True]
        assert x.grad == 2 * (place**3 + place) * (3 * place**2 + 1)


def test_the_same_draw_again():
    """As before, but now the block is a dropout, and each run draws a mask of its own.

    The backward pass needs the mask of the first run. Write the line that brings it back.
    """
    x = torch.rand(64).requires_grad_()
    state = torch.get_rng_state()
    with torch.no_grad():
        h = F.dropout(x, 0.5)
    h.requires_grad_()
    h.sum().backward()
    __(
        torch.set_rng_state(state),
        wrong={
            "torch.manual_seed(0)": "This starts the random numbers from a seed. But x was "
            "drawn with some of them before the first run.",
            "torch.get_rng_state()": "That reads the state, and changes nothing.",
            "state": "That names the state, and does nothing with it.",
            "torch.set_rng_state(torch.get_rng_state())": "That sets the state to what it is "
            "already, after the first run.",
            "torch.seed()": "That makes a seed that nobody knows before.",
            "torch.manual_seed(state)": "The state of the generator is more than a seed.",
            "torch.rand(64)": "That draws further numbers. It doesn't bring the old ones back.",
            "h.backward(h.grad)": "h is a leaf tensor: no path leads from it to x.",
            "x.grad = h.grad": "That would be right for a block that does nothing. And the "
            "next line adds to it.",
        },
        hints=[
            "The state of the random numbers before the first run was kept.",
            "One function reads the state, another one sets it.",
        ],
        why="With another mask the gradient would be that of another model, and nothing would "
        "be raised. torch.utils.checkpoint does this for you, and afterwards puts the random "
        "numbers back to where they were. It can't do so for what else may change between the "
        "two runs: a running mean that moves twice, a counter, a flag.",
    )
    F.dropout(x, 0.5).backward(h.grad)
    assert torch.equal(x.grad * x, h)


def test_a_layer_in_a_checkpoint():
    """checkpoint() does what the last two koans did by hand; this is the older of two kinds.

    With x as it is, y does not require grad, so the layer would not learn. Write data with the
    same numbers, with which it does.
    """
    for size in [3, 5]:
        layer, x = nn.Linear(1, 1), torch.ones(size, 1)
        y = checkpoint(layer, x, use_reentrant=True)
        assert not y.requires_grad
        data = __(
            x.requires_grad_(),
            wrong={
                "x": "With this input y didn't require grad.",
                "x.detach()": "What detach() returns never requires grad.",
                "layer(x)": "Then the layer is applied twice, once to its own result.",
                "x.clone()": "A clone of a tensor that does not require grad does not, either.",
                "x.requires_grad": "That reads the flag. The input should be a tensor.",
                "layer.weight": "The weight requires grad. But the layer should be applied "
                "to the data.",
                "layer.requires_grad_()": "The parameters of the layer require grad "
                "already. And this is the layer, not its input.",
                "x.requires_grad_(False)": "That clears the flag, which is False already.",
                "x.retain_grad()": "This is for results that require grad. Data don't.",
                "x * layer.weight": "That requires grad. But it has other numbers.",
            },
            hints=[
                "A result requires grad if an input does. Which inputs are seen here?",
                "Nobody needs the gradient of the data. But its flag counts here.",
            ],
            why="The layer first runs without recording. Then y is recorded as the result "
            "of one operation whose inputs are those of the call; parameters inside don't "
            "count. Torch only warns: None of the inputs have requires_grad=True. With "
            "use_reentrant=False, which PyTorch recommends, this trouble is gone. A "
            "checkpoint belongs where much is saved that is cheap to compute again.",
        )
        y = checkpoint(layer, data, use_reentrant=True)
        y.sum().backward()
        assert layer.weight.grad.item() == size


def test_draws_that_a_mean_can_learn_from():
    """Five numbers are drawn around mu. For autograd, which of them change with mu?

    0 * mu gives each draw a path to mu, along which 0 comes back. Give the letters, as text, in
    a list.
    """
    mu = torch.tensor(1.0, requires_grad=True)
    normal = torch.distributions.Normal(mu, 2.0)
    draws = {"a": normal.sample(), "b": normal.rsample()}
    draws |= {"c": torch.normal(mu, 2.0), "d": mu + 2 * torch.randn(())}
    draws["e"] = normal.sample().requires_grad_()
    useful = []
    for letter, draw in draws.items():
        (slope,) = torch.autograd.grad(draw + 0 * mu, mu)
        if slope != 0:
            useful.append(letter)
    assert useful == __(
        ["b", "d"],
        wrong={
            '["b"]': "There is another draw from which a path leads back to mu. It is written "
            "out.",
            '["b", "c", "d"]': "c requires grad. But what comes back through torch.normal is "
            "0.",
            '["a", "b", "c", "d"]': "sample() runs without recording.",
            '["d"]': "One method of the distribution is made for this.",
            '["b", "d", "e"]': "The flag makes a leaf tensor of a draw. No path leads from "
            "there to mu.",
            '["a", "b", "c", "d", "e"]': "All five depend on mu. But not all of them were "
            "recorded so that it can be told how.",
            '["a", "b"]': "One of the two methods runs without recording. And what about mu + "
            "2 * torch.randn(())?",
            "[]": "Randomness is no obstacle by itself: where the random number is a constant, "
            "the rest has a derivative.",
            '["c", "d"]': "torch.normal is recorded, with a derivative of 0.",
        },
        hints=[
            "For a gradient, the draw has to be a formula in mu.",
            "If mu moves by 1 and the noise stays as it is, by how much does the draw move?",
        ],
        why="The noise is drawn apart from mu, then shifted and scaled: the reparameterization "
        "trick, after which rsample() is named. sample() runs under no_grad(). torch.normal "
        "and torch.bernoulli are recorded, with a gradient of 0, so that training raises "
        "nothing, and learns nothing.",
    )


def test_a_draw_of_0_or_1():
    """An action is 1 with probability p, else 0. No path leads from it to p.

    Write the surrogate, which is differentiated instead: on average over both actions it should
    bring p the derivative of the expected reward, (1 - p) * low + p * high.
    """
    for start, low, high in [(0.25, 4.0, 8.0), (0.5, 2.0, -4.0)]:
        p = torch.tensor(start, requires_grad=True)
        for action, reward in [(0.0, low), (1.0, high)]:
            d = torch.distributions.Bernoulli(p)
            log_p = d.log_prob(torch.tensor(action))
            surrogate = __(
                reward * log_p,
                wrong={
                    "reward": "The reward is a number. No path leads from it to p.",
                    "reward * action": "Neither factor has a path to p.",
                    "-reward * log_p": "The sign is wrong: here p gets the derivative of the "
                    "reward. A minus would make a loss of it, to be minimized.",
                    "log_p": "This makes each action more likely, whatever it brings.",
                    "reward + log_p": "A sum lets the reward drop out of the derivative.",
                    "reward * log_p.exp()": "The chance of an action is in the average "
                    "already. What makes up for it is the derivative of the logarithm.",
                    "reward * p": "This gives each reward the same factor, whichever action "
                    "has brought it.",
                    "reward * log_p.detach()": "With this, the path to p is cut.",
                    "reward / log_p": "The reward should weigh the gradient of log_p.",
                },
                hints=[
                    "Only one of the numbers at hand has a path to p.",
                    "Make an action more likely the more reward it has brought.",
                ],
                why="The derivative of log_p is that of the action's probability, divided by "
                "this probability. The division makes up for how often the action comes up. "
                "This is the score function estimator, REINFORCE in reinforcement learning, "
                "which minimizes it with a minus. It works for every draw whose log_prob() can "
                "be differentiated, but varies much more from draw to draw than a "
                "reparameterized one. Subtracting a constant from all rewards, a baseline, "
                "changes nothing on average, and can calm it.",
            )
            chance = start if action else 1 - start
            (chance * surrogate).backward()
        assert p.grad.item() == pytest.approx(high - low, abs=1e-3)


def test_a_scale_for_two_gradients():
    """float16 has no number between 0 and 2**-24, and its largest is 65504.

    w and v are float16. Write an exponent, a whole number, for a scale that brings both
    gradients through.
    """
    w = torch.tensor(1.0, dtype=torch.float16, requires_grad=True)
    v = torch.tensor(1.0, dtype=torch.float16, requires_grad=True)
    loss = w.float() * 2**-28 + v.float() * 64
    loss.backward(retain_graph=True)
    assert [w.grad.item(), v.grad.item()] == [0.0, 64.0]
    w.grad = v.grad = None
    exponent = __(
        7,
        wrong={
            "0": "The scale is 1 then, as it was above.",
            "3": "The smaller gradient is then 2**-25, halfway between two numbers of float16, "
            "and rounds to 0.",
            "10": "The larger gradient would be 64 * 1024 = 65536. That is above what float16 "
            "holds.",
            "16": "This is the scale that a GradScaler starts with. Here it is too large for "
            "the second gradient.",
            "28": "This brings the smaller gradient to 1. And the larger one?",
            "-7": "This makes both gradients smaller.",
            "24": "This is more than the smaller gradient needs. The larger one becomes inf.",
            "0.5": "The exponent should be a whole number.",
        },
        hints=[
            "The smaller gradient should become 2**-24 at least.",
            "64 times the scale should stay below 65504.",
        ],
        why="This is loss scaling. A factor on the loss is a factor on every gradient, so it "
        "can be divided out afterwards, in float32, where there is room. An overflow gives "
        "inf, which is easy to notice; an underflow gives 0, which looks like an ordinary "
        "gradient. bfloat16 has the range of float32, though fewer digits, and needs no scale.",
        numbers={
            "28": "34",
            "64": "4",
            "64.0": "4.0",
            "7": "12",
            "3": "9",
            "10": "14",
            "1024": "16384",
        },
    )
    scale = 2.0**exponent
    (scale * loss).backward()
    assert w.grad.float().item() / scale == 2**-28
    assert v.grad.float().item() / scale == 64.0


def test_a_layer_under_autocast():
    """autocast chooses a dtype for each operation. Here the layer computes in bfloat16.

    bfloat16 has 8 significant binary digits. Give the dtype of out, its value, and the dtype
    of the gradient, in a list.
    """
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, 1.0 + 2**-9)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = layer(torch.ones(1, 1))
    (3 * out).sum().backward()
    assert [out.dtype, out.item(), layer.weight.grad.dtype] == __(
        [torch.bfloat16, 1.0, torch.float32],
        wrong={
            "[torch.bfloat16, 1.001953125, torch.float32]": "This number has ten significant "
            "binary digits.",
            "[torch.bfloat16, 1.0, torch.bfloat16]": "The layer's weight is float32. Which "
            "dtype does a gradient have?",
            "[torch.float32, 1.001953125, torch.float32]": "This would be so without autocast.",
            "[torch.float32, 1.0, torch.float32]": "The value is rounded, because out has "
            "fewer bits.",
            "[torch.float16, 1.0, torch.float32]": "There are two dtypes of 16 bits. Which one "
            "is asked for here?",
            "[torch.bfloat16, 3.0, torch.float32]": "3 is in the gradient. The blank asks for "
            "the value of out.",
            "[torch.bfloat16, 1.0, None]": "The weight requires grad, so it has a gradient.",
            "[torch.float32, 1.0, torch.bfloat16]": "The two dtypes are swapped.",
        },
        hints=[
            "autocast casts the inputs of an operation, and not the parameters themselves.",
            "The cast is recorded, and the backward pass goes back through it.",
        ],
        why="Parameters, their gradients and the update stay in float32: an update that is "
        "smaller than the steps of bfloat16 would otherwise be lost. The gradient itself was "
        "computed in bfloat16, since each backward operation uses the dtype of its forward "
        "operation. So backward() belongs outside autocast.",
        numbers={"1.0": "1.5", "1.001953125": "1.501953125"},
    )


def test_the_parts_of_a_complex_gradient():
    """a and b are the parts of z = a + bj, which is complex. The losses are real.

    z.grad is such that a step z - lr * z.grad is a step of gradient descent for both parts.
    Write what z.grad will be, from a.grad and b.grad.
    """
    losses = [lambda z: (z * z.conj()).real, lambda z: (z**2).real]
    losses.append(lambda z: 5 * z.imag)
    for loss in losses:
        a = torch.tensor(3.0, requires_grad=True)
        b = torch.tensor(4.0, requires_grad=True)
        loss(torch.complex(a, b)).backward()
        expected = __(
            torch.complex(a.grad, b.grad),
            wrong={
                (
                    "torch.complex(a.grad, -b.grad)",
                    "torch.complex(a.grad, b.grad).conj()",
                ): "With this, the imaginary part would go uphill.",
                (
                    "torch.complex(a.grad, b.grad) / 2",
                    "(a.grad + 1j * b.grad) / 2",
                ): "That is the conjugate Wirtinger derivative of the textbooks. For a step of "
                "gradient descent in both parts, it is half as long as it should be.",
                "a.grad + b.grad": "Two directions at right angles can't be added up to one "
                "real number.",
                "torch.complex(b.grad, a.grad)": "The real part of z is a.",
                "2 * torch.complex(a, b)": "That is right for the first of the three losses.",
                "torch.complex(a.grad, b.grad).abs()": "That is the length of the gradient. A "
                "step needs its direction, too.",
                "[a.grad, b.grad]": "These are the parts. z.grad is one complex tensor.",
                "a.grad": "b has a part in z, too.",
                "2 * torch.complex(a, -b)": "That is right for the second of the three losses.",
            },
            hints=[
                "In a step, a moves by lr * a.grad, and b by lr * b.grad.",
                "lr * z.grad has to have these two for its real and imaginary part.",
            ],
            why="As a number this is twice the conjugate Wirtinger derivative, after which "
            "PyTorch's note names the direction. So every optimizer works for complex "
            "parameters. JAX's grad() returns the conjugate of it. The loss has to be real, "
            "since complex numbers have no order: backward() on a complex result raises.",
        )
        z = torch.tensor(3.0 + 4.0j, requires_grad=True)
        loss(z).backward()
        assert z.grad == expected


def test_one_graph_for_both_branches():
    """A tracer calls f once, with a stand-in for x, and makes a graph for all later calls.

    A stand-in has no value that if could ask for. Write what f should return instead.
    """

    def f(x):
        # It was: return 3 * x if x > 0 else x**2
        return __(
            torch.where(x > 0, 3 * x, x**2),
            wrong={
                "3 * x if x > 0 else x**2": "That is as it was. Whether the stand-in is above "
                "0, nobody can tell.",
                "3 * x if x.item() > 0 else x**2": "item() of a stand-in is a stand-in, too.",
                "torch.maximum(3 * x, x**2)": "At 4 that chooses the other branch.",
                "3 * x": "This is one of the two branches.",
                "torch.where(x > 0, x**2, 3 * x)": "The two branches are swapped.",
                "3 * torch.relu(x)": "Where x is negative, this is 0.",
                "3 * x if bool(x > 0) else x**2": "bool() has to know the value at once.",
                "max(3 * x, x**2)": "max() of Python compares, and has to ask for the result.",
                "[x**2, 3 * x][int(x > 0)]": "int() has to ask for the value, too.",
            },
            hints=[
                "Both branches should be in the graph. What chooses between them?",
                "Chapter 13 has an operation that chooses, element by element.",
            ],
            why="The graph that autograd records belongs to one run, so an if is no trouble. A "
            "compiler wants one graph for many runs. torch.compile breaks off at an if that "
            "depends on a tensor's value, a graph break, and goes on behind it with another "
            "graph. Where it compiles both passes, the operations of one graph are a single "
            "node for autograd, and it decides by itself what is saved and what is recomputed. "
            "The gradients are the same, up to rounding.",
        )

    traced = torch.fx.symbolic_trace(f)
    for place, slope in [(2.0, 3.0), (-1.0, -2.0), (4.0, 3.0)]:
        x = torch.tensor(place, requires_grad=True)
        traced(x).backward()
        assert x.grad == slope


def test_ranks_with_batches_of_different_size():
    """Each rank has a copy of w and a part of the data. Then the ranks average their gradients.

    Here one process plays all ranks, one after the other. Write the factor for each loss, so
    that the average is what a single rank would get from the mean over all the data, 15.
    """
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    for sizes in [[3, 1], [1, 2, 1]]:
        gradients = []
        for batch in x.split(sizes):
            w = torch.tensor(1.0, requires_grad=True)
            loss = ((w * batch) ** 2).mean()
            factor = __(
                len(batch) * len(sizes) / len(x),
                wrong={
                    "1": "That is how it is done usually. With parts of different size, the "
                    "examples of a small part count for more.",
                    "len(batch) / len(x)": "That would be right if the gradients were added. "
                    "Here they are averaged.",
                    "len(batch)": "This turns each mean into a sum. The result should be a "
                    "mean over all the data.",
                    "len(sizes)": "This makes up for the average, but not for the sizes.",
                    "1 / len(sizes)": "The average divides by this already.",
                    "len(x) / len(batch)": "With this, the smallest part gets the largest "
                    "factor.",
                    "len(batch) / len(sizes)": "What should the sum over all examples be "
                    "divided by?",
                    "2 * len(batch) / len(x)": "This is right for two ranks.",
                    "len(batch) * len(x) / len(sizes)": "By how many is divided in the end, "
                    "and by how many should it be?",
                },
                hints=[
                    "First turn the mean of a part into its sum.",
                    "The average divides by the number of ranks, and should not.",
                ],
                why="DistributedDataParallel averages, because with equal "
                "parts that is the mean over all. With unequal ones it is not, and nothing is "
                "raised. It starts all ranks from the same parameters, and the same averages "
                "keep them equal. To save messages, a rank may accumulate over several passes; "
                "the next pass that synchronizes averages what has accumulated.",
            )
            (factor * loss).backward()
            gradients.append(w.grad)
        average = sum(gradients) / len(sizes)
        assert average.item() == pytest.approx(15.0, abs=1e-3)


def test_two_steps_with_a_scaler():
    """A look back at chapter 17, with the loss scaled. What follows backward(), in which order?

    Give four names, in a list. In the first round the scaled gradient is infinite, so the
    scaler skips the step. Its scale begins at 1024. What is it in the end?
    """
    w = nn.Parameter(torch.tensor(0.0))
    sgd = torch.optim.SGD([w], lr=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    calls = {"update": scaler.update, "step": lambda: scaler.step(sgd)}
    calls["clip"] = lambda: nn.utils.clip_grad_norm_([w], 2.0)
    calls["unscale"] = lambda: scaler.unscale_(sgd)
    order = __(
        ["unscale", "clip", "step", "update"],
        wrong={
            '["clip", "unscale", "step", "update"]': "Here clip measures a gradient that is "
            "1024 times too large, and leaves almost nothing of it.",
            '["unscale", "step", "clip", "update"]': "Here the gradient is clipped after the "
            "step that should use it.",
            '["clip", "step", "update"]': "The step unscales by itself, if nobody has. But by "
            "then clip has seen the scaled gradient.",
            '["unscale", "clip", "step"]': "Without update, the scale is never adapted, and "
            "the scaler isn't ready for the next round.",
            '["step", "update"]': "Without clip, the step follows the whole gradient.",
            '["unscale", "clip", "update", "step"]': "update ends a round. The step belongs to "
            "the round.",
            '["update", "unscale", "clip", "step"]': "update looks at what was found in this "
            "round. By then nobody has looked for an overflow.",
            '["step", "unscale", "clip", "update"]': "The step comes before everything that "
            "should prepare it.",
        },
    )
    for size in [2.0**120, 8.0]:
        scaled_pass(scaler, w, size)
        in_order(order, calls)
    assert w.item() == pytest.approx(-2.0, abs=1e-3)
    assert scaler.get_scale() == __(
        512.0,
        wrong={
            "1024.0": "Then nothing would be learned from the overflow, and it would come "
            "again.",
            "256.0": "Only one of the two rounds has an overflow.",
            "2048.0": "After an overflow, would a larger scale help?",
            "1.0": "The scaler gives up a part of its scale, but not all of it.",
            "65536.0": "This is what a scaler starts with if nobody says otherwise. Here it "
            "started with 1024.",
            "0.0": "With this, every gradient would be 0.",
            "1023.0": "It goes down by a factor.",
        },
        hints=[
            "clip should see the gradient as it is without the scale.",
            "update comes last. It lowers the scale after an overflow.",
            "After an overflow the scale is multiplied by a half.",
        ],
        why="step() skips the optimizer's step where a gradient is inf or NaN: better no "
        "update than a harmful one. update() halves the scale then, and doubles it after many "
        "rounds without overflow, so that it stays near the largest scale that works. Without "
        "clipping nobody needs to call unscale_(): step() does it.",
        numbers={
            "1024.0": "4096.0",
            "1024": "4096",
            "512.0": "2048.0",
            "256.0": "1024.0",
            "2048.0": "8192.0",
            "1023.0": "4095.0",
        },
    )
