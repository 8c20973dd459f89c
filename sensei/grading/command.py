"""`python -m sensei grade DIR`: has pytest mark a class by this project's settings alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sensei import project
from sensei.files import give_up


def grade(submissions: Path, more: Sequence[str]) -> int:
    """Mark what lies in a folder.

    Args:
        submissions: what learners handed in; pytest never takes it for a place of tests.
        more: options of pytest.

    Returns:
        pytest's status: 0 if all have solved all, 1 if somebody has not, 2 or more if
        something else came up.
    """
    found = project.find(Path.cwd(), ())
    if found is None:
        return give_up("There is no path here. Go to the project's folder: that marks.")
    settings = found.root / "pyproject.toml"
    own = ["-c", str(settings), f"--rootdir={found.root}", f"--grade={submissions}"]
    # A process of its own: pytest wants to see plugins before anybody else imports them.
    return subprocess.call([sys.executable, "-m", "pytest", *own, *more])
