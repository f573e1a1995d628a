"""The lists of the index: datasets with their latest version, and versions newest first."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.conditions import dataset_conditions, ordering, runs_of, total_of, version_conditions
from dsv.adapters.index.folding import fold
from dsv.adapters.index.rows import DatasetEntry, Found, LineageRow, QualityRow, Told, VersionRow
from dsv.adapters.index.suggesting import SUGGESTIONS, nearest
from dsv.model.filters import Filter, Order, Page, Shown, Used
from dsv.model.version import Version

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_NO_RUNS = "'[]'"
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
    "quality": "l.quality_score",
    "judge_pass_rate": "l.judge_pass_rate",
    "repository": "d.repository",
}
_VERSION_SORTS = {
    "created_at": "v.created_at",
    "dataset": "v.dataset COLLATE NOCASE",
    "version": "v.sort_key",
    "type": "v.type",
    "status": "v.status",
    "records": "v.records",
    "files": "v.files",
    "bytes": "v.bytes",
    "quality": "v.quality_score",
    "judge_pass_rate": "v.judge_pass_rate",
}
_SUGGESTED = {
    "type": "d.type",
    "status": "d.status",
    "format": "d.format",
    "tag": "t.value",
    "owner": "o.value",
    "stage": "s.key",
}
"""The filters that take words, and where the index has these."""
_OF_DATASET = "FROM dataset_versions AS v WHERE v.repository = d.repository AND v.dataset = d.name AND v.known = 1"
_ENTRY_COLUMNS = (
    "d.name, d.type, d.format, d.path, d.description, d.owners, d.tags, d.status, l.version, l.tags, l.records,"
    f" l.files, l.bytes, (SELECT count(*) {_OF_DATASET}) AS versions,"
    f" (SELECT max(created_at) {_OF_DATASET}) AS updated_at, d.stages, d.repository,"
    " l.quality_score, l.judge_pass_rate"
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
    conditions = dataset_conditions(where)
    tables = (
        "datasets AS d LEFT JOIN v_latest_versions AS l ON l.repository = d.repository AND l.dataset = d.name"
        f" WHERE {conditions}"
    )
    order = ordering(page, _DATASET_SORTS, natural="name", ties="d.name, d.repository")
    columns = f"{_ENTRY_COLUMNS}, {runs_of('d', 'd.name') if where.used is Used.BY_RUNS else _NO_RUNS}"
    rows = connection.execute(f"SELECT {columns} FROM {tables} {order}", conditions.values)  # noqa: S608 - our own names, values are bound
    entries = [_entry(row) for row in rows]
    total = total_of(connection, tables, conditions, page=page, shown=len(entries))
    return Found(entries, total, _alike(connection, where) if total == 0 else ())


def released(
    connection: sqlite3.Connection, dataset: str | None, version: Version | None, *, where: Filter, page: Page
) -> Found[VersionRow]:
    """One page of the versions that fit: of one dataset the highest first, of all the last created first."""
    conditions = version_conditions(where)
    if dataset is not None:
        # its name today: what is looked back to may have another
        of_dataset = "SELECT id FROM main.dataset_versions WHERE dataset = :dataset"
        conditions.add(f"v.id IN ({of_dataset})", dataset=dataset)
    if version is not None:
        conditions.add("v.version = :version", version=str(version))
    tables = (
        "dataset_versions AS v JOIN datasets AS d ON d.repository = v.repository AND d.name = v.dataset"
        f" WHERE {conditions}"
    )
    newest = Page("created_at" if dataset is None else "version", Order.DESCENDING)
    asked = page if page.sort else replace(page, sort=newest.sort, order=newest.order)
    order = ordering(asked, _VERSION_SORTS, natural="version", ties="v.dataset, v.sort_key DESC, v.repository")
    columns = ", ".join(f"v.{column.strip()}" for column in _VERSION_COLUMNS.split(","))
    rows = connection.execute(f"SELECT {columns} FROM {tables} {order}", conditions.values)  # noqa: S608 - as above
    found = _with_parts(connection, rows.fetchall())
    total = total_of(connection, tables, conditions, page=page, shown=len(found))
    return Found(found, total, _alike(connection, where) if total == 0 else ())


def _alike(connection: sqlite3.Connection, where: Filter) -> list[str]:
    """Options of the filter with words that are there, for those whose words are not; the nearest first."""
    found = []
    for option, column in _SUGGESTED.items():
        asked = getattr(where, option)
        if asked is None:
            continue
        known = connection.execute(
            f"SELECT DISTINCT {column} FROM datasets AS d LEFT JOIN dataset_versions AS v"  # noqa: S608 - our own names
            " ON v.repository = d.repository AND v.dataset = d.name LEFT JOIN json_each(d.owners) AS o"
            " LEFT JOIN json_each(d.stages) AS s LEFT JOIN json_each(v.tags) AS t WHERE d.known = 1"
        )
        words = {fold(word): word for (word,) in known if word}
        if asked in words.values():
            continue
        same = [words[fold(asked)]] if fold(asked) in words else []
        found += [f"--{option} {word}" for word in same or (words[each] for each in nearest(fold(asked), words))]
    return found[:SUGGESTIONS]


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
    return _with_parts(connection, rows)


def _with_parts(connection: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> list[VersionRow]:
    """The versions of these rows, with their lineage and what scorers say of them."""
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


def _entry(row: Sequence[Any]) -> DatasetEntry:
    (name, kind, format_, path, description, owners, tags, status) = row[:8]
    (latest, latest_tags, records, files, size, versions_, updated_at, stages, repository) = row[8:17]
    quality_score, judge_pass_rate, runs = row[17:]
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
        quality_score=quality_score,
        judge_pass_rate=judge_pass_rate,
        runs=tuple(json.loads(runs)),
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
