"""What may be wrong around the datasets of a repository: small checks, one function each, and how each is mended.

A check takes what is examined and gives findings. A new one is a function, and a line in `CHECKS`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.adapters.git import SharedEdit
from dsv.adapters.git import transaction as git_transaction
from dsv.errors import ConflictError, DsvError, LockedError
from dsv.model.progress import untold
from dsv.repository import journal, lock
from dsv.repository.catalog import all_versions
from dsv.repository.datasets import load_dataset_file
from dsv.repository.layout import ARTIFACTS
from dsv.repository.merge_driver import (
    ATTRIBUTES,
    attribute_pattern,
    attributed,
    attributes_text,
    attributes_with,
    configure_driver,
    driver_command,
    is_in_use,
    program_of,
)
from dsv.repository.merge_notes import noted, unplaced

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.repository.repository import Repository

_SHOWN = 5


class Level(Enum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and what mends it, for people.

    What dsv can mend is done by `act`, which commits nothing, or by the `edits` of files that others write too.
    """

    check: str
    level: Level
    message: str
    fix: str
    act: Callable[[], None] | None = None
    edits: Mapping[str, SharedEdit] = field(default_factory=dict)

    @property
    def mendable(self) -> bool:
        """Whether dsv mends it itself."""
        return self.act is not None or bool(self.edits)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"check": self.check, "level": self.level.value, "message": self.message, "fix": self.fix}


@dataclass(frozen=True)
class Subject:
    """What is examined."""

    repository: Repository

    @cached_property
    def released(self) -> dict[str, DatasetSettings]:
        """The declarations of the datasets that HEAD's tree has versions of, by name, as far as they can be read."""
        found = {}
        for name, versions in all_versions(self.repository).items():
            if any(each.in_head for each in versions.known):
                with suppress(DsvError):
                    found[name] = load_dataset_file(self.repository, name)
        return found


def examine(repository: Repository) -> list[Finding]:
    """Everything that the checks find, in their order."""
    subject = Subject(repository)
    return [finding for check in CHECKS for finding in check(subject)]


def interrupted_operation(subject: Subject) -> Iterator[Finding]:
    """A command was killed, and none came after it."""
    repository = subject.repository
    if not os.path.exists(repository.journal_file) or _is_at_work(repository):
        return
    try:
        entry = journal.load(repository.journal_file)
    except DsvError as error:
        yield Finding("interrupted operation", Level.ERROR, error.message, error.hint or "")
        return
    if entry is not None:
        yield Finding(
            "interrupted operation",
            Level.ERROR,
            f"the {entry.operation} was interrupted",
            "dsv doctor --fix finishes or undoes it, as the next command that writes does",
            act=_nothing_more,  # whoever takes the lock puts it in order
        )


def stale_index_lock(subject: Subject) -> Iterator[Finding]:
    """Git's index is locked by a dsv that is gone."""
    repository = subject.repository
    git = repository.git
    if not git_transaction.index_is_held(git) or os.path.exists(repository.journal_file) or _is_at_work(repository):
        return
    yield Finding(
        "stale index.lock",
        Level.ERROR,
        "git's index is locked by a dsv that was killed",
        "dsv doctor --fix removes the lock",
        act=partial(git_transaction.let_index_go, git),
    )


def artifacts(subject: Subject) -> Iterator[Finding]:
    """dvc.yaml names every released dataset, once and in order, so that `dvc artifacts get` finds it."""
    repository = subject.repository
    released = subject.released
    text = (repository.text(ARTIFACTS) or b"").decode(errors="surrogateescape")
    try:
        names = dvc.artifact_names(text)
        missing = {name: settings for name, settings in released.items() if name not in names}
        own = [name for name in names if name in released]
        edits = {ARTIFACTS: partial(_artifacts_mended, missing=missing, own=sorted(released))}
        edits[ARTIFACTS](text)
    except ConflictError as error:
        yield Finding("artifacts", Level.ERROR, error.message, error.hint or "")
        return
    if missing:
        yield Finding(
            "artifacts",
            Level.ERROR,
            f"{ARTIFACTS} has no artifact for {_several(missing)}",
            "dsv doctor --fix writes the entries",
            edits=edits,
        )
    if len(set(own)) < len(own):
        twice = sorted({name for name in own if own.count(name) > 1})
        message = f"{ARTIFACTS} names {_several(twice)} more than once"
        yield Finding("artifacts", Level.ERROR, message, "dsv doctor --fix keeps the first", edits=edits)
    elif own != sorted(own):
        message = f"the artifacts of datasets in {ARTIFACTS} are not in order, so that branches merge less often"
        yield Finding("artifacts", Level.WARNING, message, "dsv doctor --fix sorts them", edits=edits)


def ignored_data(subject: Subject) -> Iterator[Finding]:
    """Git ignores the data of every released dataset, by one line each, in order."""
    repository = subject.repository
    layout = repository.layout
    by_file: dict[str, list[str]] = {}
    for settings in subject.released.values():
        if repository.text(layout.data_pointer(settings.path)) is not None:  # else a stage's, for which DVC sees to it
            folder, _, name = settings.path.rpartition("/")
            by_file.setdefault(f"{folder}/.gitignore".lstrip("/"), []).append(name)
    for file, names in sorted(by_file.items()):
        text = (repository.text(file) or b"").decode(errors="surrogateescape")
        folder = file.removesuffix(".gitignore")
        absent = [name for name in dvc.gitignore_lacks(text, names) if not _is_ignored(repository, folder + name)]
        edits = {file: partial(_gitignore_mended, missing=absent, names=names)}
        if absent:
            yield Finding(
                "ignored data",
                Level.ERROR,
                f"git does not ignore {_several([folder + name for name in absent])}",
                f"dsv doctor --fix puts the lines into {file}",
                edits=edits,
            )
        elif edits[file](text) != text:
            message = f"the lines of datasets in {file} are repeated, or not in order"
            yield Finding("ignored data", Level.WARNING, message, "dsv doctor --fix sorts them", edits=edits)


