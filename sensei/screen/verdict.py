"""One koan on the screen: its name, its question and code, and what is said about it."""

from __future__ import annotations

import ast
import itertools
import textwrap
from collections.abc import Iterator, Sequence

from sensei.judge.memory import Hint
from sensei.judge.verdict import NOTHING_TO_SAY, FillState, JudgedFill, State, Verdict
from sensei.koan import source
from sensei.koan.path import Koan
from sensei.koan.source import LATER, Part
from sensei.koan.trouble import Mending, Problem
from sensei.screen import colours
from sensei.screen.colours import Piece, Span, code_spans, painted
from sensei.screen.lines import (
    Line,
    code_in_words,
    plain,
    quoted,
    room_for_code,
    shortened,
    width,
    wrapped,
)

#: What runs the koans of the path, and those of a review.
PATH, REVIEW = "pytest", "pytest --review"
#: How much of a long koan is shown above and below the line it is about.
_LINES_AROUND = 12
_LINES_PRINTED = 12
#: How a fill looks in the code once it is judged.
_FILLS = {
    FillState.BLANK: colours.BLANK_HERE,
    FillState.WRONG: colours.WRONG_HERE,
    FillState.RIGHT: colours.RIGHT_HERE,
}


#: What is said in the place of an answer.
KEPT = "This course keeps its answers: the reason is shown once the koan holds."


def heading(verdict: Verdict) -> list[Line]:
    """Return where the koan stands, and its name."""
    where, name = position(verdict), verdict.koan.name
    words = f"Koan: {name}\nPlace: {where}"
    page = verdict.koan.chapter.page
    address = page.as_uri() if page.is_absolute() else ""
    place = (Piece("  ", colours.HERE), Piece(where, colours.HERE, address))
    if len(where) + 5 + len(name) <= width():
        beside = Piece(f"   {name}", colours.HERE)
        return [Line(f"  {where}   {name}", colours.HERE, (*place, beside), words)]
    first = Line(f"  {where}", colours.HERE, place, words)
    return [first, Line(f"  {name}", colours.HERE, words="")]


def position(verdict: Verdict) -> str:
    """Return the file and the line that a learner has to look at."""
    page, file = verdict.koan.page, verdict.koan.chapter.nodeid
    line = verdict.line or (page.line if page and not _hides_code(verdict) else None)
    return f"{file}:{line}" if line else file


def about(verdict: Verdict, printed: str = "") -> list[Line]:
    """Return the koan's question and code, and what there is to say about it."""
    lines = _question(verdict) + _code(verdict)
    if printed.strip():
        lines += [Line(), *_printed(printed)]
    comment = _comment(verdict)
    if comment and lines:
        lines.append(Line())
    return lines + comment


def gist(verdict: Verdict) -> list[Line]:
    """Return as much of it as a very small terminal has room for."""
    marked = [line for line in _code(verdict) if line.text.startswith("    >")]
    return heading(verdict)[:1] + _question(verdict) + marked + _comment(verdict)


def _question(verdict: Verdict) -> list[Line]:
    if verdict.koan.page is None or _hides_code(verdict):
        return []
    return wrapped(_asked(verdict.koan, verdict.koan.page)[0], 6, label="Question: ")


def _asked(koan: Koan, page: Part) -> tuple[str, int]:
    """Return the koan's question, and the learner's line in which its code begins."""
    try:
        return source.opening(page)
    except SyntaxError:
        if koan.sheet is None:
            return "", page.line
    # No Python yet: as long as it begins as it was written, the question is known all the same.
    pattern = koan.sheet.pattern
    question, first = source.opening(pattern)
    begins = pattern.text.split("\n")[: first - 1]
    if page.text.split("\n")[: first - 1] != begins:
        return "", page.line
    return question, page.line + first - 1


def _hides_code(verdict: Verdict) -> bool:
    return verdict.problem is not None and verdict.problem.hides_code


