"""`dsv deprecate`, `yank`, `archive`, `remove`, `restore`: how a dataset or a version stands from now on."""

from __future__ import annotations

from dsv.errors import ExistsError, NothingChangedError, UsageError
from dsv.model.standing import GIVES, Happening, Standing
from dsv.model.subject import Subject
from dsv.model.version import Version
from dsv.repository import Repository, exclusively
from dsv.repository.known.catalog import Versions, find, require_dataset, versions_of
from dsv.repository.known.events import Recorded, record


def mark(repository: Repository, kind: Happening, subject: Subject, *, reason: str = "") -> Recorded:
    """The event recorded in a commit; nothing that was released changes.

    A name alone is the dataset as a whole. Errors: UsageError without a reason (restore needs none), for the
    archive of a version and the yank of a dataset; ExistsError when it stands so already; NothingChangedError
    when there is nothing to restore.
    """
    if not reason.strip() and kind is not Happening.RESTORE:
        raise UsageError(f"{kind.value} needs a reason", hint=f'dsv {kind.value} {subject.reference} --reason "why"')
    _refuse_wrong_subject(kind, subject)
    repository = repository.home_of(subject.reference)
    with exclusively(repository, f"{kind.value} of {subject.reference}"):
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        versions, version = _versions(repository, subject)
        # decide
        name = versions.dataset if version is None else f"{versions.dataset} {version}"
        if kind is Happening.RESTORE:
            data = {"event": _taken_back(versions.standing, version, name=name)}
        else:
            data = {}
            _refuse_again(kind, versions.standing, version, name=name)
        # record
        done = record(
            repository,
            kind,
            versions,
            version=version,
            reason=reason,
            words=f"{kind.value.capitalize()} {name}",
            data=data,
        )
        _tell_of_stages(repository, done, versions, version)
        return done


def _refuse_wrong_subject(kind: Happening, subject: Subject) -> None:
    name = subject.reference.subject
    if kind is Happening.ARCHIVE and not subject.whole:
        raise UsageError("a whole dataset is archived, not a version of it", hint=f"dsv archive {name}")
    if kind is Happening.YANK and subject.whole:
        raise UsageError(
            f"{name} names a dataset, and a version is yanked", hint=f"name it: dsv yank {name}@VERSION; see dsv log"
        )


def _versions(repository: Repository, subject: Subject) -> tuple[Versions, Version | None]:
    """The dataset's versions, and the one that is meant; None for the whole dataset."""
    if subject.whole:
        return versions_of(repository, require_dataset(repository, subject.reference.dataset)), None
    known, versions = find(repository, subject.reference)
    return versions, known.version


def _refuse_again(kind: Happening, standing: Standing, version: Version | None, *, name: str) -> None:
    for each in standing.standing.get(version, ()):
        if each.event == kind.value:
            raise ExistsError(f"{name} is {GIVES[kind].value} already: {each.told}", hint="dsv restore takes it back")


def _taken_back(standing: Standing, version: Version | None, *, name: str) -> str:
    """The kind of the event that a restore takes back: the last one that stands."""
    marks = standing.standing.get(version, ())
    if marks:
        return marks[-1].event
    cause = standing.cause(version)
    hint = "dsv show and dsv list --all tell how things stand"
    if cause is not None:
        hint = f"all of {cause.dataset} is {standing.dataset.value}: dsv restore {cause.dataset}"
    raise NothingChangedError(f"{name} is as released: there is nothing to restore", hint=hint)


def _tell_of_stages(repository: Repository, done: Recorded, versions: Versions, version: Version | None) -> None:
    """A stage that points to what was withdrawn is found no more, which nobody should learn in production."""
    for stage, at in sorted(done.standing.stages.items()):
        if version in (None, at) and done.standing.status(at).withdrawn:
            repository.tell(f"{versions.dataset}@{stage} is found no more, because it is {at}: dsv promote another")
