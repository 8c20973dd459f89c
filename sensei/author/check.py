"""`python -m sensei check`: proves koans, and says sentence by sentence what does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from sensei.author.proofs import (
    CHAPTER_PROOFS,
    FIRST_PROOFS,
    PATH_PROOFS,
    PROOFS,
    Candidate,
    can_be_read,
)
from sensei.author.running import fresh_path, second_of
from sensei.author.torch_news import WRITE, is_stale, torch_news
from sensei.files import give_up, say, typed
from sensei.koan.naming import named
from sensei.koan.path import Chapter, Koan
from sensei.run.runner import runner

#: The rule of a mapping of numbers that does not fit its koan.
SECOND_NUMBERS = "second numbers"


class Fault(NamedTuple):
    """Something that does not hold: where, by which rule, and a sentence about it."""

    where: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}\n    {self.rule}: {self.text}"


def check(names: Sequence[str]) -> int:
    """Prove the koans and chapters with these names, or the whole path.

    Returns:
        0, or 1 where something does not hold, or 2 where nothing could be proved.
    """
    chapters = fresh_path(Path("koans"), Path("answers"))
    if not chapters:
        return give_up("There are no chapters in answers/ here. Go to the project's folder.")
    meant = [(name, named(chapters, name)) for name in names]
    if unknown := [name for name, found in meant if not found]:
        return give_up(f"No koan and no chapter is called {', '.join(unknown)}.")
    chosen = [it for _, found in meant for it in found] if names else [*chapters]
    faults, where = 0, ""
    for fault in faults_of(chapters, chosen, whole=not names):
        if fault.where != where:
            where = fault.where
            say(where)
        say(f"    {fault.rule}: {fault.text}")
        faults += 1
    if faults:
        say(f"What does not hold: {faults}.")
        return 1
    proved = {k.name for it in chosen for k in ([it] if isinstance(it, Koan) else it.koans)}
    say(f"{proved.pop()} holds." if len(proved) == 1 else f"All {len(proved)} koans hold.")
    return 0


def news(*, write: bool) -> int:
    """Say what the installed torch does otherwise, or write what it does into the table.

    Returns:
        0 if nothing differs, 1 if something does, 2 where nothing could be compared.
    """
    chapters = fresh_path(Path("koans"), Path("answers"))
    if not chapters:
        return give_up("There are no chapters in answers/ here. Go to the project's folder.")
    return torch_news(chapters, write=write)


def faults_of(
    chapters: Sequence[Chapter], chosen: Sequence[Chapter | Koan], *, whole: bool
) -> Iterator[Fault]:
    """Prove what was chosen of a path, in its order; and the path itself, if that was."""
    if whole:
        yield from faults_of_path(chapters)
    following = following_in(chapters)
    for chapter in chapters:
        if chapter in chosen:
            yield from faults_of_chapter(chapter)
        for koan in chapter.koans:
            if chapter in chosen or koan in chosen:
                yield from faults_of_koan(koan, following[koan.name])


def following_in(chapters: Sequence[Chapter]) -> dict[str, list[Koan]]:
    """Return by each koan's name those that may follow it: on the path, and on a route."""
    koans = [koan for chapter in chapters for koan in chapter.koans]
    following: dict[str, list[Koan]] = {koan.name: [] for koan in koans}
    for path in (koans, [koan for koan in koans if koan.is_core]):
        for one, other in pairwise(path):
            if other not in following[one.name]:
                following[one.name].append(other)
    return following


def faults_of_path(chapters: Sequence[Chapter]) -> Iterator[Fault]:
    """Prove the path, but for its chapters."""
    for proof in PATH_PROOFS:
        yield from (Fault("the path", _rule(proof), text) for text in proof(chapters))


def faults_of_chapter(chapter: Chapter) -> Iterator[Fault]:
    """Prove a chapter, but for its koans: what can't be read of it is told of them."""
    if all(koan.sheet for koan in chapter.koans):
        for proof in CHAPTER_PROOFS:
            yield from (Fault(_file(chapter), _rule(proof), text) for text in proof(chapter))


def faults_of_koan(koan: Koan, following: Sequence[Koan] = ()) -> Iterator[Fault]:
    """Prove a koan, and its second text if it has one."""
    if koan.answered is None:
        yield Fault(_file(koan.chapter), _rule(can_be_read), "there is no koan in it")
        return
    where = f"{_file(koan.chapter)}:{koan.answered.line}   {koan.name}"
    yield from _faults_of_text(koan, following, where)
    if koan.sheet is None:
        return
    if is_stale(koan):
        yield Fault(where, "observed", f"its code is not what was observed. Type: {WRITE}")
    try:
        second = second_of(koan)
    except ValueError as error:
        yield Fault(where, SECOND_NUMBERS, str(error))
        return
    if second:
        yield from _faults_of_text(second, following, f"{where}, with its second numbers")


def _faults_of_text(koan: Koan, following: Sequence[Koan], where: str) -> Iterator[Fault]:
    faults = [Fault(where, _rule(p), text) for p in FIRST_PROOFS for text in p(koan)]
    yield from faults
    if faults:
        return
    with runner.koan() as run:
        candidate = Candidate(koan, run, following)
        for proof in PROOFS:
            yield from (Fault(where, _rule(proof), text) for text in proof(candidate))


def _rule(proof: Callable[..., object]) -> str:
    return proof.__name__.replace("_", " ")


def _file(chapter: Chapter) -> str:
    return typed(chapter.sheet or chapter.page)
