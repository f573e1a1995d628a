"""Records that two places share, told from record indexes alone: two splits, or a version and versions elsewhere."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from dsv.checks.rules.measured import Measured, Vacuous
from dsv.checks.rules.outcome import Example
from dsv.checks.rules.repeated import repeated
from dsv.checks.rules.version import CheckedVersion, Elsewhere
from dsv.model.rule import Rule
from dsv.records.index import NAMED, Place, RecordIndex
from dsv.records.lookup import find_in_packs

_EVERY = 1 << 62


def is_elsewhere(place: str) -> bool:
    """Whether a place names versions of a dataset, and not a split."""
    return "@" in place


@dataclass(frozen=True)
class Sides:
    """The records that are looked at, of one split or (None) all that the other side does not name, and that side."""

    left: str | None
    right: str
    whole: int

    @property
    def who(self) -> str:
        """What the records that are looked at are called."""
        if self.left is not None:
            return f"records of {self.left}"
        return "records" if is_elsewhere(self.right) else "other records"


def sides_of(rule: Rule, version: CheckedVersion) -> Sides | Measured | Vacuous:
    """What a rule holds against what; the whole version stands first where one thing is named."""
    names = rule.call.names
    left, right = (names[0] if len(names) > 1 else None), names[-1]
    if left is not None and is_elsewhere(left):
        if is_elsewhere(right):
            return Measured(Fraction(), "", strange=f"neither {left} nor {right} is in the new version")
        left, right = right, left
    splits = {version.split_of_file(number) for number in range(len(version.opened().files))}
    if absent := [each for each in (left, right) if each and not is_elsewhere(each) and each not in splits]:
        return Vacuous(f"there is no split {absent[0]}")
    whole = version.records if left is None else version.splits.get(left, 0)
    if left is None and not is_elsewhere(right):
        whole -= version.splits.get(right, 0)
    return Sides(left, right, whole)


def overlap(rule: Rule, version: CheckedVersion) -> Measured | Vacuous:
    """How many records of the first place are also in the second."""
    sides = sides_of(rule, version)
    if isinstance(sides, Measured | Vacuous):
        return sides
    if not is_elsewhere(sides.right):
        return _between_splits(sides, version)
    others = version.elsewhere(sides.right)
    return _with_others(sides, others, version) if others else Vacuous(f"{sides.right} is no version yet")


def _between_splits(sides: Sides, version: CheckedVersion) -> Measured:
    """Records of a split, or of all that is not in the other, that the other has too."""
    index, split_of = version.opened(), version.split_of_file
    splits = [split_of(number) for number in range(len(index.files))]
    on_right = [split == sides.right for split in splits]
    on_left = [split == sides.left if sides.left else split != sides.right for split in splits]
    count = 0
    first: list[tuple[Place, Place]] = []
    for several in repeated(index.entries()):
        places = [Place(entry[-2], entry[-1]) for entry in several]
        if twin := next((each for each in places if on_right[each.file]), None):
            shared = [each for each in places if on_left[each.file]]
            count += len(shared)
            first += [(each, twin) for each in shared]
            if len(first) > NAMED * NAMED:
                first = _nearest(first)

    def examples() -> tuple[Example, ...]:
        return tuple(_is_also(version, place, version.example(twin)) for place, twin in _nearest(first))

    told = f"{count:,} of {sides.whole:,} {sides.who} are in {sides.right} too"
    return Measured(Fraction(count), told, sides.whole, count, examples)


def _with_others(sides: Sides, others: Sequence[Elsewhere], version: CheckedVersion) -> Measured:
    """Records that one of the other versions has: their fingerprints are looked up in the index of the new one."""
    index, left = version.opened(), sides.left
    inside = _inside(left, version, index)
    count = 0
    first: list[tuple[Place, str]] = []
    readable = [each for each in others if each.index.readable == index.readable]
    packs = [pack.path for pack in index.record_packs]
    wanted = _fingerprints(readable)
    for name, hits in find_in_packs(packs, wanted, opaque=not index.readable, limit=_EVERY if left else NAMED):
        places = [Place(*each) for each in hits.first if inside(each[0])]
        count += hits.total if left is None else len(places)
        first += [(place, name) for place in places]
        if len(first) > NAMED * NAMED:
            first = heapq.nsmallest(NAMED, first, key=_place_first)

    def examples() -> tuple[Example, ...]:
        chosen = heapq.nsmallest(NAMED, first, key=_place_first)
        return tuple(version.example(place, f"is in {name}") for place, name in chosen)

    versions = f"{len(others)} version{'' if len(others) == 1 else 's'}"
    told = f"{count:,} of {sides.whole:,} {sides.who} are in {sides.right} ({versions})"
    return Measured(Fraction(count), told, sides.whole, count, examples)


def _fingerprints(others: Sequence[Elsewhere]) -> Iterator[tuple[bytes, str]]:
    """Every fingerprint once, ascending, with the first of the versions that has it."""
    streams = [_numbered(each.index, number) for number, each in enumerate(others)]
    merged = heapq.merge(*streams) if len(streams) > 1 else iter(streams[0] if streams else ())
    for fingerprint, several in groupby(merged, key=lambda each: each[0]):
        yield fingerprint, others[next(several)[1]].name


def _numbered(index: RecordIndex, number: int) -> Iterator[tuple[bytes, int]]:
    return ((row[:16], number) for row in index.rows())


def _inside(left: str | None, version: CheckedVersion, index: RecordIndex) -> Callable[[int], bool]:
    if left is None:
        return lambda _: True
    return [version.split_of_file(number) == left for number in range(len(index.files))].__getitem__


def _nearest(first: list[tuple[Place, Place]]) -> list[tuple[Place, Place]]:
    return heapq.nsmallest(NAMED, first, key=lambda each: (each[0].file, each[0].row))


def _place_first(each: tuple[Place, str]) -> tuple[int, int, str]:
    return each[0].file, each[0].row, each[1]


def _is_also(version: CheckedVersion, place: Place, twin: Example) -> Example:
    return version.example(place, f"is {twin.file} record {twin.row} too")
