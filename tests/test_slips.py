"""What keeps a learner's line from being Python: each kind has a sentence of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sensei.koan.path import Koan, read_path
from sensei.koan.slips import slip_in

ROOT = Path(__file__).parent.parent

PATTERN = """def test_it():
    weight = torch.tensor(5.0, requires_grad=True)
    y = weight * __ + 1
    assert torch.equal(weight.grad, __)
    assert [__, y.requires_grad] == [True, __]
    assert weight.grad == __
"""

SCREEN = "That was copied from a screen."
STATEMENT = " begins a statement. An expression belongs in this blank."
SENTENCE = "Python does not read sentences:"
NOTE = " is no Python. If it is a note, a # belongs before it."
ASSIGNS = " gives a value to a name."
NOT = "The word not by itself compares nothing."
SEVERAL = "Between several values stand commas, and [ ] around them."

FILLS = [
    # a statement, an assignment
    ("return 6", f"return{STATEMENT}"),
    ("assert weight.grad == 6", f"assert{STATEMENT}"),
    ("del weight", f"del{STATEMENT}"),
    ("pass", f"pass{STATEMENT}"),
    ("weight.grad = 6", f"={ASSIGNS}"),
    ("y = 2.0", f"={ASSIGNS}"),
    ("weight.grad += 1", f"+={ASSIGNS}"),
    ("= 6", "No expression begins with =."),
    ("== 6", "No expression begins with ==."),
    ("is None", "No expression begins with is."),
    ("6 +", "Something is missing after the + at the end."),
    ("weight.", "Something is missing after the . at the end."),
    # words, a note, a screen
    ("the slope of y", SENTENCE),
    ("I don't know", SENTENCE),
    ("six I guess", SENTENCE),
    ("6.0 thrice the slope", f"What follows 6.0{NOTE}"),
    ("None because nothing ran", f"What follows None{NOTE}"),
    ("You wrote 6.0", SCREEN),
    ("> assert weight.grad == 6.0", SCREEN),
    ("Hint 1 of 2: count", SCREEN),
    ("print 6", "What print is given stands in ( )."),
    ("float 'inf'", ""),
    ("float 6.0", "What float is given stands in ( )."),
    # signs
    ("“a”", 'Python does not know the sign “. It has " for it.'),
    ("‘MulBackward0’", "Python does not know the sign ‘. It has ' for it."),  # noqa: RUF001
    ("–6", "Python does not know the sign –. It has - for it."),  # noqa: RUF001
    ("2 − 8", "Python does not know the sign −. It has - for it."),  # noqa: RUF001
    ("2 × 3", "Python does not know the sign ×. It has * for it."),  # noqa: RUF001
    ("weight²", "Python does not know the sign ². It has **2 for it."),
    ("a && b", "Python does not know the sign &&. It has the word and for it."),
    ("6 € 2", "Python does not know the sign €."),
    ("6?", "Python does not know the sign ?."),
    ("3!", "Python does not know the sign !."),
    # what is missing
    ("(6", "The ( is never closed."),
    ("[1, 2", "The [ is never closed."),
    ("torch.tensor([1, 2]", "The ( is never closed."),
    ("6)", "The ) closes nothing"),
    ("1, 2]", "The ] closes nothing"),
    ("'six", "The ' that begins a text is missing at its end."),
    ('six"', 'The " that begins a text is missing at its end.'),
    ("6.0,", "The comma at the end is too much."),
    ("[1, 2] ,", "The comma at the end is too much."),
    ("weight.grad not None", NOT),
    ("[weight.grad not None, 3]", NOT),
    ("2weight", "Between a number and weight Python needs a *."),
    ("3.0 y", "Between a number and y Python needs a *."),
    ("1 2 3", SEVERAL),
    ("[True False]", SEVERAL),
    ("1.0 -2.0 'a'", SEVERAL),
    ("lambda: 6", "What you wrote needs ( ) around it."),
    ("not y", "What you wrote needs ( ) around it."),
    # nothing that is known for sure
    ("6 if y", ""),
    ("6 / / 2", ""),
]


def told(line: str, fitting: str = PATTERN) -> str:
    """Return what is said of a line that is no Python."""
    with pytest.raises(SyntaxError):
        ast.parse(line.strip())
    lines = [each for each in fitting.splitlines() if "grad == __" not in each]
    return slip_in([*lines, line], len(lines), fitting)


@pytest.mark.parametrize(("fill", "said"), FILLS)
def test_a_slip_in_a_blank(fill: str, said: str) -> None:
    """What was written is looked at, not where Python stopped reading."""
    text = told(f"    assert weight.grad == {fill}")
    assert text.startswith(said)
    assert bool(text) == bool(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("y = weight * 2 3 + 1", SEVERAL),
        ("assert torch.equal(weight.grad, return 2)", f"return{STATEMENT}"),
        ("assert [None, y.requires_grad] == [True, y = 3]", f"={ASSIGNS}"),
        ("assert weight.grad == 6 the slope  # of 'y'", f"What follows 6{NOTE}"),
    ],
)
def test_a_slip_in_one_of_several_blanks(line: str, said: str) -> None:
    """The blank that is no Python is found, wherever it stands in its line."""
    assert told(line).startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "assert weight.grad = 6",
            "In this line == became =. It was:\n    assert weight.",
        ),
        (
            "asert weight.grad == 6",
            "In this line assert became asert. It was:\n    assert weight.",
        ),
        (
            "assert weight grad == 6",
            "In this line . is gone. It was:\n    assert weight.grad == __",
        ),
        ("assert weight.grad == == 6", "No expression begins with ==."),
        ("this is a note of mine", SENTENCE),
        ("y = 3 +", ""),
    ],
)
def test_a_slip_beside_a_blank(line: str, said: str) -> None:
    """The change is named, with the line as it was."""
    text = told(line)
    assert text.startswith(said)
    assert bool(text) == bool(said)


def test_a_blank_that_is_a_line() -> None:
    """Any statement may stand there, so none is told not to."""
    pattern = "def test_it():\n    x = torch.ones(2)\n    __\n    assert x == 1\n"
    lines = pattern.splitlines()
    for line, said in [
        ("return 6 6", ""),
        ("x.zero_(", "The ( is never closed."),
        ("set x to zero", SENTENCE),
        ("x.grad –= 3", "Python does not know the sign –."),  # noqa: RUF001
    ]:
        lines[2] = line
        assert slip_in(lines, 2, pattern).startswith(said)
        assert bool(slip_in(lines, 2, pattern)) == bool(said)


def test_the_import_of_the_blank() -> None:
    """What stands there is no prediction."""
    head = "import torch\n\nfrom sensei import __\n"
    lines = ["import torch", "", "from sensei import 6.0"]
    assert slip_in(lines, 2, head) == ""


def all_koans() -> list[Koan]:
    """Return the koans of the path."""
    chapters = read_path(ROOT / "koans", ROOT / "answers")
    return [koan for chapter in chapters for koan in chapter.koans]


def test_all_blanks() -> None:
    """Whatever koan they are made in, slips are told for what they are."""
    tried = 0
    for koan in all_koans():
        assert koan.sheet is not None
        pattern = koan.sheet.pattern.text
        lines = pattern.splitlines()
        for here, line in enumerate(lines):
            if line.count("__") != 1 or line.strip() == "__":
                continue
            for fill, said in FILLS:
                if "weight" in fill or " y" in fill:
                    continue
                broken = line.replace("__", fill)
                if _is_python("\n".join([*lines[:here], broken, *lines[here + 1 :]])):
                    continue
                told = slip_in([*lines[:here], broken, *lines[here + 1 :]], here, pattern)
                assert told.startswith(said), (broken, told)
                tried += 1
    assert tried > 1000


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
