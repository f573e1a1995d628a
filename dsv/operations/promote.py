"""`dsv promote` and `dsv demote`: which version a stage points to, for dsv by an event and for GTO by a tag."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dsv.errors import ConflictError, ExistsError, GateError, NoVersionError
from dsv.model.name import check_name
from dsv.model.reference import Ref
from dsv.model.standing import Happening
from dsv.model.subject import Subject
from dsv.repository import Repository, exclusively
from dsv.repository.known.catalog import KnownVersion, Versions, find, require_dataset, resolve, versions_of
from dsv.repository.known.events import Recorded, StageTags, record

_NUMBER = re.compile(r"#([0-9]+)$")
_TAKEN_BACK = "!"


def promote(repository: Repository, reference: Ref, stage: str, *, reason: str = "") -> Recorded:
    """The stage points to the version from now on; a name alone is its latest.

    Errors: GateError for a stage outside the vocabulary, ExistsError when it points there already, ConflictError
    for a version that was withdrawn.
    """
    check_name(stage, what="stage name")
    repository = repository.home_of(reference)
    allowed = repository.settings().vocabulary.stages
    if allowed and stage not in allowed:
        raise GateError(f"stage {stage!a} is not in the project's vocabulary", hint=f"one of {', '.join(allowed)}")
    with exclusively(repository, f"promote of {reference}"):
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        known, versions = find(repository, reference)
        # decide
        name = f"{versions.dataset} {known.version}"
        if known.status.withdrawn:
            raise ConflictError(
                f"{name} is {known.status.value}, so no stage can be it",
                hint=f"promote another, or dsv restore {versions.dataset}@{known.version} first",
            )
        if versions.standing.stages.get(stage) == known.version:
            raise ExistsError(f"{stage} is {name} already", hint="dsv list and dsv show tell the stages")
        resolve(repository, reference)  # which tells of a deprecated one
        if known.tag is None:
            repository.tell(f"{name} has no release tag, so GTO and DVC are not told of its stage")
        tags = _tags(repository, [known], stage, mark="", message=f"{stage} is {name}")
        # record
        return record(
            repository,
            Happening.PROMOTE,
            versions,
            version=known.version,
            reason=reason,
            words=f"Promote {name} to {stage}",
            data={"stage": stage},
            tags=tags,
        )


def demote(repository: Repository, subject: Subject, stage: str, *, reason: str = "") -> Recorded:
    """The stage points to no version from now on; a name alone is whichever version it points to.

    Errors: NoVersionError when it points to none, ConflictError when it points to another than the one named.
    """
    check_name(stage, what="stage name")
    repository = repository.home_of(subject.reference)
    with exclusively(repository, f"demote of {subject.reference}"):
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        versions = versions_of(repository, require_dataset(repository, subject.reference.dataset))
        at = versions.standing.stages.get(stage)
        # decide
        if at is None:
            stages = ", ".join(sorted(versions.standing.stages))
            raise NoVersionError(
                f"{versions.dataset} has no stage {stage}", hint=f"it has {stages}" if stages else "it has none"
            )
        if not subject.whole and (named := find(repository, subject.reference)[0].version) != at:
            raise ConflictError(
                f"{stage} is {versions.dataset} {at}, not {named}", hint=f"dsv demote {versions.dataset}@{at} {stage}"
            )
        tags = _tags(
            repository, _assigned(versions, stage), stage, mark=_TAKEN_BACK, message=f"{stage} is no version any more"
        )
        # record
        return record(
            repository,
            Happening.DEMOTE,
            versions,
            version=at,
            reason=reason,
            words=f"Demote {versions.dataset} {at} from {stage}",
            data={"stage": stage},
            tags=tags,
        )


def _assigned(versions: Versions, stage: str) -> list[KnownVersion]:
    """The versions that GTO may take for the stage's: when its last one goes, it goes back to the one before."""
    assigned = set(versions.standing.assigned.get(stage, ()))
    return [each for each in versions.known if each.version in assigned]


def _tags(repository: Repository, about: Sequence[KnownVersion], stage: str, *, mark: str, message: str) -> StageTags:
    """Tags in GTO's form, `NAME#STAGE#N` or `NAME#STAGE!#N`, on the commits that the release tags name.

    What was never assigned is not taken back. N counts all such tags of a dataset.
    """
    messages: dict[str, str] = {}
    commits: dict[str, str] = {}
    for known in about:
        start = repository.layout.stage_tag(known.dataset, stage)
        there = repository.git.tags(repository.layout.stage_tag(known.dataset, "*"))
        told = any(each.commit == known.tag_commit and each.name.startswith(f"{start}#") for each in there)
        if known.tag_commit is None or (mark and not told):
            continue
        numbers = [int(found[1]) for each in there if (found := _NUMBER.search(each.name))]
        numbers += [int(name.rpartition("#")[2]) for name in messages]
        name = f"{start}{mark}#{max(numbers, default=0) + 1}"
        messages[name], commits[name] = f"{message}\n", known.tag_commit
    return StageTags(messages, commits)
