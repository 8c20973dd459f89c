"""What a learner meets: the screen, the exit status, and what stays hidden."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tiny_course import CODE, Course

FRESH = """\
  Autograd koans                                        0 of 4, chapter 1 of 2

  01 doubling  ░░░░░░░░░░░░   0/2   <- you are here
  02 code

  Doubling.

  koans/test_01_doubling.py:11   test_double
      What is twice 3?

          x = 3.0
    >     assert 2 * x == __

  Write your prediction in place of __, save, and run pytest again."""

WRONG = """\
  Autograd koans                                        0 of 4, chapter 1 of 2

  01 doubling  ░░░░░░░░░░░░   0/2   <- you are here
  02 code

  koans/test_01_doubling.py:11   test_double
      What is twice 3?

          x = 3.0
    >     assert 2 * x == 5

      You wrote 5
      That is 2 more, not twice as much.

  Change it, save, and run pytest again."""

JUST_SOLVED = """\
  Autograd koans                                        1 of 4, chapter 1 of 2

  01 doubling  ██████░░░░░░   1/2   <- you are here
  02 code

  solved just now: test_double
      Twice is times two.

  koans/test_01_doubling.py:17   test_double_and_half
      What is twice 348, and what is half of it?

          x = 348.0
    >     assert 2 * x == __
          assert x / 2 == __

  Write your prediction in place of __, save, and run pytest again."""

THE_END = """\
  Autograd koans                                        4 of 4, chapter 2 of 2

  chapters 1-2 done, 4 koans

  solved just now: test_what_is_raised
      Python raises it.

  Chapter 2, code, is done. You can now make one line do it, and read
  "Tensor.zero_" in PyTorch's reference.

  All 4 koans hold.
  You filled 5 blanks, from doubling to code. What held here holds in every
  model. Take one of your own, predict a gradient, call backward(), and
  compare.

  To read on: the note Autograd mechanics, at pytorch.org/docs.
  To do a part of it again: pytest --reset NAME"""


SOLVED_BEFORE = """\
  koans/test_01_doubling.py:8   test_double
      What is twice 3?

          x = 3.0
          assert 2 * x == 6

      The answer: 6.0
      Twice is times two.

  To go on with the path: pytest"""

PAIR = '''"""A pair."""

from sensei import __


def test_pair():
    """Two whole numbers, together below 3."""
    x = __(1, wrong={"9": "No."})
    y = __(1, wrong={"9": "No."}, hints=["a", "b"], why="w")
    assert x * y < 3
'''

SEED = '''"""Random numbers."""

import torch


def test_one():
    assert torch.rand(1) == torch.rand(1, generator=torch.Generator().manual_seed(0))


def test_two():
    assert torch.rand(1) == torch.rand(1, generator=torch.Generator().manual_seed(0))
'''


class TestTheFourMoments:
    def test_a_fresh_start(self, course: Course) -> None:
        """The first koan is shown with its blank, and the status says: not complete."""
        assert course.screen() == FRESH
        assert course.walk().ret == pytest.ExitCode.TESTS_FAILED

    def test_a_wrong_answer(self, course: Course) -> None:
        """The learner's line is shown, and the reply to this very misconception."""
        course.fill("5")
        assert course.screen() == WRONG
        assert course.walk().ret == pytest.ExitCode.TESTS_FAILED

    def test_a_koan_just_solved(self, course: Course) -> None:
        """It is named with its why, once, and the next koan is shown."""
        course.walk()
        course.fill("6.0")
        assert course.screen() == JUST_SOLVED
        assert "just now" not in course.screen()

    def test_several_koans_just_solved(self, course: Course) -> None:
        """Each is named with its own why, and what is wrong after them hides none."""
        course.walk()
        course.fill("6.0", "696", "174")
        course.fill("x = 0", name=CODE)
        assert (
            "  solved just now: test_double\n"
            "      Twice is times two.\n"
            "  solved just now: test_double_and_half\n"
            "      Halving undoes doubling.\n"
        ) in course.screen()

    def test_more_just_solved_than_fit(self, course: Course) -> None:
        """Beyond three, those before them take one line each."""
        course.walk()
        course.solve()
        assert (
            "  solved just now: 4 koans. A reason again: pytest --reveal NAME\n"
            "      test_double: Twice is times two.\n"
            "  solved just now: test_double_and_half\n"
            "      Halving undoes doubling.\n"
        ) in course.screen()

    def test_a_map_keeps_the_reason_for_later(self, course: Course) -> None:
        """A screen without the reason doesn't count as having told it."""
        course.walk()
        course.fill("6.0")
        course.walk("--map")
        assert course.screen() == JUST_SOLVED

    def test_the_end_of_the_path(self, course: Course) -> None:
        """All koans hold, and the status says so."""
        course.solve()
        course.edit("is AttributeError", "is __", CODE)
        course.walk()
        course.edit("is __", "is AttributeError", CODE)
        assert course.screen() == THE_END
        assert course.walk().ret == pytest.ExitCode.OK


