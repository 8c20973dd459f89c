"""`python -m sensei check --torch-news`: what this release of torch does otherwise.

What every answer and every listed wrong fill came to is kept in a table, with the release that
it was seen on. On another release all of them run again, and what differs is told koan by koan.
A row belongs to a koan's code: where that has changed, `check` asks for the table to be written
again.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sensei.author.running import SECONDS
from sensei.environment import version
from sensei.files import give_up, say, typed, write_whole
from sensei.judge.judge import sheet_trial
from sensei.koan import source
from sensei.koan.graft import Fill, read_fill
from sensei.koan.path import Chapter, Koan, Sheet
from sensei.koan.source import Part
from sensei.run.observer import OBSERVER, Seen
from sensei.run.outcome import Trial
from sensei.run.runner import Run, runner
from sensei.run.values import Array, Dtype, Thing, Type

TABLE = "observed.json"
WRITE = "python -m sensei check --torch-news --write"
#: Longer values are told by their beginning.
_LONGEST = 60
#: What comes to something else each time.
_BY_CHANCE = "seed()"
#: What the path tells and no koan asks, because releases differ in it.
TOLD = {
    "clamp at its bound": "x = torch.tensor(0.0, requires_grad=True)\n"
    "x.clamp(min=0).backward()\nreturn x.grad.item()",
}

#: By each fill, with the number of its blank before it, what it came to.
Row = dict[str, str]
#: By each koan's name its row, and the digest of the code that this belongs to.
Rows = dict[str, tuple[str, Row]]


def digest_of(sheet: Sheet) -> str:
    """Return what changes with the code of a koan: not with its words."""
    head, koan = sheet.head.tree(), source.function_in(sheet.pattern)
    bodies = [tree.body[ast.get_docstring(tree) is not None :] for tree in (head, koan)]
    dumped = [source.dumped(statement) for body in bodies for statement in body]
    for marker in sheet.markers:
        dumped += [source.dumped(marker.answer), *marker.wrong]
    return hashlib.sha1("\0".join(dumped).encode(), usedforsecurity=False).hexdigest()[:12]


def is_stale(koan: Koan) -> bool:
    """Whether the table next to a koan's answers has no row that belongs to its code."""
    assert koan.sheet is not None
    assert koan.chapter.sheet is not None
    table = _table(koan.chapter.sheet.parent)
    if table is None:
        return False
    row = table["koans"].get(koan.name)
    return row is None or row[0] != digest_of(koan.sheet)


def torch_news(chapters: Sequence[Chapter], *, write: bool) -> int:
    """Say what differs from the table, or write it anew.

    Returns:
        0 if nothing differs, 1 if something does, 2 if there is no table.
    """
    folder = next(chapter.sheet for chapter in chapters if chapter.sheet).parent
    koans = [koan for chapter in chapters for koan in chapter.koans if koan.sheet]
    table, here = _table(folder), version("torch") or ""
    if write:
        told = {"torch": here, "koans": _observed(koans), "told": _told()}
        write_whole(folder / TABLE, json.dumps(told, indent=0, ensure_ascii=False) + "\n")
        say(f"{typed(folder / TABLE)}: what {len(koans)} koans come to with torch {here}.")
        return 0
    if table is None:
        return give_up(f"{typed(folder / TABLE)} is not there. To write it: {WRITE}")
    say(f"torch {here} beside torch {table['torch']}:")
    differ = [*_differences(table["koans"], _observed(koans)), *_news_of_told(table["told"])]
    for line in differ:
        say(line)
    if not differ:
        say(f"Nothing differs in {len(koans)} koans.")
    return 1 if differ else 0


def _differences(then: Mapping[str, Sequence[Any]], now: Rows) -> Iterator[str]:
    for name, (digest, row) in now.items():
        was = then.get(name)
        if was is None or was[0] != digest:
            yield f"{name}\n    has no row in the table. To write it again: {WRITE}"
            continue
        lines = [
            f"    {fill}: {was[1][fill]} then, {came_to} now"
            for fill, came_to in row.items()
            if was[1].get(fill) != came_to
        ]
        if lines:
            yield "\n".join([name, *lines])


def _news_of_told(then: Mapping[str, str]) -> Iterator[str]:
    for name, now in _told().items():
        if then.get(name) != now:
            yield f"Told, and not asked: {name}\n    {then.get(name)} then, {now} now"


def _table(folder: Path) -> dict[str, Any] | None:
    try:
        table = json.loads((folder / TABLE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return table if isinstance(table, dict) else None


# What is seen.


def _observed(koans: Sequence[Koan]) -> Rows:
    rows: Rows = {}
    for koan in koans:
        assert koan.sheet is not None
        with runner.koan() as run:
            rows[koan.name] = digest_of(koan.sheet), _row(koan.sheet, run)
    return rows


def _row(sheet: Sheet, run: Run) -> Row:
    """Return what the answer and every listed fill of each blank come to."""
    none: list[Fill | None] = [None] * len(sheet.markers)
    row = {"answers": _came_to(sheet, none, run)}
    for number, marker in enumerate(sheet.markers):
        for code in marker.wrong:
            fills = [*none]
            fills[number] = read_fill(code)
            row[f"{number + 1}: {code}"] = _came_to(sheet, fills, run)
    return row


def _came_to(sheet: Sheet, fills: Sequence[Fill | None], run: Run) -> str:
    """Say how a koan ended with fills in its blanks, and what was seen on its way."""
    trial = sheet_trial(sheet, fills, SECONDS)
    outcome = run(trial)
    end = outcome.error.type.name if outcome.error else outcome.end.value
    if any(fill and _BY_CHANCE in fill.code for fill in fills):
        return end
    found = run(trial._replace(spy=OBSERVER)).found
    seen = found if isinstance(found, Seen) else Seen()
    blanks = " ".join(_short(value) for values in seen.blanks.values() for value in values)
    # Sorted: what a thread computes is seen before or after what stands beside it.
    sights = " ".join(sorted(f"{sight.text} {_short(sight.value)}" for sight in seen.sights))
    rest = hashlib.sha1(sights.encode(), usedforsecurity=False).hexdigest()[:6]
    shown = blanks if len(blanks) <= _LONGEST else f"{blanks[:_LONGEST]}..."
    return f"{end}, {shown or 'no value'} ({rest})"


def _short(value: object) -> str:
    """Return a value in words; the last digits of a number are its machine's business."""
    match value:
        case bool() | int() | None | str():
            return repr(value)
        case float():
            return f"{value:.4g}"
        case complex():
            return f"{value.real:.4g}+{value.imag:.4g}i"
        case list() | tuple():
            return f"[{', '.join(map(_short, value))}]"
        case Array(shape, values):
            return f"{shape}{_short(values)}"
        case Type() as it:
            return it.name
        case Thing(it):
            return it.name
        case Dtype(name):
            return name
    return type(value).__name__


def _told() -> dict[str, str]:
    """Return what the facts come to that are told and not asked."""
    found = {}
    for name, code in TOLD.items():
        body = "\n".join(f"        {line}" for line in code.splitlines())
        text = f"def test_it():\n    def it():\n{body}\n    raise ValueError(it())\n"
        with runner.koan() as run:
            outcome = run(Trial("import torch\n", Part("test_it", 1, text), seconds=SECONDS))
        found[name] = outcome.error.message if outcome.error else outcome.end.value
    return found
