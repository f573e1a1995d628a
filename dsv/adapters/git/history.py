"""What git's log tells of a file: one row of `git log --raw`."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class HistoryEntry:
    """One file that one commit added, edited or deleted (`status` A, M or D); `blob` is None when deleted.

    `date` is the author's; `committed` is when the commit was made, in seconds since 1970.
    """

    commit: str
    author: str
    date: str
    committed: int
    status: str
    path: str
    blob: str | None


def history_entry(words: bytes, *, path: bytes, commit: str, author: str, date: str, committed: int) -> HistoryEntry:
    """From a raw diff row, `:modes ids status`, that has one colon for each parent."""
    parents = len(words) - len(words.lstrip(b":"))
    cells = words.decode().split(" ")
    letters = set(cells[-1])
    gone = letters == {"D"}
    return HistoryEntry(
        commit=commit,
        author=author,
        date=date,
        committed=committed,
        status="D" if gone else "A" if letters == {"A"} else "M",
        path=os.fsdecode(path),
        blob=None if gone else cells[2 * parents + 1],
    )
