"""What the search index holds of other repositories, kept in step with what was last read of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dsv.adapters.index import OWN, Index, RepositoryRow
from dsv.errors import DeadlineError, GitError, OutsideError
from dsv.repository.elsewhere.added import added_repositories
from dsv.repository.elsewhere.clones import last_read, read_repository
from dsv.repository.known.refreshing import refresh
from dsv.repository.known.stamps import references_of, stamp_with

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def keep_others(repository: Repository, index: Index, held: Mapping[str, str]) -> None:
    """Make the index hold of other repositories what was read of them, and nothing of those that are none any more."""
    there = set()
    for each in added_repositories(repository):
        read, other = last_read(repository, each), read_repository(repository, each)
        if read is None or other is None:
            continue
        there.add(each.name)
        stamp = stamp_with(other, read.stamp, beside=each.address.identity)
        if held.get(each.name) == stamp:
            continue
        try:
            subject = RepositoryRow(each.name, each.address.recorded)
            refresh(other, index, references_of(other), stamp=stamp, since=held.get(each.name), subject=subject)
        except (GitError, DeadlineError, OutsideError) as error:
            repository.tell(
                f"{each.name} cannot be read: {error.message}; dsv index remove {each.name}, and add it again"
            )
    for name in sorted(held.keys() - there - {OWN}):
        index.forget(name)
