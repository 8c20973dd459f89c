"""Koans blank again, and fills carried to a newer path: nothing else changes or is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sensei.files import write_whole
from sensei.koan.path import read_path
from sensei.koan.source import Part
from sensei.renew import carry, renew
from sensei.renew.carry import Left, Why
from tests.tiny_course import CODE, DOUBLING, ROOT, Course

SECOND = "test_double_and_half"
UNDO = "python -m sensei restore "


def path(course: Course) -> dict[Path, list[Part]]:
    """Read the path as it is now, as nobody has touched it."""
    chapters = read_path(Path("koans"), course.root / "answers")
    return {chapter.page: renew.fresh(chapter) or [] for chapter in chapters}


def reset(course: Course, name: str, text: str) -> str:
    """Return a learner's first chapter with one koan blank again."""
    return renew.reset(path(course)[Path("koans", DOUBLING)], name, text)


def update(course: Course, **texts: str) -> tuple[dict[str, str], set[Left]]:
    """Return the files of koans/ that change, and what is left; texts go by file's stem."""
    pages = {Path("koans", f"{stem}.py"): text for stem, text in texts.items()}
    new = carry.update(path(course), pages)
    return {file.stem: text or "" for file, text in new.files.items()}, set(new.left)


@pytest.fixture
def fresh(course: Course) -> str:
    """Give the text of the blank first chapter."""
    return course.page().read_text()


@pytest.fixture
def solved(course: Course, fresh: str) -> str:
    """Give the text of the solved first chapter."""
    course.solve()
    assert course.page().read_text() != fresh
    return course.page().read_text()


def second(text: str) -> str:
    """Return the second koan of the first chapter."""
    return text[text.index(f"def {SECOND}") :]


class TestResetAKoan:
    @pytest.mark.parametrize(
        "broken",
        [
            lambda text: text,
            lambda text: text.replace("696.0", "350.0"),
            lambda text: text.replace("696.0", "(("),
            lambda text: text.replace("348.0", "349.0"),
            lambda text: text.replace("x = 348.0", "print('\N{EURO SIGN}')"),
            lambda text: text.replace(SECOND, "test_twice"),
            lambda text: text.replace(SECOND, "test_twice").replace("696.0", "(("),
            lambda text: text.replace(f"def {SECOND}():\n", ""),
            lambda text: text.replace(f"def {SECOND}", f"# def {SECOND}"),
            lambda text: text.replace(f"def {SECOND}", f"de {SECOND}"),
            lambda text: text.replace(f"def {SECOND}", f"@mark\ndef {SECOND}"),
            lambda text: text.replace(f"def {SECOND}():\n", "").replace("696.0", "(("),
            lambda text: text + "\n\n" + second(text),
            lambda text: text.replace(second(text), ""),
            lambda text: text.replace(second(text), "").rstrip(),
        ],
    )
    def test_whatever_became_of_it(
        self, course: Course, solved: str, fresh: str, broken: Callable[[str], str]
    ) -> None:
        """It is as it was written, once; the rest of the file is what it was."""
        text = broken(solved)
        expected = solved.replace(second(solved), second(fresh))
        assert reset(course, SECOND, text).rstrip() == expected.rstrip()

    @pytest.mark.parametrize("lost", ["def test_double():\n", "\n\ndef test_double():\n", ""])
    def test_the_first_one(self, course: Course, solved: str, fresh: str, lost: str) -> None:
        """What hangs on the head of the chapter is cut off, too."""
        expected = fresh.replace(second(fresh), second(solved))
        new = reset(course, "test_double", solved.replace(lost, "", 1))
        assert [line for line in new.split("\n") if line] == [
            line for line in expected.split("\n") if line
        ]

    def test_two_that_lost_their_first_lines(
        self, course: Course, solved: str, fresh: str
    ) -> None:
        """One after the other, in whatever order."""
        text = solved.replace("def test_double():\n", "").replace(f"def {SECOND}():\n", "")
        for names in (["test_double", SECOND], [SECOND, "test_double"]):
            new = text
            for name in names:
                new = reset(course, name, new)
            assert new == fresh

    def test_put_back_among_its_neighbours(
        self, course: Course, solved: str, fresh: str
    ) -> None:
        """Before the one that follows, and after the one before."""
        head = solved[: solved.index("def test_double")]
        expected = fresh.replace(second(fresh), second(solved))
        assert reset(course, "test_double", head + second(solved)) == expected
        own = "\n\ndef test_mine():\n    pass\n"
        text = solved.replace(second(solved), "").rstrip() + "\n" + own
        assert reset(course, SECOND, text) == (
            solved.replace(second(solved), second(fresh)) + own
        )

    def test_an_own_test_stays(self, course: Course, solved: str) -> None:
        """A learner's function is no part of the koan before it."""
        own = "\n\ndef test_mine():\n    pass  # \N{EURO SIGN}\n"
        assert reset(course, SECOND, solved + own).endswith(own)

    def test_a_leftover_that_nobody_can_tell(self, course: Course, solved: str) -> None:
        """Where the koan before it is changed as well, its lines stay where they are."""
        text = solved.replace(f"def {SECOND}():\n", "").replace("x = 3.0", "x = 4.0")
        assert reset(course, SECOND, text).startswith(text)

    @pytest.mark.parametrize("old", [b"\n", b"\r\n"])
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_line_ends_and_mark(self, course: Course, old: bytes, mark: bytes) -> None:
        """They stay as they are."""
        fresh = mark + course.page().read_bytes().replace(b"\n", old)
        course.page().write_bytes(fresh.replace(b"== __", b"== 6.0", 1))
        course.walk("--reset", "test_double")
        assert course.page().read_bytes() == fresh


