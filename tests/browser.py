"""A real browser for tests of pages: Chromium without a window, driven through a pipe by its DevTools protocol."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PHONE, DESKTOP = (360, 740), (1280, 900)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_QUIET = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
)
# A browser reads from 3 and writes to 4, whatever numbers the pipes have here.
_REDIRECTED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find_chromium() -> str | None:
    """The browser on this machine; None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@dataclass
class Page:
    """A page that was opened, and all that it asked for and complained of since."""

    browser: Browser
    session: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def call(self, method: str, **parameters: Any) -> Any:
        """What the protocol answers."""
        return self.browser.call(method, parameters, session=self.session)

    def resize(self, size: tuple[int, int], *, dark: bool = False) -> None:
        """Give the page the size of a screen, and the colours that its reader's system has."""
        width, height = size
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=True)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, address: str) -> None:
        """Go there and wait until all is loaded."""
        self.browser.load(address, session=self.session)

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def screenshot(self, file: Path) -> None:
        """A picture of all of the page."""
        height = self.evaluate("document.documentElement.scrollHeight")
        width = self.evaluate("window.innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, 16_000), "scale": 1}
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(answer["data"]))


class Browser:
    """A running Chromium; messages are JSON with a NUL at the end, in both directions."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._out, self._in = to_browser, from_browser
        self._rest = b""
        self._number = 0
        self._pages: dict[str, Page] = {}
        self._loaded: set[str] = set()

    def page(self) -> Page:
        """A new page."""
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self._pages[session] = page = Page(self, session)
        for domain in ("Page", "Network", "Log", "Runtime"):
            page.call(f"{domain}.enable")
        return page

    def call(self, method: str, parameters: dict[str, Any], *, session: str | None = None) -> Any:
        """The result of one command; what happens meanwhile is noted with its page."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        os.write(self._out, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def load(self, address: str, *, session: str) -> None:
        """Go to an address, until the page and all that belongs to it is there."""
        self._loaded.discard(session)
        self.call("Page.navigate", {"url": address}, session=session)
        while session not in self._loaded:
            self._next()

    def _next(self) -> dict[str, Any]:
        """The next message, noted."""
        while b"\0" not in self._rest:
            read = os.read(self._in, 1 << 20)
            assert read, "the browser ended"
            self._rest += read
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        self._note(found)
        return found

    def _note(self, message: dict[str, Any]) -> None:
        method, session = message.get("method"), message.get("sessionId", "")
        page, told = self._pages.get(session), message.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded.add(session)
        elif page is None:
            return
        elif method == "Network.requestWillBeSent":
            page.requests.append(told["request"]["url"])
        elif method == "Log.entryAdded":
            page.complaints.append(told["entry"]["text"])
        elif method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
            page.complaints.append(json.dumps(told))


@contextmanager
def running_browser(directory: Path) -> Iterator[Browser]:
    """A browser that keeps what it keeps in the directory, and ends with the block."""
    program = find_chromium()
    assert program, "no Chromium is on this machine"
    (read_end, our_out), (our_in, write_end) = os.pipe(), os.pipe()
    their_in, their_out = (fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (read_end, write_end))
    command = [program, *_QUIET, f"--user-data-dir={directory}", "--remote-debugging-pipe"]
    root = ["--no-sandbox"] if os.getuid() == 0 else []
    process = subprocess.Popen(
        [sys.executable, "-c", _REDIRECTED, str(their_in), str(their_out), *command, *root, "about:blank"],
        pass_fds=(their_in, their_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for each in (read_end, write_end, their_in, their_out):
        os.close(each)
    browser = Browser(our_out, our_in)
    try:
        yield browser
        browser.call("Browser.close", {})
    finally:
        os.close(our_out)
        os.close(our_in)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
