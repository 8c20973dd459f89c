"""Puts calls into a koan's tree that tell a listener what it computes. Pure: nothing runs here.

A listener is told of:

- `state`: the variables after each statement, what a function is called with, and what a loop
  goes through;
- `value`: each name and operation that has a value, in the words of the koan;
- `start`: what a backward pass begins from: y of `y.backward()`;
- `check`: the context in which an assertion's expression is computed;
- `blank`: what stands in a blank.

The assertions themselves are taken down: what they compare is computed, whatever holds.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sensei.koan.source import Part, blanks_in, is_blank, is_marker

_STATE, _VALUE, _START, _CHECK, _BLANK = (
    f"__{name}__" for name in ("state", "value", "start", "check", "blank")
)


class Listener:
    """Who is told. This one lets everything pass; `found` is what others make of it.

    One with `only_blanks` is told of nothing else, and the assertions stand.
    """

    only_blanks = False

    def __init__(self, koan: str) -> None:
        """Listen to the koan of that name."""

    def state(self, line: int, function: str, local: Mapping[str, Any]) -> None:
        """Take in the variables of a function after one of its lines."""

    def value(
        self, line: int, kind: str, text: str, called: str, parts: Sequence[str], value: Any
    ) -> Any:
        """Take in the value of an expression, and return it.

        Args:
            line: where it stands.
            kind: the syntax tree's word for it, such as `BinOp`.
            text: how the koan has it; nothing for what fills a blank.
            called: the text of the function that is called or the attribute that is read.
            parts: the texts of what the value is made from.
            value: the value.
        """
        return value

    def start(self, name: str, value: Any) -> Any:
        """Take in what a backward pass begins from, by which call, and return it."""
        return value

    @contextlib.contextmanager
    def check(self) -> Iterator[None]:
        """Let what an assertion compares be whatever it is."""
        with contextlib.suppress(Exception):
            yield

    def blank(self, number: int, value: Any) -> Any:
        """Take in what stands in a blank, and return it."""
        return value

    def found(self) -> object:
        """Return what was found out, in plain data."""
        return None


def names_for(listener: Listener) -> dict[str, object]:
    """Return what the calls in the tree find under their names."""
    return {
        _STATE: listener.state,
        _VALUE: listener.value,
        _START: listener.start,
        _CHECK: listener.check,
        _BLANK: listener.blank,
    }


def in_blank(number: int, node: ast.expr) -> ast.expr:
    """Return an expression that tells the listener what stands in a blank."""
    return ast.copy_location(_call(_BLANK, ast.Constant(number), node), node)


def compared_by_value(tree: ast.Module) -> ast.Module:
    """Return a tree that asks whether what stands for an answer is equal, not identical."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(_, [ast.Is()], [ast.Call(ast.Name(name), [_, inside])]):
                if name == _BLANK and is_marker(inside):
                    node.ops = [ast.copy_location(ast.Eq(), node.ops[0])]
    return ast.fix_missing_locations(tree)


def spied(koan: Part, tree: ast.Module) -> ast.Module:
    """Return a koan's tree with the calls in it.

    Of an assertion with an open blank only what is compared with it is left. Classes of the
    koan's own stay as they are.

    Args:
        koan: the koan, for the words of its expressions.
        tree: its tree, perhaps with fills in it.
    """
    spy = _Spy(koan)
    tree.body = [
        spy.visit(node) if getattr(node, "name", None) == koan.name else node
        for node in tree.body
    ]
    return ast.fix_missing_locations(tree)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


class _Spy(ast.NodeTransformer):
    def __init__(self, koan: Part) -> None:
        self.lines = koan.text.encode().split(b"\n")
        self.first = koan.line
        self.function = ""

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.pattern | ast.ClassDef):
            return node
        seen = super().visit(node)
        if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef):
            return seen
        return [seen, self._state(node)]

    def _state(self, node: ast.stmt) -> ast.stmt:
        told = _call(
            _STATE, ast.Constant(node.lineno), ast.Constant(self.function), _call("locals")
        )
        return ast.copy_location(ast.Expr(told), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer, self.function = self.function, node.name
        told = self._state(node)
        self.generic_visit(node)
        # What it is called with was there before its first line.
        node.body.insert(1 if ast.get_docstring(node) else 0, told)
        self.function = outer
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        # What it goes through is no change of the first line in it.
        told = self._state(node)
        self.generic_visit(node)
        node.body.insert(0, told)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        test = node.test
        if blanks_in(test) and isinstance(test, ast.Compare):
            test = test.left
        if blanks_in(test):
            return ast.copy_location(ast.Pass(), node)
        checked = ast.copy_location(ast.Expr(self._condition(test)), node)
        return ast.copy_location(ast.With([ast.withitem(_call(_CHECK))], [checked]), node)

    def visit_If(self, node: ast.If) -> ast.AST:
        return self._branch(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._branch(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._branch(node)

    def _branch(self, node: ast.If | ast.While | ast.IfExp) -> ast.AST:
        test, node.test = self._condition(node.test), ast.Constant(value=True)
        self.generic_visit(node)
        node.test = test
        return node

    def _condition(self, test: ast.expr) -> ast.expr:
        # A comparison decides here, and is no step of the computation.
        seen = self.generic_visit(test) if isinstance(test, ast.Compare) else self.visit(test)
        assert isinstance(seen, ast.expr)
        return seen

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if is_blank(node) or not isinstance(node.ctx, ast.Load):
            return node
        return self._told(node, "", [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)
        return self._told(node, self._text(node), [node.value])

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)
        return self._told(node, "", [node.value])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        return self._told(node, "", [node.operand])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        return self._told(node, "", [node.left, node.right])

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return self._told(node, "", [node.left, *node.comparators])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function, arguments = node.func, node.args
        if isinstance(function, ast.Name) and function.id == _BLANK:
            return node  # what fills a blank has no words of the koan's
        called = self._text(function)
        node.args = [self.visit(argument) for argument in arguments]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        if not isinstance(function, ast.Attribute):
            node.func = self.visit(function)
            return self._telling(node, called, [function, *arguments], node)
        # A bound method is nothing to tell of; what it is bound to is.
        receiver = function.value
        function.value = self.visit(receiver)
        begins = ast.Constant(function.attr)
        if called.endswith(("autograd.grad", "autograd.backward")):
            node.args[:1] = [_call(_START, begins, start) for start in node.args[:1]]
        elif function.attr == "backward":
            function.value = _call(_START, begins, function.value)
        return self._telling(node, called, [receiver, *arguments], node)

    def _told(self, node: ast.expr, called: str, parts: Sequence[ast.expr]) -> ast.AST:
        seen = self.generic_visit(node)
        assert isinstance(seen, ast.expr)
        return self._telling(node, called, parts, seen)

    def _telling(
        self, node: ast.expr, called: str, parts: Sequence[ast.expr], seen: ast.expr
    ) -> ast.AST:
        made_of = ast.Tuple([ast.Constant(self._text(part)) for part in parts], ast.Load())
        words = (type(node).__name__, self._text(node), called)
        told = _call(
            _VALUE, ast.Constant(node.lineno), *map(ast.Constant, words), made_of, seen
        )
        return ast.copy_location(told, node)

    def _text(self, node: ast.expr) -> str:
        """Return how the koan has it, in one line."""
        last = (node.end_lineno or node.lineno) - self.first
        lines = self.lines[node.lineno - self.first : last + 1]
        if not lines:
            return ""
        # The end first: it may stand in the line of the start.
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return " ".join(b" ".join(lines).decode().split())
