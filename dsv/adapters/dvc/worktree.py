"""A version's files out of the cache into the work tree: every byte checked, nothing followed or linked."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from dsv.adapters.dvc.disk import disk_error, write_all
from dsv.adapters.dvc.files import FileState, Progress, no_progress
from dsv.adapters.dvc.tree import Tree
from dsv.errors import MismatchError, MissingDataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from dsv.adapters.dvc.cache import Cache
    from dsv.adapters.dvc.directory import Entry

_BLOCK = 1 << 20
_SHOWN = 10
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_STAGING_NAME = re.compile(r"\.dsv-(\d+)-[0-9a-f]{12}")


Ready = Callable[[], None]
"""Called when all that is to be written lies whole beside its place, and before anything is touched."""


def nothing_to_do() -> None:
    """What is called where nobody asks to be."""


def require_objects(cache: Cache, entries: Collection[Entry]) -> None:
    """MissingDataError naming the first files whose objects are not in the cache."""
    absent = set(cache.missing(md5 for _, md5 in entries))
    if absent:
        paths = [path for path, md5 in entries if md5 in absent]
        shown = ", ".join(ascii(path)[1:-1] for path in paths[:_SHOWN])
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        raise MissingDataError(
            f"{len(paths)} of {len(entries)} files are not in the cache: {shown}{more}",
            hint="dsv fetch NAME@VERSION brings them",
            details={"missing": len(paths), "objects": len(absent), "paths": paths[:_SHOWN]},
        )


def materialise(
    cache: Cache,
    entries: Collection[Entry],
    *,
    base: str,
    directory: str,
    delete: Collection[str] = (),
    staging: str | None = None,
    progress: Progress = no_progress,
    ready: Ready = nothing_to_do,
) -> list[FileState]:
    """The files written into `base/directory`, with the stat they have there; those of `delete` are gone.

    The base is an existing directory, taken as it is; below it no symbolic link is followed. Nothing
    in the directory is touched before every file lies whole and checked in a staging directory: one
    in `staging` where that is given and on the same file system, else one in the directory itself; `ready` is called
    in between.
    MissingDataError, MismatchError, ConflictError or DiskError, each naming the file.
    """
    require_objects(cache, entries)
    try:
        with closing(Tree(base)) as tree, _staging(tree, directory, preferred=staging) as staged:
            written = _stage(cache, entries, staged=staged, at=os.path.join(base, directory), progress=progress)
            ready()
            for path in sorted(delete):
                tree.delete(_below(directory, path), keep=directory)
            for number, (path, _) in enumerate(entries):
                tree.place(str(number), _below(directory, path), source=staged)
    except OSError as error:
        raise disk_error(error, doing=f"writing to {os.path.join(base, directory)}") from error
    return written


def _below(directory: str, path: str) -> str:
    return f"{directory}/{path}" if directory else path


def _stage(cache: Cache, entries: Collection[Entry], *, staged: int, at: str, progress: Progress) -> list[FileState]:
    written = []
    for number, (path, md5) in enumerate(entries):
        try:
            seen, actual = _copy(cache.path_of(md5), str(number), directory=staged, progress=progress)
        except FileNotFoundError:
            require_objects(cache, [(path, md5)])
            raise
        if actual != md5:
            raise MismatchError(
                f"object {md5}, the bytes of {ascii(path)[1:-1]}, has md5 {actual}",
                hint="dsv verify --deep --repair NAME@VERSION takes good bytes from another place",
                details={"object": md5, "path": path, "expected": md5, "actual": actual},
            )
        written.append(FileState(f"{at}/{path}", md5, seen.st_size, seen.st_mtime_ns, seen.st_ino))
    return written


def _copy(path: str, name: str, *, directory: int, progress: Progress) -> tuple[os.stat_result, str]:
    """A new file with the object's bytes: its stat, and the md5 of what was written."""
    digest = hashlib.md5(usedforsecurity=False)
    source = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=directory)
        try:
            while data := os.read(source, _BLOCK):
                digest.update(data)
                write_all(target, data)
                progress(0, len(data))
            seen = os.fstat(target)
        finally:
            os.close(target)
    finally:
        os.close(source)
    progress(1, 0)
    return seen, digest.hexdigest()


@contextmanager
def _staging(tree: Tree, directory: str, *, preferred: str | None) -> Iterator[int]:
    """The descriptor of an empty directory on the file system of the target, gone afterwards."""
    parent = _staging_parent(tree, directory, preferred=preferred)
    try:
        _sweep(parent)
        name = f".dsv-{os.getpid()}-{os.urandom(6).hex()}"
        os.mkdir(name, 0o700, dir_fd=parent)
        try:
            descriptor = os.open(name, _DIRECTORY, dir_fd=parent)
            try:
                yield descriptor
            finally:
                os.close(descriptor)
        finally:
            _remove(name, parent=parent)
    finally:
        os.close(parent)


def _staging_parent(tree: Tree, directory: str, *, preferred: str | None) -> int:
    target = tree.made(directory)
    if preferred is not None:
        descriptor = os.open(preferred, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        if os.fstat(descriptor).st_dev == os.fstat(target).st_dev:
            return descriptor
        os.close(descriptor)
    return os.dup(target)


def stale_placing(directories: Iterable[str]) -> list[str]:
    """The staging directories of killed processes directly in the directories."""
    found = []
    for directory in directories:
        with suppress(FileNotFoundError, NotADirectoryError):
            found += [os.path.join(directory, name) for name in os.listdir(directory) if _is_of_the_dead(name)]
    return sorted(found)


def _sweep(parent: int) -> None:
    """What killed processes left behind, removed."""
    for name in os.listdir(parent):
        if _is_of_the_dead(name):
            _remove(name, parent=parent)


def _is_of_the_dead(name: str) -> bool:
    """Whether a process that is gone prepared files in a directory of this name."""
    match = _STAGING_NAME.fullmatch(name)
    if match is None:
        return False
    try:
        os.kill(int(match[1]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _remove(name: str, *, parent: int) -> None:
    with suppress(OSError):
        descriptor = os.open(name, _DIRECTORY, dir_fd=parent)
        try:
            for left in os.listdir(descriptor):
                os.unlink(left, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        os.rmdir(name, dir_fd=parent)
