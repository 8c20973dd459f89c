"""Why a fill is wrong, without telling the answer. Pure: nothing is run here.

RULES, at the end, is the order in which the rules speak. Each looks at the case, and either
makes a claim or has nothing to say.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sensei.judge.case import Case
from sensei.judge.claim import Claim, Reply
from sensei.judge.compare import (
    FLAG_FOR_NUMBER,
    IN_QUOTES,
    MAKES_ONE,
    NOT_CALLED,
    NOTHING_AT_ALL,
    VAGUE,
    agreed,
    compare,
    factor_between,
    is_number,
    kind_in_words,
    nearly,
)
from sensei.judge.errors import in_words, is_said_of
from sensei.judge.formulas import compare_formulas, compare_names, is_formula
from sensei.judge.names import say_of_name
from sensei.judge.prediction import asks_for_value
from sensei.judge.secrets import gives_away, hints_at
from sensei.judge.verdict import NOTHING_TO_SAY
from sensei.koan import source
from sensei.koan.graft import Fill, read_fill
from sensei.run.observer import Sight
from sensei.run.outcome import End
from sensei.run.values import Array, Thing, is_plain, plain, same_value

#: Looks at a case and says something about it, or nothing.
Rule = Callable[[Case], Reply | None]

#: Larger whole numbers are seldom the same by chance.
_SMALL = 10


def reply_to(case: Case) -> Reply:
    """Say why a fill is wrong: what the first rule says that has something to say."""
    said = next(filter(None, (rule(case) for rule in RULES)), None)
    if said is None or (not said.known and gives_away(said.text, case.sheet)):
        said = NO_RULE
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
    lambda case, name: name in _names_in(case.fill.nodes) and name not in case.variables,
)
_AND_A_HINT = Claim(
    "{said}\n\n{hint}",
    lambda case, said, hint: said.is_true_of(case) and hint in case.sheet.hints,
)
NOT_TOGETHER = Claim(
    "Each would do by itself, but not all of them together.",
    lambda case: case.outcome.held,
)()


def _is_vague(said: Reply) -> bool:
    """Whether it is true and helps nobody by itself."""
    inner = said.gaps.get("said") if said.claim is _OF_VALUES else said
    return isinstance(inner, Reply) and inner.claim in _VAGUE


def _with_hint(case: Case, said: Reply) -> Reply:
    """Add the hint of the blank: a koan's hints come in the order of its blanks."""
    hints = case.sheet.hints
    return (
        _AND_A_HINT(said=said, hint=hints[min(case.number, len(hints) - 1)]) if hints else said
    )


# What the koan foresaw.

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


def _foreseen(case: Case) -> Reply | None:
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
    return any(map(_is_call, _parts(fill.nodes)))


def _foreseen_otherwise(case: Case) -> Reply | None:
    """Whether it is worth what the koan foresaw in another writing.

    None, a flag or a small number is reached in many ways, of which each is another mistake.
    """
    entries = case.entries.items() if case.wrong and _says_as_much(case) else ()
    for code, values in entries:
        if not asks_for_value(case.marker) and all(map(is_plain, read_fill(code).nodes)):
            continue
        if len(values) == len(case.given) and all(map(same_value, values, case.given)):
            return _FORESEEN(reply=case.marker.wrong[code])
    return None


_BUT_FOR_THE_SIGN = Claim(
    "With the other sign: {reply}",
    lambda case, reply: any(
        reply == each and _is_negative(case, code) for code, each in case.marker.wrong.items()
    ),
)
#: What a reply that is about a sign says: it would not be true of another one.
_OF_A_SIGN = re.compile(r"sign|negative|positive|minus|below|above|opposite|size|small|large")


def _foreseen_but_for_the_sign(case: Case) -> Reply | None:
    """Whether the koan foresaw the same number with another sign."""
    for code, reply in case.marker.wrong.items() if case.numbers else ():
        if _is_negative(case, code) and not _OF_A_SIGN.search(reply):
            return _BUT_FOR_THE_SIGN(reply=reply)
    return None


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
    entry = read_fill(code)
    if _read(fill) == _read(entry):
        return True
    nodes = [*fill.nodes, *entry.nodes]
    return len(nodes) == 2 and all(map(is_plain, nodes)) and same_value(*map(plain, nodes))


