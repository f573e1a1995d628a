"""`dsv fetch`: data and record indexes from a DVC remote, each object held against its name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import dsv
from tests.conftest import Scratch, numbered

OBJECTS = "files/md5"


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """`notes` in three versions and `words` in one, all pushed to the directory `remote` beside the repository."""
    root = tmp_path_factory.mktemp("pushed")
    scratch = Scratch(root / "repo")
    scratch.root.mkdir()
    scratch.dsv("init", "--git")
    scratch.dvc("remote", "add", "-q", "-d", "store", str(root / "remote"))
    scratch.git("commit", "-qam", "A remote")
    for count in (20, 21, 22):
        scratch.records("data/notes/all.jsonl", numbered(count))
        scratch.dsv(*(("add", "data/notes", "--key", "id") if count == 20 else ("bump", "notes")))
    scratch.write("data/words.jsonl", '"a"\n"b"\n')
    scratch.dsv("add", "data/words.jsonl")
    scratch.dvc("push", "-q", "--all-tags")
    return scratch


@pytest.fixture
def clone(pushed: Scratch, clone_of: Callable[..., Scratch], tmp_path: Path) -> Scratch:
    """A clone without any data, with a remote of its own to damage."""
    shutil.copytree(pushed.root.parent / "remote", tmp_path / "remote")
    clone = clone_of(pushed)
    clone.write(".dvc/config.local", f"['remote \"store\"']\n    url = {tmp_path / 'remote'}\n")
    return clone


def objects(cache: Path) -> dict[str, bytes]:
    top = cache / OBJECTS
    return {path.parent.name + path.name: path.read_bytes() for path in sorted(top.glob("??/*"))}


def cached(scratch: Scratch) -> dict[str, bytes]:
    return objects(scratch.root / ".dvc/cache")


def remote_file(scratch: Scratch, oid: str) -> Path:
    return scratch.root.parent / "remote" / OBJECTS / oid[:2] / oid[2:]


def index_of(scratch: Scratch, version: str) -> list[str]:
    """The objects of a version's record index, the list of them first."""
    oid = scratch.json("show", f"notes@{version}")["digests"]["index"].removeprefix("md5:")
    return [oid, *(each["md5"] for each in json.loads(remote_file(scratch, oid).read_bytes()))]


def test_the_indexes_alone_answer_which_and_diff(pushed, clone):
    missing = clone.json("which", "--id", "r20", code=10)["unsearched"]
    assert missing == ["notes@1.0.2", "notes@1.0.1", "notes@1.0.0"]  # words has no key
    said = clone.json("fetch", "--index", "--all")
    assert [each["ref"] for each in said["datasets"]] == ["notes@1.0.2", "notes@1.0.1", "notes@1.0.0", "words@1.0.0"]
    assert said["datasets"][1]["path"] == "manifests/notes/index/1.0.1"
    assert (said["datasets"][1]["files"], said["remote"]) == (2, "store")
    assert said["fetched"] == {"objects": len(cached(clone)), "bytes": sum(map(len, cached(clone).values()))}
    data = {each["digests"]["dvc"] for each in (pushed.json("show", name) for name in ("notes@1.0.0", "words"))}
    assert data.isdisjoint(f"md5:{oid}" for oid in cached(clone))
    assert [each["version"] for each in clone.json("which", "--id", "r20")["versions"]] == ["1.0.2", "1.0.1"]
    assert clone.json("which", "--id", "r20") == pushed.json("which", "--id", "r20")
    assert clone.json("diff", "notes@1.0.0", "1.0.2") == pushed.json("diff", "notes@1.0.0", "1.0.2")
    assert clone.git("status", "--porcelain") == ""


def test_without_references_it_is_what_is_checked_out(clone):
    assert [each["ref"] for each in clone.json("fetch", "--index")["datasets"]] == ["notes@1.0.2", "words@1.0.0"]
    assert clone.json("which", "--id", "r20")["unsearched"] == ["notes@1.0.1", "notes@1.0.0"]
    clone.git("checkout", "-q", "notes@v1.0.1")
    assert [each["ref"] for each in clone.json("fetch")["datasets"]] == ["notes@1.0.1"]


def test_only_the_named_versions_are_fetched(clone):
    said = clone.json("fetch", "--index", "notes@1.0.0", "notes@1.0.0")
    assert [each["ref"] for each in said["datasets"]] == ["notes@1.0.0"]
    assert set(cached(clone)) == set(index_of(clone, "1.0.0"))


def test_data_comes_with_its_index_and_can_be_checked_out(pushed, clone):
    said = clone.json("fetch", "notes@1.0.1", "words")
    assert [(each["ref"], each["path"], each["files"]) for each in said["datasets"]] == [
        ("notes@1.0.1", "data/notes", 1),
        ("words@1.0.0", "data/words.jsonl", 1),
    ]
    assert said["datasets"][1]["bytes"] == 8
    clone.dsv("checkout", "notes@1.0.1", "--to", "there")
    assert (clone.root / "there/all.jsonl").read_text().count("\n") == 21
    assert clone.json("which", "--id", "r20")["found"]


