"""`dsv remote add`, `list`, `test`: where data is published to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.errors import ExistsError
from dsv.repository import exclusively
from dsv.repository.declared.exposure import refuse_exposed_keys
from dsv.repository.writing.transaction import Writing, perform

if TYPE_CHECKING:
    from dsv.repository import Repository


@dataclass(frozen=True)
class RemoteAdded:
    """The remote as it is set up now, and the commit that holds it."""

    remote: dvc.RemoteSettings
    commit: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {**self.remote.document(), "commit": self.commit}


@dataclass(frozen=True)
class Remotes:
    """Every remote, by name."""

    remotes: Sequence[dvc.RemoteSettings]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"remotes": [each.document() for each in self.remotes]}


@dataclass(frozen=True)
class RemoteTested:
    """A remote that answers and can be read; `refusal` is why nothing can be written there, empty when it can be."""

    remote: str
    address: str
    refusal: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "remote": self.remote,
            "url": self.address,
            "reads": True,
            "writes": not self.refusal,
            "refusal": self.refusal or None,
        }


def remote_add(
    repository: Repository, name: str, url: str, *, directory: str, options: Mapping[str, str], default: bool = False
) -> RemoteAdded:
    """The remote in `.dvc/config`, committed; the first one is the default one too.

    A relative path counts from `directory`, `options` are DVC's settings by their names. Errors: ExistsError,
    BadNameError, UsageError for an address with a secret in it.
    """
    root = repository.layout.root
    new = dvc.NewRemote.checked(name, url, directory=directory, root=root, options=options)
    with exclusively(repository, "remote add"):
        # gather
        repository.git.identity()
        before = dvc.remotes_of(root)
        # decide
        if any(each.name == name for each in before):
            raise ExistsError(f"there is a remote {name} already", hint="dsv remote list shows it")
        chosen = default or not any(each.default for each in before)
        edit = partial(dvc.config_with_remote, new=new, default=chosen)
        # record
        commit = perform(repository, Writing("remote add", f"Use the remote {name}", shared={dvc.CONFIG: edit}))
    added = next(each for each in dvc.remotes_of(root) if each.name == name)
    return RemoteAdded(added, commit)


def remote_list(repository: Repository) -> Remotes:
    """Every remote of DVC's settings, whichever file has it, without its secrets."""
    return Remotes(dvc.remotes_of(repository.layout.root))


def remote_test(repository: Repository, name: str = "") -> RemoteTested:
    """Whether the remote, the default one without a name, can be read and written: in seconds.

    Errors: NoRemoteError, NetworkError, CredentialsError, RemoteError where there is no such bucket.
    """
    refuse_exposed_keys(repository)
    with dvc.remote(dvc.find_cache(repository.layout.root), name) as remote:
        remote.reach()
        return RemoteTested(remote.name, remote.address, remote.writes())
