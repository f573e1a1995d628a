"""What is known of the values of each top-level field: a small summary, computed on the way and merged at will.

The profile of some records is a function of their multiset: neither order nor batches nor files can be told from it,
and merging profiles gives exactly the profile of all their records. Values are taken by columns of a few hundred
records, so that the loops run in C. How many values are distinct is not asked of arrays and objects, which would cost
as much as the rest of a scan; strings of more than 64 characters count as the same when their length and the 32
characters from their middle on agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from dsv.records.column import Column, FieldSketch, count_kinds, kind_words, shortened
from dsv.records.columns import Columns, cells_of, columns_of

MOST_FIELDS = 200
"""The fields that are profiled: so many, the first ones by name."""

_FEW_RECORDS = 32
_BATCH = 256
_PLAIN = frozenset((bool, float, type(None)))


class Profile(msgspec.Struct, array_like=True, frozen=True):
    """The fields of some records, by name. `more` says whether there are others than the first MOST_FIELDS.

    Of few records `few` keeps their rows, shortened, and `fields` is empty: that is smaller, and merged in less time.
    """

    records: int = 0
    fields: tuple[FieldSketch, ...] = ()
    more: bool = False
    few: tuple[tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]], ...] = ()


def merge(profiles: Iterable[Profile]) -> Profile:
    """The profile of all records together, without `few`."""
    profiler = Profiler()
    for profile in profiles:
        profiler.include(profile)
    return profiler.finish(keep_few=False)


class Profiler:
    """Makes the profile of records that come in batches, and of other profiles."""

    __slots__ = ("_columns", "_few", "_last", "_more", "_others", "_rows", "_rows_held", "records")

    def __init__(self) -> None:
        self.records = 0
        self._few: list[Any] | None = []
        self._columns: dict[str, Column] = {}
        self._last = ""
        self._others: dict[str, list[int]] = {}
        self._more = False
        self._rows: dict[tuple[str, ...], list[Any]] = {}
        self._rows_held = 0

    def add(self, values: Sequence[Any], *, columns: Columns | None = None) -> None:
        """Take records, whose columns may be known; what is no object is passed over."""
        few = self._few
        if few is not None:
            if len(few) + len(values) <= _FEW_RECORDS:
                few += values
                return
            self._few = None
            if few:
                self._add(columns_of(few))
        self._add(columns or columns_of(values))

    def include(self, profile: Profile) -> None:
        """Take the records of a profile."""
        if self._few is not None:
            self._leave_few()
        self.records += profile.records
        for names, rows in profile.few:
            self._rows.setdefault(names, []).extend(rows)
            self._rows_held += len(rows)
        if self._rows_held >= _BATCH:
            self._add_rows()
        for field in profile.fields:
            column = self._column(field.name)
            if column is not None:
                column.include(field)
        self._more = self._more or profile.more

    @property
    def types(self) -> dict[str, dict[str, int]]:
        """Every field of the records that were added, its JSON types, and how many records carry it so."""
        kinds = {**self._others, **{name: column.kinds for name, column in self._columns.items()}}
        if self._few:
            kinds = {}
            for record in self._few:
                for name, value in record.items() if type(record) is dict else ():
                    count_kinds([value], into=kinds.setdefault(shown_name(name), [0] * 7))
        return {name: kind_words(counts) for name, counts in kinds.items()}

    def finish(self, *, keep_few: bool = True) -> Profile:
        """The profile of all that was taken."""
        if self._few is not None and keep_few:
            return profile_of_few(self._few)
        if self._few is not None:
            self._leave_few()
        self._add_rows()
        fields = tuple([self._columns[name].finish(name) for name in sorted(self._columns)])
        return Profile(self.records, fields, self._more)

    def _leave_few(self) -> None:
        few, self._few = self._few, None
        if few:
            self._add(columns_of(few))

    def _add(self, columns: Columns) -> None:
        self.records += columns.objects
        self._add_columns(columns.fields, Column.add)

    def _add_rows(self) -> None:
        groups, self._rows, self._rows_held = self._rows, {}, 0
        self._add_columns(cells_of(groups), Column.add_shortened)

    def _add_columns(
        self, columns: Iterable[tuple[str, Sequence[Any]]], add: Callable[[Column, Sequence[Any]], None]
    ) -> None:
        for name, cells in columns:
            column = self._columns.get(name) or self._column(shown_name(name))
            if column is not None:
                add(column, cells)
            elif add is Column.add:
                count_kinds(cells, into=self._others.setdefault(shown_name(name), [0] * 7))

    def _column(self, name: str) -> Column | None:
        """The field's column, None for one beyond the first MOST_FIELDS by name."""
        column = self._columns.get(name)
        if column is None:
            if len(self._columns) == MOST_FIELDS:
                self._more = True
                if name > self._last:
                    return None
                self._others[self._last] = self._columns.pop(self._last).kinds
            column = self._columns[name] = Column()
            if len(self._columns) == MOST_FIELDS:
                self._last = max(self._columns)
        return column


def shown_name(name: str) -> str:
    """The name as files can hold it: a lone surrogate, which UTF-8 cannot carry, stands as its escape."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def profile_of_few(values: Sequence[Any]) -> Profile:
    """The profile that keeps the rows."""
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    records, more = 0, False
    for value in values:
        if type(value) is not dict:
            continue
        records += 1
        names = tuple(value)
        if len(names) > MOST_FIELDS:
            more = True
            names = tuple(sorted(names, key=shown_name)[:MOST_FIELDS])
        cells = value.values() if not more else [value[name] for name in names]
        if not all(map(str.isascii, names)):
            names = tuple(map(shown_name, names))
        row = tuple([cell if type(cell) in _PLAIN else shortened(cell) for cell in cells])
        groups.setdefault(names, []).append(row)
    return Profile(records, (), more, tuple([(names, tuple(rows)) for names, rows in groups.items()]))
