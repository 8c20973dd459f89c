"""`python -m sensei merge DEST DIR...`: the reports of a class that was marked in parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sensei.files import give_up, say
from sensei.grading.grades import Grades
from sensei.grading.report import from_result, write_reports
from sensei.grading.safe import told_apart

_HOW = "A part is what marking wrote: python -m sensei grade DIR --grade-to=PART"


class _PartError(Exception):
    """Something that is no part of this class; the message says what."""


def merge(to: Path, parts: Sequence[Path]) -> int:
    """Write the reports of all parts together into a folder.

    Args:
        to: a folder that is none of the parts.
        parts: folders that marking wrote.

    Returns:
        0, or 2 if nothing was written.
    """
    if to.resolve() in {part.resolve() for part in parts}:
        return give_up(f"{to} is one of the parts. Name another folder to write to.")
    try:
        grades, partial = _together(parts)
    except _PartError as error:
        return give_up(str(error))
    written = write_reports(to, grades, partial)
    own = ", ".join(file.name for file in written if file.parent == to)
    say(f"{len(grades.learners)} learners of {len(parts)} parts. In {to}: {own}, results/")
    return 0


def _together(parts: Sequence[Path]) -> tuple[Grades, bool]:
    """Return the class of all parts, and whether marking was not done in one of them.

    Raises:
        _PartError: if one is no part, or was marked by another path, torch or weights.
    """
    found: list[Grades] = []
    partial = False
    for part in parts:
        files = sorted(part.glob("results/*/result.json"))
        if not files:
            raise _PartError(f"No results are in {part}. {_HOW}")
        for file in files:
            try:
                data = json.loads(file.read_bytes())
                grades = from_result(data)
                partial |= bool(data["partial"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise _PartError(f"{file} cannot be read: {type(error).__name__}.") from error
            if found and grades[:3] != found[0][:3]:
                raise _PartError(
                    f"{file} was marked by another path, another torch or other weights than "
                    f"what is in {parts[0]}. Mark all parts by one copy of the path."
                )
            found.append(grades)
    learners = [grades.learners[0] for grades in found]
    learners.sort(key=lambda learner: learner.name.casefold())
    names = told_apart(learner.name for learner in learners)
    apart = [each._replace(name=name) for each, name in zip(learners, names, strict=True)]
    return found[0]._replace(learners=apart), partial
