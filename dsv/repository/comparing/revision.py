"""The data of a dataset as its pointer has them at a commit: what `NAME@git:REV` names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import NoVersionError
from dsv.model.dataset import load_dataset
from dsv.repository.comparing.objects import pointed_objects
from dsv.repository.comparing.sources import RecordSource
from dsv.repository.contents.gather import counter_of, gather_from
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.declared.pointers import lock_text, stage_making
from dsv.repository.known.catalog import KnownVersion, read_manifest, require_dataset, versions_of

if TYPE_CHECKING:
    from dsv.model.reference import GitRevision
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class PointedData:
    """What a pointer names at a commit: DVC's name of the data, and where they lay."""

    dataset: str
    name: str
    path: str
    pointer: dvc.Pointer


def data_at(repository: Repository, dataset: str, selector: GitRevision) -> PointedData:
    """The data that the dataset's pointer names at the commit; NoVersionError where it has none there."""
    name = require_dataset(repository, dataset)
    commit = repository.git.resolve(selector.revision)
    path = _path_at(repository, name, commit)
    file = repository.layout.data_pointer(path)
    object_name = f"{commit}:{repository.layout.in_git(file)}"
    text = repository.git.blobs([object_name]).get(object_name)
    if text is not None:
        pointer: dvc.Pointer | None = dvc.parse_pointer(text, file=file)
    else:
        output = stage_making(repository, path)
        lock = lock_text(repository, output, revision=commit) if output else None
        pointer = dvc.locked(lock, output) if output and lock is not None else None
    if pointer is None or not pointer.md5:
        raise NoVersionError(
            f"{path}, the data of {name}, has no pointer at {selector.revision}",
            hint=f"git log -- {file} shows the commits that changed it",
        )
    return PointedData(name, f"{name}@{selector}", path, pointer)


def objects_at(repository: Repository, data: PointedData) -> tuple[dvc.Cache, Sequence[dvc.Entry]]:
    """The files as (path, md5), and the cache that has them all; MissingDataError where it has not."""
    return pointed_objects(repository, data.path, data.pointer)


def revision_source(repository: Repository, data: PointedData, *, scratch: str) -> RecordSource:
    """The data as one side of a comparison, read as the dataset is declared today; the index goes into `scratch`."""
    settings = load_dataset_file(repository, data.dataset)
    cache, entries = objects_at(repository, data)
    snapshot = gather_from(
        {path: cache.path_of(md5) for path, md5 in entries},
        dataset=data.dataset,
        path=data.path,
        reading=settings.reading,
        key=settings.key,
        is_directory=data.pointer.is_directory,
        directory=scratch,
        counter=counter_of(repository, settings),
        executor=repository.executor,
    )
    side = replace(snapshot.side(), name=data.name)
    return RecordSource(side, snapshot.sources, profile=lambda: snapshot.profile)


def version_at(repository: Repository, dataset: str, selector: GitRevision) -> KnownVersion:
    """The highest version that has the data which the pointer names at the commit; NoVersionError where none has."""
    data = data_at(repository, dataset, selector)
    for known in reversed(versions_of(repository, data.dataset).known):
        if read_manifest(repository, known).digests.dvc == f"md5:{data.pointer.md5}":
            return known
    raise NoVersionError(
        f"no version of {data.dataset} has the data of {data.name}",
        hint=f"name a version: dsv log {data.dataset} shows them",
    )


def _path_at(repository: Repository, dataset: str, commit: str) -> str:
    """Where the data lay at the commit, which may know the dataset by a former name; else where they lie today."""
    layout = repository.layout
    files = [layout.dataset_file(name) for name in versions_of(repository, dataset).names]
    texts = repository.git.blobs([f"{commit}:{layout.in_git(file)}" for file in files])
    for file in files:
        text = texts.get(f"{commit}:{layout.in_git(file)}")
        if text is not None:
            return load_dataset(text, file=file).value.path
    return load_dataset_file(repository, dataset).path
