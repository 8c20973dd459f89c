"""Everything a learner reads. Pure: it turns verdicts into lines of text."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sensei import source
from sensei.judge import Mark, Marked, State, Verdict
from sensei.path import Chapter, Koan, Problem, Trouble

WIDTH = 80
BAR = 12
#: How much of a long koan is shown above and below the line it is about.
LINES_AROUND = 12
LINES_PRINTED = 12
NAMES_SOLVED = 5


class Line(NamedTuple):
    """One line of the screen; `style` names pytest's own markup, or nothing."""

    text: str = ""
    style: str = ""


class Walk(NamedTuple):
    """One run over the selected koans, as far as it went.

    Args:
        verdicts: one for each koan, in the order of the path.
        just_solved: those that were not solved in the run before.
        printed: what the current koan wrote to standard output.
        answered: whether the answer sheet is there.
        interrupted: whether the learner stopped the run.
    """

    verdicts: Sequence[Verdict]
    just_solved: Sequence[Verdict] = ()
    printed: str = ""
    answered: bool = True
    interrupted: bool = False

    @property
    def current(self) -> Verdict | None:
        """The first koan that doesn't hold yet, or None at the end of the path."""
        return next((v for v in self.verdicts if v.state is not State.SOLVED), None)

    @property
    def solved(self) -> int:
        """How many koans hold."""
        return sum(v.state is State.SOLVED for v in self.verdicts)


def screen(walk: Walk) -> list[Line]:
    """Return the whole screen of a run."""
    if not walk.verdicts:
        return [Line(), Line("  No koan fits this selection. All of them: pytest")]
    blocks = [_progress(walk)]
    if walk.just_solved:
        blocks.append(_just_solved(walk.just_solved))
    if walk.interrupted:
        blocks.append([Line("  Stopped. Nothing is lost; you are here:")])
    if walk.current:
        blocks.append(_place(walk.current) + koan(walk.current, walk.printed))
        blocks.append(_next_step(walk.current))
    else:
        blocks.append(_end(walk))
    if not walk.answered:
        blocks.append([Line("  (answers/ is not here: a wrong prediction gets no reply.)")])
    return [line for block in blocks for line in (Line(), *block)]


# Where the learner is.


def _progress(walk: Walk) -> list[Line]:
    current = walk.current.koan.chapter if walk.current else walk.verdicts[-1].koan.chapter
    chapters = [
        (chapter, list(verdicts))
        for chapter, verdicts in itertools.groupby(walk.verdicts, lambda v: v.koan.chapter)
    ]
    number = next(i for i, (chapter, _) in enumerate(chapters, 1) if chapter == current)
    counts = f"{walk.solved} of {len(walk.verdicts)}"
    if len(chapters) > 1:
        counts += f", chapter {number} of {len(chapters)}"
    lines = [Line(f"  Autograd koans{counts:>{WIDTH - 18}}", "bold"), Line()]
    width = max(len(chapter.title) for chapter, _ in chapters)
    for chapter, verdicts in chapters[:number]:
        here = bool(walk.current) and chapter == current
        lines.append(_chapter(chapter, verdicts, width, here=here))
    return lines


def _chapter(chapter: Chapter, verdicts: Sequence[Verdict], width: int, *, here: bool) -> Line:
    solved = sum(v.state is State.SOLVED for v in verdicts)
    full = BAR * solved // len(verdicts)
    bar = "#" * full + "-" * (BAR - full)
    text = f"  {chapter.number:02} {chapter.title:{width}}  {bar} {solved:>3}/{len(verdicts)}"
    return Line(text + "   <- you are here", "") if here else Line(text, "green")


def _just_solved(verdicts: Sequence[Verdict]) -> list[Line]:
    names = [verdict.koan.name for verdict in verdicts[-NAMES_SOLVED:]]
    if len(names) < len(verdicts):
        names.insert(0, f"{len(verdicts) - len(names)} koans, and")
    said = "  solved just now: "
    lines = [
        Line(f"{said if name is names[0] else ' ' * len(said)}{name}", "green")
        for name in names
    ]
    return lines + [Line(line) for line in _wrapped(_why(verdicts[-1].koan), 6)]


