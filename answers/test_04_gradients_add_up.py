"""Gradients add up.

What does backward() do where a slope lies already, from a walk before? This chapter is about
that, and about what follows: how .grad is cleared, what happens to one who forgets, and what
it is good for not to.

By the end you can predict .grad after any number of walks, clear it before it misleads you,
and let it gather on purpose what several walks bring.
"""

import pytest
import torch

from sensei import __


def test_two_walks():
    """Two walks, one after the other. What is in .grad after each of them?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    assert x.grad == __(
        10.0,
        wrong={
            "25.0": "That is x**2 itself.",
            "5.0": "That is x. What is the slope of its square?",
            "None": "backward() has run once.",
        },
    )
    (x**3).backward()
    assert x.grad == __(
        85.0,
        wrong={
            "75.0": "That is the second walk alone. What did the first one leave behind?",
            "10.0": "That is the first walk alone. The second one ran, too.",
            "750.0": "You multiplied the two. They are two walks, not one road.",
            "20.0": "The second walk was over another function.",
        },
        hints=[
            "The first walk is nothing new: the slope of x**2 is 2*x.",
            "Work out the second walk by itself: the slope of x**3.",
            "backward() does not clear .grad before it writes.",
        ],
        why="The first walk finds None, so what it leaves is its slope alone. The second walk "
        "finds that slope, and adds to it. So several losses can share a parameter; and that "
        "is why training loops clear their gradients.",
        numbers={
            "5.0": "3.0",
            "10.0": "6.0",
            "25.0": "9.0",
            "75.0": "27.0",
            "85.0": "33.0",
            "750.0": "162.0",
            "20.0": "12.0",
        },
    )


def test_three_steps_without_clearing():
    """A loop that forgot to clear. x does not move; does its gradient?"""
    x = torch.tensor(5.0, requires_grad=True)
    for _ in range(3):
        (x**2).backward()
    assert x.grad == __(
        30.0,
        wrong={
            "10.0": "That is one step. What happens to it in the next one?",
            "20.0": "That is after two steps.",
            "1000.0": "Each step adds to what is there. It does not multiply.",
            "75.0": "You added the values of x**2. What does backward() add?",
            "0.0": "That is what a cleared gradient holds. Who cleared it?",
            "40.0": "Count the steps again.",
        },
        hints=[
            "The same slope arrives in every step.",
            "Write down .grad after each of the three steps.",
        ],
        why="Three times 10, though the slope is 10 all the time. In training each step would "
        "follow all old slopes as well, run past the minimum and swing about it; and nothing "
        "is raised.",
    )


def test_one_walk_for_two_losses():
    """Two losses and one walk, which leaves what two walks would. Write the loss."""
    for place in [2.0, 1.0]:
        x = torch.tensor(place, requires_grad=True)
        first = x**2
        second = x**3
        loss = __(
            first + second,
            wrong={
                "first * second": "Then each slope is multiplied by the other value.",
                "(first + second) / 2": "The mean has half the slope.",
                "first": "That is one of the two.",
                "second": "That is the other one alone.",
                "second - first": "Two walks add what they bring.",
                "[first, second]": "A list has no backward(). One tensor is needed.",
                "torch.stack([first, second])": "Two numbers in one tensor. By itself "
                "backward() starts from a single one.",
                "torch.tensor(first + second)": "torch.tensor() copies the number, and leaves "
                "the graph behind.",
                "first.item() + second.item()": "A float has no backward(). item() cut both "
                "roads.",
                "2 * x + 3 * x**2": "That is the slope already. Write the loss, and backward() "
                "differentiates.",
                "torch.tensor([first, second])": "This copies two numbers into a new tensor, "
                "and leaves the graph behind.",
            },
            hints=[
                "Which operation has as its slope the two slopes added?",
                "Look at the chapter before this one: where roads meet, slopes add.",
            ],
            why="The gradients agree. Walking back after each loss frees its graph before the "
            "next one is built, which can save memory; losses that share a part of the graph "
            "are better added first.",
        )
        loss.backward()
        assert x.grad == 2 * place + 3 * place**2


def test_what_zero_clears():
    """Is it the tensor or its gradient that x.grad.zero_() sets to zero?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    x.grad.zero_()
    assert [x.item(), x.grad.item()] == __(
        [5.0, 0.0],
        wrong={
            "[0.0, 0.0]": "x.grad is a tensor of its own. Does writing into it change x?",
            "[0.0, 10.0]": "What stands before the zero_()?",
            "[5.0, 10.0]": "The underscore at the end says that something is changed in place.",
            "[5.0, None]": "There is a tensor in .grad still. What is in it?",
        },
        hints=[
            "Read x.grad.zero_() from the left.",
            "There are two tensors here: x, and the one in x.grad.",
        ],
        why="x and x.grad are two tensors, each with memory of its own. x.zero_() would wipe "
        "the parameter; torch refuses it for a leaf that requires grad, except where recording "
        "is switched off.",
    )


