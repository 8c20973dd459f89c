"""Names that Python does not know: each kind is told from the others."""

from __future__ import annotations

import pytest

from sensei.judge import rules
from sensei.judge.judge import case_of
from sensei.koan.graft import read_fill
from sensei.koan.path import Koan, read_path
from sensei.run.runner import runner
from tests.tiny_course import DOUBLING, Course

KOANS = '''"""A chapter."""

import math

import torch

from sensei import __


def test_value():
    weight = torch.tensor(5.0, requires_grad=True)
    sums = [weight + 1, weight * 2]
    flags = [each.requires_grad for each in sums]
    sums[1].backward()
    assert weight.grad == __(2.0, wrong={"bias": "No."}, hints=["a", "b"], why="w")
    later = 1
    bias = 2


def test_formula():
    def slope(speed):
        return __(
            2 * speed * math.cos(speed**2),
            wrong={"torch.erf(speed)": "No."},
            hints=["a", "b"],
            why="w",
        )

    for number in (1.0, 2.0):
        x = torch.tensor(number, requires_grad=True)
        torch.sin(x**2).backward()
        assert abs(x.grad - slope(number)) < 1e-5


def test_list():
    weight = torch.tensor(5.0, requires_grad=True)
    half, noted = weight / 2, [weight * 2]
    assert [t for t in (weight, half) if t.grad_fn] == __([half], wrong={"[]": "No."}, why="w")


def test_text():
    letters = ["a", "b"]
    assert letters[0] == __("first".strip("firt") or "a", wrong={"'b'": "No."}, why="w")


def test_words():
    assert ["ab", "cd"] == __(["ab", "cd"], wrong={"'b'": "No."}, hints=["a", "b"], why="w")


def test_type():
    assert torch.ones(1).dtype is __(torch.float32, wrong={"int": "No."}, why="w")
    assert ZeroDivisionError is __(
        ZeroDivisionError, wrong={"KeyError": "No."}, hints=["a", "b"], why="w"
    )


def test_function():
    shorten = __(lambda t: t.to(torch.float16), wrong={"int": "No."}, hints=["a", "b"], why="w")
    assert shorten(torch.ones(1)).dtype == torch.half
'''

VALUE, FORMULA, WORDS, TYPE = "test_value", "test_formula", "test_words", "test_type"
LIST, FUNCTION = "test_list", "test_function"


@pytest.fixture
def koans(course: Course) -> dict[str, Koan]:
    """Write the chapter, and return its koans by their names."""
    course.answer(DOUBLING, KOANS)
    course.command("blank", "--replace")
    chapter = read_path(course.root / "koans", course.root / "answers")[0]
    return {koan.name: koan for koan in chapter.koans}


def told(koan: Koan, fill: str, number: int = 0) -> str:
    """Return what is said of a fill, which must be true of it."""
    assert koan.sheet is not None
    with runner.koan() as run:
        case = case_of(read_fill(fill), koan.sheet, number, 10.0, run)
        reply = rules.reply_to(case)
        assert reply.is_true_of(case)
    return reply.text


