"""A command that is killed, at whatever moment, leaves a repository that the next command puts in order."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dsv.repository import journal
from tests.conftest import Scratch, call, numbered

DYING = Path(__file__).with_name("dying.py")
NOT_SEEN = (".git/objects", ".git/dsv", ".git/index", ".git/logs", ".dvc/cache", ".dvc/tmp")


@dataclass(frozen=True)
class Killed:
    """The repository as it was before the command, as it is when nothing kills it, and after each death."""

    before: Scratch
    after: Scratch
    deaths: list[Scratch]


def killed_at_each_step(template: Scratch, work: Path, *command: str) -> Killed:
    """The command killed in as many ways as there are; ways that leave the same count once."""
    work.mkdir()
    steps = int(call(sys.executable, str(DYING), str(template.root), str(work), *command, cwd=work))
    deaths = {state_of(place, hidden=()): place for place in (work / str(number + 1) for number in range(steps))}
    assert len(deaths) > 8
    return Killed(template, Scratch(work / str(steps + 1)), [Scratch(place) for place in deaths.values()])


def state_of(root: Path, *, hidden: tuple[str, ...] = NOT_SEEN) -> str:
    """A digest of everything a person or git could see: files with their content, directories, the index."""
    digest = hashlib.sha256(call("git", "ls-files", "--stage", cwd=root).encode())
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if not relative.startswith(hidden):
            content = path.read_bytes() if path.is_file() else b""
            digest.update(f"{relative}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def ends_of(killed: Killed, *, doing: str) -> set[tuple[bool, str]]:
    """Every death followed by a command, which ends what was begun in one way or the other, and says which.

    Gives how the deaths ended, each with whether the repository needed putting in order.
    """
    states = {state_of(killed.before.root): "undid", state_of(killed.after.root): "finished"}
    assert len(states) == 2
    ends = set()
    for repo in killed.deaths:
        interrupted = (repo.root / ".git/dsv/journal.json").exists()
        said = repo.dsv("list").stderr
        end = states[state_of(repo.root)]
        assert said == (f"dsv: {end} the {doing} that was interrupted\n" if interrupted else "")
        assert not (repo.root / ".git/dsv/journal.json").exists()
        ends.add((interrupted, end))
    return ends


@pytest.fixture
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that two releases of the same data are the same to the byte."""
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, "2026-11-22T08:00:00Z")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795334400")


@pytest.fixture
def at_work(released: Scratch) -> Scratch:
    """A repository in which a person has begun other things: staged, half staged and not staged."""
    released.write("train.py", "print(1)\n")
    released.write("README", "old\n")
    released.git("add", "train.py", "README")
    released.git("commit", "-qm", "code")
    released.write("README", "staged\n")
    released.write("new.py", "new\n")
    released.git("add", "README", "new.py")
    released.write("README", "staged\nand more\n")
    (released.root / "train.py").unlink()
    released.write("dvc.yaml", "# my pipeline\n" + released.read("dvc.yaml"))
    return released


ALL_ENDS = {(False, "undid"), (True, "undid"), (True, "finished"), (False, "finished")}


@pytest.mark.usefixtures("_at_one_moment")
def test_a_bump_killed_at_any_step_is_finished_or_undone_by_the_next_command(at_work: Scratch, tmp_path: Path) -> None:
    at_work.records("data/notes/more.jsonl", numbered(30, start=100))
    work = at_work.git("status", "--porcelain")
    killed = killed_at_each_step(at_work, tmp_path / "killed", "bump", "notes")
    assert ends_of(killed, doing="release of notes 1.1.0") == ALL_ENDS - {(False, "finished")}
    assert killed.after.git("status", "--porcelain") == work
    first, last = killed.deaths[0], killed.deaths[-1]
    assert first.json("bump", "notes")["version"] == "1.1.0"
    last.refused("bump", "notes", code=20, kind="nothing_changed")
    for repo in (first, last):
        assert repo.git("status", "--porcelain") == work
        assert repo.json("check")["ok"]
        assert [each["version"] for each in repo.json("log", "notes")["versions"]] == ["1.1.0", "1.0.0"]