class TestFills:
    """What is said about predictions."""

    def test_each_blank_is_marked_by_itself(self, course: Course) -> None:
        """Of two fills the right one is named right and the wrong one gets its reply."""
        course.fill("6", "350", "174")
        assert (
            "      Blank 1, 350: not yet.\n"
            "          That is 2 more.\n"
            "      Blank 2, 174: right.\n"
        ) in course.screen()

    def test_a_half_filled_koan(self, course: Course) -> None:
        """A right fill is told to be right while the other blank is still empty."""
        course.fill("6", "696")
        screen = course.screen()
        assert "      Blank 1, 696: right.\n      Blank 2 is still empty.\n" in screen
        assert ">     assert x / 2 == __" in screen

    def test_an_unforeseen_wrong_fill(self, course: Course) -> None:
        """Where little is known of a fill, that is said plainly, and a hint stands below."""
        course.fill("77")
        said = "The sign is right. The number is too large."
        hint = "This koan's first hint: Multiply."
        assert f"      You wrote 77\n      {said}\n\n      {hint}\n" in course.screen()

    def test_a_line_of_code_in_a_reply(self, course: Course) -> None:
        """It is not wrapped like prose, but stands below, coloured as code is."""
        course.solve()
        course.edit("x.zero_()", "x.add_(1)", CODE)
        said = (
            "      It does change x. But another line does not hold:\n          assert x == 0.0"
        )
        assert f"{said}\n\n      This koan's first hint: In place." in course.screen()
        assert "          \x1b[35massert\x1b[0m x == 0.0" in course.screen("--color=yes")

    def test_an_error_of_the_fill_itself(self, course: Course) -> None:
        """A fill that raises is shown with what it raised."""
        course.fill("six")
        assert "six is a word. Python writes numbers in digits." in course.screen()

    def test_any_fill_that_holds_is_right(self, course: Course) -> None:
        """The answer's value counts, not how it is written."""
        course.fill("3 + 3")
        assert "1 of 4" in course.screen()

    def test_a_whole_line_as_a_blank(self, course: Course) -> None:
        """Any statement that does it fills a blank that is a line."""
        course.solve()
        course.edit("x.zero_()", "x[()] = 0", CODE)
        assert course.walk().ret == pytest.ExitCode.OK

    def test_a_misconception_in_code(self, course: Course) -> None:
        """A listed statement gets its reply."""
        course.solve()
        course.edit("x.zero_()", "x=0", CODE)
        assert "      You wrote x=0\n      Another x.\n" in course.screen()

    def test_extra_lines_do_not_matter(self, course: Course) -> None:
        """Notes, prints and other formatting leave a koan what it is."""
        course.fill("6")
        course.edit("x = 3.0", "# note\n    x =  3.0 \n    print(x)")
        assert "1 of 4" in course.screen()

    def test_what_a_wrong_koan_printed_is_shown(self, course: Course) -> None:
        """A learner who prints to find out sees it without -s."""
        course.fill("5")
        course.edit("x = 3.0", "x = 3.0\n    print('x is', x)")
        assert "      It printed:\n          x is 3.0\n" in course.screen()

    def test_control_characters_are_visible(self, course: Course) -> None:
        """What a koan prints does nothing to the terminal, and keeps its columns."""
        course.fill("5")
        course.edit(
            "x = 3.0",
            r"x = 3.0; print('a\tb\x1b[2J\x07\x7f\x9b')",
        )
        assert "          a       b^[[2J^G^?\\x9b\n" in course.screen()

    def test_a_long_fill(self, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is shown as far as the terminal is wide: code can't be wrapped."""
        fill = " + ".join(["1.0"] * 12)
        course.fill(fill)
        monkeypatch.setenv("COLUMNS", "120")
        assert f"    >     assert 2 * x == {fill}\n" in course.screen()
        monkeypatch.setenv("COLUMNS", "80")
        assert max(map(len, course.screen().splitlines())) == 80

    def test_control_characters_in_a_fill_are_visible(self, course: Course) -> None:
        """So it is with what a learner wrote."""
        course.fill("'\x1b[2J'")
        screen = course.screen()
        assert "\x1b" not in screen
        assert "    >     assert 2 * x == '^[[2J'\n" in screen
        assert "      You wrote '^[[2J'\n" in screen

    def test_fills_that_hold_only_one_by_one(self, course: Course) -> None:
        """Each is right beside the other's answer, and that is said."""
        course.answer("test_03_pair.py", PAIR)
        course.command("blank")
        course.fill("2", "2", name="test_03_pair.py")
        told = course.screen("koans/test_03_pair.py")
        assert told.count("Each would do by itself, but not all of them together.") == 2

    def test_a_fill_that_needs_an_added_line(self, course: Course) -> None:
        """What is in the blank has to do without it, and that is said."""
        course.fill("six")
        course.edit("    assert 2 * x", "    six = 6.0\n    assert 2 * x")
        assert "It holds only with the lines that you added." in course.screen()

    @pytest.mark.parametrize(
        "fill", ["pytest.skip()", "pytest.xfail()", "pytest.exit('x')", "exit()"]
    )
    def test_what_means_something_else_to_pytest(self, course: Course, fill: str) -> None:
        """A skip or an exit in a blank is a wrong prediction like others."""
        course.fill(f"__import__('pytest').{fill}" if "pytest" in fill else fill)
        result = course.walk()
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert "0 of 4" in str(result.stdout)
        assert "!!!" not in str(result.stdout)

    @pytest.mark.parametrize(
        "fill", ["+".join("1" * 3000), f"0x{'f' * 6000}", "(yield)", "[*range(3)] * 0"]
    )
    def test_odd_fills(self, course: Course, fill: str) -> None:
        """Whatever is written there, the walk says something about the koan."""
        course.fill(fill)
        result = course.walk()
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert "0 of 4, chapter 1 of 2" in str(result.stdout)
        assert "INTERNALERROR" not in str(result.stdout)

    def test_an_extra_line_that_stops_the_koan(self, course: Course) -> None:
        """It is told apart from a wrong prediction."""
        course.fill("6")
        course.edit("    assert 2 * x", "    y.foo()\n    assert 2 * x")
        screen = course.screen()
        assert "    >     y.foo()" in screen
        assert "But something that you added stops the koan:" in " ".join(screen.split())
        assert "NameError: name 'y' is not defined" in " ".join(screen.split())

    def test_a_lost_assertion_solves_nothing(self, course: Course) -> None:
        """A koan that was changed beyond its blanks is told apart from a wrong one."""
        course.edit("    assert 2 * x == __\n", "    pass\n")
        screen = course.screen()
        assert "This koan was changed beyond its blanks" in screen
        assert "          > assert 2 * x == __\n" in screen
        assert "0 of 4" in screen

    def test_a_line_that_makes_any_fill_hold(self, course: Course) -> None:
        """A wrong fill stays wrong, whatever the learner's extra lines do."""
        course.fill("5")
        course.edit("    assert 2 * x", "    return\n    assert 2 * x")
        assert "That is 2 more, not twice as much." in course.screen()


class TestThePath:
    """Which koans run, in which order, and which are shown."""

    def test_later_koans_neither_run_nor_speak(self, course: Course) -> None:
        """Nothing of a koan behind the first blank is executed."""
        course.edit("x = 348.0", "x = 348.0\n    open('ran', 'w')")
        course.fill("5", "696", "174")
        course.walk()
        assert not (course.root / "ran").exists()

    def test_the_order_of_arguments_does_not_matter(self, course: Course) -> None:
        """The path goes by chapter and place, whatever the command line says."""
        screen = course.screen("koans/test_02_code.py", "koans/test_01_doubling.py")
        assert screen == FRESH

    @pytest.mark.parametrize(
        ("selection", "counts", "name"),
        [
            (["koans/test_02_code.py"], "0 of 2\n", "test_zero_it"),
            (["koans/test_02_code.py::test_what_is_raised"], "0 of 1\n", "test_what_is_raised"),
            (["-k", "half or zero"], "0 of 2, chapter 1 of 2\n", "test_double_and_half"),
            (["koans"], "0 of 4, chapter 1 of 2\n", "test_double"),
            (
                ["--keep-duplicates", "koans", "koans"],
                "0 of 4, chapter 1 of 2\n",
                "test_double",
            ),
            (["--deselect", "koans/test_01_doubling.py"], "0 of 2\n", "test_zero_it"),
        ],
    )
    def test_a_selection_is_a_path(
        self, course: Course, selection: list[str], counts: str, name: str
    ) -> None:
        """What was selected is walked like the whole."""
        screen = course.screen(*selection)
        assert counts in screen
        assert f"   {name}\n" in screen

    def test_nothing_selected(self, course: Course) -> None:
        """No koan fits: pytest's status for that, and a word."""
        result = course.walk("-k", "nothing_like_it")
        assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
        assert "No koan fits this selection." in str(result.stdout)

    def test_from_within_the_folder(self, course: Course) -> None:
        """pytest in koans/ is the same walk."""
        course.pytester.chdir()
        os.chdir(course.root / "koans")
        assert course.screen() == FRESH

    def test_collect_only_lists_everything(self, course: Course) -> None:
        """It is pytest's own list, in the order of the path."""
        result = course.walk("--collect-only", "-q")
        result.stdout.fnmatch_lines(
            [
                "koans/test_01_doubling.py::test_double",
                "koans/test_01_doubling.py::test_double_and_half",
                "koans/test_02_code.py::test_zero_it",
                "koans/test_02_code.py::test_what_is_raised",
            ],
            consecutive=True,
        )

    def test_other_runs_look_like_pytest(self, course: Course) -> None:
        """A run that is not about koans alone has pytest's screen, and its status."""
        course.pytester.makepyfile(test_mine="def test_mine(): pass")
        result = course.walk("test_mine.py", "-v")
        result.assert_outcomes(passed=1)
        assert "Autograd koans" not in str(result.stdout)

    def test_koans_beside_other_tests(self, course: Course) -> None:
        """There a koan is a test like others, and fails without its answer."""
        course.pytester.makepyfile(test_mine="def test_mine(): pass")
        result = course.walk("test_mine.py", "koans")
        result.assert_outcomes(passed=1, failed=4)
        assert "6.0" not in str(result.stdout)

    def test_the_answers_are_plain_pytest(self, course: Course) -> None:
        """The answer sheet runs as it is, with pytest's screen."""
        course.walk("answers").assert_outcomes(passed=4)

    def test_without_the_answers(self, course: Course) -> None:
        """The walk goes on; only replies are missing, and one line says so."""
        for sheet in (course.root / "answers").iterdir():
            sheet.unlink()
        assert "answers/ is not here" in course.screen()
        (course.root / "answers").rmdir()
        assert "answers/ is not here" in course.screen()
        course.fill("5")
        assert ">     assert 2 * x == 5" in course.screen()
        course.edit("2 * x == 5", "2 * x == 6")
        screen = course.screen()
        assert "1 of 4" in screen
        assert "solved just now: test_double" in screen

    @pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
    @pytest.mark.parametrize(
        "selection", [[], ["koans"], ["koans/test_01_doubling.py"]], ids=str
    )
    def test_koans_behind_a_link(self, course: Course, selection: list[str]) -> None:
        """A folder that is a link holds the same walk."""
        (course.root / "koans").rename(course.root / "elsewhere")
        (course.root / "koans").symlink_to(course.root / "elsewhere")
        assert "0 of " in course.screen(*selection)

    def test_without_koans(self, course: Course) -> None:
        """Without the folder nothing else is run in its place, and the way out is named."""
        for page in (course.root / "koans").iterdir():
            page.unlink()
        (course.root / "koans").rmdir()
        result = course.walk()
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            ["ERROR: koans/ is not there. To write it again: python -m *"]
        )

    @pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"x = 1\n", b"def ("])
    def test_a_damaged_chapter_without_the_answers(self, course: Course, text: bytes) -> None:
        """It keeps its place on the path all the same."""
        course.solve()
        for sheet in (course.root / "answers").iterdir():
            sheet.unlink()
        course.page(CODE).write_bytes(text)
        result = course.walk()
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert f"koans/{CODE}" in str(result.stdout)

    def test_no_error_text_without_the_answers(self, course: Course) -> None:
        """Nobody knows what its message gives away, so only its type is told."""
        for sheet in (course.root / "answers").iterdir():
            sheet.unlink()
        course.fill("{}[2 * x]")
        screen = course.screen()
        assert "Something stops the koan here: KeyError." in screen
        assert "6.0" not in screen

    def test_the_answers_start_from_the_same_seed(self, course: Course) -> None:
        """As tests they run as hermetically as in a walk."""
        course.answer("test_03_seed.py", SEED)
        course.walk("answers/test_03_seed.py").assert_outcomes(passed=2)


