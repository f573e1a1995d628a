"""A directory that an export fills: documents, and data below them. What others put there is left alone.

Its SHA256SUMS lists what the export wrote. A file of that list which still has its digest is dsv's, and a later export
may replace it, or take it away. Any other file in the way of one is somebody's, and is refused.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import ExistsError, MismatchError
from dsv.exports.described import DATA
from dsv.model.progress import summed
from dsv.records import sums
from dsv.repository import files

if TYPE_CHECKING:
    from dsv.repository.obtaining.obtaining import Obtained
    from dsv.repository.repository import Repository

_BLOCK = 1 << 20
_SHOWN = 5


@dataclass(frozen=True)
class Filled:
    """What was written, by path in the directory, and what of an earlier export was taken away."""

    written: Sequence[str] = ()
    removed: Sequence[str] = ()
    kept: Sequence[str] = field(default_factory=tuple)
    """What an earlier export had written, somebody changed since, and this one has no use for."""


NOTHING_FILLED = Filled()


def fill(
    repository: Repository,
    directory: str,
    *,
    documents: Mapping[str, bytes],
    shared: Mapping[str, bytes],
    obtained: Obtained | None,
    force: bool = False,
) -> Filled:
    """The directory with the documents and, below `data`, the version's files; it is made if absent.

    `shared` are documents that people edit too: they are written as given, and stand in no list. Errors: ExistsError,
    with nothing changed, for somebody's file in the way, unless `force`.
    """
    # gather
    if os.path.lexists(directory) and not os.path.isdir(directory):
        raise ExistsError(f"{directory} is no directory", hint="name another")
    before = _listed(directory)
    data = {} if obtained is None else {f"{DATA}/{each.path}": each.sha256 for each in obtained.files}
    wanted = {**data, **{name: hashlib.sha256(content).hexdigest() for name, content in documents.items()}}

    # decide
    there = {path: digest for path in {*before, *wanted} if (digest := _digest(directory, path)) is not None}
    foreign = sorted(path for path in wanted if path in there and there[path] not in (wanted[path], before.get(path)))
    if foreign and not force:
        raise _in_the_way(directory, foreign)
    stale = sorted(path for path in before.keys() - wanted.keys() if path in there)
    removed = [path for path in stale if there[path] == before[path]]

    # record
    os.makedirs(directory, exist_ok=True)
    if obtained is not None:
        _place_data(repository, directory, obtained, skip={path for path in data if there.get(path) == data[path]})
    for path in removed:
        _remove(directory, path)
    for name, content in sorted({**documents, **shared}.items()):
        _write(directory, name, content)
    _write(directory, sums.FILE_NAME, sums.write_sums(wanted.items()))
    written = sorted([*wanted, *shared, sums.FILE_NAME])
    return Filled(written, removed, [path for path in stale if path not in removed])


def read_existing(directory: str, name: str) -> str | None:
    """The text of a document that an earlier export, or somebody, put there; None where there is none."""
    content = files.read_bytes(os.path.join(directory, name)) if os.path.isdir(directory) else None
    return None if content is None else content.decode("utf-8", errors="replace")


def _listed(directory: str) -> dict[str, str]:
    """What an earlier export says that it wrote; nothing where there is no such list, or somebody edited it."""
    content = files.read_bytes(os.path.join(directory, sums.FILE_NAME)) if os.path.isdir(directory) else None
    try:
        found = dict(sums.read_sums(content)) if content else {}
    except MismatchError:
        return {}
    return {path: digest for path, digest in found.items() if _is_inside(path)}


def _is_inside(path: str) -> bool:
    return all(part not in ("", ".", "..") for part in path.split("/"))


def _digest(directory: str, path: str) -> str | None:
    """The SHA-256 of the file at the path, reached through no link; "" for what is none, None where nothing is."""
    where = os.path.join(directory, path)
    if not os.path.lexists(where):
        return None
    if os.path.realpath(where) != os.path.join(os.path.realpath(directory), path) or not os.path.isfile(where):
        return ""
    digest = hashlib.sha256()
    with open(where, "rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _in_the_way(directory: str, foreign: Sequence[str]) -> ExistsError:
    shown = ", ".join(ascii(path)[1:-1] for path in foreign[:_SHOWN])
    more = f" and {len(foreign) - _SHOWN} more" if len(foreign) > _SHOWN else ""
    return ExistsError(
        f"{directory} has {shown}{more}, which no export wrote, or somebody changed since",
        hint="name another directory, or give --force to replace them",
        details={"paths": list(foreign[:_SHOWN]), "count": len(foreign)},
    )


def _place_data(repository: Repository, directory: str, obtained: Obtained, *, skip: set[str]) -> None:
    entries = [(each.path, each.md5) for each in obtained.files if f"{DATA}/{each.path}" not in skip]
    for path, _ in entries:
        where = os.path.join(directory, DATA, path)
        if os.path.islink(where):  # which --force replaces by a file of its own
            os.unlink(where)
    total = sum(each.size for each in obtained.files if f"{DATA}/{each.path}" not in skip)
    advance = summed(repository.progress, "writing", total=total)
    dvc.materialise(obtained.cache, entries, base=directory, directory=DATA, progress=lambda _, size: advance(size))


def _write(directory: str, name: str, content: bytes) -> None:
    path = os.path.join(directory, name)
    if files.read_bytes(path) != content:
        files.write_bytes(path, content)


def _remove(directory: str, path: str) -> None:
    """The file gone, and the directories that it leaves empty."""
    files.remove(os.path.join(directory, path))
    parent = os.path.dirname(path)
    while parent:
        try:
            os.rmdir(os.path.join(directory, parent))
        except OSError:
            return
        parent = os.path.dirname(parent)
