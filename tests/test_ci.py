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
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=check
        )

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=a step")

    def publish(self, *remote: str) -> subprocess.CompletedProcess[str]:
        """Publish the answers, and return what was said."""
        return self.run("bash", ".ci/publish-answers", *remote, check=False)

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
        said = repository.publish().stdout
        assert "4 of 4" in said
        assert said.endswith(f"\nanswers: published, from {first}\n")
        assert repository.answers() == [f"Answers of {first}"]
        page = f"answers:koans/{course.page().name}"
        solved = repository.run("git", "--git-dir", str(repository.bare), "show", page).stdout
        assert "2 * x == 6.0" in solved
        assert repository.publish().stdout == "answers: nothing has changed\n"
        assert len(repository.answers()) == 1
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
        assert len(repository.git("worktree", "list").splitlines()) == 1

    def test_a_remote_that_is_not_there(self, course: Course) -> None:
        """It is not taken for one without the branch: nothing is run for it."""
        done = Repository(course).publish(str(course.root / "nowhere"))
        assert done.returncode != 0
        assert done.stdout == ""


class TestSummary:
    def test_how_far_a_learner_is(self, course: Course) -> None:
        """By chapters, with the next koan; no fill and no answer is in it."""
        course.fill("6", "696")
        course.walk("--koans-json=state.json")
        said = ran("summary", str(course.root / "state.json"))
        assert said.startswith("**1 of 4 koans hold.**\n\nNext: `test_double_and_half`\n")
        assert "| 1 doubling | `######------` | 1 of 2 |\n" in said
        assert "| 2 code | `------------` | 0 of 2 |\n" in said
        assert "696" not in said

    def test_at_the_end(self, tmp_path: Path) -> None:
        """Nothing is next."""
        state: dict[str, object] = {"solved": 0, "total": 0, "current": None, "koans": []}
        (tmp_path / "state.json").write_text(json.dumps(state))
        assert "Next" not in ran("summary", str(tmp_path / "state.json"))


class TestCourse:
    def test_it_says_how_far_a_learner_is(self, course: Course) -> None:
        """A course is handed on with that workflow and its script, and with no other one."""
        shutil.copytree(ROOT / ".ci", course.root / ".ci")
        shutil.copytree(ROOT / ".github", course.root / ".github")
        assert course.command("course", "made") == 0
        made = course.root / "made"
        handed_on = [it for top in (".ci", ".github") for it in (made / top).rglob("*")]
        assert {it.name for it in handed_on if it.is_file()} == {"progress.yml", "summary"}
        workflow = (made / ".github" / "workflows" / "progress.yml").read_text("utf-8")
        assert "python .ci/summary " in workflow


class TestNightly:
    FAILED = '<testcase classname="answers.a" name="test_a"><failure/></testcase>'
    HELD = '<testcase classname="answers.a" name="test_b"/>'

    @pytest.fixture
    def results(self, tmp_path: Path) -> Path:
        """Give the results of a run in which one of two answers does not hold."""
        file = tmp_path / "results.xml"
        file.write_text(f"<suites><suite>{self.FAILED}{self.HELD}</suite></suites>")
        return file

    def test_what_does_not_hold(self, results: Path) -> None:
        """Each answer that fails is named, with the version."""
        said = ran("nightly-issue", "--dry-run", str(results), "1", "2.99")
        assert "With torch 2.99, 1 of 2 answers do not hold" in said
        assert "- `test_a` in `answers.a`" in said
        assert "test_b" not in said

    def test_nothing_to_say(self, results: Path) -> None:
        """Where all hold there is no issue."""
        said = ran("nightly-issue", str(results), "0", "2.99")
        assert said == "nightly: all answers hold with torch 2.99\n"

    @pytest.mark.parametrize("left", [None, "", "<suites><sui", f"<suites>{HELD}</suites>"])
    def test_a_run_that_broke(self, tmp_path: Path, left: str | None) -> None:
        """It is told, whatever it left of its results: nobody may take it for a good one."""
        file = tmp_path / "results.xml"
        if left is not None:
            file.write_text(left)
        said = ran("nightly-issue", "--dry-run", str(file), "3", "2.99")
        assert "With torch 2.99, `pytest answers` ended with status 3" in said

    @needs_bash
    @pytest.mark.parametrize("is_open", [False, True])
    def test_one_issue(
        self, results: Path, monkeypatch: pytest.MonkeyPatch, *, is_open: bool
    ) -> None:
        """It is opened once, and then added to; a title that is only alike is another."""
        title = "Answers that do not hold with torch's nightly build"
        listed = [{"number": 3, "title": f"Re: {title}"}]
        listed += [{"number": 7, "title": title}] if is_open else []
        folder = results.parent
        (folder / "list").write_text(json.dumps(listed))
        (folder / "gh").write_text(STAND_IN.format(folder=folder))
        (folder / "gh").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
        said = ran("nightly-issue", str(results), "1", "2.99")
        asked, written = (folder / "calls").read_text().split("\n", 1)
        assert asked.startswith("issue list --state=open")
        if is_open:
            assert said == "nightly: added to issue 7\n"
            assert written == "issue comment 7 --body-file=-\n"
        else:
            assert said == "nightly: an address\n"
            assert written == f"issue create --title={title} --body-file=-\n"
        assert "- `test_a` in `answers.a`" in (folder / "body").read_text()


