"""The version that is to be released, as checks see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dsv.checks.rules.outcome import Example
from dsv.model.change import RecordCounts
from dsv.records.column import FieldSketch
from dsv.records.index import Place, RecordIndex
from dsv.records.inspection import Inspection

Placed = tuple[bytes, int, int]
"""What stands for a value, and the record that has it: the number of its file, and its row."""


@dataclass(frozen=True)
class Found:
    """What an inspection noted of all records of a version; `rows` are ascending."""

    count: int = 0
    first: tuple[Example, ...] = ()
    sums: tuple[tuple[str, Decimal], ...] = ()
    rows: Callable[[], Iterator[Placed]] = lambda: iter(())


@dataclass(frozen=True)
class Labels:
    """How many records have which value of a field, by the values' names."""

    records: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Before:
    """The version before: its records, where some that changed are, by class, and the labels of a field.

    The labels are None where a field has too many different values for them.
    """

    name: str
    records: int
    examples: Callable[[str], tuple[Example, ...]]
    labels: Callable[[str], Labels | None]


@dataclass(frozen=True)
class Elsewhere:
    """A released version of some dataset, `NAME@X.Y.Z`, and its record index."""

    name: str
    index: RecordIndex


@dataclass(frozen=True)
class Scores:
    """What one scorer said of the version's records: of how many, the sum and number of each column, and verdicts."""

    scored: int
    sums: Mapping[str, tuple[Fraction, int]] = field(default_factory=dict)
    judged: int = 0
    passed: int = 0


@dataclass(frozen=True)
class CheckedVersion:
    """The version that is to be released: what is known of it, and ways to know more.

    `fields` are the profiles of its fields by name, all of them unless `more_fields`. `before` is None for a first
    version. `elsewhere` gives the versions that a text like `eval-set@*` names. `near` finds records of a split (None:
    of all others) that are like one of another split or of such versions, by a field and from a similarity on; None
    where there are no such versions. `scores` are by scorer, `metadata` is what people say of it.
    """

    records: int
    noted: Callable[[Inspection], Found]
    files: int = 0
    bytes: int = 0
    tokens: int = 0
    bad_records: int = 0
    splits: Mapping[str, int] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    fields: Callable[[], Mapping[str, FieldSketch]] = dict
    more_fields: Callable[[], bool] = bool
    index: Callable[[], RecordIndex] | None = None
    split_of_file: Callable[[int], str | None] = lambda _: None
    change: RecordCounts = field(default_factory=RecordCounts)
    changed_share: Fraction = field(default_factory=Fraction)
    before: Before | None = None
    elsewhere: Callable[[str], Sequence[Elsewhere]] = lambda _: ()
    near: Callable[[str | None, str, str | None, float], Found | None] = lambda *_: None
    scores: Mapping[str, Scores] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    spill: str | None = None

    def opened(self) -> RecordIndex:
        """Its record index."""
        if self.index is None:
            raise LookupError("no record index")
        return self.index()

    def example(self, place: Place, what: str = "") -> Example:
        """The record at a place of its record index."""
        return Example(self.opened().files[place.file][0], place.row, what)
