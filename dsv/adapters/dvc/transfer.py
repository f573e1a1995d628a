"""Objects on their way to a remote or from it: a few threads, outcomes as they come, given up when nothing moves."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar

from fsspec.callbacks import Callback

from dsv.adapters.dvc.patience import Movement, StandstillError

PIECE = 16 << 20
"""What a large object is cut into where the storage takes parts, so that progress and standstill show."""
PIECES_AT_ONCE = 4
_LIKELY_RATE = 256 << 10
"""Bytes a second below which a connection counts as one that stands still."""
_LARGE = 4 << 20
_LARGE_AT_ONCE = 4
"""Larger objects may be in memory as a whole or in several pieces, so that not all threads may have such."""
_MOST_THREADS = 16
_LOCAL_THREADS = 2
_LOOK_SECONDS = 0.5

_T = TypeVar("_T")


class FileCallback(Callback):  # type: ignore[misc]  # fsspec has no types
    """fsspec's way of telling how far the transfer of one file is; `moved` hears of its bytes."""

    def __init__(self, movement: Movement, moved: Callable[[int], None]) -> None:
        super().__init__()
        self._movement, self._moved, self._seen = movement, moved, 0

    def relative_update(self, inc: int = 1) -> None:
        """Bytes more."""
        self._movement.tick()
        self._seen += inc
        self._moved(inc)

    def absolute_update(self, value: int) -> None:
        """Bytes in all, as SSH tells them."""
        if value > self._seen:
            self.relative_update(value - self._seen)


class FilesCallback(Callback):  # type: ignore[misc]  # fsspec has no types
    """The same for a transfer of several files."""

    def __init__(self, movement: Movement, moved: Callable[[int], None]) -> None:
        super().__init__()
        self._movement, self._moved = movement, moved

    def relative_update(self, inc: int = 1) -> None:  # noqa: ARG002 - fsspec's form
        """A file more."""
        self._movement.tick()

    def branched(self, *_: Any, **__: Any) -> Callback:
        """What hears of the bytes of one file."""
        return FileCallback(self._movement, self._moved)


def transferred(
    oids: Sequence[str],
    transfer: Callable[[str, Callable[[int], None]], _T],
    *,
    is_local: bool,
    unseen: Callable[[str], int],
    movement: Movement,
) -> Iterator[_T | int]:
    """What `transfer` makes of each object, as they come, and the numbers of bytes that it says have moved.

    `unseen` is how many bytes of an object may be under way before it says so. The first failure ends it and is raised;
    StandstillError when nothing moves any more.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for oid in oids:
        waiting.put(oid)
    done: queue.SimpleQueue[tuple[_T | BaseException | int, bool]] = queue.SimpleQueue()
    stop = threading.Event()
    under_way: dict[int, int] = {}
    large = threading.Semaphore(_LARGE_AT_ONCE)

    def work(number: int) -> None:
        while not stop.is_set():
            try:
                oid = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                size = unseen(oid)
                with large if size > _LARGE else nullcontext():
                    under_way[number] = size
                    done.put((transfer(oid, lambda more: done.put((more, False))), True))
            except BaseException as error:  # noqa: BLE001 - raised by the one who waits
                done.put((error, True))
            under_way[number] = 0

    movement.tick()
    most = _LOCAL_THREADS if is_local else _MOST_THREADS
    # Left behind when a library hangs in a call: only a thread that nobody waits for lets the process end then.
    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(min(most, len(oids)))]
    for thread in threads:
        thread.start()
    try:
        left = len(oids)
        while left:
            event, ends = _next(done, movement, under_way)
            if isinstance(event, BaseException):
                raise event
            left -= ends
            yield event
    finally:
        stop.set()


def _next(done: queue.SimpleQueue[_T], movement: Movement, under_way: dict[int, int]) -> _T:
    while True:
        try:
            return done.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            pieces = sum(min(size, PIECE * PIECES_AT_ONCE) for size in under_way.copy().values())
            if movement.stands_still(besides=pieces / _LIKELY_RATE):
                raise StandstillError from None
