"""What two values tell about each other, in a sentence that points and does not tell. Pure."""

from __future__ import annotations

import ast
import difflib
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sensei.judge.claim import Claim, Reply
from sensei.judge.kinds import (
    ANOTHER_KIND,
    ANOTHER_TYPE,
    IN_QUOTES,
    IN_WORDS,
    KINDS,
    all_held,
    but_for_quotes,
    can_be_raised,
    flattened,
    is_number,
    kind_in_words,
    kind_of,
    of_dtypes,
    of_kinds,
    of_types,
)
from sensei.run.values import Array, Dtype, Thing, Type, same_value


def compare(given: object, wanted: object) -> Reply | None:
    """Say how a value differs from the one that belongs there, or None.

    The sentence is about the kind, the length, the order, the sign, a factor, the rounding
    or the spelling. It never names the value.
    """
    if same_value(given, wanted):
        return None
    if kind_of(given) != kind_of(wanted):
        is_like = _are_both_made(given, wanted) or _are_both_iterated(given, wanted)
        return None if is_like else of_kinds(given, wanted)
    match given, wanted:
        case Type(), Type():
            return of_types(given, wanted)
        case Array(), Array():
            return _of_arrays(given, wanted)
        case ((list() | tuple()), (list() | tuple())):
            return _of_lists(given, wanted)
        case str(), str():
            return _of_texts(given, wanted)
        case (bool(), _) | (_, bool()):
            return None
        case ((int() | float()), (int() | float())):
            return _of_numbers(given, wanted)
        case Dtype(), Dtype():
            return of_dtypes(given.name, wanted.name)
    return None


def _are_both_made(given: object, wanted: object) -> bool:
    """Whether both are objects of classes of their own, such as two context managers."""
    if not isinstance(given, Thing) or not isinstance(wanted, Thing):
        return False
    return not given.callable and not can_be_raised(given.type)


#: What a loop can go through as it goes through a list.
_ITERATORS = {
    "list_reverseiterator",
    "reversed",
    "zip",
    "map",
    "filter",
    "enumerate",
    "range",
    "generator",
}


def _are_both_iterated(given: object, wanted: object) -> bool:
    """Whether a list stands where the answer is an iterator: a loop takes both alike."""
    return (
        isinstance(given, list | tuple)
        and isinstance(wanted, Thing)
        and wanted.type.name in _ITERATORS
    )


def agreed(replies: Iterable[Reply | None]) -> Reply | None:
    """Return what is said of each alike, or None."""
    first, *others = replies
    return first if all(other == first for other in others) else None


# Several values.

ANOTHER_SHAPE = Claim(
    "It has the shape {shape}. Another one belongs here.",
    lambda given, wanted, shape: shape == tuple(given.shape) != tuple(wanted.shape),
)
_FEWER = Claim(
    "This has {many}. Fewer belong here.",
    lambda given, wanted, many: len(wanted) < len(given) and many == _how_many(given),
)
_MORE = Claim(
    "This has {many}. More belong here.",
    lambda given, wanted, many: len(wanted) > len(given) and many == _how_many(given),
)
_ORDER = Claim(
    "These are the values, but in another order.",
    lambda given, wanted: (
        sorted(map(repr, _alike(given))) == sorted(map(repr, _alike(wanted)))
        and not same_value(_values(given), _values(wanted))
    ),
)
_EACH = Claim(
    "Every value is off in the same way. {said}",
    lambda given, wanted, said: all(said.is_true_of(*pair) for pair in _pairs(given, wanted)),
)
_OF_THE_ONE = Claim(
    "{said}",
    lambda given, wanted, said: (
        [said.is_true_of(*pair) for pair in _pairs(given, wanted)] == [True]
    ),
)
_NONE_RIGHT = Claim(
    "No value is right in its place.",
    lambda given, wanted: not any(same_value(*pair) for pair in _pairs(given, wanted)),
)
_SOME_BELONG = Claim(
    "{many} here.",
    lambda given, wanted, many: many == _so_many(_values(given), _values(wanted)),
)
_ELSEWHERE = Claim(
    "No value is right in its place, but {many} in it.",
    lambda given, wanted, many: (
        many == _so_many(_values(given), _values(wanted))
        and not any(same_value(*pair) for pair in _pairs(given, wanted))
    ),
)
_BY_LISTS = Claim(
    "{said}",
    lambda given, wanted, said: said == _list_by_list(given, wanted),
)
NOT_THIS_ONE = Claim(
    "The one value in it is not right.",
    lambda given, wanted: len(_values(given)) == 1 and not same_value(given, wanted),
)
_RIGHT_SO_FAR = Claim(
    "Right in its place: {which}.",
    lambda given, wanted, which: which == places_right(given, wanted) != "",
)
_RIGHT_BUT_FOR_ONE = Claim(
    "Right in its place: {which}. Of the other: {said}",
    lambda given, wanted, which, said: (
        which == places_right(given, wanted)
        and [said.is_true_of(*pair) for pair in _pairs(given, wanted) if not same_value(*pair)]
        == [True]
    ),
)
_RIGHT_BUT_FOR_A_LIST = Claim(
    "Right in its place: {which}. In the other list: {said}",
    _RIGHT_BUT_FOR_ONE.holds,
)
_OF_EACH_A_FLAG = Claim(
    "True or False belongs here, for each.",
    lambda given, wanted: (
        all(isinstance(value, bool) for value in _held_in(wanted))
        and not all(isinstance(value, bool) for value in _held_in(given))
    ),
)
_SOME_FLAGS_RIGHT = Claim(
    "Some of these are right, but not all.",
    lambda given, wanted: {same_value(*p) for p in _pairs(given, wanted)} == {True, False},
)


