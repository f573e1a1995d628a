"""Two small summaries of many values, equal for equal values however these are parted: bins of numbers, distinct ones.

Both keep what a rule says of the values as a whole (all of them, at the finest resolution that fits; the smallest
hashes), never what came first. So the summary of a union is exactly the union of the summaries.
"""

from __future__ import annotations

import heapq
import math
import struct
import sys
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import accumulate
from typing import Any
from zlib import crc32

import msgspec

from dsv.records.canonical import Number

MOST_HASHES = 512
"""Below so many different values their number is exact, beyond it an estimate (standard error 4.4 %)."""

MOST_BINS = 2048
"""Doubles are binned by sign, exponent and the first seven bits of their fraction: a bin is at most 0.8 % wide."""

FIRST_SIZE = 64
"""Smaller seeds are kinds of values, others the sizes of what they were cut from."""

LARGEST = sys.float_info.max
SMALLEST_WHOLE, LARGEST_WHOLE = -(1 << 63), (1 << 63) - 1

_BITS = 19  # sign, exponent and seven bits of the fraction
_MORE_BINS = 4 * MOST_BINS
_DROPPED = 64 - _BITS
_SIGN = 1 << (_BITS - 1)
_HIGH_HALF = slice(1 if sys.byteorder == "little" else 0, None, 2)
_ALL = (1 << 32) - 1
_DOUBLE, _WORD = struct.Struct(">d"), struct.Struct(">Q")


