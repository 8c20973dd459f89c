"""A graph as autograd recorded it, and its drawing in lines of text. Pure.

Each node stands in a line of its own, under the one that was made from it and two columns
further in; so a road to a leaf reads from the top down. What was drawn once is only named
when another road leads there.
"""

from __future__ import annotations

import enum
import itertools
import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sensei.run.values import Array, Thing

WIDTH = 80
INDENT = 10
#: How many levels and lines of a graph are drawn, and how many of the leaves beyond them.
LEVELS = 10
ROWS = 40
LEAVES = 8
#: A run of more nodes alike is drawn by its ends.
ALIKE = 5
#: Longer values are told by their shape.
VALUE_LENGTH = 30
CUTS = 6


class Unseen(enum.Enum):
    """Why there is no value: nobody knows it, or the koan asks for it."""

    UNKNOWN = enum.auto()
    ASKED = enum.auto()


class Output(NamedTuple):
    """One result of an operation, or a leaf: its name, if it has one, and its value.

    `earlier` says that the name belongs to another tensor by now.
    """

    name: str = ""
    earlier: bool = False
    value: object = Unseen.UNKNOWN
    grad: object = Unseen.UNKNOWN


class Node(NamedTuple):
    """One operation, or a leaf, which has no operation's name.

    Args:
        operation: what autograd calls it.
        outputs: those of its results that were seen, by their number.
        inputs: which output of which node each input is; None for one without gradient.
        walk: what began a walk back here, such as backward; nothing if none did.
    """

    operation: str
    outputs: Mapping[int, Output] = {}
    inputs: Sequence[tuple[int, int] | None] = ()
    walk: str = ""


class Loss(enum.Enum):
    """How a value loses the road to what it was made from, as a sentence."""

    NUMBER = "{text} keeps the number and drops the road to {roads}."
    VALUE = "{text} keeps the value and drops the road to {roads}."
    COPY = "{text} copies the value and leaves the road to {roads} behind."
    STEPS = "{text} holds no floating numbers, so it has no road to {roads}."
    UNRECORDED = "{text} ran with recording off, so there is no road to {roads}."


class Cut(NamedTuple):
    """An expression whose value has no road to those leaves any more."""

    text: str
    loss: Loss
    roads: tuple[str, ...]


class Graph(NamedTuple):
    """What was recorded: `roots` are the results that nothing else was made from, in order.

    Leaves that no operation was recorded for are roots, too.
    """

    nodes: Sequence[Node]
    roots: Sequence[int]
    cuts: Sequence[Cut] = ()

    @property
    def operations(self) -> int:
        """How many operations were recorded."""
        return sum(bool(node.operation) for node in self.nodes)


def lines(graph: Graph, *, cut_short: bool = False) -> list[str]:
    """Return the drawing, with a sentence for its head and one for each cut.

    `cut_short` says that the koan did not come to its end.
    """
    rows = list(_rows(graph))
    head = "What autograd recorded, from the results back to the leaves:"
    if not graph.operations:
        head = "Autograd recorded no operation here. There is no more than this:"
    if not rows:
        so_far = " so far" if cut_short else ""
        head = f"Autograd recorded nothing here{so_far}: no tensor requires grad."
    drawn = [f"      {head}", *([""] if rows else []), *_laid_out(rows)]
    cuts = [_in_words(cut) for cut in dict.fromkeys(graph.cuts)]
    if len(cuts) > CUTS:
        cuts[CUTS:] = [f"{len(cuts) - CUTS} more cuts are left out."]
    if cuts:
        drawn.append("")
    return drawn + [line for cut in cuts for line in sentence(cut)]


