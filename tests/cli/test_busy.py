"""While git, or another dsv, is at work: nothing is released, and nothing is lost."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.cli.repository_state import leaves_no_trace
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Scratch


def merge(repo: Scratch) -> None:
    repo.git("merge", "--no-commit", "--no-ff", "other")


def rebase(repo: Scratch) -> None:
    repo.git("-c", "sequence.editor=sed -i 1s/pick/edit/", "rebase", "-q", "-i", "--root")


def cherry_pick(repo: Scratch) -> None:
    repo.write("file", "conflicting")
    repo.git("add", "file")
    repo.git("commit", "-q", "-m", "conflicting")
    repo.git("cherry-pick", "other", check=False)


def several_cherry_picks(repo: Scratch) -> None:
    repo.git("checkout", "-q", "-b", "both", "other")
    repo.write("more", "theirs")
    repo.git("add", "more")
    repo.git("commit", "-q", "-m", "more")
    repo.git("checkout", "-q", "main")
    repo.write("file", "conflicting")
    repo.git("add", "file")
    repo.git("commit", "-q", "-m", "conflicting")
    repo.git("cherry-pick", "both~1", "both", check=False)
    repo.git("add", "file")
    repo.git("commit", "-q", "-m", "the first of two")


def revert(repo: Scratch) -> None:
    repo.git("revert", "--no-edit", "HEAD~1", check=False)


def bisect(repo: Scratch) -> None:
    repo.git("bisect", "start")


def another_command(repo: Scratch) -> None:
    lock = repo.write(".git/index.lock", "")
    os.utime(lock, (0, 0))  # of a git that was killed long ago


@pytest.mark.parametrize("begin", [merge, rebase, cherry_pick, several_cherry_picks, revert, bisect, another_command])
def test_while_git_is_busy_nothing_is_released(repo: Scratch, begin: Callable[[Scratch], None]) -> None:
    repo.git("checkout", "-q", "-b", "other")
    repo.write("file", "theirs")
    repo.git("add", "file")
    repo.git("commit", "-q", "-m", "theirs")
    repo.git("checkout", "-q", "main")
    for text in ("one", "two"):
        repo.write("ours", text)
        repo.git("add", "ours")
        repo.git("commit", "-q", "-m", text)
    repo.records("data/notes/a.jsonl", numbered(3))
    begin(repo)
    for command in (["add", "data/notes"], ["add", "data/notes", "--dry-run"], ["bump", "notes"], ["init"]):
        if command[0] == "bump":
            repo.write("manifests/notes/dataset.yaml", "schema: 1\nname: notes\npath: data/notes\n")
        leaves_no_trace(repo, *command, code=20, kind="in_progress")
    assert repo.json("status")["datasets"][0]["state"] == "new"


@contextmanager
def locked(scratch: Scratch) -> Iterator[None]:
    """As while another dsv is at work."""
    handle = os.open(scratch.root / ".git/dsv/lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.truncate(handle, 0)
        os.pwrite(handle, b'{"pid": 4711, "operation": "bump"}', 0)
        yield
    finally:
        os.close(handle)


def test_two_writers_are_one_too_many(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    with locked(released):
        error = leaves_no_trace(released, "bump", "notes", "--lock-timeout", "0", code=20, kind="locked")
        assert "process 4711" in error["message"]
        said = released.dsv("--lock-timeout", "0.01", "bump", "notes", code=20).stderr
        assert said.splitlines()[0] == "dsv: waiting for another dsv (bump, process 4711)"
        for command in (["status"], ["log"], ["diff", "notes"]):
            released.dsv(*command, "--lock-timeout", "0")
    assert released.json("bump", "notes", "--lock-timeout", "0")["version"] == "1.0.1"


def test_who_waits_for_the_lock_gets_it(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    with locked(released):
        command = [sys.executable, "-m", "dsv", "bump", "notes"]
        waiting = subprocess.Popen(command, cwd=released.root, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        assert waiting.stderr is not None
        assert b"waiting for another dsv" in waiting.stderr.readline()
    out, _ = waiting.communicate()
    assert (waiting.returncode, out.split()[:2]) == (0, [b"notes", b"1.0.1"])
