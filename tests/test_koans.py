"""The proof of the koans: every blank there is, and every one to come."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from sensei.judge.judge import FillState, Progress, State, Verdict, judge, run_with
from sensei.judge.rules import meets, reveals
from sensei.koan import source
from sensei.koan.graft import read_fill
from sensei.koan.path import Chapter, Koan, Sheet, read_path
from sensei.koan.source import Marker, Part
from sensei.run import trial
from sensei.screen.end import AT_ITS_END
from sensei.screen.lines import WIDTH as SCREEN_WIDTH
from sensei.screen.verdict import about
from sensei.screen.walk import Run, screen
from tests.near_misses import near_misses

ROOT = Path(__file__).parent.parent
SECONDS = 10.0
CHAPTERS = read_path(ROOT / "koans", ROOT / "answers")
KOANS = [koan for chapter in CHAPTERS for koan in chapter.koans]
#: What a line of a koan may take, so that the screen shows it within 80 columns.
WIDTH = 74
#: What can be seen of a koan without scrolling.
LINES = 12


def sheet_of(koan: Koan) -> Sheet:
    """Return the answered koan."""
    assert koan.sheet is not None
    return koan.sheet


class Blank(NamedTuple):
    """One blank of a koan."""

    koan: Koan
    number: int
    marker: Marker

    def __str__(self) -> str:
        return f"{self.koan.chapter.number:02}-{self.koan.name}-{self.number + 1}"


def _blanks() -> Iterator[Blank]:
    for koan in KOANS:
        for number, marker in enumerate(sheet_of(koan).markers):
            yield Blank(koan, number, marker)


BLANKS = list(_blanks())
WRONG = [(blank, code) for blank in BLANKS for code in blank.marker.wrong]
NEAR = [(blank, code) for blank in BLANKS for code in near_misses(blank.marker.answer)]

every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.page.stem)
every_koan = pytest.mark.parametrize(
    "koan", KOANS, ids=lambda k: f"{k.chapter.number:02}-{k.name}"
)
every_blank = pytest.mark.parametrize("blank", BLANKS, ids=str)
every_wrong_fill = pytest.mark.parametrize(("blank", "code"), WRONG, ids=str)
every_near_miss = pytest.mark.parametrize(("blank", "code"), NEAR, ids=str)


def pattern_of(koan: Koan) -> Part:
    """Return the koan as a learner first sees it."""
    return sheet_of(koan).pattern


def filled(blank: Blank, code: str) -> Koan:
    """Return a koan as a learner's file would have it, with one fill and the other answers."""
    texts = [ast.unparse(marker.answer) for marker in sheet_of(blank.koan).markers]
    texts[blank.number] = code
    head, *rest = _around_blanks(pattern_of(blank.koan).text)
    text = head + "".join(fill + after for fill, after in zip(texts, rest, strict=True))
    return as_page(blank.koan, text)


def as_page(koan: Koan, text: str) -> Koan:
    """Return a koan that reads so in the learner's file."""
    return Koan(koan.chapter, koan.name, (Part(koan.name, 1, text),), koan.answered)


def _around_blanks(text: str) -> list[str]:
    pieces, rest = [], text
    for name in reversed(source.blanks_in(ast.parse(text))):
        lines = text.splitlines(keepends=True)
        place = sum(map(len, lines[: name.lineno - 1])) + name.col_offset
        pieces.append(rest[place + len(source.BLANK) :])
        rest = rest[:place]
    return [rest, *reversed(pieces)]


def asks_for_code(answer: ast.expr) -> bool:
    """Whether an answer is more than a value or the name of an exception."""
    try:
        ast.literal_eval(answer)
    except ValueError:
        return not hasattr(builtins, ast.unparse(answer))
    return False


