"""A learner's predictions in the next version of the path, with real repositories of git."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sensei.files import write_whole
from tests.tiny_course import CODE, DOUBLING, Course

AUTHOR = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
NEW_CODE = "test_03_code.py"


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git as somebody without settings of their own."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_EDITOR": "true"}
    return subprocess.run(
        ["git", *AUTHOR, *arguments],  # noqa: S607
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


class Versions:
    """A path that its author pushes to a bare repository, and a learner's clone of it."""

    def __init__(self, course: Course, folder: Path) -> None:
        self.course = course
        self.author = course.root
        self.remote = folder / "remote.git"
        self.learner = folder / "learner"
        self.new = folder / "new"
        git(self.author, "init", "--initial-branch=main")
        git(folder, "init", "--bare", "--initial-branch=main", str(self.remote))
        git(self.author, "remote", "add", "origin", str(self.remote))
        (self.author / ".gitignore").write_text("*.py.old*\n.pytest_cache/\n")
        self.push()
        git(folder, "clone", str(self.remote), str(self.learner))

    def push(self) -> None:
        """Publish what the author has."""
        git(self.author, "add", "--all")
        git(self.author, "commit", "--message=new")
        assert git(self.author, "push", "origin", "main").returncode == 0

    def publish(self, name: str, *changes: tuple[str, str], as_name: str = "") -> None:
        """Change a chapter, and maybe its name, and publish that."""
        sheets = self.author / "answers"
        text = (sheets / name).read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        for folder in ("answers", "koans"):
            (self.author / folder / name).unlink()
        self.course.answer(as_name or name, text)
        os.chdir(self.author)
        self.course.command("blank", "--replace")
        self.push()

    def predict(self) -> None:
        """Write the learner's predictions, one of them wrong."""
        page = self.learner / "koans" / DOUBLING
        text = page.read_text()
        for fill in ("6.0  # a note", "696.0", "1"):
            head, koans = text.split("\n\n\n", 1)
            text = f"{head}\n\n\n{koans.replace('== __', f'== {fill}', 1)}"
        page.write_text(text)
        code = self.learner / "koans" / CODE
        code.write_text(code.read_text().replace("    __\n", "    x.zero_()\n"))

    def publish_all_kinds(self) -> None:
        """Change a question, a line, and the names of a koan and of a chapter."""
        self.publish(DOUBLING, ("What is twice 3?", "Twice 3?"), ("x = 348.0", "x = 350.0"))
        self.publish(CODE, ("def test_zero_it", "def test_nothing"), as_name=NEW_CODE)

    def run(self, folder: Path, *arguments: str) -> tuple[int, str]:
        """Run pytest in a folder; return the status and what is said."""
        os.chdir(folder)
        result = self.course.walk(*arguments)
        return int(result.ret), "\n".join([*result.outlines, *result.errlines])


@pytest.fixture
def versions(course: Course, tmp_path: Path) -> Versions:
    """Give a path that is published, with a learner who has predicted something."""
    made = Versions(course, tmp_path)
    made.predict()
    return made


