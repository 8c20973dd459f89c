"""Values of two kinds, and types: what is said of them before their values count. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeGuard

from sensei.judge.claim import Claim, Reply
from sensei.run.values import Array, Dtype, Thing, Type


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number, which True and False are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same_kinds(given: object, wanted: object) -> bool:
    """Whether numbers, flags, texts and None stand in the same places in two values."""
    if isinstance(given, list | tuple) and isinstance(wanted, list | tuple):
        return len(given) == len(wanted) and all(map(same_kinds, given, wanted))
    kinds = {kind_of(given), kind_of(wanted)}
    return len(kinds) == 1 or not kinds <= {"nothing", "flag", "number", "str"}


def differ_in_kind(given: object, wanted: object) -> bool:
    """Whether two values, or two elements in the same place, are of two kinds."""
    if isinstance(given, list | tuple) and type(given) is type(wanted):
        return any(map(differ_in_kind, given, wanted))
    return kind_of(given) != kind_of(wanted)


def but_for_quotes(given: object, wanted: object) -> bool:
    """Whether a text would be right without its quotes."""
    return isinstance(wanted, Type | Dtype) and wanted.name == given


# Values of two kinds.


def kind_of(value: object) -> str:
    """Return what a value is, in a word for which the tables below have an entry."""
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


#: What a value is, in words.
IN_WORDS = {
    "nothing": "None",
    "flag": "True or False",
    "number": "a number",
    "str": "text",
    "list": "a list",
    "tuple": "a tuple",
    "tensor": "a tensor",
    "type": "a type",
    "dtype": "a dtype",
    "exception": "an exception, not its type",
}


def kind_in_words(value: object) -> str:
    """Say of what kind a value is."""
    is_routine = isinstance(value, Thing) and value.callable
    return IN_WORDS.get(kind_of(value), "a function" if is_routine else "something else")


def _amount(value: object) -> str:
    """Say whether a value is one by itself, or how many it holds."""
    if not isinstance(value, list | tuple | Array):
        return "one"
    return {0: "none", 1: "a single one"}.get(len(all_held(value)), "several")


def all_held(value: object) -> list[Any]:
    """Return what a list, a tuple or a tensor holds, however deep."""
    values = value.values if isinstance(value, Array) else value
    return flattened(values) if isinstance(values, list | tuple) else []


def flattened(values: Sequence[Any]) -> list[Any]:
    """Return what lists in a list hold, in one list."""
    return [each for v in values for each in (flattened(v) if isinstance(v, list) else [v])]


def _parts(value: object) -> list[Any]:
    """Return what a list or a tuple holds, or a value by itself."""
    return flattened([*value]) if isinstance(value, list | tuple) else [value]


def _is_braced(value: object) -> bool:
    return isinstance(value, Thing) and value.type.name in {"set", "dict"}


def can_be_raised(value: object) -> bool:
    """Whether a value is the type of an exception."""
    return isinstance(value, Type) and value.can_be_raised


IN_QUOTES = Claim(
    "In quotes it is text.",
    lambda given, wanted: (
        any(isinstance(each, str) for each in _parts(given)) and not isinstance(wanted, str)
    ),
)
NOTHING_AT_ALL = Claim(
    "None stands for nothing at all. There is something here.",
    lambda given, wanted: given is None and wanted is not None,
)
FLAG_FOR_NUMBER = Claim(
    "True and False are no numbers here.",
    lambda given, wanted: isinstance(given, bool) and is_number(wanted),
)
MAKES_ONE = Claim(
    "The ( ) makes one of them. The koan asks for the type itself.",
    lambda given, wanted: (
        isinstance(given, Thing) and given.type.can_be_raised and isinstance(wanted, Type)
    ),
)
NOT_CALLED = Claim(
    "This names something, but does not call it.",
    lambda given, _: isinstance(given, Thing) and given.callable,
)
_NO_EXCEPTION = Claim(
    "No exception is asked for. What stands here?",
    lambda given, wanted: can_be_raised(given) and not can_be_raised(wanted),
)
_WHICH_TYPE = Claim(
    "Something is raised here. Of which type?",
    lambda given, wanted: given is None and can_be_raised(wanted),
)
_SEVERAL_IN_A_LIST = Claim(
    "Several values belong here, in [ ].",
    lambda given, wanted: (
        isinstance(wanted, list) and len(wanted) > 1 and not isinstance(given, list)
    ),
)
_A_LIST = Claim(
    "A list belongs here: use [ ].",
    lambda given, wanted: isinstance(wanted, list) and not isinstance(given, list),
)
_ONE_OF_ITS_VALUES = Claim(
    "That is a type. One of its values belongs here.",
    lambda given, wanted: isinstance(given, Type) and _has_type(wanted, given),
)
_NO_TYPE = Claim(
    "No type is asked for. What stands here?",
    lambda given, wanted: isinstance(given, Type) and not isinstance(wanted, Type | Dtype),
)
_CLASS_NOT_CALLED = Claim(
    "This names a class. What it makes, when it is called with ( ), is something else.",
    lambda given, wanted: isinstance(given, Type) and isinstance(wanted, Thing),
)
_A_FUNCTION = Claim(
    "A function belongs here: it is called later.",
    lambda given, wanted: (
        isinstance(wanted, Thing)
        and wanted.callable
        and not (isinstance(given, Thing) and given.callable)
    ),
)
_NAME_IN_QUOTES = Claim(
    "In quotes it is text. The name itself belongs here, without quotes.",
    lambda given, wanted: isinstance(given, str) and isinstance(wanted, Type | Dtype),
)


_NO_DTYPE = Claim(
    "That is a function. A dtype belongs here.",
    lambda given, wanted: (
        isinstance(given, Thing) and given.callable and isinstance(wanted, Dtype)
    ),
)
_NO_DIMENSION = Claim(
    "This has no dimension. A tensor with one or more belongs here.",
    lambda given, wanted: is_number(given) and isinstance(wanted, Array),
)
_IN_BRACES = Claim(
    "{{ }} makes a set or a dict. Something of another kind belongs here.",
    lambda given, wanted: _is_braced(given) and kind_of(given) != kind_of(wanted),
)
ANOTHER_KIND = Claim(
    "Something of another kind belongs here.",
    lambda given, wanted: kind_of(given) != kind_of(wanted),
)
#: By the kinds of what was given and of what belongs there; the closest entry counts.
KINDS = {
    ("tuple", "list"): _A_LIST,
    ("tensor", "list"): Claim(
        "This is a tensor. A list belongs here: use [ ].",
        lambda given, wanted: isinstance(given, Array) and isinstance(wanted, list),
    ),
    ("list", "tuple"): Claim(
        "A tuple belongs here: use ( ).",
        lambda given, wanted: isinstance(wanted, tuple) and not isinstance(given, tuple),
    ),
    ("exception", "type"): MAKES_ONE,
    ("number", "nothing"): Claim(
        "Even 0 would be a number. Is there one here at all?",
        lambda given, wanted: is_number(given) and wanted is None,
    ),
    ("flag", "number"): FLAG_FOR_NUMBER,
    ("number", "flag"): Claim(
        "No number is asked for. Is it so, or is it not?",
        lambda given, wanted: is_number(given) and isinstance(wanted, bool),
    ),
    ("str", "type"): _NAME_IN_QUOTES,
    ("str", "dtype"): _NAME_IN_QUOTES,
    ("str", "any"): IN_QUOTES,
    ("nothing", "any"): NOTHING_AT_ALL,
    ("type", "dtype"): Claim(
        "That is a type. A dtype belongs here.",
        lambda given, wanted: isinstance(given, Type) and isinstance(wanted, Dtype),
    ),
    ("flag", "tensor"): Claim(
        "This is True or False. A tensor belongs here.",
        lambda given, wanted: isinstance(given, bool) and isinstance(wanted, Array),
    ),
    ("tensor", "tuple"): Claim(
        "This is a tensor. A tuple belongs here.",
        lambda given, wanted: isinstance(given, Array) and isinstance(wanted, tuple),
    ),
    ("any", "str"): Claim(
        "Text belongs here, in quotes.",
        lambda given, wanted: isinstance(wanted, str) and not isinstance(given, str),
    ),
    ("any", "type"): Claim(
        "The name of a type belongs here.",
        lambda given, wanted: isinstance(wanted, Type) and not isinstance(given, Type),
    ),
    ("any", "dtype"): Claim(
        "A dtype belongs here. Their names begin with torch.",
        lambda given, wanted: isinstance(wanted, Dtype) and not isinstance(given, Dtype),
    ),
    ("several", "one"): Claim(
        "One value belongs here, not several.",
        lambda given, wanted: _amount(given) == "several" and _amount(wanted) == "one",
    ),
    ("a single one", "one"): Claim(
        "One value belongs here, by itself.",
        lambda given, wanted: _amount(given) == "a single one" and _amount(wanted) == "one",
    ),
    ("one", "a single one"): Claim(
        "One value belongs here, but not by itself: a list, a tuple or a dimension holds it.",
        lambda given, wanted: _amount(given) == "one" and _amount(wanted) == "a single one",
    ),
    ("one", "several"): Claim(
        "Several values belong here, not one.",
        lambda given, wanted: _amount(given) == "one" and _amount(wanted) == "several",
    ),
}


def of_kinds(given: object, wanted: object) -> Reply:
    """Say of two values of two kinds which kind is given, or belongs there."""
    kinds = kind_of(given), kind_of(wanted)
    if isinstance(given, Thing) and given.callable and kinds[1] not in {"type", "str"}:
        return _NO_DTYPE() if kinds[1] == "dtype" else NOT_CALLED()
    if (
        said := _of_braces(given)
        or _of_exceptions(given, wanted)
        or _of_one_held(given, wanted)
        or _of_dimensions(given, wanted)
    ):
        return said
    if isinstance(wanted, list) and kinds[0] in map(kind_of, wanted):
        return _A_LIST() if _is_as_long(given, wanted) else _list_of(wanted)
    for entry in (kinds, (kinds[0], "any")):
        if entry in KINDS:
            return KINDS[entry]()
    if isinstance(given, Type) and isinstance(wanted, Thing):
        return ANOTHER_KIND() if wanted.callable else _CLASS_NOT_CALLED()
    if isinstance(given, Type):
        return _ONE_OF_ITS_VALUES() if _has_type(wanted, given) else _NO_TYPE()
    if isinstance(wanted, list) and _amount(given) == "one":
        return _list_of(wanted)
    if isinstance(wanted, Thing) and wanted.callable:
        return _A_FUNCTION()
    # Of an object of some class, how many it is says nothing.
    are_told = not any(isinstance(value, Thing) for value in (given, wanted))
    amounts = (_amount(given), _amount(wanted)) if are_told else ("", "")
    return KINDS.get(("any", kinds[1]), KINDS.get(amounts, ANOTHER_KIND))()


def _of_braces(given: object) -> Reply | None:
    return _IN_BRACES() if _is_braced(given) else None


def _of_exceptions(given: object, wanted: object) -> Reply | None:
    if can_be_raised(given):
        return _NO_EXCEPTION()
    return _WHICH_TYPE() if given is None and can_be_raised(wanted) else None


def _of_dimensions(given: object, wanted: object) -> Reply | None:
    is_one = isinstance(wanted, Array) and _amount(wanted) == "a single one"
    return _NO_DIMENSION() if is_one and is_number(given) else None


def _of_one_held(given: object, wanted: object) -> Reply | None:
    """Say it where a list holds what belongs there by itself."""
    is_held = _amount(wanted) == "one" and kind_of(wanted) in map(kind_of, all_held(given))
    amounts = _amount(given), _amount(wanted)
    return KINDS[amounts]() if is_held and not isinstance(wanted, Type) else None


def _is_as_long(given: object, wanted: Sequence[object]) -> bool:
    """Whether a tuple stands where a list of as many values belongs."""
    return isinstance(given, tuple) and len(given) == len(wanted)


def _list_of(wanted: Sequence[object]) -> Reply:
    return _SEVERAL_IN_A_LIST() if len(wanted) > 1 else _A_LIST()


def _has_type(value: object, of: Type) -> bool:
    """Whether a value is one of a type's; numbers may come from a tensor."""
    match value:
        case Thing(kind):
            return kind.is_a(of.full_name)
        case Array():
            return of.full_name in {"torch.Tensor", "numpy.ndarray"}
        case bool() | str() | list() | tuple():
            return of.full_name == f"builtins.{type(value).__name__}"
        case int() | float():
            return of.full_name in {"builtins.int", "builtins.float", "torch.Tensor"}
    return False


