"""How far a learner is: a bar for each chapter, and the map with every koan."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sensei.judge.verdict import Progress, State, Verdict
from sensei.koan.path import Chapter
from sensei.screen.lines import WIDTH, Line

_BAR = 12
_YOU_ARE_HERE = "   <- you are here"


def progress_so_far(progress: Progress) -> list[Line]:
    """Return the count of koans that hold, and the chapters up to the current one."""
    current = progress.current
    chapters = _by_chapter(progress)
    here = current.koan.chapter if current else chapters[-1][0]
    number = next(i for i, (chapter, _) in enumerate(chapters, 1) if chapter == here)
    counts = f"{progress.solved} of {len(progress.verdicts)}"
    if progress.later:
        counts += f", {progress.later} for later"
    if len(chapters) > 1:
        counts += f", chapter {number} of {len(chapters)}"
    lines = [Line(f"  Autograd koans{counts:>{WIDTH - 18}}", "bold"), Line()]
    width = max(len(chapter.title) for chapter, _ in chapters)
    for chapter, verdicts in chapters[:number]:
        line = _chapter(chapter, verdicts, width)
        is_here = current and chapter == here
        lines.append(Line(f"{line}{_YOU_ARE_HERE}") if is_here else Line(line, "green"))
    return lines


def path_map(progress: Progress, number: int) -> list[Line]:
    """Return where every koan stands, or those of the chapter with that number; 0 is all."""
    lines: list[Line] = []
    width = max(len(verdict.koan.chapter.title) for verdict in progress.verdicts)
    for chapter, verdicts in _by_chapter(progress):
        if number not in {0, chapter.number}:
            continue
        lines += [Line(), Line(_chapter(chapter, verdicts, width), "bold"), Line()]
        for verdict in verdicts:
            here = _YOU_ARE_HERE if verdict is progress.current else ""
            state = "" if verdict.state is State.AHEAD else verdict.state.value
            text = f"      {state:7} {verdict.koan.name}{here}"
            lines.append(Line(text, "green" if verdict.state is State.SOLVED else ""))
    none = f"  There is no chapter {number} here. All of them: pytest --map"
    return lines or [Line(), Line(none)]


def _by_chapter(progress: Progress) -> list[tuple[Chapter, list[Verdict]]]:
    groups = itertools.groupby(progress.verdicts, lambda verdict: verdict.koan.chapter)
    return [(chapter, list(verdicts)) for chapter, verdicts in groups]


def _chapter(chapter: Chapter, verdicts: Sequence[Verdict], width: int) -> str:
    solved = sum(v.state is State.SOLVED for v in verdicts)
    full = _BAR * solved // len(verdicts)
    bar = "#" * full + "-" * (_BAR - full)
    return f"  {chapter.number:02} {chapter.title:{width}}  {bar} {solved:>3}/{len(verdicts)}"
