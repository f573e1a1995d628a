"""One writer at a time; who waits says for whom, and a process that died keeps nothing."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dsv.adapters.git import Git
from dsv.adapters.git.transaction import hold_index, index_is_held, let_index_go
from dsv.errors import DiskError, LockedError
from dsv.repository.writing.lock import exclusive
from tests.conftest import Scratch, numbered

DSV = (sys.executable, "-m", "dsv")
HOLDER = """
import os, sys
from dsv.repository.writing.lock import exclusive
with exclusive(sys.argv[1], operation="bump", timeout=0, tell=print):
    print("held", flush=True)
    sys.stdin.readline()
    if sys.argv[2:]:
        os.kill(os.getpid(), int(sys.argv[2]))
"""
BRIEF_HOLDER = """
import sys, time
from dsv.repository.writing.lock import exclusive
print("ready", flush=True)
with exclusive(sys.argv[1], operation="bump", timeout=5, tell=lambda _: None):
    time.sleep(0.6)
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


@pytest.mark.heavy
def test_however_many_wait_each_gets_its_turn_when_none_takes_long(lock: Path) -> None:
    """The time to wait is for one other, not for all that come before."""
    others = [
        subprocess.Popen([sys.executable, "-c", BRIEF_HOLDER, str(lock)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
    time.sleep(0.1)
    began = time.monotonic()
    told: list[str] = []
    with exclusive(str(lock), operation="add", timeout=1, tell=told.append):
        waited = time.monotonic() - began
    assert len(told) <= 1
    assert [(other.communicate(), other.returncode)[1] for other in others] == [0, 0, 0]
    assert waited < 10


def test_a_lock_file_that_is_deleted_while_it_is_held_keeps_out_those_who_waited_for_it(lock: Path) -> None:
    told: list[str] = []
    with held_by_another(lock) as holder:
        waiting = threading.Thread(target=_hold_for_a_moment, args=(lock, told))
        waiting.start()
        while not told:
            time.sleep(0.01)
        lock.unlink()
        lock.write_text("")
    waiting.join()
    assert told == [f"waiting for another dsv (bump, process {holder.pid})", "held"]
    assert lock.read_text() == ""


def _hold_for_a_moment(lock: Path, told: list[str]) -> None:
    with exclusive(str(lock), operation="add", timeout=10, tell=told.append):
        told.append("held" if json.loads(lock.read_text())["operation"] == "add" else "not the file at the path")


def test_a_file_system_without_locks_is_named(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with (
        pytest.raises(DiskError, match="keeps no locks"),
        exclusive(str(lock), operation="add", timeout=0, tell=print),
    ):
        pytest.fail("there is no lock")


def test_a_git_command_that_works_on_the_index_is_waited_for(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", numbered(10))
    lock = released.write(".git/index.lock", "")
    waiting = subprocess.Popen(
        [*DSV, "bump", "notes", "--json"], cwd=released.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert waiting.stderr is not None
    assert waiting.stderr.readline() == f"dsv: waiting for another git command ({lock} is there)\n"
    lock.unlink()
    said, _ = waiting.communicate()
    assert json.loads(said)["version"] == "2.0.0"


def test_a_git_command_that_comes_between_is_waited_for_a_moment(released: Scratch) -> None:
    git, lock = Git.discover(str(released.root)), released.write(".git/index.lock", "")
    threading.Timer(0.2, lock.unlink).start()
    hold_index(git, scratch=str(released.root / ".git/dsv/index-lock"))
    assert index_is_held(git)
    let_index_go(git)
    assert not lock.exists()


def test_who_waits_can_be_interrupted(released: Scratch) -> None:
    with held_by_another(released.root / ".git/dsv/lock"):
        waiting = subprocess.Popen([*DSV, "bump", "notes"], cwd=released.root, stderr=subprocess.PIPE, text=True)
        assert waiting.stderr is not None
        assert waiting.stderr.readline().startswith("dsv: waiting")
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate(timeout=30)
    assert (waiting.returncode, said.splitlines()[0]) == (130, "error: interrupted")


def test_data_that_a_stage_of_dvc_is_making_is_not_released(repo: Scratch) -> None:
    command = "touch begun && while [ ! -f go ]; do sleep 0.05; done && mkdir -p data && cp made.jsonl data/notes.jsonl"
    repo.records("made.jsonl", numbered(3))
    repo.write("dvc.yaml", f"stages:\n  make:\n    cmd: {command}\n    outs: [data/notes.jsonl]\n")
    program = [sys.executable, "-m", "dvc", "repro", "-q"]
    with subprocess.Popen(program, cwd=repo.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as repro:
        while not (repo.root / "begun").exists():
            assert repro.poll() is None
            time.sleep(0.02)
        repo.records("data/notes.jsonl", numbered(1))  # as a stage that is not done yet
        error = repo.dsv("add", "data/notes.jsonl", "--lock-timeout", "0", "--json", code=20).error
        assert (error["kind"], error["details"]["file"]) == ("locked", ".dvc/tmp/rwlock")
        assert f"process {repro.pid}" in error["message"]
        (repo.root / "data/notes.jsonl").unlink()
        (repo.root / "go").touch()
        repro.communicate()
    (repo.root / ".dvc/tmp/rwlock").write_text(
        json.dumps({"write": {str(repo.root / "data/notes.jsonl"): {"pid": repro.pid, "cmd": "dvc repro"}}})
    )
    repo.git("add", "-A")
    repo.git("commit", "-qm", "A stage")
    assert repo.json("add", "data/notes.jsonl")["manifest"]["data"]["records"] == 3


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
