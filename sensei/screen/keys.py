"""What is said under `--watch`, beside the screens of the runs."""

from __future__ import annotations

import textwrap

from sensei.judge.verdict import Progress
from sensei.options import OPTIONS
from sensei.screen.lines import width
from sensei.screen.verdict import position

KEYS = {option.key: option.does for option in OPTIONS if option.key} | {
    "a": "run all koans again, also those that are known to hold",
    "q": "quit; so does Ctrl-C",
    "?": "these lines",
}
_NAMES = [f"{option.key} {option.dest}" for option in OPTIONS if option.key]
KEY_LINE = f"  {', '.join([*_NAMES, 'a all', 'q quit', '?'])} (and Enter): "
SHORT_KEY_LINE = "  ? all keys, q quit (and Enter): "
GETTING_READY = "  Getting torch ready. This is needed once, and takes a few seconds."
RUNNING = "  Running ..."
CODE_CHANGED = "  The code of the path has changed: quit with q and Enter, and begin again."
CODE_IS_NEW = "  The code of the path has changed: beginning again with the new one."
NO_TERMINAL = "--watch needs a terminal, for its screen and its keys. Without: pytest"
NOTHING_TO_RESET = "  There is no open koan here. Another one by name: pytest --reset NAME"
NOT_RESET = "  Nothing was changed."


def key_line() -> str:
    """Return the line of keys, as far as the terminal has room for it."""
    return KEY_LINE if len(KEY_LINE) < width() else SHORT_KEY_LINE


def all_keys() -> str:
    """Return what each key does."""
    lines = [
        textwrap.fill(f"  {key}   {does}", width(), subsequent_indent=" " * 6)
        for key, does in KEYS.items()
    ]
    first = "  Each key is a letter and Enter. Enter alone shows the path."
    return "\n".join([first, "", *lines, "", "  Saving a chapter shows the path again."])


def no_such_key(typed: str) -> str:
    """Return what is said where a key means nothing."""
    return f"  There is no key {typed[:20]!r}. All of them: ? and Enter"


def ask_to_reset(nodeid: str) -> str:
    """Return the question before a koan is made blank."""
    name = nodeid.rsplit("::", maxsplit=1)[-1]
    return f"  Make {name} blank again?\n  The old file is kept. For yes, y and Enter: "


def whereabouts(progress: Progress) -> str:
    """Return where a learner is, in a sentence."""
    count = f"{progress.solved} of {len(progress.verdicts)}"
    current = progress.current
    if current is None:
        return f"  {count}. You are at the end of the path."
    return f"  {count}. You are at {position(current)}\n  {current.koan.name}"


def code_broken(error: str) -> str:
    """Say that the new code of the path cannot be loaded."""
    return (
        f"  The code of the path has changed, and cannot be loaded:\n      {error}\n"
        "  Until it is whole the old one goes on. To see what was changed: git status"
    )


def parting(sentence: str | None, reason: str = "") -> str:
    """Return the last words, which begin below whatever the cursor stands in.

    Args:
        sentence: the learner's whereabouts, where they are known.
        reason: why it ended, where nobody asked it to.
    """
    last = [line for line in (sentence, reason) if line]
    return "\n".join(["", "", *last, "  To go on: pytest --watch", ""])
