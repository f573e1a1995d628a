"""The counts of a comparison by split and by file, kept while records are paired.

Pairs are counted by the groups of files on their two sides, a group being a split inside or outside the part that was
asked for. So the cost for a pair is one addition, and memory grows with the splits and not with the files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from enum import IntEnum

from dsv.model.breakdown import Breakdown, FileCounts, PartCounts, SplitCounts
from dsv.model.change import RecordCounts
from dsv.records import sums

_Group = tuple["str | None", bool]
_Place = tuple[int, int]


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


class Moves(dict[int, bool]):
    """Whether a pair of groups is a move: from one named split to another."""

    def __init__(self, groups: Sequence[_Group], width: int) -> None:
        super().__init__()
        self._groups, self._width = groups, width

    def __missing__(self, pair: int) -> bool:
        old, new = (self._groups[number][0] for number in divmod(pair, self._width))
        self[pair] = found = None not in (old, new) and old != new
        return found


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
        self.moves = Moves(self._groups, self._width)
        self.unchanged: defaultdict[int, int] = defaultdict(int)
        self._pairs: dict[Kind, defaultdict[int, int]] = {kind: defaultdict(int) for kind in Kind}
        self._by_file: dict[Kind, defaultdict[int, int]] = {kind: defaultdict(int) for kind in Kind}

    def add(self, kind: Kind, old: _Place | None, new: _Place | None) -> bool:
        """Count a record of a class; True when it is in the part asked for. IndexError for a file that is not there."""
        nowhere = self._width - 1
        base = self.old_base[old[0]] if old else nowhere * self._width
        group = self.new_group[new[0]] if new else nowhere
        self._pairs[kind][base + group] += 1
        before = self._old_file[old[0]] if old and self._old_inside[old[0]] else None
        after = self._new_file[new[0]] if new and self._new_inside[new[0]] else None
        counts = self._by_file[kind]
        if after is not None:
            counts[after] += 1
        if before is not None and before != after:
            counts[before] += 1
        return before is not None or after is not None

    def counts(self) -> RecordCounts:
        """How many records of all are in each class."""
        changed = {kind.word: sum(pairs.values()) for kind, pairs in self._pairs.items()}
        return RecordCounts(unchanged=sum(self.unchanged.values()), **changed)

    def breakdown(self) -> Breakdown:
        """The counts of the part asked for, and of its splits and files."""
        whole: defaultdict[str, int] = defaultdict(int)
        by_split: dict[str | None, defaultdict[str, int]] = {
            split: defaultdict(int) for split, holds in self._groups if holds
        }
        classes = {**{kind.word: pairs for kind, pairs in self._pairs.items()}, "unchanged": self.unchanged}
        for word, pairs in classes.items():
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

    def _inside(self, number: int) -> tuple[str | None, ...]:
        """The split of a group, as the only element; nothing for a group outside the part, and for no place."""
        split, holds = self._groups[number] if number < len(self._groups) else (None, False)
        return (split,) if holds else ()

    def _changed_files(self) -> tuple[FileCounts, ...]:
        numbers = {number for counts in self._by_file.values() for number in counts}
        found = [
            FileCounts(self._files[each], **{kind.word: counts.get(each, 0) for kind, counts in self._by_file.items()})
            for each in numbers
        ]
        return tuple(sorted(found, key=lambda each: (-each.changed, sums.path_bytes(each.path))))
