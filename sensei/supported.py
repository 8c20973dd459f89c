"""Which versions of Python and torch the path is for: the oldest, and the newest tried.

README names them, pyproject.toml the oldest ones, and the workflows run both ends; a test
compares all of these. A newer torch may well do: `python -m sensei check --torch-news` tells.
"""

from __future__ import annotations

PYTHON = ("3.10", "3.13")
TORCH = ("2.4", "2.14")
