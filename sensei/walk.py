"""Koans as pytest's items, and a walk on the path: a run of koans alone."""

from __future__ import annotations

import argparse
import atexit
import gc
import hashlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sensei import debugger
from sensei.environment import environment
from sensei.files import write_whole
from sensei.judge import learned
from sensei.judge.memory import Hint, Memory, all_hints
from sensei.judge.verdict import Progress, State, Verdict, broken, judge_by_reading
from sensei.koan.path import Chapter, Koan, beside_path, is_chapter
from sensei.koan.trouble import Problem, Trouble
from sensei.options import JOURNAL, is_plain, picture, setting
from sensei.project import Project
from sensei.reading import why
from sensei.screen import state
from sensei.screen.colours import Piece
from sensei.screen.lines import Line, encodable, in_words, plain
from sensei.screen.links import has_links, linked
from sensei.screen.map import beside, path_map
from sensei.screen.verdict import about
from sensei.screen.walk import Neighbour, Report, answer_alone, graph_alone, screen

#: What pytest's cache has the memory by.
MEMORY = "sensei/memory"


# Koans as pytest sees them.


class Collection:
    """How pytest collects the koans of a project, and runs its answers."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def pytest_collect_directory(
        self, path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        if path.resolve() != self.project.koans.resolve():
            return None
        return PathFolder.from_parent(parent, path=path, chapters=self.project.chapters)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        if item.path.parent != self.project.answers:
            return (yield)
        from sensei.run.trial import hermetic

        with hermetic():
            return (yield)


class PathFolder(pytest.Directory):
    """The folder koans/: its chapters, in the order of the path."""

    def __init__(self, *, chapters: Sequence[Chapter], **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.chapters = chapters

    def collect(self) -> Iterator[pytest.Collector]:
        for chapter in self.chapters:
            ignored = self.ihook.pytest_ignore_collect(
                collection_path=chapter.page, config=self.config
            )
            if not ignored or self.session.isinitpath(chapter.page):
                yield ChapterFile.from_parent(self, path=chapter.page, chapter=chapter)
        # What a learner has beside the path runs by name alone, as pytest runs it.
        for file in beside_path(self.path, self.chapters):
            if self.session.isinitpath(file):
                yield from self.ihook.pytest_collect_file(file_path=file, parent=self)


class ChapterFile(pytest.File):
    """A chapter; collecting it runs none of it."""

    def __init__(self, *, chapter: Chapter, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.chapter = chapter

    def collect(self) -> Iterator[pytest.Item]:
        for number, koan in enumerate(self.chapter.koans):
            yield KoanItem.from_parent(
                self, name=koan.name, koan=koan, order=(self.chapter.number, number)
            )


class NotYetError(Exception):
    """A koan doesn't hold; its verdict says why."""


class Place(NamedTuple):
    """Where a koan failed, as programs that mark lines ask pytest's reports for it."""

    path: str
    lineno: int
    message: str


class Account:
    """What a report says of a koan that doesn't hold, and where."""

    def __init__(self, text: str, place: Place) -> None:
        self._text = text
        self.reprcrash = place

    def __str__(self) -> str:
        return self._text

    def toterminal(self, writer: Any) -> None:
        """Write it, as pytest asks its own accounts to."""
        writer.line(self._text)


