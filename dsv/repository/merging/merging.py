"""The three-way merge of a dataset's data: three states of it become one, in DVC's cache, or conflicts.

Nothing in the work tree is read or changed here, and no lock is needed: whatever is written is an object that is named
by its content.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import MissingDataError, UnsupportedError
from dsv.records.compare import compare
from dsv.records.formats import choose
from dsv.records.index import RecordIndex
from dsv.records.merged_file import CannotMergeError, Source, check_records, whole_source, write_merged
from dsv.records.three_way import (
    Counts,
    FileConflict,
    FilePlan,
    MergePlan,
    Party,
    SharedKeyError,
    State,
    merged_value,
    plan_files,
    plan_records,
)
from dsv.repository.comparing.versions import record_index
from dsv.repository.contents.gather import counter_of, gather_from
from dsv.repository.known.catalog import KnownVersion, read_manifest, versions_of
from dsv.repository.merging.merge_report import reported

if TYPE_CHECKING:
    from typing import BinaryIO

    from dsv.exports.merge_conflicts import MergeConflicts
    from dsv.model.dataset import DatasetSettings
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Data:
    """One state of a dataset's data: its files as path -> md5, where each lies, and what people call it.

    `known` is the released version that it is, where it is one.
    """

    files: Mapping[str, str]
    sources: Mapping[str, str]
    is_directory: bool
    name: str
    known: KnownVersion | None = None
    manifest: Manifest | None = None


@dataclass(frozen=True)
class PointerTexts:
    """The texts of a data pointer in the three versions; the base has none where both sides added it."""

    base: bytes | None
    ours: bytes
    theirs: bytes


@dataclass(frozen=True)
class MergedData:
    """Merged data: its files as path -> md5, the size of all, and what it has of theirs, counted in `unit`.

    What had to be written is in DVC's cache, and all else where the sides have it.
    """

    files: Mapping[str, str]
    is_directory: bool
    size: int
    counts: Counts
    unit: str


@dataclass(frozen=True)
class Merged:
    """Merged data that is in DVC's cache as a whole, and the text of the pointer to it."""

    data: MergedData
    oid: str
    text: bytes


def merge_pointers(
    repository: Repository,
    settings: DatasetSettings,
    texts: PointerTexts,
    *,
    favour: Party | None = None,
) -> Merged | MergeConflicts:
    """The data of the three pointers as one, or what both sides changed differently (nothing with `favour`).

    Errors: MissingDataError with what to fetch; UnsupportedError for a pointer that dsv does not write.
    """
    file = repository.layout.data_pointer(settings.path)
    pointers = [None if text is None else _pointer(text, file) for text in (texts.base, texts.ours, texts.theirs)]
    sides = _sides(repository, settings, pointers)
    outcome = merge_data(repository, settings, sides, favour=favour)
    if not isinstance(outcome, MergedData):
        return outcome
    pointer = _stored(repository, settings, outcome)
    rendered = [
        None if text is None else dvc.updated_pointer(text, pointer, file=file)
        for text in (texts.base, texts.ours, texts.theirs)
    ]
    text, sure = merged_value(*rendered)
    if not sure and favour is None and texts.base is not None:
        conflict = FileConflict(file, None, None, None, "both sides changed what else the pointer says")
        return reported(settings, sides, [], MergePlan(file_conflicts=[conflict]))
    if not sure and favour is Party.THEIRS:
        text = rendered[Party.THEIRS]
    return Merged(outcome, pointer.md5, text or b"")


def merge_data(
    repository: Repository,
    settings: DatasetSettings,
    sides: Sequence[Data],
    *,
    favour: Party | None = None,
) -> MergedData | MergeConflicts:
    """The three states of the data as one, or what both sides changed differently (nothing with `favour`)."""
    ours, theirs = sides[Party.OURS], sides[Party.THEIRS]
    if ours.is_directory != theirs.is_directory:
        conflict = FileConflict(settings.path, None, None, None, "a file on one side and a directory on the other")
        return reported(settings, sides, [], MergePlan(file_conflicts=[conflict]))
    os.makedirs(repository.state, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="merge-", dir=repository.state) as spill:
        states = _states(repository, settings, sides, spill=spill)
        plan, unit = _plan(settings, states, favour=favour, spill=spill)
        if plan.file_conflicts or plan.record_conflict_count:
            return reported(settings, sides, states, plan)
        writer = _Writer(settings, sides, states, favour=favour, directory=spill)
        files = writer.files(plan)
        if plan.file_conflicts:
            return reported(settings, sides, states, plan)
        dvc.store(dvc.find_cache(repository.layout.root), writer.written, scan_started_ns=time.time_ns())
        size = sum(writer.size_of(path, md5) for path, md5 in files.items())
        return MergedData(files, ours.is_directory, size, plan.counts, unit)


