"""Whether a fill predicts what a koan will compute, or has the koan compute it. Pure.

Decided from the syntax trees alone, so that it comes to the same wherever a fill is judged.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator

from sensei.koan.graft import Fill
from sensei.koan.path import Sheet
from sensei.koan.source import Marker
from sensei.run.values import is_plain

#: What a blank asks for, as a course says it that keeps its answers.
VALUE, CODE = "value", "code"
#: What finds a koan's variables without naming them.
_ROUNDABOUT = frozenset({"eval", "exec", "globals", "locals", "vars"})


def computes(fill: Fill, sheet: Sheet, marker: Marker) -> bool:
    """Whether a fill reads what the koan computes, where its value should be predicted.

    Args:
        fill: what stands in a blank.
        sheet: the answered koan.
        marker: the blank, as the answers have it.
    """
    return asks_for_value(marker) and bool(_read_in(fill.nodes) & (_ROUNDABOUT | _made(sheet)))


def asks_for_value(marker: Marker) -> bool:
    """Whether a blank asks for a value: a plain one, or the name of a type or a dtype."""
    if marker.is_line:
        return False
    if marker.is_closed:
        return marker.asks == VALUE
    return is_plain(marker.answer) or _is_name_of_a_library(marker.answer)


def _is_name_of_a_library(node: ast.expr) -> bool:
    match node:
        case ast.List(elements) | ast.Tuple(elements):
            return bool(elements) and all(map(_is_name_of_a_library, elements))
        case ast.Attribute(value):
            return ast.unparse(value) == "torch"
        case ast.Name(name):
            return name in dir(builtins)
    return False


def _made(sheet: Sheet) -> set[str]:
    """Return the names that the koan or its chapter gives to something, but for imports."""
    return set(bound(_parts((sheet.head.tree(), sheet.part.tree())))) - {sheet.part.name}


def _read_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that code reads where nothing around them has given them.

    In `(lambda x: 0)(1) + x` the last x is the koan's all the same.
    """
    nodes = list(nodes)
    try:
        tables = [symtable.symtable("\n".join(map(ast.unparse, nodes)), "", "exec")]
    except (SyntaxError, ValueError, RecursionError):
        parts = (p for p in _parts(nodes) if isinstance(p, ast.Name))
        return {part.id for part in parts if isinstance(part.ctx, ast.Load)}
    read = {each.get_name() for each in tables[0].get_symbols() if each.is_referenced()}
    while tables:
        for inner in tables.pop().get_children():
            symbols = inner.get_symbols()
            read |= {s.get_name() for s in symbols if s.is_global() and s.is_referenced()}
            tables.append(inner)
    return read


def bound(parts: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that nodes give to something."""
    for part in parts:
        match part:
            case ast.Name(name, ast.Store()) | ast.arg(name):
                yield name
            case ast.FunctionDef(name) | ast.ClassDef(name):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name


def _parts(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    return (part for node in nodes for part in ast.walk(node))
