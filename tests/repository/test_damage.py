"""Damage in every place that holds a version's bytes is found by `verify`, and named; `--repair` mends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import dsv
from tests.repository.damaging import WAYS, Held, deleted, disguised, mended_afterwards, swapped

HERE = ["an object", "the list of files", "a pack", "the list of the index", "the index in the work tree"]
THERE = ["an object of the remote", "the list on the remote", "a pack on the remote"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("where", [*HERE, "a file of the work tree", *THERE])
def test_damage_is_found_and_named(held: Held, where: str, way: Callable[[Path, Path], None]) -> None:
    place, file, other = held.places()[where]
    with mended_afterwards(file, other):
        way(file, other)
        result = held.verified(deep=True, remote=where in THERE)
    assert not result["ok"]
    [problem] = [each for each in result["problems"] if (each["place"], each["path"]) == (place, held.shown(file))]
    assert problem["kind"] == ("missing" if way is deleted else "mismatch")
    assert problem["expected"].startswith("md5:")
    assert (problem["actual"] is None) == (way is deleted)


@pytest.mark.parametrize("way", [swapped, deleted, disguised])
@pytest.mark.parametrize("where", [*HERE, *THERE])
def test_damage_is_repaired_from_another_place_and_kept_aside(
    held: Held, where: str, way: Callable[[Path, Path], None]
) -> None:
    place, file, other = held.places()[where]
    good, tree = file.read_bytes(), held.repo.tree("data")
    with mended_afterwards(file, other):
        way(file, other)
        bad = file.read_bytes() if file.exists() else None
        opened, remote = dsv.open(held.repo.root), where in THERE
        document = opened.verify("notes@1.1.0", deep=True, remote=remote, repair=True).document()
        assert document["ok"]
        assert file.read_bytes() == good
        assert held.verified(deep=True, remote=remote)["ok"]
    [done] = [each for each in document["repaired"] if each["path"] == held.shown(file)]
    assert (done["place"], done["ref"]) == (place, "notes@1.1.0")
    assert done["from"] in ("work tree", "data", "cache")
    if bad is not None:
        assert (held.repo.root / done["quarantine"]).read_bytes() == bad
        assert done["quarantine"].startswith(document["quarantine"])
    assert held.repo.tree("data") == tree


def test_a_file_that_rotted_is_repaired_and_one_that_somebody_edited_is_not(held: Held) -> None:
    rotten, edited = (held.repo.root / "data/notes" / name for name in ("train.jsonl", "test.jsonl"))
    with mended_afterwards(rotten, edited):
        good = rotten.read_bytes()
        disguised(rotten, edited)
        edited.write_bytes(edited.read_bytes() + b'{"id": "mine"}\n')
        mine = edited.read_bytes()
        document = dsv.open(held.repo.root).verify("notes@1.1.0", deep=True, repair=True).document()
        assert (rotten.read_bytes() == good, edited.read_bytes() == mine) == (True, True)
    [problem] = document["results"][0]["problems"]
    assert (problem["path"], problem["touched"]) == ("data/notes/test.jsonl", True)
    [done] = document["repaired"]
    assert (done["place"], done["path"], done["from"]) == ("work", "data/notes/train.jsonl", "cache")
