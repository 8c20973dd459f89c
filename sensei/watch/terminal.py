"""`pytest --watch`: the path on a terminal, shown again at every save, and a line of keys.

Each time pytest runs once more in this process. Koans do not: they have a server, which is
ready at any time.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import io
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import pytest

from sensei.options import OPTIONS, is_plain
from sensei.private import is_coloured
from sensei.reading import why
from sensei.run.runner import runner
from sensei.screen import keys
from sensei.watch.run import OutdatedError, WatchedRun
from sensei.watch.saves import Saves

#: What a key adds to pytest's arguments.
_RUNS = {option.key: option.name for option in OPTIONS if option.key and not option.writes}
_QUIT = "q"
#: After how many seconds a run is worth a word.
_SILENT = 1.0
#: How often the chapters are looked at for one look at the code of the path itself.
_SELDOM = 16
_HOME_AND_CLEAR = "\x1b[H\x1b[J"
#: What begins a screen where the one before it stays.
_AGAIN = "\n\nThe screen again:"


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
        raise pytest.UsageError(keys.NO_TERMINAL)
    if sys.platform == "win32":
        os.system("")  # noqa: S605, S607 - older consoles understand escapes after this
    watcher = Watcher(config, folders)
    reason = ""
    try:
        watcher.show_until_quit()
    except KeyboardInterrupt:
        watcher.status = pytest.ExitCode.INTERRUPTED
    except OSError as error:
        reason = f"  It ended: {why(error)}."
    finally:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is leaving
        with contextlib.suppress(OSError):
            _write(keys.parting(watcher.last.whereabouts, reason))
        runner.stop()
        signal.signal(signal.SIGINT, before)
    return watcher.status


def _give_back_stdin(config: pytest.Config) -> None:
    """Undo what pytest does to standard input, so that no test waits for somebody to type."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture:
        capture.suspend_global_capture(in_=True)


def _write(text: str) -> None:
    stream = sys.__stdout__
    assert stream is not None
    stream.write(text)
    stream.flush()


def _read_lines(lines: deque[str]) -> None:
    """Put what is typed into a queue, line by line; its end is a way to quit."""
    try:
        # Not through sys.stdin: at exit, that would wait for the lock of this thread.
        while typed := os.read(0, 1024):
            for line in typed.decode(errors="replace").splitlines():
                lines.append(line.strip())
    except OSError:
        pass  # the terminal is gone
    lines.append(_QUIT)


