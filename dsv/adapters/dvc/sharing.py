"""An object of a cache under another name, for reading: its bytes are on the disk once where the disk can do that."""

from __future__ import annotations

import errno
import hashlib
import os

from dsv.adapters.dvc.disk import disk_error, write_all
from dsv.adapters.dvc.files import cloned
from dsv.adapters.dvc.staging import OBJECT_MODE
from dsv.errors import MismatchError

_BLOCK = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_CANNOT_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EACCES})


def share(source: str, target: str, *, sha256: str, hard_links: bool) -> None:
    """A file at `target`, not to be written, with the bytes of the object at `source`, which has this SHA-256.

    By reflink, else by a hard link where these are allowed: who writes to one name then changes the other too. Else by
    a copy, which is hashed. Errors: MismatchError for a copy of other bytes, DiskError.
    """
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if not _reflink(descriptor, target) and not (hard_links and _hard_link(source, target)):
                _copy(descriptor, target, sha256=sha256)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise disk_error(error, doing=f"writing {target}") from error


def _reflink(source: int, target: str) -> bool:
    made = os.open(target, _NEW, OBJECT_MODE)
    try:
        if cloned(source, made):
            os.fchmod(made, OBJECT_MODE)
            return True
    finally:
        os.close(made)
    os.unlink(target)
    return False


def _hard_link(source: str, target: str) -> bool:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        return False
    return True


def _copy(source: int, target: str, *, sha256: str) -> None:
    digest = hashlib.sha256()
    made = os.open(target, _NEW, OBJECT_MODE)
    try:
        while block := os.read(source, _BLOCK):
            digest.update(block)
            write_all(made, block)
        os.fchmod(made, OBJECT_MODE)
    finally:
        os.close(made)
    if digest.hexdigest() != sha256:
        os.unlink(target)
        raise MismatchError(
            f"the object for {target} was changed while it was copied",
            hint="load it again",
            details={"expected": f"sha256:{sha256}", "actual": f"sha256:{digest.hexdigest()}"},
        )
