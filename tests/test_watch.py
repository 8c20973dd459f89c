"""`pytest --watch`: a real terminal, driven as a person would, on real files."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sensei.run import runner
from sensei.screen import keys
from sensei.screen.lines import WIDTH
from sensei.watch.saves import Saves
from tests.tiny_course import CODE, DOUBLING, ROOT, Course

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals to drive", allow_module_level=True)

import pty

#: Nothing here is measured: whoever waits that long waits in vain.
PATIENCE = 90.0
#: What stands before each screen: an escape, or words where there are none.
DRAWS = r"\x1b\[H\x1b\[J|\nThe screen again:\n"
KEYS = "h hint, m map, g graph, r reveal, x reset, a all, q quit, ? (and Enter): "


class Terminal:
    """A terminal in which `pytest --watch` runs."""

    def __init__(self, course: Course, *arguments: str, **variables: str) -> None:
        self.mark = f"TERMINAL={uuid.uuid4()}"
        environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"} | variables
        environment |= dict([self.mark.split("=")])
        command = [sys.executable, "-m", "pytest", "--watch", *arguments]
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # also in the background
            os.chdir(course.root)
            os.execve(command[0], command, environment)  # noqa: S606
        self.text = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()  # a read may cut a character
        self.status: int | None = None

    def read(self) -> bool:
        """Take in what has been written, and return whether there will be more."""
        if select.select([self.screen], [], [], 0.1)[0]:
            try:
                new = os.read(self.screen, 65536)
            except OSError:
                return False
            self.text += self.decoder.decode(new).replace("\r\n", "\n")
        return True

    def shows(self, wanted: str, last: str = KEYS) -> str:
        """Wait until something is on the screen, and return all that is there."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            there = re.sub(r"\x1b\[[0-9;]*m", "", re.split(DRAWS, self.text)[-1])
            if wanted in there and there.endswith(last):
                return there.strip("\n")
            assert self.read(), f"it has left:\n{there}"
        raise AssertionError(f"not there: {wanted}\n\n{self.text}")

    def type(self, line: str) -> None:
        """Type a line and Enter; what was there before counts no more."""
        self.text = ""
        os.write(self.screen, f"{line}\n".encode())

    def leaves(self) -> str:
        """Wait until it has left, and return all that was written."""
        end = time.monotonic() + PATIENCE
        while self.status is None:
            assert time.monotonic() < end, f"it does not leave:\n{self.text}"
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        while self.read() and select.select([self.screen], [], [], 0)[0]:
            pass
        return self.text

    def processes(self) -> list[int]:
        """Return every process that has come of it."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
        return found

    def close(self) -> None:
        """Take the terminal away."""
        os.close(self.screen)
        self.screen = -1


Opens = Callable[..., Terminal]


@pytest.fixture
def opens(course: Course) -> Iterator[Opens]:
    """Open terminals that watch the course, and close them afterwards."""
    opened = []

    def opens(*arguments: str, **variables: str) -> Terminal:
        opened.append(Terminal(course, *arguments, **variables))
        return opened[-1]

    yield opens
    for terminal in opened:
        if terminal.status is None:
            os.kill(terminal.pid, signal.SIGKILL)
            os.waitpid(terminal.pid, 0)
        if terminal.screen >= 0:
            terminal.close()


@pytest.fixture(params=[runner.way()])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Choose how koans are run."""
    monkeypatch.setenv("SENSEI_RUN", request.param)
    return str(request.param)


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def counted(course: Course, name: str = DOUBLING) -> Callable[[], int]:
    """Have the first koan of a chapter count its runs, and return what tells their number."""
    counter = course.root / f"{name}.runs"
    course.edit(
        '"""\n    x', f'"""\n    print("x", file=open({str(counter)!r}, "a"))\n    x', name
    )
    # Each time it is run twice at most: as it stands, and its fills beside the answers.
    return lambda: counter.read_text().count("x") if counter.exists() else 0


class TestSaves:
    """The path is shown when a chapter is saved."""

    @pytest.mark.usefixtures("way")
    def test_every_save_is_answered(self, course: Course, opens: Opens) -> None:
        """The screen of the path, again after each save, whatever was there before."""
        terminal = opens()
        terminal.shows("0 of 4, chapter 1 of 2")
        course.fill("5")
        terminal.shows("That is 2 more, not twice as much.")
        course.edit("== 5", "== 6.0")
        terminal.shows("solved just now: test_double\n")
        course.fill("696", "174")
        terminal.shows("solved just now: test_double_and_half\n")

    def test_it_is_the_screen_of_pytest(self, course: Course, opens: Opens) -> None:
        """But for what to do next: there is nothing to type, and a line of keys."""
        course.fill("5")
        plain = course.screen().replace(", save, and run pytest again.", ", and save.")
        assert opens().shows("0 of 4") == f"{plain}\n\n  {KEYS}"

    def test_what_was_selected(self, course: Course, opens: Opens) -> None:
        """Arguments count as ever."""
        course.solve()
        terminal = opens(f"koans/{CODE}", "-k", "zero")
        assert "This koan holds." in terminal.shows("1 of 1")
        course.edit("x.zero_()", "__", CODE)
        terminal.shows("0 of 1")

    @pytest.mark.parametrize("how", ["rename", "delete", "half", "twice"])
    def test_ways_to_save(self, course: Course, opens: Opens, how: str) -> None:
        """Whatever an editor does, what is in the file in the end is shown."""
        terminal = opens()
        terminal.shows("0 of 4")
        page = course.page()
        text = page.read_text().replace("== __", "== 6.0", 1)
        if how == "rename":
            other = page.with_suffix(".tmp")
            other.write_text(text)
            other.replace(page)
        elif how == "delete":
            page.unlink()
            terminal.shows(f"koans/{DOUBLING} is not there.")
            page.write_text(text)
        elif how == "half":
            terminal.text = ""
            page.write_text(text[: text.index("assert")])
            terminal.shows("It belongs there again:")
            page.write_text(text)
        else:
            page.write_text(text)
            page.write_text(text)
        terminal.shows("1 of 4")

    def test_a_save_during_a_run(self, course: Course, opens: Opens) -> None:
        """It ends that run, and the screen is that of the file as it is now."""
        here = course.root / "here"
        course.fill("6")
        course.edit(
            "    assert",
            f"    open({str(here)!r}, 'w'); import time; time.sleep(999)\n    assert",
        )
        terminal = opens("--koan-seconds", "999")
        until(here.exists)
        course.edit("time.sleep(999)", "None")
        terminal.shows("1 of 4")

    def test_a_reason_of_a_run_that_was_given_up(self, course: Course, opens: Opens) -> None:
        """What was solved in it is told by the next one: nobody saw it."""
        terminal = opens("--koan-seconds", "999")
        terminal.shows("0 of 4")
        here = course.root / "here"
        course.edit(
            "x = 348.0",
            f"x = 348.0\n    open({str(here)!r}, 'w'); import time; time.sleep(999)",
        )
        course.fill("6", "696", "174")
        until(here.exists)
        course.edit("time.sleep(999)", "None")
        terminal.shows("Twice is times two.")
        terminal.shows("Halving undoes doubling.")

    def test_answers_are_watched_too(self, course: Course, opens: Opens) -> None:
        """Whoever writes koans sees the replies as they are written."""
        course.fill("5")
        terminal = opens()
        terminal.shows("That is 2 more, not twice as much.")
        sheet = course.root / "answers" / DOUBLING
        sheet.write_text(sheet.read_text().replace("not twice as much", "as you see"))
        terminal.shows("That is 2 more, as you see.")


class TestTyping:
    """Keys that are typed while koans run."""

    def test_keys_wait_for_one_another(self, course: Course, opens: Opens) -> None:
        """Each is answered, though the koan is still running for the one before it."""
        course.answer("test_03_slow.py", SLOW)
        course.command("blank")
        course.fill("4", name="test_03_slow.py")
        terminal = opens("koans/test_03_slow.py")
        terminal.shows("You wrote 4")
        os.write(terminal.screen, b"h\nh\n")
        terminal.shows("      Hint 1 of 2: a\n      Hint 2 of 2: b\n")

    def test_a_key_and_a_save(self, course: Course, opens: Opens) -> None:
        """The save comes first, and the key is answered after it."""
        here = course.root / "here"
        terminal = opens("--koan-seconds", "999")
        terminal.shows("0 of 4")
        course.fill("5")
        terminal.shows("You wrote 5")
        course.edit(
            "x = 3.0",
            f"x = 3.0\n    open({str(here)!r}, 'w'); import time; time.sleep(999)",
        )
        until(here.exists)
        here.unlink()
        terminal.type("h")
        until(here.exists)
        course.edit("time.sleep(999)", "None")
        terminal.shows("Hint 1 of 2: Multiply.")

    def test_quitting_waits_for_nothing(self, course: Course, opens: Opens) -> None:
        """It doesn't, whatever else was typed."""
        here = course.root / "here"
        course.fill("6")
        course.edit(
            "    assert",
            f"    open({str(here)!r}, 'w'); import time; time.sleep(999)\n    assert",
        )
        terminal = opens("--koan-seconds", "999")
        until(here.exists)
        os.write(terminal.screen, b"h\nm\nq\n")
        terminal.leaves()


class TestSmallTerminals:
    """What is left where not everything fits."""

    def test_what_stays(self, course: Course, opens: Opens) -> None:
        """The koan's line, its question and the reply, in as many lines as there are."""
        course.fill("6", "350")
        terminal = opens(COLUMNS="40", LINES="12")
        last = keys.SHORT_KEY_LINE.strip("\n")
        screen = terminal.shows("Blank 1, 350: not yet.", last=last)
        assert "What is twice 348, and what is\n      half of it?\n" in screen
        assert "    >     assert 2 * x == 350\n" in screen
        assert "That is 2 more." in screen
        lines = screen.split("\n")
        assert max(map(len, lines)) <= 40
        assert len(lines) <= 12

    def test_a_narrow_one(self, course: Course, opens: Opens) -> None:
        """Text ends where the terminal ends, between two words."""
        course.fill("5")
        terminal = opens(COLUMNS="40", LINES="50")
        screen = terminal.shows(
            "That is 2 more, not twice as\n      much.", last=keys.SHORT_KEY_LINE
        )
        assert "  0 of 4, chapter 1 of 2\n" in screen
        assert max(map(len, screen.split("\n"))) <= 40


class TestOneBurst:
    """What counts as one save."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """Give a file in a folder that is watched."""
        file = tmp_path / "test_01_a.py"
        file.write_text("old")
        return file

    def test_a_burst_is_told_once(self, file: Path) -> None:
        """Nothing is told while a file still changes, and then it is told once."""
        saves = Saves([file.parent])
        for text in ("a", "b", "c"):
            file.write_text(text)
            assert not saves.settled()
        until(lambda: bool(saves.settled()))
        assert not saves.settled()

    def test_the_same_text_is_no_change(self, file: Path) -> None:
        """A file that was only touched, or saved as it was, is not run again."""
        saves = Saves([file.parent])
        file.write_text("old")
        os.utime(file, (0, 0))
        for _ in range(3):
            saves.settled()
            time.sleep(saves.pause)
        assert not saves.settled()

    def test_a_change_that_no_clock_tells(self, file: Path) -> None:
        """Another text of the same length at the same time is seen all the same."""
        saves = Saves([file.parent])
        before = file.stat()
        file.write_text("new")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        until(lambda: saves.settled() == {file})

    def test_an_old_file_is_not_read_again(self, file: Path) -> None:
        """Looking costs no reading: what has kept its time and size is taken as it was."""
        os.utime(file, (1, 1))
        saves = Saves([file.parent])
        file.write_text("new")
        os.utime(file, (1, 1))
        for _ in range(3):
            assert not saves.settled()
            time.sleep(saves.pause)

    def test_an_empty_file_is_waited_for(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An editor that empties a file first has it read when there is something in it."""
        monkeypatch.setattr("sensei.watch.saves.SETTLED_WITHOUT", PATIENCE)
        saves = Saves([file.parent])
        file.write_text("")
        for _ in range(3):
            assert not saves.settled()
            time.sleep(saves.pause)
        file.write_text("new")
        until(lambda: saves.settled() == {file})

    def test_places_that_are_away(self, tmp_path: Path) -> None:
        """A folder or a file that is not there yet is seen when it comes."""
        saves = Saves([tmp_path / "koans", tmp_path / "conftest.py"])
        assert not saves.settled()
        (tmp_path / "koans").mkdir()
        (tmp_path / "koans" / "test_01_a.py").write_text("a")
        (tmp_path / "conftest.py").write_text("a")
        until(lambda: len(saves.settled()) == 2)


#: Breaks torch, and starts a thread that would keep its process from ending.
RUIN = (
    "import threading; torch.is_tensor = None; "
    "threading.Thread(target=threading.Event().wait).start()"
)


class TestWhatRuns:
    """Every run is a fresh process, and runs only what it must."""

    @pytest.mark.usefixtures("way")
    def test_nothing_is_left_of_a_run(self, course: Course, opens: Opens) -> None:
        """Whatever a koan did to torch, the next run begins as if it had not been."""
        course.solve()
        line = "    assert torch.is_tensor(x)\n"
        course.edit(line, f"    {RUIN}\n{line}", CODE)
        terminal = opens()
        terminal.shows("Something else in it is too much")
        course.edit(f"    {RUIN}\n", "", CODE)
        terminal.shows("All 4 koans hold.")

    def test_what_the_save_did_not_change(self, course: Course, opens: Opens) -> None:
        """A chapter that held stays solved without being run, until the end of the path."""
        course.solve()
        runs = counted(course)
        course.edit("x.zero_()", "__", CODE)
        course.edit("is AttributeError", "is 5", CODE)
        terminal = opens()
        terminal.shows("2 of 4")
        first = runs()
        assert first > 0
        course.fill("x.zero_()", name=CODE)
        terminal.shows("3 of 4")
        assert runs() == first
        course.edit("is 5", "is AttributeError", CODE)
        terminal.shows("All 4 koans hold.")
        assert runs() == 2 * first

    def test_what_is_reported(self, course: Course, opens: Opens) -> None:
        """pytest's protocol goes over what has run, not over what is remembered to hold."""
        course.solve()
        course.edit("x.zero_()", "__", CODE)
        course.edit("is AttributeError", "is 5", CODE)
        reported = course.root / "reported"
        hook = f'open({str(reported)!r}, "a").write(report.nodeid + "\\n")'
        conftest = course.root / "koans" / "conftest.py"
        conftest.write_text(f"def pytest_runtest_logreport(report):\n    {hook}\n")
        terminal = opens()
        terminal.shows("2 of 4")
        assert len(set(reported.read_text().splitlines())) == 3
        reported.unlink()
        course.fill("x.zero_()", name=CODE)
        terminal.shows("3 of 4")
        assert len(set(reported.read_text().splitlines())) == 2

    def test_what_it_may_have_changed(self, course: Course, opens: Opens) -> None:
        """Another answer sheet, another module beside it, and the key for it run it again."""
        course.solve()
        runs = counted(course)
        course.edit("x.zero_()", "__", CODE)
        terminal = opens()
        terminal.shows("2 of 4")
        first = runs()

        def run_again() -> bool:
            terminal.text = ""
            until(lambda: runs() > before)
            terminal.shows("2 of 4")
            return runs() == before + first

        before = runs()
        sheet = course.root / "answers" / DOUBLING
        sheet.write_text(sheet.read_text().replace("Two threes.", "Three and three."))
        assert run_again()
        before = runs()
        (course.root / "koans" / "mine.py").write_text("# changed\n")
        assert run_again()
        before = runs()
        terminal.type("a")
        assert run_again()

    def test_it_does_not_watch_itself(self, opens: Opens) -> None:
        """Where the option stands in the environment, the runs leave it out."""
        opens(PYTEST_ADDOPTS="--watch").shows("0 of 4")


#: What a koan may do, and what is said of it.
LINES = {
    "sum(iter(int, 1))": "It did not come to an end in 1 s.",
    "import posix; posix._exit(3)": "It ended the process that it ran in: exit status 3.",
    "while True: pass": "It did not come to an end in 1 s.",
    "import ctypes; ctypes.string_at(0)": "process that it ran in: Segmentation fault",
    "import os; os.closerange(3, 99); import time; time.sleep(99)": "exit status 1.",
    "while True: print('x' * 1000)": "It did not come to an end in 1 s.",
}
if sys.platform == "linux":
    LINES["import torch; y = [torch.empty(2**28) for _ in range(4)]"] = (
        "more memory than a koan may: 1 GB."
    )


SLOW = '''"""Slow."""

import time

from sensei import __


def test_slow():
    """What is three?"""
    time.sleep(0.7)
    assert 3.0 == __(3.0, wrong={"4": "No."}, hints=["a", "b"], why="w")
'''


class TestNothingHangs:
    """Koans that run on, crash, or take everything."""

    def test_it_is_shown_at_its_place(self, course: Course, opens: Opens, way: str) -> None:
        """What came of it is said at the koan, those before it count, and the watch goes on."""
        course.fill("6", "696", "174")
        terminal = opens("--koan-seconds", "1")
        terminal.shows("2 of 4")
        # A new process for each run takes its time, and what it is told is the same.
        for line, told in list(LINES.items())[: 2 if way == "stay" else None]:
            course.edit("x = 348.0", f"x = 348.0\n    {line}")
            screen = terminal.shows(f"    {line}\n")
            assert told in " ".join(screen.split())
            assert f"    {line}\n" in screen
            assert f"koans/{DOUBLING}:" in screen
            course.edit(f"    {line}\n", "")
            terminal.shows("2 of 4")

    def test_slow_is_not_endless(self, course: Course, opens: Opens) -> None:
        """A koan with a wrong fill is run several times, and the limit is for each of them."""
        course.answer("test_03_slow.py", SLOW)
        course.command("blank")
        course.fill("77", name="test_03_slow.py")
        terminal = opens("--koan-seconds", "1", "koans/test_03_slow.py")
        terminal.shows("You wrote 77\n      The sign is right.")

    @pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
    def test_a_server_that_is_gone(self, course: Course, opens: Opens) -> None:
        """It is made again."""
        terminal = opens()
        terminal.shows("0 of 4")
        for pid in terminal.processes():
            if pid != terminal.pid:
                os.kill(pid, signal.SIGKILL)
        course.fill("6")
        terminal.shows("1 of 4")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
class TestLeaving:
    """However it ends, no process stays behind."""

    #: A koan that no signal from Python's side ends, and that says it has begun.
    ENDLESS = "open('here', 'w'); sum(iter(int, 1))"

    @pytest.fixture
    def busy(self, course: Course, opens: Opens, way: str) -> Terminal:
        """Give a watch in the midst of a koan without end."""
        assert way
        course.fill("6", "696", "174")
        course.edit("x = 348.0", f"x = 348.0\n    {self.ENDLESS}")
        terminal = opens("--koan-seconds", "999")
        until((course.root / "here").exists)
        assert len(terminal.processes()) >= 2
        return terminal

    def test_ctrl_c(self, busy: Terminal) -> None:
        """It leaves with pytest's status for it."""
        os.write(busy.screen, b"\x03")
        told = busy.leaves()
        assert "Traceback" not in told
        assert told.endswith("  To go on: pytest --watch\n")
        assert busy.status == pytest.ExitCode.INTERRUPTED
        until(lambda: not busy.processes())

    def test_a_kill(self, busy: Terminal) -> None:
        """Killed without a chance to say anything, it leaves nothing."""
        os.kill(busy.pid, signal.SIGKILL)
        busy.leaves()
        until(lambda: not busy.processes())

    def test_a_closed_terminal(self, busy: Terminal) -> None:
        """So it does when its window is closed."""
        busy.close()
        os.waitpid(busy.pid, 0)
        busy.status = 0
        until(lambda: not busy.processes())

    def test_the_end_of_input(self, course: Course, opens: Opens) -> None:
        """Ctrl-D is a way to quit."""
        course.fill("6")
        terminal = opens()
        terminal.shows("1 of 4")
        os.write(terminal.screen, b"\x04")
        assert (
            "  1 of 4. You are at koans/test_01_doubling.py:17\n  test_double_and_half\n"
        ) in terminal.leaves()
        assert terminal.status == pytest.ExitCode.TESTS_FAILED
        until(lambda: not terminal.processes())


class TestKeys:
    """A letter and Enter."""

    def test_each_key(self, course: Course, opens: Opens) -> None:
        """Each does what its option does, and Enter alone shows the path."""
        terminal = opens()
        terminal.shows("0 of 4")
        for key, shown in {
            "h": "Hint 1 of 2: Multiply.",
            " h ": "Hint 2 of 2: Two threes.",
            "m": "test_double_and_half",
            "m all": "test_what_is_raised",
            "m 2": "      test_zero_it",
            "r": "The answer: 6.0",
            "?": "q   quit; so does Ctrl-C",
            "w": "There is no key 'w'. All of them: ? and Enter",
            "H": "There are no more. The answer, if you want it: r and Enter",
            "g test_zero_it": "To go on with the path: Enter",
            "r test_zero_it": "This koan is still open.",
            "m two": "There is no key 'm two'.",
            "": "What is twice 3?",
        }.items():
            terminal.type(key)
            terminal.shows(shown)
        course.solve()
        terminal.shows("All 4 koans hold.")
        terminal.type("x")
        terminal.shows("There is no open koan here.")
        terminal.type("q")
        assert "4 of 4. You are at the end of the path." in terminal.leaves()
        assert terminal.status == pytest.ExitCode.OK

    def test_reset_asks_first(self, course: Course, opens: Opens) -> None:
        """Anything but a yes changes nothing; a yes is what pytest --reset does."""
        course.fill("6", "5")
        before = course.page().read_text()
        terminal = opens(f"koans/{DOUBLING}")
        terminal.shows("1 of 2")
        terminal.type("x")
        terminal.shows("Make test_double_and_half blank again?", last="y and Enter: ")
        terminal.type("")
        terminal.shows("Nothing was changed.")
        assert course.page().read_text() == before
        terminal.type("x")
        terminal.shows("Make test_double_and_half blank again?", last="y and Enter: ")
        terminal.type("y")
        screen = terminal.shows(">     assert 2 * x == __")
        assert "is blank again" in screen
        assert "assert 2 * x == 5" not in course.page().read_text()

    def test_no_key_writes_unasked(self, course: Course, opens: Opens) -> None:
        """What stands behind a key is no option of pytest's."""
        course.fill("6", "5")
        before = {file.name: file.read_bytes() for file in course.page().parent.iterdir()}
        terminal = opens()
        terminal.shows("1 of 4")
        for line in ["g --reset 1", "m --update", "h --reset=1", "x all", "r --reset=1"]:
            terminal.type(line)
            terminal.shows(f"There is no key {line!r}.")
        assert {
            file.name: file.read_bytes() for file in course.page().parent.iterdir()
        } == before

    def test_with_a_stream_closed(self, course: Course) -> None:
        """Python has nothing at all in its place, and the same is said."""
        done = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m pytest --watch <&-"],  # noqa: S607
            cwd=course.root,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr.startswith("ERROR: --watch needs a terminal")
        assert done.returncode == pytest.ExitCode.USAGE_ERROR

    @pytest.mark.parametrize("stream", ["stdin", "stdout"])
    def test_without_a_terminal(self, course: Course, stream: str) -> None:
        """In a pipe there is nothing to draw on or to type in, and a sentence says so."""
        screen, other = os.openpty()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--watch"],
            cwd=course.root,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL if stream == "stdin" else other,
            stdout=subprocess.PIPE if stream == "stdout" else other,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(screen)
        os.close(other)
        assert done.stderr.startswith("ERROR: --watch needs a terminal")
        assert done.returncode == pytest.ExitCode.USAGE_ERROR

    def test_the_folder_renamed(self, course: Course, opens: Opens) -> None:
        """No save can be seen any more, and it leaves with that reason."""
        terminal = opens()
        terminal.shows("0 of 4")
        course.root.rename(course.root.with_name("elsewhere"))
        said = " ".join(terminal.leaves().split())
        assert "was renamed or removed. Go to where it is now. To go on: pytest --watch" in said

    def test_without_what_writes_to_terminals(self, opens: Opens) -> None:
        """Where pytest is told to write nothing, the same is said."""
        terminal = opens("-p", "no:terminal")
        assert "ERROR: --watch needs a terminal" in terminal.leaves()
        assert terminal.status == pytest.ExitCode.USAGE_ERROR

    @pytest.mark.parametrize(
        "option", ["--hint", "--reveal", "--map", "--koans-json=x", "--pdb", "-f"]
    )
    def test_options_for_one_run(self, course: Course, option: str) -> None:
        """What would happen again at every save is for a run of its own, or for a key."""
        result = course.walk("--watch", option)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        name = option.partition("=")[0]
        result.stderr.fnmatch_lines(
            [f"ERROR: --watch goes without {name}: that is for one run"]
        )

    def test_other_tests(self, course: Course) -> None:
        """There is no watch of anything but koans."""
        result = course.walk("--watch", "answers")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: --watch goes with a run of koans alone, *"])

    def test_all_that_is_said_fits(self) -> None:
        """No line is wider than 80 columns."""
        lines = [
            keys.KEY_LINE,
            keys.GETTING_READY,
            keys.NOTHING_TO_RESET,
            *keys.all_keys().splitlines(),
            keys.RUNNING,
            keys.CODE_CHANGED,
        ]
        assert [line for line in lines if len(line) > WIDTH] == []

    def test_a_terminal_that_cannot_redraw(self, course: Course, opens: Opens) -> None:
        """There each screen stands below the last one, without escapes."""
        terminal = opens(TERM="dumb")
        terminal.shows("0 of 4")
        course.fill("6")
        terminal.shows("1 of 4")
        assert "\x1b" not in terminal.text
