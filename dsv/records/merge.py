"""The rows that many jobs brought home as one ascending stream, merged by whoever runs jobs."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from dsv.records.runs import BATCH_ROWS, Run, SortedRuns, merged_rows

if TYPE_CHECKING:
    from dsv.records.collect import Workers

_WORTH_ROWS = 2 * BATCH_ROWS
_WAITING = 2
"""Cuts handed over for each worker, as for jobs that read."""


def merged_blocks(runs: SortedRuns, *, workers: Workers) -> Iterator[bytes]:
    """All rows, ascending, many at a time; cuts of them are merged beside each other where that pays."""
    path = runs.spilled_to()
    if workers.count == 1 or not workers.on_this_machine or path is None or runs.count < _WORTH_ROWS:
        yield from runs.blocks()
        return
    waiting: deque[Future[bytes]] = deque()
    try:
        for cut in runs.cuts():
            if len(waiting) == _WAITING * workers.count:
                yield waiting.popleft().result()
            waiting.append(workers.submit(merged_cut, path, cut, runs.row_size))
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def merged_cut(path: str, cut: Sequence[Run], row_size: int, progress: Callable[[int], None] | None = None) -> bytes:  # noqa: ARG001 - whoever runs jobs may give it
    """The rows of parts of runs, ascending."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(merged_rows(descriptor, cut, row_size=row_size))
    finally:
        os.close(descriptor)
