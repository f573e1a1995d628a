"""The index in a schema of a PostgreSQL database: rows are staged beside the tables, then exchanged in one transaction.

Tables stay where they are, and only what differs is written: readers see all of the old state or all of the new one
and wait for nobody, and what was granted, or built on the tables, stays. Tables are made anew only where they differ
from what this release of dsv makes, with the same grants. What bears no mark of dsv is not touched.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from dsv.adapters.index.snapshot import numbered_by
from dsv.adapters.index.tables import Kind
from dsv.adapters.postgres import values
from dsv.adapters.postgres.connecting import connected, refuse_unsupported
from dsv.adapters.postgres.definitions import (
    SEARCH,
    SEARCH_ARGUMENTS,
    Definition,
    Trigrams,
    addition,
    columns,
    definition,
    quoted,
    removal,
    staged,
    staging,
)
from dsv.errors import ConflictError, UsageError
from dsv.model.progress import summed

if TYPE_CHECKING:
    from dsv.adapters.index.snapshot import Snapshot
    from dsv.adapters.index.tables import Table
    from dsv.adapters.index.views import View
    from dsv.adapters.postgres.connecting import Address
    from dsv.model.progress import Advance, Progress

DEFAULT_SCHEMA = "dsv"
_SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_MARK = re.compile(r"dsv [0-9]+-[0-9a-f]{8}:")
_LOCK = 0x64737669
_WAIT = "30s"
_BATCH = 1000
_FOLDING = "und-x-icu"


@dataclass(frozen=True)
class PublishedTable:
    """A table as it is now: its rows, and how many came and went (a changed one does both)."""

    name: str
    rows: int
    added: int
    removed: int


@dataclass(frozen=True)
class Published:
    """What was published, whether the tables had to be made, and whether text is looked up among trigrams."""

    tables: Sequence[PublishedTable]
    made: bool
    trigrams: bool


class Accept(Protocol):
    """Called with where what is there was published from; raises where that may not be replaced."""

    def __call__(self, origin: str, /) -> None:
        """Think about it."""


def checked_schema(name: str) -> str:
    """The name of a schema to publish to."""
    if not _SCHEMA_NAME.fullmatch(name) or name.startswith("pg_") or name == "information_schema":
        raise UsageError(
            f"{name!r} is no name of a schema to publish to",
            hint="lower-case letters, digits and underscores, such as dsv or datasets_of_ana",
        )
    return name


def publish(
    address: Address,
    snapshot: Snapshot,
    *,
    tables: Sequence[Table],
    views: Sequence[View],
    number: int,
    schema: str,
    accept: Accept,
    progress: Progress,
) -> Published:
    """Make the schema hold these tables with these rows, and the views; `number` is that of the index's schema."""
    with connected(address) as connection, connection.cursor() as cursor:
        refuse_unsupported(connection, address)
        place = _Place(cursor, address, schema)
        place.enter()
        found = place.relations()
        trigrams = place.trigrams()
        wanted = definition(tables, views, number=number, trigrams=trigrams, folding=place.folding())
        place.refuse_others(found, wanted)
        ours = {name: comment for name, comment in found.items() if _MARK.match(comment)}
        if "repositories" in ours:
            accept(place.origin())
        marks = {comment.partition(":")[0] for comment in ours.values()}
        made = marks != {wanted.mark} or ours.keys() != set(wanted.relations)
        if made:
            place.make_anew(wanted, gone=ours)
        advance = summed(progress, "publishing", total=sum(map(snapshot.count, tables)))
        for table in tables:
            place.stage(table, snapshot, advance)
        return Published(place.exchange(tables), made, trigrams is not None)


