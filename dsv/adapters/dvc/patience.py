"""Work that a library does far away, given up when nothing has moved for too long instead of waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")
_LOOK_SECONDS = 0.5


class Movement:
    """When something moved last, as those who do the work tell, and how long a standstill is borne."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._last = time.monotonic()

    def tick(self) -> None:
        """Something moved."""
        self._last = time.monotonic()

    def stands_still(self, *, besides: float = 0) -> bool:
        """Whether nothing moved for longer than the limit and the seconds `besides`."""
        return time.monotonic() - self._last > self._limit + besides


class StandstillError(Exception):
    """Nothing moved for too long."""


def patiently(work: Callable[[], _T], movement: Movement) -> _T:
    """What the work returns or raises; StandstillError when nothing moves any more.

    The work is done by a thread that is left behind then: nothing else ends a call that hangs in a library.
    """
    outcome: list[Any] = []

    def do() -> None:
        try:
            outcome.append((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again by the one who waits
            outcome.append((None, error))

    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_LOOK_SECONDS)
        if thread.is_alive() and movement.stands_still():
            raise StandstillError
    result, error = outcome[0]
    if error is not None:
        raise error
    found: _T = result
    return found