class TestTheFiles:
    @every_chapter
    def test_koans_are_derived_from_answers(self, chapter: Chapter) -> None:
        """To the byte: the answered text with each marker a blank, or else its bare answer."""
        assert chapter.sheet is not None
        answered = chapter.sheet.read_bytes().decode()
        page = chapter.page.read_bytes().decode()
        assert page in (source.blank(answered), source.solve(answered))

    def test_all_in_the_same_way(self) -> None:
        """All chapters are blank, as on main, or all are solved, as on the answers branch."""
        blanks = {
            bool(source.blanks_in(ast.parse(c.page.read_text("utf-8")))) for c in CHAPTERS
        }
        assert len(blanks) == 1

    def test_no_stray_chapter(self) -> None:
        """Each file of koans/ has its answers."""
        assert {c.page for c in CHAPTERS} == set((ROOT / "koans").glob("*.py"))

    @every_chapter
    def test_nothing_but_koans_after_the_head(self, chapter: Chapter) -> None:
        """Helpers stand before the first koan, so that each koan runs alone after them."""
        assert chapter.sheet_parts is not None
        for koan in chapter.sheet_parts[1]:
            assert len(koan.tree().body) == 1

    @every_koan
    def test_two_blank_lines_are_apart(self, koan: Koan) -> None:
        """Of two blanks that are lines, side by side, nobody could tell whose a line is."""
        lines = pattern_of(koan).text.split("\n")
        assert all(two != ("__", "__") for two in pairwise(line.strip() for line in lines))

    def test_one_name_for_each_koan(self) -> None:
        """A name says which koan is meant, in the whole path."""
        names = [koan.name for koan in KOANS]
        assert sorted(names) == sorted(set(names))

    def test_one_in_four_asks_for_code(self) -> None:
        """A path of values alone would be dull."""
        code = {blank.koan.name for blank in BLANKS if asks_for_code(blank.marker.answer)}
        assert len(code) >= len(KOANS) / 4


class TestAKoan:
    @every_koan
    def test_fits_the_screen(self, koan: Koan) -> None:
        """It is short and narrow, and its docstring asks for something."""
        pattern = pattern_of(koan)
        question, first = source.opening(pattern)
        code = pattern.text.rstrip().splitlines()[first - 1 :]
        assert len([line for line in code if line.strip()]) <= LINES
        assert max(map(len, code)) <= WIDTH
        assert question.endswith("?") or re.search(r"\bwrite\b", question, re.IGNORECASE)

    @every_koan
    def test_its_blanks_fail(self, koan: Koan) -> None:
        """As it is, it is blank, and run all the same it does not hold."""
        pattern = pattern_of(koan)
        assert judge(as_page(koan, pattern.text), SECONDS).state is State.BLANK
        head = sheet_of(koan).head.tree()
        assert trial.run((head, pattern.tree()), koan.name, "koan", SECONDS).error is not None

    @every_koan
    def test_its_screen_is_80_columns_wide(self, koan: Koan) -> None:
        """So are the screen on which it is met and the one on which it was just solved."""
        met = judge(as_page(koan, pattern_of(koan).text), SECONDS)
        solved = judge(as_page(koan, source.solve(sheet_of(koan).part.text)), SECONDS)
        run = Run(Progress([solved, met]), just_solved=[solved])
        assert max(len(line.text) for line in screen(run)) <= SCREEN_WIDTH

    @every_koan
    def test_its_answers_hold(self, koan: Koan) -> None:
        """With its answers it holds, leaves torch as it was, and is short in time."""
        outcome = run_with(sheet_of(koan), [None] * len(sheet_of(koan).markers), SECONDS)
        assert outcome.error is None
        assert outcome.leaked == ()

    @every_koan
    def test_its_solved_text_holds(self, koan: Koan) -> None:
        """What `solve` writes is a solved koan."""
        solved = as_page(koan, source.solve(sheet_of(koan).part.text))
        assert judge(solved, SECONDS).state is State.SOLVED

    @every_koan
    def test_its_question_does_not_answer(self, koan: Koan) -> None:
        """No answer stands in the docstring that is not in the code as well."""
        question, _ = source.opening(pattern_of(koan))
        for marker in sheet_of(koan).markers:
            assert not reveals(question, marker.answer, code_of(koan))

    @every_chapter
    def test_its_chapter_does_not_answer_the_first(self, chapter: Chapter) -> None:
        """The opening of a chapter is read beside its first koan."""
        first = chapter.koans[0]
        opening = ast.get_docstring(sheet_of(first).head.tree())
        assert opening
        for marker in sheet_of(first).markers:
            assert not reveals(opening, marker.answer, code_of(first))

    @every_chapter
    def test_its_chapter_says_what_it_is_good_for(self, chapter: Chapter) -> None:
        """The docstring opens the chapter, and its last paragraph is told at the end."""
        *opening, end = (ast.get_docstring(sheet_of(chapter.koans[0]).head.tree()) or "").split(
            "\n\n"
        )
        assert opening
        assert end.startswith(AT_ITS_END)
        assert len(end) <= 3 * WIDTH

    @pytest.mark.parametrize(("koan", "following"), list(pairwise(KOANS)), ids=lambda k: k.name)
    def test_its_why_does_not_answer_the_next(self, koan: Koan, following: Koan) -> None:
        """It is read beside the next koan."""
        for marker in sheet_of(following).markers:
            for why in (each.why for each in sheet_of(koan).markers):
                assert not reveals(why, marker.answer, code_of(following))


