"""How long a learner waits, as ratios within one run against what torch and pytest take alone.

    python benchmarks/measure.py [--runs N] [--before FOLDER]

Every command is a whole process. The commands of a comparison take turns, so that a machine
that slows down slows down both; printed are medians in seconds, and the median of the ratios
pair by pair. The project is copied first, and the copy's files are what is run. --before
names another copy of the project, such as an older one, that is run in turns with this one.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
# The script beside this interpreter; python -m pytest --version takes longer than it.
PYTEST = (shutil.which("pytest", path=Path(sys.executable).parent) or "pytest",)
FLOOR_PYTEST = (*PYTEST, "--version")
FLOOR_TORCH = (sys.executable, "-c", "import torch")
SENSEI = (sys.executable, "-m", "sensei")
# What must not be in a copy.
_UNNEEDED = shutil.ignore_patterns(
    ".*", "*.old*", "__pycache__", "koans", "build", "*.egg-info"
)


def copy_of(project: Path, folder: Path) -> Path:
    """Copy a project into a folder, with all its koans blank, and return the copy."""
    shutil.copytree(project, folder, ignore=_UNNEEDED)
    Command(folder, (*SENSEI, "blank")).seconds()
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Return the variables with which a copy is run as if it were the one installed."""
    # Learners keep bytecode, whatever is set here.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(folder)}


class Command(NamedTuple):
    """A whole process, the copy of the project in which it runs, and its exit status."""

    folder: Path
    arguments: tuple[str, ...]
    status: int = 0

    def seconds(self) -> float:
        """Run it, and return the wall time; end here if it ends otherwise than it should."""
        start = time.perf_counter()
        process = subprocess.run(
            self.arguments,
            cwd=self.folder,
            env=environment(self.folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        if process.returncode != self.status:
            said = f"{' '.join(self.arguments)} ended with {process.returncode}"
            sys.exit(f"{said}, not {self.status}:\n{process.stdout}")
        return seconds


def compare(name: str, ours: Command, floor: Command, runs: int) -> float:
    """Run two commands in turns, print a line, and return how far they are apart.

    With 0 runs there is one, and it is the first. Otherwise the first does not count.
    """
    pairs = [(ours.seconds(), floor.seconds()) for _ in range(runs + 1)][min(1, runs) :]
    own, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / another for one, another in pairs)
    print(f"{name:44} {own:7.3f} {other:7.3f} {ratio:6.2f}", flush=True)
    return statistics.median(one - another for one, another in pairs)


def head(runs: int) -> None:
    """Print what stands above the lines of `compare`."""
    print(f"{'median of ' + str(runs):44} {'seconds':>7} {'floor':>7} {'ratio':>6}", flush=True)


def predict(page: Path, fill: str) -> None:
    """Write something into the first blank of a learner's file."""
    page.write_text(predicted(page.read_text("utf-8"), fill), "utf-8")


def predicted(text: str, fill: str) -> str:
    """Return a chapter's text with something in its first blank; the import is none."""
    return re.sub(r"^( .*?)\b__\b", rf"\g<1>{fill}", text, count=1, flags=re.MULTILINE)


def empty_test(folder: Path) -> Command:
    """Return what pytest takes without us: to run one test, in which nothing is done."""
    test = folder / "empty" / "test_empty.py"
    test.parent.mkdir()
    test.write_text("def test_empty(): pass\n", "utf-8")
    return Command(test.parent, (*PYTEST, "-p", "no:sensei.plugin"))


def main() -> None:
    """Measure a fresh path, one open koan, the answers, and a solved path."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="default: %(default)s")
    parser.add_argument("--before", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    runs = options.runs
    with tempfile.TemporaryDirectory() as temporary:
        folder = copy_of(ROOT, Path(temporary) / "project")
        before = options.before and copy_of(options.before, Path(temporary) / "before")
        torch = Command(folder, FLOOR_TORCH)
        walk = Command(folder, PYTEST, status=1)
        head(runs)
        floor = Command(folder, FLOOR_PYTEST)
        compare("a fresh path / pytest --version", walk, floor, runs)
        compare("an empty test, without sensei", empty_test(Path(temporary)), floor, runs)
        for each in filter(None, (folder, before)):
            predict(min((each / "koans").glob("test_*.py")), "2.5")
        compare("one wrong koan / import torch", walk, torch, runs)
        if before:
            compare("one wrong koan / before", walk, Command(before, PYTEST, status=1), runs)
        answers = Command(folder, (*PYTEST, "answers"))
        compare("all answers / import torch", answers, torch, runs)
        Command(folder, (*SENSEI, "solve", "koans", "--replace")).seconds()
        compare("a solved path / import torch", Command(folder, PYTEST), torch, runs)


if __name__ == "__main__":
    main()
