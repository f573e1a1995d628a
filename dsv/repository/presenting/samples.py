"""Some records of a version, where its data is in DVC's cache."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import DsvError, MissingDataError
from dsv.exports.site.facts import SampleRecord
from dsv.records.outline import outline
from dsv.records.present import presentable, records_of
from dsv.repository.comparing.objects import files_of

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository

MOST = 6
_FILES_TRIED = 20


def sample_records(repository: Repository, manifest: Manifest, *, most: int = MOST) -> list[SampleRecord] | None:
    """The first records of the first file of each split, so many in all; None where the data is not here.

    Of files without a reader there are none, and what cannot be read is left out.
    """
    cache = dvc.find_cache(repository.layout.root)
    try:
        entries = files_of(repository, manifest)
    except MissingDataError:
        return None
    reading = manifest.declared
    readers: dict[str, Iterator[SampleRecord]] = {}
    for path, md5 in sorted(entries)[: _FILES_TRIED if len(entries) > _FILES_TRIED else None]:
        split = reading.split_of(path) or ""
        if split not in readers:
            readers[split] = _records(cache.path_of(md5), path=path, split=split, manifest=manifest)
    found: list[SampleRecord] = []
    share = -(-most // max(len(readers), 1))
    for reader in readers.values():
        found += islice(reader, min(share, most - len(found)))
    return found


def _records(source: str, *, path: str, split: str, manifest: Manifest) -> Iterator[SampleRecord]:
    try:
        for row, value in records_of(source, path=path, reading=manifest.declared):
            yield SampleRecord(f"{path}:{row}", split, outline(presentable(value)))
    except (DsvError, OSError, ValueError):
        return
