"""`python -m sensei doctor`: what of this machine the path can use, and what it lacks.

It changes nothing, and runs where nothing is installed yet, also on a Python that is too old
for everything else here: nothing but Python's own modules is imported, and the rest of sensei
only once that is known to go. Each check asks the function that the path itself rests on.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sensei.supported import PYTHON, TORCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OK, AMISS, WITHOUT = "ok", "AMISS", "without"

#: What is installed, by its name, and for what a learner needs it.
_PACKAGES = ("torch", "numpy", "pytest", "pytest-xdist")
#: A koan that holds wherever koans can be run.
_HEAD = "import torch\n\n\n"
_KOAN = """\
def test_it():
    x = torch.tensor(3.0, requires_grad=True)
    (x**2).backward()
    assert x.grad == 6.0
"""
_FORK = "Each koan runs in a copy of a process that keeps torch ready."
_STAY = "Koans run in one process that keeps torch ready, and in a new one where they harm it."


class Finding(NamedTuple):
    """What was found: how it is, a sentence or two, and what to type where that helps."""

    how: str
    told: str
    to_type: tuple[str, ...] = ()


def doctor() -> int:
    """Say what was found.

    Returns:
        0, or 1 if something is amiss.
    """
    is_amiss = False
    for finding in findings():
        is_amiss = is_amiss or finding.how == AMISS
        _say(f"{finding.how}: {finding.told}", *finding.to_type)
    if is_amiss:
        _say("Then look again:", "python -m sensei doctor")
    else:
        _say("Nothing is amiss. To begin:", "python -m pytest")
    return int(is_amiss)


def _say(told: str, *to_type: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    for line in (told, *("    " + each for each in to_type)):
        print(line.encode(encoding, "replace").decode(encoding), flush=True)


def findings() -> Iterator[Finding]:
    """Yield what is found, as soon as it is known."""
    python = of_python(sys.version_info[:3])
    yield python
    if python.how == AMISS:
        return  # nothing else here could be imported
    folder = Path.cwd()
    hidden = _apart_from(folder)
    if hidden:
        yield hidden
        return  # what it hides may be needed to look at the rest
    from sensei.environment import version
    from sensei.project import HERE, find

    project = find(folder, ())
    if project is None:
        told = "No path is in this folder. Go to where one is, such as:"
        yield Finding(AMISS, told, (f'cd "{HERE.parent}"',))
        return
    yield of_writing(project.root)
    yield from of_packages(project.root)
    if version("torch"):
        yield of_running()
    yield of_pictures()


# Versions.


def of_python(version: Sequence[int]) -> Finding:
    """Look at Python's version, and at where it is installed."""
    told = f"Python {'.'.join(map(str, version))}, {sys.prefix}."
    where = _in_window(version, *PYTHON)
    if where < 0:
        told += f" The path needs {PYTHON[0]} or newer. With such a one:"
        return Finding(AMISS, told, tuple(_fresh_environment()))
    return Finding(OK, told + _newer(where, *PYTHON))


def of_packages(root: Path) -> Iterator[Finding]:
    """Look at the versions of what is needed, from the installed files."""
    from sensei.environment import version

    missing = [name for name in _PACKAGES if version(name) is None]
    if missing:
        told = f"This Python has no {', '.join(missing)}. To install what is needed:"
        yield Finding(AMISS, told, tuple(to_install(root)))
    for name in _PACKAGES:
        there = version(name)
        if there:
            newest = TORCH[1] if name == "torch" else newest_in(root, name)
            yield of_package(name, there, oldest_in(root, name), newest)


def of_package(name: str, there: str, oldest: str, newest: str) -> Finding:
    """Look whether a package's version is among those that were tried."""
    where = _in_window(_numbers(there), oldest, newest)
    if where < 0:
        told = f"{name} {there} is too old: the path needs {oldest} or newer. To install it:"
        return Finding(AMISS, told, (f'python -m pip install "{name}>={oldest}"',))
    return Finding(OK, f"{name} {there}." + _newer(where, oldest, newest))


def oldest_in(root: Path, name: str) -> str:
    """Return the oldest version of a package that the path is for."""
    return _named(root / "pyproject.toml", rf'"{name}>=([\d.]+)"') or "0"


def newest_in(root: Path, name: str) -> str:
    """Return the newest version of a package that was tried."""
    return _named(root / "constraints.txt", rf"(?m)^{name}==([\d.]+)")


