"""Gradients accumulate: each backward pass adds to what is already in .grad.

This is not the sum that you know from chapter 3. Within one backward pass, the gradients of
all paths are summed before they reach a leaf tensor. What a pass brings to the leaf is then
added to what earlier passes left in .grad: that is accumulation. backward() never clears
.grad.

This chapter shows how .grad is cleared, what happens if it is not, and what accumulation is
good for.

By the end you can predict .grad after any number of backward passes, clear it at the right
moment, accumulate gradients on purpose, and read "torch.Tensor.backward" in PyTorch's
reference.
"""

import pytest
import torch

from sensei import __  # noqa: F401 - stays when no blank is left


def test_two_backward_passes():
    """Two backward passes, one after the other. What is in x.grad after each of them?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    assert x.grad == __(
        10.0,
        wrong={
            "25.0": "25 is the value of x**2. The blank asks for its gradient.",
            "5.0": "5 is x. What is the derivative of x**2?",
            "None": "x.grad was None until the first backward pass. By now it has run.",
        },
    )
    (x**3).backward()
    assert x.grad == __(
        85.0,
        wrong={
            "75.0": "75 is the gradient of the second pass alone. What did the first one leave "
            "in x.grad?",
            "10.0": "That is the gradient of the first pass alone. The second one ran, too.",
            "750.0": "750 is the product of the two gradients. Accumulating is not "
            "multiplying.",
            "20.0": "20 would be right if the second pass were over x**2 as well.",
        },
        hints=[
            "The first pass is nothing new: the derivative of x**2 is 2 * x.",
            "Work out the second pass by itself: the derivative of x**3 is 3 * x**2.",
            "backward() does not clear x.grad before it writes.",
        ],
        why="The first pass finds None, and leaves its own gradient. The second pass finds "
        "that gradient, and adds to it. This is useful: several losses can share a parameter, "
        "with a backward pass for each. And it is why a training loop clears its gradients.",
        numbers={
            "5.0": "3.0",
            "10.0": "6.0",
            "25.0": "9.0",
            "75.0": "27.0",
            "85.0": "33.0",
            "750.0": "162.0",
            "20.0": "12.0",
            "5": "3",
            "25": "9",
            "75": "27",
            "750": "162",
            "20": "12",
        },
        core=True,
    )


def test_what_zero_clears():
    """What is in x and in x.grad after zero_()? Give both, in a list."""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    x.grad.zero_()
    assert [x.item(), x.grad.item()] == __(
        [5.0, 0.0],
        wrong={
            "[0.0, 0.0]": "x and x.grad are two tensors. On which of them is zero_() called?",
            "[0.0, 10.0]": "Which of the two tensors comes before zero_()?",
            "[5.0, 10.0]": "That was before zero_(). A method whose name ends in an underscore "
            "changes its tensor in place.",
            "[5.0, None]": "zero_() writes into the tensor in x.grad, but doesn't remove it.",
        },
        hints=[
            "Read x.grad.zero_() from the left: which tensor is meant?",
            "There are two tensors here, x and x.grad, each with a number of its own.",
        ],
        why="x and x.grad are two tensors, each with its own memory. x.zero_() would overwrite "
        "the parameter; torch refuses that for a leaf tensor that requires grad, unless "
        "recording is switched off.",
    )


def test_a_third_pass_after_clearing():
    """Two passes, then zero_(), then a third pass. What is in x.grad at the end?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    (x**3).backward()
    x.grad.zero_()
    (x**2).backward()
    assert x.grad == __(
        10.0,
        wrong={
            "95.0": "95 is the sum over all three passes. What did zero_() do before the "
            "third?",
            "85.0": "85 was in x.grad just before zero_().",
            "0.0": "0 was in x.grad right after zero_(). But then another pass came.",
            "20.0": "20 is what the first and the third pass bring. Does zero_() undo only the "
            "second?",
            "25.0": "25 is the value of x**2. The blank asks for what is in x.grad.",
            "75.0": "75 is the gradient of the second pass. zero_() comes after it.",
        },
        hints=[
            "What is in x.grad right after zero_()?",
            "The third pass adds its own gradient to that.",
        ],
        why="zero_() sets the accumulated gradient to 0, and the next pass adds to this 0. In "
        "a training loop optimizer.zero_grad() clears the gradients of all parameters; a "
        "tensor has no zero_grad() of its own.",
        numbers={
            "5.0": "10.0",
            "10.0": "20.0",
            "95.0": "340.0",
            "95": "340",
            "85.0": "320.0",
            "85": "320",
            "20.0": "40.0",
            "20": "40",
            "25.0": "100.0",
            "25": "100",
            "75.0": "300.0",
            "75": "300",
        },
    )


