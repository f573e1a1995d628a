"""`dsv fetch --files` and `--split`: parts of a version, and what others say of one that is only partly here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import dsv
from tests.conftest import Scratch


@pytest.fixture
def bob(released: Scratch, clone_of: Callable[[Scratch], Scratch], tmp_path: Path) -> Scratch:
    """A clone without data of `notes@1.0.0`, which has the files train.jsonl and test.jsonl, and its remote."""
    shutil.copytree(released.root / ".dvc/cache", tmp_path / "store")
    bob = clone_of(released)
    bob.write(".dvc/config.local", f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path}/store\n")
    return bob


def cached(bob: Scratch) -> int:
    return len(list((bob.root / ".dvc/cache/files/md5").glob("??/*")))


def test_a_split_comes_with_the_lists_and_the_digests_alone(bob: Scratch) -> None:
    fetched = bob.json("fetch", "notes", "--split", "test")
    (here,) = fetched["datasets"]
    assert (here["ref"], here["path"], here["files"]) == ("notes@1.0.0", "data/notes", 1)
    assert here["bytes"] == len("".join(f'{{"id": "r{n}", "text": "text of {n}"}}\n' for n in range(80, 100)))
    assert fetched["fetched"]["objects"] == cached(bob) == 4  # two lists, SHA256SUMS, the file
    assert bob.json("fetch", "notes", "--split", "test")["fetched"]["objects"] == 0
    assert bob.json("fetch", "--split", "test", "--split", "train")["fetched"]["objects"] == 1
    assert not (bob.root / "data/notes").exists()


def test_files_are_named_by_globs_and_both_conditions_hold(bob: Scratch) -> None:
    assert [each["files"] for each in bob.json("fetch", "--files", "t*.jsonl", "--split", "test")["datasets"]] == [1]
    assert cached(bob) == 4
    assert dsv.open(str(bob.root)).fetch("notes", files=["train*"]).objects == 1
    error = bob.refused("fetch", "--files", "nothing*", code=10, kind="no_path")
    assert "notes@1.0.0" in error["message"]
    assert "test, train" in bob.refused("fetch", "--split", "vallid", code=10, kind="no_path")["hint"]
    bob.refused("fetch", "--files", "**/a/**/b/**", code=2, kind="usage")
    bob.refused("fetch", "--index", "--split", "test", code=2, kind="usage")


def test_what_is_only_partly_here_is_told_as_such_and_not_as_damage(bob: Scratch) -> None:
    bob.dsv("fetch", "--split", "test")
    error = bob.refused("checkout", "notes@1.0.0", "--to", "there", code=40, kind="missing_data")
    assert error["message"].endswith("1 of 2 files are not in the cache: train.jsonl")
    assert error["hint"] == "dsv fetch notes@1.0.0 brings them"
    assert not (bob.root / "there").exists()
    assert bob.refused("checkout", "notes@1.0.0", code=40, kind="missing_data")["hint"] == error["hint"]
    assert "dsv pull notes@1.0.0 brings the data back" in bob.dsv("status").stdout
    said = bob.dsv("which", "--id", "r90", "--json", code=10)
    assert (said.json["unsearched"], said.stderr) == (["notes@1.0.0"], "")
    assert bob.json("doctor")["ok"]
    # Plain DVC is not misled by the list that is here: it brings the rest.
    bob.dvc("pull", "-q")
    assert bob.tree("data/notes").keys() == {"train.jsonl", "test.jsonl"}
    assert bob.json("fetch")["fetched"]["objects"] == 0


def test_pull_completes_what_was_fetched_in_parts(bob: Scratch) -> None:
    bob.dsv("fetch", "--split", "test")
    pulled = bob.json("pull")
    assert pulled["datasets"][0]["files"] == 2
    assert bob.json("status")["datasets"][0]["state"] == "clean"
