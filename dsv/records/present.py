"""Records to look at: single ones read back from their file, and made fit for JSON and for a line of text."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any

from dsv.model.reading import Reading
from dsv.records.canonical import MalformedError, Number
from dsv.records.formats import Malformed, choose, contents_of
from dsv.records.text import count_tokens

_LONGEST = 500


def records_of(source: str, *, path: str, reading: Reading) -> Iterator[tuple[int, Any]]:
    """The records of the file that lies at `source`, each with its row from 1; none of an opaque file.

    `path` and the declarations tell the format.
    """
    chosen = choose(path, reading)
    if chosen is None:
        return
    with open(source, "rb") as stream:
        contents = contents_of(chosen, stream, path=path)
        good = (value for _, value in contents.records if not (isinstance(value, Malformed) or is_too_deep(value)))
        yield from enumerate(good, 1)


def read_rows(source: str, *, path: str, reading: Reading, rows: Collection[int]) -> dict[int, Any]:
    """The records at these rows of a file; rows that it has not are left out."""
    if not rows:
        return {}
    last = max(rows)
    read = islice(records_of(source, path=path, reading=reading), last)
    return {row: value for row, value in read if row in rows}


def is_too_deep(value: Any) -> bool:
    """Whether a scan refuses the value, so that it has no row."""
    try:
        count_tokens(value)
    except MalformedError:
        return True
    return False


def presentable(value: Any) -> Any:
    """The value as `json.dumps` can write it: a number that no JSON reader would read back stands as its text."""
    return with_numbers(value, lambda number: number.text)


def with_numbers(value: Any, spelled: Callable[[Number], Any]) -> Any:
    """The value with something in place of each number that JSON's readers have no value for."""
    kind = type(value)
    # Loops, as a comprehension would take a second frame for each of up to 500 levels.
    if kind is dict:
        members = {}
        for name, each in value.items():
            members[name] = with_numbers(each, spelled)
        return members
    if kind is list:
        elements = []
        for each in value:
            elements.append(with_numbers(each, spelled))
        return elements
    return spelled(value) if kind is Number else value


def json_text(value: Any) -> str:
    """The value as JSON on one line."""
    return json.dumps(presentable(value), ensure_ascii=False)


def short_text(value: Any) -> str:
    """The value as JSON on one line, cut where it is very long."""
    text = json_text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
