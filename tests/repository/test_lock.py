"""One writer at a time; who waits says for whom, and a process that died keeps nothing."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dsv.errors import DiskError, LockedError
from dsv.repository.lock import exclusive
from tests.conftest import Scratch, numbered

DSV = (sys.executable, "-m", "dsv")
HOLDER = """
import os, sys
from dsv.repository.lock import exclusive
with exclusive(sys.argv[1], operation="bump", timeout=0, tell=print):
    print("held", flush=True)
    sys.stdin.readline()
    if sys.argv[2:]:
        os.kill(os.getpid(), int(sys.argv[2]))
"""


@contextmanager
def held_by_another(lock: Path, *how: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it is told to end."""
    command = [sys.executable, "-c", HOLDER, str(lock), *how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.communicate("\n")


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Where a lock is to be, in a directory that is not there yet."""
    return tmp_path / "dsv/lock"


def test_a_lock_that_another_process_holds_is_waited_for_and_then_given_up(lock: Path) -> None:
    told: list[str] = []
    with (
        held_by_another(lock) as holder,
        pytest.raises(LockedError, match=rf"another dsv is at work here \(bump, process {holder.pid}\)"),
        exclusive(str(lock), operation="add", timeout=0.1, tell=told.append),
    ):
        pytest.fail("two hold the lock")
    assert told == [f"waiting for another dsv (bump, process {holder.pid})"]


def test_the_lock_of_a_process_that_was_killed_is_no_lock(lock: Path) -> None:
    with held_by_another(lock, str(int(signal.SIGKILL))) as holder:
        pass
    assert holder.returncode == -signal.SIGKILL
    assert json.loads(lock.read_text())["pid"] == holder.pid
    told: list[str] = []
    with exclusive(str(lock), operation="add", timeout=0, tell=told.append):
        assert json.loads(lock.read_text())["operation"] == "add"
    assert told == []


def test_the_lock_is_given_up_when_the_work_fails(lock: Path) -> None:
    with (
        pytest.raises(ValueError, match="failed"),
        exclusive(str(lock), operation="add", timeout=0, tell=print),
    ):
        raise ValueError("failed")
    with exclusive(str(lock), operation="add", timeout=0, tell=print):
        pass


def test_a_lock_that_cannot_be_made_is_a_refusal_that_names_it(lock: Path) -> None:
    lock.parent.write_text("a file in the way")
    with (
        pytest.raises(DiskError, match="dsv/lock cannot be opened"),
        exclusive(str(lock), operation="add", timeout=0, tell=print),
    ):
        pytest.fail("there is no lock")


def test_a_writing_command_is_refused_when_the_lock_stays_taken_and_a_reading_one_does_not_care(
    released: Scratch,
) -> None:
    released.records("data/notes/train.jsonl", numbered(10))
    with held_by_another(released.root / ".git/dsv/lock"):
        error = released.dsv("bump", "notes", "--lock-timeout", "0", "--json", code=20).error
        assert error["kind"] == "locked"
        assert "--lock-timeout" in error["hint"]
        assert released.json("status")["datasets"][0]["state"] == "changed"
        assert released.json("list")["total"] == 1
    assert released.json("bump", "notes")["version"] == "2.0.0"


def test_a_command_that_waits_says_so_and_goes_on_when_the_other_is_done(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", numbered(10))
    with open(released.root / ".git/dsv/lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [*DSV, "bump", "notes", "--json"]
        waiting = subprocess.Popen(
            command, cwd=released.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert waiting.stderr is not None
        assert waiting.stderr.readline().startswith("dsv: waiting for another dsv")
    said, _ = waiting.communicate()
    assert json.loads(said)["version"] == "2.0.0"


def test_of_two_that_bump_the_same_data_at_once_one_releases_and_the_other_finds_nothing_to_do(
    released: Scratch,
) -> None:
    released.records("data/notes/train.jsonl", numbered(10))
    both = [
        subprocess.Popen(
            [*DSV, "bump", "notes", "--json"], cwd=released.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = sorted((process.communicate()[0], process.returncode) for process in both)
    outcomes = {code: json.loads(text) for text, code in said}
    assert set(outcomes) == {0, 20}
    assert outcomes[0]["version"] == "2.0.0"
    assert outcomes[20]["error"]["kind"] == "nothing_changed"
    assert released.git("tag", "--list").split() == ["notes@v1.0.0", "notes@v2.0.0"]
    assert released.git("status", "--porcelain") == ""


def test_worktrees_of_one_repository_share_the_lock(released: Scratch, tmp_path: Path) -> None:
    released.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    linked = Scratch(tmp_path / "linked")
    linked.dsv("checkout", "notes")
    linked.records("data/notes/train.jsonl", numbered(10))
    with held_by_another(released.root / ".git/dsv/lock"):
        linked.dsv("bump", "notes", "--lock-timeout", "0", code=20)
    assert linked.json("bump", "notes")["version"] == "2.0.0"
