"""A check of a release: what it wants to know of each record, and how it comes out for a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dsv.checks.rules.outcome import Outcome, Result

if TYPE_CHECKING:
    from dsv.checks.rules.version import CheckedVersion
    from dsv.records.inspection import Inspection


class Check(Protocol):
    """Something that a version is held against before it is released."""

    @property
    def name(self) -> str:
        """What `--waive` and manifests call it."""

    def inspections(self) -> Sequence[Inspection]:
        """What is to be noted while the records are read anyway."""

    def outcome(self, version: CheckedVersion) -> Outcome:
        """How it comes out."""


@dataclass(frozen=True)
class RecordCheck:
    """Something that may be wrong with a record and must be with none: whatever the inspection counts.

    `what` says in a few words what is wrong with the records that it counts: "do not fit schema.json".
    """

    name: str
    inspection: Inspection
    what: str

    def inspections(self) -> Sequence[Inspection]:
        """Its only one."""
        return (self.inspection,)

    def outcome(self, version: CheckedVersion) -> Outcome:
        """FAILED where there is such a record."""
        found = version.noted(self.inspection)
        records = f"{found.count:,} of {version.records:,} records"
        return Outcome(
            check=self.name,
            result=Result.FAILED if found.count else Result.PASSED,
            message=f"{records} {self.what}" if found.count else "no record is wrong",
            value=str(found.count),
            limit="0",
            count=found.count,
            first=found.first,
        )
