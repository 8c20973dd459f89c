"""What two values tell about each other, in a sentence that points and does not tell. Pure."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence

from sensei.run.values import Array, Dtype, Thing, Type, same_value


def compare(given: object, wanted: object) -> str | None:
    """Say how a value differs from the one that belongs there, or None.

    The sentence is about the kind, the length, the order, the sign, a factor, the rounding
    or the spelling. It never names the value.
    """
    if same_value(given, wanted):
        return None
    if _kind(given) != _kind(wanted):
        return _of_kinds(given, wanted)
    match given, wanted:
        case Type(), Type():
            return _of_types(given, wanted)
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
            return _of_dtypes(given.name, wanted.name)
    return None


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "flag"
        case int() | float():
            return "number"
        case Array():
            return "tensor"
        case Type():
            return "type"
        case Dtype():
            return "dtype"
        case Thing(kind, is_called):
            return "exception" if kind.can_be_raised else f"{kind.full_name} {is_called}"
    return type(value).__name__


def _of_kinds(given: object, wanted: object) -> str:
    kinds = _kind(given), _kind(wanted)
    if isinstance(given, Thing) and given.callable and kinds[1] not in {"type", "dtype"}:
        return "This names something, but does not call it."
    if isinstance(given, Type) and given.can_be_raised:
        return "No exception is asked for. What stands here?"
    if given is None and isinstance(wanted, Type) and wanted.can_be_raised:
        return "Something is raised here. Of which type?"
    if isinstance(wanted, list) and kinds[0] in map(_kind, wanted):
        return "Several values belong here, in [ ]."
    several = tuple("several" if kind in _SEVERAL else "one" for kind in kinds)
    for entry in (kinds, (kinds[0], "any"), ("any", kinds[1]), (several[0], kinds[1]), several):
        if entry in _KINDS:
            return _KINDS[entry]
    return "Something of another kind is here."


_SEVERAL = frozenset({"list", "tuple", "tensor"})
#: By the kinds of what was given and of what belongs there; the closest entry counts.
_KINDS = {
    ("tuple", "list"): "A list belongs here: use [ ].",
    ("tensor", "list"): "This is a tensor. A list belongs here: use [ ].",
    ("list", "tuple"): "A tuple belongs here: use ( ).",
    ("exception", "type"): "The ( ) makes one of them. The koan asks for the type itself.",
    ("number", "nothing"): "A number is a finding, zero too. Is there one?",
    ("flag", "number"): "True and False are no numbers here.",
    ("number", "flag"): "No number is asked for. Is it so, or is it not?",
    ("str", "any"): "In quotes it is text.",
    ("nothing", "any"): "None stands for nothing at all. There is something here.",
    ("type", "dtype"): "That is a type. A dtype belongs here.",
    ("type", "any"): "That is a type. One of its values belongs here.",
    ("any", "str"): "Text belongs here, in quotes.",
    ("any", "type"): "The name of a type belongs here.",
    ("any", "dtype"): "A dtype belongs here. Their names begin with torch.",
    ("several", "one"): "One value belongs here, not several.",
    ("one", "list"): "Several values belong here, in [ ].",
    ("one", "several"): "Several values belong here, not one.",
}


def _of_types(given: Type, wanted: Type) -> str:
    if not wanted.can_be_raised:
        return "It is another type."
    if not given.can_be_raised:
        return "That is a type, but not one that can be raised."
    if wanted.is_a(given.full_name):
        return "It is one of that family, but the koan asks for the exact type."
    if given.is_a(wanted.full_name):
        return "What is raised is more general than that."
    meaning = given.meaning.rstrip(".")
    if given.module != "builtins" or not meaning:
        return "It is raised for another reason."
    article = "An" if re.match("[AEIO]|Un(?!i)", given.name) else "A"
    return f"{article} {given.name} stands for: {meaning.lower()}. Is that so here?"


def _of_dtypes(given: str, wanted: str) -> str:
    if re.sub(r"\d", "", given) == re.sub(r"\d", "", wanted):
        return "The kind of number is right. In how many bits?"
    return "It is another dtype: whole numbers, floating ones, or True and False?"


def _of_arrays(given: Array, wanted: Array) -> str | None:
    if given.shape != wanted.shape:
        return "It has another shape."
    return _of_lists(given.values, wanted.values)


def _of_lists(given: Sequence[object], wanted: Sequence[object]) -> str | None:
    if len(given) != len(wanted):
        return f"There are {'fewer' if len(given) > len(wanted) else 'more'} values here."
    pairs = list(zip(given, wanted, strict=True))
    right = [n for n, pair in enumerate(pairs, 1) if same_value(*pair)]
    if all(isinstance(value, bool) for value in wanted):
        return _of_flags(given, len(right))
    if all(_count(value, given) == _count(value, wanted) for value in given):
        return "These are the values, but in another order."
    wrong = [pair for pair in pairs if not same_value(*pair)]
    said = [compare(*pair) for pair in wrong]
    if not right:
        same = said[0] if len(set(said)) == 1 else None
        return f"Of each value: {same}" if same else "None of these values is right yet."
    which = f"value {right[0]}" if len(right) == 1 else f"values {_listed(right)}"
    # The kind of the last one that is missing would be too much.
    is_told = len(wrong) == 1 and said[0] and _kind(wrong[0][0]) == _kind(wrong[0][1])
    return f"Right so far: {which}.{f' Of the other: {said[0]}' if is_told else ''}"


def _of_flags(given: Sequence[object], right: int) -> str | None:
    if not all(isinstance(value, bool) for value in given):
        return "True or False is asked for, of each."
    # Of two, what is not right would be known by that.
    return "Some of these are right, but not all." if len(given) > 2 and right else None


def _count(value: object, values: Sequence[object]) -> int:
    return sum(same_value(value, other) for other in values)


def _listed(numbers: Sequence[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _of_texts(given: str, wanted: str) -> str | None:
    if given.lower() == wanted.lower():
        return "Capitals count."
    close = difflib.SequenceMatcher(None, given, wanted).ratio() > _CLOSE_SPELLING
    return "Nearly. How is it spelled?" if close else None


def nearly(given: float, wanted: float) -> str | None:
    """Say what two numbers have in common that are the same but for one thing, or None."""
    if math.isfinite(given) != math.isfinite(wanted):
        ordinary = "an ordinary number" if math.isfinite(wanted) else "no ordinary number"
        return f"It is {ordinary}."
    if given == -wanted:
        return "The size is right. What about the sign?"
    digits = len(repr(given).partition(".")[2])
    is_rounded = given and repr(given)[-2:] != ".0" and round(wanted, digits) == given
    if (is_rounded and digits) or math.isclose(given, wanted, rel_tol=_CLOSE):
        return "Close, but not exact."
    return None


def _of_numbers(given: float, wanted: float) -> str | None:
    if said := nearly(given, wanted):
        return said
    if factor_between(given, wanted) in _FACTORS:
        return off_by_a_factor(given, wanted)
    if given * wanted < 0:
        return "It lies on the other side of zero."
    return None


def off_by_a_factor(given: float, wanted: float) -> str:
    """Say on which side of a factor a number is, whatever factor it is."""
    sign = "The sign is another one, and " if given * wanted < 0 else ""
    missing = abs(given) < abs(wanted)
    said = "a factor is missing" if missing else "there is a factor too many"
    return f"{sign or said[0].upper()}{said if sign else said[1:]}."


def factor_between(given: float, wanted: float) -> float:
    """Return by what factor two numbers differ, at least 1; 0 where there is none."""
    small, large = sorted((abs(given), abs(wanted)))
    return large / small if small and math.isfinite(large) else 0.0


_CLOSE = 0.01
_CLOSE_SPELLING = 0.8
_FACTORS = frozenset({2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 16.0})
