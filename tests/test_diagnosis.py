"""Which entry a fill meets, and what would give an answer away."""

from __future__ import annotations

import ast
import math  # noqa: F401 - the tables use it

import pytest
import torch  # noqa: F401

from sensei.judge import rules
from sensei.judge.claim import Reply
from sensei.judge.compare import compare
from sensei.judge.errors import in_words, whole
from sensei.judge.foreseen import meets
from sensei.judge.formulas import compare_formulas, compare_parts
from sensei.judge.judge import case_of, judge
from sensei.judge.secrets import reveals
from sensei.koan.graft import read_fill
from sensei.koan.path import read_path
from sensei.run.runner import runner
from sensei.run.values import NotPlainError, plain
from sensei.run.worth import as_error, worth
from tests.tiny_course import DOUBLING, Course


@pytest.mark.parametrize(
    ("fill", "entry"),
    [
        ("12", "12.0"),
        ("12.0", "12"),
        ("torch.tensor(12.)", "12"),
        ("24 / 2", "12.0"),
        ("-(3 * 2)", "-6.0"),
        ("2**3", "8"),
        ("[2, 4]", "[2.0, 4.0]"),
        ("torch.tensor([2, 4])", "[2.0, 4.0]"),
        ("None", "None"),
        ("'AddBackward0'", '"AddBackward0"'),
        ("x . zero_( )", "x.zero_()"),
        ("x.grad = 0", "x.grad = 0.0"),
        ("x.grad=None", "x.grad = None"),
        ("x.grad == None", "x.grad is None"),
        ("x != None", "x is not None"),
        ("float('nan')", "math.nan"),
        ("-math.inf", "float('-inf')"),
        ("(x)", "x"),
    ],
)
def test_a_fill_meets_an_entry(fill: str, entry: str) -> None:
    """The same code, or equal plain values."""
    assert meets(read_fill(fill), entry)


@pytest.mark.parametrize(
    ("fill", "entry"),
    [
        ("1", "True"),
        ("0", "False"),
        ("None", "0.0"),
        ("[1]", "1"),
        ("(1, 2)", "[1, 2]"),
        ("[1, 2]", "[1, 2, 3]"),
        ("'12'", "12"),
        ("torch.tensor(4.0, requires_grad=True)", "torch.tensor(4.0)"),
        ("x + 1", "1 + x"),
        ("x = 1", "1"),
        ("9**9**9", "1"),
        ("1 / 0", "0"),
    ],
)
def test_a_fill_meets_no_other_entry(fill: str, entry: str) -> None:
    """Kinds are told apart, and code is compared as it is written."""
    assert not meets(read_fill(fill), entry)


@pytest.mark.parametrize(
    "code", ["x", "f(1)", "1 / 0", "10**1000 * 1.0", "[x]", "2**True", "-'a'"]
)
def test_what_is_not_plain(code: str) -> None:
    """Nothing runs to find a value."""
    with pytest.raises(NotPlainError):
        plain(ast.parse(code, mode="eval").body)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It is 16.", "16.0"),
        ("It is 16.0, of course", "16"),
        ("Twelve? No: 12, and below zero.", "-12.0"),
        ("There is None in it", "None"),
        ("2, then 4 and 6", "[2.0, 4.0, 6.0]"),
        ("a RuntimeError", "RuntimeError"),
        ("write x.grad.zero_()", "x.grad.zero_()"),
        ("half is .5", "0.5"),
        ("that is 1e-3", "0.001"),
    ],
)
def test_a_text_reveals_an_answer(text: str, answer: str) -> None:
    """However a number is written, and in whatever words it stands."""
    assert reveals(text, ast.parse(answer, mode="eval").body, page="x = 3")


@pytest.mark.parametrize(
    ("text", "answer", "page"),
    [
        ("It is 160 or 1.6", "16.0", ""),
        ("none of them", "None", ""),
        ("6, then 4 and 2", "[2.0, 4.0, 6.0]", ""),
        ("runtime errors", "RuntimeError", ""),
        ("the gradient, not x", "x.grad.zero_()", ""),
        ("twice 3", "3.0", "x = torch.tensor(3.0)"),
    ],
)
def test_a_text_keeps_the_secret(text: str, answer: str, page: str) -> None:
    """Other numbers, other words, and what stands on the page anyway."""
    assert not reveals(text, ast.parse(answer, mode="eval").body, page)


