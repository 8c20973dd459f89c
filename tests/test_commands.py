"""`python -m sensei`: koans/ from answers/, and nothing of a learner's lost."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from sensei import __main__ as command
from sensei.files import write_whole
from tests.tiny_course import CODE, DOUBLING, Course


def files(folder: Path) -> dict[str, str]:
    """Return the texts in a folder by their names."""
    return {file.name: file.read_text() for file in folder.iterdir()}


def _nobody_reads(_text: str) -> None:
    raise BrokenPipeError


class TestBlank:
    def test_what_is_there_already(self, course: Course) -> None:
        """A second time changes nothing."""
        before = files(course.root / "koans")
        assert course.command("blank") == 0
        assert files(course.root / "koans") == before

    def test_predictions_are_left_alone(
        self, course: Course, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A chapter with a fill is not touched, and the way to go on is named."""
        course.fill("5")
        before = files(course.root / "koans")
        assert course.command("blank") == 1
        assert files(course.root / "koans") == before
        said = capsys.readouterr().out
        assert f"{Path('koans', DOUBLING)}: left alone, it was changed" in said
        assert "    python -m sensei blank --replace" in said

    def test_a_console_without_the_name(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A character that it lacks is a ? there."""
        console = io.TextIOWrapper(io.BytesIO(), "ascii")
        monkeypatch.setattr("sys.stdout", console)
        assert course.command("blank", "é.py") == 2
        console.seek(0)
        assert console.read() == "Not in answers: ?.py\n"

    def test_a_reader_who_leaves(self, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every file is written, also where nobody reads of the first one."""
        course.fill("5")
        course.fill("x", name=CODE)
        monkeypatch.setattr("builtins.print", _nobody_reads)
        assert course.command("blank", "--replace") == 0
        assert "== 5" not in course.page().read_text()
        assert "__\n" in course.page(CODE).read_text()

    def test_replace_keeps_the_old_file(self, course: Course) -> None:
        """Each old file gets a name of its own."""
        fresh = course.page().read_text()
        for fill, kept in (("5", "old1"), ("6", "old2")):
            course.fill(fill)
            filled = course.page().read_text()
            assert course.command("blank", "--replace") == 0
            assert course.page().read_text() == fresh
            assert course.page(f"{DOUBLING}.{kept}").read_text() == filled

    def test_a_newer_path(self, course: Course) -> None:
        """A fresh chapter of an older path may hold notes: it is asked for, too."""
        sheet = course.root / "answers" / DOUBLING
        old = course.page().read_text()
        sheet.write_text(sheet.read_text().replace("x = 3.0", "x = 4.0"))
        assert course.command("blank") == 1
        assert course.command("blank", "--replace") == 0
        assert "x = 4.0" in course.page().read_text()
        assert course.page(f"{DOUBLING}.old1").read_text() == old

    def test_one_chapter(self, course: Course) -> None:
        """A chapter by its file's name; the others stay as they are."""
        course.fill("5")
        course.solve()
        solved = course.page(CODE).read_text()
        assert course.command("blank", f"koans/{DOUBLING}", "--replace") == 0
        assert "== __" in course.page().read_text()
        assert course.page(CODE).read_text() == solved

    def test_no_such_chapter(self, course: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """A name that is not on the path is said, and nothing is written."""
        assert course.command("blank", "test_77_nothing.py", "--replace") == 2
        assert "Not in answers: test_77_nothing.py" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("6.0,", "6.0,,", "line 12: invalid syntax."),
            ('"Multiply."', "multiply", "the notes of a marker are plain text"),
        ],
    )
    def test_a_slip_in_the_answers(
        self, course: Course, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
    ) -> None:
        """An author reads which file it is, and where."""
        sheet = course.root / "answers" / DOUBLING
        sheet.write_text(sheet.read_text().replace(old, new, 1))
        assert course.command("blank", "--replace") == 2
        assert f"{Path('answers', DOUBLING)}" in (told := capsys.readouterr().out)
        assert said in told

    def test_a_file_nobody_can_read(self, course: Course) -> None:
        """In doubt there are predictions in it."""
        course.page().write_bytes(b"\xff\xfe")
        assert course.command("blank") == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither as Unix does")
    def test_a_link_and_a_mode_stay(self, course: Course) -> None:
        """Writing a file anew leaves a link a link, and its target's permissions."""
        target = course.root / "elsewhere.py"
        course.fill("5")
        course.page().rename(target)
        target.chmod(0o640)
        course.page().symlink_to(target)
        course.command("blank", "--replace")
        assert course.page().is_symlink()
        assert "== __" in target.read_text()
        assert target.stat().st_mode & 0o777 == 0o640


class TestSolve:
    def test_solved_is_the_end_of_the_path(self, course: Course) -> None:
        """A folder that holds nothing yet gets every chapter with its answers."""
        assert course.command("solve", "solved") == 0
        solved = files(course.root / "solved")
        assert set(solved) == {DOUBLING, CODE}
        assert "    assert 2 * x == 6.0\n" in solved[DOUBLING]
        assert "    x.zero_()\n" in solved[CODE]

    def test_predictions_are_left_alone(self, course: Course) -> None:
        """Solving does not write over a learner's work, either."""
        course.fill("5")
        before = course.page().read_text()
        assert course.command("solve", "koans") == 1
        assert course.page().read_text() == before

    def test_blanks_are_nothing_to_keep(self, course: Course) -> None:
        """A fresh path is solved without further words."""
        assert course.command("solve", "koans") == 0
        assert "== 6.0" in course.page().read_text()


class TestElsewhere:
    def test_not_in_the_project(
        self, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Without answers/ it says where to go, and writes nothing."""
        os.chdir(tmp_path)
        assert course.command("blank") == 2
        assert "Go to the project's folder." in capsys.readouterr().out
        assert list(tmp_path.glob("koans")) == []

    def test_a_file_in_the_place_of_the_folder(
        self, course: Course, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What the system refuses is told in a line."""
        (course.root / "taken").write_text("")
        assert course.command("solve", "taken") == 2
        assert "taken: File exists. Nothing was written." in capsys.readouterr().out


def test_a_write_that_fails_leaves_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no half-written file, and nothing left beside it."""
    file = tmp_path / "file"
    file.write_text("old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError))
    with pytest.raises(PermissionError):
        write_whole(file, "new")
    assert files(tmp_path) == {"file": "old"}


def test_unknown_words() -> None:
    """argparse's own usage line answers."""
    with pytest.raises(SystemExit):
        command.main(["blunk"])
