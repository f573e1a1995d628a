"""Merged data brought into the work tree, together with what was changed there and no version holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import DsvError, IntegrityError, NoPathError, NoVersionError
from dsv.repository.known.catalog import KnownVersion, Versions, read_manifest
from dsv.repository.merging.merge_notes import MergeNote, files_named
from dsv.repository.merging.merging import Data, MergedData, data_of, difference, merge_data
from dsv.repository.transfer.fetching import fetch_versions
from dsv.repository.transfer.restore import files_here
from dsv.repository.writing.placing import place_files

if TYPE_CHECKING:
    from dsv.exports.merge_conflicts import MergeConflicts
    from dsv.model.dataset import DatasetSettings
    from dsv.records.three_way import Party
    from dsv.repository.repository import Repository


def place_merged(
    repository: Repository, settings: DatasetSettings, note: MergeNote, *, favour: Party | None
) -> bool | MergeConflicts:
    """Whether the merged data lies in the work tree now; not where no data does. The caller holds the lock.

    Data that is one of the merged states is replaced. Data that was changed since is merged with the result: what
    was done to it is what differs from the state that it is nearest to. Conflicts leave it as it is.
    """
    here = files_here(repository, settings.name, settings.path)
    if not here:
        return False
    wanted = files_named(repository, note.path, note.merged)
    if here == wanted:
        return True
    is_directory = note.merged.endswith(".dir")
    if not any(here == known for known in _inputs(repository, note)):
        outcome = _with_own_changes(repository, settings, note, here, favour=favour)
        if not isinstance(outcome, MergedData):
            return outcome
        wanted = dict(outcome.files)
    operation = f"merge of {settings.name}"
    place_files(repository, settings.path, wanted, current=here, is_directory=is_directory, operation=operation)
    return True


def merge_version(
    repository: Repository,
    settings: DatasetSettings,
    known: KnownVersion,
    versions: Versions,
    *,
    favour: Party | None,
) -> MergedData | MergeConflicts:
    """What the version changed since the one before it, now in the work tree's data as well.

    Conflicts leave that data alone. What the cache lacks of the two versions is fetched. The caller holds the lock.
    """
    here = files_here(repository, settings.name, settings.path)
    if not here:
        raise NoPathError(f"{settings.path} is not here, so nothing can be merged into it", hint="dsv pull")
    manifest = read_manifest(repository, known)
    earlier = manifest.change.previous
    base = None if earlier is None else versions.get(earlier)
    if earlier is not None and base is None:
        raise NoVersionError(f"{known.name} came after {earlier}, which is not known here", hint="git fetch --tags")
    fetch_versions(repository, [known] if base is None else [base, known])
    theirs = _data(repository, settings.path, manifest.digests.dvc.removeprefix("md5:"), name=known.name)
    before = Data({}, {}, theirs.is_directory, "nothing")
    if base is not None:
        oid = read_manifest(repository, base).digests.dvc.removeprefix("md5:")
        before = _data(repository, settings.path, oid, name=base.name)
    own = _work_tree(repository, settings, here)
    outcome = merge_data(repository, settings, (before, own, theirs), favour=favour)
    if isinstance(outcome, MergedData):
        operation = f"merge of {known.name}"
        place_files(
            repository, settings.path, outcome.files, current=here, is_directory=own.is_directory, operation=operation
        )
    return outcome


def _inputs(repository: Repository, note: MergeNote) -> list[Mapping[str, str]]:
    """The files of the states that were merged, as far as the cache tells them."""
    found: list[Mapping[str, str]] = []
    for oid in note.inputs:
        try:
            found.append(files_named(repository, note.path, oid))
        except IntegrityError:
            continue
    return found


def _with_own_changes(
    repository: Repository, settings: DatasetSettings, note: MergeNote, here: Mapping[str, str], *, favour: Party | None
) -> MergedData | MergeConflicts:
    """The merged data with what was changed in the work tree."""
    own = _work_tree(repository, settings, here)
    merged = _data(repository, note.path, note.merged, name="the merged data")
    states = [merged]
    for oid in note.inputs:
        try:
            states.append(_data(repository, note.path, oid, name="the data before the merge"))
        except DsvError:
            continue
    nearest = min(states, key=lambda state: difference(repository, settings, state, own))
    return merge_data(repository, settings, (nearest, own, merged), favour=favour)


def _work_tree(repository: Repository, settings: DatasetSettings, here: Mapping[str, str]) -> Data:
    """The work tree's data, whose files are known by path and md5."""
    root = repository.layout.absolute(settings.path)
    is_directory = os.path.isdir(root)
    return Data(
        here, {path: f"{root}/{path}" if is_directory else root for path in here}, is_directory, "the working tree"
    )


def _data(repository: Repository, path: str, oid: str, *, name: str) -> Data:
    pointer = dvc.Pointer(md5=oid, size=None, path=path.rpartition("/")[2])
    return data_of(repository, pointer, name=name)
