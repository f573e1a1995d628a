"""The reading of many files cut into jobs, which are pure functions that any process can run.

A job names what it reads; what it gives back holds the facts of the files and their rows in ascending order. Small
files go many to a job. A large file of JSON Lines becomes one job that hashes and copies it, and others that read
the records of a part each; any other large file is one job.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import msgspec

from dsv.errors import DiskError
from dsv.records.byte_source import BUFFER_SIZE, Digests, HashingReader, LinesOfPart, OpenFile, open_file, shown
from dsv.records.file_scan import NAMED, BadRecord, FileScan, merged_profile, pack_profile, pack_scans
from dsv.records.formats.compression import is_compressed
from dsv.records.formats.contract import CannotReadError
from dsv.records.formats.jsonl import NAME, JsonLines, records_in
from dsv.records.inspection import begun
from dsv.records.inspection import joined as joined_notes
from dsv.records.profile import Profile
from dsv.records.runs import KEYED_ROW, ROW, ROWS_IN_MEMORY, SortedRuns
from dsv.records.scan import SMALL, Scanner, Terms, facts_of, take_all
from dsv.records.totals import Totals

PART_SIZE = 32 << 20
"""Bytes of a large file that one job reads."""

_BATCH_FILES = 1000
_BLOCK_ROWS = 1 << 16
_BATCH_SIZE = 32 << 20


class Target(NamedTuple):
    """A file to read: where it lies, its path in the dataset, its number there, and its size in bytes."""

    source: str
    path: str
    number: int
    size: int


class ReadFiles(NamedTuple):
    """Read whole files, from the first byte to the last."""

    targets: Sequence[Target]


class HashFile(NamedTuple):
    """Hash and copy a file whose records so many other jobs read."""

    target: Target
    parts: int


class ReadPart(NamedTuple):
    """Read the records of a file of JSON Lines whose first byte lies at `start` or behind it, and before `stop`."""

    target: Target
    start: int
    stop: int


Job = ReadFiles | HashFile | ReadPart


class Rows(NamedTuple):
    """Ascending rows: here, or in a file that whoever takes them removes."""

    number: int
    content: bytes = b""
    file: str = ""

    def blocks(self, row_size: int) -> Iterator[bytes]:
        """The rows in pieces that fit into memory; their file is gone then."""
        yield self.content
        if self.file:
            with open(self.file, "rb", buffering=0) as file:
                os.unlink(self.file)
                while block := file.read(row_size * _BLOCK_ROWS):
                    yield block


@dataclass(frozen=True)
class FilesRead:
    """The facts of whole files, as `unpack_scans` reads them, their rows, and the profile of all their records."""

    scans: bytes
    rows: Rows
    size: int
    profile: Profile


@dataclass(frozen=True)
class FileHashed:
    """The digests of a file, and its stat then; None where it changed meanwhile."""

    target: Target
    scan: FileScan | None


@dataclass(frozen=True)
class PartRead:
    """What the records of a part come to (its digests are empty), None where the file changed meanwhile.

    Rows, and lines of bad records, are numbered from the start of the part.
    """

    target: Target
    start: int
    stop: int
    scan: FileScan | None
    rows: Rows


JobDone = FilesRead | FileHashed | PartRead


def plan(
    targets: Iterable[Target], terms: Terms, *, workers: int, settled: Iterable[str], part_size: int = PART_SIZE
) -> Iterator[Job]:
    """The jobs that read all targets; cut into parts are only the `settled` paths, and only for several workers."""
    may_be_cut = frozenset(settled) if workers > 1 else frozenset()
    small: list[Target] = []
    for target in sorted(targets, key=lambda target: (-(target.size > SMALL) * target.size, target.number)):
        if target.size <= SMALL:
            small.append(target)
        elif target.path in may_be_cut and target.size > 2 * part_size and _is_json_lines(target.path, terms):
            starts = range(0, target.size, part_size)
            yield HashFile(target, len(starts))
            for start in starts:
                yield ReadPart(target, start, min(start + part_size, target.size))
        else:
            yield ReadFiles([target])
    yield from _batches(small)


def run(job: Job, terms: Terms, spill: str | None, progress: Callable[[int], None] | None = None) -> JobDone:
    """The job done; many rows go to a file in the directory `spill`, where there is one.

    `progress` is called with bytes read of whole files.

    Errors: DiskError, and UnsupportedFileError for a file that does not come to rest.
    """
    if isinstance(job, ReadFiles):
        return _read_files(job, terms, spill=spill, progress=progress)
    if isinstance(job, HashFile):
        return _hash_file(job.target, terms)
    return _read_part(job, terms, spill=spill)


def joined(whole: FileScan, parts: Sequence[FileScan], *, lines_before: Sequence[int]) -> FileScan:
    """The facts of a file from its digests and its parts, in their order; None is a part with another stat."""
    bad, missing, before = [], [], 0
    notes = []
    for part, lines in zip(parts, lines_before, strict=True):
        bad += [
            BadRecord(each.file, None if each.line is None else each.line + lines, each.reason) for each in part.bad
        ]
        missing += [row + before for row in part.first_missing]
        notes.append((part.notes, before))
        before += part.records
    return msgspec.structs.replace(
        whole,
        format=parts[0].format,
        records=before,
        bad_count=sum(part.bad_count for part in parts),
        bad=tuple(bad[:NAMED]),
        fields=parts[0].fields.union(part.fields for part in parts),
        tokens=sum(part.tokens for part in parts),
        missing_keys=sum(part.missing_keys for part in parts),
        first_missing=tuple(missing[:NAMED]),
        profile=pack_profile(merged_profile(parts)),
        notes=joined_notes(notes),
    )


def _is_json_lines(path: str, terms: Terms) -> bool:
    return isinstance(terms.format_of(path), JsonLines) and not is_compressed(path)


def _batches(targets: Sequence[Target]) -> Iterator[ReadFiles]:
    batch: list[Target] = []
    size = 0
    for target in targets:
        batch.append(target)
        size += target.size
        if len(batch) == _BATCH_FILES or size >= _BATCH_SIZE:
            yield ReadFiles(batch)
            batch, size = [], 0
    if batch:
        yield ReadFiles(batch)


def _read_files(
    job: ReadFiles, terms: Terms, *, spill: str | None, progress: Callable[[int], None] | None
) -> FilesRead:
    with _runs(terms, spill=spill) as runs, _ahead(terms, job.targets) as ready:
        scanner = Scanner(ready)
        scans = [
            scanner.scan(target.source, path=target.path, sink=runs.sink(target.number), progress=progress)
            for target in job.targets
        ]
        size = sum(target.size for target in job.targets)
        return FilesRead(pack_scans(scans), _rows(runs, spill=spill), size, merged_profile(scans))


def _hash_file(target: Target, terms: Terms) -> FileHashed:
    with _disk_errors(target), closing(open_file(target.source, path=target.path, store=terms.store)) as file:
        copy = None
        if terms.keeper is not None and file.descriptor is not None:
            copy = terms.keeper.copy(file.descriptor, settled=True)
        try:
            hashing = HashingReader(file, copy=copy, progress=None)
            hashing.drain()
            same = file.unchanged()
        except BaseException:
            if copy is not None:
                copy.drop()
            raise
        if copy is not None:
            copy.keep(hashing.digests.md5) if same else copy.drop()
    return FileHashed(target, _scan(target, file, hashing.digests) if same else None)


def _read_part(part: ReadPart, terms: Terms, *, spill: str | None) -> PartRead:
    target = part.target
    with (
        _disk_errors(target),
        closing(open_file(target.source, path=target.path, store=terms.store, stop=part.stop)) as file,
        _runs(terms, spill=spill) as runs,
    ):
        totals = Totals(target.path, terms.key, terms.counter, inspectors=begun(terms.inspections))
        stream: io.BufferedReader[Any] = io.BufferedReader(LinesOfPart(file, part.start, part.stop), BUFFER_SIZE)
        sink = runs.sink(target.number)
        try:
            records = records_in(stream) if part.start else JsonLines().read(stream).records
            take_all(records, totals, sink=sink)
        except CannotReadError:  # what stops a reader is told of the whole file
            return PartRead(*part, None, Rows(0))
        if not file.unchanged():
            return PartRead(*part, None, Rows(0))
        sink.commit()
        scan = _scan(target, file, Digests(target.size, "", ""), format=NAME, **facts_of(totals))
        return PartRead(*part, scan, _rows(runs, spill=spill))


def _scan(target: Target, file: OpenFile, digests: Digests, **facts: Any) -> FileScan:
    return FileScan(target.path, *digests, *file.state, **facts)


@contextmanager
def _ahead(terms: Terms, targets: Sequence[Target]) -> Iterator[Terms]:
    """The terms, whose store fetches the small files among these before they are read."""
    store = terms.store
    small = [target.source for target in targets if target.size <= SMALL]
    if store is None or not any(map(store.holds, small)):
        yield terms
        return
    with store.ahead([source for source in small if store.holds(source)]) as ready:
        yield replace(terms, store=ready)


def _runs(terms: Terms, *, spill: str | None) -> SortedRuns:
    return SortedRuns(KEYED_ROW.size if terms.key else ROW.size, directory=spill)


def _rows(runs: SortedRuns, *, spill: str | None) -> Rows:
    """The rows as they travel: few in memory, many as a file."""
    if runs.count <= ROWS_IN_MEMORY or spill is None:
        return Rows(runs.count, b"".join(runs))
    descriptor, name = tempfile.mkstemp(dir=spill, prefix="rows")
    with open(descriptor, "wb") as file:
        file.writelines(runs)
    return Rows(runs.count, file=name)


@contextmanager
def _disk_errors(target: Target) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"cannot read {shown(target.path)}: {error.strerror}"
        raise DiskError(message, details={"file": target.path}) from error