def test_two_ways_to_clear():
    """a.grad and b.grad are cleared in two ways. What is in them then? Give both, in a list."""
    a = torch.tensor(5.0, requires_grad=True)
    b = torch.tensor(5.0, requires_grad=True)
    (a**2 + b**2).backward()
    a.grad.zero_()
    b.grad = None
    assert [a.grad, b.grad] == __(
        [0.0, None],
        wrong={
            "[0.0, 0.0]": "b.grad = None is a plain assignment. What is in b.grad after it?",
            "[None, None]": "zero_() writes into the tensor in a.grad. The tensor is still "
            "there.",
            "[10.0, 10.0]": "10 is what the backward pass left in each. Both were cleared "
            "after it.",
            "[10.0, None]": "zero_() changes the tensor in place: it is still in a.grad.",
            "[None, 0.0]": "They are swapped. Which still has a tensor in .grad?",
        },
        hints=[
            "One line changes the number in a tensor, the other one removes the tensor.",
            "Read the line about b as plain Python.",
        ],
        why="optimizer.zero_grad() sets .grad to None by default. That saves memory; and a "
        "parameter that takes no part in the next pass keeps None, so that the optimizer skips "
        "it.",
        core=True,
    )


def test_a_second_name_for_the_gradient():
    """After the first pass, x.grad is kept as first. What is in first after the second pass?"""
    x = torch.tensor(4.0, requires_grad=True)
    (x**2).backward()
    first = x.grad
    (x**3).backward()
    assert first == __(
        56.0,
        wrong={
            "8.0": "8 was in it after the first pass. Is first a copy of x.grad, or the same "
            "tensor?",
            "48.0": "48 is the gradient of the second pass alone. The second pass does not "
            "overwrite what it finds.",
            "16.0": "16 would be right if the second pass were over x**2 as well.",
            "104.0": "104 counts the second pass twice. first and x.grad are one tensor, not "
            "two.",
            "None": "first is a name of its own: nothing has been assigned to it since the "
            "first pass.",
        },
        hints=[
            "first = x.grad copies nothing: in Python, these are two names for one object.",
            "The second pass changes the tensor in x.grad in place.",
        ],
        why="backward() usually accumulates in place, into the tensor that is in .grad. If you "
        "keep x.grad to log it or to compare it later, you will see it change.",
        numbers={
            "4.0": "2.0",
            "56.0": "16.0",
            "8.0": "4.0",
            "48.0": "12.0",
            "16.0": "8.0",
            "104.0": "28.0",
            "8": "4",
            "48": "12",
            "16": "8",
            "104": "28",
        },
    )


