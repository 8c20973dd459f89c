"""One submission's grades as grading services want them."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sensei.grading import hand_in
from sensei.grading.grades import ChapterOf, Grades, MarkedFill
from sensei.grading.hand_in import classroom50, gather, gradescope, in_classroom50
from sensei.grading.intake import LARGEST
from sensei.grading.report import from_result, to_result
from tests.a_class import CHAPTERS, a_class, learner
from tests.tiny_course import DOUBLING, ROOT, Course

AUTOGRADERS = ROOT / "sensei" / "grading" / "autograders"
RUNNER = {
    "CLASSROOM": "calculus",
    "ASSIGNMENT": "koans",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://example.com/commit",
    "RELEASE_URL": "https://example.com/release",
}
NOON = dt.datetime(2026, 6, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))
WEIGHTED = (CHAPTERS[0], ChapterOf(1, "first gradient", CHAPTERS[1].koans, 0.5))


def without_codes(text: str) -> str:
    """Return what a terminal shows, without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


class TestGradescope:
    def test_a_test_for_each_chapter(self) -> None:
        """Its score, and each koan of it."""
        result = gradescope(a_class(learner("Ada"), chapters=WEIGHTED))
        assert result["score"] == 2
        assert result["extra_data"]["max_score"] == 3.5
        assert result["extra_data"]["path"] == "1.2.0"
        first, second = result["tests"]
        assert (first["score"], first["max_score"], first["status"]) == (2, 2, "passed")
        assert (second["score"], second["max_score"], second["status"]) == (0, 1.5, "failed")
        assert (second["name"], second["number"]) == ("01 first gradient", "1")
        assert without_codes(second["output"]).splitlines() == [
            "  test_three: wrong",
            "      6.0",
            "          6 is y itself.",
            "  test_four: blank",
            "  test_five: blank",
        ]

    def test_colours(self) -> None:
        """All output is for a terminal, and nothing in it but our own colours does anything."""
        fill = MarkedFill("\x1b[2J\x07", is_right=False, said="\x1b]0;x\x07")
        result = gradescope(a_class(learner("\x1b[2J", fills=(fill,), notes=("\x1b[2J",))))
        shown = [result, *result["tests"]]
        assert {each["output_format"] for each in shown} == {"ansi"}
        assert any("\x1b[31m" in each["output"] for each in shown)
        for each in shown:
            assert without_codes(each["output"]).replace("\n", "").isprintable()

    def test_koans_that_are_not_there(self) -> None:
        """They are told all the same, and so is why nothing was read."""
        ada = learner("Ada", "mmmmm", trouble="No chapter is in it.")._replace(koans=())
        result = gradescope(a_class(ada))
        assert [each["output"].count("missing") for each in result["tests"]] == [2, 3]
        assert "No chapter is in it." in result["output"]


class TestClassroom50:
    def test_a_test_for_each_koan(self) -> None:
        """Also those that nobody reached."""
        result = classroom50(a_class(learner("Ada")))
        assert (result["schema"], result["score"], result["max-score"]) == (
            *("classroom50/result/v1", 2, 5),
        )
        assert [test["passed"] for test in result["tests"]] == [True, True, False, False, False]
        assert result["tests"][2] == {
            "test-name": "01 first gradient: test_three",
            "passed": False,
            "score": 0,
            "max-score": 1,
            "state": "wrong",
            "path": "1.2.0",
            "torch": "2.13.0",
        }

    @pytest.mark.parametrize("weight", [0.5, 0.1, 1 / 3, 0, 2, 1.25])
    def test_scores_are_whole(self, weight: float) -> None:
        """Where a weight is not, all are so many times as much."""
        chapters = (CHAPTERS[0], ChapterOf(1, "first gradient", CHAPTERS[1].koans, weight))
        result = classroom50(a_class(learner("Ada", "sssbb"), chapters=chapters))
        for part in (result, *result["tests"]):
            assert type(part["score"]) is int
            assert type(part["max-score"]) is int
            assert 0 <= part["score"] <= part["max-score"]
        share = (2 + weight) / (2 + 3 * weight)
        assert result["score"] / result["max-score"] == pytest.approx(share)

    def test_which_submission_it_is_about(self) -> None:
        """As the runner says, in its words."""
        told = in_classroom50(RUNNER, NOON)
        assert told["review"] == RUNNER["COMMIT_URL"]
        assert told["datetime"] == "2026-06-01T12:00:00Z"
        assert all(told.values())
        assert in_classroom50(RUNNER | {"REVIEW_URL": "r"}, NOON)["review"] == "r"
        with pytest.raises(KeyError):
            in_classroom50({}, NOON)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")
