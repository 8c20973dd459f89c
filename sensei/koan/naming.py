"""What a learner means by a name, and what there is to say where nothing or too much fits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from sensei.koan.path import Chapter, Koan

#: So many names fit on a screen.
_NAMES_SHOWN = 12


class NotOneError(Exception):
    """A name means nothing, or too much; the text says what to type instead."""


def named(chapters: Sequence[Chapter], text: str) -> list[Chapter | Koan]:
    """Return what a learner may mean by a name: chapters, koans, or nothing.

    A whole name (a koan's, with or without `test_`, pytest's name for it; a chapter's
    number, title or file) means just that. Part of a name means everything it is in.
    """
    wanted = _wanted(text)
    koans = [koan for chapter in chapters for koan in chapter.koans]
    by_name: list[tuple[str, Chapter | Koan]] = [
        *((name, chapter) for chapter in chapters for name in _names(chapter)),
        *((koan.name.lower(), koan) for koan in koans),
    ]
    whole = [it for name, it in by_name if wanted in {name, name.removeprefix("test_")}]
    part = [it for name, it in by_name if wanted and wanted in name]
    return list(dict.fromkeys(whole or part))


def _names(chapter: Chapter) -> list[str]:
    stem = chapter.page.stem.lower()
    return [str(chapter.number), f"{chapter.number:02}", stem, stem.split("_", 2)[2]]


def the_one(
    chapters: Sequence[Chapter],
    text: str,
    option: str,
    *,
    koans_first: bool = False,
    whole_words: bool = False,
) -> Chapter | Koan:
    """Return the only koan or chapter that a name may mean.

    Args:
        chapters: the path.
        text: the name, or a part of it.
        option: what it was given to.
        koans_first: whether it means koans, and the first chapter only where there are none.
        whole_words: whether a part of a name counts only where it is a word of it.

    Raises:
        NotOneError: if there is none, or more than one.
    """
    if not text.strip():
        raise NotOneError(f"{option} NAME: which one?\nAll names: pytest --map all")
    meant = named(chapters, text)
    if koans_first:
        meant = [it for it in meant if isinstance(it, Koan)] or meant[:1]
    if len(meant) == 1 and (not whole_words or _is_word_of(text, meant[0])):
        return meant[0]
    if meant:
        listed = [f"    {_listed(it)}" for it in meant[:_NAMES_SHOWN]]
        more = len(meant) - len(listed)
        lines = [
            f"{text} is in the names of {len(meant)}:"
            if len(meant) > 1
            else f"{text} is only a part of a word in the name of:",
            *listed,
            *([f"    and {more} more"] if more else []),
            f"Give more of the name, such as: pytest {option} {_name(meant[-1])}",
        ]
    else:
        lines = [
            f"No koan and no chapter is called {text}.",
            *_close(chapters, text),
            "All names: pytest --map all",
        ]
    raise NotOneError("\n".join(lines))


def _is_word_of(text: str, it: Chapter | Koan) -> bool:
    """Whether a text is one or several words of the name of a koan or a chapter."""
    names = [it.name.lower()] if isinstance(it, Koan) else _names(it)
    return any(f"_{_wanted(text)}_" in f"_{name}_" for name in names)


def _wanted(text: str) -> str:
    """Return a name as koans and chapters have it, without what may stand around it."""
    wanted = PurePosixPath(text.strip().replace("\\", "/").split("::")[-1]).name
    wanted = wanted.removesuffix(".py").removesuffix("()")
    return re.sub(r"\W+", "_", wanted.lower())


def _name(it: Chapter | Koan) -> str:
    return it.name if isinstance(it, Koan) else it.page.stem


def _listed(it: Chapter | Koan) -> str:
    if isinstance(it, Koan):
        return f"chapter {it.chapter.number:<3} {it.name}"
    return f"chapter {it.number:<3} {it.page.stem}, all of it"


def _close(chapters: Sequence[Chapter], text: str) -> list[str]:
    """Return names that are written nearly like a text, with a word before them."""
    names = {koan.name.removeprefix("test_"): koan.name for it in chapters for koan in it.koans}
    names |= {chapter.title: chapter.page.stem for chapter in chapters}
    wanted = text.lower().strip().removeprefix("test_")
    close = [names[name] for name in difflib.get_close_matches(wanted, names)]
    return ["Nearly so:", *(f"    {name}" for name in close)] if close else []
