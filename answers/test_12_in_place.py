"""In place: what happens when a tensor is written to.

An operation in place writes into the memory of its tensor: x.add_(1), x += 1, x[0] = 5. That
memory may hold what a recorded operation has saved, and what the backward pass will need. For
this reason each tensor has a version counter, and the backward pass raises if what it needs has
been written to since it was saved.

Several tensors can share one memory. x[0], x[:2] and x.view(2) are views of x: tensors without
memory of their own. x is their base. x.clone() copies.

So most of these mistakes are loud. Some are silent: the counter sees no write, or nothing that
was saved is overwritten, and the gradient belongs to another model than the one you meant.

By the end you can find the write behind the error, write without harm, name writes that
nobody notices, and read "In-place correctness checks" in PyTorch's note Autograd mechanics.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sensei import __  # noqa: F401 - stays when no blank is left


def test_what_counts_as_a_write():
    """Here each write to the memory of a adds 1 to a._version. Give the versions in a list."""
    a = torch.zeros(3)
    view = a[:2]
    copy = a.clone()
    more = a.add(1)
    a.add_(1)
    view[0] = 5.0
    a.detach().mul_(2)
    copy.zero_()
    assert [a._version, view._version, copy._version] == __(
        [3, 3, 1],
        wrong={
            "[1, 1, 1]": "This counts by names. But some of these names stand for the same "
            "memory.",
            "[2, 1, 1]": "view is not only a name for two elements of a: they have one memory, "
            "and one counter.",
            "[3, 1, 1]": "A view shares the counter of its base, as it shares its memory.",
            "[2, 2, 1]": "detach() makes a new tensor. But which memory does it use?",
            "[4, 4, 1]": "One of the lines about a only computes something new: its method has "
            "no underscore.",
            "[3, 3, 0]": "copy is written to as well, although it holds zeros already.",
            "[3, 3, 4]": "A clone has memory of its own, so it doesn't see what is written to "
            "a.",
            "[1, 1, 0]": "Writes through view and through a.detach() count, too.",
            "[0, 0, 0]": "_version doesn't wait for a backward pass: it counts every write at "
            "once.",
        },
        hints=[
            "Which lines write? Methods that end in an underscore do, and item assignments.",
            "A view and what detach() returns have no memory of their own. A clone has.",
        ],
        why="When an operation saves a tensor, its version is saved, too. When the backward "
        "pass uses the tensor, torch compares the two versions. That the counter is shared by "
        "all views makes it catch a write through any of them. _version is for looking, not "
        "for programs.",
        core=True,
    )


def test_a_result_written_to():
    """After y += 1 the backward pass raises. Write a z that is 1 more than y, and works."""
    for place, result in [(0.0, 2.0), (1.0, 3.718)]:
        x = torch.tensor(place, requires_grad=True)
        y = x.exp()
        y += 1
        told = "has been modified by an inplace operation"
        with pytest.raises(RuntimeError, match=told):
            y.backward()
        y = x.exp()
        z = __(
            y + 1,
            wrong={
                "y.add_(1)": "This is the same write under another name.",
                "y": "z should be 1 more than y.",
                "y.add_(1).clone()": "The copy comes too late: y has been written to by then.",
                ("y.detach() + 1", "y.data + 1"): "z has the right value. But it has no "
                "grad_fn, so no path leads to x.",
                "y.detach().add_(1)": "What detach() returns has the memory of y, and no "
                "graph.",
                "(x + 1).exp()": "That adds 1 before exp. It should be added after it.",
                "x.exp().add_(1)": "That is a new result, but it is written to as well, before "
                "its pass.",
                "y.item() + 1": "That is a Python number, and has no backward().",
                "torch.add(y, 1, out=y)": "out= is not for tensors that require grad: torch "
                "refuses it.",
                "x.exp_() + 1": "exp_() would write into x, which is a leaf tensor.",
            },
            hints=[
                "A new tensor for the sum, and y stays what it is.",
                "y += 1 writes into y. How do you add 1 without a write?",
            ],
            why="The whole message begins: one of the variables needed for gradient "
            "computation. It also names the shape of the tensor and two versions, found and "
            "expected. The difference is the number of writes since it was saved. y += 1 is "
            "y.add_(1): it writes.",
            core=True,
        )
        z.backward()
        assert z.item() == pytest.approx(result, abs=1e-3)
        assert x.grad.item() == pytest.approx(result - 1, abs=1e-3)


def test_four_results_written_to():
    """Each result is written to before its backward pass. What is in raised at the end?"""
    x = torch.tensor(3.0, requires_grad=True)
    results = {"a": x**2, "b": x + 1, "c": x.exp(), "d": x * x}
    raised = []
    for name, y in results.items():
        y.add_(1)
        try:
            y.backward()
        except RuntimeError:
            raised.append(name)
    assert raised == __(
        ["c"],
        wrong={
            '["a", "b", "c", "d"]': "A write is refused only if the backward pass needs what "
            "it has overwritten. Does each of these derivatives need y?",
            "[]": "One of the four derivatives is worked out from the result.",
            '["a", "c", "d"]': "The derivative of a square needs x. But what is written to is "
            "y.",
            '["a", "c"]': "The derivative of x**2 is 2 * x, and x has not been written to.",
            '["c", "d"]': "The derivative of a product needs its factors, and x has not been "
            "written to.",
            '["a", "d"]': "Both need x for their derivative. What is written to is the result.",
            '["b", "c"]': "The derivative of a sum is 1: it needs neither x nor the result.",
            '["a", "b", "d"]': "In these three, nothing is overwritten that the backward pass "
            "needs.",
            '["a"]': "Many web pages show just this as the error. Which number does the "
            "derivative of x**2 need?",
        },
        hints=[
            "For each derivative: does it need x, the result, or neither?",
            "Only the results are overwritten.",
        ],
        why="y = x**2; y.add_(1) is shown on many web pages as the cause of the error. It "
        "runs, and the gradient is right. It depends on what was saved: here the result, x, or "
        "nothing. What an operation saves is an implementation detail; unless speed or memory "
        "forces you to, don't write in place.",
    )


def test_when_to_update():
    """Two losses share w. In which order do the steps work? Give their names, in a list."""
    w = torch.tensor(3.0, requires_grad=True)
    square = w**2
    losses = {"first": 5 * square, "second": square + w}
    order = __(
        ["first", "second", "update"],
        wrong={
            '["first", "update", "second"]': "The square saved w, and the second pass needs "
            "it. But the update writes into w.",
            '["second", "first", "update"]': "Only the pass of the first loss retains the "
            "graph of the square.",
            '["update", "first", "second"]': "Before the passes, w.grad is None. There is "
            "nothing to update with.",
            '["first", "second"]': "Without the update w remains 3.",
            '["first", "update"]': "The second loss should have a part in the update.",
            '["second", "update"]': "The first loss should have a part in the update.",
            '["first", "update", "second", "update"]': "After the first update, w is no longer "
            "the w that the square saved.",
            '["second", "update", "first"]': "Two things are wrong: which pass retains the "
            "graph, and when w is written to.",
        },
        hints=[
            "The passes need the w that the losses were computed with.",
            "Only one of the two passes retains the graph. So which of them comes first?",
        ],
        why="Two networks that are trained against each other often run into this: one "
        "optimizer takes its step before the other loss has had its pass. First all passes, "
        "then the updates, or a new forward pass in between. torch.no_grad() doesn't stop the "
        "counter: that is why the mistake is noticed.",
    )
    for name in order:
        if name == "update":
            with torch.no_grad():
                w -= w.grad
        else:
            losses[name].backward(retain_graph=name == "first")
    assert w == -34.0


def test_a_write_through_data():
    """w.data is w without a graph, on the same memory. What is in w.grad after a write to it?

    Then write the 5 in a line that torch notices in the backward pass.
    """
    w = torch.tensor(2.0, requires_grad=True)
    y = w**2
    w.data.fill_(5.0)
    y.backward()
    assert w.grad == __(
        10.0,
        wrong={
            "4.0": "4 is the true derivative, at the w that y was computed from. But the "
            "square saved w itself, not a copy of it.",
            "RuntimeError": "An error would be welcome here. But w's counter doesn't see a "
            "write through .data.",
            "None": "The graph is whole: y was computed from w.",
            "25.0": "25 is what y would be now. The blank asks for a gradient.",
            "20.0": "20 is 2 * w * w, with the old w and the new one. But the derivative "
            "2 * w has only one w in it. Which of the two?",
            "5.0": "5 is what w is now. What is the derivative of a square?",
            "0.0": "The constant is written into w. But w was squared before.",
        },
    )
    w = torch.tensor(2.0, requires_grad=True)
    y = w**2
    __(
        w.detach().fill_(5.0),
        wrong={
            "w.data.fill_(5.0)": "That is the write from above, and nothing is raised.",
            "w.fill_(5.0)": "Torch refuses this at once: w is a leaf tensor that requires "
            "grad.",
            "w.detach().clone().fill_(5.0)": "That writes into a copy. w should be 5 "
            "afterwards.",
            "w.clone().fill_(5.0)": "A clone has memory of its own, so w stays as it was.",
            "w = torch.tensor(5.0)": "That gives the name w to a new tensor. The square saved "
            "the old one, which stays as it was.",
            "w.detach() + 3": "That computes a new tensor. Nothing is written.",
            "y.fill_(5.0)": "That writes into y. The square did not save its result.",
            "w.detach().numpy().fill(5.0)": "NumPy doesn't count its writes, either.",
            "w.data = torch.tensor(5.0)": "Torch doesn't notice that, either: no write is "
            "counted, and the pass finds the 5.",
        },
        hints=[
            "The square needs w for its derivative. What is in its memory when the pass runs?",
            "The first koan of this chapter writes through a new tensor, and that is counted.",
        ],
        why=".data is a way around autograd: same memory, but another counter. So the first "
        "gradient is wrong, and nothing says so. detach() shares the memory as well, but also "
        "the counter. In new code there is no need for .data: write under torch.no_grad(), or "
        "use detach().",
        numbers={
            "2.0": "3.0",
            "5.0": "7.0",
            "10.0": "14.0",
            "4.0": "6.0",
            "25.0": "49.0",
            "20.0": "42.0",
            "5": "7",
            "4": "6",
            "25": "49",
            "20": "42",
            "3": "4",
        },
    )
    assert w == 5.0
    with pytest.raises(RuntimeError, match="modified by an inplace"):
        y.backward()


def test_an_array_to_write_to():
    """With the line in the comment w.grad is 20.0. Write an array that leaves w alone."""
    for value in [3.0, 4.0]:
        w = torch.tensor([value], requires_grad=True)
        y = w**2
        # It was: array = w.detach().numpy()
        array = __(
            w.detach().numpy().copy(),
            wrong={
                "w.detach().numpy()": "That is the line as it was. The array has the memory of "
                "w.",
                "w.numpy()": "numpy() refuses a tensor that requires grad. And the array would "
                "have the memory of w.",
                "w.data.numpy()": ".data has the memory of w, and so has the array.",
                "w.detach().cpu().numpy()": "w is on the CPU already, so cpu() copies nothing.",
                "np.asarray(w.detach())": "np.asarray() copies only if it has to.",
                "w.numpy(force=True)": "force=True detaches for you. But for a tensor on the "
                "CPU it copies nothing.",
                "w.clone().numpy()": "The clone has memory of its own. But it requires grad, "
                "and numpy() refuses it.",
                "np.array(w)": "A tensor that requires grad can't be made into an array. "
                "Detach it first.",
                "w.detach().clone()": "This has memory of its own. But it is a tensor, and not "
                "yet an array.",
                "w.tolist()": "This copies the numbers. But it is a list, and not an array.",
            },
            hints=[
                "The array needs memory of its own.",
                "Torch has clone() for this. NumPy's method has another name.",
            ],
            why="On the CPU numpy() gives an array that shares the memory of the tensor, and "
            "NumPy knows nothing of a version counter: the pass computes with the new number, "
            "and nothing is raised. The other way round, torch.from_numpy() gives a tensor "
            "that shares the memory of the array.",
        )
        assert array.tolist() == [value]
        array[0] = 10.0
        y.backward()
        assert [w.item(), w.grad.item()] == [value, 2 * value]
        assert isinstance(array, np.ndarray)


def test_a_constant_in_one_element():
    """One element of y is overwritten before y is used. What is in x.grad? Give a list."""
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = 5 * x
    y[1] = 7.0
    (y**2).sum().backward()
    assert x.grad.tolist() == __(
        [50.0, 0.0, 150.0],
        wrong={
            "[50.0, 100.0, 150.0]": "100 would be right without the write. Does the result "
            "still change with x[1]?",
            "[50.0, 70.0, 150.0]": "70 would be right if the 7 had been computed as 5 times "
            "x[1].",
            "[50.0, 14.0, 150.0]": "14 is the derivative with respect to y[1]. Where did y[1] "
            "come from?",
            "[10.0, 14.0, 30.0]": "These are the derivatives with respect to y, not to x.",
            "[10.0, 0.0, 30.0]": "These are with respect to y. From x to y there is a factor.",
            "[50.0, None, 150.0]": "x.grad is one tensor, and its elements are numbers.",
            "RuntimeError": "The write comes before the square, so nothing is overwritten that "
            "is needed later.",
            "[50.0, 150.0]": "x.grad has the shape of x.",
            "[0.0, 0.0, 0.0]": "Only one element of y is overwritten.",
        },
        hints=[
            "If x[1] grows by a little, does the result change?",
            "For the other two: the derivative of the square, times 5.",
        ],
        why="A write into an element is recorded like any other operation: y.grad_fn is now "
        "called CopySlices. It sends 0 to what was overwritten, and the gradient of the "
        "element to what was written, if that requires grad. Masking is often done in this "
        "way.",
        numbers={
            "1.0": "2.0",
            "2.0": "1.0",
            "3.0": "4.0",
            "50.0": "36.0",
            "100.0": "18.0",
            "150.0": "72.0",
            "70.0": "30.0",
            "14.0": "10.0",
            "10.0": "12.0",
            "30.0": "24.0",
            "7.0": "5.0",
            "100": "18",
            "70": "30",
            "14": "10",
            "7": "5",
            "5": "3",
        },
        core=True,
    )


def test_a_write_into_a_leaf():
    """x refuses the write. Write a y that accepts it, and still gives x a gradient."""
    told = "a view of a leaf Variable that requires grad"
    for value in [1.0, 4.0]:
        x = torch.tensor([value, 2.0], requires_grad=True)
        with pytest.raises(RuntimeError, match=told):
            x[0] = 7.0
        y = __(
            x.clone(),
            wrong={
                "x": "That is x itself under another name, and it refuses the write.",
                ("x[:]", "x.view(2)", "x.reshape(2)"): "This is a view of x: the write would "
                "still go into the memory of a leaf tensor.",
                (
                    "x.detach()",
                    "x.data",
                ): "This accepts the write, and nothing is raised. But it has the memory of x, "
                "so x is changed.",
                "x.detach().clone()": "This leaves x alone. But it has no graph, so no "
                "gradient comes to x.",
                "x.clone().detach()": "The copy is good. But then the graph is cut.",
                "x.copy()": "NumPy's method is called copy(). Torch's has another name.",
                "torch.tensor([value, 2.0])": "The numbers are right. But no path leads to x.",
                "torch.tensor(x)": "torch.tensor() copies only the numbers. The new tensor has "
                "no grad_fn.",
                ("x.detach().clone().requires_grad_()", "x.detach().requires_grad_()"): "This "
                "is a new leaf tensor, and it refuses the write as x does.",
                "x.requires_grad_(False)": "Now x accepts the write. But x should stay as it "
                "is, and get a gradient.",
            },
            hints=[
                "y needs memory of its own, and a path that leads to x.",
                "Which method copies a tensor, and is recorded?",
            ],
            why="After a recorded write x would be the result of an operation: no longer a "
            "leaf tensor, and without a .grad of its own. So torch refuses. x.add_(1) brings "
            "the shorter message: a leaf Variable that requires grad is being used in an "
            "in-place operation. To set a parameter itself, write under torch.no_grad().",
            core=True,
        )
        y[0] = 7.0
        (y**2).sum().backward()
        assert x.tolist() == [value, 2.0]
        assert x.grad.tolist() == [0.0, 4.0]


def test_an_element_taken_earlier():
    """first is taken before y is written to. What are first and x.grad? Give both in a list."""
    x = torch.tensor([2.0, 5.0], requires_grad=True)
    y = x * 1
    first = y[0]
    y.mul_(3)
    first.backward()
    assert [first.item(), x.grad.tolist()] == __(
        [6.0, [3.0, 0.0]],
        wrong={
            "[2.0, [1.0, 0.0]]": "first is a view of y, and has no memory of its own.",
            "[6.0, [1.0, 0.0]]": "The value is right. If x[0] grows by 1, by how much does "
            "this value grow?",
            "[2.0, [3.0, 0.0]]": "The gradient is that of the new value. What is in the memory "
            "that first shows?",
            "[6.0, [3.0, 3.0]]": "The whole of y was written to. But first is one element.",
            "[6.0, [3.0, None]]": "x.grad is one tensor, and its elements are numbers.",
            "[6.0, [3.0, 15.0]]": "first does not change with x[1].",
            "[6.0, [6.0, 0.0]]": "6 is the value of first. How fast does it change with x[0]?",
            "RuntimeError": "Neither of the products needs y for its derivative, so nothing is "
            "raised.",
        },
        hints=[
            "What does y[0] return: a number of its own, or a view?",
            "The value and its history belong together.",
        ],
        why="A write into a base changes its views: their values, and their history as well. "
        "When you next ask for first.grad_fn, it is another node than before, so that the "
        "gradient belongs to the value. y[0].clone() would have kept the old value with the "
        "old history.",
        numbers={
            "2.0": "3.0",
            "5.0": "2.0",
            "3.0": "4.0",
            "6.0": "12.0",
            "15.0": "8.0",
            "3": "4",
            "6": "12",
        },
    )


def test_plain_tensors_written_to():
    """All five begin as plain zeros. Which require grad at the end? Give a list of names."""
    w = torch.tensor(3.0, requires_grad=True)
    tensors = {name: torch.zeros(2) for name in "abcde"}
    tensors["a"][0] = w**2
    tensors["b"][0] = (w**2).item()
    tensors["c"][0] = (w**2).detach()
    tensors["d"].copy_(w**2)
    with torch.no_grad():
        tensors["e"][0] = w**2
    names = [name for name, t in tensors.items() if t.requires_grad]
    assert names == __(
        ["a", "d"],
        wrong={
            "[]": "torch.zeros() makes tensors that do not require grad. But a write is an "
            "operation, and a result requires grad if one of its inputs does.",
            '["a", "b", "c", "d", "e"]': "Three of the writes bring a number without a "
            "history.",
            '["d"]': "a is given a tensor that requires grad, although it is only one element.",
            '["a"]': "copy_() is a write, too. Does it copy the number alone?",
            '["a", "d", "e"]': "Under torch.no_grad() nothing is recorded, so e does not "
            "change its flag.",
            '["a", "c", "d"]': "What detach() returns does not require grad.",
            '["a", "b", "d"]': "item() returns a Python number.",
            '["a", "c", "d", "e"]': "detach() and torch.no_grad() keep the history out.",
            "[True, False, False, True, False]": "These flags say which. But the blank asks "
            "for names.",
            '["b", "c", "e"]': "These three do not require grad. The blank asks for those that "
            "do.",
        },
        hints=[
            "What is written in each line: a number, or a tensor with a history?",
            "In one line, the write itself is not recorded.",
        ],
        why="A tensor that you fill with losses, to plot them later, keeps the graphs of all "
        "of them, just as total += loss does, and the line that made the tensor doesn't show "
        "it. Write loss.item() into it, or loss.detach().",
    )


def test_a_row_that_builds_on_itself():
    """The line in the comment makes backward() raise. Write what w should be multiplied by."""
    for value, gradient in [(2.0, 17.0), (3.0, 34.0)]:
        w = torch.tensor(value, requires_grad=True)
        row = torch.zeros(4)
        row[0] = 1.0
        for i in [1, 2, 3]:
            # It was: row[i] = row[i - 1] * w
            factor = __(
                row[i - 1].clone(),
                wrong={
                    "row[i - 1]": "That is the line as it was. The product saves this view. "
                    "Then the result is written into row, and the view shares row's counter.",
                    "row[i - 1].detach()": "What detach() returns has the memory of row, and "
                    "shares its counter.",
                    ("row[i - 1].item()", "row[i - 1].data"): "Nothing is raised. But the "
                    "factor is a constant then, and w.grad lacks what came before.",
                    "row[i - 1].detach().clone()": "The copy is good. But its history is gone, "
                    "and w.grad lacks what came before.",
                    "row[i]": "That is still 0. The factor should be the element before.",
                    "w": "The factor should be the element before.",
                    "row[i - 1:i][0]": "A view of a view still has the memory of row.",
                    "row[i - 1].copy()": "NumPy's method is called copy(). Torch's has another "
                    "name.",
                },
                hints=[
                    "A product saves its factors. Which memory does row[i - 1] have?",
                    "The factor should have memory of its own, and keep its history.",
                ],
                why="Each product saved one element, and other elements were written to. But "
                "row and all its views share one counter, so torch can't tell which element "
                "was written to. The clone has a counter of its own. Simpler and often faster: "
                "collect the steps in a Python list, and make one tensor of it at the end, "
                "with torch.stack().",
            )
            row[i] = factor * w
        row.sum().backward()
        assert w.grad == gradient


def test_a_hook_and_a_retained_gradient():
    """A look back at chapters 3 and 5, with a write. What is in seen, and in y.grad?

    A hook belongs to a node, retain_grad() to a tensor. Give one list.
    """
    x = torch.tensor(2.0, requires_grad=True)
    y = x * 1
    seen = []
    y.register_hook(lambda grad: seen.append(grad.item()))
    y.retain_grad()
    y.mul_(10)
    (3 * y).backward()
    assert x.grad == 30.0
    assert [*seen, y.grad.item()] == __(
        [30.0, 3.0],
        wrong={
            "[3.0, 3.0]": "3 is the derivative with respect to y as it is now. The hook was "
            "put on y before the write.",
            "[30.0, 30.0]": "30 is the derivative with respect to y as it was before the "
            "write. At the end, y has another value.",
            "[3.0, 30.0]": "Both numbers occur. Which belongs to y as it was when the hook was "
            "put on it?",
            "[3.0]": "y keeps its .grad, since retain_grad() was called.",
            "[30.0, None]": "retain_grad() was called, and it holds for y after the write as "
            "well.",
            "[60.0, 3.0]": "60 is the value of 3 * y. A hook is given a gradient.",
            "[3.0, 30.0, 3.0]": "A hook is called once in each backward pass.",
            "[30.0, 33.0]": "One backward pass has run, and nothing accumulates within it.",
        },
        hints=[
            "The write makes y the result of another operation, with another node.",
            "One of the two stays with the old node, the other goes with the tensor.",
        ],
        why="A hook belongs to the node that made the tensor when the hook was put on it: it "
        "sees the gradient with respect to the old value. retain_grad() follows the tensor. "
        "PyTorch's note describes this under: Behavior of Tensor hooks when Tensor is modified "
        "in-place.",
        numbers={
            "10": "4",
            "30.0": "12.0",
            "60.0": "24.0",
            "33.0": "15.0",
            "30": "12",
            "60": "24",
        },
    )


def test_relu_in_three_places():
    """A look back at chapter 8. With inplace=True, relu writes into h. What is in gradients?"""
    functions = [
        F.relu,
        lambda h: F.relu(h) + h,
        lambda h: F.relu(h, inplace=True) + h,
    ]
    gradients = []
    for f in functions:
        x = torch.tensor([-1.0, 2.0], requires_grad=True)
        h = x * 1
        f(h).sum().backward()
        gradients.append(x.grad.tolist())
    assert gradients == __(
        [[0.0, 1.0], [1.0, 2.0], [0.0, 2.0]],
        wrong={
            "[[0.0, 1.0], [1.0, 2.0], [1.0, 2.0]]": "In the third one, relu has written into h "
            "by the time that h is added.",
            "[[0.0, 1.0], [1.0, 2.0], [0.0, 1.0]]": "In the third one, h is still added: the "
            "same tensor twice.",
            "[[0.0, 1.0], [0.0, 2.0], [0.0, 2.0]]": "In the second one, h is added as it was: "
            "relu has not changed it.",
            "[[0.0, 2.0], [-1.0, 4.0], [0.0, 4.0]]": "These are the results. The blank asks "
            "for the gradients.",
            "[[1.0, 1.0], [2.0, 2.0], [2.0, 2.0]]": "relu is flat for negative numbers, so its "
            "derivative is 0 there.",
            "[[0.0, 1.0], [1.0, 2.0], [1.0, 1.0]]": "In the third one, both summands are the "
            "same tensor.",
            "RuntimeError": "Nothing is overwritten that a derivative needs, so nothing is "
            "raised.",
            "[[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]": "In the second and the third one, h is "
            "added.",
        },
        hints=[
            "Which numbers are in h when it is added?",
            "In the third one, F.relu returns h itself. What is h + h, after the write?",
        ],
        why="Without an error, the third one is another model: what should go around relu "
        "unchanged has been through it. This happens in residual blocks with "
        "nn.ReLU(inplace=True), whose input is used once more. Where nothing else reads h, "
        "inplace=True saves memory and does no harm.",
    )
