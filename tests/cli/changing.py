"""The dataset `notes` of the fixtures, changed in as many places as a test wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch


def change(scratch: Scratch, *, edited: int = 0, added: int = 0, removed: int = 0) -> None:
    """Change the 100 records of `notes` in as many places; the train split holds the first 80."""
    train = numbered(80 - removed, start=removed)
    train[:edited] = [{**record, "text": "another text"} for record in train[:edited]]
    scratch.records("data/notes/train.jsonl", [*train, *numbered(added, start=1000)])
