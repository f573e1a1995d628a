"""Who reads the files of a dataset, and compares rows: this process, where there is little, else who is asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from dsv.adapters.executor import Here, processes, threads
from dsv.model.executor import Executor, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsv.records.jobs import Target
    from dsv.records.workers import Workers

_WORTH_BYTES = 64 << 20
_WORTH_FILES = 2_000
_WORTH_ROWS = 300_000
_CROWDED_FILES = 100_000
_FEW_PROCESSES = 2
"""For so many files: each process that is forked has the list of them, and together they are to stay below 500 MB."""


def workers_for(
    targets: Sequence[Target], *, executor: Executor, directories: Sequence[str] = ()
) -> AbstractContextManager[Workers]:
    """Whoever reads these files, and leaves what it makes of them in the directories where it can.

    Errors: those of a cluster that cannot be used.
    """
    if executor.place is Place.SERIAL or not targets:
        return nullcontext(Here())
    if executor.place is Place.DASK:
        from dsv.adapters.executor.dask import dask_cluster

        return dask_cluster(executor.address, sources=[target.source for target in targets], directories=directories)
    if executor.processes is None and _is_little(targets):
        return nullcontext(Here())
    return processes(executor.processes or (_FEW_PROCESSES if len(targets) >= _CROWDED_FILES else None))


def workers_for_bytes(targets: Sequence[Target], *, executor: Executor) -> AbstractContextManager[Workers]:
    """Whoever hashes these files on this machine, and does no more: threads, which need no memory of their own."""
    if executor.place is Place.SERIAL or (executor.processes is None and _is_little(targets)):
        return nullcontext(Here())
    return threads(executor.processes)


def workers_for_rows(rows: int, *, executor: Executor) -> AbstractContextManager[Workers]:
    """Whoever compares so many rows, which lie on this machine."""
    if executor.place is Place.SERIAL or rows < _WORTH_ROWS:
        return nullcontext(Here())
    return processes(executor.processes)


def _is_little(targets: Sequence[Target]) -> bool:
    return len(targets) < _WORTH_FILES and sum(target.size for target in targets) < _WORTH_BYTES
