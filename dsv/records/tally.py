"""The counts of a comparison by split and by file, kept while records are paired.

Pairs are counted by the groups of files on their two sides, a group being a split inside or outside the part that was
asked for. So the cost for a pair is one addition, and memory grows with the splits and not with the files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import add

from dsv.model.breakdown import Breakdown, FileCounts, PartCounts, SplitCounts
from dsv.model.change import RecordCounts
from dsv.records import sums


class Kind(IntEnum):
    """The classes of records that changed, in the order in which examples are given."""

    MODIFIED = 1
    ADDED = 2
    REMOVED = 3
    MOVED = 4

    @property
    def word(self) -> str:
        """The class as reports write it."""
        return self.name.lower()


_LISTED = 10_000
_OF_TWO_SIDES = (Kind.MODIFIED, Kind.MOVED)
_Group = tuple["str | None", bool]
_Place = tuple[int, int]


class Moves(dict[int, bool]):
    """Whether a pair of groups is a move: from one named split to another."""

    def __init__(self, groups: Sequence[_Group], width: int) -> None:
        super().__init__()
        self._groups, self._width = groups, width

    def __missing__(self, pair: int) -> bool:
        old, new = (
            self._groups[number][0] if number < len(self._groups) else None for number in divmod(pair, self._width)
        )
        self[pair] = found = None not in (old, new) and old != new
        return found


@dataclass
class Counted:
    """What a tally has counted: by pair of groups, by file, and of each side's files."""

    unchanged: list[int] | defaultdict[int, int]
    pairs: dict[Kind, defaultdict[int, int]]
    by_file: dict[Kind, defaultdict[int, int]]
    removed: list[int]
    added: list[int]


