"""`dsv index examples`: the scores of single records of a version in the index, for those who want to ask in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from dsv.adapters.index import ExampleRow
from dsv.errors import UsageError
from dsv.model.reference import Ref, Work
from dsv.model.scores import COLUMNS
from dsv.records.scores.revisions import latest_scores
from dsv.records.scores.score_file import ORIGIN
from dsv.records.scores.summing import Matched, matched
from dsv.repository import Repository
from dsv.repository.known.search_index import ask
from dsv.repository.scoring.score_files import opened_scores
from dsv.repository.scoring.target import Target, target_of

if TYPE_CHECKING:
    from dsv.adapters.index import Index
    from dsv.records.scores.score_file import ScoreFile


@dataclass(frozen=True)
class IndexedScores:
    """The version whose scores the index now holds, with how many rows of each scorer."""

    reference: str
    scorers: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"ref": self.reference, "scorers": dict(self.scorers)}


def index_examples(repository: Repository, reference: Ref) -> IndexedScores:
    """The table `dataset_quality_examples` holds the scores of the version's records as they stand today.

    They stay there until the index is built anew, or this is said again. Errors: UsageError for what is no released
    version; MissingDataError where scores are not here.
    """
    if isinstance(reference.selector, Work):
        raise UsageError(f"{reference} is no released version", hint="name a version, for instance by its number")
    repository = repository.home_of(reference)
    # gather
    target = target_of(repository, reference)
    scorers = opened_scores(repository, target.pointers)
    assert target.known is not None  # noqa: S101 - work was refused
    version, dataset = target.known.version, target.versions.dataset

    # record
    def keep(index: Index) -> dict[str, int]:
        return {
            scorer: index.keep_examples(dataset, version, scorer=scorer, rows=_rows(target, files)) or 0
            for scorer, files in scorers.items()
        }

    return IndexedScores(target.name, ask(repository, keep))


def _rows(target: Target, files: Sequence[ScoreFile]) -> Iterator[ExampleRow]:
    """A row for each scored record, in the order of the fingerprints."""
    paths = [path for path, _ in target.side.index.files]
    found = matched(latest_scores(files), target.side.index.entries())
    return chain.from_iterable(_rows_of(each, paths) for each in found)


def _rows_of(found: Matched, paths: Sequence[str]) -> Iterator[ExampleRow]:
    columns = found.batch.columns
    more = [name for name in columns if name not in COLUMNS and name not in ORIGIN]
    empty = [None] * len(found.batch.fingerprints)
    known = [columns.get(name, empty) for name in COLUMNS]
    for place, file, row in zip(found.places, found.files, found.rows, strict=True):
        others = {name: columns[name][place] for name in more if columns[name][place] is not None}
        scores = {name: column[place] for name, column in zip(COLUMNS, known, strict=True)}
        fingerprint = found.batch.fingerprints[place].hex()
        yield ExampleRow(fingerprint, file=paths[file], row=row, **scores, more=others or None)