def sentence(text: str) -> list[str]:
    """Return a sentence in lines that fit the screen."""
    indent = " " * 6
    return textwrap.wrap(
        text, WIDTH - 2, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _in_words(cut: Cut) -> str:
    return "Cut: " + cut.loss.value.format(text=cut.text, roads=listed(cut.roads))


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


# Nodes become rows.


class _Row(NamedTuple):
    level: int
    label: str
    notes: Sequence[str] = ()


def _rows(graph: Graph) -> Iterator[_Row]:
    results = _one_of_each(graph)
    drawn: set[int] = set()
    yield from itertools.islice(_trees(graph, results, drawn), ROWS)
    yield from _left_out(graph, results, drawn)


def _one_of_each(graph: Graph) -> dict[int, int]:
    """Return the last of the results that are drawn alike, and how many there are of each."""
    kinds = _kinds(graph)
    counts = Counter(kinds[root] for root in graph.roots)
    last = {kinds[root]: root for root in graph.roots}
    return {last[kind]: counts[kind] for kind in last}


def _trees(graph: Graph, results: Mapping[int, int], drawn: set[int]) -> Iterator[_Row]:
    used = Counter(edge[0] for node in graph.nodes for edge in node.inputs if edge)
    for root, count in results.items():
        if count > 1:
            yield _Row(0, f"{count} times alike, the last one is drawn:")
        yield from _tree(graph, root, used, drawn)


def _tree(graph: Graph, root: int, used: Mapping[int, int], drawn: set[int]) -> Iterator[_Row]:
    """Draw what a result was made from, as far as it is not drawn yet."""
    waiting = [(root, 0, 0)]
    while waiting:
        index, number, level = waiting.pop()
        node = graph.nodes[index]
        if level > LEVELS:
            continue
        if index in drawn:
            yield _Row(level, f"{_name(node, number) or node.operation or 'a leaf'}, as above")
            continue
        run = _run(graph, index, used)
        if len(run) > ALIKE:
            yield _Row(level, _label(graph, index), _notes(node))
            count = len(run) - 2
            yield _Row(level + 1, f"({count} more like it, each made from the next)")
            index, level = run[-1], level + 2
            drawn.update(run)
        drawn.add(index)
        yield _Row(level, _label(graph, index), _notes(graph.nodes[index]))
        inputs = [edge for edge in graph.nodes[index].inputs if edge]
        waiting += [(*edge, level + 1) for edge in reversed(inputs)]


def _left_out(graph: Graph, results: Iterable[int], drawn: set[int]) -> Iterator[_Row]:
    rest = [index for index in _reachable(graph.nodes, results) if index not in drawn]
    leaves = [index for index in rest if not graph.nodes[index].operation]
    if count := len(rest) - len(leaves):
        yield _Row(0, f"({count} more operations are left out)")
    for index in leaves[:LEAVES]:
        yield _Row(0, _label(graph, index), _notes(graph.nodes[index]))
    if len(leaves) > LEAVES:
        yield _Row(0, f"({len(leaves) - LEAVES} more leaves are left out)")


def _reachable(nodes: Sequence[Node], starts: Iterable[int]) -> list[int]:
    found = dict.fromkeys(starts)
    waiting = list(found)
    while waiting:
        edges = nodes[waiting.pop()].inputs
        new = [edge[0] for edge in edges if edge and edge[0] not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)


def leaf_names(nodes: Sequence[Node], starts: Iterable[int]) -> tuple[str, ...]:
    """Return the names of the leaves that roads from some nodes lead to."""
    ends = [nodes[index] for index in _reachable(nodes, starts) if not nodes[index].operation]
    names = [_name(node, 0) or "a leaf without a name" for node in ends]
    if len(names) > LEAVES:
        names[LEAVES - 1 :] = [f"{len(names) - LEAVES + 1} more"]
    return tuple(names)


def _run(graph: Graph, index: int, used: Mapping[int, int]) -> list[int]:
    """Return the nodes alike from this one on, each made from the next one and leaves."""
    run = [index]
    while True:
        here = graph.nodes[run[-1]]
        before = [edge[0] for edge in here.inputs if edge and graph.nodes[edge[0]].operation]
        if len(before) != 1 or used[before[0]] > 1:
            return run
        following = graph.nodes[before[0]]
        if following.walk or _kind(here) != _kind(following):
            return run
        run.append(before[0])


def _kind(node: Node) -> tuple[object, ...]:
    names = tuple(output.name for output in node.outputs.values())
    return node.operation, names, len(node.inputs)


def _kinds(graph: Graph) -> dict[int, int]:
    """Number the nodes so that those drawn alike, with all that they are made from, agree."""
    numbers: dict[object, int] = {}
    kinds: dict[int, int] = {}
    for root in graph.roots:
        waiting = [root]
        while waiting:
            index = waiting[-1]
            inputs = graph.nodes[index].inputs
            open_ones = [edge[0] for edge in inputs if edge and edge[0] not in kinds]
            if open_ones:
                waiting += open_ones
                continue
            made_of = tuple((kinds[edge[0]], edge[1]) if edge else None for edge in inputs)
            kind = (_kind(graph.nodes[index]), made_of)
            kinds[index] = numbers.setdefault(kind, len(numbers))
            waiting.pop()
    return kinds


# Rows become lines.


def _name(node: Node, number: int) -> str:
    output = node.outputs.get(number, Output())
    return f"an earlier {output.name}" if output.name and output.earlier else output.name


def _label(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    names = listed([name for number in node.outputs if (name := _name(node, number))])
    constants = sum(edge is None for edge in node.inputs)
    what = node.operation or "a leaf"
    if constants:
        what += ", with a constant" if constants == 1 else f", with {constants} constants"
    if node.walk:
        what += f", {node.walk}() from here"
    elif not node.operation and index in graph.roots:
        what += " that nothing was recorded for"
    return f"{names}: {what}" if names else what


def _notes(node: Node) -> list[str]:
    values = [output.value for output in node.outputs.values()]
    shown = [text for value in values if (text := in_words(value))]
    notes = [" and ".join(shown)] if shown else []
    for output in node.outputs.values():
        notes += [f".grad {text}"] if (text := in_words(output.grad)) else []
    return notes


def in_words(value: object) -> str:
    """Return a value as short as it can be read; nothing if there is none."""
    match value:
        case Unseen.UNKNOWN:
            return ""
        case Unseen.ASKED:
            return "?"
        case float():
            text = repr(value)
            return text if len(text) <= VALUE_LENGTH // 3 else f"{value:.6g}"
        case list():
            return f"[{', '.join(map(in_words, value))}]"
        case Array(shape, values):
            text = in_words(values)
            fits = len(text) <= VALUE_LENGTH and (values or not math.prod(shape))
            return text if fits else f"shape {list(shape)}"
        case Thing():
            return ""
    return repr(value)


def _laid_out(rows: Sequence[_Row]) -> Iterator[str]:
    widest = max((len(_indented(row)) for row in rows if row.notes), default=0)
    room = WIDTH - 3 - max((len(_noted(row)) for row in rows), default=0)
    column = min(widest, max(room, WIDTH // 2))
    for row in rows:
        label, notes = _indented(row), _noted(row)
        line = f"{label:{column}}   {notes}".rstrip()
        if len(line) <= WIDTH:
            yield line
            continue
        indent = " " * (len(label) - len(label.lstrip()) + 4)
        yield from textwrap.wrap(label, WIDTH, subsequent_indent=indent)
        for note in row.notes:
            yield from textwrap.wrap(
                note, WIDTH, initial_indent=indent, subsequent_indent=indent
            )


def _noted(row: _Row) -> str:
    return "   ".join(row.notes)


def _indented(row: _Row) -> str:
    return " " * (INDENT + 2 * row.level) + row.label
