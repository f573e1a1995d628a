"""`dsv index`: the derived search index, its state and its schema; record indexes made again from data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.index import Index, schema_sql
from dsv.adapters.index import discard as discard_index
from dsv.errors import UsageError
from dsv.model.reference import GitRevision, Ref, Work
from dsv.repository import Repository
from dsv.repository.comparing.objects import Reach
from dsv.repository.comparing.versions import index_at_hand, record_index
from dsv.repository.known.catalog import read_manifest, resolve
from dsv.repository.known.search_index import ask, ask_as_it_is, index_path, refs_stamp


@dataclass(frozen=True)
class IndexReport:
    """Where the index lies and what it holds; `stale` when git's refs have moved since `refreshed_at`.

    `edited` are the versions of whose manifests history holds several texts, `deleted` those whose manifests HEAD's
    history had, and its tree has no more: what nobody should do to a release.
    """

    path: str
    schema: int
    versions: int
    datasets: int
    refreshed_at: str | None
    stale: bool
    events: int
    edited: Sequence[str]
    deleted: Sequence[str]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "path": self.path,
            "schema": self.schema,
            "versions": self.versions,
            "datasets": self.datasets,
            "refreshed_at": self.refreshed_at,
            "stale": self.stale,
            "events": self.events,
            "edited": list(self.edited),
            "deleted": list(self.deleted),
        }


@dataclass(frozen=True)
class IndexSchema:
    """The tables and views of the index, as SQL."""

    sql: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"sql": self.sql}


@dataclass(frozen=True)
class RecordsIndexed:
    """A version whose record index is at hand now; `made` when it was not before."""

    reference: str
    records: int
    made: bool

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"ref": self.reference, "records": self.records, "made": self.made}


@dataclass(frozen=True)
class IndexedRecords:
    """Versions whose record indexes are at hand now."""

    indexes: Sequence[RecordsIndexed]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"indexes": [each.document() for each in self.indexes]}


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


def index_records(repository: Repository, *references: Ref) -> IndexedRecords:
    """The record indexes of versions, made from their data where they are not here: in the cache, else on the remote.

    The data is read where it lies, and not kept. Errors: MissingDataError; MismatchError where the data is not
    what was released; those of a remote or a cluster that does not answer.
    """
    known = list(dict.fromkeys(resolve(repository, _released(each)) for each in references))
    found = []
    for each in known:
        manifest = read_manifest(repository, each)
        there = index_at_hand(repository, each, manifest)
        if there is None:
            record_index(repository, each, manifest, reach=Reach.REMOTE)
        found.append(RecordsIndexed(each.name, manifest.data.records, there is None))
    return IndexedRecords(found)


def _released(reference: Ref) -> Ref:
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(f"{reference} is no released version", hint="name a version, for instance by its number")
    return reference


def _report(repository: Repository, index: Index) -> IndexReport:
    status = index.status()
    stale = status.stamp != refs_stamp(repository)
    return IndexReport(
        status.path,
        status.schema,
        status.versions,
        status.datasets,
        status.refreshed_at,
        stale,
        status.events,
        status.edited,
        status.deleted,
    )
