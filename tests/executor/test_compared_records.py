"""Records that several processes compare fall into the classes that one finds."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from dsv.adapters.executor import Here, processes
from dsv.errors import MismatchError
from dsv.model.reading import Reading
from dsv.records.compare import Comparison, compare_with_examples
from dsv.records.index import IndexedFile, RecordIndex, build_index
from dsv.records.runs import KEYED_ROW, SortedRuns
from dsv.records.workers import Workers
from tests.executor.test_parts import in_a_fresh_process

FILES = ("pool.jsonl", "test.jsonl", "train.jsonl")


def made(directory: Path, *, seed: int) -> str:
    """The index of some thousand records, many of which another seed gives too, in another file or with another key."""
    randomness = random.Random(seed)  # noqa: S311 - any records
    with SortedRuns(KEYED_ROW.size) as runs:
        for row in range(1, 4_000):
            content = hashlib.sha256(b"%d" % randomness.randrange(3_000)).digest()
            key = hashlib.sha256(content[:2] if content[0] else b"").digest()[:16]
            runs.add([KEYED_ROW.pack(content[:16], key, randomness.randrange(len(FILES)), row)])
        files = [IndexedFile(name, f"{seed:064x}", "jsonl") for name in FILES]
        build_index(str(directory / f"index-{seed}"), files=files, rows=runs.blocks(), keyed=True, largest_pack=40_000)
    return str(directory / f"index-{seed}")


def compared(old: str, new: str, *, keyed: bool, workers: Workers) -> Comparison:
    """All there is to say about two indexes."""
    first, second = RecordIndex.open(old), RecordIndex.open(new)
    return compare_with_examples(
        first,
        second,
        old_split=lambda number: Reading().split_of(FILES[number]),
        new_split=lambda number: Reading().split_of(FILES[number]),
        keyed=keyed,
        limit=7,
        inside=lambda path, _: path != "pool.jsonl",
        workers=workers,
    )


def by_two(old: str, new: str, keyed: bool) -> Comparison:  # noqa: FBT001 - as a call in another process has it
    """The same by two processes; to be called in a process that may fork."""
    with processes(2) as two:
        assert not isinstance(two, Here)
        return compared(old, new, keyed=keyed, workers=two)


@pytest.mark.parametrize("keyed", [True, False])
def test_records_are_in_the_same_classes_whoever_compares_them(tmp_path: Path, *, keyed: bool) -> None:
    old, new = made(tmp_path, seed=1), made(tmp_path, seed=2)
    alone = compared(old, new, keyed=keyed, workers=Here())
    assert all((alone.counts.added, alone.counts.removed, alone.counts.moved, alone.counts.unchanged))
    assert bool(alone.counts.modified) is keyed
    assert in_a_fresh_process(by_two, old, new, keyed) == alone


def test_a_damaged_index_is_noticed_by_several_processes_too(tmp_path: Path) -> None:
    old, new = made(tmp_path, seed=1), made(tmp_path, seed=2)
    pack = Path(new) / "records-02.pack"
    content = bytearray(pack.read_bytes())
    content[-1] ^= 1
    pack.write_bytes(content)
    with pytest.raises(MismatchError, match=r"records-02\.pack: the rows differ from the digest"):
        in_a_fresh_process(by_two, old, new, False)
