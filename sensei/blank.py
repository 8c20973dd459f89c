"""What `__` is: the place of a prediction in koans/, a marker around the answer in answers/."""

from __future__ import annotations

from typing import Any, NoReturn

#: The note that makes a call of `__` a marker.
MARK = "wrong"
#: What the last marker of a koan says of the koan.
NOTES = ("hints", "why", "numbers")


class BlankError(Exception):
    """Somebody used a blank as if it were a value."""

    def __init__(self) -> None:
        super().__init__("this blank is still empty: write your prediction in place of __")


class Blank:
    """The type of `__`.

    Called as a marker, it hands back the answer; used in any other way it raises
    BlankError. Only `is` and `repr` get past it: Python asks no object about the first,
    and the second is what debuggers print.
    """

    def __call__(self, *args: Any, **notes: Any) -> Any:
        """Return the answer of `__(answer, wrong={fill: reply})`, a marker.

        The last marker of a koan also has `hints=[...]` and `why="..."`, and maybe
        `numbers={number: another}`.

        Raises:
            BlankError: if it is no marker, but a blank in the place of a function, called
                by its koan.
        """
        if len(args) == 1 and MARK in notes:
            return args[0]
        raise BlankError

    def __repr__(self) -> str:
        return "__"

    def __getattr__(self, name: str) -> NoReturn:
        # Python looks for optional special names and expects this answer.
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        raise BlankError

    @classmethod
    def __torch_function__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse, too: torch asks here before it touches an argument it does not know."""
        raise BlankError


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise BlankError


_REFUSED = """
    bool bytes complex float format hash index int str
    enter exit iter len next reversed contains getitem setitem delitem setattr delattr
    eq ge gt le lt ne
    abs ceil floor invert neg pos round trunc
    aenter aexit aiter anext await instancecheck subclasscheck
    array array_ufunc array_function
"""
_REFUSED_FROM_EITHER_SIDE = """
    add and divmod floordiv lshift matmul mod mul or pow rshift sub truediv xor
"""
for _name in _REFUSED.split():
    setattr(Blank, f"__{_name}__", _refuse)
for _name in _REFUSED_FROM_EITHER_SIDE.split():
    for _side in ("", "r", "i"):
        setattr(Blank, f"__{_side}{_name}__", _refuse)

#: Any, so that editors find nothing wrong with a koan that is still blank.
__: Any = Blank()