def _read(fill: Fill) -> str:
    """Return what a fill is to Python, but for two ways to write one thing.

    Whole numbers are read as floats, and == None as is None.
    """
    dumped = " ".join(map(ast.dump, fill.nodes))
    dumped = re.sub(r"(Not)?Eq\(\)(?=\], comparators=\[Constant\(value=None\))", _as_is, dumped)
    return re.sub(r"(?<=value=)\d+(?=[,)])", lambda number: str(float(number[0])), dumped)


def _as_is(found: re.Match[str]) -> str:
    return "IsNot()" if found[1] else "Is()"


def _parts(nodes: Iterable[ast.AST]) -> Iterable[ast.AST]:
    return (part for node in nodes for part in ast.walk(node))


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
    for part in _parts(case.fill.nodes):
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
    "That computes something. Which value belongs here?",
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
    "{name} is a name for something in this koan. What belongs in its place?",
    lambda case, name: case.computes and _named(case) == [name],
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
    return _NAMES_A_VARIABLE(name=named[0]) if len(named) == 1 else _COMPUTES_ANOTHER()


def _named(case: Case) -> list[str]:
    """Return the names that a fill consists of, by itself or in a list; none if of more."""
    node = case.fill.nodes[0]
    nodes = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    texts = [node for node in nodes if _is_written(node, str)]
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
    return said and (_foreseen(case) or said)


# Names and objects.

_OF_VALUES = Claim(
    "{said}",
    lambda case, said: case.wrong and all(said.is_true_of(*pair) for pair in case.wrong),
)

