"""The records of two indexes in pairs, by content and then by key, counted.

Records with equal contents pair first, inside a split, then across the unnamed rest, then from one named split to
another (moved). What is left pairs by key (modified); what is left then was added or removed. Every step is a
merge of sorted streams, so memory does not grow with the number of records.
"""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from dsv.records.runs import ROW, SortedRuns
from dsv.records.tally import Counted, Kind, Tally

Splits = tuple[list["str | None"], list["str | None"]]
"""The split of each file, by its number, of the old and of the new index."""

_Place = tuple[int, int]
_First = dict[Kind, list[tuple[_Place, "_Place | None", "_Place | None"]]]
_END: tuple[Any, ...] = (b"\xff" * 17,)  # greater than any fingerprint
_FILE = itemgetter(-2)
_BATCH_ROWS = 1024


class Part(NamedTuple):
    """What was found in a part of the fingerprints, and the rows by key that are left of it, ascending."""

    counted: Counted
    first: _First
    old_left: bytes
    new_left: bytes


@dataclass
class Found:
    """The counts so far, and of each kind the examples that come first in the part asked for."""

    limit: int
    tally: Tally
    _first: _First = field(default_factory=lambda: {kind: [] for kind in Kind})

    def add(self, kind: Kind, *, old: _Place | None, new: _Place | None) -> None:
        """Count a record of a class."""
        wanted = self.tally.add(kind, old, new)
        if self.limit and wanted and (place := new or old):
            first = self._first[kind]
            first.append((place, old, new))
            if len(first) >= 8 * self.limit + 64:
                self._first[kind] = heapq.nsmallest(self.limit, first, key=itemgetter(0))

    def alone(self, kind: Kind, entries: Iterable[tuple[Any, ...]]) -> None:
        """Count records that are on one side only, by their entries."""
        if not self.limit:
            self.tally.add_alone(kind, map(_FILE, entries))
            return
        for entry in entries:
            place = entry[-2:]
            self.add(kind, old=place if kind is Kind.REMOVED else None, new=place if kind is Kind.ADDED else None)

    def stayed(self, old: Iterable[int], new: Iterable[int]) -> None:
        """Count records without a change, by their packed places."""
        unchanged, old_base, new_group = self.tally.unchanged, self.tally.old_base, self.tally.new_group
        for before, after in zip(old, new, strict=True):
            unchanged[old_base[before >> 32] + new_group[after >> 32]] += 1

    def as_part(self, old_left: bytes, new_left: bytes) -> Part:
        """All this, for another that looks for the same."""
        return Part(self.tally.counted(), self._first, old_left, new_left)

    def include(self, part: Part) -> None:
        """Take what was found in a part."""
        self.tally.include(part.counted)
        for kind, first in part.first.items():
            self._first[kind] = heapq.nsmallest(self.limit, [*self._first[kind], *first], key=itemgetter(0))

    def examples(self) -> Iterator[tuple[Kind, _Place | None, _Place | None]]:
        """The first records of each kind, by their places."""
        for kind in Kind:
            for _, old, new in heapq.nsmallest(self.limit, self._first[kind], key=itemgetter(0)):
                yield kind, old, new


