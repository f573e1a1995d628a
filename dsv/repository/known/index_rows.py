"""The rows of the index, made of what git says of manifests and events and of what stands in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsv.adapters.index import DatasetRow, EventRow, LineageRow, Told, VersionRow
from dsv.model.standing import COUNTING, Happening, PastEvent, Standing, Status, kind_in, standing_of
from dsv.model.version import Version
from dsv.repository.known.parsed_texts import Documents, past_event
from dsv.repository.known.quality_rows import judge_pass_rate, quality_rows, quality_score, summaries

if TYPE_CHECKING:
    from dsv.repository.known.origins import Origin, Origins
    from dsv.repository.repository import Repository

Read = Callable[[Collection[str]], Documents]
"""Gives what stands in blobs."""


@dataclass(frozen=True)
class Reading:
    """How texts become documents: manifests, events and declarations."""

    manifests: Read
    events: Read
    declarations: Read


@dataclass(frozen=True)
class Rows:
    """The rows of some datasets of a repository."""

    datasets: Sequence[DatasetRow]
    versions: Sequence[VersionRow]
    events: Sequence[EventRow]


@dataclass(frozen=True)
class _Facts:
    """One manifest settled: the blob that counts, whether HEAD or its tag holds it, its tag, who brought it."""

    dataset: str
    blob: str
    known: bool
    tag: str | None
    told: Told


def rows_of(
    repository: Repository, origins: Origins, names: Collection[str], *, sources: Mapping[str, str], read: Reading
) -> Rows:
    """The rows of these datasets, their versions and their events."""
    settled = _settled(repository, {name: origins.manifests.get(name, {}) for name in names})
    material = _Material(
        settled,
        read.manifests({facts.blob for facts in settled.values()}),
        read.declarations({origins.declarations[name] for name in names if name in origins.declarations}),
        events_in((each for name in names for each in origins.events.get(name, {}).values()), read.events),
    )
    datasets: list[DatasetRow] = []
    versions: list[VersionRow] = []
    happened: list[EventRow] = []
    for name in names:
        events = [
            (each, material.events[path])
            for path, each in origins.events.get(name, {}).items()
            if path in material.events
        ]
        happened.extend(_event_row(name, origin, event) for origin, event in events)
        told = [event for origin, event in events if origin.head is not None]
        standing = standing_of(event for event in told if kind_in(event.file) in COUNTING)
        declaration = material.declarations.get(origins.declarations.get(name, ""))
        released = _versions(
            name, origins.manifests.get(name, {}), material, declaration, events=told, standing=standing
        )
        if declaration is not None or released:
            dataset = _dataset_row(name, declaration, released, standing=standing)
            datasets.append(replace(dataset, source=sources[name]))
            versions.extend(released)
    return Rows(datasets, versions, happened)


def events_in(origins: Iterable[Origin], read: Read) -> dict[str, PastEvent]:
    """The events in these files by path, without those that cannot be read or tell of another dataset."""
    files = {each.path: each for each in origins}
    parsed = read({each.blob for each in files.values()})
    return {
        path: past_event(document, file=path.rpartition("/")[2])
        for path, each in files.items()
        if (document := parsed.get(each.blob)) is not None and document["dataset"] == each.dataset
    }


@dataclass(frozen=True)
class _Material:
    """What was settled and read of some datasets."""

    settled: Mapping[tuple[str, str], _Facts]
    manifests: Documents
    declarations: Documents
    events: Mapping[str, PastEvent]


def _settled(repository: Repository, manifests: Mapping[str, Mapping[str, Origin]]) -> dict[tuple[str, str], _Facts]:
    """The facts of each manifest; a tag counts when it is annotated and its commit holds the manifest."""
    flat = {(name, text): origin for name, texts in manifests.items() for text, origin in texts.items()}
    tagged = [(key, origin.tag[1], origin.path) for key, origin in flat.items() if origin.tag is not None]
    questions = [ask for _, tag, path in tagged for ask in (f"{tag}^{{tag}}", f"{tag}:{path}")]
    answers = repository.git.object_ids(questions)
    under_tag = {
        key: blob
        for (key, _, _), annotated, blob in zip(tagged, answers[::2], answers[1::2], strict=True)
        if annotated is not None and blob is not None
    }
    found = {}
    for key, origin in flat.items():
        blob = under_tag.get(key) or origin.blob
        tag = origin.tag[0] if origin.tag is not None and key in under_tag else None
        known = key in under_tag or origin.head is not None
        found[key] = _Facts(origin.dataset, blob, known=known, tag=tag, told=origin.told(blob))
    return found


def _versions(
    name: str,
    manifests: Iterable[str],
    material: _Material,
    declaration: Mapping[str, Any] | None,
    *,
    events: Sequence[PastEvent],
    standing: Standing,
) -> list[VersionRow]:
    """The rows of a dataset's versions, under its present name, as they stand."""
    description = declaration["description"] if declaration else ""
    scores: dict[str, list[PastEvent]] = {}
    for event in events:
        if event.event == Happening.SCORE.value:
            scores.setdefault(str(event.version), []).append(event)
    rows = []
    for text in manifests:
        facts = material.settled[name, text]
        document = material.manifests.get(facts.blob)
        if document is not None and (document["dataset"], document["version"]) == (facts.dataset, text):
            version = Version.parse(text)
            row = _version_row(
                document,
                facts,
                dataset=name,
                description=description,
                status=standing.status(version),
                stages=standing.stages_of(version),
                scores=scores.get(text, ()),
            )
            rows.append(row)
    return rows


