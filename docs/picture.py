"""Draws docs/session.svg, the picture of a session at the top of README, from a real run.

To make it again: python docs/picture.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from sensei.koan import source

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "session.svg"
_KOAN, _FILL = "test_backward_fills_grad", "9.0"

_SIZE, _WIDTH, _HEIGHT, _MARGIN = 14, 8.43, 20, 20
#: A colour that a terminal calls by a number, and what it is on white and on black.
_COLOURS = {
    "31": ("red", "#cf222e", "#ff7b72"),
    "32": ("green", "#116329", "#56d364"),
    "35": ("purple", "#8250df", "#d2a8ff"),
    "36": ("cyan", "#0f6c75", "#56d4dd"),
}
_PAPER, _INK, _PALE, _EDGE = (
    ("#ffffff", "#0d1117"),
    ("#1f2328", "#e6edf3"),
    ("#59636e", "#9198a1"),
    ("#d1d9e0", "#3d444d"),
)
_CODE = re.compile(r"\x1b\[([\d;]*)m")


class Run(NamedTuple):
    """Characters of a line that look alike: the column of the first, and their classes."""

    column: int
    text: str
    classes: Sequence[str]


def prepare(folder: Path) -> None:
    """Make a copy of the project in which somebody is at the first koan of gradients."""
    for name in ("answers", "conftest.py", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    (folder / "koans").mkdir()
    for sheet in (folder / "answers").glob("test_*.py"):
        text = sheet.read_text("utf-8")
        text = source.solve(text) if sheet.name.startswith("test_00_") else source.blank(text)
        above, koan, below = text.partition(f"def {_KOAN}")
        page = folder / "koans" / sheet.name
        page.write_text(above + koan + below.replace("__", _FILL, 1), "utf-8")


def screen(folder: Path) -> str:
    """Run pytest there as in a terminal with colours, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "80"}
    environment["TERM"] = "xterm"
    command = [sys.executable, "-m", "pytest", "--color=yes"]
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, encoding="utf-8"
    )
    return run.stdout


def plain(text: str) -> str:
    """Return what is printed without its colours."""
    return _CODE.sub("", text)


def runs(line: str) -> Iterator[Run]:
    """Return the characters of a printed line, with the colours as classes."""
    column, on = 0, list[str]()
    for text, codes in zip(*[iter([*_CODE.split(line), ""])] * 2, strict=True):
        if text:
            yield Run(column, text, tuple(on))
            column += len(text)
        for code in codes.split(";"):
            on = [*on, _class(code)] if code.strip("0") else []


def _class(code: str) -> str:
    others = {"1": "bold", "2": "pale", "7": "inverted"}
    return others.get(code) or _COLOURS[code][0]


def svg(printed: str) -> str:
    """Return the picture of what was printed after a learner typed pytest."""
    printed = printed.strip("\n")
    lines = ["\x1b[2m$\x1b[0m pytest", "", *printed.split("\n")]
    columns = max(len(plain(line)) for line in lines)
    width, height = columns * _WIDTH + 2 * _MARGIN, len(lines) * _HEIGHT + 2 * _MARGIN
    drawn = "\n".join(part for row, line in enumerate(lines) for part in _line(row, line))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" \
width="{width:.0f}" height="{height}" role="img" aria-labelledby="title desc">
<title id="title">A session of Autograd koans in a terminal</title>
<desc id="desc">{escape(plain(printed))}</desc>
<style>
{_style(0)}
@media (prefers-color-scheme: dark) {{
{_style(1)}
}}
</style>
<rect class="paper" x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1}" rx="8"/>
{drawn}
</svg>
"""


def _style(scheme: int) -> str:
    """Return the look of all classes, on white (0) or on black (1)."""
    colours = [(name, look[scheme]) for name, *look in _COLOURS.values()]
    rules = [
        f".paper {{ fill: {_PAPER[scheme]}; stroke: {_EDGE[scheme]}; }}",
        f"text, .mark {{ fill: {_INK[scheme]}; }}",
        f".pale {{ fill: {_PALE[scheme]}; }}",
        *(f".{name} {{ fill: {colour}; }}" for name, colour in colours),
        f"tspan.inverted {{ fill: {_PAPER[scheme]}; }}",
    ]
    fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    shape = [
        f"text {{ font: {_SIZE}px {fonts}; white-space: pre; }}",
        ".bold { font-weight: 700; }",
    ]
    return "\n".join(rules if scheme else [*shape, *rules])


def _line(row: int, line: str) -> Iterator[str]:
    """Return the elements of a line, in an even grid whatever font there is."""
    top, found = _MARGIN + row * _HEIGHT, list(runs(line))
    for run in found:
        if "inverted" in run.classes:
            classes = " ".join(["mark", *(c for c in run.classes if c != "inverted")])
            yield (
                f'<rect class="{classes}" x="{_MARGIN + run.column * _WIDTH:.2f}" y="{top}" '
                f'width="{len(run.text) * _WIDTH:.2f}" height="{_HEIGHT}"/>'
            )
    if text := "".join(map(_tspan, found)):
        length = len(plain(line)) * _WIDTH
        yield (
            f'<text x="{_MARGIN}" y="{top + 15}" textLength="{length:.2f}" '
            f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{text}</text>'
        )


def _tspan(run: Run) -> str:
    text = escape(run.text, quote=False)
    return f'<tspan class="{" ".join(run.classes)}">{text}</tspan>' if run.classes else text


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        prepare(Path(made))
        PICTURE.write_text(svg(screen(Path(made))), "utf-8")
