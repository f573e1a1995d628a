"""Rows for other programs: JSON Lines, CSV, Parquet, each by the suffix of its file, and Arrow's tables."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

import msgspec

from dsv.errors import DiskError, UsageError
from dsv.model.problems import shown
from dsv.model.scores import Kind
from dsv.records.canonical import encode

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".jsonl", ".ndjson", ".csv", ".parquet")

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
_plain_json = msgspec.json.Encoder().encode


def json_line(value: Any) -> bytes:
    """The value as JSON on one line, which reads back as the same record; members keep their order where they can."""
    try:
        return _plain_json(value)
    except (TypeError, ValueError):  # a number beyond doubles, a lone surrogate
        return encode(value)


def check_suffix(path: str, *, suffixes: Sequence[str] = SUFFIXES) -> None:
    """UsageError for a file whose name does not tell what to write."""
    if os.path.splitext(path)[1].lower() not in suffixes:
        raise UsageError(f"--to {shown(path)} does not tell a format", hint=f"end it in {', '.join(suffixes)}")


def write_lines(stream: IO[bytes], values: Iterable[Any]) -> int:
    """Each value on a line of JSON; how many there were."""
    number = 0
    for value in values:
        stream.write(json_line(value) + b"\n")
        number += 1
    return number


def write_rows(path: str, rows: Iterable[Sequence[Any]], *, kinds: Mapping[str, Kind]) -> None:
    """The rows, their values in the order of the columns, in a new file or in place of the one that is there.

    UsageError for a suffix that tells no format, DiskError where the file cannot be written.
    """
    check_suffix(path)
    writers: dict[str, Callable[[IO[bytes], Iterable[Sequence[Any]], Mapping[str, Kind]], None]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
    }
    writer = writers.get(os.path.splitext(path)[1].lower(), _write_jsonl)
    with appearing(path) as stream:
        writer(stream, rows, kinds)


@contextmanager
def appearing(path: str) -> Iterator[IO[bytes]]:
    """A file to write, which has its name once it is whole. DiskError where that cannot be."""
    scratch = f"{path}.partial-{os.getpid()}"
    try:
        with open(scratch, "xb") as stream:
            yield stream
        os.replace(scratch, path)
    except OSError as error:
        raise DiskError(f"{path} cannot be written: {error.strerror}", hint="name another with --to") from error
    finally:
        with suppress(OSError):
            os.unlink(scratch)


def arrow_table(rows: Iterable[Sequence[Any]], *, kinds: Mapping[str, Kind]) -> pa.Table:
    """The rows as Arrow's table; what is no text in a column of texts stands as JSON."""
    import pyarrow as pa

    types = {Kind.NUMBER: pa.float64(), Kind.BOOLEAN: pa.bool_(), Kind.TEXT: pa.string()}
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    arrays = [
        pa.array(map(_as_text, column) if kind is Kind.TEXT else column, types[kind])
        for column, kind in zip(columns, kinds.values(), strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=list(kinds))


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


def _write_jsonl(stream: IO[bytes], rows: Iterable[Sequence[Any]], kinds: Mapping[str, Kind]) -> None:
    write_lines(stream, (dict(zip(kinds, row, strict=True)) for row in rows))


def _write_csv(stream: IO[bytes], rows: Iterable[Sequence[Any]], kinds: Mapping[str, Kind]) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(neutral, kinds))
    writer.writerows([_cell(value) for value in row] for row in rows)
    text.detach()


def _write_parquet(stream: IO[bytes], rows: Iterable[Sequence[Any]], kinds: Mapping[str, Kind]) -> None:
    import pyarrow.parquet as pq

    pq.write_table(arrow_table(rows, kinds=kinds), stream, compression="zstd")


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else value
    return neutral(_as_text(value) or "")


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json_line(value).decode()
