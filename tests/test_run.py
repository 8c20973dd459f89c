"""What a learner's code can do to the process that runs it, and what is told of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensei.koan.source import Part
from sensei.run.outcome import End, Outcome, Trial
from sensei.run.runner import OUTPUT, Runner, way
from sensei.run.wire import MalformedError, decode, encode, pack, unpack
from tests.tiny_course import ROOT

IS_LINUX = sys.platform == "linux"
#: The way that koans run in here; SENSEI_RUN=stay tries the other one on Linux, too.
WAYS = [way()]


@pytest.fixture(scope="module", params=WAYS)
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Give a runner for each way in which koans are run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENSEI_RUN", request.param)
        made = Runner()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def forking() -> Iterator[Runner]:
    """Give a runner that has a child for each koan."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENSEI_RUN", "fork")
        made = Runner()
        yield made
        made.stop()


def trial(body: str, seconds: float = 10.0, **more: object) -> Trial:
    """Ask for a koan with this body."""
    text = f"def test_it():\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
    made = Trial("import os\nimport torch\n", Part("test_it", 1, text), file="f.py")
    return made._replace(seconds=seconds, aloud=True, **more)  # type: ignore[arg-type]


def run(runner: Runner, body: str, seconds: float = 10.0) -> Outcome:
    """Run a koan with this body."""
    with runner.koan() as run:
        return run(trial(body, seconds))


