"""What a format is: the module that turns the bytes of one file into records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import Protocol

LARGEST_RECORD = 128 << 20
"""Bytes of the longest line that is read as a record, so that a bomb of zeros costs no more memory than this."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


class CannotReadError(Exception):
    """A file that the format cannot read at all; the reason is a phrase, without the file's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Malformed:
    """Stands where a record should: text that does not parse, and why."""

    reason: str


@dataclass(frozen=True)
class Contents:
    """What a file holds.

    `format` is the one found, which the content may decide (JSON Lines in a .json file); `columns` are those a
    header names; `records` are values, or Malformed, each with the line it starts at where lines mean anything.
    """

    format: str
    records: Iterator[tuple[int | None, object]]
    columns: tuple[str, ...] = ()


class Format(Protocol):
    """One way to write records into files, chosen by name or by the suffixes of a path."""

    @property
    def name(self) -> str:
        """The word for it in declarations."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of its files, lower-case with the dot and without that of a compression."""

    def read(self, stream: BufferedReader) -> Contents:
        """The contents of a file; CannotReadError here, or while the records are read."""


def skip_byte_order_mark(stream: BufferedReader) -> None:
    """Leave the stream after a UTF-8 mark; CannotReadError where the mark is that of UTF-16."""
    head = stream.peek(len(_UTF8_MARK))
    if head.startswith(_UTF16_MARKS):
        raise CannotReadError("not UTF-8 (UTF-16)")
    if head.startswith(_UTF8_MARK):
        stream.read(len(_UTF8_MARK))
