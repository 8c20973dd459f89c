"""A koan that is remembered to hold: nothing tells it from one that ran; when it runs again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from sensei import environment
from tests.tiny_course import CODE, DOUBLING, Course

RUNS = "runs"


@pytest.fixture
def remembered(course: Course) -> Course:
    """Give a course whose first koan holds and is remembered; its second one is wrong."""
    course.fill("6", "5", "174")
    course.edit(
        "x = 3.0",
        "x = 3.0\n    with open('runs', 'a') as runs: runs.write('.')",
    )
    course.walk()
    return course


def runs(course: Course) -> int:
    """Return how many times the first koan ran as it stands in the learner's file."""
    return len((course.root / RUNS).read_text())


class Reports:
    """A plugin of pytest's that keeps all that is reported of koans."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep everything but how long it took."""
        self.told.append(
            (
                (report.nodeid, report.location, report.when, report.outcome),
                (str(report.longrepr), report.sections, report.user_properties),
            )
        )


class TestNothingTellsItFromOneThatRan:
    @pytest.mark.parametrize(
        "arguments",
        [[], ["--map"], ["--map", "1"], ["--hint"], ["--reveal"], ["koans/test_02_code.py"]],
        ids=" ".join,
    )
    def test_on_the_screen(self, remembered: Course, arguments: list[str]) -> None:
        """Whatever is asked for, the screen and the status are the same."""
        ran = remembered.walk("--cache-clear", *arguments)
        again = remembered.walk("--cache-clear")
        before = runs(remembered)
        again = remembered.walk(*arguments)
        assert runs(remembered) == before
        assert (again.outlines, again.ret) == (ran.outlines, ran.ret)

    @pytest.mark.parametrize("option", ["--koans-json", "--junitxml"])
    def test_in_files_for_programs(self, remembered: Course, option: str) -> None:
        """They hold the same, but for the time of the day."""

        def written(*arguments: str) -> str:
            file = remembered.root / "written"
            remembered.walk(f"{option}={file}", *arguments)
            return re.sub(r' (time|timestamp)="[^"]*"', "", file.read_text())

        ran = written("--cache-clear")
        before = runs(remembered)
        assert written() == ran
        assert runs(remembered) == before

    def test_in_reports(self, remembered: Course) -> None:
        """What other plugins hear is the same."""

        def reports(*arguments: str) -> list[object]:
            kept = Reports()
            remembered.pytester.inline_run(*arguments, plugins=[kept])
            return kept.told

        ran = reports("--cache-clear")
        before = runs(remembered)
        assert reports() == ran
        assert runs(remembered) == before

    def test_when_it_prints(self, course: Course) -> None:
        """What it prints is shown by running it, so that it is shown each time."""
        course.fill("6", "5", "174")
        course.edit("x = 3.0", "x = 3.0; print('here')")

        def printed() -> list[str]:
            kept = Reports()
            course.pytester.inline_run(plugins=[kept])
            return [str(each) for each in kept.told if "here" in str(each)]

        assert printed()
        assert printed() == printed()


def edit(file: str, old: str, new: str) -> Callable[[Course], None]:
    """Return what changes a text in a file of a course."""

    def change(course: Course) -> None:
        path = course.root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return change


def write(file: str) -> Callable[[Course], None]:
    """Return what writes a file into a course."""

    def change(course: Course) -> None:
        path = course.root / file
        path.parent.mkdir(exist_ok=True)
        path.write_text("number = 1\n")

    return change


