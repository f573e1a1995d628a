"""What rules want to know of records one by one, where the profile of the fields does not tell.

Columns of a few hundred records tell first, in loops in C, whether there is anything to look at.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from dsv.model.problems import shown
from dsv.model.rule import CONSTANTS, Argument, Between, Compared, Condition, OneOf, Quantity
from dsv.records.canonical import Number, digests_of
from dsv.records.inspection import EXACT, ROW, Batch, Findings, Inspector, Noted

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?", re.ASCII)
_LONGEST_NUMBER = 400
_LARGEST = 1 << 1024
_MOST_DIFFERENT = 4096
_NOTHING = object()


def value_of(record: Any, field: str) -> Any:
    """The record's value, None where it has none: no such field, null, or an empty text."""
    value = record.get(field) if isinstance(record, dict) else None
    return None if value is None or (isinstance(value, str) and not value) else value


def number_of(value: Any) -> Decimal | None:
    """The number that a value is, in the digits that it is written with; of a text that is one too, as in CSV."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value) if -_LARGEST < value < _LARGEST else None
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _JSON_NUMBER.fullmatch(value):
        return Decimal(value)
    return None


@dataclass(frozen=True)
class Missing:
    """Records without a value: the field is not there, null, or an empty text."""

    field: str

    @property
    def identity(self) -> str:
        """Its words."""
        return f"missing 1 {self.field}"

    def begin(self) -> Inspector:
        """An inspector."""
        field = self.field

        def passes(batch: Batch) -> bool:
            cells = dict(batch.columns.fields).get(field, ())
            return len(cells) == len(batch.values) and None not in cells and "" not in cells

        return Findings(lambda record: None if value_of(record, field) is not None else "", passes=passes)


@dataclass(frozen=True)
class Values:
    """Records whose value is none that the condition allows. A record without a value is none of them."""

    field: str
    condition: Condition

    @property
    def identity(self) -> str:
        """Its words."""
        return f"values 1 {self.field} {self.condition}"

    def begin(self) -> Inspector:
        """An inspector."""
        field, allowed = self.field, Allowed(self.condition)

        def wrong(record: Any) -> str | None:
            value = value_of(record, field)
            return None if value is None or allowed(value) else f"{field} is {shown(value)}"

        def passes(batch: Batch) -> bool:
            cells = dict(batch.columns.fields).get(field, ())
            kinds = set(map(type, cells))
            if kinds <= {str, type(None)}:
                return all(not each or allowed(each) for each in set(cells))
            # NaN and the infinities are no float here, but a Number
            if kinds <= {int, float} and _has_no_gap(self.condition):
                return allowed(min(cells)) and allowed(max(cells))
            return False

        return Findings(wrong, passes=passes)


def _has_no_gap(condition: Condition) -> bool:
    """Whether all numbers between two that are allowed are allowed too."""
    return isinstance(condition, Between) or (isinstance(condition, Compared) and condition.operator != "!=")


class Allowed:
    """Whether a value is allowed: what was asked before is remembered."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._known: dict[str, bool] = {}

    def __call__(self, value: Any) -> bool:
        """Whether the condition allows it."""
        if type(value) is not str:
            return _allows(self._condition, value)
        found = self._known.get(value)
        if found is None:
            found = _allows(self._condition, value)
            if len(self._known) < _MOST_DIFFERENT:
                self._known[value] = found
        return found


def _allows(condition: Condition, value: Any) -> bool:
    if isinstance(condition, OneOf):
        return any(_is(value, each) for each in condition.values) is not condition.negated
    number = number_of(value)
    return number is not None and condition.holds(Fraction(number))


def _is(value: Any, wanted: Argument) -> bool:
    """Whether the value is the one that a rule lists: in quotes a text, else also what the word stands for."""
    if isinstance(value, str):
        return value == (wanted.written if isinstance(wanted, Quantity) else wanted.text)
    if isinstance(wanted, Quantity):
        number = number_of(value)
        return number is not None and Fraction(number) == wanted.value
    return not wanted.quoted and CONSTANTS.get(wanted.text, _NOTHING) is value


