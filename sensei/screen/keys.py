"""What is said under `--watch`, beside the screens of the runs."""

from __future__ import annotations

from sensei.judge.judge import Progress
from sensei.koan.trouble import Problem
from sensei.screen.verdict import position

KEYS = {
    "h": "the current koan's next hint",
    "m": "where every koan stands; m 3: those of chapter 3",
    "g": "the graph of the current koan; g NAME: that of another one",
    "r": "the current koan's answer, and why",
    "x": "the current koan blank again; the old file is kept",
    "a": "run all koans again, also those that are known to hold",
    "q": "quit; so does Ctrl-C",
    "?": "these lines",
}
KEY_LINE = "  h hint, m map, g graph, r reveal, x reset, a all, q quit, ? (and Enter): "
GETTING_READY = "  Getting torch ready. This is needed once, and takes a few seconds."
NO_TERMINAL = "--watch needs a terminal, for its screen and its keys. Without: pytest"
NOTHING_TO_RESET = "  There is no open koan here. Another one by name: pytest --reset NAME"
NOT_RESET = "  Nothing was changed."


def all_keys() -> str:
    """Return what each key does."""
    lines = [f"  {key}   {does}" for key, does in KEYS.items()]
    first = "  Each key is a letter and Enter. Enter alone shows the path."
    return "\n".join([first, "", *lines, "", "  Saving a chapter shows the path again."])


def no_such_key(typed: str) -> str:
    """Return what is said where a key means nothing."""
    return f"  There is no key {typed[:20]!r}. All of them: ? and Enter"


def ask_to_reset(nodeid: str) -> str:
    """Return the question before a koan is made blank."""
    name = nodeid.rsplit("::", maxsplit=1)[-1]
    return f"  Make {name} blank again?\n  The old file is kept. For yes, y and Enter: "


def running(nodeid: str | None) -> str:
    """Return what is said while a run takes its time."""
    return f"  Running {nodeid.split('::')[-1] if nodeid else 'pytest'} ..."


def ended_early(problem: Problem) -> str:
    """Return what is said where a run ended outside any koan, so that it has no screen."""
    return (
        f"  The run ended outside the koans: {problem.detail}."
        "\n  What pytest says of it: quit with q and Enter, then run pytest"
    )


KEEPER_GONE = (
    "  The process that keeps torch ready is gone. The next run makes another one:"
    "\n  save a chapter, or type a and Enter."
)


def whereabouts(progress: Progress) -> str:
    """Return where a learner is, in a sentence."""
    count = f"{progress.solved} of {len(progress.verdicts)}"
    current = progress.current
    if current is None:
        return f"  {count}. You are at the end of the path."
    return f"  {count}. You are at {position(current)}\n  {current.koan.name}"


def parting(sentence: str | None) -> str:
    """Return the last words, which begin below whatever the cursor stands in.

    Args:
        sentence: the learner's whereabouts, where they are known.
    """
    last = [sentence] if sentence else []
    return "\n".join(["", "", *last, "  To go on: pytest --watch", ""])
