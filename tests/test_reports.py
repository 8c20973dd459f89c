"""The reports of a class: what others wrote stays text in each, and each is whole."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sensei.grading import report
from sensei.grading.grades import ChapterOf, Grades, MarkedFill, Tried
from sensei.grading.merge import merge
from sensei.grading.page import block, page_data
from sensei.grading.report import (
    from_result,
    grades_csv,
    report_lines,
    to_result,
    write_reports,
)
from sensei.grading.safe import folders, visible
from tests.a_class import CHAPTERS, RIGHT, WRONG, a_class, learner

NASTY = (
    "../x",
    "..\\x",
    "CON",
    "con.txt",
    "COM1 .log",
    "=cmd()",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\N{FULLWIDTH EQUALS SIGN}1",
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "{{ 7 * 7 }}{% raw %}",
    'say "hi", she said',
    "two\nlines",
    "",
    ".",
    "..",
    ".hidden",
    "dot. ",
    "a" * 5000,
    "\N{PILE OF POO}" * 200,
    "\x1b[31mred\x07",
    "\N{RIGHT-TO-LEFT OVERRIDE}cba",
    "\udcff\udcfe",
    "line\u2028separator",
    "Zoë Müller",
    "山田 太郎",
)

TITLES = ("00 blanks", "01 first gradient")


def table(grades: Grades, *, partial: bool = False) -> list[list[str]]:
    """Return grades.csv as a spreadsheet reads it."""
    text = grades_csv(grades, partial=partial).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def text_of(grades: Grades, *, partial: bool = False) -> str:
    """Return the first learner's report."""
    lines = report_lines(grades, grades.learners[0], partial=partial)
    return "\n".join(line.text for line in lines)


class Page(HTMLParser):
    """A page: the names of its elements, what it lets run, and its block of JSON."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.policy = self._inside = self.json = ""
        self.feed(text)
        self.data: dict[str, Any] = json.loads(self.json)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what there is."""
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes += found
        self._inside = found.get("id") or ""
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"] or ""

    def handle_data(self, data: str) -> None:
        """Keep the block."""
        if self._inside == "data":
            self.json += data

    def handle_endtag(self, tag: str) -> None:
        """Leave the block."""
        self._inside = "" if tag == "script" else self._inside


class TestTable:
    def test_what_it_holds(self) -> None:
        """A line for each learner, and a column for each chapter."""
        assert table(a_class(learner("Ada"), learner("Bo", "sssss"))) == [
            ["learner", "solved", "total", "points", *TITLES, "current koan", "flags"],
            ["Ada", "2", "5", "2", "2", "0", "test_three", ""],
            ["Bo", "5", "5", "5", "2", "3", "", ""],
        ]

    def test_weights(self) -> None:
        """A chapter may count more or less."""
        chapters = (CHAPTERS[0], ChapterOf(1, "first gradient", CHAPTERS[1].koans, 0.5))
        assert table(a_class(learner("Ada", "sssbb"), chapters=chapters))[1][3] == "2.5"

    def test_it_begins_as_excel_wants_it(self) -> None:
        """Without a byte order mark it would show other letters."""
        assert grades_csv(a_class(learner("Zoë"))).startswith(b"\xef\xbb\xbflearner,")

    @pytest.mark.parametrize("name", NASTY)
    def test_no_cell_is_a_formula(self, name: str) -> None:
        """A name is text, and the same one but for the mark that makes it text."""
        row = table(a_class(learner(name)))[1]
        assert not row[0].startswith(tuple("=+-@\t\r"))
        assert row[0].removeprefix("'") == name.encode(errors="backslashreplace").decode()
        assert len(row) == 8

    def test_flags(self) -> None:
        """What to look at, and that it is partial, in single words."""
        grades = a_class(learner("Ada", "ntsbb", notes=("A note.",)))
        assert table(grades, partial=True)[1][-1] == "not-marked limit notes partial"


