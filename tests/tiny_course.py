"""A course of two small chapters for tests; it asks for what is known at a glance."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from sensei.__main__ import main

ROOT = Path(__file__).parent.parent

DOUBLING = "test_01_doubling.py"
CODE = "test_02_code.py"

_DOUBLING = '''"""Doubling."""

import math

from sensei import __


def test_double():
    """What is twice 3?"""
    x = 3.0
    assert 2 * x == __(
        6.0,
        wrong={"5.0": "That is 2 more, not twice as much.", "9.0": "That is a square."},
        hints=["Multiply.", "Two threes."],
        why="Twice is times two.",
    )


def test_double_and_half():
    """What is twice 348, and what is half of it?"""
    x = 348.0
    assert 2 * x == __(
        696.0,
        wrong={"350.0": "That is 2 more.", "174.0": "That is the half."},
    )
    assert x / 2 == __(
        174.0,
        wrong={"346.0": "That is 2 less."},
        hints=["Multiply, then divide.", "Add x to itself. Two halves are x."],
        why="Halving undoes doubling.",
    )
'''

_CODE = '''"""Code.

By the end you can make one line do it, and read "Tensor.zero_" in PyTorch's reference.
"""

import pytest
import torch

from sensei import __


def test_zero_it():
    """Which line sets x to zero?"""
    x = torch.tensor(5.0)
    __(
        x.zero_(),
        wrong={"x.zero()": "Nearly: there is a sign for in place.", "x = 0": "Another x."},
        hints=["In place.", "A method."],
        why="The underscore.",
    )
    assert torch.is_tensor(x)
    assert x == 0.0


def test_what_is_raised():
    """What is raised?"""
    with pytest.raises(Exception) as caught:
        torch.tensor(1.0).nothing
    assert caught.type is __(
        AttributeError,
        wrong={"RuntimeError": "Torch is not asked."},
        hints=["Look up.", "Python."],
        why="Python raises it.",
    )
'''

#: A chapter that a test may add before the others. Its koan can be asked with other numbers.
TRIPLING = "test_00_tripling.py"
TRIPLING_TEXT = '''"""Tripling."""

from sensei import __


def three(x):
    return 3 * x


def test_triple():
    """What is three times 4?"""
    assert three(4.0) == __(
        12.0,
        wrong={"7.0": "That is 3 more than 4.0.", "64.0": "That is a cube."},
        hints=["Multiply 4 by 3."],
        why="Three fours are 12.",
        numbers={"4.0": "5.0", "12.0": "15.0", "7.0": "8.0", "64.0": "125.0", "4": "5"},
    )
'''


class Course:
    """A project with two small chapters, as a learner has it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.root = pytester.path
        for folder in ("answers", "koans"):
            (self.root / folder).mkdir()
        (self.root / "conftest.py").write_text((ROOT / "conftest.py").read_text())
        (self.root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
        self.answer(DOUBLING, _DOUBLING)
        self.answer(CODE, _CODE)
        self.command("blank")

    def answer(self, name: str, text: str) -> None:
        """Write a chapter of the answer sheet."""
        (self.root / "answers" / name).write_text(text)

    def command(self, *arguments: str) -> int:
        """Run `python -m sensei` here."""
        return main(arguments)

    def page(self, name: str = DOUBLING) -> Path:
        """Return the learner's file of a chapter."""
        return self.root / "koans" / name

    def fill(self, *fills: str, name: str = DOUBLING) -> None:
        """Write fills into the first blanks that are left in a chapter."""
        page = self.page(name)
        head, text = page.read_text().split("\n\n\n", 1)
        for fill in fills:
            text = text.replace("__", fill, 1)
        page.write_text(f"{head}\n\n\n{text}")

    def edit(self, old: str, new: str, name: str = DOUBLING) -> None:
        """Change a learner's file."""
        page = self.page(name)
        text = page.read_text()
        assert old in text
        page.write_text(text.replace(old, new, 1))

    def solve(self) -> None:
        """Solve the whole path."""
        self.command("solve", "koans", "--replace")

    def walk(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in this process."""
        return self.pytester.runpytest_inprocess(*arguments)

    def screen(self, *arguments: str) -> str:
        """Run pytest and return what it shows."""
        return "\n".join(self.walk(*arguments).outlines).strip("\n")

    def written(
        self, *typed: str, environment: Mapping[str, str], terminal: bool = True
    ) -> str:
        """Run pytest in a process of its own, and return what it writes, wherever that goes."""
        reading, writing = os.openpty() if terminal else os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *typed],
            cwd=self.root,
            env=environment,
            stdout=writing,
            stderr=writing,
        )
        os.close(writing)
        told = b""
        try:
            while part := os.read(reading, 4096):
                told += part
        except OSError:
            pass  # how Linux says that nobody writes into a terminal any more
        process.wait()
        os.close(reading)
        return told.decode().replace("\r\n", "\n")
