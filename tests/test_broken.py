"""Chapters that are broken: each is shown at its place, and hides nothing before it."""

from __future__ import annotations

import pytest

from tests.tiny_course import CODE, DOUBLING, Course


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
        assert "Line 17 is not Python yet: '(' was never closed." in screen
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
        walked.edit("    x = torch.tensor(348.0)", '    """\n    x = torch.tensor(348.0)')
        screen = walked.screen()
        assert "1 of 4" in screen
        assert "test_double_and_half" in screen
        assert "is not Python yet: unterminated triple-quoted string literal" in screen

    def test_a_null_byte(self, walked: Course) -> None:
        """What no editor shows is still a sentence."""
        walked.edit("x = torch.tensor(348.0)", "x = torch.tensor(348.0)\0")
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
        assert "test_double_and_half is gone" in screen

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
        walked.edit("    x = torch.tensor(348.0)\n", "")
        screen = walked.screen()
        assert "1 of 4" in screen
        assert "This koan was changed beyond its blanks." in paragraph(screen, "This koan")
        assert "          > x = torch.tensor(348.0)\n            assert 2 * x == __\n" in screen

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

    def test_a_fill_that_is_no_expression(self, walked: Course) -> None:
        """What reaches beyond the blank is told apart from other changes."""
        walked.edit("assert 2 * x == __", "assert 2 * x == 696 or 1")
        screen = walked.screen()
        assert "What you wrote does not fit into the blank." in " ".join(screen.split())
        assert "          assert 2 * x == __\n" in screen
        assert "    >     assert 2 * x == 696 or 1\n" in screen

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

    def test_not_utf8(self, walked: Course) -> None:
        """The line and the byte are named."""
        walked.page().write_bytes(
            walked.page().read_bytes().replace(b"# ", b"#") + b"\n# caf\xe9\n"
        )
        told = paragraph(walked.screen(), "Line 20 of")
        assert told.startswith(
            "Line 20 of koans/test_01_doubling.py is not UTF-8 text: it holds 0xe9. Save"
        )

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

    @pytest.mark.parametrize("line", ["import torch\n", "from sensei import __\n"])
    def test_an_import_line_deleted(self, walked: Course, line: str) -> None:
        """The line is shown as it belongs there."""
        walked.edit(line, "")
        screen = walked.screen()
        assert "0 of 4" in screen
        assert "A line at the top of koans/test_01_doubling.py" in paragraph(screen, "A line")
        assert f"          {line}" in screen

    def test_an_import_that_fails(self, walked: Course) -> None:
        """An error at the top is shown with its line."""
        walked.edit("import torch\n", "import torch\nimport no_such_thing\n")
        screen = walked.screen()
        assert "    >     import no_such_thing\n" in screen
        assert "ModuleNotFoundError: No module named 'no_such_thing'" in " ".join(
            screen.split()
        )

    def test_a_typo_in_an_import(self, walked: Course) -> None:
        """A syntax error at the top is shown with its line."""
        walked.edit("import torch\n", "imprt torch\n")
        screen = walked.screen()
        assert "    >     imprt torch\n" in screen
        assert "Line 3 is not Python yet: invalid syntax." in screen

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
