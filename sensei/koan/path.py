"""The path: chapters and koans in their order, read from the files without importing them."""

from __future__ import annotations

import ast
import codecs
import errno
import hashlib
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from sensei.koan import source
from sensei.koan.beside import change_beside, head_of, in_blanks
from sensei.koan.conflict import conflict_line
from sensei.koan.graft import ChangedError, Fill, fits, lift
from sensei.koan.replies import chapters_in
from sensei.koan.route import WHOLE, Route
from sensei.koan.slips import slip_in, why_unfit
from sensei.koan.source import Marker, Notes, Part
from sensei.koan.trouble import Problem, Trouble
from sensei.reading import decoded, read_bytes, stray_in, why

_CHAPTER = re.compile(r"test_(\d+)_(\w+)\.py")
_IMPORT = re.compile(rf"^from sensei import {source.BLANK}\b.*$", re.MULTILINE)
#: What keeps a koan from looking filled.
_OPEN = re.compile(rf"\b{source.BLANK}\b|{re.escape(source.LATER)}")


_NO_NOTES = Notes([], "", {})


def read_text(file: Path) -> str | Problem:
    """Return a chapter's text with plain line ends and no byte order mark.

    What is no UTF-8 stays in it, and is a problem of the koan where it stands.
    """
    try:
        data = read_bytes(file)
    except FileNotFoundError:
        return Problem(Trouble.DEAD_LINK if file.is_symlink() else Trouble.NO_FILE)
    except OSError as error:
        is_loop = error.errno == errno.ELOOP
        return Problem(Trouble.DEAD_LINK if is_loop else Trouble.UNREADABLE, detail=why(error))
    return text_of(data)


def text_of(data: bytes) -> str | Problem:
    """Return the text of a chapter's file, or why there is none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Problem(Trouble.UTF16)
    return decoded(data).replace("\r\n", "\n").replace("\r", "\n")


class Sheet(NamedTuple):
    """A koan in answers/: the part with its markers, and all that is derived from it.

    `head` is the head of the answered chapter, `pattern` the koan as it stands in a fresh
    file, its lines counted from 1. In a course that keeps its answers, `stand_ins` are fills
    that do in their place.
    """

    head: Part
    part: Part
    pattern: Part
    markers: Sequence[Marker]
    stand_ins: Sequence[Fill] = ()

    @property
    def is_closed(self) -> bool:
        """Whether the answer of one of its blanks is not there."""
        return any(marker.is_closed for marker in self.markers)

    @property
    def notes(self) -> Notes | None:
        """What the koan's last marker says of the koan."""
        return self.markers[-1].notes if self.markers else None

    @property
    def hints(self) -> Sequence[str]:
        """What helps with the koan, one step after the other."""
        return self.notes.hints if self.notes else ()

    @property
    def why(self) -> str:
        """What there is to say of a solved koan."""
        return self.notes.why if self.notes else ""


