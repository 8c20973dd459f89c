"""A koan leaves torch as it was, and comes to an end."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from sensei.run import trial
from sensei.run.trial import Endless, NotReachedError, Outcome

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


def run(body: str, seconds: float = 10.0, head: str = "import torch") -> Outcome:
    """Run a koan with this body."""
    koan = ast.parse("def test_it():\n    " + body.replace("\n", "\n    "))
    return trial.run((ast.parse(head), koan), "test_it", "<string>", seconds)


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


def test_the_error_and_its_line() -> None:
    """The outcome has what was raised, and the last line of the koan that led there."""
    outcome = run("x = 1\ntorch.ones(2).backward(foo=x)")
    assert isinstance(outcome.error, TypeError)
    assert outcome.line == 3


def test_an_exit_is_an_error_like_others() -> None:
    """A learner's exit() does not end the walk."""
    assert isinstance(run("exit()").error, SystemExit)


def test_leaving_python_at_once() -> None:
    """It ends the koan alone, as exit() does."""
    assert isinstance(run("import os; os._exit(0)").error, SystemExit)


def test_ctrl_c_goes_through() -> None:
    """The learner's own interrupt is not an error of the koan."""
    with pytest.raises(KeyboardInterrupt):
        run("raise KeyboardInterrupt")


@pytest.mark.parametrize("body", ["while True:\n    pass", "import time\ntime.sleep(60)"])
def test_time_is_limited(body: str) -> None:
    """Computing and waiting both come to an end."""
    assert isinstance(run(body, seconds=0.2).error, Endless)


def test_a_koan_cannot_catch_the_end() -> None:
    """except Exception is in many koans."""
    body = "while True:\n    try:\n        torch.ones(1)\n    except Exception:\n        pass"
    assert isinstance(run(body, seconds=0.2).error, Endless)


def test_somebody_debugs() -> None:
    """The limit can be lifted from inside a koan."""
    body = "import time\nfrom sensei.run import trial\ntrial.lift_time_limit()\ntime.sleep(0.4)"
    assert run(body, seconds=0.2).error is None


def test_in_another_thread() -> None:
    """There is no limit there, and no failure."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(run("pass")))
    thread.start()
    thread.join()
    assert outcomes[0].error is None


@pytest.mark.parametrize("body", ["return", "yield", "x = (yield)\nassert x"])
def test_a_koan_holds_at_its_last_line(body: str) -> None:
    """One that is left before that has shown nothing."""
    assert isinstance(run(body).error, NotReachedError)


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
