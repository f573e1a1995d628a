"""Which version of each dataset is checked out: what the pointers in the working tree name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.repository.declared.pointers import pointer_here
from dsv.repository.known.catalog import KnownVersion, Versions, all_versions, read_manifest
from dsv.repository.transfer.restore import place_of

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def checked_out(repository: Repository) -> list[KnownVersion]:
    """The version that each dataset's pointer names, by dataset; what points to no release is left out, and told."""
    found = [_at_pointer(repository, versions) for versions in all_versions(repository).values()]
    return [known for known in found if known is not None]


def _at_pointer(repository: Repository, versions: Versions) -> KnownVersion | None:
    """The version that the pointer in the working tree names; the newest in HEAD's tree where there is no pointer."""
    newest = versions.newest_base or next((each for each in reversed(versions.known) if each.in_head), None)
    if newest is None:
        return None
    path = place_of(repository, newest, read_manifest(repository, newest))
    pointer = pointer_here(repository, path)
    if pointer is None:
        return newest
    for known in (newest, *reversed(versions.known)):
        if read_manifest(repository, known).digests.dvc == f"md5:{pointer.md5}":
            return known
    repository.tell(f"{path}: its pointer names no released version of {versions.dataset}; dvc pull {path} brings it")
    return None
