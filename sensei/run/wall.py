"""A wall around a process that runs what others wrote: it computes, and touches nothing else.

On Linux the kernel keeps it (Landlock, from 5.13 on), whatever the process gets to. Beside it
and elsewhere Python does: files are only read, and only those of Python, its packages and
sensei; no process is started, no socket is used, no library is loaded by hand.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from pathlib import Path


class Wall:
    """A wall that is ready to be built around this process, or a copy of it.

    To read what it rests on takes longer than to build it.
    """

    def __init__(self) -> None:
        self._readable = _readable()
        self._rules = _rules(self._readable) if sys.platform == "linux" else None
        self._is_closed = False

    def close(self) -> None:
        """Build it; there is no way back.

        What Python itself has a part in raises PermissionError from now on. Files that are
        open, such as pipes, stay as they are.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if sys.platform != "win32":
            import resource

            # No file gets longer, whoever opens it.
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        if self._rules is not None:
            _close_by_kernel(self._rules)
        _close_in_python(self._readable)


def _readable() -> list[str]:
    """Return the folders with what a koan may yet import."""
    import sensei

    own = os.path.dirname(os.path.abspath(sensei.__file__))  # noqa: PTH100, PTH120
    packages = (path for path in sys.path if "site-packages" in path or "dist-packages" in path)
    folders = {sys.prefix, sys.base_prefix, own, *packages, *_standard_library()}
    return sorted({os.path.realpath(each) for each in folders} | folders)


def _standard_library() -> set[str]:
    import sysconfig

    paths = sysconfig.get_paths()
    return {paths["stdlib"], paths["platstdlib"], paths["purelib"], paths["platlib"]}


# By the kernel, as far as it is new enough. Numbers as in linux/landlock.h; those of the system
# calls are the same on all machines with torch.

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_NO_NEW_PRIVILEGES = 38
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
#: All that the first version can forbid: to execute, write, read, list, remove and make.
_FIRST = 2**13 - 1
#: What later versions can forbid: to link elsewhere, to truncate, to talk to devices.
_SINCE = {2: 2**13, 3: 2**14, 5: 2**15}
#: To bind a port and to connect to one, from version 4 on.
_PORTS = 3
#: Where torch's libraries read what the processor can do, once half precision is computed.
_OF_THE_MACHINE = ("/proc/cpuinfo", "/sys/devices/system/cpu")
#: To reach other processes' sockets without a place, or signal them, from version 6 on.
_OTHERS = 3


def _rules(readable: list[str]) -> int | None:
    """Return the kernel's name for what is allowed, or None where it is not new enough."""
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = call(_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return None
    files = _FIRST | sum(right for since, right in _SINCE.items() if version >= since)
    fields = [files]
    if version >= 4:
        fields.append(_PORTS)
    if version >= 6:
        fields.append(_OTHERS)
    asked = struct.pack(f"={len(fields)}Q", *fields)
    rules: int = call(_CREATE, asked, ctypes.c_size_t(len(asked)), 0)
    if rules < 0:
        return None
    for place in (*readable, *_OF_THE_MACHINE):
        _allow(call, rules, place, _READ | _LIST)
    _allow(call, rules, os.devnull, _READ | _WRITE)
    return rules


def _close_by_kernel(rules: int) -> None:
    """Have the kernel allow nothing else to this process and those that it begins."""
    libc = ctypes.CDLL(None)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.syscall(_RESTRICT, rules, 0) != 0:
        raise OSError("the kernel gave rules for a wall, and now keeps none")


def _allow(call: ctypes._NamedFuncPointer, rules: int, place: str, rights: int) -> None:
    with contextlib.suppress(OSError):
        at = os.open(place, os.O_PATH | os.O_CLOEXEC)
        if not Path(place).is_dir():
            rights &= ~_LIST
        call(_ADD, rules, _PATH_BENEATH, struct.pack("=Qi", rights, at), 0)
        os.close(at)


# In Python.

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: Events of Python's audit table, or beginnings of their names, that no koan needs.
_FORBIDDEN = (
    *("ctypes.", "ftplib.", "http.", "imaplib.", "nntplib.", "poplib.", "smtplib.", "socket."),
    *("sqlite3.", "telnetlib.", "urllib.", "webbrowser.", "winreg.", "_winapi.", "msvcrt."),
    *("subprocess.", "shutil.", "tempfile.", "mmap.", "pty.", "fcntl.", "syslog.", "signal."),
    *("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile"),
    *("os.kill", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink"),
    *("os.chmod", "os.chown", "os.lchown", "os.chflags", "os.truncate", "os.utime"),
    *("os.setxattr", "os.removexattr", "os.lockf", "os.fchmod"),
)


def _close_in_python(readable: list[str]) -> None:
    # Windows takes two cases of a letter for one.
    beneath = tuple(os.path.normcase(os.path.join(folder, "")) for folder in readable)  # noqa: PTH118

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, int) or path == os.devnull:
                return
            is_writing = isinstance(flags, int) and flags & _WRITING
            place = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]  # noqa: PTH100
            if is_writing or not os.path.normcase(place).startswith(beneath):
                raise PermissionError(f"marking opens no files: {path!r}")
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"marking does no {event}")

    sys.addaudithook(refuse)