def _code(verdict: Verdict) -> list[Line]:
    """Return the learner's lines, with a mark at the one that the verdict is about."""
    page, head, here = verdict.koan.page, verdict.koan.chapter.head, verdict.line
    if page is None or head is None or _hides_code(verdict):
        return []
    part = head if here and here < page.line else page
    first = _asked(verdict.koan, page)[1] if part is page else part.line
    near = [
        (number, text)
        for number, text in enumerate(part.text.rstrip().split("\n"), part.line)
        if number >= first and (not here or abs(number - here) <= _LINES_AROUND)
    ]
    numbered = list(itertools.dropwhile(lambda line: not line[1].strip(), near))
    code = [plain(text) for _, text in numbered if text.strip()]
    indent = min((len(text) - len(text.lstrip()) for text in code), default=0)
    shown = [plain(text)[indent:].rstrip() for _, text in numbered]
    spans = [*code_spans(shown), *_fill_spans(verdict, numbered, indent)]
    lines = [Line()]
    for (number, text), pieces in zip(numbered, painted(shown, spans), strict=True):
        lines.append(_code_line(number, pieces, is_marked=number == here))
        if number == here and verdict.column:
            before = text[: verdict.column - 1]
            words = f"It is at column {verdict.column} of that line."
            lines.append(Line(" " * (10 + len(plain(before)) - indent) + "^", words=words))
    return lines


def _code_line(number: int, pieces: Sequence[Piece], *, is_marked: bool) -> Line:
    style = colours.HERE if is_marked else ""
    margin = Piece(f"    {'>' if is_marked else ' '}     ", style)
    own = [
        Piece(text, it if it in _FILLS.values() else f"{style} {it}") for text, it, _ in pieces
    ]
    text = "".join(piece.text for piece in (margin, *own)).rstrip()
    shown = shortened(text, room_for_code())
    code = code_in_words("".join(piece.text for piece in own))
    words = f"Line {number}{', here' if is_marked else ''}: {code}" if code else ""
    return Line(shown, style, (margin, *own) if own and shown == text else (), words)


def _fill_spans(
    verdict: Verdict, numbered: Sequence[tuple[int, str]], indent: int
) -> Iterator[Span]:
    """Return where the fills stand in the lines that are shown."""
    rows = {number: (row, text) for row, (number, text) in enumerate(numbered, 1)}
    for judged in verdict.fills:
        if judged.state not in _FILLS:
            continue
        places = (judged.fill.start, judged.fill.end)
        ends = [(rows.get(line), column) for line, column in places]
        shown = [
            (there[0], len(there[1].encode()[:column].decode()) - indent)
            for there, column in ends
            if there and there[1].isprintable()  # else the columns shown are others
        ]
        if len(shown) == len(ends):
            yield Span(shown[0], shown[-1], _FILLS[judged.state])


def _printed(printed: str) -> list[Line]:
    lines = printed.rstrip().splitlines()
    cut = lines[-_LINES_PRINTED:]
    head = (
        "It printed:"
        if len(cut) == len(lines)
        else f"It printed (the last {_LINES_PRINTED} lines):"
    )
    return [Line(f"      {head}"), *quoted("\n".join(cut))]


def _comment(verdict: Verdict) -> list[Line]:
    if verdict.problem:
        return _told(verdict.problem, verdict.koan)
    if verdict.state is State.SOLVED:
        return []
    if verdict.state is State.AHEAD or all(j.state is FillState.BLANK for j in verdict.fills):
        return wrapped(NOTHING_TO_SAY, 6) if verdict.state is State.WRONG else []
    if len(verdict.fills) == 1:
        return _reply(verdict.fills[0])
    return [line for n, judged in enumerate(verdict.fills, 1) for line in _numbered(n, judged)]


def _reply(judged: JudgedFill) -> list[Line]:
    assert judged.reply is not None
    wrote = [
        Line("      You wrote:", colours.WRONG),
        *quoted(textwrap.dedent(judged.fill.text)),
    ]
    if "\n" not in judged.fill.text:
        wrote = [Line(shortened(f"      You wrote {plain(judged.fill.text)}"), colours.WRONG)]
    return wrote + wrapped(judged.reply.text, 6)


def _numbered(number: int, judged: JudgedFill) -> list[Line]:
    wrote = plain(" ".join(judged.fill.text.split()))
    if judged.state is FillState.BLANK:
        return [Line(f"      Blank {number} is still empty.")]
    if judged.state is FillState.AHEAD:
        return [Line(f"      Blank {number}, {wrote}: not judged before the others are right.")]
    if judged.state is FillState.RIGHT:
        return [Line(f"      Blank {number}, {wrote}: right.", colours.NEWS)]
    assert judged.reply is not None
    said = Line(f"      Blank {number}, {wrote}: not yet.", colours.WRONG)
    return [said, *wrapped(judged.reply.text, 10)]


