"""What code is worth where other code belongs: its formula, its value, or all but it. Pure."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from sensei.judge.as_written import OF_VALUES, of_values
from sensei.judge.case import Case, elements, gradients, names_in, parts
from sensei.judge.claim import Claim, Reply
from sensei.judge.compare import (
    ANOTHER_SHAPE,
    BY_PLACE,
    CLOSE,
    NOT_THIS_ONE,
    OTHER_SIDE,
    agreed,
    compare,
    places_right,
)
from sensei.judge.formulas import (
    but_for_one,
    called_with_something_else,
    compare_formulas,
    compare_names,
    compare_parts,
    is_formula,
    is_same_formula,
)
from sensei.judge.kinds import is_number, kind_in_words
from sensei.judge.lines import ANOTHER_LINE_FAILS, ANOTHER_LINE_RAISES, how_it_ended
from sensei.koan.graft import Fill
from sensei.run.values import Array, same_value

#: How far a value may be from the answer's where other values do as well.
_NEAR = 1e-3

# Formulas.

_RIGHT_VALUE = Claim(
    "Its value is right{so_far}. {ended}",
    lambda case, so_far, ended: (
        case.pairs
        and not case.wrong
        and bool(so_far) == (len(case.given) < len(case.wanted))
        and ended.is_true_of(case)
    ),
)
_MORE_THAN_BELONGS = Claim(
    "What belongs here is a part of this. Something else in it is too much.",
    lambda case: not case.outcome.held and _is_in(case.fill, case.marker.answer),
)
_OF_FORMULAS = Claim(
    "{said}",
    lambda case, said: said.is_true_of(case.fill.nodes[0], case.marker.answer),
)
_SAME_FACTOR = Claim(
    "It is off by the same factor each time that it is computed.",
    lambda case: _is_steady(case, lambda given, wanted: given / wanted),
)
_SAME_AMOUNT = Claim(
    "It is off by the same amount each time that it is computed.",
    lambda case: _is_steady(case, lambda given, wanted: given - wanted),
)


def right_value(case: Case) -> Reply | None:
    """Whether only something else than the value of the code is wrong."""
    if case.marker.is_line or not _is_free(case) or not case.pairs or case.wrong:
        return None
    ended = how_it_ended(case) if case.ends_elsewhere else None
    if ended is None or ended.claim not in {ANOTHER_LINE_FAILS, ANOTHER_LINE_RAISES}:
        return None
    so_far = " so far" if len(case.given) < len(case.wanted) else ""
    return _RIGHT_VALUE(so_far=so_far, ended=ended)


def more_than_belongs(case: Case) -> Reply | None:
    """Whether all of the answer, which is more than a name, is in the fill."""
    is_open = case.asks_for_code and not case.marker.is_line
    return _MORE_THAN_BELONGS() if is_open and _is_in(case.fill, case.marker.answer) else None


def more_than_the_line(case: Case) -> Reply | None:
    """Say the same of a line."""
    is_line = case.marker.is_line and not case.marker.is_closed
    return _MORE_THAN_BELONGS() if is_line and _is_in(case.fill, case.marker.answer) else None


def _is_in(fill: Fill, answer: ast.expr) -> bool:
    """Whether an answer that is more than a name stands in a fill, with something else."""
    if isinstance(answer, ast.Name | ast.Attribute | ast.Constant):
        return False
    only = fill.nodes[0] if len(fill.nodes) == 1 else None
    inside = (part for part in parts(fill.nodes) if isinstance(part, ast.expr))
    return any(part is not only and is_same_formula(part, answer) for part in inside)


def formula(case: Case) -> Reply | None:
    """Compare two formulas as they are written, where their values say less."""
    if _is_negated(case):
        return values(case)
    said = _of_two_formulas(case, compare_formulas) or _of_two_calls(case)
    return _OF_FORMULAS(said=said) if said else None


def right_parts(case: Case) -> Reply | None:
    """Say which calls of a formula belong there, if nothing else is known of it."""
    said = _of_two_formulas(case, compare_parts)
    return _OF_FORMULAS(said=said) if said else None


def right_names(case: Case) -> Reply | None:
    """Say whether two formulas are made of the same names."""
    said = _of_two_formulas(case, compare_names)
    return _OF_FORMULAS(said=said) if said else None


def _of_two_formulas(
    case: Case, compared: Callable[[ast.expr, ast.expr], Reply | None]
) -> Reply | None:
    node = case.fill.nodes[0]
    is_asked_for = any(map(is_formula, (node, case.marker.answer)))
    if (
        not is_asked_for
        or case.marker.is_line
        or case.is_plain
        or not case.pairs
        or not isinstance(node, ast.expr)
    ):
        return None
    return compared(node, case.marker.answer)


def _of_two_calls(case: Case) -> Reply | None:
    """Compare two calls of one function, where nothing else is computed."""
    given, wanted = case.fill.nodes[0], case.marker.answer
    if not isinstance(given, ast.Call) or not isinstance(wanted, ast.Call):
        return None
    if ast.unparse(given.func) != ast.unparse(wanted.func) or len(case.fill.nodes) > 1:
        return None
    if not _raises_itself(case):
        return but_for_one(given, wanted) or called_with_something_else(given, wanted)
    # What a line raises says more.
    return None if case.marker.is_line else but_for_one(given, wanted)


def _raises_itself(case: Case) -> bool:
    return not case.outcome.asserted and not case.ends_elsewhere


def other_kinds(case: Case) -> Reply | None:
    """Whether code is never worth anything of the answer's kind."""
    if not case.counts_by_value or not case.asks_for_code:
        return None
    kinds = [tuple(map(kind_in_words, pair)) for pair in case.pairs]
    is_known = len(kinds) > 1 or "something else" not in kinds[0]
    return values(case) if is_known and all(one != other for one, other in kinds) else None