class Watcher:
    """What is on the terminal, and what was run last."""

    def __init__(self, config: pytest.Config, folders: Sequence[Path]) -> None:
        colour = "yes" if is_coloured(config) else "no"
        self.given = [str(a) for a in config.invocation_params.args if a != "--watch"]
        # Nothing of a learner's prints here, and standard input is for the keys.
        self.arguments = ["--no-watch", "--color", colour, "--capture", "no"]
        self.is_plain = is_plain(config.option)
        self.root = folders[0].parent
        self.saves = Saves(folders)
        self.code_saves = Saves(_what_stays_imported(config))
        self.lines: deque[str] = deque()
        self.screen = ""
        self.of_code = ""  # that this process is not the newest any more
        self.asked: str | None = None  # the koan to reset, while the learner is asked
        self.last = self.now = WatchedRun()
        self.status: int = pytest.ExitCode.TESTS_FAILED
        self.silent_since: float | None = None
        self.answering = ""  # the key that the run is about

    def show_until_quit(self) -> None:
        """Answer saves and keys until the learner leaves.

        Raises:
            KeyboardInterrupt: if that is by Ctrl-C.
            OSError: if the terminal or the project is gone.
        """
        threading.Thread(target=_read_lines, args=(self.lines,), daemon=True).start()
        runner.start()
        runner.meanwhile = self.look_up
        self.run()
        for turn in itertools.count():
            time.sleep(self.saves.pause)
            if self.saves.settled():
                self.look_for_root()
                self.run()
            if turn % _SELDOM == 0 and self.code_saves.settled():
                self.begin_anew()
            while self.lines:
                if any(map(_quits, self.lines.copy())):
                    return
                self.press(self.lines.popleft())

    def look_for_root(self) -> None:
        """See that the project is where it was: no save could be seen elsewhere.

        Raises:
            OSError: if it is not.
        """
        if not self.root.is_dir():
            gone = f"{self.root} was renamed or removed. Go to where it is now"
            raise FileNotFoundError(errno.ENOENT, gone)

    def draw(self, note: str = "") -> None:
        """Draw the screen, a note, and the line of keys or a question, in one go."""
        last = keys.ask_to_reset(self.asked) if self.asked else keys.key_line()
        text = "\n\n".join(part for part in (self.screen, self.of_code, note, last) if part)
        if self.is_plain:
            text = "\n".join(map(str.lstrip, text.split("\n")))
        _write(f"{_AGAIN if self.is_plain else _HOME_AND_CLEAR}\n{text}")

    # Runs.

    def run(self, *extra: str, runs_all: bool = False, note: str = "") -> None:
        """Have pytest run with some more arguments, and draw what it shows.

        Raises:
            KeyboardInterrupt: if the learner leaves by Ctrl-C.
        """
        writes = extra[:1] == ("--reset",)
        given = [] if writes else self.given  # pytest wants nothing else to be selected then
        self.now = run = WatchedRun(runs_all=runs_all)
        self.silent_since = time.monotonic()
        status, screen = _pytest([*extra, *given, *self.arguments], run, sys.stdout.encoding)
        if run.is_outdated:
            return  # what came in between is answered next
        if status == pytest.ExitCode.INTERRUPTED and run.is_walk:
            raise KeyboardInterrupt
        if writes:
            self.saves.pass_over()
            self.run(note=screen)
            return
        self.screen = screen
        if run.is_walk or not extra:
            self.status, self.last = status, run
        self.draw(note)

    def look_up(self) -> None:
        """See what happens while a koan runs.

        Raises:
            OutdatedError: if there is something else to do by now.
        """
        # What a key asks for is done first; a run that nobody asked for gives way to keys.
        gives_way = not (self.answering or self.asked)
        typed = any(
            _quits(line) or (gives_way and _wanted(line) is not None)
            for line in self.lines.copy()
        )
        if typed or self.saves.are_new():
            self.now.is_outdated = True
            raise OutdatedError
        if self.silent_since and time.monotonic() - self.silent_since > _SILENT:
            self.silent_since = None
            if self.last.whereabouts:
                self.draw(keys.RUNNING)
            else:
                self.screen = keys.GETTING_READY
                self.draw()

    def begin_anew(self) -> None:
        """Let another process take this one's place: its own code has changed."""
        error = _error_in_code()
        if error or sys.platform == "win32":
            self.of_code = keys.code_broken(error) if error else keys.CODE_CHANGED
            self.draw()
            return
        self.of_code = ""
        self.draw(keys.CODE_IS_NEW)
        runner.stop()
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - it is this very program

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
                self.draw(keys.NOT_RESET)
        elif (wanted := _wanted(line)) is not None:
            self.answer(line, wanted)
        elif rest:
            self.draw(keys.no_such_key(line))
        elif key == "x":
            self.asked = self.last.koan
            self.draw("" if self.asked else keys.NOTHING_TO_RESET)
        elif key == "?":
            self.screen = keys.all_keys()
            self.draw()
        else:
            self.draw(keys.no_such_key(key))

    def answer(self, line: str, wanted: Sequence[str]) -> None:
        """Have pytest run as a key asks for it."""
        self.answering = line
        self.run(*wanted, runs_all=line.lower() == "a")
        self.answering = ""
        if line and self.now.is_outdated:
            self.lines.appendleft(line)  # a save came first; the key comes after it


def _error_in_code() -> str:
    """Return what keeps the code of the path from being loaded as it is now, if anything does.

    While it is being replaced, one file of it may not fit another one.
    """
    folder = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", "import sensei.plugin, sensei.walk, sensei.watch.terminal"]
    done = subprocess.run(  # noqa: S603 - this very interpreter
        command,
        env=os.environ | {"PYTHONPATH": folder},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
    return said[-1] if done.returncode else ""


def _quits(line: str) -> bool:
    return line.lower() == _QUIT


def _wanted(line: str) -> tuple[str, ...] | None:
    """Return what a key adds to pytest's arguments, or None if it needs no run."""
    key, _, rest = line.partition(" ")
    key, rest = key.lower(), rest.strip()
    if not rest:
        return (_RUNS[key],) if key in _RUNS else () if key in {"", "a"} else None
    is_chapter, is_name = rest.isdecimal() or rest == "all", rest[:1] != "-"
    if (key == "m" and is_chapter) or (key in {"g", "r"} and is_name):
        return (f"{_RUNS[key]}={rest}",)
    return None


def _pytest(arguments: list[str], run: WatchedRun, encoding: str) -> tuple[int, str]:
    """Run pytest here, and return its status and what it wrote."""
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding, errors="replace")
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        status = pytest.main(arguments, plugins=[run])
        stream.flush()
    return status, written.getvalue().decode(encoding, "replace").strip("\n")


def _what_stays_imported(config: pytest.Config) -> tuple[Path, ...]:
    """Return the files and folders whose change calls for new processes."""
    torch = importlib.util.find_spec("torch")
    files = [config.rootpath / "conftest.py", config.inipath, torch and torch.origin]
    sensei = Path(__file__).parent.parent
    inside = (place for place in sensei.iterdir() if place.is_dir())
    return (sensei, *inside, *(Path(file) for file in files if file))
