"""`dsv move`: the data of a dataset to another path, and everything that names it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

from dsv.adapters import dvc
from dsv.adapters.git.transaction import SharedEdit
from dsv.errors import ConflictError, DiskError, ExistsError, NothingChangedError, OverlapError, TrackedError
from dsv.model.dataset import DatasetSettings, edited_dataset, load_dataset
from dsv.model.standing import Happening
from dsv.repository import Repository, exclusively
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.declared.places import check_claim, check_place, relative_path
from dsv.repository.declared.pointers import stage_making
from dsv.repository.known.catalog import require_dataset, versions_of
from dsv.repository.known.events import Recorded, record
from dsv.repository.layout import ARTIFACTS
from dsv.repository.merging.merge_driver import (
    ATTRIBUTES,
    attribute_pattern,
    attributed,
    attributes_text,
    attributes_with,
    attributes_without,
)
from dsv.repository.writing.transaction import Writing
from dsv.repository.writing.uncommitted import is_committed, refuse_uncommitted


@dataclass(frozen=True)
class Moved:
    """Where the data was and is, and the event that tells of it."""

    old: str
    path: str
    recorded: Recorded

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {**self.recorded.document(), "path": self.path}


def move(repository: Repository, name: str, path: str, *, reason: str = "") -> Moved:
    """The data, its pointer, its line in .gitignore, its entry in dvc.yaml and its declaration, all at the new path.

    Versions released before keep the path that they had; `checkout` puts their data where the dataset lies now.
    Errors: ExistsError where something lies at the path, OverlapError, those of a path that cannot be versioned,
    ConflictError while the pointer has changes that no commit holds.
    """
    with exclusively(repository, f"move of {name}"):
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        name = require_dataset(repository, name)
        settings = load_dataset_file(repository, name)
        target = relative_path(repository, path)
        # decide
        _refuse_target(repository, settings, target)
        beside = _writing(repository, settings, target)
        _refuse_other_file_system(repository, settings.path, target)
        # record
        done = record(
            repository,
            Happening.MOVE,
            versions_of(repository, name),
            version=None,
            reason=reason,
            words=f"Move {name} to {target}",
            data={"from": settings.path, "to": target},
            beside=beside,
        )
    here = repository.layout.absolute(target)
    if os.path.isfile(here) and os.path.basename(settings.path) != os.path.basename(target):
        repository.tell(f"the name of a single file is part of its version: dsv bump {name} releases it")
    return Moved(settings.path, target, done)


def _refuse_target(repository: Repository, settings: DatasetSettings, target: str) -> None:
    layout, name = repository.layout, settings.name
    if target == settings.path:
        raise NothingChangedError(f"{name} lies in {target} already", hint="name another path")
    if f"{target}/".startswith(f"{settings.path}/") or f"{settings.path}/".startswith(f"{target}/"):
        raise OverlapError(f"{target} and {settings.path} lie in one another", hint="move it out of the way first")
    if os.path.lexists(layout.absolute(target)):
        raise ExistsError(f"{target} is there already", hint=f"name the new path itself, for instance {target}/{name}")
    if repository.text(layout.data_pointer(target)) is not None:
        raise ExistsError(f"{layout.data_pointer(target)} is there already", hint="choose another path")
    if made_by := stage_making(repository, settings.path):
        raise TrackedError(
            f"{settings.path} is made by the stage {made_by.stage} of {made_by.pipeline}",
            hint="change the stage's output there, run it, and write the new path into dataset.yaml",
        )
    check_claim(repository, target, dataset=name)
    check_place(repository, target, dataset=name)


def _writing(repository: Repository, settings: DatasetSettings, target: str) -> Writing:
    """What is written so that everything names the new path."""
    layout, old = repository.layout, settings.path
    pointer, declaration = layout.data_pointer(old), layout.dataset_file(settings.name)
    text = repository.text(pointer)
    own: dict[str, bytes | None] = {}
    shared: dict[str, SharedEdit] = {declaration: lambda text: _with_path(text, target, file=declaration)}
    if text is not None:
        refuse_uncommitted(repository, pointer, hint=f"commit it, or dsv checkout {settings.name}, then move")
        here = dvc.parse_pointer(text, file=pointer)
        at_target = replace(here, path=os.path.basename(target))
        own = {pointer: None, layout.data_pointer(target): dvc.updated_pointer(text, at_target, file=pointer)}
        shared |= _ignored_there(old, target)
        if (left := _emptied(repository, old, target)) is not None:
            del shared[left]
            own[left] = None
        if attribute_pattern(pointer) in attributed(attributes_text(repository)):
            shared[ATTRIBUTES] = lambda text: attributes_with(
                attributes_without(text, [pointer]), [layout.data_pointer(target)]
            )
    artifacts = repository.text(ARTIFACTS)
    if artifacts is not None and dvc.artifacts_without(artifacts.decode(), settings.name) != artifacts.decode():
        artifact = dvc.Artifact(path=target)
        shared[ARTIFACTS] = lambda text: dvc.artifacts_with(text, settings.name, artifact=artifact)
    return Writing("", "", own=own, shared=shared, moves={old: target})


def _ignored_there(old: str, new: str) -> dict[str, SharedEdit]:
    """The edits that take the data's line out of one .gitignore and put it into the other."""
    (old_folder, _, old_name), (folder, _, name) = old.rpartition("/"), new.rpartition("/")
    files = {each: f"{each}/.gitignore".lstrip("/") for each in (old_folder, folder)}
    if folder == old_folder:
        return {files[folder]: lambda text: dvc.gitignore_with(dvc.gitignore_without(text, old_name), name)}
    return {
        files[old_folder]: lambda text: dvc.gitignore_without(text, old_name),
        files[folder]: lambda text: dvc.gitignore_with(text, name),
    }


def _emptied(repository: Repository, old: str, new: str) -> str | None:
    """The .gitignore that has nothing in it once the data has gone, so that it goes too; None where it stays."""
    folder, _, name = old.rpartition("/")
    file = f"{folder}/.gitignore".lstrip("/")
    text = repository.text(file)
    if folder == new.rpartition("/")[0] or text is None or not is_committed(repository, file):
        return None
    return None if dvc.gitignore_without(text.decode(errors="surrogateescape"), name).strip() else file


def _with_path(text: str, path: str, *, file: str) -> str:
    """The declaration with another path; comments, order and all other lines stay."""
    content = text.encode()
    settings = load_dataset(content, file=file).value.model_copy(update={"path": path})
    changed = edited_dataset(content, settings, file=file)
    if load_dataset(changed, file=file).value.path != path:
        raise ConflictError(f"{file} cannot be edited", hint=f"write path: {path} into it by hand")
    return changed.decode()


def _refuse_other_file_system(repository: Repository, old: str, new: str) -> None:
    """DiskError where the data could not be moved in one step, so that a kill could leave two halves."""
    source, target = repository.layout.absolute(old), os.path.dirname(repository.layout.absolute(new))
    while not os.path.exists(target):
        target = os.path.dirname(target)
    if os.path.lexists(source) and os.lstat(source).st_dev != os.stat(target).st_dev:
        raise DiskError(f"{old} and {new} lie on different file systems", hint="choose a path on the same one")
