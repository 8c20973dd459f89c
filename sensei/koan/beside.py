"""What was changed beside a blank: two lines of code, and in what they differ. Pure."""

from __future__ import annotations

import ast
import copy
import difflib
import keyword
import re
from collections.abc import Sequence
from typing import NamedTuple

from sensei.koan.source import BLANK

_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[^\W\d]\w*|\d[\w.]*|[=!<>*/+\-@%&|^]+|\S")

#: Of a changed line so much is still what it was.
ALIKE = 0.6


class Change(NamedTuple):
    """What stood in a line, and what stands there now; either may be nothing."""

    was: str
    now: str

    @property
    def told(self) -> str:
        """The change in words."""
        if self.was and self.now:
            return f"{self.was} became {self.now}"
        return f"{self.was} is gone" if self.was else f"{self.now} was added"


def head_of(statement: ast.stmt) -> str:
    """Return a statement as one line of code, without the lines that stand in it."""
    if not hasattr(statement, "body"):
        return " ".join(ast.unparse(statement).split("\n"))
    bare = copy.copy(statement)
    for block in ("body", "orelse", "finalbody"):
        if getattr(statement, block, None):
            setattr(bare, block, [ast.Pass()] if block == "body" else [])
    head, *_ = ast.unparse(bare).split("\n    pass")
    return " ".join(head.split("\n"))


def likeness(pattern: str, line: str) -> float:
    """Return how much of a pattern's line is in another one, from 0 to 1."""
    wanted = [token for token in _TOKEN.findall(pattern) if token != BLANK]
    found = _TOKEN.findall(line)
    blocks = difflib.SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted) if wanted else 0.0


def in_blanks(pattern: str, line: str) -> list[str]:
    """Return what stands in a line where its pattern has blanks; nothing if it differs."""
    form = r"\s*(.*?)\s*".join(re.escape(each.strip()) for each in pattern.split(BLANK))
    found = re.fullmatch(form, line.strip())
    return [*found.groups()] if found else []


def change_beside(pattern: str, line: str) -> Change | None:
    """Return the first change that is not in a blank, or None if there is none."""
    if in_blanks(pattern, line):
        return None
    wanted, found = _tokens(pattern), _tokens(line)
    words = [token[0] for token in wanted]
    if BLANK not in words:
        start = _common([t[0] for t in wanted], [t[0] for t in found])
        rest = [t[0] for t in wanted[start:]], [t[0] for t in found[start:]]
        end = _common(*(each[::-1] for each in rest))
        return _change(
            pattern, wanted[start : len(wanted) - end], line, found[start : len(found) - end]
        )
    before = wanted[: words.index(BLANK)]
    if changed := _lost(before, found):
        return _change(pattern, changed[0], line, changed[1])
    behind = wanted[len(words) - words[::-1].index(BLANK) :]
    if changed := _lost(behind[::-1], found[::-1]):
        return _change(pattern, changed[0][::-1], line, changed[1][::-1])
    ends = len(before), len(behind)
    inner, there = (tokens[ends[0] : len(tokens) - ends[1]] for tokens in (wanted, found))
    return _between_blanks(pattern, inner, line, there)


#: A token, and where it begins and ends in its line.
_Token = tuple[str, int, int]


def _tokens(line: str) -> list[_Token]:
    return [(found[0], found.start(), found.end()) for found in _TOKEN.finditer(line)]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return with how many equal tokens two lines begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _lost(
    wanted: Sequence[_Token], found: Sequence[_Token]
) -> tuple[Sequence[_Token], Sequence[_Token]] | None:
    """Return where a line leaves the tokens that it should begin with, till it is back."""
    words, there = [t[0] for t in wanted], [t[0] for t in found]
    start = _common(words, there)
    if start == len(words):
        return None
    for back in range(start, len(words)):
        rest = words[back:]
        for at in range(start, len(there) - len(rest) + 1):
            if there[at : at + len(rest)] == rest:
                return wanted[start:back], found[start:at]
    # What came in its place is a sign for a sign; anything else may be of the blank.
    alike = start and there[start:] and _is_sign(words[start]) == _is_sign(there[start])
    return wanted[start:], found[start : len(words)] if alike else []


def _is_sign(word: str) -> bool:
    """Whether a token is no value: an operator, or a word that is one or a statement's."""
    is_value = word[0] in "\"'([{" or word[0].isalnum() or word[0] == "_"
    return not is_value or (keyword.iskeyword(word) and word not in {"None", "True", "False"})


def _between_blanks(
    pattern: str, wanted: Sequence[_Token], line: str, found: Sequence[_Token]
) -> Change | None:
    words, there = [t[0] for t in wanted], [t[0] for t in found]
    steps = difflib.SequenceMatcher(None, words, there, autojunk=False).get_opcodes()
    for kind, start, end, here, to in steps:
        if kind != "equal" and BLANK not in words[start:end]:
            return _change(pattern, wanted[start:end], line, found[here:to])
    return None


def _change(
    pattern: str, was: Sequence[_Token], line: str, now: Sequence[_Token]
) -> Change | None:
    parts = (
        text[tokens[0][1] : tokens[-1][2]] if tokens else ""
        for text, tokens in ((pattern, was), (line, now))
    )
    change = Change(*parts)
    return change if any(change) else None
