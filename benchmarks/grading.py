"""How fast a class is marked: learners per second, and a worker's memory.

    python benchmarks/grading.py [LEARNERS ...]

Each learner has come to another place of the path. Behind the answers stands a wrong fill,
two in three of them listed ones, and one koan in twenty has a note of the learner's own. All
learners of one size of class are marked by `python -m sensei grade` with two workers.
"""

from __future__ import annotations

import ast
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sensei.grading.intake import entries
from sensei.grading.mark import Marking
from sensei.koan import source
from sensei.koan.path import Chapter, Koan, read_path
from sensei.options import LEARNER

ROOT = Path(__file__).parent.parent
SIZES = (100, 1000)
#: Wrong fills that nobody listed.
UNLISTED = ("0.25", "[1.0]", "None", "7.0", "'a'", "x", "x + 1", "2 * x", "-1.5", "[2.0, 3.0]")


def make_class(folder: Path, learners: int) -> None:
    """Write what so many learners hand in."""
    chapters = read_path(ROOT / "koans", ROOT / "answers")
    order = [koan.name for chapter in chapters for koan in chapter.koans]
    known: dict[tuple[str, str], str] = {}
    for number in range(learners):
        rng = random.Random(number)  # noqa: S311 - nothing is kept secret by it
        reached = int(rng.betavariate(2, 1) * len(order) * 1.15)
        made = folder / f"learner {number:05}" / "koans"
        made.mkdir(parents=True)
        for chapter in chapters:
            texts = [_head(chapter)]
            for koan in chapter.koans:
                text = _koan(koan, order.index(koan.name) - reached, rng, known)
                if rng.random() < 0.05:
                    text = f"{text.rstrip()}\n    # learner {number} was here\n\n\n"
                texts.append(text)
            (made / chapter.page.name).write_text("".join(texts), encoding="utf-8")


def _head(chapter: Chapter) -> str:
    assert chapter.sheet_parts
    return source.blank(chapter.sheet_parts[0].text)


def _koan(koan: Koan, ahead: int, rng: random.Random, known: dict[tuple[str, str], str]) -> str:
    """Return a koan as a learner has it who is so many koans ahead of it, or behind."""
    assert koan.sheet
    fills = [ast.unparse(marker.answer) for marker in koan.sheet.markers]
    if ahead > 0:
        return koan.sheet.pattern.text
    if ahead == 0 or rng.random() < 0.015:
        place = rng.randrange(len(fills))
        listed = list(koan.sheet.markers[place].wrong)
        fills[place] = rng.choice(listed if rng.random() < 0.67 else list(UNLISTED))
    key = (koan.name, "\0".join(fills))
    if key not in known:
        known[key] = source.fill(koan.sheet.pattern, fills).text
    return known[key]


def seconds_for(folder: Path) -> float:
    """Mark a class by the command, and return how long it took."""
    with tempfile.TemporaryDirectory() as to:
        command = [sys.executable, "-m", "sensei", "grade", str(folder)]
        more = ["-q", "--no-summary", "-n2", f"--grade-to={to}", "-p", "no:cacheprovider"]
        begin = time.perf_counter()
        subprocess.run([*command, *more], cwd=ROOT, capture_output=True, check=False)
        return time.perf_counter() - begin


def memory_of(folder: Path) -> Sequence[float]:
    """Mark a class in this process; return its memory in MB after a half and at the end."""
    chapters = read_path(ROOT / "koans", ROOT / "answers")
    marking = Marking(chapters, 10.0)
    found = entries(folder, [chapter.page.name for chapter in chapters], LEARNER)
    sizes = []
    for half in (found[: len(found) // 2], found[len(found) // 2 :]):
        for entry in half:
            marking.mark(entry.read())
        sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return sizes


def main(sizes: Sequence[int]) -> None:
    """Measure classes of these sizes."""
    with tempfile.TemporaryDirectory() as place:
        for size in sizes:
            folder = Path(place) / str(size)
            make_class(folder, size)
            if hasattr(os, "sync"):
                os.sync()  # what was just written is not still being written
            seconds = seconds_for(folder)
            print(f"{size} learners: {seconds:.1f} s, {size / seconds:.1f} a second")
        half, whole = memory_of(folder)
        print(f"A worker's memory: {half:.0f} MB after a half, {whole:.0f} MB at the end")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
