"""The bytes of a file while they are read: an open file whose stat is watched, hashed and copied on the way."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
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


class OpenFile(Protocol):
    """A file that is open, here or elsewhere."""

    @property
    def size(self) -> int:
        """In bytes."""

    @property
    def state(self) -> tuple[int, int, int]:
        """What differs once the file was changed: mtime and ctime in ns, and inode, or other numbers elsewhere."""

    @property
    def descriptor(self) -> int | None:
        """Of a file that is here, else None."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer with bytes that follow; how many, 0 at the end."""

    def readinto_at(self, buffer: memoryview, offset: int) -> int:
        """Fill the buffer with bytes from the offset on; how many, 0 at the end."""

    def unchanged(self) -> bool:
        """Whether the name still leads to the same file, and that to the same bytes."""

    def close(self) -> None:
        """No more is read."""


class Store(Protocol):
    """Where files lie that are not in this file system; travels to other processes, and shows nothing secret."""

    def holds(self, source: str) -> bool:
        """Whether the name is that of a file there."""

    def open(self, source: str, *, path: str, stop: int | None = None) -> OpenFile:
        """The file, of which little is read from `stop` on; `path` names it in messages."""

    def ahead(self, sources: Sequence[str], /) -> AbstractContextManager[Store]:
        """The same store, which fetches these small files in their order before they are asked for."""


class LocalFile:
    """An open file of this file system."""

    __slots__ = ("_source", "descriptor", "size", "state")

    def __init__(self, source: str | os.PathLike[str], descriptor: int, status: os.stat_result) -> None:
        self._source = source
        self.descriptor = descriptor
        self.size = status.st_size
        self.state = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer with bytes that follow; how many, 0 at the end."""
        return os.readv(self.descriptor, [buffer])

    def readinto_at(self, buffer: memoryview, offset: int) -> int:
        """Fill the buffer with bytes from the offset on; how many, 0 at the end."""
        return os.preadv(self.descriptor, [buffer], offset)

    def unchanged(self) -> bool:
        """Whether the name still leads to the same file, and that to the same bytes."""
        try:
            now = os.stat(self._source)
        except FileNotFoundError:
            return False
        return now.st_size == self.size and (now.st_mtime_ns, now.st_ctime_ns, now.st_ino) == self.state

    def close(self) -> None:
        """No more is read."""
        os.close(self.descriptor)


def open_file(
    source: str | os.PathLike[str], *, path: str, store: Store | None = None, stop: int | None = None
) -> OpenFile:
    """The file, open, out of the store where that holds it; UnsupportedFileError for what is no regular file."""
    if store is not None and isinstance(source, str) and store.holds(source):
        return store.open(source, path=path, stop=stop)
    # Not blocking: a FIFO that took a file's place must not hang the scan.
    descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnsupportedFileError(f"{shown(path)} is no regular file", details={"file": path})
    return LocalFile(source, descriptor, status)


class HashingReader(io.RawIOBase):
    """An open file whose bytes are hashed, and copied, as they are read."""

    def __init__(self, file: OpenFile, *, copy: Copy | None, progress: Callable[[int], None] | None) -> None:
        self._file = file
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
        count = self._file.readinto(whole)
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


class Seekable(io.RawIOBase):
    """An open file from its start, for a reader that goes where it likes."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:  # noqa: D102 - io's
        return True

    def seekable(self) -> bool:  # noqa: D102 - io's
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:  # noqa: D102 - io's
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._file.size}[whence]
        return self._at

    def tell(self) -> int:  # noqa: D102 - io's
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:  # noqa: D102 - io's
        count = self._file.readinto_at(memoryview(buffer).cast("B"), self._at)
        self._at += count
        return count


class LinesOfPart(io.RawIOBase):
    """The bytes of the lines that begin in a part of an open file, the last one to its end."""

    def __init__(self, file: OpenFile, start: int, stop: int) -> None:
        self._file = file
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
            count = self._file.readinto_at(whole[: self._stop - self._at], self._at)
            if count and self._at + count == self._stop:
                self._last = bytes(whole[count - 1 : count])
        elif self._last and self._last != b"\n":
            count = self._file.readinto_at(whole, self._at)
            end = bytes(whole[:count]).find(b"\n") + 1
            if end:
                count, self._last = end, b""
        else:
            return 0
        self._at += count
        return count

    def _skip_line(self) -> None:
        piece = memoryview(bytearray(BUFFER_SIZE))
        while count := self._file.readinto_at(piece, self._at):
            end = bytes(piece[:count]).find(b"\n") + 1
            self._at += end or count
            if end:
                return