def test_a_fresh_start():
    """Two walks, a zero_(), a third walk. What is in .grad at the end?"""
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    (x**3).backward()
    x.grad.zero_()
    (x**2).backward()
    assert x.grad == __(
        10.0,
        wrong={
            "95.0": "That would be all three walks. What did zero_() do in between?",
            "85.0": "That is what was there before zero_().",
            "0.0": "So it was after zero_(). But one more walk came.",
            "20.0": "zero_() takes back more than the walk before it. What is there after it?",
            "25.0": "That is x**2 itself.",
            "75.0": "That is the second walk, and it was wiped away.",
        },
        hints=[
            "What is in .grad right after zero_()?",
            "Only what came after the clearing is left.",
        ],
        why="zero_() writes zeros into the gradient, and the next walk adds to these. In a "
        "training loop optimizer.zero_grad() does the clearing; a tensor has none of its own.",
    )


def test_two_ways_to_clear():
    """One gradient is set to zero, the other one is dropped. What is left of each?"""
    a = torch.tensor(5.0, requires_grad=True)
    b = torch.tensor(5.0, requires_grad=True)
    (a**2 + b**2).backward()
    a.grad.zero_()
    b.grad = None
    assert [a.grad, b.grad] == __(
        [0.0, None],
        wrong={
            "[0.0, 0.0]": "What was assigned to b.grad?",
            "[None, None]": "zero_() writes into the tensor. It is still there.",
            "[10.0, 10.0]": "Both were cleared.",
            "[10.0, None]": "zero_() changes the tensor in place.",
            "[None, 0.0]": "Which of the two still has a tensor?",
        },
        hints=[
            "One line changes what is in a tensor, the other one takes the tensor away.",
            "Read the line about b as plain Python.",
        ],
        why="optimizer.zero_grad() does the second by default: it saves memory, and parameters "
        "that took no part keep None, so the optimizer skips them.",
    )


def test_clearing_what_is_not_there():
    """x is new, there was no backward() yet. What does clearing its gradient raise?"""
    x = torch.tensor(2.0, requires_grad=True)
    with pytest.raises(Exception) as caught:
        x.grad.zero_()
    assert caught.type is __(
        AttributeError,
        wrong={
            "RuntimeError": "Torch is not even asked. What is x.grad before the first walk?",
            "TypeError": "Nothing is called with a wrong type. Something is looked up.",
            "ValueError": "No value is wrong here. Something is not there at all.",
            "Exception": "That is the whole family. Which member is it?",
        },
        hints=[
            "What is x.grad before the first backward()?",
            "And does that have a zero_()? What does Python raise if you ask?",
        ],
        why="'NoneType' object has no attribute 'zero_'. The first step of a loop stumbles "
        "over it when the clearing comes first.",
    )