class TestHiding:
    """No screen shows an answer early."""

    #: The answer to the first blank of the second koan, which pytest would show. A time
    #: may have the same digits, after a point or among others.
    UNTOLD = re.compile(r"(?<![\d.])696(?!\d)")

    OPTIONS: tuple[list[str], ...] = (
        [],
        ["-v"],
        ["-vv"],
        ["--tb=long"],
        ["-l", "--tb=long"],
        ["-rA"],
        ["-x"],
        ["--full-trace"],
        ["-p", "no:cacheprovider"],
        ["-p", "no:xdist"],
        ["--no-summary"],
        ["--setup-show"],
    )

    @pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
    @pytest.mark.parametrize("fills", [[], ["350"], ["77", "3"], ["'a'", "None"]], ids=str)
    def test_no_option_brings_it_out(
        self, course: Course, options: list[str], fills: list[str]
    ) -> None:
        """Whatever pytest is asked to show, the answer is not in it."""
        course.fill("6", *fills)
        result = course.walk(*options)
        assert "test_double_and_half" in str(result.stdout)
        assert not self.UNTOLD.search(str(result.stdout) + str(result.stderr))

    def test_what_is_printed_is_reported_once(self, course: Course) -> None:
        """Whoever reads reports finds it there, with control characters made visible."""
        course.fill("5")
        course.edit("    assert 2 * x", "    print('here\\x1b[2J')\n    assert 2 * x")
        course.walk("--junit-xml=junit.xml", "-o", "junit_logging=all")
        report = (course.root / "junit.xml").read_text("utf-8")
        assert report.count("here^[[2J") == 1

    @pytest.mark.parametrize("fills", [[], ["350", "174"]], ids=str)
    def test_files_for_programs(self, course: Course, fills: list[str]) -> None:
        """Neither JUnit XML nor the path's own state holds it."""
        course.fill("6", *fills)
        course.walk("--junit-xml=junit.xml", "--koans-json=state.json", "-l", "--tb=long")
        for name in ("junit.xml", "state.json"):
            text = (course.root / name).read_text()
            assert "test_double_and_half" in text
            assert not self.UNTOLD.search(text)

    def test_an_error_that_would_tell(self, course: Course) -> None:
        """An error's message that holds the answer is kept back."""
        course.fill("6", "int('69' '6x')")
        screen = course.screen()
        assert "This raises ValueError: a value here is not one that can be used so." in screen
        assert not self.UNTOLD.search(screen)


