"""The first minutes with dsv."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Scratch


def test_after_init_add_and_bump_the_work_tree_is_clean(released: Scratch) -> None:
    released.write("data/notes/more.jsonl", '{"id": "new", "text": "new"}\n')
    assert released.json("bump", "notes")["version"] == "1.0.1"
    assert released.git("status", "--short") == ""
    assert released.git("tag", "-l").split() == ["notes@v1.0.0", "notes@v1.0.1"]