class TestResetRuns:
    """`pytest --reset NAME`, from the command line."""

    def test_a_koan(self, course: Course, solved: str, fresh: str) -> None:
        """It says what it did, where the old file is, and how to undo it."""
        result = course.walk("--reset", "half")
        assert result.ret == pytest.ExitCode.OK
        assert "\n".join(result.outlines) == (
            f"koans/{DOUBLING}: written anew,\n"
            f"    the old one is koans/{DOUBLING}.old2\n"
            f"{SECOND} is blank again.\n\n"
            "To undo this:\n"
            f"    {UNDO}koans/{DOUBLING}.old2\n\n"
            "To go on: pytest"
        )
        assert course.page().read_text() == solved.replace(second(solved), second(fresh))
        assert course.page(f"{DOUBLING}.old2").read_text() == solved

    def test_undo_and_undo_again(self, course: Course, solved: str) -> None:
        """The old file comes back, and what was there meanwhile has a name."""
        course.walk("--reset", "half")
        between = course.page().read_text()
        assert course.command("restore", f"koans/{DOUBLING}.old2") == 0
        assert course.page().read_text() == solved
        assert course.command("restore", f"koans/{DOUBLING}.old3") == 0
        assert course.page().read_text() == between

    @pytest.mark.parametrize("name", ["half", "1", "doubling", f"koans/{DOUBLING}"])
    def test_blank_already(self, course: Course, name: str) -> None:
        """Nothing is written, and that is no error."""
        result = course.walk("--reset", name)
        assert result.ret == pytest.ExitCode.OK
        assert "is blank already. Nothing was written." in str(result.stdout)
        assert sorted(file.name for file in Path("koans").iterdir()) == [DOUBLING, CODE]

    @pytest.mark.parametrize("damage", [None, b"", b" \n", b"\xff\xfe\r\x00", b"def (:"])
    def test_a_chapter(self, course: Course, fresh: str, damage: bytes | None) -> None:
        """Its file is fresh, whatever became of it; the old one is kept."""
        if damage is None:
            course.page().unlink()
        else:
            course.page().write_bytes(damage)
        result = course.walk("--reset", "1")
        assert result.ret == pytest.ExitCode.OK
        assert "Chapter 1, doubling, is blank again." in str(result.stdout)
        assert course.page().read_text() == fresh
        if damage is not None:
            assert course.page(f"{DOUBLING}.old1").read_bytes() == damage

    def test_a_koan_without_its_chapter(self, course: Course, fresh: str) -> None:
        """Where there is no text, all of it is written."""
        course.page().write_text("")
        assert "Chapter 1, doubling, is blank again." in course.screen("--reset", "half")
        assert course.page().read_text() == fresh

    def test_a_koan_of_a_chapter_nobody_can_read(self, course: Course) -> None:
        """It cannot be found there; the way out is named."""
        course.page().write_bytes(b"\n\xff")
        result = course.walk("--reset", "half")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert f"Line 2 of koans/{DOUBLING} is not UTF-8 text" in str(result.stderr)
        assert "pytest --reset 1" in str(result.stderr)
        assert course.page().read_bytes() == b"\n\xff"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("doub", "    chapter 1   test_double_and_half"),
            ("doub", "    chapter 1   test_01_doubling, all of it"),
            ("doub", f"Give more of the name, such as: pytest --reset {SECOND}"),
            ("double_an_half", f"    {SECOND}"),
            ("codes", "    test_02_code"),
            ("nothing like it", "All names: pytest --map all"),
            ("", "All names: pytest --map all"),
        ],
    )
    def test_a_name_that_is_not_one(self, course: Course, name: str, said: str) -> None:
        """What it may mean is listed, and nothing is written."""
        course.solve()
        before = {file: file.read_bytes() for file in Path("koans").iterdir()}
        result = course.walk("--reset", name)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert said in result.errlines
        assert {file: file.read_bytes() for file in Path("koans").iterdir()} == before

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--reset", "half", f"koans/{DOUBLING}"],
            ["--reset", "what", "is", "raised"],
            ["--reset", "half", "-k", "half"],
            ["--reset", "half", "--update"],
            ["--reset", "half", "--collect-only"],
            [f"koans/{DOUBLING}", "--update"],
        ],
        ids=" ".join,
    )
    def test_with_something_else(
        self, course: Course, solved: str, arguments: list[str]
    ) -> None:
        """It goes alone, and says so."""
        result = course.walk(*arguments)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "goes with a run" in str(result.stderr) or "go alone" in str(result.stderr)
        assert course.page().read_text() == solved

    @pytest.mark.parametrize("option", [["--reset", "half"], ["--update"]], ids=" ".join)
    def test_without_the_answers(self, course: Course, solved: str, option: list[str]) -> None:
        """There is nothing to write from, and that is said."""
        (course.root / "answers").rename("elsewhere")
        result = course.walk(*option)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "answers/ is not here, so there is nothing to" in str(result.stderr)
        assert course.page().read_text() == solved

    def test_a_folder_in_the_place_of_the_file(self, course: Course) -> None:
        """What the system refuses is told in a line, and nothing is lost."""
        course.page().unlink()
        course.page().mkdir()
        result = course.walk("--reset", "1")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "Nothing was written." in str(result.stdout)
        assert course.page().is_dir()

    def test_from_within_the_folder(self, course: Course, solved: str) -> None:
        """The names that it tells can be typed where the learner is."""
        os.chdir("koans")
        assert f"    {UNDO}{DOUBLING}.old2" in course.screen("--reset", "half")
        assert course.command("restore", f"{DOUBLING}.old2") == 0
        assert course.page().read_text() == solved


