"""The elements of a long JSON list, cut out part by part: all at once, small ones would take fifty times their size."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

PART = 1 << 18
"""Bytes of the list that are looked at together, where its elements are shorter than that."""

_SPACE = b" \t\r\n"
_CLOSING = {b"{": b"}", b"[": b"]", b'"': b'"'}
_ATTEMPTS = 16
_COMMAS_LOOKED_AT = 1024
_NEAR = 64

_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


def elements(text: memoryview) -> Iterator[msgspec.Raw]:
    """The elements of the JSON list that is this text; ValueError, RecursionError as msgspec where it is none.

    Only their structure is looked at. Errors may come after many elements.
    """
    if len(text) <= PART:
        yield from _split(text)
        return
    first = start = _start(text)
    end = _end(text)
    size = PART
    while end - start > size:
        part = bytes(text[start : start + size])
        found, length = _whole_elements(part)
        if not found:
            size *= 4
            continue
        yield from found
        start += length + 1
        size = max(PART, size // 4)
    if start == first:
        yield from _split(text)
        return
    last = _split(b"[%b]" % bytes(text[start:end]))
    if not last:
        raise ValueError("a comma at the end of a list")
    yield from last


def _start(text: memoryview) -> int:
    head = bytes(text[:PART])
    blank = len(head) - len(head.lstrip(_SPACE))
    if head[blank : blank + 1] != b"[":
        raise ValueError("no list begins here")
    return blank + 1


def _end(text: memoryview) -> int:
    tail = bytes(text[-PART:])
    inside = tail.rstrip(_SPACE)
    if not inside.endswith(b"]"):
        raise ValueError("no list ends here")
    return len(text) - (len(tail) - len(inside)) - 1


def _whole_elements(part: bytes) -> tuple[list[msgspec.Raw], int]:
    """The elements up to one of the last commas that stand between two, and its place; none when it is not found.

    What stands ahead of a comma is a list of whole elements, put in brackets, just where the comma is no part of one.
    """
    for comma in _likely_commas(part):
        try:
            found = _split(b"[%b]" % part[:comma])
        except (ValueError, RecursionError):
            continue
        if found:
            return found, comma
    return [], 0


def _likely_commas(part: bytes) -> Iterator[int]:
    """The last commas: first those between what begins as the first element does and what ends like that."""
    opening = part.lstrip(_SPACE)[:1]
    closing = _CLOSING.get(opening, b"")
    between = (
        comma
        for comma in islice(_commas(part), _COMMAS_LOOKED_AT)
        if part[max(0, comma - _NEAR) : comma].rstrip(_SPACE).endswith(closing)
        and part[comma + 1 : comma + _NEAR].lstrip(_SPACE).startswith(opening if closing else b"")
    )
    attempts = max(1, _ATTEMPTS * PART // len(part))  # each costs as much as the part is long
    yield from islice(between, attempts)
    yield from islice(_commas(part), attempts // 4)


def _commas(part: bytes) -> Iterator[int]:
    comma = part.rfind(b",")
    while comma >= 0:
        yield comma
        comma = part.rfind(b",", 0, comma)
