"""The metadata of other repositories: brought here, kept in `Repository.clones`, read as repositories.

What is kept is derived and can be deleted. Nothing here asks the network but `refresh`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING

from dsv.adapters.git.metadata_clone import MetadataClone, Source, There, Way
from dsv.errors import DeadlineError, NoRepositoryError, OutsideError, UnsupportedError
from dsv.repository import files
from dsv.repository.clock import now
from dsv.repository.elsewhere.added import AddedRepository, added_repositories
from dsv.repository.layout import SETTINGS, Layout
from dsv.repository.repository import INDEX, Repository, manifests_setting, state_directory
from dsv.repository.writing import lock

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOTE = os.path.join(".git", "dsv", "read.json")
_METADATA = (".yaml", ".parquet.dvc")
"""What files of dsv's own end in that come along: manifests, declarations, events, and pointers to scores."""
_MOST_ROOTS_NAMED = 5


class History(Enum):
    """How much of what was before the present state of branches and tags is wanted."""

    WHOLE = Way.FILTERED
    NONE = Way.TIPS


class _NoFilesError(UnsupportedError):
    """The server leaves files out, but gives none of them by name."""


@dataclass(frozen=True)
class LastRead:
    """What was read of another repository, and when it was asked last; `stamp` differs when it moved since."""

    address: str
    root: str
    manifests: str
    way: str
    stamp: str
    refreshed_at: str

    @property
    def with_history(self) -> bool:
        """Whether what came before the present state of branches and tags was read as well."""
        return self.way == Way.FILTERED.value


@dataclass(frozen=True)
class Refreshed:
    """What a refresh came to: whether anything moved."""

    read: LastRead
    moved: bool


def last_read(repository: Repository, added: AddedRepository) -> LastRead | None:
    """What was read of it; None where nothing was, or of another address than it has now."""
    read = what_was_read(_directory(repository, added.name))
    if read is None:
        return None
    return read if (read.address, read.root) == (added.address.text, added.root or read.root) else None


def what_was_read(directory: str) -> LastRead | None:
    """What the clone in the directory was read as last; None where none is there."""
    try:
        return LastRead(**json.loads(files.read_bytes(os.path.join(directory, _NOTE)) or b""))
    except (ValueError, TypeError):
        return None


def read_repository(repository: Repository, added: AddedRepository) -> Repository | None:
    """The other repository as it was read last, without a work tree; None where it was not."""
    directory = _directory(repository, added.name)
    read, clone = last_read(repository, added), MetadataClone.at(directory)
    if read is None or clone is None:
        return None
    return _opened(repository, clone, read)


def brought_file(
    repository: Repository, added: AddedRepository, path: str, *, commit: str | None = None
) -> bytes | None:
    """The text of a file at the commit, else at its HEAD, below its DVC root, got from there; None where it has none.

    Likewise where it gives none.
    """
    read, clone = last_read(repository, added), MetadataClone.at(_directory(repository, added.name))
    commit = commit or (clone.here().commit if clone is not None else None)
    if read is None or clone is None or commit is None:
        return None
    entries = clone.tree(commit, f"{read.root}/{path}" if read.root else path)
    blobs = [entry.blob for entry in entries.values()]
    with _alone(repository, added.name):
        if not blobs or not Source(clone, added.address).bring_files(blobs, way=Way(read.way)):
            return None
    return next(iter(clone.blobs(blobs).values()), None)


def read_repositories(repository: Repository) -> dict[str, Repository]:
    """The other repositories that were read, by name."""
    found = {each.name: read_repository(repository, each) for each in added_repositories(repository)}
    return {name: each for name, each in found.items() if each is not None}


def refresh(repository: Repository, added: AddedRepository, *, history: History = History.WHOLE) -> Refreshed:
    """Read what has moved there; as of then everything answers. Of history as much as is wanted, or more, is here then.

    Errors: those of a remote that does not answer, OutsideError for one that is too large, NoRepositoryError for one
    without datasets. What was read before then stays as it was.
    """
    directory = _directory(repository, added.name)
    with _alone(repository, added.name):
        _sweep(directory)
        read, clone = last_read(repository, added), MetadataClone.at(directory)
        if read is not None and clone is not None:
            source = Source(clone, added.address)
            there, here = source.there(), clone.here()
            deepening = read.way == Way.TIPS.value and history is History.WHOLE
            if there == here and not deepening:
                return Refreshed(_noted(directory, added, read, read.stamp), moved=False)
            way = Way.FILTERED if deepening else Way(read.way)
            if (found := _brought(repository, source, there, added, way=way)) is not None:
                if deepening:
                    _forget_index(clone, found.root)
                return Refreshed(_noted(directory, added, found, _stamp(clone)), moved=there != here)
        return Refreshed(_read_anew(repository, directory, added, way=history.value), moved=True)


def _forget_index(clone: MetadataClone, root: str) -> None:
    """An index that was made without history is not believed: nothing but history moved."""
    from dsv.adapters import index

    index.discard(os.path.join(state_directory(clone, root), INDEX))


def discard(repository: Repository, name: str) -> None:
    """Nothing of it is here any more."""
    directory = _directory(repository, name)
    with _alone(repository, name):
        _remove(directory)
        _sweep(directory)


