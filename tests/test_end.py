"""What is shown at an end: what was built on the way, and where one may go from here."""

from __future__ import annotations

import pytest

from tests.tiny_course import CODE, DOUBLING, Course

BUILT = '''"""Building.

By the end you can build.

Here you may rest. Beyond lies more.
"""

from sensei import __


def test_add():
    """Write a sum."""

    def helper(a):
        return a

    def add(a, b):
        return __(a + b, wrong={"a": "No."}, hints=["a", "b"], why="w", part=True)

    assert add(helper(1), 2) == 3
    assert add(5, 0) == 5


def test_more():
    """Write a square."""

    def square(a):
        return __(a * a, wrong={"a": "No."}, hints=["a", "b"], why="w")

    assert square(3) == 9
'''


@pytest.fixture
def built(course: Course) -> Course:
    """Give a course whose first chapter builds something."""
    course.answer("test_00_building.py", BUILT)
    course.command("blank")
    return course


def test_the_end_shows_what_was_built(built: Course) -> None:
    """As the learner wrote it, notes included, and nothing but the parts."""
    built.fill("b + a  # mine", "a**2", name="test_00_building.py")
    built.fill("6", "696", "174")
    built.fill("x.zero_()", "AttributeError", name=CODE)
    screen = built.screen()
    told = "  What you have built:\n\n      def add(a, b):\n          return b + a  # mine\n\n"
    assert told in screen
    assert "All 6 koans hold." in screen
    assert "square" not in screen
    assert "helper" not in screen


def test_nothing_is_shown_of_what_is_open(built: Course) -> None:
    """A part is shown once its koan holds."""
    built.fill("6", "696", "174")
    screen = built.screen(f"koans/{DOUBLING}")
    assert "All 2 koans hold." in screen
    assert "What you have built" not in screen


def test_a_chapter_may_say_where_to_go(built: Course) -> None:
    """Behind what a learner can do now, in a paragraph of its own."""
    built.fill("a + b", name="test_00_building.py")
    built.screen()
    built.fill("a * a", name="test_00_building.py")
    screen = built.screen()
    assert "Chapter 0, building, is done. You can now build.\n" in screen
    assert "\n  Here you may rest. Beyond lies more.\n" in screen