TOLD = [
    # another kind
    ("'6.0'", "6.0", "In quotes it is text."),
    ("'None'", "None", "In quotes it is text."),
    ("'RuntimeError'", "RuntimeError", "In quotes it is text. The name itself belongs here"),
    ("torch.relu", "torch.float32", "That is a function. A dtype belongs here."),
    ("[1.0]", "[2.0]", "The one value in it is not right."),
    ("7", "'seven'", "Text belongs here, in quotes."),
    ("(9.0, 9.0)", "[9.0, 9.0]", "A list belongs here: use [ ]."),
    ("torch.ones(2)", "[1.0, 1.0]", "This is a tensor. A list belongs here: "),
    ("[1, 2]", "(1, 2)", "A tuple belongs here: use ( )."),
    ("[6.0]", "6.0", "One value belongs here, by itself."),
    ("torch.ones(1)", "6.0", "One value belongs here, by itself."),
    ("[6.0, 1.0]", "6.0", "One value belongs here, not several."),
    ("torch.ones(2)", "6.0", "One value belongs here, not several."),
    ("6.0", "[6.0, 6.0]", "Several values belong here, in [ ]."),
    ("'a'", "['a', 'b']", "Several values belong here, in [ ]."),
    ("6.0", "[6.0]", "A list belongs here: use [ ]."),
    ("6.0", "[None]", "A list belongs here: use [ ]."),
    ("6.0", "torch.ones(2)", "Several values belong here, not one."),
    ("None", "6.0", "None stands for nothing at all. There is something here."),
    ("0", "None", "Even 0 would be a number. Is there one here at all?"),
    ("True", "1.0", "True and False are no numbers here."),
    ("1", "True", "No number is asked for. Is it so, or is it not?"),
    ("TypeError", "6.0", "No exception is asked for. What stands here?"),
    ("None", "TypeError", "Something is raised here. Of which type?"),
    ("3", "torch.int64", "A dtype belongs here. Their names begin with torch."),
    ("float", "6.0", "That is a type. One of its values belongs here."),
    ("float", "None", "No type is asked for. What stands here?"),
    ("str", "6.0", "No type is asked for. What stands here?"),
    ("torch.Tensor", "[6.0]", "No type is asked for. What stands here?"),
    ("list", "[6.0]", "That is a type. One of its values belongs here."),
    ("torch.tensor(1j)", "6.0", "Something of another kind belongs here."),
    ("float", "torch.int64", "That is a type. A dtype belongs here."),
    ("6.0", "RuntimeError", "The name of a type belongs here."),
    ("torch.ones(2).sum", "6.0", "This names something, but does not call it."),
    # another exception
    ("Exception", "TypeError", "It is one of that family, but the koan asks for the exact"),
    ("NotImplementedError", "RuntimeError", "What is raised is more general than that."),
    ("TypeError()", "TypeError", "The ( ) makes one of them. The koan asks for the type"),
    ("int", "TypeError", "That is a type, but not one that can be raised."),
    ("KeyError", "TypeError", "A KeyError stands for: mapping key not found. Is that so"),
    ("UserWarning", "TypeError", "A UserWarning stands for: "),
    ("UnboundLocalError", "TypeError", "An UnboundLocalError stands for: "),
    ("int", "str", "It is another type."),
    ("torch.AcceleratorError", "TypeError", "It is raised for another reason."),
    # another dtype, another shape
    ("torch.uint8", "torch.int8", "It is another dtype."),
    ("torch.bfloat16", "torch.float16", "It is another dtype."),
    ("torch.float32", "torch.complex64", "It is another dtype."),
    ("torch.float64", "torch.float32", "The kind of number is right. In how many bits?"),
    ("torch.int32", "torch.float32", "It is another dtype: whole numbers, floating ones,"),
    ("torch.ones(3)", "torch.ones(3, 1)", "It has the shape (3,). Another one bel"),
    # a kind that is not there, before the length
    ("['x', 'c']", "[True, False, True]", "True or False belongs here, for each."),
    ("[1, 0]", "[True, False, True]", "True or False belongs here, for each."),
    ("[None]", "[2.0, 4.0]", "Each value that belongs here is a number."),
    ("['a', 'b', 'c']", "[2.0, 4.0]", "Each value that belongs here is a number."),
    ("torch.tensor([True, False])", "torch.ones(3)", "Each value that belongs here is a"),
    ("[1, 2]", "['a']", "Each value that belongs here is text."),
    ("[True, 1.0, None]", "[None, 0.0]", "No value that belongs here is True or"),
    ("[[2.0, 4.0]]", "[2.0, 4.0]", "There is a pair of [ ] too many."),
    ("[[True, True]]", "[True, False]", "There is a pair of [ ] too many."),
    ("[[1, 2], [3, 4]]", "[(1, 2), (3, 4)]", "Each value that belongs here is a tuple."),
    ("((1, 2), (3, 4))", "[(1, 2), (3, 4)]", "A list belongs here: use [ ]."),
    (
        "[4.0, [4.0]]",
        "[4.0, [[4.0]]]",
        "The values are right, but not all the [ ] around them.",
    ),
    ("['A']", "['a']", "Capitals count."),
    ("['1.bias']", "['2.bias']", "Nearly. Is the number in it right?"),
    ("'2bias'", "'2.bias'", "Nearly. How is it spelled?"),
    ("[1, 2, 9.5]", "[1, 2, 3]", "Right in its place: the first and the second."),
    ("[None, None]", "[None, 0.0, 1.0]", "This has 2 values. More belong here."),
    ("['MulBackward0']", "'MulBackward0'", "One value belongs here, by itself."),
    ("('AddBackward0',)", "'MulBackward0'", "One value belongs here, by itself."),
    ("['a', 'b']", "'MulBackward0'", "One value belongs here, not several."),
    ("[6.0]", "'MulBackward0'", "Text belongs here, in quotes."),
    ("[True]", "True", "One value belongs here, by itself."),
    ("3", "len", "A function belongs here: it is called later."),
    ("3.0", "torch.ones(1)", "This has no dimension. A tensor with one or mo"),
    ("object()", "torch.ones(1)", "Something of another kind belongs here."),
    # another length, another order, some of them right
    ("[1, 2]", "[1, 2, 3]", "This has 2 values. More belong here."),
    ("[1, 2, 3]", "[1, 2]", "This has 3 values. Fewer belong here."),
    ("[2, 1]", "[1, 2]", "These are the values, but in another order."),
    ("[1, 7.7, 3]", "[1, 2, 3]", "Right in its place: the first and the third."),
    ("[1, -2]", "[1, 2]", "Right in its place: the first. Of the other: The size is right."),
    ("[7.7, 9.9]", "[1, 2]", "No value is right in its place."),
    (
        "[18, 6]",
        "[-18, -6]",
        "Every value is off in the same way. The size is right. What about the sign?",
    ),
    (
        "torch.ones(2)",
        "-torch.ones(2)",
        "Every value is off in the same way. The size is right. What about ",
    ),
    ("[1, 2]", "[True, False]", "True or False belongs here, for each."),
    ("['a', 'b', 'x']", "['a', 'b', 'c']", "2 of these 3 values belong here."),
    ("['c', 'x']", "['a', 'b', 'c']", "1 of these 2 values belongs here."),
    (
        "[9.0, 1.0]",
        "[1.0, 2.0]",
        "No value is right in its place, but 1 of these 2",
    ),
    ("[[1, 2], [3, 9]]", "[[1, 2], [3, 4]]", "The first list is right. In the second list, "),
    ("[[7, 8], [3, 9]]", "[[1, 2], [3, 4]]", "In the first list, nothing is right in its pl"),
    ("[(1.0,), 100.0]", "[tuple, 100.0]", "Right in its place: the second."),
    (
        "['tuple', 100.0]",
        "[tuple, 100.0]",
        "Right in its place: the second. Of the other: In qu",
    ),
    ("[64.0, False]", "[[64.0, 5.0], False]", "A number stands where a list belongs."),
    ("[None, False]", "[[64.0, 5.0], False]", "None stands where a list belongs."),
    (
        "[8.0, [3, 4], [4, -1]]",
        "[8.0, [3, 4], [4, 2]]",
        "Right in its place: the first and the second. In the other list: Right in its place: ",
    ),
    (
        "[8.0, 8.0, 3]",
        "[[4.0, 4.0], 8.0, 3]",
        "Right in its place: the second and the third. Of",
    ),
    ("((1, 2),)", "(1, 2)", "There is one tuple too many around it."),
    ("['list', 100.0]", "[tuple, 100.0]", "Right in its place: the second."),
    ("True", "torch.ones(2)", "This is True or False. A tensor belongs here."),
    ("torch.ones(1)", "(torch.ones(1),)", "This is a tensor. A tuple belongs here."),
    ("[True, True, True]", "[True, False, True]", "Some of these are right, but not all."),
    # another number
    ("12", "-12.0", "The size is right. What about the sign?"),
    ("3", "6.0", None),
    ("24", "6.0", None),
    ("-24", "6.0", "It lies on the other side of zero."),
    ("121", "120.0", None),
    ("1001.0", "1000.0", None),
    ("-99", "-100", None),
    ("120.5", "120.0", "Close, but not exact."),
    ("5.99", "6.0", "Close, but not exact."),
    ("1.73", "1.7", "It has more decimals than belong here."),
    ("2.46", "2.5", "It has more decimals than belong here."),
    ("[4.0, [4.0], []]", "[4.0, [4.0]]", "This has 3 values. Fewer belong here."),
    (
        "['add', 'pow']",
        "['AddBackward0', 'PowBackward0']",
        "Every value is off in the same way. ",
    ),
    (
        "['a.relu', 'exp']",
        "['relu', 'exp']",
        "Right in its place: the second. Of the other: The ",
    ),
    ("'<AddBackward0>'", "'AddBackward0'", "The text that belongs here is a part of this."),
    ("str.lower", "'AddBackward0'", "Text belongs here, in quotes."),
    ("'add'", "'AddBackward0'", "It is a part of the text that belongs here."),
    ("0.46", "0.5", None),
    ("[1.0, 0.0]", "[0.5, math.nan]", "No value is right in its place."),
    ("[(1, 2), (3, 4)]", "[[1, 2], [3, 4]]", "Each value that belongs here is a list."),
    ("0.7", "0.7311", "Close, but not exact."),
    ("0", "0.25", None),
    ("0.1", "0.14", None),
    ("0.3", "0.25", None),
    ("2.0", "2.5", None),
    ("-7.7", "6.0", "It lies on the other side of zero."),
    ("0", "math.nan", "It is no ordinary number."),
    ("math.inf", "8", "It is an ordinary number."),
    ("-(10**400)", "8", "It is an ordinary number."),
    ("10**10000", "8", "It is an ordinary number."),
    # another spelling
    ("'mulbackward0'", "'MulBackward0'", "Capitals count."),
    ("'MulBackward'", "'MulBackward0'", "Nearly. How is it spelled?"),
    # nothing to tell
    ("7.7", "6.0", None),
    ("6", "6.0", None),
    ("0", "6.0", None),
    ("[True, True]", "[True, False]", None),
    ("True", "False", None),
    ("'Mul'", "'AddBackward0'", None),
    ("'SumBackward0'", "'MulBackward0'", None),
]


