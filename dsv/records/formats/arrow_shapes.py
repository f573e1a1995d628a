"""The shape of a Parquet file's rows, as its own columns tell it; nothing but the footer is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from dsv.model.shape import Shape, ValueKind
from dsv.records.formats.arrow_file import arrow_errors

if TYPE_CHECKING:
    import pyarrow as pa

_TESTS = {
    ValueKind.BOOLEAN: ("boolean",),
    ValueKind.INTEGER: ("integer",),
    ValueKind.NUMBER: ("floating", "decimal"),
    ValueKind.TEXT: ("string", "large_string", "string_view"),
    ValueKind.DATE: ("date",),
    ValueKind.DATETIME: ("timestamp",),
}


def parquet_shape(stream: BinaryIO) -> Shape:
    """The shape of the rows; CannotReadError for what is no Parquet."""
    import pyarrow.parquet as pq

    with arrow_errors("Parquet"):
        schema = pq.read_schema(stream)
        return Shape(frozenset({ValueKind.OBJECT}), members={field.name: _shape(field.type) for field in schema})


def _shape(kind: pa.DataType) -> Shape:
    import pyarrow as pa

    types = pa.types
    if types.is_null(kind):
        return Shape()
    if types.is_dictionary(kind):
        return _shape(kind.value_type)
    for found, names in _TESTS.items():
        if any(getattr(types, f"is_{name}")(kind) for name in names if hasattr(types, f"is_{name}")):
            return Shape(frozenset({found}))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return Shape(frozenset({ValueKind.LIST}), items=_shape(kind.value_type))
    if types.is_struct(kind):
        members = (kind.field(number) for number in range(kind.num_fields))
        return Shape(frozenset({ValueKind.OBJECT}), members={field.name: _shape(field.type) for field in members})
    return Shape(frozenset({ValueKind.OTHER}))
