"""Plain values: what an expression is worth, read without running it, or seen in a run. Pure.

A value that was seen in a run is told in plain data, so that nothing of a koan, and nothing
of torch, has to be at hand where it is compared: a type is a `Type`, a dtype a `Dtype`, a
tensor of several numbers an `Array`, and whatever else there is a `Thing`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Whole numbers of more bits are not worked out.
_BITS = 2**12


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


def is_plain(node: ast.AST) -> bool:
    """Whether an expression is a value that can be read without running anything."""
    try:
        plain(node)
    except NotPlainError:
        return False
    return True


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
            base = _number(left)
            # A power of a power of a power has no end, and this is no place to wait.
            if isinstance(base, int) and base.bit_length() * abs(power) > _BITS:
                raise NotPlainError
            return base**power
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


@dataclass(frozen=True)
class Array:
    """A tensor or array that holds more than a single number: its shape and its numbers."""

    shape: tuple[int, ...]
    values: list[Any]


@dataclass(frozen=True)
class Type:
    """A type, by its full name and those of the types that it is a kind of.

    Args:
        name: its own name, such as `RuntimeError`.
        module: where it is defined, such as `builtins`.
        family: the full names of all its bases, its own first.
        meaning: the first line of its docstring.
    """

    name: str
    module: str
    family: tuple[str, ...]
    meaning: str = ""

    @property
    def full_name(self) -> str:
        """Its module and its name."""
        return f"{self.module}.{self.name}"

    def is_a(self, other: str) -> bool:
        """Whether it is a type of that full name or one derived from it."""
        return other in self.family

    @property
    def can_be_raised(self) -> bool:
        """Whether it is an exception's type."""
        return self.is_a("builtins.BaseException")


@dataclass(frozen=True)
class Dtype:
    """A dtype of torch's, by its name: `torch.float32`."""

    name: str


@dataclass(frozen=True, eq=False)
class Thing:
    """Something that is no plain value: its type, and whether it is a function or method."""

    type: Type
    callable: bool = False


@dataclass(frozen=True)
class Error:
    """An exception that was raised: its type and its message."""

    type: Type
    message: str = ""

    def is_a(self, name: str) -> bool:
        """Whether it is an exception of that built-in type, or of one derived from it."""
        return self.type.is_a(f"builtins.{name}")


def same_value(value: object, other: object) -> bool:
    """Whether two values are equal: 12 is 12.0, but True is not 1, nor [1] (1,)."""
    if isinstance(value, list | tuple) and isinstance(other, list | tuple):
        pairs_up = type(value) is type(other) and len(value) == len(other)
        return pairs_up and all(map(same_value, value, other))
    if isinstance(value, Array) and isinstance(other, Array):
        return value.shape == other.shape and same_value(value.values, other.values)
    if isinstance(value, Type) and isinstance(other, Type):
        return value.full_name == other.full_name
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    return value == other or (value != value and other != other)
