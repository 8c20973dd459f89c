"""Why a fill is wrong, without telling the answer. Pure: nothing is run here.

RULES, at the end, is the order in which the rules speak. Each looks at the case, and either
makes a claim or has nothing to say.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from typing import Any

from sensei.judge.as_written import is_written, of_values
from sensei.judge.case import Case, elements, names_in, parts
from sensei.judge.claim import Claim, Reply
from sensei.judge.compare import (
    ANOTHER_SHAPE,
    BY_PLACE,
    CLOSE,
    NOT_THIS_ONE,
    OTHER_SIDE,
    PARTLY_RIGHT,
    PLACES,
    VAGUE,
    agreed,
    compare,
    places_right,
)
from sensei.judge.foreseen import foreseen, foreseen_but_for_the_sign, foreseen_otherwise
from sensei.judge.formulas import (
    RIGHT_NAMES,
    but_for_one,
    called_with_something_else,
    compare_formulas,
    compare_names,
    is_formula,
    is_same_formula,
)
from sensei.judge.kinds import differ_in_kind, is_number, kind_in_words
from sensei.judge.lines import (
    ANOTHER_LINE_FAILS,
    ANOTHER_LINE_RAISES,
    CHANGES_ALL_THE_SAME,
    RAISES_SOMEHOW,
    effect,
    how_it_ended,
    no_effect,
    not_called,
    statement,
)
from sensei.judge.names import say_of_name
from sensei.judge.prediction import asks_for_value
from sensei.judge.quantities import (
    ANOTHER_NUMBER,
    SIZE,
    added_or_multiplied,
    another_name,
    another_time,
    known_factor,
    nearly_so,
    one_line,
    size,
    zero,
)
from sensei.judge.secrets import gives_away
from sensei.judge.verdict import NOTHING_TO_SAY
from sensei.koan import source
from sensei.koan.graft import Fill
from sensei.run.values import Array, is_plain, plain, same_value

#: How far a value may be from the answer's where other values do as well.
_NEAR = 1e-3

#: Looks at a case and says something about it, or nothing.
Rule = Callable[[Case], Reply | None]


def reply_to(case: Case) -> Reply:
    """Say why a fill is wrong: what the first rule says that has something to say."""
    replies = filter(None, (rule(case) for rule in RULES))
    may_be_said = (r for r in replies if r.known or not gives_away(r.text, case.sheet))
    said = next(may_be_said, NO_RULE)
    return _with_hint(case, said) if _is_vague(said) else said


def _fails(case: Case) -> bool:
    return not case.outcome.held


NO_RULE = Claim(NOTHING_TO_SAY, _fails)()
ONLY_WITH_ADDED_LINES = Claim(
    "It holds only with the lines that you added. What is in the blank has to do without them.",
    _fails,
)()
FROM_AN_ADDED_LINE = Claim(
    "{name} comes from a line that you added. What is in the blank has to do without it.",
    lambda case, name: name in names_in(case.fill.nodes) and name not in case.variables,
)
_AND_A_HINT = Claim(
    "{said}\n\nThis koan's {which} hint: {hint}",
    lambda case, said, which, hint: (
        said.is_true_of(case)
        and hint in case.sheet.hints
        and which == _which(case.sheet.hints.index(hint), len(case.sheet.hints))
    ),
)
NOT_TOGETHER = Claim(
    "Each would do by itself, but not all of them together.",
    lambda case: case.outcome.held,
)()
ONE_OF_THEM = Claim(
    "With these the koan doesn't hold. One of them or several are not right; this course keeps "
    "its answers, so nobody here can say which.",
    _fails,
)()


def _is_vague(said: Reply) -> bool:
    """Whether it is true and helps nobody by itself."""
    if said.claim in PARTLY_RIGHT:
        return False  # a hint would often be about what is right already
    inner = said.gaps.get("said")
    return said.claim in _VAGUE or (isinstance(inner, Reply) and _is_vague(inner))


def _with_hint(case: Case, said: Reply) -> Reply:
    """Add the hint of the blank: a koan's hints come in the order of its blanks."""
    hints = case.sheet.hints
    if not hints:
        return said
    is_last = 0 < case.number == len(case.sheet.markers) - 1
    at = len(hints) - 1 if is_last else min(case.number, len(hints) - 1)
    both = _AND_A_HINT(said=said, which=_which(at, len(hints)), hint=hints[at])
    return said if gives_away(both.text, case.sheet) else both


