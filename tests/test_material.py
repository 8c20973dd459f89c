"""docs/material.md speaks of koans that there are."""

from __future__ import annotations

import re
from pathlib import Path

from sensei.koan.path import read_path

ROOT = Path(__file__).parent.parent


def test_every_koan_named_exists() -> None:
    """A koan that was renamed or dropped must not stay behind in the table."""
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "material.md").read_text("utf-8")))
    chapters = read_path(ROOT / "koans", ROOT / "answers")
    assert named
    assert named <= {koan.name for chapter in chapters for koan in chapter.koans}


def test_every_fact_has_a_koan() -> None:
    """A row without one is not a place."""
    rows = re.findall(
        r"^\| (?!fact)(.+) \|$",
        (ROOT / "docs" / "material.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert rows
    assert [row for row in rows if "`test_" not in row.rsplit("|", 1)[1]] == []
