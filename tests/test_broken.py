"""Chapters that are broken: each is shown at its place, and hides nothing before it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_course import CODE, DOUBLING, ROOT, Course


@pytest.fixture
def walked(course: Course) -> Course:
    """Give a course whose first koan is solved."""
    course.fill("6")
    course.walk()
    return course


def paragraph(screen: str, begin: str) -> str:
    """Return the sentence of a screen that begins so, put into one line."""
    words = " ".join(screen.split())
    assert begin in words
    return words[words.index(begin) :]


class TestAKoan:
    def test_half_typed(self, walked: Course) -> None:
        """A syntax error is shown with its line and column; the koan before it still holds."""
        walked.edit("assert 2 * x == __\n    assert x", "assert 2 * x == (350\n    assert x")
        screen = walked.screen()
        assert "1 of 4" in screen
        assert f"    >     assert 2 * x == (350\n{' ' * 26}^\n" in screen
        assert "Line 17 is not Python yet. The ( is never closed." in screen
        assert screen.endswith(
            "  Mend it, save, and run pytest again.\n"
            "  Or have it blank again: pytest --reset test_double_and_half"
        )

    def test_half_typed_after_a_tab(self, walked: Course) -> None:
        """A tab is shown as spaces, and the caret stands below the column all the same."""
        walked.edit("assert 2 * x == __\n    assert x", "assert 2 *\tx == (350\n    assert x")
        line = "    >     assert 2 *  x == (350"
        assert f"{line}\n{' ' * line.index('(')}^\n" in walked.screen()

    def test_half_typed_and_still_asked(self, walked: Course) -> None:
        """The question is shown as ever, and not once more among the lines."""
        walked.edit("assert 2 * x == __\n    assert x", "assert 2 * x = 3\n    assert x")
        screen = walked.screen()
        assert screen.count("What is twice 348, and what is half of it?") == 1
        assert "def test_double_and_half" not in screen

    def test_an_open_string(self, walked: Course) -> None:
        """A string that never ends belongs to the koan in which it begins."""
        walked.edit("    x = 348.0", '    """\n    x = 348.0')
        screen = walked.screen()
        assert "1 of 4" in screen
        assert "test_double_and_half" in screen
        assert "is not Python yet: unterminated triple-quoted string literal" in screen

    def test_a_null_byte(self, walked: Course) -> None:
        """What no editor shows is still a sentence."""
        walked.edit("x = 348.0", "x = 348.0\0")
        assert "is not Python yet: source code" in walked.screen()

    def test_too_deep(self, walked: Course) -> None:
        """Nesting beyond the parser's stack is no crash."""
        walked.edit("assert 2 * x == __", f"assert 2 * x == {'(' * 300}1{')' * 300}")
        assert "is not Python yet: too many nested parentheses" in walked.screen()

    def test_deleted(self, walked: Course) -> None:
        """A koan that is gone is shown as it belongs there."""
        text = walked.page().read_text()
        walked.page().write_text(text[: text.index("def test_double_and_half")])
        screen = walked.screen()
        assert "1 of 4" in screen
        assert "test_double_and_half is gone from koans/test_01_doubling.py." in screen
        assert "          def test_double_and_half():\n" in screen
        assert "              assert 2 * x == __\n" in screen

    def test_its_def_line_deleted(self, walked: Course) -> None:
        """The koan before it, which swallowed its lines, still counts as solved."""
        walked.edit("def test_double_and_half():\n", "")
        screen = walked.screen()
        assert "1 of 4" in screen
        told = paragraph(screen, "test_double_and_half was changed beyond its blanks: the line")
        assert told.startswith(
            "test_double_and_half was changed beyond its blanks: the line that begins it is "
            "gone from koans/test_01_doubling.py, or reads otherwise. It belongs there again, "
            "before line 14: def test_double_and_half():"
        )
        assert screen.endswith("pytest --reset test_double_and_half")

    def test_renamed(self, walked: Course) -> None:
        """A new name is recognized, and the old one asked for."""
        walked.edit("test_double_and_half", "test_twice")
        walked.edit("== __", "== 696")
        told = paragraph(walked.screen(), "test_double_and_half is called")
        assert told.startswith(
            "test_double_and_half is called test_twice now, in line 14. Give it its name back."
        )

    def test_written_twice(self, walked: Course) -> None:
        """Python would silently take the second one."""
        text = walked.page().read_text()
        walked.page().write_text(text + "\n\n" + text[text.index("def test_double_and") :])
        told = paragraph(walked.screen(), "test_double_and_half stands in")
        assert "koans/test_01_doubling.py twice, in lines 14 and 21. Keep one" in told

    def test_a_line_deleted(self, walked: Course) -> None:
        """The missing line is shown as it was."""
        walked.edit("    x = 348.0\n", "")
        screen = walked.screen()
        assert "1 of 4" in screen
        assert "This koan was changed beyond its blanks." in paragraph(screen, "This koan")
        assert "          > x = 348.0\n            assert 2 * x == __\n" in screen

    def test_a_blank_deleted(self, walked: Course) -> None:
        """A blank that is a line is shown between its neighbours."""
        walked.solve()
        walked.edit("    x.zero_()\n", "", CODE)
        screen = walked.screen()
        assert (
            "            x = torch.tensor(5.0)\n"
            "          > __\n"
            "            assert torch.is_tensor(x)\n"
        ) in screen

    @pytest.mark.parametrize(
        ("fill", "said"),
        [
            ("696 or 1", "It needs ( ) around it."),
            ("696 if x else 1", "It needs ( ) around it."),
            ("696 == 696.0", "It needs ( ) around it."),
            ("it is 696", "Python does not read sentences: put text in quotes,"),
            ("it is six", "Python does not read sentences: put text in quotes,"),
        ],
    )
    def test_a_fill_that_reaches_further(self, walked: Course, fill: str, said: str) -> None:
        """What reaches beyond the blank is told apart from other changes."""
        walked.edit("assert 2 * x == __", f"assert 2 * x == {fill}")
        screen = walked.screen()
        told = paragraph(screen, "What you wrote does not fit into the blank.")
        assert told.startswith(f"What you wrote does not fit into the blank. {said}")
        assert "          assert 2 * x == __\n" in screen
        assert f"    >     assert 2 * x == {fill}\n" in screen

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("assert 2 * x == __", "assert 2 * x != 696", "In line 17 == became !=."),
            ("assert 2 * x == __", "assert 2 * x is 696.0", "In line 17 == became is."),
            ("assert 2 * x == __", "2 * x == 696", "In line 17 assert is gone."),
            ("assert 2 * x == __", "assert 3 * x == 2 * x", "In line 17 2 became 3."),
            ("assert 2 * x == __", "assert (2 * x).item() == 1", "In line 17 2 * x became"),
            ("assert x / 2 == __", "assert x.grad / 2 == 5", "In line 18 .grad was added."),
            ("assert 2 * x == __", "assert not 2 * x == 6", "In line 17 not was added."),
            ("x = 348.0", "x = 3.0", "In line 16 348.0 became 3.0."),
            (
                "x = 348.0",
                "x = float(348.0)",
                "In line 16 348.0 became float(348.0).",
            ),
        ],
    )
    def test_changed_beside_a_blank(
        self, walked: Course, old: str, new: str, said: str
    ) -> None:
        """What was changed is named, and how to have it back."""
        place = walked.page().read_text().index("def test_double_and_half")
        text = walked.page().read_text()
        walked.page().write_text(text[:place] + text[place:].replace(old, new))
        screen = walked.screen()
        told = paragraph(screen, "This koan was changed beyond its blanks.")
        assert told.startswith(f"This koan was changed beyond its blanks. {said}")
        assert "The line marked > is how it was." in told or "became" in said
        assert screen.endswith("pytest --reset test_double_and_half")

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("def test_double_and_half(x=1):", "In line 14 x=1 was added."),
            ("def test_double_and_half(request):", "In line 14 request was added."),
            ("@pytest.mark.skip\ndef test_double_and_half():", "In line 15 @pytest.mark.skip"),
        ],
    )
    def test_its_def_line_changed(self, walked: Course, line: str, said: str) -> None:
        """An argument or a decorator is named."""
        walked.edit("def test_double_and_half():", line)
        walked.edit("== __", "== 696")
        screen = walked.screen()
        told = paragraph(screen, "This koan was changed beyond its blanks.")
        assert told.startswith(f"This koan was changed beyond its blanks. {said}")
        assert "          > def test_double_and_half():\n" in screen
        assert screen.endswith("pytest --reset test_double_and_half")

    @pytest.mark.parametrize(
        ("koan", "line"),
        [
            ("test_double_and_half", ""),
            ("test_double_and_half", "async def test_double_and_half():\n"),
            ("test_double_and_half", "def double_and_half():\n"),
            ("test_double", ""),
        ],
    )
    def test_its_first_line_lost(self, course: Course, koan: str, line: str) -> None:
        """Where the lines of a koan stand without their first, that is what is said."""
        course.edit(f"def {koan}():\n", line)
        course.fill("6")
        screen = course.screen()
        told = paragraph(screen, f"{koan} was changed beyond its blanks: the line that")
        assert "It belongs there again, before line " in told
        assert f"          def {koan}():\n" in screen
        assert screen.endswith(f"pytest --reset {koan}")

    @pytest.mark.parametrize(
        ("line", "word"),
        [("return", "return"), ("if x: return x", "return"), ("yield", "yield")],
    )
    def test_left_early(self, course: Course, line: str, word: str) -> None:
        """What ends a koan before its last line is named."""
        course.edit("    assert 2 * x ==", f"    {line}\n    assert 2 * x ==")
        course.fill("6.0")
        screen = course.screen()
        told = paragraph(screen, "What you predicted is right.")
        assert told.startswith(
            "What you predicted is right. But this koan was changed beyond its blanks: it is "
            f"left before its last line: {word} in line 11 ends it."
        )
        assert "NotReached" not in screen
        assert screen.endswith("pytest --reset test_double")

    def test_left_early_without_answers(self, course: Course) -> None:
        """Nobody knows whether it holds, so it doesn't count as solved or as wrong."""
        for file in (course.root / "answers").iterdir():
            file.unlink()
        course.edit("    assert 2 * x ==", "    return\n    assert 2 * x ==")
        course.fill("6.0")
        assert (
            "Something stops the koan here: it is left before its last line." in course.screen()
        )

    @pytest.mark.parametrize(
        ("old", "new"), [("y == __", "y is None"), ("x is __", "x == None")]
    )
    def test_a_sign_that_a_tool_has_mended(self, course: Course, old: str, new: str) -> None:
        """With None `is` and `==` come to the same, and the fill counts."""
        course.answer(
            DOUBLING,
            '"""A chapter."""\n\nfrom sensei import __\n\n\ndef test_none():\n'
            "    x = y = None\n"
            "    assert y == __(None, wrong={'0': 'No.'})\n"
            "    assert x is __(None, wrong={'0': 'No.'}, hints=['a', 'b'], why='w')\n",
        )
        course.command("blank", "--replace")
        course.edit(old, new)
        course.fill("None")
        assert "1 of 3" in course.screen()

    def test_a_return_that_ends_nothing_early(self, course: Course) -> None:
        """A function of one's own may return, and so may a line that is not reached."""
        course.edit(
            "    assert 2 * x ==", "    def f():\n        return 1\n    assert 2 * x =="
        )
        course.edit("    assert 2 * x ==", "    if False: return\n    assert 2 * x ==")
        course.fill("6.0")
        assert "1 of 4" in course.screen()

    def test_a_comma_for_a_point(self, walked: Course) -> None:
        """What Python reads as a message is told, though the koan holds with it."""
        walked.edit("assert 2 * x == __", "assert 2 * x == 696,0")
        assert "Blank 1, 696,0: not yet." in (screen := walked.screen())
        assert "Python writes a number with a point." in screen


