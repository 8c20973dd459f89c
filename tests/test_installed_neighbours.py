"""A walk beside plugins that people really have: nothing of its screen changes.

They stand in a folder of their own, so that no other run has them; `.ci/run` makes it:
`pip install --no-deps --target FOLDER -r tests/neighbours.txt`, then NEIGHBOURS=FOLDER.
"""

from __future__ import annotations

import os
import re

import pytest

from tests.tiny_course import ROOT, Course

FOLDER = os.environ.get("NEIGHBOURS", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="NEIGHBOURS names no folder of plugins")

#: Two of them don't go together with some of the others, whatever they run beside.
TYPED = {
    "sugar": ["-p", "no:pretty"],
    "pretty": ["-p", "no:sugar"],
    "both": [],
    "instafail": ["--instafail"],
    "rich": ["--rich", "-p", "no:pretty", "-p", "no:sugar"],
    "reruns": ["--reruns=2"],
}


def shown(course: Course, *typed: str, beside: str = FOLDER, terminal: bool = True) -> str:
    """Run pytest in a process of its own, and return what it shows, without colours."""
    path = os.pathsep.join(filter(None, [str(ROOT), beside]))
    environment = os.environ | {"PYTHONPATH": path, "TERM": "xterm", "COLUMNS": "80"}
    told = course.written(
        "-p", "no:cacheprovider", *typed, environment=environment, terminal=terminal
    )
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told)


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_one_screen(course: Course, typed: list[str], *, terminal: bool) -> None:
    """It is the same as without them."""
    alone = shown(course, beside="", terminal=terminal)
    assert "assert 2 * x == __" in alone
    assert shown(course, *typed, terminal=terminal) == alone


def test_messages_for_an_ide(course: Course) -> None:
    """Where pytest's own last line is asked for, too, it counts each koan once."""
    course.fill("6")
    screen = shown(course, "--teamcity")
    assert screen.count("##teamcity[testFinished ") == 2
    assert screen.count("  Autograd koans  ") == 1
    assert "= 1 failed, 1 passed in " in screen


def test_other_runs_keep_theirs(course: Course) -> None:
    """Tests that are no koans look as the plugin has them look."""
    (course.root / "test_other.py").write_text("def test_it(): pass\n")
    assert "test_other.py ✓" in shown(course, "test_other.py", "-p", "no:pretty")
