"""A learner's fills carried over to a newer path, and what it has no place for. Pure.

There is one way for a fill, wherever it was written: each koan of a learner's is lifted into
the newer path, by its name or else by what it says, or it is not; and of those that are, each
koan of the path takes the fills. So it does not matter whether the old text lies in the same
folder or in another one, or on either side of a conflict that git left.
"""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sensei.koan import source
from sensei.koan.conflict import sides
from sensei.koan.graft import ChangedError, Fill, fits, lift
from sensei.koan.source import Part
from sensei.renew.renew import as_named, joined, parts_of, question_in

#: What a chapter of an older path has, and a learner's own file may not have.
_IMPORT = "from sensei import __"
_BLANK = re.compile(rf"\b{source.BLANK}\b")


class Why(enum.Enum):
    """Why something of a learner's is not in the newer path."""

    CHANGED = "Changed on the path. What you wrote does not fit any more."
    ANOTHER = "There more than once, with other fills. The nearest ones were carried."
    HERE = "Filled in here as well, with something else. That stays."
    OFF_THE_PATH = "Not on the path, or there under another name and changed."
    NOT_PYTHON = "Not Python yet, so what you wrote cannot be told from the koan."
    ADDED = "Added beside the koans. What is around it was written anew, without it."


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
    """A part of a learner's file.

    It is `whole` unless it was taken out of a conflict, and `here` where its file is one of
    those that are written.
    """

    file: Path
    part: Part
    whole: bool
    here: bool


class _Lifted(NamedTuple):
    """A learner's koan as the newer path has it, with what is in each blank of it.

    A koan that is not Python yet has no fills.
    """

    found: _Found
    part: Part
    fills: Sequence[Fill] = ()

    @property
    def filled(self) -> int:
        """In how many blanks something was written."""
        return sum(not fill.is_blank for fill in self.fills)


class _New(NamedTuple):
    """A part of the newer path as it is written, and what of a learner's went into it."""

    part: Part
    fills: Sequence[Fill] = ()
    used: Sequence[_Found] = ()


def update(
    path: Mapping[Path, Sequence[Part]],
    pages: Mapping[Path, str],
    older: Mapping[Path, str] | None = None,
) -> Update:
    """Carry the fills in learners' files into the chapters of a newer path.

    Args:
        path: each chapter of the newer path as nobody has touched it, by its file in koans/.
        pages: the text of each file in koans/ that is called like a chapter.
        older: the same of another folder, which is only read.
    """
    there = list(dict.fromkeys([*_found(path, pages, here=True), *_found(path, older or {})]))
    patterns = {part.name: part for fresh in path.values() for part in fresh if part.name}
    lifted = _all_lifted(there, patterns)
    known = {it for it in there if it in lifted or it.part.name in patterns}
    past = (file for file in pages if file not in path and _is_past(file, pages, there, known))
    files: dict[Path, str | None] = {}
    new: list[_New] = []
    carried = 0
    for page, fresh in path.items():
        renewed = [_renewed(pattern, page, there, lifted.values()) for pattern in fresh]
        new += renewed
        text = joined(each.part for each in renewed)
        head, koans = source.split(pages.get(page, ""))
        if text != joined(part for part in (head, *koans) if part.name in {"", *patterns}):
            files[page] = text
            carried += sum(_is_carried(each, from_here=older is None) for each in renewed)
    files.update(dict.fromkeys(past))
    lost = [it for it in there if it.file in files or not it.here]
    # The top of a file that goes is of no use without its koans.
    names = {page.name for page in path}
    lost = [it for it in lost if it.part.name or it.file.name in names]
    left = _left(lost, patterns, lifted, new)
    return Update(files, carried, list(dict.fromkeys(left)))


def _is_past(
    file: Path, pages: Mapping[Path, str], there: Iterable[_Found], known: Collection[_Found]
) -> bool:
    """Whether all koans of a file stand elsewhere on the path now.

    One that is on no path at all may be the learner's, or answers/ may have lost its chapter.
    """
    koans = [it for it in there if it.file == file and it.part.name]
    return _IMPORT in pages[file] and bool(koans) and all(it in known for it in koans)


def _found(
    path: Mapping[Path, Sequence[Part]], pages: Mapping[Path, str], *, here: bool = False
) -> Iterator[_Found]:
    fresh = {page.name: parts for page, parts in path.items()}
    for file, text in pages.items():
        for side in sides(text):
            parts = parts_of(fresh.get(file.name, ()), side)
            yield from (_Found(file, p, p.text in text, here) for p in parts if p.text)


# Lifting: which koan of the newer path a learner's is.


def _all_lifted(there: Iterable[_Found], patterns: Mapping[str, Part]) -> dict[_Found, _Lifted]:
    words = {name: _words(pattern) for name, pattern in patterns.items()}
    found = {it: _lifted(it, patterns, words) for it in there if it.part.name}
    return {it: lifted for it, lifted in found.items() if lifted}


def _lifted(
    found: _Found, patterns: Mapping[str, Part], words: Mapping[str, frozenset[str]]
) -> _Lifted | None:
    """Find the koan of its name, or else one that says the same; None where there is none."""
    own = patterns.get(found.part.name)
    if own and (it := _fitted(own, found)):
        return it
    if not found.part.is_python:
        return None
    there = _words(found.part)
    alike = [pattern for name, pattern in patterns.items() if words[name] <= there]
    alike.sort(key=lambda pattern: question_in(pattern) != question_in(found.part))
    return next((it for pattern in alike if (it := _fitted(pattern, found))), None)


