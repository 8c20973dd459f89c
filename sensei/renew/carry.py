"""A learner's fills carried over to a newer path, and what it has no place for. Pure."""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sensei.koan import source
from sensei.koan.graft import ChangedError, Fill, fits, lift
from sensei.koan.path import Chapter, Koan, is_chapter, reads_like
from sensei.koan.source import Part
from sensei.renew.renew import APART, function_in, parts_of, question_line

_BLANK = re.compile(rf"\b{source.BLANK}\b")
_DEFINED = re.compile(r"def([ \t]+)test_\w*")


class Why(enum.Enum):
    """Why something of a learner's is not in the newer path."""

    CHANGED = "The koan has changed. What you wrote does not fit it any more."
    UNREADABLE = "It is not Python as it stands, so nothing of it could be carried."
    ANOTHER = "It was there more than once. Another one was carried."
    OFF_THE_PATH = "It is not on the path."
    ADDED = "What is around it is written anew, without it."


class Left(NamedTuple):
    """Something of a learner's that was not carried: where it stood, and why."""

    file: Path
    line: int
    name: str
    why: Why


class Renewed(NamedTuple):
    """A file that changes.

    `parts` is what it holds from now on, nothing if it is no longer on the path; `carried`
    counts the koans in it that bring fills with them.
    """

    file: Path
    parts: Sequence[Part]
    carried: int = 0


class Update(NamedTuple):
    """What a newer path changes in a learner's files, and what it has no place for."""

    files: Sequence[Renewed]
    left: Sequence[Left]


class _Found(NamedTuple):
    """A part of a learner's file; `whole` unless it was taken out of a conflict of git's."""

    file: Path
    part: Part
    whole: bool


class _Carried(NamedTuple):
    """A koan of the newer path with what a learner wrote; `found` is where that stood."""

    part: Part
    fills: Sequence[str] = ()
    found: _Found | None = None


def update(chapters: Sequence[Chapter], pages: Mapping[Path, str]) -> Update:
    """Carry the fills in learners' files into the chapters of a newer path.

    Args:
        chapters: the newer path; each chapter has a sheet that can be read.
        pages: the text of each file in koans/ that can be read.
    """
    sources = _sources(chapters, pages)
    patterns = {
        koan.name: koan.sheet.pattern
        for chapter in chapters
        for koan in chapter.koans
        if koan.sheet
    }
    changed: list[Renewed] = []
    used: list[_Carried] = []
    new: list[Part] = []
    for chapter in chapters:
        koans = [_renewed(koan, sources, patterns) for koan in chapter.koans]
        parts = [_head(chapter, sources), *(koan.part for koan in koans)]
        used += koans
        new += parts
        old = _split(pages.get(chapter.page, ""))
        if _texts(parts) != _texts(p for p in old if p.name in {"", *patterns}):
            carried = sum(bool(koan.fills) for koan in koans)
            changed.append(Renewed(chapter.page, _apart(parts), carried))
    ours = {chapter.page for chapter in chapters}
    past = (file for file in pages if file not in ours and _was_chapter(file, pages[file]))
    changed += [Renewed(file, ()) for file in past]
    files = {renewed.file for renewed in changed}
    # The top of a file that goes is of no use without its koans.
    found = [it for it in sources if it.file in files and (it.part.name or it.file in ours)]
    left = sorted(set(_left(found, new, patterns, used)), key=lambda each: each[:3])
    return Update(changed, left)


def _split(text: str) -> list[Part]:
    head, pages = source.split(text)
    return [head, *pages]


def _texts(parts: Iterable[Part]) -> list[str]:
    return [part.text.rstrip() for part in parts]


def _apart(parts: Sequence[Part]) -> list[Part]:
    """Return parts with two empty lines between them."""
    ends = ["\n" * APART] * (len(parts) - 1) + ["\n"]
    return [p._replace(text=p.text.rstrip() + end) for p, end in zip(parts, ends, strict=True)]


def _was_chapter(file: Path, text: str) -> bool:
    """Whether a file was on the path once, and not a learner's own from the beginning."""
    return is_chapter(file) and "from sensei import __" in text


def _sources(chapters: Sequence[Chapter], pages: Mapping[Path, str]) -> list[_Found]:
    by_page = {chapter.page: chapter for chapter in chapters}
    found = []
    for file, text in pages.items():
        for side in sides(text):
            chapter = by_page.get(file)
            parts = parts_of(chapter, side) if chapter else _split(side)
            found += [_Found(file, part, part.text in text) for part in parts]
    return list(dict.fromkeys(found))


_CONFLICT = re.compile(
    r"^<{7}(?: .*)?\n((?:.*\n)*?)(?:\|{7}(?: .*)?\n(?:.*\n)*?)?={7}\n((?:.*\n)*?)>{7}(?: .*)?$",
    re.MULTILINE,
)


def sides(text: str) -> list[str]:
    """Return a text, or both sides of one with git's conflict marks; each line in its place."""

    def only(side: int) -> str:
        return _CONFLICT.sub(
            lambda match: (
                "\n" * text.count("\n", match.start(), match.start(side))
                + match[side]
                + "\n" * text.count("\n", match.end(side), match.end())
            ),
            text,
        )

    return list(dict.fromkeys([only(1), only(2)]))