class TestHints:
    """Hints come in steps, and only when asked for."""

    def test_each_run_shows_one_more(self, course: Course) -> None:
        """The first, then the second, then no more; and those before are still there."""
        assert "      Hint 1 of 2: Multiply.\n" in course.screen("--hint")
        both = (
            "      Hint 1 of 2: Multiply.\n      Hint 2 of 2: Two threes.\n      There are no"
        )
        assert both in course.screen("--hint")
        assert both in course.screen("--hint")

    def test_a_plain_run_shows_none(self, course: Course) -> None:
        """A hint that was shown once does not come again unasked."""
        course.walk("--hint")
        assert "Hint" not in course.screen()

    def test_of_a_koan_with_several_blanks(self, course: Course) -> None:
        """They belong to the koan, whichever of its blanks is open."""
        course.fill("6")
        assert "Hint 1 of 2: Multiply, then divide." in course.screen("--hint")
        course.fill("696")
        assert "Hint 2 of 2: Add x to itself." in course.screen("--hint")

    def test_a_new_koan_starts_at_the_first(self, course: Course) -> None:
        """Hints are counted for each koan."""
        course.walk("--hint")
        course.walk("--hint")
        course.fill("6")
        assert "Hint 1 of 2: Multiply, then divide." in course.screen("--hint")

    def test_offered_after_two_different_wrong_fills(self, course: Course) -> None:
        """Not after one, however often it is run."""
        course.fill("5")
        course.walk()
        assert "--hint" not in course.screen()
        course.edit("== 5", "== 9")
        assert "  Stuck? A hint: pytest --hint" in course.screen()

    def test_a_hint_of_a_broken_koan(self, course: Course) -> None:
        """There is none; the screen says what is broken."""
        course.edit("assert 2 * x == __", "assert 2 * x == (")
        screen = course.screen("--hint")
        assert "Hint" not in screen
        assert "is not Python yet" in screen

    def test_without_the_answers(self, course: Course) -> None:
        """There are none, and one line says why."""
        for sheet in (course.root / "answers").iterdir():
            sheet.unlink()
        (course.root / "answers").rmdir()
        screen = course.screen("--hint")
        assert "Hint" not in screen
        assert "answers/ is not here" in screen


