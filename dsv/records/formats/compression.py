"""Compressed files: which suffix stands for which compression, and the stream of what is inside."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from dsv.records.formats.contract import CannotReadError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST_WINDOW_BITS = 27
LARGEST_WINDOW = 1 << LARGEST_WINDOW_BITS
"""Bytes of what was unpacked before that a file may refer back to; `zstd` and `xz` stay below unless told otherwise."""

_BUFFER_SIZE = 1 << 18
_PIECE_SIZE = 1 << 15  # small, because each of many small members copies what follows it in the piece
_XZ_OVERHEAD = 1 << 20
_XZ_PADDING = 4


class Decompressor(Protocol):
    """What the decompressors of the standard library have in common: each unpacks one member of a file."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""

    @property
    def unused_data(self) -> bytes:
        """The bytes behind the member's end."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing comes without more bytes."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """At most so many bytes of what the data unpacks to; the rest comes with the next calls."""


def is_compressed(path: str) -> bool:
    """Whether the path has the suffix of a compression."""
    return _suffix(path) in _OPENERS


def path_inside(path: str) -> str:
    """The path without the suffix of a compression."""
    suffix = _suffix(path)
    return path[: -len(suffix)] if suffix in _OPENERS else path


def decompressed(stream: io.BufferedReader, *, path: str) -> io.BufferedReader:
    """The content of a file that is compressed as its path says.

    CannotReadError here, or while it is read, for what is empty, cut off, damaged, followed by something else, or
    refers back farther than LARGEST_WINDOW.
    """
    name, opener = _OPENERS[_suffix(path)]
    if not stream.peek(1):
        raise CannotReadError(f"empty, not {name}")
    return io.BufferedReader(opener(stream), _BUFFER_SIZE)


@contextmanager
def compressing(target: BinaryIO, *, path: str) -> Iterator[BinaryIO]:
    """A stream that writes to the target what is written to it, compressed as the path says; the same bytes always."""
    suffix = _suffix(path)
    if suffix not in _OPENERS:
        yield target
        return
    with _compressor(target, suffix) as stream:
        yield stream


def _compressor(target: BinaryIO, suffix: str) -> BinaryIO:
    if suffix == ".gz":
        return cast("BinaryIO", gzip.GzipFile(filename="", fileobj=target, mode="wb", mtime=0))
    if suffix == ".bz2":
        import bz2

        return cast("BinaryIO", bz2.BZ2File(target, "wb"))
    if suffix == ".xz":
        import lzma

        return cast("BinaryIO", lzma.LZMAFile(target, "wb"))
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return cast("BinaryIO", zstd.ZstdFile(target, "wb"))


def _suffix(path: str) -> str:
    return path[path.rfind(".") :].lower()


class _Unpacked(io.RawIOBase):
    """A stream that fills every buffer up: who peeks at the first bytes must see them all."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and (count := self.fill(view[filled:])):
            filled += count
        return filled

    @abstractmethod
    def fill(self, view: memoryview) -> int:
        """Put the next bytes into the view: how many, none at the end."""


class _Gzip(_Unpacked):
    def __init__(self, stream: io.BufferedReader) -> None:
        self._file = gzip.GzipFile(fileobj=stream, mode="rb")

    def fill(self, view: memoryview) -> int:
        try:
            return self._file.readinto(view)
        except EOFError:
            raise CannotReadError("gzip: cut off") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise CannotReadError(f"gzip: {error}") from None


class _Members(_Unpacked):
    """What the members of a file unpack to, one behind the other; `padded` allows zeros between them."""

    def __init__(
        self,
        stream: io.BufferedReader,
        *,
        name: str,
        decompressor: Callable[[], Decompressor],
        errors: type[Exception],
        padded: bool = False,
    ) -> None:
        self._stream = stream
        self._name = name
        self._decompressor = decompressor
        self._errors = errors
        self._padded = padded
        self._member = decompressor()
        self._is_first = True
        self._has_begun = False

    def fill(self, view: memoryview) -> int:
        while True:
            if self._member.eof:
                data = self._after_member()
                if not data:
                    return 0
                self._member, self._is_first, self._has_begun = self._decompressor(), False, False
            else:
                data = self._stream.read1(_PIECE_SIZE) if self._member.needs_input else b""
                if not data and self._member.needs_input:
                    raise CannotReadError(f"{self._name}: cut off")
            unpacked = self._unpack(data, most=len(view))
            if unpacked:
                view[: len(unpacked)] = unpacked
                return len(unpacked)

    def _after_member(self) -> bytes:
        """The bytes with which the next member begins; none at the end of the file."""
        data, zeros = self._member.unused_data, 0
        while data or (data := self._stream.read1(_PIECE_SIZE)):
            begins = data.lstrip(b"\0") if self._padded else data
            zeros += len(data) - len(begins)
            data = begins
            if data:
                break
        if zeros % _XZ_PADDING:
            raise self._followed()
        return data

    def _unpack(self, data: bytes, *, most: int) -> bytes:
        try:
            unpacked = self._member.decompress(data, most)
        except self._errors as error:
            if not (self._is_first or self._has_begun):
                raise self._followed() from None
            if "memory" in str(error).lower():
                limit = LARGEST_WINDOW >> 20
                raise CannotReadError(f"{self._name}: it refers back farther than {limit} MiB") from None
            raise CannotReadError(f"{self._name}: {str(error).rstrip('.')}") from None
        self._has_begun = self._has_begun or bool(unpacked)
        return unpacked

    def _followed(self) -> CannotReadError:
        return CannotReadError(f"{self._name}: something else follows the compressed data")


def _bzip2(stream: io.BufferedReader) -> _Unpacked:
    import bz2

    return _Members(stream, name="bzip2", decompressor=bz2.BZ2Decompressor, errors=OSError)


def _xz(stream: io.BufferedReader) -> _Unpacked:
    import lzma

    def decompressor() -> Decompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LARGEST_WINDOW + _XZ_OVERHEAD)

    return _Members(stream, name="xz", decompressor=decompressor, errors=lzma.LZMAError, padded=True)


def _zstd(stream: io.BufferedReader) -> _Unpacked:
    # Not the package zstandard: its reader takes a file that was cut off for a whole one.
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    def decompressor() -> Decompressor:
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: LARGEST_WINDOW_BITS}
        new: Decompressor = zstd.ZstdDecompressor(options=options)
        return new

    return _Members(stream, name="zstd", decompressor=decompressor, errors=zstd.ZstdError)


_OPENERS: dict[str, tuple[str, Callable[[io.BufferedReader], _Unpacked]]] = {
    ".gz": ("gzip", _Gzip),
    ".bz2": ("bzip2", _bzip2),
    ".xz": ("xz", _xz),
    ".zst": ("zstd", _zstd),
}
