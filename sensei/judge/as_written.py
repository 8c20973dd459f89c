"""What two values tell, said of the fill as it was written, or of what it gives. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from sensei.judge.case import Case, elements, is_call, parts
from sensei.judge.claim import Claim, Reply
from sensei.judge.kinds import (
    FLAG_FOR_NUMBER,
    IN_QUOTES,
    MAKES_ONE,
    NOT_CALLED,
    NOTHING_AT_ALL,
    kind_in_words,
)

OF_VALUES = Claim(
    "{said}",
    lambda case, said: case.wrong and all(said.is_true_of(*pair) for pair in case.wrong),
)


def is_written(node: ast.AST, kind: type) -> bool:
    """Whether a part of a fill is a plain value of a kind."""
    return isinstance(node, ast.Constant) and isinstance(node.value, kind)


#: What is said of a value as it was written, by what has to stand in the fill for that.
_AS_WRITTEN: Mapping[Claim, Callable[[ast.AST], bool]] = {
    NOTHING_AT_ALL: lambda node: is_written(node, type(None)),
    IN_QUOTES: lambda node: is_written(node, str),
    FLAG_FOR_NUMBER: lambda node: is_written(node, bool),
    MAKES_ONE: is_call,
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
        all(kind_in_words(each) == kind for each in elements(given)) for given, _ in case.wrong
    ),
)


def of_values(case: Case, said: Reply) -> Reply:
    """Say it of the values, or of the code where nobody wrote such a value."""
    inner, given = said, case.wrong[0][0]
    while isinstance(within := inner.gaps.get("said"), Reply):
        inner, given = within, elements(given)[0]
    is_there = _AS_WRITTEN.get(inner.claim, lambda _: True)
    made = ast.Lambda | ast.Call
    is_made = inner.claim is NOT_CALLED and isinstance(case.fill.nodes[0], made)
    if not is_made and any(map(is_there, parts(case.fill.nodes))):
        return OF_VALUES(said=said)
    return (_GIVES if inner is said else _GIVES_EACH)(kind=kind_in_words(given))
