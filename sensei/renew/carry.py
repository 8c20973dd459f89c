"""A learner's fills carried over to a newer path, and what it has no place for. Pure."""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sensei.koan import source
from sensei.koan.graft import ChangedError, lift
from sensei.koan.source import Part
from sensei.renew.renew import as_named, joined, parts_of

#: What a chapter of an older path has, and a learner's own file may not have.
_IMPORT = "from sensei import __"
_BLANK = re.compile(rf"\b{source.BLANK}\b")


class Why(enum.Enum):
    """Why something of a learner's is not in the newer path."""

    CHANGED = "The koan has changed. What you wrote does not fit it any more."
    ANOTHER = "It was there more than once. Another one was carried."
    OFF_THE_PATH = "It is not on the path."
    ADDED = "What is around it is written anew, without it."


class Left(NamedTuple):
    """Something of a learner's that was not carried: where it stood, and why."""

    file: Path
    line: int
    name: str
    why: Why


class Update(NamedTuple):
    """What a newer path changes in a learner's files, and what it has no place for.

    `files` maps those that change to their texts, or to None where they are no longer on the
    path; `carried` counts the koans in them that bring fills with them.
    """

    files: Mapping[Path, str | None]
    carried: int
    left: Sequence[Left]


class _Found(NamedTuple):
    """A part of a learner's file; `whole` unless it was taken out of a conflict of git's."""

    file: Path
    part: Part
    whole: bool


class _Carried(NamedTuple):
    """A part of the newer path with what a learner wrote; `found` is where that stood."""

    part: Part
    fills: Sequence[str] = ()
    found: _Found | None = None


def update(path: Mapping[Path, Sequence[Part]], pages: Mapping[Path, str]) -> Update:
    """Carry the fills in learners' files into the chapters of a newer path.

    Args:
        path: each chapter of the newer path as nobody has touched it, by its file in koans/.
        pages: the text of each file in koans/ that is called like a chapter.
    """
    there = list(dict.fromkeys(_found(path, pages)))
    patterns = {part.name: part for fresh in path.values() for part in fresh}
    past = (file for file in pages if file not in path and _IMPORT in pages[file])
    files: dict[Path, str | None] = {}
    used: list[_Carried] = []
    carried = 0
    for page, fresh in path.items():
        own_first = sorted(there, key=lambda found: found.file != page)
        renewed = [_renewed(pattern, own_first, patterns) for pattern in fresh]
        used += renewed
        text = joined(each.part for each in renewed)
        head, koans = source.split(pages.get(page, ""))
        if text != joined(part for part in (head, *koans) if part.name in patterns):
            files[page] = text
            carried += sum(bool(each.fills) for each in renewed)
    files.update(dict.fromkeys(past))
    # The top of a file that goes is of no use without its koans.
    rewritten = [it for it in there if it.file in files and (it.part.name or files[it.file])]
    return Update(files, carried, list(dict.fromkeys(_left(rewritten, patterns, used))))


def _found(path: Mapping[Path, Sequence[Part]], pages: Mapping[Path, str]) -> Iterator[_Found]:
    for file, text in pages.items():
        for side in sides(text):
            parts = parts_of(path.get(file, ()), side)
            yield from (_Found(file, part, part.text in text) for part in parts if part.text)


#: Lines of git's around a conflict, and which of its sides the lines after them are on.
_MARKS = {"<<<<<<<": (0,), "|||||||": (), "=======": (1,), ">>>>>>>": (0, 1)}


def sides(text: str) -> list[str]:
    """Return a text, or both sides of one with git's conflict marks; each line in its place."""
    if not re.search("^<{7} ", text, re.MULTILINE):
        return [text]
    lines: tuple[list[str], list[str]] = ([], [])
    sides: Sequence[int] = (0, 1)
    for line in text.split("\n"):
        is_mark = line[:7] in _MARKS
        sides = _MARKS.get(line[:7], sides)
        for number, side in enumerate(lines):
            side.append(line if number in sides and not is_mark else "")
    return ["\n".join(side) for side in lines]


def _renewed(pattern: Part, there: Iterable[_Found], patterns: Mapping[str, Part]) -> _Carried:
    """Return a part of the newer path with what a learner wrote, wherever that stood."""
    candidates = [found for found in there if found.part.name == pattern.name]
    if not candidates:
        candidates = [
            found for found in there if found.part.name not in patterns and found.part.is_python
        ]
    carried = [it for it in (_carry(pattern, found) for found in candidates) if it]
    # With notes, where there are as many fills.
    return max(
        carried,
        key=lambda it: (len(it.fills), it.part.text != pattern.text),
        default=_Carried(pattern),
    )


def _carry(pattern: Part, found: _Found) -> _Carried | None:
    """Carry a learner's part over; None where it does not fit.

    It stays as it is, but for a new docstring: then its fills go into the new text. A koan
    that is no Python yet stays, too, since a walk can tell the learner more about it.
    """
    page = as_named(pattern, found.part)
    if not page.is_python:
        return _Carried(page, (), found) if page.name and found.whole else None
    try:
        fills = lift(pattern, page)
        stays = found.whole and _docstring(page) == _docstring(pattern)
        new = page if stays else source.fill(pattern, [fill.text for fill in fills])
        held = lift(pattern, new)
    except (SyntaxError, ChangedError):
        return None
    if [fill.code for fill in held] != [fill.code for fill in fills]:
        return None
    return _Carried(new, [fill.text for fill in fills if not fill.is_blank], found)


def _docstring(part: Part) -> str | None:
    return ast.get_docstring(source.function_in(part) if part.name else part.tree())


def _left(
    there: Iterable[_Found], patterns: Mapping[str, Part], used: Sequence[_Carried]
) -> Iterator[Left]:
    """Say what of a learner's is nowhere in the newer path."""
    kept = {ast.dump(node) for each in used for node in _additions(each.part)}
    taken = {each.found for each in used}
    carried = {each.part.name: set(each.fills) for each in used if each.found}
    for found in there:
        part, pattern = found.part, patterns.get(found.part.name)
        if not part.name or found in taken:
            for node in _additions(part):
                if ast.dump(node) not in kept:
                    yield Left(found.file, node.lineno, _called(node), Why.ADDED)
        elif _is_blank(part, pattern):
            continue
        elif pattern is None:
            yield Left(found.file, part.line, part.name, Why.OFF_THE_PATH)
        elif part.name not in carried:
            yield Left(found.file, part.line, part.name, Why.CHANGED)
        else:
            other = _carry(pattern, found)
            if other is None or not carried[part.name].issuperset(other.fills):
                yield Left(found.file, part.line, part.name, Why.ANOTHER)


def _is_blank(part: Part, pattern: Part | None) -> bool:
    """Whether nothing was filled in, as far as that can be told of an older koan."""
    blanks = len(_BLANK.findall(part.text))
    return blanks >= (len(_BLANK.findall(pattern.text)) if pattern else 1)


def _additions(part: Part) -> list[ast.stmt]:
    """Return what stands in a part besides text and koans."""
    body = part.tree().body if part.is_python else []
    return [node for node in body if not (_is_text(node) or _called(node).startswith("test_"))]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _called(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    return ast.unparse(node).split("\n")[0]
