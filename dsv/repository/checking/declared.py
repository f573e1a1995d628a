"""dsv.yaml and each dataset.yaml, read for the checks of what people declare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.checks.declarations import DATASET_READS, SETTINGS_READ, is_not_there, reads, unreadable
from dsv.errors import BadManifestError, NoDatasetError
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.layout import SETTINGS

if TYPE_CHECKING:
    from dsv.model.finding import Finding
    from dsv.repository.repository import Repository


def declarations(repository: Repository, names: Sequence[str]) -> list[Finding]:
    """Whether dsv.yaml and the declarations of these datasets can be read."""
    findings: list[Finding] = []
    try:
        repository.settings()
        findings.append(reads(SETTINGS_READ, file=SETTINGS))
    except BadManifestError as error:
        findings += unreadable(SETTINGS_READ, error, file=SETTINGS)
    for name in names:
        file = repository.layout.dataset_file(name)
        try:
            load_dataset_file(repository, name)
            findings.append(reads(DATASET_READS, file=file, dataset=name))
        except NoDatasetError:
            findings.append(is_not_there(file=file, dataset=name))
        except BadManifestError as error:
            findings += unreadable(DATASET_READS, error, file=file, dataset=name)
    return findings
