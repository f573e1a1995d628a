"""Jobs run by threads of this process: for those that mostly wait for the disk, or hash, which lets others run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from dsv.adapters.executor.local import MOST_PROCESSES, Here, usable_processors


class _GivenUpError(Exception):
    """Nobody waits for the job any more."""


class _Threads:
    """Threads that count together what they read."""

    share_files = True
    on_this_machine = True
    counts_bytes = True

    def __init__(self, pool: ThreadPoolExecutor, count: int) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._read = self._told = 0
        self.given_up = False
        self.count = count

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """The future of the call in one of them."""
        return self._pool.submit(function, *arguments, self._add)

    def tell(self, advance: Callable[[int], None]) -> None:
        """Say how many more bytes were read."""
        read = self._read
        if read > self._told:
            advance(read - self._told)
            self._told = read

    def _add(self, size: int) -> None:
        if self.given_up:
            raise _GivenUpError
        with self._lock:
            self._read += size


@contextmanager
def threads(count: int | None = None) -> Iterator[Here | _Threads]:
    """So many threads that run jobs (one a processor, four at most), ended with the block.

    They share this process's memory, where each process that is forked from it counts as much as it does again.
    """
    wanted = min(usable_processors(), MOST_PROCESSES) if count is None else count
    if wanted == 1:
        yield Here()
        return
    with ThreadPoolExecutor(wanted, thread_name_prefix="dsv") as pool:
        workers = _Threads(pool, wanted)
        try:
            yield workers
        except BaseException:
            workers.given_up = True  # what they are doing may take minutes
            pool.shutdown(wait=False, cancel_futures=True)
            raise
