"""What arrives is held against its digests; what one remote has damaged, or lost, comes from another."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dsv.adapters import dvc
from tests.conftest import Scratch

FILE = "data/notes/train.jsonl"


@pytest.fixture
def ana(released: Scratch) -> Scratch:
    """Who released `notes@1.0.0`."""
    return released


@pytest.fixture
def bob(ana: Scratch, clone_of: Callable[[Scratch], Scratch], tmp_path: Path) -> Scratch:
    """A clone without data, with the remotes `one` and `two`, which both hold all of it."""
    bob = clone_of(ana)
    settings = "[core]\n    remote = one\n"
    for name in ("one", "two"):
        shutil.copytree(ana.root / ".dvc/cache", tmp_path / name)
        settings += f"['remote \"{name}\"']\n    url = {tmp_path}/{name}\n"
    bob.write(".dvc/config.local", settings)
    return bob


def place(bob: Scratch, storage: str, oid: str) -> Path:
    return bob.root.parent / storage / "files/md5" / oid[:2] / oid[2:]


def cached(bob: Scratch, oid: str) -> Path:
    return bob.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]


def oid_of(bob: Scratch, what: str) -> str:
    """The object of the list, of the file, or of the index's SHA256SUMS."""
    digests = bob.json("show", "notes")["digests"]
    top = str(digests["index" if what == "sums" else "dvc"]).removeprefix("md5:")
    if what == "list":
        return top
    listed = {each["relpath"]: each["md5"] for each in json.loads(place(bob, "two", top).read_bytes())}
    return str(listed["SHA256SUMS" if what == "sums" else "train.jsonl"])


def damage(file: Path, how: str) -> None:
    content = file.read_bytes()
    file.chmod(0o644)
    if how == "deleted":
        file.unlink()
    else:
        half = len(content) // 2
        file.write_bytes(content[:half] + (b"" if how == "cut short" else b"#" + content[half + 1 :]))
        file.chmod(0o444)


def left_behind(bob: Scratch) -> list[str]:
    """What lies beside the objects of the cache."""
    beside = bob.root / ".dvc/cache/files"
    return [name for name in os.listdir(beside) if name != "md5"] if beside.exists() else []


WAYS = [("flipped", "cut short", "deleted"), ("cut short", "deleted", "flipped"), ("deleted", "flipped", "cut short")]


@pytest.mark.parametrize("ways", WAYS, ids=" ".join)
def test_what_one_remote_has_damaged_comes_from_another(ana: Scratch, bob: Scratch, ways: tuple[str, ...]) -> None:
    oids = [oid_of(bob, what) for what in ("list", "file", "sums")]
    for oid, how in zip(oids, ways, strict=True):
        damage(place(bob, "one", oid), how)
    said = bob.dsv("pull", "--json")
    assert bob.tree("data/notes") == ana.tree("data/notes")
    bad = {each["object"]: each for each in said.json["bad"]}
    paths = ("data/notes", FILE, "manifests/notes/index/1.0.0/SHA256SUMS")
    for oid, path, how in zip(oids, paths, ways, strict=True):
        assert {name: bad[oid][name] for name in ("remote", "ref", "path", "expected")} == {
            "remote": "one",
            "ref": "notes@1.0.0",
            "path": path,
            "expected": f"md5:{oid.removesuffix('.dir')}",
        }
        assert (bad[oid]["actual"] is None) == (how == "deleted")
        assert f"the remote one {'lacks' if how == 'deleted' else 'has damaged bytes for'} {path} of" in said.stderr
        assert oid in said.stderr
    assert len(bad) == len(said.json["bad"]) == 3


def test_what_the_disk_of_one_remote_does_not_give_comes_from_another(bob: Scratch) -> None:
    oid = oid_of(bob, "file")
    damage(place(bob, "one", oid), "deleted")
    place(bob, "one", oid).mkdir()  # which refuses to be read, as a bad sector does
    (bad,) = bob.json("fetch")["bad"]
    assert (bad["remote"], bad["object"], bad["actual"]) == ("one", oid, "unreadable: it is no file")
    assert cached(bob, oid).read_bytes() == place(bob, "two", oid).read_bytes()


@pytest.mark.parametrize("how", ["flipped", "deleted"])
def test_what_no_remote_has_whole_is_refused_and_nothing_is_placed(bob: Scratch, how: str) -> None:
    oid = oid_of(bob, "file")
    for storage in ("one", "two"):
        damage(place(bob, storage, oid), how)
    error = bob.refused("pull", code=40, kind="missing_data" if how == "deleted" else "mismatch")
    assert "the remotes one and two" in error["message"]
    assert f"notes@1.0.0: {FILE}" in error["message"]
    assert [each["remote"] for each in error["details"]["deliveries"]] == ["one", "two"]
    assert not (bob.root / "data/notes").exists()
    assert not cached(bob, oid).exists()
    assert left_behind(bob) == []
    assert cached(bob, oid_of(bob, "list")).exists()  # what can be had is here


