"""What the README shows and tells is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import picture

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def without_counts(picture: str) -> str:
    """Return a picture that is the same however many koans there are, and in which line."""
    counts = r' *\d+ of \d+| *\d+/\d+|(?<=py:)\d+|(?<=done, )\d+|textLength="[\d.]+"'
    return re.sub(counts, "", picture)


def test_the_picture_is_a_session(pytester: pytest.Pytester) -> None:
    """The picture at the top is what pytest shows there, but for how many koans there are."""
    picture.prepare(pytester.path)
    printed = "\n".join(pytester.runpytest_inprocess("--color=yes").outlines)
    drawn = picture.PICTURE.read_text("utf-8")
    assert without_counts(drawn) == without_counts(picture.svg(printed)), (
        "To make it again: python docs/picture.py"
    )
    (alt, file), *_ = re.findall(r"^!\[(.+?)\]\((.+?)\)$", README, re.MULTILINE | re.DOTALL)
    assert ROOT / file == picture.PICTURE
    assert "9.0" in alt


def test_every_file_is_named() -> None:
    """The order of reading leaves none out, and has none that is not there."""
    begin, end = map(README.index, ("Read `sensei/` in this order", "What it all costs"))
    order = README[begin:end]
    files = {file.name for file in (ROOT / "sensei").rglob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"`(\w+\.py)`", order)) == files
