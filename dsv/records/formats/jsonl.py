"""JSON Lines: one JSON value a line, of any type."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from io import BufferedReader
from itertools import chain, count, takewhile

from dsv.records.canonical import MalformedError, decode, decode_all
from dsv.records.formats.contract import LARGEST_RECORD, Access, Contents, Malformed, skip_byte_order_mark

NAME = "jsonl"

_BLOCK_SIZE = 1 << 16
"""Bytes parsed in one go: few enough to stay in the processor's cache."""

_LONG_LINE = 1 << 20


class JsonLines:
    """Files of JSON Lines. Only a line feed ends a line; blank lines are no records."""

    name = NAME
    suffixes = (".jsonl", ".ndjson")
    access = Access.STREAM

    def read(self, stream: BufferedReader) -> Contents:
        """The record of each line."""
        skip_byte_order_mark(stream)
        return Contents(NAME, records_in(stream))


def records_in(stream: BufferedReader) -> Iterator[tuple[int, object]]:
    """The record of each line that is not blank, with its number; a million lines a second."""
    return chain.from_iterable(_blocks(stream))


def lines(stream: BufferedReader) -> Iterator[bytes]:
    """The lines of a stream with their ends, cut at LARGEST_RECORD bytes."""
    return iter(partial(stream.readline, LARGEST_RECORD), b"")


def records(pieces: Iterable[bytes], *, first_line: int = 1) -> Iterator[tuple[int, object]]:
    """The record of each line that is not blank, with its number."""
    pieces = iter(pieces)
    for number, line in enumerate(pieces, first_line):
        if is_cut(line):
            yield number, _too_long()
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


def _blocks(stream: BufferedReader) -> Iterator[Iterable[tuple[int, object]]]:
    """The records of many lines at a time."""
    number = 1
    while block := stream.read(min(_BLOCK_SIZE, LARGEST_RECORD)):
        whole = block.rfind(b"\n") + 1
        last = block[whole:]
        if last:
            last += stream.readline(LARGEST_RECORD - len(last))
        several: list[bytes | memoryview] = [*_lines_of(block, whole)]
        if last and len(last) < _LONG_LINE and not is_cut(last):
            several.append(last)
            last = b""
        if values := decode_all(several):
            yield zip(count(number), values)
        else:
            yield records(map(bytes, several), first_line=number)
        number += len(several)
        if last:
            block = b""
            several.clear()
            yield records(chain([last], lines(stream) if is_cut(last) else ()), first_line=number)
            number += 1


def _lines_of(block: bytes, stop: int) -> Iterator[memoryview]:
    """The lines that end before a place in the block, without their ends; not copied, which costs half the parsing."""
    view, find = memoryview(block), block.find
    start = 0
    while start < stop:
        end = find(b"\n", start)
        yield view[start:end]
        start = end + 1


def _too_long() -> Malformed:
    return Malformed(f"longer than {LARGEST_RECORD >> 20} MiB")


def _has_no_end(piece: bytes) -> bool:
    return not piece.endswith(b"\n")