def test_keep_the_first_gradient():
    """Write first so that it keeps the gradient of the first pass, whatever comes later."""
    kept = []
    for power in [2, 3]:
        x = torch.tensor(5.0, requires_grad=True)
        (x**power).backward()
        first = __(
            x.grad.clone(),
            wrong={
                "x.grad": "That is a second name for the same tensor, so it changes as well.",
                "x.grad.detach()": "That is a new tensor, but it shares its memory with "
                "x.grad.",
                "x.clone()": "That copies x, not its gradient.",
                "x.grad.data": ".data shares its memory with x.grad, so it changes as well.",
                "x.grad.numpy()": "That is a NumPy array, but it shares its memory with "
                "x.grad.",
                "x.grad.copy()": "NumPy's method is called copy(). Torch's has another name.",
                "10.0": "That is right for the first power alone. Write what keeps the "
                "gradient, whatever it is.",
            },
            hints=[
                "You need a tensor with memory of its own.",
                "NumPy calls its method copy(). Look among the methods of a tensor.",
            ],
            why="What is kept has to have memory of its own: clone() copies all numbers of a "
            "tensor, item() a single one. detach() and .data make a new tensor, but share the "
            "memory.",
        )
        (x**3).backward()
        kept.append([float(first), x.grad.item()])
    assert kept == [[10.0, 85.0], [75.0, 150.0]]


def test_a_gradient_set_by_hand():
    """.grad may also be set by hand, before any backward pass. What is in x.grad at the end?"""
    x = torch.tensor(5.0, requires_grad=True)
    x.grad = torch.tensor(100.0)
    (x**2).backward()
    assert x.grad == __(
        110.0,
        wrong={
            "10.0": "10 is the gradient of this pass. Does backward() overwrite what it finds?",
            "100.0": "100 was there before the backward pass. The pass brings something, too.",
            "1000.0": "1000 is the product. Accumulating is not multiplying.",
            "200.0": "The gradient of x**2 at 5 does not depend on what is in .grad.",
            "125.0": "25 is the value of x**2. What is its gradient?",
            "90.0": "90 is 100 - 10. Nothing is taken away from what is in .grad.",
        },
        hints=[
            "backward() does not ask where the number in x.grad came from.",
            "What is the gradient of x**2 at 5? And what is done with it?",
        ],
        why="The number in .grad is all that is left of earlier passes. backward() adds to it, "
        "wherever it came from: so if it isn't cleared, old gradients mix with new ones, and "
        "nothing is raised.",
    )


def test_one_backward_pass_for_two_losses():
    """There are two losses. Write one that gives in a single pass what they give in two."""
    for place in [2.0, 1.0]:
        x = torch.tensor(place, requires_grad=True)
        first = x**2
        second = x**3
        loss = __(
            first + second,
            wrong={
                "first * second": "By the product rule each gradient is then multiplied by the "
                "other loss.",
                "(first + second) / 2": "The gradient of the mean is half as large.",
                "first": "That is one of the two losses.",
                "second": "That is only the second loss.",
                "second - first": "Two passes would accumulate. What replaces that in one "
                "pass?",
                "[first, second]": "A list has no backward(). The loss should be one tensor.",
                "torch.stack([first, second])": "This tensor holds two numbers. Without "
                "further arguments backward() starts from a single one.",
                "torch.tensor(first + second)": "torch.tensor() copies only the number. The "
                "new tensor has no grad_fn.",
                "first.item() + second.item()": "item() leaves the graph, and a float has no "
                "backward().",
                "2 * x + 3 * x**2": "That is the gradient. Write the loss, and leave the "
                "derivative to backward().",
                "torch.tensor([first, second])": "This copies two numbers into a new tensor, "
                "which has no grad_fn.",
            },
            hints=[
                "Two backward passes would accumulate both gradients in x.grad.",
                "Which operation has a derivative that is the sum of two derivatives?",
            ],
            why="Here the two gradients are summed within one backward pass; with two passes "
            "they would accumulate in x.grad. The results agree, up to rounding. Two passes "
            "can save memory, if the first graph is freed before the second is built. If both "
            "losses share a part of one graph that saved tensors, the first pass needs "
            "retain_graph=True, and the nodes of the shared part run twice.",
            core=True,
        )
        loss.backward()
        assert x.grad == 2 * place + 3 * place**2


