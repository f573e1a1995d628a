"""`dsv status`: what changed since the base, and the version that would follow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsv.errors import BadDataError, MissingDataError
from dsv.model.change import Change
from dsv.model.numbering import NumberRequest, first_number, next_number
from dsv.model.policy import Verdict
from dsv.model.version import Level, Version
from dsv.repository import Repository
from dsv.repository.catalog import Versions, dataset_names, read_manifest, require_dataset, versions_of
from dsv.repository.datasets import load_dataset_file, policy_of
from dsv.repository.explanation import Explanation, explain_since, explanation_document
from dsv.repository.gather import gather
from dsv.repository.snapshot import Snapshot
from dsv.repository.versions import compare_with_base


@dataclass(frozen=True)
class Suggestion:
    """The version that a release would make now."""

    level: Level
    version: Version
    reasons: Sequence[str]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"level": self.level.word, "version": str(self.version), "reasons": list(self.reasons)}


@dataclass(frozen=True)
class DatasetStatus:
    """One dataset: `state` is new, clean, changed, missing or incomplete; `at` the version whose data lies here.

    `dialects` tells how many files of rows are spelled in which way.
    """

    dataset: str
    path: str
    state: str
    base: Version | None = None
    at: Version | None = None
    change: Change | None = None
    suggested: Suggestion | None = None
    problems: Sequence[str] = ()
    explanation: Sequence[Explanation] = ()
    dialects: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "dataset": self.dataset,
            "path": self.path,
            "base": None if self.base is None else str(self.base),
            "at": None if self.at is None else str(self.at),
            "state": self.state,
            "files": None if self.change is None else self.change.files.document(),
            "records": None if self.change is None else self.change.records_document(),
            "suggested": None if self.suggested is None else self.suggested.document(),
            "problems": list(self.problems),
            **explanation_document(self.explanation),
        }


@dataclass(frozen=True)
class Status:
    """The datasets asked for, by name."""

    datasets: Sequence[DatasetStatus]

    @property
    def dirty(self) -> bool:
        """Whether any dataset is not as released."""
        return any(each.state != "clean" for each in self.datasets)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"datasets": [each.document() for each in self.datasets]}


def status(repository: Repository, *names: str, explain: bool = False) -> Status:
    """The state of the named datasets, of all without a name; `explain` finds records that show each reason.

    Errors: NoDatasetError for an unknown name.
    """
    for name in names:
        require_dataset(repository, name)
    return Status(
        [_status_of(repository, name, explain=explain) for name in dict.fromkeys(names or dataset_names(repository))]
    )


def _status_of(repository: Repository, name: str, *, explain: bool) -> DatasetStatus:
    settings = load_dataset_file(repository, name)
    versions = versions_of(repository, name)
    base = versions.newest_base
    base_version = base.version if base else None
    if not os.path.lexists(repository.layout.absolute(settings.path)):
        return DatasetStatus(name, settings.path, "missing" if base else "new", base_version)
    try:
        snapshot = gather(repository, name, settings)
    except BadDataError as error:
        problem = f"{error.message} ({error.hint})" if error.hint else error.message
        return DatasetStatus(name, settings.path, "changed" if base else "new", base_version, problems=[problem])
    problems = snapshot.problems()
    policy = policy_of(repository, settings)
    try:
        change, verdict = compare_with_base(repository, base, snapshot, policy=policy)
    except MissingDataError as error:
        state = "incomplete"
        return DatasetStatus(name, settings.path, state, base_version, problems=[f"{error.message} ({error.hint})"])
    state = "new" if base is None else "clean" if change.nothing else "changed"
    return DatasetStatus(
        dataset=name,
        path=settings.path,
        state=state,
        base=base_version,
        at=_version_at(repository, versions, snapshot, base_is_here=state == "clean"),
        change=change,
        suggested=_suggestion(base_version, verdict, versions, state=state),
        problems=problems,
        dialects=snapshot.dialects,
        explanation=explain_since(repository, base, snapshot, change, verdict) if explain and base else (),
    )


def _suggestion(base: Version | None, verdict: Verdict, versions: Versions, *, state: str) -> Suggestion | None:
    if state == "clean":
        return None
    if base is None:
        number = first_number(NumberRequest(), foreign=versions.foreign, taken=[])
    else:
        number = next_number(base, verdict, NumberRequest(), taken=[])
    return Suggestion(number.level, number.version, verdict.reasons)


def _version_at(
    repository: Repository, versions: Versions, snapshot: Snapshot, *, base_is_here: bool
) -> Version | None:
    """The highest version whose tree digest the data has."""
    bases = versions.bases()
    if base_is_here:
        return max(each.version for each in bases)
    for known in reversed(versions.known):
        if read_manifest(repository, known).digests.tree == snapshot.tree:
            return known.version
    return None
