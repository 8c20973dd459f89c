"""Text to koan and back: split, blank, solve, fill. Pure: no files, nothing runs.

A chapter's text is a head (docstring, imports, helpers) and koans, split by line, so that
one koan half typed is one broken koan and each is parsed only when it is needed. The
answered text holds markers, `__(answer, wrong=..., hints=..., why=...)`; the blanked text
is the same with each marker replaced by a bare `__`. The blanks of a koan are numbered in
the order of the text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sensei.blank import NOTES

BLANK = "__"

# Decorators belong to their koan, over however many lines they go.
_KOAN = re.compile(r"^(?:@.*\n(?:[ \t@)\]}].*\n)*)?def[ \t]+(test_\w*)", re.MULTILINE)


class Part(NamedTuple):
    """The head of a chapter (with an empty name) or one of its koans, as text.

    `line` is the number of the part's first line in its file.
    """

    name: str
    line: int
    text: str

    def tree(self) -> ast.Module:
        """Parse the part; lines count as in its file.

        Raises:
            SyntaxError: where the text is no Python, whatever the parser called it.
        """
        try:
            return ast.parse("\n" * (self.line - 1) + self.text)
        except SyntaxError as error:
            error.lineno = error.lineno or self.line  # not known of a null byte
            raise
        except (ValueError, MemoryError, RecursionError) as error:
            # A null byte, or nesting beyond the parser's stack.
            raise SyntaxError(
                str(error) or "too deeply nested", ("", self.line, 0, "")
            ) from None

    @property
    def is_python(self) -> bool:
        """Whether the part can be parsed."""
        try:
            self.tree()
        except SyntaxError:
            return False
        return True


def split(text: str) -> tuple[Part, list[Part]]:
    """Split a chapter's text into its head and its koans, in order.

    A koan reaches from its `def test_...` (decorators included) to the next one, so the
    parts put together are the text again.
    """
    starts = [(match.start(), match[1]) for match in _KOAN.finditer(text)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    head = Part("", 1, text[: starts[0][0]] if starts else text)
    koans = [
        Part(name, text.count("\n", 0, start) + 1, text[start:end])
        for (start, name), end in zip(starts, ends, strict=False)
    ]
    return head, koans


def opening(koan: Part) -> tuple[str, int]:
    """Return a koan's docstring, and the line of its file in which the rest begins.

    Raises:
        SyntaxError: if the koan is no Python.
    """
    function = next(node for node in koan.tree().body if isinstance(node, ast.FunctionDef))
    docstring = ast.get_docstring(function)
    if docstring is None:
        return "", function.lineno + 1
    return docstring, (function.body[0].end_lineno or function.lineno) + 1


def is_blank(node: ast.AST) -> bool:
    """Whether a node is a bare `__`."""
    return isinstance(node, ast.Name) and node.id == BLANK


def blanks_in(tree: ast.AST) -> list[ast.Name]:
    """Return every bare `__` of a tree, in the order of the text."""
    markers = {id(marker.node.func) for marker in markers_in(tree)}
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and is_blank(n))
    return sorted((n for n in found if id(n) not in markers), key=place)


# Markers: the answered text.


class Marker(NamedTuple):
    """One `__(answer, wrong={...}, hints=[...], why="...")` of the answered text.

    `is_line` says whether it is a line by itself, so that any statement may stand there.
    """

    node: ast.Call
    answer: ast.expr
    wrong: Mapping[str, str]
    hints: Sequence[str]
    why: str
    is_line: bool


def markers_in(tree: ast.AST) -> list[Marker]:
    """Return the markers of a tree, in the order of the text.

    Raises:
        ValueError: if a marker's notes are more than plain text.
    """
    nodes = list(ast.walk(tree))
    lines = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    calls = sorted((n for n in nodes if isinstance(n, ast.Call) and is_marker(n)), key=place)
    return [_marker(call, is_line=id(call) in lines) for call in calls]


def is_marker(node: ast.AST) -> bool:
    """Whether a node is a marker, and not a blank that stands for a function: `__(x)`."""
    return (
        isinstance(node, ast.Call)
        and is_blank(node.func)
        and len(node.args) == 1
        and {keyword.arg for keyword in node.keywords} == set(NOTES)
    )


def _marker(call: ast.Call, *, is_line: bool) -> Marker:
    notes = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
    return Marker(call, call.args[0], **notes, is_line=is_line)


def blank(text: str) -> str:
    """Return an answered text with each whole marker replaced by `__`.

    Raises:
        SyntaxError: if the text is no Python.
    """
    markers = markers_in(ast.parse(text))
    return _replace(text, [(marker.node, BLANK) for marker in markers])


def solve(text: str) -> str:
    """Return an answered text with each marker replaced by its bare answer.

    Raises:
        SyntaxError: if the text is no Python.
    """
    return _replace(text, [(m.node, _bare(text, m)) for m in markers_in(ast.parse(text))])


def fill(text: str, fills: Sequence[str]) -> str:
    """Return a blanked text with a fill in the place of each blank.

    Raises:
        SyntaxError: if the text is no Python.
    """
    return _replace(text, list(zip(blanks_in(ast.parse(text)), fills, strict=True)))


def _bare(text: str, marker: Marker) -> str:
    """The answer's text, in parentheses where it would bind otherwise without a call."""
    answer = ast.get_source_segment(text, marker.answer) or ""
    inlined = _replace(text, [(marker.node, answer)])
    enclosed = _replace(text, [(marker.node, f"({answer})")])
    return answer if _same(inlined, enclosed) else f"({answer})"


def _same(text: str, other: str) -> bool:
    try:
        return same_code(ast.parse(text), ast.parse(other))
    except SyntaxError:
        return False


def same_code(node: ast.AST, other: ast.AST) -> bool:
    """Whether two trees are the same code, wherever it stands."""
    return ast.dump(node) == ast.dump(other)


def place(node: ast.AST) -> tuple[int, int]:
    """Return where a node begins: its line, and its column in bytes."""
    return (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def _replace(text: str, replacements: Iterable[tuple[ast.expr, str]]) -> str:
    # A tree counts columns in bytes of UTF-8, and so does this.
    data = text.encode()
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node, new in sorted(replacements, key=lambda pair: place(pair[0]), reverse=True):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        data = data[:start] + new.encode() + data[end:]
    return data.decode()
