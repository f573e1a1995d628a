"""`dsv verify`: whether released versions are what they were, place by place, and what can be put right."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dsv.errors import UsageError
from dsv.model.reference import Ref
from dsv.repository import Repository, exclusively
from dsv.repository.clock import now
from dsv.repository.transfer.chosen_versions import Extent, chosen_versions
from dsv.repository.verification.examination import Examination
from dsv.repository.verification.mending import Mended, Mending
from dsv.repository.verification.verification import PLACES, Case, Depth, Local, Place, Problem, cases, in_signatures

_ROUNDS = 5


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
    """What was found of each version; after a repair what is still wrong, and what was done.

    `repaired` is None where no repair was asked for, `quarantine` the directory with what was bad, where there is one.
    """

    results: Sequence[VerifiedVersion]
    repaired: Sequence[Mended] | None = None
    quarantine: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong anywhere."""
        return all(each.ok for each in self.results)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        found: dict[str, Any] = {"ok": self.ok, "results": [each.document() for each in self.results]}
        if self.repaired is not None:
            found["repaired"] = [each.document() for each in self.repaired]
            found["quarantine"] = self.quarantine
        return found


def verify(
    repository: Repository,
    *references: Ref,
    extent: Extent = Extent.LATEST,
    depth: Depth = Depth.LISTS,
    remote: str | None = None,
    local: Local = Local.LOOKED_AT,
    signatures: Signatures = Signatures.LEFT_OUT,
) -> Verified:
    """The named versions, else those that `extent` says, held against their manifests in each place by itself.

    A place that is wrong is a problem even if another one is right. With `remote` the objects are looked for there too:
    the one with this name, or the default one where it is empty. Errors: those of a remote that does not answer,
    UsageError for neither here nor there.
    """
    if local is Local.LEFT_OUT and remote is None:
        raise UsageError("without what is here there is only a remote to look at", hint="add --remote")
    looked_at = list(cases(repository, chosen_versions(repository, references, extent=extent)))
    places = _places(signatures)
    with closing(Examination(repository, places=places, depth=depth, remote=remote, local=local)) as look:
        found = look.problems(looked_at)
    return Verified(list(map(_verified, looked_at, found)))


def repair(
    repository: Repository,
    *references: Ref,
    extent: Extent = Extent.LATEST,
    depth: Depth = Depth.LISTS,
    remote: str | None = None,
    signatures: Signatures = Signatures.LEFT_OUT,
) -> Verified:
    """The same, and what is damaged or missing in a place put right with good bytes from another one.

    Bad bytes are kept in the quarantine. Each round may make the next one possible: a list that was replaced names
    objects that could not be looked for before.
    """
    with exclusively(repository, "verify --repair"):
        # gather
        looked_at = list(cases(repository, chosen_versions(repository, references, extent=extent)))
        with closing(Examination(repository, places=_places(signatures), depth=depth, remote=remote)) as look:
            found = look.problems(looked_at)
            mending, repaired = Mending(repository, look), list[Mended]()
            for _ in range(_ROUNDS):
                wrong = [number for number, problems in enumerate(found) if problems]
                # record
                done = mending.mend([(looked_at[number], found[number]) for number in wrong])
                if not done:
                    break
                repaired += done
                again = look.problems([looked_at[number] for number in wrong])
                for number, problems in zip(wrong, again, strict=True):
                    found[number] = problems
    kept = mending.quarantine.shown if any(each.kept for each in repaired) else None
    return Verified(list(map(_verified, looked_at, found)), repaired, kept)


def _places(signatures: Signatures) -> Sequence[Place]:
    return [*PLACES, *([in_signatures] if signatures is Signatures.NEEDED else [])]


def _verified(case: Case, problems: Sequence[Problem]) -> VerifiedVersion:
    return VerifiedVersion(
        reference=case.known.name,
        expected=case.manifest.digests.tree if case.manifest else None,
        actual=case.release.tree if case.release else None,
        checked_at=now(),
        problems=problems,
    )
