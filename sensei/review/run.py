"""A review: a walk over koans that were solved before, in a file of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from sensei.files import write_whole
from sensei.judge import learned
from sensei.judge.learned import Learned
from sensei.judge.memory import Memory, all_hints
from sensei.judge.verdict import Progress
from sensei.koan.path import Chapter, Koan
from sensei.project import Project
from sensei.reading import why
from sensei.review.file import FOLDER, Again, asked_in, latest, new_file, review_text
from sensei.screen.again import nothing_to_ask, review_screen
from sensei.screen.lines import Line
from sensei.screen.verdict import REVIEW
from sensei.screen.walk import Report
from sensei.walk import MEMORY, KoanItem, Walk, keep, recalled

#: What asks for another review, also where one is open.
NEW = "new"


class Reviewed(Project):
    """A project of which the path is a review; `koans` is the folder of reviews."""

    def __init__(self, path: Project) -> None:
        super().__init__(path.root)
        self.path = path
        self.koans = path.root / FOLDER
        self.asked: list[Again] = []

    @property
    def chapters(self) -> list[Chapter]:
        """The koans of the review, each with its own chapter around it."""
        return [*self.asked]


class Review(Walk):
    """A walk over the koans of a review, which are chosen as the run begins.

    Its memory is one of its own: a koan may have other numbers here. What it tells of a koan
    of the path goes into that of the path.
    """

    memory = "sensei/review"

    def __init__(self, config: pytest.Config, project: Reviewed) -> None:
        super().__init__(config, project)
        self._reviewed = project

    def pytest_sessionstart(self) -> None:
        """Choose the koans: those of the open review, or else of a new one."""
        folder, path = self._reviewed.koans, self._reviewed.path
        koans = [koan for chapter in path.chapters for koan in chapter.koans]
        file = latest(folder)
        asked = asked_in(file, koans) if file else []
        if not asked or self.config.option.review == NEW or self._is_done(asked):
            asked = self._begun(koans)
        self._reviewed.asked = asked
        if not asked:
            # pytest wants to see what it collects, also where that is nothing.
            folder.mkdir(exist_ok=True)
            self.config.add_cleanup(lambda: _remove_if_empty(folder))

    def _is_done(self, asked: Iterable[Again]) -> bool:
        """Whether it was told of each koan that it holds."""
        solved = self._recall().solved or {}
        return all(koan.key in solved for each in asked for koan in each.koans)

    def _begun(self, koans: Sequence[Koan]) -> list[Again]:
        """Write a new review, and return what it asks.

        Raises:
            pytest.UsageError: if it cannot be written.
        """
        memory, day = recalled(self.config, MEMORY), learned.today()
        there = {koan: it for koan in koans if (it := _known(koan, memory))}
        numbers = {koan: koan.chapter.number for koan in there}
        with_numbers = [koan for koan in there if koan.has_numbers]
        chosen = learned.chosen(there, numbers, with_numbers, day)
        if not chosen:
            return []
        folder, date = self._reviewed.koans, dt.date.fromordinal(day)
        try:
            folder.mkdir(exist_ok=True)
            file = new_file(folder, date)
            write_whole(file, review_text(chosen, date))
        except OSError as error:
            raise pytest.UsageError(f"{FOLDER}/ could not be written: {why(error)}") from None
        # Koans of an earlier review, with the same numbers, are open again in this one.
        keep(self.config, self.memory, Memory.from_data({"solved": {}}))
        return [Again.of(koan, file) for koan in chosen]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take the koans in the order of the review."""
        self.koans = [item for item in session.items if isinstance(item, KoanItem)]

    def _at_the_path(self, progress: Progress) -> list[Line]:
        memory, day = self._recall(), learned.today()
        after, hint = self._learn(memory, progress)
        just_solved = memory.just_solved(progress)
        known = self._take_in([v.koan for v in just_solved], after)
        if not self._remember(memory, after) and hint and progress.current:
            hint = all_hints(progress.current)
        run = Report(
            progress,
            just_solved=just_solved,
            offers_hint=after.offers_hint(progress.current),
            hint=hint,
            reveal=self._reveals(progress.current),
            account=self.account,
            interrupted=self.interrupted,
            command=REVIEW,
        )
        of_each = [
            known.learned.get(_of_path(verdict.koan).key, Learned(day, 1))
            for verdict in progress.verdicts
        ]
        following = min((it.due for it in known.learned.values()), default=day)
        return review_screen(run, of_each, day, max(following, day + 1))

    def _take_in(self, koans: Iterable[Koan], after: Memory) -> Memory:
        """Tell the path's memory how koans did, and return it."""
        memory = recalled(self.config, MEMORY)
        known = dict(memory.learned)
        for koan in koans:
            key = _of_path(koan).key
            known[key] = known.get(key, Learned()).again(after.learned[koan.key])
        now = memory._replace(learned=known)
        if now != memory:
            keep(self.config, MEMORY, now)
        return now

    def _aside(self, progress: Progress) -> list[Line]:
        if progress.verdicts:
            return []
        path = self._reviewed.path
        is_answered = any(chapter.sheet for chapter in path.chapters)
        return nothing_to_ask("" if is_answered else path.missing)

    def _write_state(self, progress: Progress) -> None:
        """Write nothing: the state of the path is another run's."""


def _known(koan: Koan, memory: Memory) -> Learned | None:
    """Return what is known of a koan that was solved; without a memory, it looks filled."""
    if koan.sheet is None:
        return None
    if memory.solved is None:
        return Learned() if koan.looks_filled else None
    return memory.learned.get(koan.key, Learned()) if koan.key in memory.solved else None


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _of_path(koan: Koan) -> Koan:
    assert isinstance(koan.chapter, Again)
    return koan.chapter.koan
