"""The JSON Schema that a dataset's records are held against, from where its declaration has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsv.checks.record_schema import RecordSchema
from dsv.errors import BadManifestError
from dsv.records.canonical import MalformedError, decode
from dsv.repository.declared.datasets import declared_text

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.repository.repository import Repository


def record_schema_of(repository: Repository, settings: DatasetSettings) -> RecordSchema | None:
    """The schema; None where none is declared. BadManifestError for one that is not there, or is none."""
    declared: Any = settings.record_schema
    if declared is None:
        return None
    file = schema_place(repository, settings)
    if file is None:
        return RecordSchema.of(declared, where=f"{repository.layout.dataset_file(settings.name)}: record_schema")
    content = declared_text(repository, file)
    if content is None:
        raise BadManifestError(
            f"{repository.layout.dataset_file(settings.name)}: record_schema names {file}, which is not there",
            hint="write it, or correct the name; a file's place counts from dataset.yaml",
        )
    try:
        return RecordSchema.of(decode(content), where=file)
    except MalformedError as error:
        raise BadManifestError(
            f"{file}:{error.line}: {error.reason}", hint="correct it; in YAML, a schema stands in dataset.yaml itself"
        ) from None


def schema_place(repository: Repository, settings: DatasetSettings) -> str | None:
    """The path of the file that has the schema, from the root; None where dataset.yaml has it itself, or has none."""
    name = settings.schema_file
    return None if name is None else f"{repository.layout.directory(settings.name)}/{name}"
