"""A repository that is looked at by its address, without one of one's own around it."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters.git import Git
from dsv.errors import ExternalError, NoRemoteError, NoRepositoryError
from dsv.repository.elsewhere.added import AddedRepository, address_of
from dsv.repository.elsewhere.clones import History, last_read, read_repository, refresh, what_was_read
from dsv.repository.layout import Layout
from dsv.repository.repository import Repository
from dsv.repository.user_cache import make_user_cache, user_cache

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.model.git_address import GitAddress
    from dsv.model.progress import Progress, Tell

_ROOTS_NAMED = 5
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*::?.+|[^/:@]+@[^/:]+:.+")


def is_address(text: str) -> bool:
    """Whether the text means a repository somewhere else, and no directory that is here."""
    return _ADDRESS.fullmatch(text) is not None and not os.path.isdir(text)


@dataclass(frozen=True)
class Visited:
    """A repository at an address, whose metadata is kept in the user's cache directory; `home` stands for that."""

    home: Repository
    added: AddedRepository

    @classmethod
    def at(
        cls, text: str, *, root: str = "", lock_timeout: float, tell: Tell, progress: Progress, executor: Executor
    ) -> Visited:
        """The one at the address; `root` is its DVC root where it has several. UsageError for no address."""
        address = address_of(text, directory=os.getcwd())
        named = f"{address.text}\n{root}" if root else address.text
        digest = hashlib.sha256(named.encode()).hexdigest()[:16]
        cache = user_cache()
        home = Repository(  # nothing but a place to keep clones in, as the state of a repository is
            Git(cache, cache, cache),
            Layout(cache, ""),
            cache,
            lock_timeout=lock_timeout,
            tell=tell,
            progress=progress,
            executor=executor,
        )
        return cls(home, AddedRepository(f"visited-{digest}", address, root))

    @classmethod
    def of(cls, repository: Repository) -> Visited | None:
        """What this is the metadata of, where it was opened by its address; None for one that lies here."""
        where, name = os.path.split(repository.git.root)
        read = None if repository.git.has_work_tree else what_was_read(repository.git.root)
        if read is None or where != os.path.join(user_cache(), "repositories"):
            return None
        found = cls.at(
            read.address,
            tell=repository.tell,
            progress=repository.progress,
            executor=repository.executor,
            lock_timeout=repository.lock_timeout,
        )
        return replace(found, added=replace(found.added, name=name, root=read.root))

    @property
    def address(self) -> GitAddress:
        """Where it is."""
        return self.added.address

    def as_it_is_now(self, *, history: History = History.NONE) -> Repository:
        """The repository, to be read; where it does not answer, as it was read last, and that is told.

        Without history there are its versions, and not how they came. Errors: NoRepositoryError, those of a remote.
        """
        make_user_cache()
        try:
            refresh(self.home, self.added, history=history)
        except (ExternalError, NoRemoteError) as error:
            read = last_read(self.home, self.added)
            if read is None:
                raise
            self.home.tell(f"{self.address.shown} is shown as of {read.refreshed_at}: {error.message}")
        except NoRepositoryError as error:
            if (roots := error.details.get("roots")) and not self.added.root:
                named = ", ".join(roots[:_ROOTS_NAMED])
                error.hint = f"name one of {named} with the dataset, as in {roots[0]}:NAME; or dsv index add URL --root"
            raise
        found = self.as_read_last()
        if found is None:
            raise NoRepositoryError(f"{self.address.shown} cannot be read", hint="try again")
        return found

    def as_read_last(self) -> Repository | None:
        """The repository as it was when it was asked last, without asking it; None where it never was."""
        return read_repository(self.home, self.added)


def visit(
    text: str, *, root: str = "", lock_timeout: float, tell: Tell, progress: Progress, executor: Executor
) -> Repository:
    """The repository at the address as it is now, to be read; `root` is its DVC root where it has several.

    Errors: UsageError, and those of `as_it_is_now`.
    """
    visited = Visited.at(text, root=root, lock_timeout=lock_timeout, tell=tell, progress=progress, executor=executor)
    return visited.as_it_is_now(history=History.WHOLE)
