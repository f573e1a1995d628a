"""Some records by field: what is done with each field's values is then one loop in C."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class Columns(NamedTuple):
    """How many of some records are objects, the values of each of their fields, and the records that are no objects."""

    objects: int
    fields: Sequence[tuple[str, Sequence[Any]]]
    others: Sequence[Any] = ()


def columns_of(values: Sequence[Any]) -> Columns:
    """The records by field, their order kept inside a field where all have the same fields."""
    others: Sequence[Any] = ()
    if set(map(type, values)) != {dict}:
        others = [value for value in values if type(value) is not dict]
        values = [value for value in values if type(value) is dict]
    shapes = list(map(tuple, values))
    if shapes and shapes.count(shapes[0]) == len(shapes):
        fields = list(zip(shapes[0], zip(*map(dict.values, values), strict=True), strict=True))
        return Columns(len(values), fields, others)
    groups: dict[tuple[str, ...], list[Any]] = {}
    for shape, value in zip(shapes, values, strict=True):
        groups.setdefault(shape, []).append(value.values())
    return Columns(len(values), list(cells_of(groups)), others)


def cells_of(groups: Mapping[tuple[str, ...], Sequence[Iterable[Any]]]) -> Iterable[tuple[str, list[Any]]]:
    """The values of each field, from rows that have the same fields in the same order."""
    columns: dict[str, list[Any]] = {}
    for names, rows in groups.items():
        for name, cells in zip(names, zip(*rows, strict=True), strict=True):
            columns.setdefault(name, []).extend(cells)
    return columns.items()