#: What is said of places in a list, and not of its values.
_PLACED = frozenset(
    {
        _ELSEWHERE,
        _NONE_RIGHT,
        _RIGHT_BUT_FOR_A_LIST,
        _RIGHT_BUT_FOR_ONE,
        _RIGHT_SO_FAR,
        _SOME_BELONG,
    }
)
#: What is true of what is compared, element by element, and of nothing else.
BY_PLACE = _PLACED | {KINDS["list", "tuple"], KINDS["tuple", "list"], _BY_LISTS}


def _are_names(values: Sequence[object]) -> bool:
    """Whether they are several texts: which, and not where, is what is asked then."""
    return len(values) > 1 and all(isinstance(value, str) for value in values)


def _belonging(given: Sequence[object], wanted: Sequence[object]) -> int:
    """Count the values that belong there, wherever; each place takes one."""
    places = list(wanted)
    for value in given:
        at = next((n for n, other in enumerate(places) if same_value(value, other)), None)
        if at is not None:
            del places[at]
    return len(wanted) - len(places)


def _so_many(given: Sequence[object], wanted: Sequence[object]) -> str:
    """Say how many of some values belong there, if not all or none do."""
    count = _belonging(given, wanted)
    if not 0 < count < len(given):
        return ""
    return f"{count} of these {len(given)} values belong{'s' if count == 1 else ''}"


def _are_lists(given: Sequence[object], wanted: Sequence[object]) -> bool:
    """Whether both are lists of as many lists, each as long as the other one."""
    return len(given) == len(wanted) > 1 and all(
        isinstance(one, list) and isinstance(other, list) and len(one) == len(other)
        for one, other in zip(given, wanted, strict=True)
    )


def _list_by_list(given: Any, wanted: Any) -> str:
    """Say for each of several lists what is right in it."""
    said = []
    for place, pair in zip(PLACES, _pairs(given, wanted), strict=False):
        if same_value(*pair):
            said.append(f"The {place} list is right.")
        elif which := places_right(*pair):
            said.append(f"In the {place} list, right in its place: {which}.")
        else:
            said.append(f"In the {place} list, nothing is right in its place.")
    return " ".join(said)


def _values(value: Any) -> Any:
    return value.values if isinstance(value, Array) else value


def _pairs(given: Any, wanted: Any) -> list[tuple[Any, Any]]:
    return list(zip(_values(given), _values(wanted), strict=True))


def _alike(value: Any) -> list[Any]:
    """Return values, numbers as floats."""
    return [float(each) if is_number(each) else each for each in _values(value)]


#: How places in a list are called, from its beginning.
PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def places_right(given: Any, wanted: Any) -> str:
    """Name the places in which two lists agree; nothing if there are none, or too many."""
    right = [n for n, pair in enumerate(_pairs(given, wanted)) if same_value(*pair)]
    if not right or right[-1] >= len(PLACES):
        return ""
    *others, last = (f"the {PLACES[n]}" for n in right)
    return f"{', '.join(others)} and {last}" if others else last


