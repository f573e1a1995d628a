"""`dsv fetch`: data and record indexes of versions, from the DVC remotes into the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import UsageError
from dsv.model.portion import ALL_FILES, Portion
from dsv.repository.transfer.chosen_versions import Extent, chosen_versions
from dsv.repository.transfer.fetching import Fetched, Wanted, fetch_versions

if TYPE_CHECKING:
    from dsv.model.reference import Ref
    from dsv.repository import Repository


def fetch(
    repository: Repository,
    *references: Ref,
    wanted: Wanted = Wanted.DATA_AND_INDEX,
    portion: Portion = ALL_FILES,
    extent: Extent = Extent.CHECKED_OUT,
    remote: str = "",
) -> Fetched:
    """The named versions in DVC's cache; without names those that `extent` says. The work tree stays as it is.

    The named remote is asked first, or the default one. Errors: NoRemoteError where there is none, also when nothing
    has to come; those of `fetch_versions`.
    """
    if wanted is Wanted.INDEX and not portion.is_all:
        raise UsageError(f"--index brings no data, so {portion} means nothing", hint="leave out one of them")
    chosen = chosen_versions(repository, references, extent=extent)
    dvc.remotes_in_order(repository.layout.root, remote)
    return fetch_versions(repository, chosen, wanted=wanted, portion=portion, first=remote)
