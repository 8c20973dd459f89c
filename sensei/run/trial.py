"""Runs one koan, hermetically: what it changes in torch is put back, and it must end."""

from __future__ import annotations

import _thread
import ast
import contextlib
import importlib
import os
import random
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any, NamedTuple, NoReturn

from sensei.koan.graft import graft, read_fill
from sensei.run import spy
from sensei.run.outcome import End, Outcome, Trial

SEED = 0


class Endless(BaseException):
    """A koan ran longer than it may. Not an Exception, so that koans do not catch it."""


class NotReachedError(AssertionError):
    """A koan was left before its last line, so nobody knows whether that would hold."""


class Ended(NamedTuple):
    """How one run of a koan's tree ended, with what it raised itself.

    `error` is None when the koan held; `line` and `column` are where in `file` the error
    came up, if there (`column` as in a syntax tree: in bytes, from 0; Python 3.10 does not
    know it); `leaked` names the settings of torch that the koan left changed.
    """

    error: BaseException | None
    line: int | None
    column: int | None
    leaked: tuple[str, ...]


def perform(trial: Trial) -> Outcome:
    """Run a koan as a trial asks for it.

    Raises:
        SyntaxError: if one of its texts is no Python.
    """
    with contextlib.suppress(OSError):
        os.chdir(trial.folder)
    listener = _listener(trial) if trial.spy else None
    try:
        parts = ast.parse(trial.head), _tree(trial, listener)
    except RecursionError as error:  # more deeply nested than a tree can be changed
        return _outcome(Ended(error, None, None, ()), trial.file)
    given = spy.names_for(listener) if listener else {}
    ended = run(parts, trial.koan.name, trial.file, trial.seconds, given)
    found = listener.found() if listener else None
    return _outcome(ended, trial.file)._replace(found=found)


def _listener(trial: Trial) -> spy.Listener:
    module, _, name = trial.spy.rpartition(".")
    kind: type[spy.Listener] = getattr(importlib.import_module(module), name)
    return kind(trial.koan.name)


def _tree(trial: Trial, listener: spy.Listener | None) -> ast.Module:
    if trial.fills is None:
        tree = trial.koan.tree()
    else:
        fills = [None if code is None else read_fill(code) for code in trial.fills]
        tree = graft(trial.koan, fills, spy.in_blank if listener else None)
    if listener and listener.only_blanks:
        return spy.compared_by_value(tree)
    if listener:
        return spy.spied(trial.koan, tree)
    if trial.explains:
        from sensei.private import put_asserts_into_words

        put_asserts_into_words(tree, trial.koan)
    return tree


def _outcome(ended: Ended, file: str) -> Outcome:
    from sensei.run.worth import as_error

    error = ended.error
    place = Outcome(End.HELD, None, ended.line, ended.column, ended.leaked)
    if error is None:
        return place
    for kind, end in _ENDS.items():
        if issubclass(type(error), kind):  # isinstance would ask the error itself
            return place._replace(end=end)
    told = as_error(error)
    if _NO_MEMORY in told.message:
        return place._replace(end=End.OUT_OF_MEMORY)
    # pytest.raises raises Failed, which says that it is built in.
    fails = told.is_a("Failed") or _is_assertion(error, file)
    return place._replace(end=End.FAILED if fails else End.RAISED, error=told)


def _is_assertion(error: BaseException, file: str) -> bool:
    """Whether an assertion of the koan's failed; libraries have some for checks of theirs."""
    if not issubclass(type(error), AssertionError):
        return False
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not frames:
        return False
    module = str(frames[-1].f_globals.get("__name__", ""))
    return frames[-1].f_code.co_filename == file or module.startswith(_ASSERTING)


#: Modules whose functions are assertions of whoever calls them.
_ASSERTING = ("torch.testing.", "numpy.testing.")
_ENDS = {
    NotReachedError: End.NOT_REACHED,
    Endless: End.ENDLESS,
    MemoryError: End.OUT_OF_MEMORY,
}
#: torch says so with a RuntimeError.
_NO_MEMORY = "DefaultCPUAllocator: can't allocate memory"


def run(
    parts: tuple[ast.Module, ast.Module],
    name: str,
    file: str,
    seconds: float | None,
    given: Mapping[str, object] | None = None,
) -> Ended:
    """Run a koan's function after its chapter's head and say how it ended.

    Args:
        parts: the chapter's docstring, imports and helpers; and the koan.
        name: the koan's name.
        file: where the trees were read, for tracebacks.
        seconds: how long the koan may take, if not as long as it likes; importing torch does
            not count.
        given: names that the trees use and do not define.
    """
    head, koan = parts
    program = ast.Module([*head.body, *_with_end(koan, name).body], [])
    error: BaseException | None = None
    ends: list[bool] = []
    with hermetic() as leaked:
        try:
            with _time_limit(seconds), _no_way_out():
                namespace: dict[str, Any] = {
                    **(given or {}),
                    "__name__": name,
                    "__file__": file,
                    _END: lambda: ends.append(True),
                }
                # Assertions count, also where Python was told to leave them out.
                code = compile(program, file, "exec", dont_inherit=True, optimize=0)
                exec(code, namespace)
                namespace[name]()
        except BaseException as raised:
            error = raised
    if error is None and not ends:
        error = NotReachedError("the koan is left before its last line")
    line, column = _place_of(error, file, koan)
    return Ended(error, line, column, tuple(leaked))


