"""What differs between two record indexes, and between two lists of files.

Records with equal contents pair first, inside a split, then across the unnamed rest, then from one named split to
another (moved). What is left pairs by key (modified); what is left then was added or removed. Every step is a
merge of sorted streams, so memory does not grow with the number of records.
"""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any

from dsv.errors import MismatchError
from dsv.model.breakdown import Breakdown
from dsv.model.change import FilesChange, RecordCounts
from dsv.records import sums
from dsv.records.index import Place, RecordIndex
from dsv.records.runs import ROW, SortedRuns
from dsv.records.tally import Kind, Tally

SplitOf = Callable[[int], "str | None"]
"""The split of a file, by its number."""

_Place = tuple[int, int]
_Splits = tuple[list["str | None"], list["str | None"]]
_END: tuple[Any, ...] = (b"\xff" * 17,)  # greater than any fingerprint
_BATCH_ROWS = 1024


@dataclass(frozen=True)
class Example:
    """One changed record and where it is; `old` is None for an added one, `new` for a removed one."""

    kind: Kind
    old: Place | None
    new: Place | None


@dataclass(frozen=True)
class Comparison:
    """The counts of all records, those of the part asked for, and examples from it.

    Examples come by kind, and in a kind by place: the new one, for removed records the old one.
    """

    counts: RecordCounts
    breakdown: Breakdown
    examples: tuple[Example, ...] = ()


def compare(old: RecordIndex, new: RecordIndex, *, old_split: SplitOf, new_split: SplitOf, keyed: bool) -> RecordCounts:
    """How many records fall into each class; by key only where both indexes have one."""
    return compare_with_examples(old, new, old_split=old_split, new_split=new_split, keyed=keyed, limit=0).counts


def compare_with_examples(
    old: RecordIndex,
    new: RecordIndex,
    *,
    old_split: SplitOf,
    new_split: SplitOf,
    keyed: bool,
    limit: int,
    inside: Callable[[str, str | None], bool] | None = None,
    spill: str | None = None,
) -> Comparison:
    """The counts, and of each kind the first `limit` records; `spill` is a directory for temporary files.

    `inside` tells by path and split which files the breakdown and the examples are about, all of them without it.
    """
    keyed = keyed and old.keyed and new.keyed
    splits = _splits(old, old_split), _splits(new, new_split)
    found = _Found(limit, _tally(old, new, splits=splits, inside=inside))
    with (
        _every_row_has_a_file(old, new),
        SortedRuns(ROW.size, directory=spill) as old_left,
        SortedRuns(ROW.size, directory=spill) as new_left,
    ):
        left: _Unpaired | _ByKey = _ByKey(old_left, new_left) if keyed else _Unpaired(found)
        _pair_contents(old.entries(), new.entries(), splits=splits, found=found, left=left)
        _pair_keys(old_left, new_left, found=found)
    return found.comparison()


def compare_opaque(old: RecordIndex, new: RecordIndex, *, old_split: SplitOf, new_split: SplitOf) -> RecordCounts:
    """The same for the opaque files that stand beside records."""
    splits = _splits(old, old_split), _splits(new, new_split)
    found = _Found(0, _tally(old, new, splits=splits, inside=None))
    with _every_row_has_a_file(old, new):
        left = _Unpaired(found)
        _pair_contents(old.opaque_entries(), new.opaque_entries(), splits=splits, found=found, left=left)
    return found.tally.counts()


