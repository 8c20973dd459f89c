"""`python -m sensei`: an author's commands, the check of a machine, and old files put back.

Everything is imported where it is needed: the check runs where next to nothing can be.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0, or what else the command says; 2 is that nothing could be done.
    """
    if list(arguments) == ["doctor"]:
        from sensei.doctor import doctor

        return doctor()
    options = _parser().parse_args(arguments)
    if options.command == "check":
        from sensei.run.runner import runner

        runner.start()  # it imports torch while that is imported here
        from sensei.author.check import check, news

        if options.torch_news:
            return news(write=options.write)
        return check(options.names)
    if options.command == "show":
        from sensei.author.show import show

        return show(options.name)
    if options.command == "course":
        from sensei.author.course import course

        return course(options.folder, options.route, journal=options.journal)
    if options.command == "quiz":
        from sensei.author.quiz import quiz

        return quiz(options.chapters, options.seed)
    if options.command == "restore":
        from sensei.files import restore

        return restore(options.old)
    if options.command == "grade":
        from sensei.grading.command import grade

        return grade(options.submissions, options.more)
    if options.command == "merge":
        from sensei.grading.merge import merge

        return merge(options.folder, options.parts)
    from sensei.author.derive import derive
    from sensei.koan import source

    text_of = source.blank if options.command == "blank" else source.solve
    again = f"python -m sensei {' '.join(arguments)} --replace"
    return derive(
        options.folder, options.chapters, text_of, replace=options.replace, again=again
    )


def _parser() -> argparse.ArgumentParser:
    import argparse
    from pathlib import Path

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
    check = commands.add_parser("check", help="prove the koans, and say what does not hold")
    check.add_argument(
        "names", metavar="NAME", nargs="*", help="a koan or a chapter (default: all)"
    )
    check.add_argument(
        "--torch-news",
        action="store_true",
        help="say what the installed torch does otherwise than the one of the table",
    )
    check.add_argument("--write", action="store_true", help="with it: write the table")
    show = commands.add_parser(
        "show", help="show a koan as a learner meets it, and its replies"
    )
    show.add_argument("name", metavar="NAME", help="a koan or a chapter")
    grade = commands.add_parser(
        "grade", help="mark what learners handed in, by this project's settings alone"
    )
    grade.add_argument("submissions", metavar="DIR", type=Path)
    grade.add_argument(
        "more",
        nargs=argparse.REMAINDER,
        help="options of pytest, such as -n 4 or --roster=FILE",
    )
    merge = commands.add_parser("merge", help="make one report of a class marked in parts")
    merge.add_argument("folder", metavar="DEST", type=Path, help="where it is written")
    merge.add_argument("parts", metavar="DIR", type=Path, nargs="+", help="what marking wrote")
    course = commands.add_parser(
        "course", help="write a folder for learners, with replies and without answers"
    )
    course.add_argument("folder", metavar="DEST", type=Path, help="a new folder")
    part = course.add_mutually_exclusive_group()
    part.add_argument(
        "--chapters", metavar="1-6,12", dest="route", help="these chapters (default: all)"
    )
    part.add_argument(
        "--route", metavar="core", dest="route", help="the koans that are marked for it"
    )
    course.add_argument(
        "--journal", action="store_true", help="have a line kept for each prediction"
    )
    course.set_defaults(route="")
    quiz = commands.add_parser(
        "quiz", help="write a sheet of koans with other numbers, to be printed, and its key"
    )
    quiz.add_argument(
        "--chapters", metavar="1-6,12", default="", help="of these (default: all)"
    )
    quiz.add_argument(
        "--seed", metavar="N", type=int, default=1, help="another number, another sheet"
    )
    commands.add_parser("doctor", help="say what of this machine the path can use")
    back = commands.add_parser("restore", help="put old files back, and keep what is there")
    back.add_argument("old", metavar="OLD", type=Path, nargs="+", help="koans/....py.old1")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
