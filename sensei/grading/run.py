"""`--grade=DIR`: a run of pytest in which each learner is an item, and no learner's code runs.

What a learner handed in is read when its turn comes, wherever that is: with `-n`, in one of
several processes. Reports carry what it came to back to where the results are written.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import pytest

from sensei.environment import version
from sensei.grading.grades import Grades, Learner, Mark, MarkedKoan
from sensei.grading.intake import Entry, Submission, entries, roster_of
from sensei.grading.mark import Marking, chapters_of
from sensei.project import Project
from sensei.reading import decoded, read_bytes

#: What a report has a learner's marks by.
_MARKS = "sensei_marks"


class OpenError(Exception):
    """Some koans of a learner do not hold yet."""


class ClassFolder(pytest.Directory):
    """A class, in the place of koans/: nothing of the submissions is collected by pytest."""

    def __init__(self, *, grading: Grading, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.grading = grading

    def collect(self) -> Iterator[pytest.Item]:
        for entry in self.grading.entries:
            # pytest takes it for a part of a path.
            name = entry.name.replace("::", ": :")
            yield LearnerItem.from_parent(
                self, name=name, entry=entry, marking=self.grading.marking
            )


class LearnerItem(pytest.Item):
    """A learner: failed while koans are open, an error where nothing can be read."""

    def __init__(self, *, entry: Entry, marking: Marking, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.entry = entry
        self.marking = marking
        self.learner: Learner | None = None

    def setup(self) -> None:
        try:
            given = self.entry.read()
        except Exception as surprise:  # noqa: BLE001 - one bad entry harms no other
            given = Submission(self.entry.name, trouble=_not_marked(surprise))
        given.name = self.entry.name
        try:
            self.learner = self.marking.mark(given)
        except ImportError:
            raise
        except Exception as surprise:  # noqa: BLE001 - likewise
            given.chapters, given.journal = {}, b""
            given.trouble = _not_marked(surprise)
            self.learner = self.marking.mark(given)
        if self.learner.trouble:
            pytest.fail(self.learner.trouble, pytrace=False)

    def runtest(self) -> None:
        assert self.learner is not None
        if current := self.learner.current:
            solved, total = self.learner.solved, len(self.learner.koans)
            raise OpenError(
                f"{solved} of {total} koans hold. The first that does not: {current}"
            )

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        return str(excinfo.value) or excinfo.exconly()

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


def _not_marked(surprise: Exception) -> str:
    return f"This could not be marked: {type(surprise).__name__}."


class Grading:
    """Marks a class, and writes the results once all reports are in.

    Args:
        config: pytest's.
        project: the path.
    """

    def __init__(self, config: pytest.Config, project: Project) -> None:
        self._config = config
        self._project = project
        self._learners: dict[str, Learner] = {}
        self._files: list[Path] = []
        self._is_worker = hasattr(config, "workerinput")

    @cached_property
    def entries(self) -> list[Entry]:
        """What was handed in."""
        option = self._config.option
        names = [chapter.page.name for chapter in self._project.chapters]
        return entries(_asked(self._config), names, option.learner_pattern)

    @cached_property
    def marking(self) -> Marking:
        """What marks it."""
        return Marking(self._project.chapters, self._config.option.koan_seconds)

    def pytest_collect_directory(
        self, path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Have the class in the place of koans/."""
        if path.resolve() != self._project.koans.resolve():
            return None
        return ClassFolder.from_parent(parent, path=path, grading=self)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Have the report of a learner carry the marks."""
        report = yield
        is_last = report.when == "call" or (report.when == "setup" and report.failed)
        if isinstance(item, LearnerItem) and item.learner and is_last:
            setattr(report, _MARKS, item.learner.to_json())
            item.learner = None
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(
        self, report: pytest.TestReport
    ) -> Generator[None, None, None]:
        """Take the marks in, once a worker has sent them; pytest keeps every report."""
        yield
        marks = vars(report).pop(_MARKS, None)
        if marks and not self._is_worker:
            learner = Learner.from_json(marks)
            self._learners[learner.name] = learner

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the results, if any learner was marked."""
        if self._is_worker or not self._learners:
            return
        from sensei.grading.report import write_reports

        grades, missing = self._grades()
        folder = self._config.invocation_params.dir / self._config.option.grade_to
        self._files = write_reports(folder, grades, partial=missing > 0)

    def _grades(self) -> tuple[Grades, int]:
        """Return the class, with those who handed in nothing, and how many are not marked."""
        roster = _roster(self._config)
        missing = len({entry.name for entry in self.entries} - self._learners.keys())
        there = dict(self._learners)
        for name in roster.keys() - there.keys() if not missing else ():
            there[name] = self._nothing_from(name)
        shown = []
        for name, learner in there.items():
            notes = learner.notes
            if roster and name not in roster:
                notes = (*notes, "Not on the roster.")
            shown.append(learner._replace(name=roster.get(name, name), notes=notes))
        chapters = chapters_of(self._project.chapters, _weights(self._config))
        shown.sort(key=lambda learner: learner.name.casefold())
        made = Grades(self._project.version, version("torch") or "", chapters, shown)
        return made, missing

    def _nothing_from(self, name: str) -> Learner:
        koans = (k.name for c in self._project.chapters for k in c.koans)
        blank = tuple(MarkedKoan(koan, Mark.MISSING) for koan in koans)
        return Learner(name, blank, trouble="Nothing was handed in.")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name what was written."""
        if self._files:
            folder = self._config.option.grade_to
            own = self._config.invocation_params.dir / folder
            names = ", ".join(file.name for file in self._files if file.parent == own)
            terminalreporter.write_line(
                f"{len(self._learners)} marked. In {folder}: {names}, results/"
            )


def _asked(config: pytest.Config) -> Path:
    return config.invocation_params.dir / Path(config.option.grade).expanduser()


def _roster(config: pytest.Config) -> Mapping[str, str]:
    file = config.option.roster
    return roster_of(decoded(read_bytes(config.invocation_params.dir / file))) if file else {}


def _weights(config: pytest.Config) -> dict[int, float]:
    """Return the weights of chapters that were asked for: `1=2,12=0.5`."""
    pairs = (each.split("=") for each in config.option.weights.split(",") if each)
    return {int(number): float(weight) for number, weight in pairs}


def wrong_usage(config: pytest.Config, project: Project) -> str | None:
    """Say what keeps a class from being marked, if anything does."""
    option, folder = config.option, _asked(config)
    if f"--grade={option.grade}" not in config.invocation_params.args:
        # pytest has read that folder's settings by now, and run the conftest.py in it.
        return f"It takes a = here: --grade={option.grade}"
    if config.rootpath.resolve() != project.root.resolve():
        return (
            f"pytest takes {config.rootpath} for its root, and obeys the settings there. "
            f"To mark by this project's alone: python -m sensei grade {option.grade}"
        )
    if not folder.is_dir():
        return f"--grade: there is no folder {option.grade}"
    if not project.answers.is_dir():
        return "--grade needs answers/, and this project has none"
    own = {project.root, project.koans, project.answers}
    if folder.resolve() in {each.resolve() for each in own}:
        return f"--grade: {option.grade} is a part of the path. Name the submissions' folder"
    try:
        _roster(config)
        _weights(config)
    except OSError:
        return f"--roster: {option.roster} cannot be read"
    except ValueError:
        return f"--weights: 1=2,12=0.5 would do, but not {option.weights}"
    return None
