from __future__ import annotations

import hashlib
import json
import os

import pytest

from dsv.errors import DiskError, UnsupportedFileError
from dsv.model.fields import Fields
from dsv.model.reading import Reading
from dsv.records.canonical import fingerprint, key_fingerprint
from dsv.records.file_scan import BadRecord
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns
from dsv.records.scan import scan_file


def types(fields: Fields) -> dict[str, dict[str, int]]:
    return {field.name: dict(field.counts) for field in fields.fields}


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.png", "a.jsonl.gz", "a.csv.gz"])
def test_the_digests_are_those_of_the_bytes_whatever_the_format(scan, name):
    content = b'{"a":1}\n' * 100_000 + b"tail"
    found = scan(name, content)
    assert found.size == len(content)
    assert found.md5 == hashlib.md5(content).hexdigest()
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_a_file_is_read_once(tmp_path):
    (tmp_path / "a.json").write_bytes(b'[{"a":1},\n' + b'{"a":2},\n' * 50_000 + b'{"a":3}]')
    told = []
    with SortedRuns(ROW.size) as runs:
        found = scan_file(
            tmp_path / "a.json",
            path="a.json",
            reading=Reading(),
            key=(),
            sink=runs.sink(0),
            progress=told.append,
        )
    assert sum(told) == found.size


def test_rows_are_fingerprint_file_and_row(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"id":"x"}\n\nbad\n[1]\n')
    with SortedRuns(KEYED_ROW.size) as runs:
        sink = runs.sink(7)
        scan_file(tmp_path / "a.jsonl", path="a.jsonl", reading=Reading(), key=("id",), sink=sink)
        one, other = fingerprint({"id": "x"}), fingerprint([1])
        expected = [
            KEYED_ROW.pack(one, key_fingerprint(["x"]), 7, 1),
            KEYED_ROW.pack(other, other, 7, 2),
        ]
        assert list(runs) == sorted(expected)


def test_fields_count_the_records_that_carry_each_type(scan):
    lines = [
        {"a": "x", "b": 1},
        {"a": None, "b": 1.5},
        {"b": True, "a": "y"},
        {"c": [], "d": {}},
        [1],
        3,
    ]
    found = scan("a.jsonl", "\n".join(map(json.dumps, lines)).encode() + b'\n{"b":1e400}\n{"b":NaN}')
    assert found.records == 8
    assert types(found.fields) == {
        "a": {"string": 2, "null": 1},
        "b": {"number": 4, "boolean": 1},
        "c": {"array": 1},
        "d": {"object": 1},
    }


def test_records_of_thousands_of_shapes_are_counted(scan):
    found = scan("a.jsonl", b"".join(b'{"k%d":1,"all":"x"}\n' % number for number in range(5000)))
    assert len(found.fields.fields) == 5001
    assert found.fields.by_name()["all"].total == 5000


def test_the_header_of_an_empty_table_names_its_fields(scan):
    found = scan("a.csv", b"a,b\n")
    assert (found.format, found.records) == ("csv", 0)
    assert types(found.fields) == {"a": {}, "b": {}}


@pytest.mark.parametrize(
    "text", ["", " ", "a", " a  b\n", "x\x1cy", "lease  a\tb\n\rc " * 40, "日本 語" * 50, "é " * 99]
)
def test_tokens_are_what_whitespace_parts_in_any_string_of_a_record(scan, text):
    record = {"a b": text, "list": [text, 1, {"deep": [text]}], "null": None}
    assert scan("a.jsonl", json.dumps(record).encode()).tokens == 3 * len(text.split())
    assert scan("a.jsonl", json.dumps(text).encode()).tokens == len(text.split())


def test_bad_records_are_counted_and_the_first_ten_named(scan):
    found = scan("a.jsonl", b"{}\n" + b"bad\n" * 25)
    assert (found.records, found.bad_count, len(found.bad)) == (1, 25, 10)
    assert found.bad[0].file == "a.jsonl"
    assert [bad.line for bad in found.bad] == list(range(2, 12))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_record_may_be_500_levels_deep_and_no_more(scan, name):
    found = scan(name, b"[" * 501 + b"]" * 501 + b"\n" + b"[" * 500 + b"]" * 500 + b'\n{"a":1}')
    assert found.records == 2
    assert found.bad == (BadRecord(name, 1, "nested more than 500 levels deep"),)


