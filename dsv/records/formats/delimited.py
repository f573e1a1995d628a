"""CSV and TSV by the rules of Python's csv module; every cell is a string, the first row names the columns."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, StringIO

from dsv.records.formats import jsonl
from dsv.records.formats.contract import (
    LARGEST_RECORD,
    CannotReadError,
    Contents,
    Malformed,
    skip_byte_order_mark,
)

EXTRA = "_extra"
"""The field that takes the cells of a row beyond the columns."""


@dataclass(frozen=True)
class Delimited:
    """Files of rows whose cells a delimiter parts."""

    name: str
    suffixes: tuple[str, ...]
    delimiter: str

    def read(self, stream: BufferedReader) -> Contents:
        """One record per row after the header: its cells by column."""
        skip_byte_order_mark(stream)
        # A process-wide limit, and the only one: a cell may be as long as a record.
        csv.field_size_limit(max(csv.field_size_limit(), LARGEST_RECORD))
        lines = _Lines(stream)
        rows = _rows(lines, delimiter=self.delimiter)
        line, header = next(rows, (0, []))
        if isinstance(header, Malformed):
            raise CannotReadError(f"header in line {line}: {header.reason}")
        if repeated := [name for name, count in Counter(header).items() if count > 1]:
            raise CannotReadError(f"the header names the column {repeated[0]!a} more than once")
        return Contents(self.name, _records(rows, columns=header), columns=tuple(header))


class _Lines:
    """The lines of a file as text; what csv must not see is replaced, and noted for the row it belongs to."""

    def __init__(self, stream: BufferedReader) -> None:
        self._lines = _text_lines(stream)
        self.count = 0
        self.row_starts_after = 0
        self.row_size = 0
        self.problem = ""
        self.exhausted = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines, "")
        if not line:
            self.exhausted = True
            raise StopIteration
        self.count += 1
        self.row_size += len(line)
        if self.row_size >= LARGEST_RECORD:
            first = self.row_starts_after + 1
            limit = LARGEST_RECORD >> 20
            raise CannotReadError(f"the row in line {first} is longer than {limit} MiB (an open quote?)")
        if "\0" in line:  # older Pythons refuse it, newer ones let it pass
            self.problem = self.problem or f"NUL character in line {self.count}"
            line = line.replace("\0", " ")
        if not line.isascii():
            self._check_encoding(line)
        return line

    def _check_encoding(self, line: str) -> None:
        try:
            line.encode()
        except UnicodeEncodeError as error:  # the escaped bytes
            offset = len(line[: error.start].encode())
            self.problem = self.problem or f"invalid UTF-8 at byte offset {offset} of line {self.count}"

    def next_row(self) -> tuple[int, str]:
        """The line where the row just read starts, and what is wrong with its text; the next row begins."""
        first, problem = self.row_starts_after + 1, self.problem
        if self.exhausted and not problem:
            # csv asks for more lines in the middle of a row only where a quote is open.
            problem = "a quote is opened and never closed"
        self.row_starts_after, self.row_size, self.problem = self.count, 0, ""
        return first, problem


def _text_lines(stream: BufferedReader) -> Iterator[str]:
    """Lines with their ends, which are line feeds, carriage returns or both: a quoted cell may hold any."""
    for line in jsonl.lines(stream):
        text = line.decode("utf-8", "surrogateescape")
        if "\r" in text.removesuffix("\r\n"):
            yield from StringIO(text, newline="")
        else:
            yield text


def _rows(lines: _Lines, *, delimiter: str) -> Iterator[tuple[int, list[str] | Malformed]]:
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            first, _ = lines.next_row()
            yield first, Malformed(str(error))
            continue
        first, problem = lines.next_row()
        if problem:
            yield first, Malformed(problem)
        elif cells:
            yield first, cells


def _records(rows: Iterator[tuple[int, list[str] | Malformed]], *, columns: list[str]) -> Iterator[tuple[int, object]]:
    width = len(columns)
    for line, cells in rows:
        if isinstance(cells, Malformed):
            yield line, cells
        elif len(cells) == width:
            yield line, dict(zip(columns, cells, strict=True))
        elif len(cells) < width:
            yield line, dict(zip(columns, cells + [None] * (width - len(cells)), strict=True))
        elif EXTRA in columns:
            yield line, Malformed(f"{len(cells)} cells for {width} columns, one of which is named {EXTRA}")
        else:
            yield line, {**dict(zip(columns, cells, strict=False)), EXTRA: cells[width:]}
