"""The first minutes with dsv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch


def test_after_init_add_and_bump_the_work_tree_is_clean(released: Scratch) -> None:
    released.write("data/notes/more.jsonl", '{"id": "new", "text": "new"}\n')
    assert released.json("bump", "notes")["version"] == "1.0.1"
    assert released.git("status", "--short") == ""
    assert released.git("tag", "-l").split() == ["notes@v1.0.0", "notes@v1.0.1"]


def test_before_the_first_commit_a_release_is_the_first_commit(scratch: Scratch) -> None:
    scratch.dsv("init", "--no-commit")
    scratch.write("mine", "staged\n")
    scratch.git("add", "mine")
    scratch.records("data/notes/a.jsonl", numbered(3))
    release = scratch.json("add", "data/notes")
    assert scratch.git("rev-list", "--all").split() == [release["commit"]]
    assert "A  mine" in scratch.git("status", "--porcelain")
    scratch.dsv("init")
    assert scratch.git("status", "--porcelain") == "A  mine\n"
    assert scratch.json("status")["datasets"][0]["state"] == "clean"
