"""`__` hands back the answer as a marker, and refuses everything else with one error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from sensei import __
from sensei.blank import BlankError

VALUE = torch.tensor(2.0, requires_grad=True)
VECTOR = torch.tensor([1.0, 2.0])


def test_a_marker_hands_back_its_answer() -> None:
    """With its notes it is the answer itself, the very object."""
    assert __(VALUE, wrong={}) is VALUE
    assert __(VALUE, wrong={}, hints=[], why="", numbers={}) is VALUE


def _enter() -> None:
    with __:
        pass


def _decorate() -> None:
    @__  # type: ignore[untyped-decorator]
    def decorated() -> None:
        pass


USES: dict[str, Callable[[], object]] = {
    "equal": lambda: __ == 1.0,
    "equal from the right": lambda: 1.0 == __,
    "equal to a tensor": lambda: VALUE == __,
    "equal to a tensor from the left": lambda: __ == VALUE,
    "equal to an array": lambda: np.ones(2) == __,
    "equal in a list": lambda: [1.0, None] == [1.0, __],
    "not equal": lambda: None != __,
    "less": lambda: __ < 1,
    "greater than a tensor": lambda: VALUE > __,
    "truth": lambda: bool(__),
    "not": lambda: not __,
    "and": lambda: __ and 1,
    "add": lambda: __ + 1,
    "added": lambda: 1 + __,
    "added to a tensor": lambda: VALUE + __,
    "a tensor times it": lambda: __ * VALUE,
    "matrix product": lambda: VECTOR @ __,
    "power": lambda: VALUE**__,
    "minus": lambda: -__,
    "round": lambda: round(__),
    "called": __,
    "called with a value": lambda: __(VALUE),
    "called with other words": lambda: __(VALUE, dim=0),
    "iterated": lambda: list(__),
    "unpacked": lambda: [*__],
    "length": lambda: len(__),
    "indexed": lambda: __[0],
    "as an index": lambda: VECTOR[__],
    "contained": lambda: 1 in __,
    "attribute": lambda: __.grad,
    "a number": lambda: float(__),
    "a sine": lambda: math.sin(__),
    "text": lambda: f"{__}",
    "hash": lambda: {__},
    "entered": _enter,
    "decorating": _decorate,
    "an exception type": lambda: isinstance(VALUE, __),
    "torch.tensor": lambda: torch.tensor(__),
    "torch.tensor of a list": lambda: torch.tensor([1.0, __]),
    "torch.sin": lambda: torch.sin(__),
    "torch.stack": lambda: torch.stack([VECTOR, __]),
    "a gradient": lambda: torch.autograd.backward(VALUE, __),
    "a parameter": lambda: torch.nn.Parameter(__),
    "np.array": lambda: np.array(__),
    "np.sin": lambda: np.sin(__),
}


#: Arguments of torch functions that are no tensors.
SETTINGS: dict[str, Callable[[], object]] = {
    "a size": lambda: torch.ones(__),
    "a dim": lambda: VECTOR.sum(dim=__),
    "a flag": lambda: torch.tensor(1.0, requires_grad=__),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_a_blank_refuses(use: Callable[[], object]) -> None:
    """Whatever is done to it says: this blank is still empty."""
    with pytest.raises(BlankError, match="this blank is still empty"):
        use()


@pytest.mark.skipif(
    torch.__version__.startswith("2.4."), reason="torch 2.4 refuses them by itself: TypeError"
)
@pytest.mark.parametrize("use", SETTINGS.values(), ids=SETTINGS.keys())
def test_a_blank_refuses_to_be_a_setting(use: Callable[[], object]) -> None:
    """Torch asks a blank where it expects a number or a flag, too."""
    with pytest.raises(BlankError, match="this blank is still empty"):
        use()


def test_a_blank_can_be_printed_for_debugging() -> None:
    """repr is what debuggers show, and it says what it is."""
    assert repr([__]) == "[__]"
