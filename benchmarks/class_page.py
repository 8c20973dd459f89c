"""How large the page of a class is, and how soon it can be used.

    python benchmarks/class_page.py [LEARNERS KOANS]

A page should have less than 5 MB and 30,000 nodes, and be there within 2 seconds. Nodes and
seconds are a Chromium's; where there is none, only the size is told.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

# Its helpers are those of the tests, which are not installed.
sys.path.insert(0, str(Path(__file__).parent.parent))

from sensei.grading.page import class_page
from sensei.grading.report import IN_WORDS, write_reports
from tests.a_class import big
from tests.chromium import PROGRAM, Chromium
from tests.test_class_page import FIND, NODES, STATUS

#: Answered once the page is drawn.
DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def main(arguments: Sequence[str]) -> None:
    """Make the page and open it."""
    learners, koans = map(int, arguments or ("1000", "300"))
    grades = big(learners, koans)
    names = [str(number) for number in range(learners)]
    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        page = class_page(grades, names, IN_WORDS, "")
        print(f"{learners} x {koans}: {len(page.encode()):,} bytes", end=", ")
        print(f"made in {time.perf_counter() - began:.2f} s")
        file = Path(scratch, "class.html")
        file.write_text(page, "utf-8")
        if PROGRAM:
            with Chromium(Path(scratch, "profile")) as browser:
                watch(browser, file)
        began = time.perf_counter()
        written = write_reports(Path(scratch, "reports"), grades)
        print(f"{len(written):,} reports written in {time.perf_counter() - began:.1f} s")


def watch(browser: Chromium, file: Path) -> None:
    """Say how long the page takes, and how many nodes it has."""
    browser.look(width=1400)
    began = time.perf_counter()
    browser.open(file)
    browser.run(DRAWN)
    print(f"drawn in {time.perf_counter() - began:.2f} s, {browser.run(NODES):,} nodes")
    began = time.perf_counter()
    browser.run(FIND % "learner 0001")
    browser.run(DRAWN)
    print(f"{browser.run(STATUS)}, in {time.perf_counter() - began:.2f} s")
    began = time.perf_counter()
    browser.run(FIND % "")
    browser.run(DRAWN)
    print(f"{browser.run(STATUS)}, in {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
