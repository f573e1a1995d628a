"""Many files read by whatever runs the jobs, and what comes back put together."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory

from dsv.model.progress import Advance, unadvanced
from dsv.records.byte_source import BUFFER_SIZE, open_file
from dsv.records.file_scan import FileScan, merged_profile, unpack_scans
from dsv.records.jobs import (
    PART_SIZE,
    FileHashed,
    FilesRead,
    HashFile,
    Job,
    JobDone,
    ReadFiles,
    Target,
    joined,
    plan,
    run,
)
from dsv.records.profile import Profile, Profiler
from dsv.records.runs import Run, SortedRuns
from dsv.records.scan import Terms
from dsv.records.workers import WAITING, Workers

_TELLING_SECONDS = 0.2


@dataclass
class _Assembly:
    """The pieces of a large file: its digests, and its parts by where they start; None for one that cannot be used."""

    target: Target
    expected: int
    whole: FileScan | None = None
    parts: dict[int, FileScan | None] = field(default_factory=dict)
    rows: dict[int, list[Run]] = field(default_factory=dict)
    pieces: int = 0

    @property
    def complete(self) -> bool:
        return self.pieces == self.expected

    @property
    def sound(self) -> bool:
        """Whether all pieces are those of one and the same file."""
        states = {None if piece is None else piece.signature for piece in (self.whole, *self.parts.values())}
        return len(states) == 1 and None not in states


@dataclass(frozen=True)
class Read:
    """The scans of files by their paths, and the profile of all their records."""

    scans: Mapping[str, FileScan]
    profile: Profile


def read_all(
    targets: Iterable[Target],
    terms: Terms,
    *,
    workers: Workers,
    runs: SortedRuns,
    settled: Collection[str] = (),
    spill: str | None = None,
    advance: Advance = unadvanced,
    part_size: int = PART_SIZE,
) -> Read:
    """What is known of each target, and all their rows in `runs`.

    Only the `settled` paths may be read in parts: a change while they are read shows in their stat. `spill` is a
    directory for rows on their way. Errors: as of `Scanner.scan`.
    """
    jobs = plan(targets, terms, workers=workers.count, settled=settled, part_size=part_size)
    if not workers.share_files:
        return _Collector(replace(terms, keeper=None), workers, runs, None, advance).collect(jobs)
    with nullcontext() if spill is None else TemporaryDirectory(dir=spill, prefix="rows") as own:
        return _Collector(terms, workers, runs, own, advance).collect(jobs)


class _Collector:
    def __init__(self, terms: Terms, workers: Workers, runs: SortedRuns, spill: str | None, advance: Advance) -> None:
        self._terms, self._workers, self._runs = terms, workers, runs
        self._spill, self._advance = spill, advance
        self._found: dict[str, FileScan] = {}
        self._profiler = Profiler()
        self._assemblies: dict[str, _Assembly] = {}
        self._again: deque[Job] = deque()

    def collect(self, jobs: Iterable[Job]) -> Read:
        """All jobs done, those too that turned out to be needed on the way."""
        waiting: set[Future[JobDone]] = set()
        stream = iter(jobs)
        patience = _TELLING_SECONDS if self._workers.counts_bytes else None
        self._workers.tell(self._advance)
        try:
            while True:
                while len(waiting) < WAITING * self._workers.count and (job := self._next(stream)) is not None:
                    waiting.add(self._workers.submit(run, job, self._terms, self._spill))
                if not waiting:
                    return Read(self._found, self._profiler.finish(keep_few=False))
                done, waiting = wait(waiting, patience, return_when=FIRST_COMPLETED)
                self._workers.tell(self._advance)
                for future in done:
                    self._take(future.result())
        finally:
            for future in waiting:
                future.cancel()

    def _next(self, stream: Iterator[Job]) -> Job | None:
        job = self._again.popleft() if self._again else next(stream, None)
        if isinstance(job, HashFile):
            self._assemblies[job.target.path] = _Assembly(job.target, expected=1 + job.parts)
        return job

    def _take(self, done: JobDone) -> None:
        if isinstance(done, FilesRead):
            scans = unpack_scans(done.scans)
            self._found.update((scan.path, scan) for scan in scans)
            self._profiler.include(done.profile)
            for each in self._runs.stored(done.rows.blocks(self._runs.row_size)):
                self._runs.accept(each)
            self._advance(0 if self._workers.counts_bytes else done.size, sum(scan.records for scan in scans))
            return
        assembly = self._assemblies[done.target.path]
        assembly.pieces += 1
        if isinstance(done, FileHashed):
            assembly.whole = done.scan
        else:
            assembly.parts[done.start] = done.scan
            assembly.rows[done.start] = self._runs.stored(done.rows.blocks(self._runs.row_size))
            self._advance(done.stop - done.start, done.rows.number)
        if assembly.complete:
            self._finish(self._assemblies.pop(done.target.path))

    def _finish(self, assembly: _Assembly) -> None:
        """The file put together; it is read anew, and as a whole, where its pieces do not fit together."""
        if assembly.whole is None or not assembly.sound:
            self._again.append(ReadFiles([assembly.target]))
            self._advance(-assembly.target.size, 0)
            return
        order = sorted(assembly.parts)
        parts = [part for start in order if (part := assembly.parts[start]) is not None]
        tell_lines = any(part.bad for part in parts)
        lines = _lines_before(assembly.target, order, terms=self._terms) if tell_lines else [0] * len(order)
        scan = joined(assembly.whole, parts, lines_before=lines)
        self._found[scan.path] = scan
        self._profiler.include(merged_profile([scan]))
        rows_before = 0
        for start, part in zip(order, parts, strict=True):
            for each in assembly.rows[start]:
                self._runs.accept(each, rows_before=rows_before)
            rows_before += part.records


def _lines_before(target: Target, offsets: Sequence[int], *, terms: Terms) -> list[int]:
    """How many lines begin before the first that begins at each offset or behind it; the offsets ascend."""
    counts, lines, at = [], 0, 0
    buffer = memoryview(bytearray(BUFFER_SIZE))
    with closing(open_file(target.source, path=target.path, store=terms.store)) as file:
        for offset in offsets:
            while at < offset - 1 and (count := file.readinto(buffer[: offset - 1 - at])):
                lines += bytes(buffer[:count]).count(b"\n")
                at += count
            # the line that holds the byte before the offset ends there or behind it
            counts.append(lines + 1 if offset else 0)
    return counts
