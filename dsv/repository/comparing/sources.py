"""A dataset's state together with the place where its files can be read: the work tree, or DVC's cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import MissingDataError
from dsv.repository.comparing.objects import files_of
from dsv.repository.comparing.versions import side_of
from dsv.repository.contents.comparison import Side
from dsv.repository.contents.snapshot import Snapshot
from dsv.repository.known.catalog import KnownVersion, read_manifest

if TYPE_CHECKING:
    from dsv.model.field_profile import FieldsProfile
    from dsv.records.profile import Profile
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class RecordSource:
    """One side of a comparison, and where each of its files lies; a version not in the cache has no places.

    `profiled` is what its manifest says of the values of its fields, and `profile` gives what a scan found of them;
    None where they do not say.
    """

    side: Side
    places: Mapping[str, str]
    profiled: FieldsProfile | None = None
    profile: Callable[[], Profile] | None = None


def work_source(snapshot: Snapshot) -> RecordSource:
    """The working tree's."""
    return RecordSource(snapshot.side(), snapshot.sources, profile=lambda: snapshot.profile)


def version_source(repository: Repository, known: KnownVersion) -> RecordSource:
    """A released version's."""
    side = side_of(repository, known)
    manifest = read_manifest(repository, known)
    cache = dvc.find_cache(repository.layout.root)
    try:
        entries = files_of(repository, manifest)
    except MissingDataError:
        entries = []
    return RecordSource(side, {path: cache.path_of(md5) for path, md5 in entries}, manifest.profiled)
