"""The files of a version brought to where they can be read, and every byte held against the version's SHA-256.

A repository that lies here is served by its own DVC cache, and lacking objects come into that from its remotes. What is
at an address is served by the user's cache. Nothing is asked of anybody where all that is wanted is here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from dsv.adapters import dvc
from dsv.errors import MismatchError, MissingDataError, NoRemoteError
from dsv.model.portion import ALL_FILES, Portion
from dsv.records import sums
from dsv.repository import files
from dsv.repository.elsewhere.lent import with_remotes
from dsv.repository.obtaining.finding import FoundVersion, find_again
from dsv.repository.obtaining.kept import Hold, KeptVersion, UserCache, short_digest
from dsv.repository.obtaining.pruning import keep_within_limit
from dsv.repository.obtaining.seen_objects import (
    Seen,
    SeenFile,
    SeenObject,
    examined,
    look_of,
    read_seen,
    write_seen,
)
from dsv.repository.transfer.fetching import Fetched, Wanted, fetch_versions, portion_of_nothing
from dsv.repository.transfer.quarantine import quarantine
from dsv.repository.transfer.version_objects import Part, both_parts, digests_of_files

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository

_SHOWN = 10
_NOTHING_FETCHED = Fetched([], None, 0, 0)


class Trust(Enum):
    """Which bytes are believed."""

    SEEN = "seen"
    """Those that were hashed once, as long as size, time and inode of the file are what they were then."""
    NOTHING = "nothing"
    """All are read again."""


class ObtainedFile(NamedTuple):
    """A file of a version: its path in it, its digests, its size, and where its bytes lie, which nobody may change."""

    path: str
    md5: str
    sha256: str
    size: int
    source: str


@dataclass(frozen=True)
class Obtained:
    """A version, or the portion of it that was asked for, whose files are here and were verified.

    `fetched` is what had to come for it. What is in the user's cache stays there as long as `hold` exists. `trust` says
    what was believed, which holds for copies of the files as well.
    """

    found: FoundVersion
    portion: Portion
    files: Sequence[ObtainedFile]
    cache: dvc.Cache
    fetched: Fetched
    hold: Hold | None = None
    trust: Trust = Trust.SEEN

    @property
    def manifest(self) -> Manifest:
        """The manifest of the version."""
        return self.found.manifest

    @property
    def entries(self) -> list[dvc.Entry]:
        """The files as (path, md5)."""
        return [(each.path, each.md5) for each in self.files]

    @property
    def bytes(self) -> int:
        """The size of the files together."""
        return sum(each.size for each in self.files)


def obtain(found: FoundVersion, portion: Portion = ALL_FILES, *, trust: Trust = Trust.SEEN) -> Obtained:
    """The files of the version that the portion means, brought as far as they are not here, and verified.

    A damaged object is taken away, and brought anew. Errors: NoPathError for a portion of nothing; MissingDataError
    for what is nowhere, MismatchError for what is damaged everywhere; those of a remote that does not answer.
    """
    user, hold = UserCache.of_user(), None
    if found.origin.visited is not None:
        cache = user.objects
        hold = user.hold(KeptVersion.of(found.manifest, address=found.origin.address))
    else:
        cache = dvc.find_cache(_in_place(found).layout.root)
    notes = os.path.join(user.seen, f"{short_digest(found.manifest.digests.tree)}-{_short(cache.objects)}.json")
    noted = read_seen(notes) if trust is Trust.SEEN else Seen()
    if (here := _as_noted(found, cache, portion, noted)) is not None:
        return Obtained(found, portion, here, cache, _NOTHING_FETCHED, hold, trust)
    fetched = _NOTHING_FETCHED
    listing = _Listing.of(found, cache, portion)
    if listing is None or not listing.is_complete:
        if listing is not None and listing.bad_sums:
            _discard(found, cache, [listing.bad_sums])
        found, fetched = _fetched(found, cache, portion)
        listing = _Listing.here(found, cache, portion)
    seen = listing.examined(noted.by_object())
    if bad := listing.damaged(seen):
        _discard(found, cache, bad)
        found, more = _fetched(found, cache, portion)
        fetched = fetched.then(more)
        seen = listing.examined({oid: each for oid, each in seen.items() if oid not in bad})
        if left := listing.damaged(seen):
            raise _damaged(found, listing, left)
    if hold is not None and fetched.bytes:
        keep_within_limit(found.origin.home.tell)
    now = [SeenFile(path, md5, seen[md5]) for path, md5 in listing.wanted.items()]
    others = [each for each in noted.files if each.path not in listing.wanted]
    write_seen(notes, Seen(len(now) + len(others) == listing.number, [*now, *others]))
    return Obtained(found, portion, _files(now, cache), cache, fetched, hold, trust)


def _as_noted(found: FoundVersion, cache: dvc.Cache, portion: Portion, noted: Seen) -> list[ObtainedFile] | None:
    """The files, where all of the version were seen and those of the portion look as they did; nothing else is read."""
    reading = found.manifest.declared
    wanted = [each for each in noted.files if portion.is_all or portion.takes(each.path, reading)]
    if not noted.whole or not (wanted or portion.is_all):
        return None
    here = _files(wanted, cache)
    as_they_were = all(look_of(each.source) == one.seen.look for each, one in zip(here, wanted, strict=True))
    return here if as_they_were else None


def _files(seen: Sequence[SeenFile], cache: dvc.Cache) -> list[ObtainedFile]:
    return [ObtainedFile(path, md5, each.sha256, each.look[0], cache.path_of(md5)) for path, md5, each in sorted(seen)]


@dataclass(frozen=True)
class _Listing:
    """The files of a version as the lists in the cache have them: those wanted by path with md5, and SHA-256 of all.

    `number` counts all. Without `sha256` the manifest vouches for the whole alone. `bad_sums` is the object of these
    that is damaged.
    """

    found: FoundVersion
    cache: dvc.Cache
    wanted: Mapping[str, str]
    number: int
    sha256: Mapping[str, str]
    bad_sums: str = ""

    @classmethod
    def of(cls, found: FoundVersion, cache: dvc.Cache, portion: Portion) -> _Listing | None:
        """The lists; None where that of the files is not in the cache, or damaged."""
        data, index = both_parts(found.repository or found.origin.home, found.known, found.manifest)
        if data.oid.endswith(".dir") and cache.missing([data.oid]):
            return None
        try:
            entries = dict(data.entries(cache))
        except MismatchError:
            return None
        reading = found.manifest.declared
        wanted = {path: md5 for path, md5 in entries.items() if portion.takes(path, reading)}
        if not wanted and not portion.is_all:
            splits = {name for path in entries if (name := reading.split_of(path)) is not None}
            raise portion_of_nothing(found.name, portion, splits=splits)
        sha256, bad = _digests(cache, index, tree=found.manifest.digests.tree)
        if sha256 and sha256.keys() != entries.keys():
            raise MismatchError(
                f"DVC's list of the files of {found.name} is not that of its {sums.FILE_NAME}",
                hint="do not use this version, and find out who released it",
                details={"ref": found.name, "object": data.oid},
            )
        return cls(found, cache, wanted, len(entries), sha256, bad)

    @classmethod
    def here(cls, found: FoundVersion, cache: dvc.Cache, portion: Portion) -> _Listing:
        """The lists after all was brought that can be had. MissingDataError where that is not enough to verify."""
        listing = cls.of(found, cache, portion)
        if listing is None:
            raise MissingDataError(f"the list of the files of {found.name} is damaged again", hint="try again")
        if not listing.sha256 and not listing.whole:
            raise MissingDataError(
                f"the digests of the files of {found.name} are nowhere, so that a part of it cannot be verified",
                hint="ask for all of it: for the whole its manifest vouches",
            )
        return listing

    @property
    def whole(self) -> bool:
        """Whether all files are wanted."""
        return len(self.wanted) == self.number

    @property
    def is_complete(self) -> bool:
        """Whether all that is wanted is in the cache, with what it takes to verify it."""
        return not self.cache.missing(self.wanted.values()) and (bool(self.sha256) or self.whole)

    def examined(self, noted: Mapping[str, SeenObject]) -> dict[str, SeenObject]:
        """What the objects of the files look like and hold."""
        paths = {md5: self.cache.path_of(md5) for md5 in self.wanted.values()}
        return examined(paths, noted=noted, progress=self.found.origin.home.progress)

    def damaged(self, seen: Mapping[str, SeenObject]) -> list[str]:
        """The objects that are gone or have other bytes than the version's."""
        gone = [md5 for md5 in self.wanted.values() if md5 not in seen]
        if gone:
            return gone
        if self.sha256:
            wrong = (md5 for path, md5 in self.wanted.items() if seen[md5].sha256 != self.sha256[path])
            return list(dict.fromkeys(wrong))
        tree = sums.tree_digest((path, seen[md5].sha256) for path, md5 in self.wanted.items())
        if f"sha256:{tree}" == self.found.manifest.digests.tree:
            return []
        return [md5 for md5 in seen if files.md5_of(self.cache.path_of(md5)) != md5] or list(seen)


