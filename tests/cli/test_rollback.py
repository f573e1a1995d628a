"""`dsv rollback`: an old version's data is the next version; history stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.repository_state import state_of
from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch


@pytest.fixture
def two(released: Scratch) -> Scratch:
    """`notes` 1.0.0 with 100 records, and 1.1.0 with 20 more and a field that only they have."""
    released.records("data/notes/more.jsonl", numbered(20, start=100, kind="retail"))
    assert released.json("bump", "notes")["version"] == "1.1.0"
    return released


def test_the_old_data_is_released_as_the_next_version(two: Scratch) -> None:
    first = two.json("show", "notes@1.0.0")
    history = two.git("rev-list", "HEAD")
    document = two.json("rollback", "notes", "1.0.0", "-m", "The new ones were mislabelled")
    assert set(document) == {
        "dataset",
        "version",
        "git_tag",
        "commit",
        "level",
        "reasons",
        "manifest",
        "dry_run",
    }
    assert (document["version"], document["level"]) == ("2.0.0", "major")
    assert document["reasons"] == ["field kind removed"]
    manifest = document["manifest"]
    assert manifest["digests"] == first["digests"]
    assert manifest["data"] == first["data"]
    assert manifest["summary"] == "The new ones were mislabelled"
    assert (manifest["change"]["previous"], manifest["change"]["records"]["removed"]) == ("1.1.0", 20)
    assert sorted(two.tree("data/notes")) == ["test.jsonl", "train.jsonl"]
    assert two.git("rev-list", "HEAD~1") == history
    assert two.git("status", "--porcelain") == ""
    assert two.json("status")["datasets"][0]["state"] == "clean"
    assert two.json("check")["ok"]


def test_the_lineage_names_both_the_version_before_and_the_one_that_came_back(two: Scratch) -> None:
    previous, back = two.json("rollback", "notes", "v1.0.0")["manifest"]["lineage"]
    assert (previous["ref"], previous["relation"], previous["removed"]) == ("notes@1.1.0", "previous", 20)
    assert back == {
        "ref": "notes@1.0.0",
        "relation": "rollback",
        "inherited": 100,
        "new": 0,
        "modified": 0,
        "removed": 0,
    }


def test_without_a_reason_the_summary_names_the_version(two: Scratch) -> None:
    assert two.json("rollback", "notes", "1.0.0")["manifest"]["summary"] == "Back to the data of 1.0.0"


def test_a_dry_run_writes_nothing_at_all(two: Scratch) -> None:
    before = state_of(two)
    document = two.json("rollback", "notes", "1.0.0", "--dry-run")
    assert state_of(two) == before
    assert (document["version"], document["commit"], document["dry_run"]) == ("2.0.0", None, True)


def test_data_that_no_version_holds_is_never_overwritten(two: Scratch) -> None:
    two.records("data/notes/test.jsonl", numbered(21, start=80))
    before = state_of(two)
    error = two.refused("rollback", "notes", "1.0.0", code=20, kind="conflict")
    two.refused("rollback", "notes", "1.0.0", "--dry-run", code=20, kind="conflict")
    assert state_of(two) == before
    assert error["details"]["files"] == ["test.jsonl"]


def test_it_works_from_the_data_that_came_back_already(two: Scratch) -> None:
    two.dsv("checkout", "notes@1.0.0")
    assert two.json("rollback", "notes", "1.0.0")["version"] == "2.0.0"
    assert two.git("status", "--porcelain") == ""


def test_back_to_what_is_there_is_nothing(two: Scratch) -> None:
    before = state_of(two)
    two.refused("rollback", "notes", "1.1.0", code=20, kind="nothing_changed")
    assert state_of(two) == before


def test_back_and_forth_is_two_more_versions(two: Scratch) -> None:
    two.dsv("rollback", "notes", "1.0.0")
    document = two.json("rollback", "notes", "1.1.0")
    assert document["version"] == "2.1.0"
    versions = two.json("log", "notes")["versions"]
    assert [each["version"] for each in versions] == ["2.1.0", "2.0.0", "1.1.0", "1.0.0"]
    assert two.json("diff", "notes@1.1.0", "2.1.0")["level"] is None


def test_what_is_no_version_is_refused(two: Scratch) -> None:
    error = two.refused("rollback", "notes", "1.2.0", code=10, kind="no_version")
    assert "1.1.0" in error["hint"]
    two.refused("rollback", "nots", "1.0.0", code=10, kind="no_dataset")
    two.refused("rollback", "notes", "1.0", code=30, kind="version")


def test_without_a_tag_it_is_a_version_all_the_same(two: Scratch) -> None:
    document = two.json("rollback", "notes", "1.0.0", "--no-tag")
    assert document["git_tag"] is None
    assert two.json("show", "notes")["version"] == "2.0.0"
    assert "notes@v2.0.0" not in two.git("tag")


def test_declarations_of_today_read_the_data_of_then(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", [{**record, "text": "new"} for record in numbered(80)])
    declaration = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", declaration + 'splits: {gold: "test*"}\n')
    released.dsv("bump", "notes")
    manifest = released.json("rollback", "notes", "1.0.0")["manifest"]
    assert (manifest["splits"], manifest["data"]["records"]) == ({"gold": 20}, 100)
    assert released.json("check")["ok"]


def test_an_old_version_that_breaks_todays_key_is_refused(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", [{"id": 1, "v": 1}, {"id": 1, "v": 2}])
    repo.dsv("add", "data/notes.jsonl")
    declaration = repo.read("manifests/notes/dataset.yaml")
    repo.write("manifests/notes/dataset.yaml", declaration + "key: [id]\n")
    repo.records("data/notes.jsonl", [{"id": 1, "v": 1}, {"id": 2, "v": 2}])
    repo.dsv("bump", "notes")
    before = state_of(repo)
    repo.refused("rollback", "notes", "1.0.0", code=30, kind="key")
    assert state_of(repo) == before


def test_a_waiver_of_the_old_version_comes_back_with_it(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", [{"id": 1, "v": 1}])
    repo.dsv("add", "data/notes.jsonl", "--key", "id")
    repo.records("data/notes.jsonl", [{"id": 1, "v": 1}, {"id": 1, "v": 2}])
    repo.dsv("bump", "notes", "--waive", "key=two drafts of one note")
    repo.dsv("rollback", "notes", "1.0.0")
    validation = repo.json("rollback", "notes", "2.0.0")["manifest"]["validation"]
    assert validation["waived"] == [{"check": "key", "reason": "two drafts of one note"}]
