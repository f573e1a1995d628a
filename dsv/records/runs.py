"""Rows of fixed width, sorted in little memory.

A row of a record index is fingerprint, key fingerprint where there is a key, file number and row number, all
big-endian, so that the order of the bytes is the order of the values.
"""

from __future__ import annotations

import os
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from types import TracebackType
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing_extensions import Self

ROW = struct.Struct(">16sII")
"""Fingerprint, file number, row number."""

KEYED_ROW = struct.Struct(">16s16sII")
"""Fingerprint, key fingerprint, file number, row number."""

ROWS_IN_MEMORY = 1 << 18
"""Rows held before they are sorted and spilled: about 25 MB as Python objects."""

BATCH_ROWS = 1 << 17
"""Rows that are merged at a time, about."""

_SAMPLED = 1 << 11
"""One in so many rows of a run helps to cut all runs at the same places."""


class Run(NamedTuple):
    """Ascending rows: where they lie in the temporary file, and how many rows of their file come before theirs."""

    offset: int
    rows: int
    rows_before: int = 0


class SortedRuns:
    """Takes rows in any order and gives them back ascending, spilling sorted runs to one temporary file.

    Where a `directory` is given that file has a name in it, so that other processes can open it.
    """

    def __init__(self, row_size: int, *, directory: str | None = None, in_memory: int = ROWS_IN_MEMORY) -> None:
        self.row_size = row_size
        self.count = 0
        self._directory = directory
        self._in_memory = in_memory
        self._rows: list[bytes] = []
        self._spilled: list[Run] = []
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add(self, rows: Iterable[bytes]) -> None:
        """Take rows; the caller sees to it that they have the right size."""
        before = len(self._rows)
        self._rows.extend(rows)
        self.count += len(self._rows) - before
        if len(self._rows) >= self._in_memory:
            self._spilled.append(self._spill(self._rows))
            self._rows = []

    def add_one_by_one(self, rows: Iterable[bytes]) -> None:
        """Take rows from a stream too long to be held."""
        stream = iter(rows)
        while batch := list(islice(stream, BATCH_ROWS)):
            self.add(batch)

    def stored(self, blocks: Iterable[bytes]) -> list[Run]:
        """Blocks of ascending rows kept, which count once they are accepted."""
        return [self._write(block) for block in blocks if block]

    def accept(self, run: Run, *, rows_before: int = 0) -> None:
        """Count stored rows; `rows_before` is added to their row numbers, where all are of one file."""
        self._spilled.append(run._replace(rows_before=rows_before))
        self.count += run.rows

    def sink(self, file: int) -> RowSink:
        """Where the rows of one file go, which count once they are committed."""
        return RowSink(self, file)

    def __iter__(self) -> Iterator[bytes]:
        return chain.from_iterable(self._batches())

    def blocks(self) -> Iterator[bytes]:
        """The rows, ascending, many at a time."""
        return map(b"".join, self._batches())

    def spilled_to(self) -> str | None:
        """The file of the spilled rows, where it has a name; None where all are in memory."""
        return None if self._file is None or self._directory is None else self._file.name

    def cuts(self) -> Iterator[list[Run]]:
        """All rows as parts of runs, many at a time: what the runs have up to one row, then up to a later one.

        The rows where they are cut are sampled from the runs, so a cut has about as many rows as another however the
        rows are distributed.
        """
        if self._rows:
            self._spilled.append(self._spill(self._rows))
            self._rows = []
        samples = sorted(self._at(run, at) for run in self._spilled for at in range(0, run.rows, _SAMPLED))
        starts = [0] * len(self._spilled)
        for limit in [*samples[BATCH_ROWS // _SAMPLED :: BATCH_ROWS // _SAMPLED], None]:
            cut = []
            for number, run in enumerate(self._spilled):
                start = starts[number]
                starts[number] = end = run.rows if limit is None else self._first_from(run, limit, start=start)
                if start < end:
                    cut.append(Run(run.offset + start * self.row_size, end - start, run.rows_before))
            yield cut

    def close(self) -> None:
        """Drop the rows and the temporary file."""
        self._rows = []
        self._spilled = []
        if self._file is not None:
            self._file.close()
            self._file = None

    def _spill(self, rows: list[bytes]) -> Run:
        rows.sort()
        return self._write(b"".join(rows))

    def _write(self, rows: bytes) -> Run:
        if self._file is None:
            self._file = _temporary_file(self._directory)
        offset = self._file.seek(0, os.SEEK_END)
        left = memoryview(rows)
        while left:
            left = left[self._file.write(left) :]
        return Run(offset, len(rows) // self.row_size)

    def _batches(self) -> Iterator[list[bytes]]:
        if not self._spilled:
            self._rows.sort()
            yield self._rows
            return
        for cut in self.cuts():
            yield merged_rows(self._descriptor(), cut, row_size=self.row_size)

    def _first_from(self, run: Run, limit: bytes, *, start: int) -> int:
        return bisect_left(range(run.rows), limit, lo=start, key=lambda at: self._at(run, at))

    def _at(self, run: Run, at: int) -> bytes:
        return _rows_of(self._descriptor(), Run(run.offset + at * self.row_size, 1, run.rows_before), self.row_size)[0]

    def _descriptor(self) -> int:
        if self._file is None:
            raise ValueError("these runs are closed")
        return self._file.fileno()


class RowSink:
    """The rows of one file while it is read: all of them count, or none."""

    def __init__(self, runs: SortedRuns, file: int) -> None:
        self.file = file
        self._runs = runs
        self._rows: list[bytes] = []
        self._spilled: list[Run] = []
        self._count = 0

    def add(self, rows: list[bytes]) -> None:
        """Take rows that carry this sink's file number."""
        self._rows += rows
        self._count += len(rows)
        if len(self._rows) >= self._runs._in_memory:  # noqa: SLF001 - two halves of one thing
            self._spilled.append(self._runs._spill(self._rows))  # noqa: SLF001
            self._rows = []

    def commit(self) -> None:
        """Hand the rows over for good."""
        spilled = self._count - len(self._rows)
        self._runs._spilled += self._spilled  # noqa: SLF001
        self._runs.count += spilled
        self._runs.add(self._rows)
        self.discard()

    def discard(self) -> None:
        """Forget the rows taken since the last commit."""
        self._rows, self._spilled, self._count = [], [], 0


def merged_rows(descriptor: int, runs: Sequence[Run], *, row_size: int) -> list[bytes]:
    """The rows of these runs, all of them in memory, as one ascending list."""
    rows: list[bytes] = []
    for run in runs:
        rows += _rows_of(descriptor, run, row_size)
    rows.sort()  # which merges what is ascending already
    return rows


def _rows_of(descriptor: int, run: Run, row_size: int) -> tuple[bytes, ...]:
    wanted = run.rows * row_size
    block = os.pread(descriptor, wanted, run.offset)
    while len(block) < wanted:
        more = os.pread(descriptor, wanted - len(block), run.offset + len(block))
        if not more:
            raise EOFError("the file of sorted rows was cut off")
        block += more
    if run.rows_before:
        block = _renumbered(block, row_size, run.rows_before)
    return struct.Struct(f"{row_size}s" * run.rows).unpack(block)  # three times as fast as slices


def _renumbered(block: bytes, row_size: int, rows_before: int) -> bytes:
    """The rows with their numbers raised, as one addition of large integers: no row number reaches past its field."""
    words = array("I", block)
    step = row_size // words.itemsize
    numbers = words[step - 1 :: step].tobytes()
    raise_by = rows_before.to_bytes(words.itemsize, "big") * (len(block) // row_size)
    raised = int.from_bytes(numbers, "big") + int.from_bytes(raise_by, "big")
    words[step - 1 :: step] = array("I", raised.to_bytes(len(numbers), "big"))
    return words.tobytes()


def _temporary_file(directory: str | None) -> IO[bytes]:
    """A file that is gone when it is closed."""
    import tempfile  # whoever only looks whether anything changed needs none

    if directory is None:
        return tempfile.TemporaryFile(buffering=0)
    return tempfile.NamedTemporaryFile(dir=directory, prefix="rows", buffering=0)