def code_of(koan: Koan) -> str:
    """Return what a learner sees of the koan's code."""
    pattern = pattern_of(koan)
    _, first = source.opening(pattern)
    return "\n".join(pattern.text.splitlines()[first - 1 :])


class TestABlank:
    @every_blank
    def test_has_what_it_needs(self, blank: Blank) -> None:
        """Misconceptions, hints and a why; an answer that fits into a line."""
        marker = blank.marker
        assert len(marker.wrong) >= 1
        assert len(set(marker.wrong.values())) >= len(marker.wrong) - 1
        assert len(marker.hints) >= 2
        assert marker.why
        assert marker.answer.lineno == marker.answer.end_lineno

    @every_blank
    def test_gives_nothing_away(self, blank: Blank) -> None:
        """Neither replies nor hints hold an answer that isn't on the page."""
        others = sheet_of(blank.koan).markers
        for text in (*blank.marker.wrong.values(), *blank.marker.hints):
            for marker in others:
                assert not reveals(text, marker.answer, code_of(blank.koan)), text

    @every_wrong_fill
    def test_a_listed_fill_is_wrong(self, blank: Blank, code: str) -> None:
        """It fails, and gets its own reply."""
        verdict = judge(filled(blank, code), SECONDS)
        assert verdict.state is State.WRONG
        judged = verdict.fills[blank.number]
        assert judged.state is FillState.WRONG
        assert judged.reply == (blank.marker.wrong[code], True)
        assert_silent(blank, verdict)

    @every_near_miss
    def test_a_near_miss_is_wrong(self, blank: Blank, code: str) -> None:
        """A small change of the answer fails, and no reply tells the answer."""
        verdict = judge(filled(blank, code), SECONDS)
        assert verdict.state is State.WRONG
        assert_silent(blank, verdict)

    @every_blank
    def test_its_misconceptions_differ(self, blank: Blank) -> None:
        """No fill meets two entries, or the answer."""
        codes = list(blank.marker.wrong)
        fills = [read_fill(code) for code in codes]
        answer = ast.unparse(blank.marker.answer)
        for number, fill in enumerate(fills):
            assert [c for c in codes if meets(fill, c)] == [codes[number]]
            assert not meets(fill, answer)


def assert_silent(blank: Blank, verdict: Verdict) -> None:
    """Check that the screen says nothing that tells the answer.

    The learner's own code and words are no secret: they are taken out.
    """
    lines = [line.text for line in about(verdict)]
    assert max(map(len, lines)) <= SCREEN_WIDTH
    own = ("          ", "    >", "      You wrote", "      Blank")
    said = "\n".join(line for line in lines if not line.startswith(own))
    for marker in sheet_of(blank.koan).markers:
        assert not reveals(said, marker.answer, code_of(blank.koan))
