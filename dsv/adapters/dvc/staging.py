"""New objects on their way into DVC's cache: beside it, under their names, until all of them are whole and durable."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from dsv.adapters.dvc.disk import disk_error, flush, write_all
from dsv.adapters.dvc.files import cloned

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dsv.adapters.dvc.cache import Cache

OBJECT_MODE = 0o444
_PREFIX = "dsv-"
_LIFETIME_SECONDS = 86_400
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_WRITTEN_BACK = 32 << 20
"""Bytes after which the system is asked to begin writing to the disk, so that the flush at the end finds less."""


@dataclass(frozen=True)
class Staging:
    """A directory on the cache's file system into which any process can put objects by their MD5.

    It keeps copies for a scan (`dsv.records.scan.Keeper`); what the cache has already is not written. `exact_modes`
    says that new files have the mode that was asked for, whatever the umask.
    """

    cache: Cache
    directory: str
    exact_modes: bool

    def path_of(self, oid: str) -> str:
        """Where the object is staged."""
        return f"{self.directory}/{oid[:2]}/{oid[2:]}"

    def keep(self, md5: str, data: bytes) -> None:
        """Stage a file of these bytes; DiskError when the disk refuses."""
        if _is_there(f"{self.cache.objects}/{md5[:2]}") and is_kept(self.cache, md5, size=len(data)):
            return
        with self._disk_errors():
            try:
                descriptor = self._create(md5)
            except FileExistsError:
                return  # of a file with the same bytes
            try:
                write_all(descriptor, data)
                if not self.exact_modes:
                    os.fchmod(descriptor, OBJECT_MODE)
            finally:
                os.close(descriptor)

    def copy(self, descriptor: int, *, settled: bool) -> StagedCopy:
        """A copy of an open file, by reflink where a change of the file could not hide and the file system can."""
        with self._disk_errors():
            return StagedCopy(
                self, f"{self.directory}/{os.getpid()}-{os.urandom(6).hex()}", descriptor if settled else None
            )

    def begin_flush(self) -> None:
        """Have what is staged go to the disk while other things are done; `move` waits for all of it."""
        threading.Thread(target=_flush_quietly, args=(self.directory,), daemon=True).start()

    def oids(self) -> set[str]:
        """What is staged."""
        found = set()
        for prefix in self._prefixes():
            found |= {prefix + name for name in os.listdir(f"{self.directory}/{prefix}")}
        return found

    def move(self, oids: Collection[str]) -> None:
        """These staged objects in the cache under their names, durable before and after; the others are dropped."""
        if not oids:
            return
        flush(self.cache.objects)
        for prefix in self._prefixes():
            staged = f"{self.directory}/{prefix}"
            names = os.listdir(staged)
            unwanted = [name for name in names if prefix + name not in oids]
            for name in unwanted:
                os.unlink(f"{staged}/{name}")
            if len(names) > len(unwanted) and not self._moved_whole(prefix):
                for name in set(names).difference(unwanted):
                    os.rename(f"{staged}/{name}", f"{self.cache.objects}/{prefix}/{name}")
        flush(self.cache.objects)

    def _moved_whole(self, prefix: str) -> bool:
        """Whether the directory of a prefix could be moved at once, the cache having none yet."""
        try:
            os.rename(f"{self.directory}/{prefix}", f"{self.cache.objects}/{prefix}")
        except OSError:  # it has one, as mostly
            make_directory(self.cache, f"{self.cache.objects}/{prefix}")
            return False
        return True

    def _prefixes(self) -> list[str]:
        return sorted(name for name in os.listdir(self.directory) if len(name) == 2)  # noqa: PLR2004 - of an oid

    def _create(self, oid: str) -> int:
        path = self.path_of(oid)
        try:
            return os.open(path, _NEW, OBJECT_MODE)
        except FileNotFoundError:
            make_directory(self.cache, os.path.dirname(path))
            return os.open(path, _NEW, OBJECT_MODE)

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise disk_error(error, doing=f"writing to the cache {self.cache.directory}") from error


class StagedCopy:
    """A large object in the making."""

    def __init__(self, staging: Staging, path: str, source: int | None) -> None:
        self._staging = staging
        self._path = path
        self._descriptor = os.open(path, _NEW, OBJECT_MODE)
        self._size = 0
        self._cloned = source is not None and cloned(source, self._descriptor)

    def write(self, data: memoryview) -> None:
        """Take the bytes that follow; DiskError when the disk refuses."""
        before, self._size = self._size, self._size + len(data)
        if self._cloned or not data:
            return
        with self._staging._disk_errors():  # noqa: SLF001 - two halves of one thing
            write_all(self._descriptor, data)
            if before // _WRITTEN_BACK != self._size // _WRITTEN_BACK:
                os.posix_fadvise(self._descriptor, 0, self._size, os.POSIX_FADV_DONTNEED)

    def keep(self, md5: str) -> None:
        """Done: these are all the bytes, and this is their digest."""
        staging = self._staging
        with staging._disk_errors():  # noqa: SLF001 - two halves of one thing
            os.fchmod(self._descriptor, OBJECT_MODE)
            whole = os.fstat(self._descriptor).st_size == self._size
            os.close(self._descriptor)
            if not whole or is_kept(staging.cache, md5, size=self._size):
                os.unlink(self._path)
                return
            make_directory(staging.cache, os.path.dirname(staging.path_of(md5)))
            os.rename(self._path, staging.path_of(md5))

    def drop(self) -> None:
        """Leave nothing of it."""
        os.close(self._descriptor)
        with suppress(FileNotFoundError):
            os.unlink(self._path)


@contextmanager
def staged(cache: Cache) -> Iterator[Staging]:
    """A staging directory that DVC does not look into, gone afterwards."""
    beside = os.path.dirname(cache.objects)
    make_directory(cache, cache.objects)
    for left in stale_staging(cache):
        shutil.rmtree(left, ignore_errors=True)
    path = f"{beside}/{_prefix_here()}{os.getpid()}-{os.urandom(6).hex()}"
    make_directory(cache, path)
    try:
        yield Staging(cache, path, exact_modes=_modes_are_exact(path))
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _flush_quietly(directory: str) -> None:
    with suppress(OSError):  # which the flush that is waited for says
        flush(directory)


@lru_cache(maxsize=512)
def _is_there(directory: str) -> bool:
    """Whether the cache had a directory when it was first asked for: of a new one nothing needs to be looked up."""
    return os.path.isdir(directory)


def _modes_are_exact(directory: str) -> bool:
    path = f"{directory}/mode"
    descriptor = os.open(path, _NEW, OBJECT_MODE)
    try:
        return stat.S_IMODE(os.fstat(descriptor).st_mode) == OBJECT_MODE
    finally:
        os.close(descriptor)
        os.unlink(path)


def is_kept(cache: Cache, oid: str, *, size: int) -> bool:
    """Whether the object is there as DVC would leave it; one cut short or made writable is written anew."""
    try:
        seen = os.stat(cache.path_of(oid), follow_symlinks=False)
    except FileNotFoundError:
        return False
    return seen.st_size == size and stat.S_IMODE(seen.st_mode) == OBJECT_MODE


def make_directory(cache: Cache, path: str) -> None:
    """The directory, its parents too, with the modes that a cache shared by a group asks for."""
    try:
        os.mkdir(path)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_directory(cache, os.path.dirname(path))
        with suppress(FileExistsError):  # another process may make it too
            os.mkdir(path)
    if cache.directory_mode is not None:
        os.chmod(path, cache.directory_mode)


def stale_staging(cache: Cache) -> list[str]:
    """Staging directories of killed processes: those of this machine at once, others after a day."""
    limit = time.time() - _LIFETIME_SECONDS
    try:
        with os.scandir(os.path.dirname(cache.objects)) as found:
            return sorted(
                entry.path
                for entry in found
                if entry.name.startswith(_PREFIX)
                and (_is_of_the_dead(entry.name) or entry.stat(follow_symlinks=False).st_mtime < limit)
            )
    except (FileNotFoundError, NotADirectoryError):
        return []


def _prefix_here() -> str:
    """How the names of this machine's staging directories begin, up to the number of the process.

    A container is a machine of its own, in which the same numbers are other processes.
    """
    machine = os.uname().nodename
    with suppress(OSError):
        machine += os.readlink("/proc/self/ns/pid")
    return f"{_PREFIX}{hashlib.sha256(machine.encode()).hexdigest()[:8]}-"


def _is_of_the_dead(name: str) -> bool:
    """Whether the process of this machine that made the directory is gone."""
    prefix = _prefix_here()
    number = name.removeprefix(prefix).split("-")[0]
    if not name.startswith(prefix) or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except (OSError, OverflowError) as error:
        return isinstance(error, ProcessLookupError)
    return False
