"""Where a registry is, and what it states; nothing that is told of it holds a password."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from dsv.errors import UnsupportedError, UsageError
from dsv.model.registry import RegistryForm, StatedRegistry
from dsv.model.registry_rows import (
    DATASETS,
    LINEAGE,
    METRICS,
    PLACE_IN_FILE,
    VERSION_OF,
    VERSIONS,
    form_of,
    stated_registry,
)

_SCHEME = re.compile(r"(postgres(?:ql)?|sqlite)(?:\+[a-z0-9_]+)?://", re.IGNORECASE)
_SPELLINGS = "postgresql://USER@HOST/DATABASE, or sqlite:///PATH"
_TABLES = (DATASETS, VERSIONS, LINEAGE, METRICS)


class Tables(Protocol):
    """Tables in a database, as they are at one moment."""

    def columns(self, *tables: str) -> Mapping[str, Sequence[str]]:
        """The columns of those of the tables that are there."""

    def rows(
        self, table: str, *, where: tuple[str, str] | None = None, order: Sequence[str] = ()
    ) -> Iterator[Mapping[str, Any]]:
        """Rows as mappings, those with a value in a column or all; not all of them at once."""

    def counts(self, table: str, column: str) -> Mapping[str, int]:
        """How many rows have each value of the column."""


class Opens(Protocol):
    """Opens the database for a block."""

    def __call__(self) -> AbstractContextManager[Tables]:
        """Its tables."""


@dataclass(frozen=True)
class RegistrySource:
    """A registry's database: how it may be shown, and how it is opened."""

    shown: str
    opened: Opens


@dataclass(frozen=True)
class Metrics:
    """The metrics of a registry: how many rows each version has, by its id, and in which column of theirs that is."""

    counts: Mapping[str, int]
    column: str = ""


def registry_source(url: str, *, schema: str | None = None) -> RegistrySource:
    """The registry at the address, which SQLAlchemy's spellings may give too; UsageError for what is none."""
    found = _SCHEME.match(url)
    if found is None:
        raise UsageError("a registry is named by the address of its database", hint=_SPELLINGS)
    rest = url[found.end() :]
    if found[1].lower() == "sqlite":
        return _in_file(rest, schema=schema)
    from dsv.adapters.postgres import parse_address, postgres_tables

    address = parse_address(f"postgresql://{rest}")
    return RegistrySource(str(address), lambda: postgres_tables(address, schema=schema))


def _in_file(rest: str, *, schema: str | None) -> RegistrySource:
    from urllib.parse import unquote

    path = unquote(rest[1:].partition("?")[0])
    if not rest.startswith("/") or not path:
        raise UsageError("the address of a file has three slashes", hint="sqlite:///registry.db, sqlite:////srv/it.db")
    if schema is not None:
        raise UsageError("a file has no schemas", hint="leave --schema out")

    def opened() -> AbstractContextManager[Tables]:
        from dsv.adapters.sqlite_tables import sqlite_tables

        return sqlite_tables(path)

    return RegistrySource(f"sqlite:///{path}", opened)


def stated_in(source: RegistrySource) -> tuple[StatedRegistry, Metrics]:
    """What the registry states; UnsupportedError where the database holds none that is known."""
    with source.opened() as tables:
        columns = tables.columns(*_TABLES)
        form = form_of(columns)
        if form is None:
            raise UnsupportedError(
                f"{source.shown} holds no registry that dsv knows",
                hint="docs/migrating.md says which tables one has; of another schema of the database, --schema NAME",
            )
        order = {table: [each for each in ("created_at", "id") if each in of] for table, of in columns.items()}
        stated = stated_registry(form, columns, lambda table: tables.rows(table, order=order[table]))
        return stated, _metrics(tables, columns, form)


def _metrics(tables: Tables, columns: Mapping[str, Sequence[str]], form: RegistryForm) -> Metrics:
    found = columns.get(METRICS, ()) if form is RegistryForm.LINKED else ()
    column = next((each for each in VERSION_OF if each in found), None)
    return Metrics(tables.counts(METRICS, column), column) if column and PLACE_IN_FILE in found else Metrics({})


@contextlib.contextmanager
def metric_rows(source: RegistrySource, metrics: Metrics, version: str) -> Iterator[Iterator[Mapping[str, Any]]]:
    """The metrics of a version, by their place in its file; of one place the last that was written comes last."""
    with source.opened() as tables:
        order = [PLACE_IN_FILE, *(["id"] if "id" in tables.columns(METRICS)[METRICS] else [])]
        yield tables.rows(METRICS, where=(metrics.column, version), order=order)
