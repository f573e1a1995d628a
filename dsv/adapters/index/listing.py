"""The lists of the index: datasets with their latest version, and versions newest first."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.rows import (
    DatasetEntry,
    Filter,
    Found,
    LineageRow,
    Order,
    Page,
    QualityRow,
    Shown,
    Told,
    VersionRow,
)
from dsv.errors import UsageError
from dsv.model.version import Version

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

_DATASET_SORTS = {
    "name": "d.name COLLATE NOCASE",
    "type": "d.type",
    "format": "d.format",
    "status": "d.status",
    "latest": "l.sort_key",
    "versions": "versions",
    "records": "l.records",
    "files": "l.files",
    "bytes": "l.bytes",
    "updated_at": "updated_at",
}
_OF_DATASET = "FROM dataset_versions AS v WHERE v.repository = d.repository AND v.dataset = d.name AND v.known = 1"
_ENTRY_COLUMNS = (
    "d.name, d.type, d.format, d.path, d.description, d.owners, d.tags, d.status, l.version, l.tags, l.records,"
    f" l.files, l.bytes, (SELECT count(*) {_OF_DATASET}) AS versions,"
    f" (SELECT max(created_at) {_OF_DATASET}) AS updated_at, d.stages, d.repository"
)
_VERSION_COLUMNS = (
    "id, dataset, version, type, format, created_at, created_by, summary, tags, description, records, files, bytes,"
    " level, tree_digest, status, git_tag, blob_id, commit_id, commit_author, committed_at, edited, deleted, known,"
    " metadata, fields, stages, released_as, bad_records, tokens, splits, key_fields, previous, changed_share, added,"
    " removed, modified, moved, record_digest, dvc_digest, index_digest, validation, quality_score, judge_pass_rate,"
    " repository, path, produced_by"
)


def datasets(connection: sqlite3.Connection, *, where: Filter, page: Page) -> Found[DatasetEntry]:
    """One page of the datasets that fit."""
    conditions, parameters = dataset_conditions(where)
    if where.shown is Shown.LATEST:
        conditions.append("l.id IS NOT NULL")
    tables = (
        "datasets AS d LEFT JOIN v_latest_versions AS l ON l.repository = d.repository AND l.dataset = d.name"
        f" WHERE {' AND '.join(conditions)}"
    )
    counting = f"SELECT count(*) FROM {tables}"  # noqa: S608 - our own names, values are bound
    (total,) = connection.execute(counting, parameters).fetchone()
    order = ordering(page, _DATASET_SORTS, natural="name", ties="d.name, d.repository")
    rows = connection.execute(f"SELECT {_ENTRY_COLUMNS} FROM {tables} {order}", parameters)  # noqa: S608 - as above
    return Found([_entry(row) for row in rows], total)


def versions(
    connection: sqlite3.Connection,
    dataset: str | None,
    *,
    limit: int | None,
    shown: Shown | None,
    repository: str | None,
) -> list[VersionRow]:
    """The versions of one dataset, highest first, or of all datasets, last created first."""
    conditions = ["true"]
    parameters: dict[str, Any] = {"dataset": dataset, "limit": -1 if limit is None else limit}
    if dataset is not None:
        conditions.append("dataset = :dataset")
    if repository is not None:
        conditions.append("repository = :repository")
        parameters["repository"] = repository
    if shown is not Shown.ALL:
        conditions.append("known = 1")
    source = "v_latest_versions" if shown is Shown.LATEST else "dataset_versions"
    order = "sort_key DESC" if dataset is not None else "created_at DESC, dataset, sort_key DESC, repository"
    tables = f"{source} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT :limit"
    rows = connection.execute(
        f"SELECT {_VERSION_COLUMNS} FROM {tables}",  # noqa: S608 - our own names, values are bound
        parameters,
    ).fetchall()
    lineage = _lineage(connection, [row[0] for row in rows])
    quality = _quality(connection, [row[0] for row in rows])
    return [_version(row, tuple(lineage[row[0]]), tuple(quality[row[0]])) for row in rows]


def _lineage(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[LineageRow]]:
    """The parents of these versions, in their order."""
    found: dict[int, list[LineageRow]] = {number: [] for number in numbers}
    edges = connection.execute(
        "SELECT version_id, parent, relation, inherited, new, modified, removed, produced_by, parent_repository,"
        " parent_dataset, parent_version, parent_digest, note FROM dataset_lineage"
        " WHERE version_id IN (SELECT value FROM json_each(?)) ORDER BY version_id, position",
        (json.dumps(numbers),),
    )
    for number, *edge in edges:
        found[number].append(LineageRow(*edge))
    return found


def _quality(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[QualityRow]]:
    """What scorers say of these versions, by scorer, metric and part."""
    found: dict[int, list[QualityRow]] = {number: [] for number in numbers}
    summaries = connection.execute(
        "SELECT version_id, coalesce(quantiles, 'null'), coalesce(histogram, 'null'), scorer, metric, n, facet, value,"
        " model, prompt_sha256, scored_at, coverage, mean, min, max, pass_rate FROM dataset_quality_metrics"
        " WHERE version_id IN (SELECT value FROM json_each(?)) ORDER BY version_id, scorer, metric, facet, value",
        (json.dumps(numbers),),
    )
    for number, quantiles, histogram, *cells in summaries:
        row = QualityRow(*cells)
        found[number].append(replace(row, quantiles=json.loads(quantiles), histogram=json.loads(histogram)))
    return found


def dataset_conditions(where: Filter) -> tuple[list[str], dict[str, Any]]:
    """SQL conditions on datasets `d` and their latest versions `l`, with the values they name."""
    conditions = ["true"]
    parameters: dict[str, Any] = {}
    columns = ("type", "format", "status", "repository")
    for column, value in zip(columns, (where.type, where.format, where.status, where.repository), strict=True):
        if value is not None:
            conditions.append(f"d.{column} = :{column}")
            parameters[column] = value
    if where.shown is not Shown.ALL:
        conditions.append("d.known = 1")
    if where.shown is not Shown.ALL and where.status is None:
        conditions.append("d.status NOT IN ('archived', 'removed')")
    if where.stage is not None:
        conditions.append("EXISTS (SELECT 1 FROM json_each(d.stages) WHERE key = :stage)")
        parameters["stage"] = where.stage
    more, values = tag_and_owner_conditions(where, version="l")
    return conditions + more, parameters | values


def tag_and_owner_conditions(where: Filter, *, version: str) -> tuple[list[str], dict[str, Any]]:
    """SQL conditions on the tags of `d` and of the version's table, and on the owners of `d`."""
    conditions = []
    if where.tag is not None:
        holds = "EXISTS (SELECT 1 FROM json_each({}.tags) WHERE value = :tag)"
        conditions.append(f"({holds.format('d')} OR {holds.format(version)})")
    if where.owner is not None:
        conditions.append("EXISTS (SELECT 1 FROM json_each(d.owners) WHERE instr(fold(value), fold(:owner)))")
    return conditions, {"tag": where.tag, "owner": where.owner}


