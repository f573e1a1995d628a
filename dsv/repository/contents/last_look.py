"""What the last look at a dataset came to, small enough to read when nothing changed since.

Derived, as all that is kept beside git: a missing, damaged or foreign file means that the look is taken again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

import msgspec

from dsv.records.built_index import BuiltIndex
from dsv.repository import sealed

if TYPE_CHECKING:
    from dsv.records.file_scan import FileScan

_FILE = "look"
_LAYOUT = 3


class Look(msgspec.Struct, array_like=True, frozen=True):
    """The files that were seen, as `marks_of` names them, and the name and facts of the index built from them.

    `declarations` are those the files were read under; `sound` says that every record could be read and has a
    key of its own where one is declared; `dialects` are those of a Snapshot.
    """

    declarations: str
    marks: str
    index: str
    built: BuiltIndex
    sound: bool
    dialects: dict[str, int]
    layout: int = _LAYOUT


class KeptFiles(Sequence["FileScan"]):
    """The scans of files, fetched when one is asked for."""

    def __init__(self, count: int, fetch: Callable[[], Sequence[FileScan]]) -> None:
        self._count = count
        self._fetch = fetch

    @cached_property
    def _scans(self) -> Sequence[FileScan]:
        return self._fetch()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[FileScan]:
        return iter(self._scans)

    @overload
    def __getitem__(self, place: int) -> FileScan: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[FileScan]: ...
    def __getitem__(self, place: int | slice) -> FileScan | Sequence[FileScan]:
        return self._scans[place]


def marks_of(walked: Sequence[tuple[str, int, int, int, int, str]]) -> str:
    """A digest of files as `WalkedFile` has them, in the order given."""
    return hashlib.sha256(msgspec.msgpack.encode(walked)).hexdigest()


def load(directory: str) -> Look | None:
    """The last look, with its index still there."""
    look = sealed.read(os.path.join(directory, _FILE), Look)
    if look is None or look.layout != _LAYOUT or not look.index.isalnum():
        return None
    return look if os.path.isdir(os.path.join(directory, look.index)) else None


def save(directory: str, look: Look) -> None:
    """Keep the look for the next one."""
    sealed.write(os.path.join(directory, _FILE), look)
