"""Which dataset here is which of the registry's, and which version is here already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsv.errors import ExistsError
from dsv.model.registry import StatedDataset, StatedVersion
from dsv.model.registry_names import legal_name, names_of
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.known.catalog import KnownVersion, Versions, read_manifest, versions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsv.repository.repository import Repository

ORIGIN = "registry"
"""The key of metadata under which a version says what it was in its registry."""


def origin_of(dataset: StatedDataset, version: StatedVersion) -> dict[str, Any]:
    """What a version says of where it was before."""
    stated = {"dataset": dataset.name, "type": dataset.type, "version": version.text, "checksum": version.checksum}
    return {**version.further, **{key: value for key, value in stated.items() if value}}


def homes_of(repository: Repository, datasets: Sequence[StatedDataset]) -> dict[str, str]:
    """The name of each dataset here, by its id: that under which it came before, else the one that it gets."""
    found = names_of(datasets)
    for each in datasets:
        plain = legal_name(each.name)
        if plain != found[each.id] and _came_from(repository, versions_of(repository, plain), each):
            found[each.id] = plain
    return found


def path_of(repository: Repository, name: str) -> str | None:
    """Where the dataset of this name keeps its data; None where none is declared."""
    declared = repository.text(repository.layout.dataset_file(name)) is not None
    return load_dataset_file(repository, name).path if declared else None


def refuse_others(repository: Repository, versions: Versions, dataset: StatedDataset) -> None:
    """ExistsError where a dataset of the name is here that did not come from this one of the registry."""
    if versions.known and not _came_from(repository, versions, dataset):
        raise ExistsError(
            f"the dataset {versions.dataset} that is here did not come from this registry",
            hint=f"dsv rename {versions.dataset} NEW makes room for it",
        )


def here_already(repository: Repository, versions: Versions, version: StatedVersion, known: KnownVersion) -> bool:
    """Whether the version with this number is the registry's; ExistsError where it is another one."""
    origin = _origin(repository, known)
    if origin is not None and origin.get("checksum", "") == version.checksum:
        return True
    raise ExistsError(
        f"{versions.dataset}@{known.version} is here already, with other data",
        hint="the registry changed it since, or it was released here; dsv diff shows by what it differs",
    )


def _came_from(repository: Repository, versions: Versions, dataset: StatedDataset) -> bool:
    """Whether the newest version that says where it was before says it was in this dataset."""
    origins = (origin for each in reversed(versions.known) if (origin := _origin(repository, each)) is not None)
    newest = next(origins, {})
    return newest.get("dataset") == dataset.name and newest.get("type", "") == dataset.type


def _origin(repository: Repository, known: KnownVersion) -> Mapping[str, Any] | None:
    found = read_manifest(repository, known).metadata.get(ORIGIN)
    return found if isinstance(found, Mapping) else None
