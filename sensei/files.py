"""Files written for learners and authors: whole or not at all, and the old ones are kept."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import re
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

from sensei.reading import encoded, read_bytes, why

_OLD = re.compile(r"(.+)\.old\d+")


def say(text: str = "") -> None:
    """Print a line; a console that lacks one of its characters shows a ? for it.

    Where nobody can read it, what is being written goes on to its end all the same.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    with contextlib.suppress(OSError):
        print(text.encode(encoding, "replace").decode(encoding))


def give_up(why: str) -> int:
    """Say why nothing can be done, and return the status of a command that does nothing."""
    say(why)
    return 2


def typed(file: Path) -> str:
    """Return a file's name as it can be typed here, in any shell."""
    try:
        return Path(os.path.relpath(file)).as_posix()
    except ValueError:  # on another drive
        return file.as_posix()


def write_whole(file: Path, data: str | bytes) -> None:
    """Write text or data, or leave the file as it was: there is no half-written state.

    Raises:
        OSError: if the file cannot be written, or must not be.
    """
    mode = _mode(file)
    file = Path(os.path.realpath(file))  # a link stays a link
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(encoded(data) if isinstance(data, str) else data)
            stream.flush()
            os.fsync(stream.fileno())  # some disks say only then that they are full
        Path(temporary).chmod(mode)
        Path(temporary).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _mode(file: Path) -> int:
    """Return the mode for a file that is to be written.

    Raises:
        OSError: if something is there that must not be written over.
    """
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        if file.is_symlink():
            raise OSError(
                errno.ENOENT, "it is a link that leads nowhere. Take it away"
            ) from None
        return 0o644
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, no file")
    if not mode & stat.S_IWUSR:
        to_type = "attrib -r" if sys.platform == "win32" else "chmod u+w"
        raise PermissionError(errno.EPERM, f"it is read-only; {to_type} changes that")
    return mode


def unwritable(place: Path) -> str:
    """Return why a file cannot be written, or none in a folder; nothing where it can be.

    Of a folder that is found out by writing one, which is taken away again.
    """
    try:
        if not place.is_dir():
            _mode(place)
            return ""
        with tempfile.TemporaryDirectory(prefix=".sensei-", dir=place) as apart:
            write_whole(Path(apart) / "file", "written\n")
    except OSError as error:
        return why(error)
    return ""


class Change(NamedTuple):
    """What became of files: where the old one of each is, if there was one.

    `is_whole` says whether everything could be done.
    """

    kept: Mapping[Path, Path | None]
    is_whole: bool


def change(changes: Mapping[Path, str | bytes | None]) -> Change:
    """Write files, or take away those that map to None, and say so; the old ones are kept.

    Text gets the line ends of what was there. What could not be done is said, too.
    """
    kept: dict[Path, Path | None] = {}
    for file, data in changes.items():
        old = None
        try:
            if os.path.lexists(file):
                _mode(file)
                there = read_bytes(file)
                name = _free_name(file)
                write_whole(name, there)
                old = name
            if data is None:
                file.unlink()
            else:
                write_whole(file, _as_before(data, old) if isinstance(data, str) else data)
        except OSError as error:
            with contextlib.suppress(OSError):
                if old:
                    old.unlink()
            more = "more " if kept else ""
            say(f"{typed(file)}: {why(error)}. Nothing {more}was written.")
            return Change(kept, is_whole=False)
        done = "taken away" if data is None else "written anew" if old else "written"
        say(f"{typed(file)}: {done}{',' if old else ''}")
        if old:
            say(f"    the old one is {typed(old)}")
        kept[file] = old
    return Change(kept, is_whole=True)


def _free_name(file: Path) -> Path:
    names = (file.with_name(f"{file.name}.old{number}") for number in count(1))
    return next(name for name in names if not os.path.lexists(name))


def _as_before(text: str, old: Path | None) -> bytes:
    """Return text with the line ends and the byte order mark that the old file has."""
    data = read_bytes(old) if old else b""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return mark + encoded(text).replace(b"\n", b"\r\n" if b"\r\n" in data else b"\n")


def say_undo(change: Change) -> None:
    """Name the command that puts old files back, if there are any."""
    olds = [typed(old) for old in change.kept.values() if old]
    if not olds:
        return
    quoted = (f'"{name}"' if " " in name else name for name in olds)
    say()
    say("To undo this:")
    say(f"    python -m sensei restore {' '.join(quoted)}")
    if new := [typed(file) for file, old in change.kept.items() if old is None]:
        say(f"    New files stay: {', '.join(new)}")


def restore(olds: Sequence[Path]) -> int:
    """Put old files back in their places; what stands there now is kept in its turn.

    Returns:
        0, or 2 when not everything could be done.
    """
    changes: dict[Path, bytes] = {}
    for old in olds:
        match = _OLD.fullmatch(old.name)
        if match is None:
            return give_up(
                f"{typed(old)} is not the name of an old file: these end in .old1, .old2, ..."
            )
        file = old.with_name(match[1])
        try:
            changes[file] = read_bytes(old)
            is_cut = _is_cut(changes[file], read_bytes(file) if file.exists() else b"")
        except OSError as error:
            return give_up(f"{typed(old)}: {why(error)}. Nothing was written.")
        if is_cut:
            return give_up(
                f"{typed(old)} is not whole: {typed(file)} begins with it and goes on. "
                "Nothing was written."
            )
    done = change(changes)
    say_undo(done)
    return 0 if done.is_whole else 2


def _is_cut(old: bytes, there: bytes) -> bool:
    """Whether an old file is a copy that ends in the middle of what stands in its place."""
    return len(old) < len(there) and there.startswith(old) and not old.endswith(b"\n")
