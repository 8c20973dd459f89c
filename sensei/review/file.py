"""The file of a review: koans of several chapters, blank again, some with other numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sensei.koan import source
from sensei.koan.path import Chapter, Koan, read_text
from sensei.koan.source import Part
from sensei.koan.trouble import Problem, Trouble

#: The folder of reviews, beside koans/.
FOLDER = "review"
_FILE = re.compile(r"(\d{4}-\d\d-\d\d)(?:-(\d+))?\.py")
#: What stands before the names of the koans in a review's docstring.
_ASKS = "Asked again:"
_HEAD = '''"""Koans that you have solved, on {day}. Some have other numbers than before.

Predict, save, and run: pytest --review
Nothing in koans/ is changed by it.

{asks}
{names}
"""
'''


@dataclass(frozen=True)
class Again(Chapter):
    """One koan that is asked again, with the head of its chapter in answers/ around it.

    `page` is the file of the review, which has other koans, too. The head of that file is
    there to be read: it does not run.
    """

    koan: Koan = field(kw_only=True)

    @classmethod
    def of(cls, koan: Koan, page: Path) -> Again:
        """Return a koan of the path as a review asks it."""
        chapter = koan.chapter
        return cls(page, chapter.sheet, chapter.closed, koan=koan)

    @property
    def number(self) -> int:
        """The number of the koan's own chapter."""
        return self.koan.chapter.number

    @property
    def title(self) -> str:
        """The title of the koan's own chapter."""
        return self.koan.chapter.title

    @cached_property
    def sheet_parts(self) -> tuple[Part, list[Part]] | None:
        """The answered head and the koan, with its second numbers if it has such."""
        parts = self.koan.chapter.sheet_parts
        if parts is None or self.koan.answered is None:
            return None
        return parts[0], [second_text(self.koan.answered)]

    @cached_property
    def page_parts(self) -> tuple[Part, list[Part]] | Problem:
        """The answered head, and what stands in the review's file."""
        text = read_text(self.page)
        if isinstance(text, Problem):
            return text
        if self.sheet_parts is None or not text.strip():
            return Problem(Trouble.EMPTY)
        return self.sheet_parts[0], source.split(text)[1]


def second_text(answered: Part) -> Part:
    """Return an answered koan with its second set of numbers, or as it is."""
    try:
        return source.second(answered) or answered
    except (SyntaxError, ValueError):
        return answered  # an author is told of it


def latest(folder: Path) -> Path | None:
    """Return the file of the newest review, if there is one."""
    try:
        found = [file for file in folder.iterdir() if _FILE.fullmatch(file.name)]
    except OSError:
        return None
    return max(found, key=_order, default=None)


def _order(file: Path) -> tuple[str, int]:
    match = _FILE.fullmatch(file.name)
    assert match is not None
    return match[1], int(match[2] or 1)


def new_file(folder: Path, day: dt.date) -> Path:
    """Return a file for a review of a day; no other one is written over."""
    number = 1
    while (file := folder / f"{day}{f'-{number}' if number > 1 else ''}.py").exists():
        number += 1
    return file


def asked_in(file: Path, koans: Iterable[Koan]) -> list[Again]:
    """Return the koans that a review asks, in its order; `koans` are those of the path."""
    there = {koan.name: koan for koan in koans if koan.sheet}
    text = read_text(file)
    if isinstance(text, Problem):
        return []
    head, parts = source.split(text)
    names = _names_in(head) or [part.name for part in parts]
    return [Again.of(there[name], file) for name in names if name in there]


def _names_in(head: Part) -> Sequence[str]:
    """Return the names that a review's docstring has, if that is still as it was."""
    _, _, names = head.text.partition(_ASKS)
    return re.findall(r"^test_\w+$", names.partition('"""')[0], re.MULTILINE)


def review_text(koans: Sequence[Koan], day: dt.date) -> str:
    """Return the text of a review.

    Args:
        koans: what it asks; each has an answer sheet.
        day: when.
    """
    names = "\n".join(koan.name for koan in koans)
    blanked = []
    for koan in koans:
        assert koan.answered is not None
        blanked.append(source.blank(second_text(koan.answered).text).strip("\n"))
    head = _HEAD.format(day=day, asks=_ASKS, names=names)
    return "\n\n\n".join([f"{head}\n{_around(koans)}".rstrip(), *blanked]) + "\n"


def _around(koans: Iterable[Koan]) -> str:
    """Return what koans use of their chapters' heads: imports and helpers, each thing once."""
    imports: dict[str, None] = {}
    others: dict[str, None] = {}
    for koan in koans:
        assert koan.chapter.sheet_head is not None
        assert koan.answered is not None
        used = source.used_of(koan.chapter.sheet_head, koan.answered.text)
        imports.update(dict.fromkeys(used[0]))
        others.update(dict.fromkeys(used[1]))
    own = sorted(imports, key=lambda line: (line.startswith("from"), line))
    first = "\n".join([*own, "", f"from sensei import {source.BLANK}"])
    return "\n\n\n".join([first, *others])
