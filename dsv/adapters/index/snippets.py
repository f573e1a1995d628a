"""The part of a text in which something was found, with the places of what was found in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_AROUND = 40
"""Characters shown before and after the first find."""


@dataclass(frozen=True)
class Snippet:
    """A line of text, and where what was looked for stands in it: (start, end), one behind the other."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        """The line with [brackets] around what was found."""
        parts, end = [], 0
        for start, stop in self.marks:
            parts += [self.text[end:start], "[", self.text[start:stop], "]"]
            end = stop
        return "".join([*parts, self.text[end:]])


def snippet(texts: Sequence[str], words: Sequence[str]) -> Snippet:
    """The surroundings of the first find in the text that holds most of the folded words, else the first text."""
    best: tuple[int, str, list[tuple[int, int]]] = (0, "", [])
    for text in texts:
        line = unicodedata.normalize("NFC", " ".join(text.split()))
        folded, origin = _folded_with_origin(line)
        held = [word for word in words if word in folded]
        if len(held) > best[0]:
            best = len(held), line, _places(folded, origin, held)
    _, line, places = best
    if not places:
        first = next((" ".join(text.split()) for text in texts if text.strip()), "")
        return Snippet(_cut(first, 0, 2 * _AROUND))
    start, end = max(places[0][0] - _AROUND, 0), places[0][1] + _AROUND
    moved = len("...") * (start > 0) - start
    marks = tuple((first + moved, last + moved) for first, last in places if last <= end)
    return Snippet(_cut(line, start, end), marks)


def _places(folded: str, origin: Sequence[int], words: Sequence[str]) -> list[tuple[int, int]]:
    """Where any of the words stands in the text that was folded; places that touch or overlap are one."""
    found = []
    for word in words:
        at = folded.find(word)
        while at >= 0:
            found.append((origin[at], origin[at + len(word) - 1] + 1))
            at = folded.find(word, at + len(word))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """The case-folded text, and for each of its characters the place in the text that it came from."""
    parts = [character.casefold() for character in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


def _cut(text: str, start: int, end: int) -> str:
    return f"{'...' if start > 0 else ''}{text[start:end]}{'...' if end < len(text) else ''}"
