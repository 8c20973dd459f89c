"""Koans blank again, and fills in a newer path: `pytest --reset` and `--update`."""
