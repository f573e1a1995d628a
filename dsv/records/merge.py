"""The rows that many jobs brought home as one ascending stream, merged by whoever runs jobs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from dsv.records.runs import BATCH_ROWS, Run, SortedRuns, merged_rows
from dsv.records.workers import Workers, in_order

_WORTH_ROWS = 2 * BATCH_ROWS


def merged_blocks(runs: SortedRuns, *, workers: Workers) -> Iterator[bytes]:
    """All rows, ascending, many at a time; cuts of them are merged beside each other where that pays."""
    path = runs.spilled_to()
    if workers.count == 1 or not workers.on_this_machine or path is None or runs.count < _WORTH_ROWS:
        return runs.blocks()
    return in_order(workers, merged_cut, ((path, cut, runs.row_size) for cut in runs.cuts()))


def merged_cut(path: str, cut: Sequence[Run], row_size: int, _: Callable[[int], None]) -> bytes:
    """The rows of parts of runs, ascending."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(merged_rows(descriptor, cut, row_size=row_size))
    finally:
        os.close(descriptor)
