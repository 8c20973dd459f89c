"""Which project a run is about: where it lies, and which folders of it a run has chosen."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sensei.reading import decoded, read_bytes

if TYPE_CHECKING:
    from sensei.koan.path import Chapter
    from sensei.koan.route import Route

_PLUGIN = "sensei.plugin"
#: What koans rest on beside Python's own modules.
_LIBRARIES = frozenset(
    {"_pytest", "execnet", "filelock", "fsspec", "jinja2", "mpmath", "networkx", "numpy"}
    | {"packaging", "pluggy", "pytest", "sympy", "torch", "typing_extensions", "xdist"}
)
#: Names that are often given, and of modules that nothing here rests on.
_HARMLESS = frozenset({"antigravity", "test", "this"})
#: The sensei that runs.
HERE = Path(__file__).parent


class Project:
    """A folder with koans/, answers/ and a conftest.py that loads this plugin.

    A course that keeps its answers has a file of replies in place of answers/. The path is
    what its route selects.
    """

    def __init__(self, root: Path, route: Route | None = None) -> None:
        self.root = root
        self.koans = root / "koans"
        self.answers = root / "answers"
        self.route = route

    @cached_property
    def sheets(self) -> Path:
        """Where the answered chapters are: answers/, or the file of replies."""
        # Other projects' runs import this module, and need not know what a chapter is.
        from sensei.koan.replies import REPLIES

        replies = self.root / REPLIES
        return replies if replies.is_file() and not self.answers.is_dir() else self.answers

    @property
    def missing(self) -> str:
        """What there is nothing to be read from, where no chapter is answered."""
        is_file = bool(self.sheets.suffix)
        return f"{self.sheets.name} cannot be read" if is_file else "answers/ is not here"

    @cached_property
    def all_chapters(self) -> list[Chapter]:
        """All chapters there are."""
        from sensei.koan.path import read_path

        return read_path(self.koans, self.sheets)

    @cached_property
    def chapters(self) -> list[Chapter]:
        """The path."""
        route = self.route
        if route is None:
            return self.all_chapters
        chapters = [
            replace(chapter, route=route)
            for chapter in self.all_chapters
            if route.has_chapter(chapter.number)
        ]
        return [chapter for chapter in chapters if chapter.koans]

    def along(self, route: Route) -> Project:
        """Return the project with the path that a route selects.

        Raises:
            RouteError: if it selects a chapter that is not there, or nothing.
        """
        from sensei.koan.route import WHOLE, RouteError

        if route == WHOLE:
            return self
        route.check([chapter.number for chapter in self.all_chapters])
        project = Project(self.root, route)
        if not project.chapters:
            raise RouteError(f"{route.name}: no koan here is on this route.")
        return project

    @cached_property
    def version(self) -> str:
        """The version of the path, as pyproject.toml has it; nothing where it has none."""
        try:
            text = decoded(read_bytes(self.root / "pyproject.toml"))
        except OSError:
            return ""
        found = re.search(r'^version = "([^"]+)"', text, re.MULTILINE)
        return found[1] if found else ""

    @property
    def beside(self) -> Sequence[Path]:
        """The test files in koans/ that are no chapters."""
        from sensei.koan.path import beside_path

        return beside_path(self.koans, self.all_chapters)

    @cached_property
    def other_code(self) -> str:
        """What else a chapter may import from here, as text."""
        try:
            files = sorted([*self.root.glob("*.py"), *self.koans.rglob("*.py")])
            files = [f for f in files if f.is_file() and not f.name.startswith("test_")]
            return repr([read_bytes(file) for file in files])
        except OSError:
            return ""

    @property
    def brings_another_sensei(self) -> bool:
        """Whether a sensei lies in it that is not the one that runs."""
        own = self.root / "sensei"
        return (own / "plugin.py").is_file() and own.resolve() != HERE.resolve()

    def without_root(self, arguments: Iterable[str], start: Path) -> list[str]:
        """Return the arguments, with koans/ in place of the whole project."""
        root = self.root.resolve()
        return [
            str(self.koans) if path_of(argument, start).resolve() == root else argument
            for argument in arguments
        ]

    def is_path(self, chosen: Iterable[Path]) -> bool:
        """Whether nothing but koans were chosen."""
        koans = self.koans.resolve()
        names = {chapter.page.name for chapter in self.all_chapters}
        return all(
            file.resolve() == koans or (file.parent.resolve() == koans and file.name in names)
            for file in chosen
        )


def find(start: Path, arguments: Iterable[str]) -> Project | None:
    """Return the project that a run is about, if it is about one.

    That is the nearest one upwards from where pytest is started, or, where there is none,
    from a path that it was given. What pytest takes for its root doesn't count: it depends
    on options and on any ini file that lies around.

    Args:
        start: where pytest is started.
        arguments: paths and node ids.
    """
    for place in (start, *(path_of(argument, start) for argument in arguments)):
        for folder in (place, *place.parents):
            project = Project(folder)
            if _names_plugin(folder / "conftest.py") and project.all_chapters:
                return project
    return None


def hiding(folder: Path) -> tuple[str, str] | None:
    """Return what in a folder hides a module that koans need, and whose that is."""
    for file in sorted(folder.iterdir()):
        is_module = file.suffix == ".py" or (file / "__init__.py").exists()
        name = file.stem if file.suffix == ".py" else file.name
        if is_module and name in sys.stdlib_module_names - _HARMLESS:
            return file.name, f"Python's own {name}"
        if is_module and name in _LIBRARIES:
            return file.name, f"the {name} that koans need"
    return None


def path_of(argument: str, start: Path) -> Path:
    """Return the path that an argument of pytest names."""
    parts = argument.split("::")
    # A folder's name may hold what stands between a file and a test.
    names = ["::".join(parts[:end]) for end in range(len(parts), 0, -1)]
    paths = [Path(os.path.abspath(start / name)) for name in names]  # noqa: PTH100 - keep links
    return next((path for path in paths if os.path.exists(path)), paths[-1])  # noqa: PTH110 - says no to what is no path


def stranger_among(chosen: Iterable[Path]) -> Project | None:
    """Return the first project that some path lies in and that brings another sensei."""
    projects = (find(path, ()) for path in chosen)
    return next((it for it in projects if it and it.brings_another_sensei), None)


def _names_plugin(conftest: Path) -> bool:
    try:
        return _PLUGIN in decoded(read_bytes(conftest))
    except (OSError, ValueError):
        return False  # not there, closed, or no path at all


def hand_over() -> None:
    """Let a project that brings a sensei of its own have that one, where a run is started.

    Two clones may share an environment, in which only one of them is installed. To be called
    while `sensei.plugin` is imported: Python then takes the module that stands in
    `sys.modules` at the end.
    """
    project = find(Path.cwd(), ())
    if project is None or not project.brings_another_sensei:
        return
    folder = str(project.root)
    if sys.path[:1] == [folder]:
        return  # it was looked for there, and this one was found
    sys.path.insert(0, folder)
    for name in list(_our_modules()):
        del sys.modules[name]
    importlib.import_module(_PLUGIN)


def _our_modules() -> Iterator[str]:
    return (name for name in sys.modules if name.split(".")[0] == "sensei")
