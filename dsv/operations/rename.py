"""`dsv rename`: another name for a dataset, under which its versions go on."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import Any

from dsv.adapters import dvc
from dsv.adapters.git.transaction import SharedEdit
from dsv.errors import ExistsError, UsageError
from dsv.model.dataset import DatasetSettings, edited_dataset
from dsv.model.name import check_name
from dsv.model.standing import Happening
from dsv.repository import Repository, exclusively
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.known.catalog import every_name, require_dataset, versions_of
from dsv.repository.known.events import Recorded, new_event, record
from dsv.repository.layout import ARTIFACTS
from dsv.repository.writing.transaction import Writing
from dsv.repository.writing.uncommitted import refuse_uncommitted


@dataclass(frozen=True)
class Renamed:
    """The name that the dataset had and the one it has, and the event that tells of it."""

    old: str
    dataset: str
    recorded: Recorded

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {**self.recorded.document(), "old": self.old, "dataset": self.dataset}


def rename(repository: Repository, old: str, new: str, *, reason: str = "") -> Renamed:
    """The dataset under its new name; what was released stays where it lies, and is found under both.

    An event in either directory tells of the other. Errors: ExistsError for a name that is or was one, in any case of
    its letters, ConflictError while the declaration has changes that no commit holds.
    """
    check_name(new)
    with exclusively(repository, f"rename of {old}"):
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        old = require_dataset(repository, old)
        versions = versions_of(repository, old)
        settings = load_dataset_file(repository, old)
        # decide
        _refuse_taken(repository, old, new)
        layout = repository.layout
        own = _declaration(repository, settings, new)
        event, content = new_event(
            repository,
            Happening.RENAME,
            dataset=new,
            version=None,
            reason=reason,
            standing=versions.standing,
            data={"from": old},
        )
        own[f"{layout.events(new)}/{event.file}"] = content
        artifacts: dict[str, SharedEdit] = {ARTIFACTS: lambda text: dvc.artifacts_renamed(text, old, new)}
        beside = Writing("", "", own=own, shared=artifacts if repository.text(ARTIFACTS) is not None else {})
        # record
        done = record(
            repository,
            Happening.RENAME,
            versions,
            version=None,
            reason=reason,
            words=f"Rename {old} to {new}",
            data={"to": new},
            beside=beside,
        )
        with contextlib.suppress(OSError):  # what was seen of its files need not be looked at again
            os.rename(os.path.join(repository.work_state, old), os.path.join(repository.work_state, new))
    return Renamed(old, new, done)


def _refuse_taken(repository: Repository, old: str, new: str) -> None:
    """Also by a name that is no more: references to it are still found."""
    if new == old:
        raise UsageError(f"{old} is its name already", hint="name another")
    for other, present in every_name(repository).items():
        if other.lower() == new.lower():
            said = f"there is a dataset {other}" if other == present else f"{other} was a name of {present}"
            raise ExistsError(said, hint="names differ in more than case, and are never used again")
    directory = repository.layout.directory(new)
    if os.path.lexists(repository.layout.absolute(directory)):
        raise ExistsError(f"{directory} is there already", hint="choose another name, or move it away")


def _declaration(repository: Repository, settings: DatasetSettings, new: str) -> dict[str, bytes | None]:
    """dataset.yaml in the new directory, and the JSON Schema of its records if that lies beside it."""
    layout, old = repository.layout, settings.name
    file = layout.dataset_file(old)
    names = [file]
    if settings.schema_file is not None:
        names.append(f"{layout.directory(old)}/{settings.schema_file}")
    refuse_uncommitted(repository, *names, hint="commit them first")
    own: dict[str, bytes | None] = {}
    for name in names:
        content = repository.text(name)
        if content is not None:
            own[name] = None
            own[f"{layout.directory(new)}{name.removeprefix(layout.directory(old))}"] = content
    text = repository.text(file) or b""
    own[layout.dataset_file(new)] = edited_dataset(text, settings.model_copy(update={"name": new}), file=file)
    return own
