"""Versions made complete on the DVC remote: each object asked for by its name, and sent where it is lacking."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import MismatchError, MissingDataError
from dsv.model.progress import summed
from dsv.model.standing import Status
from dsv.repository.known.catalog import KnownVersion
from dsv.repository.transfer.supply import Owner, named
from dsv.repository.transfer.version_objects import Part, parts_of

if TYPE_CHECKING:
    from dsv.repository.repository import Repository
    from dsv.repository.scoring.score_files import ScorePointer

_SHOWN = 10


@dataclass(frozen=True)
class Sent:
    """Objects and bytes that were not on the remote before, and how many objects it was asked for."""

    objects: int
    bytes: int
    confirmed: int


@dataclass(frozen=True)
class _Contents:
    """The objects of versions and of scores; a version whose list of files is nowhere has that of the list alone."""

    of: Mapping[Owner, Sequence[str]]

    def all(self) -> list[str]:
        """Every object once, those of directories after all others."""
        every = dict.fromkeys(oid for oids in self.of.values() for oid in oids)
        return sorted(every, key=lambda oid: oid.endswith(".dir"))

    def with_any(self, oids: Iterable[str]) -> list[Owner]:
        """Whatever needs one of the objects."""
        wrong = set(oids)
        return [known for known, own in self.of.items() if not wrong.isdisjoint(own)]


def complete_on_remote(
    repository: Repository,
    versions: Iterable[KnownVersion],
    *,
    remote: dvc.Remote,
    scores: Iterable[ScorePointer] = (),
) -> Sent:
    """The remote holds every object of the versions when this returns: data, record indexes, and the lists of both.

    So it does for the files of scores.

    What is not here and is there already counts. Everything that can be sent is sent before anything is refused. A
    version that was removed may lack its data, which is told.
    Errors: MissingDataError and MismatchError, naming versions; those of a remote that fails.
    """
    cache = remote.cache
    contents = _contents(repository, versions, scores, remote=remote)
    wanted = contents.all()
    lacking = remote.lacking(wanted)
    absent = set(cache.missing(lacking))
    ready = [oid for oid in lacking if oid not in absent]
    incomplete = {oid for known in contents.with_any(absent) for oid in contents.of[known] if oid.endswith(".dir")}
    # The list of a directory tells DVC that its files are there: it is sent after them, and not without one of them.
    ready = [oid for oid in ready if oid not in incomplete]
    sizes = {oid: os.path.getsize(cache.path_of(oid)) for oid in ready}
    if ready:
        remote.require_room(sum(sizes.values()))
    advance = summed(repository.progress, "pushing", total=sum(sizes.values()))
    sent = list[dvc.Sent]()
    for oids in _in_turn(sizes):
        sent.append(remote.send(oids, sent=advance))
        _refuse_damaged(contents, sent[-1].damaged, cache=cache)
    left = [*remote.lacking(ready), *(oid for oid in lacking if oid in absent)]
    gone = contents.with_any(left)
    if gone and all(known.status is Status.REMOVED for known in gone):
        repository.tell(f"the data of {named(gone)}, removed, is neither here nor on the remote {remote.name}")
    else:
        _refuse_missing(contents, left, remote=remote)
    return Sent(sum(each.objects for each in sent), sum(each.bytes for each in sent), len(wanted))


def _contents(
    repository: Repository, versions: Iterable[KnownVersion], scores: Iterable[ScorePointer], *, remote: dvc.Remote
) -> _Contents:
    """The objects of the versions; lists of files that are not here, which are small, are brought from the remote."""
    parts = parts_of(repository, versions)
    lists = dict.fromkeys(part.oid for both in parts.values() for part in both if part.oid.endswith(".dir"))
    remote.bring(lists)
    of: dict[Owner, Sequence[str]] = {
        known: list(dict.fromkeys(oid for part in both for oid in (*_objects_of(remote.cache, part), part.oid)))
        for known, both in parts.items()
    }
    return _Contents({**of, **{each: [each.oid] for each in scores}})


def _objects_of(cache: dvc.Cache, part: Part) -> list[str]:
    return [md5 for _, md5 in part.entries(cache)]


def _in_turn(sizes: Mapping[str, int]) -> tuple[list[str], list[str], list[str]]:
    """The objects in three lots, of which each is sent before the next one begins.

    The smallest goes ahead alone: that nothing may be written there is known in seconds then. Lists come last.
    """
    files = sorted((oid for oid in sizes if not oid.endswith(".dir")), key=lambda oid: (sizes[oid], oid))
    return files[:1], files[1:], [oid for oid in sizes if oid.endswith(".dir")]


def _refuse_damaged(contents: _Contents, damaged: Sequence[str], *, cache: dvc.Cache) -> None:
    if not damaged:
        return
    concerned = contents.with_any(damaged)
    raise MismatchError(
        f"{_count(damaged)} of {named(concerned)} in the cache {'is' if len(damaged) == 1 else 'are'} damaged: the "
        f"bytes of {cache.path_of(damaged[0])} are not those of its name; nothing was published",
        hint=f"dsv verify --deep --repair {concerned[0].name} takes good bytes from another place; then dsv push",
        details=_details(concerned, damaged),
    )


def _refuse_missing(contents: _Contents, left: Sequence[str], *, remote: dvc.Remote) -> None:
    if not left:
        return
    concerned = contents.with_any(left)
    raise MissingDataError(
        f"{_count(left)} of {named(concerned)} {'is' if len(left) == 1 else 'are'} neither here nor on the remote "
        f"{remote.name}; nothing was published",
        hint=f"dsv push where {'it was' if len(concerned) == 1 else 'they were'} released, or dsv fetch "
        f"{concerned[0].name} where another remote has it; dsv remove says of a version that its data is gone for good",
        details=_details(concerned, left),
    )


def _count(oids: Sequence[str]) -> str:
    return f"{len(oids)} object{'s' if len(oids) > 1 else ''}"


def _details(versions: Sequence[Owner], oids: Sequence[str]) -> dict[str, object]:
    return {"refs": [each.name for each in versions], "objects": sorted(oids)[:_SHOWN], "count": len(oids)}