@dataclass(frozen=True)
class Lengths:
    """Records whose value has a length that the condition does not allow: a text's characters, a list's elements."""

    field: str
    condition: Compared | Between

    @property
    def identity(self) -> str:
        """Its words."""
        return f"length 1 {self.field} {self.condition}"

    def begin(self) -> Inspector:
        """An inspector."""
        field, holds = self.field, self.condition.holds

        def wrong(record: Any) -> str | None:
            value = record.get(field) if isinstance(record, dict) else None
            if value is None:
                return None
            if not isinstance(value, (str, list)):
                return f"{field} is {shown(value)}, which has no length"
            return None if holds(Fraction(len(value))) else f"{field} has length {len(value):,}"

        def passes(batch: Batch) -> bool:
            cells = dict(batch.columns.fields).get(field, ())
            try:
                return all(map(holds, map(Fraction, {*map(len, cells)}))) and {*map(type, cells)} <= {str, list}
            except TypeError:
                return False

        return Findings(wrong, passes=passes)


@dataclass(frozen=True)
class Numbers:
    """The sum and the number of the values; texts that are no numbers, NaN and the like are told of."""

    field: str

    @property
    def identity(self) -> str:
        """Its words."""
        return f"numbers 1 {self.field}"

    def begin(self) -> Inspector:
        """An inspector."""
        return _Summing(self.field)


class _Summing:
    """Counts values, which repeat, and adds them up when there are many different ones."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._counts: Counter[Any] = Counter()
        self._total, self._number = Decimal(), 0
        self._strange = Findings(self._wrong)

    def take(self, batch: Batch) -> None:
        cells = dict(batch.columns.fields).get(self._field, ())
        kinds = set(map(type, cells))
        if kinds <= {int} and (not cells or -_LARGEST < min(cells) <= max(cells) < _LARGEST):
            self._add(Decimal(sum(cells)), len(cells))
        elif kinds <= {float}:  # NaN and the infinities are none here, but a Number
            self._counts.update(cells)
            if len(self._counts) > _MOST_DIFFERENT:
                self._sort_in()
        else:
            numbers = [number for each in cells if (number := number_of(each)) is not None]
            for number in numbers:
                self._add(number, 1)
            if len(numbers) < len(batch.values):
                self._strange.take(batch)

    def _wrong(self, record: Any) -> str | None:
        value = value_of(record, self._field)
        return None if value is None or number_of(value) is not None else f"{self._field} is {shown(_plain(value))}"

    def _add(self, total: Decimal, number: int) -> None:
        self._total = EXACT.add(self._total, total)
        self._number += number

    def _sort_in(self) -> None:
        for number, count in self._counts.items():
            self._add(EXACT.multiply(Decimal(repr(number)), count), count)
        self._counts.clear()

    def finish(self) -> Noted:
        """The sum and how many numbers it is of; and the values that are none."""
        self._sort_in()
        strange = self._strange.finish()
        return Noted(strange.count, strange.first, (("number", Decimal(self._number)), ("total", self._total)))


@dataclass(frozen=True)
class Different:
    """What stands for the values of some fields together, of each record that has a value in every one of them."""

    fields: tuple[str, ...]

    @property
    def identity(self) -> str:
        """Its words."""
        return f"different 1 {self.fields!r}"

    def begin(self) -> Inspector:
        """An inspector."""
        return _Standing(self.fields)


class _Standing:
    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields
        self._rows: list[bytes] = []

    def take(self, batch: Batch) -> None:
        rows = [row for row, _ in batch.numbered()]
        columns: list[Iterable[Any]] = [[value_of(each, field) for each in batch.values] for field in self._fields]
        several = list(zip(*columns, strict=True))
        if any(None in each for each in several):
            rows, several = _complete(rows, several)
        self._rows += map(ROW.pack, digests_of([list(each) for each in several]), rows)

    def finish(self) -> Noted:
        """The rows."""
        return Noted(rows=b"".join(self._rows))


def _complete(rows: list[int], several: list[tuple[Any, ...]]) -> tuple[list[int], list[tuple[Any, ...]]]:
    kept = [(row, each) for row, each in zip(rows, several, strict=True) if all(one is not None for one in each)]
    return [row for row, _ in kept], [each for _, each in kept]


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, Number) else value


@dataclass(frozen=True)
class Asked:
    """Records with which something is wrong by a function's word; the function is made where the records are read."""

    name: str
    arguments: tuple[str, ...]
    version: str
    load: Callable[[str, tuple[str, ...]], Callable[[Any], str | None]]

    @cached_property
    def identity(self) -> str:
        """Its words, and the version of who answers."""
        return f"{self.name} {self.version} {self.arguments!r}"

    def begin(self) -> Inspector:
        """An inspector."""
        return Findings(self.load(self.name, self.arguments))
