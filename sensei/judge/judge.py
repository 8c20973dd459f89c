"""Decides where one koan stands by running it, and where each fill stands by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path

from sensei.judge import rules
from sensei.judge.case import Case
from sensei.judge.closed import Probed, askers, with_found
from sensei.judge.errors import in_words
from sensei.judge.foreseen import foreseen
from sensei.judge.verdict import FillState, JudgedFill, State, Verdict, broken, judge_by_reading
from sensei.koan import source
from sensei.koan.graft import Fill
from sensei.koan.path import Koan, Sheet
from sensei.koan.trouble import Problem, Trouble
from sensei.run.observer import OBSERVER, Seen
from sensei.run.outcome import MEMORY, End, Outcome, Trial
from sensei.run.prober import PROBER
from sensei.run.runner import Run, runner

#: What is only looked at for a better reply should not keep a learner waiting.
SECONDS_TO_OBSERVE = 1.0
#: So many runs of answered koans are remembered: what they show does not change.
_OBSERVATIONS = 1024


def judge(koan: Koan, seconds: float) -> Verdict:
    """Read a koan, and run it where there is a prediction.

    A koan is solved when its fills hold in the koan as it was written, and when it holds as
    it stands in the learner's file; so a lost assertion solves nothing, and marking the
    fills alone comes to the same.

    Args:
        koan: the koan.
        seconds: how long each run may take.
    """
    if (read := judge_by_reading(koan)).state is not State.AHEAD:
        return read
    try:
        with runner.koan(with_torch=koan.uses_torch) as run:
            return judge_by_running(koan, seconds, run)
    except ModuleNotFoundError as missing:
        return broken(koan, Problem(Trouble.NOT_INSTALLED, detail=missing.name or ""))
    except ImportError as error:
        return broken(koan, Problem(Trouble.NOT_LOADED, detail=str(error)))


def judge_by_running(koan: Koan, seconds: float, run: Run) -> Verdict:
    """Judge a koan that reading leaves open.

    Raises:
        ImportError: if what koans need cannot be imported.
    """
    if koan.sheet is None:
        return _judge_without_answers(koan, run(own_trial(koan, seconds)), seconds)
    try:
        judged = judge_fills(koan.sheet, koan.fills, seconds, run)
    except StoppedError as stop:
        line = _own_line(koan, koan.sheet, stop.outcome.line)
        problem = _problem(stop.outcome, line, seconds)
        return broken(koan, problem)._replace(printed=stop.outcome.printed)
    # The learner's own text comes last: it may do to its process what it likes.
    return _with_own(koan, judged, run(own_trial(koan, seconds)), seconds)


def own_trial(koan: Koan, seconds: float) -> Trial:
    """Return the trial of a koan as it stands in the learner's file."""
    assert koan.page is not None
    assert koan.chapter.head is not None
    file = str(koan.chapter.page)
    folder = str(Path.cwd())
    head = koan.chapter.head.text
    return Trial(head, koan.page, None, file, folder, seconds, aloud=True)


def sheet_trial(sheet: Sheet, fills: Sequence[Fill | None], seconds: float) -> Trial:
    """Return the trial of a koan as it was written, with fills in its blanks.

    None stands for the answer, or for what does in its place. Lines count in answers/; a fill
    stands in the line of its marker.
    """
    answers = [
        stand_in if marker.is_closed else None
        for marker, stand_in in zip(sheet.markers, sheet.stand_ins, strict=False)
    ]
    chosen = [fill or answer for fill, answer in zip_longest(fills, answers)]
    codes = tuple(fill.code if fill else None for fill in chosen)
    return Trial(sheet.head.text, sheet.part, codes, seconds=seconds, folder=str(Path.cwd()))


# The fills by themselves.


