"""Tables that somebody else made in a PostgreSQL database, read as they are at one moment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from dsv.adapters.postgres.connecting import Address, connected
from dsv.adapters.postgres.definitions import quoted

_BATCH = 5000


class PostgresTables:
    """The tables of a schema, or of the search path, seen by one connection that changes nothing."""

    def __init__(self, connection: Any, schema: str | None) -> None:
        self._connection, self._schema = connection, schema

    def columns(self, *tables: str) -> dict[str, list[str]]:
        """The columns of those of the tables that are there."""
        asked = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
        found = {}
        for table in tables:
            with self._connection.cursor() as cursor:
                cursor.execute(f"{asked} ORDER BY attnum", (self._named(table),))
                found[table] = [str(name) for (name,) in cursor.fetchall()]
        return {table: columns for table, columns in found.items() if columns}

    def rows(
        self, table: str, *, where: tuple[str, str] | None = None, order: Sequence[str] = ()
    ) -> Iterator[dict[str, Any]]:
        """Rows as mappings, those with a value in a column or all; not all of them at once."""
        from psycopg.rows import dict_row

        asked = f"SELECT * FROM {self._named(table)}"  # noqa: S608 - quoted
        asked += f" WHERE {quoted(where[0])} = %s" if where else ""
        asked += f" ORDER BY {', '.join(map(quoted, order))}" if order else ""
        with self._connection.cursor(name="dsv_rows", row_factory=dict_row) as cursor:
            cursor.itersize = _BATCH
            cursor.execute(asked, (where[1],) if where else ())
            yield from cursor

    def counts(self, table: str, column: str) -> dict[str, int]:
        """How many rows have each value of the column."""
        asked = f"SELECT {quoted(column)}::text, count(*) FROM {self._named(table)} GROUP BY 1"  # noqa: S608 - quoted
        with self._connection.cursor() as cursor:
            cursor.execute(asked)
            return {str(value): int(count) for value, count in cursor.fetchall()}

    def _named(self, table: str) -> str:
        return quoted(table) if self._schema is None else f"{quoted(self._schema)}.{quoted(table)}"


@contextlib.contextmanager
def postgres_tables(address: Address, *, schema: str | None = None) -> Iterator[PostgresTables]:
    """The tables at the address as they are now, whatever others write meanwhile."""
    with connected(address) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield PostgresTables(connection, schema)
