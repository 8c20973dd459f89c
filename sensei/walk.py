"""Koans as pytest's items, and a walk on the path: a run of koans alone."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from sensei.files import write_whole
from sensei.judge.judge import Progress, State, Verdict, broken, judge, own_trial
from sensei.judge.memory import Memory
from sensei.koan.path import Chapter, Koan, read_path
from sensei.koan.trouble import Problem, Trouble
from sensei.run.runner import runner
from sensei.screen import state
from sensei.screen.lines import Line
from sensei.screen.map import path_map
from sensei.screen.verdict import about
from sensei.screen.walk import Run, graph_alone, screen

_MEMORY = "sensei/memory"
PICTURES = (".svg", ".png", ".pdf", ".dot")
#: Runs that look at the tests without running them, or show how they are run.
_OTHER_RUNS = (
    "cacheshow",
    "collectonly",
    "help",
    "markers",
    "setuponly",
    "setupplan",
    "setupshow",
    "show_fixtures_per_test",
    "showfixtures",
)


class Project:
    """The folders of a project, and its path."""

    def __init__(self, root: Path) -> None:
        self.koans = root / "koans"
        self.answers = root / "answers"
        self.chapters = read_path(self.koans, self.answers)

    def is_walk(self, config: pytest.Config) -> bool:
        """Whether a run is about koans alone; any other one is left to pytest."""
        if not self.chapters or any(
            config.getoption(name, default=False) for name in _OTHER_RUNS
        ):
            return False
        here, koans = config.invocation_params.dir, self.koans.resolve()
        names = {chapter.page.name for chapter in self.chapters}
        chosen = [here / arg.split("::")[0] for arg in config.args]
        return all(
            file.resolve() == koans or (file.parent.resolve() == koans and file.name in names)
            for file in chosen
        )


PROJECT = pytest.StashKey[Project]()


def picture(config: pytest.Config) -> Path | None:
    """Return the file that a picture was asked for in."""
    file = Path(config.option.graph or "")
    return file if file.suffix.lower() in PICTURES else None


# Koans as pytest sees them.


class PathFolder(pytest.Directory):
    """The folder koans/: its chapters, in the order of the path."""

    def collect(self) -> Iterator[pytest.Collector]:
        for chapter in self.config.stash[PROJECT].chapters:
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
        for place, koan in enumerate(self.chapter.koans):
            yield KoanItem.from_parent(
                self, name=koan.name, koan=koan, place=(self.chapter.number, place)
            )


class NotYetError(Exception):
    """A koan doesn't hold; its verdict says why."""


