"""Versions brought from DVC remotes into the cache: all that can be had, then what is wrong is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.errors import MismatchError, NoPathError
from dsv.model.arrival import VersionHere
from dsv.model.portion import ALL_FILES, Portion
from dsv.model.progress import summed
from dsv.records import sums
from dsv.repository.known.catalog import KnownVersion, every_name, read_manifests, versions_of
from dsv.repository.scoring.score_files import ScorePointer, every_score_pointer, score_pointers
from dsv.repository.transfer.supply import BadDelivery, Item, Supply, named, supply
from dsv.repository.transfer.version_objects import Part, both_parts, digests_of_files, quarantined, sizes_of

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository

_FILES_AT_ONCE = 200_000
"""The lists of versions with so many files are in memory together."""


class Wanted(Enum):
    """What of a version is fetched."""

    INDEX = "index"
    DATA_AND_INDEX = "data and index"
    """And the scores of its dataset: all that a repository has of it."""
    DATA = "data"
    """And of the index no more than the digests of the files."""


@dataclass(frozen=True)
class Fetched:
    """The versions that are here now, the remote that was asked first, and what was not here before.

    The remote is None where nothing had to come from one. `bad` is what a remote, or the cache, had damaged or lacked,
    and another one had whole.
    """

    datasets: Sequence[VersionHere]
    remote: str | None
    objects: int
    bytes: int
    bad: Sequence[BadDelivery] = ()

    def then(self, more: Fetched) -> Fetched:
        """The same, and what was brought afterwards of the same versions."""
        objects, size = self.objects + more.objects, self.bytes + more.bytes
        return replace(self, remote=self.remote or more.remote, objects=objects, bytes=size, bad=(*self.bad, *more.bad))

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "datasets": [each.document() for each in self.datasets],
            "remote": self.remote,
            "fetched": {"objects": self.objects, "bytes": self.bytes},
            "bad": [each.document() for each in self.bad],
        }


@dataclass
class _Version:
    """A version on its way: its manifest and parts, and the wanted files of each part once their lists are here."""

    known: KnownVersion
    manifest: Manifest
    data: Part
    index: Part
    data_files: Sequence[dvc.Entry] = ()
    index_files: Sequence[dvc.Entry] = ()
    splits: frozenset[str] = field(default_factory=frozenset)


def fetch_versions(
    repository: Repository,
    versions: Iterable[KnownVersion],
    *,
    wanted: Wanted = Wanted.DATA_AND_INDEX,
    portion: Portion = ALL_FILES,
    first: str = "",
) -> Fetched:
    """The versions' objects in DVC's cache; the work tree stays as it is. Remotes are asked only for what is not here.

    Of a portion those files come, the list of all files, and their digests. Each object is held against its name, and
    against the SHA-256 that the version's manifest vouches for, before the cache has it. What one remote has damaged,
    or lacks, is asked of the next; `first` or the default one is the first. All that can be had is brought before
    anything is refused. Errors: NoRemoteError, NoPathError for a portion of nothing, RemoteError, CredentialsError,
    NetworkError, MissingDataError for what all remotes lack, MismatchError for what is damaged there.
    """
    chosen = list(dict.fromkeys(versions))
    here, lacking, splits = list[VersionHere](), list[Item](), set[str]()
    with supply(repository, first=first) as source:
        for group in _groups(repository, chosen):
            _bring_indexes(repository, source, group, whole=_whole_index(wanted, portion))
            if wanted is not Wanted.INDEX:
                _bring_data(repository, source, group, portion)
            for each in group:
                lacking += source.lacking(_items(each, wanted))
                splits |= each.splits
            here += [found for each in group if (found := _here(source.cache, each, wanted)) is not None]
        if wanted is not Wanted.DATA:
            lacking += source.lacking(_bring_scores(repository, source, chosen))
        source.tell()
        source.refuse(lacking)
        if not portion.is_all and not any(each.files for each in here):
            raise portion_of_nothing(named(chosen), portion, splits=splits)
        return Fetched(here, source.asked, source.objects, source.bytes, tuple(source.bad))


def portion_of_nothing(name: str, portion: Portion, *, splits: Iterable[str]) -> NoPathError:
    """What is said where no file is meant by a portion of a version that has these splits."""
    names = ", ".join(sorted(splits))
    return NoPathError(
        f"{name}: no file is meant by {portion}",
        hint=f"there are the splits {names}" if names else "there are no splits",
    )


def replace_damaged(repository: Repository, known: KnownVersion, *, first: str = "") -> Fetched:
    """The version whole in the cache: every object there is read, and a damaged one quarantined and brought anew.

    Errors: those of `fetch_versions`.
    """
    cache = dvc.find_cache(repository.layout.root)
    bad = list[BadDelivery]()
    for group in _groups(repository, [known]):
        for part in (group[0].data, group[0].index):
            bad += quarantined(repository, cache, [part.top])
            bad += quarantined(repository, cache, part.items(part.entries(cache), sha256={}))
    for each in bad:
        repository.tell(str(each))
    fetched = fetch_versions(repository, [known], first=first)
    return replace(fetched, bad=(*bad, *fetched.bad))


def _groups(repository: Repository, versions: Sequence[KnownVersion]) -> Iterator[list[_Version]]:
    """The versions, so many at a time that the lists of their files can be in memory."""
    group: list[_Version] = []
    number = 0
    for known, manifest in zip(versions, read_manifests(repository, versions), strict=True):
        if group and number + manifest.data.files > _FILES_AT_ONCE:
            yield group
            group, number = [], 0
        group.append(_Version(known, manifest, *both_parts(repository, known, manifest)))
        number += manifest.data.files
    if group:
        yield group


def _whole_index(wanted: Wanted, portion: Portion) -> bool:
    """Whether all of the record index is to come, and not the digests of the files alone."""
    return wanted is Wanted.INDEX or (wanted is Wanted.DATA_AND_INDEX and portion.is_all)


def _bring_indexes(repository: Repository, source: Supply, group: Sequence[_Version], *, whole: bool) -> None:
    """The versions' record indexes in the cache; of a portion only the digests of the files."""
    arrived = summed(repository.progress, "fetching indexes", total=sum(each.index.size for each in group))
    source.bring([each.index.top for each in group], arrived=arrived)
    items: list[Item] = []
    for each in group:
        entries = _entries(repository, source, each.index)
        each.index_files = entries if whole else [entry for entry in entries if entry[0] == sums.FILE_NAME]
        tree = {sums.FILE_NAME: each.manifest.digests.tree.removeprefix("sha256:")}
        items += each.index.items(each.index_files, sha256=tree)
    source.bring(items, arrived=arrived)


