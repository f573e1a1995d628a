"""Filling the index: the rows of its tables from values, and only those that differ from what it holds.

A version keeps its number as long as it is there, whatever changes in it, so that what others added to it stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from dsv.adapters.index.folding import storable
from dsv.adapters.index.lineage import find_parents, lose_parents
from dsv.adapters.index.tables import TABLES
from dsv.adapters.index.values import (
    Values,
    dataset_values,
    event_values,
    lineage_values,
    quality_values,
    run_values,
    search_values,
    version_values,
)

if TYPE_CHECKING:
    import sqlite3

    from dsv.adapters.index.rows import DatasetRow, EventRow, RepositoryRow, VersionRow, Walk

_COLUMNS = {each.name: tuple(each.columns) for each in TABLES}
_OTHERS = "NOT IN (SELECT value FROM json_each(:kept))"
_OF_A_VERSION = ("dataset_search", "dataset_lineage", "dataset_quality_metrics")
"""The tables whose rows come and go with what a version holds."""


@dataclass(frozen=True)
class Contents:
    """What a repository has; every version's dataset is among the datasets, each version there once."""

    datasets: Iterable[DatasetRow]
    versions: Iterable[VersionRow]
    events: Iterable[EventRow] = ()


def fill(
    connection: sqlite3.Connection,
    repository: RepositoryRow,
    *,
    stamp: str,
    contents: Contents,
    unchanged: Collection[str] = (),
) -> None:
    """Make the tables hold these contents of a repository, inside a transaction of the caller's.

    What they hold of its unchanged datasets stays, and all of other repositories; nothing else does.
    """
    # rows that refer to one another change in turn: they have to fit together when all is done
    connection.execute("PRAGMA defer_foreign_keys = ON")
    kept = {"repository": repository.name, "kept": json.dumps(sorted(unchanged))}
    moved = _note(connection, repository, stamp=stamp)
    datasets = {each.name: each for each in contents.datasets}
    touched = _fill_versions(connection, repository.name, datasets, contents.versions, kept=kept)
    _fill_events(connection, repository.name, contents.events, kept=kept)
    _fill_datasets(connection, repository.name, datasets, kept=kept)
    _fill_tags(connection, repository.name, touched)
    find_parents(connection, of=touched.numbers, named=touched.names, everywhere=moved)


def remember_walk(connection: sqlite3.Connection, walk: Walk, *, repository: str) -> None:
    """Keep what a look through git's history met, beside or instead of what earlier ones did."""
    if walk.since is None:
        connection.execute("DELETE FROM file_history WHERE repository = ?", (repository,))
    connection.executemany(
        "INSERT OR IGNORE INTO file_history (repository, path, blob_id, commit_id, author, committed)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (repository, storable(each.path), each.blob, each.commit, storable(each.author), each.committed)
            for each in walk.arrivals
        ],
    )
    connection.execute("INSERT OR REPLACE INTO walks VALUES (?, ?)", (repository, walk.references))


def forget(connection: sqlite3.Connection, repository: RepositoryRow) -> None:
    """Make the index hold nothing of a repository any more."""
    fill(connection, repository, stamp="", contents=Contents((), ()))
    for table, column in (("file_history", "repository"), ("walks", "repository"), ("repositories", "name")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (repository.name,))  # noqa: S608 - our own names


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Values]) -> None:
    """Put rows, with a value for each column of the table, into it."""
    if rows:
        columns = _COLUMNS[table]
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names
        connection.executemany(statement, rows)


def _note(connection: sqlite3.Connection, repository: RepositoryRow, *, stamp: str) -> bool:
    """Write down what was read of the repository, and when; whether it is elsewhere than it was before."""
    held = connection.execute("SELECT url FROM repositories WHERE name = ?", (repository.name,)).fetchone()
    moment = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    connection.execute(
        "INSERT OR REPLACE INTO repositories (name, url, head, stamp, read_at) VALUES (?, ?, ?, ?, ?)",
        (repository.name, storable(repository.url), repository.head, stamp, moment),
    )
    return ("" if held is None else held[0]) != repository.url


class _Held(NamedTuple):
    """A version as the tables have it."""

    id: int
    content: bytes
    dataset: str


class _Prepared(NamedTuple):
    """A version with all its values, before it has a number.

    `identity` is what it stays the same version by: the dataset's name in its manifest, and its own number;
    `content` a digest of all that the tables get for it.
    """

    row: VersionRow
    identity: tuple[str, str]
    content: bytes
    values: Values
    lineage: Sequence[Values]
    quality: Sequence[Values]
    search: Values


@dataclass(frozen=True)
class _Touched:
    """What a change of versions touched: all names that they went and go by; those that went, and that came.

    `gone` are by dataset and version. What has only changed has gone and come.
    """

    names: Collection[str]
    gone: Sequence[tuple[str, str]]
    numbers: Sequence[int]
    rows: Sequence[VersionRow]


def _prepared(row: VersionRow, dataset: DatasetRow, *, repository: str) -> _Prepared:
    values = version_values(row, repository=repository)
    lineage = [lineage_values(position, each) for position, each in enumerate(row.lineage)]
    quality = [quality_values(each) for each in row.quality]
    search = search_values(row, dataset)
    identity = (row.released_as or row.dataset, str(row.version))
    content = _digest((values, lineage, quality, search))
    return _Prepared(row, identity, content, values, lineage, quality, search)


def _digest(values: object) -> bytes:
    return hashlib.blake2b(repr(values).encode(), digest_size=16).digest()