@dataclass(frozen=True)
class Chapter:
    """One ordered file: `page` is the learner's, `sheet` the answered one, if it is there.

    In a course that keeps its answers, `sheet` is the file of replies, and `closed` is what
    that has of this chapter. `route` says which of its koans are on the path.
    """

    page: Path
    sheet: Path | None
    closed: str | None = None
    route: Route = WHOLE

    @property
    def nodeid(self) -> str:
        """pytest's name for the learner's file, which is its name on a screen, too."""
        return (Path(self.page.parent.name) / self.page.name).as_posix()

    @property
    def number(self) -> int:
        """The chapter's number, from its file's name."""
        return int(_name_parts(self.page)[0])

    @property
    def title(self) -> str:
        """The chapter's name in words."""
        return _name_parts(self.page)[1].replace("_", " ")

    @cached_property
    def page_parts(self) -> tuple[Part, list[Part]] | Problem:
        """The learner's head and koans, or why there are none to be had."""
        text = read_text(self.page)
        if isinstance(text, Problem):
            return text
        return source.split(text) if text.strip() else Problem(Trouble.EMPTY)

    @cached_property
    def conflict(self) -> Problem | None:
        """What git left between two versions of the learner's file."""
        if isinstance(self.page_parts, Problem):
            return None
        head, koans = self.page_parts
        line = conflict_line("".join(part.text for part in (head, *koans)))
        return Problem(Trouble.CONFLICT, line) if line else None

    @property
    def answered_text(self) -> str | Problem | None:
        """The answered text, or why it cannot be read, or None where there is none."""
        if self.closed is not None:
            return self.closed
        return read_text(self.sheet) if self.sheet else None

    @cached_property
    def sheet_parts(self) -> tuple[Part, list[Part]] | None:
        """The answered head and koans, or None where there is no answer sheet to read."""
        text = self.answered_text
        parts = source.split(text) if isinstance(text, str) else None
        return parts if parts and parts[1] else None

    @cached_property
    def sheet_head(self) -> Part | None:
        """The head that belongs there, or None where nobody knows."""
        head = self.sheet_parts[0] if self.sheet_parts else None
        return head if head and head.is_python else None

    @cached_property
    def head(self) -> Part | None:
        """The learner's head."""
        return None if isinstance(self.page_parts, Problem) else self.page_parts[0]

    @cached_property
    def head_problem(self) -> Problem | None:
        """What keeps the whole chapter from being read."""
        if isinstance(self.page_parts, Problem):
            return self.page_parts
        head, koans = self.page_parts
        if self.conflict and _reaches(head, self.conflict):
            return self.conflict
        has_blanks = any(source.has_blank(koan.text) for koan in koans)
        wanted = self.sheet_head or head
        try:
            lift(wanted if has_blanks else _without_the_blank(wanted), head)
        except SyntaxError as error:
            return _syntax_problem(error, head, self.sheet_head.text if self.sheet_head else "")
        except ChangedError as change:
            assert self.sheet_head is not None
            missing = self.sheet_head.text.splitlines()[change.missing.lineno - 1]
            return Problem(Trouble.HEAD_CHANGED, change.line, missing=missing.strip())
        return None

    @cached_property
    def koans(self) -> list[Koan]:
        """The chapter's koans that are on the path, in order."""
        return [koan for koan in self.all_koans if koan.is_core or not self.route.is_core]

    @cached_property
    def all_koans(self) -> list[Koan]:
        """The chapter's koans in order: those of the answer sheet, or else the learner's."""
        pages = [] if isinstance(self.page_parts, Problem) else self.page_parts[1]
        answered = self.sheet_parts[1] if self.sheet_parts else None
        names = dict.fromkeys(part.name for part in (pages if answered is None else answered))
        answers = {part.name: part for part in answered or ()}
        # A chapter that cannot be read stays on the path all the same.
        return [
            Koan(self, name, tuple(p for p in pages if p.name == name), answers.get(name))
            for name in names or [self.page.stem]
        ]


def _without_the_blank(head: Part) -> Part:
    """Return a head without the line that imports the blank, which editors tidy away."""
    return head._replace(text=_IMPORT.sub("", head.text))


def _name_parts(page: Path) -> tuple[str, str]:
    match = _CHAPTER.fullmatch(page.name)
    assert match is not None
    return match[1], match[2]