_NOT_CALLED = Claim(
    NOT_CALLED.sentence,
    lambda case: any(
        isinstance(value, Thing) and value.callable
        for value in (*case.given, *case.changes(case.with_fill).values())
    ),
)
_THE_VARIABLES = Claim(
    "The variables themselves belong in this list, by their names.",
    lambda case: (
        _names_only(case.marker.answer) is not None and _names_only(case.fill.nodes[0]) is None
    ),
)
_NOT_ALL_OF_THESE = Claim(
    "Not all of these belong here.",
    lambda case: _names_in(case.fill.nodes) - _names_in([case.marker.answer]),
)
_A_LIST_OF_THESE = Claim(
    "A list belongs here: use [ ].",
    lambda case: (
        _names_only(case.marker.answer) is not None
        and not isinstance(case.fill.nodes[0], ast.List)
    ),
)
_MORE_OF_THESE = Claim(
    "There is more that belongs here.",
    lambda case: _names_in(case.fill.nodes) < _names_in([case.marker.answer]),
)
_A_NEW_OBJECT = Claim(
    "The koan asks for an object that is there already. This makes a new one.",
    lambda case: (
        case.asks_for_object
        and not _names_in(case.fill.nodes) - {"torch", "math"}
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


def _is_constant(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _not_called(case: Case) -> Reply | None:
    # What a line is worth does not matter, but a method that is only named is not run.
    named = case.marker.is_line and any(
        isinstance(given, Thing) and given.callable for given, _ in case.wrong
    )
    return _NOT_CALLED() if named else None


def _listed_names(case: Case) -> Reply | None:
    """Compare two lists of variables, where the answer is one."""
    wanted, given = _names_only(case.marker.answer), _names_only(case.fill.nodes[0])
    if wanted is None or case.marker.is_line:
        return None
    if given is None:
        is_one = isinstance(case.fill.nodes[0], ast.Name)
        return _A_LIST_OF_THESE() if is_one else _THE_VARIABLES()
    if given - wanted:
        return _NOT_ALL_OF_THESE()
    if isinstance(case.fill.nodes[0], ast.Tuple):
        return _A_LIST_OF_THESE()
    return _MORE_OF_THESE() if wanted - given else None


def _names_only(node: ast.AST) -> set[str] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    names = [element.id for element in node.elts if isinstance(element, ast.Name)]
    return set(names) if names and len(names) == len(node.elts) else None


def _names_in(nodes: Iterable[ast.AST]) -> set[str]:
    return {part.id for part in _parts(nodes) if isinstance(part, ast.Name)}


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
            return None if case.wrong else _ANOTHER_OBJECT()
        return _of_values(case, said)
    if not any(map(_is_constant, case.given)):
        return _A_NEW_OBJECT()
    return _of_values(case, said) if said else None


# What was written, and what it gives.


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call)


def _is_written(node: ast.AST, kind: type) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, kind)


#: What is said of a value as it was written, by what has to stand in the fill for that.
_AS_WRITTEN: Mapping[Claim, Callable[[ast.AST], bool]] = {
    NOTHING_AT_ALL: lambda node: _is_written(node, type(None)),
    IN_QUOTES: lambda node: _is_written(node, str),
    FLAG_FOR_NUMBER: lambda node: _is_written(node, bool),
    MAKES_ONE: _is_call,
}
_GIVES = Claim(
    "What this gives is {kind}. Something of another kind belongs here.",
    lambda case, kind: (
        bool(case.wrong)
        and all(
            kind_in_words(given) == kind != kind_in_words(wanted)
            for given, wanted in case.wrong
        )
    ),
)
_GIVES_EACH = Claim(
    "Each value that this gives is {kind}. Something of another kind belongs here.",
    lambda case, kind: any(
        all(kind_in_words(each) == kind for each in _elements(given)) for given, _ in case.wrong
    ),
)


def _of_values(case: Case, said: Reply) -> Reply:
    """Say it of the values, or of the code where nobody wrote such a value."""
    inner, given = said, case.wrong[0][0]
    while isinstance(within := inner.gaps.get("said"), Reply):
        inner, given = within, _elements(given)[0]
    is_there = _AS_WRITTEN.get(inner.claim, lambda _: True)
    made = ast.Lambda | ast.Call
    is_made = inner.claim is NOT_CALLED and isinstance(case.fill.nodes[0], made)
    if not is_made and any(map(is_there, _parts(case.fill.nodes))):
        return _OF_VALUES(said=said)
    return (_GIVES if inner is said else _GIVES_EACH)(kind=kind_in_words(given))


def _elements(value: object) -> Sequence[object]:
    if isinstance(value, Array):
        return value.values
    return value if isinstance(value, list | tuple) else [value]


# Two numbers, and what else is one of them in the koan.


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
_SIZE = Claim(
    "A number belongs here, and the sign is right. The size is too {how}.",
    lambda case, how: (
        case.given[0] * case.wanted[0] > 0
        and (abs(case.given[0]) < abs(case.wanted[0])) == (how == "small")
        and case.given[0] != case.wanted[0]
    ),
)
_ANOTHER_NUMBER = Claim(
    "A number belongs here, but another one.",
    lambda case: all(map(is_number, (case.given[0], case.wanted[0]))) and case.wrong,
)
_ZERO = Claim(
    "0 would mean that the result does not change with {of}. Here it does.",
    lambda case, of: case.given[0] == 0 != case.wanted[0] and case.asked == f"{of}.grad",
)


def _nearly(case: Case) -> Reply | None:
    said = nearly(*case.numbers) if case.numbers else None
    return _of_values(case, said) if said else None


def _another_time(case: Case) -> Reply | None:
    """Whether the quantity that is asked for was or will be this at another time."""
    for state in _states(case) if case.numbers else ():
        if case.may_name(state) and same_value(state.value, case.given[0]):
            when = "was earlier" if state.line < case.own_lines[0] else "will be later"
            line = case.line(state.line)
            return (
                _ANOTHER_TIME_AFTER(when=when, line=line) if line else _ANOTHER_TIME(when=when)
            )
    return None


def _one_line(case: Case) -> Reply | None:
    """Whether only one line makes this difference to the quantity that is asked for."""
    for before, after in itertools.pairwise(_states(case)) if case.numbers else ():
        if not (is_number(before.value) and is_number(after.value)):
            continue
        may_be_said = case.may_name(before) and case.may_name(after)
        if may_be_said and after.value - before.value == case.given[0]:
            line = case.line(after.line)
            return _BY_THIS_LINE(line=line) if line else _BY_ONE_LINE()
    return None


def _another_name(case: Case) -> Reply | None:
    """Whether something else in the koan has this value."""
    given, wanted = case.pair or (None, None)
    is_list = isinstance(given, list) and not _has_flags(wanted)
    if not given or not (case.numbers or is_list):
        return None
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


def _known_factor(case: Case) -> Reply | None:
    """Whether a factor that stands in the koan makes the difference, of each value alike."""
    pairs = _numbers(case)
    if not pairs or any(given * wanted <= 0 for given, wanted in pairs):
        return None
    if factor_between(*pairs[0]) <= 1 or all(abs(given) == 1 for given, _ in pairs):
        return None
    if _factor(case, missing=True) in case.constants:
        return _FACTOR_MISSING()
    too_many = _factor(case, missing=False)
    by_chance = too_many in _COMMON_FACTORS - case.multipliers and len(pairs) == 1
    return _FACTOR_TOO_MANY() if too_many in case.constants and not by_chance else None


#: Many numbers are twice or three times another one, whatever was thought of.
_COMMON_FACTORS = frozenset({2.0, 3.0})


def _numbers(case: Case) -> list[tuple[float, float]]:
    """Return the pairs of numbers that should be the same, of lists those in the same place."""
    given, wanted = (None, None) if case.asks_for_code else case.pair or (None, None)
    here, there = _elements(given), _elements(wanted)
    if len(here) != len(there):
        return []
    pairs = [(a, b) for a, b in zip(here, there, strict=True) if is_number(a) and is_number(b)]
    return pairs if len(pairs) == len(here) else []


def _factor(case: Case, *, missing: bool) -> float | None:
    """Return by what each number has to be multiplied, or divided, if it is one for all."""
    pairs = _numbers(case)
    by = {wanted / given if missing else given / wanted for given, wanted in pairs}
    return by.pop() if len(by) == 1 else None


def _added_or_multiplied(case: Case) -> Reply | None:
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


def _size(case: Case) -> Reply | None:
    if not case.numbers:
        return None
    given, wanted = case.numbers
    how = "small" if abs(given) < abs(wanted) else "large"
    return _SIZE(how=how) if given * wanted > 0 else _ANOTHER_NUMBER()


def _zero(case: Case) -> Reply | None:
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


# Formulas.

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


def _formula(case: Case) -> Reply | None:
    """Compare two formulas as they are written, where their values say less."""
    if _is_negated(case):
        return _values(case)
    said = _of_two_formulas(case, compare_formulas)
    return _OF_FORMULAS(said=said) if said else None


def _right_names(case: Case) -> Reply | None:
    said = _of_two_formulas(case, compare_names)
    return _OF_FORMULAS(said=said) if said else None


def _of_two_formulas(
    case: Case, compared: Callable[[ast.expr, ast.expr], Reply | None]
) -> Reply | None:
    node = case.fill.nodes[0]
    is_asked_for = is_formula(case.marker.answer) and not case.marker.is_line
    if not is_asked_for or case.is_plain or not case.pairs or not isinstance(node, ast.expr):
        return None
    return compared(node, case.marker.answer)


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
    known = case.variables & _names_in([case.sheet.pattern.tree()])
    return known & _names_in([case.marker.answer]) - _names_in(case.fill.nodes)


_WRITTEN_DOWN = Claim(
    "This is a value that is written down. What belongs here is computed from what there is.",
    lambda case: case.is_plain and case.asks_for_code,
)
_ALWAYS_THE_SAME = Claim(
    "This is the same whenever it is computed. What belongs here is not.",
    lambda case: len(set(map(repr, case.given))) == 1 < len(set(map(repr, case.wanted))),
)
_LOOK_AROUND = Claim(
    "There is something in this koan that would help here and does not stand in it yet. Which "
    "is it?",
    _left_out,
)
_RIGHT_FOR_SOME = Claim(
    "Its value is right in some of the cases that the koan tries, but not in all.",
    lambda case: {same_value(*pair) for pair in case.pairs} == {True, False},
)


def _several(case: Case) -> Reply | None:
    """Compare values that were computed several times."""
    if not case.counts_by_value or len(case.pairs) == 1:
        return None
    first = case.pairs[0][1]
    if case.is_plain and not all(same_value(wanted, first) for _, wanted in case.pairs):
        return _ALWAYS_THE_SAME()
    if _left_out(case):
        return _LOOK_AROUND()
    return _RIGHT_FOR_SOME() if len(case.wrong) < len(case.pairs) else None


def _written_down(case: Case) -> Reply | None:
    """Whether a value stands where the answer is code that reads what the koan has."""
    is_other = case.counts_by_value and case.is_plain and case.asks_for_code
    kinds = {kind_in_words(value) for pair in case.pairs[:1] for value in pair}
    return _WRITTEN_DOWN() if is_other and len(kinds) == 1 else None


def _values(case: Case) -> Reply | None:
    if case.asks_for_code and all(_differ_in_shape(*pair) for pair in case.wrong):
        return None  # code may give it in another shape
    said = agreed(compare(*p) for p in case.wrong) if case.counts_by_value else None
    return _of_values(case, said) if said else None


def _differ_in_shape(given: object, wanted: object) -> bool:
    """Whether two tensors, or a tensor and a number, have the same elements."""
    return isinstance(given, Array) and same_value(_flat(given), _flat(wanted))


def _flat(value: object) -> list[object]:
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
            for given, wanted in zip(*map(_elements, case.pairs[0]), strict=True)
        )
        and case.wrong
    ),
)


