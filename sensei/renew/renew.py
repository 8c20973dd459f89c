"""A learner's chapter with koans blank again, and the rest as it was. Pure."""

from __future__ import annotations

import ast
import codecs
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sensei.koan import source
from sensei.koan.graft import fits
from sensei.koan.path import Chapter, Koan
from sensei.koan.source import Part

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
#: Line ends after a koan that another one follows.
APART = 3


def fresh(chapter: Chapter) -> list[Part] | None:
    """Return a chapter as nobody has touched it, or None where answers/ cannot tell."""
    patterns = [koan.sheet.pattern for koan in chapter.koans if koan.sheet]
    if chapter.sheet_head is None or len(patterns) < len(chapter.koans):
        return None
    return [chapter.sheet_head, *patterns]


def joined(parts: Iterable[Part]) -> str:
    """Return the text that parts make up."""
    return "".join(part.text for part in parts)


def spelled(parts: Iterable[Part], old: bytes) -> bytes:
    """Return parts as they are written into a file in the place of what it holds.

    What stood there already stays to the byte; what is new gets the line ends of the rest.
    """
    lines = _LINE.findall(old.decode("utf-8-sig", "replace"))
    crlf = old.count(b"\r\n")
    newline = "\r\n" if 2 * crlf > old.count(b"\n") else "\n"
    if b"\r" in old and b"\n" not in old:
        newline = "\r"
    text = ""
    for part in parts:
        count = part.text.count("\n") + (not part.text.endswith("\n"))
        there = "".join(lines[part.line - 1 : part.line - 1 + count])
        kept = re.sub(r"\r\n?", "\n", there) == part.text
        text += there if kept else part.text.replace("\n", newline)
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode()


class Reset(NamedTuple):
    """A chapter with one koan blank again.

    `remains` are the lines of the new text that may be left of a koan that was gone.
    """

    parts: Sequence[Part]
    remains: Sequence[int] = ()


def reset(koan: Koan, text: str) -> Reset:
    """Return the chapter in a learner's text with one of its koans blank again.

    It takes the place of what there is of it. If there is nothing, it is put back among
    its neighbours.
    """
    assert koan.sheet is not None
    pattern = koan.sheet.pattern
    parts = parts_of(koan.chapter, text)
    mine = [place for place, part in enumerate(parts) if part.name == koan.name]
    if mine:
        was = parts[mine[0]].text
        ending = "\n" * was[len(was.rstrip()) :].count("\n")
        parts[mine[0]] = pattern._replace(text=pattern.text.rstrip() + ending)
        return Reset([part for place, part in enumerate(parts) if place not in mine[1:]])
    names = [each.name for each in koan.chapter.koans]
    before = {"", *names[: names.index(koan.name)]}
    place = 1 + max(place for place, part in enumerate(parts) if part.name in before)
    above = joined(parts[:place])
    gap = APART - len(above) + len(above.rstrip("\n")) if above else 0
    ending = "\n" if place == len(parts) else "\n" * APART
    new = pattern._replace(text="\n" * gap + pattern.text.rstrip() + ending)
    remains = _remains(koan, parts[:place], 1)
    remains += _remains(koan, parts[place:], 1 + joined([*parts[:place], new]).count("\n"))
    return Reset([*parts[:place], new, *parts[place:]], remains)


def parts_of(chapter: Chapter, text: str) -> list[Part]:
    """Split a learner's text; a koan that lost its name or its first line is a part, too.

    Such a part has the koan's name and the learner's text.
    """
    head, pages = source.split(text)
    parts = [head, *pages]
    there = {part.name for part in pages}
    for koan in chapter.koans:
        if koan.sheet and koan.name not in there:
            parts = _with_renamed(koan, parts) or _with_leftover(koan, parts) or parts
    return parts


def _with_renamed(koan: Koan, parts: Sequence[Part]) -> list[Part] | None:
    was = koan.renamed_in(parts)
    if was is None:
        return None
    return [part._replace(name=koan.name) if part is was else part for part in parts]


def _with_leftover(koan: Koan, parts: Sequence[Part]) -> list[Part] | None:
    """Cut what is left of a koan off the part on which it hangs, where that is safe.

    It begins with the koan's question, and what comes before is whole without it.
    """
    assert koan.sheet is not None
    pattern = koan.sheet.pattern
    asked = question_line(pattern)
    whole = {each.name: each.sheet.pattern for each in koan.chapter.koans if each.sheet}
    if koan.chapter.sheet_head:
        whole[""] = koan.chapter.sheet_head
    places = [n for n, part in enumerate(parts) if asked in part.text.split("\n")]
    if asked is None or len(places) != 1:
        return None
    place = places[0]
    part = parts[place]
    lines = part.text.split("\n")
    start = lines.index(asked)
    above = start
    # What is left of the def line, and decorators.
    while above and lines[above - 1][:1].strip():
        above -= 1
    for cut in (above, start):
        before = part._replace(text="".join(f"{line}\n" for line in lines[:cut]))
        rest = Part(koan.name, part.line + cut, "\n".join(lines[cut:]))
        if fits(whole.get(part.name, before), before):
            return [*parts[:place], before, rest, *parts[place + 1 :]]
    return None


def question_line(pattern: Part) -> str | None:
    """Return the line in which a koan's question begins, if it has one."""
    function = function_in(pattern.tree())
    if function is None or ast.get_docstring(function) is None:
        return None
    return pattern.text.split("\n")[function.body[0].lineno - 1]


def function_in(tree: ast.Module) -> ast.FunctionDef | None:
    """Return a part's koan."""
    return next((node for node in tree.body if isinstance(node, ast.FunctionDef)), None)


def _remains(koan: Koan, parts: Sequence[Part], first: int) -> list[int]:
    """Return the lines that only this koan has, counted from the first one's number."""
    assert koan.sheet is not None
    others = [each.sheet.pattern for each in koan.chapter.koans if each.sheet and each != koan]
    known = {line.strip() for part in others for line in part.text.split("\n")}
    own = {line.strip() for line in koan.sheet.pattern.text.split("\n")} - known
    lines = joined(parts).split("\n")
    return [number for number, line in enumerate(lines, first) if line.strip() in own]
