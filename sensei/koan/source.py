"""Text to koan and back: split, blank, solve, fill, second. Pure: no files, nothing runs.

A chapter's text is a head (docstring, imports, helpers) and koans, split by line, so that
one koan half typed is one broken koan and each is parsed only when it is needed. The
answered text holds markers, `__(answer, wrong=...)`, the last of a koan with the koan's
`hints=` and `why=` as well, and with `core=True` where it is on that route; the blanked text
is the same with each marker replaced by a bare `__`. The blanks of a koan are numbered in the
order of the text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from sensei.blank import MARK, NOTES
from sensei.koan.replies import unseal
from sensei.reading import stray_in

BLANK = "__"
#: What a learner writes in a blank to come back to it at the end.
LATER = "..."

_KOAN = re.compile(r"^def[ \t]+(test_\w*)", re.MULTILINE)
_BLANK_IN = re.compile(rf"\b{BLANK}\b")
#: What lines before a koan begin with that may belong to its decorators.
_DECORATING = tuple(" \t@)]}")


class Part(NamedTuple):
    """The head of a chapter (with an empty name) or one of its koans, as text.

    `line` is the number of the part's first line in its file.
    """

    name: str
    line: int
    text: str

    def line_at(self, number: int | None) -> str:
        """Return a line by its number in the file, or nothing where it is none of these."""
        lines = self.text.splitlines()
        place = -1 if number is None else number - self.line
        return lines[place] if 0 <= place < len(lines) else ""

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
        except UnicodeEncodeError:
            stray = stray_in(self.text)
            line = self.line + (stray.line - 1 if stray else 0)
            raise SyntaxError("it is not UTF-8", ("", line, 0, "")) from None
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

    def renamed(self, name: str) -> Part:
        """Return a koan under another name."""
        text = self.text.replace(f"def {self.name}", f"def {name}", 1)
        return self._replace(name=name, text=text)


def split(text: str) -> tuple[Part, list[Part]]:
    """Split a chapter's text into its head and its koans, in order.

    A koan reaches from its `def test_...` (decorators included) to the next one, so the
    parts put together are the text again.
    """
    starts: list[tuple[int, str]] = []
    after = 0
    for match in _KOAN.finditer(text):
        starts.append((_with_decorators(text, after, match.start()), match[1]))
        after = match.end()
    ends = [start for start, _ in starts[1:]] + [len(text)]
    head = Part("", 1, text[: starts[0][0]] if starts else text)
    koans = []
    line, counted = 1, 0
    for (start, name), end in zip(starts, ends, strict=False):
        line, counted = line + text.count("\n", counted, start), start
        koans.append(Part(name, line, text[start:end]))
    return head, koans


def _with_decorators(text: str, after: int, start: int) -> int:
    """Return where the decorators of what starts there begin, over however many lines they go.

    Each line is looked at once: many lines that begin with @ are no reason to wait.
    """
    found = start
    while start > after and (line := text.rfind("\n", after, start - 1) + 1) >= after:
        if (line <= after and after) or not text.startswith(_DECORATING, line):
            break
        found = line if text[line] == "@" else found
        start = line
        if line == 0:
            break
    return found


def function_in(koan: Part) -> ast.FunctionDef:
    """Return the tree of a koan's function.

    Raises:
        SyntaxError: if the koan is no Python.
    """
    return next(node for node in koan.tree().body if isinstance(node, ast.FunctionDef))


def opening(koan: Part) -> tuple[str, int]:
    """Return a koan's docstring, and the line of its file in which the rest begins.

    Raises:
        SyntaxError: if the koan is no Python.
    """
    function = function_in(koan)
    docstring = ast.get_docstring(function)
    if docstring is None:
        return "", function.lineno + 1
    return docstring, (function.body[0].end_lineno or function.lineno) + 1


def used_of(head: Part, text: str) -> tuple[list[str], list[str]]:
    """Return what a text uses of a head, itself or by what it uses: imports, and definitions.

    Raises:
        SyntaxError: if the head is no Python.
    """
    imports: list[str] = []
    others: list[str] = []
    for node in reversed(head.tree().body):
        if any(re.search(rf"\b{name}\b", text) for name in _given_by(node)):
            own = ast.get_source_segment(head.text, node) or ""
            text += own
            (imports if isinstance(node, ast.Import | ast.ImportFrom) else others).append(own)
    return imports[::-1], others[::-1]


def _given_by(node: ast.stmt) -> list[str]:
    """Return the names that a statement of a head gives to something, but for the blank's."""
    match node:
        case ast.Import(names) | ast.ImportFrom(_, names):
            given = [each.asname or each.name.split(".")[0] for each in names]
        case ast.FunctionDef(name) | ast.ClassDef(name):
            given = [name]
        case ast.Assign(targets):
            given = [each.id for each in targets if isinstance(each, ast.Name)]
        case _:
            given = []
    return [name for name in given if name != BLANK]


def has_blank(text: str) -> bool:
    """Whether a blank stands in a text: not in `x.__name__`, which has one only by its look."""
    return _BLANK_IN.search(text) is not None


