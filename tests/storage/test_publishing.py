"""Publishing to a storage and bringing back from it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable

import pytest

import dsv
from dsv.adapters.dvc import find_cache, remote
from dsv.errors import ExternalError
from tests.conftest import numbered
from tests.storage.conftest import BINARIES, Person
from tests.storage.line import Line
from tests.storage.storages import Shelf, Storage

Another = Callable[[str], Person]


def test_a_version_is_pushed_confirmed_and_pulled_elsewhere(ana: Person, shelf: Shelf, another: Another) -> None:
    pushed = ana.json("push")
    assert pushed["objects"] == pushed["confirmed"] == len(shelf.oids())
    assert shelf.oids() == ana.objects_of("notes@1.0.0") | ana.objects_of("binaries@1.0.0")
    assert ana.published() == ["main", "binaries@v1.0.0", "notes@v1.0.0"]
    assert ana.json("push")["objects"] == 0
    bob = another("bob")
    bob.dsv("pull")
    assert bob.tree("data") == ana.tree("data")
    assert bob.json("status")["datasets"][0]["state"] == "clean"


@pytest.mark.heavy
def test_two_clones_publish_in_turn(ana: Person, shelf: Shelf, another: Another) -> None:
    ana.dsv("push", "-q")
    bob = another("bob")
    bob.dsv("pull", "notes")
    bob.records("data/notes/more.jsonl", numbered(20, start=100))
    bob.dsv("bump", "notes")
    pushed = bob.json("push")
    assert pushed["tags"] == ["notes@v1.1.0"]
    assert pushed["objects"] == len(ana_lacks := bob.objects_of("notes@1.1.0") - ana.objects_of("notes@1.0.0"))
    assert ana_lacks <= shelf.oids()
    ana.git("pull", "-q", "origin", "main")
    ana.dsv("pull")
    assert ana.tree("data/notes") == bob.tree("data/notes")


@pytest.mark.heavy
def test_indexes_alone_answer_questions(ana: Person, shelf: Shelf, another: Another) -> None:
    ana.dsv("push", "-q")
    bob = another("bob")
    bob.dsv("fetch", "--index", "notes")
    index = ana.json("show", "notes")["digests"]["index"].removeprefix("md5:")
    assert bob.cached() == {index, *(each["md5"] for each in json.loads(ana.object(index).read_bytes()))}
    assert bob.json("which", "--id", "r7")["found"]


def test_a_part_of_a_version_is_fetched_alone(ana: Person, shelf: Shelf, another: Another) -> None:
    ana.dsv("push", "-q")
    test, train = (ana.oid_of("notes@1.0.0", f"{split}.jsonl") for split in ("test", "train"))
    bob = another("bob")
    bob.dsv("fetch", "notes", "--split", "test")
    assert test in bob.cached()
    assert train not in bob.cached()
    bob.dsv("fetch", "notes", "--files", "tr*")
    assert train in bob.cached()
    assert bob.cached() <= shelf.oids()


def test_what_was_deleted_or_spoiled_there_is_found_and_sent_again(ana: Person, shelf: Shelf) -> None:
    ana.dsv("push", "-q")
    file, index = ana.oid_of("notes@1.0.0", "test.jsonl"), ana.json("show", "notes")["digests"]["index"]
    good = shelf.read(file)
    shelf.lose(index.removeprefix("md5:"))
    shelf.rot(file, good[:-1])
    assert ana.json("push")["objects"] == 2
    assert shelf.read(file) == good
    shelf.rot(file, good[:-1] + b"}")
    if shelf.storage.kind == "s3":  # which tells a digest of what it has
        assert ana.json("push")["objects"] == 1
        assert shelf.read(file) == good


@pytest.mark.heavy
@pytest.mark.parametrize("way", [{}, {"_PAGE": 10, "_BY_PREFIX": 0}, {"_PAGE": 10, "_PAGE_COSTS": 10**9}], ids=len)
def test_however_the_storage_is_asked_it_lacks_the_same(
    ana: Person, shelf: Shelf, s3_alone: Storage, monkeypatch: pytest.MonkeyPatch, way: dict[str, int]
) -> None:
    ana.dsv("push", "-q")
    there = sorted(shelf.oids())
    spoiled, short, lost = (oid for oid in there[::12][:3])
    content = shelf.read(spoiled)
    shelf.rot(spoiled, content[:-1] + b"?")
    shelf.rot(short, b"")
    shelf.lose(lost)
    import dsv.adapters.dvc.held as asking

    for name, value in way.items():
        monkeypatch.setattr(asking, name, value)
    never = "0" * 32
    with remote(find_cache(str(ana.root))) as store:
        assert sorted(store.lacking([*there, never])) == sorted([spoiled, short, lost, never])


def other_tags(block: bytes) -> bytes:
    """The answer of a server whose tags look like an MD5, and are none."""
    digits = bytes.maketrans(b"0123456789", b"1234567890")
    return re.sub(rb"(?i)(?<=etag)\W+(?:quot;)?[0-9a-f]{32}", lambda tag: tag[0].translate(digits), block)


def test_tags_that_are_no_digests_are_not_believed(ana: Person, shelf: Shelf, s3_alone: Storage, line: Line) -> None:
    ana.dsv("push", "-q")
    line.answered = other_tags
    ana.goes_by(line, shelf)
    assert ana.json("push")["objects"] == 0


@pytest.mark.heavy
def test_verify_names_what_was_spoiled_there_and_repair_mends_it(ana: Person, shelf: Shelf) -> None:
    ana.dsv("push", "-q")
    spoiled, lost = ana.oid_of("notes@1.0.0", "test.jsonl"), ana.oid_of("binaries@1.0.0", "7.bin")
    good = shelf.read(spoiled)
    shelf.rot(spoiled, good[:-2] + b"!\n")
    shelf.lose(lost)
    found = ana.json("verify", "--deep", "--remote", code=40)["results"]
    problems = {(each["ref"], one["path"][-30:]) for each in found for one in each["problems"]}
    assert problems == {("notes@1.0.0", spoiled[2:]), ("binaries@1.0.0", lost[2:])}
    ana.dsv("verify", "--deep", "--remote", "--repair")
    assert shelf.read(spoiled) == good
    assert lost in shelf.oids()


def test_an_object_that_rotted_here_comes_from_there(ana: Person, shelf: Shelf) -> None:
    ana.dsv("push", "-q")
    rotten = ana.object(ana.oid_of("notes@1.0.0", "test.jsonl"))
    good = rotten.read_bytes()
    rotten.chmod(0o644)
    rotten.write_bytes(b"rotten")
    ana.write("data/notes/test.jsonl", b'{"id": "edited"}\n')
    [repaired] = ana.json("verify", "notes", "--repair")["repaired"]
    assert repaired["from"].startswith("remote ")
    assert rotten.read_bytes() == good


def test_what_was_spoiled_there_never_gets_into_a_clone(ana: Person, shelf: Shelf, another: Another) -> None:
    ana.dsv("push", "-q")
    spoiled, lost = ana.oid_of("notes@1.0.0", "test.jsonl"), ana.oid_of("binaries@1.0.0", "7.bin")
    good = {oid: shelf.read(oid) for oid in (spoiled, lost)}
    shelf.rot(spoiled, good[spoiled][:-2] + b"!\n")
    shelf.lose(lost)
    bob = another("bob")
    assert bob.refused("pull", "notes", code=40, kind="mismatch")["details"]["refs"] == ["notes@1.0.0"]
    assert bob.refused("pull", "binaries", code=40, kind="missing_data")["details"]["objects"] == [lost]
    assert spoiled not in bob.cached()
    assert not (bob.root / "data/notes").exists()
    for oid, content in good.items():
        shelf.rot(oid, content)
    bob.dsv("pull")
    assert bob.tree("data") == ana.tree("data")


@pytest.mark.heavy
def test_what_is_spoiled_in_one_place_comes_from_another(ana: Person, shelf: Shelf, another: Another) -> None:
    backup = Shelf(shelf.storage, f"{shelf.name}-backup")
    ana.uses(shelf.storage, shelf.url, besides=backup.url)
    try:
        ana.dsv("push", "-q")
        ana.dsv("push", "-q", "--remote", "backup")
        spoiled = ana.oid_of("notes@1.0.0", "test.jsonl")
        shelf.rot(spoiled, shelf.read(spoiled)[:-2] + b"!\n")
        bob = another("bob")
        told = bob.json("pull", "notes")["bad"]
        assert [(each["remote"], each["object"]) for each in told] == [("store", spoiled)]
        assert bob.tree("data/notes") == ana.tree("data/notes")
    finally:
        backup.clear()


@pytest.mark.heavy
def test_a_line_cut_in_mid_push_is_told_and_the_next_push_goes_on(ana: Person, shelf: Shelf, line: Line) -> None:
    ana.goes_by(line, shelf)
    line.after(200_000, line.cut)
    assert (error := ana.json("push", code=50)["error"])["kind"] == "network", error
    there = shelf.oids()
    assert len(there) < BINARIES
    assert not any(oid.endswith(".dir") for oid in there)
    assert ana.published() == []
    line.mend()
    pushed = ana.json("push")
    assert 0 < pushed["objects"] <= pushed["confirmed"] - len(there)
    assert shelf.oids() == ana.objects_of("notes@1.0.0") | ana.objects_of("binaries@1.0.0")
    assert ana.published() == ["main", "binaries@v1.0.0", "notes@v1.0.0"]


def test_a_server_killed_in_mid_push_and_started_again_is_complete_in_the_end(ana: Person, shelf: Shelf) -> None:
    server = shelf.storage.server
    if server is None:
        pytest.skip("needs a server of the suite's own")
    killed: list[int] = []

    def kill(what: str, done: int, total: int, records: int = 0) -> None:
        if done > 150_000 and not killed:
            killed.append(done)
            server.kill()

    try:
        with pytest.raises(ExternalError):
            dsv.open(str(ana.root), progress=kill).push()
    finally:
        server.start()
    assert ana.published() == []
    assert len(shelf.oids()) < BINARIES
    assert ana.json("push")["objects"] > 0
    assert shelf.oids() == ana.objects_of("notes@1.0.0") | ana.objects_of("binaries@1.0.0")
    assert all(shelf.read(oid) == ana.object(oid).read_bytes() for oid in shelf.oids())


@pytest.mark.heavy
def test_a_line_cut_in_mid_pull_leaves_what_came_and_the_next_pull_goes_on(
    ana: Person, shelf: Shelf, line: Line, another: Another
) -> None:
    ana.dsv("push", "-q")
    bob = another("bob")
    bob.goes_by(line, shelf)
    line.after(200_000, line.cut)
    assert (error := bob.json("pull", "binaries", code=50)["error"])["kind"] == "network", error
    assert not (bob.root / "data/binaries").exists()
    line.mend()
    bob.dsv("pull", "binaries")
    assert bob.tree("data/binaries") == ana.tree("data/binaries")


@pytest.mark.heavy
def test_who_falls_asleep_in_mid_push_is_given_up(
    ana: Person, shelf: Shelf, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.goes_by(line, shelf)
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["dsv.adapters.dvc.remote"], "_STANDSTILL_SECONDS", 2.5)
        line.after(150_000, line.stop)
        assert "stands still" in ana.json("push", code=50)["error"]["message"]
    assert ana.published() == []
    line.cut()
    line.mend()
    ana.dsv("push")
    assert ana.published() == ["main", "binaries@v1.0.0", "notes@v1.0.0"]
