"""What a line does, and where and how the koan ended with it. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from sensei.judge.case import Case, is_call, names_in, parts
from sensei.judge.claim import Claim, Reply
from sensei.judge.errors import in_words, is_said_of, is_vague
from sensei.judge.kinds import NOT_CALLED
from sensei.judge.secrets import hints_at
from sensei.koan import source
from sensei.koan.graft import Fill
from sensei.run.outcome import End
from sensei.run.values import Thing, same_value

_NOT_CALLED = Claim(
    NOT_CALLED.sentence,
    lambda case: any(
        isinstance(value, Thing) and value.callable
        for value in (*case.given, *case.changes(case.with_fill).values())
    ),
)


def not_called(case: Case) -> Reply | None:
    """Say so where a line only names a method."""
    # What a line is worth does not matter, but a method that is only named is not run.
    named = case.marker.is_line and any(
        isinstance(given, Thing) and given.callable for given in case.given
    )
    return _NOT_CALLED() if named else None


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
_TEXT_AS_A_LINE = Claim(
    "In quotes it is text, which does nothing here. A line of code stands without quotes.",
    lambda case: case.marker.is_line and _is_text(case.fill.nodes[0]),
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
_AND_SO = Claim(
    "From here on {name} is what stands right of the =.\n\n{ended}",
    lambda case, name, ended: (
        name in _assigned(case.fill) and name in case.variables and ended.is_true_of(case)
    ),
)
_ANOTHER_VALUE_COMES = Claim(
    "This gives {name} a value. But a line below gives it another one before it is used.",
    lambda case, name: name in _assigned(case.fill) and _is_set_before_use(case, name),
)
_NONE_BY_NAME = Claim(
    "What is called here returns None. With the = before it, {name} is None from here on.",
    lambda case, name: case.changes(case.with_fill).get(name, ...) is None,
)
_A_NEW_NAME = Claim(
    "This gives something the name {name}. Nothing else in the koan uses that name.",
    lambda case, name: (
        name in _assigned(case.fill) and name not in names_in([case.sheet.part.tree()])
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
_NOTHING_BY = {
    "misspelled": _CHANGES_NOTHING_BY_THAT_NAME,
    "reads": Claim(
        "This only reads something. It changes nothing.",
        lambda case: _sort(case) == "reads" and not case.changes(case.with_fill),
    ),
    "gives": Claim(
        "This gives a value, and nothing keeps it. What has a name here is not changed.",
        lambda case: _sort(case) == "gives" and not case.changes(case.with_fill),
    ),
}
_CHANGES_ANOTHER = Claim(
    "This changes {name}. Is that what should change?",
    lambda case, name: (
        name in case.changes(case.with_fill) and name not in case.changes(case.with_answer)
    ),
)
CHANGES_ALL_THE_SAME = Claim(
    "It does change {name}. But another line does not hold:\n    {line}",
    lambda case, name, line: name in case.changes(case.with_fill) and _fails_in(case, line),
)


def statement(case: Case) -> Reply | None:
    """Say what a statement does that is no call, and no change of what is in a tensor."""
    if not case.marker.is_line or len(case.fill.nodes) > 1:
        return None
    if case.outcome.error is not None and not case.outcome.asserted and not case.last_line:
        return None  # it did not come to that
    node = case.fill.nodes[0]
    changes = case.changes(case.with_fill)
    if _is_text(node):
        return _TEXT_AS_A_LINE()
    if does := _DOES.get(type(node)):
        return None if changes and "nothing" in does else _STATEMENT(does=does)
    if _is_print(node):
        return None if changes else _ONLY_SHOWS()
    return next(filter(None, (_naming(case, name) for name in _assigned(case.fill))), None)


def _naming(case: Case, name: str) -> Reply | None:
    """Say what comes of a statement that gives something a name."""
    node, changes = case.fill.nodes[0], case.changes(case.with_fill)
    given = changes.get(name)
    if isinstance(given, Thing) and given.callable and not _is_lambda(node):
        return _NOT_CALLED()
    is_called = isinstance(node, ast.Assign) and is_call(node.value)
    if is_called and changes.get(name, ...) is None:
        return _NONE_BY_NAME(name=name)
    if _is_set_before_use(case, name):
        return _ANOTHER_VALUE_COMES(name=name)
    if name in case.variables and not _IN_PLACE.search(case.fill.code):
        return _of_another_object(case, name)
    if name not in names_in([case.sheet.part.tree()]):
        return _A_NEW_NAME(name=name)
    return None


def _of_another_object(case: Case, name: str) -> Reply | None:
    """Say what comes of a name that stands for another object from here on."""
    given, wanted = case.changes(case.with_fill), case.changes(case.with_answer)
    if case.outcome.asserted and wanted and name not in {t.partition(".")[0] for t in wanted}:
        return None
    if case.outcome.asserted and wanted and _has_all(given, wanted):
        return _ANOTHER_OBJECT_BY_NAME(name=name)
    ended = how_it_ended(case)  # perhaps another object would do
    return _AND_SO(name=name, ended=ended) if ended else None


def _has_all(given: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    """Whether everything that should change has changed as it should."""
    return all(name in given and same_value(given[name], wanted[name]) for name in wanted)


def _is_set_before_use(case: Case, name: str) -> bool:
    """Whether the first thing that happens to a name below the blank is another value."""
    tree, own = case.sheet.part.tree(), case.own_lines
    uses = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
    changed = [n.target for n in ast.walk(tree) if isinstance(n, ast.AugAssign)]
    reads = [n for n in uses if n in changed or not isinstance(n.ctx, ast.Store)]
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While)]
    again = [n.lineno for n in loops if n.lineno < own.start <= (n.end_lineno or n.lineno)]
    # What stands above in the same loop comes after the blank in its next turn.
    if again and any(min(again) <= n.lineno < own.start for n in reads):
        return False
    below = [n.lineno for n in uses if n.lineno >= own.stop]
    return bool(below) and all(n.lineno > min(below) for n in reads if n.lineno >= own.stop)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_lambda(node: ast.AST) -> bool:
    return isinstance(getattr(node, "value", None), ast.Lambda)


def _is_print(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id == "print")
    )


def _assigned(fill: Fill) -> list[str]:
    """Return the names that a fill assigns to, in a with or an if, too."""
    inside = [
        part
        for node in fill.nodes
        for part in (ast.walk(node) if isinstance(node, ast.With | ast.If) else [node])
    ]
    targets = [
        target
        for node in inside
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def effect(case: Case) -> Reply | None:
    """Compare what changed in the line of the blank, with the fill and with the answer."""
    if not _came_to_the_line(case):
        return None
    wanted = case.changes(case.with_answer)
    passing = names_in(p.target for p in parts(case.fill.nodes) if isinstance(p, ast.For))
    given = [name for name in case.changes(case.with_fill) if _is_of_koan(case, name)]
    own = [name for name in given if name.partition(".")[0] not in passing]
    if wanted and own and not any(name in wanted for name in own):
        return _CHANGES_ANOTHER(name=own[0])
    # Of an answer that is kept nothing is known.
    right = [name for name in own if name in wanted or case.marker.is_closed]
    told = [name for name in right if _is_told_of(name, case.last_line)]
    if not told or not case.outcome.asserted:
        return None
    return CHANGES_ALL_THE_SAME(name=told[0], line=case.last_line)


def no_effect(case: Case) -> Reply | None:
    """Say so where the fill changes nothing, and the answer does."""
    if not _came_to_the_line(case) or not case.changes(case.with_answer):
        return None
    if not case.outcome.asserted and not case.given:
        return None  # perhaps it did not come to that
    # An object of the same value may have taken another one's place.
    is_named_anew = case.variables.intersection(_assigned(case.fill))
    changes = case.changes(case.with_fill) or not case.with_fill.sights
    if changes or is_named_anew or _has_another_effect(case.fill):
        return None
    return _NOTHING_BY.get(_sort(case), _CHANGES_NOTHING)()


def _came_to_the_line(case: Case) -> bool:
    """Whether the blank is a line, and it is not known that this line itself raised."""
    return case.marker.is_line and (case.outcome.asserted or case.last_line != "")


def _sort(case: Case) -> str:
    """Say what sort of line changes nothing: one that is misspelled, reads, or gives."""
    node = case.fill.nodes[0]
    if _sets_unknown(case.fill):
        return "misspelled"
    if isinstance(node, ast.Attribute | ast.Name | ast.Subscript):
        return "reads"
    if _IN_PLACE.search(case.fill.code) or not case.given or case.given[0] is None:
        return ""
    return "gives" if isinstance(node, ast.Call | ast.BinOp | ast.UnaryOp) else ""


def _is_told_of(name: str, line: str) -> bool:
    """Whether a line of the koan speaks of a name."""
    return re.search(rf"(?<![\w.]){re.escape(name)}\b", line) is not None


def _is_of_koan(case: Case, name: str) -> bool:
    """Whether a name, or what stands before its dot, is not the fill's own."""
    return name.partition(".")[0] in case.variables


