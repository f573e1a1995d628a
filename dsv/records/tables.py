"""Records as a table of Arrow's: a typed column for each field, with lists and objects as they are nested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from dsv.errors import DiskError, NoPathError, UnsupportedError
from dsv.records.byte_source import shown
from dsv.records.formats import Format
from dsv.records.formats.arrow_file import arrow_errors
from dsv.records.formats.arrow_ipc import ArrowIpc
from dsv.records.formats.arrow_values import column_names
from dsv.records.formats.contract import CannotReadError
from dsv.records.formats.parquet import Parquet
from dsv.records.handed_out import BadRecords, unreadable

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE = 8192
_VALUE = "value"
"""The only column of records that are no objects."""


def table_of(records: Iterable[Any], *, name: str, columns: Sequence[str] = ()) -> pa.Table:
    """The records by column, in the order in which fields are first seen; a field that a record lacks is null.

    `columns` names those that are wanted, in their order. Errors: UnsupportedError for a field whose values have no
    type in common, NoPathError for a wanted column that no record has.
    """
    import pyarrow as pa

    parts = [_part(batch, name=name, columns=columns) for batch in _batches(records)]
    return _chosen(_joined(parts or [pa.table({})], name=name), columns, name=name)


def holds_tables(chosen: Format | None) -> bool:
    """Whether files of the format have columns with types of Arrow's."""
    return isinstance(chosen, Parquet | ArrowIpc)


def tables_in(
    sources: Sequence[tuple[str, str]], *, name: str, bad: BadRecords, columns: Sequence[str] = ()
) -> pa.Table:
    """The tables of Parquet and Arrow files, given as (path, source), one below the other, with their own types.

    Errors: UnreadableError, where bad ones are refused; UnsupportedError where a column has types in two files that
    have none in common.
    """
    import pyarrow as pa

    tables = []
    for path, source in sources:
        try:
            with arrow_errors("a table"):
                tables.append(_table_in(source))
        except CannotReadError as error:
            if bad is BadRecords.REFUSE:
                raise unreadable(path, error.reason) from None
        except OSError as error:
            raise DiskError(f"{shown(path)} cannot be read: {error.strerror}", details={"file": path}) from error
    return _chosen(_joined(tables or [pa.table({})], name=name), columns, name=name)


def _table_in(source: str) -> pa.Table:
    """The table of a file that records can be read in.

    What it says of itself is kept only where that is of Hugging Face, who reads types in it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open(source, "rb") as stream:
        magic = stream.read(8)
        stream.seek(0)
        if magic.startswith(b"PAR1"):
            table = pq.ParquetFile(stream).read()
        elif magic.startswith(b"ARROW1"):
            table = pa.ipc.open_file(stream).read_all()
        else:
            table = pa.ipc.open_stream(stream).read_all()
    column_names(table.schema)
    told = {key: value for key, value in (table.schema.metadata or {}).items() if key == b"huggingface"}
    return table.replace_schema_metadata(told or None)


def _batches(records: Iterable[Any]) -> Iterator[list[Any]]:
    coming = iter(records)
    while batch := list(islice(coming, _AT_ONCE)):
        yield batch


def _part(batch: Sequence[Any], *, name: str, columns: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    if not all(type(record) is dict for record in batch):
        batch = [{_VALUE: record} for record in batch]
    fields = dict.fromkeys(field for record in batch for field in record)
    wanted = [field for field in fields if not columns or field in columns]
    arrays = []
    for field in wanted:
        try:
            arrays.append(pa.array([record.get(field) for record in batch]))
        except (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError) as error:
            raise _untyped(field, error, name=name) from None
    return pa.Table.from_arrays(arrays, names=wanted)


def _joined(parts: Sequence[pa.Table], *, name: str) -> pa.Table:
    import pyarrow as pa

    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException as error:
        for field in dict.fromkeys(field for part in parts for field in part.schema.names):
            try:
                pa.unify_schemas(
                    [pa.schema([part.schema.field(field)]) for part in parts if field in part.schema.names],
                    promote_options="permissive",
                )
            except pa.ArrowException:
                raise _untyped(field, error, name=name) from None
        raise _untyped("", error, name=name) from None


def _chosen(table: pa.Table, columns: Sequence[str], *, name: str) -> pa.Table:
    if not columns:
        return table
    if absent := [each for each in columns if each not in table.schema.names]:
        there = ", ".join(shown(each) for each in table.schema.names)
        raise NoPathError(f"{name} has no column {shown(absent[0])}", hint=f"there are {there}")
    return table.select(list(columns))


def _untyped(field: str, error: Exception, *, name: str) -> UnsupportedError:
    said = " ".join(str(error).split())[:200].rstrip(".")
    return UnsupportedError(
        f"the values of {shown(field)} in {name} have no type in common, so no column can hold them: {said}",
        hint="records() gives them as they are; columns=[...] leaves the field out",
        details={"field": field},
    )
