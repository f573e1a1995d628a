"""What a merge could not decide, with the records themselves: only the files that hold one of those named are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dsv.exports.merge_conflicts import ConflictedRecord, MergeConflicts, SeenRecord
from dsv.records.changed_record import RecordPlace
from dsv.records.index import Place
from dsv.records.present import read_rows
from dsv.records.three_way import MergePlan, Party, RecordConflict, State

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.repository.merging.merging import Data


def reported(
    settings: DatasetSettings, sides: Sequence[Data], states: Sequence[State], plan: MergePlan
) -> MergeConflicts:
    """The conflicts of the plan, fit to be shown."""
    seen = [_seen(settings, sides[party], states[party], party, plan.record_conflicts) for party in Party if states]
    base, ours, theirs = (side.name for side in sides)
    return MergeConflicts(
        settings.name,
        (base, ours, theirs),
        [_record(settings, each, seen) for each in plan.record_conflicts],
        plan.record_conflict_count,
        plan.file_conflicts,
    )


def _record(
    settings: DatasetSettings, conflict: RecordConflict, seen: Sequence[Mapping[Place, SeenRecord]]
) -> ConflictedRecord:
    places = conflict.base, conflict.ours, conflict.theirs
    records = [None if place is None else known.get(place) for place, known in zip(places, seen, strict=True)]
    value: Any = next((each.value for each in reversed(records) if each is not None), None)
    key = [value.get(name) for name in settings.key] if isinstance(value, dict) else [value]
    return ConflictedRecord(key, *records)


def _seen(
    settings: DatasetSettings, side: Data, state: State, party: Party, conflicts: Sequence[RecordConflict]
) -> dict[Place, SeenRecord]:
    """The records of one side that are in conflict."""
    by_file: dict[int, set[int]] = {}
    for each in conflicts:
        place = (each.base, each.ours, each.theirs)[party]
        if place is not None:
            by_file.setdefault(place.file, set()).add(place.row)
    paths = state.paths
    found: dict[Place, SeenRecord] = {}
    for file, rows in by_file.items():
        path = paths[file]
        for row, value in read_rows(side.sources[path], path=path, reading=settings.reading, rows=rows).items():
            found[Place(file, row)] = SeenRecord(value, RecordPlace(path, row, settings.reading.split_of(path)))
    return found
