"""Conflicts that git left in a chapter's text: where they begin, and their two sides. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_MARK = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)
#: git's lines around a conflict, and which of its sides the lines after them are on.
_MARKS: Mapping[str, Sequence[int]] = {
    "<<<<<<<": (0,),
    "|||||||": (),  # what both sides began from
    "=======": (1,),
    ">>>>>>>": (0, 1),
}


def conflict_line(text: str) -> int | None:
    """Return the line in which git's first mark stands, if there is one."""
    mark = _MARK.search(text)
    return text.count("\n", 0, mark.start()) + 1 if mark else None


def sides(text: str) -> list[str]:
    """Return a text, or both sides of one with git's marks; each line in its place."""
    if conflict_line(text) is None:
        return [text]
    lines: tuple[list[str], list[str]] = ([], [])
    on: Sequence[int] = (0, 1)
    is_conflict = False
    for line in text.split("\n"):
        mark = line[:7] if line[7:8] in {"", " "} else ""
        # Without a conflict around it, a line of = or | is a learner's own.
        is_mark = mark in {"<<<<<<<", ">>>>>>>"} or (is_conflict and mark in _MARKS)
        if is_mark:
            on, is_conflict = _MARKS[mark], mark != ">>>>>>>"
        for number, side in enumerate(lines):
            side.append(line if number in on and not is_mark else "")
    return ["\n".join(side) for side in lines]
