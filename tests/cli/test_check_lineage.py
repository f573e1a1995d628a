"""What `dsv check` says of the parents that manifests name."""

from __future__ import annotations

import pytest

from tests.cli.manifest_edits import edit, reseal
from tests.conftest import Scratch, numbered

GOLD = "manifests/gold/1.0.0.yaml"


@pytest.fixture
def derived(released: Scratch) -> Scratch:
    """`gold`, made from `notes`, without tags of its own, so that its manifest may be edited."""
    released.records("data/gold.jsonl", numbered(50))
    released.dsv("add", "data/gold.jsonl", "--key", "id", "--from", "notes:filter", "--no-tag")
    return released


def found(repo: Scratch, *, code: int) -> dict[str, str]:
    """What is said of the lineage of `gold`, by status."""
    results = repo.json("check", "gold", code=code)["results"]
    return {each["status"]: each["message"] for each in results if each["check"] == "lineage"}


def edited(repo: Scratch, old: str, new: str) -> None:
    edit(repo, GOLD, (old, new))
    reseal(repo, GOLD)
    repo.git("commit", "-q", "--amend", "-am", "As if it had been released like this")


def test_a_parent_that_is_there_is_right_also_after_a_rename(derived: Scratch) -> None:
    assert found(derived, code=0) == {"passed": "its parents are there"}
    derived.dsv("rename", "notes", "memos")
    assert found(derived, code=0) == {"passed": "its parents are there"}


@pytest.mark.provokes("C601")
def test_a_parent_that_is_not_there_is_found(derived: Scratch) -> None:
    edited(derived, "ref: notes@1.0.0", "ref: notes@7.0.0")
    everything = derived.json("check", code=1)["results"]
    [failed] = [each for each in everything if each["status"] == "failed"]
    assert (failed["check"], failed["dataset"], failed["file"]) == ("lineage", "gold", GOLD)
    assert failed["message"] == "its parent notes@7.0.0 is not here"
    assert derived.read(GOLD).splitlines()[failed["line"] - 1].startswith("lineage:")


@pytest.mark.provokes("C602")
def test_other_data_than_it_was_made_from_is_told(derived: Scratch) -> None:
    tree = derived.json("show", "notes")["digests"]["tree"]
    edited(derived, f'digest: "{tree}"', f'digest: "sha256:{"0" * 64}"')
    results = derived.json("check")["results"]
    [warned] = [each for each in results if each["check"] == "lineage" and each["status"] == "warning"]
    assert (warned["value"], warned["limit"]) == (tree, f"sha256:{'0' * 64}")


@pytest.mark.provokes("C603")
def test_a_version_that_descends_from_itself_is_found(derived: Scratch) -> None:
    edited(derived, "ref: notes@1.0.0", "ref: gold@1.0.0")
    assert found(derived, code=1)["failed"] == "is its own ancestor: gold@1.0.0 <- gold@1.0.0"
