"""A review: what is asked again, when, and with which numbers; the path stays as it is."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from sensei.judge import learned
from sensei.judge.learned import DAYS, Learned
from sensei.koan.replies import REPLIES
from tests.tiny_course import CODE, TRIPLING, TRIPLING_TEXT, Course

TODAY = dt.date(2026, 11, 2).toordinal()


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned, "today", lambda: TODAY)


@pytest.fixture
def solved(course: Course) -> Course:
    """Give a course of which the koans that need no torch are solved."""
    course.answer(TRIPLING, TRIPLING_TEXT)
    course.command("blank")
    course.fill("6.0", "696.0", "174.0")
    course.fill("12.0", name=TRIPLING)
    course.walk()
    return course


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Let some days go by."""
    monkeypatch.setattr(learned, "today", lambda: TODAY + days)


def files(course: Course) -> list[Path]:
    """Return the files of reviews."""
    return sorted((course.root / "review").glob("*.py"))


def write(course: Course, old: str, new: str) -> None:
    """Change the review's file."""
    file = files(course)[-1]
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


class TestWhatIsAsked:
    def test_what_was_solved(self, solved: Course) -> None:
        """In a file of its own, with other numbers where there are such."""
        before = {file: file.read_bytes() for file in (solved.root / "koans").iterdir()}
        screen = solved.screen("--review")
        assert "Asked again" in screen
        assert "0 of 3" in screen
        text = files(solved)[0].read_text()
        assert "What is three times 5?" in text
        assert "three(5.0) == __" in text
        assert "def three(x):" in text
        assert {file: file.read_bytes() for file in (solved.root / "koans").iterdir()} == before

    def test_nothing(self, course: Course) -> None:
        """Where nothing was solved, that is said, and nothing is written."""
        assert "No koan was solved on this path yet." in course.screen("--review")
        assert not (course.root / "review").exists()

    def test_without_answers(self, solved: Course) -> None:
        """It is said what is not there."""
        shutil.rmtree(solved.root / "answers")
        told = "answers/ is not here: without it no koan can be asked again."
        assert told in solved.screen("--review")

    def test_without_a_memory(self, solved: Course) -> None:
        """Then what is filled in koans/ is asked."""
        assert "of 3" in solved.screen("--review", "-p", "no:cacheprovider")

    def test_only_what_was_solved(self, course: Course) -> None:
        """A koan that is still open is not asked again."""
        course.fill("6.0")
        course.walk()
        assert "0 of 1" in course.screen("--review")

    def test_an_open_one_goes_on(self, solved: Course) -> None:
        """Until all of it holds; =new begins another one, and keeps that file."""
        solved.screen("--review")
        solved.screen("--review")
        assert len(files(solved)) == 1
        solved.screen("--review=new")
        assert [file.name for file in files(solved)] == ["2026-11-02-2.py", "2026-11-02.py"]

    def test_a_course_that_keeps_its_answers(self, solved: Course) -> None:
        """A koan is asked there as it was."""
        assert solved.command("course", "given") == 0
        shutil.move(solved.root / "given" / REPLIES, solved.root)
        shutil.rmtree(solved.root / "answers")
        solved.walk()
        solved.screen("--review")
        assert "three(4.0) == __" in files(solved)[0].read_text()