class StoppedError(Exception):
    """A run of fills did not come to its end by itself; `outcome` says how."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def judge_fills(
    sheet: Sheet, fills: Sequence[Fill], seconds: float, run: Run
) -> tuple[JudgedFill, ...]:
    """Judge fills without a learner's file; where they fail, each beside the answers.

    Args:
        sheet: the answered koan.
        fills: what stands in each of its blanks.
        seconds: how long each run may take.
        run: runs trials.

    Raises:
        StoppedError: if a run had no end, or took its process with it.
    """
    if sheet.is_closed:
        probed = _probe(sheet, fills, seconds, run)
        if not probed.outcome.held or _is_unfilled(probed, fills):
            return _judge_in_order(probed, fills, seconds, run)
        sheet = probed.sheet
    if not any(fill.is_blank for fill in fills):
        together = _come_to_an_end(run(sheet_trial(sheet, fills, seconds)))
        # Of a single blank that is all there is to run.
        if together.held or len(fills) == 1:
            return tuple(
                _judged(_case(fill, sheet, number, together, run))
                for number, fill in enumerate(fills)
            )
    judged = tuple(_judge_fill(sheet, fills, n, seconds, run) for n in range(len(fills)))
    if {each.state for each in judged} == {FillState.RIGHT}:
        return tuple(JudgedFill(fill, FillState.WRONG, rules.NOT_TOGETHER) for fill in fills)
    return judged


def _come_to_an_end(outcome: Outcome) -> Outcome:
    if outcome.end in {End.ENDLESS, End.OUT_OF_MEMORY, End.DIED}:
        raise StoppedError(outcome)
    return outcome


def _judge_fill(
    sheet: Sheet, fills: Sequence[Fill], number: int, seconds: float, run: Run
) -> JudgedFill:
    fill = fills[number]
    if fill.is_blank:
        return JudgedFill(fill, FillState.BLANK)
    return _judged(case_of(fill, sheet, number, seconds, run))


def _judged(case: Case) -> JudgedFill:
    if not case.outcome.held:
        return JudgedFill(case.fill, FillState.WRONG, rules.reply_to(case))
    refusal = rules.refusal(case)
    state = FillState.WRONG if refusal else FillState.RIGHT
    return JudgedFill(case.fill, state, refusal, holds=True)


def case_of(fill: Fill, sheet: Sheet, number: int, seconds: float, run: Run) -> Case:
    """Run a fill beside the answers; what else there is to see is looked at when asked for.

    Args:
        fill: what stands in a blank.
        sheet: the answered koan.
        number: which of its blanks that is.
        seconds: how long the run may take.
        run: runs trials.

    Raises:
        StoppedError: if the run had no end, or took its process with it.
    """
    trial = sheet_trial(sheet, _beside_answers(sheet, number, fill), seconds)
    return _case(fill, sheet, number, _come_to_an_end(run(trial)), run)


def _case(fill: Fill, sheet: Sheet, number: int, outcome: Outcome, run: Run) -> Case:
    def look(code: Fill | None) -> Seen:
        if code is None and sheet.markers[number].is_closed:
            return Seen()
        way = run if code is fill else partial(run_once, run)
        return observed(sheet, _beside_answers(sheet, number, code), way)

    return Case(fill, sheet, number, outcome, look)


def _beside_answers(sheet: Sheet, number: int, fill: Fill | None) -> list[Fill | None]:
    return [fill if n == number else None for n in range(len(sheet.markers))]


def observed(sheet: Sheet, fills: Sequence[Fill | None], run: Run) -> Seen:
    """Return what a koan computes with fills in its blanks, None standing for the answer."""
    trial = sheet_trial(sheet, fills, SECONDS_TO_OBSERVE)._replace(spy=OBSERVER)
    found = run(trial).found
    return found if isinstance(found, Seen) else Seen()


_observed: dict[Trial, Outcome] = {}


def run_once(run: Run, trial: Trial) -> Outcome:
    """Run what is in answers/ alone once, whoever asks for it."""
    if trial not in _observed:
        while len(_observed) >= _OBSERVATIONS:
            del _observed[next(iter(_observed))]
        _observed[trial] = run(trial)
    return _observed[trial]


# Fills of a koan of which the answers are not here.


def _probe(sheet: Sheet, fills: Sequence[Fill], seconds: float, run: Run) -> Probed:
    """Run a koan with anything in the blanks that ask for what they are compared with."""
    probed = askers(sheet)
    tried = [None if number in probed else fill for number, fill in enumerate(fills)]
    trial = sheet_trial(sheet, tried, seconds)._replace(spy=PROBER)
    outcome = _come_to_an_end(run(trial))
    found = with_found(sheet, fills, outcome)
    if outcome.held and any(found.markers[number].is_closed for number in probed):
        # What differs each time, or is no plain value, is judged as it holds.
        probed = frozenset(n for n in probed if not found.markers[n].is_closed)
        tried = [None if number in probed else fill for number, fill in enumerate(fills)]
        outcome = _come_to_an_end(run(sheet_trial(found, tried, seconds)))
    return Probed(found, outcome, probed)


def _is_unfilled(probed: Probed, fills: Sequence[Fill]) -> bool:
    """Whether a blank is empty without which nothing is known of the others."""
    markers = enumerate(probed.sheet.markers)
    return any(marker.is_closed and fills[number].is_blank for number, marker in markers)


def _judge_in_order(
    probed: Probed, fills: Sequence[Fill], seconds: float, run: Run
) -> tuple[JudgedFill, ...]:
    """Judge fills as far as the koan came with them."""
    sheet, outcome = probed.sheet, probed.outcome
    cases = [_case(fill, sheet, n, outcome, run) for n, fill in enumerate(fills)]
    suspects = [c for c in cases if c.number not in probed.probed and not c.fill.is_blank]
    wrong = {c.number: reply for c in suspects if (reply := foreseen(c))}
    here = [c for c in suspects if outcome.line in c.own_lines]
    if not wrong and not outcome.held and not _is_unfilled(probed, fills):
        guilty = here or suspects
        replies = [rules.reply_to(c) if len(guilty) == 1 else rules.ONE_OF_THEM for c in guilty]
        wrong = {c.number: reply for c, reply in zip(guilty, replies, strict=True)}

    def judged(case: Case) -> JudgedFill:
        if case.fill.is_blank:
            return JudgedFill(case.fill, FillState.BLANK)
        if case.number in wrong:
            return JudgedFill(case.fill, FillState.WRONG, wrong[case.number])
        if not probed.is_passed(case.number):
            return JudgedFill(case.fill, FillState.AHEAD)
        with_fill = [
            f if n == case.number or n not in probed.probed else None
            for n, f in enumerate(fills)
        ]
        own = _come_to_an_end(run(sheet_trial(sheet, with_fill, seconds)))
        if own.line in case.own_lines:
            own_case = _case(case.fill, sheet, case.number, own, run)
            return JudgedFill(case.fill, FillState.WRONG, rules.reply_to(own_case))
        return JudgedFill(case.fill, FillState.RIGHT)

    return tuple(map(judged, cases))


# The learner's own text beside them.


def _with_own(
    koan: Koan, judged: tuple[JudgedFill, ...], own: Outcome, seconds: float
) -> Verdict:
    """Return the verdict on fills that are judged, once the learner's text has run."""
    states = {each.state for each in judged}
    if states <= {FillState.RIGHT}:
        if own.held or koan.swallows_the_next:
            return Verdict(koan, State.SOLVED, printed=own.printed)
        problem = _left_early(koan) if own.end is End.NOT_REACHED else None
        problem = problem or _problem(own, own.line, seconds)
        return broken(koan, problem)._replace(error=own.error, printed=own.printed)
    state = State.WRONG if FillState.WRONG in states else State.BLANK
    if state is State.WRONG:
        judged = tuple(_with_added_lines(koan, each, held=own.held) for each in judged)
    verdict = Verdict(koan, state, judged, error=own.error, printed=own.printed)
    return verdict._replace(column=_column(koan, verdict, own))


