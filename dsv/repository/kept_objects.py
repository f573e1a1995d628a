"""Every object of DVC's that something in the repository still needs; refused where that cannot be known for certain.

What is kept is what git keeps, and what is not in git yet: the pointers, dvc.lock files and manifests of all commits
that a ref, a reflog or a HEAD leads to, of all indexes, of the files of all work trees; the merges that are not placed
yet; what DVC notes of the results of stages. Each list of files that these name is read, for it names the files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.adapters.git.everything import (
    Text,
    WorkTree,
    published_tips,
    refuse_busy_anywhere,
    refuse_partial,
    texts_ever,
    work_trees,
)
from dsv.adapters.git.work_tree import places_of
from dsv.errors import BadManifestError, IncompleteError, InProgressError, MissingDataError
from dsv.model.manifest import load_manifest
from dsv.model.progress import unadvanced
from dsv.model.standing import Status
from dsv.model.version import parse_version
from dsv.repository.known.catalog import all_versions
from dsv.repository.layout import Layout
from dsv.repository.merging.merge_notes import notes_in
from dsv.repository.repository import manifests_directory

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

_PATTERNS = ("*.dvc", f":(glob)**/{dvc.LOCK_NAME}", ":(glob)**/[0-9]*.yaml")
_SHOWN = 3


class Lost(Enum):
    """What is done about texts of the past that do not read, and lists of files that are nowhere."""

    REFUSED = "refused"
    ACCEPTED = "accepted"
    """What they named cannot be kept, and somebody said that it is lost; not so the lists of released versions."""


class Need(IntEnum):
    """How certain it must be what a list of files names."""

    NOWHERE = 0
    """It may be that no remote of ours ever had it."""
    POINTED = 1
    RELEASED = 2


@dataclass(frozen=True)
class Kept:
    """The objects that are needed, and by how many texts of which kind."""

    objects: frozenset[str]
    manifests: int
    pointers: int


@dataclass
class _Named:
    """What texts name, by object; where one of the texts lies or lay, for messages."""

    needs: dict[str, Need] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    released: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The data and the index that each manifest names, by its blob."""
    unreadable: dict[str, BadManifestError] = field(default_factory=dict)
    pointers: int = 0

    def add(self, oids: Sequence[str] | frozenset[str], need: Need, *, source: str) -> None:
        for oid in oids:
            if oid not in self.needs or need > self.needs[oid]:
                self.needs[oid], self.sources[oid] = need, source


@dataclass(frozen=True)
class Surroundings:
    """The repository with all its work trees, and all DVC roots that it has in them."""

    repository: Repository
    trees: Sequence[WorkTree]

    @classmethod
    def of(cls, repository: Repository) -> Surroundings:
        """Those of the repository, in which nothing is half done and nothing is absent.

        Errors: IncompleteError, InProgressError.
        """
        git = repository.git
        refuse_partial(git)
        trees = work_trees(git)
        refuse_busy_anywhere(git, trees)
        for tree in trees:
            if os.path.exists(os.path.join(tree.directory, "dsv", "journal.json")):
                raise InProgressError(
                    f"a dsv command was interrupted in {tree.root}",
                    hint="dsv status there finishes or undoes it; then run this again",
                )
        return cls(repository, trees)

    @cached_property
    def layouts(self) -> list[Layout]:
        """How each DVC root of this work tree is laid out, this repository's own first."""
        git, own = self.repository.git, self.repository.layout
        prefixes = [each for each in places_of(git, ".dvc/config") if each != own.prefix]
        roots = [(os.path.join(git.root, *prefix.split("/")) if prefix else git.root, prefix) for prefix in prefixes]
        there = [(root, prefix) for root, prefix in roots if os.path.isdir(os.path.join(root, ".dvc"))]
        return [own, *(Layout(root, prefix, manifests_directory(root)) for root, prefix in there)]

    @cached_property
    def caches(self) -> list[dvc.Cache]:
        """The caches of the roots."""
        return [dvc.find_cache(each.root) for each in self.layouts]

    @property
    def dvc_roots(self) -> list[str]:
        """Every directory that is a DVC root in any of the work trees."""
        places = [os.path.join(tree.root, each.prefix) for tree in self.trees for each in self.layouts]
        return sorted({os.path.realpath(each) for each in places if os.path.isdir(os.path.join(each, ".dvc"))})

    def owns(self, directory: str) -> bool:
        """Whether the directory lies in one of the work trees."""
        where, tops = os.path.realpath(directory), [os.path.realpath(each.root) for each in self.trees]
        return any(os.path.commonpath([where, top]) == top for top in tops)


def kept_objects(surroundings: Surroundings, *, lost: Lost, stores: Sequence[dvc.ObjectStore]) -> Kept:
    """Everything that is needed; `stores` are where DVC's notes of the results of stages are looked for too.

    Lists of files that are not in a cache are brought from the remotes. Errors: IncompleteError where the git remotes
    have more than is here, BadManifestError for a text that does not read, MissingDataError for a list that is nowhere,
    MismatchError for a damaged one, those of remotes that do not answer.
    """
    repository = surroundings.repository
    named = _Named()
    for text in texts_ever(repository.git, surroundings.trees, *_PATTERNS, also=published_tips(repository.git)):
        _name(named, text, layouts=surroundings.layouts)
    _refuse_unreadable(repository, named, lost=lost)
    _weigh_versions(surroundings, named, lost=lost)
    for tree in surroundings.trees:
        for note in notes_in(os.path.join(tree.directory, "dsv", "merges")):
            named.add((note.merged, *note.inputs), Need.POINTED, source=f"the merge of {note.path}")
    for store in stores:
        for content in store.run_cache():
            named.add(dvc.oids_in(content), Need.NOWHERE, source="the run cache")
    below = _members(surroundings, named, lost=lost)
    return Kept(frozenset(named.needs) | below, len(named.released), named.pointers)


