"""Marks what a learner handed in: fills are lifted out of it, and only those are run.

A mark is a function of a koan and its fills alone, so that equal fills are judged once, and
a koan that stands in a file as it stood in another one is not even read again.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from sensei.grading.grades import ChapterOf, Learner, Mark, MarkedFill, MarkedKoan, Tried
from sensei.grading.intake import Submission
from sensei.grading.language import Language, changes_nothing
from sensei.judge.foreseen import meets
from sensei.judge.judge import StoppedError, judge_fills
from sensei.judge.verdict import FillState, JudgedFill
from sensei.koan import source
from sensei.koan.conflict import conflict_line
from sensei.koan.graft import ChangedError, Fill, lift, lift_loosely, read_fill
from sensei.koan.path import Chapter, Koan, Sheet, text_of
from sensei.koan.source import Part
from sensei.koan.trouble import Problem, Trouble
from sensei.reading import encoded
from sensei.run.outcome import MEMORY, End, Outcome, Trial
from sensei.run.runner import Run, runner

_Key = TypeVar("_Key")
_Marked = TypeVar("_Marked")
#: So many koans and files are remembered, so that a worker's memory stays as it is.
_REMEMBERED, _REMEMBERED_FILES = 100_000, 5_000
#: So many lines of a journal are read, and so much of each; so much of a fill is kept.
_JOURNAL_LINES, _JOURNAL_LINE, _JOURNAL_FILL = 5_000, 2_000, 200
#: A koan is some 2 KB; no more than this of one is read.
_KOAN_TEXT = 50_000
_OF_A_DOCSTRING = 2
_SPOILED = "Not marked: it changes what every koan rests on."
_BEYOND = "This koan was changed beyond its blanks. Its fills were marked."


class Marking:
    """Marks submissions against a path.

    Args:
        chapters: the path; each koan has its answers.
        seconds: how long a run of a koan may take.
    """

    def __init__(self, chapters: Sequence[Chapter], seconds: float) -> None:
        self._chapters = chapters
        self._seconds = seconds
        self._koans = {koan.name: koan for chapter in chapters for koan in chapter.koans}
        self._language = Language(koan.sheet for koan in self._koans.values() if koan.sheet)
        self._replies: dict[str, list[dict[str, str]]] = {}
        self._by_file: dict[bytes, tuple[list[MarkedKoan], str]] = {}
        self._by_text: dict[bytes, MarkedKoan] = {}
        self._by_fills: dict[tuple[str, ...], MarkedKoan] = {}

    def mark(self, given: Submission) -> Learner:
        """Return what a submission comes to.

        Raises:
            ImportError: if what koans need cannot be imported.
        """
        koans: list[MarkedKoan] = []
        notes = list(given.notes)
        for chapter in self._chapters:
            data = given.chapters.get(chapter.page.name)
            marked, told = self._marked_file(chapter, data)
            if told:
                notes.append(f"{chapter.page.name}: {told}")
            koans += marked
        return Learner(
            given.name, tuple(koans), tuple(notes), given.trouble, tuple(self._tried(given))
        )

    def _marked_file(
        self, chapter: Chapter, data: bytes | None
    ) -> tuple[list[MarkedKoan], str]:
        if data is None:
            return [MarkedKoan(koan.name, Mark.MISSING) for koan in chapter.koans], ""

        def read() -> tuple[list[MarkedKoan], str]:
            parts, told = _parts_of(data)
            return list(self._marked_in(chapter, parts)), told

        key = _digest(chapter.page.name, data)
        return _remembered(self._by_file, key, read, _REMEMBERED_FILES)

    def _marked_in(self, chapter: Chapter, parts: Sequence[Part]) -> Iterator[MarkedKoan]:
        for koan in chapter.koans:
            own = [part for part in parts if part.name == koan.name]
            if not own:
                yield MarkedKoan(koan.name, Mark.MISSING)
                continue
            marked = self._marked_text(koan, own[0])
            if len(own) > 1:
                note = f"It is there {len(own)} times. The first one was marked."
                marked = marked._replace(note=note)
            yield marked

    def _marked_text(self, koan: Koan, part: Part) -> MarkedKoan:
        def read() -> MarkedKoan:
            bare = _digest(f"{koan.name} without notes", encoded(_without_notes(part.text)))
            marked = self._by_text.get(bare) or self._read(koan, part)
            if not marked.note:  # what is said of a line may count others
                _remembered(self._by_text, bare, lambda: marked)
            return marked

        return _remembered(self._by_text, _digest(koan.name, encoded(part.text)), read)

    def _read(self, koan: Koan, part: Part) -> MarkedKoan:
        sheet, note = koan.sheet, ""
        if sheet is None:
            return MarkedKoan(koan.name, Mark.MISSING, note="It has no answers to mark it by.")
        if len(part.text) > _KOAN_TEXT:
            note = "It is longer than any koan. It was not read."
            return MarkedKoan(koan.name, Mark.CHANGED, note=note)
        try:
            try:
                fills: list[Fill] | None = lift(sheet.pattern, part)
            except ChangedError:
                fills, note = lift_loosely(sheet.pattern, part), _BEYOND
        except SyntaxError as error:
            line = (error.lineno or part.line) - part.line + 1
            return MarkedKoan(koan.name, Mark.CHANGED, note=f"Its line {line} is not Python.")
        except RecursionError:
            return MarkedKoan(koan.name, Mark.CHANGED, note="It is too deeply nested.")
        except ValueError:  # a number of more digits than Python writes
            return MarkedKoan(koan.name, Mark.CHANGED, note="It cannot be read.")
        if fills is None:
            note = "It was changed beyond its blanks, so that its fills cannot be told."
            return MarkedKoan(koan.name, Mark.CHANGED, note=note)
        try:
            return self._marked(koan, sheet, fills)._replace(note=note)
        except ImportError:
            raise
        except Exception as surprise:  # noqa: BLE001 - one fill harms no other
            told = f"Not marked: judging it ended in {type(surprise).__name__}."
            shown = tuple(MarkedFill(_cut(fill.text), None, told) for fill in fills)
            return MarkedKoan(koan.name, Mark.NOT_MARKED, shown)

    def _marked(self, koan: Koan, sheet: Sheet, fills: Sequence[Fill]) -> MarkedKoan:
        if any(fill.is_blank for fill in fills):
            return self._judged(koan, sheet, fills)
        outside = [self._language.outside(fill, sheet) for fill in fills]
        if any(outside):
            shown = (
                MarkedFill(_cut(fill.text), None, f"Not marked: {it.why}." if it else "")
                for fill, it in zip(fills, outside, strict=True)
            )
            return MarkedKoan(koan.name, Mark.NOT_MARKED, tuple(shown))
        key = (koan.name, *(f"{fill.code}\0{fill.goes_on}" for fill in fills))
        return _remembered(self._by_fills, key, lambda: self._judged(koan, sheet, fills))

    def _judged(self, koan: Koan, sheet: Sheet, fills: Sequence[Fill]) -> MarkedKoan:
        if any(fill.is_blank for fill in fills):
            open_ones = (MarkedFill(_cut(fill.text), None) for fill in fills)
            return MarkedKoan(koan.name, Mark.BLANK, tuple(open_ones))
        known = _remembered(self._replies, koan.name, lambda: _replies_in(sheet))
        if proven := _proven(known, fills):
            return MarkedKoan(koan.name, _mark_of(proven), proven)
        try:
            # What a fill changes in its process is gone with it.
            shared = all(map(changes_nothing, fills))
            with runner.koan(with_torch=koan.uses_torch, walled=True, shared=shared) as run:
                seen = partial(_unspoiled, run)
                judged = judge_fills(sheet, fills, self._seconds, seen)
        except SpoiledError:
            told = tuple(MarkedFill(fill.text, None, _SPOILED) for fill in fills)
            return MarkedKoan(koan.name, Mark.NOT_MARKED, told)
        except StoppedError as stop:
            told = tuple(MarkedFill(f.text, None, self._stop(stop.outcome)) for f in fills)
            return MarkedKoan(koan.name, Mark.LIMIT, told)
        told = tuple(map(_told, judged))
        return MarkedKoan(koan.name, _mark_of(told), told)

    def _stop(self, outcome: Outcome) -> str:
        """Say which limit a fill came to: that is another thing than to be wrong."""
        match outcome.end:
            case End.ENDLESS:
                return f"It did not end within {self._seconds:g} seconds."
            case End.OUT_OF_MEMORY:
                return f"It took more memory than a koan may: {MEMORY // 2**30} GB."
        return f"It ended the process that ran it: {outcome.detail}."

    # The journal.

    def _tried(self, given: Submission) -> Iterator[Tried]:
        """Yield the wrong fills of a journal; what is no line of one is left out."""
        lines = given.journal.decode("utf-8", "replace").splitlines()[:_JOURNAL_LINES]
        for line in lines:
            if len(line) > _JOURNAL_LINE:
                continue
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict) and entry.get("state") == "wrong":
                koan = self._koans.get(str(entry.get("koan")))
                fill = entry.get("fill")
                if koan and koan.sheet and isinstance(fill, str):
                    said = _foreseen(koan.sheet, fill)
                    yield Tried(koan.name, fill[:_JOURNAL_FILL], said, bool(said))


def _digest(name: str, data: bytes) -> bytes:
    return hashlib.sha1(b"%b\0%b" % (name.encode(), data), usedforsecurity=False).digest()


def _without_notes(text: str) -> str:
    """Return a koan's text without comments of a whole line, and empty lines.

    That is the same code, unless such a line goes on with another one, or is in a text.
    """
    if "\\\n" in text or text.count('"""') > _OF_A_DOCSTRING or "'''" in text:
        return text
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def _proven(known: Sequence[dict[str, str]], fills: Sequence[Fill]) -> tuple[MarkedFill, ...]:
    """Return the fills as marked, where each is the answer or a listed one; else nothing.

    That the one holds and the others don't is what `python -m sensei check` proves of every
    koan, so that most fills of a class need not be run.
    """
    marked = []
    for fill, replies in zip(fills, known, strict=True):
        said = replies.get(_code_of(fill))
        if fill.goes_on or said is None:
            return ()
        marked.append(MarkedFill(fill.text, not said, said, bool(said)))
    return tuple(marked)