_END = "__end__"


def _with_end(koan: ast.Module, name: str) -> ast.Module:
    """Return the koan's tree with a call at its end, which shows that it was reached."""
    for node in koan.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            end = ast.Expr(ast.Call(ast.Name(_END, ast.Load()), [], []))
            for part in ast.walk(end):
                ast.copy_location(part, node.body[-1])
            node.body.append(end)
    return koan


def _lines_of(koan: ast.Module) -> range:
    """Return the lines from the first to the last that a koan's nodes stand in."""
    lines = [line for node in ast.walk(koan) if (line := getattr(node, "lineno", None))]
    return range(min(lines), max(lines) + 1) if lines else range(0)


def _place_of(
    error: BaseException | None, file: str, koan: ast.Module
) -> tuple[int | None, int | None]:
    """Return where in a koan's own lines an error came up, though a helper raised it."""
    if error is None:
        return None, None
    if type(error) is SyntaxError and error.filename == file and error.lineno:
        return error.lineno, None
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    own = _lines_of(koan)
    frames = [f for f in frames if f.lineno in own] or frames
    if not frames or frames[-1].lineno is None:
        return None, None
    return frames[-1].lineno, getattr(frames[-1], "colno", None)


@contextlib.contextmanager
def hermetic() -> Iterator[list[str]]:
    """Begin with a fixed seed, and put back whatever of torch's settings has changed.

    Yields a list that holds the names of those settings afterwards. Random number
    generators are put back too, and so are warning filters, but these don't count.
    """
    settings, streams = _settings(sys.modules.get("torch")), _streams()
    before = {name: get() for name, (get, _) in settings.items()}
    states = [get() for get, _, _ in streams]
    for _, _, seed in streams:
        seed(SEED)
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
        for (_, put_back, _), state in zip(streams, states, strict=True):
            put_back(state)


#: What of it can be read and written.
_Settings = dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]]


def _settings(torch: Any) -> _Settings:
    """Return the settings of torch, if it was imported."""
    if torch is None:
        return {}
    return {
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


_Stream = tuple[Callable[[], Any], Callable[[Any], Any], Callable[[int], Any]]


def _streams() -> list[_Stream]:
    """Return how to read, write and seed each stream of random numbers."""
    streams: list[_Stream] = [(random.getstate, random.setstate, random.seed)]
    if numpy := sys.modules.get("numpy"):
        it = numpy.random
        streams.append((it.get_state, it.set_state, it.seed))
    if torch := sys.modules.get("torch"):
        # torch.manual_seed also has a call wait for each kind of device, for a millisecond.
        seed = torch.default_generator.manual_seed
        streams.append((torch.get_rng_state, torch.set_rng_state, seed))
    return streams


@contextlib.contextmanager
def _no_way_out() -> Iterator[None]:
    """Have os._exit end the koan alone: the status of the whole run says more than that."""
    leave, here = os._exit, os.getpid()

    def leave_the_koan(status: int) -> NoReturn:
        if os.getpid() == here:
            raise SystemExit(status)
        leave(status)  # a process that the koan has forked

    os._exit = leave_the_koan
    try:
        yield
    finally:
        os._exit = leave


#: Whether the koan that runs may still be stopped.
_limited = False


@contextlib.contextmanager
def _time_limit(seconds: float | None) -> Iterator[None]:
    """Raise Endless in the main thread after some seconds; in others there is no limit.

    This is the nice end, which lets the koan's line be known. A loop in C is past it.
    """
    global _limited  # noqa: PLW0603 - a signal handler has nothing else to ask
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(_SIGNAL, _stop)
    _limited = True
    cancel = _start_timer(seconds)
    try:
        try:
            yield
        finally:
            # The time may be up right here; what follows happens all the same.
            _limited = False
    finally:
        cancel()
        signal.signal(_SIGNAL, before or signal.SIG_DFL)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    if _limited:
        raise Endless


if sys.platform == "win32":
    # There is no alarm, but a simulated signal of any kind ends Python code there, too.
    _SIGNAL = signal.SIGTERM

    def _start_timer(seconds: float) -> Callable[[], None]:
        timer = threading.Timer(seconds, _thread.interrupt_main, (_SIGNAL,))
        timer.daemon = True
        timer.start()
        return timer.cancel

else:
    # A real signal also ends a sleep.
    _SIGNAL = signal.SIGALRM

    def _start_timer(seconds: float) -> Callable[[], None]:
        # Again and again: an except: in the koan may swallow it.
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)

        def cancel() -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)

        return cancel