def _how_many(values: Sequence[object]) -> str:
    """Say how many values there are."""
    return {0: "no values", 1: "one value"}.get(len(values), f"{len(values)} values")


_EACH_OF_A_KIND = Claim(
    "Each value that belongs here is {kind}.",
    lambda given, wanted, kind: (
        all(kind_in_words(each) == kind for each in _held_in(wanted))
        and not all(kind_in_words(each) == kind for each in _held_in(given))
    ),
)
_ONE_PAIR_TOO_MANY = Claim(
    "There is a pair of [ ] too many.",
    lambda given, wanted: len(given) == 1 and _depth(given) == _depth(wanted) + 1,
)
_ONE_TUPLE_TOO_MANY = Claim(
    "There is one tuple too many around it.",
    lambda given, wanted: isinstance(given, tuple) and same_value(given, (wanted,)),
)
_NO_LIST_THERE = Claim(
    "{kind} stands where a list belongs.",
    lambda given, wanted, kind: any(
        isinstance(other, list) and kind == _capital(kind_in_words(each))
        for each, other in _pairs(given, wanted)
    ),
)
_BRACKETS = Claim(
    "The values are right, but not all the [ ] around them.",
    lambda given, wanted: flattened(given) == flattened(wanted) and given != wanted,
)
_A_KIND_TOO_MANY = Claim(
    "No value that belongs here is {kind}.",
    lambda given, wanted, kind: (
        kind in map(kind_in_words, _held_in(given))
        and kind not in map(kind_in_words, _held_in(wanted))
    ),
)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _depth(value: object) -> int:
    """Count how many pairs of [ ] stand around the innermost values."""
    if not isinstance(value, list):
        return 0
    return 1 + max(map(_depth, value), default=0)


def _are_bracketed_otherwise(given: Sequence[Any], wanted: Sequence[Any]) -> bool:
    """Whether only the lists inside of a list are other ones."""
    holds = [repr(value).count("[]") for value in (given, wanted)]
    is_same = same_value(flattened(given), flattened(wanted)) and len(set(holds)) == 1
    return is_same and not same_value(given, wanted)


def _held_in(value: Any) -> list[Any]:
    """Return a list's elements, or all numbers of a tensor."""
    return all_held(value) if isinstance(value, Array) else list(value)


def _of_held_kinds(given: Sequence[object], wanted: Sequence[object]) -> Reply | None:
    """Say it where a list holds something of a kind that is nowhere in the other one."""
    kinds = set(map(kind_of, wanted))
    others = [value for value in given if kind_of(value) not in kinds]
    if not wanted or not others or "type" in kinds:
        return None
    if len(given) == 1 and isinstance(given[0], list) and len(given[0]) == len(wanted):
        return _ONE_PAIR_TOO_MANY()
    if "str" not in kinds and all(_unquoted(value) in kinds for value in others):
        return IN_QUOTES()
    if kinds == {"flag"}:
        return _OF_EACH_A_FLAG()
    if len(kinds) > 1 and len(given) == len(wanted):
        at = [one for one, other in _pairs(given, wanted) if isinstance(other, list)]
        alone = [each for each in at if each in others and not isinstance(each, list)]
        if alone:
            return _NO_LIST_THERE(kind=_capital(kind_in_words(alone[0])))
    if len(kinds) == 1 and kinds <= {"number", "str", "list", "tuple", "dtype", "tensor"}:
        return _EACH_OF_A_KIND(kind=kind_in_words(wanted[0]))
    return (
        _A_KIND_TOO_MANY(kind=kind_in_words(others[0]))
        if kind_of(others[0]) in IN_WORDS
        else None
    )


def _unquoted(value: object) -> str | None:
    """Return of what kind a text would be without its quotes."""
    try:
        return kind_of(ast.literal_eval(value)) if isinstance(value, str) else None
    except (SyntaxError, ValueError):
        return None


def _of_arrays(given: Array, wanted: Array) -> Reply | None:
    if said := _of_held_kinds(all_held(given), all_held(wanted)):
        return said
    if given.shape != wanted.shape:
        return ANOTHER_SHAPE(shape=tuple(given.shape))
    return _of_lists(given.values, wanted.values)


