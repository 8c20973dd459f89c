"""Small changes of an answer, each of which must be wrong."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator


def near_misses(answer: ast.expr) -> Iterator[str]:
    """Yield code that is almost the answer, by its kind.

    A number a little off, negated, doubled; a flag flipped; None and 0 exchanged; one
    element of a list changed, left out, or all reversed; a text's last letter; the next
    exception type up and down. For other code there is None; for a formula the same without
    one of its pairs of brackets, too.
    """
    try:
        value = ast.literal_eval(answer)
    except ValueError:
        yield from _near_code(answer)
    else:
        yield from map(repr, _near(value))


def _near(value: object) -> Iterator[object]:
    if value is None:
        yield from (0.0, False)
    elif isinstance(value, bool):
        yield from (not value, None)
    elif isinstance(value, int | float):
        yield value + 0.001
        yield from (-value, 2 * value) if value else (None, 1.0)
    elif isinstance(value, str):
        yield value[:-1]
    elif isinstance(value, list):
        for index, element in enumerate(value):
            for other in _near(element):
                yield [*value[:index], other, *value[index + 1 :]]
        yield value[:-1]
        if value[::-1] != value:
            yield value[::-1]


def _near_code(answer: ast.expr) -> Iterator[str]:
    yield "None"
    yield from _without_brackets(answer)
    code = ast.unparse(answer)
    named = getattr(builtins, code, None)
    if isinstance(named, type) and issubclass(named, BaseException):
        yield f"{code}.__base__"
        yield f"type('Lower', ({code},), {{}})"


def _without_brackets(answer: ast.expr) -> Iterator[str]:
    """Yield a formula with something else in it computed first: 2 * x + 1 for 2 * (x + 1)."""
    added, multiplied = ast.Add | ast.Sub, ast.Mult | ast.Div
    for part in ast.walk(answer):
        if not isinstance(part, ast.BinOp) or not isinstance(part.op, multiplied):
            continue
        other = None
        if isinstance(inner := part.right, ast.BinOp) and isinstance(inner.op, added):
            first = ast.BinOp(part.left, part.op, inner.left)
            other = ast.BinOp(first, inner.op, inner.right)
        elif isinstance(inner := part.left, ast.BinOp) and isinstance(inner.op, added):
            last = ast.BinOp(inner.right, part.op, part.right)
            other = ast.BinOp(inner.left, inner.op, last)
        if other:
            yield ast.unparse(answer).replace(ast.unparse(part), ast.unparse(other), 1)
