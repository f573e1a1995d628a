"""The data of released versions: their files' objects, and the record index each was released with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import IntegrityError, MismatchError, MissingDataError
from dsv.model.change import Change
from dsv.model.policy import Policy, Verdict
from dsv.model.policy_rules import decide
from dsv.model.progress import summed
from dsv.records.index import RecordIndex
from dsv.records.sums import path_bytes
from dsv.repository.comparing.objects import Reach, files_of, hints_naming, objects_of, usual_reach
from dsv.repository.contents.clean_look import no_change
from dsv.repository.contents.comparison import Side, change_between, first_change
from dsv.repository.contents.gather import asked_of, counter_of, gather_from
from dsv.repository.known.catalog import KnownVersion, read_manifest

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.model.manifest import Manifest
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.repository import Repository


def side_of(repository: Repository, known: KnownVersion) -> Side:
    """A released version as one side of a comparison."""
    manifest = read_manifest(repository, known)
    return side_from(known.name, manifest, record_index(repository, known, manifest))


def side_from(name: str, manifest: Manifest, index: RecordIndex) -> Side:
    """A version of this manifest and record index as one side of a comparison."""
    return Side(
        name=name,
        index=index,
        reading=manifest.declared,
        key=manifest.key,
        fields=manifest.observed,
        records=manifest.data.records,
        bytes=manifest.data.bytes,
    )


def compare_with_base(
    repository: Repository, base: KnownVersion | None, snapshot: Snapshot, *, policy: Policy
) -> tuple[Change, Verdict]:
    """What changed since the base, and the level that follows; without a base everything is new."""
    if base is None:
        paths = sorted((file.path for file in snapshot.files), key=path_bytes)
        return first_change(snapshot.built, paths=paths), Verdict(None, ("first version",))
    manifest = read_manifest(repository, base)
    if (manifest.digests.tree, manifest.key, manifest.declared) == (snapshot.tree, snapshot.key, snapshot.reading):
        change = no_change(snapshot.built, files=len(snapshot.files))
    else:
        change = change_between(side_of(repository, base), snapshot.side(), policy=policy, executor=repository.executor)
    return change, decide(change, policy=policy)


def released_data(repository: Repository, manifest: Manifest, settings: DatasetSettings, *, directory: str) -> Snapshot:
    """The version's data out of DVC's cache, read by today's declarations; MissingDataError where it is not there."""
    cache = dvc.find_cache(repository.layout.root)
    with hints_naming(f"{manifest.dataset}@{manifest.version}"):
        entries = files_of(repository, manifest)
        dvc.require_objects(cache, entries)
    return gather_from(
        {path: cache.path_of(md5) for path, md5 in entries},
        dataset=settings.name,
        path=settings.path,
        reading=settings.reading,
        key=settings.key,
        is_directory=manifest.digests.dvc.endswith(".dir"),
        directory=directory,
        counter=counter_of(repository, settings),
        executor=repository.executor,
        inspections=asked_of(repository, settings),
    )


def record_index(
    repository: Repository, known: KnownVersion, manifest: Manifest, *, reach: Reach | None = None
) -> RecordIndex:
    """The index the version was released with: from the work tree, else DVC's cache, else made again from the data.

    `reach` is where that data is looked for; without, on the remote only for the workers of a cluster.

    MissingDataError when neither the index nor the data is here; MismatchError when what was made again is
    not what the manifest says.
    """
    if (index := held_index(repository, known, manifest)) is not None:
        return index
    kept = _place_of(repository, manifest.digests.index.removeprefix("md5:"))
    _from_data(repository, known, manifest, kept, reach=reach or usual_reach(repository))
    return RecordIndex.open(kept)


def held_index(
    repository: Repository, known: KnownVersion, manifest: Manifest, *, in_git: Collection[str] | None = None
) -> RecordIndex | None:
    """The index that the version was released with, from the work tree, else DVC's cache; None where neither has it.

    `in_git` are the files that git keeps of record indexes, from its root, where these are known already.
    """
    if (index := index_at_hand(repository, known, manifest, in_git=in_git)) is not None:
        return index
    oid = manifest.digests.index.removeprefix("md5:")
    kept = _place_of(repository, oid)
    if os.path.isdir(kept):
        shutil.rmtree(kept)
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    try:
        _from_cache(repository, oid, kept)
    except IntegrityError:
        return None
    return RecordIndex.open(kept)


def index_at_hand(
    repository: Repository, known: KnownVersion, manifest: Manifest, *, in_git: Collection[str] | None = None
) -> RecordIndex | None:
    """The index as it lies in the work tree, or where it was made again; None where it is in neither.

    `in_git` as of `held_index`.
    """
    layout = repository.layout
    own = layout.index_directory(known.dataset, known.version)
    places = [layout.absolute(own), _place_of(repository, manifest.digests.index.removeprefix("md5:"))]
    if os.path.isdir(places[0]) and _is_in_git(repository, layout.in_git(own), in_git):
        del places[0]  # git never holds what dsv placed there: a clone brought it, with whatever rows
    for directory in places:
        if os.path.isdir(directory):
            try:
                index = RecordIndex.open(directory)
            except IntegrityError:
                continue
            if f"sha256:{index.tree_digest}" == manifest.digests.tree:
                return index
    return None


def _is_in_git(repository: Repository, directory: str, in_git: Collection[str] | None) -> bool:
    """Whether git keeps a file of the directory."""
    if in_git is None:
        return bool(repository.git.staged(directory))
    return any(path.startswith(f"{directory}/") for path in in_git)


def _place_of(repository: Repository, oid: str) -> str:
    """Where an index is kept that was made again."""
    return os.path.join(repository.state, "indexes", oid.removesuffix(".dir"))


def _from_cache(repository: Repository, oid: str, target: str) -> None:
    cache = dvc.find_cache(repository.layout.root)
    entries = dvc.read_directory_object(cache, oid)
    partial = f"{target}.partial-{os.getpid()}"
    os.makedirs(partial)
    try:
        dvc.materialise(cache, entries, base=os.path.dirname(partial), directory=os.path.basename(partial))
        os.rename(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _from_data(repository: Repository, known: KnownVersion, manifest: Manifest, target: str, *, reach: Reach) -> None:
    """The index anew from the version's objects, which must come out as it was."""
    try:
        objects = objects_of(repository, manifest, reach=reach)
    except MissingDataError as error:
        raise MissingDataError(
            f"neither the record index of {known.name} nor its data is in the cache",
            hint=f"dsv fetch --index {known.name} brings the index, dsv fetch {known.name} both",
            details=error.details,
        ) from None
    snapshot = gather_from(
        objects.sources,
        dataset=known.dataset,
        path=manifest.data.path,
        reading=manifest.declared,
        key=manifest.key,
        is_directory=manifest.digests.dvc.endswith(".dir"),
        directory=target,
        executor=repository.executor,
        store=objects.store,
        sizes=objects.sizes,
        progress=summed(repository.progress, f"reading {known.name}", total=manifest.data.bytes),
    )
    expected = manifest.digests.index.removeprefix("md5:")
    if snapshot.index_object.oid != expected:
        shutil.rmtree(target)
        place = "in DVC's cache" if objects.store is None else f"on the remote {objects.store.name}"
        raise MismatchError(
            f"the record index of {known.name}, made again from its data, is not the one it was released with",
            hint=f"its data {place} is damaged; remove the damaged objects, and bring good ones",
            details={"expected": expected, "actual": snapshot.index_object.oid, "tree": snapshot.tree},
        )