def test_bytes_with_the_right_md5_and_another_sha256_are_not_let_in(bob: Scratch) -> None:
    """A manifest vouches for SHA-256; here one that names another, since nobody can make files of one md5 at will."""
    sums = oid_of(bob, "sums")
    tree = bob.json("show", "notes")["digests"]["tree"]
    with dvc.remote(dvc.find_cache(str(bob.root))) as store:
        arrival = store.bring([sums], sha256={sums: "0" * 64})
    (damaged,) = arrival.damaged
    assert (damaged.expected, damaged.actual) == (f"sha256:{'0' * 64}", tree)
    assert not cached(bob, sums).exists()


def test_a_remote_that_does_not_answer_is_told_and_the_next_one_asked(bob: Scratch, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "one")
    (tmp_path / "one").write_text("not a directory")
    said = bob.dsv("pull")
    assert "the remote one" in said.stderr
    assert (bob.root / FILE).exists()
    shutil.rmtree(bob.root / ".dvc/cache")
    shutil.rmtree(bob.root / "data/notes")
    shutil.rmtree(tmp_path / "two")
    (tmp_path / "two").write_text("not a directory")
    said = bob.dsv("pull", "--json", code=50)
    assert said.error["message"].startswith("the remote one")
    assert "the remote two" in said.stderr


def test_the_named_remote_is_asked_first(bob: Scratch) -> None:
    oid = oid_of(bob, "file")
    damage(place(bob, "two", oid), "flipped")
    assert bob.json("fetch", "--remote", "one")["bad"] == []
    cached(bob, oid).unlink()
    fetched = bob.json("fetch", "--remote", "two")
    assert (fetched["remote"], [each["remote"] for each in fetched["bad"]]) == ("two", ["two"])
    bob.refused("fetch", "--remote", "three", code=10, kind="no_remote")


@pytest.mark.parametrize(("what", "how"), [("list", "cut short"), ("file", "flipped")])
def test_a_damaged_object_of_the_cache_is_quarantined_and_replaced(bob: Scratch, what: str, how: str) -> None:
    bob.dsv("pull")
    oid = oid_of(bob, what)
    whole = cached(bob, oid).read_bytes()
    damage(cached(bob, oid), how)
    bad_bytes = cached(bob, oid).read_bytes()
    shutil.rmtree(bob.root / "data/notes")
    pulled = bob.json("pull")
    assert [(each["remote"], each["object"]) for each in pulled["bad"]] == [(None, oid)]
    assert pulled["fetched"]["objects"] == 1
    assert cached(bob, oid).read_bytes() == whole
    kept = [file for file in (bob.root / ".git/dsv/quarantine").rglob("*") if file.is_file()]
    assert [file.read_bytes() for file in kept] == [bad_bytes]
    assert kept[0].name.startswith(oid)


def test_fetch_sees_an_object_of_the_cache_that_was_cut_short(bob: Scratch) -> None:
    bob.dsv("fetch")
    oid = oid_of(bob, "file")
    damage(cached(bob, oid), "cut short")
    assert [each["object"] for each in bob.json("fetch")["bad"]] == [oid]
    assert bob.json("fetch")["bad"] == []


def test_data_of_a_removed_version_need_not_be_anywhere(bob: Scratch) -> None:
    oid = oid_of(bob, "file")
    for storage in ("one", "two"):
        damage(place(bob, storage, oid), "deleted")
    bob.dsv("remove", "notes@1.0.0", "--reason", "The disk died")
    assert bob.json("pull", "notes@1.0.0")["datasets"] == []
    said = bob.dsv("fetch", "--all", "--json")
    assert "the data of notes@1.0.0, removed, cannot be had" in said.stderr
    assert said.json["datasets"] == []


KILLED = """
import os, signal, sys
import dsv
from dsv.adapters.dvc import receiving
receiving._SETTLE_SECONDS = 0
calls = 0
def die(what, done, total, records=0):
    global calls
    calls += 1
    if calls == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
dsv.open(".", progress=die).fetch()
"""


@pytest.mark.heavy
def test_a_fetch_that_is_killed_leaves_nothing_half_and_the_next_one_goes_on(bob: Scratch) -> None:
    whole = objects_in(bob.root.parent / "one/files/md5")
    cache = bob.root / ".dvc/cache/files/md5"
    for calls in (2, 7):
        done = subprocess.run([sys.executable, "-c", KILLED, str(calls)], cwd=bob.root, check=False)
        assert done.returncode == -signal.SIGKILL
        there = objects_in(cache)
        assert there.items() < whole.items()
        assert left_behind(bob)
    assert there  # of the second run, which came further
    fetched = bob.json("fetch")["fetched"]
    assert fetched["objects"] == len(whole) - len(there)
    assert objects_in(cache) == whole
    assert left_behind(bob) == []


def objects_in(top: Path) -> dict[str, bytes]:
    return {path.parent.name + path.name: path.read_bytes() for path in top.glob("*/*")}
