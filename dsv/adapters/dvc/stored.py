"""The objects that lie in a directory, DVC's cache or a remote of that kind, and the trash beside them.

The trash is `dsv-trash/YYYY-MM-DD/OID` beside `files/`: DVC takes nothing of that form for an object. A move there and
back is one rename, so that whoever is killed leaves each object in one of the two places.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

from dsv.adapters.dvc.disk import disk_error

TRASH = "dsv-trash"
RUN_CACHE = "runs"
_PREFIX = re.compile(r"[0-9a-f]{2}")
_REST = re.compile(r"[0-9a-f]{30}(?:\.dir)?")
OID = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object, its bytes, and when it came here, in seconds since 1970."""

    oid: str
    size: int
    arrived: float


@dataclass(frozen=True, slots=True)
class TrashedObject:
    """An object in the trash, its bytes, and the day on which it came there, `YYYY-MM-DD` in UTC."""

    oid: str
    size: int
    day: str


Done = Callable[[int], None]
"""Called with the bytes of each object that was moved or deleted."""


class ObjectStore(Protocol):
    """Objects in one place, and their trash. Errors of all: those of the disk or the remote."""

    @property
    def place(self) -> str:
        """Where it lies, as it may be shown."""

    @property
    def trash(self) -> str:
        """Where its trash lies, as it may be shown."""

    def objects(self) -> list[StoredObject]:
        """Every object; other files are left alone."""

    def trashed(self) -> list[TrashedObject]:
        """What lies in the trash."""

    def run_cache(self) -> Iterator[bytes]:
        """The texts in which DVC notes the results of stages."""

    def throw_away(self, objects: Sequence[StoredObject], *, done: Done) -> None:
        """The objects in today's trash, and no more in their place."""

    def bring_back(self, trashed: Sequence[TrashedObject], *, done: Done) -> None:
        """Those from the trash in their places, where no object is there already."""

    def delete(self, trashed: Sequence[TrashedObject], *, done: Done) -> None:
        """Those in the trash gone for good."""


def today() -> str:
    """The day, in UTC, by the clock: what tells how long something is in the trash is no matter of reproducing."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%d")


@dataclass(frozen=True)
class DirectoryStore:
    """The objects below `directory`/files/md5."""

    directory: str
    shown: str = ""

    @property
    def place(self) -> str:
        """Where it lies, as it may be shown."""
        return self.shown or self.directory

    @property
    def trash(self) -> str:
        """Where its trash lies, as it may be shown."""
        return f"{self.place}/{TRASH}"

    def objects(self) -> list[StoredObject]:
        """Every object, by name; when it came is when its place was last written: its bytes may be older."""
        top = f"{self.directory}/files/md5"
        found = []
        with self._told("reading"):
            for prefix in _listed(top, _PREFIX, directories=True):
                for entry in _listed(prefix.path, _REST, directories=False):
                    seen = entry.stat(follow_symlinks=False)
                    found.append(StoredObject(prefix.name + entry.name, seen.st_size, seen.st_ctime))
        return sorted(found, key=lambda each: each.oid)

    def trashed(self) -> list[TrashedObject]:
        """What lies in the trash, by day and name."""
        with self._told("reading"):
            found = [
                TrashedObject(entry.name, entry.stat(follow_symlinks=False).st_size, day.name)
                for day in _listed(f"{self.directory}/{TRASH}", DAY, directories=True)
                for entry in _listed(day.path, OID, directories=False)
            ]
        return sorted(found, key=lambda each: (each.day, each.oid))

    def path_in_trash(self, trashed: TrashedObject) -> str:
        """Where it lies."""
        return f"{self.directory}/{TRASH}/{trashed.day}/{trashed.oid}"

    def run_cache(self) -> Iterator[bytes]:
        """The texts in which DVC notes the results of stages."""
        for folder, _, names in os.walk(f"{self.directory}/{RUN_CACHE}"):
            for name in names:
                with self._told("reading"), open(os.path.join(folder, name), "rb") as stream:
                    yield stream.read()

    def throw_away(self, objects: Sequence[StoredObject], *, done: Done) -> None:
        """The objects in today's trash."""
        day = today()
        with self._told("writing to"):
            if objects:
                self._make(f"{self.directory}/{TRASH}")
                self._make(f"{self.directory}/{TRASH}/{day}")
            for each in objects:
                os.rename(self._path_of(each.oid), f"{self.directory}/{TRASH}/{day}/{each.oid}")
                done(each.size)

    def bring_back(self, trashed: Sequence[TrashedObject], *, done: Done) -> None:
        """Those from the trash in their places."""
        with self._told("writing to"):
            for each in trashed:
                target = self._path_of(each.oid)
                self._make(os.path.dirname(target))
                if not os.path.lexists(target):
                    os.rename(self.path_in_trash(each), target)
                    done(each.size)
            self._tidy()

    def delete(self, trashed: Sequence[TrashedObject], *, done: Done) -> None:
        """Those in the trash gone for good."""
        with self._told("writing to"):
            for each in trashed:
                with suppress(FileNotFoundError):
                    os.unlink(self.path_in_trash(each))
                done(each.size)
            self._tidy()

    def _path_of(self, oid: str) -> str:
        return f"{self.directory}/files/md5/{oid[:2]}/{oid[2:]}"

    def _make(self, path: str) -> None:
        """The directory, with the mode of the one it lies in, which may belong to a group."""
        if not os.path.isdir(path):
            self._make(os.path.dirname(path))
            os.mkdir(path)
            os.chmod(path, os.stat(os.path.dirname(path)).st_mode & 0o7777)

    def _tidy(self) -> None:
        """No empty directories in the trash, nor an empty trash."""
        top = f"{self.directory}/{TRASH}"
        for path in [*(day.path for day in _listed(top, DAY, directories=True)), top]:
            with suppress(OSError):
                os.rmdir(path)

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise disk_error(error, doing=f"{doing} {self.place}") from error


def _listed(directory: str, names: re.Pattern[str], *, directories: bool) -> list[os.DirEntry[str]]:
    """The directories, or files, of these names in the directory, by name; none where there is none."""
    try:
        with os.scandir(directory) as entries:
            found = [each for each in entries if names.fullmatch(each.name)]
    except FileNotFoundError:
        return []
    kind = os.DirEntry.is_dir if directories else os.DirEntry.is_file
    return sorted((each for each in found if kind(each, follow_symlinks=False)), key=lambda each: each.name)
