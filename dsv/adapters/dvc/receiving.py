"""Objects of a remote brought here: beside the cache first, and under their names only when their bytes are right."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dsv.adapters.dvc.cache import Cache
from dsv.adapters.dvc.disk import disk_error, flush, write_all
from dsv.adapters.dvc.patience import Movement
from dsv.adapters.dvc.staging import OBJECT_MODE, make_directory
from dsv.adapters.dvc.transfer import FileCallback, transferred

_BLOCK = 1 << 20
_SETTLE_SECONDS = 1.0
# Of a large object several parts come at once, and each is in memory; s3fs would take ten of 50 MiB.
_IN_PARTS = {"chunksize": 4 << 20, "max_concurrency": 3}
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
# What one file of a directory may refuse while the others are well: a bad sector, or something that is no file.
_OF_ONE_FILE = frozenset({errno.EIO, errno.EISDIR, errno.EINVAL})
# What only the disk here can refuse while a library brings a file from elsewhere.
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Received:
    """An object that came: where it lies for now, its size, and the digests of its bytes."""

    oid: str
    path: str
    size: int
    md5: str
    sha256: str

    def difference(self, sha256: str | None) -> tuple[str, str] | None:
        """(expected, actual) where its bytes are not those of its name, or not those with this SHA-256."""
        name = self.oid.removesuffix(".dir")
        if self.md5 != name:
            return f"md5:{name}", f"md5:{self.md5}"
        if sha256 is not None and self.sha256 != sha256:
            return f"sha256:{sha256}", f"sha256:{self.sha256}"
        return None


@dataclass(frozen=True, slots=True)
class Absent:
    """An object that the remote does not have."""

    oid: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An object that the disk of a directory does not give."""

    oid: str
    reason: str


def receive(
    store: Any, oids: Sequence[str], *, directory: str, movement: Movement
) -> Iterator[Received | Absent | Unreadable | int]:
    """Each object in the directory, under a name of no object's, as they come, and numbers of bytes that moved.

    The first failure ends it and is raised; StandstillError when nothing moves any more.
    """
    is_local = store.fs.protocol == "local"
    get = _copied if is_local else _downloaded

    def bring(oid: str, moved: Callable[[int], None]) -> Received | Absent | Unreadable:
        target, told = f"{directory}/part-{oid}", 0

        def tell(more: int) -> None:
            nonlocal told
            told += more
            moved(more)

        try:
            came = get(store, oid, target, FileCallback(movement, tell))
        except FileNotFoundError:
            if not os.path.isdir(directory):
                raise
            return Absent(oid)
        except OSError as error:
            if not is_local or error.errno not in _OF_ONE_FILE:
                raise
            return Unreadable(oid, error.strerror or str(error))
        moved(came.size - told)
        return came

    return transferred(oids, bring, is_local=is_local, unseen=lambda _: 0, movement=movement)


class Landing:
    """Received objects on their way to their names in the cache, durable before they have them."""

    def __init__(self, cache: Cache, directory: str) -> None:
        self._cache, self._directory = cache, directory
        self._ready: list[Received] = []
        self._settled = time.monotonic()

    def take(self, received: Received) -> None:
        """The object, whose bytes are right, gets its name soon: killed meanwhile, little is lost."""
        self._ready.append(received)
        if time.monotonic() - self._settled > _SETTLE_SECONDS:
            self.settle()

    def close(self) -> None:
        """As `settle`, also when what follows has failed."""
        self.settle()

    def settle(self) -> None:
        """All that was taken has its name."""
        if self._ready:
            flush(self._directory)
        while self._ready:
            target = self._cache.path_of(self._ready[-1].oid)
            make_directory(self._cache, os.path.dirname(target))
            os.rename(self._ready[-1].path, target)
            self._ready.pop()
        self._settled = time.monotonic()


def _copied(store: Any, oid: str, target: str, told: FileCallback) -> Received:
    """A copy of a file of this machine, its digests from the same read."""
    source = os.open(store.oid_to_path(oid), _READ)
    try:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise OSError(errno.EINVAL, "it is no file", store.oid_to_path(oid))
        digests, size = _Digests(), 0
        with _writing(target):
            descriptor = os.open(target, _NEW, OBJECT_MODE)
        try:
            while block := os.read(source, _BLOCK):
                digests.update(block)
                with _writing(target):
                    write_all(descriptor, block)
                size += len(block)
                told.relative_update(len(block))
            with _writing(target):
                os.fchmod(descriptor, OBJECT_MODE)
        finally:
            with _writing(target):
                os.close(descriptor)
    finally:
        os.close(source)
    return Received(oid, target, size, digests.md5.hexdigest(), digests.sha256.hexdigest())


def _downloaded(store: Any, oid: str, target: str, told: FileCallback) -> Received:
    try:
        in_parts = _IN_PARTS if store.fs.protocol == "s3" else {}
        store.fs.get_file(store.oid_to_path(oid), target, callback=told, **in_parts)
    except OSError as error:
        if error.errno in _OF_THE_DISK:
            raise disk_error(error, doing=f"writing to {os.path.dirname(target)}") from None
        raise
    digests, size = _Digests(), 0
    with _writing(target), open(target, "rb", buffering=0) as stream:
        while block := stream.read(_BLOCK):
            digests.update(block)
            size += len(block)
        os.fchmod(stream.fileno(), OBJECT_MODE)
    return Received(oid, target, size, digests.md5.hexdigest(), digests.sha256.hexdigest())


@contextmanager
def _writing(target: str) -> Iterator[None]:
    """What the disk here refuses, told from what the remote's refuses."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, doing=f"writing to {os.path.dirname(target)}") from None


class _Digests:
    def __init__(self) -> None:
        self.md5, self.sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()

    def update(self, block: bytes) -> None:
        self.md5.update(block)
        self.sha256.update(block)
