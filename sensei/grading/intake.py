"""What learners handed in: whose it is, and which text each chapter has. Nothing is run.

An entry of the folder is a learner's folder, a .zip of one, or a file whose name says whose
it is, as learning platforms write them. Chapters are looked for by their names, wherever they
lie. Links are not followed, nothing is unpacked, and no program sees any of it.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from sensei.grading.safe import told_apart

#: A chapter is some 30 KB; whoever writes a hundred times as much in it meant something else.
LARGEST = 1_000_000
#: A journal has a line for each fill that was tried.
LARGEST_JOURNAL = 10_000_000
#: So many files and folders of one entry are looked at.
MANY = 20_000
#: So deep.
DEEP = 30
JOURNAL = "journal.jsonl"
#: Folders in which no learner writes, and which are large.
_NOT_THEIRS = frozenset(
    {".git", ".venv", "venv", "node_modules", "site-packages", "__pycache__", "__MACOSX"}
)
#: What Moodle has in the name of each learner's folder.
_OF_MOODLE = "_assignsubmission_"
#: What Canvas puts behind the name of a file that was handed in again.
_AGAIN = re.compile(r"(?P<stem>.+?)(?:-\d+| ?\(\d+\))?(?P<suffix>\.\w+)$")


@dataclass
class Submission:
    """What one learner handed in.

    Args:
        name: whose it is, as its entry says: text, nothing else.
        chapters: by each chapter's file name, what it holds.
        journal: the learner's journal, if one is there.
        notes: sentences on what was found besides.
        trouble: why nothing of it can be read, or nothing.
    """

    name: str
    chapters: dict[str, bytes] = field(default_factory=dict)
    journal: bytes = b""
    notes: list[str] = field(default_factory=list)
    trouble: str = ""


class Entry(NamedTuple):
    """An entry of the folder: whose it is, and how to read it, which may take a while."""

    name: str
    read: Callable[[], Submission]


class _Given:
    """A file that was found in an entry: where, and how to read some of it."""

    def __init__(self, place: PurePosixPath, size: int) -> None:
        self.place = place
        self.size = size

    def read(self, limit: int) -> bytes:
        """Return at most so much of it."""
        raise NotImplementedError


class _OnDisk(_Given):
    def __init__(self, file: Path, place: PurePosixPath, size: int) -> None:
        super().__init__(place, size)
        self._file = file

    def read(self, limit: int) -> bytes:
        # Not through a link that has come in its place, and not waiting for a pipe.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(self._file, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError("it is no file")
            return stream.read(limit)


class _InZip(_Given):
    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        super().__init__(_place_of(member), member.file_size)
        self._archive = archive
        self._member = member

    def read(self, limit: int) -> bytes:
        if self._member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            # Of others zipfile unpacks as much as there is, however little it is asked for.
            raise NotImplementedError
        with self._archive.open(self._member) as stream:
            return stream.read(limit)


def _place_of(member: zipfile.ZipInfo) -> PurePosixPath:
    """Return where a member says that it lies, as text that can be shown."""
    return PurePosixPath(printable(member.filename.replace("\\", "/")))


class TooMuchError(Exception):
    """An entry holds more than anybody would hand in."""


def entries(folder: Path, wanted: Iterable[str], learner: str) -> list[Entry]:
    """Return what lies in a folder of submissions, in the order of the learners' names.

    Args:
        folder: what was handed in.
        wanted: the file names of the chapters of the path.
        learner: the pattern of a loose file's name before the chapter's, or before .zip, with
            a group `learner`.

    Raises:
        OSError: if the folder itself cannot be read.
    """
    names, pattern = frozenset(wanted), re.compile(learner)
    found: list[Entry] = []
    loose: dict[str, list[tuple[str, Path]]] = {}
    with os.scandir(folder) as there:
        for entry in sorted(there, key=lambda entry: entry.name):
            shown, at = printable(entry.name), Path(entry.path)
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                found.append(_without(shown, "This is a link. Links are not followed."))
            elif entry.is_dir(follow_symlinks=False):
                owner = _whose(shown, pattern) if _OF_MOODLE in shown else shown
                found.append(Entry(owner, partial(_read_folder, owner, at, names)))
            elif not entry.is_file(follow_symlinks=False):
                found.append(_without(shown, "This is a pipe or a device, no file."))
            elif entry.name.lower().endswith(".zip"):
                owner = _whose(shown[:-4], pattern)
                found.append(Entry(owner, partial(_read_zip, owner, at, names)))
            elif chapter := _chapter_of(_again(shown), names):
                before = _again(shown)[: -len(chapter)]
                owner = _whose(before, pattern) if before else "(no name)"
                loose.setdefault(owner, []).append((chapter, at))
    found += [
        Entry(name, partial(_read_loose, name, files, names)) for name, files in loose.items()
    ]
    return _told_apart(sorted(found, key=lambda entry: entry.name))


def _without(name: str, trouble: str) -> Entry:
    return Entry(name, lambda: Submission(name, trouble=trouble))


def _told_apart(found: Sequence[Entry]) -> list[Entry]:
    """Give entries of one name a number behind it."""
    names = told_apart(entry.name for entry in found)
    return [entry._replace(name=name) for entry, name in zip(found, names, strict=True)]


def printable(text: str) -> str:
    """Return a name as text that can be shown and sent; what is none is written by its code."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    )


def _whose(name: str, pattern: re.Pattern[str]) -> str:
    found = pattern.match(name)
    return found["learner"] if found and found["learner"] else name


