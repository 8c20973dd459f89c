"""Koans as an author tries them: fresh, from answers/ alone, with any fills."""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from sensei.judge.judge import Verdict, judge
from sensei.koan import source
from sensei.koan.path import Chapter, Koan, read_path
from sensei.koan.source import Part
from sensei.koan.trouble import Problem, Trouble
from sensei.run import trial
from sensei.run.trial import Outcome

#: How long each run may take.
SECONDS = 10.0


class FreshChapter(Chapter):
    """A chapter into which nobody has written yet, whatever is in koans/."""

    @cached_property
    def page_parts(self) -> tuple[Part, list[Part]] | Problem:
        """The head and the koans as they are handed out."""
        if self.sheet_parts is None:
            return Problem(Trouble.EMPTY)
        head, answered = self.sheet_parts
        return source.split("".join(part.text for part in (head, *map(_blanked, answered))))


def _blanked(answered: Part) -> Part:
    try:
        return answered._replace(text=source.blank(answered.text))
    except (SyntaxError, ValueError):
        return answered  # the koan has no sheet, then, and that is told of it


def fresh_path(koans: Path, answers: Path) -> list[FreshChapter]:
    """Return the chapters of answers/ in order, each as it is handed out."""
    chapters = read_path(koans, answers)
    return [FreshChapter(chapter.page, chapter.sheet) for chapter in chapters if chapter.sheet]


def second_of(koan: Koan) -> Koan | None:
    """Return a fresh koan with its second set of numbers, or None where it has none.

    Raises:
        ValueError: if the numbers do not fit the koan.
    """
    assert koan.answered is not None
    answered = source.second(koan.answered)
    if answered is None:
        return None
    return dataclasses.replace(koan, answered=answered)


def judged(koan: Koan, fills: Sequence[str]) -> Verdict:
    """Judge a fresh koan with fills in its blanks."""
    assert koan.sheet is not None
    page = source.fill(koan.sheet.pattern, fills)
    with contextlib.redirect_stdout(io.StringIO()):
        return judge(dataclasses.replace(koan, pages=(page,)), SECONDS)


def run(koan: Koan, part: Part) -> Outcome:
    """Run a text of a koan as it is, blank or answered, and say how that ended."""
    assert koan.chapter.sheet_head is not None
    return trial.run_quietly((koan.chapter.sheet_head.tree(), part.tree()), koan.name, SECONDS)
