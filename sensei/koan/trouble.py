"""What can be wrong with a koan besides its fills: what is said of it, and how it is mended."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class Mending(enum.Enum):
    """What a learner can do about a trouble; a command to type is the value itself."""

    BY_HAND = enum.auto()
    KOAN_BLANK_AGAIN = enum.auto()  # or by hand
    CHAPTER_BLANK_AGAIN = enum.auto()  # or by hand
    ELSEWHERE = enum.auto()  # not in this file
    WRITE_AGAIN = "python -m sensei blank"
    UPDATE = "pytest --update"
    INSTALL = "python -m pip install -c constraints.txt -e ."

    @property
    def command(self) -> str:
        """The command to type, where that is what helps."""
        return self.value if isinstance(self.value, str) else ""


@dataclass(frozen=True)
class Kind:
    """All there is to say of one kind of trouble.

    Args:
        sentence: what is wrong; `{file}`, `{name}` (the koan's), `{line}` and `{detail}`
            stand in it.
        hides_code: whether there is no code of this koan that is worth looking at.
        mending: what can be done about it.
        at_line: what else is said where the line is known.
    """

    sentence: str
    hides_code: bool = False
    mending: Mending = Mending.BY_HAND
    at_line: str = ""


_AT_LINE = " The line marked > is where it was."


class Trouble(enum.Enum):
    """What can be wrong; all that is known of each kind stands here."""

    # The file.
    NO_FILE = Kind(
        "{file} is not there. To have it written again:",
        hides_code=True,
        mending=Mending.WRITE_AGAIN,
    )
    UNREADABLE = Kind("{file} cannot be read: {detail}.", hides_code=True)
    DEAD_LINK = Kind(
        "{file} is a link that leads nowhere. Take the link away; then, to have the file "
        "written again:",
        hides_code=True,
        mending=Mending.WRITE_AGAIN,
    )
    UTF16 = Kind(
        "{file} is saved as UTF-16. Save it as UTF-8. In VS Code: UTF-16 at the bottom right, "
        "Save with Encoding, UTF-8.",
        hides_code=True,
        mending=Mending.CHAPTER_BLANK_AGAIN,
    )
    NOT_UTF8 = Kind(
        "Line {line} of {file} is not UTF-8 text: it holds {detail}. Type it once more, and "
        "save the file as UTF-8. In VS Code: the encoding at the bottom right, Save with "
        "Encoding, UTF-8.",
        hides_code=True,
        mending=Mending.KOAN_BLANK_AGAIN,
    )
    EMPTY = Kind(
        "{file} is empty. To have it written again:",
        hides_code=True,
        mending=Mending.WRITE_AGAIN,
    )

    # Its text.
    CONFLICT = Kind(
        "Line {line} of {file} is a mark of git's: two versions of the path stand there, one "
        "below the other. To have one again, with what you predicted in both:",
        hides_code=True,
        mending=Mending.UPDATE,
    )
    SYNTAX = Kind(
        "Line {line} is not Python yet: {detail}.",
        mending=Mending.KOAN_BLANK_AGAIN,
    )
    SLIP = Kind(
        "Line {line} is not Python yet. {detail}",
        mending=Mending.KOAN_BLANK_AGAIN,
    )
    HEAD_CHANGED = Kind(
        "A line at the top of {file} is gone or reads otherwise. It belongs there again:",
        hides_code=True,
        mending=Mending.CHAPTER_BLANK_AGAIN,
    )
    GONE = Kind(
        "{name} is gone from {file}. It belongs there again:",
        hides_code=True,
        mending=Mending.KOAN_BLANK_AGAIN,
    )
    HEADLESS = Kind(
        "{name} was changed beyond its blanks: the line that begins it is gone from {file}, "
        "or reads otherwise. It belongs there again, before line {line}:",
        hides_code=True,
        mending=Mending.KOAN_BLANK_AGAIN,
    )
    RENAMED = Kind(
        "{name} is called {detail} now, in line {line}. Give it its name back.",
        hides_code=True,
        mending=Mending.KOAN_BLANK_AGAIN,
    )
    TWICE = Kind(
        "{name} stands in {file} twice, in lines {detail} and {line}. Keep one of them.",
        hides_code=True,
        mending=Mending.KOAN_BLANK_AGAIN,
    )
    CHANGED = Kind(
        "This koan was changed beyond its blanks. {detail} It belongs there again:",
        mending=Mending.KOAN_BLANK_AGAIN,
    )
    UNFIT = Kind("What you wrote does not fit into the blank. {detail} The line was:")
    LEFT_EARLY = Kind(
        "What you predicted is right. But this koan was changed beyond its blanks: it is left "
        "before its last line{detail}.",
        mending=Mending.KOAN_BLANK_AGAIN,
    )

    # Its run.
    ENDLESS = Kind("It did not come to an end in {detail} s.", at_line=_AT_LINE)
    OUT_OF_MEMORY = Kind(
        "It took more memory than a koan may: {detail}.",
        at_line=_AT_LINE,
    )
    DIED = Kind("It ended the process that it ran in: {detail}.", at_line=_AT_LINE)
    RAISED = Kind(
        "What you predicted is right. But something that you added stops the koan: {detail}"
    )
    STOPPED = Kind("Something stops the koan here: {detail}.")
    NOT_INSTALLED = Kind(
        "This Python has no {detail}. What it has, and what to type: python -m sensei doctor. "
        "Step into the virtual environment that has it, or install what is needed:",
        mending=Mending.INSTALL,
    )
    NOT_LOADED = Kind(
        "What every koan needs cannot be loaded; nothing is wrong with this one. What helps: "
        "python -m sensei doctor. Python says: {detail}",
        hides_code=True,
        mending=Mending.ELSEWHERE,
    )
    UNJUDGED = Kind("This koan could not be run: {detail}.")


class Problem(NamedTuple):
    """One trouble, with what there is to say of it.

    `line` counts as in the learner's file (None where no line can be named), `column`
    from 1; `detail` is what else there is to know; `missing` is text that belongs there.
    """

    what: Trouble
    line: int | None = None
    detail: str = ""
    column: int | None = None
    missing: str = ""

    @property
    def hides_code(self) -> bool:
        """Whether there is no code that is worth looking at."""
        return self.what.value.hides_code

    @property
    def mending(self) -> Mending:
        """What a learner can do about it."""
        return self.what.value.mending

    @property
    def to_write(self) -> str:
        """What the sentence ends in: the command to type, or the text that belongs there."""
        return self.mending.command or self.missing

    def told(self, file: str, name: str) -> str:
        """Return what is wrong, in words, with the names of the chapter's file and the koan."""
        kind = self.what.value
        # Python guesses at a comparison wherever something is assigned to what takes nothing.
        detail = self.detail.partition(". Maybe you meant '=='")[0].rstrip("?")
        told = kind.sentence.format(file=file, name=name, line=self.line, detail=detail)
        at_line = kind.at_line if self.line else ""
        return f"{told}{at_line}"
