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
    """Hold the lock file for the time of the block; LockedError when one other process keeps it too long.

    However many wait, each gets its turn as long as none of them takes longer than the timeout. A process that runs in
    a hook of the holder does not wait: the holder waits for it.

    `tell` gets a message when there is something to wait for. The kernel gives the lock up when the
    process that holds it ends, in whatever way, so there is nothing stale to clean.
    """
    handle = _acquired(path, timeout=timeout, tell=tell)
    try:
        about = {"pid": os.getpid(), "operation": operation, "host": os.uname().nodename, "since": time.time_ns()}
        os.truncate(handle, 0)
        os.pwrite(handle, json.dumps(about).encode(), 0)
        yield
        os.truncate(handle, 0)
    finally:
        os.close(handle)


def wait_until(free: Callable[[], bool], *, timeout: float, told: str, tell: Callable[[str], None]) -> bool:
    """Whether it came free in time; `told` is said when there is something to wait for."""
    deadline = time.monotonic() + timeout
    if free():
        return True
    if timeout > 0:
        tell(told)
    while time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        if free():
            return True
    return False


def _acquired(path: str, *, timeout: float, tell: Callable[[str], None]) -> int:
    """The open lock file, locked, and still the one at the path: whoever deletes it while others wait makes another."""
    while True:
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise DiskError(
                f"the lock {path} cannot be opened: {error.strerror}", hint="look at its permissions"
            ) from error
        try:
            _acquire(handle, path, timeout=timeout, tell=tell)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), os.stat(path)):
                    return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _acquire(handle: int, path: str, *, timeout: float, tell: Callable[[str], None]) -> None:
    deadline = time.monotonic() + timeout
    waited_for: dict[str, Any] | None = None
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            known = _known(handle)
            holder = _holder(known)
            if os.environ.get(INSIDE, "") == str(known.get("pid")):
                raise LockedError(
                    f"this runs in a hook of the dsv that is at work here ({holder}), so it may read and not change",
                    hint="a hook may run dsv status and dsv check; what changes the repository comes after the release",
                ) from None
            if known and waited_for and known != waited_for:
                deadline = time.monotonic() + timeout
            if time.monotonic() >= deadline:
                raise LockedError(
                    f"another dsv is at work here ({holder})",
                    hint="wait for it, or give --lock-timeout more seconds",
                    details={"file": path, **known},
                ) from None
            if waited_for is None:
                tell(f"waiting for another dsv ({holder})")
            waited_for = known or waited_for or {}
            time.sleep(_PAUSE_SECONDS)
        except OSError as error:
            raise DiskError(
                f"the file system of {path} keeps no locks: {error.strerror}",
                hint="dsv needs them, so that one command changes the repository at a time; see its mount options",
            ) from error
        else:
            return


def _holder(known: dict[str, Any]) -> str:
    if not known:
        return "just starting"
    elsewhere = f" on {known['host']}" if known.get("host", os.uname().nodename) != os.uname().nodename else ""
    return f"{known['operation']}, process {known['pid']}{elsewhere}"


def _known(handle: int) -> dict[str, Any]:
    """What the holder wrote about itself; nothing while it has not."""
    try:
        known = json.loads(os.pread(handle, 4096, 0))
    except ValueError:
        return {}
    return known if isinstance(known, dict) and {"pid", "operation"} <= known.keys() else {}
