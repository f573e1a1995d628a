"""What the Python twin does with remotes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsv.operations.push import Pushed
    from dsv.operations.remote import RemoteAdded, Remotes, RemoteTested
    from dsv.repository import Repository
    from dsv.repository.transfer.fetching import Fetched


@dataclass(frozen=True)
class Publishing:
    """To remotes and from them; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def fetch(
        self,
        *references: str,
        index: bool = False,
        all: bool = False,  # noqa: A002 - the option's name
        files: Sequence[str] = (),
        split: Sequence[str] = (),
        remote: str = "",
    ) -> Fetched:
        """Data and record indexes, or with `index` these alone, from the DVC remotes into the cache.

        Of the named versions, else of what is checked out, with `all` of every known one; with `files` (globs) or
        `split` (names) only of those files. The named remote is asked first.
        """
        from dsv.model.portion import Portion
        from dsv.model.reference import parse_reference
        from dsv.operations.fetch import fetch
        from dsv.repository.transfer.chosen_versions import Extent
        from dsv.repository.transfer.fetching import Wanted

        return fetch(
            self.repository,
            *(parse_reference(each) for each in references),
            wanted=Wanted.INDEX if index else Wanted.DATA_AND_INDEX,
            portion=Portion.parse(globs=files, splits=split),
            extent=Extent.ALL if all else Extent.CHECKED_OUT,
            remote=remote,
        )

    def push(
        self, *names: str, remote: str = "", git_remote: str = "", branch: str = "", tags_only: bool = False
    ) -> Pushed:
        """The datasets' versions published: data first and confirmed, then branch and tags, or with `tags_only` these.

        Errors: those of `dsv push`.
        """
        from dsv.operations.push import Refs, Where, push

        refs = Refs.TAGS if tags_only else Refs.BRANCH_AND_TAGS
        return push(self.repository, *names, where=Where(remote, git_remote, branch), refs=refs)

    def pull(self, *references: str, remote: str = "") -> Fetched:
        """The data of the named versions, or of what is checked out, in the working tree; `remote` is asked first."""
        from dsv.model.reference import parse_reference
        from dsv.operations.pull import pull

        return pull(self.repository, *(parse_reference(each) for each in references), remote=remote)

    def remote_add(
        self,
        name: str,
        url: str,
        *,
        endpoint_url: str = "",
        region: str = "",
        profile: str = "",
        default: bool = False,
    ) -> RemoteAdded:
        """A place to publish data to, committed; the first one is the default one too."""
        import os

        from dsv.operations.remote import remote_add

        options = {"endpointurl": endpoint_url, "region": region, "profile": profile}
        return remote_add(self.repository, name, url, directory=os.getcwd(), options=options, default=default)

    def remote_list(self) -> Remotes:
        """The places that data is published to."""
        from dsv.operations.remote import remote_list

        return remote_list(self.repository)

    def remote_test(self, name: str = "") -> RemoteTested:
        """Whether a remote, the default one without a name, can be read and written."""
        from dsv.operations.remote import remote_test

        return remote_test(self.repository, name)