@pytest.mark.parametrize(("given", "wanted", "said"), TOLD)
def test_what_two_values_tell(given: str, wanted: str, said: str | None) -> None:
    """The kind, the length, the order, the sign, a factor, the spelling; never the value."""
    told = compare(*(worth(eval(code)) for code in (given, wanted)))
    assert str(told).startswith(str(said))


def test_what_two_values_tell_is_true() -> None:
    """Of whatever two values: no sentence is false, and none would be true of all."""
    codes = dict.fromkeys(code for given, wanted, _ in TOLD for code in (given, wanted))
    values = [worth(eval(code)) for code in codes]
    pairs = [(given, wanted) for given in values for wanted in values]
    said = [(reply, pair) for pair in pairs if (reply := compare(*pair))]
    assert len(said) > 5000
    assert [(str(reply), pair) for reply, pair in said if not is_true(reply, pair)] == []
    for reply in {reply.claim: reply for reply, _ in said}.values():
        assert not all(is_true(reply, pair) for pair in pairs)


def is_true(reply: Reply, pair: tuple[object, object]) -> bool:
    """Whether a reply is true of two values, of any kind."""
    try:
        return reply.is_true_of(*pair)
    except (AttributeError, TypeError, ValueError):
        return False  # it is said of others


KOAN = '''"""A chapter."""

import torch

from sensei import __


def doubled(t):
    return t.mul_(2)


def test_it():
    x = torch.tensor(5.0, requires_grad=True)
    y = x**2
    y.backward()
    z = 3 * x
    z.backward()
    (x/2).backward()
    assert x.grad == __(13.5, wrong={"-1": "No."}, hints=["a", "b"], why="w")


def test_marked():
    x = torch.tensor(5.0, requires_grad=True)
    (x * x * __(3.0, wrong={"4.0": "No."})).backward()
    (x * 4).backward()
    assert x.grad == __(34.0, wrong={"9": "No."}, hints=["a", "b"], why="w")


def test_formula():
    def slope(v, w):
        return __(2 * v * w, wrong={"v * w": "Half."}, hints=["a", "b"], why="w")

    for v, w in [(1.0, 2.0), (3.0, 5.0)]:
        x = torch.tensor(v, requires_grad=True)
        (x**2 * w).backward()
        assert x.grad == slope(v, w)


def test_line():
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    __(x.grad.zero_(), wrong={"pass": "No."}, hints=["a", "b"], why="w")
    (3 * x).backward()
    assert x.grad == 3.0


def test_object():
    x = torch.tensor(5.0)
    y = x.clone()
    assert [x, y][0] is __(x, wrong={"y": "No."}, hints=["a", "b"], why="w")


def test_names():
    x = torch.tensor(5.0, requires_grad=True)
    y, z = 2 * x, x + 1
    assert [t for t in (x, y, z) if t.grad_fn] == __(
        [y, z], wrong={"[x]": "No."}, hints=["a", "b"], why="w"
    )


def test_inner():
    x = [1, 2]
    found = [2.0, [3.0, 4.0]]
    assert found == __([2.0, [3.0, 4.0]], wrong={"9": "No."}, hints=["a", "b"], why="w")


def test_chosen():
    x = torch.tensor(5.0)
    both = [2 * x, x]
    y, z = both[0], both[1] + 1
    assert sum(__([y, z], wrong={"[z]": "No."}, hints=["a", "b"], why="w")) == 16


def test_half():
    x = torch.tensor(3.0, requires_grad=True)
    (x * x * 0.5).backward()
    (x * x * 0.5).backward()
    total = x.grad + 9
    assert x.grad == __(6.0, wrong={"9": "No."}, hints=["a", "b"], why="w")
    late = 1


def test_small():
    x = torch.tensor(5.0)
    assert x - 3 == __(2.0, wrong={"-1": "No."}, hints=["a", "b"], why="w")


def test_nothing():
    x = torch.tensor(5.0, requires_grad=True)
    (x**2).backward()
    assert x.grad == __(10.0, wrong={"None": "Nothing yet."}, hints=["a", "b"], why="w")


def test_flags():
    x = torch.tensor(5.0)
    assert [x.item() > 0, x.item() < 0] == __(
        [True, False], wrong={"[False, True]": "The other way."}, hints=["a", "b"], why="w"
    )


def test_loop():
    total = 0
    for n in [1, 2]:
        x = torch.tensor(float(n), requires_grad=True)
        y = x**2
        __(y.backward(), wrong={"y": "No."}, hints=["a", "b"], why="w")
        total += x.grad.item()
    assert total == 6.0


def test_sum():
    x = torch.tensor(2.0, requires_grad=True)
    (x * 3 * 7 / 7).backward()
    assert x * x.grad == __(6.0, wrong={"9": "No."}, hints=["a", "b"], why="w")


def test_added():
    x = torch.tensor(3.0, requires_grad=True)
    (4 * x).backward()
    assert x.grad + 2 == __(6.0, wrong={"9": "No."}, hints=["a", "b"], why="w")


def test_pair():
    x = torch.tensor([1.0, 5.0])
    assert (2 * x).tolist() == __([2.0, 10.0], wrong={"9": "No."}, hints=["a", "b"], why="w")
    assert x.numel() < 3


def test_below():
    x = torch.tensor(-5.0)
    assert x * 2 == __(-10.0, wrong={"9": "No."}, hints=["a", "b"], why="w")


def test_again():
    x = torch.tensor(5.0)
    h = 2 * x
    __(x.add_(1.0), wrong={"x": "No."}, hints=["a", "b"], why="w")
    h = 3 * x
    assert h == 18


def test_call():
    for n in [-1.0, 1.0]:
        x = torch.tensor(n)
        y = __(torch.relu(x + 1), wrong={"9": "No."}, hints=["a", "b"], why="w")
        assert y == max(n + 1, 0)


def test_shut():
    for n in [-1.0, 1.0]:
        x = torch.tensor(n)
        y = __(abs(x), wrong={"9": "No."}, hints=["a", "b"], why="w")
        assert y - 1 == 0


def test_near():
    for n in [0.0, 4.0]:
        x = torch.tensor(n, requires_grad=True)
        y = __(x * abs(x), wrong={"9": "No."}, hints=["a", "b"], why="w")
        y.backward()
        assert x.grad == 2 * n


def test_zero():
    x = torch.tensor(0.5)
    __(x.requires_grad_(), wrong={"None": "No."})
    (x * x).backward()
    assert x.grad - 1 == __(0.0, wrong={"9": "No."}, hints=["a", "b"], why="w")


def test_constant():
    x = torch.tensor(3.0, requires_grad=True)
    __(x.requires_grad_(False), wrong={"x": "No."}, hints=["a", "b"], why="w")
    assert not (x * x).requires_grad


def test_square():
    for n in [1.0, -1.0]:
        h = torch.full((1, 1), n)
        y = __(torch.relu(h), wrong={"h": "No."}, hints=["a", "b"], why="w")
        assert y.sum() == max(n, 0)


def test_odd():
    odd = []
    for n in [1, 2, 3]:
        if __(n % 2 == 1, wrong={"0": "No."}, hints=["a", "b"], why="w"):
            odd.append(n)
    assert odd == [1, 3]


def test_unpacked():
    a, b = __([2, 3], wrong={"[1, 1]": "No."}, hints=["a", "b"], why="w")
    assert torch.ones(2, 3).shape == (a, b)


def test_lambda():
    rule = __(lambda g: 2 * (g + 1), wrong={"9": "No."}, hints=["a", "b"], why="w")
    assert [rule(1), rule(2)] == [4, 6]


def test_two():
    x = __(torch.tensor(5.0), wrong={"None": "No."})
    assert x.item() == __(5.0, wrong={"9": "No."}, hints=["a", "b"], why="w")


def test_helper():
    x = torch.tensor(5.0)
    __(doubled(x), wrong={"9": "No."}, hints=["a", "b"], why="w")
    assert x == 10


def test_backwards():
    order, found = [1.0, 2.0, 3.0], []
    for each in __(reversed(order), wrong={"order": "No."}, hints=["a", "b"], why="w"):
        found.append(each)
    assert found == [3.0, 2.0, 1.0]


def test_each():
    def halve(p):
        __(p.mul_(0.5), wrong={"p": "No."}, hints=["a", "b"], why="w")

    a, b = torch.tensor(4.0), torch.tensor(2.0)
    halve(a)
    halve(b)
    assert [a.item(), b.item()] == [2.0, 1.0]


def test_rest():
    x = torch.tensor([-1.0, 4.0])
    safe = __(torch.where(x > 0, x, 1.0), wrong={"x": "No."}, hints=["a", "b"], why="w")
    assert safe.sqrt()[1] == 2


def test_turned():
    w, v = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
    trunk = w * v
    __(trunk.backward(v.detach()), wrong={"x": "No."}, hints=["a", "b"], why="w")
    assert w.grad == 9.0


def test_parts():
    for n in [2.0, 3.0]:
        x, y = torch.tensor(n), torch.tensor(2 * n)
        both = __((x * y, None), wrong={"x": "No."}, hints=["a", "b"], why="w")
        assert both == (2 * n * n, None)


def test_visit():
    def listed(values):
        order = []

        def visit(value):
            if value not in order:
                __(order.append(value), wrong={"value": "No."}, hints=["a", "b"], why="w")

        for value in values:
            visit(value)
        return order

    assert listed([1, 1, 2]) == [1, 2]


def test_free():
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    out = __(x + 1, wrong={"x": "No."}, hints=["a", "b"], why="w")
    (out[0, 0] - out[0, 1]).backward()
    assert x.grad.tolist() == [[1.0, -1.0]]


def test_kept():
    w = torch.tensor(2.0, requires_grad=True)
    h, values = 2 * w, [1.0]
    __(h.detach_(), wrong={"x": "No."}, hints=["a", "b"], why="w")
    assert not h.requires_grad and values[0] == 1.0


def test_undone():
    total = 0.0
    for n in [1.0, 2.0]:
        x = torch.tensor(n)
        __(x.mul_(2.0), wrong={"x": "No."}, hints=["a", "b"], why="w")
        h = x + 1
        total += h.item()
    assert total == 8.0


def test_underscores():
    x = torch.tensor(5.0, requires_grad=True)
    array = __(x.detach().numpy(), wrong={"x": "No."}, hints=["a", "b"], why="w")
    assert type(array).__name__ == "ndarray" and x.requires_grad


def test_through():
    a, b = torch.tensor(4.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    (3 * a + b).backward()
    for p in [a, b]:
        with torch.no_grad():
            __(p.sub_(p.grad), wrong={"p": "No."}, hints=["a", "b"], why="w")
    assert [a.item(), b.item()] == [1.0, 1.0]


def test_not_finite():
    x = torch.tensor([2.0, 0.0])
    wanted = __([2.0, float("nan")], wrong={"9": "No."}, hints=["a", "b"], why="w")
    assert torch.allclose(x / (x > 0) * 1, torch.tensor(wanted), equal_nan=True)


def test_row():
    x = 3.0
    row = list(__((x, 2 * x), wrong={"x": "No."}, hints=["a", "b"], why="w"))
    assert row == [3.0, 6.0]
'''


