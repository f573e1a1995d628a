"""Every version and what it was made from, as few columns as a walk through lineage needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class GraphVersion(NamedTuple):
    """A version that the index holds; `stages` is a JSON array."""

    id: int
    repository: str
    dataset: str
    version: str
    records: int
    status: str
    stages: str
    known: int
    deleted: int
    created_at: str
    tree_digest: str


class GraphEdge(NamedTuple):
    """A child that the index holds, and its parent: by id where the index holds it too, else by what is said of it."""

    version_id: int
    parent_id: int | None
    parent: str
    parent_repository: str
    parent_dataset: str
    parent_version: str
    relation: str
    inherited: int | None
    new: int | None
    modified: int | None
    removed: int | None
    produced_by: str | None


class RunRow(NamedTuple):
    """A run that used a version; `released_as` is the dataset's name at its release, `data` a JSON object."""

    run: str
    repository: str
    dataset: str
    released_as: str
    version: str
    at: str
    by: str | None
    data: str
    path: str


def runs(connection: sqlite3.Connection) -> list[RunRow]:
    """What runs used, as events that count tell it: the last first."""
    found = connection.execute(
        "SELECT r.run, r.repository, r.dataset, coalesce(v.released_as, e.told_of), r.version, r.at, r.by, r.data,"
        " e.path FROM runs AS r JOIN events AS e ON e.id = r.event_id LEFT JOIN dataset_versions AS v"
        " ON (v.repository, v.dataset, v.version) = (r.repository, r.dataset, r.version)"
        " WHERE r.known = 1 ORDER BY r.at DESC, r.repository, r.dataset, r.version, r.run, e.path"
    )
    return list(map(RunRow._make, found))


def graph(connection: sqlite3.Connection) -> tuple[list[GraphVersion], list[GraphEdge]]:
    """The versions, by repository, dataset and number; the edges, by child, then as in its manifest."""
    order = "v.repository, v.dataset, v.sort_key"
    columns = ", ".join(f"v.{each}" for each in GraphVersion._fields)
    versions = connection.execute(f"SELECT {columns} FROM dataset_versions AS v ORDER BY {order}")  # noqa: S608 - our own names
    columns = ", ".join(f"l.{each}" for each in GraphEdge._fields)
    edges = connection.execute(
        f"SELECT {columns} FROM dataset_lineage AS l JOIN dataset_versions AS v ON v.id = l.version_id"  # noqa: S608 - our own names
        f" ORDER BY {order}, l.position"
    )
    return list(map(GraphVersion._make, versions)), list(map(GraphEdge._make, edges))
