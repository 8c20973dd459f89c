"""What two formulas have in common, as they are written: parts, not values. Pure.

A formula is read as a sum of terms, each a number times powers of factors, so that neither
the order nor the brackets matter: `2 * v * w` is `w * (2 * v)`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, TypeAlias

from sensei.judge.claim import Claim, Reply
from sensei.judge.compare import PLACES

#: By each factor of a product, its power.
Factors: TypeAlias = frozenset[tuple[Hashable, float]]
#: By each product of a sum, the number before it.
Terms: TypeAlias = dict[Factors, float]

_LARGEST_POWER = 64.0
_MODULES = re.compile(r"^(torch|math|np|numpy)\.")
_MORE = 4
_TWO = 2
#: Functions that take no notice of a sign.
_EVEN = frozenset({"abs", "cos", "cosh", "fabs", "square"})
#: Functions that Python has by the same name, for something else.
_OTHERS_IN_PYTHON = frozenset({"all", "any", "max", "min", "range", "sum"})
_NAME = re.compile(r"[^\W\d]\w*")
#: What a factor that is no plain part begins with.
_TAGS = frozenset({"call", "sum"})
_COUNTS = {1: "One", 2: "Two", 3: "Three"}


def compare_formulas(given: ast.expr, wanted: ast.expr) -> Reply | None:
    """Say which part of a formula is right, or None.

    It never names what is missing, only what kind of thing that is.
    """
    if _have_other_arguments(given, wanted):
        return _ARGUMENTS()
    given, wanted = _unwrapped(given, wanted)
    try:
        if is_same_formula(given, wanted):
            return None
        return next(filter(None, (rule(given, wanted) for rule in _RULES)), None)
    except OverflowError:
        return None


def is_formula(node: ast.AST) -> bool:
    """Whether an expression computes something."""
    if isinstance(node, ast.Lambda):
        return True
    return any(isinstance(part, ast.BinOp) for part in ast.walk(node))


# Sums of products.


def _terms(node: ast.AST) -> Terms:
    match node:
        case ast.BinOp(left, (ast.Add() | ast.Sub()) as op, right):
            terms = _terms(left)
            sign = 1 if isinstance(op, ast.Add) else -1
            for factors, number in _terms(right).items():
                terms[factors] = terms.get(factors, 0) + sign * number
            return {factors: number for factors, number in terms.items() if number}
        case ast.UnaryOp(ast.USub(), operand):
            return {factors: -number for factors, number in _terms(operand).items()}
    powers, number = _product(node)
    return {frozenset(powers.items()): number} if number else {}


def _product(node: ast.AST) -> tuple[dict[Hashable, float], float]:
    """Return the powers of a product's factors, and the number before them."""
    match node:
        case ast.Constant(bool()):
            pass
        case ast.Constant((int() | float()) as number):
            return {}, number
        case ast.BinOp(left, ast.Mult(), right):
            return _times(_product(left), _product(right), 1)
        case ast.BinOp(left, ast.Div(), right) if _product(right)[1]:
            return _times(_product(left), _product(right), -1)
        case ast.BinOp(base, ast.Pow(), ast.Constant((int() | float()) as power)) if (
            0 < power <= _LARGEST_POWER and _product(base)[1] > 0
        ):
            return _times(({}, 1), _product(base), power)
        case ast.BinOp(_, ast.Add() | ast.Sub()) | ast.UnaryOp(ast.USub()):
            terms = _terms(node)
            if not terms:
                return {}, 0
            if len(terms) == 1:
                ((factors, number),) = terms.items()
                return dict(factors), number
            return {("sum", frozenset(terms.items())): 1}, 1
    return {_atom(node): 1}, 1


def _times(
    one: tuple[dict[Hashable, float], float],
    other: tuple[dict[Hashable, float], float],
    power: float,
) -> tuple[dict[Hashable, float], float]:
    powers = dict(one[0])
    for base, each in other[0].items():
        powers[base] = powers.get(base, 0) + power * each
    return {base: each for base, each in powers.items() if each}, one[1] * other[1] ** power


