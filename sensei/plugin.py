"""pytest's hooks: options, and what a run becomes: a walk, a watch, or a run of pytest's own.

pytest loads this in every project of an environment, as an entry point, and by conftest.py
where it isn't installed. It acts only in runs that are about a project of ours, and imports
the rest of the plugin only there.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sensei import options, private, project
from sensei.project import Project, hiding

if TYPE_CHECKING:
    from sensei.koan.path import Koan
    from sensei.walk import Walk

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


#: What a review can be asked for, too.
_WITH_A_REVIEW = frozenset({"--review", "--hint", "--reveal"})


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    config = pluginmanager.get_plugin("pytestconfig")
    assert isinstance(config, pytest.Config)
    # The value of an option of ours may be among them; that does no harm.
    if project.find(config.invocation_params.dir, private.typed_paths(config)):
        options.add(parser.getgroup("koans"))
        options.add_settings(parser)
        # Where it was closed before Python began, the status and --koans-json are left.
        sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    # pytest looks into koans/ for a conftest.py right after this, and would end in a traceback.
    here = early_config.invocation_params.dir
    found = project.find(here, private.typed_paths(early_config))
    if found and found.koans.is_dir() and not os.access(found.koans, os.R_OK | os.X_OK):
        raise pytest.UsageError(
            "koans/ is closed to you: permission denied. To open it: chmod u+rwx koans"
        )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    here = config.invocation_params.dir
    found = project.find(here, config.args)
    if found is None:
        return None
    options.fill_in(config.option)
    found = _along(config, found)
    older = config.option.update
    if older and f"--update={older}" not in config.invocation_params.args:
        # pytest has read that folder's settings by now, and loaded the sensei in it.
        raise pytest.UsageError(f"It takes a = here: pytest --update={older}")
    config.args = found.without_root(config.args, here)
    if config.option.grade is not None:
        _grade(config, found)
        return None
    chosen = [project.path_of(argument, here) for argument in config.args]
    if stranger := project.stranger_among(chosen):
        raise pytest.UsageError(
            f"{stranger.root} has a sensei of its own, but this run has loaded the one in "
            f"{project.HERE}.\nGo there and run pytest there: cd {stranger.root}"
        )
    is_walk = found.is_path(chosen) and not any(
        config.getoption(name, default=False) for name in _OTHER_RUNS
    )
    if wrong := _wrong_usage(config, found, is_walk=is_walk) or _off_route(found, config.args):
        raise pytest.UsageError(wrong)
    if is_walk:
        # So that the memory lies in the project, whatever pytest takes for its root.
        private.set_root(config, found.root)
        from sensei.koan.naming import NotOneError

        try:
            status = _instead_of_a_walk(config, found)
        except NotOneError as wrong:
            raise pytest.UsageError(str(wrong)) from None
        if status is not None:
            return status
    from sensei.walk import Collection

    walk = _walk(config, found) if is_walk else None
    config.pluginmanager.register(
        Collection(walk.project if walk else found), "sensei-collection"
    )
    if walk:
        from sensei.reporter import OneReporter

        _quieten(config)
        config.pluginmanager.register(OneReporter(), "sensei-reporter")
        config.pluginmanager.register(walk, "sensei-walk")
    return None


def _walk(config: pytest.Config, found: Project) -> Walk:
    """Return the walk that was asked for: along the path, or over koans of a review."""
    from sensei.walk import Walk

    if config.option.review is None:
        return Walk(config, found)
    from sensei.review.run import Review, Reviewed

    reviewed = Reviewed(found)
    config.args = [str(reviewed.koans)]
    return Review(config, reviewed)


def _grade(config: pytest.Config, found: Project) -> None:
    """Have a run that marks a class; no argument of it is a path of pytest's."""
    from sensei.grading.run import Grading, wrong_usage

    # Workers are told what to do by a run that was looked at.
    if not hasattr(config, "workerinput") and (wrong := wrong_usage(config, found)):
        raise pytest.UsageError(wrong)
    config.args = [str(found.koans)]
    config.pluginmanager.register(Grading(config, found), "sensei-grading")


def _along(config: pytest.Config, found: Project) -> Project:
    """Return the project with the path that its settings choose."""
    from sensei.koan.route import RouteError, read_route

    try:
        options.setting(config, options.JOURNAL)
    except (ValueError, pytest.UsageError):
        raise pytest.UsageError(f"{options.JOURNAL}: true or false belongs here") from None
    try:
        return found.along(read_route(options.setting(config, options.ROUTE) or ""))
    except RouteError as wrong:
        raise pytest.UsageError(f"{options.ROUTE} = {wrong}") from None
    except ValueError:
        raise pytest.UsageError(f"{options.ROUTE}: text belongs here, in quotes") from None


def _off_route(found: Project, arguments: Sequence[str]) -> str | None:
    """Say so where a chapter or koan is named that is not on the route."""
    if found.route is None:
        return None
    here = {chapter.page.name: chapter for chapter in found.chapters}
    for argument in arguments:
        name, _, koan = Path(argument).name.partition("::")
        chapter = here.get(name)
        is_known = name in {each.page.name for each in found.all_chapters}
        is_off = chapter is None if is_known else False
        if chapter and koan and koan not in {each.name for each in chapter.koans}:
            is_off, name = True, koan
        if is_off:
            return (
                f"{name} is not on the route {found.route.name}, which {options.ROUTE} sets.\n"
                f"To walk the whole path: pytest -o {options.ROUTE}="
            )
    return None


