"""Which entry a fill meets, and what would give an answer away."""

from __future__ import annotations

import ast
import math  # noqa: F401 - the tables use it

import pytest
import torch  # noqa: F401

from sensei.judge import rules
from sensei.judge.claim import Reply
from sensei.judge.compare import compare
from sensei.judge.judge import case_of, judge
from sensei.judge.rules import in_words, meets
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
    ("'RuntimeError'", "RuntimeError", "In quotes it is text."),
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
    ("0", "None", "A number is a finding, zero too. Is there one?"),
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
    ("torch.tensor(1j)", "6.0", "Something of another kind is here."),
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
    ("torch.ones(3)", "torch.ones(3, 1)", "It has another shape."),
    # another length, another order, some of them right
    ("[1, 2]", "[1, 2, 3]", "There are more values here."),
    ("[1, 2, 3]", "[1, 2]", "There are fewer values here."),
    ("[2, 1]", "[1, 2]", "These are the values, but in another order."),
    ("[1, 7.7, 3]", "[1, 2, 3]", "Right so far: values 1 and 3."),
    ("[1, -2]", "[1, 2]", "Right so far: value 1. Of the other: The size is right. What"),
    ("[7.7, 9.9]", "[1, 2]", "None of these values is right yet."),
    ("[18, 6]", "[-18, -6]", "Of each value: The size is right. What about the sign?"),
    ("torch.ones(2)", "-torch.ones(2)", "Of each value: The size is right. What about "),
    ("[1, 2]", "[True, False]", "True or False is asked for, of each."),
    ("[True, True, True]", "[True, False, True]", "Some of these are right, but not all."),
    # another number
    ("12", "-12.0", "The size is right. What about the sign?"),
    ("3", "6.0", "A factor is missing."),
    ("24", "6.0", "There is a factor too many."),
    ("-24", "6.0", "The sign is another one, and there is a factor too many."),
    ("5.99", "6.0", "Close, but not exact."),
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


def test_half():
    x = torch.tensor(3.0, requires_grad=True)
    (x * x * 0.5).backward()
    (x * x * 0.5).backward()
    total = x.grad + 9
    assert x.grad == __(6.0, wrong={"9": "No."}, hints=["a", "b"], why="w")
    late = 1


def test_two():
    x = __(torch.tensor(5.0), wrong={"None": "No."})
    assert x.item() == __(5.0, wrong={"9": "No."}, hints=["a", "b"], why="w")
'''


@pytest.mark.parametrize(
    ("name", "fill", "said"),
    [
        # of the same quantity at another time
        ("test_it", "10", "So it was earlier, after this line: y.backward()"),
        ("test_it", "13", "So it was earlier, after this line: z.backward()"),
        ("test_it", "3", "That is only what one line brings: z.backward()"),
        # of something else in the koan
        ("test_it", "25", "That is y, a value. A slope is asked for."),
        ("test_it", "2.5", "That is x/2, a value. A slope is asked for."),
        ("test_it", "15", "That is z, a value. A slope is asked for."),
        ("test_it", "0", "Zero would say that nothing moves as x does. Something "),
        # a factor of the koan, a sign first of all
        ("test_it", "67.5", "There is a factor too many: it is one that stands in this koan."),
        ("test_it", "-13.5", "The size is right. What about the sign?"),
        # code that is worth what was foreseen in another writing
        ("test_formula", "w * v", "Half."),
        ("test_it", "float(-1)", "No."),
        # what lets the koan compute the value
        ("test_it", "x.grad", "That computes it. Which value will it have?"),
        ("test_it", "2 * y.item()", "That computes something. Which value belongs here?"),
        ("test_it", "x.foo", "That computes something. Which value belongs here?"),
        ("test_it", "eval('x').grad", "That computes it. Which value will it have?"),
        # code that is computed for several values
        ("test_formula", "-2 * v * w", "The size is right. What about the sign?"),
        ("test_formula", "4 * v * w", "There is a factor too many."),
        (
            "test_formula",
            "w + 1",
            "Look at what else is at hand here. Is all in it that it takes?",
        ),
        (
            "test_formula",
            "v + w + 1",
            "It is right for some of the values that the koan tries, ",
        ),
        (
            "test_formula",
            "6.0",
            "This is the same whenever it is computed. What belongs here is not.",
        ),
        # a line
        ("test_line", "x.grad", "This changes nothing."),
        ("test_line", "x.grad.neg()", "This changes nothing."),
        ("test_line", "del x", "With this, another line raises: "),
        ("test_line", "return", "With this the koan is left before its last line."),
        ("test_line", "y = x.grad", "This changes y. Is that what should change?"),
        (
            "test_line",
            "x.grad.neg_()",
            "It does change x.grad. But another line does not hold: assert x.grad == 3.0",
        ),
        ("test_line", "x.grad.detach", "This names something, but does not call it."),
        # an object
        ("test_object", "5.0", "The koan asks for an object that is there already. This makes"),
        ("test_object", "x + 0", "The value is right, but it is another object."),
        ("test_object", "None", "None stands for nothing at all. There is something here."),
        # names
        ("test_names", "[y]", "There is more that belongs here."),
        ("test_names", "[x, y]", "Not all of these belong here."),
        ("test_names", "1.0", "The variables themselves belong here, by their names."),
        # a factor below 1, and a value that is a gradient
        ("test_half", "12.0", "A factor is missing: it is one that stands in this koan."),
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
        ("test_formula", "v + w", "The first time it is computed, it is 3. That is not it."),
        # what Python writes otherwise
        ("test_it", "3(x)", "Between two factors Python needs a *."),
        ("test_it", "_", "That is left of the blank."),
        ("test_it", "12, 2", "Python writes a number with a point."),
        ("test_it", "12, x", "Python takes what follows the comma for a message"),
        ("test_it", "x^2", "In Python a power is written with **."),
        # nothing to say
        ("test_it", "40", "That does not hold here."),
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
        assert reply.text.startswith(said)
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


def test_no_place_in_the_answers() -> None:
    """Where in answers/ a fill was no Python is not said."""
    error = SyntaxError("'await' outside async function", ("<koan>", 48, 1, None))
    assert in_words(as_error(error)) == "SyntaxError: 'await' outside async function"
