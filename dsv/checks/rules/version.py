"""The version that is to be released, as checks see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from dsv.checks.rules.outcome import Example
from dsv.records.inspection import Inspection


@dataclass(frozen=True)
class Found:
    """What an inspection noted of all records of a version; `rows` are (value, file number, row)."""

    count: int = 0
    first: tuple[Example, ...] = ()
    sums: tuple[tuple[str, Decimal], ...] = ()
    rows: Callable[[], Iterator[tuple[bytes, int, int]]] = lambda: iter(())


@dataclass(frozen=True)
class CheckedVersion:
    """The version that is to be released: how many records it has, and what inspections noted of them."""

    records: int
    noted: Callable[[Inspection], Found]
