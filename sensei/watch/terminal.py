"""`pytest --watch`: the path on a terminal, shown again at every save, and a line of keys."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import wait
from pathlib import Path
from queue import SimpleQueue

import pytest
from _pytest.config import create_terminal_writer

from sensei.koan.path import Problem
from sensei.options import OPTIONS
from sensei.screen import voice
from sensei.watch import warm
from sensei.watch.orders import Begun, Held, Order, Place, Shown
from sensei.watch.saves import Saves

#: What a key adds to pytest's arguments.
_RUNS = {option.key: option.name for option in OPTIONS if option.key and not option.writes}
#: After how many seconds a run is worth a word.
_SILENT = 1.0
#: How often the chapters are looked at for one look at the code of the path itself.
_SELDOM = 16
_HOME_AND_CLEAR = "\x1b[H\x1b[J"
_RULE = f"\n{'-' * voice.WIDTH}"


def watch(config: pytest.Config, folders: Sequence[Path]) -> int:
    """Show the path, and show it again whenever a file in the folders is saved.

    Returns:
        pytest's status of the last run, or its status for Ctrl-C.

    Raises:
        pytest.UsageError: without a terminal.
    """
    _give_back_stdin(config)
    has_reporter = config.pluginmanager.hasplugin("terminal")
    # A stream that was closed before Python began is None.
    if not (has_reporter and all(it and it.isatty() for it in (sys.stdin, sys.stdout))):
        raise pytest.UsageError(voice.NO_TERMINAL)
    if sys.platform == "win32":
        os.system("")  # noqa: S605, S607 - older consoles understand escapes after this
    watcher = Watcher(config, folders)
    try:
        watcher.show_until_quit()
    except KeyboardInterrupt:
        watcher.status = pytest.ExitCode.INTERRUPTED
    except OSError:
        pass
    finally:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is leaving
        with contextlib.suppress(OSError):
            _write(voice.parting(watcher.place.sentence if watcher.place else None))
        watcher.let_go()
        signal.signal(signal.SIGINT, before)
    return watcher.status


def _give_back_stdin(config: pytest.Config) -> None:
    """Undo what pytest does to standard input, so that no test waits for somebody to type."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture:
        capture.suspend_global_capture(in_=True)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _read_lines(lines: SimpleQueue[str | None]) -> None:
    """Put what is typed into a queue, line by line, and None at its end."""
    try:
        # Not through sys.stdin: at exit, that would wait for the lock of this thread.
        while typed := os.read(sys.stdin.fileno(), 1024):
            for line in typed.decode(errors="replace").splitlines():
                lines.put(line)
    except OSError:
        pass  # the terminal is gone
    lines.put(None)


