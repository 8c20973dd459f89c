"""Troubles: what is said of each, and how it is mended."""

from __future__ import annotations

import pytest

from sensei.koan.trouble import Mending, Problem, Trouble


@pytest.mark.parametrize("what", Trouble)
def test_its_sentence_is_whole(what: Trouble) -> None:
    """It asks for nothing but what a problem can tell."""
    told = Problem(what, 7, "a detail").told("koans/test_01_a.py", "test_b")
    assert told
    assert "{" not in told


@pytest.mark.parametrize("what", [each for each in Trouble if each.value.mending.command])
def test_a_command_is_announced(what: Trouble) -> None:
    """A sentence that a command follows ends in a colon."""
    assert Problem(what, detail="torch").told("koans/test_01_a.py", "test_b").endswith(":")


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (Problem(Trouble.ENDLESS, detail="5"), "It did not come to an end in 5 s."),
        (
            Problem(Trouble.ENDLESS, 3, "5"),
            "It did not come to an end in 5 s. The line marked > is where it was.",
        ),
        (
            Problem(Trouble.OUT_OF_MEMORY, detail="2 GB"),
            "It took more memory than a koan may: 2 GB.",
        ),
        (
            Problem(Trouble.DIED, detail="exit status 3"),
            "It ended the process that it ran in: exit status 3.",
        ),
        (
            Problem(Trouble.SYNTAX, 4, "invalid syntax. Maybe you meant '==' instead of '='?"),
            "Line 4 is not Python yet: invalid syntax.",
        ),
        (
            Problem(Trouble.SLIP, 4, "The ( is never closed."),
            "Line 4 is not Python yet. The ( is never closed.",
        ),
    ],
)
def test_what_is_told(problem: Problem, told: str) -> None:
    """The line and the detail add what they can."""
    assert problem.told("koans/test_01_a.py", "test_b") == told


def test_a_command_is_shown_instead_of_text() -> None:
    """There is one thing to write below a sentence."""
    problem = Problem(Trouble.NO_FILE, missing="x = 1")
    assert problem.mending is Mending.WRITE_AGAIN
    assert problem.to_write == "python -m sensei blank"
