"""Runs a learner's koan in pytest's own process, where a debugger can stand in it."""

from __future__ import annotations

import ast
import bdb
import sys

import pytest

from sensei.judge.verdict import Verdict
from sensei.koan.path import Koan
from sensei.koan.trouble import Trouble

_STOPS = {"breakpoint", "set_trace"}
#: What a debugger after the fact never gets to see.
_NO_END = {Trouble.ENDLESS, Trouble.OUT_OF_MEMORY, Trouble.DIED}


def run(config: pytest.Config, verdict: Verdict, *, is_current: bool) -> BaseException | None:
    """Run the learner's own text, if a debugger may want to stop in it.

    Args:
        config: pytest's.
        verdict: where the koan stands.
        is_current: whether it is the koan that the run is about.

    Returns:
        what it raised, if it ran and raised anything.

    Raises:
        KeyboardInterrupt: if the learner stops it.
    """
    koan = verdict.koan
    # Not known to a pytest whose debugging is switched off.
    pdb, trace = (config.getoption(name, default=False) for name in ("usepdb", "trace"))
    has_no_end = verdict.problem is not None and verdict.problem.what in _NO_END
    wanted = trace or _is_debugged() or (pdb and not has_no_end)
    if not ((is_current and wanted) or may_stop_in(koan)):
        return None  # most koans need not be read for it
    if koan.problem or koan.page is None or koan.chapter.head is None:
        return None  # it is no Python, or not the koan
    tree = koan.page.tree()
    if not ((is_current and wanted) or _stops(tree)):
        return None
    if trace:
        _stop_first(tree, koan.name)
    parts = koan.chapter.head.tree(), tree
    from sensei.run.trial import run as run_here  # which imports torch

    error = run_here(parts, koan.name, str(koan.chapter.page), None).error
    if isinstance(error, KeyboardInterrupt):
        raise error
    return error


def may_stop_in(koan: Koan) -> bool:
    """Whether a koan's text calls a debugger, at a glance."""
    return any(name in part.text for part in koan.pages for name in _STOPS)


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