class TestRestore:
    @pytest.mark.skipif(sys.platform == "win32", reason="ulimit")
    def test_what_could_not_be_finished(self, course: Course, solved: str) -> None:
        """On a full disk no cut copy is left, and one that is there isn't put back."""
        page = course.page()
        for old in page.parent.glob("*.old*"):
            old.unlink()
        whole = solved + "# a note\n" * 2000
        page.write_text(whole)
        run = (
            "import resource, signal, sys, pytest\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))\n"
            "sys.exit(pytest.main(['--reset', '1', '-p', 'no:cacheprovider']))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", run],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == pytest.ExitCode.USAGE_ERROR
        assert "files may not grow so large here" in done.stdout
        assert "Nothing was written." in done.stdout
        assert page.read_text() == whole
        names = {file.name for file in page.parent.iterdir() if file.is_file()}
        assert names == {DOUBLING, CODE}
        cut = page.with_name(f"{DOUBLING}.old1")
        cut.write_text(whole[:1000])
        assert course.command("restore", str(cut)) == 2
        assert page.read_text() == whole

    @pytest.mark.skipif(sys.platform == "win32", reason="modes")
    def test_a_read_only_chapter(self, course: Course, solved: str) -> None:
        """It is left as it is, also where the system would not mind."""
        course.page().chmod(0o444)
        result = course.walk("--reset", "1")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "it is read-only; chmod u+w changes that. Nothing was" in str(result.stdout)
        assert course.page().read_text() == solved

    @pytest.mark.parametrize(
        ("names", "said"),
        [
            ([DOUBLING], "is not the name of an old file"),
            ([f"{DOUBLING}.old7"], "No such file or directory. Nothing was written."),
        ],
    )
    def test_names_that_will_not_do(
        self,
        course: Course,
        solved: str,
        capsys: pytest.CaptureFixture[str],
        names: list[str],
        said: str,
    ) -> None:
        """They are checked before anything is written."""
        assert (
            course.command("restore", f"koans/{CODE}.old1", *(f"koans/{n}" for n in names)) == 2
        )
        assert said in capsys.readouterr().out
        assert course.page().read_text() == solved

    def test_after_solve(
        self, course: Course, solved: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`python -m sensei` names the same undo, and it works."""
        course.command("blank", "--replace")
        command = f"{UNDO}koans/{DOUBLING}.old2 koans/{CODE}.old2"
        assert f"    {command}\n" in capsys.readouterr().out
        assert course.command(*command.split()[3:]) == 0
        assert course.page().read_text() == solved

    def test_as_far_as_it_went(
        self, course: Course, solved: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Where the system refuses the second file, the first one can be put back."""
        course.page(CODE).unlink()
        course.page(CODE).mkdir()
        assert course.command("blank", "--replace") == 2
        said = capsys.readouterr().out
        assert "Nothing more was written." in said
        assert f"    {UNDO}koans/{DOUBLING}.old2\n" in said
        assert course.command("restore", f"koans/{DOUBLING}.old2") == 0
        assert course.page().read_text() == solved


class TestUpdate:
    """The pure part: texts in, texts out."""

    STEM = Path(DOUBLING).stem

    def newer(self, course: Course, old: str, new: str, name: str = DOUBLING) -> None:
        """Change the path."""
        sheet = course.root / "answers" / name
        text = sheet.read_text()
        assert old in text
        sheet.write_text(text.replace(old, new))

    def test_nothing_new(self, course: Course, solved: str) -> None:
        """Notes, prints, formatting and own functions are no reason to write."""
        code = course.page(CODE).read_text()
        for text in (
            solved,
            solved.replace("    assert", "    print(x)  # a note\n    assert"),
            solved.replace("assert 2 * x == 6.0", "assert (2*x ==\n  6)"),
            solved.replace("assert 2 * x == 6.0", "assert 2 * x == (("),
            f"{solved}\n\ndef test_mine():\n    pass\n",
        ):
            assert update(course, **{self.STEM: text, "test_02_code": code}) == ({}, set())

    def test_a_koan_that_changed(self, course: Course, solved: str, fresh: str) -> None:
        """It is blank, the old text is listed; the others keep their fills."""
        code = course.page(CODE).read_text()
        self.newer(course, "x = 348.0", "x = 350.0")
        new, left = update(course, **{self.STEM: solved, "test_02_code": code})
        expected = solved.replace(second(solved), second(fresh)).replace("348.0", "350.0")
        assert new == {self.STEM: expected}
        assert left == {Left(Path("koans", DOUBLING), 14, SECOND, Why.CHANGED)}

    @pytest.mark.parametrize(
        ("fill", "carried"),
        [
            ("__", "__"),
            ("6.0", "6.0"),
            ("  6", "6"),
            ("'é\N{EURO SIGN}'", "'é\N{EURO SIGN}'"),
            ("[3,\n  3][0]", "[3,\n  3][0]"),
            ("(3 +  # two of them\n  3)", "(3 +  # two of them\n  3)"),
            ("(yield)", "(yield)"),
            ("6.0, 'a message'", "6.0"),
            ("6.0  # a note", "6.0"),
            ("__ + 3", "__ + 3"),
        ],
    )
    def test_a_new_question(self, course: Course, fresh: str, fill: str, carried: str) -> None:
        """Where the question alone is new, the koan is fresh with the fill in it."""
        code = course.page(CODE).read_text()
        self.newer(course, "What is twice 3?", "Twice 3?")
        text = fresh.replace("== __", f"== {fill}", 1)
        new, _ = update(course, **{self.STEM: text, "test_02_code": code})
        expected = fresh.replace("What is twice 3?", "Twice 3?")
        assert new[self.STEM] == expected.replace("== __", f"== {carried}", 1)

    @pytest.mark.parametrize(
        ("fill", "carried"),
        [
            ("x.zero_()", "x.zero_()"),
            (
                "x = x * 1\n    print(x)\n    x = x * 0",
                "x = x * 1\n    print(x)\n    x = x * 0",
            ),
            ("print(x)\n    x.zero_()\n    print(x)", "x.zero_()"),
            (
                "for i in range(3):\n        x[()] = 0  # é",
                "for i in range(3):\n        x[()] = 0",
            ),
            ("x = x + 1; x = x - 6", "x = x + 1; x = x - 6"),
        ],
    )
    def test_a_new_question_over_a_line(self, course: Course, fill: str, carried: str) -> None:
        """So it is with whole lines, several of them too."""
        first, code = course.page().read_text(), course.page(CODE).read_text()
        self.newer(course, "Which line sets x to zero?", "Which?", CODE)
        text = code.replace("    __\n", f"    {fill}\n")
        new, _ = update(course, **{self.STEM: first, "test_02_code": text})
        expected = code.replace("Which line sets x to zero?", "Which?")
        assert new == {"test_02_code": expected.replace("    __\n", f"    {carried}\n")}

    def test_a_fill_that_binds_otherwise(self, course: Course, fresh: str) -> None:
        """Its parentheses are no part of a fill, and come back where it needs them."""
        self.newer(course, "== __(\n        6.0", "== 2 * __(\n        3.0")
        course.command("blank", "--replace")
        code, old = course.page(CODE).read_text(), course.page().read_text()
        assert old != fresh
        self.newer(course, "What is twice 3?", "Twice 3?")
        text = old.replace("2 * __", "2 * (1 + 2)")
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: text.replace("What is twice 3?", "Twice 3?")}
        assert not left

    def test_another_number_and_title(self, course: Course, solved: str) -> None:
        """A chapter that is called otherwise takes its fills, notes and all, with it."""
        (course.root / "answers" / DOUBLING).rename(course.root / "answers/test_03_twice.py")
        code = course.page(CODE).read_text()
        text = solved.replace("import math\n", "import math\nimport cmath\n")
        new, left = update(course, **{self.STEM: f"{text}\n# notes", "test_02_code": code})
        assert new == {"test_03_twice": f"{text}\n# notes\n", self.STEM: ""}
        assert not left

    def test_another_name(self, course: Course, solved: str) -> None:
        """A koan that is called otherwise is known by what it says, and keeps its notes."""
        code = course.page(CODE).read_text()
        self.newer(course, SECOND, "test_twice")
        text = solved.replace("    assert x / 2", "    # a note\n    assert x / 2")
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: text.replace(SECOND, "test_twice")}
        assert not left

    def test_another_chapter(self, course: Course, solved: str) -> None:
        """A koan that moved is found where it was."""
        code = course.page(CODE).read_text()
        sheet = (course.root / "answers" / DOUBLING).read_text()
        self.newer(course, f"\n\n{second(sheet)}", "")
        answers = course.root / "answers" / CODE
        answers.write_text(f"{answers.read_text()}\n\n{second(sheet)}")
        new, left = update(course, **{self.STEM: solved, "test_02_code": code})
        assert new == {
            self.STEM: solved.replace(f"\n\n{second(solved)}", ""),
            "test_02_code": f"{code}\n\n{second(solved)}",
        }
        assert not left

    def test_not_on_the_path_any_more(self, course: Course, solved: str, fresh: str) -> None:
        """What was filled in is listed, a blank is not; the same with own functions."""
        code = course.page(CODE).read_text()
        sheet = (course.root / "answers" / DOUBLING).read_text()
        self.newer(course, second(sheet), "")
        self.newer(course, "x = 3.0", "x = 4.0")
        own = "\n\ndef test_mine():\n    pass\n"
        page = Path("koans", DOUBLING)
        first = Left(page, 8, "test_double", Why.CHANGED)
        mine = Left(page, 21, "test_mine", Why.OFF_THE_PATH)
        for text, left in (
            (solved, {first, Left(page, 14, SECOND, Why.OFF_THE_PATH)}),
            (fresh, set()),
            (fresh + own, {mine}),
        ):
            assert update(course, **{self.STEM: text, "test_02_code": code})[1] == left

    def test_a_chapter_that_answers_lack(self, course: Course, solved: str) -> None:
        """It stays, unless all of its koans stand elsewhere on the path now."""
        sheet = course.root / "answers" / CODE
        sheet.rename(sheet.with_name("test_03_code.py"))
        code = course.page(CODE).read_text()
        texts = {self.STEM: solved, "test_02_code": code, "test_09_own": "1"}
        assert update(course, **texts)[0]["test_02_code"] == ""
        sheet.with_name("test_03_code.py").unlink()
        assert update(course, **texts) == ({}, set())
        assert f"Not on the path, which has no such chapter: koans/{CODE}" in " ".join(
            course.screen().split()
        )
        course.page(CODE).write_text(code)
        said = course.screen("--update")
        assert f"koans/{CODE}: left alone, answers/ has no such chapter" in said

    @pytest.mark.parametrize(
        "mended",
        [
            lambda text: text.replace(SECOND, "test_mine"),
            lambda text: text.replace(f"def {SECOND}():\n", ""),
            lambda text: text + "\n\n" + second(text),
            lambda text: text.replace(
                "def test_double():", f"{second(text)}\n\ndef test_double():"
            ),
        ],
    )
    def test_what_became_of_a_koan(
        self, course: Course, solved: str, mended: Callable[[str], str]
    ) -> None:
        """Renamed, without its first line, twice: it is as it was, with its fills."""
        code = course.page(CODE).read_text()
        new, left = update(course, **{self.STEM: mended(solved), "test_02_code": code})
        assert new == {self.STEM: solved}
        assert not left

    def test_twice_with_other_fills(self, course: Course, solved: str) -> None:
        """One is carried, the other one listed."""
        code = course.page(CODE).read_text()
        text = f"{solved}\n\n{second(solved).replace('696.0', '7')}"
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: solved}
        assert left == {Left(Path("koans", DOUBLING), 21, SECOND, Why.ANOTHER)}

    def test_not_python(self, course: Course, solved: str) -> None:
        """A koan half typed stays: a walk says what is wrong with it."""
        code = course.page(CODE).read_text()
        self.newer(course, "x = 348.0", "x = 350.0")
        self.newer(course, "What is twice 3?", "Twice 3?")
        text = solved.replace("696.0", "((")
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: text.replace("What is twice 3?", "Twice 3?")}
        assert not left

    @pytest.mark.parametrize(
        "base", ["", "||||||| 1234567\n    a = 1\n    assert 2 * x == __\n"]
    )
    def test_git_marks_a_conflict(self, course: Course, solved: str, base: str) -> None:
        """The side with the fills is carried, where it fits."""
        code = course.page(CODE).read_text()
        self.newer(course, "What is twice 348, and what is half of it?", "And this?")
        line = '    """What is twice 348, and what is half of it?"""\n'
        filled = second(solved)[second(solved).index(line) :]
        newer = filled.replace(line, '    """And this?"""\n').replace("696.0", "__")
        text = solved.replace(
            filled,
            f"<<<<<<< HEAD\n{filled}{base}=======\n{newer.replace('174.0', '__')}>>>>>>> x\n",
        )
        expected = solved.replace(filled[: len(line)], '    """And this?"""\n')
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: expected}
        assert not left

    @pytest.mark.parametrize("first", [True, False])
    def test_a_conflict_within_a_koan(
        self, course: Course, solved: str, *, first: bool
    ) -> None:
        """Either side may be the learner's, and no trace of the marks is left."""
        code = course.page(CODE).read_text()
        mine, theirs = "    assert 2 * x == 696.0\n", "    assert 2 * x == __\n"
        sides = (mine, theirs) if first else (theirs, mine)
        text = solved.replace(mine, "<<<<<<< HEAD\n{}=======\n{}>>>>>>> x\n".format(*sides))
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: solved}
        assert not left

    def test_a_conflict_in_the_head(self, course: Course, solved: str) -> None:
        """The head is fresh, then."""
        code = course.page(CODE).read_text()
        both = "<<<<<<< HEAD\nimport math\n=======\nimport math  # a note\n>>>>>>> x\n"
        text = solved.replace("import math\n", both)
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: solved}
        assert not left

    def test_a_new_opening(self, course: Course, solved: str) -> None:
        """What a chapter says at its beginning is as new as the path."""
        code = course.page(CODE).read_text()
        self.newer(course, '"""Doubling."""', '"""Twice."""')
        new, left = update(course, **{self.STEM: solved, "test_02_code": code})
        assert new == {self.STEM: solved.replace("Doubling.", "Twice.")}
        assert not left

    def test_a_blank_one_and_a_filled_one(
        self, course: Course, solved: str, fresh: str
    ) -> None:
        """git may bring a new chapter and leave the old one: the fills are in the latter."""
        code = course.page(CODE).read_text()
        texts = {"test_02_code": code, self.STEM: fresh, "test_07_twice": solved}
        new, left = update(course, **texts)
        assert new == {self.STEM: solved, "test_07_twice": ""}
        assert not left

    def test_two_that_are_filled(self, course: Course, solved: str) -> None:
        """The one in the chapter itself counts."""
        code = course.page(CODE).read_text()
        other = solved.replace("6.0", "5.0", 1)
        texts = {"test_00_twice": other, "test_02_code": code, self.STEM: solved}
        new, left = update(course, **texts)
        assert new == {"test_00_twice": ""}
        assert left == {Left(Path("koans/test_00_twice.py"), 8, "test_double", Why.ANOTHER)}

    def test_half_filled(self, course: Course, fresh: str) -> None:
        """A koan that changed is listed when anything was written in it."""
        code = course.page(CODE).read_text()
        self.newer(course, "x = 348.0", "x = 350.0")
        text = fresh.replace("x / 2 == __", "x / 2 == 174.0")
        _, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert left == {Left(Path("koans", DOUBLING), 14, SECOND, Why.CHANGED)}
        assert not update(course, **{self.STEM: fresh, "test_02_code": code})[1]

    def test_the_head(self, course: Course, solved: str) -> None:
        """A new one replaces the old one; what was added there is listed."""
        code = course.page(CODE).read_text()
        self.newer(course, "import math\n", "import cmath\n\nimport math\n")
        own = "import math\nimport this\n\n\ndef helper():\n    pass\n"
        text = solved.replace("import math\n", own)
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {
            self.STEM: solved.replace("import math\n", "import cmath\n\nimport math\n")
        }
        page = Path("koans", DOUBLING)
        assert left == {
            Left(page, 4, "import this", Why.ADDED),
            Left(page, 7, "helper", Why.ADDED),
        }

    def test_a_head_that_is_no_python(self, course: Course, solved: str) -> None:
        """It is fresh, and the koans below it keep their fills."""
        code = course.page(CODE).read_text()
        text = solved.replace("import math\n", "imprt math\n")
        new, _ = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: solved}

    def test_a_helper_below_a_koan(self, course: Course, solved: str) -> None:
        """It stays with a koan that is kept, and is listed where that is written anew."""
        code = course.page(CODE).read_text()
        text = f"{solved}\n\ndef helper():\n    pass\n"
        self.newer(course, "What is twice 3?", "Twice 3?")
        new, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert new == {self.STEM: text.replace("What is twice 3?", "Twice 3?")}
        assert not left
        self.newer(course, "What is twice 348,", "Twice 348,")
        _, left = update(course, **{self.STEM: text, "test_02_code": code})
        assert left == {Left(Path("koans", DOUBLING), 21, "helper", Why.ADDED)}

    def test_no_koans_yet(self, course: Course, fresh: str) -> None:
        """Every file is written."""
        code = course.page(CODE).read_text()
        new, left = update(course)
        assert new == {self.STEM: fresh, "test_02_code": code}
        assert not left


