"""Whatever is typed, and wherever: which project a run is about, and what becomes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.tiny_course import CODE, ROOT, Course

WALKED = "Autograd koans"
WHOLE = "0 of 4, chapter 1 of 2"


class Ran(NamedTuple):
    """What a run of pytest showed, and its status."""

    screen: str
    status: int


Run = Callable[..., Ran]


@pytest.fixture(params=[True, False], ids=["installed", "not installed"])
def is_installed(request: pytest.FixtureRequest) -> bool:
    """Whether pytest knows the plugin by itself, or by a conftest.py alone."""
    return bool(request.param)


@pytest.fixture
def entry_point(tmp_path: Path) -> Path:
    """Give a folder that makes an installation of what is on Python's path beside it."""
    installed = tmp_path / "site" / "autograd_koans-0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: autograd-koans\nVersion: 0\n")
    (installed / "entry_points.txt").write_text("[pytest11]\nsensei.plugin = sensei.plugin\n")
    return installed.parent


def in_process(
    folder: Path, arguments: Sequence[str], places: Sequence[Path], **variables: str
) -> Ran:
    """Run pytest in a process of its own, in a folder, with some places on Python's path."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys, pytest; sys.exit(pytest.main())", *arguments],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(map(str, places)), "PYTHONSAFEPATH": "1"}
        | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran((done.stdout + done.stderr).strip("\n"), done.returncode)


@pytest.fixture
def run(course: Course, entry_point: Path, *, is_installed: bool) -> Run:
    """Give a function that runs pytest in a folder."""

    def in_folder(*arguments: str, folder: Path = course.root) -> Ran:
        if is_installed:
            return in_process(folder, arguments, [ROOT, entry_point])
        return in_process(folder, arguments, [ROOT], PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    return in_folder


def memory(course: Course) -> Path:
    """Return the file in which the project remembers what was solved."""
    return course.root / ".pytest_cache" / "v" / "sensei" / "memory"


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder beside the project."""
    return tmp_path_factory.mktemp("elsewhere")


class TestTheWholePath:
    """What means the whole path."""

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["."],
            ["koans"],
            ["--rootdir=/"],
            ["--rootdir=koans"],
            ["-c", os.devnull],
            ["-c", os.devnull, "."],
            ["--import-mode=prepend"],
        ],
        ids=" ".join,
    )
    def test_from_the_folder(self, run: Run, course: Course, arguments: list[str]) -> None:
        """The path is walked whatever pytest takes for its root; nothing else runs."""
        tests = course.root / "tests"
        tests.mkdir()
        (tests / "test_mine.py").write_text("def test_mine(): open('ran', 'w')")
        ran = run(*arguments)
        assert WALKED in ran.screen
        assert WHOLE in ran.screen
        assert ran.status == pytest.ExitCode.TESTS_FAILED
        assert not (course.root / "ran").exists()

    @pytest.mark.parametrize("name", ["pytest.ini", "tox.ini", "pytest.toml"])
    @pytest.mark.parametrize("arguments", [[], ["."], ["koans"]], ids=str)
    def test_with_another_ini_file(
        self, run: Run, course: Course, name: str, arguments: list[str]
    ) -> None:
        """An ini file in the folder, even an empty one, changes nothing."""
        (course.root / name).write_text("[pytest]\n" if name == "tox.ini" else "")
        assert WHOLE in run(*arguments).screen

    def test_from_elsewhere(self, run: Run, course: Course, elsewhere: Path) -> None:
        """The project is found by the path that is given."""
        assert WHOLE in run(str(course.root), folder=elsewhere).screen
        assert WHOLE in run(str(course.root / "koans"), folder=elsewhere).screen
        assert "0 of 2\n" in run(str(course.page(CODE)), folder=elsewhere).screen

    def test_from_within(self, run: Run, course: Course) -> None:
        """In koans/ it is the same walk, and so are its files."""
        assert WHOLE in run(folder=course.root / "koans").screen
        assert "0 of 2\n" in run(CODE, folder=course.root / "koans").screen

    @pytest.mark.parametrize(
        "arguments", [[], ["-c", os.devnull], ["--rootdir=/"]], ids=" ".join
    )
    def test_what_is_remembered(
        self, run: Run, course: Course, elsewhere: Path, arguments: list[str]
    ) -> None:
        """It lies in the project, wherever pytest is started and whatever its root is."""
        run(str(course.root), *arguments, folder=elsewhere)
        assert memory(course).exists()


