"""Writes a graph as a picture, with the package graphviz and Graphviz's program dot."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sensei.files import write_whole
from sensei.graph import nodes
from sensei.graph.nodes import ALIKE, Graph

#: In a picture of more nothing is found, and Graphviz takes long over it.
NODES = 300
EDGES = 600
#: Longer lines in a node go on in the next one.
WIDTH = 44

_INSTALL_PACKAGE = 'python -m pip install -c constraints.txt -e ".[graph]"'
_INSTALL_PROGRAM = {
    "darwin": "brew install graphviz",
    "win32": "winget install Graphviz.Graphviz",
}

_FONT = {"fontname": "Helvetica,Arial,sans-serif", "fontsize": "11"}
_GRAPH = {
    **_FONT,
    "label": "What autograd recorded. The arrows lead the way that the backward pass goes.",
    "labelloc": "t",
    "ordering": "out",
}
_NODE = {**_FONT, "shape": "box", "style": "filled", "fillcolor": "#eeeeee"}
_EDGE = {**_FONT, "color": "#555555", "arrowsize": "0.8"}
_RESULT = {"peripheries": "2", "fillcolor": "#ffe0b0"}
_LEAF = {"shape": "ellipse", "fillcolor": "#cfe8cf"}
_BETWEEN = {"style": "dashed"}
_CUT = {"shape": "note", "style": "dashed", "color": "#b03030"}
_CUT_OFF = {"style": "dashed", "color": "#b03030", "arrowhead": "none"}

#: Where an edge begins, where it ends, and what stands beside it.
_Edge = tuple[int, int, str]


def write_picture(graph: Graph, file: Path) -> tuple[str, str]:
    """Write a picture of a graph, whole or not at all.

    Args:
        graph: the graph, without what may not be shown.
        file: where the picture goes; its suffix says how it is written.

    Returns:
        How it went, as a sentence, and a command that helps, if there is one.
    """
    why, command = _written(graph, file)
    return (f"{file} was not written: {why}" if why else f"The picture is in {file}"), command


def _written(graph: Graph, file: Path) -> tuple[str, str]:
    """Write a picture, or say why not, and what helps."""
    drawn_as = _drawn_as(graph)
    edges = _edges(graph, drawn_as)
    if not graph.operations:
        return "no operation was recorded.", ""
    for count, most, what in (
        (len(set(drawn_as.values())), NODES, "nodes"),
        (len(edges), EDGES, "edges"),
    ):
        if count > most:
            return f"nobody finds a way through {count} {what}.", ""
    kind = file.suffix.lower().removeprefix(".")
    try:
        picture = _drawn(lambda dot: _describe(dot, graph, drawn_as, edges), kind)
        write_whole(file, picture)
    except _NotDrawnError as refused:
        return refused.why, refused.command
    except OSError as error:
        return f"{error.strerror}.", ""
    return "", ""


def why_none() -> tuple[str, str]:
    """Return why no picture can be drawn here, and a command that helps; both may be empty."""
    try:
        _drawn(lambda dot: dot.node("x"), "svg")
    except _NotDrawnError as refused:
        return refused.why, refused.command
    except OSError as error:
        return f"{error.strerror}.", ""
    return "", ""


class _NotDrawnError(Exception):
    """A picture cannot be drawn: why, and a command that helps, if there is one."""

    def __init__(self, why: str, command: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.command = command


def _drawn(describe: Callable[[Any], object], kind: str) -> str | bytes:
    """Return a picture of what is described.

    Raises:
        _NotDrawnError: if what draws it is not there.
        OSError: if it cannot be started.
    """
    try:
        import graphviz
    except ModuleNotFoundError as missing:
        why = f"this Python has no {missing.name}. To install it:"
        raise _NotDrawnError(why, _INSTALL_PACKAGE) from None
    dot = graphviz.Digraph(graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    describe(dot)
    try:
        return dot.source if kind == "dot" else dot.pipe(kind)  # type: ignore[no-any-return]
    except graphviz.ExecutableNotFound:
        command = _INSTALL_PROGRAM.get(sys.platform, "sudo apt install graphviz")
        why = "Graphviz's program dot is not there. To install it:"
        raise _NotDrawnError(why, command) from None
    except subprocess.SubprocessError:
        raise _NotDrawnError("Graphviz could not draw it.") from None


def _drawn_as(graph: Graph) -> dict[int, int]:
    """Return the nodes that are in the picture, each with the one that stands there for it.

    Of trees alike the last one is drawn, and of a long run its ends, with one between them.
    """
    drawn_as: dict[int, int] = {}
    used = nodes.uses(graph)
    for index in sorted(nodes.reachable(graph, nodes.one_of_each(graph))):
        if index not in drawn_as:
            run = nodes.run_from(graph, index, used)
            drawn_as |= {each: each for each in run}
            if len(run) > ALIKE:
                drawn_as |= dict.fromkeys(run[1:-1], run[1])
    return drawn_as


def _edges(graph: Graph, drawn_as: Mapping[int, int]) -> list[_Edge]:
    """Return the edges in the picture; from the middle of a run each is drawn once."""
    edges: list[_Edge] = []
    of_runs: dict[_Edge, None] = {}
    middles = {drawn for index, drawn in drawn_as.items() if index != drawn}
    for index, drawn in drawn_as.items():
        for before, number in graph.nodes[index].edges:
            node = graph.nodes[before]
            name = node.called(number) if len(node.outputs) > 1 else ""
            edge = drawn, drawn_as[before], name
            if drawn not in middles:
                edges.append(edge)
            elif drawn != drawn_as[before]:
                of_runs[edge] = None
    return [*edges, *of_runs]


def _describe(
    dot: Any, graph: Graph, drawn_as: Mapping[int, int], edges: Iterable[_Edge]
) -> None:
    """Put nodes, edges and cuts into a picture."""
    alike = nodes.one_of_each(graph)
    for drawn, count in Counter(drawn_as.values()).items():
        node = graph.nodes[drawn]
        told = [nodes.names(node), nodes.what(graph, drawn), *nodes.notes(node)]
        look = {} if node.operation else _LEAF
        if count > 1:
            told, look = [nodes.MORE_ALIKE.format(count)], _BETWEEN
        elif drawn in alike and node.operation:
            look = _RESULT
        if alike.get(drawn, 1) > 1:
            told.insert(0, nodes.TIMES_ALIKE.format(alike[drawn]))
        dot.node(str(drawn), _text(told), **look)
    for tail, head, name in edges:
        dot.edge(str(tail), str(head), _text([name]) if name else None)
    for number, (sentence, cut) in enumerate(nodes.cuts(graph)):
        dot.node(f"cut{number}", _text([sentence]), **_CUT)
        made_of = cut.made_of if cut else ()
        for drawn in dict.fromkeys(drawn_as[index] for index in made_of if index in drawn_as):
            dot.edge(f"cut{number}", str(drawn), **_CUT_OFF)


def _text(lines: Iterable[str]) -> Any:
    """Return lines as a label, with nothing in them that Graphviz reads otherwise."""
    from graphviz import escape

    wrapped = (part for line in lines for part in textwrap.wrap(line, WIDTH))
    return escape("\n".join(wrapped).replace("&", "&amp;"))