@dataclass(frozen=True)
class Koan:
    """One koan of the path.

    `pages` is the koan as it stands in the learner's file, once for each time; `answered`
    is its part in answers/, if there is one.
    """

    chapter: Chapter
    name: str
    pages: tuple[Part, ...]
    answered: Part | None

    @property
    def page(self) -> Part | None:
        """The koan as it stands in the learner's file."""
        return self.pages[0] if self.pages else None

    @property
    def nodeid(self) -> str:
        """pytest's name for the koan."""
        return f"{self.chapter.nodeid}::{self.name}"

    @cached_property
    def key(self) -> str:
        """What the koan is known by, whatever it is called and however it asks."""
        if self.sheet is None:
            return self.name
        function = source.function_in(self.sheet.pattern)
        asks = ast.get_docstring(function) is not None
        return _digest(*map(source.dumped, function.body[asks:]))

    @cached_property
    def digest(self) -> str:
        """What changes with every text that the koan rests on."""
        sheet_head = self.chapter.sheet_parts[0] if self.chapter.sheet_parts else None
        parts = (self.chapter.head, *self.pages, sheet_head, self.answered)
        return _digest(*(repr(part and (part.name, part.text)) for part in parts))

    @property
    def uses_torch(self) -> bool:
        """Whether torch or numpy is named anywhere in it, by the learner or in answers/."""
        parts = (self.chapter.head, *self.pages, self.chapter.sheet_head, self.answered)
        return any(re.search(r"\b(torch|np|numpy)\b", part.text) for part in parts if part)

    @cached_property
    def sheet(self) -> Sheet | None:
        """The answered koan, or None where there is none that can be read."""
        head, part = self.chapter.sheet_head, self.answered
        if head is None or part is None:
            return None
        try:
            pattern = Part(self.name, 1, source.blank(part.text))
            return Sheet(head, part, pattern, source.markers_in(part.tree()))
        except (SyntaxError, ValueError):
            return None

    @cached_property
    def fills(self) -> list[Fill]:
        """What stands in each blank of a koan that has no problem.

        Without an answer sheet only what is still open can be told apart, and is given.
        """
        assert self.page is not None
        if self.sheet:
            return lift(self.sheet.pattern, self.page)
        tree = self.page.tree()
        return [
            *(Fill(node.lineno, source.BLANK, (node,)) for node in source.blanks_in(tree)),
            *(Fill(node.lineno, source.LATER, (node,)) for node in source.passes_in(tree)),
        ]

    @property
    def part(self) -> str:
        """The functions in it that the learner completed, where they are a part of a whole."""
        if self.sheet is None or self.page is None or not (self.sheet.notes or _NO_NOTES).part:
            return ""
        wanted = {
            node.name
            for node in source.function_in(self.sheet.pattern).body
            if isinstance(node, ast.FunctionDef) and source.blanks_in(node)
        }
        lines = self.page.text.split("\n")
        return "\n\n".join(
            textwrap.dedent(
                "\n".join(lines[n.lineno - self.page.line : n.end_lineno - self.page.line + 1])
            )
            for n in source.function_in(self.page).body
            if isinstance(n, ast.FunctionDef) and n.name in wanted and n.end_lineno
        )

    @property
    def looks_filled(self) -> bool:
        """Whether no blank of it is left, as far as a glance at its text tells."""
        return bool(self.pages) and not any(_OPEN.search(part.text) for part in self.pages)

    @cached_property
    def problem(self) -> Problem | None:
        """What is wrong with the koan besides its fills, as far as reading can tell."""
        conflict = self.chapter.conflict
        # What ends before the first mark is one version only.
        if conflict and not (self.page and not _reaches(self.pages[-1], conflict)):
            return conflict
        if self.page is None and (lost := self._without_its_first_line()):
            return lost
        if self.chapter.head_problem:
            return self.chapter.head_problem
        if self.page is None:
            return self._missing()
        if len(self.pages) > 1:
            return Problem(Trouble.TWICE, self.pages[1].line, detail=str(self.page.line))
        try:
            self.fills  # noqa: B018 - reading them is the test
        except SyntaxError as error:
            return _syntax_problem(
                error, self.page, self.sheet.pattern.text if self.sheet else ""
            )
        except ChangedError as change:
            assert self.sheet is not None
            return _changed(self.sheet.pattern, change)
        return None

    @property
    def is_core(self) -> bool:
        """Whether it is on the route core."""
        is_marked = self.answered is not None and "core=" in self.answered.text
        return is_marked and bool(self.sheet and self.sheet.notes and self.sheet.notes.core)

    @property
    def has_numbers(self) -> bool:
        """Whether it can be asked with other numbers."""
        is_marked = self.answered is not None and "numbers=" in self.answered.text
        return is_marked and bool(self.sheet and self.sheet.notes and self.sheet.notes.numbers)

    @property
    def swallows_the_next(self) -> bool:
        """Whether the line that begins the next koan is gone, so that this one goes on."""
        koans = self.chapter.all_koans
        following = [koan.name for koan in koans].index(self.name) + 1
        return following < len(koans) and koans[following].page is None

    def _without_its_first_line(self) -> Problem | None:
        """Say so where only the line that begins the koan is not there."""
        if self.sheet is None or isinstance(self.chapter.page_parts, Problem):
            return None
        head, koans = self.chapter.page_parts
        lines = self.sheet.pattern.text.splitlines()
        first = next(n for n, line in enumerate(lines) if line.startswith("def "))
        begin = "\n".join(lines[first + 1 : first + 3])
        for part in (head, *koans):
            if (
                part.name in {"", *(k.name for k in self.chapter.all_koans)}
                and begin in part.text
            ):
                line = part.line + part.text[: part.text.index(begin)].count("\n")
                return Problem(Trouble.HEADLESS, line, missing="\n".join(lines[: first + 1]))
        return None

    def _missing(self) -> Problem:
        """Say where the koan is, under a name that no koan has, or else that it is gone."""
        parts = self.chapter.page_parts
        if self.sheet is None or isinstance(parts, Problem):
            return Problem(Trouble.GONE)
        pattern, known = self.sheet.pattern, {koan.name for koan in self.chapter.all_koans}
        for part in parts[1]:
            if part.name not in known and fits(pattern, part.renamed(self.name)):
                return Problem(Trouble.RENAMED, part.line, detail=part.name)
        return Problem(Trouble.GONE, missing=pattern.text.rstrip())


