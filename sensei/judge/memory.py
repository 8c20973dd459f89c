"""What is remembered between runs: solved koans, hints shown, wrong fills tried. Pure.

It lives in pytest's cache. Whatever is damaged or missing there costs only what it told:
where a learner stands is always read from the files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sensei.judge.judge import FillState, Progress, State, Verdict

#: After so many different wrong fills of one koan a hint is offered.
OFFER_AFTER = 2


class Hint(NamedTuple):
    """The hints of one koan that a learner has seen, the last one being new if any is."""

    seen: Sequence[str]
    total: int


class Memory(NamedTuple):
    """What a run knows of those before it.

    Args:
        solved: the koans that held when last looked at; None where nobody knows.
        hints: how many hints were shown, by koan.
        tried: the wrong fills of the current koan, by koan.
    """

    solved: frozenset[str] | None
    hints: Mapping[str, int]
    tried: Mapping[str, list[str]]

    @classmethod
    def from_data(cls, data: object) -> Memory:
        """Read what `to_data` wrote, or as much of it as is whole."""
        if not isinstance(data, dict):
            return cls(None, {}, {})
        solved, hints, tried = (data.get(name) for name in ("solved", "hints", "tried"))
        numbers = hints.items() if isinstance(hints, dict) else ()
        fills = tried.items() if isinstance(tried, dict) else ()
        return cls(
            frozenset(solved) if isinstance(solved, list) and _is_texts(solved) else None,
            {name: number for name, number in numbers if isinstance(number, int)},
            {name: texts for name, texts in fills if _is_texts(texts)},
        )

    def to_data(self) -> dict[str, object]:
        """Return the memory as plain data."""
        solved = sorted(self.solved or ())
        return {"solved": solved, "hints": dict(self.hints), "tried": dict(self.tried)}

    def just_solved(self, progress: Progress) -> list[Verdict]:
        """Return the koans that hold now and did not when last looked at."""
        if self.solved is None:
            return []
        return [
            verdict
            for verdict in progress.verdicts
            if verdict.state is State.SOLVED and verdict.koan.nodeid not in self.solved
        ]

    def after(self, progress: Progress) -> Memory:
        """Return the memory with what a run has found."""
        looked_at = {v.koan.nodeid: v for v in progress.verdicts if v.state is not State.AHEAD}
        solved = {name for name, v in looked_at.items() if v.state is State.SOLVED}
        before = self.solved or frozenset()
        return self._replace(
            solved=frozenset(before - looked_at.keys() | solved),
            hints={name: n for name, n in self.hints.items() if name not in solved},
            tried=self._tried(progress.current),
        )

    def _tried(self, current: Verdict | None) -> Mapping[str, list[str]]:
        if current is None or current.state is not State.WRONG:
            return self.tried if current else {}
        name = current.koan.nodeid
        wrong = " | ".join(j.fill.text for j in current.fills if j.state is FillState.WRONG)
        return {name: list(dict.fromkeys([*self.tried.get(name, []), wrong]))}

    def offers_hint(self, current: Verdict | None) -> bool:
        """Whether the current koan was wrong in several ways, and has hints left to show."""
        if current is None or current.state is not State.WRONG:
            return False
        return len(self.tried.get(current.koan.nodeid, [])) >= OFFER_AFTER

    def next_hint(self, current: Verdict) -> tuple[Hint | None, Memory]:
        """Return the hints of a koan up to a new one, and the memory of that.

        None where the koan has no hints, or no blank that they could help with.
        """
        sheet = current.koan.sheet
        if sheet is None or not sheet.hints or not current.fills:
            return None, self
        name = current.koan.nodeid
        shown = min(max(0, self.hints.get(name, 0)) + 1, len(sheet.hints))
        hint = Hint(sheet.hints[:shown], len(sheet.hints))
        return hint, self._replace(hints={**self.hints, name: shown})


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
