"""Private parts of pytest that are used, each with why, and what is done without it."""

from __future__ import annotations

import ast

from sensei.koan.source import Part


def put_asserts_into_words(tree: ast.Module, koan: Part) -> None:
    """Have a koan's failing assertions raise pytest's words, or plain ones without it.

    pytest has no public way to rewrite the assertions of a tree that is not a module's.
    """
    try:
        from _pytest.assertion.rewrite import rewrite_asserts
    except ImportError:
        return
    text = "\n" * (koan.line - 1) + koan.text
    rewrite_asserts(tree, text.encode())