def test_a_factor_of_zero():
    """x is multiplied by 0; z is unused. What are z.grad and x.grad? Give both in a list."""
    x = torch.tensor(2.0, requires_grad=True)
    z = torch.tensor(1.0, requires_grad=True)
    (0 * x).backward()
    assert [z.grad, x.grad] == __(
        [None, 0.0],
        wrong={
            "[None, None]": "A path leads to x. Some gradient was computed for it: which one?",
            "[0.0, 0.0]": "z is not in the graph, so nothing was ever written to z.grad.",
            "[0.0, None]": "They are swapped: z comes first. Which took part?",
            "[None, 1.0]": "1 would be right for the result x. Here x is multiplied.",
            "[None, 2.0]": "2 is x. If x grows, by how much does 0 * x grow?",
        },
        hints=[
            "Does a path lead from the result to x? And to z?",
            "A local derivative of 0 is a number like any other.",
        ],
        why="0 says: a gradient was computed, and it is 0. None says: no gradient has reached "
        "this tensor since it was made, or since .grad was set to None. To an optimizer the "
        "two differ: it skips None, but 0 can still move a parameter, by momentum or weight "
        "decay.",
    )


def test_ten_passes_in_bfloat16():
    """bfloat16 rounds to 8 significant binary digits. What is in w.grad after ten passes?"""
    w = torch.tensor(1.0, dtype=torch.bfloat16, requires_grad=True)
    w.grad = torch.tensor(250.0, dtype=torch.bfloat16)
    for _ in range(10):
        (w * 1).backward()
    assert w.grad.item() == __(
        256.0,
        wrong={
            "260.0": "260 is the exact sum. After each pass the sum is rounded to 8 "
            "significant digits.",
            "10.0": "10 is what the passes bring. What was in w.grad before stays.",
            "250.0": "250 and 1 more still fits: 251 is 11111011 in binary.",
            "255.0": "255 is 11111111 in binary. One more is 1 followed by zeros, and these "
            "don't count as significant.",
            ("257.0", "512.0"): "How many significant bits does 257 have?",
            "1.0": "1 is the gradient of a single pass. Nothing clears w.grad in between.",
            'float("inf")': "bfloat16 can hold far larger numbers, but not all of their "
            "digits.",
        },
        hints=[
            "Each pass adds 1 and rounds. At some point it rounds back to what was there.",
            "Write 255 and the next two numbers in binary. Zeros at the end don't count.",
        ],
        why="The next sum would be 257, in binary 100000001: that is one digit too many. It is "
        "rounded back, so every further gradient is lost, and nothing is raised. .grad has the "
        "dtype of its tensor, so this is one reason why parameters are often kept in float32, "
        "where the same happens only at 2**24.",
    )


def test_clear_in_a_loop():
    """Each step should see only its own gradient. Which line belongs at the end of the loop?"""
    x = parameter = torch.tensor(5.0, requires_grad=True)
    gradients = []
    for factor in [1, 2, 3]:
        (factor * x**2).backward()
        gradients.append(x.grad.item())
        __(
            x.grad.zero_(),
            wrong={
                "x.zero_()": "That would change x itself, and torch refuses it here. What "
                "should be cleared?",
                "x.grad.zero_": "This names the method, but does not call it.",
                "x.grad.zero()": "Almost. How do names of methods that change their tensor in "
                "place end?",
                "gradients = []": "That clears your own list. Where does torch accumulate?",
                "x.grad == None": "Two = signs compare. How does Python assign?",
                "x.data.zero_()": "That sets the parameter itself to 0. With .data torch can't "
                "see it, and so does not refuse.",
                "x.zero_grad()": "Optimizers and modules have this method. A tensor does not.",
                "x.grad = 0.0": "The right idea. But .grad accepts only a tensor, or None.",
                "x = torch.tensor(5.0, requires_grad=True)": "The gradients are right. But "
                "this is a new tensor: a trained x would lose what it has learned.",
                "x = x.detach().requires_grad_()": "The gradients are right. But this is a new "
                "tensor: an optimizer would still hold the old one.",
                "optimizer.zero_grad()": "There is no optimizer here. What would it do to "
                "x.grad?",
                "x.grad = 0 * x": "The gradients are right. But 0 * x is computed from x, so "
                "this .grad has a graph of its own.",
                "pass": "Then the gradients accumulate.",
            },
            hints=[
                "Clear the gradient, not x.",
                "There are two ways, and this chapter has shown both.",
            ],
            why="x.grad = None would do as well. In a training loop that never clears, each "
            "step follows the sum of all gradients so far: it tends to overshoot and "
            "oscillate, and nothing is raised.",
            core=True,
        )
    assert gradients == [10.0, 20.0, 30.0]
    assert x is parameter and x == 5.0
    assert not x.grad
    assert x.grad is None or x.grad.is_leaf


