"""What the file system refuses, said in one line, and bytes made durable."""

from __future__ import annotations

import errno
import os
import sys

from dsv.errors import DiskError

_HINTS = {
    errno.ENOSPC: "free some space there and run the command again",
    errno.EDQUOT: "your quota is used up; free some space and run the command again",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "check who owns it and its permissions",
    errno.EPERM: "check who owns it and its permissions",
    errno.EMFILE: "allow more open files: ulimit -n 1024",
    errno.ENAMETOOLONG: "shorten the path",
}


def disk_error(error: OSError, *, doing: str) -> DiskError:
    """The DiskError for a failed read or write; `doing` names the thing: "storing data/a.jsonl"."""
    reason = error.strerror or str(error)
    hint = _HINTS.get(error.errno or 0, "check the disk and run the command again")
    return DiskError(f"{doing}: {reason}", hint=hint, details={"errno": error.errno})


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Every byte of the data written, also where the system takes it in parts."""
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, data[written:])


def flush(directory: str) -> None:
    """All that was written to the directory's file system, on the disk itself.

    One call for any number of files: fsync of each costs a journal commit a file.
    """
    if sys.platform != "linux":
        os.sync()
        return
    import ctypes

    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), directory)
    finally:
        os.close(descriptor)
