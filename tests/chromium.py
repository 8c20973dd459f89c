"""Drives a Chromium without a window over a pipe, as its DevTools would."""

from __future__ import annotations

import base64
import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

#: Gives the browser its pipe, which it looks for at 3 and 4, and becomes it.
_BEGIN = """
import fcntl, os, sys
ours = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]]
for end, place in zip(ours, (3, 4)):
    os.dup2(end, place)
os.execv(sys.argv[3], sys.argv[3:])
"""
_ENDS_IN = 30


class Chromium:
    """A browser with one page; `errors` is what its console complained of."""

    def __init__(self, profile: Path) -> None:
        assert PROGRAM
        reads, self._out = os.pipe()
        self._in, writes = os.pipe()
        self._left = b""
        self._number = 0
        self._session = ""
        self.errors: list[str] = []
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _BEGIN, str(reads), str(writes)),
                *(PROGRAM, "--headless=new", "--no-sandbox", "--remote-debugging-pipe"),
                *("--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"),
                f"--user-data-dir={profile}",
            ],
            pass_fds=(reads, writes),
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)

    def __enter__(self) -> Chromium:  # noqa: PYI034 - Self is newer than Python 3.10
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Performance"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session = ""
        try:
            self.call("Browser.close")
            self._process.wait(_ENDS_IN)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Have the browser do something, and return what it says."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method}
        message |= {"params": parameters}
        if self._session:
            message |= {"sessionId": self._session}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (said := self._next()).get("id") != self._number:
            pass
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    def _next(self) -> dict[str, Any]:
        """Return the next thing that the browser says, and keep what it complains of."""
        end = time.monotonic() + _ENDS_IN
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._in], [], [], max(0, end - time.monotonic()))
            data = os.read(self._in, 1 << 16) if ready else b""
            assert data, "the browser is gone, or says nothing"
            self._left += data
        text, self._left = self._left.split(b"\0", 1)
        said: dict[str, Any] = json.loads(text)
        method, parameters = said.get("method"), said.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        if method == "Log.entryAdded":
            self.errors.append(parameters["entry"]["text"])
        if method == "Runtime.consoleAPICalled":
            self.errors.append(json.dumps(parameters["args"]))
        return said

    def open(self, page: Path) -> None:
        """Open a file, and wait until it is loaded."""
        self.call("Page.navigate", url=page.resolve().as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def pages_on_paper(self) -> int:
        """Return how many pages it takes to print what is open."""
        said = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(said["data"])))

    def run(self, script: str) -> Any:
        """Run a script in the page, and return what it comes to."""
        said = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def look(self, *, width: int, height: int = 900, scheme: str = "light") -> None:
        """Have a window of a size, and a learner who likes it light or dark."""
        is_phone = width < 500
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=is_phone,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key."""
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                **({"text": text} if text and kind == "keyDown" else {}),
            )

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def picture(self) -> bytes:
        """Return a picture of the window, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