_NOT_REACHED = "it is left before its last line"


def _problem(outcome: Outcome, line: int | None, seconds: float) -> Problem:
    """Say what kept a koan from its end, in a line of the learner's file."""
    match outcome.end:
        case End.ENDLESS:
            return Problem(Trouble.ENDLESS, line, f"{seconds:g}")
        case End.OUT_OF_MEMORY:
            return Problem(Trouble.OUT_OF_MEMORY, line, f"{MEMORY // 2**30} GB")
        case End.DIED:
            return Problem(Trouble.DIED, line, outcome.detail)
        case End.NOT_REACHED:
            return Problem(Trouble.RAISED, line, _NOT_REACHED)
    assert outcome.error is not None
    return Problem(Trouble.RAISED, line, in_words(outcome.error))


def _left_early(koan: Koan) -> Problem | None:
    """Say which added line ends a koan before its last one, if one does."""
    assert koan.page is not None
    assert koan.sheet is not None
    own, pattern = (source.function_in(part) for part in (koan.page, koan.sheet.pattern))
    exits = [*_exits(own)]
    if len(exits) <= len([*_exits(pattern)]):
        return None
    last = exits[-1]
    word = type(last).__name__.lower().removesuffix("from")
    return Problem(Trouble.LEFT_EARLY, last.lineno, f": {word} in line {last.lineno} ends it")


