"""Follows a watched run: says how far it is, and spares it the koans known to hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator

import pytest

from sensei.judge.judge import Progress, State, Verdict, broken
from sensei.koan.path import Chapter, Problem
from sensei.run import trial
from sensei.screen import voice
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

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Give the verdicts that are known, and follow those that are found out.

        At the end of the path nothing is taken on trust: there, everything runs once more.
        """
        walk = session.config.pluginmanager.get_plugin("sensei-walk")
        if not isinstance(walk, Walk):
            return (yield)
        walk.begins.append(self._begins)
        walk.ends.append(self._ends)
        for item in walk.koans:
            if problem := self._stopped.get(item.koan.nodeid):
                item.verdict = broken(item.koan, problem)
            elif self._as_it_stands(item) in self._held:
                item.verdict = Verdict(item.koan, State.SOLVED)
                self._spared = True
        done = yield
        if not self._spared or any(it.verdict.state is not State.SOLVED for it in walk.koans):
            return done
        self._spared = False
        self._held = frozenset()
        for item in walk.koans:
            item.verdict = Verdict(item.koan)
        again: object = session.config.hook.pytest_runtestloop(session=session)
        return again

    def _begins(self, item: KoanItem) -> None:
        # A koan is run several times, and each of them may take its time.
        trial.begins[:] = [lambda: self._tell(Begun(item.koan.nodeid))]

    def _ends(self, item: KoanItem) -> None:
        if item.verdict.state is State.SOLVED:
            self._tell(self._as_it_stands(item))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Remember where the learner is."""
        walk = session.config.pluginmanager.get_plugin("sensei-walk")
        if isinstance(walk, Walk) and walk.koans:
            progress = Progress([item.verdict for item in walk.koans])
            current = progress.current
            nodeid = current.koan.nodeid if current else None
            self.place = Place(nodeid, voice.whereabouts(progress))

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
