"""Much data: many objects, large ones, and a slow line."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable

import pytest

import dsv
from dsv.errors import ExternalError
from tests.storage.conftest import Person, a_line_to
from tests.storage.line import Line
from tests.storage.storages import Shelf

pytestmark = pytest.mark.heavy
MANY = 2_000
LARGE = 200 << 20


def noise(size: int) -> bytes:
    """Bytes that nothing compresses, the same each time."""
    return b"".join(hashlib.sha512(b"%d" % number).digest() for number in range(size // 64))


def told(what: str, seconds: float) -> None:
    """A line for whoever runs this with -s."""
    sys.__stdout__.write(f"\n{what}: {seconds:.1f} s\n")  # type: ignore[union-attr]


def timed(what: str, work: Callable[[], object]) -> None:
    started = time.monotonic()
    work()
    told(what, time.monotonic() - started)


def test_2000_objects_go_and_come_and_what_is_lost_among_them_is_found(
    ana: Person, shelf: Shelf, another: Callable[[str], Person]
) -> None:
    for number in range(MANY):
        ana.write(f"data/many/{number:04}.txt", f"{number}\n" * 100)
    ana.dsv("add", "data/many")
    timed(f"push of {MANY:,} objects", lambda: ana.dsv("push"))
    timed(f"push when all {MANY:,} are there", lambda: ana.dsv("push"))
    bob = another("bob")
    timed(f"pull of {MANY:,} objects", lambda: bob.dsv("pull", "many"))
    assert bob.tree("data/many") == ana.tree("data/many")
    lost, rotten = (ana.oid_of("many@1.0.0", f"{number:04}.txt") for number in (7, 1977))
    good = shelf.read(rotten)
    shelf.lose(lost)
    shelf.rot(rotten, good[:-1])
    assert ana.json("push")["objects"] == 2
    assert shelf.read(rotten) == good


def test_200_megabytes_in_one_object_survive_an_end_in_mid_push(
    ana: Person, shelf: Shelf, line: Line, another: Callable[[str], Person]
) -> None:
    content = noise(LARGE)
    ana.write("data/model.bin", content)
    ana.dsv("add", "data/model.bin")
    ana.goes_by(line, shelf)
    line.after(LARGE // 2, line.cut)
    assert (error := ana.json("push", "model", code=50)["error"])["kind"] == "network", error
    oid = hashlib.md5(content).hexdigest()
    assert oid not in shelf.oids()
    line.mend()
    timed("push of 200 MiB", lambda: ana.dsv("push"))
    assert hashlib.md5(shelf.read(oid)).hexdigest() == oid
    line.after(LARGE // 2, line.cut)
    bob = another("bob")
    assert (error := bob.json("pull", "model", code=50)["error"])["kind"] == "network", error
    assert oid not in bob.cached()
    line.mend()
    timed("pull of 200 MiB", lambda: bob.dsv("pull", "model"))
    assert (bob.root / "data/model.bin").read_bytes() == content


def test_a_server_killed_while_it_takes_200_megabytes_has_them_whole_in_the_end(ana: Person, shelf: Shelf) -> None:
    server = shelf.storage.server
    if server is None:
        pytest.skip("needs a server of the suite's own")
    content = noise(LARGE)
    ana.write("data/model.bin", content)
    ana.dsv("add", "data/model.bin")
    killed: list[int] = []

    def kill(what: str, done: int, total: int, records: int = 0) -> None:
        if done > LARGE // 3 and not killed:
            killed.append(done)
            server.kill()

    try:
        with pytest.raises(ExternalError):
            dsv.open(str(ana.root), progress=kill).push("model")
    finally:
        server.start()
    oid = hashlib.md5(content).hexdigest()
    ana.dsv("push")
    assert hashlib.md5(shelf.read(oid)).hexdigest() == oid


def test_who_is_slow_is_waited_for(ana: Person, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_line_to(shelf.storage, bytes_a_second=500_000) as line:
        ana.goes_by(line, shelf)
        monkeypatch.setattr(sys.modules["dsv.adapters.dvc.remote"], "_STANDSTILL_SECONDS", 5.0)
        ana.write("data/large.bin", noise(10 << 20))
        ana.dsv("add", "data/large.bin")
        timed("push of 10 MiB at half a megabyte a second", lambda: ana.dsv("push", "large"))
