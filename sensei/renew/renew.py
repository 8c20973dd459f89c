"""A learner's chapter in parts, with what is left of each koan, and one blank again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sensei.koan import source
from sensei.koan.graft import fits
from sensei.koan.path import Chapter
from sensei.koan.source import Part


def fresh(chapter: Chapter) -> list[Part] | None:
    """Return a chapter's head and koans as nobody has touched them.

    None where answers/ cannot tell.
    """
    patterns = [koan.sheet.pattern for koan in chapter.all_koans if koan.sheet]
    if chapter.sheet_head is None or len(patterns) < len(chapter.all_koans):
        return None
    return [chapter.sheet_head, *patterns]


def joined(parts: Iterable[Part]) -> str:
    """Return the text that parts make up, with two empty lines between them."""
    return "\n\n\n".join(part.text.strip("\n") for part in parts if part.text.strip()) + "\n"


def reset(fresh: Sequence[Part], name: str, text: str) -> str:
    """Return a learner's chapter with one koan blank again.

    It takes the place of what there is of it, or else it is put among its neighbours. The
    rest is as it was, but for the empty lines between koans.

    Args:
        fresh: the chapter as nobody has touched it.
        name: the koan's.
        text: the learner's chapter.
    """
    parts = parts_of(fresh, text)
    names = [part.name for part in fresh]
    before = names[: names.index(name)]
    there = [n for n, part in enumerate(parts) if part.name == name]
    above = [n for n, part in enumerate(parts) if part.name in before]
    index = there[0] if there else max(above) + 1
    rest = [part for part in parts[index:] if part.name != name]
    return joined([*parts[:index], fresh[len(before)], *rest])


def parts_of(fresh: Sequence[Part], text: str) -> list[Part]:
    """Split a learner's chapter, and cut off koans that lost their names or first lines."""
    head, koans = source.split(text)
    parts = [head, *koans]
    for pattern in fresh:
        if all(part.name != pattern.name for part in parts):
            parts = _with_leftover(fresh, pattern, parts)
    return parts


def _with_leftover(fresh: Sequence[Part], pattern: Part, parts: list[Part]) -> list[Part]:
    """Cut what is left of a koan off the part on which it hangs, where that is safe.

    It begins with the koan's question, and what comes before is whole without it.
    """
    whole = {part.name: part for part in fresh}
    question = question_in(pattern)
    for index, part in enumerate(parts):
        lines = part.text.split("\n")
        if question not in lines:
            continue
        start = above = lines.index(question)
        # What is left of the def line, and decorators.
        while above and lines[above - 1][:1].strip():
            above -= 1
        for cut in (above, start):
            before = part._replace(text="\n".join([*lines[:cut], ""]))
            if fits(whole.get(part.name, before), before):
                leftover = Part(pattern.name, part.line + cut, "\n".join(lines[cut:]))
                return [*parts[:index], before, leftover, *parts[index + 1 :]]
    return parts


def as_named(pattern: Part, part: Part) -> Part:
    """Return what there is of a learner's koan under the name that the koan has now."""
    lines, wanted = part.text.split("\n"), pattern.text.split("\n")
    question = question_in(pattern)
    if question in lines:
        lines[: lines.index(question)] = wanted[: wanted.index(question)]
        return part._replace(name=pattern.name, text="\n".join(lines))
    return part.renamed(pattern.name)


def question_in(pattern: Part) -> str | None:
    """Return the line in which a koan's question begins, if it has one."""
    lines = pattern.text.split("\n")
    return next((line for line in lines if line.lstrip().startswith('"""')), None)
