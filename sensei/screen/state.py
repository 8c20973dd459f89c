"""The state of the path as data, for programs."""

from __future__ import annotations

import json
from typing import Any

from sensei.environment import version
from sensei.judge.verdict import JudgedFill, Progress, Verdict

SCHEMA = 1


def to_json(progress: Progress) -> str:
    """Return the state of the path as JSON, schema 1.

    Answers are not in it, only what the learner wrote.
    """
    current = progress.current
    state = {
        "schema": SCHEMA,
        "torch": version("torch"),
        "total": len(progress.verdicts),
        "solved": progress.solved,
        "current": current.koan.nodeid if current else None,
        "koans": [_koan(verdict) for verdict in progress.verdicts],
    }
    return json.dumps(state, indent=1) + "\n"


def _koan(verdict: Verdict) -> dict[str, Any]:
    return {
        "nodeid": verdict.koan.nodeid,
        "chapter": verdict.koan.chapter.number,
        "line": verdict.koan.page.line if verdict.koan.page else None,
        "state": verdict.state.value,
        "fills": [_fill(judged) for judged in verdict.fills],
    }


def _fill(judged: JudgedFill) -> dict[str, Any]:
    return {
        "line": judged.fill.line,
        "text": judged.fill.text,
        "state": judged.state.value,
        "known": judged.reply is not None and judged.reply.known,
    }
