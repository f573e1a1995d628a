"""Packs: files of sorted rows behind a header, several of them where one would grow too large.

The header has 64 bytes, all numbers big-endian: the magic word, u16 row size, u16 flags, u64 number of rows, the
SHA-256 of the rows, and zeros.
"""

from __future__ import annotations

import hashlib
import os
import struct
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import RawIOBase
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

from dsv.errors import DiskError, MismatchError, MissingDataError
from dsv.records.runs import KEYED_ROW, ROW

MAGIC = b"dsvrec1\0"
HEADER = struct.Struct(">8sHHQ32s12x")
LARGEST_PACK = 64 << 20
"""Bytes of rows that a pack is expected to stay under."""

FLAG_KEYED = 1
FLAG_OPAQUE = 2

_BATCH_ROWS = 8192
_COPY_SIZE = 1 << 20
_REBUILD = "delete this record index; dsv makes it again from the data"


@dataclass(frozen=True)
class Pack:
    """One pack of an index: where it is, and what its header says."""

    path: str
    row_size: int
    flags: int
    rows: int
    digest: bytes


class Span(NamedTuple):
    """The fingerprints whose first four bytes, as a number, are `first` or more, and less than `end`."""

    first: int
    end: int


def spans(count: int) -> list[Span]:
    """All fingerprints in so many parts."""
    ends = [(number << 32) // count for number in range(count + 1)]
    return list(map(Span, ends[:-1], ends[1:]))


@dataclass(frozen=True)
class PackSet:
    """What was written: the number of rows, the number of packs, the SHA-256 over all fingerprints."""

    rows: int
    packs: int
    fingerprints: str


def pack_name(kind: str, number: int) -> str:
    """The file name of a pack of a kind (`records` or `opaque`)."""
    return f"{kind}-{number:02x}.pack"


def pack_count(size: int, *, largest: int = LARGEST_PACK) -> int:
    """The smallest power of two of packs that keeps the expected one below the largest size."""
    count = 1
    while size > largest * count:
        count *= 2
    return count


def write_packs(
    blocks: Iterable[bytes], *, directory: str, kind: str, row_size: int, flags: int, largest: int = LARGEST_PACK
) -> PackSet:
    """Write ascending rows, each block one or many of them, as the packs of a kind, each synced to the disk."""
    whole = os.path.join(directory, f"{kind}.rows")
    total, content, fingerprints = 0, hashlib.sha256(), hashlib.sha256()
    with open(whole, "w+b") as file:
        file.write(bytes(HEADER.size))
        for block in blocks:
            file.write(block)
            content.update(block)
            fingerprints.update(fingerprints_in(block, row_size=row_size))
            total += len(block) // row_size
        count = pack_count(total * row_size, largest=largest)
        if count == 1:
            _finish(file, Pack(whole, row_size, flags, total, content.digest()))
        else:
            file.flush()
            _cut(file.fileno(), Pack(whole, row_size, flags, total, b""), directory=directory, kind=kind, count=count)
    if count == 1:
        os.rename(whole, os.path.join(directory, pack_name(kind, 0)))
    else:
        os.unlink(whole)
    return PackSet(total, count, fingerprints.hexdigest())


def fingerprints_in(block: bytes, *, row_size: int) -> bytes:
    """The fingerprints of these rows, one behind the other."""
    words = array("Q", block)
    step = row_size // words.itemsize
    found = array("Q", bytes(len(block) // row_size * 16))
    found[::2], found[1::2] = words[::step], words[1::step]  # an array is cut by strides without a loop
    return found.tobytes()


def read_packs(directory: str, *, kind: str) -> tuple[Pack, ...]:
    """The packs of a kind in their order, empty where there are none; MismatchError for what is no set of packs."""
    packs: list[Pack] = []
    while os.path.exists(path := os.path.join(directory, pack_name(kind, len(packs)))):
        packs.append(_read_header(path))
    if len({(pack.row_size, pack.flags) for pack in packs}) > 1 or len(packs).bit_count() > 1:
        raise MismatchError(f"{directory}: the {kind} packs do not belong together", hint=_REBUILD)
    return tuple(packs)


def rows_of(pack: Pack) -> Iterator[bytes]:
    """The rows of a pack, ascending, read in blocks."""
    size = pack.row_size
    for block in _blocks(pack):
        for start in range(0, len(block), size):
            yield block[start : start + size]


def entries_of(pack: Pack) -> Iterator[tuple[Any, ...]]:
    """The rows of a pack as (fingerprint, [key fingerprint,] file number, row number)."""
    return chain.from_iterable(map(_layout(pack).iter_unpack, _blocks(pack)))


def entries_between(pack: Pack, span: Span) -> Iterator[tuple[Any, ...]]:
    """The rows of a pack that lie in a span, as those of the whole; whether they have their digest is not seen."""
    return chain.from_iterable(map(_layout(pack).iter_unpack, _blocks_between(pack, span)))


def check_digest(pack: Pack, _: Callable[[int], None]) -> None:
    """MismatchError where the rows are not those the header was made for."""
    for _block in _blocks(pack):
        pass


def verify_pack(pack: Pack, *, number: int, count: int, files: int) -> None:
    """MismatchError unless the rows have their digest, ascend, and belong into this one of `count` packs."""
    previous = b""
    bits = count.bit_length() - 1
    for block in _blocks(pack):
        rows = [block[start : start + pack.row_size] for start in range(0, len(block), pack.row_size)]
        ascending = [previous, *rows[:-1]]
        if any(map(_not_before, ascending, rows)):
            raise MismatchError(f"{pack.path}: the rows do not ascend", hint=_REBUILD)
        previous = rows[-1]
        if any(
            int.from_bytes(row[:4], "big") >> (32 - bits) != number or int.from_bytes(row[-8:-4], "big") >= files
            for row in rows
        ):
            raise MismatchError(f"{pack.path}: a row belongs to another pack or to no file", hint=_REBUILD)


def _not_before(row: bytes, following: bytes) -> bool:
    return row >= following


def _blocks(pack: Pack) -> Iterator[bytes]:
    """The rows, many at a time; MismatchError after the last where they are not those the header was made for."""
    content = hashlib.sha256()
    with open(pack.path, "rb", buffering=0) as file:
        for block in _blocks_of(file, pack, 0, pack.rows):
            content.update(block)
            yield block
    if content.digest() != pack.digest:
        raise MismatchError(f"{pack.path}: the rows differ from the digest in the header", hint=_REBUILD)


def _layout(pack: Pack) -> struct.Struct:
    return KEYED_ROW if pack.row_size == KEYED_ROW.size else ROW


def _blocks_between(pack: Pack, span: Span) -> Iterator[bytes]:
    with open(pack.path, "rb", buffering=0) as file:
        first = _first_row_from(file.fileno(), pack, span.first, start=0)
        end = _first_row_from(file.fileno(), pack, span.end, start=first)
        yield from _blocks_of(file, pack, first, end)


def _blocks_of(file: RawIOBase, pack: Pack, first: int, end: int) -> Iterator[bytes]:
    """The rows from one to before another, many at a time."""
    left = (end - first) * pack.row_size
    file.seek(HEADER.size + first * pack.row_size)
    while left:
        block = file.read(min(left, pack.row_size * _BATCH_ROWS))
        if not block or len(block) % pack.row_size:
            raise MismatchError(f"{pack.path}: cut off", hint=_REBUILD)
        left -= len(block)
        yield block


def _read_header(path: str) -> Pack:
    try:
        with open(path, "rb") as file:
            header, size = file.read(HEADER.size), os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise MissingDataError(f"{path} is missing", hint="dsv fetch --index brings it back") from None
    except OSError as error:
        raise DiskError(f"cannot read {path}: {error.strerror}") from error
    return parsed_header(path, header, size=size)


def parsed_header(path: str, header: bytes, *, size: int) -> Pack:
    """The pack whose file of this size starts so; MismatchError where that is none."""
    if len(header) < HEADER.size or not header.startswith(MAGIC):
        raise MismatchError(f"{path}: not a pack of a record index", hint=_REBUILD)
    _, row_size, flags, rows, digest = HEADER.unpack(header)
    fits = row_size == (KEYED_ROW.size if flags & FLAG_KEYED else ROW.size)
    if not fits or size != HEADER.size + rows * row_size:
        raise MismatchError(f"{path}: its size is not what its header says", hint=_REBUILD)
    return Pack(path, row_size, flags, rows, digest)


def _finish(file: BinaryIO, pack: Pack) -> None:
    file.seek(0)
    file.write(HEADER.pack(MAGIC, pack.row_size, pack.flags, pack.rows, pack.digest))
    file.flush()
    os.fsync(file.fileno())


def _cut(descriptor: int, whole: Pack, *, directory: str, kind: str, count: int) -> None:
    """Copy the rows into packs by the first bits of the fingerprint."""
    bits = count.bit_length() - 1
    first = 0
    for number in range(count):
        limit = (number + 1) << (32 - bits)
        end = whole.rows if number == count - 1 else _first_row_from(descriptor, whole, limit, start=first)
        content = hashlib.sha256()
        with open(os.path.join(directory, pack_name(kind, number)), "w+b") as file:
            file.write(bytes(HEADER.size))
            offset, stop = (HEADER.size + row * whole.row_size for row in (first, end))
            while offset < stop:
                block = os.pread(descriptor, min(_COPY_SIZE, stop - offset), offset)
                content.update(block)
                file.write(block)
                offset += len(block)
            _finish(file, Pack(file.name, whole.row_size, whole.flags, end - first, content.digest()))
        first = end


def _first_row_from(descriptor: int, whole: Pack, limit: int, *, start: int) -> int:
    low, high = start, whole.rows
    while low < high:
        middle = (low + high) // 2
        prefix = os.pread(descriptor, 4, HEADER.size + middle * whole.row_size)
        if int.from_bytes(prefix, "big") < limit:
            low = middle + 1
        else:
            high = middle
    return low