def _atom(node: ast.AST) -> Hashable:
    match node:
        case ast.Call(function, [argument], []) if _name(function) in _EVEN:
            form = _form(argument)
            turned = frozenset((factors, -number) for factors, number in form)
            return ("call", _function(function), frozenset({form, turned}))
        case ast.Call(function, arguments, keywords):
            named = ((k.arg, _form(k.value)) for k in keywords)
            return ("call", _function(function), tuple(map(_form, arguments)), frozenset(named))
        case ast.BinOp(left, op, right):
            return (type(op).__name__, _form(left), _form(right))
    return _MODULES.sub("", ast.unparse(node))


def _function(node: ast.expr) -> Hashable:
    """Return what a function is called, and for a method what it is one of."""
    if isinstance(node, ast.Attribute) and not _MODULES.match(ast.unparse(node)):
        return _form(node.value), node.attr
    return _name(node)


def _form(node: ast.AST) -> frozenset[tuple[Factors, float]]:
    return frozenset(_terms(node).items())


def is_same_formula(given: ast.AST, wanted: ast.AST) -> bool:
    """Whether two formulas are the same, but for the order of what is added or multiplied."""
    return _form(given) == _form(wanted)


def _name(function: ast.AST) -> str:
    """Return what a function is called, without its module; torch's min is not Python's."""
    name = ast.unparse(function)
    bare = _MODULES.sub("", name)
    return name if bare in _OTHERS_IN_PYTHON else bare


# Functions of their own.


def _arguments(function: ast.expr) -> list[str]:
    if not isinstance(function, ast.Lambda):
        return []
    return [argument.arg for argument in function.args.args]


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


def _unwrapped(given: ast.expr, wanted: ast.expr) -> tuple[ast.expr, ast.expr]:
    """Return what two functions compute, or two lists hold, or else the formulas themselves.

    The wanted function's arguments are called as the learner calls them.
    """
    match given, wanted:
        case ast.Tuple([one]), ast.Tuple([other]):
            return one, other
        case ast.List([one]), ast.List([other]):
            return one, other
    if not isinstance(given, ast.Lambda) or not isinstance(wanted, ast.Lambda):
        return given, wanted
    if len(_arguments(given)) != len(_arguments(wanted)):
        return given, wanted
    names = dict(zip(_arguments(wanted), _arguments(given), strict=True))
    body = ast.parse(ast.unparse(wanted.body), mode="eval").body
    renamed: ast.expr = _Renamed(names).visit(body)
    return given.body, renamed


def _have_other_arguments(given: ast.expr, wanted: ast.expr) -> bool:
    are_functions = isinstance(given, ast.Lambda) and isinstance(wanted, ast.Lambda)
    return are_functions and len(_arguments(given)) != len(_arguments(wanted))


_ARGUMENTS = Claim(
    "A function of another number of arguments belongs here.",
    _have_other_arguments,
)


# Brackets.


def _is_bracketed_otherwise(given: ast.expr, wanted: ast.expr) -> bool:
    pieces = (re.sub(r"[()\s]", "", ast.unparse(node)) for node in (given, wanted))
    return len(set(pieces)) == 1 and not is_same_formula(given, wanted)


def _by_brackets(given: ast.expr, wanted: ast.expr) -> Reply | None:
    if _is_bracketed_otherwise(given, wanted):
        return _BRACKETS()
    return _PRECEDENCE() if _is_right_with_brackets(given, wanted) else None


def _is_right_with_brackets(given: ast.expr, wanted: ast.expr) -> bool:
    """Whether one pair of brackets more around a sum would make it right, but for numbers."""
    return any(_same_factors(other, wanted) for other in _with_brackets_around_a_sum(given))


def _with_brackets_around_a_sum(node: ast.expr) -> Iterator[ast.expr]:
    """Yield `(a - b) / c` for `a - b / c`, and `c * (a - b)` for `c * a - b`."""
    match node:
        case ast.BinOp(
            a, ast.Add() | ast.Sub() as op, ast.BinOp(b, ast.Mult() | ast.Div() as by, c)
        ):
            yield ast.BinOp(ast.BinOp(a, op, b), by, c)
        case ast.BinOp(ast.BinOp(c, ast.Mult() as by, a), ast.Add() | ast.Sub() as op, b):
            yield ast.BinOp(c, by, ast.BinOp(a, op, b))


