"""`dsv checkout`: the data of a version, in the working tree or in a directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters import dvc
from dsv.errors import UsageError
from dsv.model.arrival import VersionHere
from dsv.model.reference import GitRevision, Ref, Work
from dsv.repository import Repository, exclusively
from dsv.repository.comparing.objects import files_of, hints_naming
from dsv.repository.comparing.revision import data_at, objects_at
from dsv.repository.known.catalog import read_manifest, resolve
from dsv.repository.transfer.restore import put_into_directory, put_into_work_tree


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
    if isinstance(reference.selector, Work):
        raise UsageError(f"{reference} is no released version", hint="name a version, for instance by its number")
    repository = repository.home_of(reference)
    if isinstance(reference.selector, GitRevision):
        return _data_at(repository, reference, reference.selector, to=to, force=force)
    known = resolve(repository, reference)
    manifest = read_manifest(repository, known)
    with hints_naming(known.name):
        if to is not None:
            cache = dvc.find_cache(repository.layout.root)
            put_into_directory(repository, cache, files_of(repository, manifest), os.path.abspath(to), force=force)
            where = to
        else:
            with exclusively(repository, f"checkout of {known.name}"):
                operation = f"checkout of {known.name}"
                where = put_into_work_tree(repository, known, manifest, force=force, operation=operation)
    return CheckedOut([VersionHere(known.name, where, manifest.data.files, manifest.data.bytes)])


def _data_at(
    repository: Repository, reference: Ref, selector: GitRevision, *, to: str | None, force: bool
) -> CheckedOut:
    """The data that the pointer names at a commit, in a directory; for the work tree that is git's and DVC's to do."""
    data = data_at(repository, reference.dataset, selector)
    if to is None:
        raise UsageError(
            f"{reference} is no released version, so it goes only into a directory of its own",
            hint=f"dsv checkout {reference} --to DIR; in place, git checkout its pointer, then dvc checkout",
        )
    cache, entries = objects_at(repository, data)
    put_into_directory(repository, cache, entries, os.path.abspath(to), force=force)
    size = sum(os.path.getsize(cache.path_of(md5)) for _, md5 in entries)
    return CheckedOut([VersionHere(data.name, to, len(entries), size)])
