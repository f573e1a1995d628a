"""`dsv status`: what changed since the base, and the version that would follow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dsv.errors import BadDataError, ExistsError, IntegrityError, MissingDataError
from dsv.model.change import Change
from dsv.model.numbering import NumberRequest, first_number, next_number
from dsv.model.policy import Verdict
from dsv.model.standing import UNLISTED
from dsv.model.version import Level, Version
from dsv.repository import Repository
from dsv.repository.contents.clean_look import Glance, glance, no_change, remember_clean
from dsv.repository.known.catalog import Versions, dataset_names, require_dataset, version_with

if TYPE_CHECKING:
    from dsv.repository.comparing.explanation import Explanation
    from dsv.repository.contents.snapshot import Snapshot


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
            **self._explained(),
        }

    def _explained(self) -> dict[str, Any]:
        from dsv.repository.comparing.explanation import explanation_document

        return explanation_document(self.explanation) if self.explanation else {}


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

    Without a name, archived and removed ones are left out. Errors: NoDatasetError for an unknown name; BadDataError
    for a named dataset whose declaration or manifest cannot be read. Among all, such a dataset is incomplete, and
    hides none of the others that can.
    """
    if names:
        wanted = dict.fromkeys(require_dataset(repository, name) for name in names)
        found = [_status_of(repository, name, glance(repository, name), explain=explain) for name in wanted]
    else:
        among_all = (_status_among_all(repository, name, explain=explain) for name in dataset_names(repository))
        found = [each for each in among_all if each is not None]
        if found and not any(each.path for each in found):  # then what is wrong with the first is the answer
            _status_of(repository, found[0].dataset, glance(repository, found[0].dataset), explain=explain)
    if os.path.isdir(repository.merges) or repository.git.busy_with():
        found = [_after_merge(repository, each) for each in found]
    return Status(found)


def _after_merge(repository: Repository, found: DatasetStatus) -> DatasetStatus:
    """The same; but changed, where a merge has changed the dataset and its data is not here yet."""
    from dsv.repository.merging.merge_notes import problem_of

    problem = problem_of(repository, found.dataset, found.path) if found.path else None
    if problem is None:
        return found
    state = "changed" if found.state == "clean" else found.state
    return replace(found, state=state, problems=[problem, *found.problems])


def _status_among_all(repository: Repository, name: str, *, explain: bool) -> DatasetStatus | None:
    """None for a dataset that lists leave out."""
    try:
        seen = glance(repository, name)
        if seen.versions.standing.dataset in UNLISTED:
            return None
        return _status_of(repository, name, seen, explain=explain)
    except (BadDataError, IntegrityError) as error:
        return DatasetStatus(name, "", "incomplete", problems=[error.message])


def _status_of(repository: Repository, name: str, seen: Glance, *, explain: bool) -> DatasetStatus:
    if seen.clean is None:
        return _closer_look(repository, name, seen, explain=explain)
    clean, versions = seen.clean, seen.versions
    return DatasetStatus(
        dataset=name,
        path=clean.path,
        state="clean",
        base=max(each.version for each in versions.bases()),
        at=max(each.version for each in versions.bases()),
        change=no_change(clean.built, files=clean.files),
        dialects=clean.dialects,
    )


def _closer_look(repository: Repository, name: str, seen: Glance, *, explain: bool) -> DatasetStatus:
    # What reads declarations and manifests takes longer to load than a glance takes.
    from dsv.repository.comparing.explanation import explain_since
    from dsv.repository.comparing.versions import compare_with_base
    from dsv.repository.contents.gather import gather
    from dsv.repository.declared.datasets import load_dataset_file, policy_of

    settings = load_dataset_file(repository, name)
    versions = seen.versions
    base = versions.newest_base
    base_version = base.version if base else None
    if not os.path.lexists(repository.layout.absolute(settings.path)):
        return DatasetStatus(name, settings.path, "missing" if base else "new", base_version)
    try:
        snapshot = gather(repository, name, settings, walked=seen.walked)
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
    if state == "changed" and base is not None:
        problems = [*problems, *_taken(base.version, verdict, versions)]
    if base is not None and state == "clean" and not problems:
        remember_clean(repository, snapshot, settings, manifest=base.blob)
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


def _taken(base: Version, verdict: Verdict, versions: Versions) -> list[str]:
    """Why the version that follows cannot have its number, where a withdrawn one, or one elsewhere, has it."""
    try:
        next_number(base, verdict, NumberRequest(), taken=versions.taken)
    except ExistsError as error:
        return [f"{error.message}; {error.hint}"]
    return []


def _version_at(
    repository: Repository, versions: Versions, snapshot: Snapshot, *, base_is_here: bool
) -> Version | None:
    """The highest version whose tree digest the data has."""
    bases = versions.bases()
    if base_is_here:
        return max(each.version for each in bases)
    known = version_with(repository, versions, tree=snapshot.tree)
    return None if known is None else known.version