# One entry.


def _read_folder(name: str, folder: Path, names: frozenset[str]) -> Submission:
    notes: list[str] = []
    return _read(name, _in_folder(folder, notes), names, notes)


def _read_zip(name: str, file: Path, names: frozenset[str]) -> Submission:
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(name, _in_zip(archive), names, [])
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError, RuntimeError):
        return Submission(name, trouble="This is no zip file that can be read.")


def _read(
    name: str, found: Iterator[_Given], names: frozenset[str], notes: list[str]
) -> Submission:
    made = Submission(name, notes=notes)
    try:
        files = list(found)
    except TooMuchError:
        made.trouble = f"This holds more than {MANY} files. Nothing of it was read."
        return made
    except OSError as error:
        made.trouble = f"This cannot be read: {error.strerror or error}."
        return made
    _choose(made, files, names)
    return made


def _in_folder(top: Path, notes: list[str]) -> Iterator[_Given]:
    """Yield the files of a folder, and of those in it, in order; links are left out.

    Folders in it that cannot be opened are noted.

    Raises:
        OSError: if the folder itself cannot be opened.
    """
    waiting = [(top, PurePosixPath())]
    seen = 0
    while waiting:
        folder, place = waiting.pop()
        try:
            listed = os.scandir(folder)
        except OSError:
            if folder == top:
                raise
            notes.append(f"{place} cannot be opened.")
            continue
        with listed as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                seen += 1
                if seen > MANY:
                    raise TooMuchError
                at = place / printable(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _NOT_THEIRS and len(at.parts) < DEEP:
                        waiting.append((Path(entry.path), at))
                elif entry.is_file(follow_symlinks=False):
                    size = entry.stat(follow_symlinks=False).st_size
                    yield _OnDisk(Path(entry.path), at, size)


def _in_zip(archive: zipfile.ZipFile) -> Iterator[_Given]:
    """Yield the files of an archive; only their names are looked at, wherever they point."""
    members = archive.infolist()
    if len(members) > MANY:
        raise TooMuchError
    for member in members:
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        place = _place_of(member)
        if not member.is_dir() and not is_link and not _NOT_THEIRS & set(place.parts):
            yield _InZip(archive, member)


def _choose(made: Submission, files: Iterable[_Given], names: frozenset[str]) -> None:
    """Take from the files of an entry one for each chapter, and the journal."""
    found: dict[str, list[_Given]] = {}
    strange = []
    for given in files:
        name = _again(given.place.name)
        if name in names or name == JOURNAL:
            found.setdefault(name, []).append(given)
        elif re.fullmatch(r"test_\d+_\w+\.py", name) and "answers" not in given.place.parts:
            strange.append(name)
    for name, there in sorted(found.items()):
        _take(made, name, there)
    if strange:
        more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
        made.notes.append(f"Not on this path: {', '.join(sorted(strange)[:3])}{more}.")
    if not made.chapters and not made.trouble:
        made.trouble = "No chapter of this path is in it."


def _again(name: str) -> str:
    match = _AGAIN.match(name)
    return f"{match['stem']}{match['suffix']}" if match else name


def _take(made: Submission, name: str, there: list[_Given]) -> None:
    """Read the one of several files that a learner most likely wrote in."""

    def order(given: _Given) -> tuple[bool, bool, int, str]:
        folders = given.place.parts[:-1]
        is_koans = bool(folders) and folders[-1] == "koans"
        return ("answers" in folders, not is_koans, len(folders), str(given.place))

    there.sort(key=order)
    first, *others = there
    if first.place.parent.name == "answers":
        return  # a clone's own
    limit = LARGEST_JOURNAL if name == JOURNAL else LARGEST
    try:
        data = first.read(limit + 1)
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ):
        made.notes.append(f"{name} cannot be read.")
        return
    if len(data) > limit:
        made.notes.append(f"{name} has more than {limit // 1_000_000} MB. It was not read.")
        return
    rivals = [given for given in others if given.place.parent.name != "answers"]
    if rivals:
        made.notes.append(f"{name} is there {len(rivals) + 1} times. Read: {first.place}.")
    if name == JOURNAL:
        made.journal = data
    else:
        made.chapters[name] = data


# Loose files.


def _chapter_of(name: str, names: frozenset[str]) -> str:
    """Return the end of a file's name that is a chapter's name, or looks like one."""
    known = next((each for each in (*names, JOURNAL) if name.endswith(each)), "")
    strange = re.search(r"test_\d+_\w+\.py$", name)
    return known or (strange[0] if strange else "")


def _read_loose(
    name: str, files: Sequence[tuple[str, Path]], names: frozenset[str]
) -> Submission:
    """Read the files whose names say that they are one learner's; of two, the last one."""
    made = Submission(name)
    given = [_OnDisk(at, PurePosixPath(chapter), 0) for chapter, at in files]
    last = {each.place.name: each for each in given}
    _choose(made, last.values(), names)
    for chapter, count in Counter(chapter for chapter, _ in files).items():
        if count > 1:
            made.notes.append(f"{chapter} was handed in {count} times. The last one counts.")
    return made


# Who should have handed in.


def roster_of(text: str) -> Mapping[str, str]:
    """Return the learners of a roster, each with the name that a report gives them.

    A line is a learner's name as entries have it; behind a comma may stand a pseudonym.
    """
    found = {}
    for line in text.splitlines():
        name, _, shown = line.partition(",")
        if name.strip() and not line.startswith("#"):
            found[name.strip()] = shown.strip() or name.strip()
    return found