class TestReveal:
    """The answer, when it is asked for."""

    def test_of_a_wrong_fill(self, course: Course) -> None:
        """Answer, reason and pytest's account, of the current koan."""
        course.fill("5")
        screen = course.screen("--reveal")
        assert "      The answer: 6.0\n      Twice is times two.\n" in screen
        assert "      In pytest's own words:\n          assert (2 * 3.0) == 5" in screen
        assert "696" not in screen

    def test_of_a_blank(self, course: Course) -> None:
        """Answer and reason; nothing was compared yet."""
        screen = course.screen("--reveal")
        assert "      The answer: 6.0\n      Twice is times two.\n" in screen
        assert "pytest's own words" not in screen

    def test_only_of_what_is_open(self, course: Course) -> None:
        """A blank that is right has nothing to reveal."""
        course.fill("6", "696")
        screen = course.screen("--reveal")
        assert screen.count("The answer:") == 1
        assert "The answer: 174.0" in screen

    def test_of_several_blanks(self, course: Course) -> None:
        """Their answers, and then the reason of the koan, once."""
        course.fill("6")
        told = "The answer: 696.0\n      The answer: 174.0\n      Halving undoes doubling.\n"
        screen = course.screen("--reveal")
        assert told in screen
        assert screen.count("Halving") == 1

    def test_of_a_solved_koan(self, course: Course) -> None:
        """By its name: question, code, answer and reason, again and without the path."""
        course.fill("6", "350")
        assert course.screen("--reveal", "double_and_half").count("The answer:") == 2
        assert course.screen("--reveal", "test_double") == SOLVED_BEFORE

    def test_of_a_solved_koan_ahead(self, course: Course) -> None:
        """It is enough that it holds, wherever the learner is."""
        course.fill("x.zero_()", name=CODE)
        shown = course.screen("--reveal=zero_it", "--koans-json=state.json")
        assert "      The answer: x.zero_()\n      The underscore.\n" in shown
        assert json.loads((course.root / "state.json").read_text())["solved"] == 0

    @pytest.mark.parametrize("fill", ["__", "x = 0"])
    def test_of_an_open_koan_ahead(self, course: Course, fill: str) -> None:
        """Its answer is kept, and it is said when it can be had."""
        course.fill(fill, name=CODE)
        shown = course.screen("--reveal", "zero_it")
        assert "This koan is still open. You can reveal it once you get there." in shown
        assert "zero_()" not in shown
        assert "underscore" not in shown
        assert "6.0" not in shown

    def test_of_what_is_not_selected(self, course: Course) -> None:
        """Nor is the answer of another one told in its place."""
        shown = course.screen("--reveal=half", "-k", "zero")
        assert shown == "  No koan fits this selection. All of them: pytest"

    def test_of_a_chapter(self, course: Course) -> None:
        """It has no answer of its own, and that is said."""
        result = course.walk("--reveal", "2")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: --reveal 2: a chapter has no answer, but *"])

    def test_it_marks_nothing(self, course: Course) -> None:
        """The koan is as open as before, and the next run says nothing of it."""
        before = course.screen()
        course.walk("--reveal")
        assert course.screen() == before

    def test_of_a_broken_koan(self, course: Course) -> None:
        """What is broken is shown; there is nothing to reveal."""
        course.edit("assert 2 * x == __", "assert 2 * x == (")
        assert "There is no answer to show." in course.screen("--reveal")


MAP = """\
  01 doubling  ██████░░░░░░   1/2

      solved  test_double
      wrong   test_double_and_half   <- you are here

  02 code      ░░░░░░░░░░░░   0/2

              test_zero_it
      filled  test_what_is_raised"""

MAP_HERE = f"""\
{MAP[: MAP.index("  02")]}\
  02 code      ░░░░░░░░░░░░   0/2

  Another chapter: pytest --map 2. All chapters: pytest --map all"""


