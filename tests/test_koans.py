"""The proof of the koans: every one there is, and every one to come."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensei.author import check
from sensei.author.check import (
    Fault,
    faults_of_chapter,
    faults_of_koan,
    faults_of_path,
    following_in,
)
from sensei.author.proofs import Candidate
from sensei.author.running import fresh_path
from sensei.koan.path import Chapter, Koan

ROOT = Path(__file__).parent.parent
CHAPTERS = fresh_path(ROOT / "koans", ROOT / "answers")
KOANS = [koan for chapter in CHAPTERS for koan in chapter.koans]
TRIED = KOANS[::3]
FOLLOWING = following_in(CHAPTERS)


@pytest.mark.parametrize("koan", TRIED, ids=lambda k: f"{k.chapter.number:02}-{k.name}")
def test_a_koan(koan: Koan, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be met, answered rightly and wrongly, and never tells its answer early.

    Every third koan is tried here, and in every tenth of these also small changes of the answer
    and the second numbers, so that all tests together take no longer than one waits for them.
    `python -m sensei check` tries all of it.
    """
    if TRIED.index(koan) % 10:
        monkeypatch.setattr(Candidate, "near", ())
        monkeypatch.setattr(check, "second_of", lambda _: None)
    faults = list(faults_of_koan(koan, FOLLOWING[koan.name]))
    assert not faults, said(faults)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.page.stem)
def test_a_chapter(chapter: Chapter) -> None:
    """It is what a learner has, and begins and ends with what it is good for."""
    faults = list(faults_of_chapter(chapter))
    assert not faults, said(faults)


def test_the_path() -> None:
    """There is one, its names say which koan is meant, and it isn't dull."""
    faults = list(faults_of_path(CHAPTERS))
    assert KOANS
    assert not faults, said(faults)


def said(faults: list[Fault]) -> str:
    """Return what does not hold, a sentence in each line."""
    return "\n".join(map(str, faults))
