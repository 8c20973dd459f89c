"""Why a fill is wrong, without telling the answer. Pure: nothing is run here."""

from __future__ import annotations

import ast
import difflib
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from sensei import source
from sensei.graft import Fill, read_fill
from sensei.path import Sheet
from sensei.source import Marker
from sensei.trial import Outcome
from sensei.values import NotPlainError, plain, same_value


class Reply(NamedTuple):
    """One sentence or two about a wrong fill; `known` where the koan foresaw it."""

    text: str
    known: bool


NOTHING_TO_SAY = Reply("That does not hold here.", known=False)
ONLY_WITH_ADDED_LINES = Reply(
    "It holds only with the lines that you added. What is in the blank has to do without them.",
    known=False,
)
NOT_TOGETHER = Reply("Each would do by itself, but not all of them together.", known=False)


def diagnose(fill: Fill, sheet: Sheet, number: int, outcome: Outcome) -> Reply:
    """Say why a fill is wrong: what the koan foresaw, what its value tells, or where it stops.

    Args:
        fill: the learner's fill.
        sheet: the answered koan.
        number: which of its blanks the fill stands in.
        outcome: how the koan ended with the fill in this blank, and answers in the others.
    """
    marker = sheet.markers[number]
    for code, reply in marker.wrong.items():
        if meets(fill, code):
            return Reply(reply, known=True)
    said = by_value(fill, marker.answer) or _by_outcome(sheet, marker, outcome)
    return Reply(said, known=False) if said else NOTHING_TO_SAY


def _by_outcome(sheet: Sheet, marker: Marker, outcome: Outcome) -> str | None:
    """Say where the koan stops with a fill, and how."""
    assert outcome.error is not None
    line = _other_line(sheet, marker, outcome)
    if isinstance(outcome.error, AssertionError):
        return f"With this, another line does not hold: {line}" if line else None
    if isinstance(outcome.error, NameError) and not line:
        return "Python knows no such name. Text stands in quotes, and capitals count."
    told = in_words(outcome.error)
    if _hints_at_answers(told, sheet):
        told = "an error of its own."
    return (
        f"With this, another line raises: {line}\n\n{told}" if line else f"This raises {told}"
    )


def _hints_at_answers(text: str, sheet: Sheet) -> bool:
    """Whether a text of Python's or torch's own holds any bit of an answer."""
    page = set(_tokens(sheet.pattern.text))
    bits = {bit for marker in sheet.markers for bit in _tokens(ast.unparse(marker.answer))}
    return not (bits - page).isdisjoint(_tokens(text.replace("NoneType", "None")))


def _other_line(sheet: Sheet, marker: Marker, outcome: Outcome) -> str | None:
    """Return the koan's line where it stopped, unless a blank stands there."""
    if outcome.line is None or outcome.line == marker.node.lineno:
        return None
    line = sheet.part.text.splitlines()[outcome.line - sheet.part.line].strip()
    return None if source.BLANK in line else line


def in_words(error: BaseException) -> str:
    """Return an error's type and the first line of its message."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001 - a learner's own error may not even have a text
        lines = []
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def meets(fill: Fill, code: str) -> bool:
    """Whether a fill is the same code as an entry, or both are plain and equal."""
    entry = read_fill(code)
    if len(fill.nodes) != len(entry.nodes):
        return False
    if all(map(source.same_code, fill.nodes, entry.nodes)):
        return True
    try:
        return same_value(plain(fill.nodes[0]), plain(entry.nodes[0]))
    except NotPlainError:
        return False


# What the values tell.


def by_value(fill: Fill, answer: ast.expr) -> str | None:
    """Say what two plain values tell about each other, or None where there is nothing.

    The sentence points to the kind, the length, the order, the sign, a factor or the
    spelling; it never names the answer.
    """
    try:
        given = plain(fill.nodes[0])
    except NotPlainError:
        return None
    try:
        wanted = plain(answer)
    except NotPlainError:
        return "In quotes it is text." if isinstance(given, str) else None
    return _kinds(given, wanted) or _lists(given, wanted) or _scalars(given, wanted)


def _kinds(given: object, wanted: object) -> str | None:
    if _kind(given) == _kind(wanted):
        return None
    match given, wanted:
        case tuple(), list():
            return "The koan compares with a list: use [ ]."
        case list(), tuple():
            return "The koan compares with a tuple: use ( )."
        case ((list() | tuple()), _):
            return "One value belongs here, not several."
        case _, (list() | tuple()):
            return "Several values belong here, not one."
        case str(), _:
            return "In quotes it is text."
        case _, str():
            return "Text belongs here, in quotes."
        case None, _:
            return "There is something here."
    return "Something of another kind is here."


def _kind(value: object) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _lists(given: object, wanted: object) -> str | None:
    if not isinstance(given, list | tuple) or not isinstance(wanted, list | tuple):
        return None
    if len(given) != len(wanted):
        return f"There are {'fewer' if len(given) > len(wanted) else 'more'} values here."
    if all(_count(value, given) == _count(value, wanted) for value in given):
        return "These are the values, but in another order."
    said = {
        _kinds(one, other) or _scalars(one, other)
        for one, other in zip(given, wanted, strict=True)
    }
    if len(said) == 1 and None not in said:
        return f"Of each value: {said.pop()}"
    right = [
        n for n, pair in enumerate(zip(given, wanted, strict=True), 1) if same_value(*pair)
    ]
    # Of flags, what is not right would be known by that.
    if right and not any(isinstance(value, bool) for value in wanted):
        which = (
            f"value {right[0]}" if len(right) == 1 else f"values {', '.join(map(str, right))}"
        )
        return f"Right so far: {which}."
    return None


def _count(value: object, values: Sequence[object]) -> int:
    return sum(same_value(value, other) for other in values)


def _scalars(given: object, wanted: object) -> str | None:
    if isinstance(given, str) and isinstance(wanted, str):
        if given.lower() == wanted.lower():
            return "Capitals count."
        close = difflib.SequenceMatcher(None, given, wanted).ratio() > _CLOSE_SPELLING
        return "Nearly. How is it spelled?" if close else None
    if _kind(given) is not float or _kind(wanted) is not float:
        return None
    assert isinstance(given, int | float)
    assert isinstance(wanted, int | float)
    if given == -wanted:
        return "The size is right. What about the sign?"
    if math.isclose(given, wanted, rel_tol=_CLOSE):
        return "Close, but not exact."
    ratio = abs(wanted / given) if given else 0.0
    if max(ratio, 1 / ratio if ratio else 0.0) in _FACTORS:
        return "It is off by an exact factor."
    return None


_CLOSE = 0.01
_CLOSE_SPELLING = 0.8
_FACTORS = frozenset({2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0})


# What gives an answer away.

_TOKEN = re.compile(r"\d+\.?\d*(?:e[-+]?\d+)?|\.\d+|[^\W\d]\w*")


def reveals(text: str, answer: ast.expr, page: str) -> bool:
    """Whether a text holds an answer that does not stand on the page.

    Numbers count without their sign and however they are written; an answer of several
    numbers or words is given away by all of them in their order.
    """
    secret = _tokens(ast.unparse(answer))
    return _holds(_tokens(text), secret) and not _holds(_tokens(page), secret)


def _tokens(text: str) -> list[object]:
    found = _TOKEN.findall(text)
    return [float(word) if word[0] in ".0123456789" else word for word in found]


def _holds(tokens: Sequence[object], secret: Sequence[object]) -> bool:
    kept = [token for token in tokens if token in secret]
    length = len(secret)
    return any(kept[i : i + length] == list(secret) for i in range(len(kept) - length + 1))
