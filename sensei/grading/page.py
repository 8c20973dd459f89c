"""class.html: a class on one page, which asks no network for anything.

What learners wrote crosses into the page as one block of JSON, and is only made text there.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sensei.grading.grades import Grades, Learner, Mark
from sensei.grading.safe import visible
from sensei.screen.lines import shortened

_PARTS = Path(__file__).parent / "page"
#: What could end the block of JSON, or begin something else in it.
_IN_JSON = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
#: So much of what others wrote is on the page; the rest is in the reports.
_NAME, _FILL, _SENTENCE, _NOTES = 120, 300, 400, 5
#: So many rows the two lists have.
_STILL, _WRONG = 25, 50


def class_page(
    grades: Grades, folders: Sequence[str], in_words: Mapping[Mark, str], partial: str
) -> str:
    """Return the page.

    Args:
        grades: the class.
        folders: for each learner the name of the folder with the reports.
        in_words: what a mark is called.
        partial: what is said where marking was not done, or nothing.

    Raises:
        ModuleNotFoundError: if Jinja2 is not installed.
    """
    import jinja2
    import markupsafe

    style, script = (
        _PARTS.joinpath(name).read_text("utf-8") for name in ("class.css", "class.js")
    )
    words = {mark.value: word for mark, word in in_words.items()}
    data = {**page_data(grades, folders), "states": words}
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(_PARTS.joinpath("class.html.jinja").read_text("utf-8"))
    return template.render(
        style=markupsafe.Markup(style),  # noqa: S704 - it is ours
        style_hash=_hash(style),
        script=markupsafe.Markup(script),  # noqa: S704 - it is ours
        script_hash=_hash(script),
        data=markupsafe.Markup(block(data)),  # noqa: S704 - nothing is left that is no JSON
        path=grades.path,
        torch=grades.torch,
        partial=partial,
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def block(data: object) -> str:
    """Return data as JSON that is safe between the tags of a script."""
    return json.dumps(data, separators=(",", ":")).translate(_IN_JSON)


def page_data(grades: Grades, folders: Sequence[str]) -> dict[str, Any]:
    """Return what the page shows; koans are numbers there, in the order of the path.

    A learner's koans are a string, a mark's letter for each; it is a capital where there is
    a note on what was changed.
    """
    names = [name for chapter in grades.chapters for name in chapter.koans]
    learners = [
        _learner(grades, names, learner, folder)
        for learner, folder in zip(grades.learners, folders, strict=True)
    ]
    return {
        "chapters": [
            [f"{chapter.number:02} {chapter.title}", len(chapter.koans)]
            for chapter in grades.chapters
        ],
        "weighted": any(chapter.weight != 1 for chapter in grades.chapters),
        "points": f"{grades.total:.10g}",
        "koans": names,
        "learners": learners,
        "still": list(standing_still(grades, names)),
        "wrong": list(wrong_fills(grades, names)),
    }


def _learner(
    grades: Grades, names: Sequence[str], learner: Learner, folder: str
) -> dict[str, Any]:
    koans = {koan.name: koan for koan in learner.koans}
    marks = "".join(
        Mark.MISSING.value
        if name not in koans
        else koans[name].mark.value.upper()
        if koans[name].note
        else koans[name].mark.value
        for name in names
    )
    more = len(learner.notes) - _NOTES
    notes = [shortened(visible(note), _SENTENCE) for note in learner.notes[:_NOTES]]
    return {
        "name": shortened(visible(learner.name), _NAME),
        "marks": marks,
        "points": f"{grades.points(learner):.10g}",
        "flags": " ".join(learner.flags),
        "notes": [*notes, *([f"and {more} more, in the report"] if more > 0 else [])],
        "trouble": shortened(visible(learner.trouble), _SENTENCE),
        "folder": folder,
    }


def standing_still(grades: Grades, names: Sequence[str]) -> Iterator[list[int]]:
    """Yield the koans where learners are: the koan, how many are at it, how many solved it.

    Whose work could not be read is nowhere.
    """
    readable = [learner for learner in grades.learners if not learner.trouble]
    at = Counter(learner.current for learner in readable)
    solved = Counter(
        koan.name for each in readable for koan in each.koans if koan.mark is Mark.SOLVED
    )
    found = [(number, at[name], solved[name]) for number, name in enumerate(names) if at[name]]
    found.sort(key=lambda each: -each[1])
    yield from map(list, found[:_STILL])


def wrong_fills(grades: Grades, names: Sequence[str]) -> Iterator[list[Any]]:
    """Yield the commonest wrong fills.

    Each is the koan, how many learners gave it, now or according to their journals, the fill,
    what is said of it, and whether the koan foresaw it.
    """
    number_of = {name: number for number, name in enumerate(names)}
    count: Counter[tuple[str, str]] = Counter()
    said: dict[tuple[str, str], tuple[bool, str]] = {}
    for learner in grades.learners:
        given = list(_wrong(learner))
        count.update({(koan, fill) for koan, fill, *_ in given})
        for koan, fill, is_known, text in given:
            said[koan, fill] = max(said.get((koan, fill), (False, "")), (is_known, text))
    found = [each for each in count if each[0] in number_of]
    found.sort(key=lambda each: (-count[each], number_of[each[0]], each[1]))
    for koan, fill in found[:_WRONG]:
        is_known, text = said[koan, fill]
        lines = "\n".join(visible(line) for line in fill.splitlines())
        yield [
            number_of[koan],
            count[koan, fill],
            shortened(lines, _FILL),
            shortened(visible(" ".join(text.split())), _SENTENCE),
            is_known,
        ]


def _wrong(learner: Learner) -> Iterator[tuple[str, str, bool, str]]:
    for koan in learner.koans:
        for fill in koan.fills:
            if fill.is_right is False:
                yield koan.name, fill.text.strip(), fill.is_known, fill.said
    for tried in learner.tried:
        yield tried.koan, tried.fill.strip(), tried.is_known, tried.said
