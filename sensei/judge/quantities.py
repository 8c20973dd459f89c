"""A number in place of another one: what else in the koan has, or had, or makes it. Pure."""

from __future__ import annotations

import ast
import itertools
import math
from collections import Counter
from typing import Any

from sensei.judge.as_written import of_values
from sensei.judge.case import Case, elements
from sensei.judge.claim import Claim, Reply
from sensei.judge.compare import factor_between, nearly
from sensei.judge.kinds import all_held, is_number
from sensei.run.observer import Sight
from sensei.run.values import Array, same_value


def _was_so(case: Case, when: str, line: str) -> bool:
    """Whether what is asked for had the given value before it had the wanted one, or after."""
    states = _states(case)
    right = [n for n, s in enumerate(states) if same_value(s.value, case.wanted[0])]
    return any(
        same_value(state.value, case.given[0])
        and case.line(state.line) == line
        and (n < right[-1] if right else state.line < case.own_lines[0])
        == (when == "was earlier")
        for n, state in enumerate(states)
    )


def _is_brought(case: Case, line: str) -> bool:
    """Whether a line makes what is asked for larger by the given value."""
    states: list[Any] = [s for s in _states(case) if is_number(s.value)]
    return any(
        before.value + case.given[0] == after.value and case.line(after.line) == line
        for before, after in itertools.pairwise(states)
    )


def _is_named(case: Case, name: str) -> bool:
    """Whether a name of the koan stands for the given value, and never for another one."""
    values = [sight.value for sight in case.sights if sight.text == name]
    return bool(values) and all(_is_value(value, case.given[0]) for value in values)


def _states(case: Case) -> list[Sight]:
    """Return what was seen of the quantity that is asked for, in the order of time."""
    asked = case.asked.removesuffix(".item()")
    return [sight for sight in case.sights if sight.text == asked]


_ANOTHER_TIME = Claim(
    "So it {when}.",
    lambda case, when: _was_so(case, when, ""),
)
_ANOTHER_TIME_AFTER = Claim(
    "So it {when}, after this line: {line}",
    lambda case, when, line: line and _was_so(case, when, line),
)
_BY_ONE_LINE = Claim(
    "That is only what one line brings.",
    lambda case: _is_brought(case, ""),
)
_BY_THIS_LINE = Claim(
    "That is only what one line brings: {line}",
    lambda case, line: line and _is_brought(case, line),
)
_THAT_IS = Claim("That is {name}.", _is_named)
_A_VALUE = Claim(
    "That is {name}, a value. A gradient is asked for.",
    lambda case, name: (
        _is_named(case, name) and case.asked.endswith(".grad") and not case.is_gradient(name)
    ),
)
_FACTOR_MISSING = Claim(
    "A factor is missing: it is one that stands in this koan.",
    lambda case: (
        all(given * wanted > 0 for given, wanted in _numbers(case))
        and _factor(case, missing=True) in case.constants
    ),
)
_OFF_BY_A_FACTOR = Claim(
    "It is off by a factor that stands in this koan.",
    lambda case: case.constants.intersection(
        (_factor(case, missing=True), _factor(case, missing=False))
    ),
)
_FACTOR_TOO_MANY = Claim(
    "There is a factor too many: it is one that stands in this koan.",
    lambda case: (
        all(given * wanted > 0 for given, wanted in _numbers(case))
        and _factor(case, missing=False) in case.constants
    ),
)
_ADDED = Claim(
    "Two numbers of this koan give that when they are added. Is that what happens to them "
    "here?",
    lambda case: any(one * other == case.wanted[0] for one, other in _summands(case)),
)
_MULTIPLIED = Claim(
    "Two numbers of this koan give that when they are multiplied. Is that what happens to them "
    "here?",
    lambda case: any(one + other == case.wanted[0] for one, other in _factors(case)),
)
SIZE = Claim(
    "The sign is right. The number is {how}.",
    lambda case, how: (
        case.given[0] * case.wanted[0] > 0
        and how == _off(case.given[0], case.wanted[0])
        and case.given[0] != case.wanted[0]
    ),
)
ANOTHER_NUMBER = Claim(
    "A number belongs here, but another one.",
    lambda case: all(map(is_number, (case.given[0], case.wanted[0]))) and case.wrong,
)
_ZERO = Claim(
    "0 would mean that the result does not change with {of}. Here it does.",
    lambda case, of: case.given[0] == 0 != case.wanted[0] and case.asked == f"{of}.grad",
)


def nearly_so(case: Case) -> Reply | None:
    """Whether a number is the right one but for its sign or its rounding."""
    said = nearly(*case.numbers) if case.numbers else None
    return of_values(case, said) if said else None


def another_time(case: Case) -> Reply | None:
    """Whether the quantity that is asked for was or will be this at another time."""
    for state in _states(case) if case.numbers else ():
        if case.may_name(state) and same_value(state.value, case.given[0]):
            when = "was earlier" if state.line < case.own_lines[0] else "will be later"
            line = case.line(state.line)
            return (
                _ANOTHER_TIME_AFTER(when=when, line=line) if line else _ANOTHER_TIME(when=when)
            )
    return None


def one_line(case: Case) -> Reply | None:
    """Whether only one line makes this difference to the quantity that is asked for."""
    for before, after in itertools.pairwise(_states(case)) if case.numbers else ():
        if not (is_number(before.value) and is_number(after.value)):
            continue
        may_be_said = case.may_name(before) and case.may_name(after)
        if may_be_said and after.value - before.value == case.given[0]:
            line = case.line(after.line)
            return _BY_THIS_LINE(line=line) if line else _BY_ONE_LINE()
    return None


