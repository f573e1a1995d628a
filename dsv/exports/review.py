"""What a pull request does to datasets, as the value that its report is made from, in whatever form that is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from dsv.model.breakdown import Breakdown
from dsv.model.field_profile import FieldComparison, FieldProfile, Label
from dsv.model.fields import FieldsChange
from dsv.model.version import Level

if TYPE_CHECKING:
    from dsv.model.change import RecordCounts
    from dsv.model.finding import Findings
    from dsv.model.score_comparison import ScoreComparison
    from dsv.model.standing import PastEvent
    from dsv.records.changed_record import RecordExample


_TOLD = ("id", "scorer", "records", "stage", "from", "to")

AReview = TypeVar("AReview", bound="Review")


class Kind(Enum):
    """What a pull request does to a dataset."""

    FIRST = "first version"
    RELEASE = "release"
    UNRELEASED = "not released"
    """Its data changed, and no version has it as it is now."""
    UNREADABLE = "not readable"
    """A manifest came that cannot be read."""


class Content(Enum):
    """Whether data is in a report: values of records and labels, keys, names of files."""

    SHOWN = "shown"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Lack:
    """What could not be shown, and a command with what it does about that; `detail` is what an error said."""

    what: str
    command: str
    brings: str = "brings it"
    detail: str = ""


@dataclass(frozen=True)
class Origin:
    """A parent of a version: how that came of it, and what became of the parent's records; None where unknown."""

    ref: str
    relation: str
    inherited: int | None = None
    new: int | None = None
    modified: int | None = None
    removed: int | None = None
    produced_by: str = ""
    repository: str = ""

    @property
    def counts(self) -> tuple[int | None, int | None, int | None, int | None]:
        """Inherited, new, modified, removed."""
        return self.inherited, self.new, self.modified, self.removed

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        names = ("inherited", "new", "modified", "removed")
        return {"ref": self.ref, "relation": self.relation, **dict(zip(names, self.counts, strict=True))}


@dataclass(frozen=True)
class Numbering:
    """The level of a change, what it asked for by itself, and why; `allowed` is the reason given for a lower one."""

    level: Level | None
    computed: Level | None
    reasons: Sequence[str] = ()
    policy: str = ""
    allowed: str = ""


@dataclass(frozen=True)
class ChangeReview:
    """One version that comes, or a state of data that no version has; `new` is its `NAME@X.Y.Z`, or `NAME@work`.

    `old` is what it is compared with, "" for a first version; `follows` the version that would follow where none was
    released. `examples` are some of the records that differ, `opaque` are files without a
    reader beside records, `stated` is the quality that people stated of both. `lacks` tells what could not be
    shown; `looked_at` is false where the records were not asked for.
    """

    kind: Kind
    dataset: str
    old: str
    new: str
    follows: str = ""
    summary: str = ""
    numbering: Numbering = Numbering(None, None)
    records: RecordCounts | None = None
    opaque: RecordCounts | None = None
    breakdown: Breakdown | None = None
    fields: FieldsChange = field(default_factory=FieldsChange)
    examples: Sequence[RecordExample] = ()
    statistics: Sequence[FieldComparison] = ()
    quality: Sequence[ScoreComparison] = ()
    stated: tuple[float | None, float | None] = (None, None)
    origins: Sequence[Origin] = ()
    waived: Sequence[tuple[str, str]] = ()
    lacks: Sequence[Lack] = ()
    looked_at: bool = True

    @property
    def changed(self) -> int:
        """How many records differ."""
        counts = self.records
        return 0 if counts is None else counts.added + counts.removed + counts.modified + counts.moved

    @property
    def remark(self) -> str:
        """What is to be said of it beside its name, in a word or two."""
        if self.kind is Kind.UNRELEASED:
            return f"({self.follows} would follow)" if self.follows else "(not released)"
        if self.kind is Kind.RELEASE:
            return self.numbering.level.word if self.numbering.level else ""
        return "new" if self.kind is Kind.FIRST else "unreadable"

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        level, computed = self.numbering.level, self.numbering.computed
        return {
            "kind": self.kind.value,
            "old": self.old or None,
            "new": self.new,
            "follows": self.follows or None,
            "summary": self.summary or None,
            "level": level and level.word,
            "computed": computed and computed.word,
            "reasons": list(self.numbering.reasons),
            "records": self.breakdown and self.breakdown.whole.document(),
            "by_split": [each.document() for each in self.breakdown.splits] if self.breakdown else [],
            "examples": [each.document() for each in self.examples],
            "statistics": [each.document() for each in self.statistics],
            "quality": [each.document() for each in self.quality],
            "lineage": [each.document() for each in self.origins],
            "lacks": [{"what": each.what, "command": each.command} for each in self.lacks],
        }


