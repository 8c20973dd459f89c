"""`pytest --reset` and `pytest --update`: what they write into koans/, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import pytest

from sensei.files import change, say, say_undo, typed
from sensei.koan import source
from sensei.koan.naming import the_one
from sensei.koan.path import Chapter, Koan, is_chapter, read_text
from sensei.koan.source import Part
from sensei.koan.trouble import Problem, Trouble
from sensei.reading import stray_in
from sensei.renew import carry, renew
from sensei.renew.carry import Left, Why
from sensei.renew.git import to_end_conflict

#: What means no part of a name.
_EVERYTHING = {"all", "*", "everything", "koans", "koans/"}


def reset(chapters: Sequence[Chapter], text: str) -> pytest.ExitCode:
    """Make the koan or chapter that a learner means blank again, and say what was done.

    Raises:
        pytest.UsageError: if nothing could be done.
    """
    if text.strip().lower() in _EVERYTHING:
        raise pytest.UsageError(
            "--reset takes a koan or a chapter. To have every koan blank again, with the old "
            "files kept:\n    python -m sensei blank --replace"
        )
    it = the_one(chapters, text, "--reset", whole_words=True)
    chapter = it.chapter if isinstance(it, Koan) else it
    fresh = _fresh(chapter, "reset")
    if chapter.conflict:
        told = chapter.conflict.told(typed(chapter.page), "")
        raise pytest.UsageError(f"{told} {chapter.conflict.to_write}")
    title, new = f"Chapter {chapter.number}, {chapter.title},", renew.joined(fresh)
    is_whole = len(chapter.koans) == len(chapter.all_koans)
    if isinstance(it, Koan) or not is_whole:
        or_all = f"or have the whole chapter blank: pytest --reset {chapter.number}"
        or_all = or_all if is_whole else "and reset it again"
        if (page := _read(chapter.page, or_all, head_only=True)).strip():
            koans = [it] if isinstance(it, Koan) else chapter.koans
            title = it.name if isinstance(it, Koan) else title
            # What is not on the route stays as it is.
            names = [koan.name for koan in koans]
            new = reduce(lambda text, name: renew.reset(fresh, name, text), names, page)
    there = read_text(chapter.page)
    if isinstance(there, str) and there.rstrip() == new.rstrip():
        say(f"{title} is blank already. Nothing was written.")
        return pytest.ExitCode.OK
    done = change({chapter.page: new})
    if not done.is_whole:
        return pytest.ExitCode.USAGE_ERROR
    say(f"{title} is blank again.")
    say_undo(done)
    return pytest.ExitCode.OK


def update(
    chapters: Sequence[Chapter], koans: Path, old: Path | None = None
) -> pytest.ExitCode:
    """Write the path of answers/ into koans/, carry the fills over, and say what was done.

    Args:
        chapters: the path.
        koans: the folder to write into; its fills are carried.
        old: the folder of an older path, if its fills are to be carried, too.

    Raises:
        pytest.UsageError: if nothing could be done.
    """
    command = f"pytest --update={typed(old)}" if old else "pytest --update"
    path = {chapter.page: _fresh(chapter, "update") for chapter in chapters}
    pages = _pages(koans, command)
    new = carry.update(path, pages, _pages(_koans_in(old, koans), command) if old else None)
    for file in sorted(pages.keys() - path.keys() - new.files.keys()):
        say(f"{typed(file)}: left alone, answers/ has no such chapter")
    try:
        done = change(new.files)
    except KeyboardInterrupt:
        say(f"Interrupted. Each file that is named above is whole. The rest: {command}")
        return pytest.ExitCode.INTERRUPTED
    if not new.files:
        say(f"{koans.name}/ is up to date.")
    if done.is_whole and new.carried:
        say()
        koans_word = "koan" if new.carried == 1 else "koans"
        say(f"The fills of {new.carried} {koans_word} were carried over.")
    left = [it for it in new.left if it.file in done.kept or it.file not in pages]
    _say_left([it._replace(file=done.kept.get(it.file) or it.file) for it in left])
    say_undo(done)
    if not done.is_whole:
        return pytest.ExitCode.USAGE_ERROR
    if to_type := to_end_conflict(koans):
        say()
        say("git still waits for the end of a conflict. To end it:")
        for line in to_type:
            say(f"    {line}")
    return pytest.ExitCode.OK


def _koans_in(old: Path, koans: Path) -> Path:
    """Return the koans/ of an older path.

    Raises:
        pytest.UsageError: if there are none, or if they are those of this path.
    """
    folder = old if old.name == koans.name else old / koans.name
    try:
        is_path = any(map(is_chapter, folder.iterdir()))
    except OSError:
        is_path = False
    if not is_path:
        raise pytest.UsageError(
            f"--update={typed(old)}: there are no chapters in {typed(folder)}/.\n"
            "Give the folder in which the older koans/ lies, such as: pytest --update=../old"
        )
    if folder.resolve() == koans.resolve():
        raise pytest.UsageError(
            f"--update={typed(old)}: that is the path itself. To mend it: pytest --update"
        )
    return folder


def _pages(koans: Path, command: str) -> dict[Path, str]:
    """Return the texts of all chapters in a folder.

    Raises:
        pytest.UsageError: if one of them cannot be read.
    """
    files = [file for file in sorted(koans.glob("test_*.py")) if is_chapter(file)]
    return {file: _read(file, f"and run it again: {command}") for file in files}


def _say_left(left: Sequence[Left]) -> None:
    """Say what was not carried, where it still stands, and why."""
    if not left:
        return
    say()
    say("Not carried:")
    for why in Why:
        alike = [it for it in left if it.why is why]
        for it in alike:
            say(f"    {typed(it.file)}:{it.line}  {it.name}")
        if alike:
            say(f"        {why.value}")


def say_how_to_go_on() -> None:
    """Say what to type after one of them."""
    say()
    say("To go on: pytest")


def _fresh(chapter: Chapter, what: str) -> list[Part]:
    """Return a chapter as nobody has touched it.

    Raises:
        pytest.UsageError: if answers/ cannot tell.
    """
    sheet, fresh = chapter.sheet, renew.fresh(chapter)
    if sheet and fresh:
        return fresh
    why = f"{typed(sheet)} is broken" if sheet else "answers/ is not here"
    raise pytest.UsageError(f"{why}, so there is nothing to {what} from.")


def _read(file: Path, or_else: str, *, head_only: bool = False) -> str:
    """Return the text of a file; none, where there is no file.

    Args:
        file: the learner's.
        or_else: what can be done besides mending it.
        head_only: whether a byte that is no UTF-8 does no harm in a koan.

    Raises:
        pytest.UsageError: if it cannot be read; what to do is said.
    """
    text = read_text(file)
    if isinstance(text, str):
        stray = stray_in(source.split(text)[0].text if head_only else text)
        if stray is None:
            return text
        text = Problem(Trouble.NOT_UTF8, stray.line, stray.told)
    if text.what is Trouble.NO_FILE:
        return ""
    raise pytest.UsageError(f"{text.told(typed(file), '')}\nMend it, {or_else}")