def _fitted(pattern: Part, found: _Found) -> _Lifted | None:
    """Carry a learner's koan over; None where it does not fit.

    It stays as it is, but for a new docstring: then its fills go into the new text. A koan
    that is no Python yet stays in its own file, since a walk can tell the learner more of it.
    """
    page = as_named(pattern, found.part)
    if not page.is_python:
        return _Lifted(found, page) if found.here and found.whole else None
    try:
        fills = lift(pattern, page)
        stays = found.whole and _docstring(page) == _docstring(pattern)
        new = page if stays else source.fill(pattern, [fill.text for fill in fills])
        held = lift(pattern, new)
    except (SyntaxError, ChangedError):
        return None
    same = [fill.code for fill in held] == [fill.code for fill in fills]
    return _Lifted(found, new, tuple(fills)) if same else None


def _words(koan: Part) -> frozenset[str]:
    """Return the words in a koan's code; one that lacks some of another's cannot be that."""
    function = source.function_in(koan)
    body = function.body[ast.get_docstring(function) is not None :]
    words = {word for node in body for word in re.findall(r"\w+", ast.unparse(node))}
    return frozenset(words - {source.BLANK, "is", "not"})  # tools that mend style change `is`


# Choosing: what of it is written.


def _renewed(
    pattern: Part, page: Path, there: Sequence[_Found], lifted: Iterable[_Lifted]
) -> _New:
    """Return a part of the newer path with what a learner wrote, wherever that stood."""

    def nearest(found: _Found) -> tuple[bool, bool]:
        return (not found.here, found.file.name != page.name)

    if not pattern.name:
        return _head(pattern, sorted(there, key=nearest))
    mine = [it for it in lifted if it.part.name == pattern.name]
    return _koan(pattern, sorted(mine, key=lambda it: nearest(it.found)))


def _head(pattern: Part, there: Iterable[_Found]) -> _New:
    """Return the head of a chapter, with what was added to it."""
    for found in there:
        page = found.part
        is_it = not page.name and found.whole and page.text != pattern.text
        if is_it and fits(pattern, page) and _docstring(page) == _docstring(pattern):
            return _New(page, used=[found])
    return _New(pattern)


def _koan(pattern: Part, nearest: Sequence[_Lifted]) -> _New:
    """Return a koan with the nearest fill of each of its blanks."""
    if not nearest:
        return _New(pattern)
    # With notes, where there are as many fills.
    best = max(nearest, key=lambda it: (it.filled, it.part.text != pattern.text))
    if not best.fills:
        return _New(best.part, used=[best.found])
    blanks = list(zip(*(it.fills for it in nearest if it.fills), strict=True))
    fills = [next((f for f in blank if not f.is_blank), blank[0]) for blank in blanks]
    used = [it.found for it in nearest if any(f in fills and not f.is_blank for f in it.fills)]
    if all(map(_is_same, fills, best.fills)):
        return _New(best.part, fills, [best.found])
    return _New(source.fill(pattern, [fill.text for fill in fills]), fills, used)


def _is_same(fill: Fill, other: Fill) -> bool:
    return fill.code == other.code or (fill.is_blank and other.is_blank)


def _is_carried(new: _New, *, from_here: bool) -> bool:
    """Whether a koan brings fills with it, from where they were to be taken."""
    is_filled = any(not fill.is_blank for fill in new.fills)
    return is_filled and any(found.here == from_here for found in new.used)


def _docstring(part: Part) -> str | None:
    return ast.get_docstring(source.function_in(part) if part.name else part.tree())


# What is left over, and why.


def _left(
    there: Iterable[_Found],
    patterns: Mapping[str, Part],
    lifted: Mapping[_Found, _Lifted],
    new: Sequence[_New],
) -> Iterator[Left]:
    """Say what of a learner's is nowhere in the newer path."""
    kept = {ast.dump(node) for each in new for node in _additions(each.part)}
    used = {found for each in new for found in each.used}
    written = {each.part.name: each for each in new}
    for found in there:
        part, it = found.part, lifted.get(found)
        if not part.name or found in used:
            for node in _additions(part):
                if ast.dump(node) not in kept:
                    yield Left(found.file, node.lineno, _called(node), Why.ADDED)
        if not part.name or _is_blank(part, patterns.get(it.part.name if it else part.name)):
            continue
        if it is None:
            yield Left(found.file, part.line, part.name, _why(found, patterns))
        elif not _is_in(written[it.part.name], it):
            there_here = it.found.here or not any(f.here for f in written[it.part.name].used)
            why = Why.ANOTHER if there_here else Why.HERE
            yield Left(found.file, part.line, part.name, why)


def _why(found: _Found, patterns: Mapping[str, Part]) -> Why:
    if found.part.name not in patterns:
        return Why.OFF_THE_PATH
    return Why.CHANGED if found.part.is_python else Why.NOT_PYTHON


def _is_in(new: _New, it: _Lifted) -> bool:
    """Whether all that was filled in stands in the koan as it is written."""
    if not it.fills:
        return it.found in new.used
    return all(f.is_blank or _is_same(f, o) for f, o in zip(it.fills, new.fills, strict=True))


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
