"""Puts calls into a koan's tree that tell what it computes on its way. Pure: nothing runs here.

Who runs a watched koan gives it four functions, under these names:

- `__state__(function, locals())` after each statement;
- `__value__(text, called, parts, value)` for each name and operation, with its text as in
  the koan; `called` is the text of the function that is called or the attribute that is
  read, and `parts` are the texts of what the value is made from;
- `__walk__(name, value)` for what a walk back begins from: y of `y.backward()`;
- `__check__()` for the context in which an assertion is run.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from sensei.koan.source import Part, blanks_in, is_blank

STATE, VALUE, WALK, CHECK = "__state__", "__value__", "__walk__", "__check__"


def watched(koan: Part) -> ast.Module:
    """Return a koan's tree with the calls in it.

    Of an assertion with a blank only what is compared with it is left. Classes of the
    koan's own stay as they are.

    Raises:
        SyntaxError: if the koan is no Python.
    """
    tree = koan.tree()
    watch = _Watch("\n" * (koan.line - 1) + koan.text)
    tree.body = [
        watch.visit(node) if getattr(node, "name", None) == koan.name else node
        for node in tree.body
    ]
    return ast.fix_missing_locations(tree)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


class _Watch(ast.NodeTransformer):
    def __init__(self, source: str) -> None:
        self.source = source
        self.function = ""

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.pattern | ast.ClassDef):
            return node
        seen = super().visit(node)
        if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef):
            return seen
        after = ast.Expr(_call(STATE, ast.Constant(self.function), _call("locals")))
        return [seen, ast.copy_location(after, node)]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer, self.function = self.function, node.name
        seen = self.generic_visit(node)
        self.function = outer
        return seen

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        test = node.test
        if blanks_in(test) and isinstance(test, ast.Compare):
            test = test.left
        if blanks_in(test):
            return ast.copy_location(ast.Pass(), node)
        checked = ast.copy_location(ast.Expr(self._condition(test)), node)
        return ast.copy_location(ast.With([ast.withitem(_call(CHECK))], [checked]), node)

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
            node.args[:1] = [_call(WALK, begins, start) for start in node.args[:1]]
        elif function.attr == "backward":
            function.value = _call(WALK, begins, function.value)
        return self._telling(node, called, [receiver, *arguments], node)

    def _told(self, node: ast.expr, called: str, parts: Sequence[ast.expr]) -> ast.AST:
        seen = self.generic_visit(node)
        assert isinstance(seen, ast.expr)
        return self._telling(node, called, parts, seen)

    def _telling(
        self, node: ast.expr, called: str, parts: Sequence[ast.expr], seen: ast.expr
    ) -> ast.AST:
        made_of = ast.Tuple([ast.Constant(self._text(part)) for part in parts], ast.Load())
        call = _call(VALUE, ast.Constant(self._text(node)), ast.Constant(called), made_of, seen)
        return ast.copy_location(call, node)

    def _text(self, node: ast.expr) -> str:
        return " ".join((ast.get_source_segment(self.source, node) or "").split())
