"""What DVC's own code does for us: the cache of an untested DVC, and the state that spares it hashing."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from dsv.adapters.dvc.disk import flush
from dsv.adapters.dvc.opening import opened
from dsv.errors import UnsupportedFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsv.adapters.dvc.cache import Cache
    from dsv.adapters.dvc.directory import DirectoryObject
    from dsv.adapters.dvc.files import FileState, Progress

_BATCH = 1_000


def store_through_dvc(
    cache: Cache,
    files: Iterable[FileState],
    *,
    directory: DirectoryObject | None,
    progress: Progress,
) -> tuple[int, int]:
    """The objects in the cache by DVC's own object database; how many objects and bytes were new.

    Slower than writing them directly, and right for any DVC whose layout is not known to the byte:
    every object is hashed once more, after DVC has written it.
    """
    with opened(cache.root, config={"cache": {"dir": cache.directory}}) as repo:
        store = repo.cache.local
        fresh: dict[str, FileState] = {}
        for file in files:
            if file.md5 in fresh or _holds(store, file.md5, size=file.size):
                progress(1, file.size)
            else:
                fresh[file.md5] = file
        chosen = list(fresh.values())
        for start in range(0, len(chosen), _BATCH):
            _add(store, chosen[start : start + _BATCH], progress=progress)
        flush(store.path)
        count, size = len(chosen), sum(file.size for file in chosen)
        if directory is not None and not _holds(store, directory.oid, size=len(directory.data)):
            store.add_bytes(directory.oid, directory.data)
            store.protect(store.oid_to_path(directory.oid))
            flush(store.path)
            count, size = count + 1, size + len(directory.data)
    return count, size


def remember(root: str, files: Iterable[FileState]) -> None:
    """DVC's state told the digests of these work tree files, so that `dvc status` hashes none of them.

    It loads DVC (0.2 s). Files whose stat has changed are left out.
    """
    with opened(root) as repo:
        from dvc_data.hashfile.hash_info import HashInfo

        told: list[tuple[str, Any, dict[str, Any]]] = []
        for file in files:
            path = os.path.abspath(file.path)
            try:
                seen = os.stat(path, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if file.is_that_of(seen):
                info = {"ino": seen.st_ino, "mtime": seen.st_mtime, "size": seen.st_size}
                told.append((path, HashInfo("md5", file.md5), info))
        repo.state.save_many(told, repo.fs)


def _holds(store: Any, oid: str, *, size: int) -> bool:
    """Whether the object is there; one that DVC would take for whole and is not, is removed."""
    path = store.oid_to_path(oid)
    try:
        seen = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    if seen.st_size == size and stat.S_IMODE(seen.st_mode) == store.CACHE_MODE:
        return True
    os.unlink(path)
    return False


def _add(store: Any, files: list[FileState], *, progress: Progress) -> None:
    from dvc.fs import localfs

    _refuse_changed(store, [file for file in files if not _is_unchanged(file)])
    store.add([file.path for file in files], localfs, [file.md5 for file in files], hardlink=False)
    _refuse_changed(store, [file for file in files if not _is_unchanged(file) or not _is_whole(store, file)])
    for file in files:
        progress(1, file.size)


def _is_unchanged(file: FileState) -> bool:
    try:
        return file.is_that_of(os.stat(file.path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _is_whole(store: Any, file: FileState) -> bool:
    from dvc_data.hashfile.hash import file_md5

    return bool(file_md5(store.oid_to_path(file.md5), store.fs) == file.md5)


def _refuse_changed(store: Any, changed: list[FileState]) -> None:
    for file in changed:
        if os.path.lexists(path := store.oid_to_path(file.md5)):
            os.unlink(path)
    if changed:
        raise UnsupportedFileError(
            f"{changed[0].path} changed while it was released",
            hint="wait until nothing writes to the dataset, and run the command again",
            details={"path": changed[0].path},
        )
