"""Two changed versions of a dataset brought together: what each side did to files and records since their base.

With a key, each record is decided by itself: its content, and the file it is in, are taken from the side that changed
them. So a record that one side edited is found again where the other side moved it. Nothing here reads data: record
indexes tell what changed, and a plan tells of which pieces each file of the result is made.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from dsv.records.index import Place, RecordIndex, file_numbers
from dsv.records.runs import SortedRuns

CONFLICTS_NAMED = 200
"""How many conflicts are named; all are counted."""

BOTH_CHANGED = "both sides changed it, each in its own way"

_CHANGED_ROW = struct.Struct(">16s16sBII")
"""Key fingerprint, fingerprint, party, file number, row number."""

_END: tuple[Any, ...] = (b"\xff" * 17,)  # greater than any fingerprint

_Value = TypeVar("_Value")


class Party(IntEnum):
    """One of the three versions that a merge looks at."""

    BASE = 0
    OURS = 1
    THEIRS = 2

    @property
    def word(self) -> str:
        """As people read it."""
        return self.name.lower()


class SharedKeyError(Exception):
    """Several records of one version have the same key, so that records cannot be told apart by it."""


@dataclass(frozen=True)
class State:
    """One version: its files as path -> digest, and its record index where records are merged by key."""

    files: Mapping[str, str]
    index: RecordIndex | None = None

    @property
    def paths(self) -> list[str]:
        """The paths by file number."""
        return list(file_numbers(self.files))

    def entries(self) -> Iterator[tuple[Any, ...]]:
        """The rows as (fingerprint, key fingerprint, file, row), ascending; none of a version without records."""
        return self.index.entries() if self.index is not None and self.index.keyed else iter(())


class Origin(NamedTuple):
    """Where a record's bytes are: the party, the number of its file there, and its row in it from 1."""

    party: Party
    file: int
    row: int


@dataclass
class FilePlan:
    """One file of the result: the file of one party, with records taken out, replaced, and put to its end."""

    path: str
    party: Party
    both_changed: bool = False
    drop: set[int] = field(default_factory=set)
    replace: dict[int, Origin] = field(default_factory=dict)
    append: list[Origin] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether it is the party's file as it is."""
        return not (self.drop or self.replace or self.append)


@dataclass(frozen=True)
class FileConflict:
    """A file that cannot be decided: the digest that each party has (None: no such file), and why."""

    path: str
    base: str | None
    ours: str | None
    theirs: str | None
    reason: str = BOTH_CHANGED


@dataclass(frozen=True)
class RecordConflict:
    """A record that cannot be decided: where each party has it (None: nowhere)."""

    base: Place | None
    ours: Place | None
    theirs: Place | None


@dataclass
class Counts:
    """What the result has of theirs, seen from ours: records, or files where those are merged as a whole."""

    added: int = 0
    removed: int = 0
    modified: int = 0
    moved: int = 0

    @property
    def text(self) -> str:
        """In words."""
        named = {"added": self.added, "removed": self.removed, "modified": self.modified, "moved": self.moved}
        return ", ".join(f"{count:,} {word}" for word, count in named.items() if count) or "nothing to add"


@dataclass
class MergePlan:
    """The files of the result by path, what stands in its way, and what it brings."""

    files: dict[str, FilePlan] = field(default_factory=dict)
    file_conflicts: list[FileConflict] = field(default_factory=list)
    record_conflicts: list[RecordConflict] = field(default_factory=list)
    record_conflict_count: int = 0
    counts: Counts = field(default_factory=Counts)


def merged_value(base: _Value, ours: _Value, theirs: _Value) -> tuple[_Value, bool]:
    """The value of who changed it, and whether that is sure; ours where both changed it differently."""
    if theirs in (ours, base):
        return ours, True
    return (theirs, True) if base == ours else (ours, False)


def plan_files(base: State, ours: State, theirs: State, *, favour: Party | None = None) -> MergePlan:
    """The merge by whole files: one that a single side changed is taken, one that both changed alike is kept.

    `favour` is the side whose file is taken where both changed it differently; without, that is a conflict.
    """
    plan = MergePlan()
    for path in sorted({*base.files, *ours.files, *theirs.files}):
        _decide_file(plan, path, base, ours, theirs, favour=favour)
    return plan


