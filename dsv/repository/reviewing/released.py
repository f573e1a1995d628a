"""One version that a pull request brings, beside the one before: all that its manifest tells, and what is at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dsv.errors import BadDataError, IntegrityError, MissingDataError
from dsv.exports.review import ChangeReview, Kind, Lack, Numbering, Origin
from dsv.model.breakdown import Breakdown, PartCounts, SplitCounts
from dsv.model.documents import plain
from dsv.model.field_profile import FieldComparison, FieldsProfile, compared
from dsv.model.fields import FieldsChange, FieldType
from dsv.model.score_comparison import Mean, compare_means
from dsv.repository.comparing.sources import version_source
from dsv.repository.known.catalog import KnownVersion, Versions, read_manifest
from dsv.repository.known.quality_rows import quality_rows, summaries
from dsv.repository.reviewing.records import Compared, compare_sources, first_records

if TYPE_CHECKING:
    from dsv.model.change import RecordCounts
    from dsv.model.manifest import Manifest
    from dsv.model.standing import PastEvent
    from dsv.repository.repository import Repository


def review_release(
    repository: Repository, known: KnownVersion, versions: Versions, *, events: Sequence[PastEvent], records: int | None
) -> ChangeReview:
    """The version beside the one before, with up to so many changed records; `events` may be of other datasets too.

    What its manifest does not tell comes from record indexes and data, or is told to be lacking; without a number of
    records neither is looked at.
    """
    # gather
    try:
        manifest = read_manifest(repository, known)
        before = versions.get(manifest.change.previous) if manifest.change.previous else None
        old = None if before is None else read_manifest(repository, before)
    except (BadDataError, IntegrityError):
        lack = Lack("anything, as its manifest cannot be read", "dsv check", brings="says why")
        return ChangeReview(Kind.UNREADABLE, versions.dataset, old="", new=known.name, lacks=[lack])
    found, lacks = _compared(repository, before, known, manifest, records=records)

    said = [each for each in events if each.dataset in versions.names]

    # decide
    change = manifest.change
    return ChangeReview(
        kind=Kind.FIRST if change.previous is None else Kind.RELEASE,
        dataset=versions.dataset,
        old=f"{before.dataset if before else versions.dataset}@{change.previous}" if change.previous else "",
        new=known.name,
        summary=manifest.summary,
        numbering=Numbering(
            change.level, change.computed, change.reasons, policy=change.policy.name, allowed=change.allow_lower or ""
        ),
        records=change.records.counts,
        opaque=None if change.opaque is None else change.opaque.counts,
        breakdown=found.breakdown if found else breakdown_of(manifest, old, counts=change.records.counts),
        fields=FieldsChange(
            change.fields.added,
            change.fields.removed,
            tuple(FieldType(each.field, each.old, each.new) for each in change.fields.changed),
        ),
        examples=found.examples if found else (),
        statistics=statistics_between(None if old is None else old.profiled, manifest.profiled),
        quality=compare_means(_means(before, old, said), _means(known, manifest, said)),
        stated=(_stated(old), _stated(manifest)),
        origins=_origins(manifest),
        waived=[(each.check, each.reason) for each in manifest.validation.waived],
        lacks=lacks,
        looked_at=records is not None,
    )


def breakdown_of(manifest: Manifest, old: Manifest | None, *, counts: RecordCounts) -> Breakdown:
    """What manifests tell of the splits: how many records each had and has, and not what became of them."""
    before, after = (_splits(each) for each in (old, manifest))
    names = sorted({*before, *after}, key=lambda name: (name is None, name or ""))
    return Breakdown(
        PartCounts(
            old=counts.old,
            new=counts.new,
            added=counts.added,
            removed=counts.removed,
            modified=counts.modified,
            moved=counts.moved,
            unchanged=counts.unchanged,
        ),
        splits=tuple(SplitCounts(name, PartCounts(old=before.get(name, 0), new=after.get(name, 0))) for name in names),
    )


def statistics_between(old: FieldsProfile | None, new: FieldsProfile | None) -> Sequence[FieldComparison]:
    """The fields side by side; nothing where one of the manifests does not tell."""
    return () if new is None else compared(old or FieldsProfile(0), new)


def _splits(manifest: Manifest | None) -> dict[str | None, int]:
    if manifest is None:
        return {}
    found: dict[str | None, int] = dict(manifest.splits.items())
    if rest := manifest.data.records - sum(found.values()):
        found[None] = rest
    return found


def _compared(
    repository: Repository, before: KnownVersion | None, known: KnownVersion, manifest: Manifest, *, records: int | None
) -> tuple[Compared | None, list[Lack]]:
    """The records as far as they are at hand, and what is not."""
    names = " ".join(each.name for each in (before, known) if each)
    if records is None:
        return None, []
    executor = repository.executor
    try:
        new = version_source(repository, known)
        if before is None:
            counts = manifest.change.records.counts
            examples = first_records(new) if records else []
            lacks = [Lack("its first records", f"dsv fetch {names}")] if examples is None else []
            return Compared(counts, breakdown_of(manifest, None, counts=counts), examples or []), lacks
        found = compare_sources(version_source(repository, before), new, most=records, executor=executor)
    except MissingDataError:
        told = ["what became of the records of each split"] if before else []
        told += [f"{'changed' if before else 'its first'} records"] if records else []
        command = f"dsv fetch {names}" if records else f"dsv fetch --index {names}"
        return None, [Lack(", ".join(told), command)] if told else []
    except IntegrityError as error:
        return None, [Lack("records", f"dsv verify {names}", brings="says more", detail=error.message)]
    what = "some of the changed records" if found.examples else "changed records"
    return found, [Lack(what, f"dsv fetch {names}")] if found.hidden else []


def _means(
    known: KnownVersion | None, manifest: Manifest | None, events: Iterable[PastEvent]
) -> dict[tuple[str, str], Mean]:
    """What scorers say of a version, in its manifest and since."""
    if known is None or manifest is None:
        return {}
    since = [each for each in events if each.version == known.version]
    rows = (row for each in summaries(plain(manifest.quality), since) for row in quality_rows(each) if not row.facet)
    means = ((row, row.mean if row.pass_rate is None else row.pass_rate) for row in rows)
    return {(row.scorer, row.metric): Mean(row.n, row.coverage or 0.0, mean) for row, mean in means if mean is not None}


def _stated(manifest: Manifest | None) -> float | None:
    """The quality that people stated, where no record is scored."""
    if manifest is None or manifest.quality.source != "metadata":
        return None
    return manifest.quality.score


def _origins(manifest: Manifest) -> list[Origin]:
    return [
        Origin(
            each.ref,
            each.relation,
            inherited=each.inherited,
            new=each.new,
            modified=each.modified,
            removed=each.removed,
            produced_by=each.produced_by or "",
            repository=each.repository or "",
        )
        for each in manifest.lineage
    ]
