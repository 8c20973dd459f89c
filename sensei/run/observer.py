"""Notes what a koan computes on its way: what stood in its blanks, and what else was there.

Only replies rest on these notes; whether a fill holds is never asked here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sensei.koan.source import BLANK
from sensei.run.spy import Listener
from sensei.run.wire import crosses

#: More notes than that say nothing new.
NOTES = 2000
#: Longer expressions of a koan make no good name for a value.
NAME_LENGTH = 24
#: The kinds of expressions that are noted; variables are noted after each line.
_NOTED = frozenset({"BinOp", "Call"})


class Sight(NamedTuple):
    """Something that had a value, in the words of the koan: `x`, `x.grad`, `x**2`.

    `line` is the line that had just run, counted as in answers/; `is_name` tells variables,
    with their gradients and flags, from expressions.
    """

    line: int
    text: str
    value: object
    is_name: bool


class Seen(NamedTuple):
    """What there was to see in one run.

    `blanks` has what stood in each blank, once for each time it was computed; `sights` all
    else in the order of time, with one entry whenever a value had changed.
    """

    blanks: Mapping[int, Sequence[object]] = {}
    sights: Sequence[Sight] = ()

    def blank(self, number: int) -> Sequence[object]:
        """Return what stood in a blank, each time."""
        return self.blanks.get(number, ())


crosses(Sight, Seen)


class Observer(Listener):
    """Listens to a koan."""

    def __init__(self, koan: str) -> None:
        """Listen to a koan; what it is called does not matter here."""
        from sensei.run.worth import is_of, variables, worth

        self._worth, self._variables, self._is_of = worth, variables, is_of
        self._blanks: dict[int, list[object]] = {}
        self._sights: list[Sight] = []
        self._latest: dict[str, str] = {}

    def state(self, line: int, function: str, local: Mapping[str, Any]) -> None:
        """Note the variables, with tensors' flags and gradients."""
        with contextlib.suppress(Exception):  # a surprise in here is none of the koan
            for text, value in self._variables(local):
                self._note(line, text, value, is_name=True)
                if self._is_of("torch", "Tensor", value):
                    self._note(line, f"{text}.requires_grad", value.requires_grad, is_name=True)
                    if value.is_leaf or value.retains_grad:
                        self._note(line, f"{text}.grad", value.grad, is_name=True)

    def value(
        self, line: int, kind: str, text: str, called: str, parts: Sequence[str], value: Any
    ) -> Any:
        """Note what is computed, if its text is short enough to name it."""
        if kind in _NOTED and text and len(text) <= NAME_LENGTH and BLANK not in text:
            with contextlib.suppress(Exception):
                self._note(line, text, value, is_name=False)
        return value

    def _note(self, line: int, text: str, value: object, *, is_name: bool) -> None:
        if len(self._sights) >= NOTES:
            return
        now = self._worth(value)
        if self._latest.get(text) != (shown := repr(now)):
            self._latest[text] = shown
            self._sights.append(Sight(line, text, now, is_name))

    def blank(self, number: int, value: Any) -> Any:
        """Note what stands in a blank."""
        noted = self._blanks.setdefault(number, [])
        if len(noted) < NOTES:
            with contextlib.suppress(Exception):
                noted.append(self._worth(value))
        return value

    def found(self) -> Seen:
        """Return all notes."""
        return Seen(self._blanks, self._sights)


#: The name under which a trial asks for it.
OBSERVER = f"{Observer.__module__}.{Observer.__qualname__}"
