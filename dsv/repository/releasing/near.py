"""The texts that a version must not be like, read from other versions or from a split, and what is found."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from dsv.checks.rules.near import Near
from dsv.checks.rules.overlaps import is_elsewhere
from dsv.errors import MissingDataError
from dsv.model.executor import LOCAL
from dsv.records.canonical import fingerprint
from dsv.records.minhash import near_index, texts_of
from dsv.records.present import records_of
from dsv.repository.comparing.sources import version_source
from dsv.repository.contents.notes import NotesOf

if TYPE_CHECKING:
    from dsv.checks.rules.version import Found
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.known.catalog import KnownVersion
    from dsv.repository.repository import Repository


def found_near(
    repository: Repository,
    snapshot: Snapshot,
    *,
    left: str | None,
    right: str,
    versions: Sequence[KnownVersion],
    field: str | None,
    similarity: float,
) -> Found:
    """The records of a split, or of all but the other side, that are like one of the versions or of the split `right`.

    MissingDataError where the data of one of the versions is not here.
    """
    split_of = snapshot.reading.split_of
    if is_elsewhere(right):
        texts = _texts_of_versions(repository, versions, field=field)
        files = [file for file in snapshot.files if left is None or split_of(file.path) == left]
    else:
        texts = _texts_of_split(snapshot, right, field=field)
        files = [
            file for file in snapshot.files if (split_of(file.path) == left if left else split_of(file.path) != right)
        ]
    content = msgspec.msgpack.encode(near_index(texts, similarity=similarity))
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(snapshot.index_directory), prefix="rowsnear") as file:
        file.write(content)
        file.flush()
        inspection = Near(file.name, hashlib.sha256(content).hexdigest(), field)
        return NotesOf(replace(snapshot, files=files), executor=LOCAL)(inspection)


def _texts_of_split(snapshot: Snapshot, split: str, *, field: str | None) -> Iterator[tuple[str, int, list[str]]]:
    for file in snapshot.files:
        if snapshot.reading.split_of(file.path) == split:
            for row, value in records_of(snapshot.sources[file.path], path=file.path, reading=snapshot.reading):
                yield file.path, row, texts_of(value, field=field)


def _texts_of_versions(
    repository: Repository, versions: Sequence[KnownVersion], *, field: str | None
) -> Iterator[tuple[str, int, list[str]]]:
    """Every record once, named after the first of the versions that has it."""
    seen: set[bytes] = set()
    for known in versions:
        source = version_source(repository, known)
        for path, _ in source.side.index.files:
            try:
                for row, value in records_of(source.places[path], path=path, reading=source.side.reading):
                    digest = fingerprint(value)
                    if digest not in seen:
                        seen.add(digest)
                        yield f"{known.name} {path}", row, texts_of(value, field=field)
            except (KeyError, FileNotFoundError):
                raise MissingDataError(
                    f"the data of {known.name} is not here", hint=f"dsv fetch {known.name} brings it"
                ) from None
