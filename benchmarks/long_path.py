"""What the whole path costs, or a longer one: its chapters, several times over.

    python benchmarks/long_path.py [--tests] [KEYWORD ...]

The path is made in a scratch folder, and measured as `measure.py` and `watch.py` do. What
is asked of a figure stands in its line. With keywords, only lines that hold one of them are
measured; --tests measures the README's second command, and nothing else.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import measure
import watch
from measure import FLOOR_PYTEST, FLOOR_TORCH, PYTEST, SENSEI, Command

from sensei.koan import source
from sensei.koan.path import read_path

TESTS = (sys.executable, "-m", "pytest", "answers", "tests", "-n", "2", "-q")


def lengthen(answers: Path, times: int) -> int:
    """Write the chapters of answers/ several times over, and return how many koans that is."""
    sheets = [chapter.sheet for chapter in read_path(answers, answers)]
    for copy in range(2, times + 1):
        for sheet in filter(None, sheets):
            _, number, name = sheet.stem.split("_", 2)
            new = int(number) + (copy - 1) * len(sheets)
            text = another(sheet.read_text("utf-8"), copy)
            (answers / f"test_{new:02}_{name}_{copy}.py").write_text(text, "utf-8")
    return sum(len(chapter.koans) for chapter in read_path(answers, answers))


def another(chapter: str, copy: int) -> str:
    """Return a chapter with other koans: each has another name, and one more line."""
    first, koans = source.split(chapter)
    parts = [first.text]
    for koan in koans:
        lines = koan.text.splitlines(keepends=True)
        lines.insert(source.opening(koan)[1] - koan.line, f'    "copy {copy}"\n')
        parts.append(re.sub(rf"\b{koan.name}\b", f"{koan.name}_{copy}", "".join(lines)))
    return "".join(parts)


def stand(folder: Path, where: str) -> None:
    """Have the path fresh, solved, or solved but for the last koan: blank, or wrong."""
    derive = source.blank if where == "fresh" else source.solve
    for chapter in read_path(folder / "koans", folder / "answers"):
        assert chapter.sheet is not None
        first, koans = source.split(chapter.sheet.read_text("utf-8"))
        texts = [derive(part.text) for part in (first, *koans)]
        chapter.page.write_text("".join(texts), "utf-8")
    if where in {"blank", "wrong"}:
        texts[-1] = source.blank(koans[-1].text)
        chapter.page.write_text("".join(texts), "utf-8")
    if where == "wrong":
        measure.predict(chapter.page, "2.5")


class Line(NamedTuple):
    """A command beside its floor, with the path standing somewhere; and what is asked of it."""

    name: str
    asked: str
    where: str
    command: tuple[str, ...]
    floor: tuple[str, ...] = FLOOR_TORCH
    most: int = 1000
    status: int = 0

    def __str__(self) -> str:
        return f"{self.name} ({self.asked})" if self.asked else self.name


def lines(chapter: str, koan: str) -> Iterator[Line]:
    """Yield what is compared; each finds what the one before it left in the memory."""
    nothing = (sys.executable, "-c", "")
    check = (*SENSEI, "check")
    yield Line("fresh / pytest --version", "2", "fresh", PYTEST, FLOOR_PYTEST, status=1)
    yield Line("pytest answers", "1.8", "fresh", (*PYTEST, "answers"))
    yield Line("last blank, remembered", "1.25", "blank", PYTEST, status=1)
    yield Line("last wrong, remembered", "1.25", "wrong", PYTEST, status=1)
    yield Line("last wrong, first run", "", "wrong", (*PYTEST, "--cache-clear"), status=1)
    yield Line("solved, all of it runs", "", "solved", PYTEST)
    yield Line("sensei blank / python", "", "solved", (*SENSEI, "blank", "--replace"), nothing)
    solve = (*SENSEI, "solve", "koans", "--replace")
    yield Line("sensei solve / python", "", "fresh", solve, nothing)
    yield Line("check a koan", "1-2 s more", "fresh", (*check, koan))
    yield Line("check a chapter", "15 s", "fresh", (*check, chapter), most=2)
    yield Line("check all", "", "fresh", check, most=0)


def main() -> None:
    """Make the path, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("keywords", metavar="KEYWORD", nargs="*")
    parser.add_argument("--runs", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--times", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--saves", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--make", type=Path, metavar="FOLDER", help="make the path only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = measure.copy_of(measure.ROOT, options.make or Path(temporary) / "project")
        count = lengthen(folder / "answers", options.times)
        stand(folder, "fresh")
        print(f"{count} koans in {folder}", flush=True)
        if options.make:
            return
        if options.tests:
            print(f"{' '.join(TESTS[1:])}: {Command(folder, TESTS).seconds():.0f} s (240)")
            return
        last = read_path(folder / "koans", folder / "answers")[-1]
        measure.head(options.runs)
        for line in lines(str(last.number), last.koans[0].name):
            if is_wanted(str(line), options.keywords):
                stand(folder, line.where)
                runs = min(options.runs, line.most)
                ours = Command(folder, line.command, line.status)
                floor = Command(folder, line.floor)
                extra = measure.compare(str(line), ours, floor, runs)
                if line.where == "solved" and line.command == PYTEST:
                    print(f"    {1000 * extra / count:.1f} ms a koan")
        if is_wanted("watch", options.keywords):
            watch.print_head(options.saves)
            stand(folder, "blank")
            watch.measure("watch, last koan (0.25 s)", folder, last.page, "fork", options.saves)


def is_wanted(name: str, keywords: Sequence[str]) -> bool:
    """Whether a line is to be measured."""
    return not keywords or any(keyword in name for keyword in keywords)


if __name__ == "__main__":
    main()
