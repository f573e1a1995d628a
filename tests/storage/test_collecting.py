"""Collecting on a storage what nothing needs."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

import pytest

from dsv.adapters.dvc import find_cache, remote
from tests.cli.collecting import pointer, stray, stray_list
from tests.storage.conftest import Person
from tests.storage.storages import Shelf

COLLECT = ("gc", "--remote", "store", "--sole-owner")
NOW = (*COLLECT, "--apply", "--older-than", "0")


@pytest.mark.heavy
def test_what_nothing_needs_goes_and_comes_back_when_something_does(ana: Person, shelf: Shelf) -> None:
    ana.dsv("push", "-q")
    released = shelf.oids()
    kept = [stray_list(ana, {"x": "needed"}), stray(ana, "needed")]
    gone = [stray_list(ana, {"y": "not needed"}), stray(ana, "not needed")]
    ana.write("kept.dvc", pointer(kept[0], "kept"))
    with remote(find_cache(str(ana.root)), "store") as store:
        store.send([*kept, *gone], sent=lambda *_: None)
        there = store.store().objects()
    assert {each.oid for each in there} == {*released, *kept, *gone}
    assert all(abs(_age(each.arrived)) < timedelta(hours=1) for each in there)
    assert ana.json(*COLLECT)["recent"]["objects"] == 2
    assert ana.json(*NOW)["objects"] == 2
    assert shelf.oids() == {*released, *kept}
    with remote(find_cache(str(ana.root)), "store") as store:
        assert {each.oid for each in store.store().trashed()} == set(gone)
    ana.write("gone.dvc", pointer(gone[0], "gone"))
    assert ana.json(*COLLECT, "--apply")["restored"]["objects"] == 2
    assert shelf.read(gone[1]) == b"not needed"
    os.unlink(ana.root / "gone.dvc")
    ana.json(*NOW)
    assert ana.json(*COLLECT, "--empty-trash")["deleted"]["objects"] == 2
    assert shelf.oids() == {*released, *kept}


def _age(seconds: float) -> timedelta:
    return datetime.now(timezone.utc) - datetime.fromtimestamp(seconds, tz=timezone.utc)
