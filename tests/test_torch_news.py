"""`python -m sensei check --torch-news`: what another release of torch does otherwise."""

from __future__ import annotations

import json

import pytest

from sensei.author.torch_news import TABLE
from tests.tiny_course import CODE, Course


@pytest.fixture
def told(course: Course, capsys: pytest.CaptureFixture[str]) -> Course:
    """Give a course of which the table is written."""
    assert course.command("check", "--torch-news", "--write") == 0
    capsys.readouterr()
    return course


def test_nothing_differs_on_the_same_release(
    told: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that is seen is seen again."""
    assert told.command("check", "--torch-news") == 0
    assert "Nothing differs in 4 koans." in capsys.readouterr().out


def test_what_differs_is_told(told: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """By koan and fill: how it ended and what it was worth, then and now."""
    file = told.root / "answers" / TABLE
    table = json.loads(file.read_text())
    row = table["koans"]["test_zero_it"][1]
    row["1: x = 0"] = row["answers"]
    table["told"]["clamp at its bound"] = "7.0"
    file.write_text(json.dumps(table))
    assert told.command("check", "--torch-news") == 1
    said = capsys.readouterr().out
    assert "test_zero_it\n    1: x = 0: held" in said
    assert "Told, and not asked: clamp at its bound\n    7.0 then, " in said
    assert "test_double" not in said


def test_new_code_asks_for_a_new_row(told: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Other words of a koan don't; without a table nothing is asked for."""
    sheet = told.root / "answers" / CODE
    sheet.write_text(sheet.read_text().replace("Which line sets x", "Which line makes x"))
    told.command("blank", "--replace")
    told.command("check", "test_zero_it")
    assert "observed" not in capsys.readouterr().out
    sheet.write_text(sheet.read_text().replace("torch.tensor(5.0)", "torch.tensor(4.0)"))
    told.command("blank", "--replace")
    told.command("check", "test_zero_it")
    assert "observed: its code is not what was observed." in capsys.readouterr().out
    (told.root / "answers" / TABLE).unlink()
    told.command("check", "test_zero_it")
    assert "observed" not in capsys.readouterr().out
    assert told.command("check", "--torch-news") == 2
