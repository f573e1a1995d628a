"""A value of each Arrow type, and the canonical form it has in a record; docs/formats.md shows the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Vector:
    """The type as the documentation names it, what is stored, an array of it, and its canonical form."""

    type: str
    stored: str
    array: Callable[[Any], Any]
    canonical: str
    in_parquet: bool = True

    @property
    def line(self) -> str:
        """The row of the table in the documentation."""
        return f"| {self.type} | {self.stored} | `{self.canonical}` |"


def vectors() -> Iterator[Vector]:
    """All of them, in the order of the documentation."""
    yield Vector(
        "int8 to int64, uint8 to uint64", "2^64 - 1", lambda pa: pa.array([2**64 - 1], pa.uint64()), str(2**64 - 1)
    )
    yield Vector("bool", "true", lambda pa: pa.array([True]), "true")
    yield Vector("null, and null of any type", "", lambda pa: pa.nulls(1), "null")
    yield Vector("float64", "1", lambda pa: pa.array([1.0]), "1.0")
    yield Vector("float32", "0.1", lambda pa: pa.array([0.1], pa.float32()), "0.10000000149011612")
    yield Vector("float16", "1.5", lambda pa: pa.array([1.5], pa.float32()).cast(pa.float16()), "1.5")
    yield Vector("any float", "NaN", lambda pa: pa.array([float("nan")]), "NaN")
    yield Vector("any float", "-infinity", lambda pa: pa.array([float("-inf")], pa.float32()), "-Infinity")
    yield Vector(
        "decimal32 to decimal256",
        "1.10, scale 2",
        lambda pa: pa.array([Decimal("1.10")], pa.decimal128(9, 2)),
        '"1.10"',
    )
    yield Vector(
        "decimal, negative scale",
        "12 hundreds",
        lambda pa: pa.array([Decimal(1200)], pa.decimal128(9, -2)),
        '"1200"',
        in_parquet=False,
    )
    yield Vector("string, large_string, string_view", "é", lambda pa: pa.array(["é"]), '"é"')
    yield Vector("dictionary", "index 0 of [x]", lambda pa: pa.array(["x"]).dictionary_encode(), '"x"')
    yield Vector(
        "binary, large_binary, fixed_size_binary, binary_view", "00 ff", lambda pa: pa.array([b"\0\xff"]), '"AP8="'
    )
    yield Vector(
        "timestamp without zone",
        "1.5 s after 1970",
        lambda pa: pa.array([1500], pa.timestamp("ms")),
        '"1970-01-01T00:00:01.5"',
    )
    yield Vector(
        "timestamp with any zone",
        "the same in Lima",
        lambda pa: pa.array([1_500_000_000], pa.timestamp("ns", tz="America/Lima")),
        '"1970-01-01T00:00:01.5Z"',
    )
    yield Vector(
        "timestamp",
        "the year 12345",
        lambda pa: pa.array([327_403_382_400_000_000], pa.timestamp("us")),
        '"+12345-01-01T00:00:00"',
    )
    yield Vector("date32, date64", "a day before 1970", lambda pa: pa.array([-1], pa.date32()), '"1969-12-31"')
    yield Vector("time32, time64", "a quarter past 7", lambda pa: pa.array([26_100], pa.time32("s")), '"07:15:00"')
    yield Vector("time32, time64", "1 µs", lambda pa: pa.array([1], pa.time64("us")), '"00:00:00.000001"')
    yield Vector("duration", "-1.5 s", lambda pa: pa.array([-1500], pa.duration("ms")), '"-PT1.5S"')
    yield Vector(
        "month_day_nano_interval",
        "1 month, -2 days, 0.5 s",
        lambda pa: pa.array([pa.MonthDayNano([1, -2, 500_000_000])]),
        '"P1M-2DT0.5S"',
        in_parquet=False,
    )
    yield Vector(
        "list, large_list, fixed_size_list, list_view", "1, null", lambda pa: pa.array([[1, None]]), "[1,null]"
    )
    yield Vector("struct", "b=1, a=null", lambda pa: pa.array([{"b": 1, "a": None}]), '{"a":null,"b":1}')
    yield Vector(
        "map, keys are text", "a=1", lambda pa: pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())), '{"a":1}'
    )
    yield Vector(
        "map, a key twice",
        "a=1, a=2",
        lambda pa: pa.array([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int8())),
        '[["a",1],["a",2]]',
    )
    yield Vector(
        "map, other keys", "7=x", lambda pa: pa.array([[(7, "x")]], pa.map_(pa.int8(), pa.string())), '[[7,"x"]]'
    )
    yield Vector(
        "sparse_union, dense_union",
        "x",
        lambda pa: pa.UnionArray.from_sparse(pa.array([1], pa.int8()), [pa.array([1]), pa.array(["x"])]),
        '"x"',
        in_parquet=False,
    )
    yield Vector(
        "run_end_encoded",
        "x",
        lambda pa: pa.RunEndEncodedArray.from_arrays(pa.array([1], pa.int32()), pa.array(["x"])),
        '"x"',
        in_parquet=False,
    )
    yield Vector(
        "extension types (uuid, json, ...)",
        "what they are stored as",
        lambda pa: pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16)], pa.binary(16))),
        '"AAAAAAAAAAAAAAAAAAAAAA=="',
    )