def _pointer(text: bytes, file: str) -> dvc.Pointer:
    pointer = dvc.parse_pointer(text, file=file)
    if pointer.hash_name != "md5":
        raise UnsupportedError(f"{file} was written by DVC 2", hint="dvc commit -f brings it to today's form")
    return pointer


def _sides(repository: Repository, settings: DatasetSettings, pointers: Sequence[dvc.Pointer | None]) -> list[Data]:
    """The states that the pointers name; MissingDataError, with what to fetch, where the cache lacks their files."""
    oids = {pointer.md5 for pointer in pointers if pointer is not None}
    known = _released(repository, settings.name, oids)
    missing: list[str] = []
    sides = []
    for party, pointer in zip(Party, pointers, strict=True):
        if pointer is None:
            sides.append(Data({}, {}, is_directory=True, name="nothing"))
            continue
        version, manifest = known.get(pointer.md5, (None, None))
        name = version.name if version else f"the data of {party.word}"
        try:
            sides.append(replace(data_of(repository, pointer, name=name), known=version, manifest=manifest))
        except MissingDataError:
            missing.append(name)
    if missing:
        versions = [version.name for version, _ in known.values() if version.name in missing]
        command = f"dsv fetch {' '.join(versions)}" if len(versions) == len(missing) else "dvc fetch --all-commits"
        raise MissingDataError(
            f"{settings.name} cannot be merged: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} "
            "not in the cache",
            hint=f"{command}; then dsv merge {settings.name}",
            details={"missing": missing},
        )
    return sides


def data_of(repository: Repository, pointer: dvc.Pointer, *, name: str) -> Data:
    """The state of the data that a pointer names; MissingDataError where the cache does not have all of it."""
    cache = dvc.find_cache(repository.layout.root)
    if pointer.is_directory:
        files = dict(dvc.read_directory_object(cache, pointer.md5))
    else:
        files = {os.path.basename(pointer.path): pointer.md5}
    dvc.require_objects(cache, list(files.items()))
    return Data(files, {path: cache.path_of(md5) for path, md5 in files.items()}, pointer.is_directory, name)


def _released(repository: Repository, dataset: str, oids: set[str]) -> dict[str, tuple[KnownVersion, Manifest]]:
    """The versions that have this data, as far as they are known here."""
    found: dict[str, tuple[KnownVersion, Manifest]] = {}
    for known in reversed(versions_of(repository, dataset).known):
        if len(found) == len(oids):
            break
        manifest = read_manifest(repository, known)
        oid = manifest.digests.dvc.removeprefix("md5:")
        if oid in oids:
            found.setdefault(oid, (known, manifest))
    return found


def _states(repository: Repository, settings: DatasetSettings, sides: Sequence[Data], *, spill: str) -> list[State]:
    """The sides with their record indexes, where they have a key to merge records by."""
    if not settings.key:
        return [State(side.files) for side in sides]
    return [
        State(side.files, _index(repository, settings, side, os.path.join(spill, f"index-{number}")))
        for number, side in enumerate(sides)
    ]


def _index(repository: Repository, settings: DatasetSettings, side: Data, directory: str) -> RecordIndex | None:
    """The index that the version was released with, if it was under the same declarations; else one of the data."""
    if not side.files:
        return None
    manifest = side.manifest
    if side.known and manifest and (manifest.key, manifest.declared) == (settings.key, settings.reading):
        return record_index(repository, side.known, manifest)
    gather_from(
        side.sources,
        dataset=settings.name,
        path=settings.path,
        reading=settings.reading,
        key=settings.key,
        is_directory=side.is_directory,
        directory=directory,
        counter=counter_of(repository, settings),
        executor=repository.executor,
    )
    return RecordIndex.open(directory)


def difference(repository: Repository, settings: DatasetSettings, one: Data, other: Data) -> int:
    """How much differs between two states: records where they have a key, else files."""
    os.makedirs(repository.state, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="merge-", dir=repository.state) as spill:
        before, after = _states(repository, settings, [one, other], spill=spill)
        if before.index is None or after.index is None:
            return len(set(one.files.items()) ^ set(other.files.items()))
        counts = compare(
            before.index,
            after.index,
            old_split=_split_of(settings, before),
            new_split=_split_of(settings, after),
            keyed=True,
        )
        return counts.added + counts.removed + counts.modified + counts.moved


