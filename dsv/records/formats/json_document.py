"""JSON documents: an array holds one record per element, anything else is one record unless declared otherwise.

Many files named .json hold JSON Lines; what lies in them decides, not the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from itertools import chain

from dsv.records.canonical import MalformedError, decode
from dsv.records.formats import jsonl
from dsv.records.formats.contract import Access, CannotReadError, Contents, skip_byte_order_mark
from dsv.records.formats.json_member import Place, records_in

NAME = "json"
LARGEST_DOCUMENT = 1 << 30
"""Bytes of the longest document; it has to be in memory as a whole. JSON Lines knows no such limit."""

_FIRST_BYTES = b'{["-0123456789tfnNI'


@dataclass(frozen=True)
class JsonDocument:
    """Files that are one JSON text, or JSON Lines after all; `place` says where in an object the records are."""

    place: Place | None = None

    name = NAME
    suffixes = (".json",)
    access = Access.STREAM

    def read(self, stream: BufferedReader) -> Contents:
        """The elements of an array, the one value of another document, or the records of its lines."""
        skip_byte_order_mark(stream)
        blank, head = _first_text(stream)
        if not head:
            return Contents(NAME, iter(()))
        if head.lstrip()[:1] not in _FIRST_BYTES:
            raise CannotReadError(f"not JSON (line {blank + 1})")
        more_blank, following = _first_text(stream) if head.endswith(b"\n") else (0, b"")
        if self.place is None and following and _is_json(head):
            later = chain([following], jsonl.lines(stream))
            first, rest = blank + 1, blank + 2 + more_blank
            records = chain(jsonl.records([head], first_line=first), jsonl.records(later, first_line=rest))
            return Contents(jsonl.NAME, records)
        text = bytearray(head)
        text += b"\n" * more_blank
        text += following
        _read_rest(stream, text)
        return Contents(NAME, _records(text, place=self.place, lines_before=blank))


def _first_text(stream: BufferedReader) -> tuple[int, bytes]:
    """The number of blank lines ahead, and the first line that is not blank."""
    for count, line in enumerate(jsonl.lines(stream)):
        if line.strip():
            return count, line
    return 0, b""


def _is_json(line: bytes) -> bool:
    try:
        decode(line)
    except MalformedError:
        return False
    return True


def _read_rest(stream: BufferedReader, text: bytearray) -> None:
    while piece := stream.read(1 << 20):
        text += piece
        if len(text) > LARGEST_DOCUMENT:
            limit = LARGEST_DOCUMENT >> 30
            raise CannotReadError(f"a JSON document of more than {limit} GiB; JSON Lines has no limit")


def _records(text: bytearray, *, place: Place | None, lines_before: int) -> Iterator[tuple[None, object]]:
    try:
        if place is not None or text.lstrip(b" \t\r\n")[:1] == b"[":
            for record in records_in(text, place or Place()):
                yield None, record
        else:
            value = decode(text)
            text.clear()
            yield None, value
    except MalformedError as error:
        raise CannotReadError(f"{error.reason} in line {error.line + lines_before}") from None
