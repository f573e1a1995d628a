"""`dsv add`: start tracking data as a dataset, and release its first version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsv.errors import BadNameError, ExistsError, GateError
from dsv.model.dataset import DatasetSettings
from dsv.model.documents import checked
from dsv.model.facts import Facts
from dsv.model.name import check_name, is_name
from dsv.model.numbering import NumberRequest, first_number
from dsv.model.release_options import USUAL, Hooks, ReleaseOptions
from dsv.model.version import Version
from dsv.repository import Repository, exclusively
from dsv.repository.catalog import dataset_names, versions_of
from dsv.repository.datasets import check_declaration, declaration_text, load_dataset_file, policy_of
from dsv.repository.decision import Decision
from dsv.repository.gather import gather
from dsv.repository.places import check_claim, check_place, relative_path
from dsv.repository.release import Release, check_facts, keeping_copies, release
from dsv.repository.transaction import Writing, perform
from dsv.repository.versions import compare_with_base
from dsv.repository.walk import walk


@dataclass(frozen=True)
class Declaration:
    """What people declare of a dataset; what is empty keeps what dataset.yaml says, or its default."""

    name: str | None = None
    type: str = ""
    format: str = ""
    description: str = ""
    owners: Sequence[str] = ()
    key: Sequence[str] = ()
    splits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """A dataset that has a declaration and no version yet."""

    dataset: str
    file: str
    commit: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"dataset": self.dataset, "version": None, "file": self.file, "commit": self.commit}


def add(
    repository: Repository,
    path: str,
    declaration: Declaration,
    *,
    facts: Facts,
    version: Version | None = None,
    options: ReleaseOptions = USUAL,
) -> Release:
    """The first version of the data at the path (as typed; from the root, for who stands outside).

    Errors: ExistsError when the dataset has versions already, those of a path or a file that cannot be
    versioned, BadRecordError and BadKeyError for records that break their promise.
    """
    with exclusively(repository, "add"), keeping_copies(repository, options) as staging:
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        check_facts(repository, facts)
        settings = _settings(repository, path, declaration)
        versions = versions_of(repository, settings.name)
        if versions.known:
            newest = versions.known[-1].version
            raise ExistsError(
                f"the dataset {settings.name} is at {newest} already",
                hint=f"dsv bump {settings.name} releases the next",
            )
        check_claim(repository, settings.path, dataset=settings.name)
        made_by = check_place(repository, settings.path, dataset=settings.name, tracked=options.tracked)
        snapshot = gather(repository, settings.name, settings, staging=staging)
        # decide
        if not options.keep_bad_records:
            snapshot.refuse_bad_records()
        snapshot.refuse_keys()
        number = first_number(NumberRequest(version=version), foreign=versions.foreign, taken=versions.taken)
        policy = policy_of(repository, settings)
        change, verdict = compare_with_base(repository, None, snapshot, policy=policy)
        text = declaration_text(repository, settings)
        decision = Decision(settings, text, None, snapshot, change, verdict, number, policy, made_by=made_by)
        # record
        return release(repository, decision, facts, options=options)


def declare(repository: Repository, path: str, declaration: Declaration, *, hooks: Hooks = Hooks.RUN) -> Declared:
    """The dataset declared and committed, with nothing released."""
    with exclusively(repository, "add"):
        repository.git.refuse_busy()
        repository.git.identity()
        settings = _settings(repository, path, declaration)
        check_claim(repository, settings.path, dataset=settings.name)
        check_place(repository, settings.path, dataset=settings.name)
        walk(repository.layout.absolute(settings.path), shown=settings.path)
        file = repository.layout.dataset_file(settings.name)
        own = {file: declaration_text(repository, settings)}
        writing = Writing(
            f"declaration of {settings.name}", f"Declare the dataset {settings.name}", own=own, hooks=hooks
        )
        return Declared(settings.name, file, perform(repository, writing))


def _settings(repository: Repository, path: str, declaration: Declaration) -> DatasetSettings:
    """dataset.yaml as it is to be: an existing one with the options over it, else a new one."""
    relative = relative_path(repository, path)
    name = _default_name(relative) if declaration.name is None else check_name(declaration.name)
    file = repository.layout.dataset_file(name)
    _refuse_near_name(repository, name)
    given: dict[str, Any] = {
        "type": declaration.type,
        "description": declaration.description,
        "owners": tuple(declaration.owners),
        "format": declaration.format,
        "key": tuple(declaration.key),
        "splits": dict(declaration.splits),
    }
    given = {key: value for key, value in given.items() if value}
    with checked(file):
        if repository.text(file) is None:
            settings = DatasetSettings(name=name, path=relative, **given)
        else:
            existing = load_dataset_file(repository, name)
            if existing.path != relative:
                raise ExistsError(
                    f"the dataset {name} lies in {existing.path}, not in {relative}",
                    hint="give another name with --name",
                )
            settings = existing if not given else DatasetSettings.model_validate(_merged(existing, given))
    check_declaration(settings, file=file)
    allowed = repository.settings().vocabulary.type
    if allowed and settings.type not in allowed:
        raise GateError(
            f"type {settings.type!a} is not in the project's vocabulary", hint=f"one of {', '.join(allowed)}"
        )
    return settings


def _merged(existing: DatasetSettings, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: getattr(existing, name) for name in existing.model_fields_set if name in type(existing).model_fields}
    aliased = {type(existing).model_fields[name].alias or name: value for name, value in known.items()}
    return {**(existing.model_extra or {}), **aliased, **given}


def _default_name(path: str) -> str:
    """The path's last part; of a file, without its suffixes. BadNameError when that is no name."""
    name = path.rsplit("/", 1)[-1].split(".", 1)[0]
    if not is_name(name):
        raise BadNameError(
            f"the dataset cannot be named after its path {path!a}: {name!a} is not a valid name",
            hint="give it a name with --name",
            details={"name": name},
        )
    return name


def _refuse_near_name(repository: Repository, name: str) -> None:
    """ExistsError for a name that differs from another only in case: some file systems hold one of them."""
    for other in dataset_names(repository):
        if other != name and other.lower() == name.lower():
            raise ExistsError(f"there is a dataset {other} already", hint="names must differ in more than case")