def _read_anew(repository: Repository, directory: str, added: AddedRepository, *, way: Way) -> LastRead:
    """A clone made beside, which then takes its place."""
    beside = os.path.join(os.path.dirname(directory), f".{added.name}.{os.urandom(4).hex()}.tmp")
    try:
        clone = MetadataClone.create(beside)
        source = Source(clone, added.address)
        there = source.there()
        found = _brought(repository, source, there, added, way=way)
        if found is None:
            _remove(beside)
            clone = MetadataClone.create(beside)
            found = _brought(repository, Source(clone, added.address), there, added, way=Way.SHALLOW)
        assert found is not None  # noqa: S101 - what leaves no files out gives all of them
        read = _noted(beside, added, found, _stamp(clone))
        _remove(directory)
        os.rename(beside, directory)
    finally:
        _remove(beside)
    return read


def _brought(
    repository: Repository, source: Source, there: There, added: AddedRepository, *, way: Way
) -> LastRead | None:
    """All that is needed of where its branches and tags are, and then these moved; None where it gives no files."""
    repository.tell(f"reading {added.address.shown}")
    way = source.bring(there, way)
    try:
        root, manifests = _metadata(source, there, added, way=way)
        source.clone.move(there)
    except _NoFilesError:
        return None
    except (DeadlineError, OutsideError) as error:
        raise type(error)(f"{added.address.shown} cannot be read: {error.message}", hint=error.hint) from None
    return LastRead(added.address.text, root, manifests, way.value, "", "")


def _metadata(source: Source, there: There, added: AddedRepository, *, way: Way) -> tuple[str, str]:
    """The DVC root and the directory of the manifests, all of whose texts are here; _NoFilesError where none come."""
    clone, commit = source.clone, there.commit
    root = _root(clone, commit, added)
    layout = Layout(clone.root, root)
    settings = clone.tree(commit, layout.in_git(SETTINGS)) if commit else {}
    blobs = [entry.blob for entry in settings.values()]
    _bring(source, blobs, way=way)
    file = f"{SETTINGS} of {added.address.shown}"
    manifests = manifests_setting(b"".join(clone.blobs(blobs).values()), file=file)
    directory = Layout(clone.root, root, manifests).in_git(manifests)
    history = clone.history(directory, revisions=there.tips)
    _bring(source, [each.blob for each in history if each.blob and each.path.endswith(_METADATA)], way=way)
    return root, manifests


def _bring(source: Source, blobs: Sequence[str], *, way: Way) -> None:
    if not source.bring_files(blobs, way=way):
        raise _NoFilesError("no files come by their names", hint="")


def _root(clone: MetadataClone, commit: str | None, added: AddedRepository) -> str:
    """Where its DVC root is, as it was said, or else the only one there."""
    if commit is None:
        raise NoRepositoryError(f"{added.address.shown} has no commit yet", hint="add it when it has datasets")
    chosen = f"{added.root}/.dvc" if added.root else ".dvc"
    if clone.tree(commit, chosen):
        return added.root
    paths = clone.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).split(b"\0")
    roots = sorted({os.fsdecode(path)[: -len("/.dvc/config")] for path in paths if path.endswith(b"/.dvc/config")})
    if added.root or len(roots) != 1:
        hint = f"--root with one of {', '.join(roots[:_MOST_ROOTS_NAMED])}" if roots else "has it datasets of dsv?"
        where = f"{added.root} in {added.address.shown}" if added.root else added.address.shown
        said = "has several DVC roots" if roots and not added.root else "is no DVC root"
        raise NoRepositoryError(f"{where} {said}", hint=hint, details={"roots": roots})
    return roots[0]


def _opened(repository: Repository, clone: MetadataClone, read: LastRead) -> Repository:
    layout = Layout(clone.root if not read.root else os.path.join(clone.root, read.root), read.root, read.manifests)
    return Repository(
        clone,
        layout,
        state_directory(clone, read.root),
        tell=repository.tell,
        progress=repository.progress,
        executor=repository.executor,
        staged={},
    )


def _noted(directory: str, added: AddedRepository, read: LastRead, stamp: str) -> LastRead:
    """What was read, with its stamp and the time, written down last."""
    note = LastRead(added.address.text, read.root, read.manifests, read.way, stamp, now())
    files.write_bytes(os.path.join(directory, _NOTE), json.dumps(asdict(note), indent=1).encode() + b"\n")
    return note


def _stamp(clone: MetadataClone) -> str:
    return hashlib.sha256(clone.references()).hexdigest()


def _directory(repository: Repository, name: str) -> str:
    return os.path.join(repository.clones, name)


def _alone(repository: Repository, name: str) -> AbstractContextManager[None]:
    """Nobody else works on this clone; a server that is slow keeps nobody from another one."""
    path = os.path.join(f"{repository.clones}-locks", name)
    return lock.exclusive(path, operation="index refresh", timeout=repository.lock_timeout, tell=repository.tell)


def _sweep(directory: str) -> None:
    """What was left beside by a refresh that was killed is gone."""
    where, name = os.path.split(directory)
    with suppress(FileNotFoundError):
        for each in os.listdir(where):
            if each.startswith(f".{name}.") and each.endswith(".tmp"):
                _remove(os.path.join(where, each))


def _remove(directory: str) -> None:
    """The directory is gone: under another name first, so that nobody meets half of it."""
    if not os.path.lexists(directory):
        return
    where, name = os.path.split(directory)
    aside = directory if name.endswith(".tmp") else os.path.join(where, f".{name}.{os.urandom(4).hex()}.tmp")
    if aside != directory:
        os.rename(directory, aside)
    shutil.rmtree(aside, ignore_errors=True)
