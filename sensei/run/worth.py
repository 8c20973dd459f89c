"""What things of a running koan are worth in plain data.

Neither torch nor numpy is imported for it: where a koan did not, nothing is theirs.
"""

from __future__ import annotations

import contextlib
import inspect
import math
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from sensei.run.values import Array, Dtype, Error, Thing, Type

#: Larger tensors, lists and dictionaries are not looked into.
ELEMENTS = 64
#: Longer text is cut.
TEXT = 2000
#: A whole number of more bits is larger than any float.
_BITS = 1000


def worth(value: object) -> object:
    """Return a value in plain data, keeping nothing of the koan alive.

    Numbers, text, True, False and None are themselves, and so are lists and tuples of
    plain values; a tensor of a single number is that number, others are an Array.
    A whole number that no float can hold counts as infinite.
    """
    match value:
        case int() if type(value) not in {int, bool}:
            return Thing(type_of(value))
        case int() if value.bit_length() > _BITS:
            return math.inf if value > 0 else -math.inf
        case str():
            return str.__str__(value)[:TEXT]
        case float():
            return float(value)
        case None | bool() | int():
            return value
        case type():
            return as_type(value)
        case list() | tuple() if len(value) <= ELEMENTS:
            return (list if isinstance(value, list) else tuple)(map(worth, value))
    if is_of("torch", "dtype", value):
        return Dtype(str(value))
    if any(is_of(*kind, value) for kind in _HOLDERS):
        return _numbers(value)
    return Thing(type_of(value), inspect.isroutine(value))


_HOLDERS = (("torch", "Tensor"), ("numpy", "ndarray"), ("numpy", "generic"))


def is_of(library: str, kind: str, value: object) -> bool:
    """Whether a value is of a library's class; nothing is where that is not imported."""
    there = getattr(sys.modules.get(library), kind, None)
    return there is not None and isinstance(value, there)


def _numbers(tensor: Any) -> object:
    try:
        shape = tuple(map(int, tensor.shape))
        if math.prod(shape) <= ELEMENTS:
            values = _real(tensor.tolist())
            return Array(shape, values) if shape else values
    except (RuntimeError, TypeError, ValueError):
        pass  # a tensor without numbers of its own, as under vmap
    return Thing(type_of(tensor))


def _real(values: Any) -> Any:
    if isinstance(values, list):
        return [_real(value) for value in values]
    if not isinstance(values, bool | int | float):
        raise TypeError  # complex, or text: no plain number
    return values


def type_of(value: object) -> Type:
    """Return a value's type in plain data."""
    return as_type(type(value))


def as_type(kind: type) -> Type:
    """Return a type in plain data."""
    family = tuple(f"{base.__module__}.{base.__name__}" for base in kind.__mro__)
    meaning = kind.__doc__ if isinstance(kind.__doc__, str) else ""
    first = meaning.strip().split("\n")[0][:TEXT]
    return Type(kind.__name__, str(kind.__module__), family, first)


def as_error(error: BaseException) -> Error:
    """Return an exception in plain data; its message is cut where it is long.

    A learner's own error may have no text, or not even let itself be looked at.
    """
    kind = as_type(Exception)
    with contextlib.suppress(BaseException):
        kind = type_of(error)
        # What str() adds to a SyntaxError's message is a place in answers/.
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        return Error(kind, str.__str__(message)[:TEXT])
    return Error(kind)


def _as_code(path: str) -> str:
    """Return a parameter's name as code has it: `model[0].weight` for `model.0.weight`."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", path)


def variables(local: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield variables by their names, and what stands in lists, dictionaries and modules."""
    for name, value in local.items():
        yield name, value
        match value:
            case list() | tuple() if len(value) <= ELEMENTS:
                yield from ((f"{name}[{i}]", element) for i, element in enumerate(value))
            case dict() if len(value) <= ELEMENTS:
                yield from ((f"{name}[{key!r}]", each) for key, each in value.items())
            case _ if is_of("torch.nn", "Module", value):
                yield from (
                    (_as_code(f"{name}.{part}"), p) for part, p in value.named_parameters()
                )
