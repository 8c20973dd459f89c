"""What is coloured, and how: roles of the screen, and Python code.

Only the sixteen colours of the learner's terminal are used, and of them none that is hard to
read on black or on white. Nothing is told by colour alone.
"""

from __future__ import annotations

import io
import itertools
import keyword
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

#: pytest's names for markup, by what they stand for.
HERE = "bold"
DONE = "light"
NEWS = "green"
WRONG = "red"
#: What to type next, and nothing else.
NEXT = "cyan"
BLANK_HERE = "bold invert"
WRONG_HERE = "bold red invert"
RIGHT_HERE = "bold green"
_KEYWORD, _STRING, _COMMENT = "purple", "green", "light"

_Place = tuple[int, int]


class Span(NamedTuple):
    """A piece of a text, from one place to another, and how it is shown.

    A place is a line, from 1, and a column in characters.
    """

    start: _Place
    end: _Place
    style: str


class Piece(NamedTuple):
    """A piece of a line that is shown in one way, and the address that a click on it opens."""

    text: str
    style: str
    address: str = ""


def code_spans(lines: Sequence[str]) -> Iterator[Span]:
    """Return what is coloured of Python code, as far as it can be read."""
    # Pygments would take longer for its first line than all the rest of a fresh walk.
    text = io.StringIO("\n".join(lines) + "\n")
    try:
        for token in tokenize.generate_tokens(text.readline):
            if style := _style(token):
                yield Span(token.start, token.end, style)
    except (tokenize.TokenError, SyntaxError):
        return  # no Python yet, or the end of a piece of it


def _style(token: tokenize.TokenInfo) -> str:
    name = tokenize.tok_name[token.type]
    if name == "NAME":
        return _KEYWORD if keyword.iskeyword(token.string) else ""
    if name == "COMMENT":
        return _COMMENT
    return _STRING if "STRING" in name else ""


def painted(lines: Sequence[str], spans: Iterable[Span]) -> list[list[Piece]]:
    """Return lines in pieces; where spans meet, the later one is seen."""
    styles = [[""] * len(line) for line in lines]
    for start, end, style in spans:
        for row in range(start[0], min(end[0], len(lines)) + 1):
            line = lines[row - 1]
            indent = len(line) - len(line.lstrip())
            first = start[1] if row == start[0] else indent
            last = min(end[1], len(line)) if row == end[0] else len(line)
            for column in range(first, last):
                styles[row - 1][column] = style
    return [list(_pieces(line, each)) for line, each in zip(lines, styles, strict=True)]


def _pieces(line: str, styles: Sequence[str]) -> Iterator[Piece]:
    pairs = zip(line, styles, strict=True)
    for style, run in itertools.groupby(pairs, key=lambda pair: pair[1]):
        yield Piece("".join(character for character, _ in run), style)
