"""A wrong fill, and all there is to know of it and of the koan around it. Pure."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sensei.judge.kinds import is_number, same_kinds
from sensei.judge.prediction import computes
from sensei.koan import source
from sensei.koan.graft import Fill, read_fill
from sensei.koan.path import Sheet
from sensei.koan.source import Marker
from sensei.run.observer import Seen, Sight
from sensei.run.outcome import Outcome
from sensei.run.values import Array, is_plain, plain, same_value


def compared(sheet: Sheet, marker: Marker) -> ast.Compare | None:
    """Return the comparison that has a blank on its right, if it stands in one."""
    for node in ast.walk(sheet.part.tree()):
        match node:
            case ast.Compare(_, [ast.Eq() | ast.Is()], [right]):
                if source.place(right) == source.place(marker.node):
                    return node
    return None


@dataclass(frozen=True, eq=False)
class Case:
    """A fill in one of a koan's blanks, with answers in the others.

    Args:
        fill: the learner's fill.
        sheet: the answered koan.
        number: which of its blanks the fill stands in.
        outcome: how the koan ended with it.
        look: returns what is seen of the koan with some fill in this blank, or with the
            answer there. It is asked only for what a rule wants to know.
    """

    fill: Fill
    sheet: Sheet
    number: int
    outcome: Outcome
    look: Callable[[Fill | None], Seen]

    @property
    def marker(self) -> Marker:
        """The blank, as the answers have it."""
        return self.sheet.markers[self.number]

    @cached_property
    def is_plain(self) -> bool:
        """Whether the fill is a value that can be read without running anything."""
        return len(self.fill.nodes) == 1 and is_plain(self.fill.nodes[0])

    @cached_property
    def computes(self) -> bool:
        """Whether the fill reads what the koan computes, where a value should stand."""
        return computes(self.fill, self.sheet, self.marker)

    @property
    def has_right_kinds(self) -> bool:
        """Whether it has numbers, flags and None where the answer has them.

        It is read where that can be, since the koan seldom computes something else; of an
        answer that is not here, nothing is known.
        """
        if self.marker.is_closed:
            return True
        if self.is_plain and is_plain(self.marker.answer):
            return same_kinds(plain(self.fill.nodes[0]), plain(self.marker.answer))
        return all(same_kinds(*pair) for pair in self.pairs)

    # What stood in the blank.

    @cached_property
    def with_fill(self) -> Seen:
        """What was seen with the fill."""
        return self.look(self.fill)

    @cached_property
    def with_answer(self) -> Seen:
        """What was seen with the answer."""
        return self.look(None)

    @property
    def given(self) -> Sequence[object]:
        """What the fill was worth, each time that it was computed."""
        return self.with_fill.blank(self.number)

    @property
    def wanted(self) -> Sequence[object]:
        """What the answer was worth, each time."""
        return self.with_answer.blank(self.number)

    @cached_property
    def entries(self) -> Mapping[str, Sequence[object]]:
        """What each foreseen fill was worth; nothing where only its writing counts.

        Where gradients come out otherwise, the same value was not reached in the same way.
        """
        codes = () if self.is_plain or self.marker.is_line else self.marker.wrong
        seen = {code: self.look(read_fill(code)) for code in codes}
        return {
            code: each.blank(self.number)
            for code, each in seen.items()
            if gradients(each) == gradients(self.with_fill)
        }

    @cached_property
    def pairs(self) -> Sequence[tuple[Any, Any]]:
        """What the fill and the answer were worth, each time.

        Whether it is a list or a tuple counts only where it is compared with one.
        """
        pairs = list(zip(self.given, self.wanted, strict=False))
        return pairs if self.compared else [(_like(*pair), pair[1]) for pair in pairs]

    @cached_property
    def wrong(self) -> Sequence[tuple[Any, Any]]:
        """The pairs of which the fill's part is not right."""
        return [pair for pair in self.pairs if not same_value(*pair)]

    @property
    def counts_by_value(self) -> bool:
        """Whether the value of the fill is what matters, and it is another one."""
        return bool(self.wrong) and not self.marker.is_line and not self.asks_for_object

    @property
    def pair(self) -> tuple[Any, Any] | None:
        """The two values to compare, where each was computed once."""
        return self.wrong[0] if self.counts_by_value and len(self.pairs) == 1 else None

    @property
    def numbers(self) -> tuple[float, float] | None:
        """The same, where they are two numbers and a number is asked for."""
        are_numbers = self.pair and all(map(is_number, self.pair))
        return self.pair if are_numbers and not self.asks_for_code else None

    # What the koan asks for.

    @cached_property
    def compared(self) -> ast.Compare | None:
        """The comparison that has the blank on its right, if it stands in one."""
        return compared(self.sheet, self.marker)

    @property
    def asked(self) -> str:
        """What the blank is compared with, as the koan has it; or nothing."""
        return ast.unparse(self.compared.left) if self.compared else ""

    @property
    def asks_for_object(self) -> bool:
        """Whether a fill has to be the very object that a name in the koan stands for."""
        answer = self.marker.answer
        is_named = isinstance(answer, ast.Name) and answer.id not in dir(builtins)
        return is_named and self.compared is not None and _is_is(self.compared)

    @property
    def asks_for_code(self) -> bool:
        """Whether the answer is computed from what the koan has, as far as one knows."""
        parts = ast.walk(self.marker.answer)
        return any(isinstance(part, ast.Name) and part.id in self.variables for part in parts)

    # What else there is in the koan.

    @property
    def sights(self) -> Sequence[Sight]:
        """The values of all that has a name in the koan, in the order of time."""
        return self.with_answer.sights

    def may_name(self, sight: Sight) -> bool:
        """Whether it is neither fill nor answer, nor what another blank asks for."""
        own = {self.fill.text, *(ast.unparse(m.answer) for m in self.sheet.markers)}
        others = (
            value
            for number, values in self.with_answer.blanks.items()
            if number != self.number
            for value in values
        )
        return sight.text not in own and not any(same_value(sight.value, v) for v in others)

    def line(self, number: int | None) -> str:
        """Return a line of the koan, or nothing for one with a blank: that holds an answer."""
        text = self.sheet.part.line_at(number).strip()
        return "" if source.has_blank(text) else text

    @cached_property
    def constants(self) -> frozenset[float]:
        """The numbers that stand in the koan by themselves, without their signs."""
        nodes = [*ast.walk(self.sheet.pattern.tree())]
        data = {id(part) for node in nodes if isinstance(node, ast.List) for part in node.elts}
        return _numbers(node for node in nodes if id(node) not in data)

    @cached_property
    def multipliers(self) -> frozenset[float]:
        """Those of them by which something is multiplied or divided."""
        return _numbers(side for each in self._products for side in (each.left, each.right))

    @cached_property
    def divisors(self) -> frozenset[float]:
        """Those of them by which something is divided."""
        return _numbers(e.right for e in self._products if isinstance(e.op, ast.Div))

    @property
    def _products(self) -> Sequence[ast.BinOp]:
        """What the koan multiplies and divides."""
        nodes = ast.walk(self.sheet.pattern.tree())
        operations = (node for node in nodes if isinstance(node, ast.BinOp))
        return [each for each in operations if isinstance(each.op, ast.Mult | ast.Div)]

    @cached_property
    def variables(self) -> frozenset[str]:
        """The names that the koan gives to something, arguments of functions too."""
        names = set()
        for node in ast.walk(self.sheet.part.tree()):
            match node:
                case ast.Name(name, ast.Store()) | ast.arg(name):
                    names.add(name)
        return frozenset(names)

    def is_gradient(self, text: str) -> bool:
        """Whether an expression of the koan is a gradient, or a name for one."""
        code = self.sheet.pattern.text
        made = re.findall(rf"^\s*{re.escape(text)}\s*=(.*)", code, re.MULTILINE)
        return any(re.search(r"\bgrad\b", each) for each in (text, *made))

    # What the line of the blank does, and where the koan ends.

    def changes(self, seen: Seen) -> Mapping[str, object]:
        """Return what has another value after the line of the blank."""
        line = self.marker.node.lineno
        changed = [s for s in seen.sights if s.line == line and s.is_name]
        before = {s.text for s in seen.sights if s.line != line}
        # A gradient that is looked at for the first time, and is not there, is no change.
        return {
            s.text: s.value
            for s in changed
            if s.value is not None or s.text in before or not s.text.endswith(".grad")
        }

    @cached_property
    def own_lines(self) -> range:
        """The lines of the statement that the blank stands in."""
        line = self.marker.node.lineno
        for node in ast.walk(self.sheet.part.tree()):
            if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                if line in lines:
                    return lines
        return range(line, (self.marker.node.end_lineno or line) + 1)

    @property
    def ends_elsewhere(self) -> bool:
        """Whether the koan ended in a line that the blank does not stand in."""
        return self.outcome.line is not None and self.outcome.line not in self.own_lines

    @property
    def last_line(self) -> str:
        """That line, where it may be shown; or nothing."""
        return self.line(self.outcome.line) if self.ends_elsewhere else ""


