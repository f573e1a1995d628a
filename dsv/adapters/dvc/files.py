"""Files as a scan saw them, copied so that a change since then is noticed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Callable
from typing import Any, NamedTuple

from dsv.adapters.dvc.disk import disk_error, write_all
from dsv.errors import UnsupportedFileError

SMALL = 1 << 20
_BLOCK = 1 << 20
_KERNEL_BLOCK = 64 << 20
_FICLONE = 0x40049409
_CANNOT_CLONE = frozenset({errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS, errno.EPERM})
# O_NONBLOCK: a FIFO put in the file's place must not hang us.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC

Progress = Callable[[int, int], None]
"""Told as work proceeds: how many more files and bytes are done."""


def no_progress(files: int, size: int) -> None:
    """Nothing told to anybody."""


class FileState(NamedTuple):
    """A file with the digest of its bytes, and the stat it had when they were read."""

    path: str  # in the file system, absolute or from the current directory
    md5: str
    size: int
    modified_ns: int
    inode: int

    def is_that_of(self, seen: os.stat_result) -> bool:
        """Whether the stat is still that of the file that was read."""
        return (
            seen.st_size == self.size
            and seen.st_mtime_ns == self.modified_ns
            and seen.st_ino == self.inode
            and stat.S_ISREG(seen.st_mode)
        )


class Copier:
    """Copies files that a scan read, by reflink where the file system can, else by their bytes.

    Files modified after `settled_before_ns` are hashed again: a clock too coarse to tell two
    moments apart could hide a change right after the scan read them.
    """

    def __init__(self, *, settled_before_ns: int, progress: Progress) -> None:
        self._settled_before_ns = settled_before_ns
        self._progress = progress
        self._can_clone = True

    def copy(self, file: FileState, destination: str) -> None:
        """A new, read-only file at the destination with the bytes the scan saw.

        UnsupportedFileError when the file is no longer the one the scan saw; the destination is
        then not to be used.
        """
        try:
            source = os.open(file.path, _READ)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENOTDIR):
                raise _changed(file) from error
            raise disk_error(error, doing=f"reading {file.path}") from error
        try:
            if not file.is_that_of(os.fstat(source)):
                raise _changed(file)
            self._fill(file, source, destination)
            if not file.is_that_of(os.fstat(source)):
                raise _changed(file)
        except OSError as error:
            raise disk_error(error, doing=f"storing {file.path}") from error
        finally:
            os.close(source)

    def _fill(self, file: FileState, source: int, destination: str) -> None:
        target = os.open(destination, _WRITE, 0o444)
        try:
            if file.modified_ns >= self._settled_before_ns:
                self._copy_hashing(file, source, target)
            elif file.size <= SMALL:
                data = os.read(source, file.size + 1)
                if len(data) != file.size:
                    raise _changed(file)
                write_all(target, data)
                self._progress(1, file.size)
            else:
                self._copy_large(file, source, target)
            os.fchmod(target, 0o444)
        finally:
            os.close(target)

    def _copy_hashing(self, file: FileState, source: int, target: int) -> None:
        digest = hashlib.md5(usedforsecurity=False)
        while data := os.read(source, _BLOCK):
            digest.update(data)
            write_all(target, data)
            self._progress(0, len(data))
        if digest.hexdigest() != file.md5:
            raise _changed(file)
        self._progress(1, 0)

    def _copy_large(self, file: FileState, source: int, target: int) -> None:
        if not self._cloned(source, target):
            self._copy_in_the_kernel(file, source, target)
        if os.fstat(target).st_size != file.size:
            raise _changed(file)
        self._progress(1, 0)

    def _cloned(self, source: int, target: int) -> bool:
        if self._can_clone and cloned(source, target):
            self._progress(0, os.fstat(target).st_size)
            return True
        self._can_clone = False
        return False

    def _copy_in_the_kernel(self, file: FileState, source: int, target: int) -> None:
        left = file.size
        try:
            while left and (copied := os.copy_file_range(source, target, min(left, _KERNEL_BLOCK))):
                left -= copied
                self._progress(0, copied)
        except OSError as error:
            if error.errno not in _CANNOT_CLONE:
                raise
            while data := os.read(source, _BLOCK):
                write_all(target, data)
                self._progress(0, len(data))


def refuse_changed(file: FileState) -> None:
    """UnsupportedFileError when the file is no longer the one the scan saw."""
    try:
        seen = os.lstat(file.path)
    except FileNotFoundError:
        raise _changed(file) from None
    if not file.is_that_of(seen):
        raise _changed(file)


def cloned(source: int, target: int) -> bool:
    """Whether the open file shares the other's bytes now, which few file systems can; OSError for a failing disk."""
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError as error:
        if error.errno not in _CANNOT_CLONE:
            raise
        return False
    return True


def _changed(file: FileState) -> UnsupportedFileError:
    details: dict[str, Any] = {"path": file.path}
    return UnsupportedFileError(
        f"{file.path} changed while it was released",
        hint="wait until nothing writes to the dataset, and run the command again",
        details=details,
    )
