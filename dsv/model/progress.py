"""How work that takes long tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Called with what is being done, and how many of how many bytes or files are."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note."""


class Tell(Protocol):
    """Called with one line that a person should see now, on the way."""

    def __call__(self, message: str) -> None:
        """Take note."""


def unseen(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def untold(message: str) -> None:
    """Messages that nobody hears."""


def summed(progress: Progress, what: str, *, total: int) -> Callable[[int], None]:
    """A function that is told what more is done, and passes on how much that makes in all."""
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        progress(what, done, total)

    return advance
