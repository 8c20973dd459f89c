"""docs/material.md speaks of koans that there are, and says of each fact where it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from sensei.koan.path import read_path

ROOT = Path(__file__).parent.parent


class Row(NamedTuple):
    """A row of a table: a fact, and what is said of it."""

    fact: str
    koans: str
    how: str
    documentation: str


def rows() -> list[Row]:
    """Return the rows of all tables, without their heads."""
    text = (ROOT / "docs" / "material.md").read_text("utf-8")
    lines = re.findall(r"^\| (?!fact \|)(.+) \|$", text, re.MULTILINE)
    cells = [line.split(" | ") for line in lines]
    assert cells
    assert [line for line in cells if len(line) != len(Row._fields)] == []
    return [Row(*line) for line in cells]


def test_every_koan_named_exists() -> None:
    """A koan that was renamed or dropped must not stay behind in the table."""
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "material.md").read_text("utf-8")))
    chapters = read_path(ROOT / "koans", ROOT / "answers")
    assert named
    assert named <= {koan.name for chapter in chapters for koan in chapter.koans}


def test_every_fact_has_a_koan() -> None:
    """A row without one is not a place."""
    koans = re.compile(r"`test_\w+`(, `test_\w+`)*")
    assert [row for row in rows() if not koans.fullmatch(row.koans)] == []


def test_every_fact_is_asked_or_told() -> None:
    """A fact is asked by a blank, or told beside one, or both."""
    ways = {"asked", "told", "asked and told"}
    assert [row for row in rows() if row.how not in ways] == []


def test_every_fact_can_be_checked() -> None:
    """PyTorch's documentation has it, at a place with a name, unless it is plain calculus."""
    assert [row for row in rows() if not row.documentation.strip("- ")] == []
    assert [row for row in rows() if "http" in row.documentation] == []


def test_the_chapters_of_a_course() -> None:
    """docs/course.md calls them as they are called, and has their order."""
    text = (ROOT / "docs" / "course.md").read_text("utf-8")
    named = re.findall(r"^\| (\d+ [a-z ]+) \|", text, re.MULTILINE)
    chapters = read_path(ROOT / "koans", ROOT / "answers")
    assert named == [f"{it.number} {it.title}" for it in chapters][: len(named)] != []


def test_no_fact_stands_twice() -> None:
    """Exact repeats share a row."""
    facts = [row.fact for row in rows()]
    assert len(facts) == len(set(facts))
