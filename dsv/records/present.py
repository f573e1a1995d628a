"""Records to look at: single ones read back from their file, and made fit for JSON and for a line of text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from dsv.records.canonical import MalformedError, Number, encode
from dsv.records.formats import Malformed, choose
from dsv.records.formats.compression import decompressed, is_compressed
from dsv.records.text import count_tokens

_LONGEST = 500


def read_rows(source: str, *, path: str, reading_format: str, rows: Collection[int]) -> dict[int, Any]:
    """The records at these rows (from 1) of the file that lies at `source`; rows that it has not are left out.

    `path` tells the format. An opaque file has no records to show.
    """
    chosen = choose(path, reading_format)
    if chosen is None or not rows:
        return {}
    found: dict[int, Any] = {}
    last = max(rows)
    with open(source, "rb") as stream:
        contents = chosen.read(decompressed(stream) if is_compressed(path) else stream)
        row = 0
        for _, value in contents.records:
            if isinstance(value, Malformed) or _is_too_deep(value):
                continue
            row += 1
            if row in rows:
                found[row] = value
            if row == last:
                break
    return found


def _is_too_deep(value: Any) -> bool:
    """Whether a scan refuses the value, so that it has no row."""
    try:
        count_tokens(value)
    except MalformedError:
        return True
    return False


def presentable(value: Any) -> Any:
    """The value as `json.dumps` can write it: a number that no JSON reader would read back stands as its text."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        return {name: presentable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [presentable(each) for each in value]
    return value


def short_text(value: Any) -> str:
    """The value as JSON on one line, cut where it is very long."""
    text = json.dumps(presentable(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def field_changes(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """What differs between two records, field by field in name order, as (`-` or `+`, text) lines."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        yield "-", short_text(old)
        yield "+", short_text(new)
        return
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, _ABSENT), new.get(name, _ABSENT)
        if before is not _ABSENT and after is not _ABSENT and encode(before) == encode(after):
            continue
        if before is not _ABSENT:
            yield "-", f"{name}: {short_text(before)}"
        if after is not _ABSENT:
            yield "+", f"{name}: {short_text(after)}"


_ABSENT = object()
