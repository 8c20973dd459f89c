"""`python -m sensei`: writes koans/ from answers/, blank or solved."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sensei import source
from sensei.files import keep_old, write_whole
from sensei.path import Chapter, Problem, read_path, read_text
from sensei.source import ChangedError


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0, or 1 when a file was left alone, or 2 when nothing could be done.
    """
    options = _parser().parse_args(arguments)
    folder: Path = options.folder
    derive = source.blank if options.command == "blank" else source.solve
    chapters = [
        chapter for chapter in read_path(Path("koans"), Path("answers")) if chapter.sheet
    ]
    if not chapters:
        print("There are no chapters in answers/ here. Try again in the project's folder.")
        return 2
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [_write(each, folder, derive, replace=options.replace) for each in chapters]
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Nothing more was written.")
        return 2
    if all(written):
        print(f"{folder} is up to date.")
        return 0
    print("To begin these chapters anew, with the old files kept beside them:")
    print(f"    python -m sensei {' '.join(arguments)} --replace")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sensei", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    blank = commands.add_parser("blank", help="write the chapters into koans/, with blanks")
    blank.set_defaults(folder=Path("koans"))
    solve = commands.add_parser("solve", help="write the chapters into DEST, with bare answers")
    solve.add_argument("folder", metavar="DEST", type=Path)
    for command in (blank, solve):
        command.add_argument(
            "--replace",
            action="store_true",
            help="also write over chapters that hold predictions; the old files are kept",
        )
    return parser


def _write(
    chapter: Chapter, folder: Path, derive: Callable[[str], str], *, replace: bool
) -> bool:
    """Write one chapter where that loses nothing, and say so; return whether it is written."""
    assert chapter.sheet is not None
    file = folder / chapter.page.name
    answered = read_text(chapter.sheet)
    assert isinstance(answered, str)
    text = derive(answered)
    if not file.exists():
        write_whole(file, text)
        print(f"{file}: written")
    elif read_text(file) != text:
        if holds_predictions(file, answered) and not replace:
            print(f"{file}: left alone, it holds predictions")
            return False
        old = keep_old(file)
        write_whole(file, text)
        print(f"{file}: written anew, the old one is {old}")
    return True


def holds_predictions(file: Path, answered: str) -> bool:
    """Whether a learner may have filled a blank in a file; in doubt, yes.

    Args:
        file: the learner's chapter.
        answered: the text of the same chapter in answers/, maybe newer.
    """
    text = read_text(file)
    if isinstance(text, Problem):
        return True
    patterns = {part.name: part for part in source.split(source.blank(answered))[1]}
    for koan in source.split(text)[1]:
        pattern = patterns.get(koan.name)
        try:
            if pattern and not all(fill.is_blank for fill in source.lift(pattern, koan)):
                return True
        except (ChangedError, SyntaxError):
            # It reads otherwise now. While all its blanks are there, none is filled.
            if _count_blanks(koan.text) < _count_blanks(pattern.text if pattern else ""):
                return True
        if pattern is None and not _count_blanks(koan.text):
            return True
    return False


def _count_blanks(text: str) -> int:
    return len(re.findall(rf"(?<!\w){source.BLANK}(?!\w)", text))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
