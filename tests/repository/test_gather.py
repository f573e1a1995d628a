"""Looking at data: only what changed is opened, and what is taken over is what a fresh look would find."""

from __future__ import annotations

import gzip
import itertools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dsv.errors import NoPathError, UnsupportedFileError
from dsv.model.dataset import DatasetSettings
from dsv.repository import open_repository
from dsv.repository.contents.gather import gather
from dsv.repository.contents.snapshot import Snapshot
from tests.conftest import Scratch, let_the_clock_tick, numbered

NOTES = "data/notes"
_watching: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching is not None and event == "open" and not str(arguments[0]).endswith(os.sep):  # a directory
        _watching.append(str(arguments[0]))


@contextmanager
def opened_below(directory: Path) -> Iterator[list[str]]:
    """The files below the directory that are opened in the block, by relative path."""
    global _watching  # noqa: PLW0603 - an audit hook stays for good, so it is told when to listen
    if not hasattr(sys, "_dsv_tests_watch"):
        sys._dsv_tests_watch = True  # type: ignore[attr-defined]
        sys.addaudithook(_watch)
    _watching = []
    found: list[str] = []
    try:
        yield found
    finally:
        paths, _watching = _watching, None
        found += [os.path.relpath(path, directory) for path in paths if path.startswith(f"{directory}{os.sep}")]


def settings(**given: Any) -> DatasetSettings:
    """The declaration of `notes`."""
    return DatasetSettings(name="notes", **{"path": NOTES, "key": ("id",), **given})


def looked_at(repo: Scratch, declared: DatasetSettings | None = None, **how: Any) -> Snapshot:
    """The data as the work tree has it now."""
    return gather(open_repository(str(repo.root), **how), "notes", declared or settings())


def facts(snapshot: Snapshot) -> dict[str, Any]:
    """All that a release would record of the data."""
    return {
        "index": snapshot.index_object.oid,
        "tree": snapshot.tree,
        "built": snapshot.built,
        "data": snapshot.oid,
        "fields": snapshot.fields,
        "splits": snapshot.splits,
        "format": snapshot.format,
        "records": snapshot.records,
        "bytes": snapshot.bytes,
        "tokens": snapshot.tokens,
    }


@pytest.fixture
def notes(repo: Scratch) -> Scratch:
    """A repository with data in three files, looked at until their times were beyond doubt."""
    repo.records(f"{NOTES}/train.jsonl", numbered(50))
    repo.records(f"{NOTES}/sub/test.jsonl", numbered(20, start=50))
    repo.write(f"{NOTES}/README.md", "about\n")
    for _ in range(100):
        with opened_below(repo.root / NOTES) as opened:
            looked_at(repo)
        if not opened:
            return repo
    raise AssertionError("the files are opened again and again")


def test_files_that_did_not_change_are_not_opened(notes: Scratch) -> None:
    with opened_below(notes.root / NOTES) as opened:
        looked_at(notes)
    assert opened == []


def test_only_the_file_that_changed_is_opened(notes: Scratch) -> None:
    notes.records(f"{NOTES}/train.jsonl", numbered(51))
    with opened_below(notes.root / NOTES) as opened:
        snapshot = looked_at(notes)
    assert opened == ["train.jsonl"]
    assert snapshot.records == 71


def test_a_status_that_finds_nothing_opens_no_data(released: Scratch) -> None:
    let_the_clock_tick()
    released.dsv("status")
    with opened_below(released.root / NOTES) as opened:
        assert released.json("status")["datasets"][0]["state"] == "clean"
    assert opened == []


def test_an_edit_that_keeps_size_and_time_is_noticed(notes: Scratch) -> None:
    file = notes.root / NOTES / "train.jsonl"
    before, seen = looked_at(notes).tree, file.stat()
    file.write_text(file.read_text().replace("text of 1", "text of 2", 1))
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert file.stat().st_size == seen.st_size
    assert looked_at(notes).tree != before


def test_a_file_whose_time_cannot_be_trusted_yet_is_read_again(notes: Scratch) -> None:
    file = notes.root / NOTES / "train.jsonl"
    an_hour = 3_600_000_000_000
    os.utime(file, ns=(file.stat().st_mtime_ns + an_hour,) * 2)
    for _ in range(2):
        with opened_below(notes.root / NOTES) as opened:
            looked_at(notes)
        assert opened == ["train.jsonl"]


def test_another_key_or_format_reads_everything_again(notes: Scratch) -> None:
    with opened_below(notes.root / NOTES) as opened:
        keyless = looked_at(notes, settings(key=()))
    assert sorted(opened) == ["README.md", "sub/test.jsonl", "train.jsonl"]
    assert not keyless.built.keyed


def test_other_splits_read_nothing_again(notes: Scratch) -> None:
    with opened_below(notes.root / NOTES) as opened:
        snapshot = looked_at(notes, settings(splits={"dev": "sub/*.jsonl"}))
    assert opened == []
    assert snapshot.splits == {"dev": 20}


@pytest.mark.parametrize("damage", ["scan", "index", "everything"])
def test_what_was_kept_can_be_lost_or_damaged(notes: Scratch, damage: str) -> None:
    before = facts(looked_at(notes))
    kept = notes.root / ".git/dsv/work/main/notes"
    if damage == "scan":
        (kept / "scan").write_bytes(b"\x93\x01")
    elif damage == "index":
        for directory in kept.glob("index*"):
            shutil.rmtree(directory)
    else:
        shutil.rmtree(notes.root / ".git/dsv")
    assert facts(looked_at(notes)) == before