def is_blank(node: ast.AST) -> bool:
    """Whether a node is a bare `__`."""
    return isinstance(node, ast.Name) and node.id == BLANK


def is_later(node: ast.AST) -> bool:
    """Whether a node is a bare `...`, which stands in a blank for "not now"."""
    return isinstance(node, ast.Constant) and node.value is ...


def passes_in(tree: ast.AST) -> list[ast.Constant]:
    """Return every `...` that may stand in a blank; in brackets it is torch's."""
    indices = (node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript))
    inside = {id(node) for index in indices for node in ast.walk(index)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and is_later(node) and id(node) not in inside
    ]


def blanks_in(tree: ast.AST) -> list[ast.Name]:
    """Return every bare `__` of a tree, in the order of the text."""
    markers = {id(marker.node.func) for marker in markers_in(tree)}
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and is_blank(n))
    return sorted((n for n in found if id(n) not in markers), key=place)


# Markers: the answered text.

#: Notes that only a course has, which keeps its answers: what a blank asks for, and the why.
ASKS, SEALED = "asks", "sealed"


class Notes(NamedTuple):
    """What the last marker of a koan says of the whole koan.

    `numbers` maps each number of the koan that changes in its second text to the new one;
    `core` says whether the koan is on the route of that name; `part`, whether the function
    around the blank is a part of something that the path builds, and shows at its end.
    """

    hints: Sequence[str]
    why: str
    numbers: Mapping[str, str]
    core: bool = False
    part: bool = False


