"""`dsv checkout`: the data of a version, in the working tree or in a directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.errors import UsageError
from dsv.model.arrival import VersionHere
from dsv.model.reference import GitRevision, Ref, Work
from dsv.repository import Repository, exclusively
from dsv.repository.catalog import read_manifest, resolve
from dsv.repository.restore import put_into_directory, put_into_work_tree


@dataclass(frozen=True)
class CheckedOut:
    """What was brought."""

    datasets: Sequence[VersionHere]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"datasets": [each.document() for each in self.datasets]}


def checkout(repository: Repository, reference: Ref, *, to: str | None = None, force: bool = False) -> CheckedOut:
    """Data and pointer of the version in the working tree, or its data alone in the directory `to`.

    Errors: ConflictError when the working tree holds data that no version has (unless `force`),
    MissingDataError when objects are not in the cache, MismatchError when one is damaged.
    """
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(f"{reference} is no released version", hint="name a version, for instance by its number")
    repository = repository.home_of(reference)
    known = resolve(repository, reference)
    manifest = read_manifest(repository, known)
    if to is not None:
        put_into_directory(repository, manifest, os.path.abspath(to), force=force)
        where = to
    else:
        with exclusively(repository, "checkout"):
            put_into_work_tree(repository, known, manifest, force=force)
        where = manifest.data.path
    return CheckedOut([VersionHere(known.name, where, manifest.data.files, manifest.data.bytes)])
