"""`dsv pull`: the data that belongs to what git has checked out, or of named versions, in the working tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.errors import ConflictError, DsvError, MismatchError
from dsv.repository import exclusively
from dsv.repository.known.catalog import KnownVersion, read_manifest
from dsv.repository.transfer.chosen_versions import Extent, chosen_versions
from dsv.repository.transfer.fetching import Fetched, fetch_versions, replace_damaged, scores_beside
from dsv.repository.transfer.restore import put_index_into_work_tree, put_into_work_tree, put_scores_into_work_tree

if TYPE_CHECKING:
    from dsv.model.reference import Ref
    from dsv.repository import Repository


def pull(repository: Repository, *references: Ref, remote: str = "") -> Fetched:
    """Data and record indexes in the cache and in the working tree: of the named versions, or of every dataset.

    A dataset is brought to the version that its pointer names, as `git pull` left it. git itself is not asked, a remote
    only for what is not here: the named one first, or the default one. An object of the cache that is found damaged is
    replaced. Errors: those of fetching; ConflictError, when all others are in place, for datasets whose own changes
    would be lost.
    """
    # gather
    chosen = chosen_versions(repository, references, extent=Extent.CHECKED_OUT)
    fetched = fetch_versions(repository, chosen, first=remote)
    # record
    refused: list[ConflictError] = []
    here = {each.reference for each in fetched.datasets}
    with exclusively(repository, "pull"):
        for known in (each for each in chosen if each.name in here):
            try:
                fetched = _put(repository, known, fetched, remote=remote)
            except ConflictError as error:
                refused.append(error)
        put_scores_into_work_tree(repository, scores_beside(repository, chosen))
    _raise(refused)
    return fetched


def _put(repository: Repository, known: KnownVersion, fetched: Fetched, *, remote: str) -> Fetched:
    """The version in the working tree, and what was fetched by then; ConflictError where changes are in the way."""
    try:
        _place(repository, known)
    except MismatchError:
        fetched = fetched.then(replace_damaged(repository, known, first=remote))
        _place(repository, known)
    return fetched


def _place(repository: Repository, known: KnownVersion) -> None:
    manifest = read_manifest(repository, known)
    put_into_work_tree(repository, known, manifest, force=False, operation=f"pull of {known.name}")
    put_index_into_work_tree(repository, known, manifest)


def _raise(refused: Sequence[DsvError]) -> None:
    """The one refusal, or one that holds all of them."""
    if not refused:
        return
    first = refused[0]
    if len(refused) == 1:
        raise first
    raise ConflictError(
        f"{len(refused)} datasets hold changes that would be lost",
        hint=first.hint,
        places=[each.message for each in refused],
    )