class Marker(NamedTuple):
    """One `__(answer, wrong={...})` of the answered text.

    `entries` are the misconceptions: a reply with the fills that it serves. `is_line` says
    whether the marker is a line by itself, so that any statement may stand there. Where a
    course keeps its answers, `...` stands for the answer, and `asks` says what it is.
    """

    node: ast.Call
    answer: ast.expr
    entries: Sequence[tuple[Sequence[str], str]]
    notes: Notes | None
    is_line: bool
    asks: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether nobody here knows the answer."""
        return is_later(self.answer)

    @property
    def wrong(self) -> dict[str, str]:
        """The reply to each fill that is listed."""
        return {code: reply for codes, reply in self.entries for code in codes}


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
        and any(keyword.arg == MARK for keyword in node.keywords)
    )


def _marker(call: ast.Call, *, is_line: bool) -> Marker:
    values = {str(keyword.arg): keyword.value for keyword in call.keywords}
    wrong = _entries(values.pop(MARK))
    asks = _text(values.pop(ASKS)) if ASKS in values else ""
    if unknown := values.keys() - {*NOTES, SEALED}:
        raise ValueError(f"a marker has no {', '.join(sorted(unknown))}")
    notes = _notes(values) if values else None
    return Marker(call, call.args[0], wrong, notes, is_line, asks)


def _notes(values: Mapping[str, ast.expr]) -> Notes:
    sealed, numbers = values.get(SEALED), values.get("numbers")
    return Notes(
        [_text(hint) for hint in _elements(values["hints"])] if "hints" in values else [],
        unseal(_text(sealed)) if sealed else _text(values.get("why", ast.Constant(""))),
        {_text(old): _text(new) for old, new in _pairs(numbers)} if numbers else {},
        _flag(values.get("core")),
        _flag(values.get("part")),
    )


def _entries(node: ast.expr) -> list[tuple[Sequence[str], str]]:
    """Return the entries of a marker as they are written, also one that is there twice."""
    return [
        ([_text(code) for code in _elements(codes)], _text(reply))
        for codes, reply in _pairs(node)
    ]


def _pairs(node: ast.expr) -> Iterable[tuple[ast.expr | None, ast.expr]]:
    if not isinstance(node, ast.Dict):
        raise _not_plain(node)
    return zip(node.keys, node.values, strict=True)


def _elements(node: ast.expr | None) -> list[ast.expr | None]:
    return [*node.elts] if isinstance(node, ast.Tuple | ast.List) else [node]


def _text(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise _not_plain(node)


def _flag(node: ast.expr | None) -> bool:
    if node is None:
        return False
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    raise _not_plain(node)


def _not_plain(node: ast.expr | None) -> ValueError:
    return ValueError(ast.unparse(node) if node else "**")


def blank(text: str) -> str:
    """Return an answered text with each whole marker replaced by `__`.

    Raises:
        SyntaxError: if the text is no Python.
        ValueError: if a marker's notes are more than plain text.
    """
    return with_markers(text, lambda _: BLANK)


def with_markers(text: str, new: Callable[[Marker], str]) -> str:
    """Return an answered text with each whole marker replaced by what is made of it.

    Raises:
        SyntaxError: if the text is no Python.
        ValueError: if a marker's notes are more than plain text.
    """
    return _by_part(text, lambda part: [(m.node, new(m)) for m in markers_in(part.tree())])


def answered(koan: Part, answers: Sequence[str | None]) -> Part:
    """Return an answered koan with other answers in its markers, but for those that are None.

    Raises:
        SyntaxError: if the koan is no Python.
    """
    pairs = zip(markers_in(koan.tree()), answers, strict=True)
    new = [(marker.answer, code) for marker, code in pairs if code is not None]
    return koan._replace(text=_replace(koan, new))


def solve(text: str) -> str:
    """Return an answered text with each marker replaced by its bare answer.

    Raises:
        SyntaxError: if the text is no Python.
        ValueError: if a marker's notes are more than plain text.
    """

    def answers(part: Part) -> list[_Replacement]:
        markers = markers_in(part.tree())
        return [_bound(part, m.node, _segment(part, m.answer)) for m in markers]

    return _by_part(text, answers)


def fill(koan: Part, fills: Sequence[str]) -> Part:
    """Return a blanked koan with a fill in the place of each blank.

    Raises:
        SyntaxError: if the koan is no Python.
    """
    blanks = blanks_in(koan.tree())
    bound = [_bound(koan, *pair) for pair in zip(blanks, fills, strict=True)]
    return koan._replace(text=_replace(koan, bound))


#: A node of a part, and the text that comes in its place.
_Replacement = tuple[ast.expr, str]


def _by_part(text: str, replacements: Callable[[Part], Iterable[_Replacement]]) -> str:
    head, koans = split(text)
    return "".join(_replace(part, replacements(part)) for part in (head, *koans))


def _bound(part: Part, node: ast.expr, code: str) -> _Replacement:
    """Put code into parentheses where it would bind otherwise without them."""
    bare, enclosed = (
        _code(part._replace(text=_replace(part, [(node, it)]))) for it in (code, f"({code})")
    )
    is_statement = enclosed is None
    return node, code if is_statement or bare == enclosed else f"({code})"


def dumped(node: object) -> str:
    """Return a tree as text, the same in every version of Python.

    `ast.dump` leaves out more and more of what is empty; this is how Python 3.11 has it.
    """
    if isinstance(node, list):
        return f"[{', '.join(map(dumped, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [
        f"{name}={dumped(value)}"
        for name, value in ast.iter_fields(node)
        if not (value is None and getattr(type(node), name, ...) is None)
        and not (name == "type_params" and not value)
    ]
    return f"{type(node).__name__}({', '.join(fields)})"


def _code(part: Part) -> str | None:
    """Return what a part says as code, wherever it stands; None where it is no Python."""
    try:
        return ast.dump(part.tree())
    except SyntaxError:
        return None


# A second set of numbers.

#: A number as it is written, without its sign: not the 2 of x2 or 2x, nor one of 2.13.0.
_NUMBER = re.compile(
    r"(?<![\w.])(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[-+]?[0-9]+)?(?![\w]|\.[0-9])"
)


def second(koan: Part) -> Part | None:
    """Return an answered koan with its second set of numbers, or None where it has none.

    Each number that the koan's note maps is exchanged for another one, wherever it stands.

    Raises:
        SyntaxError: if the koan is no Python.
        ValueError: if a marker's notes are more than plain text, or if a number that should
            be exchanged stands nowhere in the koan.
    """
    markers = markers_in(koan.tree())
    noted = next((m for m in reversed(markers) if m.notes and m.notes.numbers), None)
    if noted is None or noted.notes is None:
        return None
    numbers = noted.notes.numbers
    text = _without(koan, next(k for k in noted.node.keywords if k.arg == "numbers"))
    if missing := sorted(numbers.keys() - set(_NUMBER.findall(text))):
        raise ValueError(f"its numbers name what it does not have: {', '.join(missing)}")
    new = _NUMBER.sub(lambda number: numbers.get(number[0], number[0]), text)
    return koan._replace(text=new)


def _without(part: Part, note: ast.keyword) -> str:
    """Return a part's text without one note of a marker, and the comma behind it."""
    data, start, end = _span(part, note)
    behind = re.sub(rb"\A\s*,", b"", data[end:])
    return (data[:start].rstrip() + behind).decode()


# Trees and their text.


def same_code(node: ast.AST, other: ast.AST) -> bool:
    """Whether two trees are the same code, wherever it stands."""
    return ast.dump(node) == ast.dump(other)


def place(node: ast.AST) -> tuple[int, int]:
    """Return where a node begins: its line, and its column in bytes."""
    return (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def _segment(part: Part, node: ast.expr) -> str:
    data, start, end = _span(part, node)
    return data[start:end].decode()


def _replace(part: Part, replacements: Iterable[_Replacement]) -> str:
    data = part.text.encode()
    for node, new in sorted(replacements, key=lambda pair: place(pair[0]), reverse=True):
        _, start, end = _span(part, node)
        data = data[:start] + new.encode() + data[end:]
    return data.decode()


def _span(part: Part, node: ast.expr | ast.keyword) -> tuple[bytes, int, int]:
    """Return a part's text, and where a node begins and ends in it.

    A tree counts columns in bytes of UTF-8, and so does this.
    """
    data = part.text.encode()
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    start = starts[node.lineno - part.line] + node.col_offset
    return data, start, starts[node.end_lineno - part.line] + node.end_col_offset
