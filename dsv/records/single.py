"""A file that is one JSON object: the usual small file, whose facts need none of the machinery for many records."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dsv.model.fields import Fields
from dsv.records.canonical import MalformedError, decode_all, digests_of
from dsv.records.formats import Format
from dsv.records.formats.json_document import JsonDocument
from dsv.records.profile import Profile, profile_of_few
from dsv.records.runs import KEYED_ROW, ROW
from dsv.records.text import TokenCounter, count_tokens
from dsv.records.totals import field_name, type_name


def only_record(chosen: Format, data: bytes) -> dict[str, Any] | None:
    """The object that the bytes of a JSON document are; None where its format has to look at it."""
    if type(chosen) is not JsonDocument or chosen.place is not None or data[:1] != b"{":
        return None
    found = decode_all([data])
    if not found or type(found[0]) is not dict:
        return None
    value: dict[str, Any] = found[0]
    return value


def facts_of(value: dict[str, Any], *, counter: TokenCounter) -> tuple[Fields, int, Profile] | None:
    """The record's fields, tokens and profile; None for one that is nested too deeply to be a record."""
    try:
        tokens = count_tokens(value, count=counter.count)
    except MalformedError:
        return None
    return _fields(tuple(value), tuple(map(type, value.values()))), tokens, profile_of_few([value])


def row_of(value: dict[str, Any], *, key: tuple[str, ...], file: int) -> tuple[bytes, bool]:
    """The row of the file's one record, and whether it has the key."""
    digest = digests_of([value])[0]
    if not key:
        return ROW.pack(digest, file, 1), True
    has_key = all(name in value for name in key)
    key_digest = digests_of([[value[name] for name in key]])[0] if has_key else digest
    return KEYED_ROW.pack(digest, key_digest, file, 1), has_key


@lru_cache(maxsize=1024)
def _fields(names: tuple[str, ...], kinds: tuple[type, ...]) -> Fields:
    return Fields.of({field_name(name): {type_name(kind): 1} for name, kind in zip(names, kinds, strict=True)})
