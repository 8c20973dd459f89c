"""What a watcher and the runs that it orders tell each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sensei.koan.trouble import Problem


class Held(NamedTuple):
    """A koan held, with texts of this digest."""

    nodeid: str
    digest: str


class Order(NamedTuple):
    """What to run.

    Args:
        number: tells this run from others.
        arguments: pytest's.
        folder: where pytest is to run.
        encoding: the terminal's.
        seconds: how long one koan may take.
        held: koans that need not run again, unless all koans hold.
        stopped: koans that have ended or outstayed their process, and how.
    """

    number: int
    arguments: tuple[str, ...]
    folder: str
    encoding: str
    seconds: float
    held: frozenset[Held]
    stopped: Mapping[str, Problem]


class Begun(NamedTuple):
    """A koan begins."""

    nodeid: str


class Place(NamedTuple):
    """Where the learner is: the current koan, if there is one, and a sentence to leave with."""

    nodeid: str | None
    sentence: str


class Shown(NamedTuple):
    """A run has ended by itself, and this is its screen; no place where no koan was run."""

    screen: str
    status: int
    place: Place | None


class Died(NamedTuple):
    """A run was ended, or has ended itself."""

    problem: Problem


Message = Begun | Held | Shown | Died
