"""What moving from a version to another means: its manifest tells it where it follows that, else record indexes do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import ExternalError, IntegrityError, NotFoundError
from dsv.model.executor import SERIAL
from dsv.model.policy import Policy
from dsv.model.policy_rules import decide
from dsv.repository.comparing.versions import record_index, side_from
from dsv.repository.contents.comparison import change_between
from dsv.repository.obtaining.indexes import with_index_of

if TYPE_CHECKING:
    from dsv.model.change import RecordCounts
    from dsv.model.version import Level
    from dsv.repository.contents.comparison import Side
    from dsv.repository.obtaining.finding import FoundVersion


@dataclass(frozen=True)
class Movement:
    """The difference between two versions: its level and why, and what became of the records.

    Without `records` they could not be compared, and `reasons` say why.
    """

    level: Level | None
    reasons: Sequence[str]
    records: RecordCounts | None = None
    changed_share: float | None = None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        counts = self.records
        records = (
            {
                "old": counts.unchanged + counts.moved + counts.modified + counts.removed,
                "new": counts.unchanged + counts.moved + counts.modified + counts.added,
                "added": counts.added,
                "removed": counts.removed,
                "modified": counts.modified,
                "moved": counts.moved,
                "unchanged": counts.unchanged,
                "changed_share": self.changed_share,
            }
            if counts
            else None
        )
        return {"level": self.level.word if self.level else None, "reasons": list(self.reasons), "records": records}


def movement(old: FoundVersion, new: FoundVersion) -> Movement:
    """What moving from the old version to the new one changes; record indexes that are not here are fetched."""
    change = new.manifest.change
    if change.previous == old.known.version and old.known.dataset == new.known.dataset:
        return Movement(change.computed, change.reasons, change.records.counts, change.records.changed_share)
    try:
        left, right = _side(old), _side(new)
    except (ExternalError, IntegrityError, NotFoundError) as error:
        return Movement(None, [f"not compared: {error.message}"])
    by = change.policy
    policy = Policy(name=by.name, major=by.major, minor=by.minor, rare_fields=by.rare_fields)
    found = change_between(left, right, policy=policy, executor=SERIAL)
    verdict = decide(found, policy=policy)
    return Movement(verdict.level, verdict.reasons, found.records, float(round(found.share, 6)))


def _side(found: FoundVersion) -> Side:
    place = with_index_of(found)
    return side_from(found.name, found.manifest, record_index(place, found.known, found.manifest))
