"""A course that keeps its answers: what is in it, and what is said of predictions there."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sensei.author.course import readme
from sensei.author.curtain import closed
from sensei.author.running import FreshChapter, fresh_path, judged
from sensei.judge.verdict import FillState, State, Verdict
from sensei.koan import source
from sensei.koan.path import Chapter, Koan
from sensei.koan.replies import REPLIES, chapters_in, seal, unseal
from sensei.run.runner import runner
from sensei.screen.verdict import about
from tests.tiny_course import CODE, DOUBLING, Course

ROOT = Path(__file__).parent.parent
CHAPTERS = fresh_path(ROOT / "koans", ROOT / "answers")


def without_answers(chapter: Chapter) -> FreshChapter:
    """Return a chapter as a course has it, with nothing filled in."""
    assert isinstance(chapter.answered_text, str)
    return FreshChapter(chapter.page, Path(REPLIES), closed(chapter.answered_text))


def answers_of(koan: Koan) -> list[str]:
    """Return a koan's answers as code."""
    assert koan.sheet is not None
    return [ast.unparse(marker.answer) for marker in koan.sheet.markers]


def is_told(verdict: Verdict, number: int, reply: str) -> bool:
    """Whether a blank is wrong, and just that is said of it."""
    judged = verdict.fills[number] if verdict.state is State.WRONG else None
    return bool(judged and judged.reply and judged.reply.text == reply)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.page.stem)
def test_the_path_without_its_answers(chapter: Chapter) -> None:
    """Answers hold, and listed wrong fills fail and get the reply that is theirs.

    Of every chapter some koans are tried: the whole path takes a minute.
    """
    faults = []
    pairs = list(zip(chapter.koans, without_answers(chapter).koans, strict=True))
    for koan, other in pairs[chapter.number % 12 :: 12]:
        assert koan.sheet is not None
        answers = answers_of(koan)
        assert answers_of(other) == ["..."] * len(answers)
        with runner.koan() as run:
            if judged(other, answers, run).state is not State.SOLVED:
                faults.append(f"{koan.name}: its answers do not hold")
            for number, marker in enumerate(koan.sheet.markers):
                for code, reply in marker.wrong.items():
                    fills = [*answers[:number], code, *answers[number + 1 :]]
                    if not is_told(judged(other, fills, run), number, reply):
                        faults.append(f"{koan.name}: {code} in blank {number + 1}")
    assert faults == []


# What is said where there are several blanks.

TWO = '''"""Two blanks."""

import torch

from sensei import __


def test_line_and_value():
    """A line, then a value."""
    x = torch.tensor(5.0)
    __(x.zero_(), wrong={"x = 0": "Another x."})
    assert torch.is_tensor(x)
    assert x.item() < 1
    assert x + 3 == __(3.0, wrong={"8.0": "Before."}, hints=["a", "b"], why="w")


def test_two_formulas():
    """Two formulas."""
    for x in [1, 2, 3]:
        first = __(2 * x, wrong={"x": "Once."})
        second = __(x + 1, wrong={"x": "Small."}, hints=["a", "b"], why="w")
        assert first + second == 3 * x + 1


def test_kinds():
    """Values of several kinds."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert x.dtype == __(torch.float32, wrong={"float": "Python's."})
    assert x.grad is __(None, wrong={"0.0": "Nothing is there."})
    assert x.shape == __((2,), wrong={"2": "A tuple."})
    assert type(x) is __(torch.Tensor, wrong={"float": "More than a number."})
    assert [x.is_leaf, 1 / 3] == [__(True, wrong={"1": "A flag."}), 1 / 3]
    assert float("inf") == __(float("inf"), wrong={"9": "More."}, hints=["a", "b"], why="w")
'''


@pytest.fixture
def two(tmp_path: Path) -> dict[str, Koan]:
    """Give koans with several blanks, without their answers."""
    sheet = tmp_path / "test_01_two.py"
    sheet.write_text(TWO)
    chapter = without_answers(Chapter(tmp_path / "koans" / sheet.name, sheet))
    return {koan.name: koan for koan in chapter.koans}


def states(koan: Koan, fills: Sequence[str]) -> list[str]:
    """Return what is said of each fill: a word, or the reply to a wrong one."""
    with runner.koan() as run:
        verdict = judged(koan, fills, run)
    if verdict.state is State.SOLVED:
        return ["solved"]
    return [each.reply.text if each.reply else each.state.value for each in verdict.fills]


