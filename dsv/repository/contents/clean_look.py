"""A dataset that was clean at the last look, and of which nothing was touched since: told from its stats alone.

Derived: a missing, damaged or foreign file means that the long way is taken.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dsv.errors import DsvError
from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.records.built_index import BuiltIndex
from dsv.repository import sealed
from dsv.repository.contents import last_look
from dsv.repository.contents.walk import WalkedFile, walk
from dsv.repository.known.catalog import Versions, versions_of
from dsv.repository.layout import SETTINGS

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.repository import Repository

_FILE = "clean"
_LAYOUT = 1


class Clean(msgspec.Struct, array_like=True, frozen=True):
    """What a dataset that is as released was found to be.

    `declaration` is a digest of dataset.yaml and dsv.yaml, `manifest` the git object of the manifest that it is as,
    `marks` are those of its files.
    """

    declaration: str
    path: str
    marks: str
    manifest: str
    files: int
    built: BuiltIndex
    dialects: dict[str, int]
    layout: int = _LAYOUT


class Glance(NamedTuple):
    """What could be told at a glance: `clean` is None where a closer look is needed, which may use the rest."""

    versions: Versions
    clean: Clean | None = None
    walked: list[WalkedFile] | None = None


def glance(repository: Repository, dataset: str) -> Glance:
    """Whether the dataset is as it was when it was clean: its declaration, its files' stats, the base's manifest."""
    versions = versions_of(repository, dataset)
    known = sealed.read(_place(repository, dataset), Clean)
    base = versions.newest_base
    if known is None or known.layout != _LAYOUT or base is None or known.manifest != base.blob:
        return Glance(versions)
    if known.declaration != _declaration(repository, dataset):
        return Glance(versions)
    try:
        walked = walk(repository.layout.absolute(known.path), shown=known.path)
    except DsvError:  # which the closer look says in its own words
        return Glance(versions)
    clean = known if last_look.marks_of(walked) == known.marks else None
    return Glance(versions, clean, walked)


def remember_clean(repository: Repository, snapshot: Snapshot, settings: DatasetSettings, *, manifest: str) -> None:
    """Note that the dataset is as this manifest, a git object, says; but not what a glance could not tell again."""
    if settings.tokenizer or settings.model_extra or repository.settings().model_extra:
        return  # the tokenizer may change, and keys that nobody knows are warned about each time
    known = Clean(
        _declaration(repository, snapshot.dataset),
        snapshot.path,
        snapshot.marks,
        manifest,
        len(snapshot.files),
        snapshot.built,
        snapshot.dialects,
    )
    sealed.write(_place(repository, snapshot.dataset), known)


def no_change(built: BuiltIndex, *, files: int) -> Change:
    """The change between two states with the same bytes in the same places, read in the same way."""
    return Change(
        records=RecordCounts(unchanged=built.records),
        files=FilesChange(unchanged=files),
        opaque=None if built.opaque is None else RecordCounts(unchanged=built.opaque),
        keyed=built.keyed,
    )


def _place(repository: Repository, dataset: str) -> str:
    return os.path.join(repository.work_state, dataset, _FILE)


def _declaration(repository: Repository, dataset: str) -> str:
    """A digest of what people declare of the dataset and of the project."""
    digest = hashlib.sha256()
    for path in (repository.layout.dataset_file(dataset), SETTINGS):
        digest.update(hashlib.sha256(repository.text(path) or b"").digest())
    return digest.hexdigest()