class TestFolders:
    def test_they_are_safe(self) -> None:
        """None leads elsewhere, is kept by Windows, is hidden, too long, or another's."""
        found = folders(NASTY)
        assert len({unicodedata.normalize("NFKC", each).casefold() for each in found}) == len(
            NASTY
        )
        for each in found:
            assert 0 < len(each) <= 80
            assert len(each.encode()) <= 255
            assert each.isprintable()
            assert not re.search(r'[<>:"/\\|?*]', each)
            assert not each.startswith((".", " "))
            assert not each.endswith((".", " "))
            assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)\s*(\..*)?", each)

    def test_those_that_can_stay_do(self) -> None:
        """Also beside one that comes to the same."""
        assert folders(["a/b", "a_b", "Zoë", "山田 太郎"]) == [
            "a_b-2",
            "a_b",
            "Zoë",
            "山田 太郎",
        ]

    def test_none_is_anothers(self) -> None:
        """Some systems take capitals, and letters put together, for the same."""
        names = [
            "ada",
            "Ada",
            "ADA",
            "Zoë",
            "Zoe\N{COMBINING DIAERESIS}",
            "ada",
            "a" * 90,
            "a" * 99,
        ]
        found = folders(names)
        assert len({each.casefold() for each in found}) == len(names)
        assert max(map(len, found)) <= 80

    def test_they_can_be_made(self, tmp_path: Path) -> None:
        """Each is a folder of its own, and all reports are in it."""
        written = write_reports(tmp_path / "out", a_class(*map(learner, NASTY)))
        assert all(file.is_file() for file in written)
        assert len(list((tmp_path / "out" / "results").iterdir())) == len(NASTY)
        assert {file.name for file in tmp_path.iterdir()} == {"out"}


class TestResult:
    def test_it_can_be_read_again(self) -> None:
        """A program has all that was marked."""
        tried = Tried("test_one", "5", "No.", is_known=False)
        grades = a_class(
            learner("<Ada>\udcff", "swntm", notes=("Note.",))._replace(tried=(tried,))
        )
        data = json.loads(to_result(grades, grades.learners[0]))
        assert from_result(data) == grades._replace(
            chapters=list(CHAPTERS), learners=list(grades.learners)
        )
        assert data["koans"][2]["state"] == "not marked"
        assert data["points"] == 1
        assert data["current"] == "test_two"


class TestText:
    def test_where_the_learner_stands(self) -> None:
        """The counts, the map, and each open koan with a fill."""
        fills = (RIGHT, WRONG, MarkedFill("open('x')", is_right=None))
        text = text_of(a_class(learner("Ada", fills=fills, notes=("There is a note.",))))
        assert "2 of 5 koans\n" in text
        assert "0/3   test_three" in text
        for line in (
            "  test_three: wrong",
            "      9.0",
            "          6 is y itself.",
            "There is a note.",
        ):
            assert f"\n{line}\n" in text
        assert "(right)" in text
        assert "(not judged)" in text
        assert "test_four" not in text

    def test_blanks(self) -> None:
        """A koan is listed once something is written into it, and then with what is blank."""
        fills = (MarkedFill("__", is_right=None), MarkedFill("2.0", is_right=None))
        text = text_of(a_class(learner("Ada", "ssnnb", fills=fills)))
        assert "      __\n      2.0\n          (not judged)\n" in text
        text = text_of(a_class(learner("Ada", "ssnnb", fills=fills[:1])))
        assert "__" not in text

    def test_points_where_they_differ(self) -> None:
        """Where all chapters count the same, points would say the same as koans."""
        chapters = (CHAPTERS[0], ChapterOf(1, "first gradient", CHAPTERS[1].koans, 2))
        assert "2 of 5 koans, 2 of 8 points" in text_of(
            a_class(learner("Ada"), chapters=chapters)
        )

    def test_what_is_changed(self) -> None:
        """Also of a solved koan."""
        ada = learner("Ada", "sssss")
        changed = ada.koans[0]._replace(note="A line was added.")
        text = text_of(a_class(ada._replace(koans=(changed, *ada.koans[1:]))))
        assert "Changed beside the blanks\n\n  test_one\n      A line was added." in text

    @pytest.mark.parametrize("nasty", NASTY)
    def test_it_does_nothing_to_a_terminal(self, nasty: str) -> None:
        """Neither a name nor a fill nor a note."""
        fill = MarkedFill(nasty, is_right=False, said=nasty)
        text = text_of(a_class(learner(nasty, fills=(fill,), notes=(nasty,), trouble=nasty)))
        assert all(line == visible(line) for line in text.split("\n"))
        assert max(map(len, text.split("\n"))) <= 206


