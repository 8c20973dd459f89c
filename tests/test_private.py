"""Private parts of pytest and torch: what is done where they are gone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sensei import private
from sensei.koan.source import Part

KOAN = Part("", 1, "assert 1 == 2\n")


def _message(tree: ast.Module) -> str:
    with pytest.raises(AssertionError) as caught:
        exec(compile(tree, "koan", "exec"), {})
    return str(caught.value)


def test_assertions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing one has pytest's words, or none."""
    tree = KOAN.tree()
    private.put_asserts_into_words(tree, KOAN)
    assert _message(tree) == "assert 1 == 2"
    monkeypatch.setitem(sys.modules, "_pytest.assertion.rewrite", None)
    tree = KOAN.tree()
    private.put_asserts_into_words(tree, KOAN)
    assert _message(tree) == ""


def test_wrapped_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are told from others, or all are taken for plain ones."""
    seen = []

    def double(x: torch.Tensor) -> torch.Tensor:
        seen.append(private.is_wrapped(x))
        return 2 * x

    x = torch.tensor(3.0)
    torch.func.grad(double)(x)
    monkeypatch.delattr("torch._C._functorch.is_functorch_wrapped_tensor")
    torch.func.grad(double)(x)
    assert seen == [True, False]
    assert not private.is_wrapped(x)


STEP = """
import sys
import torch
from sensei import private

private.spare_the_compiler()
w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
optimizer = torch.optim.SGD([w], lr=0.25)
(w * w).backward(gradient=torch.tensor([1.0, 3.0]))
optimizer.step()
assert w.tolist() == [0.5, -1.0]
try:
    (w * w).backward(gradient=torch.tensor([1.0]))
except RuntimeError as error:
    assert "Mismatch in shape" in str(error)
else:
    raise AssertionError
assert "sympy.core" not in sys.modules
is_old = int(torch.__version__.split(".")[1]) < 5  # others ask for the compiler there
assert torch.func.grad(lambda v: v**2)(torch.tensor(3.0)) == 6
import torch.autograd.forward_ad as fw
with fw.dual_level():
    dual = fw.make_dual(torch.tensor(3.0), torch.tensor(1.0))
    assert fw.unpack_dual(2 * dual * dual).tangent == 12
    wide = fw.make_dual(torch.ones(2, 1), torch.ones(2, 1)) * torch.ones(3)
    assert fw.unpack_dual(wide).tangent.tolist() == [[1, 1, 1], [1, 1, 1]]
assert is_old or "sympy.core" not in sys.modules

import torch._dynamo
from torch.fx.experimental.symbolic_shapes import ShapeEnv

assert torch._dynamo.is_compiling() is False
assert torch.compile(lambda t: 2 * t, backend="eager")(w).tolist() == [1.0, -2.0]
assert ShapeEnv.__module__ == "torch.fx.experimental.symbolic_shapes"
assert sys.modules["torch._dynamo"].__file__
import sympy.abc
assert sympy.Symbol("x").is_Symbol
assert sys.modules["sympy"].__file__
"""


def test_the_compiler() -> None:
    """An optimizer does without it; who wants it has it."""
    ran = subprocess.run([sys.executable, "-c", STEP], capture_output=True, check=False)
    assert (ran.stderr.decode(), ran.returncode) == ("", 0)


def test_typed_paths(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that pytest knows, or all words of the command line."""
    arguments = [str(argument) for argument in pytestconfig.invocation_params.args]
    assert set(private.typed_paths(pytestconfig)) <= set(arguments)
    monkeypatch.delattr(pytestconfig, "known_args_namespace")
    assert private.typed_paths(pytestconfig) == arguments


def test_root(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """pytest takes the folder for its root."""
    config = pytester.parseconfig()
    private.set_root(config, tmp_path)
    assert config.rootpath == tmp_path


@pytest.mark.parametrize("colour", ["yes", "no"])
def test_colour(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, colour: str
) -> None:
    """What was asked for counts, with pytest's help and without."""
    config = pytester.parseconfig("--color", colour)
    assert private.is_coloured(config) is (colour == "yes")
    monkeypatch.delattr("_pytest.config.create_terminal_writer")
    assert private.is_coloured(config) is (colour == "yes")
