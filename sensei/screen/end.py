"""What is said at an end: of a chapter, and of the path. Beside it, how a chapter opens."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sensei.judge.verdict import Progress, State, Verdict
from sensei.koan.path import Chapter
from sensei.screen import colours
from sensei.screen.colours import Piece, code_spans, painted
from sensei.screen.lines import Line, code_in_words, plain, shortened, wrapped

#: How the last paragraph of a chapter's docstring begins; it is told when the chapter is done.
BY_THE_END = "By the end you can "


def opening(chapter: Chapter) -> list[Line]:
    """Return what a chapter is about."""
    return wrapped(_opening_and_skill(chapter)[0], 2)


def chapter_done(just_solved: Sequence[Verdict], progress: Progress) -> list[list[Line]]:
    """Return what a learner can do now, if the last koan of a chapter was solved just now."""
    chapter = just_solved[-1].koan.chapter
    own = [v for v in progress.verdicts if v.koan.chapter == chapter]
    if len(own) < len(chapter.koans) or any(v.state is not State.SOLVED for v in own):
        return []
    skill, _, more = _opening_and_skill(chapter)[1].partition("\n\n")
    done = f"Chapter {chapter.number}, {chapter.title}, is done."
    blocks = [wrapped(f"{done} You can now {skill}" if skill else done, 2)]
    if more:
        blocks.append(wrapped(more, 2))
    return blocks if progress.current is None else [*blocks, *built(own)]


def built(verdicts: Sequence[Verdict]) -> list[list[Line]]:
    """Return the parts of what a learner has built, one below the other, if there are any."""
    parts = [verdict.koan.part for verdict in verdicts if verdict.state is State.SOLVED]
    lines = "\n\n".join(map(plain_code, filter(None, parts))).split("\n")
    if lines == [""]:
        return []
    code = [_code(pieces) for pieces in painted(lines, code_spans(lines))]
    return [[Line("  What you have built:"), Line(), *code]]


def plain_code(text: str) -> str:
    """Return code without control characters."""
    return "\n".join(map(plain, text.split("\n")))


def _code(pieces: Sequence[Piece]) -> Line:
    text = "".join(piece.text for piece in pieces)
    shown = shortened(f"      {text}".rstrip())
    whole = shown.strip() == text.strip()
    words = code_in_words(text)
    return Line(shown, "", (Piece("      ", ""), *pieces) if text and whole else (), words)


def _opening_and_skill(chapter: Chapter) -> tuple[str, str]:
    assert chapter.head is not None
    docstring = ast.get_docstring(chapter.head.tree()) or ""
    first, _, skill = docstring.partition(BY_THE_END)
    return first.rstrip(), skill


_BEYOND = (
    " What held here holds in every model. Take one of your own, predict a gradient, call "
    "backward(), and compare."
)
_READ_ON = (
    "To read on: the note Autograd mechanics, at pytorch.org/docs.",
    "To do a part of it again: pytest --reset NAME",
)


def all_hold(verdicts: Sequence[Verdict], *, whole: bool) -> list[list[Line]]:
    """Return what is said when all selected koans hold; `whole` if these are all there are."""
    count = len(verdicts)
    holds = f"  All {count} koans hold." if count > 1 else "  This koan holds."
    if not whole:
        return [*built(verdicts), [Line(holds, colours.NEWS)]]
    first, last = verdicts[0].koan.chapter, verdicts[-1].koan.chapter
    blanks = sum(len(verdict.fills) for verdict in verdicts)
    predicted = f" You filled {blanks} blanks," if blanks else " You came all the way,"
    back = f"{predicted} from {first.title} to {last.title}.{_BEYOND}"
    return [
        *built(verdicts),
        [Line(holds, colours.NEWS), *wrapped(back, 2)],
        [Line(f"  {line}", colours.NEXT) for line in _READ_ON],
    ]
