"""Text that others wrote, made harmless: on a screen, in a table, as a folder's name."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

#: Letters of some scripts, and emoji, are joined or kept apart by these.
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
#: A spreadsheet takes a cell that begins with one of these for a formula; the wide ones, too.
_FORMULA = tuple(
    "=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
#: What Windows keeps for itself, with any ending.
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\N{SUPERSCRIPT ONE}"
    r"\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT THREE}])\s*(\..*)?",
    re.IGNORECASE,
)
_NO_FOLDER = re.compile(r'[<>:"/\\|?*]')
_LONGEST, _MOST_BYTES = 80, 240


def visible(text: str) -> str:
    """Return a text in which what cannot be printed is written out, as Python would."""
    return "".join(
        character if _is_seen(character) else character.encode("unicode_escape").decode()
        for character in text
    )


def _is_seen(character: str) -> bool:
    return (
        character.isprintable()
        or character in _JOINERS
        or unicodedata.category(character) == "Zs"
    )


def cell(text: str) -> str:
    """Return a text as a cell of a table, which no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def told_apart(names: Iterable[str]) -> list[str]:
    """Return names in their order, each one that was there before with a number behind it."""
    seen: Counter[str] = Counter()
    apart = []
    for name in names:
        seen[name] += 1
        apart.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return apart


def folders(names: Iterable[str]) -> Sequence[str]:
    """Return a folder's name for each name: none is another's, on any system.

    A name that can stay as it is stays so, also where another one comes to the same.
    """
    names = list(names)
    wanted = [_folder(name) for name in names]
    found = [""] * len(names)
    taken: set[str] = set()
    # Those that stay as they are come first.
    for place in sorted(range(len(names)), key=lambda place: wanted[place] != names[place]):
        number, free = 1, wanted[place]
        while (key := _key(free)) in taken:
            number += 1
            end = f"-{number}"
            free = _cut(wanted[place], len(end)) + end
        taken.add(key)
        found[place] = free
    return found


def _key(folder: str) -> str:
    """Return what two names share that some system takes for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folder).casefold())


def _folder(name: str) -> str:
    whole = unicodedata.normalize("NFC", name)
    kept = "".join(character if character.isprintable() else "_" for character in whole)
    kept = _cut(_NO_FOLDER.sub("_", kept).lstrip(". "))
    return f"_{kept}" if not kept or _RESERVED.fullmatch(kept) else kept


def _cut(name: str, room: int = 0) -> str:
    """Return as much of a name as a folder's may have, and Windows keeps, with some room."""
    data = name[: _LONGEST - 1 - room].encode()[: _MOST_BYTES - room]
    return data.decode(errors="ignore").rstrip(". ")
