"""How large the user's cache is, which versions it is for, and taking away those that nobody uses."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone

from dsv.adapters import dvc
from dsv.errors import DsvError, UsageError
from dsv.model.byte_size import parse_size
from dsv.model.progress import Tell
from dsv.repository import files
from dsv.repository.obtaining.kept import KeptVersion, UserCache, short_digest

USUAL_LIMIT = "100GB"
LIMIT_VARIABLE = "DSV_CACHE_LIMIT"
_YOUNG_SECONDS = 3600
"""What came so recently may be a record index that a comparison is just reading, and that no version is noted for."""


@dataclass(frozen=True)
class CachedVersion:
    """A version in the cache: files and bytes of it that are here, when it was used last, whether it is in use.

    `alone` are the bytes that would go with it, because no other version has them.
    """

    kept: KeptVersion
    files: int
    bytes: int
    alone: int
    used_at: str
    in_use: bool


@dataclass(frozen=True)
class CacheContents:
    """The cache: where, its versions, the one used longest ago first, and the bytes of all; those of clones apart."""

    directory: str
    versions: Sequence[CachedVersion]
    bytes: int
    clones: int


@dataclass(frozen=True)
class Pruned:
    """The versions that were taken away, how many bytes that made free, and what is left."""

    removed: Sequence[CachedVersion]
    freed: int
    left: CacheContents


def cache_limit() -> int:
    """The bytes that the cache may have; UsageError where DSV_CACHE_LIMIT is no size."""
    try:
        return parse_size(os.environ.get(LIMIT_VARIABLE) or USUAL_LIMIT)
    except UsageError as error:
        raise UsageError(f"{LIMIT_VARIABLE}: {error.message}", hint=error.hint) from None


def cache_contents(cache: UserCache) -> CacheContents:
    """What is in the cache now."""
    with cache.gate(fcntl.LOCK_EX):
        return _Inventory.of(cache).contents()


def prune(cache: UserCache, *, limit: int) -> Pruned:
    """The versions used longest ago are gone, so many that what is left is within the limit, or all that is in use.

    So is what no version needs, but for what just came. Nothing is taken that a process is using, or begins to use.
    """
    with cache.gate(fcntl.LOCK_EX):
        # gather
        inventory = _Inventory.of(cache)
        before = inventory.contents()
        # decide
        removed = inventory.superfluous(before.versions, limit=limit)
        # record
        inventory.clear([each.kept for each in removed])
        left = _Inventory.of(cache).contents()
    return Pruned(removed, before.bytes - left.bytes, left)


def keep_within_limit(tell: Tell) -> None:
    """Called after something came: of what is beyond the limit the versions that nobody uses go, which is told."""
    cache, limit = UserCache.of_user(), cache_limit()
    if _size_of(cache.objects.objects) + _size_of(cache.views) <= limit:
        return
    pruned = prune(cache, limit=limit)
    if pruned.removed:
        names = ", ".join(each.kept.name for each in pruned.removed)
        tell(f"the cache had more than {limit:,} bytes: {names} went, which nobody was using")


@dataclass(frozen=True)
class _Inventory:
    """The versions, one used longest ago first with when that was; objects with their sizes, and which each needs.

    `views` are the bytes of directories of files by the digest in their names, without what is another name of an
    object.
    """

    cache: UserCache
    used: Mapping[KeptVersion, int]
    objects: Mapping[str, int]
    needed: Mapping[KeptVersion, tuple[frozenset[str], int]]
    views: Mapping[str, int]

    @classmethod
    def of(cls, cache: UserCache) -> _Inventory:
        objects: dict[str, int] = {}
        inodes = set[int]()
        for path, seen in _walked(cache.objects.objects):
            objects[path.replace("/", "")] = seen.st_size
            inodes.add(seen.st_ino)
        views = Counter[str]()
        for path, seen in _walked(cache.views):
            views[path.partition("-")[0]] += 0 if seen.st_ino in inodes else seen.st_size
        kept = cache.kept()
        used = {each: cache.used_ns(each) for each in kept}
        ordered = dict(sorted(used.items(), key=lambda item: (item[1], item[0].key)))
        needed = {each: _needed(cache.objects, each, objects) for each in ordered}
        return cls(cache, ordered, objects, needed, views)

    def contents(self) -> CacheContents:
        """What is told of it."""
        claims = Counter(oid for oids, _ in self.needed.values() for oid in oids)
        trees = Counter(short_digest(each.tree) for each in self.used)
        versions = []
        for each, used in self.used.items():
            oids, number = self.needed[each]
            view = self.views.get(short_digest(each.tree), 0)
            versions.append(
                CachedVersion(
                    each,
                    number,
                    self._bytes(oids) + view,
                    self._bytes(oid for oid in oids if claims[oid] == 1)
                    + (view if trees[short_digest(each.tree)] == 1 else 0),
                    datetime.fromtimestamp(used // 10**9, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    self.cache.in_use(each),
                )
            )
        total = sum(self.objects.values()) + sum(self.views.values())
        return CacheContents(self.cache.directory, versions, total, _size_of(self.cache.clones))

    def superfluous(self, versions: Sequence[CachedVersion], *, limit: int) -> list[CachedVersion]:
        """Those to be taken away, in their order; what no version needs goes first, and is none of them."""
        claims = Counter(oid for oids, _ in self.needed.values() for oid in oids)
        trees = Counter(short_digest(each.tree) for each in self.used)
        size = self._bytes(claims) + sum(each for tree, each in self.views.items() if trees[tree])
        removed = []
        for each in versions:
            if size <= limit:
                break
            if each.in_use:
                continue
            removed.append(each)
            claims.subtract(self.needed[each.kept][0])
            size -= self._bytes(oid for oid in self.needed[each.kept][0] if not claims[oid])
            trees[short_digest(each.kept.tree)] -= 1
            size -= 0 if trees[short_digest(each.kept.tree)] else self.views.get(short_digest(each.kept.tree), 0)
        return removed

    def clear(self, removed: Sequence[KeptVersion]) -> None:
        """These versions are gone, and whatever none of the others needs."""
        for each in removed:
            self.cache.forget(each)
        left = [each for each in self.used if each not in set(removed)]
        needed = frozenset[str]().union(*(self.needed[each][0] for each in left))
        digits = {short_digest(each.tree) for each in left}
        gone = {short_digest(each.tree) for each in removed} - digits
        for name in _names(self.cache.views):
            if name.lstrip(".").partition("-")[0] not in digits:
                _remove(os.path.join(self.cache.views, name))
        for name in _names(self.cache.seen):  # where there are also notes of other caches
            if name.partition("-")[0] in gone:
                _remove(os.path.join(self.cache.seen, name))
        of_removed = frozenset[str]().union(*(self.needed[each][0] for each in removed))
        for oid in self.objects.keys() - needed:
            path = self.cache.objects.path_of(oid)
            if oid in of_removed or _age_seconds(path) > _YOUNG_SECONDS:
                with suppress(DsvError):
                    files.remove(path)

    def _bytes(self, oids: Iterable[str]) -> int:
        return sum(self.objects[oid] for oid in oids)


def _age_seconds(path: str) -> float:
    """How long ago the object came."""
    with suppress(OSError):
        return time.time() - os.stat(path).st_mtime
    return 0


def _needed(cache: dvc.Cache, kept: KeptVersion, objects: Mapping[str, int]) -> tuple[frozenset[str], int]:
    """The objects here that the version is made of, and how many files of its data that are."""
    data, index = ([oid for _, oid in _entries(cache, top)] for top in (kept.data, kept.index))
    oids = frozenset([kept.data, kept.index, *data, *index]) & objects.keys()
    return oids, sum(oid in objects for oid in data)


def _entries(cache: dvc.Cache, top: str) -> Sequence[dvc.Entry]:
    if not top.endswith(".dir"):
        return [("", top)]
    with suppress(DsvError):
        return dvc.read_directory_object(cache, top)
    return []


def _size_of(directory: str) -> int:
    return sum(seen.st_size for _, seen in _walked(directory))


def _walked(directory: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below, by its path with "/", and its stat."""
    pending = [("", directory)]
    while pending:
        prefix, where = pending.pop()
        with suppress(OSError), os.scandir(where) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        pending.append((f"{prefix}{entry.name}/", entry.path))
                    else:
                        yield f"{prefix}{entry.name}", entry.stat(follow_symlinks=False)


def _names(directory: str) -> list[str]:
    with suppress(FileNotFoundError):
        return sorted(os.listdir(directory))
    return []


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(DsvError):
            files.remove(path)
