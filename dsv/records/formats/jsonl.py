"""JSON Lines: one JSON value a line, of any type."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from io import BufferedReader
from itertools import takewhile

from dsv.records.canonical import MalformedError, decode
from dsv.records.formats.contract import LARGEST_RECORD, Access, Contents, Malformed, skip_byte_order_mark

NAME = "jsonl"


class JsonLines:
    """Files of JSON Lines. Only a line feed ends a line; blank lines are no records."""

    name = NAME
    suffixes = (".jsonl", ".ndjson")
    access = Access.STREAM

    def read(self, stream: BufferedReader) -> Contents:
        """The record of each line."""
        skip_byte_order_mark(stream)
        return Contents(NAME, records(lines(stream)))


def lines(stream: BufferedReader) -> Iterator[bytes]:
    """The lines of a stream with their ends, cut at LARGEST_RECORD bytes."""
    return iter(partial(stream.readline, LARGEST_RECORD), b"")


def records(pieces: Iterable[bytes], *, first_line: int = 1) -> Iterator[tuple[int, object]]:
    """The record of each line that is not blank, with its number."""
    pieces = iter(pieces)
    for number, line in enumerate(pieces, first_line):
        if len(line) == LARGEST_RECORD and _has_no_end(line):
            yield number, Malformed(f"longer than {LARGEST_RECORD >> 20} MiB")
            line = b""  # noqa: PLW2901 - frees it before as much is read again
            skip_line(pieces)
            continue
        try:
            value = decode(line)
        except MalformedError as error:
            if line.strip():
                yield number, Malformed(error.reason)
        else:
            yield number, value


def is_cut(line: bytes) -> bool:
    """Whether the line goes on in the next piece."""
    return len(line) == LARGEST_RECORD and _has_no_end(line)


def skip_line(pieces: Iterator[bytes]) -> None:
    """Leave the pieces behind the end of the line that was cut."""
    deque(takewhile(_has_no_end, pieces), maxlen=0)  # which keeps none of them while the next is read


def _has_no_end(piece: bytes) -> bool:
    return not piece.endswith(b"\n")
