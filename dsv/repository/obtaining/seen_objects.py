"""Files whose bytes were hashed once, and what they looked like then: who looks so still is believed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

import msgspec

from dsv.errors import DiskError
from dsv.model.progress import Advance, Progress, summed, unadvanced
from dsv.repository import files

_BLOCK = 1 << 20
_AT_ONCE = 4

Look = tuple[int, int, int]
"""Size, time of the last change in nanoseconds, and inode of a file."""


class SeenObject(NamedTuple):
    """What the file of an object looked like when its bytes had this SHA-256."""

    look: Look
    sha256: str


class SeenFile(NamedTuple):
    """A file of a version: its path in it, the object that holds its bytes, and what that looked like."""

    path: str
    md5: str
    seen: SeenObject


class Seen(msgspec.Struct, frozen=True):
    """The files of a version that were seen; `whole` says that it has no others."""

    whole: bool = False
    files: list[SeenFile] = []

    def by_object(self) -> dict[str, SeenObject]:
        """What was seen of each object."""
        return {each.md5: each.seen for each in self.files}


def read_seen(file: str) -> Seen:
    """What was noted in the file; nothing where there is none, or it is damaged."""
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, DiskError):
        return msgspec.json.decode(files.read_bytes(file) or b"{}", type=Seen)
    return Seen()


def write_seen(file: str, seen: Seen) -> None:
    """Note it for the next time; where the disk refuses, the bytes are just read again the next time."""
    with suppress(DiskError):
        files.write_bytes(file, msgspec.json.encode(seen))


def look_of(path: str) -> Look | None:
    """What the file looks like; None where there is none."""
    try:
        seen = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return seen.st_size, seen.st_mtime_ns, seen.st_ino


def examined(paths: Mapping[str, str], *, noted: Mapping[str, SeenObject], progress: Progress) -> dict[str, SeenObject]:
    """What each object, by name with its path, looks like and holds; read unless it looks as it was noted.

    One that is gone is left out. DiskError for one that cannot be read.
    """
    looks = {oid: look_of(path) for oid, path in paths.items()}
    found = {oid: noted[oid] for oid, look in looks.items() if oid in noted and noted[oid].look == look}
    unread = [oid for oid, look in looks.items() if look is not None and oid not in found]
    advance = summed(progress, "verifying", total=sum(look[0] for oid in unread if (look := looks[oid]) is not None))
    for oid, each in zip(unread, _read([paths[oid] for oid in unread], advance), strict=True):
        if each is not None:
            found[oid] = each
    return found


def _read(paths: Sequence[str], advance: Advance) -> Iterator[SeenObject | None]:
    if len(paths) < 2:  # noqa: PLR2004 - for one file a pool is no help
        yield from (_seen(path, advance) for path in paths)
        return
    with ThreadPoolExecutor(min(_AT_ONCE, os.cpu_count() or 1)) as pool:
        for each in pool.map(_seen, paths):
            advance(each.look[0] if each is not None else 0, 1)
            yield each


def _seen(path: str, advance: Advance = unadvanced) -> SeenObject | None:
    """The digest of the file as it is on the disk, and its look from the same open file."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb", buffering=0) as stream:
            about = os.fstat(stream.fileno())
            while block := stream.read(_BLOCK):
                digest.update(block)
                advance(len(block))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DiskError(f"{path} cannot be read: {error.strerror}", hint="look at its permissions") from error
    return SeenObject((about.st_size, about.st_mtime_ns, about.st_ino), digest.hexdigest())
