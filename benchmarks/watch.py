"""How long a learner waits under `pytest --watch`: from a save to the finished screen.

    python benchmarks/watch.py [--saves N]

Measured in a terminal, on a copy of the project, beside a cold `pytest` in the same state:
each save is followed by a cold run, so that a machine that slows down slows down both.
Printed are medians in seconds, and what it takes to wait: processor and memory of all
processes together. Needs a system with /proc.
"""

from __future__ import annotations

import argparse
import os
import pty
import random
import re
import select
import signal
import statistics
import tempfile
import time
from pathlib import Path

from measure import PYTEST, ROOT, SENSEI, Command, copy_of, environment, predicted

IDLE_SECONDS = 20
FILLS = ("2.5", "3.5")


def start(folder: Path, way: str) -> tuple[int, int]:
    """Start a watch in a terminal, and return its process and the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        variables = {"SENSEI_RUN": way, "TERM": "xterm"}
        os.execve(*PYTEST, [*PYTEST, "--watch"], environment(folder) | variables)  # noqa: S606
    return pid, terminal


def wait_for(terminal: int, wanted: str) -> None:
    """Read until a screen holds something, and its last line is there."""
    text = ""
    while True:
        if not select.select([terminal], [], [], 60)[0]:
            raise SystemExit(f"{wanted} is not there:\n{text}")
        text += os.read(terminal, 65536).decode()
        shown = text.rsplit("\x1b[J", 1)[-1]
        if wanted in shown and shown.endswith("(and Enter): "):
            return


def processes(parent: int) -> list[int]:
    """Return a process and all that have come of it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        parents[int(stat.parent.name)] = int(fields[1])
    found = [parent]
    for pid in found:
        found += [child for child, its_parent in parents.items() if its_parent == pid]
    return found


def processor_seconds(pids: list[int]) -> float:
    """Return what processes have used so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(pids: list[int]) -> float:
    """Return what processes hold, what they share counted once."""
    rollups = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids)
    return sum(int(re.findall(r"Pss: +(\d+)", text)[0]) for text in rollups) / 1024


def measure(name: str, folder: Path, page: Path, way: str, saves: int) -> None:
    """Save a page again and again, at a human pace, and print what was measured."""
    text = page.read_text("utf-8")
    warm, alone = [], []
    pid, terminal = start(folder, way)
    wait_for(terminal, page.name)
    for number in range(saves):
        time.sleep(2 + random.random() / 10)  # noqa: S311 - at any moment between two looks
        fill = FILLS[number % 2]
        page.write_text(predicted(text, fill), "utf-8")
        begin = time.perf_counter()
        wait_for(terminal, fill)
        warm.append(time.perf_counter() - begin)
        time.sleep(2)
        alone.append(Command(folder, PYTEST, status=1).seconds())
    ours, theirs = statistics.median(warm), statistics.median(alone)
    ratio = statistics.median(a / w for w, a in zip(warm, alone, strict=True))
    time.sleep(2)
    pids = processes(pid)
    before = processor_seconds(pids)
    time.sleep(IDLE_SECONDS)
    idle = (processor_seconds(pids) - before) / IDLE_SECONDS
    print(
        f"{name:28} {way:6} {ours:7.3f} {max(warm):7.3f} {theirs:7.3f} {ratio:7.1f}"
        f" {idle:7.2%} {megabytes(pids):7.0f}",
        flush=True,
    )
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    os.close(terminal)
    page.write_text(text, "utf-8")


def print_head(saves: int) -> None:
    """Print what stands above the lines of `measure`."""
    heads = ("median", "longest", "cold", "ratio", "idle", "MB")
    print(f"{f'of {saves} saves':35}", *(f"{head:>7}" for head in heads), flush=True)


def main() -> None:
    """Measure the first chapter, and a path solved to the last, in both ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--saves", type=int, default=20, help="default: %(default)s")
    saves = parser.parse_args().saves
    print_head(saves)
    with tempfile.TemporaryDirectory() as temporary:
        folder = copy_of(ROOT, Path(temporary) / "project")
        first, *_, last = sorted((folder / "koans").glob("test_*.py"))
        for way in ("fork", "stay"):
            measure("chapter 1", folder, first, way, saves)
        fresh = last.read_text("utf-8")
        Command(folder, (*SENSEI, "solve", "koans", "--replace")).seconds()
        last.write_text(fresh, "utf-8")
        for way in ("fork", "stay"):
            measure("solved to the last chapter", folder, last, way, saves)


if __name__ == "__main__":
    main()
