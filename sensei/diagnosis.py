"""Why a fill is wrong, without telling the answer. Pure: it compares code, nothing runs."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sensei import source
from sensei.source import Fill, Marker


class Reply(NamedTuple):
    """One sentence or two about a wrong fill; `known` where the koan foresaw it."""

    text: str
    known: bool


NOTHING_TO_SAY = Reply("That is not what torch does here.", known=False)
NOT_TOGETHER = Reply("Each would do by itself, but not all of them together.", known=False)


def diagnose(fill: Fill, marker: Marker, error: BaseException | None, page: str) -> Reply:
    """Say why a fill is wrong.

    Args:
        fill: the learner's fill.
        marker: the blank's marker, with the misconceptions it knows.
        error: what stopped the koan with this fill.
        page: the koan's code as the learner sees it; what stands there is no secret.
    """
    for code, reply in marker.wrong.items():
        if meets(fill, code):
            return Reply(reply, known=True)
    if error is None or isinstance(error, AssertionError):
        return NOTHING_TO_SAY
    told = in_words(error)
    if reveals(told, marker.answer, page):
        return Reply("The koan stops here with an error of its own.", known=False)
    return Reply(f"The koan stops here: {told}", known=False)


def in_words(error: BaseException) -> str:
    """Return an error's type and the first line of its message."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001 - a learner's own error may not even have a text
        lines = []
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def meets(fill: Fill, code: str) -> bool:
    """Whether a fill is the same code as an entry, or both are plain and equal."""
    if [*map(_dump, fill.nodes)] == [*map(_dump, source.read_fill(code).nodes)]:
        return True
    if len(fill.nodes) != 1 or not isinstance(fill.nodes[0], ast.expr):
        return False
    try:
        return same_value(plain(fill.nodes[0]), plain(code))
    except NotPlainError:
        return False


def _dump(node: ast.AST) -> str:
    return ast.dump(node.value if isinstance(node, ast.Expr) else node)


# What gives an answer away.

_TOKEN = re.compile(r"\d+\.?\d*(?:e[-+]?\d+)?|\.\d+|[^\W\d]\w*")


def reveals(text: str, answer: ast.expr, page: str) -> bool:
    """Whether a text holds an answer that does not stand on the page.

    Numbers count without their sign and however they are written; an answer of several
    numbers or words is given away by all of them in their order.
    """
    secret = _tokens(ast.unparse(answer))
    return _holds(_tokens(text), secret) and not _holds(_tokens(page), secret)


def _tokens(text: str) -> list[object]:
    found = _TOKEN.findall(text)
    return [float(word) if word[0] in ".0123456789" else word for word in found]


def _holds(tokens: Sequence[object], secret: Sequence[object]) -> bool:
    kept = [token for token in tokens if token in secret]
    length = len(secret)
    return any(kept[i : i + length] == list(secret) for i in range(len(kept) - length + 1))


# Plain values.


class NotPlainError(Exception):
    """An expression is more than a plain value."""


def plain(code: str | ast.expr) -> object:
    """Return the value of an expression that is one without running anything.

    Numbers, text, True, False and None are plain, and lists, tuples and arithmetic of
    them; so are inf and nan under their usual names, and `torch.tensor(...)` of a plain
    value, which counts as that value.

    Raises:
        NotPlainError: for everything else.
    """
    try:
        return _plain(ast.parse(code, mode="eval").body if isinstance(code, str) else code)
    except (SyntaxError, ArithmeticError, TypeError) as error:
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


def _plain(node: ast.expr) -> object:
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