def _same_factors(given: ast.expr, wanted: ast.expr) -> bool:
    """Whether two products are the same, or one lacks factors of the other."""
    return is_same_formula(given, wanted) or bool(_missing(given, wanted))


_BRACKETS = Claim(
    "All pieces are here, and in their order. Is it computed in that order? Look at where the "
    "parentheses have to be.",
    lambda given, wanted: _is_bracketed_otherwise(*_unwrapped(given, wanted)),
)


_PRECEDENCE = Claim(
    "Python multiplies and divides before it adds and subtracts. Where do parentheses belong?",
    lambda given, wanted: _is_right_with_brackets(*_unwrapped(given, wanted)),
)


# All but one part.


def _difference(given: Any, wanted: Any) -> tuple[Any, Any] | None:
    """Return the smallest part of a tree that has all in it that differs, or None."""
    if (
        isinstance(given, ast.expr)
        and isinstance(wanted, ast.expr)
        and is_same_formula(given, wanted)
    ):
        return None  # in another order
    if isinstance(given, ast.AST) and type(given) is type(wanted):
        pairs = [(value, getattr(wanted, field)) for field, value in ast.iter_fields(given)]
    elif isinstance(given, list) and isinstance(wanted, list) and len(given) == len(wanted):
        pairs = list(zip(given, wanted, strict=True))
    else:
        is_same = type(given) is type(wanted) and given == wanted
        return None if is_same else (given, wanted)
    found = [each for pair in pairs if (each := _difference(*pair))]
    if not found:
        return None
    # What is no node by itself belongs to the one around it.
    within = len(found) == 1 and isinstance(found[0][0], ast.AST)
    return found[0] if within else (given, wanted)


def but_for_one(given: ast.expr, wanted: ast.expr) -> Reply | None:
    """Say in which part alone a formula is another one, or None."""
    part, other = _difference(given, wanted) or (given, wanted)
    # What is much more than stands here is more than a part that is another one.
    if part is given or _size(other) > _size(part) + _MORE:
        return None
    if isinstance(part, ast.operator | ast.unaryop):
        return _ONE_OPERATOR()
    if not isinstance(part, ast.expr) or not isinstance(other, ast.expr):
        return None
    calls = _call_nodes(given)
    for call in calls:
        if call.func is part:
            which = ast.unparse(part)
            return _ONE_FUNCTION(which=which) if _is_one_name(part, other) else None
        is_one = [_name(each.func) for each in calls].count(_name(call.func)) == 1
        if [part] == call.args and is_one:
            return _TAKEN_OF(which=ast.unparse(call.func))
    return _one_part(given, part, other)


def _one_part(given: ast.expr, part: ast.expr, other: ast.expr) -> Reply:
    """Name the part that is another one, and where it stands if that is not clear."""
    whole, which = ast.unparse(given), ast.unparse(part)
    if whole.count(which) > 1 == whole.count(f"({which})"):
        which = f"({which})"
    if whole.count(which) == 1:
        how = _how(part, other)
        return _ONE_PART_SO(which=which, how=how) if how else _ONE_PART(which=which)
    if isinstance(given, ast.Tuple | ast.List) and part in given.elts[: len(PLACES)]:
        return _ONE_PLACE(place=PLACES[given.elts.index(part)])
    around = next(n for n in ast.walk(given) if part in ast.iter_child_nodes(n))
    return _ONE_PART_IN(which=which, where=ast.unparse(around))


def _is_one_name(part: ast.expr, other: ast.expr) -> bool:
    """Whether two functions differ in a name alone, that of a method or a function."""
    if isinstance(part, ast.Attribute) and isinstance(other, ast.Attribute):
        return part.attr == other.attr or is_same_formula(part.value, other.value)
    return True


def _call_nodes(formula: ast.AST) -> list[ast.Call]:
    return [part for part in ast.walk(formula) if isinstance(part, ast.Call)]


