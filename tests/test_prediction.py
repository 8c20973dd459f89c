"""What counts as a prediction of a value, and what only has the koan compute it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensei.judge.prediction import computes
from sensei.koan.graft import read_fill
from sensei.koan.path import Sheet, read_path
from tests.tiny_course import DOUBLING, Course

CHAPTER = """import math

import pytest
import torch

from sensei import __

HELP = 2.0


def helper(v):
    return v


def test_it():
    \"""What is it?\"""
    x = torch.tensor(3.0)
    values = [v for v in (1.0, 2.0)]
    with pytest.raises(Exception) as caught:
        x.nothing
    {line}
"""


def sheet(folder: Path, line: str) -> Sheet:
    """Return a koan that ends with a line in which a marker stands."""
    notes = 'wrong={"0": "No."}, hints=["a", "b"], why="w"'
    text = CHAPTER.format(line=line.replace("MARK", notes))
    (folder / "test_01_it.py").write_text(text)
    found = read_path(folder, folder)[0].koans[0].sheet
    assert found is not None
    return found


VALUE = "assert 2 * x == __(6.0, MARK)"


@pytest.mark.parametrize(
    ("line", "fill", "expected"),
    [
        # written out, or made of nothing that the koan has
        (VALUE, "6", False),
        (VALUE, "2 * 3.0", False),
        (VALUE, "torch.tensor(6.0)", False),
        (VALUE, "math.sqrt(36)", False),
        (VALUE, "float('nan')", False),
        (VALUE, "sum(v for v in [2.0, 4.0])", False),
        (VALUE, "(lambda x: 2 * x)(3)", False),
        (VALUE, "nowhere", False),
        # computed from what the koan has
        (VALUE, "2 * x", True),
        (VALUE, "x.item() + 3", True),
        (VALUE, "sum(values) * 2", True),
        (VALUE, "[v * x for v in [2.0]][0]", True),
        (VALUE, "HELP * 3", True),
        (VALUE, "helper(6.0)", True),
        (VALUE, "locals()['x'] * 2", True),
        (VALUE, "eval('2 * x')", True),
        # names of types and dtypes are predicted, too
        ("assert caught.type is __(AttributeError, MARK)", "caught.type", True),
        ("assert caught.type is __(AttributeError, MARK)", "RuntimeError", False),
        ("assert x.dtype is __(torch.float32, MARK)", "x.dtype", True),
        ("assert x.dtype is __(torch.float32, MARK)", "torch.float64", False),
        ("assert [x.dtype] == __([torch.float32], MARK)", "[x.dtype]", True),
        # where code is asked for, it may use all there is
        ("assert 6 == __(2 * x, MARK)", "x + x", False),
        ("assert x is __(x, MARK)", "x", False),
        ("__(x.zero_(), MARK)", "x.add_(1)", False),
    ],
)
def test_what_computes(tmp_path: Path, line: str, fill: str, *, expected: bool) -> None:
    """It is told from the code alone."""
    koan = sheet(tmp_path, line)
    assert computes(read_fill(fill), koan, koan.markers[0]) is expected


def of_kinds(course: Course, answer: str, asked: str) -> None:
    """Have the course ask for a value of some kind."""
    course.answer(
        DOUBLING,
        CHAPTER.replace("import math\n\n", "").format(
            line=f'assert {asked} == __({answer}, wrong={{"9": "No."}}, hints=["a", "b"], '
            'why="w")'
        ),
    )
    course.command("blank", "--replace")


@pytest.mark.parametrize(
    ("answer", "asked", "fill"),
    [
        ("1.0", "x / 3", "True"),
        ("1.0", "x / 3", "bool(1)"),
        ("False", "x.requires_grad", "0"),
        ("False", "x.requires_grad", "0.0"),
        ("[None, 0.0]", "[x.grad, 0.0 * x]", "[None, False]"),
        ("(1.0, False)", "(x / 3, False)", "(1, 0)"),
    ],
)
def test_kinds_are_told_apart(course: Course, answer: str, asked: str, fill: str) -> None:
    """To Python 1 is True and 0 is False; to who is asked whether it is so they are not."""
    of_kinds(course, answer, asked)
    course.fill(fill)
    screen = course.screen()
    assert "0 of 3" in screen
    assert "You wrote" in screen


@pytest.mark.parametrize(
    ("answer", "asked", "fill"),
    [
        ("1.0", "x / 3", "1"),
        ("False", "x.requires_grad", "(not True)"),
        ("[None, 0.0]", "[x.grad, 0.0 * x]", "[None, 0]"),
        ("[1.0, 2.0]", "values", "list(torch.tensor([1, 2]))"),
    ],
)
def test_any_writing_of_the_value_does(
    course: Course, answer: str, asked: str, fill: str
) -> None:
    """Whole numbers for floats, and what is computed without the koan."""
    of_kinds(course, answer, asked)
    course.fill(fill)
    assert "1 of 3" in course.screen()


def test_printing_is_no_prediction(course: Course) -> None:
    """What print() gives back may be what is asked for."""
    of_kinds(course, "None", "x.grad")
    course.fill("print(None)")
    screen = course.screen()
    assert "0 of 3" in screen
    assert "print() shows a value and gives back None. Write the value itself." in screen


def test_the_screen_asks_for_the_value(course: Course) -> None:
    """A fill that repeats the left side holds, and solves nothing."""
    course.fill("2 * x")
    screen = course.screen()
    assert "0 of 4" in screen
    assert "That computes it. Which value will it have?" in screen
