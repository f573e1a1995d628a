"""`dsv index`: the derived search index, its state and its schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dsv.adapters.index import Index, schema_sql
from dsv.adapters.index import discard as discard_index
from dsv.repository import Repository
from dsv.repository.search_index import ask, ask_as_it_is, index_path, refs_stamp


@dataclass(frozen=True)
class IndexReport:
    """Where the index lies and what it holds; `stale` when git's refs have moved since `refreshed_at`."""

    path: str
    schema: int
    versions: int
    datasets: int
    refreshed_at: str | None
    stale: bool

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "path": self.path,
            "schema": self.schema,
            "versions": self.versions,
            "datasets": self.datasets,
            "refreshed_at": self.refreshed_at,
            "stale": self.stale,
        }


@dataclass(frozen=True)
class IndexSchema:
    """The tables and views of the index, as SQL."""

    sql: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"sql": self.sql}


def index_status(repository: Repository) -> IndexReport:
    """The index as it is, without a refresh."""
    return ask_as_it_is(repository, lambda index: _report(repository, index))


def index_rebuild(repository: Repository) -> IndexReport:
    """The index made anew from git's history."""
    discard_index(index_path(repository))
    return ask(repository, lambda index: _report(repository, index))


def index_schema() -> IndexSchema:
    """What the index of any repository looks like."""
    return IndexSchema(schema_sql())


def _report(repository: Repository, index: Index) -> IndexReport:
    status = index.status()
    stale = status.stamp != refs_stamp(repository)
    return IndexReport(status.path, status.schema, status.versions, status.datasets, status.refreshed_at, stale)
