"""Scores of a version's records, found by merging two ascending streams, and what they come to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dsv.model.scores import Kind, Scored, ScorerSummary, Shares
from dsv.records.scores.revisions import label_of
from dsv.records.scores.score_file import ORIGIN, Batch
from dsv.records.scores.spread import SpreadCounter

MOST_VALUES = 20
"""Of a facet so many values are told."""

MOST_PARTS = 1000
"""A facet with more values is not one: nothing is told of any."""

_END = b"\xff" * 17  # greater than any fingerprint


class Matched(NamedTuple):
    """Records of a version that have a score: for each the place of the row in the batch, and its file and row."""

    batch: Batch
    places: list[int]
    files: list[int]
    rows: list[int]


def matched(batches: Iterable[Batch], entries: Iterator[tuple[Any, ...]]) -> Iterator[Matched]:
    """The scores of the records that a version has, by the entries of its record index; equal records share one."""
    entry = next(entries, None)
    for batch in batches:
        places: list[int] = []
        files: list[int] = []
        rows: list[int] = []
        for place, fingerprint in enumerate(batch.fingerprints):
            while entry is not None and entry[0] < fingerprint:
                entry = next(entries, None)
            while entry is not None and entry[0] == fingerprint:
                places.append(place)
                files.append(entry[-2])
                rows.append(entry[-1])
                entry = next(entries, None)
        yield Matched(batch, places, files, rows)
    for _ in entries:  # to the end, where the index is held against its digest
        pass


def unscored(batches: Iterable[Batch], entries: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The entries of a version's record index that no row of scores is for."""
    known = (fingerprint for batch in batches for fingerprint in batch.fingerprints)
    fingerprint = next(known, _END)
    for entry in entries:
        while fingerprint < entry[0]:
            fingerprint = next(known, _END)
        if fingerprint != entry[0]:
            yield entry


class _Part:
    """The scores of a part of the version."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.n = 0
        self._numbers = {name: SpreadCounter() for name, kind in kinds.items() if kind is Kind.NUMBER}
        self._flags = {name: Counter[bool]() for name, kind in kinds.items() if kind is Kind.BOOLEAN}

    def add(self, columns: Mapping[str, Sequence[Any]], n: int) -> None:
        """Take the values of so many records."""
        self.n += n
        for name, counter in self._numbers.items():
            counter.add([value for value in columns[name] if value is not None])
        for name, counts in self._flags.items():
            counts.update(value for value in columns[name] if value is not None)

    def finish(self, records: int) -> Scored:
        """What they come to, the part having so many records."""
        numbers = {name: counter.finish() for name, counter in self._numbers.items() if counter.n}
        flags = {name: Shares(counts.total(), counts[True]) for name, counts in self._flags.items() if counts}
        return Scored(records, self.n, numbers, flags)


def summary(
    scorer: str,
    batches: Iterable[Batch],
    *,
    kinds: Mapping[str, Kind],
    entries: Iterator[tuple[Any, ...]],
    split_of: Callable[[int], str | None],
    records: int,
    splits: Mapping[str, int],
    facets: Sequence[str],
) -> ScorerSummary:
    """What a scorer's scores come to in the version with these entries, so many records, and so many in each split.

    `facets` are the columns by whose values they are told too.
    """
    summed = {name: kind for name, kind in kinds.items() if kind is not Kind.TEXT}
    facets = [name for name in facets if name in kinds]
    whole = _Part(summed)
    by_split: dict[str, _Part] = defaultdict(lambda: _Part(summed))
    by_facet: dict[str, dict[str, _Part]] = {name: {} for name in facets}
    told: dict[str, set[str]] = {name: set() for name in ORIGIN}
    for found in matched(batches, entries):
        columns = {name: _taken(values, found.places) for name, values in found.batch.columns.items()}
        for name, seen in told.items():
            seen.update(value for value in columns[name] if value)
        whole.add(columns, len(found.places))
        names = {file: split_of(file) for file in set(found.files)}
        for split, n, part in _parted(columns, [names[file] for file in found.files], only=summed):
            by_split[split].add(part, n)
        for facet in facets:
            parts = by_facet[facet]
            for value, n, part in _parted(columns, list(map(label_of, columns[facet])), only=summed):
                if value in parts or len(parts) <= MOST_PARTS:
                    parts.setdefault(value, _Part(summed)).add(part, n)
    return ScorerSummary(
        scorer=scorer,
        whole=whole.finish(records),
        models=tuple(sorted(told["model"])),
        prompts=tuple(sorted(told["prompt_sha256"])),
        first=min(told["scored_at"], default=""),
        last=max(told["scored_at"], default=""),
        splits={name: by_split[name].finish(splits[name]) for name in sorted(splits)},
        facets={name: _most(parts, records=records) for name, parts in by_facet.items()},
        left_out={
            name: len(parts) - len(_shown(parts)) for name, parts in by_facet.items() if len(parts) > len(_shown(parts))
        },
    )


def _most(parts: Mapping[str, _Part], *, records: int) -> dict[str, Scored]:
    return {value: parts[value].finish(records) for value in _shown(parts)}


def _shown(parts: Mapping[str, _Part]) -> list[str]:
    """The values with the most records; none of a facet with more values than are counted."""
    if len(parts) > MOST_PARTS:
        return []
    return sorted(parts, key=lambda value: (-parts[value].n, value))[:MOST_VALUES]


def _taken(values: Sequence[Any], places: Sequence[int]) -> Sequence[Any]:
    return values if len(places) == len(values) and _each_once(places) else [values[place] for place in places]


def _each_once(places: Sequence[int]) -> bool:
    """Whether places, as many as there are, name each one: they ascend, so the last says it."""
    return not places or (places[0] == 0 and places[-1] == len(places) - 1 and len(set(places)) == len(places))


def _parted(
    columns: Mapping[str, Sequence[Any]], values: Sequence[str | None], *, only: Iterable[str]
) -> Iterator[tuple[str, int, dict[str, Sequence[Any]]]]:
    """The columns of the rows with each value that there is, and how many rows these are."""
    kept = {name: columns[name] for name in only}
    groups: dict[str, list[int]] = defaultdict(list)
    for place, value in enumerate(values):
        if value is not None:
            groups[value].append(place)
    for value, places in sorted(groups.items()):
        if len(places) == len(values):
            yield value, len(places), kept
        else:
            yield value, len(places), {name: [column[each] for each in places] for name, column in kept.items()}
