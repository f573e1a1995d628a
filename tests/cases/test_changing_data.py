"""Data that changes while it is looked at, or so that it cannot be seen from outside."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest
import yaml

import dsv
from dsv.errors import UnsupportedFileError
from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch


def test_other_content_of_the_same_size_and_mtime_is_seen(released: Scratch) -> None:
    path = released.root / "data/notes/train.jsonl"
    released.dsv("status")
    before = path.stat()
    content = path.read_bytes()
    with path.open("r+b") as stream:
        stream.write(content.replace(b"text of 7", b"TEXT OF 7"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    (status,) = released.json("status")["datasets"]
    assert status["state"] == "changed"
    document = released.json("bump", "notes")
    assert document["manifest"]["change"]["records"]["modified"] == 11
    assert_stored_as_named(released)


def test_a_file_that_changes_between_reading_and_storing_is_refused_and_released_later(released: Scratch) -> None:
    path = released.records("data/notes/zz.jsonl", numbered(5, start=500))

    as_read = path.stat().st_size

    def change_once(work: str, done: int, total: int, seen: int) -> None:
        if work == "storing" and done < total and path.stat().st_size == as_read:
            with path.open("ab") as stream:
                stream.write(b'{"id":"late","text":""}\n')

    head = released.git("rev-parse", "HEAD")
    with pytest.raises(UnsupportedFileError, match=r"zz\.jsonl"):
        dsv.open(str(released.root), progress=change_once).bump("notes")
    assert released.git("rev-parse", "HEAD") == head
    assert released.git("status", "--porcelain", "--", "manifests") == ""
    assert released.json("bump", "notes")["manifest"]["change"]["records"]["added"] == 6
    assert_stored_as_named(released)


def assert_stored_as_named(repo: Scratch) -> None:
    """Every object of DVC's cache is what its name says."""
    oid = yaml.safe_load(repo.read("data/notes.dvc"))["outs"][0]["md5"]
    assert (repo.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]).is_file()
    for path in (repo.root / ".dvc/cache/files/md5").rglob("*"):
        if path.is_file():
            named = path.parent.name + path.name.removesuffix(".dir")
            assert hashlib.md5(path.read_bytes()).hexdigest() == named
