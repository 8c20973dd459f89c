"""A quiz on paper: which koans it has, with which numbers, and that it fits on a sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sensei.author.quiz import MOST, quiz
from tests.chromium import PROGRAM, Chromium
from tests.tiny_course import ROOT, TRIPLING, TRIPLING_TEXT, Course

#: A question that a page has to write in another way.
ASKS = "What is three times 4? A list [x] < [y], they say."


@pytest.fixture
def tripling(course: Course) -> Course:
    """Give a course with a koan that can be asked with other numbers."""
    course.answer(TRIPLING, TRIPLING_TEXT.replace("What is three times 4?", ASKS))
    return course


def read(course: Course, name: str) -> str:
    """Return a page's text, without its markup."""
    text = (course.root / name).read_text("utf-8").partition("<main>")[2]
    return re.sub(r"<[^>]+>", "", text)


def test_the_sheet(tripling: Course) -> None:
    """It asks with other numbers, beside the helper that the koan calls, without answers."""
    assert tripling.command("quiz", "--seed", "3") == 0
    sheet = read(tripling, "quiz-3.html")
    assert "What is three times 5? A list [x] &lt; [y], they say." in sheet
    assert "assert three(5.0) == ____" in sheet
    assert "return 3 * x" in sheet
    assert "15" not in sheet
    assert "8.0" not in sheet


def test_the_key(tripling: Course) -> None:
    """It has the answers, and why."""
    tripling.command("quiz", "--seed", "3")
    key = read(tripling, "quiz-3-key.html")
    assert "assert three(5.0) == 15.0" in key
    assert "Three fours are 12." in key


def test_an_old_one_is_kept(tripling: Course) -> None:
    """What somebody has written into it is not lost."""
    tripling.command("quiz")
    (tripling.root / "quiz-1.html").write_text("mine")
    tripling.command("quiz")
    assert (tripling.root / "quiz-1.html.old1").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--chapters", "1"], "No koan of these chapters can be asked with other numbers."),
        (["--chapters", "9"], "9"),
        (["--chapters", "x"], "chapters, such as 1-6,12"),
    ],
)
def test_what_there_is_no_quiz_of(
    tripling: Course, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """A sentence says why, and nothing is written."""
    assert tripling.command("quiz", *arguments) == 2
    assert told in "".join(capsys.readouterr())
    assert not [*tripling.root.glob("quiz*")]


class TestOfThePath:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Give a folder with the path's answers."""
        for name in ("answers", "koans", "conftest.py", "pyproject.toml"):
            (tmp_path / name).symlink_to(ROOT / name)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_the_seed(self, folder: Path) -> None:
        """One number makes one sheet, another one another."""
        pages = []
        for seed in (1, 1, 2):
            quiz("1-6", seed)
            pages.append(read_main(folder / f"quiz-{seed}.html"))
        assert pages[0] == pages[1] != pages[2]

    @pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here")
    def test_it_fits_on_a_sheet(self, folder: Path) -> None:
        """Eight to ten koans, on one page of A4, whichever they are."""
        with Chromium(folder / "profile") as browser:
            for seed, route in enumerate(["1-6", "7-12", "13-22", ""], 1):
                quiz(route, seed)
                page = folder / f"quiz-{seed}.html"
                assert 8 <= page.read_text("utf-8").count("<section>") <= MOST
                browser.open(page)
                assert browser.pages_on_paper() == 1, (seed, route)


def read_main(page: Path) -> str:
    """Return the koans of a page."""
    return page.read_text("utf-8").partition("<main>")[2].partition("<footer>")[0]
