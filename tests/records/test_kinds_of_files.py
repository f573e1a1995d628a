"""What files hold, as tables: who reads them, how they are spelled, and what the records look like."""

from __future__ import annotations

import gzip
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsv.model.reading import Reading
from dsv.model.shape import ValueKind
from dsv.model.table import DataFile, Documents, Rows, table_names
from dsv.records.kinds_of_files import tables_of
from dsv.records.shapes import MOST_MEMBERS


@pytest.fixture
def tables(tmp_path):
    """A function that writes files, and gives the tables that they make."""

    def made(files, **declared):
        reading = Reading(**declared)
        for path, content in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content if isinstance(content, bytes) else content.encode())
        found = [
            DataFile(path, "0" * 64, os.path.getsize(tmp_path / path), reading.split_of(path)) for path in sorted(files)
        ]
        sources = {path: str(tmp_path / path) for path in files}
        return tables_of(found, sources=sources, reading=reading, advance=lambda _: None)

    return made


def kinds(table):
    return {name: (shape.kind and shape.kind.value, shape.optional) for name, shape in table.columns.items()}


def test_files_of_a_split_that_are_written_alike_are_one_table(tables):
    found = tables(
        {"train-1.jsonl": '{"a": 1}\n', "train-2.jsonl": '{"a": 1.5, "b": "x"}\n', "test.jsonl": '{"a": null}\n'}
    )
    assert [(each.split, [file.path for file in each.files]) for each in found] == [
        ("test", ["test.jsonl"]),
        ("train", ["train-1.jsonl", "train-2.jsonl"]),
    ]
    assert kinds(found[1]) == {"a": ("number", False), "b": ("text", True)}
    assert kinds(found[0]) == {"a": (None, False)}
    assert table_names(found) == ["test", "train"]


def test_where_the_records_of_json_are_is_told(tables):
    found = tables(
        {
            "a.json": ' [{"x": 1}]',
            "b.json": '{"x": 1}',
            "c.json": '{"x": 1}\n{"x": 2}\n',
            "d.json": '{"In": [{"x": 1}]}',
        },
        records=(("d.json", "In"),),
    )
    assert [(each.files[0].path, each.format, each.documents) for each in found] == [
        ("a.json", "json", Documents(is_list=True)),
        ("b.json", "json", Documents()),
        ("c.json", "jsonl", None),
        ("d.json", "json", Documents("In", is_list=True)),
    ]


def test_files_of_rows_with_other_columns_or_delimiters_are_apart(tables):
    found = tables(
        {"a.csv": "id,n\n1,2\n", "b.csv": "id,n\n3,4\n", "c.csv": "id;n\n1;2\n", "d.csv": "id\n1\n", "e.tsv": "id\tn\n"}
    )
    assert [([file.path for file in each.files], each.rows) for each in found] == [
        (["a.csv", "b.csv"], Rows()),
        (["c.csv"], Rows(";")),
        (["d.csv"], Rows()),
        (["e.tsv"], Rows("\t")),
    ]
    assert table_names(found) == ["records-csv", "records-csv-2", "records-csv-3", "records-tsv"]


def test_columns_of_parquet_are_told_by_the_file_itself(tables, tmp_path):
    schema = pa.schema(
        [("n", pa.int64()), ("x", pa.float32()), ("day", pa.date32()), ("at", pa.timestamp("us")), ("raw", pa.binary())]
    )
    pq.write_table(schema.empty_table(), tmp_path / "made.parquet")
    [found] = tables({"a.parquet": (tmp_path / "made.parquet").read_bytes()})
    assert [shape.kind for shape in found.columns.values()] == [
        ValueKind.INTEGER,
        ValueKind.NUMBER,
        ValueKind.DATE,
        ValueKind.DATETIME,
        ValueKind.OTHER,
    ]


def test_compressed_records_are_records_and_what_no_reader_reads_is_opaque(tables):
    found = tables(
        {"a.jsonl.gz": gzip.compress(b'{"a": 1}\n'), "b.parquet": "no", "x.png": b"\x89PNG", "README.md": "hello"}
    )
    assert [(each.files[0].path, each.format, each.compression) for each in found] == [
        ("README.md", "opaque", ""),
        ("a.jsonl.gz", "jsonl", ".gz"),
        ("b.parquet", "opaque", ""),
        ("x.png", "opaque", ""),
    ]
    assert table_names(found) == ["files", "records-jsonl", "files-2", "records-pictures"]


def test_what_is_inside_lists_and_objects_is_told(tables):
    [found] = tables({"a.jsonl": '{"turns": [{"role": "user"}, {"role": "tool", "id": 7}], "tags": ["x"]}\n'})
    turns, tags = found.columns["turns"], found.columns["tags"]
    assert turns.items is not None
    assert {name: shape.optional for name, shape in turns.items.members.items()} == {"role": False, "id": True}
    assert tags.items is not None
    assert tags.items.kind is ValueKind.TEXT


def test_objects_that_are_maps_and_what_is_nested_deeply_are_not_told(tables):
    many = {f"k{number}": 1 for number in range(MOST_MEMBERS + 1)}
    [found] = tables({"a.jsonl": json.dumps({"map": many, "deep": [[[[[[1]]]]]]})})
    assert found.columns["map"].kind is ValueKind.OTHER
    deep = found.columns["deep"]
    while deep.items is not None:
        deep = deep.items
    assert deep.kind is ValueKind.OTHER


def test_records_that_are_no_objects_have_no_columns(tables):
    [found] = tables({"a.jsonl": '"one"\n"two"\n'})
    assert found.columns == {}