def _sets_unknown(fill: Fill) -> bool:
    """Whether a fill sets an attribute that no tensor comes with."""
    return any(
        isinstance(part.ctx, ast.Store) and part.attr not in _OF_TENSORS
        for part in parts(fill.nodes)
        if isinstance(part, ast.Attribute)
    )


def _has_another_effect(fill: Fill) -> bool:
    by_statement = any(isinstance(node, _WITH_ANOTHER_EFFECT) for node in fill.nodes)
    return by_statement or _sets_unseen(fill) or _UNSEEN.search(fill.code) is not None


def _sets_unseen(fill: Fill) -> bool:
    """Whether it sets what nobody looks at: the .grad of a result, an element of a list."""
    stores = [p for p in parts(fill.nodes) if isinstance(getattr(p, "ctx", None), ast.Store)]
    return any(
        isinstance(part, ast.Subscript)
        or (isinstance(part, ast.Attribute) and part.attr == "grad")
        for part in stores
    )


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
ANOTHER_LINE_FAILS = Claim(
    "With this, another line does not hold:\n    {line}",
    _fails_in,
)
_RAISES = Claim(
    "This raises {told}",
    lambda case, told: _raises(case, told) and not case.ends_elsewhere,
)
RAISES_SOMEHOW = Claim(
    "This raises {told}",
    lambda case, told: _raises(case, told) and is_vague(told) and not case.ends_elsewhere,
)
ANOTHER_LINE_RAISES = Claim(
    "With this, another line raises:\n    {line}\n\n{told}",
    lambda case, line, told: _raises(case, told) and _ends_in(case, line),
)
_ANOTHER_BLANK_RAISES = Claim(
    "With this, the line of another blank raises {told}",
    lambda case, told: (
        _raises(case, told)
        and case.ends_elsewhere
        and source.has_blank(case.sheet.part.line_at(case.outcome.line))
    ),
)


def how_it_ended(case: Case) -> Reply | None:
    """Say where the koan stops with a fill, and how."""
    if case.outcome.end is End.NOT_REACHED:
        return _LEFT_EARLY()
    error, line = case.outcome.error, case.last_line
    if error is None or case.outcome.asserted:
        return ANOTHER_LINE_FAILS(line=line) if line else None
    told = in_words(error, lambda text: hints_at(text, case.sheet))
    if line:
        return ANOTHER_LINE_RAISES(line=line, told=told)
    if case.ends_elsewhere:
        return _ANOTHER_BLANK_RAISES(told=told)
    return (RAISES_SOMEHOW if is_vague(told) else _RAISES)(told=told)
