"""What the last look at the data found saves reading, and never changes an answer."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.conftest import numbered


@pytest.fixture
def kept(released):
    """The directory in which looks at the dataset are kept, after one of data that has come to rest."""
    long_ago = 1_700_000_000
    for file in (released.root / "data" / "notes").iterdir():
        os.utime(file, (long_ago, long_ago))
    for _ in range(2):  # the first look comes so soon after the touch that it does not believe the clock
        released.dsv("status")
    return next(path.parent for path in (released.root / ".git" / "dsv").rglob("look"))


def state(released):
    """What status says of the one dataset."""
    (dataset,) = released.json("status")["datasets"]
    return dataset["state"]


def test_data_that_nothing_touched_is_not_looked_at_file_by_file(released, kept):
    (kept / "scan").write_bytes(b"nobody opens this")
    assert state(released) == "clean"
    assert released.refused("bump", "notes", code=20, kind="nothing_changed")
    assert (kept / "scan").read_bytes() == b"nobody opens this"


@pytest.mark.parametrize("name", ["look", "scan"])
@pytest.mark.parametrize("content", [b"", b"\0" * 100, None])
def test_a_look_that_is_lost_or_damaged_is_taken_again(released, kept, name, content):
    before = released.json("diff", "notes")
    if content is None:
        (kept / name).unlink()
    else:
        (kept / name).write_bytes(content)
    assert state(released) == "clean"
    assert released.json("diff", "notes") == before
    released.records("data/notes/train.jsonl", numbered(81))
    assert state(released) == "changed"


def test_what_was_kept_of_another_look_is_not_mixed_into_this_one(released, kept):
    shutil.copy(kept / "look", kept / "earlier")
    released.records("data/notes/train.jsonl", numbered(75))
    changed = released.json("diff", "notes")
    shutil.copy(kept / "earlier", kept / "look")
    assert released.json("diff", "notes") == changed


def test_the_same_files_under_a_new_key_are_looked_at_anew(released, kept):
    settings = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", settings.replace("[id]", "[text]"))
    assert state(released) == "changed"


def test_a_key_that_repeats_is_told_every_time(released, kept):
    released.records("data/notes/test.jsonl", [*numbered(20, start=80), *numbered(1, start=80)])
    long_ago = 1_700_000_000
    os.utime(released.root / "data" / "notes" / "test.jsonl", (long_ago, long_ago))
    for _ in range(3):
        (dataset,) = released.json("status")["datasets"]
        assert "shares the key" in dataset["problems"][0]
        released.refused("bump", "notes", code=30, kind="key")


def test_a_file_put_back_as_it_was_is_no_change(released, kept):
    file = released.root / "data" / "notes" / "train.jsonl"
    content = file.read_bytes()
    file.write_bytes(b"")
    assert state(released) == "changed"
    file.write_bytes(content)
    assert state(released) == "clean"
