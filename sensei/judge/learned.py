"""When a solved koan is asked again: at growing intervals, the hard ones first. Pure.

That what is recalled at growing intervals stays longest is the most solid finding there is on
practice: Cepeda et al., Distributed practice in verbal recall tasks, Psychological Bulletin 132
(2006), and Dunlosky et al., Improving students' learning with effective learning techniques,
Psychological Science in the Public Interest 14 (2013). The days themselves are our choice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

#: So many koans are asked again at once.
COUNT = 5
#: In so many days a koan is asked again, by how many times in a row it held then.
DAYS = (1, 3, 7, 21, 60)
#: After so many wrong fills a koan was hard.
HARD = 3

_Koan = TypeVar("_Koan")


class Learned(NamedTuple):
    """What is known of a solved koan.

    Args:
        day: when it was solved last, counted as `datetime.date.toordinal` does.
        step: how many times it was asked again, counted anew where it did not hold at once.
        wrong: how many wrong fills came before, the last time.
        revealed: whether its answer was shown before.
    """

    day: int = 0
    step: int = 0
    wrong: int = 0
    revealed: bool = False

    @classmethod
    def from_data(cls, data: object) -> Learned | None:
        """Read what a tuple of it becomes as JSON, or None where it is none."""
        kinds = [int, int, int, bool]
        is_whole = isinstance(data, list) and [type(each) for each in data] == kinds
        return cls(*data) if is_whole and isinstance(data, list) else None

    @property
    def is_hard(self) -> bool:
        """Whether it took a reveal, or many guesses."""
        return self.revealed or self.wrong >= HARD

    @property
    def due(self) -> int:
        """The day from which on it is asked again; a hard one at once, the first time."""
        if self.step == 0 and self.is_hard:
            return self.day
        return self.day + DAYS[min(self.step, len(DAYS) - 1)]

    def again(self, now: Learned) -> Learned:
        """Return what is known once it was asked again, and `now` is how that went."""
        held_at_once = not (now.wrong or now.revealed)
        return now._replace(step=self.step + 1 if held_at_once else 1)


def today() -> int:
    """Return the day, counted as `datetime.date.toordinal` does."""
    return dt.date.today().toordinal()  # noqa: DTZ011 - the learner's own day is meant


def due(learned: Iterable[Learned], day: int) -> int:
    """Return how many koans can be asked again on a day."""
    return sum(each.due <= day for each in learned)


def chosen(
    learned: Mapping[_Koan, Learned],
    chapter_of: Mapping[_Koan, int],
    has_numbers: Container[_Koan],
    day: int,
) -> Sequence[_Koan]:
    """Return the koans that are asked again, of as many chapters as there are.

    Those come first that are due, and of them those that were hard, and those of long ago.

    Args:
        learned: what is known of each solved koan.
        chapter_of: the number of each koan's chapter.
        has_numbers: those that can be asked with other numbers: of equals, they come first.
        day: the day.
    """

    def order(koan: _Koan) -> tuple[bool, bool, int, int, bool]:
        it = learned[koan]
        return (it.due > day, not it.revealed, -it.wrong, it.due, koan not in has_numbers)

    waiting = sorted(learned, key=order)
    found: list[_Koan] = []
    while waiting and len(found) < COUNT:
        seen: set[int] = set()
        for koan in list(waiting):
            if chapter_of[koan] not in seen and len(found) < COUNT:
                seen.add(chapter_of[koan])
                waiting.remove(koan)
                found.append(koan)
    return found
