"""Columns of Arrow's types as the values that records are made of. docs/formats.md has the table, and vectors."""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any

from dsv.records.canonical import Number
from dsv.records.formats.arrow_times import (
    NANOSECONDS,
    date_text,
    duration_text,
    interval_text,
    time_text,
    timestamp_text,
)
from dsv.records.formats.contract import CannotReadError

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ELEMENTS = 1 << 27
"""Elements of lists that are unpacked at once."""

_PER_UNIT = {"s": NANOSECONDS, "ms": 1_000_000, "us": 1000, "ns": 1}

Values = list[Any]
Reader = Callable[[Any], Values]


def column_names(schema: pa.Schema) -> tuple[str, ...]:
    """The names of the columns; CannotReadError where two are the same, and for a type that has no form in records."""
    names = tuple(schema.names)
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise CannotReadError(f"it has more than one column {repeated[0]!a}")
    for field in schema:
        _check_type(field.type, field.name)
    return names


def rows_of(batch: pa.RecordBatch, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A record for each row of the batch."""
    values = [values_of(column) for column in batch.columns]
    for row in zip(*values, strict=True):
        yield dict(zip(columns, row, strict=True))


def values_of(array: pa.Array) -> Values:
    """The elements of an array, whose type column_names has seen, as values of records; None where it is null."""
    reader = _reader_of(array.type)
    if reader is None:
        raise CannotReadError(f"the type {array.type} has no form in records")
    return reader(array)


def _check_type(kind: pa.DataType, where: str) -> None:
    """CannotReadError unless there is a reader for the type and all inside it, or where names in it repeat."""
    import pyarrow as pa

    if _reader_of(kind) is None:
        raise CannotReadError(f"the column {where!a} is of type {kind}, which has no form in records")
    if isinstance(kind, pa.BaseExtensionType):
        _check_type(kind.storage_type, where)
        return
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        _check_type(kind.value_type, where)
        return
    inside = [kind.field(position) for position in range(kind.num_fields)]
    names = Counter(field.name for field in inside) if pa.types.is_struct(kind) else Counter()
    if repeated := [name for name, count in names.items() if count > 1]:
        raise CannotReadError(f"the column {where!a} has more than one member {repeated[0]!a}")
    for field in inside:
        _check_type(field.type, where)


@cache
def _readers() -> tuple[tuple[Callable[[pa.DataType], bool], Reader], ...]:
    """Which function reads which types; the first that fits counts."""
    import pyarrow as pa

    types = pa.types

    def is_any(*names: str) -> Callable[[pa.DataType], bool]:
        tests = [getattr(types, f"is_{name}") for name in names if hasattr(types, f"is_{name}")]
        return lambda kind: any(test(kind) for test in tests)

    return (
        (lambda kind: isinstance(kind, pa.BaseExtensionType), lambda array: values_of(array.storage)),
        (is_any("integer", "boolean", "null", "string", "large_string", "string_view"), _plain),
        (is_any("floating"), _floats),
        (is_any("decimal"), _decimals),
        (is_any("timestamp"), _timestamps),
        (is_any("date32"), _dates),
        (is_any("date64"), _dates_in_milliseconds),
        (is_any("time"), _times),
        (is_any("duration"), _durations),
        (lambda kind: kind.equals(pa.month_day_nano_interval()), _intervals),
        (is_any("binary", "large_binary", "fixed_size_binary", "binary_view"), _binaries),
        (is_any("dictionary"), _dictionaries),
        (is_any("map"), _maps),
        (is_any("list", "large_list", "fixed_size_list", "list_view", "large_list_view"), _lists),
        (is_any("struct"), _structs),
        (is_any("union"), _unions),
        (is_any("run_end_encoded"), _run_end_encoded),
    )


def _reader_of(kind: pa.DataType) -> Reader | None:
    return next((reader for fits, reader in _readers() if fits(kind)), None)


def _plain(array: pa.Array) -> Values:
    values: Values = array.to_pylist()
    return values


def _floats(array: pa.Array) -> Values:
    import pyarrow as pa

    values = _plain(array.cast(pa.float64()))
    # Summed, the finite ones may overflow: then each is looked at, which changes nothing.
    if not math.isfinite(sum(value for value in values if value is not None)):
        return [value if value is None or math.isfinite(value) else _not_finite(value) for value in values]
    return values


def _not_finite(value: float) -> Number:
    return Number("NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity")


def _decimals(array: pa.Array) -> Values:
    try:
        values = _plain(array)
    except InvalidOperation:  # the library spells them as no decimal is spelled
        raise CannotReadError(f"decimals with {array.type.scale} digits behind the point are not read") from None
    return _texts(values, lambda value: format(value, "f"))


def _timestamps(array: pa.Array) -> Values:
    zone = "" if array.type.tz is None else "Z"  # what is stored is UTC, whatever the zone is called
    per_unit = _PER_UNIT[array.type.unit]
    return _texts(_integers(array, bits=64), lambda value: timestamp_text(value * per_unit, zone=zone))


def _dates(array: pa.Array) -> Values:
    return _texts(_integers(array, bits=32), date_text)


def _dates_in_milliseconds(array: pa.Array) -> Values:
    return _texts(_integers(array, bits=64), lambda value: date_text(value // 86_400_000))


def _times(array: pa.Array) -> Values:
    per_unit = _PER_UNIT[array.type.unit]
    return _texts(_integers(array, bits=array.type.bit_width), lambda value: time_text(value * per_unit))


def _durations(array: pa.Array) -> Values:
    per_unit = _PER_UNIT[array.type.unit]
    return _texts(_integers(array, bits=64), lambda value: duration_text(value * per_unit))


def _intervals(array: pa.Array) -> Values:
    return _texts(_plain(array), lambda value: interval_text(value.months, value.days, value.nanoseconds))


def _binaries(array: pa.Array) -> Values:
    return _texts(_plain(array), lambda value: base64.b64encode(value).decode())


def _texts(values: Iterable[Any], text: Callable[[Any], str]) -> Values:
    return [None if value is None else text(value) for value in values]


def _integers(array: pa.Array, *, bits: int) -> Values:
    """What stands under a type of times, which Python's own types could not hold."""
    import pyarrow as pa

    return _plain(array.view(pa.int64() if bits == 64 else pa.int32()))  # noqa: PLR2004 - there are these two


def _dictionaries(array: pa.Array) -> Values:
    """Each value is made once a batch, so that a long text that many rows share is one object."""
    import pyarrow as pa

    indices = _plain(array.indices)
    used = sorted({index for index in indices if index is not None})
    if used and not 0 <= used[0] <= used[-1] < len(array.dictionary):
        raise CannotReadError("a dictionary is shorter than the places in it")
    made = values_of(array.dictionary.take(pa.array(used, pa.int64())))
    by_index: dict[int | None, Any] = dict(zip(used, made, strict=True))
    by_index[None] = None
    return [by_index[index] for index in indices]


def _lists(array: pa.Array) -> Values:
    import pyarrow.compute as pc

    lengths = _plain(pc.list_value_length(array))
    if sum(filter(None, lengths)) > MOST_ELEMENTS:  # the views of a list may overlap
        raise CannotReadError(f"more than {MOST_ELEMENTS} list elements in a few rows")
    elements = values_of(array.flatten())
    if len(elements) != sum(filter(None, lengths)):
        # A list of fixed length keeps elements under its nulls, which some releases leave in.
        return [None if one is None else values_of(one) for one in (scalar.values for scalar in array)]
    found: Values = []
    start = 0
    for length in lengths:
        if length is None:
            found.append(None)
        else:
            found.append(elements[start : start + length])
            start += length
    return found


def _structs(array: pa.Array) -> Values:
    names = [field.name for field in array.type]
    members = [values_of(child) for child in array.flatten()]
    rows = zip(*members, strict=True) if members else (() for _ in range(len(array)))
    records = [dict(zip(names, row, strict=True)) for row in rows]
    if not array.null_count:
        return records
    return [record if valid else None for record, valid in zip(records, _plain(array.is_valid()), strict=True)]


def _maps(array: pa.Array) -> Values:
    """Objects where the keys are text and none is repeated, else lists of [key, value]."""
    import pyarrow as pa

    kind = array.type
    keys_are_text = _is_text(kind.key_type)
    pairs = pa.struct([pa.field("key", kind.key_type), pa.field("value", kind.item_type)])
    found: Values = []
    for entries in _lists(array.cast(pa.list_(pairs))):
        if entries is None:
            found.append(None)
            continue
        members = {entry["key"]: entry["value"] for entry in entries} if keys_are_text else {}
        as_object = keys_are_text and len(members) == len(entries)
        found.append(members if as_object else [[entry["key"], entry["value"]] for entry in entries])
    return found


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return _reader_of(kind) is _plain and not (pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def _unions(array: pa.Array) -> Values:
    import pyarrow as pa

    values: Values = []
    for scalar in array:
        inside = scalar.value
        values.append(None if inside is None else values_of(pa.array([inside], inside.type))[0])
    return values


def _run_end_encoded(array: pa.Array) -> Values:
    import pyarrow.compute as pc

    return values_of(pc.run_end_decode(array))
