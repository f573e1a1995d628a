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


class GraphRun(NamedTuple):
    """A run that used a version; `data` is a JSON object."""

    run: str
    repository: str
    dataset: str
    version: str
    at: str
    data: str


def runs(connection: sqlite3.Connection) -> list[GraphRun]:
    """What runs used, as events that count tell it: the last first."""
    columns = ", ".join(GraphRun._fields)
    order = "at DESC, repository, dataset, version, run"
    found = connection.execute(f"SELECT {columns} FROM runs WHERE known = 1 ORDER BY {order}")  # noqa: S608 - our own names
    return list(map(GraphRun._make, found))


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
