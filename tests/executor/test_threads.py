"""Threads that hash: what they say is in order, what they read is counted, and nobody waits for what is given up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from dsv.adapters.executor import Here, threads
from dsv.records.workers import in_order


def _read(size: int, progress: Callable[[int], None]) -> int:
    progress(size)
    return size


def test_what_threads_return_comes_in_the_order_of_the_calls_and_every_byte_is_counted() -> None:
    told: list[int] = []
    sizes = list(range(200))
    with threads(3) as three:
        assert list(in_order(three, _read, ((size,) for size in sizes))) == sizes
        three.tell(told.append)
        three.tell(told.append)
    assert told == [sum(sizes)]


def test_a_job_that_nobody_waits_for_any_more_ends_at_its_next_block() -> None:
    begun, go_on = threading.Event(), threading.Event()
    blocks = 0

    def endless(progress: Callable[[int], None]) -> None:
        nonlocal blocks
        begun.set()
        go_on.wait()
        while True:
            progress(1)
            blocks += 1

    def interrupted() -> None:
        with threads(2) as two:
            jobs.append(two.submit(endless))
            begun.wait()
            threading.Timer(0.05, go_on.set).start()
            raise KeyboardInterrupt

    jobs: list[Future[None]] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert jobs[0].done()
    assert blocks == 0


def test_one_thread_is_this_one() -> None:
    with threads(1) as one:
        assert isinstance(one, Here)
