"""Writes files for the commands that say so; keeps the old ones, and names the undo."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sensei.files import keep_old, write_whole

_OLD = re.compile(r"(.+)\.old\d+")


def say(text: str = "") -> None:
    """Print a line; a console that lacks one of its characters shows a ? for it.

    Where nobody can read it, what is being written goes on to its end all the same.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    with contextlib.suppress(OSError):
        print(text.encode(encoding, "replace").decode(encoding))


def shown(file: Path) -> str:
    """Return a file's name as it can be typed here, in any shell."""
    try:
        return Path(os.path.relpath(file)).as_posix()
    except ValueError:  # on another drive
        return file.as_posix()


def change(changes: Mapping[Path, str | bytes | None]) -> tuple[dict[Path, Path], bool]:
    """Write files, or take away those that map to None, and say so; the old ones are kept.

    Returns:
        Where the old ones are, and whether everything could be done. What could not is said.
    """
    kept: dict[Path, Path] = {}
    more = ""
    for file, text in changes.items():
        old = None
        try:
            old = keep_old(file) if file.exists() else None
            if text is None:
                file.unlink()
            else:
                write_whole(file, text)
        except OSError as error:
            with contextlib.suppress(OSError):
                if old:
                    old.unlink()
            say(f"{shown(file)}: {error.strerror}. Nothing {more}was written.")
            return kept, False
        done = "taken away" if text is None else "written anew" if old else "written"
        say(f"{shown(file)}: {done}{',' if old else ''}")
        if old:
            say(f"    the old one is {shown(old)}")
            kept[file] = old
        more = "more "
    return kept, True


def say_undo(kept: Iterable[Path]) -> None:
    """Name the command that puts old files back, if there are any."""
    names = [f'"{name}"' if " " in name else name for name in map(shown, kept)]
    if names:
        say()
        say("To undo this:")
        say(f"    python -m sensei restore {' '.join(names)}")


def restore(olds: Sequence[Path]) -> int:
    """Put old files back in their places; what stands there now is kept in its turn.

    Returns:
        0, or 2 when not everything could be done.
    """
    changes: dict[Path, str | bytes | None] = {}
    for old in olds:
        match = _OLD.fullmatch(old.name)
        if match is None:
            say(f"{shown(old)} is not the name of an old file: these end in .old1, .old2, ...")
            return 2
        file = old.with_name(match[1])
        if file in changes:
            say(f"{shown(file)} can only have one old file put back. Name one.")
            return 2
        try:
            changes[file] = old.read_bytes()
        except OSError as error:
            say(f"{shown(old)}: {error.strerror}. Nothing was written.")
            return 2
    changes = {file: data for file, data in changes.items() if not _holds(file, data)}
    kept, whole = change(changes)
    if not changes:
        say("All of it is there already. Nothing was written.")
    say_undo(kept.values())
    return 0 if whole else 2


def _holds(file: Path, data: str | bytes | None) -> bool:
    try:
        return file.read_bytes() == data
    except OSError:
        return False
