"""What inspections noted of all files of a snapshot, put together; the files are read again for what was not asked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dsv.checks.rules.outcome import Example
from dsv.checks.rules.version import Found, Placed
from dsv.records import sums
from dsv.records.collect import read_all
from dsv.records.file_scan import FileScan
from dsv.records.formats import OPAQUE
from dsv.records.index import file_numbers
from dsv.records.inspection import NAMED, Inspection, Noted, added
from dsv.records.inspection import ROW as VALUE_ROW
from dsv.records.jobs import Target
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns
from dsv.records.scan import Terms
from dsv.repository.contents.workers import workers_for

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.repository.contents.snapshot import Snapshot


class NotesOf:
    """What inspections noted of a snapshot: by the scan, else by a second look at all files, once for each."""

    def __init__(self, snapshot: Snapshot, *, executor: Executor) -> None:
        self._snapshot = snapshot
        self._executor = executor
        self._again: dict[str, Sequence[FileScan]] = {}

    def __call__(self, inspection: Inspection) -> Found:
        """What the inspection noted; errors are those of reading."""
        identity = inspection.identity
        files: Sequence[FileScan] = self._again.get(identity, self._snapshot.files)
        if not all(file.format == OPAQUE or identity in dict(file.notes) for file in files):
            files = self._again[identity] = self._second_look(inspection)
        return self._together(files, identity)

    def _together(self, files: Sequence[FileScan], identity: str) -> Found:
        noted = {file.path: note for file in files if (note := dict(file.notes).get(identity)) is not None}
        ordered = sorted(noted, key=sums.path_bytes)
        first = (Example(path, row, what) for path in ordered for row, what in noted[path].first)
        return Found(
            count=sum(each.count for each in noted.values()),
            first=tuple(example for example, _ in zip(first, range(NAMED), strict=False)),
            sums=added(each.sums for each in noted.values()),
            rows=lambda: self._rows(noted),
        )

    def _rows(self, noted: Mapping[str, Noted]) -> Iterator[Placed]:
        numbers = file_numbers(file.path for file in self._snapshot.files)
        with SortedRuns(ROW.size, directory=self._spill) as runs:
            for path, each in noted.items():
                runs.add_one_by_one(
                    ROW.pack(value, numbers[path], row) for value, row in VALUE_ROW.iter_unpack(each.rows)
                )
            yield from map(ROW.unpack, runs)

    @property
    def _spill(self) -> str:
        return os.path.dirname(self._snapshot.index_directory)

    def _second_look(self, inspection: Inspection) -> Sequence[FileScan]:
        """All files read once more, for this inspection alone."""
        snapshot = self._snapshot
        numbers = file_numbers(file.path for file in snapshot.files)
        targets = [
            Target(snapshot.sources[file.path], file.path, numbers[file.path], file.size) for file in snapshot.files
        ]
        terms = Terms(snapshot.reading, snapshot.key, inspections=(inspection,))
        with (
            SortedRuns(KEYED_ROW.size if snapshot.key else ROW.size, directory=self._spill) as runs,
            workers_for(targets, executor=self._executor, directories=[self._spill]) as workers,
        ):
            read = read_all(
                targets, terms, workers=workers, runs=runs, settled=list(snapshot.sources), spill=self._spill
            )
        return list(read.scans.values())
