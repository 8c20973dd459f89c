"""A part of the path: which chapters, and which koans of them, are walked. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

#: The name of the route that is marked in answers/.
CORE = "core"
#: Chapters by their numbers: one, or the first and the last of several.
_CHAPTERS = re.compile(r"(\d{1,4})(?:\s*-\s*(\d{1,4}))?")


class RouteError(ValueError):
    """A text names no route; the message says what would."""


@dataclass(frozen=True)
class Route:
    """A selection of koans.

    Args:
        name: as it was asked for; nothing for the whole path.
        numbers: the numbers of its chapters; None for all of them.
        is_core: whether of each chapter only the marked koans are on it.
    """

    name: str = ""
    numbers: frozenset[int] | None = None
    is_core: bool = False

    def has_chapter(self, number: int) -> bool:
        """Whether a chapter may be on it."""
        return self.numbers is None or number in self.numbers

    def check(self, known: Collection[int]) -> None:
        """See whether there are such chapters.

        Raises:
            RouteError: if there is one that is not known.
        """
        if unknown := sorted((self.numbers or frozenset()) - {*known}):
            there = f"{min(known)} to {max(known)}" if known else "none"
            raise RouteError(f"{self.name}: there is no chapter {unknown[0]}, only {there}.")


#: The whole path.
WHOLE = Route()


def read_route(text: str) -> Route:
    """Return the route of that name, or that of the chapters: `1-6,12`.

    Raises:
        RouteError: if it is neither.
    """
    name = text.strip()
    if not name:
        return WHOLE
    if name.lower() == CORE:
        return Route(CORE, is_core=True)
    matches = [_CHAPTERS.fullmatch(part.strip()) for part in name.split(",")]
    ranges = [(int(m[1]), int(m[2] or m[1])) for m in matches if m]
    if len(ranges) < len(matches):
        raise RouteError(f"{name}: chapters, such as 1-6,12, or {CORE} belong here.")
    if backward := next((pair for pair in ranges if pair[0] > pair[1]), None):
        first, last = backward
        raise RouteError(f"{name}: {first}-{last} goes backward. Write {last}-{first}.")
    return Route(name, frozenset(n for a, b in ranges for n in range(a, b + 1)))
