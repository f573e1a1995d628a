"""The bytes of a file while they are read: an open file whose stat is watched, hashed and copied on the way."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dsv.errors import UnsupportedFileError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER_SIZE = 1 << 18


class Digests(NamedTuple):
    """The size of a file in bytes, and its digests in hexadecimal."""

    size: int
    md5: str
    sha256: str


class Copy(Protocol):
    """A copy of one file, in the making."""

    def write(self, data: memoryview) -> None:
        """Take the bytes that follow."""

    def keep(self, md5: str) -> None:
        """Done: these are all the bytes, and this is their digest."""

    def drop(self) -> None:
        """Leave nothing of it."""


def shown(path: str) -> str:
    """A path as it can stand in a one-line message, whatever characters it holds."""
    return path if path.isprintable() else ascii(path)


def open_regular(source: str | os.PathLike[str], *, path: str) -> tuple[int, os.stat_result]:
    """A descriptor of the file and its stat; UnsupportedFileError for what is no regular file."""
    # Not blocking: a FIFO that took a file's place must not hang the scan.
    descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnsupportedFileError(f"{shown(path)} is no regular file", details={"file": path})
    return descriptor, status


@contextmanager
def opened(source: str | os.PathLike[str], *, path: str) -> Iterator[tuple[int, os.stat_result]]:
    """What `open_regular` gives, closed afterwards."""
    descriptor, status = open_regular(source, path=path)
    try:
        yield descriptor, status
    finally:
        os.close(descriptor)


def unchanged(source: str | os.PathLike[str], before: os.stat_result) -> bool:
    """Whether the name still leads to the same file, and that to the same bytes."""
    try:
        now = os.stat(source)
    except FileNotFoundError:
        return False
    return (
        now.st_mtime_ns == before.st_mtime_ns
        and now.st_ctime_ns == before.st_ctime_ns
        and now.st_size == before.st_size
        and now.st_ino == before.st_ino
    )


class HashingReader(io.RawIOBase):
    """An open file whose bytes are hashed, and copied, as they are read."""

    def __init__(self, descriptor: int, *, copy: Copy | None, progress: Callable[[int], None] | None) -> None:
        self._descriptor = descriptor
        self._progress = progress
        self._copy = copy
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    @property
    def digests(self) -> Digests:
        """Those of all bytes that were read."""
        return Digests(self._size, self._md5.hexdigest(), self._sha256.hexdigest())

    def readable(self) -> bool:  # noqa: D102 - io's
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:  # noqa: D102 - io's
        whole = memoryview(buffer).cast("B")
        count = os.readv(self._descriptor, [whole])
        view = whole[:count]
        self._md5.update(view)
        self._sha256.update(view)
        if self._copy is not None:
            self._copy.write(view)
        self._size += count
        if self._progress is not None and count:
            self._progress(count)
        return count

    def drain(self) -> None:
        """Read, and hash, what is left of the file."""
        buffer = bytearray(BUFFER_SIZE)
        while self.readinto(buffer):
            pass


class LinesOfPart(io.RawIOBase):
    """The bytes of the lines that begin in a part of an open file, the last one to its end."""

    def __init__(self, descriptor: int, start: int, stop: int) -> None:
        self._descriptor = descriptor
        self._at = start
        self._stop = stop
        self._last = b""
        if start:
            self._at = start - 1
            self._skip_line()

    def readable(self) -> bool:  # noqa: D102 - io's
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:  # noqa: D102 - io's
        whole = memoryview(buffer).cast("B")
        if self._at < self._stop:
            count = os.preadv(self._descriptor, [whole[: self._stop - self._at]], self._at)
            if count and self._at + count == self._stop:
                self._last = bytes(whole[count - 1 : count])
        elif self._last and self._last != b"\n":
            count = os.preadv(self._descriptor, [whole], self._at)
            end = bytes(whole[:count]).find(b"\n") + 1
            if end:
                count, self._last = end, b""
        else:
            return 0
        self._at += count
        return count

    def _skip_line(self) -> None:
        while piece := os.pread(self._descriptor, BUFFER_SIZE, self._at):
            end = piece.find(b"\n") + 1
            self._at += end or len(piece)
            if end:
                return
