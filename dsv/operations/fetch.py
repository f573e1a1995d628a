"""`dsv fetch`: data and record indexes of versions, from the DVC remote into the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.repository.chosen_versions import Extent, chosen_versions
from dsv.repository.fetching import Fetched, Wanted, fetch_versions

if TYPE_CHECKING:
    from dsv.model.reference import Ref
    from dsv.repository import Repository


def fetch(
    repository: Repository, *references: Ref, wanted: Wanted = Wanted.DATA_AND_INDEX, extent: Extent = Extent.LATEST
) -> Fetched:
    """The named versions in DVC's cache; without names those that `extent` says. The work tree stays as it is.

    All that can be had is fetched before anything is refused. Errors: NoRemoteError, RemoteError, CredentialsError,
    NetworkError, MissingDataError for what the remote lacks, MismatchError for what it has damaged.
    """
    chosen = chosen_versions(repository, references, extent=extent)
    return fetch_versions(repository, dict.fromkeys(chosen), wanted=wanted)
