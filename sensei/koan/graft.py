"""Lift and graft: fills out of a learner's koan, and into the answered one. Pure.

Lifting matches syntax trees: the blanked koan is the pattern, and its blanks match anything.
This one mechanism finds which blank is wrong, proves that wrong answers fail, and marks
work without running what else is in a learner's file.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from sensei.koan.beside import ALIKE, head_of, likeness
from sensei.koan.source import Part, blanks_in, is_blank, is_later, is_marker, markers_in, place

#: What a learner may add to a line: an assertion's message, a return type, the u of u"...".
_WITHOUT_EFFECT = frozenset({"kind", "msg", "returns", "type_comment"})


class Fill(NamedTuple):
    """What stands in a blank's place: one expression, or the statements of a whole line.

    A statement that is nothing but an expression is that expression here.

    `line` counts as in the learner's file; `goes_on` says that `text` goes on behind a comma,
    with what Python takes for the message of an assertion, though it is no text.
    """

    line: int
    text: str
    nodes: tuple[ast.expr | ast.stmt, ...]
    goes_on: bool = False

    @property
    def code(self) -> str:
        """Its code on lines of its own; a blank of the same kind can be filled with it."""
        return "\n".join(ast.unparse(node) for node in self.nodes)

    @property
    def start(self) -> tuple[int, int]:
        """Where it begins: its line, and its column in bytes."""
        return place(self.nodes[0])

    @property
    def end(self) -> tuple[int, int]:
        """Where it ends."""
        return (self.nodes[-1].end_lineno or 0, self.nodes[-1].end_col_offset or 0)

    @property
    def is_blank(self) -> bool:
        """Whether there is no prediction yet, or only half of one."""
        return self.is_later or any(blanks_in(node) for node in self.nodes)

    @property
    def is_later(self) -> bool:
        """Whether it is `...`: the learner passes the koan for now."""
        return len(self.nodes) == 1 and is_later(self.nodes[0])


class ChangedError(Exception):
    """A part differs from its pattern outside the blanks.

    `missing` is the first statement of the pattern that is not there any more; `there` is
    what stands in its place, or None where it is cut off.
    """

    def __init__(self, missing: ast.stmt, there: ast.stmt | None) -> None:
        super().__init__(missing.lineno)
        self.missing = missing
        self.there = there

    @property
    def line(self) -> int | None:
        """The learner's line where the statement should stand, if it is known."""
        return self.there.lineno if self.there else None


def lift(pattern: Part, page: Part) -> list[Fill]:
    """Return what a learner's part holds in each blank of the blanked pattern.

    Extra statements, comments and formatting do not matter, nor does the docstring of a
    koan. In a blank that is a whole line, every statement between its neighbours is part
    of the fill, but prints do not count beside others.

    Raises:
        ChangedError: if a statement of the pattern is not there.
        SyntaxError: if the learner's part is no Python.
    """
    wanted, found = _wanted(pattern), _body(page.tree())
    nodes = _match_block(wanted.body, found)
    more = _behind_assertions(found)
    fills = (_fill(page, nodes[place(blank)]) for blank in wanted.blanks)
    return [
        fill._replace(text=_text(page, fill.nodes[0], more[fill.end]), goes_on=True)
        if fill.end in more
        else fill
        for fill in fills
    ]


def lift_loosely(pattern: Part, page: Part) -> list[Fill] | None:
    """Return what stands in the blanks of a koan that was changed elsewhere, or None.

    The statement of each blank has to be there, wherever that is. A blank that is a whole line
    cannot be told from what was added.

    Raises:
        SyntaxError: if the learner's part is no Python.
    """
    wanted, found = _wanted(pattern), _body(page.tree())
    there = [node for each in found for node in ast.walk(each) if isinstance(node, ast.stmt)]
    nodes: _Nodes = {}
    for statement in (node for each in wanted.body for node in ast.walk(each)):
        if not isinstance(statement, ast.stmt) or _inner(statement) or not blanks_in(statement):
            continue
        matches = (_match(statement, each) for each in there)
        if _is_line(statement) or (match := next(filter(None, matches), None)) is None:
            return None
        nodes.update(match)
    if any(place(blank) not in nodes for blank in wanted.blanks):
        return None
    return [_fill(page, nodes[place(blank)]) for blank in wanted.blanks]


def fits(pattern: Part, page: Part) -> bool:
    """Whether a learner's part differs from its pattern in nothing but blanks and additions."""
    try:
        lift(pattern, page)
    except (SyntaxError, ChangedError):
        return False
    return True


def _behind_assertions(statements: Iterable[ast.stmt]) -> dict[tuple[int, int], ast.expr]:
    """Return what assertions have for a message that is no text, by the end of their test."""
    nodes = (node for statement in statements for node in ast.walk(statement))
    return {
        (node.test.end_lineno or 0, node.test.end_col_offset or 0): node.msg
        for node in nodes
        if isinstance(node, ast.Assert) and node.msg and not _is_text(node.msg)
    }


