"""CSV, TSV and Parquet as teams have them lying around, and files that were compressed."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.cases.conftest import Looked
    from tests.conftest import Scratch

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def examples(repo: Scratch, *, limit: int = 9) -> list[object]:
    """The records that came since the release."""
    return [each["new"] for each in repo.json("diff", "notes", "--records", str(limit))["examples"]]


def after_header(repo: Scratch, header: str, rows: str | bytes) -> list[object]:
    """The records of the rows, a table of the header alone having been released."""
    repo.write("data/notes/a.csv", header)
    repo.dsv("add", "data/notes")
    repo.write("data/notes/a.csv", header.encode() + (rows.encode() if isinstance(rows, str) else rows))
    return examples(repo)


def test_line_ends_commas_and_quotes_inside_quotes_belong_to_the_cell(repo: Scratch) -> None:
    rows = '1,"two\nlines, and ""quotes"""\n2,"x\r\ny"\n'
    assert after_header(repo, "id,text\n", rows) == [
        {"id": "1", "text": 'two\nlines, and "quotes"'},
        {"id": "2", "text": "x\r\ny"},
    ]


def test_no_value_of_a_ragged_row_moves_to_another_column(repo: Scratch) -> None:
    assert after_header(repo, "a,b,c\n", "1,2\n1,2,3,4\n1,2,3\n") == [
        {"a": "1", "b": "2", "c": None},
        {"a": "1", "b": "2", "c": "3", "_extra": ["4"]},
        {"a": "1", "b": "2", "c": "3"},
    ]
    fields = repo.json("bump", "notes", "-m", "Ragged")["manifest"]["fields"]
    assert {"name": "_extra", "types": ["array"], "counts": {"array": 1}} in fields
    assert {"name": "c", "types": ["string", "null"], "counts": {"string": 2, "null": 1}} in fields


@pytest.mark.parametrize(("delimiter", "word"), [(";", ";"), ("|", "|"), ("\t", "tab")])
def test_the_delimiter_is_found_and_told(repo: Scratch, looked_at: Looked, delimiter: str, word: str) -> None:
    manifest = looked_at({"a.csv": f"price{delimiter}name\n1,50{delimiter}a\n2,75{delimiter}b\n"})
    assert [field["name"] for field in manifest["fields"]] == ["name", "price"]
    assert manifest["data"]["records"] == 2
    told = manifest["data"].get("dialects", {})
    assert list(told) == ([] if word == "tab" else [f"delimiter={word} encoding=utf-8"])


def test_a_decimal_comma_stays_in_its_cell(repo: Scratch) -> None:
    assert after_header(repo, "price;name\n", "1,50;a\n") == [{"price": "1,50", "name": "a"}]


def test_a_table_in_utf16_is_read_as_its_mark_says(looked_at: Looked) -> None:
    data = looked_at({"a.csv": "name,town\nÜwe,Köln\n".encode("utf-16")})["data"]
    assert (data["records"], data["dialects"]) == (1, {"delimiter=, encoding=utf-16": 1})


def test_a_quote_that_is_never_closed_is_reported_where_it_opens(refused: Looked) -> None:
    error = refused({"a.csv": 'a,b\n1,2\n3,"open\n4,5\n6,7\n'}, kind="record")
    assert error["details"]["records"] == [{"file": "a.csv", "line": 3, "reason": "a quote is opened and never closed"}]


def test_two_columns_of_one_name_are_refused_by_that_name(refused: Looked) -> None:
    error = refused({"a.csv": "a,b,a\n1,2,3\n"}, kind="unreadable")
    assert "the header names the column 'a' more than once" in error["message"]


def test_columns_without_a_name_are_columns(repo: Scratch) -> None:
    assert after_header(repo, ", ,b\n", "1,2,3\n") == [{"": "1", " ": "2", "b": "3"}]
    assert "b" in repo.dsv("diff", "notes", "--records").stdout
    repo.dsv("bump", "notes")


def test_a_nul_character_makes_its_row_a_bad_one(refused: Looked, looked_at: Looked) -> None:
    error = refused({"a.csv": b"a,b\n1,2\n3,\0\n4,5\n"}, kind="record")
    assert error["details"]["records"] == [{"file": "a.csv", "line": 3, "reason": "NUL character in line 3"}]
    data = looked_at({}, "--on-bad-record", "keep")["data"]
    assert (data["records"], data["bad_records"]) == (2, 1)


