"""Parquet, read row group by row group; docs/formats.md says what each type becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import TYPE_CHECKING, Any

from dsv.records.formats.arrow_file import WholeFile, arrow_errors, check_rows
from dsv.records.formats.arrow_values import column_names, rows_of
from dsv.records.formats.contract import LARGEST_RECORD, Access, CannotReadError, Contents

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_WHAT = "Parquet"
_MAGIC = b"PAR1"
_MOST_ROWS_AT_ONCE = 4096
_BYTES_AT_ONCE = 32 << 20
_READ_SIZE = 1 << 18
_LARGEST_HELD = 256 << 20
_THRIFT_STRING_LIMIT = 64 << 20
_THRIFT_CONTAINER_LIMIT = 1 << 20


@dataclass(frozen=True)
class Parquet:
    """Files of columns, described by a footer at their end."""

    name = "parquet"
    suffixes = (".parquet",)
    access = Access.SEEKABLE

    def read(self, stream: BufferedReader) -> Contents:
        """One record a row: its values by column."""
        if stream.peek(len(_MAGIC))[: len(_MAGIC)] != _MAGIC:
            raise CannotReadError("not Parquet: it does not begin with PAR1")
        with arrow_errors(_WHAT):
            file, plain = _open(WholeFile(stream))
            columns = column_names(file.schema_arrow)
            check_rows(file.metadata.num_rows, columns)
        return Contents(self.name, _records(file, plain, columns), columns=columns)


def _open(stream: WholeFile) -> tuple[pq.ParquetFile, pq.ParquetFile]:
    """The file twice: with every text as an entry of a dictionary, and with none, as some encodings need it."""
    import pyarrow.parquet as pq

    options: dict[str, Any] = {
        # Without a buffer a row group is in memory, with one a damaged length may ask for 2 GiB.
        "buffer_size": _READ_SIZE if stream.size > _LARGEST_HELD else 0,
        "pre_buffer": False,
        "page_checksum_verification": True,
        "coerce_int96_timestamp_unit": "us",  # nanoseconds would wrap round at the years 1677 and 2262
        "thrift_string_size_limit": _THRIFT_STRING_LIMIT,
        "thrift_container_size_limit": _THRIFT_CONTAINER_LIMIT,
    }
    plain = pq.ParquetFile(stream, **options)
    stream.seek(0)
    # A text that the file holds once is then in memory once, however many rows have it.
    texts = [column.path for column in _leaves(plain.metadata) if column.physical_type == "BYTE_ARRAY"]
    return pq.ParquetFile(stream, metadata=plain.metadata, read_dictionary=texts, **options), plain


def _leaves(metadata: pq.FileMetaData) -> Iterator[Any]:
    return (metadata.schema.column(number) for number in range(metadata.num_columns))


def _records(file: pq.ParquetFile, plain: pq.ParquetFile, columns: tuple[str, ...]) -> Iterator[tuple[None, object]]:
    with arrow_errors(_WHAT):
        rows = 0
        for group in range(file.metadata.num_row_groups):
            for batch in _batches(file, plain, group):
                rows += batch.num_rows
                for record in rows_of(batch, columns):
                    yield None, record
        if rows != file.metadata.num_rows:
            raise CannotReadError(f"not Parquet: {file.metadata.num_rows} rows announced, {rows} found")


def _batches(file: pq.ParquetFile, plain: pq.ParquetFile, group: int) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    at_once, done = _rows_at_once(file.metadata, group), 0
    try:
        for batch in file.iter_batches(at_once, row_groups=[group], use_threads=False):
            yield batch
            done += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # Texts in a delta encoding, to which a writer may change in mid-group. What is damaged fails once more.
        for batch in plain.iter_batches(at_once, row_groups=[group], use_threads=False):
            seen = min(done, batch.num_rows)
            done -= seen
            yield batch.slice(seen)


def _rows_at_once(metadata: pq.FileMetaData, group: int) -> int:
    """So many rows that what the file says of their size stays in bounds."""
    described = metadata.row_group(group)
    # Not its columns: pyarrow ends the process where the statistics of one do not fit.
    size: int = described.total_byte_size // max(1, described.num_rows)
    if size > LARGEST_RECORD:
        raise CannotReadError(f"rows of {size >> 20} MiB; at most {LARGEST_RECORD >> 20} are read")
    fixed = sum(max(leaf.length or 0, 0) for leaf in _leaves(metadata))
    return max(1, min(_MOST_ROWS_AT_ONCE, _BYTES_AT_ONCE // max(1, size, fixed)))