class TestWhatIsSaid:
    def test_replies(self, solved: Course) -> None:
        """They speak of the numbers that stand there."""
        solved.screen("--review")
        write(solved, "three(5.0) == __", "three(5.0) == 8.0")
        assert "That is 3 more than 5.0." in solved.screen("--review")

    def test_the_old_answer(self, solved: Course) -> None:
        """It is wrong with other numbers."""
        solved.screen("--review")
        write(solved, "three(5.0) == __", "three(5.0) == 12.0")
        assert "You wrote 12.0" in solved.screen("--review")

    def test_help(self, solved: Course) -> None:
        """A hint and the answer, and what is typed for more."""
        solved.screen("--review")
        hint = solved.screen("--review", "--hint")
        assert "Hint 1 of 1: Multiply 5 by 3." in hint
        assert "The answer, if you want it: pytest --review --reveal" in hint
        assert "15.0" not in hint
        assert "The answer: 15.0" in solved.screen("--review", "--reveal")

    def test_the_end(self, solved: Course) -> None:
        """It says what held, how, and when to come back; the path knows of it."""
        solved.screen("--review")
        write(solved, "three(5.0) == __", "three(5.0) == 8.0")
        solved.screen("--review")
        write(solved, "8.0", "15.0")
        self.solve(solved)
        screen = solved.screen("--review")
        assert "All 3 koans hold again." in screen
        assert "test_triple: after 1 other fill. Again in 3 days." in screen
        assert "test_double: held at once. Again in 3 days." in screen
        assert "Come back on 2026-11-05: pytest --review" in screen
        assert "0 of 3" in solved.screen("--review")
        assert len(files(solved)) == 2

    @staticmethod
    def solve(course: Course) -> None:
        """Fill all that is open in a review."""
        for line, fill in {
            "assert 2 * x == __\n\n": "6.0",
            "assert 2 * x == __\n": "696.0",
            "assert x / 2 == __\n": "174.0",
        }.items():
            write(course, line, line.replace("__", fill))

    def test_what_is_no_python(self, solved: Course) -> None:
        """A slip is told as in koans/; what is offered is another review."""
        solved.screen("--review")
        write(solved, "three(5.0) == __", "three(5.0) = = 8.0")
        screen = solved.screen("--review")
        assert "Or begin another one: pytest --review=new" in screen
        assert "--reset" not in screen

    @pytest.mark.parametrize("option", ["--map", "--graph", "--reveal=test_triple", "koans"])
    def test_what_does_not_go_with_it(self, solved: Course, option: str) -> None:
        """One sentence says what does."""
        result = solved.walk("--review=new", option)
        assert "--review goes" in "\n".join(result.errlines)
        assert not (solved.root / "review").exists()


class TestOnThePath:
    def test_it_is_offered(self, solved: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """In a line, on another day, and once on that."""
        solved.command("solve", "koans", CODE, "--replace")
        assert "asked again" not in solved.screen()
        later(monkeypatch, 1)
        told = "(5 koans of earlier days can be asked again: pytest --review)"
        assert told in solved.screen()
        assert told not in solved.screen()

    def test_at_the_end_of_a_chapter(self, course: Course) -> None:
        """What took many guesses can be met with other numbers at once."""
        course.answer(TRIPLING, TRIPLING_TEXT)
        course.command("blank")
        for fill in ("7.0", "64.0", "13.0"):
            course.fill(fill, name=TRIPLING)
            course.walk()
            course.edit(f"== {fill}", "== __", name=TRIPLING)
        course.fill("12.0", name=TRIPLING)
        screen = " ".join(course.screen().split())
        assert (
            "test_triple took some guesses. To meet it with other numbers: pytest --review"
            in screen
        )
        assert "three(5.0)" in course.screen("--review")


class TestWhen:
    def test_the_days_grow(self) -> None:
        """Each time that a koan holds at once it is asked later."""
        koan, gaps = Learned(day=0), []
        for _ in range(6):
            gaps.append(koan.due - koan.day)
            koan = koan.again(Learned(day=koan.due))
        assert gaps == [*DAYS, DAYS[-1]]

    @pytest.mark.parametrize("went", [Learned(9, wrong=1), Learned(9, revealed=True)])
    def test_what_did_not_hold(self, went: Learned) -> None:
        """It is asked soon again, however often it held before."""
        assert Learned(day=0, step=4).again(went).due == 9 + DAYS[1]

    def test_a_hard_one(self) -> None:
        """It can be asked at once, but only the first time."""
        assert Learned(day=9, wrong=3).due == 9
        assert Learned(day=9, revealed=True).due == 9
        assert Learned(day=9, step=1, wrong=3).due == 9 + DAYS[1]

    def test_the_order(self) -> None:
        """Shown answers come first, then many guesses, then long ago, then other numbers."""
        known = {
            "new": Learned(day=20),
            "old": Learned(day=1),
            "older": Learned(day=0),
            "guessed": Learned(day=2, wrong=5),
            "shown": Learned(day=2, revealed=True),
            "numbered": Learned(day=1),
        }
        chapters = {koan: number for number, koan in enumerate(known)}
        order = learned.chosen(known, chapters, {"numbered"}, 20)
        assert order == ["shown", "guessed", "older", "numbered", "old"]

    def test_chapters_are_mixed(self) -> None:
        """A second koan of a chapter comes only where there is no other chapter left."""
        known = {f"{chapter}{n}": Learned(day=n) for chapter in "ab" for n in range(4)}
        order = learned.chosen(known, {koan: ord(koan[0]) for koan in known}, (), 20)
        assert order == ["a0", "b0", "a1", "b1", "a2"]

    @pytest.mark.parametrize("data", [None, [], [1, 2, 3], ["a", 0, 0, False], [1, 2, 3, 4]])
    def test_what_is_damaged(self, data: object) -> None:
        """It is as if nothing was known."""
        assert Learned.from_data(data) is None
