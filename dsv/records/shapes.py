"""The shape of many values: what kinds there are in each place of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dsv.model.shape import Shape, ValueKind
from dsv.records.canonical import Number

DEEPEST = 5
MOST_MEMBERS = 500
"""Objects with more different members than this are maps, whose members tell nothing."""

_KINDS = {
    str: ValueKind.TEXT,
    bool: ValueKind.BOOLEAN,
    int: ValueKind.INTEGER,
    float: ValueKind.NUMBER,
    Number: ValueKind.NUMBER,
}
_ATOMS = frozenset({*_KINDS, type(None)})
_OTHER = Shape(frozenset({ValueKind.OTHER}))


class ShapeSeen:
    """The shape of the values seen so far."""

    __slots__ = ("_depth", "_items", "_kinds", "_members", "_objects", "_times")

    def __init__(self, depth: int = 0) -> None:
        """Nothing seen yet, so many levels below a record."""
        self._depth = depth
        self._kinds: set[ValueKind] = set()
        self._items: ShapeSeen | None = None
        self._members: dict[str, ShapeSeen] = {}
        self._objects = 0
        self._times = 0

    def add(self, value: Any) -> None:
        """See a value of a record, as a format gives it."""
        self._times += 1
        kind = type(value)
        if kind in _ATOMS:
            if value is not None:
                self._kinds.add(_KINDS[kind])
        elif self._depth == DEEPEST:
            self._kinds.add(ValueKind.OTHER)
        elif kind is dict:
            self._add_object(value)
        else:
            self._kinds.add(ValueKind.LIST)
            self._add_elements(value)

    def shape(self, *, among: int | None = None) -> Shape:
        """What was seen; `among` is the number of objects of which this is a member."""
        if ValueKind.OTHER in self._kinds or len(self._members) > MOST_MEMBERS:
            return _OTHER
        return Shape(
            frozenset(self._kinds),
            None if self._items is None else self._items.shape(),
            {name: each.shape(among=self._objects) for name, each in self._members.items()},
            optional=among is not None and self._times < among,
        )

    def _add_object(self, value: dict[str, Any]) -> None:
        self._kinds.add(ValueKind.OBJECT)
        self._objects += 1
        members = self._members
        for name, each in value.items():
            seen = members.get(name)
            if seen is None:
                if len(members) > MOST_MEMBERS:
                    continue
                seen = members[name] = ShapeSeen(self._depth + 1)
            seen.add(each)

    def _add_elements(self, values: list[Any]) -> None:
        if self._items is None:
            self._items = ShapeSeen(self._depth + 1)
        types = set(map(type, values))
        if types <= _ATOMS:  # long lists of numbers are common
            self._items._kinds.update(_KINDS[each] for each in types if each is not type(None))  # noqa: SLF001 - own class
        else:
            for each in values:
                self._items.add(each)


def columns_shape(names: Iterable[str]) -> Shape:
    """The shape of records that have a text, or nothing, in each of these columns."""
    text = Shape(frozenset({ValueKind.TEXT}))
    return Shape(frozenset({ValueKind.OBJECT}), members=dict.fromkeys(names, text))


def union(first: Shape, second: Shape) -> Shape:
    """The shape of the values of both."""
    items = first.items and second.items and union(first.items, second.items)
    names = dict.fromkeys([*first.members, *second.members])
    both = first.kinds and second.kinds
    return Shape(
        first.kinds | second.kinds,
        items or first.items or second.items,
        {name: _member(name, first, second, both=bool(both)) for name in names},
        optional=first.optional or second.optional,
    )


def _member(name: str, first: Shape, second: Shape, *, both: bool) -> Shape:
    mine, other = first.members.get(name), second.members.get(name)
    if mine is not None and other is not None:
        return union(mine, other)
    found = mine or other or Shape()
    return Shape(found.kinds, found.items, found.members, optional=found.optional or both)