def _bring_scores(repository: Repository, source: Supply, versions: Sequence[KnownVersion]) -> list[Item]:
    """The files of scores of the versions' datasets in the cache, as HEAD has them: all that they need here."""
    pointers = scores_beside(repository, versions)
    items = [Item(each, each.oid, each.path) for each in pointers]
    arrived = summed(repository.progress, "fetching scores", total=sum(each.size for each in pointers))
    source.bring(items, arrived=arrived)
    return items


def scores_beside(repository: Repository, versions: Sequence[KnownVersion]) -> list[ScorePointer]:
    """The files of scores that the datasets of these versions have, under all their names."""
    names = {each.dataset for each in versions}
    if len(names) == 1:
        return score_pointers(repository, versions_of(repository, *names).names)
    pointers = every_score_pointer(repository)
    if not pointers:
        return []
    present = every_name(repository)
    wanted = {present.get(name, name) for name in names}
    return [each for each in pointers if present.get(each.dataset, each.dataset) in wanted]


def _bring_data(repository: Repository, source: Supply, group: Sequence[_Version], portion: Portion) -> None:
    """The files of the versions that the portion means."""
    cache = source.cache
    source.bring([each.data.top for each in group if each.data.oid.endswith(".dir")])
    items: list[Item] = []
    total = 0
    for each in group:
        entries = _entries(repository, source, each.data)
        reading = each.manifest.declared
        each.data_files = entries
        if not portion.is_all:
            each.data_files = [entry for entry in entries if portion.takes(entry[0], reading)]
            each.splits = frozenset(name for path, _ in entries if (name := reading.split_of(path)) is not None)
        if cache.missing(md5 for _, md5 in each.data_files):
            items += each.data.items(each.data_files, sha256=_digests(repository, source, each))
            total += each.data.size * len(each.data_files) // max(len(entries), 1)
    source.bring(items, arrived=summed(repository.progress, "fetching", total=total))
    for each in group if portion.is_all else ():
        size = sizes_of(cache, each.data_files)
        if size is not None and each.data_files and size != each.data.size:
            _replace(repository, source, each.data.items(each.data_files, sha256=_digests(repository, source, each)))


def _entries(repository: Repository, source: Supply, part: Part) -> list[dvc.Entry]:
    """The part's files; a list of them that is damaged here is replaced first."""
    try:
        return part.entries(source.cache)
    except MismatchError:
        _replace(repository, source, [part.top])
        return part.entries(source.cache)


def _digests(repository: Repository, source: Supply, version: _Version) -> Mapping[str, str]:
    """Path -> SHA-256 of the version's files; empty where no remote has it. One that is damaged here is replaced."""
    tree = version.manifest.digests.tree
    try:
        return digests_of_files(source.cache, version.index, tree=tree)
    except MismatchError:
        sha256 = {sums.FILE_NAME: tree.removeprefix("sha256:")}
        _replace(repository, source, version.index.items(version.index_files, sha256=sha256))
        return digests_of_files(source.cache, version.index, tree=tree)


def _replace(repository: Repository, source: Supply, items: Sequence[Item]) -> None:
    """Those of the objects that are damaged in the cache quarantined, and whole ones brought."""
    source.bad += quarantined(repository, source.cache, items)
    source.bring(items)


def _items(version: _Version, wanted: Wanted) -> list[Item]:
    """All objects that the version needs here; whoever wants the data alone can do without the digests of its files."""
    index = [version.index.top, *version.index.items(version.index_files, sha256={})]
    if wanted is Wanted.INDEX:
        return index
    lists = [version.data.top] if version.data.oid.endswith(".dir") else []
    index = [] if wanted is Wanted.DATA else index
    return [*index, *lists, *version.data.items(version.data_files, sha256={})]


def _here(cache: dvc.Cache, version: _Version, wanted: Wanted) -> VersionHere | None:
    """What is told of the version; None where the cache lacks some of it."""
    part = version.index if wanted is Wanted.INDEX else version.data
    entries = version.index_files if wanted is Wanted.INDEX else version.data_files
    size = None if cache.missing([part.oid] if part.oid.endswith(".dir") else []) else sizes_of(cache, entries)
    return None if size is None else VersionHere(version.known.name, part.path, len(entries), size)
