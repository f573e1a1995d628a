"""`dsv fetch`: data and record indexes of versions, from the DVC remote into the cache."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dsv.adapters import dvc
from dsv.errors import MismatchError, MissingDataError, UsageError
from dsv.model.arrival import VersionHere
from dsv.model.progress import summed
from dsv.model.reference import GitRevision, Ref, Work
from dsv.model.standing import UNLISTED
from dsv.repository import Repository
from dsv.repository.catalog import KnownVersion, all_versions, read_manifest, resolve

_NAMED = 10


class Wanted(Enum):
    """What of a version is fetched."""

    INDEX = "index"
    DATA_AND_INDEX = "data"


class Extent(Enum):
    """Which versions are fetched where no reference names one."""

    LATEST = "latest"
    """The newest one of every dataset that lists show."""
    ALL = "all"


@dataclass(frozen=True)
class Fetched:
    """The versions, the remote they are from, and how many objects and bytes were not here before."""

    datasets: Sequence[VersionHere]
    remote: str
    objects: int
    bytes: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "datasets": [each.document() for each in self.datasets],
            "remote": self.remote,
            "fetched": {"objects": self.objects, "bytes": self.bytes},
        }


@dataclass(frozen=True)
class _Part:
    """The data of a version, or its index: DVC's name of it, where it belongs, and about how large it is."""

    known: KnownVersion
    oid: str
    path: str
    size: int


@dataclass
class _Brought:
    """What has come so far, by oid where something was wrong with it."""

    objects: int = 0
    bytes: int = 0
    missing: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)

    def add(self, arrival: dvc.Arrival) -> None:
        self.objects += arrival.objects
        self.bytes += arrival.bytes
        self.missing.update(arrival.missing)
        self.damaged.update(arrival.damaged)


def fetch(
    repository: Repository, *references: Ref, wanted: Wanted = Wanted.DATA_AND_INDEX, extent: Extent = Extent.LATEST
) -> Fetched:
    """The named versions in DVC's cache; without names those that `extent` says. The work tree stays as it is.

    All that can be had is fetched before anything is refused. Errors: NoRemoteError, RemoteError, CredentialsError,
    NetworkError, MissingDataError for what the remote lacks, MismatchError for what it has damaged.
    """
    # gather
    if references and extent is Extent.ALL:
        raise UsageError("--all names every version", hint="leave out --all or the references")
    chosen = [_named(repository, each) for each in references] or _by_extent(repository, extent)
    known = list(dict.fromkeys(chosen))
    parts = [part for each in known for part in _parts(repository, each, wanted)]
    # record
    cache, brought = dvc.find_cache(repository.layout.root), _Brought()
    arrived = summed(repository.progress, "fetching", total=sum(each.size for each in parts))
    with dvc.remote(cache) as remote:
        brought.add(remote.bring([part.oid for part in parts], arrived=arrived))
        objects = {part.oid: _objects_of(cache, part.oid) for part in parts}
        brought.add(remote.bring([oid for oids in objects.values() for oid in oids], arrived=arrived))
        name = remote.name
    _refuse_incomplete(parts, objects, brought, remote=name)
    versions = [
        _fetched(cache, part, objects[part.oid])
        for part in parts
        if wanted is Wanted.INDEX or _is_data(repository, part)
    ]
    return Fetched(versions, name, brought.objects, brought.bytes)


def _named(repository: Repository, reference: Ref) -> KnownVersion:
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(f"{reference} is no released version", hint="name a version, for instance by its number")
    return resolve(repository, reference)


def _by_extent(repository: Repository, extent: Extent) -> list[KnownVersion]:
    found: list[KnownVersion] = []
    for versions in all_versions(repository).values():
        if extent is Extent.ALL:
            found += reversed(versions.known)
        elif versions.latest is not None and versions.standing.dataset not in UNLISTED:
            found.append(versions.latest)
    return found


def _parts(repository: Repository, known: KnownVersion, wanted: Wanted) -> list[_Part]:
    manifest = read_manifest(repository, known)
    place = repository.layout.index_directory(known.dataset, known.version)
    size = manifest.data.records * (40 if manifest.key else 24)
    index = _Part(known, manifest.digests.index.removeprefix("md5:"), place, size)
    data = _Part(known, manifest.digests.dvc.removeprefix("md5:"), manifest.data.path, manifest.data.bytes)
    return [index] if wanted is Wanted.INDEX else [data, index]


def _is_data(repository: Repository, part: _Part) -> bool:
    return part.path != repository.layout.index_directory(part.known.dataset, part.known.version)


def _objects_of(cache: dvc.Cache, oid: str) -> list[str]:
    """The files' objects: those that a directory's object names; none where that one did not come."""
    if not oid.endswith(".dir"):
        return [oid]
    try:
        return [md5 for _, md5 in dvc.read_directory_object(cache, oid)]
    except MissingDataError:
        return []


def _refuse_incomplete(
    parts: Iterable[_Part], objects: dict[str, list[str]], brought: _Brought, *, remote: str
) -> None:
    """MismatchError or MissingDataError, naming the versions, for what was damaged or did not come."""
    for wrong, said, error, hint in (
        (brought.damaged, "holds damaged bytes for", MismatchError, "remove them there, and push good ones"),
        (brought.missing, "lacks", MissingDataError, "whoever released them pushes them: dvc push --all-tags"),
    ):
        concerned = [part for part in parts if wrong & {part.oid, *objects[part.oid]}]
        names = list(dict.fromkeys(part.known.name for part in concerned))
        if names:
            shown = ", ".join(names[:_NAMED]) + (" and more" if len(names) > _NAMED else "")
            raise error(
                f"the remote {remote} {said} {len(wrong)} object{'s' if len(wrong) > 1 else ''} of {shown}",
                hint=hint,
                details={"refs": names, "objects": sorted(wrong)[:_NAMED], "count": len(wrong)},
            )


def _fetched(cache: dvc.Cache, part: _Part, objects: Sequence[str]) -> VersionHere:
    size = sum(os.path.getsize(cache.path_of(oid)) for oid in objects)
    return VersionHere(part.known.name, part.path, len(objects), size)
