"""The tables, indexes, full-text search and views of the index.

The number SCHEMA goes up with every change of a table, of a view, or of what is written into them; an
index of another number is thrown away and built anew, so nothing is ever migrated.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

SCHEMA = 4
APPLICATION = 0x64737669
"""`dsvi`: what SQLite's application_id says in an index of dsv."""

SEARCHED = ("name", "tags", "type", "summary", "description", "metadata", "fields")
"""The columns of dataset_search that hold text, which trigrams are kept of."""

_HEADER = "The index of a dsv repository. Everything in it is derived from git: it can be deleted at any time."


@dataclass(frozen=True)
class _Table:
    """A table; columns hold something unless they are `optional`, `references` are (column, table, its column)."""

    name: str
    about: str
    columns: Mapping[str, type]
    key: str | tuple[str, ...]
    optional: frozenset[str] = frozenset()
    references: tuple[tuple[str, str, str], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    searched: tuple[str, ...] = ()


@dataclass(frozen=True)
class _View:
    name: str
    about: str
    select: str


@dataclass(frozen=True)
class _Described:
    """A table or view as it lies in the database: what it is, and the SQL of itself, its indexes and triggers."""

    about: str
    statements: list[str] = field(default_factory=list)


_TABLES = (
    _Table("about", "What the index was built from, and when.", {"key": str, "value": str}, key="key"),
    _Table(
        "datasets",
        """\
The datasets that are declared or have a version. owners, tags: JSON arrays of texts.
status: active, deprecated, archived, yanked or removed. stages: a JSON object, the version of each stage.
known: 0 for one that is only on other branches. source: a digest of what it and its versions were made from.""",
        {
            "name": str,
            "type": str,
            "format": str,
            "path": str,
            "description": str,
            "owners": str,
            "tags": str,
            "status": str,
            "known": int,
            "source": str,
            "stages": str,
        },
        key="name",
        indexes=(("type",),),
    ),
    _Table(
        "dataset_versions",
        """\
A row for each version of a dataset.
major, minor, patch: integers, beyond 64 bits texts; sort_key sorts as SemVer orders.
prerelease: '' for a release. created_at: as 2026-11-22T07:30:00Z. known: 0 for one that is only on other branches.
tags, fields (their names), stages: JSON arrays of texts. metadata: JSON.
status: of the version, or of its dataset where that says more. released_as: the dataset's name in the manifest.
content: a digest of all that is indexed of the version.""",
        {
            "id": int,
            "content": bytes,
            "dataset": str,
            "version": str,
            # without a type: SQLite would make an integer that passes 64 bits a rounded number
            "major": bytes,
            "minor": bytes,
            "patch": bytes,
            "prerelease": str,
            "sort_key": str,
            "type": str,
            "format": str,
            "created_at": str,
            "created_by": str,
            "summary": str,
            "tags": str,
            "description": str,
            "records": int,
            "files": int,
            "bytes": int,
            "level": str,
            "tree_digest": str,
            "status": str,
            "git_tag": str,
            "commit_id": str,
            "known": int,
            "metadata": str,
            "fields": str,
            "stages": str,
            "released_as": str,
        },
        key="id",
        optional=frozenset({"git_tag"}),
        references=(("dataset", "datasets", "name"),),
        unique=(("dataset", "version"), ("content",)),
        indexes=(("dataset", "sort_key"), ("type",), ("created_at",), ("tree_digest",)),
    ),
    _Table(
        "dataset_lineage",
        "The parents of each version; position is their order in the manifest, parent the reference that stands there.",
        {
            "version_id": int,
            "position": int,
            "parent": str,
            "relation": str,
            "inherited": int,
            "new": int,
            "modified": int,
            "removed": int,
            "produced_by": str,
        },
        key=("version_id", "position"),
        optional=frozenset({"produced_by"}),
        references=(("version_id", "dataset_versions", "id"),),
        indexes=(("parent",),),
    ),
    _Table(
        "dataset_search",
        "Folded text of each version to search in; tags stand between line feeds. Trigrams are kept of all of it.",
        {"version_id": int, **dict.fromkeys(SEARCHED, str)},
        key="version_id",
        references=(("version_id", "dataset_versions", "id"),),
        searched=SEARCHED,
    ),
    _Table(
        "manifest_history",
        "Which commit brought which text of a manifest, and when (seconds since 1970), as far as `about` says.",
        {"path": str, "blob_id": str, "commit_id": str, "committed": int},
        key=("path", "blob_id", "commit_id"),
    ),
    _Table(
        "manifest_blobs",
        "Manifests that were parsed before, as JSON, by their git blob.",
        {"blob_id": str, "document": str},
        key="blob_id",
    ),
)

_VIEWS = (
    _View(
        "v_latest_versions",
        "The latest version of every dataset: the highest that is neither a pre-release nor yanked nor removed.",
        """\
SELECT v.* FROM datasets AS d JOIN dataset_versions AS v ON v.id = (
    SELECT id FROM dataset_versions
    WHERE dataset = d.name AND known AND prerelease = '' AND status NOT IN ('yanked', 'removed')
    ORDER BY sort_key DESC LIMIT 1
)""",
    ),
    _View(
        "v_latest_datasets",
        "The latest version of all active datasets.",
        """\
SELECT d.name AS dataset, l.version, d.type, d.format, d.status, d.path, d.description, l.records, l.files, l.bytes,
    l.created_at, l.created_by, l.summary, l.tags, l.tree_digest, l.git_tag, l.commit_id
FROM datasets AS d JOIN v_latest_versions AS l ON l.dataset = d.name
WHERE d.status NOT IN ('archived', 'removed')""",
    ),
)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, indexes, triggers and views in an empty database."""
    from sqlite_utils import Database

    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    for each in _TABLES:
        table = database[each.name]
        table.create(
            dict(each.columns),
            pk=each.key,
            not_null=set(each.columns) - each.optional,
            foreign_keys=list(each.references),
        )
        for columns in each.unique:
            table.create_index(columns, unique=True)
        for columns in each.indexes:
            table.create_index(columns)
        if each.searched:
            table.enable_fts(each.searched, tokenize="trigram case_sensitive 1", create_triggers=True)
    for view in _VIEWS:
        database.create_view(view.name, view.select)


def schema_sql() -> str:
    """The SQL that makes an empty index, with a comment before each table and view."""
    parts = {each.name: _Described(each.about) for each in (*_TABLES, *_VIEWS)}
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        create(connection)
        rows = connection.execute(
            "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            " AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY rowid"
        )
        for table, sql in rows:
            parts[table.removesuffix("_fts")].statements.append(sql)
    return "\n".join([f"-- {_HEADER}\n", *map(_text, parts.values())])


def _text(part: _Described) -> str:
    comment = "".join(f"-- {line}\n" for line in part.about.splitlines())
    return comment + "".join(f"{statement};\n" for statement in part.statements)