def contents(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """Return all that is in a folder, and when it was written."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def clone(versions: Versions) -> None:
    """Get the new version by git."""
    git(versions.learner, "commit", "--all", "--message=predictions")
    git(versions.new.parent, "clone", str(versions.remote), str(versions.new))


def unpack(versions: Versions) -> None:
    """Get the new version as an archive, to a folder that knows nothing of git."""
    shutil.rmtree(versions.learner / ".git")
    versions.new.mkdir()
    archive = str(versions.new.parent / "new.tar")
    git(versions.author, "archive", f"--output={archive}", "HEAD")
    shutil.unpack_archive(archive, versions.new)


@pytest.mark.parametrize("get", [clone, unpack])
def test_beside_the_old_folder(versions: Versions, get: Callable[[Versions], None]) -> None:
    """What fits comes over, the rest is named where it stays; the old folder is as it was."""
    versions.publish_all_kinds()
    get(versions)
    before = contents(versions.learner)
    status, said = versions.run(versions.new, "--update=../learner")
    assert status == 0
    assert "The fills of 2 koans were carried over." in said
    assert (
        f"Not carried:\n    ../learner/koans/{DOUBLING}:14  test_double_and_half\n"
        "        Changed on the path. What you wrote does not fit any more.\n"
    ) in said
    assert contents(versions.learner) == before
    page = (versions.new / "koans" / DOUBLING).read_text()
    assert '"""Twice 3?"""\n    x = 3.0\n    assert 2 * x == 6.0\n' in page
    assert page.count("__\n") == 3  # the import, and the blanks of the koan that changed
    code = (versions.new / "koans" / NEW_CODE).read_text()
    assert "def test_nothing():" in code
    assert "    x.zero_()\n" in code

    _, said = versions.run(versions.new, "--update=../learner")
    assert "koans/ is up to date.\n\nNot carried:" in said
    (versions.new / "koans" / DOUBLING).write_text(page.replace("== 6.0", "== 7.0"))
    _, said = versions.run(versions.new, "--update=../learner/koans")
    assert "test_double\n        Filled in here as well" in said
    assert "== 7.0" in (versions.new / "koans" / DOUBLING).read_text()


def test_interrupted(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between two files says how to do the rest, and that does it."""
    versions.publish_all_kinds()
    clone(versions)

    def interrupt(file: Path, data: str | bytes) -> None:
        if file.name == NEW_CODE:
            raise KeyboardInterrupt
        write_whole(file, data)

    with monkeypatch.context() as patch:
        patch.setattr("sensei.files.write_whole", interrupt)
        status, said = versions.run(versions.new, "--update=../learner")
    assert status
    assert "is whole. The rest: pytest --update=../learner" in said
    assert "== 6.0" in (versions.new / "koans" / DOUBLING).read_text()
    assert "zero_()" not in (versions.new / "koans" / NEW_CODE).read_text()
    assert "The fills of 1 koan" in versions.run(versions.new, "--update=../learner")[1]
    assert "    x.zero_()\n" in (versions.new / "koans" / NEW_CODE).read_text()


@pytest.mark.parametrize(
    ("pull", "ends"),
    [
        (["pull", "--autostash"], ["stash", "drop"]),
        (["pull", "--no-rebase"], ["commit", "--no-edit"]),
        (["pull", "--rebase"], ["rebase", "--continue"]),
    ],
    ids=" ".join,
)
def test_pulled_by_hand(versions: Versions, pull: list[str], ends: list[str]) -> None:
    """A conflict is called that by every command; --update settles it, and git is told how."""
    learner = versions.learner
    versions.publish_all_kinds()
    if "--autostash" not in pull:
        git(learner, "commit", "--all", "--message=predictions")
    said = git(learner, *pull)
    assert "conflict" in (said.stdout + said.stderr).lower()
    page = learner / "koans" / DOUBLING
    assert "<<<<<<<" in page.read_text()
    assert (
        "conflict test_double_and_half   <- you are here" in versions.run(learner, "--map")[1]
    )
    for arguments in ([], ["--hint"], ["--reset", "half"], ["--reveal", "half"]):
        _, said_here = versions.run(learner, *arguments)
        assert " ".join(said_here.split()).count("is a mark of git's") == 1
        assert "pytest --update" in said_here

    text = page.read_text()
    page.write_text(text.replace("== 6.0", "== __"))
    _, said_here = versions.run(learner)
    assert "test_double\n" in said_here
    assert " ".join(said_here.split()).count("is a mark of git's") == 1
    page.write_text(text)

    status, text = versions.run(learner, "--update")
    assert status == 0
    assert f"koans/{DOUBLING}.old1" in text
    assert text.count("Changed on the path.") == 1
    assert "more than once" not in text
    assert f"To end it:\n    git add koans\n    git {' '.join(ends)}\n" in text
    assert "== 6.0" in page.read_text()
    assert "    x.zero_()\n" in (learner / "koans" / NEW_CODE).read_text()
    assert git(learner, "add", "koans").returncode == 0
    assert git(learner, *ends).returncode == 0

    # Once more, as if nothing had been.
    versions.publish(NEW_CODE, ("Which line sets x to zero?", "Which?"))
    again = git(learner, *pull)
    assert again.returncode == 0
    assert "conflict" not in (again.stdout + again.stderr).lower()
    assert "koans/ is up to date." in versions.run(learner, "--update")[1]
    assert "Which?" in (learner / "koans" / NEW_CODE).read_text()
    assert "    x.zero_()\n" in (learner / "koans" / NEW_CODE).read_text()


@pytest.mark.parametrize("old", ["nowhere", "../new", "../new/koans", "answers"])
def test_no_older_path(versions: Versions, old: str) -> None:
    """What is no older path, or the path itself, is refused with what to type."""
    clone(versions)
    before = contents(versions.new / "koans")
    status, said = versions.run(versions.new, f"--update={old}")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "pytest --update" in said
    assert contents(versions.new / "koans") == before
    assert (
        "a = here: pytest --update=../old"
        in versions.run(versions.new, "--update", "../old")[1]
    )
