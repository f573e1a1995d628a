"""The manifest of a decided version, composed of what was found and of what people say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsv.model.change_section import ChangeEntry
from dsv.model.change_summary import computed_summary
from dsv.model.documents import checked
from dsv.model.facts import Facts
from dsv.model.manifest import (
    Data,
    Digests,
    LineageEntry,
    Manifest,
    Quality,
    Tokens,
    Validation,
    Waiver,
    new_manifest,
)
from dsv.model.scores import quality_score
from dsv.model.source import PREVIOUS
from dsv.records.canonical import RECORD_FORM, encode
from dsv.records.formats.dialect import USUAL
from dsv.repository.clock import now, written
from dsv.repository.comparing.statistics import fields_profile
from dsv.repository.releasing.decision import Decision, Edge
from dsv.repository.releasing.sources import edges_from, find_parents, refuse_circle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsv.model.scores import ScorerSummary
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.releasing.gates import Gates
    from dsv.repository.repository import Repository


def compose_manifest(
    repository: Repository, decision: Decision, facts: Facts, *, gates: Gates, scorers: Sequence[ScorerSummary]
) -> Manifest:
    """The manifest of the decided version; BadManifestError for a text that cannot stand in it."""
    settings, snapshot = decision.settings, decision.snapshot
    parents = find_parents(repository, facts)
    refuse_circle(repository, f"{settings.name}@{decision.number.version}", parents)
    edges = [*_previous(decision), *edges_from(repository, parents, snapshot.side())]
    metadata = settings.metadata_with(facts.metadata)
    quality = _quality(metadata, scorers)
    with checked(f"{settings.name} {decision.number.version}"):
        return new_manifest(
            dataset=settings.name,
            version=decision.number.version,
            type=settings.type,
            created_at=now() if decision.made is None else written(decision.made.seconds),
            created_by=str(repository.git.identity() if decision.made is None else decision.made.author),
            summary=facts.summary
            or computed_summary(decision.change.records, files=len(snapshot.files), first=decision.base is None),
            tags=facts.tags,
            metadata=metadata,
            data=Data(
                path=settings.path,
                format=snapshot.format,
                files=len(snapshot.files),
                bytes=snapshot.bytes,
                records=snapshot.records,
                bad_records=snapshot.bad_count,
                tokens=_tokens(snapshot),
                dialects={each: files for each, files in snapshot.dialects.items() if each not in USUAL} or None,
            ),
            splits=snapshot.splits,
            digests=Digests(
                tree=f"sha256:{snapshot.built.tree_digest}",
                records=f"sha256:{snapshot.built.records_digest}",
                record_form=RECORD_FORM,
                dvc=f"md5:{snapshot.oid}",
                index=f"md5:{snapshot.index_object.oid}",
            ),
            fields=snapshot.fields,
            profile=fields_profile(snapshot.profile, label_fields=settings.counted_fields, records=snapshot.records),
            key=settings.key,
            reading=settings.reading,
            change=ChangeEntry.of(
                decision.change,
                level=decision.number.level,
                computed=decision.verdict.level or decision.number.level,
                policy=decision.policy,
                previous=decision.base.version if decision.base else None,
                reasons=decision.verdict.reasons,
                allow_lower=decision.allow_lower,
            ),
            lineage=[_lineage(each, produced_by=facts.produced_by) for each in edges],
            produced_by=None if edges else facts.produced_by or None,
            quality=quality,
            validation=_validation(snapshot, gates),
            encode=encode,
        )


def _validation(snapshot: Snapshot, gates: Gates) -> Validation:
    """What was checked; of what was waived, what it found."""
    return Validation(
        status="waived" if gates.waived else "passed",
        checks=snapshot.checks_run() + gates.ran,
        waived=tuple(Waiver(check=each.check, reason=each.reason) for each in gates.waived),
        findings=tuple(each.finding() for each in gates.waived),
    )


def _quality(metadata: Mapping[str, Any], scorers: Sequence[ScorerSummary]) -> Quality:
    """What the scores that the records bring along come to; else what people say of the version."""
    documents = tuple(each.document() for each in scorers)
    found = quality_score(scorers)
    if found is not None:
        score, coverage = found
        return Quality(score=score, source="records", coverage=coverage, scorers=documents)
    given = metadata.get("quality_score")
    said = float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None
    return Quality(score=said, source=None if said is None else "metadata", scorers=documents)


def _previous(decision: Decision) -> list[Edge]:
    followed = [] if decision.base is None else [Edge(decision.base.name, PREVIOUS, decision.change.records)]
    return [*followed, *decision.edges]


def _lineage(edge: Edge, *, produced_by: str) -> LineageEntry:
    records = edge.records
    return LineageEntry(
        ref=edge.source,
        relation=edge.relation,
        inherited=None if records is None else records.unchanged + records.moved,
        new=None if records is None else records.added,
        modified=None if records is None else records.modified,
        removed=None if records is None else records.removed,
        produced_by=produced_by or None,
        repository=edge.repository or None,
        digest=edge.digest or None,
        note=edge.note or None,
    )


def _tokens(snapshot: Snapshot) -> Tokens | None:
    if snapshot.format == "opaque":
        return None
    mean = round(snapshot.tokens / snapshot.records, 1) if snapshot.records else 0.0
    return Tokens(counter=snapshot.counter, total=snapshot.tokens, mean=mean)
