"""The records of a JSON document that is a list, or an object with a list or map of them in one of its members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from dsv.records.canonical import MalformedError, decode
from dsv.records.formats.contract import CannotReadError
from dsv.records.formats.json_list import elements

MAP = "{}"
KEY, VALUE = "_key", "_value"
"""The fields of a record that is a member of a map."""

_split_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_TYPE_NAMES = {list: "a list", dict: "an object", str: "a string", bool: "true or false", type(None): "null"}


@dataclass(frozen=True)
class Place:
    """Where the records are: a path of members, empty for the document itself, to a list or to a map."""

    path: str = ""
    is_map: bool = False

    @classmethod
    def parse(cls, text: str) -> Place:
        """The place that a declaration names: `a.b` the list in b in a, `a.{}` the map in a, `{}` the document."""
        if text == MAP:
            return cls("", is_map=True)
        return cls(text.removesuffix(f".{MAP}"), is_map=text.endswith(f".{MAP}"))


def records_in(text: bytearray, place: Place) -> Iterator[Any]:
    """The records that lie there; of a map, an object with key and value for each member.

    A member whose own name has a dot is found by its whole name first. CannotReadError where there is no such list
    or map, MalformedError where the text is no JSON.
    """
    parts = _slices(text, place)  # of the text: the records are built one at a time
    number = 0
    while True:
        try:
            named = next(parts, None)
        except (ValueError, RecursionError):  # no JSON, or what only the careful decoder reads
            yield from islice(_parsed(decode(text), place), number, None)
            return
        if named is None:
            return
        name, part = named
        number += 1
        try:
            value = decode(bytes(part))
        except MalformedError as error:
            # Slicing looks at the structure alone; only the whole text tells the line.
            decode(text)
            raise MalformedError(f"record {number}: {error.reason}") from None
        yield {KEY: name, VALUE: value} if place.is_map else value


def _slices(text: bytearray, place: Place) -> Iterator[tuple[str, msgspec.Raw]]:
    piece: bytearray | msgspec.Raw = text
    path = place.path
    while path:
        members = _split_object(piece)
        name, path = _next(members, path, place)
        piece = members[name]
    if place.is_map:
        yield from _split_object(piece).items()
    else:
        for part in elements(memoryview(piece)):
            yield "", part


def _parsed(value: Any, place: Place) -> Iterator[Any]:
    path = place.path
    while path:
        if not isinstance(value, dict):
            raise CannotReadError(f"no member {place.path!a}: {_described(value)} lies on its path")
        name, path = _next(value, path, place)
        value = value[name]
    if isinstance(value, dict) and place.is_map:
        yield from ({KEY: name, VALUE: each} for name, each in value.items())
    elif isinstance(value, list) and not place.is_map:
        yield from value
    else:
        where = f"the member {place.path!a}" if place.path else "the document"
        raise CannotReadError(f"{where} is {_described(value)}, not {'an object' if place.is_map else 'a list'}")


def _next(members: dict[str, Any], path: str, place: Place) -> tuple[str, str]:
    """The member that the path goes through, and the path from there."""
    if path in members:
        return path, ""
    name, _, rest = path.partition(".")
    if not rest or name not in members:
        raise CannotReadError(f"no member {place.path!a}")
    return name, rest


def _described(value: object) -> str:
    return _TYPE_NAMES.get(type(value), "a number")
