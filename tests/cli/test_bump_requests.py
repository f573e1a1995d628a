"""`dsv bump`: what people may ask of the number, and the ways to release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from tests.cli.changing import change
from tests.cli.repository_state import state_of
from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch

RELEASE_KEYS = {"dataset", "version", "git_tag", "commit", "level", "reasons", "manifest", "dry_run"}


def tags(scratch: Scratch) -> list[str]:
    return scratch.git("tag", "--sort=creatordate").split()


def versions(scratch: Scratch) -> list[str]:
    return [each["version"] for each in scratch.json("log", "notes")["versions"]]


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
        "digest": released.json("show", "apples")["digests"]["tree"],
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