class Tally:
    """Counts by group and file. `old_base` and `new_group` hold by file number what adds up to a pair of groups."""

    def __init__(
        self,
        old: Sequence[tuple[str, str | None]],
        new: Sequence[tuple[str, str | None]],
        *,
        inside: Callable[[str, str | None], bool] | None = None,
    ) -> None:
        """`old` and `new` are the files as (path, split); `inside` tells the part asked for, all without it."""
        self._files = list(dict.fromkeys(path for path, _ in (*new, *old)))
        numbers = {path: number for number, path in enumerate(self._files)}
        self._old_file, self._new_file = ([numbers[path] for path, _ in each] for each in (old, new))
        self._old_inside, self._new_inside = ([not inside or inside(*file) for file in each] for each in (old, new))
        before = [(split, holds) for (_, split), holds in zip(old, self._old_inside, strict=True)]
        after = [(split, holds) for (_, split), holds in zip(new, self._new_inside, strict=True)]
        self._groups: list[_Group] = list(dict.fromkeys((*before, *after)))
        number_of = {group: number for number, group in enumerate(self._groups)}
        # One more than there are groups: the last stands for no place, the side that an added record lacks.
        self._width = len(self._groups) + 1
        self.old_base = [number_of[group] * self._width for group in before]
        self.new_group = [number_of[group] for group in after]
        moves = Moves(self._groups, self._width)
        pairs = self._width**2
        # Each pair of records asks both, and a list answers faster than a dictionary.
        self.moves: list[bool] | Moves = [moves[pair] for pair in range(pairs)] if pairs <= _LISTED else moves
        self.unchanged: list[int] | defaultdict[int, int] = [0] * pairs if pairs <= _LISTED else defaultdict(int)
        self._removed, self._added = [0] * len(old), [0] * len(new)
        self._pairs: dict[Kind, defaultdict[int, int]] = {kind: defaultdict(int) for kind in _OF_TWO_SIDES}
        self._by_file: dict[Kind, defaultdict[int, int]] = {kind: defaultdict(int) for kind in _OF_TWO_SIDES}

    def counted(self) -> Counted:
        """What was counted so far, for another tally of the same files."""
        return Counted(self.unchanged, self._pairs, self._by_file, self._removed, self._added)

    def include(self, other: Counted) -> None:
        """Count what another tally of the same files has counted."""
        for mine, theirs in ((self._removed, other.removed), (self._added, other.added)):
            mine[:] = map(add, mine, theirs)
        for kind in _OF_TWO_SIDES:
            for counts, more in ((self._pairs[kind], other.pairs[kind]), (self._by_file[kind], other.by_file[kind])):
                for number, count in more.items():
                    counts[number] += count
        unchanged = enumerate(other.unchanged) if isinstance(other.unchanged, list) else other.unchanged.items()
        for pair, count in unchanged:
            self.unchanged[pair] += count

    def add(self, kind: Kind, old: _Place | None, new: _Place | None) -> bool:
        """Count a record of a class; True when it is in the part asked for. IndexError for a file that is not there."""
        if old is None:
            number = new[0] if new else 0
            self._added[number] += 1
            return self._new_inside[number]
        if new is None:
            self._removed[old[0]] += 1
            return self._old_inside[old[0]]
        self._pairs[kind][self.old_base[old[0]] + self.new_group[new[0]]] += 1
        before = self._old_file[old[0]] if self._old_inside[old[0]] else None
        after = self._new_file[new[0]] if self._new_inside[new[0]] else None
        counts = self._by_file[kind]
        if after is not None:
            counts[after] += 1
        if before is not None and before != after:
            counts[before] += 1
        return before is not None or after is not None

    def add_alone(self, kind: Kind, files: Iterable[int]) -> None:
        """Count records that are on one side only, by the numbers of their files."""
        counts = self._removed if kind is Kind.REMOVED else self._added
        for number, count in Counter(files).items():
            counts[number] += count

    def counts(self) -> RecordCounts:
        """How many records of all are in each class."""
        changed = {kind.word: sum(pairs.values()) for kind, pairs in self._pairs.items()}
        unchanged = sum(self._unchanged().values())
        return RecordCounts(added=sum(self._added), removed=sum(self._removed), unchanged=unchanged, **changed)

    def breakdown(self) -> Breakdown:
        """The counts of the part asked for, and of its splits and files."""
        whole: defaultdict[str, int] = defaultdict(int)
        by_split: dict[str | None, defaultdict[str, int]] = {
            split: defaultdict(int) for split, holds in self._groups if holds
        }
        for word, pairs in self._all_pairs().items():
            for pair, count in pairs.items():
                old, new = (self._inside(number) for number in divmod(pair, self._width))
                for split in {split for side in (old, new) for split in side}:
                    by_split[split][word] += count
                whole[word] += count if old or new else 0
                for side, total in ((old, "old"), (new, "new")):
                    for split in side:
                        whole[total] += count
                        by_split[split][total] += count
        order = sorted(by_split, key=lambda split: (split is None, split or ""))
        return Breakdown(
            whole=PartCounts(**whole),
            splits=tuple(SplitCounts(split, PartCounts(**by_split[split])) for split in order),
            files=self._changed_files(),
        )

    def _unchanged(self) -> Mapping[int, int]:
        return self.unchanged if isinstance(self.unchanged, dict) else dict(enumerate(self.unchanged))

    def _all_pairs(self) -> dict[str, Mapping[int, int]]:
        """The counts of each class by pair of groups; where a record has one side only, the other is no group."""
        nowhere = self._width - 1
        added: defaultdict[int, int] = defaultdict(int)
        removed: defaultdict[int, int] = defaultdict(int)
        for group, count in zip(self.new_group, self._added, strict=True):
            added[nowhere * self._width + group] += count
        for base, count in zip(self.old_base, self._removed, strict=True):
            removed[base + nowhere] += count
        paired = {kind.word: pairs for kind, pairs in self._pairs.items()}
        return {"added": added, "removed": removed, "unchanged": self._unchanged(), **paired}

    def _inside(self, number: int) -> tuple[str | None, ...]:
        """The split of a group, as the only element; nothing for a group outside the part, and for no place."""
        split, holds = self._groups[number] if number < len(self._groups) else (None, False)
        return (split,) if holds else ()

    def _changed_files(self) -> tuple[FileCounts, ...]:
        by_kind: dict[str, Mapping[int, int]] = {kind.word: counts for kind, counts in self._by_file.items()}
        sides = (
            ("added", self._new_file, self._new_inside, self._added),
            ("removed", self._old_file, self._old_inside, self._removed),
        )
        for word, files, inside, counted in sides:
            several = zip(files, inside, counted, strict=True)
            by_kind[word] = {file: count for file, holds, count in several if holds and count}
        numbers = {number for counts in by_kind.values() for number in counts}
        found = [
            FileCounts(self._files[each], **{word: counts.get(each, 0) for word, counts in by_kind.items()})
            for each in numbers
        ]
        return tuple(sorted(found, key=lambda each: (-each.changed, sums.path_bytes(each.path))))
