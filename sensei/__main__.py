"""`python -m sensei`: writes koans/ from answers/, blank or solved."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sensei import source
from sensei.files import keep_old, write_whole
from sensei.path import Problem, read_path, read_text


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0, or 1 when a file was left alone, or 2 when nothing could be done.
    """
    options = _parser().parse_args(arguments)
    derive = source.blank if options.command == "blank" else source.solve
    sheets = [each.sheet for each in read_path(Path("koans"), Path("answers")) if each.sheet]
    wanted = {Path(name).name for name in options.chapters} or {sheet.name for sheet in sheets}
    if not sheets:
        return _give_up("There are no chapters in answers/ here. Go to the project's folder.")
    if unknown := wanted - {sheet.name for sheet in sheets}:
        return _give_up(f"Not in answers/: {', '.join(sorted(unknown))}")
    try:
        folder: Path = options.folder
        folder.mkdir(parents=True, exist_ok=True)
        chosen = [sheet for sheet in sheets if sheet.name in wanted]
        done = [_write(each, folder, derive, replace=options.replace) for each in chosen]
    except OSError as error:
        return _give_up(f"{error.filename}: {error.strerror}. Nothing more was written.")
    except _NoSheetError as error:
        return _give_up(f"{error} Nothing more was written.")
    if all(done):
        print(f"{folder} is up to date.")
        return 0
    print("To write them all the same, with the old files kept beside them:")
    print(f"    python -m sensei {' '.join(arguments)} --replace")
    return 1


def _give_up(why: str) -> int:
    print(why)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sensei", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    blank = commands.add_parser("blank", help="write the chapters into koans/, with blanks")
    blank.set_defaults(folder=Path("koans"))
    solve = commands.add_parser("solve", help="write the chapters into DEST, with bare answers")
    solve.add_argument("folder", metavar="DEST", type=Path)
    for command in (blank, solve):
        command.add_argument(
            "chapters", metavar="CHAPTER", nargs="*", help="a chapter's file (default: all)"
        )
        command.add_argument(
            "--replace",
            action="store_true",
            help="also write over files that were changed; the old ones are kept",
        )
    return parser


class _NoSheetError(Exception):
    """A file of answers/ cannot be read; the message says which and why."""


def _write(sheet: Path, folder: Path, derive: Callable[[str], str], *, replace: bool) -> bool:
    """Write one chapter where that loses nothing, and say so; return whether it is written."""
    answered = read_text(sheet)
    if isinstance(answered, Problem):
        raise _NoSheetError(f"{sheet} cannot be read: {answered.detail}.")
    try:
        fresh, text = source.blank(answered), derive(answered)
    except SyntaxError as error:
        raise _NoSheetError(f"{sheet}, line {error.lineno}: {error.msg}.") from None
    except ValueError as error:
        raise _NoSheetError(
            f"{sheet}: the notes of a marker are plain text: {error}."
        ) from None
    file = folder / sheet.name
    there = read_text(file)
    if not file.exists():
        write_whole(file, text)
        print(f"{file}: written")
    elif there != text:
        nothing_in_it = isinstance(there, str) and (there == fresh or not there.strip())
        if not replace and not nothing_in_it:
            print(f"{file}: left alone, it was changed")
            return False
        old = keep_old(file)
        write_whole(file, text)
        print(f"{file}: written anew, the old one is {old}")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
