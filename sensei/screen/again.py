"""The screen of a review: how many koans hold, the current one, and when to come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sensei.judge.learned import Learned
from sensei.judge.verdict import Progress, Verdict
from sensei.screen import colours
from sensei.screen.lines import Line, width, wrapped
from sensei.screen.verdict import PATH, REVIEW
from sensei.screen.walk import Report, at_one_koan, just_solved

NOTHING = "No koan was solved on this path yet. A review asks again what was."


def review_screen(
    run: Report, learned: Sequence[Learned], day: int, following: int
) -> list[Line]:
    """Return the whole screen of a review.

    Args:
        run: the run; all koans of the review are selected.
        learned: what is known of each of them now.
        day: the day, counted as `datetime.date.toordinal` does.
        following: the next day on which any koan is to be asked again.
    """
    current = run.progress.current
    blocks = [[_counted(run.progress)]]
    if run.just_solved:
        blocks.append(just_solved(run.just_solved, watched=False))
    if run.interrupted:
        blocks.append([Line("  Stopped. Nothing is lost; you are here:")])
    blocks += (
        at_one_koan(run, current) if current else _end(run.progress, learned, day, following)
    )
    return [line for block in blocks for line in (Line(), *block)]


def nothing_to_ask(missing: str) -> list[Line]:
    """Return what is said where nothing was solved yet, or what is missing for a review."""
    told = f"{missing}: without it no koan can be asked again." if missing else NOTHING
    go_on = Line(f"  To go on with the path: {PATH}", colours.NEXT)
    return [Line(), *wrapped(told, 2), go_on]


def _counted(progress: Progress) -> Line:
    solved, total = progress.solved, len(progress.verdicts)
    count = f"{solved} of {total}"
    words = f"Asked again: {count} koans hold."
    return Line(f"  Asked again{count:>{width() - 15}}", colours.HERE, words=words)


def _end(
    progress: Progress, learned: Sequence[Learned], day: int, following: int
) -> list[list[Line]]:
    """Return what held, how, and when each koan is asked again."""
    rows = []
    for verdict, it in zip(progress.verdicts, learned, strict=True):
        rows += wrapped(f"{verdict.koan.name}: {_how(it)} Again {_when(it, day)}.", 6)
    back = f"Come back on {dt.date.fromordinal(following)}: {REVIEW}"
    return [
        [Line(f"  {_all_of(progress.verdicts)}", colours.NEWS), Line(), *rows],
        [
            Line(f"  {back}", colours.NEXT),
            Line(f"  Five more of them now: {REVIEW}", colours.NEXT),
            Line(f"  To go on with the path: {PATH}", colours.NEXT),
        ],
    ]


def _all_of(verdicts: Sequence[Verdict]) -> str:
    count = len(verdicts)
    return f"All {count} koans hold again." if count > 1 else "This koan holds again."


def _how(it: Learned) -> str:
    if it.revealed:
        return "its answer was shown."
    if it.wrong:
        return f"after {it.wrong} other {'fill' if it.wrong == 1 else 'fills'}."
    return "held at once."


def _when(it: Learned, day: int) -> str:
    days = it.due - day
    return f"in {days} days" if days > 1 else "tomorrow"
