"""Tags for versions that were committed without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Scratch


def test_a_version_without_a_tag_gets_one_on_head(released: Scratch) -> None:
    released.write("data/notes/more.jsonl", '{"id": "new", "text": "new"}\n')
    bumped = released.json("bump", "notes", "--no-tag")
    assert bumped["git_tag"] is None
    released.git("commit", "-q", "--allow-empty", "-m", "later")
    assert released.json("tag", "--missing")["tags"] == ["notes@v1.0.1"]
    assert released.git("rev-parse", "notes@v1.0.1^{commit}") == released.git("rev-parse", "HEAD")
    assert "Dsv-Tree: " + bumped["manifest"]["digests"]["tree"] in released.git("cat-file", "tag", "notes@v1.0.1")
    assert released.json("check")["ok"]
    assert released.json("tag", "--missing")["tags"] == []


def test_a_tag_is_never_moved(released: Scratch) -> None:
    before = released.git("rev-parse", "notes@v1.0.0")
    released.git("commit", "-q", "--allow-empty", "-m", "later")
    released.refused("tag", "notes@1.0.0", code=20, kind="exists")
    assert released.git("rev-parse", "notes@v1.0.0") == before


def test_tag_wants_versions_or_missing(released: Scratch) -> None:
    released.refused("tag", code=2, kind="usage")
    released.refused("tag", "notes@1.0.0", "--missing", code=2, kind="usage")


def test_where_releases_are_tagged_on_merge_bump_leaves_the_tag_out(repo: Scratch) -> None:
    repo.write("dsv.yaml", "schema: 1\nrelease: {tag: on-merge}\n")
    repo.git("commit", "-qam", "tag on merge")
    repo.write("data/notes.jsonl", '{"id": 1}\n')
    assert repo.json("add", "data/notes.jsonl")["git_tag"] is None
    assert repo.json("log", "notes")["versions"][0]["git_tag"] is None
    assert repo.json("tag", "--missing")["tags"] == ["notes@v1.0.0"]
    assert repo.json("log", "notes")["versions"][0]["git_tag"] == "notes@v1.0.0"
