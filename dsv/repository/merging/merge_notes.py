"""Merges whose data is not in the work tree yet: git merges pointers, and the data beside them stays what it was.

A note tells of which states a pointer was merged, so that data from before the merge is known as such, and is not
released as if somebody had taken the other side's changes back.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from dsv.adapters import dvc
from dsv.errors import ConflictError, DsvError
from dsv.repository import files, sealed
from dsv.repository.repository import Repository
from dsv.repository.transfer.restore import files_here


class MergeNote(msgspec.Struct, frozen=True):
    """The data at `path`, DVC's name of what it was merged to, and the names of what it was merged from."""

    dataset: str
    path: str
    merged: str
    inputs: tuple[str, ...]


def note_merge(repository: Repository, note: MergeNote) -> MergeNote:
    """The note, remembered; of a merge that goes on from another, as in a rebase, with what that was from."""
    before = sealed.read(_place(repository, note.path), MergeNote)
    if before is not None and before.merged in note.inputs:
        inputs = tuple(dict.fromkeys((*before.inputs, *note.inputs)))
        note = msgspec.structs.replace(note, inputs=inputs)
    sealed.write(_place(repository, note.path), note)
    return note


def forget_merge(repository: Repository, path: str) -> None:
    """The data at the path is what its pointer says."""
    files.remove(_place(repository, path))
    with suppress(OSError):  # where there are others
        os.rmdir(repository.merges)


def noted(repository: Repository) -> list[MergeNote]:
    """The merges that the pointers in the work tree come from, by path; others were given up, or released."""
    current = [each for each in notes_in(repository.merges) if pointed_to(repository, each.path) == each.merged]
    return sorted(current, key=lambda each: each.path)


def notes_in(directory: str) -> list[MergeNote]:
    """All notes of the directory of a work tree, also of merges that were given up; none where there is none."""
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    found = [sealed.read(os.path.join(directory, name), MergeNote) for name in names]
    return [each for each in found if each is not None]


def unplaced(repository: Repository, dataset: str) -> MergeNote | None:
    """The merge of the dataset whose data is not in the work tree as its pointer names it; None where it is."""
    for note in noted(repository):
        if note.dataset == dataset:
            here = files_here(repository, dataset, note.path)
            if here and _oid_of(here, is_directory=note.merged.endswith(".dir")) != note.merged:
                return note
    return None


def problem_of(repository: Repository, dataset: str, path: str) -> str | None:
    """What a merge left to do for the dataset, in a line; None where it left nothing."""
    pointer = repository.layout.data_pointer(path)
    text = files.read_bytes(repository.layout.absolute(pointer)) or b""
    if dvc.is_conflicted(text):
        return f"{pointer} is in conflict (dsv merge {dataset} merges the data)"
    if unplaced(repository, dataset) is not None:
        return f"{path} does not hold what was merged yet (dsv merge {dataset} brings it)"
    return None


def refuse_unplaced(repository: Repository, dataset: str) -> None:
    """ConflictError while a release would take back what a merge brought; the caller holds the lock."""
    note = unplaced(repository, dataset)
    if note is not None:
        raise ConflictError(
            f"{note.path} is not what its pointer was merged to: a release would take back what the merge brought",
            hint=f"dsv merge {dataset} brings the merged data; what you changed since stays",
        )
    for placed in noted(repository):
        if placed.dataset == dataset:
            forget_merge(repository, placed.path)


def pointed_to(repository: Repository, path: str) -> str | None:
    """DVC's name of the data that the pointer in the work tree names; None where that is no pointer."""
    file = repository.layout.data_pointer(path)
    text = files.read_bytes(repository.layout.absolute(file))
    try:
        return None if text is None else dvc.parse_pointer(text, file=file).md5
    except DsvError:
        return None


def files_named(repository: Repository, path: str, oid: str) -> dict[str, str]:
    """Path -> md5 of the data that DVC calls so."""
    if oid.endswith(".dir"):
        return dict(dvc.read_directory_object(dvc.find_cache(repository.layout.root), oid))
    return {os.path.basename(path): oid}


def _oid_of(found: Mapping[str, str], *, is_directory: bool) -> str:
    """DVC's name of data with these files, whether or not the cache has it."""
    return dvc.directory_object(found.items()).oid if is_directory else "".join(found.values())


def _place(repository: Repository, path: str) -> str:
    return os.path.join(repository.merges, hashlib.sha256(path.encode()).hexdigest()[:16])
