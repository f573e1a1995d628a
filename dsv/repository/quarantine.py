"""Where damaged objects go: out of DVC's cache, which would trust them, and not out of the world."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from dsv.errors import DiskError
from dsv.repository.clock import now

if TYPE_CHECKING:
    from dsv.adapters.dvc import Cache
    from dsv.repository.repository import Repository


def quarantine(repository: Repository, cache: Cache, oid: str) -> str:
    """The path where the cache's object lies now, in the quarantine; the cache has none of its name any more."""
    directory = os.path.join(repository.git.common, "dsv", "quarantine")
    stamp = now().replace(":", "").replace("-", "")
    target = os.path.join(directory, f"{oid}-{stamp}-{os.urandom(4).hex()}")
    try:
        os.makedirs(directory, exist_ok=True)
        shutil.move(cache.path_of(oid), target)
    except OSError as error:
        raise DiskError(
            f"the damaged object {cache.path_of(oid)} cannot be moved to {directory}: {error.strerror}",
            hint="look at the permissions of both",
        ) from error
    return target
