"""What a walk can be asked for on the command line, and by a key under `--watch`. One table."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

PICTURES = (".svg", ".png", ".pdf", ".dot")
A_DAY = 86400
#: Numbers of no chapter: the one where the learner is, and all of them.
MAP_HERE, MAP_ALL = -1, -2


class Option(NamedTuple):
    """What one option is.

    Args:
        name: as it is typed.
        details: what argparse is told of it.
        writes: whether it writes into koans/, and does nothing else.
        for_one_run: whether it cannot happen again at every save, so that `--watch` goes
            without it.
        key: what stands for it under `--watch`, if anything does.
        does: what the key shows or does, in words.
    """

    name: str
    details: Mapping[str, Any]
    writes: bool = False
    for_one_run: bool = True
    key: str = ""
    does: str = ""

    @property
    def dest(self) -> str:
        """The name of its value among pytest's options."""
        return self.name.lstrip("-").replace("-", "_")

    @property
    def default(self) -> object:
        """Its value where it is not given."""
        return self.details.get("default", False if "action" in self.details else None)


def _mapped(chapter: str) -> int:
    """Return the number that stands for what a map is wanted of.

    Raises:
        argparse.ArgumentTypeError: if it is neither a number nor all.
    """
    if chapter == "all":
        return MAP_ALL
    if not chapter.isdecimal():
        raise argparse.ArgumentTypeError(f"{chapter}: a chapter's number, or all, belongs here")
    return int(chapter)


OPTIONS = (
    Option(
        "--koans-json",
        {
            "metavar": "FILE",
            "type": Path,
            "help": "write the state of the path to FILE, for programs",
        },
    ),
    Option(
        "--hint",
        {"action": "store_true", "help": "show the current koan's next hint"},
        key="h",
        does="the current koan's next hint",
    ),
    Option(
        "--map",
        {
            "metavar": "CHAPTER",
            "type": _mapped,
            "nargs": "?",
            "const": MAP_HERE,
            "help": "show where the koans of this chapter stand, or those of another one by "
            "its number, or all",
        },
        key="m",
        does="where the koans stand; m 3: those of chapter 3; m all: all",
    ),
    Option(
        "--graph",
        {
            "metavar": "NAME|FILE",
            "nargs": "?",
            "const": "",
            "help": "draw what autograd recorded in the current koan, or in the one of that "
            f"name; or write it as a picture ({', '.join(PICTURES)})",
        },
        key="g",
        does="the graph of the current koan; g NAME: that of another one",
    ),
    Option(
        "--reveal",
        {
            "metavar": "NAME",
            "nargs": "?",
            "const": "",
            "help": "show the current koan's answer, its reason, and pytest's account of a "
            "difference; or again the answer and reason of a solved koan",
        },
        key="r",
        does="the current koan's answer, and why; r NAME: of a solved one, again",
    ),
    Option(
        "--reset",
        {"metavar": "NAME", "help": "make a koan or a chapter blank again"},
        writes=True,
        key="x",
        does="the current koan blank again; the old file is kept",
    ),
    Option(
        "--update",
        {
            "metavar": "OLD",
            "nargs": "?",
            "const": "",
            "help": "carry all fills over to a newer path; with =OLD those of the folder of an "
            "older one, which is only read",
        },
        writes=True,
    ),
    Option(
        "--review",
        {
            "metavar": "new",
            "nargs": "?",
            "const": "",
            "choices": ("", "new"),
            "help": "ask five koans again that were solved before, some with other numbers, in "
            "a file of their own; =new begins another five",
        },
    ),
    Option(
        "--watch",
        {
            "action": "store_true",
            "help": "show the path again whenever a chapter is saved",
        },
        for_one_run=False,
    ),
)


#: Whose a loose file is: what stands before what platforms put between a name and a file.
LEARNER = r"(?P<learner>.+?)(?:_LATE)?(?:_\d+_assignsubmission.*|_\d+_\d+.*|[-_. ]*)$"


def _pattern(text: str) -> str:
    """Return a pattern that has the group that is asked for.

    Raises:
        argparse.ArgumentTypeError: if it is no pattern, or has no such group.
    """
    try:
        if "learner" in re.compile(text).groupindex:
            return text
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text}: no pattern: {error}") from None
    raise argparse.ArgumentTypeError(f"{text}: it needs a group, (?P<learner>...)")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= A_DAY:
        raise argparse.ArgumentTypeError(f"not between 0 and {A_DAY}: {text}")
    return seconds


