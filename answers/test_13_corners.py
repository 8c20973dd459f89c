"""Corners, ties and NaN: what autograd does where there is no derivative.

At 0, relu has a corner: to the left the derivative is 0, to the right it is 1, and at 0
itself there is none. Where two elements tie for the maximum, there is none either. Torch
still gives a number there, by a convention of each operation.

Other places are worse. A derivative can be infinite (math.inf in Python), and infinity times
0 is NaN, "not a number" (math.nan). One NaN in a gradient is enough: after one step the
weight is NaN, and soon the whole model. Often the loss shows nothing of it beforehand.

By the end you can say what to expect at corners and ties, find out where a NaN comes from,
write functions whose gradients stay finite, and read "Gradients for non-differentiable
functions" in PyTorch's note Autograd mechanics.
"""

import math

import pytest
import torch
import torch.nn.functional as F

from sensei import __  # noqa: F401 - stays when no blank is left


def test_three_corners():
    """Each of these functions has a corner at 0. What are the gradients there? Give a list."""
    zero = torch.tensor(0.0)
    functions = [torch.relu, torch.abs, lambda v: torch.maximum(v, zero)]
    gradients = []
    for f in functions:
        x = torch.tensor(0.0, requires_grad=True)
        f(x).backward()
        gradients.append(x.grad.item())
    assert gradients == __(
        [0.0, 0.0, 0.5],
        wrong={
            "[0.0, 0.0, 0.0]": "relu and maximum give the same values. But maximum has two "
            "inputs, and here they are equal. Which of them should get the gradient?",
            "[1.0, 1.0, 1.0]": "1 is the derivative to the right of 0. The choice at the "
            "corner is not always that one.",
            "[0.5, 0.0, 0.5]": "The mean of both sides is a fair guess. But relu has one "
            "input, and torch counts 0 among the inputs that it blocks.",
            "[1.0, 0.0, 1.0]": "For relu, 0 is not counted among the positive inputs. And does "
            "maximum give all to one of two equal inputs?",
            "[0.0, 1.0, 0.5]": "abs has -1 on one side and 1 on the other. Torch doesn't "
            "choose a side here.",
            "[0.0, 0.0, 1.0]": "That would be right if maximum gave everything to its first "
            "input. Here both inputs are equal.",
            "[None, None, None]": "There is no derivative at a corner. But each node computes "
            "with numbers, so it passes one on.",
            "[math.nan, math.nan, math.nan]": "There is no derivative at a corner. But at "
            "these corners torch chooses an ordinary number.",
        },
        hints=[
            "abs has the derivatives -1 and 1 on its two sides. Torch takes what lies halfway.",
            "relu treats 0 as it treats negative inputs.",
            "maximum shares the gradient fairly between two equal inputs.",
        ],
        why="Any number between the derivatives of the two sides is a subgradient. For a "
        "convex function torch usually takes the one nearest to 0: between 0 and 1, and "
        "between -1 and 1, that is 0 itself. But x.clamp(min=0) passes on 1 at 0 up to torch "
        "2.13, and 0 from 2.14 on. maximum has two inputs; of all the ways to share a gradient "
        "of 1 between them, two halves are the shortest vector. This is a convention, and it "
        "does not always fit together: relu(x) - relu(-x) is x everywhere, but its gradient at "
        "0 is 0.",
        core=True,
    )


