"""Debuggers: they stand in the learner's own koan, and nowhere else."""

from __future__ import annotations

import bdb
import os
import subprocess
import sys

import pytest

from sensei.run import trial
from tests.tiny_course import ROOT, Course

#: From 3.13 on pdb stops in the line of breakpoint() itself, and --trace in a docstring.
EARLIER = sys.version_info >= (3, 13)


class TestDebuggers:
    """A debugger stands in the learner's own koan, with its names."""

    def debug(self, course: Course, *arguments: str) -> str:
        """Run pytest, ask its debugger for x and where it is, and let it go on."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--koan-seconds=0.5", *arguments],
            cwd=course.root,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            input="import time; time.sleep(0.7)\np 'x is', x\nc\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == pytest.ExitCode.TESTS_FAILED
        assert "That is 2 more" in done.stdout
        assert "Traceback" not in done.stdout
        return done.stdout

    STOPS = ("breakpoint()", "import pdb; pdb.set_trace()")

    @pytest.mark.parametrize("stop", STOPS)
    def test_a_stop_in_the_koan(self, course: Course, stop: str) -> None:
        """It stops there once, whatever the time limit."""
        course.fill("5")
        course.edit("    assert 2 * x", f"    {stop}\n    assert 2 * x")
        screen = self.debug(course)
        assert screen.count("('x is', 3.0)") == 1
        assert f"> {course.page()}({12 - EARLIER})test_double()" in screen

    def test_pdb(self, course: Course) -> None:
        """It opens in the line that doesn't hold."""
        course.fill("5")
        screen = self.debug(course, "--pdb")
        assert f"> {course.page()}(11)test_double()" in screen
        assert "('x is', 3.0)" in screen

    def test_trace(self, course: Course) -> None:
        """It opens in the first line of the koan."""
        course.fill("5")
        assert f"> {course.page()}({10 - EARLIER})test_double()" in self.debug(
            course, "--trace"
        )

    def test_a_stop_in_a_solved_koan(self, course: Course) -> None:
        """Who writes it wants to stop, also where the koan holds."""
        course.fill("6", "350")
        course.edit("    assert 2 * x", "    breakpoint()\n    assert 2 * x")
        assert self.debug(course).count("('x is', 3.0)") == 1

    def test_no_debugger_at_all(self, course: Course) -> None:
        """Where pytest's own is switched off the walk is what it is."""
        course.fill("5")
        assert "That is 2 more" in course.screen("-p", "no:debugging")

    def test_a_tracer_that_is_no_debugger(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Coverage runs nothing twice; a debugger is told by its kind."""
        ran: list[object] = []

        def run(*trees: object) -> trial.Ended:
            ran.append(trees)
            return trial.Ended(None, None, None, ())

        monkeypatch.setattr("sensei.run.trial.run", run)
        course.fill("5")
        monkeypatch.setattr("sys.gettrace", lambda: lambda *_: None)
        course.walk()
        assert ran == []
        monkeypatch.setattr("sys.gettrace", lambda: bdb.Bdb().trace_dispatch)
        course.walk()
        assert len(ran) == 1
