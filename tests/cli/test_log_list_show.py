"""`dsv log`, `dsv list`, `dsv show`: what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conftest import Scratch, numbered

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION_KEYS = {
    "dataset",
    "version",
    "created_at",
    "created_by",
    "summary",
    "level",
    "records",
    "files",
    "bytes",
    "status",
    "tags",
    "git_tag",
    "commit",
}
DATASET_KEYS = {
    "name",
    "type",
    "format",
    "status",
    "latest",
    "versions",
    "records",
    "bytes",
    "quality_score",
    "judge_pass_rate",
    "repository",
    "description",
    "tags",
    "stages",
    "stage_versions",
    "updated_at",
}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """`notes` 1.0.0 and 1.0.1, and between them `Apples` 1.0.0, a table; only to look at."""
    scratch = Scratch(tmp_path_factory.mktemp("two"))
    with pytest.MonkeyPatch.context() as patch:
        fill(scratch, patch)
    return scratch


def fill(scratch: Scratch, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    scratch.dsv("init", "--git")
    scratch.records("data/notes/all.jsonl", numbered(100))
    scratch.dsv("add", "data/notes", "--key", "id", "-m", "First notes")
    patch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    scratch.write("data/apples.csv", "kind,sold\nboskoop,1\n")
    scratch.dsv(
        *(
            "add",
            "data/apples.csv",
            "--name",
            "Apples",
            "--type",
            "fruit",
            "--description",
            "Apples sold",
            "-m",
            "Sold",
        ),
        *("--owner", "bo@example.com", "--tag", "gold"),
    )
    patch.setenv("SOURCE_DATE_EPOCH", "2000000000")
    scratch.records("data/notes/more.jsonl", numbered(1, start=100))
    scratch.dsv("bump", "notes", "-m", "One more", "--tag", "gold", "--tag", "small")


def test_the_log_has_the_newest_version_first(two: Scratch) -> None:
    newest, first = two.json("log", "notes")["versions"]
    assert set(newest) == VERSION_KEYS
    assert {key: newest[key] for key in VERSION_KEYS - {"bytes"}} == {
        "dataset": "notes",
        "version": "1.0.1",
        "created_at": "2033-05-18T03:33:20Z",
        "created_by": "Ana Lima <ana@example.com>",
        "summary": "One more",
        "level": "patch",
        "records": 101,
        "files": 2,
        "status": "active",
        "tags": ["gold", "small"],
        "git_tag": "notes@v1.0.1",
        "commit": two.git("rev-parse", "HEAD").strip(),
    }
    assert newest["bytes"] == sum(len(content) for content in two.tree("data/notes").values())
    assert (first["version"], first["level"], first["commit"]) == (
        "1.0.0",
        "major",
        two.git("rev-parse", "notes@v1.0.0^{commit}").strip(),
    )


def test_the_log_of_all_datasets_goes_by_time(two: Scratch) -> None:
    versions = [(each["dataset"], each["version"]) for each in two.json("log")["versions"]]
    assert versions[0] == ("notes", "1.0.1")
    assert set(versions) == {("notes", "1.0.1"), ("notes", "1.0.0"), ("Apples", "1.0.0")}
    assert [each["version"] for each in two.json("log", "notes", "-n", "1")["versions"]] == ["1.0.1"]


def test_without_versions_the_log_is_empty(repo: Scratch) -> None:
    assert repo.json("log") == {"versions": [], "total": 0}
    assert repo.json("list") == {"datasets": [], "total": 0}
    assert repo.refused("log", "notes", code=10, kind="no_dataset")


def test_the_list_has_each_dataset_with_its_latest_version(two: Scratch) -> None:
    document = two.json("list")
    apples, notes = document["datasets"]
    assert document["total"] == 2
    assert apples == {
        "name": "Apples",
        "type": "fruit",
        "format": "csv",
        "status": "active",
        "latest": "1.0.0",
        "versions": 1,
        "records": 1,
        "bytes": 20,
        "quality_score": None,
        "judge_pass_rate": None,
        "repository": "",
        "description": "Apples sold",
        "tags": ["gold"],
        "stages": [],
        "stage_versions": {},
        "updated_at": "2030-03-17T17:46:40Z",
    }
    assert set(notes) == DATASET_KEYS
    assert (notes["latest"], notes["versions"], notes["records"], notes["tags"]) == ("1.0.1", 2, 101, ["gold", "small"])


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--type", "fruit"], ["Apples"]),
        (["--format", "jsonl"], ["notes"]),
        (["--tag", "gold"], ["Apples", "notes"]),
        (["--tag", "small"], ["notes"]),
        (["--owner", "bo@example.com"], ["Apples"]),
        (["--status", "archived"], []),
        (["--sort", "records", "--desc"], ["notes", "Apples"]),
        (["--sort", "records"], ["Apples", "notes"]),
        (["--limit", "1"], ["Apples"]),
        (["--limit", "1", "--offset", "1"], ["notes"]),
        (["--type", "none"], []),
    ],
)
def test_the_list_is_filtered_sorted_and_cut(two: Scratch, arguments: list[str], names: list[str]) -> None:
    assert [each["name"] for each in two.json("list", *arguments)["datasets"]] == names


def test_nothing_is_sorted_by_what_is_not_there(two: Scratch) -> None:
    two.refused("list", "--sort", "taste", code=2, kind="usage")


def test_a_declared_dataset_is_listed_without_a_version(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(1))
    repo.dsv("add", "data/notes.jsonl", "--no-release")
    (entry,) = repo.json("list")["datasets"]
    assert (entry["name"], entry["latest"], entry["versions"]) == ("notes", None, 0)


def test_show_is_the_manifest_and_what_became_of_it(two: Scratch) -> None:
    document = two.json("show", "notes@1.0.0")
    manifest = yaml.safe_load(two.read("manifests/notes/1.0.0.yaml"))
    more = {
        "status": "active",
        "stages": [],
        "events": [],
        "git_tag": "notes@v1.0.0",
        "commit": two.git("rev-parse", "notes@v1.0.0^{commit}").strip(),
    }
    assert document == {**manifest, **more}


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("notes", "1.0.1"),
        ("notes@latest", "1.0.1"),
        ("notes@1.0.0", "1.0.0"),
        ("notes@v1.0.0", "1.0.0"),
        ("notes@1.x", "1.0.1"),
        ("notes@1.0.0..1.0.1", "1.0.0"),
        ("notes@~1.0.0", "1.0.1"),
        ("notes@2033-05-17", "1.0.0"),
        ("notes@2033-05-18", "1.0.1"),
    ],
)
def test_a_version_is_found_by_any_reference(two: Scratch, reference: str, version: str) -> None:
    assert two.json("show", reference)["version"] == version


def test_a_version_is_found_by_its_digest(two: Scratch) -> None:
    tree = two.json("show", "notes@1.0.0")["digests"]["tree"]
    assert two.json("show", f"notes@{tree[:15]}")["version"] == "1.0.0"


def test_what_is_unknown_is_not_found_and_offers_what_is_there(two: Scratch) -> None:
    error = two.refused("show", "notes@1.0.7", code=10, kind="no_version")
    assert "1.0.1" in error["hint"]
    assert two.refused("show", "apples", code=10, kind="no_dataset")["hint"] == "did you mean Apples?"
    two.refused("show", "notes@work", code=2, kind="usage")
    two.refused("show", "notes@2.x", code=10, kind="no_version")


def test_versions_on_other_branches_are_not_known_until_they_are_tagged_or_merged(released: Scratch) -> None:
    released.git("checkout", "-q", "-b", "experiment")
    released.records("data/notes/more.jsonl", numbered(1, start=100))
    released.dsv("bump", "notes", "--no-tag")
    released.git("checkout", "-q", "main")
    assert [each["version"] for each in released.json("log", "notes")["versions"]] == ["1.0.0"]
    assert released.json("list")["datasets"][0]["versions"] == 1
    released.refused("show", "notes@1.0.1", code=10, kind="no_version")
    released.git("merge", "-q", "--no-ff", "-m", "Merge", "experiment")
    assert [each["version"] for each in released.json("log", "notes")["versions"]] == ["1.0.1", "1.0.0"]
    assert released.json("show", "notes")["version"] == "1.0.1"


def test_a_release_on_main_and_one_on_a_branch_merge_without_conflict(released: Scratch) -> None:
    released.git("checkout", "-q", "-b", "1.x")
    released.records("data/apples.jsonl", numbered(1))
    released.dsv("add", "data/apples.jsonl")
    released.git("checkout", "-q", "main")
    released.records("data/notes/more.jsonl", numbered(60, start=100))
    released.dsv("bump", "notes")
    released.git("merge", "-q", "--no-ff", "-m", "Merge", "1.x")
    assert [each["name"] for each in released.json("list")["datasets"]] == ["apples", "notes"]
    assert {each["dataset"]: each["state"] for each in released.json("status")["datasets"]} == {
        "apples": "clean",
        "notes": "clean",
    }
    assert released.json("check")["ok"]


def test_a_shallow_clone_of_one_branch_knows_what_head_holds(two: Scratch, clone_of: Callable[..., Scratch]) -> None:
    clone = clone_of(two, "--depth", "1", "--no-local", "--single-branch")
    assert [each["version"] for each in clone.json("log", "notes")["versions"]] == ["1.0.1", "1.0.0"]
    assert clone.json("show", "notes")["version"] == "1.0.1"
