"""Runs one koan, hermetically: what it changes in torch is put back, and it must end."""

from __future__ import annotations

import _thread
import ast
import random
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple, NoReturn

SEED = 0


class Endless(BaseException):
    """A koan ran longer than it may. Not an Exception, so that koans do not catch it."""


class Outcome(NamedTuple):
    """How one run of a koan ended.

    `error` is None when the koan held; `line` is where in `file` the error came up, if
    there; `leaked` names the settings of torch that the koan left changed.
    """

    error: BaseException | None
    line: int | None
    leaked: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether the koan came to its end without an error."""
        return self.error is None


def run(head: ast.Module, koan: ast.Module, name: str, file: str, seconds: float) -> Outcome:
    """Run a koan's function after its chapter's head and say how it ended.

    Args:
        head: the chapter's docstring, imports and helpers.
        koan: the tree of the koan's part.
        name: the koan's name in that tree.
        file: where the trees were read, for tracebacks.
        seconds: how long the koan may take; importing torch does not count.

    Raises:
        KeyboardInterrupt: if the learner stops it.
    """
    program = ast.Module([*head.body, *koan.body], [])
    error: BaseException | None = None
    with hermetic() as leaked:
        try:
            with _time_limit(seconds):
                namespace: dict[str, Any] = {"__name__": name, "__file__": file}
                exec(compile(program, file, "exec", dont_inherit=True), namespace)
                namespace[name]()
        except KeyboardInterrupt:
            raise
        except BaseException as raised:
            error = raised
    return Outcome(error, _line_of(error, file), tuple(leaked))


def _line_of(error: BaseException | None, file: str) -> int | None:
    if error is None:
        return None
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    return lines[-1] if lines else None


@contextmanager
def hermetic() -> Iterator[list[str]]:
    """Begin with a fixed seed, and put back whatever of torch's settings has changed.

    Yields a list that holds the names of those settings afterwards. Random number
    generators are put back too, and so are warning filters, but these don't count.
    """
    import numpy as np
    import torch

    settings: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
        "grad mode": (torch.is_grad_enabled, torch.set_grad_enabled),
        "default dtype": (torch.get_default_dtype, torch.set_default_dtype),
        "default device": (torch.get_default_device, torch.set_default_device),
        "anomaly mode": (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
        "thread count": (torch.get_num_threads, torch.set_num_threads),
        "deterministic algorithms": (
            torch.are_deterministic_algorithms_enabled,
            torch.use_deterministic_algorithms,
        ),
    }
    before = {name: get() for name, (get, _) in settings.items()}
    streams = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    leaked: list[str] = []
    try:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            yield leaked
    finally:
        for name, (get, put_back) in settings.items():
            if get() != before[name]:
                leaked.append(name)
                put_back(before[name])
        random.setstate(streams[0])
        np.random.set_state(streams[1])
        torch.set_rng_state(streams[2])


# Windows has no alarm, but a simulated signal of any kind ends Python code there, too.
_SIGNAL = getattr(signal, "SIGALRM", signal.SIGTERM)
_timers: list[threading.Timer] = []


def lift_time_limit() -> None:
    """Let the running koan take its time: somebody is looking into it with a debugger."""
    for timer in _timers:
        timer.cancel()


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise Endless in the main thread after some seconds; in others there is no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(_SIGNAL, _stop)
    timer = threading.Timer(seconds, _interrupt, (threading.get_ident(),))
    timer.daemon = True
    _timers.append(timer)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _timers.remove(timer)
        signal.signal(_SIGNAL, before or signal.SIG_DFL)


def _interrupt(main_thread: int) -> None:
    if sys.platform == "win32":
        _thread.interrupt_main(_SIGNAL)
    else:
        # A real signal also ends a sleep, which a simulated one does not.
        signal.pthread_kill(main_thread, _SIGNAL)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Endless
