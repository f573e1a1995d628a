"""`NAME@git:REV` is the data that the dataset's pointer names at a commit, whether or not it was released."""

from __future__ import annotations

import pytest

from tests.conftest import Scratch, numbered


@pytest.fixture
def between(released: Scratch) -> Scratch:
    """`notes` released as 1.0.0, then changed twice by people who use DVC alone; the first of these is tagged `mid`."""
    for count in (110, 130):
        released.records("data/notes/more.jsonl", numbered(count - 100, start=100))
        released.dvc("add", "-q", "data/notes")
        released.git("commit", "-qam", f"{count} notes")
        released.git("tag", f"with{count}")
    return released


def test_diff_takes_the_data_of_any_commit_on_either_side(between: Scratch) -> None:
    found = between.json("diff", "notes@1.0.0", "git:with110")
    assert (found["old"], found["new"], found["records"]["added"]) == ("notes@1.0.0", "notes@git:with110", 10)
    found = between.json("diff", "notes@git:with110", "notes@git:HEAD", "--records", "1")
    assert (found["records"]["added"], found["records"]["unchanged"]) == (20, 110)
    assert found["examples"][0]["new"]["id"] == "r110"
    between.records("data/notes/more.jsonl", numbered(31, start=100))
    assert between.json("diff", "notes@git:HEAD")["records"]["added"] == 1
    assert "notes@git:HEAD -> notes@work" in between.dsv("diff", "notes@git:HEAD").stdout


def test_checkout_brings_the_data_of_any_commit_into_a_directory(between: Scratch) -> None:
    document = between.json("checkout", "notes@git:HEAD~1", "--to", "../mid")
    assert document["datasets"][0]["files"] == 3
    assert len((between.root.parent / "mid/more.jsonl").read_text().splitlines()) == 10
    error = between.refused("checkout", "notes@git:HEAD~1", code=2, kind="usage")
    assert "--to DIR" in error["hint"]


def test_a_source_at_a_commit_is_the_version_that_has_its_data(between: Scratch) -> None:
    between.records("data/part/a.jsonl", numbered(5))
    entry = between.json("add", "data/part", "--from", "notes@git:with110~1:filter", "--dry-run")["manifest"][
        "lineage"
    ][0]
    assert (entry["ref"], entry["relation"], entry["inherited"]) == ("notes@1.0.0", "filter", 5)
    error = between.refused("add", "data/part", "--from", "notes@git:with110", code=10, kind="no_version")
    assert "no version of notes has the data of notes@git:with110" in error["message"]


def test_commits_that_are_not_there_or_have_no_pointer_are_told(between: Scratch) -> None:
    assert "'nowhere'" in between.refused("diff", "notes@git:nowhere", code=10, kind="no_version")["message"]
    root = between.git("rev-list", "--max-parents=0", "HEAD").strip()
    error = between.refused("diff", f"notes@git:{root}", code=10, kind="no_version")
    assert "data/notes.dvc" in error["hint"]


def test_what_a_stage_made_at_a_commit_is_found_in_its_dvc_lock(repo: Scratch) -> None:
    repo.write(
        "dvc.yaml",
        "stages:\n  make:\n    cmd: cp raw.jsonl made.jsonl\n    deps: [raw.jsonl]\n    outs: [made.jsonl]\n",
    )
    for count in (3, 5):
        repo.records("raw.jsonl", numbered(count))
        repo.dvc("repro", "-q")
        repo.git("add", "-A")
        repo.git("commit", "-qm", str(count))
    repo.dsv("add", "made.jsonl")
    assert repo.json("diff", "made@git:HEAD~2", "git:HEAD")["records"]["added"] == 2
