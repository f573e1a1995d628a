"""Files put into DVC's cache: one read and one write each, and nothing under its name before it is whole."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.dvc.disk import disk_error
from dsv.adapters.dvc.files import Copier, FileState, Progress, no_progress, refuse_changed
from dsv.adapters.dvc.runtime import writes_like_the_tested_dvc
from dsv.adapters.dvc.staging import Staging, is_kept, make_directory, staged
from dsv.adapters.dvc.through_dvc import store_through_dvc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dsv.adapters.dvc.cache import Cache
    from dsv.adapters.dvc.directory import DirectoryObject

# The coarsest clock of a file system in use (FAT) counts in two seconds.
COARSEST_CLOCK_NS = 2_000_000_000
"""A file touched no longer ago than this may change again without its stat telling."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What was new to the cache: objects and their bytes, the `.dir` object included."""

    objects: int
    size: int


@contextmanager
def staging(cache: Cache) -> Iterator[Staging | None]:
    """Where a scan may put copies of what it reads, for `store` to find; None where DVC itself has to write them."""
    if not writes_like_the_tested_dvc():
        yield None
        return
    try:
        with staged(cache) as place:
            yield place
    except OSError as error:
        raise disk_error(error, doing=f"writing to the cache {cache.directory}") from error


def store(
    cache: Cache,
    files: Iterable[FileState],
    *,
    directory: DirectoryObject | None = None,
    scan_started_ns: int,
    place: Staging | None = None,
    progress: Progress = no_progress,
) -> Stored:
    """The files' objects in the cache, durable, then the directory's object.

    `scan_started_ns` is the wall clock's time (`time.time_ns()`) before the first file was read; what the scan has
    put into `place` is not read again, but must still have its stat. UnsupportedFileError when a file is no longer
    what the scan saw, DiskError when the disk refuses; whole objects that were stored before stay, and do no harm.
    """
    if not writes_like_the_tested_dvc():
        return Stored(*store_through_dvc(cache, files, directory=directory, progress=progress))
    settled = scan_started_ns - COARSEST_CLOCK_NS
    return Stored(
        *store_directly(cache, files, directory=directory, settled_before_ns=settled, place=place, progress=progress)
    )


def store_directly(
    cache: Cache,
    files: Iterable[FileState],
    *,
    directory: DirectoryObject | None,
    settled_before_ns: int,
    place: Staging | None = None,
    progress: Progress,
) -> tuple[int, int]:
    """What `store` does, without DVC; how many objects and bytes were new.

    All new files are written under other names, flushed in one go and then moved: after a power cut no object's
    name stands for less than its bytes. The `.dir` object follows when all that it names is durable.
    """
    copier = Copier(settled_before_ns=settled_before_ns, progress=progress)
    try:
        with staged(cache) if place is None else nullcontext(place) as where:
            there, new, size = where.oids(), set(), 0
            for file in files:
                if file.md5 in new or (file.md5 not in there and is_kept(cache, file.md5, size=file.size)):
                    progress(1, file.size)
                    continue
                if file.md5 in there:
                    progress(1, file.size)
                    refuse_changed(file)
                else:
                    make_directory(cache, f"{where.directory}/{file.md5[:2]}")
                    copier.copy(file, where.path_of(file.md5))
                new.add(file.md5)
                size += file.size
            where.move(new)
            if directory is not None and not is_kept(cache, directory.oid, size=len(directory.data)):
                where.keep(directory.oid, directory.data)
                where.move({directory.oid})
                return len(new) + 1, size + len(directory.data)
            return len(new), size
    except OSError as error:
        raise disk_error(error, doing=f"writing to the cache {cache.directory}") from error
