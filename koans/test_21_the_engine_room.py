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

    @__
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
    assert seen == __


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
    assert allowed == __


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
    assert [name for name in counts if counts[name] == 0] == __


def test_saved_in_fewer_bits():
    """pack gets each tensor that is to be saved, and returns what is kept in its place.

    unpack turns that into a tensor again. Write a pack with which float16 is kept. Between
    2 and 4, float16 moves in steps of 2**-9. Then what is in x.grad?
    """
    x, kept = torch.tensor(2.0 + 2**-12, requires_grad=True), set()

    def unpack(t):
        kept.add(t.dtype)
        return t.float()

    pack = __
    with saved_tensors_hooks(pack, unpack):
        y = x**2
    y.backward()
    assert kept == {torch.float16} and y.item() > 4.0
    assert x.grad.item() == __


def test_saved_on_a_shelf():
    """pack puts the numbers on a shelf, a plain list, and returns their place. Write unpack.

    There are two backward passes.
    """
    shelf = []

    def pack(t):
        shelf.append(t.tolist())
        return len(shelf) - 1

    unpack = __
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
    pack = __
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
        __
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
    __
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
        data = __
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
    assert useful == __


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
            surrogate = __
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
    exponent = __
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
    assert [out.dtype, out.item(), layer.weight.grad.dtype] == __


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
        expected = __
        z = torch.tensor(3.0 + 4.0j, requires_grad=True)
        loss(z).backward()
        assert z.grad == expected


def test_one_graph_for_both_branches():
    """A tracer calls f once, with a stand-in for x, and makes a graph for all later calls.

    A stand-in has no value that if could ask for. Write what f should return instead.
    """

    def f(x):
        # It was: return 3 * x if x > 0 else x**2
        return __

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
            factor = __
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
    order = __
    for size in [2.0**120, 8.0]:
        scaled_pass(scaler, w, size)
        in_order(order, calls)
    assert w.item() == pytest.approx(-2.0, abs=1e-3)
    assert scaler.get_scale() == __
