"""A graph as lines of text. Pure.

Each node stands in a line of its own, under the one that was made from it and two columns
further in; so a path to a leaf reads from the top down. What was drawn once is only named
when another path leads there.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sensei.graph import nodes
from sensei.graph.nodes import ALIKE, LEAVES, Graph

WIDTH = 80
INDENT = 10
#: How many levels and lines of a graph are drawn.
LEVELS = 10
ROWS = 40


def lines(graph: Graph, *, cut_short: bool = False, in_words: bool = False) -> list[str]:
    """Return the drawing, with a sentence for its head and one for each cut.

    `cut_short` says that the koan did not come to its end; `in_words` that each row has to
    say itself where it belongs.
    """
    lay_out = _numbered if in_words else _laid_out
    rows = list(lay_out(list(_rows(graph))))
    head = "What autograd recorded, from the results back to the leaves:"
    if not graph.operations:
        head = "Autograd recorded no operation here. There is no more than this:"
    if not rows:
        so_far = " so far" if cut_short else ""
        head = f"Autograd recorded nothing here{so_far}: no tensor requires grad."
    cuts = [line for text, _ in nodes.cuts(graph) for line in sentence(text)]
    return [f"      {head}", *[""] * bool(rows), *rows, *[""] * bool(cuts), *cuts]


def sentence(text: str) -> list[str]:
    """Return a sentence in lines that fit the screen."""
    indent = " " * 6
    return textwrap.wrap(
        text, WIDTH - 2, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


# Nodes become rows.


class _Row(NamedTuple):
    level: int
    label: str
    notes: Sequence[str] = ()


def _rows(graph: Graph) -> Iterator[_Row]:
    roots, drawn = nodes.one_of_each(graph), set[int]()
    yield from itertools.islice(_trees(graph, roots, drawn), ROWS)
    rest = [index for index in nodes.reachable(graph, roots) if index not in drawn]
    leaves = [index for index in rest if not graph.nodes[index].operation]
    if count := len(rest) - len(leaves):
        yield _Row(0, f"({count} more operations are left out)")
    yield from (_row(graph, index, 0) for index in leaves[:LEAVES])
    if len(leaves) > LEAVES:
        yield _Row(0, f"({len(leaves) - LEAVES} more leaves are left out)")


def _trees(graph: Graph, roots: Mapping[int, int], drawn: set[int]) -> Iterator[_Row]:
    used = nodes.uses(graph)

    def tree(index: int, number: int, level: int) -> Iterator[_Row]:
        """Draw what a result was made from, as far as it is not drawn yet."""
        if level > LEVELS:
            return
        if index in drawn:
            node = graph.nodes[index]
            name = node.called(number) or node.operation or "a leaf"
            yield _Row(level, f"{name}, as above")
            return
        run = nodes.run_from(graph, index, used)
        if len(run) > ALIKE:
            yield _row(graph, index, level)
            yield _Row(level + 1, nodes.MORE_ALIKE.format(len(run) - 2))
            index, level = run[-1], level + 2
            drawn.update(run)
        drawn.add(index)
        yield _row(graph, index, level)
        for edge in graph.nodes[index].edges:
            yield from tree(*edge, level + 1)

    for root, count in roots.items():
        if count > 1:
            yield _Row(0, nodes.TIMES_ALIKE.format(count))
        yield from tree(root, 0, 0)


def _row(graph: Graph, index: int, level: int) -> _Row:
    node, what = graph.nodes[index], nodes.what(graph, index)
    label = f"{names}: {what}" if (names := nodes.names(node)) else what
    return _Row(level, label, nodes.notes(node))


# Rows become lines.


def _laid_out(rows: Sequence[_Row]) -> Iterator[str]:
    widest = max((len(_indented(row)) for row in rows if row.notes), default=0)
    room = WIDTH - 3 - max((len(_noted(row)) for row in rows), default=0)
    column = min(widest, max(room, WIDTH // 2))
    for row in rows:
        line = f"{_indented(row):{column}}   {_noted(row)}".rstrip()
        if len(line) <= WIDTH:
            yield line
            continue
        indent = " " * (INDENT + 2 * row.level + 4)
        yield from textwrap.wrap(_indented(row), WIDTH, subsequent_indent=indent)
        for note in row.notes:
            yield from textwrap.wrap(
                note, WIDTH, initial_indent=indent, subsequent_indent=indent
            )


def _numbered(rows: Sequence[_Row]) -> Iterator[str]:
    above: list[int] = []  # the last row of each level
    for number, row in enumerate(rows, 1):
        del above[row.level :]
        into = f", goes into {above[-1]}" if above else ""
        yield f"{number}: {', '.join((row.label, *row.notes))}{into}"
        above.append(number)


def _noted(row: _Row) -> str:
    return "   ".join(row.notes)


def _indented(row: _Row) -> str:
    return " " * (INDENT + 2 * row.level) + row.label
