"""`dsv gc --remote`: what nothing needs goes from a remote, which others may use as well."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.collecting import objects, pointer, stray, stray_list, trash
from tests.conftest import Scratch

ALONE = ("--remote", "store", "--sole-owner")


@pytest.fixture
def stored(released: Scratch, tmp_path: Path) -> tuple[Scratch, Scratch]:
    """`notes` and the directory that it was pushed to, which has a directory more, and a file."""
    released.dsv("remote", "add", "store", str(tmp_path / "store"), "--default")
    shutil.copytree(released.root / ".dvc/cache/files", tmp_path / "store/files")
    store = Scratch(tmp_path / "store")
    stray_list(store, {"old.jsonl": "old records"}, top=".")
    stray(store, "a file", top=".")
    return released, store


def test_only_somebody_who_says_that_no_other_project_uses_the_remote_collects_there(
    stored: tuple[Scratch, Scratch],
) -> None:
    repo, store = stored
    before = objects(store, ".")
    shown = repo.dsv("gc", "--remote", "store", "--older-than", "0")
    assert "3 objects" in shown.stdout
    assert "--sole-owner" in shown.stderr
    error = repo.refused("gc", "--remote", "store", "--older-than", "0", "--apply", code=20, kind="conflict")
    assert "--sole-owner" in error["hint"]
    assert objects(store, ".") == before


def test_what_came_in_the_last_two_weeks_stays_because_data_is_pushed_before_its_commit(
    stored: tuple[Scratch, Scratch],
) -> None:
    repo, store = stored
    before = objects(store, ".")
    assert repo.json("gc", *ALONE, "--apply")["recent"]["objects"] == 3
    assert objects(store, ".") == before


def test_what_went_from_a_remote_lies_beside_it_where_plain_dvc_does_not_look(stored: tuple[Scratch, Scratch]) -> None:
    repo, store = stored
    before = objects(store, ".")
    document = repo.json("gc", *ALONE, "--apply", "--older-than", "0")
    assert (document["remote"], document["objects"]) == ("store", 3)
    assert objects(store, ".") | trash(store, ".").keys() == before
    repo.dvc("gc", "--workspace", "--all-commits", "--cloud", "--force")
    assert len(trash(store, ".")) == 3
    assert repo.json("gc", "--remote", "store", "--restore")["restored"]["objects"] == 3
    assert objects(store, ".") == before


def test_plain_dvc_sends_what_went_when_it_is_needed_again(stored: tuple[Scratch, Scratch]) -> None:
    repo, store = stored
    repo.write("extra.dvc", pointer(stray_list(repo, {"x.txt": "needed for a while"}), "extra"))
    repo.dvc("push", "-q", "extra.dvc")
    (repo.root / "extra.dvc").rename(repo.root / "set-aside")
    assert repo.json("gc", *ALONE, "--apply", "--older-than", "0")["objects"] == 5
    (repo.root / "set-aside").rename(repo.root / "extra.dvc")
    repo.dvc("push", "-q", "extra.dvc")
    assert len(objects(store, ".") & trash(store, ".").keys()) == 2


def test_what_only_stages_of_the_remote_s_run_cache_name_is_kept(stored: tuple[Scratch, Scratch]) -> None:
    repo, store = stored
    result = stray(store, "a result", top=".")
    store.write("runs/aa/aabb/ccdd", f"outs:\n- path: o\n  md5: {result}\n")
    assert result not in {each["object"] for each in repo.json("gc", *ALONE, "--older-than", "0")["unneeded"]}


def test_a_remote_that_does_not_exist_is_named(stored: tuple[Scratch, Scratch]) -> None:
    assert "'other'" in stored[0].refused("gc", "--remote", "other", code=10, kind="no_remote")["message"]


def test_a_remote_that_can_only_be_read_is_refused(released: Scratch) -> None:
    released.dsv("remote", "add", "web", "http://127.0.0.1:9/data")
    assert "web" in released.refused("gc", "--remote", "web", code=50, kind="unsupported")["message"]