def _of_lists(given: Sequence[object], wanted: Sequence[object]) -> Reply | None:
    if isinstance(given, tuple) and same_value(given, (wanted,)):
        return _ONE_TUPLE_TOO_MANY()
    if _are_bracketed_otherwise(given, wanted):
        return (_ONE_PAIR_TOO_MANY if [wanted] == given else _BRACKETS)()
    if of_kinds := _of_held_kinds(given, wanted):
        return of_kinds
    if _are_names(given) and (many := _so_many(given, wanted)):
        return _of_one_text(given, wanted) or _SOME_BELONG(many=many)
    if len(given) != len(wanted):
        return (_FEWER if len(given) > len(wanted) else _MORE)(many=_how_many(given))
    wrong = [pair for pair in _pairs(given, wanted) if not same_value(*pair)]
    if all(isinstance(value, bool) for value in wanted):
        return _of_flags(given, len(wanted) - len(wrong))
    if all(_count(value, given) == _count(value, wanted) for value in given):
        return _ORDER()
    said = agreed(compare(*pair) for pair in wrong)
    if len(wrong) == len(wanted) and said and said.claim not in _PLACED:
        return (_EACH if len(wanted) > 1 else _OF_THE_ONE)(said=said)
    if _are_lists(given, wanted):
        return _BY_LISTS(said=_list_by_list(given, wanted))
    return _by_places(given, wanted, wrong)


def _of_one_text(given: Sequence[object], wanted: Sequence[object]) -> Reply | None:
    """Say how the only wrong one of some texts is nearly the one that belongs there."""
    if len(given) != len(wanted):
        return None
    wrong = [pair for pair in _pairs(given, wanted) if not same_value(*pair)]
    is_near = len(wrong) == 1 and compare(*wrong[0])
    return _by_places(given, wanted, wrong) if is_near else None


def _by_places(
    given: Sequence[object], wanted: Sequence[object], wrong: Sequence[tuple[Any, Any]]
) -> Reply | None:
    """Say what is right in its place, and of a single one that isn't, how it differs."""
    if len(wrong) == len(wanted):
        if many := _so_many(given, wanted):
            return _ELSEWHERE(many=many)
        if len(given) > 1:
            return _NONE_RIGHT()
        inner = compare(given[0], wanted[0]) if isinstance(given[0], list) else None
        return _OF_THE_ONE(said=inner) if inner else NOT_THIS_ONE()
    which = places_right(given, wanted)
    if not which:
        return None
    said = compare(*wrong[0])
    # The kind of the last one that is missing would be too much, but for the brackets.
    kinds = {kind_of(value) for value in wrong[0]}
    may_be_said = len(kinds) == 1 or "list" in kinds or but_for_quotes(*wrong[0])
    if len(wrong) == 1 and said and may_be_said:
        is_list = isinstance(wrong[0][0], list)
        return (_RIGHT_BUT_FOR_A_LIST if is_list else _RIGHT_BUT_FOR_ONE)(
            which=which, said=said
        )
    return _RIGHT_SO_FAR(which=which)


def _of_flags(given: Sequence[object], right: int) -> Reply | None:
    # Of two, what is not right would be known by that.
    return _SOME_FLAGS_RIGHT() if len(given) > 2 and right else None


def _count(value: object, values: Sequence[object]) -> int:
    return sum(same_value(value, other) for other in values)


# Two texts.

_CAPITALS = Claim(
    "Capitals count.",
    lambda given, wanted: given != wanted and given.lower() == wanted.lower(),
)
_SPELLING = Claim(
    "Nearly. How is it spelled?",
    lambda given, wanted: 1 > _likeness(given, wanted) > 0.8,
)
_NUMBER_IN_IT = Claim(
    "Nearly. Is the number in it right?",
    lambda given, wanted: given != wanted and _without_digits(given) == _without_digits(wanted),
)
_A_PART = Claim(
    "It is a part of the text that belongs here.",
    lambda given, wanted: given != wanted and given.lower() in wanted.lower(),
)
_MORE_TEXT = Claim(
    "The text that belongs here is a part of this.",
    lambda given, wanted: given != wanted and wanted in given,
)
_CLOSE_SPELLING = 0.8
_SHORTEST = 3