def _reaches(part: Part, problem: Problem) -> bool:
    """Whether a part goes on to the line of a problem."""
    return part.line + part.text.count("\n") > (problem.line or 0)


def _digest(*texts: str) -> str:
    return hashlib.sha1("\0".join(texts).encode(), usedforsecurity=False).hexdigest()


def _changed(pattern: Part, change: ChangedError) -> Problem:
    """Say what was changed beyond the blanks, and between which lines it stood."""
    lines = pattern.text.rstrip().split("\n")
    gone = change.missing.lineno - 1
    detail = "The line marked > below is gone or reads otherwise."
    if change.there:
        head, there = head_of(change.missing), head_of(change.there)
        if fills := in_blanks(head, there):
            detail = why_unfit(fills, pattern.text)
            return Problem(Trouble.UNFIT, change.line, detail, missing=lines[gone].strip())
        if changed := change_beside(head, there):
            detail = f"In line {change.line} {changed.told}. The line marked > is how it was."
    around = range(max(1, gone - 1), min(gone + 2, len(lines))) if gone else range(1)
    shown = textwrap.dedent("\n".join(lines[n] for n in around)).split("\n")
    marked = (
        f"{'>' if n == gone else ' '} {line}" for n, line in zip(around, shown, strict=True)
    )
    return Problem(Trouble.CHANGED, change.line, detail, missing="\n".join(marked))


def _syntax_problem(error: SyntaxError, page: Part, pattern: str = "") -> Problem:
    """Say what keeps a line from being Python, in Python's words where nobody knows better."""
    if stray := stray_in(page.text):
        return Problem(Trouble.NOT_UTF8, page.line + stray.line - 1, stray.told)
    lines = page.text.splitlines()
    here = (error.lineno or page.line) - page.line
    slip = slip_in(lines, here, pattern) if 0 <= here < len(lines) else ""
    what, detail = (Trouble.SLIP, slip) if slip else (Trouble.SYNTAX, error.msg)
    return Problem(what, error.lineno, detail, error.offset or None)


def read_path(koans: Path, answers: Path) -> list[Chapter]:
    """Return the chapters in order: those that are answered, or else the learner's own.

    `koans` and `answers` are folders; either may be missing, or closed to who asks. In place
    of the answers may be a course's file of replies.
    """
    if answers.suffix:
        closed = _closed_chapters(answers)
        sheets = dict.fromkeys(closed, answers)
    else:
        closed = {}
        sheets = {name: answers / name for name in _chapter_files(answers)}
    return [
        Chapter(koans / name, sheets.get(name), closed.get(name))
        for name in sorted(
            sheets or _chapter_files(koans), key=lambda name: (int(name.split("_")[1]), name)
        )
    ]


def _closed_chapters(replies: Path) -> dict[str, str]:
    """Return the chapters of a file of replies by the names of their files."""
    try:
        stat = replies.stat()
    except OSError:
        return {}
    return _read_closed(replies, stat.st_mtime_ns, stat.st_size)


@cache
def _read_closed(replies: Path, *_: int) -> dict[str, str]:
    text = read_text(replies)
    chapters = chapters_in(text) if isinstance(text, str) else {}
    return {name: text for name, text in chapters.items() if _CHAPTER.fullmatch(name)}


def beside_path(koans: Path, chapters: Sequence[Chapter]) -> list[Path]:
    """Return the test files in a folder that are no chapters of the path."""
    pages = {chapter.page.name for chapter in chapters}
    try:
        return sorted(file for file in koans.glob("test_*.py") if file.name not in pages)
    except OSError:
        return []  # nobody may look into it


def _chapter_files(folder: Path) -> list[str]:
    """Return the names of files in a folder that are called like chapters."""
    try:
        return [file.name for file in folder.glob("test_*.py") if is_chapter(file)]
    except OSError:
        return []  # nobody may look into it


def is_chapter(file: Path) -> bool:
    """Whether a file is called like a chapter."""
    return _CHAPTER.fullmatch(file.name) is not None
