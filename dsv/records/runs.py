"""Rows of fixed width, sorted in little memory.

A row of a record index is fingerprint, key fingerprint where there is a key, file number and row number, all
big-endian, so that the order of the bytes is the order of the values.
"""

from __future__ import annotations

import heapq
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from typing_extensions import Self

ROW = struct.Struct(">16sII")
"""Fingerprint, file number, row number."""

KEYED_ROW = struct.Struct(">16s16sII")
"""Fingerprint, key fingerprint, file number, row number."""

ROWS_IN_MEMORY = 1 << 18
"""Rows held before they are sorted and spilled: about 25 MB as Python objects."""

_BLOCK_ROWS = 512


class SortedRuns:
    """Takes rows in any order and gives them back ascending, spilling sorted runs to one temporary file."""

    def __init__(self, row_size: int, *, directory: str | None = None, in_memory: int = ROWS_IN_MEMORY) -> None:
        self.row_size = row_size
        self.count = 0
        self._directory = directory
        self._in_memory = in_memory
        self._rows: list[bytes] = []
        self._spilled: list[tuple[int, int]] = []
        self._file: BinaryIO | None = None

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
        batch: list[bytes] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BLOCK_ROWS:
                self.add(batch)
                batch.clear()
        self.add(batch)

    def sink(self, file: int) -> RowSink:
        """Where the rows of one file go, which count once they are committed."""
        return RowSink(self, file)

    def __iter__(self) -> Iterator[bytes]:
        streams: list[Iterator[bytes]] = [self._read(offset, end) for offset, end in self._spilled]
        self._rows.sort()
        if self._rows or not streams:
            streams.append(iter(self._rows))
        return streams[0] if len(streams) == 1 else heapq.merge(*streams)

    def close(self) -> None:
        """Drop the rows and the temporary file."""
        self._rows = []
        self._spilled = []
        if self._file is not None:
            self._file.close()
            self._file = None

    def _spill(self, rows: list[bytes]) -> tuple[int, int]:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - closed by close()
        rows.sort()
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(b"".join(rows))
        self._file.flush()
        return offset, self._file.tell()

    def _read(self, offset: int, end: int) -> Iterator[bytes]:
        size = self.row_size
        while self._file is not None and offset < end:
            block = os.pread(self._file.fileno(), min(size * _BLOCK_ROWS, end - offset), offset)
            offset += len(block)
            for start in range(0, len(block), size):
                yield block[start : start + size]


class RowSink:
    """The rows of one file while it is read: all of them count, or none."""

    def __init__(self, runs: SortedRuns, file: int) -> None:
        self.file = file
        self._runs = runs
        self._rows: list[bytes] = []
        self._spilled: list[tuple[int, int]] = []
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


def merged(streams: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """The rows of several ascending streams as one."""
    several = list(streams)
    return iter(several[0]) if len(several) == 1 else heapq.merge(*several)