class TestPage:
    @pytest.mark.parametrize("nasty", NASTY)
    def test_nothing_is_an_element(self, tmp_path: Path, nasty: str) -> None:
        """Whatever others wrote, the page has the elements that it has without."""
        fill = MarkedFill(nasty, is_right=False, said=nasty)
        plain = a_class(learner("Ada"))
        tried = (Tried("test_two", nasty, nasty, is_known=True),)
        other = learner(nasty, fills=(fill,), notes=(nasty,), trouble=nasty)
        pages = []
        for number, grades in enumerate((plain, a_class(other._replace(tried=tried)))):
            write_reports(tmp_path / str(number), grades)
            pages.append(Page((tmp_path / str(number) / "class.html").read_text("utf-8")))
        assert pages[0].tags == pages[1].tags
        assert pages[0].policy == pages[1].policy
        assert visible(nasty).startswith(pages[1].data["learners"][0]["name"][:100])

    def test_what_it_lets_run(self, tmp_path: Path) -> None:
        """Its own style and script, nothing of the network, and no handler in an element."""
        write_reports(tmp_path, a_class(learner("Ada")))
        text = (tmp_path / "class.html").read_text("utf-8")
        page = Page(text)
        assert page.policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in page.policy
        assert not [
            name for name in page.attributes if name.startswith("on") or name == "style"
        ]
        assert not {"src", "srcset"} & set(page.attributes)
        assert "http://" not in text
        assert "https://" not in text
        assert "innerHTML" not in text

    def test_the_block(self) -> None:
        """Nothing in it ends it, and it reads as it was."""
        data = ["</script>", "<!--", "&amp;", "\u2028\u2029", "\ud800"]
        text = block(data)
        assert not set("<>&\u2028\u2029") & set(text)
        assert json.loads(text) == data

    def test_where_the_class_stands_still(self) -> None:
        """How many are at a koan, and how many solved it; who is unreadable is at none."""
        grades = a_class(
            learner("Ada", "sswbb"),
            learner("Bo", "sssss"),
            learner("Cy", "ssbbb"),
            learner("Di", "bbbbb"),
            learner("Ed", "mmmmm", trouble="No zip file."),
        )
        assert page_data(grades, "abcde")["still"] == [[2, 2, 1], [0, 1, 3]]

    def test_common_wrong_fills(self) -> None:
        """Each learner counts once for a fill, whether it is there now or was tried."""
        tried = (
            Tried("test_three", " 6.0 ", "6 is y itself.", is_known=True),
            Tried("test_one", "5", "", is_known=False),
            Tried("test_gone", "5", "", is_known=False),
        )
        grades = a_class(
            learner("Ada")._replace(tried=tried), learner("Bo"), learner("Cy", "sssss")
        )
        assert page_data(grades, "abc")["wrong"] == [
            [2, 2, "6.0", "6 is y itself.", True],
            [0, 1, "5", "", False],
        ]

    def test_marks_are_letters(self) -> None:
        """A capital says that there is a note; a koan that is not there is missing."""
        ada = learner("Ada", "swbcm")
        koans = (ada.koans[0]._replace(note="A line was added."), *ada.koans[1:4])
        (shown,) = page_data(a_class(ada._replace(koans=koans)), ["a"])["learners"]
        assert shown["marks"] == "Swbcm"


