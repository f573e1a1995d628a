"""`dsv cache`: what the user's cache holds of versions, and making it smaller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.repository.obtaining.kept import UserCache
from dsv.repository.obtaining.pruning import CacheContents, CachedVersion, cache_contents, cache_limit
from dsv.repository.obtaining.pruning import prune as take_away


@dataclass(frozen=True)
class Cached:
    """The cache as it is now, its limit in bytes, and what was taken away."""

    contents: CacheContents
    limit: int
    removed: Sequence[CachedVersion] = ()
    freed: int = 0

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "path": self.contents.directory,
            "bytes": self.contents.bytes,
            "metadata_bytes": self.contents.clones,
            "limit": self.limit,
            "versions": [_document(each) for each in self.contents.versions],
            "removed": [_document(each) for each in self.removed],
            "freed": self.freed,
        }


def cache() -> Cached:
    """What the user's cache holds, the version that was used last at the end."""
    return Cached(cache_contents(UserCache.of_user()), cache_limit())


def prune(size: int) -> Cached:
    """The same after versions that nobody is using are gone, until it has no more bytes than this."""
    pruned = take_away(UserCache.of_user(), limit=size)
    return Cached(pruned.left, cache_limit(), pruned.removed, pruned.freed)


def _document(each: CachedVersion) -> dict[str, Any]:
    return {
        "ref": each.kept.name,
        "repository": each.kept.address,
        "digest": each.kept.tree,
        "files": each.files,
        "bytes": each.bytes,
        "alone": each.alone,
        "used_at": each.used_at,
        "in_use": each.in_use,
    }