def _is_negated(case: Case) -> bool:
    pairs = [pair for pair in case.pairs if all(map(is_number, pair))]
    return bool(pairs) and all(given == -wanted for given, wanted in pairs)


def steady(case: Case) -> Reply | None:
    """Whether values that were computed several times are off alike."""
    if not case.counts_by_value or case.is_plain or _is_negated(case):
        return None
    if _is_steady(case, lambda given, wanted: given / wanted):
        return _SAME_FACTOR()
    if _is_steady(case, lambda given, wanted: given - wanted):
        return _SAME_AMOUNT()
    return None


def _is_steady(case: Case, off_by: Callable[[float, float], float]) -> bool:
    pairs = case.pairs
    differ = len({repr(wanted) for _, wanted in pairs}) > 1
    if not differ or not all(is_number(v) for p in pairs for v in p):
        return False
    if not all(given and wanted for given, wanted in pairs):
        return False
    first, *others = (off_by(*pair) for pair in pairs)
    return all(math.isclose(first, each, rel_tol=1e-6) for each in others)


# Whatever values there are.


def _left_out(case: Case) -> frozenset[str]:
    """Return which of the koan's variables only the answer names."""
    known = case.variables & names_in([case.sheet.pattern.tree()])
    return known & names_in([case.marker.answer]) - names_in(case.fill.nodes)


_WRITTEN_DOWN = Claim(
    "This is a value that is written down. The answer is computed from what there is.",
    lambda case: case.is_plain and case.asks_for_code,
)
_ALWAYS_THE_SAME = Claim(
    "This is the same whenever it is computed. What belongs here is not.",
    lambda case: len(set(map(repr, case.given))) == 1 < len(set(map(repr, case.wanted))),
)
_ALWAYS_SO = Claim(
    "This comes to {value} each time that it is computed. What belongs here does not.",
    lambda case, value: (
        set(map(str, case.given)) == {str(value)} and len(set(map(str, case.wanted))) > 1
    ),
)
LOOK_AROUND = Claim(
    "One of the koan's names would help here, and is not used yet.",
    _left_out,
)
RIGHT_FOR_SOME = Claim(
    "Of the {many} times that it is computed, it comes to the same as the answer in {right}.",
    lambda case, many, right: (
        int(many) == len(case.pairs) and int(right) == len(case.pairs) - len(case.wrong)
    ),
)
_RIGHT_AT_TIMES = Claim(
    "Of the {many} times that it is computed, it comes to the same as the answer in {which}.",
    lambda case, many, which: (
        int(many) == len(case.given) == len(case.wanted)
        and which == places_right(case.given, case.wanted) != ""
        and case.wrong
    ),
)


def several(case: Case) -> Reply | None:
    """Compare values that were computed several times."""
    if not case.counts_by_value or len(case.pairs) == 1:
        return None
    if _is_steadfast(case):
        return _ALWAYS_THE_SAME() if case.is_plain else _ALWAYS_SO(value=case.given[0])
    # Who uses some of the names may have another way in mind.
    used = names_in(case.fill.nodes) & names_in([case.marker.answer]) & case.variables
    if _left_out(case) and not used:
        return LOOK_AROUND()
    if len(case.wrong) == len(case.pairs):
        return None
    if _is_free(case) and (_is_close_once(case) or not _has_right_gradients(case)):
        return None
    many, right = len(case.pairs), len(case.pairs) - len(case.wrong)
    are_flags = all(isinstance(value, bool) for value in case.wanted)  # half right by chance
    is_telling = len(case.given) == len(case.wanted) and not are_flags
    which = places_right(case.given, case.wanted) if is_telling else ""
    if which:
        return _RIGHT_AT_TIMES(many=many, which=which)
    return RIGHT_FOR_SOME(many=many, right=right)


