from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from dsv.errors import ExistsError, MismatchError, MissingDataError
from dsv.records.canonical import fingerprint, key_fingerprint
from dsv.records.index import (
    IndexedFile,
    Place,
    RecordIndex,
    build_index,
    duplicate_keys,
    file_numbers,
)
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns
from dsv.records.sums import read_sums, tree_digest, write_sums

PIPELINE = r"find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum"
NAMES = ["b", "a/z", "a b", "a\nb", "a\\b", "a\rb", "\\n", "é", "e\u0301", "Z", "a.b/c", "a/b", "\udcff", "-x"]


def contents(directory: str) -> dict[str, bytes]:
    return {name: (Path(directory) / name).read_bytes() for name in sorted(os.listdir(directory))}


def lines(*ids: int) -> bytes:
    return b"".join(b'{"id":%d,"text":"lease"}\n' % number for number in ids)


def test_the_tree_digest_is_the_one_that_a_shell_computes(tmp_path):
    data = tmp_path / "data"
    for name in NAMES:
        if not name.startswith("-"):  # an option to sha256sum when it is called this way
            path = os.fsencode(data) + b"/" + os.fsencode(name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(os.fsencode(name))
    files = [(name, hashlib.sha256(os.fsencode(name)).hexdigest()) for name in NAMES if name != "-x"]
    files.reverse()
    printed = subprocess.run(["bash", "-c", PIPELINE], cwd=data, check=True, capture_output=True).stdout
    assert printed.decode() == f"{tree_digest(files)}  -\n"
    (tmp_path / "SHA256SUMS").write_bytes(write_sums(files))
    subprocess.run(["sha256sum", "--strict", "--status", "-c", "../SHA256SUMS"], cwd=data, check=True)


def test_the_list_of_files_reads_back():
    files = [(name, f"{number:064x}") for number, name in enumerate(NAMES)]
    assert dict(read_sums(write_sums(files))) == dict(files)
    assert [name for name, _ in read_sums(write_sums(files))] == list(file_numbers(NAMES))
    assert read_sums(b"") == ()


@pytest.mark.parametrize(
    "text",
    [
        b"x",
        b"0" * 64 + b"  a",
        b"0" * 64 + b" *a\n",
        b"A" * 64 + b"  a\n",
        b"0" * 64 + b"  b\n" + b"0" * 64 + b"  a\n",
        2 * (b"0" * 64 + b"  a\n"),
        b"\\" + b"0" * 64 + b"  a\n",
        b"\\" + b"0" * 64 + b"  a\\x\n",
        b"\n",
    ],
)
def test_a_list_that_dsv_did_not_write_is_refused(text):
    with pytest.raises(MismatchError, match="SHA256SUMS"):
        read_sums(text)


FILES = {f"part-{number:02}.jsonl": lines(*range(number, number + 9)) for number in range(12)}


@pytest.mark.parametrize("key", [(), ("id",)])
def test_the_bytes_of_an_index_do_not_depend_on_how_it_was_made(build, key):
    plain, built = build(FILES, key=key)
    for seed, in_memory in ((1, 1 << 18), (2, 1), (3, 7), (4, 100)):
        other, again = build(FILES, key=key, seed=seed, in_memory=in_memory)
        assert contents(other.directory) == contents(plain.directory)
        assert again == built
    plain.verify()


def test_an_index_is_laid_out_as_documented(build):
    index, built = build({"b.jsonl": b'{"id":1}', "a/b.jsonl": b'[2]\n{"id":1}'}, key=("id",))
    files = contents(index.directory)
    assert list(files) == ["SHA256SUMS", "records-00.pack"]
    header, rows = files["records-00.pack"][:64], files["records-00.pack"][64:]
    assert header == struct.pack(">8sHHQ32s12x", b"dsvrec1\0", 40, 1, 3, hashlib.sha256(rows).digest())
    one, other = fingerprint({"id": 1}), fingerprint([2])
    expected = [
        KEYED_ROW.pack(one, key_fingerprint([1]), 0, 2),
        KEYED_ROW.pack(one, key_fingerprint([1]), 1, 1),
        KEYED_ROW.pack(other, other, 0, 1),
    ]
    assert rows == b"".join(sorted(expected))
    assert built.tree_digest == hashlib.sha256(files["SHA256SUMS"]).hexdigest() == index.tree_digest
    assert built.records_digest == hashlib.sha256(b"".join(sorted([one, one, other]))).hexdigest()
    assert index.records_digest() == built.records_digest
    assert index.records_by_file() == [2, 1]
    assert (index.count, index.keyed, index.readable, index.opaque_count) == (3, True, True, None)


def test_sharding_order_and_compression_do_not_change_the_records(build):
    import gzip

    whole = build({"all.jsonl": lines(*range(20))})[1]
    for files in (
        {"a.jsonl": lines(*range(19, 9, -1)), "b.jsonl": lines(*range(10))},
        {"all.jsonl.gz": gzip.compress(lines(*range(20)))},
        {"all.json": b"[" + lines(*range(20))[:-1].replace(b"\n", b",") + b"]"},
    ):
        assert build(files)[1].records_digest == whole.records_digest
    assert build({"all.jsonl": lines(0, *range(20))})[1].records_digest != whole.records_digest
    assert build({"all.jsonl": lines(*range(19))})[1].records_digest != whole.records_digest


def test_large_packs_are_cut_by_fingerprint_and_hold_the_same_rows(build):
    whole, built = build(FILES)
    cut, again = build(FILES, largest_pack=1024)
    names = list(contents(cut.directory))
    assert names == ["SHA256SUMS", *(f"records-{number:02x}.pack" for number in range(4))]
    assert list(cut.rows()) == list(whole.rows())
    assert again == built
    cut.verify()


@pytest.mark.parametrize("largest", [1 << 20, 24])
def test_opaque_files_beside_records_have_packs_of_their_own(build, largest):
    files = {"a.jsonl": lines(1), "x.png": b"x", "y.png": b"y", "README.md": b"about", ".hidden": b""}
    index, built = build(files, largest_pack=largest)
    number = file_numbers(files)
    assert (built.records, built.opaque, index.opaque_count) == (1, 2, 2)
    assert list(index.opaque_rows()) == sorted(
        ROW.pack(hashlib.sha256(files[name]).digest(), number[name], 1) for name in ("x.png", "y.png")
    )
    index.verify()


def test_where_nothing_is_readable_every_file_is_a_record(build):
    files = {"x.png": b"x", "y.png": b"x", "README.md": b"about"}
    index, built = build(files, key=("id",))
    assert (built.records, built.opaque, built.keyed) == (3, None, False)
    assert (index.count, index.readable, index.keyed, index.opaque_count) == (3, False, False, None)
    assert [entry[0] for entry in index.entries()] == sorted(
        hashlib.sha256(content).digest()[:16] for content in files.values()
    )


def test_an_empty_dataset_has_an_index(build):
    for files in ({}, {"a.jsonl": b""}, {"a.jsonl": b"", "README.md": b"x"}):
        index, built = build(files)
        assert (index.count, built.records) == (0, 0)
        assert built.records_digest == hashlib.sha256(b"").hexdigest()


def test_an_index_grown_from_the_one_before_is_the_index_made_anew(build, tmp_path):
    before, _ = build({"a.jsonl": lines(1, 2, 3), "b.jsonl": lines(2, 4), "c.jsonl": lines(5, 2)}, key=("id",))
    files = {"a.jsonl": lines(9), "d.jsonl": lines(2, 4), "b2.jsonl": lines(5, 2), "e.png": b"x"}
    anew, _ = build(files, key=("id",))
    numbers = file_numbers(files)
    with SortedRuns(KEYED_ROW.size) as runs:
        fresh = runs.sink(numbers["a.jsonl"])
        fresh.add([row for row in anew.rows() if KEYED_ROW.unpack(row)[2] == numbers["a.jsonl"]])
        fresh.commit()
        # c became b2, which lies before b, now d: the order of the files is another one.
        kept = before.rows_of_files({1: numbers["d.jsonl"], 2: numbers["b2.jsonl"]}, spill=str(tmp_path))
        indexed = [
            IndexedFile(path, hashlib.sha256(content).hexdigest(), "opaque" if path == "e.png" else "jsonl")
            for path, content in files.items()
        ]
        runs.add_one_by_one(kept)
        build_index(str(tmp_path / "grown"), files=indexed, rows=runs.blocks(), keyed=True)
    assert contents(str(tmp_path / "grown")) == contents(anew.directory)


def test_rows_of_unchanged_files_keep_their_order_without_sorting(build):
    before, _ = build({"a.jsonl": lines(1, 2, 3), "b.jsonl": lines(2, 4), "c.jsonl": lines(5, 2)})
    kept = list(before.rows_of_files({0: 1, 2: 5}))
    assert kept == sorted(kept)
    assert {ROW.unpack(row)[1] for row in kept} == {1, 5}
    assert len(kept) == 5


def test_records_that_share_a_key_are_counted_and_the_first_named(build):
    files = {"a.jsonl": b'{"id":1,"a":1}\n{"id":1,"a":2}\n[0]\n[0]\n', "b.jsonl": b'{"id":2}\n{"id":1}\n{"id":2}\n'}
    index, _ = build(files, key=("id",))
    found = duplicate_keys(index.rows())
    assert found.count == 3
    assert found.first == (
        (Place(0, 2), Place(0, 1)),
        (Place(1, 2), Place(0, 1)),
        (Place(1, 3), Place(1, 1)),
    )
    many, _ = build({"a.jsonl": lines(*[7] * 300)}, key=("id",))
    found = duplicate_keys(many.rows())
    assert found.count == 299
    assert [repeating.row for repeating, _ in found.first] == list(range(2, 12))


def test_an_index_appears_whole_or_not_at_all(build, tmp_path):
    def failing():
        yield ROW.pack(b"x" * 16, 0, 1)
        raise RuntimeError

    target = tmp_path / "new"
    file = IndexedFile("a.jsonl", "0" * 64, "jsonl")
    with pytest.raises(RuntimeError):
        build_index(str(target), files=[file], rows=failing(), keyed=False)
    assert os.listdir(tmp_path) == []
    build_index(str(target), files=[file], rows=[], keyed=False)
    with pytest.raises(ExistsError):
        build_index(str(target), files=[file], rows=[], keyed=False)


def test_a_missing_index_is_missing_data(build, tmp_path):
    with pytest.raises(MissingDataError, match="there is no record index"):
        RecordIndex.open(tmp_path / "nowhere")
    index, _ = build(FILES)
    os.unlink(os.path.join(index.directory, "records-00.pack"))
    with pytest.raises(MissingDataError, match="no packs"):
        RecordIndex.open(index.directory)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda pack: pack[:40],
        lambda pack: pack[:-1],
        lambda pack: pack + b"\0" * 24,
        lambda pack: b"x" + pack[1:],
        lambda pack: pack[:8] + b"\0\x28" + pack[10:],
        lambda pack: pack[:8] + b"\0\0" + pack[10:],
    ],
)
def test_a_damaged_pack_is_not_opened(build, damage):
    index, _ = build(FILES)
    path = Path(index.directory) / "records-00.pack"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(MismatchError, match=r"records-00\.pack"):
        RecordIndex.open(index.directory)