@pytest.mark.parametrize(
    ("name", "fill", "said"),
    [
        # how far from zero
        ("test_below", "-41", "The sign is right. The number is too far from zero."),
        ("test_below", "-0.75", "The sign is right. The number is too close to zero."),
        # what another line undoes, and two calls of one function
        ("test_undone", "h = 1.0", "This gives h a value. But a line below gives it another"),
        (
            "test_undone",
            "n = 1.0 * n",
            "With this, another line does not hold: assert total ==",
        ),
        # what a loop goes through is no change of the first line in it
        ("test_through", "p.grad /= 2", "This changes a.grad. Is that what should change?"),
        ("test_undone", "total = 1.0", "This changes total. Is that what should change?"),
        ("test_again", "h = 18.0", "This gives h a value. But a line below gives it another"),
        ("test_call", "torch.relu(x - 1)", "All is right here but one"),
        ("test_call", "torch.relu(x + 1) * 2 + n", "What belongs here is a part of this. Som"),
        (
            "test_shut",
            "2 * abs(x)",
            "All that belongs here is in it. There is a factor too many",
        ),
        ("test_call", "torch.relu(x)", "All is right here but what torch.relu is called with"),
        # what is raised in a helper counts where the koan calls it
        ("test_helper", "doubled([x])", "This raises AttributeError: 'list' object has no"),
        # a loop takes a list as it takes an iterator
        ("test_backwards", "order[1:]", "With this, another line does not hold: assert found"),
        # what a function is called with is no change of its first line
        (
            "test_each",
            "p.mul(0.5)",
            "This gives a value, and nothing keeps it. What has a name",
        ),
        ("test_line", "with torch.no_grad(): x = 5.0", "From here on x is what stands right"),
        # what the answer doesn't change, what a line does not speak of, what raises then
        (
            "test_turned",
            "trunk = 2 * trunk",
            "This changes trunk. Is that what should change?",
        ),
        ("test_turned", "v.backward()", "With this, another line does not hold: assert w.grad"),
        (
            "test_turned",
            "(trunk + v).backward()",
            "It does change w.grad. But another line doe",
        ),
        (
            "test_turned",
            "w = 5.0",
            "From here on w is what stands right of the =.\n\nWith this, a",
        ),
        (
            "test_turned",
            "trunk.backward(2 * v)",
            "All is right here but what trunk.backward is cal",
        ),
        ("test_visit", "order += [value]", "With this, another line raises: if value not in"),
        (
            "test_turned",
            "trunk.grad = v",
            "With this, another line does not hold: assert w.grad",
        ),
        (
            "test_turned",
            "trunk.backward()",
            "The function is right, but not what it is called wi",
        ),
        (
            "test_underscores",
            "x.detach_().numpy()",
            "Its value is right. With this, another line",
        ),
        ("test_row", "{x, 2 * x, 1}", "{ } makes a set or a dict."),
        (
            "test_parts",
            "(-x * y, None)",
            "All is right here but one part: -x. Its sign is anoth",
        ),
        ("test_lambda", "lambda g: -2 * (g + 1)", "All is right here but its sign."),
        # a function of a module that is not called, and what is a bit like one of Python's
        ("test_formula", "v + gradient", "There is nothing of the name gradient"),
        ("test_formula", "v + cos", "There is nothing of the name cos"),
        ("test_formula", "v + order", "There is nothing of the name order"),
        ("test_line", "'x.grad.neg_()'", "In quotes it is text, which does nothing here."),
        # who has some of the names may have another way in mind
        ("test_formula", "w + 1", "With this, another line does not hold: assert"),
        # a lambda has its place in the line of the blank
        (
            "test_helper",
            "doubled(lambda t: t)",
            "This raises AttributeError: 'function' object",
        ),
        # no factor makes NaN of 0
        ("test_not_finite", "[4.0, 0.0]", "No value is right in its place."),
        ("test_not_finite", "[4.0, float('inf')]", "No value is right in its place."),
        # nor is another tensor wrong by itself where only what it leads to is compared
        ("test_free", "x.exp()", "With this, another line does not hold: assert x.grad"),
        # a gradient that is not there, what a loop goes through, what nobody sees
        ("test_kept", "h.retain_grad()", "With this, another line does not hold: assert not h"),
        ("test_kept", "for w in [w]: pass", "This changes nothing that has a name in this"),
        ("test_kept", "h - 2 * w", "This gives a value, and nothing keeps it."),
        ("test_kept", "[values][0][0] = 1.0", "With this, another line does not hold: assert"),
        # parts in another order are the same
        ("test_parts", "(y * x, 0)", "All is right here but one part: 0."),
        (
            "test_parts",
            "(x * y * x, None)",
            "All is right here but one part: x * y * x. It has",
        ),
        (
            "test_parts",
            "(x, None)",
            "All is right here but one part: x. A factor is missing in",
        ),
        ("test_parts", "(2 * x * y, None)", "All is right here but one part: 2 * x. It has a"),
        # a factor of 2 or 3 that is no factor in the koan
        ("test_small", "4.0", "The sign is right. The number is too large."),
        # where many values do, none is wrong by itself; nor is a list in a tuple's place
        ("test_rest", "x.abs() + 1", "With this, another line does not hold: assert safe"),
        ("test_row", "[x, x]", "With this, another line does not hold: assert row =="),
        # of the same quantity at another time
        ("test_it", "10", "So it was earlier, after this line: y.backward()"),
        ("test_it", "13", "So it was earlier, after this line: z.backward()"),
        ("test_it", "3", "That is only what one line brings: z.backward()"),
        # of something else in the koan
        ("test_it", "25", "That is y, a value. A gradient is asked for."),
        ("test_it", "2.5", "That is x/2, a value. A gradient is asked for."),
        ("test_it", "15", "That is z, a value. A gradient is asked for."),
        ("test_nothing", "0", "0 would mean that the result does not change with x."),
        ("test_it", "0", "A number belongs here, but another one."),
        # a factor of the koan, a sign first of all
        ("test_it", "67.5", "There is a factor too many: it is one that stands in this koan."),
        ("test_it", "27.0", "It is off by a factor that stands in this koan."),
        ("test_it", "-13.5", "The size is right. What about the sign?"),
        # code that is worth what was foreseen in another writing
        ("test_formula", "w * v", "Half."),
        ("test_it", "float(-1)", "No."),
        ("test_small", "torch.tensor(-1.0)", "No."),
        ("test_small", "int(-1.0)", "No."),
        # what lets the koan compute the value
        ("test_it", "x.grad", "That computes it. Which value will it have?"),
        ("test_it", "2 * y.item()", "That reads what the koan has. Which value belongs here?"),
        ("test_it", "x.foo", "That reads what the koan has. Which value belongs here?"),
        ("test_it", "eval('x').grad", "That computes it. Which value will it have?"),
        ("test_line", "pass", "No."),
        # but not code that is worth a value which is reached in many ways
        ("test_it", "max([-1.0, -2.0])", "It lies on the other side of zero."),
        ("test_small", "min(-1, 0)", "It lies on the other side of zero."),
        ("test_small", "-1.0", "No."),
        ("test_half", "-9.0", "Whatever the sign: No."),
        # what helps nobody by itself has the blank's hint beside it
        (
            "test_it",
            "41",
            "The sign is right. The number is too large.\n\nThis koan's first hint: a",
        ),
        ("test_nothing", "[].append(1)", "What this gives is None. Something of another kind"),
        ("test_nothing", "{}.get(10)", "What this gives is None. Something of another"),
        ("test_nothing", "None", "Nothing yet."),
        ("test_flags", "[bool(0), 2 > 1]", "Each value is of the right kind, but not all"),
        ("test_flags", "[5 < 3, bool(5)]", "Each value is of the right kind, but not all"),
        ("test_flags", "[False, True]", "The other way."),
        ("test_flags", "[x, x]", "These are variables. True or False belongs here, for each."),
        ("test_flags", "['True', 'False']", "In quotes it is text."),
        ("test_it", "x", "x is a variable. A number belongs in its place."),
        # what is said of a value that nobody wrote
        ("test_nothing", "str(10)", "What this gives is text. Something of another kind"),
        ("test_nothing", "bool(10)", "What this gives is True or False. Something of another"),
        ("test_nothing", "'10'", "In quotes it is text."),
        ("test_nothing", "True", "True and False are no numbers here."),
        # code that is computed for several values
        ("test_formula", "-2 * v * w", "The size is right. What about the sign?"),
        ("test_formula", "4 * v * w", "All is right here but one part: 4."),
        (
            "test_formula",
            "float(len([]))",
            "One of the koan's names would help here, and is not",
        ),
        (
            "test_formula",
            "v + w + 1",
            "Of the 2 times that it is computed, it comes to the same as the answer in the",
        ),
        (
            "test_formula",
            "6.0",
            "This is the same whenever it is computed. What belongs here is not.",
        ),
        # a line
        ("test_line", "x.grad", "This only reads something. It changes nothing."),
        (
            "test_line",
            "x.requires_grad_()",
            "This changes nothing that has a name in this koan.",
        ),
        ("test_line", "x.grad.neg()", "This gives a value, and nothing keeps it."),
        ("test_line", "del x", "With this, another line raises: "),
        ("test_line", "return", "return ends the function. What comes after it doesn't run."),
        ("test_line", "y = x.grad", "This gives something the name y. Nothing else in the"),
        ("test_line", "g: float = 0.0", "This gives something the name g. Nothing else in"),
        ("test_line", "x = 5.0", "From here on x is what stands right of the =."),
        ("test_line", "x = x.detach()", "From here on x is what stands right of the =."),
        ("test_line", "assert x == 5", "An assert looks at what is there."),
        ("test_line", "print(x.grad)", "print shows something. It changes nothing."),
        ("test_line", "x.grad == 0", "This compares. It changes nothing, and what it finds"),
        ("test_line", "import math", "This imports something. No tensor is changed by"),
        ("test_line", "def f(): x.grad.zero_()", "This defines a function. It doesn't run"),
        ("test_loop", "break", "break ends the loop. What comes after it in the loop doesn't"),
        ("test_loop", "continue", "continue begins the next turn of the loop."),
        (
            "test_line",
            "x.grad.neg_()",
            "It does change x.grad. But another line does not hold: assert x.grad == 3.0",
        ),
        (
            "test_line",
            "x = x.backward()",
            "What is called here returns None. With the = before",
        ),
        (
            "test_line",
            "x.grad.requires_grad = False",
            "This changes nothing that has a name in",
        ),
        ("test_line", "y = x.backward", "This names something, but does not call it."),
        ("test_line", "x.grads = 0", "This changes nothing. Is every name in it spelled as it"),
        ("test_line", "x.grad.detach", "This names something, but does not call it."),
        # an object
        ("test_object", "5.0", "The koan asks for an object that is there already. This makes"),
        ("test_object", "x + 0", "The value is right, but it is another object."),
        ("test_object", "x + 1", "It is another object, with another value."),
        ("test_object", "'x'", "In quotes it is text. The name of an object stands here"),
        ("test_object", "True", "Whether it is so is not asked. The name of an object"),
        ("test_object", "None", "None stands for nothing at all. There is something here."),
        # names
        ("test_names", "[y]", "There is more that belongs here."),
        ("test_names", "[x, y]", "Not all of these belong here."),
        ("test_names", "[1.0]", "The variables themselves belong in this list"),
        ("test_names", "y", "A list belongs here: use [ ]."),
        ("test_names", "(x, y)", "Not all of these belong here."),
        ("test_names", "[x, x]", "None of these belong here."),
        ("test_names", "(y, z)", "A list belongs here: use [ ]."),
        ("test_names", "(z, y)", "All of these belong here, but in another order."),
        ("test_names", "[y, z, z]", "All of these belong here, but none of them more than"),
        # what the koan computes, where values belong
        ("test_flags", "[x, x.item() < 0, x.item() < 0]", "True or False belongs here, for e"),
        (
            "test_inner",
            "[2.0, [x, x]]",
            "Right in its place: the first. In the other list: Eac",
        ),
        (
            "test_inner",
            "[x, [3.0, 2.0]]",
            "That reads what the koan has. Which value belongs here?",
        ),
        ("test_chosen", "both", "The variables themselves belong in this list"),
        # a factor below 1, and a value that is a gradient
        ("test_half", "12.0", "A factor is missing: it is one that stands in this koan."),
        # what is nearer than a factor, and no factor where none stands in the koan
        ("test_sum", "5.0", "Two numbers of this koan give that when they are added."),
        ("test_added", "8.0", "Two numbers of this koan give that when they are multiplied."),
        ("test_it", "94.5", "The sign is right. The number is too"),
        ("test_it", "-40.5", "It lies on the other side of zero."),
        ("test_small", "-1.0", "No."),
        ("test_pair", "[6.0, 30.0]", "There is a factor too many: it is one that stands in"),
        ("test_pair", "[6.0, 31.0]", "No value is right in its place."),
        ("test_half", "15.0", "That is total."),
        # what raises by itself, or in the line of another blank
        ("test_half", "late", "At this point late has no value yet."),
        ("test_two", "5", "With this, the line of another blank raises AttributeError: "),
        ("test_it", "six", "six is a word. Python writes numbers in digits."),
        ("test_it", "torch.foo", "This raises AttributeError: module 'torch' has no attribute"),
        (
            "test_line",
            "x.foo()",
            "This raises AttributeError: 'Tensor' object has no attribute",
        ),
        ("test_formula", "v + w", "The right names are in it. It is something else that"),
        ("test_formula", "2 * v + w", "All is right here but one operator, such as + or *."),
        ("test_formula", "2 * v * w * w", "All that belongs here is in it. There is a factor"),
        ("test_formula", "2 * v * w + 1", "All that belongs here is in it, and more is added"),
        ("test_formula", "lambda: v", "What this gives is a function. Something of another"),
        ("test_lambda", "lambda g: 2 * g + 1", "All pieces are here, and in their order."),
        ("test_lambda", "lambda t: t + 1", "All that is here is right. A factor is missing: a"),
        ("test_lambda", "lambda g, h: g", "A function of another number of arguments belongs"),
        ("test_lambda", "8.0", "A function belongs here: it is called later."),
        # what Python writes otherwise
        ("test_it", "3(x)", "Between two factors Python needs a *."),
        ("test_it", "_", "That is left of the blank."),
        ("test_it", "12, 2", "Python writes a number with a point."),
        ("test_it", "12, x", "Python takes what follows the comma for a message"),
        ("test_it", "x^2", "In Python a power is written with **."),
        # nothing to say
        ("test_it", "40", "The sign is right. The number is too"),
        # messages, as far as they are whole and give nothing away
        (
            "test_line",
            "x.numpy()",
            "This raises RuntimeError: Can't call numpy() on Tensor that",
        ),
        (
            "test_line",
            "x.view('a', 'b')",
            "This raises TypeError: a call or an operation is given what it can't take.\n\nT",
        ),
        ("test_line", "x.xpu()", "This raises AssertionError: "),
        (
            "test_line",
            "torch._assert(x == 1, 'no, use x.grad')",
            "This raises AssertionError: a check",
        ),
    ],
)
def test_what_the_koan_tells(course: Course, name: str, fill: str, said: str) -> None:
    """Other values of the koan, factors of it, what a line changes, what is raised."""
    course.answer(DOUBLING, KOAN)
    course.command("blank", "--replace")
    page = course.page()
    _, *koans = page.read_text().split("\n\n\n")
    text = next(koan for koan in koans if f"def {name}" in koan)
    page.write_text(page.read_text().replace(text, text.replace("__", fill, 1)))
    chapter = read_path(course.root / "koans", course.root / "answers")[0]
    koan = next(k for k in chapter.koans if k.name == name)
    assert koan.sheet is not None
    with runner.koan() as run:
        case = case_of(koan.fills[0], koan.sheet, 0, 10.0, run)
        reply = rules.refusal(case) if case.outcome.held else rules.reply_to(case)
        assert reply is not None
        assert reply.text.replace("\n    ", " ").startswith(said)
        assert reply.is_true_of(case)


