"""The journal of a course: what it says of each prediction, and that nothing rests on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tiny_course import CODE, Course

KEPT = ("-o", "koans_journal=true")


def journal(course: Course) -> list[dict[str, Any]]:
    """Return the lines of the journal, without what names a koan's pattern."""
    lines = (course.root / "journal.jsonl").read_text().splitlines()
    return [{k: v for k, v in json.loads(line).items() if k != "key"} for line in lines]


def line(fill: str, state: str = "wrong", **more: object) -> dict[str, object]:
    """Return what a line says of a fill in the first koan."""
    said = {"koan": "test_double", "blank": 1, "fill": fill, "state": state, "known": False}
    return {**said, "hint": 0, "answer": False, **more}


class TestKeeping:
    def test_only_where_it_is_asked_for(self, course: Course) -> None:
        """Without the setting there is no such file."""
        course.fill("5")
        course.walk()
        assert not (course.root / "journal.jsonl").exists()

    def test_from_wrong_to_right(self, course: Course) -> None:
        """A line for each prediction that is new, none for a blank or for a second run."""
        course.walk(*KEPT)
        course.fill("5")
        for _ in range(2):
            course.walk(*KEPT)
        course.walk(*KEPT, "--hint")
        course.edit("x == 5", "x == 77")
        course.walk(*KEPT, "--reveal")
        course.edit("x == 77", "x == 6")
        course.walk(*KEPT)
        assert journal(course) == [
            line("5", known=True),
            line("77", hint=1),
            line("6", "right", hint=1, answer=True),
        ]

    def test_what_was_tried_before(self, course: Course) -> None:
        """It is new again after something else."""
        course.fill("5")
        course.walk(*KEPT)
        for old, new in (("5", "7"), ("7", "5")):
            course.edit(f"x == {old}", f"x == {new}")
            course.walk(*KEPT)
        assert [each["fill"] for each in journal(course)] == ["5", "7", "5"]

    def test_several_koans_and_blanks(self, course: Course) -> None:
        """Whatever was filled in since the last run has its line, before any run, too."""
        course.fill("6", "696", "9")
        course.walk(*KEPT)
        told = [(it["koan"], it["blank"], it["state"]) for it in journal(course)]
        assert told == [
            ("test_double", 1, "right"),
            ("test_double_and_half", 1, "right"),
            ("test_double_and_half", 2, "wrong"),
        ]

    def test_nothing_that_lies_ahead(self, course: Course) -> None:
        """What nobody looked at is no prediction yet."""
        course.fill("x.zero()", name=CODE)
        course.walk(*KEPT)
        assert not (course.root / "journal.jsonl").exists()


class TestTheFile:
    def test_damage(self, course: Course) -> None:
        """What is no line of its own stays, and the next one begins anew."""
        file = course.root / "journal.jsonl"
        file.write_bytes(b'[1]\n\xff\x00 {"koan": "te')
        course.fill("5")
        course.walk(*KEPT)
        *damaged, last = file.read_bytes().splitlines()
        assert damaged == [b"[1]", b'\xff\x00 {"koan": "te']
        assert json.loads(last)["fill"] == "5"

    def test_deleted(self, course: Course) -> None:
        """What was solved before is not told again."""
        course.fill("6")
        course.walk(*KEPT)
        (course.root / "journal.jsonl").unlink()
        course.walk(*KEPT)
        assert not (course.root / "journal.jsonl").exists()

    def test_that_cannot_be_written(self, course: Course) -> None:
        """One line says so, and all else is as it was."""
        (course.root / "journal.jsonl").mkdir()
        course.fill("5")
        shown = course.screen(*KEPT)
        said = "(journal.jsonl could not be written: it is a folder. Give it another name.)"
        assert f"\n  {said}\n" in shown
        assert "That is 2 more, not twice as much." in shown

    def test_a_bad_setting(self, course: Course) -> None:
        """What belongs there is said."""
        result = course.walk("-o", "koans_journal=perhaps")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "koans_journal: true or false belongs here" in str(result.stderr)
