"""Numbers as they come, counted for their mean, quantiles and histogram: in little memory, whatever their order."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from dsv.model.scores import QUANTILES, Histogram, Spread, rounded
from dsv.records.sketch import BinCounter, binned

MOST_DISTINCT = 4096
"""Up to so many different numbers each is counted by itself."""

_PARTS = 10


class SpreadCounter:
    """Takes finite doubles whose sum is one too."""

    __slots__ = ("_bins", "_counts", "_sums", "n")

    def __init__(self) -> None:
        self.n = 0
        self._sums: list[float] = []
        self._counts: Counter[float] | None = Counter()
        self._bins = BinCounter()

    def add(self, values: Sequence[float]) -> None:
        """Take some."""
        if not values:
            return
        self.n += len(values)
        self._sums.append(math.fsum(values))
        if self._counts is None:
            self._bins.add_numbers(values)
            return
        self._counts.update(values)
        if len(self._counts) > MOST_DISTINCT:
            self._bins.add_numbers(list(self._counts.elements()))
            self._counts = None

    def finish(self) -> Spread:
        """What they come to; there is at least one."""
        if self._counts is not None:
            ordered = sorted(self._counts.items())
            low, high = ordered[0][0], ordered[-1][0]
        else:
            bins = self._bins.finish()
            assert bins is not None  # noqa: S101 - more than MOST_DISTINCT numbers were added
            low, high = float(bins.low), float(bins.high)
            ordered = [(min(max(number, low), high), count) for number, count in binned(bins)]
        upto = list(accumulate(count for _, count in ordered))
        found = (ordered[bisect_right(upto, int(share * (self.n - 1)))][0] for _, share in QUANTILES)
        total = math.fsum(self._sums)
        return Spread(self.n, total, low, high, tuple(map(rounded, found)), _histogram(ordered, low, high))


def _histogram(ordered: Sequence[tuple[float, int]], low: float, high: float) -> Histogram:
    """Ten equal parts from 0 to 1, where all numbers lie there, else from the smallest to the largest."""
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    width = high - low
    counts = [0] * _PARTS
    for number, count in ordered:
        part = int((number - low) * _PARTS / width) if width else 0  # in this order 0.3 is the third tenth's end
        counts[min(part, _PARTS - 1)] += count
    return Histogram(low, high, tuple(counts))
