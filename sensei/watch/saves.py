"""Sees saves: what the Python files in some places hold, looked at often and read seldom."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sensei.reading import read_bytes

#: How long nothing may change before a burst of saves counts as one.
SETTLED = 0.02
#: The same while a file is away or empty: its editor is about to write it.
SETTLED_WITHOUT = 0.3
#: How long to wait between two looks, and at least how many times as long as a look takes.
PAUSE = 0.04
LOOKS_PER_PAUSE = 200
#: Clocks of file systems may be as coarse as this: a file may change and keep its time.
RECENT = 3.0


class Glance(NamedTuple):
    """What a file was like: time, size and identity, and a digest of what it held.

    The digest is None where the file could not be read.
    """

    stat: tuple[int, int, int]
    digest: bytes | None


#: By path, as text: comparing that is what all the looking takes.
Glances = Mapping[str, Glance]
_EMPTY = hashlib.sha1(b"", usedforsecurity=False).digest()


def look(places: Iterable[Path], before: Glances) -> Glances:
    """Return what the files hold now; only those that may have changed are read.

    Args:
        places: files, and folders that stand for the Python files in them. Any may be away.
        before: what the last look found.
    """
    now = time.time()
    found = {}
    for file, stat in (entry for place in places for entry in _entries(place)):
        seen = before.get(file)
        identity = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        is_recent = abs(now - stat.st_mtime) < RECENT
        if seen is None or seen.digest is None or seen.stat != identity or is_recent:
            seen = Glance(identity, _digest(file))
        found[file] = seen
    return found


def _entries(place: Path) -> Iterator[tuple[str, os.stat_result]]:
    try:
        if place.suffix:
            yield str(place), place.stat()
            return
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    with contextlib.suppress(FileNotFoundError):
                        yield entry.path, entry.stat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # away, for now or for good


def _digest(file: str) -> bytes | None:
    try:
        return hashlib.sha1(read_bytes(Path(file)), usedforsecurity=False).digest()
    except OSError as error:
        if error.errno in {errno.EMFILE, errno.ENFILE}:
            raise  # it says nothing of the file
        return None


def changed(before: Glances, now: Glances) -> frozenset[Path]:
    """Return the files that hold something else now, the new ones and those that are away."""
    return frozenset(
        Path(file)
        for file in before.keys() | now.keys()
        if file not in before or file not in now or before[file].digest != now[file].digest
    )


class Saves:
    """Looks at places again and again, and tells what was saved once a burst is over."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = places
        self._told = self._last = look(places, {})
        self._since = 0.0
        self.pause = PAUSE

    def settled(self) -> frozenset[Path]:
        """Look, and return what has changed since it was last told, if that seems to be all."""
        start = time.monotonic()
        now = look(self._places, self._last)
        end = time.monotonic()
        if now != self._last:
            self._since = end
        self._last = now
        changes = changed(self._told, now) if now != self._told else frozenset()
        self.pause = SETTLED / 2 if changes else max(PAUSE, LOOKS_PER_PAUSE * (end - start))
        there = (now.get(str(file)) for file in changes)
        incomplete = any(glance is None or glance.digest == _EMPTY for glance in there)
        if not changes or end - self._since < (SETTLED_WITHOUT if incomplete else SETTLED):
            return frozenset()
        self._told = now
        return changes

    def are_new(self) -> bool:
        """Look, and return whether something was saved that is not told yet."""
        self._last = look(self._places, self._last)
        return bool(changed(self._told, self._last))

    def pass_over(self) -> None:
        """Count what the files hold now as told."""
        self._told = self._last = look(self._places, self._last)