def _why(koan: Koan) -> str:
    return " ".join(marker.why for marker in markers_of(koan))


def markers_of(koan: Koan) -> list[source.Marker]:
    """Return the markers of a koan; none where there is no answer sheet."""
    return source.markers_in(koan.sheet.tree()) if koan.pattern and koan.sheet else []


def _place(verdict: Verdict) -> list[Line]:
    file = f"koans/{verdict.koan.chapter.page.name}"
    place = f"  {file}:{verdict.line}" if verdict.line else f"  {file}"
    name = verdict.koan.name
    if len(place) + 3 + len(name) <= WIDTH:
        return [Line(f"{place}   {name}", "bold")]
    return [Line(place, "bold"), Line(f"  {name}", "bold")]


# The koan and what is said about it.


def koan(verdict: Verdict, printed: str = "") -> list[Line]:
    """Return the koan's question and code, and what there is to say about it."""
    lines = _question(verdict) + _code(verdict)
    if printed.strip():
        lines += [Line(), *_printed(printed)]
    comment = _comment(verdict)
    if comment and lines:
        lines.append(Line())
    return lines + comment


def _question(verdict: Verdict) -> list[Line]:
    page = verdict.koan.page
    try:
        docstring = "" if page is None or _hides_code(verdict) else source.opening(page)[0]
    except SyntaxError:
        # The lines of the koan are shown from the first, the docstring among them.
        return []
    return [Line(line) for line in _wrapped(docstring, 6)]


def _hides_code(verdict: Verdict) -> bool:
    return verdict.problem is not None and verdict.problem.what in _WITHOUT_CODE


def _code(verdict: Verdict) -> list[Line]:
    """The learner's lines, with a mark at the one that the verdict is about."""
    page, head, here = verdict.koan.page, verdict.koan.chapter.head, verdict.line
    if page is None or head is None or _hides_code(verdict):
        return []
    part = head if here and here < page.line else page
    try:
        first = source.opening(part)[1] if part is page else part.line
    except SyntaxError:
        first = part.line
    numbered = [
        (number, text)
        for number, text in enumerate(part.text.rstrip().splitlines(), part.line)
        if number >= first and (not here or abs(number - here) <= LINES_AROUND)
    ]
    indent = min(
        (len(text) - len(text.lstrip()) for _, text in numbered if text.strip()), default=0
    )
    lines = [Line()]
    for number, text in numbered:
        mark, style = (">", "bold") if number == here else (" ", "")
        lines.append(Line(f"    {mark}     {text[indent:]}".rstrip(), style))
        if number == here and verdict.problem and verdict.problem.column:
            lines.append(Line(" " * (9 + verdict.problem.column - indent) + "^"))
    return lines


def _printed(printed: str) -> list[Line]:
    lines = printed.rstrip().splitlines()
    cut = lines[-LINES_PRINTED:]
    head = (
        "It printed:"
        if len(cut) == len(lines)
        else f"It printed (the last {LINES_PRINTED} lines):"
    )
    return [Line(f"      {head}"), *(Line(f"          {line}") for line in cut)]


def _comment(verdict: Verdict) -> list[Line]:
    if verdict.problem:
        return list(_told(verdict.problem, verdict.koan))
    if verdict.state is State.BLANK and all(m.mark is Mark.BLANK for m in verdict.fills):
        return []
    if len(verdict.fills) == 1:
        return _reply(verdict.fills[0])
    if verdict.fills:
        return [
            line for number, m in enumerate(verdict.fills, 1) for line in _numbered(number, m)
        ]
    return [Line("      That is not what torch does here.")]


