"""`dsv rename`: another name for a dataset; references to the old one are still found."""

from __future__ import annotations

import json

import pytest

from tests.conftest import numbered


@pytest.fixture
def renamed(released):
    """The dataset `letters`, which was `notes` when 1.0.0 and 1.0.1 were released."""
    released.records("data/notes/train.jsonl", [*numbered(80), *numbered(1, start=100)])
    released.dsv("bump", "notes", "-m", "One more")
    released.dsv("rename", "notes", "letters", "--reason", "they are letters")
    return released


def more(repo, name):
    """A further version, with a record more."""
    text = repo.read("data/notes/test.jsonl")
    repo.write("data/notes/test.jsonl", text + json.dumps(numbered(1, start=1000 + len(text))[0]) + "\n")
    return repo.json("bump", name)


def test_the_commit_is_one_and_leaves_nothing_behind(renamed):
    assert renamed.git("status", "--porcelain") == ""
    assert renamed.git("log", "-1", "--format=%s").strip() == "Rename notes to letters: they are letters"
    assert not (renamed.root / "manifests/notes/dataset.yaml").exists()
    assert "name: letters" in renamed.read("manifests/letters/dataset.yaml")
    assert "  letters:\n" in renamed.read("dvc.yaml")
    assert renamed.json("status")["datasets"][0]["state"] == "clean"
    assert renamed.json("check")["ok"]
    assert "Data and pipelines are up to date" in renamed.dvc("status")


@pytest.mark.heavy
def test_both_names_find_every_version(renamed):
    for name in ("notes", "letters"):
        assert renamed.json("show", name)["version"] == "1.0.1"
        assert renamed.json("show", f"{name}@1.0.0")["version"] == "1.0.0"
        assert renamed.json("show", f"{name}@^1.0")["version"] == "1.0.1"
        assert renamed.json("diff", f"{name}@1.0.0", f"{name}@1.0.1")["records"]["added"] == 1
        assert len(renamed.json("log", name)["versions"]) == 2
        renamed.dsv("checkout", f"{name}@1.0.0")
        renamed.dsv("checkout", name)
        assert renamed.json("status", name)["datasets"][0]["dataset"] == "letters"


def test_a_commit_that_knew_it_by_its_old_name_and_path_is_found(renamed):
    first = renamed.git("rev-parse", "notes@v1.0.0^{commit}").strip()
    renamed.dsv("move", "letters", "post")
    for name in ("notes", "letters"):
        assert renamed.json("diff", f"{name}@git:{first}", "letters@1.0.1")["records"]["added"] == 1


def test_numbers_and_lineage_go_on(renamed):
    done = more(renamed, "letters")
    assert (done["version"], done["git_tag"]) == ("1.0.2", "letters@v1.0.2")
    assert done["manifest"]["change"]["previous"] == "1.0.1"
    assert done["manifest"]["lineage"][0]["ref"] == "notes@1.0.1"
    assert renamed.json("show", "notes")["version"] == "1.0.2"
    assert [path.name for path in (renamed.root / "manifests/notes").glob("*.dvc")] == []
    assert renamed.json("check", "--base", "HEAD~2")["ok"]
    assert more(renamed, "notes")["dataset"] == "letters"
    assert renamed.json("rollback", "notes", "1.0.0")["version"] == "1.0.4"
    assert renamed.git("status", "--porcelain") == ""


def test_lists_have_it_once_under_its_name(renamed):
    more(renamed, "letters")
    listed = renamed.json("list", "--all")["datasets"]
    assert [(each["name"], each["latest"], each["versions"]) for each in listed] == [("letters", "1.0.2", 3)]
    versions = [(each["dataset"], each["version"], each["git_tag"]) for each in renamed.json("log")["versions"]]
    assert versions[0] == ("letters", "1.0.2", "letters@v1.0.2")
    assert versions[2] == ("letters", "1.0.0", "notes@v1.0.0")
    grown = json.dumps([renamed.json("list", "--all"), renamed.json("log"), renamed.json("search", "letters")])
    renamed.dsv("index", "rebuild")
    anew = json.dumps([renamed.json("list", "--all"), renamed.json("log"), renamed.json("search", "letters")])
    assert grown == anew


