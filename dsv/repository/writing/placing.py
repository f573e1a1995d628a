"""Data on its way into the work tree, written down before its first file is touched: so that it can be finished."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.model.progress import summed
from dsv.repository import files
from dsv.repository.writing import journal

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

Replaced = tuple[str, str | None, str | None]
"""A file by its path, with the md5 that it has and the one that it is to have; None where it is not there."""


@dataclass(frozen=True)
class Placing:
    """Files below `directory`, itself below `base`, that are to be others; and a pointer that is to say so.

    `base` counts from git's root, files from `directory`, which is "" where the data is one file. `pointer` is a path
    from git's root, `text` what it is to hold; None where it stays as it is.
    """

    base: str
    directory: str
    replaced: Sequence[Replaced]
    pointer: str | None = None
    text: str | None = None

    @classmethod
    def of(cls, path: str, current: Mapping[str, str], wanted: Mapping[str, str], *, is_directory: bool) -> Placing:
        """What turns the data at the path from git's root, path -> md5 of its files, into the wanted."""
        base, _, name = path.rpartition("/")
        return cls(base, name if is_directory else "", changes(current, wanted))

    @property
    def nothing(self) -> bool:
        """Whether all is as it is to be."""
        return not self.replaced and self.pointer is None

    @property
    def written(self) -> list[tuple[str, str]]:
        """The files to be written, with their md5."""
        return [(path, new) for path, _, new in self.replaced if new is not None]

    def path_of(self, file: str, *, root: str) -> str:
        """Where a file lies below git's root."""
        return os.path.join(root, self.base, self.directory, *file.split("/"))


def changes(current: Mapping[str, str], wanted: Mapping[str, str]) -> list[Replaced]:
    """The files that differ, sorted by path."""
    paths = sorted({*current, *wanted})
    return [(path, current.get(path), wanted.get(path)) for path in paths if current.get(path) != wanted.get(path)]


def place(repository: Repository, placing: Placing, *, operation: str | None) -> None:
    """The files are as they are to be, and the pointer says so; the caller holds the lock.

    All is made beside first, and each byte checked. From the first file that is touched on, a journal of the
    `operation` stands for the rest; without a name for it the caller has one. Errors: MissingDataError and
    MismatchError, with nothing changed; DiskError, after which the next command goes on.
    """
    if placing.nothing:
        return

    def ready() -> None:
        if operation is not None:
            journal.save(_entry(repository, placing, operation), repository.journal_file)

    _materialise(repository, placing, ready)
    if placing.pointer is not None and placing.text is not None:
        files.write_bytes(os.path.join(repository.git.root, *placing.pointer.split("/")), _bytes(placing.text))
    if operation is not None:
        files.remove(repository.journal_file)


def place_files(
    repository: Repository,
    path: str,
    wanted: Mapping[str, str],
    *,
    current: Mapping[str, str],
    is_directory: bool,
    operation: str | None = None,
) -> None:
    """Turn the work tree's data, whose files are `current`, into the wanted files; as `place` does.

    The caller has seen to it that what is replaced is kept elsewhere.
    """
    where = repository.layout.in_git(path)
    place(repository, Placing.of(where, current, wanted, is_directory=is_directory), operation=operation)


def go_on_placing(repository: Repository, entry: journal.Journal) -> None:
    """What a placing that was cut short had left to do; what somebody changed since stays, and is told.

    Errors: those of `place`.
    """
    placing = Placing(**{**entry.placing, "replaced": [tuple(each) for each in entry.placing["replaced"]]})
    root = repository.git.root
    here = {path: _md5_at(placing.path_of(path, root=root)) for path, _, _ in placing.replaced}
    kept = [path for path, old, new in placing.replaced if here[path] not in (old, new)]
    left = [(path, here[path], new) for path, _, new in placing.replaced if path not in kept and here[path] != new]
    edited = journal.changed_since(entry, root=root)
    if kept or edited:
        repository.tell(f"left as they are, because changed since: {', '.join([*kept, *edited])}")
    pointer = None if edited else placing.pointer
    place(repository, Placing(placing.base, placing.directory, left, pointer, placing.text), operation=None)


def _entry(repository: Repository, placing: Placing, operation: str) -> journal.Journal:
    return journal.start(
        operation,
        root=repository.git.root,
        writes={placing.pointer: _bytes(placing.text)} if placing.pointer and placing.text is not None else {},
        directories=[],
        saved_work=None,
        data=None,
    ).onward(placing=asdict(placing))


def _materialise(repository: Repository, placing: Placing, ready: dvc.Ready) -> None:
    os.makedirs(repository.state, exist_ok=True)
    base = os.path.join(repository.git.root, placing.base)
    os.makedirs(base, exist_ok=True)
    cache = dvc.find_cache(repository.layout.root)
    dvc.require_objects(cache, placing.written)
    total = sum(os.path.getsize(cache.path_of(md5)) for _, md5 in placing.written)
    advance = summed(repository.progress, "restoring", total=total)
    dvc.materialise(
        cache,
        placing.written,
        base=base,
        directory=placing.directory,
        delete=[path for path, _, new in placing.replaced if new is None],
        staging=repository.state,
        progress=lambda _, size: advance(size),
        ready=ready,
    )


def _md5_at(path: str) -> str | None:
    """The md5 of a file; None where there is none. Something else that lies there has none that we know."""
    if not os.path.lexists(path):
        return None
    return files.md5_of(path) if os.path.isfile(path) and not os.path.islink(path) else ""


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
