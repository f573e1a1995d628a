"""Versions of other repositories as sources: found there, and their record indexes brought, as far as can be.

A repository that lies in this file system is read in place, and nothing is written there. Of any other the metadata is
read as for the index; its record indexes come from its DVC remotes into this repository's cache.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import DsvError, ExternalError, IntegrityError, MissingDataError, NoRepositoryError
from dsv.model.git_address import GitAddress
from dsv.model.name import is_name
from dsv.repository.access import find_repository
from dsv.repository.comparing.versions import record_index, side_from
from dsv.repository.elsewhere.added import AddedRepository, added_repositories, address_of, is_ours, own_address
from dsv.repository.elsewhere.clones import read_repository, refresh
from dsv.repository.elsewhere.lent import with_remotes
from dsv.repository.known.catalog import KnownVersion, read_manifest
from dsv.repository.repository import Repository

if TYPE_CHECKING:
    from dsv.repository.contents.comparison import Side


@dataclass(frozen=True)
class Foreign:
    """Another repository: as it can be read here, and its address as manifests have it.

    `added` is what its metadata was read as; None for one that is read in place.
    """

    home: Repository
    address: str
    added: AddedRepository | None = None


def foreign(repository: Repository, text: str, *, root: str = "") -> Foreign | None:
    """The repository that the text names, by the name under which it was added or by its address; None for this one.

    `root` is the DVC root in it, "" where it is git's or the only one. Errors: UsageError, NoRepositoryError, those of
    a remote that does not answer.
    """
    named = (
        next((each for each in added_repositories(repository) if each.name == text), None) if is_name(text) else None
    )
    address = named.address if named else address_of(text, directory=os.getcwd())
    if is_ours(repository, address):
        return None
    if address.local and (here := _in_place(repository, address, root=root)) is not None:
        return here
    digest = hashlib.sha256(f"{address.identity}\n{root}".encode()).hexdigest()[:12]
    added = named if named and named.root == root else AddedRepository(f"source-{digest}", address, root)
    try:
        refresh(repository, added)
    except ExternalError as error:
        if read_repository(repository, added) is None:
            raise
        repository.tell(f"{address.shown} is taken as it was read last: {error.message}")
    home = read_repository(repository, added)
    if home is None:
        raise NoRepositoryError(f"{address.shown} cannot be read", hint="try again")
    return Foreign(home, address.recorded, added)


def foreign_side(repository: Repository, there: Foreign, known: KnownVersion) -> Side:
    """A version of the other repository as one side of a comparison.

    MissingDataError where its record index is in no place that can be reached.
    """
    manifest = read_manifest(there.home, known)
    said = ""
    for place in _places(repository, there):
        try:
            if there.added is not None and place is not repository:
                _bring(place, known)
            return side_from(known.name, manifest, record_index(place, known, manifest))
        except (IntegrityError, ExternalError) as error:
            said = error.message
    raise MissingDataError(said or f"the record index of {known.name} is not here", hint="bring it into this cache")


def _in_place(repository: Repository, address: GitAddress, *, root: str) -> Foreign | None:
    """The repository in this file system with a work tree; None for one without, of which a clone is made."""
    path = os.path.join(re.sub(r"^file://", "", address.text), *root.split("/") if root else ())
    try:
        found = find_repository(path)
    except DsvError:
        return None
    if found.git.root == repository.git.root:
        return None
    home = replace(
        found,
        state=repository.state,
        tell=repository.tell,
        progress=repository.progress,
        executor=repository.executor,
    )
    return Foreign(home, own_address(home) or address.text)


def _places(repository: Repository, there: Foreign) -> Iterator[Repository]:
    """Repositories in whose cache the record index may be: this one, that one, and one that only has its remotes."""
    yield repository
    if there.added is None:
        yield there.home
        return
    cache = dvc.find_cache(repository.layout.root)
    lent = with_remotes(repository, there.added, there.home, cache=cache)
    if lent is not None:
        yield lent


def _bring(place: Repository, known: KnownVersion) -> None:
    """The record index from the remotes into the cache."""
    from dsv.repository.transfer.fetching import Wanted, fetch_versions

    fetch_versions(place, [known], wanted=Wanted.INDEX)
