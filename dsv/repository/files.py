"""Writing small files so that a reader, or a crash, sees the old text or the new one and nothing between."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress

from dsv.errors import BadManifestError, DiskError, ExistsError, OutsideError
from dsv.model.decoding import MAXIMUM_BYTES

_BLOCK = 1 << 20
_SCRATCH = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")


def below(root: str, path: str) -> str:
    """Where a path from the root, with slashes, lies in this file system.

    OutsideError where a symbolic link stands on the way: git keeps such links, so whoever made the repository, or a
    branch of it, could lead what is read and written anywhere.
    """
    where, *names = [root, *path.split("/")]
    for name in names[:-1]:
        where = os.path.join(where, name)
        if os.path.islink(where):
            raise OutsideError(
                f"{path} leads through the symbolic link {os.path.relpath(where, root)}",
                hint="replace the link by a directory; git log -- its path shows who made it",
                details={"path": path, "link": os.path.relpath(where, root)},
            )
    return os.path.join(where, names[-1])


def read_bytes(path: str) -> bytes | None:
    """The content of a file; None when there is none."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DiskError(f"{path} cannot be read: {error.strerror}", hint="look at its permissions") from error


def md5_of(path: str) -> str:
    """The md5 of a file, by which DVC names its object."""
    return _digest_of(path, hashlib.md5(usedforsecurity=False))


def sha256_of(path: str) -> str:
    """The SHA-256 of a file, as hexadecimal digits."""
    return _digest_of(path, hashlib.sha256())


def _digest_of(path: str, digest: hashlib._Hash) -> str:
    with open(path, "rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def write_bytes(path: str, content: bytes) -> None:
    """The file has this content, on the disk, when this returns; its directory is made if absent, its mode stays."""
    directory = os.path.dirname(path)
    scratch = os.path.join(directory, f"{_scratch_prefix(path)}{os.urandom(4).hex()}.tmp")
    try:
        os.makedirs(directory, exist_ok=True)
        refuse_link(path)
        with open(scratch, "xb") as stream:
            stream.write(content)
            stream.flush()
            with suppress(FileNotFoundError):
                os.fchmod(stream.fileno(), stat.S_IMODE(os.stat(path).st_mode))
            os.fsync(stream.fileno())
        os.replace(scratch, path)
    except OSError as error:
        if os.path.exists(scratch):
            os.unlink(scratch)
        raise DiskError(
            f"{path} cannot be written: {error.strerror}", hint="is the disk full, or read-only?"
        ) from error
    sync_directory(directory)


def write_new(path: str, content: bytes) -> None:
    """The same for a file that a person names; ExistsError where something is there already."""
    if os.path.lexists(path):
        raise ExistsError(f"{path} is there already", hint="name another file, or take it away")
    write_bytes(os.path.abspath(path), content)


def read_text(path: str, *, shown: str) -> bytes | None:
    """The content of a file that a person or dsv writes as text; None when there is none.

    BadManifestError for what no such file is: a device, say, that a link leads to, or one that is endless.
    """
    try:
        seen = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DiskError(f"{shown} cannot be read: {error.strerror}", hint="look at its permissions") from error
    problem = "" if stat.S_ISREG(seen.st_mode) else "is no regular file"
    if seen.st_size > MAXIMUM_BYTES:
        problem = f"has {seen.st_size:,} bytes, and at most {MAXIMUM_BYTES:,} are read"
    if problem:
        raise BadManifestError(f"{shown} {problem}", hint=f"git log -- {shown} tells who made it")
    return read_bytes(path)


def refuse_link(path: str) -> None:
    """OutsideError for a symbolic link in the place of what is about to be written."""
    if os.path.islink(path):
        raise OutsideError(f"{path} is a symbolic link; dsv does not write through it", hint="take it away")


def remove(path: str) -> None:
    """The file is gone, or was not there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise DiskError(f"{path} cannot be removed: {error.strerror}") from error


def sweep(path: str) -> None:
    """What a write of the file leaves when it is killed is gone; nobody else may be writing it."""
    directory = os.path.dirname(path)
    pattern = re.compile(re.escape(_scratch_prefix(path)) + r"[0-9a-f]{8}\.tmp")
    with suppress(FileNotFoundError):
        for name in os.listdir(directory):
            if pattern.fullmatch(name):
                remove(os.path.join(directory, name))


def scratch_files(directory: str) -> list[str]:
    """The files directly in the directory that a write of another leaves when it is killed."""
    try:
        return sorted(os.path.join(directory, name) for name in os.listdir(directory) if is_scratch_name(name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def is_scratch_name(name: str) -> bool:
    """Whether a write makes files of such names for as long as it takes."""
    return _SCRATCH.fullmatch(name) is not None


def _scratch_prefix(path: str) -> str:
    return f".{os.path.basename(path)[:100]}."


def sync_directory(directory: str) -> None:
    """A rename is on the disk only when its directory is."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
