"""Where a koan stands and why: solved, blank, wrong, later or broken; and what reading tells.

A fresh path needs no more than this. What runs koans and replies to fills comes later.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sensei.koan.graft import Fill
from sensei.koan.path import Koan
from sensei.koan.trouble import Problem

if TYPE_CHECKING:
    from sensei.judge.claim import Reply
    from sensei.run.values import Error

#: What is said where nothing else is known.
NOTHING_TO_SAY = "That does not hold here."


class State(enum.Enum):
    """Where a koan stands; `AHEAD` is one that nobody looked at yet.

    `LATER` is one that the learner passes for now: only the end of the path asks for it.
    """

    SOLVED = "solved"
    BLANK = "blank"
    WRONG = "wrong"
    BROKEN = "broken"
    LATER = "later"
    AHEAD = "ahead"

    @property
    def lets_pass(self) -> bool:
        """Whether the path goes on behind such a koan."""
        return self in {State.SOLVED, State.LATER}


class FillState(enum.Enum):
    """Where one fill stands; `AHEAD` is one that waits for another one to be right."""

    RIGHT = "right"
    WRONG = "wrong"
    BLANK = "blank"
    AHEAD = "ahead"


class JudgedFill(NamedTuple):
    """A fill and where it stands; if it is wrong, with the reply.

    `holds` says that the koan holds with it, as with a fill that is no prediction.
    """

    fill: Fill
    state: FillState
    reply: Reply | None = None
    holds: bool = False


class Verdict(NamedTuple):
    """Where a koan stands and why.

    `judged` says more of a koan that does not hold; of one that does, every fill is right.
    `error` is what stopped the learner's own code, in the line `stopped_at`; `column`, from
    1, is where in a fill, if it raised by itself; `printed` is what the learner's own code
    wrote; `digest` stands for all that the verdict rests on.
    """

    koan: Koan
    state: State = State.AHEAD
    judged: tuple[JudgedFill, ...] = ()
    problem: Problem | None = None
    error: Error | None = None
    stopped_at: int | None = None
    column: int | None = None
    printed: str = ""
    digest: str = ""

    @property
    def fills(self) -> tuple[JudgedFill, ...]:
        """What stands in each blank; nothing where the koan is broken.

        Where there is no answer sheet only what is still blank can be told.
        """
        if self.state is not State.SOLVED:
            return self.judged
        return tuple(JudgedFill(fill, FillState.RIGHT) for fill in self.koan.fills)

    @property
    def line(self) -> int | None:
        """The line in the learner's file that the verdict is about."""
        if self.problem:
            return self.problem.line
        is_past = {FillState.RIGHT, FillState.AHEAD}
        open_lines = [j.fill.line for j in self.judged if j.state not in is_past]
        if open_lines:
            return open_lines[0]
        return self.stopped_at or (self.koan.page.line if self.koan.page else None)


class Progress(NamedTuple):
    """The verdicts of the selected koans, in the order of the path."""

    verdicts: Sequence[Verdict]

    @property
    def current(self) -> Verdict | None:
        """The first koan that doesn't hold yet, or None at the end of the path.

        Koans that were left for later come after all the others.
        """
        still_open = [v for v in self.verdicts if v.state is not State.SOLVED]
        return min(still_open, key=lambda v: v.state is State.LATER, default=None)

    @property
    def solved(self) -> int:
        """How many koans hold."""
        return sum(v.state is State.SOLVED for v in self.verdicts)

    @property
    def filled(self) -> int:
        """How many koans further on hold predictions that nobody looked at yet."""
        return sum(v.state is State.AHEAD and v.koan.looks_filled for v in self.verdicts)

    @property
    def later(self) -> int:
        """How many koans were left for later."""
        return sum(v.state is State.LATER for v in self.verdicts)


def judge_by_reading(koan: Koan) -> Verdict:
    """Judge a koan without running it, as far as that goes: `AHEAD` says no further."""
    if koan.problem:
        return broken(koan, koan.problem)
    fills = koan.fills
    is_later = any(fill.is_later for fill in fills)
    if is_later or (fills and all(fill.is_blank for fill in fills)):
        blank = (JudgedFill(fill, FillState.BLANK) for fill in fills)
        return Verdict(koan, State.LATER if is_later else State.BLANK, tuple(blank))
    return Verdict(koan)


def broken(koan: Koan, problem: Problem) -> Verdict:
    """Return the verdict of a koan that something beside its fills keeps from holding."""
    return Verdict(koan, State.BROKEN, problem=problem, column=problem.column)
