"""pytest's hooks: koans become items, and a run of koans alone becomes a walk on the path."""

from __future__ import annotations

import argparse
import atexit
import gc
import sys
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from sensei import state_file, trial, voice
from sensei.files import write_whole
from sensei.judge import Progress, State, Verdict, broken, judge
from sensei.memory import Memory
from sensei.path import Chapter, Koan, Problem, Trouble, named, read_path

_MEMORY = "sensei/memory"
_project = pytest.StashKey["Project"]()

#: Parts of pytest that no koan uses and that take a tenth of the time to the first screen.
_UNUSED = ("fixtures", "threadexception", "unraisableexception")
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


_WALK_OPTIONS = (
    *("--koans-json", "--hint", "--reveal", "--map", "--graph", "--reset", "--update"),
    "--watch",
)
#: Those that write into koans/ and do nothing else.
_ANEW_OPTIONS = ("--reset", "--update")
#: What cannot happen again at every save; keys of a watched path stand for some of them.
_FOR_ONE_RUN = (*_WALK_OPTIONS[:-1], "--pdb", "--trace", "-f")
_A_DAY = 86400
_PICTURES = (".svg", ".png", ".pdf", ".dot")
#: So many koans fit on a screen.
_NAMES = 10


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


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("koans")
    group.addoption(
        "--koans-json",
        metavar="FILE",
        type=Path,
        help="write the state of the path to FILE, for programs",
    )
    group.addoption("--hint", action="store_true", help="show the current koan's next hint")
    group.addoption(
        "--reveal",
        action="store_true",
        help="show the current koan's answer, its reason, and pytest's account of a difference",
    )
    group.addoption(
        "--map",
        metavar="CHAPTER",
        type=int,
        nargs="?",
        const=0,
        help="show where every koan stands, or those of one chapter",
    )
    group.addoption("--reset", metavar="NAME", help="make a koan or a chapter blank again")
    group.addoption(
        "--update", action="store_true", help="carry all fills over to a newer path"
    )
    group.addoption(
        "--graph",
        metavar="NAME|FILE",
        nargs="?",
        const="",
        help="draw what autograd recorded in the current koan, or in the one of that name; "
        f"or write it as a picture ({', '.join(_PICTURES)})",
    )
    group.addoption(
        "--watch", action="store_true", help="show the path again whenever a chapter is saved"
    )
    # A watched run, whose command line may stand in a file or in the environment.
    group.addoption("--no-watch", dest="watch", action="store_false", help=argparse.SUPPRESS)
    group.addoption(
        "--koan-seconds",
        metavar="N",
        type=_seconds,
        default=10.0,
        help="how long one koan may run (default: %(default)s)",
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _A_DAY:
        raise argparse.ArgumentTypeError(f"not between 0 and {_A_DAY}: {text}")
    return seconds


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    project = config.stash[_project] = Project(config.rootpath)
    is_walk = project.is_walk(config)
    if wrong := _wrong_usage(config, project, is_walk=is_walk):
        raise pytest.UsageError(wrong)
    if not is_walk:
        return None
    if config.option.watch:
        from sensei.watch import watch

        return watch(config, (project.koans, project.answers))
    if config.option.update or config.option.reset is not None:
        from sensei import anew

        if config.option.update:
            return anew.update(project.chapters, project.koans)
        return anew.reset(project.chapters, config.option.reset)
    if config.option.graph and not _picture(config):
        config.args = [_to_draw(project, config.option.graph)]
    _quieten(config)
    config.pluginmanager.register(Walk(config, project), "sensei-walk")
    return None


def _wrong_usage(config: pytest.Config, project: Project, *, is_walk: bool) -> str | None:
    """Say which options or folders keep a run from beginning, if any do."""
    selects = config.args_source is pytest.Config.ArgsSource.ARGS
    if project.chapters and not project.koans.is_dir() and not selects:
        return "koans/ is not there. To write it again: python -m sensei blank"
    given = [name for name in _WALK_OPTIONS if _is_given(config, name)]
    if given and not is_walk:
        return f"{given[0]} goes with a run of koans alone, such as: pytest"
    for_one_run = [name for name in _FOR_ONE_RUN if _is_given(config, name)]
    if for_one_run and config.option.watch:
        return f"--watch goes without {for_one_run[0]}: that is for one run"
    anew = [name for name in _ANEW_OPTIONS if name in given]
    if anew and (selects or config.option.keyword or len(anew) > 1):
        return "--reset NAME and --update go alone; put a long NAME in quotes"
    files = (("--koans-json", config.option.koans_json), ("--graph", _picture(config)))
    for name, file in files:
        if file and not file.parent.is_dir():
            return f"{name}: no such folder: {file.parent}"
    return None


def _picture(config: pytest.Config) -> Path | None:
    """Return the file that a picture was asked for in."""
    file = Path(config.option.graph or "")
    return file if file.suffix.lower() in _PICTURES else None


def _to_draw(project: Project, text: str) -> str:
    """Return the argument that selects the one koan that a learner means."""
    found = named(project.chapters, text)
    koans = [it for it in found if isinstance(it, Koan)]
    chapters = [it for it in found if isinstance(it, Chapter)]
    if len(koans) > 1:
        names = "".join(f"\n    pytest --graph {koan.name}" for koan in koans[:_NAMES])
        more = "\nThere are more. For their names: pytest --map" if len(koans) > _NAMES else ""
        raise pytest.UsageError(f"--graph {text}: which one of these?{names}{more}")
    if chapters and not koans:
        raise pytest.UsageError(
            f"--graph {text}: a chapter has no graph, but its koans have.\n"
            f"For their names: pytest --map {chapters[0].number}"
        )
    if not koans:
        raise pytest.UsageError(
            f"--graph {text}: no koan has this name. For their names: pytest --map"
        )
    page = koans[0].chapter.page
    if not page.exists():
        raise pytest.UsageError(
            f"koans/{page.name} is not there. To write it again: python -m sensei blank"
        )
    return f"{page}::{koans[0].name}"


def _is_given(config: pytest.Config, name: str) -> bool:
    # By identity: chapter 0 of a map is given.
    value = config.getoption(name, default=None)
    return value is not None and value is not False


def _quieten(config: pytest.Config) -> None:
    """Leave the screen to the walk, by pytest's own options."""
    option = config.option
    option.verbose = -2
    option.no_header = option.no_summary = True
    # One koan is shown at a time, so there is nothing to stop at and nothing to spread:
    # workers would each import torch to run what takes less time than that.
    option.maxfail = 0
    option.stepwise = False
    if hasattr(option, "numprocesses"):
        option.numprocesses, option.dist, option.tx = 0, "no", []
        option.distload = False
    for unused in _UNUSED:
        config.pluginmanager.unregister(name=unused)


def pytest_enter_pdb() -> None:
    trial.lift_time_limit()


# Koans as pytest sees them.


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    project = parent.config.stash[_project]
    if path.resolve() != project.koans.resolve():
        return None
    return PathFolder.from_parent(parent, path=path)


class PathFolder(pytest.Directory):
    """The folder koans/: its chapters, in the order of the path."""

    def collect(self) -> Iterator[pytest.Collector]:
        for chapter in self.config.stash[_project].chapters:
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
        error = self.verdict.error
        if self.config.option.usepdb and isinstance(error, Exception):
            raise error  # a debugger opens where it came up
        # A skip, an exit or an expected failure would mean something else to pytest.
        raise NotYetError

    def _drawn(self) -> list[str]:
        option = self.config.option
        try:
            from sensei.graph import drawn

            return drawn(
                self.verdict,
                option.koan_seconds,
                reveal=option.reveal,
                picture=_picture(self.config),
            )
        except ModuleNotFoundError as missing:
            return [f"      Without {missing.name} there is no graph to draw."]
        except Exception as surprise:  # noqa: BLE001 - as above
            return [f"      The graph could not be drawn: {type(surprise).__name__}."]

    def _in_pytests_words(self) -> str:
        """Run the learner's koan with pytest's assertions, and return what they say."""
        if self.verdict.state is not State.WRONG or self.verdict.error is None:
            return ""
        from _pytest.assertion.rewrite import rewrite_asserts

        koan, seconds = self.koan, self.config.option.koan_seconds
        assert koan.page is not None
        assert koan.chapter.head is not None
        tree = koan.page.tree()
        rewrite_asserts(tree, koan.page.text.encode(), config=self.config)
        outcome = trial.run(
            (koan.chapter.head.tree(), tree), koan.name, str(self.path), seconds
        )
        return str(outcome.error)

    def repr_failure(self, excinfo: object, style: object = None) -> str:
        # pytest's account of the failure shows the value that the learner should predict.
        return "\n".join(line.text for line in voice.koan(self.verdict))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.koan.page.line - 1 if self.koan.page else None
        return self.path, line, self.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    if item.path.parent != item.config.stash[_project].answers:
        return (yield)
    with trial.hermetic():
        return (yield)


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
        if self.config.option.graph and not _picture(self.config) and self.koans:
            # One koan was looked at, out of its order: nothing to remember.
            if has_screen:
                self._show(voice.graph_alone(progress.verdicts, graph, watched=watched))
            self._write_state(progress)
            return
        memory = self._recall()
        after, hint = memory.after(progress), None
        if self.config.option.hint and progress.current:
            hint, after = after.next_hint(progress.current)
        self._remember(memory, after)
        run = voice.Run(
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
            self._show(voice.path_map(progress, chapter) if mapped else voice.screen(run))
        self._write_state(progress)

    def _show(self, lines: Iterable[voice.Line]) -> None:
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
            write_whole(file, state_file.to_json(progress))
        except OSError as error:
            raise pytest.UsageError(f"--koans-json: {file}: {error.strerror}") from None

    def _recall(self) -> Memory:
        cache = getattr(self.config, "cache", None)
        return Memory.from_data(cache.get(_MEMORY, None) if cache else None)

    def _remember(self, before: Memory, after: Memory) -> None:
        cache = getattr(self.config, "cache", None)
        if cache and before != after:
            cache.set(_MEMORY, after.to_data())
