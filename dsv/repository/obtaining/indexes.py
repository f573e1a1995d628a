"""Repositories that lie elsewhere, looked into as far as is asked: record indexes and single files come as needed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import ExternalError, IntegrityError, NoRemoteError
from dsv.model.portion import Portion
from dsv.repository.comparing.versions import record_index
from dsv.repository.elsewhere.clones import History
from dsv.repository.elsewhere.lent import with_remotes
from dsv.repository.elsewhere.visited import Visited
from dsv.repository.known.catalog import KnownVersion, read_manifest
from dsv.repository.obtaining.kept import UserCache
from dsv.repository.transfer.fetching import Wanted, fetch_versions

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.model.progress import Progress, Tell
    from dsv.repository.obtaining.finding import FoundVersion
    from dsv.repository.repository import Repository


def with_user_cache(visited: Visited, clone: Repository, *, commit: str | None = None) -> Repository:
    """The clone as a DVC root with the user's cache and that repository's remotes, as far as they can be asked."""
    cache = UserCache.of_user().objects
    lent = with_remotes(visited.home, visited.added, clone, cache=cache, commit=commit)
    if lent is not None:
        return lent
    root = os.path.join(clone.state, "remotes")
    dvc.lend_remotes(root, dvc.BorrowedRemotes(), cache=cache)
    return replace(clone, layout=replace(clone.layout, root=root), staged=None)


def visit_to_compare(
    text: str,
    *,
    root: str = "",
    lock_timeout: float,
    tell: Tell,
    progress: Progress,
    executor: Executor,
    history: History = History.NONE,
) -> Repository:
    """The repository at the address as it is now, with the user's cache, into which its record indexes may come.

    Errors: UsageError, NoRepositoryError, those of a remote.
    """
    visited = Visited.at(text, root=root, lock_timeout=lock_timeout, tell=tell, progress=progress, executor=executor)
    return with_user_cache(visited, visited.as_it_is_now(history=history))


def bring_files(place: Repository, known: KnownVersion, paths: Iterable[str]) -> None:
    """These files of the version are in the cache, and no others have come. Errors: those of `fetch_versions`."""
    wanted = frozenset(paths)
    if wanted:
        fetch_versions(place, [known], wanted=Wanted.DATA, portion=Portion(paths=wanted))


def bring_indexes(place: Repository, versions: Sequence[KnownVersion]) -> None:
    """As many of the versions' record indexes as can be had are in the cache; what stands in the way is told."""
    try:
        fetch_versions(place, versions, wanted=Wanted.INDEX)
    except (ExternalError, IntegrityError, NoRemoteError) as error:
        place.tell(f"not all record indexes came: {error.message}")


def with_index_of(found: FoundVersion) -> Repository:
    """The repository of the version, in whose cache its record index is now. Errors: those of `bring_index`."""
    visited, place = found.origin.visited, found.repository
    assert place is not None  # noqa: S101 - what was found as it is now has one
    if visited is not None:
        place = with_user_cache(visited, place, commit=found.known.tag_commit)
    bring_index(place, found.known)
    return place


def bring_index(place: Repository, known: KnownVersion) -> None:
    """The version's record index is in the cache: from a remote, or made again from the data where that is here.

    Errors: those of a remote, NoRemoteError, MissingDataError and MismatchError for what it lacks or has damaged.
    """
    try:
        fetch_versions(place, [known], wanted=Wanted.INDEX)
    except (ExternalError, IntegrityError, NoRemoteError) as error:
        try:
            record_index(place, known, read_manifest(place, known))
        except IntegrityError:
            raise error from None
