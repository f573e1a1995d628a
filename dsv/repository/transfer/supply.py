"""Objects from whichever remote has them whole: each is asked in turn for what is still lacking."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from dsv.adapters import dvc
from dsv.errors import DiskError, ExternalError, MismatchError, MissingDataError
from dsv.model.progress import Advance, unadvanced
from dsv.model.standing import Status

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

_NAMED = 10


class Owner(Protocol):
    """What needs an object: a version, or a dataset for its scores."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def status(self) -> Status:
        """How it stands."""


@dataclass(frozen=True, slots=True)
class Item:
    """An object that a version needs: the path of its file, and the SHA-256 of its bytes where that is known."""

    known: Owner
    oid: str
    path: str
    sha256: str | None = None


@dataclass(frozen=True)
class BadDelivery:
    """What was not delivered as it should be; `remote` is None for the cache, `actual` None where there was nothing."""

    remote: str | None
    item: Item
    expected: str
    actual: str | None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "remote": self.remote,
            "ref": self.item.known.name,
            "path": self.item.path,
            "object": self.item.oid,
            "expected": self.expected,
            "actual": self.actual,
        }

    def __str__(self) -> str:
        where = f"the remote {self.remote}" if self.remote else "the cache"
        what = f"{ascii(self.item.path)[1:-1]} of {self.item.known.name}"
        if self.actual is None:
            return f"{where} lacks {what}: object {self.item.oid}"
        return (
            f"{where} has damaged bytes for {what}: object {self.item.oid}, expected {self.expected}, got {self.actual}"
        )