def _version_row(
    document: Mapping[str, Any],
    facts: _Facts,
    *,
    dataset: str,
    description: str,
    status: Status,
    stages: tuple[str, ...],
    scores: Sequence[PastEvent],
) -> VersionRow:
    data, digests, change = document["data"], document["digests"], document["change"]
    quality = [row for each in summaries(document["quality"], scores) for row in quality_rows(each)]
    imported = quality_score(quality) if scores else None
    return VersionRow(
        dataset=dataset,
        released_as=document["dataset"],
        version=Version.parse(document["version"]),
        type=document["type"],
        format=data["format"],
        path=data["path"],
        created_at=document["created_at"],
        created_by=document["created_by"],
        summary=document["summary"],
        tags=tuple(document["tags"]),
        description=description,
        records=data["records"],
        files=data["files"],
        bytes=data["bytes"],
        bad_records=data["bad_records"],
        tokens=(data.get("tokens") or {}).get("total"),
        splits=tuple(document["splits"].items()),
        key=tuple(document["key"]),
        level=change["level"],
        previous=change["previous"],
        produced_by=document.get("produced_by"),
        changed_share=change["records"]["changed_share"],
        **{name: change["records"][name] for name in ("added", "removed", "modified", "moved")},
        tree_digest=digests["tree"],
        record_digest=digests["records"],
        dvc_digest=digests["dvc"],
        index_digest=digests["index"],
        status=status.value,
        stages=stages,
        validation=document["validation"]["status"],
        quality_score=document["quality"]["score"] if imported is None else imported,
        judge_pass_rate=judge_pass_rate(quality),
        git_tag=facts.tag,
        told=facts.told,
        known=facts.known,
        metadata_text=json.dumps(document["metadata"], ensure_ascii=False),
        field_names=tuple(each["name"] for each in document["fields"]),
        lineage=tuple(map(_lineage_row, document["lineage"])),
        quality=tuple(quality),
    )


def _lineage_row(edge: Mapping[str, Any]) -> LineageRow:
    dataset, _, version = edge["ref"].rpartition("@")
    return LineageRow(
        parent=edge["ref"],
        relation=edge["relation"],
        inherited=edge["inherited"],
        new=edge["new"],
        modified=edge["modified"],
        removed=edge["removed"],
        produced_by=edge.get("produced_by"),
        repository=edge.get("repository") or "",
        dataset=dataset,
        version=version,
        digest=edge.get("digest"),
        note=edge.get("note"),
    )


def _event_row(name: str, origin: Origin, event: PastEvent) -> EventRow:
    return EventRow(
        dataset=name,
        version=event.version,
        event=event.event,
        at=event.at,
        by=event.by,
        reason=event.reason,
        data=event.data,
        path=origin.path,
        told_of=event.dataset,
        told=origin.told(origin.blob),
        known=origin.head is not None,
    )


def _dataset_row(
    name: str, declared: Mapping[str, Any] | None, versions: Sequence[VersionRow], *, standing: Standing
) -> DatasetRow:
    """What dataset.yaml says, where HEAD has one, else what the highest known version does."""
    newest = max(versions, key=lambda each: (each.known, each.version), default=None)
    stages = tuple((stage, str(version)) for stage, version in sorted(standing.stages.items()))
    row = DatasetRow(name, type="", format="", path="", status=standing.dataset.value, stages=stages)
    if newest is not None:
        known = declared is not None or any(each.known for each in versions)
        row = replace(row, type=newest.type, format=newest.format, path=newest.path, known=known)
    if declared is None:
        return row
    return replace(
        row,
        type=declared["type"],
        format=newest.format if newest else declared["format"],
        path=declared["path"],
        description=declared["description"],
        owners=tuple(declared["owners"]),
    )
