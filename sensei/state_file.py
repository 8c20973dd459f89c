"""The state of the path as data, for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from sensei.diagnosis import Reply
from sensei.judge import Marked, State, Verdict

SCHEMA = 1


def to_json(verdicts: Sequence[Verdict]) -> str:
    """Return the state of the path as JSON, schema 1.

    Answers are not in it, only what the learner wrote.
    """
    current = next((v for v in verdicts if v.state is not State.SOLVED), None)
    state = {
        "schema": SCHEMA,
        "torch": _torch_version(),
        "total": len(verdicts),
        "solved": sum(v.state is State.SOLVED for v in verdicts),
        "current": current.koan.nodeid if current else None,
        "koans": [_koan(verdict) for verdict in verdicts],
    }
    return json.dumps(state, indent=1) + "\n"


def _torch_version() -> str | None:
    # From the installed files: importing torch takes longer than everything else here.
    try:
        return metadata.version("torch").split("+")[0]
    except metadata.PackageNotFoundError:
        return None


def _koan(verdict: Verdict) -> dict[str, Any]:
    return {
        "nodeid": verdict.koan.nodeid,
        "chapter": verdict.koan.chapter.number,
        "line": verdict.koan.page.line if verdict.koan.page else None,
        "state": verdict.state.value,
        "fills": [_fill(marked, marked.reply) for marked in verdict.fills],
    }


def _fill(marked: Marked, reply: Reply | None) -> dict[str, Any]:
    return {
        "line": marked.fill.line,
        "text": marked.fill.text,
        "state": marked.mark.value,
        "known": bool(reply and reply.known),
    }
