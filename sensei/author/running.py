"""Koans as an author tries them: fresh, from answers/ alone, with any fills."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from sensei.judge.judge import judge_by_running
from sensei.judge.verdict import State, Verdict, judge_by_reading
from sensei.koan import source
from sensei.koan.path import Chapter, Koan, read_path
from sensei.koan.source import Part
from sensei.koan.trouble import Problem, Trouble
from sensei.run.outcome import Outcome, Trial
from sensei.run.runner import Run

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
    return dataclasses.replace(koan, answered=answered, pages=(_blanked(answered),))


def judged(koan: Koan, fills: Sequence[str], run: Run) -> Verdict:
    """Judge a fresh koan with fills in its blanks."""
    assert koan.sheet is not None
    page = source.fill(koan.sheet.pattern, fills)
    filled = dataclasses.replace(koan, pages=(page,))
    read = judge_by_reading(filled)
    return read if read.state is not State.AHEAD else judge_by_running(filled, SECONDS, run)


def once(run: Run) -> Run:
    """Return what runs a koan with some fills as it was written, and not again as a page.

    The page of a fresh koan is the same code, so that it ends in the same way. That this is so
    is proved with the answers, which are run in both ways.
    """
    first: list[Outcome] = []

    def run_once(trial: Trial) -> Outcome:
        if trial.fills is None and first:
            return first[0]._replace(line=None, column=None)
        outcome = run(trial)
        if not trial.spy and not first:
            first.append(outcome)
        return outcome

    return run_once


def as_it_is(koan: Koan, part: Part) -> Trial:
    """Return the trial of a text of a koan, blank or answered."""
    assert koan.chapter.sheet_head is not None
    return Trial(koan.chapter.sheet_head.text, part, seconds=SECONDS)
