"""What a version knows of the values of its fields, and how that compares between two versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

QUANTILES = (("min", 0.0), ("p5", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("max", 1.0))
"""The names of the quantiles, and the share of the values below each."""

DIGITS = 4
"""Significant digits of a quantile that is no integer of fewer; smallest and largest have more."""
DIGITS_OF_ENDS = 6

Numbers: TypeAlias = tuple["int | float", ...]
Label: TypeAlias = "str | int | bool"


@dataclass(frozen=True)
class FieldProfile:
    """The values of one field. Records that do not carry it at all are not among `present`.

    `distinct` counts different texts, numbers and booleans (`estimated` where they are too many to be exact; None where
    there are none). Quantiles, in the order of QUANTILES, are those of the texts' lengths in characters, of the
    numbers' values, and of the arrays' lengths. `labels` are values with the number of records that have them; None
    where the field is no label field, or has too many different ones.
    """

    field: str
    present: int
    nulls: int = 0
    distinct: int | None = None
    estimated: bool = False
    characters: Numbers | None = None
    values: Numbers | None = None
    elements: Numbers | None = None
    labels: tuple[tuple[Label, int], ...] | None = None

    @property
    def measures(self) -> dict[str, Numbers]:
        """The quantiles there are, by what they measure."""
        found = {"characters": self.characters, "values": self.values, "elements": self.elements}
        return {name: numbers for name, numbers in found.items() if numbers is not None}

    def document(self, *, records: int) -> dict[str, Any]:
        """As JSON shows it, of a version with so many records."""
        document: dict[str, Any] = {
            "present": self.present,
            "missing": records - self.present,
            "nulls": self.nulls,
            "distinct": self.distinct,
            "estimated": self.estimated,
        }
        names = [name for name, _ in QUANTILES]
        document |= {name: dict(zip(names, numbers, strict=True)) for name, numbers in self.measures.items()}
        if self.labels is not None:
            document["labels"] = [
                {"value": value, "count": count, "share": label_share(count, present=self.present)}
                for value, count in self.labels
            ]
        return document


@dataclass(frozen=True)
class FieldsProfile:
    """The profiles of a version's fields, the first ones by name, and how many records it has."""

    records: int
    fields: tuple[FieldProfile, ...] = ()


@dataclass(frozen=True)
class FieldComparison:
    """One field in two versions; None where a version does not have it."""

    field: str
    old: FieldProfile | None
    new: FieldProfile | None
    old_records: int
    new_records: int

    @property
    def same(self) -> bool:
        """Whether nothing that is known of the values differs."""
        return self.old == self.new and self.missing(self.old) == self.missing(self.new, new=True)

    def missing(self, profile: FieldProfile | None, *, new: bool = False) -> int:
        """How many records of a side do not carry the field."""
        records = self.new_records if new else self.old_records
        return records - (profile.present if profile else 0)

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "field": self.field,
            "same": self.same,
            "old": None if self.old is None else self.old.document(records=self.old_records),
            "new": None if self.new is None else self.new.document(records=self.new_records),
        }


def compared(old: FieldsProfile, new: FieldsProfile) -> tuple[FieldComparison, ...]:
    """All fields by name: those that differ first."""
    olds, news = ({each.field: each for each in side.fields} for side in (old, new))
    found = [
        FieldComparison(name, olds.get(name), news.get(name), old.records, new.records)
        for name in sorted(olds.keys() | news.keys())
    ]
    return tuple(sorted(found, key=lambda each: each.same))


def label_share(count: int, *, present: int) -> float:
    """The share of the records with the field that have this value, in four decimals."""
    return round(count / present, DIGITS) if present else 0.0


def few_digits(numbers: Sequence[int | float]) -> Numbers:
    """Quantiles with as many digits as mean something. The smallest and the largest stay what they are, if integers."""
    low, *between, high = numbers
    first, last = (each if isinstance(each, int) else float(f"{each:.{DIGITS_OF_ENDS}g}") for each in (low, high))
    return (first, *(min(max(_rounded(each), first), last) for each in between), last)


def few_digits_of_count(count: int) -> int:
    """An estimated count with two significant digits."""
    return int(float(f"{count:.2g}"))


def _rounded(number: float) -> int | float:
    rounded = float(f"{number:.{DIGITS}g}")
    return int(rounded) if isinstance(number, int) else rounded
