"""A progress bar on stderr, for what takes longer than a second."""

from __future__ import annotations

import time
from typing import Any

from dsv.cli.text import number

_QUIET_SECONDS = 1.0
_TRANSFERS = ("pushing", "fetching")


class ProgressBar:
    """Draws with rich, which is loaded only when there is something to draw."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._what = ""
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, what: str, done: int, total: int, records: int = 0) -> None:
        """Show how far it is, once it has taken a second."""
        if what != self._what:
            self._stop()
            self._what, self._started = what, time.monotonic()
        if self._bar is None:
            if done >= total or time.monotonic() - self._started < _QUIET_SECONDS:
                return
            self._start(what, done, total)
        self._bar.update(self._task, completed=done, total=total, counted=self._counted(records))
        if done >= total:
            self._stop()

    def _counted(self, records: int) -> str:
        """The records so far and their rate, where any are counted; of transfers it is objects."""
        seconds = time.monotonic() - self._started
        word = "objects" if self._what.startswith(_TRANSFERS) else "records"
        return f"{number(records)} {word}, {number(round(records / seconds))}/s" if records else ""

    def _start(self, what: str, done: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("{task.fields[counted]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(what, completed=done, total=total, counted="")
        self._bar.start()

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
