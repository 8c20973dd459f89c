"""The process that runs koans for a runner: it imports torch once, and computes nothing itself.

For koans without torch there is one that does without, and is ready at once.

It is asked to open, takes in trials, answers each with an outcome, and is asked to close.
On Linux it forks a child that does this, so that nothing a koan does outlasts the koan.
Elsewhere a copy of a process that has imported torch does not survive (its libraries have
threads and ports by then); there the server runs the trials itself, and says when it is
spoiled. A pipe of its own takes what koans print.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import gc
import importlib
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from sensei import private
from sensei.run.outcome import MEMORY, Begun, Ended, NoTorch, Outcome, Request, Trial
from sensei.run.wire import MalformedError, read_from, unpack, write_to

if TYPE_CHECKING:
    from sensei.run.wall import Wall

#: How much later than its nice end a koan is ended whatever it does, in seconds.
GRACE = 1.0
#: How long what a koan has started may take to be gone.
LEAVING = 1.0
_OPENING = (Request.OPEN, Request.OPEN_WALLED)
_LIBRARIES = ("numpy", "torch")
#: What torch, numpy and the running of koans import late, so that no child has to.
_IMPORTED_LATE = (
    *("numpy.random", "torch.utils._device", "torch._decomp.decompositions_for_jvp"),
    *("sensei.run.observer", "pytest"),
)


class Link(NamedTuple):
    """The server's ends of its pipes, and what is agreed with the runner.

    Args:
        read: reads requests.
        answers: where responses go.
        output: where what koans print goes.
        mark: what is written into the output where a trial ends.
    """

    read: Callable[[int], bytes]
    answers: int
    output: int
    mark: bytes

    def ask(self) -> Request | Trial:
        """Wait for the next request."""
        asked: Request | Trial = unpack(self.read)
        return asked

    def tell(self, what: Begun | Ended | NoTorch | Outcome) -> None:
        """Send a response, after everything that was printed before it."""
        os.write(self.output, self.mark)
        write_to(self.answers, what)


def main() -> None:
    """Serve until the runner is gone; the command line says how."""
    way, mark, with_torch = sys.argv[1:4]
    link = _take_over(bytes.fromhex(mark))
    gc.disable()  # looking for garbage would take a tenth of the time that torch takes
    try:
        _import_everything(with_torch=bool(with_torch))
    except ModuleNotFoundError as missing:
        link.tell(NoTorch(missing.name or "", str(missing)))
        return
    except Exception as error:  # noqa: BLE001 - whatever a library's loading comes to
        link.tell(NoTorch("", f"{type(error).__name__}: {error}"))
        return
    ground = Ground()
    _settle_down()
    gc.freeze()  # looking through it for garbage would copy it into every child
    gc.enable()
    serve = _fork if way == "fork" else _stay
    status, wall = 1, None
    try:
        with contextlib.suppress(EOFError, OSError, MalformedError):
            while (asked := link.ask()) in _OPENING:
                if asked is Request.OPEN_WALLED and wall is None:
                    from sensei.run.wall import Wall

                    wall = Wall()
                serve(link, ground, wall if asked is Request.OPEN_WALLED else None)
        status = 0
    finally:
        _leave(status)  # without a word on what a koan has broken


def _take_over(mark: bytes) -> Link:
    """Take the pipes away from where a koan would find them."""
    requests, answers, output = os.dup(0), os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return Link(read_from(requests), answers, output, mark)


def _import_everything(*, with_torch: bool) -> None:
    """Import what koans need.

    Raises:
        ImportError: if torch or numpy cannot be imported.
    """
    for name in (*(_LIBRARIES if with_torch else ()), "sensei.run.trial", "sensei.run.worth"):
        importlib.import_module(name)
    for name in _IMPORTED_LATE:
        if with_torch or not name.startswith(_LIBRARIES):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    if with_torch:
        private.spare_the_compiler()
        _make_optimizers()


def _make_optimizers() -> None:
    """Have the classes of optimizers as their first optimizer leaves them: it wraps step().

    Otherwise every koan that makes one would leave torch another one.
    """
    import torch

    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW):
        kind([torch.zeros(1, requires_grad=True)], lr=1.0)


def _settle_down() -> None:
    """Have how koans end be no one's business but the runner's, and limit what they take."""
    faulthandler.disable()  # how a koan died is told in a sentence
    if sys.platform == "linux":
        import resource

        # What a koan's processes leave behind comes to this one.
        _libc().prctl(_SUBREAPER, 1)
        _libc().prctl(_DIE_WITH_PARENT, signal.SIGTERM)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123
            data = int(pages.read().split()[5]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = data + MEMORY
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


#: What would end this process without a look at what a koan has started.
_DEADLY = (signal.SIGINT, signal.SIGTERM)
#: A koan's own os._exit ends the koan alone.
_leave = os._exit
#: As in Linux's prctl.h.
_SUBREAPER, _DIE_WITH_PARENT = 36, 1


@functools.cache
def _libc() -> Any:
    import ctypes

    return ctypes.CDLL(None)


# A child for each koan.


def _fork(link: Link, ground: Ground, wall: Wall | None) -> None:
    """Have a child see to the trials, and end all that it leaves behind."""
    parent = os.getpid()
    before = {number: signal.signal(number, _end_all) for number in _DEADLY}
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            for number, handler in before.items():
                signal.signal(number, handler)
            _depend_on(parent)
            link.tell(Begun(os.getpid()))
            _attend(link, ground, wall)
            status = 0
        finally:
            _leave(status)  # without waiting for any thread
    _, status = os.waitpid(pid, 0)
    _end_the_rest()
    for number, handler in before.items():
        signal.signal(number, handler)
    link.tell(Ended(os.waitstatus_to_exitcode(status)))


def _depend_on(parent: int) -> None:
    """End with the parent, whatever ends that."""
    if sys.platform == "linux":
        _libc().prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        _leave(0)


def _end_all(_signal: int, _frame: FrameType | None) -> None:
    """Leave, and nothing behind: the runner is gone, or a koan wants this process to be."""
    _end_the_rest()
    _leave(1)


def _end_the_rest() -> None:
    """End every process that a koan has started; those of its processes come here, too."""
    until = time.monotonic() + LEAVING
    while time.monotonic() < until and (children := _children()):
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _children() -> list[int]:
    """Return the processes that this one is the parent of."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:  # noqa: PTH123
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []  # not Linux, or a kernel without it