def test_a_line_with_a_marker_is_not_quoted(course: Course) -> None:
    """A learner has that line with a blank in it, and may not have filled it yet."""
    course.answer(DOUBLING, KOAN)
    course.command("blank", "--replace")
    page = course.page()
    page.write_text(page.read_text().replace("x.grad == __", "x.grad == 30.0"))
    chapter = read_path(course.root / "koans", course.root / "answers")[0]
    verdict = judge(next(k for k in chapter.koans if k.name == "test_marked"), 10.0)
    assert str(verdict.fills[1].reply) == "So it was earlier."


FORMULAS = [
    # what is missing, by its kind
    ("v * w", "2 * v * w", "All that is here is right. A factor is missing: a number."),
    ("w * v", "2 * v * w", "All that is here is right. A factor is missing: a number."),
    ("2 * v", "2 * v * w", "All that is here is right. A factor is missing: one of the names"),
    ("2 * v", "2 * v * math.cos(v)", "All that is here is right. A factor is missing: a call."),
    ("2 * x", "2 * (w + 1) * x", "All that is here is right. A factor is missing: a sum or"),
    ("y", "y / x", "All that is here is right. A factor is missing: a divisor."),
    ("math.cos(v**2)", "2 * v * math.cos(v**2)", "All that is here is right. Two factors are"),
    ("x", "2 * x * y * z", "All that is here is right. Three factors are missing."),
    ("3 * v**2", "3 * v**2 - 4", "All that is here is right. A term is missing that is added"),
    ("a", "a + b + c", "All that is here is right. Terms are missing that are added"),
    # too much
    ("x**3", "x**2", "All that belongs here is in it. There is a factor too many: one of"),
    ("2 * x * y * z", "x * y", "All that belongs here is in it. There are factors too many."),
    (
        "2 * (x + b - 1) * (x + b)",
        "2 * (x + b - 1) * x",
        "All is right here but one part: (x + b).",
    ),
    ("a + b + 1", "b + a", "All that belongs here is in it, and more is added or taken away."),
    # two right parts, and what is right by chance or in its branch
    ("f(x, 1) if y else x / 2", "f(x, y)", None),
    ("(-a * b, -a * b)", "(-a * b, None)", "All is right here but what stands in the second"),
    ("(f(3 + h) + f(3 - h)) / h", "(f(3 + h) - f(3 - h)) / (2 * h)", "These belong here: f(3 "),
    ("v**4 / 4 - 2 * v**2", "3 * v**2 - 4", None),
    # what is computed first
    ("2 * x + 1", "2 * (x + 1)", "All pieces are here, and in their order."),
    ("(a - b) / 2 * h", "(a - b) / (2 * h)", "All pieces are here, and in their order."),
    ("math.cos(v)**2", "math.cos(v**2)", "All pieces are here, and in their order."),
    ("a - b / 2", "(a - b) / (2 * h)", "Python multiplies and divides before it adds"),
    ("2 * a - b", "2 * (a - b) * c", "Python multiplies and divides before it adds"),
    # all but one
    ("3 * v**2 + 4", "3 * v**2 - 4", "All is right here but one operator, such as + or *."),
    ("2 * v * math.sin(v)", "2 * v * math.cos(v)", "All is right here but one function: math"),
    (
        "v * math.cos(w)",
        "v * math.cos(v)",
        "All is right here but what math.cos is called with",
    ),
    ("w - 8 * s", "w - s / 8", "All is right here but one part: 8 * s."),
    ("v * 2 * w * u", "2 * v * (w + u) * w", "All factors are right here but one: u."),
    # some of it
    ("-math.cos(v) * 3 * v", "2 * v * math.cos(v)", "All is right here but the number that it"),
    ("v * math.cos(v) * 3", "2 * v * math.cos(v)", "All is right here but the number that it"),
    ("w * math.cos(v) * 3", "2 * v * math.cos(v)", "This factor belongs here: math.cos(v)."),
    ("w * x", "(2 * w + b) * x", "All is right here but one part: w."),
    ("w * x", "3 * (2 * w + b - 10) * x", None),
    ("math.cos(v) + 2 * v", "2 * v * math.cos(v)", "All parts of it are right, but something"),
    ("b - a", "a - b", "The parts are right, but not every number or sign before them."),
    ("a - b", "a + c - d", "Of what is added or taken away here, a part is right and a part"),
    ("2 * f(a) + b", "f(a) + g(a)", "This belongs here: f(a). Something else is"),
    ("s / 8", "w - s / 8", "A part that belongs here is there, but not with that number or"),
    ("f(3) * f(2)", "f(3) + 2", "This belongs here: f(3). Something else is missing"),
    ("k(f(3).T * 2)", "g(f(3).T * 2, 1)", "This belongs here: f(3).T * 2. Something else is"),
    ("g(x, 3, y)", "g(x, 2, y)", "All is right here but one part: 3."),
    ("abs(1 - t) < 0.5", "abs(t - 1) < 0.1", "All is right here but one part: 0.5."),
    ("f(a) - f(b)", "f(a) - f(c)", "All is right here but one part: b."),
    ("f(a).neg()", "g(a).abs()", None),
    ("lambda i: f(i - 1)", "lambda place: f(place)", "All is right here but what f is called"),
    (
        "lambda i: f(a[i - 1])",
        "lambda place: f(a[place])",
        "All is right here but one part: i -",
    ),
    ("f(4) / 2", "f(3 + h) - f(3)", "The function is right, but not what it is called with"),
    # the same, and nothing in common
    ("w * v * 2", "2 * v * w", None),
    ("x * x", "x**2", None),
    ("(a + b) * 0.5", "(b + a) / 2", None),
    ("lambda t: t * 2", "lambda g: 2 * g", None),
    ("a", "b**2", None),
    ("10**400 * x", "x**2", None),
]


