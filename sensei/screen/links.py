"""Links in a terminal (OSC 8): which terminals have them, and how one is written. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: By these a terminal says who it is; each of them has links in all its releases of late.
_PROGRAMS = frozenset({"ghostty", "Hyper", "iTerm.app", "rio", "Tabby", "WezTerm"})
_KINDS = re.compile(r"(xterm-)?(alacritty|contour|foot|ghostty|kitty|wezterm)\b")
_VARIABLES = ("DOMTERM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION")
#: GNOME's terminals have them from this one on; those before print something else instead.
_VTE = 5000
#: A file here is not one there, where the terminal is.
_ELSEWHERE = ("SSH_CONNECTION", "SSH_TTY", "WSL_DISTRO_NAME")


def has_links(variables: Mapping[str, str]) -> bool:
    """Whether the terminal says that it has links, which a learner may not want.

    VS Code makes one of `path:line` by itself, which leads to the line as well. What stands
    between a program and a terminal (tmux, screen) may not pass them on.
    """
    kind, program = variables.get("TERM", ""), variables.get("TERM_PROGRAM", "")
    if variables.get("NO_COLOR") or kind == "dumb" or program == "vscode":
        return False
    if kind.startswith(("screen", "tmux")) or any(map(variables.get, _ELSEWHERE)):
        return False
    vte = variables.get("VTE_VERSION", "")
    return (
        program in _PROGRAMS
        or bool(_KINDS.match(kind))
        or any(map(variables.get, _VARIABLES))
        or (vte.isdecimal() and int(vte) >= _VTE)
    )


def linked(text: str, address: str) -> str:
    """Return a text that leads to an address."""
    return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"