def _digests(cache: dvc.Cache, index: Part, *, tree: str) -> tuple[Mapping[str, str], str]:
    """Path -> SHA-256 of the version's files as far as the cache has them, and the object of them that is damaged."""
    try:
        return digests_of_files(cache, index, tree=tree), ""
    except MismatchError as error:
        return {}, str(error.details.get("object", ""))


def _in_place(found: FoundVersion) -> Repository:
    assert found.repository is not None  # noqa: S101 - what lies here was read from there
    return found.repository


def _fetched(found: FoundVersion, cache: dvc.Cache, portion: Portion) -> tuple[FoundVersion, Fetched]:
    """What had to come of the portion, and the version as it was found where it comes from."""
    origin = found.origin
    if origin.visited is None:
        place: Repository | None = _in_place(found)
    else:
        found = found if found.asked else find_again(found)
        home, added, commit = origin.visited.home, origin.visited.added, found.known.tag_commit
        place = with_remotes(home, added, _in_place(found), cache=cache, commit=commit)
    if place is None:
        hint = "a remote there needs an address or an absolute path; or name the path of a clone"
        raise _unobtainable(found, "names no DVC remote that can be asked from here", hint=hint)
    try:
        return found, fetch_versions(place, [found.known], wanted=Wanted.DATA, portion=portion)
    except NoRemoteError as error:
        raise _unobtainable(found, "has no default DVC remote", hint=error.hint) from None