class Unpaired:
    """Takes records whose content has no partner, where no key can find them one: removed and added."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def old(self, entries: Iterable[tuple[Any, ...]]) -> None:
        """Take some of the old index."""
        self._found.alone(Kind.REMOVED, entries)

    def new(self, entries: Iterable[tuple[Any, ...]]) -> None:
        """Take some of the new index."""
        self._found.alone(Kind.ADDED, entries)


class ByKey:
    """Takes records whose content has no partner, to be sorted by their keys."""

    def __init__(self, old: SortedRuns, new: SortedRuns) -> None:
        self._old, self._new = old, new

    def old(self, entries: Iterable[tuple[Any, ...]]) -> None:
        """Take some of the old index."""
        self._old.add_one_by_one(ROW.pack(*entry[1:]) for entry in entries)

    def new(self, entries: Iterable[tuple[Any, ...]]) -> None:
        """Take some of the new index."""
        self._new.add_one_by_one(ROW.pack(*entry[1:]) for entry in entries)


def pair_contents(
    old: Iterator[tuple[Any, ...]],
    new: Iterator[tuple[Any, ...]],
    *,
    splits: Splits,
    found: Found,
    left: Unpaired | ByKey,
) -> None:
    """Pair records with equal fingerprints; what finds no partner goes to `left`."""
    old_splits, new_splits = splits
    old_base, new_group, moves = found.tally.old_base, found.tally.new_group, found.tally.moves
    unchanged = found.tally.unchanged
    gone: list[tuple[Any, ...]] = []
    came: list[tuple[Any, ...]] = []
    a, b = next(old, _END), next(new, _END)
    while True:
        if a[0] < b[0]:
            gone.append(a)
            if len(gone) == _BATCH_ROWS:
                left.old(gone)
                gone.clear()
            a = next(old, _END)
        elif a[0] > b[0]:
            came.append(b)
            if len(came) == _BATCH_ROWS:
                left.new(came)
                came.clear()
            b = next(new, _END)
        elif a is _END:
            break
        else:
            next_a, next_b = next(old, _END), next(new, _END)
            if next_a[0] == a[0] or next_b[0] == b[0]:
                several_old, next_a = _same_content(a, next_a, old, old_splits)
                several_new, next_b = _same_content(b, next_b, new, new_splits)
                _pair_several(several_old, several_new, content=a[:-2], found=found, left=left)
            elif moves[pair := old_base[a[-2]] + new_group[b[-2]]]:
                found.add(Kind.MOVED, old=a[-2:], new=b[-2:])
            else:
                unchanged[pair] += 1
            a, b = next_a, next_b
    left.old(gone)
    left.new(came)


def _same_content(
    first: tuple[Any, ...], following: tuple[Any, ...], entries: Iterator[tuple[Any, ...]], splits: list[str | None]
) -> tuple[dict[str | None, array[int]], tuple[Any, ...]]:
    """The places of one content by split, in their order, and the first entry of the next content."""
    # One number a place: there may be millions of empty rows.
    places: dict[str | None, array[int]] = defaultdict(lambda: array("Q"))
    places[splits[first[-2]]].append(first[-2] << 32 | first[-1])
    while following[0] == first[0]:
        places[splits[following[-2]]].append(following[-2] << 32 | following[-1])
        following = next(entries, _END)
    return places, following


def _pair_several(
    old: dict[str | None, array[int]],
    new: dict[str | None, array[int]],
    *,
    content: tuple[Any, ...],
    found: Found,
    left: Unpaired | ByKey,
) -> None:
    """Pair the places of one content: inside a split, then with the unnamed rest, then from split to split."""
    for split in old.keys() & new.keys():
        pairs = min(len(old[split]), len(new[split]))
        found.stayed(old[split][:pairs], new[split][:pairs])
        del old[split][:pairs], new[split][:pairs]
    old_rest, new_rest = old.pop(None, array("Q")), new.pop(None, array("Q"))
    old_named, new_named = sorted(chain.from_iterable(old.values())), sorted(chain.from_iterable(new.values()))
    entering, leaving = min(len(old_rest), len(new_named)), min(len(old_named), len(new_rest))
    found.stayed(old_rest[:entering], new_named[:entering])
    found.stayed(old_named[:leaving], new_rest[:leaving])
    old_named, new_named = old_named[leaving:], new_named[entering:]
    moved = min(len(old_named), len(new_named))
    for before, after in zip(old_named, new_named, strict=False):
        found.add(Kind.MOVED, old=_place(before), new=_place(after))
    left.old((*content, *_place(place)) for place in sorted((*old_rest[entering:], *old_named[moved:])))
    left.new((*content, *_place(place)) for place in sorted((*new_rest[leaving:], *new_named[moved:])))


def _place(packed: int) -> _Place:
    return packed >> 32, packed & 0xFFFFFFFF


def pair_keys(old: Iterable[bytes], new: Iterable[bytes], *, found: Found) -> None:
    """Pair what is left by key, equal keys in the order of their places; the rest was removed or added."""
    before, after = map(ROW.unpack, old), map(ROW.unpack, new)
    a, b = next(before, _END), next(after, _END)
    while True:
        if a[0] < b[0]:
            found.add(Kind.REMOVED, old=a[1:], new=None)
            a = next(before, _END)
        elif a[0] > b[0]:
            found.add(Kind.ADDED, old=None, new=b[1:])
            b = next(after, _END)
        elif a is _END:
            break
        else:
            found.add(Kind.MODIFIED, old=a[1:], new=b[1:])
            a, b = next(before, _END), next(after, _END)
