"""What the koan foresaw: whether a fill is one of its entries, or worth the same. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache

from sensei.judge.case import Case, is_call, parts
from sensei.judge.claim import Claim, Reply
from sensei.judge.kinds import is_number
from sensei.judge.prediction import asks_for_value
from sensei.koan.graft import Fill, read_fill
from sensei.koan.source import dumped
from sensei.run.values import Array, is_plain, plain, same_value

#: Larger whole numbers are seldom the same by chance.
_SMALL = 10

_FORESEEN = Claim(
    "{reply}",
    lambda case, reply: any(
        reply == each
        and (
            _is_foreseen(case, code)
            or (case.entries.get(code) == case.given and _says_as_much(case))
        )
        for code, each in case.marker.wrong.items()
    ),
    known=True,
)


def foreseen(case: Case) -> Reply | None:
    """Whether the koan foresaw just that, as it is written."""
    if case.fill.goes_on:
        return None
    replies = (r for code, r in case.marker.wrong.items() if _is_foreseen(case, code))
    return next((_FORESEEN(reply=reply) for reply in replies), None)


def _is_foreseen(case: Case, code: str) -> bool:
    # Where code is asked for, a number and a tensor of that number are two mistakes.
    entry = read_fill(code)
    is_same_way = _calls(case.fill) == _calls(entry) or asks_for_value(case.marker)
    return is_same_way and meets(case.fill, code)


def _calls(fill: Fill) -> bool:
    return any(map(is_call, parts(fill.nodes)))


def foreseen_otherwise(case: Case) -> Reply | None:
    """Whether it is worth what the koan foresaw in another writing.

    None, a flag or a small number is reached in many ways, of which each is another mistake.
    """
    entries = case.entries.items() if case.wrong and _says_as_much(case) else ()
    for code, values in entries:
        if not asks_for_value(case.marker) and all(map(is_plain, read_fill(code).nodes)):
            continue
        if _OF_WRITING.search(case.marker.wrong[code]) and not asks_for_value(case.marker):
            continue
        if len(values) == len(case.given) and all(map(same_value, values, case.given)):
            return _FORESEEN(reply=case.marker.wrong[code])
    return None


_BUT_FOR_THE_SIGN = Claim(
    "Whatever the sign: {reply}",
    lambda case, reply: any(
        reply == each and _is_negative(case, code) for code, each in case.marker.wrong.items()
    ),
)
#: What a reply that is about a sign says: it would not be true of another one.
_OF_A_SIGN = re.compile(r"sign|negative|positive|minus|below|above|opposite|size|small|large")


def foreseen_but_for_the_sign(case: Case) -> Reply | None:
    """Whether the koan foresaw the same number with another sign."""
    for code, reply in case.marker.wrong.items() if case.numbers else ():
        if _is_negative(case, code) and not _OF_A_SIGN.search(reply):
            return _BUT_FOR_THE_SIGN(reply=reply)
    return None


#: What a reply that is about how a formula is written says: the same value has another cause.
_OF_WRITING = re.compile(r"bracket|parenthes|minus|product rule|exponent")


def _is_negative(case: Case, code: str) -> bool:
    entry = read_fill(code)
    value = (
        plain(entry.nodes[0]) if len(entry.nodes) == 1 and is_plain(entry.nodes[0]) else None
    )
    return is_number(value) and value != 0 and case.given[0] == -value


def _says_as_much(case: Case) -> bool:
    """Whether who comes to this value has hardly thought of something else."""
    return _is_telling(case.given) or all(map(_is_literal, case.fill.nodes))


def _is_literal(node: ast.AST) -> bool:
    """Whether it is a plain value, or one that a type is called with."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in {
        "float",
        "int",
        "torch.tensor",
    }:
        return all(map(_is_literal, node.args))
    return is_plain(node)


def _is_telling(values: Sequence[object]) -> bool:
    """Whether code that is worth this, each time it is computed, is hardly so by chance."""
    return len(set(map(repr, values))) > 1 or not all(map(_is_common, values))


def _is_common(value: object) -> bool:
    if isinstance(value, list | tuple | Array):
        return all(map(_is_common, value.values if isinstance(value, Array) else value))
    is_small = is_number(value) and abs(value) <= _SMALL and value == int(value)
    return value is None or isinstance(value, bool) or is_small


def meets(fill: Fill, code: str) -> bool:
    """Whether a fill is the same code as an entry, or both are plain and equal."""
    entry, read = _entry(code)
    if _read(fill) == read:
        return True
    nodes = [*fill.nodes, *entry.nodes]
    return len(nodes) == 2 and all(map(is_plain, nodes)) and same_value(*map(plain, nodes))


@cache
def _entry(code: str) -> tuple[Fill, str]:
    """Return what an author foresaw as a fill, and what that is to Python."""
    entry = read_fill(code)
    return entry, _read(entry)


def _read(fill: Fill) -> str:
    """Return what a fill is to Python, but for two ways to write one thing.

    Whole numbers are read as floats, and == None as is None.
    """
    text = " ".join(map(dumped, fill.nodes))
    text = re.sub(r"(Not)?Eq\(\)(?=\], comparators=\[Constant\(value=None\))", _as_is, text)
    return re.sub(r"(?<=value=)\d+(?=[,)])", lambda number: str(float(number[0])), text)


def _as_is(found: re.Match[str]) -> str:
    return "IsNot()" if found[1] else "Is()"
