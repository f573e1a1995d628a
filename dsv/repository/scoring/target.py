"""What scores are taken for, or read of: a released version, or the data in the work tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import MissingDataError, NoDatasetError, UsageError
from dsv.model.reference import GitRevision, Ref, Work
from dsv.repository.comparing.sources import RecordSource, version_source, work_source
from dsv.repository.contents.gather import gather
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.known.catalog import KnownVersion, Versions, read_manifest, require_dataset, resolve, versions_of
from dsv.repository.scoring.score_files import ScorePointer, score_pointers
from dsv.repository.scoring.summaries import facets_of

if TYPE_CHECKING:
    from dsv.model.fields import Fields
    from dsv.repository.contents.comparison import Side
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Target:
    """A version, or the work tree, where `known` is None; the dataset's versions, its facets, its files of scores."""

    versions: Versions
    known: KnownVersion | None
    source: RecordSource
    splits: Mapping[str, int]
    facets: tuple[str, ...]
    pointers: tuple[ScorePointer, ...]

    @property
    def side(self) -> Side:
        """Its records."""
        return self.source.side

    @property
    def name(self) -> str:
        """`NAME@X.Y.Z`, or `NAME@work`."""
        return self.source.side.name

    def key_types(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """The fields of its key with the types of their values."""
        types = _types(self.side.fields)
        return tuple((name, types.get(name, frozenset())) for name in self.side.key)

    def records(self, files: Iterable[str] | None = None) -> Iterator[tuple[int, int, Any]]:
        """The records of the files, or of all, as (file number, row, value); MissingDataError where one is not here."""
        from dsv.records.present import records_of

        wanted = None if files is None else set(files)
        for number, (path, _) in enumerate(self.side.index.files):
            if wanted is not None and path not in wanted:
                continue
            try:
                place = self.source.places.get(path, "")
                for row, value in records_of(place, path=path, reading=self.side.reading):
                    yield number, row, value
            except FileNotFoundError:
                raise MissingDataError(
                    f"{path!a} of {self.name} is not in the cache, so its records cannot be read",
                    hint=f"dsv fetch {self.name} brings it",
                ) from None


def target_of(repository: Repository, reference: Ref) -> Target:
    """What the reference names; UsageError for a revision of git, and those of a version that is not known."""
    if isinstance(reference.selector, GitRevision):
        raise UsageError(f"{reference} is no released version", hint="name a version by its number, or NAME@work")
    name = require_dataset(repository, reference.dataset)
    versions = versions_of(repository, name)
    pointers = tuple(score_pointers(repository, versions.names or [name]))
    if isinstance(reference.selector, Work):
        settings = load_dataset_file(repository, name)
        snapshot = gather(repository, name, settings)
        return Target(versions, None, work_source(snapshot), snapshot.splits, facets_of(settings), pointers)
    known = resolve(repository, reference)
    splits = read_manifest(repository, known).splits
    return Target(versions, known, version_source(repository, known), splits, _facets(repository, name), pointers)


def _facets(repository: Repository, dataset: str) -> tuple[str, ...]:
    """Those that the dataset declares today; a version of a dataset that is no more has none."""
    try:
        return facets_of(load_dataset_file(repository, dataset))
    except NoDatasetError:
        return ()


def _types(fields: Fields) -> dict[str, frozenset[str]]:
    return {field.name: frozenset(field.types) for field in fields.fields}