def _right_kinds(case: Case) -> Reply | None:
    """Whether in a list only the values are other ones."""
    here, there = map(_elements, case.pair or ((), ()))
    kinds = [list(map(kind_in_words, each)) for each in (here, there)]
    return _RIGHT_KINDS() if len(here) > 1 and kinds[0] == kinds[1] else None


# What a line does.

#: Statements that do something, though no value is another one afterwards.
_WITH_ANOTHER_EFFECT = (
    ast.Assert,
    ast.Break,
    ast.ClassDef,
    ast.Continue,
    ast.Delete,
    ast.FunctionDef,
    ast.Raise,
    ast.Return,
)
#: What is true of a statement wherever it stands.
_DOES: Mapping[type[ast.AST], str] = {
    ast.Assert: "An assert looks at what is there. It changes nothing.",
    ast.Break: "break ends the loop. What comes after it in the loop doesn't run.",
    ast.ClassDef: "This defines a class. Nothing is done with it here.",
    ast.Compare: "This compares. It changes nothing, and what it finds is not kept.",
    ast.Continue: "continue begins the next turn of the loop. What comes after it in this turn "
    "doesn't run.",
    ast.FunctionDef: "This defines a function. It doesn't run until it is called.",
    ast.Import: "This imports something. No tensor is changed by that.",
    ast.ImportFrom: "This imports something. No tensor is changed by that.",
    ast.Pass: "pass does nothing.",
    ast.Return: "return ends the function. What comes after it doesn't run.",
}
#: Calls of which the same is true.
_UNSEEN: re.Pattern[str] = re.compile(r"\b(set_\w+|\w*seed|\w+_hook|retain_grad|train|eval)\(")

