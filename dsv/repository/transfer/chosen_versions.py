"""The versions that a command is about: those that references name, else those that it is told to take."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from dsv.errors import UsageError
from dsv.model.reference import GitRevision, Ref, Work
from dsv.model.standing import UNLISTED
from dsv.repository.known.catalog import KnownVersion, all_versions, resolve
from dsv.repository.transfer.checked_out import checked_out

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


class Extent(Enum):
    """Which versions are meant where no reference names one."""

    LATEST = "latest"
    """The newest one of every dataset that lists show."""
    CHECKED_OUT = "checked out"
    """The one of every dataset that its pointer in the working tree names."""
    ALL = "all"


def chosen_versions(repository: Repository, references: Sequence[Ref], *, extent: Extent) -> list[KnownVersion]:
    """Each once, in the order given; without references by dataset, newest first."""
    if references and extent is Extent.ALL:
        raise UsageError("--all names every version", hint="leave out --all or the references")
    chosen = [released(repository, each) for each in references] or _by_extent(repository, extent)
    return list(dict.fromkeys(chosen))


def released(repository: Repository, reference: Ref) -> KnownVersion:
    """The released version that the reference names; UsageError for one that names none by its form."""
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(f"{reference} is no released version", hint="name a version, for instance by its number")
    return resolve(repository, reference)


def _by_extent(repository: Repository, extent: Extent) -> list[KnownVersion]:
    if extent is Extent.CHECKED_OUT:
        return checked_out(repository)
    found: list[KnownVersion] = []
    for versions in all_versions(repository).values():
        if extent is Extent.ALL:
            found += reversed(versions.known)
        elif versions.latest is not None and versions.standing.dataset not in UNLISTED:
            found.append(versions.latest)
    return found
