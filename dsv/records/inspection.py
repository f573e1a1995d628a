"""What is to be found out about records one by one, in the pass that reads them.

An `Inspection` is a value that travels to whoever reads the files; it begins an `Inspector` for each file, or part of
one, which is shown its records in batches. What that noted is kept with the facts of the file, so a file that did not
change since is not read for it again; and notes of parts and files are put together at will.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any, Protocol

import msgspec

from dsv.records.columns import Columns, columns_of

NAMED = 10
"""How many of the records that an inspection has something to say of are named; all are counted."""

LONGEST_WORDS = 200
"""Characters of what is said of a record; a longer text is cut."""

ROW = struct.Struct(">16sI")
"""What stands for a value, and the row of the record that has it."""

EXACT = Context(prec=5_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Sums of doubles need no more than about 650 digits, so nothing is ever rounded."""


class Noted(msgspec.Struct, array_like=True, frozen=True):
    """What an inspection noted of some records: of how many it has something to say, and of the first, by row, what.

    Rows count the records of a file from 1. `sums` are exact numbers by name, which add up; `rows` are ROWs in any
    order, of which those of all files are looked at together.
    """

    count: int = 0
    first: tuple[tuple[int, str], ...] = ()
    sums: tuple[tuple[str, Decimal], ...] = ()
    rows: bytes = b""


Notes = tuple[tuple[str, Noted], ...]
"""What was noted, by the identity of the inspection."""


class Batch:
    """Some records of a file that follow each other; `first` is the row of the first of them."""

    __slots__ = ("_columns", "first", "values")

    def __init__(self, values: Sequence[Any], *, first: int, columns: Columns | None = None) -> None:
        self.values = values
        self.first = first
        self._columns = columns

    @property
    def columns(self) -> Columns:
        """The records by field: one loop over a column in C tells most often that nothing is to be said."""
        if self._columns is None:
            self._columns = columns_of(self.values)
        return self._columns

    def numbered(self) -> Iterable[tuple[int, Any]]:
        """Each record with its row."""
        return enumerate(self.values, self.first)


class Inspector(Protocol):
    """Looks at the records of one file, or of a part of one."""

    def take(self, batch: Batch) -> None:
        """Look at the next records."""

    def finish(self) -> Noted:
        """All that was noted."""


class Inspection(Protocol):
    """What is to be found out, as a value that can be pickled."""

    @property
    def identity(self) -> str:
        """What differs whenever the same records may give other notes: what is asked for, and by which version."""

    def begin(self) -> Inspector:
        """A new inspector."""


class Findings:
    """An inspector that asks of each record what is wrong with it, in a few words; None where nothing is.

    `passes` tells quickly, where it can, that nothing is wrong with any record of a batch.
    """

    __slots__ = ("_count", "_first", "_passes", "_wrong")

    def __init__(self, wrong: Callable[[Any], str | None], *, passes: Callable[[Batch], bool] | None = None) -> None:
        self._wrong = wrong
        self._passes = passes
        self._count = 0
        self._first: list[tuple[int, str]] = []

    def take(self, batch: Batch) -> None:
        """Ask of each record."""
        if self._passes is not None and self._passes(batch):
            return
        wrong = self._wrong
        for row, value in batch.numbered():
            if (words := wrong(value)) is not None:
                self._count += 1
                if len(self._first) < NAMED:
                    # as files can hold it: what UTF-8 cannot carry stands as its escape
                    self._first.append((row, words[:LONGEST_WORDS].encode("utf-8", "backslashreplace").decode()))

    def finish(self) -> Noted:
        """How many records something is wrong with, and the first of them."""
        return Noted(self._count, tuple(self._first))


def begun(inspections: Iterable[Inspection]) -> list[tuple[str, Inspector]]:
    """An inspector for each, with its identity."""
    return [(each.identity, each.begin()) for each in inspections]


def finished(inspectors: Iterable[tuple[str, Inspector]]) -> Notes:
    """What each noted."""
    return tuple([(identity, each.finish()) for identity, each in inspectors])


def joined(parts: Sequence[tuple[Notes, int]]) -> Notes:
    """The notes of a file from those of its parts, in their order, each with how many records come before it."""
    found: list[tuple[str, Noted]] = []
    for number, (identity, _) in enumerate(parts[0][0] if parts else ()):
        several = [(notes[number][1], before) for notes, before in parts]
        first = [(row + before, words) for noted, before in several for row, words in noted.first]
        rows = b"".join([_renumbered(noted.rows, before) for noted, before in several])
        sums = added(noted.sums for noted, _ in several)
        found.append((identity, Noted(sum(noted.count for noted, _ in several), tuple(first[:NAMED]), sums, rows)))
    return tuple(found)


def _renumbered(rows: bytes, before: int) -> bytes:
    return b"".join([ROW.pack(value, row + before) for value, row in ROW.iter_unpack(rows)]) if before else rows


def added(sums: Iterable[tuple[tuple[str, Decimal], ...]]) -> tuple[tuple[str, Decimal], ...]:
    """The sums of several files or parts, by name."""
    totals: dict[str, Decimal] = {}
    for each in sums:
        for name, number in each:
            totals[name] = EXACT.add(totals.get(name, Decimal()), number)
    return tuple(sorted(totals.items()))
