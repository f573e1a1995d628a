"""What is looked at on a DVC remote to verify a version: that every object is there, or what its bytes are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dsv.errors import MissingDataError
from dsv.model.progress import summed
from dsv.model.standing import Status
from dsv.records.hashing import Seen
from dsv.repository.transfer.quarantine import Quarantine
from dsv.repository.verification.verification import REMOTE, Case, Depth, Problem, difference

if TYPE_CHECKING:
    from dsv.adapters.dvc import Remote
    from dsv.repository.repository import Repository
    from dsv.repository.verification.held_objects import HeldObjects
    from dsv.repository.verification.version_contents import Contents, Listed, Read

_LARGEST_KEPT = 64 << 20
"""Bytes up to which a bad object of a remote is kept here before a good one takes its place."""
_LIKELY_SIZE = 8 << 20


class RemotePlace:
    """A remote as one command sees it: each object is asked for, or read, once."""

    def __init__(self, repository: Repository, remote: Remote, held: HeldObjects, *, depth: Depth) -> None:
        self.remote = remote
        self._repository, self._held, self._depth = repository, held, depth
        self._seen: dict[str, Seen] = {}
        self._there: set[str] = set()

    def problems(self, case: Case, contents: Contents) -> Iterator[Problem]:
        """What is wrong there with a version; `contents` may name objects that are nowhere else."""
        every = (contents.data, contents.index, *contents.scores)
        parts = [(part, file, oid) for part in every for file, oid in _files(part)]
        self._look(oid for _, _, oid in parts)
        told = set()
        for part, file, oid in parts:
            seen = self._seen.get(oid)
            if oid in told or seen is None:
                continue
            told.add(oid)
            sha256 = (contents.sha256 or {}).get(file) if part is contents.data else None
            found = difference(seen, md5=oid.removesuffix(".dir"), sha256=sha256)
            # Of a version that was removed it is known that its data is gone.
            if found is None or (found[0] == "missing" and case.known.status is Status.REMOVED):
                continue
            there = part.path_of(file) if file else part.path
            yield Problem(REMOTE, self._shown(oid), *found, file=there, object=oid, remote=self.remote.name)

    def reader(self, read: Read) -> Read:
        """The bytes of small objects as `read` gives them, else from the remote."""

        def either(oid: str) -> bytes | None:
            content = read(oid)
            if content is not None:
                return content
            try:
                return self.remote.files().read(oid)
            except MissingDataError:
                return None

        return either

    def send(self, oids: Iterable[str], quarantine: Quarantine) -> dict[str, str | None]:
        """The cache's good objects where bad ones are, or none; those that were sent, with where a bad one is kept.

        Lists come last, because they say to DVC that all their files are there.
        """
        wanted = sorted(oids, key=lambda oid: oid.endswith(".dir"))
        kept = {oid: self._kept(oid, quarantine) for oid in wanted}
        advance = summed(self._repository.progress, "pushing", total=sum(self._held.size(oid) or 0 for oid in wanted))
        damaged = self.remote.send(wanted, sent=advance).damaged if wanted else ()
        for oid in wanted:
            self._seen.pop(oid, None)
            self._there.discard(oid)
        return {oid: place for oid, place in kept.items() if oid not in damaged}

    def _kept(self, oid: str, quarantine: Quarantine) -> str | None:
        """Where the bad bytes of the remote's object are kept; None where there are none, or more than are kept."""
        digests = self._seen.get(oid, Seen()).digests
        if digests is None or digests.size > _LARGEST_KEPT:
            return None
        return quarantine.write(self.remote.files().read(oid), f"remote/{self.remote.name}/{oid}")

    def _look(self, oids: Iterable[str]) -> None:
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._seen and oid not in self._there]
        if self._depth is Depth.LISTS:
            # Where a directory's file has not the size of the cache's, one of the two is wrong: it is read.
            lacking = self.remote.lacking(wanted)
            self._there.update(set(wanted).difference(lacking))
            if not self.remote.is_directory:
                self._seen.update(dict.fromkeys(lacking, Seen()))
                return
            wanted = lacking
        sizes = {oid: self._held.size(oid) or _LIKELY_SIZE for oid in wanted}
        advance = summed(self._repository.progress, f"verifying {self.remote.name}", total=sum(sizes.values()))
        self._seen.update(self.remote.inspect(wanted, size_of=sizes.__getitem__, read=advance))

    def _shown(self, oid: str) -> str:
        return os.path.join(self.remote.address, "files", "md5", oid[:2], oid[2:])


def _files(part: Listed) -> Iterator[tuple[str, str]]:
    """The files with their objects, the list of a directory as a file without a name."""
    if part.oid.endswith(".dir"):
        yield "", part.oid
    yield from sorted((part.files or {}).items())
