"""Follows a watched run: says how far it is, and spares it the koans known to hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator

import pytest

from sensei.judge.judge import Progress, State, Verdict, broken
from sensei.koan.path import Chapter
from sensei.koan.trouble import Problem
from sensei.run import trial
from sensei.screen.keys import whereabouts
from sensei.walk import KoanItem, Walk
from sensei.watch.orders import Begun, Held, Message, Order, Place


class Watched:
    """Follows a walk; `place` is where the learner is once it has ended."""

    __name__ = "sensei-watched"  # pytest's name for the plugin

    def __init__(self, order: Order, tell: Callable[[Message], None]) -> None:
        self.place: Place | None = None
        self._held = order.held
        self._stopped = order.stopped
        self._tell = tell
        self._spared = False
        self._digests: dict[Chapter, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Give the verdict where it is known, and say which koan runs where it is not."""
        if not isinstance(item, KoanItem):
            return None
        if problem := self._stopped.get(item.koan.nodeid):
            item.verdict = broken(item.koan, problem)
            item.session.testsfailed += 1
            return True
        if self._as_it_stands(item) in self._held:
            item.verdict = Verdict(item.koan, State.SOLVED)
            self._spared = True
            return True
        # A koan is run several times, and each of them may take its time.
        trial.begins[:] = [lambda: self._tell(Begun(item.koan.nodeid))]
        return None

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Say which koan holds."""
        if isinstance(item, KoanItem) and item.verdict.state is State.SOLVED:
            self._tell(self._as_it_stands(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Take nothing on trust at the end of the path: there, everything runs once more."""
        done = yield
        koans = [item for item in session.items if isinstance(item, KoanItem)]
        if not self._spared or any(item.verdict.state is not State.SOLVED for item in koans):
            return done
        self._spared = False
        self._held = frozenset()
        for item in koans:
            item.verdict = Verdict(item.koan)
        again: object = session.config.hook.pytest_runtestloop(session=session)
        return again

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Remember where the learner is."""
        walk = session.config.pluginmanager.get_plugin("sensei-walk")
        if isinstance(walk, Walk) and walk.koans:
            progress = Progress([item.verdict for item in walk.koans])
            current = progress.current
            nodeid = current.koan.nodeid if current else None
            self.place = Place(nodeid, whereabouts(progress))

    def _as_it_stands(self, item: KoanItem) -> Held:
        chapter = item.koan.chapter
        if chapter not in self._digests:
            self._digests[chapter] = _digest(chapter)
        return Held(item.koan.nodeid, self._digests[chapter])


def _digest(chapter: Chapter) -> str:
    """Return a digest of the texts that a chapter's koans were read from."""
    parts = chapter.page_parts, chapter.sheet_parts
    texts = repr([part for part in parts if not isinstance(part, Problem)])
    return hashlib.sha1(texts.encode(), usedforsecurity=False).hexdigest()
