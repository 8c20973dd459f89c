"""The plain screen: in words, by the rules for command lines that are heard, not seen."""

from __future__ import annotations

import re

import pytest

from sensei.screen.lines import Line, code_in_words, in_words, wrapped
from tests.tiny_course import CODE, DOUBLING, Course

FRESH = """\
Autograd koans.
0 of 4 koans hold.
Chapter 1 of 2.

You are in chapter 1, doubling: 0 of 2 koans hold.
The next chapter: 2, code.

Doubling.

Koan: test_double
Place: koans/test_01_doubling.py:11
Question: What is twice 3?

Line 10: x = 3.0
Line 11, here: assert 2 * x == __

Write your prediction in place of the two underscores, save, and run pytest again."""

JUST_SOLVED_AND_WRONG = """\
Autograd koans.
1 of 4 koans hold.
Chapter 1 of 2.

You are in chapter 1, doubling: 1 of 2 koans hold.
The next chapter: 2, code.

solved just now: test_double
Why: Twice is times two.

Koan: test_double_and_half
Place: koans/test_01_doubling.py:17
Question: What is twice 348, and what is half of it?

Line 16: x = 348.0
Line 17, here: assert 2 * x == 350
Line 18: assert x / 2 == 174

Blank 1, 350: not yet.
That is 2 more.
Blank 2, 174: right.

Change it, save, and run pytest again."""

MAP = """\
Chapter 1, doubling: 2 of 2 koans hold.

Chapter 2, code: 0 of 2 koans hold.

test_zero_it: blank, you are here
test_what_is_raised: ahead

Another chapter: pytest --map 1. All chapters: pytest --map all"""

GRAPH = '''"""Graphs."""

import torch

from sensei import __


def test_graph():
    """What is x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    with torch.enable_grad():
        y = x * x
    y.backward()
    assert x.grad == __(6.0, wrong={"9.0": "That is y."}, hints=["a", "b"], why="w")
'''

#: What draws: bars, boxes, arrows, rules, marks at the edge; and what stands in columns.
DRAWS = re.compile(r"[\u2190-\u21ff\u2500-\u25ff]|<-|->|([^\w\s.])\1{2}|^\s|^[>^|]|\S  +\S")
#: What moves about on a terminal, so that a line is not there any more.
MOVES = re.compile(r"\x1b|\r|\x08")


class TestTranscripts:
    def test_a_fresh_start(self, course: Course) -> None:
        """Progress in words, each line with its number, and one thing a line."""
        assert course.screen("--plain") == FRESH

    def test_a_terminal_that_is_dumb(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It has no other screen."""
        monkeypatch.setenv("TERM", "dumb")
        assert course.screen() == FRESH

    def test_solved_and_wrong(self, course: Course) -> None:
        """What stands below something has a label."""
        course.walk()
        course.fill("6", "350", "174")
        assert course.screen("--plain") == JUST_SOLVED_AND_WRONG

    def test_a_map(self, course: Course) -> None:
        """The state of a koan stands behind its name."""
        course.fill("6", "696", "174")
        assert course.screen("--plain", "--map") == MAP

    def test_a_graph(self, course: Course) -> None:
        """Each node says into which one it goes."""
        course.answer("test_03_graph.py", GRAPH)
        course.command("blank")
        course.fill("7", name="test_03_graph.py")
        screen = course.screen("koans/test_03_graph.py", "--plain", "--graph")
        assert "Line 12: indented by 4: y = x * x\n" in screen
        assert "1: y: MulBackward0, backward() from here, 9.0\n" in screen
        assert "2: x: a leaf, 3.0, .grad ?, goes into 1\n" in screen
        assert not any(DRAWS.search(line) for line in screen.splitlines())


class TestRules:
    def test_they_find_what_others_show(self, course: Course) -> None:
        """Of the screen for eyes nearly every line breaks one."""
        course.fill("6", "350", "174")
        lines = [line for line in course.screen().splitlines() if line]
        assert all(DRAWS.search(line) for line in lines)

    @pytest.mark.parametrize(
        ("fills", "arguments"),
        [
            ((), ("--hint",)),
            (("5",), ("--color=no", "--hint", "--reveal")),
            (("6", "696"), ()),
            (("6", "696", "("), ()),
            (("6", "696", "174"), ("--map=all",)),
            (("6",), ("--reveal=test_double",)),
            (("nothing",), ("--graph",)),
        ],
        ids=str,
    )
    def test_no_screen_breaks_one(
        self, course: Course, fills: tuple[str, ...], arguments: tuple[str, ...]
    ) -> None:
        """No drawing, no columns, nothing told by where it stands, nothing that moves."""
        course.fill(*fills)
        said = "\n".join(course.walk("--plain", *arguments).outlines)
        assert "Koan: " in said or ": solved" in said
        for line in said.splitlines():
            assert not DRAWS.search(line), line
            assert not MOVES.search(line), line

    def test_the_end(self, course: Course) -> None:
        """So it is there."""
        course.walk()
        course.solve()
        said = course.screen("--plain")
        assert "All 4 koans hold." in said
        assert not any(DRAWS.search(line) for line in said.splitlines())

    def test_the_slip_is_named_by_its_column(self, course: Course) -> None:
        """Where a mark would stand below it."""
        course.fill("(")
        assert "Line 11, here: assert 2 * x == (\nIt is at column 21 of that line.\n" in (
            course.screen("--plain")
        )

    def test_the_status_is_the_same(self, course: Course) -> None:
        """For programs nothing changes, and other runs know the option, too."""
        assert course.walk("--plain").ret == pytest.ExitCode.TESTS_FAILED
        course.solve()
        assert course.walk("--plain").ret == pytest.ExitCode.OK
        assert course.walk("--plain", f"answers/{DOUBLING}").ret == pytest.ExitCode.OK
        assert course.page(CODE).exists()


class TestLines:
    def test_words_take_the_place_of_lines(self) -> None:
        """A line in words may be several, or none."""
        lines = [Line(), Line("  a"), Line(), Line(" "), Line("#--", "bold", words="1\n2")]
        lines.append(Line("  more", words=""))
        said = [Line("a"), Line(), Line("1", "bold"), Line("2", "bold")]
        assert in_words(lines) == said

    def test_a_paragraph_is_a_line(self) -> None:
        """The terminal breaks it, or reads it out as one."""
        text = "word " * 40
        assert [line.text for line in in_words(wrapped(text, 6, label="Why: "))] == [
            f"Why: {text.strip()}"
        ]

    def test_indentation_is_told(self) -> None:
        """It means something in Python."""
        assert code_in_words("    x = 1  ") == "indented by 4: x = 1"
        assert code_in_words("x = 1") == "x = 1"