#: A call that may change the object before its name is given away.
_IN_PLACE = re.compile(r"\w_\(")

#: What a tensor has that a learner may set.
_OF_TENSORS = frozenset({"data", "grad", "grad_fn", "is_leaf", "requires_grad", "retains_grad"})

_STATEMENT = Claim(
    "{does}",
    lambda case, does: (
        _DOES.get(type(case.fill.nodes[0])) == does
        and ("nothing" not in does or not case.changes(case.with_fill))
    ),
)
_ONLY_SHOWS = Claim(
    "print shows something. It changes nothing.",
    lambda case: _is_print(case.fill.nodes[0]) and not case.changes(case.with_fill),
)
_ANOTHER_OBJECT_BY_NAME = Claim(
    "From here on {name} is what stands right of the =. The object that was {name} until then "
    "is not changed by that.",
    lambda case, name: name in _assigned(case.fill) and name in case.variables,
)
_NONE_BY_NAME = Claim(
    "What is called here returns None. With the = before it, {name} is None from here on.",
    lambda case, name: case.changes(case.with_fill).get(name, ...) is None,
)
_A_NEW_NAME = Claim(
    "This gives something the name {name}. Nothing else in the koan uses that name.",
    lambda case, name: (
        name in _assigned(case.fill) and name not in _names_in([case.sheet.part.tree()])
    ),
)
_CHANGES_NOTHING = Claim(
    "This changes nothing that has a name in this koan.",
    lambda case: not case.changes(case.with_fill) and not _has_another_effect(case.fill),
)
_CHANGES_NOTHING_BY_THAT_NAME = Claim(
    "This changes nothing. Is every name in it spelled as it should be?",
    lambda case: not case.changes(case.with_fill) and _sets_unknown(case.fill),
)
_CHANGES_ANOTHER = Claim(
    "This changes {name}. Is that what should change?",
    lambda case, name: (
        name in case.changes(case.with_fill) and name not in case.changes(case.with_answer)
    ),
)
_CHANGES_ALL_THE_SAME = Claim(
    "It does change {name}. But another line does not hold: {line}",
    lambda case, name, line: name in case.changes(case.with_fill) and _fails_in(case, line),
)


