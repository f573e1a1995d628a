"""Rows that begin alike, among rows in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def repeated(entries: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """The entries that begin alike, of which there are several; entries come in order."""
    held: list[tuple[Any, ...]] = []
    before: tuple[Any, ...] = (None,)
    for entry in entries:
        if entry[0] == before[0]:
            held = held or [before]
            held.append(entry)
        elif held:
            yield held
            held = []
        before = entry
    if held:
        yield held
