"""`dsv bump`: the number of the next version follows from the records that changed."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.repository_state import state_of
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import Scratch

RELEASE_KEYS = {"dataset", "version", "git_tag", "commit", "level", "reasons", "manifest", "dry_run"}


def change(scratch: Scratch, *, edited: int = 0, added: int = 0, removed: int = 0) -> None:
    """Change the 100 records of `notes` in as many places; the train split holds the first 80."""
    train = numbered(80 - removed, start=removed)
    train[:edited] = [{**record, "text": "another text"} for record in train[:edited]]
    scratch.records("data/notes/train.jsonl", [*train, *numbered(added, start=1000)])


def tags(scratch: Scratch) -> list[str]:
    return scratch.git("tag", "--sort=creatordate").split()


def versions(scratch: Scratch) -> list[str]:
    return [each["version"] for each in scratch.json("log", "notes")["versions"]]


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


# what people ask of the number


def test_a_level_that_is_too_low_is_refused_and_says_why(released: Scratch) -> None:
    change(released, edited=20)
    before = state_of(released)
    error = released.refused("bump", "notes", "--level", "patch", code=20, kind="level_too_low")
    assert state_of(released) == before
    assert error["details"] == {
        "computed": "minor",
        "asked": "patch",
        "reasons": ["changed share 20.0 % is between 10 % and 50 %"],
    }
    assert "1.1.0" in error["hint"]
    released.refused("bump", "notes", "--version", "1.0.1", code=20, kind="level_too_low")


def test_a_lower_level_is_allowed_with_a_reason_that_is_recorded(released: Scratch) -> None:
    change(released, edited=20)
    why = "only white space, says Ana"
    document = released.json("bump", "notes", "--level", "patch", "--allow-lower", why)
    assert (document["version"], document["level"]) == ("1.0.1", "patch")
    recorded = document["manifest"]["change"]
    assert (recorded["level"], recorded["computed"], recorded["allow_lower"]) == ("patch", "minor", why)
    assert released.json("check")["ok"]


def test_a_higher_level_is_always_allowed(released: Scratch) -> None:
    change(released, edited=1)
    document = released.json("bump", "notes", "--level", "major")
    recorded = document["manifest"]["change"]
    assert (document["version"], recorded["level"], recorded["computed"]) == ("2.0.0", "major", "patch")
    assert released.json("check")["ok"]


def test_a_level_is_one_of_three_words(released: Scratch) -> None:
    released.refused("bump", "notes", "--level", "huge", code=2, kind="usage")
    released.refused("bump", "notes", "--level", "major", "--version", "2.0.0", code=2, kind="usage")


def test_the_version_may_be_named(released: Scratch) -> None:
    change(released, edited=1)
    document = released.json("bump", "notes", "--version", "1.4.0")
    assert (document["version"], document["level"]) == ("1.4.0", "minor")
    assert released.json("check")["ok"]


def test_a_version_that_exists_is_refused_with_free_ones(released: Scratch) -> None:
    change(released, edited=1)
    error = released.refused("bump", "notes", "--version", "1.0.0", code=20, kind="exists")
    assert "1.0.0 exists already" in error["message"]
    error = released.refused("bump", "notes", "--version", "0.9.0", code=20, kind="exists")
    assert "below 1.0.0" in error["message"]
    released.refused("bump", "notes", "--version", "1.0", code=30, kind="version")
    released.refused("bump", "notes", "--version", "v1.0.1", code=30, kind="version")


def test_pre_releases_count_up_and_the_final_has_the_data_of_the_last(released: Scratch) -> None:
    change(released, edited=10)
    assert released.json("bump", "notes", "--pre", "rc")["version"] == "1.1.0-rc.1"
    change(released, edited=12)
    second = released.json("bump", "notes", "--pre", "rc")
    assert (second["version"], second["level"], second["git_tag"]) == ("1.1.0-rc.2", "minor", "notes@v1.1.0-rc.2")
    assert second["manifest"]["change"]["previous"] == "1.0.0"
    assert released.json("show", "notes")["version"] == "1.0.0"
    final = released.json("bump", "notes")
    assert (final["version"], final["level"]) == ("1.1.0", "minor")
    assert final["manifest"]["digests"]["tree"] == second["manifest"]["digests"]["tree"]
    assert final["manifest"]["change"]["records"] == second["manifest"]["change"]["records"]
    assert versions(released) == ["1.1.0", "1.1.0-rc.2", "1.1.0-rc.1", "1.0.0"]
    assert released.json("show", "notes")["version"] == "1.1.0"
    assert released.json("check")["ok"]


def test_a_pre_release_grows_with_the_change(released: Scratch) -> None:
    change(released, edited=10)
    released.dsv("bump", "notes", "--pre", "rc")
    change(released, edited=51)
    assert released.json("bump", "notes", "--pre", "rc")["version"] == "2.0.0-rc.1"


def test_without_a_change_since_the_release_there_is_no_pre_release(released: Scratch) -> None:
    released.refused("bump", "notes", "--pre", "rc", code=20, kind="nothing_changed")
    change(released, edited=1)
    released.refused("bump", "notes", "--pre", "1", code=2, kind="usage")


def test_an_old_line_is_continued_by_naming_its_next_version(released: Scratch) -> None:
    change(released, edited=60)
    assert released.json("bump", "notes")["version"] == "2.0.0"
    released.dsv("checkout", "notes@1.0.0")
    change(released, edited=1)
    document = released.json("bump", "notes", "--version", "1.0.1")
    recorded = document["manifest"]["change"]
    assert (document["version"], document["level"], recorded["previous"]) == ("1.0.1", "patch", "1.0.0")
    assert (recorded["records"]["modified"], document["manifest"]["lineage"][0]["ref"]) == (1, "notes@1.0.0")
    assert versions(released) == ["2.0.0", "1.0.1", "1.0.0"]
    assert released.json("show", "notes")["version"] == "2.0.0"
    assert released.json("list")["datasets"][0]["latest"] == "2.0.0"
    (entry,) = released.json("status")["datasets"]
    assert (entry["base"], entry["at"]) == ("2.0.0", "1.0.1")
    assert released.json("check")["ok"]
    assert released.git("status", "--porcelain") == ""


def test_an_old_line_is_continued_on_its_own_branch(released: Scratch) -> None:
    change(released, edited=60)
    released.dsv("bump", "notes")
    released.git("checkout", "-q", "-b", "1.x", "notes@v1.0.0")
    released.dsv("checkout", "notes@1.0.0")
    change(released, edited=1)
    document = released.json("bump", "notes")
    assert (document["version"], document["manifest"]["change"]["previous"]) == ("1.0.1", "1.0.0")
    assert versions(released) == ["2.0.0", "1.0.1", "1.0.0"]
    assert released.json("show", "notes")["version"] == "2.0.0"
    change(released, edited=70)
    error = released.refused("bump", "notes", code=20, kind="exists")
    assert "3.0.0" in error["hint"]
    released.git("checkout", "-q", "main")
    assert versions(released) == ["2.0.0", "1.0.1", "1.0.0"]
    assert released.json("list")["datasets"][0]["latest"] == "2.0.0"
    assert released.json("show", "notes@1.0.1")["commit"] == document["commit"]
    assert released.json("check")["ok"]


# ways to release


def test_a_dry_run_writes_nothing_at_all(released: Scratch) -> None:
    change(released, edited=20)
    released.write("staged.txt", "mine\n")
    released.git("add", "staged.txt")
    before = state_of(released)
    document = released.json("bump", "notes", "--dry-run")
    assert state_of(released) == before
    assert set(document) == RELEASE_KEYS
    assert (document["version"], document["commit"], document["dry_run"]) == ("1.1.0", None, True)
    assert "would be released" in released.dsv("bump", "notes", "--dry-run").stdout
    assert state_of(released) == before
    done = released.json("bump", "notes")
    assert (done["version"], done["dry_run"]) == ("1.1.0", False)
    assert done["manifest"]["digests"] == document["manifest"]["digests"]


def test_without_a_tag_the_version_exists_and_is_the_next_base(released: Scratch) -> None:
    change(released, edited=1)
    document = released.json("bump", "notes", "--no-tag")
    assert (document["version"], document["git_tag"]) == ("1.0.1", None)
    assert tags(released) == ["notes@v1.0.0"]
    change(released, edited=2)
    assert released.json("bump", "notes")["manifest"]["change"]["previous"] == "1.0.1"
    assert versions(released) == ["1.0.2", "1.0.1", "1.0.0"]


def test_several_datasets_are_released_one_by_one(released: Scratch) -> None:
    released.records("data/apples.jsonl", numbered(3))
    released.dsv("add", "data/apples.jsonl")
    change(released, edited=1)
    released.records("data/apples.jsonl", numbered(5))
    document = released.json("bump", "notes", "apples", "-m", "Both")
    assert [(each["dataset"], each["version"]) for each in document["releases"]] == [
        ("notes", "1.0.1"),
        ("apples", "2.0.0"),
    ]
    assert all(set(each) == RELEASE_KEYS for each in document["releases"])
    assert released.git("log", "-2", "--format=%s").splitlines() == ["apples 2.0.0: Both", "notes 1.0.1: Both"]
    change(released, edited=2)
    document = released.json("bump", "apples", "notes", "--if-changed")
    assert [each["version"] for each in document["releases"]] == ["1.0.2"]


def test_the_sources_of_a_version_are_counted(released: Scratch) -> None:
    released.records("data/apples.jsonl", numbered(90, start=20))
    released.dsv("add", "data/apples.jsonl", "--key", "id")
    change(released, added=2)
    document = released.json("bump", "notes", "--from", "apples:merge", "--produced-by", "job:9")
    previous, merged = document["manifest"]["lineage"]
    assert (previous["relation"], previous["inherited"], previous["new"]) == ("previous", 100, 2)
    assert merged == {
        "ref": "apples@1.0.0",
        "relation": "merge",
        "inherited": 80,
        "new": 22,
        "modified": 0,
        "removed": 10,
        "produced_by": "job:9",
    }


def test_labels_and_facts_are_of_the_version(released: Scratch) -> None:
    change(released, edited=1)
    manifest = released.json(
        "bump", "notes", "--tag", "gold", "--meta", "reviewed=true", "--meta", "quality_score=0.9", "-m", "Reviewed"
    )["manifest"]
    assert (manifest["tags"], manifest["metadata"]) == (["gold"], {"reviewed": True, "quality_score": 0.9})
    assert manifest["quality"]["score"] == 0.9
    assert released.json("show", "notes@1.0.0")["metadata"] == {}


def test_thresholds_of_the_dataset_go_before_those_of_the_project(released: Scratch) -> None:
    released.write("dsv.yaml", "schema: 1\npolicy: {name: balanced, major: 0.9, minor: 0.02, rare_fields: 0.01}\n")
    released.git("commit", "-qam", "Our thresholds")
    change(released, edited=2)
    assert released.json("bump", "notes")["version"] == "1.1.0"
    declaration = released.read("manifests/notes/dataset.yaml")
    own = "policy: {name: balanced, major: 0.01, minor: 0.005, rare_fields: 0.01}\n"
    released.write("manifests/notes/dataset.yaml", declaration + own)
    change(released, edited=4)
    document = released.json("bump", "notes")
    assert (document["version"], document["manifest"]["change"]["policy"]["major"]) == ("2.0.0", 0.01)
    assert released.json("check")["ok"]


def test_no_command_edits_a_released_manifest(released: Scratch) -> None:
    first = released.read("manifests/notes/1.0.0.yaml")
    change(released, edited=30)
    for command in (
        ("status",),
        ("diff", "notes"),
        ("bump", "notes"),
        ("checkout", "notes@1.0.0"),
        ("checkout", "notes@1.1.0"),
        ("rollback", "notes", "1.0.0"),
        ("show", "notes@1.0.0"),
        ("check",),
        ("index", "rebuild"),
        ("init",),
    ):
        released.dsv(*command)
    assert released.read("manifests/notes/1.0.0.yaml") == first
    assert released.git("log", "--format=%s", "--", "manifests/notes/1.0.0.yaml").splitlines() == [
        "notes 1.0.0: First notes"
    ]


def test_only_the_newest_version_keeps_its_index_pointer(released: Scratch) -> None:
    change(released, edited=1)
    released.dsv("bump", "notes")
    pointers = [file for file in released.git("ls-files", "manifests/notes").split() if file.endswith(".dvc")]
    assert pointers == ["manifests/notes/1.0.1.dvc"]
    entry = yaml.safe_load(released.git("show", "notes@v1.0.0:manifests/notes/1.0.0.dvc"))
    assert entry["outs"][0]["path"] == "index/1.0.0"