def _how(part: ast.expr, other: ast.expr) -> str:
    """Say how two products differ, if it is by one thing, or nothing."""
    if _is_turned(part, other):
        return "Its sign is another one"
    if len(_missing(part, other) or []) == 1:
        return "A factor is missing in it"
    if len(_missing(other, part) or []) == 1:
        return "It has a factor too many"
    is_product = isinstance(part, ast.BinOp) and _has_another_number_before(part, other)
    return "Its numbers, multiplied, come to another one" if is_product else ""


def _size(part: Any) -> int:
    return sum(isinstance(node, ast.expr) for node in ast.walk(part)) if part else 0


def _differs_in(given: ast.expr, wanted: ast.expr, which: str = "") -> bool:
    """Whether two formulas are the same but for a part, which may be named."""
    given, wanted = _unwrapped(given, wanted)
    difference = _difference(given, wanted)
    return difference is not None and difference[0] is not given and which in ast.unparse(given)


_ONE_OPERATOR = Claim("All is right here but one operator, such as + or *.", _differs_in)
_ONE_PART = Claim("All is right here but one part: {which}.", _differs_in)
_ONE_PART_SO = Claim(
    "All is right here but one part: {which}. {how}.",
    lambda given, wanted, which, how: (
        _differs_in(given, wanted, which)
        and how == _how(*(_difference(*_unwrapped(given, wanted)) or (given, wanted)))
    ),
)
_ONE_PART_IN = Claim(
    "All is right here but one part: {which} in {where}.",
    lambda given, wanted, which, where: which in where and _differs_in(given, wanted, where),
)
_ONE_PLACE = Claim(
    "All is right here but what stands in the {place} place.",
    lambda given, wanted, place: (
        (_difference(given, wanted) or (None,))[0] is given.elts[PLACES.index(place)]
    ),
)
_ONE_FUNCTION = Claim("All is right here but one function: {which}.", _differs_in)
_TAKEN_OF = Claim("All is right here but what {which} is called with.", _differs_in)


# Factors.


def _quotient(given: ast.expr, wanted: ast.expr) -> tuple[dict[Hashable, float], float]:
    """Return what a formula has to be multiplied by to be the other one."""
    one, other = _product(given), _product(wanted)
    return _times(other, one, -1) if one[1] else ({}, 0)


def _missing(given: ast.expr, wanted: ast.expr) -> list[str] | None:
    """Return of what kinds the factors are that are missing, if all that is there is right."""
    here, there = _product(given), _product(wanted)
    if not here[0] or not there[1] or here[1] not in {1, there[1]}:
        return None
    powers, number = _quotient(given, wanted)
    if any(here[0].get(base, 0) * power < 0 for base, power in powers.items()):
        return None  # a power that is too large
    kinds = [_kind(base, power) for base, power in powers.items()]
    return [*kinds, "a number"] if number != 1 else kinds


def _kind(base: Hashable, power: float) -> str:
    if power < 0:
        return "a divisor"
    if isinstance(base, tuple):
        return {"sum": "a sum or a difference", "call": "a call"}.get(base[0], "a part")
    return "one of the names here"


def _is_turned(given: ast.expr, wanted: ast.expr) -> bool:
    """Whether two products differ in their sign alone."""
    return bool(_product(given)[0]) and _quotient(given, wanted) == ({}, -1)


def _by_missing_factors(given: ast.expr, wanted: ast.expr) -> Reply | None:
    if _is_turned(given, wanted):
        return _SIGN()
    if missing := _missing(given, wanted):
        if len(missing) == 1:
            return _ONE_FACTOR(kind=missing[0])
        return _FACTORS_MISSING(count=_count(len(missing)))
    if too_many := _missing(wanted, given):
        return _ONE_TOO_MANY(kind=too_many[0]) if len(too_many) == 1 else _FACTORS_TOO_MANY()
    return None


