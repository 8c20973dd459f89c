"""Classroom 50's autograder of the path: marks a submission with the path that lies beside it.

Put the path (a clone without .git) into CLASSROOM/autograders/ASSIGNMENT/ of your classroom50
repository, and this file beside its README. What lies there is on a public page of your
organization, so its answers/ can be read by whoever finds that.

It writes result.json as `classroom50/result/v1`, after Classroom 50's wiki, "Advanced
Autograding", of August 2026: whole scores, a test for each koan.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

#: Chapters that count more or less: ("--weights=3=2,17=0",)
OPTIONS: tuple[str, ...] = ()

PATH = Path(__file__).resolve().parent
CPU = "https://download.pytorch.org/whl/cpu"


def python_with_torch() -> str:
    """Return a Python that has what marking needs, this one or one that is made here."""
    if all(map(importlib.util.find_spec, ("torch", "numpy", "pytest", "xdist"))):
        return sys.executable
    place = PATH / ".venv"
    venv.create(place, with_pip=True)
    python = str(place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    pip = (python, "-m", "pip", "install", "--quiet")
    constraints = (PATH / "constraints.txt").read_text("utf-8").splitlines()
    torch = next(line for line in constraints if line.startswith("torch=="))
    # Without the gigabytes of CUDA.
    subprocess.run([*pip, "--no-deps", "--index-url", CPU, torch], check=True)
    subprocess.run([*pip, "-c", "constraints.txt", "-e", "."], check=True)
    return python


def main() -> int:
    """Mark the submission in which this runs."""
    submission = Path.cwd()
    os.chdir(PATH)  # from here on no module is looked for in the submission
    command = (python_with_torch(), "-m", "sensei.grading.hand_in", "classroom50")
    result = submission / "result.json"
    return subprocess.call([*command, str(submission), str(result), *OPTIONS])


if __name__ == "__main__":
    sys.exit(main())