#: Stands in for `gh`: keeps what it is asked for.
STAND_IN = """\
#!/bin/sh
echo "$*" >> '{folder}/calls'
case "$2" in
    list) cat '{folder}/list' ;;
    create) cat > '{folder}/body'; echo "an address" ;;
    *) cat > '{folder}/body' ;;
esac
"""


def ran(script: str, *arguments: str, status: int = 0) -> str:
    """Run a script of the workflows, and return what it says."""
    command = [sys.executable, str(ROOT / ".ci" / script), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == status, done.stderr
    return done.stdout


class TestOnePlace:
    CHECKS = (ROOT / ".github" / "workflows" / "checks.yml").read_text("utf-8")

    def test_the_supported_versions(self) -> None:
        """README, pyproject.toml and the workflows name those of sensei/supported.py."""
        oldest, newest = supported.PYTHON
        torch, newest_torch = supported.TORCH
        readme = (ROOT / "README.md").read_text("utf-8")
        project = (ROOT / "pyproject.toml").read_text("utf-8")
        told = f"You need Python {oldest} to {newest} and torch {torch} to {newest_torch}"
        assert told in readme
        assert f'requires-python = ">={oldest}"' in project
        assert f'"torch>={torch}"' in project
        minors = [int(version.removeprefix("3.")) for version in supported.PYTHON]
        assert re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', project) == [
            str(minor) for minor in range(minors[0], minors[1] + 1)
        ]
        assert f'name: oldest, python: "{oldest}", torch: "{torch}.' in self.CHECKS
        assert f'name: newest, python: "{newest}", torch: "{newest_torch}.' in self.CHECKS

    def test_the_other_oldest_versions(self) -> None:
        """What the workflow installs as the oldest is what README says was tried."""
        readme = (ROOT / "README.md").read_text("utf-8")
        tried = " ".join(readme.split("Tried in full", 1)[1].split())
        names = {"numpy": "NumPy", "pytest": "pytest", "pytest-xdist": "pytest-xdist"}
        found = re.findall(r"([a-z-]+)==([\d.]+)(?![\w\"])", self.CHECKS)
        assert {name for name, _ in found} == {*names}
        for name, version in found:
            assert f"{names[name]} {version}" in tried

    def test_the_pinned_torch(self) -> None:
        """The workflow installs what constraints.txt pins."""
        pins = (ROOT / "constraints.txt").read_text("utf-8")
        torch = re.search(r"name: pinned, .* torch: \"([\d.]+)\"", self.CHECKS)
        assert torch
        assert f"\ntorch=={torch[1]}\n" in pins

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
    def test_the_scripts_are_there(self, workflow: Path) -> None:
        """Whatever a workflow runs of ours can be run."""
        for name in re.findall(r"\.ci/[\w-]+", workflow.read_text("utf-8")):
            assert (ROOT / name).is_file()
            assert os.access(ROOT / name, os.X_OK), name

    def test_who_pays(self) -> None:
        """What runs by itself runs in the project's own repository alone."""
        for workflow in WORKFLOWS:
            text = workflow.read_text("utf-8")
            by_itself = re.search(r"^  (push|pull_request|schedule):", text, re.MULTILINE)
            jobs = text.split("\njobs:\n")[1]
            guards = jobs.count("github.repository == 'autograd-koans/autograd-koans'")
            assert guards == (jobs.count("runs-on:") if by_itself else 0), workflow.name

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
    def test_a_job_has_what_it_needs(self, workflow: Path) -> None:
        """It is a mapping that loads, and each job has its permissions and its time."""
        yaml = pytest.importorskip("yaml", reason="PyYAML is not there")
        read = yaml.safe_load(workflow.read_text("utf-8"))
        assert read["permissions"] == {}
        assert "concurrency" in read
        for job in read["jobs"].values():
            assert job["timeout-minutes"] <= 60
            assert "permissions" in job
            for step in job["steps"]:
                assert ("run" in step) != ("uses" in step)
