"""Rows that several processes merge are those that one merges."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dsv.adapters.executor import Here, processes
from dsv.records.merge import merged_blocks
from dsv.records.runs import BATCH_ROWS, ROW, SortedRuns
from tests.executor.test_parts import in_a_fresh_process

RUNS = 12


@contextmanager
def runs_in(directory: Path) -> Iterator[SortedRuns]:
    """Rows of three files in many runs, one content standing in all of them again and again."""
    randomness = random.Random(1)  # noqa: S311 - any rows
    rows_each = 3 * BATCH_ROWS // RUNS
    with SortedRuns(ROW.size, directory=str(directory)) as runs:
        for number in range(RUNS):
            contents = [randomness.randbytes(16) for _ in range(rows_each - 500)] + [bytes(range(16))] * 500
            rows = sorted(ROW.pack(content, number % 3, row) for row, content in enumerate(contents, 1))
            [run] = runs.stored([b"".join(rows)])
            runs.accept(run, rows_before=number // 3 * rows_each)
        runs.add([ROW.pack(bytes(range(16)), 9, row) for row in (7, 5)])
        yield runs


def merged_by_two(directory: Path) -> bytes:
    """All rows, merged by two processes; to be called in a process that may fork."""
    with runs_in(directory) as runs, processes(2) as two:
        assert not isinstance(two, Here)
        return b"".join(merged_blocks(runs, workers=two))


def test_rows_are_the_same_whoever_merges_them(tmp_path: Path) -> None:
    with runs_in(tmp_path) as runs:
        rows = list(runs)
        assert len(rows) == len(set(rows)) == runs.count
        assert rows == sorted(rows)
        alone = b"".join(merged_blocks(runs, workers=Here()))
    assert alone == b"".join(rows)
    assert in_a_fresh_process(merged_by_two, tmp_path) == alone
    assert list(tmp_path.iterdir()) == []
