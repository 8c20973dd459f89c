"""What was changed beside a blank: it is named as it was made, in whatever koan."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensei.koan.beside import Change, change_beside, head_of, in_blanks
from sensei.koan.path import read_path

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("pattern", "line", "told"),
    [
        ("assert x.grad == __", "assert x.grad is 6.0", "== became is"),
        ("assert x.grad == __", "x.grad == 6.0", "assert is gone"),
        ("assert x.grad == __", "assert y.grad == x.grad", "x became y"),
        ("assert x.grad == __", "assert not x.grad == x.grad", "not was added"),
        ("assert x.grad == __", "assert x.grad.item() == 3", ".item() was added"),
        ("assert equal(__, [1, 2])", "assert equal(x, [1, 3])", "2 became 3"),
        ("assert equal(__, [1, 2])", "assert equal(x, [1])", ", 2 is gone"),
        ("y = __ * x + 1", "y = 2 * x + 1 + 3", "+ 3 was added"),
        ("y = f(x)", "y = f(x, 2)", ", 2 was added"),
        ("y = f(x)", "y = g(x)", "f became g"),
        ("assert [__, a] == [__, 1]", "assert [2, b] == [3, 1]", "a became b"),
    ],
)
def test_a_change(pattern: str, line: str, told: str) -> None:
    """The first one is told in the words of the line."""
    change = change_beside(pattern, line)
    assert change is not None
    assert change.told == told


@pytest.mark.parametrize(
    ("pattern", "line", "fills"),
    [
        ("assert x == __", "assert x == 3 or 4", ["3 or 4"]),
        ("y = __ * x", "y = 2 if x else 3 * x", ["2 if x else 3"]),
        ("f(__, __)", "f(1, 2)", ["1", "2"]),
    ],
)
def test_no_change(pattern: str, line: str, fills: list[str]) -> None:
    """What stands in blanks is none."""
    assert change_beside(pattern, line) is None
    assert in_blanks(pattern, line) == fills


def heads() -> Iterator[str]:
    """Yield the lines of all koans that have one blank, and something beside it."""
    for chapter in read_path(ROOT / "koans", ROOT / "answers"):
        for koan in chapter.koans:
            assert koan.sheet is not None
            for node in ast.walk(koan.sheet.pattern.tree()):
                if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef):
                    head = head_of(node)
                    if head.count("__") == 1 and head != "__":
                        yield head


@pytest.mark.parametrize("fill", ["6.0", "[1, 2]", "x.grad", "None"])
def test_all_lines(fill: str) -> None:
    """One word exchanged, taken out or put in before a blank is found where it was."""
    tried = 0
    for head in heads():
        before, behind = head.split("__")
        for word in re.finditer(r"[^\W\d]\w*", before):
            start, end = word.span()
            changes = {
                f"{before[:start]}{before[end:]}": Change(word[0], ""),
                f"{before[:start]}qq {before[start:]}": Change("", "qq"),
            }
            # Nothing tells what came in the place of all that stood before a blank.
            if before.strip() != word[0]:
                new = "or" if keyword.iskeyword(word[0]) else "qq"
                changes[f"{before[:start]}{new}{before[end:]}"] = Change(word[0], new)
            for changed, change in changes.items():
                assert change_beside(head, f"{changed}{fill}{behind}") == change, (
                    head,
                    changed,
                )
                tried += 1
    assert tried > 100
