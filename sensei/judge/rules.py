"""Why a fill is wrong, without telling the answer. Pure: nothing is run here.

RULES, at the end, is the order in which the rules speak. Each looks at the case, and either
makes a claim or has nothing to say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from sensei.judge.as_written import is_written
from sensei.judge.case import Case, names_in, parts
from sensei.judge.claim import Claim, Reply
from sensei.judge.compare import PARTLY_RIGHT, PLACES, VAGUE
from sensei.judge.foreseen import foreseen, foreseen_but_for_the_sign, foreseen_otherwise
from sensei.judge.formulas import RIGHT_NAMES
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
from sensei.judge.objects import listed_names, which_object
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
from sensei.judge.worth import (
    ANOTHER_TEXT,
    LOOK_AROUND,
    RIGHT_FOR_SOME,
    RIGHT_KINDS,
    formula,
    more_than_belongs,
    more_than_the_line,
    other_kinds,
    right_kinds,
    right_names,
    right_parts,
    right_value,
    several,
    steady,
    text,
    values,
    written_down,
)
from sensei.koan import source
from sensei.run.values import is_plain, plain

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
        of_kinds = values(case) if differ else None
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
        said = values(case) or NO_RULE
    return said and (foreseen(case) or said)


#: What is worth a hint beside it.
_VAGUE: frozenset[Claim] = frozenset(
    {
        NO_RULE.claim,
        ANOTHER_LINE_FAILS,
        ANOTHER_LINE_RAISES,
        ANOTHER_NUMBER,
        ANOTHER_TEXT,
        CHANGES_ALL_THE_SAME,
        _COMPUTES_ANOTHER,
        LOOK_AROUND,
        RAISES_SOMEHOW,
        RIGHT_FOR_SOME,
        RIGHT_KINDS,
        RIGHT_NAMES,
        SIZE,
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
    listed_names,
    which_object,
    # the same number but for one thing, at another time, under another name, by a factor
    nearly_so,
    another_time,
    one_line,
    another_name,
    added_or_multiplied,
    known_factor,
    # two formulas
    right_value,
    other_kinds,
    formula,
    steady,
    # whatever values there are
    several,
    written_down,
    values,
    more_than_belongs,
    right_parts,
    right_names,
    zero,
    size,
    text,
    right_kinds,
    # what the line does, and how the koan ended
    statement,
    more_than_the_line,
    effect,
    no_effect,
    how_it_ended,
)
