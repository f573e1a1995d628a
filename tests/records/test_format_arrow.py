"""Parquet and Arrow files: what a value becomes, and what is refused."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsv.model.reading import Reading
from dsv.records.canonical import encode
from dsv.records.formats import CannotReadError, choose, contents_of
from dsv.records.formats.arrow_times import date_text

from .arrow_vectors import vectors

VECTORS = list(vectors())
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "formats.md"


def parquet(table, **options) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def arrow(table, *, stream=False, **options) -> bytes:
    out = io.BytesIO()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(out, table.schema, **options) as writer:
        writer.write_table(table)
    return out.getvalue()


def contents(name, data):
    stream = io.BufferedReader(io.BytesIO(data))
    return contents_of(choose(name, Reading()), stream, path=name)


def records(name, data):
    return [value for _, value in contents(name, data).records]


def refusal(name, data) -> str:
    with pytest.raises(CannotReadError) as caught:
        records(name, data)
    return caught.value.reason


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector.type}: {vector.stored}")
def test_each_type_has_the_documented_value_in_arrow_and_in_parquet(vector):
    array = vector.array(pa)
    table = pa.table({"v": array})
    # Among its like and as part of a slice it is what it is alone.
    twice = pa.table({"v": pa.concat_arrays([array, array])}).slice(1)
    for data in (arrow(table), arrow(table, stream=True), arrow(twice)):
        assert encode(records("a.arrow", data)[0]["v"]).decode() == vector.canonical
    if vector.in_parquet:
        assert encode(records("a.parquet", parquet(table))[0]["v"]).decode() == vector.canonical
    assert vector.line in DOCUMENTATION.read_text(encoding="utf-8")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector.type}: {vector.stored}")
def test_each_type_keeps_its_value_inside_lists_and_structs_and_beside_nulls(vector):
    array = vector.array(pa)
    listed = pa.LargeListArray.from_arrays(pa.array([0, 1, 1]), array)
    inside = pa.StructArray.from_arrays([array], ["x"])
    one = {"l": encode(records("a.arrow", arrow(pa.table({"l": listed}))))}
    assert one["l"].decode() == f'[{{"l":[{vector.canonical}]}},{{"l":[]}}]'
    assert (
        encode(records("a.arrow", arrow(pa.table({"s": inside})))).decode() == f'[{{"s":{{"x":{vector.canonical}}}}}]'
    )


def test_nulls_inside_nested_types_stay_where_they_are():
    table = pa.table(
        {
            "list": pa.array([[1], None, [], [None, 2]]),
            "fixed": pa.array([[1, 2], None, [3, None], None], pa.list_(pa.int8(), 2)),
            "struct": pa.array([{"x": "a"}, None, {"x": None}, {"x": "b"}]),
            "deep": pa.array([[[{"y": ["z"]}]], None, [None, []], [[None]]]),
            "map": pa.array([[("a", None)], None, [], [("b", 1)]], pa.map_(pa.string(), pa.int8())),
            "numbers": pa.array([[(1, 2)], None, [], []], pa.map_(pa.int8(), pa.int8())),
            "texts": pa.array(["a", None, "", "a"]).dictionary_encode(),
        }
    )
    expected = [
        {"list": [1], "fixed": [1, 2], "struct": {"x": "a"}, "deep": [[{"y": ["z"]}]], "map": {"a": None}},
        {"list": None, "fixed": None, "struct": None, "deep": None, "map": None},
        {"list": [], "fixed": [3, None], "struct": {"x": None}, "deep": [None, []], "map": {}},
        {"list": [None, 2], "fixed": None, "struct": {"x": "b"}, "deep": [[None]], "map": {"b": 1}},
    ]
    more = [{"numbers": [[1, 2]], "texts": "a"}, {"numbers": None, "texts": None}, {"numbers": [], "texts": ""}]
    wanted = [{**one, **two} for one, two in zip(expected, [*more, {"numbers": [], "texts": "a"}], strict=True)]
    assert records("a.arrow", arrow(table)) == wanted
    assert records("a.arrow", arrow(table.slice(1))) == wanted[1:]
    parted = [{name: value for name, value in each.items() if name != "fixed"} for each in wanted]
    assert records("a.parquet", parquet(table.drop_columns(["fixed"]))) == parted


def test_the_same_records_in_parquet_arrow_and_json_are_the_same(build):
    values = {
        "id": [1, 2],
        "score": [0.5, None],
        "text": ["é", "x\ny"],
        "tags": [["a"], []],
        "meta": [{"k": True}, None],
    }
    table = pa.table(values)
    lines = b'{"id":1,"score":5e-1,"text":"\\u00e9","tags":["a"],"meta":{"k":true}}\n'
    lines += b'{"id":2,"score":null,"text":"x\\ny","tags":[],"meta":null}\n'
    files = {
        "a.jsonl": lines,
        "a.parquet": parquet(table, row_group_size=1),
        "b.parquet": parquet(table, compression="zstd", use_dictionary=False),
        "a.feather": arrow(table),
        "a.arrow": arrow(table, stream=True),
        "a.ipc": arrow(table, options=pa.ipc.IpcWriteOptions(compression="lz4")),
    }
    assert len({build({name: data})[1].records_digest for name, data in files.items()}) == 1


def test_the_unit_and_the_width_of_a_column_do_not_matter(build):
    moments = pa.array([0, 1_500_000], pa.timestamp("us"))
    wide = {"t": moments, "d": pa.array([0, 1], pa.date32()), "i": pa.array([1, 2], pa.int64()), "s": ["a", "b"]}
    narrow = {
        "t": moments.cast(pa.timestamp("ms")),
        "d": pa.array([0, 86_400_000], pa.date64()),
        "i": pa.array([1, 2], pa.uint8()),
        "s": pa.array(["a", "b"], pa.large_string()),
    }
    one, other = (build({"a.arrow": arrow(pa.table(columns))})[1] for columns in (wide, narrow))
    assert one.records_digest == other.records_digest


def test_a_table_without_rows_names_its_columns(scan):
    table = pa.table({"id": pa.array([], pa.int64()), "text": pa.array([], pa.string())})
    for name, data in (
        ("a.parquet", parquet(table)),
        ("a.arrow", arrow(table)),
        ("a.arrow", arrow(table, stream=True)),
    ):
        found = scan(name, data)
        assert [field.name for field in found.fields.fields] == ["id", "text"]
        assert (found.records, found.unreadable) == (0, "")


def test_a_parquet_file_is_scanned_with_its_digests_rows_and_key(scan):
    import hashlib

    data = parquet(pa.table({"id": list(range(10_000)), "text": ["a b"] * 10_000}), row_group_size=700)
    found = scan("a.parquet", data, key=("id",))
    assert (found.format, found.records, found.tokens, found.missing_keys) == ("parquet", 10_000, 20_000, 0)
    assert (found.size, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert scan("a.parquet", data, key=("nr",)).missing_keys == 10_000


def test_columns_of_the_same_name_are_refused_by_name():
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert refusal("a.parquet", parquet(table)) == "it has more than one column 'a'"
    assert refusal("a.arrow", arrow(table)) == "it has more than one column 'a'"
    twice = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"])
    assert refusal("a.arrow", arrow(pa.table({"s": twice}))) == "the column 's' has more than one member 'x'"


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_a_damaged_file_is_refused_by_name(name):
    table = pa.table({"id": list(range(1000)), "text": [f"text {number}" for number in range(1000)]})
    whole = parquet(table) if name == "a.parquet" else arrow(table)
    what = "not Parquet" if name == "a.parquet" else "not Arrow IPC"
    damaged = {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "without its end": whole[:-8],
        "a footer of zeros": whole[:-200] + bytes(200),
        "text": b'{"a":1}\n' * 100,
        "zeros": bytes(1000),
        "magic alone": whole[:8],
        "a huge footer": whole[:-8] + b"\xff\xff\xff\x7f" + whole[-4:],
    }
    for how, data in damaged.items():
        assert refusal(name, data).startswith(what), how


def test_a_page_whose_checksum_is_wrong_is_refused():
    table = pa.table({"text": [f"text {number}" for number in range(1000)]})
    data = bytearray(parquet(table, compression="none", use_dictionary=False, write_page_checksum=True))
    at = data.index(b"text 500")
    data[at] ^= 1
    assert "CRC" in refusal("a.parquet", bytes(data))


def test_an_arrow_file_whose_offsets_lead_outside_is_refused():
    data = bytearray(arrow(pa.table({"text": pa.array(["ab", "cd", "ef"])})))
    offsets = b"".join(number.to_bytes(4, "little") for number in (0, 2, 4, 6))
    at = data.index(offsets)
    data[at + 12 : at + 16] = (1 << 30).to_bytes(4, "little")
    assert refusal("a.arrow", bytes(data)).startswith("not Arrow IPC")


def test_feather_of_version_1_is_refused_by_name():
    assert "Feather version 1" in refusal("a.feather", b"FEA1" + bytes(100))


def test_a_compressed_parquet_file_is_opaque(scan):
    found = scan("a.parquet.gz", b"whatever")
    assert (found.format, found.records, found.unreadable) == ("opaque", 0, "")


def test_rows_without_a_column_are_refused():
    data = arrow(pa.table({"a": [1, 2, 3]}).select([]))
    assert refusal("a.arrow", data) == "3 rows without a column"


def test_a_text_that_many_rows_share_takes_its_memory_once():
    import tracemalloc

    text = "x" * 1_000_000
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array([text]))
    data = parquet(pa.table({"text": shared}), compression="zstd")
    assert len(data) < 10_000
    tracemalloc.start()
    found = contents("a.parquet", data).records
    assert sum(len(value["text"]) for _, value in itertools.islice(found, 1500)) == 1500 * len(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * len(text)


def test_dates_follow_the_calendar_beyond_what_python_knows():
    import datetime as dt

    first = dt.date(1970, 1, 1).toordinal()
    for ordinal in (1, 60, 577_736, 693_596, 730_179, 730_180, dt.date.max.toordinal()):
        assert date_text(ordinal - first) == dt.date.fromordinal(ordinal).isoformat()
    assert date_text(1 - first - 1) == "0000-12-31"
    assert date_text(-first - 366) == "-0001-12-31"
    assert date_text(dt.date.max.toordinal() + 1 - first) == "+10000-01-01"


@pytest.mark.parametrize("year", [1, 1600, 2300, 9999])
def test_old_timestamps_of_96_bits_do_not_wrap_round(year):
    import datetime as dt

    moment = dt.datetime(year, 1, 1)  # noqa: DTZ001 - as Spark writes them
    data = parquet(pa.table({"t": pa.array([moment], pa.timestamp("us"))}), use_deprecated_int96_timestamps=True)
    assert records("a.parquet", data) == [{"t": f"{year:04}-01-01T00:00:00"}]
