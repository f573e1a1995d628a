"""What goes into the index and comes out of it, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from dsv.model.standing import Occurrence

if TYPE_CHECKING:
    from dsv.adapters.index.snippets import Snippet
    from dsv.model.version import Version

Row = TypeVar("Row")


OWN = ""
"""The name of the repository that the index belongs to."""


@dataclass(frozen=True)
class RepositoryRow:
    """A repository whose datasets the index holds: the name it was added under, where it is, HEAD's commit there."""

    name: str = OWN
    url: str = ""
    head: str = ""


@dataclass(frozen=True)
class LineageRow:
    """One parent of a version: its reference as the manifest has it, and how many records came from where.

    `repository` is the URL of the parent's repository, "" for the version's own; `dataset` and `version` are what
    the reference names there, `digest` is the parent's tree digest where the manifest has it. The index finds the
    parent by these; counts are None where they are not known.
    """

    parent: str
    relation: str
    inherited: int | None = None
    new: int | None = None
    modified: int | None = None
    removed: int | None = None
    produced_by: str | None = None
    repository: str = ""
    dataset: str = ""
    version: str = ""
    digest: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class QualityRow:
    """What one scorer says of one metric: of all records of a version, or of those whose `facet` has the `value`.

    `coverage` is the share of the part's records that were scored; `quantiles` and `histogram` are JSON values.
    """

    scorer: str
    metric: str
    n: int
    facet: str = ""
    value: str = ""
    model: str | None = None
    prompt_sha256: str | None = None
    scored_at: str | None = None
    coverage: float | None = None
    mean: float | None = None
    min: float | None = None
    max: float | None = None
    pass_rate: float | None = None
    quantiles: Any = None
    histogram: Any = None


class ExampleRow(NamedTuple):
    """The scores of one record; `key` is the list of its key's values, `more` what has no column of its own."""

    fingerprint: str
    key: Sequence[Any] | None = None
    file: str | None = None
    row: int | None = None
    quality_score: float | None = None
    reward_score: float | None = None
    confidence_score: float | None = None
    reasoning_score: float | None = None
    consistency_score: float | None = None
    judge_score: float | None = None
    judge_passed: bool | None = None
    judge_feedback: str | None = None
    trajectory_id: str | None = None
    symbol: str | None = None
    agent_type: str | None = None
    more: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Told:
    """How a file came into git: its text's blob, the commit that brought it, that commit's author and time (UTC).

    `edited` where history holds other texts of the file too, `deleted` where HEAD's history had it, and its tree has
    not.
    """

    blob: str = ""
    commit: str = ""
    author: str = ""
    at: str = ""
    edited: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class VersionRow:
    """One version of a dataset.

    `known` is false for a manifest that is only on other branches; `metadata_text` and `field_names` are
    there to be searched; `created_at` is as in a manifest (`2026-11-22T07:30:00Z`). `dataset` is the name today,
    `released_as` the one that the manifest has, which differs after a rename; `stages` are those that point to it.
    `splits` are (split, records); `repository` is where the version comes from.
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
    told: Told = Told()
    known: bool = True
    metadata_text: str = ""
    field_names: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    released_as: str = ""
    path: str = ""
    bad_records: int = 0
    tokens: int | None = None
    splits: tuple[tuple[str, int], ...] = ()
    key: tuple[str, ...] = ()
    previous: str | None = None
    produced_by: str | None = None
    changed_share: float | None = None
    added: int = 0
    removed: int = 0
    modified: int = 0
    moved: int = 0
    record_digest: str = ""
    dvc_digest: str = ""
    index_digest: str = ""
    validation: str = ""
    quality_score: float | None = None
    judge_pass_rate: float | None = None
    repository: str = OWN
    lineage: tuple[LineageRow, ...] = ()
    quality: tuple[QualityRow, ...] = ()

    @property
    def commit(self) -> str:
        """The commit that brought the manifest."""
        return self.told.commit


@dataclass(frozen=True)
class EventRow:
    """One event; `dataset` is the name today, `told_of` the one that the file has.

    `known` is false for one that HEAD's tree does not hold.
    """

    dataset: str
    version: Version | None
    event: str
    at: str
    by: str | None
    reason: str
    data: Mapping[str, Any]
    path: str
    told_of: str
    told: Told = Told()
    known: bool = True
    repository: str = OWN


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
    """A manifest or event that a commit brought, or edited: its path in git, its blob, whose commit, and when.

    `committed` is in seconds since 1970.
    """

    path: str
    blob: str
    commit: str
    committed: int
    author: str = ""


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
    version's, as are quality score and judge's pass rate; `updated_at` is when its newest version was created; `stages`
    are versions by stage. `repository` is where it comes from; `runs` are those that used any of its versions.
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
    repository: str = OWN
    quality_score: float | None = None
    judge_pass_rate: float | None = None
    runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class SearchHit:
    """A version that was found; a higher score is a better find, the snippet's marks are what fits.

    `repository` is where it comes from; `runs` are those that used it.
    """

    dataset: str
    version: Version
    score: int
    snippet: Snippet
    repository: str = OWN
    status: str = "active"
    runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrailRow(Occurrence):
    """Something that happened in a repository: an event, or the `release` of a version."""

    repository: str = OWN


@dataclass(frozen=True)
class IndexStatus:
    """The state of the index: `stamp` names the refs it was built from, None before the first time.

    `edited` are the versions (NAME@X.Y.Z, by the name in the manifest) of whose manifests history holds several
    texts, `deleted` those whose manifests HEAD's history had and HEAD's tree has no more.
    """

    path: str
    schema: int
    datasets: int
    versions: int
    stamp: str | None
    refreshed_at: str | None
    events: int = 0
    edited: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


class Text(Enum):
    """What a text was read as: one and the same may lie where a manifest is looked for and where an event is."""

    MANIFEST = "manifest"
    EVENT = "event"
    DATASET = "dataset"


class Outcome(Enum):
    """What became of a refresh."""

    WRITTEN = "written"
    OVERTAKEN = "overtaken"
    """Another process changed the index meanwhile."""


@dataclass(frozen=True)
class Found(Generic[Row]):
    """The rows of one page, and how many there are on all pages; where there are none, what may have been meant."""

    rows: Sequence[Row]
    total: int
    suggestions: Sequence[str] = ()
