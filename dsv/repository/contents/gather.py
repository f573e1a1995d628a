"""Looking at data: every byte that changed is read once, every other is taken from the last look.

What was found is kept beside git (files with their stat and digests, and the record index), so that the
next look opens only files whose stat changed. Deleting it costs time and nothing else.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import MissingDataError, NoPathError, UnsupportedFileError
from dsv.model.executor import LOCAL, Executor
from dsv.model.progress import Advance, summed, unadvanced
from dsv.model.reading import Reading
from dsv.records.built_index import BuiltIndex
from dsv.records.byte_source import Store
from dsv.records.collect import read_all
from dsv.records.file_scan import FileScan
from dsv.records.formats import OPAQUE
from dsv.records.index import IndexedFile, RecordIndex, build_index, file_numbers
from dsv.records.jobs import Target
from dsv.records.merge import merged_blocks
from dsv.records.profile import Profile
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns
from dsv.records.scan import Terms
from dsv.records.text import WHITESPACE, TokenCounter
from dsv.repository.contents import last_look, scan_cache
from dsv.repository.contents.last_look import Look
from dsv.repository.contents.scan_cache import ScanCache
from dsv.repository.contents.snapshot import Snapshot
from dsv.repository.contents.walk import Sources, WalkedFile, walk
from dsv.repository.contents.workers import workers_for
from dsv.repository.declared.pointers import stage_making
from dsv.repository.known.catalog import versions_of

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.records.inspection import Inspection
    from dsv.repository.repository import Repository

_LEFTOVER_SECONDS = 600


def gather(
    repository: Repository,
    dataset: str,
    settings: DatasetSettings,
    *,
    staging: dvc.Staging | None = None,
    walked: list[WalkedFile] | None = None,
) -> Snapshot:
    """The work tree's data now; copies of what is read go into the staging. `walked` are its files, where known.

    Errors: NoPathError, MissingDataError, UnsupportedFileError for what cannot be versioned.
    """
    started = time.time_ns()
    walked = _walk(repository, dataset, settings) if walked is None else walked
    if not walked:
        raise UnsupportedFileError(f"{settings.path} holds no file", hint="put data into it first")
    inspections = asked_of(repository, settings)
    counter = counter_of(repository, settings)
    subject = _Subject(
        dataset,
        settings,
        walked,
        counter=counter.name,
        directory=os.path.join(repository.work_state, dataset),
        is_directory=os.path.isdir(repository.layout.absolute(settings.path)),
        started=started,
        staging=staging,
    )
    declarations = scan_cache.declarations_digest(
        settings.reading, settings.key, counter=counter.name, inspections=[each.identity for each in inspections]
    )

    def looked_closer() -> ScanCache:
        settled = started - dvc.COARSEST_CLOCK_NS
        terms = Terms(settings.reading, settings.key, counter, staging, settled, inspections=inspections)
        return _looked_closer(repository, subject.directory, terms=terms, walked=walked, started=started)

    look = last_look.load(subject.directory)
    marks = last_look.marks_of(walked)
    if look is not None and (look.declarations, look.marks) == (declarations, marks):
        files = last_look.KeptFiles(len(walked), lambda: _scans(looked_closer(), walked))
        kept = subject.snapshot(files, index=look.index, built=look.built, marks=marks)
        return replace(kept, sound=look.sound, kept_dialects=look.dialects)
    found = looked_closer()
    scans = _scans(found, walked)
    marks = last_look.marks_of(
        [
            (file.path, scan.size, scan.modified_ns, scan.changed_ns, scan.inode, file.root)
            for file, scan in zip(walked, scans, strict=True)
        ]
    )
    taken = subject.snapshot(scans, index=found.index, built=found.built, marks=marks, profile=found.profile)
    sound = not taken.problems()
    last_look.save(subject.directory, Look(declarations, marks, found.index, found.built, sound, taken.dialects))
    return replace(taken, sound=sound)


@dataclass(frozen=True)
class _Subject:
    """A dataset's files as they were met at `started`; `directory` is where what is found of them is kept."""

    dataset: str
    settings: DatasetSettings
    walked: list[WalkedFile]
    counter: str
    directory: str
    is_directory: bool
    started: int
    staging: dvc.Staging | None

    def snapshot(
        self, files: Sequence[FileScan], *, index: str, built: BuiltIndex, marks: str, profile: Profile | None = None
    ) -> Snapshot:
        """The snapshot with what a look, this or an earlier one, found of the files."""
        return Snapshot(
            dataset=self.dataset,
            path=self.settings.path,
            files=files,
            sources=Sources(self.walked),
            reading=self.settings.reading,
            key=self.settings.key,
            built=built,
            index_directory=os.path.join(self.directory, index),
            started_ns=self.started,
            is_directory=self.is_directory,
            counter=self.counter,
            staging=self.staging,
            read_profile=profile,
            marks=marks,
        )


