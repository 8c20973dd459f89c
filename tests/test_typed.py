"""What is typed, and what lies around: taken as it is meant, or refused before the run."""

from __future__ import annotations

import pytest

from tests.test_walk import WRONG
from tests.tiny_course import DOUBLING, Course

REFUSED = {
    ("--map", "--hint"): "--hint goes without --map",
    ("--koans-json=koans",): "--koans-json: koans is a folder.",
    ("-m", "slow"): "Unknown marker(s) in '-m' expression: slow.",
    ("-k", "("): "Wrong expression passed to '-k'",
    (f"koans/{DOUBLING}::test_nothing",): "not found: *test_nothing",
    ("--reset", "all"): "    python -m sensei blank --replace",
    ("--reset", "alf"): "alf is only a part of a word in the name of:",
}


@pytest.mark.parametrize(("typed", "told"), REFUSED.items(), ids=map(" ".join, REFUSED))
def test_refused(course: Course, typed: tuple[str, ...], told: str) -> None:
    """It is said once, and nothing else is shown or written."""
    before = course.page().read_text()
    result = course.walk(*typed)
    result.stderr.fnmatch_lines([f"*{told.replace('[', '[[]')}*"])
    assert not str(result.stdout).strip()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert course.page().read_text() == before


@pytest.mark.parametrize(
    ("name", "whose"),
    [("random.py", "Python's own random"), ("torch.py", "the torch that koans need")],
)
def test_a_file_that_hides_a_module(course: Course, name: str, whose: str) -> None:
    """It is named, and not the koan."""
    (course.root / name).write_text("")
    told = f"ERROR: {name} in this folder hides {whose}. Give it another name."
    course.walk().stderr.fnmatch_lines([told])


def test_a_file_that_hides_nothing(course: Course) -> None:
    """Other names, and those of modules that nobody needs, are the learner's own."""
    course.fill("5")
    (course.root / "notes.py").write_text("")
    (course.root / "test.py").write_text("")
    assert course.screen() == WRONG


def test_tests_of_a_learner(course: Course) -> None:
    """What is in koans/ and not on the path is on the map, and runs by its name alone."""
    (course.root / "koans" / "test_mine.py").write_text("def test_mine(): assert True")
    assert "In koans/, but not on the path: test_mine.py" in course.screen("--map")
    assert "test_mine" not in course.screen()
    course.walk("koans/test_mine.py").assert_outcomes(passed=1)


def test_last_failed(course: Course) -> None:
    """--lf leaves the path as long as it is."""
    course.fill("6", "5")
    course.walk()
    assert "1 of 4" in course.screen("--lf")


def test_hints_that_cannot_be_counted(course: Course) -> None:
    """Where nothing can be kept, all of them are shown."""
    screen = course.screen("--hint", "-p", "no:cacheprovider")
    assert "Hint 1 of 2: Multiply." in screen
    assert "Hint 2 of 2: Two threes." in screen


def test_a_folder_with_signs(course: Course) -> None:
    """Where the project lies in a folder that is called like a part of a test, all works."""
    project = course.root / "a[b]::c"
    project.mkdir()
    for name in ("answers", "koans", "conftest.py", "pyproject.toml"):
        (course.root / name).rename(project / name)
    course.pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        screen = course.screen("--graph", "half")
    assert "test_double_and_half" in screen
