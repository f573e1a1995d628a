"""`dsv fetch`: data and record indexes of versions, from the DVC remote into the cache."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from dsv.errors import UsageError
from dsv.model.standing import UNLISTED
from dsv.repository.catalog import all_versions
from dsv.repository.fetching import Fetched, Wanted, fetch_versions, released

if TYPE_CHECKING:
    from dsv.model.reference import Ref
    from dsv.repository import Repository
    from dsv.repository.catalog import KnownVersion


class Extent(Enum):
    """Which versions are fetched where no reference names one."""

    LATEST = "latest"
    """The newest one of every dataset that lists show."""
    ALL = "all"


def fetch(
    repository: Repository, *references: Ref, wanted: Wanted = Wanted.DATA_AND_INDEX, extent: Extent = Extent.LATEST
) -> Fetched:
    """The named versions in DVC's cache; without names those that `extent` says. The work tree stays as it is.

    All that can be had is fetched before anything is refused. Errors: NoRemoteError, RemoteError, CredentialsError,
    NetworkError, MissingDataError for what the remote lacks, MismatchError for what it has damaged.
    """
    if references and extent is Extent.ALL:
        raise UsageError("--all names every version", hint="leave out --all or the references")
    chosen = [released(repository, each) for each in references] or _by_extent(repository, extent)
    return fetch_versions(repository, dict.fromkeys(chosen), wanted=wanted)


def _by_extent(repository: Repository, extent: Extent) -> list[KnownVersion]:
    found: list[KnownVersion] = []
    for versions in all_versions(repository).values():
        if extent is Extent.ALL:
            found += reversed(versions.known)
        elif versions.latest is not None and versions.standing.dataset not in UNLISTED:
            found.append(versions.latest)
    return found
