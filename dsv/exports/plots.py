"""Plots as SVG in HTML: they fit any width with letters of one size, follow light and dark, and need no script.

Each is a `figure` with a caption. The drawing has a title and a description for who does not see it, and its numbers
stand in a table, which is the drawing itself where that is made of bars. Colours come from `dsv.exports.style`, by
class. Horizontal places are percentages and vertical ones pixels, so that nothing but the lines is stretched. Of all
texts given any may be hostile; what is returned is HTML in which they are text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from dsv.exports.axis import Axis, even_places
from dsv.exports.html import table, text
from dsv.model.field_profile import QUANTILES, Numbers

SIDES = ("before", "after")
"""What the two sides of a comparison are called where nobody says otherwise."""

Number: TypeAlias = Callable[[float], str]
"""How a value is written."""

_HEIGHT = 150
_TOP = 16
_BOTTOM = 22
_DOTS = 40
_TICKS = 4
_WIDTH, _AXIS = 100.0, 9.0
"""All of it, and what the numbers of the axis take of it, in percent."""
_THOUSAND, _BEYOND_READING = 1000, 1e15
_THIN, _THICK = 1.5, 7.0
_DRAWN = "<span class=seen-not>drawn</span>"
_SIDE = ("old", "new")
"""The classes that give the two sides their colours."""


@dataclass(frozen=True)
class Bin:
    """How many values lie from `low` to `high` on each side; None where there is no such side."""

    low: float
    high: float
    old: int | None
    new: int | None


@dataclass(frozen=True)
class LabelCount:
    """How many records have a label on each side; None where there is no such side."""

    label: str
    old: int | None
    new: int | None


@dataclass(frozen=True)
class Spread:
    """The quantiles of some numbers on each side, in the order of QUANTILES; None where there is no such side."""

    label: str
    old: Numbers | None
    new: Numbers | None


@dataclass(frozen=True)
class Series:
    """A line: a value for each label, None where there is none."""

    name: str
    values: Sequence[float | None]


def plain_number(value: float) -> str:
    """`1,234,567`, `0.8125`."""
    if isinstance(value, int) or value.is_integer() or _THOUSAND <= abs(value) < _BEYOND_READING:
        return f"{value:,.0f}" if abs(value) < _BEYOND_READING else f"{value:.4g}"
    return f"{value:.4g}"


def histogram(title: str, bins: Sequence[Bin], *, sides: tuple[str, str] = SIDES) -> str:
    """Upright bars, those of both sides beside each other; nothing where nothing is counted."""
    shown = [side for side in (0, 1) if any(_count(each, side) is not None for each in bins)]
    if not shown:
        return ""
    axis = Axis.to(max(_count(each, side) or 0 for each in bins for side in shown), ticks=_TICKS)
    slot = (_WIDTH - _AXIS) / len(bins)
    width = slot * 0.84 / len(shown)
    drawn = []
    for at, each in enumerate(bins):
        for place, side in enumerate(shown):
            count = _count(each, side) or 0
            height = axis.share(count) * _HEIGHT
            left = _AXIS + at * slot + slot * 0.08 + place * width
            tip = f"{_between(each)}: {count:,} {sides[side]}"
            drawn.append(
                f'<rect class="{_SIDE[side]}" x="{left:.2f}%" y="{_TOP + _HEIGHT - height:.1f}" width="{width:.2f}%" '
                f'height="{height:.1f}"><title>{text(tip)}</title></rect>'
            )
    ends = [plain_number(bins[0].low), *(plain_number(each.high) for each in bins)]
    places = [_AXIS + at * slot for at in range(len(ends))]
    rows = [[_head(_between(each)), *(_cell(_count(each, side)) for side in shown)] for each in bins]
    told = "; ".join(f"{sides[side]} {_most(bins, side)}" for side in shown)
    svg = _svg(title, told, _grid(axis, plain_number) + "".join(drawn) + _under(ends, places))
    keys = _keys([(_SIDE[side], sides[side]) for side in shown]) if len(shown) > 1 else ""
    return _figure(title, keys + svg + _numbers(["from, to", *(text(sides[side]) for side in shown)], rows))


def label_bars(title: str, counts: Sequence[LabelCount], *, sides: tuple[str, str] = SIDES) -> str:
    """A table with a bar for each count, in the order given; nothing without counts."""
    shown = [side for side in (0, 1) if any(_count(each, side) is not None for each in counts)]
    if not shown:
        return ""
    most = max(1, *(_count(each, side) or 0 for each in counts for side in shown))
    totals = [sum(_count(each, side) or 0 for each in counts) for side in (0, 1)]
    rows = []
    for each in counts:
        bars = "".join(_bar(_count(each, side) or 0, most, side, row=row) for row, side in enumerate(shown))
        cells = [f"{_cell(_count(each, side))}{_share(_count(each, side), totals[side])}" for side in shown]
        rows.append([_head(each.label), f'<td class="drawn">{_decoration(bars, 10 * len(shown))}</td>', *cells])
    headers = [f"<span class=seen-not>{text(title)}</span>", _DRAWN]
    for side in shown:
        name = text(sides[side]) if len(shown) > 1 else "records"
        headers += [f"<i class={_SIDE[side]}></i>{name}" if len(shown) > 1 else name, "share"]
    return _figure(title, table(headers, rows))


def spreads(title: str, found: Sequence[Spread], *, sides: tuple[str, str] = SIDES) -> str:
    """A table with a strip for each side: thin from 5 to 95 %, thick the middle half, a mark at the median.

    The smallest and the largest are numbers only: a single far one would leave no room for the others.
    """
    if not any(numbers for each in found for numbers in (each.old, each.new)):
        return ""
    both = any(each.old is not None for each in found) and any(each.new is not None for each in found)
    rows = []
    for each in found:
        there = [numbers for numbers in (each.old, each.new) if numbers]
        if not there:
            continue
        low, high = min(numbers[1] for numbers in there), max(numbers[5] for numbers in there)
        first = True
        for side, numbers in enumerate((each.old, each.new)):
            if numbers is None:
                continue
            name = [_head(each.label if first else "")]
            name += [f"<td><i class={_SIDE[side]}></i>{text(sides[side])}</td>"] if both else []
            drawn = f'<td class="drawn">{_decoration(_strip(numbers, low, high, side), 14)}</td>'
            rows.append([*name, drawn, *(f"<td>{plain_number(number)}</td>" for number in numbers)])
            first = False
    quantiles = [name if name in ("min", "max") else f"{share:.0%}".replace("%", " %") for name, share in QUANTILES]
    headers = [f"<span class=seen-not>{text(title)}</span>", *(["side"] if both else []), _DRAWN, *quantiles]
    return _figure(title, table(headers, rows))


def lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    lowest: float | None = 0,
    number: Number = plain_number,
    unit: float = 1,
) -> str:
    """Lines over labels that stand at equal distances, such as versions; nothing where there is no value.

    The axis begins at `lowest`, without one where it fits, and goes by round numbers of the `unit`; `number` writes a
    value. At most four series have a colour of their own.
    """
    values = [value for each in series for value in each.values if value is not None]
    if not values:
        return ""
    low = min(values) if lowest is None else min(lowest, *values)
    axis = Axis.of(low / unit, max(values) / unit, ticks=_TICKS).times(unit)
    places = even_places(len(labels))
    points = list(zip(labels, places, strict=True))
    drawn = "".join(_line(each, points, axis, colour=at % 4, number=number) for at, each in enumerate(series))
    rows = [
        [_head(label), *("<td></td>" if value is None else f"<td>{text(number(value))}</td>" for value in row)]
        for label, *row in zip(labels, *(each.values for each in series), strict=True)
    ]
    told = "; ".join(filter(None, (_course(each, labels, number) for each in series)))
    svg = _svg(title, told, _grid(axis, number) + drawn + _under(labels, places))
    keys = _keys([(f"s{at % 4}", each.name) for at, each in enumerate(series)]) if len(series) > 1 else ""
    return _figure(title, keys + svg + _numbers(["version", *(text(each.name) for each in series)], rows))


def sparkline(values: Sequence[float]) -> str:
    """The course of the values, as small as a word, for the eye alone: what it shows stands beside it in numbers."""
    if len(values) <= 1:
        return ""
    most = max(*values, 1)
    points = " ".join(
        f"{100 * at / (len(values) - 1):.0f},{22 - 20 * max(value, 0) / most:.1f}" for at, value in enumerate(values)
    )
    return (
        '<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline class="s0" points="{points}"/></svg>'
    )


def _count(each: Bin | LabelCount, side: int) -> int | None:
    return (each.old, each.new)[side]


def _between(each: Bin) -> str:
    return f"{plain_number(each.low)} to {plain_number(each.high)}"


def _most(bins: Sequence[Bin], side: int) -> str:
    """What a reader hears first of a side: how many values, and where most of them are."""
    total = sum(_count(each, side) or 0 for each in bins)
    top = max(bins, key=lambda each: _count(each, side) or 0)
    return f"{total:,} values, most of them from {_between(top)}"


def _course(series: Series, labels: Sequence[str], number: Number) -> str:
    """Where a line begins and ends, and how far it reaches."""
    there = [(label, value) for label, value in zip(labels, series.values, strict=True) if value is not None]
    if not there:
        return ""
    (first, begin), (last, end) = there[0], there[-1]
    if first == last:
        return f"{series.name}: {number(begin)} in {first}"
    low, high = min(value for _, value in there), max(value for _, value in there)
    return (
        f"{series.name}: {number(begin)} in {first}, {number(end)} in {last}, "
        f"between {number(low)} and {number(high)} in {len(there):,} versions"
    )


def _line(series: Series, points: Sequence[tuple[str, float]], axis: Axis, *, colour: int, number: Number) -> str:
    """The line through the labels at their places, thin where values are missing, with dots unless too many."""
    parts: list[list[str]] = [[]]
    dots = []
    for (label, place), value in zip(points, series.values, strict=True):
        if value is None:
            parts.append([])
            continue
        height = (1 - axis.share(value)) * _HEIGHT
        parts[-1].append(f"{place:.2f},{height:.1f}")
        tip = f"{label}: {number(value)}" + (f" {series.name}" if series.name else "")
        dots.append(
            f'<circle class="s{colour}" cx="{place:.2f}%" cy="{_TOP + height:.1f}" r="3.5">'
            f"<title>{text(tip)}</title></circle>"
        )
    there = [part for part in parts if part]
    drawn = "".join(f'<polyline class="s{colour}" points="{" ".join(part)}"/>' for part in there if len(part) > 1)
    drawn += "".join(
        f'<polyline class="s{colour} gap" points="{before[-1]} {after[0]}"/>' for before, after in pairwise(there)
    )
    stretched = (
        f'<svg y="{_TOP}" width="100%" height="{_HEIGHT}" viewBox="0 0 100 {_HEIGHT}" preserveAspectRatio="none" '
        f'overflow="visible">{drawn}</svg>'
    )
    return stretched + ("".join(dots) if len(dots) <= _DOTS else "")


def _grid(axis: Axis, number: Number) -> str:
    """Lines across, each with its number above it at the left."""
    drawn = []
    for tick in axis.ticks:
        height = _TOP + (1 - axis.share(tick)) * _HEIGHT
        drawn.append(
            f'<line class="grid" x1="0" x2="100%" y1="{height:.1f}" y2="{height:.1f}"/>'
            f'<text x="0" y="{height - 3:.1f}">{text(number(tick))}</text>'
        )
    return "".join(drawn)


def _under(labels: Sequence[str], places: Sequence[float]) -> str:
    """The first and the last label below the axis, and where there is room one in the middle."""
    chosen = {0: "start", len(labels) - 1: "end"} if len(labels) > 1 else {0: "middle"}
    if len(labels) > 4 and len(labels) % 2:  # noqa: PLR2004 - between three there is no room for letters
        chosen[len(labels) // 2] = "middle"
    height = _TOP + _HEIGHT + 15
    return "".join(
        f'<text x="{places[at]:.2f}%" y="{height}" text-anchor="{anchor}">{text(_short(labels[at]))}</text>'
        for at, anchor in sorted(chosen.items())
    )


def _short(label: str) -> str:
    return label if len(label) <= 16 else f"{label[:15]}…"  # noqa: PLR2004 - three of them fit a phone


def _strip(numbers: Numbers, low: float, high: float, side: int) -> str:
    span = high - low

    def place(number: float) -> float:
        return (min(max((number - low) / span, 0), 1) if span else 0.5) * 96 + 2

    _, p5, p25, p50, p75, p95, _ = map(place, numbers)
    bars = "".join(
        f'<rect class="{_SIDE[side]}" x="{begin:.2f}%" y="{7 - thick / 2}" width="{max(end - begin, 0.5):.2f}%" '
        f'height="{thick}"/>'
        for begin, end, thick in ((p5, p95, _THIN), (p25, p75, _THICK))
    )
    return f'{bars}<line class="median" x1="{p50:.2f}%" x2="{p50:.2f}%" y1="1" y2="13"/>'


def _bar(count: int, most: int, side: int, *, row: int) -> str:
    return f'<rect class="{_SIDE[side]}" y="{row * 10 + 1}" width="{100 * count / most:.2f}%" height="8" rx="1.5"/>'


def _share(count: int | None, total: int) -> str:
    return "<td></td>" if count is None else f"<td>{count / total if total else 0:.1%}</td>".replace("%", " %")


def _cell(count: int | None) -> str:
    return "<td></td>" if count is None else f"<td>{count:,}</td>"


def _head(label: str) -> str:
    return f"<th scope=row>{text(label)}</th>"


def _decoration(drawn: str, height: int) -> str:
    return f'<svg class="bars" width="100%" height="{height}" aria-hidden="true">{drawn}</svg>'


def _svg(title: str, told: str, drawn: str) -> str:
    """The drawing, as high as all of them are; what is told of it is for who hears it."""
    return (
        f'<svg class="plot" role="img" width="100%" height="{_TOP + _HEIGHT + _BOTTOM}">'
        f"<title>{text(title)}</title><desc>{text(told)}</desc>{drawn}</svg>"
    )


def _keys(entries: Iterable[tuple[str, str]]) -> str:
    named = "".join(f"<li><i class={colour}></i>{text(name)}</li>" for colour, name in entries)
    return f'<ul class="keys" aria-hidden="true">{named}</ul>'


def _numbers(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return f"<details><summary>in numbers</summary>\n{table(headers, rows)}\n</details>"


def _figure(title: str, content: str) -> str:
    return f"<figure>\n<figcaption>{text(title)}</figcaption>\n{content}\n</figure>"
