"""`dsv push`: data first and confirmed, then branch and tags together; `dsv pull` brings it back."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

import pytest

import dsv
from tests.conftest import Scratch, call, numbered

OBJECTS = "storage/files/md5"


@pytest.fixture
def ana(tmp_path: Path) -> Scratch:
    """`notes` at 1.0.0 and 1.1.0, with a git remote and a DVC remote that nothing was pushed to."""
    call("git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "hub.git"), cwd=tmp_path)
    ana = Scratch(tmp_path / "ana")
    ana.root.mkdir()
    ana.dsv("init", "--git")
    ana.records("data/notes/all.jsonl", numbered(100))
    ana.dsv("add", "data/notes", "--key", "id")
    ana.records("data/notes/all.jsonl", numbered(120))
    ana.dsv("bump", "notes")
    # Only now: plain dvc push --all-tags would find nothing to push for the tags.
    ana.dsv("remote", "add", "storage", "../storage")
    ana.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    return ana


def clone(ana: Scratch, name: str = "bob") -> Scratch:
    call("git", "clone", "-q", str(ana.root.parent / "hub.git"), name, cwd=ana.root.parent)
    return Scratch(ana.root.parent / name)


def stored(ana: Scratch) -> dict[str, Path]:
    """The objects in the storage by oid."""
    return {path.parent.name + path.name: path for path in (ana.root.parent / OBJECTS).glob("??/*")}


def cached(repo: Scratch) -> dict[str, Path]:
    return {path.parent.name + path.name: path for path in (repo.root / ".dvc/cache/files/md5").glob("??/*")}


def published(ana: Scratch) -> list[str]:
    """The refs of the git remote."""
    return call("git", "for-each-ref", "--format=%(refname:short)", cwd=ana.root.parent / "hub.git").split()


def file_of(repo: Scratch, version: str) -> str:
    """The oid of the one data file of a version."""
    oid = repo.json("show", f"notes@{version}")["digests"]["dvc"].removeprefix("md5:")
    return str(json.loads(cached(repo)[oid].read_text())[0]["md5"])


def test_data_branch_and_tags_are_published_once(ana: Scratch) -> None:
    pushed = ana.json("push")
    assert set(stored(ana)) == set(cached(ana))
    assert pushed["objects"] == len(stored(ana)) == pushed["confirmed"]
    assert pushed["bytes"] == sum(path.stat().st_size for path in stored(ana).values())
    assert (pushed["remote"], pushed["branch"], pushed["tags"]) == ("storage", "main", ["notes@v1.0.0", "notes@v1.1.0"])
    assert published(ana) == ["main", "notes@v1.0.0", "notes@v1.1.0"]
    again = ana.json("push")
    assert (again["objects"], again["bytes"], again["tags"], again["moved"]) == (0, 0, [], False)
    assert again["confirmed"] == pushed["confirmed"]
    assert ana.dsv("push").stdout.splitlines() == [
        f"storage: nothing new; {pushed['confirmed']} objects confirmed",
        "origin: branch main, where it was",
    ]
    assert ana.dvc("push", "--all-tags") == "Everything is up to date.\n"


def test_what_was_pushed_is_pulled_by_dsv_and_by_dvc(ana: Scratch) -> None:
    ana.dsv("push")
    bob = clone(ana)
    assert bob.json("pull")["datasets"] == [
        {
            "ref": "notes@1.1.0",
            "path": "data/notes",
            "files": 1,
            "bytes": (ana.root / "data/notes/all.jsonl").stat().st_size,
        }
    ]
    assert bob.tree("data") == ana.tree("data")
    assert bob.tree("manifests/notes/index/1.1.0") == ana.tree("manifests/notes/index/1.1.0")
    assert bob.dvc("status") == "Data and pipelines are up to date.\n"
    assert bob.json("pull")["fetched"] == {"objects": 0, "bytes": 0}
    carl = clone(ana, "carl")
    carl.dvc("pull", "-q")
    assert carl.tree("data") == ana.tree("data")


@pytest.mark.parametrize("which", ["file", "list", "cut short"])
def test_an_object_that_was_lost_there_is_sent_again(ana: Scratch, which: str) -> None:
    ana.dsv("push")
    oid = file_of(ana, "1.0.0")
    lost = oid if which != "list" else ana.json("show", "notes@1.0.0")["digests"]["dvc"].removeprefix("md5:")
    stored(ana)[lost].chmod(0o644)
    if which == "cut short":
        stored(ana)[lost].write_bytes(b"half")
    else:
        stored(ana)[lost].unlink()
    assert ana.json("push")["objects"] == 1
    assert stored(ana)[lost].read_bytes() == cached(ana)[lost].read_bytes()


def test_a_push_that_was_killed_goes_on_where_it_was(ana: Scratch) -> None:
    ana.dsv("push")
    everything = stored(ana)
    lists = [oid for oid in everything if oid.endswith(".dir")]
    for oid in [*lists, file_of(ana, "1.1.0")]:
        everything[oid].unlink()
    assert ana.json("push")["objects"] == len(lists) + 1
    assert set(stored(ana)) == set(everything)


def test_what_is_neither_here_nor_there_keeps_git_back_and_names_the_version(ana: Scratch) -> None:
    lost = file_of(ana, "1.0.0")
    cached(ana)[lost].unlink()
    error = ana.refused("push", code=40, kind="missing_data")
    assert error["details"] == {"refs": ["notes@1.0.0"], "objects": [lost], "count": 1}
    assert published(ana) == []
    # Everything else is there, but not the list that would tell plain DVC that the version is complete.
    missing = set(cached(ana)) - set(stored(ana))
    assert missing == {
        ana.json("show", "notes@1.0.0")["digests"][each].removeprefix("md5:") for each in ("dvc", "index")
    }


def test_a_removed_version_may_be_without_its_data(ana: Scratch) -> None:
    cached(ana)[file_of(ana, "1.0.0")].unlink()
    assert "dsv remove" in ana.refused("push", code=40, kind="missing_data")["hint"]
    ana.dsv("remove", "notes@1.0.0", "--reason", "The disk died")
    said = ana.dsv("push")
    assert "the data of notes@1.0.0, removed, is neither here" in said.stderr
    assert published(ana) == ["main", "notes@v1.0.0", "notes@v1.1.0"]


def test_stages_are_published_with_their_tags(ana: Scratch) -> None:
    ana.dsv("push")
    ana.dsv("promote", "notes@1.1.0", "prod")
    assert ana.json("push")["tags"] == ["notes#prod#1"]
    assert clone(ana).json("show", "notes@prod")["version"] == "1.1.0"


def test_a_clone_without_data_may_push_what_others_have_sent(ana: Scratch) -> None:
    ana.dsv("push")
    bob = clone(ana)
    bob.write("README", "hello\n")
    bob.git("add", "README")
    bob.git("commit", "-qm", "Readme")
    pushed = bob.json("push")
    assert (pushed["objects"], pushed["moved"]) == (0, True)
    assert pushed["confirmed"] == len(stored(ana))
    assert not (bob.root / "data/notes").exists()


def test_a_damaged_object_is_never_sent(ana: Scratch) -> None:
    damaged = file_of(ana, "1.1.0")
    cached(ana)[damaged].chmod(0o644)
    cached(ana)[damaged].write_bytes(b"x" * cached(ana)[damaged].stat().st_size)
    cached(ana)[damaged].chmod(0o444)
    error = ana.refused("push", code=40, kind="mismatch")
    assert error["details"]["refs"] == ["notes@1.1.0"]
    assert damaged not in stored(ana)
    assert not any(oid.endswith(".dir") for oid in stored(ana))
    assert published(ana) == []


def test_a_name_restricts_what_is_looked_at_but_not_what_becomes_visible(ana: Scratch) -> None:
    ana.dsv("push")
    ana.records("data/words.jsonl", numbered(5))
    ana.dsv("add", "data/words.jsonl")
    pushed = ana.json("push", "notes")
    assert pushed["tags"] == []
    assert pushed["objects"] > 0  # main now shows words@1.0.0
    assert clone(ana).json("pull", "words")["datasets"][0]["ref"] == "words@1.0.0"
    assert ana.json("push", "words")["tags"] == ["words@v1.0.0"]
    assert ana.json("push", "words")["confirmed"] < ana.json("push")["confirmed"]
    ana.refused("push", "nots", code=10, kind="no_dataset")


def test_a_number_that_somebody_else_published_is_refused(ana: Scratch) -> None:
    ana.dsv("push")
    bob = clone(ana)
    bob.dsv("pull")
    for who, count in ((ana, 125), (bob, 126)):
        who.records("data/notes/all.jsonl", numbered(count))
        assert who.json("bump", "notes")["version"] == "1.1.1"
    ana.dsv("push")
    before = published(ana)
    error = bob.refused("push", code=20, kind="published")
    assert "notes@1.1.1" in error["message"]
    assert published(ana) == before


def test_a_branch_that_is_behind_is_refused_whole(ana: Scratch) -> None:
    ana.dsv("push")
    bob = clone(ana)
    bob.dsv("pull")
    ana.git("commit", "-q", "--allow-empty", "-m", "Meanwhile")
    ana.dsv("push")
    bob.records("data/notes/all.jsonl", numbered(125))
    bob.dsv("bump", "notes")
    error = bob.refused("push", code=20, kind="conflict")
    assert "git pull origin main" in error["hint"]
    assert published(ana) == ["main", "notes@v1.0.0", "notes@v1.1.0"]
    bob.git("pull", "-q", "--no-rebase", "origin", "main")
    assert bob.json("push")["tags"] == ["notes@v1.1.1"]


def test_a_commit_that_the_branch_holds_already_is_no_conflict(ana: Scratch) -> None:
    ana.dsv("push")
    bob = clone(ana)
    bob.git("commit", "-q", "--allow-empty", "-m", "Meanwhile")
    bob.dsv("push")
    ana.git("fetch", "-q")
    pushed = ana.json("push")
    assert (pushed["branch"], pushed["moved"]) == ("main", False)


@pytest.mark.heavy
def test_a_git_server_that_never_answers_is_not_waited_for(ana: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsv.adapters.git.remote._ANSWER_SECONDS", 1.0)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(4)
        ana.git("remote", "set-url", "origin", f"git://127.0.0.1:{listening.getsockname()[1]}/hub.git")
        assert "does not answer" in ana.refused("push", code=50, kind="network")["message"]


def test_hooks_of_the_person_who_pushes_run_and_may_refuse(ana: Scratch) -> None:
    hook = ana.write(".git/hooks/pre-push", "#!/bin/sh\ncat > pushed\necho not on a Friday >&2\nexit 1\n")
    hook.chmod(0o755)
    assert "not on a Friday" in ana.refused("push", code=50, kind="git")["message"]
    assert "refs/tags/notes@v1.1.0" in ana.read("pushed")
    assert published(ana) == []
    hook.unlink()
    ana.dsv("push")


def test_without_a_remote_it_says_which_and_how(ana: Scratch, tmp_path: Path) -> None:
    ana.git("remote", "rename", "origin", "upstream")
    error = ana.refused("push", code=10, kind="no_remote")
    assert "git remote add origin URL" in error["hint"]
    assert "upstream" in error["hint"]
    assert ana.json("push", "--git-remote", "upstream")["git_remote"] == "upstream"
    error = ana.refused("push", "--git-remote", "upstream", "--remote", "other", code=10, kind="no_remote")
    assert error["details"]["remotes"] == ["storage"]
    shutil.rmtree(tmp_path / "hub.git")
    error = ana.refused("push", "--git-remote", "upstream", code=10, kind="no_remote")
    assert str(tmp_path / "hub.git") in error["message"]


def test_a_directory_that_is_not_mounted_is_not_made(ana: Scratch, tmp_path: Path) -> None:
    ana.dsv("remote", "add", "nas", str(tmp_path / "mnt/nas/storage"))
    error = ana.refused("push", "--remote", "nas", code=50, kind="remote")
    assert str(tmp_path / "mnt/nas/storage") in error["message"]
    assert not (tmp_path / "mnt").exists()
    assert published(ana) == []


def test_an_address_of_git_with_a_password_is_not_shown(ana: Scratch) -> None:
    ana.git("remote", "set-url", "origin", "http://ana:hunter2@127.0.0.1:9/hub.git")
    said = ana.dsv("push", code=50).stderr
    assert "hunter2" not in said
    assert ana.refused("push", code=50, kind="network")["message"].count("***@127.0.0.1:9") >= 1


def test_a_repository_without_versions_pushes_its_branch(repo: Scratch, tmp_path: Path) -> None:
    call("git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "hub.git"), cwd=tmp_path)
    repo.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    pushed = repo.json("push")
    assert (pushed["remote"], pushed["objects"], pushed["branch"]) == (None, 0, "main")


def test_the_python_twins_push_and_pull(ana: Scratch) -> None:
    pushed = dsv.open(str(ana.root)).push("notes")
    assert pushed.tags == ["notes@v1.0.0", "notes@v1.1.0"]
    bob = clone(ana)
    assert [each.reference for each in dsv.open(str(bob.root)).pull("notes@1.0.0").datasets] == ["notes@1.0.0"]
    assert bob.read("data/notes/all.jsonl").count("\n") == 100
    assert [each.name for each in dsv.open(str(bob.root)).remote_list().remotes] == ["storage"]
    assert dsv.open(str(bob.root)).remote_test().refusal == ""


@pytest.mark.heavy
def test_the_releases_of_another_dvc_root_that_the_branch_shows_are_made_complete_too(ana: Scratch) -> None:
    ana.dsv("push")
    below = Scratch(ana.root / "team/labels")
    below.root.mkdir(parents=True)
    below.dvc("init", "-q", "--subdir")
    below.dsv("init")
    below.records("data/words.jsonl", numbered(3))
    below.dsv("add", "data/words.jsonl")
    before = ana.git("ls-remote", "origin")
    error = ana.refused("push", code=10, kind="no_remote")
    assert "words@1.0.0 of the DVC root team/labels" in error["message"]
    assert "dsv --repo team/labels remote add" in error["hint"]
    assert ana.git("ls-remote", "origin") == before
    below.dsv("remote", "add", "theirs", str(ana.root.parent / "theirs"))
    pushed = ana.json("push")
    (other,) = pushed["others"]
    assert (other["root"], other["remote"], other["objects"]) == ("team/labels", "theirs", other["confirmed"])
    there = {path.parent.name + path.name for path in (ana.root.parent / "theirs/files/md5").glob("??/*")}
    assert there == {path.parent.name + path.name for path in (below.root / ".dvc/cache/files/md5").glob("??/*")}
    ana.git("commit", "-q", "--allow-empty", "-m", "Nothing of theirs")
    assert ana.json("push")["others"] == []


def test_a_disk_without_room_is_said_before_anything_is_sent(ana: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.statvfs(ana.root)
    with monkeypatch.context() as patch:
        patch.setattr(os, "statvfs", lambda _: os.statvfs_result([*whole[:4], 0, *whole[5:]]))
        error = ana.refused("push", code=50, kind="disk")
    assert "the remote storage" in error["message"]
    assert "the disk is full: " in error["message"]
    assert stored(ana) == {}
    with monkeypatch.context() as patch:
        patch.setattr(os, "statvfs", lambda _: os.statvfs_result([*whole[:8], os.ST_RDONLY, whole[9]]))
        assert "the file system is read-only" in ana.refused("push", code=50, kind="disk")["message"]
    ana.dsv("push")


def test_progress_counts_bytes_and_objects_up_to_all_that_goes(ana: Scratch) -> None:
    told: list[tuple[str, int, int, int]] = []

    def tell(what: str, done: int, total: int, records: int = 0) -> None:
        told.append((what, done, total, records))

    sent = dsv.open(str(ana.root), progress=tell).push().sent
    assert told[-1] == ("pushing", sent.bytes, sent.bytes, sent.objects)
    told.clear()
    bob = clone(ana)
    fetched = dsv.open(str(bob.root), progress=tell).fetch("notes")
    of_data = [each for each in told if each[0] == "fetching"]
    assert of_data[-1][1:3] == (fetched.datasets[0].bytes, fetched.datasets[0].bytes)
    assert of_data[-1][3] == fetched.datasets[0].files