def test_the_order_of_a_step():
    """In which order do the three steps work twice in a row? Give their names, in a list.

    An old gradient is still there.
    """
    x = torch.tensor(5.0, requires_grad=True)
    x.grad = torch.tensor(100.0)
    used = []
    order = __(
        ["clear", "backward", "use"],
        wrong={
            '["use", "clear", "backward"]': "The first use comes before any backward pass, and "
            "sees what was left from before.",
            '["backward", "use", "clear"]': "The first use sees the sum of its gradient and "
            "what was left from before.",
            (
                "['zero', 'backward', 'use']",
                "['clear()', 'backward()', 'use()']",
            ): "Use the names in the loop, as text.",
            '["backward", "clear", "use"]': "Here each gradient is cleared before it is used.",
            '["clear", "use", "backward"]': "What is in x.grad right after it is cleared?",
            '["use", "backward", "clear"]': "Here each gradient is cleared right after the "
            "backward pass.",
            '["backward", "use"]': "Without the third one, the second use sees the sum of two "
            "gradients.",
        },
        hints=[
            "A gradient is in x.grad from its backward pass until it is cleared.",
            "Each use should see one gradient, the one of its own round.",
        ],
        why="In a training loop the use is optimizer.step(). Clearing may also come last, "
        "after the step, if nothing is left from before; it must not come between backward() "
        "and step().",
        core=True,
    )
    for name in order * 2:
        if name == "use":
            used.append(x.grad.item())
        elif name == "clear":
            x.grad.zero_()
        elif name == "backward":
            (x**2).backward()
    assert used == [10.0, 10.0]


def test_clear_before_the_first_pass():
    """zero_() raises while there is no gradient. Write the condition for calling it."""
    x = torch.tensor(2.0, requires_grad=True)
    told = "'NoneType' object has no attribute 'zero_'"
    with pytest.raises(AttributeError, match=told):
        x.grad.zero_()
    gradients = []
    for sign in [1, -1, 1]:
        if __(
            x.grad is not None,
            wrong={
                "True": "In the first step there is no gradient to clear yet, and that raises.",
                "False": "Then the gradient is never cleared.",
                "x.grad is None": "Then zero_() is called only when there is nothing to clear.",
                "x.grad > 0": "None can't be compared with a number. And a gradient may be "
                "negative.",
                "x.grad != 0": "None is not equal to 0, either, so in the first step this is "
                "true.",
                "hasattr(x, 'grad')": "Every tensor has the attribute .grad. What is in it at "
                "first?",
                "x.requires_grad": "That is true in every step, in the first one as well.",
                "x.grad != 'None'": "None is an object, not text. So this is true in every "
                "step.",
            },
            hints=[
                "What is in x.grad in the first step? What is in it later?",
                "The message names the type of what is in x.grad.",
            ],
            why="Test for None with is. An if with only x.grad works for a single number, but "
            "raises for a tensor with many elements. optimizer.zero_grad() makes the same test "
            "for you.",
        ):
            x.grad.zero_()
        (sign * x**2).backward()
        gradients.append(x.grad.item())
    assert gradients == [4.0, -4.0, 4.0]