def _name(named: _Named, text: Text, *, layouts: Sequence[Layout]) -> None:
    """Take note of what the text names; what has the name of a manifest, and lies elsewhere, names what it seems to."""
    path, content, blob = text
    found = dvc.oids_in(content)
    try:
        if path.endswith(".yaml"):
            if any(_is_manifest(each, path) for each in layouts):
                digests = load_manifest(content, file=path).value.digests
                data, index = (each.removeprefix("md5:") for each in (digests.dvc, digests.index))
                named.released[blob] = data, index
                named.add((data, index), Need.POINTED, source=path)
            named.add(found, Need.NOWHERE, source=path)
            return
        dvc.refuse_cut_short(content, file=path)
    except BadManifestError as error:
        named.unreadable.setdefault(path, error)
    named.pointers += 1
    named.add(found, Need.NOWHERE if dvc.is_published_elsewhere(content) else Need.POINTED, source=path)


def _is_manifest(layout: Layout, path: str) -> bool:
    if layout.prefix and not path.startswith(f"{layout.prefix}/"):
        return False
    parsed = layout.parse_manifest_path(layout.from_git(path))
    return parsed is not None and parse_version(parsed[1]) is not None


def _refuse_unreadable(repository: Repository, named: _Named, *, lost: Lost) -> None:
    """BadManifestError for texts that do not read: what they named is unknown."""
    if not named.unreadable:
        return
    paths = sorted(named.unreadable)
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    said = f"{named.unreadable[paths[0]].message}{more}"
    if lost is Lost.ACCEPTED:
        repository.tell(f"what it named may go: {said}")
        return
    raise BadManifestError(
        f"what is needed is not known: {said}",
        hint=f"git log --all -- {paths[0]} shows the commits that have it; --accept-lost goes on without what it named",
        details={"files": paths[:100], "count": len(paths)},
    )


def _weigh_versions(surroundings: Surroundings, named: _Named, *, lost: Lost) -> None:
    """The lists of known versions must be there; those of which `dsv remove` says that their data is gone need not.

    IncompleteError for a known version whose manifest was not among the texts: then more may have been overlooked.
    """
    homes = [replace(surroundings.repository, layout=layout) for layout in surroundings.layouts]
    known = [each for home in homes for versions in all_versions(home).values() for each in versions.known]
    for each in sorted(known, key=lambda each: each.status is not Status.REMOVED):  # of equal data, what stands counts
        if each.blob not in named.released and lost is Lost.REFUSED:
            raise IncompleteError(
                f"what is needed is not known: git's history did not show the manifest of {each.name}",
                hint="git fsck, and git config --list, may tell why",
            )
        need = Need.NOWHERE if each.status is Status.REMOVED else Need.RELEASED
        for oid in named.released.get(each.blob, ()):
            named.needs[oid], named.sources[oid] = need, each.name


def _members(surroundings: Surroundings, named: _Named, *, lost: Lost) -> frozenset[str]:
    """The files' objects of all lists that are named."""
    caches = surroundings.caches
    trash = dict[str, str]()
    for store in (dvc.DirectoryStore(each.directory) for each in caches):
        trash.update({each.oid: store.path_in_trash(each) for each in store.trashed()})
    found, absent = set[str](), list[str]()
    for oid in sorted(each for each in named.needs if each.endswith(".dir")):
        below = dvc.members(_places(caches, trash, oid), oid)
        if below is None and named.needs[oid] is not Need.NOWHERE:
            absent.append(oid)
        found |= below or frozenset()
    if absent:
        for oid in _brought(surroundings, named, absent, lost=lost):
            found |= dvc.members(_places(caches, trash, oid), oid) or frozenset()
    return frozenset(found)


def _places(caches: Sequence[dvc.Cache], trash: dict[str, str], oid: str) -> Iterator[str]:
    yield from (cache.path_of(oid) for cache in caches)
    if oid in trash:
        yield trash[oid]


def _brought(surroundings: Surroundings, named: _Named, wanted: Sequence[str], *, lost: Lost) -> list[str]:
    """The lists, which no cache has, brought from the remotes of all roots; MissingDataError for those they lack."""
    left = list(wanted)
    for cache in surroundings.caches:
        for name in dvc.configuration(cache.root).remotes if left else ():
            with dvc.remote(cache, name) as remote:
                remote.bring(left, arrived=unadvanced)
            left = cache.missing(left)
    refused = [oid for oid in left if lost is Lost.REFUSED or named.needs[oid] is Need.RELEASED]
    if refused:
        sources = sorted({named.sources[oid] for oid in refused})
        more = f" and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else ""
        is_released = any(named.needs[oid] is Need.RELEASED for oid in refused)
        raise MissingDataError(
            f"what is needed is not known: the lists of files that {', '.join(sources[:_SHOWN])}{more} name are "
            "neither here nor on a remote",
            hint="push them from a clone that has them (dsv push, dvc push --all-commits); "
            + (
                "dsv remove says of a version that its data is gone for good"
                if is_released
                else "--accept-lost goes on without what they named"
            ),
            details={"objects": refused[:100], "count": len(refused), "files": sources[:100]},
        )
    if left:
        surroundings.repository.tell(f"{len(left)} lists of files are nowhere; what they named may go")
    return [oid for oid in wanted if oid not in set(left)]
