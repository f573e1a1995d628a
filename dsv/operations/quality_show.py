"""`dsv quality show`: what the scores of a version come to, by scorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.model.reference import Ref
from dsv.model.scores import ScorerSummary
from dsv.repository import Repository
from dsv.repository.scoring.summaries import summaries
from dsv.repository.scoring.target import target_of


@dataclass(frozen=True)
class QualityShown:
    """A version, or the work tree, with its number of records, and a summary for each scorer, by name."""

    reference: str
    records: int
    scorers: Sequence[ScorerSummary]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ref": self.reference,
            "records": self.records,
            "scorers": [each.document() for each in self.scorers],
        }


def quality_show(repository: Repository, reference: Ref) -> QualityShown:
    """The scores of a version as they stand today, those imported after its release too; of `NAME@work` likewise.

    Errors: NoDatasetError, NoVersionError, MissingDataError where a file of scores is not here.
    """
    repository = repository.home_of(reference)
    target = target_of(repository, reference)
    found = summaries(repository, target.side, target.pointers, splits=target.splits, facets=target.facets)
    return QualityShown(target.name, target.side.records, found)
