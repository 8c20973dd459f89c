"""Wrong fills that nobody listed: what is said of them, over all blanks.

All of them take minutes: `python -m benchmarks.replies`.
"""

from __future__ import annotations

import pytest

from benchmarks.replies import Told, claims, claims_of, is_indirect, is_silent, tell_some


@pytest.fixture(scope="module")
def everything() -> list[Told]:
    """Make up wrong fills for every 24th koan, and collect the replies to one in eight."""
    return list(tell_some(every=8))


def test_nine_in_ten_get_a_reply_of_their_own(everything: list[Told]) -> None:
    """More is said than that it does not hold, or which other line does not."""
    without = [one for one in everything if is_silent(one) or is_indirect(one)]
    assert len(everything) > 50
    assert len(without) <= len(everything) / 10


def test_none_tells_the_answer(everything: list[Told]) -> None:
    """Whatever is said, the answer is not in it."""
    assert [one.made.code for one in everything if one.reveals] == []


def test_all_are_true(everything: list[Told]) -> None:
    """What is claimed holds of the fill, the answer and the koan."""
    assert [(one.made.code, str(one.reply)) for one in everything if not one.is_true] == []


def test_many_claims_are_made(everything: list[Told]) -> None:
    """So that many sentences are tried in the koans there are, even by a small sample."""
    made = {claim for one in everything for claim in claims_of(one.reply)}
    assert len(made) >= len(claims()) / 5