def _statement(case: Case) -> Reply | None:
    """Say what a statement does that is no call, and no change of what is in a tensor."""
    if not case.marker.is_line or len(case.fill.nodes) > 1:
        return None
    if case.outcome.error is not None and not case.outcome.asserted and not case.last_line:
        return None  # it did not come to that
    node = case.fill.nodes[0]
    changes = case.changes(case.with_fill)
    if does := _DOES.get(type(node)):
        return None if changes and "nothing" in does else _STATEMENT(does=does)
    if _is_print(node):
        return None if changes else _ONLY_SHOWS()
    used = _names_in([case.sheet.part.tree()])
    for name in _assigned(case.fill):
        given = changes.get(name)
        if isinstance(given, Thing) and given.callable and not _is_lambda(node):
            return _NOT_CALLED()
        is_called = isinstance(node, ast.Assign) and _is_call(node.value)
        if is_called and changes.get(name, ...) is None:
            return _NONE_BY_NAME(name=name)
        if name in case.variables and not _IN_PLACE.search(case.fill.code):
            return _ANOTHER_OBJECT_BY_NAME(name=name)
        if name not in used:
            return _A_NEW_NAME(name=name)
    return None


def _is_lambda(node: ast.AST) -> bool:
    return isinstance(getattr(node, "value", None), ast.Lambda)


def _is_print(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id == "print")
    )


