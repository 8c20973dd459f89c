"""How people begin: what uv, an editor and a notebook are told is what there is."""

from __future__ import annotations

import re

from sensei import supported
from tests.tiny_course import ROOT


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