def ordering(page: Page, sorts: Mapping[str, str], *, natural: str, ties: str) -> str:
    """The end of a query: ORDER BY one of the sorts, then the ties, and the part that the page asks for."""
    sort = page.sort or natural
    if sort not in sorts:
        raise UsageError(f"{sort!a} is nothing to sort by", hint=f"sort by one of {', '.join(sorts)}")
    order = page.order or (Order.DESCENDING if sort == "score" else Order.ASCENDING)
    limit = -1 if page.limit is None else page.limit
    return f"ORDER BY {sorts[sort]} {order.value} NULLS LAST, {ties} LIMIT {limit:d} OFFSET {page.offset:d}"


def _entry(row: Sequence[Any]) -> DatasetEntry:
    (name, kind, format_, path, description, owners, tags, status) = row[:8]
    (latest, latest_tags, records, files, size, versions_, updated_at, stages, repository) = row[8:]
    all_tags = {*json.loads(tags), *json.loads(latest_tags or "[]")}
    return DatasetEntry(
        name=name,
        type=kind,
        format=format_,
        path=path,
        description=description,
        owners=tuple(json.loads(owners)),
        tags=tuple(sorted(all_tags)),
        status=status,
        latest=None if latest is None else Version.parse(latest),
        versions=versions_,
        records=records,
        files=files,
        bytes=size,
        updated_at=updated_at,
        stages=json.loads(stages),
        repository=repository,
    )


def _version(row: Sequence[Any], lineage: tuple[LineageRow, ...], quality: tuple[QualityRow, ...]) -> VersionRow:
    (_, dataset, version, kind, format_, created_at, created_by, summary, tags, description) = row[:10]
    (records, files, size, level, tree_digest, status, git_tag, *told) = row[10:23]
    (known, metadata, fields, stages, released_as, bad_records, tokens, splits, key, previous) = row[23:33]
    (share, added, removed, modified, moved, record_digest, dvc_digest, index_digest) = row[33:41]
    (validation, quality_score, judge_pass_rate, repository, path, produced_by) = row[41:]
    return VersionRow(
        dataset=dataset,
        version=Version.parse(version),
        type=kind,
        format=format_,
        created_at=created_at,
        created_by=created_by,
        summary=summary,
        tags=tuple(json.loads(tags)),
        description=description,
        records=records,
        files=files,
        bytes=size,
        level=level,
        tree_digest=tree_digest,
        status=status,
        git_tag=git_tag,
        told=Told(*told[:4], *map(bool, told[4:])),
        known=bool(known),
        metadata_text=metadata,
        field_names=tuple(json.loads(fields)),
        stages=tuple(json.loads(stages)),
        released_as=released_as,
        path=path,
        bad_records=bad_records,
        tokens=tokens,
        splits=tuple(json.loads(splits).items()),
        key=tuple(json.loads(key)),
        previous=previous,
        produced_by=produced_by,
        changed_share=share,
        added=added,
        removed=removed,
        modified=modified,
        moved=moved,
        record_digest=record_digest,
        dvc_digest=dvc_digest,
        index_digest=index_digest,
        validation=validation,
        quality_score=quality_score,
        judge_pass_rate=judge_pass_rate,
        repository=repository,
        lineage=lineage,
        quality=quality,
    )
