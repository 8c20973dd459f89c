"""What the workflows do: their scripts are run here, and the versions stand in one place."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sensei import supported
from tests.tiny_course import ROOT, Course

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
IDENTITY = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}
needs_bash = pytest.mark.skipif(sys.platform == "win32", reason="it runs on Linux alone")


class Repository:
    """A tiny course in a repository with a bare one beside it."""

    def __init__(self, course: Course) -> None:
        self.root = course.root
        self.bare = course.root.parent / f"{course.root.name}.git"
        shutil.copytree(ROOT / ".ci", self.root / ".ci")
        (self.root / ".gitignore").write_text((ROOT / ".gitignore").read_text())
        self.git("init", "--quiet", "--bare", str(self.bare))
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", str(self.bare))
        self.commit()

    def git(self, *arguments: str) -> str:
        """Run git here, and return what it says."""
        return self.run("git", *arguments).stdout.strip()

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command here."""
        environment = os.environ | IDENTITY | {"PYTHONPATH": str(ROOT)}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=check
        )

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=a step")

    def publish(self) -> subprocess.CompletedProcess[str]:
        """Publish the answers, and return what was said."""
        return self.run("bash", ".ci/publish-answers", check=False)

    def answers(self) -> list[str]:
        """Return the commits of the branch that is published."""
        found = self.run("git", "--git-dir", str(self.bare), "log", "--format=%s", "answers")
        return found.stdout.split("\n")[:-1]


@needs_bash
class TestAnswersBranch:
    def test_it_is_published_once(self, course: Course) -> None:
        """Solved, from this commit; again only once something has changed, on top of it."""
        repository = Repository(course)
        first = repository.git("rev-parse", "HEAD")
        assert "published" in repository.publish().stdout
        assert repository.answers() == [f"Answers of {first}"]
        page = f"answers:koans/{course.page().name}"
        solved = repository.run("git", "--git-dir", str(repository.bare), "show", page).stdout
        assert "2 * x == 6.0" in solved
        assert "nothing has changed" in repository.publish().stdout
        (course.root / "more.md").write_text("more")
        repository.commit()
        assert "published" in repository.publish().stdout
        assert len(repository.answers()) == 2
        assert repository.git("status", "--short") == ""

    def test_what_does_not_hold_is_not_published(self, course: Course) -> None:
        """pytest has to reach the end of the path first."""
        sheet = course.root / "answers" / course.page().name
        sheet.write_text(sheet.read_text().replace("6.0,", "7.0,", 1))
        repository = Repository(course)
        assert repository.publish().returncode != 0
        found = repository.run("git", "--git-dir", str(repository.bare), "branch", "--list")
        assert found.stdout == ""


class TestSummary:
    def test_how_far_a_learner_is(self, course: Course) -> None:
        """By chapters, with the next koan; no fill and no answer is in it."""
        course.fill("6", "696")
        course.walk("--koans-json=state.json")
        said = ran("summary", str(course.root / "state.json"))
        assert said.startswith("**1 of 4 koans hold.**\n\nNext: `test_double_and_half`\n")
        assert "| 1 doubling | 1 of 2 |\n| 2 code | 0 of 2 |" in said
        assert "696" not in said

    def test_at_the_end(self, tmp_path: Path) -> None:
        """Nothing is next."""
        state: dict[str, object] = {"solved": 0, "total": 0, "current": None, "koans": []}
        (tmp_path / "state.json").write_text(json.dumps(state))
        assert "Next" not in ran("summary", str(tmp_path / "state.json"))


class TestNightly:
    FAILED = '<testcase classname="answers.a" name="test_a"><failure/></testcase>'
    HELD = '<testcase classname="answers.a" name="test_b"/>'

    def test_what_does_not_hold(self, tmp_path: Path) -> None:
        """Each answer that fails is named, with the version."""
        file = tmp_path / "results.xml"
        file.write_text(f"<suites><suite>{self.FAILED}{self.HELD}</suite></suites>")
        said = ran("nightly-issue", str(file), "2.99")
        assert "With torch 2.99, 1 of 2 answers do not hold" in said
        assert "- `test_a` in `answers.a`" in said
        assert "test_b" not in said

    def test_nothing_to_say(self, tmp_path: Path) -> None:
        """Where all hold there is no issue; where nothing ran there is."""
        file = tmp_path / "results.xml"
        file.write_text(f"<suites><suite>{self.HELD}</suite></suites>")
        assert ran("nightly-issue", str(file), "2.99", status=1) == ""
        assert "no answer could be run" in ran("nightly-issue", str(tmp_path / "no"), "2.99")


def ran(script: str, *arguments: str, status: int = 0) -> str:
    """Run a script of the workflows, and return what it says."""
    command = [sys.executable, str(ROOT / ".ci" / script), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == status, done.stderr
    return done.stdout


class TestOnePlace:
    def test_the_supported_versions(self) -> None:
        """README, pyproject.toml and the workflows name those of sensei/supported.py."""
        oldest, newest = supported.PYTHON
        torch, newest_torch = supported.TORCH
        readme = (ROOT / "README.md").read_text("utf-8")
        project = (ROOT / "pyproject.toml").read_text("utf-8")
        checks = (ROOT / ".github" / "workflows" / "checks.yml").read_text("utf-8")
        told = f"You need Python {oldest} to {newest} and torch {torch} to {newest_torch}"
        assert told in readme
        assert f'requires-python = ">={oldest}"' in project
        assert f'"torch>={torch}"' in project
        assert f'python: "{oldest}", torch: "{torch}.' in checks
        assert f'python: "{newest}", torch: "{newest_torch}.' in checks

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
    def test_the_scripts_are_there(self, workflow: Path) -> None:
        """Whatever a workflow runs of ours can be run."""
        for name in re.findall(r"\.ci/[\w-]+", workflow.read_text("utf-8")):
            assert os.access(ROOT / name, os.X_OK), name

    def test_who_pays(self) -> None:
        """What runs by itself runs in the project's own repository alone."""
        for workflow in WORKFLOWS:
            text = workflow.read_text("utf-8")
            by_itself = re.search(r"^  (push|pull_request|schedule):", text, re.MULTILINE)
            assert bool(by_itself) == ("if: github.repository ==" in text)
