"""How work that takes long tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done, how many of how many bytes or files are, and how many records were in them.

    Of what is pushed or fetched, it is objects instead of records.
    """

    def __call__(self, what: str, done: int, total: int, records: int = 0) -> None:
        """Take note."""


class Advance(Protocol):
    """Called with how many more bytes or files are done, and records, or objects, in them."""

    def __call__(self, more: int, records: int = 0) -> None:
        """Take note."""


class Tell(Protocol):
    """Called with one line that a person should see now, on the way."""

    def __call__(self, message: str) -> None:
        """Take note."""


def unseen(what: str, done: int, total: int, records: int = 0) -> None:
    """Progress that nobody looks at."""


def unadvanced(more: int, records: int = 0) -> None:
    """Steps that nobody counts."""


def untold(message: str) -> None:
    """Messages that nobody hears."""


def summed(progress: Progress, what: str, *, total: int) -> Advance:
    """A function that is told what more is done, and passes on how much that makes in all."""
    done = seen = 0

    def advance(more: int, records: int = 0) -> None:
        nonlocal done, seen
        done += more
        seen += records
        progress(what, done, total, seen)

    return advance