class TestUpdateRuns:
    """`pytest --update`, from the command line."""

    def test_all_of_it(self, course: Course, solved: str) -> None:
        """What was written, carried and not carried is said, with the undo; and that works."""
        for file in Path("koans").glob("*.old*"):
            file.unlink()
        code = course.page(CODE).read_text()
        sheets = course.root / "answers"
        text = (sheets / DOUBLING).read_text().replace("x = 348.0", "x = 350.0")
        course.answer(DOUBLING, text)
        (sheets / CODE).rename(sheets / "test_03_code.py")
        result = course.walk("--update")
        assert result.ret == pytest.ExitCode.OK
        undo = f"{UNDO}koans/{DOUBLING}.old1 koans/{CODE}.old1"
        assert "\n".join(result.outlines) == (
            f"koans/{DOUBLING}: written anew,\n"
            f"    the old one is koans/{DOUBLING}.old1\n"
            "koans/test_03_code.py: written\n"
            f"koans/{CODE}: taken away,\n"
            f"    the old one is koans/{CODE}.old1\n\n"
            "The fills of 3 koans were carried over.\n\n"
            "Not carried:\n"
            f"    koans/{DOUBLING}.old1:14  {SECOND}\n"
            "        Changed on the path. What you wrote does not fit any more.\n\n"
            "To undo this:\n"
            f"    {undo}\n"
            "    New files stay: koans/test_03_code.py\n\n"
            "To go on: pytest"
        )
        assert "1 of 4" in course.screen()
        assert "koans/ is up to date." in course.screen("--update")
        assert course.command(*undo.split()[3:]) == 0
        assert course.page().read_text() == solved
        assert course.page(CODE).read_text() == code

    def test_a_file_that_is_no_chapter(self, course: Course) -> None:
        """A learner's own file stays, though it holds koans, too."""
        own = course.page("test_mine.py")
        own.write_bytes(course.page().read_bytes())
        course.page().unlink()
        assert f"koans/{DOUBLING}: written" in course.screen("--update")
        assert own.read_bytes() == course.page().read_bytes()

    def test_nothing_to_do(self, course: Course) -> None:
        """That is said, and nothing is written."""
        course.solve()
        before = sorted(Path("koans").iterdir())
        result = course.walk("--update")
        assert result.ret == pytest.ExitCode.OK
        assert result.outlines == ["koans/ is up to date.", "", "To go on: pytest"]
        assert sorted(Path("koans").iterdir()) == before

    def test_line_ends_and_mark(self, course: Course) -> None:
        """They stay as they are."""
        text = course.page().read_bytes()
        course.page().write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
        sheet = (course.root / "answers" / DOUBLING).read_text()
        course.answer(DOUBLING, sheet.replace("x = 3.0", "x = 4.0"))
        assert "carried" not in course.screen("--update")
        new = text.replace(b"x = 3.0", b"x = 4.0").replace(b"\n", b"\r\n")
        assert course.page().read_bytes() == b"\xef\xbb\xbf" + new

    def test_as_far_as_it_went(
        self, course: Course, solved: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the system refuses the second file, the first one can be put back."""
        for name in (DOUBLING, CODE):
            sheet = course.root / "answers" / name
            text = sheet.read_text().replace("x = 348.0", "x = 350.0")
            course.answer(name, text.replace("torch.tensor(5.0)", "torch.tensor(4.0)"))

        def refuse(file: Path, text: str | bytes) -> None:
            if file.name == CODE:
                raise PermissionError(13, "Permission denied")
            write_whole(file, text)

        monkeypatch.setattr("sensei.files.write_whole", refuse)
        result = course.walk("--update")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        said = str(result.stdout)
        assert f"koans/{CODE}: Permission denied. Nothing more was written." in said
        assert f"    koans/{DOUBLING}.old2:14  {SECOND}\n" in said
        assert said.endswith(f"    {UNDO}koans/{DOUBLING}.old2")
        assert not course.page(f"{CODE}.old2").exists()
        assert course.command("restore", f"koans/{DOUBLING}.old2") == 0
        assert course.page().read_text() == solved

    def test_a_file_nobody_can_read(self, course: Course) -> None:
        """Then nothing is written at all, and it is said which one it is."""
        course.page().unlink()
        course.page(CODE).write_bytes(b"\n\xff")
        result = course.walk("--update")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert f"Line 2 of koans/{CODE} is not UTF-8 text" in str(result.stderr)
        assert "run it again: pytest --update" in str(result.stderr)
        assert not course.page().exists()

    def test_a_broken_answer_sheet(self, course: Course, solved: str) -> None:
        """Nothing can be derived from it, and nothing is written."""
        course.answer(DOUBLING, "def test_double():\n    ((\n")
        for option in (["--update"], ["--reset", "double"], ["--reset", "1"]):
            result = course.walk(*option)
            assert result.ret == pytest.ExitCode.USAGE_ERROR
            assert f"answers/{DOUBLING} is broken" in str(result.stderr)
        assert course.page().read_text() == solved
