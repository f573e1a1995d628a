"""What the last look at a dataset came to, small enough to read when nothing changed since.

Derived, as all that is kept beside git: a missing, damaged or foreign file means that the look is taken again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import overload

import msgspec

from dsv.records.file_scan import FileScan
from dsv.records.index import BuiltIndex
from dsv.repository import files

_FILE = "look"
_LAYOUT = 2
_DIGEST_SIZE = 32


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


class KeptFiles(Sequence[FileScan]):
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


def marks_of(seen: Sequence[tuple[str, int, int, int, int]]) -> str:
    """A digest of paths with their signatures, in the order given."""
    return hashlib.sha256(msgspec.msgpack.encode(seen)).hexdigest()


def load(directory: str) -> Look | None:
    """The last look, with its index still there."""
    content = files.read_bytes(os.path.join(directory, _FILE))
    if content is None or _sealed(content[_DIGEST_SIZE:]) != content:
        return None
    try:
        look = msgspec.msgpack.decode(content[_DIGEST_SIZE:], type=Look)
    except ValueError:  # of another layout
        return None
    there = look.layout == _LAYOUT and look.index.isalnum() and os.path.isdir(os.path.join(directory, look.index))
    return look if there else None


def save(directory: str, look: Look) -> None:
    """Keep the look for the next one."""
    files.write_bytes(os.path.join(directory, _FILE), _sealed(msgspec.msgpack.encode(look)))


def _sealed(content: bytes) -> bytes:
    """The content behind its digest: what was changed since is not believed."""
    return hashlib.sha256(content).digest() + content
