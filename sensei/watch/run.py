"""Follows one of the runs of a watched path."""

from __future__ import annotations

import pytest

from sensei.judge.verdict import Progress
from sensei.screen import keys
from sensei.walk import Walk


class OutdatedError(KeyboardInterrupt):
    """While a koan ran, the learner saved or typed something: that is answered instead."""


class WatchedRun:
    """A plugin of pytest's that says what one run came to.

    Args:
        runs_all: whether koans that are known to hold run again, too.
    """

    __name__ = "sensei-watched"  # pytest's name for the plugin

    def __init__(self, *, runs_all: bool = False) -> None:
        self.runs_all = runs_all
        self.is_outdated = False  # it was given up for something newer
        self.is_walk = False
        self.koan: str | None = None
        self.whereabouts: str | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Remember where the learner is."""
        walk = session.config.pluginmanager.get_plugin("sensei-walk")
        if isinstance(walk, Walk) and walk.koans:
            progress = Progress([item.verdict for item in walk.koans])
            self.is_walk = True
            self.koan = progress.current.koan.nodeid if progress.current else None
            self.whereabouts = keys.whereabouts(progress)
