"""Listens to a koan and reads what autograd recorded. Only where torch is at hand."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

import torch

from sensei.graph.nodes import Cut, Graph, Loss, Node, Output, Unseen
from sensei.private import is_wrapped
from sensei.run.spy import Listener
from sensei.run.values import Array, Thing
from sensei.run.worth import variables, worth

#: Longer expressions of a koan make no good name.
NAME_LENGTH = 30
#: A koan that goes on after so many tensors is stopped.
TENSORS = 10_000
#: A graph of more nodes is none to be drawn.
NODES = 30_000

_LEAF = "torch::autograd::AccumulateGrad"

#: A node, or a leaf in the place of its own, by identity; and the number of its output.
_Key = tuple[int, int]


class TooMuch(BaseException):
    """A koan records more than can be drawn. No Exception, so that koans do not catch it."""


@dataclass
class _Tensor:
    """A tensor that requires grad, as it was when it was first seen.

    It keeps tensor and node alive: their identity is what everything else goes by. `names`
    are those of variables, `texts` what else the koan calls it, both in the order of time.
    """

    tensor: Any
    node: Any
    value: object
    names: dict[str, None] = field(default_factory=dict)
    texts: dict[str, None] = field(default_factory=dict)


@dataclass
class _Cut:
    """A value without a path to what it was made from."""

    text: str
    loss: Loss
    made_of: list[_Key]
    value: Any
    goes_on: bool = False


class Recorder(Listener):
    """Listens to a koan. A surprise in here is none of the koan."""

    def __init__(self, koan: str) -> None:
        """Listen to the koan of that name: the names in its own function come first."""
        self._koan = koan
        self._tensors: dict[_Key, _Tensor] = {}
        self._current: dict[str, _Key] = {}
        self._latest: dict[str, tuple[Any, list[_Key]]] = {}
        self._starts: dict[int, str] = {}
        self._cuts: list[_Cut] = []
        self._by_value = defaultdict[int, list[_Cut]](list)  # each keeps its value alive
        self._checking = 0

    def state(self, line: int, function: str, local: Mapping[str, Any]) -> None:
        """Note which tensors have a name."""
        own = function == self._koan
        with contextlib.suppress(Exception):
            named = {n: key for n, value in variables(local) if (key := self._key(value))}
            for name, key in named.items():
                tensor = self._tensors[key]
                (tensor.names if own else tensor.texts)[name] = None
            if own:
                self._current = named
        if len(self._tensors) + len(self._cuts) > TENSORS:
            raise TooMuch

    def value(
        self, line: int, kind: str, text: str, called: str, parts: Sequence[str], value: Any
    ) -> Any:
        """Note the tensor that was computed, or that the path to what it was made from ends."""
        with contextlib.suppress(Exception):
            keys = self._keys(value)
            if len(keys) == 1:
                self._tensors[keys[0]].texts[text] = None
            before = [self._latest[part] for part in parts if part in self._latest]
            made_of = [key for _, part in before for key in part]
            loss = None if keys or self._checking else _loss(called, value)
            if loss and made_of:
                cut = _Cut(text, loss, made_of, value)
                self._cuts.append(cut)
                self._by_value[id(value)].append(cut)
            # Who reads a number may just look at it. Who goes on with it has lost the path.
            if not called or called in _FROM_NUMBERS or called.startswith("math."):
                for part, _ in before:
                    for cut in self._by_value.get(id(part), ()):
                        cut.goes_on = True
            self._latest[text] = value, keys
        return value

    def start(self, name: str, value: Any) -> Any:
        """Note where a backward pass begins."""
        with contextlib.suppress(Exception):
            starts = value if isinstance(value, list | tuple) else [value]
            self._starts |= {key[0]: name for each in starts if (key := self._key(each))}
        return value

    @contextlib.contextmanager
    def check(self) -> Iterator[None]:
        """Let nothing in an assertion be a cut."""
        self._checking += 1
        with super().check():
            yield
        self._checking -= 1

    def _keys(self, value: Any) -> list[_Key]:
        """Return the key of a tensor, or those of the parameters of a module."""
        parts = value.parameters() if isinstance(value, torch.nn.Module) else [value]
        return [key for part in parts if (key := self._key(part))]

    def _key(self, value: Any) -> _Key | None:
        """Return the key of a tensor that requires grad, and keep it, if it is new."""
        if not isinstance(value, torch.Tensor) or is_wrapped(value) or not value.requires_grad:
            return None
        key = (id(_node(value)), value.output_nr)
        if key not in self._tensors:
            self._tensors[key] = _Tensor(value, _node(value), _worth(value))
        return key

    def found(self) -> Graph | None:
        """Follow the nodes from what was seen to the leaves; None if there are too many."""
        things, inputs = _follow([each.node for each in self._tensors.values()])
        if len(things) > NODES:
            return None
        outputs = self._outputs(things)
        made_of = {i: [edge[0] for edge in edges if edge] for i, edges in inputs.items()}
        order = list(TopologicalSorter(made_of).static_order())[::-1]
        indexes = {identity: index for index, identity in enumerate(order)}
        nodes = [
            Node(
                "" if _is_leaf(things[identity]) else things[identity].name(),
                outputs[identity],
                [edge and (indexes[edge[0]], edge[1]) for edge in inputs[identity]],
                self._starts.get(identity, ""),
            )
            for identity in order
        ]
        cuts = [
            Cut(cut.text, cut.loss, [indexes[identity] for identity, _ in cut.made_of])
            for cut in self._cuts
            if cut.goes_on or cut.loss is not Loss.NUMBER
        ]
        return Graph(nodes, self._roots(nodes, indexes), cuts)

    def _roots(self, nodes: Sequence[Node], indexes: Mapping[int, int]) -> list[int]:
        used = {index for node in nodes for index, _ in node.edges}
        seen = {indexes[identity]: each.tensor for (identity, _), each in self._tensors.items()}
        roots = [
            index
            for index, tensor in seen.items()
            # A leaf may have been let go.
            if index not in used and (nodes[index].operation or tensor.requires_grad)
        ]
        return sorted(roots, key=lambda index: not nodes[index].operation)

    def _outputs(self, things: Mapping[int, Any]) -> dict[int, dict[int, Output]]:
        for thing in things.values():
            self._key(thing)  # a leaf may be nothing that the koan has a name for
        outputs: dict[int, dict[int, Output]] = {identity: {} for identity in things}
        for key, each in self._tensors.items():
            outputs[key[0]][key[1]] = self._output(key, each)
        return outputs

    def _output(self, key: _Key, each: _Tensor) -> Output:
        name, earlier = self._name(key, each)
        tensor, is_leaf = each.tensor, _is_leaf(each.node)
        # An optimizer moves a leaf; a result keeps the value that it was recorded with.
        value = _worth(tensor) if is_leaf else each.value
        grad: object = Unseen.UNKNOWN
        if is_leaf or tensor.retains_grad:
            grad = None if tensor.grad is None else _worth(tensor.grad)
        return Output(name, earlier, value, grad)

    def _name(self, key: _Key, each: _Tensor) -> tuple[str, bool]:
        """Return the name of a tensor, and whether that has gone over to another one."""
        names = sorted(each.names, key=lambda name: not name.isidentifier())
        current = [name for name in names if self._current.get(name) == key]
        if names:
            return (current or names)[0], not current
        texts = [text for text in each.texts if len(text) <= NAME_LENGTH]
        # What it is computed by says more than what a function calls it.
        texts.sort(key=str.isidentifier, reverse=True)
        return (texts[-1] if texts else ""), False


def _node(tensor: Any) -> Any:
    """Return the node of a tensor, or in its place the tensor, if it is a leaf."""
    return tensor if tensor.grad_fn is None else tensor.grad_fn


def _is_leaf(thing: Any) -> bool:
    return isinstance(thing, torch.Tensor)


def _worth(tensor: Any) -> object:
    seen = worth(tensor)
    return Array(tuple(tensor.shape), []) if isinstance(seen, Thing) else seen


_NUMBERS = {"item", "tolist"}
_CASTS = {"float", "int", "bool"}
_FROM_NUMBERS = {"torch.tensor", "torch.as_tensor"}
_SAME_VALUES = {"detach", "detach_", "data"}


def _loss(called: str, value: Any) -> Loss | None:
    """Say how a value that has no path came about, if that can be known."""
    name = called.rpartition(".")[2]
    if not isinstance(value, torch.Tensor):
        by_number = name in _NUMBERS or called in _CASTS or called.startswith("math.")
        return Loss.NUMBER if by_number else None
    if name == "grad" or is_wrapped(value):
        return None
    if name in _SAME_VALUES:
        return Loss.VALUE
    if called == "torch.tensor":
        return Loss.COPY
    if not (value.is_floating_point() or value.is_complex()):
        return Loss.STEPS
    return None if torch.is_grad_enabled() else Loss.UNRECORDED


def _follow(seen: Iterable[Any]) -> tuple[dict[int, Any], dict[int, list[_Key | None]]]:
    """Return every node by its identity, and the inputs of each, until there are too many."""
    things: dict[int, Any] = {}
    inputs: dict[int, list[_Key | None]] = {}
    waiting = list(seen)
    while waiting and len(things) <= NODES:
        thing = waiting.pop()
        if id(thing) in things:
            continue
        things[id(thing)] = thing
        before = [
            (node.variable if node.name() == _LEAF else node, number) if node else None
            for node, number in getattr(thing, "next_functions", ())
        ]
        inputs[id(thing)] = [edge and (id(edge[0]), edge[1]) for edge in before]
        waiting += [edge[0] for edge in before if edge]
    return things, inputs
