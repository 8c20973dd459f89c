"""The screen of a run: how far the learner is, the current koan, and the next step.

Pure, as all that makes screens: verdicts become lines of text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from sensei.judge.memory import Hint
from sensei.judge.verdict import Progress, State, Verdict
from sensei.screen import colours
from sensei.screen.end import all_hold, chapter_done, opening
from sensei.screen.lines import Line, height, rows, shortened, width, wrapped
from sensei.screen.map import progress_so_far
from sensei.screen.verdict import PATH, REVIEW, about, answer, gist, heading, hints, next_step

#: So many koans that were solved just now are shown with all of their reason.
_REASONS = 3
_LINES_OF_OTHERS = 2


STILL_OPEN = "This koan is still open. You can reveal it once you get there."

ONLY_LATER = "Nothing else is open now. This was left for later:"


class Neighbour(NamedTuple):
    """Another plugin had the run of a koan skipped, or broke it; and why, as it says itself."""

    did: str
    name: str
    words: str


class Report(NamedTuple):
    """One run over the selected koans, as far as it went.

    Args:
        progress: where each of them stands.
        just_solved: those that were not solved in the run before.
        hint: the hints of the current koan that were asked for.
        offers_hint: whether the learner is stuck.
        reveal: whether the current koan's answer was asked for.
        account: pytest's own words on the difference, where it was asked for.
        answered: whether the answer sheet is there.
        missing: what is said where it is not.
        interrupted: whether the learner stopped the run.
        watched: whether saving is enough to run it again.
        whole: whether all koans were selected.
        graph: what autograd recorded in the koan that was drawn.
        neighbours: what other plugins did to koans.
        beside: files in koans/ that are called like chapters and are not on the path.
        unwritten: why the journal could not be written.
        waiting: how many koans of earlier days can be asked again, if that is said.
        hard: the names of koans of the chapter that can be asked again with other numbers.
        command: what is typed to run these koans.
    """

    progress: Progress
    just_solved: Sequence[Verdict] = ()
    hint: Hint | None = None
    offers_hint: bool = False
    reveal: bool = False
    account: str = ""
    answered: bool = True
    missing: str = "answers/ is not here"
    interrupted: bool = False
    watched: bool = False
    whole: bool = False
    graph: Sequence[str] = ()
    neighbours: Sequence[Neighbour] = ()
    beside: Sequence[str] = ()
    unwritten: str = ""
    waiting: int = 0
    hard: Sequence[str] = ()
    command: str = PATH


def screen(run: Report) -> list[Line]:
    """Return the whole screen of a run."""
    if not run.progress.verdicts:
        return [Line(), Line("  No koan fits this selection. All of them: pytest")]
    # Above the prompt, or the line of keys. Without a watch what has gone up can be read.
    room = height() - (3 if run.watched else 1)
    for lines in (_lines(run, brief=False), _lines(run, brief=True)):
        if rows(lines) <= room:
            return lines
    return _what_stays(run) if run.watched and run.progress.current else lines


def _what_stays(run: Report) -> list[Line]:
    """Return what a very small terminal shows: the koan's line, its question, the reply."""
    assert run.progress.current is not None
    lines = list(map(_in_a_line, run.just_solved)) + gist(run.progress.current)
    if run.graph:
        lines += map(Line, run.graph)
    if run.hint:
        lines += hints(run.hint, watched=True, command=PATH)
    return lines + (answer(run.progress.current, run.account) if run.reveal else [])


def _lines(run: Report, *, brief: bool) -> list[Line]:
    """Return the screen; what the learner needs next is at the bottom."""
    current = run.progress.current
    blocks = [progress_so_far(run.progress, brief=brief)]
    if run.just_solved:
        blocks.append(just_solved(run.just_solved, watched=run.watched))
        done = chapter_done(run.just_solved, run.progress)
        blocks += done
        if done and run.hard:
            blocks.append(wrapped(_to_ask_again(run.hard), 2))
    if not run.answered:
        blocks.append([Line(f"  ({run.missing}: a wrong prediction gets no reply.)")])
    if run.beside and run.whole:
        names = ", ".join(f"koans/{name}" for name in run.beside)
        blocks.append(wrapped(f"Not on the path, which has no such chapter: {names}", 2))
    if run.unwritten:
        blocks.append(wrapped(f"(journal.jsonl could not be written: {run.unwritten}.)", 2))
    if run.neighbours:
        blocks.append(_neighbours(run.neighbours))
    if run.waiting:
        told = f"({run.waiting} koans of earlier days can be asked again: {REVIEW})"
        blocks.append([Line(f"  {told}", colours.DONE)])
    blocks += _conflict_ahead(run.progress)
    if run.interrupted:
        blocks.append([Line("  Stopped. Nothing is lost; you are here:")])
    blocks += _at_a_koan(run, current) if current else _at_the_end(run)
    return [line for block in blocks for line in (Line(), *block)]


def _to_ask_again(names: Sequence[str]) -> str:
    first, others = names[0], len(names) - 1
    also = f" and {others} more" if others else ""
    it = "them" if others else "it"
    return f"{first}{also} took some guesses. To meet {it} with other numbers: {REVIEW}"


