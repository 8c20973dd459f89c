"""`pytest --reset` and `pytest --update`: what they write into koans/, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from sensei.koan.naming import the_one
from sensei.koan.path import Chapter, Koan, is_chapter, read_text
from sensei.koan.trouble import Problem, Trouble
from sensei.renew import carry, renew
from sensei.renew.renew import Reset
from sensei.renew.rewrite import change, say, say_undo, shown


def reset(chapters: Sequence[Chapter], text: str) -> pytest.ExitCode:
    """Make the koan or chapter that a learner means blank again, and say what was done.

    Raises:
        pytest.UsageError: if nothing could be done.
    """
    it = the_one(chapters, text, "--reset")
    chapter = it.chapter if isinstance(it, Koan) else it
    page = read_text(chapter.page)
    it = chapter if _is_nothing(page) else it
    new = _blank(it, page)
    if isinstance(page, str) and renew.joined(new.parts).rstrip() == page.rstrip():
        say(f"{_title(it)} is blank already. Nothing was written.")
        return pytest.ExitCode.OK
    old = b"" if _is_nothing(page) else _bytes(chapter.page)
    kept, done = change({chapter.page: renew.spelled(new.parts, old)})
    if not done:
        return pytest.ExitCode.USAGE_ERROR
    say(f"{_title(it)} is blank again.")
    if new.remains:
        say()
        say(f"Lines {min(new.remains)} to {max(new.remains)} may be left of what it was.")
        say("Look there, and delete what does not belong.")
    say_undo(kept.values())
    return pytest.ExitCode.OK


def _is_nothing(page: str | Problem) -> bool:
    """Whether a chapter has no text; then a koan of it can't be reset alone."""
    return page.what is Trouble.NO_FILE if isinstance(page, Problem) else not page.strip()


def _blank(it: Chapter | Koan, page: str | Problem) -> Reset:
    chapter = it.chapter if isinstance(it, Koan) else it
    if chapter.sheet is None:
        raise pytest.UsageError("answers/ is not here, so there is nothing to reset from.")
    if isinstance(it, Chapter) and (parts := renew.fresh(chapter)):
        return Reset(parts)
    if isinstance(it, Koan) and it.sheet:
        if isinstance(page, str):
            return renew.reset(it, page)
        raise pytest.UsageError(
            f"{shown(chapter.page)} cannot be read: {_trouble(page)}.\n"
            f"Mend it, or have the whole chapter blank: pytest --reset {chapter.number}"
        )
    raise pytest.UsageError(
        f"{shown(chapter.sheet)} is broken, so there is nothing to reset from."
    )


def _trouble(problem: Problem) -> str:
    if problem.what is Trouble.NOT_UTF8:
        return f"line {problem.line} is not UTF-8 text"
    return problem.detail


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""  # writing will say why


def _title(it: Chapter | Koan) -> str:
    return it.name if isinstance(it, Koan) else f"Chapter {it.number}, {it.title},"


def say_how_to_go_on() -> None:
    """Say what to type after one of them."""
    say()
    say("To go on: pytest")


# pytest --update


def update(chapters: Sequence[Chapter], koans: Path) -> pytest.ExitCode:
    """Write the path of answers/ into koans/, carry the fills over, and say what was done.

    Raises:
        pytest.UsageError: if nothing could be done.
    """
    for chapter in chapters:
        if chapter.sheet is None:
            raise pytest.UsageError("answers/ is not here, so there is nothing to update from.")
        if renew.fresh(chapter) is None:
            raise pytest.UsageError(f"{shown(chapter.sheet)} is broken. Nothing was written.")
    new = carry.update(chapters, _pages(chapters, koans))
    if not new.files:
        say(f"{koans.name}/ is up to date.")
        return pytest.ExitCode.OK
    created = [each.file for each in new.files if not each.file.exists()]
    kept, done = change(
        {
            each.file: renew.spelled(each.parts, _bytes(each.file)) if each.parts else None
            for each in new.files
        }
    )
    carried = sum(each.carried for each in new.files)
    if done and carried:
        say()
        say(f"The fills of {carried} koan{'' if carried == 1 else 's'} were carried over.")
    left = [each for each in new.left if each.file in kept]
    if left:
        say()
        say("Not carried:")
    for each in left:
        say(f"    {shown(kept[each.file])}:{each.line}  {each.name}")
        say(f"        {each.why.value}")
    say_undo(kept.values())
    stay = [shown(file) for file in created if file.exists()]
    if kept and stay:
        say(f"    New files stay: {', '.join(stay)}")
    return pytest.ExitCode.OK if done else pytest.ExitCode.USAGE_ERROR


def _pages(chapters: Sequence[Chapter], koans: Path) -> dict[Path, str]:
    """Read the files of koans/.

    Raises:
        pytest.UsageError: if one that is or was a chapter cannot be read.
    """
    pages = {}
    for file in sorted({*koans.glob("test_*.py"), *(chapter.page for chapter in chapters)}):
        page = read_text(file)
        if isinstance(page, str):
            pages[file] = page
        elif page.what is not Trouble.NO_FILE and is_chapter(file):
            raise pytest.UsageError(
                f"{shown(file)} cannot be read: {_trouble(page)}.\n"
                "Mend it, and run it again: pytest --update"
            )
    return pages
