"""What a koan computes on its way: what stood in its blanks, and what else was there.

The koan is run once more, with its assertions taken down and a note taken of each value.
Only replies rest on these notes; whether a fill holds is never asked here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sensei.koan.graft import Fill, graft
from sensei.koan.path import Sheet
from sensei.koan.source import BLANK
from sensei.run import trial
from sensei.run.values import variables, worth

#: More notes than that say nothing new.
NOTES = 2000
#: Longer expressions of a koan make no good name for a value.
NAME_LENGTH = 24


class Sight(NamedTuple):
    """Something that had a value, in the words of the koan: `x`, `x.grad`, `x**2`.

    `line` is the line that had just run, counted as in answers/; `is_name` tells variables,
    with their gradients and flags, from expressions.
    """

    line: int
    text: str
    value: object
    is_name: bool


class Seen(NamedTuple):
    """What there was to see in one run.

    `blanks` has what stood in each blank, once for each time it was computed; `sights` all
    else in the order of time, with one entry whenever a value had changed.
    """

    blanks: Sequence[Sequence[object]]
    sights: Sequence[Sight]


def observe(sheet: Sheet, fills: Sequence[Fill | None], seconds: float) -> Seen:
    """Run the koan to its end, whatever holds, and say what was computed.

    Args:
        sheet: the answered koan.
        fills: what to put into its blanks; None stands for the answer.
        seconds: how long it may take; what was seen until then counts.
    """
    blanks: list[list[object]] = [[] for _ in fills]
    sights: list[Sight] = []
    latest: dict[str, object] = {}

    def blank(number: int, value: object) -> object:
        if len(blanks[number]) < NOTES:
            blanks[number].append(worth(value))
        return value

    def note(line: int, text: str, value: object, *, is_name: bool = False) -> object:
        now = worth(value)
        if len(sights) < NOTES and (text not in latest or repr(latest[text]) != repr(now)):
            latest[text] = now
            sights.append(Sight(line, text, now, is_name))
        return value

    def names(line: int, local: Mapping[str, Any]) -> None:
        for text, value in _with_gradients(variables(local)):
            note(line, text, value, is_name=True)

    given = {_BLANK: blank, _NOTE: note, _NAMES: names}
    tree = graft(sheet.part, fills, _seen_blank)
    lines = sheet.part.text.encode().split(b"\n")
    watched = ast.fix_missing_locations(_Watched(lines, sheet.part.line).visit(tree))
    trial.run_quietly((sheet.head.tree(), watched), sheet.part.name, seconds, given)
    return Seen(blanks, sights)


def _with_gradients(named: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield values by their names, and tensors' flags and gradients by theirs."""
    import torch

    for text, value in named:
        yield text, value
        if isinstance(value, torch.Tensor):
            yield f"{text}.requires_grad", value.requires_grad
            if value.is_leaf or value.retains_grad:
                yield f"{text}.grad", value.grad


_BLANK, _NOTE, _NAMES = "__blank__", "__note__", "__names__"


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _seen_blank(number: int, node: ast.expr) -> ast.expr:
    return ast.copy_location(_call(_BLANK, ast.Constant(number), node), node)


class _Watched(ast.NodeTransformer):
    """Takes assertions down to their expressions, and notes values on the way."""

    def __init__(self, lines: Sequence[bytes], first: int) -> None:
        self.lines = lines
        self.first = first

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.pattern | ast.ClassDef):
            return node
        seen = super().visit(node)
        if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef):
            return seen
        local = _call("locals")
        after = ast.Expr(_call(_NAMES, ast.Constant(node.lineno), local))
        return [*(seen if isinstance(seen, list) else [seen]), ast.copy_location(after, node)]

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.copy_location(ast.Expr(self.visit(node.test)), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == _BLANK:
            return node
        return self._noted(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        return self._noted(node)

    def _text(self, node: ast.expr) -> str:
        """Return how the koan has it: nothing for what fills a blank or takes several lines."""
        if node.end_lineno != node.lineno:
            return ""
        line = self.lines[node.lineno - self.first]
        return line[node.col_offset : node.end_col_offset].decode()

    def _noted(self, node: ast.expr) -> ast.AST:
        text = self._text(node)
        seen = self.generic_visit(node)
        assert isinstance(seen, ast.expr)
        if not text or len(text) > NAME_LENGTH or BLANK in text:
            return seen
        noted = _call(_NOTE, ast.Constant(node.lineno), ast.Constant(text), seen)
        return ast.copy_location(noted, node)