class Bins(msgspec.Struct, array_like=True, frozen=True):
    """How many numbers lie in which bin, with the exact smallest and largest of them.

    A bin is the first `19 - shift` bits of a double; `counts` has bin and count by turns, the bins ascending. `shift`
    is the smallest with which there are at most MOST_BINS.
    """

    low: int | float
    high: int | float
    shift: int
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many numbers were counted."""
        return sum(self.counts[1::2])


class BinCounter:
    """Counts numbers into bins."""

    __slots__ = ("_counts", "_high", "_low", "_shift", "_small")

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._small: Counter[int] = Counter()
        self._shift = 0
        self._low: int | float | None = None
        self._high: int | float | None = None

    def add_sizes(self, sizes: Iterable[int]) -> None:
        """Take numbers of characters or elements, which repeat."""
        self._small.update(sizes)
        if len(self._small) > _MORE_BINS:
            self._sort_in()

    def add_numbers(self, numbers: Sequence[Any]) -> None:
        """Take numbers; those beyond doubles count as the largest one, and NaN as no number."""
        try:
            doubles = array("d", numbers)
            low, high = min(numbers), max(numbers)
            regular = -LARGEST <= sum(numbers) <= LARGEST
        except (OverflowError, TypeError):
            regular = False
        if not regular:
            numbers = [number for number in map(finite, numbers) if number is not None]
            if not numbers:
                return
            doubles = array("d", numbers)
            low, high = min(numbers), max(numbers)
        self._span(exact(low), exact(high))
        shift = _DROPPED - 32 + self._shift
        self._counts.update([bits >> shift for bits in memoryview(doubles).cast("B").cast("I")[_HIGH_HALF]])
        if len(self._counts) > _MORE_BINS:
            self._coarsen()

    def add_counted(self, counts: Mapping[int, int]) -> None:
        """Take whole numbers of at most 64 bits with how often each occurs."""
        if not counts:
            return
        self._span(min(counts), max(counts))
        into, shift = self._counts, _DROPPED + self._shift
        for number, count in counts.items():
            into[_WORD.unpack(_DOUBLE.pack(number))[0] >> shift] += count
        if len(into) > _MORE_BINS:
            self._coarsen()

    def include(self, bins: Bins) -> None:
        """Take what was binned before."""
        self._span(bins.low, bins.high)
        if bins.shift > self._shift:
            self._coarsen(to=bins.shift)
        into, further = self._counts, self._shift - bins.shift
        pairs = iter(bins.counts)
        for place, count in zip(pairs, pairs, strict=True):
            into[place >> further] += count
        if len(into) > _MORE_BINS:
            self._coarsen()

    def finish(self) -> Bins | None:
        """What was counted; None when nothing was."""
        self._sort_in()
        if self._low is None or self._high is None:
            return None
        self._coarsen()
        pairs = sorted(self._counts.items())
        return Bins(self._low, self._high, self._shift, tuple([each for pair in pairs for each in pair]))

    def _sort_in(self) -> None:
        self.add_counted(self._small)
        self._small = Counter()

    def _span(self, low: float, high: float) -> None:
        if self._low is None or low < self._low:
            self._low = low
        if self._high is None or high > self._high:
            self._high = high

    def _coarsen(self, *, to: int = 0) -> None:
        """At least to this shift, and on until few enough bins are left."""
        while self._shift < to or len(self._counts) > MOST_BINS:
            wider: Counter[int] = Counter()
            for place, count in self._counts.items():
                wider[place >> 1] += count
            self._counts = wider
            self._shift += 1


def quantiles(bins: Bins, shares: Sequence[float], *, whole: bool) -> list[int | float]:
    """The numbers below which these shares (0 to 1) of all lie: each is that of its bin which is nearest to zero.

    0 and 1 give the exact smallest and largest. Of `whole` numbers the others are integers too.
    """
    ordered = _ascending(bins)
    upto = list(accumulate(count for _, count in ordered))
    found: list[int | float] = []
    for share in shares:
        if share in (0, 1):
            found.append(bins.low if share == 0 else bins.high)
            continue
        place, _ = ordered[bisect_right(upto, int(share * (upto[-1] - 1)))]
        number = _nearest_zero(place, shift=bins.shift)
        found.append(min(max(int(number) if whole else number, bins.low), bins.high))
    return found


def binned(bins: Bins) -> list[tuple[float, int]]:
    """The number of each bin that is nearest to zero, ascending, with how many numbers lie there."""
    return [(_nearest_zero(place, shift=bins.shift), count) for place, count in _ascending(bins)]


def _ascending(bins: Bins) -> list[tuple[int, int]]:
    """The bins with their counts, from that of the smallest numbers to that of the largest."""
    pairs = list(zip(bins.counts[::2], bins.counts[1::2], strict=True))
    sign = _SIGN >> bins.shift
    return [pair for pair in reversed(pairs) if pair[0] >= sign] + [pair for pair in pairs if pair[0] < sign]


def _nearest_zero(place: int, *, shift: int) -> float:
    """Of the doubles that begin with these bits the one that is nearest to zero."""
    return float(_DOUBLE.unpack(_WORD.pack(place << (_DROPPED + shift)))[0]) + 0.0


def finite(number: float | Number) -> int | float | None:
    """The number as the profile counts it: beyond doubles the largest one; None for NaN."""
    if isinstance(number, Number):
        try:
            number = float(number.text)
        except ValueError:
            return None
    elif isinstance(number, int):
        if SMALLEST_WHOLE <= number <= LARGEST_WHOLE:
            return number
        try:
            number = float(number)
        except OverflowError:
            return LARGEST if number > 0 else -LARGEST
    if math.isnan(number):
        return None
    return max(-LARGEST, min(number, LARGEST))


def exact(number: float) -> int | float:
    """One spelling for each value: an integer wherever 64 bits hold it, else a double."""
    if SMALLEST_WHOLE <= number <= LARGEST_WHOLE and number == int(number):
        return int(number)
    return float(number)


class DistinctCounter:
    """Counts distinct values by the smallest of their hashes (KMV: Bar-Yossef et al. 2002, Beyer et al. 2007).

    A value comes as bytes and a seed, which tells kinds of values apart. The upper half of its hash is their CRC-32,
    the lower one SHA-256's, computed only where the upper one is small enough to matter.
    """

    __slots__ = ("_bar", "_hashes", "_known")

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self._bar = _ALL
        self._known: set[tuple[bytes, int]] = set()

    def add(self, values: Sequence[bytes], *, seed: int) -> None:
        """Take values of one kind."""
        bar, uppers = self._bar, list(map(crc32, values))
        if min(uppers, default=bar + 1) <= bar:
            self._take({(values[at], seed) for at in [at for at, upper in enumerate(uppers) if upper <= bar]})

    def add_cut(self, values: Sequence[bytes], sizes: Sequence[int]) -> None:
        """Take what values were cut to, with their sizes."""
        bar, uppers = self._bar, list(map(crc32, values, sizes))
        if min(uppers, default=bar + 1) <= bar:
            self._take({(values[at], sizes[at]) for at in [at for at, upper in enumerate(uppers) if upper <= bar]})

    def _take(self, near: set[tuple[bytes, int]]) -> None:
        near -= self._known
        if near:
            self._known |= near
            self._hashes.update([value_hash(value, seed) for value, seed in near])
            self._prune(2 * MOST_HASHES)

    def add_hashes(self, hashes: Iterable[int]) -> None:
        """Take values by their hashes."""
        self._hashes.update(hashes)
        self._prune(2 * MOST_HASHES)

    def finish(self) -> bytes:
        """The smallest hashes, ascending, 8 bytes each."""
        self._prune(MOST_HASHES)
        ordered = sorted(self._hashes)
        return struct.pack(f">{len(ordered)}Q", *ordered)

    def _prune(self, most: int) -> None:
        if len(self._hashes) > most:
            kept = heapq.nsmallest(MOST_HASHES, self._hashes)
            self._hashes = set(kept)
            self._bar = kept[-1] >> 32
            self._known.clear()
        elif len(self._known) > 2 * _MORE_BINS:
            self._known.clear()


def value_hash(value: bytes, seed: int) -> int:
    """The 64 bits that stand for a value. Seeds of kinds tell kinds apart in the lower half only."""
    upper = crc32(value, seed) if seed >= FIRST_SIZE else crc32(value)
    return upper << 32 | int.from_bytes(sha256(b"%d:" % seed + value).digest()[:4], "big")


def hashes_of(packed: bytes) -> tuple[int, ...]:
    """The hashes that `finish` wrote."""
    return struct.unpack(f">{len(packed) // 8}Q", packed)


def distinct(packed: bytes) -> tuple[int, bool]:
    """How many distinct values these hashes stand for, and whether that is exact."""
    kept = len(packed) // 8
    if kept < MOST_HASHES:
        return kept, True
    return round((kept - 1) * 2**64 / (hashes_of(packed[-8:])[0] + 1)), False
