"""DVC's cache as one command sees it: what each object's bytes are, read by dsv itself and not more than once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.model.progress import summed
from dsv.records.byte_source import Digests
from dsv.records.hashing import Seen, seen_all
from dsv.records.jobs import Target
from dsv.repository.contents.workers import workers_for_bytes

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


class HeldObjects:
    """The objects of the cache, with what was found of them so far; neither modes nor DVC's own notes are believed."""

    def __init__(self, repository: Repository) -> None:
        self.cache = dvc.find_cache(repository.layout.root)
        self._repository = repository
        self._sizes: dict[str, int | None] = {}
        self._seen: dict[str, Seen] = {}

    def size(self, oid: str) -> int | None:
        """The size of the object's file in bytes; None where there is no such file."""
        if oid not in self._sizes:
            try:
                status = os.stat(self.cache.path_of(oid))
            except OSError:
                self._sizes[oid] = None
            else:
                self._sizes[oid] = status.st_size if stat.S_ISREG(status.st_mode) else None
        return self._sizes[oid]

    def known(self, oid: str) -> bool:
        """Whether the object's bytes were read."""
        return oid in self._seen

    def seen(self, oid: str) -> Seen:
        """What the object's bytes are; they are read where they were not yet."""
        self.look([oid])
        return self._seen[oid]

    def look(self, oids: Iterable[str]) -> None:
        """Read the objects that were not read yet, by several processes where there is much."""
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._seen]
        there = [oid for oid in wanted if self.size(oid) is not None]
        self._seen.update((oid, Seen()) for oid in wanted if self.size(oid) is None)
        sizes = [self.size(oid) or 0 for oid in there]
        sources = [self.cache.path_of(oid) for oid in there]
        targets = [Target(source, "", 0, size) for source, size in zip(sources, sizes, strict=True)]
        advance = summed(self._repository.progress, "verifying the cache", total=sum(sizes))
        with workers_for_bytes(targets, executor=self._repository.executor) as workers:
            workers.tell(advance)
            for oid, seen in zip(there, seen_all(sources, sizes, workers=workers), strict=True):
                self._seen[oid] = seen
                workers.tell(advance)

    def note(self, oid: str, digests: Digests) -> None:
        """What somebody found who read the object for another reason."""
        self._seen[oid] = Seen(digests)

    def is_sound(self, oid: str) -> bool:
        """Whether the object's bytes are those of its name."""
        digests = self.seen(oid).digests
        return digests is not None and digests.md5 == oid.removesuffix(".dir")

    def content(self, oid: str) -> bytes | None:
        """The bytes of a small object; None where they are not there, or not those of its name."""
        if not self.is_sound(oid):
            return None
        try:
            with open(self.cache.path_of(oid), "rb") as stream:
                return stream.read()
        except OSError:
            return None

    def forget(self, oids: Iterable[str]) -> None:
        """Objects that were replaced are looked at again."""
        for oid in oids:
            self._sizes.pop(oid, None)
            self._seen.pop(oid, None)

    def shown(self, oid: str) -> str:
        """The path of the object, from the DVC root where it lies there."""
        path, root = self.cache.path_of(oid), self._repository.layout.root
        return os.path.relpath(path, root) if path.startswith(root + os.sep) else path