def test_accumulation_on_purpose():
    """Each of four examples gets a backward pass, its loss divided by 4. What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    for target in [1.0, 2.0, 3.0, 10.0]:
        loss = (x - target) ** 2
        (loss / 4).backward()
    assert x.grad == __(
        -2.0,
        wrong={
            "-8.0": "-8 is the sum of the four gradients of loss. But each loss was divided.",
            "-3.5": "-3.5 is what the last pass brings. Nothing clears x.grad before it.",
            "2.0": "The size is right. Is x above its targets or below them, on average?",
            "-14.0": "-14 is the gradient of the last loss, before it is divided.",
            "13.5": "13.5 is the mean of the four losses. The blank asks for a gradient.",
        },
        hints=[
            "The gradient of each loss is 2 * (x - target). Then it is divided.",
            "For one of the four, x is already at its target.",
        ],
        why="This is called gradient accumulation: four passes give the gradient of the mean "
        "loss, up to rounding, unless examples influence each other, as in batch norm. A batch "
        "that is too large for memory is cut into equal pieces: several passes, then one step.",
        numbers={
            "3.0": "5.0",
            "1.0": "3.0",
            "2.0": "4.0",
            "10.0": "16.0",
            "8.0": "16.0",
            "8": "16",
            "3.5": "5.5",
            "14.0": "22.0",
            "14": "22",
            "13.5": "31.5",
        },
    )


def test_a_spare_weight():
    """A look back at chapter 2. Which tensors have a gradient? Give their names, in a list."""
    w = torch.tensor(3.0, requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    spare = torch.tensor(4.0, requires_grad=True)
    x = torch.tensor(2.0)
    for _ in range(2):
        ((w * x + b - 10) ** 2).backward()
    tensors = {"w": w, "b": b, "spare": spare, "x": x}
    given = [name for name, t in tensors.items() if t.grad is not None]
    assert given == __(
        ["w", "b"],
        wrong={
            '["w", "b", "spare"]': "spare requires grad. But does a path lead to it?",
            '["w", "b", "x"]': "x took part. But does x require grad?",
            '["w"]': "b is only added. But it is a leaf tensor in this graph, too.",
            '["w", "b", "spare", "x"]': "There are two conditions: requiring grad and taking "
            "part.",
            '["w", "x"]': "Does x require grad? And which other tensor took part?",
            "[]": "A gradient may be 0 and still be there. Two backward passes have run.",
        },
        hints=[
            "Which of the four require grad?",
            "And which of these are in the graph of the loss?",
        ],
        why="A leaf tensor gets a gradient if it requires grad and if a path leads from the "
        "result to it. More passes change the numbers, but not the names.",
    )


def test_a_hook_over_two_passes():
    """A look back at chapter 3. A hook on x, and two passes. What is in seen? Give a list."""
    x = torch.tensor(3.0, requires_grad=True)
    seen = []
    x.register_hook(lambda grad: seen.append(grad.item()))
    (x * x).backward()
    (x + x).backward()
    assert x.grad == 8.0
    assert seen == __(
        [6.0, 2.0],
        wrong={
            "[3.0, 3.0, 1.0, 1.0]": "These come along the four paths. What is done with the "
            "gradients of several paths within one pass?",
            "[6.0, 8.0]": "8 is in x.grad after both passes. The hook is called with what one "
            "pass brings, before it is added there.",
            "[8.0]": "8 is what accumulates in x.grad. The hook is called in each pass.",
            "[6.0]": "The hook stays on x. There are two passes.",
            "[9.0, 6.0]": "These are the values of the two results. A hook is called with a "
            "gradient.",
            "[3.0, 1.0]": "x is used twice in each result. What is done with the gradients of "
            "both paths?",
        },
        hints=[
            "What is the gradient of each pass by itself?",
            "One sum is over the paths of a pass, one over the passes. Where is the hook?",
        ],
        why="Within one backward pass the gradients of all paths are summed: this sum is what "
        "a hook on x sees. Then it is added to what is in .grad: this is accumulation. They "
        "are two different sums.",
        numbers={"3.0": "5.0", "6.0": "10.0", "8.0": "12.0", "8": "12", "9.0": "25.0"},
    )
