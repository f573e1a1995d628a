"""Facets of records beside their scores: values that rows of scores do not have, taken from the records themselves.

They are taken once, when scores come: a record that keeps its fingerprint keeps its values, as it keeps its scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from struct import Struct
from typing import Any

from dsv.records.canonical import FINGERPRINT_SIZE, encode, fingerprint
from dsv.records.runs import SortedRuns
from dsv.records.scores.revisions import label_of
from dsv.records.scores.score_file import Batch
from dsv.records.scores.spool import Spool

ROW = Struct(f">{FINGERPRINT_SIZE}sQ")
"""A record's fingerprint, and where its values are put aside."""

_MOST_REMEMBERED = 100_000


class Facets:
    """The values of some fields of records, by fingerprint: `runs`, of ROW's size, sort them, `spool` holds them."""

    def __init__(self, names: Sequence[str], *, runs: SortedRuns, spool: Spool) -> None:
        self.names = tuple(names)
        self._runs, self._spool = runs, spool
        self._places: dict[tuple[str | None, ...], int] = {}

    def take(self, records: Iterable[Any]) -> None:
        """Take the values of records; what has none of the fields is passed over."""
        self._runs.add_one_by_one(self._rows(records))

    def beside(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches with a column more for each field."""
        rows = iter(self._runs)
        known, place = _next(rows)
        nothing: list[str | None] = [None] * len(self.names)
        for batch in batches:
            found = []
            for each in batch.fingerprints:
                while known is not None and known < each:
                    known, place = _next(rows)
                found.append(self._spool.get(place) if known == each else nothing)
            columns = zip(self.names, map(list, zip(*found, strict=True)), strict=True)
            yield replace(batch, columns={**batch.columns, **dict(columns)})

    def _rows(self, records: Iterable[Any]) -> Iterator[bytes]:
        for record in records:
            if isinstance(record, dict):
                values = tuple(_value(record.get(name)) for name in self.names)
                if any(value is not None for value in values):
                    yield ROW.pack(fingerprint(record), self._place(values))

    def _place(self, values: tuple[str | None, ...]) -> int:
        place = self._places.get(values)
        if place is None:
            if len(self._places) >= _MOST_REMEMBERED:
                self._places.clear()
            place = self._places[values] = self._spool.put(values)
        return place


def _next(rows: Iterator[bytes]) -> tuple[bytes | None, int]:
    row = next(rows, None)
    return (None, 0) if row is None else ROW.unpack(row)


def _value(value: Any) -> str | None:
    """A field's value as facets name it; None for what cannot be one: nothing, a list, an object."""
    if value is None or isinstance(value, list | dict):
        return None
    text = value if isinstance(value, str) else encode(value).decode()
    return label_of(text.encode("utf-8", "backslashreplace").decode())
