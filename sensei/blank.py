"""What `__` is: the place of a prediction in koans/, a marker around the answer in answers/."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

#: The note that makes a call of `__` a marker.
MARK = "wrong"
#: What the last marker of a koan says of the koan.
NOTES = ("hints", "why", "numbers", "core", "part")


class BlankError(Exception):
    """Somebody used a blank as if it were a value."""

    def __init__(self) -> None:
        empty = "this blank is still empty: write your prediction in place of __"
        super().__init__(f"{empty}{_without_plugin()}")


#: Where pytest looks for its settings, and those of these files that have other uses, too.
_INI_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
_SHARED_INI_FILES = ("pyproject.toml", "tox.ini", "setup.cfg")


def _without_plugin() -> str:
    """Say what is to blame where pytest runs koans without the plugin that walks the path."""
    if "pytest" not in sys.modules or "sensei.plugin" in sys.modules:
        return ""
    page = _page()
    if page is None:
        return ""
    root = page.parent.parent
    told = f"\n\npytest has not loaded the path's plugin, which {root / 'conftest.py'} names."
    if ini := _ini_file(page.parent):
        told += f"\n{ini} keeps pytest from reading it. Delete or move that file."
    return f"{told}\nThen go to {root} and type: pytest"


def _page() -> Path | None:
    """Return the file of the koan that uses a blank."""
    frame = sys._getframe()  # noqa: SLF001 - inspect would take its time
    while frame.f_back and not Path(frame.f_code.co_filename).name.startswith("test_"):
        frame = frame.f_back
    page = Path(frame.f_code.co_filename)
    return page if page.name.startswith("test_") else None


def _ini_file(folder: Path) -> Path | None:
    """Return the file that makes pytest take koans/ for a project of its own."""
    files = [folder / name for name in (*_INI_FILES, *_SHARED_INI_FILES)]
    there = (file for file in files if file.is_file())
    return next(
        (
            it
            for it in there
            if it.name in _INI_FILES or "pytest" in it.read_text("utf-8", "replace")
        ),
        None,
    )


class Blank:
    """The type of `__`.

    Called as a marker, it hands back the answer; used in any other way it raises
    BlankError. Only `is` and `repr` get past it: Python asks no object about the first,
    and the second is what debuggers print.
    """

    def __call__(self, *args: Any, **notes: Any) -> Any:
        """Return the answer of `__(answer, wrong={fill: reply})`, a marker.

        The last marker of a koan also has `hints=[...]` and `why="..."`, and maybe
        `numbers={number: another}`, `core=True` and `part=True`.

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
