"""The metrics that a registry has of single examples, as scores of the records that stand at their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import ConflictError
from dsv.model.reference import parse_reference
from dsv.model.registry_rows import PLACE_IN_FILE, score_row
from dsv.model.scores import By, Scorer
from dsv.model.standing import Happening
from dsv.repository.known.events import told_events
from dsv.repository.registries.source import Metrics, RegistrySource, metric_rows
from dsv.repository.scoring.importing import Offered, new_scores
from dsv.repository.scoring.keeping import keep_scores
from dsv.repository.scoring.target import target_of

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def scored_by(repository: Repository, names: Iterable[str], scorer: Scorer) -> frozenset[str]:
    """The versions of the datasets, `NAME@X.Y.Z`, that the scorer has given scores of."""
    events = told_events(repository, names)
    return frozenset(
        f"{each.dataset}@{each.version}"
        for each in events
        if each.event == Happening.SCORE.value and each.data.get("scorer") == scorer.id
    )


@dataclass
class Left:
    """How many rows of metrics could not be taken, and in which way."""

    empty: int = 0
    beyond: int = 0
    repeated: int = 0

    def __str__(self) -> str:
        said = {
            "with no score or no place": self.empty,
            "beyond the last record": self.beyond,
            "written again later": self.repeated,
        }
        return "rows " + ", ".join(f"{words}: {count:,}" for words, count in said.items() if count)

    @property
    def rows(self) -> int:
        """How many in all."""
        return self.empty + self.beyond + self.repeated


@dataclass(frozen=True)
class BroughtScores:
    """How many rows of metrics are scores now, and what was left."""

    rows: int
    left: Left


def bring_scores(
    repository: Repository, source: RegistrySource, metrics: Metrics, *, version: str, home: str, scorer: Scorer
) -> BroughtScores:
    """The metrics that the registry has of the version with this id, as scores of `home`; the caller holds the lock.

    Errors: ConflictError where a place says nothing, as there are several files; NothingChangedError where the scorer
    has given all of these scores already.
    """
    target = target_of(repository, parse_reference(home))
    files = target.side.index.files
    if len(files) != 1:
        raise ConflictError(
            f"a place says nothing in {home}, which has {len(files):,} files",
            hint="dsv quality import takes scores by key, record or file",
        )
    left = Left()
    with metric_rows(source, metrics, version) as rows:
        taken = _taken(rows, left, records=target.side.records)
        first = next(taken, None)
        if first is None:
            return BroughtScores(0, left)
        offered = Offered(f"the metrics of {home}", _with(first, taken), cells=False)
        with new_scores(repository, target, offered, scorer=scorer, by=By.INDEX) as made:
            kept = keep_scores(repository, target, made, scorer=scorer, by=By.INDEX)
    return BroughtScores(kept.rows, left)


def _with(first: Mapping[str, Any], rest: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    yield first
    yield from rest


def _taken(rows: Iterator[Mapping[str, Any]], left: Left, *, records: int) -> Iterator[dict[str, Any]]:
    """One row for each place, the last one that was written; the others are counted."""
    held: dict[str, Any] | None = None
    for row in rows:
        scores = score_row(row)
        if scores is None:
            left.empty += 1
        elif scores[PLACE_IN_FILE] >= records:
            left.beyond += 1
        else:
            if held is not None and held[PLACE_IN_FILE] != scores[PLACE_IN_FILE]:
                yield held
            elif held is not None:
                left.repeated += 1
            held = scores
    if held is not None:
        yield held