def _like(given: object, wanted: object) -> object:
    """Return a list as a tuple, or a tuple as a list, if the other value is one."""
    if isinstance(given, list) and isinstance(wanted, tuple):
        return tuple(given)
    return list(given) if isinstance(given, tuple) and isinstance(wanted, list) else given


def _is_is(node: ast.Compare) -> bool:
    return isinstance(node.ops[0], ast.Is)


def gradients(seen: Seen) -> list[tuple[str, str]]:
    """Return what every .grad was, in the order of time."""
    return [(s.text, repr(s.value)) for s in seen.sights if s.text.endswith(".grad")]


# Parts of trees, and of values.


def _numbers(nodes: Iterable[ast.AST]) -> frozenset[float]:
    """Return those of some nodes that are numbers."""
    values = (node.value for node in nodes if isinstance(node, ast.Constant))
    return frozenset(value for value in values if isinstance(value, int | float))


def parts(nodes: Iterable[ast.AST]) -> Iterable[ast.AST]:
    """Return all nodes of some trees."""
    return (part for node in nodes for part in ast.walk(node))


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names of variables and modules in some trees."""
    return {part.id for part in parts(nodes) if isinstance(part, ast.Name)}


def is_call(node: ast.AST) -> bool:
    """Whether something is called there."""
    return isinstance(node, ast.Call)


def elements(value: object) -> Sequence[object]:
    """Return what a list, a tuple or a tensor holds, or a value by itself."""
    if isinstance(value, Array):
        return value.values
    return value if isinstance(value, list | tuple) else [value]
