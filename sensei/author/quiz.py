"""`python -m sensei quiz`: koans with other numbers on a sheet of paper, and its key."""

from __future__ import annotations

import html
import random
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template
from typing import NamedTuple

from sensei.author.running import second_of
from sensei.environment import version
from sensei.files import change, give_up, say, typed
from sensei.koan import source
from sensei.koan.path import Koan
from sensei.koan.route import RouteError, read_route
from sensei.koan.source import Part
from sensei.project import Project

#: So many koans are on a sheet, if there are as many and it has room for them.
MOST = 10
#: So many lines of type fit on it, in two columns of such a width, in letters of code, and of
#: a question.
_LINES, _COLUMNS, _LETTERS = 128, 56, 48
#: What a koan takes beside its text: its heading and the space below it.
_BETWEEN = 2

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>$title</title>
<style>
@page { size: A4; margin: 12mm }
body { font: 9.5pt/12pt sans-serif; margin: 0 auto; max-width: 186mm }
body { color: #000; background: #fff }
header { display: flex; gap: 8mm; padding-bottom: 2mm; margin-bottom: 3mm }
header { border-bottom: 0.5pt solid }
h1 { font-size: 12pt; margin: 0 }
header span { flex: 1; white-space: nowrap; overflow: hidden }
main { columns: 2; column-gap: 8mm }
section { break-inside: avoid; margin: 0 0 8pt }
h2 { font-size: 9.5pt; margin: 0; display: inline }
p { margin: 0 0 2pt }
p.asks { margin-bottom: 6pt }
pre { font: 7.6pt/10pt monospace; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
b.blank { border-bottom: 0.8pt solid; letter-spacing: 1em }
b.answer { background: #e6e6e6; font-weight: bold }
footer { font-size: 7.5pt; margin-top: 2mm }
</style>
<header><h1>$title</h1><span>$who</span></header>
<p class="asks">$asks</p>
<main>
$koans
</main>
<footer>$below</footer>
</html>
""")
_WHO = "Name: " + "_" * 30
_ASKS = "Every koan holds once its blanks are filled. What belongs in each of them?"


class _Asked(NamedTuple):
    """A koan with its second numbers, and the helpers of its chapter that it calls."""

    koan: Koan
    helpers: str

    @property
    def height(self) -> int:
        """How many lines of type it takes."""
        assert self.koan.sheet is not None
        question, code = _text(self.koan.sheet.pattern)
        lines = [*self.helpers.split("\n"), *code.split("\n")]
        rows = sum(-(-max(len(line), 1) // _COLUMNS) for line in lines)
        return _BETWEEN + -(-len(question) // _LETTERS) + rows


def quiz(route: str, seed: int) -> int:
    """Write a sheet of koans and its key into this folder.

    Args:
        route: of which chapters, as a route names them; of all, if it is empty.
        seed: chooses the koans: the same number makes the same sheet.

    Returns:
        0, or 2 where nothing was written.
    """
    project = Project(Path())
    if project.sheets.suffix or not any(chapter.sheet for chapter in project.all_chapters):
        return give_up("There are no chapters in answers/ here. Go to the project's folder.")
    try:
        path = project.along(read_route(route))
    except RouteError as error:
        return give_up(str(error))
    there = [koan for chapter in path.chapters for koan in chapter.koans if koan.has_numbers]
    if not there:
        return give_up("No koan of these chapters can be asked with other numbers.")
    asked = _chosen(there, random.Random(seed))  # noqa: S311 - it need not be safe
    of = f" of the chapters {route}" if route else ""
    title = f"Autograd koans{of}, quiz {seed}"
    below = f"Path {project.version}, torch {version('torch')}."
    sheet, key = Path(f"quiz-{seed}.html"), Path(f"quiz-{seed}-key.html")
    made = change(
        {
            sheet: _page(title, _WHO, below, (_open(n, it) for n, it in enumerate(asked, 1))),
            key: _page(f"{title}: key", "", below, map(_solved, range(1, MOST + 1), asked)),
        }
    )
    if not made.is_whole:
        return 2
    say(f"{len(asked)} koans. To print it, open {typed(sheet)} in a browser.")
    return 0


def _chosen(there: Sequence[Koan], chance: random.Random) -> list[_Asked]:
    """Return koans of as many chapters as there are, as many as fit, in their order."""
    waiting = chance.sample(there, len(there))
    found: list[_Asked] = []
    lines = 0
    while waiting and len(found) < MOST:
        seen: set[int] = set()
        for koan in list(waiting):
            if koan.chapter.number in seen or len(found) == MOST:
                continue
            seen.add(koan.chapter.number)
            waiting.remove(koan)
            second = second_of(koan)
            assert second is not None
            asked = _Asked(second, _helpers(koan))
            if lines + asked.height <= _LINES:
                lines += asked.height
                found.append(asked)
    return sorted(found, key=lambda it: there.index(_first_of(it.koan, there)))


def _first_of(koan: Koan, there: Sequence[Koan]) -> Koan:
    return next(each for each in there if each.name == koan.name)


def _helpers(koan: Koan) -> str:
    """Return the functions of a chapter's head that a koan calls."""
    head, own = koan.chapter.sheet_head, koan.answered
    if head is None or own is None:
        return ""
    return "\n\n".join(source.used_of(head, own.text)[1])


def _text(part: Part) -> tuple[str, str]:
    """Return a koan's question and its code."""
    question, first = source.opening(part)
    code = "\n".join(part.text.split("\n")[first - part.line :])
    return question, textwrap.dedent(code).strip("\n")


def _open(number: int, asked: _Asked) -> str:
    """Return a koan as it is asked."""
    assert asked.koan.sheet is not None
    question, code = _text(asked.koan.sheet.pattern)
    blank = rf"\b{source.BLANK}\b"
    shown = re.sub(blank, '<b class="blank">____</b>', html.escape(code))
    return _section(number, question, html.escape(asked.helpers), shown)


def _solved(number: int, asked: _Asked) -> str:
    """Return a koan with its answers, and why."""
    koan = asked.koan
    assert koan.answered is not None
    question, code = _text(
        koan.answered._replace(line=1, text=source.solve(koan.answered.text))
    )
    why = koan.sheet.why if koan.sheet else ""
    return _section(number, question, html.escape(asked.helpers), html.escape(code), why)


def _section(number: int, question: str, helpers: str, code: str, why: str = "") -> str:
    parts = (f"<pre>{text}</pre>" for text in (helpers, code) if text)
    told = f"<p>{html.escape(why)}</p>" if why else ""
    return (
        f"<section><p><h2>{number}</h2> {html.escape(question)}</p>{''.join(parts)}{told}"
        "</section>"
    )


def _page(title: str, who: str, below: str, koans: Iterator[str]) -> str:
    return _PAGE.substitute(
        title=html.escape(title),
        who=who,
        asks=_ASKS,
        koans="\n".join(koans),
        below=html.escape(below),
    )