def _unobtainable(found: FoundVersion, said: str, *, hint: str) -> MissingDataError:
    return MissingDataError(
        f"not all of {found.name} is in the cache, and {found.origin.address} {said}",
        hint=hint,
        details={"ref": found.name},
    )


def _discard(found: FoundVersion, cache: dvc.Cache, oids: Iterable[str]) -> None:
    """Damaged objects are gone from the cache, that whole ones can come; where none can, they are left, and named."""
    if found.origin.visited is not None:
        for oid in oids:
            files.remove(cache.path_of(oid))
        return
    repository = _in_place(found)
    try:
        dvc.remotes_in_order(repository.layout.root)
    except NoRemoteError:
        raise _damaged(found, None, list(oids)) from None
    for oid in oids:
        if os.path.lexists(cache.path_of(oid)):
            kept = quarantine(repository, cache, oid)
            repository.tell(f"object {oid} of {found.name} was damaged in the cache; it is in {kept} now")


def _damaged(found: FoundVersion, listing: _Listing | None, oids: Sequence[str]) -> MismatchError:
    paths = [path for path, md5 in listing.wanted.items() if md5 in set(oids)] if listing is not None else []
    shown = ", ".join(ascii(path)[1:-1] for path in paths[:_SHOWN]) or f"object {oids[0]}"
    return MismatchError(
        f"the bytes of {shown} are not those of {found.name}",
        hint=f"where it was released: dsv verify --deep --repair {found.name}",
        details={"ref": found.name, "objects": sorted(oids)[:_SHOWN], "count": len(oids)},
    )


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
