"""The reports of a class: a table, a page, and of each learner a text and data."""

from __future__ import annotations

import csv
import functools
import io
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sensei.files import say, write_whole
from sensei.grading.grades import (
    ChapterOf,
    Grades,
    Learner,
    Mark,
    MarkedFill,
    MarkedKoan,
    Tried,
)
from sensei.grading.page import class_page
from sensei.grading.safe import cell, folders, visible
from sensei.koan import source
from sensei.screen import colours
from sensei.screen.lines import EMPTY, FULL, WIDTH, Line, shortened

SCHEMA = 1

#: What a mark is called.
IN_WORDS = {
    Mark.SOLVED: "solved",
    Mark.WRONG: "wrong",
    Mark.BLANK: "blank",
    Mark.NOT_MARKED: "not marked",
    Mark.LIMIT: "over the limit",
    Mark.CHANGED: "changed",
    Mark.MISSING: "missing",
}
_FILL_IN_WORDS = {True: "right", False: "wrong", None: "not judged"}
#: What stands in a blank that nothing was written into.
_OPEN = frozenset({source.BLANK, source.LATER})
_STYLES = {True: colours.NEWS, False: colours.WRONG, None: ""}
_FROM_WORDS = {word: mark for mark, word in IN_WORDS.items()}

PARTIAL = "Partial: marking was not done when this was written."
NO_JINJA = (
    "class.html was not written: it needs Jinja2. To have it:\n    python -m pip install jinja2"
)

_BAR = 12
#: So many lines of a fill are shown, and so much of each.
_LINES, _COLUMNS = 20, 200


def write_reports(folder: Path, grades: Grades, partial: bool = False) -> list[Path]:  # noqa: FBT001, FBT002 - it is named where it is given
    """Write all reports into a folder, each whole or not at all.

    Args:
        folder: where they belong; what stands there under their names is written over.
        grades: the class.
        partial: whether marking was not done, which each report says then.

    Returns:
        What was written.

    Raises:
        OSError: if one cannot be written.
    """
    names = folders(learner.name for learner in grades.learners)
    written = [_write(folder / "grades.csv", grades_csv(grades, partial=partial))]
    for learner, name in zip(grades.learners, names, strict=True):
        own = folder / "results" / name
        result = to_result(grades, learner, partial=partial)
        written.append(_write(own / "result.json", result))
        lines = report_lines(grades, learner, partial=partial)
        text = "".join(f"{line.text.rstrip()}\n" for line in lines)
        written.append(_write(own / "report.txt", text))
    try:
        page = class_page(grades, names, IN_WORDS, PARTIAL if partial else "")
    except ModuleNotFoundError:
        say(NO_JINJA)
    else:
        written.append(_write(folder / "class.html", page))
    return written


def _write(file: Path, data: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, data)
    return file


