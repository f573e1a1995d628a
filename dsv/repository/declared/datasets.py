"""Datasets as they are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.errors import BadManifestError, NoDatasetError
from dsv.model.dataset import DatasetSettings, dump_dataset, edited_dataset, load_dataset
from dsv.model.policy import Policy
from dsv.records.formats import format_names, is_format

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def load_dataset_file(repository: Repository, dataset: str) -> DatasetSettings:
    """The declaration in the work tree, else in HEAD's tree; NoDatasetError where there is none."""
    file = repository.layout.dataset_file(dataset)
    content = declared_text(repository, file)
    if content is None:
        raise NoDatasetError(f"there is no dataset {dataset!a}", hint="dsv list shows the datasets")
    loaded = load_dataset(content, file=file)
    for warning in loaded.warnings:
        repository.tell(warning)
    settings = loaded.value
    if settings.name != dataset:
        raise BadManifestError(
            f"{file} names the dataset {settings.name!a}, but lies in the directory of {dataset}",
            hint=f"write name: {dataset}",
        )
    check_declaration(settings, file=file)
    return settings


def declared_text(repository: Repository, file: str) -> bytes | None:
    """What the work tree has as this file, else HEAD's tree."""
    content = repository.text(file)
    if content is None:
        head = f"HEAD:{repository.layout.in_git(file)}"
        content = repository.git.blobs([head]).get(head)
    return content


def declaration_text(repository: Repository, settings: DatasetSettings) -> bytes:
    """The text of dataset.yaml: where there is one, the user's own, comments and all, with what it is to say now."""
    file = repository.layout.dataset_file(settings.name)
    content = repository.text(file)
    return dump_dataset(settings) if content is None else edited_dataset(content, settings, file=file)


def check_declaration(settings: DatasetSettings, *, file: str) -> None:
    """BadManifestError for what is well-formed but cannot be done."""
    if not is_format(settings.format):
        raise BadManifestError(
            f"{file}: format {settings.format!a} is not known", hint=f"one of {', '.join(format_names())}"
        )


def policy_of(repository: Repository, settings: DatasetSettings) -> Policy:
    """The bump policy of the dataset: its own, else the project's."""
    chosen = settings.policy or repository.settings().policy
    return chosen.policy
