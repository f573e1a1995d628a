"""What a format is: the module that turns the bytes of one file into records."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from io import BufferedReader
from typing import Protocol

from dsv.records.canonical import Number

LARGEST_RECORD = 128 << 20
"""Bytes of the longest line that is read as a record, so that a bomb of zeros costs no more memory than this."""

MOST_ROWS = (1 << 32) - 1
"""Records in a file: a record index has four bytes for the number of each."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


class Access(Enum):
    """How a format gets at the bytes of a file."""

    STREAM = "stream"  # from the first to the last, once; such files may be compressed
    SEEKABLE = "seekable"  # here and there


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
    `dialect` says in a few words how the format was spelled, where it has several spellings.
    """

    format: str
    records: Iterator[tuple[int | None, object]]
    columns: tuple[str, ...] = ()
    dialect: str = ""


class Format(Protocol):
    """One way to write records into files, chosen by name or by the suffixes of a path."""

    @property
    def name(self) -> str:
        """The word for it in declarations."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of its files, lower-case with the dot and without that of a compression."""

    @property
    def access(self) -> Access:
        """What it needs of the stream that it reads."""

    def read(self, stream: BufferedReader) -> Contents:
        """The contents of a file; CannotReadError here, or while the records are read.

        The stream stands at the first byte; peeking shows at least 16, where there are so many. A record is None, a
        bool, an int, a finite float, a str, a Number, or a list or dict (of str) of these, and depends on the bytes
        alone: not on the file's name, the time or the place.
        """


def skip_byte_order_mark(stream: BufferedReader) -> None:
    """Leave the stream after a UTF-8 mark; CannotReadError where the mark is that of UTF-16."""
    head = stream.peek(len(_UTF8_MARK))
    if head.startswith(_UTF16_MARKS):
        raise CannotReadError("not UTF-8 (UTF-16)")
    if head.startswith(_UTF8_MARK):
        stream.read(len(_UTF8_MARK))


def outside_domain(value: object) -> str:
    """What in a value is none of the things that records are made of, in a phrase; empty where all is well."""
    kind = type(value)
    if kind is float:
        return "" if math.isfinite(value) else f"the float {value}"  # type: ignore[arg-type]
    if kind is list:
        return next(filter(None, map(outside_domain, value)), "")  # type: ignore[call-overload]
    if kind is dict:
        for name, each in value.items():  # type: ignore[attr-defined]
            if type(name) is not str:
                return f"a field name of type {type(name).__name__}"
            if found := outside_domain(each):
                return found
        return ""
    known = value is None or kind in (str, int, bool, Number)
    return "" if known else f"a value of type {kind.__name__}"
