"""The objects that lie on a remote which is no directory of ours, and the trash beside them.

A move is a copy, which is held against the size of what was copied, and then a deletion: whoever is killed between
leaves the object in both places. What a storage can move in one step is moved in one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from dsv.adapters.dvc.patience import Movement, patiently
from dsv.adapters.dvc.stored import DAY, OID, RUN_CACHE, TRASH, Done, StoredObject, TrashedObject, today
from dsv.errors import RemoteError, UnsupportedError

_AT_ONCE = 8
_STANDSTILL_SECONDS = 60.0
_TIMES = ("LastModified", "last_modified", "mtime", "modified", "updated")
_RENAMES = frozenset({"ssh", "sftp"})
_READ_ONLY = frozenset({"http", "https"})


def refuse_reading_only(protocol: str, *, name: str) -> None:
    """UnsupportedError for a remote of a kind to which nothing can be written."""
    if protocol in _READ_ONLY:
        raise UnsupportedError(
            f"the remote {name} can only be read, by {protocol}", hint="name the remote by which it is written to"
        )


@dataclass(frozen=True)
class RemoteStore:
    """The objects below `directory`/files/md5 of a file system of fsspec; `told` makes its errors those of dsv."""

    directory: str
    place: str
    _files: Any
    _protocol: str
    _told: Callable[[], AbstractContextManager[None]]

    @property
    def trash(self) -> str:
        """Where its trash lies, as it may be shown."""
        return f"{self.place}/{TRASH}"

    def objects(self) -> list[StoredObject]:
        """Every object, by name; UnsupportedError where the storage does not tell when it came."""
        found = []
        for parts, size, arrived in self._listed(f"{self.directory}/files/md5"):
            if len(parts) == 2 and len(parts[0]) == 2 and OID.fullmatch("".join(parts)):  # noqa: PLR2004 - ab/cdef
                if arrived is None:
                    raise UnsupportedError(
                        f"{self.place} does not tell when its objects came there: they may be in use since today",
                        hint="collect there by hand, with a list from dsv gc --json",
                    )
                found.append(StoredObject("".join(parts), size, arrived))
        return sorted(found, key=lambda each: each.oid)

    def trashed(self) -> list[TrashedObject]:
        """What lies in the trash, by day and name."""
        found = [
            TrashedObject(parts[1], size, parts[0])
            for parts, size, _ in self._listed(f"{self.directory}/{TRASH}")
            if len(parts) == 2 and DAY.fullmatch(parts[0]) and OID.fullmatch(parts[1])  # noqa: PLR2004 - DAY/OID
        ]
        return sorted(found, key=lambda each: (each.day, each.oid))

    def run_cache(self) -> Iterator[bytes]:
        """The texts in which DVC notes the results of stages."""
        top = f"{self.directory}/{RUN_CACHE}"
        for parts, _, _ in self._listed(top):
            yield self._asked(partial(self._files.cat_file, "/".join([top, *parts])))

    def throw_away(self, objects: Sequence[StoredObject], *, done: Done) -> None:
        """The objects in today's trash."""
        day = today()
        self._all([(each, self._path_of(each.oid), self._in_trash(each.oid, day)) for each in objects], done)

    def bring_back(self, trashed: Sequence[TrashedObject], *, done: Done) -> None:
        """Those from the trash in their places."""
        wanted = {self._path_of(each.oid): each for each in trashed}
        there = {each.oid for each in self.objects()} if wanted else set()
        moves = [
            (each, self._in_trash(each.oid, each.day), path) for path, each in wanted.items() if each.oid not in there
        ]
        self._all(moves, done)

    def delete(self, trashed: Sequence[TrashedObject], *, done: Done) -> None:
        """Those in the trash gone for good."""
        self._all([(each, self._in_trash(each.oid, each.day), None) for each in trashed], done)

    def _path_of(self, oid: str) -> str:
        return f"{self.directory}/files/md5/{oid[:2]}/{oid[2:]}"

    def _in_trash(self, oid: str, day: str) -> str:
        return f"{self.directory}/{TRASH}/{day}/{oid}"

    def _listed(self, top: str) -> list[tuple[list[str], int, float | None]]:
        """Every file below the directory: the parts of its path from there, its bytes, and when it came."""

        def find() -> Any:
            self._files.invalidate_cache()
            return self._files.find(top, detail=True)

        listing = self._asked(find)
        start = len(top.strip("/").split("/"))
        return [
            (path.strip("/").split("/")[start:], int(entry.get("size") or 0), _time_of(entry))
            for path, entry in listing.items()
        ]

    def _asked(self, work: Callable[[], Any]) -> Any:
        with self._told():
            return patiently(work, Movement(_STANDSTILL_SECONDS))

    def _all(self, moves: Sequence[tuple[StoredObject | TrashedObject, str, str | None]], done: Done) -> None:
        """Each moved from the one path to the other, or deleted, several at a time; the first failure ends it."""
        movement = Movement(_STANDSTILL_SECONDS)

        def work() -> None:
            with ThreadPoolExecutor(_AT_ONCE) as threads:
                futures = [threads.submit(self._one, each.size, source, target) for each, source, target in moves]
                try:
                    for (each, _, _), future in zip(moves, futures, strict=True):
                        future.result()
                        movement.tick()
                        done(each.size)
                except BaseException:
                    threads.shutdown(wait=False, cancel_futures=True)
                    raise

        with self._told():
            patiently(work, movement)

    def _one(self, size: int, source: str, target: str | None) -> None:
        if target is None:
            self._files.rm_file(source)
            return
        self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
        if self._protocol in _RENAMES:
            self._files.mv(source, target)
            return
        self._files.cp_file(source, target)
        self._files.invalidate_cache()
        if self._files.size(target) != size:
            raise RemoteError(f"{target} did not get all bytes of {source}", hint="run it again; nothing was deleted")
        self._files.rm_file(source)


def _time_of(entry: dict[str, Any]) -> float | None:
    """When the file was written, in seconds since 1970, as the storage tells it; None where it does not."""
    for key in _TIMES:
        value = entry.get(key)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError:
                continue
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float) and value > 0:
            return float(value)
    return None
