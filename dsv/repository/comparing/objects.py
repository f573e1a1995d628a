"""The objects of a version's files: in DVC's cache or, where they may be read from there, on its remote."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import IntegrityError, MissingDataError, NoRemoteError
from dsv.model.executor import Place

if TYPE_CHECKING:
    from dsv.adapters.dvc.remote_files import RemoteFiles
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository


class Reach(Enum):
    """How far one goes for objects."""

    CACHE = "cache"
    REMOTE = "remote"
    """To the remote, for what is not in the cache."""


@dataclass(frozen=True)
class Objects:
    """The files of a version by path: where each lies, its size in bytes, and the remote if that holds them."""

    sources: Mapping[str, str]
    sizes: Mapping[str, int]
    store: RemoteFiles | None = None


@contextmanager
def hints_naming(name: str) -> Iterator[None]:
    """What DVC's cache lacks, or has damaged, is told with hints that name the version, `NAME@X.Y.Z`."""
    try:
        yield
    except IntegrityError as error:
        error.hint = error.hint.replace("NAME@VERSION", name)
        raise


def usual_reach(repository: Repository) -> Reach:
    """A cluster is asked for to read what is not here."""
    return Reach.REMOTE if repository.executor.place is Place.DASK else Reach.CACHE


def files_of(repository: Repository, manifest: Manifest) -> list[dvc.Entry]:
    """The version's files as (path, md5), by path; MissingDataError when DVC's cache lacks the list of them."""
    oid = manifest.digests.dvc.removeprefix("md5:")
    if not oid.endswith(".dir"):
        return [(os.path.basename(manifest.data.path), oid)]
    return dvc.read_directory_object(dvc.find_cache(repository.layout.root), oid)


def pointed_objects(repository: Repository, path: str, pointer: dvc.Pointer) -> tuple[dvc.Cache, Sequence[dvc.Entry]]:
    """The files of data that a pointer names, as (path, md5), and the cache that has them all.

    What DVC 2 put there by another digest counts too. MissingDataError where the cache lacks some.
    """
    own = dvc.find_cache(repository.layout.root)
    cache = own if pointer.hash_name == "md5" else own.of_dvc_2()
    single = [(os.path.basename(path), pointer.md5)]
    entries = dvc.read_directory_object(cache, pointer.md5) if pointer.is_directory else single
    dvc.require_objects(cache, entries)
    return cache, entries


def objects_of(repository: Repository, manifest: Manifest, *, reach: Reach) -> Objects:
    """The version's files in the cache, or all of them on the remote where the cache lacks some.

    Errors: MissingDataError; those of a remote that does not answer.
    """
    cache = dvc.find_cache(repository.layout.root)
    try:
        entries = files_of(repository, manifest)
        dvc.require_objects(cache, entries)
    except MissingDataError as missing:
        if reach is Reach.CACHE:
            raise
        try:
            return _on_remote(cache, manifest)
        except NoRemoteError:
            raise missing from None
    sources = {path: cache.path_of(md5) for path, md5 in entries}
    return Objects(sources, {path: os.stat(source).st_size for path, source in sources.items()})


def _on_remote(cache: dvc.Cache, manifest: Manifest) -> Objects:
    with dvc.remote(cache) as remote:
        store = remote.files()
    oid = manifest.digests.dvc.removeprefix("md5:")
    entries = [(os.path.basename(manifest.data.path), oid)]
    if oid.endswith(".dir"):
        entries = dvc.parse_directory_object(store.read(oid), oid=oid)
    sizes = store.sizes(md5 for _, md5 in entries)
    return Objects(
        {path: store.source_of(md5) for path, md5 in entries}, {path: sizes[md5] for path, md5 in entries}, store
    )
