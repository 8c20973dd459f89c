"""A chapter as a course has it that keeps its answers: what is said, and no answer. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection

from sensei.blank import MARK
from sensei.judge.prediction import CODE, VALUE, asks_for_value
from sensei.koan import source
from sensei.koan.replies import seal
from sensei.koan.source import ASKS, SEALED, Marker
from sensei.renew.renew import joined


def chosen(text: str, names: Collection[str]) -> str:
    """Return a chapter's text with the koans of these names alone."""
    head, koans = source.split(text)
    return joined([head, *(koan for koan in koans if koan.name in names)])


def closed(text: str) -> str:
    """Return an answered text with `...` for each answer.

    Wrong fills, replies and hints stay, each marker in one line; reasons are sealed.

    Raises:
        SyntaxError: if the text is no Python.
        ValueError: if a marker's notes are more than plain text.
    """
    return source.with_markers(text, _closed)


def _closed(marker: Marker) -> str:
    asks = VALUE if asks_for_value(marker) else CODE
    notes: list[ast.keyword] = []
    for keyword in marker.node.keywords:
        if keyword.arg == MARK:
            notes += [keyword, ast.keyword(ASKS, ast.Constant(asks))]
        elif keyword.arg == "why" and marker.notes:
            notes.append(ast.keyword(SEALED, ast.Constant(seal(marker.notes.why))))
        elif keyword.arg != "numbers":
            notes.append(keyword)
    return ast.unparse(ast.Call(marker.node.func, [ast.Constant(...)], notes))