def test_what_is_here_is_not_fetched_again(clone):
    clone.dsv("fetch", "--all")
    before = {path: path.stat().st_mtime_ns for path in (clone.root / ".dvc/cache").rglob("*")}
    said = clone.json("fetch", "--all")
    assert said["fetched"] == {"objects": 0, "bytes": 0}
    assert len(said["datasets"]) == 4
    assert {path: path.stat().st_mtime_ns for path in (clone.root / ".dvc/cache").rglob("*")} == before
    assert clone.dsv("fetch", "--all").stdout.splitlines()[-1] == "nothing new: all of it is here"


def test_what_was_fetched_is_as_dvc_fetch_leaves_it(clone):
    clone.dsv("fetch", "--all")
    ours = cached(clone), {oct(path.stat().st_mode) for path in (clone.root / ".dvc/cache" / OBJECTS).glob("??/*")}
    shutil.rmtree(clone.root / ".dvc/cache")
    clone.dvc("fetch", "-q", "--all-tags")
    assert ours == (
        cached(clone),
        {oct(path.stat().st_mode) for path in (clone.root / ".dvc/cache" / OBJECTS).glob("??/*")},
    )
    assert clone.json("fetch", "--all")["fetched"]["objects"] == 0


@pytest.mark.parametrize("which", [0, 2], ids=["list", "pack"])
def test_a_damaged_object_is_removed_again_and_the_others_stay(clone, which):
    damaged = index_of(clone, "1.0.1")[which]
    remote_file(clone, damaged).chmod(0o644)
    remote_file(clone, damaged).write_bytes(remote_file(clone, damaged).read_bytes() + b" ")
    error = clone.refused("fetch", "--index", "--all", code=40, kind="mismatch")
    assert "notes@1.0.1" in error["message"]
    assert error["details"]["refs"] == ["notes@1.0.1"]
    assert damaged not in cached(clone)
    assert set(index_of(clone, "1.0.0")) <= set(cached(clone))
    assert clone.json("which", "--id", "r20")["unsearched"] == ["notes@1.0.1"]


@pytest.mark.parametrize("which", [0, 2], ids=["list", "pack"])
def test_what_the_remote_lacks_is_named_and_the_rest_is_fetched(clone, which):
    lost = index_of(clone, "1.0.1")[which]
    remote_file(clone, lost).unlink()
    error = clone.refused("fetch", "--index", "--all", code=40, kind="missing_data")
    details = {"refs": ["notes@1.0.1"], "objects": [lost], "count": 1}
    assert {name: error["details"][name] for name in details} == details
    assert "dsv push" in error["hint"]
    assert clone.json("which", "--id", "r20")["unsearched"] == ["notes@1.0.1"]


def test_without_a_remote_it_says_so(released):
    for options in ([], ["--index"], ["--index", "--all"], ["notes@1.0.0"]):
        assert "dsv remote add" in released.refused("fetch", *options, code=10, kind="no_remote")["hint"]


def test_a_default_remote_that_is_not_declared_is_none(released):
    released.dvc("remote", "add", "-q", "-d", "store", "/nowhere")
    released.write(".dvc/config.local", "[core]\n    remote = stor\n")
    assert released.refused("fetch", code=10, kind="no_remote")["details"]["remotes"] == ["store"]


def test_a_remote_that_cannot_be_read_is_a_remote_error(clone):
    shutil.rmtree(clone.root.parent / "remote")
    (clone.root.parent / "remote").write_text("a file where a directory was")
    assert "is no directory" in clone.refused("fetch", "--index", code=50, kind="remote")["message"]


@pytest.mark.parametrize(
    "arguments", [["notes@work"], ["notes@git:HEAD"], ["notes", "--all"], ["notes@@"]], ids=" ".join
)
def test_what_cannot_be_fetched_is_refused(clone, arguments):
    clone.refused("fetch", *arguments, code=2, kind="usage")


def test_an_unknown_version_is_refused(clone):
    clone.refused("fetch", "notes@9.0.0", code=10, kind="no_version")
    clone.refused("fetch", "nots", code=10, kind="no_dataset")


def test_a_linked_worktree_fetches_into_the_cache_of_the_main_one(clone, tmp_path):
    clone.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Scratch(tmp_path / "linked")
    linked.write(".dvc/config.local", clone.read(".dvc/config.local"))
    linked.dsv("fetch", "--index", "notes@1.0.0")
    assert set(index_of(clone, "1.0.0")) <= set(cached(clone))


def test_the_python_twin_fetches_too(clone):
    fetched = dsv.open(str(clone.root)).fetch(index=True, all=True)
    assert [each.reference for each in fetched.datasets][-1] == "words@1.0.0"
    assert (fetched.remote, fetched.objects) == ("store", len(cached(clone)))
    assert dsv.open(str(clone.root)).fetch("words").objects == 1