def _which(at: int, total: int) -> str:
    """Say which of a koan's hints it is, without a digit: that might be the answer."""
    is_last = at == total - 1 and (at > 0 or total == 1)
    return "last" if is_last or at >= len(PLACES) else PLACES[at]


# What Python reads otherwise than one may have meant it.

_AFTER_A_COMMA = Claim(
    "Python takes what follows the comma for a message of the assertion. Put several values "
    "in [ ].",
    lambda case: case.fill.goes_on,
)
_DECIMAL_COMMA = Claim(
    "Python writes a number with a point. What follows a comma is something of its own.",
    lambda case: case.fill.goes_on and re.search(r"\d,\s*\d", case.fill.text),
)
_LEFT_OF_A_BLANK = Claim(
    "That is left of the blank. Write your prediction in its place.",
    lambda case: re.fullmatch("_+", case.fill.text) and case.fill.text != source.BLANK,
)
_NOT_A_POWER = Claim(
    "In Python a power is written with **. The sign ^ means something else.",
    lambda case: "^" in case.fill.text,
)
_NO_SIGN = Claim(
    "Between two factors Python needs a *.",
    lambda case: re.search(r"[\d.)]\s*\(", case.fill.text),
)


_PRINTS = Claim(
    "print() shows a value and gives back None. Write the value itself.",
    lambda case: "print(" in case.fill.code and not case.marker.is_line,
)


def _is_decimal(case: Case) -> bool:
    """Whether it looks like a decimal fraction with a comma."""
    several = isinstance(case.marker.answer, ast.List | ast.Tuple)
    return bool(re.fullmatch(r"-?\d+, *\d+", case.fill.text)) and not several


def _slip_of_python(case: Case) -> Reply | None:
    if case.fill.goes_on:
        return (_DECIMAL_COMMA if _is_decimal(case) else _AFTER_A_COMMA)()
    if set(case.fill.text) == {"_"}:
        return _LEFT_OF_A_BLANK()
    for part in parts(case.fill.nodes):
        match part:
            case ast.BitXor():
                return _NOT_A_POWER()
            case ast.Call(ast.Constant(value)) if is_number(value):
                return _NO_SIGN()
            case ast.Call(ast.Name("print")) if not case.marker.is_line:
                return _PRINTS()
    return None


# What is no prediction, also where it holds.

_COMPUTES = Claim(
    "That computes it. Which value will it have?",
    lambda case: case.computes and (case.outcome.held or not case.wrong),
)
_COMPUTES_ANOTHER = Claim(
    "That reads what the koan has. Which value belongs here?",
    lambda case: case.computes and _fails(case),
)
_NAMES_AS_TEXT = Claim(
    "Names are asked for as text. Put text in quotes.",
    lambda case: case.computes and _named(case) and _asks_for(case, str),
)
_FLAG_OF_EACH = Claim(
    "These are variables. True or False belongs here, for each.",
    lambda case: case.computes and _named(case) and _asks_for(case, bool),
)
_NAMES_A_VARIABLE = Claim(
    "{name} is a variable. {what} belongs in its place.",
    lambda case, name, what: (
        case.computes and _named(case) == [name] and what == _what_belongs(case)
    ),
)


