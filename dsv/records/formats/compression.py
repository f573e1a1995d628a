"""Compressed files: which suffix stands for which compression, and the stream of what is inside."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING

from dsv.records.formats.contract import CannotReadError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP = ".gz"
_BUFFER_SIZE = 1 << 18


def is_compressed(path: str) -> bool:
    """Whether the path has the suffix of a compression."""
    return path.lower().endswith(GZIP)


def path_inside(path: str) -> str:
    """The path without the suffix of a compression."""
    return path[: -len(GZIP)] if is_compressed(path) else path


def decompressed(stream: io.BufferedReader) -> io.BufferedReader:
    """The content of a gzip file; reading it raises CannotReadError where it is cut off or damaged."""
    if not stream.peek(1):
        raise CannotReadError("empty, not gzip")
    return io.BufferedReader(_Gunzipped(stream), _BUFFER_SIZE)


class _Gunzipped(io.RawIOBase):
    def __init__(self, stream: io.BufferedReader) -> None:
        self._file = gzip.GzipFile(fileobj=stream, mode="rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        try:
            # Filled up: who peeks at the first bytes must see them all.
            while filled < len(view) and (count := self._file.readinto(view[filled:])):
                filled += count
        except EOFError:
            raise CannotReadError("gzip: cut off") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise CannotReadError(f"gzip: {error}") from None
        return filled