def test_packs_that_do_not_belong_together_are_not_opened(build):
    index, _ = build(FILES, largest_pack=1024)
    os.unlink(os.path.join(index.directory, "records-03.pack"))
    with pytest.raises(MismatchError, match="do not belong together"):
        RecordIndex.open(index.directory)


def rewritten(rows: list[bytes]) -> bytes:
    joined = b"".join(rows)
    header = struct.pack(">8sHHQ32s12x", b"dsvrec1\0", 24, 0, len(rows), hashlib.sha256(joined).digest())
    return header + joined


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda pack, _: pack[:-1] + bytes([pack[-1] ^ 1]), "differ from the digest"),
        (lambda _, rows: rewritten(rows[::-1]), "do not ascend"),
        (lambda _, rows: rewritten([rows[0], *rows]), "do not ascend"),
        (lambda _, rows: rewritten([*rows[:-1], rows[-1][:16] + b"\0\0\0\x0c\0\0\0\x01"]), "to no file"),
    ],
)
def test_verify_finds_rows_that_are_not_right(build, damage, reason):
    index, _ = build(FILES)
    path = Path(index.directory) / "records-00.pack"
    path.write_bytes(damage(path.read_bytes(), list(index.rows())))
    with pytest.raises(MismatchError, match=reason):
        RecordIndex.open(index.directory).verify()


def test_verify_finds_a_pack_in_the_place_of_another(build):
    index, _ = build(FILES, largest_pack=1024)
    first, second = (Path(index.directory) / f"records-0{number}.pack" for number in (0, 1))
    shutil.copy(first, second)
    with pytest.raises(MismatchError, match="belongs to another pack"):
        RecordIndex.open(index.directory).verify()
