"""`dsv index add`, `list`, `refresh`, `remove`: other repositories, of which the metadata is read and indexed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    [seen] = _seen(repository, [new], moved={new.name: done.moved})
    return seen


def index_list(repository: Repository) -> OtherRepositories:
    """The repositories that were added, as they were read last."""
    return OtherRepositories(_seen(repository, added.added_repositories(repository), moved={}))


def index_refresh(repository: Repository, *names: str) -> OtherRepositories:
    """The named ones, all without a name, as they are now.

    Errors: NoRemoteError for a name that none has; what stands in the way of one that cannot be asked, which stays as
    it was, when the others have been.
    """
    chosen = [added.added_repository(repository, name) for name in dict.fromkeys(names)]
    several = chosen or added.added_repositories(repository)
    moved: dict[str, bool] = {}
    problems: list[DsvError] = []
    for each in several:
        try:
            moved[each.name] = clones.refresh(repository, each).moved
        except DsvError as error:
            problems.append(error)
            if len(problems) > 1:
                repository.tell(f"{each.name} stays as it was: {error.message}")
    seen = _seen(repository, several, moved=moved)
    if problems:
        raise problems[0]
    return OtherRepositories(seen)


def index_remove(repository: Repository, name: str) -> RepositoryRemoved:
    """Nothing of the repository is here any more; NoRemoteError where none was added under the name."""
    gone = added.added_repository(repository, name)
    added.forget(repository, name)
    clones.discard(repository, name)
    ask(repository, lambda index: index.stamp)
    return RepositoryRemoved(name, gone.address.shown)


def _seen(
    repository: Repository, several: Sequence[added.AddedRepository], *, moved: Mapping[str, bool]
) -> list[OtherRepository]:
    sizes = ask(repository, lambda index: index.sizes())
    found = []
    for each in several:
        read, url = clones.last_read(repository, each), each.address.shown
        if read is None or each.name not in sizes:
            found.append(OtherRepository(each.name, url, each.root))
            continue
        datasets, versions = sizes[each.name]
        seen = OtherRepository(each.name, url, read.root, datasets, versions, read.refreshed_at, read.with_history)
        found.append(replace(seen, moved=moved.get(each.name)))
    return found
