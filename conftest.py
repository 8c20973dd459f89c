"""Loads the plugin that turns a run of koans/ into a walk on the path."""

pytest_plugins = ["sensei.plugin"]
