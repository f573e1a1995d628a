"""The index as a file that others serve, such as Datasette: plain tables and views, and text search that is found.

Nothing in it needs dsv: no functions of ours, no triggers, no journal beside it, no table that only spares dsv work.
It is made beside the old one and takes its place when it is complete; the same snapshot give the same bytes.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.schema import SCHEMA, make_table
from dsv.adapters.index.snapshot import PUBLISHED, numbered_by
from dsv.adapters.index.views import VIEWS
from dsv.errors import ConflictError, DiskError
from dsv.model.progress import summed

if TYPE_CHECKING:
    from dsv.adapters.index.snapshot import Snapshot
    from dsv.model.progress import Progress

PUBLICATION = 0x64737670
"""`dsvp`: what SQLite's application_id says in a published file."""

_TABLES = tuple(table for table in PUBLISHED if not table.searched)
_SEARCHED = {
    "datasets": ("name", "type", "description", "owners", "tags"),
    "dataset_versions": ("dataset", "type", "summary", "description", "tags", "metadata", "fields", "created_by"),
    "events": ("dataset", "event", "by", "reason"),
}
"""Columns of which trigrams are kept beside the table, where whoever serves the file looks for them."""
_TITLES = {
    "dataset_versions": "dataset || '@' || version",
    "events": "event || ' ' || dataset || coalesce('@' || version, '')",
}
"""What stands for a row where another table refers to it: Datasette takes a column `title` for that."""
_BATCH = 1000
_HEADER = b"SQLite format 3\0"
_MARK_AT = 68


@dataclass(frozen=True)
class ServedFile:
    """What was written: the rows of each table, and whether the file is another one than before."""

    rows: dict[str, int]
    changed: bool


def write_served(path: str, snapshot: Snapshot, *, accept: Callable[[str], None], progress: Progress) -> ServedFile:
    """The snapshot in the file; `accept` is told where those came from that it had, and raises where they are to stay.

    ConflictError where the file is something else; DiskError where it cannot be written.
    """
    path = os.path.realpath(path)
    try:
        held = _held(path)
        if held is not None:
            accept(held.origin)
        with _beside(path) as fresh:
            rows = _fill(fresh, snapshot, held, progress)
            _flush(fresh)
            changed = held is None or not _same(fresh, path)
            if changed:
                if held is not None:
                    os.chmod(fresh, stat.S_IMODE(os.stat(path).st_mode))
                os.replace(fresh, path)
                _flush(os.path.dirname(path))
    except OSError as error:
        raise DiskError(
            f"{path} cannot be written: {error.strerror}", hint="is the directory there, and yours?"
        ) from error
    except sqlite3.OperationalError as error:
        raise DiskError(f"{path} cannot be written: {error}", hint="is the disk full?") from error
    return ServedFile(rows, changed)


@dataclass(frozen=True)
class _Held:
    """What was published before: where it came from, and the numbers of rows."""

    origin: str
    numbers: dict[str, dict[tuple[Any, ...], int]]


def _held(path: str) -> _Held | None:
    """What the file holds; None where there is none. One that is damaged, or of another schema, holds nothing."""
    if not os.path.lexists(path):
        return None
    with open(path, "rb") as file:
        start = file.read(_MARK_AT + 4)
    if not start.startswith(_HEADER) or start[_MARK_AT:] != PUBLICATION.to_bytes(4, "big"):
        raise ConflictError(f"{path} is not a file that dsv published", hint="publish to another file, or remove it")
    from urllib.parse import quote

    numbers: dict[str, dict[tuple[Any, ...], int]] = {}
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True)) as connection:
            found = connection.execute("SELECT url FROM repositories WHERE name = ''").fetchone()
            for table in _TABLES:
                if natural := numbered_by(table):
                    rows = connection.execute(f'SELECT id, {", ".join(natural)} FROM "{table.name}"')  # noqa: S608 - our own names
                    numbers[table.name] = {tuple(row[1:]): row[0] for row in rows}
    except sqlite3.DatabaseError:
        return _Held("", {})
    return _Held(found[0] if found else "", numbers)


@contextlib.contextmanager
def _beside(path: str) -> Iterator[str]:
    """The name of a file in the same directory, gone in the end where it did not take the other's place."""
    fresh = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.tmp")
    try:
        yield fresh
    finally:
        for each in (fresh, f"{fresh}-journal"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(each)


def _fill(path: str, snapshot: Snapshot, held: _Held | None, progress: Progress) -> dict[str, int]:
    from sqlite_utils import Database

    # made by us, so that nobody else's file or link is written to
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    advance = summed(progress, "publishing", total=sum(map(snapshot.count, _TABLES)))
    written = {}
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # nobody reads it yet, and it is thrown away when anything fails
        for setting in ("journal_mode = OFF", "synchronous = OFF"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("BEGIN")
        database = Database(connection, recursive_triggers=False, execute_plugins=False)
        for table in _TABLES:
            make_table(database, table)
            marks = ", ".join("?" * len(table.columns))
            rows = snapshot.rows(table, held=held.numbers.get(table.name, {}) if held else {})
            written[table.name] = 0
            while batch := list(islice(rows, _BATCH)):
                connection.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', batch)  # noqa: S608 - our own names
                written[table.name] += len(batch)
                advance(len(batch))
            if title := _TITLES.get(table.name):
                connection.execute(f'ALTER TABLE "{table.name}" ADD COLUMN title TEXT GENERATED ALWAYS AS ({title})')
            if searched := _SEARCHED.get(table.name):
                database.table(table.name).enable_fts(searched, tokenize="trigram")
        for view in VIEWS:
            database.create_view(view.name, view.select)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute(f"PRAGMA application_id = {PUBLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    return written


def _flush(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _same(one: str, other: str) -> bool:
    import filecmp

    return filecmp.cmp(one, other, shallow=False)