def _computes(case: Case) -> Reply | None:
    """Whether it reads what the koan computes, where a value should be predicted."""
    error = case.outcome.error
    if not case.computes or (error is not None and error.is_a("NameError")):
        return None
    if case.outcome.held:
        return _COMPUTES()
    named = _named(case)
    if named and _asks_for(case, str):
        return _NAMES_AS_TEXT()
    if named and _asks_for(case, bool):
        return _FLAG_OF_EACH()
    if len(named) != 1:
        differ = any(differ_in_kind(*pair) for pair in case.pairs)
        of_kinds = _values(case) if differ else None
        return of_kinds if of_kinds and not _is_vague(of_kinds) else _COMPUTES_ANOTHER()
    return _NAMES_A_VARIABLE(name=named[0], what=_what_belongs(case))


def _what_belongs(case: Case) -> str:
    """Say of what kind the answer is, of a blank that asks for a value."""
    if not is_plain(case.marker.answer):
        return "The name of a type or a dtype"
    kind = kind_in_words(plain(case.marker.answer))
    return "A value" if kind in {"None", "something else"} else kind[:1].upper() + kind[1:]


def _named(case: Case) -> list[str]:
    """Return the names that a fill consists of, by itself or in a list; none if of more."""
    node = case.fill.nodes[0]
    nodes = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    texts = [node for node in nodes if is_written(node, str)]
    return names if len(names) + len(texts) == len(nodes) else []


def _asks_for(case: Case, kind: type) -> bool:
    """Whether the answer is one or several plain values of a kind, but for None."""
    value = plain(case.marker.answer) if is_plain(case.marker.answer) else None
    parts = value if isinstance(value, list | tuple) else [value]
    parts = [part for part in parts if part is not None]
    return bool(parts) and all(isinstance(part, kind) for part in parts)


_REPEATS = Claim(
    "That repeats what stands on the left. What is it?",
    lambda case: case.compared and case.outcome.held,
)


def _repeats(case: Case) -> Reply | None:
    """Whether it is what the blank is compared with."""
    there = case.compared
    if there is None or is_plain(there.left):
        return None
    is_same = [ast.dump(there.left)] == list(map(ast.dump, case.fill.nodes))
    return _REPEATS() if is_same else None


def refusal(case: Case) -> Reply | None:
    """Say why a fill with which its koan holds is no prediction all the same, if it is none.

    Python takes True for 1, 0 for False, and 6,5 for 6 and a message.
    """
    wants_value = asks_for_value(case.marker)
    said = _slip_of_python(case) if case.fill.goes_on or wants_value else None
    said = said or _computes(case) or _repeats(case)
    if said is None and wants_value and not case.has_right_kinds:
        said = _values(case) or NO_RULE
    return said and (foreseen(case) or said)


# Names and objects.


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
    lambda case: case.asks_for_object and case.pairs and not case.wrong and _fails(case),
)


_ANOTHER_OBJECT_AND_VALUE = Claim(
    "It is another object, with another value.",
    lambda case: case.asks_for_object and case.wrong and _fails(case),
)


