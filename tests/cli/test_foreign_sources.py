"""Sources in other repositories: found by a path, an address or a name, counted where their records can be had."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> tuple[Scratch, Scratch]:
    """A repository with `notes`, pushed to `notes.git` and a DVC remote, and another one beside it."""
    top = tmp_path_factory.mktemp("foreign")
    theirs, mine = Scratch(top / "theirs"), Scratch(top / "mine")
    shutil.copytree(_templates["released"], theirs.root, symlinks=True)
    shutil.copytree(_templates["repo"], mine.root, symlinks=True)
    theirs.dsv("remote", "add", "store", str(top / "store"), "--default")
    call("git", "init", "-q", "--bare", "-b", "main", str(top / "notes.git"), cwd=top)
    theirs.git("remote", "add", "origin", f"file://{top}/notes.git")
    theirs.dsv("push")
    mine.records("data/gold.jsonl", numbered(30))
    return theirs, mine


def source_of(repo: Scratch, text: str):
    """The lineage entry of a first version made from what the text names; nothing is released."""
    document = repo.json("add", "data/gold.jsonl", "--key", "id", "--from", text, "--dry-run")
    return document["manifest"]["lineage"][0]


def test_a_source_in_a_directory_is_recorded_under_the_address_that_others_know(two) -> None:
    theirs, mine = two
    tree = theirs.json("show", "notes")["digests"]["tree"]
    before = sorted(path for path in (theirs.root / ".git").rglob("*") if "dsv" in path.parts)
    entry = source_of(mine, "../theirs::notes:filter")
    assert entry == {
        "ref": "notes@1.0.0",
        "relation": "filter",
        "inherited": 30,
        "new": 0,
        "modified": 0,
        "removed": 70,
        "repository": f"file://{theirs.root.parent}/notes.git",
        "digest": tree,
    }
    assert sorted(path for path in (theirs.root / ".git").rglob("*") if "dsv" in path.parts) == before
    assert theirs.git("status", "--short") == ""


def test_a_source_at_an_address_brings_no_more_than_its_record_index(two, tmp_path: Path) -> None:
    theirs, _ = two
    shutil.copytree(two[1].root, tmp_path / "mine", symlinks=True)
    mine = Scratch(tmp_path / "mine")
    mine.records("data/gold.jsonl", [*numbered(30), *numbered(2, start=500)])
    address = f"file://{theirs.root.parent}/notes.git"
    entry = source_of(mine, f"{address}::notes@^1:filter")
    assert (entry["ref"], entry["repository"]) == ("notes@1.0.0", address)
    assert [entry[each] for each in ("inherited", "new", "modified", "removed")] == [30, 2, 0, 70]
    held = sum(path.is_file() for path in (mine.root / ".dvc/cache").rglob("*"))
    assert held == 3  # the list of the record index, its digests and one pack
    shutil.move(theirs.root.parent / "store", theirs.root.parent / "away")
    try:
        shutil.rmtree(mine.root / ".dvc/cache")
        shutil.rmtree(mine.root / ".git/dsv", ignore_errors=True)
        said = mine.dsv("add", "data/gold.jsonl", "--key", "id", "--from", f"{address}::notes")
    finally:
        shutil.move(theirs.root.parent / "away", theirs.root.parent / "store")
    assert f"how many records came from {address}::notes@1.0.0 stays unknown" in said.stderr
    assert mine.json("show", "gold")["lineage"][0]["inherited"] is None
    document = mine.json("lineage", "gold")
    [parent] = [each for each in document["nodes"] if each["repository"]]
    assert (parent["ref"], parent["status"]) == (f"{address}::notes@1.0.0", "elsewhere")
    assert f"derive  {address}::notes@1.0.0 [elsewhere]" in mine.dsv("lineage", "gold").stdout
    down = mine.json("lineage", f"{address}::notes", "--impact")
    assert [each["ref"] for each in down["versions"]] == ["gold@1.0.0"]
    mine.refused("lineage", f"{address}::nothing", code=10, kind="no_version")
    assert mine.json("check")["ok"]
    mine.dsv("index", "add", address, "--name", "theirs")
    nodes = {each["ref"]: each for each in mine.json("lineage", "gold")["nodes"]}
    assert (nodes["theirs::notes@1.0.0"]["status"], nodes["theirs::notes@1.0.0"]["records"]) == ("active", 100)
    for text in ("theirs::notes", f"{address}::notes@1.0.0"):
        assert [each["ref"] for each in mine.json("lineage", text, "--impact")["versions"]] == ["gold@1.0.0"]


def test_what_another_repository_lacks_is_refused(two) -> None:
    theirs, mine = two
    add = ("add", "data/gold.jsonl", "--dry-run", "--from")
    mine.refused(*add, "../theirs::nothing:filter", code=10, kind="no_dataset")
    mine.refused(*add, "../theirs::notes@7.0.0:filter", code=10, kind="no_version")
    absent = f"file://{theirs.root.parent}/notes.git::notes@7.0.0"
    assert mine.dsv(*add, absent, "--json", code=10).error["kind"] == "no_version"
    mine.refused(*add, "ext::sh -c true::notes", code=2, kind="usage")
    assert mine.dsv(*add, f"file://{theirs.root.parent}/nowhere.git::notes", code=None).code in (10, 50)


def test_ones_own_address_means_ones_own_repository(two) -> None:
    theirs, _ = two
    theirs.records("data/gold.jsonl", numbered(30))
    entry = source_of(theirs, f"{theirs.root.parent}/notes.git::notes:filter")
    (theirs.root / "data/gold.jsonl").unlink()
    assert (entry["ref"], "repository" in entry) == ("notes@1.0.0", False)