class TestSeveralBlanks:
    def test_the_screen(self, two: dict[str, Koan]) -> None:
        """It marks the blank that is wrong, and says which was not judged."""
        with runner.koan() as run:
            verdict = judged(two["test_line_and_value"], ["x = 0", "3.0"], run)
        lines = [line.text for line in about(verdict)]
        assert "    >     x = 0" in lines
        assert lines[-3:] == [
            "      Blank 1, x = 0: not yet.",
            "          Another x.",
            "      Blank 2, 3.0: not judged before the others are right.",
        ]

    @pytest.mark.parametrize(
        ("fills", "said"),
        [
            (["x[()] = 0", "3"], ["solved"]),
            (["x = 0", "3.0"], ["Another x.", "ahead"]),
            (["x.zero_()", "8"], ["right", "Before."]),
            (["x.zero_()", "__"], ["right", "blank"]),
            (["__", "3.0"], ["blank", "ahead"]),
        ],
    )
    def test_a_line_and_a_value(
        self, two: dict[str, Koan], fills: list[str], said: list[str]
    ) -> None:
        """The value is judged once the line is right: it rests on it."""
        assert states(two["test_line_and_value"], fills) == said

    def test_what_cannot_be_told_apart(self, two: dict[str, Koan]) -> None:
        """A fill that the koan foresaw is wrong; of others it is said that one of them is."""
        koan = two["test_two_formulas"]
        assert states(koan, ["x", "x + 1"]) == ["Once.", "ahead"]
        first, second = states(koan, ["3 * x", "x + 1"])
        assert first.startswith("With these the koan doesn't hold.")
        assert first == second
        assert states(koan, ["3 * x", "1"]) == ["solved"]

    def test_what_is_compared(self, two: dict[str, Koan]) -> None:
        """Of types, dtypes, None, flags, tuples and infinity the value is found, too."""
        koan = two["test_kinds"]
        right = ["torch.float32", "None", "(2,)", "torch.Tensor", "True", "float('inf')"]
        assert states(koan, right) == ["solved"]
        wrong = ["torch.float64", "0", "(3,)", "list", "1", "1e9"]
        for number, code in enumerate(wrong):
            fills = [*right[:number], code, *right[number + 1 :]]
            told = states(koan, fills)
            assert told.pop(number) not in {state.value for state in FillState}
            assert told == ["right"] * 5


# The folder.


@pytest.fixture
def made(course: Course) -> Path:
    """Give the folder of a course, made from the tiny one."""
    assert course.command("course", "made", "--journal") == 0
    return course.root / "made"


class TestTheFolder:
    def test_what_is_in_it(self, course: Course, made: Path) -> None:
        """What learners need, and no answers."""
        assert {file.name for file in made.iterdir()} == {
            *("koans", "sensei", "conftest.py", "pyproject.toml", "README.md", REPLIES)
        }
        for page in (DOUBLING, CODE):
            assert (made / "koans" / page).read_text() == course.page(page).read_text()
        assert "koans_journal = true\n" in (made / "pyproject.toml").read_text()
        assert "tool.ruff" not in (made / "pyproject.toml").read_text()

    def test_no_answer_and_no_reason(self, made: Path) -> None:
        """Each marker has ... for its answer, and a reason that nobody reads in passing."""
        text = (made / REPLIES).read_text()
        for page in chapters_in(text).values():
            markers = source.markers_in(ast.parse(page))
            assert markers
            assert all(marker.is_closed for marker in markers)
        assert "Twice is times two." not in text
        assert unseal(seal("Twice is times two.")) == "Twice is times two."

    def test_a_part(self, course: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """Only what was chosen is in it."""
        assert course.command("course", "part", "--chapters", "2") == 0
        assert [it.name for it in (course.root / "part" / "koans").iterdir()] == [CODE]
        assert [*chapters_in((course.root / "part" / REPLIES).read_text())] == [CODE]
        assert "part: 2 koans in 1 chapters, and no answers." in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("koans",), "koans is not empty. Give the name of a new folder."),
            (("new", "--chapters", "3"), "3: there is no chapter 3, only 1 to 2."),
            (("new", "--route", "cor"), "cor: chapters, such as 1-6,12, or core belong here."),
            (("new", "--route", "core"), "core: no koan here is on this route."),
        ],
    )
    def test_what_cannot_be_made(
        self,
        course: Course,
        capsys: pytest.CaptureFixture[str],
        arguments: Sequence[str],
        said: str,
    ) -> None:
        """It is said why, and nothing is written."""
        assert course.command("course", *arguments) == 2
        assert said in capsys.readouterr().out
        assert not (course.root / "new").exists()

    def test_its_readme(self) -> None:
        """It speaks of nothing that is not there."""
        text = readme((ROOT / "README.md").read_text("utf-8"), CHAPTERS[12:13], journal=True)
        assert "koans/test_12_in_place.py" in text
        assert "`pytest --map 12`" in text
        assert "journal.jsonl" in text
        for gone in ("answers/", "session.svg", "| the answer", "test_03", "sensei/", "Colab"):
            assert gone not in text
        assert set(re.findall(r"-m sensei (\w+)", text)) == {"doctor"}

    def test_a_run(self, made: Path) -> None:
        """pytest walks there with the sensei of the course, and keeps the journal."""
        page = made / "koans" / DOUBLING
        page.write_text(page.read_text().replace("== __", "== 5.0", 1))
        ran = subprocess.run(
            [sys.executable, "-m", "pytest"], cwd=made, capture_output=True, check=False
        )
        assert "That is 2 more, not twice as much." in ran.stdout.decode()
        assert json.loads((made / "journal.jsonl").read_text())["known"] is True


