"""`dsv bump`: the number of the next version follows from the records that changed."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.changing import change
from tests.cli.repository_state import state_of
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import Scratch

RELEASE_KEYS = {"dataset", "version", "git_tag", "commit", "level", "reasons", "manifest", "dry_run"}


@pytest.mark.parametrize(
    ("changed", "version", "level", "share"),
    [
        ({"edited": 1}, "1.0.1", "patch", 0.01),
        ({"edited": 9}, "1.0.1", "patch", 0.09),
        ({"edited": 10}, "1.1.0", "minor", 0.1),
        ({"edited": 25, "added": 25}, "1.1.0", "minor", 0.5),
        ({"edited": 25, "added": 26}, "2.0.0", "major", 0.51),
        ({"removed": 60}, "2.0.0", "major", 0.6),
        ({"added": 200}, "2.0.0", "major", 2.0),
    ],
)
def test_the_share_of_changed_records_makes_the_number(
    released: Scratch, changed: dict[str, int], version: str, level: str, share: float
) -> None:
    change(released, **changed)
    document = released.json("bump", "notes")
    assert set(document) == RELEASE_KEYS
    assert (document["version"], document["level"], document["git_tag"]) == (version, level, f"notes@v{version}")
    recorded = document["manifest"]["change"]
    assert (recorded["level"], recorded["computed"], recorded["previous"]) == (level, level, "1.0.0")
    assert recorded["records"] == {
        "added": changed.get("added", 0),
        "removed": changed.get("removed", 0),
        "modified": changed.get("edited", 0),
        "moved": 0,
        "unchanged": 100 - changed.get("removed", 0) - changed.get("edited", 0),
        "changed_share": share,
    }
    assert recorded["policy"] == {"name": "balanced", "major": 0.5, "minor": 0.1, "rare_fields": 0.01}
    assert recorded["reasons"] == document["reasons"]
    assert released.git("status", "--porcelain") == ""
    assert released.json("check")["ok"]


def test_the_lineage_names_the_version_before_with_counts(released: Scratch) -> None:
    change(released, edited=2, removed=3, added=4)
    (edge,) = released.json("bump", "notes")["manifest"]["lineage"]
    assert edge == {
        "ref": "notes@1.0.0",
        "relation": "previous",
        "inherited": 95,
        "new": 4,
        "modified": 2,
        "removed": 3,
    }


def test_the_same_data_is_not_a_new_version(released: Scratch) -> None:
    before = state_of(released)
    released.refused("bump", "notes", code=20, kind="nothing_changed")
    assert state_of(released) == before
    document = released.json("bump", "notes", "--if-changed")
    assert document["releases"] == []
    assert state_of(released) == before


def test_touching_a_file_is_no_change(released: Scratch) -> None:
    (released.root / "data/notes/train.jsonl").touch()
    released.refused("bump", "notes", "--level", "major", code=20, kind="nothing_changed")


def test_if_changed_releases_what_did_change(released: Scratch) -> None:
    change(released, edited=1)
    assert released.json("bump", "notes", "--if-changed")["version"] == "1.0.1"


def test_without_a_summary_the_change_is_the_summary(released: Scratch) -> None:
    change(released, edited=5, added=2, removed=1)
    assert released.json("bump", "notes")["manifest"]["summary"] == "2 added, 1 removed, 5 modified of 100"
    assert released.git("log", "-1", "--format=%s").strip() == "notes 1.0.1: 2 added, 1 removed, 5 modified of 100"


# identity: by key, or by content


def test_without_a_key_an_edited_record_came_and_went(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(100))
    repo.dsv("add", "data/notes.jsonl")
    repo.records("data/notes.jsonl", [{**record, "text": "new"} for record in numbered(50)] + numbered(50, start=50))
    document = repo.json("bump", "notes")
    records = document["manifest"]["change"]["records"]
    assert (records["added"], records["removed"], records["modified"], records["changed_share"]) == (50, 50, 0, 0.5)
    assert document["level"] == "minor"
    assert repo.json("check")["ok"]


def test_with_a_key_of_two_fields_both_identify(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", [{"a": 1, "b": 1, "v": 1}, {"a": 1, "b": 2, "v": 1}])
    repo.dsv("add", "data/notes.jsonl", "--key", "a", "--key", "b")
    repo.records("data/notes.jsonl", [{"a": 1, "b": 1, "v": 2}, {"a": 1, "b": 3, "v": 1}])
    records = repo.json("bump", "notes")["manifest"]["change"]["records"]
    assert [records[kind] for kind in ("added", "removed", "modified", "unchanged")] == [1, 1, 1, 0]


def test_another_spelling_of_the_same_records_is_a_patch(released: Scratch) -> None:
    lines = [json.dumps(dict(reversed(record.items())), indent=None) for record in numbered(80)]
    released.write("data/notes/train.jsonl", "\r\n".join(reversed(lines)))
    document = released.json("bump", "notes")
    assert (document["version"], document["reasons"]) == ("1.0.1", ["files changed, but no record did"])
    assert document["manifest"]["change"]["files"]["modified"] == 1


def test_sharding_and_renaming_are_a_patch(released: Scratch) -> None:
    (released.root / "data/notes/test.jsonl").rename(released.root / "data/notes/test-0.jsonl")
    (released.root / "data/notes/train.jsonl").unlink()
    released.records("data/notes/train/a.jsonl", numbered(30))
    released.records("data/notes/train/b.jsonl", numbered(50, start=30))
    document = released.json("bump", "notes")
    assert (document["version"], document["reasons"]) == ("1.0.1", ["files changed, but no record did"])
    recorded = document["manifest"]["change"]
    assert recorded["records"]["unchanged"] == 100
    assert recorded["files"] == {"added": 2, "removed": 1, "modified": 0, "renamed": 1, "unchanged": 0}


# splits


def test_records_that_go_from_split_to_split_are_moved(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", numbered(70))
    released.records("data/notes/test.jsonl", numbered(30, start=70))
    document = released.json("bump", "notes")
    records = document["manifest"]["change"]["records"]
    assert (document["version"], records["moved"], records["unchanged"]) == ("1.1.0", 10, 90)
    assert document["manifest"]["splits"] == {"test": 30, "train": 70}


def test_leaving_or_entering_the_unnamed_rest_is_no_move(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", numbered(70))
    released.records("data/notes/reserve.jsonl", numbered(10, start=70))
    records = released.json("bump", "notes")["manifest"]["change"]["records"]
    assert (records["moved"], records["unchanged"]) == (0, 100)


def test_a_record_that_is_edited_and_moved_is_modified(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", numbered(79))
    released.records("data/notes/test.jsonl", [*numbered(20, start=80), {"id": "r79", "text": "edited"}])
    records = released.json("bump", "notes")["manifest"]["change"]["records"]
    assert (records["moved"], records["modified"], records["unchanged"]) == (0, 1, 99)


def test_declaring_splits_without_a_change_of_data_is_a_patch(released: Scratch) -> None:
    declaration = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", declaration + 'splits: {train: "train*", test: "test*"}\n')
    document = released.json("bump", "notes")
    assert (document["version"], document["reasons"]) == (
        "1.0.1",
        ["only the declarations of format or splits changed"],
    )
    assert document["manifest"]["reading"]["splits"] == {"train": "train*", "test": "test*"}
    assert released.git("status", "--porcelain") == ""
    assert released.json("check")["ok"]
    released.refused("bump", "notes", code=20, kind="nothing_changed")


def test_a_description_is_no_change_of_data(released: Scratch) -> None:
    declaration = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", declaration + "description: Better words\n")
    released.refused("bump", "notes", code=20, kind="nothing_changed")


def test_another_key_is_a_major(released: Scratch) -> None:
    declaration = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", declaration.replace("key: [id]", "key: [text]"))
    document = released.json("bump", "notes")
    assert (document["version"], document["reasons"]) == ("2.0.0", ["the key changed"])
    assert released.json("check")["ok"]


# fields


def with_fields(records: Sequence[dict[str, Any]], first: int, **fields: Any) -> list[dict[str, Any]]:
    """The records, the first ones with fields more."""
    return [{**record, **fields} if at < first else dict(record) for at, record in enumerate(records)]


@pytest.mark.parametrize(
    ("old", "new", "version", "reason"),
    [
        ({"rent": 1}, {}, "2.0.0", "field rent removed"),
        ({"rent": 1}, {"fee": 1}, "2.0.0", "field rent removed"),
        ({"rent": 1}, {"rent": "1"}, "2.0.0", "field rent changed from number to string"),
        ({"rent": 1}, {"rent": [1]}, "2.0.0", "field rent changed from number to array"),
        ({}, {"rent": 1}, "1.1.0", "field rent added"),
        ({"rent": 1}, {"rent": None}, "2.0.0", "field rent changed from number to null"),
    ],
)
def test_a_change_of_fields_makes_at_least_its_level(
    repo: Scratch, old: dict[str, Any], new: dict[str, Any], version: str, reason: str
) -> None:
    """In 1,000 records 10 carry the field, which is not rare, and a hundredth of the records changes."""
    repo.records("data/notes.jsonl", with_fields(numbered(1000), 10, **old))
    repo.dsv("add", "data/notes.jsonl", "--key", "id")
    repo.records("data/notes.jsonl", with_fields(numbered(1000), 10, **new))
    document = repo.json("bump", "notes")
    assert (document["version"], document["reasons"][0]) == (version, reason)
    assert repo.json("check")["ok"]


def test_a_field_that_few_records_carried_goes_with_a_minor(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", with_fields(numbered(1000), 9, typo=1))
    repo.dsv("add", "data/notes.jsonl", "--key", "id")
    repo.records("data/notes.jsonl", numbered(1000))
    document = repo.json("bump", "notes")
    assert (document["version"], document["reasons"]) == ("1.1.0", ["rare field typo removed"])
    assert document["manifest"]["change"]["fields"] == {"added": [], "removed": ["typo"], "changed": []}
    assert repo.json("check")["ok"]


def test_a_value_that_becomes_null_is_no_retyping(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", [*numbered(79), {"id": "r79", "text": None}])
    document = released.json("bump", "notes")
    assert (document["version"], document["manifest"]["change"]["fields"]["changed"]) == ("1.0.1", [])


def test_a_column_added_to_a_table_changes_every_row(repo: Scratch) -> None:
    repo.write("data/t.csv", "id,a\n" + "".join(f"{n},x\n" for n in range(10)))
    repo.dsv("add", "data/t.csv", "--key", "id")
    repo.write("data/t.csv", "id,a,b\n" + "".join(f"{n},x,\n" for n in range(10)))
    assert repo.json("bump", "t")["level"] == "major"


# files without a reader


def test_of_images_alone_each_file_counts(repo: Scratch) -> None:
    for number in range(10):
        repo.write(f"data/scans/{number}.png", bytes([number]))
    repo.dsv("add", "data/scans")
    repo.write("data/scans/0.png", b"better")
    document = repo.json("bump", "scans")
    assert (document["version"], document["manifest"]["change"]["records"]["changed_share"]) == ("1.1.0", 0.1)
    (repo.root / "data/scans/1.png").rename(repo.root / "data/scans/one.png")
    document = repo.json("bump", "scans")
    assert (document["version"], document["reasons"]) == ("1.1.1", ["files changed, but no record did"])
    assert repo.json("check")["ok"]


def test_a_key_declared_for_labels_to_come_does_not_count_images_twice(repo: Scratch) -> None:
    for number in range(10):
        repo.write(f"data/scans/{number}.png", bytes([number]))
    repo.dsv("add", "data/scans", "--key", "file")
    for number in range(5):
        repo.write(f"data/scans/{number}.png", b"better" + bytes([number]))
    document = repo.json("bump", "scans")
    assert (document["version"], document["manifest"]["change"]["records"]["changed_share"]) == ("1.1.0", 0.5)
    assert repo.json("check")["ok"]
    repo.write("data/scans/labels.csv", "file,kind\n0.png,lease\n")
    assert repo.json("bump", "scans")["version"] == "2.0.0"
    assert repo.json("check")["ok"]


def test_of_images_with_labels_the_larger_share_counts(repo: Scratch) -> None:
    for number in range(10):
        repo.write(f"data/scans/{number}.png", bytes([number]))
    repo.write("data/scans/labels.csv", "file,kind\n" + "".join(f"{n}.png,lease\n" for n in range(100)))
    repo.dsv("add", "data/scans", "--key", "file")
    for number in range(6):
        repo.write(f"data/scans/{number}.png", b"better" + bytes([number]))
    document = repo.json("bump", "scans")
    assert (document["version"], document["reasons"]) == (
        "2.0.0",
        ["changed share of the files without a reader 60.0 % is above 50 %"],
    )
    recorded = document["manifest"]["change"]
    assert (recorded["records"]["unchanged"], recorded["records"]["changed_share"]) == (100, 0.6)
    assert recorded["opaque"] == {"added": 6, "removed": 6, "modified": 0, "moved": 0, "unchanged": 4}
    assert repo.json("check")["ok"]


def test_a_dataset_of_one_file_is_bumped_like_any_other(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(10))
    repo.dsv("add", "data/notes.jsonl", "--key", "id")
    repo.records("data/notes.jsonl", numbered(11))
    assert repo.json("bump", "notes")["version"] == "1.1.0"
    assert repo.git("status", "--porcelain") == ""


def test_data_that_is_not_here_cannot_be_released(released: Scratch) -> None:
    shutil.rmtree(released.root / "data/notes")
    for command in ("bump", "diff"):
        error = released.refused(command, "notes", code=40, kind="missing_data")
        assert "dsv checkout notes" in error["hint"]


def test_data_that_was_not_pulled_is_told_of_before_it_undoes_the_newest_version(released: Scratch) -> None:
    first = released.tree("data/notes")
    released.records("data/notes/more.jsonl", numbered(30, start=500))
    assert "again" not in released.dsv("bump", "notes").stderr
    (released.root / "data/notes/more.jsonl").unlink()
    assert released.tree("data/notes") == first
    said = released.dsv("bump", "notes", "--dry-run").stderr
    assert "the data is that of notes@1.0.0 again" in said
    assert "dsv checkout notes@1.1.0" in said