def _replies_in(sheet: Sheet) -> list[dict[str, str]]:
    """Return for each blank the replies to what is listed; nothing is said of the answer."""
    return [
        {_code_of(read_fill(code)): reply for code, reply in marker.wrong.items()}
        | {ast.dump(marker.answer): ""}
        for marker in sheet.markers
    ]


class SpoiledError(Exception):
    """A fill changed what koans rest on, such as a class of torch's: nothing counts now."""


def _unspoiled(run: Run, trial: Trial) -> Outcome:
    """Run a trial.

    Raises:
        SpoiledError: if it changed more than its koan.
    """
    outcome = run(trial)
    if outcome.spoiled and not trial.spy:  # of what a spy has found there may be too much
        raise SpoiledError
    return outcome


def _code_of(fill: Fill) -> str:
    return " ".join(map(ast.dump, fill.nodes))


def _mark_of(fills: Iterable[MarkedFill]) -> Mark:
    return Mark.SOLVED if all(fill.is_right for fill in fills) else Mark.WRONG


def _remembered(
    there: dict[_Key, _Marked],
    key: _Key,
    make: Callable[[], _Marked],
    most: int = _REMEMBERED,
) -> _Marked:
    """Return what is remembered by a key, or make it; of what was long ago, nothing is."""
    if key not in there:
        made = make()
        while len(there) >= most:
            del there[next(iter(there))]
        there[key] = made
    return there[key]


