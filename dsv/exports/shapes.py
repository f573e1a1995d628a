"""Numbers drawn with characters, for where there are no pictures: bars of shares, and the shape of a distribution."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.model.field_profile import QUANTILES, Numbers

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = " ▁▂▃▄▅▆▇█"
_FULL = len(_EIGHTHS) - 1


def bar(share: float, *, width: int) -> str:
    """A bar of at most so many characters; what is not nothing can be seen."""
    eighths = round(min(max(share, 0.0), 1.0) * width * _FULL)
    eighths = max(eighths, 1) if share > 0 else eighths
    return (_EIGHTHS[_FULL] * (eighths // _FULL) + _EIGHTHS[eighths % _FULL]).rstrip()


def shapes(several: Sequence[Numbers], *, width: int) -> list[str]:
    """How the values of some distributions are spread from 5 to 95 %, on one scale: the higher, the more are there.

    Seven quantiles tell that: between two of them values count as evenly spread. Nothing where they are a few numbers.
    """
    if not is_spread(several, parts=width):
        return []
    low, high = reach(several)
    found = [masses(numbers, low=low, high=high, count=width) for numbers in several]
    most = max(max(each) for each in found) or 1.0
    return ["".join(_HEIGHTS[max(1, round(mass / most * _FULL)) if mass else 0] for mass in each) for each in found]


def masses(numbers: Numbers, *, low: float, high: float, count: int) -> list[float]:
    """The share of the values in each of so many equal parts from low to high, as the quantiles tell."""
    if high <= low:
        return [1.0] + [0.0] * (count - 1)
    edges = [low + (high - low) * at / count for at in range(count)]
    below = [_share_below(numbers, edge) for edge in edges]
    return [
        max(after - before, 0.0) for before, after in zip(below, [*below[1:], _share_to(numbers, high)], strict=True)
    ]


def is_spread(several: Sequence[Numbers], *, parts: int) -> bool:
    """Whether there are at least so many values from 5 to 95 % that quantiles tell how they are spread."""
    low, high = reach(several)
    whole = all(isinstance(number, int) for numbers in several for number in numbers)
    return high > low and (high - low >= parts or not whole)


def reach(several: Sequence[Numbers]) -> tuple[float, float]:
    """From where to where distributions are drawn together: their 5 to 95 %, so that no far value hides the rest."""
    return min(numbers[1] for numbers in several), max(numbers[5] for numbers in several)


def _share_below(numbers: Numbers, value: float) -> float:
    """The share of the values below this one, and of those that are it where several quantiles are."""
    return _share(numbers, value, reached=[low < value for low in numbers])


def _share_to(numbers: Numbers, value: float) -> float:
    return _share(numbers, value, reached=[low <= value for low in numbers])


def _share(numbers: Numbers, value: float, *, reached: Sequence[bool]) -> float:
    shares = [share for _, share in QUANTILES]
    at = sum(reached)
    if at in (0, len(numbers)):
        return 0.0 if at == 0 else 1.0
    low, high = numbers[at - 1], numbers[at]
    return shares[at - 1] + (shares[at] - shares[at - 1]) * float(value - low) / float(high - low or 1)