def _of_texts(given: str, wanted: str) -> Reply | None:
    if given.lower() == wanted.lower():
        return _CAPITALS()
    if _without_digits(given) == _without_digits(wanted):
        return _NUMBER_IN_IT()
    are_long = min(len(given), len(wanted)) >= _SHORTEST
    if are_long and wanted in given:
        return _MORE_TEXT()
    if _likeness(given, wanted) > _CLOSE_SPELLING:
        return _SPELLING()
    return _A_PART() if are_long and given.lower() in wanted.lower() else None


def _without_digits(text: str) -> str:
    """Return a text with a 0 for each number in it."""
    return re.sub(r"\d+", "0", text)


def _likeness(given: str, wanted: str) -> float:
    """How alike two texts are, from 0 to 1: of names of nodes, what stands before Backward."""
    whole = difflib.SequenceMatcher(None, given, wanted).ratio()
    one, other = (text.partition("Backward")[0] for text in (given, wanted))
    return min(whole, difflib.SequenceMatcher(None, one, other).ratio())


# Two numbers.

_ORDINARY = Claim(
    "It is an ordinary number.",
    lambda given, wanted: math.isfinite(wanted) and not math.isfinite(given),
)
_NOT_ORDINARY = Claim(
    "It is no ordinary number.",
    lambda given, wanted: math.isfinite(given) and not math.isfinite(wanted),
)
_SIGN = Claim(
    "The size is right. What about the sign?",
    lambda given, wanted: given == -wanted != 0,
)
CLOSE = Claim(
    "Close, but not exact.",
    lambda given, wanted: (
        given != wanted
        and abs(given - wanted) <= abs(wanted) / 20
        and not (float(given).is_integer() and float(wanted).is_integer())
    ),
)
_DECIMALS = Claim(
    "It has more decimals than belong here.",
    lambda given, wanted: _decimals(given) > _decimals(wanted) > 0,
)
OTHER_SIDE = Claim(
    "It lies on the other side of zero.",
    lambda given, wanted: given < 0 < wanted or wanted < 0 < given,
)
#: How close two numbers are, relative to their size: an exact one, and a rounded one.
_EXACT, _ROUNDED = 0.01, 0.05


def nearly(given: float, wanted: float) -> Reply | None:
    """Say what two numbers have in common that are the same but for one thing, or None."""
    if math.isfinite(given) != math.isfinite(wanted):
        return _ORDINARY() if math.isfinite(wanted) else _NOT_ORDINARY()
    if given == -wanted:
        return _SIGN()
    if float(given).is_integer() and float(wanted).is_integer():
        return None  # nobody rounds one whole number to another
    is_rounded, is_exact = _is_rounded(given, wanted), _is_rounded(wanted, given)
    is_one = is_rounded or is_exact
    if not math.isclose(given, wanted, rel_tol=_ROUNDED if is_one else _EXACT):
        return None
    return (_DECIMALS if is_exact else CLOSE)()


def _is_rounded(number: float, exact: float) -> bool:
    """Whether a number, of which some decimals are written, is another one in as many."""
    digits = _decimals(number)
    return digits > 0 and round(exact, digits) == number


def _decimals(number: float) -> int:
    """Count the decimals that a number is written with."""
    return 0 if float(number).is_integer() else len(repr(number).partition(".")[2])


def _of_numbers(given: float, wanted: float) -> Reply | None:
    if said := nearly(given, wanted):
        return said
    return OTHER_SIDE() if given * wanted < 0 else None


def factor_between(given: float, wanted: float) -> float:
    """Return by what factor two numbers differ, at least 1; 0 where there is none."""
    small, large = sorted((abs(given), abs(wanted)))
    return large / small if small and math.isfinite(large) else 0.0


#: What says which part is right.
PARTLY_RIGHT = frozenset({_RIGHT_BUT_FOR_A_LIST, _RIGHT_BUT_FOR_ONE, _RIGHT_SO_FAR})
#: What is true and leaves a learner alone.
VAGUE = frozenset(
    {
        ANOTHER_KIND,
        ANOTHER_TYPE,
        CLOSE,
        NOT_THIS_ONE,
        OTHER_SIDE,
        _ELSEWHERE,
        _FEWER,
        _MORE,
        _NONE_RIGHT,
        _ORDER,
        _SOME_BELONG,
        _SOME_FLAGS_RIGHT,
    }
)
