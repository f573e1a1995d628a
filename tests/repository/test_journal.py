"""What a command that was killed leaves, and the next one makes of it; tests/faults kills at every step."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Scratch, numbered

DYING = Path(__file__).with_name("dying.py")


def killed_before(what: str, repo: Scratch, *command: str) -> None:
    """Run dsv in the repository, and kill it before it calls this command of git, or renames its n-th file."""
    done = subprocess.run([sys.executable, DYING, what, *command], cwd=repo.root, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def _cut_off(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    root = tmp_path_factory.mktemp("cut-off") / "repo"
    shutil.copytree(_templates["released"], root, symlinks=True)
    repo = Scratch(root)
    repo.records("data/notes/train.jsonl", numbered(10))
    killed_before("update-ref", repo, "bump", "notes")
    return root


@pytest.fixture
def cut_off(_cut_off: Path, tmp_path: Path) -> Scratch:
    """A repository whose bump to 2.0.0 was killed when its objects were made, before git's refs moved."""
    shutil.copytree(_cut_off, tmp_path / "repo", symlinks=True)
    return Scratch(tmp_path / "repo")


def test_a_branch_that_a_killed_git_did_not_move_follows_its_tag(cut_off: Scratch) -> None:
    entry = json.loads(cut_off.read(".git/dsv/journal.json"))
    cut_off.git("update-ref", "refs/tags/notes@v2.0.0", entry["tags"]["notes@v2.0.0"])
    assert cut_off.dsv("list").stderr == "dsv: finished the release of notes 2.0.0 that was interrupted\n"
    assert cut_off.git("rev-parse", "HEAD").strip() == entry["commit"]
    assert cut_off.git("status", "--porcelain") == ""
    assert cut_off.json("check")["ok"]


def test_a_tag_that_a_killed_git_did_not_make_follows_its_branch(cut_off: Scratch) -> None:
    entry = json.loads(cut_off.read(".git/dsv/journal.json"))
    cut_off.git("update-ref", "refs/heads/main", entry["commit"])
    assert cut_off.dsv("list").stderr == "dsv: finished the release of notes 2.0.0 that was interrupted\n"
    assert cut_off.git("rev-parse", "notes@v2.0.0").strip() == entry["tags"]["notes@v2.0.0"]
    assert cut_off.git("status", "--porcelain") == ""


def test_what_somebody_edited_after_the_kill_is_left_as_it_is(cut_off: Scratch) -> None:
    cut_off.write("data/notes.dvc", cut_off.read("data/notes.dvc") + "# mine\n")
    assert cut_off.dsv("list").stderr == (
        "dsv: left as they are, because changed since: data/notes.dvc\n"
        "dsv: undid the release of notes 2.0.0 that was interrupted\n"
    )
    assert cut_off.read("data/notes.dvc").endswith("# mine\n")
    assert cut_off.git("status", "--porcelain") == " M data/notes.dvc\n"


def test_the_lock_on_the_index_goes_with_the_release_that_took_it_and_no_other_does(cut_off: Scratch) -> None:
    lock = cut_off.root / ".git/index.lock"
    assert lock.exists()
    lock.write_bytes(b"DIRC of a git that runs")
    cut_off.dsv("list")
    assert lock.read_bytes() == b"DIRC of a git that runs"
    os.utime(lock, (0, 0))  # so old that nobody waits for it
    cut_off.refused("bump", "notes", code=20, kind="in_progress")
    lock.unlink()
    assert cut_off.json("bump", "notes")["version"] == "2.0.0"


def test_a_damaged_journal_is_a_refusal_that_names_it(released: Scratch) -> None:
    released.write(".git/dsv/journal.json", "{")
    error = released.refused("list", code=50, kind="disk")
    assert ".git/dsv/journal.json" in error["message"]
    assert "git status" in error["hint"]


