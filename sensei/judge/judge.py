"""Decides where one koan stands: solved, blank, wrong or broken, and each fill by itself."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple

from sensei.judge import rules
from sensei.judge.rules import Evidence, Reply
from sensei.koan.graft import Fill, graft, read_fill
from sensei.koan.path import Koan, Sheet
from sensei.koan.trouble import Problem, Trouble
from sensei.run import trial
from sensei.run.observe import Seen, observe
from sensei.run.trial import Outcome

#: What is only looked at for a better reply should not keep a learner waiting.
SECONDS_TO_OBSERVE = 1.0


class State(enum.Enum):
    """Where a koan stands; `AHEAD` is one that nobody looked at yet."""

    SOLVED = "solved"
    BLANK = "blank"
    WRONG = "wrong"
    BROKEN = "broken"
    AHEAD = "ahead"


class FillState(enum.Enum):
    """Where one fill stands."""

    RIGHT = "right"
    WRONG = "wrong"
    BLANK = "blank"


class JudgedFill(NamedTuple):
    """A fill and where it stands; if it is wrong, with the reply."""

    fill: Fill
    state: FillState
    reply: Reply | None = None


class Verdict(NamedTuple):
    """Where a koan stands and why.

    `error` is what stopped the learner's own code, in the line `stopped_at`; `column`, from
    1, is where in a fill, if it raised by itself; `fills` are empty where the koan is
    broken, and hold only what is still blank where there is no answer sheet.
    """

    koan: Koan
    state: State = State.AHEAD
    fills: tuple[JudgedFill, ...] = ()
    problem: Problem | None = None
    error: BaseException | None = None
    stopped_at: int | None = None
    column: int | None = None

    @property
    def line(self) -> int | None:
        """The line in the learner's file that the verdict is about."""
        if self.problem:
            return self.problem.line
        open_lines = [j.fill.line for j in self.fills if j.state is not FillState.RIGHT]
        if open_lines:
            return open_lines[0]
        return self.stopped_at or (self.koan.page.line if self.koan.page else None)


class Progress(NamedTuple):
    """The verdicts of the selected koans, in the order of the path."""

    verdicts: Sequence[Verdict]

    @property
    def current(self) -> Verdict | None:
        """The first koan that doesn't hold yet, or None at the end of the path."""
        return next((v for v in self.verdicts if v.state is not State.SOLVED), None)

    @property
    def solved(self) -> int:
        """How many koans hold."""
        return sum(v.state is State.SOLVED for v in self.verdicts)


def judge(koan: Koan, seconds: float) -> Verdict:
    """Read a koan, and run it where there is a prediction.

    A koan is solved when it holds as it stands in the learner's file and when the fills
    hold in the koan as it was written; so a lost assertion solves nothing, and marking
    the fills alone comes to the same.

    Args:
        koan: the koan.
        seconds: how long each run may take.
    """
    if koan.problem:
        return broken(koan, koan.problem)
    fills = koan.fills
    if fills and all(fill.is_blank for fill in fills):
        blank = (JudgedFill(fill, FillState.BLANK) for fill in fills)
        return Verdict(koan, State.BLANK, tuple(blank))
    try:
        own = _run_own(koan, seconds)
        if koan.sheet is None:
            return _judge_without_answers(koan, own)
        verdict = _judge_fills(koan, koan.sheet, seconds)
    except _EndlessError as endless:
        return broken(koan, Problem(Trouble.ENDLESS, endless.line, f"{seconds:g}"))
    if verdict.state is State.SOLVED and own.error is not None and not koan.swallows_the_next:
        detail = rules.in_words(own.error)
        return broken(koan, Problem(Trouble.RAISED, own.line, detail), own.error)
    if verdict.state is State.WRONG and own.error is None:
        verdict = verdict._replace(fills=tuple(map(_needs_added_lines, verdict.fills)))
    return verdict._replace(error=own.error, column=_column(koan, verdict, own))


def _column(koan: Koan, verdict: Verdict, own: Outcome) -> int | None:
    """Return where in the line that is shown a fill raised by itself, if one did."""
    if own.line is None or own.column is None or own.line != verdict.line:
        return None
    here = (own.line, own.column)
    if not any(fill.start <= here < fill.end for fill in koan.fills):
        return None
    assert koan.page is not None
    line = koan.page.text.splitlines()[own.line - koan.page.line]
    return len(line.encode()[: own.column].decode()) + 1


def _needs_added_lines(judged: JudgedFill) -> JudgedFill:
    if judged.reply is None or judged.reply.known:
        return judged
    return judged._replace(reply=rules.ONLY_WITH_ADDED_LINES)


