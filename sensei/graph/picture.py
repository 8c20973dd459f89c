"""Writes a recorded graph as a picture, with torchviz and Graphviz where they are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

from sensei.files import write_whole
from sensei.graph.recording import Recording

#: In a picture of more nothing is found, and Graphviz takes long over it.
NODES = 300
_SECONDS = 60

_INSTALL_PACKAGES = 'python -m pip install -c constraints.txt -e ".[graph]"'
_INSTALL_GRAPHVIZ = {
    "darwin": "brew install graphviz",
    "win32": "winget install Graphviz.Graphviz",
}


class Told(NamedTuple):
    """How it went, as a sentence, and a command that helps if there is one."""

    text: str
    command: str = ""


def write_picture(recording: Recording, file: Path, *, with_sizes: bool) -> Told:
    """Write a picture of what was recorded, whole or not at all, and say how it went.

    Args:
        recording: what one run of a koan recorded.
        file: where the picture goes; its suffix says how it is written.
        with_sizes: whether the sizes of tensors may be in it.
    """
    nodes = len(recording.graph.nodes)
    if not recording.results:
        return Told(f"{file} was not written: no operation was recorded.")
    if nodes > NODES:
        return Told(f"{file} was not written: nobody finds a way through {nodes} nodes.")
    suffix = file.suffix.lower()
    program = shutil.which("dot")
    if not program and suffix != ".dot":
        text = f"{file} was not written: Graphviz's program dot is not there. To install it:"
        return Told(text, _INSTALL_GRAPHVIZ.get(sys.platform, "sudo apt install graphviz"))
    try:
        source = _dot(recording, with_sizes=with_sizes).encode()
        write_whole(file, _rendered(program, source, suffix) if program else source)
    except ModuleNotFoundError as missing:
        text = f"{file} was not written: this Python has no {missing.name}. To install it:"
        return Told(text, _INSTALL_PACKAGES)
    except subprocess.SubprocessError:
        return Told(f"{file} was not written: Graphviz could not draw it.")
    except OSError as error:
        return Told(f"{file} was not written: {error.strerror}.")
    except RuntimeError:
        # torchviz looks at what a custom function has saved.
        return Told(
            f"{file} was not written: torchviz cannot draw a function of one's own after "
            "backward(), which frees what it had kept."
        )
    return Told(f"The picture is in {file}")


def _dot(recording: Recording, *, with_sizes: bool) -> str:
    with warnings.catch_warnings():
        # torchviz asks Python for what is on its way out.
        warnings.simplefilter("ignore")
        import torchviz

        source = str(torchviz.make_dot(recording.results, dict(recording.named)).source)
    return source if with_sizes else _SIZE.sub("", source)


#: As torchviz writes it, in the second line of a label.
_SIZE = re.compile(r"(?:\n|\\n) \([\d, ]*\)")


def _rendered(program: str, source: bytes, suffix: str) -> bytes:
    if suffix == ".dot":
        return source
    command = [program, f"-T{suffix[1:]}"]
    return subprocess.run(
        command, input=source, capture_output=True, check=True, timeout=_SECONDS
    ).stdout
