"""A koan leaves torch as it was. What it can do to its process is told in test_run.py."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from sensei.run import trial
from sensei.run.trial import Ended

LEAKS: dict[str, tuple[str, Callable[[], object]]] = {
    "grad mode": ("torch.set_grad_enabled(False)", torch.is_grad_enabled),
    "default dtype": ("torch.set_default_dtype(torch.float64)", torch.get_default_dtype),
    "default device": ("torch.set_default_device('meta')", torch.get_default_device),
    "anomaly mode": ("torch.autograd.set_detect_anomaly(True)", torch.is_anomaly_enabled),
    "thread count": (
        "torch.set_num_threads(torch.get_num_threads() + 1)",
        torch.get_num_threads,
    ),
    "deterministic algorithms": (
        "torch.use_deterministic_algorithms(True)",
        torch.are_deterministic_algorithms_enabled,
    ),
}


def run(body: str) -> Ended:
    """Run a koan with this body, in this process."""
    koan = ast.parse("def test_it():\n    " + body.replace("\n", "\n    "))
    return trial.run((ast.parse("import torch"), koan), "test_it", "<string>", None)


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_named_and_mended(name: str) -> None:
    """What a koan leaves changed is put back, and the outcome says what it was."""
    code, get = LEAKS[name]
    before = get()
    assert run(code).leaked == (name,)
    assert get() == before


def test_what_is_put_back_does_not_leak() -> None:
    """A koan that cleans up after itself has nothing to answer for."""
    assert run("with torch.no_grad():\n    pass").leaked == ()


@pytest.mark.parametrize(
    "draw",
    [lambda: torch.rand(1).item(), random.random, np.random.rand],
    ids=["torch", "random", "numpy"],
)
def test_random_numbers_go_on_as_if_nothing_had_run(draw: Callable[[], float]) -> None:
    """The streams of random numbers are put back."""
    with trial.hermetic():
        first, second = draw(), draw()
    with trial.hermetic():
        assert draw() == first
        with trial.hermetic():
            assert [draw(), draw()] == [first, second]
            draw()
        assert draw() == second


def test_every_koan_begins_with_the_same_seed() -> None:
    """So its numbers do not depend on what ran before."""
    body = "first = torch.rand(1)\ntorch.manual_seed(0)\nassert first == torch.rand(1)"
    assert run(body).error is None


def test_assertions_count_whatever_python_was_told() -> None:
    """With -O Python leaves assertions out, but not those of koans."""
    program = (
        "import ast; from sensei.run import trial; k = ast.parse('def k(): assert False');"
    )
    program += "print(type(trial.run((ast.parse(''), k), 'k', '<k>', 10.0).error).__name__)"
    done = subprocess.run(
        [sys.executable, "-O", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert done.stdout == "AssertionError\n"


def test_a_koan_is_compiled_as_plain_python() -> None:
    """Nothing of how this package is compiled goes over to a koan."""
    assert run("def f(x: int): ...\nassert f.__annotations__ == {'x': int}").error is None
