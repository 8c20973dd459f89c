"""`python -m sensei course`: a folder for learners, with replies and without answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sensei.author.curtain import chosen, closed
from sensei.files import give_up, say, typed, write_whole
from sensei.koan import source
from sensei.koan.path import Chapter
from sensei.koan.replies import REPLIES, to_json
from sensei.koan.route import RouteError, read_route
from sensei.options import JOURNAL, ROUTE
from sensei.project import HERE, Project
from sensei.reading import why

#: What is handed on as it is, where it is there.
_AS_IT_IS = (
    *("conftest.py", "constraints.txt", ".gitattributes", ".gitignore", "LICENSE*"),
    *(".ci/summary", ".github/workflows/progress.yml"),
    *(".devcontainer/*", ".vscode/*"),
)
#: The parts of pyproject.toml that only those need who change the path.
_FOR_AUTHORS = ("tool.ruff", "tool.mypy")
_OF_THE_WHOLE = re.compile(rf"({ROUTE}|{JOURNAL}|dev)\s*=")
_HEADER = re.compile(r"^(?=\[)", re.MULTILINE)


class NotReadyError(Exception):
    """Something keeps the course from being made; the message says what."""


def course(folder: Path, route: str, *, journal: bool) -> int:
    """Write a course into a folder that is new or empty.

    Args:
        folder: the folder.
        route: which koans it has: chapters, or the name of a route; all, if there is none.
        journal: whether it keeps a journal.

    Returns:
        0, or 2 when nothing could be done.
    """
    project = Project(Path())
    if project.sheets.suffix or not any(chapter.sheet for chapter in project.all_chapters):
        return give_up("There are no chapters in answers/ here. Go to the project's folder.")
    try:
        if folder.exists() and any(folder.iterdir()):
            return give_up(f"{typed(folder)} is not empty. Give the name of a new folder.")
        chapters = project.along(read_route(route)).chapters
        files = {folder / name: text for name, text in _files(chapters, journal=journal)}
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, text)
    except (NotReadyError, RouteError) as error:
        return give_up(f"{error} Nothing was written.")
    except OSError as error:
        return give_up(f"{error.filename}: {why(error)}. No course was made.")
    count = sum(len(chapter.koans) for chapter in chapters)
    say(f"{typed(folder)}: {count} koans in {len(chapters)} chapters, and no answers.")
    return 0


def _files(chapters: Sequence[Chapter], *, journal: bool) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of all files of a course.

    Raises:
        NotReadyError: if a koan cannot be read.
        OSError: if a file cannot.
    """
    replies: dict[str, str] = {}
    for chapter in chapters:
        text = chapter.answered_text
        for koan in chapter.koans:
            if koan.sheet is None:
                raise NotReadyError(f"{chapter.nodeid}: {koan.name} has no answer to be read.")
        assert isinstance(text, str)
        own = chosen(text, [koan.name for koan in chapter.koans])
        replies[chapter.page.name] = closed(own)
        yield f"koans/{chapter.page.name}", source.blank(own)
    settings = Path("pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.+)"', settings, re.MULTILINE)
    yield REPLIES, to_json(version[1] if version else "", replies)
    yield "pyproject.toml", settings_of(settings, journal=journal)
    yield "README.md", readme(_text(Path("README.md")), chapters, journal=journal)
    for pattern in _AS_IT_IS:
        for file in Path().glob(pattern):
            yield file.as_posix(), file.read_text("utf-8")
    for file in sorted(HERE.rglob("*.py")):
        yield f"sensei/{file.relative_to(HERE).as_posix()}", file.read_text("utf-8")


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def settings_of(text: str, *, journal: bool) -> str:
    """Return what a course has of a pyproject.toml."""
    first, *parts = _HEADER.split(text)
    kept = [part for part in parts if not part.lstrip("[").startswith(_FOR_AUTHORS)]
    lines = "".join([first, *kept]).splitlines()
    lines = [line for line in lines if not _OF_THE_WHOLE.match(line)]
    if journal:
        lines.insert(lines.index("[tool.pytest.ini_options]") + 1, f"{JOURNAL} = true")
    return "\n".join(lines).rstrip() + "\n"


# The README of a course.

#: The parts of ours that a learner of a course needs.
_FOR_LEARNERS = ("What you should know", "Begin", "Learn", "If something is amiss")
#: Paragraphs before them that speak of the whole path.
_OF_THE_PATH = ("![", "The path leads")
_KEEPS_ITS_ANSWERS = """\
## What this course keeps

Its answers: `pytest --reveal` shows none. The reason of a koan is shown once the koan holds,
and again with `pytest --reveal NAME`. What is hidden here can be found by running it; what you
learn comes from predicting first.
"""
_JOURNAL = """\
## The journal

When `pytest` judges a prediction that is new, `journal.jsonl` in this folder gets a line: the
koan, what you wrote, whether it was right, whether the koan had foreseen it, and how many hints
you had seen. There is no time in it and no name. Nothing is ever sent. You can read the file,
delete it, or hand it in: wrong predictions are what it is for, since they show what a class
should talk about.
"""


def readme(text: str, chapters: Sequence[Chapter], *, journal: bool) -> str:
    """Return what the learners of a course have of a README, and what is theirs alone."""
    opening, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    paragraphs = [p for p in opening.strip().split("\n\n") if not p.startswith(_OF_THE_PATH)]
    sections: Mapping[str, str] = {part.partition("\n")[0]: part for part in parts}
    count = sum(len(chapter.koans) for chapter in chapters)
    titles = "\n".join(f"- {it.number}, {it.title}: {len(it.koans)}" for it in chapters)
    kept = [f"## {sections[title].strip()}\n" for title in _FOR_LEARNERS if title in sections]
    example = chapters[min(1, len(chapters) - 1)]
    return (
        "\n".join(
            [
                "\n\n".join(paragraphs),
                "",
                *(_for_course(section, example) for section in kept),
                f"## The chapters\n\n{count} koans, in chapters that keep their numbers.\n",
                f"{titles}\n",
                _KEEPS_ITS_ANSWERS,
                *([_JOURNAL] if journal else []),
            ]
        ).rstrip()
        + "\n"
    )


def _for_course(section: str, example: Chapter) -> str:
    """Return a section that promises no answer, and names a chapter that there is."""
    section = re.sub(r"^\| the answer.*\n", "", section, flags=re.MULTILINE)
    section = re.sub(r"^- \*\*Colab\*\*.*\n(?:  .*\n)*", "", section, flags=re.MULTILINE)
    section = section.replace("| answer and reason", "| the reason")
    section = re.sub(r"koans/test_\d+_\w+\.py", example.nodeid, section)
    return re.sub(r"(--map|--reset) \d+", rf"\1 {example.number}", section)
