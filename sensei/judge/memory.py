"""What is remembered between runs: solved koans and when, hints shown, fills tried. Pure.

It lives in pytest's cache. Whatever is damaged or missing there costs only what it told:
where a learner stands is always read from the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sensei.judge.learned import Learned
from sensei.judge.verdict import FillState, Progress, State, Verdict

#: After so many different wrong fills of one koan a hint is offered.
OFFER_AFTER = 2


class Hint(NamedTuple):
    """The hints of one koan that a learner has seen, the newest last.

    `before_answer` says whether the answer can be shown after them.
    """

    seen: Sequence[str]
    total: int
    before_answer: bool = True


class Memory(NamedTuple):
    """What a run knows of those before it.

    Koans go by their keys here, so that a koan with a new name is no new koan.

    Args:
        solved: the koans that held when last looked at, each with a digest of all that this
            rested on, or with nothing where it has to run again; None where nobody knows.
        hints: how many hints were shown, by koan.
        tried: the wrong fills of the current koan, by koan.
        revealed: the open koans of which the answer was shown.
        learned: when and how koans were solved, by koan.
        offered: the day on which a review was offered last.
    """

    solved: Mapping[str, str] | None
    hints: Mapping[str, int]
    tried: Mapping[str, list[str]]
    revealed: Mapping[str, bool] = {}
    learned: Mapping[str, Learned] = {}
    offered: int = 0

    @classmethod
    def from_data(cls, data: object) -> Memory:
        """Read what `to_data` wrote, or as much of it as is whole."""
        learned = _whole(data, "learned", lambda each: Learned.from_data(each) is not None)
        offered = data.get("offered") if isinstance(data, dict) else 0
        return cls(
            _whole(data, "solved", lambda digest: isinstance(digest, str)),
            _whole(data, "hints", lambda number: isinstance(number, int)) or {},
            _whole(data, "tried", _is_texts) or {},
            _whole(data, "revealed", lambda is_shown: is_shown is True) or {},
            {key: Learned(*each) for key, each in (learned or {}).items()},
            offered if isinstance(offered, int) else 0,
        )

    def to_data(self) -> dict[str, object]:
        """Return the memory as plain data."""
        solved = dict(sorted((self.solved or {}).items()))
        hints, tried, revealed = map(dict, (self.hints, self.tried, self.revealed))
        learned = {key: list(each) for key, each in sorted(self.learned.items())}
        parts = {"solved": solved, "hints": hints, "tried": tried, "revealed": revealed}
        return {**parts, "learned": learned, "offered": self.offered}

    @property
    def held(self) -> frozenset[str]:
        """The digests with which koans are known to hold."""
        return frozenset(digest for digest in (self.solved or {}).values() if digest)

    def just_solved(self, progress: Progress) -> list[Verdict]:
        """Return the koans that hold now and did not when last looked at."""
        if self.solved is None:
            return []
        held = self.held
        return [
            verdict
            for verdict in progress.verdicts
            if verdict.state is State.SOLVED
            and verdict.digest not in held
            and verdict.koan.key not in self.solved
        ]

    def after(self, progress: Progress, day: int) -> Memory:
        """Return the memory with what a run of that day has found."""
        solved, learned = dict(self.solved or {}), dict(self.learned)
        keys = {digest: key for key, digest in solved.items() if digest}
        for verdict in progress.verdicts:
            if verdict.state is State.SOLVED and verdict.digest not in keys:
                key = verdict.koan.key
                if key not in solved:
                    wrong, is_shown = len(self.tried.get(key, [])), key in self.revealed
                    learned[key] = Learned(day, 0, wrong, is_shown)
                # What a koan prints is shown by running it.
                solved[key] = "" if verdict.printed else verdict.digest
            elif verdict.state not in {State.SOLVED, State.AHEAD}:
                solved.pop(verdict.koan.key, None)
        return self._replace(
            solved=solved,
            hints={key: number for key, number in self.hints.items() if key not in solved},
            tried=self._tried(progress.current),
            revealed={key: True for key in self.revealed if key not in solved},
            learned=learned,
        )

    def _tried(self, current: Verdict | None) -> Mapping[str, list[str]]:
        if current is None or current.state is not State.WRONG:
            return self.tried if current else {}
        key = current.koan.key
        wrong = " | ".join(j.fill.text for j in current.fills if j.state is FillState.WRONG)
        return {key: list(dict.fromkeys([*self.tried.get(key, []), wrong]))}

    def was_hard(self, key: str) -> bool:
        """Whether a koan took a reveal or many guesses, and was not asked again since."""
        it = self.learned.get(key)
        return it is not None and it.is_hard and it.step == 0

    def offers_hint(self, current: Verdict | None) -> bool:
        """Whether the current koan was wrong in several ways, and has hints left to show."""
        if current is None or current.state is not State.WRONG:
            return False
        return len(self.tried.get(current.koan.key, [])) >= OFFER_AFTER

    def next_hint(self, current: Verdict) -> tuple[Hint | None, Memory]:
        """Return the hints of a koan up to a new one, and the memory of that.

        None where the koan has no hints, or no blank that they could help with.
        """
        sheet = current.koan.sheet
        if sheet is None or not sheet.hints or not current.fills:
            return None, self
        key = current.koan.key
        seen = min(max(0, self.hints.get(key, 0)) + 1, len(sheet.hints))
        hint = Hint(sheet.hints[:seen], len(sheet.hints), not sheet.is_closed)
        return hint, self._replace(hints={**self.hints, key: seen})

    def with_answer_shown(self, current: Verdict) -> Memory:
        """Return the memory of a koan's answer having been shown."""
        if current.koan.sheet is None or current.koan.sheet.is_closed:
            return self
        return self._replace(revealed={**self.revealed, current.koan.key: True})


def all_hints(current: Verdict) -> Hint | None:
    """Return all hints of a koan, for where it cannot be kept which of them were seen."""
    sheet = current.koan.sheet
    if sheet is None or not sheet.hints:
        return None
    return Hint(sheet.hints, len(sheet.hints), not sheet.is_closed)


def _whole(
    data: object, name: str, is_whole: Callable[[object], bool]
) -> dict[str, Any] | None:
    """Return the entries by that name that are whole, or None where there are none by it."""
    entries = data.get(name) if isinstance(data, dict) else None
    if not isinstance(entries, dict):
        return None
    return {key: value for key, value in entries.items() if is_whole(value)}


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
