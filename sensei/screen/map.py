"""How far a learner is: the place on the path in a few lines, and the map with every koan."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sensei.judge.verdict import Progress, State, Verdict
from sensei.koan.path import Chapter
from sensei.koan.trouble import Trouble
from sensei.options import MAP_ALL, MAP_HERE
from sensei.screen import colours
from sensei.screen.lines import EMPTY, FULL, Line, shortened, width, wrapped

_BAR = 12
_YOU_ARE_HERE = "   <- you are here"

_Group = tuple[Chapter, list[Verdict]]


def progress_so_far(progress: Progress, *, brief: bool = False) -> list[Line]:
    """Return the count of koans that hold, and where on the path the learner is.

    Args:
        progress: where each koan stands.
        brief: whether there is only room for the chapter that the learner is in.
    """
    chapters = _by_chapter(progress)
    place = _place(progress, chapters)
    said, room = _counts(progress, chapters), width() - 18
    counts = ", ".join(said)
    head = f"  Autograd koans{counts:>{room}}" if len(counts) < room else f"  {counts}"
    told = ["Autograd koans", f"{said[0]} koans hold", *said[1:]]
    words = "\n".join(f"{_begun(each)}." for each in told)
    lines = [Line(head, colours.HERE, words=words)]
    bar = _bar(*chapters[place])
    if len(bar + _YOU_ARE_HERE) <= width():
        bar += _YOU_ARE_HERE
    here = [Line(bar, words=f"You are in {_in_words(*chapters[place])}")]
    here = here if progress.current else []
    if brief and here:
        return lines + here
    passed = [
        group
        for number, group in enumerate(chapters)
        if (number != place or not here) and all(v.state.lets_pass for v in group[1])
    ]
    following = [group for group in chapters[place + 1 :] if group not in passed][:1]
    return [
        *lines,
        Line(),
        *([_together(passed)] if passed else []),
        *here,
        *(_next_chapter(chapter) for chapter, _ in following),
    ]


def _next_chapter(chapter: Chapter) -> Line:
    words = f"The next chapter: {chapter.number}, {chapter.title}."
    return Line(shortened(f"  {_name(chapter)}"), words=words)


def _counts(progress: Progress, chapters: Sequence[_Group]) -> list[str]:
    said = [f"{progress.solved} of {len(progress.verdicts)}"]
    if progress.filled:
        said.append(f"{progress.filled} filled further on")
    if progress.later:
        said.append(f"{progress.later} for later")
    if len(chapters) > 1:
        here, last = chapters[_place(progress, chapters)][0], chapters[-1][0]
        said.append(f"chapter {here.number} of {last.number}")
    return said


def _place(progress: Progress, chapters: Sequence[_Group]) -> int:
    """Return which of the chapters the learner is in; at the end that is the last one."""
    if progress.current is None:
        return len(chapters) - 1
    return [chapter for chapter, _ in chapters].index(progress.current.koan.chapter)


def _together(passed: Sequence[_Group]) -> Line:
    """Return the line of the chapters that are behind the learner."""
    verdicts = [verdict for _, verdicts in passed for verdict in verdicts]
    solved = sum(v.state is State.SOLVED for v in verdicts)
    is_done = solved == len(verdicts)
    count = f"{solved}" if is_done else f"{solved} of {len(verdicts)}"
    return Line(
        f"  chapter{'s' * (len(passed) > 1)} {_ranges([it.number for it, _ in passed])} "
        f"{'done' if is_done else 'passed'}, {count} koan{'s' * (len(verdicts) > 1)}",
        colours.DONE,
    )


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers in words: 1-3, 5."""
    runs = itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ends = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{run[0]}-{run[-1]}" if run[1:] else f"{run[0]}" for run in ends)


def path_map(progress: Progress, number: int, *, watched: bool) -> list[Line]:
    """Return where every koan stands.

    Args:
        progress: where each koan stands.
        number: the chapter whose koans are wanted; `MAP_ALL` for those of all, `MAP_HERE` for a
            line for each chapter and the koans of that one where the learner is.
        watched: whether a key asks for it.
    """
    chapters = _by_chapter(progress)
    widest = max(len(chapter.title) for chapter, _ in chapters)
    here = chapters[_place(progress, chapters)][0]
    lines: list[Line] = []
    for chapter, verdicts in chapters:
        is_open = number in {MAP_ALL, chapter.number} or (
            number == MAP_HERE and chapter == here
        )
        if is_open:
            bar, words = _bar(chapter, verdicts, widest), _in_words(chapter, verdicts)
            lines += [Line(), Line(bar, colours.HERE, words=_begun(words)), Line()]
            lines += [_koan(verdict, progress) for verdict in verdicts]
        elif number == MAP_HERE:
            blank = [Line()] if not lines or lines[-1].text.startswith("      ") else []
            is_done = all(v.state is State.SOLVED for v in verdicts)
            bar, words = _bar(chapter, verdicts, widest), _in_words(chapter, verdicts)
            line = Line(bar, colours.DONE if is_done else "", words=_begun(words))
            lines += [*blank, line]
    ask = "m" if watched else "pytest --map"
    if number == MAP_HERE and len(chapters) > 1:
        other = next(it.number for it, _ in [*chapters[1:], *chapters] if it != here)
        lines += [
            Line(),
            Line(f"  Another chapter: {ask} {other}. All chapters: {ask} all", colours.NEXT),
        ]
    none = f"  There is no chapter {number} here. All of them: {ask}"
    return lines or [Line(), Line(none)]


def beside(names: Sequence[str]) -> list[Line]:
    """Return what is in koans/ and not on the path."""
    if not names:
        return []
    return [
        Line(),
        *wrapped(f"In koans/, but not on the path: {', '.join(names)}", 2),
        *wrapped(f"By its name pytest runs it: pytest koans/{names[0]}", 2),
    ]


def _koan(verdict: Verdict, progress: Progress) -> Line:
    state = verdict.state.value
    if verdict.state is State.AHEAD:
        state = "filled" if verdict.koan.looks_filled else ""
    if verdict.problem and verdict.problem.what is Trouble.CONFLICT:
        state = "conflict"
    here = _YOU_ARE_HERE if verdict is progress.current else ""
    style = colours.DONE if verdict.state is State.SOLVED else ""
    words = f"{verdict.koan.name}: {state or 'ahead'}{', you are here' if here else ''}"
    return Line(f"      {state:7} {verdict.koan.name}{here}", style, words=words)


def _by_chapter(progress: Progress) -> list[_Group]:
    groups = itertools.groupby(progress.verdicts, lambda verdict: verdict.koan.chapter)
    return [(chapter, list(verdicts)) for chapter, verdicts in groups]


def _bar(chapter: Chapter, verdicts: Sequence[Verdict], widest: int = 0) -> str:
    solved = sum(v.state is State.SOLVED for v in verdicts)
    full = _BAR * solved // len(verdicts)
    bar = FULL * full + EMPTY * (_BAR - full)
    return f"  {_name(chapter):{widest + 3}}  {bar} {solved:>3}/{len(verdicts)}"


def _in_words(chapter: Chapter, verdicts: Sequence[Verdict]) -> str:
    solved = sum(v.state is State.SOLVED for v in verdicts)
    hold = f"{solved} of {len(verdicts)} koans hold."
    return f"chapter {chapter.number}, {chapter.title}: {hold}"


def _begun(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _name(chapter: Chapter) -> str:
    return f"{chapter.number:02} {chapter.title}"
