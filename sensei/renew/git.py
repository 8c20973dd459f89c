"""What git has to be told once a conflict in koans/ is settled. Nothing is changed here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from sensei.files import typed

#: What git has begun and not ended, by the file in which it remembers that.
_ENDS = {
    "MERGE_HEAD": "git commit --no-edit",
    "rebase-merge": "git rebase --continue",
    "rebase-apply": "git rebase --continue",
    # A pull with --autostash, or a stash that was brought back by hand.
    "refs/stash": "git stash drop",
}


def to_end_conflict(koans: Path) -> list[str]:
    """Return the commands that end a conflict for git, where it has one in koans/."""
    if not _asked(koans, "ls-files", "--unmerged", "--", "."):
        return []
    begun = (it for it in _ENDS if _is_there(koans, it))
    end = next(begun, None)
    return [f"git add {typed(koans)}", *([_ENDS[end]] if end else [])]


def _is_there(koans: Path, name: str) -> bool:
    place = _asked(koans, "rev-parse", "--git-path", name)
    return bool(place) and (koans / place).exists()


def _asked(folder: Path, *arguments: str) -> str:
    """Ask git; an empty answer where there is no git, or no repository."""
    git = shutil.which("git")
    if git is None:
        return ""
    try:
        run = subprocess.run(
            [git, *arguments],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""
