"""A version as exports are told of it, gathered from git and, where they ask for files, from DVC's cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.git.clone import configuration, remotes
from dsv.errors import BadManifestError, MissingDataError, NoDatasetError, UnsupportedFileError, UsageError
from dsv.exports.described import Contents, Described
from dsv.model.git_address import GitAddress
from dsv.model.lineage import Direction
from dsv.model.progress import summed
from dsv.model.reference import Exact, Ref
from dsv.model.table import DataFile
from dsv.records import sums
from dsv.records.kinds_of_files import tables_of
from dsv.repository.comparing.objects import Reach
from dsv.repository.comparing.versions import index_at_hand, record_index
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.known.catalog import (
    KnownVersion,
    all_versions,
    introduced_in,
    read_manifest,
    read_manifests,
    versions_of,
)
from dsv.repository.known.lineage_graph import lineage_graph
from dsv.repository.obtaining.finding import find_version
from dsv.repository.obtaining.obtaining import Obtained, obtain
from dsv.repository.obtaining.origin import origin_of

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class ReleasedFiles:
    """The files of a version, whose objects are in a cache, and what they hold."""

    obtained: Obtained
    contents: Contents


def describe(repository: Repository, known: KnownVersion) -> Described:
    """The version with what its dataset declares today, and all that it was made from as far as it is known here."""
    manifest = read_manifest(repository, known)
    dataset = versions_of(repository, known.dataset).dataset
    description, owners, labels = "", tuple[str, ...](), frozenset[str]()
    try:
        settings = load_dataset_file(repository, dataset)
        description, owners, labels = settings.description, settings.owners, settings.counted_fields
    except (NoDatasetError, BadManifestError):
        repository.tell(f"{dataset}: no dataset.yaml that reads, so its description and owners are not told")
    ref = f"{dataset}@{known.version}"
    lineage = lineage_graph(repository).around(ref, [Direction.UP])
    return Described(
        ref=ref,
        manifest=manifest,
        description=description,
        owners=owners,
        label_fields=labels,
        address=_address(repository),
        git_tag=known.tag,
        commit=introduced_in(repository, known),
        lineage=lineage,
        ancestors=_manifests(repository, [each for each in lineage.nodes if each != ref]),
    )


def _manifests(repository: Repository, refs: Sequence[str]) -> dict[str, Manifest]:
    """The manifests of those of the versions that are known here, by their refs."""
    if not refs:
        return {}
    known = known_by_ref(repository)
    found = [ref for ref in refs if ref in known]
    return dict(zip(found, read_manifests(repository, [known[ref] for ref in found]), strict=True))


def known_by_ref(repository: Repository) -> dict[str, KnownVersion]:
    """Every known version by its ref, under the name that its dataset has today."""
    return {
        f"{name}@{each.version}": each for name, versions in all_versions(repository).items() for each in versions.known
    }


def _address(repository: Repository) -> str:
    """Where others reach the repository, by itself or by the remote that releases go to; "" where it is only here."""
    found = origin_of(repository)
    if found.visited is not None:
        text = found.address
    else:
        text = remotes(configuration(repository.git)).get(repository.settings().release.remote, "")
    try:
        address = GitAddress.parse(text)
    except UsageError:
        return ""
    if address.local:
        return ""
    scheme = "https" if text.lower().startswith("http") else "ssh"
    return f"{scheme}://{address.identity}"


def obtained_files(repository: Repository, known: KnownVersion) -> ReleasedFiles:
    """The version's files, brought as far as they are not here and verified, and what they hold.

    Errors: those of `obtain`; UnsupportedFileError for a path that is no text.
    """
    exact = Ref(known.dataset, Exact(known.version), repository.layout.prefix)
    obtained = obtain(find_version(origin_of(repository), exact))
    reading = obtained.manifest.declared
    by_path = {each.path: each for each in obtained.files}
    paths = [path for path, _ in sums.sorted_by_path((each.path, each.sha256) for each in obtained.files)]
    for path in paths:
        _refuse_name(path, known.name)
    files = [DataFile(path, by_path[path].sha256, by_path[path].size, reading.split_of(path)) for path in paths]
    advance = summed(repository.progress, "looking into the files", total=obtained.bytes)
    sources = {path: each.source for path, each in by_path.items()}
    tables = tables_of(files, sources=sources, reading=reading, advance=advance)
    return ReleasedFiles(obtained, Contents(files, tables))


def file_list(repository: Repository, known: KnownVersion, manifest: Manifest) -> bytes | None:
    """SHA256SUMS of the version as its record index has it; None where that is not here."""
    index = index_at_hand(repository, known, manifest)
    if index is None:
        try:
            index = record_index(repository, known, manifest, reach=Reach.CACHE)
        except MissingDataError:
            return None
    return sums.write_sums(index.files)


def _refuse_name(path: str, name: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UnsupportedFileError(
            f"{name} has a file whose name is no UTF-8, {path!a}, which other formats cannot name",
            hint="rename it, release that, and export the new version",
            details={"path": path},
        ) from None
