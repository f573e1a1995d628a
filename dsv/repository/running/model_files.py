"""The bytes of a model, as one digest."""

from __future__ import annotations

import os
import stat

from dsv.errors import DiskError, NoPathError
from dsv.model.run import Model
from dsv.model.secrecy import without_secrets_of_urls
from dsv.model.stamp import STAMP
from dsv.records.sums import tree_digest
from dsv.repository.files import sha256_of


def model_at(path: str, *, root: str | None) -> Model:
    """The model, a file or a directory; NoPathError where there is none, DiskError where it cannot be read.

    The path is told from `root`, that of the code's repository, where it lies below it. One at an address
    (`s3://...`) is told as it is, and not read.
    """
    if "://" in path:
        return Model(path=without_secrets_of_urls(path))
    try:
        if os.path.isdir(path):
            files = _files_below(path)
            digests = [(name, sha256_of(os.path.join(path, name))) for name in files]
            size = sum(os.path.getsize(os.path.join(path, name)) for name in files)
            digest, count = tree_digest(digests), len(files)
        elif stat.S_ISREG(os.stat(path).st_mode):
            digest, size, count = sha256_of(path), os.path.getsize(path), 1
        else:
            raise NoPathError(f"{path} is no file and no directory", hint="name the file or directory of the model")
    except FileNotFoundError as error:
        raise NoPathError(f"there is no model at {error.filename}", hint="save the model first") from error
    except OSError as error:
        raise DiskError(f"{error.filename} cannot be read: {error.strerror}", hint="look at its permissions") from error
    return Model(path=shown_path(path, root=root), sha256=f"sha256:{digest}", files=count, bytes=size)


def shown_path(path: str, *, root: str | None) -> str:
    """The path from the root where it lies below it, with slashes; else as it was given."""
    if root is not None:
        inside = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
        if inside != os.pardir and not inside.startswith(os.pardir + os.sep) and not os.path.isabs(inside):
            return inside.replace(os.sep, "/")
    return path


def _files_below(directory: str) -> list[str]:
    """The regular files below it, from there and with slashes, but for a stamp: links and devices are none."""
    found = []
    for where, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(where, name)
            shown = os.path.relpath(path, directory).replace(os.sep, "/")
            if shown != STAMP and stat.S_ISREG(os.lstat(path).st_mode):
                found.append(shown)
    return sorted(found)
