"""Where versions come from: a repository that lies here and is read in place, or one at an address."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.errors import NoRepositoryError
from dsv.repository.access import open_repository
from dsv.repository.elsewhere.visited import Visited, is_address
from dsv.repository.repository import LOCK_TIMEOUT_SECONDS, Repository

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.model.progress import Progress, Tell


@dataclass(frozen=True)
class Origin:
    """A repository: `here` where it lies in this file system with its own DVC cache, else `visited` by its address."""

    here: Repository | None
    visited: Visited | None = None

    @property
    def address(self) -> str:
        """Where it is, as it may be written into a file: an address without a user, or an absolute path."""
        if self.visited is not None:
            return self.visited.address.recorded
        assert self.here is not None  # noqa: S101 - one of both is there
        return self.here.layout.root

    @property
    def home(self) -> Repository:
        """What hears messages and is told how far work is; for one that is visited, the user's cache."""
        found = self.here if self.visited is None else self.visited.home
        assert found is not None  # noqa: S101 - one of both is there
        return found

    def as_it_is_now(self) -> Repository:
        """The repository, to be read. Errors: those of a remote."""
        return self.home if self.visited is None else self.visited.as_it_is_now()


def origin_of(repository: Repository) -> Origin:
    """The repository that is open already, whether it lies here or was opened by its address."""
    visited = Visited.of(repository)
    return Origin(repository) if visited is None else Origin(None, visited)


def origin(
    text: str,
    *,
    root: str = "",
    tell: Tell,
    progress: Progress,
    executor: Executor,
    lock_timeout: float = LOCK_TIMEOUT_SECONDS,
) -> Origin:
    """The repository that the text names: a path inside it, or an address; nothing is asked over the network yet.

    A bare repository at a path has no DVC cache of its own, and is visited. `root` is its DVC root, below git's,
    where it has several. Errors: UsageError for what is no address, NoRepositoryError.
    """
    if not is_address(text):
        if root and os.path.isdir(os.path.join(text, root, ".dvc")):
            text = os.path.join(text, root)
        try:
            found = open_repository(text, lock_timeout=lock_timeout, tell=tell, progress=progress, executor=executor)
            return Origin(found)
        except NoRepositoryError:
            if not _is_bare(text):
                raise
        text = os.path.realpath(text)
    visited = Visited.at(text, root=root, lock_timeout=lock_timeout, tell=tell, progress=progress, executor=executor)
    return Origin(None, visited)


def _is_bare(path: str) -> bool:
    """Whether git keeps a repository without a work tree directly in the directory."""
    return os.path.isfile(os.path.join(path, "HEAD")) and os.path.isdir(os.path.join(path, "objects"))