def _is_constant(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _listed_names(case: Case) -> Reply | None:
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


def _object(case: Case) -> Reply | None:
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
    lambda case: _fails(case) and _is_in(case.fill, case.marker.answer),
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


def _right_value(case: Case) -> Reply | None:
    """Whether only something else than the value of the code is wrong."""
    if case.marker.is_line or not _is_free(case) or not case.pairs or case.wrong:
        return None
    ended = how_it_ended(case) if case.ends_elsewhere else None
    if ended is None or ended.claim not in {ANOTHER_LINE_FAILS, ANOTHER_LINE_RAISES}:
        return None
    so_far = " so far" if len(case.given) < len(case.wanted) else ""
    return _RIGHT_VALUE(so_far=so_far, ended=ended)


def _more_than_belongs(case: Case) -> Reply | None:
    """Whether all of the answer, which is more than a name, is in the fill."""
    is_open = case.asks_for_code and not case.marker.is_line
    return _MORE_THAN_BELONGS() if is_open and _is_in(case.fill, case.marker.answer) else None


def _more_than_the_line(case: Case) -> Reply | None:
    is_line = case.marker.is_line and not case.marker.is_closed
    return _MORE_THAN_BELONGS() if is_line and _is_in(case.fill, case.marker.answer) else None


def _is_in(fill: Fill, answer: ast.expr) -> bool:
    """Whether an answer that is more than a name stands in a fill, with something else."""
    if isinstance(answer, ast.Name | ast.Attribute | ast.Constant):
        return False
    only = fill.nodes[0] if len(fill.nodes) == 1 else None
    inside = (part for part in parts(fill.nodes) if isinstance(part, ast.expr))
    return any(part is not only and is_same_formula(part, answer) for part in inside)


def _formula(case: Case) -> Reply | None:
    """Compare two formulas as they are written, where their values say less."""
    if _is_negated(case):
        return _values(case)
    said = _of_two_formulas(case, compare_formulas) or _of_two_calls(case)
    return _OF_FORMULAS(said=said) if said else None


def _right_names(case: Case) -> Reply | None:
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


def _other_kinds(case: Case) -> Reply | None:
    """Whether code that is computed several times is never worth anything of that kind."""
    if not case.counts_by_value or len(case.pairs) == 1:
        return None
    kinds = [tuple(map(kind_in_words, pair)) for pair in case.pairs]
    return _values(case) if all(given != wanted for given, wanted in kinds) else None


def _is_negated(case: Case) -> bool:
    pairs = [pair for pair in case.pairs if all(map(is_number, pair))]
    return bool(pairs) and all(given == -wanted for given, wanted in pairs)


def _steady(case: Case) -> Reply | None:
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
    "This is a value that is written down. What belongs here is computed from what there is.",
    lambda case: case.is_plain and case.asks_for_code,
)
_ALWAYS_THE_SAME = Claim(
    "This is the same whenever it is computed. What belongs here is not.",
    lambda case: len(set(map(repr, case.given))) == 1 < len(set(map(repr, case.wanted))),
)
_LOOK_AROUND = Claim(
    "One of the koan's names would help here, and is not used yet.",
    _left_out,
)
_RIGHT_FOR_SOME = Claim(
    "In some of the cases that the koan tries it comes to the same as the answer, not in all.",
    lambda case: {same_value(*pair) for pair in case.pairs} == {True, False},
)
_RIGHT_AT_TIMES = Claim(
    "Of the {many} times that it is computed, it comes to the same as the answer in {which}.",
    lambda case, many, which: (
        int(many) == len(case.given) == len(case.wanted)
        and which == places_right(case.given, case.wanted) != ""
        and case.wrong
    ),
)


def _several(case: Case) -> Reply | None:
    """Compare values that were computed several times."""
    if not case.counts_by_value or len(case.pairs) == 1:
        return None
    first = case.pairs[0][1]
    if case.is_plain and not all(same_value(wanted, first) for _, wanted in case.pairs):
        return _ALWAYS_THE_SAME()
    # Who uses some of the names may have another way in mind.
    used = names_in(case.fill.nodes) & names_in([case.marker.answer]) & case.variables
    if _left_out(case) and not used:
        return _LOOK_AROUND()
    if len(case.wrong) == len(case.pairs) or (_is_free(case) and _is_close_once(case)):
        return None
    many = len(case.given)
    are_flags = all(isinstance(value, bool) for value in case.wanted)  # half right by chance
    is_telling = many == len(case.wanted) and not are_flags
    which = places_right(case.given, case.wanted) if is_telling else ""
    return _RIGHT_AT_TIMES(many=many, which=which) if which else _RIGHT_FOR_SOME()


def _is_close_once(case: Case) -> bool:
    """Whether a wrong value is so near to the answer's that it would do where that is free."""
    return any(_are_close(*map(_flat, pair)) for pair in case.wrong)


