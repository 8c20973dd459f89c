"""Leaves the terminal to the walk, whatever other plugins would make of it."""

from __future__ import annotations

import sys

import pytest

_NAME = "terminalreporter"


class OneReporter:
    """Has pytest's own reporter at the terminal during a walk, and no other one.

    A reporter of another plugin would write its screen beside the walk's. It is known by its
    place: it is registered under pytest's name, or while nothing is.
    """

    def __init__(self) -> None:
        self._had_one = False
        self._without_place: list[object] = []

    def pytest_plugin_registered(
        self, plugin: object, manager: pytest.PytestPluginManager
    ) -> None:
        """Keep what is registered once pytest's reporter was taken away."""
        if manager.hasplugin(_NAME):
            self._had_one = True
        elif self._had_one:
            self._without_place.append(plugin)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Put pytest's own back; the others have done what they do by now."""
        manager = config.pluginmanager
        there = manager.get_plugin(_NAME)
        if type(there) is pytest.TerminalReporter or not self._had_one:
            return
        for other in [there] if there else self._without_place:
            manager.unregister(other)
        manager.register(pytest.TerminalReporter(config, sys.stdout), _NAME)