def _assigned(fill: Fill) -> list[str]:
    """Return the names that a fill assigns to."""
    targets = [
        target
        for node in fill.nodes
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _effect(case: Case) -> Reply | None:
    """Compare what changed in the line of the blank, with the fill and with the answer."""
    raised = not case.outcome.asserted
    if not case.marker.is_line or (raised and not case.last_line):
        return None
    given, wanted = case.changes(case.with_fill), case.changes(case.with_answer)
    own = [name for name in given if _is_of_koan(case, name)]
    others = [name for name in own if name not in wanted]
    if wanted and others:
        return _CHANGES_ANOTHER(name=others[0])
    if own and case.last_line and not raised:
        return _CHANGES_ALL_THE_SAME(name=own[0], line=case.last_line)
    if given or not wanted or not case.with_fill.sights or _has_another_effect(case.fill):
        return None
    is_strange = _sets_unknown(case.fill)
    return (_CHANGES_NOTHING_BY_THAT_NAME if is_strange else _CHANGES_NOTHING)()


def _is_of_koan(case: Case, name: str) -> bool:
    """Whether a name, or what stands before its dot, is not the fill's own."""
    return name.partition(".")[0] in case.variables


def _sets_unknown(fill: Fill) -> bool:
    """Whether a fill sets an attribute that no tensor comes with."""
    return any(
        isinstance(part.ctx, ast.Store) and part.attr not in _OF_TENSORS
        for part in _parts(fill.nodes)
        if isinstance(part, ast.Attribute)
    )


def _has_another_effect(fill: Fill) -> bool:
    by_statement = any(isinstance(node, _WITH_ANOTHER_EFFECT) for node in fill.nodes)
    return by_statement or _UNSEEN.search(fill.code) is not None


# How the koan ended.


def _ends_in(case: Case, line: str) -> bool:
    number = case.outcome.line
    return line != "" and case.line(number) == line and number not in case.own_lines


def _fails_in(case: Case, line: str) -> bool:
    return _ends_in(case, line) and case.outcome.asserted


def _raises(case: Case, told: str) -> bool:
    error = case.outcome.error
    return error is not None and is_said_of(told, error)


_LEFT_EARLY = Claim(
    "With this the koan is left before its last line.",
    lambda case: case.outcome.end is End.NOT_REACHED,
)
_ANOTHER_LINE_FAILS = Claim(
    "With this, another line does not hold: {line}",
    _fails_in,
)
_RAISES = Claim(
    "This raises {told}",
    lambda case, told: _raises(case, told) and not case.ends_elsewhere,
)
_ANOTHER_LINE_RAISES = Claim(
    "With this, another line raises: {line}\n\n{told}",
    lambda case, line, told: _raises(case, told) and _ends_in(case, line),
)
_ANOTHER_BLANK_RAISES = Claim(
    "With this, the line of another blank raises {told}",
    lambda case, told: (
        _raises(case, told)
        and case.ends_elsewhere
        and source.BLANK
        in case.sheet.part.text.splitlines()[case.outcome.line - case.sheet.part.line]
    ),
)


def _how_it_ended(case: Case) -> Reply | None:
    """Say where the koan stops with a fill, and how."""
    if case.outcome.end is End.NOT_REACHED:
        return _LEFT_EARLY()
    error, line = case.outcome.error, case.last_line
    if error is None or case.outcome.asserted:
        return _ANOTHER_LINE_FAILS(line=line) if line else None
    told = in_words(error, lambda text: hints_at(text, case.sheet))
    if line:
        return _ANOTHER_LINE_RAISES(line=line, told=told)
    return (_ANOTHER_BLANK_RAISES if case.ends_elsewhere else _RAISES)(told=told)


#: What is worth a hint beside it.
_VAGUE: frozenset[Claim] = frozenset(
    {
        NO_RULE.claim,
        _ANOTHER_LINE_FAILS,
        _ANOTHER_NUMBER,
        _ANOTHER_TEXT,
        _CHANGES_ALL_THE_SAME,
        _LOOK_AROUND,
        _RIGHT_FOR_SOME,
        _RIGHT_KINDS,
        _SIZE,
        *VAGUE,
    }
)

#: The order in which they speak: from what is known for sure to what is seen from afar.
RULES: tuple[Rule, ...] = (
    # what the koan foresaw, and slips of Python
    _foreseen,
    _slip_of_python,
    _computes,
    _foreseen_otherwise,
    _foreseen_but_for_the_sign,
    # names and objects
    say_of_name,
    _not_called,
    _listed_names,
    _object,
    # the same number but for one thing, at another time, under another name, by a factor
    _nearly,
    _another_time,
    _one_line,
    _another_name,
    _added_or_multiplied,
    _known_factor,
    # two formulas
    _other_kinds,
    _formula,
    _steady,
    # whatever values there are
    _several,
    _written_down,
    _values,
    _right_names,
    _zero,
    _size,
    _text,
    _right_kinds,
    # what the line does, and how the koan ended
    _statement,
    _effect,
    _how_it_ended,
)
