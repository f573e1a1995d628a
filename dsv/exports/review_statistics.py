"""How the values of fields are spread before and after, as parts of a review: counts of labels, and lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsv.exports import markdown, plots
from dsv.exports.field_statistics import QUANTILE_HEADERS, label_share_text, numbers_text, value_text
from dsv.exports.markdown import cut
from dsv.exports.shapes import bar, is_spread, masses, reach, shapes
from dsv.model.field_profile import FieldComparison, FieldProfile, Numbers

_FIELDS = 12
_LABELS = 12
_LONGEST_NAME = 60
_BAR = 12
_SHAPE = 16
_BINS = 12
_DRAWN = 6
_LARGEST = 1e300


@dataclass(frozen=True)
class Labels:
    """The values of a label field: how many records have each, None on a side that does not count them."""

    field: str
    values: Sequence[tuple[str, int | None, int | None]]
    old_present: int
    new_present: int


@dataclass(frozen=True)
class Lengths:
    """The quantiles of a field on each side; `of` says what they are of."""

    field: str
    of: str
    old: Numbers | None
    new: Numbers | None

    @property
    def name(self) -> str:
        """The field, and what is measured of it."""
        return self.field if self.of == "values" else f"{self.field}, {self.of}"


def labels_of(comparisons: Sequence[FieldComparison]) -> list[Labels]:
    """The label fields that a side has, the most frequent values of each first."""
    found = []
    for each in comparisons:
        old, new = (_counts(side) for side in (each.old, each.new))
        if old is None and new is None:
            continue
        keys = sorted(
            {*(old or {}), *(new or {})}, key=lambda key: (-max((new or {}).get(key, 0), (old or {}).get(key, 0)), key)
        )
        values = [
            (key[1], None if old is None else old.get(key, 0), None if new is None else new.get(key, 0)) for key in keys
        ]
        present = [0 if side is None else side.present for side in (each.old, each.new)]
        found.append(Labels(each.field, values, *present))
    return found


def lengths_of(comparisons: Sequence[FieldComparison]) -> list[Lengths]:
    """What is measured of fields and differs, lengths of texts and lists first, then values of numbers."""
    found = []
    for each in comparisons:
        if _counts(each.old) is not None or _counts(each.new) is not None:
            continue  # of a label nobody asks how long it is
        old, new = (_measures(side) for side in (each.old, each.new))
        found += [
            Lengths(each.field, name, old.get(name), new.get(name))
            for name in dict.fromkeys((*old, *new))
            if old.get(name) != new.get(name)
        ]
    return sorted(found, key=lambda each: (each.of == "values", each.field, each.of))


def labels_markdown(comparisons: Sequence[FieldComparison]) -> Iterator[str]:
    """A table for each label field, with bars of characters."""
    for each in labels_of(comparisons)[:_FIELDS]:
        both = each.old_present > 0
        most = max((_share(n, p) for _, *ns in each.values for n, p in zip(ns, _present(each), strict=True)), default=0)
        rows = []
        for value, old, new in each.values[:_LABELS]:
            cells = [*(_cells(old, each.old_present, most) if both else ()), *_cells(new, each.new_present, most)]
            rows.append([markdown.code(cut(value, longest=_LONGEST_NAME)), *cells])
        sides = ("before", "after") if both else ("records",)
        headers = [
            markdown.code(cut(each.field, longest=_LONGEST_NAME)),
            *(cell for side in sides for cell in (side, "share", "")),
        ]
        right = [at for side in range(len(sides)) for at in (3 * side + 1, 3 * side + 2)]
        yield from ("", *markdown.table(headers, rows, right=right))
        if len(each.values) > _LABELS:
            yield from ("", f"and {len(each.values) - _LABELS:,} more values")


def lengths_markdown(comparisons: Sequence[FieldComparison]) -> Iterator[str]:
    """A table of quantiles under a summary that opens it, with the shape of each distribution in characters."""
    found = lengths_of(comparisons)
    if not found:
        return
    rows = []
    for each in found[:_FIELDS]:
        sides = [(name, side) for name, side in (("before", each.old), ("after", each.new)) if side is not None]
        drawn = shapes([side for _, side in sides], width=_SHAPE)
        for at, (name, side) in enumerate(sides):
            field = "" if at else f"{markdown.code(cut(each.field, longest=_LONGEST_NAME))} {each.of}"
            rows.append([field, name, *numbers_text(side), markdown.code(drawn[at]) if drawn else ""])
    headers = ["field", "", *QUANTILE_HEADERS, "5 to 95 %"]
    lines = markdown.table(headers, rows, right=range(2, len(headers) - 1))
    if len(found) > _FIELDS:
        lines += ["", f"and {len(found) - _FIELDS:,} more"]
    yield from ("", *markdown.details(_lengths_title(found), lines))


def statistics_html(
    comparisons: Sequence[FieldComparison], *, sides: tuple[str, str] = plots.SIDES, histograms: int = _DRAWN
) -> str:
    """The plots, labels first, with so many histograms at most; nothing where there are none."""
    parts = []
    for each in labels_of(comparisons)[:_FIELDS]:
        shown = [
            plots.LabelCount(value, old if each.old_present else None, new) for value, old, new in each.values[:_LABELS]
        ]
        more = len(each.values) - _LABELS
        parts.append(
            plots.label_bars(each.field, shown, sides=sides) + (f"<p>and {more:,} more values</p>" if more > 0 else "")
        )
    found = lengths_of(comparisons)
    bars = [_histogram(each, sides=sides) for each in found[:histograms]]
    spread = [plots.Spread(each.name, each.old, each.new) for each in found[:_FIELDS]]
    if spread:
        parts += [f'<div class="plots">{"".join(bars)}</div>'] if any(bars) else []
        parts.append(plots.spreads(_lengths_title(found), spread, sides=sides))
    if len(found) > _FIELDS:
        parts.append(f"<p>and {len(found) - _FIELDS:,} more</p>")
    return "\n".join(parts)


def _histogram(lengths: Lengths, *, sides: tuple[str, str]) -> str:
    """The middle 90 % in bars, in percent of the values, as the quantiles tell; nothing where these are few numbers."""
    there = [side for side in (lengths.old, lengths.new) if side is not None]
    low, high = reach(there)
    if not is_spread(there, parts=_BINS):
        return ""
    old, new = (
        [None] * _BINS
        if side is None
        else [round(100 * share) for share in masses(side, low=low, high=high, count=_BINS)]
        for side in (lengths.old, lengths.new)
    )
    edges = [low + (high - low) * at / _BINS for at in range(_BINS + 1)]
    bins = [plots.Bin(edges[at], edges[at + 1], old[at], new[at]) for at in range(_BINS)]
    return plots.histogram(f"{lengths.name}: the middle 90 %, in percent", bins, sides=sides)


def _lengths_title(found: Sequence[Lengths]) -> str:
    values = any(each.of == "values" for each in found)
    return "Lengths and values" if values else "Lengths"


def _measures(profile: FieldProfile | None) -> dict[str, Numbers]:
    """The quantiles of a field; numbers that no drawing has room for are no part of one."""
    measures = {} if profile is None else profile.measures
    return {of: numbers for of, numbers in measures.items() if max(map(abs, numbers)) < _LARGEST}


def _counts(profile: FieldProfile | None) -> dict[tuple[str, str], int] | None:
    if profile is None or profile.labels is None:
        return None
    return {(type(value).__name__, value_text(value)): count for value, count in profile.labels}


def _present(labels: Labels) -> tuple[int, int]:
    return labels.old_present, labels.new_present


def _share(count: int | None, present: int) -> float:
    return (count or 0) / present if present else 0.0


def _cells(count: int | None, present: int, most: float) -> list[str]:
    if count is None:
        return ["", "", ""]
    share = _share(count, present)
    return [f"{count:,}", label_share_text(count, present=present), bar(share / most if most else 0, width=_BAR)]