def test_a_tie_without_sharing():
    """x.max() shares its gradient among ties. Write a maximum that gives it to the first."""
    shared = torch.tensor([1.0, 6.0, 6.0, 2.0], requires_grad=True)
    shared.max().backward()
    assert shared.grad.tolist() == [0.0, 0.5, 0.5, 0.0]
    for values, gradient in [
        ([1.0, 6.0, 6.0, 2.0], [0.0, 1.0, 0.0, 0.0]),
        ([5.0, 3.0, 5.0, 5.0], [1.0, 0.0, 0.0, 0.0]),
    ]:
        x = torch.tensor(values, requires_grad=True)
        top = __(
            x.max(dim=0).values,
            wrong={
                ("x.max()", "torch.max(x)"): "Without a dimension, max() shares the gradient "
                "among all elements that tie.",
                ("x.amax()", "x.amax(dim=0)"): "amax() shares the gradient among ties, with a "
                "dimension or without one.",
                "x.max(dim=0)": "With a dimension, max() returns two tensors: the values, and "
                "where they are. Which of the two is wanted?",
                ("x.argmax()", "x.max(dim=0).indices"): "That is the place of the maximum, an "
                "integer. There is no gradient for an integer.",
                ("x[0]", "x[1]"): "That is right for one of the two inputs. The maximum may be "
                "anywhere.",
                ("max(x).item()", "x.max().item()"): "item() leaves the graph, and a float has "
                "no backward().",
                "x.sort().values[-1]": "This is the maximum. But among several equal elements, "
                "nothing says that it is the first one.",
                "x.max().values": "Without a dimension, max() returns the maximum alone, and "
                "this has no values.",
                "torch.maximum(x, x)": "maximum compares two tensors, element by element. What "
                "is wanted is one element of x.",
                "x.max() * 2": "Now the gradients are twice as large, but still shared.",
            },
            hints=[
                "A choice needs an index. Which form of max() tells where the maximum is?",
                "max() with a dimension returns values and indices. Or index with argmax().",
            ],
            why="With a dimension, max() also returns indices, and the gradient goes where the "
            "index points; torch documents that this is the first of equal elements. x.max() "
            "and amax() point nowhere, so they share. x[x.argmax()] would do as well: the "
            "index has no gradient, but what it picks does.",
        )
        assert top.item() == max(values)
        top.backward()
        assert x.grad.tolist() == gradient


def test_where_a_derivative_is_infinite():
    """What are log(0), and the gradients of log and of sqrt at 0? Give all three, in a list."""
    x = torch.tensor(0.0, requires_grad=True)
    z = torch.tensor(0.0, requires_grad=True)
    y = torch.log(x)
    y.backward()
    torch.sqrt(z).backward()
    assert [y.item(), x.grad.item(), z.grad.item()] == __(
        [-math.inf, math.inf, math.inf],
        wrong={
            "[-math.inf, -math.inf, math.inf]": "log rises, also close to 0. Which sign does "
            "its derivative, 1 / x, have?",
            "[math.nan, math.nan, math.nan]": "Each of the three has a limit, seen from the "
            "right, although it is not a finite one.",
            "[-math.inf, math.inf, 0.0]": "sqrt(0) is 0. But how steep is its curve there?",
            "[-math.inf, 0.0, 0.0]": "A curve that goes straight up or down is not flat.",
            "[-math.inf, None, None]": "Nothing raises here, and a number is written into each "
            ".grad.",
            "[math.inf, math.inf, math.inf]": "The logarithm of a small positive number is "
            "negative.",
            "[-math.inf, math.nan, math.nan]": "Division of a positive number by 0 is not NaN "
            "in a tensor.",
            "[0.0, math.inf, math.inf]": "log(1) is 0. Which power of e is 0?",
            "[-math.inf, 1.0, 1.0]": "1 comes from upstream. It is multiplied by the local "
            "derivative at 0.",
        },
        hints=[
            "The derivatives are 1 / x and 1 / (2 * sqrt(z)). Torch does divide by 0 here.",
            "Which sign do log and its derivative have for a very small positive x?",
        ],
        why="A tensor divided by 0 raises nothing: a positive number over 0 is inf, as the "
        "standard for floating-point numbers requires. The value of sqrt(0) is harmless, so "
        "nothing warns you that its gradient is infinite. Roots appear in distances, norms and "
        "standard deviations, logarithms in losses.",
        core=True,
    )


