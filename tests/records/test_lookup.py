"""Records are found in packs where they are, whatever their fingerprints look like and whatever the packs hold."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dsv.errors import MismatchError, MissingDataError
from dsv.records.lookup import Hits, find_in_packs, find_keys_in_packs, opened_pack
from dsv.records.packs import FLAG_KEYED, FLAG_OPAQUE, HEADER, MAGIC, write_packs
from dsv.records.runs import KEYED_ROW, ROW
from dsv.records.sums import files_at, files_with_digest, write_sums

ALL = 10**9


def packed(directory: Path, rows: list[bytes], *, keyed: bool = False, flags: int = 0, largest: int = 64 << 20):
    """The paths of the packs that hold these rows."""
    directory.mkdir(parents=True, exist_ok=True)
    size = (KEYED_ROW if keyed else ROW).size
    written = write_packs(
        sorted(rows),
        directory=str(directory),
        kind="records",
        row_size=size,
        flags=flags | (FLAG_KEYED if keyed else 0),
        largest=largest,
    )
    return [str(directory / f"records-{number:02x}.pack") for number in range(written.packs)]


def looked_up(paths: list[str], *fingerprints: bytes, limit: int = ALL) -> dict[bytes, Hits]:
    wanted = [(each, each) for each in sorted(fingerprints)]
    return dict(find_in_packs(paths, wanted, opaque=False, limit=limit))


def naively(rows: list[bytes], fingerprint: bytes) -> Hits | None:
    """What looking at every row finds."""
    places = sorted(ROW.unpack(row[:16] + row[-8:])[1:] for row in rows if row[:16] == fingerprint)
    return hits(fingerprint, *places) if places else None


def hits(fingerprint: bytes, *places: tuple[int, int], total: int | None = None) -> Hits:
    """One content in these places."""
    return Hits(len(places) if total is None else total, places, frozenset((fingerprint,)))


def content(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()[:16]


EXTREMES = [bytes(16), b"\xff" * 16, b"\x7f" + b"\xff" * 15, b"\x80" + bytes(15)]
FINGERPRINTS = st.sampled_from([*EXTREMES, *map(content, range(30))]) | st.binary(min_size=16, max_size=16)


@pytest.mark.heavy
@settings(max_examples=150, deadline=None)
@given(
    several=st.lists(st.tuples(FINGERPRINTS, st.integers(1, 3000)), max_size=40),
    others=st.lists(FINGERPRINTS, max_size=5),
    keyed=st.booleans(),
    largest=st.sampled_from([64 << 20, 4096]),
)
@example(several=[(bytes(16), 3000), (b"\xff" * 16, 3000)], others=[content(1)], keyed=False, largest=4096)
@example(several=[(content(1), 9000)], others=[content(2)], keyed=True, largest=64 << 20)
def test_looking_up_finds_what_looking_at_every_row_finds(tmp_path_factory, several, others, keyed, largest):
    rows, number = [], 0
    for fingerprint, times in several:
        for _ in range(times):
            number += 1
            key = (hashlib.sha256(b"key %d" % number).digest()[:16],) if keyed else ()
            rows.append((KEYED_ROW if keyed else ROW).pack(fingerprint, *key, number % 7, number))
    paths = packed(tmp_path_factory.mktemp("packs"), rows, keyed=keyed, largest=largest)
    asked = {*(fingerprint for fingerprint, _ in several), *others}
    expected = {each: found for each in asked if (found := naively(rows, each))}
    assert looked_up(paths, *asked) == expected
    for each in asked:
        assert looked_up(paths, each) == ({each: expected[each]} if each in expected else {})


def test_a_record_among_many_is_found_with_one_read_of_few_rows(tmp_path, monkeypatch):
    rows = [ROW.pack(content(number), 0, number) for number in range(1, 100_001)]
    [path] = packed(tmp_path, rows)
    reads: list[int] = []
    from dsv.records import lookup

    real = lookup.os.pread
    monkeypatch.setattr(lookup.os, "pread", lambda *given: (reads.append(given[1]), real(*given))[1])
    chosen = random.Random(7).sample(range(1, 100_001), 200)  # noqa: S311 - any records
    for number in chosen:
        assert looked_up([path], content(number)) == {content(number): hits(content(number), (0, number))}
    of_rows = [size for size in reads if size != HEADER.size]
    assert len(of_rows) < 2 * len(chosen)
    assert max(of_rows) < 100_000 * ROW.size // 20


@settings(max_examples=40, deadline=None)
@given(
    held=st.lists(st.integers(0, 400), max_size=1500),
    asked=st.sets(st.integers(0, 400), min_size=20),
    keyed=st.booleans(),
    blocks=st.sampled_from([100, 1 << 18]),
    batch=st.sampled_from([17, 4096]),
)
def test_many_records_at_once_are_found_as_each_by_itself(tmp_path_factory, *, held, asked, keyed, blocks, batch):
    size = KEYED_ROW if keyed else ROW
    keys = (bytes(16),) if keyed else ()
    rows = [size.pack(content(each), *keys, 0, row) for row, each in enumerate(held, 1)]
    paths = packed(tmp_path_factory.mktemp("packs"), rows, keyed=keyed, largest=1 << 14)
    fingerprints = [content(each) for each in asked]
    expected = {each: found for each in fingerprints if (found := naively(rows, each))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dsv.records.lookup._BLOCK_BYTES", blocks)
        patch.setattr("dsv.records.lookup._BATCH", batch)
        assert looked_up(paths, *fingerprints) == expected


def test_records_that_many_rows_repeat_are_counted_and_only_the_first_are_read(tmp_path):
    rows = [ROW.pack(content(1), 0, number) for number in range(1, 50_001)]
    rows += [ROW.pack(content(number), 1, number) for number in range(2, 2000)]
    [path] = packed(tmp_path, rows)
    assert looked_up([path], content(1), limit=3) == {
        content(1): hits(content(1), (0, 1), (0, 2), (0, 3), total=50_000)
    }
    for number in (2, 77, 1999):
        assert looked_up([path], content(number)) == {content(number): hits(content(number), (1, number))}


def test_packs_that_cannot_hold_the_record_are_not_opened(tmp_path):
    rows = [ROW.pack(content(number), 0, number) for number in range(1, 2001)]
    paths = packed(tmp_path, rows, largest=12_000)
    assert len(paths) == 4
    holding = content(5)[0] >> 6
    for number, path in enumerate(paths):
        if number != holding:
            Path(path).unlink()
    assert looked_up(paths, content(5)) == {content(5): hits(content(5), (0, 5))}


@settings(max_examples=60, deadline=None)
@given(keys=st.lists(st.integers(0, 40), min_size=1, max_size=300), blocks=st.sampled_from([40, 120, 1 << 18]))
def test_a_key_is_found_in_every_row_that_has_it_and_nowhere_else(tmp_path_factory, keys, blocks):
    # Fingerprints of the same bytes as keys: what stands elsewhere in a row must not count.
    rows = [KEYED_ROW.pack(content(key + 1), content(key), 0, at) for at, key in enumerate(keys, 1)]
    paths = packed(tmp_path_factory.mktemp("packs"), rows, keyed=True, largest=4096)
    expected = {
        content(key): hits(content(key + 1), *((0, at) for at, each in enumerate(keys, 1) if each == key))
        for key in set(keys)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dsv.records.lookup._BLOCK_BYTES", blocks)
        assert find_keys_in_packs(paths, [content(key) for key in range(50)], limit=ALL) == expected


def test_rows_without_keys_hold_no_key(tmp_path):
    paths = packed(tmp_path, [ROW.pack(content(1), 0, 1)])
    assert find_keys_in_packs(paths, [content(1)], limit=ALL) == {}


def test_a_record_and_a_file_with_the_same_digest_are_not_taken_for_one_another(tmp_path):
    rows = [ROW.pack(content(1), 0, 1)]
    files, records = packed(tmp_path / "a", rows, flags=FLAG_OPAQUE), packed(tmp_path / "b", rows)
    for paths, opaque in ((files, False), (records, True)):
        assert list(find_in_packs(paths, [(content(1), None)], opaque=opaque, limit=ALL)) == []


def test_a_pack_without_rows_holds_nothing(tmp_path):
    paths = packed(tmp_path, [])
    assert looked_up(paths, *EXTREMES) == {}
    assert find_keys_in_packs(packed(tmp_path / "keyed", [], keyed=True), [content(1)], limit=ALL) == {}


ROWS = [ROW.pack(content(number), 0, number) for number in range(1, 101)]


def header(*, rows: int = 100, row_size: int = ROW.size, flags: int = 0, magic: bytes = MAGIC) -> bytes:
    return HEADER.pack(magic, row_size, flags, rows, bytes(32))


@pytest.mark.parametrize(
    "forged",
    [
        b"",
        b"dsvrec1\0",
        header(magic=b"dsvrec2\0") + b"".join(ROWS),
        header() + b"".join(ROWS)[:-1],
        header() + b"".join(ROWS) + b"x",
        header(rows=2**64 - 1) + b"".join(ROWS),
        header(row_size=0) + b"".join(ROWS),
        header(row_size=40, rows=60) + b"".join(ROWS),
        header(flags=FLAG_KEYED) + b"".join(ROWS),
    ],
    ids=["empty", "header cut off", "other magic", "cut off", "too long", "many rows", "no size", "no flag", "no key"],
)
def test_a_file_that_is_no_pack_is_refused(tmp_path, forged):
    path = tmp_path / "forged"
    path.write_bytes(forged)
    with pytest.raises(MismatchError, match="forged"):
        looked_up([str(path)], content(1))


def test_a_pack_that_is_cut_off_while_it_is_open_is_refused(tmp_path):
    [path] = packed(tmp_path, [KEYED_ROW.pack(content(at), content(at), 0, at) for at in range(1, 101)], keyed=True)
    with opened_pack(path) as pack:
        Path(path).write_bytes(Path(path).read_bytes()[: HEADER.size + 1000])
        with pytest.raises(MismatchError, match="cut off"):
            pack.find(content(1), limit=ALL)
    with opened_pack(packed(tmp_path / "b", [KEYED_ROW.pack(content(1), content(1), 0, 1)], keyed=True)[0]) as pack:
        Path(pack.path).write_bytes(Path(pack.path).read_bytes()[:-1])
        with pytest.raises(MismatchError, match="cut off"):
            pack.find_keys([content(1)], limit=ALL)


def test_rows_in_a_wrong_order_are_never_taken_for_the_record(tmp_path):
    path = tmp_path / "shuffled"
    shuffled = ROWS * 40
    random.Random(3).shuffle(shuffled)  # noqa: S311 - any order
    path.write_bytes(header(rows=len(shuffled)) + b"".join(shuffled))
    for number in range(1, 101):
        try:
            found = looked_up([str(path)], content(number)).get(content(number))
        except MismatchError:
            continue
        assert found is None or set(found.first) == {(0, number)}


def test_a_missing_pack_is_named(tmp_path):
    with pytest.raises(MissingDataError, match="nowhere"):
        looked_up([str(tmp_path / "nowhere")], content(1))


@pytest.mark.parametrize("count", [0, 3])
def test_packs_that_are_no_power_of_two_are_no_set(tmp_path, count):
    [path] = packed(tmp_path, ROWS)
    with pytest.raises(MismatchError, match="no power of two"):
        looked_up([path] * count, content(1))


NAMES = ["a", "b\nc", "d\\e", "é", "\udcff", "z" + "ab" * 32]


def test_files_are_told_by_their_number_without_reading_the_whole_list():
    files = [(name, hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()) for name in NAMES]
    text = write_sums(files)
    ordered = sorted(files, key=lambda file: file[0].encode("utf-8", "surrogateescape"))
    assert files_at(text, range(len(files))) == dict(enumerate(ordered))
    assert files_at(text, [2]) == {2: ordered[2]}
    assert files_at(text, []) == {}
    for number in (len(files), 2**32 - 1):
        with pytest.raises(MismatchError, match=f"no file number {number}"):
            files_at(text, [0, number])


def test_files_are_found_by_the_first_digits_of_their_digest_and_not_by_their_names():
    files = [(name, hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()) for name in NAMES]
    text = write_sums(files)
    for name, digest in files:
        assert files_with_digest(text, digest[:8]) == [(name, digest)]
        assert files_with_digest(text, digest) == [(name, digest)]
    assert files_with_digest(text, "ab" * 16) == []
    assert files_with_digest(b"", "ab" * 16) == []
    same = [(name, "ab" * 32) for name in NAMES]
    assert len(files_with_digest(write_sums(same), "ab" * 5)) == len(NAMES)
