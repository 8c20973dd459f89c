"""The wall around what others wrote: tried from within, each part of it alone."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sensei.judge.judge import sheet_trial
from sensei.koan.path import read_path
from sensei.koan.source import Part
from sensei.run.outcome import Trial
from sensei.run.runner import Runner
from tests.tiny_course import ROOT

#: What somebody who got out of the language would try.
ATTEMPTS = {
    "write": "open('new', 'w')",
    "cut": "open('there', 'r+').truncate(0)",
    "cut by name": "os.truncate('there', 0)",
    "read": "open('there').read()",
    "remove": "os.remove('there')",
    "rename": "os.rename('there', 'new')",
    "make a folder": "os.mkdir('new')",
    "start a program": "subprocess.run([sys.executable, '-c', 'open(\"new\", \"w\")'])",
    "a shell": "os.system('touch new') == 0 or 1 / 0",
    "connect": "socket.create_connection(('127.0.0.1', port), 1)",
}
#: What only the kernel sees: no code of Python's opens these. And what they need.
IN_C = {
    "cut by torch": ("torch._C.PyTorchFileWriter('there')", "torch"),
    "list": ("os.listdir('.')", "os"),
}
_TRIED = """\
import os, socket, subprocess, sys
import {imported}
from sensei.run import wall
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
wall.{part}
try:
    {attempt}
except (OSError, RuntimeError, ZeroDivisionError) as error:
    print("refused:", error)
else:
    print("done")
import wave
print("imported", open(os.devnull, "w").write("x"))
"""
_KERNEL = "_close_by_kernel(wall._rules(wall._readable()))"
_PYTHON = "_close_in_python(wall._readable())"


def _knows_landlock() -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    return int(libc.syscall(444, None, ctypes.c_size_t(0), 1)) >= 4


with_kernel = pytest.mark.skipif(
    not _knows_landlock(), reason="this kernel has no Landlock, or an old one"
)


def _tried(folder: Path, part: str, attempt: str, imported: str = "os") -> str:
    """Return what comes of an attempt behind a part of the wall; nothing must be touched."""
    (folder / "there").write_text("kept")
    code = _TRIED.format(part=part, attempt=attempt, imported=imported)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert [file.name for file in folder.iterdir()] == ["there"]
    assert (folder / "there").read_text() == "kept"
    # What a koan needs is there as before.
    assert done.stdout.endswith("imported 1\n"), done.stderr
    return done.stdout


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_python_keeps_it(tmp_path: Path, attempt: str) -> None:
    """Where the kernel has no wall, Python does what it can."""
    assert _tried(tmp_path, _PYTHON, attempt).startswith("refused")


@with_kernel
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_the_kernel_keeps_it(tmp_path: Path, attempt: str) -> None:
    """It does so alone, whatever Python was talked into."""
    assert _tried(tmp_path, _KERNEL, attempt).startswith("refused")


@with_kernel
@pytest.mark.parametrize(("attempt", "needs"), IN_C.values(), ids=IN_C)
def test_what_python_does_not_see(tmp_path: Path, attempt: str, needs: str) -> None:
    """Libraries in C open files by themselves; the kernel sees it."""
    assert _tried(tmp_path, _KERNEL, attempt, needs).startswith("refused")


KOAN = """\
def test_write():
    open("new", "w").close()
"""


@pytest.mark.parametrize("way", ["fork", "stay"])
@pytest.mark.parametrize("around", ["wall", "nothing"])
def test_koans_run_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, around: str
) -> None:
    """A runner is asked for it; a learner's own koans do as they like."""
    monkeypatch.setenv("SENSEI_RUN", way)
    runner = Runner()
    trial = Trial("", Part("test_write", 1, KOAN), folder=str(tmp_path))
    try:
        with runner.koan(with_torch=False, walled=around == "wall") as run:
            outcome = run(trial)
    finally:
        runner.stop()
    assert outcome.held is (around == "nothing")
    assert (tmp_path / "new").exists() is (around == "nothing")
    if outcome.error:
        assert outcome.error.is_a("PermissionError")


def test_every_answer_holds_behind_it() -> None:
    """Whatever torch asks of the machine when it computes something for the first time."""
    behind, chapters = Runner(), read_path(ROOT / "koans", ROOT / "answers")
    kept_from = []
    for koan in (koan for chapter in chapters for koan in chapter.koans):
        assert koan.sheet is not None
        with behind.koan(walled=True) as run:
            outcome = run(sheet_trial(koan.sheet, [None] * len(koan.sheet.markers), 10.0))
        if not outcome.held:
            kept_from.append((koan.name, outcome.error))
    behind.stop()
    assert not kept_from
