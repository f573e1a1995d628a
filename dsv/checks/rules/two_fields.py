"""Functions of two fields: references between records, and values that must come one after the other."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dsv.checks.rules.inspections import Different, number_of, value_of
from dsv.checks.rules.measured import Measured
from dsv.checks.rules.version import CheckedVersion, Placed
from dsv.model.problems import shown
from dsv.model.rule import Rule
from dsv.records.canonical import FINGERPRINT_SIZE, digests_of
from dsv.records.index import NAMED
from dsv.records.inspection import ROW, Batch, Findings, Inspection, Inspector, Noted


@dataclass(frozen=True)
class References:
    """What stands for each value by which a field names another record; of a list, for each of its elements."""

    field: str

    @property
    def identity(self) -> str:
        """Its words."""
        return f"references 1 {self.field!r}"

    def begin(self) -> Inspector:
        """An inspector."""
        return _Referring(self.field)


class _Referring:
    def __init__(self, field: str) -> None:
        self._field = field
        self._rows: list[bytes] = []

    def take(self, batch: Batch) -> None:
        """Note the references of the records."""
        found = [(row, each) for row, record in batch.numbered() for each in _references(record, self._field)]
        digests = _digests([each for _, each in found])
        self._rows += [ROW.pack(digest, row) for (row, _), digest in zip(found, digests, strict=True)]

    def finish(self) -> Noted:
        """The rows."""
        return Noted(rows=b"".join(self._rows))


def _references(record: Any, field: str) -> list[Any]:
    """The values by which the field names other records."""
    value = value_of(record, field)
    if isinstance(value, list):
        return [each for each in value if each is not None]
    return [] if value is None else [value]


def _digests(values: list[Any]) -> list[bytes]:
    """What stands for the values, as `Different` has it for those of one field."""
    return [digest[:FINGERPRINT_SIZE] for digest in digests_of([[each] for each in values])]


@dataclass(frozen=True)
class Unknown:
    """Records with a reference of which it was found out that it names no record, by what stands for its value."""

    field: str
    key: str
    digests: tuple[bytes, ...]

    @property
    def identity(self) -> str:
        """Its words, and those references."""
        return f"unknown 1 {self.field!r} {self.key!r} {b''.join(self.digests).hex()}"

    def begin(self) -> Inspector:
        """An inspector."""
        wanted = frozenset(self.digests)

        def wrong(record: Any) -> str | None:
            names = _references(record, self.field)
            unknown = [each for each, digest in zip(names, _digests(names), strict=True) if digest in wanted]
            return f"{self.field} names {shown(unknown[0])}, which is no {self.key} that is there" if unknown else None

        return Findings(wrong)


@dataclass(frozen=True)
class Order:
    """Records in which the value of one field comes after that of another that it must not come after.

    Numbers go by size, also where they are written as text, as in CSV; other texts by their characters, which is right
    for dates and times as ISO 8601 writes them. Where one of the two is missing there is nothing to compare.
    """

    earlier: str
    later: str

    @property
    def identity(self) -> str:
        """Its words."""
        return f"order 1 {self.earlier!r} {self.later!r}"

    def begin(self) -> Inspector:
        """An inspector."""
        return Findings(self._wrong)

    def _wrong(self, record: Any) -> str | None:
        one, other = value_of(record, self.earlier), value_of(record, self.later)
        if one is None or other is None:
            return None
        first, second = number_of(one), number_of(other)
        if first is not None and second is not None:
            holds = first <= second
        elif isinstance(one, str) and isinstance(other, str):
            holds = one <= other
        else:
            return f"{self.earlier} {shown(one)} and {self.later} {shown(other)} cannot be compared"
        return None if holds else f"{self.later} {shown(other)} is before {self.earlier} {shown(one)}"


def references_of(rule: Rule) -> tuple[Inspection, ...]:
    """What `dangling` wants to know of each record."""
    field, key = rule.call.names
    return References(field), Different((key,))


def order_of(rule: Rule) -> tuple[Inspection, ...]:
    """What `out_of_order` wants to know of each record."""
    earlier, later = rule.call.names
    return (Order(earlier, later),)


def dangling(rule: Rule, version: CheckedVersion) -> Measured:
    """References in one field that are no record's value in the other, in whichever file."""
    field, key = rule.call.names
    known = version.noted(Different((key,))).rows()
    whole, count = 0, 0
    first: list[tuple[int, int, bytes]] = []
    for (value, file, row), is_known in _looked_up(version.noted(References(field)).rows(), known):
        whole += 1
        if not is_known:
            count += 1
            first.append((file, row, value))
            if len(first) > NAMED * NAMED:
                first = heapq.nsmallest(NAMED, first)
    digests = sorted({value for _, _, value in heapq.nsmallest(NAMED, first)})
    told = f"{count:,} of {whole:,} references in {field} name no {key} that is there"
    return Measured(
        Fraction(count), told, whole, count, lambda: version.noted(Unknown(field, key, tuple(digests))).first
    )


def out_of_order(rule: Rule, version: CheckedVersion) -> Measured:
    """Records in which what must come later comes earlier."""
    earlier, later = rule.call.names
    found = version.noted(Order(earlier, later))
    told = f"{found.count:,} of {version.records:,} records have {later} before {earlier}"
    return Measured(Fraction(found.count), told, version.records, found.count, lambda: found.first)


def _looked_up(references: Iterator[Placed], known: Iterator[Placed]) -> Iterator[tuple[Placed, bool]]:
    """Each reference, and whether its value is among the known ones; both ascend."""
    value = next(known, None)
    for each in references:
        while value is not None and value[0] < each[0]:
            value = next(known, None)
        yield each, value is not None and value[0] == each[0]
