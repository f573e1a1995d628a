"""What the Python twin does with other repositories."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsv.operations.elsewhere import OtherRepositories, OtherRepository, RepositoryRemoved
    from dsv.repository import Repository


@dataclass(frozen=True)
class Elsewhere:
    """Other repositories in the index; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def index_add(self, url: str, *, name: str = "", root: str = "") -> OtherRepository:
        """The repository at the URL, or in the directory, its metadata read and indexed from now on.

        `root` is its DVC root where it has several. Errors: UsageError, ExistsError, NoRepositoryError; those of a
        server that does not answer.
        """
        from dsv.operations.elsewhere import index_add

        return index_add(self.repository, url, directory=os.getcwd(), name=name, root=root)

    def index_list(self) -> OtherRepositories:
        """The other repositories, as they were read last."""
        from dsv.operations.elsewhere import index_list

        return index_list(self.repository)

    def index_refresh(self, *names: str) -> OtherRepositories:
        """The named ones, all without a name, as they are now; one that cannot be asked is the error in the end."""
        from dsv.operations.elsewhere import index_refresh

        return index_refresh(self.repository, *names)

    def index_remove(self, name: str) -> RepositoryRemoved:
        """The repository of this name is not indexed any more."""
        from dsv.operations.elsewhere import index_remove

        return index_remove(self.repository, name)
