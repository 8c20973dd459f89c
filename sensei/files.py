"""Writes files whole, and never over a file that differs without keeping it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(file: Path, text: str | bytes) -> None:
    """Write a text, or leave the file as it was: there is no half-written state.

    Raises:
        OSError: if the file cannot be written.
    """
    file = file.resolve()  # a link stays a link
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode() if isinstance(text, str) else text)
        Path(temporary).chmod(file.stat().st_mode if file.exists() else 0o644)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink()
        raise


def keep_old(file: Path) -> Path:
    """Copy a file beside itself under a name that is free, and return that name.

    Raises:
        OSError: if the copy cannot be written.
    """
    number = 1
    while (copy := file.with_name(f"{file.name}.old{number}")).exists():
        number += 1
    data = file.read_bytes()
    with copy.open("xb") as stream:
        stream.write(data)
    return copy
