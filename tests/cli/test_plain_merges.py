"""Two branches of a repository with datasets, merged by git as it is: what conflicts, and what comes after."""

from __future__ import annotations

import pytest

from tests.cli.merging import branch, conflicts, switch
from tests.conftest import Scratch, numbered


def test_manifests_and_index_pointers_of_different_versions_never_conflict(released: Scratch) -> None:
    branch(released, "theirs")
    released.records("data/notes/train.jsonl", numbered(20))
    assert released.json("bump", "notes")["version"] == "2.0.0"
    switch(released, "main")
    released.records("data/notes/more.jsonl", numbered(20, start=100))
    assert released.json("bump", "notes")["version"] == "1.1.0"
    assert conflicts(released, "theirs") == ["data/notes.dvc"]

    released.git("checkout", "--theirs", "data/notes.dvc")
    released.git("commit", "-qam", "Merge")
    assert [each["version"] for each in released.json("log", "notes")["versions"]] == ["2.0.0", "1.1.0", "1.0.0"]
    assert released.dsv("check").code == 0
    status = released.json("status", "notes")["datasets"][0]
    assert (status["state"], status["base"], status["at"]) == ("changed", "2.0.0", "1.1.0")
    done = released.json("bump", "notes")
    assert done["manifest"]["change"]["previous"] == "2.0.0"
    assert done["version"] == "3.0.0"  # 80 of 40 records came


def test_a_version_of_declarations_alone_does_not_conflict_either(released: Scratch) -> None:
    branch(released, "theirs")
    declaration = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", declaration + 'splits: {train: "tr*.jsonl"}\n')
    released.dsv("bump", "notes")  # its record index has the bytes of the one before
    switch(released, "main")
    released.records("data/notes/more.jsonl", numbered(20, start=100))
    released.dsv("bump", "notes")
    assert conflicts(released, "theirs") == []
    assert released.dsv("check").code == 0


def test_events_of_both_sides_come_together(released: Scratch) -> None:
    branch(released, "theirs")
    released.write("manifests/notes/events/20260101T000000Z-yank-11111111.yaml", "schema: 1\n")
    released.git("add", "-A")
    released.git("commit", "-qm", "Theirs")
    switch(released, "main")
    released.write("manifests/notes/events/20260101T000000Z-promote-22222222.yaml", "schema: 1\n")
    released.git("add", "-A")
    released.git("commit", "-qm", "Ours")
    assert conflicts(released, "theirs") == []


def test_different_datasets_of_both_sides_merge_where_other_lines_part_them(released: Scratch) -> None:
    for name in ("apples", "pears"):
        released.records(f"data/{name}.jsonl", numbered(3))
        released.dsv("add", f"data/{name}.jsonl")
    branch(released, "theirs")
    released.records("data/zebras.jsonl", numbered(3))
    released.dsv("add", "data/zebras.jsonl")
    switch(released, "main")
    released.records("data/bananas.jsonl", numbered(3))
    released.dsv("add", "data/bananas.jsonl")
    assert conflicts(released, "theirs") == []
    assert [each["name"] for each in released.json("list")["datasets"]] == [
        "apples", "bananas", "notes", "pears", "zebras",
    ]  # fmt: skip
    ignored = [line for line in released.read("data/.gitignore").split() if line.startswith("/")]
    assert ignored == sorted(ignored)


@pytest.fixture
def same_version(released: Scratch) -> Scratch:
    """Both branches released another 1.1.0, of the same number of records."""
    branch(released, "theirs")
    released.records("data/notes/more.jsonl", numbered(20, start=200))
    released.dsv("bump", "notes", "--no-tag")
    switch(released, "main")
    released.records("data/notes/more.jsonl", numbered(20, start=100))
    released.dsv("bump", "notes")
    return released


def test_the_same_version_of_both_sides_conflicts_in_what_belongs_to_it(same_version: Scratch) -> None:
    assert conflicts(same_version, "theirs") == [
        "data/notes.dvc", "manifests/notes/1.1.0.dvc", "manifests/notes/1.1.0.yaml",
    ]  # fmt: skip
    status = same_version.json("status", "notes")["datasets"][0]
    assert "in conflict" in status["problems"][0]
    same_version.refused("bump", "notes", code=20, kind="in_progress")
    failed = [each for each in same_version.json("check", code=1)["results"] if each["status"] == "failed"]
    assert {each["file"] for each in failed} == {"manifests/notes/1.1.0.yaml"}


def test_the_way_out_is_to_keep_one_sides_version_and_release_the_merge_anew(same_version: Scratch) -> None:
    conflicts(same_version, "theirs")
    same_version.git("checkout", "--ours", "manifests/notes")
    same_version.git("add", "manifests/notes")
    same_version.dsv("merge", "notes")
    same_version.git("commit", "-qm", "Merge")
    assert same_version.dsv("check").code == 0
    done = same_version.json("bump", "notes")
    assert (done["version"], done["manifest"]["change"]["records"]["added"]) == ("1.2.0", 20)
    assert done["manifest"]["data"]["records"] == 140


def test_the_others_version_may_stay_as_well_once_the_own_tag_is_gone(same_version: Scratch) -> None:
    conflicts(same_version, "theirs")
    same_version.git("checkout", "--theirs", "manifests/notes")
    same_version.git("add", "manifests/notes")
    same_version.dsv("merge", "notes")
    same_version.git("commit", "-qm", "Merge")
    same_version.git("tag", "-d", "notes@v1.1.0")
    assert same_version.dsv("check").code == 0
    assert same_version.json("tag", "--missing")["tags"] == ["notes@v1.1.0"]
    done = same_version.json("bump", "notes")
    assert (done["version"], done["manifest"]["change"]["records"]["added"]) == ("1.2.0", 20)


def test_neighbouring_entries_of_both_sides_are_written_anew_by_doctor(released: Scratch) -> None:
    branch(released, "theirs")
    released.records("data/zebras.jsonl", numbered(3))
    released.dsv("add", "data/zebras.jsonl")
    switch(released, "main")
    released.records("data/yaks.jsonl", numbered(3))
    released.dsv("add", "data/yaks.jsonl")
    assert conflicts(released, "theirs") == ["data/.gitignore", "dvc.yaml"]
    released.git("checkout", "--ours", "dvc.yaml", "data/.gitignore")
    released.git("commit", "-qam", "Merge")
    released.dsv("doctor", code=1)
    released.dsv("doctor", "--fix")
    assert released.read("data/.gitignore").split() == ["/notes", "/yaks.jsonl", "/zebras.jsonl"]
    assert released.git("status", "--short") == ""
    assert [each["state"] for each in released.json("status")["datasets"]] == ["clean"] * 3
