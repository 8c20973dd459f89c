"""Classes that were never taught, for tests of reports."""

from __future__ import annotations

from sensei.grading.grades import (
    ChapterOf,
    Grades,
    Learner,
    Mark,
    MarkedFill,
    MarkedKoan,
)

CHAPTERS = (
    ChapterOf(0, "blanks", ("test_one", "test_two")),
    ChapterOf(1, "first gradient", ("test_three", "test_four", "test_five")),
)
WRONG = MarkedFill("6.0", is_right=False, said="6 is y itself.", is_known=True)
RIGHT = MarkedFill("9.0", is_right=True)


def learner(
    name: str,
    marks: str = "sswbb",
    *,
    fills: tuple[MarkedFill, ...] = (WRONG,),
    notes: tuple[str, ...] = (),
    trouble: str = "",
) -> Learner:
    """Return a learner with a mark's letter for each koan; those that are wrong have fills."""
    names = (name for chapter in CHAPTERS for name in chapter.koans)
    koans = tuple(
        MarkedKoan(koan, Mark(mark), fills if mark in "wnt" else ())
        for koan, mark in zip(names, marks, strict=True)
    )
    return Learner(name, koans, notes, trouble)


def a_class(*learners: Learner, chapters: tuple[ChapterOf, ...] = CHAPTERS) -> Grades:
    """Return a class of some learners."""
    return Grades("1.2.0", "2.13.0", chapters, learners)


def big(learners: int, koans: int, in_chapter: int = 13) -> Grades:
    """Return a class of many learners, as they often stand: further and less far."""
    names = [f"test_what_the_koan_with_number_{number:03}_is_about" for number in range(koans)]
    chapters = [
        ChapterOf(
            number, f"chapter of some length {number}", tuple(names[first : first + in_chapter])
        )
        for number, first in enumerate(range(0, koans, in_chapter))
    ]
    made = []
    for number in range(learners):
        at = number * 7919 % (koans + 1)
        fill = MarkedFill(
            f"torch.tensor({number % 17}.0)",
            is_right=False,
            said=f"It is no {number % 17}, " * 5,
        )
        marked = [
            MarkedKoan(name, Mark.SOLVED)
            if place < at
            else MarkedKoan(
                name, Mark.WRONG if place == at else Mark.BLANK, (fill,) * (place == at)
            )
            for place, name in enumerate(names)
        ]
        notes = ("There is a file that belongs to no chapter.",) * (number % 10 == 0)
        made.append(Learner(f"Learner {number:04}, Firstname Lastname", tuple(marked), notes))
    return Grades("1.2.0", "2.13.0", chapters, made)
