"""Which names of code a sentence speaks of, and whether its koan has them. Pure."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import re
from collections.abc import Iterable, Iterator

import numpy as np
import torch

#: Single letters that are words, or mean the same everywhere: C is a language, the D is that
#: of 2-D, O that of O(n), e is Euler's number, and n is any number.
_WORDS = frozenset("aAICDOen")
#: Things that may be spoken of where no variable is called so, and what they are.
_THINGS = {
    "layer": torch.nn.Module,
    "loss": torch.Tensor,
    "model": torch.nn.Module,
    "module": torch.nn.Module,
    "optimizer": torch.optim.Optimizer,
    "tensor": torch.Tensor,
}
_MODULES = {"math": math, "np": np, "numpy": np, "torch": torch}
#: What has names that may be spoken of in any koan.
_KNOWN = (
    *(torch.Tensor, torch.nn.Module, torch.nn.Parameter, torch.optim.Optimizer, np.ndarray),
    *(torch.autograd.Function, torch.autograd.function.FunctionCtx, torch.autograd.graph.Node),
    *(torch, torch.autograd, torch.autograd.graph, torch.nn, torch.nn.functional, torch.optim),
    *(builtins, math),
)
_CALLED = (
    *(torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad),
    *(torch.autograd.gradcheck, torch.optim.Optimizer.zero_grad),
)
#: Names that only objects have, or calls.
_ALSO = {"param_groups", *(name for it in _CALLED for name in inspect.signature(it).parameters)}

_QUOTED = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"")
_ABBREVIATION = re.compile(r"\b(?:[A-Za-z]\.){2,}")
# The letter of 2x counts; the t of don't, the s of 1s and the i of i-th do not.
_LETTER = re.compile(r"(?<![A-Za-z_'\u2019])(?:[A-Za-rt-z]|(?<!\d)s)(?!\w|-th)")
_NAME = re.compile(r"(?<![\w.])\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(\))?")
_ONLY_CODE = re.compile(r"[_.]|\(\)$")


def strange_names(text: str, own: Iterable[str]) -> list[str]:
    """Return the names in a text that neither its koan nor torch or Python has.

    Names are single letters, and what can only be code: with an underscore or a dot in it,
    or with empty brackets behind it. Of a name with dots the first part must stand in the
    koan, unless it is a module or a thing that everybody knows.

    Args:
        text: the text.
        own: the names in the koan's code.
    """
    own = set(own)
    text = _ABBREVIATION.sub("", text)
    letters = _LETTER.findall(_QUOTED.sub("", text))
    strange = [letter for letter in letters if letter not in own | _WORDS]
    strange += [name for name in _code_names(text) if not _is_known(name, own)]
    return list(dict.fromkeys(strange))


def _code_names(text: str) -> Iterator[str]:
    found = (match[0] for match in _NAME.finditer(text))
    return (name.removesuffix("()") for name in found if _ONLY_CODE.search(name))


def _is_known(name: str, own: set[str]) -> bool:
    first, *others = name.split(".")
    if first in _MODULES and first not in own:
        return _leads_somewhere(_MODULES[first], others)
    if first in _THINGS and first not in own and others:
        return hasattr(_THINGS[first], others[0])
    if others and first and first not in own:
        return False
    return all(part in own or _is_there(part) for part in [first, *others] if part)


def _is_there(name: str) -> bool:
    return name in _ALSO or any(hasattr(it, name) for it in _KNOWN)


def _leads_somewhere(it: object, names: Iterable[str]) -> bool:
    for name in names:
        if not hasattr(it, name):
            return False
        it = getattr(it, name)
    return True


def names_of(tree: ast.AST) -> set[str]:
    """Return the names in some code, and those in its texts, but for docstrings."""
    names: set[str | None] = set()
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(name) | ast.arg(name) | ast.keyword(name) | ast.Attribute(_, name):
                names.add(name)
            case ast.FunctionDef(name) | ast.ClassDef(name):
                names.add(name)
            case ast.alias(name, other):
                names |= {*name.split("."), other}
            case ast.Constant(str(text)) if id(node) not in docstrings:
                names |= set(re.findall(r"[A-Za-z_]\w*", text))
    return {name for name in names if name}


_DEFINED = re.compile(r"\b([A-Za-z_]\w*) = ")
_CHOICE = re.compile(r"^\s*\(?([A-Za-z])[).:]", re.MULTILINE)


def introduced_by(question: str) -> set[str]:
    """Return the names that a question brings with it: `y = w*x`, or a choice's letter."""
    return {*_DEFINED.findall(question), *_CHOICE.findall(question)}