def _conflict_ahead(progress: Progress) -> list[list[Line]]:
    """What git left between two versions of a file, if the learner is not there yet."""
    current = progress.current
    chapters = {
        verdict.koan.chapter.page: verdict.koan.chapter for verdict in progress.verdicts
    }
    problems = [(it, it.conflict) for it in chapters.values() if it.conflict]
    if not problems or (current and current.problem is problems[0][1]):
        return []
    chapter, problem = problems[0]
    return [wrapped(f"{problem.told(chapter.nodeid, '')} {problem.to_write}", 2)]


def _neighbours(neighbours: Sequence[Neighbour]) -> list[Line]:
    """What other plugins did, in the words of the first of them. It changes nothing here."""
    first, others = neighbours[0], len(neighbours) - 1
    also = f" (and {others} more)" if others else ""
    words = [line for line in first.words.splitlines() if line.strip()][:_LINES_OF_OTHERS]
    return [
        *wrapped(f"Another plugin {first.did} the run of {first.name}{also}. It says:", 2),
        *(Line(shortened(f"      {line.strip()}")) for line in words),
        Line("  Where the koans stand is known all the same, and shown here."),
    ]


def graph_alone(
    verdicts: Sequence[Verdict], graph: Sequence[str], *, watched: bool
) -> list[Line]:
    """Return the graph of one koan, without the path around it."""
    drawn = [line for verdict in verdicts for line in _drawn(verdict, graph)]
    to_type = "Enter" if watched else "pytest"
    return [Line(), *drawn, Line(), Line(f"  To go on with the path: {to_type}", colours.NEXT)]


def answer_alone(verdict: Verdict, *, watched: bool) -> list[Line]:
    """Return a solved koan with its answer and reason, without the path around it."""
    shown = answer(verdict) if verdict.state is State.SOLVED else wrapped(STILL_OPEN, 6)
    to_type = "Enter" if watched else "pytest"
    go_on = Line(f"  To go on with the path: {to_type}", colours.NEXT)
    return [Line(), *heading(verdict), *about(verdict), Line(), *shown, Line(), go_on]


def _at_a_koan(run: Report, current: Verdict) -> list[list[Line]]:
    """The current koan, and what there is to do with it."""
    blocks = []
    if current.state is State.LATER:
        blocks.append([Line(f"  {ONLY_LATER}")])
    if _opens_chapter(current):
        blocks.append(opening(current.koan.chapter))
    return [*blocks, *at_one_koan(run, current)]


def at_one_koan(run: Report, current: Verdict) -> list[list[Line]]:
    """Return the current koan, what else was asked for, and the next step."""
    blocks = [heading(current) + about(current, current.printed)]
    if run.graph:
        blocks.append(list(map(Line, run.graph)))
    if run.hint:
        blocks.append(hints(run.hint, watched=run.watched, command=run.command))
    if run.reveal:
        blocks.append(answer(current, run.account))
    blocks.append(next_step(current, watched=run.watched, command=run.command))
    if run.offers_hint and not run.hint:
        to_type = "h and Enter" if run.watched else f"{run.command} --hint"
        blocks[-1].append(Line(f"  Stuck? A hint: {to_type}", colours.NEXT))
    return blocks


def _at_the_end(run: Report) -> list[list[Line]]:
    verdicts = run.progress.verdicts
    drawn = [_drawn(verdicts[-1], run.graph)] if run.graph else []
    return [*drawn, *all_hold(verdicts, whole=run.whole)]


def _drawn(verdict: Verdict, graph: Sequence[str]) -> list[Line]:
    return [*heading(verdict), Line(), *map(Line, graph)]


def _opens_chapter(verdict: Verdict) -> bool:
    first = verdict.koan.chapter.koans[0].name
    return verdict.state is State.BLANK and verdict.koan.name == first


def just_solved(verdicts: Sequence[Verdict], *, watched: bool) -> list[Line]:
    """Return every koan that was solved, with its reason; the last ones with all of it."""
    others, last = verdicts[:-_REASONS], verdicts[-_REASONS:]
    lines = [_in_a_line(verdict) for verdict in others]
    if lines:
        again = "r NAME and Enter" if watched else "pytest --reveal NAME"
        said = f"  solved just now: {len(verdicts)} koans. A reason again: {again}"
        lines.insert(0, Line(said, colours.NEWS))
    for verdict in last:
        lines.append(Line(f"  solved just now: {verdict.koan.name}", colours.NEWS))
        lines += wrapped(_reason(verdict), 6, label="Why: ")
    return lines


def _in_a_line(verdict: Verdict) -> Line:
    said = f"{verdict.koan.name}: {_reason(verdict)}".rstrip(": ")
    shown = textwrap.shorten(said, width() - 8, placeholder=" ...")
    return Line(f"      {shown}", words=said)


def _reason(verdict: Verdict) -> str:
    return " ".join(verdict.koan.sheet.why.split()) if verdict.koan.sheet else ""
