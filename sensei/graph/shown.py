"""What `pytest --graph` shows of a koan: its graph, but nothing that is still asked for."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sensei.graph import drawing
from sensei.graph.drawing import sentence
from sensei.graph.nodes import Graph, Node, Output, Unseen
from sensei.graph.picture import write_picture
from sensei.judge.judge import observed, own_trial, run_once
from sensei.judge.verdict import FillState, State, Verdict
from sensei.koan import source
from sensei.koan.path import Sheet
from sensei.koan.source import Marker, Part
from sensei.koan.trouble import Trouble
from sensei.run.outcome import End, Outcome
from sensei.run.runner import Run, runner
from sensei.run.values import Array, NotPlainError, Thing, plain

#: The name under which a trial asks for a graph to be recorded.
RECORDER = "sensei.graph.recording.Recorder"


def drawn(
    verdict: Verdict,
    seconds: float,
    *,
    reveal: bool,
    picture: Path | None,
    in_words: bool = False,
) -> list[str]:
    """Return the graph of a koan in lines of text, and write it as a picture if asked to.

    Args:
        verdict: where the koan stands.
        seconds: how long it may run.
        reveal: whether the learner asked to see what the koan asks for.
        picture: the file for a picture.
        in_words: whether nothing may be told by where it stands.
    """
    lost = f" So {picture} was not written." if picture else ""
    with runner.koan() as run:
        limits = _limits(verdict, run, reveal=reveal)
        if not limits.nodes:
            return sentence(limits.why + lost)
        own = own_trial(verdict.koan, seconds)
        outcome = run(own._replace(spy=RECORDER, aloud=False))
    if not isinstance(outcome.found, Graph):
        return sentence(_why_there_is_none(outcome) + lost)
    graph = veiled(outcome.found, limits)
    page = verdict.koan.page
    assert page is not None
    missing = _what_is_missing(page, outcome)
    said = [missing, limits.why if graph.nodes else ""]
    if any(Unseen.ASKED in output for node in graph.nodes for output in node.outputs.values()):
        said.append("A ? stands for what the koan asks.")
    below = [line for text in said if text for line in sentence(text)]
    drawing_of_it = drawing.lines(graph, cut_short=bool(missing), in_words=in_words)
    lines = [*drawing_of_it, *[""] * bool(below), *below]
    return lines + (_pictured(graph, picture) if picture else [])


def _pictured(graph: Graph, picture: Path) -> list[str]:
    told, command = write_picture(graph, picture)
    return ["", *sentence(told), *(["", f"          {command}"] if command else [])]


def _why_there_is_none(outcome: Outcome) -> str:
    if outcome.error and outcome.error.is_a("RecursionError"):
        return "This koan is nested too deeply to be drawn."
    if outcome.end is End.DIED:
        return "This koan ended its own process, so there is no graph of it."
    if outcome.end is End.ENDLESS:
        return "This koan came to no end, so there is no graph of it."
    return "Autograd recorded more here than can be drawn."


def _what_is_missing(koan: Part, outcome: Outcome) -> str:
    """Say which lines of a koan did not run, if there were any."""
    nodes = ast.walk(koan.tree())
    lines = [n.lineno for n in nodes if isinstance(n, ast.Expr) and source.is_blank(n.value)]
    said = [f"Line {line} is still blank, and was left out." for line in lines]
    where = f"Line {outcome.line}" if outcome.line else "Something"
    match outcome.end, outcome.error and outcome.error.type.full_name:
        case End.HELD | End.NOT_REACHED, _:
            pass
        case End.ENDLESS, _:
            said.append("The koan came to no end, and was stopped.")
        case _, "sensei.blank.BlankError":
            said.append(f"{where} needs what is still blank, so the koan went no further.")
        case _, "sensei.graph.recording.TooMuch":
            said.append(f"{where} records more than can be drawn, so the koan went no further.")
        case _:  # what is raised may be what the koan asks
            said.append(f"{where} stops the koan, and what comes after it was not recorded.")
    return " ".join(said)


# What may be shown.


class Limits(NamedTuple):
    """What may be shown of a koan's graph.

    Args:
        nodes: whether anything may.
        values: whether values and gradients may.
        asked: the plain values that the koan still asks for, each by itself.
        why: the reason for what may not, as a sentence.
    """

    nodes: bool = True
    values: bool = True
    asked: tuple[object, ...] = ()
    why: str = ""


_EVERYTHING = Limits()
_NOTHING_YET = Limits(nodes=False, why="The graph can be drawn once this is mended.")
_TELLS = Limits(
    nodes=False,
    why="What was recorded is what this koan asks for. It is drawn once the koan holds, "
    "or with --reveal.",
)
_UNFILLED = Limits(
    values=False, why="Values and gradients are drawn when every blank holds a prediction."
)
_UNSOLVED = Limits(values=False, why="Values and gradients are drawn once the koan holds.")

#: What a koan reads off the graph itself.
_OF_THE_GRAPH = {
    *("grad_fn", "is_leaf", "next_functions", "output_nr"),
    *("requires_grad", "retains_grad", "variable"),
}


def _limits(verdict: Verdict, run: Run, *, reveal: bool) -> Limits:
    """Say what may be shown of a koan that stands there. In doubt it is left out."""
    # These are run in spite of their trouble, as far as they get.
    if verdict.problem and verdict.problem.what not in {Trouble.RAISED, Trouble.STOPPED}:
        return _NOTHING_YET
    if reveal or verdict.state is State.SOLVED:
        return _EVERYTHING
    koan, sheet = verdict.koan, verdict.koan.sheet
    assert koan.page is not None
    if sheet is None:
        return _TELLS if _reads_the_graph(koan.page) or _loops(koan.page) else _UNSOLVED
    judged = dict(enumerate(verdict.fills))
    asked = [
        number
        for number, marker in enumerate(sheet.markers)
        if number not in judged or judged[number].state is not FillState.RIGHT
        if not _asks_for_code(sheet, marker)
    ]
    if asked and _reads_the_graph(sheet.pattern):
        return _TELLS
    values = _values_asked(sheet, asked, run)
    if any(isinstance(value, bool | str) for value in values):
        return _TELLS
    if _loops(sheet.pattern) and any(isinstance(value, int) for value in values):
        return _TELLS  # a count may be how often the loop ran
    if verdict.problem:
        return _UNSOLVED
    if any(each.fill.is_blank for each in verdict.fills):
        return _UNFILLED
    if any(isinstance(value, Thing | Unseen) for value in values):
        return _UNSOLVED
    return Limits(asked=tuple(values))


def _values_asked(sheet: Sheet, asked: Sequence[int], run: Run) -> list[object]:
    """Return the plain values that these blanks ask for."""
    if not asked:
        return []
    seen = observed(sheet, [None] * len(sheet.markers), partial(run_once, run))
    values = (value for number in asked for value in seen.blank(number) or [Unseen.UNKNOWN])
    return [bit for value in values for bit in _bits(value)]


def _asks_for_code(sheet: Sheet, marker: Marker) -> bool:
    """Whether what the koan computes does not tell what stands in a blank."""
    asserted = (node for node in ast.walk(sheet.part.tree()) if isinstance(node, ast.Assert))
    places = {source.place(each) for node in asserted for each in ast.walk(node)}
    try:
        plain(marker.answer)
    except NotPlainError:
        return source.place(marker.node) not in places
    return False


def _reads_the_graph(koan: Part) -> bool:
    nodes = ast.walk(koan.tree())
    return any(isinstance(n, ast.Attribute) and n.attr in _OF_THE_GRAPH for n in nodes)


def _loops(koan: Part) -> bool:
    loops = ast.For | ast.While | ast.comprehension
    return any(isinstance(node, loops) for node in ast.walk(koan.tree()))


def _bits(value: object) -> Iterator[object]:
    """Yield the plain values that a value is made of."""
    match value:
        case list() | tuple():
            for element in value:
                yield from _bits(element)
        case Array(shape, values):
            yield from _bits(values)
            yield from map(float, shape)  # a length is no count
        case _:
            yield value


# Leaving out what may not be shown.


def veiled(graph: Graph, limits: Limits) -> Graph:
    """Return the graph without the values that may not be shown."""

    def veil(node: Node) -> Node:
        outputs = {number: _veiled(each, limits) for number, each in node.outputs.items()}
        return node._replace(outputs=outputs)

    return graph._replace(nodes=list(map(veil, graph.nodes)))


def _veiled(output: Output, limits: Limits) -> Output:
    if not limits.values:
        return output._replace(value=Unseen.UNKNOWN, grad=Unseen.UNKNOWN)
    value, grad = output.value, output.grad
    if _is_asked(value, limits.asked):
        value = Unseen.ASKED
    # If one gradient is None, and that is the question, none may be told by the others.
    if grad is not Unseen.UNKNOWN and (None in limits.asked or _is_asked(grad, limits.asked)):
        grad = Unseen.ASKED
    return output._replace(value=value, grad=grad)


def _is_asked(value: object, asked: Sequence[object]) -> bool:
    return any(_is_close(bit, other) for bit in _bits(value) for other in asked)


def _is_close(value: object, other: object) -> bool:
    """Whether a number tells another one: by its size, and if it was only rounded."""
    if not isinstance(value, int | float) or not isinstance(other, int | float):
        return value is None and other is None
    alike = math.isclose(abs(value), abs(other), rel_tol=_CLOSE, abs_tol=_CLOSE)
    return alike or (value != value and other != other)


_CLOSE = 0.01