def asked_of(repository: Repository, settings: DatasetSettings) -> Sequence[Inspection]:
    """What the dataset's checks want to know of each record."""
    if not settings.checks and settings.record_schema is None:
        return ()  # most have none, and then what reads rules is not loaded
    from dsv.repository.declared.declared_checks import inspections_of

    return inspections_of(repository, settings)


def _walk(repository: Repository, dataset: str, settings: DatasetSettings) -> list[WalkedFile]:
    """The files of the data; MissingDataError where only its pointer is here, as in a fresh clone."""
    layout, path = repository.layout, settings.path
    try:
        return walk(layout.absolute(path), shown=path)
    except NoPathError as error:
        output = stage_making(repository, path)
        pointer = layout.data_pointer(path) if output is None else output.lock
        if repository.text(pointer) is None:
            raise
        hint = f"dvc pull {pointer if output is None else path} fetches it"
        if output is not None:
            hint += f", dvc repro {output.address} makes it"
        if versions_of(repository, dataset).known:
            hint += f", dsv checkout {dataset} puts the latest version there"
        raise MissingDataError(f"{path} is not here, only its pointer is ({pointer})", hint=hint) from error


def gather_from(
    sources: Mapping[str, str],
    *,
    dataset: str,
    path: str,
    reading: Reading,
    key: tuple[str, ...],
    is_directory: bool,
    directory: str,
    counter: TokenCounter = WHITESPACE,
    executor: Executor = LOCAL,
    store: Store | None = None,
    sizes: Mapping[str, int] | None = None,
    before: Snapshot | None = None,
    unread: Collection[str] = (),
    progress: Advance = unadvanced,
    inspections: Sequence[Inspection] = (),
) -> Snapshot:
    """The snapshot of files that lie elsewhere under other names (path -> where it lies), indexed in `directory`.

    Those that are in a store are named with their `sizes` in bytes, because they have no stat here. The `unread` ones
    are as in the snapshot `before`, which was made under the same declarations: what was found of them then counts.
    """
    started = time.time_ns()
    spill = os.path.dirname(directory)
    numbers = file_numbers(sources)
    targets = [
        Target(sources[name], name, number, sizes[name] if sizes else os.stat(sources[name]).st_size)
        for name, number in numbers.items()
        if name not in unread
    ]
    with (
        SortedRuns(KEYED_ROW.size if key else ROW.size, directory=spill) as runs,
        workers_for(targets, executor=executor, directories=[spill]) as workers,
    ):
        read = read_all(
            targets,
            Terms(reading, key, counter, store=store, inspections=inspections),
            workers=workers,
            runs=runs,
            settled=sources,
            spill=spill,
            advance=progress,
        )
        found = dict(read.scans)
        if before is not None and unread:
            known = {file.path: file for file in before.files}
            found.update((path, known[path]) for path in unread)
            runs.add_one_by_one(_rows_of_kept(before.index_directory, known, unread, numbers, spill=spill))
        scans = [found[path] for path in numbers]
        built = _build(directory, scans, rows=merged_blocks(runs, workers=workers), keyed=bool(key))
    return Snapshot(
        dataset,
        path,
        scans,
        sources,
        reading,
        key,
        built,
        directory,
        started,
        is_directory,
        counter.name,
        read_profile=None if unread else read.profile,
    )


def counter_of(repository: Repository, settings: DatasetSettings) -> TokenCounter:
    """How the dataset's tokens are counted: by its declared tokenizer, else by words."""
    if settings.tokenizer is None:
        return WHITESPACE
    from dsv.adapters.tokenizer import load_counter

    return load_counter(repository.layout.absolute(settings.tokenizer), shown=settings.tokenizer)


