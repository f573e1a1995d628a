"""`dsv gc`: what nothing needs goes, into the trash first, and whatever something needs stays."""

from __future__ import annotations

import os
import shutil

import pytest

import dsv
from tests.cli.collecting import collect, going, objects, pointer, stray, stray_list, trash
from tests.conftest import Scratch, numbered


@pytest.fixture
def littered(released: Scratch) -> Scratch:
    """`notes` at 1.0.0, a directory in the cache that nothing names, and a file."""
    stray_list(released, {"old.jsonl": "old records", "sub/older.jsonl": "older records"})
    stray(released, "a file")
    return released


def next_release(repo: Scratch, *options: str, more: int = 5) -> str:
    """The number of the next version of `notes`, with so many records more."""
    repo.records("data/notes/train.jsonl", [*numbered(80), *numbered(more, start=100)])
    return str(repo.json("bump", "notes", *options)["version"])


def test_what_would_go_is_named_and_stays_where_it_is(littered: Scratch) -> None:
    before = objects(littered)
    document = collect(littered)
    assert document["dry_run"] is True
    assert (document["objects"], len(before)) == (4, document["kept"]["objects"] + 4)
    assert {each["path"] for each in document["unneeded"]} == {"old.jsonl", "sub/older.jsonl", None}
    said = littered.dsv("gc", "--dry-run", "--older-than", "0").stdout
    assert "sub/older.jsonl" in said
    assert "4 objects" in said.splitlines()[-1]
    assert objects(littered) == before
    assert not trash(littered)


def test_what_came_a_short_time_ago_is_left_alone_because_somebody_may_be_about_to_name_it(littered: Scratch) -> None:
    document = littered.json("gc", "--apply")
    assert (document["objects"], document["recent"]["objects"]) == (0, 4)
    assert not trash(littered)


def test_what_goes_lies_in_the_trash_for_two_weeks_and_is_deleted_by_a_later_call(littered: Scratch) -> None:
    before = objects(littered)
    document = collect(littered, "--apply")
    assert (document["dry_run"], document["objects"], document["deleted"]["objects"]) == (False, 4, 0)
    assert set(trash(littered)) == before - objects(littered)
    day = next((littered.root / ".dvc/cache/dsv-trash").iterdir())
    assert littered.json("gc", "--apply")["trash"]["objects"] == 4
    day.rename(day.with_name("2026-01-01"))
    assert littered.json("gc")["deleted"]["objects"] == 4
    assert len(trash(littered)) == 4
    assert littered.json("gc", "--apply")["deleted"]["objects"] == 4
    assert not (littered.root / ".dvc/cache/dsv-trash").exists()


def test_the_trash_can_be_put_back_and_be_emptied_at_once(littered: Scratch) -> None:
    before = objects(littered)
    collect(littered, "--apply")
    assert littered.json("gc", "--restore")["restored"]["objects"] == 4
    assert objects(littered) == before
    collect(littered, "--apply")
    assert littered.json("gc", "--empty-trash")["deleted"]["objects"] == 4
    assert not trash(littered)
    littered.refused("gc", "--apply", "--restore", code=2, kind="usage")


def test_what_is_named_again_comes_back_from_the_trash_and_is_never_deleted(littered: Scratch) -> None:
    name = stray_list(littered, {"again.txt": "once more"})
    collect(littered, "--apply")
    littered.write("again.dvc", pointer(name, "again"))
    assert collect(littered, "--empty-trash")["restored"]["objects"] == 2
    assert name in objects(littered)


def test_released_versions_pass_verify_and_plain_dvc_brings_back_each_of_them(littered: Scratch) -> None:
    tag = f"notes@v{next_release(littered)}"
    assert collect(littered, "--apply")["objects"] == 4
    assert littered.json("verify", "--all")["ok"] is True
    assert "up to date" in littered.dvc("status")
    for each, count in ((tag, 85), ("notes@v1.0.0", 80)):
        littered.git("checkout", "-q", each)
        littered.dvc("checkout", "data/notes.dvc")
        assert len(littered.read("data/notes/train.jsonl").splitlines()) == count
    littered.git("checkout", "-q", "main")
    littered.dvc("gc", "--all-commits", "--force")
    assert len(trash(littered)) == 4, "DVC takes what is in the trash for no object"


def test_a_manifest_keeps_its_version_where_no_commit_has_its_pointer(released: Scratch) -> None:
    """A squash merge leaves the manifests of all versions and the pointer of the last one."""
    repo = released
    start = repo.git("rev-parse", "HEAD").strip()
    for count in (5, 6):
        next_release(repo, "--no-tag", more=count)
    repo.git("reset", "-q", "--soft", start)
    repo.git("commit", "-q", "-m", "squashed")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert going(repo) == set()


def test_undone_releases_are_kept_for_as_long_as_git_keeps_their_commits(released: Scratch) -> None:
    repo = released
    repo.dsv("undo", f"notes@{next_release(repo)}")
    repo.dsv("checkout", "notes@1.0.0", "--force")
    assert going(repo) == set()
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert len(going(repo)) >= 2


def test_python_has_the_same(littered: Scratch) -> None:
    repo = dsv.open(str(littered.root))
    assert len(repo.gc(older_than=0).plan.thrown) == 4
    assert repo.gc("apply", older_than=0).document()["objects"] == 4
    assert len(repo.gc("restore").plan.brought_back) == 4


def test_a_cache_outside_of_the_repository_is_collected_only_by_its_sole_owner(littered: Scratch) -> None:
    outside = littered.root.parent / "cache"
    shutil.move(littered.root / ".dvc/cache", outside)
    littered.write(".dvc/config.local", f"[cache]\n    dir = {outside}\n")
    assert "--sole-owner" in littered.dsv("gc", "--older-than", "0").stderr
    error = littered.refused("gc", "--apply", "--older-than", "0", code=20, kind="conflict")
    assert "--sole-owner" in error["hint"]
    assert collect(littered, "--apply", "--sole-owner")["objects"] == 4
    assert len(list((outside / "dsv-trash").glob("*/*"))) == 4


@pytest.mark.heavy
def test_while_dvc_is_at_work_nothing_moves(littered: Scratch) -> None:
    import zc.lockfile

    before = objects(littered)
    (littered.root / ".dvc/tmp").mkdir(exist_ok=True)
    lock = zc.lockfile.LockFile(str(littered.root / ".dvc/tmp/lock"))
    try:
        said = littered.json("gc", "--apply", "--older-than", "0", code=20)
    finally:
        lock.close()
    assert said["error"]["kind"] == "locked"
    assert objects(littered) == before


@pytest.mark.parametrize("setting", ["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS"])
def test_how_a_shell_wants_git_to_read_patterns_hides_nothing(
    released: Scratch, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray(released, "junk")
    released.write("deep/er/x.dvc", pointer(stray(released, "needed"), "x"))
    monkeypatch.setenv(setting, "1")
    assert collect(released)["objects"] == 1


def test_files_that_are_no_objects_are_left_alone(littered: Scratch) -> None:
    strange = [".dvc/cache/files/md5/ab/notes.txt", ".dvc/cache/files/md5/readme", ".dvc/cache/ab/" + "c" * 30]
    for path in strange:
        littered.write(path, "not an object of DVC 3")
    os.symlink("/etc/hostname", littered.root / ".dvc/cache/files/md5/ab" / ("d" * 30))
    assert collect(littered, "--apply")["objects"] == 4
    assert all((littered.root / path).exists() for path in strange)
