"""`dsv pull`: the data of what git has checked out, and never over what no version holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with `hub.git` and `storage`: `notes` at 1.0.0 and 1.1.0, `words` at 1.0.0."""
    top = tmp_path_factory.mktemp("shared")
    call("git", "init", "-q", "--bare", "-b", "main", "hub.git", cwd=top)
    ana = Scratch(top / "ana")
    ana.root.mkdir()
    ana.dsv("init", "--git")
    ana.dsv("remote", "add", "storage", str(top / "storage"))
    ana.git("remote", "add", "origin", str(top / "hub.git"))
    ana.records("data/notes/all.jsonl", numbered(100))
    ana.dsv("add", "data/notes", "--key", "id")
    ana.records("data/words.jsonl", numbered(3))
    ana.dsv("add", "data/words.jsonl")
    ana.records("data/notes/all.jsonl", numbered(120))
    ana.dsv("bump", "notes")
    ana.dsv("push")
    return top


@pytest.fixture
def bob(shared: Path, tmp_path: Path) -> Scratch:
    """A clone without data."""
    call("git", "clone", "-q", str(shared / "hub.git"), "bob", cwd=tmp_path)
    return Scratch(tmp_path / "bob")


def references(pulled: dict[str, list[dict[str, str]]]) -> list[str]:
    return [each["ref"] for each in pulled["datasets"]]


def lines(repo: Scratch) -> int:
    return repo.read("data/notes/all.jsonl").count("\n")


def test_every_dataset_gets_what_its_pointer_names(bob: Scratch) -> None:
    assert references(bob.json("pull")) == ["notes@1.1.0", "words@1.0.0"]
    assert {each["state"] for each in bob.json("status")["datasets"]} == {"clean"}
    assert bob.git("status", "--porcelain") == ""
    # An older commit has older pointers.
    bob.git("checkout", "-q", "notes@v1.0.0")
    assert references(bob.json("pull")) == ["notes@1.0.0"]
    assert lines(bob) == 100
    assert bob.git("diff", "--stat") == ""


def test_a_version_that_was_checked_out_stays(bob: Scratch) -> None:
    bob.dsv("pull", "notes@1.0.0")
    assert lines(bob) == 100
    assert references(bob.json("pull")) == ["notes@1.0.0", "words@1.0.0"]
    assert lines(bob) == 100


def test_what_is_here_needs_no_remote(bob: Scratch, tmp_path: Path) -> None:
    bob.dsv("pull")
    bob.write(".dvc/config.local", f"['remote \"storage\"']\n    url = {tmp_path}/gone/storage\n")
    shutil.rmtree(bob.root / "data/notes")
    pulled = bob.json("pull")
    assert (pulled["remote"], pulled["fetched"]) == (None, {"objects": 0, "bytes": 0})
    assert lines(bob) == 120


def test_changes_that_no_version_holds_stay_and_the_others_come(bob: Scratch) -> None:
    bob.records("data/notes/all.jsonl", numbered(7))
    error = bob.refused("pull", code=20, kind="conflict")
    assert "data/notes" in error["message"]
    assert lines(bob) == 7
    assert bob.read("data/words.jsonl").count("\n") == 3
    bob.records("data/words.jsonl", numbered(1))
    error = bob.refused("pull", code=20, kind="conflict")
    assert error["message"].startswith("2 datasets hold changes that would be lost: ")
    assert bob.read("data/words.jsonl").count("\n") == 1


def test_a_pointer_that_is_no_release_is_left_to_dvc(bob: Scratch) -> None:
    bob.dsv("pull")
    bob.records("data/notes/all.jsonl", numbered(7))
    bob.dvc("add", "-q", "data/notes")
    said = bob.dsv("pull")
    assert "dvc pull data/notes brings it" in said.stderr
    assert "notes" not in said.stdout
    assert lines(bob) == 7


def test_what_the_remote_lacks_is_named_and_nothing_is_placed(bob: Scratch, shared: Path, tmp_path: Path) -> None:
    shutil.copytree(shared / "storage", tmp_path / "storage")
    oid = bob.json("show", "words")["digests"]["dvc"].removeprefix("md5:")
    (tmp_path / "storage/files/md5" / oid[:2] / oid[2:]).unlink()
    bob.write(".dvc/config.local", f"['remote \"storage\"']\n    url = {tmp_path}/storage\n")
    error = bob.refused("pull", code=40, kind="missing_data")
    assert error["details"]["refs"] == ["words@1.0.0"]
    assert references(bob.json("pull", "notes")) == ["notes@1.1.0"]
