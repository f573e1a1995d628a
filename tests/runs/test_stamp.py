"""`dsv stamp` and `dsv verify --stamp`: a model says what it was made from, and that can be checked years later."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import dsv
from dsv.errors import BadManifestError, NoPathError
from tests.conftest import Scratch, call


@pytest.fixture
def stamped(released: Scratch, tmp_path: Path) -> Path:
    """The directory of a model that was made from `notes` 1.0.0."""
    model = tmp_path / "model"
    model.mkdir()
    dsv.open(released.root).stamp(model, "notes@1.x", run="lease-1")
    return model


def test_a_stamp_has_the_four_facts_and_what_it_takes_to_find_the_data_again(released, stamped):
    stamp, shown = json.loads((stamped / "dsv-stamp.json").read_text()), released.json("show", "notes")
    assert (stamp["dataset_name"], stamp["dataset_version"], stamp["run"]) == ("notes", "1.0.0", "lease-1")
    assert stamp["dataset_checksum"] == shown["digests"]["tree"]
    assert stamp["training_timestamp"].endswith("Z")
    [locked] = stamp["datasets"]
    assert (locked["commit"], locked["tag"]) == (shown["commit"], "notes@v1.0.0")
    assert locked["manifest"] == shown["checksum"]
    assert locked["repository"] == str(released.root)
    said = released.dsv("verify", "--stamp", str(stamped)).stdout
    assert said.startswith("ok  notes@1.0.0 as stamped on ")


def test_several_datasets_are_locked_and_the_first_one_named_is_the_main_one(released, tmp_path):
    released.records("data/lists/a.jsonl", [{"x": 1}])
    repo = dsv.open(released.root)
    repo.add("data/lists")
    model = tmp_path / "model"
    model.mkdir()
    repo.stamp(model, "notes", "lists")
    said = released.dsv("stamp", str(model), "notes", "lists").stdout
    assert "made from notes@1.0.0, lists@1.0.0\nit said notes@1.0.0, lists@1.0.0 before" in said
    stamp = json.loads((model / "dsv-stamp.json").read_text())
    assert stamp["dataset_name"] == "notes"
    assert [each["name"] for each in stamp["datasets"]] == ["notes", "lists"]
    (model / "dsv-stamp.json").write_text("{}")
    with pytest.raises(BadManifestError, match="no stamp, so it stays"):
        repo.stamp(model, "notes")
    with pytest.raises(NoPathError, match="there is no directory"):
        repo.stamp(tmp_path / "nowhere", "notes")


def test_a_version_that_was_yanked_since_is_what_it_was_and_that_is_said(released, stamped):
    dsv.open(released.root).yank("notes@1.0.0", reason="the labels are wrong")
    said = released.dsv("verify", "--stamp", str(stamped)).stdout
    assert "it is yanked now: the labels are wrong" in said


def test_other_digests_a_lost_tag_and_a_lost_version_are_found(released, stamped):
    file = stamped / "dsv-stamp.json"
    before = file.read_text()
    file.write_text(before.replace(json.loads(before)["dataset_checksum"], f"sha256:{'0' * 64}"))
    found = released.json("verify", "--stamp", str(stamped), code=40)
    problem = found["results"][0]["problems"][0]
    assert (problem["place"], problem["path"], problem["expected"]) == ("stamp", "tree", f"sha256:{'0' * 64}")
    file.write_text(before)
    released.git("tag", "-d", "notes@v1.0.0")
    [result] = dsv.open(released.root).verify_stamp(stamped).results
    assert [(each.place, each.kind) for each in result.problems] == [("tag", "missing")]
    file.write_text(before.replace("1.0.0", "3.0.0"))
    [result] = dsv.open(released.root).verify_stamp(stamped).results
    assert [(each.place, each.path) for each in result.problems] == [("version", "notes@3.0.0")]


def test_an_edited_manifest_is_found(released, stamped):
    released.write("manifests/notes/1.0.0.yaml", released.read("manifests/notes/1.0.0.yaml").replace("First", "Other"))
    released.git("commit", "-qam", "An edit")
    places = {each.place for each in dsv.open(released.root).verify_stamp(stamped).results[0].problems}
    assert places >= {"manifest", "tag"}


def test_a_stamp_is_checked_where_no_repository_is_by_what_it_says_and_by_a_url(
    released, stamped, tmp_path, monkeypatch
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert dsv.verify_stamp(stamped).ok
    bare = tmp_path / "bare.git"
    call("git", "clone", "-q", "--bare", str(released.root), str(bare), cwd=tmp_path)
    shutil.rmtree(released.root)
    assert dsv.verify_stamp(stamped, repo=f"file://{bare}").ok
    assert dsv.verify_stamp(stamped, repo=bare).ok


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "dataset_name": 3}', "[" * 100_000])
def test_what_is_no_stamp_is_told(released, tmp_path, text):
    (tmp_path / "dsv-stamp.json").write_text(text)
    with pytest.raises(BadManifestError, match=r"dsv-stamp\.json"):
        dsv.open(released.root).verify_stamp(tmp_path)
