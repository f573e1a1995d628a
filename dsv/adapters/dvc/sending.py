"""Objects of the cache sent to a remote by a few threads, each held against its name first."""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from dvc_objects.fs.local import localfs
from fsspec.callbacks import Callback

from dsv.adapters.dvc.cache import Cache
from dsv.adapters.dvc.patience import Movement, StandstillError

_BLOCK = 1 << 20
_PIECE = 16 << 20
"""What a large object is cut into where the storage takes parts, so that progress and standstill show."""
_PIECES_AT_ONCE = 4
_LIKELY_RATE = 256 << 10
"""Bytes a second below which a connection counts as one that stands still."""
_LARGE = 4 << 20
_LARGE_AT_ONCE = 4
"""Larger objects are in memory as a whole or in several pieces, so that not all threads may send such."""
_MOST_THREADS = 16
_LOCAL_THREADS = 2
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """What became of one object: its bytes when it was sent, None when they are not those of its name."""

    oid: str
    size: int | None


_Event = Outcome | BaseException | int


class Ticking(Callback):  # type: ignore[misc]  # fsspec has no types
    """fsspec's way of telling how far a transfer of files is; `moved` hears of the bytes of each."""

    def __init__(self, movement: Movement, moved: Callable[[int], None]) -> None:
        super().__init__()
        self._movement, self._moved = movement, moved

    def relative_update(self, inc: int = 1) -> None:  # noqa: ARG002 - fsspec's form
        """A file more."""
        self._movement.tick()

    def branched(self, *_: Any, **__: Any) -> Callback:
        """What hears of the bytes of one file."""
        return _OfOneFile(self._movement, self._moved)


class _OfOneFile(Ticking):
    def relative_update(self, inc: int = 1) -> None:
        """Bytes more."""
        super().relative_update()
        self._moved(inc)


def send(store: Any, cache: Cache, oids: Sequence[str], *, movement: Movement) -> Iterator[Outcome | int]:
    """What became of each object, as they come, and numbers of bytes that moved.

    The first failure ends it and is raised; StandstillError when nothing moves any more.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for oid in oids:
        waiting.put(oid)
    done: queue.SimpleQueue[_Event] = queue.SimpleQueue()
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
                size = os.path.getsize(cache.path_of(oid))
                with large if size > _LARGE else nullcontext():
                    under_way[number] = size
                    done.put(_put(store, cache, oid, movement=movement, moved=done.put))
            except BaseException as error:  # noqa: BLE001 - raised by the one who waits
                done.put(error)
            under_way[number] = 0

    movement.tick()
    most = _LOCAL_THREADS if store.fs.protocol == "local" else _MOST_THREADS
    # Left behind when a library hangs in a call: only a thread that nobody waits for lets the process end then.
    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(min(most, len(oids)))]
    for thread in threads:
        thread.start()
    try:
        left = len(oids)
        while left:
            event = _next(done, movement, under_way)
            if isinstance(event, BaseException):
                raise event
            left -= isinstance(event, Outcome)
            yield event
    finally:
        stop.set()


def _next(done: queue.SimpleQueue[_Event], movement: Movement, under_way: dict[int, int]) -> _Event:
    while True:
        try:
            return done.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            pieces = sum(min(size, _PIECE * _PIECES_AT_ONCE) for size in under_way.copy().values())
            if movement.stands_still(besides=pieces / _LIKELY_RATE):
                raise StandstillError from None


def _put(store: Any, cache: Cache, oid: str, *, movement: Movement, moved: Callable[[int], None]) -> Outcome:
    path = cache.path_of(oid)
    if _md5_of(path, movement) != oid.removesuffix(".dir"):
        return Outcome(oid, None)
    size, told = os.path.getsize(path), 0

    def tell(more: int) -> None:
        nonlocal told
        told += more
        moved(more)

    files = Ticking(movement, tell)
    if store.fs.protocol == "s3" and size >= 2 * _PIECE:
        target = store.oid_to_path(oid)
        piece = _piece(size)
        store.fs.put_file(path, target, callback=files.branched(), chunksize=piece, max_concurrency=_PIECES_AT_ONCE)
    else:
        store.add([path], localfs, [oid], hardlink=False, check_exists=False, verify=False, callback=files)
    movement.tick()
    moved(size - told)
    return Outcome(oid, size)


def _piece(size: int) -> int:
    """S3 takes at most 10,000 parts."""
    return max(_PIECE, -(-size // 10_000))


def _md5_of(path: str, movement: Movement) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            movement.tick()
    return digest.hexdigest()
