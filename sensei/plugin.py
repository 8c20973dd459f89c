"""pytest's hooks: koans become items, and a run of koans alone becomes a walk on the path."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from sensei import judge, path, state_file, trial, voice
from sensei.files import write_whole
from sensei.judge import State, Verdict
from sensei.path import Chapter, Koan

_SOLVED = "sensei/solved"
_course = pytest.StashKey["Course"]()

#: Parts of pytest that no koan uses and that take a tenth of the time to the first screen.
_UNUSED = ("fixtures", "threadexception", "unraisableexception")
#: Runs that look at the tests without running them, or show how they are run.
_OTHER_RUNS = ("collectonly", "setuponly", "setupplan", "setupshow", "showfixtures")


class Course:
    """The folders of a project, and its path."""

    def __init__(self, root: Path) -> None:
        self.koans = root / "koans"
        self.answers = root / "answers"
        self.chapters = path.read_path(self.koans, self.answers)

    def is_walk(self, config: pytest.Config) -> bool:
        """Whether a run is about koans alone; any other one is left to pytest."""
        if not self.chapters or any(
            config.getoption(name, default=False) for name in _OTHER_RUNS
        ):
            return False
        here = config.invocation_params.dir
        chosen = [(here / arg.split("::")[0]).resolve() for arg in config.args]
        pages = {chapter.page for chapter in self.chapters}
        return all(file in pages or file == self.koans for file in chosen)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("koans")
    group.addoption(
        "--koans-json",
        metavar="FILE",
        type=Path,
        help="write the state of the path to FILE, for programs",
    )
    group.addoption(
        "--koan-seconds",
        metavar="N",
        type=float,
        default=10.0,
        help="how long one koan may run (default: %(default)s)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    course = config.stash[_course] = Course(config.rootpath)
    if course.is_walk(config):
        _quieten(config)
        config.pluginmanager.register(Walk(config, course), "sensei-walk")
    elif config.option.koans_json:
        raise pytest.UsageError("--koans-json goes with a run of koans alone, such as: pytest")
    if config.option.koans_json and not config.option.koans_json.parent.is_dir():
        raise pytest.UsageError(
            f"--koans-json: no such folder: {config.option.koans_json.parent}"
        )


def _quieten(config: pytest.Config) -> None:
    """Leave the screen to the walk, by pytest's own options."""
    option = config.option
    option.verbose = -2
    option.no_header = option.no_summary = True
    # One koan is shown at a time, so there is nothing to stop at and nothing to spread:
    # workers would each import torch to run what takes less time than that.
    option.maxfail = 0
    if config.pluginmanager.hasplugin("xdist"):
        option.numprocesses, option.dist, option.tx = 0, "no", []
        option.distload = False
    for unused in _UNUSED:
        config.pluginmanager.unregister(name=unused)


def pytest_enter_pdb() -> None:
    trial.lift_time_limit()


# Koans as pytest sees them.


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    course = parent.config.stash[_course]
    return PathFolder.from_parent(parent, path=path) if path == course.koans else None


class PathFolder(pytest.Directory):
    """The folder koans/: its chapters, in the order of the path."""

    def collect(self) -> Iterator[pytest.Collector]:
        for chapter in self.config.stash[_course].chapters:
            ignored = self.ihook.pytest_ignore_collect(
                collection_path=chapter.page, config=self.config
            )
            if not ignored or self.session.isinitpath(chapter.page):
                yield ChapterFile.from_parent(self, path=chapter.page, chapter=chapter)


class ChapterFile(pytest.File):
    """A chapter; collecting it runs none of it."""

    def __init__(self, *, chapter: Chapter, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.chapter = chapter

    def collect(self) -> Iterator[pytest.Item]:
        for koan in self.chapter.koans:
            yield KoanItem.from_parent(self, name=koan.name, koan=koan)


class NotYetError(Exception):
    """A koan doesn't hold; its verdict says why."""


class KoanItem(pytest.Item):
    """A koan; `verdict` says where it stands once it ran."""

    def __init__(self, *, koan: Koan, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.koan = koan
        self.verdict = judge.ahead(koan)

    def runtest(self) -> None:
        self.verdict = judge.judge(self.koan, self.config.option.koan_seconds)
        if self.verdict.state is State.SOLVED:
            return
        error = self.verdict.error
        if self.config.option.usepdb and isinstance(error, Exception):
            raise error  # a debugger opens where it came up
        # A skip, an exit or an expected failure would mean something else to pytest.
        raise NotYetError

    def repr_failure(self, excinfo: object, style: object = None) -> str:
        # pytest's account of the failure shows the value that the learner should predict.
        return "\n".join(line.text for line in voice.koan(self.verdict))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.koan.page.line - 1 if self.koan.page else None
        return self.path, line, self.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    if item.path.parent != item.config.stash[_course].answers:
        return (yield)
    with trial.hermetic():
        return (yield)


# A walk on the path.


class Walk:
    """Runs the selected koans in order up to the first that doesn't hold, and shows it."""

    def __init__(self, config: pytest.Config, course: Course) -> None:
        self.config = config
        self.course = course
        self.koans: list[KoanItem] = []
        self.printed = ""
        self.interrupted = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        order = [koan.nodeid for chapter in self.course.chapters for koan in chapter.koans]
        place = {nodeid: number for number, nodeid in enumerate(order)}
        koans = [item for item in session.items if isinstance(item, KoanItem)]
        self.koans = sorted(koans, key=lambda item: place[item.koan.nodeid])
        try:
            for item, following in zip_longest(self.koans, self.koans[1:]):
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                if item.verdict.state is not State.SOLVED:
                    break
        except KeyboardInterrupt:
            # pytest would show where in its own code the learner stopped it.
            self.interrupted = True
        return True

    def pytest_unconfigure(self) -> None:
        # The interpreter need not look through all of pytest for garbage before it ends.
        gc.freeze()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        return report.outcome, "", ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.printed += report.capstdout

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.interrupted:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        verdicts = [item.verdict for item in self.koans]
        solved_before = self._remember(verdicts)
        walk = voice.Walk(
            verdicts,
            just_solved=[
                verdict
                for verdict in verdicts
                if verdict.state is State.SOLVED
                and solved_before is not None
                and verdict.koan.nodeid not in solved_before
            ],
            printed=self.printed,
            answered=self.course.answers.is_dir(),
            interrupted=self.interrupted,
        )
        if self.config.option.koans_json:
            write_whole(self.config.option.koans_json, state_file.to_json(verdicts))
        if self.config.pluginmanager.hasplugin("terminalreporter"):
            self._show(voice.screen(walk))

    def _show(self, lines: Iterable[voice.Line]) -> None:
        writer = self.config.get_terminal_writer()
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        for line in lines:
            # A console that lacks a character of the learner's code shows a ? for it.
            text = line.text.encode(encoding, "replace").decode(encoding)
            writer.line(text, **({line.style: True} if line.style else {}))

    def _remember(self, verdicts: list[Verdict]) -> set[str] | None:
        """Store which koans are solved; return those that were, or None if nobody knows."""
        cache = getattr(self.config, "cache", None)
        if cache is None:
            return None
        stored = cache.get(_SOLVED, None)
        known = isinstance(stored, list) and all(isinstance(name, str) for name in stored)
        before = set(stored) if known else set()
        looked_at = {v.koan.nodeid for v in verdicts if v.state is not State.AHEAD}
        solved = {v.koan.nodeid for v in verdicts if v.state is State.SOLVED}
        cache.set(_SOLVED, sorted(before - looked_at | solved))
        return before if known else None
