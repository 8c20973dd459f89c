"""`journal.jsonl`: what was predicted, a line for each judged fill, where a course keeps one.

There is no clock in it and no name. It is only ever added to, and nothing rests on it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sensei.judge.memory import Memory
from sensei.judge.verdict import FillState, Progress, State, Verdict
from sensei.reading import read_bytes, why

JOURNAL = "journal.jsonl"

Entry = dict[str, Any]


def keep(folder: Path, progress: Progress, before: Memory) -> str:
    """Add what is new of a run to the journal in a folder.

    Args:
        folder: the project's.
        progress: where each koan stands.
        before: what was known before the run.

    Returns:
        Why nothing could be added, or nothing.
    """
    entries = list(_entries(progress, before))
    if not entries:
        return ""
    file = folder / JOURNAL
    try:
        with contextlib.suppress(FileNotFoundError):
            there = read_bytes(file)
            entries = _news(entries, there)
            if entries and there and not there.endswith(b"\n"):
                _add(file, b"\n")  # a line that broke off stays one
        _add(file, b"".join(json.dumps(entry).encode() + b"\n" for entry in entries))
    except OSError as error:
        return why(error)
    return ""


def _add(file: Path, data: bytes) -> None:
    if data:
        with file.open("ab", buffering=0) as stream:
            stream.write(data)


def _entries(progress: Progress, before: Memory) -> Iterator[Entry]:
    """Yield an entry for each fill of the koans that are new, and of the current one."""
    solved = before.solved or {}
    for verdict in progress.verdicts:
        is_new = verdict.state is State.SOLVED and verdict.koan.key not in solved
        if is_new or verdict is progress.current:
            yield from _entries_of(verdict, before)


def _entries_of(verdict: Verdict, before: Memory) -> Iterator[Entry]:
    key = verdict.koan.key
    for number, judged in enumerate(verdict.fills, 1):
        if judged.state in {FillState.RIGHT, FillState.WRONG}:
            yield {
                "koan": verdict.koan.name,
                "key": key,
                "blank": number,
                "fill": judged.fill.text,
                "state": judged.state.value,
                "known": judged.reply is not None and judged.reply.known,
                "hint": before.hints.get(key, 0),
                "answer": key in before.revealed,
            }


def _news(entries: Sequence[Entry], there: bytes) -> list[Entry]:
    """Return those that say something else than the last line about the same blank."""
    last = {_blank(entry): _judged(entry) for entry in _read(there.splitlines())}
    return [entry for entry in entries if last.get(_blank(entry)) != _judged(entry)]


def _read(lines: Iterable[bytes]) -> Iterator[Entry]:
    """Yield the entries that are whole."""
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                yield entry


def _blank(entry: Entry) -> str:
    return repr((entry.get("key"), entry.get("blank")))


def _judged(entry: Entry) -> tuple[object, object]:
    return entry.get("fill"), entry.get("state")
