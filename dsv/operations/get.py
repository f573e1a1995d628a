"""`dsv get`: the files of a version of any repository, in a directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.errors import ExistsError
from dsv.model.arrival import VersionHere
from dsv.model.executor import LOCAL, Executor
from dsv.model.portion import ALL_FILES, Portion
from dsv.model.progress import Progress, Tell, unseen, untold
from dsv.model.reference import Ref
from dsv.repository import files
from dsv.repository.consuming.placing import Arrangement, arrange, carry_out, refuse_blocked, refuse_changed
from dsv.repository.obtaining.finding import find_version
from dsv.repository.obtaining.obtaining import Obtained, obtain
from dsv.repository.obtaining.origin import origin
from dsv.repository.repository import LOCK_TIMEOUT_SECONDS
from dsv.repository.transfer.version_objects import both_parts
from dsv.repository.user_cache import user_cache

_NAMED = 3


@dataclass(frozen=True)
class Got:
    """What is in the directory now, and what had to come for it: objects and bytes that were not here before."""

    datasets: Sequence[VersionHere]
    objects: int
    bytes: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "datasets": [each.document() for each in self.datasets],
            "fetched": {"objects": self.objects, "bytes": self.bytes},
        }


def get(
    repository: str,
    reference: Ref,
    *,
    to: str = "",
    portion: Portion = ALL_FILES,
    force: bool = False,
    tell: Tell = untold,
    progress: Progress = unseen,
    executor: Executor = LOCAL,
    lock_timeout: float = LOCK_TIMEOUT_SECONDS,
) -> Got:
    """The version's files in the directory `to`, which is made if absent; without one, in one of the dataset's name.

    `repository` is a path or an address. Errors: NoRepositoryError, NoDatasetError, NoVersionError, ExistsError and
    ConflictError for a directory with other files in it (unless `force`, which replaces what is in the way and leaves
    the others); those of `obtain`.
    """
    # gather
    there = origin(
        repository,
        root=reference.prefix,
        tell=tell,
        progress=progress,
        executor=executor,
        lock_timeout=lock_timeout,
    )
    found = find_version(there, reference)
    if found.warning:
        tell(found.warning)
    directory = to or reference.dataset
    refuse_file(directory)
    obtained = obtain(found, portion)

    # decide
    target = os.path.abspath(directory)
    arrangement = arrange(target, dict(obtained.entries), before={})
    refuse_blocked(arrangement.blocked, where=directory, name=found.name)
    if not force:
        _refuse_others(_strange(obtained, arrangement, target), directory)
        refuse_changed(arrangement.changed, where=directory, name=found.name)

    # record
    os.makedirs(target, exist_ok=True)
    staging = os.path.join(user_cache(), "staging")
    carry_out(arrangement, cache=obtained.cache, base=target, directory="", state=staging, progress=progress)
    here = VersionHere(found.name, directory, len(obtained.files), obtained.bytes)
    return Got([here], obtained.fetched.objects, obtained.fetched.bytes)


def refuse_file(directory: str) -> None:
    """ExistsError where something else than a directory is in its place."""
    if os.path.lexists(directory) and not os.path.isdir(directory):
        raise ExistsError(f"{directory} is no directory", hint="name another with -o")


def _strange(obtained: Obtained, arrangement: Arrangement, target: str) -> list[str]:
    """The files in the directory that are none of the version's; those of another portion of it are."""
    found = obtained.found
    data, _ = both_parts(found.repository or found.origin.home, found.known, found.manifest)
    whole = dict(data.entries(obtained.cache))
    return [path for path in arrangement.others if not _has(os.path.join(target, path), whole.get(path))]


def _has(path: str, md5: str | None) -> bool:
    return md5 is not None and os.path.isfile(path) and not os.path.islink(path) and files.md5_of(path) == md5


def _refuse_others(others: Sequence[str], directory: str) -> None:
    """ExistsError for a directory that has other files."""
    if others:
        shown = ", ".join(ascii(path)[1:-1] for path in others[:_NAMED])
        more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
        raise ExistsError(
            f"{directory} has other files in it: {shown}{more}",
            hint="name another directory with -o, or give --force to leave them there",
            details={"count": len(others)},
        )
