"""`dsv verify`: whether what git holds of released versions is what it was, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dsv.model.reference import Ref
from dsv.repository import Repository
from dsv.repository.chosen_versions import Extent, chosen_versions
from dsv.repository.clock import now
from dsv.repository.verification import PLACES, Case, Problem, cases, in_signatures


class Signatures(Enum):
    """Whether a version needs a signature that git believes."""

    NEEDED = "needed"
    LEFT_OUT = "left out"


@dataclass(frozen=True)
class VerifiedVersion:
    """One version: the tree digest of its manifest, the one that its tag names, and what is wrong."""

    reference: str
    expected: str | None
    actual: str | None
    checked_at: str
    problems: Sequence[Problem]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ref": self.reference,
            "ok": self.ok,
            "expected": self.expected,
            "actual": self.actual,
            "checked_at": self.checked_at,
            "problems": [each.document() for each in self.problems],
        }


@dataclass(frozen=True)
class Verified:
    """What was found of each version."""

    results: Sequence[VerifiedVersion]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong anywhere."""
        return all(each.ok for each in self.results)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"ok": self.ok, "results": [each.document() for each in self.results]}


def verify(
    repository: Repository,
    *references: Ref,
    extent: Extent = Extent.LATEST,
    signatures: Signatures = Signatures.LEFT_OUT,
) -> Verified:
    """The named versions, else those that `extent` says, held against their manifests in each place by itself.

    A place that is wrong is a problem even if another one is right. No data is read.
    """
    places = [*PLACES, *([in_signatures] if signatures is Signatures.NEEDED else [])]
    chosen = chosen_versions(repository, references, extent=extent)
    return Verified(
        [_verified(case, [problem for look in places for problem in look(case)]) for case in cases(repository, chosen)]
    )


def _verified(case: Case, problems: Sequence[Problem]) -> VerifiedVersion:
    return VerifiedVersion(
        reference=case.known.name,
        expected=case.manifest.digests.tree if case.manifest else None,
        actual=case.release.tree if case.release else None,
        checked_at=now(),
        problems=problems,
    )
