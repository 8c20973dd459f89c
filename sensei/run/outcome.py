"""What is asked of a run of a koan, and what is told of it: plain data, both of them."""

from __future__ import annotations

import enum
from typing import NamedTuple

from sensei.koan.source import Part
from sensei.run.values import Array, Dtype, Error, Thing, Type
from sensei.run.wire import crosses

#: What a koan may need beyond what torch takes, in bytes.
MEMORY = 2**30


class Trial(NamedTuple):
    """One run of a koan that is asked for.

    Args:
        head: the text of its chapter's head: docstring, imports, helpers.
        koan: the koan, from the learner's file or from answers/.
        fills: for a koan from answers/, the code in each of its blanks, None standing for
            the answer; None for a learner's koan, which runs as it stands.
        file: what tracebacks call the file; the learner's, or one that is nowhere, so that
            no traceback shows lines of answers/.
        folder: where it runs.
        seconds: how long it may take.
        spy: the full name of a listener class that is told what the koan computes
            (`sensei.run.spy`); its assertions are taken down then.
        aloud: whether what it prints is kept.
        explains: whether a failing assertion is put into pytest's words.
    """

    head: str
    koan: Part
    fills: tuple[str | None, ...] | None = None
    file: str = "<koan>"
    folder: str = "."
    seconds: float = 10.0
    spy: str = ""
    aloud: bool = False
    explains: bool = False


class End(enum.Enum):
    """How a run ended."""

    HELD = "held"
    FAILED = "an assertion failed"
    RAISED = "raised"
    NOT_REACHED = "not reached"
    ENDLESS = "endless"
    OUT_OF_MEMORY = "out of memory"
    DIED = "died"


class Outcome(NamedTuple):
    """What is known of a run.

    Args:
        end: how it ended; `FAILED` if an assertion of the koan's own did not hold,
            `NOT_REACHED` if the koan was left before its last line, so that nobody knows
            whether that would hold.
        error: what was raised.
        line: where in the trial's file it ended, if there.
        column: the same, in bytes from 0; Python 3.10 does not know it.
        leaked: the settings of torch that the koan left changed.
        detail: what else there is to know of how it ended, in words.
        printed: what it wrote, if that was asked for, at most the end of it.
        found: what the listener has made of it.
        spoiled: whether it changed something that later runs in its process rest on.
    """

    end: End
    error: Error | None = None
    line: int | None = None
    column: int | None = None
    leaked: tuple[str, ...] = ()
    detail: str = ""
    printed: str = ""
    found: object = None
    spoiled: bool = False

    @property
    def held(self) -> bool:
        """Whether the koan held."""
        return self.end is End.HELD

    @property
    def asserted(self) -> bool:
        """Whether it was an assertion of the koan's own that failed, if anything did."""
        return self.end in {End.FAILED, End.NOT_REACHED}


# What else a runner and its server tell each other.


class Request(enum.Enum):
    """What a runner asks for beside trials: that a koan begins, and that it is over."""

    OPEN = "open"
    OPEN_WALLED = "open, with a wall around it"
    CLOSE = "close"


class Begun(NamedTuple):
    """The process with that number is ready for a koan's trials."""

    pid: int


class Ended(NamedTuple):
    """That process is gone, with an exit status, or a signal as a negative one."""

    status: int


class NoTorch(NamedTuple):
    """What koans need cannot be imported: the module that is missing, and Python's words."""

    module: str
    message: str


crosses(Array, Dtype, Error, Thing, Type, Part, Trial, End, Outcome)
crosses(Request, Begun, Ended, NoTorch)
