"""Lines of text, as wide as the screen: wrapped, quoted, cut short, without control codes."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable
from typing import NamedTuple

from sensei.screen.colours import Piece, code_spans, painted

#: The screen is never wider than this; a narrower terminal makes it narrower.
WIDTH = 80
_HEIGHT = 24

#: What a bar is made of, and what stands for it where a console lacks these characters.
FULL, EMPTY = "\N{FULL BLOCK}", "\N{LIGHT SHADE}"
_ASCII = {ord(FULL): "#", ord(EMPTY): "-"}

#: Control characters as they are usually written: ^[ for escape.
_VISIBLE = {code: f"^{chr(code ^ 64)}" for code in (*range(32), 127)}
_VISIBLE |= {code: f"\\x{code:02x}" for code in range(128, 160)}


#: Text is at least so wide.
_WORD = 16


def width() -> int:
    """Return how wide the screen is."""
    return min(WIDTH, shutil.get_terminal_size().columns)


def height() -> int:
    """Return how many lines the terminal has."""
    return shutil.get_terminal_size((WIDTH, _HEIGHT)).lines


def rows(lines: Iterable[Line]) -> int:
    """Return how many lines of the terminal some lines take, those that are too long more."""
    columns = shutil.get_terminal_size().columns
    return sum(max(1, -(-len(line.text) // columns)) for line in lines)


class Line(NamedTuple):
    """One line of the screen.

    `style` names pytest's own markup, or nothing; `pieces` are the same text where not all of
    it is shown in one way. `words` stand in its place on a plain screen, in one line or
    several, where the text itself draws something; an empty one has no line there.
    """

    text: str = ""
    style: str = ""
    pieces: tuple[Piece, ...] = ()
    words: str | None = None


def in_words(lines: Iterable[Line]) -> list[Line]:
    """Return a plain screen, for who hears it or reads it in braille.

    One thing is in a line, from its first column on, and nothing is told by where it stands.
    """
    said: list[Line] = []
    for line in lines:
        if not line.text.strip():
            if said and said[-1].text:
                said.append(Line())
        elif line.words != "":
            words = line.text.strip() if line.words is None else line.words
            said += [Line(each, line.style) for each in words.split("\n")]
    return said


def code_in_words(text: str) -> str:
    """Return a line of code, with its indentation told."""
    code = plain(text).rstrip()
    indent = len(code) - len(code.lstrip())
    return f"indented by {indent}: {code.lstrip()}" if indent else code


def encodable(text: str, encoding: str) -> str:
    """Return a text as a console can show it: bars of ASCII, ? for what else it lacks."""
    try:
        (FULL + EMPTY).encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII)
    return text.encode(encoding, "replace").decode(encoding)


def plain(line: str) -> str:
    """Return a line that does nothing to a terminal: tabs are spaces, controls are visible."""
    return line.expandtabs().translate(_VISIBLE)


def shortened(line: str, room: int = WIDTH) -> str:
    """Return as much of a line that is not ours as fits the widest screen, or more room."""
    return line if len(line) <= room else f"{line[: room - 3]}..."


def room_for_code() -> int:
    """Return how wide a line of code may be: it can't be wrapped, so a wide terminal counts."""
    return max(WIDTH, shutil.get_terminal_size().columns)


def quoted(text: str) -> list[Line]:
    """Return text that is not ours as it stands, further to the right."""
    return [
        Line(shortened(f"{' ' * 10}{plain(line)}".rstrip()), words=plain(line).strip())
        for line in text.splitlines()
    ]


def wrapped(text: str, indent: int, style: str = "", *, label: str = "") -> list[Line]:
    """Return paragraphs of prose; on a plain screen each is a line, behind a label.

    A line of code in them begins with four spaces, and is not wrapped.
    """
    lines: list[Line] = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append(Line())
        prose, *code = re.split(r"\n {4}(?=\S)", paragraph)
        words = plain(" ".join(prose.split()))
        room = max(width() - 2 - indent, _WORD)
        broken = textwrap.wrap(words, room, break_long_words=False)
        lines += [
            Line(" " * indent + line, style, words="" if row else f"{label}{words}")
            for row, line in enumerate(broken)
        ]
        lines += [_code(plain(each), indent + 4) for each in code]
    return lines


def _code(text: str, indent: int) -> Line:
    whole = " " * indent + text
    shown = shortened(whole, room_for_code())
    (pieces,) = painted([text], code_spans([text]))
    return Line(shown, "", (Piece(" " * indent, ""), *pieces) if shown == whole else (), text)