def test_a_clamp_before_the_log():
    """A clamp keeps the log finite. What is in p.grad? Give a list."""
    p = torch.tensor([0.0, 0.5, 0.25], requires_grad=True)
    safe = p.clamp(min=0.125)
    assert safe.tolist() == [0.125, 0.5, 0.25]
    loss = -torch.log(safe).sum()
    assert math.isfinite(loss)
    loss.backward()
    assert p.grad.tolist() == __(
        [0.0, -2.0, -4.0],
        wrong={
            "[-8.0, -2.0, -4.0]": "-8 is what reaches safe. If p moves a little below the "
            "bound, does its clamp move?",
            "[-math.inf, -2.0, -4.0]": "That would be without the clamp. The log never sees "
            "the 0.",
            "[math.nan, -2.0, -4.0]": "The log never sees the 0, so all numbers here are "
            "finite.",
            "[0.0, 2.0, 4.0]": "The loss has a minus in front of the log.",
            "[8.0, 2.0, 4.0]": "The loss has a minus in front of the log. And if p moves a "
            "little below the bound, does its clamp move?",
            "[0.0, 1.0, 1.0]": "That is the gradient of the clamp alone. The log comes after "
            "it.",
            "[0.0, -1.0, -1.0]": "The derivative of the log depends on where it is taken.",
            "[0.0, -0.5, -0.25]": "The derivative of log(p) is not p.",
            "[None, -2.0, -4.0]": "One tensor has one .grad, with a number for each element.",
        },
        hints=[
            "The derivative of -log(p) is -1 / p, where p is what the log is given.",
            "The first element lies outside the bounds. How does safe change if it changes?",
        ],
        why="Outside its bounds a clamp is flat, so it passes on 0. That is the price of a "
        "finite loss: the very element that is furthest off gets no gradient, and can't come "
        "back. A clamp does return its bounds themselves, so with bounds of 0 and 1 the log "
        "would still be given a 0. Losses that take logits, in chapter 15, need no clamp.",
        numbers={
            "0.5": "0.125",
            "0.25": "0.5",
            "0.125": "0.0625",
            "8.0": "16.0",
            "2.0": "8.0",
            "4.0": "2.0",
            "8": "16",
        },
    )


def test_infinity_times_zero():
    """Infinity times 0 is NaN. Which of these have a NaN gradient at 0? Give their letters."""
    functions = {"a": torch.abs, "b": lambda v: (v**2).sqrt()}
    functions |= {"c": torch.sqrt, "d": lambda v: 0 * v.sqrt()}
    names = []
    for name, f in functions.items():
        x = torch.tensor(0.0, requires_grad=True)
        f(x).backward()
        if math.isnan(x.grad):
            names.append(name)
    assert names == __(
        ["b", "d"],
        wrong={
            "['d']": "d has infinity and 0 in its backward pass. What about the root of a "
            "square: which two derivatives are multiplied there?",
            "['b']": "b has infinity and 0 in its backward pass. d is 0 everywhere, but what "
            "goes backward through its root?",
            "['c']": "The gradient of c is infinite, and that is not NaN. Where does infinity "
            "meet a 0?",
            "['b', 'c', 'd']": "The gradient of c is infinite. But nothing multiplies it by 0.",
            "['a', 'b']": "On paper these two are the same function. But torch applies the "
            "rule of each operation that ran, and abs has one of its own for its corner.",
            "['c', 'd']": "Upstream of the root, c has 1 and d has 0. What are the products "
            "with infinity?",
            "['a', 'b', 'c', 'd']": "abs has a rule for its corner, and infinity is not NaN.",
            "[]": "All four values are 0 at 0. The NaN is in gradients.",
            "['a']": "abs has a corner there, and a convention for it: an ordinary number.",
        },
        hints=[
            "The derivative of a root at 0 is infinite. By what is it multiplied?",
            "For b: the derivative of v**2 at 0. For d: the upstream gradient of the root.",
        ],
        why="On paper, b is |v|, and d is 0 whatever v is. But autograd multiplies numbers, "
        "one node after another, and by the standard for floating-point numbers, IEEE 754, inf "
        "* 0 is NaN. From then on whatever is added to it or multiplied by it is NaN as well: "
        "a later factor of 0 doesn't remove it.",
        core=True,
    )


def test_is_it_nan():
    """Some of these gradients are not finite. Write a condition that holds for NaN alone."""
    w = torch.tensor([0.0, 0.0, 0.0, 4.0, 4.0], requires_grad=True)
    factors = torch.tensor([0.0, 1.0, -1.0, 4.0, 0.0])
    (factors * w.sqrt()).sum().backward()
    found = []
    for g in w.grad.tolist():
        is_nan = __(
            math.isnan(g),
            wrong={
                "g == math.nan": "NaN equals nothing, not even another NaN. So this is never "
                "true.",
                "g is math.nan": "That asks for one particular object. A tensor makes new "
                "ones.",
                ("g == 'nan'", "g is 'nan'"): "g is a number, and 'nan' is text.",
                "g is None": "NaN is a float. None would mean that there is no gradient.",
                ("math.isinf(g)", "g == math.inf"): "Infinity is another thing: it can be "
                "compared, and it has a sign.",
                ("not math.isfinite(g)", "not g < math.inf"): "This is true for NaN. But is it "
                "true for infinity, too?",
                "torch.isnan(g)": "The right idea, but torch.isnan wants a tensor, and g is a "
                "Python number.",
                "g == g": "NaN is not equal even to itself, so this is false just where it "
                "should hold.",
                "True": "There is one NaN among the five. Look at each g.",
                "g == 0 * math.inf": "0 * math.inf is NaN. But does NaN equal anything?",
            },
            hints=[
                "== is no use here: NaN is not equal to anything.",
                "Look in the module math; or use that NaN is not even equal to itself.",
            ],
            why="NaN is the only float that is not equal to itself, so g != g works as well. "
            "For a whole tensor there is torch.isnan(w.grad).any(), and torch.isfinite finds "
            "infinity, too. A check such as loss == math.nan never fires.",
        )
        found.append(bool(is_nan))
    assert found == [True, False, False, False, False]


