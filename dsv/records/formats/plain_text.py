"""Plain text, where it is declared: a record a line, or a record a file. Each record is a string."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from dsv.records.formats import jsonl
from dsv.records.formats.contract import (
    LARGEST_RECORD,
    Access,
    CannotReadError,
    Contents,
    Malformed,
    skip_byte_order_mark,
)

_SUFFIXES = (".txt", ".text", ".md")


@dataclass(frozen=True)
class TextLines:
    """A record a line, without its end (a line feed, with or without a carriage return); blank lines are none."""

    name = "text"
    suffixes = _SUFFIXES
    access = Access.STREAM

    def read(self, stream: BufferedReader) -> Contents:
        """The lines that are not blank."""
        skip_byte_order_mark(stream)
        return Contents(self.name, _line_records(jsonl.lines(stream)))


@dataclass(frozen=True)
class TextFile:
    """A file is one record, with line feeds for line ends and without the last; an empty one has none."""

    name = "text-file"
    suffixes = _SUFFIXES
    access = Access.STREAM

    def read(self, stream: BufferedReader) -> Contents:
        """The whole text."""
        skip_byte_order_mark(stream)
        content = stream.read(LARGEST_RECORD)
        if stream.peek(1):
            raise CannotReadError(f"longer than {LARGEST_RECORD >> 20} MiB")
        return Contents(self.name, _file_record(content))


def _line_records(pieces: Iterator[bytes]) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(pieces, 1):
        if jsonl.is_cut(line):
            yield number, Malformed(f"longer than {LARGEST_RECORD >> 20} MiB")
            jsonl.skip_line(pieces)
        elif line.strip():
            yield number, _decoded(line.removesuffix(b"\n").removesuffix(b"\r"))


def _file_record(content: bytes) -> Iterator[tuple[int, object]]:
    text = content.replace(b"\r\n", b"\n").removesuffix(b"\n")
    if text:
        yield 1, _decoded(text)


def _decoded(text: bytes) -> str | Malformed:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        return Malformed(f"invalid UTF-8 at byte offset {error.start}")
