"""A few records that changed between two versions, where their record indexes and data are in DVC's cache."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import DsvError
from dsv.model.executor import SERIAL
from dsv.records.index import RecordIndex
from dsv.repository.comparing.objects import files_of
from dsv.repository.comparing.sources import RecordSource
from dsv.repository.comparing.versions import side_from
from dsv.repository.reviewing.records import compare_sources

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.records.changed_record import RecordExample
    from dsv.repository.repository import Repository

MOST = 6
LARGEST = 100_000
"""Versions with more records are not compared for a page: there may be thousands of pages."""


def changed_records(repository: Repository, old: Manifest, new: Manifest) -> Sequence[RecordExample]:
    """Some of each kind; nothing where what it takes is not here, or is much."""
    if max(old.data.records, new.data.records) > LARGEST:
        return ()
    os.makedirs(repository.state, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=repository.state, prefix="site-") as scratch:
        try:
            before = _source(repository, old, os.path.join(scratch, "old"))
            after = _source(repository, new, os.path.join(scratch, "new"))
            return compare_sources(before, after, most=MOST, executor=SERIAL).examples
        except (DsvError, OSError):
            return ()


def _source(repository: Repository, manifest: Manifest, directory: str) -> RecordSource:
    """The version, its record index opened in DVC's cache through links."""
    cache = dvc.find_cache(repository.layout.root)
    for path, md5 in dvc.read_directory_object(cache, manifest.digests.index.removeprefix("md5:")):
        place = os.path.join(directory, *path.split("/"))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(cache.path_of(md5), place)
    side = side_from(f"{manifest.dataset}@{manifest.version}", manifest, RecordIndex.open(directory))
    return RecordSource(side, {path: cache.path_of(md5) for path, md5 in files_of(repository, manifest)})
