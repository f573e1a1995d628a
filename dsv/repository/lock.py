"""One writer at a time in a repository: a lock that dies with its process."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from dsv.adapters.git.hooks import INSIDE
from dsv.errors import DiskError, LockedError

_PAUSE_SECONDS = 0.05


@contextlib.contextmanager
def exclusive(path: str, *, operation: str, timeout: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file for the time of the block; LockedError when another process keeps it too long.

    A process that runs in a hook of the holder does not wait: the holder waits for it.

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
            if os.environ.get(INSIDE, "") == str(_known(handle).get("pid")):
                raise LockedError(
                    f"this runs in a hook of the dsv that is at work here ({holder}), so it may read and not change",
                    hint="a hook may run dsv status and dsv check; what changes the repository comes after the release",
                ) from None
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
    known = _known(handle)
    return f"{known['operation']}, process {known['pid']}" if known else "just starting"


def _known(handle: int) -> dict[str, Any]:
    """What the holder wrote about itself; nothing while it has not."""
    try:
        known = json.loads(os.pread(handle, 4096, 0))
    except ValueError:
        return {}
    return known if isinstance(known, dict) and {"pid", "operation"} <= known.keys() else {}