def _exits(node: ast.AST) -> Iterator[ast.Return | ast.Yield | ast.YieldFrom]:
    """Yield what ends a function early or makes a generator of it, inner ones apart."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Return | ast.Yield | ast.YieldFrom):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield from _exits(child)


def _own_line(koan: Koan, sheet: Sheet, line: int | None) -> int | None:
    """Return the learner's line for one of the koan as it was written, if it is known."""
    if line is None or koan.page is None:
        return None
    for marker, fill in zip(sheet.markers, koan.fills, strict=True):
        if marker.node.lineno == line:
            return fill.line
    text = sheet.part.line_at(line).strip()
    if not text:
        return None
    own = [
        number
        for number, each in enumerate(koan.page.text.splitlines(), koan.page.line)
        if each.strip() == text
    ]
    return own[0] if len(own) == 1 else None


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


def _with_added_lines(koan: Koan, judged: JudgedFill, *, held: bool) -> JudgedFill:
    """Say so where a fill rests on lines that the learner added to the koan."""
    if judged.reply is None or judged.reply.known or judged.holds:
        return judged
    if held:
        return judged._replace(reply=rules.ONLY_WITH_ADDED_LINES)
    assert koan.page is not None
    assert koan.sheet is not None
    used, own = _names_in(judged.fill.nodes, ast.Load), _names_in(judged.fill.nodes, ast.Store)
    there, known = (
        _names_in([part.tree()], ast.Store) for part in (koan.page, koan.sheet.pattern)
    )
    unknown = judged.reply.gaps.get("name")
    if unknown in (used & there) - known - own:
        return judged._replace(reply=rules.FROM_AN_ADDED_LINE(name=unknown))
    return judged


def _names_in(nodes: Iterable[ast.AST], context: type[ast.expr_context]) -> set[str]:
    """Return the names that are read, or set, in some trees."""
    parts = (part for node in nodes for part in ast.walk(node))
    return {n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, context)}


def _judge_without_answers(koan: Koan, own: Outcome, seconds: float) -> Verdict:
    if own.held:
        return Verdict(koan, State.SOLVED, printed=own.printed)
    if own.end is End.NOT_REACHED:
        problem = Problem(Trouble.STOPPED, own.line, _NOT_REACHED)
        return broken(koan, problem)._replace(printed=own.printed)
    if own.asserted:
        return Verdict(
            koan, State.WRONG, error=own.error, stopped_at=own.line, printed=own.printed
        )
    if own.error is None:
        return broken(koan, _problem(own, own.line, seconds))
    # Its message may hold what should be predicted, and nobody knows what that is.
    problem = Problem(Trouble.STOPPED, own.line, own.error.type.name)
    return broken(koan, problem)._replace(error=own.error, printed=own.printed)
