"""What values look like inside: the kinds that were seen in a place, the elements of lists, the members of objects.

A manifest tells the JSON types of top-level fields. Other formats want more of the same: whether a number is an
integer everywhere, and what is in a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class ValueKind(Enum):
    """One kind of value. Null is none: it may stand anywhere."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"
    OBJECT = "object"
    OTHER = "other"
    """What is nested too deeply, has too many members, or has no counterpart in JSON."""


SCALARS = frozenset({ValueKind.TEXT, ValueKind.INTEGER, ValueKind.NUMBER, ValueKind.BOOLEAN})


@dataclass(frozen=True)
class Shape:
    """The values of one place: their kinds; the shape of the elements of lists; that of each member of objects.

    Members stand in the order in which they were first seen. `optional` says that some of the objects lack this member.
    """

    kinds: frozenset[ValueKind] = frozenset()
    items: Shape | None = None
    members: Mapping[str, Shape] = field(default_factory=dict)
    optional: bool = False

    @property
    def kind(self) -> ValueKind | None:
        """The one kind of all the values, integers being numbers; None where they have several, or are all null."""
        kinds = self.kinds - {ValueKind.INTEGER} if ValueKind.NUMBER in self.kinds else self.kinds
        return next(iter(kinds)) if len(kinds) == 1 else None

    @property
    def is_record(self) -> bool:
        """Whether every value is an object whose members are known."""
        return self.kind is ValueKind.OBJECT