def _named(file: Path, pattern: str) -> str:
    """Return the newest version that a file names in that way; nothing where it names none."""
    try:
        found = re.findall(pattern, file.read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    return str(max(found, key=_numbers, default=""))


def _in_window(version: Sequence[int], oldest: str, newest: str) -> int:
    """Return -1 for a version that is older than all that were tried, 1 for a newer one."""
    if tuple(version) < _numbers(oldest):
        return -1
    last = _numbers(newest)
    return int(bool(last) and tuple(version)[: len(last)] > last)


def _newer(where: int, oldest: str, newest: str) -> str:
    told = f" That is newer than what was tried, {oldest} to {newest}, and may well do."
    return told if where > 0 else ""


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"[\d.]*", version)
    return tuple(int(number) for number in found[0].split(".") if number) if found else ()


# What to type.


def to_install(root: Path) -> Iterator[str]:
    """Yield the lines that install what is needed into this Python, or the right one."""
    from sensei.environment import version
    from sensei.koan.trouble import Mending

    own = root / ".venv"
    is_own = own.is_dir() and Path(sys.prefix).resolve() == own.resolve()
    if own.is_dir() and not is_own:
        yield _activate()
    elif sys.prefix == sys.base_prefix and not os.environ.get("CONDA_PREFIX"):
        if version("torch"):
            yield "python -m pip install -e ."  # the pinned torch would replace this one
            return
        yield from _fresh_environment()
    yield Mending.INSTALL.command


def _fresh_environment() -> Iterator[str]:
    """Yield the lines that make a virtual environment with a Python that was tried."""
    is_tried = _in_window(sys.version_info[:3], *PYTHON) == 0
    windows, others = (
        ("py", "python3") if is_tried else ("py -" + PYTHON[1], "python" + PYTHON[1])
    )
    yield f"{windows if sys.platform == 'win32' else others} -m venv .venv"
    yield _activate()


def _activate() -> str:
    return r".venv\Scripts\activate" if sys.platform == "win32" else ". .venv/bin/activate"


# The folder.


def _apart_from(folder: Path) -> Finding | None:
    """Look for what in the folder hides a module, while no module is looked for there."""
    path = sys.path[:]
    sys.path[:] = [place for place in path if Path(place or ".").resolve() != folder.resolve()]
    try:
        return of_names(folder)
    finally:
        sys.path[:] = path


def of_names(folder: Path) -> Finding | None:
    """Look for files that hide a module that koans need."""
    from sensei.project import hiding

    hides = hiding(folder)
    if hides is None:
        return None
    name, whose = hides
    told = f"{name} in this folder hides {whose}. Give it another name:"
    move = "ren" if sys.platform == "win32" else "mv"
    return Finding(AMISS, told, (f"{move} {name} my_{name}",))


def of_writing(root: Path) -> Finding:
    """Try to write where the path and its learner do; nothing is left there."""
    from sensei.files import typed, unwritable

    for place in (root, root / "koans", *sorted((root / "koans").glob("test_*.py"))):
        if place.exists() and (refused := unwritable(place)):
            told = f"{typed(place)} cannot be written: {refused}."
            mine = not hasattr(os, "geteuid") or place.stat().st_uid == os.geteuid()
            to_type = "chmod -R u+w ." if mine else 'sudo chown -R "$USER" .'
            return Finding(AMISS, told, () if sys.platform == "win32" else (to_type,))
    return Finding(OK, "This folder can be written.")


# Running.


def of_running() -> Finding:
    """Run a koan as pytest does."""
    from sensei.koan.source import Part
    from sensei.run.outcome import Trial
    from sensei.run.runner import runner, way

    chosen = os.environ.get("SENSEI_RUN")
    how = _FORK if way() == "fork" else _STAY
    how += f" SENSEI_RUN={chosen} has it so." if chosen else ""
    try:
        with runner.koan() as run:
            outcome = run(Trial(_HEAD, Part("test_it", 1, _KOAN), seconds=30.0))
    except ImportError as error:
        told = f"torch is here, but cannot be loaded. Python says: {error}"
        return Finding(AMISS, told, _to_repair())
    finally:
        runner.stop()
    if not outcome.held:
        said = outcome.detail or outcome.end.value
        told = f"A koan that should hold does not: {said}. {how}"
        return Finding(AMISS, told, _to_repair())
    return Finding(OK, "A koan could be run. " + how)


def _to_repair() -> tuple[str, ...]:
    again = "python -m pip install --force-reinstall torch"
    if sys.platform == "win32":
        return ("winget install Microsoft.VCRedist.2015+.x64", again)
    return (again,)


def of_pictures() -> Finding:
    """Try to draw a picture; the path goes without."""
    from sensei.graph.picture import why_none

    refused, command = why_none()
    if refused:
        told = f"no pictures of graphs, which is all that needs it: {refused}"
        return Finding(WITHOUT, told, (command,) if command else ())
    return Finding(OK, "Graphviz draws pictures of graphs.")
