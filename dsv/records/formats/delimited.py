"""CSV and TSV by the rules of Python's csv module; every cell is a string, the first row names the columns."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from io import BufferedReader, StringIO, TextIOWrapper
from itertools import chain

from dsv.model.csv_reading import CsvReading
from dsv.records.formats import jsonl
from dsv.records.formats.contract import LARGEST_RECORD, Access, CannotReadError, Contents, Malformed
from dsv.records.formats.dialect import QUOTE, UTF8, Dialect, delimiter_in, encoding_of

EXTRA = "_extra"
"""The field that takes the cells of a row beyond the columns."""


_INVALID = "dsv.invalid"  # marks the bytes that are no text with a character that no text has
_HINT = " (csv: {encoding: ...} in dataset.yaml declares another)"


@dataclass(frozen=True)
class Delimited:
    """Files of rows whose cells a delimiter parts; without one here or in the declaration the header line tells it."""

    name: str
    suffixes: tuple[str, ...]
    delimiter: str | None = None
    declared: CsvReading = field(default_factory=CsvReading)

    access = Access.STREAM

    def read(self, stream: BufferedReader) -> Contents:
        """One record per row after the header: its cells by column."""
        # A process-wide limit, and the only one: a cell may be as long as a record.
        csv.field_size_limit(max(csv.field_size_limit(), LARGEST_RECORD))
        encoding = encoding_of(stream, self.declared)
        text = _utf8_lines(stream) if encoding == UTF8 else _decoded_lines(stream, encoding)
        blank, first = _first_line(text)
        dialect = self._dialect(first, encoding)
        rows = _rows(_Lines(chain([first], text), encoding=encoding, lines_before=blank), dialect)
        line, header = next(rows, (0, []))
        if isinstance(header, Malformed):
            raise CannotReadError(f"header in line {line}: {header.reason}")
        if repeated := [name for name, count in Counter(header).items() if count > 1]:
            raise CannotReadError(f"the header names the column {repeated[0]!a} more than once")
        return Contents(self.name, _records(rows, columns=header), columns=tuple(header), dialect=dialect.text)

    def _dialect(self, first_line: str, encoding: str) -> Dialect:
        quote = QUOTE if self.declared.quote is None else self.declared.quote
        declared = self.delimiter or self.declared.delimiter
        return Dialect(declared or delimiter_in(first_line, quote=quote), quote, encoding)


class _Lines:
    """The lines of a file as text; what csv must not see is replaced, and noted for the row it belongs to."""

    def __init__(self, lines: Iterator[str], *, encoding: str, lines_before: int) -> None:
        self._lines = lines
        self._encoding = encoding
        self._hint = _HINT
        self.count = self.row_starts_after = lines_before
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
        except UnicodeEncodeError as error:  # the bytes that are no text
            where = f"in line {self.count}"
            if self._encoding == UTF8:
                where = f"at byte offset {len(line[: error.start].encode())} of line {self.count}"
            name = self._encoding.replace("utf", "UTF")
            self.problem = self.problem or f"invalid {name} {where}{self._hint}"
            self._hint = ""  # once a file is enough

    def next_row(self) -> tuple[int, str]:
        """The line where the row just read starts, and what is wrong with its text; the next row begins."""
        first, problem = self.row_starts_after + 1, self.problem
        if self.exhausted and not problem:
            # csv asks for more lines in the middle of a row only where a quote is open.
            problem = "a quote is opened and never closed"
        self.row_starts_after, self.row_size, self.problem = self.count, 0, ""
        return first, problem


def _utf8_lines(stream: BufferedReader) -> Iterator[str]:
    """Lines with their ends, which are line feeds, carriage returns or both: a quoted cell may hold any."""
    for line in jsonl.lines(stream):
        text = line.decode("utf-8", "surrogateescape")
        if "\r" in text.removesuffix("\r\n"):
            yield from StringIO(text, newline="")
        else:
            yield text


def _decoded_lines(stream: BufferedReader, encoding: str) -> Iterator[str]:
    """The same of text in another encoding."""
    text = TextIOWrapper(stream, encoding=encoding, errors=_INVALID, newline="")
    try:
        yield from iter(partial(text.readline, LARGEST_RECORD), "")
    finally:
        with suppress(ValueError):  # of a stream that was closed before all was read
            text.detach()  # it would close the stream


def _mark_invalid(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error(_INVALID, _mark_invalid)


def _first_line(lines: Iterator[str]) -> tuple[int, str]:
    """The number of empty lines ahead, and the first line that is not empty."""
    for count, line in enumerate(lines):
        if line.strip("\r\n"):
            return count, line
    return 0, ""


def _rows(lines: _Lines, dialect: Dialect) -> Iterator[tuple[int, list[str] | Malformed]]:
    if dialect.quote:
        reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote)
    else:
        reader = csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
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
