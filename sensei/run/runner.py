"""Has a server run koans: starts it when a koan really has to run, and sees to its ends.

Nothing that a learner wrote runs in this process, and torch is not imported here.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

from sensei.run.outcome import Begun, End, Ended, NoTorch, Outcome, Request, Trial
from sensei.run.wire import MalformedError, unpack, write_to

#: So much of what a koan prints is kept, in bytes.
OUTPUT = 2**20
#: How long torch may take to be imported, in seconds.
STARTING = 300.0
#: How much longer than its time a koan may take until it is ended from outside.
PATIENCE = 3.0
#: How long something that is ended may take to be gone.
LEAVING = 3.0
#: So many koans share a process, where they do.
SHARING = 200
#: How often whoever waits for a koan may do something else.
PAUSE = 0.05

#: One thread is enough for a koan, and a process with more of them is no good to fork.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
#: What koans import is what this process would import.
_START = "import sys; sys.path[:] = sys.argv[4:]; from sensei.run.server import main; main()"

#: Runs one trial of a koan.
Run = Callable[[Trial], Outcome]


def way() -> str:
    """Return how the server has koans run here; SENSEI_RUN=fork or stay chooses another."""
    chosen = os.environ.get("SENSEI_RUN", "fork" if sys.platform == "linux" else "stay")
    return chosen if chosen == "fork" and hasattr(os, "fork") else "stay"


class Runner:
    """Runs trials in a server, one koan after the other.

    `meanwhile` is called now and then while a koan runs; what it raises ends the koan.
    """

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] = lambda: None
        self._server: _Server | None = None
        self._child: int | None = None
        self._with_torch = True
        self._opening = Request.OPEN
        self._koans = 0

    @contextlib.contextmanager
    def koan(
        self, *, with_torch: bool = True, walled: bool = False, shared: bool = False
    ) -> Iterator[Run]:
        """Give what runs the trials of one koan; all that they started is ended afterwards.

        They share a process, as long as none of them spoils it. Without torch it is ready at
        once. Walled, it can do nothing but compute (`sensei.run.wall`). Shared, it is one in
        which koans have run before, and will: for fills that can change nothing.
        """
        opening = Request.OPEN_WALLED if walled else Request.OPEN
        if not shared or opening is not self._opening or self._koans >= SHARING:
            self._close()
        self._with_torch, self._opening = with_torch, opening
        self._koans += 1
        try:
            yield self._run
        except BaseException:
            self._end_child()
            raise
        else:
            if not shared:
                self._close()

    def start(self, *, with_torch: bool = True) -> None:
        """Have a server get ready, without waiting for it."""
        there = self._server
        if there and not (there.is_there and there.with_torch >= with_torch):
            self._lose()
        self._server = self._server or _Server(with_torch=with_torch)

    def stop(self) -> None:
        """End the server, with all that runs there."""
        self._lose()

    def _run(self, trial: Trial) -> Outcome:
        """Run one trial.

        Raises:
            ModuleNotFoundError: if torch or numpy is not installed.
            ImportError: if one of them cannot be imported.
        """
        try:
            server = self._open()
        except (EOFError, OSError, MalformedError):
            said = self._printed().strip().splitlines() or ["the process for it ended at once"]
            self._lose()
            raise ImportError(said[-1]) from None
        try:
            server.send(trial)
            answer = server.hear(trial.seconds + PATIENCE, self.meanwhile)
        except (EOFError, OSError, MalformedError):
            # Not even the server is left, or something else wrote into its pipe.
            words = server.last_words()
            self._lose()
            return _gone(trial, server.status(), words)._replace(printed=server.printed())
        if isinstance(answer, Ended):
            self._child = None
            return _gone(trial, answer.status)._replace(printed=self._printed())
        if not isinstance(answer, Outcome):  # it does not answer any more
            self._end_child()
            return Outcome(End.ENDLESS, printed=self._printed())
        outcome = answer._replace(printed=server.printed())
        if outcome.spoiled or outcome.end in {End.ENDLESS, End.OUT_OF_MEMORY}:
            self._leave()
        return outcome

    def _open(self) -> _Server:
        """Return the server, with a process that is ready for trials."""
        self.start(with_torch=self._with_torch)
        assert self._server is not None
        if self._child is not None:
            return self._server
        self._server.send(self._opening)
        begun = self._server.hear(STARTING, self.meanwhile)
        if isinstance(begun, NoTorch):
            self._lose()
            kind = ModuleNotFoundError if begun.module else ImportError
            raise kind(begun.message, name=begun.module)
        if not isinstance(begun, Begun):
            raise MalformedError
        self._child = begun.pid
        self._server.printed()
        return self._server

    def _close(self) -> None:
        """Have the process end in its own time, with all that was started in it."""
        self._koans = 0
        if self._child is None or self._server is None:
            return
        try:
            self._server.send(Request.CLOSE)
            ended = self._server.hear(LEAVING)
        except (EOFError, OSError, MalformedError):
            ended = None
        self._child = None
        if not isinstance(ended, Ended):
            self._lose()

    def _leave(self) -> None:
        """Have the next trial run in another process."""
        if way() == "fork":
            self._close()
        else:
            self._lose()

    def _end_child(self) -> None:
        """End the process of a koan now."""
        if self._child is None or self._server is None:
            return
        if way() == "stay":
            self._lose()
            return
        with contextlib.suppress(OSError):
            os.kill(self._child, signal.SIGKILL)
        self._child = None
        until = time.monotonic() + LEAVING
        try:
            # An outcome may have been on its way.
            while not isinstance(said := self._server.hear(until - time.monotonic()), Ended):
                if said is None:
                    raise EOFError  # noqa: TRY301
        except (EOFError, OSError, MalformedError):
            self._lose()

    def _lose(self) -> None:
        """Give the server up; the next koan gets another one."""
        if self._server:
            self._server.end(self._child)
        self._server = self._child = None

    def _printed(self) -> str:
        return self._server.printed() if self._server else ""


def _gone(trial: Trial, status: int, words: str = "") -> Outcome:
    """Say how the process of a trial ended, of which there is no outcome."""
    if words.startswith("Timeout ("):  # the watchdog ended it
        place = re.search(rf'File "{re.escape(trial.file)}", line (\d+)', words)
        return Outcome(End.ENDLESS, line=int(place[1]) if place else None)
    return Outcome(
        End.DIED, detail="it wrote into a pipe of pytest's" if words else _in_words(status)
    )


def _in_words(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    with contextlib.suppress(ValueError):
        return signal.strsignal(-status) or f"signal {-status}"
    return f"signal {-status}"


class _Server:
    """A server's process, and what comes from it."""

    def __init__(self, *, with_torch: bool) -> None:
        self.with_torch = with_torch
        self._mark = secrets.token_bytes(16)
        arguments = (way(), self._mark.hex(), "torch" if with_torch else "", *sys.path)
        # A terminal's Ctrl-C is for pytest, which then ends the koan.
        apart: dict[str, Any] = (
            {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
            if sys.platform == "win32"
            else {"start_new_session": True}
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | _ENVIRONMENT,
            bufsize=0,
            **apart,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._requests = self._process.stdin
        self._heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._output = _Output(self._mark)
        self._rest = b""
        self._listener, drainer = (
            threading.Thread(target=follow, args=(stream,), daemon=True)
            for follow, stream in (
                (self._listen, self._process.stdout),
                (self._output.drain, self._process.stderr),
            )
        )
        self._listener.start()
        drainer.start()

    @property
    def is_there(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    def send(self, what: Request | Trial) -> None:
        """Send a request.

        Raises:
            OSError: if the server is gone.
        """
        write_to(self._requests.fileno(), what)

    def hear(self, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> Any:
        """Wait for what the server tells next; None if it takes longer than that.

        Raises:
            EOFError: if the server is gone.
            MalformedError: if what came is nothing that a server tells.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                told = self._heard.get(timeout=min(PAUSE, left))
            except queue.Empty:
                meanwhile()
                continue
            if isinstance(told, Exception):
                raise told
            self._output.wait()
            return told
        return None

    def _listen(self, stream: IO[bytes]) -> None:
        data = b""

        def read(count: int) -> bytes:
            nonlocal data
            data = b""
            while len(data) < count and (more := stream.read(count - len(data))):
                data += more
            return data

        try:
            while True:
                self._heard.put(unpack(read))
        except MalformedError as error:
            self._heard.put(error)
            while data:
                self._rest = (self._rest + data)[:OUTPUT]
                data = stream.read(2**16)
        except (EOFError, OSError, ValueError):
            self._heard.put(EOFError())

    def printed(self) -> str:
        """Return what was printed since it was last asked, at most the end of it."""
        return self._output.take().decode("utf-8", "replace").replace("\r\n", "\n")

    def last_words(self) -> str:
        """Return what came instead of a response, once the process has ended by itself.

        What the watchdog says of an endless koan is such a thing.
        """
        self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVING)
            self._listener.join(LEAVING)
        return self._rest.decode("utf-8", "replace")

    def status(self) -> int:
        """Return how the process ended, once that and all it has printed is known."""
        self._output.wait()
        return self._process.wait()

    def end(self, child: int | None) -> None:
        """End the process, what is in its group, and all that a koan's process has started."""
        self._requests.close()
        if sys.platform == "win32":
            command = ["taskkill", "/F", "/T", "/PID", str(self._process.pid)]
            with contextlib.suppress(OSError):
                subprocess.run(command, capture_output=True, check=False)
        else:
            if child is not None:
                with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                    os.kill(child, signal.SIGKILL)
                    self._process.wait(LEAVING)
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()


class _Output:
    """What koans print: drained at once, so that nobody has to wait, and its end kept."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._data = bytearray()
        self._marks = 0
        self._is_over = False
        self._changed = threading.Condition()

    def drain(self, stream: IO[bytes]) -> None:
        """Take in everything until the stream ends."""
        rest = b""
        while data := stream.read(2**16):
            data = rest + data
            pieces = data.split(self._mark)
            # The beginning of a mark may stand at the end.
            keep = len(self._mark) - 1
            rest = pieces[-1][-keep:] if self._may_begin(pieces[-1][-keep:]) else b""
            pieces[-1] = pieces[-1][: len(pieces[-1]) - len(rest)]
            with self._changed:
                for piece in pieces:
                    self._data += piece
                    del self._data[:-OUTPUT]
                self._marks += len(pieces) - 1
                self._changed.notify_all()
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _may_begin(self, tail: bytes) -> bool:
        return any(self._mark.startswith(tail[n:]) for n in range(len(tail)))

    def wait(self) -> None:
        """Wait until everything is there that was printed before the last response."""
        with self._changed:
            if self._changed.wait_for(lambda: self._marks or self._is_over, LEAVING):
                self._marks = max(0, self._marks - 1)

    def take(self) -> bytes:
        """Return what there is, and forget it."""
        with self._changed:
            data, self._data = bytes(self._data), bytearray()
        return data


#: The one runner of this process: a server takes a second to get ready.
runner = Runner()


@atexit.register
def _stop() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is ending, as fast as it can
    runner.stop()