#: This one asks for nothing, and goes with other runs, too.
_LIMIT = Option(
    "--koan-seconds",
    {
        "metavar": "N",
        "type": _seconds,
        "default": 10.0,
        "help": "how long one koan may run (default: %(default)s)",
    },
    for_one_run=False,
)
#: So does this one.
_PLAIN = Option(
    "--plain",
    {
        "action": "store_true",
        "help": "show everything in words, one thing a line, without bars and drawings; "
        "TERM=dumb implies it",
    },
    for_one_run=False,
)
#: Of a class: these go with a run that marks, and no walk.
_OF_A_CLASS = (
    Option(
        "--grade",
        {
            "metavar": "DIR",
            "help": "mark what learners handed in; with python -m sensei grade DIR no "
            "settings but the project's are obeyed",
        },
    ),
    Option(
        "--grade-to",
        {
            "metavar": "DIR",
            "type": Path,
            "default": Path("grades"),
            "help": "where the results are written (default: %(default)s)",
        },
    ),
    Option(
        "--roster",
        {
            "metavar": "FILE",
            "type": Path,
            "help": "who should have handed in, one in a line; behind a comma a pseudonym",
        },
    ),
    Option(
        "--weights",
        {
            "metavar": "N=W,...",
            "default": "",
            "help": "how many points a koan of a chapter is worth, where that is not 1",
        },
    ),
    Option(
        "--learner-pattern",
        {
            "metavar": "REGEX",
            "type": _pattern,
            "default": LEARNER,
            "help": "which part of a file's name is the learner, as the group `learner`",
        },
    ),
)
_ALL = (*OPTIONS, _LIMIT, _PLAIN, *_OF_A_CLASS)
#: Of other plugins: what `--watch` goes without for the same reason.
_OF_OTHERS_FOR_ONE_RUN = {"--pdb": "usepdb", "--trace": "trace", "-f": "looponfail"}


def add(group: Any) -> None:
    """Add all options to a group of pytest's."""
    for option in _ALL:
        group.addoption(option.name, **option.details)
    # For runs under `--watch`: that option may stand in an ini file or in the environment.
    group.addoption("--no-watch", dest="watch", action="store_false", help=argparse.SUPPRESS)


#: What may stand in the settings of a project.
ROUTE, JOURNAL = "koans_route", "koans_journal"


def add_settings(parser: Any) -> None:
    """Add the settings to pytest's own."""
    parser.addini(ROUTE, "the part of the path to walk: 1-6,12 or core", "string", default="")
    parser.addini(JOURNAL, "keep what was predicted in journal.jsonl", "bool", default=False)


def setting(config: Any, name: str) -> Any:
    """Return what a setting says, or nothing where pytest did not know it as it began.

    Raises:
        ValueError: if something else belongs there.
    """
    try:
        return config.getini(name)
    except TypeError as error:
        raise ValueError(str(error)) from None
    except ValueError as error:
        if name in str(error):
            return None  # it is not known
        raise


def fill_in(values: argparse.Namespace) -> None:
    """Give the options their defaults where pytest did not know them as it began."""
    for option in _ALL:
        if not hasattr(values, option.dest):
            setattr(values, option.dest, option.default)


def given(values: argparse.Namespace) -> list[Option]:
    """Return the options of the table that are given."""
    # By identity: chapter 0 of a map is given.
    return [it for it in OPTIONS if getattr(values, it.dest) is not it.default]


def for_one_run(values: argparse.Namespace) -> Iterator[str]:
    """Return the names of the options that are given and that `--watch` goes without."""
    yield from (option.name for option in given(values) if option.for_one_run)
    for name, dest in _OF_OTHERS_FOR_ONE_RUN.items():
        if getattr(values, dest, False):
            yield name


def is_plain(values: argparse.Namespace) -> bool:
    """Whether a plain screen was asked for, by the option or by the terminal."""
    return bool(values.plain) or os.environ.get("TERM") == "dumb"


def picture(values: argparse.Namespace) -> Path | None:
    """Return the file that a picture was asked for in."""
    file = Path(values.graph or "")
    return file if file.suffix.lower() in PICTURES else None
