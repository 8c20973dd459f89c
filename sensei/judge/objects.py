"""Names of variables where the very objects are asked for, one or a list of them. Pure."""

from __future__ import annotations

import ast

from sensei.judge.as_written import of_values
from sensei.judge.case import Case, names_in
from sensei.judge.claim import Claim, Reply
from sensei.judge.compare import compare
from sensei.judge.kinds import kind_in_words

_THE_VARIABLES = Claim(
    "The variables themselves belong in this list, by their names.",
    lambda case: (
        _names_only(case.marker.answer) is not None and _names_only(case.fill.nodes[0]) is None
    ),
)
_NOT_ALL_OF_THESE = Claim(
    "Not all of these belong here.",
    lambda case: names_in(case.fill.nodes) - names_in([case.marker.answer]),
)
_NONE_OF_THESE = Claim(
    "None of these belong here.",
    lambda case: not names_in(case.fill.nodes) & names_in([case.marker.answer]),
)
_ONE_TOO_OFTEN = Claim(
    "All of these belong here, but none of them more than once.",
    lambda case: set(_in_order(case.fill.nodes[0])) == set(_in_order(case.marker.answer)),
)
_ANOTHER_ORDER = Claim(
    "All of these belong here, but in another order.",
    lambda case: sorted(_in_order(case.fill.nodes[0])) == sorted(_in_order(case.marker.answer)),
)
_A_LIST_OF_THESE = Claim(
    "A list belongs here: use [ ].",
    lambda case: (
        _names_only(case.marker.answer) is not None
        and not any(isinstance(value, list) for value in case.given)
    ),
)
_MORE_OF_THESE = Claim(
    "There is more that belongs here.",
    lambda case: names_in(case.fill.nodes) < names_in([case.marker.answer]),
)
_A_NEW_OBJECT = Claim(
    "The koan asks for an object that is there already. This makes a new one.",
    lambda case: (
        case.asks_for_object
        and not names_in(case.fill.nodes) - {"torch", "math"}
        and not {None, True, False}.intersection(filter(_is_constant, case.given))
    ),
)
_TEXT_FOR_OBJECT = Claim(
    "In quotes it is text. The name of an object stands here without quotes.",
    lambda case: case.asks_for_object and isinstance(case.given[0], str),
)
_NO_FLAG = Claim(
    "Whether it is so is not asked. The name of an object belongs here.",
    lambda case: case.asks_for_object and isinstance(case.given[0], bool),
)
_ANOTHER_OBJECT = Claim(
    "The value is right, but it is another object.",
    lambda case: (
        case.asks_for_object and case.pairs and not case.wrong and not case.outcome.held
    ),
)


_ANOTHER_OBJECT_AND_VALUE = Claim(
    "It is another object, with another value.",
    lambda case: case.asks_for_object and case.wrong and not case.outcome.held,
)


def _is_constant(value: object) -> bool:
    return value is None or isinstance(value, bool)


def listed_names(case: Case) -> Reply | None:
    """Compare two lists of variables, where the answer is one."""
    wanted, given = _names_only(case.marker.answer), _names_only(case.fill.nodes[0])
    if wanted is None or case.marker.is_line:
        return None
    if given is None:
        is_list = any(isinstance(value, list) for value in case.given)
        is_one = isinstance(case.fill.nodes[0], ast.Name) and not is_list
        return _A_LIST_OF_THESE() if is_one else _THE_VARIABLES()
    if given - wanted:
        return (_NOT_ALL_OF_THESE if given & wanted else _NONE_OF_THESE)()
    if wanted - given:
        return _MORE_OF_THESE()
    here, there = map(_in_order, (case.fill.nodes[0], case.marker.answer))
    if sorted(here) != sorted(there):
        return _ONE_TOO_OFTEN()
    return _A_LIST_OF_THESE() if here == there else _ANOTHER_ORDER()


def _in_order(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _names_only(node: ast.AST) -> set[str] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    names = [element.id for element in node.elts if isinstance(element, ast.Name)]
    return set(names) if names and len(names) == len(node.elts) else None


def which_object(case: Case) -> Reply | None:
    """Compare what stands in a blank with the object that is asked for."""
    if not case.asks_for_object or not case.pairs:
        return None
    if any(isinstance(value, str) for value in case.given):
        return _TEXT_FOR_OBJECT()
    if any(isinstance(value, bool) for value in case.given):
        return _NO_FLAG()
    said = compare(*case.pairs[0])
    if not case.is_plain:
        are_alike = kind_in_words(case.given[0]) == kind_in_words(case.wanted[0])
        if are_alike or said is None:
            return (_ANOTHER_OBJECT_AND_VALUE if case.wrong else _ANOTHER_OBJECT)()
        return of_values(case, said)
    if not any(map(_is_constant, case.given)):
        return _A_NEW_OBJECT()
    return of_values(case, said) if said else None
