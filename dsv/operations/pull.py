"""`dsv pull`: the data that belongs to what git has checked out, or of named versions, in the working tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.errors import ConflictError, DsvError
from dsv.repository import exclusively
from dsv.repository.catalog import KnownVersion, Versions, all_versions, read_manifest
from dsv.repository.chosen_versions import released
from dsv.repository.fetching import Fetched, bring_versions
from dsv.repository.pointers import pointer_here
from dsv.repository.restore import place_of, put_index_into_work_tree, put_into_work_tree

if TYPE_CHECKING:
    from dsv.model.reference import Ref
    from dsv.repository import Repository


def pull(repository: Repository, *references: Ref) -> Fetched:
    """Data and record indexes in the cache and in the working tree: of the named versions, or of every dataset.

    A dataset is brought to the version that its pointer names, as `git pull` left it. git itself is not asked. Errors:
    those of fetching; ConflictError, when all others are in place, for datasets whose own changes would be lost.
    """
    # gather
    chosen = [released(repository, each) for each in references] or _checked_out(repository)
    fetched = bring_versions(repository, dict.fromkeys(chosen))
    # record
    with exclusively(repository, "pull"):
        refused = [error for known in dict.fromkeys(chosen) if (error := _put(repository, known)) is not None]
    _raise(refused)
    return fetched


def _checked_out(repository: Repository) -> list[KnownVersion]:
    found = [_at_pointer(repository, versions) for versions in all_versions(repository).values()]
    return [known for known in found if known is not None]


def _at_pointer(repository: Repository, versions: Versions) -> KnownVersion | None:
    """The version that the pointer in the working tree names; the newest in HEAD's tree where there is no pointer."""
    newest = versions.newest_base or next((each for each in reversed(versions.known) if each.in_head), None)
    if newest is None:
        return None
    path = place_of(repository, newest, read_manifest(repository, newest))
    pointer = pointer_here(repository, path)
    if pointer is None:
        return newest
    for known in (newest, *reversed(versions.known)):
        if read_manifest(repository, known).digests.dvc == f"md5:{pointer.md5}":
            return known
    repository.tell(f"{path}: its pointer names no released version of {versions.dataset}; dvc pull {path} brings it")
    return None


def _put(repository: Repository, known: KnownVersion) -> ConflictError | None:
    """The version in the working tree; why not, where changes of the user's are in the way."""
    manifest = read_manifest(repository, known)
    try:
        put_into_work_tree(repository, known, manifest, force=False)
    except ConflictError as error:
        return error
    put_index_into_work_tree(repository, known, manifest)
    return None


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
