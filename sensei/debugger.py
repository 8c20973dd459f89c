"""Runs a learner's koan in pytest's own process, where a debugger can stand in it."""

from __future__ import annotations

import ast
import bdb
import sys

import pytest

from sensei.koan.path import Koan
from sensei.options import A_DAY
from sensei.run import trial

_STOPS = {"breakpoint", "set_trace"}


def run(config: pytest.Config, koan: Koan) -> BaseException | None:
    """Run the learner's own text, if a debugger may want to stop in it.

    Returns:
        what it raised, if it ran and raised anything.
    """
    if koan.problem or koan.page is None or koan.chapter.head is None:
        return None  # it is no Python, or not the koan
    tree = koan.page.tree()
    option = config.option
    if not (option.usepdb or option.trace or _stops(tree) or _is_debugged()):
        return None
    if option.trace:
        _stop_first(tree, koan.name)
    parts = koan.chapter.head.tree(), tree
    return trial.run(parts, koan.name, str(koan.chapter.page), A_DAY).error


def _stops(tree: ast.Module) -> bool:
    """Whether a koan calls a debugger itself."""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = (getattr(func, "attr", getattr(func, "id", None)) for func in called)
    return any(name in _STOPS for name in names)


def _is_debugged() -> bool:
    """Whether an editor's debugger follows this process; coverage's tracer is none."""
    tracer = getattr(sys.gettrace(), "__self__", None)
    return "pydevd" in sys.modules or isinstance(tracer, bdb.Bdb)


def _stop_first(tree: ast.Module, name: str) -> None:
    """Have the koan call the debugger before its first line."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            stop = ast.Expr(ast.Call(ast.Name("breakpoint", ast.Load()), [], []))
            for part in ast.walk(stop):
                ast.copy_location(part, node.body[0])
            node.body.insert(0, stop)