def test_a_cell_of_200_kilobytes_is_a_cell(repo: Scratch) -> None:
    (record,) = after_header(repo, "id,text\n", f"1,{'x' * 200_000}\n")
    assert record == {"id": "1", "text": "x" * 200_000}
    assert len(repo.dsv("diff", "notes", "--records").stdout) < 3_000


def test_leading_zeros_are_part_of_a_value_and_of_a_key(repo: Scratch) -> None:
    repo.write("data/notes/a.csv", "id,text\n007,x\n7,y\n")
    repo.dsv("add", "data/notes", "--key", "id")
    repo.write("data/notes/a.csv", "id,text\n007,z\n7,y\n")
    (example,) = repo.json("diff", "notes", "--records", "9")["examples"]
    assert (example["kind"], example["key"], example["new"]) == ("modified", ["007"], {"id": "007", "text": "z"})


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda content: zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1}),
}
"""Each with a checksum, as the programs of these names write them."""

THOUSAND = "".join(json.dumps(record) + "\n" for record in numbered(1000)).encode()


@pytest.mark.parametrize("suffix", PACKED)
def test_a_compressed_file_holds_the_same_thousand_records(repo: Scratch, suffix: str) -> None:
    repo.write("data/notes/a.jsonl", THOUSAND)
    repo.dsv("add", "data/notes", "--key", "id")
    (repo.root / "data/notes/a.jsonl").unlink()
    repo.write(f"data/notes/a.jsonl.{suffix}", PACKED[suffix](THOUSAND))
    records = repo.json("diff", "notes")["records"]
    assert (records["unchanged"], records["changed_share"]) == (1000, 0)


@pytest.mark.parametrize("suffix", PACKED)
def test_a_compressed_file_that_was_cut_off_is_reported(refused: Looked, suffix: str) -> None:
    whole = PACKED[suffix](THOUSAND)
    error = refused({f"a.jsonl.{suffix}": whole[: len(whole) // 2]}, kind="unreadable")
    assert "cut off" in error["message"]


@pytest.mark.parametrize("suffix", PACKED)
def test_a_compressed_file_with_other_bytes_inside_is_reported(refused: Looked, suffix: str) -> None:
    whole = bytearray(PACKED[suffix](THOUSAND))
    whole[len(whole) // 2] ^= 0xFF
    error = refused({f"a.jsonl.{suffix}": bytes(whole)}, kind="unreadable")
    assert error["details"]["files"][0]["file"] == f"a.jsonl.{suffix}"


def parquet(rows: int, *, names: tuple[str, ...] = ("id", "text")) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [pa.array([f"{name}{row}" for row in range(rows)], pa.string()) for name in names]
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=list(names)), stream)
    return stream.getvalue()


@pytest.mark.parametrize("rows", [3, 0])
def test_parquet_rows_are_records_and_columns_are_fields_even_of_no_rows(looked_at: Looked, rows: int) -> None:
    manifest = looked_at({"a.parquet": parquet(rows)})
    assert (manifest["data"]["format"], manifest["data"]["records"]) == ("parquet", rows)
    assert [field["name"] for field in manifest["fields"]] == ["id", "text"]


BROKEN = {
    "empty": lambda _: b"",
    "cut-off": lambda whole: whole[:-20],
    "half": lambda whole: whole[: len(whole) // 2],
    "no-magic-at-the-end": lambda whole: whole[:-4] + b"XXXX",
    "endless-footer": lambda whole: whole[:-8] + b"\xff\xff\xff\x7fPAR1",
    "footer-of-zeros": lambda whole: whole[:-60] + bytes(52) + whole[-8:],
    "data-of-zeros": lambda whole: whole[:4] + bytes(60) + whole[64:],
    "not-parquet": lambda _: b'{"id": 1}\n',
    "magic-alone": lambda _: b"PAR1PAR1",
}


def test_each_broken_parquet_file_is_named_and_can_be_kept_as_a_file(refused: Looked, looked_at: Looked) -> None:
    files = {f"{name}.parquet": damage(parquet(3)) for name, damage in BROKEN.items()}
    error = refused({**files, "good.parquet": parquet(3)}, kind="unreadable")
    assert {each["file"] for each in error["details"]["files"]} == set(files)
    data = looked_at({}, "--on-bad-record", "keep")["data"]
    assert (data["records"], data["bad_records"], data["files"]) == (3, len(files), len(files) + 1)


def test_two_parquet_columns_of_one_name_are_refused_by_that_name(refused: Looked) -> None:
    error = refused({"a.parquet": parquet(3, names=("id", "text", "id"))}, kind="unreadable")
    assert "'id'" in error["message"]