@pytest.mark.parametrize(("given", "wanted", "said"), FORMULAS)
def test_what_two_formulas_tell(given: str, wanted: str, said: str | None) -> None:
    """Which part of it is right, what kind of thing is missing, what is computed first."""
    told = told_of(*(ast.parse(code, mode="eval").body for code in (given, wanted)))
    assert str(told).startswith(str(said))


def told_of(given: ast.expr, wanted: ast.expr) -> Reply | None:
    """Return what is said of two formulas, last of all which calls they have in common."""
    return compare_formulas(given, wanted) or compare_parts(given, wanted)


def test_what_two_formulas_tell_is_true() -> None:
    """Of whatever two formulas: no sentence is false, and none would be true of all."""
    codes = dict.fromkeys(code for given, wanted, _ in FORMULAS for code in (given, wanted))
    nodes = [ast.parse(code, mode="eval").body for code in codes]
    pairs = [(given, wanted) for given in nodes for wanted in nodes]
    said = [(reply, pair) for pair in pairs if (reply := told_of(*pair))]
    assert len(said) > 200
    assert [(str(r), *map(ast.unparse, pair)) for r, pair in said if not is_true(r, pair)] == []
    for reply in {reply.claim: reply for reply, _ in said}.values():
        assert not all(is_true(reply, pair) for pair in pairs)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        # advice is left out
        (
            "Can't call numpy() on it. Use tensor.detach().numpy() instead.",
            "Can't call numpy() on it.",
        ),
        ("It is freed. Specify retain_graph=True if you need it again.", "It is freed."),
        (
            "you can only change flags of leaves. If you want more, use detach().",
            "you can only ",
        ),
        ("Missing parentheses. Did you mean print(...)?", "Missing parentheses."),
        ("Please use x.detach() for this.", ""),
        # so is what is half a sentence
        (
            "zeros() received these - got (str), but expected one of:\n * (int",
            "",
        ),
        ("<function f at 0x7f6ef2> returned NULL", ""),
        ("Expected !list[0].empty() to be true, but got false.", ""),
        ("modified by an inplace operation: [torch.FloatTensor [", ""),
        ("The first line goes on\nin the second one.", ""),
        ("a " * 150, ""),
        # the rest is whole
        ("element 0 of tensors does not require grad", "element 0 of tensors does not"),
        ("'Tensor' object has no attribute 'foo'", "'Tensor' object has no attribute 'foo'"),
        ("It is over.\nMore of it: see below", "It is over."),
        ("", ""),
    ],
)
def test_what_is_kept_of_a_message(message: str, said: str) -> None:
    """Whole sentences, and none that tells what to write instead."""
    kept = whole(message)
    assert kept.startswith(said)
    assert bool(kept) == bool(said)


