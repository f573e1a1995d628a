"""How much a JSON Schema may ask of one record: a small text can ask the same thing billions of times.

References inside a schema are followed, so that `{"allOf": [{"$ref": "#/$defs/b"}, {"$ref": "#/$defs/b"}]}` asks all
that b asks twice; thirty such steps ask it a billion times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

MOST_QUESTIONS = 10_000
"""Schemas that people write ask some hundreds of a value and what is in it."""

_TOGETHER = ("allOf", "anyOf", "oneOf")
_BESIDE = ("not", "if", "then", "else", "$ref", "$dynamicRef", "$recursiveRef")
_ONE_OF_THEM = ("properties", "prefixItems", "items")
_ALL_OF_THEM = ("patternProperties", "dependentSchemas", "dependencies")
_SINGLE = (
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "contains",
    "additionalItems",
    "unevaluatedItems",
)


def check_effort(schema: Any) -> None:
    """ValueError for a schema that may ask too much of one value."""
    if questions(schema) > MOST_QUESTIONS:
        raise ValueError(f"its references ask more than {MOST_QUESTIONS:,} things of a single value")


def questions(schema: Any) -> int:
    """How many subschemas at most are held against one value of a record, what is in it along one way, and so on.

    Of what stands under several names or places of a value the dearest counts, since each of them is there once. A
    reference back to what is being counted adds nothing: how often it is followed is up to the record. Counting ends
    a little above MOST_QUESTIONS.
    """
    return _Count(schema).of(schema)


class _Count:
    def __init__(self, schema: Any) -> None:
        self._named = dict(_named(schema, ""))
        self._known: dict[int, int] = {}

    def of(self, schema: Any) -> int:
        """The questions of one subschema."""
        if not isinstance(schema, Mapping):
            return 1
        identity = id(schema)
        if identity not in self._known:
            self._known[identity] = 0  # while it is being counted
            self._known[identity] = min(1 + sum(self._parts(schema)), MOST_QUESTIONS + 1)
        return self._known[identity]

    def _parts(self, schema: Mapping[str, Any]) -> Iterator[int]:
        for keyword in _TOGETHER:
            yield from map(self.of, _values(schema.get(keyword)))
        for keyword in _BESIDE:
            if keyword in schema:
                yield self.of(self._target(schema[keyword]) if keyword.startswith("$") else schema[keyword])
        for keyword in _ONE_OF_THEM:
            if keyword == "items" and isinstance(schema.get(keyword), Mapping):
                yield self.of(schema[keyword])
            else:
                yield max(map(self.of, _values(schema.get(keyword))), default=0)
        for keyword in _ALL_OF_THEM:
            yield from map(self.of, _values(schema.get(keyword)))
        for keyword in _SINGLE:
            yield self.of(schema.get(keyword)) if keyword in schema else 0

    def _target(self, reference: object) -> Any:
        if not isinstance(reference, str):
            return None
        whole = unquote(reference)
        return self._named.get(whole, self._named.get(f"#{whole.partition('#')[2]}"))


def _named(schema: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every subschema under each text that a reference may name it by."""
    waiting = [(schema, pointer)]
    while waiting:
        value, where = waiting.pop()
        if isinstance(value, Mapping):
            yield f"#{where}", value
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(value.get(keyword), str):
                    yield f"#{value[keyword]}", value
            for keyword in ("$id", "id"):
                if isinstance(value.get(keyword), str):
                    yield value[keyword].removesuffix("#"), value
            members = [(each, str(name).replace("~", "~0").replace("/", "~1")) for name, each in value.items()]
        elif isinstance(value, list):
            members = [(each, str(place)) for place, each in enumerate(value)]
        else:
            continue
        waiting.extend((each, f"{where}/{name}") for each, name in members)


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
