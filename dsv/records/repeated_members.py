"""Objects of JSON that name a member twice: which readers of JSON pass over, each in its own way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from dsv.model.problems import shown
from dsv.records.formats import json_document, jsonl
from dsv.records.formats.compression import decompressed, is_compressed
from dsv.records.formats.contract import LARGEST_RECORD, CannotReadError

FORMATS = frozenset({jsonl.NAME, json_document.NAME})
"""The formats in which members are named."""


class _Members:
    """A hook for the parser that keeps the names which an object has twice."""

    def __init__(self) -> None:
        self.repeated: dict[str, None] = {}
        self._parse = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=_nothing, parse_float=_nothing, parse_constant=_nothing
        ).decode

    def of(self, text: str) -> list[str]:
        """The names that some object in the text has twice; none of a text that is no JSON."""
        self.repeated = {}
        try:
            self._parse(text)
        except (ValueError, RecursionError):
            return []
        return list(self.repeated)

    def _object(self, pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            self.repeated.update(dict.fromkeys(name for name in names if names.count(name) > 1))


def repeated_members(source: str, *, path: str, format_name: str) -> Iterator[str]:
    """For each record, or document, in which a member is named twice: its place in the file, and the names.

    `source` is where the file lies, `path` what it is called, which says how it is packed.
    """
    members = _Members()
    with open(source, "rb") as stream:
        text = decompressed(stream, path=path) if is_compressed(path) else stream
        try:
            for place, piece in _pieces(text, format_name):
                if names := members.of(piece.decode(errors="replace").removeprefix("\ufeff")):
                    yield f"{place}{', '.join(map(shown, names))} twice"
        except CannotReadError:  # which the scan tells of
            return


def _pieces(stream: IO[bytes], format_name: str) -> Iterator[tuple[str, bytes]]:
    """The lines of JSON Lines; the whole of a document."""
    if format_name == jsonl.NAME:
        for number, line in enumerate(stream, start=1):
            if len(line) <= LARGEST_RECORD:
                yield f"line {number}: ", line
    else:
        content = stream.read(json_document.LARGEST_DOCUMENT + 1)
        if len(content) <= json_document.LARGEST_DOCUMENT:
            yield "", content


def _nothing(_: str) -> None:
    """In place of a number, which is not looked at."""