class TestAChapter:
    def test_gone(self, walked: Course) -> None:
        """A chapter whose file is gone stays on the path, at its place."""
        walked.solve()
        walked.page(CODE).unlink()
        screen = walked.screen()
        assert "2 of 4, chapter 2 of 2" in screen
        assert "koans/test_02_code.py is not there. To have it written again:" in screen
        assert "          python -m sensei blank\n" in screen

    def test_written_again(self, walked: Course) -> None:
        """The command that the screen names brings it back and touches nothing else."""
        walked.page(CODE).unlink()
        before = walked.page().read_text()
        walked.command("blank")
        assert walked.page(CODE).exists()
        assert walked.page().read_text() == before

    def test_empty(self, walked: Course) -> None:
        """So does one that is empty."""
        walked.page().write_text("\n")
        assert "koans/test_01_doubling.py is empty." in walked.screen()
        assert walked.command("blank") == 0
        assert "0 of 4" in walked.screen()

    @pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of POSIX")
    def test_no_file_at_all(self, walked: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """A pipe isn't waited for, a dead link is named; neither is written over."""
        page = walked.page()
        os.mkfifo(walked.page("beside.py"))
        for make, told in (
            (os.mkfifo, "cannot be read: it is a pipe or a device, no file."),
            (lambda page: page.symlink_to("nowhere"), "is a link that leads nowhere."),
            (lambda page: page.symlink_to(page.name), "is a link that leads nowhere."),
            (lambda page: page.mkdir(), "cannot be read: it is a folder. Give it another"),
        ):
            page.unlink()
            make(page)
            screen = walked.screen()
            assert "0 of 4" in screen
            assert told in " ".join(screen.split())
            capsys.readouterr()
            assert walked.command("blank") == 1
            assert told in " ".join(capsys.readouterr().out.split())
            assert walked.walk("--reset", "1").ret == pytest.ExitCode.USAGE_ERROR

    def test_not_utf8(self, walked: Course) -> None:
        """What stands before the byte counts; line, byte and likely character are named."""
        walked.page().write_bytes(walked.page().read_bytes() + b"\n# caf\xe9\n")
        screen = walked.screen()
        assert "1 of 4" in screen
        assert "koans/test_01_doubling.py:20   test_double_and_half" in screen
        assert paragraph(screen, "Line 20 of").startswith(
            "Line 20 of koans/test_01_doubling.py is not UTF-8 text: it holds the byte 0xe9, "
            "probably meant as \u00e9. Type it once more, and save the file as UTF-8."
        )
        assert screen.endswith("pytest --reset test_double_and_half")

    @pytest.mark.parametrize(
        ("old", "new"),
        [(b"\n", b"\r\n"), (b"\n", b"\r"), (b'"""Doubling', b'\xef\xbb\xbf"""Doubling')],
        ids=["CRLF", "CR", "BOM"],
    )
    def test_what_other_editors_write(self, walked: Course, old: bytes, new: bytes) -> None:
        """Line ends and a byte order mark change nothing."""
        before = walked.screen()
        walked.page().write_bytes(walked.page().read_bytes().replace(old, new))
        assert walked.screen() == before

    @pytest.mark.parametrize("line", ["import math\n", "from sensei import __\n"])
    def test_an_import_line_deleted(self, walked: Course, line: str) -> None:
        """The line is shown as it belongs there."""
        walked.edit(line, "")
        screen = walked.screen()
        assert "0 of 4" in screen
        assert "A line at the top of koans/test_01_doubling.py" in paragraph(screen, "A line")
        assert f"          {line}" in screen

    def test_the_blanks_import_tidied_away(self, course: Course) -> None:
        """Editors take it away once a chapter has no blank; then it is not missed."""
        course.solve()
        course.edit("from sensei import __\n", "")
        assert "All 4 koans hold." in course.screen()
        course.edit("2 * x == 6.0", "2 * x == __")
        assert "          from sensei import __" in course.screen()

    def test_an_import_that_fails(self, walked: Course) -> None:
        """An error at the top is shown with its line."""
        walked.edit("import math\n", "import math\nimport no_such_thing\n")
        screen = walked.screen()
        assert "    >     import no_such_thing\n" in screen
        assert "ModuleNotFoundError: No module named 'no_such_thing'" in " ".join(
            screen.split()
        )

    def test_a_typo_in_an_import(self, walked: Course) -> None:
        """A syntax error at the top is shown with its line."""
        walked.edit("import math\n", "imprt math\n")
        screen = walked.screen()
        assert "    >     imprt math\n" in screen
        assert "Line 3 is not Python yet. In this line import became imprt." in screen

    def test_nothing_before_it_is_hidden(self, walked: Course) -> None:
        """A broken later chapter does not speak before its turn."""
        walked.page(CODE).write_text("def (:")
        screen = walked.screen()
        assert "1 of 4, chapter 1 of 2" in screen
        assert DOUBLING in screen
        assert CODE not in screen

    def test_a_test_of_ones_own(self, walked: Course) -> None:
        """A learner's own test function is not on the path, and does no harm."""
        walked.page().write_text(
            walked.page().read_text() + "\n\ndef test_mine():\n    1 / 0\n"
        )
        assert "1 of 4" in walked.screen()

    def test_a_broken_answer_sheet(self, walked: Course) -> None:
        """Without a sheet that can be read, the koans still run."""
        sheet = walked.root / "answers" / DOUBLING
        sheet.write_text(sheet.read_text().replace("6.0,", "6.0,,"))
        assert "1 of 4" in walked.screen()


def run(course: Course, into: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a process of its own, with its standard output where a shell puts it."""
    return subprocess.run(
        ["/bin/sh", "-c", f"exec {shlex.quote(sys.executable)} -m pytest {into}"],
        cwd=course.root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
class TestNowhereToWrite:
    def test_a_full_disk(self, course: Course) -> None:
        """A screen that cannot be written ends in a sentence, and the status holds."""
        done = run(course, "> /dev/full")
        assert done.returncode == pytest.ExitCode.TESTS_FAILED
        assert done.stderr == (
            "The screen could not be written: the disk is full. "
            "Make room on it, and try again.\n"
        )

    def test_a_closed_stream(self, course: Course) -> None:
        """Without standard output there is still the status."""
        done = run(course, ">&-")
        assert (done.returncode, done.stderr) == (pytest.ExitCode.TESTS_FAILED, "")

    def test_a_closed_folder(self, course: Course) -> None:
        """A koans/ that nobody may look into is said to be closed."""
        koans = course.page().parent
        koans.chmod(0)
        if os.access(koans, os.R_OK):
            koans.chmod(0o755)
            pytest.skip("root may look into everything")
        done = run(course, "> /dev/null")
        koans.chmod(0o755)
        assert done.stderr.strip() == (
            "ERROR: koans/ is closed to you: permission denied. To open it: chmod u+rwx koans"
        )