@dataclass(frozen=True)
class DatasetReview:
    """What happened to one dataset: versions, the newest first; events; the keys of dataset.yaml that changed."""

    dataset: str
    changes: Sequence[ChangeReview] = ()
    events: Sequence[PastEvent] = ()
    settings: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "dataset": self.dataset,
            "changes": [each.document() for each in self.changes],
            "events": [each.document() for each in self.events],
            "settings": list(self.settings),
        }


class Verdict(Enum):
    """What a reviewer reads first."""

    FAILED = "failed"
    UNRELEASED = "unreleased"
    WARNED = "warned"
    PASSED = "passed"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Review:
    """What the commits since `base` do to datasets, and what the checks say.

    `start` is the commit that it was compared with: the newest that base and HEAD share; `settings` are the keys of
    dsv.yaml that changed.
    """

    base: str
    start: str
    head: str
    datasets: Sequence[DatasetReview]
    findings: Findings
    settings: Sequence[str] = ()
    content: Content = Content.SHOWN

    @property
    def changes(self) -> list[ChangeReview]:
        """All of them, dataset by dataset."""
        return [change for dataset in self.datasets for change in dataset.changes]

    @property
    def not_looked_at(self) -> int:
        """How many versions are told of from their manifests alone, as there are very many."""
        return sum(not each.looked_at for each in self.changes)

    @property
    def unreleased(self) -> list[ChangeReview]:
        """The data that no version has."""
        return [each for each in self.changes if each.kind is Kind.UNRELEASED]

    @property
    def verdict(self) -> Verdict:
        """The worst that there is to say."""
        if not self.findings.ok:
            return Verdict.FAILED
        if self.unreleased:
            return Verdict.UNRELEASED
        if self.findings.warnings:
            return Verdict.WARNED
        return Verdict.PASSED if self.datasets else Verdict.NOTHING

    @property
    def judgement(self) -> str:
        """The verdict in words."""
        failed, warned = len(self.findings.failed), len(self.findings.warnings)
        return {
            Verdict.FAILED: f"{failed:,} {'check fails' if failed == 1 else 'checks fail'}",
            Verdict.UNRELEASED: "Data changed without a release",
            Verdict.WARNED: f"The checks pass, with {warned:,} {'warning' if warned == 1 else 'warnings'}",
            Verdict.PASSED: "The checks pass",
            Verdict.NOTHING: "Nothing here changes a dataset",
        }[self.verdict]

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """What it is about, each with a remark: versions; else events; else datasets whose settings changed."""
        changes = self.unreleased if self.verdict is Verdict.UNRELEASED else self.changes
        if changes:
            return [(each.dataset if each.kind is Kind.UNRELEASED else each.new, each.remark) for each in changes]
        events = [(event.subject, event.event) for dataset in self.datasets for event in dataset.events]
        return events or [(each.dataset, "settings") for each in self.datasets]


def without_content(review: AReview) -> AReview:
    """The same, in which there is no data: no record, key, value of a field or a label, or name of a data file."""
    datasets = [
        replace(
            each,
            changes=[_bare(change) for change in each.changes],
            events=[replace(event, data=_told_of(event.data)) for event in each.events],
        )
        for each in review.datasets
    ]
    return replace(review, datasets=datasets, findings=review.findings.without_content(), content=Content.WITHHELD)


def _bare(change: ChangeReview) -> ChangeReview:
    breakdown = None if change.breakdown is None else replace(change.breakdown, files=())
    statistics = tuple(map(_without_values, change.statistics))
    return replace(change, breakdown=breakdown, statistics=statistics, examples=())


def _told_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What an event has to say beside data: sums by the values of a label are not among it."""
    told = {key: data[key] for key in _TOLD if isinstance(data.get(key), str | int)}
    summary = data.get("summary")
    if isinstance(summary, Mapping):
        told["summary"] = {
            key: summary.get(key) for key in ("metric", "mean") if isinstance(summary.get(key), str | float)
        }
    return told


def _without_values(comparison: FieldComparison) -> FieldComparison:
    """The same with numbers in place of labels, most frequent first; the values of numbers are left out."""
    counts: dict[tuple[str, Label], int] = {}
    for side in (comparison.old, comparison.new):
        for value, count in (side and side.labels) or ():
            counts[_told(value)] = max(counts.get(_told(value), 0), count)
    order = sorted(counts, key=lambda each: (-counts[each], each[0], str(each[1])))
    names = {each: f"value {number}" for number, each in enumerate(order, start=1)}
    return replace(comparison, old=_unnamed(comparison.old, names), new=_unnamed(comparison.new, names))


def _told(value: Label) -> tuple[str, Label]:
    return type(value).__name__, value


def _unnamed(profile: FieldProfile | None, names: dict[tuple[str, Label], str]) -> FieldProfile | None:
    if profile is None:
        return None
    labels = None if profile.labels is None else tuple((names[_told(value)], n) for value, n in profile.labels)
    return replace(profile, values=None, labels=labels)
