"""`python -m sensei show`: a koan as a learner meets it, and all that may be said about it."""

from __future__ import annotations

import ast
import contextlib
import textwrap
from collections.abc import Iterator
from pathlib import Path

from sensei.author.running import fresh_path, second_of
from sensei.files import give_up, say, typed
from sensei.judge.verdict import judge_by_reading
from sensei.koan.naming import named
from sensei.koan.path import Koan, Sheet
from sensei.screen.lines import WIDTH
from sensei.screen.verdict import about


def show(name: str) -> int:
    """Show every koan that may be meant by a name.

    Returns:
        0, or 2 where there is nothing to show.
    """
    found = named(fresh_path(Path("koans"), Path("answers")), name)
    koans = [koan for it in found for koan in ([it] if isinstance(it, Koan) else it.koans)]
    if not koans:
        return give_up(f"No koan and no chapter of answers/ is called {name}.")
    for koan in dict.fromkeys(koans):
        for line in _lines(koan):
            say(line)
    return 0


def _lines(koan: Koan) -> Iterator[str]:
    if koan.sheet is None:
        yield f"  {koan.name} can't be read. Why: python -m sensei check {koan.name}"
        return
    line = koan.page.line if koan.page else 1
    yield f"  {typed(koan.chapter.page)}:{line}   {koan.name}"
    yield from _met(koan, koan.sheet)
    with contextlib.suppress(ValueError):  # it is for check to tell
        second = second_of(koan)
        if second and second.sheet:
            yield "  With its second numbers"
            yield from _met(second, second.sheet)


def _met(koan: Koan, sheet: Sheet) -> Iterator[str]:
    yield from (line.text for line in about(judge_by_reading(koan)))
    for number, marker in enumerate(sheet.markers, 1):
        yield ""
        yield f"  Wrong answers{f' in blank {number}' if len(sheet.markers) > 1 else ''}"
        for codes, reply in marker.entries:
            yield ""
            yield from (f"      {code}" for code in codes)
            yield from _wrapped(reply, "          ")
    yield ""
    yield "  Hints"
    yield ""
    for number, hint in enumerate(sheet.hints, 1):
        yield from _wrapped(f"{number}. {hint}", "      ")
    yield ""
    yield "  The answer"
    yield ""
    yield from (f"      {ast.unparse(marker.answer)}" for marker in sheet.markers)
    yield from _wrapped(sheet.why, "      ")
    yield ""
    if sheet.notes and sheet.notes.core:
        yield "  It is on the route core"
        yield ""


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
