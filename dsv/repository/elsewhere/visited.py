"""A repository that is looked at by its address, without one of one's own around it."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

from dsv.adapters.git import Git
from dsv.errors import ExternalError, NoRemoteError, NoRepositoryError
from dsv.repository.elsewhere.added import AddedRepository, address_of
from dsv.repository.elsewhere.clones import last_read, read_repository, refresh
from dsv.repository.layout import Layout
from dsv.repository.repository import Repository

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.model.progress import Progress, Tell

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*::?.+|[^/:@]+@[^/:]+:.+")


def is_address(text: str) -> bool:
    """Whether the text means a repository somewhere else, and no directory that is here."""
    return _ADDRESS.fullmatch(text) is not None and not os.path.isdir(text)


def visit(text: str, *, lock_timeout: float, tell: Tell, progress: Progress, executor: Executor) -> Repository:
    """The repository at the address as it is now, to be read; where it does not answer, as it was read last, and told.

    Its metadata is kept in the user's cache directory. Errors: UsageError, NoRepositoryError, those of a remote.
    """
    address = address_of(text, directory=os.getcwd())
    digest = hashlib.sha256(address.text.encode()).hexdigest()[:16]
    added = AddedRepository(f"visited-{digest}", address)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    home = Repository(  # nothing but a place to keep clones in, as the common directory of a repository is
        Git(cache, cache, cache),
        Layout(cache, ""),
        os.path.join(cache, "dsv"),
        lock_timeout=lock_timeout,
        tell=tell,
        progress=progress,
        executor=executor,
    )
    try:
        refresh(home, added)
    except (ExternalError, NoRemoteError) as error:
        read = last_read(home, added)
        if read is None:
            raise
        tell(f"{address.shown} is shown as of {read.refreshed_at}: {error.message}")
    found = read_repository(home, added)
    if found is None:
        raise NoRepositoryError(f"{address.shown} cannot be read", hint="try again")
    return found
