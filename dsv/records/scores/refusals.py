"""What is wrong with the rows of a file of scores: all of it counted, the first ten told."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from enum import Enum

from dsv.errors import BadRecordError

NAMED = 10

_HELD = 1000


class Wrong(Enum):
    """In which way a row is wrong."""

    BAD = "bad"
    """It is no row of scores: it does not parse, does not say of which record it is, or holds what is no score."""
    UNMATCHED = "unmatched"
    """It is of no record of the version."""
    DUPLICATE = "duplicate"
    """Another row is of the same record."""


@dataclass
class Refusals:
    """Collects them."""

    rows: int = 0
    counts: dict[Wrong, int] = field(default_factory=lambda: dict.fromkeys(Wrong, 0))
    _first: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, wrong: Wrong, row: int, reason: str) -> None:
        """A row, counted from 1, that is wrong."""
        self.counts[wrong] += 1
        self._first.append((row, wrong.value, reason))
        if len(self._first) > _HELD:
            self._first = heapq.nsmallest(NAMED, self._first)

    def raise_any(self, *, file: str, version: str, hint: str) -> None:
        """BadRecordError where any row was wrong; nothing of the file is taken then."""
        total = sum(self.counts.values())
        if not total:
            return
        first = heapq.nsmallest(NAMED, self._first)
        said = {
            Wrong.BAD: "hold no scores",
            Wrong.UNMATCHED: f"are of no record of {version}",
            Wrong.DUPLICATE: "repeat others",
        }
        parts = [f"{self.counts[wrong]:,} {words}" for wrong, words in said.items() if self.counts[wrong]]
        more = [f"and {total - NAMED:,} more"] if total > NAMED else []
        raise BadRecordError(
            f"{file}: of {self.rows:,} rows {', '.join(parts)}; no score was taken",
            hint=hint,
            details={
                "rows": self.rows,
                **{wrong.value: count for wrong, count in self.counts.items()},
                "first": [{"row": row, "kind": kind, "reason": reason} for row, kind, reason in first],
            },
            places=[*(f"row {row}: {reason}" for row, _, reason in first), *more],
        )
