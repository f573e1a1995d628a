"""Which objects a version is made of: its data and its record index, each a file or the list of a directory's files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import MismatchError, MissingDataError
from dsv.records import sums
from dsv.repository import files
from dsv.repository.known.catalog import KnownVersion, read_manifests
from dsv.repository.transfer.quarantine import quarantine
from dsv.repository.transfer.supply import BadDelivery, Item

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Part:
    """The data of a version, or its index: DVC's name of it, where it belongs, and about how large it is."""

    known: KnownVersion
    oid: str
    path: str
    size: int

    @property
    def top(self) -> Item:
        """The object that the part is called by: the list of a directory's files, or the one file."""
        return Item(self.known, self.oid, self.path)

    def entries(self, cache: dvc.Cache) -> list[dvc.Entry]:
        """The files as (path, md5); none where their list is not in the cache. MismatchError where it is damaged."""
        if not self.oid.endswith(".dir"):
            return [(os.path.basename(self.path), self.oid)]
        try:
            return dvc.read_directory_object(cache, self.oid)
        except MissingDataError:
            return []

    def items(self, entries: Iterable[dvc.Entry], *, sha256: Mapping[str, str]) -> list[Item]:
        """The files' objects, with the SHA-256 that is known of their paths."""
        if not self.oid.endswith(".dir"):
            return [Item(self.known, md5, self.path, sha256.get(path)) for path, md5 in entries]
        return [Item(self.known, md5, f"{self.path}/{path}", sha256.get(path)) for path, md5 in entries]


def parts_of(repository: Repository, versions: Iterable[KnownVersion]) -> dict[KnownVersion, tuple[Part, Part]]:
    """The data of each version and its record index."""
    wanted = list(dict.fromkeys(versions))
    manifests = read_manifests(repository, wanted)
    return {known: both_parts(repository, known, each) for known, each in zip(wanted, manifests, strict=True)}


def both_parts(repository: Repository, known: KnownVersion, manifest: Manifest) -> tuple[Part, Part]:
    """The data of the version and its record index."""
    place = repository.layout.index_directory(known.dataset, known.version)
    size = manifest.data.records * (40 if manifest.key else 24)
    index = Part(known, manifest.digests.index.removeprefix("md5:"), place, size)
    return Part(known, manifest.digests.dvc.removeprefix("md5:"), manifest.data.path, manifest.data.bytes), index


def digests_of_files(cache: dvc.Cache, index: Part, *, tree: str) -> dict[str, str]:
    """Path -> SHA-256 of the version's files, by its SHA256SUMS; empty where the cache has not got that.

    `tree` is the digest of it that the manifest names; MismatchError where it is of another.
    """
    oid = next((md5 for path, md5 in index.entries(cache) if path == sums.FILE_NAME), None)
    content = files.read_bytes(cache.path_of(oid)) if oid is not None else None
    if content is None:
        return {}
    actual = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if actual != tree:
        raise MismatchError(
            f"the {sums.FILE_NAME} of {index.known.name} in the cache is not the one that its manifest names",
            hint=f"dsv verify --deep {index.known.name} tells more",
            details={"object": oid, "expected": tree, "actual": actual},
        )
    return dict(sums.read_sums(content))


def quarantined(repository: Repository, cache: dvc.Cache, items: Iterable[Item]) -> list[BadDelivery]:
    """Those of the objects whose bytes in the cache are not those of their names, all read; they are quarantined."""
    bad = []
    for oid, item in {item.oid: item for item in items}.items():
        path = cache.path_of(oid)
        if not os.path.isfile(path):
            continue
        expected, actual = oid.removesuffix(".dir"), files.md5_of(path)
        if actual != expected:
            quarantine(repository, cache, oid)
            bad.append(BadDelivery(None, item, f"md5:{expected}", f"md5:{actual}"))
    return bad


def sizes_of(cache: dvc.Cache, entries: Sequence[dvc.Entry]) -> int | None:
    """The bytes of the files together; None where the cache lacks some."""
    try:
        return sum(os.path.getsize(cache.path_of(md5)) for _, md5 in entries)
    except FileNotFoundError:
        return None