class Supply:
    """The remotes of DVC's settings in their order, each opened when it is first needed; and what came from them."""

    def __init__(self, repository: Repository, first: str, stack: ExitStack) -> None:
        self.cache = dvc.find_cache(repository.layout.root)
        self.objects, self.bytes = 0, 0
        self.came_from: dict[str, str] = {}
        self.bad: list[BadDelivery] = []
        self._repository, self._first, self._stack = repository, first, stack
        self._opened: dict[str, dvc.Remote] = {}
        self._failed: dict[str, ExternalError] = {}

    @cached_property
    def order(self) -> Sequence[str]:
        """The names of the remotes, in the order in which they are asked; NoRemoteError where there is no first one."""
        return dvc.remotes_in_order(self._repository.layout.root, self._first)

    @property
    def asked(self) -> str | None:
        """The remote that is asked before the others; None where nothing had to come from one."""
        return self.order[0] if self._opened or self._failed else None

    def bring(self, items: Iterable[Item], *, arrived: Advance = unadvanced) -> None:
        """Those of the objects in the cache that any remote has whole; what one delivers badly is noted."""
        wanted: dict[str, Item] = {}
        for item in items:
            wanted.setdefault(item.oid, item)
        lacking = self.cache.missing(wanted)
        sha256 = {oid: digest for oid in lacking if (digest := wanted[oid].sha256) is not None}
        for name in self.order if lacking else ():
            if not lacking:
                return
            arrival = self._arrival(name, lacking, arrived=arrived, sha256=sha256)
            left = self.cache.missing(lacking)
            self.came_from.update(dict.fromkeys(set(lacking).difference(left), name))
            self.objects += len(lacking) - len(left)
            self.bytes += sum(os.path.getsize(self.cache.path_of(oid)) for oid in set(lacking).difference(left))
            lacking = left
            if arrival is not None:
                bad = [BadDelivery(name, wanted[each.oid], each.expected, each.actual) for each in arrival.damaged]
                bad += [
                    BadDelivery(name, wanted[oid], f"md5:{oid.removesuffix('.dir')}", None) for oid in arrival.missing
                ]
                self.bad += bad

    def tell(self) -> None:
        """Say what was delivered badly, and came from elsewhere."""
        absent = set(self.cache.missing(each.item.oid for each in self.bad))
        healed = [each for each in self.bad if each.item.oid not in absent]
        for remote in dict.fromkeys(each.remote for each in healed):
            bad = [each for each in healed if each.remote == remote]
            for each in bad[:_NAMED]:
                self._repository.tell(str(each))
            if len(bad) > _NAMED:
                self._repository.tell(f"and {len(bad) - _NAMED:,} more like that; --json names them all")

    def lacking(self, items: Sequence[Item]) -> list[Item]:
        """Those whose objects the cache lacks."""
        absent = set(self.cache.missing(item.oid for item in items))
        return [item for item in items if item.oid in absent]

    def refuse(self, lacking: Sequence[Item]) -> None:
        """Nothing, when none is lacking; a version that was removed may lack some, which is told.

        Errors: that of the first remote if it did not answer, else MismatchError or MissingDataError naming versions,
        files and remotes.
        """
        if not lacking:
            return
        if self.order[0] in self._failed:
            raise self._failed[self.order[0]]
        if all(item.known.status is Status.REMOVED for item in lacking):
            self._repository.tell(f"the data of {named(item.known for item in lacking)}, removed, cannot be had")
            return
        oids = {item.oid for item in lacking}
        damaged = {each.item.oid for each in self.bad if each.actual is not None and each.remote is not None} & oids
        self._refuse([item for item in lacking if not damaged or item.oid in damaged], damaged=bool(damaged))

    def _refuse(self, lacking: Sequence[Item], *, damaged: bool) -> None:
        oids = {item.oid for item in lacking}
        bad = [each for each in self.bad if each.item.oid in oids and each.remote is not None]
        remotes = [name for name in self.order if any(each.remote == name for each in bad)]
        many = len(remotes) > 1
        says = ("hold" if many else "holds") + " damaged bytes for" if damaged else "lack" if many else "lacks"
        count = f"{len(oids)} object{'s' if len(oids) > 1 else ''}"
        shown = list(dict.fromkeys(item.path for item in lacking))
        paths = ", ".join(ascii(path)[1:-1] for path in shown[:_NAMED])
        more = f" and {len(shown) - _NAMED:,} more" if len(shown) > _NAMED else ""
        error = MismatchError if damaged else MissingDataError
        raise error(
            f"the remote{'s' if many else ''} {' and '.join(remotes)} {says} {count} of "
            f"{named(item.known for item in lacking)}: {paths}{more}",
            hint=f"where the data is whole: dsv verify --remote {remotes[0]} --repair"
            if damaged
            else "whoever released them pushes them: dsv push",
            details={
                "refs": list(dict.fromkeys(item.known.name for item in lacking)),
                "objects": sorted(oids)[:_NAMED],
                "count": len(oids),
                "deliveries": [each.document() for each in bad[:_NAMED]],
            },
        )

    def _arrival(
        self, name: str, oids: Sequence[str], *, arrived: Advance, sha256: Mapping[str, str]
    ) -> dvc.Arrival | None:
        """What comes from the remote; None where it fails, now or before, which is told when there are others."""
        if name in self._failed:
            return None
        try:
            if name not in self._opened:
                remote = self._stack.enter_context(dvc.remote(self.cache, name))
                remote.reach()
                self._opened[name] = remote
            return self._opened[name].bring(oids, arrived=arrived, sha256=sha256)
        except DiskError:  # which is the cache's, and no other remote's help
            raise
        except ExternalError as error:
            self._failed[name] = error
            if len(self.order) > 1:
                self._repository.tell(error.message)
            return None


@contextmanager
def supply(repository: Repository, *, first: str = "") -> Iterator[Supply]:
    """The remotes, the named one or the default one before the others."""
    with ExitStack() as stack:
        yield Supply(repository, first, stack)


def named(versions: Iterable[Owner]) -> str:
    """The first names of the versions, for a message."""
    names = list(dict.fromkeys(each.name for each in versions))
    return ", ".join(names[:_NAMED]) + (" and more" if len(names) > _NAMED else "")