def _is_text(node: ast.expr) -> bool:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text or isinstance(node, ast.JoinedStr)


def _body(tree: ast.Module) -> list[ast.stmt]:
    """The tree's statements, without the docstrings of the chapter or the koan."""
    for node in (tree, *tree.body):
        if (
            isinstance(node, ast.Module | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            del node.body[0]
    return tree.body


class _Wanted(NamedTuple):
    """A pattern's statements, and the blanks in them. Nobody changes them."""

    body: list[ast.stmt]
    blanks: list[ast.Name]


@lru_cache(2048)
def _wanted(pattern: Part) -> _Wanted:
    """Return what a pattern has; a class of learners is matched with the same ones.

    Raises:
        SyntaxError: if the pattern is no Python.
    """
    body = _body(pattern.tree())
    return _Wanted(body, blanks_in(ast.Module(body, [])))


def _fill(page: Part, nodes: list[ast.AST]) -> Fill:
    first, last = nodes[0], nodes[-1]
    assert isinstance(first, ast.expr | ast.stmt)
    assert isinstance(last, ast.expr | ast.stmt)
    return Fill(first.lineno, _text(page, first, last), _bare_expressions(nodes))


def _text(page: Part, first: ast.expr | ast.stmt, last: ast.expr | ast.stmt) -> str:
    """Return the text of a part from the beginning of a node to the end of another one."""
    lines = page.text.encode().splitlines(keepends=True)[first.lineno - page.line :]
    lines = lines[: (last.end_lineno or last.lineno) - first.lineno + 1]
    # The end first: it may stand in the line of the start.
    lines[-1] = lines[-1][: last.end_col_offset]
    lines[0] = lines[0][first.col_offset :]
    return b"".join(lines).decode()


def _bare_expressions(nodes: Iterable[ast.AST]) -> tuple[ast.expr | ast.stmt, ...]:
    bare = (node.value if isinstance(node, ast.Expr) else node for node in nodes)
    return tuple(node for node in bare if isinstance(node, ast.expr | ast.stmt))


#: The learner's nodes for each blank, by the blank's place in the pattern.
_Nodes = dict[tuple[int, int], list[ast.AST]]


def _match_block(wanted: Sequence[ast.stmt], found: Sequence[ast.stmt]) -> _Nodes:
    """Find the pattern's statements in order among the learner's, with others in between.

    The first match is as good as any later one, so there is nothing to try again.

    Raises:
        ChangedError: at the first statement of the pattern that is not there.
    """
    nodes: _Nodes = {}
    position = 0
    blank: ast.stmt | None = None
    for order, statement in enumerate(wanted):
        if _is_line(statement):
            blank = statement
            continue
        start = position + (blank is not None)
        matches = ((i, _match(statement, found[i])) for i in range(start, len(found)))
        index, matched = next((m for m in matches if m[1] is not None), (None, None))
        if index is None or matched is None:
            rest = found[position:]
            if blank is not None and rest and _match(statement, rest[0]) is not None:
                raise ChangedError(blank, None)
            raise _changed(statement, wanted[order + 1 :], rest)
        if blank is not None:
            nodes[place(blank)] = _without_prints(found[position:index])
            blank = None
        nodes.update(matched)
        position = index + 1
    if blank is not None:
        if position == len(found):
            raise ChangedError(blank, None)
        nodes[place(blank)] = _without_prints(found[position:])
    return nodes


def _changed(
    statement: ast.stmt, later: Sequence[ast.stmt], rest: Sequence[ast.stmt]
) -> ChangedError:
    """Say what stands in a missing statement's place, or in it, if anything does."""
    for there in rest:
        if _same_header(statement, there):
            try:
                _match_block(_inner(statement), _inner(there))
            except ChangedError as change:
                return change
    head = head_of(statement)
    alike = [(likeness(head, head_of(there)), -n) for n, there in enumerate(rest[:_NEAR])]
    best, order = max(alike, default=(0.0, 0))
    nearest = rest[-order] if best >= ALIKE else None
    # What belongs further down is only the neighbour of what is gone.
    belongs = (_match(each, nearest) is not None for each in later if not _is_line(each))
    return ChangedError(statement, None if any(belongs) else nearest)


#: A changed line is looked for among so many.
_NEAR = 50


def _is_line(statement: ast.stmt) -> bool:
    """Whether a statement of the pattern is nothing but a blank."""
    return isinstance(statement, ast.Expr) and is_blank(statement.value)


def _without_prints(statements: Sequence[ast.stmt]) -> list[ast.AST]:
    def prints(node: ast.stmt) -> bool:
        match node:
            case ast.Expr(ast.Call(ast.Name("print"))):
                return True
        return False

    others = [node for node in statements if not prints(node)]
    # Prints around the fill drop out; one between two statements stays in its text.
    return list(others or statements)


def _match(wanted: object, found: object) -> _Nodes | None:
    """Match one node, list or value of the pattern; None where it differs."""
    if isinstance(wanted, ast.Name) and is_blank(wanted):
        return {place(wanted): [found]} if isinstance(found, ast.expr) else None
    if type(wanted) is not type(found):
        return None
    found = _asked_alike(wanted, found)
    if isinstance(wanted, ast.AST):
        pairs: Iterator[tuple[object, object]] = (
            (value, getattr(found, field, None))
            for field, value in ast.iter_fields(wanted)
            if field not in _WITHOUT_EFFECT
        )
    elif isinstance(wanted, list) and isinstance(found, list):
        if wanted and isinstance(wanted[0], ast.stmt):
            try:
                return _match_block(wanted, found)
            except ChangedError:
                return None
        if len(wanted) != len(found):
            return None
        pairs = zip(wanted, found, strict=True)
    else:
        return {} if wanted == found else None
    nodes: _Nodes = {}
    for left, right in pairs:
        matched = _match(left, right)
        if matched is None:
            return None
        nodes.update(matched)
    return nodes


#: With None, True and False these compare alike, and tools that mend style exchange them.
_ALIKE_OPERATORS = ({ast.Eq, ast.Is}, {ast.NotEq, ast.IsNot})


def _asked_alike(wanted: object, found: object) -> object:
    """Return a comparison with None, True or False with the sign that the pattern has."""
    if not (isinstance(wanted, ast.Compare) and isinstance(found, ast.Compare)):
        return found
    if len(wanted.ops) != len(found.ops):
        return found
    signs = [
        own if _is_constant(value) and {type(own), type(sign)} in _ALIKE_OPERATORS else sign
        for own, sign, value in zip(wanted.ops, found.ops, found.comparators, strict=True)
    ]
    return ast.Compare(found.left, signs, found.comparators)


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (
        node.value is None or isinstance(node.value, bool)
    )


def _inner(statement: ast.stmt) -> list[ast.stmt]:
    return getattr(statement, "body", [])


def _same_header(wanted: ast.stmt, found: ast.stmt) -> bool:
    """Whether two compound statements differ only in what stands in them."""
    if type(wanted) is not type(found) or not _inner(wanted):
        return False
    return all(
        _match(value, getattr(found, field, None)) is not None
        for field, value in ast.iter_fields(wanted)
        if field not in _WITHOUT_EFFECT and field != "body"
    )


def read_fill(code: str) -> Fill:
    """Return the fill that some code would be: an expression, or else statements.

    Raises:
        SyntaxError: if the code is no Python.
    """
    return Fill(1, code, _bare_expressions(ast.parse(code).body))


# Graft: fills in the answered koan.


#: Puts something around the expression in the blank with that number.
Wrap = Callable[[int, ast.expr], ast.expr]


def graft(sheet: Part, fills: Sequence[Fill | None], wrap: Wrap | None = None) -> ast.Module:
    """Return the answered koan's tree with fills in place of its markers.

    Where a fill is None the marker stays, and so its answer. A fill takes the line of its
    marker. Whatever expression stands in a blank is given to `wrap`, if there is one; what
    that puts around it has no places yet.
    """
    tree = sheet.tree()
    places = [place(marker.node) for marker in markers_in(tree)]
    chosen = {p: (n, fill) for n, (p, fill) in enumerate(zip(places, fills, strict=True))}
    grafted = _Graft(chosen, wrap or (lambda _, node: node)).visit(tree)
    assert isinstance(grafted, ast.Module)
    return grafted


class _Graft(ast.NodeTransformer):
    def __init__(
        self, fills: Mapping[tuple[int, int], tuple[int, Fill | None]], wrap: Wrap
    ) -> None:
        self.fills = fills
        self.wrap = wrap

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.AST]:
        if not is_marker(node.value):
            return self.generic_visit(node)
        number, fill = self.fills[place(node.value)]
        nodes = [_moved(each, node) for each in fill.nodes] if fill else [node.value]
        return [
            ast.copy_location(ast.Expr(self.wrap(number, each)), node)
            if isinstance(each, ast.expr)
            else each
            for each in nodes
        ]

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not is_marker(node):
            return self.generic_visit(node)
        number, fill = self.fills[place(node)]
        inside = _moved(fill.nodes[0], node) if fill else node
        assert isinstance(inside, ast.expr)
        return self.wrap(number, inside)


def _moved(node: ast.AST, marker: ast.AST) -> ast.AST:
    """Return a copy of a fill that stands where its marker began."""
    copied = copy.deepcopy(node)
    for each in ast.walk(copied):
        # The argument of a lambda has a place, too.
        if isinstance(each, ast.expr | ast.stmt | ast.arg | ast.keyword | ast.excepthandler):
            ast.copy_location(each, marker)
            # A marker goes over several lines, and tracebacks may name the last one.
            each.end_lineno, each.end_col_offset = place(each)
    return copied