def plan_records(
    base: State,
    ours: State,
    theirs: State,
    *,
    readable: Callable[[str], bool],
    split_of: Callable[[str], str | None],
    favour: Party | None = None,
    spill: str | None = None,
) -> MergePlan:
    """The merge by records that have a key, and of files that hold none (not `readable`) as a whole.

    A record that both sides changed differently, that one changed and the other removed, or that went to different
    splits is a conflict unless `favour` says whose is taken. SharedKeyError where the key does not tell records apart.
    """
    plan = MergePlan()
    kept_only_by: dict[str, Party] = {}
    for path in sorted({*base.files, *ours.files, *theirs.files}):
        if not readable(path):
            _decide_file(plan, path, base, ours, theirs, favour=favour)
        elif (chosen := _skeleton(path, base, ours, theirs)) is not None:
            plan.files[path] = chosen
            if path in base.files and (path in ours.files) != (path in theirs.files):
                kept_only_by[path] = chosen.party
    states = (base, ours, theirs)
    with SortedRuns(_CHANGED_ROW.size, directory=spill) as changed:
        _collect_changed(states, changed)
        decide = _Decisions(plan, [state.paths for state in states], split_of=split_of, favour=favour)
        for _, rows in groupby(map(_CHANGED_ROW.unpack, changed), key=lambda row: row[0]):
            decide.record(list(rows))
    decide.name_conflicts()
    _drop_emptied(plan, kept_only_by, base, ours, theirs, favour=favour)
    for each in plan.files.values():
        each.append.sort()
    return plan


def _decide_file(plan: MergePlan, path: str, base: State, ours: State, theirs: State, *, favour: Party | None) -> None:
    before, here, there = base.files.get(path), ours.files.get(path), theirs.files.get(path)
    digest, sure = merged_value(before, here, there)
    if not sure and favour is None:
        plan.file_conflicts.append(FileConflict(path, before, here, there))
    elif not sure and favour is Party.THEIRS:
        digest = there
    if digest is not None:
        plan.files[path] = FilePlan(path, Party.OURS if digest == here else Party.THEIRS)
    if digest != here:
        counts = plan.counts
        counts.added += here is None
        counts.removed += digest is None
        counts.modified += here is not None and digest is not None


def _skeleton(path: str, base: State, ours: State, theirs: State) -> FilePlan | None:
    """The file that most of the result's file is of: that of the side that changed it, ours where both did."""
    before, here, there = base.files.get(path), ours.files.get(path), theirs.files.get(path)
    if here is None and there is None:
        return None
    if here is None or (before == here and there is not None):
        return FilePlan(path, Party.THEIRS)
    return FilePlan(path, Party.OURS, both_changed=there is not None and there not in (before, here))


def _collect_changed(states: Sequence[State], changed: SortedRuns) -> None:
    """The rows of all records that are not the same in the same file of all three, to be sorted by their keys."""
    numbers: dict[str, int] = {}
    paths = [[numbers.setdefault(path, len(numbers)) for path in state.paths] for state in states]
    in_base, in_ours, in_theirs = paths
    streams = [state.entries() for state in states]
    base, ours, theirs = streams
    b, o, t = (next(stream, _END) for stream in streams)
    rows: list[bytes] = []
    while True:
        if b[0] == o[0] == t[0]:
            if b is _END:
                break
            if not in_base[b[2]] == in_ours[o[2]] == in_theirs[t[2]]:
                rows += [_changed_row(0, b), _changed_row(1, o), _changed_row(2, t)]
            b, o, t = _following(base, b), _following(ours, o), _following(theirs, t)
        else:
            low = min(b[0], o[0], t[0])
            if b[0] == low:
                rows.append(_changed_row(0, b))
                b = _following(base, b)
            if o[0] == low:
                rows.append(_changed_row(1, o))
                o = _following(ours, o)
            if t[0] == low:
                rows.append(_changed_row(2, t))
                t = _following(theirs, t)
        if len(rows) > 1024:  # noqa: PLR2004 - a batch
            changed.add(rows)
            rows.clear()
    changed.add(rows)


def _changed_row(party: int, entry: tuple[Any, ...]) -> bytes:
    return _CHANGED_ROW.pack(entry[1], entry[0], party, entry[2], entry[3])


def _following(entries: Iterator[tuple[Any, ...]], entry: tuple[Any, ...]) -> tuple[Any, ...]:
    following = next(entries, _END)
    if following[0] == entry[0]:
        raise SharedKeyError
    return following


class _Seen(NamedTuple):
    """A record as one party has it."""

    content: bytes
    path: str
    place: Place


