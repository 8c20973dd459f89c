"""Plain values: what an expression is worth, read without running it, or seen in a run."""

from __future__ import annotations

import ast
import inspect
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Larger tensors, lists and dictionaries are not looked into.
ELEMENTS = 64
#: A whole number of more bits is larger than any float.
_BITS = 1000


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


@dataclass(frozen=True)
class Array:
    """A tensor or array that holds more than a single number: its shape and its numbers."""

    shape: tuple[int, ...]
    values: list[Any]


@dataclass(frozen=True, eq=False)
class Thing:
    """Something that is no plain value: its type, and whether it is a function or method."""

    type: type
    callable: bool


def worth(value: object) -> object:
    """Return a value in plain terms, keeping nothing of the koan alive.

    Numbers, text, True, False, None, types and dtypes are themselves, and so are lists and
    tuples of them; a tensor of a single number is that number, others are an Array.
    A whole number that no float can hold counts as infinite.
    Everything else is a Thing.
    """
    import numpy as np
    import torch

    match value:
        case int() if value.bit_length() > _BITS:
            return math.inf if value > 0 else -math.inf
        case None | bool() | int() | float() | str() | type() | torch.dtype():
            return value
        case list() | tuple() if len(value) <= ELEMENTS:
            return (list if isinstance(value, list) else tuple)(map(worth, value))
        case torch.Tensor() | np.ndarray() | np.generic():
            return _numbers(value)
    return Thing(type(value), inspect.isroutine(value))


def _numbers(tensor: Any) -> object:
    try:
        shape = tuple(tensor.shape)
        if math.prod(shape) <= ELEMENTS:
            values = tensor.tolist()
            return Array(shape, values) if shape else values
    except (RuntimeError, TypeError, ValueError):
        pass  # a tensor without numbers of its own, as under vmap
    return Thing(type(tensor), callable=False)


def variables(local: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield variables by their names, and what stands in lists, dictionaries and modules."""
    import torch

    for name, value in local.items():
        yield name, value
        match value:
            case list() | tuple() if len(value) <= ELEMENTS:
                yield from ((f"{name}[{i}]", element) for i, element in enumerate(value))
            case dict() if len(value) <= ELEMENTS:
                yield from ((f"{name}[{key!r}]", each) for key, each in value.items())
            case torch.nn.Module():
                yield from ((f"{name}.{part}", p) for part, p in value.named_parameters())


def same_value(value: object, other: object) -> bool:
    """Whether two values are equal: 12 is 12.0, but True is not 1, nor [1] (1,)."""
    if isinstance(value, list | tuple) and isinstance(other, list | tuple):
        pairs_up = type(value) is type(other) and len(value) == len(other)
        return pairs_up and all(map(same_value, value, other))
    if isinstance(value, Array) and isinstance(other, Array):
        return value.shape == other.shape and same_value(value.values, other.values)
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    return value == other or (value != value and other != other)