class Watcher:
    """What is on the terminal, what runs, and what is known of the koans."""

    def __init__(self, config: pytest.Config, folders: Sequence[Path]) -> None:
        colour = "yes" if create_terminal_writer(config).hasmarkup else "no"
        given = (str(a) for a in config.invocation_params.args if a != "--watch")
        self.arguments = ("--no-watch", "--color", colour)
        self.given = tuple(given)
        self.seconds: float = config.option.koan_seconds
        self.folder = str(config.invocation_params.dir)
        self.saves = Saves(folders)
        self.code_saves = Saves(_what_stays_imported(config))
        self.keeper: warm.Keeper | None = None

        # The terminal.
        self.screen = voice.GETTING_READY
        self.asked: str | None = None  # the koan to reset, while the learner is asked
        self.place: Place | None = None
        self.status: int = pytest.ExitCode.TESTS_FAILED

        # The run.
        self.number = 0
        self.extra: tuple[str, ...] = ()  # what a key adds to the arguments
        self.note = ""  # what is to be said beside the screen
        self.stopped: dict[str, Problem] = {}
        self.koan: str | None = None
        self.silent_since: float | None = None
        self.held: set[Held] = set()

    def show_until_quit(self) -> None:
        """Answer saves and keys until the learner leaves.

        Raises:
            KeyboardInterrupt: if that is by Ctrl-C.
            OSError: if the terminal is gone.
        """
        lines: SimpleQueue[str | None] = SimpleQueue()
        threading.Thread(target=_read_lines, args=(lines,), daemon=True).start()
        self.draw()
        self.run()
        for turn in itertools.count():
            if self.keeper is None:
                time.sleep(self.saves.pause)
            elif wait([self.keeper.messages], self.saves.pause):
                while self.keeper and self.keeper.messages.poll():
                    self.hear(self.keeper)
            if changes := self.saves.settled():
                self.follow(changes)
            if turn % _SELDOM == 0 and self.code_saves.settled():
                self.held.clear()
                self.let_go()
                self.run()
            while not lines.empty():
                line = lines.get()
                if line is None or line.strip().lower() == "q":
                    return
                self.press(line.strip())
            if self.silent_since and time.monotonic() - self.silent_since > _SILENT:
                self.silent_since = None
                self.draw(voice.running(self.koan))

    def draw(self, note: str = "") -> None:
        """Draw the screen, a note, and the line of keys or a question, in one go."""
        last = voice.ask_to_reset(self.asked) if self.asked else voice.KEY_LINE
        text = "\n\n".join(part for part in (self.screen, note, last) if part)
        _write(f"{_HOME_AND_CLEAR if _redraws() else _RULE}\n{text}")

    # Runs.

    def run(self, *extra: str, note: str = "") -> None:
        """Have pytest run with some more arguments; what runs now is ended."""
        self.extra, self.note, self.stopped = extra, note, {}
        self.order()

    @property
    def resets(self) -> bool:
        """Whether the run makes a koan blank; pytest wants nothing else to be selected then."""
        return self.extra[:1] == ("--reset",)

    def order(self) -> None:
        """Send the order for the run."""
        self.number += 1
        self.koan, self.silent_since = None, time.monotonic() if self.place else None
        order = Order(
            self.number,
            (*self.extra, *self.arguments, *(() if self.resets else self.given)),
            self.folder,
            sys.stdout.encoding,
            self.seconds,
            frozenset(self.held),
            self.stopped,
        )
        self.keeper = self.keeper or warm.Keeper()
        with contextlib.suppress(OSError):  # that it is gone will be heard
            self.keeper.messages.send(order)

    def hear(self, keeper: warm.Keeper) -> None:
        """Take in what is told of the run."""
        try:
            number, message = keeper.messages.recv()
        except (EOFError, OSError):
            self.let_go()
            self.silent_since, self.screen = None, voice.KEEPER_GONE
            self.draw()
            return
        if isinstance(message, Held):
            self.held.add(message)
        elif number != self.number:
            return  # another run has begun
        elif isinstance(message, Begun):
            self.koan = message.nodeid
        elif isinstance(message, Shown):
            self.show(message)
        elif self.koan:
            # Once more, to draw the koan where it stopped.
            self.stopped[self.koan] = message.problem
            self.order()
        else:
            self.show(Shown(voice.ended_early(message.problem), self.status, None))

    def show(self, shown: Shown) -> None:
        """Draw what a run has shown."""
        self.silent_since = None
        if self.resets:
            self.saves.pass_over()
            self.run(note=shown.screen)
            return
        self.screen = shown.screen
        if shown.place or not self.extra:
            self.status, self.place = shown.status, shown.place
        self.draw(self.note)

    def follow(self, changes: frozenset[Path]) -> None:
        """Run again after a save, as much as it may have changed."""
        if not all(file.name.startswith("test_") for file in changes):
            self.held.clear()  # it may be imported by any chapter
        self.run()

    def let_go(self) -> None:
        """End all processes; the next run makes new ones."""
        if self.keeper:
            self.keeper.leave()
        self.keeper = None

    # Keys.

    def press(self, line: str) -> None:
        """Answer a key."""
        key, _, rest = line.partition(" ")
        key, rest = key.lower(), rest.strip()
        if self.asked:
            koan, self.asked = self.asked, None
            if key in {"y", "yes"}:
                self.run("--reset", koan)
            else:
                self.draw(voice.NOT_RESET)
        elif key in _RUNS and not rest:
            self.run(_RUNS[key])
        elif (key == "m" and rest.isdecimal()) or (key == "g" and rest[:1] not in {"", "-"}):
            self.run(f"{_RUNS[key]}={rest}")
        elif rest:
            self.draw(voice.no_such_key(line))
        elif key == "x":
            self.asked = self.place.nodeid if self.place else None
            self.draw("" if self.asked else voice.NOTHING_TO_RESET)
        elif key == "?":
            self.screen = voice.keys()
            self.draw()
        elif key in {"", "a"}:
            if key:
                self.held.clear()
            self.run()
        else:
            self.draw(voice.no_such_key(key))


def _what_stays_imported(config: pytest.Config) -> tuple[Path, ...]:
    """Return the files and folders whose change calls for new processes."""
    torch = importlib.util.find_spec("torch")
    files = [config.rootpath / "conftest.py", config.inipath, torch and torch.origin]
    sensei = Path(__file__).parent.parent
    inside = (place for place in sensei.iterdir() if place.is_dir())
    return (sensei, *inside, *(Path(file) for file in files if file))


def _redraws() -> bool:
    return os.environ.get("TERM") != "dumb"