def _reply(marked: Marked) -> list[Line]:
    assert marked.reply is not None
    said = textwrap.dedent(marked.fill.text)
    first, *more = said.splitlines()
    wrote = [Line(f"      You wrote {first}{'' if more else '.'}", "red")]
    wrote += [Line(f"                {line}", "red") for line in more]
    return wrote + [Line(line) for line in _wrapped(marked.reply.text, 6)]


def _numbered(number: int, marked: Marked) -> Iterator[Line]:
    wrote = " ".join(marked.fill.text.split())
    if marked.mark is Mark.BLANK:
        yield Line(f"      Blank {number} is still empty.")
    elif marked.mark is Mark.RIGHT:
        yield Line(f"      Blank {number}, {wrote}: right.", "green")
    else:
        assert marked.reply is not None
        yield Line(f"      Blank {number}, {wrote}: not yet.", "red")
        yield from (Line(line) for line in _wrapped(marked.reply.text, 10))


def _next_step(verdict: Verdict) -> list[Line]:
    if verdict.state is State.BLANK:
        return [Line("  Write your prediction in place of __, save, and run pytest again.")]
    if verdict.problem:
        return [Line("  Mend it, save, and run pytest again.")]
    return [Line("  Change it, save, and run pytest again.")]


def _end(walk: Walk) -> list[Line]:
    count = len(walk.verdicts)
    said = f"All {count} koans hold." if count > 1 else "This koan holds."
    return [Line(f"  {said}", "green")]


def _wrapped(text: str, indent: int) -> Iterable[str]:
    margin = " " * indent
    for paragraph in text.split("\n\n"):
        words = " ".join(paragraph.split())
        yield from textwrap.wrap(
            words,
            WIDTH - 2,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
        )


# What can be wrong besides the fills.

_WITHOUT_CODE = {
    Trouble.NO_FILE,
    Trouble.UNREADABLE,
    Trouble.NOT_UTF8,
    Trouble.EMPTY,
    Trouble.HEAD_CHANGED,
    Trouble.GONE,
    Trouble.RENAMED,
    Trouble.TWICE,
}
_TROUBLES = {
    Trouble.NO_FILE: "{file} is not there. To have it written again:",
    Trouble.UNREADABLE: "{file} cannot be read: {detail}.",
    Trouble.NOT_UTF8: "Line {line} of {file} is not UTF-8 text: it holds {detail}. Save the "
    "file as UTF-8.",
    Trouble.EMPTY: "{file} is empty. To have it written again:",
    Trouble.SYNTAX: "Line {line} is not Python yet: {detail}.",
    Trouble.HEAD_CHANGED: "A line at the top of {file} is gone or reads otherwise. It belongs "
    "there again:",
    Trouble.GONE: "{name} is gone from {file}. It belongs there again:",
    Trouble.RENAMED: "{name} is called {detail} now, in line {line}. Give it its name back.",
    Trouble.TWICE: "{name} stands in {file} twice, in lines {detail} and {line}. Keep one of "
    "them.",
    Trouble.CHANGED: "This koan was changed beyond its blanks. A line of it is gone or reads "
    "otherwise. It belongs there again:",
    Trouble.ENDLESS: "It did not come to an end in {detail} seconds. The line marked > is "
    "where it was.",
    Trouble.RAISED: "What you predicted is right. But the line marked > stops the koan: "
    "{detail}",
}
_WRITE_AGAIN = "python -m sensei blank"
_COMMANDS = {Trouble.NO_FILE: _WRITE_AGAIN, Trouble.EMPTY: _WRITE_AGAIN}


def _told(problem: Problem, koan: Koan) -> Iterator[Line]:
    told = _TROUBLES[problem.what].format(
        file=f"koans/{koan.chapter.page.name}",
        name=koan.name,
        line=problem.line,
        detail=problem.detail,
    )
    yield from (Line(line, "red") for line in _wrapped(told, 6))
    to_write = _COMMANDS.get(problem.what, problem.missing)
    if to_write:
        yield Line()
        yield from (Line(f"          {line}".rstrip()) for line in to_write.splitlines())