class TestOtherRuns:
    """What is no walk."""

    def test_tests_and_answers_run_when_named(self, run: Run, course: Course) -> None:
        """They are pytest's own runs."""
        (course.root / "tests").mkdir()
        (course.root / "tests" / "test_mine.py").write_text("def test_mine(): pass")
        assert "1 passed" in run("tests").screen
        assert "4 passed" in run("answers").screen

    def test_the_folder_beside_tests(self, run: Run, course: Course) -> None:
        """Beside something else, the folder itself stands for its koans."""
        (course.root / "tests").mkdir()
        (course.root / "tests" / "test_mine.py").write_text("def test_mine(): pass")
        assert "4 failed, 1 passed" in run(".", "tests").screen

    def test_another_project(self, entry_point: Path, elsewhere: Path) -> None:
        """Installed, it says nothing and adds nothing in runs of other projects."""
        (elsewhere / "koans").mkdir()
        (elsewhere / "koans" / "test_01_zen.py").write_text("def test_it(): pass")
        (elsewhere / "conftest.py").write_text(
            "import sys\n"
            "def pytest_addoption(parser):\n"
            "    parser.addoption('--hint'), parser.addoption('--map')\n"
            "def pytest_unconfigure():\n"
            "    print(sorted(name for name in sys.modules if name.startswith('sensei')))\n"
        )
        ran = in_process(elsewhere, ["--hint=x"], [ROOT, entry_point])
        assert "1 passed" in ran.screen
        light = ["blank", "options", "plugin", "private", "project", "reading"]
        assert str(["sensei", *(f"sensei.{name}" for name in light)]) in ran.screen


class TestValuesAfterASpace:
    """What follows an option is its value, and no path to be looked into."""

    @pytest.fixture
    def run(self, course: Course, entry_point: Path) -> Run:
        """Give a function that runs pytest in the project, where it is installed."""
        return lambda *arguments: in_process(course.root, arguments, [ROOT, entry_point])

    @pytest.fixture
    def trap(self, course: Course) -> Iterator[str]:
        """Give a folder in which a conftest.py waits to be imported."""
        for folder in ("subs", "subs/test_one"):
            (course.root / folder).mkdir()
            (course.root / folder / "conftest.py").write_text("open('imported', 'w')")
        yield "subs"
        assert not (course.root / "imported").exists()

    @pytest.mark.parametrize("option", ["--reset", "--graph"])
    def test_a_folder_is_not_imported(self, run: Run, trap: str, option: str) -> None:
        """A folder that is called like what is typed is not looked into."""
        assert run(option, trap).status == pytest.ExitCode.USAGE_ERROR

    @pytest.mark.parametrize(
        ("option", "name"), [("--koans-json", "state.json"), ("--graph", "graph.dot")]
    )
    def test_a_file_changes_no_root(
        self, run: Run, course: Course, elsewhere: Path, option: str, name: str
    ) -> None:
        """A file that lies elsewhere leaves the memory in the project."""
        (elsewhere / name).touch()
        assert WALKED in run(option, str(elsewhere / name)).screen
        assert memory(course).exists()


