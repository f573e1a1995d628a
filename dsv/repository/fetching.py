"""Versions brought from the DVC remote into the cache: all that can be had, then what is wrong is named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.errors import MismatchError, MissingDataError
from dsv.model.arrival import VersionHere
from dsv.model.progress import summed
from dsv.repository.catalog import KnownVersion, read_manifests

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

_NAMED = 10


class Wanted(Enum):
    """What of a version is fetched."""

    INDEX = "index"
    DATA_AND_INDEX = "data"


@dataclass(frozen=True)
class Part:
    """The data of a version, or its index: DVC's name of it, where it belongs, and about how large it is."""

    known: KnownVersion
    oid: str
    path: str
    size: int


@dataclass(frozen=True)
class Fetched:
    """The versions that are here now, the remote they are from, and how many objects and bytes were not here before.

    The remote is None where nothing had to come from one.
    """

    datasets: Sequence[VersionHere]
    remote: str | None
    objects: int
    bytes: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "datasets": [each.document() for each in self.datasets],
            "remote": self.remote,
            "fetched": {"objects": self.objects, "bytes": self.bytes},
        }


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


def parts_of(repository: Repository, versions: Iterable[KnownVersion]) -> dict[KnownVersion, tuple[Part, Part]]:
    """The data of each version and its record index."""
    wanted = list(dict.fromkeys(versions))
    parts = {}
    for known, manifest in zip(wanted, read_manifests(repository, wanted), strict=True):
        place = repository.layout.index_directory(known.dataset, known.version)
        size = manifest.data.records * (40 if manifest.key else 24)
        index = Part(known, manifest.digests.index.removeprefix("md5:"), place, size)
        data = Part(known, manifest.digests.dvc.removeprefix("md5:"), manifest.data.path, manifest.data.bytes)
        parts[known] = data, index
    return parts


def fetch_versions(repository: Repository, versions: Iterable[KnownVersion], *, wanted: Wanted) -> Fetched:
    """The versions' objects in DVC's cache; the work tree stays as it is.

    All that can be had is fetched before anything is refused. Errors: NoRemoteError, RemoteError, CredentialsError,
    NetworkError, MissingDataError for what the remote lacks, MismatchError for what it has damaged.
    """
    listed, parts = list[Part](), list[Part]()
    for data, index in parts_of(repository, versions).values():
        listed.append(index if wanted is Wanted.INDEX else data)
        parts += [index] if wanted is Wanted.INDEX else [data, index]
    cache, brought = dvc.find_cache(repository.layout.root), _Brought()
    arrived = summed(repository.progress, "fetching", total=sum(each.size for each in parts))
    with dvc.remote(cache) as remote:
        if cache.missing(part.oid for part in parts):
            remote.reach()
        brought.add(remote.bring([part.oid for part in parts], arrived=arrived))
        objects = {part.oid: objects_below(cache, part.oid) for part in parts}
        brought.add(remote.bring([oid for oids in objects.values() for oid in oids], arrived=arrived))
        name = remote.name
    _refuse_incomplete(parts, objects, brought, remote=name)
    here = [_here(cache, part, objects[part.oid]) for part in listed]
    return Fetched(here, name, brought.objects, brought.bytes)


def bring_versions(repository: Repository, versions: Iterable[KnownVersion]) -> Fetched:
    """Data and record indexes of the versions in the cache; a remote is asked only for what is not there.

    Errors: those of `fetch_versions`.
    """
    wanted = list(versions)
    cache = dvc.find_cache(repository.layout.root)
    here = []
    for data, index in parts_of(repository, wanted).values():
        objects = {part.oid: objects_below(cache, part.oid) for part in (data, index)}
        if cache.missing([*objects, *(oid for oids in objects.values() for oid in oids)]):
            return fetch_versions(repository, wanted, wanted=Wanted.DATA_AND_INDEX)
        here.append(_here(cache, data, objects[data.oid]))
    return Fetched(here, None, 0, 0)


def objects_below(cache: dvc.Cache, oid: str) -> list[str]:
    """The files' objects: those that a directory's object names; none where that one is not in the cache."""
    if not oid.endswith(".dir"):
        return [oid]
    try:
        return [md5 for _, md5 in dvc.read_directory_object(cache, oid)]
    except MissingDataError:
        return []


def named(versions: Iterable[KnownVersion]) -> str:
    """The first names of the versions, for a message."""
    names = list(dict.fromkeys(each.name for each in versions))
    return ", ".join(names[:_NAMED]) + (" and more" if len(names) > _NAMED else "")


def _refuse_incomplete(
    parts: Sequence[Part], objects: Mapping[str, Sequence[str]], brought: _Brought, *, remote: str
) -> None:
    """MismatchError or MissingDataError, naming the versions, for what was damaged or did not come."""
    for wrong, said, error, hint in (
        (brought.damaged, "holds damaged bytes for", MismatchError, "remove them there, and push good ones"),
        (brought.missing, "lacks", MissingDataError, "whoever released them pushes them: dsv push"),
    ):
        concerned = [part.known for part in parts if wrong & {part.oid, *objects[part.oid]}]
        if concerned:
            raise error(
                f"the remote {remote} {said} {len(wrong)} object{'s' if len(wrong) > 1 else ''} of {named(concerned)}",
                hint=hint,
                details={
                    "refs": list(dict.fromkeys(each.name for each in concerned)),
                    "objects": sorted(wrong)[:_NAMED],
                    "count": len(wrong),
                },
            )


def _here(cache: dvc.Cache, part: Part, objects: Sequence[str]) -> VersionHere:
    size = sum(os.path.getsize(cache.path_of(oid)) for oid in objects)
    return VersionHere(part.known.name, part.path, len(objects), size)