class _Decisions:
    """Decides one record after the other, and notes in the plans of files what follows."""

    def __init__(
        self,
        plan: MergePlan,
        paths: Sequence[Sequence[str]],
        *,
        split_of: Callable[[str], str | None],
        favour: Party | None,
    ) -> None:
        self._plan = plan
        self._paths = paths
        self._split_of = split_of
        self._favour = favour
        self._named: list[tuple[tuple[str, int], int, RecordConflict]] = []

    def record(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Decide the record with this key, by its rows in the three versions."""
        seen: list[_Seen | None] = [None, None, None]
        for _, content, party, file, row in rows:
            if seen[party] is not None:
                raise SharedKeyError
            seen[party] = _Seen(content, self._paths[party][file], Place(file, row))
        base, ours, theirs = seen
        content, sure = merged_value(*(each and each.content for each in (base, ours, theirs)))
        path, same_place = self._path(base, ours, theirs)
        if not (sure and same_place):
            if self._favour is None:
                self._conflict(base, ours, theirs)
            favoured = theirs if self._favour is Party.THEIRS else ours
            if not sure:
                content = favoured and favoured.content
            if favoured is not None:
                path = favoured.path
        self._note(content, path, ours, theirs)

    def name_conflicts(self) -> None:
        """Put the first conflicts, in the order of their places, into the plan."""
        self._plan.record_conflicts += [each for _, _, each in heapq.nsmallest(CONFLICTS_NAMED, self._named)]

    def _path(self, base: _Seen | None, ours: _Seen | None, theirs: _Seen | None) -> tuple[str | None, bool]:
        """The file that the record goes to, and whether it is sure: other files of one split are as good."""
        if ours is None or theirs is None:
            there = ours or theirs
            return there and there.path, True
        path, sure = merged_value(base and base.path, ours.path, theirs.path)
        return path, sure or self._split_of(ours.path) == self._split_of(theirs.path)

    def _conflict(self, base: _Seen | None, ours: _Seen | None, theirs: _Seen | None) -> None:
        plan = self._plan
        plan.record_conflict_count += 1
        first = ours or theirs
        if first is not None:
            conflict = RecordConflict(*(each and each.place for each in (base, ours, theirs)))
            self._named.append(((first.path, first.place.row), plan.record_conflict_count, conflict))
        if len(self._named) >= 8 * CONFLICTS_NAMED:
            self._named = heapq.nsmallest(CONFLICTS_NAMED, self._named)

    def _note(self, content: bytes | None, path: str | None, ours: _Seen | None, theirs: _Seen | None) -> None:
        files = self._plan.files
        origin = _origin(content, ours, theirs)
        is_there = False
        for party, seen in ((Party.OURS, ours), (Party.THEIRS, theirs)):
            if seen is None or (plan := files.get(seen.path)) is None or plan.party is not party:
                continue
            if origin is None or path != seen.path:
                plan.drop.add(seen.place.row)
                continue
            is_there = True
            if seen.content != content:
                plan.replace[seen.place.row] = origin
        if origin is not None and path is not None and not is_there:
            files[path].append.append(origin)
        self._count(content, path, ours)

    def _count(self, content: bytes | None, path: str | None, ours: _Seen | None) -> None:
        counts = self._plan.counts
        if ours is None:
            counts.added += content is not None
        elif content is None:
            counts.removed += 1
        elif content != ours.content:
            counts.modified += 1
        else:
            counts.moved += path != ours.path


def _origin(content: bytes | None, ours: _Seen | None, theirs: _Seen | None) -> Origin | None:
    """Where the content can be taken from; None for a record that goes."""
    for party, seen in ((Party.OURS, ours), (Party.THEIRS, theirs)):
        if seen is not None and seen.content == content:
            return Origin(party, seen.place.file, seen.place.row)
    return None


def _drop_emptied(
    plan: MergePlan,
    kept_only_by: Mapping[str, Party],
    base: State,
    ours: State,
    theirs: State,
    *,
    favour: Party | None,
) -> None:
    """Files that one side deleted are gone, when the other has put no record into them."""
    states = {Party.OURS: ours, Party.THEIRS: theirs}
    counted = {party: _records_by_path(states[party]) for party in set(kept_only_by.values())}
    for path, party in kept_only_by.items():
        state = states[party]
        each = plan.files[path]
        records = counted[party][path]
        if not records and state.files[path] != base.files[path]:  # something is in it that is no record
            digests = base.files.get(path), ours.files.get(path), theirs.files.get(path)
            if favour is None:
                plan.file_conflicts.append(FileConflict(path, *digests))
            elif favour is not party:
                del plan.files[path]
        elif records - len(each.drop) + len(each.append) == 0:
            del plan.files[path]


def _records_by_path(state: State) -> dict[str, int]:
    counts = [0] * len(state.files)
    for entry in state.entries():
        counts[entry[2]] += 1
    return dict(zip(state.paths, counts, strict=True))