class TestWhenItRunsAgain:
    def test_not_without_a_change(self, remembered: Course) -> None:
        """As long as nothing changes that it rests on, it doesn't."""
        before = runs(remembered)
        remembered.walk()
        remembered.walk("--map")
        assert runs(remembered) == before

    @pytest.mark.parametrize(
        "change",
        [
            edit(f"koans/{DOUBLING}", "== 174", "== 175"),
            edit(f"koans/{DOUBLING}", "== 5", "== 7"),
            edit(f"koans/{CODE}", "import torch", "import torch, math"),
            edit(f"answers/{DOUBLING}", "That is the half", "This is the half"),
            write("notes.txt"),
        ],
        ids=[
            "another koan",
            "a fill of another",
            "another chapter",
            "another answer",
            "a note",
        ],
    )
    def test_not_for_what_it_does_not_rest_on(
        self, remembered: Course, change: Callable[[Course], None]
    ) -> None:
        """Cost doesn't grow with the path: the rest of it is nothing to one koan."""
        before = runs(remembered)
        change(remembered)
        remembered.walk()
        assert runs(remembered) == before

    @pytest.mark.parametrize(
        "change",
        [
            edit(f"koans/{DOUBLING}", "x = 3.0", "x = 3.00"),
            edit(f"koans/{DOUBLING}", "2 * x == 6", "2 * x == 6.0"),
            edit(f"koans/{DOUBLING}", "import math", "import cmath\nimport math"),
            edit(f"answers/{DOUBLING}", "        6.0,", "        3.0 + 3.0,"),
            edit(f"answers/{DOUBLING}", "import math", "import math  # a library"),
            write("koans/helper.py"),
            write("koans/helpers/one.py"),
            write("helper.py"),
        ],
        ids=[
            *("its text", "its fill", "the head of its chapter", "its answer"),
            *(
                "the head of the answers",
                "a helper",
                "a folder of helpers",
                "one beside koans/",
            ),
        ],
    )
    def test_for_what_it_rests_on(
        self, remembered: Course, change: Callable[[Course], None]
    ) -> None:
        """Whatever its verdict may hang on, a change of it counts."""
        before = runs(remembered)
        change(remembered)
        remembered.walk()
        assert runs(remembered) == before + 1
        remembered.walk()
        assert runs(remembered) == before + 1

    def test_for_another_sensei(
        self, remembered: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What judges it counts, too."""
        before = runs(remembered)
        monkeypatch.setattr("sensei.walk.environment", lambda: "another one")
        remembered.walk()
        assert runs(remembered) == before + 1

    @pytest.mark.parametrize("part", ["torch", "numpy", "sys.version"])
    def test_for_another_python_or_torch(
        self, monkeypatch: pytest.MonkeyPatch, part: str
    ) -> None:
        """So do the versions of what it runs on."""
        now = environment.environment.__wrapped__()
        assert environment.environment.__wrapped__() == now
        if part == "sys.version":
            monkeypatch.setattr("sys.version", "4.0")
        else:
            version = environment.version
            monkeypatch.setattr(
                environment, "version", lambda name: "9" if name == part else version(name)
            )
        assert environment.environment.__wrapped__() != now

    def test_for_the_end(self, course: Course) -> None:
        """That the end is reached is only said after everything ran."""
        course.solve()
        course.edit("3.0", "3.0; open('runs', 'a').write('.')")
        course.walk()
        before = runs(course)
        assert course.walk().ret == pytest.ExitCode.OK
        assert runs(course) == before + 1


class TestWithoutAMemory:
    """Then everything runs, and the walk is as ever."""

    @pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"null", b'{"solved": {"a": "b"}}'])
    def test_damaged_or_foreign(self, remembered: Course, data: bytes) -> None:
        """What is no memory of this path is passed over, and made anew."""
        screen, before = remembered.screen(), runs(remembered)
        (remembered.root / ".pytest_cache/v/sensei/memory").write_bytes(data)
        assert remembered.screen().replace(JUST, "") == screen
        assert runs(remembered) == before + 1
        remembered.walk()
        assert runs(remembered) == before + 1

    @pytest.mark.filterwarnings("ignore::pytest.PytestCacheWarning")
    @pytest.mark.parametrize("kind", ["a file", "no plugin"])
    def test_nowhere_to_keep_it(self, remembered: Course, kind: str) -> None:
        """Where there is no cache, nothing is said of it but by pytest itself."""
        screen, before = remembered.screen(), runs(remembered)
        if kind == "a file":
            cache = remembered.root / ".pytest_cache"
            cache.rename(remembered.root / "away")
            cache.touch()
            arguments = ["-p", "no:warnings"]
        else:
            arguments = ["-p", "no:cacheprovider"]
        for number in (1, 2):
            assert remembered.screen(*arguments) == screen
            assert runs(remembered) == before + number


JUST = "  solved just now: test_double\n      Twice is times two.\n\n"
