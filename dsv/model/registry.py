"""A registry of datasets in a database, as what it says: datasets, their versions, and what these were made from.

Nothing of it is believed. A registry says what somebody typed; what a version is, its bytes tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dsv.model.standing import Happening


class RegistryForm(Enum):
    """Which tables a registry has."""

    LINKED = "linked"
    """`datasets`, `dataset_versions`, `dataset_lineage` and `dataset_quality_metrics`, linked by their ids."""
    FLAT = "flat"
    """`dataset_versions` alone, which names dataset, type and parent in each row."""


@dataclass(frozen=True)
class StatedEdge:
    """What a registry says of where a version came from: the parent's id, the kind of change, and counts."""

    parent: str
    relation: str = ""
    produced_by: str = ""
    note: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class StatedVersion:
    """A version as a registry states it.

    `id` is its row's, `text` its number as it stands there, `place` where its files are. `seconds`, since 1970, is None
    where nobody says when it was made. `further` are the columns that mean nothing to dsv, with their values.
    """

    id: str
    text: str
    place: str
    checksum: str = ""
    seconds: int | None = None
    author: str = ""
    summary: str = ""
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    records: int | None = None
    edges: Sequence[StatedEdge] = ()
    further: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StatedDataset:
    """A dataset as a registry states it; `mark` is what became of it, None for one in use."""

    id: str
    name: str
    type: str = ""
    description: str = ""
    format: str = ""
    mark: Happening | None = None
    current: str = ""
    versions: Sequence[StatedVersion] = ()


@dataclass(frozen=True)
class StatedRegistry:
    """All that a registry states, but for its metrics; `strays` are rows that belong to nothing, each with why."""

    form: RegistryForm
    datasets: Sequence[StatedDataset]
    strays: Sequence[Stray] = ()

    @property
    def versions(self) -> int:
        """How many versions there are."""
        return sum(len(each.versions) for each in self.datasets)


@dataclass(frozen=True)
class Stray:
    """Something of a registry that cannot come along: what it is, its name there, and why."""

    what: str
    name: str
    why: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"what": self.what, "name": self.name, "why": self.why}
