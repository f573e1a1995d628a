"""Records held against a JSON Schema (drafts 4, 6, 7, 2019-09 and 2020-12, which is the one meant without `$schema`).

Nothing is ever fetched: a reference leads into the schema itself, or to one of the drafts' own, or is refused.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any, NoReturn

from dsv.checks.schema_effort import check_effort
from dsv.checks.wrong import in_words, json_path, short
from dsv.errors import BadManifestError
from dsv.records.canonical import Number, encode
from dsv.records.inspection import Batch, Findings, Inspector

_VALUE = "\ue000"
"""Stands in messages of the library for the value they are about; a private character, so in no such message itself."""

_OUTSIDE = "the reference {} leads out of it, and nothing is fetched"
_LONGEST_REFERENCE = 300
_LARGEST = 1.7976931348623157e308


@dataclass(frozen=True)
class RecordSchema:
    """A JSON Schema by its text, which travels to other processes; each makes its validator once."""

    text: str

    @staticmethod
    def of(schema: object, *, where: str) -> RecordSchema:
        """The schema as a value; BadManifestError, naming `where` it stands, for one that is none."""
        try:
            found = RecordSchema(encode(schema).decode())
            _validator(found.text)
            check_effort(schema)
        except (ValueError, RecursionError) as error:
            raise BadManifestError(
                f"{where} is no JSON Schema that can be used: {_broken(error)}",
                hint="correct it; what it refers to stands in the schema itself, under $defs",
            ) from None
        return found

    @property
    def identity(self) -> str:
        """The schema and the release of what holds records against it."""
        return f"schema {sha256(self.text.encode()).hexdigest()} {version('jsonschema-rs')}"

    def begin(self) -> Inspector:
        """One that says where in a record what is wrong."""
        validator = _validator(self.text)

        def passes(batch: Batch) -> bool:
            try:
                return all(map(validator.is_valid, batch.values))
            except ValueError:  # a record holds what JSON has no place for
                return False

        return Findings(lambda value: _wrong(validator, value), passes=passes)


@lru_cache(maxsize=64)
def _validator(text: str) -> Any:
    """The validator of a schema; ValueError for what is no schema."""
    import json

    import jsonschema_rs

    def refuse(reference: str) -> NoReturn:
        raise ValueError(_OUTSIDE.format(reference))

    return jsonschema_rs.validator_for(json.loads(text), retriever=refuse, validate_formats=True, mask=_VALUE)


def _broken(error: ValueError | RecursionError) -> str:
    """What is wrong with a schema in one line."""
    said = str(getattr(error, "message", error))
    _, fetched, refused = said.partition("retrieving it failed: ValueError: ")
    if fetched:
        return short(refused, longest=_LONGEST_REFERENCE)
    if said.startswith("Resource '"):
        return short(_OUTSIDE.format(said.split("'")[1]), longest=_LONGEST_REFERENCE)
    return f"{json_path(error.instance_path)}: {_said(error)}" if hasattr(error, "instance_path") else short(said)


def _wrong(validator: Any, value: Any) -> str | None:
    """What is wrong with a record, and where in it."""
    with suppress(ValueError):  # what JSON has no place for
        if validator.is_valid(value):
            return None
    try:
        errors = [*validator.iter_errors(_readable(value))]
    except (ValueError, RecursionError):
        return "$: is nested too deeply to be held against the schema"
    found = sorted((json_path(error.instance_path), _said(error)) for error in errors)
    return in_words([f"{path}: {reason}" for path, reason in found])


def _said(error: Any) -> str:
    """The message of the library, with a long value cut short."""
    before, filled, after = error.message.partition(_VALUE)
    return f"{short(before)}{short(encode(error.instance).decode()) if filled else ''}{short(after)}"


def _readable(value: Any) -> Any:
    """The value with what JSON has no place for changed into the nearest that it has, as far as a schema can tell.

    A number beyond the doubles becomes the largest; NaN, the infinities and lone surrogates become text, since no
    schema means them by a number or by text that can be written down.
    """
    kind = type(value)
    if kind is dict:
        readable: Any = {_readable(name): _readable(each) for name, each in value.items()}
    elif kind is list:
        readable = [_readable(each) for each in value]
    elif kind is str:
        readable = value.encode("utf-8", "replace").decode()
    elif kind is float and not math.isfinite(value):
        readable = str(value)
    elif kind is Number:
        readable = _nearest(value.text)
    else:
        readable = value
    return readable


def _nearest(text: str) -> float | str:
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return text
    return math.copysign(_LARGEST, exact) if exact.is_finite() else text