def test_a_length():
    """For a vector of zeros the length in the comment has NaN gradients. Write a better one."""
    for values, size in [([3.0, 4.0], 5.0), ([0.0, 0.0], 0.0)]:
        x = torch.tensor(values, requires_grad=True)
        # It was: length = (x**2).sum().sqrt()
        length = __(
            torch.linalg.vector_norm(x),
            wrong={
                (
                    "(x**2).sum().sqrt()",
                    "torch.sqrt((x**2).sum())",
                    "(x * x).sum().sqrt()",
                ): "That is the length as it was: at 0 the infinite derivative of the root "
                "meets the 0 of the square.",
                "(x**2).sum().sqrt() + 1e-8": "The small number is added after the root. The "
                "root still sees a 0.",
                "(x**2).sum() ** 0.5": "A power of one half is a root, with the same "
                "derivative at 0.",
                "(x**2).sum()": "That is the square of the length.",
                ("x.abs().sum()", "x.sum()"): "That adds the elements. The length of [3, 4] is "
                "5.",
                "torch.nan_to_num((x**2).sum().sqrt())": "This replaces NaN in the value. But "
                "the value was fine, and the NaN comes on the way back.",
                "math.hypot(*x)": "math works with Python numbers, and a float has no "
                "backward().",
                "(x**2).sum().clamp(min=1e-8)": "Good for the root, but the root is missing.",
                "torch.where((x**2).sum() > 0, (x**2).sum().sqrt(), 0.0)": "The value is "
                "right. But the backward pass still goes through the root of 0.",
                "x.norm().item()": "item() leaves the graph.",
            },
            hints=[
                "Torch has an operation for the length of a vector, with its own rule at 0.",
                "The length of a vector is called its norm. Look in torch.linalg.",
            ],
            why="For the whole vector the length has a corner at 0, a cone; vector_norm() "
            "knows that, and gives 0. (x.norm() does, too, but torch discourages it.) A small "
            "number added under the root would help, too, but shifts each length a little. A "
            "formula that is spelled out knows only its parts. A loss on distances meets this "
            "where two points are equal.",
        )
        assert length.item() == pytest.approx(size, abs=1e-3)
        length.backward()
        assert x.grad.tolist() == pytest.approx([v / 5 for v in values])


def test_the_branch_that_was_not_taken():
    """Where x > 0, torch.where takes the root, elsewhere 0. What is in x.grad? Give a list."""
    x = torch.tensor([0.0, 4.0], requires_grad=True)
    y = torch.where(x > 0, x.sqrt(), 0.0)
    assert y.tolist() == [0.0, 2.0]
    y.sum().backward()
    assert x.grad.tolist() == pytest.approx(
        __(
            [math.nan, 0.25],
            wrong={
                "[0.0, 0.25]": "For the first element where took the constant. But x.sqrt() "
                "was computed for both elements, and it is in the graph. What goes back "
                "through it?",
                "[math.inf, 0.25]": "The derivative of the root is infinite there. And what "
                "does where send it from upstream?",
                "[math.nan, math.nan]": "Each element of the root has its own gradient. That "
                "of the second one is an ordinary number.",
                "[0.0, 2.0]": "These are the values of y. The blank asks for the gradient.",
                "[None, 0.25]": "One tensor has one .grad, with a number for each element.",
                "[0.0, 1.0]": "For the second element where passes on 1. Then comes the root. "
                "And was the root of the first element computed?",
                "[math.nan, 4.0]": "The derivative of the root is 1 / (2 * sqrt(x)).",
                "[math.nan, 0.5]": "A factor is missing in the derivative of the root.",
            },
            hints=[
                "Python computes x.sqrt() before where is called: for which elements?",
                "Where the condition is false, where sends 0 back into x.sqrt().",
                "And the derivative of the root at 0 is infinite.",
            ],
            why="where chooses values. It doesn't keep the other branch from being computed, "
            "nor from getting a gradient: that gradient is 0, and the root multiplies it by "
            "infinity. The forward pass shows nothing of it. People have reported this as a "
            "bug for years; multiplying by a mask of 0 and 1 has the same trouble.",
            numbers={"4.0": "16.0", "2.0": "4.0", "0.25": "0.125", "0.5": "0.25"},
            core=True,
        ),
        nan_ok=True,
    )


