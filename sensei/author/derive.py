"""`python -m sensei blank` and `solve`: write the chapters of answers/ for learners."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from sensei.files import change, give_up, say, say_undo, typed
from sensei.koan import source
from sensei.koan.path import Chapter, read_text
from sensei.koan.trouble import Problem, Trouble
from sensei.project import Project


def derive(
    folder: Path,
    chapters: Sequence[str],
    text_of: Callable[[str], str],
    *,
    replace: bool,
    again: str,
) -> int:
    """Write chapters into a folder.

    Args:
        folder: where to.
        chapters: the names of their files; all of them, if there are none.
        text_of: gives a file's text, from the answered one.
        replace: whether files that were changed are written over; the old ones are kept.
        again: the command that would write over them.

    Returns:
        0, or 1 when a file was left alone, or 2 when nothing could be done.
    """
    project = Project(Path())
    answered = {each.page.name: each for each in project.all_chapters if each.sheet}
    wanted = {Path(name).name for name in chapters} or {*answered}
    if not answered:
        return give_up("There are no chapters in answers/ here. Go to the project's folder.")
    if unknown := wanted - answered.keys():
        return give_up(f"Not in {typed(project.sheets)}: {', '.join(sorted(unknown))}")
    if text_of is source.solve and project.sheets.suffix:
        return give_up("This course keeps its answers.")
    try:
        pages = [_derived(answered[n], folder, text_of) for n in answered if n in wanted]
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return give_up(f"{error.filename}: {error.strerror}. Nothing was written.")
    except _NoSheetError as error:
        return give_up(f"{error} Nothing was written.")
    alone = [page for page in pages if _is_changed(page) and not replace]
    for page in alone:
        there = read_text(page.file)
        why_not = there.told(str(page.file), "") if isinstance(there, Problem) else ""
        say(why_not or f"{page.file}: left alone, it was changed")
    new = (page for page in pages if page not in alone and read_text(page.file) != page.text)
    done = change({page.file: page.text for page in new})
    say_undo(done)
    if not done.is_whole:
        return 2
    if not alone:
        say(f"{folder} is up to date.")
        return 0
    say("To write them all the same, with the old files kept beside them:")
    say(f"    {again}")
    return 1


class _NoSheetError(Exception):
    """A file of answers/ cannot be read; the message says which and why."""


class _Derived(NamedTuple):
    """A chapter's file: what it is to hold, and what a fresh one holds."""

    file: Path
    text: str
    fresh: str


def _derived(chapter: Chapter, folder: Path, derive: Callable[[str], str]) -> _Derived:
    """Derive a chapter from answers/.

    Raises:
        _NoSheetError: if the chapter of answers/ cannot be read.
    """
    sheet, answered = chapter.sheet, chapter.answered_text
    if not isinstance(answered, str):
        detail = answered.detail if answered else "it is gone"
        raise _NoSheetError(f"{sheet} cannot be read: {detail}.")
    try:
        return _Derived(folder / chapter.page.name, derive(answered), source.blank(answered))
    except SyntaxError as error:
        raise _NoSheetError(f"{sheet}, line {error.lineno}: {error.msg}.") from None
    except ValueError as error:
        raise _NoSheetError(
            f"{sheet}: the notes of a marker are plain text: {error}."
        ) from None


def _is_changed(page: _Derived) -> bool:
    """Whether there may be something of a learner's in a file."""
    there = read_text(page.file)
    if isinstance(there, Problem):
        return there.what is not Trouble.NO_FILE
    return bool(there.strip()) and there not in {page.text, page.fresh}
