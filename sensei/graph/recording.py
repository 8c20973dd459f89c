"""Runs a koan as it stands in the learner's file, and reads what autograd recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch._C import _functorch

from sensei.graph.drawing import Cut, Graph, Loss, Node, Output, Unseen, leaf_names
from sensei.graph.watching import CHECK, STATE, VALUE, WALK, watched
from sensei.koan.source import Part
from sensei.run import trial
from sensei.run.trial import Outcome
from sensei.run.values import Array, Thing, variables, worth

#: Longer expressions of a koan make no good name.
NAME_LENGTH = 30
#: Tensors beyond these many are not looked at.
TENSORS = 20_000

_LEAF = "torch::autograd::AccumulateGrad"

#: A node and the number of its output, or a leaf and -1; by identity.
_Key = tuple[int, int]


class Recording(NamedTuple):
    """What one run recorded.

    `results` and `named` are the tensors themselves, for a picture.
    """

    graph: Graph
    outcome: Outcome
    results: tuple[Any, ...]
    named: Mapping[str, Any]


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
    """A value without a road to what it was made from."""

    text: str
    loss: Loss
    roads: list[_Key]
    value: Any
    goes_on: bool = False


@dataclass
class _Notes:
    """What is gathered while the koan runs."""

    tensors: dict[_Key, _Tensor] = field(default_factory=dict)
    current: dict[str, _Key] = field(default_factory=dict)
    latest: dict[str, list[_Key]] = field(default_factory=dict)
    walks: dict[_Key, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    cuts: list[_Cut] = field(default_factory=list)
    by_value: dict[int, list[_Cut]] = field(default_factory=dict)  # each keeps its value alive
    checking: int = 0


def record(head: Part, koan: Part, seconds: float) -> Recording:
    """Run a koan to its end, whatever its assertions say, and return what was recorded.

    Args:
        head: the head of its chapter.
        koan: the koan.
        seconds: how long it may take; what was recorded until then counts.

    Raises:
        SyntaxError: if one of them is no Python.
    """
    notes = _Notes()
    given = {
        STATE: lambda function, local: _note_names(notes, function == koan.name, local),
        VALUE: lambda text, called, parts, value: _note(notes, text, called, parts, value),
        WALK: lambda name, value: _note_walk(notes, name, value),
        CHECK: lambda: _check(notes),
    }
    outcome = trial.run_quietly((head.tree(), watched(koan)), koan.name, seconds, given)
    return _read(notes, outcome)


# While the koan runs. A surprise in here is none of the koan.


def _note(notes: _Notes, text: str, called: str, parts: Sequence[str], value: Any) -> Any:
    with contextlib.suppress(Exception):
        keys = _keys(notes, value)
        for key in keys if len(keys) == 1 else ():
            notes.tensors[key].texts[text] = None
        roads = [key for part in parts for key in notes.latest.get(part, ())]
        loss = None if keys or notes.checking else _loss(called, value)
        if loss and roads:
            cut = _Cut(text, loss, roads, value)
            notes.cuts.append(cut)
            notes.by_value.setdefault(id(value), []).append(cut)
        # Who reads a number may just look at it. Who goes on with it has lost the road.
        if not called or called in _FROM_NUMBERS or called.startswith("math."):
            for part in parts:
                for cut in notes.by_value.get(id(notes.values.get(part)), ()):
                    cut.goes_on = True
        notes.latest[text] = keys
        notes.values[text] = value
    return value


def _note_names(notes: _Notes, own: bool, local: Mapping[str, Any]) -> None:  # noqa: FBT001
    with contextlib.suppress(Exception):
        current = {}
        for name, value in variables(local):
            key = _key(notes, value)
            if key and own:
                current[name] = key
                notes.tensors[key].names[name] = None
            elif key:
                notes.tensors[key].texts[name] = None
        if own:
            notes.current = current


def _note_walk(notes: _Notes, name: str, value: Any) -> Any:
    with contextlib.suppress(Exception):
        starts = value if isinstance(value, list | tuple) else [value]
        notes.walks |= {key: name for start in starts if (key := _key(notes, start))}
    return value


@contextlib.contextmanager
def _check(notes: _Notes) -> Iterator[None]:
    notes.checking += 1
    try:
        with contextlib.suppress(Exception):
            yield
    finally:
        notes.checking -= 1


def _keys(notes: _Notes, value: Any) -> list[_Key]:
    """Return the key of a tensor, or those of the parameters of a module."""
    parts = value.parameters() if isinstance(value, torch.nn.Module) else [value]
    return [key for part in parts if (key := _key(notes, part))]


def _key(notes: _Notes, value: Any) -> _Key | None:
    """Return the key of a tensor that requires grad, and keep it, if it is new."""
    if not isinstance(value, torch.Tensor) or _is_wrapped(value) or not value.requires_grad:
        return None
    node = value.grad_fn
    key = (id(value), -1) if node is None else (id(node), value.output_nr)
    if key not in notes.tensors:
        if len(notes.tensors) >= TENSORS:
            return None
        notes.tensors[key] = _Tensor(value, node, _worth(value))
    return key


def _is_wrapped(tensor: Any) -> bool:
    """Whether a tensor stands for others while torch.func transforms a function."""
    return bool(_functorch.is_functorch_wrapped_tensor(tensor))


_NUMBERS = {"item", "tolist"}
_CASTS = {"float", "int", "bool"}
_FROM_NUMBERS = {"torch.tensor", "torch.as_tensor"}
_SAME_VALUES = {"detach", "detach_", "data"}


def _loss(called: str, value: Any) -> Loss | None:
    """Say how a value that has no road came about, if that can be known."""
    name = called.rpartition(".")[2]
    if not isinstance(value, torch.Tensor):
        by_number = name in _NUMBERS or called in _CASTS or called.startswith("math.")
        return Loss.NUMBER if by_number else None
    if name == "grad" or _is_wrapped(value):
        return None
    if name in _SAME_VALUES:
        return Loss.VALUE
    if called == "torch.tensor":
        return Loss.COPY
    if not (value.is_floating_point() or value.is_complex()):
        return Loss.STEPS
    return None if torch.is_grad_enabled() else Loss.UNRECORDED


# Afterwards.


def _read(notes: _Notes, outcome: Outcome) -> Recording:
    """Follow the nodes from what was seen back to the leaves."""
    seen = [each.tensor if each.node is None else each.node for each in notes.tensors.values()]
    things, inputs = _follow(seen)
    places = {identity: place for place, identity in enumerate(things)}
    outputs = _outputs(notes, things)
    walks = {identity: name for (identity, _), name in notes.walks.items()}
    nodes = [
        Node(
            operation="" if _is_leaf(thing) else thing.name(),
            outputs=outputs[identity],
            inputs=[edge and (places[edge[0]], edge[1]) for edge in inputs[identity]],
            walk=walks.get(identity, ""),
        )
        for identity, thing in things.items()
    ]
    used = {edge[0] for edges in inputs.values() for edge in edges if edge}
    ends = [
        identity
        for identity in dict.fromkeys(map(id, seen))
        # A leaf may have been let go.
        if identity not in used
        and (not _is_leaf(things[identity]) or things[identity].requires_grad)
    ]
    # What was computed comes first.
    ends.sort(key=lambda identity: _is_leaf(things[identity]))
    results = {identity for identity in ends if not _is_leaf(things[identity])}
    cuts = [
        Cut(cut.text, cut.loss, leaf_names(nodes, [places[road] for road, _ in cut.roads]))
        for cut in notes.cuts
        if cut.goes_on or cut.loss is not Loss.NUMBER
    ]
    kept = notes.tensors.items()
    return Recording(
        Graph(nodes, [places[identity] for identity in ends], cuts),
        outcome,
        tuple(each.tensor for key, each in kept if key[0] in results),
        {
            name: each.tensor
            for key, each in kept
            if not (output := outputs[key[0]][max(key[1], 0)]).earlier and (name := output.name)
        },
    )


def _follow(seen: Sequence[Any]) -> tuple[dict[int, Any], dict[int, list[_Key | None]]]:
    """Return every node by its identity, and the inputs of each.

    In the place of the node that a leaf has stands the leaf.
    """
    things: dict[int, Any] = {}
    inputs: dict[int, list[_Key | None]] = {}
    waiting = list(seen)
    while waiting:
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


def _outputs(notes: _Notes, things: Mapping[int, Any]) -> dict[int, dict[int, Output]]:
    outputs: dict[int, dict[int, Output]] = {identity: {} for identity in things}
    for key, each in notes.tensors.items():
        name, earlier = _name(notes, key)
        is_leaf = each.node is None
        # An optimizer moves a leaf; a result keeps the value that it was recorded with.
        value = _worth(each.tensor) if is_leaf else each.value
        grad = _grad(each.tensor) if is_leaf or each.tensor.retains_grad else Unseen.UNKNOWN
        outputs[key[0]][max(key[1], 0)] = Output(name, earlier, value, grad)
    for identity, thing in things.items():
        if _is_leaf(thing) and not outputs[identity]:
            outputs[identity][0] = Output(value=_worth(thing), grad=_grad(thing))
    return outputs


def _is_leaf(thing: Any) -> bool:
    return hasattr(thing, "is_leaf")


def _worth(tensor: Any) -> object:
    seen = worth(tensor)
    return Array(tuple(tensor.shape), []) if isinstance(seen, Thing) else seen


def _grad(tensor: Any) -> object:
    return None if tensor.grad is None else _worth(tensor.grad)


def _name(notes: _Notes, key: _Key) -> tuple[str, bool]:
    """Return the name of a tensor, and whether that has gone over to another one."""
    each = notes.tensors[key]
    names = sorted(each.names, key=lambda name: not name.isidentifier())
    current = [name for name in names if notes.current.get(name) == key]
    if names:
        return (current or names)[0], not current
    texts = [text for text in each.texts if len(text) <= NAME_LENGTH]
    # What it is computed by says more than what a function calls it.
    texts.sort(key=str.isidentifier, reverse=True)
    return (texts[-1] if texts else ""), False
