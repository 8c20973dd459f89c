"""Which koan or chapter a learner means by a name."""

from __future__ import annotations

import pytest

from sensei.koan.naming import named
from sensei.koan.path import Koan, read_path
from tests.tiny_course import Course


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("test_double", ["test_double"]),
        ("double", ["test_double"]),
        ("Double()", ["test_double"]),
        ("half", ["test_double_and_half"]),
        ("koans/test_01_doubling.py::test_double", ["test_double"]),
        ("1", ["doubling"]),
        ("02", ["code"]),
        ("koans\\test_01_doubling.py", ["doubling"]),
        ("test_01_doubling", ["doubling"]),
        ("doubling", ["doubling"]),
        ("doub", ["doubling", "test_double", "test_double_and_half"]),
        ("nothing of the kind", []),
        ("", []),
    ],
)
def test_what_a_name_means(course: Course, text: str, meant: list[str]) -> None:
    """A whole name means one thing, a part everything that it is in."""
    chapters = read_path(course.root / "koans", course.root / "answers")
    found = named(chapters, text)
    assert [it.name if isinstance(it, Koan) else it.title for it in found] == meant
