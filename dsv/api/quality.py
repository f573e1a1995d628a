"""`repo.quality`: scores of single records, as the commands of `dsv quality` take and show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dsv.operations.index_examples import IndexedScores
    from dsv.operations.quality_query import ScoreRows
    from dsv.operations.quality_show import QualityShown
    from dsv.operations.quality_todo import Todo
    from dsv.repository import Repository
    from dsv.repository.scoring.keeping import ImportedScores

JoinedBy = Literal["key", "record", "index", "trajectory_id"]


@dataclass(frozen=True)
class Quality:
    """The scores of a repository's datasets."""

    repository: Repository

    def import_(
        self,
        reference: str,
        scores: str | Iterable[Mapping[str, Any]],
        *,
        scorer: str,
        by: JoinedBy | None = None,
        model: str = "",
        prompt_sha256: str = "",
    ) -> ImportedScores:
        """Scores out of a file, or rows in memory: dicts, or a table of Arrow's as `table.to_pylist()`.

        A single row is how one score is given anew. Errors: BadRecordError, with all that is wrong counted and nothing
        taken; those of `dsv quality import`.
        """
        from dsv.model.reference import parse_reference
        from dsv.model.scores import By, parse_scorer
        from dsv.operations.quality_import import import_scores
        from dsv.repository.scoring.importing import offered_file, offered_rows

        target, who = parse_reference(reference), parse_scorer(scorer, model=model, prompt_sha256=prompt_sha256)
        chosen = By(by) if by else None
        if not isinstance(scores, str):
            return import_scores(self.repository, target, offered_rows(scores), scorer=who, by=chosen)
        with offered_file(scores) as offered:
            return import_scores(self.repository, target, offered, scorer=who, by=chosen)

    def show(self, reference: str) -> QualityShown:
        """What the scores of a version, or of `NAME@work`, come to; its `scorers` are values."""
        from dsv.model.reference import parse_reference
        from dsv.operations.quality_show import quality_show

        return quality_show(self.repository, parse_reference(reference))

    def query(
        self,
        reference: str,
        where: str = "",
        *,
        sort: str = "",
        descending: bool = False,
        limit: int | None = None,
        with_records: bool = False,
    ) -> ScoreRows:
        """The rows of scores that keep a condition; the result has `rows`, `to_arrow()` and `write(path)`."""
        from dsv.model.reference import parse_reference
        from dsv.operations.quality_query import Order, quality_query

        order = Order(sort, descending=descending, limit=limit)
        return quality_query(
            self.repository, parse_reference(reference), where=where, order=order, with_records=with_records
        )

    def todo(self, reference: str, *, scorer: str) -> Todo:
        """The records that a scorer has not scored; the result has `count`, `records()` and `write(path)`."""
        from dsv.model.reference import parse_reference
        from dsv.model.scores import check_scorer
        from dsv.operations.quality_todo import quality_todo

        check_scorer(scorer)
        return quality_todo(self.repository, parse_reference(reference), scorer=scorer)

    def index(self, reference: str) -> IndexedScores:
        """The scores of a version's records in the index, for questions in SQL."""
        from dsv.model.reference import parse_reference
        from dsv.operations.index_examples import index_examples

        return index_examples(self.repository, parse_reference(reference))
