"""Which records are much alike in their texts: MinHash signatures of word shingles, looked up by bands.

The shingles of a record are the runs of five words in its texts, in lower case. A signature estimates the share of
shingles that two records have in common, of those that either has (Jaccard; Broder 1997), within 0.035 as standard
deviation. It is made by one permutation whose values are parted into 128 bins (Li, Owen and Zhang 2012), where a bin
without a value takes that of another one, in an order of its own (Shrivastava 2017). Records are compared where all
values of a band agree. No step depends on the process or the platform.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any
from zlib import crc32

import msgspec

WORDS = 5
"""Words of a shingle."""

BINS = 128
SIMILARITY = 0.8
"""How alike two records are that count as near, where nothing else is asked for."""

FORM = 1
"""A number that changes with anything that changes signatures."""

_FOUND = 0.99
_MIXED, _ALL = 0x9E3779B1, (1 << 32) - 1
_WORD = re.compile(r"\w+")
_NO_VALUE = -1


def texts_of(value: Any, *, field: str | None) -> list[str]:
    """The texts in a record, or in one field of it."""
    if field is not None:
        value = value.get(field) if isinstance(value, dict) else None
    return list(_texts(value))


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def signature(texts: Iterable[str]) -> array[int] | None:
    """The signature of all texts of a record; None where no word is in them.

    Texts of fewer words than a shingle, as ids and labels are, count only where there is no longer one.
    """
    parted = [words for text in texts if (words := _WORD.findall(text.lower()))]
    if not parted:
        return None
    long = [words for words in parted if len(words) >= WORDS]
    runs: Iterable[Sequence[str]] = parted
    if long:
        runs = chain.from_iterable(zip(*(words[start:] for start in range(WORDS)), strict=False) for words in long)
    mixed = {crc32(" ".join(run).encode("utf-8", "surrogatepass")) * _MIXED & _ALL for run in runs}
    # the smallest value of each bin is the last that is put there
    bins = {each & (BINS - 1): each for each in sorted(mixed, reverse=True)}
    if len(bins) == BINS:
        return array("I", [bins[number] for number in range(BINS)])
    return array("I", [bins[number] if number in bins else bins[_next_with(number, bins)] for number in range(BINS)])


def _next_with(number: int, bins: dict[int, int]) -> int:
    return next(other for other in _order_of(number) if other in bins)


@cache
def _order_of(number: int) -> tuple[int, ...]:
    """Where a bin without a value looks for one."""
    return tuple(sorted(range(BINS), key=lambda other: (crc32(bytes((number, other))), other)))


@cache
def rows_of_band(similarity: float) -> int:
    """The values of a band: as many as find 99 of 100 pairs that are exactly so alike."""
    rows = BINS
    while rows > 1 and 1 - (1 - similarity**rows) ** (BINS // rows) < _FOUND:
        rows //= 2
    return rows


class NearIndex(msgspec.Struct, array_like=True, frozen=True):
    """Signatures of many records, to be asked for those that are alike.

    `bands` has for each band the hash of its values and the number of the record, ascending; `places` a file and a row
    of each record, `names` the names of files.
    """

    similarity: float
    signatures: bytes
    bands: tuple[bytes, ...]
    places: bytes
    names: tuple[str, ...]

    def opened(self) -> Asked:
        """The same, ready to be asked."""
        return Asked(self)


def near_index(records: Iterable[tuple[str, int, Sequence[str]]], *, similarity: float) -> NearIndex:
    """The index of records, each with the name of its file, its row, and its texts."""
    rows = rows_of_band(similarity)
    signatures, places = array("I"), array("I")
    names: dict[str, int] = {}
    bands: list[list[int]] = [[] for _ in range(BINS // rows)]
    for name, row, texts in records:
        found = signature(texts)
        if found is None:
            continue
        number = len(places) // 2
        for band, start in zip(bands, range(0, BINS, rows), strict=True):
            band.append(_band(found, start, rows) << 32 | number)
        signatures.extend(found)
        places.extend((names.setdefault(name, len(names)), row))
    packed = tuple(array("Q", sorted(band)).tobytes() for band in bands)
    return NearIndex(similarity, signatures.tobytes(), packed, places.tobytes(), tuple(names))


def _band(values: Sequence[int], start: int, rows: int) -> int:
    """32 bits for the values of a band."""
    return crc32(array("I", values[start : start + rows]).tobytes())


class Asked:
    """An index that is asked for records that are like another."""

    def __init__(self, index: NearIndex) -> None:
        self._similarity = index.similarity
        self._rows = rows_of_band(index.similarity)
        self._signatures = memoryview(index.signatures).cast("I")
        self._bands = [memoryview(band).cast("Q") for band in index.bands]
        self._places = memoryview(index.places).cast("I")
        self._names = index.names

    def nearest(self, texts: Iterable[str]) -> tuple[float, str, int] | None:
        """The record that is most alike, of several the first: how alike, in which file and row; None where none is."""
        found = signature(texts)
        if found is None:
            return None
        best, most = _NO_VALUE, 0
        for number in sorted(self._candidates(found)):
            start = number * BINS
            same = sum(map(int.__eq__, found, self._signatures[start : start + BINS]))
            if same > most:
                best, most = number, same
        if best == _NO_VALUE or most / BINS < self._similarity:
            return None
        return most / BINS, self._names[self._places[2 * best]], self._places[2 * best + 1]

    def _candidates(self, found: Sequence[int]) -> set[int]:
        numbers = set()
        for band, start in zip(self._bands, range(0, BINS, self._rows), strict=True):
            key = _band(found, start, self._rows)
            at = bisect_left(band, key << 32)
            while at < len(band) and band[at] >> 32 == key:
                numbers.add(band[at] & _ALL)
                at += 1
        return numbers
