"""`dsv.load` from a git remote whose data is in a storage: only what is asked for comes, and only what is right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import dsv
from dsv.errors import MismatchError, MissingDataError
from tests.storage.conftest import Person
from tests.storage.storages import Shelf

pytestmark = pytest.mark.heavy


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of somebody who knows no more of the storage than what is in the environment and at home."""
    monkeypatch.setenv("DSV_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def hub(ana: Person, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the metadata is, after a push; settings that git may not have are in those of the person."""
    ana.dsv("push")
    private = ana.root / ".dvc/config.local"
    if private.exists():
        (tmp_path / "person").mkdir()
        shutil.copy(private, tmp_path / "person/config")
        monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "person"))
    return f"file://{tmp_path / 'hub.git'}"


def test_a_split_comes_from_the_storage_and_then_the_rest(ana: Person, hub: str, cache: Path, shelf: Shelf):
    test = dsv.load("notes@1.x", hub, split="test")
    assert len(list(test.records())) == 20
    assert len([each for each in (cache / "objects/files/md5").rglob("*") if each.is_file()]) == 4
    whole = dsv.load("notes@1.x", hub)
    assert sorted(path.read_bytes() for path in whole.path.iterdir()) == sorted(ana.tree("data/notes").values())
    shelf.clear()
    assert len(list(dsv.load("notes@1.x", hub))) == 100
    assert len(dsv.load("binaries", ana.root).files) == 30
    with pytest.raises(MissingDataError):
        dsv.load("binaries", hub)


def test_what_rotted_in_the_storage_is_named_and_comes_when_it_is_whole_again(
    ana: Person, hub: str, cache: Path, shelf: Shelf
):
    oid = ana.oid_of("notes", "train.jsonl")
    good = shelf.read(oid)
    shelf.rot(oid, good.replace(b"text of 1", b"text of I"))
    with pytest.raises(MismatchError, match=r"train\.jsonl") as caught:
        dsv.load("notes", hub)
    assert caught.value.details["deliveries"]
    assert len(list(dsv.load("notes", hub, split="test"))) == 20
    shelf.rot(oid, good)
    assert len(list(dsv.load("notes", hub))) == 100
