"""dsv.yaml and each dataset.yaml, read for the checks of what people declare."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.git.kept_files import folders_in
from dsv.checks.declarations import (
    DATASET_READS,
    SETTINGS_READ,
    Places,
    cannot_be_done,
    is_not_there,
    reads,
    unreadable,
)
from dsv.errors import BadManifestError, DsvError, NoDatasetError
from dsv.model.name import is_name
from dsv.model.standing import UNLISTED
from dsv.model.version import parse_version
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.layout import SETTINGS

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.model.finding import Finding
    from dsv.model.settings import ProjectSettings
    from dsv.repository.checking.scope import Scope
    from dsv.repository.repository import Repository

_DIRECTLY = 2
"""The parts of a path below the manifests: NAME/FILE."""


@dataclass(frozen=True)
class Declared:
    """What dsv.yaml and the declarations say, those that can be read; `findings` are about all of them."""

    findings: Sequence[Finding]
    project: ProjectSettings
    datasets: Mapping[str, DatasetSettings]

    @property
    def paths(self) -> dict[str, str]:
        """Where the data of each dataset lies."""
        return {name: settings.path for name, settings in self.datasets.items()}


def declarations(scope: Scope) -> Declared:
    """Whether dsv.yaml and the declarations can be read, and what they say."""
    from dsv.model.settings import ProjectSettings

    repository = scope.repository
    findings: list[Finding] = []
    datasets: dict[str, DatasetSettings] = {}
    project = ProjectSettings()
    try:
        project = repository.settings()
        findings.append(reads(SETTINGS_READ, file=SETTINGS))
    except BadManifestError as error:
        findings += unreadable(SETTINGS_READ, error, file=SETTINGS)
    for name in scope.declared:
        file = repository.layout.dataset_file(name)
        try:
            datasets[name] = settings = load_dataset_file(repository, name)
            if settings.checks or settings.record_schema is not None:
                from dsv.repository.declared.declared_checks import declared_checks

                declared_checks(repository, settings)
            findings.append(reads(DATASET_READS, file=file, dataset=name))
        except NoDatasetError:
            findings.append(is_not_there(file=file, dataset=name))
        except BadManifestError as error:
            findings += unreadable(DATASET_READS, error, file=file, dataset=name)
        except DsvError as error:  # of a package that cannot be loaded, of a schema that is not there
            findings.append(cannot_be_done(error, file=file, dataset=name))
    return Declared(findings, project, datasets)


def project_settings(repository: Repository) -> ProjectSettings:
    """What dsv.yaml says; the usual settings where it cannot be read."""
    from dsv.model.settings import ProjectSettings

    try:
        return repository.settings()
    except BadManifestError:
        return ProjectSettings()


def places(scope: Scope, declared: Declared) -> Places:
    """What lies among the manifests, in HEAD's tree and in the work tree, or as it is staged."""
    repository = scope.repository
    layout = repository.layout
    if repository.staged is None:
        there = scope.repository.git.tree(scope.head, *scope.places) if scope.head else ()
        files = {layout.from_git(path) for path in there}
    else:
        files = set(repository.staged)
    schemas = {f"{layout.directory(name)}/{each.schema_file}" for name, each in declared.datasets.items()}
    directories, strays = set[str](), []
    for file in sorted(files):
        own = file[len(layout.manifests) + 1 :].split("/")
        if len(own) != _DIRECTLY or not own[1].endswith(".yaml") or own[0].startswith("."):
            continue
        if own[1] == "dataset.yaml":
            directories.add(own[0])
        elif parse_version(own[1].removesuffix(".yaml")) is None and is_name(own[0]) and file not in schemas:
            strays.append(file)
    listed = {
        name: path
        for name, path in declared.paths.items()
        if name not in scope.lines or scope.lines[name].standing.dataset not in UNLISTED
    }
    return Places(directories.union(_folders(scope)), strays, listed)


def _folders(scope: Scope) -> Iterator[str]:
    """The directories of the work tree that hold a dataset.yaml; of all HEAD has where only some are looked at."""
    layout, git = scope.repository.layout, scope.repository.git
    top = layout.absolute(layout.manifests)
    for name in os.listdir(top) if os.path.isdir(top) else ():
        if not name.startswith(".") and os.path.isfile(os.path.join(top, name, "dataset.yaml")):
            yield name
    if scope.names and scope.head:
        yield from (each for each in folders_in(git, scope.head, layout.in_git(layout.manifests)) if is_name(each))
