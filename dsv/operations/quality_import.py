"""`dsv quality import`: scores of records, as data that DVC keeps and an event that git does."""

from __future__ import annotations

from dsv.errors import UsageError
from dsv.model.reference import Ref
from dsv.model.scores import By, Scorer
from dsv.repository import Repository, exclusively
from dsv.repository.scoring.importing import Offered, new_scores
from dsv.repository.scoring.keeping import ImportedScores, keep_scores
from dsv.repository.scoring.target import target_of


def import_scores(
    repository: Repository, reference: Ref, offered: Offered, *, scorer: Scorer, by: By | None = None
) -> ImportedScores:
    """The offered scores, kept for the records of a version, or of the work tree, wherever they occur.

    Rows are joined by the version's key where it has one and nothing else is said, else by the record itself. A row
    takes the place of the scorer's earlier one for the record. Errors: BadRecordError for rows that are wrong, with
    nothing taken; UsageError for a file without rows; those of the version's index, and of git.
    """
    repository = repository.home_of(reference)
    with exclusively(repository, f"import of scores of {reference}"):
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        target = target_of(repository, reference)
        chosen = by or (By.KEY if target.side.key else By.RECORD)
        with new_scores(repository, target, offered, scorer=scorer, by=chosen) as made:
            # decide
            if not made.given:
                raise UsageError(f"{offered.name} holds no rows", hint="a row for each score")
            # record
            return keep_scores(repository, target, made, scorer=scorer, by=chosen)
