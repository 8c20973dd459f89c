"""How long a learner waits, as ratios within one run against what torch and pytest take alone.

    python benchmarks/measure.py [--runs N]

Every command is a whole process. The commands of a comparison take turns, so that a machine
that slows down slows down both; printed are medians in seconds, and the median of the ratios
pair by pair. The project is copied first, and the copy's files are what is run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
# The script beside this interpreter; python -m pytest --version takes longer than it.
PYTEST = (shutil.which("pytest", path=Path(sys.executable).parent) or "pytest",)
FLOOR_PYTEST = (*PYTEST, "--version")
FLOOR_TORCH = (sys.executable, "-c", "import torch")
SENSEI = (sys.executable, "-m", "sensei")


def seconds(command: tuple[str, ...], folder: Path) -> float:
    """Return the wall time of one process, in seconds."""
    # Learners keep bytecode, whatever is set here.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return time.perf_counter() - start


def compare(
    name: str, command: tuple[str, ...], floor: tuple[str, ...], folder: Path, runs: int
) -> None:
    """Run a command and its floor in turns, and print a line."""
    pairs = [(seconds(command, folder), seconds(floor, folder)) for _ in range(runs + 1)][1:]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(own / other for own, other in pairs)
    print(f"{name:44} {ours:7.3f} {theirs:7.3f} {ratio:6.2f}", flush=True)


def main() -> None:
    """Measure a fresh path, the answers, and a solved path."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="default: %(default)s")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        unneeded = shutil.ignore_patterns(".*", "*.old*", "__pycache__", "koans")
        shutil.copytree(ROOT, folder, ignore=unneeded)
        print(f"{'median of ' + str(runs):44} {'seconds':>7} {'floor':>7} {'ratio':>6}")
        seconds((*SENSEI, "blank"), folder)
        compare("a fresh path / pytest --version", PYTEST, FLOOR_PYTEST, folder, runs)
        answers = (*PYTEST, "answers")
        compare("all answers / import torch", answers, FLOOR_TORCH, folder, runs)
        seconds((*SENSEI, "solve", "koans"), folder)
        compare("a solved path / import torch", PYTEST, FLOOR_TORCH, folder, runs)


if __name__ == "__main__":
    main()