def test_what_is_gathered(tmp_path: Path) -> None:
    """Chapters wherever they lie, and a journal; no link, no pipe, and no more than is read."""
    given = tmp_path / "given"
    (given / "deep" / "er").mkdir(parents=True)
    (given / ".git").mkdir()
    name = "test_01_first_gradient.py"
    (given / "deep" / "er" / name).write_bytes(b"x" * (LARGEST + 10))
    (given / ".git" / name).write_text("x")
    (given / "journal.jsonl").write_text("{}")
    (given / "torch.py").write_text("x")
    (given / "test_02_requires_grad.py").symlink_to("/etc/passwd")
    os.mkfifo(given / "test_05_leaves.py")
    gather(given, tmp_path / "class" / "one")
    found = [file for file in (tmp_path / "class" / "one").rglob("*") if file.is_file()]
    assert sorted(file.name for file in found) == ["journal.jsonl", name]
    assert max(file.stat().st_size for file in found) == LARGEST + 1


class TestCommand:
    @pytest.fixture(autouse=True)
    def _marked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        grades: Grades | None = a_class(learner("Ada"))
        monkeypatch.setattr(hand_in, "mark", lambda *_: grades)

    @pytest.mark.parametrize("service", ["gradescope", "classroom50"])
    def test_it_writes_a_result(self, tmp_path: Path, service: str) -> None:
        """In a folder that need not be there."""
        file = tmp_path / "results" / "results.json"
        assert hand_in.main([service, str(tmp_path), str(file)], RUNNER) == 0
        assert json.loads(file.read_text())["score"] == 2

    @pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links")
    def test_what_the_submission_brought(self, tmp_path: Path) -> None:
        """A link in the result's place is not written through, and a folder is in no way."""
        other = tmp_path / "other"
        other.write_text("as it was")
        file = tmp_path / "result.json"
        file.symlink_to(other)
        assert hand_in.main(["classroom50", str(tmp_path), str(file)], RUNNER) == 0
        assert other.read_text() == "as it was"
        assert not file.is_symlink()
        file.unlink()
        (file / "deep").mkdir(parents=True)
        assert hand_in.main(["classroom50", str(tmp_path), str(file)], RUNNER) == 0

    def test_what_could_not_be_marked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It has no result, also where one lay there before."""
        monkeypatch.setattr(hand_in, "mark", lambda *_: None)
        file = tmp_path / "result.json"
        file.write_text("mine: 100 of 100")
        assert hand_in.main(["classroom50", str(tmp_path), str(file)], RUNNER) == 2
        assert not file.exists()


def run_autograder(course: Course, submission: Path, *command: str) -> dict[str, Any]:
    """Run an autograder as its service does, and return the result."""
    for part in ("sensei", "constraints.txt"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, course.root / part)
    ended = subprocess.run(
        command,
        cwd=submission,
        env={**os.environ, **RUNNER},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    result: dict[str, Any] = json.loads((submission / "result.json").read_text())
    return result


@pytest.fixture
def submission(course: Course, tmp_path: Path) -> Path:
    """Give a submission that would like to be graded by its own code."""
    course.fill("6.0", "350.0")
    folder = tmp_path / "submission"
    shutil.copytree(course.root / "koans", folder / "koans")
    (folder / "sensei").mkdir()
    for name in ("sensei/__init__.py", "torch.py", "pip.py", "conftest.py", "pytest.py"):
        (folder / name).write_text("raise SystemExit('this is not the path')")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--no-such'")
    (folder / "answers").mkdir()
    (folder / "answers" / DOUBLING).write_text("")
    return folder


def test_classroom50s_autograder(course: Course, submission: Path) -> None:
    """It marks by the path that lies beside it, and nothing of the submission is imported."""
    script = shutil.copy(AUTOGRADERS / "classroom50" / "autograder.py", course.root)
    result = run_autograder(course, submission, sys.executable, str(script))
    assert (result["score"], result["max-score"]) == (1, 4)
    assert result["assignment"] == "koans"


def test_gradescopes_autograder_is_small() -> None:
    """Its two halves are there, can be run, and call what is tested here."""
    for name in ("setup.sh", "run_autograder"):
        file = AUTOGRADERS / "gradescope" / name
        assert file.read_text().startswith("#!/usr/bin/env bash\n")
        if sys.platform != "win32":
            assert os.access(file, os.X_OK)
    assert "sensei.grading.hand_in" in file.read_text()


def test_a_result_has_what_a_service_is_told() -> None:
    """What marking writes of a learner is what services are told of them."""
    grades = a_class(learner("Ada"), chapters=WEIGHTED)
    data = json.loads(to_result(grades, grades.learners[0]))
    assert classroom50(from_result(data)) == classroom50(grades)