def hints(hint: Hint, *, watched: bool, command: str) -> list[Line]:
    """Return the hints that were asked for, and what is left to ask for after the last.

    Without a watch, `command` is what runs these koans.
    """
    numbered = enumerate(hint.seen, 1)
    said = [f"Hint {number} of {hint.total}: {text}" for number, text in numbered]
    lines = [line for text in said for line in wrapped(text, 6)]
    if len(hint.seen) == hint.total:
        to_type = "r and Enter" if watched else f"{command} --reveal"
        answer = f" The answer, if you want it: {to_type}" if hint.before_answer else ""
        lines += wrapped(f"There are no more.{answer}", 6, colours.NEXT)
        lines += wrapped(
            f"Or write {LATER} in the blank: it is asked again at the end.", 6, colours.NEXT
        )
    return lines


def answer(verdict: Verdict, account: str = "") -> list[Line]:
    """Return the open blanks' answers, or a solved koan's; the reason; and pytest's account."""
    if verdict.koan.sheet is None or not verdict.fills:
        return [Line("      There is no answer to show.")]
    lines: list[Line] = []
    if verdict.koan.sheet.is_closed:
        if verdict.state is not State.SOLVED:
            return [Line(f"      {KEPT}")]
        return wrapped(verdict.koan.sheet.why, 6, label="Why: ")
    for judged, marker in zip(verdict.fills, verdict.koan.sheet.markers, strict=True):
        if judged.state is not FillState.RIGHT or verdict.state is State.SOLVED:
            lines.append(Line(f"      The answer: {ast.unparse(marker.answer)}", colours.HERE))
    lines += wrapped(verdict.koan.sheet.why, 6, label="Why: ")
    if account:
        lines += [Line(), Line("      In pytest's own words:"), *quoted(account)]
    return lines


def next_step(verdict: Verdict, *, watched: bool, command: str) -> list[Line]:
    """Return what to do next, and what to type after it: the command that runs these koans."""
    again = "type a and Enter" if watched else f"run {command} again"
    save = "and save" if watched else f"save, and run {command} again"
    if verdict.state is State.AHEAD:
        return [Line(f"  To go on, {again}.", colours.NEXT)]
    if verdict.state is State.LATER:
        return [Line(f"  Write your prediction in place of {LATER}, {save}.", colours.NEXT)]
    if verdict.state is State.BLANK:
        # Who hears it may not hear the two underscores.
        words = f"Write your prediction in place of the two underscores, {save}."
        told = f"  Write your prediction in place of __, {save}."
        return [Line(told, colours.NEXT, words=words)]
    if verdict.problem is None:
        return [Line(f"  Change it, {save}.", colours.NEXT)]
    if verdict.problem.mending.command or verdict.problem.mending is Mending.ELSEWHERE:
        return [Line(f"  Then {again}.", colours.NEXT)]
    lines = [Line(f"  Mend it, {save}.", colours.NEXT)]
    if command == REVIEW:
        lines += wrapped(f"Or begin another one: {command}=new", 2, colours.NEXT)
    elif name := _to_reset(verdict.koan, verdict.problem.mending):
        to_type = "x and Enter" if watched else f"pytest --reset {name}"
        lines += wrapped(f"Or have it blank again: {to_type}", 2, colours.NEXT)
    return lines


def _to_reset(koan: Koan, mending: Mending) -> str:
    """Return the name of what may be easier to begin again than to mend; else an empty one."""
    if koan.sheet and mending is Mending.CHAPTER_BLANK_AGAIN:
        return str(koan.chapter.number)
    return koan.name if koan.sheet and mending is Mending.KOAN_BLANK_AGAIN else ""


def _told(problem: Problem, koan: Koan) -> list[Line]:
    told = wrapped(problem.told(koan.chapter.nodeid, koan.name), 6)
    return told + ([Line(), *quoted(problem.to_write)] if problem.to_write else [])