def shifted(repo: Scratch) -> None:
    repo.records(f"{NOTES}/a.jsonl", numbered(5, start=200))


def removed(repo: Scratch) -> None:
    (repo.root / NOTES / "sub/test.jsonl").unlink()


def renamed(repo: Scratch) -> None:
    (repo.root / NOTES / "train.jsonl").rename(repo.root / NOTES / "zzz.jsonl")


def swapped(repo: Scratch) -> None:
    one, other = repo.root / NOTES / "train.jsonl", repo.root / NOTES / "sub/test.jsonl"
    one.rename(one.with_suffix(".x"))
    other.rename(one)
    one.with_suffix(".x").rename(other)


def compressed(repo: Scratch) -> None:
    file = repo.root / NOTES / "train.jsonl"
    repo.write(f"{NOTES}/train.jsonl.gz", gzip.compress(file.read_bytes(), mtime=0))
    file.unlink()


def opaque_beside(repo: Scratch) -> None:
    repo.write(f"{NOTES}/scan.pdf", b"%PDF")
    repo.write(f"{NOTES}/b/other.pdf", b"%PDF 2")


def only_opaque(repo: Scratch) -> None:
    shutil.rmtree(repo.root / NOTES)
    opaque_beside(repo)


def edited(repo: Scratch) -> None:
    repo.records(f"{NOTES}/train.jsonl", numbered(49, kind="new"))


def repeated(repo: Scratch) -> None:
    repo.records(f"{NOTES}/again.jsonl", numbered(50))


def badly_written(repo: Scratch) -> None:
    repo.write(f"{NOTES}/bad.jsonl", '{"id": "x"}\nnot json\n')


EDITS = [
    shifted, opaque_beside, renamed, edited, removed, repeated,
    badly_written, compressed, only_opaque, shifted, removed,
]  # fmt: skip


@pytest.mark.parametrize("key", [("id",), ()])
def test_what_is_taken_over_is_byte_for_byte_what_a_fresh_look_finds(notes: Scratch, key: tuple[str, ...]) -> None:
    declared = settings(key=key)
    kept = notes.root / ".git/dsv/work"
    for edit in EDITS:
        try:
            edit(notes)
        except FileNotFoundError:
            continue
        grown = facts(looked_at(notes, declared))
        shutil.move(kept, kept.with_name("aside"))
        fresh = facts(looked_at(notes, declared))
        assert grown == fresh, edit.__name__
        shutil.rmtree(kept)
        shutil.move(kept.with_name("aside"), kept)


@pytest.mark.parametrize("edit", [swapped, renamed])
def test_files_that_changed_places_are_told_apart(notes: Scratch, edit: Callable[[Scratch], None]) -> None:
    before = looked_at(notes)
    edit(notes)
    after = looked_at(notes)
    assert after.tree != before.tree
    assert after.built.records_digest == before.built.records_digest


def test_data_that_is_one_file_is_looked_at_like_any_other(notes: Scratch) -> None:
    declared = settings(path=f"{NOTES}/train.jsonl")
    snapshot = looked_at(notes, declared)
    assert (snapshot.records, snapshot.is_directory, snapshot.directory) == (50, False, None)
    assert [file.path for file in snapshot.files] == ["train.jsonl"]


def test_data_that_is_missing_or_empty_is_refused(notes: Scratch) -> None:
    (notes.root / "data/empty/deeper").mkdir(parents=True)
    with pytest.raises(UnsupportedFileError, match="data/empty holds no file"):
        looked_at(notes, settings(path="data/empty"))
    with pytest.raises(NoPathError, match="data/gone does not exist"):
        looked_at(notes, settings(path="data/gone"))


def test_a_file_that_changes_while_it_is_read_is_read_again(notes: Scratch) -> None:
    file = notes.records(f"{NOTES}/train.jsonl", numbered(60, start=300))
    late = iter([numbered(61, start=300)])

    def write_once(label: str, done: int, total: int, seen: int) -> None:
        for records in late:
            notes.records(f"{NOTES}/train.jsonl", records)

    assert looked_at(notes, progress=write_once).records == 81
    assert file.read_text().count("\n") == 61


def test_a_file_that_never_comes_to_rest_is_refused(notes: Scratch) -> None:
    file = notes.records(f"{NOTES}/train.jsonl", numbered(60, start=300))

    moments = itertools.count(file.stat().st_mtime_ns + 1_000_000, 1_000_000)

    def write(label: str, done: int, total: int, seen: int) -> None:
        os.utime(file, ns=(next(moments),) * 2)

    with pytest.raises(UnsupportedFileError, match=r"train\.jsonl changes while it is read"):
        looked_at(notes, progress=write)


def test_a_file_that_changes_before_it_is_stored_stops_the_release(released: Scratch) -> None:
    import dsv

    released.records("data/notes/a.jsonl", numbered(5, start=300))
    last = released.records("data/notes/z.jsonl", numbered(5, start=400))

    def write(label: str, done: int, total: int, seen: int) -> None:
        if label == "storing":
            last.write_text('{"id": "late"}\n')

    repository = dsv.open(str(released.root), progress=write)
    with pytest.raises(UnsupportedFileError, match=r"z\.jsonl changed while it was released"):
        repository.bump("notes")
    assert released.git("tag", "--list").split() == ["notes@v1.0.0"]
    assert released.git("status", "--porcelain") == ""
    assert released.json("bump", "notes")["manifest"]["data"]["files"] == 4
