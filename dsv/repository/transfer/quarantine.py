"""Where damaged bytes go: out of the way of what would trust them, and not out of the world."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from dsv.errors import DiskError
from dsv.repository import files
from dsv.repository.clock import now

if TYPE_CHECKING:
    from dsv.adapters.dvc import Cache
    from dsv.repository.repository import Repository


class Quarantine:
    """A directory of its own for what one command takes away, made when there is something; dsv deletes none of it."""

    def __init__(self, repository: Repository) -> None:
        stamp = now().replace(":", "").replace("-", "")
        top = os.path.join(repository.git.common, "dsv", "quarantine")
        self.directory = os.path.join(top, f"{stamp}-{os.urandom(4).hex()}")
        self._root = repository.git.root

    @property
    def shown(self) -> str:
        """Its path, from git's root where it lies there."""
        relative = os.path.relpath(self.directory, self._root)
        return self.directory if relative.startswith("..") else relative

    def keep(self, path: str, name: str) -> str | None:
        """A copy of the file, durable, under the name with "/" in the quarantine; its path there, None for no file."""
        target = self._free(os.path.join(self.directory, *name.split("/")))
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not os.path.isfile(path):
                return None
            # A second name for bytes that another file will take the place of, where the file system can.
            if os.path.islink(path) or not _linked(path, target):
                _copy(path, target)
            files.sync_directory(os.path.dirname(target))
        except OSError as error:
            raise DiskError(
                f"{path}, which is damaged, cannot be kept in {self.directory}: {error.strerror}",
                hint="look at the permissions of both, and at the space that is left",
            ) from error
        return os.path.join(self.shown, os.path.relpath(target, self.directory))

    def write(self, content: bytes, name: str) -> str:
        """These bytes under the name in the quarantine, durable; their path there."""
        target = self._free(os.path.join(self.directory, *name.split("/")))
        files.write_bytes(target, content)
        return os.path.join(self.shown, os.path.relpath(target, self.directory))

    def take(self, path: str, name: str) -> str | None:
        """As `keep`, and the file is gone from where it was."""
        kept = self.keep(path, name)
        if kept is not None:
            files.remove(path)
        return kept

    @staticmethod
    def _free(target: str) -> str:
        """The path, with a number where something is kept there already."""
        number, free = 1, target
        while os.path.lexists(free):
            number += 1
            free = f"{target}.{number}"
        return free


def quarantine(repository: Repository, cache: Cache, oid: str) -> str:
    """The path where the cache's object lies now, in the quarantine; the cache has none of its name any more."""
    return Quarantine(repository).take(cache.path_of(oid), f"cache/{oid}") or ""


def _linked(path: str, target: str) -> bool:
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


def _copy(path: str, target: str) -> None:
    partial = f"{target}.partial"
    try:
        shutil.copyfile(path, partial)
        handle = os.open(partial, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        os.rename(partial, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(partial)
        raise
