"""What a sync has put into a project, file by file: so that what people changed since is told from what it may replace.

Derived: where it is lost, every file counts as somebody's own, and is left.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import msgspec

from dsv.repository import sealed
from dsv.repository.consuming.consumer import Consumer

_FILE = "placed"
_CLOCK_TICK_NS = 20_000_000


class PlacedFile(msgspec.Struct, array_like=True, frozen=True):
    """A file as it was put there: the md5 of its bytes and the stat it had; a time of 0 fits no file."""

    md5: str
    size: int
    modified_ns: int
    inode: int

    def is_that_of(self, seen: os.stat_result) -> bool:
        """Whether the stat is still that of the file that was put there."""
        return (seen.st_size, seen.st_mtime_ns, seen.st_ino) == (self.size, self.modified_ns, self.inode)


class _Stored(msgspec.Struct, array_like=True, frozen=True):
    places: dict[str, dict[str, PlacedFile]]


def placed_files(consumer: Consumer) -> dict[str, dict[str, PlacedFile]]:
    """What lies in each place, by path."""
    stored = sealed.read(os.path.join(consumer.state, _FILE), _Stored)
    return stored.places if stored else {}


def note_placed(consumer: Consumer, places: Mapping[str, Mapping[str, PlacedFile]]) -> None:
    """Keep it for the next sync."""
    kept = {place: dict(files) for place, files in sorted(places.items()) if files}
    sealed.write(os.path.join(consumer.state, _FILE), _Stored(kept))


def placed(md5: str, seen: os.stat_result) -> PlacedFile:
    """The file of this stat; one that was written just now is looked at again, for a clock may hide another writing."""
    settled = seen.st_mtime_ns < time.time_ns() - _CLOCK_TICK_NS
    return PlacedFile(md5, seen.st_size, seen.st_mtime_ns if settled else 0, seen.st_ino)