def _by_right_factors(given: ast.expr, wanted: ast.expr) -> Reply | None:
    if _has_another_number_before(given, wanted):
        return _NUMBER_BEFORE_IT()
    factors = [part for part in _factor_nodes(given) if not _is_factor(part, wanted)]
    if len(factors) == 1 and _is_one_factor_off(given, wanted):
        return _ALL_BUT_ONE(which=ast.unparse(factors[0]))
    # Of what is right, a call or a sum is worth naming.
    for part in _factor_nodes(given):
        if isinstance(_only_base(part), tuple) and _is_factor(part, wanted):
            return _A_RIGHT_FACTOR(which=ast.unparse(part))
    return None


def _by_sum(given: ast.expr, wanted: ast.expr) -> Reply | None:
    is_sum = len(_terms(given)) > 1 and is_same_formula(_all_multiplied(given), wanted)
    return _NOT_ADDED() if is_sum else None


def _has_another_number_before(given: ast.expr, wanted: ast.expr) -> bool:
    powers, number = _quotient(given, wanted)
    return not powers and number not in {0, 1} and bool(_product(given)[0])


def _is_one_factor_off(given: ast.expr, wanted: ast.expr) -> bool:
    """Whether there is one factor in another one's place, and others beside it."""
    powers, number = _quotient(given, wanted)
    return number == 1 and sorted(powers.values()) == [-1, 1] and len(_product(given)[0]) > 1


def _all_multiplied(node: ast.expr) -> ast.expr:
    """Return a sum's formula with a * for each + in it."""
    match node:
        case ast.BinOp(left, ast.Add(), right):
            return ast.BinOp(_all_multiplied(left), ast.Mult(), right)
    return node


def _count(number: int) -> str:
    return _COUNTS.get(number, "Some")


