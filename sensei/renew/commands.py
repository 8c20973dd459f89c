"""`pytest --reset` and `pytest --update`: what they write into koans/, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from sensei.files import change, say, say_undo, typed
from sensei.koan.naming import the_one
from sensei.koan.path import Chapter, Koan, is_chapter, read_text
from sensei.koan.source import Part
from sensei.koan.trouble import Trouble
from sensei.renew import carry, renew


def reset(chapters: Sequence[Chapter], text: str) -> pytest.ExitCode:
    """Make the koan or chapter that a learner means blank again, and say what was done.

    Raises:
        pytest.UsageError: if nothing could be done.
    """
    it = the_one(chapters, text, "--reset")
    chapter = it.chapter if isinstance(it, Koan) else it
    fresh = _fresh(chapter, "reset")
    title, new = f"Chapter {chapter.number}, {chapter.title},", renew.joined(fresh)
    if isinstance(it, Koan):
        or_all = f"or have the whole chapter blank: pytest --reset {chapter.number}"
        if (page := _read(chapter.page, or_all)).strip():
            title, new = it.name, renew.reset(fresh, it.name, page)
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


def update(chapters: Sequence[Chapter], koans: Path) -> pytest.ExitCode:
    """Write the path of answers/ into koans/, carry the fills over, and say what was done.

    Raises:
        pytest.UsageError: if nothing could be done.
    """
    path = {chapter.page: _fresh(chapter, "update") for chapter in chapters}
    again = "and run it again: pytest --update"
    files = [file for file in sorted(koans.glob("test_*.py")) if is_chapter(file)]
    new = carry.update(path, {file: _read(file, again) for file in files})
    if not new.files:
        say(f"{koans.name}/ is up to date.")
        return pytest.ExitCode.OK
    done = change(new.files)
    if done.is_whole and new.carried:
        say()
        koans_word = "koan" if new.carried == 1 else "koans"
        say(f"The fills of {new.carried} {koans_word} were carried over.")
    left = [(old, each) for each in new.left if (old := done.kept.get(each.file))]
    if left:
        say()
        say("Not carried:")
    for old, each in left:
        say(f"    {typed(old)}:{each.line}  {each.name}")
        say(f"        {each.why.value}")
    say_undo(done)
    return pytest.ExitCode.OK if done.is_whole else pytest.ExitCode.USAGE_ERROR


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


def _read(file: Path, or_else: str) -> str:
    """Return the text of a file; none, where there is no file.

    Raises:
        pytest.UsageError: if it cannot be read; what to do is said.
    """
    text = read_text(file)
    if isinstance(text, str):
        return text
    if text.what is Trouble.NO_FILE:
        return ""
    raise pytest.UsageError(f"{text.told(typed(file), '')}\nMend it, {or_else}")
