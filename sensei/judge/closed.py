"""A koan of which the answers are not here: they are found out as far as running it tells.

A blank that asks for a value, and is compared with something, asks for what it is compared
with. So the koan runs once with something in such blanks that equals anything, and with the
learner's own fills in the others; where that holds, what was compared takes the place of the
answers, and the fills that of the others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sensei.judge.prediction import VALUE
from sensei.koan import source
from sensei.koan.graft import Fill
from sensei.koan.path import Sheet
from sensei.run.observer import Seen
from sensei.run.outcome import Outcome
from sensei.run.values import Dtype, Type, same_value


class Probed(NamedTuple):
    """How a koan ends with the learner's fills where anything else is right.

    `sheet` has for answers what was found; `probed` are the blanks in which anything was.
    """

    sheet: Sheet
    outcome: Outcome
    probed: frozenset[int]

    def is_passed(self, number: int) -> bool:
        """Whether what a blank asks for was found out before the koan ended."""
        return number in self.probed and not self.sheet.markers[number].is_closed


def askers(sheet: Sheet) -> frozenset[int]:
    """Return the numbers of the blanks that ask for what they are compared with."""
    compared = {
        source.place(node)
        for part in ast.walk(sheet.part.tree())
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq | ast.Is)
        for node in _held(part.comparators[0] if len(part.ops) == 1 else ast.Pass())
    }
    return frozenset(
        number
        for number, marker in enumerate(sheet.markers)
        if marker.asks == VALUE and marker.is_closed and source.place(marker.node) in compared
    )


def _held(node: ast.AST) -> Iterator[ast.AST]:
    """Yield an expression, and those that are compared where it is."""
    yield node
    match node:
        case ast.List(elements) | ast.Tuple(elements):
            for element in elements:
                yield from _held(element)
        case ast.Call(ast.Attribute(ast.Name("pytest"), "approx"), [expected, *_]):
            yield from _held(expected)


def with_found(sheet: Sheet, fills: Sequence[Fill], outcome: Outcome) -> Sheet:
    """Return a sheet with what was found in the place of answers, and fills for the rest."""
    seen = outcome.found if isinstance(outcome.found, Seen) else Seen()
    answers = [_the_code(seen.blank(number)) for number in range(len(sheet.markers))]
    part = source.answered(sheet.part, answers)
    markers = source.markers_in(part.tree())
    return sheet._replace(part=part, markers=markers, stand_ins=tuple(fills))


def _the_code(values: Sequence[object]) -> str | None:
    """Return as code what was the same each time; None where there is no such thing."""
    if not values or not all(same_value(values[0], value) for value in values):
        return None
    return _code(values[0])


#: What stands before the names of the types that a blank may ask for.
_MODULES: Mapping[str, str] = {"builtins": "", "torch": "torch."}


def _code(value: object) -> str | None:
    match value:
        case Type(name, module) if module in _MODULES:
            return f"{_MODULES[module]}{name}"
        case Dtype(name):
            return name
        case float() if value != value or value in {float("inf"), float("-inf")}:
            return f"float('{value}')"
        case None | bool() | int() | float() | str():
            return repr(value)
        case list() | tuple():
            codes = [code for each in value if (code := _code(each)) is not None]
            inside = ", ".join(codes)
            if len(codes) < len(value):
                return None
            if isinstance(value, list):
                return f"[{inside}]"
            return f"({inside},)" if len(codes) == 1 else f"({inside})"
    return None