def test_which_looks_through_all_its_versions(renamed):
    more(renamed, "letters")
    found = renamed.json("which", "letters", "--id", "r3")["versions"]
    assert {(each["dataset"], each["version"]) for each in found} == {
        ("notes", "1.0.0"),
        ("notes", "1.0.1"),
        ("letters", "1.0.2"),
    }


def test_what_happened_under_either_name_counts(released):
    released.dsv("deprecate", "notes@1.0.0", "--reason", "old")
    released.dsv("promote", "notes@1.0.0", "prod")
    released.dsv("rename", "notes", "letters")
    assert released.json("show", "letters@prod")["status"] == "deprecated"
    released.dsv("restore", "letters@1.0.0")
    released.dsv("demote", "notes", "prod")
    assert released.json("show", "notes@1.0.0")["status"] == "active"
    assert released.git("tag", "-l", "*#*").split() == ["notes#prod!#2", "notes#prod#1"]
    kinds = [each["event"] for each in released.json("log", "letters", "--events")["events"]]
    assert sorted(kinds) == ["demote", "deprecate", "promote", "release", "rename", "rename", "restore"]


def test_renamed_twice_all_three_names_find_it(renamed):
    renamed.dsv("rename", "notes", "post")
    for name in ("notes", "letters", "post"):
        assert renamed.json("show", f"{name}@1.0.0")["version"] == "1.0.0"
    assert more(renamed, "letters")["dataset"] == "post"
    assert [each["name"] for each in renamed.json("list", "--all")["datasets"]] == ["post"]


@pytest.mark.heavy
def test_a_name_is_never_used_again(renamed):
    renamed.records("data/papers/a.jsonl", numbered(2))
    renamed.dsv("add", "data/papers")
    renamed.records("data/other/a.jsonl", numbered(3))
    for name in ("notes", "Notes", "papers", "PAPERS", "LETTERS"):
        renamed.refused("rename", "letters", name, code=20, kind="exists")
        renamed.refused("add", "data/other", "--name", name, code=20, kind="exists")
    renamed.refused("rename", "letters", "letters", code=2, kind="usage")
    renamed.refused("rename", "letters", "a b", code=30, kind="name")
    renamed.refused("rename", "nothing", "something", code=10, kind="no_dataset")
    renamed.refused("rename", "notes", "work", code=30, kind="name")


def test_the_schema_of_its_records_goes_with_it(released):
    released.write("manifests/notes/schema.json", "{}\n")
    declaration = released.read("manifests/notes/dataset.yaml") + "record_schema: schema.json  # ours\n"
    released.write("manifests/notes/dataset.yaml", declaration)
    released.refused("rename", "notes", "letters", code=20, kind="conflict")
    released.git("add", "-A")
    released.git("commit", "-qm", "A schema")
    released.dsv("rename", "notes", "letters")
    assert released.read("manifests/letters/schema.json") == "{}\n"
    assert "record_schema: schema.json  # ours" in released.read("manifests/letters/dataset.yaml")
    assert released.git("status", "--porcelain") == ""


def test_a_dataset_without_a_version_is_renamed_too(repo):
    repo.records("data/notes/a.jsonl", numbered(2))
    repo.dsv("add", "data/notes", "--no-release")
    repo.dsv("rename", "notes", "letters")
    assert repo.json("bump", "notes")["manifest"]["dataset"] == "letters"
    assert repo.git("status", "--porcelain") == ""


@pytest.mark.heavy
def test_plain_dvc_users_find_it(renamed, tmp_path):
    more(renamed, "letters")
    for name, records in (("letters", 81), ("notes", 81)):
        out = tmp_path / name
        renamed.dvc("artifacts", "get", str(renamed.root), name, "-o", str(out))
        assert len((out / "train.jsonl").read_text().splitlines()) == records


def test_versions_of_a_branch_that_did_not_know_of_it_belong_to_it_after_the_merge(released):
    released.git("checkout", "-qb", "side")
    done = more(released, "notes")
    assert done["version"] == "1.0.1"
    released.git("checkout", "-q", "main")
    released.dsv("checkout", "notes@1.0.0")
    released.dsv("rename", "notes", "letters")
    released.git("merge", "-q", "--no-edit", "side")
    assert released.json("show", "letters")["version"] == "1.0.1"
    assert released.json("check")["ok"]
