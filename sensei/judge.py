"""Decides where one koan stands: solved, blank, wrong or broken, and each fill by itself."""

from __future__ import annotations

import contextlib
import enum
import io
from collections.abc import Sequence
from typing import NamedTuple

from sensei import diagnosis, source, trial
from sensei.diagnosis import Reply
from sensei.path import Koan, Problem, Trouble
from sensei.source import Fill


class State(str, enum.Enum):
    """Where a koan stands; `ahead` is one that nobody looked at yet."""

    SOLVED = "solved"
    BLANK = "blank"
    WRONG = "wrong"
    BROKEN = "broken"
    AHEAD = "ahead"


class Mark(str, enum.Enum):
    """Where one fill stands."""

    RIGHT = "right"
    WRONG = "wrong"
    BLANK = "blank"


class Marked(NamedTuple):
    """A fill and its mark, and where it is wrong, the reply."""

    fill: Fill
    mark: Mark
    reply: Reply | None = None


class Verdict(NamedTuple):
    """Where a koan stands and why.

    `error` is what stopped the learner's own code, in the line `stopped_at`; `fills` are
    empty where the koan is broken, and hold only what is still blank where there is no
    answer sheet.
    """

    koan: Koan
    state: State
    fills: tuple[Marked, ...] = ()
    problem: Problem | None = None
    error: BaseException | None = None
    stopped_at: int | None = None

    @property
    def line(self) -> int | None:
        """The line in the learner's file that the verdict is about."""
        if self.problem:
            return self.problem.line
        unsettled = [marked.fill.line for marked in self.fills if marked.mark is not Mark.RIGHT]
        if unsettled:
            return unsettled[0]
        return self.stopped_at or (self.koan.page.line if self.koan.page else None)


def ahead(koan: Koan) -> Verdict:
    """Return the verdict of a koan that nobody looked at yet."""
    return Verdict(koan, State.AHEAD)


def judge(koan: Koan, seconds: float) -> Verdict:
    """Read a koan, and run it where nothing is blank.

    A koan is solved when it holds as it stands in the learner's file and when the fills
    hold in the koan as it was written; so a lost assertion solves nothing, and marking
    the fills alone comes to the same.

    Args:
        koan: the koan.
        seconds: how long each run may take.
    """
    if koan.problem:
        return Verdict(koan, State.BROKEN, problem=koan.problem)
    fills = koan.fills
    if fills and all(fill.is_blank for fill in fills):
        return Verdict(koan, State.BLANK, tuple(Marked(fill, Mark.BLANK) for fill in fills))
    if any(fill.is_blank for fill in fills) or koan.runs_into_the_next:
        return _judge_fills(koan, seconds)

    own = _run_own(koan, seconds)
    if isinstance(own.error, trial.Endless):
        return _broken(koan, Trouble.ENDLESS, own, f"{seconds:g}")
    if koan.pattern is None:
        return _judge_without_answers(koan, own)
    verdict = _judge_fills(koan, seconds)
    if verdict.state is State.SOLVED and own.error is not None:
        return _broken(koan, Trouble.RAISED, own, diagnosis.in_words(own.error))
    return verdict._replace(error=own.error)


def _broken(koan: Koan, trouble: Trouble, outcome: trial.Outcome, detail: str) -> Verdict:
    problem = Problem(trouble, outcome.line, detail)
    return Verdict(koan, State.BROKEN, problem=problem, error=outcome.error)


def _judge_without_answers(koan: Koan, own: trial.Outcome) -> Verdict:
    if own.error is None:
        return Verdict(koan, State.SOLVED)
    if isinstance(own.error, AssertionError):
        return Verdict(koan, State.WRONG, error=own.error, stopped_at=own.line)
    return _broken(koan, Trouble.RAISED, own, diagnosis.in_words(own.error))


def _run_own(koan: Koan, seconds: float) -> trial.Outcome:
    """Run the koan as it stands in the learner's file."""
    assert koan.page is not None
    assert koan.chapter.head is not None
    head, page = koan.chapter.head.tree(), koan.page.tree()
    return trial.run(head, page, koan.name, str(koan.chapter.page), seconds)


def _judge_fills(koan: Koan, seconds: float) -> Verdict:
    """Run the fills in the koan as it was written; where they fail, each beside the answers."""
    assert koan.sheet is not None
    assert koan.pattern is not None
    fills = koan.fills
    if not any(fill.is_blank for fill in fills) and run_with(koan, fills, seconds).held:
        return Verdict(koan, State.SOLVED, tuple(Marked(fill, Mark.RIGHT) for fill in fills))
    marked = []
    for number, marker in enumerate(source.markers_in(koan.sheet.tree())):
        fill = fills[number]
        if fill.is_blank:
            marked.append(Marked(fill, Mark.BLANK))
            continue
        alone = [fill if i == number else None for i in range(len(fills))]
        outcome = run_with(koan, alone, seconds)
        if outcome.held:
            marked.append(Marked(fill, Mark.RIGHT))
        else:
            reply = diagnosis.diagnose(fill, marker, outcome.error, koan.pattern.text)
            marked.append(Marked(fill, Mark.WRONG, reply))
    marks = {each.mark for each in marked}
    if marks == {Mark.RIGHT}:
        marked = [Marked(fill, Mark.WRONG, diagnosis.NOT_TOGETHER) for fill in fills]
    state = State.WRONG if Mark.WRONG in marks or Mark.BLANK not in marks else State.BLANK
    return Verdict(koan, state, tuple(marked))


def run_with(koan: Koan, fills: Sequence[Fill | None], seconds: float) -> trial.Outcome:
    """Run the koan as it was written, with fills in its blanks; None stands for the answer."""
    assert koan.sheet is not None
    assert koan.chapter.sheet_head is not None
    head, grafted = koan.chapter.sheet_head.tree(), source.graft(koan.sheet, fills)
    # What a fill prints was printed before, when the learner's own koan ran.
    with contextlib.redirect_stdout(io.StringIO()):
        return trial.run(head, grafted, koan.name, str(koan.chapter.sheet), seconds)
