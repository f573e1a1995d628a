"""Tables that somebody else made in an SQLite file, read as they are at one moment."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from dsv.errors import DiskError, LockedError, NoPathError, UnreadableError

_PATIENCE_SECONDS = 10.0


class SqliteTables:
    """The tables of a file, seen by one connection that cannot write."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def columns(self, *tables: str) -> dict[str, list[str]]:
        """The columns of those of the tables that are there."""
        found = {
            table: [str(row["name"]) for row in self._connection.execute(f"PRAGMA table_info({_quoted(table)})")]
            for table in tables
        }
        return {table: columns for table, columns in found.items() if columns}

    def rows(
        self, table: str, *, where: tuple[str, str] | None = None, order: Sequence[str] = ()
    ) -> Iterator[dict[str, Any]]:
        """Rows as mappings, those with a value in a column or all; not all of them at once."""
        asked = f"SELECT * FROM {_quoted(table)}"  # noqa: S608 - quoted
        asked += f" WHERE {_quoted(where[0])} = ?" if where else ""
        asked += f" ORDER BY {', '.join(map(_quoted, order))}" if order else ""
        for row in self._connection.execute(asked, (where[1],) if where else ()):
            yield dict(row)

    def counts(self, table: str, column: str) -> dict[str, int]:
        """How many rows have each value of the column."""
        asked = f"SELECT {_quoted(column)}, count(*) FROM {_quoted(table)} GROUP BY 1"  # noqa: S608 - quoted
        return {str(value): int(count) for value, count in self._connection.execute(asked)}


@contextlib.contextmanager
def sqlite_tables(path: str) -> Iterator[SqliteTables]:
    """The tables of the file as they are now; it is not made where it is not there, and never written.

    Errors: NoPathError, UnreadableError for a file that is no database of SQLite, LockedError.
    """
    if not os.path.isfile(path):
        raise NoPathError(f"{path} is not there", hint="sqlite:///relative/path.db, or sqlite:////absolute/path.db")
    where = f"file:{quote(os.path.abspath(path))}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(where, uri=True, timeout=_PATIENCE_SECONDS)) as connection:
            connection.row_factory = sqlite3.Row
            connection.text_factory = lambda text: text.decode(errors="replace")
            connection.isolation_level = None
            connection.execute("BEGIN")
            yield SqliteTables(connection)
    except sqlite3.DatabaseError as error:
        said = str(error)
        if "locked" in said:
            raise LockedError(f"{path} is being written by another program", hint="try again later") from None
        if "not a database" in said or "malformed" in said:
            raise UnreadableError(f"{path} is no database of SQLite: {said}", hint="name the registry's file") from None
        raise DiskError(f"{path} cannot be read: {said}", hint="look at its permissions") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