def test_records_without_the_key_are_counted_and_the_first_ten_named(scan):
    content = b'{"id":1,"part":2}\n{"id":null,"part":1}\n' + b'{"id":1}\n[1]\n"id"\n3\n' * 3
    found = scan("a.jsonl", content, key=("id", "part"))
    assert (found.records, found.missing_keys) == (14, 12)
    assert found.first_missing == tuple(range(3, 13))


def test_an_unreadable_file_is_opaque_and_leaves_nothing(tmp_path):
    good = b'{"a":"some text"}\n' * 20_000
    (tmp_path / "a.json").write_bytes(b"[" + good[:-1].replace(b"\n", b",") + b",]")
    with SortedRuns(ROW.size, in_memory=100) as runs:
        found = scan_file(tmp_path / "a.json", path="a.json", reading=Reading(), key=(), sink=runs.sink(0))
        assert list(runs) == []
        assert runs.count == 0
    assert (found.format, found.records, found.tokens, found.fields) == ("opaque", 0, 0, Fields())
    assert "not JSON" in found.unreadable


def test_a_gzip_file_cut_off_after_many_records_leaves_no_rows(tmp_path):
    import gzip

    whole = gzip.compress(b"".join(b'{"i":%d}\n' % number for number in range(50_000)))
    (tmp_path / "a.jsonl.gz").write_bytes(whole[:-20])
    with SortedRuns(ROW.size, in_memory=1000) as runs:
        runs.add([ROW.pack(b"x" * 16, 0, 1)])
        found = scan_file(tmp_path / "a.jsonl.gz", path="a.jsonl.gz", reading=Reading(), key=(), sink=runs.sink(1))
        assert list(runs) == [ROW.pack(b"x" * 16, 0, 1)]
    assert found.unreadable == "gzip: cut off"
    assert found.size == len(whole) - 20


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path):
    source = tmp_path / "a.jsonl"
    source.write_bytes(b'{"a":1}\n')
    times = iter([1])

    def append_once(_: int) -> None:
        if next(times, None):
            with source.open("ab") as file:
                file.write(b'{"a":2}\n')

    with SortedRuns(ROW.size) as runs:
        sink = runs.sink(0)
        found = scan_file(source, path="a.jsonl", reading=Reading(), key=(), sink=sink, progress=append_once)
        assert len(list(runs)) == found.records == 2
    assert found.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()


def test_a_file_that_never_rests_is_refused_by_name(tmp_path):
    source = tmp_path / "a.jsonl"
    source.write_bytes(b'{"a":1}\n')

    def replace(_: int) -> None:
        other = tmp_path / "other"
        other.write_bytes(b'{"a":1}\n')
        other.rename(source)

    with SortedRuns(ROW.size) as runs:
        with pytest.raises(UnsupportedFileError, match=r"^d/a\.jsonl changes while it is read$"):
            scan_file(source, path="d/a.jsonl", reading=Reading(), key=(), sink=runs.sink(0), progress=replace)
        assert list(runs) == []


def test_a_fifo_does_not_hang_the_scan(tmp_path):
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(UnsupportedFileError, match="is no regular file"), SortedRuns(ROW.size) as runs:
        scan_file(tmp_path / "a.jsonl", path="a.jsonl", reading=Reading(), key=(), sink=runs.sink(0))


def test_a_file_that_is_gone_is_named_in_printable_characters(tmp_path):
    with pytest.raises(DiskError, match=r"^cannot read 'a\\x1bb': No such file"), SortedRuns(ROW.size) as runs:
        scan_file(tmp_path / "gone", path="a\x1bb", reading=Reading(), key=(), sink=runs.sink(0))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a.jsonl", b'{"a":1.0,"b":"\\u00e9"}'), ("a.json", '[\n{"b":"é", "a":1e0}\n]'.encode())),
        (("a.csv", b"a,b\r\n1,\r\n"), ("a.tsv", b"a\tb\n\n1\t")),
        (("a.csv", b"a,b\n1\n"), ("a.jsonl", b'{"b":null,"a":"1"}')),
        (("a.jsonl", b'{"a":NaN}'), ("b.jsonl", b'{"a": NaN }')),
    ],
)
def test_the_way_a_record_is_written_does_not_count(build, one, other):
    first, second = build(dict([one]))[1], build(dict([other]))[1]
    assert first.records_digest == second.records_digest
    assert first.tree_digest != second.tree_digest
