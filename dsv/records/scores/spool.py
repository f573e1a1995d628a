"""Values put aside on the disk while keys are sorted in memory, and read back one by one."""

from __future__ import annotations

import mmap
import struct
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from typing_extensions import Self

_LENGTH = struct.Struct("<I")
_BUFFERED = 1 << 20


class Spool:
    """Takes values of JSON's types, and gives back each by the place that it got."""

    def __init__(self, directory: str | None = None) -> None:
        self._file = _temporary(directory)
        self._buffer = bytearray()
        self._written = 0
        self._map: mmap.mmap | None = None
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder().decode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._map is not None:
            self._map.close()
        self._file.close()

    def put(self, value: Any) -> int:
        """The place of the value."""
        place = self._written + len(self._buffer)
        content = self._encode(value)
        self._buffer += _LENGTH.pack(len(content))
        self._buffer += content
        if len(self._buffer) >= _BUFFERED:
            self._flush()
        return place

    def content(self, place: int) -> bytes:
        """The bytes of the value at a place, the same for equal values; nothing is put any more after the first."""
        if self._map is None:
            self._flush()
            self._file.flush()
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        start = place + _LENGTH.size
        return self._map[start : start + _LENGTH.unpack_from(self._map, place)[0]]

    def get(self, place: int) -> Any:
        """The value at a place."""
        return self._decode(self.content(place))

    def _flush(self) -> None:
        self._file.write(self._buffer)
        self._written += len(self._buffer)
        self._buffer.clear()


def _temporary(directory: str | None) -> IO[bytes]:
    """A file that is gone when it is closed."""
    return TemporaryFile(dir=directory)