@pytest.mark.parametrize(
    ("name", "fill", "said"),
    [
        # of the koan, and without a value there
        (VALUE, "later", "At this point later has no value yet."),
        (VALUE, "2 * later", "At this point later has no value yet."),
        (VALUE, "each", "each has a value only inside the brackets that its for stands in."),
        (
            VALUE,
            "speeds",
            "There is nothing of the name speeds, neither in the koan nor in Python.",
        ),
        (VALUE, "x", "There is nothing of the name x, neither in the koan nor in Python."),
        (FORMULA, "1 * speeed", "There is no speeed here. Is speed meant?"),
        # nearly one that is there
        (VALUE, "wieght", "There is no wieght here. And the blank asks for a value, not for a"),
        (VALUE, "2 * Weigth", "There is no Weigth here. And the blank asks for a value, not"),
        (LIST, "[wieght]", "There is no wieght here. Is weight meant?"),
        (LIST, "[Weight, halff]", "There is no Weight here. Is weight meant?"),
        (LIST, "[qwertz]", "There is nothing of the name qwertz, neither in the koan nor"),
        (
            LIST,
            "[grad_fn, half]",
            "grad_fn is no name by itself: in this koan it stands behind a ",
        ),
        (VALUE, "flaot(2)", "There is no flaot here. Is float meant?"),
        # of a module that is imported
        (FORMULA, "cos(speed)", "torch and math both have a cos: torch's takes a tensor,"),
        (FORMULA, "2 * speed * sin(speed)", "torch and math both have a sin: torch's takes"),
        (FORMULA, "pi * speed", "pi is a name in several modules: math and torch. Put"),
        (
            FORMULA,
            "relu(speed)",
            "relu is a name in torch: put torch and a dot in front of it.",
        ),
        (
            VALUE,
            "tensor(3.0)",
            "tensor is a name in torch: put torch and a dot in front of it.",
        ),
        (FUNCTION, "float16", "float16 is a name in torch, but not that of a function."),
        (FUNCTION, "lambda t: float16(t)", "float16 is a name in torch, but not that of a fun"),
        (FUNCTION, "lambda t: t.to(float16)", "float16 is a name in a module that this chap"),
        (FUNCTION, "clone", "clone is a name in torch: put torch and a dot in front of it."),
        (FUNCTION, "Size", "Size is a name in torch, but not that of a function."),
        (FUNCTION, "lambda t: Size(t)", "Size is a name in torch: put torch and a dot in"),
        # of one that is not
        (VALUE, "pytest.approx(2)", "pytest is a module, and this chapter does not import it."),
        (VALUE, "random.random()", "random is a module, and this chapter does not import it."),
        (VALUE, "np.float32(3)", "np is what many programs call numpy. This chapter imports"),
        (VALUE, "F.relu(weight)", "F is what many programs call torch.nn.functional."),
        # words
        (VALUE, "six", "six is a word. Python writes numbers in digits."),
        (VALUE, "Twelve", "Twelve is a word. Python writes numbers in digits."),
        (VALUE, "yes", "Python knows no yes. It has two words for yes and no, both with a "),
        (VALUE, "true", "Python knows no true. It has two words"),
        (VALUE, "[true, FALSE]", "Python knows no true. It has two words"),
        (VALUE, "null", "Python knows no null. It has another word for nothing at all, with"),
        (VALUE, "none", "Python knows no none. It has another word for nothing at all, with"),
        (VALUE, "NaN", "Python has no word of its own for that number."),
        (VALUE, "-infinity", "Python has no word of its own for that number."),
        # other libraries
        (VALUE, "tape.gradient(weight)", "tape is at home in TensorFlow. PyTorch has another"),
        (VALUE, "stop_gradient(weight)", "stop_gradient is at home in TensorFlow and JAX."),
        (VALUE, "array([2.0])", "array is at home in NumPy."),
        # a part of something
        (VALUE, "grad", "grad is no name by itself: in this koan it stands behind a dot. And"),
        (VALUE, "2 * requires_grad", "requires_grad is no name by itself: in this koan it"),
        (FORMULA, "requires_grad", "requires_grad is the name of an argument in this koan."),
        # text
        (WORDS, "ab", "ab is a text in this koan, in quotes. It needs them here, too."),
        (WORDS, "[ab, cd]", "ab is a text in this koan, in quotes. It needs them here, too."),
        (WORDS, "xy", "Python takes xy for the name of something, and there is nothing of"),
        (VALUE, "ZeroError", "There is nothing of the name ZeroError"),
        # whatever else
        (VALUE, "qwertz", "There is nothing of the name qwertz, neither in the koan nor in"),
    ],
)
def test_a_name(koans: dict[str, Koan], name: str, fill: str, said: str) -> None:
    """What it is likely to mean, and nothing else."""
    text = told(koans[name], fill)
    assert text.startswith(said)


@pytest.mark.parametrize(
    ("name", "fill", "number", "hidden"),
    [
        (VALUE, "bais", 0, "bias"),
        (FORMULA, "erf(speed)", 0, "torch.erf"),
        (TYPE, "float32", 0, "torch.float32"),
        (TYPE, "Zerodivisionerror", 1, "ZeroDivisionError"),
        (TYPE, "keyerror", 1, "KeyError"),
    ],
)
def test_no_name_leads_to_a_listed_fill(
    koans: dict[str, Koan], name: str, fill: str, number: int, hidden: str
) -> None:
    """What the koan foresaw and what it asks for are not named."""
    text = told(koans[name], fill, number)
    assert hidden not in text
    assert text != "That does not hold here."


@pytest.mark.parametrize("fill", ["mine", "2 * mine"])
def test_a_name_of_an_added_line(course: Course, fill: str) -> None:
    """A name that the learner's file has is not said to be unknown."""
    course.edit("    assert 2 * x ==", "    mine = 5\n    assert 2 * x ==")
    course.fill(fill)
    assert "mine comes from a line that you added." in course.screen()