class TestTwoClones:
    """Two clones in one environment, of which one is installed."""

    @pytest.fixture
    def clones(self, course: Course, tmp_path: Path) -> tuple[Path, Path]:
        """Give two clones, each with a sensei that says which one it is."""
        clones = tmp_path / "first", tmp_path / "second"
        names = ("koans", "answers", "conftest.py", "pyproject.toml")
        for clone in clones:
            clone.mkdir()
            for name in names:
                copy = shutil.copytree if (course.root / name).is_dir() else shutil.copy
                copy(course.root / name, clone / name)
            unneeded = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / "sensei", clone / "sensei", ignore=unneeded)
            with (clone / "sensei" / "screen" / "walk.py").open("a") as file:
                file.write(f"\nprint('This is the {clone.name} one.')\n")
        return clones

    @pytest.mark.parametrize("number", [0, 1])
    @pytest.mark.parametrize(
        "arguments", [[], ["."], ["-c", os.devnull], ["--rootdir=/"]], ids=" ".join
    )
    def test_a_run_is_about_the_one_it_is_started_in(
        self, clones: tuple[Path, Path], entry_point: Path, number: int, arguments: list[str]
    ) -> None:
        """With that clone's own sensei, whichever is installed."""
        ran = in_process(clones[number], arguments, [clones[0], entry_point])
        assert f"This is the {clones[number].name} one." in ran.screen
        assert f"This is the {clones[1 - number].name} one." not in ran.screen
        assert WHOLE in ran.screen

    def test_with_workers(self, clones: tuple[Path, Path], entry_point: Path) -> None:
        """Workers find the right one, too."""
        (clones[1] / "tests").mkdir()
        (clones[1] / "tests" / "test_mine.py").write_text(
            "import sys\n"
            "def test_mine(): assert 'second' in sys.modules['sensei.plugin'].__file__\n"
        )
        ran = in_process(clones[1], ["tests", "-n1"], [clones[0], entry_point])
        assert "1 passed" in ran.screen

    def test_a_path_into_the_other_one(
        self, clones: tuple[Path, Path], entry_point: Path
    ) -> None:
        """From one of them the other isn't run; where to go is said."""
        first, second = clones
        ran = in_process(first, [str(second)], [first, entry_point])
        assert ran.status == pytest.ExitCode.USAGE_ERROR
        assert f"ERROR: {second} has a sensei of its own" in ran.screen
        assert f"Go there and run pytest there: cd {second}" in ran.screen

    def test_from_elsewhere(
        self, clones: tuple[Path, Path], entry_point: Path, elsewhere: Path
    ) -> None:
        """A path into one of them is enough, or what keeps it from being so is said."""
        first, second = clones
        ran = in_process(elsewhere, [str(second)], [first, entry_point])
        # Before pytest 8.4 plugins are loaded before `pythonpath` counts.
        assert "This is the second one." in ran.screen or pytest.version_tuple < (8, 4)
        assert WHOLE in ran.screen or "has a sensei of its own" in ran.screen
        ran = in_process(elsewhere, ["-c", os.devnull, str(second)], [first, entry_point])
        assert ran.status == pytest.ExitCode.USAGE_ERROR
        assert "has a sensei of its own" in ran.screen


class TestWithoutThePlugin:
    """Where pytest can't load it, a blank says why."""

    @pytest.fixture
    def run(self, course: Course, tmp_path: Path) -> Run:
        """Give a function that runs pytest in the project, where it is not installed."""
        (tmp_path / "torch.py").write_text("tensor = float")
        return lambda *arguments: in_process(
            course.root, arguments, [tmp_path, ROOT], PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"
        )

    @pytest.mark.parametrize("name", ["pytest.ini", ".pytest.ini", "tox.ini"])
    def test_an_ini_file_in_koans(self, run: Run, course: Course, name: str) -> None:
        """It makes pytest pass by the project's conftest.py, and is named."""
        ini = course.root / "koans" / name
        ini.write_text("[pytest]\n")
        screen = run("koans").screen
        assert f"{ini} keeps pytest from reading it. Delete or move that file." in screen
        assert f"Then go to {course.root} and type: pytest" in screen
        ini.unlink()
        assert WHOLE in run("koans").screen

    def test_no_conftest(self, run: Run) -> None:
        """Where no file is to blame, none is named."""
        screen = run("--noconftest", "koans").screen
        assert "pytest has not loaded the path's plugin" in screen
        assert "keeps pytest from reading" not in screen
