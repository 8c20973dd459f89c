"""Runs pytest in processes that have imported torch already, a fresh one for every run.

A keeper stands between the watcher and the runs. It holds one process ready, passes on
what a run tells, ends a run that is stuck, superseded or dead, and outlives the watcher
for just long enough to leave nothing behind: whatever happens to the watcher, its end of
the pipe is closed, and then the keeper ends everything.

There are two ways to have a process ready. "fork": the keeper imports everything, computes
nothing, and is copied. "spawn": a new Python imports everything, and waits for its order.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from sensei.koan.trouble import Problem, Trouble
from sensei.watch.orders import Begun, Died, Message, Order, Shown

#: How much longer than its own time limit a koan may take before its process is ended.
GRACE = 1.0
#: What a run may write into one file, and how much of its screen is kept.
OUTPUT = 32 * 2**20
SCREEN = 2**18
#: What a run may need beyond what torch takes.
MEMORY = 2 * 2**30
LEAVING = 1.0
#: What a run imports beside pytest and its plugins; torch and numpy import some of it late.
_IMPORTED_LATE = (
    *("numpy", "numpy.random", "torch", "torch.utils._device"),
    *("sensei.watch.watched", "_pytest.stepwise", "encodings.utf_8_sig", "tomllib"),
)


def way() -> str:
    """Return how processes are made ready here; SENSEI_WARM=spawn or fork chooses another.

    Only Linux forks safely after torch is imported: on macOS its libraries have threads and
    ports by then that a copy does not survive, which is why Python itself does not fork there.
    """
    methods = multiprocessing.get_all_start_methods()
    chosen = os.environ.get("SENSEI_WARM", "fork" if sys.platform == "linux" else "spawn")
    return chosen if chosen in {"fork", "spawn"} and chosen in methods else "spawn"


class Keeper:
    """The watcher's end of a keeper process."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.messages, theirs = context.Pipe()
        self._process = context.Process(target=keep, args=(theirs, way()))
        # Ctrl-C is for the watcher, also before the keeper can say so itself.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._process.start()
        finally:
            signal.signal(signal.SIGINT, before)
        theirs.close()

    def leave(self) -> None:
        """End it with all that it runs."""
        self.messages.close()
        self._process.join(LEAVING)
        self._process.kill()


# The keeper.


def keep(orders: Connection, method: str) -> None:
    """Have each order run in a process of its own, until the watcher is gone."""
    _step_aside()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    if method == "fork":
        _import_everything()
        gc.collect()
        gc.freeze()  # looking through it for garbage would copy it into every process
    with contextlib.suppress(EOFError, OSError):
        while True:
            _next_order(orders, method)
    os._exit(0)


