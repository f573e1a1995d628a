"""What pages about datasets and versions are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dsv.model.manifest import Manifest
from dsv.model.scores import Histogram
from dsv.model.standing import Occurrence
from dsv.model.version import Version
from dsv.records.changed_record import RecordExample
from dsv.records.outline import Outline


@dataclass(frozen=True)
class Score:
    """What one scorer says of one column, of all records of a version; None where it does not say.

    `high` and `low` are the largest and the smallest, `coverage` the share of the records that have one.
    """

    scorer: str
    column: str
    n: int
    coverage: float | None
    mean: float | None
    low: float | None
    high: float | None
    pass_rate: float | None
    histogram: Histogram | None = None


@dataclass(frozen=True)
class SampleRecord:
    """A record of a version, and where it is."""

    place: str
    split: str
    outline: Outline


@dataclass(frozen=True)
class UsingRun:
    """A run that used a version: its id, when that was recorded, the model that came of it, what was measured."""

    id: str
    version: str
    at: str
    model: str
    metrics: Mapping[str, Any]


@dataclass(frozen=True)
class VersionFacts:
    """A version, what became of it, and what is said of it.

    `dataset` is its dataset's name today. `quality` is its score, those that were given after the release counted;
    `samples` is None where its data is not at hand or not to be shown; `changed` are some records that are not as in
    the version before, where both are at hand.
    """

    dataset: str
    version: Version
    manifest: Manifest
    status: str
    stages: Sequence[str] = ()
    git_tag: str | None = None
    commit: str = ""
    quality: float | None = None
    scores: Sequence[Score] = ()
    events: Sequence[Occurrence] = ()
    runs: Sequence[UsingRun] = ()
    samples: Sequence[SampleRecord] | None = None
    changed: Sequence[RecordExample] = ()

    @property
    def ref(self) -> str:
        """`NAME@X.Y.Z`."""
        return f"{self.dataset}@{self.version}"


@dataclass(frozen=True)
class DatasetFacts:
    """A dataset with its known versions, ascending; `rules` are the checks that every new version has to keep.

    `latest` is the version that its bare name means, None where there is none.
    """

    name: str
    type: str = ""
    format: str = ""
    path: str = ""
    description: str = ""
    owners: Sequence[str] = ()
    tags: Sequence[str] = ()
    status: str = "active"
    stages: Mapping[str, str] | None = None
    rules: Sequence[str] = ()
    latest: Version | None = None
    versions: Sequence[VersionFacts] = ()
    events: Sequence[Occurrence] = ()

    def get(self, version: str | None) -> VersionFacts | None:
        """The version with this number."""
        return next((each for each in self.versions if str(each.version) == version), None)


class Addresses(Protocol):
    """Where pages lie, as seen from one of them; "" for a page that there is not."""

    def version(self, dataset: str, version: str) -> str:
        """The page of a version."""

    def dataset(self, dataset: str) -> str:
        """The page of a dataset."""

    def change(self, dataset: str, version: str) -> str:
        """The page of what changed with a version."""


class Nowhere:
    """For a page that stands by itself."""

    def version(self, dataset: str, version: str) -> str:  # noqa: ARG002 - as the protocol has it
        """None."""
        return ""

    def dataset(self, dataset: str) -> str:  # noqa: ARG002 - as the protocol has it
        """None."""
        return ""

    def change(self, dataset: str, version: str) -> str:  # noqa: ARG002 - as the protocol has it
        """None."""
        return ""
