"""Stages: dsv finds them by events, GTO and DVC by tags."""

from __future__ import annotations

import os
import sys

import pytest

from tests.conftest import call, numbered


@pytest.fixture
def two(released):
    """The dataset `notes` at 1.0.0 and 1.0.1, which has a record more."""
    released.records("data/notes/train.jsonl", [*numbered(80), *numbered(1, start=100)])
    released.dsv("bump", "notes", "-m", "One more")
    return released


def gto(repo, *arguments):
    """What the plain GTO command prints."""
    program = os.path.join(os.path.dirname(sys.executable), "gto")
    return call(program, *arguments, cwd=repo.root)


def test_a_stage_finds_the_version_that_was_promoted(two):
    two.dsv("promote", "notes@1.0.0", "prod", "--reason", "tested")
    assert two.json("show", "notes@prod")["version"] == "1.0.0"
    assert two.json("show", "notes#prod")["stages"] == ["prod"]
    two.dsv("promote", "notes", "prod")
    assert two.json("show", "notes@prod")["version"] == "1.0.1"
    assert two.json("show", "notes@1.0.0")["stages"] == []
    two.refused("promote", "notes@1.0.1", "prod", code=20, kind="exists")
    assert two.git("status", "--porcelain") == ""


def test_lists_tell_stages_and_are_narrowed_by_them(two):
    two.dsv("promote", "notes@1.0.0", "dev")
    listed = two.json("list", "--stage", "dev")["datasets"][0]
    assert (listed["stages"], listed["stage_versions"]) == (["dev"], {"dev": "1.0.0"})
    assert two.json("list", "--stage", "prod")["total"] == 0
    assert [each["version"] for each in two.json("search", "notes", "--stage", "dev")["results"]] == ["1.0.0"]
    assert "dev 1.0.0" in two.dsv("list").stdout


def test_a_demoted_stage_is_no_version(two):
    two.dsv("promote", "notes@1.0.0", "prod")
    two.refused("demote", "notes@1.0.1", "prod", code=20, kind="conflict")
    two.dsv("demote", "notes", "prod")
    error = two.refused("show", "notes@prod", code=10, kind="no_version")
    assert "no stage prod" in error["message"]


def test_a_stage_that_is_a_yanked_version_is_found_no_more(two):
    two.dsv("promote", "notes@1.0.1", "prod")
    said = two.dsv("yank", "notes@1.0.1", "--reason", "wrong")
    assert "notes@prod is found no more" in said.stderr
    error = two.refused("show", "notes@prod", code=10, kind="no_version")
    assert "1.0.1, which is yanked" in error["message"]
    two.refused("promote", "notes@1.0.1", "dev", code=20, kind="conflict")
    two.dsv("restore", "notes@1.0.1")
    assert two.json("show", "notes@prod")["version"] == "1.0.1"


def test_any_stage_may_be_named_where_the_vocabulary_is_empty(two):
    two.write("dsv.yaml", "schema: 1\nvocabulary: {stages: []}\n")
    two.dsv("promote", "notes", "x")
    assert two.json("show", "notes#x")["version"] == "1.0.1"


def test_a_version_without_a_tag_has_its_stage_for_dsv_alone(two):
    two.records("data/notes/train.jsonl", [*numbered(80), *numbered(2, start=100)])
    two.dsv("bump", "notes", "--no-tag")
    said = two.dsv("promote", "notes@1.0.2", "prod")
    assert "no release tag" in said.stderr
    assert two.json("show", "notes@prod")["version"] == "1.0.2"
    assert two.git("tag", "-l", "notes#*") == ""
    two.dsv("demote", "notes", "prod")


@pytest.mark.heavy
def test_gto_and_dvc_are_told_of_a_stage(two, tmp_path):
    two.dsv("promote", "notes@1.0.0", "prod")
    assert gto(two, "show", "notes#prod", "--ref").strip() == "notes@v1.0.0"
    two.dvc("artifacts", "get", str(two.root), "notes", "--stage", "prod", "-o", str(tmp_path / "got"))
    assert len((tmp_path / "got" / "train.jsonl").read_text().splitlines()) == 80


@pytest.mark.heavy
def test_gto_is_told_that_a_stage_is_no_version_though_another_had_it_before(two, monkeypatch):
    for version, second in (("1.0.0", "01"), ("1.0.1", "02")):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2090-01-01T00:00:{second}Z")
        two.dsv("promote", f"notes@{version}", "prod")
    assert gto(two, "show", "notes#prod", "--ref").strip() == "notes@v1.0.1"
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2090-01-01T00:00:03Z")
    two.dsv("demote", "notes", "prod")
    assert gto(two, "show", "notes#prod", "--ref").strip() in ("", "Nothing found in the current workspace")
    assert two.git("tag", "-l", "notes#*").split() == [
        "notes#prod!#3", "notes#prod!#4", "notes#prod#1", "notes#prod#2",
    ]  # fmt: skip


@pytest.mark.heavy
def test_below_the_root_of_git_the_tag_names_the_directory(scratch, tmp_path):
    below = scratch.root / "teams" / "nlp"
    below.mkdir(parents=True)
    scratch.dvc("init", "--subdir", "-q", cwd=below)
    scratch.git("add", "-A")
    scratch.git("commit", "-qm", "DVC below")
    scratch.dsv("init", cwd=below)
    scratch.records("teams/nlp/data/notes.jsonl", numbered(3))
    scratch.dsv("add", "data/notes.jsonl", cwd=below)
    scratch.dsv("promote", "notes", "prod", cwd=below)
    assert scratch.git("tag", "-l", "*#*").split() == ["teams/nlp=notes#prod#1"]
    out = tmp_path / "got"
    scratch.dvc("artifacts", "get", str(scratch.root), "teams/nlp:notes", "--stage", "prod", "-o", str(out))
    assert len(out.read_text().splitlines()) == 3


def test_a_push_tells_gto_elsewhere(two, tmp_path):
    call("git", "init", "-q", "--bare", str(tmp_path / "there.git"), cwd=tmp_path)
    two.git("remote", "add", "origin", str(tmp_path / "there.git"))
    two.dsv("remote", "add", "store", str(tmp_path / "store"), "--default")
    two.git("commit", "-qam", "A remote", check=False)
    two.dsv("promote", "notes", "prod")
    assert "notes#prod#1" in two.json("push")["tags"]
    assert "refs/tags/notes#prod#1" in two.git("ls-remote", "origin")
    assert two.json("push")["tags"] == []
