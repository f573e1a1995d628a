"""One writer at a time in a repository: a lock that dies with its process."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator

from dsv.errors import DiskError, LockedError

_PAUSE_SECONDS = 0.05


@contextlib.contextmanager
def exclusive(path: str, *, operation: str, timeout: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file for the time of the block; LockedError when another process keeps it too long.

    `tell` gets one message when there is something to wait for. The kernel gives the lock up when the
    process that holds it ends, in whatever way, so there is nothing stale to clean.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise DiskError(
            f"the lock {path} cannot be opened: {error.strerror}", hint="look at its permissions"
        ) from error
    try:
        _acquire(handle, timeout=timeout, tell=tell)
        os.truncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "operation": operation}).encode(), 0)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, *, timeout: float, tell: Callable[[str], None]) -> None:
    deadline = time.monotonic() + timeout
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(handle)
            if time.monotonic() >= deadline:
                raise LockedError(
                    f"another dsv is at work here ({holder})", hint="wait for it, or give --lock-timeout more seconds"
                ) from None
            if not told:
                tell(f"waiting for another dsv ({holder})")
                told = True
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _holder(handle: int) -> str:
    try:
        known = json.loads(os.pread(handle, 4096, 0))
        return f"{known['operation']}, process {known['pid']}"
    except (ValueError, KeyError, TypeError):
        return "just starting"