def test_a_saved_reference():
    """first is kept from the first walk. What is in it after the second?"""
    x = torch.tensor(4.0, requires_grad=True)
    (x**2).backward()
    first = x.grad
    (x**3).backward()
    assert first == __(
        56.0,
        wrong={
            "8.0": "So it was. But is first a copy, or the same tensor as x.grad?",
            "48.0": "That is what the second walk brought. Where did it go?",
            "16.0": "That is x**2 itself, or its slope twice. The second walk was over x**3.",
            "104.0": "Each walk is added once.",
        },
        hints=[
            "first = x.grad copies nothing. It is Python: two names for one object.",
            "The second walk adds in place, to the tensor that is there.",
        ],
        why="A plain backward() adds in place to the tensor in .grad. Whoever keeps x.grad for "
        "later, to log or compare it, sees it change.",
    )


def test_keep_the_first_gradient():
    """Now first should stay what it was, whatever the second walk does. Write it."""
    for power, slope in [(2, 10.0), (3, 75.0)]:
        x = torch.tensor(5.0, requires_grad=True)
        (x**power).backward()
        first = __(
            x.grad.clone(),
            wrong={
                "x.grad": "A second name for the same tensor. It changes, too.",
                "x.grad.detach()": "A new tensor, but on the same memory. It changes, too.",
                "x.clone()": "That copies x, not its gradient.",
                "x.grad.data": "Another tensor on the same memory. It changes, too.",
                "x.grad.numpy()": "A NumPy array, but on the same memory. It changes, too.",
                "x.grad.copy()": "That is what NumPy calls it. Torch has another name.",
                "10.0": "So it is the first time. Write what keeps it, whatever it is.",
            },
            hints=[
                "You need a tensor with memory of its own.",
                "NumPy calls its method copy(). Look among the methods of a tensor.",
            ],
            why="clone() copies the numbers into new memory. item() would do as well for a "
            "single number; detach() and .data would not, they share memory.",
        )
        (x**3).backward()
        assert first == slope
        assert x.grad == slope + 75.0


def test_whatever_is_there():
    """.grad may also be set by hand, before any walk. What becomes of the 100?"""
    x = torch.tensor(5.0, requires_grad=True)
    x.grad = torch.tensor(100.0)
    (x**2).backward()
    assert x.grad == __(
        110.0,
        wrong={
            "10.0": "So it would be if backward() overwrote.",
            "100.0": "The walk did happen.",
            "1000.0": "It does not multiply.",
            "200.0": "The slope is that of x**2. The 100 is just what lies there.",
            "125.0": "25 is the value of x**2. What does the walk bring?",
            "90.0": "Nothing is taken away from what lies there.",
        },
        hints=[
            "backward() does not ask who wrote what is there.",
            "What does the walk bring, and what is done with it?",
        ],
        why="There is no memory of earlier walks besides the number in .grad. Whatever you "
        "leave there, the next backward() adds to.",
    )


def test_zero_and_none():
    """x takes part, times 0. z takes no part at all. What is in the two .grad?"""
    x = torch.tensor(2.0, requires_grad=True)
    z = torch.tensor(1.0, requires_grad=True)
    (0 * x).backward()
    assert [z.grad, x.grad] == __(
        [None, 0.0],
        wrong={
            "[None, None]": "x took part. Its slope was worked out; what came of it?",
            "[0.0, 0.0]": "Nothing has ever arrived at z.",
            "[0.0, None]": "Which of the two took part?",
            "[None, 1.0]": "x is multiplied on the way. By what?",
            "[None, 2.0]": "That is x. How much does 0 * x move when x does?",
        },
        hints=[
            "Is there a road from the result to x? And to z?",
            "A road with slope 0 is a road.",
        ],
        why="After a backward(), 0 in a single number says: reached, and flat. None says: "
        "nothing arrived. Only clearing with None keeps them apart; after zero_() a leaf that "
        "nothing reaches holds 0, too.",
    )


