"""Records found in the packs of a record index, by reading a few thousand of their rows.

Fingerprints are spread evenly, so a row's place in a pack can be guessed to within the square root of the number of
rows. One read around that guess finds a record in a pack of a million; where it does not, because many rows are of
one record, the place is narrowed down by halves. Keys lie anywhere: for them every row is looked at, block by block.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, islice
from math import isqrt
from typing import TypeVar

from dsv.errors import DiskError, MismatchError, MissingDataError
from dsv.records.packs import FLAG_KEYED, FLAG_OPAQUE, HEADER, parsed_header

Asked = TypeVar("Asked")

Position = tuple[int, int]
"""Where a record is: the number of its file in SHA256SUMS from 0, and its row in the file from 1."""

FINGERPRINT_BYTES = 16

_POSITION = struct.Struct(">II")
_FEW_ROWS = 512
_FEW = 16
_BATCH = 4096
_CLOSE = 24
"""Rows for each fingerprint: to read so many takes as long as to look it up by itself."""

_BLOCK_BYTES = 1 << 18
_HINT = "delete this record index; dsv fetch --index brings it back"


@dataclass(frozen=True)
class Hits:
    """The rows with one fingerprint or key: how many, where the first are by file and row, and their fingerprints."""

    total: int
    first: tuple[Position, ...]
    contents: frozenset[bytes] = frozenset()


@dataclass
class PackFile:
    """A pack that is open. Its header has been looked at, its rows have not.

    `number` is the pack's among the `count` of its kind, which says between which fingerprints its rows lie.
    """

    path: str
    rows: int
    row_size: int
    opaque: bool
    keyed: bool
    number: int = 0
    count: int = 1
    _descriptor: int = field(default=-1, repr=False)
    _start: int = field(default=0, repr=False)
    _block: bytes = field(default=b"", repr=False)

    def find(self, fingerprint: bytes, *, limit: int) -> Hits | None:
        """The rows with the fingerprint, None where there is none; the first `limit` of them with their places.

        Fingerprints that are asked for in ascending order share reads.
        """
        start = self._first_from(fingerprint)
        if start == self.rows or self._fingerprint_at(start) != fingerprint:
            return None
        end = self._end_of(fingerprint, start)
        found = self._rows(start, min(end, start + limit))
        if any(found[at : at + FINGERPRINT_BYTES] != fingerprint for at in range(0, len(found), self.row_size)):
            raise MismatchError(f"{self.path}: the rows do not ascend", hint=_HINT)
        return Hits(end - start, self._positions(found), frozenset((fingerprint,)))

    def find_all(self, fingerprints: Sequence[bytes], *, limit: int) -> dict[bytes, Hits]:
        """The same for several fingerprints, ascending: where they are close together, all rows between are read."""
        between = self._guess(fingerprints[-1])[0] - self._guess(fingerprints[0])[0]
        if len(fingerprints) > _FEW and between < _CLOSE * len(fingerprints):
            return self._find_between(fingerprints, limit=limit)
        return {each: hits for each in fingerprints if (hits := self.find(each, limit=limit))}

    def _find_between(self, fingerprints: Sequence[bytes], *, limit: int) -> dict[bytes, Hits]:
        start = self._first_from(fingerprints[0])
        end = self._end_of(fingerprints[-1], start)
        totals, first = dict.fromkeys(fingerprints, 0), defaultdict[bytes, list[Position]](list)
        size, step = self.row_size, _BLOCK_BYTES // self.row_size
        for low in range(start, end, step):
            block = self._read(low, (min(end, low + step) - low) * size)
            for at in range(0, len(block), size):
                fingerprint = block[at : at + FINGERPRINT_BYTES]
                if fingerprint in totals:
                    totals[fingerprint] += 1
                    if len(first[fingerprint]) < limit:
                        first[fingerprint].append(_POSITION.unpack_from(block, at + size - _POSITION.size))
        return {each: Hits(totals[each], tuple(sorted(found)), frozenset((each,))) for each, found in first.items()}

    def find_keys(self, keys: Sequence[bytes], *, limit: int) -> dict[bytes, Hits]:
        """For each key fingerprint that a row has, the rows; every row is read, in blocks."""
        totals = dict.fromkeys(keys, 0)
        first = {key: list[tuple[Position, bytes]]() for key in keys}
        size = self.row_size
        buffer = bytearray(_BLOCK_BYTES // size * size)
        offset, end = HEADER.size, HEADER.size + self.rows * size
        while offset < end:
            got = os.preadv(self._descriptor, [buffer], offset)
            if not got or got % size:
                raise self._cut_off()
            # One byte of each key, as one string: searching it passes over rows many times faster than a loop does.
            column = buffer[FINGERPRINT_BYTES:got:size]
            for key in totals:
                at = column.find(key[0])
                while at >= 0:
                    row = at * size
                    if buffer.startswith(key, row + FINGERPRINT_BYTES):
                        totals[key] += 1
                        if len(first[key]) < limit:
                            content = bytes(buffer[row : row + FINGERPRINT_BYTES])
                            first[key].append((_POSITION.unpack_from(buffer, row + size - _POSITION.size), content))
                    at = column.find(key[0], at + 1)
            offset += got
        return {
            key: Hits(total, tuple(sorted(at for at, _ in first[key])), frozenset(content for _, content in first[key]))
            for key, total in totals.items()
            if total
        }

    def _first_from(self, fingerprint: bytes) -> int:
        """The number of the first row whose fingerprint is at least this one."""
        if not self._surrounds(fingerprint):
            low, high = self._guess(fingerprint)
            self._load(low, high)
            if not self._surrounds(fingerprint):
                self._narrow(fingerprint)
        return self._start + self._in_block(fingerprint)

    def _guess(self, fingerprint: bytes) -> Position:
        """The rows among which it is, but for one in many thousands, when fingerprints are spread evenly."""
        bits = self.count.bit_length() - 1
        share = (int.from_bytes(fingerprint[:8], "big") << bits) & ((1 << 64) - 1)
        middle = share * self.rows >> 64
        # The place of one of n evenly spread values is off by at most sqrt(n) / 2, as standard deviation.
        reach = 2 * isqrt(self.rows) + _FEW_ROWS // 2
        return max(0, middle - reach), min(self.rows, middle + reach)

    def _surrounds(self, fingerprint: bytes) -> bool:
        """Whether the block that was read last must hold the first row from this fingerprint on."""
        block, size = self._block, self.row_size
        if not block:
            return self.rows == 0
        after = self._start == 0 or block[:FINGERPRINT_BYTES] < fingerprint
        ends = self._start + len(block) // size == self.rows
        return after and (ends or block[-size : FINGERPRINT_BYTES - size] >= fingerprint)

    def _narrow(self, fingerprint: bytes) -> None:
        """Halve what lies on the side of the block where it must be until it is few rows, and read them."""
        last = self._start + len(self._block) // self.row_size
        before = self._block[:FINGERPRINT_BYTES] >= fingerprint
        low, high = (0, self._start) if before else (last, self.rows)
        while high - low > _FEW_ROWS:
            middle = (low + high) // 2
            if self._fingerprint_at(middle) < fingerprint:
                low = middle + 1
            else:
                high = middle
        # A row more on either side, so that the block surrounds it.
        self._load(max(0, low - 1), min(self.rows, high + 1))

    def _end_of(self, fingerprint: bytes, start: int) -> int:
        """The number of the row behind those with the fingerprint, the first of which is at `start`."""
        following = int.from_bytes(fingerprint, "big") + 1
        if following.bit_length() > FINGERPRINT_BYTES * 8:
            return self.rows
        after = following.to_bytes(FINGERPRINT_BYTES, "big")
        if not self._surrounds(after):
            self._load(start, min(self.rows, start + _FEW_ROWS))
            if not self._surrounds(after):
                self._narrow(after)
        return self._start + self._in_block(after)

    def _in_block(self, fingerprint: bytes) -> int:
        block, size = self._block, self.row_size
        numbers = range(len(block) // size)
        return bisect_left(numbers, fingerprint, key=lambda row: block[row * size : row * size + FINGERPRINT_BYTES])

    def _fingerprint_at(self, row: int) -> bytes:
        at = (row - self._start) * self.row_size
        if 0 <= at < len(self._block):
            return self._block[at : at + FINGERPRINT_BYTES]
        return self._read(row, FINGERPRINT_BYTES)

    def _load(self, low: int, high: int) -> None:
        self._start, self._block = low, self._read(low, (high - low) * self.row_size)

    def _rows(self, low: int, high: int) -> bytes:
        at, end = (low - self._start) * self.row_size, (high - self._start) * self.row_size
        inside = at >= 0 and end <= len(self._block)
        return self._block[at:end] if inside else self._read(low, (high - low) * self.row_size)

    def _read(self, row: int, size: int) -> bytes:
        found = os.pread(self._descriptor, size, HEADER.size + row * self.row_size)
        if len(found) != size:
            raise self._cut_off()
        return found

    def _positions(self, rows: bytes) -> tuple[Position, ...]:
        ends = range(self.row_size, len(rows) + 1, self.row_size)
        return tuple(sorted(_POSITION.unpack_from(rows, end - _POSITION.size) for end in ends))

    def _cut_off(self) -> MismatchError:
        return MismatchError(f"{self.path}: cut off", hint=_HINT)


@contextmanager
def opened_pack(path: str, *, number: int = 0, count: int = 1) -> Iterator[PackFile]:
    """The pack at a path, whatever it is called; MissingDataError or MismatchError where there is none.

    `number` and `count` say which one of how many packs of its kind it is.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise MissingDataError(f"{path} is missing", hint="dsv fetch --index brings it back") from None
    except OSError as error:
        raise DiskError(f"cannot read {path}: {error.strerror}", hint="look at its permissions") from error
    try:
        yield _pack(path, descriptor, number=number, count=count)
    finally:
        os.close(descriptor)


