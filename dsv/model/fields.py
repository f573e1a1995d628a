"""The observed schema of a dataset: its top-level fields, their types, and how many records carry each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

TYPES = ("string", "number", "boolean", "null", "array", "object")


@dataclass(frozen=True)
class Field:
    """One top-level field: for each type it was seen with, the number of records that carry it so."""

    name: str
    counts: tuple[tuple[str, int], ...]

    @property
    def types(self) -> tuple[str, ...]:
        """The types seen, in the order of TYPES."""
        return tuple(name for name, _ in self.counts)

    @property
    def total(self) -> int:
        """The number of records that carry the field."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True)
class Fields:
    """All fields, by name in code point order."""

    fields: tuple[Field, ...] = ()

    @classmethod
    def of(cls, counts: Mapping[str, Mapping[str, int]]) -> Fields:
        """From field -> type -> number of records."""
        order = {name: rank for rank, name in enumerate(TYPES)}
        return cls(
            tuple(
                Field(name, tuple(sorted(counts[name].items(), key=lambda item: order[item[0]])))
                for name in sorted(counts)
            )
        )

    def merged(self, other: Fields) -> Fields:
        """The fields of both sets of records together."""
        return Fields.union((self, other))

    @classmethod
    def union(cls, many: Iterable[Fields]) -> Fields:
        """The fields of several disjoint sets of records together."""
        total: dict[str, dict[str, int]] = {}
        for each in many:
            for field in each.fields:
                into = total.setdefault(field.name, {})
                for kind, count in field.counts:
                    into[kind] = into.get(kind, 0) + count
        return cls.of(total)

    def by_name(self) -> dict[str, Field]:
        """Field by its name."""
        return {field.name: field for field in self.fields}


@dataclass(frozen=True)
class FieldType:
    """A field whose types differ between two versions."""

    field: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class FieldsChange:
    """What differs between two schemas; the `breaking` names are common enough to make a major."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[FieldType, ...] = ()