# Types and dtypes.


def _are_strangers(given: Type, wanted: Type) -> bool:
    """Whether two exceptions are both raised, and neither is one of the other's kind."""
    is_related = given.full_name in wanted.family or wanted.full_name in given.family
    return can_be_raised(given) and can_be_raised(wanted) and not is_related


ANOTHER_TYPE = Claim(
    "It is another type.",
    lambda given, wanted: isinstance(wanted, Type) and given.full_name != wanted.full_name,
)
_NOT_RAISED = Claim(
    "That is a type, but not one that can be raised.",
    lambda given, wanted: (
        isinstance(given, Type) and not can_be_raised(given) and can_be_raised(wanted)
    ),
)
_OF_THE_FAMILY = Claim(
    "It is one of that family, but the koan asks for the exact type.",
    lambda given, wanted: given.full_name in wanted.family[1:],
)
_MORE_GENERAL = Claim(
    "What is raised is more general than that.",
    lambda given, wanted: wanted.full_name in given.family[1:],
)
_ANOTHER_REASON = Claim(
    "It is raised for another reason.",
    _are_strangers,
)
_STANDS_FOR = Claim(
    "{a} {name} stands for: {meaning}. Is that so here?",
    lambda given, wanted, a, name, meaning: (
        name == given.name
        and given.meaning.lower().startswith(meaning)
        and (a == "An") == (name[0] in "AEIO" or name.startswith(("Unb", "Unr")))
        and _are_strangers(given, wanted)
    ),
)
_HOW_MANY_BITS = Claim(
    "The kind of number is right. In how many bits?",
    lambda given, wanted: given.name != wanted.name and _sort(given) == _sort(wanted) != "bool",
)
_ANOTHER_DTYPE = Claim(
    "It is another dtype: whole numbers, floating ones, or True and False?",
    lambda given, wanted: _sort(given) != _sort(wanted) != "complex",
)
_ANOTHER_DTYPE_OF_THE_KIND = Claim(
    "It is another dtype.",
    lambda given, wanted: given.name != wanted.name,
)