def broken(koan: Koan, problem: Problem, error: BaseException | None = None) -> Verdict:
    """Return the verdict of a koan that something beside its fills keeps from holding."""
    return Verdict(koan, State.BROKEN, problem=problem, error=error, column=problem.column)


class _EndlessError(Exception):
    """A run had no end; says in which line of the learner's file, if that is known."""

    def __init__(self, line: int | None) -> None:
        super().__init__(line)
        self.line = line


def _judge_without_answers(koan: Koan, own: Outcome) -> Verdict:
    if own.error is None:
        return Verdict(koan, State.SOLVED)
    if isinstance(own.error, AssertionError):
        return Verdict(koan, State.WRONG, error=own.error, stopped_at=own.line)
    # Its message may hold what should be predicted, and nobody knows what that is.
    return broken(koan, Problem(Trouble.STOPPED, own.line, type(own.error).__name__), own.error)


def _judge_fills(koan: Koan, sheet: Sheet, seconds: float) -> Verdict:
    """Run the fills in the koan as it was written; where they fail, each beside the answers."""
    fills = koan.fills
    if not any(fill.is_blank for fill in fills) and _holds(sheet, fills, seconds):
        right = (JudgedFill(fill, FillState.RIGHT) for fill in fills)
        return Verdict(koan, State.SOLVED, tuple(right))
    judged = tuple(_judge_fill(sheet, fills, number, seconds) for number in range(len(fills)))
    states = {each.state for each in judged}
    if states == {FillState.RIGHT}:
        judged = tuple(JudgedFill(fill, FillState.WRONG, rules.NOT_TOGETHER) for fill in fills)
    half_done = states == {FillState.RIGHT, FillState.BLANK}
    return Verdict(koan, State.BLANK if half_done else State.WRONG, judged)


def _judge_fill(sheet: Sheet, fills: Sequence[Fill], number: int, seconds: float) -> JudgedFill:
    fill = fills[number]
    if fill.is_blank:
        return JudgedFill(fill, FillState.BLANK)
    alone = [fill if i == number else None for i in range(len(fills))]
    outcome = run_with(sheet, alone, seconds)
    if outcome.error is None:
        return JudgedFill(fill, FillState.RIGHT)
    if isinstance(outcome.error, trial.Endless):
        raise _EndlessError(fill.line)
    reply = None if fill.goes_on else rules.foreseen(fill, sheet.markers[number])
    reply = reply or _diagnose(fill, sheet, number, outcome, min(seconds, SECONDS_TO_OBSERVE))
    return JudgedFill(fill, FillState.WRONG, reply)


def _diagnose(fill: Fill, sheet: Sheet, number: int, outcome: Outcome, seconds: float) -> Reply:
    """Find out what the koan computes with a fill, with the answer and with foreseen fills."""

    def seen_with(other: Fill | None) -> Seen:
        fills = [other if n == number else None for n in range(len(sheet.markers))]
        return observe(sheet, fills, seconds)

    given, wanted = seen_with(fill), seen_with(None)
    marker = sheet.markers[number]
    # A value is compared with the foreseen ones as it is written. A line is worth nothing.
    codes = () if rules.is_plain(fill) or marker.is_line else marker.wrong
    entries = {code: seen_with(read_fill(code)).blanks[number] for code in codes}
    return rules.diagnose(fill, sheet, number, Evidence(outcome, given, wanted, entries))


def _holds(sheet: Sheet, fills: Sequence[Fill], seconds: float) -> bool:
    outcome = run_with(sheet, fills, seconds)
    if isinstance(outcome.error, trial.Endless):
        raise _EndlessError(None)
    return outcome.error is None


def _run_own(koan: Koan, seconds: float) -> Outcome:
    """Run the koan as it stands in the learner's file, with all that it prints."""
    assert koan.page is not None
    assert koan.chapter.head is not None
    parts = koan.chapter.head.tree(), koan.page.tree()
    outcome = trial.run(parts, koan.name, str(koan.chapter.page), seconds)
    if isinstance(outcome.error, trial.Endless):
        raise _EndlessError(outcome.line)
    return outcome


def run_with(sheet: Sheet, fills: Sequence[Fill | None], seconds: float) -> Outcome:
    """Run the koan as it was written, with fills in its blanks; None stands for the answer.

    The outcome's line counts in answers/; a fill stands in the line of its marker. What a
    fill prints was printed before, when the learner's own koan ran.
    """
    parts = sheet.head.tree(), graft(sheet.part, fills)
    return trial.run_quietly(parts, sheet.part.name, seconds)
