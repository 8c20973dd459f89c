"""What `pytest --graph` shows of a koan: its graph, but nothing that is still asked for."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sensei.blank import BlankError
from sensei.graph import drawing
from sensei.graph.drawing import Graph, Node, Output, Unseen, sentence
from sensei.graph.picture import write_picture
from sensei.graph.recording import Recording, record
from sensei.judge.judge import SECONDS_TO_OBSERVE, FillState, State, Verdict
from sensei.koan import source
from sensei.koan.path import Sheet
from sensei.koan.source import Marker, Part
from sensei.koan.trouble import Trouble
from sensei.run.observe import observe
from sensei.run.trial import Endless, NotReachedError, Outcome
from sensei.run.values import Array, NotPlainError, Thing, plain


def drawn(verdict: Verdict, seconds: float, *, reveal: bool, picture: Path | None) -> list[str]:
    """Return the graph of a koan in lines of text, and write it as a picture if asked to.

    Args:
        verdict: where the koan stands.
        seconds: how long it may run.
        reveal: whether the learner asked to see what the koan asks for.
        picture: the file for a picture.
    """
    limits = _limits(verdict, reveal=reveal)
    if not limits.nodes:
        lost = f" So {picture} was not written." if picture else ""
        return sentence(limits.why + lost)
    head, page = verdict.koan.chapter.head, verdict.koan.page
    assert head is not None
    assert page is not None
    try:
        recording = record(head, page, seconds)
    except RecursionError:
        return sentence("This koan is nested too deeply to be drawn.")
    graph = veiled(recording.graph, limits)
    missing = _what_is_missing(page, recording.outcome)
    said = [missing, limits.why if graph.nodes else ""]
    if any(Unseen.ASKED in output for node in graph.nodes for output in node.outputs.values()):
        said.append("A ? stands for what the koan asks.")
    below = [line for text in said if text for line in sentence(text)]
    lines = [*drawing.lines(graph, cut_short=bool(missing)), *([""] if below else []), *below]
    return lines + (_pictured(recording, limits, picture) if picture else [])


def _pictured(recording: Recording, limits: Limits, picture: Path) -> list[str]:
    told = write_picture(recording, picture, with_sizes=limits == EVERYTHING)
    command = ["", f"          {told.command}"] if told.command else []
    return ["", *sentence(told.text), *command]


def _what_is_missing(koan: Part, outcome: Outcome) -> str:
    """Say which lines of a koan did not run, if there were any."""
    nodes = ast.walk(koan.tree())
    lines = [n.lineno for n in nodes if isinstance(n, ast.Expr) and source.is_blank(n.value)]
    said = [f"Line {line} is still blank, and was left out." for line in lines]
    where = f"Line {outcome.line}" if outcome.line else "Something"
    match outcome.error:
        case None | NotReachedError():
            pass
        case BlankError():
            said.append(f"{where} needs what is still blank, so the koan went no further.")
        case Endless():
            said.append("The koan came to no end, and was stopped.")
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


EVERYTHING = Limits()
_MENDED = "The graph can be drawn once this is mended."
_TELLS = (
    "What was recorded is what this koan asks for. It is drawn once the koan holds, "
    "or with --reveal."
)
_UNFILLED = "Values and gradients are drawn when every blank holds a prediction."
_UNSOLVED = "Values and gradients are drawn once the koan holds."

#: What a koan reads off the graph itself.
_OF_THE_GRAPH = {
    "grad_fn",
    "is_leaf",
    "next_functions",
    "output_nr",
    "requires_grad",
    "retains_grad",
    "variable",
}


def _limits(verdict: Verdict, *, reveal: bool) -> Limits:
    """Say what may be shown of a koan that stands there. In doubt it is left out."""
    # These are run in spite of their trouble, as far as they get.
    if verdict.problem and verdict.problem.what not in {Trouble.RAISED, Trouble.STOPPED}:
        return Limits(nodes=False, why=_MENDED)
    if reveal or verdict.state is State.SOLVED:
        return EVERYTHING
    koan, sheet = verdict.koan, verdict.koan.sheet
    assert koan.page is not None
    if sheet is None:
        hides = _reads_the_graph(koan.page)
        return Limits(nodes=False, why=_TELLS) if hides else Limits(values=False, why=_UNSOLVED)
    judged = dict(enumerate(verdict.fills))
    asked = [
        number
        for number in range(len(sheet.markers))
        if number not in judged or judged[number].state is not FillState.RIGHT
    ]
    values = _values_asked(sheet, asked)
    if values is None or any(isinstance(value, bool | str) for value in values):
        return Limits(nodes=False, why=_TELLS)
    if verdict.problem or any(each.fill.is_blank for each in verdict.fills):
        return Limits(values=False, why=_UNSOLVED if verdict.problem else _UNFILLED)
    if any(isinstance(value, Thing) for value in values):
        return Limits(values=False, why=_UNSOLVED)
    return Limits(asked=tuple(values))


def _values_asked(sheet: Sheet, numbers: Sequence[int]) -> list[object] | None:
    """Return the plain values that these blanks ask for; None where it is the graph itself.

    A blank that asks for code has none: what the koan computes with it does not tell it.
    """
    asked = [number for number in numbers if not _asks_for_code(sheet, sheet.markers[number])]
    if not asked:
        return []
    if _reads_the_graph(sheet.pattern):
        return None
    seen = observe(sheet, [None] * len(sheet.markers), SECONDS_TO_OBSERVE).blanks
    # A value that did not come up is as good as unknown.
    nothing = Thing(object, callable=False)
    return [bit for n in asked for value in seen[n] or [nothing] for bit in _bits(value)]


def _asks_for_code(sheet: Sheet, marker: Marker) -> bool:
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


def _bits(value: object) -> Iterator[object]:
    """Yield the plain values that a value is made of."""
    match value:
        case list() | tuple():
            for element in value:
                yield from _bits(element)
        case Array(shape, values):
            yield from (*_bits(values), *shape)
        case _:
            yield value


# Leaving out what may not be shown.


def veiled(graph: Graph, limits: Limits) -> Graph:
    """Return the graph without the values that may not be shown."""
    return graph._replace(nodes=[_veiled_node(node, limits) for node in graph.nodes])


def _veiled_node(node: Node, limits: Limits) -> Node:
    outputs = {number: _veiled(output, limits) for number, output in node.outputs.items()}
    return node._replace(outputs=outputs)


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
    return (
        abs(value) == abs(other)
        or math.isclose(abs(value), abs(other), rel_tol=_CLOSE, abs_tol=_CLOSE)
        or (value != value and other != other)
    )


_CLOSE = 0.01
