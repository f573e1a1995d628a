"""What people say of a dataset that is to be, and its dataset.yaml as it follows from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsv.errors import BadNameError, ExistsError, GateError
from dsv.model.dataset import DatasetSettings, edited_dataset, load_dataset
from dsv.model.documents import checked
from dsv.model.name import check_name, is_name
from dsv.repository.declared.datasets import check_declaration, declaration_text, load_dataset_file
from dsv.repository.declared.places import relative_path
from dsv.repository.declared.templates import template_text
from dsv.repository.known.catalog import every_name

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Declaration:
    """What people declare of a dataset; what is empty keeps what dataset.yaml says, or its default.

    `template` is the name of one of dsv's templates, or the path of another, that a new dataset.yaml begins with.
    """

    name: str | None = None
    type: str = ""
    format: str = ""
    description: str = ""
    owners: Sequence[str] = ()
    key: Sequence[str] = ()
    splits: Mapping[str, str] = field(default_factory=dict)
    template: str = ""


@dataclass(frozen=True)
class DeclaredSettings:
    """dataset.yaml as it is to be: what it says, and its text."""

    settings: DatasetSettings
    text: bytes


def declared_settings(repository: Repository, path: str, declaration: Declaration) -> DeclaredSettings:
    """An existing dataset.yaml with the options over it, else a new one, from its template if one is named.

    Errors: ExistsError where there is a dataset.yaml, which a template would take the place of.
    """
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
    template = template_text(declaration.template) if declaration.template else None
    exists = repository.text(file) is not None
    if exists and template is not None:
        raise ExistsError(
            f"{file} is there already, and the template would take its place",
            hint="leave out --template to go by what it says; or remove it",
        )
    with checked(file):
        if template is not None:
            begun = load_dataset(template[0], file=template[1]).value
            settings = DatasetSettings.model_validate(_merged(begun, {**given, "name": name, "path": relative}))
        elif not exists:
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
    if template is None:
        return DeclaredSettings(settings, declaration_text(repository, settings))
    return DeclaredSettings(settings, edited_dataset(template[0], settings, file=template[1]))


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
    """ExistsError for a name that was one, or differs from one only in case: some file systems hold one of them."""
    for other, present in every_name(repository).items():
        if other != name and other.lower() == name.lower():
            raise ExistsError(f"there is a dataset {other} already", hint="names must differ in more than case")
        if other == name != present:
            raise ExistsError(
                f"{name} was a name of the dataset {present}, and finds it still", hint="give another with --name"
            )
