"""Plain values: what an expression is worth where that can be read without running it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any


class NotPlainError(Exception):
    """An expression is more than a plain value."""


def plain(node: ast.AST) -> object:
    """Return the value of an expression that is one without running anything.

    Numbers, text, True, False and None are plain, and lists, tuples and arithmetic of
    them; so are inf and nan under their usual names, and `torch.tensor(...)` of a plain
    value, which counts as that value.

    Raises:
        NotPlainError: for everything else.
    """
    try:
        return _plain(node)
    except (ArithmeticError, TypeError) as error:
        raise NotPlainError from error


_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_NAMED = {
    **{f"{m}.{name}": float(name) for m in ("math", "torch", "np") for name in ("inf", "nan")},
    **{f"float('{name}')": float(name) for name in ("inf", "-inf", "nan")},
}


def _plain(node: ast.AST) -> object:
    match node:
        case ast.Constant(value):
            return value
        case ast.List(elements):
            return [_plain(element) for element in elements]
        case ast.Tuple(elements):
            return tuple(_plain(element) for element in elements)
        case ast.UnaryOp(ast.USub(), operand):
            return -_number(operand)
        case ast.BinOp(left, ast.Pow(), right) if abs(power := _number(right)) <= 64:
            return _number(left) ** power
        case ast.BinOp(left, op, right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](_number(left), _number(right))
        case ast.Call(ast.Attribute(ast.Name("torch"), "tensor"), [value], []):
            return _plain(value)
    try:
        return _NAMED[ast.unparse(node)]
    except KeyError:
        raise NotPlainError from None


def _number(node: ast.expr) -> int | float:
    value = _plain(node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotPlainError
    return value


def same_value(value: object, other: object) -> bool:
    """Whether two plain values are equal: 12 is 12.0, but True is not 1, nor [1] (1,)."""
    if isinstance(value, list | tuple) and isinstance(other, list | tuple):
        pairs_up = type(value) is type(other) and len(value) == len(other)
        return pairs_up and all(map(same_value, value, other))
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    return value == other or (value != value and other != other)