def _looked_closer(
    repository: Repository, directory: str, *, terms: Terms, walked: Sequence[WalkedFile], started: int
) -> ScanCache:
    """What is known of each file: of the last look where its stat is the same, else by reading it."""
    declarations = scan_cache.declarations_digest(terms.reading, terms.key, counter=terms.counter.name)
    before = scan_cache.load(directory, declarations=declarations)
    if before is not None and not os.path.isdir(os.path.join(directory, before.index)):
        before = None
    known = before.files if before else {}
    asked = [each.identity for each in terms.inspections]
    fresh = [file for file in walked if _is_new(file, known, asked=asked)] if known else walked
    if before is None or fresh or len(known) != len(walked):
        before = _rescan(repository, directory, terms=terms, walked=walked, fresh=fresh, before=before, started=started)
        scan_cache.save(directory, before, declarations=declarations)
        _drop_others(directory, keep=before.index)
    return before


def _scans(found: ScanCache, walked: Sequence[WalkedFile]) -> list[FileScan]:
    return [found.files[file.path] for file in walked]


def _is_new(file: WalkedFile, known: Mapping[str, FileScan], *, asked: Sequence[str]) -> bool:
    """Whether the file has to be read: it was touched, or something is asked that was not when it was read."""
    seen = known.get(file.path)
    if seen is None or seen.signature != file.signature:
        return True
    return bool(asked) and seen.format != OPAQUE and not {identity for identity, _ in seen.notes}.issuperset(asked)


def _rescan(
    repository: Repository,
    directory: str,
    *,
    terms: Terms,
    walked: Sequence[WalkedFile],
    fresh: Sequence[WalkedFile],
    before: ScanCache | None,
    started: int,
) -> ScanCache:
    """Read the fresh files, take the rows of the others over, and build the index of all."""
    os.makedirs(directory, exist_ok=True)
    numbers = file_numbers(file.path for file in walked)
    targets = [Target(file.source, file.path, numbers[file.path], file.size) for file in fresh]
    kept = {file.path for file in walked}.difference(file.path for file in fresh)
    name = f"index{os.getpid()}n{time.time_ns()}"
    keyed = bool(terms.key)
    shared = [directory, *([terms.keeper.directory] if isinstance(terms.keeper, dvc.Staging) else [])]
    with (
        SortedRuns(KEYED_ROW.size if keyed else ROW.size, directory=directory) as runs,
        workers_for(targets, executor=repository.executor, directories=shared) as workers,
    ):
        read = read_all(
            targets,
            terms,
            workers=workers,
            runs=runs,
            settled=[file.path for file in fresh if max(file.modified, file.changed) < terms.settled_ns],
            spill=directory,
            advance=summed(repository.progress, "reading", total=sum(file.size for file in fresh)),
        )
        if isinstance(terms.keeper, dvc.Staging):
            terms.keeper.begin_flush()
        found = dict(read.scans)
        if before is not None and kept:
            found.update((path, before.files[path]) for path in kept)
            directory_before = os.path.join(directory, before.index)
            runs.add_one_by_one(_rows_of_kept(directory_before, before.files, kept, numbers, spill=directory))
        scans = [found[file.path] for file in walked]
        built = _build(os.path.join(directory, name), scans, rows=merged_blocks(runs, workers=workers), keyed=keyed)
    return ScanCache(
        scan_cache.settled(scans, started_ns=started),
        built,
        name,
        None if kept else read.profile,
    )


def _rows_of_kept(
    directory: str, files: Iterable[str], kept: Collection[str], numbers: Mapping[str, int], *, spill: str
) -> Iterator[bytes]:
    """The rows that unchanged ones of the files have in an earlier index, under their new numbers."""
    index = RecordIndex.open(directory)
    if not index.readable:
        return iter(())
    renumbered = {old: numbers[path] for path, old in file_numbers(files).items() if path in kept}
    return index.rows_of_files(renumbered, spill=spill)


def _build(directory: str, scans: Sequence[FileScan], *, rows: Iterable[bytes], keyed: bool) -> BuiltIndex:
    files = [IndexedFile(scan.path, scan.sha256, scan.format) for scan in scans]
    return build_index(directory, files=files, rows=rows, keyed=keyed)


def _drop_others(directory: str, *, keep: str) -> None:
    """Indexes of earlier looks and rows of killed ones, but not so young that a command beside us may use them."""
    limit = time.time() - _LEFTOVER_SECONDS
    for entry in os.scandir(directory):
        if not entry.name.startswith(("index", "rows")) or entry.name == keep or entry.stat().st_mtime >= limit:
            continue
        if entry.is_dir():
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            with suppress(FileNotFoundError):
                os.unlink(entry.path)
