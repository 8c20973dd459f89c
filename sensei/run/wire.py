"""How plain data crosses from one process to another: as JSON, with its length before it.

Nothing that crosses is ever executed: a class is known by its name here, or not at all.
"""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Callable
from typing import Any

#: No request and no response is longer, in bytes.
LONGEST = 16 * 2**20
_LENGTH = 4
_CLASS, _FIELDS = "class", "fields"

_known: dict[str, Any] = {}


class MalformedError(Exception):
    """What was received is nothing that this program has sent."""


def crosses(*classes: type) -> None:
    """Let enums and classes of named fields cross, if their fields do."""
    _known.update({each.__name__: each for each in classes})


def encode(value: Any) -> Any:
    """Return plain data as JSON has it."""
    name = type(value).__name__
    if value is None or (isinstance(value, bool | int | float | str) and name not in _known):
        return value
    if name in _known:
        if isinstance(value, enum.Enum):
            return {_CLASS: name, _FIELDS: value.name}
        fields = (encode(getattr(value, field)) for field in _fields(type(value)))
        return {_CLASS: name, _FIELDS: list(fields)}
    if isinstance(value, dict):
        pairs = [[encode(key), encode(each)] for key, each in value.items()]
        return {_CLASS: "dict", _FIELDS: pairs}
    if isinstance(value, tuple):
        return {_CLASS: "tuple", _FIELDS: [encode(each) for each in value]}
    if isinstance(value, list):
        return [encode(each) for each in value]
    raise TypeError(name)


def decode(data: Any) -> Any:
    """Return what was encoded.

    Raises:
        MalformedError: if nothing was.
    """
    if isinstance(data, list):
        return [decode(each) for each in data]
    if not isinstance(data, dict):
        return data
    try:
        name, fields = data[_CLASS], data[_FIELDS]
        if name == "dict":
            return {decode(key): decode(value) for key, value in fields}
        if name == "tuple":
            return tuple(decode(each) for each in fields)
        kind = _known[name]
        if issubclass(kind, enum.Enum):
            return kind[fields]
        return kind(*(decode(each) for each in fields))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise MalformedError from error


def _fields(kind: Any) -> tuple[str, ...]:
    named: tuple[str, ...] | None = getattr(kind, "_fields", None)
    return named if named is not None else tuple(kind.__dataclass_fields__)


# Frames.


def pack(value: Any) -> bytes:
    """Return plain data as it is sent.

    Raises:
        ValueError: if it is too long, or too deep.
    """
    try:
        data = json.dumps(encode(value)).encode()
    except RecursionError as error:
        raise ValueError("too deep") from error
    if len(data) > LONGEST:
        raise ValueError("too long")
    return len(data).to_bytes(_LENGTH, "big") + data


def unpack(read: Callable[[int], bytes]) -> Any:
    """Read one frame and return what was sent.

    Args:
        read: returns as many bytes as are asked for, fewer only at the end.

    Raises:
        EOFError: where there is no more.
        MalformedError: where it is nothing that this program has sent.
    """
    head = read(_LENGTH)
    if not head:
        raise EOFError
    length = int.from_bytes(head, "big")
    if length > LONGEST:
        raise MalformedError
    data = read(length)
    if len(data) < length:
        raise EOFError
    try:
        return decode(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise MalformedError from error


def read_from(descriptor: int) -> Callable[[int], bytes]:
    """Return a function that reads from a file descriptor, and not a byte too much."""

    def read(count: int) -> bytes:
        data = b""
        while len(data) < count and (more := os.read(descriptor, count - len(data))):
            data += more
        return data

    return read


def write_to(descriptor: int, value: Any) -> None:
    """Send plain data.

    Raises:
        OSError: if nobody listens any more.
        ValueError: if it is too long.
    """
    data = pack(value)
    while data:
        data = data[os.write(descriptor, data) :]
