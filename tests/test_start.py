"""How people begin: what uv, an editor and a notebook are told is what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from sensei import supported
from sensei.watch.run import WatchedRun
from tests.tiny_course import CODE, ROOT, Course


def settings(name: str) -> Any:
    """Return what a file of settings says."""
    return json.loads((ROOT / name).read_text("utf-8"))


class TestEditor:
    TASK = settings(".vscode/tasks.json")["tasks"][0]
    MATCHER = TASK["problemMatcher"]

    def problems(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the places that VS Code marks, each once a screen has come to its end."""
        begins, ends = (
            re.compile(self.MATCHER["background"][name])
            for name in ("beginsPattern", "endsPattern")
        )
        pattern = self.MATCHER["pattern"]
        found: list[str] = []
        for line in lines:
            if begins.search(line):
                found = []
            elif ends.search(line):
                yield from found
                found = []
            elif match := re.search(pattern["regexp"], line):
                assert match[pattern["message"]]
                found.append(f"{match[pattern['file']]}:{match[pattern['line']]}")
        assert found == []

    @pytest.mark.parametrize("kind", ["80", "40", "plain"])
    @pytest.mark.parametrize(
        ("fill", "line"),
        [("__", 11), ("5", 11), ("(", 11), ("6", 17), ("...", 17)],
    )
    def test_the_place_is_marked(
        self, course: Course, monkeypatch: pytest.MonkeyPatch, fill: str, line: int, kind: str
    ) -> None:
        """Of every kind of screen, also of a narrow one and in words."""
        monkeypatch.setenv("COLUMNS", "80" if kind == "plain" else kind)
        course.fill(fill)
        screen = self.watched(course, *["--plain"][kind != "plain" :])
        assert list(self.problems(screen)) == [f"koans/test_01_doubling.py:{line}"]

    def test_at_the_end(self, course: Course) -> None:
        """Nothing is marked any more, and the last screen is at its end, too."""
        course.solve()
        course.edit("is AttributeError", "is __", CODE)
        before = self.watched(course)
        course.edit("is __", "is AttributeError", CODE)
        after = self.watched(course)
        assert any(re.search(self.MATCHER["background"]["endsPattern"], it) for it in after)
        assert list(self.problems(before + after)) == ["koans/test_02_code.py:24"]

    def watched(self, course: Course, *arguments: str) -> list[str]:
        """Return the lines of a watch's screen."""
        run = course.pytester.runpytest_inprocess(*arguments, plugins=[WatchedRun()])
        return run.outlines

    def test_pytest_is_switched_on(self) -> None:
        """For what pytest runs by itself; and no more than Python is recommended."""
        told = settings(".vscode/settings.json")
        assert told["python.testing.pytestEnabled"]
        project = (ROOT / "pyproject.toml").read_text("utf-8")
        assert f"testpaths = {json.dumps(told['python.testing.pytestArgs'])}" in project
        extensions = ["ms-python.python"]
        assert settings(".vscode/extensions.json") == {"recommendations": extensions}
        container = settings(".devcontainer/devcontainer.json")
        assert container["customizations"]["vscode"]["extensions"] == extensions

    def test_the_container_has_everything(self) -> None:
        """Nothing is left to install when it is opened, but what lies in the folder."""
        built = (ROOT / ".devcontainer" / "Dockerfile").read_text("utf-8")
        pinned = (ROOT / "constraints.txt").read_text("utf-8")
        assert re.search(r"^torch==", pinned, re.MULTILINE)
        project = (ROOT / "pyproject.toml").read_text("utf-8")
        needed = project.partition("\ndependencies = [")[2].partition("]")[0]
        for name in re.findall(r'"([a-z-]+)>', needed):
            assert re.search(rf"[ ^]{name}( |=|$)", built, re.MULTILINE), name


class TestUv:
    PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")

    def test_a_torch_that_was_tried(self) -> None:
        """None that is newer than those of sensei/supported.py."""
        major, minor = map(int, supported.TORCH[1].split("."))
        assert f'constraint-dependencies = ["torch<{major}.{minor + 1}"]' in self.PROJECT

    def test_the_index_is_for_torch_alone(self) -> None:
        """Everything else comes from where it always comes from."""
        index = self.PROJECT.partition("[[tool.uv.index]]")[2].partition("\n\n")[0]
        assert "\nexplicit = true" in index
        name = re.search(r'^name = "(.+)"', index, re.MULTILINE)
        assert name
        sources = self.PROJECT.partition("[tool.uv.sources]\n")[2].partition("\n\n")[0]
        assert sources.startswith("torch = [")
        assert f'index = "{name[1]}"' in sources


class TestNotebook:
    def test_its_cells(self) -> None:
        """It asks for no pinned torch, opens a chapter that is there, and holds no output.

        It runs from top to bottom in nbclient, but for the cells that are marked colab.
        """
        cells = settings("docs/colab.ipynb")["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert not any(cell["outputs"] for cell in code)
        texts = ["".join(cell["source"]) for cell in code]
        assert not any("constraints" in text for text in texts)
        assert "!python -m pytest" in texts
        opened = re.search(r'files\.view\("(.+)"\)', "\n".join(texts))
        assert opened
        assert (ROOT / opened[1]).is_file()
        for cell, text in zip(code, texts, strict=True):
            assert ("files." in text) == (cell["metadata"].get("tags") == ["colab"])
