"""The statistics of fields in two versions as cells of tables, whatever form these are written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from dsv.model.field_profile import QUANTILES, FieldComparison, FieldProfile, Label, Numbers

QUANTILE_HEADERS = tuple(
    name if name in ("min", "max") else f"{share:.0%}".replace("%", " %") for name, share in QUANTILES
)
HEADERS = ("field", "", "missing", "nulls", "distinct", "of", *QUANTILE_HEADERS)
"""What `field_rows` gives: field and side stand in the first row of each, the sixth column says what is measured."""

LABEL_HEADERS = ("value", "old", "", "new", "")


@dataclass(frozen=True)
class Statistics:
    """Fields whose statistics differ, as many as are easily read, and the names of those with the same ones."""

    differing: Sequence[FieldComparison]
    more: int
    same: Sequence[str]

    @classmethod
    def of(cls, comparisons: Sequence[FieldComparison], *, most: int) -> Statistics:
        """The first `most` fields that differ."""
        differing = [each for each in comparisons if not each.same]
        same = [each.field for each in comparisons if each.same]
        return cls(differing[:most], max(len(differing) - most, 0), same)

    @property
    def label_fields(self) -> Sequence[FieldComparison]:
        """The fields whose values are counted on one of the sides."""
        return [
            each for each in self.differing if any(side and side.labels is not None for side in (each.old, each.new))
        ]


def field_rows(comparison: FieldComparison) -> list[list[str]]:
    """A row for each side and measure, under HEADERS."""
    rows: list[list[str]] = []
    for side, profile, new in (("old", comparison.old, False), ("new", comparison.new, True)):
        if profile is None:
            rows.append(["", side, *["-"] * 3, *[""] * (1 + len(QUANTILES))])
            continue
        counts = [f"{comparison.missing(profile, new=new):,}", f"{profile.nulls:,}", distinct_text(profile)]
        measures = [[name, *numbers_text(numbers)] for name, numbers in profile.measures.items()]
        empty = [""] * (1 + len(QUANTILES))
        for at, (first, measure) in enumerate(zip_longest([counts], measures)):
            rows.append(["", "" if at else side, *(first or [""] * 3), *(measure or empty)])
    rows[0][0] = comparison.field
    return rows


def label_rows(comparison: FieldComparison) -> list[tuple[str, list[str]]]:
    """Each value as it is shown, and its cells: how many records have it, and their share, before and after."""
    old, new = _counts(comparison.old), _counts(comparison.new)
    keys = sorted(old.keys() | new.keys(), key=lambda key: (-max(old.get(key, 0), new.get(key, 0)), key))
    return [
        (value, [*_share(old.get(key), comparison.old), *_share(new.get(key), comparison.new)])
        for key in keys
        for _, value in [key]
    ]


def distinct_text(profile: FieldProfile) -> str:
    """`1,200`, `~98,000` where it is estimated, nothing where it is not known."""
    if profile.distinct is None:
        return ""
    return f"{'~' if profile.estimated else ''}{profile.distinct:,}"


def numbers_text(numbers: Numbers) -> list[str]:
    """Integers with a comma every three digits, others in as few digits as they have."""
    return [f"{each:,}" if isinstance(each, int) else f"{each:g}" for each in numbers]


def value_text(value: Label) -> str:
    """A label's value: text as it is, unless it would look like a number or a truth value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f'"{value}"' if _looks_like_another(value) else value


def _looks_like_another(text: str) -> bool:
    return text in ("", "true", "false") or text[0] in '"-0123456789' or text.strip() != text


def _counts(profile: FieldProfile | None) -> dict[tuple[str, str], int]:
    labels = (profile.labels if profile else None) or ()
    return {(type(value).__name__, value_text(value)): count for value, count in labels}


def _share(count: int | None, profile: FieldProfile | None) -> list[str]:
    if profile is None or profile.labels is None:
        return ["", ""]
    return [f"{count or 0:,}", label_share_text(count or 0, present=profile.present)]


def label_share_text(count: int, *, present: int) -> str:
    """The share of the records with a label, as people read it: `12.5 %`."""
    return f"{count / present if present else 0:.1%}".replace("%", " %")