def hidden_data(subject: Subject) -> Iterator[Finding]:
    """Nothing that git ignores beside pointers is without one: a `dvc add` that was killed leaves data so."""
    repository = subject.repository
    layout, git = repository.layout, repository.git
    pointers = git.tracked_below(layout.prefix, "*.dvc")
    folders = sorted({os.path.dirname(layout.from_git(path)) for path in pointers})
    for folder in folders:
        file = f"{folder}/.gitignore".lstrip("/")
        text = (repository.text(file) or b"").decode(errors="surrogateescape")
        for name in dvc.gitignored_names(text):
            path = f"{folder}/{name}".lstrip("/")
            if os.path.exists(layout.absolute(path)) and not _has_pointer(repository, path):
                yield Finding(
                    "hidden data",
                    Level.WARNING,
                    f"git ignores {path}, and no pointer keeps it: it is in no commit",
                    f"dsv add {path} releases it; or take its line out of {file}",
                )


def merge_driver(subject: Subject) -> Iterator[Finding]:
    """Where attributes name the driver git knows it, and every dataset has its attribute."""
    repository = subject.repository
    if not is_in_use(repository):
        return
    command = driver_command(repository)
    act = partial(configure_driver, repository)
    if command is None:
        message = f"{ATTRIBUTES} names the merge driver of dsv, which this clone does not know: data merges as text"
        yield Finding("merge driver", Level.WARNING, message, "dsv doctor --fix sets it up", act=act)
    elif shutil.which(program_of(command)) is None:
        message = f"the merge driver is {program_of(command)}, which is not there"
        yield Finding("merge driver", Level.WARNING, message, "dsv doctor --fix sets it up anew", act=act)
    pointers = [repository.layout.data_pointer(settings.path) for settings in subject.released.values()]
    pointers = [pointer for pointer in pointers if repository.text(pointer) is not None]
    missing = sorted({attribute_pattern(each) for each in pointers}.difference(attributed(attributes_text(repository))))
    if missing:
        yield Finding(
            "merge driver",
            Level.WARNING,
            f"{ATTRIBUTES} does not name the merge driver for {_several(missing)}",
            "dsv doctor --fix writes the lines",
            edits={ATTRIBUTES: partial(attributes_with, pointers=pointers)},
        )


def merged_data(subject: Subject) -> Iterator[Finding]:
    """The data that a merge came to is in the work tree."""
    for note in noted(subject.repository):
        if unplaced(subject.repository, note.dataset) is not None:
            message = f"{note.path} does not hold what was merged yet"
            yield Finding("merged data", Level.WARNING, message, f"dsv merge {note.dataset} brings it")


def dvc_settings(subject: Subject) -> Iterator[Finding]:
    """DVC copies data rather than linking it, and there is a remote that keeps objects."""
    try:
        found = dvc.configuration(subject.repository.layout.root)
    except DsvError as error:
        yield Finding("dvc settings", Level.ERROR, error.message, error.hint or "")
        return
    if found.links:
        message = f"cache.type allows {' and '.join(found.links)}: an edit of the data would change the cache too"
        yield Finding("cache type", Level.WARNING, message, "dvc config cache.type reflink,copy")
    for name in found.version_aware:
        message = f"the remote {name} is version aware, and rewrites the pointers of released versions on push"
        yield Finding("remote", Level.ERROR, message, f"dvc remote modify {name} version_aware false")
    if not found.remotes:
        message = "there is no remote: the data is on this machine alone"
        yield Finding("remote", Level.WARNING, message, "dsv remote add NAME URL --default")
    elif found.default_remote is None:
        message = f"none of the remotes {_several(found.remotes)} is the default"
        yield Finding("remote", Level.WARNING, message, f"dvc remote default {found.remotes[0]}")


CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    interrupted_operation,
    stale_index_lock,
    artifacts,
    ignored_data,
    hidden_data,
    merge_driver,
    merged_data,
    dvc_settings,
)
"""All checks, those first that others rest on."""


def _nothing_more() -> None:
    """Taking the lock was enough."""


def _is_at_work(repository: Repository) -> bool:
    """Whether another dsv holds the lock, so that what looks left behind is not."""
    path = os.path.join(repository.git.common, "dsv", "lock")
    try:
        with lock.exclusive(path, operation="doctor", timeout=0, tell=untold):
            return False
    except LockedError:
        return True


def _artifacts_mended(text: str, *, missing: Mapping[str, DatasetSettings], own: list[str]) -> str:
    text = dvc.artifacts_in_order(text, own)
    for name, settings in missing.items():
        artifact = dvc.Artifact(path=settings.path, type="dataset", desc=settings.description)
        text = dvc.artifacts_with(text, name, artifact=artifact)
    return text


def _gitignore_mended(text: str, *, missing: list[str], names: list[str]) -> str:
    text = dvc.gitignore_in_order(text, names)
    for name in missing:
        text = dvc.gitignore_with(text, name)
    return text


def _is_ignored(repository: Repository, path: str) -> bool:
    return repository.git.ignored(repository.layout.in_git(path)) is not None


def _has_pointer(repository: Repository, path: str) -> bool:
    from dsv.repository.pointers import stage_making

    pointer = repository.layout.absolute(repository.layout.data_pointer(path))
    return os.path.exists(pointer) or stage_making(repository, path) is not None


def _several(names: Any) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"{', '.join(shown[:_SHOWN])}{more}"
