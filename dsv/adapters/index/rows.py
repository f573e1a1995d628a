"""What goes into the index and comes out of it, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from dsv.model.version import Version

Row = TypeVar("Row")


@dataclass(frozen=True)
class LineageRow:
    """One parent of a version: its reference as the manifest has it, and how many records came from where."""

    parent: str
    relation: str
    inherited: int = 0
    new: int = 0
    modified: int = 0
    removed: int = 0
    produced_by: str | None = None


@dataclass(frozen=True)
class VersionRow:
    """One version of a dataset.

    `known` is false for a manifest that is only on other branches; `metadata_text` and `field_names` are
    there to be searched; `created_at` is as in a manifest (`2026-11-22T07:30:00Z`). `dataset` is the name today,
    `released_as` the one that the manifest has, which differs after a rename; `stages` are those that point to it.
    """

    dataset: str
    version: Version
    type: str
    format: str
    created_at: str
    created_by: str
    summary: str
    tags: tuple[str, ...]
    description: str
    records: int
    files: int
    bytes: int
    level: str
    tree_digest: str
    status: str
    git_tag: str | None
    commit: str
    known: bool = True
    metadata_text: str = ""
    field_names: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    released_as: str = ""
    lineage: tuple[LineageRow, ...] = ()


@dataclass(frozen=True)
class DatasetRow:
    """What a dataset is, apart from its versions.

    `known` is false for one that is only on other branches; `source` is a text that differs when anything
    differs that the dataset and its versions are made from; `stages` are (stage, version) by stage.
    """

    name: str
    type: str
    format: str
    path: str
    description: str = ""
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    status: str = "active"
    known: bool = True
    source: str = ""
    stages: tuple[tuple[str, str], ...] = ()


class Arrival(NamedTuple):
    """A manifest that a commit brought, or edited: its path in git, its blob, and when (seconds since 1970)."""

    path: str
    blob: str
    commit: str
    committed: int


@dataclass(frozen=True)
class Walk:
    """A look through git's history: where its references were, and what it met there.

    With `since`, which are the references of an earlier look, the arrivals are those that were not met then.
    """

    references: str
    arrivals: Sequence[Arrival]
    since: str | None = None


@dataclass(frozen=True)
class DatasetEntry:
    """A dataset in a list: what it is, its latest version if it has one, and how many versions are known.

    `tags` are those of the dataset and of its latest version; records, files and bytes are the latest
    version's; `updated_at` is when its newest version was created; `stages` are versions by stage.
    """

    name: str
    type: str
    format: str
    path: str
    description: str
    owners: tuple[str, ...]
    tags: tuple[str, ...]
    status: str
    latest: Version | None
    versions: int
    records: int | None
    files: int | None
    bytes: int | None
    updated_at: str | None
    stages: Mapping[str, str]


@dataclass(frozen=True)
class SearchHit:
    """A version that was found; a higher score is a better find, the snippet has [brackets] around what fits."""

    dataset: str
    version: Version
    score: int
    snippet: str


@dataclass(frozen=True)
class IndexStatus:
    """The state of the index: `stamp` names the refs it was built from, None before the first time."""

    path: str
    schema: int
    datasets: int
    versions: int
    stamp: str | None
    refreshed_at: str | None


class Outcome(Enum):
    """What became of a refresh."""

    WRITTEN = "written"
    OVERTAKEN = "overtaken"
    """Another process changed the index meanwhile."""


class Shown(Enum):
    """How much of what is there a list shows."""

    LISTED = "listed"
    """Without archived and removed datasets, removed versions, and versions that are only on other branches."""
    LATEST = "latest"
    """Of what is listed, the latest version of each dataset."""
    ALL = "all"
    """Everything."""


class Order(Enum):
    """Which way a list is sorted."""

    ASCENDING = "ASC"
    DESCENDING = "DESC"


@dataclass(frozen=True)
class Filter:
    """What to show: None does not narrow. A status that is asked for is shown even where lists leave it out.

    `tag` fits a tag of the dataset or of the version (in a list of datasets the latest one), exactly;
    `owner` fits any part of an owner without regard to case; `stage` a dataset that has it, or the version it is.
    """

    type: str | None = None
    status: str | None = None
    format: str | None = None
    tag: str | None = None
    owner: str | None = None
    stage: str | None = None
    shown: Shown = Shown.LISTED


@dataclass(frozen=True)
class Page:
    """The order of a list and the part of it to give; None is the natural order, or no limit."""

    sort: str | None = None
    order: Order | None = None
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class Found(Generic[Row]):
    """The rows of one page, and how many there are on all pages."""

    rows: Sequence[Row]
    total: int