def _fill_versions(
    connection: sqlite3.Connection,
    repository: str,
    datasets: Mapping[str, DatasetRow],
    versions: Iterable[VersionRow],
    *,
    kept: Mapping[str, str],
) -> _Touched:
    found = connection.execute(
        "SELECT released_as, version, id, content, dataset FROM dataset_versions"  # noqa: S608 - our own names
        f" WHERE repository = :repository AND dataset {_OTHERS}",
        kept,
    )
    held = {(name, version): _Held(*row) for name, version, *row in found}
    wanted = [_prepared(row, datasets[row.dataset], repository=repository) for row in versions]
    identities = {each.identity for each in wanted}
    if len(identities) < len(wanted):
        raise ValueError(f"a version of {repository!a} is there twice")
    gone = {identity: row for identity, row in held.items() if identity not in identities}
    came = [each for each in wanted if each.identity not in held or held[each.identity].content != each.content]
    changed = {each.identity: held[each.identity] for each in came if each.identity in held}
    _delete_versions(connection, lost=[row.id for row in gone.values()], changed=[row.id for row in changed.values()])
    numbers = _insert_versions(connection, came, held={identity: row.id for identity, row in held.items()})
    left = [(row.dataset, version) for (_, version), row in (*gone.items(), *changed.items())]
    rows = [each.row for each in came]
    names = {name for name, _ in (*gone, *changed, *left)}.union(*((each.dataset, each.released_as) for each in rows))
    return _Touched(names, left, numbers, rows)


def _delete_versions(connection: sqlite3.Connection, *, lost: Sequence[int], changed: Sequence[int]) -> None:
    """Remove versions with all that belongs to them; of those that only change the scores of single records stay."""
    for table in _OF_A_VERSION:
        of_both = [(number,) for number in (*lost, *changed)]
        connection.executemany(f"DELETE FROM {table} WHERE version_id = ?", of_both)  # noqa: S608 - our own names
    connection.executemany("DELETE FROM dataset_quality_examples WHERE version_id = ?", [(each,) for each in lost])
    lose_parents(connection, lost)
    connection.executemany("DELETE FROM dataset_versions WHERE id = ?", [(each,) for each in (*lost, *changed)])


def _insert_versions(
    connection: sqlite3.Connection, prepared: Sequence[_Prepared], *, held: Mapping[tuple[str, str], int]
) -> list[int]:
    """The numbers of these versions: those they had, or new ones."""
    (highest,) = connection.execute("SELECT coalesce(max(id), 0) FROM dataset_versions").fetchone()
    new = count(max(highest, *held.values(), 0) + 1)
    numbers = [held.get(each.identity) or next(new) for each in prepared]
    numbered = list(zip(numbers, prepared, strict=True))
    insert(connection, "dataset_versions", [(number, each.content, *each.values) for number, each in numbered])
    insert(connection, "dataset_lineage", [(number, *row) for number, each in numbered for row in each.lineage])
    insert(connection, "dataset_quality_metrics", [(number, *row) for number, each in numbered for row in each.quality])
    insert(connection, "dataset_search", [(number, *each.search) for number, each in numbered])
    return numbers


def _fill_events(
    connection: sqlite3.Connection, repository: str, events: Iterable[EventRow], *, kept: Mapping[str, str]
) -> None:
    found = connection.execute(
        f"SELECT content, id FROM events WHERE repository = :repository AND dataset {_OTHERS}",  # noqa: S608 - our own names
        kept,
    )
    held = dict(found.fetchall())
    wanted = {}
    for row in events:
        values = event_values(row, repository=repository)
        wanted[_digest(values)] = (values, run_values(row, repository=repository))
    gone = [(number,) for content, number in held.items() if content not in wanted]
    connection.executemany("DELETE FROM runs WHERE event_id = ?", gone)
    connection.executemany("DELETE FROM events WHERE id = ?", gone)
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    new = [(content, *both) for content, both in wanted.items() if content not in held]
    numbered = list(enumerate(new, last + 1))
    insert(connection, "events", [(number, content, *values) for number, (content, values, _) in numbered])
    insert(connection, "runs", [(number, *run) for number, (_, _, run) in numbered if run is not None])


def _fill_datasets(
    connection: sqlite3.Connection, repository: str, datasets: Mapping[str, DatasetRow], *, kept: Mapping[str, str]
) -> None:
    found = connection.execute(
        f"SELECT * FROM datasets WHERE repository = :repository AND name {_OTHERS}",  # noqa: S608 - our own names
        kept,
    )
    held = {row[1]: row for row in found}
    rows = {name: dataset_values(datasets[name], repository=repository) for name in sorted(datasets)}
    differing = [row for name, row in rows.items() if held.get(name) != row]
    leaving = [(repository, name) for name in held if name not in rows]
    leaving += [(repository, row[1]) for row in differing]
    connection.executemany("DELETE FROM datasets WHERE repository = ? AND name = ?", leaving)
    connection.executemany("DELETE FROM tags WHERE repository = ? AND dataset = ? AND version = ''", leaving)
    insert(connection, "datasets", differing)
    tags = sorted({(row[1], storable(tag)) for row in differing for tag in datasets[row[1]].tags})
    insert(connection, "tags", [(repository, name, "", tag) for name, tag in tags])


def _fill_tags(connection: sqlite3.Connection, repository: str, touched: _Touched) -> None:
    leaving = [(repository, *each) for each in touched.gone]
    connection.executemany("DELETE FROM tags WHERE repository = ? AND dataset = ? AND version = ?", leaving)
    rows = sorted(
        {(repository, row.dataset, str(row.version), storable(tag)) for row in touched.rows for tag in row.tags}
    )
    insert(connection, "tags", rows)