class TestHowItEnds:
    def test_it_holds(self, runner: Runner) -> None:
        """There is nothing more to say."""
        assert run(runner, "assert torch.tensor(1.0) == 1") == Outcome(End.HELD)

    def test_it_raises(self, runner: Runner) -> None:
        """The type, the message and the line of what was raised are known."""
        outcome = run(runner, "x = 1\nraise ValueError('no')")
        assert outcome.end is End.RAISED
        assert outcome.error is not None
        assert outcome.error.is_a("ValueError")
        assert outcome.error.message == "no"
        assert outcome.line == 3

    @pytest.mark.parametrize(
        "body",
        [
            "assert x == 2",
            "raise AssertionError",
            "def check(): assert x == 2\ncheck()",
            "torch.testing.assert_close(x, x + 1)",
            "np.testing.assert_allclose(x, 2)",
            "with pytest.raises(ValueError): x + 1",
        ],
    )
    def test_an_assertion_fails(self, runner: Runner, body: str) -> None:
        """The koan's own, or one that it calls for that."""
        head = "import numpy as np\nimport pytest\nx = torch.tensor(1.0)\n"
        outcome = run(runner, head + body)
        assert outcome.end is End.FAILED
        assert outcome.asserted
        assert outcome.error is not None

    @pytest.mark.parametrize(
        "body", ["torch._assert(x == 2, 'no')", "unittest.mock.Mock().assert_called()"]
    )
    def test_a_check_of_a_library_fails(self, runner: Runner, body: str) -> None:
        """That is an error, though an AssertionError is raised."""
        outcome = run(runner, f"import unittest.mock\nx = torch.tensor(1.0)\n{body}")
        assert outcome.end is End.RAISED
        assert not outcome.asserted
        assert outcome.error is not None
        assert outcome.error.is_a("AssertionError")

    @pytest.mark.parametrize("body", ["return", "yield", "x = (yield)\nassert x"])
    def test_it_is_left_early(self, runner: Runner, body: str) -> None:
        """A koan that is left before its last line has shown nothing."""
        assert run(runner, body).end is End.NOT_REACHED

    @pytest.mark.parametrize(
        "body", ["exit()", "os._exit(0)", "raise KeyboardInterrupt", "raise SystemExit"]
    )
    def test_it_wants_to_leave(self, runner: Runner, body: str) -> None:
        """Whoever leaves Python in a koan leaves the koan."""
        assert run(runner, body).end is End.RAISED

    @pytest.mark.parametrize(
        "body",
        [
            "while True: pass",
            "import time; time.sleep(60)",
            "while True:\n    try: torch.ones(1)\n    except Exception: pass",
        ],
        ids=["busy", "asleep", "catching"],
    )
    def test_it_has_no_end(self, runner: Runner, body: str) -> None:
        """It is stopped, and the line is known."""
        outcome = run(runner, body, 0.3)
        assert outcome.end is End.ENDLESS
        assert outcome.line in {2, 3, 4}

    @pytest.mark.parametrize(
        "body",
        [
            "sum(iter(int, 1))",
            "import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        ],
        ids=["in C", "deaf", "catching everything"],
    )
    def test_it_hears_no_signal(self, runner: Runner, body: str) -> None:
        """The process is ended, and the line is known all the same."""
        outcome = run(runner, body, 0.2)
        assert outcome.end is End.ENDLESS
        assert outcome.line is not None

    @pytest.mark.skipif(not IS_LINUX, reason="memory is limited on Linux only")
    @pytest.mark.parametrize("body", ["x = bytearray(2**32)", "x = torch.ones(2**29)"])
    def test_it_takes_all_memory(self, forking: Runner, body: str) -> None:
        """It gets a gigabyte, and no more."""
        assert run(forking, body).end is End.OUT_OF_MEMORY

    @pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ("os.kill(os.getpid(), 9)", "Killed"),
            ("os.abort()", "Aborted"),
            ("import ctypes; ctypes.string_at(0)", "Segmentation fault"),
        ],
    )
    def test_it_kills_its_process(self, runner: Runner, body: str, told: str) -> None:
        """The signal is told, and the next koan runs as ever."""
        assert run(runner, body) == Outcome(End.DIED, detail=told)
        assert run(runner, "pass").held

    @pytest.mark.parametrize(
        "body",
        [
            "import sys; sys.modules.clear()",
            "__builtins__.clear()",
            "for i in range(20):\n    try: os.close(i)\n    except OSError: pass",
            "for i in range(20):\n    try: os.write(i, b'x' * 99)\n    except OSError: pass",
        ],
        ids=["modules", "builtins", "files", "pipes"],
    )
    def test_it_breaks_what_runs_it(self, runner: Runner, body: str) -> None:
        """The next koan runs as ever."""
        assert not run(runner, body, 1.0).held
        assert run(runner, "pass").held

    @pytest.mark.skipif(sys.platform == "win32", reason="files have other numbers there")
    @pytest.mark.parametrize("data", ["b'x' * 99", "bytes([0, 0, 0, 2]) + b'{}'"])
    def test_it_writes_into_a_pipe_of_ours(self, runner: Runner, data: str) -> None:
        """That is no outcome, and what is said of it is so."""
        body = f"""
            for i in range(3, 30):
                try: os.write(i, {data})
                except OSError: pass
        """
        outcome = run(runner, body)
        assert (outcome.end, outcome.detail) == (End.DIED, "it wrote into a pipe of pytest's")

    @pytest.mark.parametrize(
        "error",
        [
            "class E(Exception):\n    def __str__(self): raise SystemExit",
            "class E(Exception):\n    __str__ = None",
            "class E(Exception):\n    __class__ = property(lambda self: 1 / 0)",
            "class M(type):\n    __getattribute__ = None\nclass E(Exception, metaclass=M): 0",
        ],
        ids=["leaving", "no text", "no class", "no names"],
    )
    def test_it_raises_what_cannot_be_looked_at(self, runner: Runner, error: str) -> None:
        """As much of it is told as there is."""
        outcome = run(runner, f"{error}\nraise E")
        assert outcome.end is End.RAISED
        assert outcome.error is not None
        assert outcome.error.type.name in {"E", "Exception"}

    def test_it_leaves_no_words_of_ours(self, runner: Runner) -> None:
        """Where it breaks what runs it, no traceback through that is shown."""
        assert run(runner, "__builtins__.clear()").printed == ""

    def test_it_closes_its_output(self, runner: Runner) -> None:
        """That is its own business."""
        assert run(runner, "import sys; sys.stdout.close()").held
        assert run(runner, "print('here')").printed == "here\n"


class TestWhatIsPrinted:
    def test_each_koans_own(self, runner: Runner) -> None:
        """What is printed is known, both streams in their order, once."""
        outcome = run(runner, "import sys\nprint('a')\nprint('b', file=sys.stderr)\nassert 0")
        assert outcome.printed == "a\nb\n"
        assert run(runner, "pass").printed == ""

    def test_by_a_process_of_its_own(self, runner: Runner) -> None:
        """What another program prints is there, too."""
        assert run(runner, "os.system('echo here')").printed == "here\n"

    def test_without_being_asked(self, runner: Runner) -> None:
        """A quiet trial prints nothing."""
        with runner.koan() as run_one:
            outcome = run_one(trial("print('a'); os.system('echo b')")._replace(aloud=False))
        assert outcome.printed == ""

    def test_a_flood(self, runner: Runner) -> None:
        """Its end is kept, and nobody waits for the rest."""
        outcome = run(runner, "for n in range(300): print('x' * 10**5)\nprint('the end')")
        assert outcome.held
        assert outcome.printed.endswith("x\nthe end\n")
        assert len(outcome.printed) <= OUTPUT

    def test_before_it_died(self, runner: Runner) -> None:
        """What was printed until then helps to find out why."""
        assert run(runner, "print('here', flush=True)\nos.abort()").printed == "here\n"