def test_the_kind_of_an_error_takes_the_place_of_its_message() -> None:
    """Where that says the answer, and its type with it, where that does too."""
    error = as_error(TypeError("got a float"))
    kind = "a call or an operation is given what it can't take."
    assert in_words(error) == "TypeError: got a float"
    assert in_words(error, lambda text: "float" in text) == f"TypeError: {kind}"
    assert in_words(error, lambda text: "TypeError" in text) == f"an error: {kind}"
    assert in_words(error, lambda _: True) == "an error of its own."
    error = as_error(RuntimeError("it is 5"))
    said = "RuntimeError: its message would say too much."
    assert in_words(error, lambda text: "5" in text) == said
    told = "a tensor has been modified by an inplace operation"
    numbers = ": [torch.FloatTensor [3]], which is output 0 of MulBackward0, is at version 2; "
    error = as_error(RuntimeError(f"{told}{numbers}expected version 1 instead. Hint: use it."))
    assert in_words(error) == f"RuntimeError: {told}."
    error = as_error(RuntimeError("Mismatch of output 0 and input 0,\nnumerical: 5"))
    assert in_words(error) == "RuntimeError: Mismatch of output 0 and input 0"
    error = as_error(RuntimeError("INTERNAL ASSERT"))
    assert in_words(error) == "RuntimeError"
    error = as_error(RuntimeError("Of a model:\n\tsomething is missing"))
    assert in_words(error) == "RuntimeError: Of a model: something is missing"


def test_no_place_in_the_answers() -> None:
    """Where in answers/ a fill was no Python is not said."""
    error = SyntaxError("'await' outside async function", ("<koan>", 48, 1, None))
    assert in_words(as_error(error)) == "SyntaxError: 'await' outside async function"
