"""Filling the index: the rows of its tables from values, and only those that differ from what it holds."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.folding import fold, storable
from dsv.adapters.index.schema import SEARCHED
from dsv.adapters.index.sort_key import sort_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from dsv.adapters.index.rows import DatasetRow, VersionRow, Walk
    from dsv.model.version import Version

_LARGEST = 2**63 - 1
_VERSION_COLUMNS = (
    "dataset, version, major, minor, patch, prerelease, sort_key, type, format, created_at, created_by, summary,"
    " tags, description, records, files, bytes, level, tree_digest, status, git_tag, commit_id, known, metadata,"
    " fields, stages, released_as"
)
_DATASET_COLUMNS = "name, type, format, path, description, owners, tags, status, known, source, stages"
_LINEAGE_COLUMNS = "position, parent, relation, inherited, new, modified, removed, produced_by"
_VALUES = attrgetter(
    "dataset",
    "version",
    "type",
    "format",
    "created_at",
    "created_by",
    "summary",
    "tags",
    "description",
    "records",
    "files",
    "bytes",
    "level",
    "tree_digest",
    "status",
    "git_tag",
    "commit",
    "known",
    "metadata_text",
    "field_names",
    "stages",
    "released_as",
    "lineage",
)


def fill(
    connection: sqlite3.Connection,
    *,
    stamp: str,
    datasets: Iterable[DatasetRow],
    versions: Iterable[VersionRow],
    unchanged: Collection[str] = (),
) -> None:
    """Make the tables hold these datasets and versions, inside a transaction of the caller's.

    What they hold of the unchanged datasets stays, nothing else does.
    """
    by_name = {each.name: each for each in datasets}
    wanted = {_content(row, by_name[row.dataset]): row for row in versions}
    kept = json.dumps(sorted(unchanged))
    others = "NOT IN (SELECT value FROM json_each(?))"
    held = dict(connection.execute(f"SELECT content, id FROM dataset_versions WHERE dataset {others}", (kept,)))  # noqa: S608
    gone = [(number,) for content, number in held.items() if content not in wanted]
    for table, column in (
        ("dataset_search", "version_id"),
        ("dataset_lineage", "version_id"),
        ("dataset_versions", "id"),
    ):
        connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", gone)  # noqa: S608 - our own names
    known = connection.execute(f"SELECT {_DATASET_COLUMNS} FROM datasets WHERE name {others}", (kept,))  # noqa: S608
    _fill_datasets(connection, by_name.values(), held={row[0]: row for row in known})
    new = [(content, row, by_name[row.dataset]) for content, row in wanted.items() if content not in held]
    _insert_versions(connection, new)
    moment = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", [("stamp", stamp), ("refreshed_at", moment)])


def remember_walk(connection: sqlite3.Connection, walk: Walk) -> None:
    """Keep what a look through git's history met, beside or instead of what earlier ones did."""
    if walk.since is None:
        connection.execute("DELETE FROM manifest_history")
    connection.executemany(
        "INSERT OR IGNORE INTO manifest_history (path, blob_id, commit_id, committed) VALUES (?, ?, ?, ?)",
        [(each.path, each.blob, each.commit, each.committed) for each in walk.arrivals],
    )
    connection.execute("INSERT OR REPLACE INTO about VALUES ('references', ?)", (walk.references,))


def _content(row: VersionRow, dataset: DatasetRow) -> bytes:
    """A digest of all that the tables get for a version, from it and from its dataset."""
    everything = repr((_VALUES(row), dataset.description, dataset.tags)).encode()
    return hashlib.blake2b(everything, digest_size=16).digest()


def _insert_versions(connection: sqlite3.Connection, rows: Sequence[tuple[bytes, VersionRow, DatasetRow]]) -> None:
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM dataset_versions").fetchone()
    numbered = [(number, *each) for number, each in enumerate(rows, last + 1)]
    _insert(
        connection,
        f"dataset_versions (id, content, {_VERSION_COLUMNS})",
        [(number, content, *_version_values(row)) for number, content, row, _ in numbered],
    )
    _insert(
        connection,
        f"dataset_lineage (version_id, {_LINEAGE_COLUMNS})",
        [(number, *parent) for number, _, row, _ in numbered for parent in _lineage_values(row)],
    )
    _insert(
        connection,
        f"dataset_search (version_id, {', '.join(SEARCHED)})",
        [(number, *_search_values(row, dataset)) for number, _, row, dataset in numbered],
    )


def _version_values(row: VersionRow) -> tuple[Any, ...]:
    version = row.version
    return (
        row.dataset,
        str(version),
        *_core(version),
        version.prerelease,
        sort_key(version),
        *map(storable, (row.type, row.format, row.created_at, row.created_by, row.summary)),
        _array(row.tags),
        storable(row.description),
        row.records,
        row.files,
        row.bytes,
        row.level,
        row.tree_digest,
        row.status,
        row.git_tag,
        row.commit,
        int(row.known),
        storable(row.metadata_text),
        _array(row.field_names),
        _array(row.stages),
        row.released_as or row.dataset,
    )


def _lineage_values(row: VersionRow) -> list[tuple[Any, ...]]:
    return [
        (
            position,
            storable(each.parent),
            storable(each.relation),
            each.inherited,
            each.new,
            each.modified,
            each.removed,
            None if each.produced_by is None else storable(each.produced_by),
        )
        for position, each in enumerate(row.lineage)
    ]


def _search_values(row: VersionRow, dataset: DatasetRow) -> tuple[str, ...]:
    texts = (
        row.type,
        row.summary,
        f"{dataset.description} {row.description}",
        row.metadata_text,
        " ".join(row.field_names),
    )
    tags = _lines(fold(storable(tag)) for tag in (*dataset.tags, *row.tags))
    return (fold(row.dataset), tags, *(fold(storable(text)) for text in texts))


def _fill_datasets(
    connection: sqlite3.Connection, datasets: Iterable[DatasetRow], *, held: Mapping[str, tuple[Any, ...]]
) -> None:
    rows = {
        each.name: (
            each.name,
            *map(storable, (each.type, each.format, each.path, each.description)),
            _array(each.owners),
            _array(each.tags),
            each.status,
            int(each.known),
            each.source,
            json.dumps(dict(each.stages)),
        )
        for each in datasets
    }
    gone = [(name,) for name in held if name not in rows]
    connection.executemany("DELETE FROM datasets WHERE name = ?", gone)
    connection.executemany(
        f"INSERT INTO datasets ({_DATASET_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names
        " ON CONFLICT (name) DO UPDATE SET"
        " type = excluded.type, format = excluded.format, path = excluded.path, description = excluded.description,"
        " owners = excluded.owners, tags = excluded.tags, status = excluded.status, known = excluded.known,"
        " source = excluded.source, stages = excluded.stages",
        [rows[name] for name in sorted(rows) if held.get(name) != rows[name]],
    )


def _insert(connection: sqlite3.Connection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608 - our own names


def _core(version: Version) -> list[int | str]:
    numbers = (version.major, version.minor, version.patch)
    return [number if number <= _LARGEST else str(number) for number in numbers]


def _array(texts: Iterable[str]) -> str:
    return json.dumps([storable(text) for text in texts], ensure_ascii=False)


def _lines(texts: Iterable[str]) -> str:
    """Each text between line feeds, so that a whole one can be told from a part."""
    joined = "\n".join(dict.fromkeys(texts))
    return f"\n{joined}\n" if joined else ""