class TestLater:
    """`...` in a blank: not now."""

    def test_the_path_goes_on(self, course: Course) -> None:
        """The koan is passed and counted, and those after it are judged as ever."""
        course.fill("...", "696", "174")
        screen = course.screen()
        assert "  1 of 4, 1 for later, chapter 2 of 2\n" in screen
        assert "Which line sets x to zero?" in screen
        assert "      later   test_double\n" in course.screen("--map", "1")

    def test_it_does_not_run(self, course: Course) -> None:
        """Nothing of it is executed."""
        course.edit("x = 3.0", "open('ran', 'w')\n    x = 3.0")
        course.fill("...", "5", "5")
        course.walk()
        assert not (course.root / "ran").exists()

    def test_the_end_asks_for_it(self, course: Course) -> None:
        """When all others are solved it is the current koan, and the path is not complete."""
        course.solve()
        course.edit("== 6.0", "== ...")
        course.edit("x.zero_()", "...", CODE)
        result = course.walk()
        shown = str(result.stdout)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert "2 of 4, 2 for later, chapter 1 of 2" in shown
        assert "  Nothing else is open now. This was left for later:\n" in shown
        assert "    >     assert 2 * x == ...\n" in shown
        assert "  Write your prediction in place of ..., save, and run pytest again." in shown
        course.edit("== ...", "== 6.0")
        course.edit("    ...", "    x.zero_()", CODE)
        assert course.walk().ret == pytest.ExitCode.OK

    def test_one_blank_of_two(self, course: Course) -> None:
        """It is enough that one of them is left for later."""
        course.fill("6", "696", "...")
        assert "1 of 4, 1 for later" in course.screen()

    def test_for_programs(self, course: Course) -> None:
        """The state has the koan as one for later, and no prediction in it."""
        course.fill("...")
        course.walk("--koans-json", "state.json")
        state = json.loads((course.root / "state.json").read_text())
        assert state["current"].endswith("::test_double_and_half")
        assert state["koans"][0]["state"] == "later"
        fill = {"line": 11, "text": "...", "state": "blank", "known": False}
        assert state["koans"][0]["fills"] == [fill]

    def test_without_the_answers(self, course: Course) -> None:
        """It means the same; an index is nothing that was left for later."""
        for sheet in (course.root / "answers").iterdir():
            sheet.unlink()
        course.fill("6", "...", "174")
        course.edit("x = 3.0", "x = type('', (), {'__getitem__': lambda *_: 3.0})()[..., 0]")
        assert "1 of 4, 1 for later, chapter 2 of 2" in course.screen()

    def test_who_is_stuck_hears_of_it(self, course: Course) -> None:
        """The last hint names it, and no screen before."""
        assert "..." not in course.screen() + course.screen("--hint")
        assert "Or write ... in the blank: it is asked again at the end." in course.screen(
            "--hint"
        )


#: A chapter of one koan.
LITTLE = '''"""Little."""

from sensei import __


def test_little_{number}():
    """What is {number}?"""
    assert {number} == __({number}, wrong={{"0": "No."}}, hints=["a", "b"], why="{why}")
'''


@pytest.fixture
def long_course(course: Course) -> Course:
    """Give a course of seven chapters."""
    for number in range(3, 8):
        text = LITTLE.format(number=number, why="It is so. " * 30)
        course.answer(f"test_0{number}_little.py", text)
    course.command("blank")
    return course


class TestLongPaths:
    """Where on a path of many chapters the learner is."""

    def test_three_lines(self, long_course: Course) -> None:
        """Chapters that are done have a line together, and the next one its name."""
        long_course.solve()
        long_course.edit("5 == 5", "5 == __", "test_05_little.py")
        long_course.edit("7 == 7", "7 == __", "test_07_little.py")
        top = long_course.screen().split("\n\n")[1]
        assert top == (
            "  chapters 1-4 done, 6 koans\n"
            "  05 little  ░░░░░░░░░░░░   0/1   <- you are here\n"
            "  06 little"
        )

    def test_chapters_behind_that_are_not_all_done(self, long_course: Course) -> None:
        """They are not called done; the end asks for one of them."""
        long_course.solve()
        long_course.edit("3 == 3", "3 == ...", "test_03_little.py")
        long_course.edit("5 == 5", "5 == ...", "test_05_little.py")
        top = long_course.screen().split("\n\n")[1]
        assert top.startswith("  chapters 1-2, 4-7 passed, 7 of 8 koans\n  03 little ")

    def test_what_is_filled_further_on(self, long_course: Course) -> None:
        """It is not lost when a koan before it is open again."""
        long_course.solve()
        long_course.edit("== 6.0", "== __")
        long_course.edit("5 == 5", "5 == __", "test_05_little.py")
        assert " 0 of 9, 7 filled further on, chapter 1 of 7\n" in long_course.screen()

    def test_a_full_screen(self, long_course: Course) -> None:
        """Where not everything fits, only the chapter that the learner is in is shown."""
        long_course.solve()
        long_course.edit("4 == 4", "4 == 0", "test_04_little.py")
        assert "chapters 1-3 done" in long_course.screen()
        long_course.edit("3 == 3", "3 == __", "test_03_little.py")
        long_course.walk()
        long_course.edit("3 == __", "3 == 3", "test_03_little.py")
        screen = long_course.screen()
        assert "solved just now: test_little_3" in screen
        assert "  04 little " in screen
        assert "chapters 1-3 done" not in screen


class TestMap:
    """Where every koan stands."""

    def test_the_whole_path(self, course: Course) -> None:
        """Each koan with its state in a word, and the current one marked."""
        course.fill("6", "5")
        course.edit("is __", "is AttributeError", CODE)
        assert course.screen("--map", "all") == MAP

    def test_it_opens_where_the_learner_is(self, course: Course) -> None:
        """Only the koans of that chapter are listed, and of the others a line each."""
        course.fill("6", "5")
        assert course.screen("--map") == MAP_HERE

    def test_one_chapter(self, course: Course) -> None:
        """By its number."""
        course.fill("6", "5")
        course.edit("is __", "is AttributeError", CODE)
        assert course.screen("--map", "2") == MAP[MAP.index("  02") :]

    def test_no_such_chapter(self, course: Course) -> None:
        """That is said, with what to type."""
        screen = course.screen("--map", "7")
        assert "There is no chapter 7 here. All of them: pytest --map" in screen

    def test_of_nothing(self, course: Course) -> None:
        """A selection without koans has no map, and says so as ever."""
        assert "No koan fits this selection." in course.screen("--map", "-k", "nothing_like_it")