def _parts_of(data: bytes) -> tuple[list[Part], str]:
    """Return the koans of a chapter's file, and what is the matter with it, if anything is."""
    text = text_of(data)
    if isinstance(text, Problem):
        return [], "it is saved as UTF-16." if text.what is Trouble.UTF16 else "not readable."
    _, parts = source.split(text)
    line = conflict_line(text)
    return parts, f"git left a conflict in line {line}." if line else ""


def _cut(text: str) -> str:
    return text if len(text) <= _JOURNAL_LINE else f"{text[:_JOURNAL_LINE]} ..."


def _told(judged: JudgedFill) -> MarkedFill:
    is_right = judged.state is FillState.RIGHT
    reply = judged.reply
    said = reply.text if reply and not is_right else ""
    return MarkedFill(judged.fill.text, is_right, said, bool(reply and reply.known))


def _foreseen(sheet: Sheet, code: str) -> str:
    """Return the reply of the misconception that a fill is, if it is one."""
    try:
        fill = read_fill(code)
        for marker in sheet.markers:
            for entry, reply in marker.wrong.items():
                if len(fill.nodes) > 0 and meets(fill, entry):
                    return reply
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return ""


def chapters_of(chapters: Iterable[Chapter], weights: dict[int, float]) -> list[ChapterOf]:
    """Return what reports need of a path."""
    return [
        ChapterOf(
            chapter.number,
            chapter.title,
            tuple(koan.name for koan in chapter.koans),
            weights.get(chapter.number, 1.0),
        )
        for chapter in chapters
    ]


def folder_is_ours(folder: Path, root: Path) -> bool:
    """Whether submissions lie where the path itself does."""
    own = {root / "koans", root / "answers", root / "sensei", root}
    return folder.resolve() in {each.resolve() for each in own}