def _step_aside() -> None:
    """Leave the terminal's signals to the watcher."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        os.setsid()


def _next_order(orders: Connection, method: str) -> None:
    """Make a process ready, wait for an order, and see it through.

    Raises:
        EOFError: when the watcher is gone.
        OSError: likewise.
    """
    context = multiprocessing.get_context(method)
    run, theirs = context.Pipe()
    # A copy has every pipe of the keeper, too, and would keep it open.
    inherited = (run, orders) if method == "fork" else ()
    # Not a daemon: a koan may start processes.
    process = context.Process(  # type: ignore[attr-defined]
        target=_run, args=(theirs, inherited)
    )
    process.start()
    theirs.close()
    try:
        order = orders.recv()
        while orders.poll():
            order = orders.recv()
        _see_through(order, process, run, orders)
    finally:
        _end(process)
        run.close()


def _see_through(
    order: Order, process: BaseProcess, run: Connection, orders: Connection
) -> None:
    """Pass on what a run tells, until it ends, is stuck, or there is another order."""
    until: float | None = None
    message: Any = None
    with contextlib.suppress(OSError):  # what has died meanwhile is noticed below
        run.send(order)
    while not isinstance(message, Shown | Died):
        ready = wait([run, orders], None if until is None else max(0, until - time.monotonic()))
        if orders in ready:
            return
        message = _message(process, run) if ready else _stuck(order)
        orders.send((order.number, message))
        if isinstance(message, Begun):
            until = time.monotonic() + order.seconds + GRACE


def _message(process: BaseProcess, run: Connection) -> Message:
    try:
        message: Message = run.recv()
    except Exception:  # noqa: BLE001 - a koan may write anything into any pipe
        return Died(_problem(_exit_status(process)))
    return message


def _exit_status(process: BaseProcess) -> int | None:
    """Return the status of a process whose pipe is closed; None if that is all that is."""
    end = time.monotonic() + LEAVING
    # Not join: it takes the closed pipes for an end, and then waits for one.
    while process.exitcode is None and time.monotonic() < end:
        time.sleep(0.01)
    return process.exitcode


def _stuck(order: Order) -> Died:
    return Died(Problem(Trouble.ENDLESS, detail=f"{order.seconds:g}"))


def _problem(exitcode: int | None) -> Problem:
    """Say of an exit status, or of a signal as a negative one, what has happened."""
    if exitcode is None:
        return Problem(Trouble.DIED, detail="it closed its pipes")
    if exitcode >= 0:
        return Problem(Trouble.DIED, detail=f"exit status {exitcode}")
    if sys.platform != "win32" and -exitcode == signal.SIGXFSZ:
        return Problem(Trouble.FLOODED, detail=f"{OUTPUT // 2**20} MB")
    return Problem(Trouble.DIED, detail=signal.strsignal(-exitcode) or f"signal {-exitcode}")


def _end(process: BaseProcess) -> None:
    """End a process and all that it has started and not set free."""
    if hasattr(os, "killpg") and process.pid:
        # It has a group of its own, unless it did not get that far.
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


# The run.


def _import_everything() -> None:
    """Have pytest look through an empty folder, and import what else a run of koans needs.

    pytest imports plugins in its own way, so they are left to it.
    """
    import pytest

    # Where something is missing or broken, the run itself will say so.
    nowhere = io.StringIO()
    with (
        contextlib.suppress(Exception),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        tempfile.TemporaryDirectory() as empty,
    ):
        pytest.main(
            [
                *("-c", os.devnull, "--rootdir", empty, "--noconftest"),
                *("-p", "sensei.plugin", "-p", "no:cacheprovider", empty),
            ]
        )
    for name in _IMPORTED_LATE:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _run(orders: Connection, inherited: tuple[Connection, ...]) -> None:
    """Wait for an order, and run pytest."""
    for connection in inherited:
        connection.close()
    _step_aside()
    if not inherited:
        _import_everything()
    try:
        order = orders.recv()
    except EOFError:
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(order.folder)
    _limit_memory_and_output()

    import pytest

    from sensei.watch.watched import Watched

    with tempfile.TemporaryFile() as file:
        _write_into(file.fileno(), order.encoding)
        watched = Watched(order, orders.send)
        status = pytest.main(list(order.arguments), plugins=[watched])
        sys.stdout.flush()
        sys.stderr.flush()
        file.seek(max(0, file.seek(0, os.SEEK_END) - SCREEN))
        screen = file.read().decode(order.encoding, "replace").replace("\r\n", "\n")
    orders.send(Shown(screen.strip("\n"), int(status), watched.place))


def _write_into(file: int, encoding: str) -> None:
    """Let everything that is written to the terminal go into a file instead."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((0, nothing), (1, file), (2, file)):
        os.dup2(new, old)
    sys.stdout, sys.stderr = (
        open(stream, "w", encoding=encoding, errors="replace", closefd=False, buffering=1)  # noqa: SIM115
        for stream in (1, 2)
    )


def _limit_memory_and_output() -> None:
    """Have the system end what takes far more than any koan needs.

    Windows limits neither; memory is limited by Linux alone. There the time limit remains.
    """
    if sys.platform == "win32":
        return
    import resource

    def limit(what: int, size: int) -> None:
        _, hard = resource.getrlimit(what)
        resource.setrlimit(
            what, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard)
        )

    limit(resource.RLIMIT_FSIZE, OUTPUT)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python would make an error of it
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123
            data = int(pages.read().split()[5]) * resource.getpagesize()
        limit(resource.RLIMIT_DATA, data + MEMORY)