def _are_close(given: list[Any], wanted: list[Any]) -> bool:
    """Whether two lists hold as many numbers, each near the other one."""
    if len(given) != len(wanted) or not all(map(is_number, [*given, *wanted])):
        return False
    pairs = zip(given, wanted, strict=True)
    return all(math.isclose(*pair, rel_tol=_NEAR, abs_tol=_NEAR) for pair in pairs)


def _written_down(case: Case) -> Reply | None:
    """Whether a value stands where the answer is code that reads what the koan has."""
    is_other = case.counts_by_value and case.is_plain and case.asks_for_code
    kinds = {kind_in_words(value) for pair in case.pairs[:1] for value in pair}
    return _WRITTEN_DOWN() if is_other and len(kinds) == 1 else None


def _values(case: Case) -> Reply | None:
    if case.asks_for_code and all(_differ_in_shape(*pair) for pair in case.wrong):
        return None  # code may give it in another shape
    said = agreed(compare(*p) for p in case.wrong) if case.counts_by_value else None
    if said and _is_free(case) and not _is_true_of_others(said, case):
        return None
    return of_values(case, said) if said else None


def _is_true_of_others(said: Reply, case: Case) -> bool:
    """Whether it would be said beside any other value with which the koan holds, too."""
    if said.claim is ANOTHER_SHAPE:
        counts = {math.prod(value.shape) for value in case.wrong[0]}
        return len(counts) > 1
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


_ANOTHER_TEXT = Claim(
    "Text belongs here, but another one.",
    lambda case: all(isinstance(value, str) for pair in case.wrong for value in pair),
)


def _text(case: Case) -> Reply | None:
    """Whether a text stands where another one belongs."""
    is_text = case.pair and all(isinstance(value, str) for value in case.pair)
    return _ANOTHER_TEXT() if is_text else None


_RIGHT_KINDS = Claim(
    "Each value is of the right kind, but not all of them are right.",
    lambda case: (
        all(
            kind_in_words(given) == kind_in_words(wanted)
            for given, wanted in zip(*map(elements, case.pairs[0]), strict=True)
        )
        and case.wrong
    ),
)


def _right_kinds(case: Case) -> Reply | None:
    """Whether in a list only the values are other ones."""
    if _is_free(case):
        return None
    here, there = map(elements, case.pair or ((), ()))
    kinds = [list(map(kind_in_words, each)) for each in (here, there)]
    return _RIGHT_KINDS() if len(here) > 1 and kinds[0] == kinds[1] else None


#: What is worth a hint beside it.
_VAGUE: frozenset[Claim] = frozenset(
    {
        NO_RULE.claim,
        ANOTHER_LINE_FAILS,
        ANOTHER_LINE_RAISES,
        ANOTHER_NUMBER,
        CHANGES_ALL_THE_SAME,
        _ANOTHER_TEXT,
        _COMPUTES_ANOTHER,
        _LOOK_AROUND,
        RAISES_SOMEHOW,
        _RIGHT_KINDS,
        SIZE,
        RIGHT_NAMES,
        *VAGUE,
    }
)

#: The order in which they speak: from what is known for sure to what is seen from afar.
RULES: tuple[Rule, ...] = (
    # what the koan foresaw, and slips of Python
    foreseen,
    _slip_of_python,
    _computes,
    foreseen_otherwise,
    foreseen_but_for_the_sign,
    # names and objects
    say_of_name,
    not_called,
    _listed_names,
    _object,
    # the same number but for one thing, at another time, under another name, by a factor
    nearly_so,
    another_time,
    one_line,
    another_name,
    added_or_multiplied,
    known_factor,
    # two formulas
    _right_value,
    _other_kinds,
    _formula,
    _more_than_belongs,
    _steady,
    # whatever values there are
    _several,
    _written_down,
    _values,
    _right_names,
    zero,
    size,
    _text,
    _right_kinds,
    # what the line does, and how the koan ended
    statement,
    _more_than_the_line,
    effect,
    no_effect,
    how_it_ended,
)
