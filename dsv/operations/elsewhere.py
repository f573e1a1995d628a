"""`dsv index add`, `list`, `refresh`, `remove`: other repositories, of which the metadata is read and indexed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import DsvError
from dsv.repository.elsewhere import added, clones
from dsv.repository.known.search_index import ask

if TYPE_CHECKING:
    from dsv.repository import Repository


@dataclass(frozen=True)
class OtherRepository:
    """Another repository as it was read last; without `refreshed_at` there is nothing of it here.

    `root` is its DVC root, `moved` whether a refresh found anything new, None without one. `history` is false where
    only what branches and tags are at could be had, and not how that came.
    """

    name: str
    url: str
    root: str
    datasets: int = 0
    versions: int = 0
    refreshed_at: str | None = None
    history: bool = True
    moved: bool | None = None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "name": self.name,
            "url": self.url,
            "root": self.root,
            "datasets": self.datasets,
            "versions": self.versions,
            "refreshed_at": self.refreshed_at,
            "history": self.history,
            **({} if self.moved is None else {"moved": self.moved}),
        }


@dataclass(frozen=True)
class OtherRepositories:
    """All of them, or those that were asked for, by name."""

    repositories: Sequence[OtherRepository]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"repositories": [each.document() for each in self.repositories]}


@dataclass(frozen=True)
class RepositoryRemoved:
    """The repository that is not indexed any more."""

    name: str
    url: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"name": self.name, "url": self.url}


def index_add(
    repository: Repository, address: str, *, directory: str, name: str = "", root: str = ""
) -> OtherRepository:
    """The repository at the address, read and indexed from now on; a relative path counts from the directory.

    Errors: UsageError, BadNameError, ExistsError; those of a remote that does not answer, NoRepositoryError where
    there are no datasets. Then nothing is left of it.
    """
    new = added.new_repository(repository, address, name=name, root=root, directory=directory)
    done = clones.refresh(repository, new)
    added.keep(repository, new)
    return _seen(repository, new, moved=done.moved)


def index_list(repository: Repository) -> OtherRepositories:
    """The repositories that were added, as they were read last."""
    return OtherRepositories([_seen(repository, each) for each in added.added_repositories(repository)])


def index_refresh(repository: Repository, *names: str) -> OtherRepositories:
    """The named ones, all without a name, as they are now.

    Errors: NoRemoteError for a name that none has; what stands in the way of one that cannot be asked, which stays as
    it was, when the others have been.
    """
    chosen = [added.added_repository(repository, name) for name in dict.fromkeys(names)]
    found = []
    problems: list[DsvError] = []
    for each in chosen or added.added_repositories(repository):
        try:
            done = clones.refresh(repository, each)
        except DsvError as error:
            problems.append(error)
            if len(problems) > 1:
                repository.tell(f"{each.name} stays as it was: {error.message}")
        else:
            found.append(_seen(repository, each, moved=done.moved))
    if problems:
        raise problems[0]
    return OtherRepositories(found)


def index_remove(repository: Repository, name: str) -> RepositoryRemoved:
    """Nothing of the repository is here any more; NoRemoteError where none was added under the name."""
    gone = added.added_repository(repository, name)
    added.forget(repository, name)
    clones.discard(repository, name)
    return RepositoryRemoved(name, gone.address.shown)


def _seen(repository: Repository, each: added.AddedRepository, *, moved: bool | None = None) -> OtherRepository:
    read, there = clones.last_read(repository, each), clones.read_repository(repository, each)
    if read is None or there is None:
        return OtherRepository(each.name, each.address.shown, each.root)
    status = ask(there, lambda index: index.status())
    return OtherRepository(
        each.name,
        each.address.shown,
        read.root,
        status.datasets,
        status.versions,
        read.refreshed_at,
        read.with_history,
        moved,
    )