#: What a koan may change.
CHANGES = [
    "torch.Tensor.__eq__ = lambda s, o: True",
    "torch.Tensor.backward = lambda s: None",
    "import builtins; builtins.abs = lambda x: x",
    "torch.ones = torch.zeros",
    "torch.nn.Module.__call__ = None",
    "import math; math.pi = 3.0; import sys; sys.modules['numpy'] = None",
    "os.environ.clear()",
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "import sys; sys.setrecursionlimit(200)",
    "import sys; sys.settrace(lambda *a: None)",
    "import gc; gc.disable()",
    "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
]


class TestOneAfterTheOther:
    @pytest.mark.skipif(not IS_LINUX, reason="elsewhere no koan has a child of its own")
    @pytest.mark.parametrize("body", CHANGES)
    def test_what_a_koan_changes_is_gone(self, forking: Runner, body: str) -> None:
        """The same holds for the trials of one koan."""
        self.check_that_it_is_gone(forking, body)

    # A change is found in the same way in both; where koans stay, it costs another server.
    @pytest.mark.parametrize("body", CHANGES[::4])
    def test_it_is_gone_elsewhere(self, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
        """Also where koans have no child of their own."""
        monkeypatch.setenv("SENSEI_RUN", "stay")
        runner = Runner()
        self.check_that_it_is_gone(runner, body)
        runner.stop()

    def check_that_it_is_gone(self, runner: Runner, body: str) -> None:
        """Change something, and look whether the next trial and the next koan see it."""
        check = """
            x = torch.ones(2, requires_grad=True)
            torch.nn.Linear(2, 1, bias=False)(x).sum().backward()
            assert x.grad is not None and abs(-1) == 1
            import gc, math, signal, sys, numpy
            assert os.environ and math.pi > 3 and gc.isenabled() and not sys.gettrace()
            assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
            assert sys.getrecursionlimit() > 200 and open(os.devnull)
            files = [open(os.devnull) for _ in range(20)]
            assert not bool(torch.tensor(1.0) == 2.0)
        """
        with runner.koan() as run_one:
            assert run_one(trial(body)).spoiled
            assert run_one(trial(check)).held
        assert run(runner, check).held

    def test_a_thread_that_goes_on(self, runner: Runner) -> None:
        """It does not outlast its koan."""
        body = "import threading, time; threading.Thread(target=time.sleep, args=[60]).start()"
        begin = time.monotonic()
        assert run(runner, body).spoiled
        assert run(runner, "import threading\nassert threading.active_count() == 1").held
        assert time.monotonic() - begin < 30

    @pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
    def test_an_optimizer_changes_nothing(self, runner: Runner, name: str) -> None:
        """Its class is what the first optimizer of a process leaves, before any koan runs."""
        body = f"torch.optim.{name}([torch.ones(1, requires_grad=True)], lr=0.5).step()"
        outcome = run(runner, body)
        assert outcome.held
        assert not outcome.spoiled

    def test_a_fork(self, runner: Runner) -> None:
        """Only one of the two answers."""
        assert run(runner, "os.fork()" if hasattr(os, "fork") else "pass").held
        assert run(runner, "pass").held

    @pytest.mark.skipif(not IS_LINUX, reason="only Linux tells whose children they were")
    def test_nothing_that_was_started_goes_on(self, forking: Runner, tmp_path: Path) -> None:
        """Not even a grandchild in a session of its own that hears no signal."""
        note = tmp_path / "pid"
        program = f"trap '' TERM; echo $$ > {note}; sleep 1000"
        body = f"""
            import subprocess, time
            subprocess.Popen(["setsid", "sh", "-c", {program!r}])
            while not os.path.exists({str(note)!r}): time.sleep(0.01)
        """
        assert run(forking, body).held
        pid = int(note.read_text())
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    def test_some_share_a_process(self, forking: Runner) -> None:
        """Koans that change nothing, until one does or asks for a process of its own."""

        def process(*, shared: bool, more: str = "") -> int:
            body = f"{more}\nraise ValueError(os.getpid())"
            with forking.koan(shared=shared) as run_one:
                error = run_one(trial(body)).error
            assert error is not None
            return int(error.message)

        first = process(shared=True)
        assert process(shared=True) == first
        alone = process(shared=False)
        second = process(shared=True, more="torch.Tensor.mine = 1")
        third = process(shared=True)
        assert len({first, alone, second, third}) == 4

    def test_the_folder(self, runner: Runner, tmp_path: Path) -> None:
        """A koan runs where it is asked to."""
        with runner.koan() as run_one:
            asked = trial(f"assert os.getcwd() == {str(tmp_path)!r}")
            assert run_one(asked._replace(folder=str(tmp_path))).held


class TestWhatIsLeft:
    @pytest.mark.skipif(not IS_LINUX, reason="only Linux tells whose children they were")
    @pytest.mark.parametrize("line", ["while True: pass", "sum(iter(int, 1))"])
    def test_no_process_of_a_killed_run(self, tmp_path: Path, line: str) -> None:
        """What a koan has started ends, too, and so does the koan, whatever it is doing."""
        note = tmp_path / "pids"
        body = f"""
            import subprocess
            other = subprocess.Popen(["setsid", "sleep", "1000"])
            with open({str(note)!r}, "w") as note:
                print(os.getppid(), os.getpid(), other.pid, file=note)
            {line}
        """
        asked = f"from tests.test_run import Runner, run; run(Runner(), {body!r}, 60.0)"
        process = subprocess.Popen(
            [sys.executable, "-c", asked], cwd=ROOT, env=os.environ | {"SENSEI_RUN": "fork"}
        )
        while not (note.exists() and note.read_text().endswith("\n")):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
        process.wait()
        pids = [int(pid) for pid in note.read_text().split()]
        until = time.monotonic() + 5
        while any(map(is_there, pids)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(map(is_there, pids))

    @pytest.mark.skipif(not IS_LINUX, reason="only Linux lists the open files of a process")
    def test_no_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A run that is killed leaves no file behind, since none is made."""
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        monkeypatch.setattr("tempfile.tempdir", None)
        made = Runner()
        assert run(made, "sum(iter(int, 1))", 0.1).end is End.ENDLESS
        assert list(tmp_path.iterdir()) == []
        made.stop()


def is_there(pid: int) -> bool:
    """Whether a process runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class TestWhoeverWaits:
    @pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
    def test_is_interrupted(self, runner: Runner) -> None:
        """Ctrl-C ends the koan at once."""
        begin = time.monotonic()
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        run(runner, "pass")
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt), runner.koan() as run_one:
            run_one(trial("sum(iter(int, 1))", 60.0))
        assert time.monotonic() - begin < 20
        assert run(runner, "pass").held

    def test_does_something_else(self, runner: Runner) -> None:
        """What is done meanwhile can end the koan."""

        class EnoughError(Exception):
            """Somebody has waited long enough."""

        def enough() -> None:
            raise EnoughError

        run(runner, "pass")
        runner.meanwhile = enough
        with pytest.raises(EnoughError), runner.koan() as run_one:
            run_one(trial("while True: pass", 60.0))
        runner.meanwhile = lambda: None
        assert run(runner, "pass").held


class TestTheWire:
    def test_plain_data_comes_back(self) -> None:
        """Whatever is told arrives as it was."""
        for data in (trial("pass"), Outcome(End.HELD, leaked=("a",)), {1: (2.5, [None, "é"])}):
            sent = pack(data)
            rest = [sent[:4], sent[4:]]
            assert unpack(lambda _: rest.pop(0)) == data  # noqa: B023 - called at once

    def test_nothing_else_crosses(self) -> None:
        """An object of another class is not told."""
        with pytest.raises(TypeError):
            encode(object())

    @pytest.mark.parametrize(
        "data",
        [{"class": "os.system", "fields": []}, {"class": "End", "fields": "x"}, {"a": 1}],
    )
    def test_what_nobody_has_sent(self, data: object) -> None:
        """It is malformed, and nothing of it is made."""
        with pytest.raises(MalformedError):
            decode(data)

    @pytest.mark.parametrize("frame", [b"\xff\xff\xff\xff", b"\0\0\0\x02no"])
    def test_what_is_no_frame(self, frame: bytes) -> None:
        """Neither is a length beyond all bounds, or what is no JSON."""
        rest = [frame[:4], frame[4:]]
        with pytest.raises(MalformedError):
            unpack(lambda _: rest.pop(0))
