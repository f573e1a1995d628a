"""Records to look at: single ones read back from their file, and made fit for JSON and for a line of text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import islice, takewhile
from typing import Any

from dsv.model.reading import Reading
from dsv.records.canonical import MalformedError, Number, encode
from dsv.records.formats import Malformed, choose, contents_of
from dsv.records.text import count_tokens

_LONGEST = 500
_SAME_SHOWN = 20


def records_of(source: str, *, path: str, reading: Reading) -> Iterator[tuple[int, Any]]:
    """The records of the file that lies at `source`, each with its row from 1; none of an opaque file.

    `path` and the declarations tell the format.
    """
    chosen = choose(path, reading)
    if chosen is None:
        return
    with open(source, "rb") as stream:
        contents = contents_of(chosen, stream, path=path)
        good = (value for _, value in contents.records if not (isinstance(value, Malformed) or _is_too_deep(value)))
        yield from enumerate(good, 1)


def read_rows(source: str, *, path: str, reading: Reading, rows: Collection[int]) -> dict[int, Any]:
    """The records at these rows of a file; rows that it has not are left out."""
    if not rows:
        return {}
    last = max(rows)
    read = islice(records_of(source, path=path, reading=reading), last)
    return {row: value for row, value in read if row in rows}


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


def field_changes(old: Any, new: Any, *, path: str = "") -> Iterator[tuple[str, str]]:
    """What differs between two records, field by field in name order, as (`-` or `+`, text) lines.

    Inside nested values only the parts that differ are named, as in `clauses[2].value`; a list whose length
    changed is one part.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        parts = [
            (f"{path}.{name}" if path else name, old.get(name, _ABSENT), new.get(name, _ABSENT))
            for name in sorted(old.keys() | new.keys())
        ]
    elif path and isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        parts = [(f"{path}[{at}]", *pair) for at, pair in enumerate(zip(old, new, strict=True))]
    else:
        before, after = _from_difference(old, new)
        name = f"{path}: " if path else ""
        yield from (("-", f"{name}{before}"),) if old is not _ABSENT else ()
        yield from (("+", f"{name}{after}"),) if new is not _ABSENT else ()
        return
    for place, before, after in parts:
        if before is _ABSENT or after is _ABSENT or encode(before) != encode(after):
            yield from field_changes(before, after, path=place)


def _from_difference(old: Any, new: Any) -> tuple[str, str]:
    """The two values as short texts; two long strings from shortly before the place where they part."""
    if isinstance(old, str) and isinstance(new, str):
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
        if same > _SAME_SHOWN * 2:
            old, new = f"…{old[same - _SAME_SHOWN :]}", f"…{new[same - _SAME_SHOWN :]}"
    return ("" if old is _ABSENT else short_text(old)), ("" if new is _ABSENT else short_text(new))


_ABSENT = object()