def test_a_safe_input():
    """Here x may be negative, too. Write safe so that no gradient is NaN, and y is the same."""
    x = torch.tensor([-4.0, 0.0, 0.25, 16.0], requires_grad=True)
    # It was: safe = x
    safe = __(
        torch.where(x > 0, x, 1.0),
        wrong={
            "x": "That is as it was. The root of 0 has an infinite derivative, and the root of "
            "-4 is NaN.",
            "x.abs()": "No root of a negative number is left. But what about the 0?",
            "x + 1e-8": "At 0 this helps. But the root of a negative number is NaN, and so is "
            "its gradient.",
            "x[x > 0]": "This leaves elements out, so the shapes no longer fit.",
            "x.detach()": "Then y has no graph at all.",
            "torch.nan_to_num(x)": "No element of x is NaN. It is the root that has trouble "
            "with some of them.",
            "x**2": "The root of that is fine, but at 0. And the value for 16 should be 4.",
            "torch.where(x > 0, x.sqrt(), 1.0)": "Here the root of each element of x is "
            "computed again, before where can choose.",
            "x.abs() + 1": "The backward pass is fine then. But the root of 16 should still be "
            "4.",
            "torch.ones(4)": "No gradient can get to x then.",
            "x.clamp(min=1.0)": "Between 0 and 1 this changes x, and so y.",
            ("torch.where(x > 0, x, 0.0)", "torch.relu(x)"): "The root of 0 has an infinite "
            "derivative, so that safe.grad is NaN. It only happens to be stopped before x.",
        },
        hints=[
            "Every element that the root is given should have a finite derivative there.",
            "Where x > 0 is false, the root may be given any harmless number: it isn't used.",
        ],
        why="This is called the double where: the inner one keeps bad inputs away from the "
        "operation, the outer one chooses the result. Indexing first, x[x > 0].sqrt(), is "
        "another cure. The rule behind both: repair the input, not the output. So "
        "x.clamp(max=0).exp() is safe, while x.exp().clamp(max=1) at 100 multiplies 0 by "
        "infinity in the backward pass.",
        core=True,
    )
    safe.retain_grad()
    y = torch.where(x > 0, safe.sqrt(), 0.0)
    assert y.tolist() == [0.0, 0.0, 0.5, 4.0]
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 1.0, 0.125]
    assert safe.grad.isfinite().all()