def _head(chapter: Chapter, sources: Sequence[_Found]) -> Part:
    """Return the learner's head where it is up to date, or else the fresh one."""
    assert chapter.sheet_head is not None
    wanted = ast.get_docstring(chapter.sheet_head.tree())
    heads = [found for found in sources if not found.part.name and found.whole]
    for found in sorted(heads, key=lambda found: found.file != chapter.page):
        part = found.part
        if fits(chapter.sheet_head, part) and ast.get_docstring(part.tree()) == wanted:
            return part
    return chapter.sheet_head


def _renewed(
    koan: Koan,
    sources: Sequence[_Found],
    patterns: Mapping[str, Part],
) -> _Carried:
    """Return a koan of the newer path with the learner's fills, wherever they stood."""
    assert koan.sheet is not None
    pattern = koan.sheet.pattern
    candidates = [found for found in sources if found.part.name == koan.name]
    if not candidates:
        candidates = [
            found
            for found in sources
            if found.part.name not in {"", *patterns} and reads_like(pattern, found.part)
        ]
    candidates.sort(key=lambda found: found.file != koan.chapter.page)
    carried = [it for it in (_carry(pattern, found) for found in candidates) if it]
    return max(carried, key=lambda it: len(it.fills), default=_Carried(pattern))


def _carry(pattern: Part, found: _Found) -> _Carried | None:
    """Carry the fills of a learner's part into a koan; None where they do not fit."""
    page = _under_its_name(pattern, found.part)
    try:
        fills = lift(pattern, page)
    except (SyntaxError, ChangedError):
        making = found.whole and _is_in_the_making(pattern, page)
        return _Carried(page, found=found) if making else None
    texts = [fill.text for fill in fills if not fill.is_blank]
    if found.whole and source.opening(page)[0] == source.opening(pattern)[0]:
        return _Carried(page, texts, found)
    filled = source.fill(pattern, [fill.text for fill in fills])
    return _Carried(filled, texts, found) if _holds(pattern, filled, fills) else None


def _under_its_name(pattern: Part, page: Part) -> Part:
    """Return a learner's part as the koan that it was, or is now called."""
    if not _DEFINED.search(page.text):
        question = question_line(pattern)
        above = pattern.text.split("\n")
        above = above[: above.index(question)] if question in above else []
        return Part(pattern.name, page.line, "\n".join([*above, page.text]))
    text = _DEFINED.sub(rf"def\g<1>{pattern.name}", page.text, count=1)
    return Part(pattern.name, page.line, text)


def _is_in_the_making(pattern: Part, page: Part) -> bool:
    """Whether a koan reads as it should but for what is being typed into its blanks."""
    lines = iter(line.rstrip() for line in page.text.split("\n"))
    wanted = pattern.text.rstrip().split("\n")
    return all(line.rstrip() in lines for line in wanted if not _BLANK.search(line))


def _holds(pattern: Part, page: Part, fills: Sequence[Fill]) -> bool:
    """Whether a part is the koan with just these fills."""
    try:
        held = lift(pattern, page)
    except (SyntaxError, ChangedError):
        return False
    return [_code(fill) for fill in held] == [_code(fill) for fill in fills]


def _code(fill: Fill) -> list[str]:
    return [ast.dump(node) for node in fill.nodes]


def _left(
    sources: Sequence[_Found],
    new: Sequence[Part],
    patterns: Mapping[str, Part],
    used: Sequence[_Carried],
) -> Iterator[Left]:
    """Say what of a learner's is nowhere in the newer path."""
    kept = {ast.dump(node) for part in new for node in _statements(part)}
    taken = {each.found for each in used}
    texts = {_named_text(each.found.part) for each in used if each.found}
    carried = {each.part.name: each.fills for each in used if each.found}
    for found in sources:
        part, pattern = found.part, patterns.get(found.part.name)
        if not part.name and not part.is_python:
            yield Left(found.file, part.line, "the top of the file", Why.UNREADABLE)
        elif not part.name or found in taken:
            for node in _statements(part):
                if ast.dump(node) not in kept:
                    yield Left(found.file, node.lineno, _called(node), Why.ADDED)
        elif _named_text(part) in texts or _is_blank(part, pattern):
            continue
        elif pattern is None:
            yield Left(found.file, part.line, part.name, Why.OFF_THE_PATH)
        elif part.name in carried:
            other = _carry(pattern, found)
            if other is None or not set(other.fills) <= set(carried[part.name]):
                yield Left(found.file, part.line, part.name, Why.ANOTHER)
        else:
            why = Why.CHANGED if part.is_python else Why.UNREADABLE
            yield Left(found.file, part.line, part.name, why)


def _named_text(part: Part) -> tuple[str, str]:
    return part.name, part.text.rstrip()


def _statements(part: Part) -> list[ast.stmt]:
    """Return what stands in a part besides its docstring or its koan."""
    try:
        tree = part.tree()
    except SyntaxError:
        return []
    own = function_in(tree) if part.name else None
    docstring = tree.body[:1] if ast.get_docstring(tree) is not None else []
    return [node for node in tree.body if node is not own and node not in docstring]


def _called(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    return ast.unparse(node).split("\n")[0]


def _is_blank(part: Part, pattern: Part | None) -> bool:
    """Whether nothing was filled in, as far as that can be told of an older koan."""
    page = _under_its_name(pattern, part) if pattern else part
    try:
        blanks = source.blanks_in(page.tree())
    except SyntaxError:
        return False
    return len(blanks) >= (len(source.blanks_in(pattern.tree())) if pattern else 1)