def compare_files(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> FilesChange:
    """What differs between two lists of (path, hexadecimal SHA-256), each path standing once in a list."""
    before, after = dict(old), dict(new)
    gone: dict[str, deque[str]] = defaultdict(deque)
    for path in sorted(before.keys() - after.keys(), key=sums.path_bytes):
        gone[before[path]].append(path)
    added: list[str] = []
    renamed: list[tuple[str, str]] = []
    for path in sorted(after.keys() - before.keys(), key=sums.path_bytes):
        if same := gone[after[path]]:
            renamed.append((same.popleft(), path))
        else:
            added.append(path)
    kept = sorted(before.keys() & after.keys(), key=sums.path_bytes)
    modified = tuple(path for path in kept if before[path] != after[path])
    return FilesChange(
        added=tuple(added),
        removed=tuple(sorted((path for paths in gone.values() for path in paths), key=sums.path_bytes)),
        modified=modified,
        renamed=tuple(sorted(renamed, key=lambda pair: sums.path_bytes(pair[0]))),
        unchanged=len(kept) - len(modified),
    )


@dataclass
class _Found:
    """The counts so far, and of each kind the examples that come first in the part asked for."""

    limit: int
    tally: Tally
    _first: dict[Kind, list[tuple[_Place, _Place | None, _Place | None]]] = field(
        default_factory=lambda: {kind: [] for kind in Kind}
    )

    def add(self, kind: Kind, *, old: _Place | None, new: _Place | None) -> None:
        wanted = self.tally.add(kind, old, new)
        if self.limit and wanted and (place := new or old):
            first = self._first[kind]
            first.append((place, old, new))
            if len(first) >= 8 * self.limit + 64:
                self._first[kind] = heapq.nsmallest(self.limit, first, key=itemgetter(0))

    def stayed(self, old: Iterable[int], new: Iterable[int]) -> None:
        """Count records without a change, by their packed places."""
        unchanged, old_base, new_group = self.tally.unchanged, self.tally.old_base, self.tally.new_group
        for before, after in zip(old, new, strict=True):
            unchanged[old_base[before >> 32] + new_group[after >> 32]] += 1

    def comparison(self) -> Comparison:
        examples = tuple(
            Example(kind, Place(*old) if old else None, Place(*new) if new else None)
            for kind in Kind
            for _, old, new in heapq.nsmallest(self.limit, self._first[kind], key=itemgetter(0))
        )
        return Comparison(self.tally.counts(), self.tally.breakdown(), examples)


class _Unpaired:
    """Records whose content has no partner, where no key can find them one: removed and added."""

    def __init__(self, found: _Found) -> None:
        self._found = found

    def old(self, entry: tuple[Any, ...]) -> None:
        self._found.add(Kind.REMOVED, old=entry[-2:], new=None)

    def new(self, entry: tuple[Any, ...]) -> None:
        self._found.add(Kind.ADDED, old=None, new=entry[-2:])

    def close(self) -> None:
        """Nothing is held back."""


class _ByKey:
    """Records whose content has no partner, to be sorted by their keys."""

    def __init__(self, old: SortedRuns, new: SortedRuns) -> None:
        self._runs = old, new
        self._rows: tuple[list[bytes], list[bytes]] = [], []

    def old(self, entry: tuple[Any, ...]) -> None:
        self._put(0, entry)

    def new(self, entry: tuple[Any, ...]) -> None:
        self._put(1, entry)

    def close(self) -> None:
        for runs, rows in zip(self._runs, self._rows, strict=True):
            runs.add(rows)

    def _put(self, side: int, entry: tuple[Any, ...]) -> None:
        rows = self._rows[side]
        rows.append(ROW.pack(*entry[1:]))
        if len(rows) == _BATCH_ROWS:
            self._runs[side].add(rows)
            rows.clear()


@contextmanager
def _every_row_has_a_file(old: RecordIndex, new: RecordIndex) -> Iterator[None]:
    """MismatchError where the number of a row's file is beyond the files, as only a forged index has it."""
    try:
        yield
    except IndexError:
        raise MismatchError(
            f"a row of the record index {old.directory} or {new.directory} belongs to no file",
            hint="delete that record index; dsv makes it again from the data",
        ) from None


def _tally(
    old: RecordIndex, new: RecordIndex, *, splits: _Splits, inside: Callable[[str, str | None], bool] | None
) -> Tally:
    sides = [
        [(path, split) for (path, _), split in zip(index.files, each, strict=True)]
        for index, each in zip((old, new), splits, strict=True)
    ]
    return Tally(*sides, inside=inside)


def _splits(index: RecordIndex, split_of: SplitOf) -> list[str | None]:
    return [split_of(number) for number in range(len(index.files))]


def _pair_contents(
    old: Iterator[tuple[Any, ...]],
    new: Iterator[tuple[Any, ...]],
    *,
    splits: _Splits,
    found: _Found,
    left: _Unpaired | _ByKey,
) -> None:
    """Pair records with equal fingerprints; what finds no partner goes to `left`."""
    old_splits, new_splits = splits
    old_base, new_group, moves = found.tally.old_base, found.tally.new_group, found.tally.moves
    unchanged = found.tally.unchanged
    a, b = next(old, _END), next(new, _END)
    while True:
        if a[0] < b[0]:
            left.old(a)
            a = next(old, _END)
        elif a[0] > b[0]:
            left.new(b)
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
    left.close()


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
    found: _Found,
    left: _Unpaired | _ByKey,
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
    for place in sorted((*old_rest[entering:], *old_named[moved:])):
        left.old((*content, *_place(place)))
    for place in sorted((*new_rest[leaving:], *new_named[moved:])):
        left.new((*content, *_place(place)))


def _place(packed: int) -> _Place:
    return packed >> 32, packed & 0xFFFFFFFF


def _pair_keys(old: Iterable[bytes], new: Iterable[bytes], *, found: _Found) -> None:
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
