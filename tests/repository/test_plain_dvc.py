"""Somebody who only knows DVC and git works with a repository that only dsv wrote, and loses nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered

NOTES = "data/notes"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A repository that only dsv wrote: `notes` at 1.0.0, 1.1.0 and back again, and `Eval_Set`, one file."""
    root = tmp_path_factory.mktemp("story") / "repo"
    root.mkdir()
    call("git", "init", "-q", "-b", "main", cwd=root)
    repo = Scratch(root)
    repo.dsv("init")
    repo.dvc("remote", "add", "-q", "-d", "store", str(root.parent / "remote"))
    repo.git("commit", "-qam", "A remote")
    repo.records(f"{NOTES}/train.jsonl", numbered(80))
    repo.records(f"{NOTES}/test.jsonl", numbered(20, start=80))
    repo.dsv("add", NOTES, "--key", "id", "--description", "Notes, by hand")
    repo.records("data/eval.jsonl", numbered(7))
    repo.dsv("add", "data/eval.jsonl", "--name", "Eval_Set")
    repo.records(f"{NOTES}/more/extra.jsonl", numbered(30, start=100))
    repo.dsv("bump", "notes")
    repo.dsv("rollback", "notes", "1.0.0")
    repo.dvc("push", "-q")
    repo.dvc("push", "-q", "--all-tags")
    return repo


def first(repo: Scratch) -> dict[str, bytes]:
    """The files of notes 1.0.0 and, again, of 1.2.0."""
    return {name: content for name, content in repo.tree(NOTES).items() if not name.startswith("more/")}


@pytest.fixture
def clone(story: Scratch, clone_of: Callable[..., Scratch]) -> Scratch:
    """A clone of it, without any data yet."""
    return clone_of(story)


def test_status_finds_nothing_to_do(story: Scratch) -> None:
    assert story.dvc("status") == "Data and pipelines are up to date.\n"
    assert json.loads(story.dvc("status", "--json")) == {}
    assert story.dvc("data", "status") == "No changes.\n"
    assert story.git("status", "--porcelain") == ""


def test_pushed_once_there_is_nothing_left_to_push(story: Scratch) -> None:
    assert story.dvc("push", "--all-tags") == "Everything is up to date.\n"
    assert story.dvc("status", "--cloud") == "Cache and remote 'store' are in sync.\n"


def test_the_record_index_is_an_output_that_dvc_knows(story: Scratch) -> None:
    listed = story.dvc("list", ".", "--dvc-only", "--recursive").splitlines()
    assert [path for path in listed if "index" in path] == [
        "manifests/Eval_Set/index/1.0.0/SHA256SUMS",
        "manifests/Eval_Set/index/1.0.0/records-00.pack",
        "manifests/notes/index/1.2.0/SHA256SUMS",
        "manifests/notes/index/1.2.0/records-00.pack",
    ]


def test_pull_in_a_clone_brings_every_byte(story: Scratch, clone: Scratch) -> None:
    clone.dvc("pull", "-q")
    assert clone.tree("data") == story.tree("data")
    assert clone.tree("manifests/notes/index/1.2.0") == story.tree("manifests/notes/index/1.2.0")
    assert clone.dvc("status") == "Data and pipelines are up to date.\n"
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.heavy
def test_checkout_after_git_checkout_of_a_tag_brings_the_old_data_back(clone: Scratch) -> None:
    clone.dvc("fetch", "-q", "--all-tags")
    clone.git("checkout", "-q", "notes@v1.1.0")
    clone.dvc("checkout", "-q")
    assert sorted(clone.tree(NOTES)) == ["more/extra.jsonl", "test.jsonl", "train.jsonl"]
    assert clone.git("status", "--porcelain") == ""
    clone.git("checkout", "-q", "notes@v1.0.0")
    clone.dvc("checkout", "-q")
    assert sorted(clone.tree(NOTES)) == ["test.jsonl", "train.jsonl"]
    assert clone.dvc("status") == "Data and pipelines are up to date.\n"


def test_get_takes_a_version_by_its_tag(story: Scratch, tmp_path: Path) -> None:
    story.dvc("get", str(story.root), NOTES, "--rev", "notes@v1.0.0", "-o", str(tmp_path / "old"), cwd=tmp_path)
    assert Scratch(tmp_path).tree("old") == first(story)


def test_artifacts_get_takes_a_version_by_its_number(story: Scratch, tmp_path: Path) -> None:
    for name, version, out in (("notes", "v1.0.0", "old"), ("Eval_Set", "v1.0.0", "eval.jsonl")):
        story.dvc("artifacts", "get", str(story.root), name, "--rev", version, "-o", out, cwd=tmp_path)
    assert Scratch(tmp_path).tree("old") == first(story)
    assert (tmp_path / "eval.jsonl").read_text() == story.read("data/eval.jsonl")


def test_import_pins_a_version_by_its_tag(story: Scratch, tmp_path: Path) -> None:
    (tmp_path / "consumer").mkdir()
    consumer = Scratch(tmp_path / "consumer")
    consumer.git("init", "-q")
    consumer.dvc("init", "-q")
    consumer.dvc("import", "-q", str(story.root), NOTES, "--rev", "notes@v1.0.0", "-o", "notes")
    assert consumer.tree("notes") == first(story)
    assert "rev: notes@v1.0.0" in consumer.read("notes.dvc")