def another_name(case: Case) -> Reply | None:
    """Whether something else in the koan has this value."""
    given, wanted = case.pair or (None, None)
    is_list = isinstance(given, list) and not _has_flags(wanted)
    if not given or not (case.numbers or is_list):
        return None
    if is_list and same_value(all_held(given), all_held(wanted)):
        return None  # it is the brackets
    # What changes on the way has no value that is worth its name.
    times = Counter(sight.text for sight in case.sights)
    named = [
        sight.text
        for sight in case.sights
        if times[sight.text] == 1 and _is_value(sight.value, given) and case.may_name(sight)
    ]
    if not named:
        return None
    # A variable says more than an expression.
    name = next(filter(str.isidentifier, named), named[0])
    of_gradient = case.asked.endswith(".grad") and not case.is_gradient(name)
    return (_A_VALUE if of_gradient else _THAT_IS)(name=name)


def _has_flags(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, bool) for each in value)


def _is_value(value: object, given: object) -> bool:
    if isinstance(value, Array) and isinstance(given, list):
        value = value.values
    return same_value(value, given)


def known_factor(case: Case) -> Reply | None:
    """Whether a factor that stands in the koan makes the difference, of each value alike."""
    pairs = _numbers(case)
    # With 0, NaN or infinity there is no such factor.
    if not pairs or not all(0 < given * wanted < math.inf for given, wanted in pairs):
        return None
    if factor_between(*pairs[0]) <= 1 or all(abs(given) == 1 for given, _ in pairs):
        return None
    by_chance = _COMMON_FACTORS - case.multipliers if len(pairs) == 1 else frozenset()
    known = case.constants - by_chance
    factors = _factor(case, missing=True), _factor(case, missing=False)
    if known.isdisjoint(factors):
        return None
    if case.divisors.intersection(factors):
        return _OFF_BY_A_FACTOR()
    return (_FACTOR_MISSING if factors[0] in known else _FACTOR_TOO_MANY)()


#: Many numbers are twice or three times another one, whatever was thought of.
_COMMON_FACTORS = frozenset({2.0, 3.0})


def _numbers(case: Case) -> list[tuple[float, float]]:
    """Return the pairs of numbers that should be the same, of lists those in the same place."""
    given, wanted = (None, None) if case.asks_for_code else case.pair or (None, None)
    here, there = elements(given), elements(wanted)
    if len(here) != len(there):
        return []
    pairs = [(a, b) for a, b in zip(here, there, strict=True) if is_number(a) and is_number(b)]
    return pairs if len(pairs) == len(here) else []


def _factor(case: Case, *, missing: bool) -> float | None:
    """Return by what each number has to be multiplied, or divided, if it is one for all."""
    pairs = _numbers(case)
    by = {wanted / given if missing else given / wanted for given, wanted in pairs}
    return by.pop() if len(by) == 1 else None


def added_or_multiplied(case: Case) -> Reply | None:
    """Whether two numbers of the koan are added that belong multiplied, or the other way."""
    if not case.numbers:
        return None
    _, wanted = case.numbers
    if isinstance(wanted, int):
        return None  # a count is no result of arithmetic
    if any(one * other == wanted for one, other in _summands(case)):
        return _ADDED()
    if any(one + other == wanted for one, other in _factors(case)):
        return _MULTIPLIED()
    return None


def _summands(case: Case) -> list[tuple[float, float]]:
    """Return the numbers in the koan that come in pairs to the given one when added."""
    known, given = _known_numbers(case), _the_number(case)
    return [(one, given - one) for one in known if given - one in known]


def _factors(case: Case) -> list[tuple[float, float]]:
    """Return the numbers in the koan that come in pairs to the given one when multiplied."""
    known, given = _known_numbers(case), _the_number(case)
    return [(one, given / one) for one in known if given / one in known]


def _the_number(case: Case) -> float:
    given, _ = case.pairs[0]
    return float(given)


def _known_numbers(case: Case) -> set[float]:
    times = Counter(sight.text for sight in case.sights)
    lasting = [sight for sight in case.sights if times[sight.text] == 1]
    seen = {s.value for s in lasting if is_number(s.value) and case.may_name(s)}
    # With those, there are sums and products by chance.
    return {number for number in seen | case.constants if number not in {-1, 0, 1}}


def size(case: Case) -> Reply | None:
    """Say whether a number is too small or too large, where nothing else is known."""
    if not case.numbers:
        return None
    given, wanted = case.numbers
    return SIZE(how=_off(given, wanted)) if given * wanted > 0 else ANOTHER_NUMBER()


def _off(given: float, wanted: float) -> str:
    """Say on which side of a number of the same sign another one is."""
    is_near = abs(given) < abs(wanted)
    if wanted > 0:
        return "too small" if is_near else "too large"
    return "too close to zero" if is_near else "too far from zero"


def zero(case: Case) -> Reply | None:
    """Say what a gradient of 0 would mean."""
    of = case.asked.removesuffix(".grad")
    is_zero = case.numbers and case.numbers[0] == 0
    is_one_pass = is_zero and of != case.asked and not _accumulates(case)
    return _ZERO(of=of) if is_one_pass else None


def _accumulates(case: Case) -> bool:
    """Whether a gradient is there for more reasons than one backward pass."""
    nodes = [*ast.walk(case.sheet.pattern.tree())]
    passes = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr == "backward"]
    is_loop = any(isinstance(node, ast.For | ast.While) for node in nodes)
    return is_loop or len(passes) > 1 or ".grad = " in case.sheet.pattern.text
