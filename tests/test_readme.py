"""What the README shows and tells is so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sensei.__main__ import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def without_counts(screen: str) -> str:
    """Return a screen that is the same however many koans there are, and in which line."""
    above, koan = screen.split("test_backward_fills_grad", 1)
    return re.sub(r" *\d+", " 0", above) + koan


def test_the_picture_is_a_screen(pytester: pytest.Pytester) -> None:
    """The screen at the top is what pytest shows there, but for how many koans there are."""
    for name in ("answers", "conftest.py", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, pytester.path / name)
    (pytester.path / "koans").mkdir()
    main(["blank"])
    main(["solve", "solved"])
    name, second = "test_01_first_gradient.py", "def test_backward_fills_grad"
    page = pytester.path / "koans" / name
    first = next((pytester.path / "solved").glob("test_00_*.py"))
    shutil.copy(first, page.parent)
    solved = (pytester.path / "solved" / name).read_text("utf-8").split(second)[0]
    rest = page.read_text("utf-8").split(second)[1].replace("__", "9.0", 1)
    page.write_text(solved + second + rest, "utf-8")
    shown = "\n".join(pytester.runpytest_inprocess().outlines).strip("\n")
    _, picture, _ = README.split("```\n", 2)
    assert without_counts(f"{shown}\n") == without_counts(picture)


def test_every_file_is_named() -> None:
    """The order of reading leaves none out, and has none that is not there."""
    order = README[README.index("Read `sensei/` in this order") :].split("\n\n`python bench")[0]
    files = {file.name for file in (ROOT / "sensei").rglob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"`(\w+\.py)`", order)) == files