def _split_of(settings: DatasetSettings, state: State) -> Callable[[int], str | None]:
    splits = [settings.reading.split_of(path) for path in state.paths]
    return splits.__getitem__


def _plan(
    settings: DatasetSettings, states: Sequence[State], *, favour: Party | None, spill: str
) -> tuple[MergePlan, str]:
    base, ours, theirs = states
    if any(state.index is not None and state.index.keyed for state in states):
        try:
            plan = plan_records(
                base,
                ours,
                theirs,
                readable=lambda path: choose(path, settings.reading) is not None,
                split_of=settings.reading.split_of,
                favour=favour,
                spill=spill,
            )
        except SharedKeyError:  # what the key does not tell apart is merged as if there were none
            pass
        else:
            return plan, "records"
    return plan_files(base, ours, theirs, favour=favour), "files"


class _Writer:
    """Makes the files of a plan: most are those of one side, the others are written into a directory."""

    def __init__(
        self,
        settings: DatasetSettings,
        sides: Sequence[Data],
        states: Sequence[State],
        *,
        favour: Party | None,
        directory: str,
    ) -> None:
        self._reading = settings.reading
        self._sides = sides
        self._paths = [state.paths for state in states]
        self._favour = favour
        self._directory = directory
        self.written: list[dvc.FileState] = []
        self._sizes: dict[str, int] = {}

    def files(self, plan: MergePlan) -> dict[str, str]:
        """The result as path -> md5; what cannot be written becomes a conflict of the plan, or is as favoured."""
        found: dict[str, str] = {}
        for path, each in sorted(plan.files.items()):
            try:
                found[path] = self._file(each)
            except CannotMergeError as error:
                digests = [side.files.get(path) for side in self._sides]
                if self._favour is None:
                    base, ours, theirs = digests
                    plan.file_conflicts.append(FileConflict(path, base, ours, theirs, error.reason))
                elif (digest := digests[self._favour]) is not None:
                    found[path] = digest
        return found

    def _file(self, plan: FilePlan) -> str:
        side = self._sides[plan.party]
        own = Source(side.sources[plan.path], plan.path)
        if plan.both_changed:
            # A file made of both has the records of both; what else stood in one of them would be lost.
            for each in (own, Source(self._sides[Party.THEIRS].sources[plan.path], plan.path)):
                check_records(each, reading=self._reading)
        whole = whole_source(plan, own, self._source_of, reading=self._reading)
        if whole is own:
            return side.files[plan.path]
        if whole is not None:
            md5 = self._sides[plan.replace[1].party].files[whole.path]
            self._sizes[md5] = os.stat(whole.place).st_size
            return md5
        place = os.path.join(self._directory, f"file-{len(self.written)}")
        with open(place, "xb") as target:
            write_merged(target, plan, own, self._source_of, reading=self._reading)
        with open(place, "rb") as stream:
            status, md5 = os.fstat(stream.fileno()), _md5(stream)
        self._sizes[md5] = status.st_size
        self.written.append(dvc.FileState(place, md5, status.st_size, status.st_mtime_ns, status.st_ino))
        return md5

    def size_of(self, path: str, md5: str) -> int:
        """The size of a file of the result."""
        for side in self._sides:
            if side.files.get(path) == md5:
                return os.stat(side.sources[path]).st_size
        return self._sizes[md5]

    def _source_of(self, party: Party, number: int) -> Source:
        path = self._paths[party][number]
        return Source(self._sides[party].sources[path], path)


def _md5(stream: BinaryIO) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _stored(repository: Repository, settings: DatasetSettings, merged: MergedData) -> dvc.Pointer:
    """The pointer to the merged data, the list of whose files is in the cache too."""
    listing = dvc.directory_object(merged.files.items()) if merged.is_directory else None
    if listing:
        dvc.store(dvc.find_cache(repository.layout.root), [], directory=listing, scan_started_ns=time.time_ns())
    return dvc.Pointer(
        md5=listing.oid if listing else next(iter(merged.files.values())),
        size=merged.size,
        path=os.path.basename(settings.path),
        nfiles=len(merged.files) if listing else None,
    )