def test_a_command_that_is_still_at_work_is_not_taken_for_a_killed_one(cut_off: Scratch) -> None:
    with open(cut_off.root / ".git/dsv/lock", "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert cut_off.dsv("list").stderr == ""
        assert (cut_off.root / ".git/dsv/journal.json").exists()
    assert "undid the release" in cut_off.dsv("list").stderr


def test_the_journal_holds_the_id_of_the_uncommitted_work(released: Scratch) -> None:
    released.write("README", "old\n")
    released.git("add", "README")
    released.git("commit", "-qm", "readme")
    released.write("README", "staged\n")
    released.git("add", "README")
    released.write("README", "staged\nand more\n")
    released.records("data/notes/train.jsonl", numbered(10))
    killed_before("update-ref", released, "bump", "notes")
    saved = json.loads(released.read(".git/dsv/journal.json"))["saved_work"]
    assert released.git("show", f"{saved}:README") == "staged\nand more\n"
    assert released.git("show", f"{saved}^2:README") == "staged\n"


def test_a_finished_rollback_does_not_overwrite_what_was_written_since(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", numbered(60))
    released.dsv("bump", "notes")
    killed_before("update-ref", released, "rollback", "notes", "1.0.0")
    entry = json.loads(released.read(".git/dsv/journal.json"))
    released.git("update-ref", "refs/heads/main", entry["commit"])
    released.write("data/notes/train.jsonl", '{"id": "mine"}\n')
    said = released.dsv("list").stderr.splitlines()
    assert said[0] == "dsv: finished the release of notes 1.2.0 that was interrupted"
    assert said[1].startswith("dsv: the data of notes@1.2.0 is not in the working tree: 1 file of data/notes")
    assert said[1].endswith("; see dsv checkout notes@1.2.0")
    assert released.read("data/notes/train.jsonl") == '{"id": "mine"}\n'
    assert released.git("status", "--porcelain") == ""
    assert released.dsv("list").stderr == ""


def ref_locks(repo: Scratch, *, branch: str) -> list[Path]:
    """The locks that git leaves when it is killed before it moves the refs; the branch's holds this text."""
    locks = [repo.root / ".git" / name for name in ("HEAD.lock", "refs/heads/main.lock", "refs/tags/notes@v2.0.0.lock")]
    entry = json.loads(repo.read(".git/dsv/journal.json"))
    for lock, text in zip(locks, ("", branch, entry["tags"]["notes@v2.0.0"] + "\n"), strict=True):
        lock.write_text(text)
        os.utime(lock, (time.time() - 5, time.time() - 5))
    return locks


def test_locks_on_refs_that_a_killed_git_left_go_with_the_release_that_took_them(cut_off: Scratch) -> None:
    commit = json.loads(cut_off.read(".git/dsv/journal.json"))["commit"]
    locks = ref_locks(cut_off, branch=commit[:17])
    assert cut_off.dsv("list").stderr == "dsv: undid the release of notes 2.0.0 that was interrupted\n"
    assert not any(lock.exists() for lock in locks)
    assert cut_off.json("bump", "notes")["version"] == "2.0.0"


def test_a_lock_on_a_ref_that_somebody_else_took_stays_and_is_named(cut_off: Scratch) -> None:
    theirs = cut_off.git("rev-parse", "HEAD")
    head, branch, tag = ref_locks(cut_off, branch=theirs)
    cut_off.dsv("list")
    assert head.exists()
    assert branch.read_text() == theirs
    assert not tag.exists()
    error = cut_off.refused("bump", "notes", code=20, kind="in_progress")
    assert str(head) in error["message"]
    assert "remove that file" in error["hint"]
    head.unlink()
    branch.unlink()
    assert cut_off.json("bump", "notes")["version"] == "2.0.0"


def test_a_git_that_outlived_the_dsv_that_began_it_is_at_work_still(cut_off: Scratch) -> None:
    with open(cut_off.root / ".git/dsv/update-ref", "rb") as held:  # as that git does for as long as it runs
        fcntl.flock(held, fcntl.LOCK_EX)
        assert cut_off.dsv("list").stderr == ""
        assert (cut_off.root / ".git/dsv/journal.json").exists()
        said = cut_off.dsv("bump", "notes", "--lock-timeout", "0", code=20).stderr
        assert said.startswith("error: git update-ref, begun by a dsv that was killed, is still at work here")
    assert cut_off.dsv("list").stderr == "dsv: undid the release of notes 2.0.0 that was interrupted\n"


def test_a_checkout_that_was_killed_goes_on_and_leaves_what_was_changed_since(released: Scratch) -> None:
    first = released.read("data/notes/test.jsonl")
    released.records("data/notes/test.jsonl", numbered(10, start=200))
    released.records("data/notes/train.jsonl", numbered(60, start=300))
    released.dsv("bump", "notes")
    killed_before("3", released, "checkout", "notes@1.0.0")  # the first is the journal's
    assert released.read("data/notes/test.jsonl") == first
    released.write("data/notes/train.jsonl", '{"id": "mine"}\n')
    assert released.dsv("list").stderr == (
        "dsv: left as they are, because changed since: train.jsonl\n"
        "dsv: finished the checkout of notes@1.0.0 that was interrupted\n"
    )
    assert released.read("data/notes/train.jsonl") == '{"id": "mine"}\n'
    assert released.json("status")["datasets"][0]["state"] == "changed"
    assert released.dsv("list").stderr == ""