def grades_csv(grades: Grades, *, partial: bool = False) -> bytes:
    """Return the table: UTF-8 with a byte order mark, without which Excel reads it wrongly."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(
        [
            *("learner", "solved", "total", "points"),
            *(cell(_name(chapter)) for chapter in grades.chapters),
            *("current koan", "flags"),
        ]
    )
    for learner in grades.learners:
        flags = (*learner.flags, "partial") if partial else learner.flags
        table.writerow(
            [
                cell(learner.name),
                learner.solved,
                _total(grades),
                f"{grades.points(learner):.10g}",
                *grades.solved(learner),
                cell(learner.current),
                cell(" ".join(flags)),
            ]
        )
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def to_result(grades: Grades, learner: Learner, *, partial: bool = False) -> str:
    """Return a learner's grades as JSON for programs, which `from_result` reads."""
    facts = {
        "schema": SCHEMA,
        "path": grades.path,
        "torch": grades.torch,
        "partial": partial,
        "learner": learner.name,
        "solved": learner.solved,
        "total": _total(grades),
        "points": grades.points(learner),
        "max_points": grades.total,
        "current": learner.current or None,
        "flags": learner.flags,
        "notes": learner.notes,
        "trouble": learner.trouble,
    }
    chapters = [
        {
            "number": chapter.number,
            "title": chapter.title,
            "weight": chapter.weight,
            "solved": solved,
            "koans": chapter.koans,
        }
        for chapter, solved in zip(grades.chapters, grades.solved(learner), strict=True)
    ]
    tables = {
        "chapters": map(json.dumps, chapters),
        "koans": map(_koan_row, learner.koans),
        "tried": (json.dumps(tried._asdict()) for tried in learner.tried),
    }
    # A line for each koan: json's own indent is slow for a class.
    lines = [f' "{key}": {json.dumps(value)}' for key, value in facts.items()]
    for key, rows in tables.items():
        table = ",\n  ".join(rows)
        lines.append(f' "{key}": [\n  {table}\n ]' if table else f' "{key}": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


#: Most koans of a class are like another learner's.
@functools.lru_cache(maxsize=10_000)
def _koan_row(koan: MarkedKoan) -> str:
    return json.dumps(
        {
            "name": koan.name,
            "state": IN_WORDS[koan.mark],
            "fills": [fill._asdict() for fill in koan.fills],
            "note": koan.note,
        }
    )


def from_result(data: dict[str, Any]) -> Grades:
    """Read what `to_result` made, as a class of one learner."""
    koans = (
        MarkedKoan(
            koan["name"],
            _FROM_WORDS[koan["state"]],
            tuple(MarkedFill(**fill) for fill in koan["fills"]),
            koan["note"],
        )
        for koan in data["koans"]
    )
    learner = Learner(
        data["learner"],
        tuple(koans),
        tuple(data["notes"]),
        data["trouble"],
        tuple(Tried(**tried) for tried in data["tried"]),
    )
    chapters = [
        ChapterOf(each["number"], each["title"], tuple(each["koans"]), each["weight"])
        for each in data["chapters"]
    ]
    return Grades(data["path"], data["torch"], chapters, [learner])


def report_lines(grades: Grades, learner: Learner, *, partial: bool = False) -> list[Line]:
    """Return what one reads of a learner: where they stand, and what is said of their fills."""
    points = f", {grades.points(learner):.10g} of {grades.total:.10g} points"
    is_weighted = any(chapter.weight != 1 for chapter in grades.chapters)
    lines = [
        Line(shortened(visible(learner.name)), colours.HERE),
        Line(f"{learner.solved} of {_total(grades)} koans{points if is_weighted else ''}"),
        Line(f"marked with path {grades.path}, torch {grades.torch}", colours.DONE),
        *([Line(PARTIAL, colours.WRONG)] if partial else []),
        *(_prose(learner.trouble, 0, colours.WRONG) if learner.trouble else []),
        *(line for note in learner.notes for line in _prose(note, 0)),
        Line(),
        *_map(grades, learner),
    ]
    begun = [koan for koan in learner.koans if is_begun(koan)]
    if begun:
        lines += [Line(), Line("Open koans with a fill", colours.HERE)]
    for koan in begun:
        lines += [Line(), *koan_lines(koan)]
    if changed := [koan for koan in learner.koans if koan.note and koan not in begun]:
        lines += [Line(), Line("Changed beside the blanks", colours.HERE), Line()]
    for koan in changed:
        lines += [Line(f"  {koan.name}"), *_prose(koan.note, 6)]
    return lines


def _map(grades: Grades, learner: Learner) -> Iterator[Line]:
    """Yield a line for each chapter, and which koan is the current one."""
    longest = max((len(_name(chapter)) for chapter in grades.chapters), default=0)
    for chapter, solved in zip(grades.chapters, grades.solved(learner), strict=True):
        total = len(chapter.koans)
        full = _BAR * solved // max(total, 1)
        bar = FULL * full + EMPTY * (_BAR - full)
        is_here = not learner.trouble and learner.current in chapter.koans
        yield Line(
            f"  {_name(chapter):{longest}}  {bar}  {solved}/{total}"
            f"{f'   {learner.current}' if is_here else ''}",
            colours.HERE if is_here else "",
        )


def is_begun(koan: MarkedKoan) -> bool:
    """Whether a koan is open, and something is written into a blank of it."""
    return koan.mark is not Mark.SOLVED and any(f.text not in _OPEN for f in koan.fills)


def koan_lines(koan: MarkedKoan) -> Iterator[Line]:
    """Yield what one reads of an open koan: each fill, and what is said of it."""
    yield Line(f"  {koan.name}: {IN_WORDS[koan.mark]}")
    for fill in koan.fills:
        style = _STYLES[fill.is_right]
        lines = fill.text.splitlines() or [""]
        for line in lines[:_LINES]:
            yield Line(f"      {shortened(visible(line.expandtabs()), _COLUMNS)}", style)
        if len(lines) > _LINES:
            yield Line("      ...")
        if fill.said or fill.text not in _OPEN:
            yield from _prose(fill.said or f"({_FILL_IN_WORDS[fill.is_right]})", 10)
    if koan.note:
        yield from _prose(koan.note, 6)


def _prose(text: str, indent: int, style: str = "") -> list[Line]:
    """Return sentences in lines as wide everywhere: no terminal is asked."""
    paragraphs = (visible(" ".join(each.split())) for each in text.split("\n\n"))
    return [
        Line(" " * indent + line, style)
        for paragraph in paragraphs
        for line in textwrap.wrap(paragraph, WIDTH - indent, break_on_hyphens=False)
    ]


def _name(chapter: ChapterOf) -> str:
    return f"{chapter.number:02} {chapter.title}"


def _total(grades: Grades) -> int:
    return sum(len(chapter.koans) for chapter in grades.chapters)