class TestWriting:
    def test_partial(self, tmp_path: Path) -> None:
        """Each report says so."""
        said = {".csv": "partial", ".json": '"partial": true'}
        for partial in (True, False):
            for file in write_reports(tmp_path, a_class(learner("Ada")), partial):
                text = file.read_text("utf-8")
                assert (said.get(file.suffix, report.PARTIAL) in text) == partial

    def test_without_jinja(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """The page is not written, and how to have it is said; the rest is there."""
        monkeypatch.setitem(sys.modules, "jinja2", None)
        written = write_reports(tmp_path, a_class(learner("Ada")))
        assert [file.name for file in written] == ["grades.csv", "result.json", "report.txt"]
        assert "pip install jinja2" in capsys.readouterr().out
        assert not (tmp_path / "class.html").exists()

    def test_a_class_of_nobody(self, tmp_path: Path) -> None:
        """Has a table and a page."""
        names = [file.name for file in write_reports(tmp_path, a_class(chapters=()))]
        assert names == ["grades.csv", "class.html"]

    def test_a_report_that_cannot_be_written(self, tmp_path: Path) -> None:
        """It stays as it was."""
        (tmp_path / "results" / "Ada" / "result.json").mkdir(parents=True)
        with pytest.raises(OSError, match="directory"):
            write_reports(tmp_path, a_class(learner("Ada")))
        assert [file.name for file in (tmp_path / "results" / "Ada").iterdir()] == [
            "result.json"
        ]

    def test_every_mark_has_words(self) -> None:
        """In reports and on the page."""
        assert set(report.IN_WORDS) == set(type(next(iter(report.IN_WORDS))))


class TestMerge:
    def test_parts(self, tmp_path: Path) -> None:
        """The class as if it had been marked at once; equal names are told apart."""
        parts = [tmp_path / "one", tmp_path / "two"]
        write_reports(parts[0], a_class(learner("kim"), learner("ada")))
        write_reports(parts[1], a_class(learner("kim", "sssss"), learner("zoe")))
        assert merge(tmp_path / "all", parts) == 0
        table = (tmp_path / "all" / "grades.csv").read_text("utf-8-sig")
        rows = [(row["learner"], row["solved"]) for row in csv.DictReader(io.StringIO(table))]
        assert rows == [("ada", "2"), ("kim", "2"), ("kim (2)", "5"), ("zoe", "2")]
        result = tmp_path / "all" / "results" / "zoe" / "result.json"
        assert result.read_bytes() == (parts[1] / "results/zoe/result.json").read_bytes()

    def test_what_is_partial_stays_so(self, tmp_path: Path) -> None:
        """One part is enough."""
        write_reports(tmp_path / "one", a_class(learner("ada")))
        write_reports(tmp_path / "two", a_class(learner("kim")), partial=True)
        assert merge(tmp_path / "all", [tmp_path / "one", tmp_path / "two"]) == 0
        assert "partial" in (tmp_path / "all" / "grades.csv").read_text("utf-8-sig")

    def test_what_is_no_part(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A sentence says what is wrong, and nothing is written."""
        one, two = tmp_path / "one", tmp_path / "two"
        write_reports(one, a_class(learner("ada")))
        two.mkdir()
        assert merge(tmp_path / "all", [one, two]) == 2
        write_reports(two, a_class(learner("kim"))._replace(path="0.9.0"))
        assert merge(tmp_path / "all", [one, two]) == 2
        (two / "results" / "kim" / "result.json").write_text("{}")
        assert merge(tmp_path / "all", [one, two]) == 2
        assert merge(one, [one]) == 2
        assert not (tmp_path / "all").exists()
        told = "".join(capsys.readouterr())
        for sentence in (
            "No results are in",
            "was marked by another path",
            "cannot be read: KeyError",
            "is one of the parts",
        ):
            assert sentence in told
