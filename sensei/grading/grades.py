"""What marking comes to: plain data, from which every report is made. Pure."""

from __future__ import annotations

import enum
import functools
import json
from collections.abc import Sequence
from typing import NamedTuple

#: So many different koans are remembered.
_ALIKE = 20_000


class Mark(enum.Enum):
    """Where a koan of a learner stands, as marking sees it; the value is its letter.

    `NOT_MARKED` is a fill that marking does not run, and so calls neither right nor wrong.
    `LIMIT` is one that came to a limit of time or memory. `CHANGED` is a koan of which the
    fills cannot be told from what else was changed, and `MISSING` one that is not there.
    """

    SOLVED = "s"
    WRONG = "w"
    BLANK = "b"
    NOT_MARKED = "n"
    LIMIT = "t"
    CHANGED = "c"
    MISSING = "m"


class MarkedFill(NamedTuple):
    """A fill, whether it is right (None where that is not known), and what is said of it.

    `is_known` says that the koan foresaw this wrong fill, so that `said` names a
    misconception.
    """

    text: str
    is_right: bool | None
    said: str = ""
    is_known: bool = False


class MarkedKoan(NamedTuple):
    """A koan of a learner; `note` is a sentence on what was changed in it, or nothing."""

    name: str
    mark: Mark
    fills: tuple[MarkedFill, ...] = ()
    note: str = ""


class Tried(NamedTuple):
    """A wrong fill from a learner's journal."""

    koan: str
    fill: str
    said: str
    is_known: bool


class Learner(NamedTuple):
    """What a learner handed in, marked.

    Args:
        name: as the folder, the file or the roster has it: text, nothing else.
        koans: all koans of the path, in its order.
        notes: sentences on what was found besides.
        trouble: why nothing could be read, or nothing.
        tried: what the learner's journal holds, if one was handed in.
    """

    name: str
    koans: tuple[MarkedKoan, ...]
    notes: tuple[str, ...] = ()
    trouble: str = ""
    tried: tuple[Tried, ...] = ()

    @property
    def solved(self) -> int:
        """How many koans hold."""
        return sum(koan.mark is Mark.SOLVED for koan in self.koans)

    @property
    def current(self) -> str:
        """The first koan of the path that does not hold, or nothing where all do."""
        return next((koan.name for koan in self.koans if koan.mark is not Mark.SOLVED), "")

    @property
    def flags(self) -> tuple[str, ...]:
        """What an instructor should look at, in single words."""
        marks = {koan.mark for koan in self.koans}
        flags = {
            "changed": any(koan.note for koan in self.koans) or Mark.CHANGED in marks,
            "not-marked": Mark.NOT_MARKED in marks,
            "limit": Mark.LIMIT in marks,
            "unreadable": bool(self.trouble),
            "notes": bool(self.notes),
        }
        return tuple(flag for flag, is_so in flags.items() if is_so)

    def to_json(self) -> str:
        """Return it as a text, which `from_json` reads."""
        koans = list(map(_koan_to_json, self.koans))
        return json.dumps((self.name, koans, self.notes, self.trouble, self.tried))

    @classmethod
    def from_json(cls, text: str) -> Learner:
        """Read what `to_json` made."""
        name, koans, notes, trouble, tried = json.loads(text)
        return cls(
            name,
            tuple(map(_koan_from_json, koans)),
            tuple(notes),
            trouble,
            tuple(Tried(*each) for each in tried),
        )


#: Most koans of a class are like another learner's: one object is enough for all of them.
@functools.lru_cache(maxsize=_ALIKE)
def _koan_to_json(koan: MarkedKoan) -> str:
    return json.dumps(koan, default=lambda mark: mark.value)


@functools.lru_cache(maxsize=_ALIKE)
def _koan_from_json(text: str) -> MarkedKoan:
    name, mark, fills, note = json.loads(text)
    return MarkedKoan(name, Mark(mark), tuple(MarkedFill(*fill) for fill in fills), note)


class ChapterOf(NamedTuple):
    """A chapter of the path: its number, its title, the names of its koans, its weight."""

    number: int
    title: str
    koans: tuple[str, ...]
    weight: float = 1.0


class Grades(NamedTuple):
    """A class: what it was marked against, and how.

    Args:
        path: the version of the path.
        torch: the version of torch.
        chapters: the path, in order.
        learners: in the order of their names.
    """

    path: str
    torch: str
    chapters: Sequence[ChapterOf]
    learners: Sequence[Learner]

    def solved(self, learner: Learner) -> list[int]:
        """Return how many koans of each chapter hold."""
        names = {koan.name for koan in learner.koans if koan.mark is Mark.SOLVED}
        return [sum(name in names for name in chapter.koans) for chapter in self.chapters]

    def points(self, learner: Learner) -> float:
        """Return a learner's points: one for each solved koan, times its chapter's weight."""
        solved = self.solved(learner)
        return sum(
            chapter.weight * count for chapter, count in zip(self.chapters, solved, strict=True)
        )

    @property
    def total(self) -> float:
        """The points of who has solved everything."""
        return sum(chapter.weight * len(chapter.koans) for chapter in self.chapters)
