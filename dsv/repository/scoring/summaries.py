"""What the scores that a dataset has come to in one of its versions, or in the work tree.

It follows from the record index and the files of scores alone. What was computed once is kept beside git, under a
name made of all that it follows from; deleting it costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING

from dsv.checks.rules.version import Scores
from dsv.errors import DiskError
from dsv.model.scores import PASSED, Scored, ScorerSummary
from dsv.records.scores.revisions import latest_scores, merged_kinds
from dsv.records.scores.summing import summary
from dsv.repository import sealed
from dsv.repository.known.catalog import versions_of
from dsv.repository.scoring.score_files import ScorePointer, opened_scores, score_pointers

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.repository.contents.comparison import Side
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.repository import Repository

_FORM = 1
"""Counts what summaries are made of: what an older dsv kept is not looked at."""


def summaries(
    repository: Repository,
    side: Side,
    pointers: Sequence[ScorePointer],
    *,
    splits: Mapping[str, int],
    facets: Sequence[str] = (),
) -> list[ScorerSummary]:
    """A summary for each scorer, by name; `splits` are the numbers of records by split.

    Errors: MissingDataError where a file of scores is not here, MismatchError where one is damaged.
    """
    if not pointers:
        return []
    kept = _place_of(repository, side, pointers, splits=splits, facets=facets)
    found = sealed.read(kept, list[ScorerSummary])
    if found is None:
        scorers = opened_scores(repository, pointers)
        found = [
            summary(
                scorer,
                latest_scores(several),
                kinds=merged_kinds(several),
                entries=side.index.entries(),
                split_of=side.split_of_file(),
                records=side.records,
                splits=splits,
                facets=facets,
            )
            for scorer, several in sorted(scorers.items())
        ]
        with suppress(DiskError):  # where nothing can be kept, it is computed again
            sealed.write(kept, found)
    return found


def scores_of_snapshot(repository: Repository, snapshot: Snapshot, settings: DatasetSettings) -> list[ScorerSummary]:
    """What the scores that the records of this data have already come to: those that a version of it would begin with.

    Nothing is read where the dataset has no scores, and nothing twice. Errors: those of `summaries`.
    """
    names = versions_of(repository, settings.name).names
    pointers = score_pointers(repository, names)
    if not pointers:
        return []
    return summaries(repository, snapshot.side(), pointers, splits=snapshot.splits, facets=facets_of(settings))


def as_checks_see(found: Sequence[ScorerSummary]) -> dict[str, Scores]:
    """The summaries by scorer, as much of them as rules ask for."""
    return {each.scorer: _for_checks(each.whole) for each in found}


def _for_checks(part: Scored) -> Scores:
    # Twelve digits: three scores of 0.7 have the mean 0.7, though the sum of the doubles is a little less.
    sums = {name: (Fraction(f"{spread.total:.12g}"), spread.n) for name, spread in part.numbers.items()}
    passed = part.flags.get(PASSED)
    return Scores(part.n, sums, judged=passed.n if passed else 0, passed=passed.true if passed else 0)


def facets_of(settings: DatasetSettings) -> tuple[str, ...]:
    """The columns by whose values scores are told: those that the dataset declares, and its label fields."""
    return tuple(dict.fromkeys((*settings.facets, *settings.label_fields)))


def _place_of(
    repository: Repository,
    side: Side,
    pointers: Sequence[ScorePointer],
    *,
    splits: Mapping[str, int],
    facets: Sequence[str],
) -> str:
    """Where the summaries are kept that follow from all this."""
    causes = [
        _FORM,
        side.index.tree_digest,
        side.records,
        side.index.keyed,
        repr(side.reading),
        sorted(splits.items()),
        list(facets),
        [[each.scorer, each.oid] for each in pointers],
    ]
    digest = hashlib.sha256(json.dumps(causes).encode()).hexdigest()
    return os.path.join(repository.state, "scores", f"{digest[:32]}")