def _factor_nodes(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            yield from _factor_nodes(left)
            yield from _factor_nodes(right)
        case ast.BinOp(left, ast.Div()):
            yield from _factor_nodes(left)
        case _:
            yield node


def _only_base(node: ast.expr) -> Hashable:
    bases = list(_product(node)[0])
    return bases[0] if len(bases) == 1 else None


def _is_factor(part: ast.expr, wanted: ast.expr) -> bool:
    powers = _product(wanted)[0]
    return all(powers.get(base) == power for base, power in _product(part)[0].items())


def _is_not_in(which: str, given: ast.expr, wanted: ast.expr) -> bool:
    part = ast.parse(which, mode="eval").body
    return not _is_factor(part, _unwrapped(given, wanted)[1])


def _bare(node: ast.expr) -> ast.expr:
    return node.body if isinstance(node, ast.Lambda) else node


def _lacks(given: ast.expr, wanted: ast.expr, kind: str) -> bool:
    return _missing(*_unwrapped(given, wanted)) == [kind]


_SIGN = Claim(
    "All is right here but its sign.",
    lambda given, wanted: _is_turned(*_unwrapped(given, wanted)),
)
_ONE_FACTOR = Claim("All that is here is right. A factor is missing: {kind}.", _lacks)
_FACTORS_MISSING = Claim(
    "All that is here is right. {count} factors are missing.",
    lambda given, wanted, count: (
        count == _count(len(_missing(*_unwrapped(given, wanted)) or [])) != "One"
    ),
)
_ONE_TOO_MANY = Claim(
    "All that belongs here is in it. There is a factor too many: {kind}.",
    lambda given, wanted, kind: _lacks(wanted, given, kind),
)
_FACTORS_TOO_MANY = Claim(
    "All that belongs here is in it. There are factors too many.",
    lambda given, wanted: len(_missing(*_unwrapped(wanted, given)) or []) > 1,
)
_ALL_BUT_ONE = Claim(
    "All factors are right here but one: {which}.",
    lambda given, wanted, which: (
        _is_one_factor_off(*_unwrapped(given, wanted)) and _is_not_in(which, given, wanted)
    ),
)
_NUMBER_BEFORE_IT = Claim(
    "All is right here but the number that it is multiplied by.",
    lambda given, wanted: _has_another_number_before(*_unwrapped(given, wanted)),
)
_NOT_ADDED = Claim(
    "All parts of it are right, but something else is done with them than to add them.",
    lambda given, wanted: (
        _form(_all_multiplied(_unwrapped(given, wanted)[0])) == _form(_bare(wanted))
    ),
)
_A_RIGHT_FACTOR = Claim(
    "This factor belongs here: {which}. What it is multiplied by is not right yet.",
    lambda given, wanted, which: _is_factor(
        ast.parse(which, mode="eval").body, _unwrapped(given, wanted)[1]
    ),
)


# Terms.


def _right_terms(given: ast.expr, wanted: ast.expr) -> tuple[set[Any], set[Any], set[Any]]:
    """Return the terms that both have, those only the first has, and only the second."""
    here, there = (set(_terms(node).items()) for node in _unwrapped(given, wanted))
    return here & there, here - there, there - here


def _by_terms(given: ast.expr, wanted: ast.expr) -> Reply | None:
    right, here, there = _right_terms(given, wanted)
    if _same_but_for_numbers(given, wanted):
        return _NUMBERS_BEFORE()
    if right and not here:
        return _ONE_TERM() if len(there) == 1 else _TERMS_MISSING()
    if right and not there:
        return _TERMS_TOO_MANY()
    if right:
        return _SOME_TERMS()
    if _has_another_number(given, wanted):
        return _ANOTHER_NUMBER()
    return None


def _has_another_number(given: ast.expr, wanted: ast.expr) -> bool:
    """Whether a term has another number before it, and can't be part of another term.

    Beside a term that does not belong there, it would be so by chance.
    """
    given, wanted = _unwrapped(given, wanted)
    here, there = _terms(given), _terms(wanted)
    if any(each for each in here.keys() - there.keys()):
        return False
    missing = _names_of(there.keys() - here.keys())
    both = [each for each in here.keys() & there.keys() if each]
    return any(here[each] != there[each] and not _names_of(each) & missing for each in both)


def _names_of(form: object) -> set[str]:
    """Return the names in what is left of a formula, however deep."""
    if isinstance(form, str):
        return set(_NAME.findall(form)) - _TAGS
    inside = form if isinstance(form, tuple | set | frozenset) else ()
    return {name for part in inside for name in _names_of(part)}


def _by_calls(given: ast.expr, wanted: ast.expr) -> Reply | None:
    return None if _right_parts(given, wanted) else called_with_something_else(given, wanted)


def compare_parts(given: ast.expr, wanted: ast.expr) -> Reply | None:
    """Say which calls two formulas have in common, or None."""
    given, wanted = _unwrapped(given, wanted)
    right = _right_parts(given, wanted)
    if not right:
        return None
    if right[0] is given:
        return _ALONE(which=ast.unparse(given))
    if len(right) == _TWO:
        return _TWO_RIGHT_PARTS(one=ast.unparse(right[0]), other=ast.unparse(right[1]))
    return _A_RIGHT_PART(which=ast.unparse(right[0]))


def called_with_something_else(given: ast.expr, wanted: ast.expr) -> Reply | None:
    """Say which function belongs there that is called otherwise, or None."""
    if isinstance(given, ast.IfExp):
        return None  # it may be right in its branch
    names = {name for name, _ in _calls(wanted)}
    others = [part for part in _call_nodes(given) if _name(part.func) in names]
    return _CALLED_WITH(which=ast.unparse(others[0])) if others else None


def compare_names(given: ast.expr, wanted: ast.expr) -> Reply | None:
    """Say whether two formulas are made of the same names, or None."""
    given, wanted = _unwrapped(given, wanted)
    several = len(_names(wanted)) > 1
    return RIGHT_NAMES() if several and _names(given) == _names(wanted) else None


def _names(node: ast.AST) -> set[str]:
    """Return the names in a formula, of variables and of what it calls."""
    parts = list(ast.walk(node))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return names | {part.attr for part in parts if isinstance(part, ast.Attribute)}


def _same_but_for_numbers(given: ast.expr, wanted: ast.expr) -> bool:
    here, there = (_terms(node) for node in _unwrapped(given, wanted))
    return here != there and here.keys() == there.keys()


def _call(node: ast.Call) -> tuple[str, Hashable]:
    named = frozenset((keyword.arg, _form(keyword.value)) for keyword in node.keywords)
    return _name(node.func), (tuple(map(_form, node.args)), named)


def _calls(node: ast.AST) -> list[tuple[str, Hashable]]:
    return [_call(part) for part in _call_nodes(node)]


def _right_parts(given: ast.expr, wanted: ast.expr) -> list[ast.expr]:
    """Return the parts that are in the other formula as well, of those in which one calls.

    The largest comes first; what is in one of them, or is the same, is not counted again.
    """
    there = {_form(part) for part in ast.walk(wanted) if isinstance(part, ast.expr)}
    parts = [part for part in ast.walk(given) if isinstance(part, ast.expr) and _calls(part)]
    found: list[ast.expr] = []
    for part in sorted(parts, key=_size, reverse=True):
        is_new = all(_form(part) not in map(_form, ast.walk(other)) for other in found)
        if _form(part) in there and is_new:
            found.append(part)
    return found


def _is_right_part(which: str, given: ast.expr, wanted: ast.expr) -> bool:
    given, wanted = _unwrapped(given, wanted)
    return which in map(ast.unparse, _right_parts(given, wanted))


def _is_called(which: str, given: ast.expr, wanted: ast.expr) -> bool | None:
    """Whether a call is in the other formula; None where that calls another function."""
    ((name, taken_of), *_) = _calls(ast.parse(which, mode="eval"))
    calls = _calls(_unwrapped(given, wanted)[1])
    return (name, taken_of) in calls if any(each == name for each, _ in calls) else None


def _which_terms(given: ast.expr, wanted: ast.expr) -> str:
    """Say which terms there are: right ones, wrong ones, missing ones."""
    names = ("right", "wrong", "missing")
    found = zip(names, _right_terms(given, wanted), strict=True)
    return " ".join(name for name, terms in found if terms)


_NUMBERS_BEFORE = Claim(
    "The parts are right, but not every number or sign before them.", _same_but_for_numbers
)
_ONE_TERM = Claim(
    "All that is here is right. A term is missing that is added or taken away.",
    lambda given, wanted: (
        _which_terms(given, wanted) == "right missing"
        and len(_right_terms(given, wanted)[2]) == 1
    ),
)
_TERMS_MISSING = Claim(
    "All that is here is right. Terms are missing that are added or taken away.",
    lambda given, wanted: _which_terms(given, wanted) == "right missing",
)
_TERMS_TOO_MANY = Claim(
    "All that belongs here is in it, and more is added or taken away.",
    lambda given, wanted: _which_terms(given, wanted) == "right wrong",
)
_SOME_TERMS = Claim(
    "Of what is added or taken away here, a part is right and a part is not.",
    lambda given, wanted: _which_terms(given, wanted) == "right wrong missing",
)
_ANOTHER_NUMBER = Claim(
    "A part that belongs here is there, but not with that number or sign before it.",
    _has_another_number,
)
_A_RIGHT_PART = Claim(
    "This belongs here: {which}. Something else is missing or not right.",
    lambda given, wanted, which: _is_right_part(which, given, wanted),
)
_TWO_RIGHT_PARTS = Claim(
    "These belong here: {one} and {other}. Something else is missing or not right.",
    lambda given, wanted, one, other: (
        one != other
        and _is_right_part(one, given, wanted)
        and _is_right_part(other, given, wanted)
    ),
)
_ALONE = Claim(
    "This belongs here, but not by itself: {which}.",
    lambda given, wanted, which: (
        _is_right_part(which, given, wanted) and ast.unparse(_bare(given)) == which
    ),
)
_CALLED_WITH = Claim(
    "The function is right, but not what it is called with: {which}.",
    lambda given, wanted, which: _is_called(which, given, wanted) is False,
)
RIGHT_NAMES = Claim(
    "The right names are in it. It is something else that is done with them.",
    lambda given, wanted: len(set(map(frozenset, map(_names, _unwrapped(given, wanted))))) == 1,
)

#: The order in which they speak.
_RULES = (
    _by_brackets,
    _by_missing_factors,
    but_for_one,
    _by_right_factors,
    _by_terms,
    _by_sum,
    _by_calls,
)
