"""What differs between two record indexes, and between two lists of files.

How records pair is in `dsv.records.contents`. Packs are sorted by fingerprint, so where there are many rows each of
several workers pairs those of a part of the fingerprints.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from dsv.errors import MismatchError
from dsv.model.breakdown import Breakdown
from dsv.model.change import FilesChange, RecordCounts
from dsv.records import packs, sums
from dsv.records.contents import ByKey, Found, Part, Splits, Unpaired, pair_contents, pair_keys
from dsv.records.index import Place, RecordIndex
from dsv.records.runs import ROW, SortedRuns
from dsv.records.tally import Kind, Tally
from dsv.records.workers import Workers, in_order

SplitOf = Callable[[int], "str | None"]
"""The split of a file, by its number."""

_PART_ROWS = 1 << 17


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
    workers: Workers | None = None,
) -> Comparison:
    """The counts, and of each kind the first `limit` records; several `workers` of this machine pair a part each.

    `inside` tells by path and split which files the breakdown and the examples are about, all of them without it.
    """
    keyed = keyed and old.keyed and new.keyed
    splits = _splits(old, old_split), _splits(new, new_split)
    found = Found(limit, _tally(old, new, splits=splits, inside=inside))
    with _every_row_has_a_file(old, new), SortedRuns(ROW.size) as old_left, SortedRuns(ROW.size) as new_left:
        if workers is None or workers.count == 1 or not workers.on_this_machine:
            left = ByKey(old_left, new_left) if keyed else Unpaired(found)
            pair_contents(old.entries(), new.entries(), splits=splits, found=found, left=left)
        else:
            nothing = Found(limit, _tally(old, new, splits=splits, inside=inside))
            task = _Task(old.record_packs, new.record_packs, splits, nothing, keyed)
            for part in _parts(task, workers=workers):
                found.include(part)
                for runs, rows in ((old_left, part.old_left), (new_left, part.new_left)):
                    for run in runs.stored([rows]):
                        runs.accept(run)
        pair_keys(old_left, new_left, found=found)
    examples = tuple(
        Example(kind, Place(*before) if before else None, Place(*after) if after else None)
        for kind, before, after in found.examples()
    )
    return Comparison(found.tally.counts(), found.tally.breakdown(), examples)


def compare_opaque(old: RecordIndex, new: RecordIndex, *, old_split: SplitOf, new_split: SplitOf) -> RecordCounts:
    """The same for the opaque files that stand beside records."""
    splits = _splits(old, old_split), _splits(new, new_split)
    found = Found(0, _tally(old, new, splits=splits, inside=None))
    with _every_row_has_a_file(old, new):
        left = Unpaired(found)
        pair_contents(old.opaque_entries(), new.opaque_entries(), splits=splits, found=found, left=left)
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


@dataclass(frozen=True)
class _Task:
    """Two indexes whose records are to be paired. Nothing is found yet, and what is found stays where it was done."""

    old: Sequence[packs.Pack]
    new: Sequence[packs.Pack]
    splits: Splits
    found: Found
    keyed: bool

    def part(self, span: packs.Span, _: Callable[[int], None]) -> Part:
        """What becomes of the records whose fingerprints lie in a span."""
        old, new = (
            chain.from_iterable(packs.entries_between(pack, span) for pack in side) for side in (self.old, self.new)
        )
        with SortedRuns(ROW.size) as old_left, SortedRuns(ROW.size) as new_left:
            left = ByKey(old_left, new_left) if self.keyed else Unpaired(self.found)
            pair_contents(old, new, splits=self.splits, found=self.found, left=left)
            return self.found.as_part(b"".join(old_left), b"".join(new_left))


def _parts(task: _Task, *, workers: Workers) -> Iterator[Part]:
    """The parts in their order; MismatchError after the last where rows do not have the digest of their pack."""
    checked = [workers.submit(packs.check_digest, pack) for pack in (*task.old, *task.new)]
    rows = max(sum(pack.rows for pack in side) for side in (task.old, task.new))
    count = max(2 * workers.count, rows // _PART_ROWS)
    yield from in_order(workers, task.part, ((span,) for span in packs.spans(count)))
    for each in checked:
        each.result()


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
    old: RecordIndex, new: RecordIndex, *, splits: Splits, inside: Callable[[str, str | None], bool] | None
) -> Tally:
    sides = [
        [(path, split) for (path, _), split in zip(index.files, each, strict=True)]
        for index, each in zip((old, new), splits, strict=True)
    ]
    return Tally(*sides, inside=inside)


def _splits(index: RecordIndex, split_of: SplitOf) -> list[str | None]:
    return [split_of(number) for number in range(len(index.files))]
