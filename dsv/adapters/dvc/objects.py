"""Files put into DVC's cache: one read and one write each, and nothing under its name before it is whole."""

from __future__ import annotations

import os
import shutil
import stat
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.dvc.disk import disk_error, flush, write_all
from dsv.adapters.dvc.files import Copier, FileState, Progress, no_progress
from dsv.adapters.dvc.runtime import writes_like_the_tested_dvc
from dsv.adapters.dvc.through_dvc import store_through_dvc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dsv.adapters.dvc.cache import Cache
    from dsv.adapters.dvc.directory import DirectoryObject

OBJECT_MODE = 0o444
_STAGING_PREFIX = "dsv-"
_STAGING_LIFETIME_SECONDS = 86_400
# The coarsest clock of a file system in use (FAT) counts in two seconds.
_COARSEST_CLOCK_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Stored:
    """What was new to the cache: objects and their bytes, the `.dir` object included."""

    objects: int
    size: int


def store(
    cache: Cache,
    files: Iterable[FileState],
    *,
    directory: DirectoryObject | None = None,
    scan_started_ns: int,
    progress: Progress = no_progress,
) -> Stored:
    """The files' objects in the cache, durable, then the directory's object.

    `scan_started_ns` is the wall clock's time (`time.time_ns()`) before the first file was read.
    UnsupportedFileError when a file is no longer what the scan saw, DiskError when the disk refuses;
    whole objects that were stored before stay, and do no harm.
    """
    if not writes_like_the_tested_dvc():
        return Stored(*store_through_dvc(cache, files, directory=directory, progress=progress))
    settled = scan_started_ns - _COARSEST_CLOCK_NS
    return Stored(*store_directly(cache, files, directory=directory, settled_before_ns=settled, progress=progress))


def store_directly(
    cache: Cache,
    files: Iterable[FileState],
    *,
    directory: DirectoryObject | None,
    settled_before_ns: int,
    progress: Progress,
) -> tuple[int, int]:
    """What `store` does, without DVC; how many objects and bytes were new.

    All new files are written under other names, flushed in one go and then renamed: after a power
    cut no object's name stands for less than its bytes. The `.dir` object follows when all that it
    names is durable.
    """
    copier = Copier(settled_before_ns=settled_before_ns, progress=progress)
    try:
        with _staging(cache) as staging:
            fresh: dict[str, str] = {}
            size = 0
            for file in files:
                if file.md5 in fresh or _is_kept(cache, file.md5, size=file.size):
                    progress(1, file.size)
                    continue
                staged = f"{staging}/{len(fresh)}"
                copier.copy(file, staged)
                fresh[file.md5] = staged
                size += file.size
            _name(cache, fresh)
            if directory is not None and not _is_kept(cache, directory.oid, size=len(directory.data)):
                staged = f"{staging}/dir"
                _write(staged, directory.data)
                _name(cache, {directory.oid: staged})
                return len(fresh) + 1, size + len(directory.data)
            return len(fresh), size
    except OSError as error:
        raise disk_error(error, doing=f"writing to the cache {cache.directory}") from error


def _is_kept(cache: Cache, oid: str, *, size: int) -> bool:
    """Whether the object is there as DVC would leave it; one cut short or made writable is written anew."""
    try:
        seen = os.stat(cache.path_of(oid), follow_symlinks=False)
    except FileNotFoundError:
        return False
    return seen.st_size == size and stat.S_IMODE(seen.st_mode) == OBJECT_MODE


def _name(cache: Cache, staged: dict[str, str]) -> None:
    """The staged files under their objects' names, on the disk before and after."""
    if not staged:
        return
    flush(cache.objects)
    for prefix in {oid[:2] for oid in staged}:
        _make_directory(cache, f"{cache.objects}/{prefix}")
    for oid, path in staged.items():
        os.rename(path, cache.path_of(oid))
    flush(cache.objects)


def _write(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OBJECT_MODE)
    try:
        write_all(descriptor, data)
        os.fchmod(descriptor, OBJECT_MODE)
    finally:
        os.close(descriptor)


@contextmanager
def _staging(cache: Cache) -> Iterator[str]:
    """A directory on the cache's file system that DVC does not look into, gone afterwards."""
    beside = os.path.dirname(cache.objects)
    _make_directory(cache, cache.objects)
    _sweep(beside)
    path = f"{beside}/{_STAGING_PREFIX}{os.getpid()}-{os.urandom(6).hex()}"
    _make_directory(cache, path)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(beside: str) -> None:
    """Staging directories of processes that were killed long ago, removed."""
    limit = time.time() - _STAGING_LIFETIME_SECONDS
    with os.scandir(beside) as found:
        stale = [
            entry.path
            for entry in found
            if entry.name.startswith(_STAGING_PREFIX) and entry.stat(follow_symlinks=False).st_mtime < limit
        ]
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)


def _make_directory(cache: Cache, path: str) -> None:
    """The directory, its parents too, with the modes that a cache shared by a group asks for."""
    try:
        os.mkdir(path)
    except FileExistsError:
        return
    except FileNotFoundError:
        _make_directory(cache, os.path.dirname(path))
        os.mkdir(path)
    if cache.directory_mode is not None:
        os.chmod(path, cache.directory_mode)
