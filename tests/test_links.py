"""Links in a terminal: where there are some, where there must be none, and what they open."""

from __future__ import annotations

import os
import re
import sys

import pytest

from sensei.screen.links import has_links, linked
from tests.tiny_course import ROOT, Course

HAVE_LINKS = (
    {"TERM": "xterm-256color", "VTE_VERSION": "7802"},
    {"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"},
    {"TERM": "xterm-256color", "KONSOLE_VERSION": "230804"},
    {"TERM": "xterm-kitty"},
    {"TERM": "foot-extra"},
    {"TERM": "alacritty"},
    {"WT_SESSION": "0b1c"},
)
HAVE_NONE: tuple[dict[str, str], ...] = (
    {},
    {"TERM": "xterm-256color"},
    {"TERM": "linux"},
    {"TERM": "xterm", "VTE_VERSION": "4602"},
    {"TERM": "xterm", "VTE_VERSION": "new"},
    {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"},
)
#: What stands against them wherever a terminal has some.
AGAINST = (
    {"NO_COLOR": "1"},
    {"TERM": "dumb"},
    {"TERM": "screen-256color"},
    {"TERM": "tmux-256color"},
    {"TERM_PROGRAM": "vscode"},
    {"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"},
    {"WSL_DISTRO_NAME": "Debian"},
)


@pytest.mark.parametrize("variables", HAVE_LINKS, ids=str)
def test_terminals_that_have_links(variables: dict[str, str]) -> None:
    """They say so, and in each of these cases there are none all the same."""
    assert has_links(variables)
    assert has_links(variables | {"NO_COLOR": ""})
    for more in AGAINST:
        assert not has_links(variables | more), more


@pytest.mark.parametrize("variables", HAVE_NONE, ids=str)
def test_terminals_that_say_nothing(variables: dict[str, str]) -> None:
    """Some of them would show the address."""
    assert not has_links(variables)


def shown(course: Course, *typed: str, terminal: bool, **variables: str) -> str:
    """Run pytest in a process of its own, and return what it writes."""
    ours = {"PYTHONPATH": str(ROOT), "TERM": "xterm-kitty", "NO_COLOR": "", "COLUMNS": "80"}
    against = {key for more in AGAINST for key in more}
    inherited = {key: value for key, value in os.environ.items() if key not in against}
    environment = inherited | ours | variables
    return course.written(*typed, environment=environment, terminal=terminal)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals to drive")
class TestScreens:
    def test_the_place_of_the_koan(self, course: Course) -> None:
        """The file opens; what is read is the same as without."""
        told = shown(course, terminal=True)
        place = linked("koans/test_01_doubling.py:11", course.page().as_uri())
        assert place in told
        assert told.count("\x1b]8;;file:") == 1
        without = shown(course, terminal=True, TERM="xterm")
        assert "\x1b]" not in without
        assert re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\", "", told) == without

    @pytest.mark.parametrize(
        ("typed", "terminal", "variables"),
        [
            ((), False, {}),
            (("--color=yes",), False, {}),
            (("--color=no",), True, {}),
            (("--plain",), True, {}),
            ((), True, {"NO_COLOR": "1"}),
            ((), True, {"TERM": "dumb", "WT_SESSION": "0b1c"}),
        ],
        ids=str,
    )
    def test_where_there_are_none(
        self,
        course: Course,
        typed: tuple[str, ...],
        variables: dict[str, str],
        *,
        terminal: bool,
    ) -> None:
        """In a pipe, without colours, and in words."""
        told = shown(course, *typed, terminal=terminal, **variables)
        assert "koans/test_01_doubling.py:11" in told
        assert "\x1b]" not in told
