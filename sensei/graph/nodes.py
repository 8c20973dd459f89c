"""What autograd recorded in a koan, as plain data, and what can be asked of it. Pure."""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sensei.run.values import Array, Thing
from sensei.run.wire import crosses

#: Longer values are told by their shape.
VALUE_LENGTH = 30
#: A run of more nodes alike is drawn by its ends.
ALIKE = 5
#: More leaves than that are counted.
LEAVES = 8
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

    @property
    def called(self) -> str:
        """The name, in words."""
        return f"an earlier {self.name}" if self.name and self.earlier else self.name


class Node(NamedTuple):
    """One operation, or a leaf, which has no operation's name.

    Args:
        operation: what autograd calls it.
        outputs: those of its results that were seen, by their number.
        inputs: which output of which node each input is; None for one without gradient.
        start: what began a backward pass here, such as backward; nothing if none did.
    """

    operation: str
    outputs: Mapping[int, Output] = {}
    inputs: Sequence[tuple[int, int] | None] = ()
    start: str = ""

    @property
    def edges(self) -> list[tuple[int, int]]:
        """The inputs that have a gradient."""
        return [edge for edge in self.inputs if edge]

    def called(self, number: int) -> str:
        """Return the name of one of its results, in words."""
        return self.outputs.get(number, Output()).called


class Loss(enum.Enum):
    """How a value loses the path to what it was made from, as a sentence."""

    NUMBER = "{text} keeps the number and drops the path to {leaves}."
    VALUE = "{text} keeps the value and drops the path to {leaves}."
    COPY = "{text} copies the value and leaves the path to {leaves} behind."
    STEPS = "{text} holds no floating numbers, so it has no path to {leaves}."
    UNRECORDED = "{text} ran with recording off, so there is no path to {leaves}."


class Cut(NamedTuple):
    """An expression whose value has no path to the nodes any more that it was made from."""

    text: str
    loss: Loss
    made_of: Sequence[int]


class Graph(NamedTuple):
    """What was recorded: `roots` are the results that nothing else was made from, in order.

    Leaves that no operation was recorded for are roots, too. A node stands before those
    that it was made from.
    """

    nodes: Sequence[Node]
    roots: Sequence[int]
    cuts: Sequence[Cut] = ()

    @property
    def operations(self) -> int:
        """How many operations were recorded."""
        return sum(bool(node.operation) for node in self.nodes)


crosses(Graph, Node, Output, Unseen, Cut, Loss)


# Its shape.


def reachable(graph: Graph, starts: Iterable[int]) -> list[int]:
    """Return the nodes that some nodes were made from, with these."""
    found = dict.fromkeys(starts)
    waiting = list(found)
    while waiting:
        new = [i for i, _ in graph.nodes[waiting.pop()].edges if i not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)


def uses(graph: Graph) -> Mapping[int, int]:
    """Return how often other nodes were made from each node."""
    return Counter(index for node in graph.nodes for index, _ in node.edges)


def run_from(graph: Graph, index: int, used: Mapping[int, int]) -> list[int]:
    """Return the nodes alike from one on, each made from the next one and leaves.

    Args:
        graph: the graph.
        index: where the run begins.
        used: how often others were made from each node.
    """
    run = [index]
    while True:
        node = graph.nodes[run[-1]]
        before = [i for i, _ in node.edges if graph.nodes[i].operation]
        if len(before) != 1 or used[before[0]] > 1:
            return run
        following = graph.nodes[before[0]]
        if following.start or _kind(node) != _kind(following):
            return run
        run.append(before[0])


def one_of_each(graph: Graph) -> dict[int, int]:
    """Return the last of the roots that are drawn alike, and how many there are of each."""
    numbers: dict[object, int] = {}
    kinds: dict[int, int] = {}
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        made_of = tuple(edge and (kinds[edge[0]], edge[1]) for edge in node.inputs)
        kinds[index] = numbers.setdefault((_kind(node), made_of), len(numbers))
    last = {kinds[root]: root for root in graph.roots}
    counts = Counter(kinds[root] for root in graph.roots)
    return {root: counts[kind] for kind, root in last.items()}


def _kind(node: Node) -> object:
    names = tuple(output.name for output in node.outputs.values())
    return node.operation, names, len(node.inputs)


# Its words.

#: What stands between the ends of a run, and before the last of some trees alike.
MORE_ALIKE = "({} more like it, each made from the next)"
TIMES_ALIKE = "{} times alike, the last one is drawn:"


def names(node: Node) -> str:
    """Return what the results of a node are called, if anything."""
    return listed([output.called for output in node.outputs.values() if output.called])


def what(graph: Graph, index: int) -> str:
    """Return what a node is, and whether a backward pass began there."""
    node = graph.nodes[index]
    said = node.operation or "a leaf"
    if constants := node.inputs.count(None):
        said += ", with a constant" if constants == 1 else f", with {constants} constants"
    if node.start:
        said += f", {node.start}() from here"
    elif not node.operation and index in graph.roots:
        said += " that nothing was recorded for"
    return said


def notes(node: Node) -> list[str]:
    """Return the values of a node, and each gradient."""
    values = [text for each in node.outputs.values() if (text := in_words(each.value))]
    grads = [text for each in node.outputs.values() if (text := in_words(each.grad))]
    return [" and ".join(values)] * bool(values) + [f".grad {text}" for text in grads]


def cuts(graph: Graph) -> Iterator[tuple[str, Cut | None]]:
    """Yield a sentence for each cut, with the last that it fits; there may be too many."""
    told = {
        f"Cut: {cut.loss.value.format(text=cut.text, leaves=_leaves(graph, cut))}": cut
        for cut in graph.cuts
    }
    yield from list(told.items())[:CUTS]
    if len(told) > CUTS:
        yield f"{len(told) - CUTS} more cuts are left out.", None


def _leaves(graph: Graph, cut: Cut) -> str:
    nodes = (graph.nodes[index] for index in reachable(graph, cut.made_of))
    names = [n.called(0) or "a leaf without a name" for n in nodes if not n.operation]
    if len(names) > LEAVES:
        names[LEAVES - 1 :] = [f"{len(names) - LEAVES + 1} more"]
    return listed(names)


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def in_words(value: object) -> str:
    """Return a value as short as it can be read; nothing if there is none."""
    match value:
        case Unseen.UNKNOWN | Thing():
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
    return repr(value)
