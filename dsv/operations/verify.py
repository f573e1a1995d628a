"""`dsv verify`: whether released versions are what they were, place by place, and what can be put right."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dsv.model.reference import Ref
from dsv.repository import Repository
from dsv.repository.cache_places import in_cache
from dsv.repository.chosen_versions import Extent, chosen_versions
from dsv.repository.clock import now
from dsv.repository.held_objects import HeldObjects
from dsv.repository.remade_indexes import RemadeIndexes
from dsv.repository.tree_places import WorkTree
from dsv.repository.verification import PLACES, Case, Depth, Problem, cases, in_signatures
from dsv.repository.version_contents import contents_of


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
    depth: Depth = Depth.LISTS,
    signatures: Signatures = Signatures.LEFT_OUT,
) -> Verified:
    """The named versions, else those that `extent` says, held against their manifests in each place by itself.

    A place that is wrong is a problem even if another one is right.
    """
    places = [*PLACES, *([in_signatures] if signatures is Signatures.NEEDED else [])]
    chosen = chosen_versions(repository, references, extent=extent)
    looked_at = list(cases(repository, chosen))
    found = {case.known: [problem for look in places for problem in look(case)] for case in looked_at}
    held = HeldObjects(repository)
    tree = WorkTree(repository, held, depth=depth)
    with _scratch(repository) if depth is Depth.BYTES else nullcontext("") as scratch:
        remade = RemadeIndexes(repository, held, directory=scratch)
        for case in sorted(looked_at, key=lambda case: (case.known.dataset, case.known.version)):
            if case.manifest is None:
                continue
            index_path = repository.layout.index_directory(case.known.dataset, case.known.version)
            contents = contents_of(case.manifest, index_path=index_path, read=held.content)
            from_data = list(remade.problems(case, contents)) if depth is Depth.BYTES else []
            found[case.known] += [*in_cache(case, contents, held), *from_data, *tree.problems(case, contents)]
    return Verified([_verified(case, found[case.known]) for case in looked_at])


def _scratch(repository: Repository) -> tempfile.TemporaryDirectory[str]:
    """A directory for what is made again."""
    os.makedirs(repository.state, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="verify-", dir=repository.state)


def _verified(case: Case, problems: Sequence[Problem]) -> VerifiedVersion:
    return VerifiedVersion(
        reference=case.known.name,
        expected=case.manifest.digests.tree if case.manifest else None,
        actual=case.release.tree if case.release else None,
        checked_at=now(),
        problems=problems,
    )