def _is_steadfast(case: Case) -> bool:
    """Whether a value that is written down, or a flag, is always the same, and should not."""
    if not case.is_plain and not all(isinstance(value, bool) for value in case.given):
        return False
    is_whole = len(case.given) == len(case.wanted)
    first, right = case.pairs[0]
    differs = not all(same_value(value, right) for value in case.wanted)
    return is_whole and differs and all(same_value(value, first) for value in case.given)


def _has_right_gradients(case: Case) -> bool:
    """Whether the gradients came out as with the answer wherever the value did."""
    many = len(case.given)
    here, there = (
        _by_turns([each for each in gradients(seen) if each[1] != repr(None)], many)
        for seen in (case.with_fill, case.with_answer)
    )
    turns = zip(case.pairs, here, there, strict=False)
    return all(one == other for pair, one, other in turns if same_value(*pair))


def _by_turns(gradients: list[tuple[str, str]], many: int) -> list[list[tuple[str, str]]]:
    """Return the gradients of each turn of a loop; those of all if they can't be told apart."""
    size, rest = divmod(len(gradients), many)
    if rest:
        return [gradients] * many
    return [gradients[size * turn : size * (turn + 1)] for turn in range(many)]


def _is_close_once(case: Case) -> bool:
    """Whether a wrong value is so near to the answer's that it would do where that is free."""
    return any(_are_close(*map(_flat, pair)) for pair in case.wrong)


def _are_close(given: list[Any], wanted: list[Any]) -> bool:
    """Whether two lists hold as many numbers, each near the other one."""
    if len(given) != len(wanted) or not all(map(is_number, [*given, *wanted])):
        return False
    pairs = zip(given, wanted, strict=True)
    return all(math.isclose(*pair, rel_tol=_NEAR, abs_tol=_NEAR) for pair in pairs)


def written_down(case: Case) -> Reply | None:
    """Whether a value stands where the answer is code that reads what the koan has."""
    if not (case.counts_by_value and case.is_plain and case.asks_for_code):
        return None
    given, wanted = case.wrong[0]
    if _differ_in_shape(given, wanted) and isinstance(wanted, Array):
        return OF_VALUES(said=ANOTHER_SHAPE(shape=given.shape))
    kinds = {kind_in_words(value) for pair in case.pairs[:1] for value in pair}
    return _WRITTEN_DOWN() if len(kinds) == 1 else None


def values(case: Case) -> Reply | None:
    """Say what the values tell, where the fill is worth another one than the answer."""
    if case.asks_for_code and all(_differ_in_shape(*pair) for pair in case.wrong):
        return None  # code may give it in another shape
    said = agreed(compare(*p) for p in case.wrong) if case.counts_by_value else None
    if said and _is_free(case) and not _is_true_of_others(said, case):
        return None
    return of_values(case, said) if said else None


def _is_true_of_others(said: Reply, case: Case) -> bool:
    """Whether it would be said beside any other value with which the koan holds, too."""
    if said.claim is ANOTHER_SHAPE:
        return any(math.prod(a.shape) != math.prod(b.shape) for a, b in case.wrong)
    inner = said.gaps.get("said")
    if isinstance(inner, Reply) and not _is_true_of_others(inner, case):
        return False
    return said.claim not in BY_PLACE | {NOT_THIS_ONE, CLOSE, OTHER_SIDE}


def _is_free(case: Case) -> bool:
    """Whether the koan may hold with other values, or in another list, than the answer's."""
    return case.asks_for_code and not case.compared


def _differ_in_shape(given: object, wanted: object) -> bool:
    """Whether two tensors, or a tensor and a number, have the same elements."""
    return isinstance(given, Array) and same_value(_flat(given), _flat(wanted))


def _flat(value: object) -> list[Any]:
    if isinstance(value, Array):
        value = value.values
    return [e for v in value for e in _flat(v)] if isinstance(value, list) else [value]


ANOTHER_TEXT = Claim(
    "Text belongs here, but another one.",
    lambda case: all(isinstance(value, str) for pair in case.wrong for value in pair),
)


def text(case: Case) -> Reply | None:
    """Whether a text stands where another one belongs."""
    is_text = case.pair and all(isinstance(value, str) for value in case.pair)
    return ANOTHER_TEXT() if is_text else None


RIGHT_KINDS = Claim(
    "Each value is of the right kind, but not all of them are right.",
    lambda case: (
        all(
            kind_in_words(given) == kind_in_words(wanted)
            for given, wanted in zip(*map(elements, case.pairs[0]), strict=True)
        )
        and case.wrong
    ),
)


def right_kinds(case: Case) -> Reply | None:
    """Whether in a list only the values are other ones."""
    if _is_free(case):
        return None
    here, there = map(elements, case.pair or ((), ()))
    kinds = [list(map(kind_in_words, each)) for each in (here, there)]
    return RIGHT_KINDS() if len(here) > 1 and kinds[0] == kinds[1] else None
