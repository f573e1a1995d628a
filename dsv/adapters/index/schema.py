"""The index's tables, indexes, full-text search and views as SQL.

The number SCHEMA goes up with every change of a table, of a view, or of what is written into them; an
index of another number is thrown away and built anew, so nothing is ever migrated.
"""

from __future__ import annotations

import contextlib
import sqlite3
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsv.adapters.index.tables import TABLES, Kind, Table
from dsv.adapters.index.views import VIEWS, View

if TYPE_CHECKING:
    from sqlite_utils import Database

SCHEMA = 8
APPLICATION = 0x64737669
"""`dsvi`: what SQLite's application_id says in an index of dsv."""

_HEADER = f"The index of a dsv repository, schema {SCHEMA}. All of it is derived: it can be deleted at any time."
_PYTHON = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.REAL: float,
    Kind.FLAG: int,
    Kind.JSON: str,
    Kind.BYTES: bytes,
    Kind.UNBOUNDED: bytes,
}
"""What sqlite-utils makes each kind of column of."""


@dataclass(frozen=True)
class _Described:
    """A table or view as it lies in the database: what it is, and the SQL of itself, its indexes and triggers."""

    about: str
    statements: list[str] = field(default_factory=list)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, indexes, triggers and views in an empty database."""
    from sqlite_utils import Database

    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    for each in TABLES:
        make_table(database, each)
        if each.searched:
            database.table(each.name).enable_fts(
                each.searched, tokenize="trigram case_sensitive 1", create_triggers=True
            )
    for view in VIEWS:
        database.create_view(view.name, view.select)


def make_table(database: Database, each: Table) -> None:
    """Make a table with its indexes."""
    table = database.table(each.name)
    table.create(
        {name: _PYTHON[column.kind] for name, column in each.columns.items()},
        pk=each.key if len(each.key) > 1 else each.key[0],
        not_null={name for name, column in each.columns.items() if not column.optional},
        foreign_keys=[
            (reference.columns, reference.table, reference.to)
            if len(reference.columns) > 1
            else (reference.columns[0], reference.table, reference.to[0])
            for reference in each.references
        ],
    )
    for columns in each.unique:
        table.create_index(columns, unique=True)
    for columns in each.indexes:
        table.create_index(columns)


def schema_sql() -> str:
    """The SQL that makes an empty index, with a comment before each table and view."""
    parts = {each.name: _Described(_about(each)) for each in (*TABLES, *VIEWS)}
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        create(connection)
        rows = connection.execute(
            "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            " AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY rowid"
        )
        for table, sql in rows:
            parts[table.removesuffix("_fts")].statements.append(sql)
    return "\n".join([f"-- {_HEADER}\n", *map(_text, parts.values())])


def _about(part: Table | View) -> str:
    """What a table or view is, then what each column says, in lines."""
    lines = part.about.splitlines()
    for name, column in part.columns.items() if isinstance(part, Table) else ():
        kind = "" if column.kind in (Kind.TEXT, Kind.INTEGER, Kind.REAL, Kind.FLAG) else f" ({column.kind.value})"
        lines += textwrap.wrap(f"{name}{kind}: {column.about}", 100, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)


def _text(part: _Described) -> str:
    comment = "".join(f"-- {line}\n" for line in part.about.splitlines())
    return comment + "".join(f"{statement};\n" for statement in part.statements)
