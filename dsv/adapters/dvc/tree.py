"""Directories of the work tree, reached step by step so that no symbolic link leads elsewhere."""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from dsv.errors import ConflictError

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Tree:
    """The directory `base`, taken as it is, and what lies below it; holds two descriptors at most."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._root = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._path = ""
        self._descriptor = os.dup(self._root)

    def close(self) -> None:
        """Both descriptors given back."""
        os.close(self._descriptor)
        os.close(self._root)

    def made(self, path: str) -> int:
        """The descriptor of the directory, made where it is absent; good until the next call."""
        if path != self._path:
            self._enter(path, make=True)
        return self._descriptor

    def place(self, staged: str, path: str, *, source: int) -> None:
        """The staged file, in the directory `source`, moved to the path; a file there is replaced."""
        parent, _, name = path.rpartition("/")
        try:
            os.rename(staged, name, src_dir_fd=source, dst_dir_fd=self.made(parent))
        except IsADirectoryError:
            raise self._in_the_way(path, "is a directory, not a file") from None

    def delete(self, path: str, *, keep: str) -> None:
        """The file gone, and the directories it leaves empty, up to the directory `keep`."""
        parent, _, name = path.rpartition("/")
        try:
            if parent != self._path:
                self._enter(parent, make=False)
            os.unlink(name, dir_fd=self._descriptor)
        except FileNotFoundError:
            return
        except (IsADirectoryError, PermissionError) as error:
            if isinstance(error, PermissionError) and error.errno != errno.EPERM:
                raise
            raise self._in_the_way(path, "is a directory, not a file") from None
        while parent not in (keep, ""):
            above, _, name = parent.rpartition("/")
            self._enter(above, make=False)
            try:
                os.rmdir(name, dir_fd=self._descriptor)
            except OSError:
                return
            parent = above

    def _enter(self, path: str, *, make: bool) -> None:  # keyword only
        descriptor = os.dup(self._root)
        entered = ""
        try:
            for part in path.split("/") if path else ():
                entered = f"{entered}/{part}" if entered else part
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=descriptor)
                try:
                    below = os.open(part, _DIRECTORY, dir_fd=descriptor)
                except OSError as error:
                    if error.errno in (errno.ELOOP, errno.ENOTDIR):
                        raise self._in_the_way(entered, "is not a directory of its own") from None
                    raise
                os.close(descriptor)
                descriptor = below
        except BaseException:
            os.close(descriptor)
            raise
        os.close(self._descriptor)
        self._descriptor, self._path = descriptor, path

    def _in_the_way(self, path: str, problem: str) -> ConflictError:
        return ConflictError(
            f"{os.path.join(self._base, path)} {problem}",
            hint="move it away and run the command again",
            details={"path": path},
        )
