"""The scale beside a plot: round numbers at even distances that hold all values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_SMALLEST, _LARGEST = 1e-300, 1e300
_LEFT, _RIGHT = 14.0, 2.0
"""How far from the edges the first and the last place are, in percent: the numbers of the axis stand on the left."""


@dataclass(frozen=True)
class Axis:
    """Numbers from the lowest tick to the highest."""

    ticks: Sequence[float]

    @classmethod
    def to(cls, highest: float, *, ticks: int) -> Axis:
        """From nothing to at least this."""
        return cls.of(0, highest, ticks=ticks)

    @classmethod
    def of(cls, lowest: float, highest: float, *, ticks: int) -> Axis:
        """At most so many steps of a round size, from below the lowest to above the highest.

        Where all values are the same, the scale goes to nothing, or from there to one.
        """
        if lowest == highest:
            lowest, highest = min(lowest, 0.0), max(highest, 0.0) or float(lowest == 0)
        step = _round_step(highest / ticks - lowest / ticks)
        if step is None:
            return cls((lowest, highest))
        first, last = math.floor(lowest / step), math.ceil(highest / step)
        found = [float(f"{at * step:.12g}") for at in range(first, last + 1)]
        return cls(found if math.isfinite(found[-1] - found[0]) else (lowest, highest))

    def times(self, unit: float) -> Axis:
        """The same in a smaller unit."""
        return Axis([tick * unit for tick in self.ticks])

    def share(self, value: float) -> float:
        """Where the value stands: 0 at the lowest tick, 1 at the highest."""
        # halves, because the distance of two numbers may be beyond all numbers
        low, high = self.ticks[0] / 2, self.ticks[-1] / 2
        return min(max((value / 2 - low) / (high - low), 0.0), 1.0) if high > low else 0.0


def even_places(count: int) -> list[float]:
    """So many places at even distances, in percent of the width; one alone stands in the middle."""
    if count == 1:
        return [50.0]
    return [_LEFT + (100 - _LEFT - _RIGHT) * at / (count - 1) for at in range(count)]


def _round_step(least: float) -> float | None:
    """The next round number; None among numbers too small or too large to have one."""
    if not _SMALLEST < least < _LARGEST:
        return None
    power = 10.0 ** math.floor(math.log10(least))
    return next((each * power for each in _STEPS if each * power >= least * (1 - 1e-9)), 10 * power)