def test_diff_between_tags_names_the_files(story: Scratch) -> None:
    said = json.loads(story.dvc("diff", "--json", "notes@v1.0.0", "notes@v1.1.0"))
    added = {each["path"] for each in said["added"]}
    assert f"{NOTES}/more/extra.jsonl" in added
    assert [each["path"] for each in said["modified"]] == [f"{NOTES}/"]


def test_gc_that_keeps_tags_keeps_everything(story: Scratch, tmp_path: Path) -> None:
    shutil.copytree(story.root.parent, tmp_path / "copy", symlinks=True)
    copy = Scratch(tmp_path / "copy/repo")
    copy.write(".dvc/config.local", f"['remote \"store\"']\n    url = {tmp_path / 'copy/remote'}\n")
    before = copy.tree(".dvc/cache/files/md5"), Scratch(tmp_path / "copy").tree("remote")
    copy.dvc("gc", "-q", "-f", "--workspace", "--all-tags", "--cloud")
    assert (copy.tree(".dvc/cache/files/md5"), Scratch(tmp_path / "copy").tree("remote")) == before


def test_dsv_in_a_clone_after_dvc_pull_is_clean(clone: Scratch) -> None:
    clone.dvc("pull", "-q")
    assert {each["dataset"]: each["state"] for each in clone.json("status")["datasets"]} == {
        "notes": "clean",
        "Eval_Set": "clean",
    }
    assert [each["version"] for each in clone.json("log", "notes")["versions"]] == ["1.2.0", "1.1.0", "1.0.0"]
    assert clone.json("check")["ok"]
    assert clone.git("status", "--porcelain") == ""


def test_dsv_in_a_clone_compares_and_restores_what_dvc_fetched(story: Scratch, clone: Scratch) -> None:
    clone.dvc("fetch", "-q", "--all-tags")
    wanted = story.json("diff", "notes@1.0.0", "1.1.0")
    assert wanted["records"]["added"] == 30
    assert clone.json("diff", "notes@1.0.0", "1.1.0") == wanted
    clone.dsv("checkout", "notes@1.0.0")
    assert clone.tree(NOTES) == first(story)
    clone.dsv("checkout", "notes@1.1.0", "--to", "there")
    assert "more/extra.jsonl" in clone.tree("there")


def test_dsv_without_the_data_says_what_brings_it(clone: Scratch) -> None:
    assert {each["state"] for each in clone.json("status")["datasets"]} == {"missing"}
    for command in (("checkout", "notes@1.0.0"), ("diff", "notes@1.0.0", "1.1.0"), ("rollback", "notes", "1.1.0")):
        assert "dsv fetch" in clone.refused(*command, code=40, kind="missing_data")["hint"]
    assert clone.git("status", "--porcelain") == ""


def test_a_lost_record_index_is_made_again_from_the_data_byte_for_byte(story: Scratch, clone: Scratch) -> None:
    clone.dvc("fetch", "-q", "--all-tags")
    wanted = story.json("diff", "notes@1.0.0", "1.1.0")
    oids = [story.json("show", f"notes@{version}")["digests"]["index"][4:] for version in ("1.0.0", "1.1.0")]
    for oid in oids:
        listing = clone.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]
        for entry in json.loads(listing.read_text()):
            (clone.root / ".dvc/cache/files/md5" / entry["md5"][:2] / entry["md5"][2:]).unlink(missing_ok=True)
        listing.unlink()
    assert clone.json("diff", "notes@1.0.0", "1.1.0") == wanted
    made = clone.root / ".git/dsv/indexes" / oids[1].removesuffix(".dir")
    kept = {entry["md5"]: entry["relpath"] for entry in objects_of(story, oids[1])}
    assert {path.name for path in made.iterdir()} == set(kept.values())
    for md5, name in kept.items():
        stored = story.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        assert (made / name).read_bytes() == stored.read_bytes()


def objects_of(repo: Scratch, oid: str) -> list[dict[str, str]]:
    """What a directory object in DVC's cache lists."""
    listed: list[dict[str, str]] = json.loads(repo.read(f".dvc/cache/files/md5/{oid[:2]}/{oid[2:]}"))
    return listed


def test_a_clone_of_one_branch_or_of_one_commit_knows_every_version_by_its_manifests(
    story: Scratch, clone_of: Callable[..., Scratch]
) -> None:
    single = clone_of(story, "--single-branch", "--no-tags")
    shallow = Scratch(single.root.parent / "shallow")
    story.git("clone", "-q", "--depth", "1", f"file://{story.root}", str(shallow.root))
    for repo in (single, shallow):
        assert [each["version"] for each in repo.json("log", "notes")["versions"]] == ["1.2.0", "1.1.0", "1.0.0"]
        assert repo.json("show", "notes@^1.0")["version"] == "1.2.0"
        assert repo.json("show", "notes@1.1.0")["version"] == "1.1.0"
        assert {each["name"]: each["latest"] for each in repo.json("list")["datasets"]} == {
            "notes": "1.2.0",
            "Eval_Set": "1.0.0",
        }
        repo.dvc("pull", "-q")
        repo.records(f"{NOTES}/train.jsonl", numbered(79))
        assert repo.json("bump", "notes", "--dry-run")["version"] == "1.2.1"
