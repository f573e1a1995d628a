"""Arrow's own files, Feather among them: record batches as they lie in memory, as a file or as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import TYPE_CHECKING

from dsv.records.formats.arrow_file import WholeFile, arrow_errors, check_rows
from dsv.records.formats.arrow_values import column_names, rows_of
from dsv.records.formats.contract import Access, CannotReadError, Contents

if TYPE_CHECKING:
    import pyarrow as pa

_WHAT = "Arrow IPC"
_FILE_MAGIC = b"ARROW1"
_OLD_FEATHER = b"FEA1"
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class ArrowIpc:
    """Files in Arrow's IPC file format (which Feather is) or stream format; their first bytes tell which."""

    name = "arrow"
    suffixes = (".arrow", ".arrows", ".feather", ".ipc")
    access = Access.SEEKABLE

    def read(self, stream: BufferedReader) -> Contents:
        """One record a row: its values by column."""
        head = stream.peek(len(_FILE_MAGIC))
        if head.startswith(_OLD_FEATHER):
            raise CannotReadError("Feather version 1; write it again as Arrow IPC")
        with arrow_errors(_WHAT):
            file = WholeFile(stream)
            schema, batches = _file(file) if head.startswith(_FILE_MAGIC) else _stream(file)
            columns = column_names(schema)
        return Contents(self.name, _records(batches, columns), columns=columns)


def _file(stream: WholeFile) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    import pyarrow as pa

    reader = pa.ipc.open_file(stream)
    return reader.schema, (reader.get_batch(number) for number in range(reader.num_record_batches))


def _stream(stream: WholeFile) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    import pyarrow as pa

    reader = pa.ipc.open_stream(stream)
    return reader.schema, iter(reader)


def _records(batches: Iterator[pa.RecordBatch], columns: tuple[str, ...]) -> Iterator[tuple[None, object]]:
    rows = 0
    with arrow_errors(_WHAT):
        for batch in batches:
            rows += batch.num_rows
            check_rows(rows, columns)
            batch.validate(full=True)  # the bytes are used as they lie there: an offset could point anywhere
            for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
                for record in rows_of(batch.slice(start, _ROWS_AT_ONCE), columns):
                    yield None, record