def _instead_of_a_walk(config: pytest.Config, found: Project) -> int | None:
    """Do what was asked for in the place of a walk, if anything was, and return the status."""
    option = config.option
    if option.watch:
        from sensei.watch.terminal import watch

        return watch(config, (found.koans, found.sheets))
    if option.update is not None or option.reset is not None:
        return _write_anew(config, found)
    if option.graph and not options.picture(option):
        config.args = [_to_draw(found, option.graph, config.invocation_params.dir)]
    if option.reveal:
        option.reveal = _meant(found, option.reveal, "--reveal", "answer").nodeid
    return None


def _wrong_usage(config: pytest.Config, found: Project, *, is_walk: bool) -> str | None:
    """Say which options or folders keep a run from beginning, if any do."""
    selects = _selects(config, found)
    if not found.koans.is_dir() and not selects:
        return "koans/ is not there. To write it again: python -m sensei blank"
    if hidden := hiding(found.root):
        name, whose = hidden
        return f"{name} in this folder hides {whose}. Give it another name."
    given = options.given(config.option)
    if given and not is_walk:
        return f"{given[0].name} goes with a run of koans alone, such as: pytest"
    others = [option.name for option in given if option.name not in _WITH_A_REVIEW]
    if config.option.review is not None and (
        others or selects or config.option.keyword or config.option.reveal
    ):
        beside = f" without {others[0]}" if others else " alone"
        return f"--review goes{beside}; --hint and --reveal are about its current koan"
    anew = [option for option in given if option.writes]
    if anew and (selects or config.option.keyword or len(anew) > 1):
        return "--reset NAME and --update go alone; put a long NAME in quotes"
    return (_wrong_together(config.option) if is_walk else None) or _wrong_file(config.option)


def _wrong_together(option: argparse.Namespace) -> str | None:
    """Say which options of a walk mean nothing, or nothing beside another one."""
    if option.watch and (name := next(options.for_one_run(option), None)):
        return f"--watch goes without {name}: that is for one run"
    if option.hint and option.map is not None:
        return "--hint goes without --map: each has a screen of its own"
    return None


def _wrong_file(option: argparse.Namespace) -> str | None:
    """Say which file cannot be written where it was asked for."""
    files = {"--koans-json": option.koans_json, "--graph": options.picture(option)}
    for name, file in files.items():
        if file and not file.parent.is_dir():
            return f"{name}: no such folder: {file.parent}"
        if file and file.is_dir():
            return f"{name}: {file} is a folder. Name a file in it"
    return None


def _selects(config: pytest.Config, found: Project) -> bool:
    """Whether koans are named, or anything but the path."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return False
    return config.args != [str(found.koans)]


def _to_draw(found: Project, text: str, here: Path) -> str:
    """Return the argument that selects the one koan that a learner means."""
    it = _meant(found, text, "--graph", "graph")
    page = it.chapter.page
    if not page.exists():
        raise pytest.UsageError(
            f"koans/{page.name} is not there. To write it again: python -m sensei blank"
        )
    # Not from the root: pytest would take what it has of [ and :: for a part of a test's name.
    return f"{os.path.relpath(page, here)}::{it.name}"


def _meant(found: Project, text: str, option: str, thing: str) -> Koan:
    """Return the one koan that a learner means by a name that an option was given."""
    from sensei.koan.naming import the_one
    from sensei.koan.path import Chapter

    it = the_one(found.chapters, text, option, koans_first=True)
    if isinstance(it, Chapter):
        raise pytest.UsageError(
            f"{option} {text}: a chapter has no {thing}, but its koans have.\n"
            f"For their names: pytest --map {it.number}"
        )
    return it


def _write_anew(config: pytest.Config, found: Project) -> pytest.ExitCode:
    from sensei.renew import commands

    if config.option.update is not None:
        older = config.option.update
        # A shell leaves the ~ behind a = to the command.
        place = config.invocation_params.dir / Path(older).expanduser()
        old = place if older else None
        status = commands.update(found.all_chapters, found.koans, old)
    else:
        status = commands.reset(found.chapters, config.option.reset)
    if status is pytest.ExitCode.OK and not config.pluginmanager.hasplugin("sensei-watched"):
        commands.say_how_to_go_on()
    return status


def _quieten(config: pytest.Config) -> None:
    """Leave the screen to the walk, by pytest's own options."""
    option = config.option
    option.verbose = -2
    option.no_header = option.no_summary = True
    # One koan is shown at a time, so there is nothing to stop at and nothing to spread:
    # workers would each import torch to run what takes less time than that.
    option.maxfail = 0
    option.stepwise = False
    # The walk is at the first koan that doesn't hold in any case, and the others are its path.
    option.lf = option.failedfirst = False
    if hasattr(option, "numprocesses"):
        option.numprocesses, option.dist, option.tx = 0, "no", []
        option.distload = False


project.hand_over()
