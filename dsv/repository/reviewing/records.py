"""The records of two states side by side, for a review: counts by part, and a few changed records of every kind."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from dsv.model.breakdown import Breakdown
from dsv.model.change import RecordCounts
from dsv.model.executor import LOCAL, SERIAL
from dsv.records.changed_record import SIMILAR, RecordExample, RecordPlace, changed_record, for_reading
from dsv.records.formats import CannotReadError
from dsv.records.present import records_of
from dsv.repository.comparing.examples import examples_at
from dsv.repository.contents.comparison import are_keyed, compared_records

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.records.index import Place
    from dsv.repository.comparing.sources import RecordSource

MOST = 10
"""Changed records in a review of one version."""

_FIRST = 3
"""Records of a first version, of which each shows no more than what the others do."""

_KINDS = ("modified", SIMILAR, "added", "removed", "moved")


@dataclass(frozen=True)
class Compared:
    """The counts, and some changed records; `hidden` says whether there are others whose files are not here."""

    counts: RecordCounts
    breakdown: Breakdown
    examples: Sequence[RecordExample] = ()
    hidden: bool = False


def compare_sources(old: RecordSource, new: RecordSource, *, most: int, executor: Executor) -> Compared:
    """The two side by side, with up to `most` changed records; of those only the ones whose files are here."""
    keyed = are_keyed(old.side, new.side)
    executor = SERIAL if executor == LOCAL else executor
    found = compared_records(old.side, new.side, keyed=keyed, executor=executor, limit=most)
    here = [each for each in found.examples if _is_here(old, each.old) and _is_here(new, each.new)]
    examples = for_reading(examples_at(here, old, new, keyed=keyed))
    hidden = most > 0 and len(here) < len(found.examples)
    return Compared(found.counts, found.breakdown, _some_of_each_kind(examples, most=most), hidden)


def first_records(source: RecordSource, *, most: int = _FIRST) -> list[RecordExample] | None:
    """The first records of a version that nothing is compared with; None where none of its files is here.

    Files without a reader have none.
    """
    side = source.side
    here = {path: where for path, where in source.places.items() if os.path.isfile(where)}
    for path, _ in side.index.files:
        if path not in here:
            continue
        try:
            rows = list(islice(records_of(here[path], path=path, reading=side.reading), most))
        except CannotReadError:
            continue
        if rows:
            return [_added(source, path, row, value) for row, value in rows]
    return [] if here or not side.index.files else None


def _added(source: RecordSource, path: str, row: int, value: object) -> RecordExample:
    side = source.side
    key = [value.get(name) for name in side.key] if side.key and isinstance(value, dict) else None
    place = RecordPlace(path, row, side.reading.split_of(path))
    return changed_record("added", key=key, old=None, new=value, before=None, after=place)


def _is_here(source: RecordSource, place: Place | None) -> bool:
    if place is None:
        return True
    where = source.places.get(source.side.index.files[place.file][0])
    return where is not None and os.path.isfile(where)


def _some_of_each_kind(examples: Sequence[RecordExample], *, most: int) -> list[RecordExample]:
    """So many of them, one of each kind by turns, in the order of kinds; what changed inside comes first."""
    waiting = {kind: [each for each in examples if each.kind == kind] for kind in _KINDS}
    taken: dict[str, int] = dict.fromkeys(_KINDS, 0)
    while sum(taken.values()) < min(most, sum(map(len, waiting.values()))):
        for kind in _KINDS:
            if taken[kind] < len(waiting[kind]) and sum(taken.values()) < most:
                taken[kind] += 1
    return [each for kind in _KINDS for each in waiting[kind][: taken[kind]]]