class KoanItem(pytest.Item):
    """A koan at its place on the path; `verdict` says where it stands once it was judged."""

    def __init__(self, *, koan: Koan, order: tuple[int, int], **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.koan = koan
        self.order = order
        self.verdict = Verdict(koan)
        self.is_remembered = False
        #: Whether it is looked at for its own sake, so that a debugger may stop in it.
        self.is_current = True
        self._raised: Exception = NotYetError()
        #: The koan that comes first, where this one was named but not reached.
        self.waits_for = ""
        self._has_told = False

    @property
    def is_judged(self) -> bool:
        """Whether it is known where the koan stands."""
        return self.verdict.state is not State.AHEAD

    def judge(
        self, ground: Callable[[], str] = str, held: frozenset[str] = frozenset()
    ) -> None:
        """Find out where the koan stands.

        Args:
            ground: returns what all verdicts rest on beside the koans' own texts. It takes
                longer than all the rest of a fresh walk, which does without.
            held: digests of koans that are known to hold.
        """
        self.is_remembered = False
        if held and not debugger.may_stop_in(self.koan):
            digest = self._digest(ground())
            if digest in held:
                self.is_remembered = True
                self.verdict = Verdict(self.koan, State.SOLVED, digest=digest)
                return
        verdict = self.judged()
        if verdict.state is State.SOLVED:
            verdict = verdict._replace(digest=self._digest(ground()))
        self.verdict = verdict

    def judged(self) -> Verdict:
        """Return where the koan stands, found out anew."""
        try:
            verdict = judge_by_reading(self.koan)
            if verdict.state is State.AHEAD:
                from sensei.judge.judge import judge  # with all that replies need

                return judge(self.koan, self.config.option.koan_seconds)
        except Exception as surprise:  # noqa: BLE001 - whatever a learner's file brought about
            return broken(self.koan, Problem(Trouble.UNJUDGED, detail=type(surprise).__name__))
        return verdict

    def _digest(self, ground: str) -> str:
        texts = f"{ground} {self.koan.digest}"
        return hashlib.sha1(texts.encode(), usedforsecurity=False).hexdigest()

    def runtest(self) -> None:
        """Hand out the verdict. Only a koan among other tests, in no walk, is judged here."""
        if self.waits_for:
            pytest.skip(f"ahead: {self.waits_for} comes first")
        if not self.is_judged:
            self.judge()
        if self.verdict.printed and not self._has_told:
            self._has_told = True  # another plugin may run this again
            lines = self.verdict.printed.splitlines()
            self.add_report_section("call", "stdout", "\n".join(map(plain, lines)))
        error = debugger.run(self.config, self.verdict, is_current=self.is_current)
        if self.verdict.state is State.SOLVED:
            return
        # A skip, an exit or an expected failure would mean something else to pytest.
        if self.config.getoption("usepdb", default=False) and isinstance(error, Exception):
            self._raised = error  # a debugger opens where it came up
        raise self._raised

    def repr_failure(  # type: ignore[override]  # pytest takes whatever writes itself
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str | Account:
        if excinfo.value is not self._raised:
            return excinfo.exconly()  # another plugin's
        line = self.verdict.line or 1
        return Account(self._in_words(), Place(str(self.path), line, self._in_words()))

    def is_told_by(self, report: pytest.TestReport) -> bool:
        """Whether a report says what the verdict does."""
        if self.waits_for:
            return True
        if self.verdict.state is State.SOLVED or report.when != "call":
            return report.passed
        return not report.skipped and str(report.longrepr) == self._in_words()

    def _in_words(self) -> str:
        # pytest's account of a failure shows the value that the learner should predict.
        return "\n".join(line.text for line in about(self.verdict))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.koan.page.line - 1 if self.koan.page else None
        return self.path, line, self.name


# A walk on the path.


class Walk:
    """Judges the selected koans in order up to the first that doesn't hold, and shows it.

    pytest's own protocol runs afterwards, once for each koan that was judged, and hands out
    what is known. So no other plugin can change what the screen and the status say.
    """

    memory = MEMORY

    def __init__(self, config: pytest.Config, project: Project) -> None:
        self.config = config
        self.project = project
        self.koans: list[KoanItem] = []
        self.graph: list[str] = []
        self.account = ""
        self.named: Verdict | None = None  # the koan whose answer is asked for by name
        self.neighbours: dict[str, Neighbour] = {}
        self.interrupted = False
        # As they end, pytest and the interpreter look through everything for garbage, which
        # takes longer than all the rest of a fresh walk. Not through what is frozen.
        config.add_cleanup(gc.unfreeze)
        atexit.register(gc.freeze)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        # One of each, also where something is selected twice and kept.
        koans = {item.order: item for item in session.items if isinstance(item, KoanItem)}
        self.koans = [koans[order] for order in sorted(koans)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        try:
            self._judge()
            self._report(session)
        except session.Interrupted:
            raise  # it was not the learner
        except KeyboardInterrupt:
            # pytest would show where in its own code the learner stopped it.
            self.interrupted = True
            self._pass_over_ctrl_c()
        return True

    def _pass_over_ctrl_c(self) -> None:
        """Let nothing interrupt the end of the run, which shows where the learner is."""
        if threading.current_thread() is threading.main_thread():
            before = signal.signal(signal.SIGINT, signal.SIG_IGN)
            self.config.add_cleanup(lambda: _set_ctrl_c(before))

    def _judge(self) -> None:
        """Judge koan by koan until one doesn't hold, and look closer at the last of them."""
        runs_all = self._watched and self._watched.runs_all
        held = frozenset() if runs_all else self._recall().held
        self._judge_up_to_the_first(self.koans, held)
        if all(item.verdict.state is State.SOLVED for item in self.koans):
            # That the end is reached is only said after everything has run.
            remembered = [item for item in self.koans if item.is_remembered]
            for item in remembered:
                item.verdict = Verdict(item.koan)
            self._judge_up_to_the_first(remembered, frozenset())
        current = Progress([item.verdict for item in self.koans]).current
        for item in self.koans:
            is_open = item.verdict is current
            item.is_current = is_open if current else item is self.koans[-1]
            if item.is_current:
                self._look_closer(item)
            if not is_open and item.koan.nodeid == self.config.option.reveal:
                # It may lie ahead and hold already; the path is as far as it is all the same.
                self.named = item.verdict if item.is_judged else item.judged()

    def _judge_up_to_the_first(self, items: Iterable[KoanItem], held: frozenset[str]) -> None:
        for item in items:
            if not item.is_judged:
                item.judge(self._ground, held)
            if not item.verdict.state.lets_pass:
                return

    def _ground(self) -> str:
        return f"{environment()} {self.project.other_code}"

    def _reveals(self, current: Verdict | None) -> bool:
        """Whether the current koan's answer is asked for, and not another one's."""
        named = self.config.option.reveal
        return named == "" or bool(current and current.koan.nodeid == named)

    def _look_closer(self, item: KoanItem) -> None:
        option = self.config.option
        if option.graph is not None:
            self.graph = _drawn(item.verdict, option)
        if self._reveals(item.verdict) and not _keeps_answer(item.verdict):
            self.account = _in_pytests_words(item.verdict, option.koan_seconds)

    def _report(self, session: pytest.Session) -> None:
        """Run pytest's protocol for the koans that were judged, as its own loop does."""
        judged = [item for item in self.koans if item.is_judged or self._is_awaited(item)]
        if self._watched:
            # Nobody reads these reports, which take most of a save's time on a long path.
            judged = [item for item in judged if not item.is_remembered]
        for item, following in zip_longest(judged, judged[1:]):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)

    def _is_awaited(self, item: KoanItem) -> bool:
        """Whether a koan lies ahead, but was named, so that somebody waits for its result."""
        current = Progress([item.verdict for item in self.koans]).current
        name = f"{item.path.name}::{item.name}"
        if current and any(argument.endswith(name) for argument in self.config.args):
            item.waits_for = current.koan.name
        return bool(item.waits_for)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        # Setting up and tearing down are no results, unless another plugin made one of them.
        if report.when == "call":
            return report.outcome, "", ""
        return {"passed": "", "failed": "error"}.get(report.outcome, report.outcome), "", ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what another plugin has made of a koan."""
        if report.passed:
            return
        item = next((item for item in self.koans if item.nodeid == report.nodeid), None)
        if item and not item.is_told_by(report):
            did = "skipped" if report.skipped else "broke"
            other = Neighbour(did, item.name, _last_words(report))
            self.neighbours.setdefault(item.nodeid, other)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        gc.freeze()
        if session.exitstatus == pytest.ExitCode.USAGE_ERROR:
            return  # pytest says what cannot be meant
        progress = Progress([item.verdict for item in self.koans])
        self._set_status(session, progress)
        shown = self._aside(progress) or self._at_the_path(progress)
        if self.config.pluginmanager.hasplugin("terminalreporter"):
            self._show(in_words(shown) if is_plain(self.config.option) else shown)
        self._write_state(progress)

    def _aside(self, progress: Progress) -> list[Line]:
        """Return what was asked for in the place of the path's screen, if anything was.

        After it nothing is remembered: what is new was not told.
        """
        option = self.config.option
        if not progress.verdicts:
            return []
        if option.graph and not picture(option):
            return graph_alone(progress.verdicts, self.graph, watched=bool(self._watched))
        if self.named:
            return answer_alone(self.named, watched=bool(self._watched))
        if option.reveal and option.reveal not in [item.koan.nodeid for item in self.koans]:
            return screen(Report(Progress([])))
        if option.map is not None:
            return [
                *path_map(progress, option.map, watched=bool(self._watched)),
                *beside([file.name for file in self.project.beside]),
            ]
        return []

    def _learn(self, memory: Memory, progress: Progress) -> tuple[Memory, Hint | None]:
        """Return the memory with what this run has found and shown, and the hint it shows."""
        after, current, hint = memory.after(progress, learned.today()), progress.current, None
        if self.config.option.hint and current:
            hint, after = after.next_hint(current)
        if current and self._reveals(current):
            after = after.with_answer_shown(current)
        return after, hint

    def _at_the_path(self, progress: Progress) -> list[Line]:
        memory, day = self._recall(), learned.today()
        after, hint = self._learn(memory, progress)
        waiting = learned.due(memory.learned.values(), day)
        offers_review = waiting >= learned.COUNT and after.offered < day
        if offers_review:
            after = after._replace(offered=day)
        unwritten = ""
        # Of a run that is given up for a newer one nobody sees anything.
        if not (self._watched and self._watched.is_outdated):
            unwritten = self._keep_journal(progress, memory)
            is_kept = self._remember(memory, after)
            if hint and progress.current and not is_kept:
                hint = all_hints(progress.current)  # else the first one would come for ever
        return screen(
            Report(
                progress,
                just_solved=memory.just_solved(progress),
                offers_hint=after.offers_hint(progress.current),
                hint=hint,
                reveal=self._reveals(progress.current),
                account=self.account,
                answered=any(chapter.sheet for chapter in self.project.chapters),
                missing=self.project.missing,
                interrupted=self.interrupted,
                watched=bool(self._watched),
                whole=len(self.koans) == sum(len(each.koans) for each in self.project.chapters),
                graph=self.graph,
                neighbours=list(self.neighbours.values()),
                beside=[file.name for file in self.project.beside if is_chapter(file)],
                unwritten=unwritten,
                waiting=waiting if offers_review else 0,
                hard=_hard(memory.just_solved(progress), progress, after),
            )
        )

    @property
    def _watched(self) -> Any:
        """The watch's part in this run, if it is one of a watch's."""
        return self.config.pluginmanager.get_plugin("sensei-watched")

    def _set_status(self, session: pytest.Session, progress: Progress) -> None:
        """Let the status say how far the path is, whatever became of pytest's own tests."""
        of_tests = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        if self.interrupted:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        elif session.exitstatus in of_tests and progress.verdicts:
            is_open = progress.current or session.shouldfail
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if is_open else pytest.ExitCode.OK

    def _show(self, lines: Iterable[Line]) -> None:
        try:
            self._write(lines)
        except BrokenPipeError:
            raise  # pytest knows what to do
        except OSError as error:
            _write_no_more()
            print(f"The screen could not be written: {why(error)}.", file=sys.stderr)  # noqa: T201

    def _write(self, lines: Iterable[Line]) -> None:
        writer = self.config.get_terminal_writer()
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        links = self._links()
        for line in lines:
            is_link = any(piece.address for piece in line.pieces)
            pieces = line.pieces if links or not is_link else ()
            for piece in pieces or [Piece(line.text, line.style)]:
                markup = dict.fromkeys(piece.style.split(), True)
                text = encodable(piece.text, encoding)
                if links and piece.address:
                    text = linked(text, piece.address)
                writer.write(text, **markup)
            writer.line()
        writer.flush()

    def _links(self) -> bool:
        """Whether the screen goes to a terminal that has links."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        # A watch collects what its runs show, and has a terminal.
        is_terminal = bool(self._watched) or bool(getattr(reporter, "isatty", False))
        return is_terminal and self.config.option.color != "no" and has_links(os.environ)

    def _write_state(self, progress: Progress) -> None:
        file = self.config.option.koans_json
        if not file:
            return
        try:
            write_whole(file, state.to_json(progress))
        except OSError as error:
            raise pytest.UsageError(f"--koans-json: {file}: {why(error)}") from None

    def _keep_journal(self, progress: Progress, before: Memory) -> str:
        """Keep what was predicted, where that is asked for; return why that cannot be done."""
        if not setting(self.config, JOURNAL):
            return ""
        from sensei.journal import keep

        return keep(self.project.root, progress, before)

    def _recall(self) -> Memory:
        return recalled(self.config, self.memory)

    def _remember(self, before: Memory, after: Memory) -> bool:
        """Keep what is new, and return whether that can be read again."""
        if before != after:
            keep(self.config, self.memory, after)
        return self._recall() == after


def _hard(just_solved: Sequence[Verdict], progress: Progress, after: Memory) -> list[str]:
    """Return which koans of a chapter that may be done now can be asked again at once.

    Those that took a reveal or many guesses, and have other numbers to be asked with.
    """
    if not just_solved:
        return []
    chapter = just_solved[-1].koan.chapter
    own = [verdict.koan for verdict in progress.verdicts if verdict.koan.chapter == chapter]
    return [koan.name for koan in own if koan.has_numbers and after.was_hard(koan.key)]


def recalled(config: pytest.Config, name: str) -> Memory:
    """Return the memory that pytest's cache has by a name, if there is a cache."""
    cache = getattr(config, "cache", None)
    return Memory.from_data(cache.get(name, None) if cache else None)


def keep(config: pytest.Config, name: str, memory: Memory) -> None:
    """Keep a memory in pytest's cache by a name, if there is a cache."""
    if cache := getattr(config, "cache", None):
        cache.set(name, memory.to_data())


def _write_no_more() -> None:
    """Let nothing fail that writes to standard output from now on, pytest's own end too."""
    if sys.__stdout__ is not None:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.__stdout__.fileno())


def _set_ctrl_c(handler: Any) -> None:
    signal.signal(signal.SIGINT, handler)


def _drawn(verdict: Verdict, option: argparse.Namespace) -> list[str]:
    try:
        from sensei.graph.shown import drawn

        return drawn(
            verdict,
            option.koan_seconds,
            reveal=option.reveal is not None and not _keeps_answer(verdict),
            picture=picture(option),
            in_words=is_plain(option),
        )
    except ModuleNotFoundError as missing:
        return [f"      Without {missing.name} there is no graph to draw."]
    except Exception as surprise:  # noqa: BLE001 - whatever a learner's file brought about
        return [f"      The graph could not be drawn: {type(surprise).__name__}."]


def _keeps_answer(verdict: Verdict) -> bool:
    """Whether the answer is not here, so that nothing may take its place, either."""
    return verdict.koan.sheet is not None and verdict.koan.sheet.is_closed


def _in_pytests_words(verdict: Verdict, seconds: float) -> str:
    """Run the learner's koan with pytest's assertions, and return what they say."""
    if verdict.state is not State.WRONG or verdict.error is None:
        return ""
    from sensei.judge.judge import own_trial
    from sensei.run.runner import runner

    trial = own_trial(verdict.koan, seconds)._replace(explains=True, aloud=False)
    with runner.koan(with_torch=verdict.koan.uses_torch) as run:
        error = run(trial).error
    return error.message if error else ""


def _last_words(report: pytest.TestReport) -> str:
    """Return why another plugin had a koan skipped or fail, as it says itself."""
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2]
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr)
