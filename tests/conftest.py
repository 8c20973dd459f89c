"""Gives tests a tiny course in a folder of its own."""

from __future__ import annotations

import os

import pytest
import torch  # noqa: F401 - once, so that no pytest run in this process imports it again

import sensei.judge.judge  # once, so that all runs in this process share a server
import sensei.koan.naming  # noqa: F401 - once, so that its error is one class in all of them
from tests.tiny_course import Course

# What is compared are the screens of a terminal that can show more than words.
os.environ["TERM"] = "xterm"


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load pytester for these tests alone: it would slow down every learner's run."""
    pluginmanager.import_plugin("pytester")


@pytest.fixture
def course(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> Course:
    """Give a fresh tiny course."""
    made = Course(pytester)
    capsys.readouterr()
    return made