class TestState:
    """What is kept between runs, and what is written for programs."""

    def test_the_state_for_programs(self, course: Course) -> None:
        """--koans-json has every koan with its state, and every fill with its mark."""
        course.fill("6", "350")
        course.walk("--koans-json", "state.json")
        state = json.loads((course.root / "state.json").read_text())
        assert state.pop("torch").count(".") == 2
        assert state == {
            "schema": 1,
            "total": 4,
            "solved": 1,
            "current": "koans/test_01_doubling.py::test_double_and_half",
            "koans": [
                {
                    "nodeid": "koans/test_01_doubling.py::test_double",
                    "chapter": 1,
                    "line": 8,
                    "state": "solved",
                    "fills": [{"line": 11, "text": "6", "state": "right", "known": False}],
                },
                {
                    "nodeid": "koans/test_01_doubling.py::test_double_and_half",
                    "chapter": 1,
                    "line": 14,
                    "state": "wrong",
                    "fills": [
                        {"line": 17, "text": "350", "state": "wrong", "known": True},
                        {"line": 18, "text": "__", "state": "blank", "known": False},
                    ],
                },
                {
                    "nodeid": "koans/test_02_code.py::test_zero_it",
                    "chapter": 2,
                    "line": 12,
                    "state": "ahead",
                    "fills": [],
                },
                {
                    "nodeid": "koans/test_02_code.py::test_what_is_raised",
                    "chapter": 2,
                    "line": 20,
                    "state": "ahead",
                    "fills": [],
                },
            ],
        }

    def test_no_folder_for_the_state(self, course: Course) -> None:
        """A file in a folder that is not there is a usage error, said before the walk."""
        result = course.walk("--koans-json", "nowhere/state.json")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: --koans-json: no such folder: nowhere"])

    def test_the_state_of_another_run(self, course: Course) -> None:
        """--koans-json goes with koans alone, and says so."""
        result = course.walk("answers", "--koans-json", "state.json")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            ["ERROR: --koans-json goes with a run of koans alone, such as: pytest"]
        )

    @pytest.mark.parametrize(
        "damage",
        ["", "{", "[1, 2]", '{"a": 1}', '{"solved": 1, "hints": [], "tried": {"a": 1}}', None],
    )
    def test_a_damaged_memory(self, course: Course, damage: str | None) -> None:
        """It costs nothing but the 'just now'."""
        course.walk()
        memory = course.root / ".pytest_cache" / "v" / "sensei" / "memory"
        assert json.loads(memory.read_text())["solved"] == {}
        if damage is None:
            memory.unlink()
        else:
            memory.write_text(damage)
        course.fill("6")
        screen = course.screen()
        assert "1 of 4" in screen
        assert "just now" not in screen
        assert len(json.loads(memory.read_text())["solved"]) == 1

    def test_a_damaged_count_of_hints(self, course: Course) -> None:
        """Then they begin again."""
        course.walk()
        memory = course.root / ".pytest_cache" / "v" / "sensei" / "memory"
        hints = {"koans/test_01_doubling.py::test_double": -5}
        memory.write_text(json.dumps({"solved": [], "hints": hints, "tried": {}}))
        assert "Hint 1 of 2: Multiply." in course.screen("--hint")

    def test_a_selection_forgets_nothing(self, course: Course) -> None:
        """A koan solved in a run of one chapter is not news in the run of all."""
        course.walk()
        course.fill("6")
        course.walk("koans/test_01_doubling.py")
        course.walk("koans/test_02_code.py")
        assert "just now" not in course.screen()


