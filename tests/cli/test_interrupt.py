"""Ctrl-C, and worse, while several processes read: nothing is left of it but the data, and no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Scratch

FILES, LINES = 6, 20_000
PATIENCE_SECONDS = 30
"""How long a test waits for what a slow machine may take; it goes on as soon as it is there."""


@pytest.fixture
def reading(repo: Scratch) -> Scratch:
    """A repository with data of few bytes and many fields, which takes some seconds to read."""
    for part in range(FILES):
        fields = ", ".join(f'"field{number}": %d' for number in range(30))
        lines = (f"{{{fields % ((part * LINES + row,) * 30)}}}\n" for row in range(LINES))
        repo.write(f"data/notes/{part}.jsonl", "".join(lines))
    return repo


def test_ctrl_c_while_processes_read_leaves_the_repository_as_it_was(reading: Scratch) -> None:
    before = state_of(reading)
    process, workers = adding(reading)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does to all that runs in its foreground
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[0] == "error: interrupted"
    assert "Traceback" not in err
    assert wait_until_gone(workers)
    assert state_of(reading) == before
    assert leftovers(reading) == []
    assert reading.json("status")["datasets"] == []
    (reading.root / "data/notes/5.jsonl").unlink()
    assert reading.json("add", "data/notes")["manifest"]["data"]["records"] == (FILES - 1) * LINES


def test_processes_that_read_do_not_survive_their_parent(reading: Scratch) -> None:
    before = state_of(reading)
    process, workers = adding(reading)
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    assert wait_until_gone(workers)
    assert state_of(reading) == before
    for part in range(1, FILES):
        (reading.root / f"data/notes/{part}.jsonl").unlink()
    assert reading.json("add", "data/notes")["manifest"]["data"]["records"] == LINES


def adding(repo: Scratch) -> tuple[subprocess.Popen[str], list[int]]:
    """A `dsv add` in a process group of its own, in the middle of reading, and the processes that read for it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dsv", "add", "data/notes", "--executor", "local:2"],
        cwd=repo.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None
        workers = children(process.pid)
        if len(workers) == 2 and all(map(reads_data, workers)):
            return process, workers
        time.sleep(0.005)
    raise AssertionError("it never began to read")


def children(pid: int) -> list[int]:
    """The processes that this one started and that run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def reads_data(pid: int) -> bool:
    """Whether the process has a data file open."""
    try:
        return any("/data/notes/" in os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it has ended, or has closed the file
        return False


def wait_until_gone(pids: list[int]) -> bool:
    """Whether none of the processes is there within a second; one that nobody waited for is gone, too."""
    until = time.monotonic() + 1
    while time.monotonic() < until:
        if not any(map(runs, pids)):
            return True
        time.sleep(0.005)
    return False


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def state_of(repo: Scratch) -> tuple[str, ...]:
    """What git sees: commits, tags, the work tree."""
    asked = (("rev-parse", "HEAD"), ("tag", "--list"), ("status", "--porcelain"))
    return tuple(repo.git(*words) for words in asked)


def leftovers(repo: Scratch) -> list[str]:
    """What was being made when it was interrupted: objects, directories of copies, rows."""
    places = (repo.root / ".dvc/cache", repo.root / ".git/dsv/work")
    return sorted(str(path) for place in places for path in place.rglob("*") if path.is_file())
