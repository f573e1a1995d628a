"""What hostile input did to dsv once, each case as small as it gets."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsv.adapters.dvc import parse_pointer
from dsv.cli.options import metadata
from dsv.errors import BadManifestError, MismatchError, UnsupportedError, UsageError
from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.csv_reading import CsvReading
from dsv.model.fields import FieldsChange, FieldType
from dsv.model.policy import Policy
from dsv.model.policy_rules import decide
from dsv.model.reading import Reading
from dsv.records.compare import compare, compare_with_examples
from dsv.records.index import RecordIndex
from dsv.records.present import read_rows
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns
from dsv.records.scan import scan_file
from dsv.repository.contents import scan_cache
from tests.properties.datasets import opened


def test_a_field_whose_name_no_file_can_hold_is_recorded_by_its_escape(repo):
    repo.write("data/notes/a.jsonl", '{"\\ud800": 1, "\\u00e9": 2}\n')
    release = repo.json("add", "data/notes")
    assert [field["name"] for field in release["manifest"]["fields"]] == ["\\ud800", "é"]
    repo.write("data/notes/a.jsonl", '{"\\ud800": 1, "\\u00e9": 2}\n{"\\u00e9": "\\ud800"}\n')
    assert repo.json("diff", "notes@1.0.0")["schema"]["added"] == []
    assert "1 added" in repo.dsv("status").stdout
    assert repo.json("bump", "notes")["version"] == "2.0.0"


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "\u2028", "x" * 5000, "{0}"])
def test_a_reason_is_one_line_whatever_the_field_is_called(name):
    retyped = FieldType(name, ("string",), ("number",))
    for fields in (FieldsChange(added=(name,)), FieldsChange(removed=(name,)), FieldsChange(changed=(retyped,))):
        change = Change(RecordCounts(unchanged=100), FilesChange(modified=("a.jsonl",)), fields, keyed=True)
        (reason,) = decide(change, policy=Policy()).reasons
        assert reason.isprintable()
        assert len(reason) < 200


def changed_pack(directory: str, *, file: int, header_too: bool) -> None:
    """The first row of an index made to belong to another file."""
    path = Path(directory, "records-00.pack")
    header, rows = path.read_bytes()[:64], path.read_bytes()[64:]
    rows = rows[:32] + struct.pack(">I", file) + rows[36:]
    if header_too:
        header = header[:20] + hashlib.sha256(rows).digest() + header[52:]
    path.write_bytes(header + rows)


MD5 = "0b" * 16


def split_of(number: int) -> str | None:
    return ["test", "train"][number]


@pytest.mark.parametrize("header_too", [True, False])
def test_a_row_that_belongs_to_no_file_is_refused_where_records_are_compared(*, header_too):
    files = {"train.jsonl": b'{"id":1}\n{"id":2}\n', "test.jsonl": b'{"id":3}\n'}
    with opened(files, key=["id"]) as dataset, opened({"train.jsonl": b""}, key=["id"]) as empty:
        changed_pack(dataset.index.directory, file=7, header_too=header_too)
        index = RecordIndex.open(dataset.index.directory)
        with pytest.raises(MismatchError):
            compare(index, index, old_split=split_of, new_split=split_of, keyed=True)
        with pytest.raises(MismatchError):
            compare_with_examples(empty.index, index, old_split=empty.split_of, new_split=split_of, keyed=True, limit=9)


def test_a_record_index_with_a_bit_changed_is_never_counted():
    with opened({"train.jsonl": b'{"id":1}\n{"id":2}\n', "test.jsonl": b""}, key=["id"]) as dataset:
        changed_pack(dataset.index.directory, file=0, header_too=False)
        index = RecordIndex.open(dataset.index.directory)
        with pytest.raises(MismatchError, match="differ from the digest"):
            compare(index, index, old_split=split_of, new_split=split_of, keyed=True)
        with pytest.raises(MismatchError, match="differ from the digest"):
            list(index.rows_of_files({0: 0, 1: 1}))


def test_a_stat_cache_with_any_byte_changed_is_not_believed(tmp_path):
    source = tmp_path / "a.jsonl"
    source.write_bytes(b'{"id":1}\n')
    with SortedRuns(ROW.size) as runs, opened({"a.jsonl": b'{"id":1}\n'}) as dataset:
        scan = scan_file(source, path="a.jsonl", reading=Reading(), key=(), sink=runs.sink(0))
        cache = scan_cache.ScanCache({"a.jsonl": scan}, dataset.built, "a1")
    scan_cache.save(str(tmp_path), cache, declarations="x")
    assert scan_cache.load(str(tmp_path), declarations="x") == cache
    stored = (tmp_path / "scan").read_bytes()
    for place in range(len(stored)):
        (tmp_path / "scan").write_bytes(stored[:place] + bytes([stored[place] ^ 4]) + stored[place + 1 :])
        assert scan_cache.load(str(tmp_path), declarations="x") is None


def test_a_csv_in_another_encoding_may_be_closed_before_its_end(tmp_path):
    source = tmp_path / "a.csv"
    source.write_bytes("a,b\n1,2\n3,4\n".encode("utf-16"))
    found = read_rows(str(source), path="a.csv", reading=Reading(csv=CsvReading(encoding="utf-16")), rows={1})
    assert found == {1: {"a": "1", "b": "2"}}  # and no error in a finalizer, which pytest would report


@pytest.mark.parametrize("scale", [100, -100])
def test_a_decimal_that_no_decimal_can_hold_makes_an_arrow_file_unreadable(tmp_path, scale):
    file = tmp_path / "a.arrow"
    table = pa.table({"a": pa.array([1, None], pa.decimal128(9, 0)).view(pa.decimal128(9, scale))})
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    with SortedRuns(ROW.size) as runs:
        scan = scan_file(file, path="a.arrow", reading=Reading(), key=(), sink=runs.sink(0))
    assert scan.unreadable == f"decimals with {scale} digits behind the point are not read"


def test_what_a_damaged_parquet_file_makes_its_library_say_is_one_line(tmp_path):
    pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    length = int.from_bytes(whole[-8:-4], "little")
    for place in range(len(whole) - 8 - length, len(whole) - 8):
        (tmp_path / "b.parquet").write_bytes(whole[:place] + b"\x0f" + whole[place + 1 :])
        with SortedRuns(KEYED_ROW.size) as runs:
            scan = scan_file(tmp_path / "b.parquet", path="b.parquet", reading=Reading(), key=("a",), sink=runs.sink(0))
        assert scan.unreadable.isprintable()


@pytest.mark.parametrize("text", ["\udcff=[", "a=\udcff", "a\x1b=[", f"a={'[' * 5000}", f"{'a' * 5000}=[", "x" * 5000])
def test_a_refused_fact_is_told_in_a_short_line(text):
    with pytest.raises((BadManifestError, UsageError)) as refusal:
        metadata([text], "")
    assert refusal.value.message.isprintable()
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize(
    "line", ["md5: " + "0b" * 5000, "md5: [a]", f"md5: {MD5}\n  size: {'9' * 5000}", "x" * 5000 + ": 1"]
)
def test_a_refused_pointer_is_told_in_a_short_line(line):
    with pytest.raises((BadManifestError, UnsupportedError)) as refusal:
        parse_pointer(f"outs:\n- path: a\n  {line}\n".encode(), file="a.dvc")
    assert refusal.value.message.isprintable()
    assert len(refusal.value.message) < 200
