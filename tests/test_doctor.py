"""`python -m sensei doctor`: each thing it looks at is really broken here once."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from sensei import doctor
from sensei.doctor import AMISS, OK, WITHOUT, Finding
from sensei.run.runner import runner
from sensei.supported import PYTHON, TORCH
from tests.tiny_course import ROOT, Course

INSTALL = "python -m pip install -c constraints.txt -e ."


def said(
    folder: Path, python: str | Path = sys.executable, **variables: str
) -> tuple[int, list[str]]:
    """Run the doctor in a folder, and return its status and the lines that it says."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [python, "-m", "sensei", "doctor"],
        cwd=folder,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def tree(folder: Path) -> set[tuple[Path, float]]:
    """Return all there is in a folder, with the time of its last change."""
    return {(file, file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()}


class TestAsAWhole:
    def test_nothing_amiss(self, course: Course) -> None:
        """All is named that was found, how koans are run, and nothing is changed."""
        before = tree(course.root)
        status, lines = said(course.root, SENSEI_RUN="stay")
        assert status == 0
        assert {line.partition(":")[0] for line in lines[:7]} == {OK}
        for part in (
            "Python 3.",
            "torch 2.",
            "numpy ",
            "pytest 9",
            "pytest-xdist 3",
            "written",
        ):
            assert any(part in line for line in lines), part
        assert f"ok: A koan could be run. {doctor._STAY} SENSEI_RUN=stay has it so." in lines  # noqa: SLF001
        assert lines[-2:] == ["Nothing is amiss. To begin:", "    python -m pytest"]
        assert tree(course.root) == before

    def test_where_nothing_is_installed(self, course: Course, tmp_path: Path) -> None:
        """It says what is missing, and how to install it."""
        venv.create(tmp_path / "bare", symlinks=sys.platform != "win32")
        scripts = "Scripts" if sys.platform == "win32" else "bin"
        status, lines = said(course.root, tmp_path / "bare" / scripts / "python")
        assert status == 1
        missing = "AMISS: This Python has no torch, numpy, pytest, pytest-xdist."
        at = lines.index(f"{missing} To install what is needed:")
        assert lines[at + 1] == f"    {INSTALL}"
        assert lines[-1] == "    python -m sensei doctor"

    def test_a_file_that_hides_a_module(self, course: Course) -> None:
        """It is found although whoever imports that module would end there."""
        (course.root / "random.py").write_text("raise SystemExit('it was imported')\n")
        status, lines = said(course.root)
        assert status == 1
        hides = "AMISS: random.py in this folder hides Python's own random."
        assert f"{hides} Give it another name:" in lines

    def test_elsewhere(self, tmp_path: Path) -> None:
        """It says where to go."""
        status, lines = said(tmp_path)
        assert status == 1
        assert f'    cd "{ROOT}"' in lines


class TestVersions:
    def test_an_older_python(self) -> None:
        """It is told which one to take, and can read all that tells it so."""
        found = doctor.of_python((3, 9, 18))
        assert found.how == AMISS
        assert f"needs {PYTHON[0]} or newer" in found.told
        for name in ("__init__", "__main__", "blank", "doctor", "supported"):
            text = (ROOT / "sensei" / f"{name}.py").read_text("utf-8")
            ast.parse(text, feature_version=(3, 8))

    def test_a_newer_python(self) -> None:
        """It may do."""
        found = doctor.of_python((3, 99, 0))
        assert found.how == OK
        assert f"newer than what was tried, {PYTHON[0]} to {PYTHON[1]}, and may" in found.told

    @pytest.mark.parametrize(
        ("there", "how", "told"),
        [
            ("2.3.1+cpu", AMISS, "torch 2.3.1+cpu is too old: the path needs 2.4 or newer."),
            ("2.4.1", OK, "torch 2.4.1."),
            ("2.14.1+cu130", OK, "torch 2.14.1+cu130."),
            ("2.15.0a0", OK, "torch 2.15.0a0. That is newer than what was tried, 2.4 to 2.14"),
        ],
    )
    def test_a_package(self, there: str, how: str, told: str) -> None:
        """Too old is amiss; newer is said."""
        found = doctor.of_package("torch", there, *("2.4", "2.14"))
        assert found.how == how
        assert found.told.startswith(told)
        assert found.to_type == (() if how == OK else ('python -m pip install "torch>=2.4"',))

    def test_what_was_tried(self) -> None:
        """It is read where it is written down: of every package."""
        assert doctor.oldest_in(ROOT, "torch") == TORCH[0]
        for name in ("numpy", "pytest", "pytest-xdist"):
            assert doctor.oldest_in(ROOT, name) != "0"
            assert doctor.newest_in(ROOT, name).count(".") == 2


class TestWhatToType:
    def test_an_environment_that_is_not_active(self, tmp_path: Path) -> None:
        """To step into it comes first."""
        (tmp_path / ".venv").mkdir()
        first, last = doctor.to_install(tmp_path)
        assert "activate" in first
        assert last == INSTALL

    def test_outside_of_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """One is made, unless torch is there already, which then stays as it is."""
        monkeypatch.setattr(sys, "prefix", sys.base_prefix)
        monkeypatch.delenv("CONDA_PREFIX", raising=False)
        assert list(doctor.to_install(tmp_path)) == ["python -m pip install -e ."]
        monkeypatch.setattr("sensei.environment.version", lambda _name: None)
        assert "-m venv .venv" in next(doctor.to_install(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither")
class TestWriting:
    def test_a_full_disk(self, course: Course) -> None:
        """Nothing can be written, and nothing is left."""
        import resource  # noqa: PLC0415 - Windows has none

        before = set(course.root.iterdir())
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        try:
            found = doctor.of_writing(course.root)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert found.how == AMISS
        assert "cannot be written: files may not grow so large here" in found.told
        assert set(course.root.iterdir()) == before
        assert doctor.of_writing(course.root).how == OK

    def test_a_chapter_that_is_read_only(self, course: Course) -> None:
        """It is named, with what makes it writable."""
        course.page().chmod(0o444)
        found = doctor.of_writing(course.root)
        assert f"koans/{course.page().name} cannot be written: it is read-only" in found.told
        assert found.to_type == ("chmod -R u+w .",)


def test_a_torch_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what Python says; only a run can tell."""
    (tmp_path / "torch.py").write_text("raise OSError('Error loading c10.dll')\n")
    monkeypatch.syspath_prepend(tmp_path)
    runner.stop()  # it has torch already
    found = doctor.of_running()
    assert found.how == AMISS
    assert found.told.endswith("Python says: OSError: Error loading c10.dll")
    assert found.to_type[-1] == "python -m pip install --force-reinstall torch"


class TestPictures:
    def test_without_the_package(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It can be done without."""
        monkeypatch.setitem(sys.modules, "graphviz", None)
        found = doctor.of_pictures()
        assert found.how == WITHOUT
        assert found.to_type == ('python -m pip install -c constraints.txt -e ".[graph]"',)

    def test_without_the_program(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So can this."""
        monkeypatch.setenv("PATH", "")
        found = doctor.of_pictures()
        assert found.how == WITHOUT
        assert "program dot is not there" in found.told
        assert " install " in found.to_type[0].lower()

    @pytest.mark.skipif(sys.platform == "win32", reason="a program is more than a script there")
    def test_with_both(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Something is drawn to find out."""
        (tmp_path / "dot").write_text("#!/bin/sh\necho drawn\n")
        (tmp_path / "dot").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert doctor.of_pictures() == Finding(OK, "Graphviz draws pictures of graphs.")