def test_clear_in_a_loop():
    """Each step should see its own slope only. What belongs at the end of the loop?"""
    x = parameter = torch.tensor(5.0, requires_grad=True)
    slopes = []
    for factor in [1, 2, 3]:
        (factor * x**2).backward()
        slopes.append(x.grad.item())
        __(
            x.grad.zero_(),
            wrong={
                "x.zero_()": "That would change x itself, and here torch refuses. What was to "
                "be cleared?",
                "x.grad.zero_": "This names the method, but does not call it.",
                "x.grad.zero()": "Nearly. What does torch put at the end of the name of a "
                "method that changes its tensor?",
                "slopes = []": "That clears your list. Where does torch add up?",
                "x.grad == None": "Two = signs compare. How does Python assign?",
                "x.data.zero_()": "That wipes the weight itself. .data only hides it from "
                "torch's check.",
                "x.zero_grad()": "Optimizers and modules have that. A tensor does not.",
                "x.grad = 0.0": "The right idea. But .grad takes a tensor, or nothing at all.",
                "x = torch.tensor(5.0, requires_grad=True)": "The slopes are right, but this "
                "is a new x: a real one would lose what it has learned.",
                "x = x.detach().requires_grad_()": "The slopes are right, but this is another "
                "tensor. An optimizer would hold on to the old one.",
                "optimizer.zero_grad()": "There is no optimizer here. What would it do to the "
                "gradient?",
                "x.grad = 0 * x": "The slopes are right. But 0 * x is computed from x, so that "
                "the new .grad has a graph of its own.",
                "pass": "Then the slopes add up.",
            },
            hints=[
                "Clear the gradient, not x.",
                "There are two ways, and you have met both in this chapter.",
            ],
            why="Clear, walk, step: the order in every training loop. Clearing may come first "
            "or last, but it must not come between the walk and the step.",
        )
    assert slopes == [10.0, 20.0, 30.0]
    assert x is parameter and x == 5.0
    assert not x.grad
    assert x.grad is None or x.grad.is_leaf


def test_clear_before_the_first_walk():
    """Here the clearing comes first. On what condition may it be done?"""
    x = torch.tensor(2.0, requires_grad=True)
    slopes = []
    for sign in [1, -1, 1]:
        if __(
            x.grad is not None,
            wrong={
                "True": "In the first step there is nothing to clear, and that raises.",
                "False": "Then it is never cleared.",
                "x.grad is None": "Then it is cleared just when there is nothing to clear.",
                "x.grad > 0": "None cannot be compared with a number. And may a slope not be "
                "negative?",
                "x.grad != 0": "Something that is not there is not 0, either.",
                "hasattr(x, 'grad')": "Every tensor has a .grad. What is in it at first?",
                "x.requires_grad": "So it is in every step, the first one included.",
            },
            hints=[
                "What is x.grad in the first step? What is it in the others?",
                "Ask whether there is anything in .grad.",
            ],
            why="None is best asked for with is: a plain if x.grad: fails for a tensor of "
            "several numbers. optimizer.zero_grad() makes this very check for you.",
        ):
            x.grad.zero_()
        (sign * x**2).backward()
        slopes.append(x.grad.item())
    assert slopes == [4.0, -4.0, 4.0]


def test_adding_on_purpose():
    """Four examples, one walk each, every loss divided by 4. What has x.grad gathered?"""
    x = torch.tensor(3.0, requires_grad=True)
    for target in [1.0, 2.0, 3.0, 10.0]:
        loss = (x - target) ** 2
        (loss / 4).backward()
    assert x.grad == __(
        -2.0,
        wrong={
            "-8.0": "That is the sum of the four. Each loss was divided.",
            "-3.5": "That is the last one alone.",
            "2.0": "The size is right. Which pulls harder at x: two targets close by, or one "
            "far off?",
            "-14.0": "That is the last one, and not divided.",
            "13.5": "That is the mean of the four losses. How does it move with x?",
        },
        hints=[
            "Each slope is 2 * (x - target), and then divided.",
            "One of the four is easy: there x is at its target already.",
        ],
        why="This is gradient accumulation: the same as one walk over the mean of all four, up "
        "to rounding and unless examples see each other, as in batch norm. So a batch too "
        "large for memory is cut into equal pieces: several walks, then one step.",
    )
