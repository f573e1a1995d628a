"""The record indexes of all known versions: which version has which, and where the ones that are here lie."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.errors import DiskError, IntegrityError, MismatchError
from dsv.model.reading import Reading
from dsv.records import sums
from dsv.records.packs import pack_name
from dsv.repository.known.catalog import KnownVersion, all_versions, require_dataset
from dsv.repository.known.search_index import parsed_manifests

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

RECORDS = "records"
OPAQUE_FILES = "opaque"

_MEMBERS = ("data", "digests", "fields", "key", "reading", "validation")


@dataclass(frozen=True)
class IndexedVersion:
    """A known version with what its manifest says of its records; `oid` is DVC's name of its record index.

    `key` are the fields of its key with the types of their values, `unique` says whether no two records may share one.
    """

    known: KnownVersion
    oid: str
    tree: str
    key: tuple[tuple[str, frozenset[str]], ...]
    unique: bool
    reading: Reading
    records: int


@dataclass(frozen=True)
class HeldIndex:
    """A record index that is at hand: where each of its files lies, by name."""

    paths: Mapping[str, str]

    def packs(self, kind: str) -> list[str]:
        """The packs of a kind in their order, `RECORDS` or `OPAQUE_FILES`."""
        found: list[str] = []
        while path := self.paths.get(pack_name(kind, len(found))):
            found.append(path)
        return found

    def listing(self) -> bytes:
        """SHA256SUMS; MismatchError where it is missing."""
        content = _listing(self.paths.get(sums.FILE_NAME, ""))
        if content is None:
            raise MismatchError("the record index has no SHA256SUMS", hint="dsv fetch --index brings it back")
        return content


def known_indexes(repository: Repository, *names: str) -> tuple[list[IndexedVersion], list[KnownVersion]]:
    """The known versions of the datasets, of all without a name, by name and from the newest version to the oldest.

    The second list has those whose manifest cannot be read. NoDatasetError for an unknown name.
    """
    versions = all_versions(repository)
    wanted = {name if name in versions else require_dataset(repository, name) for name in names}
    chosen = {name: each for name, each in versions.items() if not names or name in wanted}
    known = [each for name in sorted(chosen) for each in reversed(chosen[name].known)]
    manifests = parsed_manifests(repository, [each.blob for each in known], members=_MEMBERS)
    readable = [_indexed(each, manifests[each.blob]) for each in known if each.blob in manifests]
    return readable, [each for each in known if each.blob not in manifests]


def places_of(repository: Repository, version: IndexedVersion, *, cache: dvc.Cache) -> Iterator[HeldIndex]:
    """Wherever the version's index lies here: in DVC's cache, in the work tree, among those made again from data.

    Files in the cache have the digest of their content as name; a directory counts when its SHA256SUMS fits.
    """
    layout = repository.layout
    try:
        entries = dvc.read_directory_object(cache, version.oid)
    except IntegrityError:
        entries = []
    # Of a version that was fetched in parts the digests of its files are here, and no record.
    if entries and not cache.missing(md5 for _, md5 in entries):
        yield HeldIndex({path: cache.path_of(md5) for path, md5 in entries})
    placed = layout.absolute(layout.index_directory(version.known.dataset, version.known.version))
    for directory in (placed, os.path.join(repository.state, "indexes", version.oid.removesuffix(".dir"))):
        if not os.path.isdir(directory):
            continue
        held = HeldIndex({name: os.path.join(directory, name) for name in sorted(os.listdir(directory))})
        if is_listing_of(version, _listing(os.path.join(directory, sums.FILE_NAME)) or b""):
            yield held


def _listing(path: str) -> bytes | None:
    """The SHA256SUMS at the path; None where there is none."""
    try:
        with open(path, "rb") as stream:
            return sums.read_listing(stream)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DiskError(f"{path} cannot be read: {error.strerror}", hint="look at its permissions") from error


def is_listing_of(version: IndexedVersion, listing: bytes) -> bool:
    """Whether this is the SHA256SUMS that the version's tree digest is made of."""
    return f"sha256:{hashlib.sha256(listing).hexdigest()}" == version.tree


def _indexed(known: KnownVersion, manifest: Mapping[str, Any]) -> IndexedVersion:
    digests, reading = manifest["digests"], manifest.get("reading") or {}
    types = {each["name"]: frozenset(each["types"]) for each in manifest["fields"]}
    return IndexedVersion(
        known=known,
        oid=digests["index"].removeprefix("md5:"),
        tree=digests["tree"],
        key=tuple((name, types.get(name, frozenset())) for name in manifest["key"]),
        unique=all(each["check"] != "key" for each in manifest["validation"]["waived"]),
        reading=Reading(splits=tuple((reading.get("splits") or {}).items())),
        records=manifest["data"]["records"],
    )
