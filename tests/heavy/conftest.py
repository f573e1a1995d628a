"""What the heavy tests share: dsv as a process of its own, with the memory and the open files that it took."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Scratch

MIB = 1 << 20
ADDRESS_SPACE = 600 * MIB
"""A limit under which a team's small machine, or a container, runs dsv."""


MOST_FILES = 64
"""What one process may have open at once, far below the 1,024 of a usual limit."""


@dataclass(frozen=True)
class Measured:
    """How one run of the command ended; `memory` is its largest resident set, or a child's, in bytes.

    It is never less than what the tests themselves had when they started the process. `all_memory` is the largest sum
    of the resident sets of the process and its descendants at one moment, which counts what they share once for each;
    `files` the largest number of open file descriptors of one of them. Both are sampled, so a short run has few.
    """

    code: int
    stdout: str
    stderr: str
    memory: int
    all_memory: int
    files: int

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)


Run = Callable[..., Measured]


class _Watcher(threading.Thread):
    """Looks at a process and its descendants, fifty times a second, until it is stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.memory = self.files = 0
        self._pid, self._done = pid, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._done.wait(0.02):
            family = _family(self._pid)
            pages = {pid: _seen(f"/proc/{pid}/statm") for pid in family}
            # What has just begun still lives in its parent's memory.
            own = [each.split()[1] for pid, each in pages.items() if each and each != pages.get(family[pid])]
            self.memory = max(self.memory, sum(map(int, own)) * os.sysconf("SC_PAGE_SIZE"))
            self.files = max(self.files, *map(_open_files, family))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _family(pid: int) -> dict[int, int]:
    """The process and its descendants, each with its parent."""
    found, waiting = {pid: 0}, [pid]
    for each in waiting:
        for task in Path(f"/proc/{each}/task").glob("*"):
            children = [int(child) for child in _seen(f"{task}/children").split()]
            found.update(dict.fromkeys(children, each))
            waiting += children
    return found


def _seen(file: str) -> str:
    try:
        return Path(file).read_text()
    except OSError:  # it has ended
        return ""


def _open_files(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


@pytest.fixture
def measured(repo: Scratch, tmp_path: Path) -> Run:
    """A function that runs `dsv ... --json` in a process of its own.

    `address_space` is the most memory, in bytes, that the process may have at all.
    """

    def run(*arguments: str, code: int = 0, address_space: int | None = None) -> Measured:
        def limited() -> None:
            if address_space is not None:
                resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

        out, err = tmp_path / "stdout", tmp_path / "stderr"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "dsv", *arguments, "--json"],
                cwd=repo.root,
                stdout=stdout,
                stderr=stderr,
                preexec_fn=limited,  # noqa: PLW1509 - nothing else runs in this process
            )
            watcher = _Watcher(process.pid)
            _, status, used = os.wait4(process.pid, 0)
            watcher.stop()
            process.returncode = os.waitstatus_to_exitcode(status)
        memory = used.ru_maxrss * 1024
        result = Measured(process.returncode, out.read_text(), err.read_text(), memory, watcher.memory, watcher.files)
        assert result.code == code, f"{arguments}: exit {result.code}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}"
        return result

    return run