def of_types(given: Type, wanted: Type) -> Reply:
    """Say how two types are related, or when the given exception is raised."""
    if not wanted.can_be_raised:
        return ANOTHER_TYPE()
    if not given.can_be_raised:
        return _NOT_RAISED()
    if wanted.is_a(given.full_name):
        return _OF_THE_FAMILY()
    if given.is_a(wanted.full_name):
        return _MORE_GENERAL()
    meaning = given.meaning.rstrip(".")
    if given.module != "builtins" or not meaning:
        return _ANOTHER_REASON()
    article = "An" if re.match("[AEIO]|Un(?!i)", given.name) else "A"
    return _STANDS_FOR(a=article, name=given.name, meaning=meaning.lower())


def of_dtypes(given: str, wanted: str) -> Reply:
    """Say what two dtypes, by their names, have in common."""
    if re.sub(r"\d", "", given) == re.sub(r"\d", "", wanted):
        return _HOW_MANY_BITS()
    if _sort(Dtype(wanted)) in {"complex", _sort(Dtype(given))}:
        return _ANOTHER_DTYPE_OF_THE_KIND()
    return _ANOTHER_DTYPE()


def _sort(dtype: Dtype) -> str:
    """Return what sort of values a dtype is for."""
    found = re.search("float|complex|bool", dtype.name)
    return found[0] if found else "int"