def find_in_packs(
    paths: Sequence[str], wanted: Iterable[tuple[bytes, Asked]], *, opaque: bool, limit: int
) -> Iterator[tuple[Asked, Hits]]:
    """Those of the (fingerprint, anything) pairs, ascending by fingerprint, that packs of one kind hold, with the rows.

    Nothing where the packs stand for opaque files and records are asked for, or the other way round. Packs that cannot
    hold what is wanted are not opened.
    """
    if len(paths).bit_count() != 1:
        raise MismatchError(f"{len(paths)} packs of a kind, which is no power of two", hint=_HINT)
    shift = FINGERPRINT_BYTES * 8 - (len(paths).bit_length() - 1)
    for number, several in groupby(wanted, key=lambda each: int.from_bytes(each[0], "big") >> shift):
        with opened_pack(paths[number], number=number, count=len(paths)) as pack:
            if pack.opaque is not opaque:
                return
            while batch := list(islice(several, _BATCH)):
                fingerprints = [fingerprint for fingerprint, _ in batch]
                found = pack.find_all(fingerprints, limit=limit)
                yield from ((asked, found[fingerprint]) for fingerprint, asked in batch if fingerprint in found)


def find_keys_in_packs(paths: Sequence[str], keys: Sequence[bytes], *, limit: int) -> dict[bytes, Hits]:
    """For each key fingerprint that rows of the packs have, those rows; none where the rows have no keys."""
    found: dict[bytes, Hits] = {}
    for number, path in enumerate(paths):
        with opened_pack(path, number=number, count=len(paths)) as pack:
            if not pack.keyed:
                return {}
            for key, hits in pack.find_keys(keys, limit=limit).items():
                before = found.get(key, Hits(0, ()))
                places = tuple(sorted(before.first + hits.first))[:limit]
                found[key] = Hits(before.total + hits.total, places, before.contents | hits.contents)
    return found


def _pack(path: str, descriptor: int, *, number: int, count: int) -> PackFile:
    pack = parsed_header(path, os.pread(descriptor, HEADER.size, 0), size=os.fstat(descriptor).st_size)
    opaque, keyed = bool(pack.flags & FLAG_OPAQUE), bool(pack.flags & FLAG_KEYED)
    return PackFile(path, pack.rows, pack.row_size, opaque, keyed, number, count, descriptor)