class KoanItem(pytest.Item):
    """A koan at its place on the path; `verdict` says where it stands once it ran."""

    def __init__(self, *, koan: Koan, place: tuple[int, int], **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.koan = koan
        self.place = place
        self.verdict = Verdict(koan)
        self.is_last = False
        self.account = ""
        self.graph: list[str] = []

    def runtest(self) -> None:
        try:
            self.verdict = judge(self.koan, self.config.option.koan_seconds)
        except ModuleNotFoundError as missing:
            problem = Problem(Trouble.NOT_INSTALLED, detail=missing.name or "")
            self.verdict = broken(self.koan, problem)
        except Exception as surprise:  # noqa: BLE001 - whatever a learner's file brought about
            problem = Problem(Trouble.UNJUDGED, detail=type(surprise).__name__)
            self.verdict = broken(self.koan, problem)
        current = self.is_last or self.verdict.state is not State.SOLVED
        if current and self.config.option.graph is not None:
            self.graph = self._drawn()
        if self.verdict.state is State.SOLVED:
            return
        if self.config.option.reveal:
            self.account = self._in_pytests_words()
        if self.verdict.printed:
            self.add_report_section("call", "stdout", self.verdict.printed)
        # A skip, an exit or an expected failure would mean something else to pytest.
        raise NotYetError

    def _drawn(self) -> list[str]:
        option = self.config.option
        try:
            from sensei.graph.shown import drawn

            return drawn(
                self.verdict,
                option.koan_seconds,
                reveal=option.reveal,
                picture=picture(self.config),
            )
        except ModuleNotFoundError as missing:
            return [f"      Without {missing.name} there is no graph to draw."]
        except Exception as surprise:  # noqa: BLE001 - as above
            return [f"      The graph could not be drawn: {type(surprise).__name__}."]

    def _in_pytests_words(self) -> str:
        """Run the learner's koan with pytest's assertions, and return what they say."""
        if self.verdict.state is not State.WRONG or self.verdict.error is None:
            return ""
        own = own_trial(self.koan, self.config.option.koan_seconds)
        with runner.koan() as run:
            error = run(own._replace(explains=True)).error
        return error.message if error else ""

    def repr_failure(self, excinfo: object, style: object = None) -> str:
        # pytest's account of the failure shows the value that the learner should predict.
        return "\n".join(line.text for line in about(self.verdict))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.koan.page.line - 1 if self.koan.page else None
        return self.path, line, self.name


# A walk on the path.


class Walk:
    """Runs the selected koans in order up to the first that doesn't hold, and shows it."""

    def __init__(self, config: pytest.Config, project: Project) -> None:
        self.config = config
        self.project = project
        self.koans: list[KoanItem] = []
        self.printed = ""
        self.interrupted = False
        # As it ends the interpreter looks through everything for garbage. Not through pytest.
        atexit.register(gc.freeze)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        koans = [item for item in session.items if isinstance(item, KoanItem)]
        self.koans = sorted(koans, key=lambda item: item.place)
        for item in self.koans[-1:]:
            item.is_last = True
        try:
            for item, following in zip_longest(self.koans, self.koans[1:]):
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                if item.verdict.state is not State.SOLVED:
                    break
        except KeyboardInterrupt:
            # pytest would show where in its own code the learner stopped it.
            self.interrupted = True
        return True

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
        progress = Progress([item.verdict for item in self.koans])
        graph = [line for item in self.koans for line in item.graph]
        has_screen = self.config.pluginmanager.hasplugin("terminalreporter")
        watched = self.config.pluginmanager.hasplugin("sensei-watched")
        if self.config.option.graph and not picture(self.config) and self.koans:
            # One koan was looked at, out of its order: nothing to remember.
            if has_screen:
                self._show(graph_alone(progress.verdicts, graph, watched=watched))
            self._write_state(progress)
            return
        memory = self._recall()
        after, hint = memory.after(progress), None
        if self.config.option.hint and progress.current:
            hint, after = after.next_hint(progress.current)
        self._remember(memory, after)
        run = Run(
            progress,
            just_solved=memory.just_solved(progress),
            offers_hint=after.offers_hint(progress.current),
            hint=hint,
            reveal=self.config.option.reveal,
            account="\n".join(item.account for item in self.koans if item.account),
            printed=self.printed,
            answered=any(chapter.sheet for chapter in self.project.chapters),
            interrupted=self.interrupted,
            watched=watched,
            whole=len(self.koans) == sum(len(each.koans) for each in self.project.chapters),
            graph=graph,
        )
        if has_screen:
            chapter = self.config.option.map
            mapped = chapter is not None and progress.verdicts
            self._show(path_map(progress, chapter) if mapped else screen(run))
        self._write_state(progress)

    def _show(self, lines: Iterable[Line]) -> None:
        writer = self.config.get_terminal_writer()
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        for line in lines:
            # A console that lacks a character of the learner's code shows a ? for it.
            text = line.text.encode(encoding, "replace").decode(encoding)
            writer.line(text, **({line.style: True} if line.style else {}))

    def _write_state(self, progress: Progress) -> None:
        file = self.config.option.koans_json
        if not file:
            return
        try:
            write_whole(file, state.to_json(progress))
        except OSError as error:
            raise pytest.UsageError(f"--koans-json: {file}: {error.strerror}") from None

    def _recall(self) -> Memory:
        cache = getattr(self.config, "cache", None)
        return Memory.from_data(cache.get(_MEMORY, None) if cache else None)

    def _remember(self, before: Memory, after: Memory) -> None:
        cache = getattr(self.config, "cache", None)
        if cache and before != after:
            cache.set(_MEMORY, after.to_data())