class _Place:
    """The schema, in one transaction."""

    def __init__(self, cursor: Any, address: Address, schema: str) -> None:
        self._cursor, self._address, self._schema = cursor, address, schema

    def enter(self) -> None:
        """Be alone with the schema, which is made where it is not there, and first of the search path."""
        run = self._cursor.execute
        run(f"SET LOCAL lock_timeout = '{_WAIT}'")
        run("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK, self._schema))
        run("SELECT 1 FROM pg_namespace WHERE nspname = %s", (self._schema,))
        if self._cursor.fetchone() is None:
            run(f"CREATE SCHEMA {quoted(self._schema)}")
        run(f"SET LOCAL search_path TO {quoted(self._schema)}, pg_temp")

    def relations(self) -> dict[str, str]:
        """Every table, view and the like in the schema, and functions of our name, with the comments on them."""
        self._cursor.execute(
            "SELECT relname, coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class AS c"
            " WHERE relnamespace = %s::regnamespace AND relkind NOT IN ('i', 'I', 't', 'c')",
            (quoted(self._schema),),
        )
        return dict(self._cursor.fetchall())

    def refuse_others(self, found: dict[str, str], wanted: Definition) -> None:
        """ConflictError where something that dsv did not make has a name that dsv needs."""
        others = sorted(name for name in wanted.relations if name in found and not _MARK.match(found[name]))
        self._cursor.execute(
            "SELECT coalesce(obj_description(to_regprocedure(%s), 'pg_proc'), '')"
            " WHERE to_regprocedure(%s) IS NOT NULL AND to_regprocedure(%s)::oid IN"
            " (SELECT oid FROM pg_proc WHERE pronamespace = %s::regnamespace)",
            (*[f"{SEARCH}({SEARCH_ARGUMENTS})"] * 3, quoted(self._schema)),
        )
        function = self._cursor.fetchone()
        if function is not None and not _MARK.match(function[0]):
            others.append(f"{SEARCH}()")
        if others:
            raise ConflictError(
                f"{self._address}: the schema {self._schema} has {', '.join(others)}, which dsv did not make",
                hint="publish to a schema of its own, with --schema NAME",
            )

    def trigrams(self) -> Trigrams | None:
        """The extension pg_trgm, made where that is possible."""
        asked = "SELECT nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = extnamespace"
        asked += " WHERE extname = 'pg_trgm'"
        self._cursor.execute(asked)
        found = self._cursor.fetchone()
        if found is None:
            self._try_to_make("pg_trgm")
            self._cursor.execute(asked)
            found = self._cursor.fetchone()
        return None if found is None else Trigrams(found[0])

    def _try_to_make(self, extension: str) -> None:
        """The extension, in the schema public, where the server has it and we may."""
        self._cursor.execute(
            "SELECT 1 FROM pg_available_extensions, pg_namespace WHERE name = %s AND nspname = 'public'", (extension,)
        )
        if self._cursor.fetchone() is None:
            return
        import psycopg

        with contextlib.suppress(psycopg.errors.InsufficientPrivilege), self._cursor.connection.transaction():
            self._cursor.execute(f"CREATE EXTENSION {quoted(extension)} WITH SCHEMA public")

    def folding(self) -> str | None:
        """A collation that knows the lower case of all letters, where the database's own may not."""
        self._cursor.execute(
            "SELECT 1 FROM pg_collation WHERE collname = %s AND collnamespace = 'pg_catalog'::regnamespace", (_FOLDING,)
        )
        return _FOLDING if self._cursor.fetchone() else None

    def origin(self) -> str:
        """The URL of the repository that what is there was published from; '' where that is not known."""
        self._cursor.execute("SELECT url FROM repositories WHERE name = ''")
        found = self._cursor.fetchone()
        return str(found[0]) if found else ""

    def make_anew(self, wanted: Definition, *, gone: Collection[str]) -> None:
        """Everything that is wanted, empty, in the place of what dsv made before, with the grants of that."""
        grants = self._grants()
        self._cursor.execute(f"DROP FUNCTION IF EXISTS {SEARCH}({SEARCH_ARGUMENTS})")
        self._drop(gone)
        for statement in wanted.statements:
            self._cursor.execute(statement)
        for relation, statement in grants:
            if relation in wanted.relations:
                self._cursor.execute(statement)

    def _drop(self, names: Collection[str]) -> None:
        """These relations, each kind in one statement, so that they may need one another."""
        self._cursor.execute(
            "SELECT relkind, relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relname = ANY(%s)",
            (quoted(self._schema), list(names)),
        )
        kinds: dict[str, list[str]] = {"VIEW": [], "TABLE": []}
        for kind, name in self._cursor.fetchall():
            kinds["VIEW" if kind in ("v", b"v") else "TABLE"].append(quoted(name))
        for word, found in kinds.items():
            if found:
                self._cursor.execute(f"DROP {word} {', '.join(sorted(found))}")

    def _grants(self) -> list[tuple[str, str]]:
        """What others may do with the relations: each with the statement that allows it again."""
        self._cursor.execute(
            "SELECT relname, format('GRANT %%s ON %%I TO %%s%%s', privilege_type, relname,"
            " CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,"
            " CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)"
            " FROM pg_class, aclexplode(relacl)"
            " WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'v') AND grantee <> relowner ORDER BY 1, 2",
            (quoted(self._schema),),
        )
        found: list[tuple[str, str]] = self._cursor.fetchall()
        return found

    def stage(self, table: Table, snapshot: Snapshot, advance: Advance) -> None:
        """The rows that the table is to have, beside it."""
        held = self._held(table)
        self._cursor.execute(staging(table))
        stored = [values.from_json if column.kind is Kind.JSON else values.plain for column in table.columns.values()]
        with self._cursor.copy(f"COPY {staged(table)} ({columns(table)}) FROM STDIN") as copy:
            rows = snapshot.rows(table, held=held)
            while batch := list(islice(rows, _BATCH)):
                for row in batch:
                    copy.write_row([store(value) for store, value in zip(stored, row, strict=True)])
                advance(len(batch))

    def _held(self, table: Table) -> dict[tuple[Any, ...], int]:
        """The numbers of the table's rows, where rows have some."""
        natural = numbered_by(table)
        if not natural:
            return {}
        names = ", ".join(map(quoted, natural))
        self._cursor.execute(f"SELECT id, {names} FROM {quoted(table.name)}")  # noqa: S608 - our own names
        return {tuple(found[1:]): found[0] for found in self._cursor.fetchall()}

    def exchange(self, tables: Sequence[Table]) -> list[PublishedTable]:
        """The tables with the staged rows, and with no others."""
        removed: dict[str, int] = {}
        for table in reversed(tables):
            self._cursor.execute(removal(table))
            removed[table.name] = self._cursor.rowcount
        found = []
        for table in tables:
            name = quoted(table.name)
            self._cursor.execute(addition(table))
            added = self._cursor.rowcount
            if added or removed[table.name]:
                self._cursor.execute(f"ANALYZE {name}")
            self._cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608 - our own names
            found.append(PublishedTable(table.name, self._cursor.fetchone()[0], added, removed[table.name]))
        return found
