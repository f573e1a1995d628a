"""`dsv check`: manifests are well formed, stand as they were released, and are right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.manifest_edits import edit, reseal
from tests.cli.repository_state import state_of
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Scratch

FINDING_KEYS = {
    *("check", "number", "dataset", "version", "status", "value", "limit", "message", "file", "line", "content", "fix")
}
FIRST = "manifests/notes/1.0.0.yaml"
SECOND = "manifests/notes/1.1.0.yaml"


@pytest.fixture
def untagged(released: Scratch) -> Scratch:
    """`notes` 1.0.0, and 1.1.0 committed without its tag: 20 of 100 records edited, 5 added."""
    train = [{**record, "text": "edited"} for record in numbered(20)]
    released.records("data/notes/train.jsonl", [*train, *numbered(60, start=20), *numbered(5, start=200)])
    assert released.json("bump", "notes", "--no-tag")["version"] == "1.1.0"
    return released


def failures(scratch: Scratch, *arguments: str) -> list[dict[str, Any]]:
    """What failed, in a check that must fail; a person gets each with file and line."""
    document = scratch.json("check", *arguments, code=1)
    assert document["ok"] is False
    assert all(set(each) == FINDING_KEYS for each in document["results"])
    failed = [each for each in document["results"] if each["status"] == "failed"]
    said = scratch.dsv("check", *arguments, code=1).stdout
    for each in failed:
        assert f"{each['file']}:{each['line']}: {each['number']} {each['check']}: {each['message']}\n" in said
        assert each["fix"] in said
    return failed


def commit(scratch: Scratch, message: str = "Edit") -> str:
    scratch.git("commit", "-qam", message)
    return scratch.git("rev-parse", "HEAD").strip()


def names(found: list[dict[str, Any]]) -> list[str]:
    return [each["check"] for each in found]


def line_of(scratch: Scratch, file: str, key: str) -> int:
    return next(at for at, line in enumerate(scratch.read(file).splitlines(), 1) if line.startswith(f"{key}:"))


@pytest.mark.provokes("C503")
def test_what_dsv_released_is_right(untagged: Scratch) -> None:
    before = state_of(untagged)
    document = untagged.json("check")
    assert state_of(untagged) == before
    assert (document["versions"], document["base"], document["new"]) == (2, None, [])
    assert document["ok"] is True
    assert all(set(each) == FINDING_KEYS for each in document["results"])
    assert {each["check"] for each in document["results"] if each["status"] == "passed"} == {
        "declaration",
        "unchanged",
        "well_formed",
        "place",
        "checksum",
        "number",
        "tag",
        "index",
        "large file",
        "lineage",
        "pointer",
        "summary",
        "validation",
    }
    assert [(each["check"], each["version"]) for each in document["results"] if each["status"] == "warning"] == [
        ("tag", "1.1.0")
    ]
    since = untagged.json("check", "--base", "HEAD~1")
    assert (since["ok"], since["base"], since["new"]) == (True, "HEAD~1", ["notes@1.1.0"])
    assert "passed" in untagged.dsv("check").stdout


def test_without_datasets_there_is_nothing_wrong(repo: Scratch) -> None:
    assert repo.json("check")["ok"] is True


# a released manifest stands


@pytest.mark.provokes("C201", "C202", "C501")
def test_an_edit_that_is_not_committed_yet_is_found(released: Scratch) -> None:
    edit(released, FIRST, ("First notes", "First words"))
    unchanged, checksum, tag = failures(released)
    assert tag["message"] == "notes@v1.0.0 leads to another manifest, or to none"
    assert (unchanged["check"], unchanged["file"], unchanged["line"]) == ("unchanged", FIRST, 1)
    assert unchanged["message"] == "differs from what HEAD has"
    assert (checksum["check"], checksum["line"]) == ("checksum", line_of(released, FIRST, "checksum"))
    assert checksum["value"] != checksum["limit"]


def test_an_edit_that_was_committed_is_found_by_the_tag(released: Scratch) -> None:
    edit(released, FIRST, ("First notes", "First words"))
    reseal(released, FIRST)
    commit(released)
    unchanged, tag = failures(released)
    assert unchanged["message"] == "differs from what the tag notes@v1.0.0 has"
    assert (tag["check"], tag["message"]) == ("tag", "notes@v1.0.0 leads to another manifest, or to none")


def test_an_edit_of_what_has_no_tag_is_found_by_the_base(untagged: Scratch) -> None:
    base = untagged.git("rev-parse", "HEAD").strip()
    edit(untagged, SECOND, ("created_by: Ana Lima", "created_by: Bo Lima"))
    reseal(untagged, SECOND)
    commit(untagged)
    assert untagged.json("check")["ok"]
    (found,) = failures(untagged, "--base", base)
    assert (found["check"], found["version"], found["file"], found["line"]) == ("unchanged", "1.1.0", SECOND, 1)
    assert found["message"] == f"differs from what the base {base} has"


def test_an_edit_that_was_taken_back_is_still_an_edit_between_base_and_head(untagged: Scratch) -> None:
    base = untagged.git("rev-parse", "HEAD").strip()
    edit(untagged, SECOND, ("created_by: Ana Lima", "created_by: Bo Lima"))
    reseal(untagged, SECOND)
    between = commit(untagged)
    untagged.git("revert", "--no-edit", "HEAD")
    assert untagged.json("check")["ok"]
    (found,) = failures(untagged, "--base", base)
    assert found["message"] == f"differs from what commit {between[:10]} has"


@pytest.mark.parametrize("arguments", [[], ["--base", "HEAD~1"]])
def test_a_manifest_that_was_deleted_is_missed(released: Scratch, arguments: list[str]) -> None:
    released.git("rm", "-q", FIRST)
    released.git("commit", "-qm", "Tidy up")
    (found,) = failures(released, *arguments)
    assert (found["check"], found["version"], found["file"]) == ("unchanged", "1.0.0", FIRST)
    assert found["message"].startswith("is gone, but ")


def test_a_manifest_that_came_and_went_since_the_base_is_missed(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=100))
    released.dsv("bump", "notes", "--no-tag")
    released.git("revert", "--no-edit", "HEAD")
    assert released.json("check")["ok"]
    (found,) = failures(released, "--base", "notes@v1.0.0")
    assert (found["version"], found["message"].split(",")[0]) == ("1.0.1", "is gone")


def test_a_work_tree_without_the_files_is_checked_as_head_has_them(released: Scratch) -> None:
    (released.root / FIRST).unlink()
    assert released.json("check")["ok"]


# a manifest is well formed


@pytest.mark.provokes("C301")
def test_every_problem_of_a_manifest_is_named_with_its_line(released: Scratch) -> None:
    edit(
        released,
        FIRST,
        ("tags: []", "tags: nothing"),
        ("schema: 1", "schema: one"),
        ("records: 100", "records: many"),
    )
    found = [each for each in failures(released) if each["check"] == "well_formed"]
    assert [(each["line"], each["message"].split(":")[0]) for each in found] == [
        (line_of(released, FIRST, "schema"), "schema"),
        (line_of(released, FIRST, "tags"), "tags"),
        (line_of(released, FIRST, "data"), "data.records"),
    ]


@pytest.mark.parametrize("text", ["", "- a\n", "schema: [\n", "<<<<<<< ours\n", "schema: 2\n", "\0", "a: 1\na: 2\n"])
def test_what_does_not_read_as_a_manifest_is_a_finding_and_no_crash(released: Scratch, text: str) -> None:
    released.write(FIRST, text)
    found = failures(released)
    assert "well_formed" in names(found)
    assert all(each["line"] >= 1 for each in found)


@pytest.mark.provokes("C302")
def test_a_manifest_lies_where_its_name_says(untagged: Scratch) -> None:
    untagged.git("mv", SECOND, "manifests/notes/1.1.1.yaml")
    untagged.git("commit", "-qm", "Renumber")
    (found,) = failures(untagged)
    assert (found["check"], found["value"], found["limit"]) == ("place", "notes 1.1.0", "notes 1.1.1")
    assert found["line"] == line_of(untagged, "manifests/notes/1.1.1.yaml", "version")


@pytest.mark.provokes("C101", "C102")
def test_declarations_must_read(released: Scratch) -> None:
    released.write("manifests/notes/dataset.yaml", "schema: 1\nname: notes\npath: data/notes\nkey: 7\n")
    released.write("dsv.yaml", "schema: 1\npolicy: {name: balanced, major: lots}\n")
    found = failures(released)
    assert [(each["check"], each["file"], each["line"]) for each in found] == [
        ("declaration", "dsv.yaml", 2),
        ("declaration", "manifests/notes/dataset.yaml", 4),
    ]


@pytest.mark.provokes("C103")
def test_versions_without_a_declaration_are_told(released: Scratch) -> None:
    released.git("rm", "-q", "manifests/notes/dataset.yaml")
    released.git("commit", "-qm", "Tidy up")
    document = released.json("check", "notes")
    assert ("C103", "warning", "manifests/notes/dataset.yaml") in [
        (each["number"], each["status"], each["file"]) for each in document["results"]
    ]


@pytest.mark.provokes("C303")
def test_a_finding_that_nobody_waived_is_found(untagged: Scratch) -> None:
    edit(untagged, SECOND, ("status: passed", "status: waived"))
    reseal(untagged, SECOND)
    untagged.git("commit", "-qa", "--amend", "--no-edit")
    (found,) = failures(untagged)
    assert (found["check"], found["line"]) == ("validation", line_of(untagged, SECOND, "validation"))


# a number follows from the recorded facts


@pytest.mark.parametrize(
    ("replacements", "message"),
    [
        (
            [
                ("modified: 20, moved: 0, unchanged: 80", "modified: 60, moved: 0, unchanged: 40"),
                ("0.250000", "0.650000"),
            ],
            "the computed level is not what the change asks for",
        ),
        pytest.param(
            [("unchanged: 80", "unchanged: 79")],
            "the records before do not add up to those of the previous version",
            marks=pytest.mark.provokes("C401"),
        ),
        ([("added: 5", "added: 6")], "the records after do not add up"),
        ([("0.250000", "0.100000")], "the changed share is not that of the recorded counts"),
        ([("computed: minor", "computed: patch")], "the computed level is not what the change asks for"),
        pytest.param(
            [("level: minor", "level: patch")],
            "the level is lower than the change asks for",
            marks=pytest.mark.provokes("C402"),
        ),
        ([("level: minor", "level: major")], "the step from the previous version is of another level"),
        (
            [("fields: {added: []", "fields: {added: [ghost]")],
            "the recorded change of fields is not that between the two versions",
        ),
        pytest.param(
            [('previous: "1.0.0"', 'previous: "1.0.7"')],
            "its previous version 1.0.7 is not here",
            marks=pytest.mark.provokes("C404"),
        ),
    ],
)
def test_a_number_that_does_not_follow_is_found_though_the_checksum_is_right(
    untagged: Scratch, replacements: list[tuple[str, str]], message: str
) -> None:
    edit(untagged, SECOND, *replacements)
    reseal(untagged, SECOND)
    untagged.git("commit", "-qa", "--amend", "--no-edit")
    found = failures(untagged)
    assert "number" in names(found)
    assert set(names(found)) <= {"number", "lineage"}  # the edge to the version before has the counts too
    assert message in [each["message"] for each in found]
    assert all(each["file"] == SECOND for each in found)


@pytest.mark.provokes("C403")
def test_a_version_that_jumps_past_its_level_is_found(untagged: Scratch) -> None:
    edit(untagged, SECOND, ('version: "1.1.0"', 'version: "2.0.0"'))
    reseal(untagged, SECOND)
    untagged.git("mv", SECOND, "manifests/notes/2.0.0.yaml")
    untagged.git("commit", "-qa", "--amend", "--no-edit")
    (found,) = failures(untagged)
    assert (found["check"], found["value"], found["limit"]) == ("number", "major", "minor")
    assert found["line"] == line_of(untagged, "manifests/notes/2.0.0.yaml", "version")


# tags and pointers agree


def test_a_tag_that_was_moved_away_is_found(released: Scratch) -> None:
    released.git("tag", "-f", "-am", "moved", "notes@v1.0.0", "HEAD~1")
    (found,) = failures(released)
    assert (found["check"], found["file"], found["line"]) == ("tag", FIRST, 1)
    assert found["message"] == "notes@v1.0.0 leads to another manifest, or to none"


def test_a_tag_may_lie_on_any_commit_that_holds_the_manifest(released: Scratch) -> None:
    released.git("commit", "-q", "--allow-empty", "-m", "later")
    released.git("tag", "-f", "-am", "moved", "notes@v1.0.0", "HEAD")
    assert released.json("check")["ok"]


@pytest.mark.provokes("C502")
def test_a_tag_that_names_another_tree_is_found(released: Scratch) -> None:
    wrong = f"sha256:{'0' * 64}"
    released.git("tag", "-f", "-am", f"First\n\nDsv-Tree: {wrong}", "notes@v1.0.0", "HEAD")
    (found,) = failures(released)
    assert (found["message"], found["value"]) == ("notes@v1.0.0 names another tree", wrong)
    assert found["limit"] == released.json("show", "notes@1.0.0")["digests"]["tree"]


@pytest.mark.provokes("C504")
def test_a_lightweight_tag_counts_for_nothing_and_is_warned_about(released: Scratch) -> None:
    released.git("tag", "-d", "notes@v1.0.0")
    released.git("tag", "notes@v1.0.0")
    document = released.json("check")
    assert document["ok"] is True
    (warning,) = [each for each in document["results"] if each["status"] == "warning"]
    assert (warning["check"], warning["file"]) == ("tag", FIRST)
    assert "no annotated tag" in warning["message"]
    assert "warning" in released.dsv("check").stdout


@pytest.mark.provokes("C505")
def test_a_pointer_to_another_index_is_found(released: Scratch) -> None:
    pointer = "manifests/notes/1.0.0.dvc"
    released.write(pointer, re.sub(r"md5: \w{32}", "md5: " + "0" * 32, released.read(pointer)))
    (found,) = failures(released)
    assert (found["check"], found["line"]) == ("index", line_of(released, FIRST, "digests"))


# what is looked at


def test_only_the_datasets_that_are_named_are_looked_at(released: Scratch) -> None:
    released.records("data/apples.jsonl", numbered(1))
    released.dsv("add", "data/apples.jsonl")
    edit(released, FIRST, ("First notes", "First words"))
    assert {each["dataset"] for each in failures(released)} == {"notes"}
    assert released.json("check", "apples")["ok"]
    assert failures(released, "notes")
    released.refused("check", "apple", code=10, kind="no_dataset")


def test_a_base_that_git_does_not_know_is_not_found(released: Scratch) -> None:
    released.refused("check", "--base", "nowhere", code=10, kind="no_version")
    released.refused("check", "--base", "--all", code=10, kind="no_version")


def test_a_shallow_clone_can_be_checked(untagged: Scratch, clone_of: Callable[..., Scratch]) -> None:
    assert clone_of(untagged, "--depth", "1", "--no-local").json("check")["ok"]


def test_findings_are_in_one_order(untagged: Scratch) -> None:
    untagged.records("data/apples.jsonl", numbered(1))
    untagged.dsv("add", "data/apples.jsonl")
    results = untagged.json("check")["results"]
    versions = [(each["dataset"], each["version"]) for each in results if each["version"]]
    assert versions == sorted(versions)
    assert untagged.json("check")["results"] == results
