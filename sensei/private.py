"""Private parts of pytest and torch that are used, each with why, and what is done without it.

pytest and torch are imported where they are needed: runs that need neither import this, too.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import operator
import sys
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from sensei.koan.source import Part


def put_asserts_into_words(tree: ast.Module, koan: Part) -> None:
    """Have a koan's failing assertions raise pytest's words, or plain ones without it.

    pytest has no public way to rewrite the assertions of a tree that is not a module's.
    """
    try:
        from _pytest.assertion.rewrite import rewrite_asserts
    except ImportError:
        return
    text = "\n" * (koan.line - 1) + koan.text
    rewrite_asserts(tree, text.encode())


def is_wrapped(tensor: Any) -> bool:
    """Whether a tensor stands for others while torch.func transforms a function.

    torch has no public way to ask. Without this one, what torch.func records is drawn as if
    it were the koan's own.
    """
    try:
        from torch._C._functorch import is_functorch_wrapped_tensor
    except ImportError:
        return False
    return bool(is_functorch_wrapped_tensor(tensor))


def spare_the_compiler() -> None:
    """Have optimizers, and others, not import what torch.compile is made of.

    They import it to tell a compiler what to leave alone, and to compare two shapes; it takes
    longer than torch itself. While nobody compiles, what they call does nothing, and is done
    here. Whatever else is asked of one of these modules brings the module itself.
    """
    for name, stands_in in _STAND_INS.items():
        if name not in sys.modules:
            _Later(name, stands_in).take_its_place()


class _Later(types.ModuleType):
    """Stands in a module's place until something is asked for that it doesn't have."""

    def __init__(self, name: str, stands_in: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(name)
        vars(self).update(stands_in)

    def take_its_place(self) -> None:
        """Be found by who imports the module, or asks its package for it."""
        package, _, last = self.__name__.rpartition(".")
        sys.modules[self.__name__] = self
        if package:
            setattr(importlib.import_module(package), last, self)

    def __getattr__(self, name: str) -> Any:
        # Some ask every module for its file, and an import asks whether it is a package.
        if name.startswith("__") and (name != "__path__" or self.__name__ not in _PACKAGES):
            raise AttributeError(name)
        # What belongs to a package must not stay a stand-in once that is there.
        for own in [it for it in sys.modules if f"{it}.".startswith(f"{self.__name__}.")]:
            if isinstance(sys.modules[own], _Later):
                del sys.modules[own]
        return getattr(importlib.import_module(self.__name__), name)


_PACKAGES = frozenset({"torch._dynamo", "sympy"})
_STAND_INS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "torch._dynamo": {
        "disable": lambda function, *_, **__: function,
        "graph_break": lambda *_, **__: None,
        "is_compiling": lambda: False,
    },
    # What torch.func asks before each backward pass.
    "torch._dynamo.compiled_autograd": {"_disable": contextlib.nullcontext},
    "torch.fx.experimental.symbolic_shapes": {
        "expect_true": lambda fact, *_: fact,
        "sym_eq": operator.eq,
        # What is asked before numbers of known size are broadcast.
        "guard_or_false": bool,
        "guard_or_true": bool,
        "guard_size_oblivious": bool,
        "guarding_hint_or_throw": lambda size: size,
        "has_guarding_hint": lambda _: True,
        "is_nested_int": lambda _: False,
        "sym_and": lambda *facts: all(facts),
        "sym_or": lambda *facts: any(facts),
    },
    # Products of dual numbers ask whether one of them is a symbol.
    "sympy": {"Basic": type("Basic", (), {})},
}


def typed_paths(config: pytest.Config) -> list[str]:
    """Return the paths of pytest's command line, while options are still being added.

    Only when all options are known does pytest say publicly which words are paths. Without
    what it knows before, every word of the command line is taken for one.
    """
    known = getattr(config, "known_args_namespace", None)
    return list(map(str, getattr(known, "file_or_dir", config.invocation_params.args)))


def set_root(config: pytest.Config, root: Path) -> None:
    """Have pytest take a folder for its root, and keep its cache there.

    An option for that comes too late once pytest has begun. Without this, the memory lies in
    the folder that pytest takes for its root by itself.
    """
    config._rootpath = root  # noqa: SLF001 - said above


def is_coloured(config: pytest.Config) -> bool:
    """Whether pytest would colour its screen, before it has one.

    `config.get_terminal_writer()` has an answer only once its reporter is there. Without
    this, only `--color=yes` makes it so.
    """
    try:
        from _pytest.config import create_terminal_writer
    except ImportError:
        return bool(config.option.color == "yes")
    return bool(create_terminal_writer(config).hasmarkup)
