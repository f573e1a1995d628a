"""Jobs run on this machine: in this process, or in some that are forked from it."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from dsv.errors import DiskError

MOST_PROCESSES = 4
"""Each may hold some 80 MB, and what a release takes is promised to stay below 500."""

_LAST_BREATHS = 20
_BREATH_SECONDS = 0.0005
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Here:
    """The calling process, which does each job when it is handed over."""

    count = 1
    share_files = True
    on_this_machine = True
    counts_bytes = True

    def __init__(self) -> None:
        self._advance: Callable[[int], None] | None = None

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """The future of the call, which is done already."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, self._advance))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)
        return future

    def tell(self, advance: Callable[[int], None]) -> None:
        """Nothing to say: it is said while a job is done."""
        self._advance = advance


class _Processes:
    """Processes that were forked from this one, and count in a place that they share what they read."""

    share_files = True
    on_this_machine = True
    counts_bytes = True

    def __init__(self, pool: Any, count: int, counter: Any) -> None:
        self._pool = pool
        self._counter = counter
        self._told = 0
        self.count = count

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """The future of the call in one of them."""
        future: Future[Any] = self._pool.submit(_call, function, arguments)
        return future

    def tell(self, advance: Callable[[int], None]) -> None:
        """Say how many more bytes were read."""
        read = self._counter.value
        if read > self._told:
            advance(read - self._told)
            self._told = read


def usable_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def processes(count: int | None = None) -> Iterator[Here | _Processes]:
    """So many processes that run jobs (one a processor, four at most), or this one where forking is not safe.

    DiskError when one of them is killed, which is mostly for want of memory.
    """
    wanted = min(usable_processors(), MOST_PROCESSES) if count is None else count
    if wanted == 1 or not _may_fork():
        yield Here()
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    context = get_context("fork")
    counter = context.Value("Q", 0)
    pool = ProcessPoolExecutor(wanted, mp_context=context, initializer=_begin, initargs=(os.getpid(), counter))
    try:
        yield _Processes(pool, wanted, counter)
    except BrokenProcessPool as error:
        raise DiskError(
            "a process that did part of the work was killed, maybe for want of memory",
            hint="run it again with --executor serial, which takes one process",
        ) from error
    except BaseException:
        # What they are doing may take minutes, and nobody waits for it any more.
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - the pool has a word for it from 3.14 on
            process.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def beside(function: Callable[..., object], *arguments: object) -> Iterator[None]:
    """Call something in a process of its own while the block runs, or after it where forking is not safe.

    It is what may as well fail: nobody is told.
    """
    if not _may_fork():
        yield
        _call_quietly(function, arguments)
        return
    from multiprocessing import get_context

    process = get_context("fork").Process(target=_beside, args=(os.getpid(), function, arguments))
    process.start()
    try:
        yield
    except BaseException:
        process.kill()
        raise
    finally:
        process.join()


def _beside(parent: int, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    _begin(parent, None)
    _call_quietly(function, arguments)


def _call_quietly(function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    with suppress(Exception):
        function(*arguments)


def _may_fork() -> bool:
    """Whether a fork is safe: only Linux promises it, and only to a process without other threads."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    for _ in range(_LAST_BREATHS):
        if len(os.listdir("/proc/self/task")) == 1:
            return True
        time.sleep(_BREATH_SECONDS)  # a thread that was joined a moment ago may not quite be gone
    return False


_counters: list[Any] = []
"""In a process that was forked: where it counts what it reads."""


def _call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return function(*arguments, _count)


def _count(size: int) -> None:
    for counter in _counters:
        with counter.get_lock():
            counter.value += size


def _begin(parent: int, counter: Any) -> None:
    """What a new process does first: leave Ctrl-C to its parent, and not survive it."""
    import ctypes

    _counters[:] = [] if counter is None else [counter]

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    gc.disable()  # jobs make no circles, and many small objects