def test_a_row_that_nobody_reads():
    """A mask of -inf takes scores out of a softmax. What is w.grad for each of the masks?

    Give both, in a list.
    """
    gradients = []
    for masked in [[0.0, -math.inf], [-math.inf, -math.inf]]:
        w = torch.tensor(0.0, requires_grad=True)
        scores = w * torch.tensor([[0.0, 6.0], [8.0, 8.0]])
        p = (scores + torch.tensor([[0.0, 0.0], masked])).softmax(1)
        assert p[0].tolist() == [0.5, 0.5]
        p[0, 1].backward()
        gradients.append(w.grad.item())
    assert gradients == pytest.approx(
        __(
            [1.5, math.nan],
            wrong={
                "[1.5, 1.5]": "Nobody reads the second row, so 0 is sent back into it. But "
                "what is the softmax of a row of -inf, and what is 0 times that?",
                "[math.nan, math.nan]": "With the first mask one score is left in the second "
                "row, and its softmax is [1, 0]: ordinary numbers.",
                "[0.0, 0.0]": "w is 0, but its gradient isn't: if w grows, so does p[0, 1].",
                "[1.5, 0.0]": "Masked scores get a gradient of 0 as long as one score is left "
                "in their row. With the second mask none is.",
                "[3.0, math.nan]": "The derivative of the softmax is p * (1 - p). Which number "
                "is that here?",
                "[6.0, math.nan]": "6 is the derivative of the score. The softmax brings a "
                "factor.",
                "[1.5, math.inf]": "exp(-inf) is 0. What is 0 divided by 0?",
                "[0.25, math.nan]": "That is the derivative of the softmax. How fast does the "
                "score change with w?",
                "[math.nan, 1.5]": "Which of the two masks leaves no score in the row?",
                "[0.5, math.nan]": "0.5 is the value of p[0, 1].",
            },
            hints=[
                "First the row that is read: p * (1 - p), times the derivative of its score.",
                "The softmax divides by the sum of the row. What is it if all scores are -inf?",
                "w is in both rows, so what comes back along both is summed.",
            ],
            why="A row in which all is masked is 0 / 0, and 0 * NaN in the backward pass is "
            "NaN, too. Slicing such a row away from the result doesn't help, since it shares "
            "weights with the others. Padding in attention makes such rows. Let each row keep "
            "one score, or use masked_fill: where it writes, it sends 0 back, and no NaN gets "
            "past it.",
            numbers={"6.0": "10.0", "1.5": "2.5", "3.0": "5.0", "6": "10"},
        ),
        nan_ok=True,
    )