class TestOtherProcesses:
    """Runs in a process of their own: workers, Ctrl-C, koans without end."""

    def run(self, course: Course, *arguments: str, **variables: str) -> tuple[str, int]:
        """Run pytest and return what it showed, and its status."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=course.root,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)} | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stdout + done.stderr).strip("\n"), done.returncode

    def torch(self, course: Course, text: str) -> str:
        """Write another torch, and return where Python finds it first."""
        folder = course.pytester.mkdir("libraries")
        (folder / "torch.py").write_text(text)
        return os.pathsep.join([str(folder), str(Path(__file__).parent.parent)])

    @pytest.mark.parametrize("fills", [[], ["5"], ["6", "696", "3"]], ids=str)
    def test_workers_change_nothing(self, course: Course, fills: list[str]) -> None:
        """The screen and the status are the same with -n, for any number of workers."""
        course.fill(*fills)
        alone = self.run(course, "-p", "no:cacheprovider")
        assert alone == self.run(course, "-n", "2", "-p", "no:cacheprovider")
        assert alone == self.run(course, "-n3", "--dist", "loadfile", "-p", "no:cacheprovider")
        assert alone[1] == pytest.ExitCode.TESTS_FAILED

    def test_a_fresh_start_imports_no_torch(self, course: Course) -> None:
        """The first blank is found without the seconds that torch takes."""
        torch = self.torch(course, "raise SystemExit('torch was imported')")
        screen, status = self.run(course, PYTHONPATH=torch)
        assert screen == FRESH
        assert status == pytest.ExitCode.TESTS_FAILED

    def test_a_python_without_torch(self, course: Course) -> None:
        """The wrong environment is told apart from a wrong prediction."""
        course.solve()
        torch = self.torch(course, "raise ModuleNotFoundError(name='torch')")
        screen, status = self.run(course, PYTHONPATH=torch)
        assert "This Python has no torch." in screen
        assert "python -m sensei doctor" in " ".join(screen.split())
        assert "          python -m pip install -c constraints.txt -e .\n" in screen
        assert status == pytest.ExitCode.TESTS_FAILED

    def test_a_torch_that_cannot_be_loaded(self, course: Course) -> None:
        """It is told in its own words, which people search for; the koan is not to blame."""
        course.solve()
        torch = self.torch(course, "raise OSError('Error loading c10.dll')")
        screen, status = self.run(course, PYTHONPATH=torch)
        assert "nothing is wrong with this one" in screen
        said = " ".join(screen.split())
        assert "What helps: python -m sensei doctor." in said
        assert "Python says: OSError: Error loading c10.dll" in said
        assert status == pytest.ExitCode.TESTS_FAILED

    @pytest.mark.parametrize("way", ["fork", "stay"])
    def test_a_chapter_without_torch(self, course: Course, way: str) -> None:
        """It runs without the seconds that torch takes, and the next one runs with it."""
        course.solve()
        screen, status = self.run(course, SENSEI_RUN=way)
        assert "All 4 koans hold." in screen
        assert status == pytest.ExitCode.OK
        torch = self.torch(course, "raise SystemExit('torch was imported')")
        screen, _ = self.run(course, "--cache-clear", SENSEI_RUN=way, PYTHONPATH=torch)
        assert "2 of 4, 1 filled further on, chapter 2 of 2" in screen

    def test_no_plugins_loaded_by_themselves(self, course: Course) -> None:
        """The walk needs neither xdist nor any other installed plugin."""
        assert self.run(course, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")[0] == FRESH

    def test_colour(self, course: Course) -> None:
        """Colour where it is wanted, none where it is not; the text is the same."""
        wanted = {"FORCE_COLOR": "1", "NO_COLOR": "", "PY_COLORS": ""}
        coloured, _ = self.run(course, **wanted)
        assert "\x1b[1m" in coloured
        assert self.run(course, **wanted | {"NO_COLOR": "1"})[0] == FRESH
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == FRESH

    def test_what_is_coloured(self, course: Course) -> None:
        """The blank most, then code; what to type next has a colour that nothing else has."""
        course.fill("6")
        wanted = {"FORCE_COLOR": "1", "NO_COLOR": "", "PY_COLORS": ""}
        self.run(course, "koans/test_02_code.py", **wanted)
        coloured, _ = self.run(course, **wanted)
        assert "\x1b[1m\x1b[35massert\x1b[0m" in coloured
        assert "\x1b[1m\x1b[7m__\x1b[0m\n" in coloured
        (line,) = [line for line in coloured.splitlines() if "\x1b[36m" in line]
        assert "  Write your prediction" in line

    def test_a_wrong_fill_in_colour(self, course: Course) -> None:
        """It stands out where it was written, wherever in the line that is."""
        course.edit(
            "assert 2 * x == __",
            "assert 2 * x == (  # \N{GREEK SMALL LETTER ALPHA}\n        5\n    )",
        )
        coloured, _ = self.run(course, FORCE_COLOR="1", NO_COLOR="", PY_COLORS="")
        assert "\x1b[31m\x1b[7m5\x1b[0m" in coloured
        assert "\x1b[2m# \N{GREEK SMALL LETTER ALPHA}\x1b[0m" in coloured

    def test_a_console_that_lacks_characters(self, course: Course) -> None:
        """What it cannot show becomes a question mark, and nothing is lost."""
        course.edit("x = 3.0", "x = 3.0  # \N{GREEK SMALL LETTER ALPHA}")
        screen, _ = self.run(course, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert "x = 3.0  # ?" in screen
        assert "  01 doubling  ------------   0/2" in screen
        assert ">     assert 2 * x == __" in screen

    @pytest.mark.parametrize(
        "line", ["while True: pass", "import time; time.sleep(60)"], ids=["busy", "asleep"]
    )
    def test_a_koan_without_end(self, course: Course, line: str) -> None:
        """It is stopped, and shown with the line where it was."""
        course.fill("6")
        course.edit("    assert 2 * x", f"    {line}\n    assert 2 * x")
        screen, status = self.run(course, "--koan-seconds", "0.3")
        assert f"    >     {line}\n" in screen
        assert "It did not come to an end in 0.3 s." in screen
        assert status == pytest.ExitCode.TESTS_FAILED

    def test_a_chapter_without_end(self, course: Course) -> None:
        """So is a chapter that never gets to its koans."""
        course.fill("6")
        course.edit("import math\n", "import math\nwhile True: pass\n")
        screen, _ = self.run(course, "--koan-seconds", "0.3")
        assert "    >     while True: pass\n" in screen

    @pytest.mark.skipif(
        sys.platform == "win32", reason="Windows sends no SIGINT to one process"
    )
    @pytest.mark.parametrize("times", [1, 3])
    def test_ctrl_c(self, course: Course, times: int) -> None:
        """It says where the learner is, and ends with pytest's status for it.

        Who presses it again meanwhile sees the same.
        """
        course.fill("6", "696", "174")
        course.edit(
            "x = 348.0",
            "x = 348.0\n    open('here', 'w')\n    import time; time.sleep(60)",
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "--koan-seconds", "60"],
            cwd=course.root,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while not (course.root / "here").exists():
            time.sleep(0.05)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        screen, _ = process.communicate(timeout=30)
        assert "1 of 4" in screen
        assert (
            "  Stopped. Nothing is lost; you are here:\n\n  koans/test_01_doubling.py:14"
            in screen
        )
        assert "not hold" not in screen
        assert "  To go on, run pytest again." in screen
        assert "Traceback" not in screen
        assert "!!!" not in screen
        assert process.returncode == pytest.ExitCode.INTERRUPTED
