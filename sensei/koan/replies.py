"""A course's file of replies: answered chapters out of which the answers were taken. Pure.

It is a curtain, and no vault: reasons are only packed so that nobody reads them in passing.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping

#: The file, in a project's folder.
REPLIES = "replies.json"
SCHEMA = 1


def seal(text: str) -> str:
    """Return a text so that it cannot be read at a glance."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unseal(sealed: str) -> str:
    """Return the text that was sealed.

    Raises:
        ValueError: if none was.
    """
    try:
        return zlib.decompress(base64.b64decode(sealed, validate=True)).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from None


def to_json(version: str, chapters: Mapping[str, str]) -> str:
    """Return what the file holds.

    Args:
        version: that of the path.
        chapters: by the name of its file each chapter's text, without answers.
    """
    data = {"schema": SCHEMA, "path": version, "chapters": dict(chapters)}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def chapters_in(text: str) -> dict[str, str]:
    """Return the chapters in such a file; none where it is damaged, or another one."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    chapters = data.get("chapters") if isinstance(data, dict) else None
    if not isinstance(chapters, dict) or data.get("schema") != SCHEMA:
        return {}
    return {name: text for name, text in chapters.items() if isinstance(text, str)}