def test_what_anomaly_mode_names():
    """Anomaly mode checks what each node returns. Which nodes does it name? Give a list."""
    a = torch.tensor(-2.0, requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    c = torch.tensor(0.0, requires_grad=True)
    with torch.autograd.set_detect_anomaly(mode=True):
        loss = a.log() + b.reciprocal() + 0 * c.sqrt()
        with pytest.warns(UserWarning), pytest.raises(RuntimeError) as e:
            loss.backward()
    assert math.isnan(loss)
    message = str(e.value)
    kinds = ["Add", "Log", "Reciprocal", "Mul", "Sqrt"]
    named = [k for k in kinds if f"{k}Backward0" in message]
    assert named == __(
        ["Sqrt"],
        wrong={
            '["Log"]': "log(-2) is NaN. But its node returns 1 / a, and that is an ordinary "
            "number.",
            '["Reciprocal"]': "Its derivative is infinite. But infinity is not NaN, and "
            "anomaly mode doesn't report it.",
            '["Add"]': "The sum is NaN. But anomaly mode looks at gradients, and a sum passes "
            "its gradient on as it is.",
            '["Mul"]': "This node returns 0 times 1. The NaN comes one node later.",
            '["Log", "Sqrt"]': "The error stops the backward pass, and log at -2 has the "
            "derivative 1 / a.",
            '["Mul", "Sqrt"]': "The upstream gradient 0 comes from the first of the two. What "
            "it returns is no NaN yet.",
            '["Log", "Reciprocal", "Sqrt"]': "The error names the node at which the backward "
            "pass stops.",
            '["Reciprocal", "Sqrt"]': "Infinity is not reported, and the error names one node.",
            '["SqrtBackward0"]': "Write the kind as it stands in kinds, without the ending.",
            "[]": "It says that something returned NaN. In the backward pass, where does "
            "infinity meet 0?",
        },
        hints=[
            "Look at the gradients that nodes return, not at values. Go through them.",
            "Upstream of the log and of the reciprocal there is 1, upstream of the root 0.",
        ],
        why="Anomaly mode stops at the first node that returns NaN. It also warns, and if the "
        "forward pass ran in it as well, it shows the line that made this node. A NaN of the "
        "forward pass and an infinite gradient pass unnoticed: log at -2 is NaN, and its "
        "gradient -0.5, an ordinary number that means nothing outside the domain of log. Check "
        "values with torch.isfinite. The mode is slow, so switch it on only to search.",
    )


def test_a_smooth_relu():
    """A look back at chapter 8. A smooth relu is log(1 + exp(x)). Write a better y.

    The y in the comment has a NaN gradient at 200.
    """
    x = torch.tensor([1.0, 200.0], requires_grad=True)
    # It was: y = torch.log(1 + torch.exp(x))
    y = __(
        F.softplus(x),
        wrong={
            (
                "torch.log(1 + torch.exp(x))",
                "(1 + x.exp()).log()",
            ): "That is as it was: exp(200) is too large for float32, so it is infinite.",
            (
                "torch.log1p(torch.exp(x))",
                "torch.log1p(x.exp())",
                "x.exp().log1p()",
            ): "This is more exact where exp(x) is small. But at 200 exp overflows.",
            "torch.where(x > 20, x, torch.log(1 + torch.exp(x)))": "The values are right. But "
            "the branch that was not taken is in the graph, and exp overflows in it.",
            (
                "torch.relu(x)",
                "F.relu(x)",
                "x.relu()",
            ): "That is the relu with its corner. At 1 the smooth one is a little above it.",
            "torch.log(1 + torch.exp(x)).clamp(max=200.0)": "The clamp comes after the "
            "overflow.",
            (
                "-torch.log(torch.sigmoid(-x))",
                "-torch.sigmoid(-x).log()",
                "-F.sigmoid(-x).log()",
            ): "On paper that is the same. But sigmoid(-200) underflows: it rounds to 0, and "
            "the logarithm of 0 is -inf.",
            "torch.nan_to_num(torch.log(1 + torch.exp(x)))": "The value at 200 is not 200 "
            "then.",
            (
                "F.gelu(x)",
                "F.silu(x)",
                "F.elu(x)",
                "F.leaky_relu(x)",
            ): "That is another activation, with other values at 1.",
            "torch.log(1 + torch.exp(x.clamp(max=20.0)))": "Nothing overflows. But at 200 y "
            "should be 200, with a gradient of 1.",
            "x": "For a large x that is nearly right. At 1 it is not.",
            "torch.log(1 + torch.exp(-x))": "This falls as x grows.",
        },
        hints=[
            "exp(200) overflows, and the derivative of log at infinity is 0.",
            "Torch has this function among its activations: it is a soft variant of relu.",
        ],
        why="softplus is log(1 + exp(x)), and for a large x torch computes x itself. The "
        "formula multiplies 1 / inf by inf in the backward pass. A formula that overflows or "
        "loses digits often has a stable version with a name of its own: softplus, logsigmoid, "
        "logsumexp, log_softmax, expm1. These are right in value and in gradient.",
    )
    assert y.tolist() == pytest.approx([1.3133, 200.0], abs=1e-3)
    y.sum().backward()
    assert x.grad.tolist() == pytest.approx([0.7311, 1.0], abs=1e-3)


def test_the_gradient_of_accuracy():
    """A look back at chapter 2. What are good, more and good.requires_grad? Give a list."""
    x = torch.tensor([2.0, -1.0, 1.0, -2.0])
    target = torch.tensor([1.0, 0.0, 0.0, 0.0])
    w = torch.tensor(1.0, requires_grad=True)

    def accuracy(weight):
        return ((weight * x > 0) == target).float().mean()

    good, more = accuracy(w), accuracy(w + 0.25)
    assert [good.item(), more.item(), good.requires_grad] == __(
        [0.75, 0.75, False],
        wrong={
            "[0.75, 0.75, True]": "w requires grad. But does the result of a comparison?",
            "[0.75, 1.0, False]": "For a better result an answer would have to flip. Does the "
            "sign of any weight * x change?",
            "[0.75, 0.8125, False]": "The accuracy moves in steps of a quarter: there are four "
            "answers.",
            "[0.75, 0.9375, False]": "The accuracy doesn't grow with w. It counts answers.",
            "[1.0, 1.0, False]": "One of the four is wrong. Which x is above 0 although its "
            "target is 0?",
            "[0.5, 0.5, False]": "Compare the four answers with the four targets again.",
            "[0.25, 0.25, False]": "That is the share of wrong answers.",
            "[0.75, 0.75, None]": "requires_grad is True or False.",
            "[3.0, 3.0, False]": "3 is the number of right answers. mean() divides it.",
        },
        hints=[
            "Go through the four numbers in x: is weight * x > 0, and should it be?",
            "What did chapter 2 say about results of comparisons? float() comes too late.",
        ],
        why="Accuracy is a staircase made of comparisons: it has no graph. If it had one, as "
        "round() has, the gradient would be 0: a small step flips no answer, so there is "
        "nothing to follow. argmax, which picks the answer among several, returns integers, "
        "and these have no gradient either. That is why models are trained on a smooth loss, "
        "and only judged by their accuracy.",
    )
