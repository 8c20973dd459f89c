"""The one way to read a file of a learner's, and what is said where the system refuses one."""

from __future__ import annotations

import codecs
import errno
import locale
import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

#: What the system says in its own words, and what helps.
_IN_WORDS = {
    errno.ENOSPC: "the disk is full. Make room on it, and try again",
    errno.EDQUOT: "your share of the disk is full. Make room, and try again",
    errno.EFBIG: "files may not grow so large here. See: ulimit -f",
    errno.EROFS: "this disk can only be read",
    errno.EMFILE: "too many files are open. See: ulimit -n",
    errno.ENFILE: "too many files are open on this computer",
    errno.ELOOP: "it is a link that leads back to itself. Take the link away",
    errno.EISDIR: "it is a folder. Give it another name",
    errno.ENOTDIR: "a file stands where a folder belongs",
}
#: A byte that is no UTF-8, as Python holds it in text.
_STRAY = re.compile("[\udc80-\udcff]+")


def why(error: OSError) -> str:
    """Return what kept a file from being read or written, and what to do, in a sentence."""
    return _IN_WORDS.get(error.errno or 0) or error.strerror or str(error)


def read_bytes(file: Path) -> bytes:
    """Return what a file holds; nothing else is opened: a pipe would be waited for.

    Raises:
        OSError: if it cannot be read, or is no file.
    """
    kind = file.stat().st_mode
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    if not stat.S_ISREG(kind):
        raise OSError(errno.EINVAL, "it is a pipe or a device, no file", str(file))
    return file.read_bytes()


def decoded(data: bytes) -> str:
    """Return UTF-8 as text without a byte order mark; what is none can be written back."""
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """Return the bytes that were decoded, also those that are no UTF-8."""
    return text.encode("utf-8", "surrogateescape")


class Stray(NamedTuple):
    """A byte that is no UTF-8: its line in a text, and what it was probably meant to be."""

    line: int
    told: str


def stray_in(text: str) -> Stray | None:
    """Return the first byte of a text that is no UTF-8, if there is one."""
    match = _STRAY.search(text)
    if match is None:
        return None
    data = encoded(match[0])
    told = f"the byte 0x{data[0]:02x}"
    if (meant := data.decode(_code_page(), "replace")).isprintable() and "\ufffd" not in meant:
        told += f", probably meant as {meant}"
    return Stray(text.count("\n", 0, match.start()) + 1, told)


def _code_page() -> str:
    """Return what an editor here saves in that does not save in UTF-8."""
    own = locale.getpreferredencoding(do_setlocale=False)
    try:
        return "cp1252" if codecs.lookup(own).name in {"utf-8", "ascii"} else own
    except LookupError:
        return "cp1252"
