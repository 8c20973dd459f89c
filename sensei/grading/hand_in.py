"""One submission's grades as a grading service wants them: `python -m sensei.grading.hand_in`.

An autograder runs it in its own copy of the path, and says where the submission is. The
submission is marked as any class is, by `python -m sensei grade`: nothing of it is imported.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from sensei.files import give_up, write_whole
from sensei.grading.grades import ChapterOf, Grades, Mark, MarkedKoan
from sensei.grading.intake import JOURNAL, LARGEST, LARGEST_JOURNAL
from sensei.grading.report import IN_WORDS, from_result, is_begun, koan_lines, report_lines
from sensei.screen import colours
from sensei.screen.lines import Line

ROOT = Path(__file__).resolve().parent.parent.parent
#: As terminals write a style.
_CODES = {"bold": 1, "light": 2, "red": 31, "green": 32, "purple": 35, "cyan": 36, "invert": 7}
_STYLES = {
    Mark.SOLVED: colours.RIGHT_HERE,
    Mark.BLANK: colours.DONE,
    Mark.MISSING: colours.DONE,
}


def ansi(lines: Iterable[Line]) -> str:
    """Return lines as a terminal shows them in colours."""
    return "\n".join(_painted(line.text, line.style) for line in lines)


def _painted(text: str, style: str) -> str:
    codes = ";".join(str(_CODES[word]) for word in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text


def gradescope(grades: Grades) -> dict[str, Any]:
    """Return a class of one as Gradescope's results.json: a test for each chapter."""
    (learner,) = grades.learners
    marked = {koan.name: koan for koan in learner.koans}
    return {
        "score": grades.points(learner),
        "output": ansi(report_lines(grades, learner)[1:]),
        "output_format": "ansi",
        "stdout_visibility": "hidden",
        "extra_data": {
            "path": grades.path,
            "torch": grades.torch,
            "max_score": grades.total,
            "solved": learner.solved,
            "current": learner.current or None,
            "flags": list(learner.flags),
        },
        "tests": [
            _chapter(chapter, [_marked(marked, name) for name in chapter.koans])
            for chapter in grades.chapters
        ],
    }


def _chapter(chapter: ChapterOf, koans: Sequence[MarkedKoan]) -> dict[str, Any]:
    solved = sum(koan.mark is Mark.SOLVED for koan in koans)
    return {
        "name": _name(chapter),
        "number": str(chapter.number),
        "score": chapter.weight * solved,
        "max_score": chapter.weight * len(koans),
        "status": "passed" if solved == len(koans) else "failed",
        "output": ansi(line for koan in koans for line in _lines(koan)),
        "output_format": "ansi",
    }


def _lines(koan: MarkedKoan) -> Iterator[Line]:
    if is_begun(koan):
        yield from koan_lines(koan)
    else:
        yield Line(f"  {koan.name}: {IN_WORDS[koan.mark]}", _STYLES.get(koan.mark, ""))


def classroom50(grades: Grades) -> dict[str, Any]:
    """Return what a class of one comes to in a `classroom50/result/v1`: a test for each koan.

    Scores are whole numbers there; where weights are not, all are so many times as much.
    """
    (learner,) = grades.learners
    marked = {koan.name: koan for koan in learner.koans}
    worth = [Fraction(chapter.weight).limit_denominator(1000) for chapter in grades.chapters]
    times = math.lcm(*(weight.denominator for weight in worth))
    tests = [
        {
            "test-name": f"{_name(chapter)}: {koan.name}",
            "passed": koan.mark is Mark.SOLVED,
            "score": int(weight * times) if koan.mark is Mark.SOLVED else 0,
            "max-score": int(weight * times),
            # What more a test has is kept as it is; the whole has no room for it.
            "state": IN_WORDS[koan.mark],
            "path": grades.path,
            "torch": grades.torch,
        }
        for chapter, weight in zip(grades.chapters, worth, strict=True)
        for koan in (_marked(marked, name) for name in chapter.koans)
    ]
    return {
        "schema": "classroom50/result/v1",
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def in_classroom50(environ: Mapping[str, str], now: dt.datetime) -> dict[str, str]:
    """Return what of a `classroom50/result/v1` says which submission it is about.

    Classroom 50's runner adds the owner and the kind of assignment.

    Raises:
        KeyError: if the runner does not say it.
    """
    return {
        "classroom": environ["CLASSROOM"],
        "assignment": environ["ASSIGNMENT"],
        "submission": environ["SUBMISSION_TAG"],
        "commit": environ["COMMIT_URL"],
        "release": environ["RELEASE_URL"],
        "review": environ.get("REVIEW_URL") or environ["COMMIT_URL"],
        "datetime": now.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _marked(marked: Mapping[str, MarkedKoan], name: str) -> MarkedKoan:
    return marked.get(name) or MarkedKoan(name, Mark.MISSING)


def _name(chapter: ChapterOf) -> str:
    return f"{chapter.number:02} {chapter.title}"


def gather(submission: Path, folder: Path) -> None:
    """Copy chapters, wherever they lie, and a journal; links and pipes are left behind."""
    folder.mkdir(parents=True)
    chapters = {file.name for file in (ROOT / "answers").glob("test_*.py")}
    for here, folders, files in os.walk(submission):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            file = Path(here, name)
            is_journal = name == JOURNAL
            if (is_journal or name in chapters) and stat.S_ISREG(file.lstat().st_mode):
                copy = folder / file.relative_to(submission)
                copy.parent.mkdir(parents=True, exist_ok=True)
                limit = LARGEST_JOURNAL if is_journal else LARGEST
                with file.open("rb") as stream:  # marking says that it is too large, if it is
                    copy.write_bytes(stream.read(limit + 1))


def mark(submission: Path, options: Sequence[str]) -> Grades | None:
    """Mark a submission, and return what it comes to, or None where that failed."""
    with tempfile.TemporaryDirectory() as scratch:
        gather(submission, Path(scratch, "class", "submission"))
        results = Path(scratch, "results")
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "sensei", "grade", str(Path(scratch, "class"))),
                *(f"--grade-to={results}", *options),
            ],
            cwd=ROOT,
            check=False,
        )
        found = list(results.glob("results/*/result.json"))
        if ended.returncode > 1 or not found:
            return None
        return from_result(json.loads(found[0].read_text("utf-8")))


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Mark a submission and write the result.

    Returns:
        0 if it was marked, whatever it came to; else 2, and no result is there.
    """
    parser = argparse.ArgumentParser(
        prog="python -m sensei.grading.hand_in",
        description="Mark a submission for a grading service. Further options, such as "
        "--weights=3=2, are those of python -m sensei grade.",
    )
    parser.add_argument("service", choices=("gradescope", "classroom50"))
    parser.add_argument("submission", type=Path)
    parser.add_argument("result", type=Path)
    asked, options = parser.parse_known_args(arguments)
    _clear(asked.result)
    grades = mark(asked.submission, options)
    if grades is None:
        return give_up("The submission could not be marked.")
    if asked.service == "gradescope":
        data = gradescope(grades)
    else:
        now = dt.datetime.now(dt.timezone.utc)
        data = classroom50(grades) | in_classroom50(environ, now)
    asked.result.parent.mkdir(parents=True, exist_ok=True)
    write_whole(asked.result, json.dumps(data, indent=1) + "\n")
    return 0


def _clear(file: Path) -> None:
    """Take away what stands in a result's place: the submission may have brought it."""
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    file.unlink(missing_ok=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], os.environ))