@pytest.fixture
def kept(course: Course, made: Path) -> Course:
    """Give the tiny course with its replies in place of its answers."""
    shutil.move(made / REPLIES, course.root)
    for folder in (made, course.root / "answers"):
        shutil.rmtree(folder)
    return course


class TestWalkingWithoutAnswers:
    def test_replies(self, kept: Course) -> None:
        """A wrong fill gets its own, or what its value tells, or what it does."""
        kept.fill("5")
        assert "That is 2 more, not twice as much." in kept.screen()
        kept.edit("x == 5", "x == 77")
        assert "too large." in kept.screen()
        kept.edit("x == 77", "x == 2 * x")
        assert "That computes it. Which value will it have?" in kept.screen()
        kept.edit("x == 2 * x", "x == six")
        assert "six is a word. Python writes numbers in digits." in kept.screen()

    def test_a_line(self, kept: Course) -> None:
        """Whatever makes the koan hold is right; else it is said where it does not."""
        kept.fill("6", "696", "174")
        kept.fill("x.zero_", name=CODE)
        assert "This names something, but does not call it." in kept.screen()
        kept.edit("x.zero_", "x.fill_(7)", CODE)
        assert "It does change x. But another line does not hold" in kept.screen()
        kept.edit("x.fill_(7)", "x *= 0", CODE)
        assert "solved just now: test_zero_it\n      The underscore." in kept.screen()

    def test_the_answer(self, kept: Course) -> None:
        """It is not shown, nor what would tell it; a reason is, once it is earned."""
        kept.fill("77")
        screen = kept.screen("--reveal")
        assert "This course keeps its answers" in screen
        assert "6" not in screen.split("This course keeps")[1]
        assert "Twice is" not in screen
        kept.edit("x == 77", "x == 6")
        kept.walk()
        screen = kept.screen("--reveal", "test_double")
        assert "      Twice is times two.\n" in screen
        assert "The answer" not in screen

    def test_the_last_hint(self, kept: Course) -> None:
        """No answer is promised after it."""
        kept.walk("--hint")
        screen = kept.screen("--hint")
        assert "Hint 2 of 2: Two threes.\n      There are no more.\n" in screen

    def test_the_end(self, kept: Course) -> None:
        """The path has one, with its status."""
        kept.fill("6", "696", "174")
        kept.fill("x *= 0", "AttributeError", name=CODE)
        result = kept.walk()
        assert result.ret == pytest.ExitCode.OK
        assert "All 4 koans hold." in str(result.stdout)

    def test_blank_again(self, kept: Course) -> None:
        """What a chapter was like is known from the replies."""
        before = kept.page().read_text()
        kept.fill("5")
        kept.walk("--reset", "1")
        assert kept.page().read_text() == before
        kept.page().unlink()
        assert kept.command("blank") == 0
        assert kept.page().read_text() == before

    def test_no_answers_to_write(
        self, kept: Course, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An author's commands say so."""
        assert kept.command("solve", "solved") == 2
        assert "This course keeps its answers." in capsys.readouterr().out
        assert kept.command("course", "another") == 2

    @pytest.mark.parametrize("damage", ["", "[]", '{"schema": 2, "chapters": {}}'])
    def test_damaged_replies(self, kept: Course, damage: str) -> None:
        """The path is walked without them, and that is said."""
        (kept.root / REPLIES).write_text(damage)
        kept.fill("5")
        screen = kept.screen()
        assert "(replies.json cannot be read: a wrong prediction gets no reply.)" in screen
        assert "0 of 4" in screen
