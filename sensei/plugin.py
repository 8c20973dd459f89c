"""pytest's hooks: options, and what a run becomes: a walk, a watched path, or pytest's own."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensei.koan.path import Chapter
from sensei.walk import PICTURES, PROJECT, PathFolder, Project, Walk, picture

#: Parts of pytest that no koan uses and that take a tenth of the time to the first screen.
_UNUSED = ("fixtures", "threadexception", "unraisableexception")
_WALK_OPTIONS = (
    *("--koans-json", "--hint", "--reveal", "--map", "--graph", "--reset", "--update"),
    "--watch",
)
#: Those that write into koans/ and do nothing else.
_ANEW_OPTIONS = ("--reset", "--update")
#: What cannot happen again at every save; keys of a watched path stand for some of them.
_FOR_ONE_RUN = (*_WALK_OPTIONS[:-1], "--pdb", "--trace", "-f")
_A_DAY = 86400


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
        f"or write it as a picture ({', '.join(PICTURES)})",
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
    project = config.stash[PROJECT] = Project(config.rootpath)
    is_walk = project.is_walk(config)
    if wrong := _wrong_usage(config, project, is_walk=is_walk):
        raise pytest.UsageError(wrong)
    if not is_walk:
        return None
    if config.option.watch:
        from sensei.watch.terminal import watch

        return watch(config, (project.koans, project.answers))
    if config.option.update or config.option.reset is not None:
        return _write_anew(config, project)
    if config.option.graph and not picture(config):
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
    files = (("--koans-json", config.option.koans_json), ("--graph", picture(config)))
    for name, file in files:
        if file and not file.parent.is_dir():
            return f"{name}: no such folder: {file.parent}"
    return None


def _to_draw(project: Project, text: str) -> str:
    """Return the argument that selects the one koan that a learner means."""
    from sensei.koan.naming import the_one

    it = the_one(project.chapters, text, "--graph", koans_first=True)
    if isinstance(it, Chapter):
        raise pytest.UsageError(
            f"--graph {text}: a chapter has no graph, but its koans have.\n"
            f"For their names: pytest --map {it.number}"
        )
    page = it.chapter.page
    if not page.exists():
        raise pytest.UsageError(
            f"koans/{page.name} is not there. To write it again: python -m sensei blank"
        )
    return f"{page}::{it.name}"


def _write_anew(config: pytest.Config, project: Project) -> pytest.ExitCode:
    from sensei.renew import commands

    if config.option.update:
        status = commands.update(project.chapters, project.koans)
    else:
        status = commands.reset(project.chapters, config.option.reset)
    if status is pytest.ExitCode.OK and not config.pluginmanager.hasplugin("sensei-watched"):
        commands.say_how_to_go_on()
    return status


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


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    project = parent.config.stash[PROJECT]
    if path.resolve() != project.koans.resolve():
        return None
    return PathFolder.from_parent(parent, path=path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    if item.path.parent != item.config.stash[PROJECT].answers:
        return (yield)
    from sensei.run.trial import hermetic  # which imports torch

    with hermetic():
        return (yield)