# In this process.


def _stay(link: Link, ground: Ground, wall: Wall | None) -> None:
    """See to the trials here."""
    link.tell(Begun(os.getpid()))
    _attend(link, ground, wall)
    link.tell(Ended(0))


def _attend(link: Link, ground: Ground, wall: Wall | None) -> None:
    """Answer trials until there are no more; with a wall, they do nothing but compute.

    Raises:
        EOFError: if the runner is gone.
        MalformedError: if something else wrote into its pipe.
    """
    from sensei.run.trial import perform  # which imports torch for some koans

    if wall:
        wall.close()
    me, settings = os.getpid(), _settings()
    while isinstance(trial := link.ask(), Trial):
        with _output(link, is_kept=trial.aloud), _watchdog(link, trial.seconds):
            outcome = perform(trial)
        if os.getpid() != me:
            _leave(0)  # the koan has forked, and this is the other one
        try:
            is_spoiled = ground.is_spoiled() or _settings() != settings
            link.tell(outcome._replace(spoiled=is_spoiled))
        except ValueError:  # more was found than can be told
            link.tell(outcome._replace(found=None, spoiled=True))


@contextlib.contextmanager
def _output(link: Link, *, is_kept: bool) -> Iterator[None]:
    """Send what is printed into the output, or nowhere."""
    target = link.output if is_kept else os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(target, descriptor)
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(
            io.FileIO(descriptor, "w", closefd=False),
            encoding="utf-8",
            errors="backslashreplace",
            write_through=True,
        )
        for descriptor in (1, 2)
    )
    # A debugger would wait for somebody to type.
    sys.breakpointhook = lambda *_, **__: None
    try:
        yield
    finally:
        if not is_kept:
            os.close(target)


@contextlib.contextmanager
def _watchdog(link: Link, seconds: float) -> Iterator[None]:
    """End this process some time after the koan should have ended, whatever it is doing.

    The watchdog is a thread in C that asks for no lock, so it also ends a loop in C. The
    last that the runner hears of it is where the koan was.
    """
    faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=link.answers)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


class Ground:
    """What every koan rests on: Python, numpy and torch as they were at first."""

    #: Where a name that is new changes as much as one that is another.
    _CLOSED = ("builtins", "torch.Tensor", "torch.nn.Module", "torch.autograd.Function")
    _OPEN = (
        *("ast", "json", "math", "os", "random", "sys", "warnings", "numpy", "numpy.random"),
        *("torch", "torch.autograd", "torch.nn", "torch.nn.functional", "torch.optim"),
        *("torch.nn.init", "torch.nn.utils", "torch.utils.checkpoint", "sensei.run.trial"),
        *("torch.optim.Optimizer", "torch.optim.SGD", "torch.optim.Adam", "torch.nn.Linear"),
    )

    #: What is another one for every trial.
    _NOT_OURS = frozenset({"_", "breakpointhook", "stdout", "stderr"})

    def __init__(self) -> None:
        self._libraries = sys.modules.keys() & set(_LIBRARIES)
        closed = [_find(name) for name in self._CLOSED]
        holders = [*closed, *map(_find, self._OPEN)]
        names = [vars(holder) for holder in holders if holder is not None]
        self._sizes = [(vars(it), len(vars(it))) for it in closed if it is not None]
        self._things = [
            (there, name, thing)
            for there in names
            for name, thing in there.items()
            if (callable(thing) or isinstance(thing, float)) and name not in self._NOT_OURS
        ]
        for name in (*self._CLOSED, *self._OPEN):
            if module := sys.modules.get(name):
                self._things.append((sys.modules, name, module))

    def is_spoiled(self) -> bool:
        """Whether any of it is another one now, or something still runs."""
        return (
            sys.modules.keys() & set(_LIBRARIES) != self._libraries
            or any(len(there) != size for there, size in self._sizes)
            or any(there.get(name) is not thing for there, name, thing in self._things)
            or _has_children()
        )


def _settings() -> list[object]:
    """Return what else of a process a koan may leave changed."""
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    collecting = gc.isenabled(), gc.get_threshold(), gc.callbacks[:]
    following = sys.gettrace(), sys.getprofile(), threading.active_count()
    places = dict(os.environ), sys.path[:], sys.getrecursionlimit(), _limits()
    return [handlers, collecting, following, places]


def _limits() -> list[tuple[int, int]]:
    if sys.platform == "win32":
        return []
    import resource

    names = sorted(name for name in vars(resource) if name.startswith("RLIMIT_"))
    return [resource.getrlimit(getattr(resource, name)) for name in names]


def _find(name: str) -> Any:
    """Return a module or a class by its full name, or None where there is none.

    A library is not imported for it.
    """
    library = name.partition(".")[0]
    if library in _LIBRARIES and library not in sys.modules:
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        module, _, last = name.rpartition(".")
        return getattr(sys.modules.get(module), last, None)


def _has_children() -> bool:
    if sys.platform == "win32":
        return False
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


if __name__ == "__main__":
    main()
